"""The engine against the reference valuation, record by record, over all corners of the timeline."""

from __future__ import annotations

import copy
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from adaptor import basis_of, records_of
from figures import LAW, load_tables
from naive import Row, value
from people import corner_bases, corner_people, valuation_date_of

from actuarial.basis import Basis
from actuarial.projection import outside_table
from actuarial.record import BANDS
from actuarial.reserve import AMOUNTS, annuity_reserve

PEOPLE_PER_BASIS = 60
ONE_TIYN = 1


def covered_people(seed: int, n: int, basis: Basis) -> list[Row]:
    """People whose age the tables cover; the others are findings, not values."""
    rows = corner_people(seed, n)
    return [row for row, out in zip(rows, outside_table(records_of(rows), basis), strict=True) if not out]


@pytest.mark.parametrize("number", range(10))
def test_every_figure_to_a_tiyn(number: int, tmp_path: Path) -> None:
    seed = 100 + number
    plain = corner_bases(seed)[number]
    valuation_date = valuation_date_of(seed)
    basis = basis_of(plain, tmp_path)
    rows = covered_people(seed, PEOPLE_PER_BASIS, basis)
    valuation = annuity_reserve(records_of(rows), basis, valuation_date, threads=2)
    tables = load_tables()
    flows: dict[str, dict[tuple[int, int], Decimal]] = {
        "certified": defaultdict(Decimal),
        "expected": defaultdict(Decimal),
    }
    for i, row in enumerate(rows):
        expected = value(row, plain, LAW, tables, valuation_date)
        for name in AMOUNTS:
            found = int(valuation.amounts[name][i])
            parts = 3 if name.startswith("total") else 1
            # the exactly computed figures agree exactly; the others may fall on the other side of a half
            tolerance = 0 if name in ("monthly_payment", "additional_expenses_reserve") else parts * ONE_TIYN
            assert abs(found - int(expected[name] * 100)) <= tolerance, (name, row, found, expected[name])
        assert valuation.band[i] == (BANDS.index(expected["band"]) if expected["band"] else -1)
        assert date.fromordinal(719163 + int(valuation.pension_date[i])) == expected["pension_date"]
        for measure, flow in flows.items():
            for day, amount in expected[f"cashflows_{measure}"]:
                flow[day.year, day.month] += Decimal(amount)
    for measure, flow in flows.items():
        found_flow = getattr(valuation.flow, measure).sum(axis=0)
        months = {}
        for j in np.flatnonzero(found_flow):
            months[divmod(valuation.flow.first_month + int(j), 12)] = int(found_flow[j])
        for (year, month), amount in flow.items():
            found = months.get((year, month - 1), 0)
            # each record's amount is rounded to 2^-13 ₸ and each segment's sum to the tiyn
            assert abs(found - amount * 100) <= len(rows) * Decimal("0.01") + 12, (measure, year, month)


def test_a_split_portfolio_adds_up(tmp_path: Path) -> None:
    basis = basis_of(corner_bases(7)[0], tmp_path)
    valuation_date = valuation_date_of(7)
    rows = covered_people(7, 300, basis)
    whole = annuity_reserve(records_of(rows), basis, valuation_date, threads=1)
    first = annuity_reserve(records_of(rows[:120]), basis, valuation_date, threads=2)
    rest = annuity_reserve(records_of(rows[120:]), basis, valuation_date, threads=2)
    for name in AMOUNTS:
        joined = np.concatenate((first.amounts[name], rest.amounts[name]))
        np.testing.assert_array_equal(whole.amounts[name], joined)
        assert whole.totals()[name] == first.totals()[name] + rest.totals()[name]


def test_order_and_threads_change_nothing(tmp_path: Path) -> None:
    basis = basis_of(corner_bases(8)[0], tmp_path)
    valuation_date = valuation_date_of(8)
    rows = covered_people(8, 400, basis)
    one = annuity_reserve(records_of(rows), basis, valuation_date, threads=1)
    order = np.random.default_rng(8).permutation(len(rows))
    two = annuity_reserve(records_of([rows[i] for i in order]), basis, valuation_date, threads=2)
    for name in AMOUNTS:
        np.testing.assert_array_equal(one.amounts[name][order], two.amounts[name])
    np.testing.assert_array_equal(one.flow.certified, two.flow.certified)
    np.testing.assert_array_equal(one.flow.expected, two.flow.expected)


@pytest.mark.parametrize(("improvement", "seed"), [(0.15, 31), (0.1, 32), (-0.05, 33), (-0.15, 34)])
def test_mortality_that_changes_fast(improvement: float, seed: int, tmp_path: Path) -> None:
    """Improvement that makes past hazards enormous, multipliers far apart: rows of survivors run dry."""
    plain = copy.deepcopy(corner_bases(seed)[0])
    plain["mortality"]["improvement"] = improvement
    plain["mortality"]["multiplier"] = {"A": 5.0, "B": 0.3, "C": 0.0, "D": 20.0, "dependant": 1.0}
    plain["certification"]["next_term_months"] = {"A": 6, "B": 12, "C": 24, "D": 12}
    basis = basis_of(plain, tmp_path)
    valuation_date = valuation_date_of(seed)
    rows = covered_people(seed, 40, basis)
    valuation = annuity_reserve(records_of(rows), basis, valuation_date)
    tables = load_tables()
    for i, row in enumerate(rows):
        expected = value(row, plain, LAW, tables, valuation_date)
        for name in ("certified_reserve", "expected_reserve", "recovery_expected"):
            assert abs(int(valuation.amounts[name][i]) - int(expected[name] * 100)) <= ONE_TIYN, (name, row)
