"""The contracts a tariff is judged on, what the law makes them pay, and how that compares with a cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actuarial.claim_record import BookExperience
from actuarial.premium.book import CLASSES, BookPremium, book_premiums, term_end
from actuarial.technical_premium.experience import TIYN, ExperienceYears
from actuarial.technical_premium.loading import lognormal_interval

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class RatedBook:
    """The contracts whose cover starts in the last experience year, priced by the law.

    Attributes
    ----------
    contracts : int64
        Positions in the book.
    part : int64
        Positions of their parts.
    premium : BookPremium
        Of the whole book.
    covered : float64 (parts,)
        Cover of each part, as concluded, as a share of the law's whole term: premiums are those of contracts
        as concluded too, whatever an early termination returned.
    payroll, covered_payroll, tariff_premium, law_premium : float64 (CLASSES,) [KZT]
        By class: annual payroll, the same × cover, insured sum × tariff alone, and the premium of the law
        with its minimum, coefficient and discount.
    """

    contracts: Int64
    part: Int64
    premium: BookPremium
    covered: Float64
    payroll: Float64
    covered_payroll: Float64
    tariff_premium: Float64
    law_premium: Float64


@dataclass(frozen=True)
class Comparison:
    """Statutory against technical, one element a class, a policyholder, or one for a whole book.

    Attributes
    ----------
    statutory, technical : float64
        Rates [1], or premiums [KZT].
    ratio, low, high : float64
        Statutory over technical, and its interval; NaN where the technical side is 0.
    """

    statutory: Float64
    technical: Float64
    ratio: Float64
    low: Float64
    high: Float64


def rated_book(experience: BookExperience, years: ExperienceYears, threads: int | None) -> RatedBook:
    """Contracts that start in the last experience year, with their premiums by the law."""
    records = experience.records
    start = records.start_date
    contracts = np.flatnonzero((start >= years.bounds[-2]) & (start < years.bounds[-1]))
    premium = book_premiums(records, experience.choices, law=experience.law, threads=threads)
    is_rated = np.zeros(len(records), dtype=np.bool_)
    is_rated[contracts] = True
    part = np.flatnonzero(np.repeat(is_rated, np.diff(records.part_start)))
    full = term_end(records.contract_date, start, experience.law) - start
    share = (records.end_date + 1 - start) / full
    covered = np.repeat(share, np.diff(records.part_start))[part]
    at, payroll = records.part_class[part] - 1, records.part_payroll[part] / TIYN
    sums = np.zeros((4, CLASSES))
    columns = (
        payroll,
        payroll * covered,
        premium.part_base[part] / TIYN,
        premium.part_premium[part] / TIYN,
    )
    for total, values in zip(sums, columns, strict=True):
        np.add.at(total, at, values)
    return RatedBook(contracts, part, premium, covered, *sums)


def compared(statutory: Float64, technical: Float64, error: Float64, level: float) -> Comparison:
    """Statutory over technical with the lognormal interval of the technical side."""
    low, high = lognormal_interval(technical, error, level)

    def over(bottom: Float64) -> Float64:
        return np.divide(statutory, bottom, out=np.full_like(bottom, np.nan), where=bottom > 0)

    return Comparison(statutory, technical, over(technical), over(high), over(low))
