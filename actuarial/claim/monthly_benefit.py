"""What is owed a month to the person of a case, every step with its article.

The amounts come from the functions that value portfolios (`actuarial.benefit`, `actuarial.entitlement`), on
a record of one: a case and a portfolio cannot disagree. Around them stand the steps a portfolio has behind
it: the average of the monthly pay, the payment of the Fund, gross negligence, the pension contribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import tariffs
from actuarial import benefit, entitlement
from actuarial.basis import Growth
from actuarial.claim.case import Case, CaseError, LawNotes, record_of, tiyn_of
from actuarial.claim.earnings import AverageEarnings, average_earnings
from actuarial.language import Text, joined, text
from actuarial.money import TIYN, exact_tiyn
from actuarial.payment_schedule import index_path, months_later
from actuarial.payout_law import calendar_date
from actuarial.record import NO_AMOUNT, NO_DATE, AnnuityRecords
from tariffs.social_payment import SocialPayment, average_social_income, social_payment

PERCENT = 100
EXEMPT_GROUPS = ("I", "II")
"""Disability groups that pay no pension contribution when set without review."""
ENDS_BY_COLUMN = ("spouse", "parent", "carer")
"""Survivors whose right ends on a day the case must give, unless it is for life by age."""


STEP_AMOUNTS = frozenset(
    (
        "amount",
        "average",
        "total",
        "wage",
        "cap",
        "capped",
        "income",
        "gross",
        "deduction",
        "pension",
        "minimum",
    )
)
"""Figures of steps that are whole tiyn."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the arithmetic: its name (the texts are the shell's), figures, and article, a message."""

    name: str
    values: Mapping[str, Any]
    article: str


@dataclass(frozen=True)
class MonthlyBenefit:
    """What is owed a month, and how it came about.

    Attributes
    ----------
    degree_of_loss : int or None [percent]
    average_earnings, capped_earnings : int [tiyn/month]
    gross_benefit : int [tiyn/month]
        Degree (or share) of the capped earnings.
    social_payment : int [tiyn/month]
        Deducted.
    monthly_benefit : int [tiyn/month]
        Before the index; 0 where nothing is payable on the day.
    exact : Fraction [KZT/month]
        The same before rounding.
    pension_contribution, net_payment : int [tiyn/month]
    payment_in_force : int [tiyn/month]
        On ``payment_day``, index or ``current_monthly_payment`` included.
    in_force_exact : Fraction [KZT/month]
    in_force_contribution : int [tiyn/month]
    pension_date : date
    payable_until : date or None
        First day not paid; None for life.
    payment_day : date
    average : AverageEarnings or None
        Where the average was made here.
    social : SocialPayment or None
        Where the payment of the Fund was computed here.
    steps : tuple of Step
    notes : tuple of (str, dict)
        Remarks by name, with their figures; texts in `cli.benefit_text`.
    """

    degree_of_loss: int | None
    average_earnings: int
    capped_earnings: int
    gross_benefit: int
    social_payment: int
    monthly_benefit: int
    exact: Fraction
    pension_contribution: int
    net_payment: int
    payment_in_force: int
    in_force_exact: Fraction
    in_force_contribution: int
    pension_date: date
    payable_until: date | None
    payment_day: date
    average: AverageEarnings | None
    social: SocialPayment | None
    steps: tuple[Step, ...]
    notes: tuple[tuple[str, Mapping[str, Any]], ...]


def monthly_benefit(case: Case, law: LawNotes) -> MonthlyBenefit:
    """What is owed a month to the person of a case.

    Parameters
    ----------
    case : Case
    law : LawNotes
        Gathers the entries used.

    Returns
    -------
    MonthlyBenefit

    Raises
    ------
    CaseError
        E5403 something needed is empty; E5405 the law does not allow a value or two values contradict.
    tariffs.LawError
        A day outside the record: an accident before the first edition is refused here.
    ChoiceError
        A required choice was not made.
    """
    return _Work(case, law).result()


class _Work:
    """One computation of `monthly_benefit`, its steps and notes."""

    def __init__(self, case: Case, law: LawNotes) -> None:
        self.case = case
        self.law = law
        self.steps: list[Step] = []
        self.notes: list[tuple[str, Mapping[str, Any]]] = []

    def step(self, name: str, article: str, **values: Any) -> None:
        self.steps.append(Step(name, values, article))

    def note(self, name: str, **values: Any) -> None:
        self.notes.append((name, values))

    def result(self) -> MonthlyBenefit:
        case = self.case
        if case.beneficiary == "pre_retirement":
            return self._pre_retirement()
        edition = self.law.value("payout_edition", case.edition_day)
        self.step(
            "edition", text("OSNS Law art 19"), day=case.edition_day, basis=case.choices["edition_date"]
        )
        is_worker = case.beneficiary == "worker"
        self._refuse_missing(edition)
        degree = self._degree() if is_worker else None
        average = self._earnings()
        tiyn = average.tiyn if average else tiyn_of(case.average_monthly_earnings)
        if not is_worker and case.deceased_pension:
            tiyn += exact_tiyn(case.deceased_pension)
            self.step(
                "deceased_pension",
                text("Civil Code art 941"),
                pension=exact_tiyn(case.deceased_pension),
                average=tiyn,
            )
        deducts = is_worker and case.product == "compulsory" and edition["social_payment_deducted"]
        social = self._social_payment(degree) if deducts else None
        deduction = self._deduction(social) if deducts else 0
        if is_worker and not deducts and case.social_payment:
            self.note("social_payment_not_deducted", product=case.product)
        records = record_of(case, average_tiyn=tiyn, deduction_tiyn=deduction, degree=degree)
        capped = int(benefit.capped_earnings(records, self.law.payout)[0])
        self._cap_step(records, tiyn, capped)
        gross, exact = self._benefit(records, capped, deduction, degree)
        return self._payable(records, case, degree, tiyn, capped, gross, deduction, exact, average, social)

    def _refuse_missing(self, edition: Mapping[str, Any]) -> None:
        """Name every empty key that this product and edition need."""
        case = self.case
        compulsory, is_worker = case.product == "compulsory", case.beneficiary == "worker"
        computes = case.social_average_income is not None or bool(case.social_income)
        missing: list[Text] = []
        if case.average_monthly_earnings is None and not case.monthly_pay:
            missing.append(text("average_monthly_earnings: give it before tax, in tenge, or monthly_pay"))
        if compulsory and edition["earnings_cap"] and case.contract_date is None:
            missing.append(text("contract_date: its minimum wage caps the earnings"))
        if is_worker and case.degree_of_loss is None and case.general_degree is None:
            missing.append(text("degree_of_loss: give the certified degree in whole percent"))
        if not is_worker and case.share is None:
            missing.append(text("share: give the survivor's fraction of the earnings, or list dependants"))
        if case.beneficiary in ENDS_BY_COLUMN and case.entitlement_end is None:
            pension = tariffs.pension_date(case.sex, case.birth_date)
            if case.beneficiary == "carer" or pension > case.payment_day:
                missing.append(
                    text(
                        "entitlement_end: a {beneficiary} is entitled for life only from the pension "
                        "age (Civil Code art 940); give the first day without the right",
                        beneficiary=case.beneficiary,
                    )
                )
        if is_worker and compulsory and edition["social_payment_deducted"]:
            if case.social_payment is None and not computes:
                missing.append(
                    text(
                        "social_payment: the payment of the State Social Insurance Fund is deducted; give it "
                        "(0 = refused or not due), or social_average_income and social_months"
                    )
                )
            if computes and case.social_months is None:
                missing.append(text("social_months: give the months of participation in the system"))
            if computes and case.entitlement_date is None and case.first_certificate_date is None:
                missing.append(text("entitlement_date: give the day the right to the Fund's payment arose"))
        if missing:
            raise CaseError("E5403", "empty and required: {missing}", missing=joined(missing, "; "))

    def _degree(self) -> int:
        case = self.case
        degree = case.degree_of_loss
        if degree is None:
            assert case.general_degree is not None  # refused before
            degree = case.general_degree
            self.step("general_degree_stands_in", text("Civil Code art 938"), degree=degree)
        if case.product == "compulsory":
            low, high = self.law.value("compulsory_degrees", case.edition_day)
        else:
            low, high = tariffs.parameter("voluntary_degrees").entries[-1].value
            self.law.add([tariffs.parameter("voluntary_degrees").entries[-1]])
            if case.product == "employer":
                # the duty of the Labour Code has its own start; before it the record refuses
                self.law.value("employer_expenses_cap", case.edition_day)
        if not low <= degree <= high:
            raise CaseError(
                "E5405",
                "degree_of_loss is {degree} %: the {product} payer owes for {low}-{high} % by the edition "
                "of {day}. {who_pays}",
                degree=degree,
                product=case.product,
                low=low,
                high=high,
                day=case.edition_day,
                who_pays=(
                    text("Below it the employer pays (product: employer, or voluntary where insured)")
                    if degree < low
                    else text("Above it the compulsory insurer pays (product: compulsory)")
                ),
            )
        self.step("degree", text("OSNS Law art 19(1)"), degree=degree, product=case.product)
        return degree

    def _earnings(self) -> AverageEarnings | None:
        case = self.case
        if not case.monthly_pay:
            average_given = tiyn_of(case.average_monthly_earnings)
            self.step("average_given", text("Civil Code art 938, 941"), average=average_given)
            return None
        if case.accident_date is None:
            raise CaseError("E5403", "accident_date is empty: the months before it make the average")
        option = "drop" if all(m.is_complete for m in case.monthly_pay) else case.choices["incomplete_months"]
        average = average_earnings(
            case.monthly_pay,
            case.accident_date,
            incomplete_months=option,
            stable_rise_month=case.stable_rise_month,
        )
        self.law.add(average.law)
        self.step(
            "average", text("Civil Code art 938"), total=exact_tiyn(average.total), months=average.n_months,
            average=average.tiyn,
        )  # fmt: skip
        return average

    def _social_payment(self, degree: int | None) -> SocialPayment | None:
        case = self.case
        income = case.social_average_income
        if income is None and not case.social_income:
            return None
        since = case.entitlement_date or case.first_certificate_date
        assert since is not None and case.social_months is not None  # refused before
        if case.entitlement_date is None:
            self.note("entitlement_date_assumed", day=since)
        general = case.general_degree
        if general is None:
            general = degree
            self.note("general_degree_assumed", degree=degree)
        if income is None:
            income, entries = average_social_income(case.social_income, since)
            self.law.add(entries)
            self.step("social_income", text("Social Code art 181"), income=exact_tiyn(income), day=since)
        assert general is not None
        payment = social_payment(
            income, general, case.social_months, since, rounding=case.choices["social_payment_rounding"]
        )
        self.law.add(payment.law)
        self.step(
            "social_payment" if not payment.refusal else "social_payment_refused",
            text("Social Code art 181"), income=exact_tiyn(income), subtrahend=payment.subtrahend,
            wage=exact_tiyn(payment.minimum_wage), replacement=payment.replacement,
            k_degree=payment.degree_coefficient, k_service=payment.service_coefficient,
            months=case.social_months, amount=exact_tiyn(payment.amount), day=since, refusal=payment.refusal,
        )  # fmt: skip
        return payment

    def _deduction(self, computed: SocialPayment | None) -> int:
        case = self.case
        amount = computed.amount if computed else case.social_payment
        assert amount is not None
        if computed is None:
            self.step("social_payment_given", text("OSNS Law art 19(1)"), amount=exact_tiyn(amount))
        if amount and case.choices["social_payment_deduction"] == "net":
            rate = self.law.value("pension_contribution_rate", case.payment_day)
            amount = amount * (1 - rate)
            self.step("social_payment_net", text("Social Code art 248"), rate=rate, amount=exact_tiyn(amount))
        return exact_tiyn(amount)

    def _cap_step(self, records: AnnuityRecords, tiyn: int, capped: int) -> None:
        case = self.case
        if bool(benefit.is_capped(records, self.law.payout)[0]) and case.contract_date is not None:
            wage = self.law.value("minimum_wage", case.contract_date)
            multiple = self.law.value("earnings_cap_minimum_wages", case.edition_day)
            self.step(
                "cap_bites" if capped < tiyn else "cap_holds", text("OSNS Law art 19(1)"),
                wage=exact_tiyn(wage), multiple=multiple, cap=exact_tiyn(wage * multiple),
                day=case.contract_date, capped=capped,
            )  # fmt: skip
        else:
            article = (
                text("Labour Code art 122(3)") if case.product == "employer" else text("OSNS Law art 19")
            )
            self.step("no_cap", article, product=case.product, day=case.edition_day)

    def _benefit(
        self, records: AnnuityRecords, capped: int, deduction: int, degree: int | None
    ) -> tuple[int, Fraction]:
        """Gross benefit [tiyn] and what remains after the deduction, exact [KZT]."""
        case = self.case
        if degree is None:
            assert case.share is not None  # refused before
            share = Fraction(case.share)
            exact = share * Fraction(capped, TIYN)
            self.step(
                "share", text("Civil Code art 941"), share=case.share, capped=capped, amount=exact_tiyn(exact)
            )
            return exact_tiyn(exact), exact
        gross = Fraction(degree * capped, PERCENT * TIYN)
        self.step(
            "gross", text("Civil Code art 938(1)"), degree=degree, capped=capped, amount=exact_tiyn(gross)
        )
        exact = Fraction(int(benefit.own_benefit(records, self.law.payout)[0]), TIYN * PERCENT)
        if case.fault_percent:
            if self.law.value("gross_negligence_reduction", case.edition_day):
                left = Fraction(PERCENT - case.fault_percent, PERCENT)
                first = case.choices["negligence_reduces"] == "gross"
                exact = max(gross * left - Fraction(deduction, TIYN), Fraction(0)) if first else exact * left
                self.step(
                    "negligence",
                    text("Civil Code art 935"),
                    percent=case.fault_percent,
                    amount=exact_tiyn(exact),
                )
            else:
                self.note("negligence_without_effect", day=case.edition_day)
        if deduction:
            self.step(
                "deduction" if exact else "deduction_exceeds", text("OSNS Law art 19(1)"),
                gross=exact_tiyn(gross), deduction=deduction, amount=exact_tiyn(exact),
            )  # fmt: skip
        return exact_tiyn(gross), exact

    def _payable(
        self,
        records: AnnuityRecords,
        case: Case,
        degree: int | None,
        average_tiyn: int,
        capped: int,
        gross: int,
        deduction: int,
        exact: Fraction,
        average: AverageEarnings | None,
        social: SocialPayment | None,
    ) -> MonthlyBenefit:
        pension = entitlement.record_pension_dates(records, self.law.payout)
        end = int(entitlement.certified_end(records, pension, self.law.payout)[0])
        pension_date = calendar_date(int(pension[0]))
        until = None if end == NO_DATE else calendar_date(end)
        on = case.payment_day
        if until is not None and on >= until:
            self.note("ended", until=until, day=on)
            exact = Fraction(0)
        if until is None:
            self.step("for_life", text("Civil Code art 940, 944"))
        else:
            reason = (
                "pension" if pension_date == until else "certificate" if degree is not None else "entitlement"
            )
            self.step("until", text("OSNS Law art 19(1); Civil Code art 940, 944"), day=until, reason=reason)
        self._form_step(degree)
        amount = exact_tiyn(exact)
        in_force = self._in_force(exact, on)
        is_paid = amount > 0 or in_force > 0
        withheld = self._is_withheld(on, pension_date) if degree is not None and is_paid else False
        contribution = self.contribution(amount, on) if withheld else 0
        if withheld:
            rate = self.law.value("pension_contribution_rate", on)
            self.step(
                "contribution",
                text("OSNS Law art 19(1); Social Code art 248"),
                rate=rate,
                amount=contribution,
            )
        return MonthlyBenefit(
            degree, average_tiyn, capped, gross, deduction, amount, exact, contribution,
            amount - contribution, exact_tiyn(in_force), in_force,
            self.contribution(exact_tiyn(in_force), on) if withheld else 0,
            pension_date, until, on, average, social, tuple(self.steps), tuple(self.notes),
        )  # fmt: skip

    def _form_step(self, degree: int | None) -> None:
        """Whether the first certificate's term makes it an annuity or monthly payouts (19(1))."""
        case = self.case
        rule = tariffs.parameter("annuity_minimum_term_months").entries[0]
        start, end = case.first_certificate_date, case.certificate_end
        if degree is None or case.product != "compulsory" or start is None or case.edition_day < rule.start:
            return
        least = self.law.value("annuity_minimum_term_months", case.edition_day)
        is_annuity = end is None or months_later(start, least) <= end
        self.step("form_annuity" if is_annuity else "form_monthly", text("OSNS Law art 19(1)"), months=least)

    def _in_force(self, exact: Fraction, on: date) -> Fraction:
        """Payment in force on the day: as given, or the benefit with its index since the award [KZT]."""
        case = self.case
        given = case.current_monthly_payment
        if given is not None and given > 0 and exact == 0 and not any(n == "ended" for n, _ in self.notes):
            raise CaseError(
                "E5405",
                "current_monthly_payment is {given}, but the benefit computed is 0: correct "
                "the earnings, the degree or social_payment, or leave it empty",
                given=given,
            )
        amount = in_force_on(case, exact, on, self.law)
        if given is None and amount != exact and case.indexation is not None:
            self.step(
                "index", text("Civil Code art 943"), choice=case.indexation.choice, index=amount / exact,
                since=case.annuity_start_date, day=on, amount=exact_tiyn(amount),
            )  # fmt: skip
        return amount

    def _is_withheld(self, on: date, pension_date: date) -> bool:
        """Whether the pension contribution is withheld from this payout."""
        case = self.case
        rule = tariffs.parameter("pension_contribution_rate").entries[0]
        if case.edition_day < rule.start:
            self.note("contribution_before_edition", day=rule.start)
            return False
        exempt = case.pension_contribution_exempt
        if exempt is None:
            exempt = case.disability_group in EXEMPT_GROUPS and case.certificate_end is None
        if exempt or on >= pension_date:
            self.step("contribution_exempt", text("Social Code art 248-249"))
            return False
        return case.product == "compulsory" or case.choices["pension_contribution"] == "withheld"

    def contribution(self, tiyn: int, on: date) -> int:
        """Pension contribution of a payment [tiyn], half-up."""
        return pension_contribution(tiyn, on, self.law, self.case.growth)

    def _pre_retirement(self) -> MonthlyBenefit:
        case = self.case
        on = case.payment_day
        multiple = self.law.value("pre_retirement_annuity", on)
        minimum = self.law.value("subsistence_minimum", on)
        exact = Fraction(multiple * minimum)
        records = record_of(case)
        pension_date = calendar_date(int(entitlement.record_pension_dates(records, self.law.payout)[0]))
        if on >= pension_date:
            self.note("ended", until=pension_date, day=on)
            exact = Fraction(0)
        amount = exact_tiyn(exact)
        self.step(
            "pre_retirement",
            text("OSNS Law art 23-1"),
            multiple=multiple,
            minimum=exact_tiyn(minimum),
            amount=amount,
        )
        self.step("until", text("OSNS Law art 23-1"), day=pension_date, reason="pension")
        return MonthlyBenefit(
            None, 0, 0, amount, 0, amount, exact, 0, amount, amount, exact, 0, pension_date, pension_date, on,
            None, None, tuple(self.steps), tuple(self.notes),
        )  # fmt: skip


def in_force_on(case: Case, exact: Fraction, on: date, law: LawNotes) -> Fraction:
    """Payment in force on a day [KZT/month]: ``current_monthly_payment``, or the benefit with its index.

    Parameters
    ----------
    case : Case
        Its ``indexation`` counts from ``annuity_start_date``.
    exact : Fraction [KZT/month]
        The benefit before the index; 0 stays 0.
    on : date
    law : LawNotes
    """
    if not exact:
        return exact
    if case.current_monthly_payment is not None:
        return Fraction(case.current_monthly_payment)
    start = case.annuity_start_date
    if case.indexation is None or start is None or on < start:
        return exact
    return exact * index_path(case.indexation, case.growth, law.payout, start, start)(on)


def pension_contribution(tiyn: int, on: date, law: LawNotes, growth: Growth | None = None) -> int:
    """Pension contribution withheld from a payment of lost earnings [tiyn], half-up to the tiyn.

    Social Code art 248: the rate of the day on at most so many minimum wages of it. A minimum wage after the
    record is projected with ``growth`` where it is given. Where the bound is not on record on the day, a
    payment that the bounds on record would not cut is taken whole.

    Raises
    ------
    tariffs.NotOnRecord
        The bound is not on record and might cut the payment.
    """
    rate: Decimal = law.value("pension_contribution_rate", on)
    record = tariffs.parameter("pension_contribution_base_cap")
    wages = tariffs.parameter("minimum_wage")
    base = Decimal(tiyn)
    try:
        if growth is None:
            wage = wages.on(on).value
        else:
            wage = law.payout.projected_series("minimum_wage", growth.minimum_wage).on(on)
        bound = record.on(on).value * wage * TIYN
        if base > bound:
            law.add([record.on(on)])
            law.add([wages.on(on)] if growth is None else [])
            base = bound
    except tariffs.NotOnRecord:
        nearest = [entry.value for entry in wages.entries if entry.start <= on]
        if not nearest or base > record.entries[0].value * nearest[-1] * TIYN:
            raise
    return exact_tiyn(base * rate / TIYN)


def valued_record(case: Case, result: MonthlyBenefit, on: date, law: LawNotes) -> AnnuityRecords:
    """The case as the record a valuation on a day takes, with every amount its steps have settled."""
    if case.beneficiary == "pre_retirement":
        return record_of(case)
    in_force = in_force_on(case, result.exact, on, law)
    given = case.current_monthly_payment is not None
    return record_of(
        case,
        average_tiyn=result.average_earnings,
        deduction_tiyn=result.social_payment,
        degree=result.degree_of_loss,
        current_tiyn=exact_tiyn(in_force) if given or in_force != _plain(result) else NO_AMOUNT,
    )


def _plain(result: MonthlyBenefit) -> Fraction:
    """The benefit that a record without a current payment would have [KZT]."""
    if result.degree_of_loss is None:
        return result.exact
    plain = Fraction(result.degree_of_loss * result.capped_earnings, PERCENT) - result.social_payment
    return max(plain / TIYN, Fraction(0))
