"""One reserve run from files to a run folder: read, check, value, write.

Nothing is written under the folder's name before everything is complete; a portfolio with findings leaves
``checks.xlsx`` there and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from actuarial import __version__
from actuarial.basis import Basis, load_basis
from actuarial.money import tenge_text
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.finding import Findings, format_findings
from actuarial.portfolio.read import Reading, read_annuities
from actuarial.projection import outside_table
from actuarial.record import SEXES, AnnuityRecords
from actuarial.report.run_folder import (
    SCHEMA_VERSION,
    refuse_taken,
    results_table,
    run_folder,
    write_cash_flows,
    write_json,
    write_results,
)
from actuarial.reserve import Valuation, annuity_reserve, totals_by_group

LIMITATIONS = (
    "The certified measure leaves out extensions of certificates that the insurer must write: it is not a "
    "sufficient reserve by itself.",
    "The ГФСС payment stays as awarded when the degree changes, unless the basis says 'proportional'.",
    "Additional expenses are neither discounted nor indexed.",
    "Formulas are general actuarial practice; no compliance with prudential or accounting acts is claimed.",
)


@dataclass(frozen=True)
class ReserveRun:
    """A finished run.

    Attributes
    ----------
    folder : Path
    record : dict
        The content of ``run.json``.
    groups : list of (product, beneficiary, band, count, amounts [tiyn])
    totals : dict of str to int [tiyn]
    warning_text : str
        Warnings for the screen, grouped; empty when there are none.
    """

    folder: Path
    record: dict[str, Any]
    groups: list[tuple[str, str, str, int, dict[str, int]]]
    totals: dict[str, int]
    warning_text: str

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        keys = (
            "schema_version",
            "command",
            "valuation_date",
            "basis_name",
            "records",
            "totals",
            "groups",
            "warnings",
        )
        return {key: self.record[key] for key in keys} | {"run_folder": str(self.folder)}


@dataclass(frozen=True)
class RefusedRun:
    """A portfolio with findings: nothing was valued."""

    folder: Path
    findings: Findings
    text: str

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "command": "reserve",
            "findings": self.findings.codes(),
            "checks": str(self.folder / "checks.xlsx"),
        }


@dataclass
class _Clock:
    """Seconds of each step."""

    announce: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def done(self, step: str, following: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = round(now - self._since, 3)
        self._since = now
        self.announce(following)


def run_reserve(
    portfolio: Path,
    valuation_date: date,
    basis_name: str,
    target: Path,
    *,
    mapping: Path | None = None,
    seriatim_format: str | None = "parquet",
    threads: int | None = None,
    replace: bool = False,
    announce: Callable[[str], None] = lambda step: None,
) -> ReserveRun | RefusedRun:
    """Value a portfolio file and write the run folder.

    Parameters
    ----------
    portfolio : Path
        File, workbook or folder with the table ``annuities``.
    valuation_date : date
    basis_name : str
        Shipped name or file.
    target : Path
        Run folder to create.
    mapping : Path, optional
        Column mapping.
    seriatim_format : {'parquet', 'csv', None}
        Format of the rows a record; None writes totals only.
    threads : int, optional
    replace : bool
        Whether an earlier run in ``target`` may be replaced.
    announce : callable
        Told each step as it begins.

    Returns
    -------
    ReserveRun or RefusedRun
        RefusedRun when the data have findings of severity error.
    """
    refuse_taken(target, replace=replace)
    clock = _Clock(announce)
    announce("reading the basis")
    basis = load_basis(basis_name)
    clock.done("basis", f"reading {portfolio.name}")
    reading = read_annuities(portfolio, valuation_date=valuation_date, mapping=mapping, threads=threads)
    if reading.records is not None:
        _add_ages_outside_table(reading, reading.records, basis)
    clock.done("read and check", "valuing")
    if reading.records is None or reading.findings.has_errors:
        return _refused(reading, target, replace)

    law = PayoutLaw()
    valuation = annuity_reserve(reading.records, basis, valuation_date, threads=threads, law=law)
    groups = totals_by_group(valuation, reading.records)
    clock.done("value", "writing")
    with run_folder(target, replace=replace) as folder:
        record = _write(
            folder,
            reading,
            reading.records,
            basis,
            basis_name,
            valuation,
            groups,
            law,
            valuation_date,
            seriatim_format,
            threads,
            clock,
        )
    return ReserveRun(target, record, groups, valuation.totals(), _warning_text(reading))


def _warning_text(reading: Reading) -> str:
    return format_findings(reading.findings) if len(reading.findings) else ""


def _add_ages_outside_table(reading: Reading, records: AnnuityRecords, basis: Basis) -> None:
    outside = outside_table(records, basis)
    for code, sex in enumerate(SEXES):
        table = basis.tables[sex]
        span = f"{table.id} ({table.first_age}-{table.last_age})"
        reading.findings.add_rows("E3501", outside & (records.sex == code), "birth_date", detail=span)


def _refused(reading: Reading, target: Path, replace: bool) -> RefusedRun:
    with run_folder(target, replace=replace) as folder:
        write_checks(reading.findings, folder / "checks.xlsx")
    text = format_findings(reading.findings)
    return RefusedRun(
        target, reading.findings, f"{text}\nNothing was valued. All findings: {target / 'checks.xlsx'}"
    )


def _write(
    folder: Path,
    reading: Reading,
    records: AnnuityRecords,
    basis: Basis,
    basis_name: str,
    valuation: Valuation,
    groups: list[tuple[str, str, str, int, dict[str, int]]],
    law: PayoutLaw,
    valuation_date: date,
    seriatim_format: str | None,
    threads: int | None,
    clock: _Clock,
) -> dict[str, Any]:
    """Fill the run folder and return the content of ``run.json``."""
    with ThreadPoolExecutor(1) as pool:
        # the rows a record are most of the work and are written outside the interpreter
        rows = (
            pool.submit(write_results, folder, results_table(records, valuation), seriatim_format)
            if seriatim_format
            else None
        )
        files = [write_cash_flows(folder, valuation.flow)]
        if len(reading.findings):
            write_checks(reading.findings, folder / "checks.xlsx")
        if rows:
            files.append(rows.result())
    clock.done("write", "finishing")
    totals = {name: tenge_text(amount) for name, amount in valuation.totals().items()}
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "command": "reserve",
        "engine_version": __version__,
        "valuation_date": valuation_date.isoformat(),
        "basis_name": basis.name,
        "records": len(records),
        "totals": totals,
        "groups": [
            {
                "product": p,
                "beneficiary": b,
                "band": band,
                "records": n,
                **{k: tenge_text(v) for k, v in amounts.items()},
            }
            for p, b, band, n, amounts in groups
        ],
        "warnings": _warnings(reading, basis, law),
        "limitations": list(LIMITATIONS),
        "inputs": [asdict(source) for source in reading.sources],
        "basis": {"asked": basis_name, **basis.resolved()},
        "law": law.used(),
        "outputs": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        "seconds": clock.seconds,
        "threads": threads or os.cpu_count() or 1,
        "python": platform.python_version(),
    }
    write_json(folder / "run.json", record)
    _write_log(folder / "run.log", record)
    return record


def _warnings(reading: Reading, basis: Basis, law: PayoutLaw) -> list[str]:
    warnings = []
    if basis.is_illustrative:
        warnings.append(f"The basis {basis.name} is illustrative: {basis.assumptions.note}")
    warnings += [
        f"{name}: projected with the basis' growth, not enacted: {days}"
        for name, days in law.projected().items()
    ]
    warnings += [f"{code}: {count} rows" for code, count in reading.findings.codes().items()]
    return warnings


def _write_log(path: Path, record: dict[str, Any]) -> None:
    """A log for people: what was read, what was found, how long it took. No personal data."""
    lines = [f"actuarial {record['engine_version']} reserve, valuation date {record['valuation_date']}"]
    lines += [f"input {source['path']}: {source['sha256']}" for source in record["inputs"]]
    lines.append(
        f"basis {record['basis']['asked']}, {record['records']} records, {record['threads']} threads"
    )
    lines += [f"warning: {text}" for text in record["warnings"]]
    lines += [f"total {name}: {amount}" for name, amount in record["totals"].items()]
    lines += [f"{step}: {seconds:.3f} s" for step, seconds in record["seconds"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
