"""What is known of each policyholder before a year: exposure, expected and actual losses, modification.

The experience of a year is exposure and events of the calendar years before it, with claims as they stood on
its first day: nothing that became known later enters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.claim_record import BookExperience, ClaimRecords
from actuarial.credibility import BuhlmannStraub, buhlmann_straub
from actuarial.experience_rating.assumption import RatingBasis
from actuarial.experience_rating.modification import (
    Credibility,
    Losses,
    RatingError,
    credibility_of_ballast,
    credibility_of_constants,
    modification,
    split_losses,
)
from actuarial.language import text
from actuarial.money import TIYN
from actuarial.premium.book import CLASSES
from actuarial.premium.record import calendar_years

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

EPOCH = date(1970, 1, 1).toordinal()
DAYS_IN_YEAR = 365
"""Payroll is a year's: a day of cover is this part of it."""


@dataclass(frozen=True)
class RatingBook:
    """Contracts with claims in an order of their own, so that the order of the files does not matter.

    Attributes
    ----------
    contract_id : tuple of str, (n,)
        Ascending.
    policyholder : int64 (n,)
        Number of the policyholder of each contract, in the order of their first contracts.
    n_policyholders : int
    contract_date, start_date, cover_end : int32 (n,)
        Days since 1970-01-01; the last is the first day no longer covered.
    position : int64 (n,)
        Of the contract in the records it came from.
    part_contract : int64 (m,)
    part_class : int64 (m,)
    part_payroll, part_tariff : float64 (m,) [KZT]
        Annual payroll, and tariff of the law on it.
    claim_contract : int64 (k,)
        Number of the contract of each claim.
    claims : ClaimRecords
        In their own order: their amounts add up as integers.
    """

    contract_id: tuple[str, ...]
    policyholder: Int64
    n_policyholders: int
    contract_date: NDArray[np.int32]
    start_date: NDArray[np.int32]
    cover_end: NDArray[np.int32]
    position: Int64
    part_contract: Int64
    part_class: Int64
    part_payroll: Float64
    part_tariff: Float64
    claim_contract: Int64
    claims: ClaimRecords


@dataclass(frozen=True)
class YearExperience:
    """The rating of one year.

    Attributes
    ----------
    year : int
    losses : Losses
        Of each policyholder over the experience period.
    credibility : Credibility
    modification : float64 (h,) [1]
        1 for who has no exposure in the period.
    has_experience : bool (h,)
    primary_constant, excess_constant : float [KZT]
        K of the credibilities; NaN where the choice has none, infinite where the book shows no difference
        between policyholders.
    class_factor : float64 (23,) [1]
        Expected losses of a class over its tariff (of the user's table over payroll); NaN without exposure.
    primary_share : float [1]
        Of the book's losses in the period.
    actual, expected : float [KZT]
        Sums over the book.
    """

    year: int
    losses: Losses
    credibility: Credibility
    modification: Float64
    has_experience: NDArray[np.bool_]
    primary_constant: float
    excess_constant: float
    class_factor: Float64
    primary_share: float
    actual: float
    expected: float


def rating_book(found: BookExperience, contract_id: Sequence[str]) -> RatingBook:
    """Put a checked book with claims into the order in which it is rated.

    Parameters
    ----------
    found : BookExperience
        Contracts of one policyholder share their experience.
    contract_id : sequence of str, (n,)
    """
    contracts, policyholder, law = found.records, found.policyholder, found.law
    ids = np.array(contract_id, dtype=object).astype(str)
    order = np.argsort(ids, kind="stable")
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    _, first, holder = np.unique(policyholder[order], return_index=True, return_inverse=True)
    number = np.empty(first.size, dtype=np.int64)
    number[np.argsort(first)] = np.arange(first.size)
    owner = rank[np.repeat(np.arange(len(contracts)), np.diff(contracts.part_start))]
    parts = np.lexsort((contracts.part_payroll, contracts.part_class, owner))
    signed = np.repeat(contracts.contract_date, np.diff(contracts.part_start))
    rate = law.rates(signed, contracts.part_class) / law.rate_unit
    payroll = contracts.part_payroll / TIYN
    return RatingBook(
        tuple(ids[order].tolist()),
        number[holder],
        int(first.size),
        contracts.contract_date[order],
        contracts.start_date[order],
        found.cover_end[order],
        order,
        owner[parts],
        contracts.part_class[parts],
        payroll[parts],
        (payroll * rate)[parts],
        rank[found.claims.contract],
        found.claims,
    )


def first_day(year: int) -> int:
    """1 January of a year in days since 1970-01-01."""
    return date(year, 1, 1).toordinal() - EPOCH


def experience(book: RatingBook, basis: RatingBasis, year: int) -> YearExperience:
    """Return the modification of every policyholder for contracts of a year.

    Parameters
    ----------
    book : RatingBook
    basis : RatingBasis
    year : int
        The experience is that of the ``experience_years`` before it.

    Raises
    ------
    RatingError
        E4815 no exposure or no loss in the period; E4814 a class without expected losses.
    CredibilityError
        Too little data for the credibility asked for (E4701, E4702).
    """
    assumptions = basis.assumptions
    n_years = assumptions.experience_years
    years = range(year - n_years, year)
    holder_of_part = book.policyholder[book.part_contract]
    holder_of_claim = book.policyholder[book.claim_contract]
    start = book.start_date[book.part_contract].astype(np.int64)
    stop = book.cover_end[book.part_contract].astype(np.int64)
    share = np.stack([_days_in(start, stop, y) for y in years], axis=1) / DAYS_IN_YEAR
    primary, excess, at = _known_losses(book, basis, year, n_years)
    of_class = _losses((CLASSES + 1, n_years), book.claims.risk_class, at, primary + excess)
    volume = share * _volume(book, basis)[:, None]
    class_volume = _added(of_class.shape, book.part_class, volume)
    actual = float(of_class.sum())
    if not class_volume.sum() > 0.0 or not actual > 0.0:
        raise RatingError(
            "E4815",
            "the experience of {first}-{last} holds no {lacking}: a rating of {year} needs both; take "
            "another of test_years, or more experience_years",
            first=years[0],
            last=years[-1],
            lacking=text("exposure") if actual else text("losses"),
            year=year,
        )
    factor = _class_factor(assumptions.expected_losses.choice, of_class, class_volume)
    expected = volume * factor[book.part_class][:, None]
    table = basis.primary_share
    book_share = float(primary.sum() / (primary + excess).sum())
    part_share = np.full(book.part_class.size, book_share)
    if table:
        part_share = np.array([float(table.get(c, 0)) for c in range(CLASSES + 1)])[book.part_class]
    shape = (book.n_policyholders, n_years)
    by_cell = {
        "actual_primary": _losses(shape, holder_of_claim, at, primary),
        "actual_excess": _losses(shape, holder_of_claim, at, excess),
        "expected_primary": _added(shape, holder_of_part, expected * part_share[:, None]),
        "expected_excess": _added(shape, holder_of_part, expected * (1.0 - part_share)[:, None]),
    }
    losses = Losses(**{name: cells.sum(axis=1) for name, cells in by_cell.items()})
    credibility, constants = _credibility(basis, losses, by_cell)
    bounds = assumptions.modification
    factors = modification(losses, credibility, bounds.smallest, bounds.largest)
    has = losses.expected > 0.0
    return YearExperience(
        year,
        losses,
        credibility,
        np.where(has, factors, 1.0),
        has,
        *constants,
        np.where(class_volume.sum(axis=1) > 0.0, factor, np.nan),
        book_share,
        actual,
        float(losses.expected.sum()),
    )


def _known_losses(
    book: RatingBook, basis: RatingBasis, year: int, n_years: int
) -> tuple[Int64, Int64, Int64]:
    """Primary and excess part of each claim of the period as known on its last day, and its year there.

    Claims of other years are 0 in the first.
    """
    at = calendar_years(book.claims.event_date) - (year - n_years)
    inside = (at >= 0) & (at < n_years)
    incurred = np.where(inside, book.claims.incurred(first_day(year)), 0)
    primary, excess = split_losses(incurred, basis.split_point, basis.claim_limit)
    return primary, excess, np.where(inside, at, 0)


def _volume(book: RatingBook, basis: RatingBasis) -> Float64:
    """What expected losses are proportional to inside a class: the law's tariff, or the user's rate."""
    if basis.assumptions.expected_losses.choice != "table":
        return book.part_tariff
    missing = sorted(set(np.unique(book.part_class).tolist()) - set(basis.expected_rate))
    if missing:
        raise RatingError(
            "E4814",
            "expected_losses.table {table}: the book has classes {missing} and the table has not; add them",
            table=basis.assumptions.expected_losses.table,
            missing=", ".join(map(str, missing)),
        )
    rate = np.array([float(basis.expected_rate.get(c, 0)) for c in range(CLASSES + 1)])
    volume: Float64 = book.part_payroll * rate[book.part_class]
    return volume


def _class_factor(choice: str, losses: Float64, volume: Float64) -> Float64:
    """Expected losses of each class over its volume, float64 (23,)."""
    if choice == "table":
        return np.ones(CLASSES + 1)
    level = float(losses.sum() / volume.sum())
    if choice == "tariff":
        return np.full(CLASSES + 1, level)
    weight = level * volume
    ratio = np.divide(losses, weight, out=np.zeros_like(losses), where=weight > 0.0)
    estimate = buhlmann_straub(ratio, weight).estimate
    balance = losses.sum() / float((estimate * weight.sum(axis=1)).sum())
    factor: Float64 = level * balance * estimate
    return factor


def _credibility(
    basis: RatingBasis, losses: Losses, by_cell: dict[str, Float64]
) -> tuple[Credibility, tuple[float, float]]:
    """Credibility by the choice, and its two constants."""
    choice = basis.assumptions.credibility
    if choice.ballast is not None and choice.weight is not None:
        nothing = float("nan")
        return credibility_of_ballast(losses, choice.ballast, choice.weight), (nothing, nothing)
    if choice.primary is not None and choice.excess is not None:
        constants = choice.primary, choice.excess
    else:
        constants = _constant(by_cell, "primary"), _constant(by_cell, "excess")
    return credibility_of_constants(losses, *constants), constants


def _constant(by_cell: dict[str, Float64], layer: str) -> float:
    """K = s² / a of the ratios actual over expected, weighed by expected losses; infinite where a is 0."""
    actual, expected = by_cell[f"actual_{layer}"], by_cell[f"expected_{layer}"]
    if not actual.sum() > 0.0:
        return float("inf")
    ratio = np.divide(actual, expected, out=np.zeros_like(actual), where=expected > 0.0)
    found: BuhlmannStraub = buhlmann_straub(ratio, expected)
    return float("inf") if found.are_alike else found.within_variance / found.between_variance


def _days_in(start: Int64, stop: Int64, year: int) -> Int64:
    """Days of [start, stop) in a calendar year."""
    days: Int64 = np.maximum(np.minimum(stop, first_day(year + 1)) - np.maximum(start, first_day(year)), 0)
    return days


def _losses(shape: tuple[int, ...], row: Int64, column: Int64, tiyn: Int64) -> Float64:
    """Amounts of claims added up exactly by row and year [KZT]."""
    cells = np.zeros(shape, dtype=np.int64)
    np.add.at(cells, (row, column), tiyn)
    return cells / TIYN


def _added(shape: tuple[int, ...], row: Int64, values: Float64) -> Float64:
    cells = np.zeros(shape)
    np.add.at(cells, row, values)
    return cells
