"""Claims over premium by two moments: the chance of numbers and sizes, and the error of the estimates."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class LossRatio:
    """Distribution of claims over premium, by two moments and a lognormal shape.

    Attributes
    ----------
    mean, deviation : float64
        Standard deviation of chance and of the estimates together.
    quantiles : float64 (3, …)
        At `QUANTILES`.
    above_one, above_permissible : float64
        Probability that claims exceed the premium; that claims with their handling exceed what the loadings
        leave of it.
    """

    mean: Float64
    deviation: Float64
    quantiles: Float64
    above_one: Float64
    above_permissible: Float64


def loss_ratio(claims: Float64, variance: Float64, premium: Float64, loaded: float) -> LossRatio:
    """Return the lognormal distribution of claims over premium with the given moments.

    Parameters
    ----------
    claims, variance, premium : float64 (c,) [KZT], [KZT²], [KZT]
        Expected claims and their variance; NaN comes out where there is no premium.
    loaded : float
        (1 + claims handling) / permissible share: claims above premium / loaded are not paid for.
    """
    has = (premium > 0) & (claims > 0)
    mean = np.divide(claims, premium, out=np.full_like(claims, np.nan), where=premium > 0)
    deviation = np.divide(np.sqrt(variance), premium, out=np.full_like(claims, np.nan), where=premium > 0)
    log_variance = np.log1p(
        np.divide(deviation, mean, out=np.zeros_like(mean), where=has) ** 2,
        where=has,
        out=np.zeros_like(mean),
    )
    middle = np.log(mean, where=has, out=np.full_like(mean, np.nan)) - log_variance / 2.0
    spread = np.sqrt(log_variance)
    normal = NormalDist()
    quantiles = np.array([np.exp(middle + normal.inv_cdf(q) * spread) for q in QUANTILES])

    def above(limit: float) -> Float64:
        result = np.full_like(mean, np.nan)
        for i in np.flatnonzero(has & (spread > 0)):
            result[i] = 1.0 - normal.cdf((np.log(limit) - middle[i]) / spread[i])
        return result

    return LossRatio(mean, deviation, quantiles, above(1.0), above(1.0 / loaded))
