"""``actuarial reserve`` as a whole process: 1 000 000 synthetic rows in Parquet and CSV, and the sample.

Extra column: peak memory of the process in MB. Compile caches are warm but for ``first run``.
Run: ``pytest benchmarks/test_reserve.py --benchmark-only``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROWS = 1_000_000
Peak = Callable[..., int]
SAMPLE = Path(__file__).parents[1] / "actuarial" / "sample" / "annuities-synthetic.xlsx"


@pytest.fixture(scope="module")
def portfolios(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("portfolio")
    paths = {suffix: folder / f"synthetic.{suffix}" for suffix in ("parquet", "csv")}
    for path in paths.values():
        words = ["sample", "--rows", str(ROWS), "--seed", "1", "--output", str(path)]
        subprocess.run([sys.executable, "-m", "cli", *words], check=True, capture_output=True)
    return paths


def reserve(portfolio: Path, folder: Path) -> list[str]:
    """Words of the command."""
    words = ["reserve", "--portfolio", str(portfolio), "--valuation-date", "2026-01-01"]
    return [*words, "--basis", "illustrative-2026", "--output", str(folder / "run"), "--force"]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_million_rows(
    benchmark, peak_memory: Peak, portfolios: dict[str, Path], tmp_path: Path, suffix: str
) -> None:
    words = reserve(portfolios[suffix], tmp_path)
    memory = benchmark.pedantic(peak_memory, args=(words,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["peak memory, MB"] = memory


def test_the_sample(benchmark, peak_memory: Peak, tmp_path: Path) -> None:
    benchmark.pedantic(peak_memory, args=(reserve(SAMPLE, tmp_path),), rounds=3, warmup_rounds=1)


def test_the_sample_on_the_first_run(benchmark, peak_memory: Peak, tmp_path: Path) -> None:
    """Nothing compiled yet: an empty cache folder."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    benchmark.pedantic(peak_memory, args=(reserve(SAMPLE, tmp_path), environment), rounds=1)


def test_help(benchmark, peak_memory: Peak) -> None:
    benchmark.pedantic(peak_memory, args=(["--help"],), rounds=5, warmup_rounds=1)
