"""One rounding: half-up to the tiyn, in arrays and exactly."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuarial.error import SafetyLimitError
from actuarial.money import exact_tiyn, rounded_tiyn, tenge_text, total_tiyn


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


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), -1.0, 1e17])
def test_what_is_no_amount_is_refused(amount: float) -> None:
    with pytest.raises(SafetyLimitError, match=r"\(record 2\) is not a figure one can report") as caught:
        rounded_tiyn(np.array([1.0, amount]))
    assert caught.value.code == "E9002"


def test_totals_stay_exact_or_are_refused() -> None:
    assert total_tiyn(np.array([10**17, 1], dtype=np.int64)) == 10**17 + 1
    with pytest.raises(SafetyLimitError, match="the total is beyond whole tiyn of 64 bits"):
        total_tiyn(np.full(10, 10**18, dtype=np.int64))
