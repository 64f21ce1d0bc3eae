"""Reports of `actuarial simulate`: the figures of ``run.json``, to the tiyn, and no empty parts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
from report_run import Tables, digits
from simulate_call import LEVELS, record_of, rows_of

TAILS = {
    "value_at_risk": "Value at risk with 95 % intervals, tenge",
    "tail_value_at_risk": "Tail value at risk with 95 % intervals, tenge",
}
ADJUSTMENT = "Risk adjustment for non-financial risk, tenge"
ERROR = ("standard_error", "lower", "upper")


def page_of(folder: Path) -> dict[str, list[list[str]]]:
    """Tables of ``report.html``: amounts as ``run.json`` writes them, nothing where it has null."""
    tables = Tables((folder / "report.html").read_text(encoding="utf-8")).by_caption
    return {name: [[digits(cell) for cell in row] for row in rows] for name, rows in tables.items()}


def sheet_of(folder: Path, name: str) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(folder / "report.xlsx")
    return [row for row in book[name].iter_rows(values_only=True) if any(cell is not None for cell in row)]


def shown(amount: str | None) -> str:
    return amount or ""


def test_tails_in_three_tables(simulate: Any, tmp_path: Path) -> None:
    simulate(scenarios=400, no_report=None)
    record, tables = record_of(tmp_path / "run"), page_of(tmp_path / "run")
    for name, title in TAILS.items():
        heading, *rows = tables[title]
        assert heading == ["level", "amount", "standard error", "from", "to"]
        for level, row in zip(LEVELS, rows, strict=True):
            error = record[f"{name}_error"][level] or dict.fromkeys(ERROR)
            assert Decimal(row[0].removesuffix("%")) == 100 * Decimal(level)
            assert row[1:] == [shown(record[name][level]), *(shown(error[key]) for key in ERROR)]
    adjustment = record["risk_adjustment"]
    expected = [shown(adjustment["by_level"][level]) for level in LEVELS]
    assert [row[1] for row in tables[ADJUSTMENT][1:]] == [*expected, shown(adjustment["cost_of_capital"])]
    # the workbook has the same three, as numbers
    summary = sheet_of(tmp_path / "run", "summary")
    titles = [row[0] for row in summary if row[0] in (*TAILS.values(), ADJUSTMENT)]
    assert titles == [*TAILS.values(), ADJUSTMENT]
    start = [row[0] for row in summary].index(TAILS["tail_value_at_risk"])
    for level, row in zip(LEVELS, summary[start + 2 :], strict=False):
        amount = record["tail_value_at_risk"][level]
        assert row[:2] == (float(level), None if amount is None else float(amount))


def test_quantiles_and_means_are_those_of_the_record(simulate: Any, tmp_path: Path) -> None:
    simulate(scenarios=60, no_report=None)
    record, tables = record_of(tmp_path / "run"), page_of(tmp_path / "run")
    amounts = {row[0]: row[1] for row in tables["Present value of all outgo, tenge"]}
    for level, amount in record["quantiles"].items():
        assert amounts[f"{100 * float(level):g} % quantile"] == shown(amount)
    assert [level for level, amount in record["quantiles"].items() if amount] == ["0.25", "0.5", "0.75"]
    for name, amount in record["components"].items():
        assert amounts[f"mean: {name.replace('_', ' ')}"] == amount
    payouts = rows_of(tmp_path / "run" / "payouts.csv")
    heading, *rows = tables["Annuity payments by calendar year, tenge"]
    assert heading[3:] == ["0.5 %", "5 %", "25 %", "50 %", "75 %", "95 %", "99.5 %"]
    for row, line in zip(rows, payouts, strict=False):
        assert row == list(line.values())


def test_means_are_rounded_half_up(simulate: Any, tmp_path: Path) -> None:
    """Of two scenarios every second mean ends in half a tiyn."""
    for seed in range(1, 9):
        simulate(str(seed), scenarios=2, seed=seed)
        table = pq.read_table(tmp_path / str(seed) / "scenarios.parquet")
        for name, amount in record_of(tmp_path / str(seed))["components"].items():
            tiyn = [int(100 * value) for value in table[name].to_pylist()]
            assert int(100 * Decimal(amount)) == (sum(tiyn) + 1) // 2, (seed, name)


def test_no_part_on_sources_without_attribution(simulate: Any, tmp_path: Path) -> None:
    for name, attribution in (("with", 40), ("without", 0)):
        simulate(name, scenarios=40, attribution=attribution, no_report=None)
        texts = Tables((tmp_path / name / "report.html").read_text(encoding="utf-8")).texts
        assert ("Sources" in texts) == (attribution > 0)
        assert ("Share of the variance by source" in texts) == (attribution > 0)
