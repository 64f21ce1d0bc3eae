"""Reading what a study takes beside the book: proposed tariffs, indicators of activities, scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actuarial.portfolio.cell import IN_EVERY_ROW
from actuarial.portfolio.column import Column, Schema
from actuarial.portfolio.contract_column import CONTRACT_SCHEMA, PART_SCHEMA
from actuarial.portfolio.contract_read import BookTable
from actuarial.portfolio.finding import Findings
from actuarial.portfolio.mapping import Mapping
from actuarial.portfolio.source import Source
from actuarial.portfolio.table_read import read_table
from actuarial.premium.book import CLASSES

Float64 = NDArray[np.float64]

PERCENT = 100
_CODE = re.compile(r"\d{5}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,30})?")
_CLASS = Column("risk_class", "count", PART_SCHEMA.column["risk_class"].aliases, always=True)
PROPOSAL_SCHEMA = Schema(
    "tariff_proposal",
    (_CLASS, Column("tariff_rate", "rate", ("rate", "тариф", "страховой тариф", "ставка"), always=True)),
)
SCORE_SCHEMA = Schema(
    "scores",
    (
        Column(
            "contract_id", "text", (*CONTRACT_SCHEMA.column["contract_id"].aliases, "enterprise"), always=True
        ),
        Column("score", "text", ("total", "балл", "итоговый балл", "оценка", "балл саны"), always=True),
    ),
)


@dataclass(frozen=True)
class Proposal:
    """A proposed rate [hundredths of a percent] by class; None after an error."""

    rates: dict[int, int] | None
    findings: Findings
    sources: list[Source]


@dataclass(frozen=True)
class IndicatorTable:
    """Indicators of activities by year.

    Attributes
    ----------
    unit : tuple of u str
    values : float64 (u, years, indicators), or None after an error
        NaN where a year has no value.
    """

    unit: tuple[str, ...]
    values: Float64 | None
    findings: Findings
    sources: list[Source]


@dataclass(frozen=True)
class Scores:
    """A score by contract_id; None after an error."""

    scores: dict[str, float] | None
    findings: Findings
    sources: list[Source]


def read_proposal(path: Path, highest: int) -> Proposal:
    """Read a table with the columns ``risk_class`` and ``tariff_rate`` (percent).

    Parameters
    ----------
    path : Path
    highest : int [hundredths of a percent]
        Largest rate that can be priced.

    Raises
    ------
    PortfolioFileError
        E1001, E1002.
    """
    findings = Findings()
    table, sources = read_table(path, PROPOSAL_SCHEMA, findings, mapping=Mapping(), threads=1)
    if table is None:
        return Proposal(None, findings, sources)
    _filled(table)
    number, rate = table.values("risk_class"), table.values("tariff_rate")
    good = ~table.is_bad
    outside = good & ((number < 1) | (number > CLASSES))
    table.report("E3614", outside, "risk_class", low="1", high=str(CLASSES))
    table.report(
        "E3713", good & ((rate <= 0) | (rate > highest)), "tariff_rate", high=str(highest // PERCENT)
    )
    values, counts = np.unique(number, return_counts=True)
    table.report("E3712", ~table.is_bad & np.isin(number, values[counts > 1]), "risk_class")
    missing = sorted(set(range(1, CLASSES + 1)) - set(number.tolist()))
    if missing:
        findings.add("E3711", file=path.name, detail=", ".join(map(str, missing)))
    rates = None
    if not findings.has_errors:
        rates = {int(k): int(r) for k, r in zip(number, rate, strict=True)}
    return Proposal(rates, findings, sources)


def read_indicators(path: Path, columns: Sequence[str]) -> IndicatorTable:
    """Read a table with ``oked_code``, ``year`` and the named indicators, one row an activity and year.

    Raises
    ------
    PortfolioFileError
        E1001, E1002.
    """
    findings = Findings()
    schema = Schema(
        "indicators",
        (
            Column("oked_code", "text", PART_SCHEMA.column["oked_code"].aliases, always=True),
            Column("year", "count", ("год", "жыл", "жылы"), always=True),
            *(Column(name, "text", always=True) for name in columns),
        ),
    )
    table, sources = read_table(path, schema, findings, mapping=Mapping(), threads=1)
    if table is None:
        return IndicatorTable((), None, findings, sources)
    codes = [text.strip() for text in table.texts("oked_code").to_pylist()]
    wrong = np.array([not _CODE.fullmatch(code) for code in codes], dtype=np.bool_)
    table.report("E3722", wrong & ~table.is_bad, "oked_code")
    table.report("E2001", table.is_empty("year") & ~table.is_bad, "year", need=IN_EVERY_ROW)
    year = table.values("year")
    units = {code: u for u, code in enumerate(sorted(set(codes)))}
    years = {y: j for j, y in enumerate(sorted({int(y) for y in year}))}
    values = np.full((len(units), max(len(years), 1), len(columns)), np.nan)
    seen: set[tuple[str, int]] = set()
    for row, (code, y) in enumerate(zip(codes, year.tolist(), strict=True)):
        if (code, y) in seen and not table.is_bad[row]:
            table.report("E3723", np.array([row]), "oked_code")
        seen.add((code, y))
    for k, name in enumerate(columns):
        texts = [text.strip() for text in table.texts(name).to_pylist()]
        for row, text in enumerate(texts):
            if table.is_bad[row] or not text:
                continue
            found = _number(text)
            if found is None:
                table.report("E3721", np.array([row]), name)
            else:
                values[units[codes[row]], years[int(year[row])], k] = found
        is_empty = np.isnan(values[:, :, k]).all(axis=1)
        first = {code: row for row, code in reversed(list(enumerate(codes)))}
        lacking = [row for code, row in first.items() if is_empty[units[code]] and not table.is_bad[row]]
        table.report("E3724", np.array(sorted(lacking), dtype=np.int64), name)
    return IndicatorTable(tuple(units), None if findings.has_errors else values, findings, sources)


def read_scores(path: Path) -> Scores:
    """Read a score of each contract; higher should mean worse.

    Parameters
    ----------
    path : Path
        Columns ``contract_id`` and ``score``; the ``enterprises.csv`` of a risk run will do, its
        ``enterprise`` being the contract and its ``total`` the score. Rows without a score are left out.

    Raises
    ------
    PortfolioFileError
        E1001, E1002.
    """
    findings = Findings()
    table, sources = read_table(path, SCORE_SCHEMA, findings, mapping=Mapping(), threads=1)
    if table is None:
        return Scores(None, findings, sources)
    ids, texts = (
        [(text or "").strip() for text in table.texts(name).to_pylist()] for name in ("contract_id", "score")
    )
    found: dict[str, float] = {}
    first: dict[str, int] = {}
    problems: dict[tuple[str, str], list[int]] = {}
    for row, (name, text) in enumerate(zip(ids, texts, strict=True)):
        value = _number(text)
        if table.is_bad[row]:
            continue
        if not name:
            problems.setdefault(("E2001", "contract_id"), []).append(row)
        elif first.setdefault(name, row) != row:
            problems.setdefault(("E3725", "contract_id"), []).append(row)
        elif text and value is None:
            problems.setdefault(("E3721", "score"), []).append(row)
        elif value is not None:
            found[name] = value
    for (code, column), rows in problems.items():
        table.report(code, np.array(rows, dtype=np.int64), column, need=IN_EVERY_ROW)
    return Scores(None if findings.has_errors else found, findings, sources)


def _filled(table: BookTable) -> None:
    for column in table.schema.columns:
        table.report("E2001", table.is_empty(column.name) & ~table.is_bad, column.name, need=IN_EVERY_ROW)


def _number(text: str) -> float | None:
    plain = text.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    return float(plain) if _NUMBER.fullmatch(plain) else None
