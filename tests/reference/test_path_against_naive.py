"""The simulated lives of the engine against the slow ones, claim by claim and scenario by scenario."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from adaptor import basis_of, records_of
from figures import LAW, load_tables
from naive_path import Drivers, chances, id_key, path
from people import corner_bases, corner_people, valuation_date_of

from actuarial.driver import GROWTH, DriverPaths
from actuarial.projection import FLOW_GRID, outside_table
from actuarial.simulation import Simulator

PEOPLE = 12
SCENARIOS = 6
YEARS = 200
SEED = 20_26


def drivers_of(n: int, acting: bool) -> DriverPaths:
    """Drivers far from the basis, or none."""
    random = np.random.default_rng(5)
    rows = n if acting else 1
    growth = np.exp(np.cumsum(0.05 * random.standard_normal((rows, len(GROWTH), YEARS)), axis=2))
    growth[:, :, 0] = 1.0
    return DriverPaths(
        0,
        np.zeros((n, 9)),
        np.zeros((n, len(GROWTH), 0)),
        0.02 * random.standard_normal(n) if acting else np.zeros(1),
        growth if acting else np.ones((1, len(GROWTH), YEARS)),
        np.exp(0.5 * random.standard_normal((n, YEARS))) if acting else np.ones((1, 1)),
        np.exp(random.standard_normal(n)) if acting else np.ones(1),
    )


def plain(drivers: DriverPaths, s: int) -> Drivers:
    def row(array: np.ndarray) -> np.ndarray:
        return array[s if array.shape[0] > 1 else 0]

    growth = row(drivers.growth)
    return Drivers(
        shift=float(row(drivers.yield_shift)),
        **{name: growth[GROWTH.index(name)].tolist() for name in ("mci", "prices", "subsistence_minimum")},
        force=row(drivers.force).tolist(),
        recovery_odds=float(row(drivers.recovery_odds)),
    )


@pytest.mark.parametrize("acting", [False, True])
@pytest.mark.parametrize("number", range(10))
def test_every_life_of_every_scenario(number: int, acting: bool, tmp_path: Path) -> None:
    seed = 300 + number
    plain_basis = corner_bases(seed)[number]
    valuation_date = valuation_date_of(seed)
    basis = basis_of(plain_basis, tmp_path)
    rows = corner_people(seed, 3 * PEOPLE)
    inside = ~outside_table(records_of(rows), basis)
    rows = [row for row, ok in zip(rows, inside, strict=True) if ok][:PEOPLE]
    tables = load_tables()
    drivers = drivers_of(SCENARIOS, acting)
    expenses = plain_basis["expenses"]
    for row in rows:
        simulator = Simulator(records_of([row]), basis, valuation_date, threads=1)
        outcome = simulator.outcome(drivers, SEED, antithetic=True)
        key = id_key(row["claim_id"])
        for s in range(SCENARIOS):
            random = chances(key, s, SEED, antithetic=True)
            expected = path(row, plain_basis, LAW, tables, valuation_date, random, plain(drivers, s))
            cost = Decimal(repr(expenses.get("of_payment") or 0)) * expected.annuity
            cost += Decimal(repr(expenses.get("per_month") or 0)) * expected.months
            for name, amount in (
                ("annuity", expected.annuity),
                ("recovery", expected.recovery),
                ("expenses", cost),
            ):
                found = outcome.amounts[name][s].sum() / FLOW_GRID
                assert found == pytest.approx(float(amount), rel=1e-9, abs=2e-3), (name, s, row)
            for y, payout in enumerate(outcome.payouts[s] / FLOW_GRID):
                wanted = float(expected.payouts.get(valuation_date.year + y, 0))
                assert payout == pytest.approx(wanted, rel=1e-9, abs=0.05), (y, s, row)


def test_the_antithetic_scenario_has_complementary_chances() -> None:
    first, second = (chances(77, s, 1, antithetic=True) for s in (4, 5))
    for _ in range(9):
        assert next(first) + next(second) == 1


def test_replacing_a_claim_id_changes_its_chances(tmp_path: Path) -> None:
    basis = basis_of(corner_bases(300)[0], tmp_path)
    rows = corner_people(300, 40)
    records = records_of(rows)
    records = records_of(
        [row for row, out in zip(rows, outside_table(records, basis), strict=True) if not out]
    )
    renamed = replace(records, claim_id=np.array([f"other-{i}" for i in range(len(records))], dtype=object))
    day = valuation_date_of(300)
    one, other = (
        Simulator(r, basis, day, threads=1).outcome(drivers_of(4, False), SEED, antithetic=False).total
        for r in (records, renamed)
    )
    assert (one != other).all()
