"""The choices of a study, each against what it must do to the figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from actuarial.basis import Basis
from actuarial.claim_record import BookExperience
from actuarial.premium.book import CLASSES
from actuarial.technical_premium.adequacy import TariffStudy, tariff_study
from actuarial.technical_premium.assumption import StudyAssumptions

VALUATION_DATE = date(2026, 1, 1)


@pytest.fixture(scope="module")
def plain(assumptions: StudyAssumptions) -> dict[str, Any]:
    """Assumptions without development, trend, large losses and concentration, costs from claims alone."""
    content = assumptions.model_dump()
    content["development"] = {"choice": "none"}
    content["trend"] = {name: {"choice": "none"} for name in ("frequency", "severity", "payroll")}
    content["severity"] = {kind: {"source": "claims"} for kind in content["severity"]}
    content["regression"] = {"family": "poisson", "factors": ["year"]}
    return content | {"large_loss": None, "concentration_load": 0.0, "class_setting": None}


def studied(experience: BookExperience, content: dict[str, Any], basis: Basis) -> TariffStudy:
    return tariff_study(experience, StudyAssumptions.model_validate(content), basis, VALUATION_DATE)


def test_payroll_as_exposure(experience: BookExperience, plain: dict[str, Any], basis: Basis) -> None:
    """A tenge of payroll is the unit: no payroll per unit, and the same money for every class together."""
    found = studied(experience, plain | {"exposure": "payroll"}, basis)
    assert found.payroll_per_exposure == pytest.approx(np.ones(CLASSES))
    f, years = found.frequencies[0], found.years
    assert f.exposure.sum() == pytest.approx(years.payroll.sum(), rel=1e-12)
    records = experience.records
    cover = (years.part_years * (records.part_payroll / 100)[:, None]).sum()
    assert f.exposure.sum() == pytest.approx(cover, rel=1e-12)
    own = years.counts(0)[16].sum() / years.payroll[records.part_class == 17].sum()
    assert f.own[16] == pytest.approx(own, rel=1e-12)


def test_wages_do_not_count_as_a_trend_of_frequency(
    experience: BookExperience, plain: dict[str, Any], basis: Basis
) -> None:
    """With payroll as exposure and pay growing 11 % a year frequency trends about as by workers."""
    trends = {name: {"choice": "fitted"} for name in ("frequency", "payroll")}
    workers = studied(experience, plain | {"trend": trends}, basis)
    payroll = studied(experience, plain | {"trend": trends, "exposure": "payroll"}, basis)
    assert payroll.trends["payroll"].rate == pytest.approx(0.11, abs=0.005)
    assert payroll.trends["frequency"].rate == pytest.approx(workers.trends["frequency"].rate, abs=0.01)


def test_trends_bring_every_year_to_the_rated_day(
    experience: BookExperience, plain: dict[str, Any], basis: Basis
) -> None:
    """Middle of 2021 to the first day of 2027: 5.5 years."""
    base = studied(experience, plain, basis)
    given = {"choice": "given", "rate": 0.1}
    severity = studied(experience, plain | {"trend": {"severity": given}}, basis)
    payroll = studied(experience, plain | {"trend": {"payroll": given}}, basis)
    frequency = studied(experience, plain | {"trend": {"frequency": given}}, basis)
    assert (payroll.payroll_per_exposure > base.payroll_per_exposure).all()
    ratio = base.frequencies[0].exposure[0, 0] / frequency.frequencies[0].exposure[0, 0]
    assert ratio == pytest.approx(1.1**5.5, rel=1e-3)
    incurred = experience.claims.incurred()[base.years.claim] / 100
    injury = base.years.kind == 0
    grown = incurred[injury] * 1.1 ** (5.5 - base.years.year[injury])
    assert severity.severities[0].mean[0] == pytest.approx(grown.mean(), rel=1e-3)


def test_years_to_come_weigh_less(experience: BookExperience, plain: dict[str, Any], basis: Basis) -> None:
    """Half of the last year's injuries still to come: half its exposure, the same reported claims."""
    given = {"choice": "given", "counts": {"injury": [2.0, 1.0, 1.0, 1.0, 1.0]}}
    base = studied(experience, plain, basis)
    found = studied(experience, plain | {"development": given}, basis)
    f, g = base.frequencies[0], found.frequencies[0]
    assert g.exposure[:, :4] == pytest.approx(f.exposure[:, :4])
    assert g.exposure[:, 4] == pytest.approx(f.exposure[:, 4] / 2)
    assert g.claims.tolist() == f.claims.tolist()


def test_hierarchy_and_market(experience: BookExperience, plain: dict[str, Any], basis: Basis) -> None:
    tree = studied(experience, plain | {"credibility": "hierarchical"}, basis)
    assert tree.frequencies[0].method == "hierarchical"
    market = {"death": {k + 1: 0.0002 for k in range(CLASSES)}}
    outside = studied(experience, plain | {"market_frequency": market}, basis)
    base = studied(experience, plain, basis)
    # the same market for every class changes nothing but the unit
    assert outside.frequencies[2].estimate == pytest.approx(base.frequencies[2].estimate, rel=1e-9)


def test_a_short_cover_costs_its_part_of_the_year(
    experience: BookExperience, assumptions: StudyAssumptions, basis: Basis, study: TariffStudy
) -> None:
    """Concluded for half the days: half the technical premium. Ended early: rated as concluded."""
    i, at = int(study.rated.contracts[0]), int(study.rated.part[0])
    records = experience.records
    days = int(records.end_date[i] + 1 - records.start_date[i])
    ends, covers = records.end_date.copy(), experience.cover_end.copy()
    covers[i] = records.start_date[i] + days // 2
    ends[i] = covers[i] - 1
    ended = replace(experience, cover_end=covers)
    short = replace(ended, records=replace(records, end_date=ends))
    found = tariff_study(short, assumptions, basis, VALUATION_DATE)
    assert found.rated.covered[0] == pytest.approx((days // 2) / days)
    lost = records.part_payroll[at] / 100 * (1 - (days // 2) / days)
    k = int(records.part_class[at]) - 1
    assert study.rated.covered_payroll[k] - found.rated.covered_payroll[k] >= lost * (1 - 1e-9)
    terminated = tariff_study(ended, assumptions, basis, VALUATION_DATE)
    assert terminated.rated.covered_payroll.tolist() == study.rated.covered_payroll.tolist()
    assert terminated.rated.law_premium.tolist() == study.rated.law_premium.tolist()


def test_a_later_valuation_without_contracts_of_the_last_year(
    experience: BookExperience, plain: dict[str, Any], basis: Basis
) -> None:
    """No contract starts in the last year: rates stand, the book's figures are empty, and it is said."""
    found = tariff_study(experience, StudyAssumptions.model_validate(plain), basis, date(2026, 12, 31))
    assert found.rated.contracts.size == 0
    assert np.isnan(found.of_book.ratio[0])
    assert np.isfinite(found.rates.technical).all()
    assert any("no contract starts in the last year" in note for note in found.notes)
    assert found.policyholders.number.size == 0
