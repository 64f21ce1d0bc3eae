"""Credibility against published figures and against best linear prediction by matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actuarial.credibility import CredibilityError, buhlmann_straub, hierarchical, limited_fluctuation

# Hachemeister (1975): average claims and numbers of claims, five states, twelve quarters, as in the R package
# actuar. The figures expected below were printed by its function cm: the one-level ones in the package's
# vignette "Credibility", the hierarchical ones with states 1 and 3 in one cohort.
CLAIMS = np.array(
    [
        [1738, 1642, 1794, 2051, 2079, 2234, 2032, 2035, 2115, 2262, 2267, 2517],
        [1364, 1408, 1597, 1444, 1342, 1675, 1470, 1448, 1464, 1831, 1612, 1471],
        [1759, 1685, 1479, 1763, 1674, 2103, 1502, 1622, 1828, 2155, 2233, 2059],
        [1223, 1146, 1010, 1257, 1426, 1532, 1953, 1123, 1343, 1243, 1762, 1306],
        [1456, 1499, 1609, 1741, 1482, 1572, 1606, 1735, 1607, 1573, 1613, 1690],
    ],
    dtype=np.float64,
)
NUMBERS = np.array(
    [
        [7861, 9251, 8706, 8575, 7917, 8263, 9456, 8003, 7365, 7832, 7849, 9077],
        [1622, 1742, 1523, 1515, 1622, 1602, 1964, 1515, 1527, 1748, 1654, 1861],
        [1147, 1357, 1329, 1204, 998, 1077, 1277, 1218, 896, 1003, 1108, 1121],
        [407, 396, 348, 341, 315, 328, 352, 331, 287, 384, 321, 342],
        [2902, 3172, 3046, 3068, 2693, 2910, 3275, 2697, 2663, 3017, 3242, 3425],
    ],
    dtype=np.float64,
)
COHORTS = ["A", "B", "A", "B", "B"]


def rounded(values: object, digits: int) -> list[float]:
    return np.asarray(values).round(digits).tolist()


def test_hachemeister_one_level() -> None:
    found = buhlmann_straub(CLAIMS, NUMBERS)
    assert round(found.collective, 3) == 1683.713
    assert round(found.within_variance) == 139120026
    assert round(found.between_variance) == 89639
    assert found.unbounded_between_variance == found.between_variance
    assert rounded(found.weight, 0) == [100155, 19895, 13735, 4152, 36110]
    assert rounded(found.mean, 3) == [2060.921, 1511.224, 1805.843, 1352.976, 1599.829]
    assert rounded(found.credibility, 4) == [0.9847, 0.9276, 0.8985, 0.7279, 0.9588]
    assert rounded(found.estimate, 0) == [2055, 1524, 1793, 1443, 1603]


def test_hachemeister_without_weights() -> None:
    found = buhlmann_straub(CLAIMS, np.ones_like(CLAIMS))
    assert (
        round(found.collective, 3),
        round(found.between_variance, 2),
        round(found.within_variance, 2),
    ) == (
        1671.017,
        72310.02,
        46040.47,
    )


def test_hachemeister_in_cohorts() -> None:
    found = hierarchical(CLAIMS, NUMBERS, COHORTS)
    assert round(found.market, 2) == 1742.22
    assert round(found.section_variance, 1) == 87263.7
    assert round(found.between_variance, 2) == 13414.84
    assert round(found.within_variance) == 139120026
    assert rounded(found.section_mean, 2) == [1962.45, 1524.94]
    assert rounded(found.section_weight, 6) == [1.475955, 1.720129]
    assert rounded(found.section_credibility, 7) == [0.9056702, 0.9179619]
    assert rounded(found.section_estimate, 3) == [1941.675, 1542.765]
    assert rounded(found.credibility, 7) == [0.9061701, 0.6573469, 0.5697845, 0.2858991, 0.7768832]
    assert rounded(found.estimate, 3) == [2049.733, 1522.032, 1864.280, 1488.504, 1587.097]


def test_fire_in_two_risk_groups() -> None:
    """A second data set whose components the same function of actuar prints."""
    numbers = [
        [729, 786, 872, 951, 1019],
        [1631, 1802, 2090, 2300, 2368],
        [796, 827, 874, 917, 944],
        [3152, 3454, 3715, 3859, 4198],
        [400, 420, 422, 424, 440],
    ]
    ratios = [
        [0.8, 1.4, 0.3, 0.88, 1.6],
        [0.06, 0.72, 0.16, 0.20, 0.38],
        [1.80, 0.6, 0.8, 1.9, 1.1],
        [0.56, 1.2, 0.84, 1.07, 0.8],
        [0.1, 0, 0.4, 2.4, 0.1],
    ]
    found = hierarchical(ratios, numbers, COHORTS)
    assert round(found.market, 7) == 0.8469465
    assert round(found.section_variance, 7) == 0.0838834
    assert round(found.between_variance, 8) == 0.05631335
    assert round(found.within_variance, 4) == 261.1139


def test_the_iterative_estimator_is_a_fixed_point() -> None:
    found = buhlmann_straub(CLAIMS, NUMBERS, method="iterative")
    z, a = found.credibility, found.between_variance
    spread = sum(z[i] * (found.mean[i] - found.collective) ** 2 for i in range(5)) / 4
    assert a == pytest.approx(spread, rel=1e-9)
    assert found.unbounded_between_variance == pytest.approx(89638.726, abs=1e-3)
    assert a < found.unbounded_between_variance


def best_linear_prediction(
    mean: np.ndarray, prior: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Prediction of true means from observed ones with a common mean unknown, and its mean squared errors.

    ``prior`` is the covariance of the true means, ``noise`` that of the observations given them. Generalised
    least squares, no credibility formula.
    """
    total = np.linalg.inv(prior + noise)
    ones = np.ones(len(mean))
    precision = ones @ total @ ones
    grand = ones @ total @ mean / precision
    gain = prior @ total
    predicted = grand + gain @ (mean - grand)
    left = ones - gain @ ones
    error = prior - gain @ prior + np.outer(left, left) / precision
    return predicted, error


def test_one_level_is_best_linear_prediction() -> None:
    found = buhlmann_straub(CLAIMS, NUMBERS)
    predicted, error = best_linear_prediction(
        found.mean, found.between_variance * np.eye(5), np.diag(found.within_variance / found.weight)
    )
    np.testing.assert_allclose(found.estimate, predicted, rtol=1e-12)
    np.testing.assert_allclose(found.mean_squared_error, np.diag(error), rtol=1e-9)
    np.testing.assert_allclose(found.covariance(), error, rtol=1e-6, atol=1e-9)


def test_hierarchy_is_best_linear_prediction() -> None:
    found = hierarchical(CLAIMS, NUMBERS, COHORTS)
    same = found.section_of[:, None] == found.section_of[None, :]
    prior = found.between_variance * np.eye(5) + found.section_variance * same
    predicted, error = best_linear_prediction(
        found.mean, prior, np.diag(found.within_variance / found.weight)
    )
    np.testing.assert_allclose(found.estimate, predicted, rtol=1e-12)
    np.testing.assert_allclose(found.mean_squared_error, np.diag(error), rtol=1e-9)
    np.testing.assert_allclose(found.covariance(), error, rtol=1e-6, atol=1e-9)


def test_risks_that_do_not_differ_get_the_collective_and_it_is_said() -> None:
    found = buhlmann_straub([[1.0, 3.0], [3.0, 1.0], [0.0, 4.0]], np.ones((3, 2)))
    assert found.are_alike
    assert found.unbounded_between_variance < 0
    assert found.estimate.tolist() == [2.0, 2.0, 2.0]
    assert found.mean_squared_error == pytest.approx(found.within_variance / 6)


def test_sections_are_still_compared_where_their_risks_do_not_differ() -> None:
    """a = 0: the sections are the risks of a one-level model, their periods pooled."""
    values = np.array([[1.0, 3.0], [3.0, 1.0], [9.0, 11.0], [11.0, 9.0]])
    found = hierarchical(values, np.ones((4, 2)), ["a", "a", "b", "b"])
    assert found.between_variance == 0.0
    s2 = found.within_variance
    b = ((2 - 6) ** 2 * 4 + (10 - 6) ** 2 * 4 - s2) / (8 - 32 / 8)
    assert found.section_variance == pytest.approx(b)
    z = 4 / (4 + s2 / b)
    assert found.section_credibility == pytest.approx([z, z])
    assert found.estimate == pytest.approx([6 - 4 * z, 6 - 4 * z, 6 + 4 * z, 6 + 4 * z])


def test_risks_and_sections_without_experience_take_the_level_above() -> None:
    values = np.vstack([CLAIMS, np.full((2, 12), np.nan)])
    weights = np.vstack([NUMBERS, np.zeros((2, 12))])
    plain = hierarchical(CLAIMS, NUMBERS, COHORTS)
    found = hierarchical(values, weights, [*COHORTS, "A", "C"])
    assert found.estimate[:5] == pytest.approx(plain.estimate)
    assert found.estimate[5] == pytest.approx(plain.section_estimate[0])
    assert found.estimate[6] == pytest.approx(plain.market)
    assert found.mean_squared_error[6] > found.mean_squared_error[5] > found.mean_squared_error[0]
    flat = buhlmann_straub(values, weights)
    assert flat.estimate[5] == pytest.approx(flat.collective)
    assert np.isfinite(found.estimate).all() and np.isfinite(flat.mean_squared_error).all()


def test_constant_experience() -> None:
    found = buhlmann_straub([[2.0, 2.0], [2.0, 2.0]], np.ones((2, 2)))
    assert found.estimate.tolist() == [2.0, 2.0]
    apart = buhlmann_straub([[2.0, 2.0], [4.0, 4.0]], np.ones((2, 2)))
    assert apart.estimate.tolist() == [2.0, 4.0] and apart.credibility.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("values", "weights", "code"),
    [
        ([[1.0, 2.0]], [[1.0, 1.0]], "E4701"),
        ([[1.0, 2.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]], "E4701"),
        ([[1.0], [2.0]], [[1.0], [1.0]], "E4702"),
        ([[1.0, 2.0], [1.0, 3.0]], [[1.0, -1.0], [1.0, 1.0]], "E4703"),
        ([[1.0, np.nan], [1.0, 3.0]], [[1.0, 1.0], [1.0, 1.0]], "E4703"),
        ([[1.0, 2.0]], [[1.0], [2.0]], "E4703"),
    ],
)
def test_data_that_carry_no_estimate(
    values: list[list[float]], weights: list[list[float]], code: str
) -> None:
    with pytest.raises(CredibilityError) as caught:
        buhlmann_straub(values, weights)
    assert caught.value.code == code


def test_a_hierarchy_of_one_section_is_refused() -> None:
    with pytest.raises(CredibilityError, match="use one level") as caught:
        hierarchical(CLAIMS, NUMBERS, ["A"] * 5)
    assert caught.value.code == "E4701"
    with pytest.raises(CredibilityError, match="use one level"):
        hierarchical(CLAIMS, NUMBERS, list("ABCDE"))


def test_the_standard_of_full_credibility() -> None:
    """1 082 claims (Longley-Cook 1962) and the 663 of P = 0.99, k = 0.10."""
    assert round(limited_fluctuation(0, probability=0.90, tolerance=0.05).full_credibility_claims) == 1082
    assert round(limited_fluctuation(0, probability=0.99, tolerance=0.10).full_credibility_claims) == 663
    both = limited_fluctuation(0, probability=0.90, tolerance=0.05, severity_variation=2.0)
    assert both.full_credibility_claims == pytest.approx(5 * 1082.217, rel=1e-6)
    found = limited_fluctuation([0, 270.5543, 1082.217, 5000], probability=0.90, tolerance=0.05)
    assert found.credibility == pytest.approx([0.0, 0.5, 1.0, 1.0], abs=1e-6)


@given(st.integers(2, 6), st.integers(2, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_estimates_do_not_depend_on_order_or_unit(r: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, weights = rng.gamma(2.0, 1.0, (r, n)), rng.uniform(0.5, 5.0, (r, n))
    found = buhlmann_straub(values, weights)
    order = rng.permutation(r)
    shuffled = buhlmann_straub(values[order], weights[order])
    np.testing.assert_allclose(shuffled.estimate, found.estimate[order], rtol=1e-9)
    scaled = buhlmann_straub(1000 * values, 7 * weights)
    np.testing.assert_allclose(scaled.estimate, 1000 * found.estimate, rtol=1e-8)
    low, high = values.min(), values.max()
    assert (found.estimate >= low - 1e-12).all() and (found.estimate <= high + 1e-12).all()
