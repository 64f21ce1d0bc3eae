"""The reports of a risk run, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from actuarial.language import joined, number, text
from actuarial.occupational_risk import SCORE_UNIT, SCORES, Effect
from actuarial.report import word
from actuarial.report.appendix import (
    choice_table,
    company_fact,
    day_fact,
    finding_table,
    input_facts,
    input_table,
    law_table,
    percent,
)
from actuarial.report.chart import bar_chart
from actuarial.report.page import Figure, KeyFigure, Page, Section, write_page
from actuarial.report.risk_run import RiskFigures, decimal_text
from actuarial.report.table import Column, Table
from actuarial.report.workbook import Sheet, write_workbook

MOST_BARS = 20
INDICES = {"economic": text("economic"), "social": text("social"), "combined": text("combined")}
ONE_ENTERPRISE = text("(one enterprise)")
SCORE_NAMES = {
    "harmfulness": text("harmfulness В"),
    "injury_hazard": text("injury hazard Т"),
    "equipment": text("equipment Об"),
    "protective_equipment": text("protective equipment СИЗ"),
    "morbidity": text("morbidity З"),
}
_RISK = Column("risk", "number", 4)


def write_risk_report(folder: Path, figures: RiskFigures) -> list[Path]:
    """Write ``report.html`` and ``report.xlsx`` into a run folder; the files written."""
    page, sheets = risk_report(figures)
    return [write_page(folder / "report.html", page), write_workbook(folder / "report.xlsx", sheets)]


def risk_report(figures: RiskFigures) -> tuple[Page, list[Sheet]]:
    """Page and worksheets; both show the same tables."""
    record = figures.record
    own = (_enterprise_table, _contribution_table, _department_table, _position_table)
    enterprises, contributions, departments, positions = (_settled(make(figures), figures) for make in own)
    law, choices = law_table(record["law"]), choice_table(record["choices"])
    inputs, findings = input_table(record["inputs"]), finding_table(figures.findings)
    day = day_fact(record["assessment_date"])
    scale = f"{record['scale']['lowest']}–{record['scale']['highest']}"
    sections = [
        Section(
            "Enterprises",
            ("П1 is the mean over departments weighed by headcount; the total adds П2 and П3 as given.",),
            (_contribution_figure(figures),),
            (enterprises, contributions),
        ),
        Section("Departments", (), (_department_figure(figures),), (departments,)),
        Section("Jobs", (), (), (positions,)),
    ]
    effect_tables: tuple[Table, ...] = ()
    if figures.effect:
        effect_tables = tuple(_settled(make(figures), figures) for make in (_effect_table, _indicator_table))
        sections.append(
            Section(
                "Effect of safety measures",
                (
                    "Indices from 0 (every indicator at its worst) to 1 (at its best); a ratio above 1 is an "
                    "improvement.",
                ),
                (_effect_figure(figures.effect),),
                effect_tables,
            )
        )
    sections.append(Section("Limitations and checks", tuple(record["limitations"]), (), (findings,)))
    page = Page(
        title="Occupational risk",
        subtitle=text("assessment of {day}, scores {scale}", day=day, scale=scale),
        facts=(
            *company_fact(record),
            (text("Assessment date"), day),
            (text("Scale of the scores"), scale),
            (text("Jobs"), str(record["positions"])),
            (text("Departments"), str(record["departments"])),
            (text("Input (SHA-256)"), input_facts(record["inputs"])),
            (text("Engine"), f"actuarial {record['engine_version']}"),
        ),
        key_figures=_key_figures(figures),
        warnings=tuple(record["warnings"]),
        sections=tuple(sections),
        appendix=(
            Section("Weights and choices", (), (), (law, choices)),
            Section("Input", (), (), (inputs,)),
        ),
    )
    sheets = [
        Sheet("enterprises", (enterprises, contributions), text=(page.title, page.subtitle)),
        Sheet("departments", (departments,)),
        Sheet("jobs", (positions,)),
        *([Sheet("effect", effect_tables)] if figures.effect else []),
        Sheet("assumptions", (law, choices)),
        Sheet("checks", (findings, inputs), text=tuple(record["limitations"])),
    ]
    return page, sheets


def _settled(table: Table, figures: RiskFigures) -> Table:
    """Without its first column, the enterprise, where there is only one."""
    if len(figures.records.enterprise) > 1:
        return table
    return replace(table, columns=table.columns[1:], rows=tuple(row[1:] for row in table.rows))


def _shown(value: Fraction | None) -> str:
    return word.EMPTY if value is None else number(Decimal(decimal_text(value, 2)), 2)


def _named(name: str) -> str:
    return name or ONE_ENTERPRISE


def _key_figures(figures: RiskFigures) -> tuple[KeyFigure, ...]:
    risk, records = figures.risk, figures.records
    highest = max(range(len(risk.individual)), key=lambda p: int(risk.individual[p]))
    department = records.department[int(records.department_of_position[highest])]
    found = [
        KeyFigure(
            "Highest risk of a job",
            _shown(Fraction(int(risk.individual[highest]), risk.unit)),
            f"{records.position[highest]}, {department}",
        )
    ]
    if len(risk.enterprise) == 1:
        total = risk.total[0]
        found.insert(0, KeyFigure("П1", _shown(risk.enterprise[0]), "mean over all departments"))
        note = "П1 + П2 + П3" if total is not None else text("П2 or П3 is not known")
        found.insert(1, KeyFigure("Total risk", _shown(total), note))
    return tuple(found)


def _enterprise_table(figures: RiskFigures) -> Table:
    records, risk = figures.records, figures.risk
    columns = (
        Column("enterprise"),
        Column("workers", "integer"),
        Column("П1", "number", 4),
        Column("П2", "number", 2),
        Column("П3", "number", 2),
        Column("total", "number", 4),
    )

    def given(value: int) -> float | None:
        return None if value < 0 else value / SCORE_UNIT

    rows = tuple(
        (
            _named(name),
            risk.n_workers[e],
            float(risk.enterprise[e]),
            given(int(records.injury_score[e])),
            given(int(records.compliance_score[e])),
            None if risk.total[e] is None else float(risk.total[e] or 0),
        )
        for e, name in enumerate(records.enterprise)
    )
    return Table("Risk of the enterprise", columns, rows)


def _contribution_table(figures: RiskFigures) -> Table:
    columns = (
        Column("enterprise"),
        *(Column(SCORE_NAMES[name], "number", 4) for name in SCORES),
        Column("П1", "number", 4),
    )
    rows = tuple(
        (_named(name), *(float(part) for part in figures.risk.contribution[e].values()), float(p1))
        for e, (name, p1) in enumerate(zip(figures.records.enterprise, figures.risk.enterprise, strict=True))
    )
    return Table("What each score adds to П1", columns, rows, note="The parts of a row add up to its П1.")


def _department_table(figures: RiskFigures) -> Table:
    records = figures.records
    columns = (Column("enterprise"), Column("department"), Column("workers", "integer"), _RISK)
    rows = tuple(
        (
            _named(records.enterprise[int(records.enterprise_of_department[d])]),
            name,
            int(records.department_workers[d]),
            float(figures.risk.department[d]),
        )
        for d, name in enumerate(records.department)
    )
    return Table("Risk of departments", columns, rows)


def _position_table(figures: RiskFigures) -> Table:
    records, risk = figures.records, figures.risk
    columns = (
        Column("enterprise"),
        Column("department"),
        Column("job"),
        Column("workers", "integer"),
        *(Column(SCORE_NAMES[name], "number", 2) for name in SCORES),
        _RISK,
    )
    order = sorted(range(len(records.position)), key=lambda p: (-int(risk.individual[p]), p))
    rows = []
    for p in order:
        d = int(records.department_of_position[p])
        rows.append(
            (
                _named(records.enterprise[int(records.enterprise_of_department[d])]),
                records.department[d],
                records.position[p],
                int(records.n_workers[p]),
                *(int(score) / SCORE_UNIT for score in records.scores[p]),
                int(risk.individual[p]) / risk.unit,
            )
        )
    return Table("Individual risk of jobs, the highest first", columns, tuple(rows))


def _contribution_figure(figures: RiskFigures) -> Figure:
    risk = figures.risk
    order = sorted(range(len(risk.enterprise)), key=lambda e: (-risk.enterprise[e], e))[:MOST_BARS]
    labels = [_named(figures.records.enterprise[e]) for e in order]
    series: dict[str, list[float]] = {
        SCORE_NAMES[name]: [float(risk.contribution[e][name]) for e in order] for name in SCORES
    }
    svg = bar_chart(
        labels, series, title="What makes П1", y_label="contribution to П1", horizontal=True, stacked=True
    )
    largest = max(SCORES, key=lambda name: sum(risk.contribution[e][name] for e in order))
    alt = text(
        "Stacked bars of the five scores' parts in П1; the largest part is {score}.",
        score=SCORE_NAMES[largest],
    )
    weight = percent(float(risk.entry.value["conditions"]), 0)
    caption = text("Harmfulness and injury hazard carry {weight} of the weights.", weight=weight)
    if len(risk.enterprise) > MOST_BARS:
        shown = text("The {n} enterprises with the highest П1.", n=MOST_BARS)
        caption = joined((shown, caption), " ")
    return Figure(svg, caption, alt)


def _department_figure(figures: RiskFigures) -> Figure:
    risk, records = figures.risk, figures.records
    order = sorted(range(len(risk.department)), key=lambda d: (-risk.department[d], d))[:MOST_BARS]
    svg = bar_chart(
        [records.department[d] for d in order],
        {text("risk"): [float(risk.department[d]) for d in order]},
        title="Risk of departments",
        y_label="risk",
        horizontal=True,
    )
    many = len(risk.department) > MOST_BARS
    if many:
        caption = text("The {n} departments with the highest risk.", n=MOST_BARS)
    else:
        caption = text("The highest risk first.")
    alt = text(
        "Bars; the highest risk is {department}, {risk}.",
        department=records.department[order[0]],
        risk=number(float(risk.department[order[0]]), 2),
    )
    return Figure(svg, caption, alt)


def _effect_table(figures: RiskFigures) -> Table:
    columns = (
        Column("enterprise"),
        Column("index"),
        Column("before", "number", 4),
        Column("after", "number", 4),
        Column("ratio", "number", 4),
    )
    rows = tuple(
        (_named(effect.enterprise), INDICES[name], float(before), float(after), _float(ratio))
        for effect in figures.effect
        for name, before, after, ratio in effect.rows()
    )
    return Table(
        "Indices before and after the measures",
        columns,
        rows,
        note="combined = √(economic · social). No ratio where the index before is 0.",
    )


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _indicator_table(figures: RiskFigures) -> Table:
    columns = (
        Column("enterprise"),
        Column("indicator"),
        Column("criterion"),
        Column("better"),
        Column("weight", "number", 2),
        Column("lowest", "number", 2),
        Column("highest", "number", 2),
        Column("before", "number", 2),
        Column("after", "number", 2),
        Column("z before", "number", 4),
        Column("z after", "number", 4),
    )
    rows = tuple(
        (
            _named(row.enterprise),
            row.name,
            INDICES[row.criterion],
            text("the higher") if row.is_better_higher else text("the lower"),
            float(row.weight),
            float(row.lowest),
            float(row.highest),
            float(row.before),
            float(row.after),
            float(row.standardised(row.before)),
            float(row.standardised(row.after)),
        )
        for row in figures.indicators
    )
    return Table("Indicators", columns, rows)


def _effect_figure(found: tuple[Effect, ...]) -> Figure:
    shown = [(effect.enterprise, row) for effect in found[:MOST_BARS] for row in effect.rows()]
    labels = [
        text("{enterprise} {index}", enterprise=enterprise, index=INDICES[row[0]])
        if enterprise
        else INDICES[row[0]]
        for enterprise, row in shown
    ]
    before, after = [float(row[1]) for _, row in shown], [float(row[2]) for _, row in shown]
    svg = bar_chart(
        labels,
        {text("before"): before, text("after"): after},
        title="Indices before and after",
        y_label="index, 0 to 1",
    )
    better = sum(a > b for a, b in zip(after, before, strict=True))
    return Figure(
        svg, "Higher is better.", text("Pairs of bars; {n} of {all} indices rose.", n=better, all=len(labels))
    )
