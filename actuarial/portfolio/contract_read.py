"""Reading a book of contracts: a file, a workbook or a folder to parsed tables, with findings of each."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from collections.abc import Mapping as MappingOf
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actuarial.language import message_of, text
from actuarial.portfolio.arrow import open_parquet, table_of_frame
from actuarial.portfolio.cell import DTYPES, EMPTY_VALUES, NEEDS, CellParser
from actuarial.portfolio.check import shown_values
from actuarial.portfolio.claim_column import CLAIM_SCHEMA
from actuarial.portfolio.column import REMARK_SHEETS, TABLE_INDEX, TABLES, Schema, normalised
from actuarial.portfolio.contract_column import (
    ACCIDENT_SCHEMA,
    CONTRACT_SCHEMA,
    CONTRACTS,
    FLAT_SCHEMA,
    PART_SCHEMA,
    PARTS,
    SCHEMAS,
    STAFF_SCHEMA,
)
from actuarial.portfolio.delimited import open_delimited
from actuarial.portfolio.finding import Findings, Place, combined
from actuarial.portfolio.header import column_positions
from actuarial.portfolio.mapping import Mapping, read_mappings
from actuarial.portfolio.preflight import DamagedWorkbookError
from actuarial.portfolio.read import PARQUET_SUFFIXES, SUFFIXES, TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from actuarial.portfolio.source import (
    Parsed,
    PortfolioFileError,
    Source,
    TableSource,
    strange_suffix,
    unreadable,
)
from actuarial.portfolio.workbook import Workbook, open_workbook

if TYPE_CHECKING:
    import pandas as pd

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]

_OWN = (CONTRACT_SCHEMA, PART_SCHEMA, STAFF_SCHEMA, ACCIDENT_SCHEMA)


@dataclass
class BookTable:
    """One parsed table with its findings.

    Attributes
    ----------
    schema : Schema
    parsed : Parsed
        With every wanted column: empty where the file has none.
    present : set of str
        Columns the file has.
    findings : Findings
    is_bad : bool (n,)
        Rows with an error; what else is wrong with them is not asked.
    """

    schema: Schema
    parsed: Parsed
    present: set[str]
    findings: Findings
    is_bad: Bool = field(init=False)
    _bad_cells: dict[str, Bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.is_bad = np.zeros(self.parsed.n, dtype=np.bool_)
        self.is_bad[self.parsed.spoilt] = True
        is_spoilt = self.is_bad.copy()
        for problem in self.parsed.problems:
            rows, values = problem.rows, problem.values
            if len(self.parsed.spoilt):
                keep = ~is_spoilt[rows]
                rows, values = rows[keep], [value for value, kept in zip(values, keep, strict=True) if kept]
            cells = self._bad_cells.setdefault(problem.column, np.zeros(self.parsed.n, dtype=np.bool_))
            cells[rows] = True
            column = self.schema.column[problem.column]
            choices, need = ", ".join(column.choices), NEEDS[column.kind]
            self.report(problem.code, rows, problem.column, values, choices=choices, need=need)

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.parsed.n

    def values(self, name: str) -> NDArray[Any]:
        """Numbers of a column, shape (n,)."""
        return self.parsed.values[name]

    def texts(self, name: str) -> Any:
        """Texts of a column as an Arrow array; all empty where the file has no such column."""
        found = self.parsed.texts.get(name)
        if found is None:
            import pyarrow as pa

            found = pa.StringArray.from_buffers(
                self.n, pa.py_buffer(np.zeros(self.n + 1, dtype=np.int32)), pa.py_buffer(b"\n")
            )
            self.parsed.texts[name] = found
        return found

    def is_empty(self, name: str) -> Bool:
        """Cells without a value; one that could not be taken counts as filled."""
        values = self.values(name)
        empty = np.isnan(values) if values.dtype == np.float64 else values == EMPTY_VALUES[self._kind(name)]
        bad = self._bad_cells.get(name)
        result: Bool = empty if bad is None else empty & ~bad
        return result

    def _kind(self, name: str) -> str:
        return self.schema.column[name].kind

    def report(
        self,
        code: str,
        rows: NDArray[Any],
        column: str,
        values: Sequence[Any] | None = None,
        *,
        also: tuple[str, ...] = (),
        **texts: Any,
    ) -> None:
        """Add findings on rows (positions or a mask); rows with an error are marked bad."""
        rows = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        if not len(rows):
            return
        self.findings.add_rows(code, rows, column, values, also=also, **texts)
        if code.startswith("E"):
            self.is_bad[rows] = True


@dataclass
class BookTables:
    """The tables of a book, None where there is none; ``findings`` says what is wrong so far.

    ``parts`` is ``contracts`` where the columns of the part stand in its rows (``is_flat``).
    """

    contracts: BookTable | None
    parts: BookTable | None
    staff: BookTable | None
    accidents: BookTable | None
    file_findings: Findings
    sources: list[Source]
    is_flat: bool

    @property
    def findings(self) -> Findings:
        """All findings, each with its place."""
        tables = [self.contracts, None if self.is_flat else self.parts, self.staff, self.accidents]
        return combined([self.file_findings, *(table.findings for table in tables if table is not None)])


def read_book_tables(
    path: Path,
    *,
    wanted: Collection[str] | None = None,
    mapping: Path | dict[str, Mapping] | None = None,
    threads: int | None = None,
) -> BookTables:
    """Read the tables of contracts in a file, workbook or folder.

    Parameters
    ----------
    path : Path
        A workbook or a folder with the tables ``contracts``, ``contract_parts``, ``staff``, ``accidents``, or
        one file (CSV, Parquet) whose rows are parts with the columns of their contract.
    wanted : collection of str, optional
        Columns of the contracts to parse; default all. Those always required are parsed in any case.
    mapping : Path or dict of str to Mapping, optional
        Column-mapping file, by table (`actuarial.portfolio.mapping.read_mappings`), or what one holds.
    threads : int, optional
        Default as many as the machine has, at most 8.

    Raises
    ------
    PortfolioFileError
        E1001 no such file, E1002 it cannot be read.
    MappingError
        E1601 - E1605.
    SafetyLimitError
        A workbook beyond what is safe to open (E1901 - E1906).
    """
    path = path if isinstance(path, Path) else Path(path)
    if not path.exists():
        raise PortfolioFileError(
            "E1001", "{path}: no such file or folder; check the path of the contracts", path=path
        )
    maps = table_mappings(mapping)
    reader = _BookReader(wanted, maps, _threads(threads))
    try:
        found = reader.from_folder(path) if path.is_dir() else reader.from_file(path)
        return reader.tables(found)
    except OSError as error:
        raise unreadable(error, path) from error


def table_mappings(mapping: Path | dict[str, Mapping] | None) -> dict[str, Mapping]:
    """Column mappings of the tables of a book, claims included, from a file or as given."""
    if isinstance(mapping, Path):
        return read_mappings(mapping, (*SCHEMAS, CLAIM_SCHEMA))
    return mapping or {}


def book_tables_of_frames(
    frames: MappingOf[str, pd.DataFrame],
    *,
    wanted: Collection[str] | None = None,
    mappings: dict[str, Mapping] | None = None,
    threads: int | None = None,
) -> BookTables:
    """Read the tables of contracts held in pandas frames, by table name; as `read_book_tables`.

    Without ``contract_parts`` the rows of ``contracts`` are parts with the columns of their contract.
    """
    reader = _BookReader(wanted, mappings or {}, _threads(threads))
    return reader.tables(reader.from_frames(frames))


def _threads(asked: int | None) -> int:
    return max(1, min(8, os.cpu_count() or 1)) if asked is None else max(1, asked)


@dataclass
class _BookReader:
    wanted: Collection[str] | None
    mappings: dict[str, Mapping]
    threads: int
    findings: Findings = field(default_factory=Findings)
    of_table: dict[str, Findings] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    def from_folder(self, folder: Path) -> dict[str, TableSource]:
        """Tables by name among the files of a folder."""
        files = sorted(
            p
            for p in folder.iterdir()
            if p.is_file() and p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$"))
        )
        if len(files) == 1 and normalised(files[0].stem) not in TABLE_INDEX:
            return self.from_file(files[0])
        named = self._named({p.name: p.stem for p in files}, folder.name)
        by_name = {p.name: p for p in files}
        found = {}
        for table, name in named.items():
            source = self._open(by_name[name], table)
            if source is not None:
                found[table] = source
        return found

    def from_file(self, path: Path) -> dict[str, TableSource]:
        """Tables in one file: the sheets of a workbook, or one flat table."""
        if path.suffix.lower() in WORKBOOK_SUFFIXES:
            book = open_workbook(path, path.name, self.findings)
            return {} if book is None else self._sheets(book)
        source = self._open(path, CONTRACTS)
        return {} if source is None else {CONTRACTS: source}

    def from_frames(self, frames: MappingOf[str, pd.DataFrame]) -> dict[str, TableSource]:
        """Tables by name among frames."""
        chosen = self._named({name: name for name in frames}, "frames")
        return {table: table_of_frame(frames[name], self.threads, name) for table, name in chosen.items()}

    def _named(self, names: dict[str, str], where: str) -> dict[str, str]:
        """File or sheet of each of our tables; findings on what is missing, doubled or unknown."""
        by_table: dict[str, list[str]] = {}
        for name, stem in names.items():
            table = TABLE_INDEX.get(normalised(stem))
            if table is not None:
                by_table.setdefault(table, []).append(name)
            elif normalised(stem) not in REMARK_SHEETS:
                self.findings.add("W1502", file=where, detail=name, choices=", ".join(TABLES))
        found = {}
        for schema in _OWN:
            candidates = by_table.get(schema.table, [])
            if len(candidates) > 1:
                detail = ", ".join(candidates)
                self.findings.add("E1023", file=where, table=schema.table, detail=detail)
            elif candidates:
                found[schema.table] = candidates[0]
            elif schema.table == CONTRACTS:
                detail = ", ".join(names) or text("nothing")
                self.findings.add("E1022", file=where, table=CONTRACTS, detail=detail)
        return found

    def _sheets(self, book: Workbook) -> dict[str, TableSource]:
        names = book.sheet_names
        if len(names) == 1 and normalised(names[0]) not in TABLE_INDEX:
            chosen = {CONTRACTS: names[0]}
        else:
            chosen = self._named({name: name for name in names}, book.file)
        found: dict[str, TableSource] = {}
        for table, name in chosen.items():
            try:
                sheet = book.sheet(name)
            except DamagedWorkbookError as error:
                self.findings.add("E1009", file=book.file, detail=message_of(error))
                continue
            if sheet is not None:
                found[table] = sheet
            elif table == CONTRACTS:
                self.findings.add("E1019", file=book.file, sheet=name)
        return found

    def _open(self, path: Path, table: str) -> TableSource | None:
        """Open one file of one table."""
        findings = self._findings(table)
        suffix = path.suffix.lower()
        if suffix in TEXT_SUFFIXES:
            schema = FLAT_SCHEMA if table == CONTRACTS else next(s for s in _OWN if s.table == table)
            known = {normalised(header) for header in self._mapping(table).columns.values()}
            return open_delimited(path, path.name, findings, known | set(schema.header_index), self.threads)
        if suffix in PARQUET_SUFFIXES:
            return open_parquet(path, path.name, findings, self.threads)
        if suffix in WORKBOOK_SUFFIXES:
            book = open_workbook(path, path.name, findings)
            return None if book is None else self._sheets(book).get(table)
        findings.add("E1003", file=path.name, detail=strange_suffix(suffix))
        return None

    def _mapping(self, table: str) -> Mapping:
        return self.mappings.get(table, Mapping())

    def _findings(self, table: str) -> Findings:
        return self.of_table.setdefault(table, Findings())

    def tables(self, found: dict[str, TableSource]) -> BookTables:
        """Parse what was found."""
        is_flat = PARTS not in found
        schemas = {schema.table: schema for schema in _OWN}
        if is_flat:
            schemas[CONTRACTS] = FLAT_SCHEMA
        self.sources += [source.describe() for source in found.values()]
        with ThreadPoolExecutor(len(found) or 1) as pool:
            jobs = {name: pool.submit(self._parse, source, schemas[name]) for name, source in found.items()}
            parsed = {name: job.result() for name, job in jobs.items()}
        for table, findings in self.of_table.items():
            if parsed.get(table) is None:
                self.findings.groups += combined([findings]).groups
        contracts = parsed.get(CONTRACTS)
        parts = contracts if is_flat else parsed.get(PARTS)
        staff, accidents = parsed.get(STAFF_SCHEMA.table), parsed.get(ACCIDENT_SCHEMA.table)
        return BookTables(contracts, parts, staff, accidents, self.findings, self.sources, is_flat)

    def _parse(self, source: TableSource, schema: Schema) -> BookTable | None:
        findings = self._findings(schema.table)
        mapping = self._mapping(schema.table)
        positions = column_positions(source, schema, mapping, findings)
        if all(column.name not in positions for column in schema.columns if column.always):
            return None
        if schema.table == CONTRACTS and self.wanted is not None:
            keep = {*self.wanted, *(column.name for column in schema.columns if column.always)}
            positions = {name: position for name, position in positions.items() if name in keep}
        parsed = source.parse(positions, CellParser(mapping, schema.column), findings)
        findings.place = Place(source.file, source.sheet, source.kind, parsed.rows, positions, source.header)
        findings.show = partial(shown_values, parsed, columns=schema.column)
        if not parsed.n and schema.table in (CONTRACTS, PARTS):
            if not findings.has_errors:
                findings.add("E1019", file=source.file, sheet=source.sheet)
            return None
        for column in schema.columns:
            if column.kind != "text" and column.name not in parsed.values:
                kind = column.kind
                # one value seen n times: a column that the file has not costs no memory
                parsed.values[column.name] = np.broadcast_to(DTYPES[kind](EMPTY_VALUES[kind]), (parsed.n,))
        return BookTable(schema, parsed, set(positions), findings)
