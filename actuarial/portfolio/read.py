"""Reading a portfolio: a file, a folder or a frame to checked `AnnuityRecords`, or to findings."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from actuarial.language import joined, message_of, text
from actuarial.portfolio.arrow import open_parquet, table_of_frame
from actuarial.portfolio.cell import DTYPES, EMPTY_VALUES, CellParser
from actuarial.portfolio.check import Checker, shown_values
from actuarial.portfolio.column import (
    ANNUITIES,
    ANNUITY_SCHEMA,
    COLUMNS,
    HEADER_INDEX,
    REMARK_SHEETS,
    TABLE_INDEX,
    TABLES,
    normalised,
)
from actuarial.portfolio.delimited import open_delimited
from actuarial.portfolio.finding import Findings, Place
from actuarial.portfolio.header import column_positions
from actuarial.portfolio.mapping import Mapping, read_mapping
from actuarial.portfolio.preflight import DamagedWorkbookError
from actuarial.portfolio.source import (
    Parsed,
    PortfolioFileError,
    Source,
    TableSource,
    strange_suffix,
    unreadable,
)
from actuarial.portfolio.workbook import OLE_MAGIC, Workbook, open_workbook
from actuarial.record import AnnuityRecords

if TYPE_CHECKING:
    import pandas as pd

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
PARQUET_SUFFIXES = (".parquet", ".pq")
SUFFIXES = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *PARQUET_SUFFIXES)
FEWEST_KNOWN_HEADERS = 4
"""Always required columns that make a sheet without a table's name one of annuities."""


@dataclass
class Reading:
    """What reading a portfolio gave.

    Attributes
    ----------
    records : AnnuityRecords or None
        None where any finding is an error.
    findings : Findings
        Further findings on records may be added: ``findings.add_rows(code, indices, column, values)``.
    n_rows : int
        Rows of the table, 0 where it was not found.
    sources : list of Source
    texts : dict of str to Arrow string array, or None
        Columns of text as read, also those that only the checks look at; None where the file has none.
    """

    records: AnnuityRecords | None
    findings: Findings
    n_rows: int
    sources: list[Source] = field(default_factory=list)
    texts: dict[str, Any] = field(default_factory=dict)

    def location(self, i: int) -> tuple[str, str, int]:
        """File, sheet and row of record ``i``: the row of the worksheet or the line of the text file."""
        place = self.findings.place
        if place is None:
            raise LookupError("the portfolio has no table of annuities")
        return place.file, place.sheet, int(place.rows[i])


def read_annuities(
    path: Path, *, valuation_date: date, mapping: Path | Mapping | None = None, threads: int | None = None
) -> Reading:
    """Read and check a portfolio of annuities.

    Parameters
    ----------
    path : Path
        A CSV, Parquet or XLSX file, or a folder with files named by table.
    valuation_date : date
        Payments, certificates and births are checked against it.
    mapping : Path or Mapping, optional
        A column-mapping file (`actuarial.portfolio.mapping`), or what one holds.
    threads : int, optional
        Threads for large files; by default as many as the machine has, at most 8.

    Raises
    ------
    PortfolioFileError
        E1001 no such file, E1002 it cannot be read.
    MappingError
        The mapping file cannot be used (E1601 - E1606).
    SafetyLimitError
        The workbook is beyond what is safe to open (E1901 - E1906).
    """
    path = path if isinstance(path, Path) else Path(path)
    if not path.exists():
        raise PortfolioFileError(
            "E1001", "{path}: no such file or folder; check the path of the portfolio", path=path
        )
    own = read_mapping(mapping) if isinstance(mapping, Path) else mapping
    reader = _Reader(valuation_date, own or Mapping(), _threads(threads))
    try:
        table = reader.from_folder(path) if path.is_dir() else reader.from_file(path)
    except OSError as error:
        raise unreadable(error, path) from error
    return reader.reading(table)


def annuities_from_frame(
    df: pd.DataFrame, *, valuation_date: date, mapping: Mapping | None = None, threads: int | None = None
) -> Reading:
    """Check a portfolio held in a pandas frame; headers and values as in a file, NaN and NaT empty."""
    reader = _Reader(valuation_date, mapping or Mapping(), _threads(threads))
    return reader.reading(table_of_frame(df, reader.threads))


def _threads(threads: int | None) -> int:
    return max(1, min(8, os.cpu_count() or 1)) if threads is None else max(1, threads)


@dataclass
class _Reader:
    valuation_date: date
    mapping: Mapping
    threads: int
    findings: Findings = field(default_factory=Findings)

    def from_folder(self, folder: Path) -> TableSource | None:
        """The table of annuities among the files of a folder."""
        files = sorted(
            p
            for p in folder.iterdir()
            if p.is_file() and p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$"))
        )
        named = [p for p in files if TABLE_INDEX.get(normalised(p.stem)) == ANNUITIES]
        unknown = [p for p in files if normalised(p.stem) not in TABLE_INDEX]
        if not named and len(unknown) == 1 and len(files) == 1:
            named, unknown = unknown, []
        if len(named) != 1:
            names = ", ".join(p.name for p in (named or files)) or text("no table")
            self.findings.add("E1012" if named else "E1011", file=folder.name, detail=names)
            return None
        for path in unknown:
            self._unknown_table(path.name, path.name)
        return self.from_file(named[0])

    def from_file(self, path: Path) -> TableSource | None:
        """The table of annuities in one file."""
        suffix = path.suffix.lower()
        name = path.name
        if suffix in TEXT_SUFFIXES:
            known = {normalised(header) for header in self.mapping.columns.values()}
            return open_delimited(path, name, self.findings, known, self.threads)
        if suffix in PARQUET_SUFFIXES:
            return open_parquet(path, name, self.findings, self.threads)
        if suffix in WORKBOOK_SUFFIXES or begins_with(path, OLE_MAGIC):
            book = open_workbook(path, name, self.findings)
            return None if book is None else self._sheet(book)
        self.findings.add("E1003", file=name, detail=strange_suffix(suffix))
        return None

    def _sheet(self, book: Workbook) -> TableSource | None:
        """The sheet of annuities in a workbook."""
        names = book.sheet_names
        try:
            tables = {name: book.sheet(name) for name in names if self._may_be_annuities(name)}
        except DamagedWorkbookError as error:
            self.findings.add("E1009", file=book.file, detail=message_of(error))
            return None
        filled = {name: table for name, table in tables.items() if table is not None}
        named = [name for name in filled if TABLE_INDEX.get(normalised(name)) == ANNUITIES]
        if not named:
            named = [n for n in filled if self._fit(filled[n].header) >= FEWEST_KNOWN_HEADERS]
            if not named and len(filled) == 1 and len(filled) == len(names):
                named = list(filled)
        if len(named) != 1:
            shown = [text("sheet {name}", name=name) for name in (named or names)]
            found = joined(shown) if shown else text("no sheet with cells")
            self.findings.add("E1012" if named else "E1011", file=book.file, detail=found)
            return None
        for name in filled:
            if name != named[0] and normalised(name) not in REMARK_SHEETS:
                self._unknown_table(book.file, name)
        return filled[named[0]]

    def _may_be_annuities(self, name: str) -> bool:
        return TABLE_INDEX.get(normalised(name), ANNUITIES) == ANNUITIES

    def _fit(self, header: list[str]) -> int:
        """How many of the always required columns a header has."""
        found = {HEADER_INDEX.get(normalised(h), "") for h in header}
        own = {normalised(h) for h in header}
        found |= {c for c, h in self.mapping.columns.items() if normalised(h) in own}
        return sum(column.always and column.name in found for column in COLUMNS)

    def _unknown_table(self, file: str, name: str) -> None:
        sheet = "" if file == name else name
        self.findings.add("W1502", file=file, sheet=sheet, detail=name, choices=", ".join(TABLES))

    def reading(self, table: TableSource | None) -> Reading:
        """Parse and check the table."""
        if table is None:
            return Reading(None, self.findings, 0)
        sources = [table.describe()]
        positions = column_positions(table, ANNUITY_SCHEMA, self.mapping, self.findings)
        missing = [c.name for c in COLUMNS if c.always and c.name not in positions]
        if len(missing) == sum(c.always for c in COLUMNS):
            # nothing of ours in the header: cells would only add noise
            return Reading(None, self.findings, 0, sources)
        parsed = table.parse(positions, CellParser(self.mapping), self.findings)
        self.findings.place = Place(table.file, table.sheet, table.kind, parsed.rows, positions, table.header)
        if not parsed.n:
            if not self.findings.has_errors:
                self.findings.add("E1019", file=table.file, sheet=table.sheet)
            return Reading(None, self.findings, 0, sources)
        _fill_missing(parsed)
        self.findings.show = partial(shown_values, parsed)
        records = Checker(parsed, set(positions), self.findings, self.valuation_date, self.threads).run()
        return Reading(records, self.findings, parsed.n, sources, parsed.texts)


def _fill_missing(parsed: Parsed) -> None:
    """Give the columns that the file has not: empty numbers; no texts but claim_id's."""
    for column in COLUMNS:
        if column.kind != "text":
            if column.name not in parsed.values:
                parsed.values[column.name] = np.full(
                    parsed.n, EMPTY_VALUES[column.kind], dtype=DTYPES[column.kind]
                )
        elif column.name not in parsed.texts:
            parsed.texts[column.name] = None


def begins_with(path: Path, magic: bytes) -> bool:
    """Whether a file begins with some bytes."""
    with path.open("rb") as stream:
        return stream.read(len(magic)) == magic
