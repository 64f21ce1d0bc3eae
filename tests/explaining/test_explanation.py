"""Every payment of an explanation against the reference valuation, which knows nothing of the engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaptor import basis_of, records_of
from figures import LAW, load_tables
from naive import Row, value
from people import corner_bases, corner_people, valuation_date_of

from actuarial.basis import Basis
from actuarial.explained_measure import Measure
from actuarial.explanation import Explanation, explanation
from actuarial.money import rounded_tiyn
from actuarial.projection import outside_table
from actuarial.reserve import AMOUNTS, annuity_reserve

PEOPLE = 8


def people(seed: int, basis: Basis, n: int = PEOPLE) -> list[Row]:
    """People whose age the tables cover."""
    rows = corner_people(seed, n)
    return [row for row, out in zip(rows, outside_table(records_of(rows), basis), strict=True) if not out]


def by_date(e: Explanation, m: Measure) -> dict[date, float]:
    return {e.dates[k]: float(m.paid[k]) for k in range(len(m))}


@pytest.mark.parametrize("number", range(10))
def test_every_payment_of_both_measures(number: int, tmp_path: Path) -> None:
    seed = 500 + number
    plain = corner_bases(seed)[number]
    basis, valuation_date = basis_of(plain, tmp_path), valuation_date_of(seed)
    rows, tables = people(seed, basis), load_tables()
    records = records_of(rows)
    for i, row in enumerate(rows):
        e = explanation(records, i, basis, valuation_date)
        expected = value(row, plain, LAW, tables, valuation_date)
        for name, m in (("certified", e.certified), ("expected", e.expected)):
            found, wanted = by_date(e, m), dict(expected[f"cashflows_{name}"])
            for day in found.keys() | wanted.keys():
                amount = float(wanted.get(day, 0))
                assert found.get(day, 0.0) == pytest.approx(amount, rel=1e-9, abs=1e-7), (name, day, row)
            reserve = float(expected["unrounded"][f"{name}_reserve"])
            assert m.present_value.sum() == pytest.approx(reserve, rel=1e-9, abs=1e-7)
            recovery = float(expected["unrounded"][f"recovery_{name}"])
            assert m.recovery.sum() == pytest.approx(recovery, rel=1e-9, abs=1e-4)


@pytest.mark.parametrize("number", [0, 3, 6])
def test_the_payments_add_up_to_the_row_of_the_results(number: int, tmp_path: Path) -> None:
    seed = 600 + number
    basis, valuation_date = basis_of(corner_bases(seed)[number], tmp_path), valuation_date_of(seed)
    records = records_of(people(seed, basis, 60))
    valuation = annuity_reserve(records, basis, valuation_date)
    for i in range(len(records)):
        e = explanation(records, i, basis, valuation_date)
        assert e.figures == {name: int(valuation.amounts[name][i]) for name in AMOUNTS}
        for name, m in (("certified", e.certified), ("expected", e.expected)):
            assert int(rounded_tiyn(np.array([m.present_value.sum()]))[0]) == e.figures[f"{name}_reserve"]
            assert int(rounded_tiyn(np.array([m.recovery.sum()]))[0]) == e.figures[f"recovery_{name}"]


def test_states_are_chances(tmp_path: Path) -> None:
    seed = 700
    basis, valuation_date = basis_of(corner_bases(seed)[0], tmp_path), valuation_date_of(seed)
    records = records_of(people(seed, basis, 80))
    reviewed = 0
    for i in range(len(records)):
        e = explanation(records, i, basis, valuation_date)
        for m in (e.certified, e.expected):
            assert (m.occupancy >= 0.0).all()
            assert (m.occupancy.sum(axis=0) <= m.chain.sum(axis=0) + 1e-12).all()
            assert (m.chain.sum(axis=0) <= 1.0 + 1e-9).all()
        reviewed += bool(e.reviews)
        for review in e.reviews:
            held = e.expected.occupancy[:, review.payment].sum()
            assert review.due.sum() > 0.0
            # who comes up is alive the month before; recoveries leave
            assert held <= e.expected.occupancy[:, review.payment - 1].sum() + 1e-12 or review.payment == 0
    assert reviewed > 10


def test_only_what_the_record_needs_of_the_law_is_named(tmp_path: Path) -> None:
    seed = 701
    basis, valuation_date = basis_of(corner_bases(seed)[0], tmp_path), valuation_date_of(seed)
    rows = people(seed, basis, 80)
    records = records_of(rows)
    i = next(i for i, row in enumerate(rows) if row["beneficiary"] == "pre_retirement")
    used = {entry["parameter"] for entry in explanation(records, i, basis, valuation_date).law.used()}
    assert "subsistence_minimum" in used
    assert "earnings_cap_minimum_wages" not in used


def test_the_figures_of_a_row_do_not_depend_on_the_others(tmp_path: Path) -> None:
    seed = 702
    basis, valuation_date = basis_of(corner_bases(seed)[0], tmp_path), valuation_date_of(seed)
    rows: list[Any] = people(seed, basis, 30)
    for i in (0, 7, 19):
        one = explanation(records_of([rows[i]]), 0, basis, valuation_date)
        assert one.figures == explanation(records_of(rows), i, basis, valuation_date).figures
