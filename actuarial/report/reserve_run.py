"""One reserve run from files to a run folder: read, check, value, write.

Nothing is written under the folder's name before everything is complete; a portfolio with findings leaves
``checks.xlsx`` there and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from actuarial import __version__
from actuarial.basis import Basis, load_basis
from actuarial.language import text, texts
from actuarial.money import tenge_text
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.read import Reading, read_annuities
from actuarial.projection import outside_table
from actuarial.record import SEXES, AnnuityRecords
from actuarial.report.repeat import recorded
from actuarial.report.reserve_report import ReserveFigures, write_reserve_report
from actuarial.report.run import Clock, FinishedRun, RefusedRun, mapping_source, refused_run, run_warnings
from actuarial.report.run_folder import (
    SCHEMA_VERSION,
    refuse_inputs_inside,
    refuse_taken,
    run_folder,
    write_cash_flows,
    write_json,
    write_results,
)
from actuarial.reserve import annuity_reserve, totals_by_group

LIMITATIONS = texts((
    "The certified measure leaves out extensions of certificates that the insurer must write: it is not a "
    "sufficient reserve by itself.",
    "The ГФСС payment stays as awarded when the degree changes, unless the basis says 'proportional'.",
    "Additional expenses are neither discounted nor indexed.",
    "Formulas are general actuarial practice; no compliance with prudential or accounting acts is claimed.",
))  # fmt: skip


@dataclass(frozen=True)
class ReserveRun(FinishedRun):
    """A finished run.

    Attributes
    ----------
    groups : list of (product, beneficiary, band, count, amounts [tiyn])
    totals : dict of str to int [tiyn]
    """

    ANSWER = (
        "schema_version",
        "command",
        "valuation_date",
        "basis_name",
        "records",
        "totals",
        "groups",
        "warnings",
    )

    groups: list[tuple[str, str, str, int, dict[str, int]]]
    totals: dict[str, int]


@dataclass(frozen=True)
class ReserveRequest:
    """What to value and where to put it.

    Attributes
    ----------
    portfolio : Path
        File, workbook or folder with the table ``annuities``.
    valuation_date : date
    basis : str
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
    with_report : bool
        Whether ``report.html`` and ``report.xlsx`` are written.
    company : str
        The insurer, at the head of the report.
    """

    portfolio: Path
    valuation_date: date
    basis: str
    target: Path
    mapping: Path | None = None
    seriatim_format: str | None = "parquet"
    threads: int | None = None
    replace: bool = False
    with_report: bool = True
    company: str = ""


def run_reserve(
    request: ReserveRequest, announce: Callable[[str], None] = lambda step: None
) -> ReserveRun | RefusedRun:
    """Value a portfolio file and write the run folder.

    Parameters
    ----------
    request : ReserveRequest
    announce : callable
        Told each step as it begins.

    Returns
    -------
    ReserveRun or RefusedRun
        RefusedRun when the data have findings of severity error.
    """
    target = request.target
    refuse_inputs_inside(target, (request.portfolio, Path(request.basis), request.mapping))
    refuse_taken(target, replace=request.replace)
    clock = Clock(announce)
    announce(text("reading the basis"))
    basis = load_basis(request.basis)
    clock.done("basis", text("reading {file}", file=request.portfolio.name))
    reading = read_annuities(
        request.portfolio,
        valuation_date=request.valuation_date,
        mapping=request.mapping,
        threads=request.threads,
    )
    if reading.records is not None:
        add_ages_outside_table(reading, reading.records, basis)
    clock.done("read and check", text("valuing"))
    if reading.records is None or reading.findings.has_errors:
        return refused_run(
            "reserve", reading.findings, target, text("Nothing was valued."), replace=request.replace
        )

    law = PayoutLaw()
    valuation = annuity_reserve(
        reading.records, basis, request.valuation_date, threads=request.threads, law=law
    )
    groups = totals_by_group(valuation, reading.records)
    clock.done("value", text("writing"))
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "command": "reserve",
        "engine_version": __version__,
        "valuation_date": request.valuation_date.isoformat(),
        "basis_name": basis.name,
        "records": len(reading.records),
        "totals": _written(valuation.totals()),
        "groups": [
            {"product": p, "beneficiary": b, "band": band, "records": n, **_written(amounts)}
            for p, b, band, n, amounts in groups
        ],
        "warnings": run_warnings(basis, law, reading.findings),
        "limitations": list(LIMITATIONS),
        "request": recorded(request),
        "inputs": [asdict(source) for source in reading.sources] + mapping_source(request.mapping),
        "basis": {"asked": request.basis, **basis.resolved()},
        "law": law.used(),
        "outputs": {},
        "seconds": clock.seconds,
        "threads": request.threads or os.cpu_count() or 1,
        "python": platform.python_version(),
    }
    with run_folder(target, replace=request.replace) as folder:
        figures = ReserveFigures(
            record, reading.records, valuation, groups, reading.findings, request.seriatim_format is not None
        )
        record["outputs"] = _write_tables(folder, request, figures)
        clock.done("write", text("finishing"))
        write_json(folder / "run.json", record)
        _write_log(folder / "run.log", record)
    return ReserveRun(target, record, reading.findings, groups, valuation.totals())


def _write_tables(folder: Path, request: ReserveRequest, figures: ReserveFigures) -> dict[str, str]:
    """Write the tables and reports of the run folder; SHA-256 by file name."""
    records, valuation = figures.records, figures.valuation
    with ThreadPoolExecutor(1) as pool:
        # the rows a record are most of the work and are written outside the interpreter
        rows = (
            pool.submit(write_results, folder, records, valuation, request.seriatim_format)
            if request.seriatim_format
            else None
        )
        files = [write_cash_flows(folder, valuation.flow)]
        if len(figures.findings):
            write_checks(figures.findings, folder / "checks.xlsx")
        if request.with_report:
            files += write_reserve_report(folder, figures)
        if rows:
            files.append(rows.result())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _written(amounts: dict[str, int]) -> dict[str, str]:
    return {name: tenge_text(amount) for name, amount in amounts.items()}


def add_ages_outside_table(reading: Reading, records: AnnuityRecords, basis: Basis) -> None:
    """Find the records whose age the basis' tables do not cover (E3501)."""
    outside = outside_table(records, basis)
    for code, sex in enumerate(SEXES):
        table = basis.tables[sex]
        span = f"{table.id} ({table.first_age}-{table.last_age})"
        reading.findings.add_rows("E3501", outside & (records.sex == code), "birth_date", detail=span)


def _write_log(path: Path, record: dict[str, Any]) -> None:
    """A log for people: what was read, what was found, how long it took. No personal data."""
    lines = [f"actuarial {record['engine_version']} reserve, valuation date {record['valuation_date']}"]
    lines += [f"input {source['path']}: {source['sha256']}" for source in record["inputs"]]
    lines.append(
        f"basis {record['basis']['asked']}, {record['records']} records, {record['threads']} threads"
    )
    lines += [f"warning: {warning}" for warning in record["warnings"]]
    lines += [f"total {name}: {amount}" for name, amount in record["totals"].items()]
    lines += [f"{step}: {seconds:.3f} s" for step, seconds in record["seconds"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
