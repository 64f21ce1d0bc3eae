"""Intervals of technical rates against books whose true rates are known: how often they hold the truth."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from actuarial.claim_record import ClaimRecords
from actuarial.premium.book import CLASSES
from actuarial.technical_premium.assumption import LargeLoss, Loading, Severity
from actuarial.technical_premium.frequency import kind_frequency
from actuarial.technical_premium.loading import TechnicalRates, technical_rates
from actuarial.technical_premium.severity import claims_severity

YEARS, BOOKS, LEVEL = 5, 150, 0.95
BASE, SPREAD = 0.004, 0.6
LIMIT, SHAPE, LARGE_SHARE, SMALL_MEAN = 5e6, 2.0, 0.08, 2e6
PAYROLL = 4e6
SECTIONS = {"a": list(range(1, 8)), "b": list(range(8, 15)), "c": list(range(15, 23))}
NO_LOADING = Loading(
    claims_handling=0.0, expense=0.0, profit=0.0, cost_of_capital=0.0, capital_per_premium=0.0
)

Float64 = NDArray[np.float64]


def study(
    rng: np.random.Generator, workers: Float64, frequency: Float64, sections: dict[str, list[int]] | None
) -> TechnicalRates:
    """Rates of one drawn book: Poisson numbers, costs with a Pareto tail."""
    exposure = np.repeat(workers[:, None], YEARS, axis=1)
    numbers = rng.poisson(frequency[:, None] * exposure)
    cells = np.arange(CLASSES * YEARS).repeat(numbers.ravel())
    risk_class, year = cells // YEARS + 1, cells % YEARS
    n = cells.size
    is_large = rng.uniform(size=n) < LARGE_SHARE
    costs = np.where(
        is_large, LIMIT * (1 - rng.uniform(size=n)) ** (-1 / SHAPE), 2 * SMALL_MEAN * rng.uniform(size=n)
    )
    none, day = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int32)
    claims = ClaimRecords(
        claim_id=None,
        contract=none,
        part=none,
        risk_class=risk_class,
        kind=none.astype(np.int8),
        event_date=day,
        report_date=day,
        movement_claim=np.arange(n),
        movement_date=day,
        paid=np.round(100 * costs).astype(np.int64),
        case_estimate_change=none,
    )
    years = SimpleNamespace(kind=none, risk_class=risk_class, year=year, claim=np.arange(n), n_years=YEARS)
    f = kind_frequency(0, numbers.astype(float), exposure, level=LEVEL, sections=sections)
    s = claims_severity(
        0,
        years,  # type: ignore[arg-type]
        claims,
        np.ones(YEARS),
        Severity(source="claims"),
        LargeLoss(threshold=LIMIT, choice="pareto"),
    )
    return technical_rates([f], [s], np.full(CLASSES, PAYROLL), NO_LOADING, 0.0)


@pytest.mark.parametrize("is_hierarchical", [False, True])
@pytest.mark.parametrize("workers", [np.full(CLASSES, 1500.0), np.exp(np.linspace(5, 10, CLASSES))])
def test_the_interval_holds_the_truth_as_often_as_it_says(workers: Float64, *, is_hierarchical: bool) -> None:
    """Classes are drawn anew in each book; the load for large losses is fitted."""
    rng = np.random.default_rng(17)
    cost = LARGE_SHARE * LIMIT * SHAPE / (SHAPE - 1) + (1 - LARGE_SHARE) * SMALL_MEAN
    of_class, of_book = [], []
    for _ in range(BOOKS):
        frequency = BASE * rng.gamma(1 / SPREAD**2, SPREAD**2, CLASSES)
        if is_hierarchical:
            frequency *= rng.gamma(4.0, 0.25, 3)[np.repeat(np.arange(3), [7, 7, 8])]
        rates = study(rng, workers, frequency, SECTIONS if is_hierarchical else None)
        truth = frequency * cost / PAYROLL
        low, high = rates.interval(LEVEL)
        of_class.append((low <= truth) & (truth <= high))
        payroll = workers * PAYROLL
        whole, error = payroll @ rates.technical, np.sqrt(payroll @ rates.covariance @ payroll)
        of_book.append(abs(np.log(payroll @ truth / whole)) <= 1.96 * error / whole)
    assert 0.92 <= np.mean(of_class) <= 0.97
    assert 0.90 <= np.mean(of_book) <= 0.98
