"""Systematic drivers of a simulation: what happens to everyone in a scenario at once.

The basis names the drivers that act and their spread (docs/simulate.md): a parallel shift of the yield, the
growth of МРП, МЗП, ПМ, wages and prices, the level and trend of mortality, the odds of recovery. All are
normal or lognormal, correlated as the basis says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import DRIVERS, Basis, SimulationDrivers
from actuarial.error import BasisError
from actuarial.kernels import random
from actuarial.payout_law import PayoutLaw
from actuarial.random_key import key_of

Float = NDArray[np.float64]
GROWTH = ("mci", "minimum_wage", "subsistence_minimum", "wages", "prices")
"""Series of amounts in the order of `DriverPaths.growth`."""
FINANCIAL = ("yield_shift", *GROWTH)
"""Drivers of financial risk: yields, and what payments are indexed with."""
_ENACTED = ("mci", "minimum_wage", "subsistence_minimum")
_SMALLEST_EIGENVALUE = -1e-9
_YEARS_OF_CONTROL = 10


@dataclass(frozen=True)
class DriverPaths:
    """Values of the drivers by scenario; an axis of length 1 where a driver does not act.

    Attributes
    ----------
    first_scenario : int
    normals : float64 (s, 9)
        Standard normal level of each driver of `basis.DRIVERS`.
    innovations : float64 (s, 5, years)
        Standard normal deviation of each series in each calendar year from the valuation year; (s, 5, 0)
        where no series has yearly deviations.
    yield_shift : float64 (s,) or (1,)
        Added to the annual effective spot rate of every term.
    growth : float64 (s, 5, years) or (1, 5, years)
        Factor on the amount of the basis by calendar year from the valuation year, for each of `GROWTH`.
    force : float64 (s, 1), (s, years) or (1, 1)
        Factor on the force of mortality, by year from payment 0.
    recovery_odds : float64 (s,) or (1,)
        Factor on the odds of recovery at a certification.
    """

    first_scenario: int
    normals: Float
    innovations: Float
    yield_shift: Float
    growth: Float
    force: Float
    recovery_odds: Float

    def __len__(self) -> int:
        """Return the number of scenarios."""
        return int(self.normals.shape[0])

    def rows(self, start: int, stop: int) -> DriverPaths:
        """Scenarios ``start … stop`` of these."""

        def cut(array: Float) -> Float:
            return array if array.shape[0] == 1 else array[start:stop]

        return DriverPaths(
            self.first_scenario + start,
            self.normals[start:stop],
            self.innovations[start:stop],
            cut(self.yield_shift),
            cut(self.growth),
            cut(self.force),
            cut(self.recovery_odds),
        )

    def without_financial(self) -> DriverPaths:
        """These scenarios with the yield and every growth as the basis has them."""
        return replace(self, yield_shift=np.zeros(1), growth=np.ones((1, *self.growth.shape[1:])))

    def controls(self, acting: tuple[str, ...]) -> Float:
        """Quantities of mean 0 that explain the outcome: levels, their squares less 1, early innovations.

        ``acting`` names the drivers; shape (s, c).
        """
        columns = []
        for name in acting:
            z = self.normals[:, DRIVERS.index(name)]
            columns += [z, z * z - 1.0]
            if name in GROWTH and self.innovations.shape[2]:
                early = self.innovations[:, GROWTH.index(name), 1 : 1 + _YEARS_OF_CONTROL]
                columns.append(early.mean(axis=1))
        return np.stack(columns, axis=1) if columns else np.empty((len(self), 0))


class DriverModel:
    """Distribution of the drivers of one basis.

    Raises
    ------
    BasisError
        E4401 the correlations cannot hold together.
    """

    def __init__(self, basis: Basis, valuation_date: date, n_years: int, law: PayoutLaw) -> None:
        """Prepare the drivers of a basis for ``n_years`` calendar years from the valuation year."""
        settings = basis.assumptions.simulation or SimulationDrivers()
        self.n_years = n_years
        self.yield_shift = settings.yield_shift
        self.mortality = settings.mortality
        self.recovery = settings.recovery.level
        self.level = np.zeros(len(GROWTH))
        self.year = np.zeros(len(GROWTH))
        self.first_free = np.ones(len(GROWTH), dtype=np.int64)
        for g, name in enumerate(GROWTH):
            deviation = getattr(settings.growth, name)
            if deviation is not None:
                self.level[g], self.year[g] = deviation.level, deviation.year
            if name in _ENACTED:
                enacted = law.series(name).last_year - valuation_date.year
                self.first_free[g] = max(enacted, 0) + 1
        self.correlation = _correlation(settings)
        self._level_root = _root(self.correlation)
        series = [DRIVERS.index(name) for name in GROWTH]
        self._year_correlation = self.correlation[np.ix_(series, series)]
        self._year_root = _root(self._year_correlation)

        self.acting = drivers_named(basis)

    def paths(
        self, first: int, count: int, seed: int, *, antithetic: bool = False, replica: int = 0
    ) -> DriverPaths:
        """Drivers of the scenarios ``first … first + count``.

        With ``antithetic`` scenarios 2p and 2p + 1 have opposite normals. Another ``replica`` is an
        independent drawing of the same scenarios.
        """
        from scipy.special import ndtri

        base = first // 2 if antithetic else first
        rows = (first + count + 1) // 2 - base if antithetic else count
        width = len(DRIVERS) + (len(GROWTH) * self.n_years if self.year.any() else 0)
        chances = np.empty((rows, width))
        random.fill_uniform(base, replica, seed, key_of("systematic drivers"), chances)
        z = ndtri(chances)
        if antithetic:
            scenario = np.arange(first, first + count)
            z = z[scenario // 2 - base] * np.where(scenario % 2 == 0, 1.0, -1.0)[:, None]
        normals = np.einsum("sj,ij->si", z[:, : len(DRIVERS)], self._level_root)
        yearly = z[:, len(DRIVERS) :].reshape(count, -1, len(GROWTH))
        innovations = np.einsum("syj,ij->siy", yearly, self._year_root)
        return self._values(first, normals, innovations)

    def given(self, frozen: str, paths: DriverPaths, others: DriverPaths) -> DriverPaths:
        """Paths with one driver as in ``paths`` and the rest drawn anew, given that driver.

        The rest is conditioned as normal variables are: ``z' + c · (z_k - z'_k)``, c the correlation with k.
        """
        k = DRIVERS.index(frozen)
        gap = paths.normals[:, k] - others.normals[:, k]
        normals = others.normals + gap[:, None] * self.correlation[k][None, :]
        innovations = others.innovations
        if frozen in GROWTH and innovations.shape[2]:
            g = GROWTH.index(frozen)
            gap_year = paths.innovations[:, g, :] - innovations[:, g, :]
            innovations = innovations + gap_year[:, None, :] * self._year_correlation[g][None, :, None]
        return self._values(paths.first_scenario, normals, innovations)

    def is_independent(self, name: str, source: str) -> bool:
        """Whether a driver is independent of a source of uncertainty, another driver or the single lives."""
        if source not in DRIVERS:
            return True
        return name != source and float(self.correlation[DRIVERS.index(name), DRIVERS.index(source)]) == 0.0

    def none(self, first: int, count: int) -> DriverPaths:
        """Paths on which no driver acts."""
        years = max(self.n_years, 1)
        return DriverPaths(
            first,
            normals=np.zeros((count, len(DRIVERS))),
            innovations=np.zeros((count, len(GROWTH), 0)),
            yield_shift=np.zeros(1),
            growth=np.ones((1, len(GROWTH), years)),
            force=np.ones((1, 1)),
            recovery_odds=np.ones(1),
        )

    def _values(self, first: int, normals: Float, innovations: Float) -> DriverPaths:
        count = normals.shape[0]
        shift, growth, force, odds = np.zeros(1), np.ones((1, len(GROWTH), max(self.n_years, 1))), None, None
        if self.yield_shift:
            shift = self.yield_shift * normals[:, DRIVERS.index("yield_shift")]
        if self.level.any() or self.year.any():
            logs = np.zeros((count, len(GROWTH), max(self.n_years, 1)))
            for g, name in enumerate(GROWTH):
                free = slice(int(self.first_free[g]), None)
                logs[:, g, free] = (self.level[g] * normals[:, DRIVERS.index(name)])[:, None]
                if innovations.shape[2]:
                    logs[:, g, free] += self.year[g] * innovations[:, g, free]
            growth = np.exp(np.cumsum(logs, axis=2))
        if self.mortality.level or self.mortality.trend:
            level, trend = self.mortality.level, self.mortality.trend
            log = level * normals[:, DRIVERS.index("mortality_level")] - level * level / 2
            force = np.exp(log)[:, None]
            if trend:
                slope = trend * normals[:, DRIVERS.index("mortality_trend")]
                force = force * np.exp(slope[:, None] * np.arange(max(self.n_years, 1)))
        if self.recovery:
            odds = np.exp(self.recovery * normals[:, DRIVERS.index("recovery_level")])
        return DriverPaths(
            first,
            normals,
            innovations,
            shift,
            growth,
            np.ones((1, 1)) if force is None else force,
            np.ones(1) if odds is None else odds,
        )


def drivers_named(basis: Basis) -> tuple[str, ...]:
    """Drivers to which a basis gives a spread, in the order of `basis.DRIVERS`."""
    settings = basis.assumptions.simulation or SimulationDrivers()
    spread = {
        "yield_shift": settings.yield_shift,
        "mortality_level": settings.mortality.level,
        "mortality_trend": settings.mortality.trend,
        "recovery_level": settings.recovery.level,
    }
    for name in GROWTH:
        deviation = getattr(settings.growth, name)
        spread[name] = 0.0 if deviation is None else deviation.level + deviation.year
    return tuple(name for name in DRIVERS if spread[name] > 0)


def _correlation(settings: SimulationDrivers) -> Float:
    """Correlation matrix of the drivers; refuses one that cannot be."""
    matrix = np.eye(len(DRIVERS))
    seen: set[frozenset[str]] = set()
    for entry in settings.correlation:
        pair = frozenset(entry.between)
        if pair in seen:
            one, other = entry.between
            raise BasisError("E4401", "simulation.correlation: {one} and {other} twice", one=one, other=other)
        seen.add(pair)
        i, j = (DRIVERS.index(name) for name in entry.between)
        matrix[i, j] = matrix[j, i] = entry.value
    least = float(np.linalg.eigvalsh(matrix)[0])
    if least < _SMALLEST_EIGENVALUE:
        raise BasisError(
            "E4401",
            "simulation.correlation: these correlations cannot hold together (smallest eigenvalue "
            "{least:.4f} of the matrix is negative): bring some of them nearer to 0",
            least=least,
        )
    return matrix


def _root(matrix: Float) -> Float:
    """Symmetric square root of a correlation matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def recovered_more(matrices: Float, odds: Float) -> Float:
    """Certification matrices whose odds of recovery are multiplied, the other moves in proportion.

    Parameters
    ----------
    matrices : float64 (m, 4, 5)
        Rows from A … D, columns to A … D and R.
    odds : float64 (s,)

    Returns
    -------
    float64 (s, m, 4, 5)
        ``r' = r·o / (1 - r + r·o)``; the rest times ``(1 - r') / (1 - r)``.
    """
    recovery = matrices[None, ..., -1]
    factor = odds[:, None, None]
    more = recovery * factor / (1.0 - recovery + recovery * factor)
    rest = np.where(recovery < 1.0, (1.0 - more) / np.where(recovery < 1.0, 1.0 - recovery, 1.0), 0.0)
    return np.concatenate([matrices[None, ..., :-1] * rest[..., None], more[..., None]], axis=-1)
