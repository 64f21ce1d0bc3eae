"""The Fund's payment: worked cases, each edition by hand, averages, rises, the transition, arrays."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tariffs
from tariffs.social_payment import (
    SocialPaymentError,
    average_social_income,
    indexed_social_payment,
    service_coefficient,
    social_payment,
    social_payments,
    survivor_social_payment,
    transferred_social_payment,
)

CASES = list(
    csv.DictReader(
        line
        for line in (Path(__file__).parent / "data" / "social_payment.csv").read_text().splitlines()
        if not line.startswith("#")
    )
)
# law of 25.04.2003 No 405 art 21; of 26.12.2019 No 286-VI art 20; Social Code art 181
WAGES = {2010: 14952, 2016: 22859, 2019: 42500, 2021: 42500, 2024: 85000, 2026: 85000}


def by_hand(income: int, degree: int, months: int, year: int) -> Fraction:
    """The statute's formula written out; before any rounding."""
    if degree < 30:
        return Fraction(0)
    subtrahend = Fraction(80, 100) if year < 2020 else Fraction(55, 100) if year < 2023 else Fraction(1, 2)
    net = income - subtrahend * WAGES[year]
    if year < 2020:
        k_degree = Fraction(3, 10) if degree < 60 else Fraction(1, 2) if degree < 80 else Fraction(7, 10)
    else:
        k_degree = Fraction(degree, 100)
    for least, value in ((60, 100), (48, 95), (36, 90), (24, 85), (12, 75), (6, 70), (0, 10)):
        if months >= least:
            k_service = Fraction(value, 100)
            break
    if year >= 2020 and months > 60:
        k_service = 1 + Fraction(2, 100) * ((months - 60) // 12)
    if year >= 2023:
        k_service = min(k_service, Fraction(13, 10))
    return max(net, Fraction(0)) * Fraction(6, 10) * k_degree * k_service


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_worked_cases(case: dict[str, str]) -> None:
    day = date(int(case["entitlement_year"]), 6, 1)
    assert tariffs.parameter("minimum_wage").on(day).value == Decimal(case["minimum_wage"])
    degree = int(Decimal(case["degree"]) * 100)
    found = social_payment(Decimal(case["average_income"]), degree, int(case["months"]), day, rounding="none")
    if case["expected"] == "refusal":
        assert found.amount == 0
        assert "does not exceed" in found.refusal
    else:
        assert found.amount == Decimal(case["expected"])
        assert found.refusal == ""


@given(
    income=st.integers(0, 2_000_000),
    degree=st.integers(0, 100),
    months=st.integers(0, 400),
    year=st.sampled_from(sorted(WAGES)),
)
@settings(max_examples=150, deadline=None)
def test_formula_written_out_and_array_form(income: int, degree: int, months: int, year: int) -> None:
    day = date(year, 10, 1)
    exact = by_hand(income, degree, months, year)
    assert Fraction(social_payment(Decimal(income), degree, months, day, rounding="none").amount) == exact
    array = social_payments(
        np.array([float(income)]), np.array([degree]), np.array([months]), [day], rounding="none"
    )
    assert array[0] == pytest.approx(float(exact), rel=1e-13, abs=1e-9)
    for rounding in ("half_up", "down", "up"):
        one = social_payment(Decimal(income), degree, months, day, rounding=rounding).amount
        many = social_payments(
            np.array([float(income)]), np.array([degree]), np.array([months]), [day], rounding=rounding
        )
        assert many[0] == pytest.approx(float(one), rel=1e-13, abs=1e-9)


# Order of 22.06.2023 No 238: k = 1.0 + 0.02 INT((M - 60) / 12) from 72 months, at most 1.3
@pytest.mark.parametrize(
    ("months", "expected"),
    [(5, "0.1"), (6, "0.7"), (11, "0.7"), (12, "0.75"), (59, "0.95"), (60, "1.0"), (71, "1.0"), (72, "1.02"),
     (84, "1.04"), (239, "1.28"), (240, "1.30"), (400, "1.3")],
)  # fmt: skip
def test_service_coefficient_of_the_order(months: int, expected: str) -> None:
    rule = tariffs.parameter("social_payment_service_coefficient").on(date(2024, 1, 1)).value
    assert service_coefficient(months, rule) == Decimal(expected)


def test_service_coefficient_has_no_cap_from_2020_to_2023() -> None:
    rule = tariffs.parameter("social_payment_service_coefficient").on(date(2022, 1, 1)).value
    assert service_coefficient(360, rule) == Decimal("1.50")
    before = tariffs.parameter("social_payment_service_coefficient").on(date(2019, 12, 31)).value
    assert service_coefficient(360, before) == Decimal("1.0")


def test_ministry_example_of_the_mechanics() -> None:
    # job loss: 12 months at 150 000, 12 at 200 000, 84 months of participation, replacement 0.4
    right = date(2026, 1, 10)
    incomes = [(date(2024, m, 1), Decimal(150000)) for m in range(1, 13)]
    incomes += [(date(2025, m, 1), Decimal(200000)) for m in range(1, 13)]
    average, used = average_social_income(incomes, right)
    assert average == 175000
    assert {entry.parameter for entry in used} >= {"minimum_wage", "social_payment_base_cap_minimum_wages"}
    rule = tariffs.parameter("social_payment_service_coefficient").on(right).value
    k_service = service_coefficient(84, rule)
    assert k_service == Decimal("1.04")
    payment = average * Decimal("0.4") * k_service
    assert payment == 72800
    assert payment * tariffs.parameter("pension_contribution_rate").on(right).value == 7280


def test_average_bounds_each_month_and_counts_gaps() -> None:
    right = date(2025, 3, 20)
    # 85 000 is the wage of 2024 and 2025: the base is between it and seven of it, for each payer
    incomes = [
        (date(2025, 2, 1), Decimal(1_000_000)),  # cut to 595 000
        (date(2025, 2, 15), Decimal(1_000_000)),  # a second payer, cut too
        (date(2025, 1, 1), Decimal(10_000)),  # raised to 85 000
        (date(2023, 2, 1), Decimal(900_000)),  # 25 months before: outside
        (date(2025, 3, 1), Decimal(900_000)),  # the month of the right: outside
        (date(2023, 3, 1), Decimal(70_000)),  # the first month inside, wage of 2023
    ]
    average, _ = average_social_income(incomes, right)
    assert Fraction(average).limit_denominator(10**6) == Fraction(595000 * 2 + 85000 + 70000, 24)


def test_rounding_to_a_tenge_has_a_named_direction() -> None:
    day = date(2025, 1, 1)
    # (100 000.5 - 42 500) x 0.6 x 0.35 x 1 = 12 075.105
    amounts = {
        rounding: social_payment(Decimal("100000.5"), 35, 60, day, rounding=rounding).amount
        for rounding in ("half_up", "down", "up", "none")
    }
    assert amounts == {"half_up": 12075, "down": 12075, "up": 12076, "none": Decimal("12075.105")}
    # before the order of 2023 there is no unit
    assert social_payment(Decimal(150000), 60, 72, date(2021, 1, 1)).amount == Decimal("46496.7")


def test_exactly_nothing_is_a_refusal() -> None:
    found = social_payment(Decimal(42500), 60, 60, date(2025, 1, 1))
    assert (found.amount, bool(found.refusal)) == (0, True)
    assert "below 30 %" in social_payment(Decimal(300000), 29, 60, date(2025, 1, 1)).refusal


def test_rises_are_applied_once_each() -> None:
    amount, rises = indexed_social_payment(Decimal(1000), date(2022, 1, 1), date(2023, 12, 31))
    # 4 % in 2022-04, 8.5 % in 2023-01, 14.5 % in 2023-07; that of the day of the award is in the award
    assert amount == Decimal(1000) * Decimal("1.04") * Decimal("1.085") * Decimal("1.145")
    assert [rise.start for rise in rises] == [date(2022, 4, 1), date(2023, 1, 1), date(2023, 7, 1)]
    assert indexed_social_payment(Decimal(1000), date(2025, 5, 1), date(2025, 12, 31))[0] == 1000


def test_rises_not_on_record_are_refused() -> None:
    with pytest.raises(tariffs.NotOnRecord, match="rises of these years were not found"):
        indexed_social_payment(Decimal(1000), date(2013, 6, 1), date(2022, 6, 1))
    with pytest.raises(tariffs.NotOnRecord, match=r"social_payment_indexation\.yaml ends"):
        indexed_social_payment(Decimal(1000), date(2026, 6, 1), date(2027, 2, 1))


def test_transition_of_2020() -> None:
    # C2: 34 800 = 116 000 x 0.6 x 0.5 x 1.0; new coefficients 0.65 and 1.10 (120 months)
    award = social_payment(Decimal(150000), 65, 120, date(2019, 6, 1))
    assert award.amount == 34800
    assert transferred_social_payment(award, 65, 120).amount == Decimal(34800) / Decimal("0.5") * Decimal(
        "0.715"
    )
    only_degree = transferred_social_payment(award, 65, 120, coefficients="degree")
    assert only_degree.amount == Decimal(34800) / Decimal("0.5") * Decimal("0.65")
    refused = social_payment(Decimal(1000), 65, 120, date(2019, 6, 1))
    assert transferred_social_payment(refused, 65, 120).amount == 0
    with pytest.raises(SocialPaymentError, match="awards before 2020-01-01"):
        transferred_social_payment(social_payment(Decimal(150000), 60, 60, date(2021, 1, 1)), 60, 60)


def test_survivors_payment_is_not_on_record() -> None:
    with pytest.raises(tariffs.LawError, match="by number of dependants are not on record") as error:
        survivor_social_payment(date(2025, 1, 1))
    assert error.value.code == "E1121"


def test_refuses_days_and_inputs_outside() -> None:
    with pytest.raises(tariffs.NotOnRecord, match="minimum_wage"):
        social_payment(Decimal(1), 60, 60, date(2008, 8, 1))
    with pytest.raises(tariffs.NotOnRecord, match="minimum_wage"):
        social_payments(
            np.array([1.0, 1.0]), np.array([60, 60]), np.array([1, 1]), [date(2008, 3, 1), date(2008, 8, 1)]
        )
    for bad in (
        {"average_income": Decimal(-1)},
        {"degree_percent": 101},
        {"months": -1},
        {"rounding": "even"},
    ):
        arguments = {"average_income": Decimal(1), "degree_percent": 60, "months": 1, **bad}
        with pytest.raises(SocialPaymentError, match=next(iter(bad))):
            social_payment(entitlement_date=date(2025, 1, 1), **arguments)
    with pytest.raises(SocialPaymentError, match="rounding"):
        social_payments(np.array([1.0]), np.array([60]), np.array([1]), [date(2025, 1, 1)], rounding="even")
    with pytest.raises(SocialPaymentError, match="coefficients"):
        award = social_payment(Decimal(150000), 65, 120, date(2019, 6, 1))
        transferred_social_payment(award, 65, 120, coefficients="all")


@given(lower=st.integers(0, 99), months=st.integers(0, 300), income=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_more_degree_or_service_never_pays_less(lower: int, months: int, income: int) -> None:
    day = date(2025, 5, 1)
    one = social_payment(Decimal(income), lower, months, day).amount
    assert social_payment(Decimal(income), lower + 1, months, day).amount >= one
    assert social_payment(Decimal(income), lower, months + 1, day).amount >= one
