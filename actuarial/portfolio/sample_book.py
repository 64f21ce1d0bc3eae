"""A synthetic book of contracts with claims: no real employer, no real person, no real frequency.

Every constant below is invented so that the tables have something to show; nothing is taken from an insurer.
The same seed gives the same tables: each quantity has its own stream of `actuarial.portfolio.sample.Draws`.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from statistics import NormalDist

import numpy as np

import tariffs
from actuarial.payout_law import calendar_date, day
from actuarial.portfolio.sample import Draws
from tariffs.classification import risk_class

Rows = list[dict[str, str]]

POLICYHOLDERS = 160
FIRST_YEAR, LAST_YEAR = 2020, 2025
SEED = 86
ACTIVITIES = (
    "62011", "55101", "45111", "02200", "14120", "01112", "10110", "13101", "10511", "27110", "07210",
    "25112", "06100", "16101", "24100", "07102", "08111", "05102", "43991",
)  # fmt: skip
SIDE_ACTIVITY = "55101"
CLASSES_OF = date(2025, 1, 1)
"""Employers keep the class of this day; where another day's class differs the code is left out."""
REGIONS = ("Алматы", "Астана", "Караганда", "Шымкент", "Атырау")
KINDS = ("injury", "occupational_disease", "death")
MEDIAN_WORKERS, SPREAD_OF_WORKERS = 60, 1.1
MONTHLY_PAY, PAY_GROWTH = 180_000, 0.11
INJURIES_PER_WORKER, STEP_BY_CLASS = 0.0009, 1.115
DISEASE_CLASSES, DISEASES_PER_INJURY, DEATHS_PER_INJURY = 14, 0.15, 0.09
SPREAD_OF_POLICYHOLDERS = 0.45
MONTHS_OF_PAY = {"injury": (9.0, 1.0), "occupational_disease": (8.0, 0.8), "death": (24.0, 0.6)}
"""Median and log spread of what a claim costs, in months of the employer's average pay."""
DAYS_TO_REPORT = {"injury": 70.0, "occupational_disease": 40.0, "death": 25.0}
HISTORY_FROM = 2024
"""First year whose contracts have a history of accidents: three whole years of the book lie before it."""
NOTE = """Synthetic data: no real employer, no real person. Not an insurer's experience, no basis for tariffs.
Синтетические данные: реальных работодателей и людей нет. Это не опыт страховщика и не основа для тарифов.
Синтетикалық деректер: нақты жұмыс беруші де, адам да жоқ. Бұл сақтандырушының тәжірибесі емес.
"""


def synthetic_book() -> dict[str, Rows]:
    """Return the tables ``contracts``, ``contract_parts``, ``accidents`` and ``claims`` as rows of text."""
    draws = Draws(SEED)
    tables: dict[str, Rows] = {name: [] for name in ("contracts", "contract_parts", "accidents", "claims")}
    for number in range(1, POLICYHOLDERS + 1):
        _policyholder(tables, draws, number)
    return tables


def write_book(folder: Path) -> Path:
    """Write the tables as CSV (UTF-8, comma, ISO dates) and a note on what they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in synthetic_book().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    (folder / "README.txt").write_text(NOTE, encoding="utf-8")
    return folder


def _policyholder(tables: dict[str, Rows], draws: Draws, number: int) -> None:
    """All contracts of one employer, their parts, claims and accidents."""
    u = draws.uniform(f"employer {number}", 8)
    normal = NormalDist().inv_cdf
    activity = ACTIVITIES[int(u[0] * len(ACTIVITIES))]
    workers = max(5, round(MEDIAN_WORKERS * float(np.exp(SPREAD_OF_WORKERS * normal(u[1] * 0.998 + 0.001)))))
    pay = MONTHLY_PAY * float(np.exp(0.3 * normal(u[2] * 0.998 + 0.001)))
    tendency = float(np.exp(SPREAD_OF_POLICYHOLDERS * normal(u[3] * 0.998 + 0.001)))
    start_day = int(u[4] * 360)
    has_side = u[5] < 0.12 and workers >= 20
    counts: dict[int, list[int]] = {}
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        start = date(year, 1, 1) + timedelta(days=start_day)
        contract = f"SYN-{number:03d}-{year}"
        head = max(5, round(workers * (1 + 0.03 * (year - FIRST_YEAR))))
        monthly = pay * (1 + PAY_GROWTH) ** (year - FIRST_YEAR)
        cap = int(tariffs.parameter("payroll_cap_minimum_wages").on(start).value)
        wage = float(tariffs.parameter("minimum_wage").on(start).value)
        monthly = max(wage, min(monthly, cap * wage))
        side = round(head * 0.2) if has_side else 0
        parts = [(activity, head - side)] + ([(SIDE_ACTIVITY, side)] if side else [])
        tables["contracts"].append(
            {
                "contract_id": contract,
                "policyholder_name": f"Synthetic employer {number:03d}",
                "product": "compulsory",
                "contract_date": start.isoformat(),
                "start_date": start.isoformat(),
                "end_date": (_a_year_later(start) - timedelta(days=1)).isoformat(),
                "n_workers": str(head),
                "region": REGIONS[int(u[6] * len(REGIONS))],
            }
        )
        for name, (code, n) in zip(("head", "branch"), parts, strict=False):
            tables["contract_parts"].append(
                {
                    "contract_id": contract,
                    "part": name,
                    "oked_code": code if _class(code, start, head) == _class(code) else "",
                    "risk_class": str(_class(code)),
                    "n_workers": str(n),
                    "annual_payroll": str(round(n * monthly * 12)),
                }
            )
            _claims(tables["claims"], draws, contract, code, n, start, monthly, tendency, counts)
        if year >= HISTORY_FROM:
            for back in (3, 2, 1):
                injured, deaths = counts.get(year - back, [0, 0])
                tables["accidents"].append(
                    {
                        "contract_id": contract,
                        "year": str(year - back),
                        "n_injured": str(injured),
                        "n_deaths": str(deaths),
                        "at_fault": "yes" if u[7] < 0.5 else "no",
                    }
                )


def _class(code: str, on: date = CLASSES_OF, workers: int = 1) -> int:
    """Class of an activity; today's where the classification of that day is not on record."""
    try:
        return risk_class(code, on, workers)
    except tariffs.LawError:
        return risk_class(code, CLASSES_OF)


def _a_year_later(day_: date) -> date:
    return date(day_.year + 1, day_.month, min(day_.day, 28) if day_.month == 2 else day_.day)


def _claims(
    rows: Rows,
    draws: Draws,
    contract: str,
    code: str,
    workers: int,
    start: date,
    monthly: float,
    tendency: float,
    counts: dict[int, list[int]],
) -> None:
    """Claims of one part: Poisson counts by inversion, then each claim's dates and movements."""
    number = _class(code)
    base = INJURIES_PER_WORKER * STEP_BY_CLASS ** (number - 1) * tendency * workers
    rates = (
        base,
        base * DISEASES_PER_INJURY if number >= DISEASE_CLASSES else 0.0,
        base * DEATHS_PER_INJURY,
    )
    for kind, rate in zip(KINDS, rates, strict=True):
        stream = f"{contract} {code} {kind}"
        for k in range(_poisson(float(draws.uniform(stream, 1)[0]), rate)):
            u = draws.uniform(f"{stream} {k}", 8)
            event = start + timedelta(days=int(u[0] * 365))
            report = event + timedelta(days=2 + int(-DAYS_TO_REPORT[kind] * np.log(1 - u[1] * 0.999)))
            if day(report) >= day(date(LAST_YEAR + 1, 1, 1)):
                continue
            median, spread = MONTHS_OF_PAY[kind]
            cost = monthly * median * float(np.exp(spread * NormalDist().inv_cdf(u[2] * 0.998 + 0.001)))
            if kind != "occupational_disease":
                counts.setdefault(event.year, [0, 0])[1 if kind == "death" else 0] += 1
            claim = {
                "claim_id": f"{contract}-{code}-{kind[0].upper()}{k + 1}",
                "contract_id": contract,
                "risk_class": str(number),
                "kind": kind,
                "accident_date": (start if kind == "occupational_disease" else event).isoformat(),
                "diagnosis_date": event.isoformat() if kind == "occupational_disease" else "",
                "report_date": report.isoformat(),
            }
            rows.extend(_movements(claim, report, cost, u[3:]))


def _movements(claim: dict[str, str], report: date, cost: float, u: np.ndarray) -> Rows:
    """First estimate, a payment a quarter later, the estimate put right in the next year, the rest paid."""
    first = round(cost * (0.75 + 0.35 * float(u[0])))
    early = round(first * (0.2 + 0.3 * float(u[1])))
    change = round(cost) - first
    rest = round(cost) - early
    plan = (
        (10, 0, first),
        (60 + int(60 * u[2]), early, -early),
        (300 + int(120 * u[3]), 0, change),
        (420 + int(300 * u[4]), rest, -rest),
    )
    rows: Rows = []
    for days, paid, estimate in plan:
        moved = calendar_date(day(report) + days)
        if moved.year <= LAST_YEAR:
            rows.append(
                {
                    **claim,
                    "payment_date": moved.isoformat(),
                    "paid": str(paid) if paid else "",
                    "case_estimate_change": str(estimate) if estimate else "",
                }
            )
    return rows or [{**claim, "payment_date": "", "paid": "", "case_estimate_change": ""}]


def _poisson(u: float, mean: float) -> int:
    """Count by inversion of the distribution function."""
    term = total = float(np.exp(-mean))
    count = 0
    while u > total and count < 1000:
        count += 1
        term *= mean / count
        total += term
    return count
