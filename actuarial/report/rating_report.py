"""The reports of a rating run, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from actuarial.experience_rating.comparison import (
    EXPERIENCE,
    LAW,
    NO_EXPERIENCE,
    SCORE,
    Group,
    RatingComparison,
    largest_differences,
)
from actuarial.experience_rating.lift import OrderedLorenz, QuantileTest
from actuarial.report.appendix import (
    Amount,
    assumption_tables,
    choice_table,
    finding_table,
    input_facts,
    input_table,
    key_figures,
    law_table,
    percent,
    summary_sheet,
)
from actuarial.report.chart import bar_chart, histogram, line_chart
from actuarial.report.page import Figure, KeyFigure, Page, Section, write_page
from actuarial.report.rating_run import RatingFigures, results_table
from actuarial.report.table import Column, Table
from actuarial.report.workbook import Sheet, write_workbook

MOST_NAMED = 10
MOST_SERIATIM = 20_000
"""Contracts up to which the workbook has a row each; results.parquet has them always."""
CURVE_POINTS = 101
DIFFERENCES = (
    "Both ratings raise the same premium in each year. A loss ratio that stays apart from that of all "
    "contracts says that the group pays too much (below it) or too little (above it)."
)
QUINTILES = (
    "Contracts ordered by the factor, known before the year, in groups of equal number; losses are those of "
    "the year's contracts. A good rating has ratios that rise before it and are level after it. Whiskers are "
    "one standard error."
)
LORENZ = (
    "Contracts ordered by the second premium over the first: the further the curve lies below the line of "
    "equality, the more the second rating finds that the first has missed. A Gini index within two standard "
    "errors of 0 proves nothing."
)
CONSTANTS = (
    "K is the expected loss at which own experience weighs one half; a dash where the book shows no "
    "difference between policyholders, or the choice has no K."
)
GROUP_TITLES = {
    "law_factor": "By what the law says",
    "modification": "By experience modification",
    "size": "By expected losses of the policyholder",
    "risk_class": "By main class",
    "year": "By year",
}
RATING_NAMES = {
    LAW: "law's coefficient",
    EXPERIENCE: "experience modification",
    SCORE: "score",
    "base": "tariff",
}


def write_rating_report(folder: Path, figures: RatingFigures) -> list[Path]:
    """Write ``report.html`` and ``report.xlsx`` into a run folder; the files written."""
    page, sheets = rating_report(figures)
    return [write_page(folder / "report.html", page), write_workbook(folder / "report.xlsx", sheets)]


def rating_report(figures: RatingFigures) -> tuple[Page, list[Sheet]]:
    """Page and worksheets; both show the same tables."""
    record, compared = figures.record, figures.comparison
    groups = {key: _group_table(GROUP_TITLES[key], compared, found) for key, found in compared.groups.items()}
    named = _named_tables(figures)
    quintiles = tuple(_quantile_table(name, test) for name, test in compared.quintile.items())
    deciles = tuple(_quantile_table(name, test) for name, test in compared.decile.items())
    gini, experience = _gini_table(compared), _experience_table(compared)
    assumptions = assumption_tables(record["assumptions"])[:1]
    law, choices = law_table(record["law"]), choice_table(record["choices"])
    inputs, findings = input_table(record["inputs"]), finding_table(figures.findings)
    amounts = _amounts(compared)
    page = Page(
        title="Experience rating beside the law",
        subtitle=f"{record['assumptions_name']}, known before {record['valuation_date']}, tenge",
        facts=(
            ("Assumptions", record["assumptions_name"]),
            ("Known before", record["valuation_date"]),
            ("Years tested", ", ".join(str(own.year) for own in compared.experiences)),
            ("Contracts tested", f"{record['contracts']:,}".replace(",", "\u00a0")),
            ("Input (SHA-256)", input_facts(record["inputs"])),
            ("Engine", f"actuarial {record['engine_version']}"),
        ),
        key_figures=(*key_figures(amounts), *_statistics(compared)),
        warnings=(*record["warnings"], record["limitations"][0]),
        sections=(
            Section(
                "Who pays too much or too little",
                (DIFFERENCES,),
                (_difference_figure(compared),),
                (groups["law_factor"], groups["modification"], groups["size"], *named),
            ),
            Section(
                "Quintile tests",
                (QUINTILES,),
                tuple(_quantile_figure(name, test) for name, test in compared.quintile.items()),
                quintiles,
            ),
            Section(
                "Ordered Lorenz curves and Gini indices",
                (LORENZ,),
                (_lorenz_figure(compared),),
                (gini,),
            ),
            Section("Lift by decile", (), (), deciles),
            Section(
                "Expected losses, credibility, modifications",
                (CONSTANTS,),
                (_modification_figure(compared),),
                (experience,),
            ),
            Section("Further groups", (), (), (groups["risk_class"], groups["year"])),
            Section("Limitations and checks", tuple(record["limitations"]), (), (findings,)),
        ),
        appendix=(
            Section("Every assumption", (record["assumptions"]["note"],), (), assumptions),
            Section("The law", (), (), (law, choices)),
            Section("Input", (), (), (inputs,)),
        ),
    )
    sheets = [
        summary_sheet(page, amounts),
        Sheet("groups", tuple(groups.values())),
        Sheet("largest differences", named),
        Sheet("quintiles", quintiles),
        Sheet("deciles", deciles),
        Sheet("gini", (gini,)),
        Sheet("experience", (experience,)),
        *_seriatim(figures),
        Sheet("assumptions", (*assumptions, choices)),
        Sheet("law", (law,)),
        Sheet("checks", (findings, inputs), text=tuple(record["limitations"])),
    ]
    return page, sheets


def _amounts(compared: RatingComparison) -> list[Amount]:
    difference = compared.contracts.difference()
    moved = int(difference[difference > 0].sum())
    return [
        Amount("Premium by the law", compared.total.law_premium, "with coefficient and discount"),
        Amount("Losses", compared.total.loss, "incurred on the same contracts"),
        Amount("Moved between contracts", moved, "paid too much by the law, if experience is right"),
    ]


def _statistics(compared: RatingComparison) -> tuple[KeyFigure, ...]:
    curve = compared.lorenz[LAW, EXPERIENCE]
    test = compared.quintile[EXPERIENCE]
    return (
        KeyFigure(
            "Gini of experience over the law",
            f"{curve.gini:.3f}",
            f"standard error {curve.standard_error:.3f}",
        ),
        KeyFigure(
            "Quintile statistic",
            f"{test.statistic:.2f}" if isfinite(test.statistic) else "–",
            "variance of loss ratios after over before the modification; below 1 is better",
        ),
    )


def _group_table(title: str, compared: RatingComparison, groups: Sequence[Group]) -> Table:
    columns = (
        Column("group"),
        Column("contracts", "integer"),
        Column("premium, tariff", "money"),
        Column("premium, law", "money"),
        Column("premium, experience", "money"),
        Column("law − experience", "money"),
        Column("losses", "money"),
        Column("loss ratio, tariff", "percent"),
        Column("law", "percent"),
        Column("experience", "percent"),
    )
    note = "Loss ratios are losses over the premium earned by the valuation date."
    rows = tuple(_group_row(group) for group in groups)
    return Table(title, columns, rows, _group_row(compared.total), note)


def _group_row(group: Group) -> tuple[Any, ...]:
    return (
        group.name,
        group.n_contracts,
        group.base_premium,
        group.law_premium,
        group.experience_premium,
        group.law_premium - group.experience_premium,
        group.loss,
        *(group.loss_ratio(name) for name in ("base", LAW, EXPERIENCE)),
    )


def _named_tables(figures: RatingFigures) -> tuple[Table, ...]:
    contracts = figures.comparison.contracts
    difference = contracts.difference()
    columns = (
        Column("contract"),
        Column("year"),
        Column("class"),
        Column("law's factor", "number", 2),
        Column("modification", "number", 3),
        Column("premium, law", "money"),
        Column("premium, experience", "money"),
        Column("law − experience", "money"),
        Column("losses", "money"),
    )
    tables = []
    titles = ("Pay most too much by the law", "Pay most too little by the law")
    for title, rows in zip(titles, largest_differences(contracts, MOST_NAMED), strict=True):
        cells = tuple(
            (
                figures.book.contract_id[int(contracts.contract[u])],
                str(int(contracts.year[u])),
                str(int(contracts.main_class[u])),
                float(contracts.law_factor[u]),
                float(contracts.modification[u]),
                int(contracts.law_premium[u]),
                int(contracts.experience_premium[u]),
                int(difference[u]),
                int(contracts.loss[u]),
            )
            for u in rows
        )
        tables.append(Table(title, columns, cells, note="If the experience modification is right."))
    return tuple(tables)


def _quantile_table(name: str, test: QuantileTest) -> Table:
    columns = (
        Column("group"),
        Column("contracts", "integer"),
        Column("factor from", "number", 3),
        Column("to", "number", 3),
        Column("premium, tariff", "number", 2),
        Column("losses", "number", 2),
        Column("ratio before", "number", 3),
        Column("± s.e.", "number", 3),
        Column("ratio after", "number", 3),
        Column("± s.e. after", "number", 3),
    )
    rows = tuple(
        (
            str(k),
            group.n_risks,
            group.lowest,
            group.highest,
            group.premium,
            group.loss,
            group.ratio,
            group.standard_error,
            *((None, None) if name == SCORE else (group.modified_ratio, group.modified_standard_error)),
        )
        for k, group in enumerate(test.groups, start=1)
    )
    facts = [f"Last group over the first: {_shown(test.lift)}."]
    if name != SCORE:
        facts.append(f"Variance after over before: {_shown(test.statistic)}.")
    if len(test.groups) < test.asked:
        facts.append(f"Equal factors leave {len(test.groups)} groups of {test.asked}.")
    note = " ".join(("Ratios are relative to the loss ratio of all contracts.", *facts))
    title = f"{RATING_NAMES[name][0].upper()}{RATING_NAMES[name][1:]}, {test.asked} groups"
    return Table(title, columns, rows, note=note)


def _shown(value: float) -> str:
    return f"{value:.3f}" if isfinite(value) else "not defined"


def _gini_table(compared: RatingComparison) -> Table:
    columns = (
        Column("premium charged"),
        Column("ordered by"),
        Column("Gini", "percent", 1),
        Column("standard error", "percent", 1),
        Column("Gini over s.e.", "number", 1),
    )
    rows = tuple(
        (
            RATING_NAMES[base],
            RATING_NAMES[score],
            curve.gini,
            curve.standard_error,
            curve.gini / curve.standard_error if curve.standard_error > 0.0 else None,
        )
        for (base, score), curve in compared.lorenz.items()
    )
    return Table("Gini indices of the ordered Lorenz curves", columns, rows)


def _experience_table(compared: RatingComparison) -> Table:
    columns = (
        Column("year rated"),
        Column("policyholders", "integer"),
        Column("losses of the years before", "number", 2),
        Column("expected", "number", 2),
        Column("primary share", "percent"),
        Column("K primary", "number", 2),
        Column("K excess", "number", 2),
        Column("mean Z primary", "percent"),
        Column("mean Z excess", "percent"),
        Column("smallest M", "number", 3),
        Column("largest M", "number", 3),
    )
    rows = tuple(
        (
            str(own.year),
            int(own.has_experience.sum()),
            own.actual,
            own.expected,
            own.primary_share,
            own.primary_constant,
            own.excess_constant,
            float(own.credibility.primary[own.has_experience].mean()),
            float(own.credibility.excess[own.has_experience].mean()),
            float(own.modification[own.has_experience].min()),
            float(own.modification[own.has_experience].max()),
        )
        for own in compared.experiences
    )
    return Table("What was known before each year", columns, rows)


def _difference_figure(compared: RatingComparison) -> Figure:
    groups = compared.groups["modification"]
    labels = [group.name if group.name == NO_EXPERIENCE else f"M {group.name}" for group in groups]
    series = {
        RATING_NAMES[name]: [group.loss_ratio(name) or 0.0 for group in groups]
        for name in ("base", LAW, EXPERIENCE)
    }
    svg = bar_chart(labels, series, title="Loss ratio by modification", y_label="losses / earned premium")
    overall = compared.total.loss_ratio(EXPERIENCE)
    caption = "" if overall is None else f"All contracts by experience: {percent(overall)}."
    return Figure(svg, caption, f"Bars of loss ratios by three premiums. {caption}")


def _quantile_figure(name: str, test: QuantileTest) -> Figure:
    labels = [str(k) for k in range(1, len(test.groups) + 1)]
    before = [group.ratio for group in test.groups]
    series = {"before": before}
    errors = {"before": _whiskers(before, [group.standard_error for group in test.groups])}
    if name != SCORE:
        after = [group.modified_ratio for group in test.groups]
        series["after"] = after
        errors["after"] = _whiskers(after, [group.modified_standard_error for group in test.groups])
    svg = bar_chart(
        labels,
        series,
        title=f"Relative loss ratio by quintile: {RATING_NAMES[name]}",
        y_label="loss ratio over that of all",
        errors=errors,
    )
    caption = "Groups from the lowest factor to the highest."
    alt = f"Bars before: {', '.join(f'{ratio:.2f}' for ratio in before)}."
    return Figure(svg, caption, alt)


def _whiskers(values: Sequence[float], errors: Sequence[float]) -> tuple[list[float], list[float]]:
    pairs = list(zip(values, errors, strict=True))
    return [value - error for value, error in pairs], [value + error for value, error in pairs]


def _lorenz_figure(compared: RatingComparison) -> Figure:
    x = np.linspace(0.0, 1.0, CURVE_POINTS)
    series = {"equality": x.tolist()}
    for (base, score), curve in compared.lorenz.items():
        series[f"{RATING_NAMES[score]} over {RATING_NAMES[base]}"] = _interpolated(x, curve)
    svg = line_chart(
        x.tolist(),
        series,
        title="Ordered Lorenz curves",
        x_label="share of premium, lowest relativity first",
        y_label="share of losses",
    )
    best = max(compared.lorenz.items(), key=lambda item: item[1].gini)
    alt = f"Curves below the line of equality; the lowest is {best[0][1]} over {best[0][0]}."
    return Figure(svg, "Below the line: the order finds losses that the premium has missed.", alt)


def _interpolated(x: np.ndarray[Any, Any], curve: OrderedLorenz) -> list[float]:
    found: list[float] = np.interp(x, curve.premium_share, curve.loss_share).tolist()
    return found


def _modification_figure(compared: RatingComparison) -> Figure:
    contracts = compared.contracts
    values = contracts.modification[contracts.has_experience]
    svg = histogram(
        values, title="Modifications of the contracts tested", x_label="modification", marks={"neutral": 1.0}
    )
    middle = float(np.median(values)) if values.size else 1.0
    caption = f"Half of the contracts with experience lie below {middle:.3f}."
    return Figure(svg, caption, f"Histogram of modifications. {caption}")


def _seriatim(figures: RatingFigures) -> list[Sheet]:
    contracts = figures.comparison.contracts
    if len(contracts) > MOST_SERIATIM:
        note = f"{len(contracts)} contracts: see results.parquet."
        return [Sheet("contracts", (), text=(note,))]
    columns = (
        Column("year"),
        Column("contract"),
        Column("class"),
        Column("premium, tariff", "money"),
        Column("law's factor", "number", 4),
        Column("premium, law", "money"),
        Column("modification", "number", 4),
        Column("premium, experience", "money"),
        Column("law − experience", "money"),
        Column("losses", "money"),
        Column("score", "number", 4),
    )
    rows = results_table(figures.book, contracts).select(["year", "contract_id", "risk_class"]).to_pylist()
    difference = contracts.difference()
    cells = tuple(
        (
            str(row["year"]),
            row["contract_id"],
            str(row["risk_class"]),
            int(contracts.base_premium[u]),
            float(contracts.law_factor[u]),
            int(contracts.law_premium[u]),
            float(contracts.modification[u]),
            int(contracts.experience_premium[u]),
            int(difference[u]),
            int(contracts.loss[u]),
            float(contracts.score[u]),
        )
        for u, row in enumerate(rows)
    )
    return [Sheet("contracts", (Table("Contracts tested", columns, cells),))]
