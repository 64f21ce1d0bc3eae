"""Columns of frames: exact tenge, dates, and frames of tables that are not frames yet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from actuarial.error import ActuarialError, SafetyLimitError
from actuarial.language import Text
from actuarial.money import TIYN
from actuarial.record import NO_DATE

if TYPE_CHECKING:
    import pyarrow as pa

    from actuarial.report.table import Table

T = TypeVar("T")
MONEY_SCALE = 2
SLIPS = 4
"""Units in the last place that sums of doubles are forgiven."""
MOST_TENGE = Decimal(10**13)
"""What a portfolio takes, too: see E2207."""
MOST_EXACT = 2**51
"""Tiyn below which the nearest double in tenge names one number of tiyn: 22 trillion tenge."""


def day_of(value: date | str, what: str) -> date:
    """A date given as such or as text, ``2026-01-31`` or ``31.01.2026``.

    Parameters
    ----------
    value : date or str
    what : str
        Names the argument in the message.

    Raises
    ------
    ActuarialError
        E8601 neither.

    Examples
    --------
    >>> day_of("31.01.2026", "valuation_date")
    datetime.date(2026, 1, 31)
    """
    if isinstance(value, datetime):
        if (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0):
            return value.date()
    elif isinstance(value, date):
        return value
    elif isinstance(value, str):
        for form in ("%Y-%m-%d", "%d.%m.%Y"):
            try:
                return datetime.strptime(value.strip(), form).date()
            except ValueError:
                continue
    raise ActuarialError(
        "E8601",
        "{what} is {value}: give a datetime.date, or text as 2026-01-31 or 31.01.2026",
        what=what,
        value=repr(value),
    )


def of_type(value: T, kinds: type | tuple[type, ...], what: str, wanted: Text) -> T:
    """A value of one of the types.

    Raises
    ------
    ActuarialError
        E8609 another type; ``wanted`` says what to give.

    Examples
    --------
    >>> of_type("mci", str, "parameter", text("the name of a parameter"))
    'mci'
    """
    if not isinstance(value, kinds):
        raise ActuarialError(
            "E8609",
            "{what} is of type {kind}: give {wanted}",
            what=what,
            kind=type(value).__name__,
            wanted=wanted,
        )
    return value


def whole(value: Any, what: str, least: int, most: int) -> int:
    """A whole number of Python, numpy or pandas within a range.

    Raises
    ------
    ActuarialError
        E8610 another value.

    Examples
    --------
    >>> whole(np.float64(40), "age", 0, 130)
    40
    """
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not is_number or not least <= value <= most or value != int(value):
        raise ActuarialError(
            "E8610",
            "{what} is {value}: give a whole number from {least} to {most}",
            what=what,
            value=repr(value),
            least=least,
            most=most,
        )
    return int(value)


def amount(value: Any, what: str) -> Decimal:
    """An amount in tenge, whole in tiyn, as a number or as text; a double is read to its last digits.

    Raises
    ------
    ActuarialError
        E8610 no amount, below 0, finer than a tiyn or ten trillion tenge or more.

    Examples
    --------
    >>> amount(np.float64(100.5), "monthly")
    Decimal('100.5')
    """
    found = Decimal("NaN")
    if isinstance(value, float) and math.isfinite(value):
        near = round(float(value), MONEY_SCALE)
        found = Decimal(str(near if abs(value - near) <= SLIPS * math.ulp(value) else float(value)))
    elif not isinstance(value, bool):
        with suppress(InvalidOperation):
            found = Decimal(str(value))
    if not found.is_finite() or not 0 <= found < MOST_TENGE or found != round(found, MONEY_SCALE):
        raise ActuarialError(
            "E8610",
            "{what} is {value}: give an amount in tenge, from 0 to below ten trillion, whole in tiyn",
            what=what,
            value=repr(value),
        )
    return found


def plain_number(value: Any) -> Any:
    """A number or boolean of numpy as that of Python; everything else as it is."""
    return value.item() if isinstance(value, np.generic) and not isinstance(value, np.datetime64) else value


def tenge(tiyn: ArrayLike, missing: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Whole tiyn as tenge, each the nearest double; NaN where ``missing``.

    Raises
    ------
    SafetyLimitError
        E8604 an amount of which the nearest double no longer names the tiyn.

    Examples
    --------
    >>> tenge([15000001, 29]).tolist()
    [150000.01, 0.29]
    """
    whole = np.asarray(tiyn, dtype=np.int64)
    if whole.size and int(np.abs(whole).max()) >= MOST_EXACT:
        raise SafetyLimitError(
            "E8604",
            "an amount of {amount:.0f} ₸ or more is not exact in a frame: split the portfolio, or take whole "
            "tiyn from the arrays behind the frame",
            amount=MOST_EXACT / TIYN,
        )
    found = whole / TIYN
    return found if missing is None else np.where(missing, np.nan, found)


def exact(tiyn: int) -> Decimal:
    """One amount in tenge, exact.

    Examples
    --------
    >>> exact(15000001)
    Decimal('150000.01')
    """
    return Decimal(int(tiyn)).scaleb(-MONEY_SCALE)


def exact_series(amounts: Mapping[str, int]) -> pd.Series:
    """Amounts [tiyn] by name as exact tenge."""
    return pd.Series({name: exact(tiyn) for name, tiyn in amounts.items()}, dtype=object, name="tenge")


def days(numbers: NDArray[np.int32]) -> NDArray[np.datetime64]:
    """Days since 1970-01-01 as dates; NaT where there is none."""
    found = numbers.astype("datetime64[D]").astype("datetime64[s]")
    found[numbers == NO_DATE] = np.datetime64("NaT")
    return found


def dates(values: Iterable[date | None]) -> NDArray[np.datetime64]:
    """Dates as a column; NaT for None."""
    return np.array(list(values), dtype="datetime64[D]").astype("datetime64[s]")


def names(texts: Any) -> list[str]:
    """Texts of an Arrow array or a sequence."""
    return list(texts.to_pylist()) if hasattr(texts, "to_pylist") else [str(text) for text in texts]


def chosen(positions: NDArray[Any], choices: Sequence[str]) -> NDArray[np.object_]:
    """Values of an enumeration by position; None below 0."""
    found: NDArray[np.object_] = np.array([*choices, None], dtype=object)[positions]
    return found


def rows_frame(header: Sequence[str], rows: Iterable[Sequence[Any]], money: Iterable[str]) -> pd.DataFrame:
    """Frame of rows whose columns ``money`` are whole tiyn; None is empty."""
    frame = pd.DataFrame(list(rows), columns=list(header))
    for name in money:
        frame[name] = optional_tenge(frame[name])
    return frame


def optional_tenge(tiyn: Iterable[Any]) -> NDArray[np.float64]:
    """Whole tiyn or nothing, as tenge."""
    cells = list(tiyn)
    missing = np.array([bool(pd.isna(cell)) for cell in cells], dtype=np.bool_)
    return tenge([0 if gone else int(cell) for cell, gone in zip(cells, missing, strict=True)], missing)


def arrow_frame(table: pa.Table) -> pd.DataFrame:
    """Frame of an Arrow table; exact decimals become the nearest doubles, dates datetime64."""
    columns = {name: _arrow_column(table.column(name).combine_chunks()) for name in table.column_names}
    return pd.DataFrame(columns)


def _arrow_column(array: Any) -> Any:
    import pyarrow as pa

    if not pa.types.is_decimal128(array.type):
        return array.to_pandas()
    # of 18 digits: the lower word holds the whole number, the upper one its sign
    words = np.frombuffer(array.buffers()[1], dtype=np.int64)[2 * array.offset :: 2][: len(array)]
    missing = array.is_null().to_numpy(zero_copy_only=False)
    if array.type.scale == MONEY_SCALE:
        return tenge(np.where(missing, 0, words), missing)
    return np.where(missing, np.nan, words / 10**array.type.scale)


def table_frame(table: Table) -> pd.DataFrame:
    """Frame of a table of a report: money in tenge, percent as fractions.

    Headers are its titles as files write them, ``person_years`` for person-years; one that stands twice has
    its place behind it.
    """
    from actuarial.report.adequacy_table import header_name

    titles = [header_name(str(column.title)) for column in table.columns]
    heads = [t if titles.count(t) == 1 else f"{t}_{k}" for k, t in enumerate(titles, start=1)]
    columns: dict[str, Any] = {}
    for k, (head, column) in enumerate(zip(heads, table.columns, strict=True)):
        cells = [row[k] for row in table.rows]
        if column.kind == "money":
            columns[head] = optional_tenge(cells)
        elif column.kind == "date":
            columns[head] = dates(cells)
        elif column.kind == "text":
            columns[head] = pd.Series([None if c is None else str(c) for c in cells], dtype=object)
        else:
            columns[head] = cells
    return pd.DataFrame(columns)


def law_frame(entries: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Frame of entries of the law, as `tariffs.Entry.as_json` writes them; ``to`` is NaT while open."""
    keep = ("parameter", "value", "from", "to", "status", "act", "number", "article", "evidence", "note")
    frame = pd.DataFrame([{name: entry[name] for name in keep} for entry in entries], columns=list(keep))
    for name in ("from", "to"):
        frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d")
    return frame
