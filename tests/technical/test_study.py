"""What the study makes of its parts, recomputed: years, relativities, loss ratio, policyholders."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from claims_book import changed, small_book, write_folder

from actuarial.claim_record import KINDS, BookExperience
from actuarial.portfolio.claim_check import read_experience
from actuarial.technical_premium.adequacy import TariffStudy
from actuarial.technical_premium.assumption import StudyAssumptions
from actuarial.technical_premium.experience import experience_years
from actuarial.technical_premium.regression import RegressionFit


@pytest.mark.parametrize(("day", "year"), [("2025-01-01", 2), ("2025-12-31", 2)])
def test_an_event_on_the_first_or_last_day_belongs_to_the_year(
    tmp_path: Path, assumptions: StudyAssumptions, day: str, year: int
) -> None:
    dates = {"accident_date": day, "report_date": "2025-12-31", "payment_date": ""}
    tables = changed(small_book(), "claims", 4, **dates)
    found = read_experience(write_folder(tmp_path / "book", tables), None, date(2026, 1, 1)).experience
    assert found is not None
    years = experience_years(found, assumptions.model_copy(update={"years": 3}), date(2026, 1, 1))
    assert [int(years.year[k]) for k in range(4)] == [0, 1, 2, year]


def test_the_regression_weighs_a_year_by_what_is_reported(study: TariffStudy) -> None:
    """Offset of a year: its exposure × claims known over claims to come in the end."""
    assert isinstance(study.regression, RegressionFit)
    shown = {term.level: term.exposure for term in study.regression.terms if term.factor == "year"}
    factors = np.array([found.count_factor for found in study.developments])
    counts = np.array([study.years.counts(kind).sum(axis=0) for kind in range(len(KINDS))])
    assert factors[:, -1].max() > 1.05
    for j, label in enumerate(study.years.labels):
        known = counts[:, j].sum() / (counts[:, j] * factors[:, j]).sum()
        assert shown[label] == pytest.approx(study.years.exposure[:, j].sum() * known, rel=1e-12)


def test_the_deviation_of_a_class_from_its_parts(study: TariffStudy) -> None:
    """Chance of numbers and sizes, with the concentration load on every cost, and the error of the rate."""
    loading, c = study.assumptions.loading, study.assumptions.concentration_load
    assert c > 0
    growth = (1 + study.trends["payroll"].rate) ** study.years.years_until(study.rated_day)[-1]
    loaded = (1 + loading.claims_handling) / loading.permissible
    for k in np.flatnonzero(study.rated.payroll > 0):
        payroll, premium = study.rated.covered_payroll[k] * growth, study.rated.law_premium[k] * growth
        variance = study.rates.covariance[k, k] / loaded**2 * payroll**2
        for f, s in zip(study.frequencies, study.severities, strict=True):
            claims = f.estimate[k] * payroll / study.payroll_per_exposure[k]
            variance += claims * (1 + s.variation**2) * (s.mean[k] * (1 + c)) ** 2
        assert study.loss_ratio_by_class.deviation[k] == pytest.approx(variance**0.5 / premium, rel=1e-9)


def test_the_interval_of_a_policyholder_holds_the_error_of_its_modification(
    experience: BookExperience, study: TariffStudy
) -> None:
    """Squared width less that of the class is mse/M², and mse = a·(1 - z) + e·(1 - z)² for one a and e."""
    found = study.policyholders
    records = experience.records
    z_level = NormalDist().inv_cdf((1 + study.assumptions.level) / 2)
    classes: dict[int, set[int]] = {}
    for i in study.rated.contracts:
        parts = records.part_class[records.part_start[i] : records.part_start[i + 1]]
        classes.setdefault(int(experience.policyholder[i]), set()).update(parts.tolist())
    rows, errors = [], []
    for q, number in enumerate(found.number):
        if len(classes[int(number)]) != 1:
            continue
        (k,) = classes[int(number)]
        width = np.log(found.comparison.high[q] / found.comparison.low[q]) / 2 / z_level
        own = width**2 - study.rates.covariance[k - 1, k - 1] / study.rates.technical[k - 1] ** 2
        rest = 1 - found.credibility[q]
        rows.append((rest, rest**2))
        errors.append(own * found.modification[q] ** 2)
    design, mse = np.array(rows), np.array(errors)
    (between, shared), *_ = np.linalg.lstsq(design, mse, rcond=None)
    assert len(rows) > 100
    assert between > 0 and shared > 0
    assert mse == pytest.approx(design @ [between, shared], rel=1e-6)
