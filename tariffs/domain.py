"""What a value of the law may be, and its exact conversion from the text of a parameter file.

A domain is a small mapping with a ``type``:

=========  =============================  ==========================================================
type       other keys                     value
=========  =============================  ==========================================================
number     minimum, maximum               Decimal
integer    minimum, maximum               int
percent    minimum, maximum (in percent)  Decimal fraction; the file holds the law's figure in percent
flag                                      bool
choice     choices                        str
text                                      str
list       items, length                  tuple
mapping    keys, values                   dict with exactly these keys
record     fields                         dict with exactly these fields
table      columns, key                   tuple of dicts, or a dict by the key column
=========  =============================  ==========================================================

Any domain may say ``optional: true``: an empty cell is then None. A table's value in a parameter file
is ``{file: NAME.csv, where: {column: text or list of texts}}``; percent columns are headed
``NAME_percent`` in the table and called ``NAME`` in the value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from tariffs.message import message

TABLES = Path(__file__).parent / "tables"
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_PERCENT = Decimal(100)


class DomainError(ValueError):
    """A value outside its domain, or a domain that is not one."""

    def __init__(self, template: str, /, **values: Any) -> None:
        super().__init__(message(template, **values))


def converted(raw: Any, domain: Mapping[str, Any], where: str, tables: Path = TABLES) -> Any:
    """Return the value that the text `raw` means in `domain`.

    Parameters
    ----------
    raw : str, list or dict
        The YAML node, every scalar still text.
    domain : mapping
        See the module.
    where : str
        Place of the value, for the message.
    tables : Path
        Folder of the tables.

    Raises
    ------
    DomainError
        The value is outside the domain.
    """
    kind = _member(domain, "type", where)
    if kind not in _CONVERSIONS:
        raise DomainError(
            "{where}: domain type {kind!r} is not one of {kinds}",
            where=where,
            kind=kind,
            kinds=", ".join(_CONVERSIONS),
        )
    allowed, conversion = _CONVERSIONS[kind]
    unknown = set(domain) - {"type", "optional", *allowed}
    if unknown:
        raise DomainError(
            "{where}: unknown key {key!r} in a domain of type {kind}",
            where=where,
            key=min(unknown),
            kind=kind,
        )
    if raw == "" and domain.get("optional") == "true":
        return None
    return conversion(raw, domain, where, tables)


def _member(mapping: Mapping[str, Any], key: str, where: str) -> Any:
    if not isinstance(mapping, Mapping) or key not in mapping:
        raise DomainError("{where}: the domain lacks {key!r}", where=where, key=key)
    return mapping[key]


def _decimal(raw: Any, where: str) -> Decimal:
    if not isinstance(raw, str) or not _NUMBER.fullmatch(raw):
        raise DomainError(
            "{where}: {raw!r} is not a number (digits, a point, no leading zero)", where=where, raw=raw
        )
    return Decimal(raw)


def _number(raw: Any, domain: Mapping[str, Any], where: str, _tables: Path) -> Decimal:
    number = _decimal(raw, where)
    least, most = (
        _decimal(domain[bound], message("{where}: {bound}", where=where, bound=bound))
        if bound in domain
        else None
        for bound in ("minimum", "maximum")
    )
    if least is not None and number < least:
        raise DomainError(
            "{where}: {raw} is below the minimum {limit} of the domain", where=where, raw=raw, limit=least
        )
    if most is not None and number > most:
        raise DomainError(
            "{where}: {raw} is above the maximum {limit} of the domain", where=where, raw=raw, limit=most
        )
    return number


def _integer(raw: Any, domain: Mapping[str, Any], where: str, tables: Path) -> int:
    number = _number(raw, domain, where, tables)
    if number != number.to_integral_value():
        raise DomainError("{where}: {raw} is not a whole number", where=where, raw=raw)
    return int(number)


def _percent(raw: Any, domain: Mapping[str, Any], where: str, tables: Path) -> Decimal:
    return _number(raw, domain, where, tables) / _PERCENT


def _flag(raw: Any, _domain: Mapping[str, Any], where: str, _tables: Path) -> bool:
    if raw not in ("true", "false"):
        raise DomainError("{where}: {raw!r} is neither true nor false", where=where, raw=raw)
    return bool(raw == "true")


def _choice(raw: Any, domain: Mapping[str, Any], where: str, _tables: Path) -> str:
    choices = _member(domain, "choices", where)
    if raw not in choices:
        raise DomainError(
            "{where}: {raw!r} is not one of {choices}", where=where, raw=raw, choices=", ".join(choices)
        )
    return str(raw)


def _text(raw: Any, _domain: Mapping[str, Any], where: str, _tables: Path) -> str:
    if not isinstance(raw, str):
        raise DomainError("{where}: {raw!r} is not text", where=where, raw=raw)
    return raw


def _list(raw: Any, domain: Mapping[str, Any], where: str, tables: Path) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise DomainError("{where}: {raw!r} is not a list", where=where, raw=raw)
    if "length" in domain and len(raw) != int(domain["length"]):
        raise DomainError(
            "{where}: {n} items, the domain asks for {length}",
            where=where,
            n=len(raw),
            length=domain["length"],
        )
    items = _member(domain, "items", where)
    return tuple(
        converted(item, items, message("{where}[{i}]", where=where, i=i), tables)
        for i, item in enumerate(raw)
    )


def _keyed(raw: Any, domains: Mapping[str, Any], where: str, tables: Path) -> dict[str, Any]:
    if not isinstance(raw, dict) or set(raw) != set(domains):
        found = ", ".join(raw) if isinstance(raw, dict) else repr(raw)
        raise DomainError(
            "{where}: keys must be exactly {keys}; found {found}",
            where=where,
            keys=", ".join(domains),
            found=found,
        )
    return {
        key: converted(raw[key], domain, message("{where}.{key}", where=where, key=key), tables)
        for key, domain in domains.items()
    }


def _mapping(raw: Any, domain: Mapping[str, Any], where: str, tables: Path) -> dict[str, Any]:
    values = _member(domain, "values", where)
    return _keyed(raw, dict.fromkeys(_member(domain, "keys", where), values), where, tables)


def _record(raw: Any, domain: Mapping[str, Any], where: str, tables: Path) -> dict[str, Any]:
    return _keyed(raw, _member(domain, "fields", where), where, tables)


def _table(raw: Any, domain: Mapping[str, Any], where: str, tables: Path) -> Any:
    if not isinstance(raw, dict) or "file" not in raw or set(raw) - {"file", "where"}:
        raise DomainError(
            "{where}: a table is written {{file: NAME.csv, where: {{column: text}}}}", where=where
        )
    columns: Mapping[str, Any] = _member(domain, "columns", where)
    header, rows = _cells(tables / str(raw["file"]))
    chosen = {
        column: [texts] if isinstance(texts, str) else texts for column, texts in raw.get("where", {}).items()
    }
    for column in (*columns, *chosen):
        if column not in header:
            raise DomainError(
                "{where}: {file} has no column {column!r}; it has {columns}",
                where=where,
                file=raw["file"],
                column=column,
                columns=", ".join(header),
            )
    values = [
        {
            column.removesuffix("_percent") if cell_domain.get("type") == "percent" else column: converted(
                row[column],
                cell_domain,
                message(
                    "{where}: {file} line {line}, {column}",
                    where=where,
                    file=raw["file"],
                    line=line,
                    column=column,
                ),
                tables,
            )
            for column, cell_domain in columns.items()
        }
        for line, row in rows
        if all(row[column] in texts for column, texts in chosen.items())
    ]
    if not values:
        raise DomainError(
            "{where}: {file} has no row where {chosen}",
            where=where,
            file=raw["file"],
            chosen=raw.get("where", {}),
        )
    return tuple(values) if "key" not in domain else _by_key(values, str(domain["key"]), where)


def _by_key(rows: list[dict[str, Any]], key: str, where: str) -> dict[Any, Any]:
    """Index the rows by the key column; a row with one other column becomes that column's value."""
    indexed: dict[Any, Any] = {}
    for row in rows:
        rest = {column: value for column, value in row.items() if column != key}
        if row[key] in indexed:
            raise DomainError("{where}: two rows with {key} {cell}", where=where, key=key, cell=row[key])
        indexed[row[key]] = next(iter(rest.values())) if len(rest) == 1 else rest
    return indexed


@cache
def _cells(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Read a table as text: its header, and its rows with their line numbers; # opens a comment line."""
    if not path.is_file():
        raise DomainError("there is no table {table} in {folder}/", table=path.name, folder=path.parent.name)
    lines = [
        (number, line)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line and not line.startswith("#")
    ]
    header, *body = csv.reader(line for _, line in lines)
    rows: list[tuple[int, dict[str, str]]] = []
    for (number, _), cells in zip(lines[1:], body, strict=True):
        if len(cells) != len(header):
            raise DomainError(
                "{table} line {line} has {found} cells, not {expected}",
                table=path.name,
                line=number,
                found=len(cells),
                expected=len(header),
            )
        rows.append((number, dict(zip(header, cells, strict=True))))
    return header, rows


_Conversion = Callable[[Any, Mapping[str, Any], str, Path], Any]
_CONVERSIONS: dict[str, tuple[tuple[str, ...], _Conversion]] = {
    "number": (("minimum", "maximum"), _number),
    "integer": (("minimum", "maximum"), _integer),
    "percent": (("minimum", "maximum"), _percent),
    "flag": ((), _flag),
    "choice": (("choices",), _choice),
    "text": ((), _text),
    "list": (("items", "length"), _list),
    "mapping": (("keys", "values"), _mapping),
    "record": (("fields",), _record),
    "table": (("columns", "key"), _table),
}
