"""`actuarial simulate` as a user runs it: what comes out, its options, what must not matter."""

from __future__ import annotations

import hashlib
import json
import random
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from simulate_call import (
    LEVELS,
    NOT_IN_ANSWER,
    REPORTS,
    TABLES,
    changed_basis,
    files,
    record_of,
    rows_of,
    some_rows,
)


def test_the_folder_and_the_answer(simulate: Any, tmp_path: Path, portfolio: Path) -> None:
    outcome = simulate(json=True, no_report=None, attribution=40)
    assert outcome.code == 0 and outcome.out.count("\n") == 1
    folder = tmp_path / "run"
    assert files(folder) == TABLES | REPORTS | {"run.json", "run.log"}
    answer, record = json.loads(outcome.out), record_of(folder)
    assert set(answer) == set(record) - NOT_IN_ANSWER | {"run_folder"}
    assert {key: value for key, value in answer.items() if key != "run_folder"} == {
        key: value for key, value in record.items() if key not in NOT_IN_ANSWER
    }
    assert Path(answer["run_folder"]) == folder
    assert answer["schema_version"] == 1 and answer["command"] == "simulate"
    assert (answer["records"], answer["scenarios"], answer["seed"]) == (150, 200, 1)
    assert set(record["outputs"]) == TABLES | REPORTS
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert record["inputs"][0]["sha256"] == hashlib.sha256(portfolio.read_bytes()).hexdigest()
    assert record["basis"]["simulation"]["yield_shift"] == 0.02
    assert record["law"] and all(entry["article"] for entry in record["law"])
    # both reports print the mean of the record
    spaced = f"{Decimal(record['mean']):,}".replace(",", " ")
    assert spaced in (folder / "report.html").read_text(encoding="utf-8").replace("\xa0", " ").replace(
        "\u202f", " "
    )
    sheet = openpyxl.load_workbook(folder / "report.xlsx")["summary"]
    amounts = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0]}
    assert Decimal(str(amounts["mean: total"])) == Decimal(record["mean"])


def test_the_table_on_the_screen(simulate: Any, tmp_path: Path) -> None:
    outcome = simulate(attribution=40)
    record = record_of(tmp_path / "run")
    assert outcome.out.startswith(
        "Simulation on 2026-01-01, basis illustrative-2026, 150 records, 200 scenarios, seed 1, tenge\n"
    )
    for name in ("mean", "standard_error", "exact_expected"):
        assert f"{Decimal(record[name]):,}".replace(",", " ") in outcome.out
    assert re.search(r"value at risk 99 % +– +– +– +–", outcome.out)
    sources = [source["source"] for source in record["contributions"]["sources"]]
    assert sources == ["idiosyncratic", *record["drivers"]]
    assert all(re.search(rf"^ {source.replace('_', ' ')} ", outcome.out, re.MULTILINE) for source in sources)
    assert "note: The basis illustrative-2026 is illustrative" in outcome.err
    assert f"run folder: {tmp_path / 'run'}" in outcome.err


def test_without_drivers(simulate: Any, tmp_path: Path) -> None:
    outcome = simulate(no_drivers=True, attribution=40)
    assert outcome.code == 0
    record = record_of(tmp_path / "run")
    assert record["drivers"] == [] and record["drivers_asked"] is False
    table = pq.read_table(tmp_path / "run" / "scenarios.parquet")
    assert not [name for name in table.schema.names if name.startswith("z_")]
    for name, value in (("yield_shift", 0.0), ("mortality_factor", 1.0), ("recovery_odds_factor", 1.0)):
        assert set(table[name].to_pylist()) == {value}
    assert "No systematic driver acts: the spread is that of single lives alone" in outcome.err
    assert record["contributions"] == {
        "asked": 40,
        "scenarios": 0,
        "sources": [{"source": "idiosyncratic", "share": 1.0, "standard_error": 0.0}],
    }
    # the spread of the use of expenses belongs to the single life
    assert len(set(table["additional_expenses"].to_pylist())) > 100


def test_a_basis_without_the_section(simulate: Any, tmp_path: Path) -> None:
    outcome = simulate(basis=changed_basis(tmp_path, without_simulation=True))
    assert outcome.code == 0
    record = record_of(tmp_path / "run")
    assert record["drivers"] == [] and record["basis"]["simulation"] is None
    assert record["drivers_asked"] is True
    assert "The basis names no spread of the additional expenses: they are used as expected." in outcome.err
    table = pq.read_table(tmp_path / "run" / "scenarios.parquet")
    used = {str(amount) for amount in table["additional_expenses"].to_pylist()}
    assert used == {record["exact_components"]["additional_expenses"]}
    simulate("other", basis=changed_basis(tmp_path, without_simulation=True), no_drivers=True)
    for name in TABLES:
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_without_pairs(simulate: Any, tmp_path: Path) -> None:
    assert simulate(scenarios=101, no_pairs=True).code == 0
    record = record_of(tmp_path / "run")
    assert record["antithetic"] is False and record["variance_reduction"]["antithetic"] is None
    losses = pq.read_table(tmp_path / "run" / "scenarios.parquet")["total"].to_pylist()
    mean = Fraction(sum(losses)) / 101
    variance = sum((Fraction(x) - mean) ** 2 for x in losses) / 100 / 101
    assert float(record["standard_error"]) == pytest.approx(float(variance) ** 0.5, rel=1e-9)
    shifts = pq.read_table(tmp_path / "run" / "scenarios.parquet")["yield_shift"].to_pylist()
    assert len(set(shifts)) == 101


def test_pairs_have_opposite_drivers(simulate: Any, tmp_path: Path) -> None:
    simulate(scenarios=20)
    table = pq.read_table(tmp_path / "run" / "scenarios.parquet")
    normals = [name for name in table.schema.names if name.startswith("z_")]
    assert normals == [f"z_{name}" for name in record_of(tmp_path / "run")["drivers"]] != []
    for name in normals:
        drawn = table[name].to_pylist()
        assert drawn[::2] == [-z for z in drawn[1::2]]
    shifts = table["yield_shift"].to_pylist()
    assert shifts[::2] == [-shift for shift in shifts[1::2]]
    odds = table["recovery_odds_factor"].to_pylist()
    assert [a * b for a, b in zip(odds[::2], odds[1::2], strict=True)] == pytest.approx([1.0] * 10)


@pytest.mark.parametrize("attribution", [0, 38])
def test_no_contributions_from_too_few_scenarios(simulate: Any, tmp_path: Path, attribution: int) -> None:
    outcome = simulate(attribution=attribution)
    assert record_of(tmp_path / "run")["contributions"] == {
        "asked": attribution, "scenarios": 0, "sources": [],
    }  # fmt: skip
    assert "share of variance" not in outcome.out


def test_the_default_folder(actuarial: Any, portfolio: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    words = "--valuation-date 01.01.2026 --basis illustrative-2026 --scenarios 2 --seed 1 --no-report"
    assert actuarial("simulate", "--portfolio", str(portfolio), *words.split()).code == 0
    assert files(tmp_path) == {"simulate-2026-01-01"}


def test_two_scenarios(simulate: Any, tmp_path: Path) -> None:
    outcome = simulate(scenarios=2, no_report=None)
    assert outcome.code == 0
    record = record_of(tmp_path / "run")
    assert record["standard_error"] is None
    assert set(record["quantiles"].values()) == {None}
    for key in ("value_at_risk", "tail_value_at_risk", "value_at_risk_error", "tail_value_at_risk_error"):
        assert record[key] == dict.fromkeys(LEVELS)
    assert files(tmp_path / "run") >= REPORTS


def test_one_claim(simulate: Any, tmp_path: Path, portfolio: Path) -> None:
    outcome = simulate(portfolio=some_rows(portfolio, tmp_path / "one.csv", [4]))
    assert outcome.code == 0 and "1 records" in outcome.out
    assert len(rows_of(tmp_path / "run" / "segments.csv")) == 1


def test_same_bytes_for_any_threads_and_order_of_rows(simulate: Any, tmp_path: Path, portfolio: Path) -> None:
    """All files but ``run.json`` and ``run.log``, which name input, seconds and threads."""
    header, *rows = portfolio.read_text(encoding="utf-8").splitlines()
    random.Random(7).shuffle(rows)
    shuffled = tmp_path / "shuffled" / portfolio.name
    shuffled.parent.mkdir()
    shuffled.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    runs = [
        ("one", {"threads": 1}),
        ("two", {"threads": 2}),
        ("other", {"threads": 2, "portfolio": shuffled}),
    ]
    for name, options in runs:
        assert simulate(name, no_report=None, scenarios=40, attribution=40, **options).code == 0
    for name in TABLES | REPORTS:
        contents = {(tmp_path / run / name).read_bytes() for run, _ in runs}
        assert len(contents) == 1, name
    figures = [record_of(tmp_path / run) for run, _ in runs]
    for record in figures:
        del record["request"]["portfolio"], record["inputs"], record["seconds"], record["threads"]
    assert figures[0] == figures[1] == figures[2]


def test_more_scenarios_begin_with_the_same_ones(simulate: Any, tmp_path: Path) -> None:
    simulate("few", scenarios=20)
    simulate("many", scenarios=60)
    few, many = (pq.read_table(tmp_path / run / "scenarios.parquet") for run in ("few", "many"))
    assert many.slice(0, 20).equals(few)


def test_another_seed_is_another_answer(simulate: Any) -> None:
    means = {json.loads(simulate(f"run{s}", seed=s, scenarios=4, json=True).out)["mean"] for s in range(4)}
    assert len(means) == 4
    assert simulate("last", seed=2**32 - 1, scenarios=4).code == 0
