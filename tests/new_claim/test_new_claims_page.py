"""The page on new claims: the worked claim, the synthetic book, every key, code and column it names."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel
from small_book import SHIPPED, VALUATION_DATE, contracts_in_force

from actuarial.basis import load_basis
from actuarial.new_claim import model as model_file
from actuarial.new_claim import study
from actuarial.new_claim.factor import VictimCells, worker_records
from actuarial.new_claim.model import load_new_claim_model
from actuarial.new_claim.preparation import prepared
from actuarial.payout_law import PayoutLaw, calendar_date
from actuarial.portfolio.finding import CATALOGUE
from actuarial.report.new_claim_run import CLASS_FILE, SCENARIO_FILE, money
from actuarial.reserve import annuity_reserve

ROOT = Path(__file__).parents[2]
LANGUAGES = ("", ".ru")


def page(language: str) -> str:
    """The page with thousands together and decimal points."""
    text = (ROOT / "docs" / f"new-claims{language}.md").read_text(encoding="utf-8")
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text)
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def test_the_worked_claim() -> None:
    """By the reserve of that person on the day of the first payment, and by the amounts of the page."""
    basis = load_basis("illustrative-2026")
    book = contracts_in_force([[(5, 1000, 300_000)]], start=date(2026, 1, 1), end=date(2026, 12, 31))
    ready = prepared(book, load_new_claim_model("illustrative-2026"), basis, VALUATION_DATE)
    cell = int(np.flatnonzero((ready.cells.sex == 0) & (ready.cells.age == 480))[0])
    unit = ready.factors.worker[0, 1, cell]
    income = Decimal(300_000) - Decimal("0.5") * 85_000
    product = income * Decimal("0.6") * Decimal("0.40") * Decimal("1.10")
    fund = product.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    own = Decimal("0.4") * 300_000 - fund
    amounts = [own, own, Decimal("0.7") * 300_000 - fund, Decimal("0.95") * 300_000 - fund]
    states = [unit[0], unit[2], unit[3], unit[4]]
    annuity = sum(a * Decimal(f) for a, f in zip(amounts, states, strict=True))
    extra = Decimal("0.5") * 500 * 4325

    columns = {
        "average_monthly_earnings": np.array([30_000_000]),
        "social_payment": np.array([int(fund) * 100]),
        "degree_of_loss": np.array([40], dtype=np.int16),
        "first_degree_of_loss": np.array([40], dtype=np.int16),
    }
    one = VictimCells(np.zeros(1, dtype=np.int8), np.array([480]), np.ones(1))
    record = worker_records(one, ready.cover.middle[:1], 4, basis, PayoutLaw()).rows(1, 2)
    first = calendar_date(int(record.next_payment_date[0]))
    reserve = annuity_reserve(replace(record, **columns), basis, first).amounts["expected_reserve"][0]
    discount = Decimal("1.1") ** (Decimal(-(first - VALUATION_DATE).days) / 365)
    assert abs(int(reserve) * discount / 100 - annuity) < Decimal("0.02")

    for language in LANGUAGES:
        text = page(language)
        for value in (*amounts, fund):
            assert f" {value.normalize():f}" in text
        assert "| F | " + " | ".join(f"{value:.5f}" for value in states) + " |" in text
        for value in (annuity, extra, annuity + extra, annuity * Decimal("0.03")):
            assert money(float(value)) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_python_of_the_page_and_the_book(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / f"new-claims{language}.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```\n(from datetime.*?)```", text, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)
    result = names["result"]
    _, book = study.groups(result)
    assert book.loss_ratio is not None
    assert book.value_at_risk is not None
    table = page(language)
    mean = f"{money(book.gross.value)} ({money(book.gross.standard_error or 0)})"
    for cells in (
        f"{result.contracts}, {book.worker_years:.1f}, {money(book.premium / 100)}",
        f"{book.expected_persons:.3f}, {book.persons.value:.3f}",
        f"{money(book.expected_gross / 100)}, {mean}",
        f"{money(book.net.value)}, {money(book.value_at_risk.value)}",
        f"{100 * book.loss_ratio:.1f} %",
    ):
        assert f"| {cells} |" in table, cells


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_the_model_is_on_the_page(language: str) -> None:
    text = page(language)
    parts = [
        value
        for value in vars(model_file).values()
        if isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel
    ]
    keys = {key for part in parts for key in part.model_fields}
    # shares of kinds and bounds of ages are described where they stand
    for key in keys - {"death", "A", "B", "C", "D"}:
        assert re.search(rf"`[a-z_]*\.?{key}[`:.]", text), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_and_files_on_the_page_exist(language: str) -> None:
    text = page(language)
    for code in re.findall(r"\bE3\d{3}\b", text):
        assert code in CATALOGUE
    source = "".join(path.read_text("utf-8") for path in (ROOT / "actuarial" / "new_claim").glob("*.py"))
    for code in set(re.findall(r"\bE45\d{2}\b", source)):
        assert f"| {code} |" in text
    assert {CLASS_FILE, SCENARIO_FILE} <= set(re.findall(r"`([a-z\-]+\.(?:csv|parquet))`", text))


def test_the_statistics_behind_the_shipped_model_have_sources() -> None:
    lines = (SHIPPED / "illustrative-2026-statistics.csv").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")][1:]
    assert len(rows) >= 7
    assert all(len(row.split(",")) >= 6 and row.split(",")[5] for row in rows)
