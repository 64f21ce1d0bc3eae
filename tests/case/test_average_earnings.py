"""Average earnings by Civil Code 938, with sums written out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial.claim.earnings import EarningsError, MonthPay, average_earnings, month_index, month_text

ACCIDENT = date(2025, 1, 15)
YEAR = [month_index(date(2024, m, 1)) for m in range(1, 13)]


def plain(*amounts: int) -> list[MonthPay]:
    return [MonthPay.plain(YEAR[-len(amounts) + i], Decimal(a)) for i, a in enumerate(amounts)]


def test_twelve_months_and_fewer() -> None:
    assert average_earnings(plain(*[200_000] * 6, *[300_000] * 6), ACCIDENT).average == 250_000
    # worked five months: the sum over five, not twelve
    found = average_earnings(plain(100_000, 110_000, 120_000, 130_000, 140_001), ACCIDENT)
    assert (found.average, found.n_months) == (Fraction(600_001, 5), 5)
    assert found.tiyn == 12_000_020
    assert average_earnings(plain(100_000, 100_000, 100_001), ACCIDENT).tiyn == 10_000_033  # 100 000.333...


def test_kinds_of_pay() -> None:
    items = (
        ("pay", Decimal(100_000)), ("sick_pay", Decimal(20_000)), ("maternity_pay", Decimal(30_000)),
        ("severance", Decimal(500_000)), ("leave_compensation", Decimal(70_000)),
    )  # fmt: skip
    found = average_earnings([MonthPay(YEAR[-1], items)], ACCIDENT)
    assert found.average == 150_000
    assert found.months[0].excluded == 570_000


def test_incomplete_months() -> None:
    months = [MonthPay.plain(YEAR[0] - 1, Decimal(90_000)), *plain(*[120_000] * 12)]
    months[5] = MonthPay(months[5].month, (("pay", Decimal(40_000)),), is_complete=False)
    replaced = average_earnings(months, ACCIDENT)
    assert replaced.average == Fraction(11 * 120_000 + 90_000, 12)
    assert [use.why for use in replaced.months if use.why] == ["incomplete, replaced by 2023-12"]
    dropped = average_earnings(months, ACCIDENT, incomplete_months="drop")
    assert dropped.average == 120_000
    assert dropped.n_months == 11
    # no full month before the year: replacing is impossible, the month is dropped
    assert average_earnings(months[1:], ACCIDENT).n_months == 11


def test_months_older_than_a_year_do_not_count_by_themselves() -> None:
    months = [MonthPay.plain(YEAR[0] - 3, Decimal(10**6)), *plain(*[120_000] * 12)]
    found = average_earnings(months, ACCIDENT)
    assert found.average == 120_000
    assert "earlier than 12 months" in found.months[0].why


def test_a_stable_rise_counts_alone() -> None:
    found = average_earnings(plain(*[100_000] * 9, *[180_000] * 3), ACCIDENT, stable_rise_month=YEAR[9])
    assert (found.average, found.n_months) == (180_000, 3)


def test_refusals_name_everything() -> None:
    with pytest.raises(EarningsError, match="monthly_pay leaves no month to count") as error:
        average_earnings([MonthPay(YEAR[-1], (), is_complete=False)], ACCIDENT)
    assert error.value.code == "E5420"
    bad = [
        MonthPay.plain(YEAR[3], Decimal(1)),
        MonthPay.plain(YEAR[3], Decimal(-1)),
        MonthPay(month_index(ACCIDENT), (("bonus", Decimal(1)),)),
    ]
    with pytest.raises(EarningsError, match="2024-04 is given twice") as error:
        average_earnings(bad, ACCIDENT)
    for text in ("is not before the accident", "unknown kind 'bonus'", "below 0"):
        assert text in str(error.value)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_average_lies_between_the_months(amounts: list[int]) -> None:
    found = average_earnings(plain(*amounts), ACCIDENT)
    assert min(amounts) <= found.average <= max(amounts)
    assert found.average * len(amounts) == sum(amounts)


def test_month_text() -> None:
    assert month_text(month_index(date(2024, 12, 31))) == "2024-12"
