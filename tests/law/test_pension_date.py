"""Pension date: the worked dates of the law page, and a day-by-day search as the slow formula."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tariffs import pension_date

# Social Code art 207 and the schedule before it
WOMEN = [
    (date(2001, 7, 1), "58"),
    (date(2018, 1, 1), "58.5"),
    (date(2019, 1, 1), "59"),
    (date(2020, 1, 1), "59.5"),
    (date(2021, 1, 1), "60"),
    (date(2022, 1, 1), "60.5"),
    (date(2023, 1, 1), "61"),
    (date(2028, 1, 1), "61.5"),
    (date(2029, 1, 1), "62"),
    (date(2030, 1, 1), "62.5"),
    (date(2031, 1, 1), "63"),
]


@pytest.mark.parametrize(
    ("born", "reached"),
    [
        (date(1959, 12, 31), date(2017, 12, 31)),
        (date(1960, 1, 1), date(2018, 7, 1)),
        (date(1966, 12, 31), date(2027, 12, 31)),
        (date(1967, 1, 1), date(2028, 7, 1)),
        (date(1967, 7, 1), date(2029, 7, 1)),
    ],
)
def test_women_of_the_law_page(born: date, reached: date) -> None:
    assert pension_date("female", born) == reached


@pytest.mark.parametrize(
    ("born", "reached"),
    [
        (date(1980, 5, 17), date(2043, 5, 17)),
        (date(1964, 2, 29), date(2027, 2, 28)),
        (date(1961, 2, 28), date(2024, 2, 28)),
    ],
)
def test_men(born: date, reached: date) -> None:
    assert pension_date("male", born) == reached


def completed_months(born: date, day: date) -> int:
    """Count the month anniversaries passed, where a day the month lacks is the month's last day."""
    months = (day.year - born.year) * 12 + day.month - born.month
    last = (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return months if day.day >= min(born.day, last.day) else months - 1


@pytest.mark.parametrize(
    "born",
    [
        date(year, month, day)
        for year in range(1957, 1972)
        for month, day in ((1, 1), (2, 28), (6, 30), (7, 1), (8, 31), (12, 31))
    ]
    + [date(1960, 2, 29), date(1964, 2, 29), date(1968, 2, 29)],
)
def test_women_against_a_search_over_days(born: date) -> None:
    day = date(born.year + 57, born.month, 1)
    while True:
        age = Decimal([age for start, age in WOMEN if start <= day][-1])
        if completed_months(born, day) >= age * 12:
            break
        day += timedelta(days=1)
    assert pension_date("female", born) == day


def test_past_the_age_when_the_record_starts() -> None:
    assert pension_date("male", date(1930, 3, 1)) == date(2001, 7, 1)


def test_unknown_sex() -> None:
    with pytest.raises(ValueError, match="sex is 'm'; the pension age is on record for male and female"):
        pension_date("m", date(1970, 1, 1))
