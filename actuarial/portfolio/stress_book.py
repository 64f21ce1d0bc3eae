"""A book of contracts for stress tests: what premiums need, workers of each part, staff lists to cap anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actuarial.money import TIYN, rounded_tiyn
from actuarial.portfolio.contract_check import PREMIUM_COLUMNS, Book, BookChecker, checked_book, joined_tables
from actuarial.portfolio.contract_read import BookTable, BookTables, read_book_tables
from actuarial.portfolio.finding import Findings
from actuarial.premium.book import BookLaw
from actuarial.premium.choice import resolved_choices
from actuarial.premium.record import ContractRecords
from actuarial.record import NO_AMOUNT
from actuarial.stress.contract_stress import ContractBook

Int64 = NDArray[np.int64]


def read_stress_book(
    path: Path,
    choices: Mapping[str, str] | None = None,
    *,
    mapping: Path | None = None,
    threads: int | None = None,
) -> tuple[Book, ContractBook | None]:
    """Read and check a book of compulsory contracts.

    Parameters and errors are those of `actuarial.portfolio.contract_check.read_contracts`.

    Returns
    -------
    Book
    ContractBook or None
        None where anything is an error.
    """
    resolved = resolved_choices(choices or {})
    tables = read_book_tables(path, wanted=PREMIUM_COLUMNS, mapping=mapping, threads=threads)
    book = checked_book(tables, resolved)
    if book.records is None:
        return book, None

    def recapped(law: BookLaw, factor: Fraction) -> ContractRecords | None:
        fresh = _with_wages(tables, factor)
        assert fresh.contracts is not None
        assert fresh.parts is not None
        joined = joined_tables(fresh)
        records = BookChecker(fresh.contracts, fresh.parts, fresh, joined, law, resolved).run()
        return None if fresh.findings.has_errors else records

    return book, ContractBook(
        book.records,
        resolved,
        _part_workers(tables, book, book.records),
        None if tables.staff is None else recapped,
    )


def _part_workers(tables: BookTables, book: Book, records: ContractRecords) -> Int64:
    """Workers of each part: its own number, or the contract's where it is the only one; 0 unknown."""
    assert tables.parts is not None
    counts = np.diff(records.part_start)
    own = tables.parts.values("n_workers")[book.part_row].astype(np.int64)
    alone = np.repeat(np.where(counts == 1, records.n_workers, 0), counts)
    return np.maximum(np.where(own > 0, own, alone), 0)


def _with_wages(tables: BookTables, factor: Fraction) -> BookTables:
    """Tables with wages, payrolls and insured sums times a factor, and findings of their own."""
    amounts = ("annual_payroll", "insured_sum")
    contracts = _fresh(tables.contracts, amounts, factor)
    parts = contracts if tables.is_flat else _fresh(tables.parts, amounts, factor)
    return replace(
        tables,
        contracts=contracts,
        parts=parts,
        staff=_fresh(tables.staff, ("monthly_income",), factor),
        accidents=_fresh(tables.accidents, (), factor),
        file_findings=Findings(),
    )


def _fresh(table: BookTable | None, columns: tuple[str, ...], factor: Fraction) -> BookTable | None:
    if table is None:
        return None
    values = dict(table.parsed.values)
    for name in columns:
        if name in values:
            amounts = values[name]
            scaled = rounded_tiyn(np.maximum(amounts, 0) / TIYN * float(factor))
            values[name] = np.where(amounts == NO_AMOUNT, amounts, scaled)
    return BookTable(table.schema, replace(table.parsed, values=values), table.present, Findings())
