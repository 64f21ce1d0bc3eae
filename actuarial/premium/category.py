"""The premium of a compulsory contract of 2007-05-07 to 2015-05-09: agreed rates by category of staff.

OSNS Law 17(2) in the edition of 2007-05-07: the premium is the sum over categories (production,
administrative, auxiliary) of a rate agreed inside the law's bounds times the payroll of the category.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import tariffs
from actuarial.language import text
from actuarial.money import exact_tiyn
from actuarial.premium.choice import PremiumError
from actuarial.premium.compulsory import (
    DAY,
    PartPremium,
    Premium,
    Record,
    months_later,
    shown,
    shown_percent,
    spread,
)

CATEGORIES = ("production", "administrative", "auxiliary")


@dataclass(frozen=True, slots=True)
class StaffCategory:
    """A category of staff and the rate agreed for it.

    Attributes
    ----------
    category : {'production', 'administrative', 'auxiliary'}
    annual_payroll : Decimal [KZT/year]
    rate : Decimal [1] or None
        The agreed rate, a required input: the law gives bounds only.
    risk_class : int, optional
        Required for production.
    """

    category: str
    annual_payroll: Decimal
    rate: Decimal | None
    risk_class: int | None = None


def category_premium(
    contract_date: date,
    categories: Sequence[StaffCategory],
    *,
    insured_sum: Decimal | None = None,
    n_workers: int | None = None,
) -> Premium:
    """Return the premium of a contract of 2007-05-07 to 2015-05-09.

    Parameters
    ----------
    contract_date : date
    categories : sequence of StaffCategory
    insured_sum : Decimal [KZT], optional
        Default the annual payroll.
    n_workers : int, optional

    Returns
    -------
    Premium
        Rounded half-up to the tiyn, once. No payroll cap and no minimum premium in this edition; its
        correction coefficient is not on record, so none is applied, and a note says so.

    Raises
    ------
    PremiumError
        E4202 the day is not of this edition, E4204 a category, E4205 insured sum below the payroll, E4208 a
        rate that is missing or outside the bounds.

    Examples
    --------
    >>> offices = StaffCategory("administrative", Decimal(10_000_000), Decimal("0.001"))
    >>> category_premium(date(2010, 1, 1), [offices]).premium
    1000000
    """
    bounds = tariffs.parameter("tariff_bounds")
    edition = bounds.entries[0]
    if edition.end is None or not edition.start <= contract_date < edition.end:
        raise PremiumError(
            "E4202",
            "the contract is of {contract_date}: rates by category of staff hold from {start} to "
            "{last_day}. Give class and payroll without categories.",
            contract_date=contract_date,
            start=edition.start,
            last_day=edition.last_day,
        )
    if not categories:
        raise PremiumError("E4204", "no category of staff: give payroll and agreed rate of each")
    record = Record()
    rows = [_row(item, edition.value) for item in categories]
    premiums = []
    for item, row in zip(categories, rows, strict=True):
        record.law("tariff_bounds", contract_date, {key: v for key, v in row.items() if v is not None})
        rate = _agreed_rate(item, row)
        premiums.append(Fraction(rate) * Fraction(item.annual_payroll))
        bound = text(
            "inside {rate_min}-{rate_max}",
            rate_min=shown_percent(row["rate_min"]),
            rate_max=shown_percent(row["rate_max"]),
        )
        formula = text(
            "{rate} ({bound}) × {annual_payroll}",
            rate=shown_percent(rate),
            bound=bound,
            annual_payroll=shown(item.annual_payroll),
        )
        record.step(text("premium of {item} staff", item=_label(item)), formula, premiums[-1], "17(2)")
    payrolls = [Fraction(item.annual_payroll) for item in categories]
    payroll = sum(payrolls, Fraction(0))
    insured = payroll if insured_sum is None else Fraction(insured_sum)
    if insured < payroll:
        raise PremiumError(
            "E4205",
            "the insured sum {insured} is below the annual payroll {payroll} (OSNS Law 16)",
            insured=shown(insured),
            payroll=shown(payroll),
        )
    total = sum(premiums, Fraction(0))
    record.step(text("premium"), text("sum over the categories, rounded half-up to the tiyn"), total, "17(2)")
    record.notes.append(
        text(
            "The correction coefficient of this edition is not on record: none is applied. The contract may "
            "name one."
        )
    )
    premium, insured_tiyn = exact_tiyn(total), exact_tiyn(insured)
    sums, shares = spread(insured_tiyn, payrolls), spread(premium, premiums)
    parts = tuple(
        PartPremium(
            name=_label(item),
            risk_class=item.risk_class or 0,
            tariff_rate=item.rate or Decimal(0),
            annual_payroll=exact_tiyn(payrolls[k]),
            base_sum=sums[k],
            insured_sum=sums[k],
            base_premium=exact_tiyn(premiums[k]),
            premium=shares[k],
        )
        for k, item in enumerate(categories)
    )
    return Premium(
        annual_payroll=exact_tiyn(payroll),
        insured_sum=insured_tiyn,
        base_premium=premium,
        article_17_premium=premium,
        premium=premium,
        minimum_applied=False,
        mean_annual_injured=None,
        correction_coefficient=None,
        discount=Decimal(0),
        start_date=contract_date,
        end_date=months_later(contract_date, 12) - DAY,
        n_workers=n_workers,
        parts=parts,
        steps=tuple(record.steps),
        entries=tuple(record.entries),
        choices={},
        notes=tuple(record.notes),
        exact=total,
    )


def _label(item: StaffCategory) -> str:
    return (
        item.category
        if item.risk_class is None
        else text("{category} class {risk_class}", category=item.category, risk_class=item.risk_class)
    )


def _row(item: StaffCategory, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Bounds of a category; those without a class in the law hold for every class."""
    if item.category not in CATEGORIES:
        raise PremiumError(
            "E4204",
            "category {category!r} is not one of {categories}",
            category=item.category,
            categories=", ".join(CATEGORIES),
        )
    if item.annual_payroll <= 0:
        raise PremiumError(
            "E4204",
            "payroll of {category} staff is {annual_payroll}, not above 0",
            category=item.category,
            annual_payroll=item.annual_payroll,
        )
    for row in rows:
        if row["category"] == item.category and row["risk_class"] in (None, item.risk_class):
            return row
    raise PremiumError(
        "E4204",
        "{category} staff of class {risk_class}: give the class of the activity",
        category=item.category,
        risk_class=item.risk_class,
    )


def _agreed_rate(item: StaffCategory, row: Mapping[str, Any]) -> Decimal:
    low, high = row["rate_min"], row["rate_max"]
    between = text("{low} to {high}", low=shown_percent(low), high=shown_percent(high))
    if item.rate is None:
        raise PremiumError(
            "E4208",
            "the rate of {item} staff is missing: the parties agree one from {between} (17(2))",
            item=_label(item),
            between=between,
        )
    if not low <= item.rate <= high:
        raise PremiumError(
            "E4208",
            "the rate of {item} staff is {rate}: the law allows {between} (17(2))",
            item=_label(item),
            rate=shown_percent(item.rate),
            between=between,
        )
    return item.rate
