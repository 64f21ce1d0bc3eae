"""Small books of contracts for tests: tables as rows of text, written as CSV, XLSX or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]

CONTRACT = {
    "contract_id": "C1",
    "contract_date": "2024-03-01",
    "start_date": "2024-03-01",
    "end_date": "2025-02-28",
    "premium": "85000",
    "n_workers": "5",
}
PART = {"contract_id": "C1", "part": "head", "oked_code": "62011", "annual_payroll": "10000000"}
ACCIDENT = {"contract_id": "C1", "year": "2023", "n_injured": "2", "n_deaths": "0", "at_fault": "yes"}


def header_of(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def write_folder(folder: Path, tables: Tables, suffix: str = ".csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        header = header_of(rows)
        if suffix == ".csv":
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(header)
                writer.writerows([row.get(name, "") for name in header] for row in rows)
        else:
            import pyarrow as pa
            import pyarrow.parquet as pq

            columns = {name: [row.get(name, "") for row in rows] for name in header}
            pq.write_table(pa.table(columns), folder / f"{table}.parquet")
    return folder


def write_workbook(path: Path, tables: Tables) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        for table, rows in tables.items():
            sheet = book.add_worksheet(table)
            header = header_of(rows)
            for column, name in enumerate(header):
                sheet.write_string(0, column, name)
                for row, values in enumerate(rows, start=1):
                    text = values.get(name, "")
                    if text:
                        sheet.write_string(row, column, text)
    return path
