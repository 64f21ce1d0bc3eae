"""A report as an Excel workbook: numbers as numbers, texts never formulas, nothing lost without a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from actuarial.language import DAY_FORMAT, language, said, said_if_message, text
from actuarial.money import TIYN, tenge_text
from actuarial.report import word
from actuarial.report.table import Column, Table, cell_text, is_missing, printable

MOST_ROWS = 1_048_576
"""Rows of a worksheet."""
MOST_LETTERS = 32_767
"""Letters of a cell."""
EXACT_TIYN = 10**15
"""Amounts from here on have more digits than Excel keeps: they are written as text."""
NAME_LENGTH = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_RESERVED = "history"
DAY = {
    code: form.replace("%Y", "yyyy").replace("%m", "mm").replace("%d", "dd")
    for code, form in DAY_FORMAT.items()
}
_WIDTHS = 8, 60
_MEASURED = 1000
_MANY_ROWS = 100_000
# a workbook says when it was made; the same tables must give the same bytes
_CREATED = datetime(2000, 1, 1)


@dataclass(frozen=True)
class SheetChart:
    """A native chart of the first table of a sheet.

    Attributes
    ----------
    title : str
    labels : int
        Column of the table with the labels.
    values : tuple of int
        Columns with the values, one series each.
    kind : {'column', 'line', 'bar'}
    """

    title: str
    labels: int
    values: tuple[int, ...]
    kind: Literal["column", "line", "bar"] = "column"


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its tables one below the other.

    A sheet with one table has its headings in the first row, frozen and with filters; one with several has a
    title above each.

    Attributes
    ----------
    name : str
        Made legal and unique by `write_workbook`.
    tables : tuple of Table
    chart : SheetChart, optional
    text : tuple of str
        Lines above the tables; a sheet with text has titles too.
    """

    name: str
    tables: tuple[Table, ...]
    chart: SheetChart | None = None
    text: tuple[str, ...] = field(default=())


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> Path:
    """Write the sheets in order; the same sheets give the same bytes.

    Money is a number of tenge with two decimals. Rows beyond what a worksheet can hold are counted in its
    last row; amounts of more than 15 digits and texts of more than 32 767 letters are dealt with in sight.

    Returns
    -------
    Path
        The path.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
        # a large sheet in a file of its own size limit: 64-bit zip records only when needed
        "use_zip64": sum(len(table.rows) for sheet in sheets for table in sheet.tables) > _MANY_ROWS,
    }  # fmt: skip
    try:
        with path.open("wb") as stream, xlsxwriter.Workbook(stream, options) as book:
            book.set_properties({"created": _CREATED})
            formats = _Formats(book)
            for name, sheet in zip(legal_names(said(sheet.name) for sheet in sheets), sheets, strict=True):
                _write_sheet(book, formats, name, sheet)
    except FileCreateError as error:
        # what the file system said, which the shell reports
        raise error.args[0] from None
    return path


def legal_names(names: Iterable[str]) -> list[str]:
    """Names of worksheets that Excel takes: at most 31 letters, unique whatever the case.

    Examples
    --------
    >>> legal_names(["a/b", "A b", "History", ""])
    ['a b', 'A b (2)', 'History (2)', 'sheet']
    """
    taken, found = {_RESERVED}, []
    for name in names:
        plain = " ".join(printable(name).translate(_FORBIDDEN).split()).strip("'").strip() or "sheet"
        legal, number = plain[:NAME_LENGTH].rstrip("' "), 1
        while legal.casefold() in taken:
            number += 1
            ending = f" ({number})"
            legal = plain[: NAME_LENGTH - len(ending)].rstrip() + ending
        taken.add(legal.casefold())
        found.append(legal)
    return found


class _Formats:
    """Formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    def row(self, columns: Sequence[Column], *, bold: bool = False) -> list[Any]:
        """Formats of the cells of a row; a text right of a number stands off from it."""
        after_number = [False, *(column.is_number for column in columns)]
        return [
            self.cell(column, bold=bold, indent=after)
            for column, after in zip(columns, after_number, strict=False)
        ]

    def cell(self, column: Column, *, bold: bool = False, indent: bool = False) -> Any:
        look: dict[str, Any] = {"bold": True, "top": 1} if bold else {}
        if column.kind == "text":
            look |= {"indent": 1} if indent else {}
            return self.of(valign="top", **look) if look else None
        if column.kind == "date":
            return self.of(num_format=DAY[language()], align="left", **look)
        places = f".{'0' * column.places}" if column.places else ""
        sign = "0%" if column.kind == "percent" else "#,##0"
        number = sign.replace("0%", f"0{places}%") if column.kind == "percent" else sign + places
        return self.of(num_format=number, align="right", **look)

    def heading(self, column: Column, *, indent: bool = False) -> Any:
        look: dict[str, Any] = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}
        if column.is_number:
            return self.of(align="right", **look)
        return self.of(align="left", **look, **({"indent": 1} if indent else {}))


def _write_sheet(book: Any, formats: _Formats, name: str, sheet: Sheet) -> None:
    page = book.add_worksheet(name)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    for position, width in enumerate(_widths(sheet)):
        page.set_column(position, position, width)
    row = 0
    for line in sheet.text:
        page.write_string(row, 0, _text(said(line)))
        row += 1
    is_plain = len(sheet.tables) == 1 and not sheet.text
    for number, table in enumerate(sheet.tables):
        if not is_plain:
            row += 1 if row else 0
            page.write_string(row, 0, _text(said(table.title)), formats.of(bold=True, font_size=12))
            row += 1
        if is_plain:
            page.freeze_panes(1, 0)
            page.repeat_rows(0)
        first = row
        for position, column in enumerate(table.columns):
            indent = position > 0 and table.columns[position - 1].is_number
            page.write_string(
                row, position, _text(said(column.title)), formats.heading(column, indent=indent)
            )
        row = _write_rows(page, formats, table, row + 1)
        n = row - first - 1
        if is_plain and table.columns:
            page.autofilter(first, 0, first + max(n, 1), len(table.columns) - 1)
        if table.total is not None and row < MOST_ROWS:
            _write_row(page, row, table.total, table.columns, formats.row(table.columns, bold=True))
            row += 1
        if table.note and row < MOST_ROWS:
            page.write_string(row, 0, _text(said(table.note)), formats.of(italic=True))
            row += 1
        if sheet.chart and number == 0 and n:
            _add_chart(book, page, name, sheet.chart, table, first, n)


def _write_rows(page: Any, formats: _Formats, table: Table, row: int) -> int:
    """Write the rows; the row after them."""
    room = MOST_ROWS - row - (table.total is not None) - bool(table.note)
    shown = table.rows if len(table.rows) <= room else table.rows[: room - 1]
    looks = formats.row(table.columns)
    for cells in shown:
        _write_row(page, row, cells, table.columns, looks)
        row += 1
    if len(shown) < len(table.rows):
        page.write_string(row, 0, said(text(word.MORE_ROWS, more=len(table.rows) - len(shown))))
        row += 1
    return row


def _write_row(
    page: Any, row: int, cells: Sequence[Any], columns: Sequence[Column], looks: Sequence[Any]
) -> None:
    for position, (value, column, look) in enumerate(zip(cells, columns, looks, strict=True)):
        if value is None or is_missing(value):
            if look is not None:
                page.write_blank(row, position, None, look)
        elif column.kind == "money":
            if -EXACT_TIYN < value < EXACT_TIYN:
                page.write_number(row, position, int(value) / TIYN, look)
            else:
                page.write_string(row, position, tenge_text(value), look)
        elif column.is_number:
            page.write_number(row, position, value, look)
        elif column.kind == "date":
            page.write_datetime(row, position, value, look)
        else:
            page.write_string(row, position, _text(str(said_if_message(value))), look)


def _text(content: str) -> str:
    content = printable(content)
    if len(content) <= MOST_LETTERS:
        return content
    ending = said(word.CUT_TEXT)
    return content[: MOST_LETTERS - len(ending)] + ending


def _widths(sheet: Sheet) -> list[float]:
    """Column widths by what is shown, of all tables of a sheet."""
    least, most = _WIDTHS
    widths: list[float] = []
    for table in sheet.tables:
        widths += [least] * (len(table.columns) - len(widths))
        shown = [*table.rows[:_MEASURED], *((table.total,) if table.total is not None else ())]
        for position, column in enumerate(table.columns):
            # a heading may take two lines
            letters: float = max((len(part) for part in said(column.title).split()), default=0) + 2
            letters = max(letters, 0.62 * len(said(column.title)))
            for cells in shown:
                letters = max(letters, len(cell_text(cells[position], column)))
            widths[position] = max(widths[position], min(most, letters + 2))
    return widths


def _add_chart(book: Any, page: Any, name: str, chart: SheetChart, table: Table, first: int, n: int) -> None:
    made = book.add_chart({"type": chart.kind})
    for position in chart.values:
        made.add_series(
            {
                "name": [name, first, position],
                "categories": [name, first + 1, chart.labels, first + n, chart.labels],
                "values": [name, first + 1, position, first + n, position],
            }
        )
    # "Sheet!A1" would be a reference to a cell: nothing that one sees keeps it apart
    title = _text(said(chart.title)).replace("!", "!\u200b")
    made.set_title({"name": title, "name_font": {"size": 12}})
    made.set_legend({"position": "bottom"})
    made.set_size({"width": 760, "height": 380})
    page.insert_chart(first + 1, len(table.columns) + 1, made)
