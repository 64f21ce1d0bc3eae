"""The payments of one annuity on their dates: part months, index, pension contribution, insured sum.

The dates and parts are those of the portfolio's timeline (docs/method-reserve.md), here as real dates and
exact fractions of one person: what a contract's schedule prints and what a single premium discounts.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import count

from actuarial.basis import Growth, Indexation
from actuarial.money import TIYN, exact_tiyn
from actuarial.payout_law import PayoutLaw

MONTHS = 12
Day = date
Index = Callable[[Day], Fraction]


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment.

    Attributes
    ----------
    number : int
        0 for the first.
    date, period_end : date
        It is for the days from ``date`` to ``period_end``, the latter not included.
    part : Fraction [1]
        Of the whole month.
    index : Fraction [1]
    exact : Fraction [KZT]
    amount, pension_contribution, net : int [tiyn]
    """

    number: int
    date: Day
    period_end: Day
    part: Fraction
    index: Fraction
    exact: Fraction
    amount: int
    pension_contribution: int

    @property
    def net(self) -> int:
        """What reaches the person [tiyn]."""
        return self.amount - self.pension_contribution


def months_later(day: date, months: int) -> date:
    """The same day ``months`` later; a day that month lacks is its last day.

    Examples
    --------
    >>> months_later(date(2025, 1, 31), 1)
    datetime.date(2025, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, MONTHS)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def full_years(start: date, end: date) -> int:
    """Completed years from ``start`` to ``end``, 29 February counting on the last day of February."""
    years = end.year - start.year
    return years if months_later(start, MONTHS * years) <= end else years - 1


def index_path(
    indexation: Indexation, growth: Growth | None, law: PayoutLaw, base: date, annuity_start: date
) -> Index:
    """Index of a payment over the amount in force on ``base``.

    Parameters
    ----------
    indexation : Indexation
        The named choice of Civil Code 943.
    growth : Growth, optional
        Needed by the choice ``mci`` for days after the record.
    law : PayoutLaw
    base : date
        Day on which the amount is in force: the valuation date, or the award.
    annuity_start : date
        Its anniversaries after ``base`` are the steps of a contract rate.

    Returns
    -------
    callable
        date → exact index.
    """
    if indexation.choice == "none":
        return lambda day: Fraction(1)
    if indexation.choice == "contract_rate":
        step = 1 + Fraction(repr(indexation.rate))
        passed = max(full_years(annuity_start, base), 0)
        return lambda day: step ** max(max(full_years(annuity_start, day), 0) - passed, 0)
    if indexation.choice == "rate_by_year":

        def by_year(day: date) -> Fraction:
            index = Fraction(1)
            for year in range(base.year + 1, day.year + 1):
                index *= 1 + Fraction(indexation.year_rate(year))
            return index

        return by_year
    if growth is None:
        enacted = law.series("mci")
        return lambda day: Fraction(enacted.on(day)) / Fraction(enacted.on(base))
    path = law.projected_series("mci", growth.mci)
    return lambda day: Fraction(path.on(day)) / Fraction(path.on(base))


def payments(
    first: date,
    end: date | None,
    monthly: Callable[[date], Fraction],
    index: Index,
    *,
    contribution: Callable[[int, date], int] = lambda tiyn, day: 0,
    limit: Fraction | None = None,
    at_most: int | None = None,
) -> Iterator[Payment]:
    """Payments on the same day of each month until ``end``, the last one in part.

    Parameters
    ----------
    first : date
    end : date, optional
        First day not paid; None = without end (then ``at_most`` bounds the number).
    monthly : callable
        Amount of a whole month before the index, exact, by date of payment [KZT].
    index : callable
        Index by date of payment.
    contribution : callable, optional
        Pension contribution [tiyn] of a payment [tiyn] on a day.
    limit : Fraction, optional [KZT]
        Remaining insured sum at which payments stop; the payment that crosses it is cut.
    at_most : int, optional

    Yields
    ------
    Payment
    """
    left = limit
    for k in count():
        day, following = months_later(first, k), months_later(first, k + 1)
        if (end is not None and day >= end) or k == at_most:
            return
        until = following if end is None else min(following, end)
        part = Fraction((until - day).days, (following - day).days)
        factor = index(day)
        exact = monthly(day) * factor * part
        if left is not None:
            exact = min(exact, left)
            left -= exact
        amount = exact_tiyn(exact)
        yield Payment(k, day, until, part, factor, exact, amount, contribution(amount, day))
        if left is not None and left * TIYN < Fraction(1, 2):
            return
