"""Exposure of a million person-years by cell against the same split by other means, in one run.

Work: spells of 1 to 8 years split at birthdays, anniversaries and 1 Januaries, days by sex, band, age,
duration and calendar year; equal results, day for day. The naive loop does 1/100 of the work.
Run: ``pytest benchmarks/test_exposure.py --benchmark-only``.
"""

from __future__ import annotations

from calendar import isleap
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from actuarial.experience.exposure import ExposureCells, exposure_cells
from actuarial.experience.record import HistoryRecords

N_SPELLS = 225_000
PART = 100
KEYS = ["sex", "band", "age", "duration", "year"]


@pytest.fixture(scope="module")
def records() -> HistoryRecords:
    random = np.random.default_rng(20260101)
    entry = random.integers(13_000, 17_000, N_SPELLS)
    birth = entry - random.integers(20 * 365, 60 * 365, N_SPELLS)
    # no leap days, so that frames without the rule of 29 February can agree
    birth += np.array([calendar(d).day == 29 and calendar(d).month == 2 for d in birth])
    first = entry - random.integers(0, 3_000, N_SPELLS)
    first += np.array([calendar(d).day == 29 and calendar(d).month == 2 for d in first])
    return HistoryRecords(
        claim=np.arange(N_SPELLS),
        sex=random.integers(0, 2, N_SPELLS).astype(np.int8),
        birth_date=birth.astype(np.int32),
        entry_date=entry.astype(np.int32),
        exit_date=(entry + random.integers(365, 8 * 365, N_SPELLS)).astype(np.int32),
        first_certificate_date=np.minimum(first, entry).astype(np.int32),
        exit_reason=np.full(N_SPELLS, 4, dtype=np.int8),
        band=random.integers(0, 4, N_SPELLS).astype(np.int8),
        band_to=np.full(N_SPELLS, -1, dtype=np.int8),
    )


def calendar(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(day))


def plain(cells: object) -> dict[tuple[int, ...], int]:
    """Days by cell of any result; not timed."""
    if isinstance(cells, pd.Series):
        return dict(zip(cells.index.tolist(), cells.tolist(), strict=True))
    if isinstance(cells, Counter):
        return dict(cells)
    assert isinstance(cells, ExposureCells)
    keys = zip(*(getattr(cells, name).tolist() for name in KEYS), strict=True)
    return dict(zip(keys, cells.days.tolist(), strict=True))


def by_frame(records: HistoryRecords) -> pd.Series:
    """A Lexis expansion in pandas: every spell at every 1 January, then at birthdays, then anniversaries."""
    names = ("sex", "band", "birth_date", "first_certificate_date", "entry_date", "exit_date")
    frame = pd.DataFrame({name: getattr(records, name).astype(np.int64) for name in names})
    frame = frame.rename(columns={"entry_date": "begin", "exit_date": "end"})
    frame = split(frame, lambda f, k: first_of_year(year_of(f["begin"]) + 1 + k))
    for name in ("birth_date", "first_certificate_date"):
        frame = split(frame, lambda f, k, name=name: next_anniversary(f[name], f["begin"], k))
    frame["year"] = year_of(frame["begin"])
    frame["age"] = completed(frame["birth_date"], frame["begin"])
    frame["duration"] = completed(frame["first_certificate_date"], frame["begin"])
    return (frame["end"] - frame["begin"]).groupby([frame[name] for name in KEYS]).sum()


def split(frame: pd.DataFrame, boundary) -> pd.DataFrame:
    """Parts of each spell between boundaries 0, 1, …"""
    parts, k = [], 0
    while len(frame):
        at = np.minimum(boundary(frame, k), frame["end"])
        parts.append(frame.assign(end=at))
        frame = frame.assign(begin=at)
        frame = frame[frame["begin"] < frame["end"]]
    return pd.concat([part[part["begin"] < part["end"]] for part in parts])


def year_of(days: pd.Series) -> pd.Series:
    return pd.Series(
        days.to_numpy().astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970, days.index
    )


def first_of_year(years: pd.Series) -> pd.Series:
    return pd.Series(
        (years.to_numpy() - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64),
        years.index,
    )


def anniversary(start: pd.Series, year: pd.Series) -> pd.Series:
    months = start.to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    day = (start.to_numpy().astype("datetime64[D]") - months).astype(np.int64)
    month = months.astype(np.int64) % 12
    there = ((year.to_numpy() - 1970) * 12 + month).astype("datetime64[M]").astype("datetime64[D]")
    return pd.Series(there.astype(np.int64) + day, start.index)


def completed(start: pd.Series, when: pd.Series) -> pd.Series:
    year = year_of(when)
    return year - year_of(start) - (anniversary(start, year) > when)


def next_anniversary(start: pd.Series, when: pd.Series, _: int) -> pd.Series:
    return anniversary(start, year_of(start) + completed(start, when) + 1)


def by_days(records: HistoryRecords) -> Counter[tuple[int, ...]]:
    """Day by day with the standard library."""
    found: Counter[tuple[int, ...]] = Counter()
    for i in range(len(records)):
        birth, first = calendar(records.birth_date[i]), calendar(records.first_certificate_date[i])
        at, end = calendar(records.entry_date[i]), calendar(records.exit_date[i])
        while at < end:
            found[int(records.sex[i]), int(records.band[i]), years(birth, at), years(first, at), at.year] += 1
            at += timedelta(days=1)
    return found


def years(start: date, when: date) -> int:
    day = 28 if (start.month, start.day) == (2, 29) and not isleap(when.year) else start.day
    return when.year - start.year - ((when.month, when.day) < (start.month, day))


WAYS = {
    "kernel": (exposure_cells, 1),
    "pandas Lexis expansion": (by_frame, 1),
    "day by day, 1/100 of the work": (by_days, PART),
}


@pytest.mark.parametrize("way", WAYS)
def test_person_years(benchmark, records: HistoryRecords, way: str) -> None:
    split_by, part = WAYS[way]
    some = records.take(np.arange(len(records) // part))
    expected = plain(exposure_cells(some))
    found = benchmark.pedantic(split_by, args=(some,), rounds=5 if way == "kernel" else 1, iterations=1)
    benchmark.extra_info["person-years"] = round(sum(expected.values()) / 365.25)
    assert plain(found) == expected
