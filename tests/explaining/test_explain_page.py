"""The worked number of the page, in decimals and without the engine."""

from __future__ import annotations

import csv
import re
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from actuarial.report.explain_file import HEADINGS

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "mortality" / "tables" / "kz-wpp2024-2020-2025-male.csv"


def page(language: str) -> str:
    text = (ROOT / "docs" / f"explain{language}.md").read_text(encoding="utf-8")
    text = re.sub(r"(?<=\d)[  ](?=\d{3}(?!\d))", "", text)
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def death_probability(age: int) -> Decimal:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    row = next(row for row in csv.DictReader(lines) if row["age"] == str(age))
    return Decimal(row["qx"])


@pytest.mark.parametrize("language", ["", ".ru"])
def test_the_worked_number(language: str) -> None:
    text = page(language)
    with localcontext(prec=40):
        q = death_probability(40)
        month = -(1 - q).ln() / 12
        amount = Decimal("0.6") * 300_000 - 98_262
        rows, total = [], Decimal(0)
        for k in range(5):
            v = (-Decimal("1.1").ln() * (Decimal(9) / 365 + Decimal(k) / 12)).exp()
            alive = (-3 * (12 * month * 9 / 365 + k * month)).exp()
            paid = amount * 22 / 31 if k == 4 else amount
            total += paid * alive * v
            rows.append((k, v, alive, paid, paid * alive * v))
    for k, v, alive, paid, value in (rows[0], rows[4]):
        line = f"| {k} | 2026-0{k + 1}-10 | {v:.7f} | {alive:.7f} | {paid:.2f} | {value:.2f} |"
        assert line in text
    assert f"q = {q}" in text
    assert f"{total:.2f}" in text


@pytest.mark.parametrize("language", ["", ".ru"])
def test_every_column_of_the_csv_is_on_the_page(language: str) -> None:
    text = page(language)
    for name in HEADINGS:
        stem, _, state = name.rpartition("_")
        among = state in ("own", "A", "B", "C", "D") and f"`{stem}_A` … `{stem}_D`" in text
        assert among or f"`{name}`" in text, name


@pytest.mark.parametrize("language", ["", ".ru"])
def test_every_error_code_is_on_a_page(language: str) -> None:
    pages = "".join(
        (ROOT / "docs" / f"{name}{language}.md").read_text(encoding="utf-8")
        for name in ("explain", "verify", "template")
    )
    used = set()
    for module in ("explain_run", "explain_file", "finished_run", "repeat", "verify_run", "check_run"):
        source = (ROOT / "actuarial" / "report" / f"{module}.py").read_text(encoding="utf-8")
        used |= set(re.findall(r'"(E8[0-9]{3})"', source))
    assert used
    assert {code for code in used if code not in pages} == set()
