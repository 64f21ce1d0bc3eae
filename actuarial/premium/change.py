"""A contract after its conclusion: instalments, changes inside the term, early termination.

OSNS Law 14, 17(1), 17(4), 17(5). Days of cover count both the first and the last day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import tariffs
from actuarial.language import text
from actuarial.money import TIYN, exact_tiyn
from actuarial.premium.choice import PremiumError, resolved_choices
from actuarial.premium.compulsory import (
    MONTHS_IN_YEAR,
    Premium,
    Record,
    Step,
    months_later,
    shown,
    shown_percent,
)

TERMINATION_METHODS = ("pro_rata", "pro_rata_less_expenses", "nothing")
"""How the premium is returned at early termination: a required choice, the law refers to the Civil Code."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment of the premium: when and how much [tiyn]."""

    due_date: date
    amount: int


def instalments(premium: int, due_dates: Sequence[date]) -> list[Instalment]:
    """Spread a premium over equal instalments that add up to it exactly (17(4)).

    Parameters
    ----------
    premium : int [tiyn]
    due_dates : sequence of date
        Ascending, as the contract says.

    Raises
    ------
    PremiumError
        E4209: no date, or dates that do not ascend.

    Examples
    --------
    >>> [p.amount for p in instalments(100, [date(2024, 1, 1), date(2024, 5, 1), date(2024, 9, 1)])]
    [33, 34, 33]
    """
    n = len(due_dates)
    if not n or any(due_dates[k] >= due_dates[k + 1] for k in range(n - 1)):
        raise PremiumError(
            "E4209", "the dates of the instalments must be one or more, each after the one before"
        )
    paid = [exact_tiyn(Fraction(premium * k, TIYN * n)) for k in range(n + 1)]
    return [Instalment(due, paid[k + 1] - paid[k]) for k, due in enumerate(due_dates)]


def equal_dates(start_date: date, end_date: date, n: int) -> list[date]:
    """Dates of `n` instalments at equal intervals of whole months, the first at the start of the cover.

    Raises
    ------
    PremiumError
        E4209: the months of the year do not divide by `n`, or an instalment would fall after the cover.
    """
    if n < 1 or MONTHS_IN_YEAR % n:
        raise PremiumError(
            "E4209", "{n} instalments do not divide 12 months evenly: give their dates instead", n=n
        )
    dates = [months_later(start_date, k * MONTHS_IN_YEAR // n) for k in range(n)]
    if dates[-1] > end_date:
        raise PremiumError(
            "E4209",
            "instalment {n} would fall on {last}, after the cover: give the dates",
            n=n,
            last=dates[-1],
        )
    return dates


@dataclass(frozen=True)
class Adjustment:
    """What is to be paid after a change: additional premium above 0, return to the policyholder below.

    Attributes
    ----------
    amount : int [tiyn]
        Rounded half-up in its absolute value.
    steps, entries, notes
        As in `actuarial.premium.compulsory.Premium`.
    """

    amount: int
    steps: tuple[Step, ...]
    entries: tuple[tariffs.Entry, ...]
    notes: tuple[str, ...]


def change_of_contract(
    before: Premium,
    after: Premium,
    change_date: date,
    choices: Mapping[str, str] | None = None,
) -> Adjustment:
    """Return the additional premium, or the return, for a change inside the term (17(1), 17(5)).

    Parameters
    ----------
    before, after : Premium
        The contract as concluded, and as it is from the day of the change on: all its parts, the same dates.
        A part that only one of them has is one that came or went.
    change_date : date
        First day on the new terms.
    choices : mapping of str to str, optional
        ``change_payroll`` and ``change_factor``.

    Raises
    ------
    PremiumError
        E4210: the day is outside the cover, or the law of that day has no such rule.

    Notes
    -----
    ``Σ over parts (tariff_after · sum_after − tariff_before · sum_before) · days left / days of the term ·
    factor``; the day of the change is the first of the days left. Sums are annual payrolls where the insured
    sum follows the payroll, or the insured sums named.
    """
    resolved = resolved_choices(choices or {})
    record = Record()
    share = _share_left(before, change_date, record)
    rule = record.law("mid_term_change", change_date)
    sums_before, sums_after = _sums(before), _sums(after)
    total = Fraction(0)
    for name in dict.fromkeys([*sums_before, *sums_after]):
        old_class, old_rate, old_sum = sums_before.get(name, (0, Decimal(0), Fraction(0)))
        new_class, new_rate, new_sum = sums_after.get(name, (0, Decimal(0), Fraction(0)))
        if old_sum != new_sum and not rule["payroll"]:
            raise PremiumError(
                "E4210",
                "the payroll of {name} changes on {change_date}: the law of that day has no rule for it "
                "(tariffs/parameters/mid_term_change.yaml). What the contract says must be computed apart.",
                name=name,
                change_date=change_date,
            )
        # 17(1) prices the change of the sum, 17(5) the change of the class of what was insured before
        by_class = Fraction(new_rate - old_rate) * old_sum if old_sum and new_sum else Fraction(0)
        by_sum = Fraction(new_rate if new_sum else old_rate) * (new_sum - old_sum)
        if by_class:
            formula = text(
                "(class {new_class} {new_rate} − class {old_class} {old_rate}) × {old_sum}",
                new_class=new_class,
                new_rate=shown_percent(new_rate),
                old_class=old_class,
                old_rate=shown_percent(old_rate),
                old_sum=shown(old_sum),
            )
            record.step(text("change of class of {name}", name=name), formula, by_class, "17(5)")
        if by_sum:
            rate = new_rate if new_sum else old_rate
            formula = text(
                "{rate} × ({new_sum} − {old_sum})",
                rate=shown_percent(rate),
                new_sum=shown(new_sum),
                old_sum=shown(old_sum),
            )
            record.step(text("change of payroll of {name}", name=name), formula, by_sum, "17(1)")
        total += by_class + by_sum
    if resolved["change_payroll"] == "insured_sum":
        total = _beyond_minimum(before, total, record)
    if resolved["change_factor"] == "contract":
        factor = Fraction(before.correction_coefficient or 1) * (1 - Fraction(before.discount))
        if factor != 1:
            record.step(
                text("coefficient or discount of the contract"),
                text("{total} × {factor}", total=shown(total), factor=factor),
                total * factor,
                "17-1",
            )
        total *= factor
    due = total * share
    record.step(
        text("for the time left"),
        text("{total} × {share}", total=shown(total), share=share),
        due,
        "17(1), 17(5)",
    )
    if due < 0 and before.premium - exact_tiyn(-due) < _smallest(record, before, change_date):
        record.notes.append(
            text(
                "With this return the premium of the contract falls below 1 minimum wage: the law does "
                "not say whether it may."
            )
        )
    return Adjustment(_signed_tiyn(due), tuple(record.steps), tuple(record.entries), tuple(record.notes))


def _sums(premium: Premium) -> dict[str, tuple[int, Decimal, Fraction]]:
    """Class, tariff and the sum [KZT] that the tariff is applied to, of each part."""
    return {
        part.name: (part.risk_class, part.tariff_rate, Fraction(part.base_sum, TIYN))
        for part in premium.parts
    }


def _beyond_minimum(before: Premium, change: Fraction, record: Record) -> Fraction:
    """Of a rise of the premium, what the minimum premium paid does not cover yet."""
    if not before.minimum_applied or change <= 0:
        return change
    spare = Fraction(before.article_17_premium - before.base_premium, TIYN)
    rest = max(change - spare, Fraction(0))
    record.step(
        text("less what the grown insured sum covers"),
        text("{change} − {spare}", change=shown(change), spare=shown(spare)),
        rest,
        "17(2-1)",
    )
    return rest


def _smallest(record: Record, premium: Premium, day: date) -> int:
    wages = Fraction(record.law("minimum_premium_minimum_wages", day))
    return exact_tiyn(Fraction(record.law("minimum_wage", premium.start_date)) * wages)


def _share_left(premium: Premium, day: date, record: Record) -> Fraction:
    """Days left, the day itself included, over days of the term."""
    if not premium.start_date <= day <= premium.end_date:
        raise PremiumError(
            "E4210",
            "{day} is outside the cover from {start_date} to {end_date}: correct the date",
            day=day,
            start_date=premium.start_date,
            end_date=premium.end_date,
        )
    left, term = (premium.end_date - day).days + 1, (premium.end_date - premium.start_date).days + 1
    record.step(
        text("time left"),
        text(
            "{left} days of {term}, from {day} to {end_date}",
            left=left,
            term=term,
            day=day,
            end_date=premium.end_date,
        ),
        f"{left}/{term}",
        "17",
    )
    return Fraction(left, term)


def _signed_tiyn(tenge: Fraction) -> int:
    return exact_tiyn(tenge) if tenge >= 0 else -exact_tiyn(-tenge)


def termination_return(
    premium: Premium,
    termination_date: date,
    method: str,
    *,
    premium_paid: Decimal | None = None,
    expense_share: Decimal | None = None,
) -> Adjustment:
    """Return what is given back when a contract ends early (OSNS Law 14 refers to the Civil Code).

    Parameters
    ----------
    premium : Premium
    termination_date : date
        First day without cover.
    method : {'pro_rata', 'pro_rata_less_expenses', 'nothing'}
        Required: the law has no formula and this program invents none. ``pro_rata`` returns the premium of
        the days left; ``pro_rata_less_expenses`` the same less the insurer's share for expenses.
    premium_paid : Decimal [KZT], optional
        Default the whole premium. What is due for the days of cover is kept; a shortfall is an amount above
        0.
    expense_share : Decimal [1], optional
        Required by ``pro_rata_less_expenses``.

    Raises
    ------
    PremiumError
        E4210 the day, E4211 the method or its share.
    """
    if method not in TERMINATION_METHODS:
        raise PremiumError(
            "E4211",
            "method of early termination {method!r}: the law leaves the formula to the Civil Code and "
            "the contract; say one of {termination_methods}",
            method=method,
            termination_methods=", ".join(TERMINATION_METHODS),
        )
    needs_share = method == "pro_rata_less_expenses"
    if needs_share != (expense_share is not None) or not 0 <= (expense_share or 0) <= 1:
        raise PremiumError(
            "E4211",
            "method {method}: expense share {expense_share}; only pro_rata_less_expenses takes one, 0 to 1",
            method=method,
            expense_share=expense_share,
        )
    record = Record()
    share = _share_left(premium, termination_date, record)
    whole = Fraction(premium.premium, TIYN)
    paid = whole if premium_paid is None else Fraction(premium_paid)
    if method == "nothing":
        record.step(text("kept by the insurer"), text("by the choice of method"), paid, "14")
        return Adjustment(0, tuple(record.steps), (), ())
    unearned = whole * share
    record.step(
        text("premium of the time left"),
        text("{whole} × {share}", whole=shown(whole), share=share),
        unearned,
        "14",
    )
    if expense_share is not None:
        kept = unearned * (1 - Fraction(expense_share))
        formula = text(
            "{unearned} × (1 − {expense_share})",
            unearned=shown(unearned),
            expense_share=shown_percent(expense_share),
        )
        record.step(text("less the insurer's expenses"), formula, kept, "14")
        unearned = kept
    due = whole - unearned - paid
    formula = text(
        "{whole} − {unearned} − paid {paid}", whole=shown(whole), unearned=shown(unearned), paid=shown(paid)
    )
    record.step(text("still due, or to be returned"), formula, due, "14")
    return Adjustment(_signed_tiyn(due), tuple(record.steps), (), ())
