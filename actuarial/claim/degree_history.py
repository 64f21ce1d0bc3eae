"""The benefit of a case by period when the degree changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from actuarial.claim.case import Case, CaseError, DegreeChange, LawNotes
from actuarial.claim.monthly_benefit import MonthlyBenefit, monthly_benefit


@dataclass(frozen=True)
class Period:
    """The benefit from one day to the next change of the degree."""

    start: date
    end: date | None
    degree_of_loss: int
    result: MonthlyBenefit | None


def degree_history(case: Case, law: LawNotes) -> tuple[Period, ...]:
    """The benefit by period when the degree changes (Civil Code 942; Social Code 181(4)).

    A period whose degree the payer does not owe for has no result: below 30 % the employer pays, above
    29 % the compulsory insurer.

    Raises
    ------
    CaseError
        E5403: the deduction is to be re-rated and neither its new amount nor the data for it are given.
    """
    if not case.degree_changes:
        return ()
    starts = [case.payment_day, *(change.date for change in case.degree_changes)]
    ends: list[date | None] = [*starts[1:], None]
    periods: list[Period] = []
    current, own_degree, own_social = case, case.degree_of_loss, case.social_payment
    for position, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if position:
            change = case.degree_changes[position - 1]
            current = _changed(case, change, own_degree, own_social)
        assert current.degree_of_loss is not None
        try:
            result = monthly_benefit(replace(current, next_payment_date=start), law)
        except CaseError as error:
            if error.code != "E5405" or not position:
                raise
            result = None
        periods.append(Period(start, end, current.degree_of_loss, result))
    return tuple(periods)


def _changed(case: Case, change: DegreeChange, own_degree: int | None, own_social: Decimal | None) -> Case:
    general = change.general_degree
    social = change.social_payment
    computes = case.social_average_income is not None or bool(case.social_income)
    if social is None and own_social is not None and not computes:
        option = case.choices["social_payment_on_change"]
        if option == "rerate" and own_social:
            raise CaseError(
                "E5403",
                "degree_changes of {day}: social_payment is empty. The Fund re-rates "
                "its payment with the degree (Social Code 181(4)): give the new amount, or "
                "choose social_payment_on_change: keep or proportional",
                day=change.date,
            )
        social = own_social
        if option == "proportional" and own_degree:
            social = own_social * change.degree_of_loss / own_degree
    if computes and general is None:
        # who gave one degree for both has the new one for both
        general = change.degree_of_loss if case.general_degree in (None, own_degree) else case.general_degree
    return replace(
        case,
        degree_of_loss=change.degree_of_loss,
        first_degree_of_loss=case.first_degree_of_loss or own_degree,
        certificate_end=change.certificate_end,
        social_payment=social,
        social_average_income=None if change.social_payment is not None else case.social_average_income,
        social_income=() if change.social_payment is not None else case.social_income,
        general_degree=general,
        current_monthly_payment=None,
        degree_changes=(),
    )
