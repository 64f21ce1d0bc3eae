"""Rates, intervals and loss ratios: fractions, simulation, and the book's own totals another way."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from actuarial.claim_record import BookExperience
from actuarial.premium.book import CLASSES
from actuarial.technical_premium.adequacy import TariffStudy
from actuarial.technical_premium.assumption import Loading
from actuarial.technical_premium.loading import lognormal_interval, technical_rates
from actuarial.technical_premium.loss_ratio import loss_ratio

LOADING = Loading(
    claims_handling=0.04, expense=0.2, profit=0.03, cost_of_capital=0.06, capital_per_premium=0.5
)


def test_the_worked_number_of_the_page(study: TariffStudy) -> None:
    """Frequency 3.5 per 1000, cost 5.2 million, payroll 4 million a worker, concentration 5 %."""
    risk = Fraction(35, 10_000) * 5_200_000 / 4_000_000 * Fraction(105, 100)
    technical = risk * Fraction(104, 100) / (1 - Fraction(20, 100) - Fraction(3, 100) - Fraction(3, 100))
    f, s = study.frequencies[0], study.severities[0]
    from dataclasses import replace

    zero = np.zeros((CLASSES, CLASSES))
    one_kind = replace(f, estimate=np.full(CLASSES, 0.0035), covariance=zero)
    cost = replace(s, mean=np.full(CLASSES, 5.2e6), covariance=zero)
    found = technical_rates([one_kind], [cost], np.full(CLASSES, 4e6), LOADING, 0.05)
    assert found.risk[0] == pytest.approx(float(risk), rel=1e-14)
    assert found.technical[0] == pytest.approx(float(technical), rel=1e-14)
    assert f"{float(risk):.6%}" == "0.477750%"
    assert f"{float(technical):.6%}" == "0.671432%"


def test_the_loadings_are_paid_out_of_the_premium(study: TariffStudy) -> None:
    """Claims, handling, expense, profit and capital add up to the premium."""
    rates, loading = study.rates, study.assumptions.loading
    for risk, premium in zip(rates.risk, rates.technical, strict=True):
        paid = risk * (1 + loading.claims_handling)
        paid += premium * (loading.expense + loading.profit)
        paid += loading.cost_of_capital * loading.capital_per_premium * premium
        assert paid == pytest.approx(premium, rel=1e-12)


def test_covariance_of_rates_against_simulation(study: TariffStudy) -> None:
    """Frequencies and costs drawn as independent normal vectors; products by kind, summed."""
    rng = np.random.default_rng(11)
    n = 40_000
    total = np.zeros((n, CLASSES))
    for f, s in zip(study.frequencies, study.severities, strict=True):
        frequency = rng.multivariate_normal(f.estimate, f.covariance, n)
        cost = rng.multivariate_normal(s.mean, s.covariance, n, check_valid="ignore")
        total += frequency * cost
    loading = study.assumptions.loading
    total *= 1.05 * (1 + loading.claims_handling) / loading.permissible / study.payroll_per_exposure
    observed = np.cov(total.T)
    np.testing.assert_allclose(np.diag(observed), np.diag(study.rates.covariance), rtol=0.04)
    payroll = study.rated.covered_payroll
    assert payroll @ observed @ payroll == pytest.approx(payroll @ study.rates.covariance @ payroll, rel=0.04)


def test_the_lognormal_interval() -> None:
    low, high = lognormal_interval(np.array([2.0, 0.0]), np.array([0.2, 0.0]), 0.95)
    assert low[0] == pytest.approx(2.0 * np.exp(-1.959963985 * 0.1))
    assert high[0] == pytest.approx(2.0 * np.exp(1.959963985 * 0.1))
    assert (low[1], high[1]) == (0.0, 0.0)


def test_moments_of_the_loss_ratio_are_kept() -> None:
    """The quantiles are those of a lognormal variable with the mean and the variance asked for."""
    from scipy.stats import lognorm

    found = loss_ratio(np.array([40.0]), np.array([100.0]), np.array([80.0]), 1.25)
    sigma = np.sqrt(np.log1p((10 / 40) ** 2))
    dist = lognorm(sigma, scale=0.5 / np.sqrt(1 + (10 / 40) ** 2))
    assert dist.mean() == pytest.approx(0.5) and dist.std() == pytest.approx(10 / 80)
    assert found.quantiles[:, 0] == pytest.approx(dist.ppf([0.05, 0.5, 0.95]))
    assert found.above_one[0] == pytest.approx(dist.sf(1.0))
    assert found.above_permissible[0] == pytest.approx(dist.sf(0.8))


def test_a_class_without_premium_has_no_loss_ratio() -> None:
    found = loss_ratio(np.array([1.0, 0.0]), np.array([1.0, 0.0]), np.array([0.0, 5.0]), 1.2)
    assert np.isnan(found.mean[0]) and np.isnan(found.quantiles[:, 0]).all()
    assert found.mean[1] == 0.0


def test_the_premium_of_the_rated_contracts_is_the_law(
    experience: BookExperience, study: TariffStudy
) -> None:
    """Contract by contract through the one-premium computation."""
    from actuarial.payout_law import calendar_date
    from actuarial.premium.compulsory import Contract, Part, compulsory_premium

    records, rated = experience.records, study.rated
    for i in rated.contracts[::9]:
        parts = tuple(
            Part(
                name=f"part {p}",
                risk_class=int(records.part_class[p]),
                annual_payroll=Decimal(int(records.part_payroll[p])) / 100,
            )
            for p in range(int(records.part_start[i]), int(records.part_start[i + 1]))
        )
        contract = Contract(contract_date=calendar_date(int(records.contract_date[i])), parts=parts)
        assert compulsory_premium(contract).article_17_premium == rated.premium.article_17_premium[i]
    assert sorted(calendar_date(int(day)).year for day in records.start_date[rated.contracts]) == [2025] * 160


def test_a_policyholder_by_hand(experience: BookExperience, study: TariffStudy) -> None:
    """Its claims, what its classes expect, and the blend, for one employer, with plain loops."""
    from actuarial.technical_premium.rating_factor import part_relativities

    found, years, records = study.policyholders, study.years, experience.records
    relative = part_relativities(experience, years, study.regression, study.assumptions)
    q = int(np.argmax(found.claims))
    number = int(found.number[q])
    mine = [i for i in range(len(records)) if experience.policyholder[i] == number]
    parts = [p for i in mine for p in range(int(records.part_start[i]), int(records.part_start[i + 1]))]
    assert found.claims[q] == sum(int(p) in parts for p in years.part)
    expected = 0.0
    for p in parts:
        k = int(records.part_class[p]) - 1
        for j in range(5):
            for f, developed in zip(study.frequencies, study.developments, strict=True):
                expected += years.exposure[p, j] / developed.count_factor[j] * f.estimate[k] * relative[p]
    assert found.expected[q] == pytest.approx(expected, rel=1e-12)
    z = found.credibility[q]
    blend = z * found.claims[q] / found.expected[q] + (1 - z) * found.collective
    assert found.modification[q] == pytest.approx(blend, rel=1e-9)


def test_relativities_leave_the_classes_alone(experience: BookExperience, study: TariffStudy) -> None:
    from actuarial.technical_premium.rating_factor import part_relativities

    relative = part_relativities(experience, study.years, study.regression, study.assumptions)
    exposure = study.years.exposure.sum(axis=1)
    for number in range(1, CLASSES + 1):
        of = experience.records.part_class == number
        if exposure[of].sum() > 0:
            assert (relative[of] * exposure[of]).sum() == pytest.approx(exposure[of].sum(), rel=1e-12)
    assert relative.min() < 1 < relative.max()
