"""Compulsory premiums of a book of contracts in whole tiyn, exact: every product and quotient is of integers.

The premium of a contract is ``max(x, W) · factor`` with ``x = Σ rate · insured sum``; rates and factors are
integers over a common unit. Products beyond 64 bits are divided piece by piece, so that a half of a tiyn is
seen as a half. Who calls has checked the amounts: `actuarial.premium.book`.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int64 = NDArray[np.int64]

KEEP_MINIMUM, DROP_DISCOUNT, NO_FLOOR = 0, 1, 2
"""What happens to a discount that would take the premium below the minimum."""


@njit(cache=True, nogil=True)
def bit_length(n: int) -> int:
    """Bits of a number that is not negative."""
    bits = 0
    while n:
        n >>= 1
        bits += 1
    return bits


@njit(cache=True, nogil=True)
def quotient(a: int, b: int, n: int) -> tuple[int, int]:
    """Floor and remainder of ``a · b / n`` for 0 ≤ a, b and 0 < n < 2**61; the floor must fit 63 bits.

    Long division of ``a`` in pieces of as many bits as leave room beside ``n``; one step where ``a · b``
    fits.
    """
    if b == 0 or a <= (1 << 62) // b:
        product = a * b
        return product // n, product % n
    floor = (b // n) * a
    b %= n
    piece = 62 - bit_length(n)
    mask = (1 << piece) - 1
    shift = ((bit_length(a) + piece - 1) // piece) * piece
    low, rest = 0, 0
    while shift > 0:
        shift -= piece
        product = (rest << piece) + ((a >> shift) & mask) * b
        low = (low << piece) + product // n
        rest = product % n
    return floor + low, rest


@njit(cache=True, nogil=True)
def half_up(a: int, b: int, n: int) -> int:
    """``a · b / n`` rounded half-up."""
    floor, rest = quotient(a, b, n)
    return floor + (1 if rest >= n - rest else 0)


@njit(cache=True, nogil=True)
def spread(total: int, weights: Int64, whole: int, out: Int64) -> None:
    """Spread ``total`` in proportion to ``weights`` (p,), which add up to ``whole``, into ``out`` (p,).

    Floors first; what is left goes to the largest remainders, of equal ones to the earlier.
    """
    p = weights.shape[0]
    left = total
    rests = np.empty(p, dtype=np.int64)
    for i in range(p):
        out[i], rests[i] = quotient(weights[i], total, whole)
        left -= out[i]
    if left > 0:
        # a stable sort of the negated remainders keeps earlier parts first
        order = np.argsort(-rests, kind="mergesort")
        for k in range(left):
            out[order[k]] += 1


@njit(cache=True, nogil=True)
def contract_premiums(
    part_start: Int64,
    part_sum: Int64,
    part_rate: Int64,
    smallest: Int64,
    days: Int64,
    term: Int64,
    coefficient: Int64,
    discount: Int64,
    rate_unit: int,
    factor_unit: int,
    is_minimum_after_coefficient: bool,
    discount_floor: int,
    base: Int64,
    insured_sum: Int64,
    article_17: Int64,
    premium: Int64,
    is_minimum: NDArray[np.bool_],
    discount_given: Int64,
    part_insured_sum: Int64,
    part_base: Int64,
    part_premium: Int64,
) -> None:
    """Premiums of n contracts with m parts; the parts of contract i are ``part_start[i]:part_start[i + 1]``.

    ``part_sum`` [tiyn] and ``part_rate`` [1 / rate_unit] (m,); ``smallest`` premium [tiyn], ``days`` /
    ``term`` share of the tariff, ``coefficient`` and ``discount`` [1 / factor_unit] (n,); a contract has a
    coefficient of one or a discount of zero. The rest are outputs: contracts (n,), parts (m,).
    """
    for i in range(part_start.shape[0] - 1):
        first, last = part_start[i], part_start[i + 1]
        weights = np.empty(last - first, dtype=np.int64)
        whole = 0
        total_sum = 0
        for j in range(first, last):
            weights[j - first] = part_sum[j] * part_rate[j]
            whole += weights[j - first]
            total_sum += part_sum[j]
        base[i] = half_up(whole, days[i], rate_unit * term[i])
        unit = rate_unit * term[i] * factor_unit
        tested = coefficient[i] if is_minimum_after_coefficient else factor_unit
        floor, rest = quotient(whole, days[i] * tested, unit)
        is_minimum[i] = floor < smallest[i]
        factor = coefficient[i]
        if discount[i] > 0:
            factor = factor_unit - discount[i]
        discount_given[i] = discount[i]
        if is_minimum[i]:
            # the tested premium is below the smallest, so both products fit 63 bits
            tested_whole = whole * (days[i] * tested)
            insured_sum[i] = half_up(total_sum, smallest[i] * unit, tested_whole)
            spread(insured_sum[i], part_sum[first:last], total_sum, part_insured_sum[first:last])
            article_17[i] = smallest[i]
            if is_minimum_after_coefficient and discount[i] == 0:
                factor = factor_unit
            premium[i] = half_up(smallest[i], factor, factor_unit)
            is_below = factor < factor_unit
        else:
            insured_sum[i] = total_sum
            part_insured_sum[first:last] = part_sum[first:last]
            article_17[i] = floor + (1 if rest >= unit - rest else 0)
            floor, rest = quotient(whole, days[i] * factor, unit)
            premium[i] = floor + (1 if rest >= unit - rest else 0)
            is_below = floor < smallest[i]
        if discount[i] > 0 and is_below and discount_floor != NO_FLOOR:
            if discount_floor == KEEP_MINIMUM:
                premium[i] = smallest[i]
            else:
                premium[i] = article_17[i]
                discount_given[i] = 0
        if last - first == 1:
            part_base[first], part_premium[first] = base[i], premium[i]
        else:
            spread(base[i], weights, whole, part_base[first:last])
            spread(premium[i], weights, whole, part_premium[first:last])
