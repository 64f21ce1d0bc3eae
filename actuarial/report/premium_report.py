"""The reports of a premium run, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from actuarial.language import joined, text
from actuarial.money import TIYN, exact_total
from actuarial.portfolio.finding import Findings
from actuarial.premium.book import BookPremium
from actuarial.report.appendix import (
    Amount,
    Check,
    choice_table,
    closing_section,
    company_fact,
    count_fact,
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
from actuarial.report.name import YES
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
GROUP_TITLES = {"risk_class": text("class"), "region": text("region"), "part": text("part")}
BY_GROUP = {"risk_class": text("by class"), "region": text("by region"), "part": text("by part")}
GROUP_SECTIONS = {"risk_class": text("By class"), "region": text("By region"), "part": text("By part")}
NO_NAME = text("(no name)")
_AMOUNTS = {
    "annual_payroll": text("annual payroll"),
    "insured_sum": text("insured sum"),
    "base_premium": text("base premium"),
    "premium": text("premium"),
}
_DIFFERENCE_NOTE = text(
    "A difference is premium charged minus premium of the law: above 0 is charged too much."
)
_RATE_NOTE = text(
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
            *company_fact(record),
            (text("Contracts"), count_fact(record["contracts"])),
            (text("Parts"), count_fact(record["parts"])),
            (text("Input (SHA-256)"), input_facts(record["inputs"])),
            (text("Engine"), f"actuarial {record['engine_version']}"),
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
            Sheet(BY_GROUP[key], (table,), SheetChart("Premium, tenge", 0, (5,)))
            for key, table in tables.items()
        ),
        Sheet("comparison", compared.tables),
        *_seriatim_sheets(figures),
        Sheet("choices", (choices,)),
        Sheet("law", (law,)),
        Sheet("checks", (*closing.tables, inputs), text=closing.text),
    ]
    return page, sheets


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
        amounts += [
            Amount(
                title,
                by,
                text(
                    "{n} contracts of {n_charged} with a premium charged.",
                    n=count_fact(n),
                    n_charged=count_fact(compared.n_charged),
                ),
            )
            for title, by, n in (
                (text("Charged too little"), compared.under, compared.n_under),
                (text("Charged too much"), compared.over, compared.n_over),
            )
        ]
    return amounts


def _warnings(figures: PremiumFigures) -> list[str]:
    warnings = explained_warnings(figures.record["warnings"], figures.findings)
    unknown = figures.record["history_unknown"]
    if unknown:
        warnings.append(
            text(
                "{unknown} contracts have no accident history: no coefficient, no discount. Unknown is not "
                "the same as none.",
                unknown=count_fact(unknown),
            )
        )
    return warnings


def _bridge(figures: PremiumFigures) -> Section:
    premium, record = figures.premium, figures.record
    base, article = figures.totals["base_premium"], exact_total(premium.article_17_premium)
    steps = (
        (text("tariff × insured sum"), base),
        (text("minimum premium"), article - base),
        (text("coefficient and discount"), figures.totals["premium"] - article),
    )
    end = (text("premium"), figures.totals["premium"])
    labels = [name for name, _ in (*steps, end)]
    svg = waterfall(
        labels, [amount / TIYN for _, amount in steps], title="What the premium is made of", y_label="tenge"
    )
    caption = text(
        "{minimum_applied} contracts pay the minimum premium, {with_coefficient} have a coefficient "
        "above 1, {with_discount} a discount.",
        minimum_applied=count_fact(record["minimum_applied"]),
        with_coefficient=count_fact(record["with_coefficient"]),
        with_discount=count_fact(record["with_discount"]),
    )
    alt = joined(
        (text("{name} {amount}", name=name, amount=tenge(amount)) for name, amount in (*steps, end)), "; "
    )
    table = Table("The steps", (Column("step"), Column("tenge", "money")), steps, end)
    return Section("From tariff to premium", (), (Figure(svg, caption, alt),), (table,))


def _comparison(figures: PremiumFigures) -> Section:
    compared = figures.comparison
    columns = (Column("contracts"), Column("number", "integer"), Column("difference", "money"))
    as_the_law = compared.n_charged - compared.n_over - compared.n_under
    rows = (
        (text("charged too much"), compared.n_over, compared.over),
        (text("charged too little"), compared.n_under, -compared.under),
        (text("charged as the law says"), as_the_law, 0),
    )
    end = (text("with a premium charged"), compared.n_charged, compared.over - compared.under)
    table = Table("Charged and law", columns, rows, end, _DIFFERENCE_NOTE)
    largest = Table(
        "Largest differences",
        (Column("contract"), Column("difference", "money")),
        tuple(compared.largest),
        note="Each contract's difference is in the results.",
    )
    if not compared.n_charged:
        nothing = text("The file has no premium charged: there is nothing to compare.")
        return Section("Charged and law", (nothing,), (), (table,))
    if not compared.largest:
        return Section("Charged and law", (), (), (table, largest))
    svg = bar_chart(
        [name for name, _ in compared.largest],
        {text("difference"): [amount / TIYN for _, amount in compared.largest]},
        title="Largest differences, charged minus law",
        y_label="tenge",
        horizontal=True,
    )
    alt = joined(
        (text("{name}: {amount}", name=name, amount=tenge(amount)) for name, amount in compared.largest), "; "
    )
    figure = Figure(svg, "Below zero the policyholder was charged too little.", alt)
    return Section("Charged and law", (), (figure,), (table, largest))


def _group_table(figures: PremiumFigures, key: str) -> Table:
    columns = (
        Column(GROUP_TITLES[key]),
        Column("parts", "integer"),
        *(Column(title, "money") for title in _AMOUNTS.values()),
        Column("rate", "percent", 3),
    )
    rows = tuple(
        (name or NO_NAME, count, *(amounts[total] for total in _AMOUNTS), _rate(amounts))
        for name, count, amounts in figures.groups[key]
    )
    totals = figures.totals
    end = (text("all"), figures.record["parts"], *(totals[name] for name in _AMOUNTS), _rate(totals))
    return Table(text("Premium {by_group}", by_group=BY_GROUP[key]), columns, rows, end, _RATE_NOTE)


def _rate(amounts: Mapping[str, int]) -> float | None:
    return amounts["premium"] / amounts["insured_sum"] if amounts["insured_sum"] else None


def _group_section(figures: PremiumFigures, key: str, table: Table) -> Section:
    title = text("Premium {by_group}", by_group=BY_GROUP[key])
    by_size = sorted(figures.groups[key], key=lambda group: -group[2]["premium"])
    shown = figures.groups[key] if key == "risk_class" else by_size[:MOST_BARS]
    svg = bar_chart(
        [name or NO_NAME for name, _, _ in shown],
        {text("premium"): [amounts["premium"] / TIYN for _, _, amounts in shown]},
        title=title,
        y_label="tenge",
        horizontal=key != "risk_class",
    )
    caption = (
        text("The {most_bars} largest of {n_by_size}.", most_bars=MOST_BARS, n_by_size=len(by_size))
        if len(shown) < len(by_size)
        else ""
    )
    name, _, amounts = by_size[0]
    alt = text(
        "{title}; the largest is {name} with {amount}.",
        title=title,
        name=name or NO_NAME,
        amount=tenge(amounts["premium"]),
    )
    return Section(GROUP_SECTIONS[key], (), (Figure(svg, caption, alt),), (_cut(table),))


def _cut(table: Table) -> Table:
    """The table with its smaller rows added up, so that the page stays readable and the total right."""
    if len(table.rows) <= MOST_SHOWN:
        return table
    premium = len(table.columns) - 2
    order = sorted(table.rows, key=lambda row: -row[premium])
    kept, rest = order[: MOST_SHOWN - 1], order[MOST_SHOWN - 1 :]
    sums = [sum(row[k] for row in rest) for k in range(1, len(table.columns) - 1)]
    rate = sums[-1] / sums[-3] if sums[-3] else None
    last = (text("{n_rest} others", n_rest=len(rest)), *sums, rate)
    note = text("{note} All of them: report.xlsx and totals.csv.", note=table.note)
    return Table(table.title, table.columns, (*kept, last), table.total, note)


def _checks(figures: PremiumFigures) -> list[Check]:
    return [
        Check(
            text("{name}: {by_group} and total", name=name, by_group=BY_GROUP[key]),
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
        lines = (
            text(
                "{n} contracts are more than the {most_seriatim} that this workbook shows: results.parquet "
                "(or results.csv) in the run folder has a row each.",
                n=n,
                most_seriatim=MOST_SERIATIM,
            ),
        )
        return [Sheet("results", (), text=lines)]
    return [Sheet("results", (_seriatim_table(figures.results),))]


def _seriatim_table(results: pa.Table) -> Table:
    columns: list[Column] = []
    values: list[list[Any]] = []
    for name in results.column_names:
        cells = results[name].to_pylist()
        # the names of the file: no wording of ours
        title = text("{column}", column=name)
        if name == "minimum_applied":
            columns.append(Column(title))
            values.append([YES if cell else "" for cell in cells])
        elif name in ("correction_coefficient", "discount"):
            is_share = name == "discount"
            columns.append(Column(title, "percent", 2) if is_share else Column(title, "number", 4))
            values.append([None if cell is None else float(cell) for cell in cells])
        elif name == "contract_id":
            columns.append(Column(title))
            values.append(cells)
        else:
            columns.append(Column(title, "money"))
            values.append([None if cell is None else int(cell.scaleb(2)) for cell in cells])
    return Table("Results", tuple(columns), tuple(zip(*values, strict=True)))
