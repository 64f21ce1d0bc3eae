"""Figures of `actuarial simulate` again: from its scenarios, the reserve, a basis with fewer drivers."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from math import exp, sqrt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from simulate_call import (
    LEVELS,
    changed_basis,
    record_of,
    rows_of,
    some_rows,
    without_financial_drivers,
)

AMOUNT = re.compile(r"-?\d+\.\d\d")


def test_figures_are_those_of_the_scenarios(simulate: Any, tmp_path: Path, portfolio: Path) -> None:
    """Every figure of ``run.json`` again from the amounts by scenario, exactly."""
    simulate(scenarios=400)
    record = record_of(tmp_path / "run")
    table = pq.read_table(tmp_path / "run" / "scenarios.parquet")
    assert table.schema.names == [
        "scenario", "annuity", "recovery", "additional_expenses", "expenses", "total",
        *(f"z_{name}" for name in record["drivers"]),
        "yield_shift", "mortality_factor", "recovery_odds_factor",
    ]  # fmt: skip
    assert {str(table.schema.field(name).type) for name in table.schema.names[1:6]} == {"decimal128(18, 2)"}
    assert table["scenario"].to_pylist() == list(range(400))
    columns = {name: table[name].to_pylist() for name in table.schema.names[1:6]}
    for row in zip(*columns.values(), strict=True):
        annuity, recovery, additional, expenses, total = row
        assert total == annuity + additional + expenses and 0 <= recovery <= annuity

    for name, amounts in columns.items():
        mean = Fraction(sum(amounts)) / len(amounts)
        assert abs(Fraction(record["components"][name]) - mean) <= Fraction(1, 100), name
    assert record["mean"] == record["components"]["total"]
    losses = sorted(columns["total"])
    # 400 times each level is whole
    assert list(record["quantiles"]) == ["0.005", "0.05", "0.25", "0.5", "0.75", "0.95", "0.995"]
    assert record["quantiles"] == {
        level: str(losses[int(400 * Decimal(level)) - 1]) if 0.025 <= float(level) <= 0.975 else None
        for level in record["quantiles"]
    }
    pairs = [Fraction(a + b) / 2 for a, b in zip(columns["total"][::2], columns["total"][1::2], strict=True)]
    middle = sum(pairs) / len(pairs)
    variance = sum((x - middle) ** 2 for x in pairs) / (len(pairs) - 1) / len(pairs)
    assert float(record["standard_error"]) == pytest.approx(float(variance) ** 0.5, rel=1e-9)

    assert list(record["value_at_risk"]) == list(record["tail_value_at_risk"]) == LEVELS
    for level in LEVELS:
        enough = 400 * (1 - Decimal(level)) >= 10
        var, tail = record["value_at_risk"][level], record["tail_value_at_risk"][level]
        assert (var is not None) == (tail is not None) == enough
        if not enough:
            assert record["value_at_risk_error"][level] is record["tail_value_at_risk_error"][level] is None
            continue
        below = 400 * Decimal(level)
        assert sum(x <= Decimal(var) for x in losses) >= below > sum(x < Decimal(var) for x in losses)
        worst = losses[int(below) :]
        assert abs(Fraction(tail) - Fraction(sum(worst)) / len(worst)) <= Fraction(1, 100)
        for name in ("value_at_risk", "tail_value_at_risk"):
            error = record[f"{name}_error"][level]
            assert Decimal(error["lower"]) <= Decimal(record[name][level]) <= Decimal(error["upper"])
    assert record["mean"] != record["exact_expected"]
    difference = Decimal(record["mean"]) - Decimal(record["exact_expected"])
    assert abs(Decimal(record["difference"]) - difference) <= Decimal("0.01")


def test_tables_agree_with_the_record(simulate: Any, tmp_path: Path) -> None:
    simulate()
    folder = tmp_path / "run"
    record = record_of(folder)
    segments = rows_of(folder / "segments.csv")
    assert len(segments) == len({(row["product"], row["class"]) for row in segments}) > 5
    assert abs(sum(Decimal(row["mean"]) for row in segments) - Decimal(record["mean"])) <= Decimal("0.1")
    steps = rows_of(folder / "convergence.csv")
    assert [row["scenarios"] for row in steps] == ["8", "16", "32", "64", "128", "200"]
    assert (steps[-1]["mean"], steps[-1]["mean_standard_error"]) == (
        record["mean"], record["standard_error"],
    )  # fmt: skip
    assert {row["value_at_risk_0.995"] for row in steps} == {""}
    payouts = rows_of(folder / "payouts.csv")
    years = [int(row["year"]) for row in payouts]
    assert years == list(range(2026, 2026 + len(years)))
    quantiles = [name for name in payouts[0] if name.startswith("quantile_")]
    # 200 scenarios: ten beyond 5 and 95 %, one beyond the outermost
    given = {f"quantile_{level}" for level in ("0.05", "0.25", "0.5", "0.75", "0.95")}
    for row in payouts:
        assert {name for name in quantiles if row[name]} == given
        levels = [Decimal(row[name]) for name in quantiles if row[name]]
        assert levels == sorted(levels) and levels[0] >= 0


def test_the_exact_value_is_that_of_reserve(
    simulate: Any, actuarial: Any, tmp_path: Path, portfolio: Path
) -> None:
    answer = json.loads(simulate(json=True).out)
    words = ["--portfolio", str(portfolio), "--valuation-date", "2026-01-01", "--basis", "illustrative-2026"]
    outcome = actuarial(
        "reserve", *words, "--output", str(tmp_path / "reserve"), "--no-seriatim", "--no-report", "--json"
    )
    totals = json.loads(outcome.out)["totals"]
    assert answer["exact_expected"] == totals["total_expected"]
    assert list(answer["exact_components"].values()) == [
        totals[name]
        for name in (
            "expected_reserve", "recovery_expected", "additional_expenses_reserve",
            "expense_reserve_expected",
        )
    ]  # fmt: skip


def test_amounts_are_text_with_two_decimals(simulate: Any) -> None:
    answer = json.loads(simulate(json=True).out)
    amounts = [answer[key] for key in ("mean", "standard_error", "exact_expected", "difference")]
    for key in ("components", "exact_components", "quantiles", "value_at_risk", "tail_value_at_risk"):
        amounts += list(answer[key].values())
    adjustment = answer["risk_adjustment"]
    amounts += [*adjustment["by_level"].values(), adjustment["mean"], adjustment["standard_error"]]
    for errors in (answer["value_at_risk_error"], answer["tail_value_at_risk_error"]):
        for error in errors.values():
            amounts += list(error.values()) if error else []
    for way in answer["variance_reduction"].values():
        amounts += [way["mean"], way["standard_error"]] if isinstance(way, dict) else []
    assert len([a for a in amounts if a is not None]) > 40
    assert all(a is None or AMOUNT.fullmatch(a) for a in amounts)
    assert answer["risk_adjustment"]["cost_of_capital_rate"] == 0.06


def test_drivers_of_the_table_of_scenarios(simulate: Any, tmp_path: Path) -> None:
    """Each factor of a scenario from its own normal, by the spreads of the shipped basis."""
    simulate()
    table = pq.read_table(tmp_path / "run" / "scenarios.parquet").to_pydict()
    normals = {name: table[f"z_{name}"] for name in record_of(tmp_path / "run")["drivers"]}
    assert list(normals) == [
        "yield_shift", "subsistence_minimum", "mortality_level", "mortality_trend", "recovery_level",
    ]  # fmt: skip
    factors = zip(
        *(table[name] for name in ("yield_shift", "mortality_factor", "recovery_odds_factor")),
        *(normals[name] for name in ("yield_shift", "mortality_level", "recovery_level")),
        strict=True,
    )
    for shift, force, odds, z_yield, z_level, z_recovery in factors:
        assert shift == pytest.approx(0.02 * z_yield, rel=1e-12)
        assert force == pytest.approx(exp(0.10 * z_level - 0.10**2 / 2), rel=1e-12)
        assert odds == pytest.approx(exp(0.20 * z_recovery), rel=1e-12)
    for name, drawn in normals.items():
        assert sum(z * z for z in drawn) / len(drawn) == pytest.approx(1, abs=6 * sqrt(2 / 100)), name


# ---------------------------------------------------------------- risk adjustment


def value_at_risk(losses: list[Decimal], level: str) -> Decimal:
    """The smallest loss not exceeded by the share; the product of number and level is whole."""
    rank = len(losses) * Decimal(level)
    assert rank == int(rank)
    return sorted(losses)[int(rank) - 1]


def test_the_risk_adjustment_leaves_financial_risk_out(simulate: Any, tmp_path: Path) -> None:
    """It is that of a basis that names neither yield nor growth.

    The other drivers of the shipped basis are not correlated with these: their scenarios are the same.
    """
    simulate("all", scenarios=400)
    simulate("other", scenarios=400, basis=without_financial_drivers(tmp_path))
    whole, other = record_of(tmp_path / "all"), record_of(tmp_path / "other")
    assert set(whole["drivers"]) - set(other["drivers"]) == {"yield_shift", "subsistence_minimum"}
    assert other["drivers"] == ["mortality_level", "mortality_trend", "recovery_level"]
    adjustment = whole["risk_adjustment"]
    assert adjustment == other["risk_adjustment"] and adjustment["risks"] == "non-financial"
    assert (adjustment["mean"], adjustment["standard_error"]) == (other["mean"], other["standard_error"])
    assert adjustment["mean"] != whole["mean"]

    losses = pq.read_table(tmp_path / "other" / "scenarios.parquet")["total"].to_pylist()
    mean = Fraction(sum(losses)) / len(losses)
    assert list(adjustment["by_level"]) == LEVELS
    for level in ("0.75", "0.9", "0.95"):
        margin = Fraction(value_at_risk(losses, level)) - mean
        assert abs(Fraction(adjustment["by_level"][level]) - margin) <= Fraction(1, 100)
    assert adjustment["by_level"]["0.99"] is adjustment["by_level"]["0.995"] is None
    assert adjustment["cost_of_capital"] is adjustment["capital"] is None
    # of the scenarios with the yield it would be many times that
    with_yield = pq.read_table(tmp_path / "all" / "scenarios.parquet")["total"].to_pylist()
    margin = Fraction(value_at_risk(with_yield, "0.95")) - Fraction(sum(with_yield)) / len(with_yield)
    assert margin > 3 * Fraction(adjustment["by_level"]["0.95"])


def test_growth_alone_is_financial_too(simulate: Any, tmp_path: Path) -> None:
    """Without the yield, growth of the index still leaves the risk adjustment."""
    simulate("growth", basis=changed_basis(tmp_path, ("  yield_shift: 0.02\n", "")))
    simulate("none", basis=without_financial_drivers(tmp_path))
    growth, none = record_of(tmp_path / "growth"), record_of(tmp_path / "none")
    assert "subsistence_minimum" in growth["drivers"] and "yield_shift" not in growth["drivers"]
    assert growth["mean"] != none["mean"]
    assert growth["risk_adjustment"] == none["risk_adjustment"]


def test_cost_of_capital_is_a_choice(simulate: Any, tmp_path: Path, portfolio: Path) -> None:
    """2 000 scenarios are just enough for the capital; twice the rate is twice the adjustment."""
    few = some_rows(portfolio, tmp_path / "few.csv", [1, 2, 3])
    found = {}
    for percent in ("6", "12", "0"):
        options = {} if percent == "6" else {"cost-of-capital": percent}
        answer = json.loads(simulate(percent, portfolio=few, scenarios=2000, json=True, **options).out)
        found[percent] = answer["risk_adjustment"]
    assert answer["scenarios"] == 2000 and answer["value_at_risk_error"]["0.995"] is not None
    simulate("other", portfolio=few, scenarios=2000, basis=without_financial_drivers(tmp_path))
    losses = pq.read_table(tmp_path / "other" / "scenarios.parquet")["total"].to_pylist()
    capital = Fraction(value_at_risk(losses, "0.995")) - Fraction(sum(losses)) / len(losses)
    for adjustment in found.values():
        assert abs(Fraction(adjustment["capital"]) - capital) <= Fraction(1, 100)
        assert adjustment["by_level"]["0.995"] == adjustment["capital"]
        assert adjustment["capital_level"] == 0.995
    assert [f["cost_of_capital_rate"] for f in found.values()] == [0.06, 0.12, 0.0]
    six, twelve, none = (Decimal(f["cost_of_capital"]) for f in found.values())
    assert abs(twelve - 2 * six) <= Decimal("0.02") and none == 0 < six
