"""Additional expenses: caps by hand, exclusions, the sanatorium, lump sums of court cases, properties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tariffs
from actuarial.claim.answer import Answer, answer_of
from actuarial.claim.case import CaseError, LawNotes
from actuarial.claim.case_file import case_of
from actuarial.claim.choice import ChoiceError
from actuarial.claim.expense_ledger import Bill, Ledger, expense_ledger

Ask = Callable[..., Answer]
# monthly calculation index: 3 692 (2024), 3 932 (2025), 4 325 (2026)


def ledger_of(found: Answer) -> Ledger:
    assert found.ledger is not None
    return found.ledger


@pytest.mark.parametrize(
    ("degree", "multiple"), [(30, 500), (59, 500), (60, 750), (89, 750), (90, 1000), (100, 1000)]
)
def test_cap_by_the_first_degree(answer: Ask, degree: int, multiple: int) -> None:
    bills = [{"date": "2025-06-01", "amount": "9000000"}]
    found = ledger_of(
        answer(degree_of_loss="70", first_degree_of_loss=str(degree), expenses=bills, social_payment="0")
    )
    assert found.paid == multiple * 3932 * 100
    assert found.lines[0].reason == "over_cap"


def test_cumulative_in_order_of_time_with_the_index_of_the_year(answer: Ask) -> None:
    bills = [
        {"date": "2026-02-01", "amount": "3000000", "kind": "prosthesis"},
        {"date": "2025-05-01", "amount": "1000000"},
        {"date": "2025-05-01", "amount": "100000", "covered_by": "guaranteed_care"},
        {"date": "2025-05-02", "amount": "100000", "covered_by": "medical_insurance"},
        {"date": "2025-05-03", "amount": "100000", "documents": "no"},
    ]
    found = ledger_of(answer(expenses=bills))
    paid = [(line.bill.number, line.paid, line.reason) for line in found.lines]
    # 750 x 3 932 = 2 949 000 in 2025; 750 x 4 325 - 1 000 000 = 2 243 750 in 2026
    assert paid == [
        (2, 100_000_000, ""), (3, 0, "guaranteed_care"), (4, 0, "medical_insurance"), (5, 0, "no_documents"),
        (1, 224_375_000, "over_cap"),
    ]  # fmt: skip
    assert found.lines[0].left_before == 294_900_000
    assert found.lines[-1].left_after == 0
    by_accident = ledger_of(answer(expenses=bills, choices={"expense_index_date": "accident_date"}))
    assert by_accident.lines[0].cap == 750 * 3692 * 100
    earlier = ledger_of(answer(expenses=bills, expenses_paid="2949000"))
    assert earlier.lines[0].paid == 0


def test_medical_insurance_is_excluded_only_since_2020(answer: Ask) -> None:
    old = {
        "contract_date": "2019-01-01",
        "accident_date": "2019-03-01",
        "first_certificate_date": "2019-06-01",
    }
    bills = [
        {"date": "2019-12-31", "amount": "1000", "covered_by": "medical_insurance"},
        {"date": "2020-01-01", "amount": "1000", "covered_by": "medical_insurance"},
    ]
    assert [line.reason for line in ledger_of(answer(**old, expenses=bills)).lines] == [
        "",
        "medical_insurance",
    ]


def test_one_sanatorium_course_outside_the_cap(answer: Ask) -> None:
    bills = [
        {"date": "2025-01-15", "amount": "300000", "kind": "sanatorium"},
        {"date": "2025-04-01", "amount": "500000", "kind": "sanatorium"},
        {"date": "2025-09-01", "amount": "100000", "kind": "sanatorium"},
        {"date": "2025-10-01", "amount": "9000000", "kind": "treatment"},
    ]
    found = ledger_of(answer(expenses=bills))
    assert [(line.paid, line.reason) for line in found.lines] == [
        (0, "before_certificate"), (39_320_000, "over_cap"), (0, "second_course"), (294_900_000, "over_cap"),
    ]  # fmt: skip
    # before the edition of 2024 a course is an additional expense like others
    older = {"contract_date": "2023-02-01", "accident_date": "2023-09-10"}
    assert ledger_of(answer(**older, expenses=bills[1:])).lines[1].paid == 10_000_000


def test_voluntary_and_employer_caps(answer: Ask) -> None:
    bills = [{"date": "2026-02-01", "amount": "9000000"}]
    low = {"degree_of_loss": "20", "social_payment": None, "expenses": bills}
    # 250 MCI on the day of the first certificate (2025), and at the moment of payment (2026)
    assert ledger_of(answer(product="voluntary", **low)).paid == 250 * 3932 * 100
    assert ledger_of(answer(product="employer", **low)).paid == 250 * 4325 * 100
    with pytest.raises(CaseError, match="first_certificate_date is empty"):
        answer(product="voluntary", first_certificate_date=None, certificate_end=None, **low)


def test_first_degree_below_thirty_is_the_employers(answer: Ask) -> None:
    found = ledger_of(answer(first_degree_of_loss="20", expenses=[{"date": "2026-02-01", "amount": "1000"}]))
    assert (found.paid, found.lines[0].reason) == (0, "no_cover")


# Court sums on record: 1 852 000 at 50 % (MCI 1 852, 2014), 991 000 at 29 % (MCI 1 982, 2015)
@pytest.mark.parametrize(
    ("degree", "accident", "expected"), [("50", "2014-03-01", 185_200_000), ("29", "2015-02-01", 99_100_000)]
)
def test_lump_sums_that_courts_awarded(answer: Ask, degree: str, accident: str, expected: int) -> None:
    old = {"accident_date": accident, "contract_date": "2013-12-01", "first_certificate_date": accident}
    found = ledger_of(
        answer(
            **old, degree_of_loss=degree, choices={"lump_sum_index_date": "accident_date"},
            expenses=[{"date": "2016-02-01", "amount": "1000"}],
        )
    )  # fmt: skip
    assert found.lump_sum == expected
    assert found.lines[0].reason == "lump_sum_paid"


@pytest.mark.parametrize(("degree", "multiple"), [("29", 500), ("59", 1000), ("89", 1500), ("90", 2000)])
def test_lump_sums_by_band(answer: Ask, degree: str, multiple: int) -> None:
    old = {
        "accident_date": "2012-03-01",
        "contract_date": "2011-12-01",
        "first_certificate_date": "2012-06-01",
    }
    found = answer(**old, degree_of_loss=degree, choices={"lump_sum_index_date": "first_certificate_date"})
    assert ledger_of(found).lump_sum == multiple * 1618 * 100


def test_year_of_the_lump_sum_is_a_required_choice(answer: Ask) -> None:
    old = {
        "accident_date": "2012-03-01",
        "contract_date": "2011-12-01",
        "first_certificate_date": "2012-06-01",
    }
    assert answer(**old).benefit.notes[-1][0] == "lump_sum_open"
    with pytest.raises(ChoiceError, match="lump_sum_index_date is required") as error:
        answer(**old, expenses=[{"date": "2013-02-01", "amount": "1000"}])
    assert error.value.code == "E5411"


def test_edition_of_2007_pays_actual_expenses_up_to_the_sum(answer: Ask) -> None:
    old = {
        "accident_date": "2009-03-01",
        "contract_date": "2008-12-01",
        "first_certificate_date": "2009-06-01",
    }
    bills = [{"date": "2009-09-01", "amount": "700000"}, {"date": "2009-10-01", "amount": "700000"}]
    found = ledger_of(answer(**old, remaining_insured_sum="1000000", expenses=bills))
    assert [line.paid for line in found.lines] == [70_000_000, 30_000_000]
    with pytest.raises(CaseError, match="remaining_insured_sum is empty"):
        answer(**old, expenses=bills)


def test_index_not_on_record(answer: Ask) -> None:
    with pytest.raises(tariffs.NotOnRecord, match="mci has no value on 2027-01-01"):
        answer(expenses=[{"date": "2027-01-01", "amount": "1000"}])


@given(
    first=st.integers(0, 300_000_000),
    second=st.integers(0, 300_000_000),
    others=st.lists(st.integers(0, 2 * 10**8), max_size=4),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_splitting_a_bill_changes_nothing(
    keys: Callable[..., dict[str, Any]], first: int, second: int, others: list[int]
) -> None:
    case = case_of(keys()).case

    def paid(amounts: list[int]) -> int:
        bills = [Bill(i, date(2025, 6, 1), Decimal(a) / 100) for i, a in enumerate(amounts, start=1)]
        found = expense_ledger(case, bills, LawNotes())
        assert all(line.paid + line.refused == amounts[line.bill.number - 1] for line in found.lines)
        assert 0 <= found.paid <= 294_900_000
        return found.paid

    assert paid([first + second, *others]) == paid([first, second, *others])
    assert paid([*others, first]) <= paid([*others, first, second])


def test_answer_holds_the_ledger(answer: Ask, keys: Callable[..., dict[str, Any]]) -> None:
    found = answer_of(case_of(keys(expenses=[{"date": "2025-05-01", "amount": "1 000,50"}]))).as_json()
    line = found["expenses"]["lines"][0]
    assert (line["amount"], line["paid"], line["left_after"]) == ("1000.50", "1000.50", "2947999.50")
