"""The compulsory premium written a second time, naively, in decimals, from the text of OSNS Law 17 and 17-1.

It shares nothing with the engine: the law's figures stand here as the law page of the project gives them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 90

TARIFF = """
0.12 0.29 0.48 0.49 0.52 0.53 0.54 0.65 0.56 0.88 0.75
0.76 1.29 1.55 1.13 1.17 1.21 2.43 1.75 2.05 2.54 2.96
"""
RATES = dict(enumerate(TARIFF.split(), start=1))
MINIMUM_WAGES = {
    2015: 21364, 2016: 22859, 2017: 24459, 2018: 28284, 2019: 42500, 2020: 42500,
    2021: 42500, 2022: 60000, 2023: 70000, 2024: 85000, 2025: 85000, 2026: 85000,
}  # fmt: skip
# mean annual injured from … by headcount up to 100, 500, 1000, 10 000, 20 000, more
COEFFICIENTS = {
    2: "3 2 1.75 1 1 1",
    10: "3.4 3.2 3 2.5 1.25 1.1",
    20: "3.8 3.3 3.2 2.75 2.4 1.25",
    50: "4 3.5 3.3 3 3.1 1.5",
    100: "- 3.6 3.5 3.4 3 2",
    200: "- 4 3.75 3.5 3.2 3",
    300: "- - 4 3.8 3.6 3.5",
}
HEADS = (100, 500, 1000, 10000, 20000)


@dataclass
class Case:
    """A contract in the simplest terms: money in tenge, percent in percent."""

    contract_date: date
    classes: list[int]
    payrolls: list[Decimal]
    sums: list[Decimal | None]
    n_workers: int
    accidents: list[tuple[int, int, int, bool]] | None
    discount: Decimal | None
    start: date
    end: date


@dataclass
class Answer:
    """What the law says; coefficient None where its table is empty."""

    base: Decimal
    is_minimum: bool
    insured_sum: Decimal
    coefficient: Decimal | None
    premium: Decimal


def tenge(x: Decimal) -> Decimal:
    return x.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def coefficient(case: Case, rounding: str = "half_up", fault: str = "only_by_fault") -> Decimal | None:
    years = 5 if case.contract_date < date(2024, 1, 1) else 3
    last = case.contract_date.year - 1
    rows = [row for row in case.accidents or [] if last - years + 1 <= row[0] <= last]
    guilty = [row for row in rows if row[3]]
    if fault == "all" and sum(row[1] + row[2] for row in guilty):
        guilty = rows
    mean = Decimal(sum(row[1] + row[2] for row in guilty)) / years
    mean = mean.quantize(Decimal(1), rounding=ROUND_HALF_UP) if rounding == "half_up" else mean // 1
    if mean < 2:
        return Decimal(1)
    line = COEFFICIENTS[max(first for first in COEFFICIENTS if first <= mean)].split()
    cell = line[sum(case.n_workers > head for head in HEADS)]
    return None if cell == "-" else Decimal(cell)


def answer(case: Case, **choices: str) -> Answer:
    year = case.start.year if choices.get("minimum_wage_date") == "start_date" else case.contract_date.year
    wage = Decimal(MINIMUM_WAGES[year])
    sums = [payroll if s is None else s for payroll, s in zip(case.payrolls, case.sums, strict=True)]
    base = sum(
        (Decimal(RATES[number]) / 100 * s for number, s in zip(case.classes, sums, strict=True)), Decimal(0)
    )
    if choices.get("short_term") == "pro_rata":
        anniversary = case.start.replace(year=case.start.year + 1)
        days = (case.end - case.start + timedelta(days=1)).days
        base = base * min(days, (anniversary - case.start).days) / (anniversary - case.start).days
    k = coefficient(case, choices.get("mean_rounding", "half_up"), choices.get("fault", "only_by_fault"))
    if k is None:
        return Answer(tenge(base), False, Decimal(0), None, Decimal(0))
    after = choices.get("minimum_test") == "after_coefficient"
    tested = base * k if after else base
    premium = max(tested, wage)
    insured = sum(sums, Decimal(0)) * premium / tested
    if not after:
        premium = premium * k
    if case.discount and case.accidents is not None:
        cut = premium * (100 - case.discount) / 100
        floor = choices.get("discount_floor", "minimum")
        if cut >= wage or floor == "none":
            premium = cut
        elif floor == "minimum":
            premium = wage
    return Answer(tenge(base), tested < wage, tenge(insured), k, tenge(premium))


def random_case(rng: random.Random) -> Case:
    """A contract of 2015-05-10 to 2026-12-31 with one to four parts."""
    day = date(2015, 5, 10) + timedelta(days=rng.randrange((date(2027, 1, 1) - date(2015, 5, 10)).days))
    n = rng.choice([1, 1, 1, 2, 3, 4])
    payrolls = [Decimal(rng.randrange(1, 10 ** rng.randrange(8, 14))) / 100 for _ in range(n)]
    sums = [
        None if rng.random() < 0.6 else payroll + Decimal(rng.randrange(10**9)) / 100 for payroll in payrolls
    ]
    start = day + timedelta(days=rng.choice([0, 0, 1, 15, 40]))
    if (start.month, start.day) == (2, 29):
        start += timedelta(days=1)
    start = min(start, date(2026, 12, 31))
    length = rng.choice([365, 365, 365, 200, 30])
    anniversary = start.replace(year=start.year + 1)
    end = min(start + timedelta(days=length - 1), anniversary - timedelta(days=1))
    accidents: list[tuple[int, int, int, bool]] | None = None
    discount = None
    if rng.random() < 0.7:
        size = rng.choice([0, 3, 20, 100, 400])
        accidents = [
            (
                day.year - back,
                rng.randrange(size + 1),
                rng.choice([0, 0, 1]) if size else 0,
                rng.random() < 0.6,
            )
            for back in range(7)
        ]
        discount_from = date(2024, 1, 1)
        if size == 0 and day >= discount_from:
            discount = Decimal(rng.randrange(0, 1001)) / 100
    workers = rng.choice([1, 50, 100, 101, 500, 501, 1000, 1001, 10000, 10001, 20000, 20001, 50000])
    classes = [rng.randrange(1, 23) for _ in range(n)]
    return Case(day, classes, payrolls, sums, workers, accidents, discount, start, end)
