"""Counts are quantiles of the distributions they claim to be; moments with uncertain parameters hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from small_book import VALUATION_DATE, contracts_in_force, model_of, plain_content

from actuarial.basis import load_basis
from actuarial.kernels.new_claim import inverse_count
from actuarial.new_claim.preparation import prepared
from actuarial.new_claim.simulation import NewClaimSimulation, frequency_factors, simulated

CHANCES = [1e-12, 1e-6, 0.01, 0.2, 0.5, 0.9, 0.999, 1 - 1e-9, 1 - 1e-13]


@pytest.mark.parametrize("mean", [1e-5, 0.3, 4.0, 77.7, 400.0])
@pytest.mark.parametrize("dispersion", [0.0, 0.01, 0.5, 20.0])
def test_a_count_is_the_quantile_of_scipy(mean: float, dispersion: float) -> None:
    if dispersion == 0.0:
        law = stats.poisson(mean)
    else:
        law = stats.nbinom(1 / dispersion, 1 / (1 + dispersion * mean))
    for u in CHANCES:
        expected = int(law.ppf(u))
        found = inverse_count(u, mean, dispersion)
        if found != expected:
            # a chance within rounding of a step of the distribution
            assert abs(float(law.cdf(min(found, expected))) - u) < 1e-12


def simulate(folder: Path, scenarios: int, workers: int = 1000, **frequency: Any) -> NewClaimSimulation:
    content = plain_content()
    content["frequency"] |= frequency
    content["dependants"]["families"] = [{"share": 1.0, "members": []}]
    book = contracts_in_force([[(5, workers, 100_000)], [(5, workers, 100_000)], [(9, workers, 100_000)]])
    ready = prepared(
        book,
        model_of(folder, content, (0.01, 0.0, 0.0, 0.0, 0.0)),
        load_basis("illustrative-2026"),
        VALUATION_DATE,
    )
    return simulated(ready, scenarios, 11)


DAYS = 181
"""Of cover after 2026-01-01."""


def within(found: float, expected: float, spread: float, n: int) -> bool:
    return abs(found - expected) < 4 * spread / n**0.5


@pytest.mark.parametrize("dispersion", [None, 0.5])
def test_persons_have_the_moments_of_their_distribution(tmp_path: Path, dispersion: float | None) -> None:
    """One class without and one with two contracts: mean, variance, third central moment."""
    n = 100_000
    choice = {} if dispersion is None else {"count": "negative_binomial", "dispersion": dispersion}
    result = simulate(tmp_path, n, **choice)
    mean = 1000 * 0.01 * DAYS / 365
    alpha = dispersion or 0.0
    persons = result.persons[:, 8].astype(float)
    law = stats.poisson(mean) if not alpha else stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))
    _, variance, skew, kurtosis = law.stats("mvsk")
    assert within(persons.mean(), mean, variance**0.5, n)
    assert within(persons.var(), float(variance), float(variance) * (kurtosis + 2) ** 0.5, n)
    assert abs(stats.skew(persons) - skew) < 0.1
    both = result.persons[:, 4]
    assert within(both.mean(), 2 * mean, (2 * float(variance)) ** 0.5, n)
    assert result.expected_persons[8] == pytest.approx(mean, abs=1e-6)


def test_uncertain_parameters_spread_classes_together(tmp_path: Path) -> None:
    """Variance of a class and covariance of two classes with gamma factors of class and market."""
    n = 60_000
    result = simulate(tmp_path, n, class_cv=0.3, market_cv=0.2)
    mean = 1000 * 0.01 * DAYS / 365
    second = (1 + 0.3**2) * (1 + 0.2**2)
    one, two = result.persons[:, 8].astype(float), result.persons[:, 4].astype(float)
    assert within(one.mean(), mean, (mean + mean**2 * (second - 1)) ** 0.5, n)
    assert one.var() == pytest.approx(mean + mean**2 * (second - 1), rel=0.03)
    assert two.var() == pytest.approx(2 * mean + 4 * mean**2 * (second - 1), rel=0.03)
    assert np.cov(one, two)[0, 1] == pytest.approx(2 * mean**2 * 0.2**2, rel=0.15)


def test_large_counts_are_sums_of_small_ones(tmp_path: Path) -> None:
    """A mean beyond e^-500 of none: the distribution is still Poisson, and negative binomial."""
    n = 1000
    for choice in ({}, {"count": "negative_binomial", "dispersion": 0.001}):
        persons = simulate(tmp_path, n, workers=250_000, **choice).persons[:, 8]
        mean = 250_000 * 0.01 * DAYS / 365
        alpha = choice.get("dispersion", 0.0)
        law = stats.poisson(mean) if not alpha else stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))
        distance = np.abs(
            np.searchsorted(np.sort(persons), grid := np.arange(persons.min(), persons.max()), "right") / n
            - law.cdf(grid)
        ).max()
        assert distance < 1.95 / n**0.5


def test_frequency_factors_are_gamma_with_mean_one(tmp_path: Path) -> None:
    content = plain_content()
    content["frequency"] |= {"class_cv": 0.3}
    factors = frequency_factors(model_of(tmp_path, content), 20_000, 5)
    assert factors.shape == (22, 20_000)
    for row in factors[:4]:
        assert stats.kstest(row, stats.gamma(1 / 0.09, scale=0.09).cdf).pvalue > 1e-3
    assert np.abs(np.corrcoef(factors) - np.eye(22)).max() < 0.04
