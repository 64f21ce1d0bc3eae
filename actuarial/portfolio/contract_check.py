"""A book of contracts checked and joined: from parsed tables to `ContractRecords`, or to findings.

Rows of parts, staff and accidents find their contract by ``contract_id``; everything the computation needs is
settled here, so that what reaches `actuarial.premium.book` has a law, a class, a payroll and a history.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import tariffs
from actuarial.kernels import join as kernel
from actuarial.language import Text, message_of, text
from actuarial.payout_law import StepSeries, calendar_date
from actuarial.portfolio.arrow import first_equal, row_numbers, text_of_arrow
from actuarial.portfolio.cell import IN_EVERY_ROW
from actuarial.portfolio.contract_column import PART_COLUMNS, PART_LEVEL
from actuarial.portfolio.contract_read import (
    BookTable,
    BookTables,
    book_tables_of_frames,
    read_book_tables,
)
from actuarial.portfolio.finding import Findings
from actuarial.portfolio.mapping import Mapping as ColumnMapping
from actuarial.portfolio.source import Source
from actuarial.premium.book import (
    CLASSES,
    MOST_TIYN,
    NO_COEFFICIENT,
    BookLaw,
    mean_annual_injured,
    term_end,
)
from actuarial.premium.choice import resolved_choices
from actuarial.premium.compulsory import MONTHS_IN_YEAR, shown_percent
from actuarial.premium.record import HUNDREDTHS, NO_COUNT, ContractRecords, calendar_years
from actuarial.record import NO_AMOUNT, NO_DATE, PRODUCTS
from tariffs.classification import MASKS, ClassificationError, activity_names
from tariffs.classification import risk_class as oked_class

if TYPE_CHECKING:
    import pandas as pd

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

PREMIUM_COLUMNS = (
    "product",
    "start_date",
    "end_date",
    "premium",
    "insured_sum",
    "n_workers",
    "discount",
    "region",
    "part",
    "oked_code",
    "risk_class",
    "receiving_class",
    "annual_payroll",
)
"""Columns of contracts that the computation of premiums looks at."""
MOST_EXPLAINED_CODES = 20
MOST_SEARCHES = 8
"""A part of the rows, 1 / this, may be out of order before a hash table is quicker than searching."""
VOLUNTARY = PRODUCTS.index("voluntary")


@dataclass
class Book:
    """A checked book.

    Attributes
    ----------
    records : ContractRecords or None
        None where any finding is an error.
    findings : Findings
    n_rows : int
        Contracts read, voluntary ones included.
    sources : list of Source
    part_name, region : Arrow string array (m,), or None
        Of the parts, in the order of the records; None where the file has none.
    law : BookLaw
    choices : dict of str to str
    contract_row : int64 (n,)
        Row of each contract in its table.
    part_row : int64 (m,)
        Row of each part in its table.
    """

    records: ContractRecords | None
    findings: Findings
    n_rows: int
    sources: list[Source]
    part_name: Any
    region: Any
    law: BookLaw
    choices: dict[str, str]
    contract_row: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    part_row: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def read_contracts(
    path: Path,
    choices: Mapping[str, str] | None = None,
    *,
    mapping: Path | dict[str, ColumnMapping] | None = None,
    threads: int | None = None,
) -> Book:
    """Read and check a book of compulsory contracts.

    Parameters
    ----------
    path : Path
        See `actuarial.portfolio.contract_read.read_book_tables`, which also says what it raises.
    choices : mapping of str to str, optional
        Of `actuarial.premium.choice.CHOICES`: which minimum wage, whose accidents.
    mapping : Path or dict of str to Mapping, optional
    threads : int, optional

    Returns
    -------
    Book
        ``records`` is None where anything is an error; ``findings`` names each with its cell.
    """
    resolved = resolved_choices(choices or {})
    tables = read_book_tables(path, wanted=PREMIUM_COLUMNS, mapping=mapping, threads=threads)
    return checked_book(tables, resolved)


def contracts_of_frames(
    frames: Mapping[str, pd.DataFrame],
    choices: Mapping[str, str] | None = None,
    *,
    mappings: dict[str, ColumnMapping] | None = None,
) -> Book:
    """Check a book held in pandas frames, by table name; as `read_contracts`."""
    resolved = resolved_choices(choices or {})
    return checked_book(book_tables_of_frames(frames, wanted=PREMIUM_COLUMNS, mappings=mappings), resolved)


def checked_book(tables: BookTables, resolved: dict[str, str]) -> Book:
    """Check the tables of a book under resolved choices; see `read_contracts`."""
    law = BookLaw()
    if tables.contracts is None or tables.parts is None:
        return Book(None, tables.findings, 0, tables.sources, None, None, law, resolved)
    joined = joined_tables(tables)
    checker = BookChecker(tables.contracts, tables.parts, tables, joined, law, resolved)
    records = checker.run()
    if records is None:
        return Book(None, tables.findings, joined.n, tables.sources, None, None, law, resolved)
    names, regions = checker.texts()
    rows = checker.kept_rows, checker.order
    return Book(records, tables.findings, joined.n, tables.sources, names, regions, law, resolved, *rows)


@dataclass
class Joined:
    """Which contract each row belongs to; -1 where there is none.

    Attributes
    ----------
    n : int
        Contracts.
    row : int64 (n,)
        Row of each contract in its table (the first of its rows in a flat table).
    of_part, of_staff, of_accident : int64
        Position of the contract of each row.
    same_code, same_name : int64 (parts)
        For each part the first with its code of activity, and with its name.
    """

    n: int
    row: Int64
    of_part: Int64
    of_staff: Int64
    of_accident: Int64
    same_code: Int64
    same_name: Int64


def joined_tables(tables: BookTables) -> Joined:
    """Find the contract of each row; ids that are empty, doubled or unknown become findings."""
    contracts, parts = tables.contracts, tables.parts
    assert contracts is not None
    assert parts is not None
    others: list[BookTable | None] = [None if tables.is_flat else parts, tables.staff, tables.accidents]
    present = [contracts, *(table for table in others if table is not None)]
    # three look-ups that need nothing of each other
    with ThreadPoolExecutor(3) as pool:
        ids = pool.submit(_rows_of_ids, [table.texts("contract_id") for table in present])
        codes = pool.submit(first_equal, parts.texts("oked_code"))
        names = pool.submit(first_equal, parts.texts("part"))
        own, *rest = ids.result()
        same_code, same_name = codes.result(), names.result()
    for table in present:
        text = text_of_arrow(table.texts("contract_id"))
        table.report("E2001", (text.starts == text.ends) & ~table.is_bad, "contract_id", need=IN_EVERY_ROW)
    is_first = own == np.arange(contracts.n)
    number = np.full(contracts.n, -1, dtype=np.int64)
    number[is_first] = np.arange(int(is_first.sum()))
    doubled = ~is_first
    if not tables.is_flat and doubled.any():
        doubled[own[doubled]] = True
        contracts.report("E3601", doubled & ~contracts.is_bad, "contract_id")
    found: list[Int64] = []
    for other in others:
        if other is None:
            found.append(np.zeros(0, dtype=np.int64))
            continue
        at = rest.pop(0)
        other.report("E3603", (at < 0) & ~other.is_bad, "contract_id")
        found.append(np.where(at < 0, -1, number[np.maximum(at, 0)]))
    of_part = number[own] if tables.is_flat else found[0]
    rows = np.flatnonzero(is_first)
    return Joined(rows.size, rows, of_part, found[1], found[2], same_code, same_name)


def _rows_of_ids(columns: list[Any]) -> list[Int64]:
    """For the first column the row of the first equal id, for the others the row in it, -1 for none."""
    import pyarrow as pa

    keys = text_of_arrow(columns[0])
    n = len(columns[0])
    if not kernel.is_ascending(keys.data, keys.starts, keys.ends):
        first = first_equal(pa.concat_arrays(columns))
        own, *others = np.split(first, np.cumsum([len(column) for column in columns])[:-1])
        return [own, *(np.where(rows < n, rows, -1) for rows in others)]
    found: list[Int64] = [np.arange(n)]
    for column in columns[1:]:
        rows = np.empty(len(column), dtype=np.int64)
        other = text_of_arrow(column)
        bounds = (keys.data, keys.starts, keys.ends, other.data, other.starts, other.ends)
        if not kernel.locate(*bounds, min(len(column), n) // MOST_SEARCHES, rows):
            at = first_equal(pa.concat_arrays([columns[0], column]))[n:]
            rows = np.where(at < n, at, -1)
        found.append(rows)
    return found


@dataclass
class BookChecker:
    """Checks and settles every column; rows are those of the tables, contracts positions in `Joined`."""

    contracts: BookTable
    parts: BookTable
    tables: BookTables
    joined: Joined
    law: BookLaw
    choices: Mapping[str, str]
    order: Int64 = field(init=False)
    is_kept: Bool = field(init=False)

    def settle(self) -> Int64:
        """Dates, headcounts and payrolls; returns the annual payroll of each part [tiyn]."""
        self._contracts_of_flat_rows()
        row = self.joined.row
        product = self.contracts.values("product")[row]
        is_voluntary = product == VOLUNTARY
        self.contracts.report("W3605", row[is_voluntary], "product")
        self.is_kept = ~is_voluntary
        of_part = self.joined.of_part
        n_parts = np.bincount(of_part[of_part >= 0], minlength=self.joined.n)
        self.contracts.report("E3602", row[self.is_kept & (n_parts == 0)], "contract_id")
        self.start, self.end = self._dates()
        self.part_in = self._kept(of_part)
        self.n_workers = self._headcount()
        self.wage = self._wage()
        return self._payrolls()

    def run(self) -> ContractRecords | None:
        """All checks; the records where nothing is an error."""
        payroll = self.settle()
        risk_class = self._classes()
        insured_sum = self._insured_sums(payroll)
        self._names()
        self._small_payrolls(payroll)
        if self.tables.findings.has_errors and not self._can_ask_history():
            return None
        records = self._records(risk_class, payroll, insured_sum)
        self._history(records)
        return None if self.tables.findings.has_errors else records

    def texts(self) -> tuple[Any, Any]:
        """Names and regions of the parts in the order of the records, None where the file has none."""
        name = _taken(self.parts.texts("part"), self.order) if "part" in self.parts.present else None
        if "region" in self.parts.present:
            return name, _taken(self.parts.texts("region"), self.order)
        if "region" in self.contracts.present:
            rows = self.joined.row[self.joined.of_part[self.order]]
            return name, self.contracts.texts("region").take(row_numbers(rows))
        return name, None

    def _kept(self, of_row: Int64) -> Bool:
        """Rows of contracts that are computed."""
        return (of_row >= 0) & self.is_kept[np.maximum(of_row, 0)]

    def _contracts_of_flat_rows(self) -> None:
        """Rows of one contract agree in the columns of the contract."""
        if not self.tables.is_flat or self.joined.n == self.contracts.n:
            return
        first = self.joined.row[self.joined.of_part]
        of_part = {*PART_LEVEL, *(column.name for column in PART_COLUMNS)}
        for column in self.contracts.schema.columns:
            name = column.name
            if column.kind == "text" or name not in self.contracts.present or name in of_part:
                continue
            values = self.contracts.values(name)
            with np.errstate(invalid="ignore"):
                differs = (values != values[first]) & ~(np.isnan(values) & np.isnan(values[first]))
            self.contracts.report("E3605", differs & ~self.contracts.is_bad, name)

    def _dates(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """First and last day of cover, with the defaults of the law."""
        table, row = self.contracts, self.joined.row
        signed = table.values("contract_date")
        table.report(
            "E2001", table.is_empty("contract_date") & ~table.is_bad, "contract_date", need=IN_EVERY_ROW
        )
        rates = self.law.notes.series("tariff_rate")
        signed = signed[row]
        self.has_date = (signed != NO_DATE) & self.is_kept
        early = self.has_date & (rates.position(signed) < 0)
        table.report("E3611", row[early], "contract_date", date=calendar_date(int(rates.starts[0])))
        self.has_law = self.has_date & ~early
        start = table.values("start_date")[row]
        start = np.where(start == NO_DATE, signed, start)
        anniversary = term_end(signed, start, self.law)
        end = table.values("end_date")[row]
        end = np.where(end == NO_DATE, anniversary - 1, end).astype(np.int32)
        told = str(self.law.notes.series("contract_term_months").values[-1])
        asked = self.has_law
        table.report("E3616", row[asked & (end < start)], "end_date", also=("start_date",))
        table.report("E3617", row[asked & (end > anniversary)], "end_date", also=("start_date",), months=told)
        table.report("W3606", row[asked & (start < signed)], "start_date", also=("contract_date",))
        short = asked & (end >= start) & (end < anniversary - 1)
        table.report("W3607", row[short], "end_date", also=("start_date",), months=told)
        return start, end

    def _headcount(self) -> Int64:
        """All workers of each contract, `NO_COUNT` where unknown."""
        of_part, n = self.joined.of_part, self.joined.n
        in_part = self.parts.values("n_workers")
        self.parts.report("E3621", (in_part == 0) & ~self.parts.is_bad, "n_workers")
        known = self.part_in & (in_part >= 0)
        total = np.zeros(n, dtype=np.int64)
        np.add.at(total, of_part[known], in_part[known])
        parts = np.bincount(of_part[self.part_in], minlength=n)
        filled = np.bincount(of_part[known], minlength=n)
        total = np.where((filled == parts) & (parts > 0), total, self._staff_headcount())
        if self.tables.is_flat:
            return total
        own = self.contracts.values("n_workers")[self.joined.row]
        self.contracts.report("E3621", self.joined.row[(own == 0) & self.is_kept], "n_workers")
        differs = self.is_kept & (own > 0) & (total > 0) & (own != total)
        self.contracts.report("E3626", self.joined.row[differs], "n_workers")
        return np.where(own > 0, own, total)

    def _staff_headcount(self) -> Int64:
        """Workers in the staff lists of each contract, `NO_COUNT` where it has none."""
        staff, of = self.tables.staff, self.joined.of_staff
        total = np.full(self.joined.n, NO_COUNT, dtype=np.int64)
        if staff is None:
            return total
        known = (of >= 0) & (staff.values("n_workers") >= 0)
        total[of[known]] = 0
        np.add.at(total, of[known], staff.values("n_workers")[known])
        return total

    def _wage(self) -> Int64:
        """Minimum wage of each contract [tiyn], -1 where none is on record."""
        name = "start_date" if self.choices["minimum_wage_date"] == "start_date" else "contract_date"
        signed = self.contracts.values("contract_date")[self.joined.row]
        days = self.start if name == "start_date" else signed
        wage = self.law.notes.amounts_tiyn("minimum_wage", days)
        missing = self.has_law & (wage < 0)
        self._reasons("E3612", "minimum_wage", days, missing, name)
        return wage

    def _reasons(self, code: str, parameter: str, days: NDArray[np.int32], rows: Bool, column: str) -> None:
        """Report contracts without a value of the law, each gap of the record with its own reason."""
        at = np.flatnonzero(rows)
        starts = self.law.notes.series(parameter).starts
        gap = np.searchsorted(starts, days[at], side="right")
        for number in np.unique(gap):
            here = at[gap == number]
            try:
                tariffs.parameter(parameter).on(calendar_date(int(days[here].min())))
            except tariffs.LawError as error:
                self.contracts.report(code, self.joined.row[here], column, reason=message_of(error))

    def _classes(self) -> Int64:
        """Class of each part: as given, or by the code of activity; not below the receiving side's."""
        table = self.parts
        given = table.values("risk_class")
        asked = self.part_in & self.has_law[np.maximum(self.joined.of_part, 0)]
        by_code = self._classes_by_code(asked)
        is_given = ~table.is_empty("risk_class")
        low, high = "1", str(CLASSES)
        table.report(
            "E3614", is_given & ~self._is_class(given) & ~table.is_bad, "risk_class", low=low, high=high
        )
        differs = asked & is_given & (by_code > 0) & (by_code != given) & ~table.is_bad
        table.report("W3601", differs, "risk_class", also=self._shown("oked_code"))
        found = np.where(is_given, given, by_code)
        receiving = table.values("receiving_class")
        has = asked & (receiving != NO_AMOUNT)
        if has.any():
            table.report("E3614", has & ~self._is_class(receiving), "receiving_class", low=low, high=high)
            rule = self.law.notes.series("staffing_agency_class")
            signed = self._of_contract(self.contracts.values("contract_date")[self.joined.row])
            first = calendar_date(int(rule.starts[0]))
            table.report("E3618", has & (rule.position(signed) < 0), "receiving_class", date=first)
            found = np.where(has, np.maximum(found, receiving), found)
        return np.clip(found, 1, CLASSES)

    def _shown(self, name: str) -> tuple[str, ...]:
        """A column of the parts to show beside another, if the file has it."""
        return (name,) if name in self.parts.present else ()

    def _of_contract(self, values: NDArray[Any]) -> NDArray[Any]:
        """A figure of the contract for each part."""
        taken: NDArray[Any] = values[np.maximum(self.joined.of_part, 0)]
        return taken

    @staticmethod
    def _is_class(values: Int64) -> Bool:
        inside: Bool = (values >= 1) & (values <= CLASSES)
        return inside

    def _classes_by_code(self, asked: Bool) -> Int64:
        """Class of each part's code of activity, 0 where it has none."""
        table = self.parts
        result = np.zeros(table.n, dtype=np.int64)
        is_given = ~table.is_empty("risk_class")
        if "oked_code" not in table.present:
            table.report("E3615", asked & ~is_given & ~table.is_bad, "risk_class")
            return result
        texts = table.texts("oked_code")
        bounds = text_of_arrow(texts)
        is_blank = bounds.starts == bounds.ends
        table.report("E3615", asked & ~is_given & is_blank & ~table.is_bad, "oked_code")
        first = self.joined.same_code
        distinct = np.flatnonzero(first == np.arange(table.n))
        number = np.zeros(table.n, dtype=np.int64)
        number[distinct] = np.arange(distinct.size)
        editions = self.law.notes.series(MASKS)
        edition = editions.position(self.contracts.values("contract_date")[self.joined.row])
        workers, annex = _annexes(editions, self.n_workers)
        shape = (distinct.size, len(editions.values) + 1, len(workers))
        in_contract = (edition + 1) * len(workers) + annex
        key = number[first] * (shape[1] * shape[2]) + self._of_contract(in_contract)
        wanted = asked & ~is_blank
        if is_given.any():
            # a class given before the first order needs no code
            wanted &= ~(is_given & self._of_contract(edition < 0))
        used = np.zeros(np.prod(shape), dtype=np.bool_)
        used[key[wanted]] = True
        cells = np.zeros(used.size, dtype=np.int64)
        reasons: dict[Text, list[int]] = {}
        explained = 0
        for cell in np.flatnonzero(used):
            k, e, w = np.unravel_index(cell, shape)
            code = bounds.at(int(distinct[k])).strip()
            if not e:
                first_day = calendar_date(int(editions.starts[0]))
                reason = text("no order on classes before {day} is on record", day=first_day)
                reasons.setdefault(reason, []).append(int(cell))
                continue
            # the nearest codes take a search over all activities: only the first bad codes get them
            if explained >= MOST_EXPLAINED_CODES and code.replace(".", "") not in activity_names():
                reasons.setdefault(text("unknown OKED code"), []).append(int(cell))
                continue
            try:
                cells[cell] = oked_class(code, editions.entries[e - 1].start, workers[w])
            except ClassificationError as error:
                explained += 1
                reasons.setdefault(message_of(error), []).append(int(cell))
        result[wanted] = cells[key[wanted]]
        for reason, bad in reasons.items():
            rows = wanted & ~is_given & np.isin(key, bad)
            table.report("E3613", rows & ~table.is_bad, "oked_code", reason=reason)
        return result

    def _payrolls(self) -> Int64:
        """Annual payroll of each part [tiyn]: as given, or from the staff list with incomes capped."""
        table = self.parts
        given: Int64 = table.values("annual_payroll")
        is_empty = table.is_empty("annual_payroll")
        table.report("E3621", self.part_in & (given == 0) & ~table.is_bad, "annual_payroll")
        if self.tables.staff is None:
            table.report("E3622", self.part_in & is_empty & ~table.is_bad, "annual_payroll")
            return np.maximum(given, 1)
        from_staff, has_staff = self._staff_payrolls(self.tables.staff)
        asked = self.part_in & ~table.is_bad
        table.report("E3622", asked & is_empty & ~has_staff, "annual_payroll")
        table.report("E3623", asked & ~is_empty & has_staff, "annual_payroll")
        return np.maximum(np.where(is_empty, from_staff, given), 1)

    def _staff_payrolls(self, staff: BookTable) -> tuple[Int64, Bool]:
        """Payroll of each part by its staff list, and which parts have one."""
        import pyarrow as pa

        table, of_part, of_staff = self.parts, self.joined.of_part, self.joined.of_staff
        for name in ("n_workers", "monthly_income"):
            staff.report("E2001", staff.is_empty(name) & ~staff.is_bad, name, need=IN_EVERY_ROW)
            staff.report("E3621", (staff.values(name) == 0) & ~staff.is_bad, name)
        names = first_equal(pa.concat_arrays([table.texts("part"), staff.texts("part")]))
        size = table.n + staff.n
        keys = np.where(of_part >= 0, of_part * size + names[: table.n], -1)
        order = np.argsort(keys, kind="stable")
        wanted = np.where(of_staff >= 0, of_staff * size + names[table.n :], -2)
        at = np.minimum(np.searchsorted(keys[order], wanted), table.n - 1)
        part = np.where(keys[order][at] == wanted, order[at], -1)
        kept = self._kept(of_staff)
        staff.report("E3606", kept & (part < 0) & ~staff.is_bad, "part")
        cap = self._cap()[np.maximum(of_staff, 0)]
        count, income = staff.values("n_workers"), staff.values("monthly_income")
        used = (part >= 0) & ~staff.is_bad
        counted = np.minimum(income, np.where(cap < 0, income, cap))
        too_much = used & (count.astype(np.float64) * counted * MONTHS_IN_YEAR >= MOST_TIYN)
        staff.report("E3625", too_much, "monthly_income")
        used &= ~too_much
        total = np.zeros(table.n, dtype=np.int64)
        np.add.at(total, part[used], count[used] * counted[used] * MONTHS_IN_YEAR)
        has = np.zeros(table.n, dtype=np.bool_)
        has[part[part >= 0]] = True
        return total, has

    def _cap(self) -> Int64:
        """Cap of one worker's monthly income in each contract [tiyn], -1 where unknown."""
        series = self.law.notes.series("payroll_cap_minimum_wages")
        signed = self.contracts.values("contract_date")[self.joined.row]
        multiple = np.array([*(int(value) for value in series.values), NO_COUNT], dtype=np.int64)
        multiple = multiple[series.position(signed)]
        cap: Int64 = np.where((self.wage < 0) | (multiple < 0), -1, self.wage * multiple)
        return cap

    def _insured_sums(self, payroll: Int64) -> Int64:
        """Insured sum of each part [tiyn]: at least the payroll, which is the default."""
        table = self.parts
        given = table.values("insured_sum")
        found = np.where(given == NO_AMOUNT, payroll, given)
        low = self.part_in & (found < payroll) & ~table.is_bad
        table.report("E3624", low, "insured_sum", also=self._shown("annual_payroll"))
        of = self.joined.of_part[self.part_in]
        total = np.bincount(of, found[self.part_in].astype(np.float64), minlength=self.joined.n)
        self.contracts.report("E3625", self.joined.row[total >= MOST_TIYN], "contract_id")
        if not self.tables.is_flat:
            own = self.contracts.values("insured_sum")[self.joined.row]
            all_payroll = np.zeros(self.joined.n, dtype=np.int64)
            np.add.at(all_payroll, of, payroll[self.part_in])
            is_low = self.is_kept & (own != NO_AMOUNT) & (own < all_payroll) & (total < MOST_TIYN)
            self.contracts.report("E3624", self.joined.row[is_low], "insured_sum")
        return found

    def _names(self) -> None:
        """No two parts of a contract have one name."""
        table, of_part = self.parts, self.joined.of_part
        parts = np.bincount(of_part[self.part_in], minlength=self.joined.n)
        several = np.flatnonzero(self.part_in & (parts[np.maximum(of_part, 0)] > 1))
        if not several.size:
            return
        key = of_part[several] * table.n + self.joined.same_name[several]
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(np.diff(key[order]) == 0)
        rows = several[np.unique(np.concatenate((order[same], order[same + 1])))]
        table.report("E3604", rows, "part" if "part" in table.present else "contract_id")

    def _small_payrolls(self, payroll: Int64) -> None:
        """A payroll below the minimum wage of all workers is worth a look."""
        total = np.zeros(self.joined.n, dtype=np.float64)
        np.add.at(total, self.joined.of_part[self.part_in], payroll[self.part_in].astype(np.float64))
        least = self.n_workers * self.wage.astype(np.float64) * MONTHS_IN_YEAR
        low = self.has_law & (self.n_workers > 0) & (self.wage > 0) & (total < least) & (total > 0)
        self.contracts.report("W3602", self.joined.row[low], "contract_id", months=str(MONTHS_IN_YEAR))

    def _can_ask_history(self) -> bool:
        """Whether dates and counts are whole enough to look at the accidents beside other errors."""
        return bool(self.has_law[self.is_kept].all()) and not self.tables.file_findings.has_errors

    def _records(self, risk_class: Int64, payroll: Int64, insured_sum: Int64) -> ContractRecords:
        """The records: contracts that are computed, their parts in order."""
        parts = np.bincount(self.joined.of_part[self.part_in], minlength=self.joined.n)
        # a contract without parts is an error already; it must not upset the shapes
        kept = self.is_kept & (parts > 0)
        number = np.cumsum(kept) - 1
        rows = np.flatnonzero(self.part_in)
        of = self.joined.of_part[rows]
        if (np.diff(of) < 0).any():
            order = np.argsort(of, kind="stable")
            rows, of = rows[order], of[order]
        self.order = rows
        self.kept_rows = self.joined.row[kept]
        row = self.kept_rows
        counts = parts[kept]
        own = self.contracts
        year, injured, deaths, accidents, fault, contract = self._accidents(kept, number)
        return ContractRecords(
            contract_id=_taken(own.texts("contract_id"), row),
            contract_date=own.values("contract_date")[row],
            start_date=self.start[kept],
            end_date=self.end[kept],
            n_workers=self.n_workers[kept],
            discount=own.values("discount")[row],
            premium_charged=own.values("premium")[row],
            part_start=np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))),
            part_class=risk_class[rows],
            part_payroll=payroll[rows],
            part_sum=insured_sum[rows],
            accident_contract=contract,
            accident_year=year,
            n_injured=injured,
            n_deaths=deaths,
            n_accidents=accidents,
            is_at_fault=fault,
        )

    def _accidents(self, kept: Bool, number: Int64) -> tuple[Any, ...]:
        """Rows of accidents of the contracts that are computed, as arrays."""
        table, of = self.tables.accidents, self.joined.of_accident
        if table is None:
            none = np.zeros(0, dtype=np.int64)
            self.accident_rows = none
            return none, none, none, none, np.zeros(0, dtype=np.bool_), none
        for name in ("year", "n_injured"):
            table.report("E2001", table.is_empty(name) & ~table.is_bad, name, need=IN_EVERY_ROW)
        injured = np.maximum(table.values("n_injured"), 0)
        deaths = np.maximum(table.values("n_deaths"), 0)
        unknown = table.is_empty("at_fault") & (injured + deaths > 0) & ~table.is_bad
        table.report("E3631", unknown, "at_fault")
        rows = np.flatnonzero((of >= 0) & kept[np.maximum(of, 0)])
        self.accident_rows = rows
        given = table.values("n_accidents")
        if self.choices["victims"] == "accidents":
            needed = (given == NO_AMOUNT) & (injured + deaths > 0) & ~table.is_bad
            table.report("E3634", needed, "n_accidents" if "n_accidents" in table.present else "n_injured")
        return (
            table.values("year")[rows],
            injured[rows],
            deaths[rows],
            np.maximum(given[rows], 0),
            table.values("at_fault")[rows] == 1,
            number[of[rows]],
        )

    def _history(self, records: ContractRecords) -> None:
        """Coefficients and discounts: what the law's table and its conditions refuse."""
        table, row = self.contracts, self.kept_rows
        mean, persons = mean_annual_injured(records, self.law, self.choices)
        years = self.law.history_years(records.contract_date)
        self._years(records, years)
        coefficient = self.law.coefficients(records.contract_date, mean, records.n_workers)
        lacks = (mean >= self.law.fewest_injured()) & (records.n_workers <= 0)
        table.report("E3632", row[lacks], "n_workers" if "n_workers" in table.present else "contract_id")
        table.report("E3633", row[(coefficient == NO_COEFFICIENT) & ~lacks], "contract_id")
        self._discounts(records, persons)

    def _years(self, records: ContractRecords, years: Int64) -> None:
        """Years of accidents outside the law's, and contracts whose accidents do not name all of them."""
        table = self.tables.accidents
        if table is None:
            return
        of = records.accident_contract
        back = calendar_years(records.contract_date)[of] - records.accident_year
        inside = (back >= 1) & (back <= years[of])
        table.report("W3608", self.accident_rows[~inside], "year")
        most = int(years.max(initial=1))
        named_years = np.zeros((len(records), most + 1), dtype=np.bool_)
        named_years[of[inside], back[inside]] = True
        named = named_years.sum(axis=1)
        missing = records.history_known & (named < years)
        self.contracts.report("W3604", self.kept_rows[missing], "contract_id")

    def _discounts(self, records: ContractRecords, persons: Int64) -> None:
        table, row = self.contracts, self.kept_rows
        asked = records.discount > 0
        if not asked.any():
            return
        known = records.history_known
        table.report("W3603", row[asked & ~known], "discount")
        asked &= known
        series = self.law.notes.series("no_event_discount")
        entry = series.position(records.contract_date)
        everywhere = np.zeros(self.joined.n, dtype=np.bool_)
        at = np.searchsorted(self.joined.row, row)
        everywhere[at] = asked & (entry < 0)
        signed = table.values("contract_date")[self.joined.row]
        self._reasons("E3644", "no_event_discount", signed, everywhere, "discount")
        for number, rule in enumerate(series.values):
            here = asked & (entry == number)
            if not rule["allowed"]:
                table.report("E3641", row[here], "discount")
                continue
            maximum = rule["maximum"] if rule["maximum"] is not None else Decimal(1)
            above = here & (records.discount > int(maximum * HUNDREDTHS))
            table.report("E3642", row[above], "discount", maximum=shown_percent(maximum))
            table.report("E3643", row[here & ~above & (persons > 0)], "discount")


def _annexes(editions: StepSeries, n_workers: Int64) -> tuple[list[int | None], Int64]:
    """Headcounts that stand for each annex of the order, unknown first, and which one each part falls in."""
    rows = [line for value in editions.values for line in value]
    bounds = sorted({1} | {line["workers_from"] for line in rows if line["workers_from"] is not None})
    annex = np.searchsorted(np.array(bounds), n_workers, side="right")
    return [None, *bounds], np.where(n_workers > 0, annex, 0)


def _taken(texts: Any, rows: Int64) -> Any:
    """Texts of some rows; the array itself where these are all of them in order."""
    is_all = rows.size == len(texts) and (rows[:-1] < rows[1:]).all()
    return texts if is_all else texts.take(row_numbers(rows))
