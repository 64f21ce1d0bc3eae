"""Frames hold the figures of the commands on the same input, to the tiyn."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import actuarial
from actuarial import Basis, Portfolio
from actuarial.frame.stress import PORTFOLIO
from cli.annuity import command
from cli.benefit import command as benefit_command

SCENARIOS = 400


def tiyn(column: Any) -> list[int]:
    """Whole tiyn of a float column, as docs/api.md says."""
    return [int(x) for x in (100 * column).round().astype("int64")]


def exactly(texts: Any) -> list[int]:
    return [int(100 * Decimal(str(text))) for text in texts]


@pytest.fixture(scope="module")
def reserve(portfolio: Portfolio, basis: Basis) -> Any:
    return actuarial.portfolio_reserve(portfolio, basis)


@pytest.fixture(scope="module")
def reserve_run(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("reserve") / "run"
    run = actuarial.write_run(
        "reserve", folder, portfolio=sample, valuation_date="2026-01-01", basis="illustrative-2026",
        with_report=False,
    )  # fmt: skip
    return folder, run


def test_totals_of_a_reserve(reserve: Any, reserve_run: tuple[Path, dict[str, Any]]) -> None:
    assert {name: f"{total:.2f}" for name, total in reserve.totals.items()} == reserve_run[1]["totals"]


def test_records_of_a_reserve(reserve: Any, reserve_run: tuple[Path, dict[str, Any]]) -> None:
    table = pq.read_table(reserve_run[0] / "results.parquet")
    frame = reserve.records
    assert frame["claim_id"].tolist() == table["claim_id"].to_pylist()
    assert frame["band"].tolist() == table["band"].to_pylist()
    assert frame["pension_date"].dt.date.tolist() == table["pension_date"].to_pylist()
    amounts = [name for name in table.column_names if "decimal" in str(table[name].type)]
    assert len(amounts) == 10
    for name in amounts:
        assert tiyn(frame[name]) == exactly(table[name].to_pylist())


def test_groups_of_a_reserve(reserve: Any, reserve_run: tuple[Path, dict[str, Any]]) -> None:
    groups = pd.DataFrame(reserve_run[1]["groups"])
    frame = reserve.groups
    for name in ("product", "beneficiary", "records"):
        assert frame[name].tolist() == groups[name].tolist()
    for name in reserve_run[1]["totals"]:
        assert tiyn(frame[name]) == exactly(groups[name])


def test_cash_flows_of_a_reserve(reserve: Any, reserve_run: tuple[Path, dict[str, Any]]) -> None:
    written = pd.read_csv(reserve_run[0] / "cashflows.csv", dtype=str)
    months = written[(written["period"] == "month") & (written["product"] != "all")]
    frame = reserve.cash_flows
    assert frame["month"].dt.strftime("%Y-%-m").tolist() == (months["year"] + "-" + months["month"]).tolist()
    for name in ("certified", "expected"):
        assert tiyn(frame[name]) == exactly(months[name])
        whole = written[(written["period"] == "month") & (written["product"] == "all")][name]
        assert sum(tiyn(frame[name])) == sum(exactly(whole))


def test_law_of_a_reserve(reserve: Any, reserve_run: tuple[Path, dict[str, Any]]) -> None:
    assert reserve.law["parameter"].tolist() == [entry["parameter"] for entry in reserve_run[1]["law"]]


def test_a_frame_gives_what_its_file_gives(sample: Path, basis: Basis, reserve: Any) -> None:
    read = actuarial.read_portfolio(pd.read_csv(sample, dtype=str), "2026-01-01")
    pd.testing.assert_frame_equal(actuarial.portfolio_reserve(read, basis).records, reserve.records)


def test_simulation(basis: Basis, sample: Path, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"seed": 7, "attribution": 100}
    rows = pd.read_csv(sample, dtype=str).head(300)
    rows.to_csv(tmp_path / "annuities.csv", index=False)
    run = actuarial.write_run(
        "simulate", tmp_path / "run", portfolio=tmp_path / "annuities.csv", valuation_date="2026-01-01",
        basis="illustrative-2026", scenarios=SCENARIOS, with_report=False, **asked,
    )  # fmt: skip
    portfolio = actuarial.read_portfolio(rows, "2026-01-01")
    found = actuarial.portfolio_simulation(portfolio, basis, n_scenarios=SCENARIOS, **asked)
    assert f"{found.mean:.2f}" == run["mean"]
    assert f"{found.exact_expected:.2f}" == run["exact_expected"]
    measures = found.measures
    for name, key in (("value_at_risk",) * 2, ("tail_value_at_risk",) * 2, ("quantile", "quantiles")):
        rows = measures[measures["measure"] == name]
        shown = {
            f"{level:g}": None if pd.isna(value) else f"{value:.2f}"
            for level, value in zip(rows["level"], rows["value"], strict=True)
        }
        assert shown == run[key]
    components = found.components.set_index("component")
    for name, amount in run["components"].items():
        assert f"{components.loc[name, 'simulated']:.2f}" == amount
    table = pq.read_table(tmp_path / "run" / "scenarios.parquet")
    scenarios = found.scenarios
    assert list(scenarios.columns) == table.column_names
    assert tiyn(scenarios["total"]) == exactly(table["total"].to_pylist())
    assert scenarios["yield_shift"].tolist() == table["yield_shift"].to_pylist()
    adjustment = run["risk_adjustment"]
    for level, amount in adjustment["by_level"].items():
        value = found.risk_adjustment[f"level_{level}"]
        assert (None if pd.isna(value) else f"{value:.2f}") == amount
    payouts = pd.read_csv(tmp_path / "run" / "payouts.csv")
    assert found.payouts["year"].tolist() == payouts["year"].tolist()
    assert (found.payouts["mean"] - payouts["mean"]).abs().max() <= 0.005 + 1e-6
    sources = {row["source"]: row["share"] for row in run["contributions"]["sources"]}
    assert (
        dict(zip(found.contributions["source"], found.contributions["share"].round(6), strict=True))
        == sources
    )


def test_stress(portfolio: Portfolio, basis: Basis, sample: Path, tmp_path: Path) -> None:
    run = actuarial.write_run(
        "stress", tmp_path / "run", portfolios={PORTFOLIO: str(sample)}, valuation_date="2026-01-01",
        basis="illustrative-2026", scenarios="all", own_funds={PORTFOLIO: 10**12}, with_report=False,
    )  # fmt: skip
    found = actuarial.portfolio_stress(portfolio, basis, "all", own_funds=10**10)
    frame = found.scenarios.set_index("scenario")
    assert tiyn(frame.loc[["base"], "expected"]) == exactly([run["totals"]["total_expected"]])
    assert len(frame) == len(run["scenarios"]) + 1
    for line in run["scenarios"]:
        row = frame.loc[line["name"]]
        for name in ("certified", "expected", "delta_certified", "delta_expected", "loss", "own_funds_after"):
            assert (None if pd.isna(row[name]) else f"{row[name]:.2f}") == line[name], (line["name"], name)
    written = pd.read_csv(tmp_path / "run" / "stress.csv", dtype=str)
    assert tiyn(found.groups["total_expected"]) == exactly(written["total_expected"])
    flows = pd.read_csv(tmp_path / "run" / "cashflows.csv", dtype=str).query("product != 'all'")
    assert tiyn(found.cash_flows["expected"]) == exactly(flows["expected"])
    total = found.aggregation.query("part == 'total'")["loss"].item()
    assert abs(total - float(run["aggregation"][PORTFOLIO]["total"])) <= 0.01


def test_several_insurers_make_a_market(sample: Path, basis: Basis) -> None:
    rows = pd.read_csv(sample, dtype=str).head(60)
    halves = {"a": rows.iloc[:30], "b": rows.iloc[30:]}
    portfolios = {name: actuarial.read_portfolio(half, "2026-01-01") for name, half in halves.items()}
    frame = actuarial.portfolio_stress(portfolios, basis, "longevity").scenarios
    amounts = frame.pivot(index="scenario", columns="insurer", values="delta_expected")
    assert tiyn(amounts["market"]) == [
        a + b for a, b in zip(tiyn(amounts["a"]), tiyn(amounts["b"]), strict=True)
    ]


def test_premiums(book: Path, tmp_path: Path) -> None:
    run = actuarial.write_run("premium", tmp_path / "run", contracts=book, with_parts=True, with_report=False)
    names = ("contracts", "contract_parts", "accidents")
    frames = {name: pd.read_csv(book / f"{name}.csv", dtype=str) for name in names}
    for data in (book, frames):
        priced = actuarial.priced_book(actuarial.read_book(data))
        assert {name: f"{total:.2f}" for name, total in priced.totals.items()} == run["totals"]
        for name, frame in (("results", priced.contracts), ("parts", priced.parts)):
            table = pq.read_table(tmp_path / "run" / f"{name}.parquet")
            assert list(frame.columns) == table.column_names
            assert tiyn(frame["premium"]) == exactly(table["premium"].to_pylist())
            assert frame["contract_id"].tolist() == table["contract_id"].to_pylist()
        assert priced.parts["tariff_rate"].tolist() == [float(r) for r in table["tariff_rate"].to_pylist()]


def test_employer_rating(book: Path, tmp_path: Path) -> None:
    assumptions = book.parents[2] / "docs" / "example" / "rating.yaml"
    folder = tmp_path / "run"
    actuarial.write_run("rating", folder, contracts=book, assumptions=assumptions, with_report=False)
    names = ("contracts", "contract_parts", "accidents", "claims")
    frames = {name: pd.read_csv(book / f"{name}.csv", dtype=str) for name in names}
    rating = actuarial.employer_rating(frames, assumptions)
    with (folder / "groups.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    groups = rating.groups
    assert list(groups.columns) == list(rows[0])
    assert groups["name"].tolist() == [row["name"] for row in rows]
    for name in ("base_premium", "law_premium", "experience_premium", "loss"):
        assert tiyn(groups[name]) == exactly(row[name] for row in rows)
    table = pq.read_table(folder / "results.parquet")
    assert tiyn(rating.contracts["experience_premium"]) == exactly(table["experience_premium"].to_pylist())


def test_tariff_adequacy(book: Path, basis: Basis, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    actuarial.write_run(
        "adequacy", folder, contracts=book, basis="illustrative-2026", valuation_date="2026-01-01",
        assumptions=book / "adequacy.yaml", with_report=False,
    )  # fmt: skip
    names = ("contracts", "contract_parts", "accidents", "claims")
    frames = {name: pd.read_csv(book / f"{name}.csv", dtype=str) for name in names}
    study = actuarial.tariff_adequacy(frames, book / "adequacy.yaml", basis, "2026-01-01")
    for name, frame in (("classes", study.classes), ("policyholders", study.policyholders)):
        written = pd.read_csv(folder / f"{name}.csv")
        assert list(frame.columns) == list(written.columns)
        numbers = [c for c in written.columns if written[c].dtype == "float64" and written[c].notna().any()]
        assert numbers
        for column in numbers:
            assert (frame[column].astype("float64") - written[column]).abs().max() <= 0.01


def test_annuity_price(basis: Basis) -> None:
    given = [
        "--sex", "both", "--age-years", "30-60/10", "--valuation-date", "2026-01-01", "--to-pension",
        "--basis", "illustrative-2026", "--monthly", "123456.78", "--degree", "60", "--json",
    ]  # fmt: skip
    result = CliRunner().invoke(command, given, standalone_mode=False)
    rows = json.loads(result.stdout)["grid"]
    frame = actuarial.annuity_price(
        basis, "2026-01-01", age=range(30, 61, 10), monthly=Decimal("123456.78"), degree=60, to_pension=True
    )
    assert frame["factor"].tolist() == [row["factor"] for row in rows]
    for name in ("net_single_premium", "gross_single_premium"):
        assert tiyn(frame[name]) == exactly(row[name] for row in rows)


def test_benefit(tmp_path: Path) -> None:
    case: dict[str, Any] = {
        "product": "compulsory", "sex": "male", "birth_date": "1985-06-15", "contract_date": "2024-02-01",
        "accident_date": "2024-09-10", "first_certificate_date": "2025-03-01", "degree_of_loss": 60,
        "certificate_end": "2025-09-01", "average_monthly_earnings": "900000.55",
        "social_average_income": 300000, "social_months": 96, "next_payment_date": "2026-04-01",
        "degree_changes": [
            {"date": "2025-09-01", "degree_of_loss": 45, "certificate_end": "2027-03-01", "social_payment": 0}
        ],
    }  # fmt: skip
    file = tmp_path / "case.yaml"
    file.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in case.items()), encoding="utf-8")
    result = CliRunner().invoke(benefit_command, [str(file), "--json"], standalone_mode=False)
    written = json.loads(result.stdout)
    found = actuarial.claim_benefit(case)
    assert found.answer == written
    assert {name: f"{amount:.2f}" for name, amount in found.amounts.items()} == {
        name: written[name] for name in found.amounts.index
    }
    assert found.steps["step"].tolist() == [step["step"] for step in written["steps"]]
    assert found.degree_history["net_payment"].tolist() == [
        float(period["net_payment"]) for period in written["degree_history"]
    ]
    assert found.law["parameter"].tolist() == [entry["parameter"] for entry in written["law"]]
