"""The whole answer to a case file: monthly benefit, ledger, survivors, insured sum, tiers, deadlines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import actuarial.claim.deadline as deadline_module
from actuarial.claim import dependant, expense_ledger, insured_sum, three_tier
from actuarial.claim.case import Case, LawNotes
from actuarial.claim.case_file import CaseFile
from actuarial.claim.deadline import Deadline, Penalty, deadlines, penalty
from actuarial.claim.degree_history import Period, degree_history
from actuarial.claim.dependant import Survivors, survivors
from actuarial.claim.earnings import month_text
from actuarial.claim.expense_ledger import Ledger
from actuarial.claim.insured_sum import Exhaustion, exhaustion
from actuarial.claim.monthly_benefit import STEP_AMOUNTS, MonthlyBenefit, monthly_benefit
from actuarial.claim.three_tier import Tiers, tiers
from actuarial.money import exact_tiyn, tenge_text
from tariffs.calendar_kz import WorkingCalendar

SCHEMA_VERSION = 1
SURVIVOR_STEPS = ("share", "for_life", "until")
"""Steps of the stand-in survivor that a death with a list of dependants does not have."""


@dataclass(frozen=True)
class Answer:
    """What a case file asks for; parts it does not ask for are empty.

    Attributes
    ----------
    case : Case
    benefit : MonthlyBenefit
        For a death: of the family on the day of death.
    history : tuple of Period
    ledger : Ledger or None
    survivors : Survivors or None
    exhaustion : Exhaustion or None
    tiers : tuple of Tiers
    deadlines : tuple of Deadline
    penalties : tuple of Penalty
    law : LawNotes
    """

    case: Case
    benefit: MonthlyBenefit
    history: tuple[Period, ...]
    ledger: Ledger | None
    survivors: Survivors | None
    exhaustion: Exhaustion | None
    tiers: tuple[Tiers, ...]
    deadlines: tuple[Deadline, ...]
    penalties: tuple[Penalty, ...]
    law: LawNotes

    def as_json(self) -> dict[str, Any]:
        """Return the answer as plain values: amounts as text in tenge, dates in ISO form."""
        benefit = self.benefit
        answer: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "claim_id": self.case.claim_id,
            "product": self.case.product,
            "beneficiary": self.case.beneficiary,
            "degree_of_loss": benefit.degree_of_loss,
            "average_monthly_earnings": tenge_text(benefit.average_earnings),
            "capped_earnings": tenge_text(benefit.capped_earnings),
            "gross_benefit": tenge_text(benefit.gross_benefit),
            "social_payment": tenge_text(benefit.social_payment),
            "monthly_benefit": tenge_text(benefit.monthly_benefit),
            "pension_contribution": tenge_text(benefit.pension_contribution),
            "net_payment": tenge_text(benefit.net_payment),
            "payment_in_force": tenge_text(benefit.payment_in_force),
            "pension_date": benefit.pension_date.isoformat(),
            "payable_until": None if benefit.payable_until is None else benefit.payable_until.isoformat(),
            "payment_day": benefit.payment_day.isoformat(),
            "law": self.law.used(),
            "projected": self.law.payout.projected(),
            "choices": self.case.choices.asked(),
            "steps": [
                {
                    "step": s.name,
                    **{key: _step_value(key, value) for key, value in s.values.items()},
                    "article": s.article,
                }
                for s in benefit.steps
            ],
            "notes": [
                {"note": name, **{key: _plain(value) for key, value in values.items()}}
                for name, values in benefit.notes
            ],
        }
        if benefit.average is not None:
            answer["months"] = [
                {
                    "month": month_text(use.month),
                    "counted": tenge_text(exact_tiyn(use.counted)),
                    "excluded": tenge_text(exact_tiyn(use.excluded)),
                    "is_used": use.is_used,
                    "why": use.why,
                }
                for use in benefit.average.months
            ]
        if self.history:
            answer["degree_history"] = [_period(period) for period in self.history]
        if self.ledger is not None:
            answer["expenses"] = expense_ledger.as_json(self.ledger)
        if self.survivors is not None:
            answer["survivors"] = dependant.as_json(self.survivors)
        if self.exhaustion is not None:
            answer["insured_sum"] = insured_sum.as_json(self.exhaustion)
        if self.tiers:
            answer["three_tiers"] = three_tier.as_json(self.tiers)
        if self.deadlines:
            answer["deadlines"] = [deadline_module.as_json(one) for one in self.deadlines]
        if self.penalties:
            answer["penalties"] = [
                {
                    "due_date": one.late.due_date.isoformat(),
                    "paid_date": one.late.paid_date.isoformat(),
                    "days": one.days,
                    "amount": tenge_text(exact_tiyn(one.late.amount)),
                    "penalty": tenge_text(one.amount),
                }
                for one in self.penalties
            ]
        return answer


def answer_of(file: CaseFile, calendar: WorkingCalendar | None = None) -> Answer:
    """Answer everything a case file asks for.

    Parameters
    ----------
    file : CaseFile
    calendar : WorkingCalendar, optional
        With the moved working days; default without any.

    Raises
    ------
    CaseError, ChoiceError, EarningsError
        The case cannot be answered as it stands.
    tariffs.LawError
        A day outside the record.
    """
    law = LawNotes()
    case = file.case
    family = None
    if file.dependants:
        benefit, family = _death(file, law)
    else:
        benefit = monthly_benefit(case, law)
    is_worker = case.beneficiary == "worker" and family is None
    ledger = None
    if is_worker and (file.bills or "lump_sum_index_date" in case.choices.stated):
        ledger = expense_ledger.expense_ledger(case, file.bills, law)
    elif is_worker and case.product == "compulsory":
        edition = law.value("payout_edition", case.edition_day)
        if edition["additional_expenses"] == "lump_sum":
            benefit = replace(benefit, notes=(*benefit.notes, ("lump_sum_open", {})))
    used = None
    if file.insured_sum is not None:
        used = exhaustion(file.insured_sum, file.payouts, case.product, case.choices, law)
    wants_tiers = is_worker and (case.disability_group is not None or file.projection_years > 0)
    return Answer(
        case=case,
        benefit=benefit,
        history=degree_history(case, law) if is_worker else (),
        ledger=ledger,
        survivors=family,
        exhaustion=used,
        tiers=(
            tiers(case, benefit, law, years=file.projection_years, growth=file.projection_growth)
            if wants_tiers
            else ()
        ),
        deadlines=deadlines(
            case, file.documents_date, file.contract_signed_date, calendar or WorkingCalendar(), law
        ),
        penalties=tuple(penalty(late, case, law) for late in file.late),
        law=law,
    )


def _death(file: CaseFile, law: LawNotes) -> tuple[MonthlyBenefit, Survivors]:
    """The earnings by the worker's own steps, then rights and shares of the family."""
    assert file.death_date is not None  # refused by the reader
    one = replace(file.case, beneficiary="disabled_dependant", share=Decimal(1), certificate_end=None)
    base = monthly_benefit(replace(one, current_monthly_payment=None, indexation=None), law)
    family = survivors(
        file.case, file.dependants, file.death_date, base.capped_earnings, law, funeral_date=file.funeral_date
    )
    first = family.periods[0].total if family.periods else 0
    ends = [period.end for period in family.periods[-1:]]
    until: date | None = ends[0] if ends else file.death_date
    benefit = replace(
        base,
        gross_benefit=first,
        monthly_benefit=first,
        exact=Fraction(first, 100),
        net_payment=first,
        payment_in_force=first,
        in_force_exact=Fraction(first, 100),
        payable_until=until,
        payment_day=file.death_date,
        steps=tuple(step for step in base.steps if step.name not in SURVIVOR_STEPS),
    )
    return benefit, family


def _period(period: Period) -> dict[str, Any]:
    result = period.result
    return {
        "from": period.start.isoformat(),
        "until": None if period.end is None else period.end.isoformat(),
        "degree_of_loss": period.degree_of_loss,
        "social_payment": tenge_text(result.social_payment if result else 0),
        "monthly_benefit": tenge_text(result.monthly_benefit if result else 0),
        "pension_contribution": tenge_text(result.pension_contribution if result else 0),
        "net_payment": tenge_text(result.net_payment if result else 0),
        "is_payer_owing": result is not None,
    }


def _step_value(name: str, value: Any) -> Any:
    """Amounts of steps as tenge with two decimals, like every amount of the answer."""
    return tenge_text(value) if name in STEP_AMOUNTS and isinstance(value, int) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return f"{float(value):.12g}"
    if isinstance(value, Decimal):
        return str(value)
    return value
