"""A table of a report: typed columns and plain values, shown alike by the page and by the workbook.

Money stays whole tiyn up to the last step, so that the figures of both agree to the tiyn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import Any, Literal

from actuarial.language import DECIMAL_SIGN, SOURCE, Text, day_text, language, said_if_message, spoken
from actuarial.money import spaced
from actuarial.report import word

Kind = Literal["text", "integer", "money", "number", "percent", "date"]
DECIMALS = {"integer": 0, "money": 2, "number": 2, "percent": 1}
"""Decimals of a column that does not say."""
_TIYN_DECIMALS = 2
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
_MOST_DIGITS = 20


@dataclass(frozen=True)
class Column:
    """A column: its heading and what its cells are.

    Attributes
    ----------
    title : str
    kind : {'text', 'integer', 'money', 'number', 'percent', 'date'}
        Money cells are int [tiyn], percent cells fractions, date cells `datetime.date`; None is an empty cell
        of any kind.
    decimals : int, optional
        Shown after the point; default 2 for money and numbers, 1 for percent.
    """

    title: str
    kind: Kind = "text"
    decimals: int | None = None

    @property
    def places(self) -> int:
        """Decimals shown."""
        return DECIMALS.get(self.kind, 0) if self.decimals is None else self.decimals

    @property
    def is_number(self) -> bool:
        """Whether the cells stand to the right."""
        return self.kind not in ("text", "date")


@dataclass(frozen=True)
class Table:
    """A table of a report.

    Attributes
    ----------
    title : str
    columns : tuple of Column
    rows : tuple of tuples
        One value a column.
    total : tuple, optional
        Last row, one value a column.
    note : str
        What to know when reading it.

    Raises
    ------
    ValueError
        A row or a total with another number of cells than there are columns.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: tuple[Any, ...] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for row in (*self.rows, *((self.total,) if self.total is not None else ())):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.title!r}: {len(row)} cells under {len(self.columns)} columns: {row}"
                )


def printable(text: str) -> str:
    """The text without characters that a browser or a workbook cannot hold.

    Control characters and halves of surrogate pairs become U+FFFD; tabs and line ends stay.

    Examples
    --------
    >>> printable("a\\x00b") == "a\\ufffdb"
    True
    """
    if text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\t\n\r" else letter
        for letter in text
    )


def is_missing(value: Any) -> bool:
    """Whether a cell has no number to show: a float that is not finite."""
    return isinstance(value, float) and not isfinite(value)


def cell_text(value: Any, column: Column) -> str:
    """What a reader sees in a cell.

    The language in force writes decimals and dates, and says cells that are messages; texts of the user stay
    as they are. Thousands are apart by no-break spaces; amounts of money are the exact tiyn unless the column
    asks for fewer decimals, then rounded half-up.

    Examples
    --------
    >>> cell_text(123456789, Column("premium", "money")).replace(NO_BREAK_SPACE, " ")
    '1 234 567.89'
    >>> cell_text(0.0425, Column("rate", "percent", 2)).replace(NO_BREAK_SPACE, " ")
    '4.25 %'
    """
    if value is None:
        return ""
    if is_missing(value):
        return word.EMPTY
    if column.kind == "money":
        if column.places == _TIYN_DECIMALS:
            return _set(spaced(value))
        return _number(Decimal(int(value)).scaleb(-_TIYN_DECIMALS), column.places)
    if column.kind == "percent":
        return _number(Decimal(str(value)) * 100, column.places) + f"{NO_BREAK_SPACE}%"
    if column.is_number:
        return _number(Decimal(str(value)), column.places)
    if column.kind == "date":
        return day_text(value)
    return printable(str(said_if_message(value)))


class _Cell(Text):
    """A cell as a message."""

    value: Any
    column: Column

    def said(self) -> str:
        return cell_text(self.value, self.column)

    def changed(self, change: Callable[[str], str]) -> Text:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return cell_message, (self.value, self.column)


def cell_message(value: Any, column: Column) -> Text:
    """What a reader sees in a cell, as a message: `cell_text` of the language in which it is said."""
    with spoken(SOURCE):
        made = _Cell(cell_text(value, column))
    made.template, made.values, made.value, made.column = str(made), {}, value, column
    return made


def _number(value: Decimal, places: int) -> str:
    if value.adjusted() > _MOST_DIGITS:
        return f"{value:.5e}".replace(".", DECIMAL_SIGN[language()])
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return _set(f"{abs(rounded) if rounded.is_zero() else rounded:,f}".replace(",", " "))


def _set(digits: str) -> str:
    """A number as it is printed: the language's sign, a true minus, and spaces at which no line breaks."""
    digits = digits.replace(".", DECIMAL_SIGN[language()])
    return digits.replace(" ", NO_BREAK_SPACE).replace("-", MINUS)
