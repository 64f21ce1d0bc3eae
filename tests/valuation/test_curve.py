"""Discount factors: QuantLib's formulas written out, limits and interpolation."""

from __future__ import annotations

from decimal import Decimal, getcontext

import numpy as np
import pytest

from actuarial.curve import FlatCurve, NelsonSiegelSvenssonCurve, SpotCurve, discount_factors
from actuarial.error import BasisError


def test_flat_rate_to_fifty_digits() -> None:
    getcontext().prec = 50
    found = discount_factors(FlatCurve(0.1), np.array([0, 17, 31]), 300)
    for d, days in enumerate((0, 17, 31)):
        for k in (0, 1, 11, 12, 150, 299):
            years = Decimal(days) / 365 + Decimal(k) / 12
            assert found[d, k] == pytest.approx(float(Decimal("1.1") ** -years), rel=1e-14)


def test_spot_rates_are_linear_between_and_level_outside() -> None:
    curve = SpotCurve((0.5, 2.0, 10.0), (0.12, 0.15, 0.11))
    rates = curve.spot_rate(np.array([0.0, 0.5, 1.25, 6.0, 10.0, 40.0]))
    np.testing.assert_allclose(rates, [0.12, 0.12, 0.135, 0.13, 0.11, 0.11], rtol=1e-15)


def test_a_curve_that_leaves_the_yields() -> None:
    curve = NelsonSiegelSvenssonCurve(0.09, -5.0, 0.0, 0.0, 1.7, 6.5)
    message = r"the curve gives a yield of -4.91 at 0 years, not above -0.5"
    with pytest.raises(BasisError, match=message) as caught:
        discount_factors(curve, np.array([0]), 3)
    assert caught.value.code == "E4009"


def test_nelson_siegel_svensson_limits() -> None:
    curve = NelsonSiegelSvenssonCurve(0.09, 0.045, -0.02, 0.03, 1.7, 6.5)
    rates = curve.spot_rate(np.array([0.0, 1e-9, 1e9]))
    assert rates[0] == pytest.approx(0.135, rel=1e-15)  # β0 + β1
    assert rates[1] == pytest.approx(rates[0], rel=1e-8)
    assert rates[2] == pytest.approx(0.09, rel=1e-8)  # β0
