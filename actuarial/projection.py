"""A portfolio as flat arrays on one timeline, and its value in either measure.

`project` turns checked records, a basis and the law into the arrays that the kernels need; a `Projection`
then gives the certified and the expected values, unrounded, with their cash-flow. Reserves, stresses and
single cases share this form.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    @property
    def _flow_shape(self) -> tuple[int, int]:
        return N_SEGMENTS, int((self.line.month + self.line.n_payments).max(initial=0)) + 1

    def measures(self) -> tuple[Values, Values]:
        """Certified and expected values."""
        certified, unreviewed_flow = self._certified()
        if not self.reviewed.any():
            return certified, Values(certified.value, certified.recovery, certified.count, unreviewed_flow)
        expected = Values(
            certified.value.copy(), certified.recovery.copy(), certified.count.copy(), unreviewed_flow
        )
        self._review(expected)
        return certified, expected

    def _certified(self) -> tuple[Values, Int64]:
        """Certified values, and the cash-flow of the records whose expected measure is the same."""
        n = len(self.records)
        line = self.line
        out = np.empty(n), np.empty(n), np.empty(n)
        unreviewed = (~self.reviewed).astype(np.int8)

        flows = np.zeros((2, *self._flow_shape), dtype=np.int64)
        annuity.certified_values(
            0, n, self.own_row, line.age, self.alive, self.own_amount, line.n_certified, line.part_certified,
            self.index.row, self.discount_row, line.month, self.segment, self.limit, self.ends_at_limit,
            unreviewed, self.rows.lives, self.rows.cumulative, self.rows.multiplier, SMALLEST_SURVIVORS,
            self.index.rows, self.discount, self.expense_discount, NOTHING_LEFT, FLOW_GRID, *out, flows[0],
            flows[1],
        )  # fmt: skip
        return Values(*out, flows[0]), flows[1]

    def _review(self, expected: Values) -> None:
        """Replace the values of reviewed records by expected ones and add their cash-flow."""
        group_start, where, duration = self._groups()
        line = self.line
        irregular = line.duration_irregular[where] == 1
        irregular_month = np.where(irregular, self.payment_month[where] + line.node[where], -1)
        gathered = (
            self.base_row[where], self.band[where], duration, irregular_month.astype(np.int32),
            line.age[where], line.node[where], self.alive[where], self.own_amount[where],
            self._other_amounts(where), line.n_expected[where], line.part_expected[where],
            self.index.row[where], self.discount_row[where], line.month[where], self.segment[where],
            self.limit[where], self.ends_at_limit[where],
        )  # fmt: skip
        out = np.empty(where.size), np.empty(where.size), np.empty(where.size)
        basis = self.basis
        matrix_from = np.array(basis.matrices.duration_from, dtype=np.int32)

        annuity.expected_values(
            0, group_start.size - 1, group_start, *gathered, self.rows.lives, self.rows.cumulative,
            self.rows.multiplier, SMALLEST_SURVIVORS, self.index.rows, self.discount, self.expense_discount,
            basis.review_step, basis.terms, basis.matrices.probabilities, matrix_from, NOTHING_LEFT,
            FLOW_GRID, *out, expected.flow,
        )  # fmt: skip
        for target, source in zip((expected.value, expected.recovery, expected.count), out, strict=True):
            target[where] = source

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

    def _other_amounts(self, where: Int64) -> Float:
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
    rows = survival_rows(basis, cohort, line.age)
    base_row = rows.base_row(records.sex, cohort)

    days = (records.next_payment_date - np.int32(day(valuation_date))).astype(np.int32)
    distinct_days, discount_row = distinct(days)
    longest = int(line.n_payments.max(initial=1))
    discount = discount_factors(basis.curve, distinct_days, longest)
    expense_discount = np.empty((0, 0))
    if basis.assumptions.expenses.per_month:
        years = payment_times(distinct_days, longest)
        expense_discount = discount * np.exp(years * np.log1p(basis.assumptions.expenses.inflation))

    monthly = benefit(records, law)
    index = IndexRows(records, basis, law, valuation_date, line, longest)
    _refuse_overflow(monthly, index, line.n_payments)
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


def _refuse_overflow(monthly: Benefit, index: IndexRows, n_payments: Int32) -> None:
    """Refuse amounts whose integer cash-flow could leave int64."""
    highest_index = np.maximum.accumulate(index.rows, axis=1)[index.row, np.maximum(n_payments - 1, 0)]
    highest = np.maximum(monthly.own, monthly.earnings / TIYN * monthly.adjustment) * index.scale
    most = highest * highest_index
    bound = float(most.sum())
    if not bound * FLOW_GRID < LARGEST_FLOW:
        largest = int(np.argmax(most))
        raise SafetyLimitError(
            "E9001",
            f"the largest payments add up to {bound:.3g} ₸ a month, beyond exact integer cash-flows; record "
            f"{{record}} alone reaches {most[largest]:.3g} ₸: check its amounts and the indexation, or "
            "split the portfolio",
            largest,
        )
