"""Drivers against whole valuations with a changed basis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_book import VALUATION_DATE, contracts_in_force

from actuarial.basis import Basis, load_basis
from actuarial.driver import GROWTH, DriverModel, DriverPaths
from actuarial.new_claim.driver import new_claim_drivers
from actuarial.new_claim.model import load_new_claim_model
from actuarial.new_claim.preparation import Prepared, prepared
from actuarial.new_claim.simulation import simulated
from actuarial.payout_law import PayoutLaw

BASES = Path(__file__).parents[2] / "actuarial" / "bases"


@pytest.fixture(scope="module")
def basis() -> Basis:
    return load_basis("illustrative-2026")


@pytest.fixture(scope="module")
def ready(basis: Basis) -> Prepared:
    model = load_new_claim_model("illustrative-2026")
    return prepared(contracts_in_force([[(20, 500, 300_000)]]), model, basis, VALUATION_DATE)


@pytest.fixture(scope="module")
def still(basis: Basis) -> DriverPaths:
    return DriverModel(basis, VALUATION_DATE, 80, PayoutLaw()).none(0, 3)


def expected_by_kind(basis: Basis) -> np.ndarray:
    """Exact cost of one claim of each kind in a book of one class, by a model of that kind alone."""
    found = []
    for kind in range(5):
        model = load_new_claim_model("illustrative-2026")
        model.frequency[:] = 0.0
        model.frequency[:, kind] = 0.001
        model = replace(model, assumptions=model.assumptions.model_copy(update={"catastrophes": []}))
        ready = prepared(contracts_in_force([[(20, 500, 300_000)]]), model, basis, VALUATION_DATE)
        other = [432_500, 0, 1_081_250, 1_946_250, 3_027_500][kind]
        result = simulated(ready, 1, 1)
        found.append(result.expected_payout.sum() / result.expected_persons.sum() - other * 100)
    return np.array(found)


def changed(folder: Path, old: str, new: str) -> Basis:
    text = (BASES / "illustrative-2026.yaml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "basis.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return load_basis(path)


def ratios(ready: Prepared, paths: DriverPaths, basis: Basis) -> np.ndarray:
    return new_claim_drivers(paths, ready, basis, VALUATION_DATE, PayoutLaw()).annuity


def test_drivers_that_do_not_act(ready: Prepared, basis: Basis, still: DriverPaths) -> None:
    drivers = new_claim_drivers(still, ready, basis, VALUATION_DATE, PayoutLaw())
    assert (drivers.annuity == 1).all()
    assert (drivers.wage == 1).all()


def test_a_yield_shift(ready: Prepared, basis: Basis, still: DriverPaths, tmp_path: Path) -> None:
    paths = replace(still, yield_shift=np.array([0.0, 0.01, -0.02]))
    found = ratios(ready, paths, basis)
    assert found[0] == pytest.approx(1.0)
    base = expected_by_kind(basis)
    for row, rate in ((1, "0.11"), (2, "0.08")):
        whole = expected_by_kind(changed(tmp_path, "{flat: 0.10}", f"{{flat: {rate}}}")) / base
        assert found[row] == pytest.approx(whole, rel=0.03)


def test_indexation_by_the_mci(ready: Prepared, still: DriverPaths, tmp_path: Path) -> None:
    """МРП that grows 2 % a year faster lifts what follows it as a growth of 9.14 % would."""
    by_mci = changed(tmp_path, "{choice: contract_rate, rate: 0.08}", "{choice: mci}")
    growth = np.ones((3, len(GROWTH), 80))
    growth[1, GROWTH.index("mci")] = (1.0914 / 1.07) ** np.arange(80)
    paths = replace(still, growth=growth)
    own = prepared(ready.contracts, ready.model, by_mci, VALUATION_DATE)
    found = new_claim_drivers(paths, own, by_mci, VALUATION_DATE, PayoutLaw())
    assert found.annuity[0] == pytest.approx(1.0)
    faster_text = (
        (tmp_path / "basis.yaml").read_text("utf-8").replace("growth: {mci: 0.07", "growth: {mci: 0.0914")
    )
    faster_path = tmp_path / "faster.yaml"
    faster_path.write_text(faster_text, encoding="utf-8")
    ratio = expected_by_kind(load_basis(faster_path)) / expected_by_kind(by_mci)
    assert found.annuity[1] == pytest.approx(ratio, rel=0.04)
    assert found.mci[1, 1] == pytest.approx(1.02)


def test_mortality_and_recovery(ready: Prepared, basis: Basis, still: DriverPaths) -> None:
    from actuarial.new_claim.driver import _with_lives

    paths = replace(
        still,
        force=np.array([[1.0], [1.3], [0.8]]),
        recovery_odds=np.array([1.0, 1.25, 0.7]),
    )
    found = ratios(ready, paths, basis)
    assert found[0] == pytest.approx(1.0, abs=2e-3)
    base = expected_by_kind(basis)
    for row, force, odds in ((1, 1.3, 1.25), (2, 0.8, 0.7)):
        assert found[row] == pytest.approx(expected_by_kind(_with_lives(basis, force, odds)) / base, rel=0.02)


def test_drivers_of_the_shipped_basis_move_the_distribution(ready: Prepared, basis: Basis) -> None:
    law = PayoutLaw()
    paths = DriverModel(basis, VALUATION_DATE, 80, law).paths(0, 400, 5)
    drivers = new_claim_drivers(paths, ready, basis, VALUATION_DATE, law)
    assert drivers.annuity.shape == (400, 5)
    assert 0.1 < drivers.annuity[:, 2].std() < 0.5
    moved = simulated(ready, 400, 3, drivers=drivers)
    assert np.array_equal(moved.persons, simulated(ready, 400, 3).persons)
