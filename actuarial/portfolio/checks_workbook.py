"""Findings as a workbook, `checks.xlsx`: a summary by code and every finding with its cell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from actuarial.portfolio.finding import Findings

MAX_ROWS = 1_048_576
HEADERS = ("code", "severity", "file", "sheet", "row", "cell", "column", "value found", "rule", "how to fix")
WIDTHS = (8, 9, 24, 14, 9, 18, 26, 34, 60, 60)
SUMMARY_HEADERS = ("code", "severity", "column", "count", "rule", "how to fix")
SUMMARY_WIDTHS = (8, 9, 26, 10, 70, 70)


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


def _start_sheet(book: Any, name: str, headers: tuple[str, ...], widths: tuple[int, ...]) -> Any:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 1})
    for position, (header, width) in enumerate(zip(headers, widths, strict=True)):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, header, bold)
    sheet.freeze_panes(1, 0)
    return sheet


def _write_summary(book: Any, findings: Findings) -> None:
    sheet = _start_sheet(book, "summary", SUMMARY_HEADERS, SUMMARY_WIDTHS)
    row = 0
    for row, group in enumerate(findings.ordered(), start=1):
        texts = (group.code, group.rule.severity, group.column, None, group.message, group.fix)
        for position, text in enumerate(texts):
            if text is None:
                sheet.write_number(row, position, len(group))
            else:
                sheet.write_string(row, position, text)
    sheet.autofilter(0, 0, row, len(SUMMARY_HEADERS) - 1)


def _write_all(book: Any, findings: Findings) -> None:
    sheet = _start_sheet(book, "findings", HEADERS, WIDTHS)
    total = len(findings)
    room = MAX_ROWS - 1 if total < MAX_ROWS else MAX_ROWS - 2
    row = 0
    for finding in findings:
        if row == room:
            sheet.write_string(
                row + 1, 0, f"… and {total - room} more than a worksheet can hold; see `summary`"
            )
            break
        row += 1
        cells = (
            finding.code,
            finding.severity,
            finding.file,
            finding.sheet,
            None,
            finding.cell,
            finding.column,
            finding.value,
            finding.rule,
            finding.fix,
        )
        for position, text in enumerate(cells):
            if text:
                sheet.write_string(row, position, text)
        if finding.row is not None:
            sheet.write_number(row, HEADERS.index("row"), finding.row)
    sheet.autofilter(0, 0, row, len(HEADERS) - 1)
