"""A book of contracts with its claims, checked and joined: from tables to records, or to findings."""

from __future__ import annotations

import os
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actuarial.claim_record import OCCUPATIONAL_DISEASE, BookExperience, ClaimRecords
from actuarial.error import SafetyLimitError
from actuarial.payout_law import day
from actuarial.portfolio.arrow import first_equal, row_numbers, table_of_frame, text_of_arrow
from actuarial.portfolio.cell import IN_EVERY_ROW, NO_SIGNED_AMOUNT
from actuarial.portfolio.claim_column import CLAIM_SCHEMA, CLAIMS, OF_CLAIM
from actuarial.portfolio.column import TABLE_INDEX, normalised
from actuarial.portfolio.contract_check import PREMIUM_COLUMNS, Book, checked_book
from actuarial.portfolio.contract_read import (
    BookTable,
    BookTables,
    book_tables_of_frames,
    read_book_tables,
    table_mappings,
)
from actuarial.portfolio.finding import Findings, combined
from actuarial.portfolio.mapping import Mapping
from actuarial.portfolio.source import Source
from actuarial.portfolio.table_read import parsed_table, read_table
from actuarial.premium.book import CLASSES
from actuarial.premium.choice import resolved_choices
from actuarial.premium.record import NO_COUNT, ContractRecords
from actuarial.record import NO_AMOUNT, NO_DATE

if TYPE_CHECKING:
    import pandas as pd

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Bool = NDArray[np.bool_]

EXPERIENCE_COLUMNS = (*PREMIUM_COLUMNS, "policyholder_name", "bin", "termination_date")
"""Columns of contracts that an experience study looks at."""


@dataclass(frozen=True)
class ExperienceReading:
    """What reading a book with its claims gave; ``experience`` is None where any finding is an error."""

    experience: BookExperience | None
    findings: Findings
    sources: list[Source]


def read_experience(
    contracts: Path,
    claims: Path | None,
    valuation_date: date,
    choices: MappingOf[str, str] | None = None,
    *,
    mapping: Path | dict[str, Mapping] | None = None,
    threads: int | None = None,
) -> ExperienceReading:
    """Read and check a book of compulsory contracts and the claims on it.

    Parameters
    ----------
    contracts : Path
        See `actuarial.portfolio.contract_read.read_book_tables`.
    claims : Path or None
        File, workbook or folder with the table ``claims``; None: where the contracts are.
    valuation_date : date
        Everything from this day on is left out, with a warning.
    choices : mapping of str to str, optional
        Of `actuarial.premium.choice.CHOICES`.
    mapping : Path or dict of str to Mapping, optional
        Column mapping by table.
    threads : int, optional

    Returns
    -------
    ExperienceReading

    Raises
    ------
    PortfolioFileError, MappingError, SafetyLimitError
        As `actuarial.portfolio.contract_read.read_book_tables`.
    """
    resolved = resolved_choices(choices or {})
    maps = table_mappings(mapping)
    tables = read_book_tables(contracts, wanted=EXPERIENCE_COLUMNS, mapping=maps, threads=threads)
    count = max(1, min(8, os.cpu_count() or 1)) if threads is None else max(1, threads)
    own = Findings()
    table, sources = read_table(
        claims or contracts, CLAIM_SCHEMA, own, mapping=maps.get(CLAIMS, Mapping()), threads=count
    )
    return _reading(tables, table, sources, own, valuation_date, resolved)


def experience_of_frames(
    frames: MappingOf[str, pd.DataFrame],
    valuation_date: date,
    choices: MappingOf[str, str] | None = None,
    *,
    mappings: dict[str, Mapping] | None = None,
) -> ExperienceReading:
    """Check a book and its claims held in pandas frames, by table name; as `read_experience`."""
    resolved = resolved_choices(choices or {})
    maps = mappings or {}
    books = {name: frame for name, frame in frames.items() if TABLE_INDEX.get(normalised(name)) != CLAIMS}
    tables = book_tables_of_frames(books, wanted=EXPERIENCE_COLUMNS, mappings=maps)
    own = Findings()
    table, sources = None, []
    names = [name for name in frames if name not in books]
    if len(names) == 1:
        source = table_of_frame(frames[names[0]], 1, names[0])
        table = parsed_table(source, CLAIM_SCHEMA, own, maps.get(CLAIMS, Mapping()))
        sources = [source.describe()]
    else:
        own.add("E1023" if names else "E1022", file="frames", table=CLAIMS, detail=", ".join(names or frames))
    return _reading(tables, table, sources, own, valuation_date, resolved)


def _reading(
    tables: BookTables,
    table: BookTable | None,
    sources: list[Source],
    own: Findings,
    valuation_date: date,
    resolved: dict[str, str],
) -> ExperienceReading:
    book = checked_book(tables, resolved)
    found: BookExperience | None = None
    if table is not None:
        cover_end = None if book.records is None else _cover_end(tables, book)
        records = _ClaimChecker(table, book.records, cover_end, valuation_date).run()
        if records is not None and cover_end is not None:
            found = _experience(tables, book, records, cover_end)
    findings = combined([book.findings, own])
    known = {source.path for source in tables.sources if not source.table}
    sources = tables.sources + [source for source in sources if source.path not in known]
    return ExperienceReading(None if findings.has_errors else found, findings, sources)


class _ClaimChecker:
    """Checks the rows of claims, joins them to contracts, and makes the records."""

    def __init__(
        self,
        table: BookTable,
        contracts: ContractRecords | None,
        cover_end: Int32 | None,
        valuation_date: date,
    ) -> None:
        self.table = table
        self.contracts = contracts
        self.cover_end = cover_end
        self.valuation_date = valuation_date
        self.first = first_equal(table.texts("claim_id"))

    def run(self) -> ClaimRecords | None:
        """All checks; the records where nothing is an error."""
        table = self.table
        self._filled()
        self._same_in_a_claim()
        self._dates()
        known = self._known()
        contract = self._contracts(known)
        if self.contracts is None or contract is None or table.findings.has_errors:
            return None
        part = self._parts(self.contracts, contract, known)
        self._cover(contract, known)
        return None if table.findings.has_errors else self._records(contract, part, known)

    def _filled(self) -> None:
        table = self.table
        for column in table.schema.columns:
            if column.always and column.kind == "text":
                text = text_of_arrow(table.texts(column.name))
                table.report(
                    "E2001", (text.starts == text.ends) & ~table.is_bad, column.name, need=IN_EVERY_ROW
                )
            elif column.always:
                empty = table.is_empty(column.name) & ~table.is_bad
                table.report("E2001", empty, column.name, need=IN_EVERY_ROW)

    def _same_in_a_claim(self) -> None:
        table = self.table
        for name in OF_CLAIM:
            if name not in table.present:
                continue
            is_text = table.schema.column[name].kind == "text"
            values = first_equal(table.texts(name)) if is_text else table.values(name)
            table.report("E3701", (values != values[self.first]) & ~table.is_bad, name)

    def _dates(self) -> None:
        table = self.table
        is_disease = table.values("kind") == OCCUPATIONAL_DISEASE
        diagnosis, accident = table.values("diagnosis_date"), table.values("accident_date")
        has = diagnosis != NO_DATE
        column = "diagnosis_date" if "diagnosis_date" in table.present else "kind"
        table.report("E3706", is_disease & ~has & ~table.is_bad, column)
        table.report("E3707", has & (diagnosis < accident) & ~table.is_bad, column, also=("accident_date",))
        self.event = np.where(is_disease & has, diagnosis, accident).astype(np.int32)
        report, moved = table.values("report_date"), table.values("payment_date")
        table.report("E3704", (report < self.event) & ~table.is_bad, "report_date", also=("accident_date",))
        self.paid, self.change = (
            np.where(values == NO_SIGNED_AMOUNT, 0, values)
            for values in (table.values("paid"), table.values("case_estimate_change"))
        )
        is_movement = (self.paid != 0) | (self.change != 0)
        column = "payment_date" if "payment_date" in table.present else "claim_id"
        table.report("E3708", is_movement & (moved == NO_DATE) & ~table.is_bad, column)
        early = (moved != NO_DATE) & (moved < report) & ~table.is_bad
        table.report("E3705", early, column, also=("report_date",))
        self.is_movement = is_movement & (moved != NO_DATE)

    def _known(self) -> Bool:
        """Rows known on the valuation date; the others with a warning."""
        table, last = self.table, day(self.valuation_date)
        late_claim = (table.values("report_date") >= last) | (self.event >= last)
        table.report("W3701", late_claim & ~table.is_bad, "report_date", date=self.valuation_date)
        late = self.is_movement & (table.values("payment_date") >= last) & ~late_claim
        table.report("W3701", late & ~table.is_bad, "payment_date", date=self.valuation_date)
        known: Bool = ~late_claim
        return known

    def _contracts(self, known: Bool) -> Int64 | None:
        """Position of the contract of each row, -1 where there is none; None without contracts."""
        if self.contracts is None:
            return None
        import pyarrow as pa

        table, n = self.table, len(self.contracts)
        ids: Any = self.contracts.contract_id
        rows = first_equal(pa.concat_arrays([ids, table.texts("contract_id")]))[n:]
        found = np.where(rows < n, rows, -1)
        table.report("E3702", (found < 0) & known & ~table.is_bad, "contract_id")
        return found

    def _parts(self, contracts: ContractRecords, contract: Int64, known: Bool) -> Int64:
        """A part of the contract with the claim's class."""
        table = self.table
        owner = np.repeat(np.arange(len(contracts)), np.diff(contracts.part_start))
        base = CLASSES + 1
        keys, first_part = np.unique(owner * base + contracts.part_class, return_index=True)
        classes = np.bincount(keys // base, minlength=len(contracts))
        given = table.values("risk_class")
        is_given = given != NO_AMOUNT
        good = known & ~table.is_bad & (contract >= 0)
        of = np.maximum(contract, 0)
        column = "risk_class" if "risk_class" in table.present else "contract_id"
        table.report("E3709", good & ~is_given & (classes[of] > 1), column)
        only = contracts.part_class[contracts.part_start[of]]
        key = of * base + np.where(is_given, np.clip(given, 0, CLASSES), only)
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        table.report("E3710", good & (keys[at] != key), column)
        found: Int64 = first_part[at].astype(np.int64)
        return found

    def _cover(self, contract: Int64, known: Bool) -> None:
        assert self.contracts is not None
        assert self.cover_end is not None
        of = np.maximum(contract, 0)
        outside = (self.event < self.contracts.start_date[of]) | (self.event >= self.cover_end[of])
        is_disease = self.table.values("kind") == OCCUPATIONAL_DISEASE
        good = known & outside & ~self.table.is_bad
        self.table.report("E3703", good & ~is_disease, "accident_date")
        self.table.report("E3703", good & is_disease, "diagnosis_date")

    def _records(self, contract: Int64, part: Int64, known: Bool) -> ClaimRecords:
        assert self.contracts is not None
        table = self.table
        is_claim = known & (self.first == np.arange(table.n))
        rows = np.flatnonzero(is_claim)
        number = np.cumsum(is_claim) - 1
        moved = table.values("payment_date")
        counted = known & self.is_movement & (moved < day(self.valuation_date))
        movement = np.flatnonzero(counted)
        if float(np.abs(self.paid[movement]).sum(dtype=np.float64)) >= 2.0**61 or (
            float(np.abs(self.change[movement]).sum(dtype=np.float64)) >= 2.0**61
        ):
            raise SafetyLimitError("E9002", "the claims are beyond whole tiyn of 64 bits; split the table")
        records = ClaimRecords(
            claim_id=table.texts("claim_id").take(row_numbers(rows)),
            contract=contract[rows],
            part=part[rows],
            risk_class=self.contracts.part_class[part[rows]],
            kind=table.values("kind")[rows],
            event_date=self.event[rows],
            report_date=table.values("report_date")[rows],
            movement_claim=number[self.first[movement]],
            movement_date=moved[movement],
            paid=self.paid[movement],
            case_estimate_change=self.change[movement],
        )
        column = "paid" if "paid" in table.present else "claim_id"
        table.report("W3702", rows[records.incurred() < 0], column)
        return records


def _cover_end(tables: BookTables, book: Book) -> Int32:
    """First day no longer covered by each contract."""
    assert tables.contracts is not None
    assert book.records is not None
    end = book.records.end_date + 1
    ended = tables.contracts.values("termination_date")[book.contract_row]
    return np.where(ended == NO_DATE, end, np.minimum(end, ended + 1)).astype(np.int32)


def _experience(tables: BookTables, book: Book, claims: ClaimRecords, cover_end: Int32) -> BookExperience:
    assert tables.contracts is not None
    assert tables.parts is not None
    assert book.records is not None
    ids: list[str] = book.records.contract_id.to_pylist()  # type: ignore[attr-defined]
    names, bins = (_texts(tables.contracts, name, book.contract_row) for name in ("policyholder_name", "bin"))
    numbers: dict[tuple[str, str], int] = {}
    shown: list[tuple[str, str]] = []
    of = np.empty(len(ids), dtype=np.int64)
    for i, (name, own_bin, contract_id) in enumerate(zip(names, bins, ids, strict=True)):
        key = ("bin", own_bin) if own_bin else ("name", name.casefold()) if name else ("id", contract_id)
        if key not in numbers:
            numbers[key] = len(numbers)
            shown.append((name or own_bin or contract_id, own_bin))
        of[i] = numbers[key]
    region = None if book.region is None else tuple(text or "" for text in book.region.to_pylist())
    return BookExperience(
        records=book.records,
        claims=claims,
        cover_end=cover_end,
        policyholder=of,
        policyholder_name=tuple(name for name, _ in shown),
        policyholder_bin=tuple(own_bin for _, own_bin in shown),
        part_workers=_part_workers(tables.parts, tables, book, book.records),
        activity=tuple(_texts(tables.parts, "oked_code", book.part_row)),
        region=region,
        law=book.law,
        choices=book.choices,
    )


def _texts(table: BookTable, name: str, rows: Int64) -> list[str]:
    found: list[str | None] = table.texts(name).take(row_numbers(rows)).to_pylist()
    return [(text or "").strip() for text in found]


def _part_workers(parts: BookTable, tables: BookTables, book: Book, records: ContractRecords) -> Int64:
    """Headcount of each part: its own, or its share of the contract's by payroll, largest remainders."""
    own = parts.values("n_workers")[book.part_row]
    counts = np.diff(records.part_start)
    owner = np.repeat(np.arange(len(records)), counts)
    missing = np.bincount(owner, weights=own <= 0, minlength=len(records)) > 0
    result = own.astype(np.int64)
    result[missing[owner]] = NO_COUNT
    for i in np.flatnonzero(missing & (records.n_workers > 0)):
        rows = slice(int(records.part_start[i]), int(records.part_start[i + 1]))
        result[rows] = _shared(int(records.n_workers[i]), records.part_payroll[rows])
    return result


def _shared(total: int, weights: Int64) -> Int64:
    """Whole numbers in proportion to weights that add up to a total."""
    parts = [int(weight) for weight in weights]
    whole = sum(parts)
    shares = [total * part // whole for part in parts]
    rest = sorted(range(len(parts)), key=lambda k: (-(total * parts[k] % whole), k))
    for k in rest[: total - sum(shares)]:
        shares[k] += 1
    return np.array(shares, dtype=np.int64)
