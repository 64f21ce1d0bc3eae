"""Dated values: entries, declared gaps, and the lookup of the one value in force on a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tariffs.citation import Citation
from tariffs.message import Message, message

ENACTED = frozenset({"enacted"})
"""The statuses a lookup accepts unless the caller asks for more."""
DAY = timedelta(days=1)


class LawError(LookupError):
    """A question the law on record cannot answer, or a parameter file that is refused.

    Attributes
    ----------
    code : str
        E1101 unknown parameter, E1102 no value on the day, E1103 parameter file refused.
    """

    def __init__(self, template: str, code: str, /, **values: Any) -> None:
        super().__init__(template if isinstance(template, Message) else message(template, **values))
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.code)


class NotOnRecord(LawError):
    """The parameter exists but has no value on the day asked for (code E1102)."""

    def __init__(self, template: str, /, **values: Any) -> None:
        super().__init__(template, "E1102", **values)


@dataclass(frozen=True, slots=True)
class Entry:
    """The value of one parameter for one period, and where it was read.

    Attributes
    ----------
    parameter : str
        Name of the parameter.
    value : Decimal, int, bool, str, tuple, dict or None
        As the parameter's domain says. Figures written in percent are held as fractions.
    start : date
        First day of the period.
    end : date or None
        First day *not* covered; None while the entry is open.
    checked_on : date or None
        Open entries only: date of the newest text in which the value was seen.
    status : str
        enacted, draft or projected.
    evidence : str
        V words of the act read; S secondary source; C seen in working software; D derived from a V text.
    source : Citation
    further_sources : tuple of Citation
        Other acts that say the same for another part of the period or of the value.
    note : str
        What the reader must know; empty when there is nothing.
    """

    parameter: str
    value: Any
    start: date
    end: date | None
    checked_on: date | None
    status: str
    evidence: str
    source: Citation
    further_sources: tuple[Citation, ...] = ()
    note: str = ""

    @property
    def act(self) -> str:
        """Title of the act."""
        return self.source.act

    @property
    def number(self) -> str | None:
        """Official number of the act."""
        return self.source.number

    @property
    def adopted(self) -> date | None:
        """Date the act was adopted."""
        return self.source.adopted

    @property
    def article(self) -> str:
        """Article of the act."""
        return self.source.article

    @property
    def last_day(self) -> date | None:
        """Last day covered; None while the entry is open."""
        return None if self.end is None else self.end - DAY

    def as_json(self) -> dict[str, Any]:
        """Return the entry as plain JSON values: decimals as text, dates in ISO form."""
        return {
            "parameter": self.parameter,
            "value": plain(self.value),
            "from": self.start.isoformat(),
            "to": plain(self.last_day),
            "checked_on": plain(self.checked_on),
            "status": self.status,
            "act": self.act,
            "number": self.number,
            "adopted": plain(self.adopted),
            "article": self.article,
            "further_sources": [source.message for source in self.further_sources],
            "evidence": self.evidence,
            "note": self.note,
        }


def plain(value: Any) -> Any:
    """Return `value` in JSON types, exactly: decimals as text, dates in ISO form."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class Gap:
    """A period inside the record for which no value is known, and why.

    Attributes
    ----------
    start, end : date
        First day of the gap and first day after it.
    reason : str
    """

    start: date
    end: date
    reason: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the law: its periods in order of time, without overlap or undeclared gap.

    Attributes
    ----------
    name : str
    title : dict
        Titles by language: en, ru, kk.
    unit : str
    domain : dict
        What a value may be; see `tariffs.domain`.
    entries : tuple of Entry
        In order of time.
    gaps : tuple of Gap
        In order of time.
    file : str
        Where the record stands, for messages.
    """

    name: str
    title: dict[str, str]
    unit: str
    domain: dict[str, Any]
    entries: tuple[Entry, ...]
    gaps: tuple[Gap, ...]
    file: str

    def on(self, day: date, statuses: Collection[str] = ENACTED) -> Entry:
        """Return the entry in force on `day`.

        Parameters
        ----------
        day : date
        statuses : collection of str
            Accepted statuses; drafts and projections only answer a caller who names them.

        Raises
        ------
        NotOnRecord
            No entry covers the day: the message names the file and what to add to it.
        """
        for entry in self.entries:
            if entry.start <= day and (entry.end is None or day < entry.end):
                if entry.status in statuses:
                    return entry
                raise NotOnRecord(
                    "{name} on {day}: the entry on record ({file}, from {start}) is "
                    "{status}, not {statuses}. Ask for status {status} by name, or add the enacted "
                    "value.",
                    name=self.name,
                    day=day,
                    file=self.file,
                    start=entry.start,
                    status=entry.status,
                    statuses=" or ".join(sorted(statuses)),
                )
        for gap in self.gaps:
            if gap.start <= day < gap.end:
                raise NotOnRecord(
                    "{name} has no value on {day}: {file} declares a gap from {start} to {last_day}: "
                    "{reason} To fill it, add an entry with value, act, article and "
                    "evidence to that file.",
                    name=self.name,
                    day=day,
                    file=self.file,
                    start=gap.start,
                    last_day=gap.end - DAY,
                    reason=message(gap.reason),
                )
        first, last = self.entries[0], self.entries[-1]
        if day < first.start:
            raise NotOnRecord(
                "{name} has no value on {day}: the record in {file} starts on {start}. "
                "Add an entry with 'to: {last_day}', value, act, article and evidence to "
                "that file.",
                name=self.name,
                day=day,
                file=self.file,
                start=first.start,
                last_day=(first.start - DAY).isoformat(),
            )
        note = message(" Note of the last entry: {note}", note=message(last.note)) if last.note else ""
        raise NotOnRecord(
            "{name} has no value on {day}: the record in {file} ends on {last_day}. Add an "
            "entry with 'from: {start}', value, act, article and evidence to that "
            "file.{note}",
            name=self.name,
            day=day,
            file=self.file,
            last_day=last.last_day,
            start=str(last.end),
            note=note,
        )

    def series(self, statuses: Collection[str] = ENACTED) -> list[tuple[date, Any]]:
        """Return the parameter as a step function: (start, value), in order of time.

        A value holds from its start to the next start. Where nothing is on record (a gap, the days
        after a closed last entry) the value is None, so that no value is carried on by accident.
        Days before the first start are not on record.
        """
        steps: list[tuple[date, Any]] = []
        end: date | None = None
        for entry in self.entries:
            if entry.status not in statuses:
                continue
            if end is not None and end < entry.start:
                steps.append((end, None))
            steps.append((entry.start, entry.value))
            end = entry.end
        if end is not None:
            steps.append((end, None))
        return steps
