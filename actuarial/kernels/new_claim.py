"""Simulated events of contracts in force: how many, whom they hurt, what each costs, what reinsurance takes.

Chances come from counters keyed by contract and part, so a part meets the same events whatever the order of
rows, the chunk or the thread. Every claim is rounded once to whole tiyn and totals add integers. Most parts
have no event in most scenarios: one block of random words serves four scenarios, and a bound on the chance of
none decides without an exponential. Callers validate; shapes are in the docstrings.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from actuarial.kernels.new_claim_table import (
    Catastrophes,
    Chances,
    Parts,
    Rules,
    Systematic,
    Totals,
    Treaty,
    Values,
)
from actuarial.kernels.random import philox, uniform

Float = NDArray[np.float64]
Int64 = NDArray[np.int64]

EVENTS, PERSONS, PAYOUT, EXPENSE, QUOTA = range(5)
"""Columns of the totals by class: counts, then tiyn."""
COLUMNS = 5
DEATH = 0
STATES = 5
AMOUNT_UNITS = 10_000.0
"""Degree in percent times pay in tiyn, to a tenge."""
HITS_AT_ONCE = 32_768
"""Parts and scenarios with events that are kept before the events strike."""
COUNT, COUNT_LOW, EVENT, VICTIM, DEPENDANT = range(5)
"""Streams of random words, counted from the first one of a source of events."""
FIRST_STREAM, STREAMS = 16, 8
"""First stream of the ordinary events; each catastrophe has the next ``STREAMS``."""
MEMBER_BLOCKS = 8
"""Blocks of random words kept for the dependants of one victim, four dependants to a block."""
CELL = 2.0**-32
LARGEST_EXPONENT = 500.0
"""Counts with a chance of none below e^-500 are drawn as sums of smaller ones."""
NOISE = 2.0**-46
"""As in `actuarial.money`: a half that the noise of a float sum hides still goes up."""
LISTED = 13
"""Columns of the list of claims, see `simulate`."""


@njit(cache=True, nogil=True)
def _tiyn(tenge: float) -> np.int64:
    """Half-up whole tiyn, as `actuarial.money.rounded_tiyn`."""
    return np.int64(np.floor(tenge * (100.0 * (1.0 + NOISE)) + 0.5))


@njit(cache=True, nogil=True)
def _position(cumulative: Float, u: float) -> int:
    """First position whose cumulative chance is above ``u``, by halving."""
    low, high = 0, cumulative.shape[0] - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > u:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True, nogil=True)
def _fine(high: np.uint32, low: np.uint32) -> float:
    """A number inside (0, 1) from 64 random bits."""
    word = (np.uint64(high) << np.uint64(32)) | np.uint64(low)
    return (np.float64(word >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16


@njit(cache=True, nogil=True)
def inverse_count(u: float, mean: float, dispersion: float) -> int:
    """Quantile ``u`` of a count: Poisson, or negative binomial of variance ``mean + dispersion · mean²``.

    Chances are added from 0 up by their recursion; ``mean`` is so small that the first is a normal float.
    """
    if dispersion == 0.0:
        chance = np.exp(-mean)
        r = 0.0
        ratio = mean
    else:
        r = 1.0 / dispersion
        chance = np.exp(-r * np.log1p(dispersion * mean))
        ratio = dispersion * mean / (1.0 + dispersion * mean)
    below = chance
    k = 0
    while u > below:
        chance *= ratio * (k + r) / (k + 1) if dispersion > 0.0 else ratio / (k + 1)
        k += 1
        below += chance
        if k > mean and chance < 1e-18:
            break
    return k


@njit(cache=True, nogil=True)
def _count(
    high: np.uint32, mean: float, dispersion: float, stream: int, scenario: int, seed: int, key: np.uint64
) -> int:
    """Number of events; ``high`` the upper half of its first chance."""
    low = philox(0, stream + COUNT_LOW, scenario, seed, key)
    exponent = mean if dispersion == 0.0 else np.log1p(dispersion * mean) / dispersion
    pieces = 1 + int(exponent / LARGEST_EXPONENT)
    count = inverse_count(_fine(high, low[0]), mean / pieces, dispersion * pieces)
    for piece in range(1, pieces):
        words = philox(piece, stream + COUNT_LOW, scenario, seed, key)
        count += inverse_count(_fine(words[0], words[1]), mean / pieces, dispersion * pieces)
    return count


@njit(cache=True, nogil=True)
def _social_payment(
    earnings: int, capped: int, degree: int, minimum_wage: float, factor: float, subtrahend: float,
    income_floor: float, income_cap: float, unit: int, share: float,
) -> np.int64:  # fmt: skip
    """ГФСС payment a month [tiyn]: ``share`` of degree × capped earnings, by the law where it is negative."""
    if share >= 0.0:
        return np.int64(np.floor(share * degree * capped / 100.0 + 0.5))
    income = min(max(np.float64(earnings), income_floor * minimum_wage), income_cap * minimum_wage)
    net = income - subtrahend * minimum_wage
    if net <= 0.0:
        return np.int64(0)
    if unit > 0:
        return np.int64(np.floor(net * factor / unit + 0.5)) * unit
    return np.int64(np.floor(net * factor + 0.5))


@njit(cache=True, nogil=True)
def _own_amount(band: int, degree: int, capped: int, social: int) -> float:
    """Monthly amount at the own degree [1 / AMOUNT_UNITS KZT]; the compulsory product pays none in band A."""
    return np.float64(max(degree * capped - 100 * social, 0)) if band > 0 else 0.0


@njit(cache=True, nogil=True)
def _other_amount(representative: float, degree: int, capped: int, social: int, proportional: bool) -> float:
    """Monthly amount at the representative degree of another band [1 / AMOUNT_UNITS KZT]."""
    deduction = 100.0 * social
    if proportional:
        deduction = deduction * representative / degree
    return max(representative * capped - deduction, 0.0)


@njit(cache=True, nogil=True)
def _list(
    listing: Int64, listed: Int64, part: int, event: int, victim: int, day: int, kind: int, member: int,
    cell: int, degree: int, earnings: int, social: int, annuity: int, expense: int, other: int,
) -> None:  # fmt: skip
    """Write one row of the list of claims, see `simulate`."""
    i = listed[0]
    listed[0] += 1
    if i >= listing.shape[0]:
        return
    row = listing[i]
    row[0], row[1], row[2], row[3], row[4], row[5], row[6] = part, event, victim, day, kind, member, cell
    row[7], row[8], row[9], row[10], row[11], row[12] = degree, earnings, social, annuity, expense, other


@njit(cache=True, nogil=True)
def _settle(parts: Parts, paid: Int64, touched: Int64, state: Int64, recovery: Int64) -> None:
    """Compare what a contract has paid in the scenarios touched with its insured sum, and forget it."""
    for t in range(state[1]):
        s = touched[t]
        recovery[s] += max(paid[s] - parts.insured_sum[state[0]], 0)
        paid[s] = 0
    state[1] = 0


@njit(cache=True, nogil=True)
def _strike(
    hits: Int64, n_hits: int, first_scenario: int, seed: int, parts: Parts, chances: Chances,
    catastrophes: Catastrophes, rules: Rules, values: Values, systematic: Systematic, treaty: Treaty,
    totals: Totals, paid: Int64, touched: Int64, state: Int64, listing: Int64, listed: Int64,
) -> None:  # fmt: skip
    """Let the events of ``hits`` (h, 5: contract, part, source, scenario's row, count) strike; book them.

    Hits of a contract lie together, also over calls: ``state`` (2,) is the contract of the last one and how
    many scenarios of ``touched`` (s,) it has ``paid`` (s,) something in. One call for many hits: handing all
    the tables over costs more than an event.
    """
    wants_list = listed.shape[0] > 0
    steps = np.uint64(chances.earnings.shape[0])
    guides = np.uint64(chances.cell_guide.shape[0])
    half = np.uint64(32)
    for h in range(n_hits):
        contract, p, source, s, n = hits[h, 0], hits[h, 1], hits[h, 2], hits[h, 3], hits[h, 4]
        if contract != state[0]:
            _settle(parts, paid, touched, state, totals.recovery)
            state[0] = contract
        scenario = first_scenario + s
        stream = FIRST_STREAM + STREAMS * (source + 1)
        key = parts.key[p]
        c = parts.risk_class[p]
        cap = parts.cap[p]
        wage_row = s if systematic.wage.shape[0] > 1 else 0
        mci_row = s if systematic.mci.shape[0] > 1 else 0
        minimum_row = s if systematic.minimum_wage.shape[0] > 1 else 0
        ratio_row = s if systematic.annuity.shape[0] > 1 else 0
        of_hits = np.int64(0)
        v = 0
        for e in range(n):
            w0, w1, _, _ = philox(e, stream + EVENT, scenario, seed, key)
            day = parts.first_day[p] + np.int64(np.uint64(w0) * np.uint64(parts.n_days[p]) >> half)
            j = rules.month_of_day[day]
            y = rules.year[j] - rules.year[0]
            mean_wage = parts.wage[p] * rules.wage_factor[rules.year[j] - parts.wage_year[p]]
            mean_wage *= systematic.wage[wage_row, y]
            minimum_wage = rules.minimum_wage[j] * systematic.minimum_wage[minimum_row, y]
            mci = systematic.mci[mci_row, y]
            if source < 0:
                k = 0
                u = uniform(w1)
                while chances.size_chance[c, k] <= u:
                    k += 1
                persons = chances.size[c, k]
            else:
                persons = catastrophes.persons[source]
            persons = min(persons, parts.workers[p])
            payout = np.int64(0)
            expenses = np.int64(0)
            for _ in range(persons):
                w0, w1, w2, w3 = philox(v, stream + VICTIM, scenario, seed, key)
                u = uniform(w0)
                kind = 0
                if source < 0:
                    while chances.kind[c, kind] <= u:
                        kind += 1
                else:
                    while catastrophes.kind[source, kind] <= u:
                        kind += 1
                ratio = systematic.annuity[ratio_row, kind]
                earnings = np.int64(
                    np.floor(mean_wage * chances.earnings[np.uint64(w2) * steps >> half] + 0.5)
                )
                capped = min(earnings, cap)
                if kind == DEATH:
                    family = _position(chances.family, uniform(w1))
                    first, last = chances.family_start[family], chances.family_start[family + 1]
                    split = last - first + (1 if chances.with_deceased else 0)
                    cost = np.int64(np.floor(rules.funeral[j] * mci + 0.5))
                    if wants_list:
                        _list(listing, listed, p, e, v, day, kind, -1, -1, 0, earnings, 0, 0, 0, cost)
                    for m in range(first, last):
                        k = m - first
                        words = philox(v * MEMBER_BLOCKS + k // 4, stream + DEPENDANT, scenario, seed, key)
                        start = values.member_start[m]
                        n_cells = np.uint64(values.member_start[m + 1] - start)
                        cell = start + np.int64(np.uint64(words[k % 4]) * n_cells >> half)
                        worth = capped / 100.0 * (1.0 / split) * values.member[j, cell, 0] * ratio
                        annuity = _tiyn(worth)
                        more = _tiyn(rules.of_payment * worth + rules.per_month * values.member[j, cell, 1])
                        if wants_list:
                            _list(
                                listing, listed, p, e, v, day, kind, m, cell, 0, earnings, 0, annuity, more, 0
                            )
                        cost += annuity
                        expenses += more
                else:
                    band = kind - 1
                    u = uniform(w1)
                    k = 0
                    while chances.degree_chance[band, k] <= u:
                        k += 1
                    degree = chances.degree[band, k]
                    u = uniform(w3)
                    cell = chances.cell_guide[np.uint64(w3) * guides >> half]
                    while chances.cell[cell] <= u:
                        cell += 1
                    social = _social_payment(
                        earnings, capped, degree, minimum_wage, rules.degree_factor[degree], rules.subtrahend,
                        rules.income_floor, rules.income_cap, rules.unit, rules.social_share,
                    )  # fmt: skip
                    own = _own_amount(band, degree, capped, social)
                    worth = own * values.worker[j, band, cell, 0, 0]
                    paid_months = values.worker[j, band, cell, 0, 1] if own > 0.0 else 0.0
                    for b in range(1, 4):
                        other = _other_amount(
                            rules.representative_degree[b], degree, capped, social, rules.proportional
                        )
                        if other > 0.0:
                            worth += other * values.worker[j, band, cell, b + 1, 0]
                            paid_months += values.worker[j, band, cell, b + 1, 1]
                    worth *= ratio / AMOUNT_UNITS
                    annuity = _tiyn(worth)
                    more = _tiyn(rules.of_payment * worth + rules.per_month * paid_months)
                    additional = np.int64(np.floor(rules.additional[j, band] * mci + 0.5))
                    if wants_list:
                        _list(
                            listing, listed, p, e, v, day, kind, -1, cell, degree, earnings, social, annuity,
                            more, additional,
                        )  # fmt: skip
                    cost = annuity + additional
                    expenses += more
                payout += cost
                totals.by_kind[s, kind, 0] += 1
                totals.by_kind[s, kind, 1] += cost
                v += 1
            totals.by_class[s, c, EVENTS] += 1
            totals.by_class[s, c, PERSONS] += persons
            totals.by_class[s, c, PAYOUT] += payout
            totals.by_class[s, c, EXPENSE] += expenses
            ceded = np.int64(np.floor(payout * parts.ceded_share[contract] + 0.5))
            of_book = np.int64(np.floor((payout - ceded) * treaty.quota_share + 0.5))
            totals.by_class[s, c, QUOTA] += ceded + of_book
            left = payout - ceded - of_book
            for layer in range(treaty.retention.shape[0]):
                above = left - treaty.retention[layer]
                if above > 0:
                    totals.layer[s, c, layer] += min(above, treaty.limit[layer])
            totals.largest_event[s] = max(totals.largest_event[s], payout)
            of_hits += payout
        if of_hits > 0:
            if paid[s] == 0:
                touched[state[1]] = s
                state[1] += 1
            paid[s] += of_hits


@njit(cache=True, nogil=True)
def simulate(
    first_contract: int, last_contract: int, first_scenario: int, n_scenarios: int, seed: int, parts: Parts,
    chances: Chances, catastrophes: Catastrophes, rules: Rules, values: Values, systematic: Systematic,
    treaty: Treaty, totals: Totals, listing: Int64, listed: Int64,
) -> None:  # fmt: skip
    """Simulate the contracts ``first … last`` in scenarios ``first_scenario …``; adds to ``totals``.

    ``listing`` (rows, 13) gets the claims in the order met, ``listed`` (1,) their number, (0,) where no list
    is wanted. Columns: part, event, victim, day, kind, member (-1 = the worker), cell, degree, earnings,
    ГФСС payment, annuity, expenses, other payout (additional expenses or funeral).
    """
    paid = np.zeros(n_scenarios, dtype=np.int64)
    touched = np.empty(n_scenarios, dtype=np.int64)
    first_block, last_block = first_scenario // 4, (first_scenario + n_scenarios + 3) // 4
    highest_frequency = np.zeros((systematic.frequency.shape[0], last_block - first_block))
    for c in range(systematic.frequency.shape[0]):
        for s in range(n_scenarios):
            block = (first_scenario + s) // 4 - first_block
            highest_frequency[c, block] = max(highest_frequency[c, block], systematic.frequency[c, s])
    hits = np.empty((HITS_AT_ONCE, 5), dtype=np.int64)
    n_hits = 0
    state = np.zeros(2, dtype=np.int64)
    for i in range(first_contract, last_contract):
        for p in range(parts.start[i], parts.start[i + 1]):
            if parts.n_days[p] == 0:
                continue
            c = parts.risk_class[p]
            size = 0.0
            before = 0.0
            for k in range(chances.size.shape[1]):
                until = min(chances.size_chance[c, k], 1.0)
                size += (until - before) * min(chances.size[c, k], parts.workers[p])
                before = until
            ordinary = parts.worker_years[p] * chances.persons[c] / size
            for source in range(-1, catastrophes.part.shape[0]):
                if source >= 0 and catastrophes.part[source] != p:
                    continue
                mean = ordinary if source < 0 else catastrophes.events[source]
                if mean == 0.0:
                    continue
                stream = FIRST_STREAM + STREAMS * (source + 1)
                for block in range(first_block, last_block):
                    words = philox(0, stream + COUNT, block, seed, parts.key[p])
                    highest = max(max(words[0], words[1]), max(words[2], words[3]))
                    most = mean * (highest_frequency[c, block - first_block] if source < 0 else 1.0)
                    # the chance of none is at least 1 - mean for both distributions
                    if (np.float64(highest) + 1.0) * CELL <= 1.0 - most:
                        continue
                    for place in range(4):
                        scenario = 4 * block + place
                        s = scenario - first_scenario
                        if s < 0 or s >= n_scenarios:
                            continue
                        expected = mean * (systematic.frequency[c, s] if source < 0 else 1.0)
                        if (np.float64(words[place]) + 1.0) * CELL <= 1.0 - expected:
                            continue
                        dispersion = chances.dispersion if source < 0 else 0.0
                        n = _count(words[place], expected, dispersion, stream, scenario, seed, parts.key[p])
                        if n == 0:
                            continue
                        if n_hits == HITS_AT_ONCE:
                            _strike(
                                hits, n_hits, first_scenario, seed, parts, chances, catastrophes, rules,
                                values, systematic, treaty, totals, paid, touched, state, listing, listed,
                            )  # fmt: skip
                            n_hits = 0
                        hits[n_hits] = i, p, source, s, n
                        n_hits += 1
    _strike(
        hits, n_hits, first_scenario, seed, parts, chances, catastrophes, rules, values, systematic, treaty,
        totals, paid, touched, state, listing, listed,
    )  # fmt: skip
    _settle(parts, paid, touched, state, totals.recovery)


@njit(cache=True, nogil=True)
def expected_costs(
    first_part: int, last_part: int, parts: Parts, chances: Chances, rules: Rules, group: Int64,
    worker: Float, worker_count: Float, death: Float, death_count: Float, payout: Float, expense: Float,
) -> None:  # fmt: skip
    """Expected payout and expenses of one claim of each kind, (m, 5) [KZT], for the parts ``first … last``.

    ``group`` (g + 1,): first months of runs with the same МЗП and wages; ``worker`` (j, 4, 5), ``death``
    (j,): unit values averaged over cells and families, with their counts.
    """
    q = chances.earnings.shape[0]
    for p in range(first_part, last_part):
        for kind in range(5):
            payout[p, kind] = 0.0
            expense[p, kind] = 0.0
        if parts.n_days[p] == 0:
            continue
        first, last = parts.first_day[p], parts.first_day[p] + parts.n_days[p]
        for g in range(group.shape[0] - 1):
            start, stop = group[g], group[g + 1]
            if rules.month_start[stop] <= first or rules.month_start[start] >= last:
                continue
            value = np.zeros((4, STATES))
            count = np.zeros((4, STATES))
            dead = 0.0
            dead_count = 0.0
            weight = 0.0
            for j in range(start, stop):
                days = min(rules.month_start[j + 1], last) - max(rules.month_start[j], first)
                if days <= 0:
                    continue
                w = days / parts.n_days[p]
                weight += w
                for b in range(4):
                    for s in range(STATES):
                        value[b, s] += w * worker[j, b, s]
                        count[b, s] += w * worker_count[j, b, s]
                    payout[p, b + 1] += w * rules.additional[j, b] / 100.0
                dead += w * death[j]
                dead_count += w * death_count[j]
                payout[p, DEATH] += w * rules.funeral[j] / 100.0
            if weight == 0.0:
                continue
            mean_wage = parts.wage[p] * rules.wage_factor[rules.year[start] - parts.wage_year[p]]
            mean_capped = 0.0
            for k in range(q):
                earnings = np.int64(np.floor(mean_wage * chances.earnings[k] + 0.5))
                capped = min(earnings, parts.cap[p])
                mean_capped += capped / (100.0 * q)
                for b in range(4):
                    before = 0.0
                    for d in range(chances.degree.shape[1]):
                        chance = min(chances.degree_chance[b, d], 1.0) - before
                        before += chance
                        if chance <= 0.0:
                            continue
                        degree = chances.degree[b, d]
                        social = _social_payment(
                            earnings, capped, degree, rules.minimum_wage[start], rules.degree_factor[degree],
                            rules.subtrahend, rules.income_floor, rules.income_cap, rules.unit,
                            rules.social_share,
                        )  # fmt: skip
                        own = _own_amount(b, degree, capped, social)
                        worth = own * value[b, 0]
                        paid_months = count[b, 0] if own > 0.0 else 0.0
                        for r in range(1, 4):
                            other = _other_amount(
                                rules.representative_degree[r], degree, capped, social, rules.proportional
                            )
                            if other > 0.0:
                                worth += other * value[b, r + 1]
                                paid_months += count[b, r + 1]
                        worth *= 1.0 / AMOUNT_UNITS
                        payout[p, b + 1] += chance / q * worth
                        expense[p, b + 1] += (
                            chance / q * (rules.of_payment * worth + rules.per_month * paid_months)
                        )
            payout[p, DEATH] += mean_capped * dead
            expense[p, DEATH] += rules.of_payment * mean_capped * dead + rules.per_month * dead_count
