"""Matrices with credibility: against scipy's Dirichlet-multinomial, fractions, and a known truth."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import beta, dirichlet_multinomial

from actuarial.basis import Basis
from mortality import CertificationMatrices
from mortality.estimate import EstimateError
from mortality.matrix_estimate import (
    MOST_STRENGTH,
    estimated_matrices,
    prior_strength,
    rounded_rows,
)


def drawn_counts(prior: CertificationMatrices, strength: float, per_row: int, seed: int) -> np.ndarray:
    """Rows drawn about the prior as a Dirichlet, certifications drawn from them."""
    random = np.random.default_rng(seed)
    counts = np.zeros(prior.probabilities.shape, dtype=np.int64)
    for at in np.ndindex(counts.shape[:2]):
        p = prior.probabilities[at]
        row = np.zeros(5)
        row[p > 0] = random.dirichlet(strength * p[p > 0])
        counts[at] = random.multinomial(per_row, row)
    return counts


def test_posterior_mean_in_fractions(prior: Basis) -> None:
    counts = drawn_counts(prior.matrices, 20.0, 37, 1)
    found = estimated_matrices(counts, prior.matrices, 12.0)
    for at in np.ndindex(counts.shape):
        n = Fraction(int(counts[at[:2]].sum()))
        p = Fraction(float(prior.matrices.probabilities[at]))
        exact = (int(counts[at]) + 12 * p) / (n + 12)
        assert found.fitted[at] == pytest.approx(float(exact), rel=1e-12)
        z = n / (n + 12)
        assert found.credibility[at[:2]] == pytest.approx(float(z), rel=1e-14)
        assert float(exact) == pytest.approx(float(z * int(counts[at]) / n + (1 - z) * p), rel=1e-12)
    np.testing.assert_allclose(found.fitted.sum(axis=2), 1.0, rtol=1e-12)


def test_limits_are_those_of_the_marginal_beta(prior: Basis) -> None:
    counts = drawn_counts(prior.matrices, 20.0, 50, 2)
    found = estimated_matrices(counts, prior.matrices, 15.0)
    alpha = counts + 15.0 * prior.matrices.probabilities
    for at in np.ndindex(counts.shape):
        a, b = alpha[at], alpha[at[:2]].sum() - alpha[at]
        if a > 0:
            assert found.fitted_lower[at] == pytest.approx(beta.ppf(0.025, a, b), rel=1e-7, abs=1e-290)
            assert found.fitted_upper[at] == pytest.approx(beta.ppf(0.975, a, b), rel=1e-7)
        else:
            assert (found.fitted_lower[at], found.fitted_upper[at]) == (0.0, 0.0)


def test_strength_maximises_the_likelihood_of_scipy(prior: Basis) -> None:
    counts = drawn_counts(prior.matrices, 25.0, 120, 3)
    p = prior.matrices.probabilities

    def minus(log_k: float) -> float:
        rows = (
            dirichlet_multinomial.logpmf(
                counts[at][p[at] > 0], np.exp(log_k) * p[at][p[at] > 0], counts[at].sum()
            )
            for at in np.ndindex(counts.shape[:2])
        )
        return -float(sum(rows))

    best = minimize_scalar(minus, bounds=(0.0, 8.0), method="bounded", options={"xatol": 1e-10})
    assert np.log(prior_strength(counts, p)) == pytest.approx(best.x, abs=1e-5)


def test_strength_finds_the_truth(prior: Basis) -> None:
    found = [
        prior_strength(drawn_counts(prior.matrices, 40.0, 150, seed), prior.matrices.probabilities)
        for seed in range(60)
    ]
    assert np.exp(np.mean(np.log(found))) == pytest.approx(40.0, rel=0.15)


def test_counts_like_the_prior_leave_it_as_it_is(prior: Basis) -> None:
    random = np.random.default_rng(5)
    counts = np.array(
        [[random.multinomial(5000, row / row.sum()) for row in m] for m in prior.matrices.probabilities]
    )
    strength = prior_strength(counts, prior.matrices.probabilities)
    assert strength > 2_000
    exact = (1e4 * prior.matrices.probabilities).round().astype(np.int64)
    assert prior_strength(exact, prior.matrices.probabilities) == MOST_STRENGTH


def test_posterior_limits_hold_the_truth(prior: Basis) -> None:
    """Truth drawn from the prior: 95 % limits hold it in about 95 % of entries."""
    random = np.random.default_rng(6)
    inside = total = 0
    for _ in range(40):
        truth = np.zeros((4, 5))
        p = prior.matrices.probabilities[1]
        for b in range(4):
            truth[b, p[b] > 0] = random.dirichlet(30.0 * p[b][p[b] > 0])
        counts = np.array([[random.multinomial(60, row) for row in truth]])
        found = estimated_matrices(
            counts, CertificationMatrices((0,), prior.matrices.probabilities[1:2]), 30.0
        )
        possible = p > 0
        held = (found.fitted_lower[0] <= truth) & (truth <= found.fitted_upper[0])
        inside, total = inside + held[possible].sum(), total + possible.sum()
    assert 0.93 < inside / total < 0.97


def test_no_certification_keeps_the_prior_without_limits(prior: Basis) -> None:
    counts = np.zeros(prior.matrices.probabilities.shape, dtype=np.int64)
    found = estimated_matrices(counts, prior.matrices)
    np.testing.assert_array_equal(found.fitted, prior.matrices.probabilities)
    assert found.strength is None
    assert not found.credibility.any()
    assert np.isnan(found.fitted_lower).all()


def test_states_that_the_prior_calls_impossible(prior: Basis) -> None:
    counts = drawn_counts(prior.matrices, 30.0, 100, 7)
    counts[0, 0, 3] += 3  # A to D has probability 0
    found = estimated_matrices(counts, prior.matrices)
    assert found.impossible == 3
    assert found.fitted[0, 0, 3] == pytest.approx(3 / (103 + found.strength))
    without = counts.copy()
    without[0, 0, 3] -= 3
    assert found.strength == pytest.approx(prior_strength(without, prior.matrices.probabilities))


def test_what_cannot_be_estimated(prior: Basis) -> None:
    counts = np.zeros(prior.matrices.probabilities.shape, dtype=np.int64)
    counts[0, 1] = [1, 10, 0, 0, 3]
    with pytest.raises(
        EstimateError, match=r"14 certifications, 14 of them .* too few .* give the prior strength"
    ) as error:
        estimated_matrices(counts, prior.matrices)
    assert error.value.code == "E6205"
    assert estimated_matrices(counts, prior.matrices, 20.0).credibility[0, 1] == pytest.approx(14 / 34)
    for strength in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(EstimateError, match="give a number above 0"):
            estimated_matrices(counts, prior.matrices, strength)


def test_rows_that_say_nothing_of_the_strength(prior: Basis) -> None:
    """A prior row with one state gives its counts the probability 1 whatever k is."""
    rows = prior.matrices.probabilities.copy()
    rows[:, 3] = [0.0, 0.0, 0.0, 1.0, 0.0]
    counts = np.zeros(rows.shape, dtype=np.int64)
    counts[0, 3] = [0, 0, 0, 38, 2]
    with pytest.raises(EstimateError, match="40 certifications, 0 of them in rows that can tell") as error:
        prior_strength(counts, rows)
    assert error.value.code == "E6205"
    counts[1, 1] = [2, 30, 5, 0, 3]
    alone = counts.copy()
    alone[0, 3] = 0
    assert prior_strength(counts, rows) == prior_strength(alone, rows)


def test_rounded_rows_sum_to_one(prior: Basis) -> None:
    counts = drawn_counts(prior.matrices, 20.0, 37, 8)
    fitted = estimated_matrices(counts, prior.matrices, 7.0).fitted
    rounded = np.array(rounded_rows(fitted))
    assert np.abs(rounded - fitted).max() < 3e-6
    assert all(sum(Fraction(str(x)) for x in row) == 1 for matrix in rounded.tolist() for row in matrix)
