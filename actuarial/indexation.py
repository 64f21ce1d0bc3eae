"""Indexation of payments: rows of index by payment number, and which row each record has.

Civil Code art 943 indexes by the average forecast inflation; which figure is taken is a named choice of the
basis. Pre-retirement annuities move with ПМ (OSNS Law art 23-1) and have rows that hold ПМ itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.entitlement import PRE_RETIREMENT
from actuarial.kernels import timeline as kernel
from actuarial.payout_law import PayoutLaw
from actuarial.record import AnnuityRecords
from actuarial.timeline import Timeline

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Int8 = NDArray[np.int8]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
MONTHS = 12
SERIES = ("", "mci", "prices", "subsistence_minimum")
"""What an index row follows by calendar month: nothing, МРП, forecast prices, ПМ."""
_FOLLOWS = {"contract_rate": "", "none": "", "mci": "mci", "rate_by_year": "prices"}


class IndexRows:
    """Index rows and each record's row, first-payment scale and exact index at payment 0.

    With a contract rate a row is the step pattern by the payment of the first anniversary (12 rows); with
    a calendar choice it is the path from the calendar month of payment 0. Pre-retirement annuities have
    rows of their own holding ПМ itself. 29-February cases get rows built date by date.

    Attributes
    ----------
    rows : float64 (i, k)
    row : int32 (n,)
    scale : float64 (n,)
    series : int8 (i,)
        Position in `SERIES` of what a row follows by calendar month.
    offset : int32 (i,)
        Calendar months from the valuation month to a row's first element; 0 where it follows no series.
    """

    rows: Float
    row: Int32
    scale: Float
    series: Int8
    offset: Int32
    at_first: list[Fraction]
    at_first_position: Int64

    def __init__(
        self,
        records: AnnuityRecords,
        basis: Basis,
        law: PayoutLaw,
        valuation_date: date,
        line: Timeline,
        longest: int,
    ) -> None:
        """Build the rows the records need."""
        n = len(records)
        indexation = basis.assumptions.indexation
        growth = basis.assumptions.growth
        start = valuation_date.year * MONTHS + valuation_date.month - 1
        is_pre_retirement = records.beneficiary == PRE_RETIREMENT
        blocks: list[Float] = []
        follows: list[tuple[int, int]] = []
        height = 0
        self.row = np.zeros(n, dtype=np.int32)
        self.scale = np.ones(n)
        self.at_first = []
        self.at_first_position = np.zeros(n, dtype=np.int64)

        def add(block: Float, series: str = "", offsets: Int64 | None = None) -> int:
            nonlocal height
            blocks.append(block)
            months = np.zeros(len(block), dtype=np.int64) if offsets is None or not series else offsets
            follows.extend((SERIES.index(series), int(m)) for m in months)
            top = height
            height += len(block)
            return top

        def by_calendar(mask: Bool, path: Float, exact: Callable[[int], Fraction], series: str) -> None:
            offsets, at = distinct(line.month[mask])
            path = np.pad(path, (0, max(longest + int(offsets[-1]) - path.size, 0)), mode="edge")
            top = add(np.stack([path[m : m + longest] for m in offsets]), series, offsets)
            self.row[mask] = top + at
            self.at_first_position[mask] = len(self.at_first) + at
            self.at_first.extend(exact(int(m)) for m in offsets)

        others = ~is_pre_retirement
        if others.any():
            if indexation.choice == "contract_rate":
                self._contract(records, line, others, _exact(indexation.rate or 0.0), longest, add)
            else:
                exact = _calendar_index(basis, law, valuation_date)
                span = int((line.month + np.maximum(line.n_payments, 1))[others].max())
                path = np.array([float(exact(m)) for m in range(span)])
                by_calendar(others, path, exact, _FOLLOWS[indexation.choice])
        if is_pre_retirement.any():
            minimum = law.projected_series("subsistence_minimum", growth.subsistence_minimum)
            span = int((line.month + np.maximum(line.n_payments, 1))[is_pre_retirement].max())
            amount = [minimum.on(_first_day(start + m)) for m in range(span)]
            path = np.array([float(a) for a in amount])
            by_calendar(is_pre_retirement, path, lambda m: Fraction(amount[m]), "subsistence_minimum")
        self.rows = np.ascontiguousarray(np.concatenate(blocks)) if blocks else np.ones((1, longest))
        self.series = np.array([series for series, _ in follows or [(0, 0)]], dtype=np.int8)
        self.offset = np.array([offset for _, offset in follows or [(0, 0)]], dtype=np.int32)
        if not self.at_first:
            self.at_first = [Fraction(1)]

    def _contract(
        self,
        records: AnnuityRecords,
        line: Timeline,
        mask: Bool,
        rate: Fraction,
        longest: int,
        add: Callable[[Float], int],
    ) -> None:
        step = 1.0 + float(rate)
        k = np.arange(longest)
        top = add(
            np.stack([step ** np.where(k >= s, 1 + (k - s) // MONTHS, 0) for s in range(1, MONTHS + 1)])
        )
        self.row[mask] = top + line.first_step[mask] - 1
        odd = mask & (line.index_irregular == 1)
        if odd.any():
            dates, at = distinct(records.next_payment_date[odd])
            top = add(np.stack([step ** _leap_steps(int(d), longest) for d in dates]))
            self.row[odd] = top + at
        before, at = distinct(line.steps_before[mask])
        self.scale[mask] = (step**before)[at]
        self.at_first_position[mask] = len(self.at_first) + at
        self.at_first.extend((1 + rate) ** int(b) for b in before)


def distinct(values: Int32) -> tuple[Int64, Int64]:
    """Distinct integers of a narrow range, ascending, and the position of each value among them.

    A look-up table: no sort, unlike ``np.unique``.
    """
    least = int(values.min(initial=0))
    present = np.bincount(values - least) > 0
    return np.flatnonzero(present) + least, (np.cumsum(present) - 1)[values - least]


def _exact(rate: float) -> Fraction:
    """The rate as written in the basis, not its binary neighbour."""
    return Fraction(repr(rate))


def _leap_steps(first: int, longest: int) -> NDArray[np.int64]:
    """Anniversaries of a 29 February passed since payment 0, payments on the 28th from ``first``."""
    counts = np.empty(longest + 1, dtype=np.int64)
    kernel.leap_anniversaries(first, counts)
    return np.asarray(counts[:longest] - counts[0])


def _calendar_index(basis: Basis, law: PayoutLaw, valuation_date: date) -> Callable[[int], Fraction]:
    """Exact index from the valuation date to a payment ``m`` calendar months on."""
    indexation = basis.assumptions.indexation
    start = valuation_date.year * MONTHS + valuation_date.month - 1
    if indexation.choice == "none":
        return lambda m: Fraction(1)
    if indexation.choice == "rate_by_year":
        cache = {valuation_date.year: Fraction(1)}

        def by_year(m: int) -> Fraction:
            year = (start + m) // MONTHS
            while year not in cache:
                last = max(cache)
                cache[last + 1] = cache[last] * (1 + Fraction(indexation.year_rate(last + 1)))
            return cache[year]

        return by_year
    mci = law.projected_series("mci", basis.assumptions.growth.mci)
    now = Fraction(mci.on(valuation_date))
    return lambda m: (Fraction(mci.on(_first_day(start + m))) if m else now) / now


def _first_day(month_index: int) -> date:
    return date(month_index // MONTHS, month_index % MONTHS + 1, 1)
