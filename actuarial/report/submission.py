"""Contract information as files: CSV, XLSX and JSON with the fields of order No 14 and nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from actuarial.money import TIYN, tenge_text
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.finding import Findings, format_findings
from actuarial.portfolio.information_check import read_contract_information
from actuarial.premium.contract_information import FIELDS, ContractInformation
from actuarial.report.run_folder import SCHEMA_VERSION, refuse_taken, run_folder

STEM = "contract-information"
_AMOUNTS = ("annual_payroll", "premium")
_WIDTH = 24


@dataclass(frozen=True)
class Submission:
    """Checked contract information.

    Attributes
    ----------
    contracts : list of ContractInformation or None
        None where the data have errors.
    findings : Findings
    files : list of Path
        What was written; empty in a dry run.
    text : str
        Findings for the screen, empty where there are none.
    """

    contracts: list[ContractInformation] | None
    findings: Findings
    files: list[Path]
    text: str

    def totals(self) -> dict[str, Any]:
        """Number of contracts and sums over them, amounts as text."""
        found = self.contracts or []
        return {
            "contracts": len(found),
            "annual_payroll": tenge_text(sum(c.annual_payroll for c in found)),
            "premium": tenge_text(sum(c.premium for c in found)),
            "n_workers": sum(c.n_workers for c in found),
            "terminated": sum(c.termination_date is not None for c in found),
        }

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "command": "submit",
            "totals": self.totals(),
            "findings": self.findings.codes(),
            "files": [str(path) for path in self.files],
            "dry_run": not self.files,
        }


def submit(
    contracts: Path,
    target: Path | None,
    *,
    mapping: Path | None = None,
    replace: bool = False,
) -> Submission:
    """Check contract information and, where ``target`` is given and nothing is wrong, write it there.

    Parameters
    ----------
    contracts : Path
        Contracts as `read_contract_information` takes them.
    target : Path, optional
        Folder for the three files; None is a dry run. On bad data ``checks.xlsx`` is written there alone.
    mapping : Path, optional
    replace : bool
        Whether earlier files of this command in ``target`` may be replaced.

    Raises
    ------
    actuarial.report.run_folder.OutputError
        E8001: the folder holds other files, or an earlier submission without ``replace``.
    """
    if target is not None:
        refuse_taken(target, replace=replace)
    reading = read_contract_information(contracts, mapping=mapping)
    text = format_findings(reading.findings) if len(reading.findings) else ""
    files: list[Path] = []
    if target is not None:
        with run_folder(target, replace=replace) as folder:
            if reading.contracts is None:
                write_checks(reading.findings, folder / "checks.xlsx")
            else:
                write_csv(folder / f"{STEM}.csv", reading.contracts)
                write_xlsx(folder / f"{STEM}.xlsx", reading.contracts)
                write_json_rows(folder / f"{STEM}.json", reading.contracts)
                files = [target / f"{STEM}.{suffix}" for suffix in ("csv", "xlsx", "json")]
    return Submission(reading.contracts, reading.findings, files, text)


def _plain(contract: ContractInformation, name: str) -> str | int:
    """A field as text: ISO dates, tenge with two decimals; the number of workers as a number."""
    value = getattr(contract, name)
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if name in _AMOUNTS:
        return tenge_text(value)
    return value if isinstance(value, int) else str(value)


def write_csv(path: Path, contracts: Sequence[ContractInformation]) -> None:
    """Write CSV in UTF-8 with a byte order mark, so that Excel shows Cyrillic letters."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(heading for _, heading in FIELDS)
        for contract in contracts:
            writer.writerow(_safe(_plain(contract, name)) for name, _ in FIELDS)


def _safe(value: str | int) -> str | int:
    """A text that a spreadsheet would take for a formula is led by an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def write_xlsx(path: Path, contracts: Sequence[ContractInformation]) -> None:
    """Write one sheet: dates as dates, amounts and counts as numbers, everything else as text."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(STEM)
        bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        money = book.add_format({"num_format": "# ##0.00"})
        for column, (_, heading) in enumerate(FIELDS):
            sheet.set_column(column, column, _WIDTH)
            sheet.write_string(0, column, heading, bold)
        sheet.freeze_panes(1, 0)
        for row, contract in enumerate(contracts, start=1):
            for column, (name, _) in enumerate(FIELDS):
                value = getattr(contract, name)
                if isinstance(value, date):
                    sheet.write_datetime(row, column, value, day)
                elif name in _AMOUNTS:
                    sheet.write_number(row, column, value / TIYN, money)
                elif isinstance(value, int):
                    sheet.write_number(row, column, value)
                elif value:
                    sheet.write_string(row, column, value)


def write_json_rows(path: Path, contracts: Sequence[ContractInformation]) -> None:
    """Write a list of objects with the eleven keys; empty fields are null."""
    rows = [{name: _plain(contract, name) or None for name, _ in FIELDS} for contract in contracts]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
