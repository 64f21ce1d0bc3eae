"""Premiums of a whole book of compulsory contracts: the computation of `premium.compulsory`, vectorised.

The law is taken from `tariffs` by the day of each contract, turned into integers over common units, and
handed to `actuarial.kernels.premium`, which works in whole tiyn. Nothing here is a float.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

import tariffs
from actuarial.error import SafetyLimitError
from actuarial.kernels import premium as kernel
from actuarial.payout_law import PayoutLaw
from actuarial.premium.choice import resolved_choices
from actuarial.premium.record import HUNDREDTHS, NO_COUNT, ContractRecords, anniversaries, calendar_years

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

CLASSES = 22
MOST_TIYN = 10**15
"""Largest insured sum of one contract, ten trillion tenge: beyond it products could leave 64 bits."""
SLICE_ROWS = 32_768
FLOORS = {"minimum": kernel.KEEP_MINIMUM, "drop": kernel.DROP_DISCOUNT, "none": kernel.NO_FLOOR}
NO_COEFFICIENT = -1
"""An empty cell of the law's table."""


@dataclass(frozen=True)
class BookPremium:
    """Premiums of n contracts with m parts.

    Attributes
    ----------
    annual_payroll, insured_sum, base_premium, article_17_premium, premium : int64 (n,) [tiyn]
        As in `actuarial.premium.compulsory.Premium`, each rounded once.
    minimum_applied : bool (n,)
    mean_annual_injured : int64 (n,)
        As the table is entered with; `NO_COUNT` where the history is unknown.
    correction_coefficient, discount : int64 (n,) [1 / HUNDREDTHS]
        `NO_COUNT` for the coefficient where the history is unknown; the discount is the one granted.
    part_rate : int64 (m,) [1 / rate_unit]
    part_insured_sum, part_base, part_premium : int64 (m,) [tiyn]
        Insured sums and premiums of the parts add up to the contract's.
    rate_unit : int
    choices : dict of str to str
    """

    annual_payroll: Int64
    insured_sum: Int64
    base_premium: Int64
    article_17_premium: Int64
    premium: Int64
    minimum_applied: Bool
    mean_annual_injured: Int64
    correction_coefficient: Int64
    discount: Int64
    part_rate: Int64
    part_insured_sum: Int64
    part_base: Int64
    part_premium: Int64
    rate_unit: int
    choices: dict[str, str]

    def difference(self, records: ContractRecords) -> Int64:
        """Premium charged minus premium of the law, int64 (n,) [tiyn]; 0 where none is in the file."""
        charged = records.premium_charged
        return np.where(charged == NO_COUNT, 0, charged - self.premium)


class BookLaw:
    """The law of premiums as integers, and a note of the entries used (in ``notes``)."""

    def __init__(self, notes: PayoutLaw | None = None) -> None:
        self.notes = notes or PayoutLaw()
        self.rate_unit, self._rates = self._rate_table()

    def _rate_table(self) -> tuple[int, Int64]:
        series = self.notes.series("tariff_rate")
        unit = common_unit(rate for table in series.values for rate in table.values())
        rates = np.zeros((len(series.values) + 1, CLASSES + 1), dtype=np.int64)
        for e, table in enumerate(series.values):
            for number, rate in table.items():
                rates[e, number] = int(rate * unit)
        largest = int(rates.max()) * MOST_TIYN
        if largest >= 2**62 or (largest // unit) * self._largest_factor() >= 2**62:
            raise SafetyLimitError(
                "E9002", "tariffs and coefficients on record are too large for exact products"
            )
        return unit, rates

    @staticmethod
    def _largest_factor() -> int:
        rows = [row for entry in tariffs.parameter("correction_coefficient").entries for row in entry.value]
        return int(max(row["coefficient"] or 0 for row in rows) * HUNDREDTHS)

    def rates(self, contract_date: NDArray[np.int32], risk_class: Int64) -> Int64:
        """Tariff of each class on each day [1 / rate_unit], 0 where none is on record."""
        return self._rates[self.notes.series("tariff_rate").position(contract_date), risk_class]

    def smallest_premium(self, contract_date: NDArray[np.int32], wage_date: NDArray[np.int32]) -> Int64:
        """Smallest premium [tiyn], -1 where the minimum wage or the rule is not on record."""
        wages = self.notes.series("minimum_premium_minimum_wages")
        multiples = np.array([int(value) for value in wages.values] + [NO_COUNT], dtype=np.int64)
        if any(value != int(value) for value in wages.values):
            raise SafetyLimitError("E9002", "a smallest premium of a part of a minimum wage is not foreseen")
        wage = self.notes.amounts_tiyn("minimum_wage", wage_date)
        multiple = multiples[wages.position(contract_date)]
        return np.where((wage < 0) | (multiple < 0), NO_COUNT, wage * multiple)

    def history_years(self, contract_date: NDArray[np.int32]) -> Int64:
        """Years of accident history, 0 where none is on record."""
        series = self.notes.series("correction_coefficient_history_years")
        return np.array([*series.values, 0], dtype=np.int64)[series.position(contract_date)]

    def fewest_injured(self) -> int:
        """Smallest mean that the table of coefficients has a row for."""
        rows = [row for value in self.notes.series("correction_coefficient").values for row in value]
        return int(min(row["injured_from"] for row in rows))

    def coefficients(self, contract_date: NDArray[np.int32], mean: Int64, n_workers: Int64) -> Int64:
        """Coefficient [1 / HUNDREDTHS]: 1 below the table, `NO_COEFFICIENT` in its empty cells."""
        series = self.notes.series("correction_coefficient")
        position = series.position(contract_date)
        result = np.full(mean.shape, HUNDREDTHS, dtype=np.int64)
        for e, rows in enumerate(series.values):
            injured = np.unique([row["injured_from"] for row in rows])
            workers = np.unique([row["workers_from"] for row in rows])
            cells = np.full((injured.size, workers.size), NO_COEFFICIENT, dtype=np.int64)
            for row in rows:
                if row["coefficient"] is not None:
                    at = (
                        np.searchsorted(injured, row["injured_from"]),
                        np.searchsorted(workers, row["workers_from"]),
                    )
                    cells[at] = int(row["coefficient"] * HUNDREDTHS)
            here = (position == e) & (mean >= injured[0])
            line = np.searchsorted(injured, mean[here], side="right") - 1
            column = np.maximum(np.searchsorted(workers, n_workers[here], side="right") - 1, 0)
            result[here] = cells[line, column]
        return result


def common_unit(values: Iterable[Decimal]) -> int:
    """Smallest power of ten by which every value becomes an integer."""
    exponents = [value.normalize().as_tuple().exponent for value in values]
    return int(10 ** max(0, *(-e for e in exponents if isinstance(e, int))))


def mean_annual_injured(
    records: ContractRecords, law: BookLaw, choices: Mapping[str, str]
) -> tuple[Int64, Int64]:
    """Mean annual injured as the table is entered with, and all injured in those years, int64 (n,) each.

    The mean is `NO_COUNT` where the history is unknown. The second counts events whoever is at fault: a
    discount is for who had none.
    """
    n = len(records)
    years = law.history_years(records.contract_date)
    contract_year = calendar_years(records.contract_date)
    at = records.accident_contract
    back = contract_year[at] - records.accident_year
    inside = (back >= 1) & (back <= years[at])
    persons = np.where(inside, records.n_injured + records.n_deaths, 0)
    counted = persons if choices["victims"] == "persons" else np.where(inside, records.n_accidents, 0)

    def per_contract(weights: Int64) -> Int64:
        total = np.zeros(n, dtype=np.int64)
        np.add.at(total, at, weights)
        return total

    by_fault = per_contract(np.where(records.is_at_fault, counted, 0))
    if choices["fault"] == "all":
        has_fault = per_contract(np.where(records.is_at_fault, persons, 0)) > 0
        by_fault = np.where(has_fault, per_contract(counted), 0)
    safe = np.maximum(years, 1)
    up = safe if choices["mean_rounding"] == "half_up" else 0
    mean = (2 * by_fault + up) // (2 * safe)
    return np.where(records.history_known, mean, NO_COUNT), per_contract(persons)


def book_premiums(
    records: ContractRecords,
    choices: Mapping[str, str] | None = None,
    *,
    law: BookLaw | None = None,
    threads: int | None = None,
) -> BookPremium:
    """Return the premiums of a checked book of contracts from 2015-05-10 on.

    Parameters
    ----------
    records : ContractRecords
        Checked: every day has a law, every class a tariff, no contract meets an empty cell of the
        coefficient, discounts keep their conditions. `actuarial.portfolio.contract_check` sees to it.
    choices : mapping of str to str, optional
    law : BookLaw, optional
        Notes the entries used.
    threads : int, optional
        Default one a processor. Results do not depend on it.

    Returns
    -------
    BookPremium
        Whole tiyn, each figure rounded half-up once: the same integers as `compulsory_premium`.

    Raises
    ------
    ValueError
        The records were not checked.
    """
    resolved = resolved_choices(choices or {})
    law = law or BookLaw()
    n, m = len(records), records.n_parts
    starts_later = resolved["minimum_wage_date"] == "start_date"
    wage_date = records.start_date if starts_later else records.contract_date
    smallest = law.smallest_premium(records.contract_date, wage_date)
    counts = np.diff(records.part_start)
    rate = law.rates(np.repeat(records.contract_date, counts), records.part_class)
    mean, _ = mean_annual_injured(records, law, resolved)
    coefficient = law.coefficients(records.contract_date, mean, records.n_workers)
    if (smallest < 0).any() or (rate <= 0).any() or (coefficient == NO_COEFFICIENT).any():
        raise ValueError("the book holds contracts without a law: check it first")
    days, term = _term_share(records, law, resolved)
    discount = np.where(mean == NO_COUNT, 0, np.maximum(records.discount, 0))

    new = {
        name: np.empty(n, dtype=np.int64)
        for name in ("base", "insured_sum", "article_17", "premium", "discount")
    }
    part = {name: np.empty(m, dtype=np.int64) for name in ("insured_sum", "base", "premium")}
    is_minimum = np.empty(n, dtype=np.bool_)
    is_after = resolved["minimum_test"] == "after_coefficient"

    def run(first: int) -> None:
        rows = slice(first, min(first + SLICE_ROWS, n))
        begin, end = records.part_start[rows.start], records.part_start[rows.stop]
        parts = slice(begin, end)
        kernel.contract_premiums(
            records.part_start[rows.start : rows.stop + 1] - begin,
            records.part_sum[parts],
            rate[parts],
            smallest[rows],
            days[rows],
            term[rows],
            coefficient[rows],
            discount[rows],
            law.rate_unit,
            HUNDREDTHS,
            is_after,
            FLOORS[resolved["discount_floor"]],
            new["base"][rows],
            new["insured_sum"][rows],
            new["article_17"][rows],
            new["premium"][rows],
            is_minimum[rows],
            new["discount"][rows],
            part["insured_sum"][parts],
            part["base"][parts],
            part["premium"][parts],
        )

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        list(pool.map(run, range(0, n, SLICE_ROWS)))
    payroll = np.add.reduceat(records.part_payroll, records.part_start[:-1]) if n else np.zeros(0, np.int64)
    return BookPremium(
        annual_payroll=payroll,
        insured_sum=new["insured_sum"],
        base_premium=new["base"],
        article_17_premium=new["article_17"],
        premium=new["premium"],
        minimum_applied=is_minimum,
        mean_annual_injured=mean,
        correction_coefficient=np.where(mean == NO_COUNT, NO_COUNT, coefficient),
        discount=new["discount"],
        part_rate=rate,
        part_insured_sum=part["insured_sum"],
        part_base=part["base"],
        part_premium=part["premium"],
        rate_unit=law.rate_unit,
        choices=resolved,
    )


def _term_share(records: ContractRecords, law: BookLaw, choices: Mapping[str, str]) -> tuple[Int64, Int64]:
    """Share of the tariff for a term shorter than the law's: days of cover / days of the whole term."""
    n = len(records)
    whole = np.ones(n, dtype=np.int64)
    if choices["short_term"] == "full_tariff" or not n:
        return whole, whole
    full = term_end(records.contract_date, records.start_date, law) - records.start_date
    days = records.end_date.astype(np.int64) - records.start_date + 1
    is_short = days < full
    return np.where(is_short, days, 1), np.where(is_short, full, 1)


def term_end(contract_date: NDArray[np.int32], start_date: NDArray[np.int32], law: BookLaw) -> Int64:
    """First day after the whole term of the law, of contracts that start on a day."""
    series = law.notes.series("contract_term_months")
    entry = series.position(contract_date)
    # before the record any term does: such contracts are refused
    ends = [anniversaries(start_date, months) for months in series.values]
    return np.choose(np.maximum(entry, 0), ends)
