"""Exposure: equal to a count of days one by one, whatever the order; leap days; where an exit belongs."""

from datetime import date

import numpy as np
import pytest
from spell import cells_day_by_day, random_records, records_of

from actuarial.experience.exposure import exposure_cells
from actuarial.experience.record import CENSORED, DEAD, EXITS
from actuarial.kernels import exposure as kernel
from actuarial.payout_law import day


@pytest.mark.parametrize("seed", [1, 2])
def test_cells_equal_a_count_of_days(seed: int) -> None:
    records = random_records(150, seed)
    cells = exposure_cells(records)
    days, exits = cells_day_by_day(records)
    keys = list(
        zip(*(getattr(cells, d).tolist() for d in ("sex", "band", "age", "duration", "year")), strict=True)
    )
    assert dict(zip(keys, cells.days.tolist(), strict=True)) == days
    found = {
        (*key, reason): n
        for key, row in zip(keys, cells.exits.tolist(), strict=True)
        for reason, n in enumerate(row)
        if n
    }
    assert found == exits


def test_order_of_spells_does_not_matter() -> None:
    records = random_records(500, 3)
    shuffled = records.take(np.random.default_rng(0).permutation(500))
    one, other = exposure_cells(records), exposure_cells(shuffled)
    for name in ("sex", "band", "age", "duration", "year", "days", "exits"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_every_day_and_every_exit_is_counted_once() -> None:
    records = random_records(2000, 4)
    cells = exposure_cells(records)
    assert cells.days.sum() == (records.exit_date.astype(np.int64) - records.entry_date).sum()
    assert cells.exits.sum() == len(records)
    np.testing.assert_array_equal(
        cells.exits.sum(axis=0), np.bincount(records.exit_reason, minlength=len(EXITS))
    )
    assert (cells.days > 0).all()


def test_a_leap_day_birth_and_an_exit_on_a_birthday() -> None:
    # born 29 February 1980: 40 on that day in 2020, 41 on 28 February 2021; death at the start of that day
    leap_day = date(2020, 2, 29)
    spell = (1, "male", date(1980, 2, 29), leap_day, leap_day, date(2021, 2, 28), "dead", "B", "")
    cells = exposure_cells(records_of([spell]))
    assert cells.age.tolist() == [40, 40]
    assert cells.duration.tolist() == [0, 0]
    assert cells.year.tolist() == [2020, 2021]
    assert cells.days.tolist() == [307, 58]
    assert cells.exits[:, DEAD].tolist() == [0, 1]


def test_the_kernel_is_its_python() -> None:
    records = random_records(40, 5)
    found = exposure_cells(records)
    compiled = kernel.split_spells
    try:
        kernel.split_spells = compiled.py_func
        plain = exposure_cells(records)
    finally:
        kernel.split_spells = compiled
    np.testing.assert_array_equal(found.days, plain.days)
    np.testing.assert_array_equal(found.exits, plain.exits)


def test_as_it_was_known_on_a_day() -> None:
    birth, first = date(1980, 1, 1), date(2015, 1, 1)
    spells = [
        (1, "male", birth, first, date(2015, 1, 1), date(2016, 1, 1), "degree_changed", "B", "C"),
        (1, "male", birth, first, date(2016, 1, 1), date(2018, 1, 1), "dead", "C", ""),
        (2, "male", birth, first, date(2017, 1, 1), date(2018, 1, 1), "dead", "C", ""),
    ]
    known = records_of(spells).observed_until(day(date(2016, 7, 1)))
    assert len(known) == 2
    assert known.exit_date.tolist() == [day(date(2016, 1, 1)), day(date(2016, 7, 1))]
    assert known.exit_reason.tolist() == [EXITS.index("degree_changed"), CENSORED]
    assert known.band_to.tolist() == [2, -1]
    # an exit on the day itself is known
    last = records_of(spells).observed_until(day(date(2018, 1, 1)))
    assert last.exit_reason.tolist() == [EXITS.index("degree_changed"), DEAD, DEAD]
