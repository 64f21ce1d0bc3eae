"""Durations since the first certificate: recovery rates, curves, distributions, regression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from actuarial.experience.exposure import DAYS_IN_YEAR, ExposureCells
from actuarial.experience.mortality_study import LAST_DURATION, grouped
from actuarial.experience.record import DEAD, DEGREE_CHANGED, PENSION, RECOVERED, HistoryRecords
from actuarial.language import text
from actuarial.record import BANDS
from mortality.cox import CoxModel, fitted_cox
from mortality.estimate import EstimateError, Ratio, ratio
from mortality.graduate import Graduation, graduated_ratio
from mortality.lifetime_model import FAMILIES, LifetimeModel, fitted_lifetime
from mortality.survival_curve import Curve, aalen_johansen, kaplan_meier, nelson_aalen, risk_table

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]
Estimate = TypeVar("Estimate")

STUDIED = {text("recovered"): RECOVERED, text("dead"): DEAD}
"""Exits whose durations are modelled."""
COMPETING = {text("recovered"): RECOVERED, text("dead"): DEAD, text("pension"): PENSION}
MOST_MODEL_ROWS = 50_000
"""More spells than this are thinned evenly for distributions and regression, which lifelines fits slowly."""
AGE_UNIT = 10.0


@dataclass(frozen=True)
class RecoveryRate:
    """Recoveries a person-year in one band and year since the first certificate (``10+``: from ten on)."""

    band: str
    duration: str
    rate: Ratio


@dataclass(frozen=True)
class RecoveryGraduation:
    """Recoveries a person-year by age and duration, graduated in both directions.

    Attributes
    ----------
    ages, durations : int64
        First of the rows and of the columns, each consecutive; the last duration stands for all after it.
    exits, years : float64 (ages, durations)
    graduation : Graduation
        Of ``ln rate``.
    """

    ages: Int64
    durations: Int64
    exits: Float
    years: Float
    graduation: Graduation


@dataclass(frozen=True)
class DurationStudy:
    """What the history says of durations.

    Attributes
    ----------
    recovery_rates : tuple of RecoveryRate
    incidence : dict of str to Curve
        Aalen-Johansen: probability to have left by each cause.
    death_curves, recovery_curves : dict of str to Curve
        By band: Kaplan-Meier of death alone, Nelson-Aalen of recovery.
    models : dict of str to tuple of LifetimeModel
        By exit, best (least AIC) first.
    model_curves : dict of str to Curve
        By exit with a model: Kaplan-Meier of the same spells.
    regressions : dict of str to CoxModel
    graduation : RecoveryGraduation or None
    n_model_rows, n_regression_rows : int
        Spells in distributions (certificates that follow each other joined) and in the regression.
    notes : tuple of str
        What could not be estimated, and why.
    """

    recovery_rates: tuple[RecoveryRate, ...]
    incidence: dict[str, Curve]
    death_curves: dict[str, Curve]
    recovery_curves: dict[str, Curve]
    models: dict[str, tuple[LifetimeModel, ...]]
    model_curves: dict[str, Curve]
    regressions: dict[str, CoxModel]
    graduation: RecoveryGraduation | None
    n_model_rows: int
    n_regression_rows: int
    notes: tuple[str, ...]


@dataclass
class _Notes:
    """Estimates that the data do not carry become notes."""

    texts: list[str] = field(default_factory=list)

    def tried(self, what: str, estimate: Callable[[], Estimate]) -> Estimate | None:
        """The estimate, or a note and None."""
        try:
            return estimate()
        except EstimateError as error:
            note = text("{what}: {error} ({code})", what=what, error=error, code=error.code)
            if note not in self.texts:
                self.texts.append(note)
            return None


def duration_study(
    records: HistoryRecords,
    cells: ExposureCells,
    smoothing: tuple[float, float] | None,
    order: int,
) -> DurationStudy:
    """Study durations since the first certificate.

    Parameters
    ----------
    records : HistoryRecords
    cells : ExposureCells
        Of the same history.
    smoothing : (float, float), optional
        λ by age and by duration of the graduated recovery rates; default chosen.
    order : int
        Of their differences.
    """
    notes = _Notes()
    entry, exit_day = records.durations()
    incidence = _incidence(records, entry, exit_day, notes)
    by_band = {band: records.band == code for code, band in enumerate(BANDS)}
    deaths: dict[str, Curve] = {}
    recoveries: dict[str, Curve] = {}
    for band, own in by_band.items():
        if not own.any():
            continue
        for name, exit_code, curves, shape in (
            (text("death"), DEAD, deaths, kaplan_meier),
            (text("recovery"), RECOVERED, recoveries, nelson_aalen),
        ):
            cause = np.where(records.exit_reason[own] == exit_code, 0, -1).astype(np.int8)
            table = notes.tried(
                text("curve of {name}, band {band}", name=name, band=band),
                partial(risk_table, entry[own], exit_day[own], cause, 1),
            )
            if table is not None and table.days.size:
                curves[band] = shape(table)
    if len(records) > MOST_MODEL_ROWS:
        notes.texts.append(
            text(
                "distributions and regressions: evenly thinned to at most {most_model_rows} of {n_records} "
                "spells",
                most_model_rows=MOST_MODEL_ROWS,
                n_records=len(records),
            )
        )
    spells = _thinned(_joined(records))
    models, model_curves = _models(spells, notes)
    regressions, n_regression_rows = _regressions(records, notes)
    return DurationStudy(
        recovery_rates=_recovery_rates(cells),
        incidence=incidence,
        death_curves=deaths,
        recovery_curves=recoveries,
        models=models,
        model_curves=model_curves,
        regressions=regressions,
        graduation=notes.tried(
            text("graduated recovery rates"), partial(_graduated, cells, smoothing, order)
        ),
        n_model_rows=len(spells),
        n_regression_rows=n_regression_rows,
        notes=tuple(notes.texts),
    )


def _incidence(records: HistoryRecords, entry: Int64, exit_day: Int64, notes: _Notes) -> dict[str, Curve]:
    cause = np.full(len(records), -1, dtype=np.int8)
    for number, code in enumerate(COMPETING.values()):
        cause[records.exit_reason == code] = number
    table = notes.tried(
        text("cumulative incidence"), lambda: risk_table(entry, exit_day, cause, len(COMPETING))
    )
    if table is None or not table.days.size:
        return {}
    return dict(zip(COMPETING, aalen_johansen(table), strict=True))


def _recovery_rates(cells: ExposureCells) -> tuple[RecoveryRate, ...]:
    duration = grouped("duration", cells.duration)
    rates = []
    for code, band in enumerate(BANDS):
        for years in np.unique(duration[cells.band == code]):
            own = (cells.band == code) & (duration == years)
            label = f"{years}+" if years == LAST_DURATION else str(years)
            recovered = int(cells.exits[own, RECOVERED].sum())
            rates.append(RecoveryRate(band, label, ratio(recovered, float(cells.years[own].sum()))))
    return tuple(rates)


def _graduated(cells: ExposureCells, smoothing: tuple[float, float] | None, order: int) -> RecoveryGraduation:
    duration = grouped("duration", cells.duration)
    first_age, n_ages = int(cells.age.min()), int(np.ptp(cells.age)) + 1
    first, n_durations = int(duration.min()), int(np.ptp(duration)) + 1
    at = (cells.age - first_age) * n_durations + duration - first
    size, shape = n_ages * n_durations, (n_ages, n_durations)
    exits = _summed(at, cells.exits[:, RECOVERED], size).reshape(shape)
    years = (_summed(at, cells.days, size) / DAYS_IN_YEAR).reshape(shape)
    return RecoveryGraduation(
        ages=np.arange(first_age, first_age + n_ages),
        durations=np.arange(first, first + n_durations),
        exits=exits,
        years=years,
        graduation=graduated_ratio(exits, years, smoothing, order),
    )


def _summed(at: Int64, values: Int64, size: int) -> Float:
    """Sums of whole numbers by position."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, at, values)
    return sums.astype(np.float64)


def _thinned(records: HistoryRecords) -> HistoryRecords:
    """Spells in an order of their own, whatever that of the file; every k-th of very many."""
    order = np.lexsort(
        (
            records.exit_reason, records.band, records.sex, records.birth_date, records.exit_date,
            records.entry_date, records.first_certificate_date,
        )
    )  # fmt: skip
    return records.take(np.asarray(order[:: -(-len(records) // MOST_MODEL_ROWS)]))


def _joined(records: HistoryRecords) -> HistoryRecords:
    """Spells of a claim that follow each other by a certification as one spell, in the first one's band."""
    order = np.lexsort((records.entry_date, records.claim))
    sorted_ = records.take(order)
    follows = np.zeros(len(records), dtype=np.bool_)
    follows[1:] = (
        (sorted_.claim[1:] == sorted_.claim[:-1])
        & (sorted_.entry_date[1:] == sorted_.exit_date[:-1])
        & (sorted_.exit_reason[:-1] == DEGREE_CHANGED)
    )
    first = np.flatnonzero(~follows)
    last = np.append(first[1:], len(records)) - 1
    return replace(
        sorted_.take(first),
        exit_date=sorted_.exit_date[last],
        exit_reason=sorted_.exit_reason[last],
        band_to=sorted_.band_to[last],
    )


def _times(records: HistoryRecords) -> tuple[Float, Float]:
    entry, exit_day = records.durations()
    return entry / DAYS_IN_YEAR, exit_day / DAYS_IN_YEAR


def _models(
    spells: HistoryRecords, notes: _Notes
) -> tuple[dict[str, tuple[LifetimeModel, ...]], dict[str, Curve]]:
    entry, exit_time = _times(spells)
    models: dict[str, tuple[LifetimeModel, ...]] = {}
    curves: dict[str, Curve] = {}
    for name, code in STUDIED.items():
        is_exit = spells.exit_reason == code
        fits = [
            notes.tried(
                text("duration to {name}", name=name),
                partial(fitted_lifetime, family, entry, exit_time, is_exit),
            )
            for family in FAMILIES
        ]
        found = [fit for fit in fits if fit is not None]
        if found:
            models[name] = tuple(sorted(found, key=lambda fit: fit.aic))
            cause = np.where(is_exit, 0, -1).astype(np.int8)
            table = notes.tried(
                text("curve of {name}", name=name), partial(risk_table, *spells.durations(), cause, 1)
            )
            if table is not None and table.days.size:
                curves[name] = kaplan_meier(table)
    return models, curves


def _regressions(records: HistoryRecords, notes: _Notes) -> tuple[dict[str, CoxModel], int]:
    spells = _thinned(records)
    entry, exit_time = _times(spells)
    age = (spells.first_certificate_date.astype(np.float64) - spells.birth_date) / DAYS_IN_YEAR / AGE_UNIT
    regressions: dict[str, CoxModel] = {}
    for name, exit_code in STUDIED.items():
        is_exit = spells.exit_reason == exit_code
        # a reference with exits: without them every other band would be infinitely worse
        reference = int(np.argmax(np.bincount(spells.band[is_exit], minlength=len(BANDS))))
        classes: dict[str, NDArray[np.bool_]] = {text("female"): spells.sex == 1}
        for code, band in enumerate(BANDS):
            if code != reference:
                classes[text("band {band} against {reference}", band=band, reference=BANDS[reference])] = (
                    spells.band == code
                )
        fit = partial(fitted_cox, entry, exit_time, is_exit, {text("age, 10 years"): age}, classes)
        regression = notes.tried(text("regression of {name}", name=name), fit)
        if regression is not None:
            regressions[name] = regression
            notes.texts += [
                text("regression of {name}: {left_out}", name=name, left_out=left_out)
                for left_out in regression.left_out
            ]
    return regressions, len(spells)
