"""Three tiers of protection of one person: state benefit, Social Insurance Fund, insurer.

Replacement rate = (tier 1 + tier 2 + tier 3) / former earnings (concept of social protection of 2001; the
ministry's letter of 25.05.2023). Only the payment of tier 2 for loss of work capacity is offset against
tier 3; the state benefit never is (Civil Code 937(2)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from actuarial.claim.case import Case, CaseError, LawNotes
from actuarial.claim.monthly_benefit import MonthlyBenefit
from actuarial.money import TIYN, exact_tiyn, tenge_text
from actuarial.payment_schedule import MONTHS, index_path, months_later
from tariffs.social_payment import indexed_social_payment


@dataclass(frozen=True, slots=True)
class Tiers:
    """The three tiers on one day [tiyn/month] and the rate of former earnings they replace.

    Attributes
    ----------
    day : date
    state, fund, insurer, former_earnings : int [tiyn/month]
    is_projected : bool
        The day or a figure on it rests on assumptions.
    """

    day: date
    state: int
    fund: int
    insurer: int
    former_earnings: int
    is_projected: bool

    @property
    def replacement_rate(self) -> Fraction:
        """Fraction of former earnings replaced [1]."""
        return Fraction(self.state + self.fund + self.insurer, self.former_earnings)


def tiers(
    case: Case,
    result: MonthlyBenefit,
    law: LawNotes,
    *,
    years: int = 0,
    growth: Mapping[str, Decimal] | None = None,
) -> tuple[Tiers, ...]:
    """The three tiers on the day of payment and on its anniversaries.

    Tier 1: subsistence minimums of the disability group on the day (0 without a group), projected with
    ``case.growth``. Tier 2: the payment of the Fund, and after the day with ``growth['social_payment']`` a
    year. Tier 3: the payment in force with the index of the case; 0 from ``payable_until``, and tier 2 is 0
    from the pension date. Former earnings: before the cap, with ``growth['earnings']`` a year if given.

    Parameters
    ----------
    case : Case
    result : MonthlyBenefit
    law : LawNotes
    years : int
        Anniversaries to project.
    growth : mapping of str to Decimal
        Yearly growth: social_payment, earnings; needed for a projection.

    Returns
    -------
    tuple of Tiers

    Raises
    ------
    CaseError
        E5403 a projection without its growth.
    """
    growth = dict(growth or {})
    if not result.average_earnings:
        return ()
    if years:
        missing = [f"projection.{n}_growth" for n in ("social_payment", "earnings") if n not in growth]
        missing += [name for name in ("growth", "indexation") if getattr(case, name) is None]
        if missing:
            raise CaseError(
                "E5403",
                "{keys}: empty; a projection of {years} years needs them. The growth of "
                "former earnings may be 0: then the rate is of the nominal earnings",
                keys=", ".join(missing),
                years=years,
            )
    start = result.payment_day
    fund = _fund(case, result, law)
    index = None
    if years and case.indexation is not None:
        index = index_path(case.indexation, case.growth, law.payout, start, case.annuity_start_date or start)
    rows = []
    for year in range(years + 1):
        day = months_later(start, MONTHS * year)
        paid = result.payable_until is None or day < result.payable_until
        insurer = result.in_force_exact * (index(day) if index else 1) if paid else Fraction(0)
        raised = fund * Fraction(1 + growth.get("social_payment", Decimal(0))) ** year
        former = (
            Fraction(result.average_earnings, TIYN) * Fraction(1 + growth.get("earnings", Decimal(0))) ** year
        )
        rows.append(
            Tiers(
                day,
                exact_tiyn(_state(case, day, law)),
                exact_tiyn(raised) if day < result.pension_date else 0,
                exact_tiyn(insurer),
                exact_tiyn(former),
                year > 0,
            )
        )
    return tuple(rows)


def _state(case: Case, day: date, law: LawNotes) -> Fraction:
    """State benefit of the disability group on a day [KZT/month]."""
    if case.disability_group is None:
        return Fraction(0)
    if case.growth is None:
        minimum = law.value("subsistence_minimum", day)
    else:
        minimum = law.payout.projected_series("subsistence_minimum", case.growth.subsistence_minimum).on(day)
    return Fraction(law.value("state_disability_benefit", day)[case.disability_group] * minimum)


def _fund(case: Case, result: MonthlyBenefit, law: LawNotes) -> Fraction:
    """Payment of the Fund on the day of payment [KZT/month], raised since its award."""
    if result.social is None:
        return Fraction(case.social_payment or 0)
    amount, rises = indexed_social_payment(
        result.social.amount, result.social.entitlement_date, result.payment_day
    )
    law.add(rises)
    return Fraction(amount)


def as_json(rows: tuple[Tiers, ...]) -> list[dict[str, Any]]:
    """Return the tiers as plain values; amounts as text in tenge, the rate as a number."""
    return [
        {
            "date": row.day.isoformat(),
            "state_benefit": tenge_text(row.state),
            "social_payment": tenge_text(row.fund),
            "insurer": tenge_text(row.insurer),
            "former_earnings": tenge_text(row.former_earnings),
            "replacement_rate": round(float(row.replacement_rate), 6),
            "is_projected": row.is_projected,
        }
        for row in rows
    ]
