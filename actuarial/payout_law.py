"""The law of payouts as arrays: what `tariffs` says, in the form the computation uses.

One `PayoutLaw` serves one run. It loads the dated parameters when asked and keeps a note of each entry
used, and of each value projected beyond the record, so that a result can name its law. Dates are days
since 1970-01-01.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tariffs
from tariffs.dated import ENACTED

EPOCH = date(1970, 1, 1)
MONTHS_IN_YEAR = 12
ANSWERS_KEPT = 16


def day(value: date) -> int:
    """Day number of a date."""
    return (value - EPOCH).days


def calendar_date(number: int) -> date:
    """Date of a day number."""
    return EPOCH + timedelta(days=int(number))


class StepSeries:
    """A dated parameter as a step function of the day.

    Attributes
    ----------
    starts : int64 (p,)
        First days of the entries, ascending.
    ends : int64 (p,)
        First day no longer covered by each.
    values : tuple
        The entries' values.
    """

    def __init__(self, law: PayoutLaw, name: str, entries: Sequence[tariffs.Entry] | None = None) -> None:
        self._law = law
        self.name = name
        if entries is None:
            entries = [e for e in tariffs.parameter(name).entries if e.status in ENACTED]
        self.entries = list(entries)
        self.starts = np.array([day(entry.start) for entry in entries], dtype=np.int64)
        self.ends = np.array([day(entry.end or date.max) for entry in entries], dtype=np.int64)
        self.values = tuple(entry.value for entry in entries)
        self._answers: dict[int, tuple[NDArray[np.int32], NDArray[np.int64]]] = {}

    def position(self, days: NDArray[np.int32]) -> NDArray[np.int64]:
        """Entry in force on each day, -1 where none is on record, shape of ``days``.

        The answers for the latest arrays are kept: several rules of an edition ask for the same dates.
        """
        known = self._answers.get(id(days))
        if known is not None and known[0] is days:
            return known[1]
        at = np.searchsorted(self.starts, days, side="right") - 1
        at = np.where((at >= 0) & (days < self.ends[np.maximum(at, 0)]), at, -1)
        self._law.note(self.name, np.flatnonzero(np.bincount(at.ravel() + 1)) - 1)
        at.setflags(write=False)
        if len(self._answers) >= ANSWERS_KEPT:
            self._answers.clear()
        self._answers[id(days)] = (days, at)
        return at

    def on(self, when: date) -> Any:
        """Value in force on a date; `tariffs.LawError` where none is on record."""
        at = int(self.position(np.array([day(when)], dtype=np.int32))[0])
        # the parameter's own look-up words the refusal
        return self.values[at] if at >= 0 else tariffs.parameter(self.name).on(when).value

    @property
    def last_year(self) -> int:
        """Calendar year of the last entry."""
        return calendar_date(int(self.starts[-1])).year

    @property
    def steps_on_first_of_month(self) -> bool:
        """Whether every change falls on the first day of a month."""
        return all(calendar_date(int(start)).day == 1 for start in self.starts)


class ProjectedSeries:
    """A series of yearly figures continued beyond its record by growth from each 1 January.

    The growth is the basis' assumption: a value after the record is a projection, never law.
    """

    def __init__(self, enacted: StepSeries, growth: Decimal, law: PayoutLaw) -> None:
        self.enacted = enacted
        self.growth = growth
        self._law = law

    def distinct(self, days: NDArray[np.int32]) -> tuple[list[Decimal], NDArray[np.int64]]:
        """Distinct values on many days, exact, and which of them each day has, shape of ``days``."""
        years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + EPOCH.year
        beyond = np.maximum(years - self.enacted.last_year, 0)
        at = (
            self.enacted.position(np.where(beyond > 0, self.enacted.starts[-1], days).astype(np.int32))
            + beyond
        )
        order, inverse = np.unique(at, return_inverse=True)
        return [self.on(calendar_date(int(days[np.argmax(at == a)]))) for a in order], inverse

    def on(self, when: date) -> Decimal:
        """Exact value on a date: enacted, or grown from the last enacted value."""
        years = when.year - self.enacted.last_year
        if years <= 0:
            return Decimal(self.enacted.on(when))
        self._law.note_projection(self.enacted.name, when.year)
        return Decimal(self.enacted.values[-1]) * (1 + self.growth) ** years


class PayoutLaw:
    """Entries of `tariffs` that payouts and reserves depend on, and a note of those used."""

    def __init__(self) -> None:
        self._series: dict[str, StepSeries] = {}
        self._used: dict[str, set[int]] = {}
        self._projected: dict[str, set[int]] = {}

    def note(self, name: str, positions: Iterable[int]) -> None:
        """Remember that entries of a parameter were used; -1 is none."""
        self._used.setdefault(name, set()).update(int(p) for p in positions if p >= 0)

    def note_projection(self, name: str, year: int) -> None:
        """Remember that a value beyond the record was projected."""
        self._projected.setdefault(name, set()).add(year)

    def used(self) -> list[dict[str, Any]]:
        """Entries used so far, by parameter and date, as plain values."""
        return [
            self._series[name].entries[p].as_json()
            for name in sorted(self._used)
            for p in sorted(self._used[name])
        ]

    def projected(self) -> dict[str, str]:
        """Parameters projected beyond the record, with the span of years."""
        return {name: f"{min(years)}-{max(years)}" for name, years in sorted(self._projected.items())}

    def series(self, name: str) -> StepSeries:
        """Step series of a parameter."""
        if name not in self._series:
            self._series[name] = StepSeries(self, name)
        return self._series[name]

    def projected_series(self, name: str, growth: float) -> ProjectedSeries:
        """A series of amounts with the basis' yearly growth after its record.

        Raises
        ------
        tariffs.LawError
            If the series changes inside a month: an index by calendar month could not follow it.
        """
        series = self.series(name)
        if not series.steps_on_first_of_month:
            raise tariffs.LawError(
                "{name} changes inside a month: an index by calendar month cannot follow it",
                "E4011",
                name=name,
            )
        return ProjectedSeries(series, Decimal(repr(growth)), self)

    def amounts_tiyn(self, name: str, days: NDArray[np.int32]) -> NDArray[np.int64]:
        """Amount in force on each day as whole tiyn, -1 where none is on record."""
        series = self.series(name)
        tiyn = np.array([int(value * 100) for value in series.values] + [-1], dtype=np.int64)
        return tiyn[series.position(days)]

    @cached_property
    def pension_schedule(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Steps of the pension age by sex: first days (2, p), ages in months (2, p), how many count (2,)."""
        both = [self.series(name) for name in ("pension_age_men", "pension_age_women")]
        steps = np.array([len(series.values) for series in both], dtype=np.int32)
        since = np.zeros((2, steps.max()), dtype=np.int32)
        ages = np.zeros_like(since)
        for s, series in enumerate(both):
            self.note(series.name, range(steps[s]))
            since[s, : steps[s]] = series.starts
            ages[s, : steps[s]] = [int(value * MONTHS_IN_YEAR) for value in series.values]
        return since, ages, steps

    def edition_is(self, rule: str, value: object, accident_date: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether a rule of the edition in force on each accident date has a value.

        False where no edition is on record: readers refuse such records before they get here.
        """
        editions = self.series("payout_edition")
        matches = np.array([edition[rule] == value for edition in editions.values] + [False])
        return matches[editions.position(accident_date)]

    def band_of(self, degree: NDArray[np.int16]) -> NDArray[np.int8]:
        """Band position (0 A … 3 D) of whole-percent degrees; 0 below A's first percent too."""
        bands = self.series("degree_bands")
        self.note("degree_bands", [len(bands.values) - 1])
        firsts = np.array([first for first, _ in bands.values[-1].values()], dtype=np.int16)
        return np.maximum(np.searchsorted(firsts, degree, side="right") - 1, 0).astype(np.int8)

    def latest(self, name: str) -> Any:
        """Value of the last entry of a parameter."""
        series = self.series(name)
        self.note(name, [len(series.values) - 1])
        return series.values[-1]
