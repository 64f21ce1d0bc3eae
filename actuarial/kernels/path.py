"""Simulated lives of annuities: from event to event, not month by month.

A path draws when the hazard of death is used up and what each certification finds; between events its
payments are a difference of prefix sums. Amounts are added as whole multiples of ``1 / grid`` tenge, so that
sums do not depend on the order of claims, chunks or threads. Callers validate; shapes are in the docstrings.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from actuarial.kernels.random import philox, uniform

Float = NDArray[np.float64]
Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Int8 = NDArray[np.int8]
UInt64 = NDArray[np.uint64]

LEAST_KEPT = 2.0**-8
"""A random word of 32 bits serves a stay in a band until the chance to have stayed so long is below this."""
LARGEST = 1e300
"""Above every finite cumulative hazard: the hazard of the last age is infinite, whatever the multiplier."""


@njit(cache=True, nogil=True)
def prefix_sums(
    spot: Float,
    time: Float,
    shift: float,
    index: Float,
    series: Int8,
    offset: Int32,
    growth: Float,
    month_of_year: int,
    pair_index: Int32,
    pair_discount: Int32,
    pair_length: Int32,
    inflation: Float,
    indexed: Float,
    discount: Float,
    nominal: Float,
    present: Float,
    counted: Float,
) -> None:
    """What one unit of payment is worth up to each month, under one scenario.

    ``spot``, ``time`` (d, k): annual effective spot rate and years of payment k, shifted by ``shift``;
    ``index`` (i, k) with what each row follows, ``series`` and ``offset`` (i,), times ``growth`` (4, years)
    by calendar year; ``month_of_year`` of the valuation (0-11); pairs of an index and a discount row (p,) and
    their longest annuity; ``inflation`` (d, k) of the expenses, (0, 0) without them. Writes ``indexed``
    (i, k), ``discount`` (d, k), and the sums of payments before k: ``nominal`` (i, k + 1), ``present``
    (p, k + 1), ``counted`` (d, k + 1).
    """
    longest = index.shape[1]
    for d in range(spot.shape[0]):
        rate = np.nan
        log_rate = 0.0
        for k in range(longest):
            if spot[d, k] != rate:
                rate = spot[d, k]
                log_rate = np.log1p(rate + shift)
            discount[d, k] = np.exp(-time[d, k] * log_rate)
        if inflation.shape[0] > 0:
            counted[d, 0] = 0.0
            for k in range(longest):
                counted[d, k + 1] = counted[d, k] + discount[d, k] * inflation[d, k]
    for i in range(index.shape[0]):
        nominal[i, 0] = 0.0
        for k in range(longest):
            factor = 1.0
            if series[i] > 0:
                year = min((month_of_year + offset[i] + k) // 12, growth.shape[1] - 1)
                factor = growth[series[i], year]
            indexed[i, k] = index[i, k] * factor
            nominal[i, k + 1] = nominal[i, k] + indexed[i, k]
    for p in range(pair_index.shape[0]):
        i, d = pair_index[p], pair_discount[p]
        present[p, 0] = 0.0
        for k in range(pair_length[p]):
            present[p, k + 1] = present[p, k] + indexed[i, k] * discount[d, k]


@njit(cache=True, nogil=True)
def _first_dead(cumulative: Float, row: int, low: int, high: int, bearable: float) -> int:
    """First month of age in ``low … high`` whose cumulative hazard is more than a person can bear."""
    while low < high:
        middle = (low + high) // 2
        if cumulative[row, middle] > bearable:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True, nogil=True)
def _crossing(nominal: Float, row: int, amount: float, used: float, limit: float, k: int, stop: int) -> int:
    """First payment in ``k … stop - 1`` with which the sum of payments passes ``limit``, ``stop`` if none."""
    if used + amount * (nominal[row, stop] - nominal[row, k]) <= limit:
        return stop
    low, high = k, stop - 1
    while low < high:
        middle = (low + high) // 2
        if used + amount * (nominal[row, middle + 1] - nominal[row, k]) > limit:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True, nogil=True)
def _limited(
    amount: float,
    k: int,
    stop: int,
    limit: float,
    used: float,
    ends: bool,
    nothing: float,
    row: int,
    pair: int,
    indexed: Float,
    nominal: Float,
    present: Float,
    grid: float,
    s: int,
    f: int,
    active: Int64,
) -> tuple[float, float, float, int]:
    """Make payments ``k … stop - 1`` of one amount where an insured sum limits them; book them in ``active``.

    ``used``: sum of payments so far, inf once the insured sum is used up and the excess is recovered.
    Returns the present value, the excess in it, the new ``used``, and the first payment not made.
    """
    worth = amount * (present[pair, stop] - present[pair, k])
    unit = np.int64(amount * grid + 0.5)
    if used < np.inf:
        at = _crossing(nominal, row, amount, used, limit, k, stop)
        if at < stop:
            left = limit - used - amount * (nominal[row, at] - nominal[row, k])
            crossing = amount * indexed[row, at]
            share = min(left / crossing, 1.0) if left >= nothing else 0.0
            last = amount * (present[pair, at + 1] - present[pair, at])
            if ends:
                rest = np.int64(amount * share * grid + 0.5)
                active[s, f, k] += unit
                active[s, f, at] += rest - unit
                active[s, f, at + 1] -= rest
                until = at + 1 if share > 0.0 else at
                return amount * (present[pair, at] - present[pair, k]) + share * last, 0.0, np.inf, until
            active[s, f, k] += unit
            active[s, f, stop] -= unit
            return (
                worth,
                (1.0 - share) * last + amount * (present[pair, stop] - present[pair, at + 1]),
                np.inf,
                stop,
            )
        used += amount * (nominal[row, stop] - nominal[row, k])
    active[s, f, k] += unit
    active[s, f, stop] -= unit
    return worth, worth if used == np.inf else 0.0, used, stop


@njit(cache=True, nogil=True)
def walk(
    first_scenario: int,
    start: int,
    stop: int,
    seed: int,
    stream: int,
    antithetic: bool,
    key: UInt64,
    segment: Int32,
    age: Int32,
    n_payments: Int32,
    part: Float,
    node: Int32,
    duration: Int32,
    irregular_month: Int32,
    own_class: Int8,
    hazard_row: Int32,
    gone: Float,
    own_amount: Float,
    other_amount: Float,
    pair: Int32,
    flow_row: Int32,
    limit: Float,
    ends_at_limit: Int8,
    additional: Float,
    use_class: Int8,
    cumulative: Float,
    multiplier: Float,
    spot: Float,
    time: Float,
    index: Float,
    series: Int8,
    offset: Int32,
    month_of_year: int,
    pair_index: Int32,
    pair_discount: Int32,
    pair_length: Int32,
    inflation: Float,
    shift: Float,
    growth: Float,
    force: Float,
    matrices: Float,
    matrix_from: Int32,
    terms: Int32,
    use: Float,
    of_payment: float,
    per_month: float,
    nothing: float,
    grid: float,
    value: Int64,
    recovery: Int64,
    used_expenses: Int64,
    expense: Int64,
    active: Int64,
    bound: Float,
) -> None:
    """Walk the claims ``start … stop`` through scenarios ``first_scenario …``.

    Per claim (n,): random key, segment, months of age, payments to the end of entitlement, fraction of the
    last, payment at which the certificate is reviewed (beyond the last = never), months since the first
    certificate there, calendar month of the 29-February case (-1 = regular), class and row of ``cumulative``
    (c, a), hazard before payment 0 (inf = nobody lives to it), amount at the own degree and at the
    representative degrees of A … D (n, 4), pair of index and discount rows, row of ``active``, remaining
    insured sum (inf = none) and whether it ends the payments, expected additional expenses and their class.

    Per scenario (s, …): ``shift`` of the yield, ``growth`` (s, 4, years), ``force`` (s, 1 or years) on
    mortality, ``matrices`` (s, m, 4, 5): cumulative chances to keep the band, of the other bands in order, of
    recovery; one row of all four serves every scenario.
    ``use`` (classes, q): used over expected additional expenses at equal chances. Antithetic scenarios come
    in pairs, the second with complementary chances.

    Adds to ``value``, ``recovery``, ``used_expenses``, ``expense`` (s, segments), and to ``active``
    (s, f, k + 1) the change of the amount in payment, all on the grid; to ``bound`` (s,) all of it in tenge:
    where that is too large for integers, the integers are wrong.
    """
    longest = index.shape[1]
    indexed = np.empty(index.shape)
    discount = np.empty(spot.shape)
    nominal = np.empty((index.shape[0], longest + 1))
    present = np.empty((pair_index.shape[0], longest + 1))
    counted = np.empty((inflation.shape[0], longest + 1))
    with_expense = inflation.shape[0] > 0
    same_sums = shift.shape[0] == 1 and growth.shape[0] == 1
    uses = use.shape[1]
    force_years = force.shape[1]
    for s in range(value.shape[0]):
        if s == 0 or not same_sums:
            prefix_sums(
                spot, time, shift[s if shift.shape[0] > 1 else 0], index, series, offset,
                growth[s if growth.shape[0] > 1 else 0], month_of_year, pair_index, pair_discount,
                pair_length, inflation, indexed, discount, nominal, present, counted,
            )  # fmt: skip
        force_row = s if force.shape[0] > 1 else 0
        matrix_row = s if matrices.shape[0] > 1 else 0
        scenario = first_scenario + s
        flip = np.uint32(0)
        if antithetic:
            if scenario % 2 == 1:
                flip = np.uint32(0xFFFFFFFF)
            scenario //= 2
        for i in range(start, stop):
            w0, w1, w2, w3 = philox(0, stream, scenario, seed, key[i])
            if additional[i] > 0.0:
                cell = (np.uint64(w1 ^ flip) * np.uint64(uses)) >> np.uint64(32)
                spent = additional[i] * use[use_class[i], cell]
                used_expenses[s, segment[i]] += np.int64(spent * grid + 0.5)
                bound[s] += spent
            n = n_payments[i]
            budget = -np.log(uniform(w0 ^ flip)) - gone[i] * force[force_row, 0]
            if n == 0 or not budget >= 0.0:
                continue
            x = age[i]
            row_of_life = hazard_row[i]
            band = own_class[i]
            amount = own_amount[i]
            p = pair[i]
            row = pair_index[p]
            f = flow_row[i]
            used = 0.0
            worth = 0.0
            excess = 0.0
            count = 0.0
            drawn = 2
            m = 0
            k = 0
            review = node[i]
            while True:
                # how long the band is held, if death does not come first: one chance for a whole stay,
                # compared with the chance to have kept the band so far
                found = 0
                kept = 0.0
                u = 0.0
                while review < n:
                    if kept < LEAST_KEPT:
                        place = drawn % 4
                        if place == 0:
                            w0, w1, w2, w3 = philox(drawn // 4, stream, scenario, seed, key[i])
                        word = w0 if place == 0 else w1 if place == 1 else w2 if place == 2 else w3
                        drawn += 1
                        kept = 1.0
                        u = uniform(word ^ flip)
                    months = duration[i] + review - node[i]
                    years = months // 12
                    if irregular_month[i] >= 0 and months % 12 == 0:
                        calendar = irregular_month[i] + review - node[i]
                        year = calendar // 12
                        if calendar % 12 == 1 and ((year % 4 == 0 and year % 100 != 0) or year % 400 == 0):
                            years -= 1
                    while m + 1 < matrix_from.shape[0] and matrix_from[m + 1] <= years:
                        m += 1
                    if u >= kept * matrices[matrix_row, m, band, 0]:
                        found = 1
                        while found < 4 and u >= kept * matrices[matrix_row, m, band, found]:
                            found += 1
                        break
                    kept *= min(matrices[matrix_row, m, band, 0], 1.0)
                    review = review + terms[band] if terms[band] > 0 else n
                until = min(review, n)
                # the first payment not lived to: where the cumulative hazard passes what can be borne
                alive = True
                end = k
                while end < until:
                    factor = force[force_row, 0]
                    to = until
                    if force_years > 1:
                        year = end // 12
                        factor = force[force_row, min(year, force_years - 1)]
                        to = min(until, 12 * (year + 1))
                    c = multiplier[band] * factor
                    here = cumulative[row_of_life, x + end]
                    bearable = min(here + budget / c, LARGEST) if c > 0.0 else LARGEST
                    there = cumulative[row_of_life, x + to]
                    if there > bearable:
                        end = _first_dead(cumulative, row_of_life, x + end + 1, x + to, bearable) - x
                        alive = False
                        break
                    budget -= c * (there - here)
                    end = to
                # the payments k … end - 1, of which the last of all may be a part
                whole = end - 1 if end == n and part[i] < 1.0 else end
                for piece in range(2):
                    first = k if piece == 0 else max(whole, k)
                    final = whole if piece == 0 else end
                    due = amount if piece == 0 else amount * part[i]
                    if due <= 0.0 or final <= first:
                        continue
                    if limit[i] == np.inf:
                        unit = np.int64(due * grid + 0.5)
                        active[s, f, first] += unit
                        active[s, f, final] -= unit
                        worth += due * (present[p, final] - present[p, first])
                        made = final
                    else:
                        more, over, used, made = _limited(
                            due, first, final, limit[i], used, ends_at_limit[i] == 1, nothing, row, p,
                            indexed, nominal, present, grid, s, f, active,
                        )  # fmt: skip
                        worth += more
                        excess += over
                    if with_expense:
                        count += counted[pair_discount[p], made] - counted[pair_discount[p], first]
                    if used == np.inf and ends_at_limit[i] == 1:
                        alive = False
                        break
                k = until
                if not alive or found == 0 or found == 4:
                    break
                band = found - 1 if found <= band else found
                amount = other_amount[i, band]
                review = k + terms[band] if terms[band] > 0 else n
            value[s, segment[i]] += np.int64(worth * grid + 0.5)
            recovery[s, segment[i]] += np.int64(excess * grid + 0.5)
            cost = of_payment * worth + per_month * count
            expense[s, segment[i]] += np.int64(cost * grid + 0.5)
            bound[s] += worth + cost


@njit(cache=True, nogil=True)
def payouts(
    active: Int64,
    flow_index: Int32,
    flow_month: Int32,
    index: Float,
    series: Int8,
    offset: Int32,
    month_of_year: int,
    growth: Float,
    flow: Int64,
    bound: Float,
) -> None:
    """Payments by calendar month, ``flow`` (s, months) on the grid, of the amounts in payment.

    ``active`` (s, f, k + 1): change of the amount with payment k; ``flow_index``, ``flow_month`` (f,): index
    row and calendar month of payment 0; the rest as in `walk`. All claims of a scenario have been walked.
    Adds the sum of all in grid units to ``bound`` (s,): where that is too large for integers, they are wrong.
    """
    longest = index.shape[1]
    for s in range(active.shape[0]):
        paths = growth[s if growth.shape[0] > 1 else 0]
        for f in range(active.shape[1]):
            i = flow_index[f]
            amount = np.int64(0)
            for k in range(longest):
                amount += active[s, f, k]
                if amount == 0:
                    continue
                factor = index[i, k]
                if series[i] > 0:
                    year = min((month_of_year + offset[i] + k) // 12, paths.shape[1] - 1)
                    factor *= paths[series[i], year]
                paid = np.float64(amount) * factor
                bound[s] += paid
                flow[s, flow_month[f] + k] += np.int64(paid + 0.5)
