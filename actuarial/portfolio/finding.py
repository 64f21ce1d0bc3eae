"""Findings: what is wrong with a portfolio, where, and how to put it right.

`CATALOGUE` holds every code with its texts, in one place, so that a translation has one place to go. A
kind of finding in one column is stored once, with an array of row positions: a million bad rows cost
megabytes, not a million objects; `Finding` objects are made only while they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.portfolio.claim_rule import CLAIM_RULES
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


@dataclass(frozen=True)
class Rule:
    """Texts of one code: what must hold and what to do, with ``{placeholders}``."""

    code: str
    rule: str
    fix: str

    @property
    def severity(self) -> str:
        """Error (nothing is computed) or warning."""
        return "error" if self.code.startswith("E") else "warning"


def _catalogue(*rules: tuple[str, str, str]) -> MappingProxyType[str, Rule]:
    return MappingProxyType({code: Rule(code, rule, fix) for code, rule, fix in rules})


_DATES_FIX = "write dates as 2026-01-31 or 31.01.2026"
_AMOUNT_FIX = "write the amount in tenge, as 250000, 250 000,50 or 250000.50"
_ORDER_FIX = "correct the wrong one of the two dates"

CATALOGUE = _catalogue(
    # --- the file -----------------------------------------------------------------------------------
    (
        "E1003",
        "not a table this program reads: {detail}",
        "save it as .xlsx, .csv or .parquet",
    ),
    ("E1004", "the file is empty", "export the table again"),
    (
        "E1005",
        "text in UTF-16",
        "save the file as «CSV UTF-8» (in Excel: Save As → CSV UTF-8)",
    ),
    (
        "E1006",
        "text is neither UTF-8 nor cp1251: {detail}",
        "save the file as «CSV UTF-8»; a byte at which reading stopped is named",
    ),
    (
        "E1007",
        "a workbook of Excel 97-2003 (.xls), or another old binary file",
        "open it in Excel and save it as .xlsx",
    ),
    (
        "E1008",
        "the workbook is protected by a password",
        "remove the password (File → Info → Protect) and save",
    ),
    (
        "E1009",
        "the workbook is damaged: {detail}",
        "open it in Excel, let it repair the file, and save as .xlsx",
    ),
    ("E1010", "the Parquet file cannot be read: {detail}", "write the file again"),
    (
        "E1011",
        "no table `annuities`: found {detail}",
        "name the sheet or file `annuities`; its columns are in docs/portfolio-file.md",
    ),
    ("E1012", "more than one table `annuities`: {detail}", "leave one, or rename the others"),
    (
        "E1013",
        "required column {column} is missing{detail}",
        "add the column, or name the header it has in a column-mapping file{hint}",
    ),
    ("E1014", "two columns for {column}: {detail}", "remove or rename one of them"),
    (
        "E1015",
        "the mapping names the header {detail} for {column}, the table has no such header",
        "correct the mapping",
    ),
    (
        "E1016",
        "the row has another number of cells than the header ({detail})",
        "look for a missing or extra separator, or a text or a decimal comma that needs quotes",
    ),
    (
        "E1017",
        "a quote is opened here and never closed",
        'close the quote, or write a quote inside a quoted text twice ("")',
    ),
    ("E1018", "text follows a closing quote", 'write a quote inside a quoted text twice ("")'),
    ("E1019", "the table has a header and no rows", "export the table with its rows"),
    ("E1020", "the header has {detail} columns", "export only the columns of the table"),
    (
        "E1021",
        "the workbook refers to other workbooks: {detail}",
        "break the links (Data → Edit Links → Break Link), so that values stand in the cells, and save",
    ),
    # --- a cell -------------------------------------------------------------------------------------
    ("E2001", "{column} is empty and required {need}", "fill the cell"),
    ("E2002", "{column} holds an error value of Excel", "correct the formula, or put the value in its place"),
    ("E2003", "{column} holds a value of the wrong type", "write {need}"),
    (
        "E2004",
        "{column} holds a formula without a computed value",
        "open the file in Excel, let it calculate, and save",
    ),
    ("E2101", "{column} is not a date", _DATES_FIX),
    ("E2102", "{column} is a day the calendar does not have", "correct the day; " + _DATES_FIX),
    ("E2103", "{column} has a year of two digits", "write the year with four digits; " + _DATES_FIX),
    (
        "E2104",
        "{column} is written with slashes: day and month cannot be told apart",
        _DATES_FIX,
    ),
    ("E2105", "{column} has a time of day", "leave only the date"),
    (
        "E2106",
        "{column} is a number, perhaps the day count of Excel without its date format",
        "format the cells as dates in Excel, or " + _DATES_FIX,
    ),
    ("E2107", "{column} has a year before 1900 or after 2199", "correct the year"),
    ("E2201", "{column} is not an amount", _AMOUNT_FIX),
    ("E2202", "{column} is finer than a tiyn", "round the amount to two decimals"),
    (
        "E2203",
        "{column} has thousands apart by commas or points, or may have",
        "leave the thousands together or part them by blanks; " + _AMOUNT_FIX,
    ),
    (
        "E2204",
        "{column} is negative",
        "an amount here is never negative: correct it, or leave the cell empty",
    ),
    ("E2205", "{column} is not a finite number", "put the amount in its place, or leave the cell empty"),
    ("E2206", "{column} is written with an exponent", "write all its digits"),
    ("E2207", "{column} is ten trillion tenge or more", "check the amount and its unit, tenge"),
    ("E2301", "{column} is not a whole percent", "write the degree as 45"),
    ("E2302", "{column} is a fraction, percent is expected", "write 45 for 0.45"),
    ("E2303", "{column} has a part of a percent", "write the whole percent of the certificate"),
    ("E2304", "{column} must be {low}-{high} percent", "write the percent of the certificate"),
    ("E2401", "{column} is not a share", "write the share as 0.5 or 50%"),
    ("E2402", "{column} must be above 0 and at most 1", "write the share as 0.5 or 50%"),
    ("E2501", "{column} is none of the values it can have", "write one of: {choices}"),
    # --- cells together -----------------------------------------------------------------------------
    ("E3001", "{column} is not unique", "give each record its own claim_id"),
    (
        "E3101",
        "the degree must be {low}-{high} percent in the voluntary product",
        "correct degree_of_loss or product",
    ),
    (
        "E3102",
        "the degree must be {low}-{high} percent in the compulsory product",
        "correct degree_of_loss, product or accident_date",
    ),
    (
        "E3103",
        "the degree must be {low}-{high} percent in the compulsory product for accidents before {date}",
        "correct degree_of_loss, product or accident_date",
    ),
    (
        "E3201",
        "the law of payouts before {date} is not on record",
        "take accidents before {date} out of the portfolio and value them apart, or correct accident_date",
    ),
    (
        "E3202",
        "the earnings cap has no minimum wage: {reason}",
        "correct contract_date, or put the value on record",
    ),
    (
        "E3203",
        "pre-retirement annuities exist since {date}",
        "correct annuity_start_date, next_payment_date or beneficiary",
    ),
    ("E3301", "a worker must be born before the accident", _ORDER_FIX),
    (
        "E3302",
        "a beneficiary must be born on or before the valuation date {valuation_date}",
        "correct birth_date",
    ),
    ("E3303", "the first certificate must not be before the accident", _ORDER_FIX),
    ("E3304", "the contract must be concluded on or before the day of the accident", _ORDER_FIX),
    (
        "E3305",
        "the first certificate must be on or before the valuation date {valuation_date}",
        "correct first_certificate_date or the valuation date",
    ),
    (
        "E3306",
        "the accident must be on or before the valuation date {valuation_date}",
        "correct accident_date or the valuation date",
    ),
    (
        "E3307",
        "the next payment must be on or after the valuation date {valuation_date}",
        "write the first payment on or after the valuation date",
    ),
    (
        "E3308",
        "the next payment must be at most {years} years after the valuation date {valuation_date}",
        "correct the year of next_payment_date",
    ),
    ("E3309", "the annuity must start on or before its next payment", _ORDER_FIX),
    ("E3310", "the annuity must not start before the accident", _ORDER_FIX),
    ("E3311", "the certificate must end after the first certificate", _ORDER_FIX),
    ("E3312", "the entitlement must end after the accident", _ORDER_FIX),
    ("E3313", "{column} must be after the birth", _ORDER_FIX),
    (
        "E3401",
        "survivors are paid by the compulsory product only",
        "correct product or beneficiary",
    ),
    (
        "E3402",
        "pre-retirement annuities are paid by the compulsory product only",
        "correct product or beneficiary",
    ),
    (
        "E3403",
        "pension_stop = no holds only for accidents before {date}",
        "leave pension_stop empty: the law of the accident date decides",
    ),
    (
        "E3404",
        "entitlement_end is required for a carer",
        "write the child's 14th birthday, the first day not paid",
    ),
    (
        "E3405",
        "entitlement_end is required for a spouse or parent who is not of pension age on {valuation_date}",
        "write the first day not paid; who is of pension age may leave it empty (for life)",
    ),
    (
        "E3406",
        "the shares of the survivors of one death add up to more than 1",
        "correct share; if the rows belong to several deaths, tell them apart by the column deceased_id",
    ),
    (
        "E3407",
        "current_monthly_payment is above 0, the payment by the law is 0",
        "correct current_monthly_payment, degree_of_loss, average_monthly_earnings or social_payment",
    ),
    (
        "E3501",
        "the age on the valuation date is beyond the mortality table {detail}",
        "correct birth_date, or take a table with higher ages",
    ),
    # --- warnings -----------------------------------------------------------------------------------
    (
        "W1501",
        "unknown column {detail}",
        "nothing, if it is not needed{hint}",
    ),
    ("W1502", "unknown table {detail}", "nothing, if it is not needed; known tables: {choices}"),
    ("W1503", "a column without a header holds values", "name the column, or remove it"),
    ("W3501", "{column} is not used for this beneficiary", "nothing, or empty the cell"),
    ("W3502", "the voluntary product deducts no social_payment: it is taken as 0", "nothing, or write 0"),
    (
        "W3503",
        "before {date} no social_payment is deducted: it is taken as 0",
        "nothing, or write 0",
    ),
    (
        "W3504",
        "age on the accident date is outside {low}-{high} years",
        "check birth_date and accident_date",
    ),
    (
        "W3505",
        "the payment ends on or before next_payment_date: the certified value is 0",
        "check {column}, or take the record out",
    ),
    ("W3506", "average_monthly_earnings is 0: the payment is 0", "check the earnings"),
    (
        "W3507",
        "current_monthly_payment is 0: the record is valued at 0",
        "leave the cell empty if it is not known",
    ),
    (
        "W3508",
        "current_monthly_payment is more than {high} times the payment by the law",
        "check current_monthly_payment, social_payment or the degree: every other degree is scaled by the "
        "same factor",
    ),
    *CONTRACT_RULES,
    *CLAIM_RULES,
    *HISTORY_RULES,
    *RISK_RULES,
)


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
    """

    file: str
    sheet: str
    kind: str
    rows: Int64
    columns: dict[str, int]

    @cached_property
    def _sheet(self) -> str:
        return masked(self.sheet)

    def cell(self, row: int | None, column: str) -> str:
        """Address of a cell as the user sees it."""
        letter = column_letters(self.columns[column]) if column in self.columns else ""
        if row is None:
            return ""
        if self.kind == "sheet":
            return f"{self._sheet}!{letter}{row}" if letter else f"{self._sheet}!{row}:{row}"
        if self.kind == "text":
            return f"line {row}, column {letter}" if letter else f"line {row}"
        return f"row {row}"


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


def masked(text: str) -> str:
    """Text fit to be shown: personal numbers masked, control characters out, not too long.

    Numbers of 12 digits (ИИН, БИН), and of 11, which a number cell makes of an ИИН that begins with 0, keep
    their last two digits, whatever blanks, hyphens or underscores stand between them. An amount of 11 or 12
    digits is masked too: rather a figure less than a person shown.

    Examples
    --------
    >>> masked("ИИН 050101300123")
    'ИИН **********23'
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    text = _PERSONAL_NUMBER.sub(_masked_number, text)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


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
    None to take them from the checked columns when they are shown. ``place`` and ``show`` are those of the
    table, where the findings of several tables stand together (`combined`).
    """

    code: str
    column: str
    rows: Int64 | None
    values: Sequence[Any] | None
    texts: dict[str, str]
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
    def message(self) -> str:
        """What must hold, or what is wrong."""
        return self.rule.rule.format_map(self._texts())

    @property
    def fix(self) -> str:
        """What to do."""
        return self.rule.fix.format_map(self._texts())

    def __len__(self) -> int:
        return 1 if self.rows is None else len(self.rows)

    def _texts(self) -> dict[str, str]:
        shown = {name: masked(text) for name, text in self.texts.items()}
        return {"column": masked(self.column), "detail": "", "hint": "", "need": "", **shown}


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
        **texts: str,
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
        **texts: str,
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
        **texts : str
            Placeholders of the catalogue's texts.
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
        file, sheet = masked(place.file), masked(place.sheet)
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
                    place.cell(number, group.column),
                    masked(value),
                    message,
                    fix,
                )

    def _values(self, group: Group, begin: int, rows: Int64) -> list[str]:
        show = group.show or self.show
        if group.values is not None:
            texts = [_text(v) for v in group.values[begin : begin + len(rows)]]
        elif show is not None and group.column:
            texts = show(group.column, rows)
        else:
            texts = [""] * len(rows)
        for column in group.also:
            assert show is not None
            others = show(column, rows)
            texts = [f"{a}; {column} {b or 'empty'}" for a, b in zip(texts, others, strict=True)]
        return texts


def combined(tables: Sequence[Findings]) -> Findings:
    """Findings of several tables as one, each with the place of its own table."""
    groups = [
        replace(group, place=group.place or findings.place, show=group.show or findings.show)
        for findings in tables
        for group in findings.groups
    ]
    return Findings(groups)


def _text(value: Any) -> str:
    as_py = getattr(value, "as_py", None)
    return str(as_py() if as_py else value)


def _known(code: str) -> str:
    if code not in CATALOGUE:
        raise KeyError(f"{code} is not a code of the catalogue in actuarial/portfolio/finding.py")
    return code


def format_findings(findings: Findings, examples: int = 3) -> str:
    """Findings as text for a screen: by code, with the first examples and what to do.

    Parameters
    ----------
    findings : Findings
    examples : int
        Examples of each kind.
    """
    if not findings.groups:
        return "checks: nothing found"
    lines = [f"checks: {_count(findings.n_errors, 'error')}, {_count(findings.n_warnings, 'warning')}"]
    for group in findings.ordered():
        times = f" ×{len(group)}" if len(group) > 1 else ""
        lines.append("")
        lines.append(f"{group.code} {group.rule.severity}{times}: {group.message}")
        for finding in findings.of_group(group, examples):
            where = finding.cell or " ".join(t for t in (finding.file, finding.sheet) if t)
            if finding.cell and not finding.sheet:
                where = f"{finding.file} {where}"
            lines.append(f"    {where}" + (f": {finding.value}" if finding.value else ""))
        if len(group) > examples:
            lines.append(f"    … and {len(group) - examples} more")
        lines.append(f"  fix: {group.fix}")
    return "\n".join(lines)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
