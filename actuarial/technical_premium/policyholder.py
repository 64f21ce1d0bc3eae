"""Own experience of policyholders, and what the law makes them pay beside what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actuarial.claim_record import BookExperience
from actuarial.credibility import CredibilityError, buhlmann_straub
from actuarial.language import text
from actuarial.premium.book import CLASSES
from actuarial.technical_premium.experience import TIYN, ExperienceYears
from actuarial.technical_premium.frequency import KindFrequency
from actuarial.technical_premium.loading import TechnicalRates
from actuarial.technical_premium.rated_book import Comparison, RatedBook, compared

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Policyholders:
    """Experience and adequacy of each policyholder with a rated contract.

    Attributes
    ----------
    number : int64 (q,)
        Of the book's policyholders.
    claims, expected : float64 (q,)
        Over all experience years; expected by class, size and region.
    credibility, modification : float64 (q,)
        Blend of claims over expected with the book's ratio.
    comparison : Comparison
        Premium of the law against technical premium × modification.
    collective : float
    notes : tuple of str
    """

    number: Int64
    claims: Float64
    expected: Float64
    credibility: Float64
    modification: Float64
    comparison: Comparison
    collective: float
    notes: tuple[str, ...]


def policyholders(
    experience: BookExperience,
    years: ExperienceYears,
    frequencies: Sequence[KindFrequency],
    known: Sequence[Float64],
    relative: Float64,
    rates: TechnicalRates,
    rated: RatedBook,
    level: float,
) -> Policyholders:
    """Compare each policyholder's claims with what its classes, size and region expect.

    Parameters
    ----------
    experience : BookExperience
    years : ExperienceYears
    frequencies : sequence by kind
    known : sequence by kind of float64 (n,)
        Factor on the exposure of each year: trend and the share already reported.
    relative : float64 (m,)
        Relativity of each part inside its class.
    rates : TechnicalRates
    rated : RatedBook
    level : float
        Of the intervals.
    """
    records = experience.records
    owner = np.repeat(np.arange(len(records)), np.diff(records.part_start))
    holder = experience.policyholder[owner]
    n_holders = len(experience.policyholder_name)
    expected, claims = np.zeros((n_holders, years.n_years)), np.zeros((n_holders, years.n_years))
    at_class = records.part_class - 1
    for f, share in zip(frequencies, known, strict=True):
        np.add.at(expected, holder, years.exposure * share * (f.estimate[at_class] * relative)[:, None])
    np.add.at(claims, (holder[years.part], years.year), 1.0)
    notes: tuple[str, ...] = ()
    try:
        values = np.divide(claims, expected, out=np.zeros_like(claims), where=expected > 0)
        found = buhlmann_straub(values, expected)
        z, modification, error = found.credibility, found.estimate, found.mean_squared_error
        collective = found.collective
        if found.are_alike:
            notes = (
                text(
                    "policyholders of a class do not differ by more than chance would make them: all get the "
                    "same modification"
                ),
            )
    except CredibilityError as problem:
        notes = (text("no modification by own experience: {problem}", problem=problem),)
        z, modification, error = np.zeros(n_holders), np.ones(n_holders), np.zeros(n_holders)
        collective = 1.0
    payroll = records.part_payroll[rated.part] / TIYN * rated.covered
    by_class = np.zeros((n_holders, CLASSES))
    np.add.at(by_class, (holder[rated.part], at_class[rated.part]), payroll * relative[rated.part])
    of_law = np.zeros(n_holders)
    np.add.at(of_law, holder[rated.part], rated.premium.part_premium[rated.part] / TIYN)
    number = np.flatnonzero(of_law > 0)
    base = by_class[number] @ rates.technical
    base_variance = np.einsum("qc,cd,qd->q", by_class[number], rates.covariance, by_class[number])
    m = modification[number]
    variance = m**2 * base_variance + base**2 * error[number]
    return Policyholders(
        number=number,
        claims=claims[number].sum(axis=1),
        expected=expected[number].sum(axis=1),
        credibility=z[number],
        modification=m,
        comparison=compared(of_law[number], base * m, np.sqrt(variance), level),
        collective=collective,
        notes=notes,
    )
