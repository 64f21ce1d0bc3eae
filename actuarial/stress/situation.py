"""A scenario on a basis and the law: what is to be valued, and which parts of a valuation it touches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.benefit import Benefit, benefit
from actuarial.entitlement import PRE_RETIREMENT
from actuarial.money import TIYN, rounded_tiyn
from actuarial.payout_law import PayoutLaw
from actuarial.record import NO_AMOUNT, AnnuityRecords
from actuarial.stress.error import StressError
from actuarial.stress.hypothetical import ANNUITY_LAW, CONTRACT_LAW, HypotheticalLaw, checked_name
from actuarial.stress.scenario import Scenario
from actuarial.stress.stressed_basis import resolved_index, stressed_basis

Float = NDArray[np.float64]


class Part(Enum):
    """A part of a valuation that a scenario may touch."""

    DISCOUNT = auto()
    INDEX = auto()
    SURVIVAL = auto()
    CHAIN = auto()
    AMOUNT = auto()
    OTHER_AMOUNT = auto()
    FURTHER_SURVIVAL = auto()
    ADDITIONAL = auto()
    EXPENSE = auto()
    EVERYTHING = auto()


LAW_PARTS = {
    "additional_expenses_cap": {Part.ADDITIONAL},
    "mci": {Part.ADDITIONAL},
    "minimum_wage": {Part.AMOUNT, Part.OTHER_AMOUNT},
    "earnings_cap_minimum_wages": {Part.AMOUNT, Part.OTHER_AMOUNT},
    "subsistence_minimum": {Part.INDEX},
    "payout_edition.insurer_pays_band_a": {Part.OTHER_AMOUNT},
}
"""What a change of the law touches; of the others, everything."""


@dataclass(frozen=True)
class Situation:
    """What is to be valued.

    Attributes
    ----------
    name : str
    basis : Basis
    law : PayoutLaw
    touched : frozenset of Part
        Where its valuation can differ from the base.
    payment_factor : float
        On payments in force, rounded to the tiyn.
    deduction_share : float
        Share of the ГФСС payment that is still deducted.
    added_mortality, added_months : float, int
        Yearly probability of death beside the tables, and for how many months from the valuation date.
    """

    name: str
    basis: Basis
    law: PayoutLaw
    touched: frozenset[Part] = frozenset()
    payment_factor: float = 1.0
    deduction_share: float = 1.0
    added_mortality: float = 0.0
    added_months: int = 0

    def is_like(self, other: Situation) -> bool:
        """Whether the other gives the same values: everything but the name is equal."""
        mine, theirs = (
            (
                s.basis.assumptions,
                s.basis.curve,
                [id(table) for table in s.basis.tables.values()],
                id(s.law),
                s.touched,
                s.payment_factor,
                s.deduction_share,
                s.added_mortality,
                s.added_months,
            )
            for s in (self, other)
        )
        return mine == theirs

    def records(self, records: AnnuityRecords) -> AnnuityRecords:
        """The records under the scenario: payments in force and ГФСС payments."""
        if self.deduction_share != 1.0:
            records = _with_less_deducted(records, self.deduction_share, self.law)
        if self.payment_factor != 1.0:
            records = _with_revised_payments(records, self.payment_factor, self.law)
        return records

    def further_survival(self, days: NDArray[np.int64], n_payments: int) -> Float:
        """Chance to survive the added mortality to each payment, shape (d, k); (0, 0) for none.

        ``(1 - q)^min(t, T)``: t years from the valuation date to the payment, T the time it acts.
        """
        if not self.added_mortality:
            return np.empty((0, 0))
        years = days[:, None] / 365.0 + np.arange(n_payments)[None, :] / 12.0
        return np.asarray(np.exp(np.log1p(-self.added_mortality) * np.minimum(years, self.added_months / 12)))


def situation(scenario: Scenario, basis: Basis, law: PayoutLaw, valuation_date: date) -> Situation | None:
    """The scenario on a basis and the law; None where it does not bear on annuities in payment.

    Raises
    ------
    StressError
        E4604, E4605 a change that the basis cannot take; E4606 one that the law cannot take.
    """
    scenario = resolved_index(scenario, basis, valuation_date.year + 1)
    law_changes = [c for c in scenario.of_kind("law") if checked_name(c, scenario.name) in ANNUITY_LAW]
    annuity_changes = scenario.of_kind("annuity")
    if not law_changes and not annuity_changes and not scenario.of_kind("basis"):
        return None
    stressed = stressed_basis(basis, scenario)
    touched = _touched_by_basis(basis, stressed)
    for change in law_changes:
        name = checked_name(change, scenario.name)
        touched |= LAW_PARTS.get(change.path, LAW_PARTS.get(name, {Part.EVERYTHING}))
        if name == "mci" and stressed.assumptions.indexation.choice == "mci":
            touched |= {Part.INDEX}
    if law_changes:
        law = HypotheticalLaw(law_changes, scenario.name, valuation_date)
    payment, deduction, added, months = 1.0, 1.0, 0.0, 0
    for change in annuity_changes:
        if change.parameter == "annuity.payment":
            payment *= change.amount
        elif change.parameter == "annuity.social_payment":
            deduction *= change.amount
        elif added:
            raise StressError(
                "E4603",
                "scenario {scenario}: annuity.added_mortality stands twice; give it once",
                scenario=scenario.name,
            )
        else:
            added, months = change.amount, change.months or 0
    if payment != 1.0 or deduction != 1.0:
        touched |= {Part.AMOUNT, Part.OTHER_AMOUNT}
    if added:
        touched |= {Part.FURTHER_SURVIVAL}
    return Situation(scenario.name, stressed, law, frozenset(touched), payment, deduction, added, months)


def bears_on_contracts(scenario: Scenario) -> bool:
    """Whether anything of the scenario changes premiums or claims of contracts in force."""
    law = any(checked_name(c, scenario.name) in CONTRACT_LAW for c in scenario.of_kind("law"))
    return law or bool(scenario.of_kind("contract"))


def _touched_by_basis(base: Basis, stressed: Basis) -> set[Part]:
    """Parts of the valuation in which two bases differ."""
    if stressed is base:
        return set()
    old, new = base.assumptions, stressed.assumptions
    if stressed.tables != base.tables or new.indexation.choice != old.indexation.choice:
        return {Part.EVERYTHING}
    expenses, other = old.expenses, new.expenses
    chain, terms = stressed.matrices is not base.matrices, new.certification.next_term_months
    differs = {
        Part.DISCOUNT: stressed.curve != base.curve
        or (expenses.inflation, expenses.per_month > 0) != (other.inflation, other.per_month > 0),
        Part.EXPENSE: expenses != other,
        Part.INDEX: new.indexation != old.indexation or new.growth != old.growth,
        Part.SURVIVAL: new.mortality != old.mortality,
        Part.CHAIN: chain or terms != old.certification.next_term_months,
        Part.OTHER_AMOUNT: (
            new.certification.representative_degree != old.certification.representative_degree
            or new.certification.social_payment_on_change != old.certification.social_payment_on_change
        ),
        Part.ADDITIONAL: new.additional_expenses != old.additional_expenses or new.growth != old.growth,
    }
    return {part for part, is_touched in differs.items() if is_touched}


def _with_revised_payments(records: AnnuityRecords, factor: float, law: PayoutLaw) -> AnnuityRecords:
    """Payments in force times a factor, to the tiyn; where none is given, of the own benefit.

    Pre-retirement annuities follow ПМ and are not revised; a payment of 0 stays 0.
    """
    now = benefit(records, law)
    revised = rounded_tiyn(now.own * factor)
    is_revised = (records.beneficiary != PRE_RETIREMENT) & (now.own > 0.0)
    return replace(
        records, current_monthly_payment=np.where(is_revised, revised, records.current_monthly_payment)
    )


def _with_less_deducted(records: AnnuityRecords, share: float, law: PayoutLaw) -> AnnuityRecords:
    """Records with a share of the ГФСС payment deducted; payments in force rise in proportion.

    A payment C on a benefit B becomes C · B'/B, to the tiyn. Where nothing was left to pay (B = 0), the new
    benefit is paid without an index of the past.
    """
    given = records.social_payment
    reduced = np.where(given > 0, rounded_tiyn(np.maximum(given, 0) / TIYN * share), given)
    less = replace(records, social_payment=reduced)
    before, after = _unadjusted(records, law), _unadjusted(less, law)
    current = records.current_monthly_payment
    has_current = current != NO_AMOUNT
    ratio = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
    raised = np.where(has_current, rounded_tiyn(np.maximum(current, 0) / TIYN * ratio), current)
    raised = np.where(has_current & (before == 0) & (after > 0), np.int64(NO_AMOUNT), raised)
    return replace(less, current_monthly_payment=raised)


def _unadjusted(records: AnnuityRecords, law: PayoutLaw) -> Float:
    """Own benefit before the payment in force has its say [KZT/month], shape (n,)."""
    plain: Benefit = benefit(
        replace(records, current_monthly_payment=np.full(len(records), NO_AMOUNT, dtype=np.int64)), law
    )
    return plain.own
