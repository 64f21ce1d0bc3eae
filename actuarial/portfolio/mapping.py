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
from pathlib import Path
from typing import Any, TypeAlias

from actuarial.error import ActuarialError
from actuarial.portfolio.column import COLUMN, Column, Schema, normalised, value_index

Columns: TypeAlias = MappingOf[str, Column]


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


def read_mappings(path: Path, schemas: Iterable[Schema]) -> dict[str, Mapping]:
    """Read a column-mapping file of several tables: a table's name over its ``columns`` and ``values``.

    Raises
    ------
    MappingError
        As `read_mapping`; E1603 also for an unknown table.
    """
    columns = {schema.table: schema.column for schema in schemas}
    content = _content(path, tuple(columns))
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
        raise MappingError("E1601", f"{path}: cannot be read: {error.strerror}") from error
    except Exception as error:  # the reader fails on a date or a number that is none by any class
        raise MappingError("E1602", f"{path}: not a YAML file in UTF-8: {_one_line(error)}") from error
    if not isinstance(content, dict):
        wanted = " and ".join(f"`{key}`" for key in keys)
        raise MappingError("E1602", f"{path}: expected the keys {wanted}, found {_kind(content)}")
    _known_keys(path, content, keys, "")
    return content


def _known_keys(path: Path, content: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in content:
        if key not in keys:
            shown = _text(path, "keys", key)
            names = ", ".join(keys)
            raise MappingError("E1603", f"{path}: {where}unknown key {shown!r}; known keys: {names}")


def _mapping(path: Path, content: dict[str, Any], known: Columns) -> Mapping:
    columns: dict[str, str] = {}
    for name, header in _section(path, content, "columns").items():
        _known_column(path, "columns", name, known)
        if not isinstance(header, (str, int, float)) or isinstance(header, bool):
            raise MappingError("E1602", f"{path}: columns.{name}: expected the header of the file as text")
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
        return "nested too deeply"
    mark = getattr(error, "problem_mark", None)
    at = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    said = getattr(error, "problem", None) or str(error)
    return " ".join(said.split()) + at


def _text(path: Path, where: str, value: object) -> str:
    """Text of a scalar as the file has it; lists are not written out: aliases can make them endless."""
    if not isinstance(value, (str, int, float, date)):
        raise MappingError("E1602", f"{path}: {where}: expected a text, found {_kind(value)}")
    try:
        return str(value)
    except ValueError as error:
        raise MappingError("E1602", f"{path}: {where}: not a text: {_one_line(error)}") from error


def _one_column_each(path: Path, columns: dict[str, str]) -> None:
    taken: dict[str, str] = {}
    for name, header in columns.items():
        other = taken.setdefault(normalised(header), name)
        if other != name:
            raise MappingError(
                "E1606",
                f"{path}: columns: the header {header!r} is given to {other} and to {name}; "
                "a column of the file can be one of ours only",
            )


def _section(path: Path, content: dict[str, Any], key: str) -> dict[str, Any]:
    section = content.get(key)
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise MappingError("E1602", f"{path}: {key}: expected pairs, found {_kind(section)}")
    return section


def _known_column(path: Path, section: str, name: object, known: Columns) -> None:
    if name not in known:
        name = _text(path, section, name)
        near = get_close_matches(name, list(known), n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; known columns: {', '.join(known)}"
        raise MappingError("E1604", f"{path}: {section}: unknown column {name!r}{hint}")


def _spellings(path: Path, column: Column, spellings: object) -> dict[str, int]:
    name = column.name
    if not column.choices:
        raise MappingError("E1605", f"{path}: values.{name}: the column has no list of values to map to")
    if not isinstance(spellings, dict):
        raise MappingError("E1602", f"{path}: values.{name}: expected pairs, found {_kind(spellings)}")
    known = value_index(column)
    result = {}
    for theirs, ours in spellings.items():
        wanted = _text(path, f"values.{name}", ours)
        position = known.get(normalised(wanted))
        if position is None:
            raise MappingError(
                "E1605",
                f"{path}: values.{name}: {wanted!r} is not a value of {name}; "
                f"values: {', '.join(column.choices)}",
            )
        result[normalised(_text(path, f"values.{name}", theirs))] = position
    return result


def _kind(content: object) -> str:
    names = {"list": "a list", "dict": "pairs", "str": "text", "NoneType": "nothing"}
    return names.get(type(content).__name__, f"a value of type {type(content).__name__}")
