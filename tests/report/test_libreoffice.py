"""The workbooks in a spreadsheet program that is not Excel: nothing broken, nothing changed, formulas agree.

LibreOffice opens each file, computes every formula anew and saves it; what it saved is compared cell by cell.
Without LibreOffice the tests are skipped.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from report_run import SAMPLE

from actuarial.report.premium_run import PremiumRun
from actuarial.report.reserve_run import ReserveRun
from cli.main import root

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.skipif(
    OFFICE is None,
    reason="no LibreOffice on the path: apt-get install libreoffice-calc",
)
ALWAYS_RECOMPUTE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
BROKEN = ("#", "Err:")


def commanded(*arguments: str) -> None:
    """Run a command of ours; it must succeed."""
    done = CliRunner().invoke(root, list(arguments))
    assert done.exit_code in (0, 1), done.output


@pytest.fixture(scope="session")
def opened(
    reserve_run: ReserveRun, premium_run: PremiumRun, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, Path]]:
    """Each workbook by name: as we wrote it, and as LibreOffice saved it."""
    folder = tmp_path_factory.mktemp("office")
    ours = folder / "ours"
    ours.mkdir()
    shutil.copy(reserve_run.folder / "report.xlsx", ours / "reserve.xlsx")
    shutil.copy(premium_run.folder / "report.xlsx", ours / "premium.xlsx")
    with SAMPLE.open(encoding="utf-8") as rows:
        header, first = next(rows), next(rows)
    commanded(
        "explain",
        str(reserve_run.folder),
        "--id",
        first.split(",")[0],
        "--output",
        str(ours / "explain.xlsx"),
    )
    commanded("template", "all", "--output", str(ours / "template.xlsx"))
    bad = folder / "bad.csv"
    bad.write_text(header + first.replace("compulsory", "=1+1") + "\n", encoding="utf-8")
    commanded(
        "reserve", "--portfolio", str(bad), "--valuation-date", "2026-01-01", "--basis", "illustrative-2026",
        "--output", str(folder / "refused"),
    )  # fmt: skip
    shutil.copy(folder / "refused" / "checks.xlsx", ours / "checks.xlsx")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECOMPUTE, encoding="utf-8")
    assert OFFICE is not None
    saved = folder / "saved"
    subprocess.run(
        [OFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(saved), *map(str, sorted(ours.iterdir()))],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return {path.stem: (path, saved / path.name) for path in sorted(ours.iterdir())}


BOOKS = "reserve", "premium", "explain", "template", "checks"


def plain(value: Any) -> Any:
    """A cell's value, whatever program wrote it: dates are days, whole numbers are floats."""
    if hasattr(value, "date"):
        return value.date()
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


@pytest.mark.parametrize("name", BOOKS)
def test_no_cell_shows_an_error(opened: dict[str, tuple[Path, Path]], name: str) -> None:
    book = load_workbook(opened[name][1], data_only=True)
    wrong = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "e" or (isinstance(cell.value, str) and cell.value.startswith(BROKEN))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", BOOKS)
def test_every_cell_is_what_was_written(opened: dict[str, tuple[Path, Path]], name: str) -> None:
    mine, theirs = (load_workbook(path, data_only=True) for path in opened[name])
    formulas = load_workbook(opened[name][0])
    assert mine.sheetnames == theirs.sheetnames
    n_compared = 0
    for sheet in mine:
        for row in sheet.iter_rows():
            for cell in row:
                here, there = plain(cell.value), plain(theirs[sheet.title][cell.coordinate].value)
                if isinstance(here, float) and isinstance(there, float):
                    assert there == pytest.approx(here, rel=1e-11, abs=1e-9), (sheet.title, cell.coordinate)
                else:
                    assert (here or None) == (there or None), (sheet.title, cell.coordinate)
                n_compared += here is not None
                is_formula = formulas[sheet.title][cell.coordinate].data_type == "f"
                assert not is_formula or name == "explain"
    assert n_compared > 20


def test_the_explained_reserve_is_recomputed(opened: dict[str, tuple[Path, Path]]) -> None:
    formulas = load_workbook(opened["explain"][0])
    n = sum(cell.data_type == "f" for sheet in formulas for row in sheet.iter_rows() for cell in row)
    assert n > 50


def test_dates_are_dates(opened: dict[str, tuple[Path, Path]]) -> None:
    book = load_workbook(opened["reserve"][1], data_only=True)
    days = [
        cell.value.date()
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.is_date and cell.value is not None
    ]
    assert days
    assert all(date(1900, 1, 1) <= day < date(2200, 1, 1) for day in days)
