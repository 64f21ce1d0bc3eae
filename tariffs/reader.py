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
from tariffs.message import message

LANGUAGES = ("en", "ru", "kk")
STATUSES = ("enacted", "draft", "projected")
EVIDENCE = ("V", "C", "S", "D")
_REFUSED_EVIDENCE = {
    "M": message("a value known from memory is not shipped: read the act first"),
    "U": message("an unknown value is a required input of the user, never a parameter"),
}
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class _Refusal(Exception):
    """Why the file is refused; `read_parameter` adds which file."""

    def __init__(self, template: str, /, **values: Any) -> None:
        super().__init__(message(template, **values))


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
        raise LawError("{shown} is refused: {error}", "E1103", shown=shown, error=error) from error
    except YAMLError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        problem = getattr(error, "problem", None) or lines[0]
        mark = getattr(error, "problem_mark", None)
        line = message(", line {line}", line=mark.line + 1) if mark is not None else ""
        raise LawError(
            "{shown} is refused: not valid YAML{line}: {problem}",
            "E1103",
            shown=shown,
            line=line,
            problem=problem,
        ) from error


def _parameter(document: Any, stem: str, file: str, tables: Path) -> Parameter:
    _check_keys(document, ("name", "title", "unit", "domain", "entries"), ("gaps",), message("the file"))
    name = document["name"]
    if name != stem:
        raise _Refusal("name is {name!r}, the file name says {stem!r}", name=name, stem=stem)
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
        raise _Refusal("{where} is not a list", where=where)
    return raw


def _check_keys(raw: Any, required: Collection[str], optional: Collection[str], where: str) -> None:
    if not isinstance(raw, Mapping):
        raise _Refusal("{where} is not a mapping", where=where)
    for key in raw:
        if key not in required and key not in optional:
            raise _Refusal(
                "unknown key {key!r} in {where}; known: {known}",
                key=key,
                where=where,
                known=", ".join((*required, *optional)),
            )
    for key in required:
        if key not in raw:
            raise _Refusal("{where} lacks the key {key!r}", where=where, key=key)
        if raw[key] in ("", None):
            raise _Refusal("{key!r} in {where} is empty", key=key, where=where)


def _day(raw: Any, where: str) -> date:
    try:
        if isinstance(raw, str) and _ISO_DATE.fullmatch(raw):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise _Refusal(
        "impossible date {raw!r} in {where}: a day of the calendar as YYYY-MM-DD is needed",
        raw=raw,
        where=where,
    )


def _period(raw: Mapping[str, Any], where: str) -> tuple[date, date]:
    start, last = (
        _day(raw["from"], message("from of {where}", where=where)),
        _day(raw["to"], message("to of {where}", where=where)),
    )
    if last < start:
        raise _Refusal("{where} ends on {last}, before it starts", where=where, last=last)
    return start, last + DAY


def _gap(raw: Any) -> Gap:
    where = (
        message("the gap from {start}", start=raw.get("from"))
        if isinstance(raw, Mapping)
        else message("a gap")
    )
    _check_keys(raw, ("from", "to", "reason"), (), where)
    start, end = _period(raw, where)
    return Gap(start, end, raw["reason"])


def _entry(raw: Any, name: str, domain: Mapping[str, Any], tables: Path) -> Entry:
    where = (
        message("the entry from {start}", start=raw.get("from"))
        if isinstance(raw, Mapping)
        else message("an entry")
    )
    _check_keys(
        raw,
        ("from", "value", "status", "evidence", "source"),
        ("to", "open", "checked_on", "further_sources", "note"),
        where,
    )
    start = _day(raw["from"], message("from of {where}", where=where))
    end: date | None = None
    checked_on: date | None = None
    if ("to" in raw) == ("open" in raw):
        raise _Refusal("{where} needs either 'to' or 'open: true'", where=where)
    if "to" in raw:
        if "checked_on" in raw:
            raise _Refusal("{where} has 'checked_on' without 'open: true'", where=where)
        start, end = _period(raw, where)
    else:
        if raw["open"] != "true":
            raise _Refusal("open is {open!r} in {where}; it can only be true", open=raw["open"], where=where)
        if "checked_on" not in raw:
            raise _Refusal(
                "{where} is open and lacks 'checked_on', the date of the newest text read", where=where
            )
        checked_on = _day(raw["checked_on"], message("checked_on of {where}", where=where))
    if raw["status"] not in STATUSES:
        raise _Refusal(
            "status {status!r} of {where} is not one of {known}",
            status=raw["status"],
            where=where,
            known=", ".join(STATUSES),
        )
    if raw["evidence"] in _REFUSED_EVIDENCE:
        raise _Refusal(
            "evidence {evidence} of {where}: {reason}",
            evidence=raw["evidence"],
            where=where,
            reason=_REFUSED_EVIDENCE[raw["evidence"]],
        )
    if raw["evidence"] not in EVIDENCE:
        raise _Refusal(
            "evidence {evidence!r} of {where} is not one of {known}",
            evidence=raw["evidence"],
            where=where,
            known=", ".join(EVIDENCE),
        )
    note = raw.get("note", "")
    further = _listed(raw.get("further_sources", []), message("further_sources of {where}", where=where))
    return Entry(
        parameter=name,
        value=converted(raw["value"], domain, message("value of {where}", where=where), tables),
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
    where = message("the source of {where}", where=where)
    _check_keys(raw, ("act", "article"), ("number", "adopted"), where)
    adopted = _day(raw["adopted"], where) if "adopted" in raw else None
    if not note:
        for key in ("number", "adopted"):
            if key not in raw:
                raise _Refusal("{where} lacks {key!r}, and no note says why", where=where, key=key)
        if adopted is not None and adopted > start:
            raise _Refusal(
                "{where} was adopted on {adopted}, after the entry starts, and no note says why",
                where=where,
                adopted=adopted,
            )
    return Citation(raw["act"], raw.get("number"), adopted, raw["article"])


def _check_periods(periods: list[Entry | Gap]) -> None:
    """Refuse overlaps and days between the first and the last period that nothing covers."""
    periods.sort(key=lambda period: period.start)
    for period, following in pairwise(periods):
        if period.end is None or following.start < period.end:
            raise _Refusal(
                "the periods from {first} and from {second} overlap",
                first=period.start,
                second=following.start,
            )
        if period.end < following.start:
            raise _Refusal(
                "undeclared gap from {start} to {last_day}: add an entry, or "
                "declare it under 'gaps' with a reason",
                start=period.end,
                last_day=following.start - DAY,
            )
