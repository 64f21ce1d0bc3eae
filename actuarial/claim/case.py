"""What is known of one person, and the record of one that the portfolio's functions take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

import tariffs
from actuarial.basis import Growth, Indexation
from actuarial.claim.choice import Choices
from actuarial.claim.earnings import MonthPay
from actuarial.error import ActuarialError
from actuarial.money import exact_tiyn
from actuarial.payout_law import PayoutLaw, day
from actuarial.record import (
    BENEFICIARIES,
    NO_AMOUNT,
    NO_ANSWER,
    NO_DATE,
    NO_DEGREE,
    SEXES,
    AnnuityRecords,
)

Day = date
CASE_PRODUCTS = ("compulsory", "voluntary", "employer")
"""Who pays: the compulsory insurer, the voluntary product, or the employer's own duty."""


class CaseError(ActuarialError):
    """A case that cannot be answered as it stands (E5400-E5409)."""


@dataclass(frozen=True)
class DegreeChange:
    """A new certificate: the degree from a day on."""

    date: Day
    degree_of_loss: int
    certificate_end: Day | None = None
    social_payment: Decimal | None = None
    general_degree: int | None = None


@dataclass(frozen=True)
class Case:
    """What is known of one person; the names are those of the table ``annuities``.

    Attributes
    ----------
    deceased_pension : Decimal, optional [KZT/month]
        Pension and like income of the deceased, part of the survivors' base (Civil Code 941).
    monthly_pay : tuple of MonthPay
        Instead of ``average_monthly_earnings``.
    social_average_income, social_income, social_months, general_degree, entitlement_date
        Instead of ``social_payment``: the average, or the monthly incomes it is made of.
    fault_percent : int, optional [percent]
        Share of gross negligence of the victim.
    choices : Choices
    """

    product: str
    sex: str
    birth_date: date
    beneficiary: str = "worker"
    claim_id: str = ""
    contract_id: str = ""
    contract_date: date | None = None
    accident_date: date | None = None
    first_certificate_date: date | None = None
    certificate_end: date | None = None
    degree_of_loss: int | None = None
    first_degree_of_loss: int | None = None
    average_monthly_earnings: Decimal | None = None
    deceased_pension: Decimal | None = None
    monthly_pay: tuple[MonthPay, ...] = ()
    stable_rise_month: int | None = None
    social_payment: Decimal | None = None
    social_average_income: Decimal | None = None
    social_income: tuple[tuple[date, Decimal], ...] = ()
    social_months: int | None = None
    general_degree: int | None = None
    entitlement_date: date | None = None
    fault_percent: int | None = None
    current_monthly_payment: Decimal | None = None
    share: Decimal | None = None
    entitlement_end: date | None = None
    annuity_start_date: date | None = None
    next_payment_date: date | None = None
    remaining_insured_sum: Decimal | None = None
    pension_contribution_exempt: bool | None = None
    pension_date: date | None = None
    expenses_paid: Decimal | None = None
    pension_stop: bool | None = None
    disability_group: str | None = None
    indexation: Indexation | None = None
    growth: Growth | None = None
    degree_changes: tuple[DegreeChange, ...] = ()
    choices: Choices = field(default_factory=Choices)

    @property
    def edition_day(self) -> date:
        """The day whose edition of the payout rules holds."""
        chosen: date | None = getattr(self, self.choices["edition_date"])
        if chosen is None:
            raise CaseError(
                "E5403",
                "{key} is empty: the edition of the law follows from it",
                key=self.choices["edition_date"],
            )
        return chosen

    @property
    def payment_day(self) -> date:
        """The day the payment is asked for: next payment, else start of the annuity, else certificate."""
        known = (
            self.next_payment_date, self.annuity_start_date, self.first_certificate_date, self.accident_date,
        )  # fmt: skip
        found = next((d for d in known if d is not None), None)
        if found is None:
            raise CaseError("E5403", "next_payment_date is empty: give the day of the payment")
        return found


class LawNotes:
    """Entries of the law used while a case was answered: the portfolio's look-ups and single ones."""

    def __init__(self) -> None:
        self.payout = PayoutLaw()
        self._single: dict[tuple[str, date], tariffs.Entry] = {}

    def add(self, entries: Iterable[tariffs.Entry]) -> None:
        """Remember entries."""
        self._single |= {(entry.parameter, entry.start): entry for entry in entries}

    def value(self, name: str, on: date) -> Any:
        """Value of a parameter on a day, remembered.

        Raises
        ------
        tariffs.NotOnRecord
            Nothing is on record on that day.
        """
        entry = tariffs.parameter(name).on(on)
        self.add([entry])
        return entry.value

    def used(self) -> list[dict[str, Any]]:
        """Entries used, by parameter and date, as plain values."""
        plain = {(e["parameter"], e["from"]): e for e in self.payout.used()}
        plain |= {(name, start.isoformat()): e.as_json() for (name, start), e in self._single.items()}
        return [plain[key] for key in sorted(plain)]


def record_of(
    case: Case,
    *,
    average_tiyn: int | None = None,
    deduction_tiyn: int | None = None,
    degree: int | None = None,
    current_tiyn: int | None = None,
) -> AnnuityRecords:
    """The case as a record of one, in the form the portfolio's functions take.

    Parameters
    ----------
    case : Case
    average_tiyn, deduction_tiyn, degree, current_tiyn : int, optional
        What the case's steps have settled; default as given in the case.
    """
    degree = case.degree_of_loss if degree is None else degree
    first_degree = degree if case.first_degree_of_loss is None else case.first_degree_of_loss
    # the edition follows the accident date in a record: a case that chose another date puts it there
    edition_day = case.edition_day if case.accident_date is not None else None
    if average_tiyn is None:
        average_tiyn = tiyn_of(case.average_monthly_earnings)
    if deduction_tiyn is None:
        deduction_tiyn = tiyn_of(case.social_payment)
    if current_tiyn is None:
        current_tiyn = tiyn_of(case.current_monthly_payment)
    if case.beneficiary == "pre_retirement":
        average_tiyn = NO_AMOUNT

    def days(value: date | None) -> np.ndarray[Any, np.dtype[np.int32]]:
        return np.array([NO_DATE if value is None else day(value)], dtype=np.int32)

    def amounts(value: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.array([value], dtype=np.int64)

    def small(value: int) -> np.ndarray[Any, np.dtype[np.int8]]:
        return np.array([value], dtype=np.int8)

    def degrees(value: int | None) -> np.ndarray[Any, np.dtype[np.int16]]:
        return np.array([NO_DEGREE if value is None else value], dtype=np.int16)

    def answer(value: bool | None) -> np.ndarray[Any, np.dtype[np.int8]]:
        return small(NO_ANSWER if value is None else int(value))

    return AnnuityRecords(
        claim_id=np.array([case.claim_id], dtype=object),
        product=small(0 if case.product == "compulsory" else 1),
        beneficiary=small(BENEFICIARIES.index(case.beneficiary)),
        sex=small(SEXES.index(case.sex)),
        birth_date=days(case.birth_date),
        contract_date=days(case.contract_date),
        accident_date=days(edition_day),
        first_certificate_date=days(case.first_certificate_date),
        certificate_end=days(case.certificate_end),
        degree_of_loss=degrees(degree),
        first_degree_of_loss=degrees(first_degree),
        average_monthly_earnings=amounts(average_tiyn),
        social_payment=amounts(deduction_tiyn),
        current_monthly_payment=amounts(current_tiyn),
        share=np.array([np.nan if case.share is None else float(case.share)]),
        entitlement_end=days(case.entitlement_end),
        annuity_start_date=days(case.annuity_start_date or case.payment_day),
        next_payment_date=days(case.payment_day),
        remaining_insured_sum=amounts(tiyn_of(case.remaining_insured_sum)),
        pension_contribution_exempt=answer(case.pension_contribution_exempt),
        pension_date=days(case.pension_date),
        expenses_paid=amounts(tiyn_of(case.expenses_paid) if case.expenses_paid is not None else 0),
        pension_stop=answer(case.pension_stop),
    )


def tiyn_of(value: Decimal | None) -> int:
    """Amount in whole tiyn, `NO_AMOUNT` for none."""
    return NO_AMOUNT if value is None else exact_tiyn(value)
