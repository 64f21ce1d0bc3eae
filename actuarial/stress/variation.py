"""The projection of a scenario from the projection of the base: only what it touches is made anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from actuarial.benefit import benefit
from actuarial.indexation import IndexRows
from actuarial.projection import (
    Projection,
    days_to_first_payment,
    discount_rows,
    project,
    refuse_overflow,
)
from actuarial.stress.situation import Part, Situation
from actuarial.survival import MONTHS, survival_rows

T = TypeVar("T", bound=np.generic)


def varied(base: Projection, situation: Situation, valuation_date: date) -> Projection:
    """The projection that `project` would give for the situation's basis, law and records.

    Arrays that do not change are the base's own: whoever values several projections sees by their identity
    what they share.

    Raises
    ------
    BasisError, SafetyLimitError, tariffs.LawError
        As `project`.
    """
    touched = situation.touched
    longest = base.discount.shape[1]
    if Part.EVERYTHING in touched:
        anew = project(situation.records(base.records), situation.basis, valuation_date, situation.law)
        _, distinct_days, _ = days_to_first_payment(anew.records, valuation_date)
        further = situation.further_survival(distinct_days, anew.discount.shape[1])
        return replace(anew, further_survival=further)
    new: dict[str, Any] = {"basis": situation.basis, "law": situation.law}
    records = base.records
    days, distinct_days, _ = days_to_first_payment(records, valuation_date)
    if Part.AMOUNT in touched:
        records = new["records"] = situation.records(records)
        new["monthly"] = benefit(records, situation.law)
    if Part.INDEX in touched:
        new["index"] = IndexRows(records, situation.basis, situation.law, valuation_date, base.line, longest)
    if touched & {Part.AMOUNT, Part.INDEX}:
        monthly, index = new.get("monthly", base.monthly), new.get("index", base.index)
        refuse_overflow(monthly, index, base.line.n_payments)
        new["own_amount"] = kept(monthly.own * index.scale, base.own_amount)
        if index is not base.index:
            index.rows = kept(index.rows, base.index.rows)
    if Part.DISCOUNT in touched:
        discount, expense = discount_rows(situation.basis, distinct_days, longest)
        new["discount"] = kept(discount, base.discount)
        new["expense_discount"] = kept(expense, base.expense_discount)
    if Part.SURVIVAL in touched:
        cohort = base.payment_month - base.line.age
        month = valuation_date.year * MONTHS + valuation_date.month - 1
        rows = survival_rows(situation.basis, cohort, month)
        mortality_class = (base.own_row - base.base_row).astype(np.int8)
        base_row = rows.base_row(records.sex, cohort)
        base_row = kept(base_row, base.base_row)
        new |= {
            "rows": rows,
            "base_row": base_row,
            "own_row": (base_row + mortality_class).astype(np.int32),
            "alive": rows.to_first_payment(
                records.sex, mortality_class, base.line.age, base.payment_month, days
            ),
        }
    if Part.FURTHER_SURVIVAL in touched:
        new["further_survival"] = situation.further_survival(distinct_days, longest)
    return replace(base, **new)


def kept(new: NDArray[T], old: NDArray[T]) -> NDArray[T]:
    """The old array where the new one is equal, so that it is seen as the same."""
    return old if np.array_equal(new, old) else new


def shares_review(projection: Projection, base: Projection) -> bool:
    """Whether the reviewed records fall into the same groups, so that the base's order serves."""
    return (
        projection.line is base.line
        and projection.base_row is base.base_row
        and projection.basis.review_step == base.basis.review_step
        and projection.basis.matrices.duration_from == base.basis.matrices.duration_from
    )
