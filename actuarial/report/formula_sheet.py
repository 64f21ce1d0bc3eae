"""Worksheets that are written cell by cell, each formula with its value.

Reports never hold formulas (`actuarial.report.workbook`); where they are wanted, they are written here on
purpose.
"""

from __future__ import annotations

from typing import Any

from actuarial.language import language, said
from actuarial.report.workbook import DAY, legal_names

HEAD, FIRST = 0, 1
"""Rows of the headings and of the first cells below them."""


class FormulaBook:
    """The workbook, its formats and the names of its input cells."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
        self.title = book.add_format({"bold": True, "font_size": 12})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._looks: dict[str, Any] = {"": None}

    def look(self, name: str) -> Any:
        """Format of a kind of number; ``input`` after it marks an input cell."""
        if name not in self._looks:
            formats = {"date": DAY[language()], "money": "#,##0.00", "factor": "0.0000000000"}
            kind, _, is_input = name.partition(" ")
            properties = {"num_format": formats[kind]} if kind in formats else {}
            if is_input:
                properties |= {"font_color": "#0000FF", "bg_color": "#EAF1FB"}
            self._looks[name] = self.book.add_format(properties)
        return self._looks[name]


def sheet_name(name: str) -> str:
    """The name a worksheet has in the language in force."""
    return legal_names([said(name)])[0]


def reference(name: str) -> str:
    """A worksheet's name as formulas write it."""
    from xlsxwriter.utility import quote_sheetname

    return str(quote_sheetname(sheet_name(name)))


class FormulaPage:
    """A worksheet that is filled cell by cell, a formula always with its value.

    Headings are messages; cells are asked for by the English ones.
    """

    def __init__(self, book: FormulaBook, name: str, titles: tuple[str, ...], widths: float = 13) -> None:
        self.book, self.name = book, sheet_name(name)
        self.sheet = book.book.add_worksheet(self.name)
        for column, title in enumerate(titles):
            self.sheet.write_string(HEAD, column, said(title), book.heading)
        if titles:
            self.sheet.set_column(0, len(titles) - 1, widths)
            self.sheet.freeze_panes(FIRST, 2)
        self.at = {title: column for column, title in enumerate(titles)}

    def cell(self, title: str, row: int, *, elsewhere: bool = False) -> str:
        """Address of a cell under a heading."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        address = str(xl_rowcol_to_cell(row, self.at[title], col_abs=elsewhere, row_abs=False))
        return f"'{self.name}'!{address}" if elsewhere else address

    def span(self, title: str, first: int, last: int, *, elsewhere: bool = False) -> str:
        """Address of the cells under a heading from a row to another."""
        from xlsxwriter.utility import xl_range_abs

        column = self.at[title]
        address = str(xl_range_abs(first, column, last, column))
        return f"'{self.name}'!{address}" if elsewhere else address

    def number(self, row: int, title: str, value: float, look: str = "") -> None:
        """Write a number."""
        self.sheet.write_number(row, self.at[title], value, self.book.look(look))

    def formula(self, row: int, title: str, formula: str, value: float, look: str = "") -> None:
        """Write a formula with its value."""
        self.sheet.write_formula(row, self.at[title], f"={formula}", self.book.look(look), value)
