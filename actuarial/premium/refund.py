"""Money between insurer and policyholder besides the premium: prevention, rehabilitation, the late penalty.

OSNS Law 9(2), 19(4), 19(6) and order of 31.01.2024 No 20.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import tariffs
from actuarial.language import joined, text
from actuarial.money import exact_tiyn
from actuarial.premium.choice import PremiumError
from actuarial.premium.compulsory import Record, Step, months_later, shown, shown_percent
from tariffs.calendar_kz import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the law: what it asks, and whether it holds."""

    text: str
    holds: bool
    article: str


@dataclass(frozen=True)
class Refund:
    """A refund of costs.

    Attributes
    ----------
    ceiling, amount : int [tiyn]
        ``amount`` is 0 where a condition does not hold.
    conditions : tuple of Condition
    payable_by : date or None
        Last day to pay; None where nothing is due, or the calendar of working days ends before it.
    steps, entries
        As in `actuarial.premium.compulsory.Premium`.
    """

    ceiling: int
    amount: int
    conditions: tuple[Condition, ...]
    payable_by: date | None
    steps: tuple[Step, ...]
    entries: tuple[tariffs.Entry, ...]


def prevention_refund(
    premium_at_expiry: Decimal,
    costs: Decimal,
    *,
    end_date: date,
    asked_on: date,
    is_fully_paid: bool,
    insured_sum: Decimal,
    payouts: Decimal,
) -> Refund:
    """Return what the policyholder gets back of its prevention costs after the term.

    Parameters
    ----------
    premium_at_expiry : Decimal [KZT]
        Premium of the contract computed on its last day.
    costs : Decimal [KZT]
        Prevention costs documented.
    end_date : date
        Last day of cover: its law holds.
    asked_on : date
    is_fully_paid : bool
        Whether the premium was fully paid.
    insured_sum, payouts : Decimal [KZT]
        All payouts so far; with the refund they must stay inside the insured sum, so the refund is cut to
        what the payouts left of it.

    Raises
    ------
    PremiumError
        E4212: an amount is negative, or the refund is asked for inside the term.
    tariffs.NotOnRecord
        The term ended before the refund existed (2024-01-01).
    """
    _refuse_negative(
        {
            text("premium"): premium_at_expiry,
            text("costs"): costs,
            text("insured sum"): insured_sum,
            text("payouts"): payouts,
        }
    )
    if asked_on <= end_date:
        raise PremiumError(
            "E4212",
            "the refund is asked for on {asked_on}: it is paid after the term, which ends on {end_date}",
            asked_on=asked_on,
            end_date=end_date,
        )
    record = Record()
    share = record.law("prevention_ceiling", end_date)
    months = record.law("prevention_claim_months", end_date)
    days = record.law("prevention_payment_working_days", end_date)
    ceiling = Fraction(premium_at_expiry) * Fraction(share)
    formula = text(
        "{share} × {premium_at_expiry}",
        share=shown_percent(share),
        premium_at_expiry=shown(premium_at_expiry),
    )
    record.step(text("ceiling of prevention costs"), formula, ceiling, "9(2), 19(6)")
    left = max(Fraction(insured_sum) - Fraction(payouts), Fraction(0))
    last = months_later(end_date, months)
    conditions = (
        Condition(text("the premium is fully paid"), is_fully_paid, "9(2)"),
        Condition(
            text("asked for within {months} months after the term, to {last}", months=months, last=last),
            asked_on <= last,
            "9(2)",
        ),
        Condition(text("payouts leave {left} of the insured sum", left=shown(left)), left > 0, "19(6)"),
    )
    return _refund(record, ceiling, [Fraction(costs), ceiling, left], conditions, asked_on, days)


def rehabilitation_refund(
    premium_paid: Decimal, costs: Decimal, *, degree_of_loss: int, accident_date: date, documents_on: date
) -> Refund:
    """Return what is paid for rehabilitation, outside the caps of additional expenses (19(4), 19(6)).

    Parameters
    ----------
    premium_paid : Decimal [KZT]
    costs : Decimal [KZT]
    degree_of_loss : int [percent]
        Whole percent of the certificate.
    accident_date : date
        Its law holds.
    documents_on : date
        Day of the documents: the term to pay runs from it.

    Raises
    ------
    PremiumError
        E4212: an amount is negative.
    tariffs.NotOnRecord
        The accident was before the payment existed (2024-01-01).
    """
    _refuse_negative({text("premium"): premium_paid, text("costs"): costs})
    record = Record()
    share = record.law("rehabilitation_ceiling", accident_date)
    low, high = record.law("rehabilitation_degrees", accident_date)
    days = record.law("prevention_payment_working_days", accident_date)
    ceiling = Fraction(premium_paid) * Fraction(share)
    formula = text("{share} × {premium_paid}", share=shown_percent(share), premium_paid=shown(premium_paid))
    record.step(text("ceiling of rehabilitation costs"), formula, ceiling, "9(2), 19(6)")
    inside = Condition(
        text("degree of loss {low}-{high} %", low=low, high=high), low <= degree_of_loss <= high, "19(6)"
    )
    return _refund(record, ceiling, [Fraction(costs), ceiling], (inside,), documents_on, days)


def late_payment_penalty(unpaid: Decimal, due_date: date, paid_on: date) -> tuple[int, Step, tariffs.Entry]:
    """Return the insurer's penalty for a late payout of article 19(1) [tiyn], its step and its law.

    Parameters
    ----------
    unpaid : Decimal [KZT]
        Payout of 19(1) not paid in time; payouts of other parts of article 19 bear no penalty.
    due_date : date
        Last day to pay. Days late are those after it, the day of payment included.
    paid_on : date

    Raises
    ------
    PremiumError
        E4212: the sum is negative.

    Examples
    --------
    >>> late_payment_penalty(Decimal(100000), date(2024, 3, 1), date(2024, 3, 11))[0]
    1500000
    """
    _refuse_negative({text("unpaid sum"): unpaid})
    record = Record()
    share = record.law("late_payment_penalty", due_date)
    days = max((paid_on - due_date).days, 0)
    penalty = Fraction(unpaid) * Fraction(share) * days
    record.step(
        text("late penalty"),
        text("{share} × {unpaid} × {days} days", share=shown_percent(share), unpaid=shown(unpaid), days=days),
        penalty,
        "9(2)(9)",
    )
    return exact_tiyn(penalty), record.steps[0], record.entries[0]


def _refund(
    record: Record,
    ceiling: Fraction,
    limits: Sequence[Fraction],
    conditions: tuple[Condition, ...],
    since: date,
    working_days: int,
) -> Refund:
    holds = all(condition.holds for condition in conditions)
    amount = min(limits) if holds else Fraction(0)
    formula = (
        text("least of {limits}", limits=joined(map(shown, limits)))
        if holds
        else text("a condition does not hold")
    )
    record.step(text("refund"), formula, amount, "19(4), 19(6)")
    by = None
    if amount:
        try:
            by = WorkingCalendar().after(since, working_days)
        except tariffs.NotOnRecord:
            by = None
    return Refund(
        exact_tiyn(ceiling), exact_tiyn(amount), conditions, by, tuple(record.steps), tuple(record.entries)
    )


def _refuse_negative(amounts: dict[str, Decimal]) -> None:
    for name, amount in amounts.items():
        if amount < 0:
            raise PremiumError(
                "E4212", "{name} is {amount}: an amount here is never negative", name=name, amount=amount
            )
