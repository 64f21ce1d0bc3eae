"""Average monthly earnings from a list of monthly pay, by Civil Code art 938.

The pay of the 12 months before the injury divided by 12, or by the months worked when they are fewer; gross
of tax; kinds of pay as the parameter ``average_earnings_kinds`` says. Incomplete months are replaced by
earlier full ones or dropped; after a stable rise only the new pay counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import tariffs
from actuarial.error import ActuarialError
from actuarial.language import Text, joined, text
from actuarial.money import TIYN, exact_tiyn
from tariffs import Entry

MONTHS = 12


class EarningsError(ActuarialError):
    """Monthly pay from which no average can be made (E5420)."""

    def __init__(self, message: str, /, **values: Any) -> None:
        super().__init__("E5420", message, **values)


@dataclass(frozen=True, slots=True)
class MonthPay:
    """Pay of one calendar month.

    Attributes
    ----------
    month : int
        12 · year + month - 1.
    items : tuple of (str, Decimal)
        Kinds of pay and amounts before tax [KZT].
    is_complete : bool
        The whole month was worked.
    """

    month: int
    items: tuple[tuple[str, Decimal], ...]
    is_complete: bool = True

    @classmethod
    def plain(cls, month: int, amount: Decimal) -> MonthPay:
        """A full month with one amount of counted pay."""
        return cls(month, (("pay", amount),))


@dataclass(frozen=True, slots=True)
class MonthUse:
    """What became of one month: counted, and if not, why."""

    month: int
    counted: Decimal
    excluded: Decimal
    is_used: bool
    why: str


@dataclass(frozen=True, slots=True)
class AverageEarnings:
    """Average monthly earnings and how they came about.

    Attributes
    ----------
    average : Fraction [KZT/month]
        Exact.
    tiyn : int
        The average rounded half-up to the tiyn.
    total : Decimal [KZT]
    n_months : int
    months : tuple of MonthUse
        In order of time.
    law : tuple of Entry
    """

    average: Fraction
    tiyn: int
    total: Decimal
    n_months: int
    months: tuple[MonthUse, ...]
    law: tuple[Entry, ...]


def month_index(day: date) -> int:
    """Calendar month as a number: ``12 · year + month - 1``."""
    return day.year * MONTHS + day.month - 1


def month_text(month: int) -> str:
    """A month number as ``2025-03``."""
    return f"{month // MONTHS:04d}-{month % MONTHS + 1:02d}"


def average_earnings(
    pay: Sequence[MonthPay],
    accident_date: date,
    *,
    incomplete_months: str = "replace",
    stable_rise_month: int | None = None,
) -> AverageEarnings:
    """Average monthly earnings before an injury.

    Parameters
    ----------
    pay : sequence of MonthPay
        Distinct months before that of the accident. Months older than the twelve are used only as
        replacements of incomplete ones.
    accident_date : date
    incomplete_months : {'replace', 'drop'}
        Civil Code 938 allows both; an incomplete month without a full one to replace it is dropped.
    stable_rise_month : int, optional
        First month of the new pay after a stable rise: earlier months do not count.

    Returns
    -------
    AverageEarnings

    Raises
    ------
    EarningsError
        Code E5420: no month to count, a month twice or not before the accident, a negative amount, an
        unknown kind of pay. All problems are named at once.

    Examples
    --------
    >>> months = [MonthPay.plain(2024 * 12 + k, Decimal(150000 + 50000 * (k >= 6))) for k in range(12)]
    >>> average_earnings(months, date(2025, 1, 15)).average
    Fraction(175000, 1)
    """
    law = tariffs.law_on(accident_date)
    kinds = law["average_earnings_kinds"].value
    span = law["average_earnings_months"].value
    _refuse(pay, accident_date, kinds)
    last = month_index(accident_date) - 1
    months = sorted(pay, key=lambda item: item.month)
    inside = [m for m in months if m.month > last - span]
    earlier = [m for m in months if m.month <= last - span and m.is_complete]
    why: dict[int, str] = {m.month: "" for m in inside}
    if stable_rise_month is not None:
        for m in inside:
            if m.month < stable_rise_month:
                why[m.month] = text("before the stable rise")
        earlier = []
    for m in reversed(inside):
        if m.is_complete or why[m.month]:
            continue
        if incomplete_months == "replace" and earlier:
            full = earlier.pop()
            why[m.month] = text("incomplete, replaced by {month}", month=month_text(full.month))
            why[full.month] = ""
        else:
            why[m.month] = text("incomplete, dropped")
    uses = tuple(
        MonthUse(
            m.month,
            sum((amount for kind, amount in m.items if kind in kinds["counted"]), Decimal(0)),
            sum((amount for kind, amount in m.items if kind in kinds["excluded"]), Decimal(0)),
            not why.get(m.month, "outside"),
            why.get(m.month, text("earlier than {span} months before the accident", span=span)),
        )
        for m in months
    )
    used = [use for use in uses if use.is_used]
    if not used:
        raise EarningsError(
            "monthly_pay leaves no month to count before {day}: {months}. Give months that were worked in "
            "full, or average_monthly_earnings",
            day=accident_date,
            months=joined(
                (text("{month} {why}", month=month_text(use.month), why=use.why) for use in uses), "; "
            ),
        )
    total = sum((use.counted for use in used), Decimal(0))
    average = Fraction(total) / len(used)
    return AverageEarnings(average, exact_tiyn(average), total, len(used), uses, law.used_entries)


def tenge(tiyn: int) -> Decimal:
    """Whole tiyn as tenge."""
    return Decimal(tiyn) / TIYN


def _refuse(pay: Sequence[MonthPay], accident_date: date, kinds: dict[str, tuple[str, ...]]) -> None:
    known = (*kinds["counted"], *kinds["excluded"])
    accident = month_index(accident_date)
    problems: list[Text] = []
    seen: set[int] = set()
    for item in pay:
        name = month_text(item.month)
        if item.month in seen:
            problems.append(text("{name} is given twice: add its items up", name=name))
        seen.add(item.month)
        if item.month >= accident:
            problems.append(
                text("{name} is not before the accident of {day}: leave it out", name=name, day=accident_date)
            )
        for kind, amount in item.items:
            if kind not in known:
                problems.append(
                    text(
                        "{name} has pay of the unknown kind {kind!r}; known: {known}",
                        name=name,
                        kind=kind,
                        known=", ".join(known),
                    )
                )
            if amount < 0:
                problems.append(
                    text("{name}: {kind} is {amount}, below 0", name=name, kind=kind, amount=amount)
                )
    if problems:
        raise EarningsError("{key}: {problems}", key="monthly_pay", problems=joined(problems, "; "))
