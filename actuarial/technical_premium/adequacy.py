"""Adequacy of the tariffs: the rates of the law beside the technical ones, with uncertainty.

One function goes from a checked book with claims to everything the report shows: `tariff_study`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.claim_record import KINDS, BookExperience
from actuarial.language import text
from actuarial.payout_law import PayoutLaw, day
from actuarial.premium.book import CLASSES
from actuarial.premium.record import anniversaries
from actuarial.technical_premium.assumption import StudyAssumptions, TechnicalPremiumError
from actuarial.technical_premium.development import (
    FittedTrend,
    KindDevelopment,
    developments,
    trend,
)
from actuarial.technical_premium.experience import (
    DAYS_IN_YEAR,
    MONTHS,
    TIYN,
    ExperienceYears,
    experience_years,
)
from actuarial.technical_premium.frequency import KindFrequency, kind_frequency
from actuarial.technical_premium.loading import TechnicalRates, technical_rates
from actuarial.technical_premium.loss_ratio import LossRatio, loss_ratio
from actuarial.technical_premium.policyholder import Policyholders, policyholders
from actuarial.technical_premium.rated_book import Comparison, RatedBook, compared, rated_book
from actuarial.technical_premium.rating_factor import book_regression, part_relativities
from actuarial.technical_premium.regression import RegressionFit
from actuarial.technical_premium.severity import KindSeverity, annuity_severity, claims_severity

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class TariffStudy:
    """Everything a tariff study found.

    Attributes
    ----------
    assumptions : StudyAssumptions
    valuation_date : date
    rated_day : int
        Day number of the average event that the rates are meant for.
    years : ExperienceYears
    developments : tuple of KindDevelopment
        By kind, as frequencies and severities.
    trends : dict of str to FittedTrend
        frequency, severity, payroll.
    frequencies : tuple of KindFrequency
    severities : tuple of KindSeverity
    regression : RegressionFit or str
        The reason where there is none.
    part_class : int64 (m,)
    payroll_per_exposure : float64 (CLASSES,) [KZT]
        At the rated day.
    rates : TechnicalRates
    by_class : Comparison
        Rates of the law on the valuation date against technical rates.
    rated : RatedBook
    of_rated_class, of_book : Comparison
        Premiums of the rated contracts, by class and in all.
    loss_ratio_by_class, loss_ratio : LossRatio
    policyholders : Policyholders
    notes : tuple of str
        What a reader must know beside the figures.
    """

    assumptions: StudyAssumptions
    valuation_date: date
    rated_day: int
    years: ExperienceYears
    developments: tuple[KindDevelopment, ...]
    trends: dict[str, FittedTrend]
    frequencies: tuple[KindFrequency, ...]
    severities: tuple[KindSeverity, ...]
    regression: RegressionFit | str
    part_class: Int64
    payroll_per_exposure: Float64
    rates: TechnicalRates
    by_class: Comparison
    rated: RatedBook
    of_rated_class: Comparison
    of_book: Comparison
    loss_ratio_by_class: LossRatio
    loss_ratio: LossRatio
    policyholders: Policyholders
    notes: tuple[str, ...]


def tariff_study(
    experience: BookExperience,
    assumptions: StudyAssumptions,
    basis: Basis,
    valuation_date: date,
    *,
    law: PayoutLaw | None = None,
    threads: int | None = None,
) -> TariffStudy:
    """Return technical rates of the classes and the adequacy of the law's.

    Parameters
    ----------
    experience : BookExperience
    assumptions : StudyAssumptions
    basis : Basis
        Of the annuity model.
    valuation_date : date
        Everything before it is experience.
    law : PayoutLaw, optional
        Notes the entries of the law of payouts that are used.
    threads : int, optional

    Raises
    ------
    TechnicalPremiumError
        E4711 - E4716; the messages say what is missing.
    """
    law = law or PayoutLaw()
    records = experience.records
    years = experience_years(experience, assumptions, valuation_date)
    today = np.array([day(valuation_date)], dtype=np.int32)
    rated_day = int(anniversaries(today, assumptions.months_to_rated_event)[0])
    developed = developments(years, experience.claims, assumptions.development)
    trends = _trends(years, developed, experience, assumptions)
    to_rated = years.years_until(rated_day)
    growth = {name: (1.0 + found.rate) ** to_rated for name, found in trends.items()}
    on_level = growth["payroll"] if assumptions.exposure == "payroll" else np.ones(years.n_years)
    by_class = years.by_class(years.exposure, records.part_class)
    frequencies = tuple(
        kind_frequency(
            kind,
            years.counts(kind),
            by_class * (on_level / growth["frequency"] / developed[kind].count_factor),
            level=assumptions.level,
            sections=assumptions.sections if assumptions.credibility == "hierarchical" else None,
            market=next((m for k, m in assumptions.market_frequency.items() if k == KINDS[kind]), None),
        )
        for kind in range(len(KINDS))
    )
    severities = _severities(experience, years, developed, growth, trends, assumptions, basis, law, rated_day)
    payroll = years.by_class(years.payroll, records.part_class) * growth["payroll"]
    per_exposure = _ratio_of_classes(payroll.sum(axis=1), (by_class * on_level).sum(axis=1))
    rates = technical_rates(
        frequencies, severities, per_exposure, assumptions.loading, assumptions.concentration_load
    )
    regression = book_regression(experience, years, developed, assumptions)
    statutory = experience.law.rates(np.full(CLASSES, today[0], dtype=np.int32), np.arange(1, CLASSES + 1))
    rated = rated_book(experience, years, threads)
    comparison, of_rated_class, of_book = _comparisons(
        statutory / experience.law.rate_unit, rates, rated, assumptions.level
    )
    ratios = _loss_ratios(frequencies, severities, per_exposure, rates, rated, growth, assumptions)
    return TariffStudy(
        assumptions=assumptions,
        valuation_date=valuation_date,
        rated_day=rated_day,
        years=years,
        developments=developed,
        trends=trends,
        frequencies=frequencies,
        severities=severities,
        regression=regression,
        part_class=records.part_class,
        payroll_per_exposure=per_exposure,
        rates=rates,
        by_class=comparison,
        rated=rated,
        of_rated_class=of_rated_class,
        of_book=of_book,
        loss_ratio_by_class=ratios[0],
        loss_ratio=ratios[1],
        policyholders=policyholders(
            experience,
            years,
            frequencies,
            [on_level / growth["frequency"] / found.count_factor for found in developed],
            part_relativities(experience, years, regression, assumptions),
            rates,
            rated,
            assumptions.level,
        ),
        notes=_notes(years, developed, trends, frequencies, severities, rated),
    )


def _trends(
    years: ExperienceYears,
    developed: tuple[KindDevelopment, ...],
    experience: BookExperience,
    assumptions: StudyAssumptions,
) -> dict[str, FittedTrend]:
    """Growth of frequency, cost of a claim and payroll a worker."""
    counts = np.array([years.counts(kind).sum(axis=0) for kind in range(len(KINDS))])
    ultimate = (counts * [d.count_factor for d in developed]).sum(axis=0)
    amounts = _costs_by_year(years, experience, developed, assumptions)
    workers = (years.part_years * np.nan_to_num(years.workers)[:, None]).sum(axis=0)
    known = ~np.isnan(years.workers)
    payroll = years.payroll[known].sum(axis=0)

    def ratio(top: Float64, bottom: Float64) -> Float64:
        return np.divide(top, bottom, out=np.zeros_like(bottom), where=bottom > 0)

    asked = assumptions.trend
    pay = trend(ratio(payroll, workers), workers, asked.payroll, "payroll")
    exposure = years.exposure.sum(axis=0)
    if assumptions.exposure == "payroll":
        # claims a tenge would fall as wages rise: payroll is brought to one level first
        exposure = exposure * (1.0 + pay.rate) ** years.years_until(int(years.bounds[-1]))
    return {
        "frequency": trend(ratio(ultimate, exposure), counts.sum(axis=0), asked.frequency, "frequency"),
        "severity": trend(ratio(*amounts), amounts[1], asked.severity, "severity"),
        "payroll": pay,
    }


def _costs_by_year(
    years: ExperienceYears,
    experience: BookExperience,
    developed: tuple[KindDevelopment, ...],
    assumptions: StudyAssumptions,
) -> tuple[Float64, Float64]:
    """Developed cost [KZT] and number of the claims of kinds whose cost is taken from claims, by year."""
    cost, number = np.zeros(years.n_years), np.zeros(years.n_years)
    incurred = experience.claims.incurred()[years.claim] / TIYN
    for kind, name in enumerate(KINDS):
        if next(s for k, s in assumptions.severity.items() if k == name).source != "claims":
            continue
        mine = years.kind == kind
        factor = developed[kind].amount_factor / developed[kind].count_factor
        np.add.at(cost, years.year[mine], incurred[mine] * factor[years.year[mine]])
        np.add.at(number, years.year[mine], 1.0)
    return cost, number


def _severities(
    experience: BookExperience,
    years: ExperienceYears,
    developed: tuple[KindDevelopment, ...],
    growth: Mapping[str, Float64],
    trends: Mapping[str, FittedTrend],
    assumptions: StudyAssumptions,
    basis: Basis,
    law: PayoutLaw,
    rated_day: int,
) -> tuple[KindSeverity, ...]:
    found = []
    for kind, name in enumerate(KINDS):
        asked = next(s for k, s in assumptions.severity.items() if k == name)
        if asked.source == "claims":
            factors = developed[kind].amount_factor / developed[kind].count_factor * growth["severity"]
            found.append(
                claims_severity(kind, years, experience.claims, factors, asked, assumptions.large_loss)
            )
            continue
        valuation_day = int(years.bounds[-1])
        pay = _monthly_pay(
            experience, years, (1.0 + trends["payroll"].rate) ** years.years_until(valuation_day)
        )
        ahead = (1.0 + trends["severity"].rate) ** ((rated_day - valuation_day) / DAYS_IN_YEAR)
        found.append(
            annuity_severity(
                kind,
                asked,
                pay,
                basis,
                date.fromordinal(date(1970, 1, 1).toordinal() + valuation_day),
                trend_factor=ahead,
                n_claims=int((years.kind == kind).sum()),
                law=law,
            )
        )
    return tuple(found)


def _monthly_pay(experience: BookExperience, years: ExperienceYears, growth: Float64) -> Float64:
    """Pay of a worker a month by class, at the level of the valuation date [KZT]."""
    known = ~np.isnan(years.workers)
    if not known.any():
        raise TechnicalPremiumError(
            "E4714", "the annuity model needs the pay of a worker: fill n_workers of the parts or contracts"
        )
    part_class = experience.records.part_class
    payroll = np.where(known[:, None], years.payroll, 0.0)
    workers = years.part_years * np.nan_to_num(years.workers)[:, None]
    top = (years.by_class(payroll, part_class) * growth).sum(axis=1)
    return _ratio_of_classes(top, years.by_class(workers, part_class).sum(axis=1)) / MONTHS


def _ratio_of_classes(top: Float64, bottom: Float64) -> Float64:
    """Ratio by class, that of the book for classes without exposure."""
    whole = float(top.sum() / bottom.sum())
    ratio: Float64 = np.divide(top, bottom, out=np.full(CLASSES, whole), where=bottom > 0)
    return ratio


def _comparisons(
    statutory: Float64, rates: TechnicalRates, rated: RatedBook, level: float
) -> tuple[Comparison, Comparison, Comparison]:
    """Rates by class; premiums of the rated contracts by class; the whole rated book."""
    error = np.sqrt(np.diag(rates.covariance))
    whole = np.array([float(rated.covered_payroll @ rates.technical)])
    whole_error = np.sqrt(np.array([float(rated.covered_payroll @ rates.covariance @ rated.covered_payroll)]))
    return (
        compared(statutory, rates.technical, error, level),
        compared(
            rated.law_premium, rated.covered_payroll * rates.technical, rated.covered_payroll * error, level
        ),
        compared(np.array([rated.law_premium.sum()]), whole, whole_error, level),
    )


def _loss_ratios(
    frequencies: tuple[KindFrequency, ...],
    severities: tuple[KindSeverity, ...],
    per_exposure: Float64,
    rates: TechnicalRates,
    rated: RatedBook,
    growth: Mapping[str, Float64],
    assumptions: StudyAssumptions,
) -> tuple[LossRatio, LossRatio]:
    """Claims over the premium of the law, by class and for the rated book, everything at the rated day."""
    ahead = growth["payroll"][-1]
    payroll, premium = rated.covered_payroll * ahead, rated.law_premium * ahead
    load = (1.0 + assumptions.concentration_load) ** 2
    chance = sum(
        (
            f.estimate * payroll / per_exposure * s.mean**2 * (1.0 + s.variation**2) * load
            for f, s in zip(frequencies, severities, strict=True)
        ),
        start=np.zeros(CLASSES),
    )
    loading = assumptions.loading
    loaded = (1.0 + loading.claims_handling) / loading.permissible
    estimates = rates.covariance / loaded**2
    claims = rates.risk * payroll
    by_class = loss_ratio(claims, chance + np.diag(estimates) * payroll**2, premium, loaded)
    whole = loss_ratio(
        np.array([claims.sum()]),
        np.array([chance.sum() + payroll @ estimates @ payroll]),
        np.array([premium.sum()]),
        loaded,
    )
    return by_class, whole


def _notes(
    years: ExperienceYears,
    developed: tuple[KindDevelopment, ...],
    trends: Mapping[str, FittedTrend],
    frequencies: tuple[KindFrequency, ...],
    severities: tuple[KindSeverity, ...],
    rated: RatedBook,
) -> tuple[str, ...]:
    """What a reader must know beside the figures."""
    notes = [note for d in developed for note in d.notes]
    notes += [t.note for t in trends.values() if t.note]
    for f, s in zip(frequencies, severities, strict=True):
        notes += [*f.notes, *s.notes]
        if f.claims.sum() and s.source == "none":
            notes.append(text("{kind}: claims without a cost", kind=KINDS[s.kind]))
    if years.n_before:
        notes.append(
            text(
                "{n_before} claims have their event before the first year: they are not counted",
                n_before=years.n_before,
            )
        )
    if not rated.contracts.size:
        notes.append(
            text(
                "no contract starts in the last year: the figures of the book and of policyholders are empty"
            )
        )
    unseen = np.flatnonzero(frequencies[0].exposure.sum(axis=1) == 0) + 1
    if unseen.size:
        notes.append(
            text(
                "classes without exposure: {unseen}; their rates are the complement of credibility",
                unseen=", ".join(map(str, unseen)),
            )
        )
    return tuple(notes)
