"""Distribution of the total against a Panjer recursion, and means against naive sums."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from small_book import VALUATION_DATE, contracts_in_force, model_of, plain_content

from actuarial.basis import load_basis
from actuarial.new_claim.preparation import earnings_steps, prepared
from actuarial.new_claim.simulation import simulated

FUNERAL = 100 * 4325 * 100
DAYS = 181


def panjer(mean: float, dispersion: float, sizes: dict[int, float], top: int) -> np.ndarray:
    """P(total = k) of a compound Poisson or negative binomial of whole sizes (Panjer 1981)."""
    if dispersion == 0.0:
        a, b, start = 0.0, mean, np.exp(-mean)
    else:
        p = dispersion * mean / (1 + dispersion * mean)
        a, b, start = p, (1 / dispersion - 1) * p, (1 - p) ** (1 / dispersion)
    chance = np.zeros(top + 1)
    chance[0] = start
    for k in range(1, top + 1):
        chance[k] = sum((a + b * s / k) * f * chance[k - s] for s, f in sizes.items() if s <= k)
    return chance


@pytest.mark.parametrize("dispersion", [0.0, 0.8])
def test_the_total_is_the_compound_distribution(tmp_path: Path, dispersion: float) -> None:
    """Deaths without dependants cost one funeral each: the total is a lattice."""
    n, workers = 100_000, 3000
    sizes = {1: 0.7, 2: 0.2, 5: 0.1}
    content = plain_content()
    content["dependants"]["families"] = [{"share": 1.0, "members": []}]
    content["event_size"] = {"default": sizes}
    if dispersion:
        content["frequency"] |= {"count": "negative_binomial", "dispersion": dispersion}
    model = model_of(tmp_path, content, (0.002, 0.0, 0.0, 0.0, 0.0))
    basis = load_basis("illustrative-2026")
    ready = prepared(contracts_in_force([[(5, workers, 100_000)]]), model, basis, VALUATION_DATE)
    payout = simulated(ready, n, 2).payout.sum(axis=1)
    whole, rest = np.divmod(payout, FUNERAL)
    assert not rest.any()
    events = workers * 0.002 * DAYS / 365 / sum(s * f for s, f in sizes.items())
    chance = panjer(events, dispersion, sizes, 200)
    assert chance.sum() == pytest.approx(1, abs=1e-9)
    found = np.cumsum(np.bincount(whole, minlength=201)[:201]) / n
    # Dvoretzky-Kiefer-Wolfowitz at one in a thousand
    assert np.abs(found - np.cumsum(chance)).max() < 1.95 / n**0.5
    mean = sum(k * c for k, c in enumerate(chance))
    assert ready.parts.worker_years[0] * 0.002 == pytest.approx(mean, rel=1e-9)


def test_small_sites_cut_events_but_not_the_frequency(tmp_path: Path) -> None:
    content = plain_content()
    content["event_size"] = {"default": {1: 0.5, 10: 0.5}}
    model = model_of(tmp_path, content, (0.05, 0.0, 0.0, 0.0, 0.0))
    book = contracts_in_force([[(5, 4, 100_000)]] * 50)
    ready = prepared(book, model, load_basis("illustrative-2026"), VALUATION_DATE)
    result = simulated(ready, 20_000, 1)
    persons, events = result.persons.sum(axis=1), result.events.sum(axis=1)
    expected = 200 * 0.05 * DAYS / 365
    assert result.expected_persons.sum() == pytest.approx(expected, abs=1e-5)
    assert abs(persons.mean() - expected) < 4 * persons.std() / 20_000**0.5
    assert persons.sum() / events.sum() == pytest.approx(2.5, rel=0.03)


def test_the_exact_mean_is_a_naive_sum(tmp_path: Path) -> None:
    """Every day, cell, earnings step, degree and family of one small part, one after the other."""
    content = plain_content()
    content["victim"] |= {
        "ages": [{"first": 40, "last": 40, "share": 0.7}, {"first": 62, "last": 62, "share": 0.3}]
    }
    content["dependants"]["families"] = content["dependants"]["families"][:5]
    content["dependants"]["families"][0]["share"] = 0.4
    rates = (0.01, 0.02, 0.03, 0.04, 0.05)
    book = contracts_in_force([[(5, 30, 300_000)]])
    ready = prepared(
        book, model_of(tmp_path, content, rates), load_basis("illustrative-2026"), VALUATION_DATE
    )
    result = simulated(ready, 1, 1)
    values, cells = ready.factors, ready.cells
    total = 0.0
    steps = np.minimum(np.floor(300_000_00 * 1.09 * earnings_steps(0.5) + 0.5), 850_000_00) / 100
    gross = np.floor(300_000_00 * 1.09 * earnings_steps(0.5) + 0.5) / 100
    for d in range(DAYS):
        j = (date(2026, 1, 1) + timedelta(d)).month - 1
        unit = values.worker[j]
        for b, band in enumerate("ABCD"):
            mean = np.einsum("cs,c->s", unit[b], cells.chance)
            cost = [0.0, 0.5 * 500, 0.6 * 750, 0.7 * 1000][b] * 4325
            for degree, chance in content["degree"][band].items():
                income = np.clip(gross, 85_000, 7 * 85_000)
                fund = np.floor(np.maximum(income - 0.5 * 85_000, 0) * 0.6 * degree / 100 * 1.10 + 0.5)
                # the Fund pays nothing below 30 %
                fund = fund if degree >= 30 else 0 * fund
                own = np.maximum(degree / 100 * steps - fund, 0) if b else 0 * steps
                other = [np.maximum(r / 100 * steps - fund, 0).mean() for r in (40, 70, 95)]
                cost += chance * (
                    own.mean() * mean[0] + sum(o * m for o, m in zip(other, mean[2:], strict=True))
                )
            total += rates[b + 1] * cost
        death = 100 * 4325
        at = 0
        for family in content["dependants"]["families"]:
            for _ in family["members"]:
                own_cells = slice(values.member_start[at], values.member_start[at + 1])
                worth = values.member[j, own_cells].mean() / (len(family["members"]) + 1)
                death += family["share"] * steps.mean() * worth
                at += 1
        total += rates[0] * death
    total *= 30 / 365
    assert result.expected_payout.sum() / 100 == pytest.approx(total, rel=1e-9)


def test_the_mean_of_the_simulation_is_the_exact_one(tmp_path: Path) -> None:
    """Within three standard errors for the book, four for each of 22 classes: counts, payouts, expenses."""
    content = plain_content()
    content["frequency"] |= {"count": "negative_binomial", "dispersion": 0.5, "class_cv": 0.2}
    content["event_size"] = {"default": {1: 0.9, 3: 0.1}}
    content["catastrophes"] = [
        {
            "name": "collapse",
            "events_per_year": 0.5,
            "n_workers": 15,
            "kinds": {"death": 0.4, "A": 0.1, "B": 0.2, "C": 0.2, "D": 0.1},
        }
    ]
    rng = np.random.default_rng(8)
    parts = [
        [(int(c), int(w), int(p)) for c, w, p in zip(
            rng.integers(1, 23, 2), rng.integers(3, 300, 2), rng.integers(90_000, 800_000, 2), strict=True
        )]
        for _ in range(100)
    ]  # fmt: skip
    model = model_of(tmp_path, content, (0.0005, 0.001, 0.001, 0.0005, 0.0001))
    ready = prepared(contracts_in_force(parts), model, load_basis("illustrative-2026"), VALUATION_DATE)
    n = 20_000
    result = simulated(ready, n, 4)
    for found, expected in (
        (result.persons, result.expected_persons),
        (result.payout, result.expected_payout),
        (result.gross, result.expected_gross),
    ):
        error = found.std(axis=0) / n**0.5
        assert (np.abs(found.mean(axis=0) - expected) <= 4 * error + 1e-9).all()
        book = found.sum(axis=1)
        assert abs(book.mean() - expected.sum()) < 3 * book.std() / n**0.5
    assert (result.persons.mean(axis=0) > 0).sum() == 22


def test_earnings_steps_are_slices_of_a_lognormal() -> None:
    from scipy import integrate, stats

    cv = 0.8
    sigma = np.log1p(cv * cv) ** 0.5
    law = stats.lognorm(sigma, scale=np.exp(-sigma * sigma / 2))
    steps = earnings_steps(cv)
    assert steps.mean() == pytest.approx(1.0, abs=1e-12)
    for k in (0, 17, 63):
        edges = law.ppf([k / 64, (k + 1) / 64])
        high = edges[1] if np.isfinite(edges[1]) else law.ppf(1 - 1e-13)
        slice_mean = integrate.quad(lambda x: x * law.pdf(x), edges[0], high)[0] * 64
        assert steps[k] == pytest.approx(slice_mean, rel=1e-6)
