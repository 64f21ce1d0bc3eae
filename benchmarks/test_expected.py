"""The expected measure beside the certified one on the same lives, both to pension age, every month.

1 000 000 workers in four bands, certificates that end within two years, four matrices by duration; with
and without the monthly cash-flow. Run: ``pytest benchmarks/test_expected.py --benchmark-only``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from actuarial.basis import load_basis
from actuarial.kernels import annuity
from actuarial.projection import SMALLEST_SURVIVORS
from actuarial.survival import survival_rows

N_LIVES = 1_000_000
PENSION_MONTH = 63 * 12
GRID = 8192.0
NOTHING_LEFT = 1e-5


@pytest.fixture(scope="module")
def work() -> dict[str, Any]:
    random = np.random.default_rng(7)
    basis = load_basis("illustrative-2026")
    rows = survival_rows(basis, np.empty(0, dtype=np.int64), 0)
    k = np.arange(PENSION_MONTH)
    age = random.integers(20 * 12, 62 * 12, N_LIVES).astype(np.int32)
    sex = random.integers(0, 2, N_LIVES)
    band = random.integers(0, 4, N_LIVES).astype(np.int8)
    node = random.integers(0, 25, N_LIVES).astype(np.int32)
    duration = (random.integers(0, 6, N_LIVES) * 12).astype(np.int32)
    base = (sex * 6).astype(np.int32)
    key = ((base * 4 + band) * 100 + duration) * 2000 + age + node
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], np.diff(key[order]) != 0)))
    gathered = {"base": base, "band": band, "duration": duration, "age": age, "node": node}
    work: dict[str, Any] = {name: array[order] for name, array in gathered.items()}
    other = random.uniform(50_000, 400_000, (N_LIVES, 4))
    other[:, 0] = 0.0
    work |= {
        "starts": np.append(starts, N_LIVES).astype(np.int64),
        "amount": random.uniform(50_000, 400_000, N_LIVES),
        "other": other,
        "n": (PENSION_MONTH - work["age"]).astype(np.int32),
        "index_row": random.integers(0, 12, N_LIVES).astype(np.int32),
        "days": random.integers(0, 32, N_LIVES).astype(np.int32),
        "rows": rows,
        "index": np.stack([1.08 ** np.where(k >= s, 1 + (k - s) // 12, 0) for s in range(1, 13)]),
        "discount": np.stack([1.10 ** -(d / 365 + k / 12) for d in range(32)]),
        "basis": basis,
    }
    return work


def flows(wanted: bool) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.zeros((1, 12, PENSION_MONTH + 1) if wanted else (0, 0, 0), dtype=np.int64)


def values(work: dict[str, Any], measure: str, threads: int, with_flow: bool) -> np.ndarray[Any, Any]:
    zero = np.zeros(N_LIVES, dtype=np.int32)
    one = np.ones(N_LIVES)
    flags = np.ones(N_LIVES, dtype=np.int8)
    limit = np.full(N_LIVES, np.inf)
    none = np.empty((0, 0, 0))
    single = np.zeros(1, dtype=np.int8)
    amount, other = work["amount"][None], work["other"][None]
    index, discount = work["index"][None], work["discount"][None]
    index_sum = np.cumsum(index, axis=2)
    out = [np.empty((1, N_LIVES)) for _ in range(3)]
    basis, rows = work["basis"], work["rows"]
    matrices = basis.matrices
    matrix_from = np.array(matrices.duration_from, dtype=np.int32)
    pieces = threads * 8

    def certified(piece: int) -> None:
        edges = np.linspace(0, N_LIVES, pieces + 1).astype(int)
        annuity.certified_values(
            edges[piece], edges[piece + 1], work["base"] + work["band"], work["age"], one, amount,
            work["n"], one, work["index_row"], work["days"], zero, zero, limit, flags, zero.astype(np.int8),
            rows.lives, rows.cumulative, rows.multiplier, SMALLEST_SURVIVORS, index, index_sum, discount,
            none, none, single, NOTHING_LEFT, GRID, *out, flows(with_flow),
            flows(with_flow),
        )  # fmt: skip

    def expected(piece: int) -> None:
        edges = np.linspace(0, work["starts"].size - 1, pieces + 1).astype(int)
        annuity.expected_values(
            edges[piece], edges[piece + 1], work["starts"], work["base"], work["band"], work["duration"],
            np.full(N_LIVES, -1, dtype=np.int32), work["age"], work["node"], one, amount,
            other, work["n"], one, work["index_row"], work["days"], zero, zero, limit, flags,
            rows.lives, rows.cumulative, rows.multiplier, SMALLEST_SURVIVORS, index, index_sum, discount,
            none, none, single, basis.review_step, basis.terms,
            matrices.probabilities, matrix_from, NOTHING_LEFT, GRID, *out, flows(with_flow),
        )  # fmt: skip

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(certified if measure == "certified" else expected, range(pieces)))
    return out[0][0]


@pytest.mark.parametrize("with_flow", [False, True], ids=["values", "values and cash-flow"])
@pytest.mark.parametrize("measure", ["certified", "expected"])
def test_measures(benchmark, work: dict[str, Any], measure: str, with_flow: bool) -> None:
    value = benchmark.pedantic(values, args=(work, measure, 2, with_flow), rounds=5, warmup_rounds=1)
    assert np.all(value > 0)
