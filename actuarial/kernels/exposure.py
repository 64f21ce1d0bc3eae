"""Days of observation by cell: spells split at birthdays, anniversaries of the first certificate, 1 January.

Dates are days since 1970-01-01. A birthday or anniversary on 29 February falls on 28 February of other
years. Callers validate: birth < entry, first certificate ≤ entry < exit, every index inside the grid.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

_MONTH_START = np.array(
    [
        [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365],
        [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366],
    ]
)


@njit(cache=True, nogil=True)
def _is_leap(year: int) -> bool:
    return (year % 4 == 0 and year % 100 != 0) or year % 400 == 0


@njit(cache=True, nogil=True)
def _new_year(year: int) -> int:
    """Day number of 1 January."""
    before = year - 1
    return 365 * (year - 1970) + before // 4 - before // 100 + before // 400 - 477


@njit(cache=True, nogil=True)
def _anniversary(year: int, month: int, day: int) -> int:
    """Day number of a day of a year; the last day of the month where the month lacks it."""
    starts = _MONTH_START[1 if _is_leap(year) else 0]
    return _new_year(year) + starts[month - 1] + min(day, starts[month] - starts[month - 1]) - 1


@njit(cache=True, nogil=True)
def split_spells(
    group: Int32,
    birth: Int32,
    start: Int32,
    entry: Int32,
    exit_day: Int32,
    entry_year: Int32,
    shape: tuple[int, int, int],
    first_age: int,
    first_year: int,
    days: Int64,
    last_cell: Int64,
) -> None:
    """Add the days of each spell [entry, exit) to its cells.

    Age, duration and year change at the start of a day, so that each day is in one cell. ``birth`` and
    ``start`` (first certificate): shape (n, 3), year, month, day; ``group``: (n,), sex · bands + band;
    ``days``: flat (groups · ages · durations · years), added to; ``last_cell``: (n,), cell of the last day.
    """
    n_ages, n_durations, n_years = shape
    for i in range(entry.shape[0]):
        at, year = entry[i], entry_year[i]
        age = year - birth[i, 0]
        if _anniversary(year, birth[i, 1], birth[i, 2]) > at:
            age -= 1
        duration = year - start[i, 0]
        if _anniversary(year, start[i, 1], start[i, 2]) > at:
            duration -= 1
        birthday = _anniversary(birth[i, 0] + age + 1, birth[i, 1], birth[i, 2])
        anniversary = _anniversary(start[i, 0] + duration + 1, start[i, 1], start[i, 2])
        new_year = _new_year(year + 1)
        cell = 0
        while at < exit_day[i]:
            until = min(min(birthday, anniversary), min(new_year, exit_day[i]))
            cell = (group[i] * n_ages + age - first_age) * n_durations + duration
            cell = cell * n_years + year - first_year
            days[cell] += until - at
            at = until
            if at == birthday:
                age += 1
                birthday = _anniversary(birth[i, 0] + age + 1, birth[i, 1], birth[i, 2])
            if at == anniversary:
                duration += 1
                anniversary = _anniversary(start[i, 0] + duration + 1, start[i, 1], start[i, 2])
            if at == new_year:
                year += 1
                new_year = _new_year(year + 1)
        last_cell[i] = cell
