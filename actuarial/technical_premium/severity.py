"""What one claim of a kind costs, by class: from the claims themselves, or from the annuity model.

The annuity model values standard victims through `actuarial.reserve`: the expected measure of their annuity,
additional expenses and the insurer's expenses, with the pay of the class as earnings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.claim_record import KIND_NAMES, KINDS, ClaimRecords
from actuarial.credibility import CredibilityError, buhlmann_straub
from actuarial.entitlement import WORKER, pension_dates
from actuarial.language import number, text
from actuarial.payout_law import PayoutLaw, day
from actuarial.premium.book import CLASSES
from actuarial.premium.record import anniversaries
from actuarial.record import (
    BENEFICIARIES,
    NO_AMOUNT,
    NO_ANSWER,
    NO_DATE,
    NO_DEGREE,
    SEXES,
    AnnuityRecords,
)
from actuarial.reserve import annuity_reserve
from actuarial.technical_premium.assumption import (
    Case,
    LargeLoss,
    Severity,
    Survivor,
    TechnicalPremiumError,
)
from actuarial.technical_premium.experience import MONTHS, TIYN, ExperienceYears

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class LargeLossLoad:
    """What lies above the cap, as a share of what lies below.

    Attributes
    ----------
    load : float
    n_large : int
        Claims above the threshold.
    shape : float or None
        α of the Pareto tail, where one was fitted.
    method : str
        pareto, given, empirical (too few large claims to fit), none.
    standard_error : float
        Of the load, the mean capped cost taken as known; 0 where the load is given.
    """

    load: float
    n_large: int
    shape: float | None
    method: str
    standard_error: float = 0.0


@dataclass(frozen=True)
class KindSeverity:
    """Cost of a claim of one kind by class, at the level of the rated day.

    Attributes
    ----------
    kind : int
    source : str
        claims, annuity_model, none (no claim to take it from).
    mean : float64 (CLASSES,) [KZT]
        The large-loss load included.
    covariance : float64 (CLASSES, CLASSES) [KZT²]
        Of the errors of the means.
    variation : float
        Coefficient of variation of one claim's cost.
    n_claims : int
    large : LargeLossLoad
    credibility : float64 (CLASSES,)
        Of the class's own mean; 0 where the kind is pooled.
    notes : tuple of str
    """

    kind: int
    source: str
    mean: Float64
    covariance: Float64
    variation: float
    n_claims: int
    large: LargeLossLoad
    credibility: Float64
    notes: tuple[str, ...]


NO_LARGE = LargeLossLoad(0.0, 0, None, "none")


def large_loss_load(costs: Float64, asked: LargeLoss | None) -> tuple[LargeLossLoad, str]:
    """Return the load on capped costs for what lies above the threshold, and a note.

    Pareto: ``α = k / Σ log(x/L)`` by maximum likelihood over the k costs above L, expected excess of a claim
    ``(k/n)·L/(α - 1)``; the load is that over the mean capped cost. Its relative variance by the delta method
    is ``[α²/(α - 1)² + 1 - k/n]/k``; that of the own excess is the sample's.

    Parameters
    ----------
    costs : float64 (n,) [KZT]
    asked : LargeLoss or None

    Raises
    ------
    TechnicalPremiumError
        E4716 a fitted tail whose mean is infinite (α ≤ 1).
    """
    if asked is None or not costs.size:
        return NO_LARGE, ""
    limit = asked.threshold
    above = costs[costs > limit]
    if asked.choice == "given":
        return LargeLossLoad(float(asked.load or 0.0), int(above.size), None, "given"), ""
    capped = float(np.minimum(costs, limit).mean())
    if not capped > 0:
        return NO_LARGE, ""
    if above.size < asked.fewest_claims:
        excesses = np.maximum(costs - limit, 0.0)
        load = float(excesses.mean()) / capped
        # one cost tells no spread: its excess may as well not have been
        error = float(excesses.std(ddof=1)) / np.sqrt(costs.size) / capped if costs.size > 1 else load
        note = text(
            "claims above {limit} ₸: {size}, a tail needs {fewest_claims}: their own excess is taken",
            limit=number(limit),
            size=above.size,
            fewest_claims=asked.fewest_claims,
        )
        return LargeLossLoad(load, int(above.size), None, "empirical", float(error)), note
    shape = above.size / float(np.log(above / limit).sum())
    if shape <= 1.0:
        raise TechnicalPremiumError(
            "E4716",
            "the Pareto tail of costs above {limit} ₸ has shape {shape:.3g}, its mean is infinite: give "
            "the load (choice: given), or take a higher threshold",
            limit=number(limit),
            shape=shape,
        )
    share = above.size / costs.size
    load = share * limit / (shape - 1.0) / capped
    variance = (shape**2 / (shape - 1.0) ** 2 + 1.0 - share) / above.size
    return LargeLossLoad(load, int(above.size), shape, "pareto", load * float(np.sqrt(variance))), ""


def claims_severity(
    kind: int,
    years: ExperienceYears,
    claims: ClaimRecords,
    factors: Float64,
    asked: Severity,
    large: LargeLoss | None,
) -> KindSeverity:
    """Cost of a claim from the claims' own amounts.

    Each claim's paid and case estimate is developed and brought to the rated day, capped, averaged by class
    and year with numbers as weights, and blended between classes by Bühlmann-Straub.

    Parameters
    ----------
    kind : int
    years : ExperienceYears
    claims : ClaimRecords
    factors : float64 (n,)
        Development × trend of a claim by experience year.
    asked : Severity
    large : LargeLoss or None

    Raises
    ------
    TechnicalPremiumError
        E4716 as in `large_loss_load`, E4718 a class in which a claim costs less than 0.
    """
    name = KIND_NAMES[kind]
    mine = years.kind == kind
    of_class, of_year = years.risk_class[mine] - 1, years.year[mine]
    costs = claims.incurred()[years.claim[mine]] / TIYN * factors[of_year] + asked.other_cost
    if not costs.size:
        note = text("{name}: no claim to take a cost from", name=name)
        none = np.zeros(CLASSES)
        return KindSeverity(kind, "none", none, np.zeros((CLASSES, CLASSES)), 0.0, 0, NO_LARGE, none, (note,))
    load, tail = large_loss_load(costs, large)
    notes: list[str] = [text("{name}: {note}", name=name, note=tail)] if tail else []
    capped = np.minimum(costs, np.inf if large is None else large.threshold)
    sums, numbers = np.zeros((CLASSES, years.n_years)), np.zeros((CLASSES, years.n_years))
    np.add.at(sums, (of_class, of_year), capped)
    np.add.at(numbers, (of_class, of_year), 1.0)
    means = np.divide(sums, numbers, out=np.zeros_like(sums), where=numbers > 0)
    try:
        found = buhlmann_straub(means, numbers)
        mean, covariance, z = found.estimate, found.covariance(), found.credibility
        if found.are_alike:
            notes.append(
                text(
                    "{name}: the classes' costs do not differ by more than chance: one cost for all",
                    name=name,
                )
            )
    except CredibilityError as error:
        notes.append(text("{name}: one cost for all classes: {error}", name=name, error=error))
        mean, z = np.full(CLASSES, capped.mean()), np.zeros(CLASSES)
        spread = float(capped.var(ddof=1)) / capped.size if capped.size > 1 else float(capped[0] ** 2)
        covariance = np.full((CLASSES, CLASSES), spread)
    below = np.flatnonzero(mean < 0) + 1
    if below.size:
        raise TechnicalPremiumError(
            "E4718",
            "{name}: a claim costs less than 0 in the classes {below}: check the signs of paid and "
            "case_estimate_change, or value the kind by the annuity model",
            name=name,
            below=", ".join(map(str, below)),
        )
    variation = asked.variation
    if variation is None:
        variation = float(costs.std(ddof=1) / costs.mean()) if costs.size > 1 and costs.mean() > 0 else 1.0
        if costs.size < 2:
            notes.append(
                text("{name}: one claim tells no variation of cost: 1 is taken; give variation", name=name)
            )
    scale = 1.0 + load.load
    covariance = covariance * scale**2 + np.outer(mean, mean) * load.standard_error**2
    return KindSeverity(
        kind, "claims", mean * scale, covariance, variation, costs.size, load, z, tuple(notes)
    )


def annuity_severity(
    kind: int,
    asked: Severity,
    monthly_pay: Float64,
    basis: Basis,
    valuation_date: date,
    *,
    trend_factor: float,
    n_claims: int,
    law: PayoutLaw,
) -> KindSeverity:
    """Cost of a claim from the annuity model on standard victims.

    Parameters
    ----------
    kind : int
    asked : Severity
        With its cases.
    monthly_pay : float64 (CLASSES,) [KZT]
        Earnings of the victims of each class; the law's cap is applied to them.
    basis : Basis
    valuation_date : date
        The accident, the certificate and the first payment are put on this day.
    trend_factor : float
        From the valuation date to the rated day.
    n_claims : int
    law : PayoutLaw

    Raises
    ------
    TechnicalPremiumError
        E4714 a case that the law does not know: a degree outside the compulsory product, a spouse or parent
        without a term who is not of pension age.
    """
    # a day without a minimum wage stops here, with the name of the parameter
    law.series("minimum_wage").on(valuation_date)
    records, weight, owner = _victims(asked.cases, monthly_pay, valuation_date, law, KINDS[kind])
    value = annuity_reserve(records, basis, valuation_date, law=law).amounts["total_expected"] / TIYN
    mean = np.zeros(CLASSES)
    np.add.at(mean, owner, value * weight)
    if KINDS[kind] == "death":
        mean += _funeral(valuation_date, law)
    mean = (mean + asked.other_cost) * trend_factor
    error = mean * asked.standard_error
    assert asked.variation is not None
    return KindSeverity(
        kind,
        "annuity_model",
        mean,
        np.outer(error, error),
        asked.variation,
        n_claims,
        NO_LARGE,
        np.zeros(CLASSES),
        (),
    )


def _funeral(valuation_date: date, law: PayoutLaw) -> float:
    """Funeral payment [KZT]: its multiple of МРП on the valuation date."""
    return float(law.series("funeral_payment").on(valuation_date)) * float(
        law.series("mci").on(valuation_date)
    )


def _victims(
    cases: list[Case], monthly_pay: Float64, valuation_date: date, law: PayoutLaw, kind: str
) -> tuple[AnnuityRecords, Float64, Int64]:
    """Records of every beneficiary of every case in every class, weights of the cases, and the class."""
    victims: list[tuple[Case, Survivor | None]] = []
    for case in cases:
        victims += [(case, survivor) for survivor in case.survivors] or [(case, None)]
    people = [(number, case, victim) for number in range(CLASSES) for case, victim in victims]
    n = len(people)

    def column(of_survivor: Callable[[Survivor], float], of_worker: Callable[[Case], float]) -> Float64:
        return np.array(
            [of_worker(case) if victim is None else of_survivor(victim) for _, case, victim in people],
            dtype=np.float64,
        )

    owner = np.array([number for number, _, _ in people], dtype=np.int64)
    weight = np.array([case.weight for _, case, _ in people])
    social = column(lambda s: 0.0, lambda c: c.social_payment_share)
    months = MONTHS * column(lambda s: s.age, lambda c: c.age or 0)
    percent = column(lambda s: NO_DEGREE, lambda c: c.degree_of_loss or 0)
    certified = column(lambda s: 0, lambda c: c.certificate_months or 0)
    term = MONTHS * column(lambda s: s.entitlement_years or 0, lambda c: 0)
    share = column(lambda s: s.share, lambda c: np.nan)
    beneficiary = column(lambda s: BENEFICIARIES.index(s.beneficiary), lambda c: WORKER)
    sex = column(lambda s: SEXES.index(s.sex), lambda c: SEXES.index(c.sex or SEXES[0]))
    today = np.full(n, day(valuation_date), dtype=np.int32)

    def later(months_on: Float64) -> NDArray[np.int32]:
        result = np.full(n, NO_DATE, dtype=np.int32)
        for value in np.unique(months_on):
            here = months_on == value
            result[here] = anniversaries(today[here], int(value))
        return result

    worker = percent >= 0
    certificate = np.where(worker & (certified > 0), later(certified), NO_DATE)
    end = np.where(term > 0, later(term), NO_DATE)
    pay = np.round(monthly_pay[owner] * TIYN).astype(np.int64)
    degree = percent.astype(np.int16)
    no_amount = np.full(n, NO_AMOUNT, dtype=np.int64)
    no_answer = np.full(n, NO_ANSWER, dtype=np.int8)
    records = AnnuityRecords(
        claim_id=None,
        product=np.zeros(n, dtype=np.int8),
        beneficiary=beneficiary.astype(np.int8),
        sex=sex.astype(np.int8),
        birth_date=later(-months),
        contract_date=today,
        accident_date=today,
        first_certificate_date=np.where(worker, today, NO_DATE).astype(np.int32),
        certificate_end=certificate.astype(np.int32),
        degree_of_loss=degree,
        first_degree_of_loss=degree,
        average_monthly_earnings=pay,
        social_payment=np.round(social * np.maximum(percent, 0) / 100.0 * pay).astype(np.int64),
        current_monthly_payment=no_amount,
        share=share,
        entitlement_end=end.astype(np.int32),
        annuity_start_date=today,
        next_payment_date=today,
        remaining_insured_sum=no_amount,
        pension_contribution_exempt=no_answer,
        pension_date=np.full(n, NO_DATE, dtype=np.int32),
        expenses_paid=np.zeros(n, dtype=np.int64),
        pension_stop=no_answer,
    )
    _refuse_unlawful(records, worker, valuation_date, law, kind)
    return records, weight, owner


def _refuse_unlawful(
    records: AnnuityRecords, worker: NDArray[np.bool_], valuation_date: date, law: PayoutLaw, kind: str
) -> None:
    low, high = (int(value) for value in law.series("compulsory_degrees").on(valuation_date))
    outside = worker & ((records.degree_of_loss < low) | (records.degree_of_loss > high))
    if outside.any():
        raise TechnicalPremiumError(
            "E4714",
            "severity.{kind}: a degree of {first} percent; the compulsory product pays for {low}-{high}",
            kind=kind,
            first=int(records.degree_of_loss[outside][0]),
            low=low,
            high=high,
        )
    named = [BENEFICIARIES.index(name) for name in ("spouse", "parent", "carer")]
    open_ended = np.isin(records.beneficiary, named) & (records.entitlement_end == NO_DATE)
    is_old = pension_dates(records.sex, records.birth_date, law) <= day(valuation_date)
    carer = records.beneficiary == BENEFICIARIES.index("carer")
    wrong = open_ended & (carer | ~is_old)
    if wrong.any():
        who = BENEFICIARIES[int(records.beneficiary[wrong][0])]
        raise TechnicalPremiumError(
            "E4714",
            "severity.{kind}: a {who} without entitlement_years who is not of pension age: give the years",
            kind=kind,
            who=who,
        )
