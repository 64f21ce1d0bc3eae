"""Whittaker-Henderson against dense equations in 40 digits, plain Newton, and enumeration."""

from itertools import combinations
from math import comb

import mpmath
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from mortality.estimate import EstimateError
from mortality.graduate import (
    graduated_ratio,
    graduation_tests,
    whittaker_henderson,
)


def differences(n: int, order: int) -> np.ndarray:
    """Rows of Δ^z written out from binomial coefficients."""
    rows = np.zeros((n - order, n))
    for i in range(n - order):
        for k in range(order + 1):
            rows[i, i + k] = (-1) ** (order - k) * comb(order, k)
    return rows


def penalty(shape: tuple[int, ...], smoothing: tuple[float, ...], order: int) -> np.ndarray:
    if len(shape) == 1:
        d = differences(shape[0], order)
        return smoothing[0] * d.T @ d
    rows, columns = (differences(n, order) for n in shape)
    return smoothing[0] * np.kron(rows.T @ rows, np.eye(shape[1])) + smoothing[1] * np.kron(
        np.eye(shape[0]), columns.T @ columns
    )


@pytest.mark.parametrize(
    ("shape", "smoothing", "order"),
    [((12,), (3.5,), 1), ((15,), (250.0,), 2), ((11,), (1e6,), 3), ((6, 5), (4.0, 70.0), 2)],
)
def test_normal_equations_in_forty_digits(shape, smoothing, order) -> None:
    random = np.random.default_rng(1)
    values = random.normal(5, 2, shape)
    weights = random.uniform(0, 30, shape) * (random.random(shape) < 0.9)
    found = whittaker_henderson(values, weights, smoothing, order)
    with mpmath.workdps(40):
        left = mpmath.matrix(penalty(shape, smoothing, order).tolist())
        for i, w in enumerate(weights.ravel()):
            left[i, i] += mpmath.mpf(float(w))
        right = mpmath.matrix(
            [mpmath.mpf(float(a)) * float(b) for a, b in zip(weights.flat, values.flat, strict=True)]
        )
        exact = [float(x) for x in mpmath.lu_solve(left, right)]
    np.testing.assert_allclose(found.ravel(), exact, rtol=2e-8)


def test_what_must_hold_of_every_graduation() -> None:
    random = np.random.default_rng(2)
    y, w = random.normal(size=30), random.uniform(1, 5, 30)
    np.testing.assert_allclose(whittaker_henderson(y, w, 0.0), y, rtol=1e-12)
    line = 3.0 + 0.25 * np.arange(30)
    np.testing.assert_allclose(whittaker_henderson(line, w, 1e5), line, rtol=1e-9)
    # moments: total and first moment are kept by differences of order 2
    found = whittaker_henderson(y, w, 77.0)
    assert (w * found).sum() == pytest.approx((w * y).sum(), abs=1e-9)
    assert (w * found * np.arange(30)).sum() == pytest.approx((w * y * np.arange(30)).sum(), abs=1e-8)
    # more smoothing is smoother and further from the data
    rough, smooth = (whittaker_henderson(y, w, s) for s in (1.0, 100.0))
    assert (np.diff(smooth, 2) ** 2).sum() < (np.diff(rough, 2) ** 2).sum()
    assert (w * (y - smooth) ** 2).sum() > (w * (y - rough) ** 2).sum()


def deaths(seed: int, n: int = 40, wave: float = 9.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deaths, expected deaths and the true log ratio."""
    random = np.random.default_rng(seed)
    expected = 30 * np.exp(-(((np.arange(n) - 22) / 9) ** 2)) + 0.01
    truth = 0.5 * np.sin(np.arange(n) / wave)
    return random.poisson(expected * np.exp(truth)).astype(float), expected, truth


@pytest.mark.parametrize("order", [1, 2, 3])
def test_poisson_form_is_the_maximum(order: int) -> None:
    d, e, _ = deaths(3)
    found = graduated_ratio(d, e, 40.0, order)
    p = penalty((40,), (40.0,), order)

    def minus(theta: np.ndarray) -> float:
        return -float((d * theta - e * np.exp(theta)).sum()) + theta @ p @ theta / 2

    best = minimize(
        minus, np.zeros(40), jac=lambda t: e * np.exp(t) - d + p @ t,
        hess=lambda t: np.diag(e * np.exp(t)) + p, method="trust-exact", options={"gtol": 1e-9},
    )  # fmt: skip
    np.testing.assert_allclose(found.theta, best.x, atol=1e-6)
    covariance = np.linalg.inv(np.diag(e * np.exp(best.x)) + p)
    spread = 1.959963984540054 * np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(found.upper - found.theta, spread, rtol=1e-5)
    dimension = np.trace(covariance @ np.diag(e * np.exp(best.x)))
    assert found.effective_dimension == pytest.approx(dimension, rel=1e-6)
    assert (e * np.exp(found.theta)).sum() == pytest.approx(d.sum(), rel=1e-9)


def restricted_likelihood(
    d: np.ndarray, e: np.ndarray, shape: tuple[int, ...], smoothing, order: int
) -> float:
    """Laplace's approximation with dense determinants, plain Newton steps."""
    p = penalty(shape, smoothing, order)
    theta = np.full(d.size, np.log(d.sum() / e.sum()))
    for _ in range(200):
        w = e * np.exp(theta)
        theta = theta + 0.7 * np.linalg.solve(np.diag(w) + p, d - w - p @ theta)
    w = e * np.exp(theta)
    eigenvalues = np.linalg.eigvalsh(p)
    null = order ** len(shape)
    likelihood = (d * theta - w).sum() - theta @ p @ theta / 2
    return float(likelihood - np.linalg.slogdet(np.diag(w) + p)[1] / 2 + np.log(eigenvalues[null:]).sum() / 2)


def test_chosen_smoothing_is_the_likeliest() -> None:
    d, e, _ = deaths(4, wave=4.0)
    chosen = graduated_ratio(d, e)
    (best,) = chosen.smoothing
    assert chosen.is_chosen
    at_best = restricted_likelihood(d, e, (40,), (best,), 2)
    for factor in (0.5, 0.9, 1.1, 2.0):
        assert restricted_likelihood(d, e, (40,), (best * factor,), 2) < at_best + 1e-6
    grid = [restricted_likelihood(d, e, (40,), (10.0**x,), 2) for x in np.arange(-1, 6.1, 0.5)]
    assert max(grid) <= at_best + 1e-6


def test_chosen_smoothing_in_two_dimensions() -> None:
    random = np.random.default_rng(5)
    e = np.outer(np.linspace(2, 9, 9), np.exp(-np.arange(6) / 3)) * 4
    truth = 0.4 * np.sin(np.arange(9) / 3)[:, None] - 0.2 * np.arange(6)[None, :]
    d = random.poisson(e * np.exp(truth)).astype(float)
    chosen = graduated_ratio(d, e)
    at_best = restricted_likelihood(d.ravel(), e.ravel(), (9, 6), chosen.smoothing, 2)
    for factors in ((0.5, 1), (2, 1), (1, 0.5), (1, 2)):
        other = tuple(s * f for s, f in zip(chosen.smoothing, factors, strict=True))
        assert restricted_likelihood(d.ravel(), e.ravel(), (9, 6), other, 2) < at_best + 1e-3
    assert (e * np.exp(chosen.theta)).sum() == pytest.approx(d.sum(), rel=1e-9)


def test_limits_hold_the_truth() -> None:
    """Truth of the kind the penalty supposes, Δ²θ normal: 95 % limits hold it at about 95 % of the ages."""
    held = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        truth = np.cumsum(np.cumsum(random.normal(0, 0.05, 40)))
        truth -= truth.mean()
        expected = np.full(40, 15.0)
        found = graduated_ratio(random.poisson(expected * np.exp(truth)).astype(float), expected)
        held.append(((found.lower <= truth) & (truth <= found.upper)).mean())
    assert 0.91 < np.mean(held) < 0.98


def test_ages_without_exposure_are_bridged() -> None:
    d, e, _ = deaths(6)
    d[10:14], e[10:14] = 0.0, 0.0
    found = graduated_ratio(d, e, 20.0)
    # over the gap the fourth differences are 0: a cubic joins the two sides
    np.testing.assert_allclose(np.diff(found.theta, 4)[8:12], 0.0, atol=1e-9)
    assert (found.upper - found.lower)[12] > (found.upper - found.lower)[20]


# ---------------------------------------------------------------- tests of fit


def test_few_runs_by_enumeration() -> None:
    """All orders of 4 positive and 5 negative deviations."""
    graduated = np.full(9, 10.0)
    counts: dict[int, int] = {}
    for positive in combinations(range(9), 4):
        signs = np.full(9, -1)
        signs[list(positive)] = 1
        runs = 1 + int((signs[1:] != signs[:-1]).sum())
        counts[runs] = counts.get(runs, 0) + 1
    for positive in ((0, 1, 2, 3), (0, 2, 4, 6), (1, 2, 5, 6), (0, 1, 7, 8)):
        events = graduated - 1.0
        events[list(positive)] += 2.0
        found = graduation_tests(events, graduated, 1.0)
        exact = sum(n for runs, n in counts.items() if runs <= found.runs) / comb(9, 4)
        assert found.runs_p == pytest.approx(exact, rel=1e-14)
        assert (found.n_cells, found.n_positive) == (9, 4)
        assert found.signs_p == pytest.approx(1.0)


def test_measures_by_hand() -> None:
    events, graduated = np.array([3.0, 9.0, 4.0, 12.0, 0.0]), np.array([4.0, 6.0, 6.0, 9.0, 0.5])
    found = graduation_tests(events, graduated, 1.5, np.array([0.0, 1.0, 0.0, 2.0, 3.0]))
    assert found.chi_square == pytest.approx(1 / 4 + 9 / 6 + 4 / 6 + 9 / 9)
    assert found.degrees_of_freedom == 2.5
    assert found.chi_square_p == pytest.approx(chi2.sf(found.chi_square, 2.5))
    assert (found.n_cells, found.n_positive, found.runs) == (4, 2, 4)
    assert found.cumulative == pytest.approx(3 / 5)
    # Δ³ of 0, 1, 0, 2, 3: 2 - 3·0 + 3·1 - 0 = 5 and 3 - 3·2 + 3·0 - 1 = -4
    assert found.smoothness == pytest.approx(25.0 + 16.0)


def test_no_p_where_there_is_nothing_to_test() -> None:
    small = graduation_tests(np.array([1.0, 0.0]), np.array([0.5, 0.6]), 1.0)
    assert np.isnan([small.chi_square_p, small.signs_p, small.runs_p]).all()
    one_sided = graduation_tests(np.array([3.0, 4.0, 5.0]), np.array([2.0, 2.0, 2.0]), 3.0)
    assert np.isnan([one_sided.chi_square_p, one_sided.runs_p]).all()
    assert one_sided.degrees_of_freedom == 0.0
    assert one_sided.signs_p == pytest.approx(0.25)


def test_what_cannot_be_graduated() -> None:
    d, e, _ = deaths(7)
    for smoothing in (-1.0, np.inf, (1.0, 2.0)):
        with pytest.raises(EstimateError, match="the smoothing is") as error:
            graduated_ratio(d, e, smoothing)
        assert error.value.code == "E6206"
    with pytest.raises(EstimateError, match="the order of differences is 5"):
        graduated_ratio(d, e, 1.0, 5)
    with pytest.raises(EstimateError, match="29 events are too few to graduate") as error:
        graduated_ratio(np.eye(1, 40)[0] * 29, e)
    assert error.value.code == "E6207"
    with pytest.raises(EstimateError, match="2 cells with exposure are too few"):
        graduated_ratio(np.where(np.arange(40) < 2, 40.0, 0.0), np.where(np.arange(40) < 2, e, 0.0))
    with pytest.raises(EstimateError, match="3 × 2 cells are too few for differences of order 2"):
        graduated_ratio(np.full((3, 2), 30.0), np.full((3, 2), 9.0), 1.0)
    with pytest.raises(EstimateError, match="some cells follow from nothing"):
        graduated_ratio(np.where(np.arange(40) % 5, 0.0, 40.0), e, 0.0)
    with pytest.raises(EstimateError, match="events in a cell where nothing was expected"):
        graduated_ratio(d, np.where(np.arange(40) == 20, 0.0, e))
