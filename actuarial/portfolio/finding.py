"""Findings: what is wrong with a portfolio, where, and how to put it right.

A kind of finding in one column is stored once, with an array of row positions: a million bad rows cost
megabytes, not a million objects; `Finding` objects are made only while they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.language import Text, counted, said, said_if_message, text
from actuarial.portfolio.annuity_rule import ANNUITY_RULES
from actuarial.portfolio.claim_rule import CLAIM_RULES
from actuarial.portfolio.column import normalised
from actuarial.portfolio.contract_rule import CONTRACT_RULES
from actuarial.portfolio.history_rule import HISTORY_RULES
from actuarial.portfolio.risk_rule import RISK_RULES

Int64 = NDArray[np.int64]

_CHUNK = 8192
_MAX_SHOWN = 300
_GAP = r"(?:[ _\-\u2010-\u2015\u2212]|\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|[nrt])){0,3}"
"""Between two digits of one number: blanks, also as ``repr`` writes them, hyphens and underscores."""
_DATE = r"(?<![0-9])(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9-])"
_PERSONAL_NUMBER = re.compile(rf"(?P<date>{_DATE})|(?<![0-9])[0-9](?:{_GAP}[0-9]){{10,11}}(?![0-9])")
_OUR_NAME = re.compile(r"[a-z]+(?:_[a-z]+)+")
"""Our name of a column in a text: with an underscore, so that no ordinary word is taken for one."""
_SEVERITY = {"E": text("error"), "W": text("warning")}
_FORMULA, _ERROR_VALUE = text("a formula"), text("an error value")
_WORDS_FOR_CELLS: MappingProxyType[str, dict[str, str]] = MappingProxyType(
    {"E2002": {_ERROR_VALUE: _ERROR_VALUE}, "E2004": {_FORMULA: _FORMULA}}
)
"""Cells without a text of their own, which `actuarial.portfolio.preflight` puts into words, by code."""


@dataclass(frozen=True)
class Rule:
    """Texts of one code: what must hold and what to do, with ``{placeholders}``."""

    code: str
    rule: str
    fix: str

    @property
    def severity(self) -> Text:
        """Error (nothing is computed) or warning."""
        return _SEVERITY[self.code[0]]


def _catalogue(*rules: tuple[str, str, str]) -> MappingProxyType[str, Rule]:
    return MappingProxyType({code: Rule(code, rule, fix) for code, rule, fix in rules})


CATALOGUE = _catalogue(*ANNUITY_RULES, *CONTRACT_RULES, *CLAIM_RULES, *HISTORY_RULES, *RISK_RULES)
"""Every code with its texts."""


@dataclass(frozen=True)
class Finding:
    """One finding, with its place as the user sees it.

    Attributes
    ----------
    code, severity : str
        ``severity`` is ``error`` or ``warning``.
    file, sheet : str
        ``sheet`` is empty for files without sheets.
    row : int or None
        Row of the worksheet, or line of the text file, the header counted; record number in Parquet.
    column : str
        Our name of the column, empty where the finding is about a row or file.
    cell : str
        Address, such as ``annuities!F12``; ``line 12, column F`` in text files.
    value : str
        What was found. Personal numbers are masked here and in ``file``, ``sheet`` and ``cell``.
    rule, fix : str
    """

    code: str
    severity: str
    file: str
    sheet: str
    row: int | None
    column: str
    cell: str
    value: str
    rule: str
    fix: str


@dataclass(frozen=True)
class Place:
    """Where the records stand in the user's file.

    Attributes
    ----------
    file, sheet : str
    kind : str
        sheet, text or rows (Parquet, frame).
    rows : ndarray of int64, shape (n,)
        Row or line number of each record.
    columns : dict of str to int
        Position of our columns in the file, from 0.
    header : sequence of str
        The file's own names of its columns.
    """

    file: str
    sheet: str
    kind: str
    rows: Int64
    columns: dict[str, int]
    header: Sequence[str] = ()

    @cached_property
    def _sheet(self) -> str:
        return masked(self.sheet)

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """Our columns whose name in the file is another one, with that name."""
        named = {
            column: masked(self.header[position])
            for column, position in self.columns.items()
            if position < len(self.header)
        }
        return {column: own for column, own in named.items() if normalised(own) != normalised(column)}

    def cell(self, row: int | None, column: str) -> str:
        """Address of a cell as the user sees it."""
        return "" if row is None else self.cells(column)(row)

    def cells(self, column: str) -> Callable[[int], str]:
        """Addresses of the cells of a column, by row."""
        letter = column_letters(self.columns[column]) if column in self.columns else ""
        if self.kind == "sheet":
            sheet = self._sheet
            return lambda row: f"{sheet}!{letter}{row}" if letter else f"{sheet}!{row}:{row}"
        if self.kind == "text":
            return lambda row: text_cell(row, letter)
        return lambda row: text("row {row}", row=row)


def text_cell(line: int, letter: str = "") -> Text:
    """Address of a cell, or of a whole line, of a text file."""
    if not letter:
        return text("line {line}", line=line)
    return text("line {line}, column {letter}", line=line, letter=letter)


def column_letters(position: int) -> str:
    """Letters of a worksheet column counted from 0.

    Examples
    --------
    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    position += 1
    while position:
        position, digit = divmod(position - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def masked(shown: str) -> str:
    """Text fit to be shown: personal numbers masked, control characters out, not too long.

    A message stays one, its values masked; a number that is still there afterwards costs it its translation.

    Numbers of 12 digits (ИИН, БИН), and of 11, which a number cell makes of an ИИН that begins with 0, keep
    their last two digits, whatever blanks, hyphens or underscores stand between them. An amount of 11 or 12
    digits is masked too: rather a figure less than a person shown.

    Examples
    --------
    >>> masked("ИИН 050101300123")
    'ИИН **********23'
    """
    if isinstance(shown, Text):
        message = _shortened(shown.changed(masked))
        plain = masked(str(message))
        return message if plain == message else plain
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else " " for c in shown)
    return _cut(_PERSONAL_NUMBER.sub(_masked_number, shown))


def _cut(shown: str) -> str:
    return shown if len(shown) <= _MAX_SHOWN else shown[: _MAX_SHOWN - 1] + "…"


class _Shortened(Text):
    """A message that is too long, cut in every language."""

    whole: Text

    def said(self) -> str:
        return _cut(self.whole.said())

    def changed(self, change: Callable[[str], str]) -> Text:
        return _shortened(self.whole.changed(change))

    def __reduce__(self) -> tuple[Any, ...]:
        return _shortened, (self.whole,)


def _shortened(whole: Text) -> Text:
    if len(whole) <= _MAX_SHOWN:
        return whole
    made = _Shortened(_cut(whole))
    made.template, made.values, made.whole = whole.template, whole.values, whole
    return made


def _masked_number(match: re.Match[str]) -> str:
    if match["date"]:
        return match[0]
    # a gap as repr writes it has digits of its own
    digits = re.sub("[^0-9]", "", re.sub(_GAP, "", match[0]))
    return "*" * (len(digits) - 2) + digits[-2:]


@dataclass
class Group:
    """One kind of finding in one column: rows as an array, texts once.

    ``rows`` are record positions (None: the finding is about the file); ``values`` the texts found, or
    None to take them from the checked columns when they are shown; ``texts`` what the placeholders of the
    rule stand for: data as plain text, wording as messages. ``place`` and ``show`` are those of the
    table, where the findings of several tables stand together (`combined`).
    """

    code: str
    column: str
    rows: Int64 | None
    values: Sequence[Any] | None
    texts: dict[str, Any]
    file: str = ""
    sheet: str = ""
    row: int | None = None
    cell: str = ""
    also: tuple[str, ...] = ()
    place: Place | None = None
    show: Callable[[str, Int64], list[str]] | None = None

    @property
    def rule(self) -> Rule:
        """Texts of the code."""
        return CATALOGUE[self.code]

    @property
    def message(self) -> Text:
        """What must hold, or what is wrong."""
        return self._filled(self.rule.rule)

    @property
    def fix(self) -> Text:
        """What to do."""
        return self._filled(self.rule.fix)

    def __len__(self) -> int:
        return 1 if self.rows is None else len(self.rows)

    def _filled(self, template: str) -> Text:
        values = {"column": self.column, "detail": "", "hint": "", "need": "", **self.texts}
        return text(template, **values).changed(masked)


@dataclass
class Findings:
    """All findings of one portfolio.

    Attributes
    ----------
    groups : list of Group
    place : Place or None
        Where records stand; set once the table is read.
    show : callable or None
        ``show(column, rows)`` → texts of the checked values, for findings added without values.
    """

    groups: list[Group] = field(default_factory=list)
    place: Place | None = None
    show: Callable[[str, Int64], list[str]] | None = None

    def add(
        self,
        code: str,
        *,
        file: str = "",
        sheet: str = "",
        row: int | None = None,
        column: str = "",
        value: str | None = None,
        cell: str = "",
        **texts: Any,
    ) -> None:
        """Add a finding about a file, a sheet, a header or one line."""
        values = None if value is None else [value]
        self.groups.append(Group(_known(code), column, None, values, texts, file, sheet, row, cell))

    def add_rows(
        self,
        code: str,
        indices: Sequence[int] | NDArray[np.integer[Any]] | NDArray[np.bool_],
        column: str,
        values: Sequence[Any] | None = None,
        *,
        also: tuple[str, ...] = (),
        **texts: Any,
    ) -> None:
        """Add findings on records.

        Parameters
        ----------
        code : str
            A code of `CATALOGUE`.
        indices : array of int, shape (k,), or bool mask, shape (n,)
            Record positions. Nothing is added when there are none.
        column : str
            Our name of the column to look at.
        values : sequence, shape (k,), optional
            What was found; taken from the record where omitted.
        also : tuple of str
            Further columns to show with the value.
        **texts
            Placeholders of the catalogue's texts: data as plain text, wording as messages, dates, numbers.
        """
        rows = np.asarray(indices)
        rows = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
        if len(rows):
            self.groups.append(Group(_known(code), column, rows, values, texts, also=also))

    @property
    def n_errors(self) -> int:
        """Number of findings that stop the computation."""
        return sum(len(g) for g in self.groups if g.rule.severity == "error")

    @property
    def n_warnings(self) -> int:
        """Number of findings that do not."""
        return sum(len(g) for g in self.groups if g.rule.severity == "warning")

    @property
    def has_errors(self) -> bool:
        """Whether anything stops the computation."""
        return any(g.rule.severity == "error" for g in self.groups)

    def __len__(self) -> int:
        return sum(len(g) for g in self.groups)

    def codes(self) -> dict[str, int]:
        """Return the number of findings by code, errors first."""
        result: dict[str, int] = {}
        for group in self.ordered():
            result[group.code] = result.get(group.code, 0) + len(group)
        return result

    def ordered(self) -> list[Group]:
        """Groups by code and column, errors (E) before warnings (W)."""
        return sorted(self.groups, key=lambda g: (g.code, g.column))

    def headings(self, group: Group) -> tuple[tuple[str, str], ...]:
        """Columns that a group names by our names, each with the name that the file has for it."""
        place = group.place or self.place
        if group.rows is None or place is None:
            return ()
        words = [group.column, *group.also, *_OUR_NAME.findall(f"{group.message} {group.fix}")]
        return tuple((name, place.headings[name]) for name in dict.fromkeys(words) if name in place.headings)

    def __iter__(self) -> Iterator[Finding]:
        for group in self.ordered():
            yield from self.of_group(group)

    def of_group(self, group: Group, limit: int | None = None) -> Iterator[Finding]:
        """Findings of one group, in the order of rows."""
        message, fix, severity = group.message, group.fix, group.rule.severity
        if group.rows is None:
            value = "" if group.values is None else masked(str(group.values[0]))
            yield Finding(
                group.code,
                severity,
                masked(group.file),
                masked(group.sheet),
                group.row,
                masked(group.column),
                masked(group.cell),
                value,
                message,
                fix,
            )
            return
        place = group.place or self.place
        assert place is not None
        file, sheet, cell = masked(place.file), masked(place.sheet), place.cells(group.column)
        n = len(group.rows) if limit is None else min(limit, len(group.rows))
        for begin in range(0, n, _CHUNK):
            rows = group.rows[begin : min(begin + _CHUNK, n)]
            for row, value in zip(rows, self._values(group, begin, rows), strict=True):
                number = int(place.rows[row])
                yield Finding(
                    group.code,
                    severity,
                    file,
                    sheet,
                    number,
                    group.column,
                    cell(number),
                    masked(value),
                    message,
                    fix,
                )

    def _values(self, group: Group, begin: int, rows: Int64) -> list[str]:
        show = group.show or self.show
        if group.values is not None:
            words = _WORDS_FOR_CELLS.get(group.code, {})
            found = [_found(v) for v in group.values[begin : begin + len(rows)]]
            found = [words.get(value, value) for value in found] if words else found
        elif show is not None and group.column:
            found = show(group.column, rows)
        else:
            found = [""] * len(rows)
        for column in group.also:
            assert show is not None
            others = show(column, rows)
            found = [_beside(value, column, other) for value, other in zip(found, others, strict=True)]
        return found


def combined(tables: Sequence[Findings]) -> Findings:
    """Findings of several tables as one, each with the place of its own table."""
    groups = [
        replace(group, place=group.place or findings.place, show=group.show or findings.show)
        for findings in tables
        for group in findings.groups
    ]
    return Findings(groups)


def _found(value: Any) -> str:
    if isinstance(value, str):
        return value
    as_py = getattr(value, "as_py", None)
    return str(as_py() if as_py else value)


def _beside(value: str, column: str, other: str) -> str:
    """A value with that of a further column."""
    value = value or text("empty")
    if not other:
        return text("{value}; {column} empty", value=value, column=column)
    if isinstance(value, Text):
        return text("{value}; {column} {other}", value=value, column=column, other=other)
    return f"{value}; {column} {other}"


def _known(code: str) -> str:
    if code not in CATALOGUE:
        raise KeyError(f"{code} is not a code of the catalogue in actuarial/portfolio/finding.py")
    return code


def format_findings(findings: Findings, examples: int = 3) -> str:
    """Findings for a screen in the language in force: by code, with the first examples and what to do.

    Parameters
    ----------
    findings : Findings
    examples : int
        Examples of each kind.
    """
    if not findings.groups:
        return said("checks: nothing found")
    errors = counted("{n} error", "{n} errors", n=findings.n_errors)
    warnings = counted("{n} warning", "{n} warnings", n=findings.n_warnings)
    lines = [said(text("checks: {errors}, {warnings}", errors=errors, warnings=warnings))]
    for group in findings.ordered():
        times = f" ×{len(group)}" if len(group) > 1 else ""
        lines.append("")
        lines.append(f"{group.code} {said(group.rule.severity)}{times}: {said(group.message)}")
        if headings := findings.headings(group):
            named = "; ".join(f"{name} = {own!r}" for name, own in headings)
            lines.append(f"  {said(text('in your file: {names}', names=named))}")
        for finding in findings.of_group(group, examples):
            where = str(said_if_message(finding.cell)) or " ".join(
                name for name in (finding.file, finding.sheet) if name
            )
            if finding.cell and not finding.sheet:
                where = f"{finding.file} {where}"
            lines.append(f"    {where}" + (f": {said_if_message(finding.value)}" if finding.value else ""))
        if len(group) > examples:
            more = counted("… and {n} more", "… and {n} more", n=len(group) - examples)
            lines.append(f"    {said(more)}")
        lines.append(f"  {said(text('fix: {fix}', fix=group.fix))}")
    return "\n".join(lines)
