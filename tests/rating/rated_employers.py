"""A small book of contracts with claims, written as CSV files."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

YEARS = (2021, 2022, 2023, 2024)
# policyholder: class, annual payroll
HOLDERS = {"Alpha": (5, 900_000_000), "Beta": (12, 500_000_000), "Gamma": (12, 1_200_000_000)}
# contract, event, report, movements (day, paid, change of the estimate)
CLAIMS: tuple[tuple[str, str, str, Sequence[tuple[str, int, int]]], ...] = (
    ("Alpha-2021", "2021-03-10", "2021-03-20", [("2021-04-01", 400_000, 1_600_000)]),
    ("Alpha-2023", "2023-06-01", "2023-06-11", [("2023-07-01", 300_000, 0)]),
    (
        "Beta-2022",
        "2022-05-05",
        "2022-05-15",
        [("2022-06-01", 0, 900_000), ("2023-02-01", 850_000, -900_000)],
    ),
    ("Beta-2023", "2023-09-09", "2023-09-19", [("2023-10-01", 2_500_000, 0), ("2024-02-02", 0, 4_000_000)]),
    ("Gamma-2021", "2021-12-30", "2022-01-20", [("2022-02-01", 700_000, 100_000)]),
    ("Gamma-2022", "2022-01-01", "2022-01-11", [("2022-02-01", 5_000_000, 0)]),
    ("Alpha-2024", "2024-04-04", "2024-04-14", [("2024-05-01", 2_000_000, 0)]),
    ("Beta-2024", "2024-08-08", "2024-08-18", [("2024-09-01", 600_000, 200_000)]),
)
ASSUMPTIONS = """\
name: small
experience_years: 3
test_years: [2024]
valuation_date: 2025-01-01
split_point: 1000000
expected_losses: {choice: tariff}
credibility: {choice: book}
"""


def write_book(
    folder: Path,
    *,
    claims: Any = CLAIMS,
    holders: dict[str, tuple[int, int]] | None = None,
    shuffled: int | None = None,
    accidents: dict[str, tuple[int, ...]] | None = None,
    half_years: bool = False,
) -> Path:
    """Write the tables; ``accidents`` are injured in 2021, 2022, 2023 of contracts of 2024.

    Contracts run from January to December, with ``half_years`` from July to June.
    """
    holders = HOLDERS if holders is None else holders
    contracts, parts, history = [], [], []
    for name, (risk_class, payroll) in holders.items():
        for year in YEARS:
            key = f"{name}-{year}"
            dates = f"{year}-01-01", f"{year}-01-01", f"{year}-12-31"
            if half_years:
                dates = f"{year}-07-01", f"{year}-07-01", f"{year + 1}-06-30"
            contracts.append((key, name, "compulsory", *dates, 400))
            parts.append((key, "head", risk_class, 400, payroll))
        injured = (accidents or {}).get(name, (0, 0, 0))
        history += [(f"{name}-2024", year, n, 0, "yes") for year, n in zip(YEARS, injured, strict=False)]
    movements = [
        (f"{contract}-{k}", contract, "injury", event, report, day, paid or "", change or "")
        for k, (contract, event, report, rows) in enumerate(claims)
        for day, paid, change in rows
    ]
    tables = {
        "contracts": (
            (
                "contract_id",
                "policyholder_name",
                "product",
                "contract_date",
                "start_date",
                "end_date",
                "n_workers",
            ),
            contracts,
        ),
        "contract_parts": (("contract_id", "part", "risk_class", "n_workers", "annual_payroll"), parts),
        "accidents": (("contract_id", "year", "n_injured", "n_deaths", "at_fault"), history),
        "claims": (
            (
                "claim_id",
                "contract_id",
                "kind",
                "accident_date",
                "report_date",
                "payment_date",
                "paid",
                "case_estimate_change",
            ),
            movements,
        ),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for table, (header, rows) in tables.items():
        rows = list(rows)
        if shuffled is not None:
            random.Random(shuffled).shuffle(rows)
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header)
            writer.writerows(rows)
    return folder


def write_assumptions(path: Path, **changes: str) -> Path:
    """Write the assumptions with some keys changed (as YAML text), or left out where ''."""
    lines = []
    for line in ASSUMPTIONS.splitlines():
        key = line.partition(":")[0]
        text = changes.pop(key, None)
        if text is None:
            lines.append(line)
        elif text:
            lines.append(f"{key}: {text}")
    lines += [f"{key}: {text}" for key, text in changes.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
