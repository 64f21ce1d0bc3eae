"""Certification matrices from counts: maximum likelihood, and credibility towards a prior matrix.

A row of counts ``n_j`` (from one band, to A B C D R) is multinomial; its probabilities vary about the prior
row ``p`` as a Dirichlet distribution with parameters ``k·p``. Then the posterior mean is

    (n_j + k·p_j) / (n + k) = Z · n_j/n + (1 - Z) · p_j,   Z = n / (n + k).

``k`` is how many certifications the prior is worth. (Dirichlet-multinomial; Bühlmann, Gisler, A Course in
Credibility Theory, 2005: exact credibility.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mortality.estimate import LEVEL, EstimateError, binomial_limits
from mortality.transition import STATES, CertificationMatrices

Float = NDArray[np.float64]
Int64 = NDArray[np.int64]

LEAST_STRENGTH, MOST_STRENGTH = 0.1, 1e6
FEWEST_TO_ESTIMATE = 30
"""Certifications in rows that say something of k, below which it is not estimated but asked for."""


@dataclass(frozen=True)
class MatrixEstimate:
    """Estimated matrices; arrays of shape (n, 4, 5) or, for rows, (n, 4).

    Attributes
    ----------
    counts : int64
    observed, observed_lower, observed_upper : float64 [1]
        ``n_j/n`` and exact binomial limits; NaN in rows without certifications.
    strength : float or None
        k, in certifications; None where there is none at all, and the prior stays as it is.
    is_estimated : bool
        Whether k comes from the data.
    credibility : float64 (n, 4) [1]
        Z of each row.
    fitted, fitted_lower, fitted_upper : float64 [1]
        Posterior mean and equal-tailed 95 % limits of the marginal beta distributions.
    impossible : int
        Certifications to states that the prior gives probability 0.
    """

    counts: Int64
    observed: Float
    observed_lower: Float
    observed_upper: Float
    strength: float | None
    is_estimated: bool
    credibility: Float
    fitted: Float
    fitted_lower: Float
    fitted_upper: Float
    impossible: int


def estimated_matrices(
    counts: Int64, prior: CertificationMatrices, strength: float | None = None
) -> MatrixEstimate:
    """Estimate matrices with credibility towards prior ones.

    Parameters
    ----------
    counts : int64, shape (n, 4, 5)
        Certifications by matrix of the prior, from band, to state.
    prior : CertificationMatrices
        n matrices.
    strength : float, optional
        k, above 0; by default the value that makes the counts most likely (`prior_strength`).

    Returns
    -------
    MatrixEstimate

    Raises
    ------
    EstimateError
        E6204 a strength that is not above 0; E6205 too few certifications to estimate it.

    Examples
    --------
    >>> stay = np.zeros((1, 4, 5)); stay[0, range(4), range(4)] = 0.8; stay[0, :, 4] = 0.2
    >>> counts = np.zeros((1, 4, 5), dtype=np.int64); counts[0, 1] = [0, 5, 0, 0, 5]
    >>> estimated_matrices(counts, CertificationMatrices((0,), stay), 10.0).fitted[0, 1].round(3).tolist()
    [0.0, 0.65, 0.0, 0.0, 0.35]
    """
    p = prior.probabilities
    if counts.shape != p.shape:
        raise ValueError(f"counts of shape {counts.shape}, prior matrices of shape {p.shape}")
    if strength is not None and not 0.0 < strength < np.inf:
        raise EstimateError(
            "E6204", "the prior strength is {strength:g}; give a number above 0", strength=strength
        )
    total = counts.sum(axis=2)
    if not total.any():
        nothing = np.full(p.shape, np.nan)
        return MatrixEstimate(
            counts, nothing, nothing, nothing, None, False, np.zeros(total.shape), p, nothing, nothing, 0
        )
    k = prior_strength(counts, p) if strength is None else strength
    with np.errstate(invalid="ignore"):
        observed = counts / total[:, :, None]
    lower, upper = binomial_limits(counts, np.broadcast_to(total[:, :, None], counts.shape))
    nothing = np.broadcast_to((total == 0)[:, :, None], counts.shape)
    alpha = counts + k * p
    fitted = alpha / alpha.sum(axis=2, keepdims=True)
    fitted_lower, fitted_upper = _beta_limits(alpha)
    return MatrixEstimate(
        counts=counts,
        observed=observed,
        observed_lower=np.where(nothing, np.nan, lower),
        observed_upper=np.where(nothing, np.nan, upper),
        strength=float(k),
        is_estimated=strength is None,
        credibility=total / (total + k),
        fitted=fitted,
        fitted_lower=fitted_lower,
        fitted_upper=fitted_upper,
        impossible=int(counts[p == 0.0].sum()),
    )


def prior_strength(counts: Int64, prior: Float) -> float:
    """Return the k that makes the counts most likely, one for all rows.

    Maximises ``Σ_rows ln Γ(k)/Γ(k + n) + Σ_j ln Γ(k·p_j + n_j)/Γ(k·p_j)`` between 0.1 and 10⁶; at the upper
    end the counts depart from the prior no more than chance does. States that the prior calls impossible
    are left out, and so are rows to which the prior gives one state only: they say nothing of k.

    Raises
    ------
    EstimateError
        E6205 fewer than 30 certifications in rows of two and more, and of two states and more.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    n = np.where(prior > 0.0, counts, 0).reshape(-1, len(STATES)).astype(np.float64)
    p = prior.reshape(-1, len(STATES))
    used = (n.sum(axis=1) >= 2.0) & ((p > 0.0).sum(axis=1) >= 2)
    n, p = n[used], p[used]
    if n.sum() < FEWEST_TO_ESTIMATE:
        raise EstimateError(
            "E6205",
            "{n} certifications, {n_telling} of them in rows that can tell, are too few to "
            "estimate how far the prior matrices hold (at least {needed} in "
            "rows of two and more): give the prior strength",
            n=int(counts.sum()),
            n_telling=int(n.sum()),
            needed=FEWEST_TO_ESTIMATE,
        )
    total = n.sum(axis=1)
    possible = p > 0.0

    def minus_log_likelihood(log_k: float) -> float:
        k = np.exp(log_k)
        alpha = np.where(possible, k * p, 1.0)
        rows = gammaln(k) - gammaln(k + total)
        cells = np.where(possible, gammaln(alpha + n) - gammaln(alpha), 0.0).sum(axis=1)
        return -float((rows + cells).sum())

    ends = np.log(LEAST_STRENGTH), np.log(MOST_STRENGTH)
    grid = np.linspace(*ends, 65)
    best = int(np.argmin([minus_log_likelihood(x) for x in grid]))
    around = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(minus_log_likelihood, bounds=around, method="bounded", options={"xatol": 1e-10})
    if best in (0, len(grid) - 1) and minus_log_likelihood(grid[best]) <= found.fun:
        return LEAST_STRENGTH if best == 0 else MOST_STRENGTH
    return float(np.exp(found.x))


def _beta_limits(alpha: Float) -> tuple[Float, Float]:
    """Equal-tailed limits of each share of a Dirichlet distribution; a share that cannot be is 0."""
    from scipy.special import betaincinv

    rest = alpha.sum(axis=2, keepdims=True) - alpha
    tail = (1.0 - LEVEL) / 2.0
    some, other = alpha > 0.0, rest > 0.0
    a, b = np.where(some, alpha, 1.0), np.where(other, rest, 1.0)
    lower = np.where(some, np.where(other, betaincinv(a, b, tail), 1.0), 0.0)
    upper = np.where(some, np.where(other, betaincinv(a, b, 1.0 - tail), 1.0), 0.0)
    return lower, upper


def rounded_rows(probabilities: Float, decimals: int = 6) -> list[list[list[float]]]:
    """Return matrices as decimals whose rows sum to exactly 1; the largest entry takes the rest."""
    from decimal import Decimal

    unit = 10**decimals
    matrices = []
    for matrix in probabilities:
        rows = []
        for row in matrix:
            whole = np.rint(row * unit).astype(np.int64)
            whole[int(np.argmax(whole))] += unit - int(whole.sum())
            rows.append([float(Decimal(int(w)) / unit) for w in whole])
        matrices.append(rows)
    return matrices
