"""The voluntary premium: insured sum × approved tariff × credibility-weighted load, by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from actuarial.premium.choice import PremiumError
from actuarial.premium.voluntary import ExposureYear, LoadTerms, load_tariff, voluntary_premium

TARIFF = {7: Decimal("0.004"), 8: Decimal("0.005")}
# 0.001 accidents a worker a year; full credibility at 100 expected accidents
TERMS = LoadTerms(Decimal("0.001"), Decimal(100), Decimal("0.8"), Decimal("2.5"))
DAY = date(2026, 2, 1)


def priced(workers: int, accidents: int, **more: Any) -> Any:
    half = [ExposureYear(2024, workers, accidents), ExposureYear(2025, workers, 0)]
    return voluntary_premium(Decimal(50_000_000), 7, TARIFF, more.pop("statistics", half), TERMS, DAY, **more)


@pytest.mark.parametrize(
    ("workers", "accidents", "credibility", "load"),
    [
        # 2 × 2 000 × 0.001 = 4 expected, Z = √(4/100) = 0.2
        (2000, 4, "0.2", "1"),
        (2000, 14, "0.2", "1.5"),  # 0.2 × 3.5 + 0.8
        (2000, 0, "0.2", "0.8"),
        (2000, 100, "0.2", "2.5"),  # 0.2 × 25 + 0.8 = 5.8, bounded
        (50_000, 120, "1", "1.2"),  # 100 expected: fully credible
        (500_000, 1000, "1", "1"),
        (0, 0, "0", "1"),  # no exposure: nothing known
    ],
)
def test_load(workers: int, accidents: int, credibility: str, load: str) -> None:
    found = priced(workers, accidents)
    assert found.credibility == Fraction(credibility)
    assert found.underwriting_load == Fraction(load)
    assert found.premium == int(200_000_00 * Fraction(load))


def test_root_that_is_not_rational_is_taken_to_twelve_decimals() -> None:
    # 2 × 1 000 × 0.001 = 2 expected: Z = √0.02 = 0.141421356237…
    found = priced(1000, 2)
    assert found.credibility == Fraction("0.141421356237")


def test_cover_starts_the_day_after_payment() -> None:
    found = priced(2000, 4, paid_on=date(2026, 2, 10))
    assert (found.start_date, found.end_date) == (date(2026, 2, 11), date(2027, 2, 10))
    assert priced(2000, 4, paid_on=date(2026, 2, 10), term_months=6).end_date == date(2026, 8, 10)
    open_ended = priced(2000, 4)
    assert open_ended.start_date is None
    assert "the day after the premium reaches" in open_ended.notes[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"insured_sum": Decimal(0)}, "insured sum is 0, it must be above 0"),
        ({"risk_class": 9}, r"approved tariff has no class 9; it has \[7, 8\]"),
        ({"statistics": []}, r"given for \[\]: the rules ask for \[2024, 2025\]"),
        ({"statistics": [ExposureYear(2024, 1, -1), ExposureYear(2025, 1, 0)]}, "never negative"),
        (
            {"terms": LoadTerms(Decimal(0), Decimal(1), Decimal(1), Decimal(2))},
            "terms of the load: all above 0",
        ),
        ({"terms": LoadTerms(Decimal(1), Decimal(1), Decimal(2), Decimal(1))}, "smallest not above largest"),
        ({"term_months": 0}, "the term is 0 months"),
    ],
)
def test_bad_inputs(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {
        "insured_sum": Decimal(1),
        "risk_class": 7,
        "tariff": TARIFF,
        "statistics": [ExposureYear(2024, 1, 0), ExposureYear(2025, 1, 0)],
        "terms": TERMS,
        "contract_date": DAY,
        **change,
    }
    with pytest.raises(PremiumError, match=message) as e:
        voluntary_premium(**given)
    assert e.value.code == "E4214"


def test_approved_tariff_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "tariff.csv"
    path.write_text("# approved 2025-12-01\nrisk_class,rate_percent\n7,0.4\n8,0.5\n", encoding="utf-8")
    assert load_tariff(path) == TARIFF


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "header must be risk_class,rate_percent, found nothing"),
        ("class,rate\n", "found class, rate"),
        ("risk_class,rate_percent\n7,x\n", r"line 2: '7,x' is not a class and a percent"),
        ("risk_class,rate_percent\n7,0.4\n7,0.5\n", "line 3: class 7 is there twice"),
        ("risk_class,rate_percent\n7,101\n", "101 is not 0-100 percent"),
    ],
)
def test_bad_tariff_files(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "tariff.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(PremiumError, match=message) as e:
        load_tariff(path)
    assert e.value.code == "E4213"
