"""The same chances for any order of contracts and parts, any chunk, any number of threads and scenarios."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from small_book import VALUATION_DATE, contracts_in_force, model_of, plain_content

from actuarial.basis import load_basis
from actuarial.new_claim import simulation
from actuarial.new_claim.exposure import part_keys
from actuarial.new_claim.model import load_new_claim_model
from actuarial.new_claim.preparation import prepared
from actuarial.new_claim.simulation import Drivers, NewClaimSimulation, simulated

SCENARIOS = 203
SEED = 2**32 - 1


def book(n: int = 60) -> tuple[list[list[tuple[int, int, int]]], list[str], list[list[str]]]:
    rng = np.random.default_rng(1)
    parts = [
        [
            (int(rng.integers(1, 23)), int(rng.integers(50, 5000)), int(rng.integers(90_000, 900_000)))
            for _ in range(rng.integers(1, 4))
        ]
        for _ in range(n)
    ]
    names = [f"Договор № {i}" for i in range(n)]
    return parts, names, [[f"part {k}" for k in range(len(contract))] for contract in parts]


def run(order: list[int] | None = None, reverse_parts: bool = False, threads: int = 1) -> NewClaimSimulation:
    parts, names, part_names = book()
    order = order or list(range(len(parts)))
    step = -1 if reverse_parts else 1
    contracts = contracts_in_force(
        [parts[i][::step] for i in order],
        names=[names[i] for i in order],
        part_names=[name for i in order for name in part_names[i][::step]],
    )
    model = load_new_claim_model("illustrative-2026")
    ready = prepared(contracts, model, load_basis("illustrative-2026"), VALUATION_DATE, threads=threads)
    return simulated(ready, SCENARIOS, SEED, threads=threads)


def same(one: NewClaimSimulation, two: NewClaimSimulation) -> bool:
    return all(np.array_equal(getattr(one, field.name), getattr(two, field.name)) for field in fields(one))


@pytest.fixture(scope="module")
def plain() -> NewClaimSimulation:
    return run()


def test_order_of_contracts_and_parts(plain: NewClaimSimulation) -> None:
    order = [int(i) for i in np.random.default_rng(2).permutation(60)]
    assert plain.persons.sum() > 1000
    assert same(plain, run(order, reverse_parts=True))


def test_threads_and_chunks(plain: NewClaimSimulation, monkeypatch: pytest.MonkeyPatch) -> None:
    assert same(plain, run(threads=2))
    monkeypatch.setattr(simulation, "CONTRACTS_AT_ONCE", 7)
    assert same(plain, run(threads=2))
    assert same(plain, run(threads=5))


def test_more_scenarios_keep_the_first(tmp_path: Path) -> None:
    contracts = contracts_in_force(book()[0])
    ready = prepared(
        contracts, load_new_claim_model("illustrative-2026"), load_basis("illustrative-2026"), VALUATION_DATE
    )
    few, many = simulated(ready, 10, 1), simulated(ready, 101, 1)
    assert np.array_equal(few.payout, many.payout[:10])
    assert not np.array_equal(few.payout, simulated(ready, 10, 2).payout)


def test_a_contract_meets_its_own_fate_in_any_company(tmp_path: Path) -> None:
    parts, names, part_names = book()
    model = model_of(tmp_path, plain_content(), (0.001,) * 5)
    basis = load_basis("illustrative-2026")
    total = np.zeros((50, 22), dtype=np.int64)
    for some in (range(25), range(25, 60)):
        contracts = contracts_in_force(
            [parts[i] for i in some],
            names=[names[i] for i in some],
            part_names=[name for i in some for name in part_names[i]],
        )
        total += simulated(prepared(contracts, model, basis, VALUATION_DATE), 50, 9).payout
    everybody = contracts_in_force(parts, names=names, part_names=[n for some in part_names for n in some])
    assert np.array_equal(total, simulated(prepared(everybody, model, basis, VALUATION_DATE), 50, 9).payout)


def test_the_list_is_the_scenario() -> None:
    contracts = contracts_in_force(book()[0])
    ready = prepared(
        contracts, load_new_claim_model("illustrative-2026"), load_basis("illustrative-2026"), VALUATION_DATE
    )
    for scenario in (0, 3, 10):
        result = simulated(ready, 11, 4, listed_scenario=scenario)
        listing = result.listing
        assert listing[:, 10].sum() + listing[:, 12].sum() == result.payout[scenario].sum()
        assert (listing[:, 5] < 0).sum() == result.persons[scenario].sum()


def test_parts_of_two_contracts_have_keys_of_their_own() -> None:
    keys = part_keys(["a", "b"], np.array([0, 2, 4]), ["x", "y", "x", "y"])
    assert np.unique(keys).size == 4
    swapped = part_keys(["x", "y"], np.array([0, 2, 4]), ["a", "b", "a", "b"])
    assert not np.isin(swapped, keys).any()


def test_drivers_move_amounts_and_nothing_else(tmp_path: Path) -> None:
    """Twice the МРП doubles funerals and additional expenses; twice the annuity value doubles annuities."""
    content = plain_content()
    content["earnings"] = {"cv": 0.0, "growth": 0.0}
    content["social_payment"] = {"choice": "share", "share": 0.3}
    contracts = contracts_in_force([[(4, 5000, 100_000)]])
    ready = prepared(
        contracts, model_of(tmp_path, content, (0.001,) * 5), load_basis("illustrative-2026"), VALUATION_DATE
    )
    n = 8
    base = simulated(ready, n, 1, listed_scenario=5)
    one = np.ones((n, 3))
    rows = np.array([1.0] * 5 + [2.0] + [1.0] * 2)

    def with_drivers(**paths: np.ndarray) -> NewClaimSimulation:
        given = {"wage": one, "minimum_wage": one, "mci": one, "annuity": np.ones((n, 5))} | paths
        return simulated(ready, n, 1, drivers=Drivers(2026, **given), listed_scenario=5)

    assert same(base, with_drivers())
    other, annuity, earnings = base.listing[:, 12], base.listing[:, 10], base.listing[:, 8]
    assert (with_drivers(mci=rows[:, None] * one).listing[:, 12] == 2 * other).all()
    doubled = with_drivers(annuity=rows[:, None] * np.ones((n, 5))).listing
    assert np.abs(doubled[:, 10] - 2 * annuity).max() <= 1
    assert (with_drivers(wage=rows[:, None] * one).listing[:, 8] == 2 * earnings).all()
    later = with_drivers(wage=np.where(np.arange(3) > 0, rows[:, None], 1.0))
    assert same(base, later)
