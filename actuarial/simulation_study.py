"""What a simulation says: distribution, errors, sources, risk adjustment, convergence.

Every figure carries its sampling error; formulas are in docs/simulate.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from actuarial import risk_measure
from actuarial.basis import Basis
from actuarial.driver import FINANCIAL, DriverPaths
from actuarial.error import SafetyLimitError
from actuarial.language import text
from actuarial.money import TIYN
from actuarial.payout_law import PayoutLaw
from actuarial.record import NO_AMOUNT, AnnuityRecords
from actuarial.reserve import Valuation, annuity_reserve
from actuarial.risk_measure import Controlled, Estimate
from actuarial.simulation import IDIOSYNCRATIC, LARGEST_SEED, Outcome, Simulator, without_limits
from actuarial.survival import MONTHS

Float = NDArray[np.float64]

COST_OF_CAPITAL = 0.06
"""Yearly cost of capital, 6 % unless the user says otherwise (docs/simulate.md)."""
CAPITAL_LEVEL = 0.995
ATTRIBUTION_SCENARIOS = 1000
PILOT_SCENARIOS = 512
WORTH_DOUBLE = 2.0
"""A control that doubles the work must halve the variance at least."""
GROUPS = 20
MOST_SCENARIOS = 200_000


@dataclass(frozen=True)
class Contribution:
    """Share of the variance that one source explains alone.

    Attributes
    ----------
    source : str
        ``idiosyncratic`` or a driver.
    share : float [1]
        First-order sensitivity index; shares need not add up to 1.
    standard_error : float [1]
    """

    source: str
    share: float
    standard_error: float


@dataclass(frozen=True)
class RiskAdjustment:
    """Risk adjustment for non-financial risk [KZT]: yields and indexation as the basis has them.

    Attributes
    ----------
    mean : Estimate
        Of the simulation without financial drivers.
    by_level : dict of float to float or None
        Value at risk less the mean, by confidence level; None where the scenarios are too few.
    cost_of_capital : float or None
        ``rate · Σ_t capital_t · v(t + 1)``.
    rate : float
    capital : float or None
        Value at risk at `CAPITAL_LEVEL` less the mean, on the valuation date.
    """

    mean: Estimate
    by_level: dict[float, float | None]
    cost_of_capital: float | None
    rate: float
    capital: float | None


@dataclass(frozen=True)
class Convergence:
    """Estimates from the first scenarios.

    Attributes
    ----------
    scenarios : tuple of int
    means : tuple of Estimate
    tails : tuple of (Estimate or None)
        Value at risk at `CAPITAL_LEVEL`.
    """

    scenarios: tuple[int, ...]
    means: tuple[Estimate, ...]
    tails: tuple[Estimate | None, ...]


@dataclass(frozen=True)
class Study:
    """A simulation and what it says.

    Attributes
    ----------
    outcome : Outcome
    exact : Valuation
        The reserve of the same records.
    acting : tuple of str
        Drivers that can move this portfolio.
    paired : bool
        Whether scenarios come in antithetic pairs.
    mean, plain_mean : Estimate
        With the error of pairs, and with the error as if scenarios were independent.
    with_drivers, with_twin : Controlled or None
        Mean given the drivers as controls, and also given the same lives without drivers and insured sums,
        whose mean is known.
    twin_gain : float or None
        Variance ratio that the pilot promised for the twin; None where there was no pilot.
    contributions : tuple of Contribution
    attribution_scenarios : int
    adjustment : RiskAdjustment
    """

    outcome: Outcome
    exact: Valuation
    acting: tuple[str, ...]
    paired: bool
    mean: Estimate
    plain_mean: Estimate
    with_drivers: Controlled | None
    with_twin: Controlled | None
    twin_gain: float | None
    contributions: tuple[Contribution, ...]
    attribution_scenarios: int
    adjustment: RiskAdjustment

    @property
    def exact_expected(self) -> int:
        """Exact expected present value without drivers [tiyn]."""
        return self.exact.totals()["total_expected"]

    @cached_property
    def convergence(self) -> Convergence:
        """How the mean and the value at risk settle as scenarios are added."""
        losses = self.outcome.total
        steps = sorted({*(2**k for k in range(3, 40) if 2**k < losses.size), losses.size})
        return Convergence(
            tuple(steps),
            tuple(risk_measure.mean(losses[:n], paired=self.paired) for n in steps),
            tuple(risk_measure.value_at_risk(losses[:n], CAPITAL_LEVEL, paired=self.paired) for n in steps),
        )


def simulate(
    records: AnnuityRecords,
    basis: Basis,
    valuation_date: date,
    n_scenarios: int,
    seed: int,
    *,
    with_drivers: bool = True,
    antithetic: bool = True,
    attribution: int = ATTRIBUTION_SCENARIOS,
    cost_of_capital: float = COST_OF_CAPITAL,
    threads: int | None = None,
    law: PayoutLaw | None = None,
) -> Study:
    """Simulate a portfolio of annuities in payment.

    Parameters
    ----------
    records : AnnuityRecords
        As a reader has checked them; ``claim_id`` is the key of each claim's chances.
    basis : Basis
    valuation_date : date
    n_scenarios : int
        2 … `MOST_SCENARIOS`; even with antithetic pairs.
    seed : int
        0 … 2³² - 1.
    with_drivers : bool
        Whether the systematic drivers of the basis act.
    antithetic : bool
        Whether scenarios come in pairs with complementary chances.
    attribution : int
        Scenarios for the contribution of each source; 0 leaves it out.
    cost_of_capital : float
        A year.
    threads : int, optional
        The result does not depend on it.

    Returns
    -------
    Study

    Raises
    ------
    ValueError
        Numbers of scenarios or a seed outside their range.
    BasisError, SafetyLimitError, tariffs.LawError
        As `annuity_reserve`; E4401, E4402 for the drivers.
    """
    if not 2 <= n_scenarios <= MOST_SCENARIOS or not 0 <= seed <= LARGEST_SEED:
        raise ValueError(
            text(
                "n_scenarios must be 2 … {most} and seed 0 … {largest}",
                most=MOST_SCENARIOS,
                largest=LARGEST_SEED,
            )
        )
    if antithetic and n_scenarios % 2:
        raise ValueError(text("antithetic scenarios come in pairs: give an even number"))
    if not len(records):
        raise SafetyLimitError("E9003", "there is nothing to simulate: the portfolio has no records")
    law = law or PayoutLaw()
    exact = annuity_reserve(records, basis, valuation_date, threads=threads, law=law)
    simulator = Simulator(records, basis, valuation_date, law=law, threads=threads)
    model = simulator.model
    acting = simulator.acting() if with_drivers else ()
    drivers = (
        model.paths(0, n_scenarios, seed, antithetic=antithetic) if acting else model.none(0, n_scenarios)
    )
    outcome = simulator.outcome(drivers, seed, antithetic=antithetic)
    losses = outcome.total
    controls = drivers.controls(acting)
    gain, twin = _twin(simulator, records, exact, outcome, controls, seed, law, antithetic=antithetic)
    contributions, used = _contributions(
        simulator, outcome, acting, seed, min(attribution, n_scenarios) // 2 * 2, antithetic=antithetic
    )
    insured = losses
    if set(acting) & set(FINANCIAL):
        insured = simulator.outcome(drivers.without_financial(), seed, antithetic=antithetic).total
    return Study(
        outcome=outcome,
        exact=exact,
        acting=acting,
        paired=antithetic,
        mean=risk_measure.mean(losses, paired=antithetic),
        plain_mean=risk_measure.mean(losses),
        with_drivers=risk_measure.controlled_mean(losses, controls, paired=antithetic),
        with_twin=twin,
        twin_gain=gain,
        contributions=contributions,
        attribution_scenarios=used,
        adjustment=_adjustment(insured, exact, basis, cost_of_capital, paired=antithetic),
    )


def _twin(
    simulator: Simulator,
    records: AnnuityRecords,
    exact: Valuation,
    outcome: Outcome,
    controls: Float,
    seed: int,
    law: PayoutLaw,
    *,
    antithetic: bool,
) -> tuple[float | None, Controlled | None]:
    """Control by the same lives without drivers and insured sums, whose mean is known exactly.

    It doubles the work, so a pilot decides. Without drivers and insured sums it would be the simulation.
    """
    losses = outcome.total
    limited = bool((records.remaining_insured_sum != NO_AMOUNT).any())
    if not limited and not controls.shape[1]:
        return None, None
    if losses.size < 2 * PILOT_SCENARIOS:
        return None, None
    basis, valuation_date = simulator.basis, simulator.valuation_date
    if limited:
        records = without_limits(records)
        simulator = Simulator(records, basis, valuation_date, law=law, threads=simulator.threads)
        exact = annuity_reserve(records, basis, valuation_date, threads=simulator.threads, law=law)
    known = exact.totals()["total_expected"] / TIYN

    def control(first: int, count: int) -> Float:
        twin = simulator.outcome(simulator.model.none(first, count), seed, antithetic=antithetic)
        return np.concatenate([controls[first : first + count], twin.total[:, None] - known], axis=1)

    some = control(0, PILOT_SCENARIOS)
    pilot = losses[:PILOT_SCENARIOS]
    before = risk_measure.controlled_mean(pilot, controls[:PILOT_SCENARIOS], paired=antithetic)
    after = risk_measure.controlled_mean(pilot, some, paired=antithetic)
    if after is None or after.mean.standard_error is None:
        return None, None
    reference = before.mean if before else risk_measure.mean(pilot, paired=antithetic)
    gain = ((reference.standard_error or 0.0) / max(after.mean.standard_error, 1e-300)) ** 2
    if gain < WORTH_DOUBLE:
        return gain, None
    whole = np.concatenate([some, control(PILOT_SCENARIOS, losses.size - PILOT_SCENARIOS)])
    return gain, risk_measure.controlled_mean(losses, whole, paired=antithetic)


def _contributions(
    simulator: Simulator,
    outcome: Outcome,
    acting: tuple[str, ...],
    seed: int,
    count: int,
    *,
    antithetic: bool,
) -> tuple[tuple[Contribution, ...], int]:
    """First-order sensitivity indices by freezing one source and drawing all others anew.

    ``S = Cov(Y, Y') / Var(Y)`` in the form of A. Janon et al., ESAIM: P&S 18 (2014); errors by jackknife.
    """
    if not acting:
        return (Contribution(IDIOSYNCRATIC, 1.0, 0.0),), 0
    if count < 2 * GROUPS:
        return (), 0
    model = simulator.model
    drivers = outcome.drivers.rows(0, count)
    again = model.paths(0, count, seed, antithetic=antithetic, replica=1)
    losses = outcome.total[:count]

    def share(source: str, paths: DriverPaths, replica: int) -> Contribution:
        other = simulator.outcome(paths, seed, antithetic=antithetic, replica=replica).total
        # what drivers independent of the source explain is noise: without it the covariance is the same
        apart = tuple(name for name in acting if model.is_independent(name, source))
        explained = drivers.controls(apart)
        slope = risk_measure.slopes(losses, explained)
        rest = losses - explained @ slope, other - paths.controls(apart) @ slope
        return Contribution(source, *_sensitivity(losses, other, *rest))

    shares = [share(IDIOSYNCRATIC, again, 0)]
    shares += [share(name, model.given(name, drivers, again), 1) for name in acting]
    return tuple(shares), count


def _sensitivity(y: Float, other: Float, rest: Float, other_rest: Float) -> tuple[float, float]:
    """Covariance of the rests over the variance of ``y`` and ``other``, and its jackknife error."""

    def index(keep: NDArray[np.bool_]) -> float:
        centre = (y[keep].mean() + other[keep].mean()) / 2.0
        spread = float(((y[keep] - centre) ** 2 + (other[keep] - centre) ** 2).mean()) / 2.0
        middle = (rest[keep].mean() + other_rest[keep].mean()) / 2.0
        shared = float(((rest[keep] - middle) * (other_rest[keep] - middle)).mean())
        return shared / spread if spread > 0 else 0.0

    group = np.arange(y.size) // 2 * 2 * GROUPS // y.size
    without = np.array([index(group != g) for g in range(GROUPS)])
    error = np.sqrt((GROUPS - 1) / GROUPS * ((without - without.mean()) ** 2).sum())
    return index(np.ones(y.size, dtype=bool)), float(error)


def _adjustment(
    losses: Float, exact: Valuation, basis: Basis, rate: float, *, paired: bool
) -> RiskAdjustment:
    mean = risk_measure.mean(losses, paired=paired)
    by_level: dict[float, float | None] = {}
    for level in risk_measure.LEVELS:
        measure = risk_measure.value_at_risk(losses, level, paired=paired)
        by_level[level] = None if measure is None else measure.value - mean.value
    top = risk_measure.value_at_risk(losses, CAPITAL_LEVEL, paired=paired)
    if top is None:
        return RiskAdjustment(mean, by_level, None, rate, None)
    capital = top.value - mean.value
    return RiskAdjustment(mean, by_level, rate * capital * _run_off(exact, basis), rate, capital)


def _run_off(exact: Valuation, basis: Basis) -> float:
    """``Σ_t v(t + 1) · R_t / R_0``: capital that runs off as the expected value of what is still to be paid.

    ``R_t = Σ_{j ≥ t} c_j · v(j + ½) / v(t)``, c_j the expected payments of year j from the valuation date.
    """
    flow = exact.flow.expected.sum(axis=0).astype(np.float64)
    years = -(-flow.size // MONTHS)
    yearly = np.pad(flow, (0, years * MONTHS - flow.size)).reshape(years, MONTHS).sum(axis=1)
    if not yearly.any():
        return 0.0

    def discount(t: Float) -> Float:
        return np.exp(-t * np.log1p(basis.curve.spot_rate(t)))

    start = np.arange(years, dtype=np.float64)
    left = np.cumsum((yearly * discount(start + 0.5))[::-1])[::-1] / discount(start)
    return float((left / left[0] * discount(start + 1.0)).sum())
