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
from actuarial.language import Text, joined, number, text
from actuarial.report import word
from actuarial.report.appendix import (
    Amount,
    assumption_tables,
    choice_table,
    company_fact,
    count_fact,
    day_fact,
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
BEFORE, AFTER = text("before"), text("after")
DIFFERENCES = text(
    "Both ratings raise the same premium in each year. A loss ratio that stays apart from that of all "
    "contracts says that the group pays too much (below it) or too little (above it)."
)
QUINTILES = text(
    "Contracts ordered by the factor, known before the year, in groups of equal number; losses are those of "
    "the year's contracts. A good rating has ratios that rise before it and are level after it. Whiskers are "
    "one standard error."
)
LORENZ = text(
    "Contracts ordered by the second premium over the first: the further the curve lies below the line of "
    "equality, the more the second rating finds that the first has missed. A Gini index within two standard "
    "errors of 0 proves nothing."
)
CONSTANTS = text(
    "K is the expected loss at which own experience weighs one half; a dash where the book shows no "
    "difference between policyholders, or the choice has no K."
)
GROUP_TITLES = {
    "law_factor": text("By what the law says"),
    "modification": text("By experience modification"),
    "size": text("By expected losses of the policyholder"),
    "risk_class": text("By main class"),
    "year": text("By year"),
}
RATING_NAMES = {
    LAW: text("law's coefficient"),
    EXPERIENCE: text("experience modification"),
    SCORE: text("score"),
    "base": text("tariff"),
}
SERIES_NAMES = {
    LAW: text("law"),
    EXPERIENCE: text("experience"),
    SCORE: text("score"),
    "base": text("base"),
}
"""The same in one word."""
RATING_TITLES = {
    LAW: text("Law's coefficient"),
    EXPERIENCE: text("Experience modification"),
    SCORE: text("Score"),
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
    known_before = day_fact(record["valuation_date"])
    page = Page(
        title="Experience rating beside the law",
        subtitle=text(
            "{assumptions}, known before {day}, tenge",
            assumptions=record["assumptions_name"],
            day=known_before,
        ),
        facts=(
            *company_fact(record),
            (text("Assumptions"), record["assumptions_name"]),
            (text("Known before"), known_before),
            (text("Years tested"), ", ".join(str(own.year) for own in compared.experiences)),
            (text("Contracts tested"), count_fact(record["contracts"])),
            (text("Input (SHA-256)"), input_facts(record["inputs"])),
            (text("Engine"), f"actuarial {record['engine_version']}"),
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
            _shown(curve.gini),
            text("standard error {error}", error=_shown(curve.standard_error)),
        ),
        KeyFigure(
            "Quintile statistic",
            number(test.statistic, 2) if isfinite(test.statistic) else word.EMPTY,
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
    note = text("Loss ratios are losses over the premium earned by the valuation date.")
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
    titles = (text("Pay most too much by the law"), text("Pay most too little by the law"))
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
    facts = [
        text("Ratios are relative to the loss ratio of all contracts."),
        text("Last group over the first: {lift}.", lift=_shown(test.lift)),
    ]
    if name != SCORE:
        facts.append(text("Variance after over before: {statistic}.", statistic=_shown(test.statistic)))
    if len(test.groups) < test.asked:
        facts.append(text("Equal factors leave {n} groups of {asked}.", n=len(test.groups), asked=test.asked))
    note = joined(facts, " ")
    title = text("{rating}, {n} groups", rating=RATING_TITLES[name], n=test.asked)
    return Table(title, columns, rows, note=note)


def _shown(value: float) -> Text:
    return number(value, 3) if isfinite(value) else text("not defined")


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
    labels = [
        group.name if group.name == NO_EXPERIENCE else text("M {group}", group=group.name) for group in groups
    ]
    series: dict[str, list[float]] = {
        RATING_NAMES[name]: [group.loss_ratio(name) or 0.0 for group in groups]
        for name in ("base", LAW, EXPERIENCE)
    }
    svg = bar_chart(labels, series, title="Loss ratio by modification", y_label="losses / earned premium")
    overall = compared.total.loss_ratio(EXPERIENCE)
    bars = text("Bars of loss ratios by three premiums.")
    if overall is None:
        return Figure(svg, "", bars)
    caption = text("All contracts by experience: {ratio}.", ratio=percent(overall))
    return Figure(svg, caption, joined((bars, caption), " "))


def _quantile_figure(name: str, test: QuantileTest) -> Figure:
    labels = [str(k) for k in range(1, len(test.groups) + 1)]
    before = [group.ratio for group in test.groups]
    series: dict[str, list[float]] = {BEFORE: before}
    errors: dict[str, tuple[list[float], list[float]]] = {
        BEFORE: _whiskers(before, [group.standard_error for group in test.groups])
    }
    if name != SCORE:
        after = [group.modified_ratio for group in test.groups]
        series[AFTER] = after
        errors[AFTER] = _whiskers(after, [group.modified_standard_error for group in test.groups])
    svg = bar_chart(
        labels,
        series,
        title=text("Relative loss ratio by quintile: {rating_names}", rating_names=RATING_NAMES[name]),
        y_label="loss ratio over that of all",
        errors=errors,
    )
    caption = text("Groups from the lowest factor to the highest.")
    alt = text("Bars before: {ratios}.", ratios=joined(number(ratio, 2) for ratio in before))
    return Figure(svg, caption, alt)


def _whiskers(values: Sequence[float], errors: Sequence[float]) -> tuple[list[float], list[float]]:
    pairs = list(zip(values, errors, strict=True))
    return [value - error for value, error in pairs], [value + error for value, error in pairs]


def _lorenz_figure(compared: RatingComparison) -> Figure:
    x = np.linspace(0.0, 1.0, CURVE_POINTS)
    series: dict[str, list[float]] = {text("equality"): x.tolist()}
    for (base, score), curve in compared.lorenz.items():
        series[text("{score} over {base}", score=RATING_NAMES[score], base=RATING_NAMES[base])] = (
            _interpolated(x, curve)
        )
    svg = line_chart(
        x.tolist(),
        series,
        title="Ordered Lorenz curves",
        x_label="share of premium, lowest relativity first",
        y_label="share of losses",
    )
    (base, score), _ = max(compared.lorenz.items(), key=lambda item: item[1].gini)
    alt = text(
        "Curves below the line of equality; the lowest is {score} over {base}.",
        score=SERIES_NAMES[score],
        base=SERIES_NAMES[base],
    )
    return Figure(svg, "Below the line: the order finds losses that the premium has missed.", alt)


def _interpolated(x: np.ndarray[Any, Any], curve: OrderedLorenz) -> list[float]:
    found: list[float] = np.interp(x, curve.premium_share, curve.loss_share).tolist()
    return found


def _modification_figure(compared: RatingComparison) -> Figure:
    contracts = compared.contracts
    values = contracts.modification[contracts.has_experience]
    svg = histogram(
        values,
        title="Modifications of the contracts tested",
        x_label="modification",
        marks={text("neutral"): 1.0},
    )
    middle = float(np.median(values)) if values.size else 1.0
    caption = text("Half of the contracts with experience lie below {middle}.", middle=_shown(middle))
    return Figure(svg, caption, joined((text("Histogram of modifications."), caption), " "))


def _seriatim(figures: RatingFigures) -> list[Sheet]:
    contracts = figures.comparison.contracts
    if len(contracts) > MOST_SERIATIM:
        note = text("{n_contracts} contracts: see results.parquet.", n_contracts=len(contracts))
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
