"""Contracts checked for the labour authority: from tables to the fields of order No 14, or to findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.language import text
from actuarial.payout_law import calendar_date
from actuarial.portfolio.arrow import row_numbers
from actuarial.portfolio.cell import IN_EVERY_ROW
from actuarial.portfolio.contract_check import BookChecker, joined_tables
from actuarial.portfolio.contract_read import BookTable, read_book_tables
from actuarial.portfolio.finding import Findings
from actuarial.portfolio.source import Source
from actuarial.premium.book import BookLaw
from actuarial.premium.choice import resolved_choices
from actuarial.premium.contract_information import ContractInformation, bin_problem, contract_number
from actuarial.record import NO_AMOUNT, NO_DATE

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]

REQUIRED_TEXTS = ("insurer_name", "policyholder_name")
REQUIRED_NUMBERS = ("start_date", "end_date", "premium")


@dataclass(frozen=True)
class InformationReading:
    """What reading contracts for the authority gave.

    Attributes
    ----------
    contracts : list of ContractInformation or None
        None where any finding is an error.
    findings : Findings
    sources : list of Source
    """

    contracts: list[ContractInformation] | None
    findings: Findings
    sources: list[Source]


def read_contract_information(
    path: Path, *, mapping: Path | None = None, threads: int | None = None
) -> InformationReading:
    """Read contracts and check what the authority is told of them.

    Parameters
    ----------
    path : Path
        See `actuarial.portfolio.contract_read.read_book_tables`, which also says what it raises.
    mapping : Path, optional
    threads : int, optional

    Notes
    -----
    Voluntary contracts are left out: the order is about the compulsory ones. The payroll is that of the
    parts, staff lists capped by the law; the premium is the one in the file.
    """
    tables = read_book_tables(path, mapping=mapping, threads=threads)
    if tables.contracts is None or tables.parts is None:
        return InformationReading(None, tables.findings, tables.sources)
    joined = joined_tables(tables)
    checker = BookChecker(tables.contracts, tables.parts, tables, joined, BookLaw(), resolved_choices({}))
    payroll = checker.settle()
    row = joined.row[checker.is_kept]
    _check_fields(tables.contracts, row)
    unknown = checker.is_kept & (checker.n_workers <= 0)
    whose = text("of the contract or of its parts")
    tables.contracts.report("E2001", joined.row[unknown], "n_workers", need=whose)
    if tables.findings.has_errors:
        return InformationReading(None, tables.findings, tables.sources)
    total = np.zeros(joined.n, dtype=np.int64)
    np.add.at(total, joined.of_part[checker.part_in], payroll[checker.part_in])
    kept = checker.is_kept
    found = _information(tables.contracts, row, total[kept], checker.n_workers[kept])
    return InformationReading(found, tables.findings, tables.sources)


def _texts(table: BookTable, name: str, rows: Int64) -> list[str]:
    found: list[str] = table.texts(name).take(row_numbers(rows)).to_pylist()
    return found


def _check_fields(table: BookTable, row: Int64) -> None:
    """Required fields, the БИН, and the order of the dates."""
    for name in REQUIRED_TEXTS:
        blank = [i for i, text in zip(row, _texts(table, name, row), strict=True) if not text.strip()]
        table.report("E2001", np.array(blank, dtype=np.int64), name, need=IN_EVERY_ROW)
    for name in REQUIRED_NUMBERS:
        table.report("E2001", row[table.is_empty(name)[row]], name, need=IN_EVERY_ROW)
    problems: dict[str, list[int]] = {}
    for i, number in zip(row, _texts(table, "bin", row), strict=True):
        problem = bin_problem(number.strip()) if number.strip() else ""
        if problem:
            problems.setdefault(problem, []).append(int(i))
    for problem, rows in problems.items():
        table.report("E3651", np.array(rows, dtype=np.int64), "bin", reason=problem)
    start, end, ended = (table.values(f"{name}_date")[row] for name in ("start", "end", "termination"))
    signed = table.values("contract_date")[row]
    has_end, is_ended = end != NO_DATE, ended != NO_DATE
    outside = is_ended & (((start != NO_DATE) & (ended < start)) | (has_end & (ended > end)))
    table.report("E3652", row[outside], "termination_date", also=("end_date",))
    reasons = np.array(
        [bool(text.strip()) for text in _texts(table, "termination_reason", row)], dtype=np.bool_
    )
    table.report("E3653", row[is_ended != reasons], "termination_date")
    table.report(
        "E3654", row[has_end & (signed != NO_DATE) & (signed > end)], "contract_date", also=("end_date",)
    )
    premium, paid = table.values("premium")[row], table.values("premium_paid")[row]
    over = (premium != NO_AMOUNT) & (paid != NO_AMOUNT) & (paid > premium)
    table.report("W3651", row[over], "premium_paid", also=("premium",))


def _information(table: BookTable, row: Int64, payroll: Int64, n_workers: Int64) -> list[ContractInformation]:
    def dates(name: str) -> list[Any]:
        days = table.values(name)[row].tolist()
        return [None if day == NO_DATE else calendar_date(day) for day in days]

    numbers = map(contract_number, _texts(table, "contract_id", row), _texts(table, "series", row))
    columns = (
        _texts(table, "insurer_name", row),
        numbers,
        _texts(table, "policyholder_name", row),
        dates("contract_date"),
        dates("start_date"),
        dates("end_date"),
        _texts(table, "termination_reason", row),
        dates("termination_date"),
        payroll.tolist(),
        table.values("premium")[row].tolist(),
        n_workers.tolist(),
    )
    return [ContractInformation(*fields) for fields in zip(*columns, strict=True)]
