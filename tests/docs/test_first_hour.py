"""The guide of the first hour: its commands give what the pages print."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

import actuarial
from cli.main import root

ROOT = Path(__file__).parents[2]
PAGES = ("docs/first-hour.md", "docs/first-hour.ru.md")
EXAMPLE = ROOT / "docs" / "example"
EXPORT, MENDED = EXAMPLE / "first-hour.csv", EXAMPLE / "first-hour-mended.csv"
"""An export with mistakes, and what its messages made of it."""
DAY = "2026-01-01"


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def printed(page: str) -> set[str]:
    """Figures of a page with two decimals, thousands together and decimal points."""
    text = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))", "", text_of(page))
    return {figure.replace(",", ".") for figure in re.findall(r"\d+[.,]\d{2}(?!\d)", text)}


def test_the_checks_say_what_the_guide_shows() -> None:
    words = ["--lang", "en", "check", str(EXPORT), "--valuation-date", "01.01.2026"]
    answer = CliRunner().invoke(root, words)
    shown = re.findall(r"^```\n(annuities: .*?)^```", text_of(PAGES[0]), flags=re.MULTILINE | re.DOTALL)[0]
    lines = answer.output.splitlines()
    assert [line for line in shown.splitlines() if line not in (*lines, "...")] == []
    codes = sorted(set(re.findall(r"^([EW]\d{4}) ", answer.output, flags=re.MULTILINE)))
    for page in PAGES:
        assert re.findall(r"^\| ([EW]\d{4}) \|", text_of(page), flags=re.MULTILINE) == codes


def test_the_mended_export_gives_the_figures_of_the_guide() -> None:
    portfolio = actuarial.read_portfolio(MENDED, DAY)
    assert portfolio.findings.empty
    basis = actuarial.load_basis("illustrative-2026")
    totals = actuarial.portfolio_reserve(portfolio, basis).totals
    names = ("certified_reserve", "expected_reserve", "total_certified", "total_expected")
    claim = actuarial.claim_explanation(portfolio, "У-002", basis).figures
    figures = {f"{totals[name]:.2f}" for name in names}
    figures |= {f"{claim[name]:.2f}" for name in ("monthly_payment", "certified_reserve", "expected_reserve")}
    for page in PAGES:
        assert figures <= printed(page)


def test_the_benefit_and_the_premium_of_the_guide() -> None:
    loader: Any = YAML(typ="base")
    quote = actuarial.premium_quote(oked="41201", payroll=85_400_000, workers=62, contract_date="2026-02-05")
    # 0.0155 × 85 400 000; 0.45 × 385 000 − 71 400
    assert quote.premium == 1_323_700
    for page in PAGES:
        case = loader.load(re.findall(r"```yaml\n(.*?)```", text_of(page), flags=re.DOTALL)[0])
        amounts = actuarial.claim_benefit(case).amounts
        assert (amounts["monthly_benefit"], amounts["pension_contribution"]) == (101_850, 10_185)
        assert {"1323700.00", "101850.00", "10185.00"} <= printed(page)


@pytest.mark.parametrize("picture", sorted(EXAMPLE.glob("first-hour*.png")), ids=lambda path: path.name)
def test_the_pictures_are_small_and_shown_on_both_pages(picture: Path) -> None:
    assert picture.stat().st_size < 150_000
    assert all(f"](example/{picture.name})" in text_of(page) for page in PAGES)
