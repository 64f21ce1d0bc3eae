"""The contracts side of a simulation of new claims: who is exposed, from when to when, at what premium.

A part's exposure is its workers for the days of cover that are simulated. Amounts are whole tiyn; premiums of
the parts add up to the contract's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.new_claim.model import NewClaimError, NewClaimModel
from actuarial.payout_law import day
from actuarial.premium.book import BookLaw, book_premiums, term_end
from actuarial.premium.record import NO_COUNT, ContractRecords, anniversaries
from actuarial.record import NO_DATE

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Float = NDArray[np.float64]

DAYS_IN_YEAR = 365.0


@dataclass(frozen=True)
class ContractsInForce:
    """A checked book with what premiums do not need.

    Attributes
    ----------
    records : ContractRecords
    part_workers : int64 (m,)
        At least 1.
    part_key : uint64 (m,)
        Random key of contract and part (`part_keys`).
    ceded_share : float64 (n,) [1]
        Share of each contract ceded by itself; 0 where none.
    termination_date : int32 (n,)
        First day without cover, `NO_DATE` where the contract runs its term.
    """

    records: ContractRecords
    part_workers: Int64
    part_key: NDArray[np.uint64]
    ceded_share: Float
    termination_date: Int32


def part_keys(contract_id: object, part_start: Int64, part_name: object | None) -> NDArray[np.uint64]:
    """Random key of each part, uint64 (m,): the hash of its contract's id and its own name.

    Parameters
    ----------
    contract_id : array-like of str (n,)
    part_start : int64 (n + 1,)
    part_name : array-like of str (m,), optional
        Unique inside a contract; None where the book names none.
    """
    from actuarial.random_key import random_keys

    of = np.repeat(np.arange(part_start.size - 1), np.diff(part_start))
    keys = random_keys(contract_id)[of]
    if part_name is None:
        return keys
    # odd multiplier: contract and part do not exchange
    return np.asarray(keys * np.uint64(0x9E3779B97F4A7C15) ^ random_keys(part_name))


@dataclass(frozen=True)
class Exposure:
    """What is simulated, one element a part (m,) unless said otherwise.

    Attributes
    ----------
    first_day, n_days : int64 (m,)
        Days from the valuation date to the first simulated day of cover, and their number; 0 = not exposed.
    years : float64 (m,)
        ``n_days / 365``.
    worker_years : float64 (m,)
    wage : float64 (m,) [tiyn/month]
        Mean capped pay of a worker, ``payroll / workers / 12``.
    premium : int64 (m,) [tiyn]
        Premium of the simulated cover.
    insured_sum : int64 (n,) [tiyn]
    month_of_day : int64 (days,)
        Month on the grid of the valuation date for each day from it.
    middle : int32 (months,) [days since 1970-01-01]
        Day that stands for an accident of each month.
    choices : dict of str to str
        Choices of the premium taken.
    """

    first_day: Int64
    n_days: Int64
    years: Float
    worker_years: Float
    wage: Float
    premium: Int64
    insured_sum: Int64
    month_of_day: Int64
    middle: Int32
    choices: dict[str, str]

    @property
    def n_months(self) -> int:
        """Months of the grid."""
        return int(self.middle.size)


def exposure(
    contracts: ContractsInForce,
    model: NewClaimModel,
    valuation_date: date,
    *,
    law: BookLaw | None = None,
    choices: Mapping[str, str] | None = None,
    threads: int | None = None,
) -> Exposure:
    """Lay the cover of a book on the months after a valuation date.

    Parameters
    ----------
    contracts : ContractsInForce
    model : NewClaimModel
        ``exposure``: ``unexpired`` is the cover from the valuation date (or the later start) to the last day
        of contracts concluded by then; ``whole_term`` lays the whole term of every contract of the file from
        the valuation date on, as if it were written again. ``premium``: of the law, or charged.
    valuation_date : date
    law : BookLaw, optional
        Notes the entries used.
    choices : mapping of str to str, optional
        Of `actuarial.premium.choice.CHOICES`.
    threads : int, optional

    Returns
    -------
    Exposure
        The premium of an unexpired cover is pro rata to days, rounded half-up once a contract; parts share
        it in proportion to their premium by the law.

    Raises
    ------
    NewClaimError
        E4505 no contract has a day to simulate; E4506 a class of the book that the frequency table leaves
        out; E4507 no premium charged where the model asks for it.
    """
    records = contracts.records
    law = law or BookLaw()
    book = book_premiums(records, choices, law=law, threads=threads)
    first, days, term = _window(contracts, model, day(valuation_date), law)
    is_exposed = days > 0
    if not is_exposed.any():
        raise NewClaimError(
            "E4505",
            "none of the {n} contracts has a day of cover from {valuation_date} on: check the valuation date "
            "and the dates of the contracts, or choose exposure: whole_term",
            n=len(records),
            valuation_date=valuation_date,
        )
    counts = np.diff(records.part_start)
    of = np.repeat(np.arange(len(records)), counts)
    _refuse_classes(records, model, is_exposed[of])
    premium = _premiums(records, model, book.premium, is_exposed)
    premium = _pro_rata(premium, days, term)
    grid = _month_grid(valuation_date, int((first + days).max()))
    return Exposure(
        first_day=np.where(is_exposed, first, 0)[of],
        n_days=days[of],
        years=days[of] / DAYS_IN_YEAR,
        worker_years=days[of] / DAYS_IN_YEAR * contracts.part_workers,
        wage=records.part_payroll / contracts.part_workers / 12.0,
        premium=_shared(premium, book.part_premium, book.premium, records.part_start),
        insured_sum=book.insured_sum,
        month_of_day=grid[0],
        middle=grid[1],
        choices=book.choices,
    )


def _window(
    contracts: ContractsInForce, model: NewClaimModel, today: int, law: BookLaw
) -> tuple[Int64, Int64, Int64]:
    """First simulated day from the valuation date, simulated days, days of the term, int64 (n,) each."""
    records = contracts.records
    start, last = records.start_date.astype(np.int64), records.end_date.astype(np.int64)
    # the anniversary itself counts as the end of 12 months too: the law's term has no day more
    last = np.minimum(last, term_end(records.contract_date, records.start_date, law) - 1)
    term = last - start + 1
    if model.assumptions.exposure == "whole_term":
        return np.zeros(len(records), dtype=np.int64), term, term
    stop = last + 1
    ended = contracts.termination_date
    stop = np.where(ended == NO_DATE, stop, np.minimum(stop, ended))
    first = np.maximum(start, today)
    concluded = records.contract_date <= today
    return first - today, np.where(concluded, np.maximum(stop - first, 0), 0), term


def _refuse_classes(records: ContractRecords, model: NewClaimModel, is_exposed: NDArray[np.bool_]) -> None:
    used = np.unique(records.part_class[is_exposed])
    missing = [int(number) for number in used if np.isnan(model.frequency[number - 1, 0])]
    if missing:
        raise NewClaimError(
            "E4506",
            "the frequency table {table} has no row for class {classes}, which the book has: add the rows",
            table=model.assumptions.frequency.table,
            classes=", ".join(map(str, missing)),
        )


def _premiums(
    records: ContractRecords, model: NewClaimModel, by_law: Int64, is_exposed: NDArray[np.bool_]
) -> Int64:
    """Premium of the whole term [tiyn] by the model's choice."""
    if model.assumptions.premium == "law":
        return by_law
    missing = np.flatnonzero(is_exposed & (records.premium_charged == NO_COUNT))
    if missing.size:
        raise NewClaimError(
            "E4507",
            "the model asks for the premium charged, but {missing} of {n} contracts have none, the first is "
            "number {first}: fill the column premium, or choose premium: law",
            missing=missing.size,
            n=len(records),
            first=missing[0] + 1,
        )
    return np.maximum(records.premium_charged, 0)


def _pro_rata(premium: Int64, days: Int64, term: Int64) -> Int64:
    """``premium · days / term`` half-up in whole tiyn, without a product that could leave 64 bits."""
    whole, rest = np.divmod(premium, term)
    return np.asarray(whole * days + (2 * rest * days + term) // (2 * term))


def _shared(premium: Int64, part: Int64, total: Int64, part_start: Int64) -> Int64:
    """Premium of the contracts over their parts in proportion to ``part`` of ``total``; sums are kept."""
    counts = np.diff(part_start)
    before = np.cumsum(part) - part
    own_start = np.repeat(before[part_start[:-1]], counts)
    upper = (before + part - own_start) / np.repeat(np.maximum(total, 1), counts)
    whole = np.repeat(premium, counts)
    until = np.floor(upper * whole + 0.5).astype(np.int64)
    until[part_start[1:] - 1] = premium
    since = np.concatenate((np.zeros(1, np.int64), until[:-1]))
    since[part_start[:-1]] = 0
    return np.asarray(until - since)


def _month_grid(valuation_date: date, n_days: int) -> tuple[Int64, Int32]:
    """Month of each of the days from the valuation date, and the middle day of each month."""
    today = np.full(1, day(valuation_date), dtype=np.int32)
    starts = [int(today[0])]
    while starts[-1] < today[0] + n_days:
        starts.append(int(anniversaries(today, len(starts))[0]))
    edges = np.array(starts, dtype=np.int64)
    months = np.searchsorted(edges, np.arange(n_days) + today[0], side="right") - 1
    middle = (edges[:-1] + edges[1:]) // 2
    return months.astype(np.int64), middle.astype(np.int32)
