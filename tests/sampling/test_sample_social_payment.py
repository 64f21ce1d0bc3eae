"""The vectorised social payment against worked cases and an exact formula of the three editions."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from actuarial.payout_law import day
from actuarial.portfolio.sample_law import SampleLaw
from tariffs import LawError

LAW = SampleLaw.on_record()


def payment(when: date, income: float, percent: int, months: int) -> float:
    return float(
        LAW.social_payment(
            np.array([day(when)]), np.array([income]), np.array([percent]), np.array([months])
        )[0]
    )


@pytest.mark.parametrize(
    ("when", "income", "percent", "months", "expected"),
    [
        # worked by hand from Social Code art 181: (300000 - 0.5 · 85000) · 0.6 · 0.60 · 1.06
        (date(2025, 6, 1), 300_000, 60, 96, 98_262.00),
        # law of 2003 art 21: (150000 - 0.8 · 42500) · 0.6 · 0.5 · 1.0
        (date(2019, 6, 1), 150_000, 65, 120, 34_800.00),
        # law of 2019 art 20: (150000 - 0.55 · 42500) · 0.6 · 0.60 · 1.02
        (date(2021, 6, 1), 150_000, 60, 72, 46_496.70),
    ],
)
def test_worked_cases(when: date, income: float, percent: int, months: int, expected: float) -> None:
    assert payment(when, income, percent, months) == pytest.approx(expected, abs=1e-6)


def exact(when: date, income: int, percent: int, months: int) -> Fraction:
    """Social payment by the texts: OSI laws of 2003 and 2019, Social Code art 181."""
    minimum_wage = {2018: 28284, 2019: 42500, 2022: 60000, 2023: 70000, 2025: 85000}[when.year]
    steps = ((60, "1"), (48, "0.95"), (36, "0.9"), (24, "0.85"), (12, "0.75"), (6, "0.7"), (0, "0.1"))
    service = Fraction(next(k for first, k in steps if months >= first))
    degree = Fraction(percent, 100)
    if when < date(2020, 1, 1):
        subtrahend, cap = Fraction("0.8"), 10
        degree = Fraction("0.7") if percent >= 80 else Fraction("0.5") if percent >= 60 else Fraction("0.3")
    else:
        subtrahend, cap = Fraction("0.55") if when < date(2023, 7, 1) else Fraction("0.5"), 7
        service += Fraction("0.02") * max(0, (months - 60) // 12)
        if when >= date(2023, 7, 1):
            service = min(service, Fraction("1.3"))
    if percent < 30:
        return Fraction(0)
    counted = min(max(Fraction(income), Fraction(minimum_wage)), Fraction(cap * minimum_wage))
    return max(Fraction(0), (counted - subtrahend * minimum_wage) * Fraction("0.6") * degree * service)


def test_agrees_with_the_exact_formula() -> None:
    days = (
        date(2018, 3, 1),
        date(2019, 12, 31),
        date(2022, 5, 5),
        date(2023, 6, 30),
        date(2023, 7, 1),
        date(2025, 9, 9),
    )
    incomes, degrees = (10_000, 60_000, 199_999, 350_001, 5_000_000), (5, 29, 30, 59, 60, 79, 80, 95, 100)
    n_months = (0, 5, 6, 11, 12, 23, 24, 35, 36, 47, 48, 59, 60, 71, 72, 84, 239, 240, 252, 400)
    for when in days:
        for income in incomes:
            for percent in degrees:
                for months in n_months:
                    expected = float(exact(when, income, percent, months))
                    assert payment(when, income, percent, months) == pytest.approx(expected, rel=1e-12)


def test_a_day_without_minimum_wage_is_the_laws_error() -> None:
    with pytest.raises(LawError, match="minimum_wage has no value on 1999-01-01"):
        LAW.minimum_wage(np.array([day(date(2020, 1, 1)), day(date(1999, 1, 1))]))
