"""The reports of a premium run, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from actuarial.money import TIYN, exact_total
from actuarial.portfolio.finding import Findings
from actuarial.premium.book import BookPremium
from actuarial.report.appendix import (
    Amount,
    Check,
    choice_table,
    closing_section,
    explained_warnings,
    input_facts,
    input_table,
    key_figures,
    law_table,
    summary_sheet,
    tenge,
    unread_law,
)
from actuarial.report.chart import bar_chart, waterfall
from actuarial.report.page import Figure, Page, Section, write_page
from actuarial.report.table import Column, Table
from actuarial.report.workbook import Sheet, SheetChart, write_workbook

if TYPE_CHECKING:
    from actuarial.report.premium_run import Comparison

Group = tuple[str, int, dict[str, int]]

MOST_SERIATIM = 20_000
"""Contracts up to which the workbook has a row each; results.parquet has them always."""
MOST_SHOWN = 40
"""Rows of a table on the page; the workbook has all of them."""
MOST_BARS = 22
GROUP_TITLES = {"risk_class": "class", "region": "region", "part": "part"}
NO_NAME = "(no name)"
_AMOUNTS = ("annual_payroll", "insured_sum", "base_premium", "premium")
_DIFFERENCE_NOTE = "A difference is premium charged minus premium of the law: above 0 is charged too much."
_RATE_NOTE = (
    "Rate: premium as a share of the insured sum; minimum premium, coefficient and discount are in it."
)


@dataclass(frozen=True)
class PremiumFigures:
    """What a premium run has to report.

    Attributes
    ----------
    record : mapping
        ``run.json`` so far: counts, warnings, limitations, choices, inputs, law.
    premium : BookPremium
    totals : dict of str to int [tiyn]
    groups : dict of str to list of (str, int, dict of str to int [tiyn])
        By class, region and part: name, parts, amounts.
    comparison : Comparison
    findings : Findings
        Of the input.
    results : pyarrow.Table, optional
        One row a contract, where the workbook may have them.
    """

    record: Mapping[str, Any]
    premium: BookPremium
    totals: dict[str, int]
    groups: dict[str, list[Group]]
    comparison: Comparison
    findings: Findings
    results: pa.Table | None = None


def write_premium_report(folder: Path, figures: PremiumFigures) -> list[Path]:
    """Write ``report.html`` and ``report.xlsx`` into a run folder.

    Returns
    -------
    list of Path
        What was written.
    """
    page, sheets = premium_report(figures)
    return [write_page(folder / "report.html", page), write_workbook(folder / "report.xlsx", sheets)]


def premium_report(figures: PremiumFigures) -> tuple[Page, list[Sheet]]:
    """Page and worksheets of a premium run; both show the same tables."""
    record = figures.record
    amounts = _amounts(figures)
    tables = {key: _group_table(figures, key) for key in figures.groups}
    law, choices = law_table(record["law"]), choice_table(record["choices"])
    inputs = input_table(record["inputs"])
    closing = closing_section(record["limitations"], _checks(figures), figures.findings)
    compared = _comparison(figures)
    page = Page(
        title="Premiums of compulsory contracts",
        subtitle="by the law, and compared with what was charged, tenge",
        facts=(
            ("Contracts", _count(record["contracts"])),
            ("Parts", _count(record["parts"])),
            ("Input (SHA-256)", input_facts(record["inputs"])),
            ("Engine", f"actuarial {record['engine_version']}"),
        ),
        key_figures=key_figures(amounts),
        warnings=(*_warnings(figures), *unread_law(record["law"])),
        sections=(
            _bridge(figures),
            compared,
            *(_group_section(figures, key, table) for key, table in tables.items()),
            closing,
        ),
        appendix=(
            Section("Choices", (), (), (choices,)),
            Section("The law", (), (), (law,)),
            Section("Input", (), (), (inputs,)),
        ),
    )
    sheets = [
        summary_sheet(page, amounts),
        *(
            Sheet(f"by {GROUP_TITLES[key]}", (table,), SheetChart("Premium, tenge", 0, (5,)))
            for key, table in tables.items()
        ),
        Sheet("comparison", compared.tables),
        *_seriatim_sheets(figures),
        Sheet("choices", (choices,)),
        Sheet("law", (law,)),
        Sheet("checks", (*closing.tables, inputs), text=closing.text),
    ]
    return page, sheets


def _count(n: int) -> str:
    return f"{n:,}".replace(",", "\u00a0")


def _amounts(figures: PremiumFigures) -> list[Amount]:
    totals, compared = figures.totals, figures.comparison
    amounts = [
        Amount(
            "Premium of the law",
            totals["premium"],
            "With minimum premium, coefficients and discounts.",
        ),
        Amount("Insured sum", totals["insured_sum"]),
        Amount("Annual payroll", totals["annual_payroll"]),
    ]
    if compared.n_charged:
        of = f"contracts of {_count(compared.n_charged)} with a premium charged."
        amounts += [
            Amount("Charged too little", compared.under, f"{_count(compared.n_under)} {of}"),
            Amount("Charged too much", compared.over, f"{_count(compared.n_over)} {of}"),
        ]
    return amounts


def _warnings(figures: PremiumFigures) -> list[str]:
    warnings = explained_warnings(figures.record["warnings"], figures.findings)
    unknown = figures.record["history_unknown"]
    if unknown:
        warnings.append(
            f"{_count(unknown)} contracts have no accident history: no coefficient, no "
            "discount. Unknown is not the same as none."
        )
    return warnings


def _bridge(figures: PremiumFigures) -> Section:
    premium, record = figures.premium, figures.record
    base, article = figures.totals["base_premium"], exact_total(premium.article_17_premium)
    steps = (
        ("tariff × insured sum", base),
        ("minimum premium", article - base),
        ("coefficient and discount", figures.totals["premium"] - article),
    )
    end = ("premium", figures.totals["premium"])
    labels = [name for name, _ in (*steps, end)]
    svg = waterfall(
        labels, [amount / TIYN for _, amount in steps], title="What the premium is made of", y_label="tenge"
    )
    caption = (
        f"{_count(record['minimum_applied'])} contracts pay the minimum premium, "
        f"{_count(record['with_coefficient'])} have a coefficient above 1, "
        f"{_count(record['with_discount'])} a discount."
    )
    alt = "; ".join(f"{name} {tenge(amount)}" for name, amount in (*steps, end))
    table = Table("The steps", (Column("step"), Column("tenge", "money")), steps, end)
    return Section("From tariff to premium", (), (Figure(svg, caption, alt),), (table,))


def _comparison(figures: PremiumFigures) -> Section:
    compared = figures.comparison
    columns = (Column("contracts"), Column("number", "integer"), Column("difference", "money"))
    as_the_law = compared.n_charged - compared.n_over - compared.n_under
    rows = (
        ("charged too much", compared.n_over, compared.over),
        ("charged too little", compared.n_under, -compared.under),
        ("charged as the law says", as_the_law, 0),
    )
    end = ("with a premium charged", compared.n_charged, compared.over - compared.under)
    table = Table("Charged and law", columns, rows, end, _DIFFERENCE_NOTE)
    largest = Table(
        "Largest differences",
        (Column("contract"), Column("difference", "money")),
        tuple(compared.largest),
        note="Each contract's difference is in the results.",
    )
    if not compared.n_charged:
        text = "The file has no premium charged: there is nothing to compare."
        return Section("Charged and law", (text,), (), (table,))
    if not compared.largest:
        return Section("Charged and law", (), (), (table, largest))
    svg = bar_chart(
        [name for name, _ in compared.largest],
        {"difference": [amount / TIYN for _, amount in compared.largest]},
        title="Largest differences, charged minus law",
        y_label="tenge",
        horizontal=True,
    )
    alt = "; ".join(f"{name}: {tenge(amount)}" for name, amount in compared.largest)
    figure = Figure(svg, "Below zero the policyholder was charged too little.", alt)
    return Section("Charged and law", (), (figure,), (table, largest))


def _group_table(figures: PremiumFigures, key: str) -> Table:
    columns = (
        Column(GROUP_TITLES[key]),
        Column("parts", "integer"),
        *(Column(name.replace("_", " "), "money") for name in _AMOUNTS),
        Column("rate", "percent", 3),
    )
    rows = tuple(
        (name or NO_NAME, count, *(amounts[total] for total in _AMOUNTS), _rate(amounts))
        for name, count, amounts in figures.groups[key]
    )
    totals = figures.totals
    end = ("all", figures.record["parts"], *(totals[name] for name in _AMOUNTS), _rate(totals))
    return Table(f"Premium by {GROUP_TITLES[key]}", columns, rows, end, _RATE_NOTE)


def _rate(amounts: Mapping[str, int]) -> float | None:
    return amounts["premium"] / amounts["insured_sum"] if amounts["insured_sum"] else None


def _group_section(figures: PremiumFigures, key: str, table: Table) -> Section:
    title = GROUP_TITLES[key]
    by_size = sorted(figures.groups[key], key=lambda group: -group[2]["premium"])
    shown = figures.groups[key] if key == "risk_class" else by_size[:MOST_BARS]
    svg = bar_chart(
        [name or NO_NAME for name, _, _ in shown],
        {"premium": [amounts["premium"] / TIYN for _, _, amounts in shown]},
        title=f"Premium by {title}",
        y_label="tenge",
        horizontal=key != "risk_class",
    )
    caption = f"The {MOST_BARS} largest of {len(by_size)}." if len(shown) < len(by_size) else ""
    name, _, amounts = by_size[0]
    alt = f"Premium by {title}; the largest is {name or NO_NAME} with {tenge(amounts['premium'])}."
    return Section(f"By {title}", (), (Figure(svg, caption, alt),), (_cut(table),))


def _cut(table: Table) -> Table:
    """The table with its smaller rows added up, so that the page stays readable and the total right."""
    if len(table.rows) <= MOST_SHOWN:
        return table
    premium = len(table.columns) - 2
    order = sorted(table.rows, key=lambda row: -row[premium])
    kept, rest = order[: MOST_SHOWN - 1], order[MOST_SHOWN - 1 :]
    sums = [sum(row[k] for row in rest) for k in range(1, len(table.columns) - 1)]
    rate = sums[-1] / sums[-3] if sums[-3] else None
    last = (f"{len(rest)} others", *sums, rate)
    note = f"{table.note} All of them: report.xlsx and totals.csv."
    return Table(table.title, table.columns, (*kept, last), table.total, note)


def _checks(figures: PremiumFigures) -> list[Check]:
    return [
        Check(
            f"{name}: by {GROUP_TITLES[key]} and total",
            sum(amounts[name] for _, _, amounts in rows),
            figures.totals[name],
        )
        for key, rows in figures.groups.items()
        for name in _AMOUNTS
    ]


def _seriatim_sheets(figures: PremiumFigures) -> list[Sheet]:
    if figures.results is None:
        return []
    n = figures.record["contracts"]
    if n > MOST_SERIATIM:
        text = (
            f"{n} contracts are more than the {MOST_SERIATIM} that this workbook shows: "
            "results.parquet (or results.csv) in the run folder has a row each.",
        )
        return [Sheet("results", (), text=text)]
    return [Sheet("results", (_seriatim_table(figures.results),))]


def _seriatim_table(results: pa.Table) -> Table:
    columns: list[Column] = []
    values: list[list[Any]] = []
    for name in results.column_names:
        cells = results[name].to_pylist()
        if name == "minimum_applied":
            columns.append(Column(name))
            values.append(["yes" if cell else "" for cell in cells])
        elif name in ("correction_coefficient", "discount"):
            is_share = name == "discount"
            columns.append(Column(name, "percent", 2) if is_share else Column(name, "number", 4))
            values.append([None if cell is None else float(cell) for cell in cells])
        elif name == "contract_id":
            columns.append(Column(name))
            values.append(cells)
        else:
            columns.append(Column(name, "money"))
            values.append([None if cell is None else int(cell.scaleb(2)) for cell in cells])
    return Table("Results", tuple(columns), tuple(zip(*values, strict=True)))
