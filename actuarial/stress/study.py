"""A stress test: insurers under scenarios, line by line, each alone and all together as a market."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from actuarial.basis import Basis
from actuarial.language import Text, message_of, text
from actuarial.payout_law import PayoutLaw
from actuarial.record import AnnuityRecords
from actuarial.stress.aggregation import Aggregate, Correlation, aggregated
from actuarial.stress.contract_stress import (
    ContractBook,
    ContractInput,
    ContractOutcome,
    Premiums,
    StressedContracts,
)
from actuarial.stress.reverse import Reverse, reversed_scenario
from actuarial.stress.scenario import BASE, Scenario
from actuarial.stress.situation import Situation, bears_on_contracts, situation
from actuarial.stress.stressed_basis import NotApplicableError
from actuarial.stress.valuation import Outcome, StressedPortfolio, added

MARKET = "market"
"""Name of all insurers together."""
NO_CONTRACTS = text("needs contracts (--contracts)")


@dataclass(frozen=True)
class Insurer:
    """What one insurer brings.

    Attributes
    ----------
    name : str
    records : AnnuityRecords
        Annuities in payment.
    contracts : ContractBook, optional
        Contracts in force.
    own_funds : int, optional [tiyn]
    """

    name: str
    records: AnnuityRecords
    contracts: ContractBook | None = None
    own_funds: int | None = None


@dataclass(frozen=True)
class Line:
    """One scenario.

    Attributes
    ----------
    scenario : Scenario
    outcomes : dict of str to Outcome
        Annuities by insurer; empty where the scenario does not bear on annuities in payment.
    contracts : dict of str to ContractOutcome
        By insurer with contracts; empty where it does not bear on contracts.
    notes : tuple of Text
        What is not computed, and why.
    without_book : tuple of str
        Insurers whose contracts it bears on, but which gave none.
    law : tuple of dict
        Hypothetical entries of the law that the annuities used.
    """

    scenario: Scenario
    outcomes: dict[str, Outcome]
    contracts: dict[str, ContractOutcome]
    notes: tuple[Text, ...]
    without_book: tuple[str, ...] = ()
    law: tuple[dict[str, Any], ...] = ()

    @property
    def is_computed(self) -> bool:
        """Whether anything was computed."""
        return bool(self.outcomes or self.contracts)

    def outcome(self, insurer: str) -> Outcome | None:
        """Annuities of an insurer or of all (`MARKET`); None where the scenario does not bear on them."""
        if insurer != MARKET or MARKET in self.outcomes:
            return self.outcomes.get(insurer)
        return added(list(self.outcomes.values())) if self.outcomes else None

    def contract_loss(self, insurer: str) -> int | None:
        """Loss on contracts [tiyn]; 0 where the scenario does not bear on them, None where it is unknown."""
        losses = [self.contracts[name].loss for name in self.contracts if insurer in (MARKET, name)]
        unknown = self.without_book if insurer == MARKET else insurer in self.without_book
        if unknown or None in losses:
            return None
        return sum(loss for loss in losses if loss is not None)


@dataclass(frozen=True)
class Study:
    """Result of a stress test.

    Attributes
    ----------
    base : dict of str to Outcome
        By insurer.
    premiums : dict of str to Premiums
        By insurer with contracts.
    lines : list of Line
    own_funds : dict of str to int [tiyn]
        By insurer that gives them, and `MARKET` where all do.
    correlation : Correlation
    reversals : list of Reverse
    """

    base: dict[str, Outcome]
    premiums: dict[str, Premiums]
    lines: list[Line]
    own_funds: dict[str, int]
    correlation: Correlation
    reversals: list[Reverse] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Insurers in order, and `MARKET` behind them where there are several."""
        return [*self.base, *([MARKET] if len(self.base) > 1 else [])]

    def base_of(self, insurer: str) -> Outcome:
        """Base of an insurer or of the market."""
        if insurer == MARKET and MARKET not in self.base:
            return added(list(self.base.values()))
        return self.base[insurer]

    def totals(self, line: Line | None, insurer: str) -> dict[str, int]:
        """Amounts of an insurer under a line, or in the base [tiyn]; what does not bear leaves them alone."""
        outcome = line.outcome(insurer) if line else None
        return (outcome or self.base_of(insurer)).totals()

    def delta(self, line: Line, insurer: str, amount: str = "total_expected") -> int:
        """Change of an amount [tiyn]."""
        return self.totals(line, insurer)[amount] - self.totals(None, insurer)[amount]

    def loss(self, line: Line, insurer: str) -> int | None:
        """Loss of own funds [tiyn]: more reserve in the expected measure, and the loss on contracts.

        None where nothing of it is known. Where the contracts' part is not known it is left out; the line's
        notes say so.
        """
        if not line.is_computed:
            return None
        on_contracts = line.contract_loss(insurer)
        if not line.outcomes and on_contracts is None:
            return None
        return self.delta(line, insurer) + (on_contracts or 0)

    def aggregate(self, insurer: str) -> Aggregate:
        """Losses of the risks as one: of each risk the worst of its scenarios."""
        named = {line.scenario.risk for line in self.lines}
        worst = {risk: 0 for module in self.correlation.modules for risk in module.risks if risk in named}
        known: set[str] = set()
        for line in self.lines:
            loss = self.loss(line, insurer)
            if line.scenario.risk and loss is not None:
                known.add(line.scenario.risk)
                worst[line.scenario.risk] = max(worst.get(line.scenario.risk, 0), loss)
        return aggregated({risk: worst[risk] for risk in worst if risk in known}, self.correlation)


@dataclass(frozen=True)
class Question:
    """What a stress test asks beside its scenarios.

    Attributes
    ----------
    basis : Basis
    valuation_date : date
    correlation : Correlation
    inputs : ContractInput
    reverse : tuple of str
        Scenarios whose smallest multiple that exhausts own funds is sought.
    """

    basis: Basis
    valuation_date: date
    correlation: Correlation
    inputs: ContractInput = field(default_factory=ContractInput)
    reverse: tuple[str, ...] = ()


def stress_study(
    insurers: Sequence[Insurer],
    scenarios: Sequence[Scenario],
    question: Question,
    *,
    law: PayoutLaw | None = None,
    threads: int | None = None,
    announce: Callable[[str], None] = lambda step: None,
) -> Study:
    """Value insurers under scenarios.

    Parameters
    ----------
    insurers : sequence of Insurer
        With different names.
    scenarios : sequence of Scenario
        With different names.
    question : Question
    law : PayoutLaw, optional
        Notes the entries that the base uses.
    threads : int, optional
        Default one a processor. Results do not depend on it.
    announce : callable
        Told each step as it begins.

    Returns
    -------
    Study

    Raises
    ------
    StressError
        E4604, E4605, E4606 a scenario that the basis or the law cannot take; E4609 a scenario of the reverse
        stress that has no multiple.
    BasisError, SafetyLimitError, tariffs.LawError
        As `annuity_reserve`.
    """
    law = law or PayoutLaw()
    basis, when = question.basis, question.valuation_date
    situations, refusals = _situations(scenarios, basis, law, when)
    asked = list(situations.values())
    base: dict[str, Outcome] = {}
    premiums: dict[str, Premiums] = {}
    outcomes: dict[str, dict[str, Outcome]] = {name: {} for name in situations}
    contracts: dict[str, dict[str, ContractOutcome]] = {}
    reversals: list[Reverse] = []
    for insurer in insurers:
        several = len(insurers) > 1
        announce(text("valuing {insurer}", insurer=insurer.name) if several else text("valuing the base"))
        portfolio = StressedPortfolio(insurer.records, basis, when, law, threads)
        announce(text("stressing {insurer}", insurer=insurer.name) if several else text("stressing"))
        found = portfolio.outcomes([Situation(BASE, basis, law), *asked])
        base[insurer.name] = found[0]
        for name, outcome in zip(situations, found[1:], strict=True):
            outcomes[name][insurer.name] = outcome
        book = None
        if insurer.contracts is not None:
            book = StressedContracts(insurer.contracts, question.inputs, when, threads)
            premiums[insurer.name] = book.base
            for scenario in scenarios:
                if bears_on_contracts(scenario):
                    contracts.setdefault(scenario.name, {})[insurer.name] = book.outcome(scenario)
        for scenario in scenarios:
            if scenario.name in question.reverse and insurer.own_funds is not None:
                announce(text("reversing {scenario}", scenario=scenario.name))
                reversals.append(
                    reversed_scenario(scenario, insurer.name, insurer.own_funds, portfolio, book)
                )
    lines = [
        _line(scenario, outcomes, contracts, refusals, situations, [i.name for i in insurers])
        for scenario in scenarios
    ]
    own_funds = {i.name: i.own_funds for i in insurers if i.own_funds is not None}
    if len(insurers) > 1 and len(own_funds) == len(insurers):
        own_funds[MARKET] = sum(own_funds.values())
    return Study(base, premiums, lines, own_funds, question.correlation, reversals)


def _situations(
    scenarios: Sequence[Scenario], basis: Basis, law: PayoutLaw, valuation_date: date
) -> tuple[dict[str, Situation], dict[str, Text]]:
    """Situations of the scenarios that bear on annuities, and why some mean nothing on this basis."""
    found: dict[str, Situation] = {}
    refusals: dict[str, Text] = {}
    for scenario in scenarios:
        try:
            given = situation(scenario, basis, law, valuation_date)
        except NotApplicableError as error:
            refusals[scenario.name] = text("not computed: {error}", error=message_of(error))
            continue
        if given is not None:
            found[scenario.name] = given
    return found, refusals


def _line(
    scenario: Scenario,
    outcomes: Mapping[str, dict[str, Outcome]],
    contracts: Mapping[str, dict[str, ContractOutcome]],
    refusals: Mapping[str, Text],
    situations: Mapping[str, Situation],
    insurers: Sequence[str],
) -> Line:
    name = scenario.name
    notes = [refusals[name]] if name in refusals else []
    of_books = contracts.get(name, {})
    without = tuple(i for i in insurers if bears_on_contracts(scenario) and i not in of_books)
    if without:
        need = NO_CONTRACTS
        if len(without) < len(insurers):
            need = text("needs contracts (--contracts) of {insurers}", insurers=", ".join(without))
        if name in outcomes:
            need = text("computed for annuities only: the rest {need}", need=need)
        notes.append(need)
    missing = dict.fromkeys(need for outcome in of_books.values() for need in outcome.missing)
    notes += [text("contracts: needs {need}", need=need) for need in missing]
    law: tuple[dict[str, Any], ...] = ()
    if name in situations:
        law = tuple(e for e in situations[name].law.used() if e["status"] != "enacted")
    return Line(scenario, outcomes.get(name, {}), of_books, tuple(notes), without, law)
