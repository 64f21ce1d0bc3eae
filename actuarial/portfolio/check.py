"""Checks of a parsed table: rules as data, each over whole columns, all before anything is computed.

A rule sees `Facts`, the columns of a piece of the table, and answers which rows break it. What the law
sets (dates, degrees, editions) comes from `tariffs`; only plausibility bounds are constants here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

import tariffs
from actuarial import entitlement
from actuarial.benefit import PERCENT, own_benefit
from actuarial.language import Text, counted, message_of, text
from actuarial.money import tenge_text
from actuarial.payout_law import PayoutLaw, calendar_date, day
from actuarial.portfolio.arrow import first_equal, row_numbers, text_of_arrow
from actuarial.portfolio.cell import EMPTY_VALUES, IN_EVERY_ROW, NEEDS, day_text
from actuarial.portfolio.column import COLUMN, Column
from actuarial.portfolio.finding import Findings
from actuarial.portfolio.source import Parsed
from actuarial.record import BENEFICIARIES, NO_ANSWER, PRODUCTS, AnnuityRecords

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]

COMPULSORY = PRODUCTS.index("compulsory")
VOLUNTARY = PRODUCTS.index("voluntary")
WORKER, CHILD, STUDENT, SPOUSE, PARENT, DISABLED_DEPENDANT, CARER, PRE_RETIREMENT = (
    BENEFICIARIES.index(name)
    for name in (
        "worker",
        "child",
        "student",
        "spouse",
        "parent",
        "disabled_dependant",
        "carer",
        "pre_retirement",
    )
)

PIECE_ROWS = 65_536
MAX_YEARS_TO_PAYMENT = 10
YOUNGEST_WORKER = 14
OLDEST_WORKER = 100
DAYS_IN_YEAR = 365.2425
SHARES_TOLERANCE = 1e-9
MOST_TIMES_OWN = 5
"""Payments in force above this many times the worker's own benefit are doubted.

Indexation by 7 % a year takes 24 years to come so far; the benefit at every other degree bears the same
factor (`actuarial.benefit.Benefit.adjustment`), so a slip here is multiplied.
"""


@dataclass(frozen=True)
class LawFacts:
    """What the rules need of the law: first days and bounds, read once."""

    law: PayoutLaw

    @cached_property
    def first_edition(self) -> date:
        """First day on record of the law of payouts."""
        return tariffs.parameter("payout_edition").entries[0].start

    def _since(self, flag: str) -> date:
        return next(e.start for e in tariffs.parameter("payout_edition").entries if e.value[flag])

    @cached_property
    def pension_stop_since(self) -> date:
        """First accident date whose payments end at pension age."""
        return self._since("pension_age_stop")

    @cached_property
    def deduction_since(self) -> date:
        """First accident date whose payments bear the ГФСС deduction."""
        return self._since("social_payment_deducted")

    @cached_property
    def pre_retirement_since(self) -> date:
        """First day of pre-retirement annuities."""
        return tariffs.parameter("pre_retirement_annuity").entries[0].start

    @cached_property
    def voluntary_degrees(self) -> tuple[int, int]:
        """Lowest and highest percent of the voluntary product."""
        low, high = tariffs.parameter("voluntary_degrees").entries[-1].value
        return int(low), int(high)

    @cached_property
    def compulsory_degrees(self) -> list[tuple[int, int, int, int]]:
        """First day, first day after, lowest and highest percent paid, by accident date."""
        far = day(date.max)
        return [
            (day(e.start), far if e.end is None else day(e.end), int(e.value[0]), int(e.value[1]))
            for e in tariffs.parameter("compulsory_degrees").entries
        ]

    @cached_property
    def all_degrees(self) -> tuple[int, int]:
        """Lowest and highest percent of any band."""
        bands = list(tariffs.parameter("degree_bands").entries[-1].value.values())
        return int(bands[0][0]), int(bands[-1][1])


@dataclass(frozen=True)
class Facts:
    """Columns of a piece of the table, and who its people are."""

    columns: dict[str, NDArray[Any]]
    bad: dict[str, Bool]
    valuation_day: int
    last_payment_day: int
    law: LawFacts

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def given(self, *names: str) -> Bool:
        """Where all these cells hold a value."""
        masks = [self._is_given(name) for name in names]
        return np.logical_and.reduce(masks) if len(masks) > 1 else masks[0]

    def _is_given(self, name: str) -> Bool:
        values = self.columns[name]
        kind = COLUMN[name].kind
        given: Bool = ~np.isnan(values) if kind == "share" else values != EMPTY_VALUES[kind]
        return given

    def empty(self, name: str) -> Bool:
        """Where a cell is blank (a value that cannot be read is a finding of its own)."""
        blank = ~self._is_given(name)
        return blank & ~self.bad[name] if name in self.bad else blank

    def later(self, name: str, other: str) -> Bool:
        """Where the first date is after the second, both given."""
        return self.given(name, other) & (self[name] > self[other])

    def later_or_same(self, name: str, other: str) -> Bool:
        """Where the first date is on or after the second, both given."""
        return self.given(name, other) & (self[name] >= self[other])

    @cached_property
    def worker(self) -> Bool:
        """Injured workers."""
        return _is(self["beneficiary"], WORKER)

    @cached_property
    def pre_retirement(self) -> Bool:
        """Pre-retirement annuities."""
        return _is(self["beneficiary"], PRE_RETIREMENT)

    @cached_property
    def survivor(self) -> Bool:
        """Those who depended on a worker who died."""
        return (self["beneficiary"] > WORKER) & ~self.pre_retirement

    @cached_property
    def after_accident(self) -> Bool:
        """Everyone but pre-retirement annuities."""
        return self.worker | self.survivor

    @cached_property
    def compulsory(self) -> Bool:
        """Compulsory product."""
        return _is(self["product"], COMPULSORY)

    @cached_property
    def voluntary(self) -> Bool:
        """Voluntary product."""
        return _is(self["product"], VOLUNTARY)

    def degree_outside(self, name: str) -> Bool:
        """Degrees of workers that no band holds."""
        low, high = self.law.all_degrees
        return self.worker & self.given(name) & ((self[name] < low) | (self[name] > high))

    @cached_property
    def usable_degree(self) -> Bool:
        """Workers with a degree inside the bands."""
        return self.worker & self.given("degree_of_loss") & ~self.degree_outside("degree_of_loss")

    def compulsory_degree_outside(self, position: int) -> Bool:
        """Degrees outside the bounds of one period of accident dates."""
        first, end, low, high = self.law.compulsory_degrees[position]
        degree, accident = self["degree_of_loss"], self["accident_date"]
        inside = (accident >= first) & (accident < end) & self.given("accident_date")
        return self.compulsory & self.usable_degree & inside & ((degree < low) | (degree > high))


@dataclass(frozen=True)
class CellRule:
    """One rule: which rows break it, and how it is reported.

    ``broken(facts)`` → mask (n,). ``column`` is the cell to look at, ``also`` what is shown with it.
    """

    code: str
    column: str
    broken: Callable[[Facts], Bool]
    also: tuple[str, ...] = ()
    texts: dict[str, Any] = field(default_factory=dict)


_WORKER = text("for a worker")
_AFTER_ACCIDENT = text("for all but pre-retirement annuities")
REQUIRED: tuple[tuple[str, Text, Callable[[Facts], Bool]], ...] = (
    *((name, IN_EVERY_ROW, lambda f: f["product"] == f["product"]) for name in COLUMN if COLUMN[name].always),
    ("contract_date", text("in the compulsory product"), lambda f: f.compulsory & f.after_accident),
    ("accident_date", _AFTER_ACCIDENT, lambda f: f.after_accident),
    ("first_certificate_date", _WORKER, lambda f: f.worker),
    ("degree_of_loss", _WORKER, lambda f: f.worker),
    ("average_monthly_earnings", _AFTER_ACCIDENT, lambda f: f.after_accident),
    (
        "social_payment",
        text("for a worker in the compulsory product (0 = refused or not due)"),
        lambda f: f.compulsory & f.worker,
    ),
    ("share", text("for a survivor"), lambda f: f.survivor),
)
"""Column, for whom in words, for whom."""


def rules(law: LawFacts) -> tuple[CellRule, ...]:
    """All rules that look at one row, with the law's dates and bounds in their texts."""
    low, high = (str(v) for v in law.all_degrees)
    voluntary_low, voluntary_high = law.voluntary_degrees
    return (
        CellRule(
            "E2304",
            "degree_of_loss",
            lambda f: f.degree_outside("degree_of_loss"),
            (),
            {"low": low, "high": high},
        ),
        CellRule(
            "E2304",
            "first_degree_of_loss",
            lambda f: f.degree_outside("first_degree_of_loss"),
            (),
            {"low": low, "high": high},
        ),
        CellRule(
            "E3101",
            "degree_of_loss",
            lambda f: (
                f.voluntary
                & f.usable_degree
                & ((f["degree_of_loss"] < voluntary_low) | (f["degree_of_loss"] > voluntary_high))
            ),
            ("product",),
            {"low": str(voluntary_low), "high": str(voluntary_high)},
        ),
        *_compulsory_degree_rules(law),
        CellRule(
            "E3201",
            "accident_date",
            lambda f: (
                f.after_accident & f.given("accident_date") & (f["accident_date"] < day(law.first_edition))
            ),
            (),
            {"date": law.first_edition},
        ),
        CellRule(
            "E3203",
            "annuity_start_date",
            lambda f: (
                f.pre_retirement
                & f.given("annuity_start_date")
                & (f["annuity_start_date"] < day(law.pre_retirement_since))
            ),
            ("beneficiary",),
            {"date": law.pre_retirement_since},
        ),
        CellRule(
            "E3203",
            "next_payment_date",
            lambda f: (
                f.pre_retirement
                & f.given("next_payment_date")
                & (f["next_payment_date"] < day(law.pre_retirement_since))
            ),
            ("beneficiary",),
            {"date": law.pre_retirement_since},
        ),
        CellRule(
            "E3301",
            "birth_date",
            lambda f: f.worker & f.later_or_same("birth_date", "accident_date"),
            ("accident_date",),
        ),
        CellRule(
            "E3302", "birth_date", lambda f: f.given("birth_date") & (f["birth_date"] > f.valuation_day)
        ),
        CellRule(
            "E3303",
            "first_certificate_date",
            lambda f: f.worker & f.later("accident_date", "first_certificate_date"),
            ("accident_date",),
        ),
        CellRule(
            "E3304",
            "contract_date",
            lambda f: f.after_accident & f.later("contract_date", "accident_date"),
            ("accident_date",),
        ),
        CellRule(
            "E3305",
            "first_certificate_date",
            lambda f: (
                f.worker & f.given("first_certificate_date") & (f["first_certificate_date"] > f.valuation_day)
            ),
        ),
        CellRule(
            "E3306",
            "accident_date",
            lambda f: f.after_accident & f.given("accident_date") & (f["accident_date"] > f.valuation_day),
        ),
        CellRule(
            "E3307",
            "next_payment_date",
            lambda f: f.given("next_payment_date") & (f["next_payment_date"] < f.valuation_day),
        ),
        CellRule(
            "E3308",
            "next_payment_date",
            lambda f: f.given("next_payment_date") & (f["next_payment_date"] > f.last_payment_day),
            (),
            {"years": str(MAX_YEARS_TO_PAYMENT)},
        ),
        CellRule(
            "E3309",
            "annuity_start_date",
            lambda f: f.later("annuity_start_date", "next_payment_date"),
            ("next_payment_date",),
        ),
        CellRule(
            "E3310",
            "annuity_start_date",
            lambda f: f.after_accident & f.later("accident_date", "annuity_start_date"),
            ("accident_date",),
        ),
        CellRule(
            "E3311",
            "certificate_end",
            lambda f: f.worker & f.later_or_same("first_certificate_date", "certificate_end"),
            ("first_certificate_date",),
        ),
        CellRule(
            "E3312",
            "entitlement_end",
            lambda f: f.survivor & f.later_or_same("accident_date", "entitlement_end"),
            ("accident_date",),
        ),
        CellRule(
            "E3313",
            "pension_date",
            lambda f: f.later_or_same("birth_date", "pension_date"),
            ("birth_date",),
        ),
        CellRule("E3401", "beneficiary", lambda f: f.survivor & f.voluntary, ("product",)),
        CellRule("E3402", "beneficiary", lambda f: f.pre_retirement & f.voluntary, ("product",)),
        CellRule(
            "E3403",
            "pension_stop",
            lambda f: (
                (f["pension_stop"] == 0)
                & ~(f.given("accident_date") & (f["accident_date"] < day(law.pension_stop_since)))
                & ~(f.after_accident & ~f.given("accident_date"))
            ),
            ("accident_date",),
            {"date": law.pension_stop_since},
        ),
        CellRule(
            "E3404", "entitlement_end", lambda f: (f["beneficiary"] == CARER) & f.empty("entitlement_end")
        ),
        CellRule("E3405", "entitlement_end", _end_needed, ("beneficiary", "birth_date")),
        *(
            CellRule("W3501", column, unused, ("beneficiary",))
            for column, unused in (
                (
                    "certificate_end",
                    lambda f: (
                        f.given("certificate_end")
                        & (f.after_accident | f.pre_retirement)
                        & ~f.worker
                        & (f["beneficiary"] != DISABLED_DEPENDANT)
                    ),
                ),
                (
                    "entitlement_end",
                    lambda f: (
                        f.given("entitlement_end")
                        & np.isin(f["beneficiary"], (WORKER, DISABLED_DEPENDANT, PRE_RETIREMENT))
                    ),
                ),
                ("share", lambda f: f.given("share") & (f.worker | f.pre_retirement)),
                ("degree_of_loss", lambda f: f.given("degree_of_loss") & (f.survivor | f.pre_retirement)),
                (
                    "first_degree_of_loss",
                    lambda f: f.given("first_degree_of_loss") & (f.survivor | f.pre_retirement),
                ),
                ("social_payment", lambda f: (f["social_payment"] > 0) & (f.survivor | f.pre_retirement)),
                (
                    "average_monthly_earnings",
                    lambda f: (f["average_monthly_earnings"] > 0) & f.pre_retirement,
                ),
                (
                    "current_monthly_payment",
                    lambda f: f.given("current_monthly_payment") & f.pre_retirement,
                ),
                ("expenses_paid", lambda f: (f["expenses_paid"] > 0) & (f.survivor | f.pre_retirement)),
            )
        ),
        CellRule(
            "W3502",
            "social_payment",
            lambda f: f.voluntary & f.worker & (f["social_payment"] > 0),
            ("product",),
        ),
        CellRule(
            "W3503",
            "social_payment",
            lambda f: (
                f.compulsory
                & f.worker
                & (f["social_payment"] > 0)
                & f.given("accident_date")
                & (f["accident_date"] < day(law.deduction_since))
            ),
            ("accident_date",),
            {"date": law.deduction_since},
        ),
        CellRule(
            "W3504",
            "birth_date",
            _odd_age,
            ("accident_date",),
            {"low": str(YOUNGEST_WORKER), "high": str(OLDEST_WORKER)},
        ),
        CellRule(
            "W3506",
            "average_monthly_earnings",
            lambda f: f.after_accident & (f["average_monthly_earnings"] == 0),
        ),
        CellRule(
            "W3507",
            "current_monthly_payment",
            lambda f: f.after_accident & (f["current_monthly_payment"] == 0),
        ),
    )


def _compulsory_degree_rules(law: LawFacts) -> list[CellRule]:
    result = []
    last = len(law.compulsory_degrees) - 1
    for position, (_, end, low, high) in enumerate(law.compulsory_degrees):
        texts: dict[str, Any] = {"low": low, "high": high}
        if position < last:
            texts["date"] = calendar_date(end)
        result.append(
            CellRule(
                "E3102" if position == last else "E3103",
                "degree_of_loss",
                lambda f, position=position: f.compulsory_degree_outside(position),  # type: ignore[misc]
                ("product", "accident_date"),
                texts,
            )
        )
    return result


def _end_needed(f: Facts) -> Bool:
    """Spouses and parents without an end who are not of pension age on the valuation date."""
    of_age = _is(f["beneficiary"], SPOUSE) | _is(f["beneficiary"], PARENT)
    needed: Bool = of_age & f.empty("entitlement_end") & f.given("birth_date", "sex")
    at = np.flatnonzero(needed)
    if not len(at):
        return needed
    pension = entitlement.pension_dates(f["sex"][at], f["birth_date"][at], f.law.law)
    own = f["pension_date"][at]
    pension = np.where(own != EMPTY_VALUES["date"], own, pension)
    needed[at] = pension > f.valuation_day
    return needed


def _odd_age(f: Facts) -> Bool:
    days = f["accident_date"].astype(np.int64) - f["birth_date"]
    odd: Bool = (days < int(YOUNGEST_WORKER * DAYS_IN_YEAR)) | (
        days > int((OLDEST_WORKER + 1) * DAYS_IN_YEAR)
    )
    odd &= (days > 0) & f.worker & f.given("accident_date", "birth_date")
    return odd


@dataclass
class Checker:
    """Runs all checks over a parsed table.

    Parameters
    ----------
    parsed : Parsed
        With every column of `COLUMN` in ``values`` or ``texts`` (empty where the file has none).
    present : set of str
        Columns the file has.
    findings : Findings
        Takes what is found.
    valuation_date : date
    threads : int
    """

    parsed: Parsed
    present: set[str]
    findings: Findings
    valuation_date: date
    threads: int

    def __post_init__(self) -> None:
        n = self.parsed.n
        self.law = LawFacts(PayoutLaw())
        self.bad: dict[str, Bool] = {}
        self.is_spoilt = np.zeros(n, dtype=bool) if len(self.parsed.spoilt) else None
        if self.is_spoilt is not None:
            self.is_spoilt[self.parsed.spoilt] = True
        self.not_clean: Bool | None = None

    def run(self) -> AnnuityRecords | None:
        """Check everything; the records, or None where anything is an error."""
        self._cells()
        self._required_columns()
        self._rows()
        self._unique()
        self._shares()
        if all(name in self.present for name in COLUMN if COLUMN[name].always):
            self._by_computation()
        if self.findings.has_errors:
            return None
        return self._records(None)

    def _report(self, code: str, rows: Int64, column: str, values: Any = None, **kw: Any) -> None:
        """Add findings on rows and remember rows that are not fit to be computed."""
        if not len(rows):
            return
        self.findings.add_rows(code, rows, column, values, **kw)
        if code.startswith("E"):
            self._mark(rows)

    def _mark(self, rows: Int64) -> None:
        if self.not_clean is None:
            self.not_clean = np.zeros(self.parsed.n, dtype=bool)
        self.not_clean[rows] = True

    def _cells(self) -> None:
        if self.is_spoilt is not None:
            self._mark(self.parsed.spoilt)
        for problem in self.parsed.problems:
            rows, values = problem.rows, problem.values
            mask = self.bad.setdefault(problem.column, np.zeros(self.parsed.n, dtype=bool))
            mask[rows] = True
            if self.is_spoilt is not None:
                import pyarrow as pa

                keep = ~self.is_spoilt[rows]
                rows, values = rows[keep], values.filter(pa.array(keep))
            column = COLUMN[problem.column]
            texts = {"choices": ", ".join(column.choices), "need": NEEDS[column.kind]}
            self._report(problem.code, rows, problem.column, values, **texts)

    def _facts(self, begin: int, end: int) -> Facts:
        piece = slice(begin, end)
        last = self.valuation_date
        year = min(last.year + MAX_YEARS_TO_PAYMENT, date.max.year)
        last = date(year, last.month, min(last.day, 28) if last.month == 2 else last.day)
        return Facts(
            {name: values[piece] for name, values in self.parsed.values.items()},
            {name: mask[piece] for name, mask in self.bad.items()},
            day(self.valuation_date),
            day(last),
            self.law,
        )

    def _pieces(self) -> list[tuple[int, int]]:
        n = self.parsed.n
        return [(begin, min(begin + PIECE_ROWS, n)) for begin in range(0, n, PIECE_ROWS)]

    def _over_pieces(self, broken: list[Callable[[Facts], Bool]]) -> list[Int64]:
        """Rows that break each rule, pieces of the table in parallel."""

        def one(bounds: tuple[int, int]) -> list[Int64]:
            facts = self._facts(*bounds)
            spoilt = None if self.is_spoilt is None else self.is_spoilt[bounds[0] : bounds[1]]
            found = []
            for rule in broken:
                mask = rule(facts)
                if spoilt is not None:
                    mask = mask & ~spoilt
                found.append(np.flatnonzero(mask) + bounds[0] if mask.any() else _NONE)
            return found

        with ThreadPoolExecutor(self.threads) as pool:
            by_piece = list(pool.map(one, self._pieces()))
        return [np.concatenate([_NONE, *(found[k] for found in by_piece)]) for k in range(len(broken))]

    def _required_columns(self) -> None:
        """Cells that a row must fill; a column that is missing is reported once."""
        by_column: dict[str, list[tuple[Text, Callable[[Facts], Bool]]]] = {}
        for name, who, needed in REQUIRED:
            by_column.setdefault(name, []).append((who, needed))
        jobs: list[tuple[str, Text, Callable[[Facts], Bool]]] = []
        for name, cases in by_column.items():
            for who, needed in cases:
                if COLUMN[name].kind == "text":
                    continue
                if name not in self.present:
                    jobs.append((name, who, needed))
                else:
                    jobs.append((name, who, lambda f, name=name, needed=needed: needed(f) & f.empty(name)))  # type: ignore[misc]
        for (name, who, _), rows in zip(jobs, self._over_pieces([j[2] for j in jobs]), strict=True):
            if name in self.present:
                self._report("E2001", rows, name, need=who)
            elif len(rows) and not COLUMN[name].always:
                detail = counted(
                    ": it is required {who} ({n} rows)",
                    ": it is required {who} ({n} rows)",
                    n=len(rows),
                    who=who,
                )
                self._missing_column(name, detail)
                self._mark(rows)
        if "claim_id" in self.present:
            text = text_of_arrow(self.parsed.texts["claim_id"])
            blank = text.starts == text.ends
            blank &= ~self.bad.get("claim_id", np.zeros(1, dtype=bool))
            if self.is_spoilt is not None:
                blank &= ~self.is_spoilt
            self._report("E2001", np.flatnonzero(blank), "claim_id", need=IN_EVERY_ROW)

    def _missing_column(self, name: str, detail: Text) -> None:
        place = self.findings.place
        assert place is not None
        self.findings.add("E1013", file=place.file, sheet=place.sheet, column=name, detail=detail)

    def _rows(self) -> None:
        all_rules = rules(self.law)
        for rule, rows in zip(all_rules, self._over_pieces([r.broken for r in all_rules]), strict=True):
            # a rule about a required cell that the file has no column for is told by the missing column
            self._report(
                rule.code,
                rows,
                rule.column,
                also=rule.also,
                valuation_date=self.valuation_date,
                **rule.texts,
            )
        self._wage_on_record()

    def _wage_on_record(self) -> None:
        """Contract dates whose minimum wage caps the earnings and is not on record."""
        wage = self.law.law.series("minimum_wage")

        def unknown(f: Facts) -> Bool:
            capped = f.compulsory & f.after_accident & f.given("contract_date", "accident_date")
            capped &= self.law.law.edition_is("earnings_cap", True, f["accident_date"])
            return capped & (wage.position(f["contract_date"]) < 0)

        rows = self._over_pieces([unknown])[0]
        if not len(rows):
            return
        dates = self.parsed.values["contract_date"][rows]
        gap = np.searchsorted(wage.starts, dates, side="right")
        for number in np.unique(gap):
            here = gap == number
            try:
                wage.on(calendar_date(int(dates[here].min())))
            except tariffs.LawError as error:
                self._report("E3202", rows[here], "contract_date", reason=message_of(error))

    def _unique(self) -> None:
        if "claim_id" not in self.present or not self.parsed.n:
            return
        first = first_equal(self.parsed.texts["claim_id"])
        again = first != np.arange(self.parsed.n)
        if not again.any():
            return
        both = again.copy()
        both[first[again]] = True
        text = text_of_arrow(self.parsed.texts["claim_id"])
        both &= text.starts != text.ends
        if self.is_spoilt is not None:
            both &= ~self.is_spoilt
        self._report("E3001", np.flatnonzero(both), "claim_id")

    def _shares(self) -> None:
        """Shares of the survivors of one death add up to at most 1."""
        values, texts = self.parsed.values, self.parsed.texts
        kind = values["beneficiary"]
        usable = (kind > WORKER) & (kind != PRE_RETIREMENT) & ~np.isnan(values["share"])
        if self.is_spoilt is not None:
            usable &= ~self.is_spoilt
        rows = np.flatnonzero(usable)
        if not len(rows):
            return
        keys: list[NDArray[Any]] = [
            values["average_monthly_earnings"][rows],
            values["accident_date"][rows],
            values["contract_date"][rows],
            _text_keys(texts, "contract_id", rows),
        ]
        if "deceased_id" in self.present:
            named = _text_keys(texts, "deceased_id", rows)
            # who is named belongs to that name only; the rest to their contract, accident and earnings
            keys = [np.where(named >= 0, 0, key) for key in keys]
            keys.append(named)
        order = np.lexsort(keys)
        starts = np.flatnonzero(
            np.concatenate(([True], np.logical_or.reduce([np.diff(key[order]) != 0 for key in keys])))
        )
        sums = np.add.reduceat(values["share"][rows][order], starts)
        sizes = np.diff(np.concatenate((starts, [len(rows)])))
        sum_of_row = np.empty(len(rows))
        sum_of_row[order] = np.repeat(sums, sizes)
        over = sum_of_row > 1.0 + SHARES_TOLERANCE
        if over.any():
            shown = _SharesWithSums(values["share"][rows[over]], sum_of_row[over])
            self._report("E3406", rows[over], "share", shown)

    def _by_computation(self) -> None:
        """Rules that need the computed benefit or end, on the rows that are fit to be computed."""
        clean = None if self.not_clean is None else np.flatnonzero(~self.not_clean)
        n = self.parsed.n if clean is None else len(clean)
        if not n:
            return
        records = self._records(clean)
        law = self.law.law
        pieces = [(begin, min(begin + PIECE_ROWS, n)) for begin in range(0, n, PIECE_ROWS)]

        def one(bounds: tuple[int, int]) -> tuple[Bool, Bool, Bool]:
            piece = _piece(records, *bounds)
            unpaid = (piece.current_monthly_payment > 0) & (piece.beneficiary == WORKER)
            steep = unpaid
            if unpaid.any():
                own = own_benefit(piece, law)
                steep = unpaid & (own > 0) & (piece.current_monthly_payment * PERCENT > MOST_TIMES_OWN * own)
                unpaid = unpaid & (own == 0)
            survivors = (piece.current_monthly_payment > 0) & (piece.average_monthly_earnings == 0)
            unpaid |= survivors & (piece.beneficiary != PRE_RETIREMENT)
            end = entitlement.certified_end(piece, entitlement.record_pension_dates(piece, law), law)
            ended = (end != EMPTY_VALUES["date"]) & (end <= piece.next_payment_date)
            return unpaid, ended, steep

        with ThreadPoolExecutor(self.threads) as pool:
            found = list(pool.map(one, pieces))
        unpaid, ended, steep = (np.flatnonzero(np.concatenate(masks)) for masks in zip(*found, strict=True))
        if clean is not None:
            unpaid, ended, steep = clean[unpaid], clean[ended], clean[steep]
        self._report(
            "E3407",
            unpaid,
            "current_monthly_payment",
            also=("degree_of_loss", "average_monthly_earnings", "social_payment"),
        )
        self._report(
            "W3508",
            steep,
            "current_monthly_payment",
            also=("degree_of_loss", "average_monthly_earnings", "social_payment"),
            high=str(MOST_TIMES_OWN),
        )
        column = self._ending_column(ended)
        for name in np.unique(column):
            self._report("W3505", ended[column == name], str(name), also=("next_payment_date",))

    def _ending_column(self, rows: Int64) -> NDArray[np.str_]:
        """The column that ends each of these payments."""
        values = {name: array[rows] for name, array in self.parsed.values.items()}
        kind = values["beneficiary"]
        by_certificate = (values["certificate_end"] != EMPTY_VALUES["date"]) & (
            values["certificate_end"] <= values["next_payment_date"]
        )
        by_own_date = values["pension_date"] != EMPTY_VALUES["date"]
        return np.select(
            [
                (kind == DISABLED_DEPENDANT) | ((kind == WORKER) & by_certificate),
                np.isin(kind, (SPOUSE, PARENT, CARER)),
                np.isin(kind, (WORKER, PRE_RETIREMENT)) & by_own_date,
            ],
            ["certificate_end", "entitlement_end", "pension_date"],
            "birth_date",
        )

    def _records(self, rows: Int64 | None) -> AnnuityRecords:
        """Records with the documented defaults filled, of some rows or of all."""
        values = self.parsed.values
        columns = values if rows is None else {name: array[rows] for name, array in values.items()}
        claim_id = self.parsed.texts["claim_id"]
        columns = dict(columns)
        for name, default in (
            ("first_degree_of_loss", "degree_of_loss"),
            ("annuity_start_date", "next_payment_date"),
        ):
            is_empty = columns[name] == EMPTY_VALUES[COLUMN[name].kind]
            if is_empty.any():
                columns[name] = np.where(is_empty, columns[default], columns[name])
        if (columns["expenses_paid"] < 0).any():
            columns["expenses_paid"] = np.maximum(columns["expenses_paid"], 0)
        return AnnuityRecords(claim_id=claim_id if rows is None else None, **columns)


def _is(values: NDArray[Any], position: int) -> Bool:
    same: Bool = values == position
    return same


class _SharesWithSums(Sequence[Text]):
    """Shares as they are shown beside their sum; made when they are read."""

    def __init__(self, shares: NDArray[np.float64], sums: NDArray[np.float64]) -> None:
        self.shares, self.sums = shares, sums

    def __len__(self) -> int:
        return len(self.shares)

    @overload
    def __getitem__(self, at: int) -> Text: ...

    @overload
    def __getitem__(self, at: slice) -> list[Text]: ...

    def __getitem__(self, at: int | slice) -> Text | list[Text]:
        if isinstance(at, int):
            return self[at : at + 1 or None][0]
        pairs = zip(self.shares[at].tolist(), self.sums[at].tolist(), strict=True)
        return [text("{share!r}; sum {total:.12g}", share=share, total=total) for share, total in pairs]


_NONE: Int64 = np.zeros(0, dtype=np.int64)


def _piece(records: AnnuityRecords, begin: int, end: int) -> AnnuityRecords:
    from dataclasses import fields

    arrays = {f.name: getattr(records, f.name)[begin:end] for f in fields(records) if f.name != "claim_id"}
    return AnnuityRecords(claim_id=None, **arrays)


def _text_keys(texts: dict[str, Any], name: str, rows: Int64) -> Int64:
    """Numbers that are equal where texts are, -1 where the text is empty."""
    if name not in texts or texts[name] is None:
        return np.full(len(rows), -1, dtype=np.int64)
    chosen = texts[name].take(row_numbers(rows))
    text = text_of_arrow(chosen)
    return np.where(text.starts == text.ends, -1, first_equal(chosen))


def shown_values(
    parsed: Parsed, column: str, rows: Int64, columns: Mapping[str, Column] = COLUMN
) -> list[str]:
    """Checked values of a column as text; "" where empty."""
    if column in parsed.texts and parsed.texts[column] is not None:
        return [str(v) for v in parsed.texts[column].take(row_numbers(rows)).to_pylist()]
    if column not in parsed.values:
        return [""] * len(rows)
    values = parsed.values[column][rows]
    kind = columns[column].kind
    empty = EMPTY_VALUES[kind]
    if kind == "date":
        return ["" if v == empty else day_text(v) for v in values.tolist()]
    if kind in ("amount", "signed"):
        return ["" if v == empty else tenge_text(v) for v in values.tolist()]
    if kind == "choice":
        return ["" if v == NO_ANSWER else columns[column].choices[v] for v in values.tolist()]
    if kind in ("rate", "number"):
        return ["" if v == empty else tenge_text(v) for v in values.tolist()]
    if kind in ("percent", "count"):
        return ["" if v == empty else str(v) for v in values.tolist()]
    return ["" if np.isnan(v) else repr(v) for v in values.tolist()]
