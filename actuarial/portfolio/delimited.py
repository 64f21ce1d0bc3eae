"""CSV and its relatives: encoding, separator, rows and cells, in parallel over slices of the file.

The file is mapped, not copied: `actuarial.kernels.text` splits and parses its bytes where they are. A
file that is not UTF-8 is taken as cp1251 and transcoded first.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.kernels import text as kernel
from actuarial.language import text
from actuarial.portfolio.cell import CellParser, Cells, Problems, Text
from actuarial.portfolio.column import HEADER_INDEX, normalised
from actuarial.portfolio.finding import Findings, text_cell
from actuarial.portfolio.source import Parsed, Source, joined, merged

Bytes = NDArray[np.uint8]
Int64 = NDArray[np.int64]

DELIMITERS = (",", ";", "\t")
SEPARATOR_LINE = re.compile(rb'"?sep=([^\w\s"]|\t)"?(?:\r\n?|\n)', re.IGNORECASE)
"""First line of a text file by which Excel is told the separator."""
MAX_HEADER = 4096
CHUNK_ROWS = 8192
SLICE_BYTES = 1 << 24
TRANSCODE_BYTES = 1 << 22


@dataclass
class DelimitedTable:
    """A delimited text file whose header is known; see `open_delimited`.

    ``spare`` counts the separators that end the header without a name after them.
    """

    path: Path
    file: str
    data: Bytes
    size: int
    sha256: str
    encoding: str
    delimiter: int
    newline: int
    header: list[str]
    header_row: int
    begin: int
    first_line: int
    threads: int
    spare: int
    kind: str = "text"
    sheet: str = ""

    def describe(self) -> Source:
        """What was read."""
        mark = chr(self.delimiter)
        return Source(
            str(self.path), self.sha256, self.size, "csv", "", self.encoding, "tab" if mark == "\t" else mark
        )

    def unnamed(self) -> list[int]:
        """Positions of empty headers: a text file shows no cell without a column, so these are named."""
        return [i for i, name in enumerate(self.header) if not name.strip()]

    def parse(self, positions: dict[str, int], parser: CellParser, findings: Findings) -> Parsed:
        """Split and parse all rows; ragged rows and open quotes become findings."""
        slices = self._slices()
        with ThreadPoolExecutor(self.threads) as pool:
            room = list(pool.map(lambda s: _count(self.data[s[0] : s[1]], self.newline) + 1, slices))
            offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(room)))
            values = parser.empty_values(positions, int(offsets[-1]))
            rows = np.empty(int(offsets[-1]), dtype=np.int64)
            parts = list(
                pool.map(
                    lambda k: self._parse_slice(slices[k], int(offsets[k]), positions, parser, values, rows),
                    range(len(slices)),
                )
            )
        n, line = 0, self.first_line
        spoilt: list[Int64] = [np.zeros(0, np.int64)]
        quoted: list[Int64] = [np.zeros(0, np.int64)]
        shifted = self._shifted(parts)
        problems = []
        for k, part in enumerate(parts):
            begin = int(offsets[k])
            kept = slice(begin, begin + part.n)
            # a slice has at most one row a line; blank lines and quoted newlines leave room to close up
            for array in values.values():
                if begin != n:
                    array[n : n + part.n] = array[kept]
            rows[n : n + part.n] = rows[kept] + line
            spoilt.extend(at + n for at in part.spoilt)
            quoted.extend(at + n for at in part.bad_quotes)
            if shifted:
                spoilt.extend(at + n for at in part.wide)
            problems += [Problems(p.code, p.column, p.rows + n, p.values) for p in part.problems]
            if part.open_quote >= 0:
                number = line + part.open_line
                findings.add("E1017", file=self.file, row=number, cell=text_cell(number))
            n += part.n
            line += part.lines
        bad, quotes = np.concatenate(spoilt), np.concatenate(quoted)
        texts = {
            name: joined([array for part in parts for array in part.texts[name]])
            for name in positions
            if parser.is_text(name)
        }
        result = Parsed(n, {k: v[:n] for k, v in values.items()}, texts, rows[:n], merged(problems), bad)
        findings.add_rows("E1018", quotes, "")
        findings.add_rows("E1016", np.setdiff1d(bad, quotes), "", detail=str(len(self.header)))
        return result

    def _shifted(self, parts: list[_Part]) -> bool:
        """Whether empty cells beyond those of the header are a fault.

        They are none where every row ends with as many. In a file of commas they always are: a decimal
        comma without quotes in every row looks the same and shifts every cell after it.
        """
        counts = {count for part in parts for count in part.surpluses}
        return chr(self.delimiter) == "," or len(counts) > 1

    def _slices(self) -> list[tuple[int, int]]:
        """Byte ranges that begin at rows."""
        end = len(self.data)
        step = max(1 << 16, min(SLICE_BYTES, (end - self.begin) // (4 * self.threads) + 1))
        if end - self.begin <= step:
            return [(self.begin, end)]
        buffer = memoryview(self.data)  # type: ignore[arg-type]
        has_quotes = _find(buffer, b'"', self.begin) >= 0
        if has_quotes:
            cuts = np.empty((end - self.begin) // step + 1, dtype=np.int64)
            n = kernel.cut_points(self.data, self.begin, end, self.delimiter, self.newline, step, cuts)
            marks = [self.begin, *cuts[:n].tolist(), end]
        else:
            marks = [self.begin]
            while marks[-1] + step < end:
                at = _find(buffer, bytes([self.newline]), marks[-1] + step)
                if at < 0 or at + 1 >= end:
                    break
                marks.append(at + 1)
            marks.append(end)
        return list(pairwise(marks))

    def _parse_slice(
        self,
        bounds: tuple[int, int],
        offset: int,
        positions: dict[str, int],
        parser: CellParser,
        values: dict[str, NDArray[Any]],
        rows: Int64,
    ) -> _Part:
        """Parse one slice into its place of the output arrays, in chunks that stay in cache."""
        n_columns = len(self.header)
        starts = np.empty((n_columns, CHUNK_ROWS), dtype=np.int64)
        ends = np.empty((n_columns, CHUNK_ROWS), dtype=np.int64)
        state = np.empty(CHUNK_ROWS, dtype=np.uint8)
        surplus = np.empty(CHUNK_ROWS, dtype=np.int64)
        position, end = bounds
        part = _Part({name: [] for name in positions if parser.is_text(name)})
        while position < end:
            begin = offset + part.n
            lines = np.empty(CHUNK_ROWS, dtype=np.int64)
            n, position, passed, open_quote = kernel.split_rows(
                self.data, position, end, self.delimiter, self.newline, starts, ends, lines, state, surplus
            )
            rows[begin : begin + n] = lines[:n] + part.lines
            if state[:n].any():
                part.spoilt.append(np.flatnonzero(state[:n]) + part.n)
                part.bad_quotes.append(np.flatnonzero(state[:n] == kernel.ROW_BAD_QUOTE) + part.n)
            is_whole = state[:n] == kernel.ROW_OK
            if len(part.surpluses) < 2:
                part.surpluses.update(np.unique(surplus[:n][is_whole]).tolist())
            wide = is_whole & (surplus[:n] > self.spare)
            if wide.any():
                part.wide.append(np.flatnonzero(wide) + part.n)
            for name, column in positions.items():
                cells = Cells(n, Text(self.data, starts[column, :n], ends[column, :n], quoted=True))
                if name in part.texts:
                    array, problems = parser.parse_text_column(name, cells)
                    part.texts[name].append(array)
                else:
                    problems = parser.parse(name, cells, values[name][begin : begin + n])
                part.problems.extend(Problems(p.code, p.column, p.rows + part.n, p.values) for p in problems)
            if open_quote >= 0:
                part.open_quote = open_quote
                # the quote swallowed the rest: count its line from where it was opened
                part.open_line = part.lines + passed - _count(self.data[open_quote:end], self.newline)
            part.n += n
            part.lines += passed
        return part


@dataclass
class _Part:
    """What one slice gave."""

    texts: dict[str, list[Any]]
    n: int = 0
    lines: int = 0
    spoilt: list[Int64] = field(default_factory=list)
    bad_quotes: list[Int64] = field(default_factory=list)
    wide: list[Int64] = field(default_factory=list)
    surpluses: set[int] = field(default_factory=set)
    problems: list[Problems] = field(default_factory=list)
    open_quote: int = -1
    open_line: int = 0


def open_delimited(
    path: Path, file: str, findings: Findings, known_headers: set[str], threads: int
) -> DelimitedTable | None:
    """Map a text file and read its header; None after a finding that ends the reading.

    Parameters
    ----------
    known_headers : set of str
        Normalised headers that the user's mapping names, beside the known ones.
    """
    size = path.stat().st_size
    if size == 0:
        findings.add("E1004", file=file)
        return None
    with path.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    data: Bytes = np.frombuffer(mapped, dtype=np.uint8)
    head = bytes(mapped[:4096])
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or (b"\0" in head and _looks_utf16(head)):
        findings.add("E1005", file=file)
        return None
    if head.startswith((b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0")):
        wrong = text("a workbook or Parquet file with the name of a text file")
        findings.add("E1003", file=file, detail=wrong)
        return None
    nul = mapped.find(b"\0")
    if nul >= 0:
        findings.add("E1006", file=file, detail=text("a zero byte at position {position}", position=nul))
        return None
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(lambda: hashlib.sha256(mapped).hexdigest())
        encoding = "utf-8"
        if head.startswith(b"\xef\xbb\xbf"):
            encoding = "utf-8-sig"
        if not _is_utf8(data):
            transcoded = _from_cp1251(data, findings, file)
            if transcoded is None:
                return None
            data, encoding = transcoded, "cp1251"
        sha256 = digest.result()
    begin = 3 if encoding == "utf-8-sig" else 0
    buffer = memoryview(data)  # type: ignore[arg-type]
    newline = 10 if _find(buffer, b"\n", begin) >= 0 else 13
    told = SEPARATOR_LINE.match(data[begin : begin + 16].tobytes())
    above = 0
    marks: tuple[str, ...] = DELIMITERS
    if told is not None:
        begin, above, marks = begin + told.end(), 1, (told[1].decode(),)
    found = _header(data, begin, newline, known_headers, marks)
    if found is None:
        is_open = _find(buffer, b'"', begin) >= 0
        findings.add("E1017" if is_open else "E1004", file=file, row=above + 1 if is_open else None)
        return None
    delimiter, header, line, position, lines, spare = found
    if len(header) > MAX_HEADER:
        findings.add("E1020", file=file, detail=text("more than {n}", n=MAX_HEADER))
        return None
    return DelimitedTable(
        path,
        file,
        data,
        size,
        sha256,
        encoding,
        delimiter,
        newline,
        header,
        above + line + 1,
        position,
        above + lines + 1,
        threads,
        spare,
    )


def _looks_utf16(head: bytes) -> bool:
    """Whether zero bytes stand at every other place, as in UTF-16 without a mark."""
    return max(head[0::2].count(0), head[1::2].count(0)) * 4 > len(head)


def _is_utf8(data: Bytes) -> bool:
    """Whether bytes are valid UTF-8, by Arrow's validator and without a copy."""
    import pyarrow as pa

    offsets = np.array([0, len(data)], dtype=np.int64)
    try:
        pa.LargeStringArray.from_buffers(1, pa.py_buffer(offsets), pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _from_cp1251(data: Bytes, findings: Findings, file: str) -> Bytes | None:
    """The bytes as UTF-8, or None after a finding."""
    parts = []
    for begin in range(0, len(data), TRANSCODE_BYTES):
        try:
            decoded = data[begin : begin + TRANSCODE_BYTES].tobytes().decode("cp1251")
        except UnicodeDecodeError as error:
            wrong = text("byte {position} is in neither", position=begin + error.start)
            findings.add("E1006", file=file, detail=wrong)
            return None
        parts.append(decoded.encode("utf-8"))
    return np.frombuffer(b"".join(parts), dtype=np.uint8)


def _header(
    data: Bytes, begin: int, newline: int, known: set[str], marks: tuple[str, ...]
) -> tuple[int, list[str], int, int, int, int] | None:
    """Delimiter, header cells, its line, the position and line after it, empty cells at its end.

    None in a blank file.

    The separator that gives most known columns is taken, then the one that gives most columns.
    """
    best: tuple[tuple[int, int], tuple[int, list[str], int, int, int, int]] | None = None
    is_open = False
    for mark in marks:
        starts = np.empty((MAX_HEADER + 1, 1), dtype=np.int64)
        ends = np.empty((MAX_HEADER + 1, 1), dtype=np.int64)
        lines = np.empty(1, dtype=np.int64)
        state = np.empty(1, dtype=np.uint8)
        surplus = np.empty(1, dtype=np.int64)
        starts[:] = -1
        n, position, passed, quote = kernel.split_rows(
            data, begin, len(data), ord(mark), newline, starts, ends, lines, state, surplus
        )
        if n == 0:
            is_open |= quote >= 0
            continue
        text = Text(data, starts[:, 0].copy(), ends[:, 0].copy(), quoted=True)
        # columns the row does not have were filled with the position after it
        width = (
            int(np.argmax(starts[:, 0] >= position)) if (starts[:, 0] >= position).any() else MAX_HEADER + 1
        )
        header = [text.at(i).strip() for i in range(max(width, 1))]
        while header and not header[-1]:
            header.pop()
        fit = sum(normalised(h) in HEADER_INDEX or normalised(h) in known for h in header)
        rank = (fit, len(header))
        if best is None or rank > best[0]:
            spare = max(width, 1) - len(header)
            best = (rank, (ord(mark), header, int(lines[0]), position, passed, spare))
    # where one separator leaves a quote open and no other finds a column of ours, the quote is the fault
    return None if best is None or (is_open and best[0][0] == 0) else best[1]


def _count(data: Bytes, byte: int) -> int:
    """Occurrences of a byte, in pieces that stay in cache."""
    return sum(int(np.count_nonzero(data[i : i + 65536] == byte)) for i in range(0, len(data), 65536))


def _find(buffer: memoryview, pattern: bytes, begin: int) -> int:
    """Position of a byte from ``begin`` on, -1 where there is none."""
    step = 1 << 20
    for at in range(begin, len(buffer), step):
        found = bytes(buffer[at : at + step]).find(pattern)
        if found >= 0:
            return at + found
    return -1
