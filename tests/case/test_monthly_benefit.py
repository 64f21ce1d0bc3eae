"""The monthly benefit: editions, bands, cap, deduction, contribution, ends; figures written out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tariffs
from actuarial.claim.answer import Answer, answer_of
from actuarial.claim.case import CaseError, LawNotes
from actuarial.claim.case_file import case_of
from actuarial.claim.choice import CHOICES, ChoiceError, Choices
from actuarial.claim.monthly_benefit import pension_contribution

Ask = Callable[..., Answer]


def test_a_worker_by_hand(answer: Ask) -> None:
    # 60 % x 400 000 - 98 262 = 141 738; contribution 10 %
    found = answer().as_json()
    assert found["capped_earnings"] == "400000.00"
    assert found["gross_benefit"] == "240000.00"
    assert found["social_payment"] == "98262.00"
    assert found["monthly_benefit"] == "141738.00"
    assert found["pension_contribution"] == "14173.80"
    assert found["net_payment"] == "127564.20"
    assert found["pension_date"] == "2048-06-15"
    assert found["payable_until"] == "2027-03-01"
    names = {entry["parameter"] for entry in found["law"]}
    assert {
        "payout_edition",
        "earnings_cap_minimum_wages",
        "minimum_wage",
        "pension_contribution_rate",
    } <= names


def test_the_payment_of_the_fund_computed_here(answer: Ask) -> None:
    # case C1: (300 000 - 42 500) x 0.6 x 0.6 x 1.06 = 98 262
    changes = {"social_payment": None, "social_average_income": "300000", "social_months": "96"}
    assert answer(**changes).as_json()["monthly_benefit"] == "141738.00"
    # the general degree may differ: 45 % gives 257 500 x 0.6 x 0.45 x 1.06 = 73 696.5 -> 73 697
    found = answer(**changes, general_degree="45", entitlement_date="2025-02-01").as_json()
    assert found["social_payment"] == "73697.00"
    down = answer(**changes, general_degree="45", choices={"social_payment_rounding": "down"}).as_json()
    assert down["social_payment"] == "73696.00"
    # C7: refused, nothing is deducted
    refused = answer(**{**changes, "social_average_income": "40000"}).as_json()
    assert (refused["social_payment"], refused["monthly_benefit"]) == ("0.00", "240000.00")


def test_monthly_incomes_of_the_fund(answer: Ask) -> None:
    incomes = [
        {"month": f"{2023 + (m + 1) // 12}-{(m + 1) % 12 + 1:02d}", "income": "300000"} for m in range(24)
    ]
    found = answer(social_payment=None, social_income=incomes, social_months="96").as_json()
    # from 2023-02 to 2025-01: February 2025 lacks, so 23 of 24 months count
    average = Fraction(300_000 * 23, 24)
    expected = (average - 42_500) * Fraction(6, 10) * Fraction(6, 10) * Fraction(106, 100)
    assert found["social_payment"] == f"{int(expected + Fraction(1, 2))}.00"


def test_deducted_net_of_its_own_contribution(answer: Ask) -> None:
    found = answer(choices={"social_payment_deduction": "net"}).as_json()
    assert found["social_payment"] == "88435.80"
    assert found["monthly_benefit"] == "151564.20"


def test_fund_above_the_benefit_leaves_nothing_and_nothing_negative(answer: Ask) -> None:
    found = answer(social_payment="250000").as_json()
    assert (found["monthly_benefit"], found["pension_contribution"], found["net_payment"]) == ("0.00",) * 3


@pytest.mark.parametrize(
    ("contract_date", "earnings", "capped"),
    [
        # ten minimum wages of the contract date: 600 000 (2022), 700 000 (2023), 850 000 (2024)
        ("2022-12-31", "900000", "600000.00"),
        ("2023-01-01", "900000", "700000.00"),
        ("2024-01-01", "900000", "850000.00"),
        ("2024-01-01", "850000", "850000.00"),
        ("2024-01-01", "849999.99", "849999.99"),
    ],
)
def test_cap_by_the_contract_date(answer: Ask, contract_date: str, earnings: str, capped: str) -> None:
    found = answer(
        contract_date=contract_date, average_monthly_earnings=earnings, social_payment="0"
    ).as_json()
    assert found["capped_earnings"] == capped


@pytest.mark.parametrize("degree", [30, 59, 60, 89, 90, 100])
def test_compulsory_degrees(answer: Ask, degree: int) -> None:
    found = answer(degree_of_loss=str(degree), social_payment="0").as_json()
    assert found["monthly_benefit"] == f"{4000 * degree}.00"


@pytest.mark.parametrize(
    ("product", "degree"),
    [("compulsory", 29), ("compulsory", 5), ("voluntary", 30), ("employer", 30), ("voluntary", 4)],
)
def test_degrees_of_another_payer_are_refused(answer: Ask, product: str, degree: int) -> None:
    with pytest.raises(CaseError, match=f"the {product} payer owes for") as error:
        answer(product=product, degree_of_loss=str(degree))
    assert error.value.code == "E5405"


@pytest.mark.parametrize("product", ["voluntary", "employer"])
@pytest.mark.parametrize("degree", [5, 29])
def test_below_thirty_no_cap_and_no_deduction(answer: Ask, product: str, degree: int) -> None:
    found = answer(product=product, degree_of_loss=str(degree), average_monthly_earnings="2000000")
    assert found.as_json()["monthly_benefit"] == f"{20000 * degree}.00"
    assert found.as_json()["social_payment"] == "0.00"
    assert found.benefit.notes[0][0] == "social_payment_not_deducted"
    free = answer(
        product=product, degree_of_loss=str(degree), choices={"pension_contribution": "not_withheld"}
    )
    assert free.benefit.pension_contribution == 0


def test_employers_duty_before_2016_is_not_on_record(answer: Ask) -> None:
    with pytest.raises(tariffs.NotOnRecord, match="employer_expenses_cap"):
        answer(
            product="employer", degree_of_loss="10", contract_date="2015-01-01", accident_date="2015-09-01"
        )


OLD = {"contract_date": "2014-01-01", "accident_date": "2014-06-01", "first_certificate_date": "2014-09-01"}


def test_edition_of_2010_has_no_cap_no_deduction_no_pension_stop(answer: Ask) -> None:
    found = answer(
        **OLD, average_monthly_earnings="900000", birth_date="1960-01-01", certificate_end=None,
        next_payment_date="2026-04-01",
    ).as_json()  # fmt: skip
    assert found["monthly_benefit"] == "540000.00"
    assert found["pension_contribution"] == "0.00"
    assert found["payable_until"] is None
    # band A is the insurer's in that edition
    assert answer(**OLD, degree_of_loss="5").as_json()["monthly_benefit"] == "20000.00"


def test_edition_by_another_date(answer: Ask) -> None:
    found = answer(
        accident_date="2015-06-01", contract_date="2014-12-01", average_monthly_earnings="900000",
        choices={"edition_date": "contract_date"},
    ).as_json()  # fmt: skip
    assert found["monthly_benefit"] == "540000.00"
    default = answer(
        accident_date="2015-06-01", contract_date="2014-12-01", average_monthly_earnings="900000"
    )
    # ten minimum wages of 2014: 199 660; 60 % = 119 796; less 98 262
    assert default.as_json()["monthly_benefit"] == "21534.00"


def test_before_the_first_edition_is_refused(answer: Ask) -> None:
    with pytest.raises(tariffs.NotOnRecord, match="payout_edition has no value on 2007-05-06") as error:
        answer(accident_date="2007-05-06", contract_date="2007-01-01", first_certificate_date="2007-08-01")
    assert error.value.code == "E1102"


# Social Code art 207: 58 (2017), 58.5 (2018), 59, 59.5, 60, 60.5 (2022), 61 (2023-2027), 61.5 (2028), ...
@pytest.mark.parametrize(
    ("birth", "pension"),
    [
        ("1959-12-31", "2017-12-31"), ("1960-01-01", "2018-07-01"), ("1960-07-01", "2019-07-01"),
        ("1961-01-01", "2020-07-01"), ("1961-07-01", "2021-07-01"), ("1962-01-01", "2022-07-01"),
        ("1962-07-01", "2023-07-01"), ("1966-12-31", "2027-12-31"), ("1967-01-01", "2028-07-01"),
        ("1967-07-01", "2029-07-01"), ("1968-01-01", "2030-07-01"), ("1968-07-01", "2031-07-01"),
    ],
)  # fmt: skip
def test_pension_date_of_women_in_each_step(answer: Ask, birth: str, pension: str) -> None:
    day = date.fromisoformat(pension)
    before = date(day.year - 1, day.month, 1)
    found = answer(
        sex="female", birth_date=birth, contract_date="2016-01-01", accident_date="2016-02-01",
        first_certificate_date="2016-06-01", certificate_end=None, next_payment_date=before.isoformat(),
        social_payment="0",
    ).as_json()  # fmt: skip
    assert (found["pension_date"], found["payable_until"]) == (pension, pension)
    # ten minimum wages of 2016 are 228 590: 60 % of it
    assert found["monthly_benefit"] == "137154.00"


def test_nothing_from_the_pension_date_on(answer: Ask) -> None:
    found = answer(next_payment_date="2048-06-15", certificate_end=None)
    assert found.as_json()["monthly_benefit"] == "0.00"
    assert found.benefit.notes[-1][0] == "ended"


@pytest.mark.parametrize(("end", "form"), [("2026-03-01", "form_annuity"), ("2026-02-28", "form_monthly")])
def test_a_term_of_a_year_makes_an_annuity(answer: Ask, end: str, form: str) -> None:
    found = answer(certificate_end=end, next_payment_date="2025-04-01")
    assert form in [step.name for step in found.benefit.steps]


def test_exemptions_from_the_contribution(answer: Ask) -> None:
    assert answer(pension_contribution_exempt="yes").benefit.pension_contribution == 0
    assert answer(disability_group="II", certificate_end=None).benefit.pension_contribution == 0
    assert answer(disability_group="II").benefit.pension_contribution > 0
    assert answer(disability_group="III", certificate_end=None).benefit.pension_contribution > 0


def test_contribution_on_at_most_fifty_minimum_wages() -> None:
    law = LawNotes()
    # 50 x 85 000 = 4 250 000 tenge
    assert pension_contribution(425_000_100, date(2026, 4, 1), law) == 42_500_000
    assert {e["parameter"] for e in law.used()} >= {"pension_contribution_base_cap"}
    assert pension_contribution(1, date(2026, 4, 1), law) == 0
    assert pension_contribution(5, date(2026, 4, 1), law) == 1
    # after the record a payment that could not be cut is taken whole, another is refused
    assert pension_contribution(1_000_000, date(2031, 1, 1), law) == 100_000
    with pytest.raises(tariffs.NotOnRecord, match="minimum_wage"):
        pension_contribution(425_000_100, date(2031, 1, 1), law)


def test_gross_negligence(answer: Ask) -> None:
    # since 2024 no reduction of lost earnings; before: (60 % x 400 000) x 80 % - 98 262 = 93 738
    assert answer(fault_percent="20").as_json()["monthly_benefit"] == "141738.00"
    before = {"accident_date": "2023-09-10", "contract_date": "2023-02-01", "fault_percent": "20"}
    assert answer(**before).as_json()["monthly_benefit"] == "93738.00"
    net = answer(**before, choices={"negligence_reduces": "net"}).as_json()
    assert net["monthly_benefit"] == "113390.40"


def test_a_general_degree_stands_in(answer: Ask) -> None:
    found = answer(degree_of_loss=None, general_degree="50", social_payment="0").as_json()
    assert (found["degree_of_loss"], found["monthly_benefit"]) == (50, "200000.00")


def test_index_since_the_award(answer: Ask) -> None:
    found = answer(annuity_start_date="2024-11-15", indexation={"choice": "contract_rate", "rate": "0.08"})
    # one anniversary up to 2026-04-01
    assert found.as_json()["payment_in_force"] == "153077.04"
    assert found.as_json()["monthly_benefit"] == "141738.00"
    by_year = answer(
        annuity_start_date="2024-11-15",
        indexation={"choice": "rate_by_year", "rate_by_year": {"2025": "0.1", "2026": "0.05"}},
    )
    assert by_year.benefit.in_force_exact == Fraction(141738) * Fraction(11, 10) * Fraction(105, 100)
    mci = answer(annuity_start_date="2024-11-15", indexation={"choice": "mci"})
    assert mci.benefit.in_force_exact == Fraction(141738 * 4325, 3692)
    assert answer(current_monthly_payment="150000").as_json()["payment_in_force"] == "150000.00"
    with pytest.raises(CaseError, match="current_monthly_payment is 1, but the benefit computed is 0"):
        answer(current_monthly_payment="1", social_payment="250000")


def test_pre_retirement_annuity(answer: Ask) -> None:
    found = answer(
        beneficiary="pre_retirement", accident_date=None, contract_date=None, first_certificate_date=None,
        certificate_end=None, degree_of_loss=None, average_monthly_earnings=None, social_payment=None,
        birth_date="1970-05-05",
    ).as_json()  # fmt: skip
    # one subsistence minimum of 2026 until the age of 63
    assert (found["monthly_benefit"], found["payable_until"]) == ("50851.00", "2033-05-05")


def test_a_survivor_by_share(answer: Ask) -> None:
    found = answer(
        beneficiary="child", birth_date="2015-04-01", share="0.25", degree_of_loss=None, certificate_end=None
    )
    assert found.as_json()["monthly_benefit"] == "100000.00"
    assert found.as_json()["payable_until"] == "2033-04-01"
    assert found.as_json()["pension_contribution"] == "0.00"


@pytest.mark.parametrize(("kind", "birth"), [("carer", "1950-01-01"), ("spouse", "1980-01-01")])
def test_a_survivor_without_an_end_is_not_paid_for_life(answer: Ask, kind: str, birth: str) -> None:
    survivor = {"beneficiary": kind, "birth_date": birth, "share": "0.25", "degree_of_loss": None}
    with pytest.raises(CaseError, match=f"entitlement_end: a {kind} is entitled for life only"):
        answer(**survivor)
    ended = answer(**survivor, entitlement_end="2027-05-01").as_json()
    assert (ended["monthly_benefit"], ended["payable_until"]) == ("100000.00", "2027-05-01")
    old = answer(beneficiary="parent", birth_date="1950-01-01", share="0.25", degree_of_loss=None).as_json()
    assert old["payable_until"] is None


def test_changes_of_the_degree(answer: Ask) -> None:
    changes = [
        {
            "date": "2026-10-01",
            "degree_of_loss": "40",
            "social_payment": "60000",
            "certificate_end": "2027-10-01",
        },
        {"date": "2027-10-01", "degree_of_loss": "20"},
    ]
    found = answer(degree_changes=changes, choices={"social_payment_on_change": "keep"}).as_json()[
        "degree_history"
    ]
    assert [row["monthly_benefit"] for row in found] == ["141738.00", "100000.00", "0.00"]
    assert [row["is_payer_owing"] for row in found] == [True, True, False]
    assert [row["until"] for row in found] == ["2026-10-01", "2027-10-01", None]
    proportional = answer(
        degree_changes=[{"date": "2026-10-01", "degree_of_loss": "40"}],
        choices={"social_payment_on_change": "proportional"},
    ).as_json()["degree_history"]
    # 160 000 - 98 262 x 40 / 60 = 160 000 - 65 508
    assert proportional[1]["monthly_benefit"] == "94492.00"
    with pytest.raises(CaseError, match="The Fund re-rates its payment with the degree"):
        answer(degree_changes=[{"date": "2026-10-01", "degree_of_loss": "40"}])


def test_the_fund_is_rerated_by_its_formula(answer: Ask) -> None:
    found = answer(
        social_payment=None, social_average_income="300000", social_months="96",
        degree_changes=[{"date": "2026-10-01", "degree_of_loss": "40"}],
    ).as_json()["degree_history"]  # fmt: skip
    # 257 500 x 0.6 x 0.4 x 1.06 = 65 508
    assert found[1]["social_payment"] == "65508.00"


def test_everything_missing_is_named_at_once(answer: Ask) -> None:
    with pytest.raises(CaseError, match="empty and required") as error:
        answer(contract_date=None, average_monthly_earnings=None, degree_of_loss=None, social_payment=None)
    for key in ("contract_date", "average_monthly_earnings", "degree_of_loss", "social_payment"):
        assert f"{key}: " in str(error.value)


def test_choices_have_defaults_and_reasons(answer: Ask) -> None:
    asked = {one["choice"]: one for one in answer().as_json()["choices"]}
    assert asked["edition_date"]["is_default"]
    assert asked["social_payment_deduction"]["reason"]
    for choice in CHOICES.values():
        assert choice.default is None or choice.default in choice.options
        assert choice.question.endswith("?")
        assert choice.reason
        assert choice.article
    with pytest.raises(ChoiceError, match="unknown choice 'edition' \\(did you mean edition_date"):
        Choices({"edition": "x"})
    with pytest.raises(ChoiceError, match="lump_sum_index_date is required"):
        Choices()["lump_sum_index_date"]


@given(
    degree=st.integers(30, 99),
    earnings=st.integers(0, 2_000_000),
    fund=st.integers(0, 400_000),
    year=st.integers(2015, 2025),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_against_the_formula_and_more_degree_never_pays_less(
    keys: Callable[..., dict[str, Any]], degree: int, earnings: int, fund: int, year: int
) -> None:
    wages = {
        2015: 21364, 2016: 22859, 2017: 24459, 2018: 28284, 2019: 42500, 2020: 42500, 2021: 42500,
        2022: 60000, 2023: 70000, 2024: 85000, 2025: 85000,
    }  # fmt: skip

    def of(percent: int) -> int:
        raw = keys(
            degree_of_loss=str(percent), average_monthly_earnings=str(earnings), social_payment=str(fund),
            contract_date=f"{year}-05-12", accident_date=f"{year}-06-01",
            first_certificate_date=f"{year}-09-01",
        )  # fmt: skip
        return answer_of(case_of(raw)).benefit.monthly_benefit

    exact = max(Fraction(degree, 100) * min(earnings, 10 * wages[year]) - fund, Fraction(0))
    assert of(degree) == int(exact * 100 + Fraction(1, 2))
    assert of(degree + 1) >= of(degree)
