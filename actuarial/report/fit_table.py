"""The tables of a fit report: the same objects for the page and for the workbook."""

from __future__ import annotations

from typing import Any

import numpy as np

from actuarial.experience.choice import CHOICES
from actuarial.experience.mortality_study import SEX_GROUPS
from actuarial.experience.study import Study
from actuarial.language import Text, percent, text
from actuarial.record import BANDS
from actuarial.report.table import Column, Table
from mortality.estimate import LEVEL, Ratio
from mortality.graduate import Graduation, GraduationTests
from mortality.transition import STATES

_LIMITS = (Column("lower", "number", 3), Column("upper", "number", 3))
LIMITS_NOTE = text(
    "Limits: {level}, exact for a Poisson number of events (Garwood).", level=percent(LEVEL, 0)
)
STATE_TITLES = ("A", "B", "C", "D", text("recovered"))
DIMENSION_TITLES = {
    "sex": text("By sex"),
    "band": text("By band of the degree"),
    "age": text("By age last birthday"),
    "duration": text("By completed years since the first certificate"),
    "year": text("By calendar year"),
}
BY_DIMENSION = {
    "sex": text("by sex"),
    "band": text("by band of the degree"),
    "age": text("by age last birthday"),
    "duration": text("by completed years since the first certificate"),
    "year": text("by calendar year"),
}
DIMENSIONS = {
    "sex": text("sex"),
    "band": text("band"),
    "age": text("age"),
    "duration": text("duration"),
    "year": text("year"),
}
FAMILY_NAMES = {
    "weibull": text("weibull"),
    "log_normal": text("log normal"),
    "generalised_gamma": text("generalised gamma"),
}
"""Distributions of `mortality.lifetime_model.FAMILIES` in words."""


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _of(ratio: Ratio) -> tuple[float | None, ...]:
    return _number(ratio.value), _number(ratio.lower), _number(ratio.upper)


def actual_expected_table(study: Study, dimension: str) -> Table:
    """Deaths over expected ones by one dimension."""
    columns = (
        Column(DIMENSIONS[dimension]),
        Column("person-years", "number", 1),
        Column("deaths", "integer"),
        Column("expected, table", "number", 2),
        Column("A/E, table", "number", 3),
        Column("expected, prior basis", "number", 2),
        Column("A/E, prior basis", "number", 3),
        *_LIMITS,
    )

    def row(a: Any) -> tuple[Any, ...]:
        return (
            a.group, a.years, a.by_table.events, a.by_table.base, _number(a.by_table.value), a.by_basis.base,
            *_of(a.by_basis),
        )  # fmt: skip

    rows = tuple(row(a) for a in study.actual_expected if a.dimension == dimension)
    (total,) = (row(a) for a in study.actual_expected if a.dimension == "all")
    return Table(
        DIMENSION_TITLES[dimension],
        columns,
        rows,
        total,
        text("{limits} Of the A/E by prior basis.", limits=LIMITS_NOTE),
    )


def multiplier_table(study: Study) -> Table:
    """Multipliers of the table by band."""
    columns = (
        Column("band"),
        Column("person-years", "number", 1),
        Column("deaths", "integer"),
        Column("expected, table", "number", 2),
        Column("observed A/E", "number", 3),
        *_LIMITS,
        Column("credibility Z", "percent", 1),
        Column("prior multiplier", "number", 3),
        Column("new multiplier", "number", 3),
    )
    rows = tuple(
        (
            m.band,
            m.years,
            m.observed.events,
            m.observed.base,
            *_of(m.observed),
            m.credibility,
            m.prior,
            m.fitted,
        )
        for m in study.multipliers
    )
    return Table("Multipliers of the table by band", columns, rows, note=LIMITS_NOTE)


def matrix_table(study: Study, i: int) -> Table:
    """Certifications and probabilities of one matrix, rows from a band."""
    matrices, prior = study.matrices, study.prior.matrices
    columns = [Column("from"), Column("certifications", "integer"), Column("credibility Z", "percent", 1)]
    columns += [Column(text("to {state}", state=state), "integer") for state in STATE_TITLES]
    columns += [Column(text("new {state}", state=state), "percent") for state in STATE_TITLES]
    rows = tuple(
        (
            band, int(matrices.counts[i, b].sum()), float(matrices.credibility[i, b]),
            *matrices.counts[i, b].tolist(), *matrices.fitted[i, b].tolist(),
        )
        for b, band in enumerate(BANDS)
    )  # fmt: skip
    return Table(text("Certifications, {span}", span=span(prior.duration_from, i)), tuple(columns), rows)


def span(durations: tuple[int, ...], i: int) -> Text:
    """Completed years since the first certificate of one matrix, in words."""
    if i + 1 == len(durations):
        return text("{years} years and more after the first certificate", years=durations[i])
    last = durations[i + 1] - 1
    years = str(durations[i]) if last == durations[i] else f"{durations[i]}-{last}"
    return text("{years} completed years after the first certificate", years=years)


def matrix_interval_table(study: Study) -> Table:
    """Every entry with certifications: observed with exact limits, new with limits of the posterior."""
    columns = (
        Column("from"), Column("to"), Column("after years, from", "integer"), Column("count", "integer"),
        Column("of", "integer"), Column("observed", "percent", 2), Column("lower", "percent", 2),
        Column("upper", "percent", 2), Column("prior", "percent", 2), Column("new", "percent", 2),
        Column("new, lower", "percent", 2), Column("new, upper", "percent", 2),
    )  # fmt: skip
    m, prior = study.matrices, study.prior.matrices
    total = m.counts.sum(axis=2)
    rows = tuple(
        (
            BANDS[b], STATE_TITLES[s], prior.duration_from[i], int(m.counts[i, b, s]), int(total[i, b]),
            *(
                _number(values[i, b, s])
                for values in (
                    m.observed, m.observed_lower, m.observed_upper, prior.probabilities, m.fitted,
                    m.fitted_lower, m.fitted_upper,
                )
            ),
        )
        for i in range(len(prior)) for b in range(len(BANDS)) for s in range(len(STATES)) if total[i, b]
    )  # fmt: skip
    note = text(
        "Observed: exact binomial limits (Clopper-Pearson); new: limits of the marginal beta "
        "distributions of the posterior; {level} each.",
        level=percent(LEVEL, 0),
    )
    return Table("Entries of the matrices with limits", columns, rows, note=note)


def recovery_table(study: Study) -> Table:
    """Recoveries a person-year by band and duration."""
    columns = (
        Column("band"),
        Column("duration, years"),
        Column("person-years", "number", 1),
        Column("recoveries", "integer"),
        Column("rate a year", "number", 4),
        Column("lower", "number", 4),
        Column("upper", "number", 4),
    )
    rows = tuple(
        (r.band, r.duration, r.rate.base, r.rate.events, *_of(r.rate)) for r in study.durations.recovery_rates
    )
    return Table("Recovery rates", columns, rows, note=LIMITS_NOTE)


def lifetime_table(study: Study) -> Table:
    """Parametric distributions, best first."""
    columns = (
        Column("exit"), Column("distribution"), Column("parameter"), Column("value", "number", 4),
        Column("lower", "number", 4), Column("upper", "number", 4), Column("AIC", "number", 2),
    )  # fmt: skip
    rows = tuple(
        (name, FAMILY_NAMES[model.family], p.name, p.value, p.lower, p.upper, model.aic)
        for name, models in study.durations.models.items()
        for model in models
        for p in model.parameters
    )
    note = text(
        "Years since the first certificate; other exits count as lost from sight. Less AIC is better."
    )
    return Table("Distributions of the duration", columns, rows, note=note)


def cox_table(study: Study) -> Table:
    """Cox regressions."""
    columns = (
        Column("exit"), Column("covariate"), Column("hazard ratio", "number", 3), *_LIMITS,
        Column("p", "number", 4), Column("p, proportional hazards", "number", 4),
    )  # fmt: skip
    rows = tuple(
        (name, e.name, e.hazard_ratio, e.lower, e.upper, e.p, e.proportional_p)
        for name, model in study.durations.regressions.items()
        for e in model.effects
    )
    note = text(
        "A small p of proportional hazards (below 0.05) says that the ratio changes with the duration."
    )
    return Table("Cox regression", columns, rows, note=note)


def graduation_table(study: Study, sex: str) -> Table:
    """Graduated mortality of one sex by age."""
    found = study.tables[sex]
    g = found.graduation
    columns = (
        Column("age", "integer"), Column("deaths", "integer"), Column("expected deaths", "number", 2),
        Column("graduated deaths", "number", 2), Column("ratio, graduated", "number", 3), *_LIMITS,
        Column("new qx", "number", 6), Column("qx of the table", "number", 6),
    )  # fmt: skip
    reference = study.prior.tables[sex]
    rows = tuple(
        (
            age, int(found.deaths[k]), float(found.expected[k]),
            float(found.expected[k] * np.exp(g.theta[k])), float(np.exp(g.theta[k])),
            float(np.exp(g.lower[k])), float(np.exp(g.upper[k])),
            float(found.qx[age - reference.first_age]), reference.at(age),
        )
        for k, age in enumerate(range(found.first_age, found.first_age + len(found.deaths)))
    )  # fmt: skip
    note = text("Expected: by the table with the new multipliers.")
    return Table(text("Graduated mortality, {people}", people=SEX_GROUPS[sex]), columns, rows, note=note)


def graduation_test_table(study: Study) -> Table:
    """Smoothing and tests of every graduation."""
    columns = (
        Column("graduation"), Column("λ"), Column("effective dimension", "number", 2),
        Column("χ²", "number", 2), Column("degrees of freedom", "number", 1), Column("p, χ²", "number", 3),
        Column("p, signs", "number", 3), Column("runs", "integer"), Column("p, few runs", "number", 3),
        Column("Σ(Δ³)²", "number", 6),
    )  # fmt: skip
    found = [
        (text("mortality, {people}", people=SEX_GROUPS[sex]), table.graduation)
        for sex, table in study.tables.items()
    ]
    if study.durations.graduation is not None:
        found.append((text("recovery, age × duration"), study.durations.graduation.graduation))

    def row(name: str, smoothing: str, dimension: float, t: GraduationTests) -> tuple[Any, ...]:
        return (
            name, smoothing, dimension, t.chi_square, t.degrees_of_freedom, t.chi_square_p, t.signs_p, t.runs,
            t.runs_p, t.smoothness,
        )  # fmt: skip

    rows = tuple(
        row(
            name,
            _smoothing(g),
            g.effective_dimension,
            g.tests,
        )
        for name, g in found
    )
    note = text(
        "Tests over cells with at least one graduated event; runs in the order of age, then duration."
    )
    return Table("Graduations: fit and smoothness", columns, rows, note=note)


def _smoothing(graduation: Graduation) -> Text:
    values = " × ".join(f"{s:.4g}" for s in graduation.smoothing)
    if graduation.is_chosen:
        return text("{values} (chosen)", values=values)
    return text("{values} (given)", values=values)


def choice_rows(study: Study) -> list[dict[str, str]]:
    """The named choices with what was taken and why the default is the default."""
    return [
        {"choice": name, "value": value, "default": CHOICES[name].default, "reason": CHOICES[name].reason}
        for name, value in study.choices.items()
    ]


def fit_choice_table(study: Study) -> Table:
    """Named choices of the study."""
    columns = (Column("choice"), Column("taken"), Column("default"), Column("what they mean"))
    rows = tuple((c["choice"], c["value"], c["default"], c["reason"]) for c in choice_rows(study))
    return Table("Choices", columns, rows)
