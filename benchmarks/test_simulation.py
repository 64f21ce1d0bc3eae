"""Simulated lives beside the same simulation in vectorised numpy, in one run.

1 000 000 claim-paths of 360 months (10 000 workers of 33, 100 scenarios): death each month, certification by
the matrices of the illustrative basis, indexed and discounted payments. Both give the same distribution (mean
and spread are compared). Run: ``pytest benchmarks/test_simulation.py --benchmark-only``.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from actuarial.basis import Basis, load_basis
from actuarial.record import NO_AMOUNT, NO_ANSWER, NO_DATE, AnnuityRecords
from actuarial.simulation import Simulator

N_CLAIMS, N_SCENARIOS, N_MONTHS = 10_000, 100, 360
V = date(2026, 1, 1)
DEGREES = {1: 40, 2: 70, 3: 95}


def day(value: date) -> int:
    return (value - date(1970, 1, 1)).days


def workers(n: int) -> AnnuityRecords:
    """Men of 33 with 360 payments to the pension age, bands B, C, D, certificates of a year."""
    random = np.random.default_rng(1)
    band = random.integers(1, 4, n)

    def dates(value: date | None) -> Any:
        return np.full(n, NO_DATE if value is None else day(value), dtype=np.int32)

    empty = np.full(n, NO_AMOUNT, dtype=np.int64)
    degree = np.array([0, 40, 70, 95], dtype=np.int16)[band]
    earnings = random.integers(150_000, 500_000, n) * 100
    return AnnuityRecords(
        claim_id=np.array([f"B-{i}" for i in range(n)], dtype=object),
        product=np.zeros(n, dtype=np.int8), beneficiary=np.zeros(n, dtype=np.int8),
        sex=np.zeros(n, dtype=np.int8), birth_date=dates(date(1993, 1, 1)),
        contract_date=dates(date(2024, 2, 1)), accident_date=dates(date(2024, 5, 1)),
        first_certificate_date=dates(date(2025, 1, 1)), certificate_end=dates(date(2027, 1, 1)),
        degree_of_loss=degree, first_degree_of_loss=degree, average_monthly_earnings=earnings,
        social_payment=np.zeros(n, dtype=np.int64), current_monthly_payment=empty, share=np.full(n, np.nan),
        entitlement_end=dates(None), annuity_start_date=dates(V), next_payment_date=dates(V),
        remaining_insured_sum=empty, pension_contribution_exempt=np.full(n, NO_ANSWER, dtype=np.int8),
        pension_date=dates(None), expenses_paid=np.zeros(n, dtype=np.int64),
        pension_stop=np.full(n, NO_ANSWER, dtype=np.int8),
    )  # fmt: skip


class Numpy:
    """The same simulation month by month on arrays of all lives; ``drops`` the ended every year, or never."""

    def __init__(self, records: AnnuityRecords, basis: Basis, drops: bool) -> None:
        self.drops = drops
        settings = basis.assumptions
        age = 33 * 12 + np.arange(N_MONTHS)
        qx = basis.tables["male"].qx
        force = -np.log1p(-qx[age // 12]) / 12
        multiplier = [getattr(settings.mortality.multiplier, band) for band in "ABCD"]
        self.q = -np.expm1(-np.array(multiplier)[:, None] * force)
        k = np.arange(N_MONTHS)
        self.factor = 1.08 ** (k // 12) * 1.10 ** (-k / 12)
        self.matrices = np.cumsum(basis.matrices.probabilities, axis=2)
        self.matrix_from = np.array(basis.matrices.duration_from)
        self.terms = np.where(basis.terms > 0, basis.terms, 10_000)
        earnings = records.average_monthly_earnings / 100
        self.own = np.tile(earnings * records.degree_of_loss / 100, N_SCENARIOS)
        self.earnings = np.tile(earnings, N_SCENARIOS)
        degrees = settings.certification.representative_degree
        # the compulsory product does not pay in band A
        self.degree = np.array([0.0, degrees.B, degrees.C, degrees.D]) / 100
        self.band = np.tile(np.searchsorted([30, 60, 90], records.degree_of_loss, side="right"), N_SCENARIOS)

    def run(self, seed: int) -> Any:
        random = np.random.default_rng(seed)
        where = np.arange(self.band.size)
        band, amount = self.band.copy(), self.own.copy()
        review = np.full(band.size, 12)
        value = np.zeros(band.size)
        for k in range(N_MONTHS):
            due = np.flatnonzero(review == k)
            if due.size:
                years = 1 + k // 12
                rows = self.matrices[np.searchsorted(self.matrix_from, years, side="right") - 1][band[due]]
                found = (random.random(due.size)[:, None] >= rows[:, :4]).sum(axis=1)
                left = found == 4
                moved = (found != band[due]) & ~left
                amount[due[moved]] = self.earnings[where[due[moved]]] * self.degree[found[moved]]
                amount[due[left]] = 0.0
                band[due] = np.where(left, band[due], found)
                review[due] = np.where(left, -1, k + self.terms[band[due]])
            value[where] += amount * self.factor[k]
            dies = random.random(band.size) < self.q[band, k]
            amount[dies] = 0.0
            review[dies] = -1
            if self.drops and k % 12 == 11:
                keep = (amount > 0) | (review > k)
                where, band, amount, review = where[keep], band[keep], amount[keep], review[keep]
        return value.reshape(N_SCENARIOS, N_CLAIMS).sum(axis=1)


@pytest.fixture(scope="module")
def work() -> tuple[AnnuityRecords, Basis]:
    return workers(N_CLAIMS), load_basis("illustrative-2026")


@pytest.mark.parametrize("threads", [2, 1])
def test_engine(threads: int, work: Any, benchmark: Any) -> None:
    simulator = Simulator(*work, V, threads=threads)
    drivers = simulator.model.none(0, N_SCENARIOS)
    simulator.outcome(simulator.model.none(0, 2), 1, antithetic=False)
    assert int(simulator._claims.n_payments.min()) == N_MONTHS
    benchmark.pedantic(lambda: simulator.outcome(drivers, 1, antithetic=False), rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("drops", [False, True])
def test_numpy(drops: bool, work: Any, benchmark: Any) -> None:
    peer = Numpy(*work, drops)
    losses = benchmark.pedantic(lambda: peer.run(3), rounds=2)
    simulator = Simulator(*work, V)
    ours = simulator.outcome(simulator.model.none(0, N_SCENARIOS), 1, antithetic=False).amounts["annuity"]
    ours = ours.sum(axis=1) / 2**13
    error = ((ours.var() + losses.var()) / N_SCENARIOS) ** 0.5
    assert abs(ours.mean() - losses.mean()) < 4 * error
    assert 0.6 < ours.std() / losses.std() < 1.6
