"""Findings as a workbook, `checks.xlsx`: a summary by code and every finding with its cell.

It is written in the language in force; what was found in a cell stands there as it was found.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from actuarial.language import Text, said, said_if_message, text
from actuarial.portfolio.finding import Findings, Group, masked

MAX_ROWS = 1_048_576
HEADERS = (
    text("code"),
    text("error or warning"),
    text("file"),
    text("sheet"),
    text("row"),
    text("cell"),
    text("column"),
    text("value found"),
    text("rule"),
    text("how to fix"),
)
WIDTHS = (8, 9, 24, 14, 9, 18, 26, 34, 60, 60)
SUMMARY_HEADERS = (
    text("code"),
    text("error or warning"),
    text("column"),
    text("count"),
    text("rule"),
    text("how to fix"),
)
SUMMARY_WIDTHS = (8, 9, 26, 10, 70, 70)
_ROOM_FOR_FILTER = 3


def write_checks(findings: Findings, path: Path) -> None:
    """Write all findings to a workbook, under a temporary name first.

    Every cell with text is written as text: a value that begins with ``=`` does not become a formula.
    The sheet ``findings`` holds as many as Excel can (1 048 575); a last line says how many more there are.
    """
    import xlsxwriter

    path = Path(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with (
            unfinished.open("wb") as stream,
            xlsxwriter.Workbook(
                stream,
                {
                    "constant_memory": True,
                    "strings_to_formulas": False,
                    "strings_to_urls": False,
                    "strings_to_numbers": False,
                    # a large sheet in a file of its own size limit: 64-bit zip records only when needed
                    "use_zip64": len(findings) > 100_000,
                },
            ) as book,
        ):
            _write_summary(book, findings)
            _write_all(book, findings)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _start_sheet(book: Any, name: str, headers: tuple[Text, ...], widths: tuple[int, ...]) -> Any:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 1})
    for position, (header, width) in enumerate(zip(headers, widths, strict=True)):
        shown = said(header)
        sheet.set_column(position, position, max(width, len(shown) + _ROOM_FOR_FILTER))
        sheet.write_string(0, position, shown, bold)
    sheet.freeze_panes(1, 0)
    return sheet


def _column(findings: Findings, group: Group) -> str:
    """Our name of the column, beside it the file's own where that is another one."""
    own = dict(findings.headings(group)).get(group.column, "")
    return f"{group.column} ({own})" if own else masked(group.column)


def _write_summary(book: Any, findings: Findings) -> None:
    sheet = _start_sheet(book, said("summary"), SUMMARY_HEADERS, SUMMARY_WIDTHS)
    row = 0
    for row, group in enumerate(findings.ordered(), start=1):
        severity, rule, fix = said(group.rule.severity), said(group.message), said(group.fix)
        for position, cell in enumerate(
            (group.code, severity, _column(findings, group), len(group), rule, fix)
        ):
            if isinstance(cell, int):
                sheet.write_number(row, position, cell)
            else:
                sheet.write_string(row, position, cell)
    sheet.autofilter(0, 0, row, len(SUMMARY_HEADERS) - 1)


def _write_all(book: Any, findings: Findings) -> None:
    sheet = _start_sheet(book, said("findings"), HEADERS, WIDTHS)
    total = len(findings)
    room = MAX_ROWS - 1 if total < MAX_ROWS else MAX_ROWS - 2
    row = 0
    for group in findings.ordered():
        if row == room:
            break
        severity, rule, fix = said(group.rule.severity), said(group.message), said(group.fix)
        column = _column(findings, group)
        for finding in findings.of_group(group, room - row):
            row += 1
            cells = (
                finding.code,
                severity,
                finding.file,
                finding.sheet,
                finding.row,
                said_if_message(finding.cell),
                column,
                said_if_message(finding.value),
                rule,
                fix,
            )
            for position, cell in enumerate(cells):
                if isinstance(cell, int):
                    sheet.write_number(row, position, cell)
                elif cell:
                    sheet.write_string(row, position, cell)
    if total > room:
        left = text(
            "… and {n} more than a worksheet can hold; see `{sheet}`", n=total - room, sheet=text("summary")
        )
        sheet.write_string(row + 1, 0, said(left))
    sheet.autofilter(0, 0, row, len(HEADERS) - 1)
