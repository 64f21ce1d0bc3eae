"""Reading mortality tables: the shipped ones by id, a user's CSV, the XTbML of the Society of Actuaries.

The formats are described in ``docs/mortality.md``.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mortality.message import Message, joined, message
from mortality.table import SEXES, Problem, Table, TableError, raise_problems, rate_problems

MAX_BYTES = 16_000_000
"""A table is a few kilobytes; XTbML of the largest select tables is under two megabytes."""

_SHIPPED = files("mortality") / "tables"
_METADATA = (
    "id",
    "title",
    "sex",
    "period",
    "period_middle",
    "source",
    "licence",
    "attribution",
    "note",
)
_ROLES = {
    **dict.fromkeys(("age", "x", "возраст", "жас"), "age"),
    **dict.fromkeys(("qx", "q", "q_x", "q(x)"), "qx"),
    "ultimate": "ultimate",
}
_SELECT_NAME = re.compile(r"q_?(\d{1,3})")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_SPACES = str.maketrans("", "", " \u00a0\u202f")
_NO_SEX = message("The file does not state a sex; read as unisex.")


@cache
def table_ids() -> tuple[str, ...]:
    """Return the ids of the shipped tables, sorted."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in names if name.endswith(".csv")))


def load_table(name: str | Path) -> Table:
    """Return a mortality table, shipped or of the user.

    Parameters
    ----------
    name : str or Path
        The id of a shipped table (`table_ids`), or the path of a CSV or XTbML (.xml) file.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        E6001 no such id or file; E6002 a file that cannot be read; E6003-E6016 what is wrong in it, each
        problem with its line and column (CSV) or its ages and table (XTbML).

    Examples
    --------
    >>> load_table("kz-wpp2024-2020-2025-male").at(40)
    0.00500114
    """
    if isinstance(name, str) and name in table_ids():
        return _shipped(name)
    path = Path(name)
    try:
        if not path.is_file():
            raise _not_found(str(name), path)
        if path.stat().st_size > MAX_BYTES:
            raise TableError(
                "E6002",
                "{path}: more than {most} bytes, too large for a mortality table; check that this is the "
                "file you mean",
                path=path,
                most=MAX_BYTES,
            )
        content = path.read_bytes()
    except OSError as error:
        raise TableError(
            "E6002",
            "{path}: cannot be read ({reason}); check the path and the rights",
            path=path,
            reason=error.strerror,
        ) from error
    return read_table(content, str(path))


@cache
def _shipped(table_id: str) -> Table:
    return read_table((_SHIPPED / f"{table_id}.csv").read_bytes(), f"{table_id}.csv")


def _not_found(name: str, path: Path) -> TableError:
    if path.is_dir():
        return TableError("E6001", "{path} is a folder, not a table; give the file in it", path=path)
    near = difflib.get_close_matches(name, table_ids(), n=3, cutoff=0.4)
    hint = message("; the nearest ids are {near}", near=", ".join(near)) if near else ""
    return TableError(
        "E6001",
        "no mortality table and no file is named {name!r}{hint}; `actuarial table "
        "list` shows the shipped tables, a table of your own is given by its path",
        name=name,
        hint=hint,
    )


def read_table(content: bytes, where: str) -> Table:
    """Return the table written in the bytes of a CSV or XTbML file.

    Parameters
    ----------
    content : bytes
    where : str
        Name of the file, for the messages; the id of a table that states none is its stem.

    Raises
    ------
    TableError
        As `load_table`.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or where.lower().endswith(".xml"):
        return _read_xtbml(content, where)
    return _read_csv(content, where)


# --- CSV ---------------------------------------------------------------------------------------------------


class _Column(NamedTuple):
    name: str
    position: int


def _read_csv(content: bytes, where: str) -> Table:
    metadata, header, rows = _split_csv(_text(content, where), where)
    names = [cell.strip() for cell in header[1]]
    age, rate, select = _columns(names, where, header[0])

    problems: list[Problem] = []
    lines: list[int] = []
    ages: list[float] = []
    rates: list[float] = []
    selected: list[list[float]] = []
    for line, cells in rows:
        if len(cells) != len(names):
            text = message(
                "line {line}: {n} cells, the header has {expected}; with a decimal comma the separator must "
                "be a semicolon",
                line=line,
                n=len(cells),
                expected=len(names),
            )
            problems.append(("E6006", text))
            continue
        row: list[float] = []
        for column in (age, rate, *select):
            cell = cells[column.position]
            if column in select and not cell.strip():
                row.append(float("nan"))
                continue
            value = _number(cell)
            if value is None:
                text = message(
                    "{place}: {cell!r} is not a number; write a fraction such as 0.00123",
                    place=_place(line, column.name),
                    cell=cell.strip(),
                )
                problems.append(("E6007", text))
                value = float("nan")
            elif column in select and not 0.0 <= value <= 1.0:
                problems.append(_outside(_place(line, column.name), value))
            row.append(value)
        lines.append(line)
        ages.append(row[0])
        rates.append(row[1])
        selected.append(row[2:])
    if not lines and not problems:
        text = message("there is no row under the header; give one row for each year of age")
        problems.append(("E6004", text))
    if not problems:
        problems = _age_problems(ages, lines, age.name) or rate_problems(
            np.array(rates),
            int(ages[0]),
            lambda i: _place(lines[i], rate.name),
        )
    if problems:
        raise_problems(where, problems)

    select_ages = [i for i, row in enumerate(selected) if not np.isnan(row).all()] if select else []
    if select and not select_ages:
        raise TableError(
            "E6005", "{where}: the select columns are empty; fill them, or leave only age and qx", where=where
        )
    block = np.array(selected[select_ages[0] : select_ages[-1] + 1]) if select_ages else None
    return _named_table(
        where,
        content,
        metadata,
        first_age=int(ages[0]),
        qx=np.array(rates),
        select=block,
        select_first_age=int(ages[select_ages[0]]) if select_ages else None,
    )


def _place(line: int, column: str) -> Message:
    return message("line {line}, column {column}", line=line, column=column)


def _outside(place: Message, value: float) -> Problem:
    return "E6008", message(
        "{place}: q = {q:g} is outside [0, 1]; give probabilities as fractions of one", place=place, q=value
    )


def _text(content: bytes, where: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise TableError(
            "E6003", "{where}: not UTF-8 text (UTF-16 or binary); save the table as CSV UTF-8", where=where
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1251")
    except UnicodeDecodeError as error:
        raise TableError(
            "E6003",
            "{where}: byte {position} is neither UTF-8 nor cp1251; save the table as CSV UTF-8",
            where=where,
            position=error.start + 1,
        ) from error


def _split_csv(
    text: str, where: str
) -> tuple[dict[str, str], tuple[int, list[str]], Iterator[tuple[int, list[str]]]]:
    """Return the metadata of the comment lines, the header, and the rows, each with its line number."""
    metadata: dict[str, str] = {}
    plain: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        # a spreadsheet that saves a comment line quotes it and pads it with empty cells
        bare = line.rstrip(" \t;,")
        comment = bare[1:].removesuffix('"').replace('""', '"') if bare.startswith('"#') else bare
        if comment.startswith("#"):
            key, _, value = comment.lstrip("# ").partition(":")
            key = key.strip().lower()
            if key in _METADATA and value.strip():
                if key in metadata:
                    raise TableError(
                        "E6012",
                        "{where}: line {line}: {key} is given twice; keep one",
                        where=where,
                        line=number,
                        key=key,
                    )
                metadata[key] = value.strip()
        elif bare:
            plain.append((number, line))
    if not plain:
        raise TableError(
            "E6004", "{where}: the file is empty; give a header line and one row for each age", where=where
        )
    head = plain[0][1]
    delimiter = next((mark for mark in ";\t" if mark in head), ",")

    def cells(number: int, line: str) -> list[str]:
        try:
            row = next(csv.reader([line], delimiter=delimiter))
        except csv.Error as error:
            raise TableError(
                "E6006",
                "{where}: line {line}: not a row of a table ({error}); one row holds one year of age",
                where=where,
                line=number,
                error=error,
            ) from error
        return row if delimiter == "," else [cell.replace(",", ".") for cell in row]

    number, line = plain[0]
    return metadata, (number, cells(number, line)), ((n, cells(n, row)) for n, row in plain[1:])


def _columns(names: Sequence[str], where: str, line: int) -> tuple[_Column, _Column, list[_Column]]:
    """Return the columns of the age, the (ultimate) rate, and the select years in order."""
    found: dict[str, _Column] = {}
    select: dict[int, _Column] = {}
    for position, name in enumerate(names):
        lower = name.lower()
        role = _ROLES.get(lower, "")
        column = _Column(name, position)
        match = _SELECT_NAME.fullmatch(lower)
        if role in found or (match and int(match[1]) in select):
            raise TableError(
                "E6005",
                "{where}: line {line}: column {name} is there twice; keep one",
                where=where,
                line=line,
                name=name,
            )
        if role:
            found[role] = column
        elif match:
            select[int(match[1])] = column
    shown = message(
        "{where}: line {line}: found the columns {names}", where=where, line=line, names=", ".join(names)
    )
    if "age" not in found:
        raise TableError("E6005", "{shown}; there is no column age", shown=shown)
    if "qx" in found and ("ultimate" in found or select):
        raise TableError(
            "E6005", "{shown}; give either age and qx, or age, q0, q1, ... and ultimate", shown=shown
        )
    if "qx" in found:
        return found["age"], found["qx"], []
    if "ultimate" not in found:
        wanted = (
            message("ultimate beside the select columns")
            if select
            else message("qx (yearly probability of death)")
        )
        raise TableError("E6005", "{shown}; there is no column {wanted}", shown=shown, wanted=wanted)
    if not select or sorted(select) != list(range(len(select))):
        raise TableError(
            "E6005", "{shown}; the select columns must be q0, q1, ... without a gap", shown=shown
        )
    return found["age"], found["ultimate"], [select[duration] for duration in sorted(select)]


def _number(cell: str) -> float | None:
    """Return the number written in a cell; float() alone would take nan, inf and 1_000."""
    bare = cell.translate(_SPACES)
    return float(bare) if _NUMBER.fullmatch(bare) else None


def _age_problems(ages: Sequence[float], lines: Sequence[int], column: str) -> list[Problem]:
    """Return the ages that are not whole or not one above the age before."""
    problems: list[Problem] = []
    for i, age in enumerate(ages):
        place = _place(lines[i], column)
        if not age.is_integer() or age < 0:
            text = message("{place}: age {age:g} is not a whole number of years", place=place, age=age)
            problems.append(("E6009", text))
        elif i and age != ages[i - 1] + 1:
            text = message(
                "{place}: age {age:g} follows {previous:g}; give every year of age once, in order",
                place=place,
                age=age,
                previous=ages[i - 1],
            )
            problems.append(("E6009", text))
    return problems


def _named_table(where: str, content: bytes, metadata: dict[str, str], **rates: Any) -> Table:
    sex = metadata.get("sex", "unisex").lower()
    if sex not in SEXES:
        raise TableError(
            "E6012", "{where}: sex is {sex!r}; write male, female or unisex", where=where, sex=sex
        )
    note = metadata.get("note", "")
    if "sex" not in metadata:
        note = joined([note, _NO_SEX], " ") if note else _NO_SEX
    middle = None
    if "period_middle" in metadata:
        try:
            middle = date.fromisoformat(metadata["period_middle"])
        except ValueError as error:
            raise TableError(
                "E6012",
                "{where}: period_middle is {found!r}; write a date as 2023-01-01",
                where=where,
                found=metadata["period_middle"],
            ) from error
    stem = Path(where).stem
    try:
        return Table(
            id=metadata.get("id", stem),
            title=metadata.get("title", stem),
            sex=sex,
            period=metadata.get("period", ""),
            period_middle=middle,
            source=metadata.get("source", ""),
            licence=metadata.get("licence", ""),
            attribution=metadata.get("attribution", ""),
            note=note,
            sha256=hashlib.sha256(content).hexdigest(),
            **rates,
        )
    except TableError as error:
        raise_problems(where, error.problems)  # the select part; name the file


# --- XTbML -------------------------------------------------------------------------------------------------


def _read_xtbml(content: bytes, where: str) -> Table:
    """Read an XTbML file: one table by age, or a select table and its ultimate."""
    # imported here: a table by id needs no XML
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise TableError(
            "E6013",
            "{where}: line {line}, column {column}: not well-formed XML ({reason}); download the table again",
            where=where,
            line=line,
            column=column + 1,
            reason=str(error).partition(":")[0],
        ) from error
    except DefusedXmlException as error:
        raise TableError(
            "E6014",
            "{where}: the file declares a document type or entities, which a table does "
            "not need and a hostile file would; remove the declaration",
            where=where,
        ) from error
    except (LookupError, ValueError) as error:
        raise TableError(
            "E6003",
            "{where}: the text cannot be decoded ({error}); save it as UTF-8",
            where=where,
            error=error,
        ) from error
    if root.tag != "XTbML":
        raise TableError(
            "E6015",
            "{where}: the root element is <{tag}>, not <XTbML>; give a table in the XTbML "
            "format of the Society of Actuaries, or CSV",
            where=where,
            tag=root.tag,
        )

    by_axes: dict[int, tuple[str, Any]] = {}
    tables = root.findall("Table")
    for number, table in enumerate(tables, start=1):
        axes = _check_axes(table, message("{where}: table {number}", where=where, number=number))
        if axes in by_axes or axes not in (1, 2):
            raise _wrong_set(where, len(tables))
        by_axes[axes] = (message("table {number}", number=number), table)
    if 1 not in by_axes:
        raise _wrong_set(where, len(tables))

    name, ultimate = by_axes[1]
    problems: list[Problem] = []
    ages, rates = _axis_values(ultimate.find("Values/Axis"), name, "age", problems, may_be_empty=False)
    if not ages and not problems:
        problems.append(("E6004", message("{table}: there is no value; the file holds no table", table=name)))
    if not problems:
        problems = rate_problems(
            np.array(rates), ages[0], lambda i: message("{table}, age {age}", table=name, age=ages[i])
        )
    select, select_ages = None, [0]
    if 2 in by_axes and not problems:
        select_ages, select = _select_values(*by_axes[2], problems)
    if problems:
        raise_problems(where, problems)
    return _named_table(
        where,
        content,
        _classification(root, where),
        first_age=ages[0],
        qx=np.array(rates),
        select=select,
        select_first_age=select_ages[0] if select is not None else None,
    )


def _wrong_set(where: str, count: int) -> TableError:
    return TableError(
        "E6015",
        "{where}: found {count} table(s); give one table by age, or one select table "
        "(age and duration) and one ultimate table (age): split a file that holds more",
        where=where,
        count=count,
    )


def _check_axes(table: Any, where: str) -> int:
    """Return the number of axes of a table after a check of its scale."""
    scaling = table.findtext("MetaData/ScalingFactor", "0").strip()
    if scaling not in ("", "0"):
        raise TableError(
            "E6016",
            "{where}: ScalingFactor is {scaling}; only 0 (plain fractions) is read, rescale the values",
            where=where,
            scaling=scaling,
        )
    axes = table.findall("MetaData/AxisDef")
    for axis in axes:
        increment = axis.findtext("Increment", "1").strip()
        if increment != "1":
            raise TableError(
                "E6016",
                "{where}: Increment of {axis} is {increment}; only single years are read",
                where=where,
                axis=axis.get("id"),
                increment=increment,
            )
    return len(axes)


def _axis_values(
    axis: Any, place: str, label: str, problems: list[Problem], *, may_be_empty: bool
) -> tuple[list[int], list[float]]:
    """Return the labels and values of one `<Axis>` of `<Y t="..">` cells."""
    labels: list[int] = []
    values: list[float] = []
    for cell in axis.findall("Y") if axis is not None else ():
        key = _whole(cell.get("t"))
        if key is None or (labels and key != labels[-1] + 1):
            problems.append(_out_of_order(place, label, cell.get("t"), labels))
            return labels, values
        text = (cell.text or "").strip()
        value = _number(text)
        if not text and may_be_empty:
            value = float("nan")
        elif value is None:
            at = _at(place, label, key)
            problems.append(("E6007", message("{place}: {cell!r} is not a number", place=at, cell=text)))
            value = float("nan")
        elif not 0.0 <= value <= 1.0 and may_be_empty:
            problems.append(_outside(_at(place, label, key), value))
        labels.append(key)
        values.append(value)
    return labels, values


def _select_values(name: str, table: Any, problems: list[Problem]) -> tuple[list[int], Any]:
    """Return the select ages and the select block, shape (ages, durations), NaN where a cell is empty."""
    ages: list[int] = []
    rows: list[list[float]] = []
    for row in table.findall("Values/Axis"):
        age = _whole(row.get("t"))
        if age is None or (ages and age != ages[-1] + 1):
            problems.append(_out_of_order(name, "select age", row.get("t"), ages))
            return ages, None
        place = _at(name, "select age", age)
        durations, values = _axis_values(row.find("Axis"), place, "duration", problems, may_be_empty=True)
        if not problems and (durations[:1] != [1] or (rows and len(values) != len(rows[0]))):
            text = message("{place}: every select age must hold the same durations, from 1", place=place)
            problems.append(("E6015", text))
        if problems:
            return ages, None
        ages.append(age)
        rows.append(values)
    if not rows:
        problems.append(("E6004", message("{table}: the select table holds no value", table=name)))
        return ages, None
    return ages, np.array(rows)


_PLACES = {
    "age": message("{place}, age {key}"),
    "select age": message("{place}, select age {key}"),
    "duration": message("{place}, duration {key}"),
}
_OUT_OF_ORDER = {
    "age": message("{place}: age {found!r}{after}; give every age once, in order"),
    "select age": message("{place}: select age {found!r}{after}; give every select age once, in order"),
    "duration": message("{place}: duration {found!r}{after}; give every duration once, in order"),
}


def _at(place: str, label: str, key: int) -> Message:
    return message(_PLACES[label], place=place, key=key)


def _out_of_order(place: str, label: str, found: str | None, before: Sequence[int]) -> Problem:
    after = message(" after {last}", last=before[-1]) if before else ""
    return "E6009", message(_OUT_OF_ORDER[label], place=place, found=found, after=after)


def _whole(label: str | None) -> int | None:
    return int(label) if label is not None and re.fullmatch(r"\d{1,3}", label.strip()) else None


def _classification(root: Any, where: str) -> dict[str, str]:
    """Return the metadata of the file in our words; the format has no sex and no dated period."""

    def stated(tag: str) -> str:
        return " ".join((root.findtext(f"ContentClassification/{tag}") or "").split())

    identity, domain = stated("TableIdentity"), stated("ProviderDomain")
    found = {
        "id": f"{domain}-{identity}" if identity and domain else Path(where).stem,
        "title": stated("TableName"),
        "source": stated("TableReference"),
        "attribution": stated("ProviderName"),
        "note": stated("TableDescription"),
    }
    return {key: value for key, value in found.items() if value}
