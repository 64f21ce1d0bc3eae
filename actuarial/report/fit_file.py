"""The tables of a fit run as CSV: exposure by cell, and every estimate in one long table."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from math import isfinite
from typing import Any

import numpy as np

from actuarial.experience.exposure import ExposureCells
from actuarial.experience.record import EXITS
from actuarial.experience.study import Study
from actuarial.record import BANDS, SEXES
from mortality.estimate import Ratio
from mortality.transition import STATES

EXPOSURE_COLUMNS = (
    "sex", "band", "age", "duration", "year", "days", "person_years", *EXITS, "expected_deaths",
)  # fmt: skip
ESTIMATE_COLUMNS = (
    "estimate", "group", "item", "events", "base", "value", "lower", "upper", "credibility", "prior",
    "fitted",
)  # fmt: skip
"""Of ``estimates.csv``; an empty cell is not applicable or not estimable."""


def exposure_text(study: Study) -> str:
    """Content of ``exposure.csv``: a row a cell with any observation."""
    cells: ExposureCells = study.cells
    years, expected = cells.years.tolist(), study.expected.tolist()
    rows = zip(
        cells.sex.tolist(), cells.band.tolist(), cells.age.tolist(), cells.duration.tolist(),
        cells.year.tolist(), cells.days.tolist(), years, cells.exits.tolist(), expected, strict=True,
    )  # fmt: skip
    return _csv(
        EXPOSURE_COLUMNS,
        (
            (SEXES[sex], BANDS[band], age, duration, year, days, f"{y:.6f}", *exits, f"{e:.9g}")
            for sex, band, age, duration, year, days, y, exits, e in rows
        ),
    )


def estimates_text(study: Study) -> str:
    """Content of ``estimates.csv``."""
    return _csv(ESTIMATE_COLUMNS, ([_cell(value) for value in row] for row in estimate_rows(study)))


def estimate_rows(study: Study) -> Iterator[tuple[Any, ...]]:
    """Rows of ``estimates.csv``, columns `ESTIMATE_COLUMNS`."""
    for a in study.actual_expected:
        group = f"{a.dimension} {a.group}" if a.dimension != "all" else "all"
        yield ("actual_expected_table", group, "", *_of(a.by_table), None, None, None)
        yield ("actual_expected_basis", group, "", *_of(a.by_basis), None, None, None)
    for m in study.multipliers:
        yield ("multiplier", f"band {m.band}", "", *_of(m.observed), m.credibility, m.prior, m.fitted)
    yield from _matrix_rows(study)
    for r in study.durations.recovery_rates:
        yield ("recovery_rate", f"band {r.band}", f"duration {r.duration}", *_of(r.rate), None, None, None)
    for exit_name, models in study.durations.models.items():
        for model in models:
            for p in model.parameters:
                row = (None, None, p.value, p.lower, p.upper, None, None, None)
                yield (f"{model.family}_{exit_name}", "", p.name, *row)
            yield (f"{model.family}_{exit_name}", "", "aic", None, None, model.aic, *[None] * 5)
    for exit_name, regression in study.durations.regressions.items():
        for e in regression.effects:
            name, n = f"cox_{exit_name}", regression.n_exits
            ratio = (e.hazard_ratio, e.lower, e.upper)
            yield (name, e.name, "hazard_ratio", n, None, *ratio, None, None, None)
            yield (name, e.name, "proportional_hazards_p", n, None, e.proportional_p, *[None] * 5)
    yield from _graduation_rows(study)


def _matrix_rows(study: Study) -> Iterator[tuple[Any, ...]]:
    matrices, prior = study.matrices, study.prior.matrices
    total = matrices.counts.sum(axis=2)
    for i, duration in enumerate(prior.duration_from):
        for b, band in enumerate(BANDS):
            for s, state in enumerate(STATES):
                at = (i, b, s)
                yield (
                    "certification", f"band {band} duration_from {duration}", f"to {state}",
                    int(matrices.counts[at]), int(total[i, b]), float(matrices.observed[at]),
                    float(matrices.observed_lower[at]), float(matrices.observed_upper[at]),
                    float(matrices.credibility[i, b]), float(prior.probabilities[at]),
                    float(matrices.fitted[at]),
                )  # fmt: skip


def _graduation_rows(study: Study) -> Iterator[tuple[Any, ...]]:
    for sex, table in study.tables.items():
        g = table.graduation
        for k in range(len(table.deaths)):
            values = [float(np.exp(a[k])) for a in (g.theta, g.lower, g.upper)]
            row = (int(table.deaths[k]), float(table.expected[k]), *values, None, None, None)
            yield ("graduated_mortality_ratio", sex, f"age {table.first_age + k}", *row)
    found = study.durations.graduation
    if found is not None:
        g = found.graduation
        for i, age in enumerate(found.ages.tolist()):
            for j, duration in enumerate(found.durations.tolist()):
                values = [float(np.exp(a[i, j])) for a in (g.theta, g.lower, g.upper)]
                row = (int(found.exits[i, j]), float(found.years[i, j]), *values, None, None, None)
                yield ("graduated_recovery_rate", f"age {age}", f"duration {duration}", *row)


def _of(ratio: Ratio) -> tuple[int, float, float, float, float]:
    return ratio.events, ratio.base, ratio.value, ratio.lower, ratio.upper


def _cell(value: Any) -> Any:
    """A cell of the file; what is not a finite number is empty."""
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return ""
    return f"{value:.9g}" if isinstance(value, float) else value


def _csv(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()
