"""Deaths against a table: A/E by every dimension, multipliers by band, graduation by age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

import mortality
from actuarial.basis import Basis
from actuarial.experience.choice import StudyError
from actuarial.experience.exposure import DAYS_IN_YEAR, ExposureCells
from actuarial.experience.record import DEAD
from actuarial.language import number, text
from actuarial.record import BANDS, SEXES
from mortality.estimate import EstimateError, Ratio, force_of_mortality, limited_fluctuation, ratio
from mortality.graduate import Graduation, graduated_ratio

Float = NDArray[np.float64]
Int64 = NDArray[np.int64]

AGE_GROUP = 5
LAST_DURATION = 10
"""Durations from here on stand together."""
LARGEST_MULTIPLIER = 50.0
"""What a basis takes."""
MID_YEAR = (7, 1)
SEX_NAMES = {"male": text("male"), "female": text("female")}
SEX_GROUPS = {"male": text("males"), "female": text("females")}
_GROUPS: dict[str, Callable[[int], str]] = {
    "sex": lambda code: SEX_NAMES[SEXES[code]],
    "band": lambda code: BANDS[code],
    "age": lambda age: f"{age}-{age + AGE_GROUP - 1}",
    "duration": lambda years: f"{years}+" if years == LAST_DURATION else str(years),
    "year": str,
}


@dataclass(frozen=True)
class ActualExpected:
    """Deaths of one group.

    Attributes
    ----------
    dimension, group : str
        ``all`` for the whole history.
    years : float
        Person-years.
    by_table, by_basis : Ratio
        Against the table alone, and with the multipliers of the prior basis.
    """

    dimension: str
    group: str
    years: float
    by_table: Ratio
    by_basis: Ratio


@dataclass(frozen=True)
class MultiplierEstimate:
    """Multiplier of the table for one band.

    Attributes
    ----------
    band : str
    years : float
    observed : Ratio
        Deaths over those expected by the table alone: the maximum of the likelihood, exact limits.
    credibility : float [1]
        Z of the choice ``multipliers``.
    prior, fitted : float
        Multiplier of the prior basis, and the one of the new basis.
    """

    band: str
    years: float
    observed: Ratio
    credibility: float
    prior: float
    fitted: float


@dataclass(frozen=True)
class GraduatedTable:
    """Graduated deaths of one sex.

    Attributes
    ----------
    sex : str
    first_age : int
    deaths, expected : float64 (n,)
        By age; expected by the table with the fitted multipliers.
    graduation : Graduation
    qx : float64
        For all ages of the table it refers to; outside the ages observed the ratio of the nearest age holds.
    """

    sex: str
    first_age: int
    deaths: Float
    expected: Float
    graduation: Graduation
    qx: Float


def expected_deaths(cells: ExposureCells, basis: Basis) -> Float:
    """Return the deaths expected in each cell by the tables of a basis, multipliers left out.

    ``person-years · -ln(1 - q) · (1 - improvement)^(months/12)``, the months from the middle of the table's
    period to 1 July of the calendar year.

    Raises
    ------
    StudyError
        E6221 an age outside the tables.
    """
    expected = np.zeros(len(cells.days))
    improvement = basis.assumptions.mortality.improvement
    for code, sex in enumerate(SEXES):
        own = cells.sex == code
        if not own.any():
            continue
        table, age = basis.tables[sex], cells.age[own]
        if age.min() < table.first_age or age.max() >= table.last_age:
            raise StudyError(
                "E6221",
                "ages {youngest}-{oldest} of {people} are observed; table {id} has a force of mortality at "
                "{first_age}-{last_age} only: take a longer one",
                youngest=age.min(),
                oldest=age.max(),
                people=SEX_GROUPS[sex],
                id=table.id,
                first_age=table.first_age,
                last_age=table.last_age - 1,
            )
        force = force_of_mortality(table.qx)[age - table.first_age]
        if improvement and table.period_middle is not None:
            for year in np.unique(cells.year[own]):
                months = mortality.completed_months(table.period_middle, date(int(year), *MID_YEAR))
                here = cells.year[own] == year
                force[here] *= mortality.improvement_factor(improvement, [months])[0]
        expected[own] = force * cells.years[own]
    return expected


def multipliers_of(basis: Basis) -> Float:
    """Multipliers by band, shape (4,)."""
    own = basis.assumptions.mortality.multiplier
    return np.array([getattr(own, band) for band in BANDS])


def actual_expected(cells: ExposureCells, expected: Float, basis: Basis) -> tuple[ActualExpected, ...]:
    """Deaths over expected ones: all together, then by sex, band, age, duration, calendar year."""
    deaths = cells.exits[:, DEAD]
    by_basis = expected * multipliers_of(basis)[cells.band]

    def row(dimension: str, group: str, own: NDArray[np.bool_]) -> ActualExpected:
        d = int(deaths[own].sum())
        return ActualExpected(
            dimension,
            group,
            float(cells.days[own].sum() / DAYS_IN_YEAR),
            _ratio(d, float(expected[own].sum())),
            _ratio(d, float(by_basis[own].sum())),
        )

    rows = [row("all", text("all"), np.ones(len(deaths), dtype=np.bool_))]
    for dimension, label in _GROUPS.items():
        key = grouped(dimension, cells.key(dimension))
        rows += [row(dimension, label(int(value)), key == value) for value in np.unique(key)]
    return tuple(rows)


def grouped(dimension: str, values: Int64) -> Int64:
    """Ages in fives, long durations together, the rest as it is."""
    if dimension == "age":
        return values // AGE_GROUP * AGE_GROUP
    return np.minimum(values, LAST_DURATION) if dimension == "duration" else values


def _ratio(events: int, base: float) -> Ratio:
    """A ratio; infinite where a basis expects nobody to die and somebody has."""
    if events and not base > 0.0:
        return Ratio(events, base, np.inf, np.nan, np.inf)
    return ratio(events, base)


def estimated_multipliers(
    cells: ExposureCells, expected: Float, basis: Basis, choice: str
) -> tuple[MultiplierEstimate, ...]:
    """Return the multipliers of the table by band.

    Parameters
    ----------
    cells : ExposureCells
    expected : float64, shape (m,)
        By the table alone (`expected_deaths`).
    basis : Basis
        The prior.
    choice : {'limited_fluctuation', 'observed', 'prior'}

    Raises
    ------
    StudyError
        E6223 a multiplier beyond what a basis takes, or 0 deaths taken as a multiplier of 0.
    """
    estimates = []
    prior = multipliers_of(basis)
    for code, band in enumerate(BANDS):
        own = cells.band == code
        deaths = int(cells.exits[own, DEAD].sum())
        observed = ratio(deaths, float(expected[own].sum()))
        z = {"limited_fluctuation": limited_fluctuation(deaths), "observed": 1.0, "prior": 0.0}[choice]
        if observed.base == 0.0:
            z = 0.0
        elif choice == "observed" and deaths == 0:
            raise StudyError(
                "E6223",
                "band {band}: no death in {years} person-years; a multiplier of 0 would say that nobody "
                "dies: take --choice multipliers=limited_fluctuation, or prior",
                band=band,
                years=number(float(cells.years[own].sum()), 1),
            )
        fitted = z * observed.value + (1.0 - z) * prior[code] if z else float(prior[code])
        if fitted > LARGEST_MULTIPLIER:
            raise StudyError(
                "E6223",
                "band {band}: the multiplier is {fitted}, a basis takes at most {largest_multiplier:g}: "
                "check the dates of death and the table, or take --choice multipliers=prior",
                band=band,
                fitted=number(fitted, 1),
                largest_multiplier=LARGEST_MULTIPLIER,
            )
        years = float(cells.days[own].sum() / DAYS_IN_YEAR)
        estimates.append(
            MultiplierEstimate(band, years, observed, float(z), float(prior[code]), round(float(fitted), 6))
        )
    return tuple(estimates)


def graduated_table(
    cells: ExposureCells,
    expected: Float,
    multipliers: tuple[MultiplierEstimate, ...],
    basis: Basis,
    sex: str,
    smoothing: float | None,
    order: int,
) -> GraduatedTable:
    """Graduate the deaths of one sex by age, relative to the table with the fitted multipliers.

    Raises
    ------
    mortality.estimate.EstimateError
        E6206, E6207 as `mortality.graduate.graduated_ratio`.
    """
    own = cells.sex == SEXES.index(sex)
    if not own.any():
        raise EstimateError("E6207", text("no {people} in the history", people=SEX_GROUPS[sex]))
    factor = np.array([m.fitted for m in multipliers])
    first, last = int(cells.age[own].min()), int(cells.age[own].max())
    deaths, base = np.zeros(last - first + 1), np.zeros(last - first + 1)
    np.add.at(deaths, cells.age[own] - first, cells.exits[own, DEAD])
    np.add.at(base, cells.age[own] - first, (expected * factor[cells.band])[own])
    graduation = graduated_ratio(deaths, base, smoothing, order)
    table = basis.tables[sex]
    ages = np.arange(table.first_age, table.last_age + 1)
    theta = graduation.theta[np.clip(ages, first, last) - first]
    qx = -np.expm1(-force_of_mortality(table.qx) * np.exp(theta))
    return GraduatedTable(sex, first, deaths, base, graduation, qx)
