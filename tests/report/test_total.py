"""The same totals to the tiyn on the page, in the workbook and in run.json, and rows that add up."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from report_run import Tables, digits, value_sample, write_book

from actuarial.report.premium_run import PremiumRun, run_premium
from actuarial.report.reserve_run import ReserveRun
from actuarial.reserve import AMOUNTS

ONE = Path(__file__).parents[2] / "docs" / "example" / "one-worker.csv"
SHOWN = (
    "certified_reserve",
    "expected_reserve",
    "additional_expenses_reserve",
    "total_certified",
    "total_expected",
)
PREMIUM_AMOUNTS = ("annual_payroll", "insured_sum", "base_premium", "premium")


@cache
def workbook(folder: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / "report.xlsx")


def sheet_rows(folder: Path, name: str) -> list[list[Any]]:
    return [list(row) for row in workbook(folder)[name].iter_rows(values_only=True)]


def amount(number: float) -> Decimal:
    """A cell as the two decimals that it shows; a number that is not whole tiyn fails."""
    exact = Decimal(repr(number))
    assert exact == exact.quantize(Decimal("0.01"))
    return exact


def test_reserve_totals_of_page_workbook_and_json(
    reserve_run: ReserveRun, page_of: Callable[[Path], Tables]
) -> None:
    totals = json.loads((reserve_run.folder / "run.json").read_text(encoding="utf-8"))["totals"]
    _, *rows, end = page_of(reserve_run.folder).by_caption["Reserves by group"]
    assert [digits(cell) for cell in end[4:]] == [totals[name] for name in SHOWN]
    for k, name in enumerate(SHOWN, start=4):
        assert sum(Decimal(digits(row[k])) for row in rows) == Decimal(totals[name])
    header, *rows, end = sheet_rows(reserve_run.folder, "totals")
    assert header[4:] == list(AMOUNTS)
    for k, name in enumerate(AMOUNTS, start=4):
        assert amount(end[k]) == Decimal(totals[name]) == sum(amount(row[k]) for row in rows)
    header, *rows, end = sheet_rows(reserve_run.folder, "results")
    assert len(rows) == 3000
    for name in AMOUNTS:
        k = header.index(name)
        assert amount(end[k]) == Decimal(totals[name]) == sum(amount(row[k]) for row in rows)


def test_reserve_rows_of_the_workbook_are_the_results(reserve_run: ReserveRun) -> None:
    header, *rows, _ = sheet_rows(reserve_run.folder, "results")
    results = pq.read_table(reserve_run.folder / "results.parquet").to_pylist()
    for row, result in zip(rows, results, strict=True):
        cells = dict(zip(header, row, strict=True))
        assert cells["claim_id"] == result["claim_id"]
        assert (cells["band"] or None) == result["band"]
        assert cells["pension_date"].date() == result["pension_date"]
        assert all(amount(cells[name]) == result[name] for name in AMOUNTS)


def test_payouts_by_year_of_page_workbook_and_cash_flow_file(
    reserve_run: ReserveRun, page_of: Callable[[Path], Tables]
) -> None:
    lines = (reserve_run.folder / "cashflows.csv").read_text(encoding="utf-8").splitlines()[1:]
    years = {
        int(year): (Decimal(certified), Decimal(expected))
        for period, year, _, product, _, certified, expected in (line.split(",") for line in lines)
        if (period, product) == ("year", "all")
    }
    _, *rows, end = sheet_rows(reserve_run.folder, "payouts by year")
    assert {int(row[0]): (amount(row[1]), amount(row[2])) for row in rows} == years
    sums = [sum(pair[k] for pair in years.values()) for k in (0, 1)]
    assert [amount(cell) for cell in end[1:]] == sums
    _, *shown, end_shown = page_of(reserve_run.folder).by_caption["Payouts by calendar year"]
    assert [Decimal(digits(cell)) for cell in end_shown[1:]] == sums
    for row in shown:
        first, _, last = row[0].partition("–")
        span = range(int(first), int(last or first) + 1)
        for k in (0, 1):
            assert Decimal(digits(row[k + 1])) == sum(years[year][k] for year in span if year in years)
    for k in (0, 1):
        assert sum(Decimal(digits(row[k + 1])) for row in shown) == sums[k]
    _, *segments, end_segments = sheet_rows(reserve_run.folder, "payouts by segment")
    for k in (0, 1):
        assert sum(amount(row[k + 3]) for row in segments) == amount(end_segments[k + 3]) == sums[k]


def test_steps_from_certified_to_expected_add_up(
    reserve_run: ReserveRun, page_of: Callable[[Path], Tables]
) -> None:
    _, *steps, end = page_of(reserve_run.folder).by_caption["The steps"]
    assert sum(Decimal(digits(row[1])) for row in steps) == Decimal(digits(end[1]))
    assert digits(end[1]) == reserve_run.record["totals"]["total_expected"]
    assert digits(steps[0][1]) == reserve_run.record["totals"]["certified_reserve"]


def test_ages_count_every_beneficiary(reserve_run: ReserveRun) -> None:
    header, *rows, end = sheet_rows(reserve_run.folder, "ages")
    assert sum(end[1:]) == 3000
    assert end[1:] == [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    source = Path(reserve_run.record["inputs"][0]["path"])
    counts: dict[str, int] = {}
    with source.open(encoding="utf-8-sig", newline="") as stream:
        births = [row["birth_date"] for row in csv.DictReader(stream)]
    for birth in births:
        year, month, day = (int(part) for part in birth.split("-"))
        age = 2026 - year - ((month, day) > (1, 1))
        group = f"{age // 5 * 5}–{age // 5 * 5 + 4}" if age < 90 else "90+"
        counts[group] = counts.get(group, 0) + 1
    assert {row[0]: sum(row[1:]) for row in rows if sum(row[1:])} == counts
    assert header[1].startswith("men, A 5–29")


def test_premium_totals_of_page_workbook_and_json(
    premium_run: PremiumRun, page_of: Callable[[Path], Tables]
) -> None:
    totals = json.loads((premium_run.folder / "run.json").read_text(encoding="utf-8"))["totals"]
    page = page_of(premium_run.folder)
    for by in ("class", "region", "part"):
        _, *rows, end = page.by_caption[f"Premium by {by}"]
        _, *cells, end_cells = sheet_rows(premium_run.folder, f"by {by}")[: len(rows) + 2]
        for k, name in enumerate(PREMIUM_AMOUNTS, start=2):
            total = Decimal(totals[name])
            assert sum(Decimal(digits(row[k])) for row in rows) == Decimal(digits(end[k])) == total
            assert sum(amount(row[k]) for row in cells) == amount(end_cells[k]) == total
    _, *steps, end = page.by_caption["The steps"]
    assert (
        sum(Decimal(digits(row[1])) for row in steps) == Decimal(digits(end[1])) == Decimal(totals["premium"])
    )
    header, *rows = sheet_rows(premium_run.folder, "results")
    assert sum(amount(row[header.index("premium")]) for row in rows) == Decimal(totals["premium"])


def test_premium_comparison_of_page_and_json(
    premium_run: PremiumRun, page_of: Callable[[Path], Tables]
) -> None:
    compared = premium_run.record["comparison"]
    _, over, under, as_law, end = page_of(premium_run.folder).by_caption["Charged and law"]
    assert (over[1], digits(over[2])) == (str(compared["overcharged"]), compared["overcharged_by"])
    assert (under[1], digits(under[2])) == (str(compared["undercharged"]), f"-{compared['undercharged_by']}")
    assert int(over[1]) + int(under[1]) + int(as_law[1]) == int(end[1]) == compared["charged"] == 4


def test_reports_are_outputs_of_the_run(reserve_run: ReserveRun, premium_run: PremiumRun) -> None:
    for run in (reserve_run, premium_run):
        outputs = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))["outputs"]
        for name in ("report.html", "report.xlsx"):
            assert outputs[name] == hashlib.sha256((run.folder / name).read_bytes()).hexdigest()


def test_the_same_bytes_for_any_threads(reserve_run: ReserveRun, tmp_path: Path) -> None:
    again = value_sample(tmp_path / "again", threads=1)
    for name in ("report.html", "report.xlsx"):
        assert (again.folder / name).read_bytes() == (reserve_run.folder / name).read_bytes()


def test_the_same_bytes_of_a_premium_report(premium_run: PremiumRun, tmp_path: Path) -> None:
    folder = Path(premium_run.record["inputs"][0]["path"]).parent
    run_premium(folder, tmp_path / "again", threads=1)
    for name in ("report.html", "report.xlsx"):
        assert (tmp_path / "again" / name).read_bytes() == (premium_run.folder / name).read_bytes()


def test_no_report_and_no_rows_of_records(tmp_path: Path) -> None:
    without = value_sample(tmp_path / "without", ONE, with_report=False)
    assert not list(without.folder.glob("report.*"))
    bare = value_sample(tmp_path / "bare", ONE, seriatim_format=None)
    assert "results" not in openpyxl.load_workbook(bare.folder / "report.xlsx").sheetnames
    book = run_premium(write_book(tmp_path / "book"), tmp_path / "premium", with_report=False)
    assert isinstance(book, PremiumRun)
    assert not list(book.folder.glob("report.*"))


def test_more_records_than_the_workbook_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from actuarial.report import reserve_report

    monkeypatch.setattr(reserve_report, "MOST_SERIATIM", 0)
    run = value_sample(tmp_path / "run", ONE)
    (row,) = sheet_rows(run.folder, "results")
    assert row[0] is not None
    assert row[0].startswith("1 records are more than the 0 that this workbook shows: results.parquet")
