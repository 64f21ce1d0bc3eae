"""Frequency of each kind of claim by class: own experience, blended by credibility with what is alike.

Numbers known at the valuation date are compared with an exposure that is made smaller for what is still to be
reported, and brought to the day the rate is meant for; so a young year weighs what it can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actuarial.claim_record import KIND_NAMES
from actuarial.credibility import CredibilityError, buhlmann_straub, hierarchical
from actuarial.language import text
from actuarial.premium.book import CLASSES

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class KindFrequency:
    """Frequency of one kind by class, at the level of the rated day.

    Attributes
    ----------
    kind : int
    claims : float64 (CLASSES, n)
        Reported, by experience year.
    exposure : float64 (CLASSES, n)
        Worker-years (KZT of payroll), made smaller by the share not yet reported, and trended.
    own : float64 (CLASSES,)
        Claims over exposure; NaN where the class has no exposure.
    own_low, own_high : float64 (CLASSES,)
        Exact Poisson limits of ``own``.
    credibility, estimate, mean_squared_error : float64 (CLASSES,)
    covariance : float64 (CLASSES, CLASSES)
        Of the errors of the estimates.
    collective : float
        Of the book; of actual over market claims where the market's frequencies are given.
    method : str
        one_level, hierarchical, collective (nothing to compare), market or none (no claim at all).
    notes : tuple of str
    """

    kind: int
    claims: Float64
    exposure: Float64
    own: Float64
    own_low: Float64
    own_high: Float64
    credibility: Float64
    estimate: Float64
    mean_squared_error: Float64
    covariance: Float64
    collective: float
    method: str
    notes: tuple[str, ...]


def poisson_limits(counts: Float64, level: float) -> tuple[Float64, Float64]:
    """Exact confidence limits of Poisson means from counts (Garwood 1936).

    Examples
    --------
    >>> low, high = poisson_limits(np.array([0.0, 10.0]), 0.95)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 4.7954], [3.6889, 18.3904])
    """
    from scipy.stats import chi2

    tail = (1.0 - level) / 2.0
    low = np.where(counts > 0, chi2.ppf(tail, 2.0 * np.maximum(counts, 0.5)) / 2.0, 0.0)
    return low, np.asarray(chi2.ppf(1.0 - tail, 2.0 * (counts + 1.0)) / 2.0)


def kind_frequency(
    kind: int,
    claims: Float64,
    exposure: Float64,
    *,
    level: float,
    sections: Mapping[str, list[int]] | None = None,
    market: Mapping[int, float] | None = None,
) -> KindFrequency:
    """Return the frequency of one kind of claim by class.

    Parameters
    ----------
    kind : int
    claims, exposure : float64 (CLASSES, n)
        See `KindFrequency`.
    level : float
        Of the Poisson limits.
    sections : mapping of str to list of int, optional
        Classes by section: credibility then goes class → section → market.
    market : mapping of int to float, optional
        Frequency of each class from outside: credibility then acts on actual over expected, and its
        complement is the market's frequency times the book's ratio.

    Notes
    -----
    Where experience cannot carry a comparison of classes (one class, one year, no claim), all classes get the
    collective, and the notes say so.
    """
    name = KIND_NAMES[kind]
    total, volume = claims.sum(axis=1), exposure.sum(axis=1)
    has = volume > 0
    own = np.full(CLASSES, np.nan)
    own[has] = total[has] / volume[has]
    limits = [np.full(CLASSES, np.nan) for _ in range(2)]
    for limit, bound in zip(limits, poisson_limits(total, level), strict=True):
        limit[has] = bound[has] / volume[has]
    prior = np.ones(CLASSES) if market is None else np.array([market[k + 1] for k in range(CLASSES)])
    weights = exposure * prior[:, None]
    values = np.divide(claims, weights, out=np.zeros_like(claims), where=weights > 0)
    z, ratio, covariance, collective, method, notes = _blend(
        name, values, weights, float(total.sum()), sections, market is not None
    )
    scaled = covariance * np.outer(prior, prior)
    return KindFrequency(
        kind=kind,
        claims=claims,
        exposure=exposure,
        own=own,
        own_low=limits[0],
        own_high=limits[1],
        credibility=z,
        estimate=ratio * prior,
        mean_squared_error=np.diag(scaled).copy(),
        covariance=scaled,
        collective=collective,
        method=method,
        notes=tuple(notes),
    )


def _blend(
    name: str,
    values: Float64,
    weights: Float64,
    n_claims: float,
    sections: Mapping[str, list[int]] | None,
    has_market: bool,
) -> tuple[Float64, Float64, Float64, float, str, list[str]]:
    """Credibility factors, estimates, covariance, collective, method and notes."""
    nothing = np.zeros(CLASSES)
    volume = float(weights.sum())
    if n_claims == 0:
        high = float(poisson_limits(np.zeros(1), 0.95)[1][0]) / volume
        if has_market:
            note = text("no claim of kind {name}: the market's frequencies stand as they are", name=name)
            return nothing, np.ones(CLASSES), np.zeros((CLASSES, CLASSES)), 1.0, "market", [note]
        note = text(
            "no claim of kind {name}: its cost is 0 in every rate below, though up to {high:.3g} a unit "
            "of exposure would agree with that (upper 97.5 % limit); give market_frequency for the kind",
            name=name,
            high=high,
        )
        return nothing, nothing, np.zeros((CLASSES, CLASSES)), 0.0, "none", [note]
    notes: list[str] = []
    try:
        if sections is not None:
            of = {number: section for section, numbers in sections.items() for number in numbers}
            tree = hierarchical(values, weights, [of[k + 1] for k in range(CLASSES)])
            if tree.between_variance == 0.0:
                notes.append(
                    text(
                        "{name}: classes of a section do not differ by more than chance would make them: "
                        "each class gets the estimate of its section",
                        name=name,
                    )
                )
            return tree.credibility, tree.estimate, tree.covariance(), tree.market, "hierarchical", notes
        flat = buhlmann_straub(values, weights)
        if flat.are_alike:
            notes.append(
                text(
                    "{name}: classes do not differ by more than chance would make them (between-variance "
                    "{unbounded_between_variance:.3g}, taken as 0): every class gets the collective",
                    name=name,
                    unbounded_between_variance=flat.unbounded_between_variance,
                )
            )
        return flat.credibility, flat.estimate, flat.covariance(), flat.collective, "one_level", notes
    except CredibilityError as error:
        mean = n_claims / volume
        notes.append(
            text(
                "{name}: every class gets the book's frequency, and the intervals hold its error alone, not "
                "how classes differ: {error}",
                name=name,
                error=error,
            )
        )
        # Poisson: variance of the pooled ratio
        return (
            nothing,
            np.full(CLASSES, mean),
            np.full((CLASSES, CLASSES), mean / volume),
            mean,
            "collective",
            notes,
        )
