"""The figures of law that the synthetic portfolio is made with, as arrays.

The generator needs the law for a million dates at once; `tariffs` answers one day at a time. Every figure
here is a figure of `tariffs`, none is written in this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tariffs
from actuarial.money import TIYN
from actuarial.payout_law import calendar_date, day
from actuarial.record import BANDS

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class SocialPaymentRule:
    """One edition of the ГФСС formula for loss of work capacity.

    Parameters
    ----------
    start : int [days since 1970-01-01]
        First day of the edition.
    subtrahend : float [minimum wages]
        Taken off the average income.
    replacement : float [1]
        Income replacement.
    degree_factors : tuple of (int, float)
        First whole percent of a class and its factor, ascending; empty = the degree itself.
    service_factors : tuple of (int, float)
        First month of participation of a class and its factor, ascending.
    service_step_months, service_step : int, float
        Above the last class, each so many full months add so much; 0 months = never.
    highest_service : float [1]
        Cap of the service factor; infinite = none.
    income_floor, income_cap : float [minimum wages]
        Least and most of the monthly income that counts.
    lowest_degree : int [percent]
        Below it nothing is due.
    """

    start: int
    subtrahend: float
    replacement: float
    degree_factors: tuple[tuple[int, float], ...]
    service_factors: tuple[tuple[int, float], ...]
    service_step_months: int
    service_step: float
    highest_service: float
    income_floor: float
    income_cap: float
    lowest_degree: int

    @classmethod
    def on_record(cls, start: date) -> SocialPaymentRule:
        """Edition that starts on a day, from the parameters ``social_payment_*``."""

        def value(name: str) -> Any:
            return tariffs.parameter(f"social_payment_{name}").on(start).value

        by_degree, by_service = value("degree_coefficient"), value("service_coefficient")
        growth = by_service["growth"]
        highest = by_service["maximum"]
        return cls(
            start=day(start),
            subtrahend=float(value("subtrahend")),
            replacement=float(value("income_replacement")),
            degree_factors=tuple((c["lowest"], float(c["coefficient"])) for c in by_degree["steps"] or ()),
            service_factors=tuple((c["months"], float(c["coefficient"])) for c in by_service["steps"]),
            service_step_months=growth["per_months"] if growth else 0,
            service_step=float(growth["increment"]) if growth else 0.0,
            highest_service=np.inf if highest is None else float(highest),
            income_floor=float(value("base_floor_minimum_wages")),
            income_cap=float(value("base_cap_minimum_wages")),
            lowest_degree=by_degree["lowest_degree"],
        )

    def amount(self, income: Reals, minimum_wage: Reals, degree: Ints, months: Ints) -> Reals:
        """Monthly payments before rounding [KZT/month], shape (n,); see `SampleLaw.social_payment`."""
        if self.degree_factors:
            firsts = np.array([first for first, _ in self.degree_factors])
            factors = np.array([0.0] + [factor for _, factor in self.degree_factors])
            degree_factor = factors[np.searchsorted(firsts, degree, side="right")]
        else:
            degree_factor = degree / 100
        since = np.array([first for first, _ in self.service_factors])
        service = np.array([factor for _, factor in self.service_factors])
        service_factor = service[np.searchsorted(since, months, side="right") - 1]
        if self.service_step_months:
            steps = np.maximum(months - since[-1], 0) // self.service_step_months
            service_factor = np.minimum(service_factor + steps * self.service_step, self.highest_service)
        counted = np.clip(income, self.income_floor * minimum_wage, self.income_cap * minimum_wage)
        net = counted - self.subtrahend * minimum_wage
        payment = np.maximum(0.0, net * self.replacement * degree_factor * service_factor)
        return np.where(degree >= self.lowest_degree, payment, 0.0)


@dataclass(frozen=True)
class SampleLaw:
    """Law figures of the generator.

    Parameters
    ----------
    edition_start : int [days since 1970-01-01]
        First accident date of the edition with the earnings cap, the social payment and the pension-age stop.
    cap_multiple : int [minimum wages]
        Most of the monthly earnings that counts.
    bands : tuple of (int, int)
        First and last whole percent of bands A, B, C, D.
    expense_caps : ndarray of int64, shape (4,) [МРП]
        Caps of additional expenses by band of the first degree.
    child_age, student_age, cared_for_age : int [years]
        Birthdays that end the right of a child, a student and a carer.
    voluntary_start : int [days since 1970-01-01]
        First accident date that the voluntary product covers.
    pre_retirement_start, pre_retirement_age : int, float [days], [years]
        First day of the pre-retirement annuity, and the age that gives the right.
    observation_years : ndarray of int64, shape (4,)
        Observation after which a degree may be set without review, by band.
    term_months : tuple of int
        Terms of a certificate with a review date, ascending.
    social_payment_rules : tuple of SocialPaymentRule
        Editions in order of time.
    """

    edition_start: int
    cap_multiple: int
    bands: tuple[tuple[int, int], ...]
    expense_caps: Ints
    child_age: int
    student_age: int
    cared_for_age: int
    voluntary_start: int
    pre_retirement_start: int
    pre_retirement_age: float
    observation_years: Ints
    term_months: tuple[int, ...]
    social_payment_rules: tuple[SocialPaymentRule, ...]

    @classmethod
    def on_record(cls) -> SampleLaw:
        """Figures on record in `tariffs`; of figures without dates of their own the newest entry."""

        def newest(name: str) -> Any:
            return tariffs.parameter(name).entries[-1].value

        def start(name: str) -> int:
            return day(tariffs.parameter(name).entries[0].start)

        def by_band(name: str) -> Ints:
            return np.array([newest(name)[band] for band in BANDS], dtype=np.int64)

        editions = {entry.start for entry in tariffs.parameter("social_payment_subtrahend").entries}
        return cls(
            edition_start=start("earnings_cap_minimum_wages"),
            cap_multiple=int(newest("earnings_cap_minimum_wages")),
            bands=tuple(newest("degree_bands")[band] for band in BANDS),
            expense_caps=by_band("additional_expenses_cap"),
            child_age=int(newest("entitlement_age_child")),
            student_age=int(newest("entitlement_age_student")),
            cared_for_age=int(newest("entitlement_age_carer_child")),
            voluntary_start=start("voluntary_degrees"),
            pre_retirement_start=start("pre_retirement_annuity"),
            pre_retirement_age=float(newest("pre_retirement_age")),
            observation_years=by_band("without_review_observation_years"),
            term_months=newest("certification_term_months"),
            social_payment_rules=tuple(SocialPaymentRule.on_record(first) for first in sorted(editions)),
        )

    @property
    def band_firsts(self) -> Ints:
        """First whole percent of each band, shape (4,)."""
        return np.array([first for first, _ in self.bands], dtype=np.int64)

    @property
    def last_percent(self) -> int:
        """Last whole percent of the last band."""
        return self.bands[-1][1]

    def band_of(self, degree: Ints) -> Ints:
        """Positions of the bands of whole-percent degrees."""
        return np.searchsorted(self.band_firsts, degree, side="right") - 1

    def minimum_wage(self, days: Ints) -> Ints:
        """МЗП on each day [tiyn]."""
        return self._amounts("minimum_wage", days)

    def earnings_cap(self, contract_date: Ints) -> Ints:
        """Most of the monthly earnings that counts, by the contract date (OSNS Law 19(1)) [tiyn]."""
        return self.cap_multiple * self.minimum_wage(contract_date)

    def expenses_cap(self, band: Ints, days: Ints) -> Ints:
        """Cap of additional expenses of the band of the first degree, at the МРП of a day [tiyn]."""
        return self.expense_caps[band] * self._amounts("mci", days)

    def pension_age_years(self, on_day: int) -> Reals:
        """Pension ages of men and women in force on a day, shape (2,) [years]."""
        when = calendar_date(on_day)
        return np.array(
            [float(tariffs.parameter(f"pension_age_{sex}").on(when).value) for sex in ("men", "women")]
        )

    def social_payment(self, days: Ints, income: Reals, degree: Ints, months: Ints) -> Reals:
        """ГФСС payments for loss of work capacity, each by the edition of its day.

        ``(income - s · МЗП) · replacement · k_degree · k_service``; a negative result is a refusal, 0.

        Parameters
        ----------
        days : ndarray of int64, shape (n,) [days since 1970-01-01]
            Days on which the right arose.
        income : ndarray of float64, shape (n,) [KZT/month]
            Average income of 24 months; the edition's floor and cap are applied here.
        degree : ndarray of int64, shape (n,) [percent]
        months : ndarray of int64, shape (n,)
            Months of participation.

        Returns
        -------
        ndarray of float64, shape (n,) [KZT/month], not rounded

        References
        ----------
        Law of 25.04.2003 № 405 art 21; law of 26.12.2019 № 286-VI art 20; Social Code art 181.
        """
        starts = np.array([rule.start for rule in self.social_payment_rules])
        edition = np.searchsorted(starts, days, side="right") - 1
        minimum_wage = self.minimum_wage(days) / TIYN
        payment = np.zeros(days.shape)
        for position, rule in enumerate(self.social_payment_rules):
            at = edition == position
            payment[at] = rule.amount(income[at], minimum_wage[at], degree[at], months[at])
        return payment

    def _amounts(self, name: str, days: Ints) -> Ints:
        """Amounts in force on each day [tiyn]; the law's own error for the first day without one."""
        record = tariffs.parameter(name)
        starts = np.array([day(entry.start) for entry in record.entries])
        ends = np.array([day(entry.end or date.max) for entry in record.entries])
        at = np.searchsorted(starts, days, side="right") - 1
        is_missing = (at < 0) | (days >= ends[at])
        if is_missing.any():
            record.on(calendar_date(int(days[np.argmax(is_missing)])))
        return np.array([int(entry.value * TIYN) for entry in record.entries])[at]
