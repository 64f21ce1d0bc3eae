"""Spells for tests: built from dates, and split day by day with the calendar of the standard library."""

from calendar import isleap
from collections import Counter
from datetime import date, timedelta

import numpy as np

from actuarial.experience.record import EXITS, HistoryRecords
from actuarial.payout_law import calendar_date, day

Spell = tuple[int, str, date, date, date, date, str, str, str]
"""claim, sex, birth, first certificate, entry, exit, reason, band, band_to."""


def records_of(spells: list[Spell]) -> HistoryRecords:
    claim, sex, birth, first, entry, exit_, reason, band, band_to = zip(*spells, strict=True)
    days = {
        "birth_date": birth,
        "first_certificate_date": first,
        "entry_date": entry,
        "exit_date": exit_,
    }
    return HistoryRecords(
        claim=np.array(claim, dtype=np.int64),
        sex=np.array([("male", "female").index(s) for s in sex], dtype=np.int8),
        exit_reason=np.array([EXITS.index(r) for r in reason], dtype=np.int8),
        band=np.array(["ABCD".index(b) for b in band], dtype=np.int8),
        band_to=np.array(["ABCD".index(b) if b else -1 for b in band_to], dtype=np.int8),
        **{name: np.array([day(d) for d in values], dtype=np.int32) for name, values in days.items()},
    )


def random_records(n: int, seed: int) -> HistoryRecords:
    """Spells with many leap-day births and certificates; no order, no sense beyond what a kernel needs."""
    random = np.random.default_rng(seed)
    entry = random.integers(day(date(2003, 1, 1)), day(date(2020, 1, 1)), n)
    leap_days = np.array([day(date(y, 2, 29)) for y in range(1960, 1985, 4)])
    birth = entry - random.integers(18 * 365, 60 * 365, n)
    birth = np.where(random.random(n) < 0.3, random.choice(leap_days, n), birth)
    first = np.where(random.random(n) < 0.3, entry, entry - random.integers(0, 3000, n))
    certified = np.array([day(date(y, 2, 29)) for y in (1996, 2000)])
    first = np.where(random.random(n) < 0.3, random.choice(certified, n), first)
    reason = random.integers(0, 5, n)
    return HistoryRecords(
        claim=np.arange(n),
        sex=random.integers(0, 2, n).astype(np.int8),
        birth_date=birth.astype(np.int32),
        entry_date=entry.astype(np.int32),
        exit_date=(entry + random.integers(1, 1500, n)).astype(np.int32),
        first_certificate_date=first.astype(np.int32),
        exit_reason=reason.astype(np.int8),
        band=random.integers(0, 4, n).astype(np.int8),
        band_to=np.where(reason == 2, random.integers(0, 4, n), -1).astype(np.int8),
    )


def completed_years(start: date, when: date) -> int:
    """Birthdays or anniversaries reached; 29 February counts as 28 February in other years."""
    years = when.year - start.year
    day_of_month = 28 if (start.month, start.day) == (2, 29) and not isleap(when.year) else start.day
    return years - (when < date(when.year, start.month, day_of_month))


def cells_day_by_day(records: HistoryRecords) -> tuple[Counter, Counter]:
    """Days by (sex, band, age, duration, year), and exits by the same and the reason."""
    days: Counter = Counter()
    exits: Counter = Counter()
    for i in range(len(records)):
        birth = calendar_date(records.birth_date[i])
        first = calendar_date(records.first_certificate_date[i])
        at, end = calendar_date(records.entry_date[i]), calendar_date(records.exit_date[i])
        cell = None
        while at < end:
            ages = completed_years(birth, at), completed_years(first, at)
            cell = (int(records.sex[i]), int(records.band[i]), *ages, at.year)
            days[cell] += 1
            at += timedelta(days=1)
        exits[(*cell, int(records.exit_reason[i]))] += 1
    return days, exits
