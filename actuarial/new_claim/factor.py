"""What 1 ₸ a month is worth to a new claimant: the engine's own annuity values, taken apart.

The expected value of a worker's annuity is linear in the amounts paid at the own degree and at the
representative degree of each band; a dependant's is linear in the one amount. So values of unit amounts, made
once by `actuarial.projection` for every sex, month of age, band and month of accident, price any simulated
claim exactly as the engine would price it alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.entitlement import WORKER, pension_dates
from actuarial.new_claim.model import AgeGroup, Member, NewClaimError, Victim
from actuarial.payout_law import PayoutLaw, calendar_date
from actuarial.premium.record import anniversaries
from actuarial.projection import Projection, certified_together, expected_together, outside_table, project
from actuarial.record import BANDS, BENEFICIARIES, NO_AMOUNT, NO_ANSWER, NO_DATE, NO_DEGREE, AnnuityRecords

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Float = NDArray[np.float64]

MONTHS = 12
STATES = 5
"""Own degree without a break, then the representative degrees of A, B, C, D."""
OWN = 0


@dataclass(frozen=True)
class VictimCells:
    """The sexes and months of age a victim can have, and the chance of each.

    Attributes
    ----------
    sex : int8 (c,)
    age : int64 (c,) [months]
        At the accident.
    chance : float64 (c,) [1]
    """

    sex: NDArray[np.int8]
    age: Int64
    chance: Float


@dataclass(frozen=True)
class Factors:
    """Values on the valuation date of 1 ₸ a month from the first payment on, alive at the accident.

    Attributes
    ----------
    worker : float64 (months, 4 bands, c, 5 states)
        Present value of 1 ₸ a month paid in one state only.
    worker_count : float64 (months, 4, c, 5)
        Present value of 1 ₸ with each payment in that state, inflated; zeros where the basis has no monthly
        expenses.
    member_start : int64 (k + 1,)
        Cells of member k of the families are ``member_start[k] : member_start[k + 1]``, alike likely.
    member, member_count : float64 (months, cells)
        The same for a dependant's payments.
    """

    worker: Float
    worker_count: Float
    member_start: Int64
    member: Float
    member_count: Float


def victim_cells(victim: Victim) -> VictimCells:
    """Cells of a model's victims: chances of the two sexes, of the age groups, evenly by month inside."""
    age, chance = _ages(victim.ages)
    sex = np.repeat(np.array([0, 1], dtype=np.int8), age.size)
    of_sex = np.repeat([victim.male_share, 1.0 - victim.male_share], age.size)
    return VictimCells(sex, np.tile(age, 2), of_sex * np.tile(chance, 2))


def _ages(groups: Sequence[AgeGroup]) -> tuple[Int64, Float]:
    spans = [np.arange(group.first * MONTHS, (group.last + 1) * MONTHS) for group in groups]
    chances = [np.full(span.size, group.share / span.size) for group, span in zip(groups, spans, strict=True)]
    return np.concatenate(spans), np.concatenate(chances)


def unit_values(projection: Projection, states: Sequence[int]) -> tuple[Float, Float]:
    """Expected value and count of payments of 1 ₸ a month in one state, float64 (n, states) each.

    Payment 0 is 1 ₸ whatever the index did before it, and the person is alive at the accident: chances to die
    between the valuation date and payment 0 are not the claimant's.
    """
    n = len(projection.records)
    unit = 1.0 / projection.index.rows[projection.index.row, 0]
    review = projection.review() if projection.reviewed.any() else None
    reviewed = np.empty(0, dtype=np.int64) if review is None else review.where
    alone, others = [], []
    for state in states:
        own = unit if state == OWN else np.zeros(n)
        alone.append(replace(projection, own_amount=own, alive=np.ones(n)))
        other = np.zeros((reviewed.size, len(BANDS)))
        if state != OWN:
            other[:, state - 1] = unit[reviewed]
        others.append(other)
    expected = expected_together(alone, certified_together(alone), review, others)
    return np.stack([v.value for v in expected], axis=1), np.stack([v.count for v in expected], axis=1)


def annuity_factors(
    cells: VictimCells,
    members: Sequence[Member],
    middle: Int32,
    delay_months: int,
    basis: Basis,
    valuation_date: date,
    law: PayoutLaw,
) -> Factors:
    """Values of unit annuities of victims and dependants, for accidents on the day that stands for a month.

    A worker's payments begin with the first certificate, ``delay_months`` after the accident; its term is the
    basis' for the band. A dependant's begin on the day of the accident.

    Raises
    ------
    NewClaimError
        E4508 a spouse or parent below pension age: they are not entitled by age; E4509 an age outside the
        basis' mortality tables.
    """
    shape = (middle.size, len(BANDS), cells.sex.size)
    records = worker_records(cells, middle, delay_months, basis, law)
    _refuse_outside(records, basis, "victim.ages")
    projection = project(records, basis, valuation_date, law)
    worker, count = (array.reshape(*shape, STATES) for array in unit_values(projection, range(STATES)))
    starts, dependants = member_records(members, middle, law)
    if not len(dependants):
        nothing = np.zeros((middle.size, 0))
        return Factors(worker, count, starts, nothing, nothing)
    _refuse_outside(dependants, basis, "dependants.families")
    value, paid = unit_values(project(dependants, basis, valuation_date, law), [OWN])
    by_month = (middle.size, int(starts[-1]))
    return Factors(worker, count, starts, value.reshape(by_month), paid.reshape(by_month))


def worker_records(
    cells: VictimCells, middle: Int32, delay_months: int, basis: Basis, law: PayoutLaw
) -> AnnuityRecords:
    """Workers of every month, band and cell, in that order; amounts are not filled."""
    n_cells = cells.sex.size
    accident = np.repeat(middle, len(BANDS) * n_cells)
    band = np.tile(np.repeat(np.arange(len(BANDS)), n_cells), middle.size)
    age = np.tile(cells.age, middle.size * len(BANDS))
    start = anniversaries(middle, delay_months).astype(np.int32)
    first = np.repeat(start, len(BANDS) * n_cells)
    certification = basis.assumptions.certification
    degrees = [getattr(certification.representative_degree, letter) for letter in BANDS]
    ends = [anniversaries(start, int(term)) if term else np.full(start.size, NO_DATE) for term in basis.terms]
    certificate_end = np.repeat(np.stack(ends, axis=1).reshape(-1), n_cells).astype(np.int32)
    return blank_records(
        law,
        beneficiary=np.full(accident.size, WORKER, dtype=np.int8),
        sex=np.tile(cells.sex, middle.size * len(BANDS)),
        birth_date=birth_dates(accident, age),
        accident_date=accident,
        first_certificate_date=first,
        certificate_end=certificate_end,
        degree_of_loss=np.array(degrees)[band].astype(np.int16),
        next_payment_date=first,
    )


def member_records(members: Sequence[Member], middle: Int32, law: PayoutLaw) -> tuple[Int64, AnnuityRecords]:
    """Cells of each member of the families, and their records of every month and cell, in that order."""
    parts = [_member_cells(member, law) for member in members]
    starts = np.concatenate(([0], np.cumsum([part[0].size for part in parts]))).astype(np.int64)
    if not parts:
        empty = np.empty(0, dtype=np.int32)
        return starts, blank_records(
            law,
            beneficiary=empty.astype(np.int8),
            sex=empty.astype(np.int8),
            birth_date=empty,
            accident_date=empty,
            next_payment_date=empty,
        )
    sex, age, left = (np.concatenate(column) for column in zip(*parts, strict=True))
    kind = np.repeat([BENEFICIARIES.index(member.beneficiary) for member in members], np.diff(starts)).astype(
        np.int8
    )
    accident = np.repeat(middle, sex.size)
    ages, lefts, n = np.tile(age, middle.size), np.tile(left, middle.size), middle.size
    end = np.where(lefts < 0, np.int32(NO_DATE), months_after(accident, np.maximum(lefts, 0)))
    end = end.astype(np.int32)
    kinds = np.tile(kind, n)
    birth = birth_dates(accident, ages)
    sexes = np.tile(sex, n)
    _refuse_young(members, starts, middle, birth, sexes, law)
    is_disabled = kinds == BENEFICIARIES.index("disabled_dependant")
    return starts, blank_records(
        law,
        beneficiary=kinds,
        sex=sexes,
        birth_date=birth,
        accident_date=accident,
        certificate_end=np.where(is_disabled, end, np.int32(NO_DATE)).astype(np.int32),
        entitlement_end=np.where(is_disabled, np.int32(NO_DATE), end).astype(np.int32),
        next_payment_date=accident,
    )


def _member_cells(member: Member, law: PayoutLaw) -> tuple[NDArray[np.int8], Int64, Int64]:
    """Sex, months of age and months left (-1 = by the rule of the kind) of the cells of one member."""
    sexes = {"male": [0], "female": [1], "either": [0, 1]}[member.sex]
    if member.child_age is None:
        age = np.arange(member.age[0] * MONTHS, (member.age[1] + 1) * MONTHS)
        left = np.full(1, -1 if member.entitled_months is None else member.entitled_months)
    else:
        # a carer's age matters little: the middle of each year; the child's months matter
        until = MONTHS * int(law.latest("entitlement_age_carer_child"))
        age = np.arange(member.age[0], member.age[1] + 1) * MONTHS + MONTHS // 2
        child = np.arange(member.child_age[0] * MONTHS, (member.child_age[1] + 1) * MONTHS)
        left = np.maximum(until - child, 0)
    grid = np.meshgrid(sexes, age, left, indexing="ij")
    return grid[0].ravel().astype(np.int8), grid[1].ravel(), grid[2].ravel()


def _refuse_young(
    members: Sequence[Member],
    starts: Int64,
    middle: Int32,
    birth: Int32,
    sex: NDArray[np.int8],
    law: PayoutLaw,
) -> None:
    """Refuse spouses and parents who are not of pension age: without it they have no right by age."""
    for k, member in enumerate(members):
        if member.beneficiary not in ("spouse", "parent"):
            continue
        cells = slice(int(starts[k]), int(starts[k + 1]))
        reached = pension_dates(sex[cells], birth[cells], law)
        if (reached > middle[0]).any():
            raise NewClaimError(
                "E4508",
                "dependants.families: a {beneficiary} of {age} may be below pension age on {day} and has no "
                "right by age: raise the lower age, or make it a carer or a disabled_dependant",
                beneficiary=member.beneficiary,
                age=member.age[0],
                day=calendar_date(int(middle[0])),
            )


def _refuse_outside(records: AnnuityRecords, basis: Basis, key: str) -> None:
    outside = outside_table(records, basis)
    if outside.any():
        spans = ", ".join(f"{t.id} {t.first_age}-{t.last_age}" for t in basis.tables.values())
        raise NewClaimError(
            "E4509",
            "{key}: some ages are outside the mortality tables of the basis ({spans}): change the ages of "
            "the model, or take other tables",
            key=key,
            spans=spans,
        )


def months_after(days: Int32, months: Int64) -> Int64:
    """Day so many months after each day, int64 (n,); a day that month lacks is its last."""
    result = np.empty(days.size, dtype=np.int64)
    for value in np.unique(months):
        here = months == value
        result[here] = anniversaries(days[here], int(value))
    return result


def birth_dates(accident: Int32, age: Int64) -> Int32:
    """Day of birth of somebody so many months old on a day, int32 (n,)."""
    return months_after(accident, -age).astype(np.int32)


def blank_records(law: PayoutLaw, **columns: NDArray[Any]) -> AnnuityRecords:
    """Compulsory records with the given columns, the others empty; the annuity starts with payment 0.

    Amounts are not asked of them, so any day that has a minimum wage serves as the contract date.
    """
    n = columns["beneficiary"].size
    on_record = np.full(n, law.series("minimum_wage").starts[-1], dtype=np.int32)
    start = columns["next_payment_date"]
    degree = columns.get("degree_of_loss", np.full(n, NO_DEGREE, dtype=np.int16))
    no_date = np.full(n, NO_DATE, dtype=np.int32)
    no_amount = np.full(n, NO_AMOUNT, dtype=np.int64)
    no_answer = np.full(n, NO_ANSWER, dtype=np.int8)
    empty = AnnuityRecords(
        claim_id=None,
        product=np.zeros(n, dtype=np.int8),
        beneficiary=columns["beneficiary"],
        sex=columns["sex"],
        birth_date=columns["birth_date"],
        contract_date=on_record,
        accident_date=columns["accident_date"],
        first_certificate_date=no_date,
        certificate_end=no_date,
        degree_of_loss=degree,
        first_degree_of_loss=degree,
        average_monthly_earnings=np.zeros(n, dtype=np.int64),
        social_payment=np.zeros(n, dtype=np.int64),
        current_monthly_payment=no_amount,
        share=np.full(n, np.nan),
        entitlement_end=no_date,
        annuity_start_date=start,
        next_payment_date=start,
        remaining_insured_sum=no_amount,
        pension_contribution_exempt=no_answer,
        pension_date=no_date,
        expenses_paid=np.zeros(n, dtype=np.int64),
        pension_stop=no_answer,
    )
    return replace(empty, **columns)
