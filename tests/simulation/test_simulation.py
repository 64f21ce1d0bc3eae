"""The simulation as a whole: its mean, its spread, what it must not depend on, and what it says."""

from __future__ import annotations

import copy
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaptor import basis_of, records_of
from figures import LAW, load_tables
from naive import Life, law_pension_date, payment_dates, worker_benefit
from people import corner_bases, corner_people, valuation_date_of

from actuarial import risk_measure
from actuarial.basis import Basis, load_basis
from actuarial.driver import DriverPaths
from actuarial.error import SafetyLimitError
from actuarial.portfolio.read import read_annuities
from actuarial.projection import FLOW_GRID, outside_table
from actuarial.record import AnnuityRecords
from actuarial.reserve import annuity_reserve
from actuarial.simulation import Simulator, without_limits
from actuarial.simulation_study import _sensitivity, simulate

V = date(2026, 1, 1)
SAMPLE = Path(__file__).parents[2] / "actuarial" / "sample" / "annuities-synthetic.csv"


def some_people(number: int, folder: Path, n: int = 60) -> tuple[AnnuityRecords, Basis, date, dict[str, Any]]:
    seed = 500 + number
    plain = corner_bases(seed)[number]
    basis = basis_of(plain, folder)
    rows = corner_people(seed, n)
    inside = ~outside_table(records_of(rows), basis)
    records = records_of([row for row, ok in zip(rows, inside, strict=True) if ok])
    return records, basis, valuation_date_of(seed), plain


def taken(records: AnnuityRecords, order: np.ndarray) -> AnnuityRecords:
    return AnnuityRecords(**{f.name: np.asarray(getattr(records, f.name))[order] for f in fields(records)})


@pytest.fixture(scope="module")
def sample() -> AnnuityRecords:
    records = read_annuities(SAMPLE, valuation_date=V).records
    assert records is not None
    return replace(records, claim_id=np.array(records.claim_id.to_pylist(), dtype=object))


@pytest.mark.parametrize("number", range(10))
def test_the_mean_is_the_exact_expected_value(number: int, tmp_path: Path) -> None:
    records, basis, valuation_date, _ = some_people(number, tmp_path)
    study = simulate(without_limits(records), basis, valuation_date, 4000, 1, with_drivers=False, threads=1)
    error = study.mean.standard_error
    assert error is not None
    # half a tiyn of rounding for each record and part
    assert abs(study.mean.value - study.exact_expected / 100) <= 3 * error + 0.02 * len(records)


@pytest.mark.parametrize("antithetic", [True, False])
def test_the_mean_of_the_shipped_sample(antithetic: bool, sample: AnnuityRecords) -> None:
    basis = load_basis("illustrative-2026")
    study = simulate(
        without_limits(sample), basis, V, 600, 8, with_drivers=False, antithetic=antithetic, threads=2
    )
    assert study.mean.standard_error is not None
    assert abs(study.mean.value - study.exact_expected / 100) <= 3 * study.mean.standard_error
    # payouts too: the first years against the exact cash-flow
    flow = annuity_reserve(without_limits(sample), basis, V).flow.expected.sum(axis=0)
    for y in range(5):
        payouts = study.outcome.payouts[:, y] / FLOW_GRID
        found = risk_measure.mean(payouts, paired=antithetic)
        assert found.standard_error is not None
        assert abs(found.value - flow[12 * y : 12 * y + 12].sum() / 100) <= 3.5 * found.standard_error


def test_moments_of_one_life_in_closed_form(tmp_path: Path) -> None:
    """A life without reviews: mean, variance and 90 % quantile from the law of the month of death."""
    plain = copy.deepcopy(corner_bases(1)[0])
    plain["mortality"]["multiplier"]["C"] = 8.0
    plain["indexation"] = {"choice": "none"}
    plain["interest"] = {"flat": 0.05}
    plain["expenses"] = {"of_payment": 0.0, "per_month": 0, "inflation": 0.0}
    plain["additional_expenses"]["utilisation"] = dict.fromkeys("ABCD", 0.0)
    row = {
        "claim_id": "one", "product": "compulsory", "beneficiary": "worker", "sex": "male",
        "birth_date": date(1970, 3, 5), "contract_date": date(2024, 1, 10), "accident_date": date(2024, 6, 1),
        "first_certificate_date": date(2024, 9, 1), "certificate_end": None, "degree_of_loss": 70,
        "average_monthly_earnings": 300_000, "social_payment": 0, "next_payment_date": V,
    }  # fmt: skip
    from decimal import Decimal

    row["average_monthly_earnings"], row["social_payment"] = Decimal(300_000), Decimal(0)
    basis = basis_of(plain, tmp_path)
    amount = float(worker_benefit(row, plain, LAW))
    end = law_pension_date("male", row["birth_date"], LAW["pension_age"])
    tables = load_tables()
    pays = payment_dates(V, end, row["birth_date"], 100)
    life = Life(row, plain, tables, V, pays)
    alive, worth, outcomes = 1.0, 0.0, []
    for k in range(len(pays) - 1):
        if pays[k] >= end:
            break
        part = min(1.0, (end - pays[k]).days / (pays[k + 1] - pays[k]).days)
        worth += amount * part * 1.05 ** (-k / 12)
        dies = alive * (1 - float(life.month(k, "C")))
        outcomes.append((dies, worth))
        alive -= dies
    outcomes.append((alive, worth))
    mean = sum(p * w for p, w in outcomes)
    variance = sum(p * (w - mean) ** 2 for p, w in outcomes)
    fourth = sum(p * (w - mean) ** 4 for p, w in outcomes)
    records = records_of([row])
    simulator = Simulator(records, basis, V, threads=1)
    n = 60_000
    losses = simulator.outcome(simulator.model.none(0, n), 9, antithetic=False).total
    assert abs(losses.mean() - mean) < 3.5 * (variance / n) ** 0.5
    assert abs(losses.var() - variance) < 3.5 * ((fourth - variance**2) / n) ** 0.5
    for level in (0.02, 0.05, 0.1):
        reached = 0.0
        quantile = 0.0
        for p, quantile in outcomes:  # noqa: B007 - the one where the loop ends
            reached += p
            if reached >= level:
                break
        share = (losses <= quantile + 0.01).mean()
        assert abs(share - reached) < 3.5 * (reached * (1 - reached) / n) ** 0.5


def whole(records: AnnuityRecords, basis: Basis, day: date, drivers: DriverPaths, threads: int) -> list[Any]:
    outcome = Simulator(records, basis, day, threads=threads).outcome(drivers, 5, antithetic=True)
    return [outcome.payouts.tolist(), *(amounts.tolist() for amounts in outcome.amounts.values())]


@pytest.mark.parametrize("scenarios", [3, 80])
def test_order_threads_and_parts_change_nothing(
    scenarios: int, sample: AnnuityRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    basis = load_basis("illustrative-2026")
    some = taken(sample, np.arange(400))
    model = Simulator(some, basis, V).model
    drivers = model.paths(0, scenarios, 5, antithetic=True)
    first = whole(some, basis, V, drivers, 1)
    assert whole(some, basis, V, drivers, 2) == first
    assert whole(some, basis, V, drivers, 3) == first
    shuffled = taken(some, np.random.default_rng(1).permutation(400))
    assert whole(shuffled, basis, V, drivers, 2) == first
    monkeypatch.setattr("actuarial.simulation.SCENARIOS_AT_ONCE", 7)
    assert whole(shuffled, basis, V, drivers, 2) == first


def test_parts_of_a_portfolio_add_up(sample: AnnuityRecords) -> None:
    """Also across valuations with other longest annuities: claims do not disturb each other."""
    basis = load_basis("illustrative-2026")
    some = taken(sample, np.arange(300))
    drivers = Simulator(some, basis, V).model.paths(0, 10, 5, antithetic=True)
    total = whole(some, basis, V, drivers, 1)
    parts = [whole(taken(sample, np.arange(a, a + 100)), basis, V, drivers, 1) for a in (0, 100, 200)]
    for k in range(1, len(total)):
        assert np.sum([part[k] for part in parts], axis=0).tolist() == total[k]


def test_scenarios_do_not_depend_on_how_many_there_are(sample: AnnuityRecords) -> None:
    basis = load_basis("illustrative-2026")
    some = taken(sample, np.arange(200))
    few, many = (simulate(some, basis, V, n, 3, attribution=0, threads=1) for n in (20, 60))
    assert few.outcome.total.tolist() == many.outcome.total[:20].tolist()
    assert simulate(some, basis, V, 20, 4, attribution=0).outcome.total.tolist() != few.outcome.total.tolist()


def test_the_use_of_expenses_has_the_spread_of_a_beta(tmp_path: Path) -> None:
    records, _, valuation_date, plain = some_people(2, tmp_path, 200)
    plain = copy.deepcopy(plain)
    plain["simulation"] = {"expense_use": {"concentration": 3.0}}
    basis = basis_of(plain, tmp_path)
    simulator = Simulator(records, basis, valuation_date, threads=1)
    expected, _ = simulator._expenses
    i = int(np.argmax(expected))
    one = taken(records, np.array([i]))
    simulator = Simulator(one, basis, valuation_date, threads=1)
    n = 40_000
    used = simulator.outcome(simulator.model.none(0, n), 1, antithetic=False).amounts["additional_expenses"]
    share = used.sum(axis=1) / FLOW_GRID / expected[i]
    from scipy.stats import beta

    first = "ABCD"[int(np.searchsorted([30, 60, 90], one.first_degree_of_loss[0], side="right"))]
    u = plain["additional_expenses"]["utilisation"][first]
    distribution = beta(u * 3.0, (1 - u) * 3.0, scale=1 / u)
    assert abs(share.mean() - 1) < 4 * distribution.std() / n**0.5
    for level in (0.05, 0.5, 0.95):
        assert abs((share <= distribution.ppf(level)).mean() - level) < 4 * (level * (1 - level) / n) ** 0.5


def test_the_share_of_the_yield_against_its_own_distribution(sample: AnnuityRecords) -> None:
    """Var(E[Y | yield]) by 24 exact valuations at Gauss-Hermite nodes, over the whole variance."""
    basis = load_basis("illustrative-2026")
    some = without_limits(taken(sample, np.arange(60)))
    assert basis.assumptions.simulation is not None
    only = basis.assumptions.simulation.model_copy(
        update={
            "growth": type(basis.assumptions.simulation.growth)(),
            "mortality": type(basis.assumptions.simulation.mortality)(),
            "recovery": type(basis.assumptions.simulation.recovery)(),
            "correlation": [],
        }
    )
    basis = replace(basis, assumptions=basis.assumptions.model_copy(update={"simulation": only}))
    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    weights = weights / weights.sum()
    values = []
    for z in nodes:
        shifted = replace(basis, curve=type(basis.curve)(0.10 + 0.02 * float(z)))  # type: ignore[call-arg]
        values.append(annuity_reserve(some, shifted, V, threads=1).totals()["total_expected"] / 100)
    values = np.array(values)
    between = weights @ (values - weights @ values) ** 2
    study = simulate(some, basis, V, 6000, 2, attribution=6000, threads=2)
    share = {c.source: c for c in study.contributions}
    variance = study.outcome.total.var(ddof=1)
    assert set(share) == {"idiosyncratic", "yield_shift"}
    assert (
        abs(share["yield_shift"].share - between / variance) < 3 * share["yield_shift"].standard_error + 0.02
    )
    # two independent sources whose interplay is small
    assert share["idiosyncratic"].share + share["yield_shift"].share == pytest.approx(1.0, abs=0.05)
    assert share["idiosyncratic"].share > 0.01
    # mean with the drivers as controls: the expectation over the nodes
    assert study.with_drivers is not None and study.with_drivers.mean.standard_error is not None
    exact = float(weights @ values)
    assert abs(study.with_drivers.mean.value - exact) < 3.5 * study.with_drivers.mean.standard_error
    assert study.with_drivers.variance_ratio > 5


def test_the_twin_takes_out_the_single_lives(sample: AnnuityRecords) -> None:
    """Insured sums without drivers: the same lives without the sums are a strong control."""
    basis = load_basis("illustrative-2026")
    some = taken(sample, np.arange(300))
    study = simulate(some, basis, V, 2000, 2, with_drivers=False, threads=2)
    assert study.twin_gain is not None and study.twin_gain > 2
    assert study.with_twin is not None and study.with_twin.variance_ratio > 2
    more = simulate(some, basis, V, 20_000, 3, with_drivers=False, threads=2)
    errors = [e.mean.standard_error for e in (study.with_twin, more.with_twin) if e is not None]
    assert more.with_twin is not None and None not in errors
    gap = study.with_twin.mean.value - more.with_twin.mean.value
    assert abs(gap) < 3.5 * sum(e**2 for e in errors if e) ** 0.5
    assert abs(study.mean.value - more.with_twin.mean.value) < 3.5 * (study.mean.standard_error or 0)


def test_sensitivity_of_a_sum_of_normals() -> None:
    """Y = 3a + b + ab: first-order shares 9/11 and 1/11, interplay 1/11."""
    n = 40_000
    random = np.random.default_rng(6)
    a, b, again_a, again_b = random.standard_normal((4, n))

    def y(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return 3 * a + b + a * b

    first = y(a, b)
    for other, wanted in ((y(a, again_b), 9 / 11), (y(again_a, b), 1 / 11)):
        share, error = _sensitivity(first, other, first, other)
        assert 0 < error < 0.02 and abs(share - wanted) < 3.5 * error
    noisy = _sensitivity(first, y(again_a, b), first, y(again_a, b))
    clean = _sensitivity(first, y(again_a, b), first - 3 * a, y(again_a, b) - 3 * again_a)
    assert clean[1] < noisy[1] and abs(clean[0] - 1 / 11) < 3.5 * clean[1]


def test_cost_of_capital_by_hand(sample: AnnuityRecords) -> None:
    basis = load_basis("illustrative-2026")
    some = taken(sample, np.arange(200))
    study = simulate(some, basis, V, 2000, 1, attribution=0, cost_of_capital=0.07)
    flow = annuity_reserve(some, basis, V).flow.expected.sum(axis=0)
    yearly = [float(flow[m : m + 12].sum()) for m in range(0, flow.size, 12)]
    value_now = sum(c * 1.1 ** -(j + 0.5) for j, c in enumerate(yearly))
    factor = 0.0
    for t in range(len(yearly)):
        left = sum(c * 1.1 ** -(j + 0.5 - t) for j, c in enumerate(yearly) if j >= t)
        factor += left / value_now * 1.1 ** -(t + 1)
    # non-financial risk alone: the same scenarios with the yields and growth of the basis
    simulator = Simulator(some, basis, V)
    drivers = simulator.model.paths(0, 2000, 1, antithetic=True).without_financial()
    assert drivers.force.shape[0] == drivers.recovery_odds.size == 2000 and drivers.yield_shift.tolist() == [
        0
    ]
    insured = simulator.outcome(drivers, 1, antithetic=True).total
    assert insured.std() < 0.3 * study.outcome.total.std()
    capital = np.sort(insured)[int(0.995 * 2000) - 1] - insured.mean()
    assert study.adjustment.capital == pytest.approx(capital, rel=1e-12)
    assert study.adjustment.cost_of_capital == pytest.approx(0.07 * capital * factor, rel=1e-9)
    assert study.adjustment.by_level[0.995] == pytest.approx(capital, rel=1e-12)


def test_convergence_ends_with_the_result(sample: AnnuityRecords) -> None:
    basis = load_basis("illustrative-2026")
    study = simulate(taken(sample, np.arange(50)), basis, V, 3000, 1, attribution=0)
    settled = study.convergence
    assert settled.scenarios[-1] == 3000 and settled.means[-1] == study.mean
    assert settled.tails[0] is None and settled.tails[-1] is not None
    assert all(n % 2 == 0 for n in settled.scenarios)


def test_numbers_that_make_no_simulation(sample: AnnuityRecords) -> None:
    basis = load_basis("illustrative-2026")
    for n, seed, antithetic in ((1, 1, False), (3, 1, True), (10, -1, True), (10, 2**32, True)):
        with pytest.raises(ValueError, match=r"n_scenarios|pairs"):
            simulate(sample, basis, V, n, seed, antithetic=antithetic)


def test_a_scenario_beyond_exact_integers_is_refused(sample: AnnuityRecords) -> None:
    """A yield 40 points lower makes the sample worth more than 2⁶² units of the grid."""
    basis = load_basis("illustrative-2026")
    simulator = Simulator(sample, basis, V)
    drivers = replace(simulator.model.none(0, 4), yield_shift=np.array([0.0, -0.4, -0.1, 0.1]))
    with pytest.raises(SafetyLimitError, match="scenario 1 is worth"):
        simulator.outcome(drivers, 1, antithetic=True)
