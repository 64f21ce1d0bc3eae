"""Whether a rating tells good risks from bad ones: ordered Lorenz curve and Gini index, quantile tests, lift.

Every function takes flat arrays, one element a risk of the test period; figures are statistics, not money.
Risks with equal factors are never told apart: they stand together in every curve and group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actuarial.experience_rating.modification import RatingError
from actuarial.language import number

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

QUINTILES = 5
DECILES = 10


@dataclass(frozen=True)
class OrderedLorenz:
    """Shares of premium and loss of the risks up to each factor, from the lowest.

    Attributes
    ----------
    factor : float64 (m,)
        Distinct factors, ascending.
    premium_share, loss_share : float64 (m + 1,) [1]
        From 0 to 1.
    gini : float [1]
        Twice the area between the line of equality and the curve; negative where the order is the wrong way.
    standard_error : float [1]
        Asymptotic; NaN for fewer than two risks.
    """

    factor: Float64
    premium_share: Float64
    loss_share: Float64
    gini: float
    standard_error: float


@dataclass(frozen=True)
class QuantileGroup:
    """One group of risks by ascending factor.

    Attributes
    ----------
    n_risks : int
    lowest, highest : float
        Factors in the group.
    premium, modified_premium, loss : float [KZT]
        The modified premium is premium × factor × balance.
    ratio, modified_ratio : float [1]
        Loss ratio over that of all risks, before and after the rating.
    standard_error, modified_standard_error : float [1]
        Of the ratios; the loss ratio of all risks taken as known.
    """

    n_risks: int
    lowest: float
    highest: float
    premium: float
    modified_premium: float
    loss: float
    ratio: float
    modified_ratio: float
    standard_error: float
    modified_standard_error: float


@dataclass(frozen=True)
class QuantileTest:
    """Groups by ascending factor, before and after the rating.

    Attributes
    ----------
    groups : tuple of QuantileGroup
        As many as asked for, fewer where equal factors fill several.
    asked : int
    balance : float
        Factor that makes the modified premium add up to the premium.
    statistic : float
        Variance of the ratios after over before, groups weighted by premium: below 1 the rating makes loss
        ratios more equal, the smaller the better; NaN where the ratios before do not differ.
    lift : float
        Ratio of the last group over that of the first; infinite where the first has no loss.
    """

    groups: tuple[QuantileGroup, ...]
    asked: int
    balance: float
    statistic: float
    lift: float


def ordered_lorenz(factor: ArrayLike, premium: ArrayLike, loss: ArrayLike) -> OrderedLorenz:
    """Return the ordered Lorenz curve of losses against premiums, and its Gini index.

    Parameters
    ----------
    factor : array_like (n,)
        Order of the risks: the relativity of the score to the premium.
    premium, loss : array_like (n,) [KZT]
        Not negative, each with a sum above 0.

    Raises
    ------
    RatingError
        E4811 no risk, no premium or no loss.

    Notes
    -----
    ``Gini = 1 − Σ (F_P,j − F_P,j−1)·(F_L,j + F_L,j−1)``. With P and y divided by their means and F at the
    middle of equal factors, ``h_i = ½·[P_i·(1 − F_L(R_i)) + y_i·F_P(R_i)]``; the influence of risk i on the
    index is ``4·h_i − (1 + Gini)·(y_i + P_i)`` up to a constant, the standard error its deviation over √n.

    References
    ----------
    Frees, Meyers, Cummings: Summarizing insurance scores using a Gini index, JASA 106 (2011), 1085-1098.
    """
    r, p, y = (np.asarray(values, dtype=np.float64) for values in (factor, premium, loss))
    _refuse_nothing(p, y)
    levels, at = np.unique(r, return_inverse=True)
    curves = []
    for column in (p, y):
        sums = np.cumsum(np.bincount(at, column, levels.size))
        curves.append(np.concatenate((np.zeros(1), sums / sums[-1])))
    by_premium, by_loss = curves
    gini = 1.0 - float((np.diff(by_premium) * (by_loss[1:] + by_loss[:-1])).sum())
    n = p.size
    error = float("nan")
    if n > 1:
        relative_p, relative_y = p / p.mean(), y / y.mean()
        middle_p, middle_y = ((curve[1:] + curve[:-1])[at] / 2.0 for curve in curves)
        influence = 2.0 * (relative_p * (1.0 - middle_y) + relative_y * middle_p)
        influence -= (1.0 + gini) * (relative_y + relative_p)
        error = float(influence.std(ddof=1) / np.sqrt(n))
    return OrderedLorenz(levels, by_premium, by_loss, gini, error)


def quantile_test(
    factor: ArrayLike,
    premium: ArrayLike,
    loss: ArrayLike,
    groups: int = QUINTILES,
    multiplier: ArrayLike | None = None,
) -> QuantileTest:
    """Return loss ratios by groups of equal numbers of risks, before and after a rating.

    Parameters
    ----------
    factor : array_like (n,)
        Orders the risks.
    premium, loss : array_like (n,) [KZT]
    groups : int
    multiplier : array_like (n,), optional
        What the rating multiplies a premium by; default the factor itself.

    Raises
    ------
    RatingError
        E4811 no risk, no premium or no loss; a multiplier that is not above 0.

    Notes
    -----
    A run of equal factors goes to the group in which its middle falls. The standard error of a ratio is that
    of a ratio of sums, ``√Σ(y_i − q·P_i)² / Σ P_i`` over the group.

    References
    ----------
    Evans, Dean: The optimal number of quantiles for predictive performance testing of the NCCI Experience
    Rating Plan, Variance 8 (2014), 89-104.
    """
    r, p, y = (np.asarray(values, dtype=np.float64) for values in (factor, premium, loss))
    m = r if multiplier is None else np.asarray(multiplier, dtype=np.float64)
    _refuse_nothing(p, y)
    if not bool(np.all(m > 0.0)):
        raise RatingError("E4811", "a rating multiplies premiums by factors above 0")
    balance = float(p.sum() / (p * m).sum())
    modified = p * m * balance
    overall = float(y.sum() / p.sum())
    found = []
    for rows in _groups(r, groups):
        before, after, loss_sum = float(p[rows].sum()), float(modified[rows].sum()), float(y[rows].sum())
        ratio, modified_ratio = (_ratio(loss_sum, total) for total in (before, after))
        found.append(
            QuantileGroup(
                int(rows.size),
                float(r[rows].min()),
                float(r[rows].max()),
                before,
                after,
                loss_sum,
                ratio / overall,
                modified_ratio / overall,
                _ratio(float(np.sqrt(((y[rows] - ratio * p[rows]) ** 2).sum())), before) / overall,
                _ratio(float(np.sqrt(((y[rows] - modified_ratio * modified[rows]) ** 2).sum())), after)
                / overall,
            )
        )
    before_variance, after_variance = (
        _variance([getattr(g, ratio) for g in found], [getattr(g, weight) for g in found])
        for ratio, weight in (("ratio", "premium"), ("modified_ratio", "modified_premium"))
    )
    statistic = after_variance / before_variance if before_variance > 0.0 else float("nan")
    first, last = found[0].ratio, found[-1].ratio
    lift = last / first if first > 0.0 else float("inf")
    return QuantileTest(tuple(found), groups, balance, statistic, lift)


def _refuse_nothing(premium: Float64, loss: Float64) -> None:
    if not premium.size or premium.sum() <= 0.0 or loss.sum() <= 0.0:
        raise RatingError(
            "E4811",
            "a rating is tested on risks with premium and losses: found {size} risks, premium {premium}, "
            "losses {loss} tenge",
            size=premium.size,
            premium=number(float(premium.sum()), 2),
            loss=number(float(loss.sum()), 2),
        )


def _groups(factor: Float64, groups: int) -> list[Int64]:
    """Positions of the risks of each group that is not empty, by ascending factor."""
    _, at, counts = np.unique(factor, return_inverse=True, return_counts=True)
    upper = np.cumsum(counts)
    # twice the middle of each run, so that whole numbers decide
    group = np.minimum((2 * upper - counts) * groups // (2 * factor.size), groups - 1)
    of_risk = group[at]
    return [np.flatnonzero(of_risk == g) for g in np.unique(group)]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else 0.0


def _variance(values: list[float], weights: list[float]) -> float:
    x, w = np.array(values), np.array(weights)
    mean = (x * w).sum() / w.sum()
    return float((w * (x - mean) ** 2).sum() / w.sum())
