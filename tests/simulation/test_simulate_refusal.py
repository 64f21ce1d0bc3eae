"""What `actuarial simulate` refuses, what it says then, and what it leaves behind."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from simulate_call import changed_basis, changed_portfolio, files, record_of, some_rows

from actuarial.projection import FLOW_GRID, LARGEST_FLOW
from actuarial.report import simulate_run

CORRELATION = "    - {between: [yield_shift, prices], value: 0.5}\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scenarios": 201}, "201 is odd: scenarios come in pairs; give an even number, or --no-pairs"),
        ({"scenarios": 1}, "1 is not in the range 2<=x<=200000"),
        ({"scenarios": 200_002}, "200002 is not in the range 2<=x<=200000"),
        ({"scenarios": None}, "Missing option '--scenarios'"),
        ({"seed": -1}, "-1 is not in the range 0<=x<=4294967295"),
        ({"seed": 2**32}, "4294967296 is not in the range 0<=x<=4294967295"),
        ({"seed": "x"}, "'x' is not a valid integer"),
        ({"seed": None}, "Missing option '--seed'"),
        ({"basis": None}, "Missing option '--basis'"),
        ({"basis": "nothing"}, "error E4001: no basis 'nothing'"),
        ({"valuation-date": "2026-13-01"}, "is not a date; write 2026-01-31 or 31.01.2026"),
        ({"threads": 0}, "--threads"),
        ({"attribution": -2}, "--attribution"),
        ({"cost-of-capital": -1}, "--cost-of-capital"),
        ({"portfolio": "none.csv"}, "error E1001"),
        ({"mapping": "none.yaml"}, "--mapping"),
    ],
)
def test_usage(simulate: Any, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    outcome = simulate(**options)
    assert outcome.code == 2
    assert message in outcome.err
    assert "Traceback" not in outcome.err and not outcome.out
    assert files(tmp_path) == set()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            (CORRELATION, f"{CORRELATION}    - {{between: [prices, yield_shift], value: 0.1}}\n"),
            "error E4401: simulation.correlation: ",
        ),
        (
            (CORRELATION, CORRELATION.replace("0.5", "0.95") + CORRELATION.replace("prices", "wages")
             .replace("0.5", "-0.95")),
            "error E4401: simulation.correlation: these correlations cannot hold together",
        ),
        (("yield_shift: 0.02", "yield_shift: 0.45"), "error E4402: simulation.yield_shift: "),
        (("yield_shift: 0.02", "yield_shif: 0.02"), "unknown key simulation.yield_shif (did you mean"),
        (("yield_shift: 0.02", "yield_shift: -0.02"), "error E4003: "),
        (("concentration: 2.0", "concentration: 0.0"), "simulation.expense_use.concentration"),
        (("[wages, prices]", "[wages, rain]"), "name two different drivers of yield_shift, mci"),
    ],
)  # fmt: skip
def test_a_section_that_cannot_be_used(
    simulate: Any, tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    outcome = simulate(basis=changed_basis(tmp_path, change))
    assert outcome.code == 2
    assert message in outcome.err and outcome.err.count("\n") == 1
    assert files(tmp_path) == {"basis.yaml"}


def test_findings_stop_the_run(simulate: Any, tmp_path: Path, portfolio: Path) -> None:
    bad = changed_portfolio(portfolio, tmp_path / "bad.csv", "next_payment_date", "2025-01-09", slice(0, 7))
    outcome = simulate(portfolio=bad, json=True)
    assert outcome.code == 1
    assert "E3307 error ×7" in outcome.err and "Nothing was simulated. All findings: " in outcome.err
    assert files(tmp_path / "run") == {"checks.xlsx"}
    answer = json.loads(outcome.out)
    assert answer["findings"]["E3307"] == 7
    assert {key: value for key, value in answer.items() if key != "findings"} == {
        "schema_version": 1,
        "command": "simulate",
        "checks": str(tmp_path / "run" / "checks.xlsx"),
    }
    book = openpyxl.load_workbook(tmp_path / "run" / "checks.xlsx")
    codes = [row[0] for row in book["findings"].iter_rows(values_only=True)]
    assert codes.count("E3307") == 7
    # the folder of a refused run may be used again without a word
    assert simulate().code == 0
    assert "checks.xlsx" not in files(tmp_path / "run")


def test_an_earlier_run_is_kept_unless_forced(simulate: Any, tmp_path: Path) -> None:
    simulate(scenarios=4)
    before = (tmp_path / "run" / "run.json").read_bytes()
    outcome = simulate(scenarios=4)
    assert outcome.code == 2
    assert "error E8001" in outcome.err and "--force" in outcome.err
    assert (tmp_path / "run" / "run.json").read_bytes() == before
    assert simulate(scenarios=4, seed=2, force=True).code == 0
    assert record_of(tmp_path / "run")["seed"] == 2


def test_a_folder_with_other_files_is_never_replaced(simulate: Any, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine", encoding="utf-8")
    outcome = simulate(force=True)
    assert outcome.code == 2 and "mine.txt" in outcome.err
    assert files(tmp_path / "run") == {"mine.txt"}


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        (OSError(28, "No space left on device", "scenarios.parquet"), 2, "error E8002: scenarios.parquet: "),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (RuntimeError("kernel mix-up"), 70, "internal error E7000: RuntimeError: kernel mix-up"),
    ],
)
def test_a_fault_while_writing_leaves_nothing(
    simulate: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
    code: int,
    message: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(simulate_run.pyarrow.parquet, "write_table", fail)
    outcome = simulate(scenarios=4)
    assert outcome.code == code and message in outcome.err and not outcome.out
    assert files(tmp_path) == set()


def test_a_scenario_beyond_exact_integers_is_refused(simulate: Any, tmp_path: Path, portfolio: Path) -> None:
    """Both halves of the portfolio can be added exactly, the whole cannot: together they are what it says."""
    basis = changed_basis(tmp_path, ("yield_shift: 0.02", "yield_shift: 0.255"))
    halves = {"first": range(1, 76), "second": range(76, 151)}
    worth = 0
    for name, rows in halves.items():
        part = some_rows(portfolio, tmp_path / f"{name}.csv", rows)
        assert simulate(name, portfolio=part, basis=basis, scenarios=2).code == 0
        totals = pq.read_table(tmp_path / name / "scenarios.parquet")["total"].to_pylist()
        assert min(totals) > 0
        worth += totals[1]
    assert worth * int(FLOW_GRID) > int(LARGEST_FLOW)

    outcome = simulate(basis=basis, scenarios=2)
    assert outcome.code == 3 and not outcome.out and outcome.err.count("\n") == 1
    assert f"error E9001: scenario 1 is worth {float(worth):.3g} ₸" in outcome.err
    assert "narrow the drivers of the basis" in outcome.err and "split the portfolio" in outcome.err
    assert "run" not in files(tmp_path)


def test_the_refused_yields_are_counted(simulate: Any, tmp_path: Path) -> None:
    """As many scenarios as the shifts of a narrower basis, the same normals, say; the flat yield is 10 %."""
    simulate("narrow", scenarios=60)
    normals = pq.read_table(tmp_path / "narrow" / "scenarios.parquet")["z_yield_shift"].to_pylist()
    yields = [0.10 + 0.45 * z for z in normals]
    refused = [rate for rate in yields if rate <= -0.5]
    assert len(refused) > 1
    outcome = simulate(
        scenarios=60, basis=changed_basis(tmp_path, ("yield_shift: 0.02", "yield_shift: 0.45"))
    )
    assert outcome.code == 2
    assert outcome.err == (
        f"error E4402: simulation.yield_shift: {len(refused)} scenarios have yields down to "
        f"{min(yields):.4g}, not above -0.5: make its spread smaller\n"
    )


def test_warnings_are_all_kept(simulate: Any, tmp_path: Path, portfolio: Path) -> None:
    with portfolio.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    warned = [n for n, row in enumerate(rows, 2) if row[header.index("product")] == "voluntary"]
    for row in rows:
        if row[header.index("product")] == "voluntary":
            row[header.index("social_payment")] = "1000"
    path = tmp_path / "warned.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    outcome = simulate(portfolio=path, scenarios=4)
    assert outcome.code == 0 and "W3502" in outcome.err
    assert f"W3502: {len(warned)} rows" in record_of(tmp_path / "run")["warnings"]
    found = openpyxl.load_workbook(tmp_path / "run" / "checks.xlsx")["findings"].iter_rows(values_only=True)
    assert [row[0] for row in found].count("W3502") == len(warned) > 5
    # a portfolio without warnings leaves no such file
    assert simulate("quiet", scenarios=4).code == 0
    assert "checks.xlsx" not in files(tmp_path / "quiet")


def test_an_empty_portfolio_is_a_finding(simulate: Any, tmp_path: Path, portfolio: Path) -> None:
    outcome = simulate(portfolio=some_rows(portfolio, tmp_path / "empty.csv", []))
    assert outcome.code == 1
    assert "E1019" in outcome.err and "Nothing was simulated. All findings: " in outcome.err
    assert files(tmp_path / "run") == {"checks.xlsx"}
