"""The modification: a published worksheet, the identity with the ballast form, exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actuarial.experience_rating.modification import (
    Credibility,
    Losses,
    credibility_of_ballast,
    credibility_of_constants,
    modification,
    split_losses,
)


def losses(*amounts: float) -> Losses:
    return Losses(*(np.array([amount], dtype=np.float64) for amount in amounts))


def test_published_worksheet() -> None:
    """Washington State Department of Labor & Industries, experience factor of 2014: 0.7647.

    https://www.lni.wa.gov (Compensable claim-free experience factor calculation example): primary losses 284
    against 13 877.04 with 42 % credibility, excess losses 0 against 14 783.80 with 7 %.
    """
    found = modification(
        losses(284, 0, 13_877.04, 14_783.80), Credibility(np.array([0.42]), np.array([0.07]))
    )
    assert found.round(4).tolist() == [0.7647]
    # the worksheet's two credible estimates; it adds them as rounded: 21 916.89
    primary = 284 * 0.42 + 13_877.04 * 0.58
    excess = 14_783.80 * 0.93
    assert (round(primary, 2), round(excess, 2), round(primary + excess, 2)) == (8167.96, 13748.93, 21916.90)
    assert found[0] == pytest.approx((primary + excess) / 28_660.84, rel=1e-15)


AMOUNT = st.integers(min_value=0, max_value=10**9)
POSITIVE = st.integers(min_value=1, max_value=10**9)


@given(AMOUNT, AMOUNT, POSITIVE, POSITIVE, AMOUNT, st.integers(min_value=0, max_value=100))
def test_ballast_and_weight_are_two_credibilities(
    a_p: int, a_e: int, e_p: int, e_e: int, b: int, w: int
) -> None:
    """(A_p + W·A_e + (1 − W)·E_e + B) / (E + B), the form of the NCCI manual, in fractions."""
    own = losses(a_p, a_e, e_p, e_e)
    weight = Fraction(w, 100)
    expected = (a_p + weight * a_e + (1 - weight) * e_e + b) / Fraction(e_p + e_e + b)
    found = modification(own, credibility_of_ballast(own, b, float(weight)))
    assert found[0] == pytest.approx(float(expected), rel=1e-12)


@given(AMOUNT, AMOUNT, POSITIVE, POSITIVE, AMOUNT, AMOUNT)
def test_constants(a_p: int, a_e: int, e_p: int, e_e: int, k_p: int, k_e: int) -> None:
    own = losses(a_p, a_e, e_p, e_e)
    z_p, z_e = Fraction(e_p, e_p + k_p), Fraction(e_e, e_e + k_e)
    expected = (a_p * z_p + e_p * (1 - z_p) + a_e * z_e + e_e * (1 - z_e)) / (e_p + e_e)
    found = modification(own, credibility_of_constants(own, k_p, k_e))
    assert found[0] == pytest.approx(float(expected), rel=1e-12)


def test_no_credibility_no_experience_full_credibility() -> None:
    own = losses(500, 1500, 400, 600)
    assert modification(own, credibility_of_constants(own, float("inf"), float("inf"))).tolist() == [1.0]
    assert modification(own, credibility_of_constants(own, 0.0, 0.0)).tolist() == [2.0]
    nothing = losses(0, 0, 0, 0)
    assert modification(nothing, credibility_of_constants(nothing, 0.0, 5.0)).tolist() == [1.0]


def test_bounds() -> None:
    own = losses(500, 1500, 400, 600)
    full = credibility_of_constants(own, 0.0, 0.0)
    assert modification(own, full, largest=1.4).tolist() == [1.4]
    assert modification(own, full, smallest=2.5).tolist() == [2.5]


def test_split_at_the_point_and_at_the_limit() -> None:
    amounts = np.array([-5, 0, 99, 100, 101, 250, 900])
    primary, excess = split_losses(amounts, 100, 300)
    assert primary.tolist() == [0, 0, 99, 100, 100, 100, 100]
    assert excess.tolist() == [0, 0, 0, 0, 1, 150, 200]
    primary, excess = split_losses(amounts, 100)
    assert (primary + excess).tolist() == [0, 0, 99, 100, 101, 250, 900]
