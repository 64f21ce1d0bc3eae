"""Gini index and quantile test against slow sums, the formula of an R package, a jackknife, and by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from actuarial.experience_rating.lift import ordered_lorenz, quantile_test
from actuarial.experience_rating.modification import RatingError

Float64 = NDArray[np.float64]


def slow_gini(factor: list[int], premium: list[int], loss: list[int]) -> Fraction:
    """2 · P(factor of a tenge of premium < factor of a tenge of loss) + P(equal) − 1, all pairs."""
    pairs = Fraction(0)
    for r, p in zip(factor, premium, strict=True):
        for s, y in zip(factor, loss, strict=True):
            pairs += p * y * (Fraction(r < s) + Fraction(r == s, 2))
    return 2 * pairs / (sum(premium) * sum(loss)) - 1


def as_cplm(loss: Float64, premium: Float64, factor: Float64) -> tuple[float, float]:
    """Index and standard error as the R package cplm (Y. Zhang, R/gini.R) has them; no equal factors."""
    y, p = loss / loss.mean(), premium / premium.mean()
    order = np.argsort(factor)
    y, p, n = y[order], p[order], len(y)
    f_y = np.concatenate(([0.0], np.cumsum(y) / n))
    f_p = np.concatenate(([0.0], np.cumsum(p) / n))
    gini = 1 - float(np.sum(np.diff(f_p) * (f_y[1:] + f_y[:-1])))
    h = 0.5 * (p * f_y[1:] + y * (1 - f_p[1:]))
    mean = 0.5 * (1 - gini)

    def cov(a: Float64, b: Float64) -> float:
        return float(np.cov(a, b)[0, 1])

    variance = 4 * (
        4 * cov(h, h)
        + mean**2 * (cov(y, y) + cov(p, p))
        - 4 * mean * (cov(h, y) + cov(h, p))
        + 2 * mean**2 * cov(y, p)
    )
    return gini, float(np.sqrt(variance / n))


def drawn(n: int, seed: int) -> tuple[Float64, Float64, Float64]:
    rng = np.random.default_rng(seed)
    factor = np.exp(0.4 * rng.standard_normal(n))
    premium = rng.gamma(2.0, 1.0, n)
    return factor, premium, premium * factor * rng.gamma(0.3, 1 / 0.3, n)


SMALL = st.integers(min_value=1, max_value=6)


@given(st.lists(st.tuples(SMALL, SMALL, SMALL), min_size=1, max_size=12))
def test_gini_is_the_double_sum(rows: list[tuple[int, int, int]]) -> None:
    factor, premium, loss = (list(column) for column in zip(*rows, strict=True))
    found = ordered_lorenz(factor, premium, loss)
    assert found.gini == pytest.approx(float(slow_gini(factor, premium, loss)), abs=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gini_and_standard_error_of_cplm(seed: int) -> None:
    factor, premium, loss = drawn(500, seed)
    found = ordered_lorenz(factor, premium, loss)
    gini, error = as_cplm(loss, premium, factor)
    assert found.gini == pytest.approx(gini, rel=1e-12)
    # the package takes F at the risk itself, here it is the middle of the step: the two halves cancel
    assert found.standard_error == pytest.approx(error, rel=1e-11)


def test_standard_error_of_a_jackknife_with_equal_factors() -> None:
    factor, premium, loss = drawn(400, 4)
    factor = np.round(factor, 1)
    found = ordered_lorenz(factor, premium, loss)
    n = factor.size
    without = np.array(
        [
            ordered_lorenz(np.delete(factor, i), np.delete(premium, i), np.delete(loss, i)).gini
            for i in range(n)
        ]
    )
    jackknife = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    assert found.standard_error == pytest.approx(jackknife, rel=0.08)


def test_gini_of_worthless_perfect_and_reverse_order() -> None:
    premium = np.ones(1000)
    assert ordered_lorenz(np.ones(1000), premium, np.arange(1000.0)).gini == pytest.approx(0.0, abs=1e-12)
    loss = np.zeros(1000)
    loss[-1] = 5.0
    factor = np.arange(1000.0)
    assert ordered_lorenz(factor, premium, loss).gini == pytest.approx(1 - 1 / 1000)
    assert ordered_lorenz(-factor, premium, loss).gini == pytest.approx(-(1 - 1 / 1000))


def test_curve_runs_from_0_to_1_and_does_not_depend_on_order() -> None:
    factor, premium, loss = drawn(50, 5)
    found = ordered_lorenz(factor, premium, loss)
    assert found.premium_share[[0, -1]].tolist() == found.loss_share[[0, -1]].tolist() == [0.0, 1.0]
    other = np.random.default_rng(6).permutation(50)
    again = ordered_lorenz(factor[other], premium[other], loss[other])
    np.testing.assert_array_equal(again.premium_share, found.premium_share)
    assert again.gini == found.gini


def test_quintiles_by_hand() -> None:
    """Ten risks of premium 10; losses 0 0 | 5 5 | 10 10 | 10 20 | 20 20; factors say so."""
    factor = np.array([0.5, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.6, 1.7])
    loss = np.array([0, 0, 5, 5, 10, 10, 10, 20, 20, 20], dtype=np.float64)
    premium = np.full(10, 10.0)
    found = quantile_test(factor, premium, loss)
    assert [g.n_risks for g in found.groups] == [2, 2, 2, 2, 2]
    # all: 100 / 100 = 1
    assert [g.ratio for g in found.groups] == pytest.approx([0.0, 0.5, 1.0, 1.5, 2.0])
    assert found.balance == pytest.approx(1.0)
    after = [0.0, 10 / 15, 20 / 19, 30 / 23, 40 / 33]
    assert [g.modified_ratio for g in found.groups] == pytest.approx(after)
    assert found.lift == float("inf")
    # fourth group: losses 10 and 20 around 15, so √50 over 20
    assert found.groups[3].standard_error == pytest.approx(np.sqrt(50) / 20)
    weights = [10, 15, 19, 23, 33]
    mean = sum(a * w for a, w in zip(after, weights, strict=True)) / 100
    spread = sum(w * (a - mean) ** 2 for a, w in zip(after, weights, strict=True)) / 100
    assert found.statistic == pytest.approx(spread / 0.5)


def test_equal_factors_stay_together() -> None:
    factor = np.array([1.0] * 8 + [1.5, 2.0])
    found = quantile_test(factor, np.ones(10), np.ones(10))
    assert [(g.n_risks, g.lowest, g.highest) for g in found.groups] == [(8, 1.0, 1.0), (2, 1.5, 2.0)]
    assert found.asked == 5


def test_perfect_rating_makes_ratios_level() -> None:
    factor = np.linspace(0.5, 2.0, 100)
    found = quantile_test(factor, np.ones(100), factor)
    assert found.statistic == pytest.approx(0.0, abs=1e-12)
    assert [g.modified_ratio for g in found.groups] == pytest.approx([1.0] * 5)


def test_groups_add_up() -> None:
    factor, premium, loss = drawn(333, 7)
    found = quantile_test(factor, premium, loss, 10)
    assert sum(g.n_risks for g in found.groups) == 333
    assert sum(g.premium for g in found.groups) == pytest.approx(premium.sum())
    assert sum(g.modified_premium for g in found.groups) == pytest.approx(premium.sum())
    assert sum(g.loss for g in found.groups) == pytest.approx(loss.sum())


@pytest.mark.parametrize("loss", [[], [0.0, 0.0]])
def test_nothing_to_test_on(loss: list[float]) -> None:
    ones = [1.0] * len(loss)
    for function in (ordered_lorenz, quantile_test):
        with pytest.raises(
            RatingError, match="a rating is tested on risks with premium and losses"
        ) as caught:
            function(ones, ones, loss)
        assert caught.value.code == "E4811"


def test_factors_are_above_0() -> None:
    with pytest.raises(RatingError, match="factors above 0"):
        quantile_test([0.0, 1.0], [1.0, 1.0], [1.0, 1.0])
