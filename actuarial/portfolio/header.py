"""The header of a table: which column stands where, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from actuarial.language import Text, counted, joined, text
from actuarial.portfolio.column import Schema, normalised
from actuarial.portfolio.finding import Findings, column_letters, masked, text_cell
from actuarial.portfolio.mapping import Mapping
from actuarial.portfolio.source import TableSource

NAMES_SHOWN = 5
LONGEST_NAME = 40


def column_positions(
    table: TableSource, schema: Schema, mapping: Mapping, findings: Findings
) -> dict[str, int]:
    """Position of each known column in the header; what is wrong with the header becomes findings.

    Parameters
    ----------
    table : TableSource
    schema : Schema
        The columns looked for.
    mapping : Mapping
        Headers that the user named.
    findings : Findings
        Takes unknown, missing and doubled columns.
    """
    by_header: dict[str, list[int]] = {}
    for position, header in enumerate(table.header):
        if header.strip():
            by_header.setdefault(normalised(header), []).append(position)
    at: dict[str, list[int]] = {}
    taken: set[int] = set()
    for name, header in mapping.columns.items():
        found = by_header.get(normalised(header), [])
        if not found:
            findings.add("E1015", file=table.file, sheet=table.sheet, column=name, detail=repr(header))
            continue
        at[name] = found
        taken.update(found)
    unknown: list[int] = []
    for key, found in by_header.items():
        free = [p for p in found if p not in taken]
        column = schema.header_index.get(key)
        if column is None or column in mapping.columns:
            unknown += free
        else:
            at.setdefault(column, []).extend(free)
    for name, found in at.items():
        if len(found) > 1:
            headers = joined(
                text("{cell} {header}", cell=_address(table, p), header=repr(table.header[p]))
                for p in sorted(found)
            )
            findings.add("E1014", **_where(table, max(found)), column=name, detail=headers)
    _unknown_columns(table, schema, findings, unknown, {name for name, found in at.items() if found})
    return {name: found[0] for name, found in at.items() if found}


def _unknown_columns(
    table: TableSource, schema: Schema, findings: Findings, unknown: list[int], known: set[str]
) -> None:
    missing = [c.name for c in schema.columns if c.always and c.name not in known]
    alike: dict[str, str] = {}
    for position in sorted(unknown):
        header = table.header[position]
        near = schema.nearest(header)
        if near is not None and near not in known:
            alike.setdefault(near, header)
            hint: str = text("; did you mean {near}?", near=near)
        else:
            hint = ""
        findings.add("W1501", **_where(table, position), detail=repr(header), hint=hint)
    for position in table.unnamed():
        findings.add("W1503", **_where(table, position))
    for name in missing:
        hint = text("; perhaps it is {header}", header=repr(alike[name])) if name in alike else ""
        if not known:
            hint = text("; if that is a title, delete what stands above the header")
        findings.add(
            "E1013",
            file=table.file,
            sheet=table.sheet,
            column=name,
            detail=_header_found(table),
            hint=hint,
        )


def _header_found(table: TableSource) -> Text:
    """Where the header was read, and its first names."""
    names = [repr(masked(name)[:LONGEST_NAME]) for name in table.header]
    count = counted("{n} column", "{n} columns", n=len(names))
    if names:
        shown = ", ".join(names[:NAMES_SHOWN])
        count = text("{columns}: {names}", columns=count, names=shown)
    if len(names) > NAMES_SHOWN:
        rest = len(names) - NAMES_SHOWN
        count = counted("{columns} and {n} more", "{columns} and {n} more", n=rest, columns=count)
    row = table.header_row
    match table.kind:
        case "sheet":
            return text(": the header was read from row {row}, {columns}", row=row, columns=count)
        case "text":
            return text(": the header was read from line {row}, {columns}", row=row, columns=count)
    return text(": the header was read, {columns}", columns=count)


def _where(table: TableSource, position: int) -> dict[str, Any]:
    return {
        "file": table.file,
        "sheet": table.sheet,
        "row": table.header_row,
        "cell": _address(table, position),
    }


def _address(table: TableSource, position: int) -> str:
    letters = column_letters(position)
    if table.kind == "sheet":
        return f"{table.sheet}!{letters}{table.header_row}"
    if table.kind == "text":
        return text_cell(table.header_row, letters)
    return text("column {number}", number=position + 1)
