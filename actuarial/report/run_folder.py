"""The run folder: written beside its place under a temporary name and moved there when complete.

Nothing half-written ever has the final name. Amounts leave the engine as decimals with two places,
exactly the whole tiyn that were added up.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from actuarial.error import ActuarialError
from actuarial.money import tenge_text
from actuarial.record import BANDS, PRODUCTS, AnnuityRecords
from actuarial.reserve import AMOUNTS, Flow, Valuation
from actuarial.survival import CLASSES, MONTHS

SCHEMA_VERSION = 1
RUN_FILES = frozenset(
    {
        "run.json",
        "results.parquet",
        "results.csv",
        "cashflows.csv",
        "parts.parquet",
        "totals.csv",
        "contract-information.csv",
        "contract-information.xlsx",
        "contract-information.json",
        "stress.csv",
        "contracts.csv",
        "scenarios.parquet",
        "payouts.csv",
        "segments.csv",
        "convergence.csv",
        "positions.csv",
        "departments.csv",
        "enterprises.csv",
        "effect.csv",
        "groups.csv",
        "tests.csv",
        "lorenz.csv",
        "basis.yaml",
        "exposure.csv",
        "estimates.csv",
        "graduated-male.csv",
        "graduated-female.csv",
        "table-male.csv",
        "table-female.csv",
        "spot-rates.csv",
        "classes.csv",
        "policyholders.csv",
        "regression.csv",
        "development.csv",
        "class-setting.csv",
        "proposal.csv",
        "new-claims.csv",
        "new-claim-scenarios.parquet",
        "run.log",
        "checks.xlsx",
        "report.xlsx",
        "report.html",
    }
)
ROWS_WRITTEN = 65_536
RESULT_COLUMNS = (
    "claim_id",
    "band",
    "monthly_payment",
    "pension_date",
    *(name for name in AMOUNTS if name != "monthly_payment"),
)


class OutputError(ActuarialError):
    """The place for the output cannot be used (E8001)."""


def refuse_taken(target: Path, *, replace: bool) -> None:
    """Refuse a folder that holds anything but what may be replaced.

    An empty folder and one with nothing but an earlier ``checks.xlsx`` may always be used; a finished run
    only with ``replace``; a folder with other files never.

    Raises
    ------
    OutputError
        E8001.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise OutputError("E8001", "output {target}: a file has that name; choose a folder", target=target)
    found = {entry.name for entry in target.iterdir()}
    foreign = sorted(found - RUN_FILES)
    if foreign:
        raise OutputError(
            "E8001",
            "output {target}: the folder holds other files ({files}); choose a new folder",
            target=target,
            files=", ".join(foreign[:3]),
        )
    if found <= {"checks.xlsx"}:
        return
    if "run.json" not in found:
        raise OutputError(
            "E8001", "output {target}: it holds files but no run; choose a new folder", target=target
        )
    if not replace:
        raise OutputError(
            "E8001",
            "output {target}: it holds an earlier run; choose a new folder, or say --force to replace it",
            target=target,
        )


def refuse_inputs_inside(target: Path, inputs: Iterable[Path | None]) -> None:
    """Refuse an output folder that holds one of the inputs: replacing it would delete the input.

    Raises
    ------
    OutputError
        E8001.
    """
    folder = target.resolve()
    for path in inputs:
        if path is not None and folder in (path.resolve(), *path.resolve().parents):
            raise OutputError(
                "E8001",
                "output {target}: the input {path} lies in it; choose another folder",
                target=target,
                path=path,
            )


@contextmanager
def run_folder(target: Path, *, replace: bool) -> Iterator[Path]:
    """Give a temporary folder beside ``target`` and move it there when the block ends well.

    On any error the temporary folder is removed and ``target`` is as it was.

    Raises
    ------
    OutputError
        E8001 the place is taken, before the work or by another run that ended meanwhile.
    """
    target = target.resolve()
    refuse_taken(target, replace=replace)
    target.parent.mkdir(parents=True, exist_ok=True)
    work = target.with_name(f".{target.name}-{secrets.token_hex(6)}")
    work.mkdir()
    try:
        yield work
        _move_into_place(work, target, replace=replace)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _move_into_place(work: Path, target: Path, *, replace: bool) -> None:
    if not target.exists():
        work.rename(target)
        return
    refuse_taken(target, replace=replace)
    earlier = work.with_name(f"{work.name}-earlier")
    target.rename(earlier)
    try:
        work.rename(target)
    except BaseException:
        earlier.rename(target)
        raise
    shutil.rmtree(earlier)


def decimal_array(tiyn: NDArray[np.int64]) -> pa.Array:
    """Whole tiyn as decimal128(18, 2) tenge without arithmetic: the same integers, another type."""
    words = np.empty((tiyn.shape[0], 2), dtype=np.int64)
    words[:, 0] = tiyn
    words[:, 1] = tiyn >> 63  # the sign fills the upper half
    return pa.Array.from_buffers(pa.decimal128(18, 2), tiyn.shape[0], [None, pa.py_buffer(words)])


def _band_letters(band: NDArray[np.int8]) -> pa.Array:
    """Bands as letters, null where there is none.

    Built from buffers: Arrow's own conversion would import pandas, 0.3 s of every run.
    """
    has_band = band >= 0
    offsets = np.concatenate(([0], np.cumsum(has_band))).astype(np.int32)
    letters = np.frombuffer("".join(BANDS).encode(), dtype=np.uint8)[band[has_band]]
    valid = np.packbits(has_band, bitorder="little")
    return pa.Array.from_buffers(
        pa.string(), len(band), [pa.py_buffer(valid), pa.py_buffer(offsets), pa.py_buffer(letters.tobytes())]
    )


def results_rows(records: AnnuityRecords, valuation: Valuation, start: int, stop: int) -> pa.Table:
    """One row a record, ``start … stop`` of the portfolio in its order, columns `RESULT_COLUMNS`."""
    pension_date = np.ascontiguousarray(valuation.pension_date[start:stop])
    columns: dict[str, Any] = {
        "claim_id": records.claim_id[start:stop],  # type: ignore[index]
        "band": _band_letters(valuation.band[start:stop]),
        "pension_date": pa.Array.from_buffers(pa.date32(), stop - start, [None, pa.py_buffer(pension_date)]),
        **{name: decimal_array(column[start:stop]) for name, column in valuation.amounts.items()},
    }
    return pa.table([columns[name] for name in RESULT_COLUMNS], names=list(RESULT_COLUMNS))


def write_results(folder: Path, records: AnnuityRecords, valuation: Valuation, file_format: str) -> Path:
    """Write ``results.parquet`` or ``results.csv``, some rows at a time.

    A few megabytes written again and again stay in the processor's cache; the whole table at once would
    touch as much fresh memory as the portfolio itself.
    """
    path = folder / f"results.{file_format}"
    n = len(records)
    pieces = [(start, min(start + ROWS_WRITTEN, n)) for start in range(0, max(n, 1), ROWS_WRITTEN)]
    first = results_rows(records, valuation, *pieces[0])
    if file_format == "csv":
        writer = pyarrow.csv.CSVWriter(path, first.schema)
    else:
        writer = pyarrow.parquet.ParquetWriter(
            path, first.schema, compression="zstd", use_dictionary=["band"]
        )
    with writer:
        writer.write_table(first)
        for piece in pieces[1:]:
            writer.write_table(results_rows(records, valuation, *piece))
    return path


def cash_flow_rows(flow: Flow) -> Iterator[tuple[str, int, int | str, str, str, int, int]]:
    """Rows of ``cashflows.csv``: period, year, month, product, class, certified, expected [tiyn].

    Months and years, each segment with payments and ``all``; a year's row is the sum of its months'.
    """
    segments = [
        (s, PRODUCTS[s // len(CLASSES)], CLASSES[s % len(CLASSES)])
        for s in range(flow.certified.shape[0])
        if flow.certified[s].any() or flow.expected[s].any()
    ]
    paid = np.flatnonzero(flow.certified.any(axis=0) | flow.expected.any(axis=0))
    n_months = int(paid[-1]) + 1 if paid.size else 0
    years: dict[int, slice] = {}
    for j in range(n_months):
        year = (flow.first_month + j) // MONTHS
        years[year] = slice(years[year].start if year in years else j, j + 1)
    periods: list[tuple[str, int, int | str, slice]] = [
        ("month", (flow.first_month + j) // MONTHS, (flow.first_month + j) % MONTHS + 1, slice(j, j + 1))
        for j in range(n_months)
    ]
    periods += [("year", year, "", span) for year, span in years.items()]
    for period, year, month, span in periods:
        certified, expected = flow.certified[:, span].sum(axis=1), flow.expected[:, span].sum(axis=1)
        for s, product, name in segments:
            yield period, year, month, product, name, int(certified[s]), int(expected[s])
        yield period, year, month, "all", "all", int(certified.sum()), int(expected.sum())


def write_cash_flows(folder: Path, flow: Flow) -> Path:
    """Write ``cashflows.csv``: expected nominal payments by calendar month and year."""
    path = folder / "cashflows.csv"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("period,year,month,product,class,certified,expected\n")
        for period, year, month, product, name, certified, expected in cash_flow_rows(flow):
            amounts = f"{tenge_text(certified)},{tenge_text(expected)}"
            file.write(f"{period},{year},{month},{product},{name},{amounts}\n")
    return path


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write one JSON object, readable, with keys in their given order."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
