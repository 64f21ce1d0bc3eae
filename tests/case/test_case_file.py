"""Case files: every problem at once with its key, other spellings, what does not go together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actuarial.claim.case_file import CaseFile, CaseFileError, case_of, read_case_file

Keys = Callable[..., dict[str, Any]]


def test_all_problems_at_once(keys: Keys) -> None:
    raw = keys(
        product="compulsry", sexx="m", birth_date="2020-13-01", degree_of_loss="abc", social_payment="-1",
        choices={"edition_dat": "x"}, sex=None, share="2", social_months="1.5", pension_stop="maybe",
        expenses=[{"date": "2025-01-01", "amount": "1", "knd": "care"}, "text"],
            certificate_end=["2027-01-01"],
        indexation={"choice": "contract_rate", "rat": "0.1"}, monthly_pay=[],
    )  # fmt: skip
    with pytest.raises(CaseFileError, match="the case has 15 problems") as error:
        case_of(raw)
    assert error.value.code == "E5401"
    lines = str(error.value).splitlines()
    assert len(lines) == 16
    for text in (
        "E5404 product: found 'compulsry'; choose compulsory, voluntary, employer",
        "E5402 sexx: unknown key; did you mean sex?",
        "E5404 birth_date: found '2020-13-01'; write a day of the calendar as 2026-01-31 or 31.01.2026",
        "E5404 degree_of_loss: found 'abc'; write whole percent from 0 to 100, as 60",
        "E5410 choices.edition_dat: unknown choice 'edition_dat' (did you mean edition_date?)",
        "E5402 expenses[1].knd: unknown key; did you mean kind?",
        "E5404 expenses[2]: found 'text'; write keys and values",
        "E5404 certificate_end: found a list",
        "E5402 indexation.rat: unknown key; did you mean rate?",
        "E5404 monthly_pay: found an empty list",
        "E5403 sex: is empty and required; choose male, female",
    ):
        assert any(text in line for line in lines), text
    assert {problem.code for problem in error.value.problems} == {"E5402", "E5403", "E5404", "E5410"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"monthly_pay": ["1"]}, "average_monthly_earnings: stands beside monthly_pay"),
        ({"social_average_income": "1"}, "social_payment: stands beside social_average_income"),
        ({"contract_date": "2024-09-11"}, "contract_date: 2024-09-11 is after accident_date"),
        (
            {"certificate_end": "2025-03-01"},
            "first_certificate_date: 2025-03-01 is not before certificate_end",
        ),
        ({"birth_date": "2024-09-10"}, "birth_date: 2024-09-10 is not before accident_date"),
        ({"accident_date": None}, "accident_date: is empty"),
        ({"pension_stop": "no"}, "pension_stop: no, for an accident of 2024-09-10"),
        ({"beneficiary": "child"}, "share: is empty"),
        (
            {"beneficiary": "child", "share": "0.1", "product": "voluntary"},
            "beneficiary: child under product voluntary",
        ),
        (
            {"beneficiary": "pre_retirement", "product": "employer"},
            "beneficiary: pre_retirement under product employer",
        ),
        (
            {"degree_changes": [{"date": "2026-02-01", "degree_of_loss": "40"}] * 2},
            "degree_changes: not in order of time",
        ),
        ({"average_monthly_earnings": None, "monthly_pay": ["1"] * 13}, "13 amounts without months"),
        ({"average_monthly_earnings": None, "monthly_pay": ["1", {"month": "2024-01", "pay": "1"}]}, "mixes"),
        ({"average_monthly_earnings": None, "monthly_pay": [{"month": "2024-01"}]}, "needs pay or items"),
        ({"average_monthly_earnings": "1.005"}, "at most two decimals"),
        ({"average_monthly_earnings": "385,000"}, "'385,000'; write an amount in tenge"),
        ({"average_monthly_earnings": "385.000"}, "'385.000'; write an amount in tenge"),
    ],
)
def test_what_does_not_go_together(keys: Keys, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CaseFileError, match="problem") as error:
        case_of(keys(**changes))
    assert message in str(error.value)


def test_other_spellings(case_file: Callable[..., CaseFile]) -> None:
    case = case_file(
        sex="ж", product="обязательное", birth_date="15.06.1985", average_monthly_earnings="400\u00a0000,50",
        degree_of_loss="60 %", pension_contribution_exempt="да",
    ).case  # fmt: skip
    assert (case.sex, case.product, case.birth_date) == ("female", "compulsory", date(1985, 6, 15))
    assert case.average_monthly_earnings == Decimal("400000.50")
    assert (case.degree_of_loss, case.pension_contribution_exempt) == (60, True)


def test_monthly_pay_in_three_forms(case_file: Callable[..., CaseFile]) -> None:
    plain = case_file(average_monthly_earnings=None, monthly_pay=["100", "200"]).case.monthly_pay
    dated = case_file(
        average_monthly_earnings=None,
        monthly_pay=[{"month": "2024-07", "pay": "100"}, {"month": "08.2024", "pay": "200"}],
    ).case.monthly_pay
    assert plain == dated
    items = case_file(
        average_monthly_earnings=None,
        monthly_pay=[{"month": "2024-08", "items": {"pay": "100", "severance": "5"}, "incomplete": "yes"}],
    ).case.monthly_pay[0]
    assert (items.is_complete, len(items.items)) == (False, 2)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    with pytest.raises(CaseFileError, match="no case file") as error:
        read_case_file(path)
    assert error.value.code == "E5400"
    path.write_text("product: compulsory\nproduct: voluntary\n", encoding="utf-8")
    with pytest.raises(CaseFileError, match="line 2, is not readable YAML"):
        read_case_file(path)
    path.write_bytes("product: обязательное".encode("cp1251"))
    with pytest.raises(CaseFileError, match="not UTF-8 text"):
        read_case_file(path)
    path.write_text("- a\n", encoding="utf-8")
    with pytest.raises(CaseFileError, match="the file: found a list"):
        read_case_file(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(CaseFileError, match="the file: found nothing"):
        read_case_file(path)
