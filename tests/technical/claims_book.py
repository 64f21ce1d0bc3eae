"""A small book with claims for tests: tables as rows of text, written as CSV, XLSX or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path

Row = dict[str, str]
Tables = dict[str, list[Row]]


def small_book() -> Tables:
    """Two policyholders over three years, one with two classes, four claims."""
    contracts, parts = [], []
    for year in (2023, 2024, 2025):
        for name, classes in (("A", (5,)), ("B", (5, 17))):
            contract = f"{name}{year}"
            contracts.append(
                {
                    "contract_id": contract,
                    "policyholder_name": f"Employer {name}",
                    "contract_date": f"{year}-01-01",
                    "start_date": f"{year}-01-01",
                    "end_date": f"{year}-12-31",
                    "n_workers": "100" if name == "A" else "150",
                }
            )
            parts += [
                {
                    "contract_id": contract,
                    "part": f"part {number}",
                    "risk_class": str(number),
                    "annual_payroll": "200000000",
                    "n_workers": "50" if number == 17 else "100",
                }
                for number in classes
            ]
    claims = [
        claim("K1", "A2023", "5", "injury", "2023-05-10", "2023-06-01", "2023-07-01", "100000", "400000"),
        claim("K1", "A2023", "5", "injury", "2023-05-10", "2023-06-01", "2024-02-01", "300000", "-300000"),
        claim("K2", "B2024", "17", "death", "2024-03-01", "2024-03-05", "2024-04-01", "0", "9000000"),
        claim(
            "K3", "B2025", "17", "occupational_disease", "2020-01-01", "2025-08-01", "2025-09-01", "50,5", "",
            diagnosis="2025-07-15",
        ),
        claim("K4", "B2025", "5", "injury", "2025-02-01", "2025-02-20", "", "", ""),
    ]  # fmt: skip
    return {"contracts": contracts, "contract_parts": parts, "claims": claims}


def claim(
    claim_id: str,
    contract: str,
    number: str,
    kind: str,
    accident: str,
    report: str,
    moved: str,
    paid: str,
    change: str,
    *,
    diagnosis: str = "",
) -> Row:
    return {
        "claim_id": claim_id,
        "contract_id": contract,
        "risk_class": number,
        "kind": kind,
        "accident_date": accident,
        "diagnosis_date": diagnosis,
        "report_date": report,
        "payment_date": moved,
        "paid": paid,
        "case_estimate_change": change,
    }


def changed(tables: Tables, table: str, row: int, **cells: str) -> Tables:
    found = deepcopy(tables)
    found[table][row].update(cells)
    return found


def header_of(rows: Sequence[Mapping[str, str]]) -> list[str]:
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
                    if name in ("paid", "case_estimate_change") and text:
                        sheet.write_number(row, column, float(text.replace(",", ".")))
                    elif text:
                        sheet.write_string(row, column, text)
    return path
