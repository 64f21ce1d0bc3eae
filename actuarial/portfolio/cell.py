"""Cells of any source to exact values: the one place where text, numbers and dates are understood.

A source hands over columns as `Cells`: text as bytes with bounds, and overlays for cells that hold
something else (numbers, decimals, dates, yes/no). `CellParser` turns them into the arrays of
`AnnuityRecords` and names each cell that cannot be taken exactly.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.kernels import text as kernel
from actuarial.language import text
from actuarial.portfolio.column import COLUMN, Column, normalised, value_index
from actuarial.portfolio.mapping import Mapping
from actuarial.record import NO_AMOUNT, NO_ANSWER, NO_DATE, NO_DEGREE

Int64 = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Values = NDArray[Any]

EPOCH = datetime.date(1970, 1, 1).toordinal()
TIYN = 100
MAX_TIYN = 10**kernel.MAX_TENGE_DIGITS * TIYN
WRONG_TYPE = 50
NOT_SHARE_RANGE = 51
UNKNOWN_VALUE = 52
NOT_COUNT = 53
NOT_WHOLE_COUNT = 54
NOT_RATE = 55
FINE_RATE = 56
NEGATIVE_NUMBER = 57
NOT_NUMBER = 58
FINE_NUMBER = 59
LAST_STATUS = FINE_NUMBER

DTYPES: dict[str, Any] = {
    "date": np.int32,
    "amount": np.int64,
    "percent": np.int16,
    "share": np.float64,
    "choice": np.int8,
    "count": np.int64,
    "rate": np.int64,
    "number": np.int64,
    "signed": np.int64,
}
NO_SIGNED_AMOUNT = int(np.iinfo(np.int64).min)
"""An empty cell of an amount that may be negative."""
EMPTY_VALUES: dict[str, float] = {
    "date": NO_DATE,
    "amount": NO_AMOUNT,
    "percent": NO_DEGREE,
    "share": math.nan,
    "choice": NO_ANSWER,
    "count": NO_AMOUNT,
    "rate": NO_AMOUNT,
    "number": NO_AMOUNT,
    "signed": NO_SIGNED_AMOUNT,
}

CODES = {
    kernel.ERROR_VALUE: "E2002",
    kernel.NO_RESULT: "E2004",
    WRONG_TYPE: "E2003",
    kernel.NOT_DATE: "E2101",
    kernel.NO_SUCH_DAY: "E2102",
    kernel.TWO_DIGIT_YEAR: "E2103",
    kernel.SLASH_DATE: "E2104",
    kernel.TIME_OF_DAY: "E2105",
    kernel.SERIAL_NUMBER: "E2106",
    kernel.YEAR_OUT_OF_RANGE: "E2107",
    kernel.NOT_AMOUNT: "E2201",
    kernel.FINER_THAN_TIYN: "E2202",
    kernel.GROUPED_BY_COMMA: "E2203",
    kernel.NEGATIVE: "E2204",
    kernel.NOT_FINITE: "E2205",
    kernel.EXPONENT: "E2206",
    kernel.TOO_LARGE: "E2207",
    kernel.NOT_PERCENT: "E2301",
    kernel.FRACTION: "E2302",
    kernel.NOT_WHOLE: "E2303",
    kernel.PERCENT_TOO_LARGE: "E2301",
    kernel.NOT_SHARE: "E2401",
    NOT_SHARE_RANGE: "E2402",
    UNKNOWN_VALUE: "E2501",
    NOT_COUNT: "E2601",
    NOT_WHOLE_COUNT: "E2602",
    NOT_RATE: "E2603",
    FINE_RATE: "E2604",
    NEGATIVE_NUMBER: "E2605",
    NOT_NUMBER: "E2606",
    FINE_NUMBER: "E2607",
}

_NO_AMOUNT_TEXT = (
    kernel.NOT_AMOUNT,
    kernel.GROUPED_BY_COMMA,
    kernel.NOT_FINITE,
    kernel.EXPONENT,
    kernel.TOO_LARGE,
)
NUMBER_STATUS = {
    kind: {
        **dict.fromkeys(_NO_AMOUNT_TEXT, wrong),
        kernel.FINER_THAN_TIYN: fine,
        kernel.NEGATIVE: NEGATIVE_NUMBER,
    }
    for kind, wrong, fine in (
        ("count", NOT_COUNT, NOT_WHOLE_COUNT),
        ("rate", NOT_RATE, FINE_RATE),
        ("number", NOT_NUMBER, FINE_NUMBER),
    )
}
NUMBER_STATUS["number"][kernel.GROUPED_BY_COMMA] = FINE_NUMBER
"""Counts, rates and numbers are parsed as amounts are: what was wrong with an amount, said of a number."""

NEEDS = {
    "date": text("a date, as 2026-01-31 or 31.01.2026"),
    "amount": text("an amount in tenge"),
    "percent": text("the whole percent"),
    "share": text("a share, as 0.5 or 50%"),
    "choice": text("one of its values"),
    "text": text("a text or a whole number"),
    "count": text("a whole number"),
    "rate": text("a percent, as 5 or 7.5"),
    "number": text("a number, as 3 or 2.75"),
    "signed": text("an amount in tenge, with a minus if it is negative"),
}
IN_EVERY_ROW = text("in every row")

_MOST_SEEN = 100_000
_FIRST_DAY = datetime.date(kernel.FIRST_YEAR, 1, 1).toordinal() - EPOCH
_LAST_DAY = datetime.date(kernel.LAST_YEAR, 12, 31).toordinal() - EPOCH


@dataclass(frozen=True)
class Text:
    """Texts as bytes: cell i is ``data[starts[i]:ends[i]]``; ``quoted`` where quotes may be doubled."""

    data: Bytes
    starts: Int64
    ends: Int64
    quoted: bool = False

    def at(self, i: int) -> str:
        """Text of one cell."""
        raw = self.data[self.starts[i] : self.ends[i]].tobytes()
        if self.quoted and self.starts[i] > 0 and self.data[self.starts[i] - 1] == ord('"'):
            raw = raw.replace(b'""', b'"')
        return raw.decode("utf-8", errors="replace")


@dataclass(frozen=True)
class Overlay:
    """Cells that hold something else than text.

    ``kind`` float (float64), decimal (int64, unscaled, with ``scale`` decimals), day (int64 day numbers),
    moment, error, formula and strange (str), truth (bool); ``at`` (k,) their positions, ascending.
    """

    kind: str
    at: Int64
    values: Any
    scale: int = 0

    def show(self, k: int) -> str:
        """Text of the k-th value."""
        value = self.values[k]
        if self.kind == "day":
            return day_text(int(value))
        if self.kind == "truth":
            return "true" if value else "false"
        if self.kind == "decimal":
            return _decimal_text(int(value), self.scale)
        if self.kind == "float":
            return repr(float(value)).removesuffix(".0")
        return str(value)


@dataclass(frozen=True)
class Cells:
    """One column, or a piece of it; cells in neither ``text`` nor an overlay are empty."""

    n: int
    text: Text | None = None
    overlays: tuple[Overlay, ...] = ()

    def show(self, positions: Int64) -> list[str]:
        """Texts of cells as the user wrote them."""
        shown = ["" if self.text is None else self.text.at(int(i)).strip() for i in positions]
        for overlay in self.overlays:
            found = np.searchsorted(overlay.at, positions)
            for k, (i, at) in enumerate(zip(positions, found, strict=True)):
                if at < len(overlay.at) and overlay.at[at] == i:
                    shown[k] = overlay.show(int(at))
        return shown


def day_text(day: int) -> str:
    """ISO date of a day number; the number itself where the calendar of Python ends."""
    ordinal = day + EPOCH
    return datetime.date.fromordinal(ordinal).isoformat() if 0 < ordinal <= 3_652_059 else str(day)


def _decimal_text(value: int, scale: int) -> str:
    if scale <= 0:
        return str(value * 10**-scale)
    whole, part = divmod(abs(value), 10**scale)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{scale}d}"


class ErrorValue(str):
    """An error value of a workbook (#N/A), which is no text."""


class NoResult(str):
    """A formula of a workbook that was saved without its value."""


def text_cells(texts: Sequence[str]) -> Text:
    """Texts of Python as bytes with bounds."""
    whole = "".join(texts)
    if whole.isascii():
        encoded = whole.encode()
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    else:
        parts = [t.encode("utf-8", errors="replace") for t in texts]
        encoded = b"".join(parts)
        lengths = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    ends = np.cumsum(lengths)
    # one byte more: an array of nothing would be writable, and a second compilation of every kernel
    return Text(np.frombuffer(encoded + b"\n", dtype=np.uint8), ends - lengths, ends)


def cells_of_objects(values: Sequence[Any]) -> Cells:
    """Cells of Python objects, as a workbook or an object column of a frame holds them."""
    texts = [""] * len(values)
    floats: list[int] = []
    days: list[int] = []
    others: dict[str, tuple[list[int], list[Any]]] = {}
    for i, value in enumerate(values):
        kind = type(value)
        if kind is str:
            texts[i] = value
        elif kind is float:
            floats.append(i)
        elif kind is datetime.date:
            days.append(i)
        elif value is not None:
            name, content = _kind_of(value)
            if name == "text":
                texts[i] = content
            elif name:
                at, contents = others.setdefault(name, ([], []))
                at.append(i)
                contents.append(content)
    overlays = [
        Overlay(name, np.array(at, dtype=np.int64), np.array(contents, dtype=_OVERLAY_DTYPES[name]))
        for name, (at, contents) in others.items()
    ]
    if floats:
        numbers = np.array([values[i] for i in floats], dtype=np.float64)
        overlays.append(Overlay("float", np.array(floats, dtype=np.int64), numbers))
    if days:
        ordinals = np.array([values[i].toordinal() for i in days], dtype=np.int64)
        overlays.append(Overlay("day", np.array(days, dtype=np.int64), ordinals - EPOCH))
    return Cells(len(values), text_cells(texts), tuple(overlays))


_OVERLAY_DTYPES: dict[str, Any] = {
    "float": np.float64,
    "decimal": np.int64,
    "day": np.int64,
    "truth": np.bool_,
    "moment": object,
    "error": object,
    "formula": object,
    "strange": object,
}


def _kind_of(value: Any) -> tuple[str, Any]:
    """Overlay kind and content of one Python object; ("", None) is an empty cell."""
    if isinstance(value, ErrorValue):
        return "error", str(value)
    if isinstance(value, NoResult):
        return "formula", str(value)
    if isinstance(value, (bool, np.bool_)):
        return "truth", bool(value)
    if isinstance(value, (int, np.integer)):
        return ("decimal", int(value)) if abs(int(value)) < 10**18 else ("text", str(int(value)))
    if isinstance(value, (float, np.floating)):
        return "float", float(value)
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return "", None
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time(0):
            return "day", value.toordinal() - EPOCH
        return "moment", value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return "day", value.toordinal() - EPOCH
    if isinstance(value, str) or type(value).__name__ == "Decimal":
        return "text", str(value)
    return "strange", str(value)


@dataclass
class Problems:
    """Cells of one column that could not be taken: code, positions (k,), texts (Arrow array, (k,))."""

    code: str
    column: str
    rows: Int64
    values: Any


@dataclass
class CellParser:
    """Parses columns; one for a whole table, shared by threads.

    Parameters
    ----------
    mapping : Mapping
        The user's value spellings.
    columns : mapping of str to Column
        The columns of the table by name.
    """

    mapping: Mapping
    columns: MappingProxyType[str, Column] = field(default_factory=lambda: COLUMN)
    _spellings: dict[str, dict[str, int]] = field(default_factory=dict)
    _seen: dict[str, dict[str, int]] = field(default_factory=dict)

    def is_text(self, name: str) -> bool:
        """Whether a column holds texts, which have no array of numbers."""
        return self.columns[name].kind == "text"

    def empty_values(self, names: Iterable[str], n: int) -> dict[str, Values]:
        """Arrays to parse columns of numbers into, uninitialised, shape (n,) each."""
        kinds = {name: self.columns[name].kind for name in names if not self.is_text(name)}
        return {name: np.empty(n, dtype=DTYPES[kind]) for name, kind in kinds.items()}

    def parse(self, name: str, cells: Cells, out: Values) -> list[Problems]:
        """Parse one column (not of kind text) into ``out``, shape (n,), dtype `DTYPES`."""
        column = self.columns[name]
        status = np.full(cells.n, kernel.EMPTY, dtype=np.uint8)
        if cells.text is None:
            out[:] = EMPTY_VALUES[column.kind]
        else:
            self._parse_text(column, cells.text, out, status)
        for overlay in cells.overlays:
            self._parse_overlay(column, overlay, out, status)
        if column.kind == "share":
            outside = (status == kernel.OK) & ~((out > 0.0) & (out <= 1.0))
            status[outside] = NOT_SHARE_RANGE
            out[outside] = math.nan
        if column.kind in NUMBER_STATUS:
            _settle_number(column.kind, out, status)
        return _problems(column.name, cells, status)

    def parse_text_column(self, name: str, cells: Cells) -> tuple[Any, list[Problems]]:
        """Trimmed texts of a column as an Arrow array, shape (n,)."""
        import pyarrow as pa

        status = np.zeros(cells.n, dtype=np.uint8)
        if cells.text is not None and not cells.overlays:
            return _arrow_texts(cells.text, slice(None)), []
        texts = cells.show(np.arange(cells.n))
        for overlay in cells.overlays:
            if overlay.kind == "float":
                bad = ~np.isfinite(overlay.values) | (overlay.values != np.round(overlay.values))
                for k in np.flatnonzero(~bad):
                    texts[overlay.at[k]] = str(int(overlay.values[k]))
                status[overlay.at[bad]] = WRONG_TYPE
            elif overlay.kind in ("error", "formula"):
                status[overlay.at] = kernel.ERROR_VALUE if overlay.kind == "error" else kernel.NO_RESULT
                for i in overlay.at:  # what was not computed is no text to compare with others
                    texts[i] = ""
            elif overlay.kind != "decimal" or overlay.scale:
                status[overlay.at] = WRONG_TYPE
        return pa.array(texts, type=pa.string()), _problems(name, cells, status)

    def _parse_text(self, column: Column, text: Text, out: Values, status: Bytes) -> None:
        data, starts, ends = text.data, text.starts, text.ends
        match column.kind:
            case "date":
                kernel.parse_dates(data, starts, ends, NO_DATE, out, status)
            case "amount" | "count" | "rate" | "number":
                kernel.parse_amounts(data, starts, ends, NO_AMOUNT, out, status)
            case "signed":
                kernel.parse_amounts(data, starts, ends, NO_SIGNED_AMOUNT, out, status)
                _take_negative(text, out, status)
            case "percent":
                kernel.parse_percents(data, starts, ends, NO_DEGREE, out, status)
            case "share":
                kernel.parse_shares(data, starts, ends, out, status)
                for i in np.flatnonzero(status == kernel.LONG_SHARE):
                    out[i] = _long_share(text.at(int(i)))
                    status[i] = kernel.OK
            case _:
                self._parse_choice(column, text, out, status)

    def _parse_choice(self, column: Column, text: Text, out: Values, status: Bytes) -> None:
        n = len(text.starts)
        first = np.empty(n, dtype=np.int64)
        table = np.full(1 << max(4, (2 * n).bit_length()), -1, dtype=np.int64)
        kernel.first_equal(text.data, text.starts, text.ends, table, first)
        distinct = np.flatnonzero(first == np.arange(n))
        position = np.empty(n, dtype=np.int8)
        state = np.empty(n, dtype=np.uint8)
        for i in distinct:
            value = text.at(int(i)).strip()
            if not value:
                position[i], state[i] = NO_ANSWER, kernel.EMPTY
                continue
            position[i] = self._choice(column, value)
            state[i] = kernel.OK if position[i] >= 0 else UNKNOWN_VALUE
            if value.startswith("#"):
                state[i] = kernel.ERROR_VALUE
        out[:] = position[first]
        status[:] = state[first]

    def _choice(self, column: Column, value: str) -> int:
        """Position of a spelling, -1 where it is none."""
        seen = self._seen.setdefault(column.name, {})
        position = seen.get(value)
        if position is None:
            spellings = self._spellings.get(column.name)
            if spellings is None:
                spellings = {**value_index(column), **self.mapping.values.get(column.name, {})}
                self._spellings[column.name] = spellings
            position = spellings.get(normalised(value), -1)
            if len(seen) > _MOST_SEEN:
                seen.clear()
            seen[value] = position
        return position

    def _parse_overlay(self, column: Column, overlay: Overlay, out: Values, status: Bytes) -> None:
        values: Values
        codes: Values
        match column.kind, overlay.kind:
            case _, "error":
                values, codes = _refused(overlay, kernel.ERROR_VALUE)
            case _, "formula":
                values, codes = _refused(overlay, kernel.NO_RESULT)
            case "date", "day":
                values = np.asarray(overlay.values)
                inside = (values >= _FIRST_DAY) & (values <= _LAST_DAY)
                codes = np.where(inside, kernel.OK, kernel.YEAR_OUT_OF_RANGE)
            case "date", "moment":
                values, codes = _refused(overlay, kernel.TIME_OF_DAY)
            case "date", "float" | "decimal":
                values, codes = _refused(overlay, kernel.SERIAL_NUMBER)
            case "amount" | "count" | "rate" | "number", "float":
                values, codes = _tiyn_of_floats(overlay.values)
            case "amount" | "count" | "rate" | "number", "decimal":
                values, codes = _tiyn_of_decimals(overlay.values, overlay.scale)
            case "signed", "float":
                values, codes = _tiyn_of_floats(np.abs(overlay.values))
                values = np.where(overlay.values < 0, -values, values)
            case "signed", "decimal":
                values, codes = _tiyn_of_decimals(np.abs(overlay.values), overlay.scale)
                values = np.where(overlay.values < 0, -values, values)
            case "percent", "float":
                values, codes = _percent_of_floats(overlay.values)
            case "percent", "decimal":
                values, codes = _percent_of_floats(overlay.values / 10.0**overlay.scale)
            case "share", "float":
                values = overlay.values
                codes = np.where(np.isfinite(values), kernel.OK, kernel.NOT_SHARE)
            case "share", "decimal":
                values = overlay.values / 10.0**overlay.scale
                codes = np.full(len(values), kernel.OK)
            case "choice", "truth" | "float" | "decimal":
                spelt = [self._choice(column, overlay.show(k)) for k in range(len(overlay.at))]
                values = np.array(spelt, dtype=np.int8)
                codes = np.where(values >= 0, kernel.OK, UNKNOWN_VALUE)
            case _:
                values, codes = _refused(overlay, WRONG_TYPE)
        good = codes == kernel.OK
        out[overlay.at[good]] = values[good]
        status[overlay.at] = codes


def _take_negative(text: Text, out: Values, status: Bytes) -> None:
    """Take the amounts that were refused for their minus alone."""
    at = np.flatnonzero(status == kernel.NEGATIVE)
    if not at.size:
        return
    plain = text_cells([text.at(int(i)).strip()[1:] for i in at])
    amounts = np.empty(at.size, dtype=np.int64)
    codes = np.empty(at.size, dtype=np.uint8)
    kernel.parse_amounts(plain.data, plain.starts, plain.ends, NO_SIGNED_AMOUNT, amounts, codes)
    out[at], status[at] = -amounts, codes


def _settle_number(kind: str, out: Values, status: Bytes) -> None:
    """Make whole numbers of hundredths for a count, and name what is wrong as the kind does."""
    good = status == kernel.OK
    if kind == "count":
        whole, rest = np.divmod(out, TIYN)
        status[good & (rest != 0)] = kernel.FINER_THAN_TIYN
        out[good] = whole[good]
    codes = NUMBER_STATUS[kind]
    for wrong in np.unique(status[status > kernel.EMPTY]):
        status[status == wrong] = codes.get(int(wrong), int(wrong))


def _problems(name: str, cells: Cells, status: Bytes) -> list[Problems]:
    if not (status > kernel.EMPTY).any():
        return []
    import pyarrow as pa

    rows = np.flatnonzero(status > kernel.EMPTY)
    codes = np.array([CODES.get(s, "") for s in range(LAST_STATUS + 1)])[status[rows]]
    result = []
    for code in np.unique(codes):
        at = rows[codes == code]
        if cells.text is not None and not cells.overlays:
            values = _arrow_texts(cells.text, at)
        else:
            values = pa.array(cells.show(at), type=pa.string())
        result.append(Problems(str(code), name, at, values))
    return result


def _arrow_texts(text: Text, at: Any) -> Any:
    """Trimmed texts of cells as an Arrow array."""
    import pyarrow as pa

    starts, ends = np.ascontiguousarray(text.starts[at]), np.ascontiguousarray(text.ends[at])
    offsets = np.empty(len(starts) + 1, dtype=np.int32)
    out = np.empty(int((ends - starts).sum()), dtype=np.uint8)
    length = kernel.copy_text(text.data, starts, ends, text.quoted, offsets, out)
    return pa.StringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(out[:length]))


def _refused(overlay: Overlay, code: int) -> tuple[Values, Values]:
    k = len(overlay.at)
    return np.zeros(k, dtype=np.int64), np.full(k, code)


def _long_share(text: str) -> float:
    text = "".join(text.split()).replace(",", ".")
    return float(text[:-1]) / 100.0 if text.endswith("%") else float(text)


def _tiyn_of_floats(tenge: NDArray[np.float64]) -> tuple[Values, Values]:
    """Nearest tiyn of float amounts that are one, to a millionth of a tiyn or the float's own grain."""
    is_finite = np.isfinite(tenge)
    tiyn = np.clip(np.where(is_finite, tenge, 0.0), -MAX_TIYN, MAX_TIYN) * TIYN
    nearest = np.round(tiyn)
    is_exact = np.abs(tiyn - nearest) <= np.maximum(1e-6, 4.0 * np.spacing(np.abs(tiyn)))
    is_small = nearest < MAX_TIYN
    codes = np.select(
        [~is_finite, nearest < 0, ~is_small, ~is_exact],
        [kernel.NOT_FINITE, kernel.NEGATIVE, kernel.TOO_LARGE, kernel.FINER_THAN_TIYN],
        kernel.OK,
    )
    return np.where(is_small, nearest, 0.0).astype(np.int64), codes


def _tiyn_of_decimals(unscaled: Int64, scale: int) -> tuple[Values, Values]:
    """Exact tiyn of decimals with ``scale`` decimals."""
    if scale <= 2:
        factor = 10 ** (2 - scale)
        is_exact = np.ones(len(unscaled), dtype=bool)
        is_small = np.abs(unscaled) < MAX_TIYN // factor
        tiyn = np.where(is_small, unscaled, 0) * factor
    else:
        tiyn, rest = np.divmod(unscaled, 10 ** min(scale - 2, 18))
        is_exact = rest == 0
        is_small = tiyn < MAX_TIYN
    codes = np.select(
        [unscaled < 0, ~is_small, ~is_exact],
        [kernel.NEGATIVE, kernel.TOO_LARGE, kernel.FINER_THAN_TIYN],
        kernel.OK,
    )
    return tiyn, codes


def _percent_of_floats(percent: NDArray[np.float64]) -> tuple[Values, Values]:
    """Whole percent of floats that are one."""
    is_finite = np.isfinite(percent)
    safe = np.where(is_finite, percent, 0.0)
    codes = np.select(
        [~is_finite | (np.abs(safe) > 999) | (safe < 0), (safe > 0) & (safe < 1), safe != np.round(safe)],
        [kernel.NOT_PERCENT, kernel.FRACTION, kernel.NOT_WHOLE],
        kernel.OK,
    )
    return np.where(codes == kernel.OK, safe, 0.0).astype(np.int16), codes
