"""Premiums of a book of contracts: the kernel, and a run from Parquet files to a run folder.

To reach: 1 000 000 contracts with 2 000 000 parts end to end under 5 s and 1.5 GB on two cores, ``quote``
under 0.5 s cold. Run: ``pytest benchmarks/test_premium.py --benchmark-only``.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from actuarial.portfolio.contract_check import read_contracts
from actuarial.premium.book import book_premiums
from actuarial.report.run_folder import decimal_array
from tariffs.classification import activity_names

CONTRACTS = 1_000_000
FIRST_DAY = (datetime.date(2023, 1, 1) - datetime.date(1970, 1, 1)).days
Peak = Callable[..., int]


def write_book(folder: Path, n: int, *, shuffled: bool = False) -> Path:
    """A synthetic book: half the contracts have one part, half three; a tenth have a history."""
    rng = np.random.default_rng(5)
    ids = np.array([f"C{i:08d}" for i in range(n)])
    day = (FIRST_DAY + rng.integers(0, 1400, n)).astype(np.int32)
    counts = np.where(rng.random(n) < 0.5, 1, 3)
    owner = np.repeat(np.arange(n), counts)
    position = np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
    codes = np.array(list(activity_names()))
    workers = rng.integers(1, 40, owner.size)
    history = np.repeat(rng.choice(n, n // 10, replace=False), 3)
    year = day[history].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    tables = {
        "contracts": {
            "contract_id": ids,
            "policyholder_name": ids,
            "contract_date": pa.array(day).cast(pa.date32()),
            "premium": decimal_array(rng.integers(85_000_00, 10**8, n)),
            "n_workers": np.bincount(owner, workers).astype(np.int64),
            "region": np.array(["Абай", "Алматы", "Астана"])[rng.integers(0, 3, n)],
        },
        "contract_parts": {
            "contract_id": ids[owner],
            "part": np.array(["head", "branch 1", "branch 2"])[position],
            "oked_code": codes[rng.integers(0, codes.size, owner.size)],
            "n_workers": workers,
            "annual_payroll": decimal_array((rng.lognormal(17.5, 1.2, owner.size) * 100).astype(np.int64)),
        },
        "accidents": {
            "contract_id": ids[history],
            "year": year - np.tile([1, 2, 3], n // 10),
            "n_injured": rng.integers(0, 4, history.size),
            "at_fault": np.array(["yes", "no"])[rng.integers(0, 2, history.size)],
        },
    }
    folder.mkdir()
    for name, columns in tables.items():
        table = pa.table(columns)
        if shuffled:
            table = table.take(pa.array(rng.permutation(table.num_rows)))
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_book(tmp_path_factory.mktemp("ordered") / "book", CONTRACTS)


@pytest.mark.parametrize("threads", [1, 2])
def test_pricing_a_book(benchmark: Any, book: Path, threads: int) -> None:
    read = read_contracts(book)
    assert read.records is not None
    found = benchmark.pedantic(
        book_premiums, (read.records,), {"threads": threads}, rounds=3, warmup_rounds=1
    )
    assert int(found.part_premium.sum()) == int(found.premium.sum())


@pytest.mark.parametrize("shuffled", [False, True])
def test_from_files_to_a_run_folder(
    benchmark: Any, peak_memory: Peak, book: Path, tmp_path: Path, shuffled: bool
) -> None:
    folder = write_book(tmp_path / "mixed", CONTRACTS, shuffled=True) if shuffled else book
    words = ["premium", "--contracts", str(folder), "--output", str(tmp_path / "run"), "--force", "--json"]
    memory = benchmark.pedantic(peak_memory, args=(words,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["peak memory, MB"] = memory


def test_one_quote_cold(benchmark: Any, peak_memory: Peak) -> None:
    words = [
        "quote",
        "--oked",
        "62011",
        "--payroll",
        "10000000",
        "--workers",
        "5",
        "--contract-date",
        "2024-03-01",
    ]
    benchmark.pedantic(peak_memory, args=(words,), rounds=5, warmup_rounds=1)
