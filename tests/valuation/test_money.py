"""One rounding: half-up to the tiyn, in arrays and exactly."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actuarial.money import exact_tiyn, rounded_tiyn, tenge_text


@given(st.integers(0, 10**13))
def test_every_half_goes_up(thousandths: int) -> None:
    amount = Decimal(thousandths) / 1000
    expected = int((amount * 100).to_integral_value(rounding=ROUND_HALF_UP))
    assert exact_tiyn(amount) == expected
    assert exact_tiyn(Fraction(thousandths, 1000)) == expected
    assert int(rounded_tiyn(np.array([thousandths / 1000]))[0]) == expected


def test_text() -> None:
    assert tenge_text(15_000_001) == "150000.01"
    assert tenge_text(-5) == "-0.05"
    assert tenge_text(0) == "0.00"
