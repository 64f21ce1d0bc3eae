"""The checked book of contracts: the one form in which a book reaches the premium computation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from actuarial.record import NO_DATE

NO_COUNT = -1
"""An empty count, amount or rate; a class not given."""
_EPOCH_YEAR = 1970
_FEW_DAYS = 10_000
HUNDREDTHS = 10_000
"""Discounts are hundredths of a percent: 10 000 is the whole premium."""


@dataclass(frozen=True)
class ContractRecords:
    """Compulsory contracts as flat arrays, n contracts with m parts and k rows of accidents.

    Attributes
    ----------
    contract_id : array of str, shape (n,)
        Any array-like with ``len``; the computation never reads it.
    contract_date, start_date, end_date : int32 (n,)
        Days since 1970-01-01; last day of cover in ``end_date``.
    n_workers : int64 (n,)
        `NO_COUNT` where unknown.
    discount : int64 (n,) [hundredths of a percent]
        `NO_COUNT` where none is asked for.
    premium_charged : int64 (n,) [tiyn]
        `NO_COUNT` where the file has none.
    part_start : int64 (n + 1,)
        Parts of contract i are ``part_start[i]:part_start[i + 1]``.
    part_class : int64 (m,)
        1-22.
    part_payroll, part_sum : int64 (m,) [tiyn]
    accident_contract, accident_year, n_injured, n_deaths, n_accidents : int64 (k,)
        Position of the contract, calendar year, counts.
    is_at_fault : bool (k,)
    history_known : bool (n,)
        Whether the contract has any row of accidents.
    """

    contract_id: object
    contract_date: NDArray[np.int32]
    start_date: NDArray[np.int32]
    end_date: NDArray[np.int32]
    n_workers: NDArray[np.int64]
    discount: NDArray[np.int64]
    premium_charged: NDArray[np.int64]
    part_start: NDArray[np.int64]
    part_class: NDArray[np.int64]
    part_payroll: NDArray[np.int64]
    part_sum: NDArray[np.int64]
    accident_contract: NDArray[np.int64]
    accident_year: NDArray[np.int64]
    n_injured: NDArray[np.int64]
    n_deaths: NDArray[np.int64]
    n_accidents: NDArray[np.int64]
    is_at_fault: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of contracts."""
        return int(self.contract_date.shape[0])

    @property
    def n_parts(self) -> int:
        """Number of parts."""
        return int(self.part_class.shape[0])

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths: a mix-up must not reach the kernel."""
        n, m, k = len(self), self.n_parts, int(self.accident_contract.shape[0])
        sizes = {"part_class": m, "part_payroll": m, "part_sum": m, "part_start": n + 1}
        of_accidents = (
            "accident_contract",
            "accident_year",
            "n_injured",
            "n_deaths",
            "n_accidents",
            "is_at_fault",
        )
        sizes |= dict.fromkeys(of_accidents, k)
        for field in fields(self):
            if field.name == "contract_id":
                continue
            array = getattr(self, field.name)
            if array.shape != (sizes.get(field.name, n),):
                raise ValueError(
                    f"ContractRecords.{field.name} has shape {array.shape}, expected "
                    f"({sizes.get(field.name, n)},)"
                )
        if n and (
            self.part_start[0] != 0 or self.part_start[-1] != m or (np.diff(self.part_start) < 1).any()
        ):
            raise ValueError(
                "ContractRecords.part_start: each contract needs a part, and each part a contract"
            )

    @property
    def history_known(self) -> NDArray[np.bool_]:
        """Whether a contract has any row of accidents, bool (n,)."""
        known = np.zeros(len(self), dtype=np.bool_)
        known[self.accident_contract] = True
        return known


def calendar_years(days: NDArray[np.int32]) -> NDArray[np.int64]:
    """Calendar year of each day number; `NO_DATE` gives the year of 1970-01-01."""

    def years(distinct: NDArray[np.int64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = distinct.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
        return found + _EPOCH_YEAR

    return by_day(days, years)


def anniversaries(days: NDArray[np.int32], months: int) -> NDArray[np.int64]:
    """Same day some months later as day numbers; a day that month lacks is its last day."""

    def later(distinct: NDArray[np.int64]) -> NDArray[np.int64]:
        dates = distinct.astype("datetime64[D]")
        month = dates.astype("datetime64[M]")
        in_month = (dates - month.astype("datetime64[D]")).astype(np.int64)
        first = (month + months).astype("datetime64[D]")
        length = ((month + months + 1).astype("datetime64[D]") - first).astype(np.int64)
        same_day: NDArray[np.int64] = first.astype(np.int64) + np.minimum(in_month, length - 1)
        return same_day

    return by_day(days, later)


def by_day(
    days: NDArray[np.int32], rule: Callable[[NDArray[np.int64]], NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Apply a rule of the calendar to every day between the first and the last, and look the days up.

    A book has a million dates and few thousand days. Empty dates are taken as 1970-01-01.
    """
    if not days.size:
        return np.zeros(0, dtype=np.int64)
    is_empty = days == NO_DATE
    safe = np.where(is_empty, 0, days) if is_empty.any() else days
    low, high = int(safe.min()), int(safe.max())
    if high - low > days.size + _FEW_DAYS:
        return rule(safe.astype(np.int64))
    found: NDArray[np.int64] = rule(np.arange(low, high + 1))[safe - low]
    return found
