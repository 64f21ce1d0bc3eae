"""All checks of the tables in a file, workbook or folder; nothing is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from actuarial.basis import load_basis
from actuarial.error import ActuarialError
from actuarial.language import Text, message_of, text
from actuarial.portfolio.arrow import open_parquet
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.claim_check import read_experience
from actuarial.portfolio.claim_column import CLAIM_SCHEMA, CLAIMS
from actuarial.portfolio.column import ANNUITIES, ANNUITY_SCHEMA, TABLE_INDEX, Schema, normalised
from actuarial.portfolio.contract_check import read_contracts
from actuarial.portfolio.contract_column import ACCIDENTS, CONTRACTS, FLAT_SCHEMA, PARTS, STAFF
from actuarial.portfolio.delimited import open_delimited
from actuarial.portfolio.finding import Findings, Group, combined, format_findings
from actuarial.portfolio.history_check import read_history
from actuarial.portfolio.history_column import HISTORY, HISTORY_SCHEMA
from actuarial.portfolio.mapping import Mapping, read_mappings
from actuarial.portfolio.preflight import DamagedWorkbookError
from actuarial.portfolio.read import (
    PARQUET_SUFFIXES,
    SUFFIXES,
    TEXT_SUFFIXES,
    WORKBOOK_SUFFIXES,
    begins_with,
    read_annuities,
)
from actuarial.portfolio.source import PortfolioFileError, strange_suffix
from actuarial.portfolio.table_read import read_table
from actuarial.portfolio.workbook import OLE_MAGIC, open_workbook
from actuarial.report.reserve_run import add_ages_outside_table
from actuarial.report.run_folder import SCHEMA_VERSION, refuse_inputs_inside, run_folder

BOOK = (CONTRACTS, PARTS, STAFF, ACCIDENTS)
GROUPS = (ANNUITIES, CONTRACTS, CLAIMS, HISTORY)
"""What can be checked; contracts with their parts, staff and accidents."""
_SCHEMAS = (ANNUITY_SCHEMA, FLAT_SCHEMA, CLAIM_SCHEMA, HISTORY_SCHEMA)


class CheckError(ActuarialError):
    """A check that cannot be made as asked (E841x)."""


@dataclass(frozen=True)
class CheckRequest:
    """What to check.

    Attributes
    ----------
    path : Path
        File, workbook or folder.
    valuation_date : date, optional
        Needed for annuities, and to join claims to contracts.
    basis : str, optional
        Its mortality tables must cover the ages of annuities.
    table : str, optional
        One of `GROUPS`; default all that are there.
    mapping : Path, optional
    target : Path, optional
        Folder for ``checks.xlsx``.
    """

    path: Path
    valuation_date: date | None = None
    basis: str | None = None
    table: str | None = None
    mapping: Path | None = None
    target: Path | None = None


@dataclass
class Checked:
    """What the checks found.

    Attributes
    ----------
    rows : dict of str to int or None
        Rows by table; None where it is checked together with another.
    findings : Findings
    notes : list of Text
        What was not checked, and why.
    workbook : Path or None
        ``checks.xlsx``.
    """

    rows: dict[str, int | None]
    findings: Findings
    notes: list[Text] = field(default_factory=list)
    workbook: Path | None = None

    @property
    def text(self) -> str:
        """The findings for the screen, grouped."""
        return format_findings(self.findings)

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "command": "check",
            "tables": self.rows,
            "errors": self.findings.n_errors,
            "warnings": self.findings.n_warnings,
            "findings": self.findings.codes(),
            "notes": self.notes,
            "checks": str(self.workbook) if self.workbook else None,
        }


def run_check(request: CheckRequest, announce: Callable[[str], None] = lambda step: None) -> Checked:
    """Check every table that is there, or the one asked for.

    Raises
    ------
    PortfolioFileError
        E1001 no such file, E1002 it cannot be read.
    CheckError
        E8411 annuities without a valuation date; E8412 no table that can be checked, or not the one asked
        for; E8413 a mapping for several tables at once.
    MappingError, BasisError, SafetyLimitError
        As the readers.
    """
    path = request.path
    if not path.exists():
        raise PortfolioFileError("E1001", "{path}: no such file or folder; check the path", path=path)
    if request.target is not None:
        refuse_inputs_inside(request.target, (path, request.mapping))
    announce(text("looking into {file}", file=path.name))
    findings = Findings()
    groups = _groups(request, findings)
    if not findings.has_errors:
        _refuse(request, groups)
    found = Checked({}, findings)
    parts = [findings]
    if not findings.has_errors:
        announce(text("checking {file}", file=path.name))
        parts += _checked(request, groups, found)
    found.findings = _without_repeats(combined(parts))
    if request.target is not None:
        with run_folder(request.target, replace=False) as folder:
            write_checks(found.findings, folder / "checks.xlsx")
        found.workbook = request.target / "checks.xlsx"
    return found


def _groups(request: CheckRequest, findings: Findings) -> set[str]:
    """What is there, of `GROUPS` and the tables that nothing reads."""
    tables = _tables(request.path, findings)
    groups = {CONTRACTS if table in BOOK else table for table in tables}
    if request.table is not None:
        is_single = request.path.is_file() and len(tables) == 1
        if request.table not in groups and not is_single and not findings.has_errors:
            raise CheckError(
                "E8412",
                "{path}: no table {table}; found {found}",
                path=request.path,
                table=request.table,
                found=_named(tables),
            )
        return {request.table}
    return groups


def _refuse(request: CheckRequest, groups: set[str]) -> None:
    known = groups & set(GROUPS)
    if not known:
        raise CheckError(
            "E8412",
            "{path}: no table that can be checked, found {found}; name files or sheets {known}",
            path=request.path,
            found=_named(groups),
            known=", ".join(GROUPS),
        )
    if ANNUITIES in known and request.valuation_date is None:
        raise CheckError(
            "E8411",
            "{path}: payments, certificates and births of annuities are checked against a valuation date; "
            "give --valuation-date",
            path=request.path,
        )
    if request.mapping is not None and ANNUITIES in known and len(known) > 1:
        raise CheckError(
            "E8413",
            "{path}: a mapping of annuities names columns, one of other tables the tables first; give "
            "--table with one of {known}",
            path=request.mapping,
            known=", ".join(sorted(known)),
        )


def _named(tables: set[str]) -> str:
    return ", ".join(sorted(tables)) or text("none of ours")


def _tables(path: Path, findings: Findings) -> set[str]:
    """Names of our tables in a folder, workbook or file."""
    if path.is_dir():
        files = sorted(
            p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$"))
        )
        if len(files) == 1:
            return _tables(files[0], findings)
        return {TABLE_INDEX[normalised(p.stem)] for p in files if normalised(p.stem) in TABLE_INDEX}
    suffix = path.suffix.lower()
    name = TABLE_INDEX.get(normalised(path.stem))
    if suffix in TEXT_SUFFIXES:
        if name:
            return {name}
        headers = frozenset(header for schema in _SCHEMAS for header in schema.header_index)
        table = open_delimited(path, path.name, Findings(), set(headers), 1)
        return {_fitting(table.header)} if table else {ANNUITIES}
    if suffix in PARQUET_SUFFIXES:
        parquet = open_parquet(path, path.name, Findings(), 1)
        return {name or (_fitting(parquet.header) if parquet else ANNUITIES)}
    if suffix not in WORKBOOK_SUFFIXES and not begins_with(path, OLE_MAGIC):
        findings.add("E1003", file=path.name, detail=strange_suffix(suffix))
        return set()
    book = open_workbook(path, path.name, findings)
    if book is None:
        return set()
    tables = {TABLE_INDEX[normalised(n)] for n in book.sheet_names if normalised(n) in TABLE_INDEX}
    if tables or not book.sheet_names:
        return tables
    try:
        sheet = book.sheet(book.sheet_names[0])
    except DamagedWorkbookError as error:
        findings.add("E1009", file=path.name, detail=message_of(error))
        return set()
    return {_fitting(sheet.header) if sheet else ANNUITIES}


def _fitting(header: list[str]) -> str:
    """The table whose columns a header names most of."""
    keys = [normalised(name) for name in header]

    def fit(schema: Schema) -> float:
        found = {schema.header_index[key] for key in keys if key in schema.header_index}
        needed = [column.name for column in schema.columns if column.always]
        return sum(name in found for name in needed) / len(needed) + len(found) / max(len(keys), 1)

    return max(_SCHEMAS, key=fit).table


def _checked(request: CheckRequest, groups: set[str], found: Checked) -> list[Findings]:
    """Findings of each group."""
    path, parts = request.path, []
    if ANNUITIES in groups:
        assert request.valuation_date is not None
        reading = read_annuities(path, valuation_date=request.valuation_date, mapping=request.mapping)
        if reading.records is not None and request.basis is not None:
            add_ages_outside_table(reading, reading.records, load_basis(request.basis))
        found.rows[ANNUITIES] = reading.n_rows
        parts.append(reading.findings)
        if request.basis is None:
            found.notes.append(text("ages were not compared with mortality tables: no --basis"))
    if CONTRACTS in groups:
        parts.append(_contracts(request, groups, found))
    elif CLAIMS in groups:
        parts.append(_claims(request, found, text("there are no contracts to join them to")))
    if HISTORY in groups:
        history = read_history(path, mapping=request.mapping)
        found.rows[HISTORY] = history.n_rows
        parts.append(history.findings)
    found.notes += [
        text("{table}: not checked, nothing reads it yet", table=table)
        for table in sorted(groups - set(GROUPS))
    ]
    return parts


def _contracts(request: CheckRequest, groups: set[str], found: Checked) -> Findings:
    """Contracts, with claims where they are and a date is given."""
    if CLAIMS in groups and request.valuation_date is not None:
        reading = read_experience(request.path, None, request.valuation_date, mapping=request.mapping)
        found.rows |= {CONTRACTS: None, CLAIMS: None}
        return reading.findings
    book = read_contracts(request.path, mapping=request.mapping)
    found.rows[CONTRACTS] = book.n_rows
    if CLAIMS not in groups:
        return book.findings
    own = _claims(request, found, text("give --valuation-date to join them to the contracts"))
    return combined([book.findings, own])


def _claims(request: CheckRequest, found: Checked, why: Text) -> Findings:
    """The cells of claims alone."""
    findings = Findings()
    maps = read_mappings(request.mapping, (CLAIM_SCHEMA,)) if request.mapping else {}
    table, _ = read_table(
        request.path, CLAIM_SCHEMA, findings, mapping=maps.get(CLAIMS, Mapping()), threads=1
    )
    found.rows[CLAIMS] = table.n if table else None
    found.notes.append(text("claims: only the cells were checked; {why}", why=why))
    return findings


def _without_repeats(findings: Findings) -> Findings:
    """The findings without those on a file or sheet that two readers made."""
    seen: set[tuple[Any, ...]] = set()
    groups: list[Group] = []
    for group in findings.groups:
        if group.rows is None:
            key = (
                group.code,
                group.file,
                group.sheet,
                group.row,
                group.column,
                group.cell,
                *group.texts.items(),
            )
            if key in seen:
                continue
            seen.add(key)
        groups.append(group)
    return Findings(groups)
