"""Simulation of annuities in payment: path by path, by the same model as the reserve.

Death, certification, use of expenses and the remaining insured sum are drawn for each claim, the systematic
drivers of the basis for each scenario (docs/simulate.md). Without drivers and insured sums the mean is the
expected reserve. Results do not depend on the order of rows, on chunks or threads.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.additional_expense import additional_expenses_reserve
from actuarial.basis import Basis
from actuarial.curve import LOWEST_RATE, payment_times
from actuarial.driver import GROWTH, DriverModel, DriverPaths, recovered_more
from actuarial.entitlement import WORKER
from actuarial.error import BasisError, SafetyLimitError
from actuarial.indexation import SERIES
from actuarial.kernels import path as kernel
from actuarial.money import TIYN
from actuarial.payout_law import PayoutLaw, day
from actuarial.projection import FLOW_GRID, LARGEST_FLOW, N_SEGMENTS, NOTHING_LEFT, Projection, project
from actuarial.random_key import random_keys
from actuarial.record import BANDS, NO_AMOUNT, AnnuityRecords
from actuarial.reserve import grid_to_tiyn
from actuarial.survival import CLASSES, MONTHS
from actuarial.thread import even_slices, in_threads

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]

COMPONENTS = ("annuity", "recovery", "additional_expenses", "expenses")
"""Parts of a scenario's result; the recovery is inside the annuity payments and stands apart."""
SCENARIOS_AT_ONCE = 16
MOST_ACTIVE = 4_000_000
"""Cells of the amounts in payment kept at once by a thread."""
USE_CELLS = 4096
LARGEST_SEED = 2**32 - 1
IDIOSYNCRATIC = "idiosyncratic"


@dataclass(frozen=True)
class Outcome:
    """What the scenarios cost.

    Attributes
    ----------
    amounts : dict of str to int64 (scenarios, segments) [1 / FLOW_GRID KZT]
        Present values of the `COMPONENTS` by segment ``product · 6 + class``.
    payouts : int64 (scenarios, years) [1 / FLOW_GRID KZT]
        Annuity payments by calendar year from the valuation year, not discounted.
    drivers : DriverPaths
    """

    amounts: dict[str, Int64]
    payouts: Int64
    drivers: DriverPaths

    def tiyn(self) -> dict[str, Int64]:
        """Each component by scenario, rounded once, and their sum ``total`` [tiyn], shape (scenarios,)."""
        amounts = {name: grid_to_tiyn(self.amounts[name].sum(axis=1)) for name in COMPONENTS}
        amounts["total"] = np.asarray(sum(amounts[name] for name in COMPONENTS if name != "recovery"))
        return amounts

    @property
    def total(self) -> Float:
        """Present value of all outgo by scenario [KZT]: annuities, additional and claim expenses."""
        return self.tiyn()["total"] / TIYN

    def by_segment(self) -> Float:
        """Present value of all outgo by scenario and segment [KZT], shape (scenarios, segments)."""
        parts = [self.amounts[name] for name in COMPONENTS if name != "recovery"]
        return np.asarray(sum(parts) / FLOW_GRID)


class Simulator:
    """A portfolio made ready to be walked through scenarios.

    Raises
    ------
    BasisError
        What `projection.project` raises; E4401 impossible correlations.
    SafetyLimitError
        E9001 amounts too large for exact integers, here or in a scenario of `outcome`.
    """

    def __init__(
        self,
        records: AnnuityRecords,
        basis: Basis,
        valuation_date: date,
        *,
        law: PayoutLaw | None = None,
        threads: int | None = None,
    ) -> None:
        """Project the portfolio and lay out what the paths need."""
        law = law or PayoutLaw()
        self.basis = basis
        self.valuation_date = valuation_date
        self.threads = threads or os.cpu_count() or 1
        projection = project(records, basis, valuation_date, law)
        self._projection = projection
        longest = projection.index.rows.shape[1]
        self.n_years = (
            valuation_date.month - 1 + int(projection.line.month.max(initial=0)) + longest
        ) // 12 + 1
        self.model = DriverModel(basis, valuation_date, self.n_years, law)
        self._claims = _claims(projection)
        self._discount = self._discount_arguments(projection)
        expected = additional_expenses_reserve(records, basis, valuation_date, law) / TIYN
        first_band = np.where(records.beneficiary == WORKER, law.band_of(records.first_degree_of_loss), 0)
        self._expenses = (expected, first_band.astype(np.int8))
        self._use = _expense_use(basis)

    def acting(self) -> tuple[str, ...]:
        """Drivers that the basis names and that can move this portfolio."""
        followed = {SERIES[s] for s in self._projection.index.series}
        return tuple(name for name in self.model.acting if name not in GROWTH or name in followed)

    def _discount_arguments(self, projection: Projection) -> tuple[Float, Float, Float]:
        """Spot rates, times and expense inflation of payments by days to payment 0, each (d, k)."""
        days = projection.records.next_payment_date.astype(np.int64) - day(self.valuation_date)
        distinct_days = np.unique(days)
        times = payment_times(distinct_days, projection.index.rows.shape[1])
        spot = self.basis.curve.spot_rate(times)
        expenses = self.basis.assumptions.expenses
        inflation = np.empty((0, 0))
        if expenses.per_month:
            inflation = np.exp(times * np.log1p(expenses.inflation))
        return spot, times, inflation

    def outcome(self, drivers: DriverPaths, seed: int, *, antithetic: bool, replica: int = 0) -> Outcome:
        """Walk every claim through the scenarios of ``drivers``.

        Parameters
        ----------
        drivers : DriverPaths
        seed : int
            0 … 2³² - 1.
        antithetic : bool
            Scenarios 2p and 2p + 1 get complementary chances.
        replica : int
            Another number draws the lives of the same scenarios independently.
        """
        lowest = self._discount[0].min() + drivers.yield_shift
        if not bool(np.all(lowest > LOWEST_RATE)):
            raise BasisError(
                "E4402",
                "simulation.yield_shift: {n} scenarios have yields down to {lowest:.4g}, not above "
                "{least:g}: make its spread smaller",
                n=int((lowest <= LOWEST_RATE).sum()),
                lowest=lowest.min(),
                least=LOWEST_RATE,
            )
        claims = self._claims
        n_scenarios, n = len(drivers), claims.key.size
        months = self.n_years * MONTHS
        results = {name: np.zeros((n_scenarios, N_SEGMENTS), dtype=np.int64) for name in COMPONENTS}
        flow = np.zeros((n_scenarios, months), dtype=np.int64)
        cells = claims.flow_index.size * (self._projection.index.rows.shape[1] + 1)
        at_once = int(max(1, min(SCENARIOS_AT_ONCE, MOST_ACTIVE // cells)))
        n_blocks = -(-n_scenarios // at_once)
        by_claims = n_blocks < 2 * self.threads
        blocks = even_slices(n_scenarios, min(n_scenarios, -(-n_blocks // self.threads) * self.threads))
        slices = even_slices(n, self.threads if by_claims else 1)

        def one_block(first: int, last: int) -> None:
            some = drivers.rows(first, last)
            pieces = in_threads(
                lambda a, b: self._walk(some, a, b, seed, replica, antithetic=antithetic),
                slices,
                self.threads if by_claims else 1,
            )
            for name in COMPONENTS:
                results[name][first:last] = sum(piece[0][name] for piece in pieces)
            worth = np.asarray(sum(piece[2] for piece in pieces))
            paid = self._payouts(some, np.asarray(sum(piece[1] for piece in pieces)), flow[first:last])
            _refuse_overflow(worth, paid, some)

        in_threads(one_block, blocks, 1 if by_claims else self.threads)
        start = self.valuation_date.month - 1
        year = (start + np.arange(months)) // MONTHS
        edges = np.flatnonzero(np.concatenate(([True], year[1:] != year[:-1])))
        return Outcome(results, np.add.reduceat(flow, edges, axis=1)[:, : self.n_years], drivers)

    def _walk(
        self, drivers: DriverPaths, start: int, stop: int, seed: int, replica: int, *, antithetic: bool
    ) -> tuple[dict[str, Int64], Int64, Float]:
        claims, projection, basis = self._claims, self._projection, self.basis
        spot, times, inflation = self._discount
        expected, use_class = self._expenses
        index = projection.index
        matrices = _chances(recovered_more(basis.matrices.probabilities, drivers.recovery_odds))
        sums = {name: np.zeros((len(drivers), N_SEGMENTS), dtype=np.int64) for name in COMPONENTS}
        active = np.zeros((len(drivers), claims.flow_index.size, index.rows.shape[1] + 1), dtype=np.int64)
        bound = np.zeros(len(drivers))
        expenses = basis.assumptions.expenses
        kernel.walk(
            drivers.first_scenario, start, stop, seed, replica, antithetic, claims.key, projection.segment,
            projection.line.age, claims.n_payments, projection.line.part_expected, claims.node,
            claims.duration, claims.irregular_month, claims.own_class, claims.hazard_row, claims.gone,
            claims.own_amount, claims.other_amount, claims.pair, claims.flow_row, projection.limit,
            projection.ends_at_limit, expected, use_class, projection.rows.cumulative,
            projection.rows.multiplier, spot, times, index.rows, index.series, index.offset,
            self.valuation_date.month - 1, claims.pair_index, claims.pair_discount, claims.pair_length,
            inflation, drivers.yield_shift, _followed(drivers), drivers.force, matrices,
            np.array(basis.matrices.duration_from, dtype=np.int32), basis.terms, self._use,
            expenses.of_payment, expenses.per_month, NOTHING_LEFT, FLOW_GRID, sums["annuity"],
            sums["recovery"], sums["additional_expenses"], sums["expenses"], active, bound,
        )  # fmt: skip
        return sums, active, bound

    def _payouts(self, drivers: DriverPaths, active: Int64, flow: Int64) -> Float:
        claims, index = self._claims, self._projection.index
        bound = np.zeros(len(drivers))
        kernel.payouts(
            active, claims.flow_index, claims.flow_month, index.rows, index.series, index.offset,
            self.valuation_date.month - 1, _followed(drivers), flow, bound,
        )  # fmt: skip
        return bound


def _refuse_overflow(worth: Float, paid: Float, drivers: DriverPaths) -> None:
    """Refuse scenarios beyond exact integers; ``worth`` [KZT], ``paid`` [1 / FLOW_GRID KZT], both (s,)."""
    beyond = ~((worth * FLOW_GRID < LARGEST_FLOW) & (paid < LARGEST_FLOW))
    if not beyond.any():
        return
    worst = int(np.argmax(beyond))
    raise SafetyLimitError(
        "E9001",
        "scenario {scenario} is worth {worth:.3g} ₸ and pays {paid:.3g} ₸, more than exact integers hold: "
        "narrow the drivers of the basis, check its growth and indexation, or split the portfolio",
        scenario=drivers.first_scenario + worst,
        worth=worth[worst],
        paid=paid[worst] / FLOW_GRID,
    )


@dataclass(frozen=True)
class _Claims:
    """The arrays of `kernels.path.walk` that `Projection` does not hold in its form."""

    key: NDArray[np.uint64]
    n_payments: NDArray[np.int32]
    node: NDArray[np.int32]
    duration: NDArray[np.int32]
    irregular_month: NDArray[np.int32]
    own_class: NDArray[np.int8]
    hazard_row: NDArray[np.int32]
    gone: Float
    own_amount: Float
    other_amount: Float
    index_row: NDArray[np.int32]
    pair: NDArray[np.int32]
    pair_index: NDArray[np.int32]
    pair_discount: NDArray[np.int32]
    pair_length: NDArray[np.int32]
    flow_row: NDArray[np.int32]
    flow_index: NDArray[np.int32]
    flow_month: NDArray[np.int32]


def _claims(p: Projection) -> _Claims:
    line = p.line
    n = len(p.records)
    n_discount, n_months = p.discount.shape[0], int(line.month.max(initial=0)) + 1
    index_row = p.index.row.astype(np.int32)
    pairs, pair = np.unique(index_row.astype(np.int64) * n_discount + p.discount_row, return_inverse=True)
    length = np.zeros(pairs.size, dtype=np.int32)
    np.maximum.at(length, pair, line.n_expected)
    flows, flow_row = np.unique(index_row.astype(np.int64) * n_months + line.month, return_inverse=True)
    other = np.zeros((n, len(BANDS)))
    where = np.flatnonzero(p.reviewed)
    other[where] = p.other_amounts(where)
    irregular = (line.duration_irregular == 1) & p.reviewed
    with np.errstate(divide="ignore"):
        gone = -np.log(p.alive)
    return _Claims(
        key=random_keys(p.records.claim_id),
        n_payments=line.n_expected.astype(np.int32),
        node=np.where(p.reviewed, line.node, np.iinfo(np.int32).max // 2).astype(np.int32),
        duration=np.maximum(line.duration, 0).astype(np.int32),
        irregular_month=np.where(irregular, p.payment_month + line.node, -1).astype(np.int32),
        own_class=(p.own_row - p.base_row).astype(np.int8),
        hazard_row=(p.base_row // len(CLASSES)).astype(np.int32),
        gone=gone,
        own_amount=p.own_amount,
        other_amount=other,
        index_row=index_row,
        pair=pair.astype(np.int32),
        pair_index=(pairs // n_discount).astype(np.int32),
        pair_discount=(pairs % n_discount).astype(np.int32),
        pair_length=length,
        flow_row=flow_row.astype(np.int32),
        flow_index=(flows // n_months).astype(np.int32),
        flow_month=(flows % n_months).astype(np.int32),
    )


def _followed(drivers: DriverPaths) -> Float:
    """Growth factors of the series that index rows follow, (s, 4, years)."""
    growth = np.ones((drivers.growth.shape[0], len(SERIES), drivers.growth.shape[2]))
    for s, name in enumerate(SERIES[1:], 1):
        growth[:, s] = drivers.growth[:, GROWTH.index(name)]
    return growth


def _chances(matrices: Float) -> Float:
    """Cumulative chances at a certification: to keep the band, of the other bands in order, of recovery.

    Certainty (2) where nothing more can happen. Shape (…, 4, 5) as ``matrices``.
    """
    order = [[b, *(c for c in range(len(BANDS)) if c != b), len(BANDS)] for b in range(len(BANDS))]
    ordered = np.stack([matrices[..., b, columns] for b, columns in enumerate(order)], axis=-2)
    chances = np.cumsum(ordered, axis=-1)
    left = np.cumsum(ordered[..., ::-1], axis=-1)[..., ::-1] - ordered
    chances[left <= 0.0] = 2.0
    return np.ascontiguousarray(chances)


def _expense_use(basis: Basis) -> Float:
    """Used over expected additional expenses at equal chances, by band, shape (4, cells).

    Each cell is the mean of the beta distribution over its chances, so that the whole mean is exactly 1;
    all 1 where the basis names no spread.
    """
    drivers = basis.assumptions.simulation
    use = np.ones((len(BANDS), 1))
    if drivers is None or drivers.expense_use is None:
        return use
    from scipy.special import betainc, betaincinv

    use = np.ones((len(BANDS), USE_CELLS))
    chances = np.arange(USE_CELLS + 1) / USE_CELLS
    for b, name in enumerate(BANDS):
        u = getattr(basis.assumptions.additional_expenses.utilisation, name)
        if not 0.0 < u < 1.0:
            continue
        a, c = u * drivers.expense_use.concentration, (1.0 - u) * drivers.expense_use.concentration
        edges = betaincinv(a, c, chances)
        below = betainc(a + 1.0, c, edges)
        below[0], below[-1] = 0.0, 1.0
        use[b] = np.diff(below) * USE_CELLS
    return use


def without_limits(records: AnnuityRecords) -> AnnuityRecords:
    """Records with no remaining insured sum: their expected value is exact in closed form."""
    return replace(records, remaining_insured_sum=np.full(len(records), NO_AMOUNT, dtype=np.int64))
