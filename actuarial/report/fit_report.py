"""The reports of a fit run, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.experience.exposure import DAYS_IN_YEAR
from actuarial.experience.mortality_study import AGE_GROUP, SEX_GROUPS, SEX_NAMES
from actuarial.experience.record import RECOVERED
from actuarial.experience.study import Study
from actuarial.language import Text, joined, text
from actuarial.portfolio.finding import Findings
from actuarial.record import BANDS
from actuarial.report.appendix import (
    assumption_tables,
    company_fact,
    day_fact,
    finding_table,
    input_facts,
    input_table,
)
from actuarial.report.chart import bar_chart, heat_map, line_chart
from actuarial.report.fit_table import (
    BY_DIMENSION,
    DIMENSION_TITLES,
    DIMENSIONS,
    FAMILY_NAMES,
    STATE_TITLES,
    actual_expected_table,
    cox_table,
    fit_choice_table,
    graduation_table,
    graduation_test_table,
    lifetime_table,
    matrix_interval_table,
    matrix_table,
    multiplier_table,
    recovery_table,
    span,
)
from actuarial.report.name import as_message
from actuarial.report.page import Figure, KeyFigure, Page, Section, write_page
from actuarial.report.table import Column, Table, cell_message
from actuarial.report.workbook import Sheet, write_workbook
from mortality.survival_curve import LEAST_AT_RISK, Curve

Float = NDArray[np.float64]

LEAST_SHOWN = 1.0
"""Expected deaths of a group below which its bar would be all interval; the tables have every group."""
_STEP = 1 / 12
_SHOWN_YEARS, _LEAST_YEARS = 25.0, 1e-6
LIMITATIONS = (
    text(
        "The history is taken to be complete: a death or recovery that was not recorded makes the rates "
        "too low."
    ),
    text("Who is lost from sight, or enters late, is taken to have the same risk as who stays."),
    text("Spells of one claim count as independent given band, age and duration."),
    text(
        "Person-years are days / 365.25; the force of mortality is constant in each year of age, whatever "
        "the basis says of fractional ages."
    ),
    text(
        "Interest, indexation, growth, terms of certificates, representative degrees, expenses and the "
        "multiplier of dependants and the drivers of the simulation are not fitted."
    ),
    text(
        "A fitted basis is an estimate from the history given; whether it is fit for reserves is for the "
        "actuary who signs."
    ),
)


@dataclass(frozen=True)
class FitFigures:
    """What a report of a fit run shows.

    Attributes
    ----------
    record : mapping
        The content of ``run.json`` as far as it is known.
    study : Study
    findings : Findings
        Warnings of the history.
    """

    record: Mapping[str, Any]
    study: Study
    findings: Findings


def write_fit_report(folder: Path, figures: FitFigures) -> list[Path]:
    """Write both reports; their paths."""
    page = fit_page(figures)
    return [
        write_page(folder / "report.html", page),
        write_workbook(folder / "report.xlsx", fit_sheets(figures, page)),
    ]


def fit_page(figures: FitFigures) -> Page:
    """The page of a fit run."""
    study, record = figures.study, figures.record
    sections = [
        _mortality_section(study),
        _certification_section(study),
        _duration_section(study),
        _graduation_section(study),
        _regression_section(study),
        Section(
            "What could not be estimated",
            study.notes or (text("Everything was estimated."),),
        ),
        Section("Limitations and findings", LIMITATIONS, (), (finding_table(figures.findings),)),
    ]
    tables = (fit_choice_table(study), input_table(record["inputs"]), *assumption_tables(record["basis"]))
    return Page(
        title="Experience study",
        subtitle=text(
            "{n_claims} claims, {first_day} to {last_day}",
            n_claims=study.n_claims,
            first_day=study.first_day,
            last_day=study.last_day,
        ),
        facts=(
            *company_fact(record),
            (text("history"), input_facts(record["inputs"])),
            (text("prior basis"), str(record["basis"]["name"])),
            (
                text("as known on"),
                day_fact(study.options.as_of.isoformat())
                if study.options.as_of
                else text("the end of the history"),
            ),
            (text("spells"), str(study.n_spells)),
            (text("engine"), f"actuarial {record['engine_version']}"),
        ),
        key_figures=_key_figures(study),
        warnings=tuple(record["warnings"]),
        sections=tuple(sections),
        appendix=(Section("Choices, inputs and prior basis", (), (), tables),),
    )


def fit_sheets(figures: FitFigures, page: Page) -> list[Sheet]:
    """The workbook: the tables of the page and what is too long for it."""
    study = figures.study
    key = Table(
        "Key figures",
        (Column("figure"), Column("value"), Column("note")),
        tuple((as_message(k.label), k.value, as_message(k.note)) for k in page.key_figures),
    )
    run = Table("Run", (Column("what"), Column("value")), page.facts)
    notes = Table(
        "Before you use these figures",
        (Column("warning"),),
        tuple((as_message(warning),) for warning in (*page.warnings, *study.notes)),
    )
    return [
        Sheet("summary", (key, run, notes), text=(page.title, page.subtitle)),
        Sheet("multipliers", (multiplier_table(study),)),
        *(
            Sheet(text("A-E {dimension}", dimension=DIMENSIONS[name]), (actual_expected_table(study, name),))
            for name in DIMENSION_TITLES
        ),
        Sheet("matrices", tuple(matrix_table(study, i) for i in range(len(study.prior.matrices)))),
        Sheet("matrix limits", (matrix_interval_table(study),)),
        Sheet("recovery", (recovery_table(study),)),
        Sheet("distributions", (lifetime_table(study),)),
        Sheet("regression", (cox_table(study),)),
        Sheet("graduation tests", (graduation_test_table(study),)),
        *(
            Sheet(text("mortality {sex}", sex=SEX_NAMES[sex]), (graduation_table(study, sex),))
            for sex in study.tables
        ),
        Sheet("choices", (fit_choice_table(study),)),
        Sheet("inputs", (input_table(figures.record["inputs"]), finding_table(figures.findings))),
    ]


def _key_figures(study: Study) -> tuple[KeyFigure, ...]:
    total = study.actual_expected[0]
    ratio = total.by_basis
    strength = study.matrices.strength
    recovered = int(study.cells.exits[:, RECOVERED].sum())
    return (
        KeyFigure(
            "person-years",
            _plain(total.years, 1),
            text("{n_claims} claims, {n_spells} spells", n_claims=study.n_claims, n_spells=study.n_spells),
        ),
        KeyFigure("deaths", str(ratio.events), text("{n} recoveries", n=recovered)),
        KeyFigure(
            "deaths, actual / expected by the prior basis",
            _plain(ratio.value, 3),
            text(
                "95 % limits {lower} to {upper}", lower=_plain(ratio.lower, 3), upper=_plain(ratio.upper, 3)
            ),
        ),
        KeyFigure(
            "certifications",
            str(int(study.matrices.counts.sum())),
            _strength(strength, study.matrices.is_estimated),
        ),
    )


def _strength(strength: float | None, is_estimated: bool) -> Text:
    if strength is None:
        return text("prior matrices kept")
    n = _plain(strength, 0)
    if is_estimated:
        return text("prior worth {n} certifications a row (estimated)", n=n)
    return text("prior worth {n} certifications a row (given)", n=n)


def _plain(value: float | None, places: int) -> Text:
    if value is None or not np.isfinite(value):
        return text("none")
    return cell_message(float(value), Column("", "number", places))


def _share(value: float) -> Text:
    return text("{percent}%", percent=_plain(100 * value, 1))


# ---------------------------------------------------------------- sections


def _mortality_section(study: Study) -> Section:
    figures = [_ratio_figure(study, dimension) for dimension in ("band", "age", "duration", "year")]
    tables = (multiplier_table(study), *(actual_expected_table(study, name) for name in DIMENSION_TITLES))
    lines = (
        text(
            "Deaths against those expected by the tables and multipliers of the prior basis: 1 is agreement."
        ),
        text(
            "A multiplier is the observed A/E against the table alone, drawn towards the prior where "
            "deaths are few."
        ),
    )
    return Section("Mortality", lines, tuple(f for f in figures if f), tables)


def _ratio_figure(study: Study, dimension: str) -> Figure | None:
    rows = [a for a in study.actual_expected if a.dimension == dimension and a.by_basis.base >= LEAST_SHOWN]
    if not rows:
        return None
    ratios = [a.by_basis for a in rows]
    name = "A/E"
    svg = bar_chart(
        [a.group for a in rows],
        {name: [r.value for r in ratios]},
        title=text("A/E of deaths {by_dimension}", by_dimension=BY_DIMENSION[dimension]),
        y_label="actual / expected by the prior basis",
        errors={name: ([r.lower for r in ratios], [r.upper for r in ratios])},
    )
    words = joined(
        (text("{group}: {ratio}", group=a.group, ratio=_plain(a.by_basis.value, 2)) for a in rows), "; "
    )
    caption = text(
        "Lines are exact 95 % limits; groups with less than {least:g} expected death are in the table.",
        least=LEAST_SHOWN,
    )
    return Figure(
        svg, caption, text("A/E {by_dimension}: {words}", by_dimension=BY_DIMENSION[dimension], words=words)
    )


def _certification_section(study: Study) -> Section:
    m, prior = study.matrices, study.prior.matrices
    figures = []
    for i in range(len(prior)):
        if not m.counts[i].any():
            continue
        title = text("New matrix, {span}", span=span(prior.duration_from, i))
        figures.append(
            Figure(
                heat_map(BANDS, STATE_TITLES, m.fitted[i], title=title, format=".1%"),
                text("Rows: band before the certification; {n} certifications.", n=int(m.counts[i].sum())),
                text("{title}: {rows}", title=title, rows=_matrix_words(m.fitted[i])),
            )
        )
        with np.errstate(invalid="ignore"):
            change = np.where(m.counts[i].sum(axis=1, keepdims=True) > 0, m.observed[i], np.nan)
        title = text("Observed less prior, {span}", span=span(prior.duration_from, i))
        difference = 100.0 * (change - prior.probabilities[i])
        figures.append(
            Figure(
                heat_map(BANDS, STATE_TITLES, difference, title=title, format="+.1f"),
                "Percentage points; a row without certifications is empty.",
                text(
                    "{title}, percentage points: {rows}", title=title, rows=_matrix_words(difference / 100.0)
                ),
            )
        )
    lines = (
        text(
            "A row of the new matrix is Z · observed + (1 - Z) · prior, Z = n / (n + k) with n "
            "certifications in the row and k the certifications that the prior is worth."
        ),
    )
    tables = tuple(matrix_table(study, i) for i in range(len(prior)) if m.counts[i].any())
    return Section("Certification", lines, tuple(figures), tables)


def _matrix_words(matrix: Float) -> Text:
    return joined((_row_words(band, row) for band, row in zip(BANDS, matrix, strict=True)), "; ")


def _row_words(band: str, row: Float) -> Text:
    entries = joined(
        text("to {state} {share}", state=state, share=_share(value))
        for state, value in zip(STATE_TITLES, row, strict=True)
        if np.isfinite(value)
    )
    return text("{band} {entries}", band=band, entries=entries)


def _duration_section(study: Study) -> Section:
    d = study.durations
    figures = []
    if d.incidence:
        series, bands, x = _sampled(d.incidence)
        figures.append(
            Figure(
                line_chart(
                    x,
                    series,
                    bands=bands,
                    title="Cumulative incidence of each exit (Aalen-Johansen)",
                    x_label="years since the first certificate",
                    y_label="probability to have left",
                    steps=True,
                ),
                text(
                    "Shaded: 95 % limits. Shown, and holding for who is there, from the duration on at which "
                    "{n} are at risk.",
                    n=LEAST_AT_RISK,
                ),
                text(
                    "Cumulative incidence at the end of the curves: {values}",
                    values=joined(
                        text("{exit} {share}", exit=name, share=_share(float(curve.value[-1])))
                        for name, curve in d.incidence.items()
                    ),
                ),
            )
        )
    for curves, title, label in (
        (d.death_curves, text("Survival by band (Kaplan-Meier)"), text("probability to be alive")),
        (
            d.recovery_curves,
            text("Cumulative hazard of recovery by band (Nelson-Aalen)"),
            text("cumulative hazard"),
        ),
    ):
        if curves:
            start = 1.0 if curves is d.death_curves else 0.0
            series, bands, x = _sampled({text("band {band}", band=b): c for b, c in curves.items()}, start)
            figures.append(
                Figure(
                    line_chart(
                        x,
                        series,
                        title=title,
                        x_label="years since the first certificate",
                        y_label=label,
                        steps=True,
                    ),
                    "Of who is in the band at each duration; other exits count as lost from sight.",
                    text(
                        "{title}, last values: {values}",
                        title=title,
                        values=joined(
                            text("band {band} {value}", band=b, value=_plain(c.value[-1], 3))
                            for b, c in curves.items()
                        ),
                    ),
                )
            )
    figures += [_model_figure(study, name) for name in d.model_curves]
    return Section("Durations", (), tuple(figures), (recovery_table(study), lifetime_table(study)))


def _model_figure(study: Study, name: str) -> Figure:
    """The distributions of one exit over the curve of the same spells, for who is there at its origin."""
    curve, models = study.durations.model_curves[name], study.durations.models[name]
    observed = "Kaplan-Meier"
    series, bands, x = _sampled({observed: curve}, 1.0)
    years = np.maximum(x, _LEAST_YEARS)
    start = max(curve.origin / DAYS_IN_YEAR, _LEAST_YEARS)
    for model in models:
        values = model.survival(np.append(years, start))
        series[FAMILY_NAMES[model.family]] = (values[:-1] / values[-1]).tolist()
    title = text("Duration to {name}: distributions over Kaplan-Meier of the same spells", name=name)
    return Figure(
        line_chart(
            x, series, bands=bands, title=title, x_label="years since the first certificate",
            y_label="probability without the exit",
        ),
        text(
            "Shaded: 95 % limits of the curve. Other exits count as lost from sight; least AIC: {family}.",
            family=FAMILY_NAMES[models[0].family],
        ),
        text("{title}: the curve ends at {value}", title=title, value=_plain(curve.value[-1], 3)),
    )  # fmt: skip


def _sampled(
    curves: Mapping[str, Curve], start: float = 0.0
) -> tuple[dict[str, list[float]], dict[str, tuple[list[float], list[float]]], list[float]]:
    """Step functions at a monthly grid, empty outside the days for which they hold."""
    last = min(max(c.end for c in curves.values()) / DAYS_IN_YEAR, _SHOWN_YEARS)
    x = np.arange(min(c.origin for c in curves.values()) / DAYS_IN_YEAR, last + _STEP, _STEP)
    series, bands = {}, {}
    for name, curve in curves.items():
        at = np.searchsorted(curve.days, x * DAYS_IN_YEAR, side="right") - 1
        outside = (x * DAYS_IN_YEAR < curve.origin) | (x * DAYS_IN_YEAR > curve.end)
        values = []
        for column in (curve.value, curve.lower, curve.upper):
            value = np.where(at >= 0, column[np.maximum(at, 0)], start)
            values.append(np.where(outside, np.nan, value).tolist())
        series[name], bands[name] = values[0], (values[1], values[2])
    return series, bands, x.tolist()


def _graduation_section(study: Study) -> Section:
    figures = []
    for sex, found in study.tables.items():
        g = found.graduation
        ages = np.arange(found.first_age, found.first_age + len(found.deaths))
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = np.where(found.expected >= LEAST_SHOWN, found.deaths / found.expected, np.nan)
        name = text("graduated")
        figures.append(
            Figure(
                line_chart(
                    ages.tolist(),
                    {text("observed"): observed.tolist(), name: np.exp(g.theta).tolist()},
                    bands={name: (np.exp(g.lower).tolist(), np.exp(g.upper).tolist())},
                    title=text(
                        "Mortality by age, {people}, against the table with the new multipliers",
                        people=SEX_GROUPS[sex],
                    ),
                    x_label="age last birthday",
                    y_label="deaths / expected deaths",
                ),
                text(
                    "λ = {smoothing:.4g}, differences of order {order}; effective dimension {dimension}. "
                    "Shaded: 95 % limits. Ages with less than {least:g} expected death have no observed "
                    "value.",
                    smoothing=g.smoothing[0],
                    order=g.order,
                    dimension=_plain(g.effective_dimension, 1),
                    least=LEAST_SHOWN,
                ),
                text(
                    "Graduated ratio of {people}: {first} at age {first_age}, {last} at age {last_age}",
                    people=SEX_GROUPS[sex],
                    first=_plain(np.exp(g.theta[0]), 2),
                    first_age=ages[0],
                    last=_plain(np.exp(g.theta[-1]), 2),
                    last_age=ages[-1],
                ),
            )
        )
    recovery = study.durations.graduation
    if recovery is not None:
        rates = np.exp(recovery.graduation.theta)
        rows = np.arange(0, len(recovery.ages), AGE_GROUP)
        title = text(
            "Graduated recoveries a person-year, by age and completed years since the first certificate"
        )
        figures.append(
            Figure(
                heat_map(
                    [int(a) for a in recovery.ages[rows]],
                    [int(x) for x in recovery.durations],
                    rates[rows],
                    title=title,
                    format=".3f",
                ),
                text(
                    "Every {n}th age; the last column stands for all later years. Every cell is in "
                    "estimates.csv.",
                    n=AGE_GROUP,
                ),
                text(
                    "{title}: from {least} to {most}",
                    title=title,
                    least=_plain(rates.min(), 3),
                    most=_plain(rates.max(), 3),
                ),
            )
        )
    tables = (graduation_test_table(study), *(graduation_table(study, sex) for sex in study.tables))
    lines = (
        text(
            "Whittaker-Henderson on the Poisson likelihood: graduated and observed deaths add up to the same."
        ),
    )
    return Section("Graduation", lines, tuple(figures), tables)


def _regression_section(study: Study) -> Section:
    d = study.durations
    lines = [
        text(
            "{exit}: {n_exits} exits in {n} spells, concordance {concordance}, p of all covariates together "
            "{p:.2g}.",
            exit=name,
            n_exits=model.n_exits,
            n=model.n,
            concordance=_plain(model.concordance, 3),
            p=model.log_likelihood_ratio_p,
        )
        for name, model in d.regressions.items()
    ]
    if not lines:
        lines = [text("No regression: see below.")]
    return Section("Cox regression", tuple(lines), (), (cox_table(study),) if d.regressions else ())
