"""Reading of one parameter file, which refuses everything that is not exactly a dated, cited value."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from tariffs.citation import Citation
from tariffs.dated import DAY, Entry, Gap, LawError, Parameter
from tariffs.domain import TABLES, DomainError, converted

LANGUAGES = ("en", "ru", "kk")
STATUSES = ("enacted", "draft", "projected")
EVIDENCE = ("V", "C", "S", "D")
_REFUSED_EVIDENCE = {
    "M": "a value known from memory is not shipped: read the act first",
    "U": "an unknown value is a required input of the user, never a parameter",
}
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class _Refusal(Exception):
    """Why the file is refused; `read_parameter` adds which file."""


def read_parameter(path: Path, tables: Path = TABLES) -> Parameter:
    """Read one parameter file.

    Parameters
    ----------
    path : Path
        ``NAME.yaml``; the name inside must be NAME.
    tables : Path
        Folder of the tables the file may point to.

    Returns
    -------
    Parameter

    Raises
    ------
    LawError
        Code E1103: the file is refused; the message says where and why.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    shown = "/".join(path.parts[-3:])
    try:
        # "base" is the safe loader that leaves every scalar as its text: numbers stay exact, an
        # article 8(1) or a number 010 is not reinterpreted, and duplicate keys are still refused.
        document = YAML(typ="base", pure=True, plug_ins=[]).load(path.read_text(encoding="utf-8"))
        return _parameter(document, path.stem, shown, tables)
    except (_Refusal, DomainError) as error:
        raise LawError(f"{shown} is refused: {error}", "E1103") from error
    except YAMLError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        problem = getattr(error, "problem", None) or lines[0]
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise LawError(f"{shown} is refused: not valid YAML{line}: {problem}", "E1103") from error


def _parameter(document: Any, stem: str, file: str, tables: Path) -> Parameter:
    _check_keys(document, ("name", "title", "unit", "domain", "entries"), ("gaps",), "the file")
    name = document["name"]
    if name != stem:
        raise _Refusal(f"name is {name!r}, the file name says {stem!r}")
    _check_keys(document["title"], LANGUAGES, (), "title")
    entries = [
        _entry(raw, name, document["domain"], tables) for raw in _listed(document["entries"], "entries")
    ]
    gaps = [_gap(raw) for raw in _listed(document.get("gaps", []), "gaps")]
    if not entries:
        raise _Refusal("it has no entries")
    entries.sort(key=lambda entry: entry.start)
    gaps.sort(key=lambda gap: gap.start)
    _check_periods([*entries, *gaps])
    return Parameter(
        name, document["title"], document["unit"], document["domain"], tuple(entries), tuple(gaps), file
    )


def _listed(raw: Any, where: str) -> list[Any]:
    if not isinstance(raw, list):
        raise _Refusal(f"{where} is not a list")
    return raw


def _check_keys(raw: Any, required: Collection[str], optional: Collection[str], where: str) -> None:
    if not isinstance(raw, Mapping):
        raise _Refusal(f"{where} is not a mapping")
    for key in raw:
        if key not in required and key not in optional:
            raise _Refusal(f"unknown key {key!r} in {where}; known: {', '.join((*required, *optional))}")
    for key in required:
        if key not in raw:
            raise _Refusal(f"{where} lacks the key {key!r}")
        if raw[key] in ("", None):
            raise _Refusal(f"{key!r} in {where} is empty")


def _day(raw: Any, where: str) -> date:
    try:
        if isinstance(raw, str) and _ISO_DATE.fullmatch(raw):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise _Refusal(f"impossible date {raw!r} in {where}: a day of the calendar as YYYY-MM-DD is needed")


def _period(raw: Mapping[str, Any], where: str) -> tuple[date, date]:
    start, last = _day(raw["from"], f"from of {where}"), _day(raw["to"], f"to of {where}")
    if last < start:
        raise _Refusal(f"{where} ends on {last}, before it starts")
    return start, last + DAY


def _gap(raw: Any) -> Gap:
    where = f"the gap from {raw.get('from')}" if isinstance(raw, Mapping) else "a gap"
    _check_keys(raw, ("from", "to", "reason"), (), where)
    start, end = _period(raw, where)
    return Gap(start, end, raw["reason"])


def _entry(raw: Any, name: str, domain: Mapping[str, Any], tables: Path) -> Entry:
    where = f"the entry from {raw.get('from')}" if isinstance(raw, Mapping) else "an entry"
    _check_keys(
        raw,
        ("from", "value", "status", "evidence", "source"),
        ("to", "open", "checked_on", "further_sources", "note"),
        where,
    )
    start = _day(raw["from"], f"from of {where}")
    end: date | None = None
    checked_on: date | None = None
    if ("to" in raw) == ("open" in raw):
        raise _Refusal(f"{where} needs either 'to' or 'open: true'")
    if "to" in raw:
        if "checked_on" in raw:
            raise _Refusal(f"{where} has 'checked_on' without 'open: true'")
        start, end = _period(raw, where)
    else:
        if raw["open"] != "true":
            raise _Refusal(f"open is {raw['open']!r} in {where}; it can only be true")
        if "checked_on" not in raw:
            raise _Refusal(f"{where} is open and lacks 'checked_on', the date of the newest text read")
        checked_on = _day(raw["checked_on"], f"checked_on of {where}")
    if raw["status"] not in STATUSES:
        raise _Refusal(f"status {raw['status']!r} of {where} is not one of {', '.join(STATUSES)}")
    if raw["evidence"] in _REFUSED_EVIDENCE:
        raise _Refusal(f"evidence {raw['evidence']} of {where}: {_REFUSED_EVIDENCE[raw['evidence']]}")
    if raw["evidence"] not in EVIDENCE:
        raise _Refusal(f"evidence {raw['evidence']!r} of {where} is not one of {', '.join(EVIDENCE)}")
    note = raw.get("note", "")
    further = _listed(raw.get("further_sources", []), f"further_sources of {where}")
    return Entry(
        parameter=name,
        value=converted(raw["value"], domain, f"value of {where}", tables),
        start=start,
        end=end,
        checked_on=checked_on,
        status=raw["status"],
        evidence=raw["evidence"],
        source=_citation(raw["source"], start, note, where),
        further_sources=tuple(_citation(source, start, note, where) for source in further),
        note=note,
    )


def _citation(raw: Any, start: date, note: str, where: str) -> Citation:
    """Check one source; what looks odd (no number, no date, adopted later) must be explained by a note."""
    where = f"the source of {where}"
    _check_keys(raw, ("act", "article"), ("number", "adopted"), where)
    adopted = _day(raw["adopted"], where) if "adopted" in raw else None
    if not note:
        for key in ("number", "adopted"):
            if key not in raw:
                raise _Refusal(f"{where} lacks {key!r}, and no note says why")
        if adopted is not None and adopted > start:
            raise _Refusal(f"{where} was adopted on {adopted}, after the entry starts, and no note says why")
    return Citation(raw["act"], raw.get("number"), adopted, raw["article"])


def _check_periods(periods: list[Entry | Gap]) -> None:
    """Refuse overlaps and days between the first and the last period that nothing covers."""
    periods.sort(key=lambda period: period.start)
    for period, following in pairwise(periods):
        if period.end is None or following.start < period.end:
            raise _Refusal(f"the periods from {period.start} and from {following.start} overlap")
        if period.end < following.start:
            raise _Refusal(
                f"undeclared gap from {period.end} to {following.start - DAY}: add an entry, or declare "
                "it under 'gaps' with a reason"
            )
