"""`actuarial reserve` as a user runs it: files in, run folder out, exit codes, nothing half-written."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from actuarial.report import run_folder
from cli import main

SAMPLE = Path(__file__).parents[2] / "actuarial" / "sample" / "annuities-synthetic.csv"
N_FEW = 300


class Outcome:
    """Exit code and both streams of one call."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def actuarial(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["actuarial", *arguments])
        code = main._exit_code()
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first rows of the sample: what does not depend on how many there are is shown on them."""
    path = tmp_path_factory.mktemp("few") / "few.csv"
    lines = SAMPLE.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(lines[: N_FEW + 1]), encoding="utf-8")
    return path


@pytest.fixture
def reserve(actuarial: Any, few: Path, tmp_path: Path) -> Any:
    def call(portfolio: Path = few, output: str = "run", **options: Any) -> Outcome:
        given = {"valuation-date": "2026-01-01", "basis": "illustrative-2026", **options}
        words = ["reserve", "--portfolio", str(portfolio), "--output", str(tmp_path / output), "--no-report"]
        for name, value in given.items():
            words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
        return actuarial(*words)

    return call


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """One run of the whole sample with its report: the folder, and what ``--json`` printed."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    words = ["reserve", "--portfolio", str(SAMPLE), "--output", str(folder), "--json"]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
        on_the_day = ["--valuation-date", "2026-01-01", "--basis", "illustrative-2026"]
        patch.setattr(sys, "argv", ["actuarial", *words, *on_the_day])
        assert main._exit_code() == 0
    return folder, json.loads(printed.getvalue())


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_sample(reserve: Any, finished: tuple[Path, dict[str, Any]]) -> None:
    outcome = reserve()
    assert outcome.code == 0
    assert "Annuity reserve on 2026-01-01, basis illustrative-2026, tenge" in outcome.out
    assert "The basis illustrative-2026 is illustrative" in outcome.err
    assert "not a sufficient reserve by itself" in outcome.err
    assert files(finished[0]) == {
        "run.json",
        "results.parquet",
        "cashflows.csv",
        "run.log",
        "report.html",
        "report.xlsx",
    }


def test_json_is_one_object_and_agrees_with_the_files(finished: tuple[Path, dict[str, Any]]) -> None:
    folder, answer = finished
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert answer["schema_version"] == record["schema_version"] == 1
    assert answer["totals"] == record["totals"]
    assert Path(answer["run_folder"]) == folder
    results = pq.read_table(folder / "results.parquet")
    assert results.num_rows == record["records"] == 3000
    for name, total in record["totals"].items():
        assert sum(results[name].to_pylist()) == Decimal(total)
        assert sum(Decimal(group[name]) for group in record["groups"]) == Decimal(total)
    parts = ("certified_reserve", "additional_expenses_reserve", "expense_reserve_certified")
    assert sum(Decimal(record["totals"][name]) for name in parts) == Decimal(
        record["totals"]["total_certified"]
    )
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert record["inputs"][0]["sha256"] == hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
    assert record["law"] and all(entry["article"] for entry in record["law"])


def test_columns_of_results(finished: tuple[Path, dict[str, Any]]) -> None:
    schema = pq.read_schema(finished[0] / "results.parquet")
    assert schema.names == [
        "claim_id", "band", "monthly_payment", "pension_date", "certified_reserve", "expected_reserve",
        "additional_expenses_reserve", "expense_reserve_certified", "expense_reserve_expected",
        "recovery_certified", "recovery_expected", "total_certified", "total_expected",
    ]  # fmt: skip
    assert str(schema.field("total_expected").type) == "decimal128(18, 2)"
    assert str(schema.field("pension_date").type) == "date32[day]"


def test_cash_flows_add_up(finished: tuple[Path, dict[str, Any]]) -> None:
    with (finished[0] / "cashflows.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for measure in ("certified", "expected"):
        months = [row for row in rows if row["period"] == "month"]
        years = [row for row in rows if row["period"] == "year"]
        for part in (months, years):
            of_all = sum(Decimal(row[measure]) for row in part if row["product"] == "all")
            assert of_all == sum(Decimal(row[measure]) for row in part if row["product"] != "all")
        one_year = [row for row in months if row["year"] == "2030"]
        year = next(row for row in years if row["year"] == "2030" and row["product"] == "all")
        assert Decimal(year[measure]) == sum(Decimal(r[measure]) for r in one_year if r["product"] == "all")


def test_same_bytes_for_any_threads(reserve: Any, tmp_path: Path) -> None:
    for output, threads in (("one", 1), ("two", 2), ("three", 3)):
        reserve(portfolio=SAMPLE, output=output, threads=threads)
    for name in ("results.parquet", "cashflows.csv"):
        first = (tmp_path / "one" / name).read_bytes()
        assert first == (tmp_path / "two" / name).read_bytes() == (tmp_path / "three" / name).read_bytes()


def test_the_same_portfolio_as_a_workbook(
    reserve: Any, finished: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    reserve(portfolio=SAMPLE.with_suffix(".xlsx"), output="book")
    for name in ("results.parquet", "cashflows.csv"):
        assert (finished[0] / name).read_bytes() == (tmp_path / "book" / name).read_bytes()


def test_results_as_csv_and_totals_only(reserve: Any, tmp_path: Path) -> None:
    reserve(output="rows", format="csv")
    with (tmp_path / "rows" / "results.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    record = json.loads((tmp_path / "rows" / "run.json").read_text(encoding="utf-8"))
    assert sum(Decimal(row["total_expected"]) for row in rows) == Decimal(record["totals"]["total_expected"])
    reserve(output="totals", **{"no-seriatim": True})
    assert files(tmp_path / "totals") == {"run.json", "cashflows.csv", "run.log"}


def broken_copy(folder: Path) -> Path:
    lines = SAMPLE.read_text(encoding="utf-8-sig").splitlines()
    header = lines[0].split(",")
    cells = lines[1].split(",")
    cells[header.index("degree_of_loss")] = "0.45"
    path = folder / "broken.csv"
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]), encoding="utf-8")
    return path


def test_findings_stop_the_run(reserve: Any, tmp_path: Path) -> None:
    outcome = reserve(portfolio=broken_copy(tmp_path), json=True)
    assert outcome.code == 1
    assert "Nothing was valued. All findings: " in outcome.err
    assert "0.45" in outcome.err
    assert files(tmp_path / "run") == {"checks.xlsx"}
    answer = json.loads(outcome.out)
    assert answer["findings"] and answer["checks"].endswith("checks.xlsx")
    # the folder of a refused run may be used again without a word
    assert reserve().code == 0
    assert "checks.xlsx" not in files(tmp_path / "run")


def test_an_age_beyond_the_table_is_a_finding(reserve: Any, tmp_path: Path) -> None:
    rows = "".join(f"{age},0.01\n" for age in range(50)) + "50,1\n"
    for sex in ("male", "female"):
        (tmp_path / f"{sex}.csv").write_text("age,qx\n" + rows, encoding="utf-8")
    basis = Path(main.__file__).parents[1] / "actuarial" / "bases" / "illustrative-2026.yaml"
    text = basis.read_text(encoding="utf-8")
    for sex in ("male", "female"):
        text = text.replace(f"kz-wpp2024-2020-2025-{sex}\n", f"{sex}.csv\n")
    (tmp_path / "basis.yaml").write_text(text, encoding="utf-8")
    outcome = reserve(basis=tmp_path / "basis.yaml")
    assert outcome.code == 1
    assert "E3501" in outcome.err
    assert "(0-50)" in outcome.err


def test_an_earlier_run_is_kept_unless_forced(reserve: Any, tmp_path: Path) -> None:
    reserve()
    before = (tmp_path / "run" / "run.json").read_bytes()
    outcome = reserve()
    assert outcome.code == 2
    assert "error E8001" in outcome.err and "--force" in outcome.err
    assert (tmp_path / "run" / "run.json").read_bytes() == before
    assert reserve(force=True).code == 0


def test_a_folder_with_other_files_is_never_replaced(reserve: Any, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine", encoding="utf-8")
    outcome = reserve(force=True)
    assert outcome.code == 2
    assert "it holds other files (mine.txt)" in outcome.err.replace("the folder holds", "it holds")
    assert files(tmp_path / "run") == {"mine.txt"}


def test_a_fault_while_writing_leaves_nothing(
    reserve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "results.parquet")

    monkeypatch.setattr(run_folder.pyarrow.parquet, "ParquetWriter", lambda *a, **k: full())
    outcome = reserve()
    assert outcome.code == 2
    assert "error E8002: results.parquet: No space left on device" in outcome.err
    assert files(tmp_path) == set()


def test_an_interrupt_leaves_nothing(reserve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_folder.pyarrow.parquet, "ParquetWriter", interrupt)
    assert reserve().code == 130
    assert files(tmp_path) == set()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"valuation-date": "2026-13-01"}, "is not a date; write 2026-01-31 or 31.01.2026"),
        ({"basis": "nothing"}, "error E4001"),
        ({"threads": 0}, "--threads"),
        ({"format": "xlsx"}, "--format"),
    ],
)
def test_usage(reserve: Any, options: dict[str, Any], message: str) -> None:
    outcome = reserve(**options)
    assert outcome.code == 2
    assert message in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("text", ["columns: {claim_id: 2026-13-45}", "[" * 1500, "columns: {claim_id: a"])
def test_a_mapping_that_is_no_yaml(reserve: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    outcome = reserve(mapping=tmp_path / "mapping.yaml")
    assert outcome.code == 2
    assert outcome.err.startswith(f"error E1602: {tmp_path / 'mapping.yaml'}: not a YAML file in UTF-8: ")
    assert outcome.err.count("\n") == 1


def test_no_such_portfolio(reserve: Any, tmp_path: Path) -> None:
    outcome = reserve(portfolio=tmp_path / "none.csv")
    assert outcome.code == 2
    assert "error E1001" in outcome.err
    assert not (tmp_path / "run").exists()


def test_a_valuation_date_before_the_record(reserve: Any) -> None:
    outcome = reserve(**{"valuation-date": "01.01.2004"})
    assert outcome.code in (1, 2)
    assert "Traceback" not in outcome.err and "internal" not in outcome.err


def test_a_fault_of_ours_is_called_one(reserve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise RuntimeError("kernel mix-up")

    monkeypatch.setattr("actuarial.report.reserve_run.annuity_reserve", fault)
    outcome = reserve()
    assert outcome.code == 70
    assert "internal error E7000: RuntimeError: kernel mix-up" in outcome.err
    assert "Traceback" not in outcome.err


def test_warnings_are_all_kept(reserve: Any, few: Path, tmp_path: Path) -> None:
    lines = few.read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    product, social = header.index("product"), header.index("social_payment")
    changed = []
    for line in lines[1:]:
        cells = line.split(",")
        if cells[product] == "voluntary":
            cells[social] = "1000"
        changed.append(",".join(cells))
    path = tmp_path / "warned.csv"
    path.write_text("\n".join([lines[0], *changed]), encoding="utf-8")
    outcome = reserve(portfolio=path)
    assert outcome.code == 0
    assert "W3502" in outcome.err
    assert "checks.xlsx" in files(tmp_path / "run")
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    # a deduction the product does not know is told, and changes nothing
    reserve(output="plain")
    plain = json.loads((tmp_path / "plain" / "run.json").read_text(encoding="utf-8"))
    assert record["totals"] == plain["totals"]
