"""Exposure and claims of a book by experience year: what every estimate of the study starts from.

Experience years are the twelve-month periods that end on the day before the valuation date, so that each is
whole whatever the date; on 1 January they are calendar years.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.claim_record import BookExperience
from actuarial.language import text
from actuarial.payout_law import calendar_date, day
from actuarial.premium.book import CLASSES, term_end
from actuarial.premium.record import anniversaries
from actuarial.technical_premium.assumption import StudyAssumptions, TechnicalPremiumError

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

DAYS_IN_YEAR = 365.25
MONTHS = 12
TIYN = 100.0


@dataclass(frozen=True)
class ExperienceYears:
    """A book's exposure and claims over n experience years, m parts, k counted claims.

    Attributes
    ----------
    bounds : int64 (n + 1,)
        First days of the years, the last is the valuation date.
    part_years : float64 (m, n) [years]
        Cover of each part in each year.
    exposure : float64 (m, n)
        Worker-years, or payroll-years [KZT].
    payroll : float64 (m, n) [KZT]
        Annual payroll × cover.
    workers : float64 (m,)
        Headcount of each part; NaN where unknown.
    claim : int64 (k,)
        Position in the book's claims.
    year, kind, risk_class, part : int64 (k,)
    n_before : int
        Claims of the file whose event is before the first year: they are not counted.
    """

    bounds: Int64
    part_years: Float64
    exposure: Float64
    payroll: Float64
    workers: Float64
    claim: Int64
    year: Int64
    kind: Int64
    risk_class: Int64
    part: Int64
    n_before: int

    @property
    def n_years(self) -> int:
        """Number of experience years."""
        return len(self.bounds) - 1

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the years: the calendar year, or its first day where it is none."""
        dates = [calendar_date(int(bound)) for bound in self.bounds[:-1]]
        return tuple(
            str(first.year) if (first.month, first.day) == (1, 1) else first.isoformat() for first in dates
        )

    def years_until(self, rated_day: float) -> Float64:
        """Years from the middle of each experience year to a day, float64 (n,)."""
        middle = (self.bounds[:-1] + self.bounds[1:]) / 2.0
        return (rated_day - middle) / DAYS_IN_YEAR

    def by_class(self, values: Float64, part_class: Int64) -> Float64:
        """Sums over the parts of each class, float64 (CLASSES, n)."""
        total = np.zeros((CLASSES, self.n_years))
        np.add.at(total, part_class - 1, values)
        return total

    def counts(self, kind: int | None = None) -> Float64:
        """Numbers of claims by class and year, float64 (CLASSES, n)."""
        total = np.zeros((CLASSES, self.n_years))
        inside = slice(None) if kind is None else self.kind == kind
        np.add.at(total, (self.risk_class[inside] - 1, self.year[inside]), 1.0)
        return total


def experience_years(
    experience: BookExperience, assumptions: StudyAssumptions, valuation_date: date
) -> ExperienceYears:
    """Return the exposure and the claims of the years before the valuation date.

    A contract's cover in a year is its days in the year over the days of the law's whole term, so that a
    contract of twelve months is one year of exposure, in a leap year too.

    Raises
    ------
    TechnicalPremiumError
        E4711 no exposure in those years, or no claim; E4714 a headcount that exposure needs is unknown.
    """
    records = experience.records
    last = np.array([day(valuation_date)], dtype=np.int32)
    bounds = np.array(
        [int(anniversaries(last, -MONTHS * k)[0]) for k in range(assumptions.years, -1, -1)], dtype=np.int64
    )
    full = term_end(records.contract_date, records.start_date, experience.law) - records.start_date
    start, end = records.start_date[:, None], experience.cover_end[:, None]
    inside = np.minimum(end, bounds[None, 1:]) - np.maximum(start, bounds[None, :-1])
    cover = np.maximum(inside, 0) / full[:, None]
    part_years = np.repeat(cover, np.diff(records.part_start), axis=0)
    workers = np.where(experience.part_workers > 0, experience.part_workers, np.nan)
    payroll = part_years * (records.part_payroll / TIYN)[:, None]
    if assumptions.exposure == "headcount":
        unknown = np.isnan(workers) & (part_years.sum(axis=1) > 0)
        if unknown.any():
            raise TechnicalPremiumError(
                "E4714",
                "exposure by headcount needs the workers of every part: {unknown} of {n_unknown} have none, "
                "nor has their contract; fill them, or take exposure: payroll",
                unknown=int(unknown.sum()),
                n_unknown=len(unknown),
            )
        exposure = part_years * np.nan_to_num(workers)[:, None]
    else:
        exposure = payroll
    claims = experience.claims
    year = np.searchsorted(bounds, claims.event_date, side="right") - 1
    counted = np.flatnonzero(year >= 0)
    found = ExperienceYears(
        bounds=bounds,
        part_years=part_years,
        exposure=exposure,
        payroll=payroll,
        workers=workers,
        claim=counted,
        year=year[counted],
        kind=claims.kind[counted].astype(np.int64),
        risk_class=claims.risk_class[counted],
        part=claims.part[counted],
        n_before=int(len(claims) - counted.size),
    )
    span = text(
        "{first_day} to {last_day}",
        first_day=calendar_date(int(bounds[0])),
        last_day=calendar_date(int(bounds[-1]) - 1),
    )
    if not exposure.sum() > 0:
        raise TechnicalPremiumError(
            "E4711",
            "no contract has cover in the years of the study, {span}: check the valuation date",
            span=span,
        )
    if not counted.size:
        raise TechnicalPremiumError(
            "E4711",
            "no claim in the years of the study, {span}: nothing can be estimated; give claims or more "
            "years, or price with rates from outside",
            span=span,
        )
    return found
