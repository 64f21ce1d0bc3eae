"""Graduation: Whittaker-Henderson in one and two dimensions, and tests of fit and smoothness.

Two forms with one penalty ``λ·Σ (Δ^z θ)²`` (in two dimensions one term for each direction):

- of given rates with weights: ``Σ w·(y - θ)² + penalty``, linear;
- of events over expected events: ``θ = ln(rate / reference)`` maximises the Poisson log-likelihood
  ``Σ D·θ - E·e^θ`` minus half the penalty. Rates stay positive, ages without exposure are bridged, and the
  graduated events add up to the observed ones.

λ is given, or chosen by restricted maximum likelihood in Laplace's approximation.
(Whittaker, Proc. Edinburgh Math. Soc. 41, 1922; Henderson, Trans. Actuarial Society of America 25, 1924;
Biessy, Revisiting Whittaker-Henderson smoothing, arXiv:2306.06932, 2023.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mortality.estimate import EstimateError, normal_quantile

Float = NDArray[np.float64]

DEFAULT_ORDER, MOST_ORDER = 2, 4
FEWEST_EVENTS = 30
"""Events below which a shape by age is not looked for."""
_STEPS, _STEP_LIMIT, _LEAST_PART, _TOLERANCE = 200, 4.0, 1e-9, 1e-14
_WIDEST = 20.0
_LOG_SMOOTHING, _AT_END = (-2.0, 8.0), 1e-2
"""Between which powers of ten λ is chosen; the upper end is a straight line."""


@dataclass(frozen=True)
class GraduationTests:
    """How a graduation keeps to the observations, and how smooth it is.

    Attributes
    ----------
    chi_square, degrees_of_freedom, chi_square_p : float
        ``Σ (D - G)²/G`` over cells with G ≥ 1 graduated events; cells less effective dimension. p is NaN
        where no degree of freedom is left.
    n_cells, n_positive : int
        Cells compared; with more events than graduated.
    signs_p : float
        Two-sided binomial probability of so one-sided a number of signs; NaN without cells.
    runs : int
    runs_p : float
        Probability of so few runs of one sign or fewer (Stevens, Annals of Eugenics 9, 1939); NaN where all
        signs are the same.
    cumulative : float
        ``Σ (D - G)/√(Σ G)``, about standard normal; near 0 by construction.
    smoothness : float
        ``Σ (Δ³ θ)²`` along the first direction.
    """

    chi_square: float
    degrees_of_freedom: float
    chi_square_p: float
    n_cells: int
    n_positive: int
    signs_p: float
    runs: int
    runs_p: float
    cumulative: float
    smoothness: float


@dataclass(frozen=True)
class Graduation:
    """Graduated logarithms of ratios.

    Attributes
    ----------
    theta, lower, upper : float64, shape of the data
        ``ln(rate / reference)`` and its 95 % limits (Bayesian: variance ``(W + P)⁻¹``).
    smoothing : tuple of float
        λ of each direction.
    is_chosen : bool
        Whether λ was chosen by restricted maximum likelihood.
    order : int
        z, of the differences.
    effective_dimension : float
        ``tr (W + P)⁻¹W``.
    tests : GraduationTests
    """

    theta: Float
    lower: Float
    upper: Float
    smoothing: tuple[float, ...]
    is_chosen: bool
    order: int
    effective_dimension: float
    tests: GraduationTests


def whittaker_henderson(
    values: Float, weights: Float, smoothing: Sequence[float] | float, order: int = DEFAULT_ORDER
) -> Float:
    """Return graduated values: the θ that make ``Σ w·(y - θ)² + Σ λ·(Δ^z θ)²`` least.

    Parameters
    ----------
    values : float64, shape (n,) or (n, m)
        Not looked at where the weight is 0.
    weights : float64, of the same shape
        0 or more, such as exposure.
    smoothing : float or sequence of one λ a direction
        0 or more.
    order : int
        z, of the differences.

    Returns
    -------
    float64, of the same shape

    Raises
    ------
    EstimateError
        E6206 a smoothing or order that cannot be used; E6207 too few values with a weight.

    Examples
    --------
    >>> y, w = np.array([1.0, 4.0, 2.0, 8.0]), np.ones(4)
    >>> whittaker_henderson(y, w, 1e12, 2).round(3).tolist()
    [0.9, 2.8, 4.7, 6.6]
    """
    checked_order(order)
    given = checked_smoothing(smoothing, values.ndim)
    penalty = _Penalty(values.shape, order)
    _refuse_sparse(weights > 0.0, order)
    y = np.where(weights > 0.0, values, 0.0)
    theta, _ = penalty.solved(weights.ravel(), (weights * y).ravel(), given)
    return theta.reshape(values.shape)


def graduated_ratio(
    events: Float,
    expected: Float,
    smoothing: Sequence[float] | float | None = None,
    order: int = DEFAULT_ORDER,
) -> Graduation:
    """Return graduated ``ln(events / expected)``.

    Parameters
    ----------
    events : float64, shape (n,) or (n, m)
        By age, or by age and duration.
    expected : float64, of the same shape
        Expected by a reference, or person-years; 0 where nobody was.
    smoothing : float or sequence of one λ a direction, optional
        By default chosen.
    order : int
        z, of the differences.

    Raises
    ------
    EstimateError
        E6206 a smoothing or order that cannot be used; E6207 too few events or cells.
    """
    checked_order(order)
    is_chosen = smoothing is None
    given = () if smoothing is None else checked_smoothing(smoothing, events.ndim)
    if events.sum() < FEWEST_EVENTS:
        raise EstimateError(
            "E6207",
            "{n} events are too few to graduate; at least {needed} are needed",
            n=int(events.sum()),
            needed=FEWEST_EVENTS,
        )
    if ((expected <= 0.0) & (events > 0.0)).any():
        raise EstimateError("E6201", "events in a cell where nothing was expected or exposed")
    _refuse_sparse(expected > 0.0, order)
    penalty = _Penalty(events.shape, order)
    d, e = events.ravel().astype(np.float64), expected.ravel().astype(np.float64)
    if is_chosen:
        given = _chosen(penalty, d, e)
    theta, weights, _ = _fitted(penalty, d, e, given)
    covariance = np.linalg.inv(penalty.dense(given) + np.diag(weights))
    spread = normal_quantile() * np.sqrt(np.diag(covariance))
    if not spread.max() <= _WIDEST:
        raise EstimateError(
            "E6207",
            "with this smoothing some cells follow from nothing: their limits are wider "
            "than a factor of e^{widest:g}; take a larger one",
            widest=_WIDEST,
        )
    dimension = float((np.diag(covariance) * weights).sum())
    shape = events.shape
    return Graduation(
        theta=theta.reshape(shape),
        lower=(theta - spread).reshape(shape),
        upper=(theta + spread).reshape(shape),
        smoothing=given,
        is_chosen=is_chosen,
        order=order,
        effective_dimension=dimension,
        tests=graduation_tests(d, e * np.exp(theta), dimension, theta.reshape(shape)),
    )


def graduation_tests(
    events: Float, graduated: Float, dimension: float, theta: Float | None = None
) -> GraduationTests:
    """Return tests of graduated events against observed ones.

    Parameters
    ----------
    events, graduated : float64, shape (n,)
        In the order of age.
    dimension : float
        Effective dimension of the graduation, taken off the degrees of freedom.
    theta : float64, optional
        What is graduated, for the measure of smoothness; default ``ln graduated``.
    """
    from scipy.special import chdtrc
    from scipy.stats import binomtest

    used = graduated >= 1.0
    d, g = events[used], graduated[used]
    chi_square = float(((d - g) ** 2 / g).sum())
    freedom = max(float(used.sum()) - dimension, 0.0)
    is_positive = d > g
    n, positive = int(used.sum()), int(is_positive.sum())
    runs = 0 if n == 0 else 1 + int((is_positive[1:] != is_positive[:-1]).sum())
    shown = np.log(graduated) if theta is None else theta
    third = np.diff(shown, 3, axis=0) if shown.shape[0] > 3 else np.zeros(1)
    return GraduationTests(
        chi_square=chi_square,
        degrees_of_freedom=freedom,
        chi_square_p=float(chdtrc(freedom, chi_square)) if freedom else nan,
        n_cells=n,
        n_positive=positive,
        signs_p=float(binomtest(positive, n, 0.5).pvalue) if n else nan,
        runs=runs,
        runs_p=_few_runs_probability(positive, n - positive, runs),
        cumulative=float((d - g).sum() / np.sqrt(g.sum())) if n else 0.0,
        smoothness=float((third**2).sum()),
    )


def _few_runs_probability(positive: int, negative: int, runs: int) -> float:
    """Probability of at most so many runs among given numbers of both signs in random order."""
    from math import comb

    if positive == 0 or negative == 0:
        return nan
    ways = 0
    for r in range(2, runs + 1):
        half, odd = divmod(r, 2)
        if odd:
            ways += comb(positive - 1, half) * comb(negative - 1, half - 1)
            ways += comb(positive - 1, half - 1) * comb(negative - 1, half)
        else:
            ways += 2 * comb(positive - 1, half - 1) * comb(negative - 1, half - 1)
    return ways / comb(positive + negative, positive)


def checked_order(order: int) -> None:
    """Refuse an order of differences that no graduation takes (E6206)."""
    if isinstance(order, bool) or not 1 <= order <= MOST_ORDER:
        raise EstimateError(
            "E6206",
            "the order of differences is {order}; give 1 to {most}",
            order=order,
            most=MOST_ORDER,
        )


def checked_smoothing(smoothing: Sequence[float] | float, directions: int) -> tuple[float, ...]:
    """Return λ of each direction; refuse what is not finite or below 0 (E6206)."""
    given = (smoothing,) * directions if isinstance(smoothing, (int, float)) else tuple(smoothing)
    if len(given) != directions or not all(0.0 <= s < np.inf for s in given):
        raise EstimateError(
            "E6206",
            "the smoothing is {given}; give {directions} finite number(s), 0 or more",
            given=given,
            directions=directions,
        )
    return given


class _Penalty:
    """The penalty matrix ``P = Σ λ_i P_i`` as a band: cells in rows of the second direction."""

    def __init__(self, shape: tuple[int, ...], order: int) -> None:
        from scipy import sparse

        if len(shape) not in (1, 2) or min(shape) <= order:
            raise EstimateError(
                "E6207",
                "{cells} cells are too few for differences of order {order}",
                cells=" × ".join(map(str, shape)),
                order=order,
            )
        self.shape, self.order = shape, order
        squares, self._eigenvalues = [], []
        for n in shape:
            difference = np.diff(np.eye(n), order, axis=0)
            square = difference.T @ difference
            squares.append(sparse.csr_matrix(square))
            self._eigenvalues.append(np.concatenate((np.zeros(order), np.linalg.eigvalsh(square)[order:])))
        if len(shape) == 2:
            squares = [
                sparse.kron(squares[0], sparse.identity(shape[1])),
                sparse.kron(sparse.identity(shape[0]), squares[1]),
            ]
        self._bands = [_lower_band(s, order * (shape[1] if len(shape) == 2 else 1)) for s in squares]

    def solved(self, weights: Float, right: Float, smoothing: Sequence[float]) -> tuple[Float, float]:
        """Solution of ``(W + P)θ = right`` and ``ln det (W + P)``."""
        from scipy.linalg import LinAlgError, cho_solve_banded, cholesky_banded

        band = sum(
            (s * b for s, b in zip(smoothing, self._bands, strict=True)), np.zeros_like(self._bands[0])
        )
        band[0] += weights
        try:
            root = cholesky_banded(band, lower=True)
        except LinAlgError as error:
            raise EstimateError(
                "E6207", "too few cells with exposure for this smoothing; take a larger one, or a lower order"
            ) from error
        return cho_solve_banded((root, True), right), 2.0 * float(np.log(root[0]).sum())

    def of(self, theta: Float, smoothing: Sequence[float]) -> float:
        """``θ'Pθ``."""
        grid = theta.reshape(self.shape)
        return sum(
            s * float((np.diff(grid, self.order, axis=axis) ** 2).sum()) for axis, s in enumerate(smoothing)
        )

    def log_determinant(self, smoothing: Sequence[float]) -> float:
        """``ln`` of the product of the eigenvalues of P that are not 0 for every λ."""
        values = smoothing[0] * self._eigenvalues[0]
        never = self._eigenvalues[0] == 0.0
        if len(self.shape) == 2:
            values = values[:, None] + smoothing[1] * self._eigenvalues[1][None, :]
            never = never[:, None] & (self._eigenvalues[1] == 0.0)[None, :]
        return float(np.log(values[~never]).sum())

    def dense(self, smoothing: Sequence[float]) -> Float:
        """P in full."""
        n = int(np.prod(self.shape))
        full = np.zeros((n, n))
        for s, band in zip(smoothing, self._bands, strict=True):
            for k in range(band.shape[0]):
                at = np.arange(n - k)
                full[at + k, at] += s * band[k, : n - k]
                if k:
                    full[at, at + k] += s * band[k, : n - k]
        return full


def _lower_band(matrix: Any, width: int) -> Float:
    """A symmetric sparse matrix as its diagonals downwards, shape (width + 1, n)."""
    n = matrix.shape[0]
    band = np.zeros((width + 1, n))
    for k in range(width + 1):
        band[k, : n - k] = matrix.diagonal(-k)
    return band


def _refuse_sparse(has_weight: NDArray[np.bool_], order: int) -> None:
    if has_weight.sum() <= order:
        raise EstimateError(
            "E6207",
            "{n} cells with exposure are too few for differences of order {order}",
            n=int(has_weight.sum()),
            order=order,
        )


def _fitted(penalty: _Penalty, d: Float, e: Float, smoothing: Sequence[float]) -> tuple[Float, Float, float]:
    """θ, the weights ``E·e^θ``, and the penalised log-likelihood less ½·ln det(W + P)."""

    def likelihood_of(theta: Float) -> float:
        return float((d * theta - e * np.exp(theta)).sum()) - penalty.of(theta, smoothing) / 2.0

    theta = np.full(d.shape, np.log(d.sum() / e.sum()))
    likelihood = likelihood_of(theta)
    for _ in range(_STEPS):
        weights = e * np.exp(theta)
        step = penalty.solved(weights, weights * theta + d - weights, smoothing)[0] - theta
        part = min(1.0, _STEP_LIMIT / max(float(np.abs(step).max()), 1e-300))
        new = likelihood_of(theta + part * step)
        while new < likelihood and part > _LEAST_PART:
            part /= 2.0
            new = likelihood_of(theta + part * step)
        gain = new - likelihood
        if gain > 0.0:
            theta, likelihood = theta + part * step, new
        if gain <= _TOLERANCE * (1.0 + abs(likelihood)):
            break
    else:
        raise EstimateError("E6207", "the graduation does not settle: take a larger smoothing")
    weights = e * np.exp(theta)
    _, log_determinant = penalty.solved(weights, d, smoothing)
    return theta, weights, likelihood - log_determinant / 2.0


def _chosen(penalty: _Penalty, d: Float, e: Float) -> tuple[float, ...]:
    """λ of highest restricted likelihood, between 10⁻² and 10⁸."""
    from scipy.optimize import minimize, minimize_scalar

    low, high = _LOG_SMOOTHING

    def minus(logs: Sequence[float]) -> float:
        smoothing = tuple(float(10.0 ** np.clip(x, low, high)) for x in logs)
        return -(_fitted(penalty, d, e, smoothing)[2] + penalty.log_determinant(smoothing) / 2.0)

    if len(penalty.shape) == 1:
        grid = np.arange(low, high + 0.5)
        best = float(grid[int(np.argmin([minus((x,)) for x in grid]))])
        bounds = (max(best - 1.0, low), min(best + 1.0, high))
        found = minimize_scalar(
            lambda x: minus((x,)), bounds=bounds, method="bounded", options={"xatol": 1e-4}
        )
        return (_smoothing_at(float(found.x)),)
    grid2 = [(a, b) for a in (0.0, 2.0, 4.0, 6.0) for b in (0.0, 2.0, 4.0, 6.0)]
    first = min(grid2, key=minus)
    # steps of its own: those of scipy are a 20th of each value, next to nothing at 0
    simplex = [first, (first[0] + 1.0, first[1]), (first[0], first[1] + 1.0)]
    options = {"initial_simplex": simplex, "xatol": 1e-2, "fatol": 1e-4, "maxfev": 200}
    found = minimize(minus, first, method="Nelder-Mead", bounds=[_LOG_SMOOTHING] * 2, options=options)
    return tuple(_smoothing_at(float(x)) for x in found.x)


def _smoothing_at(log: float) -> float:
    """λ of a power of ten; what is next to the upper end is the end."""
    high = _LOG_SMOOTHING[1]
    return float(10.0 ** (high if high - log < _AT_END else log))
