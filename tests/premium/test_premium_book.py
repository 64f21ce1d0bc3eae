"""The book kernel against the naive decimals of `oracle`, against the one-contract law, and at its limits."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from oracle import Case, answer, random_case

from actuarial.kernels import premium as kernel
from actuarial.money import exact_total, tenge_text
from actuarial.payout_law import day
from actuarial.premium.book import BookLaw, book_premiums, common_unit
from actuarial.premium.compulsory import AccidentYear, Contract, Part, compulsory_premium, spread
from actuarial.premium.record import HUNDREDTHS, NO_COUNT, ContractRecords, anniversaries, calendar_years

CHOICES = {
    "minimum_test": ("before_coefficient", "after_coefficient"),
    "minimum_wage_date": ("contract_date", "start_date"),
    "short_term": ("full_tariff", "pro_rata"),
    "mean_rounding": ("half_up", "down"),
    "fault": ("only_by_fault", "all"),
    "discount_floor": ("minimum", "drop", "none"),
}


def book_of(cases: Sequence[Case]) -> ContractRecords:
    def ints(values: Sequence[int], kind: type = np.int64) -> np.ndarray:
        return np.array(values, dtype=kind)

    parts = [(c, k) for c in cases for k in range(len(c.classes))]
    accidents = [(i, row) for i, c in enumerate(cases) for row in c.accidents or []]
    payrolls = [int(c.payrolls[k] * 100) for c, k in parts]
    sums = [c.sums[k] for c, k in parts]
    return ContractRecords(
        contract_id=[str(i) for i in range(len(cases))],
        contract_date=ints([day(c.contract_date) for c in cases], np.int32),
        start_date=ints([day(c.start) for c in cases], np.int32),
        end_date=ints([day(c.end) for c in cases], np.int32),
        n_workers=ints([c.n_workers for c in cases]),
        discount=ints([NO_COUNT if c.discount is None else int(c.discount * 100) for c in cases]),
        premium_charged=np.full(len(cases), NO_COUNT),
        part_start=np.cumsum([0, *(len(c.classes) for c in cases)]),
        part_class=ints([c.classes[k] for c, k in parts]),
        part_payroll=ints(payrolls),
        part_sum=ints([p if s is None else int(s * 100) for p, s in zip(payrolls, sums, strict=True)]),
        accident_contract=ints([i for i, _ in accidents]),
        accident_year=ints([row[0] for _, row in accidents]),
        n_injured=ints([row[1] for _, row in accidents]),
        n_deaths=ints([row[2] for _, row in accidents]),
        n_accidents=np.full(len(accidents), 0),
        is_at_fault=np.array([row[3] for _, row in accidents], dtype=bool),
    )


@pytest.mark.parametrize("seed", range(8))
def test_book_equals_the_naive_decimals(seed: int) -> None:
    rng = random.Random(100 + seed)
    choices = {name: rng.choice(values) for name, values in CHOICES.items()} if seed else {}
    drawn = [random_case(rng) for _ in range(600)]
    pairs = [(c, a) for c in drawn if (a := answer(c, **choices)).coefficient is not None]
    found = book_premiums(book_of([c for c, _ in pairs]), choices, threads=2)
    for i, (case, expected) in enumerate(pairs):
        assert bool(found.minimum_applied[i]) == expected.is_minimum, case
        assert tenge_text(found.base_premium[i]) == str(expected.base), case
        assert tenge_text(found.insured_sum[i]) == str(expected.insured_sum), case
        assert tenge_text(found.premium[i]) == str(expected.premium), case


def test_every_column_equals_the_one_contract_law() -> None:
    rng = random.Random(7)
    cases = [c for c in (random_case(rng) for _ in range(300)) if answer(c).coefficient is not None]
    records = book_of(cases)
    found = book_premiums(records, threads=1)
    for i, case in enumerate(cases):
        parts = tuple(
            Part(str(k), risk_class=number, annual_payroll=payroll, insured_sum=s)
            for k, (number, payroll, s) in enumerate(zip(case.classes, case.payrolls, case.sums, strict=True))
        )
        accidents = None if case.accidents is None else tuple(AccidentYear(*row) for row in case.accidents)
        discount = None if case.discount is None else case.discount / 100
        one = compulsory_premium(
            Contract(case.contract_date, parts, case.n_workers, case.start, case.end, accidents, discount)
        )
        here = slice(records.part_start[i], records.part_start[i + 1])
        assert [p.premium for p in one.parts] == found.part_premium[here].tolist()
        assert [p.insured_sum for p in one.parts] == found.part_insured_sum[here].tolist()
        assert [p.base_premium for p in one.parts] == found.part_base[here].tolist()
        assert [int(p.tariff_rate * found.rate_unit) for p in one.parts] == found.part_rate[here].tolist()
        assert (one.article_17_premium, one.annual_payroll) == (
            found.article_17_premium[i],
            found.annual_payroll[i],
        )
        if one.correction_coefficient is None:
            assert found.correction_coefficient[i] == found.mean_annual_injured[i] == NO_COUNT
        else:
            assert found.correction_coefficient[i] == one.correction_coefficient * HUNDREDTHS
        assert found.discount[i] == one.discount * HUNDREDTHS


def test_threads_and_slices_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    records = book_of(
        [c for c in (random_case(rng) for _ in range(200)) if answer(c).coefficient is not None]
    )
    whole = book_premiums(records, threads=1)
    monkeypatch.setattr("actuarial.premium.book.SLICE_ROWS", 7)
    sliced = book_premiums(records, threads=2)
    for name in ("premium", "insured_sum", "base_premium", "part_premium", "part_insured_sum"):
        assert (getattr(whole, name) == getattr(sliced, name)).all()


def test_largest_amounts_stay_exact() -> None:
    huge = Decimal(9_999_999_999_999) + Decimal("0.99")
    hurt = [(year, 999, 0, True) for year in (2021, 2022, 2023)]
    dates = (date(2024, 3, 1), date(2024, 3, 1), date(2025, 2, 27))
    case = Case(dates[0], [22], [huge], [None], 1000, hurt, None, dates[1], dates[2])
    for choices in ({}, {"short_term": "pro_rata"}, {"minimum_test": "after_coefficient"}):
        found = book_premiums(book_of([case]), choices)
        assert tenge_text(found.premium[0]) == str(answer(case, **choices).premium)


def test_unchecked_books_are_refused() -> None:
    case = Case(
        date(2010, 1, 1), [1], [Decimal(1)], [None], 1, None, None, date(2010, 1, 1), date(2010, 12, 31)
    )
    with pytest.raises(ValueError, match="contracts without a law: check it first"):
        book_premiums(book_of([case]))
    good = book_of(
        [
            Case(
                date(2024, 1, 1),
                [1],
                [Decimal(1)],
                [None],
                1,
                None,
                None,
                date(2024, 1, 1),
                date(2024, 12, 30),
            )
        ]
    )
    for change, message in (
        ({"n_workers": np.zeros(2, np.int64)}, "n_workers has shape"),
        ({"part_start": np.array([0, 0])}, "each contract needs a part"),
    ):
        fields = {name: getattr(good, name) for name in good.__dataclass_fields__}
        with pytest.raises(ValueError, match=message):
            ContractRecords(**{**fields, **change})


def test_an_empty_book() -> None:
    found = book_premiums(book_of([]))
    assert found.premium.shape == found.part_premium.shape == (0,)


def test_differences_from_what_was_charged() -> None:
    case = Case(
        date(2024, 1, 1), [1], [Decimal(10**8)], [None], 1, None, None, date(2024, 1, 1), date(2024, 12, 30)
    )
    records = book_of([case, case, case])
    fields = {name: getattr(records, name) for name in records.__dataclass_fields__}
    records = ContractRecords(**{**fields, "premium_charged": np.array([NO_COUNT, 120_000_01, 119_000_00])})
    assert book_premiums(records).difference(records).tolist() == [0, 1, -1_000_00]


@pytest.mark.parametrize("compiled", [True, False])
def test_quotient_is_exact_beyond_64_bits(compiled: bool) -> None:
    quotient = kernel.quotient if compiled else kernel.quotient.py_func
    half_up = kernel.half_up if compiled else kernel.half_up.py_func
    rng = random.Random(1)
    for _ in range(2000):
        a, b = rng.randrange(1 << rng.randrange(1, 62)), rng.randrange(1 << rng.randrange(1, 62))
        n = rng.randrange(1, 1 << rng.randrange(1, 61))
        if a * b // n >= 1 << 62:
            continue
        assert quotient(a, b, n) == divmod(a * b, n)
        assert half_up(a, b, n) == (2 * a * b + n) // (2 * n)
    assert half_up(285, 1, 10) == 29
    assert quotient(0, 5, 3) == (0, 0)


def test_spread_of_the_kernel_is_the_spread_of_the_law() -> None:
    rng = random.Random(2)
    for _ in range(300):
        weights = [rng.randrange(1, 10 ** rng.randrange(1, 17)) for _ in range(rng.randrange(1, 40))]
        if rng.random() < 0.3:
            weights = [weights[0]] * len(weights)
        total = rng.randrange(10 ** rng.randrange(1, 13))
        out = np.empty(len(weights), dtype=np.int64)
        kernel.spread(total, np.array(weights, dtype=np.int64), sum(weights), out)
        assert out.tolist() == spread(total, [Fraction(w) for w in weights])


def test_anniversaries_of_month_ends() -> None:
    dates = [date(2024, 2, 29), date(2023, 2, 28), date(2024, 1, 31), date(2015, 5, 10)]
    expected = [date(2025, 2, 28), date(2024, 2, 28), date(2025, 1, 31), date(2016, 5, 10)]
    days = np.array([day(d) for d in dates], dtype=np.int32)
    assert anniversaries(days, 12).tolist() == [day(d) for d in expected]
    assert anniversaries(days[2:3], 13).tolist() == [day(date(2025, 2, 28))]
    # days far apart are not looked up in a table
    far = np.array([day(date(1900, 1, 1)), day(date(2199, 12, 31))], dtype=np.int32)
    assert anniversaries(far, 12).tolist() == [day(date(1901, 1, 1)), day(date(2200, 12, 31))]
    assert calendar_years(far).tolist() == [1900, 2199]


def test_units_and_totals() -> None:
    assert common_unit([Decimal("0.0012"), Decimal("0.01"), Decimal(3)]) == 10_000
    assert common_unit([Decimal(3)]) == 1
    assert BookLaw().rate_unit == 10_000
    amounts = np.full(20, 9 * 10**17, dtype=np.int64)
    assert exact_total(amounts) == 20 * 9 * 10**17
    assert exact_total(np.array([-5, 3])) == -2
