"""Stress tests: scenarios that reuse the base against valuations of their own, and the whole command.

Twenty scenarios that bear on annuities, on 1 000 000 synthetic rows in one process; and ``actuarial stress
--scenarios all`` on them as a whole process. Run: ``pytest benchmarks/test_stress.py
--benchmark-only``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from actuarial.basis import Basis, load_basis
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.read import read_annuities
from actuarial.portfolio.sample import synthetic_annuities
from actuarial.portfolio.sample_file import write_sample
from actuarial.record import AnnuityRecords
from actuarial.reserve import annuity_reserve
from actuarial.stress.scenario import Change, Scenario, load_scenarios
from actuarial.stress.situation import Situation, situation
from actuarial.stress.valuation import StressedPortfolio

ROWS = 1_000_000
V = date(2026, 1, 1)
N_SCENARIOS = 20
Peak = Callable[..., int]


@dataclass(frozen=True)
class Work:
    """A portfolio and what is to be valued."""

    records: AnnuityRecords
    basis: Basis
    situations: list[Situation]


def portfolio(folder: Path, rows: int, suffix: str) -> Path:
    path = folder / f"synthetic-{rows}.{suffix}"
    write_sample(synthetic_annuities(rows, seed=1, valuation_date=V), path, force=True)
    return path


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    path = portfolio(tmp_path_factory.mktemp("portfolio"), ROWS, "parquet")
    records = read_annuities(path, valuation_date=V).records
    assert records is not None
    basis = load_basis("illustrative-2026")
    shipped = [scenario for file in load_scenarios("all") for scenario in file.scenarios]
    more = [
        Scenario(
            name=f"more_{k}", title="more", source="ours", changes=[Change(parameter=name, multiply=size)]
        )
        for k, (name, size) in enumerate(
            (
                ("basis.mortality.multiplier", 1.4),
                ("basis.certification.recovery", 0.5),
                ("annuity.payment", 1.2),
            )
        )
    ]
    given = [situation(scenario, basis, PayoutLaw(), V) for scenario in (*shipped, *more)]
    situations = [one for one in given if one is not None and one.touched][:N_SCENARIOS]
    assert len(situations) == N_SCENARIOS
    return Work(records, basis, situations)


def test_twenty_scenarios_that_reuse_the_base(benchmark, work: Work) -> None:
    def stress() -> None:
        StressedPortfolio(work.records, work.basis, V, threads=2).outcomes(work.situations)

    benchmark.pedantic(stress, rounds=2, warmup_rounds=1)


def test_twenty_valuations(benchmark, work: Work) -> None:
    """The peer: as many reserves, each from its own records, basis and law."""

    def value() -> None:
        for one in work.situations:
            annuity_reserve(one.records(work.records), one.basis, V, law=one.law, threads=2)

    benchmark.pedantic(value, rounds=2, warmup_rounds=1)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_all_presets_on_a_million_rows(
    benchmark, peak_memory: Peak, tmp_path_factory: pytest.TempPathFactory, suffix: str
) -> None:
    folder = tmp_path_factory.mktemp("many")
    path = folder / f"many.{suffix}"
    words = ["sample", "--rows", str(ROWS), "--seed", "1", "--output", str(path)]
    subprocess.run([sys.executable, "-m", "cli", *words], check=True, capture_output=True)
    words = ["stress", "--portfolio", str(path), "--valuation-date", "2026-01-01", "--scenarios", "all"]
    words += ["--basis", "illustrative-2026", "--output", str(folder / "run"), "--force"]
    memory = benchmark.pedantic(peak_memory, args=(words,), rounds=2, warmup_rounds=1)
    benchmark.extra_info["peak memory, MB"] = memory
