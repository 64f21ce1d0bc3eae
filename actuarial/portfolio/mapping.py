"""A column-mapping file: the user's headers and values in terms of ours.

```yaml
columns: {claim_id: "Лицевой счёт", birth_date: "ДР"}     # our name: their header
values: {product: {"вид 1": compulsory}}                   # column: {their value: our value}
```
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import reduce
from pathlib import Path
from typing import Any, TypeAlias

from actuarial.error import ActuarialError
from actuarial.language import Text, text
from actuarial.portfolio.column import COLUMN, Column, Schema, normalised, value_index

Columns: TypeAlias = MappingOf[str, Column]
_GIVEN = Path("mapping")
"""Stands in messages for the file of a mapping that was given as pairs."""


class MappingError(ActuarialError):
    """A column-mapping file that cannot be used (E16xx)."""


@dataclass(frozen=True)
class Mapping:
    """Headers by column name and value spellings by column name.

    Attributes
    ----------
    columns : dict of str to str
        Our column name → the header as it is in the user's file.
    values : dict of str to dict of str to int
        Column → normalised spelling → position of our value.
    """

    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, int]] = field(default_factory=dict)


def read_mapping(path: Path) -> Mapping:
    """Read a column-mapping file.

    Raises
    ------
    MappingError
        E1601 not readable, E1602 not a mapping of that form, E1603 unknown key, E1604 unknown column,
        E1605 unknown value, E1606 one header for two columns.
    """
    return _mapping(path, _content(path, ("columns", "values")), COLUMN)


def mapping_of(content: MappingOf[str, Any]) -> Mapping:
    """The column mapping of one table given as pairs instead of a file.

    Raises
    ------
    MappingError
        E1602 - E1606, as `read_mapping`.

    Examples
    --------
    >>> mapping_of({"columns": {"claim_id": "Дело"}}).columns
    {'claim_id': 'Дело'}
    """
    _known_keys(_GIVEN, dict(content), ("columns", "values"), "")
    return _mapping(_GIVEN, dict(content), COLUMN)


def mappings_of(content: MappingOf[str, Any], schemas: Iterable[Schema]) -> dict[str, Mapping]:
    """The column mapping of several tables given as pairs; as `read_mappings`."""
    columns = {schema.table: schema.column for schema in schemas}
    _known_keys(_GIVEN, dict(content), tuple(columns), "")
    return _mappings(_GIVEN, dict(content), columns)


def read_mappings(path: Path, schemas: Iterable[Schema]) -> dict[str, Mapping]:
    """Read a column-mapping file of several tables: a table's name over its ``columns`` and ``values``.

    Raises
    ------
    MappingError
        As `read_mapping`; E1603 also for an unknown table.
    """
    columns = {schema.table: schema.column for schema in schemas}
    return _mappings(path, _content(path, tuple(columns)), columns)


def _mappings(path: Path, content: dict[str, Any], columns: MappingOf[str, Columns]) -> dict[str, Mapping]:
    found = {}
    for table in content:
        section = _section(path, content, table)
        _known_keys(path, section, ("columns", "values"), f"{table}: ")
        found[table] = _mapping(path, section, columns[table])
    return found


def _content(path: Path, keys: tuple[str, ...]) -> dict[str, Any]:
    """The pairs of a YAML file whose keys are among ``keys``."""
    from ruamel.yaml import YAML

    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MappingError(
            "E1601", "{path}: cannot be read: {reason}", path=path, reason=error.strerror
        ) from error
    except Exception as error:  # the reader fails on a date or a number that is none by any class
        raise MappingError(
            "E1602", "{path}: not a YAML file in UTF-8: {reason}", path=path, reason=_one_line(error)
        ) from error
    if not isinstance(content, dict):
        wanted = reduce(
            lambda first, key: text("{first} and {key}", first=first, key=key), map("`{}`".format, keys)
        )
        raise MappingError(
            "E1602",
            "{path}: expected the keys {keys}, found {kind}",
            path=path,
            keys=wanted,
            kind=_kind(content),
        )
    _known_keys(path, content, keys, "")
    return content


def _known_keys(path: Path, content: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in content:
        if key not in keys:
            shown = _text(path, "keys", key)
            raise MappingError(
                "E1603",
                "{path}: {where}unknown key {key!r}; known keys: {known}",
                path=path,
                where=where,
                key=shown,
                known=", ".join(keys),
            )


def _mapping(path: Path, content: dict[str, Any], known: Columns) -> Mapping:
    columns: dict[str, str] = {}
    for name, header in _section(path, content, "columns").items():
        _known_column(path, "columns", name, known)
        if not isinstance(header, (str, int, float)) or isinstance(header, bool):
            raise MappingError(
                "E1602",
                "{path}: columns.{name}: expected the header of the file as text",
                path=path,
                name=name,
            )
        columns[name] = _text(path, f"columns.{name}", header)
    _one_column_each(path, columns)
    values: dict[str, dict[str, int]] = {}
    for name, spellings in _section(path, content, "values").items():
        _known_column(path, "values", name, known)
        values[name] = _spellings(path, known[name], spellings)
    return Mapping(columns, values)


def _one_line(error: Exception) -> str:
    """What the reader stopped at, with line and column where it says them."""
    if isinstance(error, RecursionError):
        return text("nested too deeply")
    mark = getattr(error, "problem_mark", None)
    reason = " ".join((getattr(error, "problem", None) or str(error)).split())
    if not mark:
        return reason
    return text(
        "{reason} at line {line}, column {column}", reason=reason, line=mark.line + 1, column=mark.column + 1
    )


def _text(path: Path, where: str, value: object) -> str:
    """Text of a scalar as the file has it; lists are not written out: aliases can make them endless."""
    if not isinstance(value, (str, int, float, date)):
        raise MappingError(
            "E1602",
            "{path}: {where}: expected a text, found {kind}",
            path=path,
            where=where,
            kind=_kind(value),
        )
    try:
        return str(value)
    except ValueError as error:
        raise MappingError(
            "E1602", "{path}: {where}: not a text: {reason}", path=path, where=where, reason=_one_line(error)
        ) from error


def _one_column_each(path: Path, columns: dict[str, str]) -> None:
    taken: dict[str, str] = {}
    for name, header in columns.items():
        other = taken.setdefault(normalised(header), name)
        if other != name:
            raise MappingError(
                "E1606",
                "{path}: columns: the header {header!r} is given to {other} and to {name}; a column of the "
                "file can be one of ours only",
                path=path,
                header=header,
                other=other,
                name=name,
            )


def _section(path: Path, content: dict[str, Any], key: str) -> dict[str, Any]:
    section = content.get(key)
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise MappingError(
            "E1602",
            "{path}: {where}: expected pairs, found {kind}",
            path=path,
            where=key,
            kind=_kind(section),
        )
    return section


def _known_column(path: Path, section: str, name: object, known: Columns) -> None:
    if name not in known:
        name = _text(path, section, name)
        near = get_close_matches(name, list(known), n=1)
        hint = (
            text("; did you mean {near}?", near=near[0])
            if near
            else text("; known columns: {known}", known=", ".join(known))
        )
        raise MappingError(
            "E1604",
            "{path}: {section}: unknown column {name!r}{hint}",
            path=path,
            section=section,
            name=name,
            hint=hint,
        )


def _spellings(path: Path, column: Column, spellings: object) -> dict[str, int]:
    name = column.name
    if not column.choices:
        raise MappingError(
            "E1605", "{path}: values.{name}: the column has no list of values to map to", path=path, name=name
        )
    if not isinstance(spellings, dict):
        raise MappingError(
            "E1602",
            "{path}: {where}: expected pairs, found {kind}",
            path=path,
            where=f"values.{name}",
            kind=_kind(spellings),
        )
    known = value_index(column)
    result = {}
    for theirs, ours in spellings.items():
        wanted = _text(path, f"values.{name}", ours)
        position = known.get(normalised(wanted))
        if position is None:
            raise MappingError(
                "E1605",
                "{path}: values.{name}: {value!r} is not a value of {name}; values: {known}",
                path=path,
                name=name,
                value=wanted,
                known=", ".join(column.choices),
            )
        result[normalised(_text(path, f"values.{name}", theirs))] = position
    return result


def _kind(content: object) -> Text:
    kind = type(content).__name__
    names = {"list": text("a list"), "dict": text("pairs"), "str": text("text"), "NoneType": text("nothing")}
    return names.get(kind) or text("a value of type {kind}", kind=kind)
