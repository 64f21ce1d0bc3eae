"""Reading one table by its name: a file of its own, a sheet of a workbook, a file in a folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from actuarial.language import message_of, text
from actuarial.portfolio.arrow import open_parquet
from actuarial.portfolio.cell import DTYPES, EMPTY_VALUES, CellParser
from actuarial.portfolio.check import shown_values
from actuarial.portfolio.column import TABLE_INDEX, Schema, normalised
from actuarial.portfolio.contract_read import BookTable
from actuarial.portfolio.delimited import open_delimited
from actuarial.portfolio.finding import Findings, Place
from actuarial.portfolio.header import column_positions
from actuarial.portfolio.mapping import Mapping
from actuarial.portfolio.preflight import DamagedWorkbookError
from actuarial.portfolio.read import PARQUET_SUFFIXES, SUFFIXES, TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from actuarial.portfolio.source import (
    PortfolioFileError,
    Source,
    TableSource,
    strange_suffix,
    unreadable,
)
from actuarial.portfolio.workbook import open_workbook


def read_table(
    path: Path, schema: Schema, findings: Findings, *, mapping: Mapping, threads: int
) -> tuple[BookTable | None, list[Source]]:
    """Read one table; None after a finding that ends the reading. A table without rows is a table.

    Parameters
    ----------
    path : Path
        A file, a workbook whose sheet, or a folder whose file, is named as the table.
    schema : Schema
    findings : Findings
        Takes what is wrong with the file, its header and its cells.
    mapping : Mapping
    threads : int

    Raises
    ------
    PortfolioFileError
        E1001 no such file, E1002 it cannot be read.
    SafetyLimitError
        A workbook beyond what is safe to open (E1901 - E1906).
    """
    if not path.exists():
        raise PortfolioFileError(
            "E1001",
            "{path}: no such file or folder; check the path of {table}",
            path=path,
            table=schema.table,
        )
    try:
        source = _found(path, schema, findings, mapping, threads)
        if source is None:
            return None, []
        return parsed_table(source, schema, findings, mapping), [source.describe()]
    except OSError as error:
        raise unreadable(error, path) from error


def _found(
    path: Path, schema: Schema, findings: Findings, mapping: Mapping, threads: int
) -> TableSource | None:
    if path.is_dir():
        files = sorted(
            p
            for p in path.iterdir()
            if p.is_file() and p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$"))
        )
        name = _only({p.name: p.stem for p in files}, schema, path.name, findings)
        if name is None:
            return None
        path = path / name
    if path.suffix.lower() not in WORKBOOK_SUFFIXES:
        return open_flat(path, schema, findings, mapping, threads)
    book = open_workbook(path, path.name, findings)
    if book is None:
        return None
    names = book.sheet_names
    alone = len(names) == 1 and normalised(names[0]) not in TABLE_INDEX
    sheet_name = names[0] if alone else _only({n: n for n in names}, schema, book.file, findings)
    if sheet_name is None:
        return None
    try:
        sheet = book.sheet(sheet_name)
    except DamagedWorkbookError as error:
        findings.add("E1009", file=book.file, detail=message_of(error))
        return None
    if sheet is None:
        findings.add("E1019", file=book.file, sheet=sheet_name)
    return sheet


def _only(names: dict[str, str], schema: Schema, where: str, findings: Findings) -> str | None:
    """The one file or sheet named as the table."""
    own = normalised(schema.table)
    found = [
        name
        for name, stem in names.items()
        if TABLE_INDEX.get(normalised(stem), schema.table if normalised(stem) == own else "") == schema.table
    ]
    if len(found) == 1:
        return found[0]
    code = "E1023" if found else "E1022"
    findings.add(code, file=where, table=schema.table, detail=", ".join(found or names) or text("nothing"))
    return None


def open_flat(
    path: Path, schema: Schema, findings: Findings, mapping: Mapping, threads: int
) -> TableSource | None:
    """Open a file that is one table, text or Parquet; None after a finding."""
    suffix = path.suffix.lower()
    if suffix in TEXT_SUFFIXES:
        known = {normalised(header) for header in mapping.columns.values()} | set(schema.header_index)
        return open_delimited(path, path.name, findings, known, threads)
    if suffix in PARQUET_SUFFIXES:
        return open_parquet(path, path.name, findings, threads)
    findings.add("E1003", file=path.name, detail=strange_suffix(suffix))
    return None


def parsed_table(
    source: TableSource, schema: Schema, findings: Findings, mapping: Mapping
) -> BookTable | None:
    """Parse an opened table; None where a required column is missing. Columns not there are empty."""
    positions = column_positions(source, schema, mapping, findings)
    if any(column.always and column.name not in positions for column in schema.columns):
        return None
    parsed = source.parse(positions, CellParser(mapping, schema.column), findings)
    findings.place = Place(source.file, source.sheet, source.kind, parsed.rows, positions, source.header)
    findings.show = partial(shown_values, parsed, columns=schema.column)
    for column in schema.columns:
        if column.kind != "text" and column.name not in parsed.values:
            empty = DTYPES[column.kind](EMPTY_VALUES[column.kind])
            parsed.values[column.name] = np.full(parsed.n, empty)
    return BookTable(schema, parsed, set(positions), findings)
