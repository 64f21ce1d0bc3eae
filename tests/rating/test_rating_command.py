"""The command on files: what it writes, that both ratings raise the same premium, and how it refuses."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from rated_employers import CLAIMS, HOLDERS, write_assumptions, write_book

from actuarial.experience_rating.assumption import load_rating_assumptions
from actuarial.experience_rating.comparison import shared_out
from actuarial.experience_rating.modification import RatingError
from actuarial.portfolio.study_read import read_scores
from actuarial.premium.compulsory import AccidentYear, Contract, Part, compulsory_premium
from cli.rating import command

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "actuarial" / "sample" / "book-synthetic"
EXAMPLE = ROOT / "docs" / "example" / "rating.yaml"


def run(*options: object) -> Any:
    arguments = [str(option) for option in options]
    return CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)


def small_run(folder: Path, *more: object, assumptions: dict[str, str] | None = None, **options: Any) -> Any:
    contracts = write_book(folder / "book", **options)
    file = write_assumptions(folder / "a.yaml", **(assumptions or {}))
    options = ("--contracts", contracts, "--assumptions", file, "--output", folder / "run", "--no-report")
    return run(*options, *more)


def results(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / "run" / "results.parquet").to_pylist()
    return rows


def test_run_folder_and_answer(tmp_path: Path) -> None:
    result = small_run(tmp_path, "--json")
    assert result.return_value == 0
    answer = json.loads(result.stdout)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "groups.csv", "lorenz.csv", "results.parquet", "run.json", "run.log", "tests.csv",
    ]  # fmt: skip
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    for key in set(answer) - {"run_folder"}:
        assert answer[key] == record[key]
    assert record["outputs"].keys() == {"groups.csv", "lorenz.csv", "results.parquet", "tests.csv"}
    assert [source["format"] for source in record["inputs"]] == ["csv"] * 4 + ["yaml"]


def test_both_ratings_raise_the_same_premium_and_groups_add_up(tmp_path: Path) -> None:
    assert small_run(tmp_path, accidents={"Gamma": (9, 8, 10)}).return_value == 0
    rows = results(tmp_path)
    assert sum(row["experience_premium"] for row in rows) == sum(row["law_premium"] for row in rows)
    assert all(row["difference"] == row["law_premium"] - row["experience_premium"] for row in rows)
    with (tmp_path / "run" / "groups.csv").open(encoding="utf-8", newline="") as file:
        groups = list(csv.DictReader(file))
    for column, name in (("law_premium", "law_premium"), ("experience_premium",) * 2, ("loss", "loss")):
        total = sum(row[name] for row in rows)
        for by in {group["by"] for group in groups}:
            assert sum(float(g[column]) for g in groups if g["by"] == by) == pytest.approx(
                float(total), abs=0
            )


def test_law_beside_it_is_the_premium_of_the_law(tmp_path: Path) -> None:
    """Gamma: 27 injured in three years, a mean of 9 among 400 workers."""
    from datetime import date
    from decimal import Decimal

    assert small_run(tmp_path, accidents={"Gamma": (9, 8, 10)}).return_value == 0
    by_id = {row["contract_id"]: row for row in results(tmp_path)}
    for name, (risk_class, payroll) in HOLDERS.items():
        injured = (9, 8, 10) if name == "Gamma" else (0, 0, 0)
        contract = Contract(
            contract_date=date(2024, 1, 1),
            parts=(Part(risk_class=risk_class, annual_payroll=Decimal(payroll)),),
            n_workers=400,
            accidents=tuple(AccidentYear(2021 + k, n, 0, True) for k, n in enumerate(injured)),
        )
        row = by_id[f"{name}-2024"]
        assert row["law_premium"] * 100 == compulsory_premium(contract, {}).premium
    assert by_id["Gamma-2024"]["law_factor"] > 1.0
    assert by_id["Alpha-2024"]["law_factor"] == 1.0


def test_losses_are_those_of_the_contract_known_in_time(tmp_path: Path) -> None:
    late = (*CLAIMS, ("Alpha-2024", "2024-12-30", "2025-01-09", [("2025-02-01", 7_000_000, 0)]))
    assert small_run(tmp_path, claims=late).return_value == 0
    assert {row["contract_id"]: float(row["loss"]) for row in results(tmp_path)} == {
        "Alpha-2024": 2_000_000.0,
        "Beta-2024": 800_000.0,
        "Gamma-2024": 0.0,
    }


def test_cover_that_still_runs_counts_its_part(tmp_path: Path) -> None:
    assert small_run(tmp_path, assumptions={"valuation_date": "2024-07-01"}).return_value == 0
    assert [row["earned_share"] for row in results(tmp_path)] == [pytest.approx(182 / 366)] * 3


def test_bytes_do_not_depend_on_order_or_threads(tmp_path: Path) -> None:
    found = []
    for seed, threads in ((1, 1), (2, 2), (3, 1)):
        folder = tmp_path / str(seed)
        assert small_run(folder, "--threads", threads, shuffled=seed).return_value == 0
        names = ("groups.csv", "lorenz.csv", "tests.csv", "results.parquet")
        found.append([(folder / "run" / name).read_bytes() for name in names])
    assert found[0] == found[1] == found[2]


def test_new_policyholder_keeps_1(tmp_path: Path) -> None:
    contracts = write_book(tmp_path / "book")
    for name, line in (
        ("contracts", "New-2024,New,compulsory,2024-03-01,2024-03-01,2025-02-28,50"),
        ("contract_parts", "New-2024,head,9,50,90000000"),
    ):
        with (contracts / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(f"{line}\r\n")
    file = write_assumptions(tmp_path / "a.yaml")
    result = run("--contracts", contracts, "--assumptions", file, "--output", tmp_path / "run", "--no-report")
    assert result.return_value == 0
    (row,) = (row for row in results(tmp_path) if row["contract_id"] == "New-2024")
    assert (row["modification"], row["has_experience"], row["history_known"]) == (1.0, False, False)


def test_a_score_that_knows_the_losses_has_lift(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text(
        "enterprise,p1,total\nAlpha-2024,1,5.5\nBeta-2024,1,4.25\nGamma-2024,1,1\nGone-2020,1,9\n",
        encoding="utf-8",
    )
    result = small_run(tmp_path, "--scores", tmp_path / "scores.csv", "--json")
    assert result.return_value == 0
    tests = json.loads(result.stdout)["tests"]
    (gini,) = (row["gini"] for row in tests["gini"] if row["score"] == "score")
    assert gini > 0.3
    assert [group["lowest"] for group in tests["quintile"]["score"]["groups"]] == [1.0, 4.25, 5.5]
    assert [row["score"] for row in results(tmp_path)] == [5.5, 4.25, 1.0]


def test_sample_with_reports(tmp_path: Path) -> None:
    """Totals of page, workbook and JSON are the same figure."""
    from python_calamine import CalamineWorkbook

    out = tmp_path / "run"
    result = run("--contracts", SAMPLE, "--assumptions", EXAMPLE, "--output", out, "--json")
    assert result.return_value == 0
    answer = json.loads(result.stdout)
    page = (out / "report.html").read_text(encoding="utf-8").replace("\u00a0", "")
    book = CalamineWorkbook.from_path(str(out / "report.xlsx"))
    rows = book.get_sheet_by_name("groups").to_python()
    totals = [row for row in rows if row and row[0] == "all"]
    assert totals
    for name, column in (("base_premium", 2), ("law_premium", 3), ("experience_premium", 4), ("loss", 6)):
        assert answer["totals"][name] in page
        assert {f"{row[column]:.2f}" for row in totals} == {answer["totals"][name]}
    assert "Illustrative. Not a tariff" in page
    assert not re.search(r"(?:src|href)=[\"']https?:", page)


def test_bad_rows_are_listed_and_nothing_is_rated(tmp_path: Path) -> None:
    result = small_run(tmp_path, claims=[("Nobody-2021", "2021-03-10", "2021-03-20", [("2021-04-01", 1, 0)])])
    assert result.return_value == 1
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["checks.xlsx"]
    assert "Nothing was rated." in result.stderr


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"split_point": "0"}, "E4813", "split_point: Input should be greater than 0, found 0"),
        ({"splitpoint": "5"}, "E4813", r"unknown key splitpoint \(did you mean split_point\?\)"),
        ({"test_years": ""}, "E4813", "missing key test_years"),
        ({"test_years": "[2024, 2023]"}, "E4813", "years must rise, each once"),
        ({"valuation_date": "2024-01-01"}, "E4813", "valuation_date must be inside or after the last"),
        ({"claim_limit": "5"}, "E4813", "claim_limit must not be below split_point"),
        ({"credibility": "{choice: ballast, ballast: 5.0}"}, "E4813", "ballast takes ballast and weight"),
        ({"credibility": "{choice: book, primary: 5.0}"}, "E4813", "choice book takes nothing else"),
        ({"expected_losses": "{choice: table}"}, "E4813", "table belongs to choice table"),
        ({"expected_losses": "{choice: table, table: none.csv}"}, "E4814", "none.csv: cannot be read"),
        ({"modification": "{smallest: 2.0, largest: 1.0}"}, "E4813", "smallest must not be above largest"),
        ({"name": "[1"}, "E4812", "not readable YAML"),
    ],
)  # fmt: skip
def test_assumptions_that_cannot_be_used(
    tmp_path: Path, changes: dict[str, str], code: str, words: str
) -> None:
    with pytest.raises(RatingError, match=words) as caught:
        load_rating_assumptions(write_assumptions(tmp_path / "a.yaml", **changes))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "risk_class,percent\n5,1\n",
        "risk_class,expected_loss_percent\n5,0\n",
        "risk_class,expected_loss_percent\n5,NaN\n",
        "risk_class,expected_loss_percent\n5,1\n5,2\n",
        "risk_class,expected_loss_percent,primary_share_percent\n5,1\n",
        "risk_class,expected_loss_percent,primary_share_percent\n5,1,101\n",
        "",
    ],
)
def test_tables_of_expected_losses_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    file = write_assumptions(tmp_path / "a.yaml", expected_losses="{choice: table, table: t.csv}")
    with pytest.raises(RatingError, match=r"expected_losses\.table") as caught:
        load_rating_assumptions(file)
    assert caught.value.code == "E4814"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a,b\n1,2\n", {"E1013": 2, "W1501": 2}),
        ("contract_id,score\nx,one\ny,nan\nz,1_0\n", {"E3721": 3}),
        ("contract_id,score\nx,1\nx,2\n,3\n", {"E3725": 1, "E2001": 1}),
        ('contract_id,score\n"x\ny,1\nz,2\n', None),
        ("", {"E1004": 1}),
    ],
)
def test_scores_that_are_none(tmp_path: Path, text: str, codes: dict[str, int] | None) -> None:
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    found = read_scores(tmp_path / "s.csv")
    assert found.scores is None
    assert found.findings.has_errors
    assert codes is None or dict(found.findings.codes()) == codes


def test_scores_as_excel_writes_them_in_russian(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("Номер договора;Балл\nx;1,5\ny;\n", encoding="utf-8")
    assert read_scores(tmp_path / "s.csv").scores == {"x": 1.5}


def test_bad_scores_stop_the_run_with_their_cells(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text("contract_id,score\nA-2024,high\n", encoding="utf-8")
    result = small_run(tmp_path, "--scores", tmp_path / "scores.csv")
    assert result.return_value == 1
    assert "scores.csv line 2, column B: high" in result.stdout + result.stderr


def test_scores_of_other_contracts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text("contract_id,score\nelsewhere,1\n", encoding="utf-8")
    with pytest.raises(RatingError, match="has a score: 1 scores are given") as caught:
        small_run(tmp_path, "--scores", tmp_path / "scores.csv")
    assert caught.value.code == "E4818"


def test_year_without_contracts(tmp_path: Path) -> None:
    contracts = write_book(tmp_path / "book")
    changes = {"test_years": "[2025]", "valuation_date": "2026-01-01"}
    file = write_assumptions(tmp_path / "a.yaml", **changes)
    with pytest.raises(RatingError, match="no contract of 2025 had begun") as caught:
        run("--contracts", contracts, "--assumptions", file, "--output", tmp_path / "run")
    assert caught.value.code == "E4816"
    assert not (tmp_path / "run").exists()


def test_shares_add_up_to_the_tiyn() -> None:
    rng = np.random.default_rng(1)
    for n in (1, 2, 7, 1000):
        weights = rng.gamma(1.0, 1e9, n)
        total = int(rng.integers(1, 10**14))
        shares = shared_out(total, weights)
        assert int(shares.sum()) == total
        assert np.abs(shares - weights * total / weights.sum()).max() <= 1.01
