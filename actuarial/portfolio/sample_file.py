"""Writing the synthetic portfolio as CSV, XLSX or Parquet, each labelled in the way its format allows.

The same table gives the same bytes: no clock and no machine name goes into a file.
"""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from actuarial.language import text
from actuarial.portfolio.sample import SYNTHETIC, SampleError

SUFFIXES = (".csv", ".xlsx", ".parquet")
LARGEST_SHEET = 1_048_575
"""Rows of a sheet without the header."""

A_DATE = datetime(2026, 1, 1)
"""A workbook must name a moment; a clock would make every file different."""

README = (
    ("en", "Synthetic data: no real person. Made by `actuarial sample` from published figures."),
    ("en", "Not the experience of any insurer; not a basis for tariffs, reserves or research on people."),
    ("ru", "Синтетические данные: реальных людей нет. Созданы командой `actuarial sample`."),
    ("ru", "Это не опыт какого-либо страховщика и не основа для тарифов, резервов и исследований о людях."),
    ("kk", "Синтетикалық деректер: нақты адам жоқ. `actuarial sample` командасы жасаған."),
    (
        "kk",
        "Бұл сақтандырушының тәжірибесі емес; тарифтерге, резервтерге және зерттеулерге негіз емес.",
    ),
)
"""Lines of the sheet ``README``: language and text."""


def write_sample(table: pa.Table, path: Path, *, force: bool = False) -> None:
    """Write a table of `synthetic_annuities` in the format of the path's suffix.

    The file is written beside its place under another name and moved there when it is whole. A CSV file has
    no room for a label; its claim ids, which begin with ``SYN-``, are the label.

    Parameters
    ----------
    table : pyarrow.Table
    path : Path
        Ends in .csv (UTF-8, comma, ISO dates), .xlsx (sheets ``annuities`` and ``README``) or .parquet.
    force : bool
        Overwrite a file that exists.

    Raises
    ------
    SampleError
        E1705 another suffix, E1706 the file exists, E1707 too many rows for a sheet, E1708 no such folder.
    """
    suffix = check_target(path, force=force)
    if suffix == ".xlsx" and table.num_rows > LARGEST_SHEET:
        raise SampleError(
            "E1707",
            "{path}: {n} rows were asked for; a sheet holds {most}: write .parquet or .csv, or ask for fewer "
            "rows",
            path=path,
            n=table.num_rows,
            most=LARGEST_SHEET,
        )
    write = {".csv": _write_csv, ".xlsx": _write_xlsx, ".parquet": _write_parquet}[suffix]
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=suffix, dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        write(table, beside)
        # mkstemp makes private files; a sample is for sharing, as any new file is
        mask = os.umask(0)
        os.umask(mask)
        beside.chmod(0o666 & ~mask)
        check_target(path, force=force)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def check_target(path: Path, *, force: bool) -> str:
    """Suffix of a path that may be written; see `write_sample` for the errors."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise SampleError(
            "E1705",
            "{path}: the suffix {suffix} names no format; use one of {known}",
            path=path,
            suffix=repr(suffix) if suffix else text("'(none)'"),
            known=", ".join(SUFFIXES),
        )
    if not path.parent.is_dir():
        raise SampleError(
            "E1708",
            "{path}: the folder {folder} does not exist; create it first",
            path=path,
            folder=path.parent,
        )
    if path.is_dir() or (path.exists() and not force):
        raise SampleError(
            "E1706", "{path} exists; choose another name or add --force to overwrite a file", path=path
        )
    return suffix


def _write_csv(table: pa.Table, path: Path) -> None:
    from pyarrow import csv

    # ids and enumerations hold nothing that would need quotes; were that to change, this raises
    csv.write_csv(table, path, csv.WriteOptions(quoting_style="none", quoting_header="none"))


def _write_parquet(table: pa.Table, path: Path) -> None:
    from pyarrow import parquet

    # ids are all different: a dictionary of them only costs time and room
    repeated = [name for name in table.column_names if name not in ("claim_id", "contract_id")]
    parquet.write_table(table, path, compression="zstd", use_dictionary=repeated)


def _write_xlsx(table: pa.Table, path: Path) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {"title": "annuities", "subject": SYNTHETIC, "comments": SYNTHETIC, "created": A_DATE}
        )
        bold = book.add_format({"bold": True})
        as_date = book.add_format({"num_format": "yyyy-mm-dd"})
        as_money = book.add_format({"num_format": "0.00"})
        sheet = book.add_worksheet("annuities")
        sheet.freeze_panes(1, 1)
        for j, name in enumerate(table.column_names):
            is_id = name.endswith("_id")
            sheet.set_column(j, j, 15 if is_id else max(12, len(name) + 2))
            sheet.write_string(0, j, name, bold)
        kinds = [field.type for field in table.schema]
        i = 0
        for batch in table.to_batches(max_chunksize=10_000):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                i += 1
                for j, (value, kind) in enumerate(zip(row, kinds, strict=True)):
                    if value is None:
                        continue
                    if pa.types.is_date(kind):
                        sheet.write_datetime(i, j, value, as_date)
                    elif pa.types.is_string(kind):
                        sheet.write_string(i, j, value)
                    elif pa.types.is_decimal(kind):
                        sheet.write_number(i, j, float(value), as_money)
                    else:
                        sheet.write_number(i, j, value)
        about = book.add_worksheet("README")
        about.set_column(1, 1, 110)
        for i, (language, text) in enumerate(README):
            about.write_string(i, 0, language, bold)
            about.write_string(i, 1, text)
