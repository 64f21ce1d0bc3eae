"""The drivers of the illustrative basis against the series they are said to come from."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pytest

import tariffs
from actuarial.basis import load_basis

YEARS = range(2016, 2026)


def log_growth() -> dict[str, dict[int, float]]:
    """Log growth by year of the law's amounts on 1 January, of average wages and of December prices."""
    series: dict[str, dict[int, float]] = {}
    for name in ("mci", "minimum_wage", "subsistence_minimum"):
        amount = {
            entry.start.year: float(entry.value)
            for entry in tariffs.parameter(name).entries
            if (entry.start.month, entry.start.day) == (1, 1)
        }
        series[name] = {y: np.log(amount[y] / amount[y - 1]) for y in range(2013, 2026)}
    text = (resources.files("actuarial") / "scenarios" / "kz_macro_series.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines() if line and not line.startswith("#")]
    wage = {int(row[1]): float(row[2]) for row in rows if row[0] == "avg_wage"}
    series["wages"] = {y: np.log(wage[y] / wage[y - 1]) for y in range(2013, 2026)}
    series["prices"] = {
        int(row[1][:4]): np.log1p(float(row[2]) / 100) for row in rows if row[0] == "cpi_dec_yoy"
    }
    return series


@pytest.mark.parametrize("name", ["mci", "minimum_wage", "subsistence_minimum", "wages", "prices"])
def test_spreads(name: str) -> None:
    simulation = load_basis("illustrative-2026").assumptions.simulation
    assert simulation is not None
    deviation = getattr(simulation.growth, name)
    growth = np.array([log_growth()[name][year] for year in YEARS])
    spread = growth.std(ddof=1)
    assert deviation.year == pytest.approx(spread, abs=0.0006)
    assert deviation.level == pytest.approx(spread / np.sqrt(len(YEARS)), abs=0.0006)


def test_correlations() -> None:
    """Measured 2013-2025; every pair beyond ±0.4 is in the basis, rounded to a tenth or nearer to 0."""
    simulation = load_basis("illustrative-2026").assumptions.simulation
    assert simulation is not None
    named = {frozenset(entry.between): entry.value for entry in simulation.correlation}
    growth = log_growth()
    names = list(growth)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            both = [[growth[name][year] for year in range(2013, 2026)] for name in (one, other)]
            measured = np.corrcoef(both)[0, 1]
            value = named.get(frozenset((one, other)), 0.0)
            assert value == pytest.approx(measured, abs=0.07) if abs(measured) > 0.4 else value == 0.0
