"""The tables of the law: tariffs, correction coefficients, classes of activities."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import tariffs
from tariffs.domain import TABLES

NOW = date(2026, 6, 1)
# OSNS Law art 17(2), percent of the insured sum, classes 1 to 22
RATES = """
0.12 0.29 0.48 0.49 0.52 0.53 0.54 0.65 0.56 0.88 0.75
0.76 1.29 1.55 1.13 1.17 1.21 2.43 1.75 2.05 2.54 2.96
"""
# OSNS Law art 17-1(2); rows: mean annual injured from 2, 10, 20, 50, 100, 200, 300; columns: headcount to
# 100, 500, 1000, 10 000, 20 000, more; a dash where the law has no value
COEFFICIENTS = """
2 9: 3 2 1.75 1 1 1
10 19: 3.4 3.2 3 2.5 1.25 1.1
20 49: 3.8 3.3 3.2 2.75 2.4 1.25
50 99: 4 3.5 3.3 3 3.1 1.5
100 199: - 3.6 3.5 3.4 3 2
200 299: - 4 3.75 3.5 3.2 3
300 : - - 4 3.8 3.6 3.5
""".strip().splitlines()


def test_tariff_of_22_classes() -> None:
    rates = tariffs.parameter("tariff_rate").on(NOW).value
    assert rates == {number: Decimal(rate) / 100 for number, rate in enumerate(RATES.split(), start=1)}
    assert tariffs.parameter("tariff_rate").on(date(2015, 5, 10)).value == rates
    assert rates[9] < rates[8]
    assert rates[15] < rates[14]


def test_tariff_bounds_before_2015() -> None:
    rows = tariffs.parameter("tariff_bounds").on(date(2015, 5, 9)).value
    production = {row["risk_class"]: row for row in rows if row["category"] == "production"}
    assert sorted(production) == list(range(1, 23))
    assert (production[22]["rate_min"], production[22]["rate_max"]) == (Decimal("0.0436"), Decimal("0.0917"))
    others = {row["category"]: row for row in rows if row["risk_class"] is None}
    assert (others["administrative"]["rate_min"], others["administrative"]["rate_max"]) == (
        Decimal("0.0004"),
        Decimal("0.0010"),
    )
    assert (others["auxiliary"]["rate_min"], others["auxiliary"]["rate_max"]) == (
        Decimal("0.0047"),
        Decimal("0.0215"),
    )
    assert len(rows) == 24
    assert all(row["rate_min"] <= row["rate_max"] for row in rows)


def test_correction_coefficients() -> None:
    rows = tariffs.parameter("correction_coefficient").on(NOW).value
    found = {(row["injured_from"], row["workers_from"]): row["coefficient"] for row in rows}
    expected = {}
    for line in COEFFICIENTS:
        injured, cells = line.split(":")
        for workers_from, cell in zip((1, 101, 501, 1001, 10001, 20001), cells.split(), strict=True):
            expected[int(injured.split()[0]), workers_from] = None if cell == "-" else Decimal(cell)
    assert found == expected
    assert sum(value is None for value in found.values()) == 4


def test_correction_coefficient_cells_cover_every_count_once() -> None:
    rows = tariffs.parameter("correction_coefficient").on(NOW).value
    for injured in (2, 9, 10, 19, 20, 49, 50, 99, 100, 199, 200, 299, 300, 5000):
        for workers in (1, 100, 101, 500, 501, 1000, 1001, 10000, 10001, 20000, 20001, 10**6):
            hits = [
                row
                for row in rows
                if row["injured_from"] <= injured
                and (row["injured_to"] is None or injured <= row["injured_to"])
                and row["workers_from"] <= workers
                and (row["workers_to"] is None or workers <= row["workers_to"])
            ]
            assert len(hits) == 1, (injured, workers)


def class_by_longest_mask(masks: tuple[dict[str, object], ...], code: str) -> object:
    hits = [row for row in masks if code.startswith(str(row["oked_mask"]).rstrip("x"))]
    return max(hits, key=lambda row: len(str(row["oked_mask"]).rstrip("x")))["risk_class"]


def test_masks_give_the_classes_of_the_market_but_one() -> None:
    """Order No 86: the edition of 15.08.2022 equals the market's list in 1103 of 1104 codes."""
    activities = tariffs.parameter("risk_classes").on(NOW).value
    assert len(activities) == 1104
    assert {row["risk_class"] for row in activities.values()} == set(range(1, 23))
    assert all(len(code) == 5 and code.isdigit() for code in activities)
    masks = tariffs.parameter("risk_class_masks")
    for day, exceptions in ((date(2024, 7, 10), {"84300": 3}), (date(2024, 7, 11), {})):
        rows = masks.on(day).value
        different = {
            code: class_by_longest_mask(rows, code)
            for code, row in activities.items()
            if class_by_longest_mask(rows, code) != row["risk_class"]
        }
        assert different == exceptions


def test_original_edition_has_two_annexes_by_headcount() -> None:
    rows = tariffs.parameter("risk_class_masks").on(date(2022, 5, 1)).value
    assert {(row["workers_from"], row["workers_to"]) for row in rows} == {(None, 100), (101, None)}
    assert len(rows) == 2 * 188


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.csv")), ids=lambda path: path.name)
def test_tables_name_their_source_and_evidence(path: Path) -> None:
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert any("Law" in line or "Order" in line or "Source" in line for line in head)
    assert any("Evidence" in line for line in head)
