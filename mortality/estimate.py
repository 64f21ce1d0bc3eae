"""Estimates of rates: events over exposure with exact limits, multipliers of a table, credibility.

Symbols: D events, E expected events or person-years; ``D | E ~ Poisson(m·E)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mortality.message import Message, message

Float = NDArray[np.float64]

LEVEL = 0.95
"""Level of every interval."""
FULL_CREDIBILITY_LEVEL, FULL_CREDIBILITY_TOLERANCE = 0.90, 0.05


def normal_quantile(level: float = LEVEL) -> float:
    """Return how many standard errors a two-sided interval reaches to each side: 1.96 for 95 %."""
    from scipy.special import ndtri

    return float(ndtri((1.0 + level) / 2.0))


class EstimateError(ValueError):
    """Data that do not carry an estimate (E620x), with a stable code."""

    def __init__(self, code: str, template: str, /, **values: Any) -> None:
        super().__init__(template if isinstance(template, Message) else message(template, **values))
        self.code = code


@dataclass(frozen=True)
class Ratio:
    """Events over what was expected or exposed, with its limits.

    Attributes
    ----------
    events : int
    base : float
        Expected events (then a ratio A/E) or person-years (then a rate a year).
    value, lower, upper : float
        ``events / base`` and its limits; NaN where ``base`` is 0 and there is nothing to say.
    """

    events: int
    base: float
    value: float
    lower: float
    upper: float


def poisson_limits(events: ArrayLike, level: float = LEVEL) -> tuple[Float, Float]:
    """Return exact limits of the mean of a Poisson number.

    ``χ²_{α/2}(2D)/2`` and ``χ²_{1-α/2}(2D + 2)/2``, α = 1 - level; the lower limit of 0 events is 0.
    (Garwood, Fiducial limits for the Poisson distribution, Biometrika 28, 1936.)

    Parameters
    ----------
    events : array_like of int, shape (n,)
    level : float [1]

    Returns
    -------
    lower, upper : float64, shape (n,)

    Examples
    --------
    >>> lower, upper = poisson_limits([10])
    >>> float(lower[0].round(4)), float(upper[0].round(4))
    (4.7954, 18.3904)
    """
    from scipy.special import chdtri

    d = np.asarray(events, dtype=np.float64)
    tail = (1.0 - level) / 2.0
    with np.errstate(invalid="ignore"):
        lower = np.where(d > 0.0, chdtri(np.maximum(2.0 * d, 1.0), 1.0 - tail) / 2.0, 0.0)
    upper = chdtri(2.0 * d + 2.0, tail) / 2.0
    return lower, upper


def ratio(events: int, base: float, level: float = LEVEL) -> Ratio:
    """Return events over a base with exact Poisson limits.

    Parameters
    ----------
    events : int
    base : float
        Above 0, or 0 when there are no events either.

    Raises
    ------
    EstimateError
        E6201 events where nothing was expected or exposed.

    Examples
    --------
    >>> ratio(0, 2.0).upper.__round__(4)
    1.8444
    """
    if not base > 0.0:
        if events:
            raise EstimateError(
                "E6201",
                "{events} events where nothing was expected or exposed; check the table and the dates",
                events=events,
            )
        return Ratio(0, 0.0, np.nan, np.nan, np.nan)
    lower, upper = poisson_limits([events], level)
    return Ratio(events, base, events / base, float(lower[0]) / base, float(upper[0]) / base)


def full_credibility_events(
    level: float = FULL_CREDIBILITY_LEVEL, tolerance: float = FULL_CREDIBILITY_TOLERANCE
) -> float:
    """Return how many events make an observed rate fully credible: ``(z_{(1+level)/2} / tolerance)²``.

    With 90 % and 5 %: 1082.2. (Klugman, Panjer, Willmot, Loss Models: limited fluctuation.)

    Examples
    --------
    >>> round(full_credibility_events(), 1)
    1082.2
    """
    return (normal_quantile(level) / tolerance) ** 2


def limited_fluctuation(events: int) -> float:
    """Return the credibility ``Z = min(1, √(D / D_full))`` of an observed rate, `full_credibility_events`."""
    return min(1.0, sqrt(events / full_credibility_events()))


def binomial_limits(successes: ArrayLike, trials: ArrayLike, level: float = LEVEL) -> tuple[Float, Float]:
    """Return exact limits of a probability (Clopper, Pearson, Biometrika 26, 1934).

    Parameters
    ----------
    successes, trials : array_like of int, shape (n,)

    Returns
    -------
    lower, upper : float64, shape (n,) [1]
        0 and 1 where there were no trials.
    """
    from scipy.special import betaincinv

    x, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    tail = (1.0 - level) / 2.0
    lower = np.where(x > 0.0, betaincinv(np.maximum(x, 1.0), n - x + 1.0, tail), 0.0)
    upper = np.where(x < n, betaincinv(x + 1.0, np.maximum(n - x, 1.0), 1.0 - tail), 1.0)
    return lower, upper


def force_of_mortality(qx: ArrayLike) -> Float:
    """Return the constant force in each year of age, ``-ln(1 - q)``; infinite where q = 1."""
    q = np.asarray(qx, dtype=np.float64)
    with np.errstate(divide="ignore"):
        force: Float = -np.log1p(-q)
    force[q == 1.0] = inf
    return force
