"""The header of a table: which column stands where, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from actuarial.portfolio.column import Schema, normalised
from actuarial.portfolio.finding import Findings, column_letters, masked
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
            headers = ", ".join(f"{_address(table, p)} {table.header[p]!r}" for p in sorted(found))
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
            hint = f"; did you mean {near}?"
        else:
            hint = ""
        findings.add("W1501", **_where(table, position), detail=repr(header), hint=hint)
    for position in table.unnamed():
        findings.add("W1503", **_where(table, position))
    for name in missing:
        hint = f"; perhaps it is {alike[name]!r}" if name in alike else ""
        if not known:
            hint = "; if that is a title, delete what stands above the header"
        findings.add(
            "E1013",
            file=table.file,
            sheet=table.sheet,
            column=name,
            detail=_header_found(table),
            hint=hint,
        )


def _header_found(table: TableSource) -> str:
    """Where the header was read, and its first names."""
    line = {"sheet": f" from row {table.header_row}", "text": f" from line {table.header_row}"}
    names = [repr(masked(name)[:LONGEST_NAME]) for name in table.header]
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    count = "1 column" if len(names) == 1 else f"{len(names)} columns"
    shown = f": {', '.join(names[:NAMES_SHOWN])}{more}" if names else ""
    return f": the header was read{line.get(table.kind, '')}, {count}{shown}"


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
    return f"line {table.header_row}, column {letters}" if table.kind == "text" else f"column {position + 1}"
