"""The workbook to fill in: headers that readers take, lists, formats, a dictionary, two examples a table."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from actuarial.language import LANGUAGES
from actuarial.portfolio.claim_column import CLAIM_SCHEMA, CLAIMS
from actuarial.portfolio.column import ANNUITIES, ANNUITY_SCHEMA, Column, Schema
from actuarial.portfolio.contract_column import (
    ACCIDENT_SCHEMA,
    ACCIDENTS,
    CONTRACT_SCHEMA,
    CONTRACTS,
    PART_SCHEMA,
    PARTS,
    STAFF,
    STAFF_SCHEMA,
)
from actuarial.portfolio.history_column import HISTORY, HISTORY_SCHEMA
from actuarial.report.explain_file import refuse_target, write_whole
from actuarial.report.template_word import (
    ALLOWED,
    EXAMPLE,
    HEADINGS,
    KINDS,
    NEEDED,
    README,
    REQUIRED,
    WRONG,
    ColumnWords,
    column_words,
    shown_value,
)

SUFFIXES = (".xlsx",)
SCHEMAS: MappingProxyType[str, Schema] = MappingProxyType(
    {
        ANNUITIES: ANNUITY_SCHEMA,
        CONTRACTS: CONTRACT_SCHEMA,
        PARTS: PART_SCHEMA,
        STAFF: STAFF_SCHEMA,
        ACCIDENTS: ACCIDENT_SCHEMA,
        CLAIMS: CLAIM_SCHEMA,
        HISTORY: HISTORY_SCHEMA,
    }
)
SUBJECTS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "annuities": (ANNUITIES,),
        "contracts": (CONTRACTS, PARTS, STAFF, ACCIDENTS),
        "claims": (CONTRACTS, PARTS, STAFF, ACCIDENTS, CLAIMS),
        "history": (HISTORY,),
        "all": tuple(SCHEMAS),
    }
)
"""What can be asked for, and its tables."""
ROWS_WITH_LISTS = 10_000
DICTIONARY, ABOUT = "dictionary", "readme"
_FORMATS = MappingProxyType(
    {
        "date": "yyyy-mm-dd",
        "amount": "#,##0.00",
        "signed": "#,##0.00",
        "percent": "0",
        "count": "0",
        "share": "General",
        "rate": "General",
        "text": "@",
        "choice": "@",
    }
)
_EARLIEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)
# a workbook says when it was made; the same template must give the same bytes
_CREATED = datetime(2000, 1, 1)


def write_template(path: Path, subject: str, language: str, *, replace: bool = False) -> Path:
    """Write the workbook.

    Parameters
    ----------
    path : Path
        Ends in .xlsx.
    subject : str
        A key of `SUBJECTS`.
    language : {'en', 'ru', 'kk'}
        Of headers, lists and explanations.
    replace : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    actuarial.report.run_folder.OutputError
        E8003, E8004.
    """
    refuse_target(path, SUFFIXES, replace=replace)
    return write_whole(path, lambda beside: _write(beside, SUBJECTS[subject], language), replace=replace)


def _write(path: Path, tables: tuple[str, ...], language: str) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": _CREATED, "title": ", ".join(tables), "comments": EXAMPLE[language]})
        for table in tables:
            _write_table(book, table, language)
        _write_dictionary(book, tables, language)
        _write_readme(book)


def _write_table(book: Any, table: str, language: str) -> None:
    """One sheet: header, formats, lists, two examples."""
    sheet = book.add_worksheet(table)
    sheet.freeze_panes(1, 1)
    head = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
    required, optional = book.add_format({**head, "bg_color": "#DCE6F4"}), book.add_format(head)
    schema = SCHEMAS[table]
    for position, words in enumerate(w for w in column_words() if w.table == table):
        column = schema.column[words.column]
        title = words.header[language]
        look = {"num_format": _FORMATS[column.kind]}
        sheet.set_column(position, position, max(12, min(24, len(title) + 2)), book.add_format(look))
        sheet.write_string(0, position, title, required if words.required == "yes" else optional)
        sheet.write_comment(0, position, _comment(words, column, language), {"x_scale": 2.2, "y_scale": 1.8})
        sheet.data_validation(1, position, ROWS_WITH_LISTS, position, _validation(column, language))
        shown = book.add_format({**look, "italic": True, "font_color": "#5A6472", "bg_color": "#F4F1E6"})
        for row, text in enumerate(words.examples, start=1):
            _write_example(sheet, row, position, text, column, shown, language)
    for row in (1, 2):
        sheet.write_comment(row, 0, EXAMPLE[language])


def _write_example(
    sheet: Any, row: int, position: int, text: str, column: Column, look: Any, language: str
) -> None:
    if not text:
        sheet.write_blank(row, position, None, look)
    elif column.kind == "date":
        sheet.write_datetime(row, position, date.fromisoformat(text), look)
    elif column.kind == "choice":
        sheet.write_string(row, position, shown_value(text, language), look)
    elif column.kind == "text":
        sheet.write_string(row, position, text, look)
    else:
        sheet.write_number(row, position, float(text), look)


def _validation(column: Column, language: str) -> dict[str, Any]:
    """What Excel lets a cell of a column hold."""
    rule: dict[str, Any] = {"ignore_blank": True, "error_message": WRONG[language]}
    if column.kind == "choice":
        return rule | {
            "validate": "list",
            "source": [shown_value(value, language) for value in column.choices],
        }
    if column.kind == "date":
        return rule | {
            "validate": "date",
            "criteria": "between",
            "minimum": _EARLIEST,
            "maximum": _LATEST,
        }
    bounds = {"percent": (0, 100), "share": (0, 1), "rate": (0, 100)}.get(column.kind)
    if bounds:
        kind = "integer" if column.kind == "percent" else "decimal"
        return rule | {"validate": kind, "criteria": "between", "minimum": bounds[0], "maximum": bounds[1]}
    if column.kind in ("amount", "count"):
        kind = "integer" if column.kind == "count" else "decimal"
        return rule | {"validate": kind, "criteria": ">=", "value": 0}
    return rule | {"validate": "any"}


def _allowed(column: Column, language: str) -> str:
    if column.choices:
        return ", ".join(shown_value(value, language) for value in column.choices)
    return KINDS[column.kind][LANGUAGES.index(language)]


def _comment(words: ColumnWords, column: Column, language: str) -> str:
    """Names in the other languages, meaning, what is allowed, when it is required."""
    others = " · ".join(words.header[other] for other in LANGUAGES if other != language)
    need = REQUIRED[words.required][LANGUAGES.index(language)]
    return (
        f"{words.header[language]}\n{others}\n\n{words.meaning[language]}\n"
        f"{ALLOWED[language]}: {_allowed(column, language)}\n{NEEDED[language]}: {need}"
    )


def _write_dictionary(book: Any, tables: tuple[str, ...], language: str) -> None:
    sheet = book.add_worksheet(DICTIONARY)
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for position, (title, width) in enumerate(
        zip(HEADINGS[language], (16, 26, 30, 30, 60, 8, 30, 44, 18, 18), strict=True)
    ):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, title, bold)
    sheet.freeze_panes(1, 2)
    row = 0
    for row, words in enumerate((w for w in column_words() if w.table in tables), start=1):
        column = SCHEMAS[words.table].column[words.column]
        cells = (
            words.table,
            words.column,
            words.header["ru"],
            words.header["kk"],
            words.meaning[language],
            words.unit,
            REQUIRED[words.required][LANGUAGES.index(language)],
            _allowed(column, language),
            *(shown_value(text, language) if column.choices and text else text for text in words.examples),
        )
        for position, text in enumerate(cells):
            sheet.write_string(row, position, text, wrapped)
    sheet.autofilter(0, 0, row, len(HEADINGS[language]) - 1)


def _write_readme(book: Any) -> None:
    sheet = book.add_worksheet(ABOUT)
    sheet.set_column(1, 1, 110)
    bold = book.add_format({"bold": True})
    for row, (language, text) in enumerate(README):
        sheet.write_string(row, 0, language, bold)
        sheet.write_string(row, 1, text)
