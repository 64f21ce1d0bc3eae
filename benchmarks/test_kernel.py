"""The annuity kernel against the same present values by other means, in one run.

Work: 1 000 000 men and women, a monthly annuity in advance to pension age, payments rising once a year,
flat yield. Every way computes every month of every life, except the last one, labelled so.
Run: ``pytest benchmarks/test_kernel.py --benchmark-only``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

import mortality
from actuarial.kernels import annuity

N_LIVES = 1_000_000
THREADS = 2
YIELD, INDEXATION = 0.10, 0.08
PENSION_MONTH = 63 * 12
NOTHING_LEFT = 1e-5
NO_FLOW = np.empty((0, 0, 0), dtype=np.int64)
Float = NDArray[np.float64]


@dataclass(frozen=True)
class Lives:
    """One set of lives in the form each way wants."""

    sex: NDArray[np.int8]
    age: NDArray[np.int32]
    amount: Float
    n: NDArray[np.int32]
    days: NDArray[np.int32]
    first_step: NDArray[np.int32]
    alive: Float  # (2, months of age): survivors
    index: Float  # (12, k)
    discount: Float  # (32, k)

    @property
    def months(self) -> int:
        return int(self.n.sum())


@pytest.fixture(scope="module")
def lives() -> Lives:
    random = np.random.default_rng(20260101)
    age = random.integers(20 * 12, 62 * 12, N_LIVES).astype(np.int32)
    k = np.arange(PENSION_MONTH)
    tables = [mortality.load_table(f"kz-wpp2024-2020-2025-{sex}") for sex in ("male", "female")]
    hazard = [mortality.monthly_hazard(t.qx, "constant_force") for t in tables]
    alive = [np.exp(-np.concatenate(([0.0], np.cumsum(h[:-12])))) for h in hazard]
    return Lives(
        sex=random.integers(0, 2, N_LIVES).astype(np.int8),
        age=age,
        amount=random.uniform(50_000, 400_000, N_LIVES),
        n=(PENSION_MONTH - age).astype(np.int32),
        days=random.integers(0, 32, N_LIVES).astype(np.int32),
        first_step=random.integers(1, 13, N_LIVES).astype(np.int32),
        alive=np.stack([np.pad(a, (0, 1400 - a.size)) for a in alive]),
        index=np.stack([(1 + INDEXATION) ** np.where(k >= s, 1 + (k - s) // 12, 0) for s in range(1, 13)]),
        discount=np.stack([(1 + YIELD) ** -(d / 365 + k / 12) for d in range(32)]),
    )


def by_kernel(lives: Lives, threads: int = THREADS) -> Float:
    value, recovery, expense = (np.empty((1, N_LIVES)) for _ in range(3))
    zero = np.zeros(N_LIVES, dtype=np.int32)
    one = np.ones(N_LIVES)
    flags = np.ones(N_LIVES, dtype=np.int8)
    row = lives.sex.astype(np.int32)
    index_row = lives.first_step - np.int32(1)
    limit = np.full(N_LIVES, np.inf)
    none = np.empty((0, 0, 0))
    own = np.zeros(1, dtype=np.int8)
    amount, index, discount = lives.amount[None], lives.index[None], lives.discount[None]
    index_sum = np.cumsum(index, axis=2)

    def run(piece: int) -> None:
        edges = np.linspace(0, N_LIVES, 17).astype(int)
        annuity.certified_values(
            edges[piece], edges[piece + 1], row, lives.age, one, amount, lives.n, one, index_row,
            lives.days, zero, zero, limit, flags, flags, lives.alive, np.empty((0, 0)), np.empty(0), 0.0,
            index, index_sum, discount, none, none, own,
            NOTHING_LEFT, 8192.0, value, recovery, expense, NO_FLOW, NO_FLOW,
        )  # fmt: skip

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(16)))
    return value[0]


def by_numpy_grid(lives: Lives, block: int = 20_000) -> Float:
    """Plain numpy over a lives × months grid, in blocks that fit the memory."""
    value = np.empty(N_LIVES)
    months = np.arange(PENSION_MONTH)
    for start in range(0, N_LIVES, block):
        s = slice(start, start + block)
        age, sex = lives.age[s, None], lives.sex[s, None]
        k = months[None, : int(lives.n[s].max())]
        paid = k < lives.n[s, None]
        alive = lives.alive[sex, age + k] / lives.alive[sex, age]
        amount = lives.amount[s, None] * lives.index[lives.first_step[s, None] - 1, k]
        value[s] = np.sum(paid * alive * amount * lives.discount[lives.days[s, None], k], axis=1)
    return value


def by_vectorised_model(lives: Lives) -> Float:
    """A modelx-style model: every cell a vector over all lives, one step a month, values remembered."""
    discount = lives.discount[:, :]
    value = np.zeros(N_LIVES)
    survivors = np.ones(N_LIVES)
    index = np.ones(N_LIVES)
    for k in range(int(lives.n.max())):
        paid = k < lives.n
        index = np.where(
            (k >= lives.first_step) & ((k - lives.first_step) % 12 == 0), index * (1 + INDEXATION), index
        )
        cashflow = np.where(paid, lives.amount * index * survivors, 0.0)
        value += cashflow * discount[lives.days, k]
        age = np.minimum(lives.age + k, PENSION_MONTH)
        survivors = survivors * (lives.alive[lives.sex, age + 1] / lives.alive[lives.sex, age])
    return value


def by_sorted_numpy(lives: Lives) -> Float:
    """Numpy that sorts by term and drops lives as they end."""
    order = np.argsort(-lives.n, kind="stable")
    n, days, step = lives.n[order], lives.days[order], lives.first_step[order]
    flat = lives.alive.ravel()
    at = lives.sex[order].astype(np.int64) * lives.alive.shape[1] + lives.age[order]
    c = lives.amount[order] / flat[at]
    value = np.zeros(N_LIVES)
    lasting = np.searchsorted(-n, -np.arange(int(n.max())), side="left")
    discount, index = lives.discount, lives.index
    for k, m in enumerate(lasting):
        value[:m] += c[:m] * flat[at[:m] + k] * index[:, k][step[:m] - 1] * discount[:, k][days[:m]]
    result = np.empty(N_LIVES)
    result[order] = value
    return result


def by_shared_factors(lives: Lives) -> Float:
    """Factors shared between lives, one look-up each: an algorithmic gain, not the same work.

    Σ l·index·v over k depends on sex, age and the phase of the index alone, because all lives here end at
    one age and the yield is flat; real portfolios have part months and curves, where this does not hold.
    """
    width = PENSION_MONTH
    k = np.arange(width)
    factor = np.zeros((2, 12, width))
    for sex in range(2):
        for phase in range(12):
            # by the index phase at the pension month, backwards: f(x) = l(x) + v·step·f(x + 1)
            total = 0.0
            for x in range(width - 1, lives.age.min() - 1, -1):
                rises = (x + 1 - phase) % 12 == 0
                growth = (1 + INDEXATION) if rises else 1.0
                total = lives.alive[sex, x] + total * growth * (1 + YIELD) ** (-1 / 12)
                factor[sex, phase, x] = total
    del k
    phase = (lives.age + lives.first_step) % 12
    first = (1 + YIELD) ** -(lives.days / 365)
    return lives.amount * first * factor[lives.sex, phase, lives.age] / lives.alive[lives.sex, lives.age]


WAYS = {
    "kernel, every month, 2 threads": by_kernel,
    "kernel, every month, 1 thread": lambda lives: by_kernel(lives, 1),
    "numpy grid": by_numpy_grid,
    "vectorised model": by_vectorised_model,
    "numpy sorted by term": by_sorted_numpy,
    "shared factors (look-up, less work)": by_shared_factors,
}


@pytest.mark.parametrize("way", WAYS)
def test_present_values(benchmark, lives: Lives, way: str) -> None:
    expected = by_kernel(lives)
    rounds = 5 if way.startswith(("kernel", "shared")) else 1
    value = benchmark.pedantic(WAYS[way], args=(lives,), rounds=rounds, warmup_rounds=int(rounds > 1))
    benchmark.extra_info["policy months"] = lives.months
    np.testing.assert_allclose(value, expected, rtol=1e-12)
