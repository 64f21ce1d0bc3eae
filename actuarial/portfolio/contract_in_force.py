"""A book of contracts for the simulation of new claims: what premiums need, and who works in each part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from actuarial.new_claim.exposure import ContractsInForce, part_keys
from actuarial.portfolio.contract_check import PREMIUM_COLUMNS, Book, checked_book
from actuarial.portfolio.contract_read import BookTables, read_book_tables
from actuarial.premium.choice import resolved_choices
from actuarial.premium.record import ContractRecords
from actuarial.record import NO_DATE

COLUMNS = (*PREMIUM_COLUMNS, "ceded_share", "termination_date")
"""Columns of contracts that the simulation of new claims looks at."""


def read_contracts_in_force(
    path: Path,
    choices: Mapping[str, str] | None = None,
    *,
    mapping: Path | None = None,
    threads: int | None = None,
) -> tuple[Book, ContractsInForce | None]:
    """Read and check a book of compulsory contracts with its headcounts.

    Parameters
    ----------
    path : Path
        As in `actuarial.portfolio.contract_check.read_contracts`, which also says what it raises.
    choices : mapping of str to str, optional
    mapping : Path, optional
    threads : int, optional

    Returns
    -------
    Book
        Its findings include those on headcounts, terminations and shares.
    ContractsInForce or None
        None where anything is an error.
    """
    tables = read_book_tables(path, wanted=COLUMNS, mapping=mapping, threads=threads)
    book = checked_book(tables, resolved_choices(choices or {}))
    records = book.records
    if records is None:
        return book, None
    workers = _part_workers(tables, book, records)
    contracts, rows = tables.contracts, book.contract_row
    assert contracts is not None
    ended = contracts.values("termination_date")[rows]
    is_ended = ended != NO_DATE
    outside = is_ended & ((ended < records.start_date) | (ended > records.end_date + 1))
    contracts.report("E3652", rows[outside], "termination_date")
    share = contracts.values("ceded_share")[rows]
    findings = tables.findings
    if findings.has_errors:
        return replace(book, records=None, findings=findings), None
    keys = part_keys(records.contract_id, records.part_start, book.part_name)
    return replace(book, findings=findings), ContractsInForce(
        records, workers, keys, np.nan_to_num(share), ended.astype(np.int32)
    )


def _part_workers(
    tables: BookTables, book: Book, records: ContractRecords
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Workers of each part: its own number, or the contract's where it is the only one."""
    assert tables.parts is not None
    counts = np.diff(records.part_start)
    own = tables.parts.values("n_workers")[book.part_row].astype(np.int64)
    alone = np.repeat(np.where(counts == 1, records.n_workers, 0), counts)
    found = np.where(own > 0, own, alone)
    missing = found <= 0
    column = "n_workers" if "n_workers" in tables.parts.present else "contract_id"
    tables.parts.report("E3655", book.part_row[missing], column)
    return np.maximum(found, 1)
