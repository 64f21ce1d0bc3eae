"""Inputs of `actuarial simulate` changed for a test, and its files read back."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "actuarial" / "sample" / "annuities-synthetic.csv"
BASIS = ROOT / "actuarial" / "bases" / "illustrative-2026.yaml"
TABLES = {"scenarios.parquet", "payouts.csv", "segments.csv", "convergence.csv"}
REPORTS = {"report.html", "report.xlsx"}
LEVELS = ["0.75", "0.9", "0.95", "0.99", "0.995"]
NOT_IN_ANSWER = {
    "request", "inputs", "basis", "law", "outputs", "seconds", "threads", "python", "limitations",
}  # fmt: skip
"""Keys of ``run.json`` that ``--json`` does not print."""


@dataclass(frozen=True)
class Outcome:
    """Exit code and both streams of one call."""

    code: int
    out: str
    err: str


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def record_of(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return record


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def changed_basis(folder: Path, *changes: tuple[str, str], without_simulation: bool = False) -> Path:
    text = BASIS.read_text(encoding="utf-8")
    if without_simulation:
        text = text[: text.index("simulation:\n")]
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = folder / "basis.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def without_financial_drivers(folder: Path) -> Path:
    """The shipped basis whose section ``simulation`` names neither the yield nor any growth."""
    text = BASIS.read_text(encoding="utf-8")
    start, stop = text.index("  yield_shift: 0.02\n"), text.index("  mortality: {level")
    path = folder / "non-financial.yaml"
    path.write_text(text[:start] + text[stop:], encoding="utf-8")
    return path


def changed_portfolio(portfolio: Path, path: Path, column: str, value: str, rows: slice) -> Path:
    with portfolio.open(encoding="utf-8", newline="") as file:
        header, *lines = list(csv.reader(file))
    for line in lines[rows]:
        line[header.index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    return path


def some_rows(portfolio: Path, path: Path, rows: Iterable[int]) -> Path:
    """The header and the rows named (from 1)."""
    lines = portfolio.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], *(lines[row] for row in rows)]) + "\n", encoding="utf-8")
    return path
