"""Factors on published values and plain sums; the contract of a case equals its reserve; the schedule."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from ruamel.yaml import YAML

import mortality
from actuarial.annuity_contract import (
    AnnuityError,
    annuity_contract,
    annuity_factors,
    schedule_rows,
    write_schedule,
)
from actuarial.basis import Basis, load_basis
from actuarial.claim.case import Case, CaseError, LawNotes, record_of
from actuarial.claim.case_file import case_of
from actuarial.reserve import annuity_reserve

V = date(2026, 1, 1)
Keys = Callable[..., dict[str, Any]]


@pytest.fixture
def basis(tmp_path: Path) -> Callable[..., Basis]:
    """The shipped basis with changes."""
    shipped = Path(load_basis.__code__.co_filename).parent / "bases" / "illustrative-2026.yaml"

    def of(**changes: Any) -> Basis:
        content = YAML(typ="safe", pure=True).load(shipped.read_text(encoding="utf-8"))
        for name, value in changes.items():
            content[name] = {**content[name], **value} if name in ("mortality", "expenses") else value
        path = tmp_path / "basis.yaml"
        with path.open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(content, file)
        return load_basis(path)

    return of


# model page of the project, section 3: a man aged 40 to 63, a year in advance, monthly; constant force
@pytest.mark.parametrize(
    ("rate", "index", "multiplier", "factor", "certain"),
    [
        (0.06, 0.0, 1.0, 11.81982, 12.69968),
        (0.12, 0.08, 1.0, 13.89703, 15.07395),
        (0.06, 0.0, 2.0, 11.04995, 12.69968),
    ],
)
def test_values_of_the_model_page(
    basis: Callable[..., Basis], rate: float, index: float, multiplier: float, factor: float, certain: float
) -> None:
    b = basis(
        interest={"flat": rate},
        indexation={"choice": "contract_rate", "rate": index},
        mortality={"multiplier": {"A": 1.0, "B": multiplier, "C": 3.0, "D": 5.0, "dependant": 1.0}},
    )
    found = annuity_factors(b, V, "male", 480, degree_percent=40, to_pension=True)
    assert found.n_payments == 276
    assert found.factor / 12 == pytest.approx(factor, abs=5e-6)
    assert found.factor_certain is not None
    assert found.factor_certain / 12 == pytest.approx(certain, abs=5e-6)


def test_plain_sum_with_a_part_month(basis: Callable[..., Basis]) -> None:
    b = basis(interest={"flat": 0.1}, indexation={"choice": "none"})
    # a woman born on 1970-02-14: 55 years and 10 months (and some days) on 2026-01-01 are not a whole month,
    # so the person of 670 months is born on 1970-03-01; pension on 2033-03-01
    found = annuity_factors(b, V, "female", 670, to_pension=True)
    assert (found.birth_date, found.pension_date) == (date(1970, 3, 1), date(2033, 3, 1))
    q = mortality.load_table("kz-wpp2024-2020-2025-female").qx
    alive, total = 1.0, 0.0
    for k in range(86):
        total += alive * 1.1 ** (-k / 12)
        alive *= (1 - q[(670 + k) // 12]) ** (1 / 12)
    assert found.factor == pytest.approx(total, rel=1e-12)
    # a valuation on the 10th of a man whose pension date is the 10th: whole months; to the tiyn by hand
    late = annuity_factors(
        b, date(2026, 1, 10), "male", 62 * 12 + 11, to_pension=True, monthly=Fraction(1000)
    )
    assert (late.n_payments, late.net_single_premium) == (1, 100_000)


def test_for_life_and_by_term(basis: Callable[..., Basis]) -> None:
    b = basis(interest={"flat": 0.0}, indexation={"choice": "none"})
    life = annuity_factors(b, V, "male", 480)
    assert life.factor_certain is None
    table = mortality.load_table("kz-wpp2024-2020-2025-male")
    alive, total = 1.0, 0.0
    for month in range(480, table.last_age * 12 + 1):
        total += alive
        alive *= (1 - table.qx[month // 12]) ** (1 / 12)
    assert life.factor == pytest.approx(total, rel=1e-12)
    term = annuity_factors(b, V, "male", 480, term_months=12)
    assert (term.factor_certain, term.n_payments) == (12.0, 12)
    oldest = annuity_factors(b, V, "male", table.last_age * 12 + 3)
    assert oldest.factor == 1.0


def test_gross_premium_by_hand(basis: Callable[..., Basis]) -> None:
    expenses = {"of_payment": 0.02, "per_month": 500, "inflation": 0.0, "of_premium": 0.05}
    b = basis(interest={"flat": 0.0}, indexation={"choice": "none"}, expenses=expenses,
              mortality={"multiplier": dict.fromkeys(("A", "B", "C", "D", "dependant"), 0.0)})  # fmt: skip
    found = annuity_factors(b, V, "male", 480, degree_percent=60, term_months=10, monthly=Fraction(100_000))
    assert found.net_single_premium == 100_000_000
    # (1 000 000 x 1.02 + 10 x 500) / 0.95
    assert found.gross_single_premium == 107_894_737


def test_an_age_outside_the_table_is_refused(basis: Callable[..., Basis]) -> None:
    with pytest.raises(
        AnnuityError, match="outside the table kz-wpp2024-2020-2025-male, which covers 0-109"
    ) as error:
        annuity_factors(basis(), V, "male", 111 * 12)
    assert error.value.code == "E5500"
    with pytest.raises(AnnuityError, match="choose one end"):
        annuity_factors(basis(), V, "male", 480, term_months=3, to_pension=True)
    with pytest.raises(AnnuityError, match="degree of 0 %"):
        annuity_factors(basis(), V, "male", 480, degree_percent=0)


def reserve_of(case: Case, basis: Basis, day: date) -> dict[str, int]:
    """The same person as a row of a portfolio, straight from its columns."""
    value = annuity_reserve(record_of(case), basis, day, threads=1)
    return {name: int(column[0]) for name, column in value.amounts.items()}


@given(
    degree=st.integers(30, 100),
    earnings=st.integers(100_000, 1_500_000),
    fund=st.integers(0, 60_000),
    first=st.dates(date(2026, 1, 1), date(2026, 2, 28)),
    start=st.dates(date(2024, 10, 1), date(2025, 12, 31)),
    end=st.one_of(st.none(), st.dates(date(2026, 1, 10), date(2040, 1, 1))),
    current=st.one_of(st.none(), st.integers(1, 900_000)),
    sex=st.sampled_from(["male", "female"]),
    index=st.sampled_from([
        {"choice": "contract_rate", "rate": 0.08}, {"choice": "none"}, {"choice": "mci"},
        {"choice": "rate_by_year", "rate_by_year": {"later": 0.07}},
    ]),
)  # fmt: skip
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_contract_of_a_case_is_its_reserve(
    keys: Keys, basis: Callable[..., Basis], degree: int, earnings: int, fund: int, first: date, start: date,
    end: date | None, current: int | None, sex: str, index: dict[str, Any],
) -> None:  # fmt: skip
    b = basis(indexation=index)
    if degree * earnings <= 100 * fund:
        fund = 0
    case = case_of(
        keys(
            sex=sex, degree_of_loss=str(degree), average_monthly_earnings=str(earnings),
            social_payment=str(fund),
            certificate_end=None if end is None else end.isoformat(), next_payment_date=first.isoformat(),
            annuity_start_date=start.isoformat(), first_certificate_date="2024-10-01",
            current_monthly_payment=None if current is None else str(current),
        )
    ).case  # fmt: skip
    found = annuity_contract(case, b, V, LawNotes())
    reserve = reserve_of(case, b, V)
    assert found.net_single_premium == reserve["certified_reserve"]
    assert found.first_payment == reserve["monthly_payment"]
    # the schedule, discounted with the factors' survival, is the same value
    if found.schedule:
        assert found.schedule[0].amount == reserve["monthly_payment"]
        whole = found.schedule[0].exact / found.schedule[0].part
        assert found.factor is not None
        assert found.factor * float(whole) == pytest.approx(
            reserve["certified_reserve"] / 100, rel=1e-11, abs=0.01
        )
    else:
        assert reserve["certified_reserve"] == 0
    assert all(p.net + p.pension_contribution == p.amount for p in found.schedule)


@pytest.mark.parametrize(
    "changes",
    [
        {"product": "voluntary", "degree_of_loss": "20", "remaining_insured_sum": "500000"},
        {"product": "voluntary", "degree_of_loss": "20", "certificate_end": None,
         "remaining_insured_sum": "900000"},
        {"beneficiary": "child", "birth_date": "2015-04-10", "share": "0.25", "degree_of_loss": None},
        {"beneficiary": "spouse", "sex": "female", "birth_date": "1955-04-10", "share": "0.3333",
         "degree_of_loss": None},
        {"remaining_insured_sum": "300000"},
    ],
)  # fmt: skip
def test_other_products_and_beneficiaries(
    keys: Keys, basis: Callable[..., Basis], changes: dict[str, Any]
) -> None:
    b = basis()
    case = case_of(keys(**changes)).case
    found = annuity_contract(case, b, V, LawNotes())
    reserve = reserve_of(case, b, V)
    assert found.net_single_premium == reserve["certified_reserve"]
    assert found.first_payment == reserve["monthly_payment"] == found.schedule[0].amount
    limit = changes.get("remaining_insured_sum")
    if limit and changes.get("product") == "voluntary":
        assert sum(p.exact for p in found.schedule) == int(limit)


def test_pre_retirement_follows_the_subsistence_minimum(keys: Keys, basis: Callable[..., Basis]) -> None:
    raw = {
        "product": "compulsory", "beneficiary": "pre_retirement", "sex": "male", "birth_date": "1965-05-05",
        "next_payment_date": "2026-04-01",
    }  # fmt: skip
    case, b = case_of(raw).case, basis()
    found = annuity_contract(case, b, V, LawNotes())
    assert found.net_single_premium == reserve_of(case, b, V)["certified_reserve"]
    assert [p.amount for p in found.schedule[8:10]] == [5_085_100, round(50851 * 1.08 * 100)]
    assert found.schedule[-1].period_end == date(2028, 5, 5)


def test_negligence_and_index_reach_the_price(keys: Keys, basis: Callable[..., Basis]) -> None:
    b = basis(indexation={"choice": "none"})
    case = case_of(
        keys(
            accident_date="2023-09-10", contract_date="2023-02-01", fault_percent="20",
            annuity_start_date="2024-11-15", indexation={"choice": "contract_rate", "rate": "0.08"},
        )
    ).case  # fmt: skip
    found = annuity_contract(case, b, V, LawNotes())
    # (240 000 x 80 % - 98 262) x 1.08 on the valuation date
    assert found.first_payment == 10_123_704
    assert {p.amount for p in found.schedule} == {10_123_704}


def test_nothing_is_left_to_pay(keys: Keys, basis: Callable[..., Basis]) -> None:
    b = basis()
    found = annuity_contract(case_of(keys(next_payment_date="2027-03-01")).case, b, V, LawNotes())
    assert (found.schedule, found.net_single_premium, found.factor) == ((), 0, None)
    past = annuity_factors(b, V, "male", 64 * 12, to_pension=True)
    assert (past.n_payments, past.factor, past.gross_single_premium) == (0, 0.0, 0)


def test_needs_a_first_payment(keys: Keys, basis: Callable[..., Basis]) -> None:
    with pytest.raises(CaseError, match="next_payment_date"):
        annuity_contract(case_of(keys(next_payment_date=None)).case, basis(), V, LawNotes())
    with pytest.raises(CaseError, match="before the valuation date 2026-05-01"):
        annuity_contract(case_of(keys()).case, basis(), date(2026, 5, 1), LawNotes())


def test_schedule_as_csv_and_xlsx(keys: Keys, basis: Callable[..., Basis], tmp_path: Path) -> None:
    case = case_of(keys(certificate_end="2026-07-16")).case
    found = annuity_contract(case, basis(), V, LawNotes())
    rows = schedule_rows(found.schedule)
    # 15 of 31 days of the last month: 141 738 x 15 / 31 = 68 582.903...
    assert rows[-1][1:6] == ("2026-07-01", "2026-07-16", 15 / 31, 1.0, "68582.90")
    write_schedule(found.schedule, tmp_path / "s.csv")
    read = list(csv.DictReader((tmp_path / "s.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["amount"] for row in read] == ["141738.00"] * 3 + ["68582.90"]
    assert [row["pension_contribution"] for row in read] == ["14173.80"] * 3 + ["6858.29"]
    write_schedule(found.schedule, tmp_path / "s.xlsx")
    sheet = load_workbook(tmp_path / "s.xlsx")["schedule"]
    assert sheet["F5"].value == 68582.9
    assert sheet["B2"].value.date() == date(2026, 4, 1)
    with pytest.raises(AnnuityError, match=r"ends in \.csv or \.xlsx"):
        write_schedule(found.schedule, tmp_path / "s.ods")


def test_months_of_the_29th_of_february(keys: Keys, basis: Callable[..., Basis]) -> None:
    case = case_of(
        keys(annuity_start_date="2025-02-28", next_payment_date="2026-01-31", certificate_end="2028-05-01")
    ).case
    b = basis()
    found = annuity_contract(case, b, V, LawNotes())
    assert [p.date.day for p in found.schedule[:4]] == [31, 28, 31, 30]
    assert found.net_single_premium == reserve_of(case, b, V)["certified_reserve"]
    assert np.isfinite(found.factor)
