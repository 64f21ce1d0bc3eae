"""Parquet files and data frames: typed columns to cells, without a detour through text."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actuarial.kernels import text as kernel
from actuarial.language import text
from actuarial.portfolio.cell import CellParser, Cells, Overlay, Problems, Text, cells_of_objects
from actuarial.portfolio.finding import Findings
from actuarial.portfolio.source import Parsed, Source, joined, merged

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 65_536
US_IN_DAY = 86_400_000_000


@dataclass
class ArrowTable:
    """A table whose columns are Arrow arrays, read when they are asked for."""

    file: str
    header: list[str]
    source: Source
    threads: int
    columns: dict[int, Any] = field(default_factory=dict)
    parquet: Any = None
    n: int = 0
    kind: str = "rows"
    sheet: str = ""
    header_row: int = 0

    def describe(self) -> Source:
        """What was read."""
        return self.source

    def unnamed(self) -> list[int]:
        """Positions of columns without a name."""
        return [i for i, name in enumerate(self.header) if not name.strip()]

    def parse(self, positions: dict[str, int], parser: CellParser, findings: Findings) -> Parsed:
        """Read and parse the wanted columns, pieces of rows in parallel.

        A Parquet file is decoded piece by piece: fresh memory costs more time than decoding.
        """
        import pyarrow as pa

        values = parser.empty_values(positions, self.n)
        parts: list[Future[_Part]] = []

        def parse_piece(begin: int, piece: dict[str, Any]) -> _Part:
            texts: dict[str, Any] = {}
            problems: list[Problems] = []
            for name, column in piece.items():
                cells = cells_of_objects(column) if isinstance(column, list) else cells_of_arrow(column)
                if parser.is_text(name):
                    texts[name], found = parser.parse_text_column(name, cells)
                else:
                    found = parser.parse(name, cells, values[name][begin : begin + cells.n])
                problems += [Problems(p.code, p.column, p.rows + begin, p.values) for p in found]
            return texts, problems

        try:
            with ThreadPoolExecutor(self.threads) as pool:
                begin = 0
                for n, piece in self._pieces(positions):
                    if len(parts) >= 2 * self.threads:
                        parts[-2 * self.threads].result()
                    parts.append(pool.submit(parse_piece, begin, piece))
                    begin += n
        except (pa.ArrowException, OSError) as error:
            findings.add("E1010", file=self.file, detail=str(error).splitlines()[0])
            return Parsed(0, {}, {}, np.zeros(0, np.int64))
        done = [part.result() for part in parts]
        texts = {name: joined([t[name] for t, _ in done]) for name in positions if parser.is_text(name)}
        rows = np.arange(1, self.n + 1, dtype=np.int64)
        return Parsed(self.n, values, texts, rows, merged([p for _, problems in done for p in problems]))

    def _pieces(self, positions: dict[str, int]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Rows and columns (Arrow arrays, or lists of objects) of each piece of the table."""
        if self.parquet is None:
            for begin in range(0, self.n, CHUNK_ROWS):
                piece = {
                    name: self.columns[position][begin : begin + CHUNK_ROWS]
                    for name, position in positions.items()
                }
                yield min(CHUNK_ROWS, self.n - begin), piece
            return
        names = {name: self.header[position] for name, position in positions.items()}
        batches = self.parquet.iter_batches(
            CHUNK_ROWS, columns=list(names.values()), use_threads=self.threads > 1
        )
        for batch in batches:
            yield batch.num_rows, {name: batch.column(header) for name, header in names.items()}


_Part: TypeAlias = tuple[dict[str, Any], list[Problems]]


def open_parquet(path: Path, file: str, findings: Findings, threads: int) -> ArrowTable | None:
    """Open a Parquet file; None after a finding that ends the reading."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    size = path.stat().st_size
    if size == 0:
        findings.add("E1004", file=file)
        return None
    with path.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        parquet = pq.ParquetFile(pa.BufferReader(pa.py_buffer(mapped)))
    except (pa.ArrowException, OSError) as error:
        findings.add("E1010", file=file, detail=str(error).splitlines()[0])
        return None
    schema = parquet.schema_arrow
    if len(set(schema.names)) < len(schema.names):
        twice = next(name for name in schema.names if schema.names.count(name) > 1)
        findings.add("E1014", file=file, column=twice, detail=text("two columns of the same name"))
        return None
    source = Source(str(path), hashlib.sha256(mapped).hexdigest(), size, "parquet")
    return ArrowTable(
        file, list(schema.names), source, threads, parquet=parquet, n=int(parquet.metadata.num_rows)
    )


def table_of_frame(df: pd.DataFrame, threads: int, name: str = "") -> ArrowTable:
    """Table of a pandas frame; columns of mixed objects are kept as they are. NaN and NaT are empty.

    ``name`` stands in findings where a file would.
    """
    import pyarrow as pa

    header = [str(name) for name in df.columns]
    columns: dict[int, Any] = {}
    for position in range(len(header)):
        series = df.iloc[:, position]
        try:
            columns[position] = _one_array(pa.array(series, from_pandas=True))
        except (pa.ArrowException, TypeError, OverflowError):
            blank = series.isna().tolist()
            columns[position] = [None if b else v for b, v in zip(blank, series.tolist(), strict=True)]
    return ArrowTable(name, header, Source(name, "", 0, "frame"), threads, columns, n=len(df))


def _one_array(array: Any) -> Any:
    return array.combine_chunks() if hasattr(array, "chunks") else array


def cells_of_arrow(array: Any) -> Cells:
    """Cells of an Arrow array of any reasonable type."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    n = len(array)
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if pa.types.is_null(kind):
        return Cells(n)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return Cells(n, text_of_arrow(array))
    if pa.types.is_string_view(kind):
        return Cells(n, text_of_arrow(array.cast(pa.large_string())))
    if pa.types.is_decimal128(kind):
        unscaled = _unscaled(array)
        if unscaled is None:
            return Cells(n, text_of_arrow(array.cast(pa.string())))
        return _overlay(array, "decimal", unscaled, kind.scale)
    if pa.types.is_decimal(kind):
        return Cells(n, text_of_arrow(array.cast(pa.string())))
    if pa.types.is_uint64(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        if not pa.types.is_uint64(kind):
            return cells_of_objects(array.to_pylist())
        return Cells(n, text_of_arrow(array.cast(pa.string())))
    if pa.types.is_integer(kind):
        return _overlay(array, "decimal", array.cast(pa.int64()), 0)
    if pa.types.is_floating(kind):
        # float32 goes through its shortest text: 250000.1f is 250000.09375 in float64
        if kind != pa.float64():
            return cells_of_objects(
                [None if v is None else float(str(np.float32(v))) for v in array.to_pylist()]
            )
        return _overlay(array, "float", array, 0)
    if pa.types.is_boolean(kind):
        return _overlay(array, "truth", array, 0)
    if pa.types.is_date32(kind):
        return _overlay(array, "day", array.cast(pa.int32()).cast(pa.int64()), 0)
    if pa.types.is_date64(kind):
        return _overlay(array, "day", array.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()), 0)
    if pa.types.is_timestamp(kind):
        if kind.tz is not None:
            array = pc.local_timestamp(array)
        return _moments(array)
    return cells_of_objects(array.to_pylist())


def text_of_arrow(array: Any) -> Text:
    """Bounds of the texts in Arrow's own buffer; an empty cell of a null has equal bounds."""
    import pyarrow as pa

    width: Any = np.int64 if pa.types.is_large_string(array.type) else np.int32
    n = len(array)
    _, offsets_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offsets_buffer, dtype=width)[array.offset : array.offset + n + 1].astype(np.int64)
    if data_buffer is None or data_buffer.size == 0:
        data = np.frombuffer(b"\n", dtype=np.uint8)
    else:
        data = np.frombuffer(data_buffer, dtype=np.uint8)
    data.flags.writeable = False
    starts, ends = offsets[:-1], offsets[1:]
    if array.null_count:
        ends = np.where(_valid(array), ends, starts)
    return Text(data, starts, ends)


# Arrow's own conversions (``to_numpy``, ``pa.array``, scalars in ``pc``) import pandas at their first use,
# 0.3 s of every run; the buffers say the same without it.


def row_numbers(rows: NDArray[np.int64]) -> Any:
    """Row numbers as an Arrow array, for ``take``."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))])


def _bits(buffer: Any, array: Any) -> NDArray[np.bool_]:
    """A buffer of bits as one bool an element of the array."""
    packed = np.frombuffer(buffer, dtype=np.uint8)
    bits = np.unpackbits(packed, bitorder="little", count=array.offset + len(array))
    return bits[array.offset :].astype(np.bool_)


def first_equal(array: Any) -> NDArray[np.int64]:
    """For each text of an Arrow string array the position of the first equal one, shape (n,)."""
    n = len(array)
    text = text_of_arrow(array)
    first = np.empty(n, dtype=np.int64)
    table = np.full(1 << max(4, (2 * n - 1).bit_length()), -1, dtype=np.int64)
    kernel.first_equal(text.data, text.starts, text.ends, table, first)
    return first


def _valid(array: Any) -> NDArray[np.bool_]:
    buffer = array.buffers()[0]
    return np.ones(len(array), dtype=np.bool_) if buffer is None else _bits(buffer, array)


def _numbers(array: Any) -> NDArray[Any]:
    """Values of a fixed-width array; what stands under a null is arbitrary."""
    import pyarrow as pa

    if pa.types.is_boolean(array.type):
        return _bits(array.buffers()[1], array)
    values = np.frombuffer(array.buffers()[1], dtype=np.dtype(str(array.type).replace("double", "float64")))
    return values[array.offset : array.offset + len(array)]


def _overlay(array: Any, kind: str, values: Any, scale: int) -> Cells:
    numbers = values if isinstance(values, np.ndarray) else _numbers(values)
    if array.null_count:
        at = np.flatnonzero(_valid(array))
        numbers = numbers[at]
    else:
        at = np.arange(len(array), dtype=np.int64)
    return Cells(len(array), None, (Overlay(kind, at, numbers, scale),))


def _unscaled(array: Any) -> NDArray[np.int64] | None:
    """Unscaled int64 values of a decimal128 array, None where one needs more than 64 bits."""
    words = np.frombuffer(array.buffers()[1], dtype=np.int64)[
        2 * array.offset : 2 * (array.offset + len(array))
    ]
    low, high = words[0::2], words[1::2]
    fits = (high == (low >> 63)) & (np.abs(low) < 10**18)
    if array.null_count:
        fits |= ~_valid(array)
    return low if fits.all() else None


def _moments(array: Any) -> Cells:
    """Timestamps: days where they are midnight, otherwise moments that a date column refuses."""
    import pyarrow as pa

    unit = {"s": 86_400, "ms": 86_400_000, "us": US_IN_DAY, "ns": US_IN_DAY * 1000}[array.type.unit]
    valid = _valid(array)
    at = np.flatnonzero(valid)
    ticks = _numbers(array.cast(pa.int64()))[_valid(array)]
    days, rest = np.divmod(ticks, unit)
    is_midnight = rest == 0
    overlays = [Overlay("day", at[is_midnight], days[is_midnight])]
    if not is_midnight.all():
        late = at[~is_midnight]
        moments = np.empty(len(late), dtype=object)
        moments[:] = [str(array[int(i)].cast(pa.string())) for i in late]
        overlays.append(Overlay("moment", late, moments))
    return Cells(len(array), None, tuple(overlays))
