"""Tests of a rating: the Gini index of a million risks, the double sum it equals, a book rated by experience.

The double sum asks every pair, the index sorts once: an algorithmic gain, on equal risks and equal to 1e-12.
Run: ``pytest benchmarks/test_rating.py --benchmark-only``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actuarial.experience_rating.lift import ordered_lorenz, quantile_test

Float64 = NDArray[np.float64]

FEW, MANY = 5_000, 1_000_000


def risks(n: int) -> tuple[Float64, Float64, Float64]:
    rng = np.random.default_rng(11)
    factor = np.exp(0.3 * rng.standard_normal(n))
    premium = rng.gamma(2.0, 1.0, n)
    return factor, premium, premium * factor * rng.gamma(0.2, 5.0, n)


def double_sum(factor: Float64, premium: Float64, loss: Float64) -> float:
    """All pairs in numpy, row by row."""
    pairs = 0.0
    for r, p in zip(factor, premium, strict=True):
        pairs += p * float(loss[factor > r].sum() + 0.5 * loss[factor == r].sum())
    return 2.0 * pairs / float(premium.sum() * loss.sum()) - 1.0


@pytest.mark.parametrize("name", ["sorted", "double sum"])
def test_gini_of_few(benchmark: Any, name: str) -> None:
    few = risks(FEW)
    functions = {"sorted": lambda: ordered_lorenz(*few).gini, "double sum": lambda: double_sum(*few)}
    found = benchmark(functions[name])
    assert found == pytest.approx(ordered_lorenz(*few).gini, abs=1e-12)


def test_gini_with_its_error_of_many(benchmark: Any) -> None:
    many = risks(MANY)
    assert benchmark(lambda: ordered_lorenz(*many)).standard_error < 0.01


def test_quintiles_of_many(benchmark: Any) -> None:
    many = risks(MANY)
    assert len(benchmark(lambda: quantile_test(*many)).groups) == 5
