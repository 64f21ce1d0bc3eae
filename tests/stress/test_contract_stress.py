"""Scenarios on contracts in force, against premiums in decimals by hand."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from actuarial.portfolio.stress_book import read_stress_book
from actuarial.stress.contract_stress import ContractBook, ContractInput, StressedContracts
from actuarial.stress.scenario import Change, Scenario, load_scenarios

V = date(2026, 1, 1)
PRESETS = {scenario.name: scenario for file in load_scenarios("all") for scenario in file.scenarios}
CONTRACTS = """contract_id,contract_date,start_date,end_date,n_workers
C1,2025-03-01,2025-03-01,2026-02-28,5
C2,2025-03-01,2025-03-01,2026-02-28,300
C3,2025-05-01,2025-05-01,2026-04-30,120
"""
PARTS = """contract_id,part,risk_class,annual_payroll,n_workers
C1,head,1,10000000,5
C2,head,11,,300
C3,head,22,300000000,100
C3,branch,1,40000000,20
"""
STAFF = """contract_id,part,position,n_workers,monthly_income
C2,head,welder,250,300000
C2,head,director,50,1500000
"""
INPUTS = ContractInput(
    Decimal("0.45"), Decimal("0.1"), {"death": 4 * 10**9, "disability": 6 * 10**9, "medical": 5 * 10**7}
)


def book_of(folder: Path, *, with_staff: bool = True) -> ContractBook:
    folder.mkdir()
    parts = PARTS if with_staff else PARTS.replace("C2,head,11,,", "C2,head,11,1410000000,")
    for name, text in (("contracts", CONTRACTS), ("contract_parts", parts), ("staff", STAFF)):
        if name != "staff" or with_staff:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    book, contracts = read_stress_book(folder)
    assert contracts is not None, book.findings
    return contracts


@pytest.fixture(scope="module")
def stressed(tmp_path_factory: pytest.TempPathFactory) -> StressedContracts:
    return StressedContracts(book_of(tmp_path_factory.mktemp("x") / "book"), INPUTS, V)


def tiyn(tenge: Decimal) -> int:
    return int((tenge * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def premium(tariff: str = "1", wage: str = "85000", pay: str = "1") -> int:
    """OSNS Law 17(1)-(2-1): tariff × payroll with incomes capped at 10 МЗП, at least 1 МЗП a contract."""
    factor, least, rise = Decimal(tariff), Decimal(wage), Decimal(pay)
    cap = 10 * least
    staff = 12 * (250 * min(300_000 * rise, cap) + 50 * min(1_500_000 * rise, cap))
    found = [
        Decimal("0.0012") * factor * 10_000_000 * rise,
        Decimal("0.0075") * factor * staff,
        Decimal("0.0296") * factor * 300_000_000 * rise + Decimal("0.0012") * factor * 40_000_000 * rise,
    ]
    return sum(tiyn(max(amount, least)) for amount in found)


def test_the_base(stressed: StressedContracts) -> None:
    assert stressed.base.premium == premium() == 85_000_00 + 10_575_000_00 + 8_928_000_00
    assert stressed.base.minimum_applied == 1
    assert sum(stressed.base.by_class.values()) == stressed.base.premium


@pytest.mark.parametrize(
    ("name", "by_hand"),
    [
        ("tariff_cut", premium(tariff="0.8")),
        ("minimum_wage_step_1", premium(wage="99166.67")),
        ("minimum_wage_step_2", premium(wage="120416.67")),
        ("wages_2022", premium(pay="1.237")),
    ],
)
def test_premiums_by_hand(name: str, by_hand: int, stressed: StressedContracts) -> None:
    found = stressed.outcome(PRESETS[name])
    assert found.premiums.premium == by_hand
    assert found.delta_premium == by_hand - premium()
    assert sum(found.premiums.by_class.values()) == by_hand


def test_a_tariff_cut_leaves_claims_alone(stressed: StressedContracts) -> None:
    found = stressed.outcome(PRESETS["tariff_cut"])
    assert found.delta_claims == 0
    assert found.loss == premium() - premium(tariff="0.8")


def test_claims_follow_payrolls(stressed: StressedContracts) -> None:
    found = stressed.outcome(PRESETS["wages_2022"])
    payroll = 10_000_000 + 12 * (250 * 300_000 + 50 * 850_000) + 340_000_000
    later = Fraction(1237, 1000) * 350_000_000 + 12 * (250 * 371_100 + 50 * 850_000)
    expected = Fraction(45, 100) * premium()
    by_hand = round(expected * later / payroll) - round(expected)
    assert abs((found.delta_claims or 0) - by_hand) <= 1
    assert found.loss == (found.delta_claims or 0) - found.delta_premium


def test_inception(stressed: StressedContracts) -> None:
    found = stressed.outcome(PRESETS["disability_inception"])
    assert found.delta_premium == 0
    assert found.loss == found.delta_claims
    assert abs((found.loss or 0) - Fraction(35, 100) * Fraction(45, 100) * premium()) <= 1


@pytest.mark.parametrize(("name", "lapse"), [("lapse_up", "0.15"), ("lapse_down", "0.05")])
def test_lapse(name: str, lapse: str, stressed: StressedContracts) -> None:
    """Of a tenth, half as many more (or fewer) leave: premium and claims go with them."""
    found = stressed.outcome(PRESETS[name])
    kept = (1 - Fraction(lapse)) / Fraction(9, 10)
    assert abs(found.delta_premium - (kept - 1) * premium()) <= 1
    margin = premium() * Fraction(55, 100)
    assert abs((found.loss or 0) - (1 - kept) * margin) <= 2


def test_the_largest_site(stressed: StressedContracts) -> None:
    site = stressed.outcome(PRESETS["accident_concentration"]).site
    assert site is not None
    assert (site.contract_id, site.workers) == ("C2", 300)
    assert site.cases == {"death": 30, "disability": Fraction(21, 2), "medical": 90}
    assert site.cost == 30 * 4 * 10**9 + 21 * 3 * 10**9 + 90 * 5 * 10**7
    assert site.insured_sum == 12 * (250 * 300_000 + 50 * 850_000) * 100
    assert site.above_insured_sum == max(site.cost - site.insured_sum, 0)


@pytest.mark.parametrize(
    ("name", "missing", "loss"),
    [
        ("tariff_cut", (), premium() - premium(tariff="0.8")),
        ("wages_2022", ("loss ratio",), None),
        ("lapse_up", ("lapse rate",), None),
        ("disability_inception", ("loss ratio",), None),
        (
            "accident_concentration",
            ("cost of a case: death", "cost of a case: disability", "cost of a case: medical"),
            None,
        ),
    ],
)
def test_what_lacks_an_input_says_so(name: str, missing: Any, loss: int | None, tmp_path: Path) -> None:
    found = StressedContracts(book_of(tmp_path / "book"), ContractInput(), V).outcome(PRESETS[name])
    assert found.missing == missing
    assert found.loss == loss


def test_without_a_staff_list_the_cap_is_not_applied_again(tmp_path: Path) -> None:
    stressed = StressedContracts(book_of(tmp_path / "book", with_staff=False), INPUTS, V)
    assert stressed.base.premium == premium()
    raised = stressed.outcome(PRESETS["wages_2022"]).premiums
    assert raised.annual_payroll == round(
        Fraction(1237, 1000) * (10_000_000 + 1_410_000_000 + 340_000_000) * 100
    )
    wage = stressed.outcome(PRESETS["minimum_wage_step_1"]).premiums
    assert wage.premium - premium() == 99_166_67 - 85_000_00


def test_a_loss_grows_with_the_multiple(stressed: StressedContracts) -> None:
    cut = Scenario(
        name="cut", title="x", source="x", changes=[Change(parameter="law.tariff_rate", multiply=0.5)]
    )
    assert stressed.outcome(cut).premiums.premium == premium(tariff="0.5")
