"""Working days: the law's list of 2009, the package `holidays` as a second witness, moved days, borders."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest

import tariffs
from tariffs.calendar_kz import MovedDayError, WorkingCalendar, days_off, read_moved_days

# Law 267-II art 5, edition of 2009-04-22, words of the act
OF_2009 = [
    (1, 1),
    (1, 2),
    (3, 8),
    (3, 21),
    (3, 22),
    (3, 23),
    (5, 1),
    (5, 9),
    (7, 6),
    (8, 30),
    (12, 16),
    (12, 17),
]
MOVED = Path(__file__).parent / "data" / "moved_days_2020.csv"


def test_the_list_of_the_act() -> None:
    rows = tariffs.parameter("holidays").on(date(2010, 1, 1)).value
    verbatim = {(row["month"], row["day"]) for row in rows if row["evidence"] == "V"}
    assert verbatim == set(OF_2009)
    for month, day in OF_2009:
        assert date(2010, month, day) in days_off(2010)


@pytest.mark.parametrize("year", range(2010, 2027))
def test_agrees_with_the_package_but_for_moved_days(year: int) -> None:
    theirs = holidays.country_holidays("KZ", years=year, language="en_US")
    expected = {day for day, name in theirs.items() if "substituted" not in name}
    if year == 2020:
        # 11 May 2020 was worked in place of 8 May by decision: an input here, a built-in there
        expected.add(date(2020, 5, 11))
    assert set(days_off(year)) == expected


def test_known_changes() -> None:
    assert date(2025, 8, 30) in days_off(2025)
    assert date(2026, 8, 30) not in days_off(2026)
    assert date(2027, 3, 15) in days_off(2027)


def test_counting() -> None:
    calendar = WorkingCalendar()
    # Friday 2026-01-09 after Tuesday 2026-01-06: the 7th is a day of rest
    assert calendar.after(date(2026, 1, 6), 2) == date(2026, 1, 9)
    assert calendar.after(date(2025, 12, 31), 1) == date(2026, 1, 5)
    assert calendar.between(date(2025, 12, 31), date(2026, 1, 9)) == 4
    assert calendar.reason_off(date(2026, 3, 9)) == "day off for International Women's Day on 2026-03-08"
    assert calendar.reason_off(date(2026, 3, 14)) == "weekly rest day"
    with pytest.raises(ValueError, match="n is 0"):
        calendar.after(date(2026, 1, 6), 0)


def test_a_rest_day_of_the_law_on_a_weekend_moves_nothing() -> None:
    # Kurban-ait on Sunday 2024-06-16, Orthodox Christmas on Sunday 2024-01-07
    assert WorkingCalendar().is_working_day(date(2024, 6, 17))
    assert WorkingCalendar().is_working_day(date(2024, 1, 8))


@pytest.mark.parametrize("day", [date(2009, 4, 21), date(2027, 5, 1)])
def test_outside_the_calendar_is_an_error(day: date) -> None:
    with pytest.raises(tariffs.NotOnRecord, match=f"{day} is outside the calendar of working days"):
        WorkingCalendar().is_working_day(day)
    with pytest.raises(tariffs.NotOnRecord, match="outside the calendar"):
        WorkingCalendar().after(date(2027, 4, 29), 5)


def test_moved_days() -> None:
    calendar = WorkingCalendar(read_moved_days(MOVED))
    assert calendar.reason_off(date(2020, 5, 8)).startswith("moved day off (")
    assert calendar.is_working_day(date(2020, 5, 11))
    assert calendar.after(date(2020, 5, 6), 1) == date(2020, 5, 11)
    theirs = holidays.country_holidays("KZ", years=2020)
    day = date(2020, 1, 1)
    while day.year == 2020:
        if day.weekday() < 5:
            assert calendar.is_working_day(day) == (day not in theirs), day
        day += timedelta(days=1)


def test_a_bad_table_of_moved_days_names_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "moved.csv"
    path.write_text(
        "day_off,working_day,act\n2025-01-04,2025-01-05,order\n2025-01-03,2025-13-01,order\n2025-01-06,2025-01-11,\n",
        encoding="utf-8",
    )
    with pytest.raises(MovedDayError, match="2025-01-04 is a day off already") as error:
        read_moved_days(path)
    assert error.value.code == "E1131"
    assert "row 3" in str(error.value)
    assert "row 4: no act" in str(error.value)
    path.write_text("off,on\n", encoding="utf-8")
    with pytest.raises(MovedDayError, match="they must be day_off, working_day, act"):
        read_moved_days(path)


def test_next_day_of_a_working_day_is_reached_one_by_one() -> None:
    calendar = WorkingCalendar()
    day = date(2024, 1, 1)
    for n in range(1, 120):
        following = calendar.after(date(2024, 1, 1), n)
        assert following > day
        assert calendar.is_working_day(following)
        day = following
