"""Working days of Kazakhstan: the dated holidays of the law, weekly rest days, and moved days.

Law of 13.12.2001 No 267-II art 5: a holiday is no working day; where it falls on a weekly rest day, the
next working day is off. Days moved by the labour authority are an input (`read_moved_days`): each year has
its own order, and none is on record here. A day outside the calendar is an error, never a guess.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tariffs.dated import DAY, Entry, NotOnRecord
from tariffs.law import parameter
from tariffs.message import Message, joined, message

MOVED_COLUMNS = ("day_off", "working_day", "act")


class MovedDayError(ValueError):
    """A table of moved working days that cannot be used (code E1131)."""

    def __init__(self, template: str, /, **values: Any) -> None:
        super().__init__(message(template, **values))
        self.code = "E1131"


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are working days.

    Attributes
    ----------
    moved : mapping of date to (bool, str)
        Days moved by order of the labour authority: True = worked, False = off, and the act.

    Examples
    --------
    In March 2026 two holidays fall on a weekend, so the 24th and 25th are off too:

    >>> calendar = WorkingCalendar()
    >>> calendar.after(date(2026, 3, 19), 2)
    datetime.date(2026, 3, 26)
    """

    moved: Mapping[date, tuple[bool, str]] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Whether a day is a working day.

        Raises
        ------
        NotOnRecord
            The day is outside the calendar.
        """
        return self.reason_off(day) == ""

    def reason_off(self, day: date) -> str:
        """Why a day is not worked; empty for a working day.

        Raises
        ------
        NotOnRecord
            The day is outside the calendar.
        """
        _record_on(day)
        if day in self.moved:
            is_worked, act = self.moved[day]
            return "" if is_worked else message("moved day off ({act})", act=act)
        named = days_off(day.year).get(day, "")
        if named:
            return named
        return message("weekly rest day") if day.isoweekday() in _rest_days(day) else ""

    def after(self, day: date, n: int) -> date:
        """The n-th working day after a day, which is not counted itself.

        Parameters
        ----------
        day : date
        n : int
            1 or more.

        Raises
        ------
        NotOnRecord
            A day up to the answer is outside the calendar.
        """
        if n < 1:
            raise ValueError(f"n is {n}: count one working day or more")
        while n:
            day += DAY
            n -= self.is_working_day(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days in ``(start, end]``."""
        return sum(self.is_working_day(start + timedelta(days=k)) for k in range(1, (end - start).days + 1))


@cache
def days_off(year: int) -> dict[date, str]:
    """Days off of a year beside the weekly rest days, substitutes of holidays included, by name.

    Empty for a year outside the table.
    """
    rows = [
        (date(year, row["month"], row["day"]), row["kind"], row["name"])
        for entry in parameter("holidays").entries
        for row in entry.value
        if row["year_from"] <= year and (row["year_to"] is None or year <= row["year_to"])
    ]
    off = {day: name for day, _, name in rows}
    for day, kind, name in sorted(rows):
        if kind == "holiday" and day.isoweekday() in _rest_days(day):
            substitute = day
            while substitute.isoweekday() in _rest_days(day) or substitute in off:
                substitute += DAY
            off[substitute] = message("day off for {name} on {day}", name=name, day=day)
    return off


def _record_on(day: date) -> Entry:
    try:
        return parameter("holidays").on(day)
    except NotOnRecord as error:
        raise NotOnRecord(
            "{day} is outside the calendar of working days: {error}", day=day, error=error
        ) from None


@cache
def _rest_days(day: date) -> frozenset[int]:
    days: tuple[int, ...] = parameter("weekly_rest_days").entries[-1].value
    return frozenset(days)


def read_moved_days(path: Path) -> dict[date, tuple[bool, str]]:
    """Read a table of moved working days.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with the columns ``day_off``, ``working_day`` and ``act``: the working day that became
        a day off, the rest day worked for it, the order. Dates as 2026-01-05.

    Returns
    -------
    dict of date to (bool, str)
        For `WorkingCalendar`.

    Raises
    ------
    MovedDayError
        Code E1131: wrong columns, a date that is none, a day moved twice, a rest day as ``day_off`` or a
        working day as ``working_day``. All problems are named at once.
    """
    lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    header, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    if tuple(header) != MOVED_COLUMNS:
        raise MovedDayError(
            "{path}: the columns are {found}; they must be {columns}",
            path=path,
            found=", ".join(header),
            columns=", ".join(MOVED_COLUMNS),
        )
    plain = WorkingCalendar()
    moved: dict[date, tuple[bool, str]] = {}
    problems: list[Message] = []
    for number, row in enumerate(rows, start=2):
        try:
            day_off, working_day = (date.fromisoformat(cell.strip()) for cell in row[:2])
            act = row[2].strip()
        except (ValueError, IndexError):
            problems.append(
                message(
                    "row {number}: {row!r} is not day_off,working_day,act with dates as 2026-01-05",
                    number=number,
                    row=",".join(row),
                )
            )
            continue
        for day, is_worked in ((day_off, False), (working_day, True)):
            if day in moved:
                problems.append(message("row {number}: {day} is moved twice", number=number, day=day))
            elif plain.is_working_day(day) == is_worked:
                problems.append(
                    message("row {number}: {day} is a working day already", number=number, day=day)
                    if is_worked
                    else message("row {number}: {day} is a day off already", number=number, day=day)
                )
            moved[day] = (is_worked, act)
        if not act:
            problems.append(message("row {number}: no act; name the order that moves the day", number=number))
    if problems:
        raise MovedDayError("{path}: {problems}", path=path, problems=joined(problems, "; "))
    return moved
