"""The annuity reserve: both measures of every record, additional expenses, insurer's expenses, cash-flows.

The model is docs/method-reserve.md. Records are put on the monthly grid of their own payments
(`kernels.timeline`), valued by `kernels.annuity`, rounded once to the tiyn, and added as integers, so
that the totals do not depend on the order of rows or on the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from actuarial import benefit, entitlement
from actuarial.basis import Basis
from actuarial.curve import discount_factors, payment_times
from actuarial.error import BasisError, SafetyLimitError
from actuarial.kernels import annuity, timeline, total
from actuarial.money import TIYN, rounded_tiyn
from actuarial.payout_law import PayoutLaw, day
from actuarial.record import BANDS, BENEFICIARIES, NO_AMOUNT, NO_DATE, PRODUCTS, AnnuityRecords
from actuarial.survival import CLASSES, MONTHS, SurvivalRows, survival_rows, table_span

T = TypeVar("T")
Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

FLOW_GRID = 2.0**13
"""Cash-flow amounts are whole multiples of 2⁻¹³ tenge: their sums do not depend on order."""
NOTHING_LEFT = 1e-5
"""Tenge: a remainder of the insured sum below this is the noise of a float sum, not money."""
WORKER = entitlement.WORKER
PRE_RETIREMENT = entitlement.PRE_RETIREMENT
COMPULSORY = entitlement.PRODUCT_COMPULSORY
NO_BAND = -1

MEASURES = ("certified", "expected")
AMOUNTS = (
    "monthly_payment",
    "certified_reserve",
    "expected_reserve",
    "additional_expenses_reserve",
    "expense_reserve_certified",
    "expense_reserve_expected",
    "recovery_certified",
    "recovery_expected",
    "total_certified",
    "total_expected",
)
"""Amount columns of the results, in order."""


@dataclass(frozen=True)
class Flow:
    """Cash-flow of both measures by segment and calendar month.

    Attributes
    ----------
    first_month : int
        Calendar month index (12·year + month - 1) of column 0.
    certified, expected : int64 (segments, months) [tiyn]
        Expected nominal payments: index and survival in, discount and expenses out. Segment
        ``product · 6 + class`` (`PRODUCTS`, `survival.CLASSES`).
    """

    first_month: int
    certified: Int64
    expected: Int64


@dataclass(frozen=True)
class Valuation:
    """Result of a valuation, one element a record.

    Attributes
    ----------
    amounts : dict of str to int64 (n,) [tiyn]
        The columns `AMOUNTS`, rounded half-up once.
    band : int8 (n,)
        Band of a worker's degree (0 A … 3 D), -1 for others.
    pension_date : int32 (n,)
        Days since 1970-01-01.
    is_ended : bool (n,)
        Nothing is due in either measure: the entitlement ends on or before the next payment.
    flow : Flow
    segment : int16 (n,)
        Cash-flow segment of each record.
    """

    amounts: dict[str, Int64]
    band: NDArray[np.int8]
    pension_date: Int32
    is_ended: Bool
    flow: Flow
    segment: NDArray[np.int16]

    def totals(self) -> dict[str, int]:
        """Sum of each amount column [tiyn]."""
        return {name: int(column.sum()) for name, column in self.amounts.items()}


@dataclass(frozen=True)
class _Timeline:
    """Outputs of `kernels.timeline.schedule` (see there)."""

    age: Int32
    month: Int32
    n_certified: Int32
    part_certified: Float
    part_days: Int64
    n_expected: Int32
    part_expected: Float
    node: Int32
    duration: Int32
    duration_irregular: NDArray[np.int8]
    steps_before: Int32
    first_step: Int32
    index_irregular: NDArray[np.int8]


def outside_table(records: AnnuityRecords, basis: Basis) -> Bool:
    """Records whose age at the next payment the basis' mortality tables do not cover, shape (n,)."""
    first, last = table_span(basis)
    age = np.empty(len(records), dtype=np.int32)
    timeline.ages(records.birth_date, records.next_payment_date, age)
    return (age < first[records.sex]) | (age >= last[records.sex] + MONTHS)


def annuity_reserve(
    records: AnnuityRecords,
    basis: Basis,
    valuation_date: date,
    *,
    threads: int | None = None,
    law: PayoutLaw | None = None,
) -> Valuation:
    """Value checked annuity records in the certified and the expected measure.

    Parameters
    ----------
    records : AnnuityRecords
        As a reader has checked them.
    basis : Basis
    valuation_date : date
    threads : int, optional
        Worker threads; default one a processor. The result does not depend on it.
    law : PayoutLaw, optional

    Returns
    -------
    Valuation
        Amounts in whole tiyn, each rounded once.

    Raises
    ------
    BasisError
        E4010 an age outside the mortality tables; E4006 a year without an indexation rate.
    SafetyLimitError
        E9001 amounts too large for exact integer cash-flows.
    tariffs.LawError
        A value of the law that is not on record for a date the records need.
    """
    law = law or PayoutLaw()
    threads = threads or os.cpu_count() or 1
    if outside_table(records, basis).any():
        raise BasisError("E4010", "some ages are outside the basis' mortality tables: check the portfolio with the basis first")
    n = len(records)
    pension = entitlement.record_pension_dates(records, law)
    certified_end = entitlement.certified_end(records, pension, law)
    expected_end = entitlement.expected_end(records, pension, law)
    line = _timeline(records, valuation_date, certified_end, expected_end, basis, threads)

    is_worker = records.beneficiary == WORKER
    band = np.where(is_worker, law.band_of(records.degree_of_loss), NO_BAND).astype(np.int8)
    kind = np.where(is_worker, band, CLASSES.index("dependant")).astype(np.int8)
    kind[records.beneficiary == PRE_RETIREMENT] = CLASSES.index("pre_retirement")
    segment = (records.product.astype(np.int16) * len(CLASSES) + kind).astype(np.int16)

    valuation_month = valuation_date.year * MONTHS + valuation_date.month - 1
    payment_month = valuation_month + line.month.astype(np.int64)
    cohort = payment_month - line.age
    rows = survival_rows(basis, cohort)
    base_row = rows.base_row(records.sex, cohort)
    days = (records.next_payment_date - np.int32(day(valuation_date))).astype(np.int32)
    alive = rows.to_first_payment(records.sex, kind, line.age, payment_month, days)

    longest = int(max(line.n_certified.max(initial=1), line.n_expected.max(initial=1), 1))
    distinct_days, discount_row = _distinct(days)
    discount = discount_factors(basis.curve, distinct_days, longest)
    expenses = basis.assumptions.expenses
    expense_discount = np.empty((0, 0))
    if expenses.per_month:
        years = payment_times(distinct_days, longest)
        expense_discount = discount * np.exp(years * np.log1p(expenses.inflation))
    index = _Index(records, basis, law, valuation_date, line, longest)

    monthly = benefit.benefit(records, law)
    limit = np.where(
        records.remaining_insured_sum == NO_AMOUNT, np.inf, records.remaining_insured_sum / TIYN
    )
    ends_at_limit = (records.product != COMPULSORY).astype(np.int8)
    certificate_end = np.where(is_worker, records.certificate_end, np.int32(NO_DATE))
    reviewed = (certificate_end != NO_DATE) & ((expected_end == NO_DATE) | (certificate_end < expected_end))

    months = int((line.month + np.maximum(line.n_certified, line.n_expected)).max(initial=0)) + 1
    n_segments = len(PRODUCTS) * len(CLASSES)
    _refuse_overflow(monthly, index, np.maximum(line.n_certified, line.n_expected))

    shared = _Shared(rows.lives, index.rows, discount, expense_discount)
    own_amount = monthly.own * index.scale
    value, recovery, count = np.empty(n), np.empty(n), np.empty(n)
    discount_row = discount_row.astype(np.int32)
    own_row = (base_row + kind).astype(np.int32)
    same_expected = (~reviewed).astype(np.int8)
    flow_segment = segment.astype(np.int32)

    def certified(start: int, stop: int) -> tuple[Int64, Int64]:
        flows = np.zeros((n_segments, months), dtype=np.int64), np.zeros((n_segments, months), dtype=np.int64)
        annuity.certified_values(
            start, stop, own_row, line.age, alive, own_amount, line.n_certified,
            line.part_certified, index.row, discount_row, line.month, flow_segment, limit, ends_at_limit,
            same_expected, shared.lives, shared.index, shared.discount, shared.expense_discount,
            NOTHING_LEFT, FLOW_GRID, value, recovery, count, *flows,
        )  # fmt: skip
        return flows

    flow_certified, flow_expected = _sum_flows(_in_threads(certified, _slices(n, threads), threads))

    expected_value, expected_recovery, expected_count = value.copy(), recovery.copy(), count.copy()
    where = np.flatnonzero(reviewed)
    if where.size:
        group_start, where = _groups(where, basis, line, band, base_row, rows, payment_month)
        part_flow = _expected(
            where, group_start, basis, records, line, band, base_row, alive, own_amount, monthly, index,
            discount_row, flow_segment, limit, ends_at_limit, shared, law, payment_month, (n_segments, months),
            threads, expected_value, expected_recovery, expected_count,
        )  # fmt: skip
        flow_expected += part_flow

    amounts = {
        "monthly_payment": _first_payment(records, monthly, index, line, limit),
        "certified_reserve": rounded_tiyn(value),
        "expected_reserve": rounded_tiyn(expected_value),
        "additional_expenses_reserve": _additional_expenses(records, basis, valuation_date, law),
        "expense_reserve_certified": rounded_tiyn(expenses.of_payment * value + expenses.per_month * count),
        "expense_reserve_expected": rounded_tiyn(
            expenses.of_payment * expected_value + expenses.per_month * expected_count
        ),
        "recovery_certified": rounded_tiyn(recovery),
        "recovery_expected": rounded_tiyn(expected_recovery),
    }
    for measure in MEASURES:
        amounts[f"total_{measure}"] = (
            amounts[f"{measure}_reserve"]
            + amounts["additional_expenses_reserve"]
            + amounts[f"expense_reserve_{measure}"]
        )
    flow = Flow(valuation_month, _grid_to_tiyn(flow_certified), _grid_to_tiyn(flow_expected))
    ended = (line.n_certified == 0) & (line.n_expected == 0)
    return Valuation({name: amounts[name] for name in AMOUNTS}, band, pension, ended, flow, segment)


@dataclass(frozen=True)
class _Shared:
    """Arrays that all records share: survival, index and discount rows."""

    lives: Float
    index: Float
    discount: Float
    expense_discount: Float


class _Index:
    """Index rows and each record's row, first-payment scale and exact index at payment 0.

    With a contract rate a row is the step pattern by the payment of the first anniversary (12 rows); with
    a calendar choice it is the path from the calendar month of payment 0. Pre-retirement annuities have
    rows of their own holding ПМ itself. 29-February cases get rows built date by date.
    """

    rows: Float
    row: Int32
    scale: Float
    at_first: list[Fraction]
    at_first_position: Int64

    def __init__(
        self,
        records: AnnuityRecords,
        basis: Basis,
        law: PayoutLaw,
        valuation_date: date,
        line: _Timeline,
        longest: int,
    ) -> None:
        """Build the rows the records need."""
        n = len(records)
        indexation = basis.assumptions.indexation
        growth = basis.assumptions.growth
        start = valuation_date.year * MONTHS + valuation_date.month - 1
        is_pre_retirement = records.beneficiary == PRE_RETIREMENT
        n_payments = np.maximum(line.n_certified, line.n_expected)
        blocks: list[Float] = []
        height = 0
        self.row = np.zeros(n, dtype=np.int32)
        self.scale = np.ones(n)
        self.at_first = []
        self.at_first_position = np.zeros(n, dtype=np.int64)

        def add(block: Float) -> int:
            nonlocal height
            blocks.append(block)
            height += block.shape[0]
            return height - block.shape[0]

        def by_calendar(mask: Bool, path: Float, exact: Callable[[int], Fraction]) -> None:
            offsets, at = _distinct(line.month[mask])
            path = np.pad(path, (0, max(longest + int(offsets[-1]) - path.size, 0)), mode="edge")
            top = add(np.stack([path[m : m + longest] for m in offsets]))
            self.row[mask] = top + at
            self.at_first_position[mask] = len(self.at_first) + at
            self.at_first.extend(exact(int(m)) for m in offsets)

        others = ~is_pre_retirement
        if others.any():
            if indexation.choice == "contract_rate":
                self._contract(records, line, others, _exact(indexation.rate or 0.0), longest, add)
            else:
                exact = _calendar_index(basis, law, valuation_date)
                span = int((line.month + n_payments)[others].max()) + 1
                path = np.array([float(exact(m)) for m in range(span)])
                by_calendar(others, path, exact)
        if is_pre_retirement.any():
            minimum = law.projected_series("subsistence_minimum", growth.subsistence_minimum)
            span = int((line.month + n_payments)[is_pre_retirement].max()) + 1
            amount = [minimum.on(_first_day(start + m)) for m in range(span)]
            path = np.array([float(a) for a in amount])
            by_calendar(is_pre_retirement, path, lambda m: Fraction(amount[m]))
        self.rows = np.ascontiguousarray(np.concatenate(blocks)) if blocks else np.ones((1, longest))
        if not self.at_first:
            self.at_first = [Fraction(1)]

    def _contract(
        self,
        records: AnnuityRecords,
        line: _Timeline,
        mask: Bool,
        rate: Fraction,
        longest: int,
        add: Callable[[Float], int],
    ) -> None:
        step = 1.0 + float(rate)
        k = np.arange(longest)
        top = add(np.stack([step ** np.where(k >= s, 1 + (k - s) // MONTHS, 0) for s in range(1, MONTHS + 1)]))
        self.row[mask] = top + line.first_step[mask] - 1
        odd = mask & (line.index_irregular == 1)
        if odd.any():
            dates, at = _distinct(records.next_payment_date[odd])
            top = add(np.stack([step ** _leap_steps(int(d), longest) for d in dates]))
            self.row[odd] = top + at
        before, at = _distinct(line.steps_before[mask])
        self.scale[mask] = (step**before)[at]
        self.at_first_position[mask] = len(self.at_first) + at
        self.at_first.extend((1 + rate) ** int(b) for b in before)


def _distinct(values: Int32) -> tuple[Int64, Int64]:
    """Distinct small integers, ascending, and the position of each value among them."""
    least = int(values.min(initial=0))
    present = np.bincount(values - least) > 0
    return np.flatnonzero(present) + least, (np.cumsum(present) - 1)[values - least]


def _exact(rate: float) -> Fraction:
    """The rate as written in the basis, not its binary neighbour."""
    return Fraction(repr(rate))


def _leap_steps(first: int, longest: int) -> NDArray[np.int64]:
    """Anniversaries of a 29 February passed since payment 0, payments on the 28th from ``first``."""
    counts = np.empty(longest + 1, dtype=np.int64)
    timeline.leap_anniversaries(first, counts)
    return counts[:longest] - counts[0]


def _calendar_index(basis: Basis, law: PayoutLaw, valuation_date: date) -> Callable[[int], Fraction]:
    """Exact index from the valuation date to a payment ``m`` calendar months on."""
    indexation = basis.assumptions.indexation
    start = valuation_date.year * MONTHS + valuation_date.month - 1
    if indexation.choice == "none":
        return lambda m: Fraction(1)
    if indexation.choice == "rate_by_year":
        cache = {valuation_date.year: Fraction(1)}

        def by_year(m: int) -> Fraction:
            year = (start + m) // MONTHS
            while year not in cache:
                last = max(cache)
                cache[last + 1] = cache[last] * (1 + Fraction(indexation.year_rate(last + 1)))
            return cache[year]

        return by_year
    mci = law.projected_series("mci", basis.assumptions.growth.mci)
    now = Fraction(mci.on(valuation_date))
    return lambda m: (Fraction(mci.on(_first_day(start + m))) if m else now) / now


def _first_day(month_index: int) -> date:
    return date(month_index // MONTHS, month_index % MONTHS + 1, 1)


def _timeline(
    records: AnnuityRecords,
    valuation_date: date,
    certified_end: Int32,
    expected_end: Int32,
    basis: Basis,
    threads: int,
) -> _Timeline:
    n = len(records)
    line = _Timeline(
        age=np.empty(n, np.int32),
        month=np.empty(n, np.int32),
        n_certified=np.empty(n, np.int32),
        part_certified=np.empty(n),
        part_days=np.empty((n, 2), np.int64),
        n_expected=np.empty(n, np.int32),
        part_expected=np.empty(n),
        node=np.empty(n, np.int32),
        duration=np.empty(n, np.int32),
        duration_irregular=np.empty(n, np.int8),
        steps_before=np.empty(n, np.int32),
        first_step=np.empty(n, np.int32),
        index_irregular=np.empty(n, np.int8),
    )
    is_worker = records.beneficiary == WORKER
    certificate_end = np.where(is_worker, records.certificate_end, np.int32(NO_DATE)).astype(np.int32)
    _, last_age_month = table_span(basis)
    outputs = tuple(vars(line).values())

    def run(start: int, stop: int) -> None:
        s = slice(start, stop)
        timeline.schedule(
            day(valuation_date), records.next_payment_date[s], records.birth_date[s],
            records.annuity_start_date[s], certified_end[s], expected_end[s], certificate_end[s],
            records.first_certificate_date[s], NO_DATE, records.sex[s], last_age_month,
            *(out[s] for out in outputs),
        )  # fmt: skip

    _in_threads(run, _slices(n, threads), threads)
    return line


def _groups(
    where: Int64,
    basis: Basis,
    line: _Timeline,
    band: NDArray[np.int8],
    base_row: Int32,
    rows: SurvivalRows,
    payment_month: Int64,
) -> tuple[Int64, Int64]:
    """Sort reviewed records into groups that share one occupancy recursion; starts and new order."""
    quantum, classes = _duration_classes(basis)
    duration = np.minimum(np.maximum(line.duration[where], 0) // quantum, classes).astype(np.int64)
    width = rows.lives.shape[1] + int(line.node[where].max()) + 1
    key = base_row[where].astype(np.int64) * len(BANDS) + band[where]
    key = (key * (classes + 1) + duration) * width + line.age[where] + line.node[where]
    odd = np.flatnonzero(line.duration_irregular[where] == 1)
    key[odd] = key.max() + 1 + odd
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    return np.append(starts, where.size).astype(np.int64), where[order]


def _duration_classes(basis: Basis) -> tuple[int, int]:
    """Months that make a difference to the choice of matrix, and the class after which none does."""
    quantum = int(np.gcd(basis.review_step, MONTHS))
    return quantum, basis.matrices.duration_from[-1] * MONTHS // quantum


def _expected(
    where: Int64,
    group_start: Int64,
    basis: Basis,
    records: AnnuityRecords,
    line: _Timeline,
    band: NDArray[np.int8],
    base_row: Int32,
    alive: Float,
    own_amount: Float,
    monthly: benefit.Benefit,
    index: _Index,
    discount_row: Int32,
    segment: Int32,
    limit: Float,
    ends_at_limit: NDArray[np.int8],
    shared: _Shared,
    law: PayoutLaw,
    payment_month: Int64,
    flow_shape: tuple[int, int],
    threads: int,
    value: Float,
    recovery: Float,
    count: Float,
) -> Int64:
    """Value the reviewed records in group order and write them back; return their cash-flow."""
    certification = basis.assumptions.certification
    pays = _paying_bands(records, law)
    other = np.zeros((where.size, len(BANDS)))
    for b, name in enumerate(BANDS):
        amount = benefit.benefit_at_degree(
            monthly,
            records,
            getattr(certification.representative_degree, name),
            proportional_deduction=certification.social_payment_on_change == "proportional",
        )
        other[:, b] = np.where(pays[:, b], amount * index.scale, 0.0)[where]
    quantum, classes = _duration_classes(basis)
    duration = np.minimum(np.maximum(line.duration[where], 0) // quantum, classes) * quantum
    irregular = line.duration_irregular[where] == 1
    duration = np.where(irregular, np.maximum(line.duration[where], 0), duration).astype(np.int32)
    irregular_month = np.where(irregular, payment_month[where] + line.node[where], -1).astype(np.int32)
    gathered = (
        base_row[where], band[where], duration, irregular_month, line.age[where], line.node[where],
        alive[where], own_amount[where], other, line.n_expected[where], line.part_expected[where],
        index.row[where], discount_row[where], line.month[where], segment[where], limit[where],
        ends_at_limit[where],
    )  # fmt: skip
    out = np.empty(where.size), np.empty(where.size), np.empty(where.size)
    terms, matrices = basis.terms, basis.matrices.probabilities
    matrix_from = np.array(basis.matrices.duration_from, dtype=np.int32)

    def run(first: int, last: int) -> Int64:
        flow = np.zeros(flow_shape, dtype=np.int64)
        annuity.expected_values(
            first, last, group_start, *gathered, shared.lives, shared.index, shared.discount,
            shared.expense_discount, basis.review_step, terms, matrices, matrix_from, NOTHING_LEFT, FLOW_GRID,
            *out, flow,
        )  # fmt: skip
        return flow

    flows = _in_threads(run, _even_groups(group_start, threads), threads)
    for target, source in zip((value, recovery, count), out, strict=True):
        target[where] = source
    return np.sum(flows, axis=0)


def _paying_bands(records: AnnuityRecords, law: PayoutLaw) -> Bool:
    """Whether each record's product pays in band A … D, shape (n, 4)."""
    compulsory = records.product == COMPULSORY
    pays = np.repeat(compulsory[:, None], len(BANDS), axis=1)
    pays[:, 0] = ~compulsory | law.edition_is("insurer_pays_band_a", True, records.accident_date)
    return pays


def _first_payment(
    records: AnnuityRecords, monthly: benefit.Benefit, index: _Index, line: _Timeline, limit: Float
) -> Int64:
    """Payment 0 of the certified measure [tiyn], exact; the voluntary one at most what is left."""
    part = np.where((line.n_certified == 1)[:, None], line.part_days, 1)
    tiyn = benefit.first_payment_tiyn(
        records, monthly, index.at_first, index.at_first_position, part, line.n_certified > 0
    )
    capped = (records.product != COMPULSORY) & (records.remaining_insured_sum != NO_AMOUNT)
    return np.where(capped, np.minimum(tiyn, records.remaining_insured_sum), tiyn)


def _additional_expenses(
    records: AnnuityRecords, basis: Basis, valuation_date: date, law: PayoutLaw
) -> Int64:
    """Expected use of what is left under the additional-expenses cap [tiyn], exact, half-up.

    ``utilisation(band of the first degree) · max(0, cap · МРП - paid)``: МРП of the valuation date for the
    compulsory product, of the first certificate for the voluntary one (docs/method-reserve.md).
    """
    result = np.zeros(len(records), dtype=np.int64)
    use = basis.assumptions.additional_expenses.utilisation
    mci = law.projected_series("mci", basis.assumptions.growth.mci)
    due = (records.beneficiary == WORKER) & law.edition_is("additional_expenses", "capped", records.accident_date)
    if not due.any():
        return result
    first_band = law.band_of(records.first_degree_of_loss)
    caps = law.latest("additional_expenses_cap")
    now = Fraction(mci.on(valuation_date))
    for b, letter in enumerate(BANDS):
        share = Fraction(repr(getattr(use, letter)))
        of_band = due & (first_band == b)
        if b > 0:
            mask = of_band & (records.product == COMPULSORY)
            result[mask] = _share_of_rest(int(caps[letter]) * now, records.expenses_paid[mask], share)
        mask = of_band & (records.product != COMPULSORY)
        if mask.any():
            where = np.flatnonzero(mask)
            then, at = mci.distinct(records.first_certificate_date[where])
            for v, value in enumerate(then):
                inside = where[at == v]
                result[inside] = _share_of_rest(int(caps["A"]) * Fraction(value), records.expenses_paid[inside], share)
    return result


def _share_of_rest(cap: Fraction, paid: Int64, share: Fraction) -> Int64:
    """``share · max(0, cap - paid)`` [tiyn] rounded half-up; ``cap`` in tenge, exact."""
    whole = cap * TIYN
    denominator = 2 * share.denominator * whole.denominator
    factor = 2 * share.numerator
    offset = share.denominator * whole.denominator
    largest = factor * (abs(whole.numerator) + int(paid.max(initial=0)) * whole.denominator) + offset
    exact = paid.astype(np.int64 if largest < 2**62 else object)
    rest = whole.numerator - exact * whole.denominator
    return ((np.maximum(rest, 0) * factor + offset) // denominator).astype(np.int64)


def _refuse_overflow(monthly: benefit.Benefit, index: _Index, n_payments: Int32) -> None:
    """Refuse amounts whose integer cash-flow could leave int64."""
    highest_index = np.maximum.accumulate(index.rows, axis=1)[index.row, np.maximum(n_payments - 1, 0)]
    highest = np.maximum(monthly.own, monthly.earnings / TIYN * monthly.adjustment) * index.scale
    bound = float((highest * highest_index).sum())
    if bound * FLOW_GRID >= 2.0**62:
        raise SafetyLimitError(
            "E9001",
            f"the portfolio's payments of one month could reach {bound:.3g} ₸: beyond exact integer cash-flows; "
            "check the amounts and the indexation, or split the portfolio",
        )


def _grid_to_tiyn(flow: Int64) -> Int64:
    """Grid units to tiyn, half-up, exact: quotient and rest apart, so that nothing overflows."""
    grid = int(FLOW_GRID)
    whole, rest = flow // grid, flow % grid
    return whole * TIYN + (2 * rest * TIYN + grid) // (2 * grid)


def _sum_flows(flows: list[tuple[Int64, Int64]]) -> tuple[Int64, Int64]:
    return np.sum([f[0] for f in flows], axis=0), np.sum([f[1] for f in flows], axis=0)


def _slices(n: int, threads: int) -> list[tuple[int, int]]:
    """Contiguous slices, a few for each thread."""
    pieces = 1 if threads == 1 else threads * 8
    edges = np.linspace(0, n, min(pieces, max(n, 1)) + 1).astype(int)
    return [(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def _even_groups(group_start: Int64, threads: int) -> list[tuple[int, int]]:
    """Runs of groups with about equally many records."""
    targets = [stop for _, stop in _slices(int(group_start[-1]), threads)]
    edges = np.unique(np.concatenate(([0], np.searchsorted(group_start, targets))))
    return [(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def _in_threads(work: Callable[[int, int], T], pieces: list[tuple[int, int]], threads: int) -> list[T]:
    """Run ``work(start, stop)`` over the pieces; results in the order of the pieces."""
    if threads == 1 or len(pieces) == 1:
        return [work(*piece) for piece in pieces]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda piece: work(*piece), pieces))


def totals_by_group(
    valuation: Valuation, records: AnnuityRecords
) -> list[tuple[str, str, str, int, dict[str, int]]]:
    """Totals by product, beneficiary and band: rows add up to the totals.

    Returns
    -------
    list of (product, beneficiary, band or "", count, amounts [tiyn])
        Only groups that have records, in the order of the enumerations.
    """
    n_bands = len(BANDS) + 1
    key = (records.product.astype(np.int16) * len(BENEFICIARIES) + records.beneficiary) * n_bands
    key = (key + valuation.band + 1).astype(np.int16)
    size = len(PRODUCTS) * len(BENEFICIARIES) * n_bands
    counts = np.bincount(key, minlength=size)
    sums = {}
    for name, column in valuation.amounts.items():
        sums[name] = np.zeros(size, dtype=np.int64)
        total.add_by_group(key, column, sums[name])
    result = []
    for g in np.flatnonzero(counts):
        product, rest = divmod(int(g), len(BENEFICIARIES) * n_bands)
        kind, band = divmod(rest, n_bands)
        letter = BANDS[band - 1] if band else ""
        amounts = {name: int(column[g]) for name, column in sums.items()}
        result.append((PRODUCTS[product], BENEFICIARIES[kind], letter, int(counts[g]), amounts))
    return result
