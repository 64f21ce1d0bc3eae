"""Scenarios on contracts in force: premiums priced again, claims, lapses, an accident at the largest site.

The book is priced as if every contract were concluded under the scenario. Expected claims are premium of the
law × loss ratio, lapse is a rate, the cost of a case an amount: inputs, never defaults. What lacks an input
is not computed and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from actuarial.language import Text, text
from actuarial.money import TIYN, exact_tiyn, exact_total, rounded_tiyn
from actuarial.premium.book import BookLaw, book_premiums
from actuarial.premium.record import ContractRecords
from actuarial.stress.hypothetical import CONTRACT_LAW, HypotheticalLaw, checked_name
from actuarial.stress.scenario import SITE, Scenario

Int64 = NDArray[np.int64]
LOSS_RATIO, LAPSE_RATE = text("loss ratio"), text("lapse rate")
CASE_COSTS: Mapping[str, Text] = {
    "death": text("cost of a case: death"),
    "disability": text("cost of a case: disability"),
    "medical": text("cost of a case: medical"),
}
PAYROLL_LAW = ("minimum_wage", "payroll_cap_minimum_wages")
"""Parameters of the law that the capped payrolls of staff lists depend on."""


@dataclass(frozen=True)
class ContractInput:
    """What a book does not hold.

    Attributes
    ----------
    loss_ratio : Decimal, optional [1]
        Expected claims over premium of the law.
    lapse_rate : Decimal, optional [1]
        Share of the contracts that will end early or not be renewed.
    case_costs : mapping of str to int [tiyn]
        Cost of a death, a permanent disability, medical help (``SITE``'s kinds).
    """

    loss_ratio: Decimal | None = None
    lapse_rate: Decimal | None = None
    case_costs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ContractBook:
    """A checked book of contracts in force.

    Attributes
    ----------
    records : ContractRecords
    choices : dict of str to str
    part_workers : int64 (m,)
        Workers of each part, 0 where unknown.
    recapped : callable, optional
        ``recapped(law, factor)``: the records with incomes of staff lists times a factor, capped by a law;
        None where they could not be priced so. Only for books with staff lists.
    """

    records: ContractRecords
    choices: dict[str, str]
    part_workers: Int64
    recapped: Callable[[BookLaw, Fraction], ContractRecords | None] | None = None


@dataclass(frozen=True)
class Premiums:
    """Totals of a book [tiyn], and contracts priced at the minimum.

    Attributes
    ----------
    premium, annual_payroll, insured_sum : int [tiyn]
    minimum_applied : int
    by_class : dict of int to int [tiyn]
        Premium by class of risk.
    """

    premium: int
    annual_payroll: int
    insured_sum: int
    minimum_applied: int
    by_class: dict[int, int]


@dataclass(frozen=True)
class Site:
    """An accident at the largest site.

    Attributes
    ----------
    contract_id : str
    workers : int
    cases : dict of str to Fraction
        Expected number by kind.
    cost : int or None [tiyn]
        None where the cost of a case is not given.
    insured_sum : int [tiyn]
        Of the contract: what exceeds it is the policyholder's to refund (OSNS Law 19(4)).
    """

    contract_id: str
    workers: int
    cases: dict[str, Fraction]
    cost: int | None
    insured_sum: int

    @property
    def above_insured_sum(self) -> int:
        """Part of the cost above the insured sum [tiyn]."""
        return max((self.cost or 0) - self.insured_sum, 0)


@dataclass(frozen=True)
class ContractOutcome:
    """A book under a scenario.

    Attributes
    ----------
    premiums : Premiums
    delta_premium : int [tiyn]
    delta_claims : int or None [tiyn]
        None where an input is missing.
    site : Site or None
    missing : tuple of Text
        What would have to be given.
    """

    premiums: Premiums
    delta_premium: int
    delta_claims: int | None
    site: Site | None
    missing: tuple[Text, ...] = ()

    @property
    def loss(self) -> int | None:
        """More claims, less premium, cost of the accident [tiyn]; None where an input is missing."""
        cost = self.site.cost if self.site else 0
        if self.delta_claims is None or cost is None:
            return None
        return self.delta_claims - self.delta_premium + cost


class StressedContracts:
    """A book with its base premiums at hand.

    Parameters
    ----------
    book : ContractBook
    inputs : ContractInput
    valuation_date : date
    threads : int, optional
    """

    def __init__(
        self, book: ContractBook, inputs: ContractInput, valuation_date: date, threads: int | None = None
    ) -> None:
        self._book = book
        self._inputs = inputs
        self._valuation_date = valuation_date
        self._threads = threads
        self.base = self._priced(book.records, BookLaw())

    def outcome(self, scenario: Scenario) -> ContractOutcome:
        """The book under a scenario.

        Raises
        ------
        StressError
            E4606 a change that the law cannot take.
        """
        factors = dict.fromkeys(("contract.payroll", "contract.claims", "contract.lapse"), Fraction(1))
        shares: dict[str, Fraction] = {}
        for change in scenario.of_kind("contract"):
            if change.parameter in SITE:
                shares[SITE[change.parameter]] = Fraction(repr(change.amount))
            else:
                factors[change.parameter] *= Fraction(repr(change.amount))
        missing: list[Text] = []
        premiums = self._repriced(scenario, factors["contract.payroll"], missing)
        retained = self._retained(factors["contract.lapse"], missing)
        premium = exact_tiyn(Fraction(premiums.premium, TIYN) * retained)
        claims = self._claims_factor(premiums, factors["contract.claims"]) * retained
        delta_claims: int | None = 0
        if claims != 1:
            if self._inputs.loss_ratio is None:
                missing.append(LOSS_RATIO)
                delta_claims = None
            else:
                expected = Fraction(self.base.premium, TIYN) * Fraction(self._inputs.loss_ratio)
                delta_claims = exact_tiyn(expected * claims) - exact_tiyn(expected)
        site = self._site(shares, missing) if shares else None
        delta = premium - self.base.premium
        if LAPSE_RATE in missing:
            delta_claims = None
        return ContractOutcome(premiums, delta, delta_claims, site, tuple(dict.fromkeys(missing)))

    def _priced(self, records: ContractRecords, law: BookLaw) -> Premiums:
        found = book_premiums(records, self._book.choices, law=law, threads=self._threads)
        return Premiums(
            exact_total(found.premium),
            exact_total(found.annual_payroll),
            exact_total(found.insured_sum),
            int(found.minimum_applied.sum()),
            {
                int(number): exact_total(found.part_premium[records.part_class == number])
                for number in np.unique(records.part_class)
            },
        )

    def _repriced(self, scenario: Scenario, payroll: Fraction, missing: list[Text]) -> Premiums:
        changes = [c for c in scenario.of_kind("law") if checked_name(c, scenario.name) in CONTRACT_LAW]
        if not changes and payroll == 1:
            return self.base
        law = BookLaw()
        if changes:
            law = BookLaw(HypotheticalLaw(changes, scenario.name, self._valuation_date, everywhere=True))
        records: ContractRecords | None = self._book.records
        caps = payroll != 1 or any(checked_name(c, scenario.name) in PAYROLL_LAW for c in changes)
        if caps and self._book.recapped is not None:
            records = self._book.recapped(law, payroll)
        elif payroll != 1:
            records = _with_payrolls(self._book.records, payroll)
        if records is None:
            missing.append(text("staff lists that can be priced so"))
            return self.base
        return self._priced(records, law)

    def _retained(self, lapse: Fraction, missing: list[Text]) -> Fraction:
        """Premium kept over premium kept in the base."""
        if lapse == 1:
            return Fraction(1)
        if self._inputs.lapse_rate is None:
            missing.append(LAPSE_RATE)
            return Fraction(1)
        rate = Fraction(self._inputs.lapse_rate)
        return (1 - min(rate * lapse, Fraction(1))) / (1 - rate)

    def _claims_factor(self, premiums: Premiums, claims: Fraction) -> Fraction:
        """Claims follow payrolls, not tariffs."""
        if premiums.annual_payroll == self.base.annual_payroll or not self.base.annual_payroll:
            return claims
        return claims * Fraction(premiums.annual_payroll, self.base.annual_payroll)

    def _site(self, shares: dict[str, Fraction], missing: list[Text]) -> Site | None:
        workers = self._book.part_workers
        if not workers.size or workers.max() <= 0:
            missing.append(text("number of workers"))
            return None
        part = int(np.argmax(workers))
        records = self._book.records
        contract = int(np.searchsorted(records.part_start, part, side="right")) - 1
        parts = slice(records.part_start[contract], records.part_start[contract + 1])
        cases = {kind: int(workers[part]) * share for kind, share in shares.items()}
        costs = self._inputs.case_costs
        unknown = [CASE_COSTS[kind] for kind in cases if kind not in costs]
        missing.extend(unknown)
        cost = None
        if not unknown:
            cost = exact_tiyn(sum((n * Fraction(costs[k], TIYN) for k, n in cases.items()), Fraction(0)))
        name = str(records.contract_id[contract])  # type: ignore[index]
        insured_sum = exact_total(records.part_sum[parts])
        return Site(name, int(workers[part]), cases, cost, insured_sum)


def _with_payrolls(records: ContractRecords, factor: Fraction) -> ContractRecords:
    """Payrolls and insured sums times a factor, to the tiyn; caps of single workers are not applied again."""
    by = float(factor)
    return replace(
        records,
        part_payroll=rounded_tiyn(records.part_payroll / TIYN * by),
        part_sum=rounded_tiyn(records.part_sum / TIYN * by),
    )
