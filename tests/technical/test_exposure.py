"""Exposure by year against a count of days, and the frequencies that come of it."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from actuarial.claim_record import BookExperience
from actuarial.payout_law import calendar_date
from actuarial.premium.book import CLASSES
from actuarial.technical_premium.adequacy import TariffStudy
from actuarial.technical_premium.frequency import kind_frequency, poisson_limits

ONE = np.ones((CLASSES, 3))


def test_cover_is_counted_day_by_day(experience: BookExperience, study: TariffStudy) -> None:
    records, years = experience.records, study.years
    for i in range(0, len(records), 37):
        start = calendar_date(int(records.start_date[i]))
        end = calendar_date(int(records.end_date[i]))
        days = [start + timedelta(days=k) for k in range((end - start).days + 1)]
        for j, label in enumerate(years.labels):
            share = Fraction(sum(d.year == int(label) for d in days), len(days))
            for part in range(int(records.part_start[i]), int(records.part_start[i + 1])):
                assert years.part_years[part, j] == pytest.approx(float(share), abs=1e-12)
                workers = experience.part_workers[part]
                assert years.exposure[part, j] == pytest.approx(float(share * int(workers)), rel=1e-12)


def test_every_claim_is_counted_once(experience: BookExperience, study: TariffStudy) -> None:
    years = study.years
    assert years.counts().sum() + years.n_before == len(experience.claims)
    assert sum(years.counts(kind).sum() for kind in range(3)) == years.counts().sum()


def test_poisson_limits_are_those_of_garwood() -> None:
    """Garwood (1936), 95 % limits as printed: 0-3.69, 0.025-5.57, 4.80-18.39, 37.11-65.92."""
    low, high = poisson_limits(np.array([0.0, 1.0, 10.0, 50.0]), 0.95)
    assert low.round(2).tolist() == [0.0, 0.03, 4.80, 37.11]
    assert high.round(2).tolist() == [3.69, 5.57, 18.39, 65.92]


def counts_of(**by_class: list[float]) -> np.ndarray:
    table = np.zeros((CLASSES, 3))
    for name, row in by_class.items():
        table[int(name[1:]) - 1] = row
    return table


def test_no_claim_of_a_kind_is_said_with_what_could_still_be() -> None:
    found = kind_frequency(2, np.zeros((CLASSES, 3)), 100 * ONE, level=0.95)
    assert found.method == "none"
    assert found.estimate.tolist() == [0.0] * CLASSES
    assert "0.000559" in found.notes[0]  # 3.6889 / (22 · 3 · 100)
    market = {k + 1: 0.0001 * (k + 1) for k in range(CLASSES)}
    outside = kind_frequency(2, np.zeros((CLASSES, 3)), 100 * ONE, level=0.95, market=market)
    assert outside.method == "market"
    assert outside.estimate == pytest.approx(list(market.values()))


def test_one_class_and_one_year_fall_back_to_the_book() -> None:
    exposure = counts_of(c4=[100.0, 120.0, 90.0])
    found = kind_frequency(0, counts_of(c4=[1.0, 0.0, 2.0]), exposure, level=0.95)
    assert found.method == "collective"
    assert found.estimate == pytest.approx([3 / 310] * CLASSES)
    assert "1 of 22 have experience" in found.notes[0]
    assert found.mean_squared_error[0] == pytest.approx(3 / 310**2)
    one_year = kind_frequency(
        0, counts_of(c4=[3.0, 0, 0], c5=[1.0, 0, 0]), counts_of(c4=[100.0, 0, 0], c5=[90.0, 0, 0]), level=0.95
    )
    assert one_year.method == "collective"
    assert "two periods" in one_year.notes[0]


def test_market_frequencies_are_the_complement() -> None:
    """Actual over expected by credibility; a class without exposure gets the market's times the ratio."""
    rng = np.random.default_rng(5)
    market = {k + 1: 0.001 * 1.1**k for k in range(CLASSES)}
    exposure = rng.uniform(500, 5000, (CLASSES, 3))
    exposure[7] = 0.0
    truth = np.array(list(market.values())) * 1.5 * rng.gamma(20, 1 / 20, CLASSES)
    claims = rng.poisson(exposure * truth[:, None]).astype(float)
    found = kind_frequency(0, claims, exposure, level=0.95, market=market)
    assert found.method == "one_level"
    assert found.estimate[7] == pytest.approx(market[8] * found.collective)
    own = claims.sum(axis=1) / np.where(exposure.sum(axis=1) > 0, exposure.sum(axis=1), 1)
    for k in set(range(CLASSES)) - {7}:
        blend = found.credibility[k] * own[k] + (1 - found.credibility[k]) * market[k + 1] * found.collective
        assert found.estimate[k] == pytest.approx(blend)


def test_classes_go_through_their_section(study: TariffStudy) -> None:
    sections = {"light": list(range(1, 8)), "middle": list(range(8, 15)), "heavy": list(range(15, 23))}
    f = study.frequencies[0]
    found = kind_frequency(0, f.claims, f.exposure, level=0.95, sections=sections)
    assert found.method == "hierarchical"
    # classes without exposure stand at the estimate of their section: 16 and 20 alike, 12 apart
    assert found.estimate[15] == found.estimate[19] != found.estimate[11]
    assert np.isfinite(found.estimate).all() and np.isfinite(found.covariance).all()


def test_nothing_in_the_study_is_not_a_number(study: TariffStudy) -> None:
    for f in study.frequencies:
        assert np.isfinite(f.estimate).all() and np.isfinite(f.covariance).all()
    assert np.isfinite(study.rates.technical).all() and np.isfinite(study.rates.covariance).all()
    assert (study.by_class.low <= study.by_class.ratio).all()
    assert (study.by_class.ratio <= study.by_class.high).all()
    assert np.isfinite(study.policyholders.modification).all()


def test_the_calendar_years_of_the_first_of_january(study: TariffStudy) -> None:
    assert study.years.labels == ("2021", "2022", "2023", "2024", "2025")
    assert calendar_date(study.rated_day) == date(2027, 1, 1)
