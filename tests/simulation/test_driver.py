"""Systematic drivers: distributions, correlations, what each moves and from when."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaptor import basis_of
from people import corner_bases

from actuarial.basis import DRIVERS, Basis
from actuarial.driver import GROWTH, DriverModel, recovered_more
from actuarial.error import BasisError
from actuarial.payout_law import PayoutLaw

V = date(2026, 1, 1)
N = 20_000
ERROR = 4.5 / np.sqrt(N)


def with_drivers(folder: Path, **simulation: Any) -> Basis:
    plain = copy.deepcopy(corner_bases(1)[0])
    plain["simulation"] = simulation
    return basis_of(plain, folder)


def model_of(basis: Basis, valuation_date: date = V) -> DriverModel:
    return DriverModel(basis, valuation_date, 30, PayoutLaw())


def test_nothing_named_nothing_acts(tmp_path: Path) -> None:
    model = model_of(with_drivers(tmp_path))
    assert model.acting == ()
    paths = model.paths(0, 6, 1)
    assert paths.yield_shift.tolist() == [0.0] and paths.recovery_odds.tolist() == [1.0]
    assert (paths.growth == 1).all() and (paths.force == 1).all()


def test_means_and_spreads(tmp_path: Path) -> None:
    model = model_of(
        with_drivers(
            tmp_path,
            yield_shift=0.02,
            mortality={"level": 0.3, "trend": 0.01},
            recovery={"level": 0.4},
            growth={"mci": {"level": 0.01, "year": 0.03}},
        )
    )
    assert set(model.acting) == {"yield_shift", "mortality_level", "mortality_trend", "recovery_level", "mci"}
    paths = model.paths(0, N, 7)
    assert abs(paths.yield_shift.mean() / 0.02) < ERROR
    assert paths.yield_shift.std() == pytest.approx(0.02, rel=0.03)
    # a lognormal level of mean 1: standard deviation sqrt(exp(0.09) - 1)
    assert abs(paths.force[:, 0].mean() - 1) < 4.5 * np.sqrt(np.expm1(0.09) / N)
    slope = np.log(paths.force[:, 5] / paths.force[:, 0]) / 5
    assert slope.std() == pytest.approx(0.01, rel=0.03)
    assert np.log(paths.recovery_odds).std() == pytest.approx(0.4, rel=0.03)
    assert abs(np.log(paths.recovery_odds).mean()) < 0.4 * ERROR
    growth = np.log(paths.growth[:, GROWTH.index("mci")])
    # 2026 is enacted: the first free year is 2027; after h years variance (0.01 h)² + h · 0.03²
    assert (growth[:, 0] == 0).all()
    for h in (1, 4, 20):
        assert growth[:, h].std() == pytest.approx(((0.01 * h) ** 2 + h * 0.03**2) ** 0.5, rel=0.03)
        assert abs(growth[:, h].mean()) < growth[:, h].std() * ERROR
    assert (paths.growth[:, GROWTH.index("wages")] == 1).all()


def test_growth_begins_after_the_enacted_years(tmp_path: Path) -> None:
    basis = with_drivers(
        tmp_path, growth={name: {"level": 0.1, "year": 0.0} for name in ("mci", "prices", "wages")}
    )
    early = model_of(basis, date(2023, 6, 1)).paths(0, 4, 1)
    assert (early.growth[:, GROWTH.index("mci"), :4] == 1).all()
    assert (early.growth[:, GROWTH.index("mci"), 4] != 1).all()
    # forecast prices and wages are not law: free from the next calendar year
    for name in ("prices", "wages"):
        assert (early.growth[:, GROWTH.index(name), 0] == 1).all()
        assert (early.growth[:, GROWTH.index(name), 1] != 1).all()


def test_correlations_of_levels_and_of_years(tmp_path: Path) -> None:
    basis = with_drivers(
        tmp_path,
        yield_shift=0.02,
        growth={name: {"level": 0.01, "year": 0.02} for name in ("mci", "prices")},
        correlation=[
            {"between": ["yield_shift", "prices"], "value": 0.5},
            {"between": ["mci", "prices"], "value": -0.3},
        ],
    )
    paths = model_of(basis).paths(0, N, 3)
    levels = np.corrcoef(paths.normals.T)
    wanted = np.eye(len(DRIVERS))
    for one, other, value in (("yield_shift", "prices", 0.5), ("mci", "prices", -0.3)):
        i, j = DRIVERS.index(one), DRIVERS.index(other)
        wanted[i, j] = wanted[j, i] = value
    assert np.abs(levels - wanted).max() < ERROR
    mci, prices = (paths.innovations[:, GROWTH.index(name)] for name in ("mci", "prices"))
    for year in (1, 2, 17):
        assert np.corrcoef(mci[:, year], prices[:, year])[0, 1] == pytest.approx(-0.3, abs=ERROR)
    assert abs(np.corrcoef(mci[:, 1], prices[:, 2])[0, 1]) < ERROR


def test_given_one_driver_the_rest_is_drawn_anew(tmp_path: Path) -> None:
    basis = with_drivers(
        tmp_path,
        yield_shift=0.02,
        growth={"prices": {"level": 0.01, "year": 0.02}, "mci": {"level": 0.01, "year": 0.02}},
        correlation=[
            {"between": ["yield_shift", "prices"], "value": 0.6},
            {"between": ["mci", "prices"], "value": 0.4},
        ],
    )
    model = model_of(basis)
    first, again = model.paths(0, N, 3), model.paths(0, N, 3, replica=1)
    mixed = model.given("prices", first, again)
    k, other = DRIVERS.index("prices"), DRIVERS.index("yield_shift")
    np.testing.assert_allclose(mixed.normals[:, k], first.normals[:, k], atol=1e-12)
    g = GROWTH.index("prices")
    np.testing.assert_allclose(mixed.innovations[:, g], first.innovations[:, g], atol=1e-12)
    # jointly as the drivers themselves, but with the first drawing only what the frozen one explains
    assert np.corrcoef(mixed.normals[:, k], mixed.normals[:, other])[0, 1] == pytest.approx(0.6, abs=ERROR)
    assert np.corrcoef(first.normals[:, other], mixed.normals[:, other])[0, 1] == pytest.approx(
        0.36, abs=ERROR
    )
    assert mixed.normals[:, other].std() == pytest.approx(1, rel=0.03)
    m = GROWTH.index("mci")
    both = np.corrcoef(first.innovations[:, m, 3], mixed.innovations[:, m, 3])[0, 1]
    assert both == pytest.approx(0.16, abs=ERROR)


def test_pairs_are_opposite_and_blocks_agree(tmp_path: Path) -> None:
    model = model_of(with_drivers(tmp_path, yield_shift=0.02, growth={"mci": {"level": 0.01, "year": 0.02}}))
    paths = model.paths(0, 20, 5, antithetic=True)
    np.testing.assert_array_equal(paths.normals[0::2], -paths.normals[1::2])
    np.testing.assert_array_equal(paths.innovations[0::2], -paths.innovations[1::2])
    for first, count in ((3, 4), (6, 5), (19, 1)):
        part = model.paths(first, count, 5, antithetic=True)
        np.testing.assert_array_equal(part.growth, paths.growth[first : first + count])
        cut = paths.rows(first, first + count)
        np.testing.assert_array_equal(part.yield_shift, cut.yield_shift)
        assert cut.first_scenario == part.first_scenario


def test_correlations_that_cannot_hold_together_are_refused(tmp_path: Path) -> None:
    pairs = [("mci", "prices"), ("prices", "wages"), ("mci", "wages")]
    values = (0.9, 0.9, -0.9)
    correlation = [{"between": list(p), "value": v} for p, v in zip(pairs, values, strict=True)]
    with pytest.raises(BasisError, match=r"cannot hold together \(smallest eigenvalue -0.8") as caught:
        model_of(with_drivers(tmp_path, correlation=correlation))
    assert caught.value.code == "E4401"


@pytest.mark.parametrize(
    ("simulation", "message"),
    [
        ({"correlation": [{"between": ["mci", "mci"], "value": 0.1}]}, "two different drivers"),
        ({"correlation": [{"between": ["mci", "gold"], "value": 0.1}]}, "two different drivers"),
        ({"yield_shit": 0.1}, "did you mean yield_shift"),
        ({"yield_shift": -0.1}, "greater than or equal to 0"),
        ({"growth": {"mci": {"level": 0.1}}}, "missing key simulation.growth.mci.year"),
        ({"expense_use": {"concentration": 0}}, "greater than 0"),
    ],
)
def test_wrong_keys_and_values_are_named(simulation: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(BasisError, match=message) as caught:
        with_drivers(tmp_path, **simulation)
    assert caught.value.code == "E4003"


def test_the_same_pair_twice_is_refused(tmp_path: Path) -> None:
    correlation = [{"between": ["mci", "prices"], "value": 0.1}, {"between": ["prices", "mci"], "value": 0.1}]
    with pytest.raises(BasisError, match="twice"):
        model_of(with_drivers(tmp_path, correlation=correlation))


def test_recovery_odds() -> None:
    matrix = np.array([[[0.78, 0.04, 0.01, 0.0, 0.17]] * 3 + [[0.0, 0.04, 0.1, 0.86, 0.0]]])
    found = recovered_more(matrix, np.array([1.0, 2.0, 0.5]))
    np.testing.assert_allclose(found[0], matrix, atol=1e-15)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0, atol=1e-12)
    # odds 0.17 / 0.83 doubled
    assert found[1, 0, 0, 4] == pytest.approx(0.34 / (0.83 + 0.34), rel=1e-12)
    assert found[1, 0, 0, 0] / found[1, 0, 0, 1] == pytest.approx(0.78 / 0.04, rel=1e-12)
    np.testing.assert_array_equal(found[:, 0, 3], np.broadcast_to(matrix[0, 3], (3, 5)))
