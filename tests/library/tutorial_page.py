"""The tutorial: its code and outputs. Run as a program it writes the outputs and the notebook anew."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGES = {language: ROOT / "docs" / f"tutorial{language}.md" for language in ("", ".ru")}
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"
CELL = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL)


def cells(page: str) -> list[tuple[str, str]]:
    """Code and printed output of each block."""
    return [(found["code"], found["output"] or "") for found in CELL.finditer(page)]


def output_of(code: str, names: dict[str, Any]) -> str:
    """What a notebook shows under a cell: what it prints, and the value of its last line."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(tree, "<tutorial>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<tutorial>", "eval"), names)
            printed.write("" if value is None else f"{value!r}\n")
    return "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())


def outputs(page: str) -> list[str]:
    """Outputs of all blocks, run in order in one namespace, in the project folder."""
    names: dict[str, Any] = {}
    here = Path.cwd()
    os.chdir(ROOT)
    try:
        return [output_of(code, names) for code, _ in cells(page)]
    finally:
        os.chdir(here)


def filled(page: str, found: list[str]) -> str:
    """The page with other outputs."""
    fresh = iter(found)

    def cell(match: re.Match[str]) -> str:
        output = next(fresh)
        shown = f"\n```text\n{output}```\n" if output else ""
        return f"```python\n{match['code']}```\n{shown}"

    return CELL.sub(cell, page)


def notebook(page: str) -> str:
    """The page as a Jupyter notebook (nbformat 4.5), its outputs included."""
    parts: list[dict[str, Any]] = []

    def add(kind: str, source: str, **more: Any) -> None:
        if source.strip():
            lines = source.strip("\n").splitlines(keepends=True)
            cell = {"cell_type": kind, "id": f"cell-{len(parts):02d}", "metadata": {}, "source": lines}
            parts.append({**cell, **more})

    end = 0
    for number, match in enumerate(CELL.finditer(page), start=1):
        add("markdown", page[end : match.start()])
        shown = (match["output"] or "").splitlines(keepends=True)
        output = [{"output_type": "stream", "name": "stdout", "text": shown}] if shown else []
        add("code", match["code"], execution_count=number, outputs=output)
        end = match.end()
    add("markdown", page[end:])
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {"cells": parts, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    made = outputs(PAGES[""].read_text(encoding="utf-8"))
    for path in PAGES.values():
        path.write_text(filled(path.read_text(encoding="utf-8"), made), encoding="utf-8", newline="\n")
    NOTEBOOK.write_text(notebook(PAGES[""].read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
