"""A portfolio as flat arrays on one timeline, and its value in either measure.

`project` turns checked records, a basis and the law into the arrays that the kernels need; a `Projection`
then gives the certified and the expected values, unrounded, with their cash-flow. Reserves, stresses and
single cases share this form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial import entitlement
from actuarial.basis import Basis
from actuarial.benefit import Benefit, benefit, benefit_at_degree
from actuarial.curve import discount_factors, payment_times
from actuarial.entitlement import PRE_RETIREMENT, PRODUCT_COMPULSORY, WORKER
from actuarial.error import BasisError, SafetyLimitError
from actuarial.indexation import IndexRows, distinct
from actuarial.kernels import annuity
from actuarial.money import TIYN
from actuarial.payout_law import PayoutLaw, day
from actuarial.record import BANDS, NO_AMOUNT, NO_DATE, PRODUCTS, AnnuityRecords
from actuarial.survival import CLASSES, MONTHS, SurvivalRows, survival_rows, table_span
from actuarial.timeline import Timeline, ages_at_next_payment, payment_timeline

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Int8 = NDArray[np.int8]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

FLOW_GRID = 2.0**13
"""Cash-flow amounts are whole multiples of 2⁻¹³ tenge: their sums do not depend on order."""
LARGEST_FLOW = 2.0**62
NOTHING_LEFT = 1e-5
"""Tenge: a remainder of the insured sum below this is the noise of a float sum, not money."""
SMALLEST_SURVIVORS = 1e-250
"""Below this a row of survivors is too close to the end of float64 to take ratios of."""
NO_BAND = -1
N_SEGMENTS = len(PRODUCTS) * len(CLASSES)


@dataclass(frozen=True)
class Values:
    """Values of one measure.

    Attributes
    ----------
    value, recovery : float64 (n,) [KZT]
        Present value of the payments, and of what exceeds the insured sum in them; not rounded.
    count : float64 (n,)
        Present value of 1 ₸ with each payment made, inflated: the base of expenses by month. 0 where the
        basis has none.
    flow : int64 (segments, months)
        Expected nominal payments by calendar month in units of 1 / `FLOW_GRID` ₸.
    """

    value: Float
    recovery: Float
    count: Float
    flow: Int64


@dataclass(frozen=True)
class Projection:
    """A portfolio ready to be valued; one element a record, see `project`.

    Attributes
    ----------
    line : Timeline
    pension_date : int32 (n,) [days since 1970-01-01]
    band : int8 (n,)
        Band of a worker's degree, -1 for others.
    segment : int32 (n,)
        Cash-flow segment ``product · 6 + class``.
    monthly : Benefit
    index : IndexRows
    rows : SurvivalRows
    base_row, own_row : int32 (n,)
        Survival rows of band A and of the record's own class.
    alive : float64 (n,)
        Survival to payment 0.
    discount, expense_discount : float64 (d, k)
        Discount factors by days to payment 0; with expense inflation, (0, 0) without monthly expenses.
    discount_row : int32 (n,)
    own_amount : float64 (n,) [KZT]
        Payment 0 at the own degree before a part month, without its calendar index.
    limit : float64 (n,) [KZT]
        Remaining insured sum, inf where none is given.
    ends_at_limit : int8 (n,)
    reviewed : bool (n,)
        Workers whose certificate ends before their entitlement: the expected measure differs.
    payment_month : int64 (n,)
        Calendar month index of payment 0.
    further_survival : float64 (d, k) [1]
        Chance to survive what the mortality tables do not hold (a catastrophe), by days to payment 0 and
        payment; (0, 0) for none.
    """

    records: AnnuityRecords
    basis: Basis
    law: PayoutLaw
    line: Timeline
    pension_date: Int32
    band: Int8
    segment: Int32
    monthly: Benefit
    index: IndexRows
    rows: SurvivalRows
    base_row: Int32
    own_row: Int32
    alive: Float
    discount: Float
    expense_discount: Float
    discount_row: Int32
    own_amount: Float
    limit: Float
    ends_at_limit: Int8
    reviewed: Bool
    payment_month: Int64
    further_survival: Float = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def _flow_shape(self) -> tuple[int, int]:
        return N_SEGMENTS, int((self.line.month + self.line.n_payments).max(initial=0)) + 1

    def measures(self) -> tuple[Values, Values]:
        """Certified and expected values."""
        certified = certified_together([self])
        return certified[0][0], expected_together([self], certified)[0]

    def review(self) -> Review:
        """Reviewed records in the order of their groups."""
        starts, where, duration = self._groups()
        irregular = self.line.duration_irregular[where] == 1
        month = np.where(irregular, self.payment_month[where] + self.line.node[where], -1)
        return Review(starts, where, duration, month.astype(np.int32))

    def _groups(self) -> tuple[Int64, Int64, Int32]:
        """Reviewed records in groups that share one occupancy recursion.

        Alike are survival rows, band, age at the review, and duration as far as it can choose another
        matrix: months only count in steps of the reviews, and beyond the last matrix not at all. The
        29-February cases stand alone. Returns group starts, record numbers, and durations [months].
        """
        where = np.flatnonzero(self.reviewed)
        line, basis = self.line, self.basis
        quantum = int(np.gcd(basis.review_step, MONTHS))
        last_class = basis.matrices.duration_from[-1] * MONTHS // quantum
        months = np.maximum(line.duration[where], 0)
        duration_class = np.minimum(months // quantum, last_class).astype(np.int64)
        width = self.rows.lives.shape[1] + int(line.node[where].max()) + 1
        key = self.base_row[where].astype(np.int64) * len(BANDS) + self.band[where]
        key = (key * (last_class + 1) + duration_class) * width + line.age[where] + line.node[where]
        odd = line.duration_irregular[where] == 1
        key[odd] = key.max() + 1 + np.flatnonzero(odd)
        duration = np.where(odd, months, duration_class * quantum).astype(np.int32)
        order = np.argsort(key, kind="stable")
        key = key[order]
        starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        return np.append(starts, where.size).astype(np.int64), where[order], duration[order]

    def other_amounts(self, where: Int64) -> Float:
        """Payment 0 at the representative degree of each band, 0 where the product does not pay."""
        certification = self.basis.assumptions.certification
        compulsory = self.records.product == PRODUCT_COMPULSORY
        pays_light = ~compulsory | self.law.edition_is(
            "insurer_pays_band_a", True, self.records.accident_date
        )
        other = np.zeros((where.size, len(BANDS)))
        for b, name in enumerate(BANDS):
            amount = benefit_at_degree(
                self.monthly,
                self.records,
                getattr(certification.representative_degree, name),
                proportional_deduction=certification.social_payment_on_change == "proportional",
            )
            pays = pays_light if b == 0 else compulsory
            other[:, b] = np.where(pays, amount * self.index.scale, 0.0)[where]
        return other


@dataclass(frozen=True)
class Review:
    """Workers whose certificate will be reviewed, in the order of the groups that share one recursion.

    Attributes
    ----------
    starts : int64 (groups + 1,)
    where : int64 (m,)
        Positions of the records.
    duration, irregular_month : int32 (m,)
        Months since the first certificate at the review; calendar month index of it in the 29-February
        case, -1 in the others.
    """

    starts: Int64
    where: Int64
    duration: Int32
    irregular_month: Int32


def certified_together(projections: Sequence[Projection]) -> list[tuple[Values, Int64]]:
    """Certified values of projections that differ in amounts, index, discount or further survival alone.

    Returns
    -------
    list of (Values, int64 (segments, months))
        With the cash-flow of the records whose expected measure is the same. Where two neighbours have the
        same payments they share their flows.
    """
    first = projections[0]
    line, rows, n = first.line, first.rows, len(first.records)
    out = tuple(np.empty((len(projections), n)) for _ in range(3))
    same = _same_payments(projections)
    shape = len(projections), *first._flow_shape
    flows = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    reviewed = first.reviewed.astype(np.int8)

    annuity.certified_values(
        0, n, first.own_row, line.age, first.alive, _stack([p.own_amount for p in projections]),
        line.n_certified, line.part_certified, first.index.row, first.discount_row, line.month, first.segment,
        first.limit, first.ends_at_limit, reviewed, rows.lives, rows.cumulative, rows.multiplier,
        SMALLEST_SURVIVORS, *_stacked_factors(projections), same, NOTHING_LEFT, FLOW_GRID, *out, *flows,
    )  # fmt: skip
    booked, whole = _booked(same), flows[0] + flows[1]
    return [
        (Values(out[0][s], out[1][s], out[2][s], whole[booked[s]]), flows[1][booked[s]])
        for s in range(len(projections))
    ]


def expected_together(
    projections: Sequence[Projection],
    certified: Sequence[tuple[Values, Int64]],
    review: Review | None = None,
    other_amounts: Sequence[Float] | None = None,
) -> list[Values]:
    """Expected values of projections that share survival and certification too.

    Parameters
    ----------
    projections : sequence of Projection
    certified : sequence of (Values, int64)
        Their `certified_together`.
    review : Review, optional
        That of the first, where it is known.
    other_amounts : sequence of float64 (m, 4), optional
        `Projection.other_amounts` of the reviewed records in their order, where they are known.
    """
    first = projections[0]
    if not first.reviewed.any():
        return [Values(v.value, v.recovery, v.count, flow) for v, flow in certified]
    review = review or first.review()
    where = review.where
    other = other_amounts or [p.other_amounts(where) for p in projections]
    line, rows, basis = first.line, first.rows, first.basis
    out = tuple(np.empty((len(projections), where.size)) for _ in range(3))
    same = _same_payments(projections, other)
    flows = np.zeros((len(projections), *first._flow_shape), dtype=np.int64)
    matrix_from = np.array(basis.matrices.duration_from, dtype=np.int32)

    annuity.expected_values(
        0, review.starts.size - 1, review.starts, first.base_row[where], first.band[where], review.duration,
        review.irregular_month, line.age[where], line.node[where], first.alive[where],
        _stack([p.own_amount[where] for p in projections]), _stack(other), line.n_expected[where],
        line.part_expected[where], first.index.row[where], first.discount_row[where], line.month[where],
        first.segment[where], first.limit[where], first.ends_at_limit[where], rows.lives, rows.cumulative,
        rows.multiplier, SMALLEST_SURVIVORS, *_stacked_factors(projections), same, basis.review_step,
        basis.terms, basis.matrices.probabilities, matrix_from, NOTHING_LEFT, FLOW_GRID, *out, flows,
    )  # fmt: skip
    booked = _booked(same)
    result = []
    for s, (values, unreviewed_flow) in enumerate(certified):
        value, recovery, count = (array.copy() for array in (values.value, values.recovery, values.count))
        for target, source in zip((value, recovery, count), out, strict=True):
            target[where] = source[s]
        result.append(Values(value, recovery, count, flows[booked[s]] + unreviewed_flow))
    return result


def _same_payments(projections: Sequence[Projection], other: Sequence[Float] = ()) -> Int8:
    """Whether a projection has the payments of the one before: 1 where only the discount differs."""
    payments = [
        (
            id(p.own_amount),
            id(p.index.rows),
            id(p.further_survival),
            *(id(array) for array in other[s : s + 1]),
        )
        for s, p in enumerate(projections)
    ]
    return np.array([s > 0 and payments[s] == payments[s - 1] for s in range(len(payments))], dtype=np.int8)


def _booked(same: Int8) -> Int64:
    """Which projection's cash-flow each one has."""
    return np.maximum.accumulate(np.where(same == 1, 0, np.arange(same.size)))


def _stack(arrays: Sequence[Float]) -> Float:
    return arrays[0][None] if len(arrays) == 1 else np.stack(arrays)


def _stacked_factors(projections: Sequence[Projection]) -> tuple[Float, ...]:
    """Index and its sums, discount, discount of monthly expenses and further survival, (v, …) or empty."""
    discount = _stack([p.discount for p in projections])
    none = np.empty((0, 0, 0))
    expense, further = none, none
    if any(p.expense_discount.size for p in projections):
        expense = _stack([p.expense_discount if p.expense_discount.size else p.discount for p in projections])
    if any(p.further_survival.size for p in projections):
        whole = np.ones_like(discount[0])
        further = _stack([p.further_survival if p.further_survival.size else whole for p in projections])
    index = _stack([p.index.rows for p in projections])
    return index, np.cumsum(index, axis=2), discount, expense, further


def outside_table(records: AnnuityRecords, basis: Basis) -> Bool:
    """Records whose age at the next payment the basis' mortality tables do not cover, shape (n,)."""
    return _is_outside(ages_at_next_payment(records), records.sex, basis)


def _is_outside(age: Int32, sex: Int8, basis: Basis) -> Bool:
    first, last = table_span(basis)
    return np.asarray((age < first[sex]) | (age >= last[sex] + MONTHS))


def project(records: AnnuityRecords, basis: Basis, valuation_date: date, law: PayoutLaw) -> Projection:
    """Put a portfolio, or some rows of it, on its timeline.

    Raises
    ------
    BasisError
        E4010 an age outside the mortality tables; E4006 a year without an indexation rate.
    SafetyLimitError
        E9001 amounts too large for exact integer cash-flows.
    tariffs.LawError
        A value of the law that is not on record for a date the records need.
    """
    pension = entitlement.record_pension_dates(records, law)
    expected_end = entitlement.expected_end(records, pension, law)
    certified_end = entitlement.certified_end(records, pension, law)
    _, last_age_month = table_span(basis)
    line = payment_timeline(records, valuation_date, certified_end, expected_end, last_age_month)
    if _is_outside(line.age, records.sex, basis).any():
        raise BasisError(
            "E4010",
            "some ages are outside the basis' mortality tables: check the portfolio with the basis first",
        )

    is_worker = records.beneficiary == WORKER
    band = np.where(is_worker, law.band_of(records.degree_of_loss), NO_BAND).astype(np.int8)
    mortality_class = np.where(is_worker, band, CLASSES.index("dependant")).astype(np.int8)
    mortality_class[records.beneficiary == PRE_RETIREMENT] = CLASSES.index("pre_retirement")

    valuation_month = valuation_date.year * MONTHS + valuation_date.month - 1
    payment_month = valuation_month + line.month.astype(np.int64)
    cohort = payment_month - line.age
    rows = survival_rows(basis, cohort, valuation_month)
    base_row = rows.base_row(records.sex, cohort)

    days, distinct_days, discount_row = days_to_first_payment(records, valuation_date)
    longest = int(line.n_payments.max(initial=1))
    discount, expense_discount = discount_rows(basis, distinct_days, longest)

    monthly = benefit(records, law)
    index = IndexRows(records, basis, law, valuation_date, line, longest)
    refuse_overflow(monthly, index, line.n_payments)
    certificate_end = np.where(is_worker, records.certificate_end, np.int32(NO_DATE))
    left = records.remaining_insured_sum
    return Projection(
        records=records,
        basis=basis,
        law=law,
        line=line,
        pension_date=pension,
        band=band,
        segment=records.product.astype(np.int32) * len(CLASSES) + mortality_class,
        monthly=monthly,
        index=index,
        rows=rows,
        base_row=base_row,
        own_row=(base_row + mortality_class).astype(np.int32),
        alive=rows.to_first_payment(records.sex, mortality_class, line.age, payment_month, days),
        discount=discount,
        expense_discount=expense_discount,
        discount_row=discount_row.astype(np.int32),
        own_amount=monthly.own * index.scale,
        limit=np.where(left == NO_AMOUNT, np.inf, left / TIYN),
        ends_at_limit=(records.product != PRODUCT_COMPULSORY).astype(np.int8),
        reviewed=(certificate_end != NO_DATE)
        & ((expected_end == NO_DATE) | (certificate_end < expected_end)),
        payment_month=payment_month,
    )


def days_to_first_payment(records: AnnuityRecords, valuation_date: date) -> tuple[Int32, Int64, Int64]:
    """Days from the valuation date to payment 0 (n,), the distinct ones (d,), and which one each has."""
    days = (records.next_payment_date - np.int32(day(valuation_date))).astype(np.int32)
    return (days, *distinct(days))


def discount_rows(basis: Basis, distinct_days: Int64, longest: int) -> tuple[Float, Float]:
    """Discount factors by days to payment 0 and payment, and those of monthly expenses, (0, 0) without."""
    discount = discount_factors(basis.curve, distinct_days, longest)
    expenses = basis.assumptions.expenses
    if not expenses.per_month:
        return discount, np.empty((0, 0))
    years = payment_times(distinct_days, longest)
    return discount, discount * np.exp(years * np.log1p(expenses.inflation))


def refuse_overflow(monthly: Benefit, index: IndexRows, n_payments: Int32) -> None:
    """Refuse amounts whose integer cash-flow could leave int64: E9001."""
    highest_index = np.maximum.accumulate(index.rows, axis=1)[index.row, np.maximum(n_payments - 1, 0)]
    highest = np.maximum(monthly.own, monthly.earnings / TIYN * monthly.adjustment) * index.scale
    most = highest * highest_index
    bound = float(most.sum())
    if not bound * FLOW_GRID < LARGEST_FLOW:
        largest = int(np.argmax(most))
        raise SafetyLimitError(
            "E9001",
            "the largest payments add up to {bound:.3g} ₸ a month, beyond exact integer cash-flows; record "
            "{record} alone reaches {largest:.3g} ₸: check its amounts and the indexation, or split the "
            "portfolio",
            largest,
            bound=bound,
            largest=most[largest],
        )
