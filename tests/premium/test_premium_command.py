"""``actuarial premium`` and ``actuarial submit``: run folders, answers, dry runs, exit codes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from book import CONTRACT, PART, Tables, write_folder
from click.testing import CliRunner

from actuarial.premium.contract_information import FIELDS, bin_problem, contract_number
from actuarial.report.premium_run import RESULT_COLUMNS
from actuarial.report.run_folder import OutputError
from cli.law import command as law
from cli.premium import command as premium
from cli.submit import command as submit

BOOK: Tables = {
    "contracts": [
        {**CONTRACT, "region": "Абай"},
        {**CONTRACT, "contract_id": "C2", "premium": "130000.50", "region": "Астана"},
        {**CONTRACT, "contract_id": "C3", "premium": "", "region": "Астана"},
    ],
    "contract_parts": [
        PART,
        {**PART, "contract_id": "C2", "annual_payroll": "100000000"},
        {**PART, "contract_id": "C3", "annual_payroll": "20000001", "risk_class": "11"},
    ],
    "accidents": [
        {"contract_id": "C2", "year": str(year), "n_injured": "2", "at_fault": "yes"}
        for year in (2021, 2022, 2023)
    ],
}
INFORMATION: Tables = {
    "contracts": [
        {
            **CONTRACT,
            "series": "А",
            "insurer_name": "КСЖ",
            "policyholder_name": "=ТОО",
            "bin": "940140000385",
            "n_workers": "5",
        },
        {
            **CONTRACT,
            "contract_id": "C2",
            "insurer_name": "КСЖ",
            "policyholder_name": "ТОО 2",
            "termination_date": "2024-06-01",
            "termination_reason": "ликвидация",
            "premium": "120000.50",
        },
    ],
    "contract_parts": [PART, {**PART, "contract_id": "C2", "annual_payroll": "90000000.25"}],
}


def run(command: Any, *arguments: object) -> Any:
    """Run a command as `cli.main` does: its return value is the exit code."""
    return CliRunner().invoke(
        command, [str(a) for a in arguments], catch_exceptions=False, standalone_mode=False
    )


def test_results_of_a_book(tmp_path: Path) -> None:
    folder, out = write_folder(tmp_path / "book", BOOK), tmp_path / "run"
    done = run(premium, "--contracts", folder, "--output", out, "--parts", "--json")
    assert not done.return_value, done.output
    answer = json.loads(done.stdout)
    assert answer["totals"]["premium"] == "595000.01"  # 85 000 + 120 000 × 3 + 150 000.01
    assert answer["comparison"] == {
        "charged": 2,
        "overcharged": 0,
        "undercharged": 1,
        "overcharged_by": "0.00",
        "undercharged_by": "229999.50",
        "largest": [{"contract_id": "C2", "difference": "-229999.50"}],
    }
    table = pq.read_table(out / "results.parquet")
    assert tuple(table.column_names) == RESULT_COLUMNS
    rows = [{name: None if v is None else str(v) for name, v in row.items()} for row in table.to_pylist()]
    assert rows[0] == {
        "contract_id": "C1",
        "annual_payroll": "10000000.00",
        "insured_sum": "70833333.33",
        "base_premium": "12000.00",
        "minimum_applied": "True",
        "correction_coefficient": None,
        "discount": "0.0000",
        "premium": "85000.00",
        "premium_charged": "85000.00",
        "difference": "0.00",
    }
    assert (rows[1]["correction_coefficient"], rows[1]["premium"]) == ("3.0000", "360000.00")
    assert (rows[2]["premium"], rows[2]["premium_charged"], rows[2]["difference"]) == (
        "150000.01",
        None,
        None,
    )
    parts = pq.read_table(out / "parts.parquet").to_pylist()
    assert [str(row["premium"]) for row in parts] == ["85000.00", "360000.00", "150000.01"]
    assert [(row["risk_class"], str(row["tariff_rate"])) for row in parts] == [
        (1, "0.0012"),
        (1, "0.0012"),
        (11, "0.0075"),
    ]
    with (out / "totals.csv").open(encoding="utf-8") as stream:
        totals = {(row["by"], row["name"]): row["premium"] for row in csv.DictReader(stream)}
    assert totals == {
        ("risk_class", "1"): "445000.00",
        ("risk_class", "11"): "150000.01",
        ("region", "Абай"): "85000.00",
        ("region", "Астана"): "510000.01",
        ("part", "head"): "595000.01",
    }
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert {entry["parameter"] for entry in record["law"]} >= {
        "tariff_rate",
        "minimum_wage",
        "risk_class_masks",
    }
    assert record["choices"][0]["reason"]
    assert {path.name for path in out.iterdir()} == {
        "run.json",
        "run.log",
        "totals.csv",
        "results.parquet",
        "parts.parquet",
        "report.html",
        "report.xlsx",
    }


def test_the_table_and_the_choices(tmp_path: Path) -> None:
    folder, out = write_folder(tmp_path / "book", BOOK), tmp_path / "run"
    done = run(
        premium, "--contracts", folder, "--output", out, "--format", "csv", "--choice", "mean_rounding=down"
    )
    assert "Premiums of 3 contracts, 3 parts, tenge" in done.stdout
    assert (
        "minimum premium: 1 contracts; with coefficient 1; with discount 0; history unknown 2" in done.stdout
    )
    assert "too little 1 (229 999.50)" in done.stdout
    assert "C2: -229 999.50" in done.stdout
    header, first, *_ = (out / "results.csv").read_text(encoding="utf-8").splitlines()
    assert header.replace('"', "") == ",".join(RESULT_COLUMNS)
    assert first.endswith(",85000.00,85000.00,0.00")
    with pytest.raises(OutputError, match="holds an earlier run"):
        run(premium, "--contracts", folder, "--output", out)
    again = run(premium, "--contracts", folder, "--output", out, "--force", "--no-seriatim")
    assert not again.return_value, again.output
    assert not (out / "results.csv").exists()


def test_findings_end_the_run(tmp_path: Path) -> None:
    bad = {**BOOK, "contract_parts": [{**PART, "oked_code": "99999"}]}
    folder, out = write_folder(tmp_path / "book", bad), tmp_path / "run"
    done = run(premium, "--contracts", folder, "--output", out, "--json")
    assert done.return_value == 1
    assert json.loads(done.stdout)["findings"]["E3613"] == 1
    assert "contract_parts.csv line 2, column C: 99999" in done.stderr
    assert [path.name for path in out.iterdir()] == ["checks.xlsx"]


def test_submission_is_a_dry_run_by_default(tmp_path: Path) -> None:
    folder, out = write_folder(tmp_path / "book", INFORMATION), tmp_path / "out"
    done = run(submit, "--contracts", folder, "--output", out)
    assert not done.return_value, done.output
    assert done.stdout == (
        "contracts       2, of them terminated 1\n"
        "annual payroll  100000000.25\n"
        "premium         205000.50\n"
        "workers         10\n"
    )
    assert "dry run: --write puts CSV, XLSX and JSON" in done.stderr
    assert not out.exists()


def test_the_eleven_fields_and_no_others(tmp_path: Path) -> None:
    folder, out = write_folder(tmp_path / "book", INFORMATION), tmp_path / "out"
    done = run(submit, "--contracts", folder, "--output", out, "--write", "--json")
    assert not done.return_value, done.output
    assert json.loads(done.stdout)["dry_run"] is False
    rows = json.loads((out / "contract-information.json").read_text(encoding="utf-8"))
    assert [list(row) for row in rows] == [[name for name, _ in FIELDS]] * 2
    assert len(FIELDS) == 11
    assert rows[0] == {
        "insurer_name": "КСЖ",
        "contract_number": "C1 серия А",
        "policyholder_name": "=ТОО",
        "contract_date": "2024-03-01",
        "start_date": "2024-03-01",
        "end_date": "2025-02-28",
        "termination_reason": None,
        "termination_date": None,
        "annual_payroll": "10000000.00",
        "premium": "85000.00",
        "n_workers": 5,
    }
    with (out / "contract-information.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, *lines = csv.reader(stream)
    assert header == [heading for _, heading in FIELDS]
    assert lines[0][2] == "'=ТОО"  # never a formula
    assert lines[1][6:] == ["ликвидация", "2024-06-01", "90000000.25", "120000.50", "5"]
    sheet = openpyxl.load_workbook(out / "contract-information.xlsx").active
    assert sheet is not None
    values = list(sheet.iter_rows(values_only=True))
    assert list(values[0]) == header
    assert values[1][2] == "=ТОО"
    assert values[2][8:] == (90000000.25, 120000.5, 5)
    assert "940140000385" not in (out / "contract-information.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bin": "940140000386"}, "E3651"),
        ({"bin": "94014000038"}, "E3651"),
        ({"termination_date": "2025-03-01", "termination_reason": "x"}, "E3652"),
        ({"termination_date": "2024-05-01"}, "E3653"),
        ({"termination_reason": "x"}, "E3653"),
        ({"contract_date": "2025-03-01"}, "E3654"),
        ({"insurer_name": ""}, "E2001"),
        ({"premium": ""}, "E2001"),
        ({"start_date": ""}, "E2001"),
        ({"n_workers": ""}, "E2001"),
        ({"premium_paid": "90000"}, "W3651"),
    ],
)
def test_bad_information(tmp_path: Path, change: dict[str, str], code: str) -> None:
    rows = [{**INFORMATION["contracts"][0], **change}, INFORMATION["contracts"][1]]
    folder = write_folder(tmp_path / "book", {**INFORMATION, "contracts": rows})
    done = run(submit, "--contracts", folder, "--output", tmp_path / "out", "--write", "--json")
    assert json.loads(done.stdout)["findings"].get(code) == 1, done.output
    assert done.return_value == (1 if code.startswith("E") else 0)
    if code.startswith("E"):
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["checks.xlsx"]


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        # of public bodies: a bank and the operator of e-government
        ("940140000385", ""),
        ("000740000728", ""),
        ("940140000384", "the check digit is 4, it should be 5"),
        ("94014000038", "12 digits are expected"),
        ("94014000038X", "12 digits are expected"),
    ],
)
def test_check_digit(number: str, problem: str) -> None:
    assert bin_problem(number) == problem


def test_second_weights_and_numbers_not_given_out() -> None:
    # Σ k·d_k = 5·2 = 10: second weights, 7·2 = 14 mod 11 = 3
    assert bin_problem("000020000003") == ""
    # a remainder of 10 with both weights
    problems = {bin_problem(f"{k:011d}0") for k in range(20_000)}
    assert "no number with these first eleven digits is given out" in problems


def test_number_and_series() -> None:
    assert contract_number("1", "") == "1"
    assert contract_number("1", "А") == "1 серия А"


def test_classes_from_the_command_line() -> None:
    done = run(law, "oked", "--find", "угол")
    assert not done.return_value, done.output
    assert "05101  class 17  1.21 %  Добыча каменного угля открытым способом\n" in done.stdout
    assert len(done.stdout.splitlines()) == 16
    found = json.loads(run(law, "oked", "62011", "05103", "--on", "01.09.2022", "--json").stdout)
    assert [(a["oked_code"], a["risk_class"], a["tariff_rate"]) for a in found["activities"]] == [
        ("62011", 1, "0.0012"),
        ("05103", 14, "0.0155"),
    ]
    assert run(law, "oked", "84300", "--on", "2022-04-01", "--workers", "101").stdout.startswith(
        "84300  class  2"
    )
    assert "give codes, or --find" in CliRunner().invoke(law, ["oked"]).stderr
    with pytest.raises(LookupError, match="no activity has 'угаль' in its name; words near it: угля"):
        run(law, "oked", "--find", "угаль")
    with pytest.raises(LookupError, match="try the beginning of one word"):
        run(law, "oked", "--find", "zzzzzz")
