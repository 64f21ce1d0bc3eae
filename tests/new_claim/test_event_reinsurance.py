"""Reinsurance and insured sums recomputed event by event from the list of claims, in whole numbers."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_book import VALUATION_DATE, contracts_in_force, model_of, plain_content

from actuarial.basis import load_basis
from actuarial.new_claim.preparation import Prepared, prepared
from actuarial.new_claim.simulation import NewClaimSimulation, simulated

SEED = 12
LAYERS = [
    {"retention": 5_000_000, "limit": 20_000_000, "reinstatements": None},
    {"retention": 25_000_000, "limit": 30_000_000, "reinstatements": 0},
]


def ready_book(folder: Path, **changes: Any) -> Prepared:
    content = plain_content()
    content["event_size"] = {"default": {1: 0.6, 2: 0.3, 4: 0.1}}
    content["reinsurance"] = {"quota_share": 0.3, "excess_of_loss": LAYERS}
    content |= changes
    book = contracts_in_force(
        [[(20, 200, 250_000), (8, 100, 600_000)], [(3, 300, 120_000)], [(3, 50, 400_000)]],
        ceded_share=[0.0, 0.25, 0.125],
        insured_sum=30_000_000,
    )
    rates = (0.02, 0.02, 0.02, 0.02, 0.01)
    return prepared(book, model_of(folder, content, rates), load_basis("illustrative-2026"), VALUATION_DATE)


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def events_of(result: NewClaimSimulation) -> dict[tuple[int, int], int]:
    payout: dict[tuple[int, int], int] = defaultdict(int)
    for row in result.listing:
        payout[int(row[0]), int(row[1])] += int(row[10]) + int(row[12])
    return payout


@pytest.mark.parametrize("scenario", [0, 1, 5])
def test_shares_and_layers_event_by_event(tmp_path: Path, scenario: int) -> None:
    ready = ready_book(tmp_path)
    result = simulated(ready, 6, SEED, listed_scenario=scenario)
    contract = [0, 0, 1, 2]
    share = [Fraction(0), Fraction(1, 4), Fraction(1, 8)]
    quota: dict[int, int] = defaultdict(int)
    layer: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    largest = 0
    paid = [0, 0, 0]
    for (part, _), payout in events_of(result).items():
        c = int(ready.parts.risk_class[part])
        own = half_up(payout * share[contract[part]])
        rest = payout - own
        treaty = half_up(rest * Fraction(3, 10))
        quota[c] += own + treaty
        rest -= treaty
        for k, terms in enumerate(LAYERS):
            above = rest - int(terms["retention"]) * 100  # type: ignore[call-overload]
            layer[c][k] += max(0, min(above, int(terms["limit"]) * 100))  # type: ignore[call-overload]
        largest = max(largest, payout)
        paid[contract[part]] += payout
    assert result.largest_event[scenario] == largest
    sums = [30_000_000_00 * n for n in (2, 1, 1)]
    assert list(ready.cover.insured_sum) == sums
    assert result.recovery[scenario] == sum(max(p - s, 0) for p, s in zip(paid, sums, strict=True)) > 0
    second = sum(parts[1] for parts in layer.values())
    taken = min(second, 30_000_000_00)
    assert scenario or taken < second
    assert result.ceded[scenario].sum() == (
        sum(quota.values()) + sum(parts[0] for parts in layer.values()) + taken
    )
    for c in quota:
        of_second = Fraction(layer[c][1] * taken, max(second, 1))
        found = int(result.ceded[scenario, c]) - quota[c] - layer[c][0]
        assert abs(found - of_second) <= 1
    assert (result.net == result.gross - result.ceded).all()


def test_the_insured_sum_may_be_left_out(tmp_path: Path) -> None:
    limited = simulated(ready_book(tmp_path), 50, SEED)
    free = simulated(ready_book(tmp_path, insured_sum="not_applied"), 50, SEED)
    assert limited.recovery.any()
    assert not free.recovery.any()
    assert (free.gross == limited.gross).all()


def test_a_catastrophe_strikes_the_largest_site_alone(tmp_path: Path) -> None:
    kinds = {"death": 1.0, "A": 0.0, "B": 0.0, "C": 0.0, "D": 0.0}
    blow = {"name": "blast", "events_per_year": 2.0, "n_workers": 500, "kinds": kinds}
    plain = simulated(ready_book(tmp_path), 4000, SEED)
    struck = simulated(ready_book(tmp_path, catastrophes=[blow]), 4000, SEED)
    more = struck.persons - plain.persons
    # the ordinary events stay as they were; the site has 300 workers in class 3
    assert not more[:, np.arange(22) != 2].any()
    assert set(np.unique(more[:, 2])) <= {300 * k for k in range(12)}
    mean = 2.0 * 181 / 365
    events = more[:, 2] / 300
    assert abs(events.mean() - mean) < 4 * (mean / 4000) ** 0.5
    assert events.var() == pytest.approx(mean, rel=0.1)
    assert (struck.kind_persons - plain.kind_persons)[:, 1:].sum() == 0
    assert struck.expected_persons.sum() - plain.expected_persons.sum() == pytest.approx(300 * mean, rel=1e-6)
