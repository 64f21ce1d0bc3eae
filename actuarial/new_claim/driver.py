"""Systematic drivers for new claims: the same scenario as that of the annuities in payment.

Pay, МЗП and МРП follow the drivers' paths by year. What yield, indexation, mortality and recovery do to the
value of an annuity is measured on reference claimants and applied to every claim of the kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

import mortality
from actuarial.basis import Basis
from actuarial.curve import LOWEST_RATE, payment_times
from actuarial.driver import GROWTH, DriverPaths, recovered_more
from actuarial.error import BasisError
from actuarial.indexation import SERIES
from actuarial.new_claim.factor import VictimCells, member_records, worker_records
from actuarial.new_claim.model import KINDS
from actuarial.new_claim.preparation import Prepared
from actuarial.new_claim.simulation import Drivers
from actuarial.payout_law import PayoutLaw
from actuarial.projection import Projection, certified_together, expected_together, project
from actuarial.record import BANDS, AnnuityRecords
from actuarial.survival import MONTHS

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]

REFERENCE_CELLS = 8
"""Victims, and ages of each dependant, that stand for all of a kind."""
AT_ONCE = 64
LEVELS = 5
"""Levels of mortality, and of recovery, at which annuities are valued; in between the logarithm is linear."""
EARLY_YEARS = 10
"""Years whose mean force of mortality stands for a force that moves with time."""


@dataclass(frozen=True)
class _Reference:
    """Claimants whose annuities show what a driver does, with their amounts.

    Attributes
    ----------
    records : AnnuityRecords
    kind : int64 (n,)
        Position in `KINDS`.
    weight : float64 (n,)
        Their share in the value of the kind.
    own : float64 (n,) [KZT]
    other : float64 (n, 4) [KZT]
    """

    records: AnnuityRecords
    kind: Int64
    weight: Float
    own: Float
    other: Float


def new_claim_drivers(
    paths: DriverPaths, ready: Prepared, basis: Basis, valuation_date: date, law: PayoutLaw
) -> Drivers:
    """Drivers of a simulation of new claims for the scenarios of ``paths``.

    Yield and indexation are valued in each scenario; mortality and recovery on a grid of `LEVELS` by
    `LEVELS`, with interpolation in logarithms; the two effects are multiplied.

    Raises
    ------
    BasisError
        E4402 a yield too low to discount with.
    """
    references = [r for r in (_workers(ready, basis, law), _dependants(ready, law)) if len(r.records)]
    annuity = np.ones((len(paths), len(KINDS)))
    annuity *= _money_ratios(references, paths, basis, valuation_date, law)
    annuity *= _life_ratios(references, paths, basis, valuation_date, law)
    return Drivers(
        first_year=valuation_date.year,
        wage=paths.growth[:, GROWTH.index("wages")],
        minimum_wage=paths.growth[:, GROWTH.index("minimum_wage")],
        mci=paths.growth[:, GROWTH.index("mci")],
        annuity=annuity,
    )


def _workers(ready: Prepared, basis: Basis, law: PayoutLaw) -> _Reference:
    """Victims at even quantiles of the model's cells, in each band, with mean pay and degree."""
    cumulative = np.cumsum(ready.cells.chance)
    at = np.searchsorted(cumulative, (np.arange(REFERENCE_CELLS) + 0.5) / REFERENCE_CELLS)
    cells = VictimCells(
        ready.cells.sex[at], ready.cells.age[at], np.full(REFERENCE_CELLS, 1.0 / REFERENCE_CELLS)
    )
    middle = ready.cover.middle[ready.cover.middle.size // 2 :][:1]
    delay = ready.model.assumptions.victim.certification_delay_months
    records = worker_records(cells, middle, delay, basis, law)
    band = np.repeat(np.arange(len(BANDS)), REFERENCE_CELLS)
    pay = np.average(ready.parts.wage, weights=ready.parts.worker_years) / 100.0
    rules = ready.rules
    own, other = np.zeros(len(BANDS)), np.zeros((len(BANDS), len(BANDS)))
    for b, letter in enumerate(BANDS):
        shares = getattr(ready.model.assumptions.degree, letter)
        degree = round(sum(percent * share for percent, share in shares.items()))
        if rules.social_share >= 0.0:
            social = rules.social_share * degree / 100.0 * pay
        else:
            wage = rules.minimum_wage[0] / 100.0
            income = np.clip(pay, rules.income_floor * wage, rules.income_cap * wage)
            social = max(income - rules.subtrahend * wage, 0.0) * rules.degree_factor[degree]
        own[b] = max(degree / 100.0 * pay - social, 0.0) if b else 0.0
        deduction = social * (rules.representative_degree / degree if rules.proportional else 1.0)
        other[b] = np.maximum(rules.representative_degree / 100.0 * pay - deduction, 0.0)
        other[b, 0] = 0.0
    return _Reference(records, band + 1, np.ones(band.size), own[band], other[band])


def _dependants(ready: Prepared, law: PayoutLaw) -> _Reference:
    """Dependants at even quantiles of the cells of each member of the families."""
    families = ready.model.assumptions.dependants.families
    members = [member for family in families for member in family.members]
    middle = ready.cover.middle[ready.cover.middle.size // 2 :][:1]
    starts, records = member_records(members, middle, law)
    counts = np.diff(starts)
    steps = (np.arange(REFERENCE_CELLS) + 0.5) / REFERENCE_CELLS
    at = (starts[:-1, None] + np.floor(steps[None, :] * counts[:, None])).astype(np.int64).reshape(-1)
    weight = [
        family.share / (len(family.members) + ready.chances.with_deceased)
        for family in families
        for _ in family.members
    ]
    n = at.size
    return _Reference(
        _taken(records, at),
        np.zeros(n, dtype=np.int64),
        np.repeat(weight, REFERENCE_CELLS),
        np.ones(n),
        np.zeros((n, len(BANDS))),
    )


def _taken(records: AnnuityRecords, at: Int64) -> AnnuityRecords:
    columns = {
        name: getattr(records, name)[at] for name in AnnuityRecords.__dataclass_fields__ if name != "claim_id"
    }
    return AnnuityRecords(claim_id=None, **columns)


def _by_kind(reference: _Reference, projections: Sequence[Projection]) -> Float:
    """Value of the reference claimants by kind under each projection, float64 (v, 5)."""
    first = projections[0]
    review = first.review() if first.reviewed.any() else None
    n = len(reference.records)
    alone, others = [], []
    for projection in projections:
        unit = 1.0 / projection.index.rows[projection.index.row, 0]
        alone.append(replace(projection, own_amount=reference.own * unit, alive=np.ones(n)))
        where = np.empty(0, dtype=np.int64) if review is None else review.where
        others.append(reference.other[where] * unit[where, None])
    expected = expected_together(alone, certified_together(alone), review, others)
    values = np.stack([v.value for v in expected]) * reference.weight
    result = np.zeros((len(projections), len(KINDS)))
    for kind in np.unique(reference.kind):
        result[:, kind] = values[:, reference.kind == kind].sum(axis=1)
    return result


def _ratio(values: Float, base: Float) -> Float:
    """Values over the base; 1 where the base has none."""
    return np.where(base > 0.0, values / np.where(base > 0.0, base, 1.0), 1.0)


def _money_ratios(
    references: Sequence[_Reference], paths: DriverPaths, basis: Basis, valuation_date: date, law: PayoutLaw
) -> Float:
    """Effect of yield and indexation on the value by kind, float64 (s or 1, 5)."""
    n = max(paths.yield_shift.size, paths.growth.shape[0])
    ratio = np.ones((n, len(KINDS)))
    if n == 1:
        return ratio
    for reference in references:
        base = project(reference.records, basis, valuation_date, law)
        plain = _by_kind(reference, [base])
        for start in range(0, n, AT_ONCE):
            some = range(start, min(start + AT_ONCE, n))
            moved = [_moved(base, paths, s, basis, valuation_date) for s in some]
            found = _ratio(_by_kind(reference, moved), plain)
            present = plain[0] > 0.0
            ratio[start : start + len(moved), present] = found[:, present]
    return ratio


def _moved(base: Projection, paths: DriverPaths, s: int, basis: Basis, valuation_date: date) -> Projection:
    """The projection under the yield and the growth of one scenario."""
    days = base.records.next_payment_date.astype(np.int64) - (valuation_date - date(1970, 1, 1)).days
    times = payment_times(np.unique(days), base.discount.shape[1])
    shift = paths.yield_shift[s if paths.yield_shift.size > 1 else 0]
    rates = basis.curve.spot_rate(times) + shift
    if not bool(np.all(rates > LOWEST_RATE)):
        raise BasisError(
            "E4402", "simulation.yield_shift: some scenarios have a yield too low to discount with"
        )
    growth = paths.growth[s if paths.growth.shape[0] > 1 else 0]
    index = copy(base.index)
    index.rows = base.index.rows.copy()
    k = np.arange(index.rows.shape[1])
    for row, (series, offset) in enumerate(zip(index.series, index.offset, strict=True)):
        name = SERIES[series]
        if name in GROWTH:
            year = np.minimum((valuation_date.month - 1 + offset + k) // MONTHS, growth.shape[1] - 1)
            index.rows[row] *= growth[GROWTH.index(name), year]
    return replace(base, discount=np.exp(-times * np.log1p(rates)), index=index)


def _life_ratios(
    references: Sequence[_Reference], paths: DriverPaths, basis: Basis, valuation_date: date, law: PayoutLaw
) -> Float:
    """Effect of mortality and recovery on the value by kind, float64 (s or 1, 5)."""
    force = np.log(paths.force[:, :EARLY_YEARS].mean(axis=1))
    odds = np.log(paths.recovery_odds)
    if force.size == 1 and odds.size == 1:
        return np.ones((1, len(KINDS)))
    forces, chances = _levels(force), _levels(odds)
    grid = np.zeros((forces.size, chances.size, len(KINDS)))
    for a, level in enumerate(forces):
        for b, chance in enumerate(chances):
            changed = _with_lives(basis, float(np.exp(level)), float(np.exp(chance)))
            for reference in references:
                projection = project(reference.records, changed, valuation_date, law)
                grid[a, b] += _by_kind(reference, [projection])[0]
    base = np.zeros(len(KINDS))
    for reference in references:
        base += _by_kind(reference, [project(reference.records, basis, valuation_date, law)])[0]
    logs = np.log(_ratio(grid, base))
    return np.exp(_between(logs, forces, chances, force, odds))


def _levels(values: Float) -> Float:
    """Levels from the least to the largest value, 0 for a driver that does not act."""
    if values.size == 1:
        return np.zeros(1)
    return np.linspace(values.min(), values.max(), LEVELS)


def _between(table: Float, rows: Float, columns: Float, x: Float, y: Float) -> Float:
    """Bilinear interpolation of ``table`` (r, c, 5) at ``x``, ``y`` (s or 1,): float64 (s, 5)."""

    def place(levels: Float, values: Float) -> tuple[Int64, Float]:
        if levels.size == 1:
            return np.zeros(values.size, dtype=np.int64), np.zeros(values.size)
        at = np.clip(np.searchsorted(levels, values, side="right") - 1, 0, levels.size - 2)
        return at, (values - levels[at]) / (levels[at + 1] - levels[at])

    x, y = np.broadcast_arrays(x, y)
    (i, u), (j, v) = place(rows, x), place(columns, y)
    i2, j2 = np.minimum(i + 1, rows.size - 1), np.minimum(j + 1, columns.size - 1)
    u, v = u[:, None], v[:, None]
    low = (1.0 - v) * table[i, j] + v * table[i, j2]
    high = (1.0 - v) * table[i2, j] + v * table[i2, j2]
    return np.asarray((1.0 - u) * low + u * high)


def _with_lives(basis: Basis, force: float, odds: float) -> Basis:
    """The basis with another level of mortality and other odds of recovery."""
    assumptions = basis.assumptions
    multiplier = assumptions.mortality.multiplier
    scaled = multiplier.model_copy(
        update={name: getattr(multiplier, name) * force for name in type(multiplier).model_fields}
    )
    matrices = recovered_more(basis.matrices.probabilities, np.array([odds]))[0]
    changed = assumptions.model_copy(
        update={"mortality": assumptions.mortality.model_copy(update={"multiplier": scaled})}
    )
    return replace(
        basis,
        assumptions=changed,
        matrices=mortality.CertificationMatrices(basis.matrices.duration_from, matrices),
    )
