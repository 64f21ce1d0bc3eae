"""XLSX workbooks: sheets as tables, read by calamine after `actuarial.portfolio.preflight`."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import numpy as np

from actuarial.language import message_of, text
from actuarial.portfolio.cell import CellParser, Cells, ErrorValue, NoResult, Problems, cells_of_objects
from actuarial.portfolio.finding import Findings
from actuarial.portfolio.preflight import (
    NO_RESULT,
    DamagedWorkbookError,
    ErrorCells,
    Inspection,
    inspect_workbook,
)
from actuarial.portfolio.source import Parsed, Source, joined, merged

CHUNK_ROWS = 8192
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass
class Workbook:
    """An inspected workbook."""

    path: Path
    file: str
    book: Any
    inspection: Inspection
    sha256: str
    size: int

    @property
    def sheet_names(self) -> list[str]:
        """Names of the worksheets, chart sheets aside."""
        from python_calamine import SheetTypeEnum

        return [s.name for s in self.book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]

    def sheet(self, name: str) -> SheetTable | None:
        """One sheet as a table, None where it is blank."""
        content = _guarded(lambda: self.book.get_sheet_by_name(name))
        if content.start is None:
            return None
        rows = _rows_from_a1(content)
        header: list[Any] = []
        number = 0
        for row in rows:
            number += 1
            if any(value != "" for value in row):
                header = row
                break
        errors = self.inspection.error_cells.get(name)
        texts = [_header_text(value) for value in header]
        while texts and not texts[-1]:
            texts.pop()
        return SheetTable(self, name, texts, number, content, errors)


@dataclass
class SheetTable:
    """A sheet whose header is known."""

    workbook: Workbook
    sheet: str
    header: list[str]
    header_row: int
    content: Any
    errors: ErrorCells | None
    kind: str = "sheet"
    file: str = field(init=False)

    def __post_init__(self) -> None:
        self.file = self.workbook.file

    def describe(self) -> Source:
        """What was read."""
        book = self.workbook
        return Source(str(book.path), book.sha256, book.size, "xlsx", self.sheet)

    def unnamed(self) -> list[int]:
        """Positions of columns that hold values under an empty header."""
        empty = [i for i, name in enumerate(self.header) if not name]
        width = self.content.end[1] + 1 if self.content.end else 0
        empty += range(len(self.header), width)
        if not empty:
            return []
        used: set[int] = set()
        for row in islice(_rows_from_a1(self.content), self.header_row, None):
            used.update(i for i in empty if i < len(row) and row[i] != "")
            if len(used) == len(empty):
                break
        return sorted(used)

    def parse(self, positions: dict[str, int], parser: CellParser, findings: Findings) -> Parsed:
        """Parse all rows under the header; rows blank in every column are skipped."""
        chunks: list[tuple[np.ndarray[Any, Any], dict[str, Cells]]] = []
        number = self.header_row
        error_rows = set() if self.errors is None else set(self.errors.rows.tolist())
        # the reader's table ends with the last value: rows of formulas without one may follow
        beyond = max(error_rows, default=0) - self.content.end[0]
        rows = islice(chain(_rows_from_a1(self.content), repeat([], max(0, beyond))), self.header_row, None)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            kept = [i for i, row in enumerate(chunk) if any(row) or _is_filled(row, number + i, error_rows)]
            numbers = np.array(kept, dtype=np.int64) + number + 1
            number += len(chunk)
            filled = [chunk[i] for i in kept]
            cells = {
                name: self._cells(
                    [row[position] if position < len(row) else "" for row in filled], position, numbers
                )
                for name, position in positions.items()
            }
            chunks.append((numbers, cells))
        n = sum(len(numbers) for numbers, _ in chunks)
        values = parser.empty_values(positions, n)
        texts: dict[str, list[Any]] = {name: [] for name in positions if parser.is_text(name)}
        problems: list[Problems] = []
        begin = 0
        for numbers, cells in chunks:
            for name, column in cells.items():
                if name in texts:
                    array, found = parser.parse_text_column(name, column)
                    texts[name].append(array)
                else:
                    found = parser.parse(name, column, values[name][begin : begin + len(numbers)])
                problems += [Problems(p.code, p.column, p.rows + begin, p.values) for p in found]
            begin += len(numbers)
        all_numbers = np.concatenate([np.zeros(0, np.int64), *(numbers for numbers, _ in chunks)])
        return Parsed(n, values, {k: joined(v) for k, v in texts.items()}, all_numbers, merged(problems))

    def _cells(self, values: list[Any], position: int, numbers: np.ndarray[Any, Any]) -> Cells:
        """Cells of one column; errors and missing results, which the reader shows as blanks, are put back."""
        if self.errors is not None and len(numbers):
            rows = self.errors.rows
            here = (self.errors.columns == position) & (rows >= numbers[0] - 1) & (rows < numbers[-1])
            for k in np.flatnonzero(here):
                at = int(np.searchsorted(numbers, rows[k] + 1))
                if numbers[at] == rows[k] + 1:
                    shown = self.errors.texts[k]
                    values[at] = NoResult(shown) if shown == NO_RESULT else ErrorValue(shown)
        return cells_of_objects(values)


def open_workbook(path: Path, file: str, findings: Findings) -> Workbook | None:
    """Inspect and open a workbook; None after a finding that ends the reading.

    Raises
    ------
    SafetyLimitError
        See `actuarial.portfolio.preflight.inspect_workbook`.
    """
    raw = path.read_bytes()
    if not raw:
        findings.add("E1004", file=file)
        return None
    if raw.startswith(OLE_MAGIC):
        findings.add("E1008" if ENCRYPTED in raw else "E1007", file=file)
        return None
    if not raw.startswith(b"PK"):
        findings.add("E1009", file=file, detail=text("it does not begin as a workbook does"))
        return None
    try:
        inspection = inspect_workbook(raw, file)
        if inspection.external_links:
            findings.add("E1021", file=file, detail=", ".join(inspection.external_links[:3]))
            return None
        book = _opened(raw)
    except DamagedWorkbookError as error:
        findings.add("E1009", file=file, detail=message_of(error))
        return None
    return Workbook(path, file, book, inspection, hashlib.sha256(raw).hexdigest(), len(raw))


def _opened(raw: bytes) -> Any:
    from python_calamine import CalamineWorkbook

    return _guarded(lambda: CalamineWorkbook.from_filelike(io.BytesIO(raw)))


def _guarded(call: Callable[[], Any]) -> Any:
    """Call the reader; whatever it fails by, a panic included, says that the workbook is damaged."""
    try:
        return call()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the Rust reader is no Exception
        raise DamagedWorkbookError("{reason}", reason=str(error)) from error


def _rows_from_a1(content: Any) -> Iterator[list[Any]]:
    """Rows of a sheet from its row 1 and column A on."""
    left = [""] * content.start[1]
    for row in content.iter_rows():
        yield left + row if left else row


def _is_filled(row: list[Any], position: int, error_rows: set[int]) -> bool:
    """Whether a row of blanks, zeros and noes holds anything."""
    return position in error_rows or any(value != "" for value in row)


def _header_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
