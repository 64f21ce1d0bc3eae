"""Present values and cash-flows of annuities, certified and expected, life by life and month by month.

Both measures share one arithmetic: a buffer ``z[k]`` with the expected nominal amount of payment k,
one discounted sum over it, one addition of it to the integer cash-flow. Amounts enter the cash-flow on
a binary grid as integers, so that the sums do not depend on the order of rows, chunks or threads.
Callers validate; shapes are in the docstrings.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Int8 = NDArray[np.int8]
ROUNDED_UP = 1.0 + 1e-9
"""More than what rounding can take off a sum of amounts."""


@njit(cache=True, nogil=True)
def _discounted(z: Float, v: Float, n: int) -> float:
    """Sum of ``z[k] * v[k]`` in eight lanes: a fixed order that the processor can vectorise."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    whole = n - n % 8
    for k in range(0, whole, 8):
        s0 += z[k] * v[k]
        s1 += z[k + 1] * v[k + 1]
        s2 += z[k + 2] * v[k + 2]
        s3 += z[k + 3] * v[k + 3]
        s4 += z[k + 4] * v[k + 4]
        s5 += z[k + 5] * v[k + 5]
        s6 += z[k + 6] * v[k + 6]
        s7 += z[k + 7] * v[k + 7]
    for k in range(whole, n):
        s0 += z[k] * v[k]
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))


@njit(cache=True, nogil=True)
def _book(z: Float, n: int, grid: float, row: Int64) -> None:
    """Add the amounts to a cash-flow row as whole multiples of ``1 / grid``."""
    for k in range(n):
        row[k] += np.int64(z[k] * grid + 0.5)


@njit(cache=True, nogil=True)
def limit_crossing(alive: Float, n: int, limit: float, nothing: float) -> tuple[int, float]:
    """Payment that crosses the remaining insured sum, ``n`` where none does, and its share inside the sum.

    ``alive[k]``: amount of payment k given that the person is alive. ``nothing``: the remainder too small to
    be money.
    """
    used = 0.0
    for k in range(n):
        left = limit - used
        if alive[k] > left:
            return k, left / alive[k] if left >= nothing else 0.0
        used += alive[k]
    return n, 1.0


@njit(cache=True, nogil=True)
def _ended(z: Float, n: int, crossing: int, share: float) -> int:
    """Cut the payment that crosses the sum; the number of payments left where they end there."""
    if crossing == n:
        return n
    if share > 0.0:
        z[crossing] *= share
        return crossing + 1
    return crossing


@njit(cache=True, nogil=True)
def _excess(z: Float, v: Float, n: int, crossing: int, share: float) -> float:
    """Value of what exceeds the insured sum where payments go on."""
    recovery = z[crossing] * (1.0 - share) * v[crossing]
    for k in range(crossing + 1, n):
        recovery += z[k] * v[k]
    return recovery


@njit(cache=True, nogil=True)
def survival_ratios(cumulative: Float, multiplier: float, age: int, n: int, out: Float) -> None:
    """Survival from a month of age, ``exp(-m · (H[y] - H[x]))``: for rows too small to divide by.

    ``out`` (n,); the first is 1 (who is there is alive), and nobody lives where the hazard is infinite.
    """
    out[0] = 1.0
    for k in range(1, n):
        hazard = cumulative[age + k]
        out[k] = np.exp(-multiplier * (hazard - cumulative[age])) if hazard < np.inf else 0.0


@njit(cache=True, nogil=True)
def certified_values(
    start: int,
    stop: int,
    table_row: Int32,
    age: Int32,
    first_survival: Float,
    amount: Float,
    n_payments: Int32,
    part: Float,
    index_row: Int32,
    discount_row: Int32,
    month: Int32,
    segment: Int32,
    limit: Float,
    ends_at_limit: Int8,
    is_reviewed: Int8,
    lives: Float,
    cumulative: Float,
    multiplier: Float,
    smallest: float,
    index: Float,
    index_sum: Float,
    discount: Float,
    expense_discount: Float,
    further_survival: Float,
    same_payments: Int8,
    nothing: float,
    grid: float,
    value: Float,
    recovery: Float,
    expense: Float,
    reviewed_flow: Int64,
    unreviewed_flow: Int64,
) -> None:
    """Value the records ``start … stop`` whose payments depend on survival alone, in v variants at once.

    Per record (n,): row of ``lives`` (r, a), months of age, survival to payment 0, number of payments,
    fraction of the last, rows of ``index`` (v, i, k) and ``discount`` (v, d, k), calendar month of payment 0,
    cash-flow segment, remaining insured sum (inf = none), whether it ends the payments, and whether the
    expected measure differs: the payments go to ``reviewed_flow`` then, to ``unreviewed_flow`` otherwise.
    ``amount`` (v, n): payment 0; ``index_sum`` (v, i, k): sums of ``index`` up to k; ``same_payments`` (v,):
    the payments are those of the variant before, only the discount differs, and their cash-flow is left out.
    ``cumulative`` (r / c, a) hazards and ``multiplier`` (c,) by class stand behind ``lives``: they serve
    records whose survivors are fewer than ``smallest``, which a row of ``lives`` cannot tell apart.
    ``expense_discount`` (v, d, k), or (0, 0, 0) without monthly expenses; ``further_survival`` (v, d, k):
    chance to survive what the tables do not hold, or (0, 0, 0); flows are (v, segment, month) int64 on
    the grid, (0, 0, 0) when not wanted. Writes ``value``, ``recovery``, ``expense`` (v, n).
    """
    longest = index.shape[2]
    z = np.empty(longest)
    alive = np.empty(longest)
    ratio = np.empty(longest)
    variants = amount.shape[0]
    with_flow = reviewed_flow.shape[0] > 0
    with_expense = expense_discount.shape[0] > 0
    with_further = further_survival.shape[0] > 0
    for i in range(start, stop):
        for s in range(variants):
            value[s, i] = 0.0
            recovery[s, i] = 0.0
            expense[s, i] = 0.0
        n = n_payments[i]
        if n == 0:
            continue
        row = table_row[i]
        lx = lives[row, age[i] : age[i] + n]
        if lx[0] < smallest:
            classes = multiplier.shape[0]
            survival_ratios(cumulative[row // classes], multiplier[row % classes], age[i], n, ratio)
            lx = ratio[:n]
        crossing, share, paid = n, 1.0, n
        for s in range(variants):
            if amount[s, i] == 0.0:
                continue
            ix = index[s, index_row[i], :n]
            v = discount[s, discount_row[i], :n]
            if same_payments[s] == 0:
                c = amount[s, i] * first_survival[i] / lx[0]
                for k in range(n):
                    z[k] = c * lx[k] * ix[k]
                if with_further:
                    for k in range(n):
                        z[k] *= further_survival[s, discount_row[i], k]
                z[n - 1] *= part[i]
                crossing, share, paid = n, 1.0, n
                if amount[s, i] * index_sum[s, index_row[i], n - 1] * ROUNDED_UP >= limit[i]:
                    for k in range(n):
                        alive[k] = amount[s, i] * ix[k]
                    alive[n - 1] *= part[i]
                    crossing, share = limit_crossing(alive, n, limit[i], nothing)
                    if ends_at_limit[i] == 1:
                        paid = _ended(z, n, crossing, share)
            if crossing < n and ends_at_limit[i] == 0:
                recovery[s, i] = _excess(z, v, n, crossing, share)
            value[s, i] = _discounted(z, v, paid)
            if with_expense:
                c = first_survival[i] / lx[0]
                for k in range(paid):
                    alive[k] = c * lx[k]
                if with_further:
                    for k in range(paid):
                        alive[k] *= further_survival[s, discount_row[i], k]
                expense[s, i] = _discounted(alive, expense_discount[s, discount_row[i]], paid)
            if with_flow and same_payments[s] == 0:
                flow = unreviewed_flow if is_reviewed[i] == 0 else reviewed_flow
                _book(z, paid, grid, flow[s, segment[i], month[i] : month[i] + paid])


@njit(cache=True, nogil=True)
def occupancy(
    lives: Float,
    base: int,
    cumulative: Float,
    multiplier: Float,
    smallest: float,
    age: int,
    own: int,
    duration: int,
    irregular_month: int,
    length: int,
    step: int,
    terms: Int32,
    matrices: Float,
    matrix_from: Int32,
    occupied: Float,
    due: Float,
    ratio: Float,
) -> None:
    """Where one person stands after the certificate in force ends, month by month.

    Rows ``base … base + 3`` of ``lives`` are survivors by band, with ``cumulative`` (a,) and ``multiplier``
    behind them (see `certified_values`); ``own`` the band held without a break; ``duration`` months since
    the first certificate; ``irregular_month`` calendar month index of the node for the 29-February case
    (-1 = regular); certificates fall on multiples of ``step`` months; ``terms`` (4,) months, 0 = no
    further review; ``matrices`` (m, 4, 5), ``matrix_from`` (m,) years. Writes ``occupied`` (5, length):
    own degree without a break, then A, B, C, D with the representative degree. ``due`` and ``ratio`` are
    scratch.
    """
    nodes = (length + step - 1) // step
    for s in range(5):
        for k in range(length):
            occupied[s, k] = 0.0
        for j in range(nodes + 1):
            due[s, j] = 0.0
    due[0, 0] = 1.0
    for j in range(nodes):
        t = j * step
        total = due[0, j] + due[1, j] + due[2, j] + due[3, j] + due[4, j]
        if total == 0.0:
            continue
        months = duration + t
        years = months // 12
        if irregular_month >= 0 and months % 12 == 0:
            calendar = irregular_month + t
            year = calendar // 12
            if calendar % 12 == 1 and ((year % 4 == 0 and year % 100 != 0) or year % 400 == 0):
                years -= 1
        m = 0
        while m + 1 < matrix_from.shape[0] and matrix_from[m + 1] <= years:
            m += 1
        for s in range(5):
            band = own if s == 0 else s - 1
            if s == 0:
                mass = due[0, j] * matrices[m, own, own]
            else:
                mass = 0.0
                for b in range(4):
                    mass += due[b + 1, j] * matrices[m, b, band]
                if band != own:
                    mass += due[0, j] * matrices[m, own, band]
            if mass == 0.0:
                continue
            term = terms[band]
            span = length - t
            if term > 0 and term < span:
                span = term
            # one month beyond the span, for who comes up for review there
            reach = min(span + 1, length - t)
            lx = lives[base + band, age + t : age + t + reach]
            if lx[0] < smallest:
                survival_ratios(cumulative, multiplier[band], age + t, reach, ratio)
                lx = ratio[:reach]
            c = mass / lx[0]
            for k in range(span):
                occupied[s, t + k] += c * lx[k]
            if term > 0 and t + term < length:
                due[s, j + term // step] += c * lx[term]


@njit(cache=True, nogil=True)
def expected_values(
    first_group: int,
    last_group: int,
    group_start: Int64,
    table_base: Int32,
    band: Int8,
    duration: Int32,
    irregular_month: Int32,
    age: Int32,
    node: Int32,
    first_survival: Float,
    own_amount: Float,
    other_amount: Float,
    n_payments: Int32,
    part: Float,
    index_row: Int32,
    discount_row: Int32,
    month: Int32,
    segment: Int32,
    limit: Float,
    ends_at_limit: Int8,
    lives: Float,
    cumulative: Float,
    multiplier: Float,
    smallest: float,
    index: Float,
    index_sum: Float,
    discount: Float,
    expense_discount: Float,
    further_survival: Float,
    same_payments: Int8,
    step: int,
    terms: Int32,
    matrices: Float,
    matrix_from: Int32,
    nothing: float,
    grid: float,
    value: Float,
    recovery: Float,
    expense: Float,
    expected_flow: Int64,
) -> None:
    """Value workers whose certificate will be reviewed, group by group, in v variants at once.

    Records lie in the order of their groups: group g is ``group_start[g] : group_start[g + 1]``, alike in
    survival rows, band, duration class and age at the review, so that one occupancy recursion serves all,
    in every variant. ``own_amount`` (v, n); ``other_amount`` (v, n, 4): amount at the representative degree
    of A … D, 0 where the product does not pay. The rest as in `certified_values`; ``table_base`` is the row
    of band A in ``lives``.
    """
    longest = index.shape[2]
    z = np.empty(longest)
    alive = np.empty(longest)
    occupied = np.empty((5, longest))
    chain = np.empty((5, longest))
    due = np.empty((5, longest // step + 2))
    ratio = np.empty(longest)
    certain = np.ones((4, lives.shape[1]))
    no_hazard = np.zeros(lives.shape[1])
    classes = multiplier.shape[0]
    variants = own_amount.shape[0]
    with_flow = expected_flow.shape[0] > 0
    with_expense = expense_discount.shape[0] > 0
    with_further = further_survival.shape[0] > 0
    for g in range(first_group, last_group):
        length = 0
        for i in range(group_start[g], group_start[g + 1]):
            length = max(length, n_payments[i] - node[i])
        lead = group_start[g]
        own = band[lead]
        base = table_base[lead]
        hazards = cumulative[base // classes]
        has_chain = False
        if length > 0:
            occupancy(
                lives, base, hazards, multiplier, smallest, age[lead] + node[lead], own, duration[lead],
                irregular_month[lead], length, step, terms, matrices, matrix_from, occupied, due, ratio,
            )  # fmt: skip
        for i in range(group_start[g], group_start[g + 1]):
            for s in range(variants):
                value[s, i] = 0.0
                recovery[s, i] = 0.0
                expense[s, i] = 0.0
            n = n_payments[i]
            if n == 0:
                continue
            x = age[i]
            lx = lives[base + own, x : x + n]
            if lx[0] < smallest:
                survival_ratios(hazards, multiplier[own], x, n, ratio)
                lx = ratio[:n]
            before = min(node[i], n)
            after = n - before
            c = first_survival[i] / lx[0]
            # the survivors of the review date
            mass = c * lx[before] if after > 0 else 0.0
            crossing, share, paid = n, 1.0, n
            for s in range(variants):
                a0 = own_amount[s, i]
                a1 = other_amount[s, i, 0]
                a2 = other_amount[s, i, 1]
                a3 = other_amount[s, i, 2]
                a4 = other_amount[s, i, 3]
                if a0 == 0.0 and a1 == 0.0 and a2 == 0.0 and a3 == 0.0 and a4 == 0.0:
                    continue
                ix = index[s, index_row[i], :n]
                v = discount[s, discount_row[i], :n]
                it = ix[before:n]
                if same_payments[s] == 0:
                    for k in range(before):
                        z[k] = a0 * c * lx[k] * ix[k]
                    zt = z[before:n]
                    if a1 == 0.0:
                        for k in range(after):
                            zt[k] = mass * it[k] * (
                                a0 * occupied[0, k] + a2 * occupied[2, k] + a3 * occupied[3, k]
                                + a4 * occupied[4, k]
                            )  # fmt: skip
                    elif a2 == 0.0 and a3 == 0.0 and a4 == 0.0:
                        for k in range(after):
                            zt[k] = mass * it[k] * (a0 * occupied[0, k] + a1 * occupied[1, k])
                    else:
                        for k in range(after):
                            zt[k] = mass * it[k] * (
                                a0 * occupied[0, k] + a1 * occupied[1, k] + a2 * occupied[2, k]
                                + a3 * occupied[3, k] + a4 * occupied[4, k]
                            )  # fmt: skip
                    if with_further:
                        for k in range(n):
                            z[k] *= further_survival[s, discount_row[i], k]
                    z[n - 1] *= part[i]
                    crossing, share, paid = n, 1.0, n
                    most = max(a0, a1, a2, a3, a4) * index_sum[s, index_row[i], n - 1]
                    if most * ROUNDED_UP >= limit[i]:
                        if not has_chain and length > 0:
                            occupancy(
                                certain, 0, no_hazard, multiplier, smallest, 0, own, duration[lead],
                                irregular_month[lead], length, step, terms, matrices, matrix_from, chain,
                                due, ratio,
                            )  # fmt: skip
                            has_chain = True
                        for k in range(before):
                            alive[k] = a0 * ix[k]
                        for k in range(after):
                            alive[before + k] = it[k] * (
                                a0 * chain[0, k] + a1 * chain[1, k] + a2 * chain[2, k]
                                + a3 * chain[3, k] + a4 * chain[4, k]
                            )  # fmt: skip
                        alive[n - 1] *= part[i]
                        crossing, share = limit_crossing(alive, n, limit[i], nothing)
                        if ends_at_limit[i] == 1:
                            paid = _ended(z, n, crossing, share)
                if crossing < n and ends_at_limit[i] == 0:
                    recovery[s, i] = _excess(z, v, n, crossing, share)
                value[s, i] = _discounted(z, v, paid)
                if with_expense:
                    paid0 = 1.0 if a0 > 0.0 else 0.0
                    for k in range(min(before, paid)):
                        alive[k] = paid0 * c * lx[k]
                    for k in range(before, paid):
                        p = paid0 * occupied[0, k - before]
                        for b in range(4):
                            if other_amount[s, i, b] > 0.0:
                                p += occupied[b + 1, k - before]
                        alive[k] = mass * p
                    if with_further:
                        for k in range(paid):
                            alive[k] *= further_survival[s, discount_row[i], k]
                    expense[s, i] = _discounted(alive, expense_discount[s, discount_row[i]], paid)
                if with_flow and same_payments[s] == 0:
                    _book(z, paid, grid, expected_flow[s, segment[i], month[i] : month[i] + paid])
