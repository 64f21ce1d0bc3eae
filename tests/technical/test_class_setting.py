"""The class-setting order in outline: each step by hand, and on the book."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from actuarial.claim_record import BookExperience
from actuarial.credibility import buhlmann_straub, limited_fluctuation
from actuarial.technical_premium.adequacy import TariffStudy
from actuarial.technical_premium.assumption import ClassSetting, Indicator
from actuarial.technical_premium.class_setting import (
    book_frequency_setting,
    frequency_setting,
    rank_setting,
)

CLAIMS = np.array([[4.0, 6, 5, 5, 5], [1, 0, 0, 20, 0], [0, 0, 0, 0, 0], [30, 28, 33, 31, 29]])
EXPOSURE = np.array([[1000.0] * 5, [900.0] * 5, [400.0] * 5, [2000.0] * 5])


def test_the_four_steps_by_hand() -> None:
    found = frequency_setting(
        ["01111", "05102", "62011", "43991"],
        CLAIMS,
        EXPOSURE,
        np.array([5e6, 4e6, 3e6, 6e6]),
        np.full(4, 3e6),
        probability=0.95,
        tolerance=0.2,
        significance=0.05,
    )
    frequency = CLAIMS.sum(axis=1) / EXPOSURE.sum(axis=1)
    assert found.frequency == pytest.approx(frequency)
    assert found.low[0] * 5000 == pytest.approx(chi2.ppf(0.025, 50) / 2)
    assert found.high[2] * 2000 == pytest.approx(chi2.ppf(0.975, 2) / 2)
    blend = buhlmann_straub(CLAIMS / EXPOSURE, EXPOSURE)
    assert found.straub == pytest.approx(blend.estimate)
    z = limited_fluctuation(CLAIMS.sum(axis=1), probability=0.95, tolerance=0.2).credibility
    assert found.limited == pytest.approx(z * frequency + (1 - z) * CLAIMS.sum() / EXPOSURE.sum())
    # 25 claims evenly, 5 a year: Σ (4-5)² + (6-5)² = 2, over 5
    assert found.chi_square[0] == pytest.approx(0.4)
    assert found.p_value[0] == pytest.approx(chi2.sf(0.4, 4))
    # 21 claims, 4.2 expected a year
    assert found.chi_square[1] == pytest.approx((3.2**2 + 3 * 4.2**2 + 15.8**2) / 4.2)
    assert found.is_homogeneous.tolist() == [True, False, True, True]
    assert np.isnan(found.p_value[2])
    taken = [found.limited[0], found.straub[1], found.limited[2], found.limited[3]]
    assert found.stabilised == pytest.approx(taken)
    assert found.rate == pytest.approx(np.array(taken) * [5e6, 4e6, 3e6, 6e6] / 3e6)
    assert sorted(found.order.tolist()) == [1, 2, 3, 4]
    assert found.rate[found.order.argmin()] == found.rate.min()


def test_one_activity_is_said() -> None:
    found = frequency_setting(
        ["01111"], CLAIMS[:1], EXPOSURE[:1], np.ones(1), np.ones(1),
        probability=0.95, tolerance=0.2, significance=0.05,
    )  # fmt: skip
    assert found.straub.tolist() == [25 / 5000]
    assert "1 of 1 have experience" in found.notes[0]


def test_on_the_book(experience: BookExperience, study: TariffStudy) -> None:
    asked = study.assumptions.class_setting
    assert asked is not None
    found = book_frequency_setting(experience, study, asked)
    years = study.years
    assert found.claims.sum() == len(years.claim)
    assert found.exposure.sum() == pytest.approx(years.exposure.sum())
    assert {len(unit) for unit in found.unit} <= {5, 8}
    at = found.unit.index("05102")
    mine = [experience.activity[p] == "05102" for p in years.part]
    assert found.claims[at] == sum(mine)
    classes = ClassSetting.model_validate({**asked.model_dump(), "unit": "risk_class"})
    by_class = book_frequency_setting(experience, study, classes)
    assert by_class.unit[0] == "class 01" and len(by_class.unit) == 19
    own = study.years.counts().sum(axis=1)
    assert by_class.claims.tolist() == own[own + study.frequencies[0].exposure.sum(axis=1) > 0].tolist()


def test_eight_indicators_are_ranked() -> None:
    """Two indicators by hand, six that are equal: ranks, shared ranks, the mean, the order."""
    values = np.full((3, 2, 8), 7.0)
    values[:, :, 0] = [[1.0, 3.0], [5.0, np.nan], [2.0, 2.0]]
    values[:, :, 1] = [[10.0, 10.0], [30.0, 30.0], [20.0, 20.0]]
    names = [f"i{k}" for k in range(8)]
    found = rank_setting(["b", "c", "a"], values, names, [True, False, *[True] * 6])
    assert found.mean[:, 0].tolist() == [2.0, 5.0, 2.0]
    assert found.rank[:, 0].tolist() == [1.5, 3.0, 1.5]
    assert found.rank[:, 1].tolist() == [3.0, 1.0, 2.0]
    assert found.rank[:, 2].tolist() == [2.0, 2.0, 2.0]
    assert found.mean_rank.tolist() == [(1.5 + 3 + 12) / 8, (3 + 1 + 12) / 8, (1.5 + 2 + 12) / 8]
    assert found.order.tolist() == [3, 2, 1]
    assert found.share == pytest.approx([1.0, 2 / 3, 1 / 3])


def test_the_order_needs_its_eight_indicators() -> None:
    with pytest.raises(ValueError, match="eight indicators, which the outline read does not name"):
        ClassSetting(method="order_86_2022_08", indicators=[Indicator(column="x")] * 7, table="t.csv")
    with pytest.raises(ValueError, match="give them, or 0"):
        ClassSetting(method="order_86_2022_03")
