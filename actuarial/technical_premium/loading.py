"""From frequencies and costs to the technical rate of each class, a tenge of payroll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actuarial.premium.book import CLASSES
from actuarial.technical_premium.assumption import Loading
from actuarial.technical_premium.frequency import KindFrequency
from actuarial.technical_premium.severity import KindSeverity

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class TechnicalRates:
    """Rates of each class, fractions of payroll, with the covariance of their errors.

    Attributes
    ----------
    by_kind : float64 (kinds, CLASSES)
        Cost of each kind, before the concentration load.
    risk : float64 (CLASSES,)
        Claims with the concentration load.
    technical : float64 (CLASSES,)
        Risk rate with claims handling, over what expense, profit and capital leave of a premium.
    covariance : float64 (CLASSES, CLASSES)
        Of the errors of ``technical``: frequencies and costs, taken as independent; loadings are inputs.
    """

    by_kind: Float64
    risk: Float64
    technical: Float64
    covariance: Float64

    def interval(self, level: float) -> tuple[Float64, Float64]:
        """Lognormal interval of the technical rates, float64 (CLASSES,) each."""
        return lognormal_interval(self.technical, np.sqrt(np.diag(self.covariance)), level)


def lognormal_interval(value: Float64, error: Float64, level: float) -> tuple[Float64, Float64]:
    """Interval ``value·exp(∓z·error/value)``: the delta method on the logarithm, never negative."""
    from statistics import NormalDist

    z = NormalDist().inv_cdf((1.0 + level) / 2.0)
    spread = np.exp(z * np.divide(error, value, out=np.zeros_like(error), where=value > 0))
    return value / spread, value * spread


def technical_rates(
    frequencies: Sequence[KindFrequency],
    severities: Sequence[KindSeverity],
    payroll_per_exposure: Float64,
    loading: Loading,
    concentration_load: float,
) -> TechnicalRates:
    """Return ``P = R·(1 + h)/(1 - e - p - r·κ)``, ``R = (1 + c)·Σ_kinds f·s/w``.

    Parameters
    ----------
    frequencies, severities : sequence by kind
    payroll_per_exposure : float64 (CLASSES,) [KZT]
        w: payroll of a worker-year (1 where payroll is the exposure).
    loading : Loading
        h claims handling, e expense, p profit, r cost of capital, κ capital a tenge of premium.
    concentration_load : float
        c: several workers in one event, beyond what single claims show.
    """
    scale = (1.0 + concentration_load) / payroll_per_exposure
    by_kind = np.array(
        [f.estimate * s.mean / payroll_per_exposure for f, s in zip(frequencies, severities, strict=True)]
    )
    risk = (1.0 + concentration_load) * by_kind.sum(axis=0)
    loaded = (1.0 + loading.claims_handling) / loading.permissible
    covariance = np.zeros((CLASSES, CLASSES))
    for f, s in zip(frequencies, severities, strict=True):
        covariance += (
            np.outer(s.mean, s.mean) * f.covariance + np.outer(f.estimate, f.estimate) * s.covariance
        )
        covariance += f.covariance * s.covariance
    covariance *= np.outer(scale, scale) * loaded**2
    return TechnicalRates(by_kind, risk, risk * loaded, covariance)
