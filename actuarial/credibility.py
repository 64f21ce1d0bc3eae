"""Credibility: how far own experience is believed, and what it is blended with.

Bühlmann-Straub (one level), Jewell's hierarchical model (class → section → market) and limited fluctuation.
The formulas, with the published figures they reproduce, are in docs/credibility.md.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actuarial.error import ActuarialError
from actuarial.language import text

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

_TOLERANCE = 1e-12
_MOST_ROUNDS = 10_000
METHODS = ("unbiased", "iterative")


class CredibilityError(ActuarialError):
    """Data that carry no credibility estimate (E4701 - E4703)."""


@dataclass(frozen=True)
class BuhlmannStraub:
    """Estimates of r risks observed over n periods.

    Attributes
    ----------
    collective : float
        Mean of the risks, weighted by credibility (by weight where the risks do not differ).
    within_variance : float
        s², expected variance of one unit of weight.
    between_variance : float
        a, variance of the risks' true means; 0 where the estimator is negative.
    unbounded_between_variance : float
        The unbiased estimator before it is cut at 0.
    weight, mean : float64 (r,)
        Weight of each risk and its own mean; the mean of a risk without weight is NaN.
    credibility : float64 (r,) [1]
    estimate : float64 (r,)
        Blend of own mean and collective.
    mean_squared_error : float64 (r,)
        Of the estimate, the error of the collective included, that of s² and a not.
    """

    collective: float
    within_variance: float
    between_variance: float
    unbounded_between_variance: float
    weight: Float64
    mean: Float64
    credibility: Float64
    estimate: Float64
    mean_squared_error: Float64

    @property
    def are_alike(self) -> bool:
        """Whether the data show no difference between the risks: all get the collective."""
        return self.between_variance == 0.0

    def covariance(self) -> Float64:
        """Covariance of the errors of the estimates, float64 (r, r); they share the collective's error."""
        rest = 1.0 - self.credibility
        shared = _error_of_collective(
            self.credibility, self.weight, self.within_variance, self.between_variance
        )
        return np.diag(self.between_variance * rest) + shared * np.outer(rest, rest)


@dataclass(frozen=True)
class Hierarchical:
    """Estimates of r risks in g sections of one market.

    Attributes
    ----------
    market : float
    within_variance, between_variance, section_variance : float
        s² inside a risk, a between the risks of a section, b between sections; a and b not negative.
    sections : tuple
        Names of the sections in the order they first appear.
    section_of : int64 (r,)
        Position of each risk's section.
    weight, mean, credibility, estimate, mean_squared_error : float64 (r,)
        Of the risks, as in `BuhlmannStraub`; the complement is the estimate of the section.
    section_weight, section_mean, section_credibility, section_estimate : float64 (g,)
        The weight is the sum of the risks' credibility (of their weights where a = 0).
    section_mean_squared_error : float64 (g,)
    """

    market: float
    within_variance: float
    between_variance: float
    section_variance: float
    sections: tuple[Hashable, ...]
    section_of: Int64
    weight: Float64
    mean: Float64
    credibility: Float64
    estimate: Float64
    mean_squared_error: Float64
    section_weight: Float64
    section_mean: Float64
    section_credibility: Float64
    section_estimate: Float64
    section_mean_squared_error: Float64

    def covariance(self) -> Float64:
        """Covariance of the errors of the risks' estimates, float64 (r, r)."""
        noise = self.between_variance or self.within_variance
        shared = _error_of_collective(
            self.section_credibility, self.section_weight, noise, self.section_variance
        )
        left = 1.0 - self.section_credibility
        of_sections = np.diag(self.section_variance * left) + shared * np.outer(left, left)
        rest = 1.0 - self.credibility
        inherited = of_sections[np.ix_(self.section_of, self.section_of)] * np.outer(rest, rest)
        return np.diag(self.between_variance * rest) + inherited


@dataclass(frozen=True)
class LimitedFluctuation:
    """Classical credibility of a number of claims.

    Attributes
    ----------
    full_credibility_claims : float
        Claims from which experience is believed alone.
    credibility : float64, shape of the claims [1]
    """

    full_credibility_claims: float
    credibility: Float64


def buhlmann_straub(values: ArrayLike, weights: ArrayLike, *, method: str = "unbiased") -> BuhlmannStraub:
    """Return the Bühlmann-Straub estimates of risks observed over periods.

    ``z_i = w_i / (w_i + s²/a)``, ``estimate_i = z_i·mean_i + (1 - z_i)·m``, ``m = Σ z_i·mean_i / Σ z_i``.

    Parameters
    ----------
    values : array_like, shape (r, n)
        Ratio of each risk in each period (claims per worker-year, loss per tenge of payroll).
    weights : array_like, shape (r, n)
        Volume behind each ratio, not negative; 0 where nothing was observed, the value is then not read.
    method : {'unbiased', 'iterative'}
        Estimator of a: the unbiased one of Bühlmann and Straub, or the pseudo-estimator of Bichsel and
        Straub ``a = Σ z_i·(mean_i - m)² / (r - 1)``, which is never negative.

    Returns
    -------
    BuhlmannStraub

    Raises
    ------
    CredibilityError
        E4701 fewer than two risks with data, E4702 no risk with two periods, E4703 values that are not
        numbers or weights that are negative.

    References
    ----------
    Bühlmann, Gisler: A Course in Credibility Theory and its Applications, Springer 2005, §§ 4.2, 4.8, 4.9.

    Examples
    --------
    >>> found = buhlmann_straub([[1.0, 3.0], [6.0, 8.0]], [[1.0, 1.0], [1.0, 1.0]])
    >>> round(found.within_variance, 6), round(found.between_variance, 6), found.credibility.round(6).tolist()
    (2.0, 11.5, [0.92, 0.92])
    """
    if method not in METHODS:
        raise ValueError(text("method is one of {methods}", methods=METHODS))
    x, w = _checked(values, weights)
    s2, weight, mean = _within(x, w)
    has = weight > 0
    if has.sum() < 2:
        raise CredibilityError(
            "E4701",
            "credibility compares risks: {has} of {n_weight} have experience, at least 2 are needed; "
            "with one, take its own rate or a rate from outside",
            has=int(has.sum()),
            n_weight=len(weight),
        )
    unbounded = _between(mean[has], weight[has], s2)
    a = max(0.0, unbounded)
    if method == "iterative" and a > 0.0:
        a = _bichsel_straub(mean[has], weight[has], s2, a)
    z, collective, error = _blended(mean, weight, s2, a, has)
    complement = np.where(has, 1.0 - z, 1.0)
    own = np.where(has, mean, 0.0)
    return BuhlmannStraub(
        collective=collective,
        within_variance=s2,
        between_variance=a,
        unbounded_between_variance=unbounded,
        weight=weight,
        mean=mean,
        credibility=z,
        estimate=z * own + complement * collective,
        mean_squared_error=a * complement + complement**2 * error,
    )


def hierarchical(values: ArrayLike, weights: ArrayLike, section: Sequence[Hashable]) -> Hierarchical:
    """Return Jewell's hierarchical estimates: risks blend with their section, sections with the market.

    The estimators of a and b are those of Bühlmann and Gisler: for each section (for the market) the
    unbiased one, cut at 0, then their mean. Where a = 0 the risks of a section do not differ and the
    sections are compared by weight: the limit of the formulas as a → 0.

    Parameters
    ----------
    values, weights : array_like, shape (r, n)
        As in `buhlmann_straub`.
    section : sequence of r names

    Returns
    -------
    Hierarchical

    Raises
    ------
    CredibilityError
        E4701 fewer than two sections with data or no section with two risks, E4702, E4703 as in
        `buhlmann_straub`.

    References
    ----------
    Bühlmann, Gisler 2005, ch. 6. The same estimators as method "Buhlmann-Gisler" of ``cm`` in the R package
    actuar (Goulet et al.).
    """
    x, w = _checked(values, weights)
    if len(section) != len(x):
        raise CredibilityError(
            "E4703",
            "{n_x} rows of values and {n_section} sections: one a row",
            n_x=len(x),
            n_section=len(section),
        )
    s2, weight, mean = _within(x, w)
    names = tuple(dict.fromkeys(section))
    of = np.array([names.index(name) for name in section], dtype=np.int64)
    has = weight > 0
    members = [np.flatnonzero((of == g) & has) for g in range(len(names))]
    compared = [rows for rows in members if rows.size > 1]
    n_sections = sum(rows.size > 0 for rows in members)
    if n_sections < 2 or not compared:
        raise CredibilityError(
            "E4701",
            "a hierarchy needs two sections with experience and one of them with two risks: found "
            "{n_sections} and {n_compared}; use one level instead",
            n_sections=n_sections,
            n_compared=len(compared),
        )
    a = float(np.mean([max(0.0, _between(mean[rows], weight[rows], s2)) for rows in compared]))
    z = _factor(weight, s2, a)
    # with a = 0 the factors vanish in proportion to the weights, and a/z stays s²/w
    volume, noise = (z, a) if a > 0.0 else (weight, s2)
    section_volume = np.array([volume[rows].sum() for rows in members])
    section_mean = np.array([_average(mean[rows], volume[rows]) if rows.size else np.nan for rows in members])
    has_section = np.array([rows.size > 0 for rows in members])
    b = max(0.0, _between(section_mean[has_section], section_volume[has_section], noise))
    section_z, market, error = _blended(section_mean, section_volume, noise, b, has_section)
    rest = 1.0 - section_z
    section_estimate = section_z * np.where(has_section, section_mean, 0.0) + rest * market
    section_error = b * rest + rest**2 * error
    complement = 1.0 - z
    return Hierarchical(
        market=market,
        within_variance=s2,
        between_variance=a,
        section_variance=b,
        sections=names,
        section_of=of,
        weight=weight,
        mean=mean,
        credibility=z,
        estimate=z * np.where(has, mean, 0.0) + complement * section_estimate[of],
        mean_squared_error=a * complement + complement**2 * section_error[of],
        section_weight=section_volume,
        section_mean=section_mean,
        section_credibility=section_z,
        section_estimate=section_estimate,
        section_mean_squared_error=section_error,
    )


def limited_fluctuation(
    n_claims: ArrayLike, *, probability: float, tolerance: float, severity_variation: float = 0.0
) -> LimitedFluctuation:
    """Return the classical credibility of numbers of claims.

    Full credibility from ``n₀ = (y/k)²·(1 + c²)`` claims on, y the normal quantile of (1 + P)/2; below it
    ``Z = sqrt(n/n₀)``.

    Parameters
    ----------
    n_claims : array_like [1], not negative
    probability : float
        P, that the observed rate lies within the tolerance of the expected one.
    tolerance : float
        k, as a fraction of the expected rate.
    severity_variation : float
        c, coefficient of variation of a claim's size; 0 for frequencies alone.

    Returns
    -------
    LimitedFluctuation

    Raises
    ------
    CredibilityError
        E4703 a probability outside (0, 1), a tolerance not above 0, a negative count or variation.

    References
    ----------
    Longley-Cook: An introduction to credibility theory, PCAS XLIX (1962): 1 082 claims for P = 0.90 and
    k = 0.05.

    Examples
    --------
    >>> round(limited_fluctuation([0], probability=0.90, tolerance=0.05).full_credibility_claims)
    1082
    """
    claims = np.asarray(n_claims, dtype=np.float64)
    sound = 0.0 < probability < 1.0 and tolerance > 0.0 and severity_variation >= 0.0
    if not sound or not bool(np.all(claims >= 0.0)):
        raise CredibilityError(
            "E4703",
            "limited fluctuation takes a probability between 0 and 1, a tolerance above 0, and counts "
            "and a variation that are not negative; found {probability}, {tolerance}, "
            "{severity_variation}",
            probability=probability,
            tolerance=tolerance,
            severity_variation=severity_variation,
        )
    quantile = NormalDist().inv_cdf((1.0 + probability) / 2.0)
    full = (quantile / tolerance) ** 2 * (1.0 + severity_variation**2)
    return LimitedFluctuation(full, np.minimum(1.0, np.sqrt(claims / full)))


def _checked(values: ArrayLike, weights: ArrayLike) -> tuple[Float64, Float64]:
    """Values and weights as matrices, the values without weight as 0."""
    x, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if x.ndim != 2 or x.shape != w.shape:
        raise CredibilityError(
            "E4703",
            "values and weights are two tables, risks by periods: found {values} and {weights}",
            values=x.shape,
            weights=w.shape,
        )
    if not bool(np.all((w >= 0.0) & np.isfinite(w))):
        raise CredibilityError("E4703", "weights are numbers that are not negative")
    if not bool(np.all(np.isfinite(x[w > 0.0]))):
        raise CredibilityError("E4703", "every value with a weight must be a number")
    return np.where(w > 0.0, x, 0.0), w


def _within(x: Float64, w: Float64) -> tuple[float, Float64, Float64]:
    """Variance inside the risks, weight and mean of each."""
    weight = w.sum(axis=1)
    has = weight > 0
    mean = np.full(len(x), np.nan)
    mean[has] = (w[has] * x[has]).sum(axis=1) / weight[has]
    freedom = int((w > 0).sum() - has.sum())
    if freedom < 1:
        raise CredibilityError(
            "E4702",
            "no risk has experience of two periods: the variance inside a risk cannot be told from the "
            "variance between risks; give more years",
        )
    squares = (w[has] * (x[has] - mean[has, None]) ** 2).sum()
    return float(squares) / freedom, weight, mean


def _between(mean: Float64, volume: Float64, noise: float) -> float:
    """Unbiased variance between true means; the variance of an observed one is that plus noise/volume."""
    total = volume.sum()
    average = _average(mean, volume)
    spread = float((volume * (mean - average) ** 2).sum()) - (len(mean) - 1) * noise
    return spread / float(total - (volume**2).sum() / total)


def _bichsel_straub(mean: Float64, weight: Float64, s2: float, start: float) -> float:
    """Fixed point of a = Σ z (mean - m)² / (r - 1), from the unbiased estimator on."""
    a = start
    for _ in range(_MOST_ROUNDS):
        z = _factor(weight, s2, a)
        found = float((z * (mean - _average(mean, z)) ** 2).sum()) / (len(mean) - 1)
        if abs(found - a) <= _TOLERANCE * found or found == 0.0:
            return found
        a = found
    raise CredibilityError("E4702", "the iterative estimator does not settle: use the unbiased one")


def _factor(volume: Float64, noise: float, between: float) -> Float64:
    """Credibility factors volume / (volume + noise/between), without dividing by 0."""
    known = volume * between
    return np.divide(known, known + noise, out=np.zeros_like(known), where=known + noise > 0.0)


def _blended(
    mean: Float64, volume: Float64, noise: float, between: float, has: NDArray[np.bool_]
) -> tuple[Float64, float, float]:
    """Credibility factors, collective mean, and the mean squared error of the collective."""
    z = _factor(volume, noise, between)
    weights = z if between > 0.0 else volume
    collective = _average(mean[has], weights[has])
    return z, collective, _error_of_collective(z, volume, noise, between)


def _error_of_collective(z: Float64, volume: Float64, noise: float, between: float) -> float:
    """Mean squared error of the collective mean."""
    return between / float(z.sum()) if between > 0.0 else noise / float(volume.sum())


def _average(values: Float64, weights: Float64) -> float:
    return float((weights * values).sum() / weights.sum())
