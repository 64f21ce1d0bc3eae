"""Exact limits against published values and against the tail sums that define them."""

import mpmath
import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from mortality.estimate import (
    EstimateError,
    binomial_limits,
    force_of_mortality,
    full_credibility_events,
    limited_fluctuation,
    poisson_limits,
    ratio,
)


@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    # 95 % limits of a Poisson mean as tabulated from Garwood (1936), e.g. Breslow, Day, Statistical Methods
    # in Cancer Research II (1987)
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (2, 0.242, 7.225), (5, 1.624, 11.668), (10, 4.795, 18.390)],
)
def test_published_poisson_limits(events: int, lower: float, upper: float) -> None:
    low, high = poisson_limits([events])
    assert low[0] == pytest.approx(lower, abs=6e-4)
    assert high[0] == pytest.approx(upper, abs=6e-4)


@pytest.mark.parametrize("events", [1, 3, 17, 400])
def test_poisson_limits_have_the_tails_that_define_them(events: int) -> None:
    low, high = (mpmath.mpf(float(x[0])) for x in poisson_limits([events]))
    with mpmath.workdps(50):
        below = mpmath.exp(-high) * mpmath.fsum(high**k / mpmath.factorial(k) for k in range(events + 1))
        above = 1 - mpmath.exp(-low) * mpmath.fsum(low**k / mpmath.factorial(k) for k in range(events))
    assert float(below) == pytest.approx(0.025, rel=1e-9)
    assert float(above) == pytest.approx(0.025, rel=1e-9)


def test_binomial_limits_are_those_of_statsmodels() -> None:
    x, n = np.array([0, 1, 5, 10, 10]), np.array([10, 10, 10, 10, 300])
    low, high = binomial_limits(x, n)
    expected = [proportion_confint(a, b, 0.05, method="beta") for a, b in zip(x, n, strict=True)]
    np.testing.assert_allclose(np.column_stack((low, high)), expected, rtol=1e-10, atol=1e-15)


def test_ratio_of_nothing() -> None:
    nothing = ratio(0, 0.0)
    assert np.isnan([nothing.value, nothing.lower, nothing.upper]).all()
    with pytest.raises(EstimateError, match="2 events where nothing was expected") as error:
        ratio(2, 0.0)
    assert error.value.code == "E6201"


def test_credibility() -> None:
    # 1 082 claims for 90 % and 5 %: every text on limited fluctuation
    assert full_credibility_events() == pytest.approx(1082.217, abs=1e-3)
    assert limited_fluctuation(0) == 0.0
    assert limited_fluctuation(271) == pytest.approx(0.5004, abs=1e-4)
    assert limited_fluctuation(5000) == 1.0


def test_force() -> None:
    assert force_of_mortality([0.0, 0.1, 1.0]).tolist() == [0.0, pytest.approx(0.1053605156578263), np.inf]
