"""The pages of docs on the reports: figures, sheets, sections and limits are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from report_run import Tables, digits

from actuarial.report import premium_report, reserve_report, workbook
from actuarial.report.premium_run import PremiumRun
from actuarial.report.reserve_run import ReserveRun

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = ("", ".ru")


def page(language: str) -> str:
    return (DOCS / f"report{language}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_steps_of_the_sample(reserve_run: ReserveRun, language: str) -> None:
    text = page(language)
    tables = Tables((reserve_run.folder / "report.html").read_text(encoding="utf-8"))
    shown = re.findall(
        r"^\| \**([a-z' ]+?)(?: \([^)]*\))?\** \| \**(\d[\d ]*[.,]\d\d)\** \|$", text, re.MULTILINE
    )
    printed = [(name, amount.replace(" ", "").replace(",", ".")) for name, amount in shown]
    assert printed == [(row[0], digits(row[1])) for row in tables.by_caption["The steps"][1:]]
    totals = reserve_run.totals
    share = 100 * (totals["expected_reserve"] / totals["certified_reserve"] - 1)
    assert f"{share:.1f} %" in text.replace("22,7", "22.7")


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_and_sections(reserve_run: ReserveRun, premium_run: PremiumRun, language: str) -> None:
    reserve, premium = page(language).split("## ")[2:4]
    for run, text in ((reserve_run, reserve), (premium_run, premium)):
        rows = re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
        named = [name for row in rows for name in re.findall("`([^`]+)`", row)]
        assert named == openpyxl.load_workbook(run.folder / "report.xlsx", read_only=True).sheetnames
        html = (run.folder / "report.html").read_text(encoding="utf-8")
        headings = re.findall(r"<h2>(.*?)</h2>", html)
        assert headings[0] == "Before you use these figures"
        assert headings[-2:] == ["Limitations and checks", "Appendix"]
        listed = re.findall(r"^\| ([A-Z][^|]*?) \|", text, re.MULTILINE)
        assert headings[1:-2] == [name.strip() for row in listed for name in re.split(", (?=By)", row)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_limits(language: str) -> None:
    text = page(language)
    for number in (
        reserve_report.MOST_SERIATIM,
        premium_report.MOST_SERIATIM,
        workbook.MOST_ROWS,
        workbook.MOST_LETTERS,
    ):
        assert f"{number:,}".replace(",", " ") in text
    assert f"{workbook.EXACT_TIYN // 100:,}".replace(",", " ") in text
    assert f" {premium_report.MOST_SHOWN} " in text
