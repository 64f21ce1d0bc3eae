"""How the classes themselves are set: the two editions of order № 86, as far as their outline goes.

Of the order's text only an outline was read (docs/adequacy.md): which methods it names, in which order. What
each method does with the next one is our reading, and every result carries `NOT_READ`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actuarial.claim_record import BookExperience
from actuarial.credibility import CredibilityError, buhlmann_straub, limited_fluctuation
from actuarial.language import Text, text
from actuarial.premium.book import CLASSES
from actuarial.technical_premium.adequacy import TariffStudy
from actuarial.technical_premium.assumption import ClassSetting
from actuarial.technical_premium.frequency import poisson_limits

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

POISSON_LEVEL = 0.95
"""Of the intervals of frequencies: the outline says 95 %."""
INDICATORS = 8
NOT_READ: Mapping[str, tuple[Text, ...]] = {
    "order_86_2022_03": (
        text(
            "Order No 86 of 05.03.2022 was read in outline only: four steps (Poisson 95 % intervals of "
            "five years' frequency, Bühlmann-Straub, limited fluctuation, a chi-square test that "
            "stabilises) and a cost side."
        ),
        text(
            "Not read, and chosen here: that the chi-square test asks whether the years of an activity "
            "agree, that agreeing years take the limited-fluctuation estimate and others the "
            "Bühlmann-Straub one, the standards of full credibility and significance (inputs), and how a "
            "cost becomes a class: no class is assigned."
        ),
    ),
    "order_86_2022_08": (
        text(
            "Order No 86 in the edition of 15.08.2022 was read in outline only: eight indicators ranked "
            "in six stages, five-year means at the five-digit level."
        ),
        text(
            "Not read, and chosen here: the indicators (the user's columns), and the stages: means, ranks by "
            "indicator, mean rank, order, share of activities passed; no class is assigned."
        ),
    ),
}


@dataclass(frozen=True)
class FrequencySetting:
    """Method ``order_86_2022_03`` for u activities over n years.

    Attributes
    ----------
    unit : tuple of str
    claims, exposure : float64 (u,)
        Over all years.
    frequency, low, high : float64 (u,)
        With its 95 % Poisson interval; NaN without exposure.
    straub_credibility, straub : float64 (u,)
    limited_credibility, limited : float64 (u,)
    chi_square, p_value : float64 (u,)
        Of equal frequency in all years; NaN where there is no claim or one year.
    is_homogeneous : bool (u,)
        Whether the years agree; True where the test cannot be made.
    stabilised : float64 (u,)
        The frequency taken.
    cost, rate : float64 (u,) [KZT], [1]
        Of a claim; frequency × cost over payroll of a unit of exposure.
    order : int64 (u,)
        1 for the smallest rate.
    full_credibility_claims : float
    notes : tuple of str
    """

    unit: tuple[str, ...]
    claims: Float64
    exposure: Float64
    frequency: Float64
    low: Float64
    high: Float64
    straub_credibility: Float64
    straub: Float64
    limited_credibility: Float64
    limited: Float64
    chi_square: Float64
    p_value: Float64
    is_homogeneous: NDArray[np.bool_]
    stabilised: Float64
    cost: Float64
    rate: Float64
    order: Int64
    full_credibility_claims: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RankSetting:
    """Method ``order_86_2022_08`` for u activities and eight indicators.

    Attributes
    ----------
    unit : tuple of str
    indicator : tuple of str
    mean : float64 (u, 8)
        Over the years of the table.
    rank : float64 (u, 8)
        1 for the best; equal values share the mean of their ranks.
    mean_rank : float64 (u,)
    order : int64 (u,)
        1 for the best mean rank.
    share : float64 (u,)
        Share of the activities with a mean rank not above this one.
    """

    unit: tuple[str, ...]
    indicator: tuple[str, ...]
    mean: Float64
    rank: Float64
    mean_rank: Float64
    order: Int64
    share: Float64


def frequency_setting(
    unit: Sequence[str],
    claims: Float64,
    exposure: Float64,
    cost: Float64,
    payroll_per_exposure: Float64,
    *,
    probability: float,
    tolerance: float,
    significance: float,
) -> FrequencySetting:
    """Run the four steps of the edition of 05.03.2022 on activities, and its cost side.

    Parameters
    ----------
    unit : sequence of u str
    claims, exposure : float64 (u, n)
    cost : float64 (u,) [KZT]
        Of a claim: annuities, medical and temporary-incapacity sums.
    payroll_per_exposure : float64 (u,) [KZT]
    probability, tolerance : float
        Of the standard of full credibility.
    significance : float
        Of the chi-square test.
    """
    from scipy.stats import chi2

    total, volume = claims.sum(axis=1), exposure.sum(axis=1)
    has = volume > 0
    frequency = np.divide(total, volume, out=np.full(len(total), np.nan), where=has)
    low, high = (
        np.divide(bound, volume, out=np.full(len(total), np.nan), where=has)
        for bound in poisson_limits(total, POISSON_LEVEL)
    )
    collective = float(total.sum() / volume.sum())
    notes: tuple[str, ...] = ()
    try:
        values = np.divide(claims, exposure, out=np.zeros_like(claims), where=exposure > 0)
        found = buhlmann_straub(values, exposure)
        straub_z, straub = found.credibility, found.estimate
    except CredibilityError as error:
        straub_z, straub = np.zeros(len(total)), np.full(len(total), collective)
        notes = (text("Bühlmann-Straub: the book's frequency for all: {error}", error=error),)
    limit = limited_fluctuation(total, probability=probability, tolerance=tolerance)
    z = limit.credibility
    limited = z * np.where(has, frequency, 0.0) + (1.0 - z) * collective
    own = np.where(has, frequency, 0.0)[:, None] * exposure
    terms = np.divide((claims - own) ** 2, own, out=np.zeros_like(own), where=own > 0)
    freedom = (own > 0).sum(axis=1) - 1
    testable = (total > 0) & (freedom > 0)
    statistic = np.where(testable, terms.sum(axis=1), np.nan)
    p_value = np.where(testable, chi2.sf(terms.sum(axis=1), np.maximum(freedom, 1)), np.nan)
    homogeneous = ~(p_value < significance)
    stabilised = np.where(homogeneous, limited, straub)
    rate = stabilised * cost / payroll_per_exposure
    return FrequencySetting(
        unit=tuple(unit),
        claims=total,
        exposure=volume,
        frequency=frequency,
        low=low,
        high=high,
        straub_credibility=straub_z,
        straub=straub,
        limited_credibility=z,
        limited=limited,
        chi_square=statistic,
        p_value=p_value,
        is_homogeneous=homogeneous,
        stabilised=stabilised,
        cost=cost,
        rate=rate,
        order=_order(rate, unit),
        full_credibility_claims=limit.full_credibility_claims,
        notes=notes,
    )


def book_frequency_setting(
    experience: BookExperience, study: TariffStudy, asked: ClassSetting
) -> FrequencySetting:
    """Run the edition of 05.03.2022 on the activities of a book.

    The cost of a claim is the study's, by the kinds of the activity's main class, plus the medical and
    temporary-incapacity sums of the assumptions; frequencies are as counted, neither developed nor trended.
    A part without a code stands under its class.
    """
    years, part_class = study.years, experience.records.part_class
    names = [
        code if code and asked.unit == "oked_code" else text("class {number:02d}", number=number)
        for code, number in zip(experience.activity, part_class.tolist(), strict=True)
    ]
    unit, of_part = np.unique(np.array(names), return_inverse=True)
    label = dict(zip(names, names, strict=True))
    exposure, claims = np.zeros((len(unit), years.n_years)), np.zeros((len(unit), years.n_years))
    np.add.at(exposure, of_part, years.exposure)
    np.add.at(claims, (of_part[years.part], years.year), 1.0)
    by_class = np.zeros((len(unit), CLASSES))
    np.add.at(by_class, (of_part, part_class - 1), years.exposure.sum(axis=1))
    main = by_class.argmax(axis=1)
    frequency = np.array([f.estimate for f in study.frequencies])
    severity = np.array([s.mean for s in study.severities])
    total = frequency.sum(axis=0)
    cost = np.divide((frequency * severity).sum(axis=0), total, out=np.zeros(CLASSES), where=total > 0)
    kept = exposure.sum(axis=1) > 0
    return frequency_setting(
        [label[name] for name in unit[kept].tolist()],
        claims[kept],
        exposure[kept],
        cost[main[kept]] + (asked.medical_cost or 0.0) + (asked.temporary_incapacity_cost or 0.0),
        study.payroll_per_exposure[main[kept]],
        probability=asked.probability,
        tolerance=asked.tolerance,
        significance=asked.significance,
    )


def rank_setting(
    unit: Sequence[str], values: Float64, indicator: Sequence[str], worse_high: Sequence[bool]
) -> RankSetting:
    """Rank activities by eight indicators: the edition of 15.08.2022.

    Parameters
    ----------
    unit : sequence of u str
    values : float64 (u, n, 8)
        Yearly values, NaN where a year is missing; each activity has one at least of each indicator.
    indicator : sequence of 8 str
    worse_high : sequence of 8 bool
        Whether a high value is the worse one.
    """
    from scipy.stats import rankdata

    mean = np.nanmean(values, axis=1)
    signed = np.where(np.asarray(worse_high), mean, -mean)
    rank = np.column_stack([rankdata(signed[:, k], method="average") for k in range(signed.shape[1])])
    mean_rank = rank.mean(axis=1)
    share = np.array([(mean_rank <= value).mean() for value in mean_rank])
    return RankSetting(tuple(unit), tuple(indicator), mean, rank, mean_rank, _order(mean_rank, unit), share)


def _order(values: Float64, unit: Sequence[str]) -> Int64:
    """Place of each unit, 1 for the smallest; equal values by name, so that rows may come in any order."""
    at = sorted(range(len(unit)), key=lambda i: (values[i], unit[i]))
    place = np.empty(len(unit), dtype=np.int64)
    place[at] = np.arange(1, len(unit) + 1)
    return place
