"""A small evaluator of worksheet formulas, written for the functions the explanation uses and no other."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from openpyxl.utils import range_boundaries

REFERENCE = re.compile(
    r"(?:'(?P<quoted>[^']+)'|(?P<plain>[a-z]+))?(?P<bang>!)?"
    r"(?P<cells>\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)(?![\w(])"
)
ORIGIN = datetime.datetime(1899, 12, 30)


class Workbook:
    """Cells by sheet; formulas are computed when asked for, inputs may be changed before."""

    def __init__(self, path: Path) -> None:
        book = openpyxl.load_workbook(path)
        saved = openpyxl.load_workbook(path, data_only=True)
        self.cells = {(s.title, c.coordinate): c.value for s in book for row in s for c in row}
        self.saved = {(s.title, c.coordinate): c.value for s in saved for row in s for c in row}
        self.names = {name: d.attr_text for name, d in book.defined_names.items()}
        self.known: dict[tuple[str, str], Any] = {}

    def formulas(self) -> list[tuple[str, str]]:
        return [key for key, v in self.cells.items() if isinstance(v, str) and v.startswith("=")]

    def set(self, name: str, value: Any) -> None:
        """Change an input cell by its name."""
        sheet, cell = self.names[name].split("!")
        key = sheet.strip("'"), cell.replace("$", "")
        assert not str(self.cells[key]).startswith("="), name
        self.cells[key] = value
        self.known.clear()

    def value(self, sheet: str, cell: str) -> Any:
        key = (sheet, cell.replace("$", ""))
        if key not in self.known:
            content = self.cells.get(key)
            if isinstance(content, str) and content.startswith("="):
                content = self.evaluate(content[1:], sheet)
            elif isinstance(content, datetime.datetime):
                content = (content - ORIGIN).days
            self.known[key] = np.float64(content) if isinstance(content, (int, float)) else content
        return self.known[key]

    def span(self, sheet: str, cells: str) -> Any:
        first_column, first_row, last_column, last_row = range_boundaries(cells.replace("$", ""))
        assert first_column == last_column
        letters = re.match(r"[A-Z]+", cells.replace("$", "")).group()  # type: ignore[union-attr]
        return np.array(
            [self.value(sheet, f"{letters}{r}") for r in range(first_row, last_row + 1)], dtype=float
        )

    def evaluate(self, text: str, sheet: str) -> Any:
        def reference(match: re.Match[str]) -> str:
            on = match["quoted"] or match["plain"] or sheet
            call = "span" if ":" in match["cells"] else "value"
            return f"self.{call}({on!r}, {match['cells']!r})"

        def name(match: re.Match[str]) -> str:
            return reference(REFERENCE.match(self.names[match[0]]))  # type: ignore[arg-type]

        pieces = re.split(r"(self\.\w+\('[^']*', '[^']*'\))", REFERENCE.sub(reference, text))
        names = "|".join(sorted(self.names, key=len, reverse=True))
        code = ""
        for piece in pieces:
            if not piece.startswith("self."):
                piece = re.sub(rf"\b(?:{names})\b", name, piece)
                piece = re.sub(r"(?<![<>])=", "==", piece.replace("^", "**"))
            code += piece
        # what IF leaves out may divide by zero here
        with np.errstate(divide="ignore", invalid="ignore"):
            return eval(code, {"self": self, **FUNCTIONS})


def _round(value: float, places: int) -> float:
    from decimal import ROUND_HALF_UP, Decimal

    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


FUNCTIONS = {
    "EXP": np.exp,
    "LN": np.log,
    "MIN": min,
    "MAX": max,
    "SUM": np.sum,
    "SUMPRODUCT": np.sum,
    "IF": lambda condition, yes, no: yes if condition else no,
    "ROUND": _round,
    "YEAR": lambda day: (ORIGIN + datetime.timedelta(days=int(day))).year,
}
