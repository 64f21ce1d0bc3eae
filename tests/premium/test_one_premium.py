"""One compulsory premium: published cases, and both sides of every boundary of the law.

P1-P3 are a published unit test of a bank's calculator (public repository Asiinix/leasing-ai-bot); other
figures are arithmetic by hand from OSNS Law 16, 17 and 17-1 with the minimum wages of the budget laws.
"""

from __future__ import annotations

import doctest
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import tariffs
import tariffs.classification
from actuarial.premium import category as category_module
from actuarial.premium import compulsory as premium_module
from actuarial.premium.category import StaffCategory, category_premium
from actuarial.premium.choice import CHOICES, PremiumError, resolved_choices
from actuarial.premium.compulsory import (
    AccidentYear,
    Contract,
    Part,
    Premium,
    StaffGroup,
    compulsory_premium,
    spread,
)

DAY = date(2024, 3, 1)


def one(
    payroll: str | int, risk_class: int = 1, *, choices: dict[str, str] | None = None, **more: Any
) -> Premium:
    part = Part(risk_class=risk_class, annual_payroll=Decimal(payroll))
    return compulsory_premium(Contract(**{"contract_date": DAY, "parts": (part,), **more}), choices)


def hurt(*counts: int, by_fault: bool = True, last: int = 2023) -> tuple[AccidentYear, ...]:
    return tuple(AccidentYear(last - k, n, 0, by_fault) for k, n in enumerate(counts))


def test_published_p1_minimum_grows_the_insured_sum() -> None:
    part = Part(activities=(("62011", None),), annual_payroll=Decimal(10_000_000))
    found = compulsory_premium(Contract(DAY, (part,)))
    assert found.parts[0].risk_class == 1
    assert (found.premium, found.minimum_applied) == (85_000_00, True)
    assert found.insured_sum == 70_833_333_33
    assert found.base_premium == 12_000_00


def test_published_p2_tariff_times_sum() -> None:
    found = one(100_000_000)
    assert (found.premium, found.minimum_applied, found.insured_sum) == (120_000_00, False, 100_000_000_00)


def test_published_p3_half_up_to_the_tiyn() -> None:
    found = one(20_000_001, 11)
    assert (found.premium, found.insured_sum) == (150_000_01, 20_000_001_00)


def test_exactly_one_minimum_wage_is_not_the_minimum() -> None:
    # 85 000 / 0.12 % = 70 833 333.33…; 85 000 / 0.88 % = 9 659 090.90…; 70 000 / 1.75 % = 4 000 000
    assert not one("70833333.34").minimum_applied
    assert one("70833333.33").minimum_applied
    above = one("9659090.91", 10)
    assert (above.minimum_applied, above.premium) == (False, 85_000_00)
    equal = one("4000000", 19, contract_date=date(2023, 6, 1))
    assert (equal.minimum_applied, equal.premium) == (False, 70_000_00)
    below = one("3999999.99", 19, contract_date=date(2023, 6, 1))
    assert (below.minimum_applied, below.premium, below.insured_sum) == (True, 70_000_00, 4_000_000_00)


def test_class_8_is_dearer_than_class_9() -> None:
    assert one(100_000_000, 8).premium == 650_000_00
    assert one(100_000_000, 9).premium == 560_000_00


def test_evenly_spread_activities_by_text_and_by_practice() -> None:
    codes = {
        number: next(
            code
            for code in tariffs.classification.activity_names()
            if tariffs.classification.activity_class(code, DAY).risk_class == number
        )
        for number in (8, 9)
    }
    part = Part(activities=((codes[8], None), (codes[9], None)), annual_payroll=Decimal(100_000_000))
    assert compulsory_premium(Contract(DAY, (part,))).premium == 560_000_00
    practice = compulsory_premium(Contract(DAY, (part,)), {"evenly_spread": "higher_tariff"})
    assert practice.premium == 650_000_00


@pytest.mark.parametrize(
    ("workers", "coefficient"),
    [(100, "3"), (101, "2"), (500, "2"), (501, "1.75"), (1000, "1.75"), (1001, "1"), (20001, "1")],
)
def test_headcount_boundaries_of_the_coefficient(workers: int, coefficient: str) -> None:
    found = one(100_000_000, n_workers=workers, accidents=hurt(2, 2, 2))
    assert found.correction_coefficient == Decimal(coefficient)
    assert found.premium == int(120_000_00 * Decimal(coefficient))


@pytest.mark.parametrize(
    ("counts", "rounding", "coefficient"),
    [
        ((2, 1, 1), "half_up", "1"),  # mean 1.33
        ((2, 2, 1), "half_up", "3"),  # mean 1.67
        ((2, 2, 1), "down", "1"),
        ((2, 2, 2), "down", "3"),  # mean 2
        ((10, 10, 8), "half_up", "3"),  # mean 9.33
        ((10, 10, 9), "half_up", "3.4"),  # mean 9.67: between the rows of the table
        ((10, 10, 9), "down", "3"),
    ],
)
def test_rounding_of_the_mean(counts: tuple[int, ...], rounding: str, coefficient: str) -> None:
    found = one(10**8, n_workers=50, accidents=hurt(*counts), choices={"mean_rounding": rounding})
    assert found.correction_coefficient == Decimal(coefficient)


def test_a_mean_of_exactly_one_and_a_half_goes_up() -> None:
    assert premium_module.rounded_mean(Fraction(3, 2), "half_up") == 2
    assert premium_module.rounded_mean(Fraction(3, 2), "down") == 1


def test_five_years_until_2023_and_three_from_2024() -> None:
    before, since = date(2023, 12, 31), date(2024, 1, 1)
    accidents = tuple(AccidentYear(year, 10, 0, True) for year in (2018, 2019))
    # 2018-2022: 20 / 5 = 4; 2021-2023: none
    assert one(10**8, contract_date=before, n_workers=50, accidents=accidents).correction_coefficient == 3
    late = one(10**8, contract_date=since, n_workers=50, accidents=accidents)
    assert late.correction_coefficient == 1
    assert "Accidents of 2018, 2019 are not counted: the law looks at 2021-2023." in late.notes
    # the minimum wage of the year moves too: 70 000 and 85 000
    assert one(1_000_000, contract_date=before).premium == 70_000_00
    assert one(1_000_000, contract_date=since).premium == 85_000_00


@pytest.mark.parametrize(
    ("counts", "workers"), [((100,) * 3, 100), ((200,) * 3, 1), ((300,) * 3, 100), ((999,) * 3, 500)]
)
def test_the_four_empty_cells_are_errors(counts: tuple[int, ...], workers: int) -> None:
    with pytest.raises(
        PremiumError, match=r"no correction coefficient for \d+ injured a year .* 1 is not taken"
    ) as e:
        one(10**8, n_workers=workers, accidents=hurt(*counts))
    assert e.value.code == "E4206"


def test_without_fault_there_is_no_coefficient() -> None:
    found = one(10**8, n_workers=50, accidents=hurt(9, 9, 9, by_fault=False))
    assert (found.correction_coefficient, found.premium) == (1, 120_000_00)


def test_cases_without_fault_count_only_by_choice() -> None:
    mixed = (*hurt(2, 2, 2), *hurt(10, 10, 10, by_fault=False))
    assert one(10**8, n_workers=50, accidents=mixed).correction_coefficient == 3
    every = one(10**8, n_workers=50, accidents=mixed, choices={"fault": "all"})
    assert every.correction_coefficient == Decimal("3.4")


def test_deaths_count_as_injured_and_victims_by_choice() -> None:
    rows = (
        AccidentYear(2023, 1, 4, True, 1),
        AccidentYear(2022, 0, 0, True, 0),
        AccidentYear(2021, 1, 0, True, 1),
    )
    assert one(10**8, n_workers=50, accidents=rows).correction_coefficient == 3
    by_accident = one(10**8, n_workers=50, accidents=rows, choices={"victims": "accidents"})
    assert by_accident.correction_coefficient == 1
    with pytest.raises(PremiumError, match="victims = accidents needs their number"):
        one(10**8, n_workers=50, accidents=hurt(2, 2, 2), choices={"victims": "accidents"})


def test_minimum_before_or_after_the_coefficient() -> None:
    # 0.12 % × 50 000 000 = 60 000
    text = one(50_000_000, n_workers=50, accidents=hurt(2, 2, 2))
    assert (text.premium, text.insured_sum) == (255_000_00, 70_833_333_33)
    practice = one(
        50_000_000, n_workers=50, accidents=hurt(2, 2, 2), choices={"minimum_test": "after_coefficient"}
    )
    assert (practice.premium, practice.minimum_applied) == (180_000_00, False)


def test_unknown_history_gives_neither_coefficient_nor_discount() -> None:
    found = one(10**8, discount=Decimal("0.1"))
    assert (found.correction_coefficient, found.discount, found.premium) == (None, 0, 120_000_00)
    assert "The accident history is unknown" in found.notes[0]
    assert "The discount is not given: the accident history is unknown." in found.notes


def test_discount_of_ten_percent_and_its_limit() -> None:
    found = one(10**8, accidents=hurt(0, 0, 0), discount=Decimal("0.1"))
    assert (found.premium, found.discount) == (108_000_00, Decimal("0.1"))
    assert "statement that no insured event of any degree" in found.notes[-1]
    with pytest.raises(
        PremiumError, match=r"discount is 10\.01 %: the law of 2024-03-01 allows 0 to 10 %"
    ) as e:
        one(10**8, accidents=hurt(0, 0, 0), discount=Decimal("0.1001"))
    assert e.value.code == "E4207"


@pytest.mark.parametrize(
    ("floor", "premium", "discount"),
    [("minimum", 85_000_00, "0.1"), ("drop", 90_000_00, "0"), ("none", 81_000_00, "0.1")],
)
def test_discount_and_the_minimum_wage(floor: str, premium: int, discount: str) -> None:
    found = one(
        75_000_000, accidents=hurt(0, 0, 0), discount=Decimal("0.1"), choices={"discount_floor": floor}
    )
    assert (found.premium, found.discount) == (premium, Decimal(discount))


def test_discount_refused_after_events_or_for_a_young_employer() -> None:
    with pytest.raises(PremiumError, match="but 1 were injured in 2021-2023"):
        one(10**8, accidents=hurt(0, 1, 0, by_fault=False), discount=Decimal("0.05"))
    with pytest.raises(PremiumError, match="active since 2021-03-02, less than 3 years before 2024-03-01"):
        one(10**8, accidents=hurt(0, 0, 0), discount=Decimal("0.05"), employer_since=date(2021, 3, 2))
    old = one(10**8, accidents=hurt(0, 0, 0), discount=Decimal("0.05"), employer_since=date(2021, 3, 1))
    assert old.premium == 114_000_00


def test_discount_in_earlier_editions() -> None:
    none = tuple(AccidentYear(year, 0) for year in range(2012, 2024))
    with pytest.raises(PremiumError, match="the law of 2018-06-30 knows none"):
        one(10**8, contract_date=date(2018, 6, 30), accidents=none, discount=Decimal("0.05"))
    with pytest.raises(tariffs.NotOnRecord, match="declares a gap from 2018-07-01"):
        one(10**8, contract_date=date(2018, 7, 15), accidents=none, discount=Decimal("0.05"))
    own = one(10**9, contract_date=date(2023, 12, 31), accidents=none, discount=Decimal("0.4"))
    assert own.premium == 720_000_00


def test_years_not_named_are_zero_and_said() -> None:
    found = one(10**8, n_workers=50, accidents=hurt(6))
    assert found.correction_coefficient == 3
    assert any("No accidents are named for 2021, 2022: taken as 0." in note for note in found.notes)


def test_branches_have_their_class_and_one_minimum() -> None:
    parts = (
        Part("head", risk_class=1, annual_payroll=Decimal(10_000_000)),
        Part("mine", risk_class=21, annual_payroll=Decimal(1_000_000), insured_sum=Decimal(2_000_000)),
    )
    found = compulsory_premium(Contract(DAY, parts))
    # 12 000 + 50 800 = 62 800 < 85 000
    assert (found.base_premium, found.premium, found.minimum_applied) == (62_800_00, 85_000_00, True)
    assert found.insured_sum == 16_242_038_22  # 12 000 000 × 85 000 / 62 800 = 16 242 038.2165…
    assert [part.premium for part in found.parts] == [16_242_04, 68_757_96]
    assert sum(part.insured_sum for part in found.parts) == found.insured_sum


def test_staff_income_is_capped_at_ten_minimum_wages() -> None:
    staff = (
        StaffGroup(2, Decimal(300_000)),
        StaffGroup(1, Decimal(850_000)),
        StaffGroup(3, Decimal("850000.01")),
    )
    found = compulsory_premium(Contract(DAY, (Part(risk_class=1, staff=staff),)))
    assert found.annual_payroll == 12 * (2 * 300_000 + 4 * 850_000) * 100
    assert found.n_workers == 6


def test_payroll_below_minimum_wages_is_a_note() -> None:
    exact = one(85_000 * 12 * 3, n_workers=3)
    assert not any("is below 3 workers" in note for note in exact.notes)
    low = one("3059999.99", n_workers=3)
    assert any("3 059 999.99 is below 3 workers × minimum wage × 12 = 3 060 000.00" in n for n in low.notes)


def test_short_term_by_text_and_pro_rata() -> None:
    dates = {"start_date": date(2024, 3, 1), "end_date": date(2024, 8, 31)}
    text = one(10**9, **dates)
    assert text.premium == 1_200_000_00
    assert any("The cover lasts to 2024-08-31, less than 12 months" in note for note in text.notes)
    shorter = one(10**9, choices={"short_term": "pro_rata"}, **dates)
    assert shorter.exact == Fraction(1_200_000 * 184, 365)


@pytest.mark.parametrize("end", [date(2025, 2, 28), date(2025, 3, 1)])
def test_twelve_months_end_the_day_before_or_on_the_same_day(end: date) -> None:
    found = one(10**9, end_date=end, choices={"short_term": "pro_rata"})
    assert found.premium == 1_200_000_00


def test_minimum_wage_of_contract_or_start() -> None:
    dates = {"contract_date": date(2023, 12, 20), "start_date": date(2024, 1, 1)}
    assert one(1_000_000, **dates).premium == 70_000_00
    assert one(1_000_000, choices={"minimum_wage_date": "start_date"}, **dates).premium == 85_000_00


def test_staffing_agency_is_not_below_the_receiving_side() -> None:
    for own, receiving, expected in ((3, 15, 15), (15, 3, 15)):
        part = Part(risk_class=own, receiving_class=receiving, annual_payroll=Decimal(10**8))
        assert compulsory_premium(Contract(DAY, (part,))).parts[0].risk_class == expected
    part = Part(risk_class=3, receiving_class=15, annual_payroll=Decimal(10**8))
    with pytest.raises(tariffs.NotOnRecord, match="starts on 2021-11-24"):
        compulsory_premium(Contract(date(2021, 11, 23), (part,)))


def test_before_2022_the_class_must_be_given() -> None:
    part = Part(activities=(("62011", None),), annual_payroll=Decimal(10**8))
    with pytest.raises(tariffs.LawError, match="Give the class of the contract itself"):
        compulsory_premium(Contract(date(2021, 3, 1), (part,)))
    assert one(10**8, contract_date=date(2021, 3, 1)).premium == 120_000_00


def test_the_law_before_2015_is_refused_clearly() -> None:
    with pytest.raises(PremiumError, match="until 2015-05-09 the premium is the sum over categories"):
        one(10**8, contract_date=date(2015, 5, 9))
    with pytest.raises(PremiumError, match="the law of premiums before 2007-05-07 is not on record") as e:
        one(10**8, contract_date=date(2007, 5, 6))
    assert e.value.code == "E4202"
    with pytest.raises(tariffs.NotOnRecord, match="minimum_wage has no value on 2027-01-01"):
        one(10**8, contract_date=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("part", "more", "code", "message"),
    [
        ({"insured_sum": Decimal("99.99")}, {}, "E4205", r"99\.99 is below the annual payroll 100\.00"),
        ({"risk_class": 23}, {}, "E4204", r"no class 23; classes are 1-22"),
        ({"risk_class": None}, {}, "E4204", r"either its risk class or its OKED code"),
        ({"annual_payroll": None}, {}, "E4204", r"either its annual payroll or its staff"),
        ({"annual_payroll": Decimal(0)}, {}, "E4204", r"payroll is 0, it must be above 0"),
        ({"annual_payroll": Decimal("0.001")}, {}, "E4204", r"finer than a tiyn"),
        ({"n_workers": 5}, {"n_workers": 6}, "E4204", r"contract has 6 workers, its parts have 5"),
        ({}, {"n_workers": 0}, "E4204", r"must be at least 1"),
        ({}, {"end_date": date(2024, 2, 29)}, "E4203", r"ends on 2024-02-29, before it starts"),
        ({}, {"end_date": date(2025, 3, 2)}, "E4203", r"the contract is for 12 months .* to 2025-02-28"),
        ({}, {"accidents": hurt(2, 2, 2)}, "E4204", r"depends on the number of workers"),
        ({}, {"accidents": hurt(-1, 2, 2)}, "E4204", r"number of injured is negative"),
    ],
)
def test_bad_contracts(part: dict[str, Any], more: dict[str, Any], code: str, message: str) -> None:
    base = {"risk_class": 1, "annual_payroll": Decimal(100)}
    with pytest.raises(PremiumError, match=message) as e:
        compulsory_premium(Contract(**{"contract_date": DAY, "parts": (Part(**{**base, **part}),), **more}))
    assert e.value.code == code


def test_two_parts_of_one_name_and_no_part() -> None:
    part = Part(risk_class=1, annual_payroll=Decimal(10**8))
    with pytest.raises(PremiumError, match="two parts of the contract are called 'head'"):
        compulsory_premium(Contract(DAY, (part, part)))
    with pytest.raises(PremiumError, match="the contract has no part"):
        compulsory_premium(Contract(DAY, ()))
    staff = Part(risk_class=1, staff=(StaffGroup(0, Decimal(1)),))
    with pytest.raises(PremiumError, match="must be at least 1"):
        compulsory_premium(Contract(DAY, (staff,)))
    unpaid = Part(risk_class=1, staff=(StaffGroup(1, Decimal(0)),))
    with pytest.raises(PremiumError, match="1 workers at 0: both must be above 0"):
        compulsory_premium(Contract(DAY, (unpaid,)))
    contradiction = Part(risk_class=1, staff=(StaffGroup(2, Decimal(1)),), n_workers=3)
    with pytest.raises(PremiumError, match="3 workers, its staff list 2"):
        compulsory_premium(Contract(DAY, (contradiction,)))


def test_choices_are_closed() -> None:
    with pytest.raises(PremiumError, match="there is no choice 'minimum'; the choices are minimum_test"):
        resolved_choices({"minimum": "x"})
    with pytest.raises(PremiumError, match="minimum_test is 'never'; it can be before_coefficient") as e:
        resolved_choices({"minimum_test": "never"})
    assert e.value.code == "E4201"
    assert all(choice.reason and choice.article and len(choice.values) > 1 for choice in CHOICES.values())


def test_every_entry_used_is_cited_once() -> None:
    found = one(10**7, n_workers=50, accidents=hurt(2, 2, 2))
    names = [entry.parameter for entry in found.entries]
    assert len(names) == len(set(names))
    assert {"tariff_rate", "minimum_wage", "minimum_premium_minimum_wages", "correction_coefficient"} <= set(
        names
    )
    rate = next(entry for entry in found.entries if entry.parameter == "tariff_rate")
    assert rate.value == {"risk_class": 1, "rate": Decimal("0.0012")}


def test_rates_by_category_until_2015() -> None:
    staff = [
        StaffCategory("production", Decimal(50_000_000), Decimal("0.0123"), 18),
        StaffCategory("administrative", Decimal(10_000_000), Decimal("0.0004")),
        StaffCategory("auxiliary", Decimal(5_000_000), Decimal("0.0215")),
    ]
    found = category_premium(date(2015, 5, 9), staff)
    assert found.premium == (615_000 + 4_000 + 107_500) * 100
    assert found.insured_sum == 65_000_000_00
    assert any("coefficient of this edition is not on record" in note for note in found.notes)
    assert category_premium(date(2007, 5, 7), staff).premium == found.premium


@pytest.mark.parametrize(
    ("category", "day", "code", "message"),
    [
        (
            ("administrative", "0.0011"),
            date(2010, 1, 1),
            "E4208",
            r"is 0\.11 %: the law allows 0\.04 % to 0\.1 %",
        ),
        (("administrative", None), date(2010, 1, 1), "E4208", r"missing: the parties agree one from 0\.04 %"),
        (("production", "0.01"), date(2010, 1, 1), "E4204", r"production staff of class None"),
        (("office", "0.01"), date(2010, 1, 1), "E4204", r"category 'office' is not one of"),
        (("auxiliary", "0.01"), date(2015, 5, 10), "E4202", r"hold from 2007-05-07 to 2015-05-09"),
    ],
)
def test_bad_categories(category: tuple[str, str | None], day: date, code: str, message: str) -> None:
    name, rate = category
    staff = StaffCategory(name, Decimal(10**6), None if rate is None else Decimal(rate))
    with pytest.raises(PremiumError, match=message) as e:
        category_premium(day, [staff])
    assert e.value.code == code


def test_category_sums() -> None:
    staff = [StaffCategory("auxiliary", Decimal(10**6), Decimal("0.01"))]
    assert category_premium(date(2010, 1, 1), staff, insured_sum=Decimal(2 * 10**6)).insured_sum == 2 * 10**8
    with pytest.raises(PremiumError, match="below the annual payroll"):
        category_premium(date(2010, 1, 1), staff, insured_sum=Decimal(10))
    with pytest.raises(PremiumError, match="no category of staff"):
        category_premium(date(2010, 1, 1), [])
    with pytest.raises(PremiumError, match="is 0, not above 0"):
        category_premium(date(2010, 1, 1), [StaffCategory("auxiliary", Decimal(0), Decimal("0.01"))])


def test_spread_adds_up_and_favours_large_remainders() -> None:
    assert spread(10, [Fraction(1), Fraction(2), Fraction(3)]) == [2, 3, 5]
    assert spread(1, [Fraction(1), Fraction(1)]) == [1, 0]
    assert spread(0, [Fraction(1)]) == [0]


@pytest.mark.parametrize("module", [premium_module, category_module])
def test_examples(module: Any) -> None:
    assert doctest.testmod(module).failed == 0
