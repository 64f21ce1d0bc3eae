"""Deadlines in working days, and the penalty for paying late.

OSNS Law art 19(1), 19(2), 23 and 9(2)(9); rules of the voluntary product. Days are counted from the day
after the event on the dated calendar (`tariffs.calendar_kz`); beyond the calendar there is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from actuarial.claim.case import Case, LawNotes
from actuarial.language import text
from actuarial.money import exact_tiyn
from tariffs import NotOnRecord
from tariffs.calendar_kz import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline.

    Attributes
    ----------
    name : str
        first_payout, annuity_contract, additional_expenses, decision, first_annuity_payment.
    event_date : date
        It runs from the day after.
    working_days : int
    last_day : date or None
        None where the calendar does not reach; ``why`` then says so.
    article : str
    why : str
    """

    name: str
    event_date: date
    working_days: int
    last_day: date | None
    article: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class LatePayment:
    """A payout that was due and paid later [KZT]."""

    due_date: date
    paid_date: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Penalty:
    """Penalty for one late payout: days late and the sum [tiyn]."""

    late: LatePayment
    days: int
    rate: Decimal
    amount: int


def deadlines(
    case: Case,
    documents_date: date | None,
    contract_signed_date: date | None,
    calendar: WorkingCalendar,
    law: LawNotes,
) -> tuple[Deadline, ...]:
    """Deadlines that the given days start.

    Parameters
    ----------
    case : Case
    documents_date : date, optional
        The insurer has all documents.
    contract_signed_date : date, optional
        The annuity contract was signed (voluntary product: its first payment runs from there).
    calendar : WorkingCalendar
    law : LawNotes

    Returns
    -------
    tuple of Deadline
    """
    found: list[tuple[str, date, int, str]] = []
    if case.product == "compulsory" and documents_date is not None:
        for name, parameter in (
            ("first_payout", "first_payout_working_days"),
            ("annuity_contract", "annuity_contract_working_days"),
            ("additional_expenses", "additional_expenses_working_days"),
        ):
            days = law.value(parameter, documents_date)
            article = law_article(parameter, documents_date)
            found.append((name, documents_date, days, article))
    elif case.product == "voluntary":
        if documents_date is not None:
            table = law.value("voluntary_deadlines", documents_date)
            article = law_article("voluntary_deadlines", documents_date)
            found += [
                (name, documents_date, table[name], article)
                for name in ("decision", "annuity_contract", "additional_expenses")
            ]
        if contract_signed_date is not None:
            days = law.value("voluntary_deadlines", contract_signed_date)["first_annuity_payment"]
            article = law_article("voluntary_deadlines", contract_signed_date)
            found.append(("first_annuity_payment", contract_signed_date, days, article))
    return tuple(_deadline(*parts, calendar) for parts in found)


def law_article(parameter: str, on: date) -> str:
    """Short citation of a parameter's entry on a day."""
    import tariffs

    source = tariffs.parameter(parameter).on(on).source
    return (
        text("{act} art. {article}", act=text(source.act), article=text(source.article))
        if source.article[0].isdigit()
        else str(source)
    )


def _deadline(name: str, event: date, days: int, article: str, calendar: WorkingCalendar) -> Deadline:
    try:
        return Deadline(name, event, days, calendar.after(event, days), article)
    except NotOnRecord as error:
        return Deadline(name, event, days, None, article, text("{error}", error=error))


def penalty(late: LatePayment, case: Case, law: LawNotes) -> Penalty:
    """Penalty for a late payout of lost earnings (OSNS Law art 9(2)(9)).

    ``amount · rate · days``, the days from the one after the due date to the day of payment, the rate that
    of the due date. Only for payouts of article 19(1): the caller passes no additional expenses.

    Raises
    ------
    CaseError
        E5405 the product knows no such penalty.
    """
    from actuarial.claim.case import CaseError

    if case.product != "compulsory":
        raise CaseError(
            "E5405",
            "late_payments under product {product}: the penalty of OSNS Law 9(2)(9) is for "
            "the compulsory payouts of article 19(1). Leave them out, or use the "
            "contract's own penalty",
            product=case.product,
        )
    days = max((late.paid_date - late.due_date).days, 0)
    rate: Decimal = law.value("late_payment_penalty", late.due_date)
    return Penalty(late, days, rate, exact_tiyn(late.amount * rate * days))


def as_json(deadline: Deadline) -> dict[str, Any]:
    """Return a deadline as plain values."""
    return {
        "deadline": deadline.name,
        "event_date": deadline.event_date.isoformat(),
        "working_days": deadline.working_days,
        "last_day": None if deadline.last_day is None else deadline.last_day.isoformat(),
        "article": deadline.article,
        "why": deadline.why,
    }
