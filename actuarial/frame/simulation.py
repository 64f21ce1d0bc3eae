"""Simulations of a portfolio as frames: scenarios, measures with their errors, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from actuarial import risk_measure
from actuarial.basis import DRIVERS, Basis
from actuarial.error import ActuarialError
from actuarial.frame.column import exact, of_type, tenge, whole
from actuarial.frame.portfolio import Portfolio, portfolio_of
from actuarial.language import text
from actuarial.report.estimate import money
from actuarial.report.simulate_run import PAYOUT_LEVELS, mean_tiyn, payout_rows
from actuarial.risk_measure import Estimate
from actuarial.simulation import LARGEST_SEED
from actuarial.simulation_study import (
    ATTRIBUTION_SCENARIOS,
    CAPITAL_LEVEL,
    COST_OF_CAPITAL,
    MOST_SCENARIOS,
    Study,
    simulate,
)


@dataclass(frozen=True, repr=False)
class PortfolioSimulation:
    """Simulated outgo of a portfolio; see `portfolio_simulation`.

    Attributes
    ----------
    portfolio : Portfolio
    basis : Basis
    study : actuarial.simulation_study.Study
    """

    portfolio: Portfolio
    basis: Basis
    study: Study

    @property
    def mean(self) -> Decimal:
        """Mean present value of all outgo [KZT], exact mean of the scenarios rounded once."""
        return exact(mean_tiyn(self.study.outcome.tiyn()["total"]))

    @property
    def exact_expected(self) -> Decimal:
        """Expected present value by the reserve [KZT], without drivers."""
        return exact(self.study.exact_expected)

    @property
    def measures(self) -> pd.DataFrame:
        """Distribution of the present value of all outgo [KZT], rounded to the tiyn.

        Columns: ``measure`` (mean, quantile, value_at_risk, tail_value_at_risk), ``level`` (fraction),
        ``value``, ``standard_error``, and ``lower``, ``upper`` of a 95 % interval. Empty where the scenarios
        are too few.
        """
        study = self.study
        losses, paired = study.outcome.total, study.paired
        mean = study.mean
        rows: list[tuple[Any, ...]] = [
            ("mean", np.nan, float(self.mean), *map(_rounded, (mean.standard_error, mean.lower, mean.upper)))
        ]
        rows += [
            ("quantile", level, _rounded(value), np.nan, np.nan, np.nan)
            for level, value in risk_measure.quantiles(losses).items()
        ]
        for name in ("value_at_risk", "tail_value_at_risk"):
            for level in risk_measure.LEVELS:
                rows.append((name, level, *_cells(getattr(risk_measure, name)(losses, level, paired=paired))))
        return pd.DataFrame(rows, columns=["measure", "level", "value", "standard_error", "lower", "upper"])

    @property
    def scenarios(self) -> pd.DataFrame:
        """One row a scenario: present value of each component and ``total`` [KZT], and the drivers as drawn.

        ``recovery`` lies inside the annuity and is no part of the total; ``z_…`` are standard normals.
        """
        outcome, acting = self.study.outcome, self.study.acting
        drivers = outcome.drivers
        n = len(drivers)
        columns: dict[str, Any] = {"scenario": np.arange(n)}
        columns |= {name: tenge(amounts) for name, amounts in outcome.tiyn().items()}
        columns |= {f"z_{name}": drivers.normals[:, DRIVERS.index(name)].copy() for name in acting}
        for name, values in (
            ("yield_shift", drivers.yield_shift),
            ("mortality_factor", drivers.force[:, 0]),
            ("recovery_odds_factor", drivers.recovery_odds),
        ):
            columns[name] = np.broadcast_to(values, (n,)).copy()
        return pd.DataFrame(columns)

    @property
    def components(self) -> pd.DataFrame:
        """Mean of each component by simulation, and exactly by the reserve [KZT]."""
        found = self.study.exact.totals()
        exactly: Mapping[str, int] = {
            "annuity": found["expected_reserve"],
            "recovery": found["recovery_expected"],
            "additional_expenses": found["additional_expenses_reserve"],
            "expenses": found["expense_reserve_expected"],
            "total": found["total_expected"],
        }
        simulated = {name: mean_tiyn(tiyn) for name, tiyn in self.study.outcome.tiyn().items()}
        return pd.DataFrame(
            {
                "component": list(simulated),
                "simulated": tenge(list(simulated.values())),
                "exact": tenge([exactly[name] for name in simulated]),
            }
        )

    @property
    def contributions(self) -> pd.DataFrame:
        """Share of the variance [1] that each source explains alone, with its standard error."""
        rows = [(c.source, c.share, c.standard_error) for c in self.study.contributions]
        return pd.DataFrame(rows, columns=["source", "share", "standard_error"])

    @property
    def payouts(self) -> pd.DataFrame:
        """Annuity payments by calendar year [KZT], not discounted: mean, error and quantiles."""
        rows = [
            (year, mean.value, _or_nan(mean.standard_error), *map(_or_nan, levels.values()))
            for year, mean, levels in payout_rows(self.portfolio.valuation_date, self.study)
        ]
        heads = ["year", "mean", "standard_error", *(f"quantile_{level:g}" for level in PAYOUT_LEVELS)]
        return pd.DataFrame(rows, columns=heads)

    @property
    def convergence(self) -> pd.DataFrame:
        """Mean and value at risk of 99.5 % [KZT] from the first scenarios, more and more of them."""
        found = self.study.convergence
        rows = [
            (n, *_cells(mean), *_cells(tail)[:2])
            for n, mean, tail in zip(found.scenarios, found.means, found.tails, strict=True)
        ]
        heads = ["scenarios", "mean", "standard_error", "lower", "upper"]
        tail = f"value_at_risk_{CAPITAL_LEVEL:g}"
        return pd.DataFrame(rows, columns=[*heads, tail, f"{tail}_error"])

    @property
    def risk_adjustment(self) -> pd.Series:
        """Risk adjustment for non-financial risk [KZT], by confidence level and by cost of capital."""
        found = self.study.adjustment
        amounts = {f"level_{level:g}": _rounded(value) for level, value in found.by_level.items()}
        amounts["cost_of_capital"] = _rounded(found.cost_of_capital)
        return pd.Series(amounts, dtype=np.float64, name="tenge")

    def __repr__(self) -> str:
        return (
            f"<PortfolioSimulation of {len(self.portfolio)} rows, {len(self.study.outcome.drivers)} "
            f"scenarios, basis {self.basis.name}: mean {self.mean}>"
        )


def _rounded(value: float | None) -> float:
    """An amount rounded to the tiyn as the run's record has it; NaN for None."""
    return np.nan if value is None else float(money(value))


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _cells(found: Estimate | None) -> tuple[float, float, float, float]:
    if found is None:
        return (np.nan,) * 4
    return (
        _rounded(found.value),
        _rounded(found.standard_error),
        _rounded(found.lower),
        _rounded(found.upper),
    )


def portfolio_simulation(
    portfolio: Portfolio,
    basis: Basis,
    *,
    n_scenarios: int,
    seed: int,
    with_drivers: bool = True,
    antithetic: bool = True,
    attribution: int = ATTRIBUTION_SCENARIOS,
    cost_of_capital: float = COST_OF_CAPITAL,
    threads: int | None = None,
) -> PortfolioSimulation:
    """Simulate a portfolio of annuities, path by path.

    docs/simulate.md has the model. The figures are those of ``actuarial simulate`` with the same seed.

    Parameters
    ----------
    portfolio : Portfolio
    basis : Basis
        Its section ``simulation`` names the systematic drivers.
    n_scenarios : int
        2 … 200 000; even with antithetic pairs.
    seed : int
        0 … 2³² - 1. The same seed gives the same scenarios, whatever the order of rows.
    with_drivers : bool
        Whether the drivers of the basis act.
    antithetic : bool
        Whether scenarios come in pairs with complementary chances.
    attribution : int
        Scenarios for the contribution of each source; 0 leaves it out.
    cost_of_capital : float [1/year]
    threads : int, optional
        Results do not depend on it.

    Returns
    -------
    PortfolioSimulation
        Frames with amounts [KZT], every figure with its sampling error.

    Raises
    ------
    FindingsError
        E8602.
    ActuarialError
        As `portfolio_reserve`; E8610 numbers of scenarios, a seed or a rate outside their range; E4401, E4402
        the drivers.

    Examples
    --------
    >>> import actuarial
    >>> portfolio = actuarial.read_portfolio("docs/example/one-worker.csv", "2026-01-01")
    >>> basis = actuarial.load_basis("illustrative-2026")
    >>> simulation = actuarial.portfolio_simulation(portfolio, basis, n_scenarios=2000, seed=1, attribution=0)
    >>> len(simulation.scenarios), simulation.exact_expected
    (2000, Decimal('13456648.45'))
    """
    records = portfolio_of(portfolio).records_on(basis)
    n_scenarios = whole(n_scenarios, "n_scenarios", 2, MOST_SCENARIOS)
    if antithetic and n_scenarios % 2:
        raise ActuarialError("E8610", "antithetic scenarios come in pairs: give an even number")
    if not 0 <= of_type(cost_of_capital, (float, int), "cost_of_capital", text("a rate a year")) <= 1:
        raise ActuarialError(
            "E8610", "cost_of_capital is {value}: give a rate from 0 to 1 a year", value=cost_of_capital
        )
    study = simulate(
        records,
        basis,
        portfolio.valuation_date,
        n_scenarios,
        whole(seed, "seed", 0, LARGEST_SEED),
        with_drivers=with_drivers,
        antithetic=antithetic,
        attribution=whole(attribution, "attribution", 0, MOST_SCENARIOS),
        cost_of_capital=cost_of_capital,
        threads=threads,
    )
    return PortfolioSimulation(portfolio, basis, study)
