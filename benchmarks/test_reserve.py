"""``actuarial reserve`` as a whole process: 1 000 000 synthetic rows in Parquet and CSV, and the sample.

Extra column: peak memory of the process in MB. Compile caches are warm but for ``first run``.
Run: ``pytest benchmarks/test_reserve.py --benchmark-only``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = 1_000_000
SAMPLE = Path(__file__).parents[1] / "actuarial" / "sample" / "annuities-synthetic.xlsx"
REPORT_MEMORY = (
    "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, "
    "stderr=subprocess.DEVNULL).returncode; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); "
    "sys.exit(code)"
)


@pytest.fixture(scope="module")
def portfolios(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("portfolio")
    paths = {suffix: folder / f"synthetic.{suffix}" for suffix in ("parquet", "csv")}
    for path in paths.values():
        words = ["sample", "--rows", str(ROWS), "--seed", "1", "--output", str(path)]
        subprocess.run([sys.executable, "-m", "cli", *words], check=True, capture_output=True)
    return paths


def reserve(portfolio: Path, folder: Path, environment: dict[str, str] | None = None) -> float:
    """Run the command; peak memory in MB."""
    words = ["reserve", "--portfolio", str(portfolio), "--valuation-date", "2026-01-01"]
    words += ["--basis", "illustrative-2026", "--output", str(folder / "run"), "--force"]
    run = [sys.executable, "-c", REPORT_MEMORY, sys.executable, "-m", "cli", *words]
    outcome = subprocess.run(run, check=True, capture_output=True, text=True, env=environment)
    return int(outcome.stdout) / 1024


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_million_rows(benchmark, portfolios: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    memory = benchmark.pedantic(reserve, args=(portfolios[suffix], tmp_path), rounds=3, warmup_rounds=1)
    benchmark.extra_info["peak memory, MB"] = round(memory)


def test_the_sample(benchmark, tmp_path: Path) -> None:
    benchmark.pedantic(reserve, args=(SAMPLE, tmp_path), rounds=3, warmup_rounds=1)


def test_the_sample_on_the_first_run(benchmark, tmp_path: Path) -> None:
    """Nothing compiled yet: an empty cache folder."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    benchmark.pedantic(reserve, args=(SAMPLE, tmp_path, environment), rounds=1)


def test_help(benchmark) -> None:
    benchmark.pedantic(
        subprocess.run,
        args=([sys.executable, "-m", "cli", "--help"],),
        kwargs={"check": True, "capture_output": True},
        rounds=5,
        warmup_rounds=1,
    )
