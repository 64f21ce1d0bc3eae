"""Annuity functions against published values."""

from __future__ import annotations

import math

import numpy as np
import pytest

import mortality
from actuarial.annuity import annuity_certain_due, annuity_due
from actuarial.error import ActuarialError

MAN = mortality.load_table("kz-wpp2024-2020-2025-male")


@pytest.mark.parametrize(
    ("rate", "indexation", "multiplier", "published"),
    [(0.06, 0.0, 1.0, 11.81982), (0.12, 0.08, 1.0, 13.89703), (0.06, 0.0, 2.0, 11.04995)],
)
def test_model_page_values(rate: float, indexation: float, multiplier: float, published: float) -> None:
    """Monthly annuity of 1 a year in advance, man aged 40 to 63."""
    value = annuity_due(MAN, 480, rate=rate, months=276, indexation=indexation, multiplier=multiplier)
    assert round(value, 5) == published


@pytest.mark.parametrize(("rate", "indexation", "published"), [(0.06, 0.0, 12.69968), (0.12, 0.08, 15.07395)])
def test_model_page_certain_values(rate: float, indexation: float, published: float) -> None:
    assert round(annuity_certain_due(276, rate=rate, indexation=indexation), 5) == published


def standard_ultimate() -> mortality.Table:
    """Standard ultimate survival model of AMLCR: Makeham A = 0.00022, B = 2.7e-6, c = 1.124."""
    a, b, c = 0.00022, 2.7e-6, 1.124
    ages = np.arange(20, 131)
    qx = -np.expm1(-a - b * c**ages * (c - 1) / math.log(c))
    qx[-1] = 1.0
    return mortality.Table(
        id="amlcr", title="Standard ultimate survival model", sex="unisex", first_age=20, qx=qx
    )


# Dickson, Hardy, Waters: Actuarial Mathematics for Life Contingent Risks, Appendix D, Table D.3, i = 5 %
@pytest.mark.parametrize(
    ("age", "annuity", "assurance"),
    [(20, 19.9664, 0.04922), (40, 18.4578, 0.12106), (60, 14.9041, 0.29028), (80, 8.5484, 0.59293)],
)
def test_amlcr_whole_life(age: int, annuity: float, assurance: float) -> None:
    value = annuity_due(standard_ultimate(), age * 12, rate=0.05, payments_per_year=1)
    assert round(value, 4) == annuity
    # A_x = 1 - d·ä_x ties the printed annuity to the printed assurance of the same row
    assert round(1 - 0.05 / 1.05 * value, 5) == assurance


def test_udd_monthly_annuity_follows_its_closed_form() -> None:
    """AMLCR 5.11.1: under UDD ä^(12) = α(12)·ä - β(12), exactly."""
    i, m = 0.05, 12
    table = standard_ultimate()
    v = 1 / (1 + i)
    im, dm = m * ((1 + i) ** (1 / m) - 1), m * (1 - v ** (1 / m))
    alpha, beta = i * (1 - v) / (im * dm), (i - im) / (im * dm)
    yearly = annuity_due(table, 480, rate=i, payments_per_year=1)
    monthly = annuity_due(table, 480, rate=i, fractional_age="udd")
    # the last age ends after its first month here, in the closed form after the year: 130 years, nothing left
    assert monthly == pytest.approx(alpha * yearly - beta, rel=1e-12)


def test_deferred_and_term_add_up_to_whole_life() -> None:
    whole = annuity_due(MAN, 480, rate=0.06)
    term = annuity_due(MAN, 480, rate=0.06, months=276)
    deferred = annuity_due(MAN, 480, rate=0.06, deferred_months=276)
    assert term + deferred == pytest.approx(whole, rel=1e-14)


def test_refusals() -> None:
    with pytest.raises(ActuarialError, match="payments_per_year is 5; choose 1, 2, 3, 4, 6 or 12"):
        annuity_due(MAN, 480, rate=0.06, payments_per_year=5)
    with pytest.raises(ActuarialError, match="give a deferral of 0 or more and a rate above -1"):
        annuity_certain_due(12, rate=-1.0)
    with pytest.raises(mortality.TableError, match="age"):
        annuity_due(MAN, -12, rate=0.06)
