"""The date kernels against `datetime` and against the words of the contract, date by date."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tariffs
from actuarial.entitlement import pension_dates
from actuarial.kernels import timeline

EPOCH = date(1970, 1, 1)
DAYS = st.dates(date(1930, 1, 1), date(2110, 12, 31))


def number(day: date) -> int:
    return (day - EPOCH).days


def add_months(start: date, months: int) -> date:
    month = start.year * 12 + start.month - 1 + months
    year, month = divmod(month, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@given(DAYS)
def test_civil_and_back(day: date) -> None:
    assert timeline.civil(number(day)) == (day.year, day.month, day.day)
    assert timeline.day_number(day.year, day.month, day.day) == number(day)


@given(DAYS, st.integers(0, 40_000))
def test_completed_months_is_the_largest_that_fits(start: date, later: int) -> None:
    end = start + timedelta(days=later)
    if end.year > 2200:
        return
    months = timeline.completed_months(number(start), number(end))
    assert add_months(start, months) <= end < add_months(start, months + 1)


@settings(max_examples=300)
@given(DAYS, st.integers(-40, 1500))
def test_payments_before_counts_real_dates(first: date, later: int) -> None:
    end = first + timedelta(days=later)
    counted = sum(add_months(first, k) < end for k in range(60))
    assert timeline.payments_before(number(first), *timeline.split(number(first)), number(end)) == counted


@settings(max_examples=500)
@given(DAYS, st.integers(0, 4000))
def test_years_at_each_payment(start: date, later: int) -> None:
    first = start + timedelta(days=later)
    months, irregular = timeline.months_in_years(
        *timeline.split(number(start)), *timeline.split(number(first))
    )
    for k in range(60):
        payment = add_months(first, k)
        years = (months + k) // 12
        leap_february = payment.month == 2 and calendar.isleap(payment.year)
        if irregular and leap_february and (months + k) % 12 == 0:
            years -= 1
        assert add_months(start, 12 * years) <= payment < add_months(start, 12 * (years + 1))
    assert irregular == (start.month == 2 and start.day == 29 and first.day == 28)


@given(DAYS)
def test_leap_anniversaries(first: date) -> None:
    first = first.replace(day=28)
    start = date(1928, 2, 29)
    counts = np.empty(60, dtype=np.int64)
    timeline.leap_anniversaries(number(first), counts)
    for k in range(60):
        payment = add_months(first, k)
        passed = sum(add_months(start, 12 * m) <= payment for m in range(1, 200))
        passed_at_first = sum(add_months(start, 12 * m) <= first for m in range(1, 200))
        assert counts[k] - counts[0] == passed - passed_at_first


@settings(max_examples=400)
@given(st.sampled_from(["male", "female"]), st.dates(date(1930, 1, 1), date(2010, 12, 31)))
def test_pension_dates_follow_the_law(sex: str, birth: date) -> None:
    """The scalar rule of `tariffs` is a separate code, tested day by day against the statute page."""
    code = np.array([0 if sex == "male" else 1], dtype=np.int8)
    found = pension_dates(code, np.array([number(birth)], dtype=np.int32))
    assert EPOCH + timedelta(days=int(found[0])) == tariffs.pension_date(sex, birth)


@pytest.mark.parametrize(
    ("birth", "reached"),
    [
        ("1959-12-31", "2017-12-31"),
        ("1960-01-01", "2018-07-01"),
        ("1966-12-31", "2027-12-31"),
        ("1967-01-01", "2028-07-01"),
        ("1967-07-01", "2029-07-01"),
    ],
)
def test_women_of_the_statute_page(birth: str, reached: str) -> None:
    found = pension_dates(
        np.array([1], dtype=np.int8), np.array([number(date.fromisoformat(birth))], dtype=np.int32)
    )
    assert EPOCH + timedelta(days=int(found[0])) == date.fromisoformat(reached)
