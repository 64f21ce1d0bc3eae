"""Simulation of new claims: the distribution of their number, cost and loss ratio, by class and for the book.

`preparation` makes flat arrays of the book, the model and the law; `kernels.new_claim` lets events happen.
The exact expected value comes from the same arrays without any chance (docs/new-claims.md).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.error import SafetyLimitError
from actuarial.kernels import new_claim as kernel
from actuarial.kernels import new_claim_table as table
from actuarial.kernels import random
from actuarial.language import digits
from actuarial.money import TIYN, rounded_tiyn
from actuarial.new_claim.exposure import ContractsInForce
from actuarial.new_claim.model import KINDS, NewClaimModel
from actuarial.new_claim.preparation import Prepared, prepared
from actuarial.payout_law import PayoutLaw
from actuarial.premium.book import CLASSES, BookLaw
from actuarial.thread import even_slices, in_threads

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]

CONTRACTS_AT_ONCE = 4_096
FREQUENCY_STREAM = 1
LARGEST_SUM = 2**62
MARGIN = 1000.0
"""How far a scenario may lie above the mean before its sums could leave 64 bits."""
COUNT_GRID = 2.0**24
"""Worker-years and expected counts are whole multiples of 2⁻²⁴: their sums do not depend on order."""


@dataclass(frozen=True)
class Drivers:
    """Systematic drivers of a run as factors on the basis' own paths, one row a scenario.

    Attributes
    ----------
    first_year : int
        Calendar year of column 0.
    wage, minimum_wage, mci : float64 (scenarios, years)
        Factors on pay, МЗП and МРП of a year; a year beyond the columns takes the last.
    annuity : float64 (scenarios, 5)
        Factors on the present value of annuities by kind (`KINDS`): yields, mortality, recovery, indexation.
    """

    first_year: int
    wage: Float
    minimum_wage: Float
    mci: Float
    annuity: Float


@dataclass(frozen=True)
class NewClaimSimulation:
    """Result: one row a scenario, columns the 22 classes unless said otherwise. Amounts are whole tiyn.

    Attributes
    ----------
    events, persons : int64 (s, 22)
    payout : int64 (s, 22) [tiyn]
        Present value of annuities, with additional expenses and funerals.
    expense : int64 (s, 22) [tiyn]
        The insurer's expenses of paying them.
    ceded : int64 (s, 22) [tiyn]
        Quota shares and layers together.
    kind_persons, kind_payout : int64 (s, 5)
        By `KINDS`.
    recovery : int64 (s,) [tiyn]
        Excess over the insured sums, owed by policyholders; not taken off.
    largest_event : int64 (s,) [tiyn]
        Payout of the largest event.
    premium : int64 (22,) [tiyn]
        Premium of the simulated cover.
    contracts : int
        Contracts with a day of simulated cover.
    worker_years, expected_persons : float64 (22,)
    expected_payout, expected_expense : int64 (22,) [tiyn]
        Exact means of persons, payout and expense, without systematic drivers.
    listing : int64 (rows, 13)
        Claims of the scenario asked for (`kernels.new_claim.simulate`), else no rows.
    """

    events: Int64
    persons: Int64
    payout: Int64
    expense: Int64
    ceded: Int64
    kind_persons: Int64
    kind_payout: Int64
    recovery: Int64
    largest_event: Int64
    premium: Int64
    contracts: int
    worker_years: Float
    expected_persons: Float
    expected_payout: Int64
    expected_expense: Int64
    listing: Int64

    @property
    def n_scenarios(self) -> int:
        """Number of scenarios."""
        return int(self.payout.shape[0])

    @property
    def gross(self) -> Int64:
        """Payout and expenses before reinsurance, (s, 22) [tiyn]."""
        return self.payout + self.expense

    @property
    def net(self) -> Int64:
        """Payout and expenses after reinsurance, (s, 22) [tiyn]."""
        return self.gross - self.ceded

    @property
    def expected_gross(self) -> Int64:
        """Exact mean of `gross`, (22,) [tiyn]."""
        return self.expected_payout + self.expected_expense


def simulated_new_claims(
    contracts: ContractsInForce,
    model: NewClaimModel,
    basis: Basis,
    valuation_date: date,
    n_scenarios: int,
    seed: int,
    *,
    threads: int | None = None,
    drivers: Drivers | None = None,
    law: PayoutLaw | None = None,
    book_law: BookLaw | None = None,
    choices: Mapping[str, str] | None = None,
    listed_scenario: int | None = None,
) -> NewClaimSimulation:
    """Simulate the new claims of a book.

    Parameters
    ----------
    contracts : ContractsInForce
    model : NewClaimModel
    basis : Basis
        Values the annuities in the expected measure.
    valuation_date : date
    n_scenarios : int
    seed : int
        0 … 2³² - 1.
    threads : int, optional
        Default one a processor. The result does not depend on it.
    drivers : Drivers, optional
        Rows for the same scenarios.
    law, book_law : PayoutLaw, BookLaw, optional
        Note the entries used.
    choices : mapping of str to str, optional
        Of the premium, `actuarial.premium.choice.CHOICES`.
    listed_scenario : int, optional
        Scenario whose claims are listed one by one.

    Returns
    -------
    NewClaimSimulation

    Raises
    ------
    NewClaimError
        E4505 - E4509, see `exposure` and `annuity_factors`.
    SafetyLimitError
        E9002 amounts whose sums could leave 64 bits.
    tariffs.LawError
        A value of the law that is not on record.
    """
    ready = prepared(
        contracts, model, basis, valuation_date,
        law=law, book_law=book_law, choices=choices, threads=threads,
    )  # fmt: skip
    return simulated(
        ready, n_scenarios, seed, threads=threads, drivers=drivers, listed_scenario=listed_scenario
    )


def simulated(
    ready: Prepared,
    n_scenarios: int,
    seed: int,
    *,
    threads: int | None = None,
    drivers: Drivers | None = None,
    listed_scenario: int | None = None,
) -> NewClaimSimulation:
    """Simulate what `prepared` made; parameters as in `simulated_new_claims`."""
    threads = threads or os.cpu_count() or 1
    systematic = _systematic(ready, n_scenarios, seed, drivers)
    expected = _expected(ready, threads)
    _refuse_overflow(float(expected[0].sum()) + float(expected[1].sum()))
    totals = _totals(ready, n_scenarios, seed, systematic, threads)
    by_class = totals.by_class
    listing = np.empty((0, kernel.LISTED), dtype=np.int64)
    if listed_scenario is not None:
        listing = _listing(ready, listed_scenario, seed, systematic)
    class_of = ready.parts.risk_class
    layers = _layers_with_reinstatements(totals.layer, ready.model)
    return NewClaimSimulation(
        events=by_class[:, :, kernel.EVENTS],
        persons=by_class[:, :, kernel.PERSONS],
        payout=by_class[:, :, kernel.PAYOUT],
        expense=by_class[:, :, kernel.EXPENSE],
        ceded=by_class[:, :, kernel.QUOTA] + layers,
        kind_persons=totals.by_kind[:, :, 0],
        kind_payout=totals.by_kind[:, :, 1],
        recovery=totals.recovery,
        largest_event=totals.largest_event,
        premium=_by_class(ready.cover.premium, class_of),
        contracts=int((ready.cover.n_days[ready.parts.start[:-1]] > 0).sum()),
        worker_years=_float_by_class(ready.cover.worker_years, class_of),
        expected_persons=_float_by_class(_expected_persons(ready).sum(axis=1), class_of),
        expected_payout=_by_class(expected[0], class_of),
        expected_expense=_by_class(expected[1], class_of),
        listing=listing,
    )


def _systematic(ready: Prepared, n_scenarios: int, seed: int, drivers: Drivers | None) -> table.Systematic:
    years = int(ready.rules.year[-1] - ready.rules.year[0]) + 1
    frequency = frequency_factors(ready.model, n_scenarios, seed)
    if drivers is None:
        one = np.ones((1, years))
        return table.Systematic(frequency, one, one, one, np.ones((1, len(KINDS))))

    def by_year(path: Float) -> Float:
        at = np.arange(years) + int(ready.rules.year[0]) - drivers.first_year
        return np.ascontiguousarray(path[:, np.clip(at, 0, path.shape[1] - 1)])

    return table.Systematic(
        frequency,
        by_year(drivers.wage),
        by_year(drivers.minimum_wage),
        by_year(drivers.mci),
        np.ascontiguousarray(drivers.annuity),
    )


def frequency_factors(model: NewClaimModel, n_scenarios: int, seed: int) -> Float:
    """Factors on the frequency of each class in each scenario, float64 (22, s): class times market.

    Both are gamma distributed with mean 1 and the coefficients of variation of the model.
    """
    from scipy.special import gammaincinv

    from actuarial.random_key import key_of

    spread = model.assumptions.frequency
    uniforms = np.empty((n_scenarios, CLASSES + 1))
    random.fill_uniform(0, FREQUENCY_STREAM, seed, key_of("new claim frequency"), uniforms)

    def factors(u: Float, cv: float) -> Float:
        if cv == 0.0:
            return np.ones_like(u)
        return np.asarray(gammaincinv(1.0 / cv**2, u) * cv**2)

    of_class = factors(uniforms[:, 1:], spread.class_cv)
    return np.ascontiguousarray((of_class * factors(uniforms[:, :1], spread.market_cv)).T)


def _empty_totals(n_scenarios: int, layers: int) -> table.Totals:
    return table.Totals(
        by_class=np.zeros((n_scenarios, CLASSES, kernel.COLUMNS), dtype=np.int64),
        layer=np.zeros((n_scenarios, CLASSES, layers), dtype=np.int64),
        by_kind=np.zeros((n_scenarios, len(KINDS), 2), dtype=np.int64),
        recovery=np.zeros(n_scenarios, dtype=np.int64),
        largest_event=np.zeros(n_scenarios, dtype=np.int64),
    )


def _totals(
    ready: Prepared, n_scenarios: int, seed: int, systematic: table.Systematic, threads: int
) -> table.Totals:
    """Totals of all contracts; each thread adds to its own and integers are added at the end."""
    n = len(ready.contracts.records)
    layers = ready.treaty.retention.size
    no_list = np.empty((0, kernel.LISTED), dtype=np.int64)
    no_count = np.empty(0, dtype=np.int64)
    pieces = even_slices(n, -(-n // CONTRACTS_AT_ONCE))
    shares = [pieces[k::threads] for k in range(min(threads, len(pieces)))]

    def work(first: int, last: int) -> list[table.Totals]:
        found = []
        for share in shares[first:last]:
            totals = _empty_totals(n_scenarios, layers)
            for start, stop in share:
                kernel.simulate(
                    start, stop, 0, n_scenarios, seed, ready.parts, ready.chances, ready.catastrophes,
                    ready.rules, ready.values, systematic, ready.treaty, totals, no_list,
                    no_count,
                )  # fmt: skip
            found.append(totals)
        return found

    found = in_threads(work, [(k, k + 1) for k in range(len(shares))], threads)
    totals, *others = [totals for some in found for totals in some]
    for other in others:
        for name in ("by_class", "layer", "by_kind", "recovery"):
            getattr(totals, name)[...] += getattr(other, name)
        np.maximum(totals.largest_event, other.largest_event, out=totals.largest_event)
    return totals


def _listing(ready: Prepared, scenario: int, seed: int, systematic: table.Systematic) -> Int64:
    """Claims of one scenario, see `kernels.new_claim.simulate`."""
    layers = ready.treaty.retention.size

    def one(path: Float) -> Float:
        return path[scenario : scenario + 1] if path.shape[0] > 1 else path

    alone = table.Systematic(
        np.ascontiguousarray(systematic.frequency[:, scenario : scenario + 1]),
        *(one(path) for path in systematic[1:]),
    )
    rows = 0
    while True:
        listing = np.zeros((rows, kernel.LISTED), dtype=np.int64)
        count = np.zeros(1, dtype=np.int64)
        kernel.simulate(
            0, len(ready.contracts.records), scenario, 1, seed, ready.parts, ready.chances,
            ready.catastrophes, ready.rules, ready.values, alone, ready.treaty, _empty_totals(1, layers),
            listing, count,
        )  # fmt: skip
        if count[0] <= rows:
            return listing
        rows = int(count[0])


def _layers_with_reinstatements(layer: Int64, model: NewClaimModel) -> Int64:
    """What the layers take, (s, 22) [tiyn]: at most the limit and its reinstatements in a scenario.

    Where that bites, classes bear it in proportion to their recoveries, rounded so that they add up.
    """
    taken = np.zeros(layer.shape[:2], dtype=np.int64)
    for number, terms in enumerate(model.assumptions.reinsurance.excess_of_loss):
        of_layer = layer[:, :, number]
        if terms.reinstatements is None:
            taken += of_layer
            continue
        most = round(terms.limit * TIYN) * (1 + terms.reinstatements)
        until = np.cumsum(of_layer, axis=1)
        total = until[:, -1:]
        share = np.minimum(1.0, most / np.maximum(total, 1))
        cut = np.where(total > most, np.floor(until * share + 0.5).astype(np.int64), until)
        cut[:, -1:] = np.minimum(total, most)
        taken += np.diff(np.minimum(cut, cut[:, -1:]), axis=1, prepend=0)
    return taken


def _expected_persons(ready: Prepared) -> Float:
    """Expected persons of each part by kind, float64 (m, 5), catastrophes included."""
    frequency = np.nan_to_num(ready.model.frequency)[ready.parts.risk_class]
    persons = ready.parts.worker_years[:, None] * frequency
    struck = ready.catastrophes
    for k, part in enumerate(struck.part):
        hurt = min(int(struck.persons[k]), int(ready.parts.workers[part]))
        persons[part] += struck.events[k] * hurt * np.diff(struck.kind[k], prepend=0.0)
    return persons


def _expected(ready: Prepared, threads: int) -> tuple[Int64, Int64]:
    """Exact mean payout and expense of each part, int64 (m,) [tiyn] each."""
    m = ready.parts.risk_class.size
    payout, expense = np.empty((m, len(KINDS))), np.empty((m, len(KINDS)))
    group = _month_groups(ready.rules)
    means = _mean_factors(ready)

    def work(first: int, last: int) -> None:
        kernel.expected_costs(
            first, last, ready.parts, ready.chances, ready.rules, group, *means, payout, expense
        )

    in_threads(work, even_slices(m, threads), threads)
    persons = _expected_persons(ready)
    return rounded_tiyn((persons * payout).sum(axis=1)), rounded_tiyn((persons * expense).sum(axis=1))


def _month_groups(rules: table.Rules) -> Int64:
    """First months of runs with one minimum wage and one calendar year, and the end."""
    changes = (np.diff(rules.minimum_wage) != 0) | (np.diff(rules.year) != 0)
    return np.concatenate(([0], np.flatnonzero(changes) + 1, [rules.year.size])).astype(np.int64)


def _mean_factors(ready: Prepared) -> tuple[Float, Float, Float, Float]:
    """Unit values averaged over the cells of victims and families: (j, 4, 5) twice, (j,) twice."""
    chance, factors, chances = ready.cells.chance, ready.factors, ready.chances
    worker, worker_count = (
        np.einsum("jbcs,c->jbs", values, chance) for values in (factors.worker, factors.worker_count)
    )
    death, death_count = np.zeros(worker.shape[0]), np.zeros(worker.shape[0])
    for f, of_family in enumerate(np.diff(chances.family, prepend=0.0)):
        first, last = chances.family_start[f], chances.family_start[f + 1]
        share = 1.0 / (last - first + chances.with_deceased) if last > first else 0.0
        for m in range(first, last):
            cells = slice(int(factors.member_start[m]), int(factors.member_start[m + 1]))
            death += of_family * share * factors.member[:, cells].mean(axis=1)
            death_count += of_family * factors.member_count[:, cells].mean(axis=1)
    return np.ascontiguousarray(worker), np.ascontiguousarray(worker_count), death, death_count


def _refuse_overflow(expected: float) -> None:
    """Refuse books whose sums over a scenario could leave 64 bits."""
    if expected * MARGIN >= LARGEST_SUM:
        raise SafetyLimitError(
            "E9002",
            "the expected cost of new claims is {cost} ₸: simulated sums could leave exact integers; split "
            "the book",
            cost=digits(expected / TIYN, ".3g"),
        )


def _by_class(amounts: Int64, class_of: Int64) -> Int64:
    """Sums by class, int64 (22,)."""
    total = np.zeros(CLASSES, dtype=np.int64)
    np.add.at(total, class_of, amounts)
    return total


def _float_by_class(values: Float, class_of: Int64) -> Float:
    """Sums by class, float64 (22,), the same for any order of the parts."""
    grid = np.floor(values * COUNT_GRID + 0.5).astype(np.int64)
    return np.asarray(_by_class(grid, class_of) / COUNT_GRID)
