"""``actuarial adequacy`` as a user runs it: folder, tables, screen, refusals."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from claims_book import changed, small_book, write_folder
from click.testing import CliRunner, Result

from actuarial.claim_record import KINDS
from actuarial.money import spaced
from cli.adequacy import command
from cli.main import COMMANDS

FILES = {
    "classes.csv",
    "class-setting.csv",
    "development.csv",
    "policyholders.csv",
    "proposal.csv",
    "regression.csv",
    "report.html",
    "report.xlsx",
    "run.json",
    "run.log",
}
LAW = (12, 29, 48, 49, 52, 53, 54, 65, 56, 88, 75, 76, 129, 155, 113, 117, 121, 243, 175, 205, 254, 296)


def run(*options: str) -> Result:
    return CliRunner().invoke(command, options, standalone_mode=False, env={"COLUMNS": "160"})


def options_of(sample: Path, target: Path, *more: str, contracts: Path | None = None) -> list[str]:
    return [
        "--contracts",
        str(contracts or sample),
        "--basis",
        "illustrative-2026",
        "--valuation-date",
        "2026-01-01",
        "--assumptions",
        str(sample / "adequacy.yaml"),
        "--output",
        str(target),
        *more,
    ]


@pytest.fixture(scope="module")
def proposal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proposal") / "proposal.csv"
    rows = [f"{k + 1},{(rate + 20) / 100}" for k, rate in enumerate(LAW)]
    path.write_text("\n".join(["risk_class,tariff_rate", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def finished(sample: Path, proposal: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    target = tmp_path_factory.mktemp("run") / "out"
    more = ("--tariff", str(proposal), "--policyholder", "Synthetic Employer 001")
    return target, run(*options_of(sample, target, *more))


def record_of(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return record


def test_the_run_folder(finished: tuple[Path, Result]) -> None:
    folder, result = finished
    assert result.return_value == 0, result.output
    assert {path.name for path in folder.iterdir()} == FILES
    record = record_of(folder)
    assert set(record["outputs"]) == FILES - {"run.json", "run.log"}
    assert record["claims"] == {"injury": 262, "occupational_disease": 21, "death": 17}
    assert record["policyholder"]["name"] == "Synthetic employer 001"
    assert record["class_setting"]["method"] == "order_86_2022_03"
    assert any("outline only" in note for note in record["class_setting"]["notes"])
    assert any(warning.startswith("assumptions: Illustrative") for warning in record["warnings"])
    assert {entry["parameter"] for entry in record["law"]} >= {
        "tariff_rate",
        "minimum_wage",
        "funeral_payment",
    }


def test_no_cell_says_nan_or_inf(finished: tuple[Path, Result]) -> None:
    folder, _ = finished
    for name in FILES - {"report.xlsx"}:
        words = (folder / name).read_text(encoding="utf-8").replace(",", " ").replace('"', " ").split()
        assert not {"nan", "NaN", "inf", "-inf", "Infinity"} & set(words), name


def test_tables_of_all_kinds_have_one_total(finished: tuple[Path, Result]) -> None:
    """Premiums by class add up to the book's in JSON, page and workbook, to the tiyn."""
    folder, result = finished
    totals = record_of(folder)["totals"]
    page = (folder / "report.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    book = openpyxl.load_workbook(folder / "report.xlsx", read_only=True)
    rows = list(book["premiums"].iter_rows(values_only=True))
    header = list(rows[0])
    with (folder / "policyholders.csv").open(encoding="utf-8", newline="") as file:
        holders = list(csv.DictReader(file))
    for key, title in (("law_premium", "premium of the law"), ("technical_premium", "technical premium")):
        tiyn = round(float(totals[key]) * 100)
        assert spaced(tiyn) in page
        column = header.index(title)
        numbers = [row[column] for row in rows[1:] if isinstance(row[0], (int, float))]
        assert round(sum(numbers) * 100) == tiyn
        assert spaced(tiyn).replace("\u00a0", " ") in result.stdout
    paid = sum(round(float(row["premium_of_the_law"]) * 100) for row in holders)
    assert paid == round(float(totals["law_premium"]) * 100)
    proposed = record_of(folder)["proposal"]
    with (folder / "proposal.csv").open(encoding="utf-8", newline="") as file:
        parts = list(csv.DictReader(file))
    for key, column in (("law_premium", "premium_of_the_law"), ("proposed_premium", "proposed_premium")):
        assert sum(round(float(row[column]) * 100) for row in parts) == round(float(proposed[key]) * 100)


def test_statutory_rates_are_those_of_the_law(finished: tuple[Path, Result]) -> None:
    folder, _ = finished
    classes = record_of(folder)["classes"]
    assert [round(row["statutory_rate"] * 10_000) for row in classes] == list(LAW)
    for row in classes:
        assert row["ratio"] == pytest.approx(row["statutory_rate"] / row["technical_rate"], rel=1e-8)
        assert row["ratio_from"] < row["ratio"] < row["ratio_to"]


def test_the_answer_in_json(sample: Path, tmp_path: Path, finished: tuple[Path, Result]) -> None:
    result = run(*options_of(sample, tmp_path / "out", "--json", "--no-report"))
    answer = json.loads(result.stdout)
    record = record_of(finished[0])
    assert answer["schema_version"] == 1 and answer["command"] == "adequacy"
    assert answer["adequacy"] == record["adequacy"]
    assert answer["policyholder"] is None and answer["proposal"] is None
    assert not (tmp_path / "out" / "report.html").exists()


def test_threads_and_the_order_of_rows_do_not_matter(
    sample: Path, tmp_path: Path, finished: tuple[Path, Result]
) -> None:
    shuffled = tmp_path / "book"
    shutil.copytree(sample, shuffled)
    chance = random.Random(4)
    for name in ("contracts", "contract_parts", "claims", "accidents"):
        path = shuffled / f"{name}.csv"
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        chance.shuffle(lines)
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    folder = tmp_path / "out"
    more = ("--no-report", "--threads", "1")
    assert run(*options_of(sample, folder, *more, contracts=shuffled)).return_value == 0
    for name in ("classes.csv", "development.csv", "regression.csv", "class-setting.csv"):
        assert (folder / name).read_bytes() == (finished[0] / name).read_bytes(), name
    one, two = record_of(folder), record_of(finished[0])
    assert one["totals"] == two["totals"] and one["adequacy"] == two["adequacy"]


def test_bad_rows_of_every_table_leave_checks_and_nothing_else(
    sample: Path, tmp_path: Path, proposal: Path
) -> None:
    book = write_folder(tmp_path / "book", changed(small_book(), "claims", 2, contract_id="X", kind="fall"))
    bad = tmp_path / "proposal.csv"
    bad.write_text(proposal.read_text(encoding="utf-8").replace("\n22,", "\n23,"), encoding="utf-8")
    target = tmp_path / "out"
    result = run(*options_of(sample, target, "--tariff", str(bad), contracts=book))
    assert result.return_value == 1
    assert [path.name for path in target.iterdir()] == ["checks.xlsx"]
    for text in ("E2501", "claims.csv line 4, column D: fall", "E3614", "E3711", "Nothing was estimated"):
        assert text in result.stderr, text


@pytest.mark.parametrize(
    ("change", "more", "code"),
    [
        ({}, ("--policyholder", "Employer C"), "E4719"),
        ({"claims": []}, (), "E4711"),
        ({}, ("--valuation-date", "2035-01-01"), "E4711"),
    ],
)
def test_books_that_carry_no_study(
    sample: Path, tmp_path: Path, change: dict[str, Any], more: tuple[str, ...], code: str
) -> None:
    tables = {**small_book(), **change}
    book = write_folder(tmp_path / "book", {k: v for k, v in tables.items() if v})
    if change:
        header = (sample / "claims.csv").read_text(encoding="utf-8").splitlines()[0]
        (book / "claims.csv").write_text(header + "\n", encoding="utf-8")
    result = run(*options_of(sample, tmp_path / "out", *more, contracts=book))
    assert result.exception is not None
    assert getattr(result.exception, "code", None) == code, result.exception
    assert not (tmp_path / "out").exists()


def test_a_small_book_falls_back_with_reasons(sample: Path, tmp_path: Path) -> None:
    """Four claims, two classes: nothing stops, every figure is a number, every fallback is said."""
    book = write_folder(tmp_path / "book", small_book())
    text = (sample / "adequacy.yaml").read_text(encoding="utf-8").replace("years: 5", "years: 3")
    assumed = tmp_path / "adequacy.yaml"
    assumed.write_text(text, encoding="utf-8")
    options = options_of(sample, tmp_path / "out", contracts=book)
    options[options.index("--assumptions") + 1] = str(assumed)
    result = run(*options)
    assert result.return_value == 0, result.output
    warnings = " ".join(record_of(tmp_path / "out")["warnings"])
    assert "a regression is not made with fewer than 10" in warnings
    assert "a tail needs 10" in warnings
    assert "no claim of kind" not in warnings
    assert not (tmp_path / "out" / "regression.csv").exists()


def test_a_run_is_not_replaced_unasked(sample: Path, finished: tuple[Path, Result]) -> None:
    result = run(*options_of(sample, finished[0]))
    assert getattr(result.exception, "code", None) == "E8001"


def test_it_is_a_command() -> None:
    assert COMMANDS["adequacy"] == "Compare tariffs with technical premiums."


def test_statistics_stay_out_of_other_commands() -> None:
    """Importing the command costs nothing; pricing a book imports no statistics."""
    script = (
        "import sys, cli.adequacy\nfirst = {m.split('.')[0] for m in sys.modules}\n"
        "import actuarial.report.premium_run, actuarial.credibility\n"
        "second = {m.split('.')[0] for m in sys.modules}\n"
        "import actuarial.report.adequacy_run\nthird = {m.split('.')[0] for m in sys.modules}\n"
        "heavy = {'statsmodels', 'scipy', 'lifelines', 'matplotlib'}\n"
        "print(sorted(first & {*heavy, 'numpy', 'numba', 'pandas', 'pyarrow', 'pydantic'}))\n"
        "print(sorted(second & {'statsmodels', 'lifelines'}), sorted(third & {'statsmodels', 'lifelines'}))"
    )
    result = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert result.stdout.split("\n")[:2] == ["[]", "[] []"]


def test_a_book_whose_claims_cost_nothing_has_no_ratio(sample: Path, proposal: Path, tmp_path: Path) -> None:
    """Nothing to divide by: empty cells and nulls, never a NaN, and a note; also under a proposal."""
    tables = small_book()
    for row in tables["claims"]:
        row["paid"] = row["case_estimate_change"] = ""
    folder = write_folder(tmp_path / "book", tables)
    kinds = "".join(f"  {kind}: {{source: claims}}\n" for kind in KINDS)
    loading = "{claims_handling: 0, expense: 0.2, profit: 0, cost_of_capital: 0, capital_per_premium: 0}"
    text = f"name: none\nnote: ''\nyears: 3\nseverity:\n{kinds}loading: {loading}\n"
    (tmp_path / "adequacy.yaml").write_text(text, encoding="utf-8")
    options = options_of(tmp_path, tmp_path / "out", "--tariff", str(proposal), contracts=folder)
    result = run(*options)
    assert result.exception is None
    assert result.return_value == 0
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["adequacy"]["ratio"] is None
    for path in (tmp_path / "out").glob("*.*"):
        if path.suffix in (".csv", ".json", ".html"):
            assert not re.search(r"(?<![A-Za-z])(nan|inf|NaN|Infinity)(?![A-Za-z])", path.read_text("utf-8"))


def test_frequencies_by_payroll_are_shown_for_a_billion(sample: Path, tmp_path: Path) -> None:
    """Claims a tenge are a billionth of what can be read: the unit goes with the exposure."""
    text = (sample / "adequacy.yaml").read_text(encoding="utf-8")
    assert "exposure: headcount " in text
    (tmp_path / "adequacy.yaml").write_text(
        text.replace("exposure: headcount ", "exposure: payroll "), "utf-8"
    )
    options = options_of(tmp_path, tmp_path / "out", "--no-report", contracts=sample)
    assert run(*options).return_value == 0
    with (tmp_path / "out" / "class-setting.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        expected = 1e9 * int(row["claims"]) / float(row["exposure"])
        assert float(row["per_bn_kzt"]) == pytest.approx(expected, rel=1e-9)
