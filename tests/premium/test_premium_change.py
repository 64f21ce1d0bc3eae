"""After the conclusion: instalments, change inside the term, termination, refunds, late penalty.

Expected figures are arithmetic by hand from OSNS Law 9(2), 14, 17(1), 17(4), 17(5), 19 and order No 20.
"""

from __future__ import annotations

import doctest
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import tariffs
from actuarial.premium import change as premium_change
from actuarial.premium import refund
from actuarial.premium.change import change_of_contract, equal_dates, instalments, termination_return
from actuarial.premium.choice import PremiumError
from actuarial.premium.compulsory import AccidentYear, Contract, Part, Premium, compulsory_premium
from actuarial.premium.refund import late_payment_penalty, prevention_refund, rehabilitation_refund

DAY, END = date(2024, 1, 1), date(2024, 12, 31)  # 366 days


def contract(*parts: tuple[str, int, int], **more: Any) -> Premium:
    made = tuple(Part(name, risk_class=number, annual_payroll=Decimal(p)) for name, number, p in parts)
    return compulsory_premium(Contract(**{"contract_date": DAY, "parts": made, **more}))


def test_instalments_add_up() -> None:
    dates = equal_dates(DAY, END, 12)
    paid = instalments(100_000_01, dates)
    assert dates[:3] == [date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]
    assert sum(payment.amount for payment in paid) == 100_000_01
    assert max(p.amount for p in paid) - min(p.amount for p in paid) <= 1


def test_instalments_refused() -> None:
    with pytest.raises(PremiumError, match="5 instalments do not divide 12 months"):
        equal_dates(DAY, END, 5)
    with pytest.raises(PremiumError, match="instalment 4 would fall on 2024-10-01, after the cover"):
        equal_dates(DAY, date(2024, 9, 30), 4)
    with pytest.raises(PremiumError, match="each after the one before") as e:
        instalments(100, [DAY, DAY])
    assert e.value.code == "E4209"


def test_rise_of_payroll_pro_rata_by_days() -> None:
    before, after = contract(("head", 11, 100_000_000)), contract(("head", 11, 130_000_000))
    # 0.75 % × 30 000 000 = 225 000; from 1 July 184 of 366 days
    found = change_of_contract(before, after, date(2024, 7, 1))
    assert found.amount == 113_114_75  # 225 000 × 184 / 366 = 113 114.754…
    assert [step.article for step in found.steps] == ["17", "17(1)", "17(1), 17(5)"]
    assert change_of_contract(before, after, DAY).amount == 225_000_00
    assert change_of_contract(before, after, END).amount == 614_75  # 225 000 / 366 = 614.754…


def test_fall_of_payroll_is_a_return() -> None:
    before, after = contract(("head", 11, 130_000_000)), contract(("head", 11, 100_000_000))
    assert change_of_contract(before, after, date(2024, 7, 1)).amount == -113_114_75


def test_change_of_class_and_a_branch_that_comes_and_one_that_goes() -> None:
    before = contract(("head", 8, 100_000_000), ("shop", 3, 10_000_000))
    after = contract(("head", 9, 120_000_000), ("mine", 21, 20_000_000))
    # class: (0.56 − 0.65) % × 100 m = −90 000; payroll: 0.56 % × 20 m = 112 000; shop: −0.48 % × 10 m = −48
    # 000 mine: 2.54 % × 20 m = 508 000; together 482 000
    found = change_of_contract(before, after, date(2024, 7, 2))
    assert found.amount == 241_000_00  # 183 of 366 days
    names = [step.name for step in found.steps]
    assert names[1:5] == [
        "change of class of head",
        "change of payroll of head",
        "change of payroll of shop",
        "change of payroll of mine",
    ]


def test_coefficient_of_the_contract_holds_for_the_change() -> None:
    hurt = tuple(AccidentYear(year, 2, 0, True) for year in (2021, 2022, 2023))
    before = contract(("head", 11, 100_000_000), n_workers=50, accidents=hurt)
    after = contract(("head", 11, 130_000_000))
    assert change_of_contract(before, after, DAY).amount == 675_000_00
    assert change_of_contract(before, after, DAY, {"change_factor": "none"}).amount == 225_000_00


def test_minimum_premium_and_a_rise_of_payroll() -> None:
    # 0.12 % × 10 m = 12 000, minimum 85 000; + 80 m is + 96 000, of which 73 000 is paid already
    before, after = contract(("head", 1, 10_000_000)), contract(("head", 1, 90_000_000))
    assert change_of_contract(before, after, DAY).amount == 96_000_00
    assert change_of_contract(before, after, DAY, {"change_payroll": "insured_sum"}).amount == 23_000_00
    less = change_of_contract(after, before, DAY)
    assert less.amount == -96_000_00
    assert "falls below 1 minimum wage" in less.notes[0]


def test_the_law_of_2018_has_no_rule_for_payroll() -> None:
    made = {"contract_date": date(2018, 1, 1)}
    before, after = contract(("head", 11, 10**8), **made), contract(("head", 11, 2 * 10**8), **made)
    with pytest.raises(PremiumError, match="the law of that day has no rule for it") as e:
        change_of_contract(before, after, date(2018, 6, 1))
    assert e.value.code == "E4210"
    dearer = contract(("head", 13, 10**8), **made)
    # class changes it knows: (1.29 − 0.75) % × 100 m
    assert change_of_contract(before, dearer, date(2018, 1, 1)).amount == 540_000_00


def test_change_outside_the_cover_or_in_the_gap() -> None:
    found = contract(("head", 11, 10**8))
    with pytest.raises(PremiumError, match="2025-01-01 is outside the cover from 2024-01-01 to 2024-12-31"):
        change_of_contract(found, found, date(2025, 1, 1))
    late = contract(("head", 11, 10**8), contract_date=date(2020, 6, 1))
    with pytest.raises(tariffs.NotOnRecord, match="declares a gap from 2020-12-01"):
        change_of_contract(late, late, date(2020, 12, 15))


def test_termination_is_a_named_choice_without_default() -> None:
    found = contract(("head", 11, 100_000_000))  # 750 000
    day = date(2024, 7, 2)  # 183 of 366 days left
    assert termination_return(found, day, "pro_rata").amount == -375_000_00
    less = termination_return(found, day, "pro_rata_less_expenses", expense_share=Decimal("0.2"))
    assert less.amount == -300_000_00
    assert termination_return(found, day, "nothing").amount == 0
    # a third was paid: 375 000 is due for the time of cover
    owing = termination_return(found, day, "pro_rata", premium_paid=Decimal(250_000))
    assert owing.amount == 125_000_00


def test_termination_refused() -> None:
    found = contract(("head", 11, 100_000_000))
    with pytest.raises(PremiumError, match="say one of pro_rata, pro_rata_less_expenses, nothing") as e:
        termination_return(found, DAY, "")
    assert e.value.code == "E4211"
    for method, share in (("pro_rata", Decimal("0.1")), ("pro_rata_less_expenses", None)):
        with pytest.raises(PremiumError, match="only pro_rata_less_expenses takes one"):
            termination_return(found, DAY, method, expense_share=share)


PREVENTION: dict[str, Any] = {
    "end_date": END,
    "asked_on": date(2025, 3, 31),
    "is_fully_paid": True,
    "insured_sum": Decimal(10_000_000),
    "payouts": Decimal(0),
}


def test_prevention_up_to_six_percent() -> None:
    found = prevention_refund(Decimal(1_000_000), Decimal(59_999), **PREVENTION)
    assert (found.ceiling, found.amount) == (60_000_00, 59_999_00)
    assert all(condition.holds for condition in found.conditions)
    assert found.payable_by == date(2025, 4, 9)  # 7 working days after 31 March, no holiday between
    assert prevention_refund(Decimal(1_000_000), Decimal(60_001), **PREVENTION).amount == 60_000_00


@pytest.mark.parametrize(
    ("change", "amount", "failed"),
    [
        ({"asked_on": date(2025, 4, 1)}, 0, [1]),
        ({"is_fully_paid": False}, 0, [0]),
        ({"payouts": Decimal(9_970_000)}, 30_000_00, []),
        ({"payouts": Decimal(10_000_000)}, 0, [2]),
    ],
)
def test_conditions_of_prevention(change: dict[str, Any], amount: int, failed: list[int]) -> None:
    found = prevention_refund(Decimal(1_000_000), Decimal(60_000), **{**PREVENTION, **change})
    assert found.amount == amount
    assert [k for k, condition in enumerate(found.conditions) if not condition.holds] == failed
    assert (found.payable_by is None) == (amount == 0)


def test_prevention_refused() -> None:
    with pytest.raises(PremiumError, match="paid after the term, which ends on 2024-12-31"):
        prevention_refund(Decimal(1), Decimal(1), **{**PREVENTION, "asked_on": END})
    with pytest.raises(PremiumError, match="costs is -1: an amount here is never negative"):
        prevention_refund(Decimal(1), Decimal(-1), **PREVENTION)
    early = {"end_date": date(2023, 12, 31), "asked_on": date(2024, 1, 10)}
    with pytest.raises(tariffs.NotOnRecord, match="prevention_ceiling has no value on 2023-12-31"):
        prevention_refund(Decimal(1), Decimal(1), **{**PREVENTION, **early})


@pytest.mark.parametrize(("degree", "amount"), [(29, 0), (30, 60_000_00), (100, 60_000_00)])
def test_rehabilitation_from_thirty_percent(degree: int, amount: int) -> None:
    found = rehabilitation_refund(
        Decimal(1_000_000),
        Decimal(200_000),
        degree_of_loss=degree,
        accident_date=date(2024, 1, 1),
        documents_on=date(2025, 3, 31),
    )
    assert found.amount == amount


def test_late_penalty_of_one_and_a_half_percent_a_day() -> None:
    day = date(2024, 2, 28)
    assert late_payment_penalty(Decimal("123456.78"), day, date(2024, 3, 1))[0] == 3_703_70  # × 0.03
    assert late_payment_penalty(Decimal(100), day, day)[0] == 0
    assert late_payment_penalty(Decimal(100), day, date(2024, 2, 1))[0] == 0
    with pytest.raises(PremiumError, match="unpaid sum is -1"):
        late_payment_penalty(Decimal(-1), day, day)


@pytest.mark.parametrize("module", [premium_change, refund])
def test_examples(module: Any) -> None:
    assert doctest.testmod(module).failed == 0
