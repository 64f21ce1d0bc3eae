"""A small table of an assumption file: CSV, UTF-8, comma, lines of `#` left out, one row a line."""

from __future__ import annotations

import csv
from pathlib import Path

LONGEST_SHOWN = 80


class PlainTableError(ValueError):
    """A file that cannot be read as text; the message is the reason alone."""


def plain_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Number of each line that holds a row, and its cells without blanks around them.

    A line that is not CSV (an open quotation mark) comes back as one cell, shortened, so that it fails the
    check of its row like any other bad line.

    Raises
    ------
    PlainTableError
        No such file, or not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig") as stream:
            lines = [(k, line) for k, line in enumerate(stream, 1) if line.strip() and line[0] != "#"]
    except OSError as error:
        raise PlainTableError(error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise PlainTableError("not UTF-8 text") from None
    return [(number, _cells(line)) for number, line in lines]


def shown_row(row: list[str]) -> str:
    """A row as a message shows it."""
    text = ",".join(row)
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")


def _cells(line: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line.rstrip("\r\n")], strict=True))]
    except csv.Error:
        return [line.strip()]
