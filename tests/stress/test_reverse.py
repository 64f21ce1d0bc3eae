"""Reverse stress: the multiple found brackets own funds, by valuations of its own."""

from __future__ import annotations

from datetime import date

import pytest
from adaptor import basis_of, records_of
from people import corner_bases, corner_people

from actuarial.payout_law import PayoutLaw
from actuarial.projection import outside_table
from actuarial.reserve import annuity_reserve
from actuarial.stress import reverse
from actuarial.stress.error import StressError
from actuarial.stress.reverse import WIDTH, reversed_scenario
from actuarial.stress.scenario import Change, Scenario, load_scenarios, scaled
from actuarial.stress.situation import situation
from actuarial.stress.stressed_basis import resolved_index
from actuarial.stress.valuation import StressedPortfolio

V = date(2026, 1, 1)
PRESETS = {scenario.name: scenario for file in load_scenarios("all") for scenario in file.scenarios}


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> StressedPortfolio:
    basis = basis_of(corner_bases(90)[0], tmp_path_factory.mktemp("basis"))
    rows = corner_people(90, 60, V)
    outside = outside_table(records_of(rows), basis)
    records = records_of([row for row, out in zip(rows, outside, strict=True) if not out])
    return StressedPortfolio(records, basis, V, threads=1)


def loss_of(portfolio: StressedPortfolio, scenario: Scenario, multiple: float) -> int:
    """By a reserve run of its own."""
    shock = scaled(resolved_index(scenario, portfolio.basis, 2027), multiple)
    given = situation(shock, portfolio.basis, PayoutLaw(), V)
    assert given is not None
    run = annuity_reserve(given.records(portfolio.records), given.basis, V, law=given.law)
    return run.totals()["total_expected"] - portfolio.base().totals()["total_expected"]


@pytest.mark.parametrize(
    "name", ["longevity", "yield_down_100", "revision_4", "prices_2022", "recovery_down"]
)
def test_the_multiple_brackets_own_funds(name: str, portfolio: StressedPortfolio) -> None:
    scenario = PRESETS[name]
    own_funds = int(loss_of(portfolio, scenario, 2.3))
    assert own_funds > 0
    found = reversed_scenario(scenario, "one", own_funds, portfolio)
    assert found.multiple == pytest.approx(2.3, abs=2 * WIDTH)
    assert found.multiple - found.below <= WIDTH
    assert (
        loss_of(portfolio, scenario, found.multiple) >= own_funds > loss_of(portfolio, scenario, found.below)
    )
    assert found.is_monotone
    assert dict(found.losses)[found.multiple] == loss_of(portfolio, scenario, found.multiple)


def test_a_loss_in_proportion_is_solved_by_division(portfolio: StressedPortfolio) -> None:
    """Expenses of payments: the loss is linear in the multiple."""
    scenario = Scenario(
        name="linear",
        title="x",
        source="x",
        changes=[Change(parameter="basis.expenses.of_payment", add=0.01)],
    )
    one = loss_of(portfolio, scenario, 1.0)
    found = reversed_scenario(scenario, "one", 3 * one + one // 2, portfolio)
    assert found.multiple == pytest.approx(3.5, abs=2 * WIDTH)


def test_gains_never_exhaust(portfolio: StressedPortfolio) -> None:
    found = reversed_scenario(PRESETS["mortality_up"], "one", 1, portfolio)
    assert found.multiple is None and found.below == 20
    assert "not reached up to 20 times" in found.reason


def test_a_factor_ends_at_zero(portfolio: StressedPortfolio) -> None:
    found = reversed_scenario(PRESETS["longevity"], "one", 10**17, portfolio)
    assert found.multiple is None
    assert found.below == pytest.approx(5)
    assert "where a factor is 0; more is not possible" in found.reason


def test_what_the_basis_refuses_ends_the_scan(portfolio: StressedPortfolio) -> None:
    steep = Scenario(
        name="steep", title="x", source="x", changes=[Change(parameter="basis.interest", add=-0.09)]
    )
    found = reversed_scenario(steep, "one", 10**17, portfolio)
    assert found.multiple is None and 0 < found.below < 4
    assert "more is not possible: scenario steep: the basis is not valid with it" in found.reason


def test_own_funds_of_nothing(portfolio: StressedPortfolio) -> None:
    assert reversed_scenario(PRESETS["longevity"], "one", 0, portfolio).multiple == 0


def test_a_switch_has_no_multiple(portfolio: StressedPortfolio) -> None:
    with pytest.raises(StressError, match="of which there is no multiple"):
        reversed_scenario(PRESETS["light_degrees_to_insurers"], "one", 1, portfolio)


def test_contracts_that_are_missing(portfolio: StressedPortfolio) -> None:
    found = reversed_scenario(PRESETS["tariff_cut"], "one", 1, portfolio)
    assert (found.multiple, found.reason) == (None, "the loss on contracts needs contracts")


def test_a_loss_that_falls_on_the_way_is_seen(
    portfolio: StressedPortfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to 8 at a half, down to 4 at 1, and up again through 15 at 1.55."""

    def bent(self: object, multiples: list[float]) -> list[tuple[float, int]]:
        found = [(m, round(1e6 * (16 * m if m <= 0.5 else max(12 - 8 * m, 20 * m - 16)))) for m in multiples]
        self.known.update(found)  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(reverse._Losses, "at", bent)
    found = reversed_scenario(PRESETS["longevity"], "one", 15_000_000, portfolio)
    assert found.multiple == pytest.approx(1.55, abs=2 * WIDTH)
    assert not found.is_monotone
    straight = reversed_scenario(PRESETS["longevity"], "one", 4_000_000, portfolio)
    assert straight.multiple == pytest.approx(0.25, abs=2 * WIDTH)
