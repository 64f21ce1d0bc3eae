"""New claims of a book: the kernel against vectorised numpy, and against valuing every claim by the engine.

To reach: 100 000 contracts in 1 000 scenarios under 10 s on two cores, exact means included. Run:
``pytest benchmarks/test_new_claim.py --benchmark-only``.
"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actuarial.basis import load_basis
from actuarial.new_claim.exposure import ContractsInForce, part_keys
from actuarial.new_claim.factor import worker_records
from actuarial.new_claim.model import load_new_claim_model
from actuarial.new_claim.preparation import Prepared, prepared
from actuarial.new_claim.simulation import simulated
from actuarial.payout_law import PayoutLaw
from actuarial.premium.record import NO_COUNT, ContractRecords
from actuarial.record import NO_DATE
from actuarial.reserve import annuity_reserve

Float = NDArray[np.float64]
VALUATION_DATE = datetime.date(2026, 1, 1)
FIRST_DAY = (datetime.date(2025, 7, 1) - datetime.date(1970, 1, 1)).days
SCENARIOS = 1_000
CONTRACTS = 100_000
FEW_CONTRACTS = 20_000
FREQUENCY = {"a market's": 1.0, "ten times a market's": 10.0}


def book(n: int) -> ContractsInForce:
    """A third of the contracts has two parts; 24 workers a part on average."""
    rng = np.random.default_rng(3)
    counts = np.where(rng.random(n) < 0.7, 1, 2)
    bounds = np.concatenate(([0], np.cumsum(counts)))
    m = int(bounds[-1])
    workers = np.maximum(rng.lognormal(2.5, 1.2, m), 1).astype(np.int64)
    payroll = workers * rng.integers(90_000, 700_000, m) * 1200
    ids = [f"C{i:07d}" for i in range(n)]
    nothing = np.zeros(0, dtype=np.int64)
    records = ContractRecords(
        contract_id=ids,
        contract_date=np.full(n, FIRST_DAY, dtype=np.int32),
        start_date=np.full(n, FIRST_DAY, dtype=np.int32),
        end_date=np.full(n, FIRST_DAY + 364, dtype=np.int32),
        n_workers=np.add.reduceat(workers, bounds[:-1]),
        discount=np.full(n, NO_COUNT, dtype=np.int64),
        premium_charged=np.full(n, NO_COUNT, dtype=np.int64),
        part_start=bounds,
        part_class=rng.integers(1, 23, m),
        part_payroll=payroll,
        part_sum=payroll,
        accident_contract=nothing,
        accident_year=nothing,
        n_injured=nothing,
        n_deaths=nothing,
        n_accidents=nothing,
        is_at_fault=np.zeros(0, dtype=np.bool_),
    )
    names = [f"P{k}" for k in np.arange(m) - np.repeat(bounds[:-1], counts)]
    return ContractsInForce(
        records, workers, part_keys(ids, bounds, names), np.zeros(n), np.full(n, NO_DATE, dtype=np.int32)
    )


def ready(n: int, frequency: float) -> Prepared:
    model = load_new_claim_model("illustrative-2026")
    model.frequency[:] *= frequency
    return prepared(book(n), model, load_basis("illustrative-2026"), VALUATION_DATE)


def by_numpy(made: Prepared, scenarios: int, seed: int) -> Float:
    """The same claims with numpy: counts of all parts and scenarios at once, then arrays of victims.

    Gamma-Poisson counts, kinds, degrees, pay, cells, dependants, deductions and values as in the kernel;
    without reinsurance, insured sums and totals by class, so that it does less.
    """
    rng = np.random.default_rng(seed)
    parts, chances, rules, values = made.parts, made.chances, made.rules, made.values
    size = np.minimum(chances.size[parts.risk_class], parts.workers[:, None])
    share = np.diff(chances.size_chance[parts.risk_class], prepend=0.0, axis=1)
    mean = parts.worker_years * chances.persons[parts.risk_class] / (size * share).sum(axis=1)
    total = np.zeros(scenarios)
    for start in range(0, scenarios, 100):
        stop = min(start + 100, scenarios)
        of_class = rng.gamma(25.0, 1 / 25.0, (stop - start, 22)) * rng.gamma(100.0, 0.01, (stop - start, 1))
        level = rng.gamma(1 / chances.dispersion, chances.dispersion, (stop - start, mean.size))
        counts = rng.poisson(mean * level * of_class[:, parts.risk_class])
        scenario, part = np.nonzero(counts)
        of = np.repeat(np.arange(scenario.size), counts[scenario, part])
        j = rules.month_of_day[(rng.random(of.size) * parts.n_days[part[of]]).astype(np.int64)]
        column = (rng.random(of.size)[:, None] >= chances.size_chance[parts.risk_class[part[of]]]).sum(axis=1)
        victim = np.repeat(np.arange(of.size), size[part[of], column])
        s, p, month = start + scenario[of][victim], part[of][victim], j[victim]
        kind = (rng.random(p.size)[:, None] >= chances.kind[parts.risk_class[p]]).sum(axis=1)
        pay = parts.wage[p] * rules.wage_factor[1] * chances.earnings[rng.integers(0, 64, p.size)]
        capped = np.minimum(np.floor(pay + 0.5), parts.cap[p])
        cost = np.floor(rules.funeral[month] + 0.5) * (kind == 0)
        hurt = np.flatnonzero(kind > 0)
        band = kind[hurt] - 1
        column = (rng.random(hurt.size)[:, None] >= chances.degree_chance[band]).sum(axis=1)
        degree = chances.degree[band, column]
        cell = np.searchsorted(chances.cell, rng.random(hurt.size), side="right")
        wage = rules.minimum_wage[month[hurt]]
        income = np.clip(pay[hurt], rules.income_floor * wage, rules.income_cap * wage)
        net = np.maximum(income - rules.subtrahend * wage, 0.0)
        social = np.floor(net * rules.degree_factor[degree] / 100 + 0.5) * 100
        unit = values.worker[month[hurt], band, cell, :, 0]
        own = np.where(band > 0, np.maximum(degree * capped[hurt] / 100 - social, 0.0), 0.0)
        worth = own * unit[:, 0]
        for b in range(1, 4):
            other = rules.representative_degree[b] / 100 * capped[hurt] - social
            worth += np.maximum(other, 0.0) * unit[:, b + 1]
        cost[hurt] = np.floor(worth + 0.5) + rules.additional[month[hurt], band]
        dead = np.flatnonzero(kind == 0)
        family = np.searchsorted(chances.family, rng.random(dead.size), side="right")
        first, last = chances.family_start[family], chances.family_start[family + 1]
        who = np.repeat(np.arange(dead.size), last - first)
        member = (
            np.arange(who.size) - np.repeat(np.cumsum(last - first) - last + first, last - first) + first[who]
        )
        cells = values.member_start[member + 1] - values.member_start[member]
        at = values.member_start[member] + (rng.random(who.size) * cells).astype(np.int64)
        split = (last - first)[who] + 1
        worth = capped[dead][who] / split * values.member[month[dead][who], at, 0]
        np.add.at(cost, dead[who], np.floor(worth + 0.5))
        total += np.bincount(s, cost, minlength=scenarios)
    return total


@pytest.mark.parametrize("frequency", FREQUENCY)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_large_book(benchmark: Any, threads: int, frequency: str) -> None:
    made = ready(CONTRACTS, FREQUENCY[frequency])
    found = benchmark.pedantic(
        simulated, (made, SCENARIOS, 7), {"threads": threads}, rounds=3, warmup_rounds=1
    )
    benchmark.extra_info["persons"] = int(found.persons.sum())
    gross, exact = found.gross.sum(axis=1), found.expected_gross.sum()
    assert abs(gross.mean() - exact) < 4 * gross.std() / SCENARIOS**0.5


@pytest.mark.parametrize("frequency", FREQUENCY)
@pytest.mark.parametrize("way", ["kernel", "numpy"])
def test_the_same_claims_by_kernel_and_by_numpy(benchmark: Any, way: str, frequency: str) -> None:
    """The kernel finds the exact means too."""
    made = ready(FEW_CONTRACTS, FREQUENCY[frequency])
    # neither catastrophes nor expenses, which the numpy version leaves out
    made.catastrophes.events[:] = 0.0
    if way == "kernel":
        found = benchmark.pedantic(simulated, (made, SCENARIOS, 7), {"threads": 1}, rounds=3, warmup_rounds=1)
        payout = found.payout.sum(axis=1)
    else:
        payout = benchmark.pedantic(by_numpy, (made, SCENARIOS, 7), rounds=3, warmup_rounds=1)
    exact = simulated(made, 1, 7).expected_payout.sum()
    assert abs(payout.mean() - exact) < 4 * payout.std() / SCENARIOS**0.5


def test_valuing_every_injury_by_the_engine(benchmark: Any) -> None:
    """The other design: records of a million simulated injuries, valued one by one on one thread."""
    made = ready(FEW_CONTRACTS, 1.0)
    basis, law = load_basis("illustrative-2026"), PayoutLaw()
    records = worker_records(made.cells, made.cover.middle, 4, basis, law)
    rng = np.random.default_rng(1)
    at = rng.integers(0, len(records), 1_000_000)
    columns = {
        name: getattr(records, name) for name in type(records).__dataclass_fields__ if name != "claim_id"
    }

    def value() -> int:
        taken = {name: column[at] for name, column in columns.items()}
        taken["average_monthly_earnings"] = np.full(at.size, 30_000_000)
        some = type(records)(claim_id=None, **taken)
        return annuity_reserve(some, basis, VALUATION_DATE, threads=1).totals()["expected_reserve"]

    assert benchmark.pedantic(value, rounds=2, warmup_rounds=1) > 0
