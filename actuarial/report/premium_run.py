"""One premium run from files to a run folder: read, check, price, compare with what was charged, write.

Nothing is written under the folder's name before everything is complete; a book with findings leaves
``checks.xlsx`` there and nothing else.
"""

from __future__ import annotations

import csv
import hashlib
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from actuarial import __version__
from actuarial.language import text
from actuarial.money import exact_total, tenge_text
from actuarial.portfolio.arrow import first_equal, row_numbers
from actuarial.portfolio.contract_check import Book, read_contracts
from actuarial.premium.book import BookPremium, book_premiums
from actuarial.premium.compulsory import explained_choices
from actuarial.premium.record import HUNDREDTHS, NO_COUNT, ContractRecords
from actuarial.report.premium_report import PremiumFigures, write_premium_report
from actuarial.report.repeat import recorded
from actuarial.report.run import Clock, FinishedRun, RefusedRun, finding_warnings, mapping_source, refused_run
from actuarial.report.run_folder import (
    SCHEMA_VERSION,
    decimal_array,
    refuse_inputs_inside,
    refuse_taken,
    run_folder,
    write_json,
)

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

RESULT_COLUMNS = (
    "contract_id",
    "annual_payroll",
    "insured_sum",
    "base_premium",
    "minimum_applied",
    "correction_coefficient",
    "discount",
    "premium",
    "premium_charged",
    "difference",
)
TOTALS = ("annual_payroll", "insured_sum", "base_premium", "premium")
MOST_NAMED = 5
MOST_GROUPS = 1000
FACTOR_DIGITS = 4
_LOW_BITS = 32

LIMITATIONS = (
    text("Premiums are those of OSNS Law 17 and 17-1 as on record in tariffs/, under the choices above."),
    text("A difference is premium charged minus premium of the law: above 0 is charged too much."),
    text("Changes inside the term, early termination and refunds are not in the book: see actuarial quote."),
)


@dataclass(frozen=True)
class Comparison:
    """Contracts charged more or less than the law says.

    Attributes
    ----------
    n_charged, n_over, n_under : int
        Contracts with a premium charged; charged too much; too little.
    over, under : int [tiyn]
        Sums of the differences, both not negative.
    largest : list of (str, int [tiyn])
        Contracts with the largest differences, either way.
    """

    n_charged: int
    n_over: int
    n_under: int
    over: int
    under: int
    largest: list[tuple[str, int]]

    def as_json(self) -> dict[str, Any]:
        """Plain values, amounts as text."""
        return {
            "charged": self.n_charged,
            "overcharged": self.n_over,
            "undercharged": self.n_under,
            "overcharged_by": tenge_text(self.over),
            "undercharged_by": tenge_text(self.under),
            "largest": [{"contract_id": name, "difference": tenge_text(d)} for name, d in self.largest],
        }


@dataclass(frozen=True)
class PremiumRun(FinishedRun):
    """A finished run.

    Attributes
    ----------
    totals : dict of str to int [tiyn]
    groups : dict of str to list of (str, int, dict of str to int [tiyn])
        By class, region and part: name, parts, amounts.
    comparison : Comparison
    """

    ANSWER = (
        "schema_version",
        "command",
        "contracts",
        "parts",
        "totals",
        "groups",
        "comparison",
        "warnings",
    )

    totals: dict[str, int]
    groups: dict[str, list[tuple[str, int, dict[str, int]]]]
    comparison: Comparison


def run_premium(
    contracts: Path,
    target: Path,
    choices: Mapping[str, str] | None = None,
    *,
    mapping: Path | None = None,
    seriatim_format: str | None = "parquet",
    with_parts: bool = False,
    threads: int | None = None,
    replace: bool = False,
    with_report: bool = True,
    company: str = "",
    announce: Callable[[str], None] = lambda step: None,
) -> PremiumRun | RefusedRun:
    """Price a book of contracts and write the run folder.

    Parameters
    ----------
    contracts : Path
        Workbook or folder with the tables of contracts, or one flat file.
    target : Path
        Run folder to create.
    choices : mapping of str to str, optional
        Of `actuarial.premium.choice.CHOICES`.
    mapping : Path, optional
        Column mapping, by table.
    seriatim_format : {'parquet', 'csv', None}
        Format of the rows a contract; None writes totals only.
    with_parts : bool
        Whether ``parts.parquet`` is written too: class, tariff, sums and premium of each part.
    threads : int, optional
    replace : bool
        Whether an earlier run in ``target`` may be replaced.
    with_report : bool
        Whether ``report.html`` and ``report.xlsx`` are written.
    company : str
        The insurer, at the head of the report.
    announce : callable
        Told each step as it begins.

    Returns
    -------
    PremiumRun or RefusedRun
    """
    refuse_inputs_inside(target, (contracts, mapping))
    refuse_taken(target, replace=replace)
    clock = Clock(announce)
    announce(text("reading {file}", file=contracts.name))
    book = read_contracts(contracts, choices, mapping=mapping, threads=threads)
    clock.done("read and check", text("pricing"))
    if book.records is None:
        return refused_run("premium", book.findings, target, text("Nothing was priced."), replace=replace)
    premium = book_premiums(book.records, book.choices, law=book.law, threads=threads)
    clock.done("price", text("adding up"))
    totals = {name: exact_total(getattr(premium, name)) for name in TOTALS}
    groups = _groups(book, book.records, premium)
    comparison = _comparison(book.records, premium)
    clock.done("total", text("writing"))
    record = _record(book, book.records, premium, totals, groups, comparison, mapping, threads, clock)
    asked: dict[str, Any] = {
        "contracts": contracts,
        "choices": choices,
        "mapping": mapping,
        "with_parts": with_parts,
    }
    asked |= {"seriatim_format": seriatim_format, "with_report": with_report, "company": company}
    record["request"] = recorded(asked)
    with run_folder(target, replace=replace) as folder, ThreadPoolExecutor(1) as pool:
        rows: list[Future[Path]] = []
        reports: list[Path] = []
        results = results_table(book.records, premium) if seriatim_format else None
        # rows are written outside the interpreter, while the reports are made
        if results is not None and seriatim_format:
            rows.append(pool.submit(_write_table, folder, "results", results, seriatim_format))
        if with_parts:
            parts = parts_table(book, book.records, premium)
            rows.append(pool.submit(_write_table, folder, "parts", parts, "parquet"))
        if with_report:
            figures = PremiumFigures(record, premium, totals, groups, comparison, book.findings, results)
            reports = write_premium_report(folder, figures)
        files = [_write_totals(folder, groups), *(written.result() for written in rows), *reports]
        record["outputs"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        clock.done("write", text("finishing"))
        write_json(folder / "run.json", record)
        _write_log(folder / "run.log", record)
    return PremiumRun(target, record, book.findings, totals, groups, comparison)


def _sums(amounts: Int64, codes: Int64, n: int) -> list[int]:
    """Sums of whole tiyn by group as Python integers, exact whatever their size."""
    high, low = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    np.add.at(high, codes, amounts >> _LOW_BITS)
    np.add.at(low, codes, amounts & ((1 << _LOW_BITS) - 1))
    return [(h << _LOW_BITS) + w for h, w in zip(high.tolist(), low.tolist(), strict=True)]


def _groups(
    book: Book, records: ContractRecords, premium: BookPremium
) -> dict[str, list[tuple[str, int, dict[str, int]]]]:
    """Totals by class, by region and by part."""
    keys: dict[str, tuple[list[str], Int64]] = {}
    classes = np.unique(records.part_class)
    keys["risk_class"] = [str(number) for number in classes], np.searchsorted(classes, records.part_class)
    for name, texts in (("region", book.region), ("part", book.part_name)):
        if texts is not None:
            keys[name] = _coded(texts)
    amounts = {
        "annual_payroll": records.part_payroll,
        "insured_sum": premium.part_insured_sum,
        "base_premium": premium.part_base,
        "premium": premium.part_premium,
    }
    found = {}
    for key, (names, codes) in keys.items():
        if len(names) > MOST_GROUPS:
            # as many names as parts are no groups; parts.parquet has each
            continue
        counts = np.bincount(codes, minlength=len(names)).tolist()
        columns = {name: _sums(column, codes, len(names)) for name, column in amounts.items()}
        found[key] = [
            (names[k], counts[k], {name: column[k] for name, column in columns.items()})
            for k in sorted(range(len(names)), key=lambda k: (key != "risk_class" and names[k], k))
        ]
    return found


def _coded(texts: Any) -> tuple[list[str], Int64]:
    """Distinct texts and which of them each row has."""
    first = first_equal(texts)
    distinct = np.flatnonzero(first == np.arange(len(first)))
    number = np.zeros(len(first), dtype=np.int64)
    number[distinct] = np.arange(distinct.size)
    shown = distinct[: MOST_GROUPS + 1]
    return [str(text) for text in texts.take(row_numbers(shown)).to_pylist()], number[first]


def _comparison(records: ContractRecords, premium: BookPremium) -> Comparison:
    difference = premium.difference(records)
    over, under = difference > 0, difference < 0
    at = np.flatnonzero(over | under)
    if at.size > MOST_NAMED:
        size = np.abs(difference[at])
        least = np.partition(size, -MOST_NAMED)[-MOST_NAMED]
        at = at[size >= least]
    at = at[np.argsort(-np.abs(difference[at]), kind="stable")][:MOST_NAMED]
    names = records.contract_id.take(row_numbers(at)).to_pylist()  # type: ignore[attr-defined]
    return Comparison(
        n_charged=int((records.premium_charged != NO_COUNT).sum()),
        n_over=int(over.sum()),
        n_under=int(under.sum()),
        over=exact_total(difference[over]),
        under=-exact_total(difference[under]),
        largest=list(zip(names, difference[at].tolist(), strict=True)),
    )


def decimal_column(values: Int64, digits: int, is_null: Bool | None = None) -> pa.Array:
    """Whole numbers of the last digit as decimal128(18, digits), without arithmetic; some of them null."""
    words = np.empty((values.shape[0], 2), dtype=np.int64)
    words[:, 0] = values
    words[:, 1] = values >> 63  # the sign fills the upper half
    valid = None
    if is_null is not None and is_null.any():
        valid = pa.py_buffer(np.packbits(~is_null, bitorder="little"))
    return pa.Array.from_buffers(pa.decimal128(18, digits), values.shape[0], [valid, pa.py_buffer(words)])


def _bool_array(values: Bool) -> pa.Array:
    bits = pa.py_buffer(np.packbits(values, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), values.shape[0], [None, bits])


def results_table(records: ContractRecords, premium: BookPremium) -> pa.Table:
    """One row a contract, in the order of the file, columns `RESULT_COLUMNS`.

    The coefficient is null where the history is unknown, what was charged and the difference where the file
    has no premium. Discounts are fractions.
    """
    no_charge = records.premium_charged == NO_COUNT
    unknown = premium.correction_coefficient == NO_COUNT
    columns = {
        "contract_id": records.contract_id,
        "annual_payroll": decimal_array(premium.annual_payroll),
        "insured_sum": decimal_array(premium.insured_sum),
        "base_premium": decimal_array(premium.base_premium),
        "minimum_applied": _bool_array(premium.minimum_applied),
        "correction_coefficient": decimal_column(premium.correction_coefficient, FACTOR_DIGITS, unknown),
        "discount": decimal_column(premium.discount, FACTOR_DIGITS),
        "premium": decimal_array(premium.premium),
        "premium_charged": decimal_column(records.premium_charged, 2, no_charge),
        "difference": decimal_column(premium.difference(records), 2, no_charge),
    }
    return pa.table([columns[name] for name in RESULT_COLUMNS], names=list(RESULT_COLUMNS))


def parts_table(book: Book, records: ContractRecords, premium: BookPremium) -> pa.Table:
    """One row a part: contract, name, class, tariff, payroll, insured sum, premium."""
    owner = np.repeat(np.arange(len(records)), np.diff(records.part_start))
    digits = len(str(premium.rate_unit)) - 1
    columns: dict[str, Any] = {"contract_id": records.contract_id.take(row_numbers(owner))}  # type: ignore[attr-defined]
    if book.part_name is not None:
        columns["part"] = book.part_name
    columns |= {
        "risk_class": pa.Array.from_buffers(
            pa.int64(), records.n_parts, [None, pa.py_buffer(np.ascontiguousarray(records.part_class))]
        ),
        "tariff_rate": decimal_column(premium.part_rate, digits),
        "annual_payroll": decimal_array(records.part_payroll),
        "insured_sum": decimal_array(premium.part_insured_sum),
        "base_premium": decimal_array(premium.part_base),
        "premium": decimal_array(premium.part_premium),
    }
    return pa.table(columns)


def _write_table(folder: Path, name: str, table: pa.Table, file_format: str) -> Path:
    path = folder / f"{name}.{file_format}"
    if file_format == "csv":
        pyarrow.csv.write_csv(table, path)
    else:
        # texts of ids do not repeat: a dictionary of them would only cost time
        repeated = [field for field in ("minimum_applied", "part") if field in table.column_names]
        pyarrow.parquet.write_table(table, path, compression="lz4", use_dictionary=repeated)
    return path


def _group_rows(
    groups: dict[str, list[tuple[str, int, dict[str, int]]]],
) -> Iterator[tuple[str, str, int, dict[str, str]]]:
    for key, rows in groups.items():
        for name, count, amounts in rows:
            yield key, name, count, {total: tenge_text(amount) for total, amount in amounts.items()}


def _write_totals(folder: Path, groups: dict[str, list[tuple[str, int, dict[str, int]]]]) -> Path:
    """Write ``totals.csv``: by class, region and part."""
    path = folder / "totals.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("by", "name", "parts", *TOTALS))
        for key, name, count, amounts in _group_rows(groups):
            writer.writerow((key, name, count, *(amounts[total] for total in TOTALS)))
    return path


def _record(
    book: Book,
    records: ContractRecords,
    premium: BookPremium,
    totals: dict[str, int],
    groups: dict[str, list[tuple[str, int, dict[str, int]]]],
    comparison: Comparison,
    mapping: Path | None,
    threads: int | None,
    clock: Clock,
) -> dict[str, Any]:
    """Content of ``run.json``, but for the outputs."""
    known = premium.correction_coefficient
    return {
        "schema_version": SCHEMA_VERSION,
        "command": "premium",
        "engine_version": __version__,
        "contracts": len(records),
        "parts": records.n_parts,
        "totals": {name: tenge_text(amount) for name, amount in totals.items()},
        "minimum_applied": int(premium.minimum_applied.sum()),
        "with_coefficient": int((known > HUNDREDTHS).sum()),
        "with_discount": int((premium.discount > 0).sum()),
        "history_unknown": int((known == NO_COUNT).sum()),
        "comparison": comparison.as_json(),
        "groups": [
            {"by": key, "name": name, "parts": count, **amounts}
            for key, name, count, amounts in _group_rows(groups)
        ],
        "warnings": finding_warnings(book.findings),
        "limitations": list(LIMITATIONS),
        "choices": explained_choices(book.choices),
        "inputs": [asdict(source) for source in book.sources] + mapping_source(mapping),
        "law": book.law.notes.used(),
        "outputs": {},
        "seconds": clock.seconds,
        "threads": threads or os.cpu_count() or 1,
        "python": platform.python_version(),
    }


def _write_log(path: Path, record: dict[str, Any]) -> None:
    """A log for people: what was read, what was found, how long it took. No personal data."""
    lines = [f"actuarial {record['engine_version']} premium"]
    lines += [f"input {source['path']}: {source['sha256']}" for source in record["inputs"]]
    lines.append(f"{record['contracts']} contracts, {record['parts']} parts, {record['threads']} threads")
    lines += [f"choice {c['choice']}: {c['value']}" for c in record["choices"]]
    lines += [f"warning: {warning}" for warning in record["warnings"]]
    lines += [f"total {name}: {amount}" for name, amount in record["totals"].items()]
    lines += [f"{step}: {seconds:.3f} s" for step, seconds in record["seconds"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
