"""Discount factors from the basis' interest choice: a flat rate, spot rates, or Nelson-Siegel-Svensson.

All rates are annual effective fractions; times are years from the valuation date (schema, timeline).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from actuarial.error import BasisError

Float = NDArray[np.float64]
LOWEST_RATE = -0.5
"""A yield that is not above this is a slip in the curve's parameters."""


class Curve(Protocol):
    """A yield curve: annual effective spot rate for a time."""

    def spot_rate(self, years: Float) -> Float:
        """Spot rate ``y(t)`` [1] for times [years], same shape."""


@dataclass(frozen=True)
class FlatCurve:
    """One annual effective rate for all times."""

    rate: float

    def spot_rate(self, years: Float) -> Float:
        """Spot rate [1], the same for every time."""
        return np.full_like(years, self.rate)


@dataclass(frozen=True)
class SpotCurve:
    """Spot rates at given times, linear between them, level before the first and after the last."""

    years: tuple[float, ...]
    rates: tuple[float, ...]

    def spot_rate(self, years: Float) -> Float:
        """Spot rate [1] by linear interpolation in time."""
        return np.interp(years, self.years, self.rates)


@dataclass(frozen=True)
class NelsonSiegelSvenssonCurve:
    """Nelson-Siegel-Svensson curve.

    ``y(t) = β0 + β1·a(t/τ1) + β2·(a(t/τ1) - e^(-t/τ1)) + β3·(a(t/τ2) - e^(-t/τ2))`` with
    ``a(u) = (1 - e^(-u)) / u``. The value is taken as the annual effective rate (schema, basis).
    L. Svensson, NBER working paper 4871 (1994).
    """

    beta0: float
    beta1: float
    beta2: float
    beta3: float
    tau1: float
    tau2: float

    def spot_rate(self, years: Float) -> Float:
        """Spot rate [1]; at t = 0 the limit ``β0 + β1``."""
        u1 = years / self.tau1
        u2 = years / self.tau2
        return (
            self.beta0
            + self.beta1 * _loading(u1)
            + self.beta2 * (_loading(u1) - np.exp(-u1))
            + self.beta3 * (_loading(u2) - np.exp(-u2))
        )


def _loading(u: Float) -> Float:
    """``(1 - e^(-u)) / u`` with its limit 1 at 0."""
    return np.asarray(np.where(u == 0.0, 1.0, -np.expm1(-u) / np.where(u == 0.0, 1.0, u)))


def discount_factors(curve: Curve, days_to_first: NDArray[np.int64], n_payments: int) -> Float:
    """Discount factors of monthly payments.

    ``t = days / 365 + k / 12`` years, ``v = (1 + y(t))^(-t)`` (schema, timeline).

    Parameters
    ----------
    curve : Curve
    days_to_first : ndarray of int, shape (d,) [days]
        Days from the valuation date to payment 0.
    n_payments : int

    Returns
    -------
    ndarray of float64, shape (d, n_payments) [1]

    Raises
    ------
    BasisError
        E4009 a curve that leaves the yields one can discount with.
    """
    years = payment_times(days_to_first, n_payments)
    rates = curve.spot_rate(years)
    if not bool(np.all(rates > LOWEST_RATE)):
        worst = np.unravel_index(int(np.argmin(rates)), rates.shape)
        raise BasisError(
            "E4009",
            "interest: the curve gives a yield of {rate:.4g} at {years:.4g} years, not "
            "above {least:g}; check its parameters",
            rate=rates[worst],
            years=years[worst],
            least=LOWEST_RATE,
        )
    return np.asarray(np.exp(-years * np.log1p(rates)))


def payment_times(days_to_first: NDArray[np.int64], n_payments: int) -> Float:
    """Times of the payments in years from the valuation date, shape (d, n_payments)."""
    return days_to_first[:, None] / 365.0 + np.arange(n_payments)[None, :] / 12.0
