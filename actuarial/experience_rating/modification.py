"""The experience modification: primary and excess losses, each with its own credibility.

The plan of workers' compensation in the United States, in the form in which credibility stands openly; the
formulas and their sources are in docs/rating.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actuarial.error import ActuarialError

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class RatingError(ActuarialError):
    """An experience rating that cannot be computed (E481x)."""


@dataclass(frozen=True)
class Losses:
    """Actual and expected losses of risks over the experience period, each split at the split point.

    Attributes
    ----------
    actual_primary, actual_excess, expected_primary, expected_excess : float64 (n,) [KZT]
        Not negative.
    """

    actual_primary: Float64
    actual_excess: Float64
    expected_primary: Float64
    expected_excess: Float64

    @property
    def expected(self) -> Float64:
        """Expected losses, both parts."""
        return self.expected_primary + self.expected_excess


@dataclass(frozen=True)
class Credibility:
    """Credibility of each risk.

    Attributes
    ----------
    primary, excess : float64 (n,) [1]
    """

    primary: Float64
    excess: Float64


def split_losses(amounts: Int64, split_point: int, claim_limit: int | None = None) -> tuple[Int64, Int64]:
    """Split each claim into its primary and its excess part.

    Parameters
    ----------
    amounts : int64 (q,) [tiyn]
        Incurred amount of each claim; below 0 counts as 0.
    split_point : int [tiyn]
        What a claim is below it is primary.
    claim_limit : int, optional [tiyn]
        What a claim is above it is left out.

    Returns
    -------
    primary, excess : int64 (q,) [tiyn]
    """
    limited = np.maximum(amounts, 0)
    if claim_limit is not None:
        limited = np.minimum(limited, claim_limit)
    primary = np.minimum(limited, split_point)
    return primary, limited - primary


def credibility_of_constants(losses: Losses, primary: float, excess: float) -> Credibility:
    """Credibility by constants: ``Z_p = E_p / (E_p + K_p)``, ``Z_e = E_e / (E_e + K_e)``.

    Parameters
    ----------
    losses : Losses
    primary, excess : float [KZT]
        K_p and K_e, not negative; infinity gives no credibility at all.
    """
    return Credibility(_factor(losses.expected_primary, primary), _factor(losses.expected_excess, excess))


def credibility_of_ballast(losses: Losses, ballast: ArrayLike, weight: ArrayLike) -> Credibility:
    """Credibility by ballast B and weight W: ``Z_p = E / (E + B)``, ``Z_e = W·Z_p``.

    With them `modification` is ``(A_p + W·A_e + (1 − W)·E_e + B) / (E + B)``.

    Parameters
    ----------
    losses : Losses
    ballast : array_like (n,) or float [KZT], not negative
    weight : array_like (n,) or float [1], 0-1
    """
    primary = _factor(losses.expected, np.asarray(ballast, dtype=np.float64))
    return Credibility(primary, np.asarray(weight, dtype=np.float64) * primary)


def modification(
    losses: Losses, credibility: Credibility, smallest: float | None = None, largest: float | None = None
) -> Float64:
    """Return the experience modification of each risk.

    ``M = [A_p·Z_p + E_p·(1 − Z_p) + A_e·Z_e + E_e·(1 − Z_e)] / E``; 1 where nothing was expected.

    Parameters
    ----------
    losses : Losses
    credibility : Credibility
    smallest, largest : float, optional
        Bounds of the modification.

    Returns
    -------
    float64 (n,) [1], not rounded

    Examples
    --------
    The worked example of the Washington State Department of Labor & Industries for 2014: 0.7647.

    >>> losses = Losses(*map(np.atleast_1d, (284.0, 0.0, 13_877.04, 14_783.80)))
    >>> modification(losses, Credibility(np.array([0.42]), np.array([0.07]))).round(4).tolist()
    [0.7647]
    """
    z_p, z_e = credibility.primary, credibility.excess
    blended = (
        losses.actual_primary * z_p
        + losses.expected_primary * (1.0 - z_p)
        + losses.actual_excess * z_e
        + losses.expected_excess * (1.0 - z_e)
    )
    expected = losses.expected
    factor = np.divide(blended, expected, out=np.ones_like(expected), where=expected > 0.0)
    if smallest is not None or largest is not None:
        factor = np.clip(factor, smallest, largest)
    return factor


def _factor(volume: Float64, constant: float | Float64) -> Float64:
    total = volume + constant
    return np.divide(volume, total, out=np.zeros_like(volume), where=total > 0.0)
