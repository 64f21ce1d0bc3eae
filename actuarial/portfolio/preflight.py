"""What a workbook must be before its reader may touch it.

The reader (calamine) allocates the whole rectangle from the first to the last used cell and aborts the
process on a 1.7 KB file with the cells A1 and XFD1048576; so the archive and its XML are walked first,
piece by piece. The archive's parts are inflated here and their sizes counted, whatever its directory says.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.error import SafetyLimitError
from actuarial.kernels import text as kernel
from actuarial.language import text

MAX_ENTRIES = 4_000
MAX_UNZIPPED = 4 << 30
MAX_PART = 3 << 30
MAX_RATIO = 400
RATIO_MATTERS_FROM = 16 << 20
MAX_CELLS = 40_000_000
MAX_COLUMNS = 2_000
MAX_ERROR_CELLS = 1_000_000

PIECE = 1 << 20
LOCAL_HEADER = 30
LONGEST_TAG = 1 << 20

NO_RESULT = "a formula"
"""Text of a formula whose value was never computed."""

ERROR_TEXTS = {
    b"\0\0\0": NO_RESULT,
    b"N/A": "#N/A",
    b"DIV": "#DIV/0!",
    b"VAL": "#VALUE!",
    b"REF": "#REF!",
    b"NAM": "#NAME?",
    b"NUM": "#NUM!",
    b"NUL": "#NULL!",
    b"GET": "#GETTING_DATA",
    b"SPI": "#SPILL!",
    b"CAL": "#CALC!",
}


class DamagedWorkbookError(ValueError):
    """A workbook whose archive or XML cannot be read; its argument is a message."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(text(message, **values))


@dataclass(frozen=True)
class ErrorCells:
    """Cells that hold an error value or a formula without a result, as `NO_RESULT`.

    ``rows``, ``columns`` int64 (k,) from 0, ``texts`` (k,).
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    texts: list[str]


@dataclass
class Inspection:
    """What the walk found.

    Attributes
    ----------
    error_cells : dict of str to ErrorCells
        By the sheet's name.
    external_links : tuple of str
        Parts that refer to other workbooks.
    """

    error_cells: dict[str, ErrorCells] = field(default_factory=dict)
    external_links: tuple[str, ...] = ()


def inspect_workbook(raw: bytes, file: str) -> Inspection:
    """Walk a workbook's archive and XML.

    Parameters
    ----------
    raw : bytes
        The whole file.
    file : str
        Its name, for messages.

    Raises
    ------
    SafetyLimitError
        E1901 too many parts, E1902 too large unzipped, E1903 compressed beyond reason, E1904 a cell far
        from the table, E1905 a document type or entity declaration, E1906 an archive that contradicts itself.
    DamagedWorkbookError
        When it is no workbook.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError) as error:
        raise DamagedWorkbookError("{reason}", reason=str(error)) from error
    with archive:
        entries = archive.infolist()
    _limits(entries, file)
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names or "xl/workbook.bin" in names:
        raise DamagedWorkbookError("it has no xl/workbook.xml")
    inspection = Inspection(
        external_links=tuple(
            sorted(n for n in names if n.startswith("xl/externalLinks/") and n.endswith(".xml"))
        )
    )
    errors: dict[str, ErrorCells] = {}
    small: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        is_small = entry.filename in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
        is_xml = entry.filename.endswith((".xml", ".rels", ".vml"))
        walk = _Walk(file, entry.filename) if is_xml else None
        kept = bytearray()
        size = 0
        for piece in _inflated(raw, entry, file):
            size += len(piece)
            if walk:
                walk.feed(piece)
            if is_small:
                kept += piece
        total += size
        if size != entry.file_size:
            raise SafetyLimitError(
                "E1906",
                "{file}: part {part} unzips to {found} bytes, its directory says {declared}; save the "
                "workbook again in Excel",
                file=file,
                part=entry.filename,
                found=size,
                declared=entry.file_size,
            )
        if walk:
            errors[entry.filename] = walk.finish()
        if is_small:
            small[entry.filename] = bytes(kept)
    if any(len(cells.texts) for cells in errors.values()):
        for sheet, part in _sheet_parts(small).items():
            if part in errors and errors[part].texts:
                inspection.error_cells[sheet] = errors[part]
    return inspection


def _limits(entries: list[zipfile.ZipInfo], file: str) -> None:
    if len(entries) > MAX_ENTRIES:
        raise SafetyLimitError(
            "E1901",
            "{file}: {n} parts in the archive, at most {most} are read",
            file=file,
            n=len(entries),
            most=MAX_ENTRIES,
        )
    names: set[str] = set()
    total = 0
    for entry in entries:
        # a reader that ignores case would see one part twice
        name = entry.filename.casefold()
        if name in names:
            raise SafetyLimitError(
                "E1906",
                "{file}: two parts {part} in the archive; save the workbook again in Excel",
                file=file,
                part=entry.filename,
            )
        names.add(name)
        if entry.flag_bits & 1:
            raise DamagedWorkbookError("its parts are encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DamagedWorkbookError("part {part} has an unknown compression", part=entry.filename)
        total += entry.file_size
        if entry.file_size > MAX_PART or total > MAX_UNZIPPED:
            raise SafetyLimitError(
                "E1902",
                "{file}: more than {most} GiB unzipped (part {part}); give a table of this size as CSV or "
                "Parquet",
                file=file,
                most=MAX_UNZIPPED >> 30,
                part=entry.filename,
            )
        if entry.file_size > RATIO_MATTERS_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise SafetyLimitError(
                "E1903",
                "{file}: part {part} is {times} times larger unzipped, at most {most} is read; give the "
                "table as CSV or Parquet",
                file=file,
                part=entry.filename,
                times=entry.file_size // max(entry.compress_size, 1),
                most=MAX_RATIO,
            )


def _inflated(raw: bytes, entry: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    """Pieces of a part as the reader will inflate them: from its bytes, not from its declared size."""
    header = raw[entry.header_offset : entry.header_offset + LOCAL_HEADER]
    if len(header) < LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise DamagedWorkbookError("part {part} is not where the archive says", part=entry.filename)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    begin = entry.header_offset + LOCAL_HEADER + name_length + extra_length
    content = memoryview(raw)[begin : begin + entry.compress_size]
    if len(content) != entry.compress_size:
        raise DamagedWorkbookError("part {part} is cut off", part=entry.filename)
    if entry.compress_type == zipfile.ZIP_STORED:
        for at in range(0, len(content), PIECE):
            yield bytes(content[at : at + PIECE])
        return
    inflater = zlib.decompressobj(-15)
    size = 0
    rest = b""
    at = 0
    while not inflater.eof:
        if not rest:
            if at >= len(content):
                break
            rest = bytes(content[at : at + PIECE])
            at += PIECE
        try:
            piece = inflater.decompress(rest, PIECE)
        except zlib.error as error:
            raise DamagedWorkbookError(
                "part {part}: {reason}", part=entry.filename, reason=str(error)
            ) from error
        rest = inflater.unconsumed_tail
        size += len(piece)
        if size > entry.file_size:
            raise SafetyLimitError(
                "E1906",
                "{file}: part {part} unzips to more than its directory says ({declared} bytes); save the "
                "workbook again in Excel",
                file=file,
                part=entry.filename,
                declared=entry.file_size,
            )
        if piece:
            yield piece
    if not inflater.eof:
        raise DamagedWorkbookError("part {part} is cut off", part=entry.filename)


class _Walk:
    """The walk through one XML part."""

    def __init__(self, file: str, part: str) -> None:
        self.file, self.part = file, part
        self.state = np.zeros(kernel.SHEET_STATE, dtype=np.int64)
        self.state[kernel.SHEET_ROW] = -1
        self.state[kernel.SHEET_COLUMN] = -1
        self.state[kernel.SHEET_LAST_ROW] = -1
        self.state[kernel.SHEET_LAST_COLUMN] = -1
        self.errors = np.zeros((1024, 5), dtype=np.int32)
        self.found: list[NDArray[np.int32]] = []
        self.n_errors = 0
        self.rest = b""
        self.is_first = True

    def feed(self, piece: bytes) -> None:
        """Walk one more piece."""
        if self.is_first:
            self.is_first = False
            if piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in piece[:200]:
                raise DamagedWorkbookError("part {part} is not UTF-8", part=self.part)
        piece = self.rest + piece
        data = np.frombuffer(piece, dtype=np.uint8)
        used = 0
        while True:
            used += int(kernel.scan_sheet(data[used:], len(data) - used, self.state, self.errors))
            self._faults()
            if self.state[kernel.SHEET_N_ERRORS] < len(self.errors):
                break
            self._keep_errors()
        self.rest = piece[used:]
        if len(self.rest) > LONGEST_TAG:
            raise DamagedWorkbookError("part {part} has a tag without an end", part=self.part)

    def finish(self) -> ErrorCells:
        """End of the part."""
        self._keep_errors()
        all_errors = np.concatenate([np.zeros((0, 5), np.int32), *self.found])
        texts = [ERROR_TEXTS.get(bytes(row[2:].astype(np.uint8)), "an error value") for row in all_errors]
        return ErrorCells(all_errors[:, 0].astype(np.int64), all_errors[:, 1].astype(np.int64), texts)

    def _keep_errors(self) -> None:
        n = int(self.state[kernel.SHEET_N_ERRORS])
        self.n_errors += n
        if self.n_errors <= MAX_ERROR_CELLS:
            self.found.append(self.errors[:n].copy())
        self.state[kernel.SHEET_N_ERRORS] = 0

    def _faults(self) -> None:
        fault = self.state[kernel.SHEET_FAULT]
        if fault == kernel.FAULT_DTD:
            raise SafetyLimitError(
                "E1905",
                "{file}: part {part} declares a document type or entities, which no workbook needs; save it "
                "again in Excel",
                file=self.file,
                part=self.part,
            )
        if fault == kernel.FAULT_REFERENCE:
            raise DamagedWorkbookError("part {part} has a cell reference that does not exist", part=self.part)
        rows, columns = self.state[kernel.SHEET_LAST_ROW] + 1, self.state[kernel.SHEET_LAST_COLUMN] + 1
        if columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
            from actuarial.portfolio.finding import column_letters

            raise SafetyLimitError(
                "E1904",
                "{file}: part {part} uses the area A1:{last}, at most {columns} columns and {cells:,} cells "
                "are read; delete what stands apart from the table, or give the table as CSV or Parquet",
                file=self.file,
                part=self.part,
                last=f"{column_letters(int(columns) - 1)}{rows}",
                columns=MAX_COLUMNS,
                cells=MAX_CELLS,
            )


def _sheet_parts(small: dict[str, bytes]) -> dict[str, str]:
    """Part name by sheet name, from the workbook and its relations."""
    from defusedxml import ElementTree

    try:
        book = ElementTree.fromstring(small["xl/workbook.xml"])
        relations = ElementTree.fromstring(small["xl/_rels/workbook.xml.rels"])
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise DamagedWorkbookError("{reason}", reason=str(error)) from error
    targets = {r.get("Id"): r.get("Target", "") for r in relations.iter() if r.tag.endswith("}Relationship")}
    parts = {}
    for sheet in book.iter():
        if not sheet.tag.endswith("}sheet"):
            continue
        relation = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), None)
        target = targets.get(relation, "")
        part = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        parts[sheet.get("name", "")] = part
    return parts
