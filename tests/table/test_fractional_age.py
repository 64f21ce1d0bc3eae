"""Months inside a year of age, multiplier, improvement, survival."""

import math
from datetime import date, timedelta
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mortality import (
    Table,
    TableError,
    add_months,
    completed_months,
    improvement_factor,
    load_table,
    monthly_hazard,
    survival,
)

MALE = "kz-wpp2024-2020-2025-male"
PROBABILITIES = st.floats(0.0, 0.999)


def small_table(**changes):
    given = {"id": "small", "title": "", "sex": "unisex", "first_age": 60, "qx": [0.1, 0.25, 1.0]}
    return Table(**given | changes)


@given(st.lists(PROBABILITIES, min_size=1, max_size=5), st.sampled_from(["constant_force", "udd"]))
def test_twelve_months_make_the_year(qx, assumption):
    months = monthly_hazard([*qx, 1.0], assumption).reshape(-1, 12)
    assert np.exp(-months[:-1].sum(axis=1)) == pytest.approx(1 - np.array(qx), rel=1e-12)
    assert np.isinf(months[-1]).all()
    assert (months >= 0).all()


def test_constant_force_is_the_same_in_each_month():
    assert monthly_hazard([0.3], "constant_force") == pytest.approx([-math.log(0.7) / 12] * 12, rel=1e-15)


def test_udd_loses_the_same_number_of_lives_each_month():
    """Exact fractions: with q = 1/4, 48 of 192 lives die, four a month."""
    alive = [Fraction(192 - 4 * month, 192) for month in range(13)]
    expected = [-math.log(alive[month + 1] / alive[month]) for month in range(12)]
    assert monthly_hazard([0.25], "udd") == pytest.approx(expected, rel=1e-13)


@given(st.floats(1e-6, 0.999))
def test_the_force_rises_inside_the_year_under_udd(q):
    assert (np.diff(monthly_hazard([q], "udd")) > 0).all()


def test_small_probabilities_keep_their_digits():
    assert monthly_hazard([1e-12], "constant_force")[0] == pytest.approx(1e-12 / 12, rel=1e-11)


def test_unknown_assumption_is_refused():
    with pytest.raises(
        TableError, match="fractional_age is 'balducci'; choose one of constant_force, udd"
    ) as e:
        monthly_hazard([0.1], "balducci")
    assert e.value.code == "E6023"


@pytest.mark.parametrize("q", [-0.1, 1.5, float("nan")])
def test_a_probability_outside_its_domain_is_refused(q):
    with pytest.raises(TableError, match=r"outside \[0, 1\] or not a number") as e:
        monthly_hazard([q], "udd")
    assert e.value.code == "E6008"


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2023, 1, 1), date(2023, 1, 1), 0),
        (date(2023, 1, 1), date(2026, 6, 30), 41),
        (date(2023, 1, 1), date(2026, 7, 1), 42),
        (date(2023, 1, 31), date(2023, 2, 27), 0),
        (date(2023, 1, 31), date(2023, 2, 28), 1),  # a day that February lacks is its last day
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(1988, 2, 29), date(2026, 2, 28), 456),
        (date(2023, 1, 1), date(2022, 12, 31), -1),
        (date(2023, 1, 1), date(2022, 12, 1), -1),
        (date(2023, 1, 1), date(2022, 11, 30), -2),
    ],
)
def test_completed_months(start, end, months):
    assert completed_months(start, end) == months


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)), st.integers(-20_000, 20_000))
def test_completed_months_is_the_last_that_fits(start, days):
    end = start + timedelta(days)
    months = completed_months(start, end)
    assert add_months(start, months) <= end < add_months(start, months + 1)


def test_improvement_is_a_power_of_the_years_since_the_middle():
    """One percent a year over 18 months, in exact decimals: 0.99^1.5."""
    getcontext().prec = 40
    expected = float(Decimal("0.99") * Decimal("0.99").sqrt())
    assert improvement_factor(0.01, [0, 18, -12]) == pytest.approx([1, expected, 1 / 0.99], rel=1e-14)


def test_improvement_of_one_or_more_is_refused():
    with pytest.raises(TableError, match=r"improvement is 1\.0; .* must be below 1") as e:
        improvement_factor(1.0, [12])
    assert e.value.code == "E6024"


@pytest.mark.parametrize("assumption", ["constant_force", "udd"])
def test_survival_is_the_naive_product(assumption):
    """A man of 47 years and 5 months on 2026-02-28, month by month in decimals."""
    getcontext().prec = 30
    table, start, x = load_table(MALE), date(2026, 2, 28), 47 * 12 + 5
    alive, expected = Decimal(1), [1.0]
    for j in range(200):
        q = Decimal(float(table.qx[(x + j) // 12]))
        s = Decimal((x + j) % 12)
        if assumption == "constant_force":
            hazard = -(1 - q).ln() / 12
        else:
            hazard = -((1 - (s + 1) / 12 * q) / (1 - s / 12 * q)).ln()
        since = Decimal(37 + j)  # completed months from 2023-01-01
        alive *= (-hazard * Decimal("1.5") * Decimal("0.98") ** (since / 12)).exp()
        expected.append(float(alive))
    found = survival(table, x, 200, multiplier=1.5, fractional_age=assumption, improvement=0.02, start=start)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("multiplier", [0.0, 1.0, 5.0])
def test_nobody_lives_inside_the_last_age(multiplier):
    alive = survival(small_table(), 60 * 12, 30, multiplier=multiplier)
    assert alive[24] == pytest.approx((0.9 * 0.75) ** multiplier)  # the first month of age 62 is reached
    assert (alive[25:] == 0).all()
    assert survival(small_table(), 62 * 12 + 3, 1).tolist() == [1, 0]
    assert survival(small_table(), 80 * 12, 2).tolist() == [1, 0, 0]


def test_multiplier_zero_is_certainty_to_the_last_age():
    assert (survival(load_table(MALE), 0, 109 * 12, multiplier=0.0) == 1).all()


def test_no_months_is_the_present():
    assert survival(small_table(), 720, 0).tolist() == [1]


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (
            lambda: survival(small_table(), 719, 1),
            "E6020",
            "table 'small': asked for age 719 months, the rates start at age 60 (720 months); use a table "
            "that covers the age",
        ),
        (
            lambda: survival(small_table(), 720, 1, improvement=0.01, start=date(2026, 1, 1)),
            "E6022",
            "table 'small': improvement 0.01 cannot be applied, the table gives no period_middle; it counts "
            "from the middle of the table's period to a date",
        ),
        (
            lambda: survival(load_table(MALE), 720, 1, improvement=0.01),
            "E6022",
            "table 'kz-wpp2024-2020-2025-male': improvement 0.01 cannot be applied, no start date was "
            "given; it counts from the middle of the table's period to a date",
        ),
        (
            lambda: survival(small_table(), 720, -1),
            "E6024",
            "survival: months = -1, multiplier = 1.0; both must be 0 or more, and finite",
        ),
        (
            lambda: survival(small_table(), 720, 1, multiplier=float("nan")),
            "E6024",
            "survival: months = 1, multiplier = nan; both must be 0 or more, and finite",
        ),
    ],
)
def test_a_question_outside_the_table_is_refused(call, code, message):
    with pytest.raises(TableError) as error:
        call()
    assert str(error.value) == message
    assert error.value.code == code
