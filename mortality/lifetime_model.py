"""Parametric durations by maximum likelihood, with late entries: Weibull, log-normal, generalised gamma.

All three are one distribution of ``w = (ln t - mu) / sigma`` with a shape λ: 1 for Weibull, 0 for log-normal.
A person seen from s to t adds ``ln f(t) - ln S(s)`` to the log-likelihood if the exit studied happened,
``ln S(t) - ln S(s)`` if not; durations in years. lifelines has the same distributions (and is the oracle of
the tests); from its own starting values its generalised gamma takes seconds or does not settle.
(Prentice, Biometrika 61, 1974; Cox, Chu, Schneider, Muñoz, Statistics in Medicine 26, 2007.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from mortality.estimate import EstimateError, normal_quantile

Float = NDArray[np.float64]

FAMILIES = ("weibull", "log_normal", "generalised_gamma")
LARGEST_SHAPE = {"weibull": 100.0, "log_normal": 100.0, "generalised_gamma": 10.0}
"""A shape, or its standard error, beyond this says nothing, or that all exits are at one time."""
FEWEST_EXITS = 20
"""Exits below which no distribution is fitted."""
_FIXED_SHAPE = {"weibull": 1.0, "log_normal": 0.0}
_SMALLEST_SHAPE, _STIRLING_FROM = 1e-6, 1e3
_FIRST_STEP, _STEP, _NEWTON_STEPS, _MOST_DECREMENT = 1e-4, 2e-3, 3, 1e-6
_HALF_LN_2_PI = 0.5 * float(np.log(2.0 * pi))


@dataclass(frozen=True)
class Parameter:
    """A parameter with its standard error and 95 % limits by the observed information.

    Limits of what is positive (scale, sigma, Weibull's shape) are those of its logarithm.
    """

    name: str
    value: float
    standard_error: float
    lower: float
    upper: float


@dataclass(frozen=True)
class LifetimeModel:
    """A fitted distribution of durations.

    Attributes
    ----------
    family : str
        One of `FAMILIES`. Weibull: ``S(t) = exp(-(t/scale)^shape)``; log-normal: ``ln T ~ N(mu, sigma²)``;
        generalised gamma: mu, ln sigma and λ, 1 for Weibull, 0 for log-normal.
    parameters : tuple of Parameter
    log_likelihood, aic : float
        Akaike's criterion: less is better.
    mu, ln_sigma, shape : float
        The same as a generalised gamma, whatever the family.
    """

    family: str
    parameters: tuple[Parameter, ...]
    log_likelihood: float
    aic: float
    mu: float
    ln_sigma: float
    shape: float

    def survival(self, years: Float) -> Float:
        """``S(t)``, t above 0, shape of ``years``; multiply by 1 / S(s) for who is there at s."""
        return np.exp(_log_survival((np.log(years) - self.mu) / np.exp(self.ln_sigma), self.shape))


def fitted_lifetime(family: str, entry: Float, exit_time: Float, is_exit: NDArray[np.bool_]) -> LifetimeModel:
    """Fit one distribution.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    entry, exit_time : float64, shape (n,) [years]
        0 ≤ entry < exit.
    is_exit : bool, shape (n,)
        Whether the exit studied happened at ``exit_time``; otherwise the person was lost from sight.

    Raises
    ------
    EstimateError
        E6202 too few exits; E6208 the fit does not settle, or gives no standard errors.
    """
    n_exits = int(is_exit.sum())
    if n_exits < FEWEST_EXITS:
        raise EstimateError(
            "E6202",
            "{n_exits} exits are too few for a distribution of durations; {needed} are needed",
            n_exits=n_exits,
            needed=FEWEST_EXITS,
        )
    likelihood = _Likelihood(entry, exit_time, is_exit)
    try:
        with np.errstate(all="ignore"):  # where the likelihood runs away; what is found is looked at below
            place, covariance, least = _maximum(family, likelihood)
    except np.linalg.LinAlgError as error:
        raise _unsettled(family) from error
    parameters = _parameters(family, place, np.sqrt(np.diag(covariance)))
    last = parameters[-1]
    if not max(abs(last.value), last.standard_error) <= LARGEST_SHAPE[family]:
        raise _unsettled(family)
    return LifetimeModel(
        family=family,
        parameters=parameters,
        log_likelihood=-least,
        aic=2.0 * (least + len(place)),
        mu=float(place[0]),
        ln_sigma=float(place[1]),
        shape=_FIXED_SHAPE.get(family, float(place[-1])),
    )


class _Likelihood:
    """Minus the log-likelihood of a history, as a function of mu, ln sigma and λ."""

    def __init__(self, entry: Float, exit_time: Float, is_exit: NDArray[np.bool_]) -> None:
        self.late = np.log(entry[entry > 0.0])
        self.exits, self.lost = np.log(exit_time[is_exit]), np.log(exit_time[~is_exit])

    def __call__(self, place: Float, shape: float) -> float:
        mu, sigma = place[0], np.exp(place[1])
        total = (
            _log_density((self.exits - mu) / sigma, shape).sum()
            - self.exits.sum()
            - self.exits.size * place[1]
            + _log_survival((self.lost - mu) / sigma, shape).sum()
            - _log_survival((self.late - mu) / sigma, shape).sum()
        )
        return float(-total) if np.isfinite(total) else np.inf


def _log_survival(w: Float, shape: float) -> Float:
    """``ln S``; λ > 0: Q(λ⁻², λ⁻²·e^(λw)), λ < 0: P of the same, λ = 0: Φ(-w)."""
    from scipy.special import gammainc, gammaincc, log_ndtr

    if shape == 1.0:
        return np.asarray(-np.exp(w))
    if abs(shape) < _SMALLEST_SHAPE:
        return np.asarray(log_ndtr(-w))
    a = shape**-2
    tail = gammaincc if shape > 0.0 else gammainc
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(np.log(tail(a, a * np.exp(shape * w))))


def _log_density(w: Float, shape: float) -> Float:
    """``ln`` of the density of w; that of t is less by ``ln sigma + ln t``."""
    from scipy.special import gammaln

    if abs(shape) < _SMALLEST_SHAPE:
        return np.asarray(-w * w / 2.0 - _HALF_LN_2_PI)
    a = shape**-2
    if a > _STIRLING_FROM:
        # ln |λ|·aᵃ·e⁻ᵃ/Γ(a) without the difference of large numbers
        level = -_HALF_LN_2_PI - 1.0 / (12.0 * a) + 1.0 / (360.0 * a**3)
    else:
        level = float(np.log(abs(shape)) - gammaln(a) + a * np.log(a) - a)
    return np.asarray(level + a * (shape * w - np.expm1(shape * w)))


def _maximum(family: str, likelihood: _Likelihood) -> tuple[Float, Float, float]:
    """Where the likelihood is greatest, the inverse of the information, and minus the log-likelihood."""
    from scipy.optimize import minimize

    fixed = _FIXED_SHAPE.get(family)
    spread = max(float(likelihood.exits.std()), 1e-2)
    start = [float(likelihood.exits.mean()), float(np.log(spread))]
    starts = [start] if fixed is not None else [[*start, shape] for shape in _FIXED_SHAPE.values()]

    def minus(place: Float) -> float:
        return likelihood(place, place[-1] if fixed is None else fixed)

    options = {"xatol": 1e-5, "fatol": 1e-7, "maxiter": 2000}
    found = [minimize(minus, s, method="Nelder-Mead", options=options) for s in starts]
    place = np.asarray(min(found, key=lambda result: result.fun).x)
    steps = np.full(place.size, _FIRST_STEP)
    for _ in range(_NEWTON_STEPS):
        gradient, information = _derivatives(minus, place, steps)
        if not np.isfinite(information).all():
            raise _unsettled(family)
        np.linalg.cholesky(information)
        covariance = np.linalg.inv(information)
        move = covariance @ gradient
        place, steps = place - move, _STEP * np.sqrt(np.diag(covariance))
    least = minus(place)
    if not (float(gradient @ move) <= _MOST_DECREMENT and np.isfinite(least)):
        raise _unsettled(family)
    return place, np.asarray(covariance, dtype=np.float64), least


def _derivatives(function: Callable[[Float], float], place: Float, steps: Float) -> tuple[Float, Float]:
    """Gradient and second derivatives by central differences."""
    n = place.size
    unit = np.diag(steps)
    middle = function(place)
    up, down = ([function(place + sign * row) for row in unit] for sign in (1.0, -1.0))
    gradient = (np.array(up) - np.array(down)) / (2.0 * steps)
    second = np.diag((np.array(up) - 2.0 * middle + np.array(down)) / steps**2)
    for i in range(n):
        for j in range(i):
            corners = [
                sign_i * sign_j * function(place + sign_i * unit[i] + sign_j * unit[j])
                for sign_i in (1.0, -1.0)
                for sign_j in (1.0, -1.0)
            ]
            second[i, j] = second[j, i] = sum(corners) / (4.0 * steps[i] * steps[j])
    return gradient, second


def _parameters(family: str, place: Float, errors: Float) -> tuple[Parameter, ...]:
    """The parameters of the family from mu, ln sigma and λ."""
    mu, ln_sigma, *shape = zip(place.tolist(), errors.tolist(), strict=True)
    if family == "weibull":
        return _positive("scale", *mu), _positive("shape", -ln_sigma[0], ln_sigma[1])
    if family == "log_normal":
        return _plain("mu", *mu), _positive("sigma", *ln_sigma)
    return _plain("mu", *mu), _plain("ln_sigma", *ln_sigma), _plain("shape", *shape[0])


def _plain(name: str, value: float, error: float) -> Parameter:
    spread = normal_quantile() * error
    return Parameter(name, value, error, value - spread, value + spread)


def _positive(name: str, logarithm: float, error: float) -> Parameter:
    spread, value = normal_quantile() * error, float(np.exp(logarithm))
    factor = float(np.exp(spread))
    return Parameter(name, value, value * error, value / factor, value * factor)


def _unsettled(family: str) -> EstimateError:
    return EstimateError(
        "E6208",
        "{family}: the likelihood has no clear maximum on these data; the distribution is left out",
        family=family,
    )
