"""A portfolio valued under many scenarios: the base once, of each scenario only what it touches.

Rows are valued in parts over threads. Within a part the scenarios that share survival and certification
are valued together: the recursion of states is most of the work and serves them all. Each figure equals the
one that `annuity_reserve` gives for the scenario's basis, law and records, to the tiyn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.additional_expense import additional_expenses_reserve
from actuarial.basis import Basis
from actuarial.entitlement import WORKER
from actuarial.error import SafetyLimitError
from actuarial.kernels import total
from actuarial.money import total_tiyn
from actuarial.payout_law import PayoutLaw
from actuarial.projection import (
    Projection,
    Review,
    Values,
    certified_together,
    expected_together,
    project,
)
from actuarial.record import NO_DATE, AnnuityRecords
from actuarial.reserve import (
    AMOUNTS,
    MEASURES,
    N_GROUPS,
    ROWS_AT_ONCE,
    Flow,
    added_flows,
    first_payments,
    grid_to_tiyn,
    group_name,
    group_of,
    reported_amounts,
)
from actuarial.stress.scenario import BASE
from actuarial.stress.situation import Part, Situation
from actuarial.stress.variation import kept, shares_review, varied
from actuarial.survival import MONTHS
from actuarial.thread import even_slices, in_threads

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]
_Key = tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """Reserves of one portfolio in one situation.

    Attributes
    ----------
    sums : int64 (groups, amounts) [tiyn]
        By group of `reserve.group_of` and amount of `AMOUNTS`.
    counts : int64 (groups,)
        Records of each group.
    flow : Flow
    """

    sums: Int64
    counts: Int64
    flow: Flow

    def totals(self) -> dict[str, int]:
        """Total of each amount column [tiyn].

        Raises
        ------
        SafetyLimitError
            E9002.
        """
        return {name: total_tiyn(self.sums[:, a]) for a, name in enumerate(AMOUNTS)}

    def groups(self) -> list[tuple[str, str, str, int, dict[str, int]]]:
        """Product, beneficiary, band, records and amounts [tiyn] of the groups that have records."""
        return [
            (*group_name(int(g)), int(self.counts[g]), dict(zip(AMOUNTS, self.sums[g].tolist(), strict=True)))
            for g in np.flatnonzero(self.counts)
        ]


def added(outcomes: Sequence[Outcome]) -> Outcome:
    """Outcomes of several portfolios as one: whole tiyn added up."""
    sums = np.add.reduce([o.sums for o in outcomes])
    counts = np.asarray(np.sum([o.counts for o in outcomes], axis=0), dtype=np.int64)
    flows = [added_flows([getattr(o.flow, measure) for o in outcomes]) for measure in MEASURES]
    return Outcome(sums, counts, Flow(outcomes[0].flow.first_month, *flows))


@dataclass(frozen=True)
class _Base:
    """Some rows in the base: everything a scenario may keep of it."""

    projection: Projection
    review: Review
    other_amounts: Float
    certified: tuple[Values, Int64]
    expected: Values
    amounts: dict[str, Int64]
    group: NDArray[np.int16]


@dataclass
class StressedPortfolio:
    """A portfolio with its base valuation at hand; see `outcomes`.

    Parameters
    ----------
    records : AnnuityRecords
    basis : Basis
    valuation_date : date
    law : PayoutLaw, optional
        Notes the entries that the base uses.
    threads : int, optional
        Default one a processor. Results do not depend on it.

    Raises
    ------
    BasisError, SafetyLimitError, tariffs.LawError
        As `annuity_reserve`.
    """

    records: AnnuityRecords
    basis: Basis
    valuation_date: date
    law: PayoutLaw = field(default_factory=PayoutLaw)
    threads: int | None = None
    _order: Int64 = field(init=False, repr=False)
    _sorted: AnnuityRecords = field(init=False, repr=False)
    _slices: list[tuple[int, int]] = field(init=False, repr=False)
    _parts: list[_Base] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Value the base."""
        self.threads = self.threads or os.cpu_count() or 1
        n = len(self.records)
        self._order = _alike_together(self.records) if n > ROWS_AT_ONCE else np.arange(n)
        self._sorted = self.records if n <= ROWS_AT_ONCE else _taken(self.records, self._order)
        self._slices = even_slices(n, -(-n // ROWS_AT_ONCE))
        self._parts = in_threads(self._base, self._slices, self.threads)

    def base(self) -> Outcome:
        """Outcome without a scenario."""
        return self.outcomes([Situation(BASE, self.basis, self.law)])[0]

    def outcomes(self, situations: Sequence[Situation]) -> list[Outcome]:
        """Outcome of each situation, in order.

        Raises
        ------
        BasisError, SafetyLimitError, tariffs.LawError
            As `annuity_reserve` for the situation's basis, law and records.
        """
        different, number_of = _different(situations)
        numbers = [(number, number) for number in range(len(self._parts))]
        assert self.threads is not None
        found = in_threads(lambda number, _: self._valued(number, different), numbers, self.threads)
        first_month = self.valuation_date.year * MONTHS + self.valuation_date.month - 1
        result = []
        for s in range(len(different)):
            parts = [part[s] for part in found]
            flows = [grid_to_tiyn(added_flows([part[1][m] for part in parts])) for m in range(len(MEASURES))]
            sums = np.asarray(np.sum([part[0] for part in parts], axis=0), dtype=np.int64)
            result.append(Outcome(sums, self._counts(), Flow(first_month, *flows)))
        return [result[number] for number in number_of]

    def _counts(self) -> Int64:
        counts = [np.bincount(part.group, minlength=N_GROUPS) for part in self._parts]
        return np.asarray(np.sum(counts, axis=0), dtype=np.int64)

    def _base(self, start: int, stop: int) -> _Base:
        try:
            return self._base_of(self._sorted.rows(start, stop))
        except SafetyLimitError as error:
            raise error.renumbered(lambda record: int(self._order[start + record])) from None

    def _base_of(self, records: AnnuityRecords) -> _Base:
        projection = project(records, self.basis, self.valuation_date, self.law)
        review = _review(projection)
        other = projection.other_amounts(review.where)
        certified = certified_together([projection])
        (expected,) = expected_together([projection], certified, review, [other])
        amounts = reported_amounts(
            projection,
            certified[0][0],
            expected,
            first_payments(projection),
            additional_expenses_reserve(records, self.basis, self.valuation_date, self.law),
        )
        group = group_of(records, projection.band)
        return _Base(projection, review, other, certified[0], expected, amounts, group)

    def _valued(
        self, number: int, situations: Sequence[Situation]
    ) -> list[tuple[Int64, tuple[Int64, Int64]]]:
        """Sums by group and flows on the grid of some rows in each situation."""
        base = self._parts[number]
        try:
            return self._valued_part(base, situations)
        except SafetyLimitError as error:
            start = self._slices[number][0]
            raise error.renumbered(lambda record: int(self._order[start + record])) from None

    def _valued_part(
        self, base: _Base, situations: Sequence[Situation]
    ) -> list[tuple[Int64, tuple[Int64, Int64]]]:
        projections = [varied(base.projection, s, self.valuation_date) for s in situations]
        measures = _measures(base, projections, situations)
        result = []
        for projection, given, (certified, expected) in zip(projections, situations, measures, strict=True):
            touched = given.touched
            anew = Part.EVERYTHING in touched
            first, additional = base.amounts["monthly_payment"], base.amounts["additional_expenses_reserve"]
            if anew or touched & {Part.AMOUNT, Part.INDEX}:
                first = first_payments(projection)
            if anew or Part.ADDITIONAL in touched:
                additional = additional_expenses_reserve(
                    projection.records, given.basis, self.valuation_date, given.law
                )
            is_base = certified is base.certified[0] and expected is base.expected and not touched
            amounts = (
                base.amounts
                if is_base
                else reported_amounts(projection, certified, expected, first, additional)
            )
            group = group_of(projection.records, projection.band) if anew else base.group
            result.append((_sums(amounts, group), (certified.flow, expected.flow)))
        return result


def _alike_together(records: AnnuityRecords) -> Int64:
    """Order in which workers of one age at their review are neighbours: they share a recursion of states.

    Those under review first: their parts take longest.
    """
    is_reviewed = (records.beneficiary == WORKER) & (records.certificate_end != NO_DATE)
    age = records.certificate_end.astype(np.int64) - records.birth_date
    return np.argsort(np.where(is_reviewed, age, np.iinfo(np.int64).max), kind="stable")


def _taken(records: AnnuityRecords, order: Int64) -> AnnuityRecords:
    """Records in another order, without their names."""
    names = (item.name for item in fields(records) if item.name != "claim_id")
    return AnnuityRecords(claim_id=None, **{name: np.take(getattr(records, name), order) for name in names})


def _sums(amounts: dict[str, Int64], group: NDArray[np.int16]) -> Int64:
    sums = np.zeros((len(AMOUNTS), N_GROUPS), dtype=np.int64)
    for a, name in enumerate(AMOUNTS):
        total.add_by_group(group, amounts[name], sums[a])
    return np.ascontiguousarray(sums.T)


def _different(situations: Sequence[Situation]) -> tuple[list[Situation], list[int]]:
    """Situations that differ in more than the name, and which of them each one is."""
    different: list[Situation] = []
    number_of = []
    for given in situations:
        number = next((k for k, other in enumerate(different) if other.is_like(given)), len(different))
        if number == len(different):
            different.append(given)
        number_of.append(number)
    return different, number_of


@dataclass(frozen=True)
class _Variant:
    """A projection with the order of its reviewed records; what it shares shows in the identity of arrays."""

    projection: Projection
    review: Review
    other_amounts: Float

    @property
    def survival(self) -> _Key:
        """Equal: may be valued together in the certified measure."""
        return id(self.projection.line), id(self.projection.rows)

    @property
    def chain(self) -> _Key:
        """Equal, with equal survival: may be valued together in the expected measure."""
        basis = self.projection.basis
        return id(self.review), id(basis.matrices), *basis.terms.tolist()

    @property
    def payments(self) -> _Key:
        """Equal, with equal survival and chain: the same payments."""
        p = self.projection
        return id(p.own_amount), id(p.index.rows), id(p.further_survival), id(self.other_amounts)

    @property
    def certified(self) -> _Key:
        """Equal: the same certified values."""
        p = self.projection
        return *self.survival, *self.payments[:-1], id(p.discount), id(p.expense_discount)

    @property
    def expected(self) -> _Key:
        """Equal: the same expected values."""
        return *self.certified, *self.chain, *self.payments


def _measures(
    base: _Base, projections: Sequence[Projection], situations: Sequence[Situation]
) -> list[tuple[Values, Values]]:
    """Certified and expected values: computed once for what is the same, together for what shares."""
    of_base = _Variant(base.projection, base.review, base.other_amounts)
    variants = [_variant(base, p, s) for p, s in zip(projections, situations, strict=True)]
    certified = {of_base.certified: base.certified}
    new = {v.certified: v for v in variants if v.certified not in certified}
    for stack in _stacks(new.values(), lambda v: v.survival):
        values = certified_together([v.projection for v in stack])
        certified |= dict(zip((v.certified for v in stack), values, strict=True))
    expected = {of_base.expected: base.expected}
    new = {v.expected: v for v in variants if v.expected not in expected}
    for stack in _stacks(new.values(), lambda v: (*v.survival, *v.chain)):
        found = expected_together(
            [v.projection for v in stack],
            [certified[v.certified] for v in stack],
            stack[0].review,
            [v.other_amounts for v in stack],
        )
        expected |= dict(zip((v.expected for v in stack), found, strict=True))
    return [(certified[v.certified][0], expected[v.expected]) for v in variants]


def _variant(base: _Base, projection: Projection, situation: Situation) -> _Variant:
    if not shares_review(projection, base.projection):
        review = _review(projection)
        return _Variant(projection, review, projection.other_amounts(review.where))
    other = base.other_amounts
    if situation.touched & {Part.AMOUNT, Part.INDEX, Part.OTHER_AMOUNT}:
        other = kept(projection.other_amounts(base.review.where), other)
    return _Variant(projection, base.review, other)


def _review(projection: Projection) -> Review:
    """Reviewed records of a projection, which may have none."""
    if projection.reviewed.any():
        return projection.review()
    none = np.zeros(0, dtype=np.int64)
    return Review(np.zeros(1, dtype=np.int64), none, none.astype(np.int32), none.astype(np.int32))


def _stacks(variants: Iterable[_Variant], shared: Callable[[_Variant], _Key]) -> list[list[_Variant]]:
    """Variants that share something, together; those with the same payments side by side."""
    groups: dict[_Key, dict[_Key, list[_Variant]]] = {}
    for variant in variants:
        groups.setdefault(shared(variant), {}).setdefault(variant.payments, []).append(variant)
    return [[v for same in payments.values() for v in same] for payments in groups.values()]
