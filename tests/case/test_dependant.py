"""Death: terms of Civil Code 940, equal split by hand, changes in time, funeral."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tariffs
from actuarial.claim.answer import Answer
from actuarial.claim.case import CaseError
from actuarial.claim.case_file import CaseFileError
from actuarial.claim.dependant import Survivors

Ask = Callable[..., Answer]
DEATH = {
    "degree_of_loss": None, "social_payment": None, "certificate_end": None, "first_certificate_date": None,
    "death_date": "2024-09-10", "average_monthly_earnings": "1200000",
}  # fmt: skip
CHILD = {"name": "child", "relation": "child", "birth_date": "2010-02-28"}
WIFE = {"name": "wife", "relation": "spouse", "sex": "female", "birth_date": "1986-01-01"}
MOTHER = {"name": "mother", "relation": "parent", "sex": "female", "birth_date": "1955-01-01"}


@pytest.fixture
def family(answer: Ask) -> Callable[..., Survivors]:
    def of(*dependants: dict[str, Any], **changes: Any) -> Survivors:
        found = answer(**{**DEATH, "dependants": list(dependants), **changes}).survivors
        assert found is not None
        return found

    return of


def shown(found: Survivors, name: str) -> list[tuple[str, str, str]]:
    return [
        (r.ground, r.start.isoformat(), "" if r.end is None else r.end.isoformat())
        for r in found.rights[name]
    ]


def periods(found: Survivors) -> list[tuple[str, dict[str, int]]]:
    return [(p.start.isoformat(), {a.name: a.amount for a in p.amounts}) for p in found.periods]


def test_equal_split_over_the_deceased_and_all_dependants(family: Callable[..., Survivors]) -> None:
    found = family(CHILD, WIFE, MOTHER)
    # cap 850 000 (2024) over four; the wife took part of the earnings but has no right
    assert shown(found, "child") == [("minor", "2024-09-10", "2028-02-28")]
    assert shown(found, "mother") == [("old_age", "2024-09-10", "")]
    assert shown(found, "wife") == []
    assert periods(found) == [
        ("2024-09-10", {"child": 21_250_000, "mother": 21_250_000}), ("2028-02-28", {"mother": 21_250_000}),
    ]  # fmt: skip
    without = family(CHILD, WIFE, MOTHER, choices={"survivor_share": "equal_split_without_deceased"})
    assert periods(without)[0][1]["child"] == 28_333_333
    given = family({**CHILD, "share": "0.3"}, {**MOTHER, "share": "0.2"}, choices={"survivor_share": "given"})
    assert periods(given)[0][1] == {"child": 25_500_000, "mother": 17_000_000}


def test_the_answer_of_the_family(answer: Ask) -> None:
    found = answer(**DEATH, dependants=[CHILD, MOTHER]).as_json()
    assert (found["capped_earnings"], found["monthly_benefit"]) == ("850000.00", "566666.66")
    assert (found["social_payment"], found["pension_contribution"]) == ("0.00", "0.00")
    assert found["payable_until"] is None
    assert found["survivors"]["periods"][0]["total"] == "566666.66"
    with_pension = answer(
        **{**DEATH, "average_monthly_earnings": "300000"}, deceased_pension="60000", dependants=[CHILD]
    ).as_json()
    # (300 000 + 60 000) / 2
    assert with_pension["monthly_benefit"] == "180000.00"


def test_students_and_disabled_children(family: Callable[..., Survivors]) -> None:
    student = {
        **CHILD,
        "name": "s",
        "relation": "student",
        "birth_date": "2005-05-05",
        "study_end": "2026-07-01",
    }
    long = {**student, "name": "l", "study_end": "2030-07-01"}
    disabled = {**CHILD, "name": "d", "disabled_from": "2027-01-01", "disabled_for_life": "yes"}
    late = {
        **CHILD,
        "name": "x",
        "birth_date": "2000-01-01",
        "disabled_from": "2029-09-11",
        "disabled_for_life": "yes",
    }
    in_time = {**late, "name": "y", "disabled_from": "2029-09-10"}
    found = family(student, long, disabled, late, in_time)
    assert shown(found, "s") == [("student", "2024-09-10", "2026-07-01")]
    assert shown(found, "l") == [("student", "2024-09-10", "2028-05-05")]
    assert shown(found, "d") == [("minor", "2024-09-10", "2028-02-28"), ("disabled", "2027-01-01", "")]
    # five years after the death: the last day counts, the next does not
    assert shown(found, "x") == []
    assert shown(found, "y") == [("disabled", "2029-09-10", "")]


def test_pension_age_within_five_years(family: Callable[..., Survivors]) -> None:
    husband = {"name": "h", "relation": "spouse", "sex": "male", "birth_date": "1965-03-01"}
    assert shown(family(husband), "h") == [("old_age", "2028-03-01", "")]
    assert shown(family(husband, choices={"old_age_after_death": "not_entitled"}), "h") == []
    younger = {**husband, "birth_date": "1968-03-01"}
    assert shown(family(younger), "h") == []


def test_ages_of_the_code_before_2019(family: Callable[..., Survivors]) -> None:
    # women over 58 then; the pension age of a woman born 1960-06-01 came on 2018-12-01
    old = {"contract_date": "2018-01-01", "accident_date": "2018-07-01", "death_date": "2018-07-01"}
    mother = {**MOTHER, "birth_date": "1960-06-01"}
    assert shown(family(mother, **old), "mother") == [("old_age", "2018-07-01", "")]


def test_carer_and_recounts(family: Callable[..., Survivors]) -> None:
    small = {**CHILD, "name": "small", "birth_date": "2014-01-01"}
    carer = {
        "name": "aunt",
        "relation": "carer",
        "birth_date": "1990-01-01",
        "cared_child_birth_date": "2014-01-01",
    }
    found = family(small, carer)
    assert shown(found, "aunt") == [("care", "2024-09-10", "2028-01-01")]
    # a third each; when the carer stops, half for the child (941(3))
    assert periods(found) == [
        ("2024-09-10", {"small": 28_333_333, "aunt": 28_333_333}), ("2028-01-01", {"small": 42_500_000}),
    ]  # fmt: skip
    assert [(str(day), n) for day, n in found.recounts] == [("2024-09-10", 2), ("2028-01-01", 1)]
    starting = family(small, {**carer, "care_start": "2025-01-01", "care_end": "2026-01-01"})
    assert [row[1] for row in periods(starting)] == [
        {"small": 42_500_000}, {"small": 28_333_333, "aunt": 28_333_333}, {"small": 42_500_000},
    ]  # fmt: skip
    disabled = family(small, {**carer, "disabled_from": "2027-06-01", "disabled_for_life": "yes"})
    assert shown(disabled, "aunt")[-1] == ("disabled", "2027-06-01", "")


def test_a_posthumous_child_changes_the_shares_and_others_ending_do_not(
    family: Callable[..., Survivors],
) -> None:
    born = {"name": "born", "relation": "child", "birth_date": "2025-03-01"}
    teen = {**CHILD, "name": "teen", "birth_date": "2007-01-01"}
    found = family(teen, MOTHER, born)
    assert periods(found) == [
        ("2024-09-10", {"teen": 28_333_333, "mother": 28_333_333}),
        # the teenager's right ended on 2025-01-01: the mother's third stays
        ("2025-01-01", {"mother": 28_333_333}),
        # the child is born: over the deceased, the mother and the child
        ("2025-03-01", {"mother": 28_333_333, "born": 28_333_333}),
        ("2043-03-01", {"mother": 28_333_333}),
    ]
    everyone = family(teen, MOTHER, born, choices={"survivor_recount": "all_so_far"})
    assert periods(everyone)[2][1] == {"mother": 21_250_000, "born": 21_250_000}


def test_funeral(family: Callable[..., Survivors]) -> None:
    assert family(CHILD).funeral == 100 * 3692 * 100
    later = {"funeral": {"payment_date": "2025-01-20"}}
    assert family(CHILD, **later).funeral == 100 * 3932 * 100
    assert family(CHILD, **later, choices={"funeral_index_date": "death_date"}).funeral == 100 * 3692 * 100


def test_no_funeral_rule_before_2010(family: Callable[..., Survivors]) -> None:
    old = {"contract_date": "2009-01-01", "accident_date": "2009-06-01", "death_date": "2009-06-01"}
    with pytest.raises(tariffs.NotOnRecord, match="funeral_payment"):
        family(CHILD, **old)


def test_problems_of_the_list_are_named_together(answer: Ask) -> None:
    bad = [
        {**WIFE, "sex": None}, CHILD, CHILD, {"name": "c", "relation": "carer", "birth_date": "1990-01-01"},
        {"name": "d", "relation": "disabled_dependant", "birth_date": "1990-01-01", "share": "0.5"},
    ]  # fmt: skip
    with pytest.raises(CaseError, match="wife: sex is empty") as error:
        answer(**DEATH, dependants=bad)
    for text in (
        "'child' is listed twice",
        "cared_child_birth_date, or care_end",
        "disabled_until or",
        "share is given",
    ):
        assert text in str(error.value)
    with pytest.raises(CaseError, match=r"add up to 1\.1: at most 1"):
        shares = [{**CHILD, "share": "0.6"}, {**MOTHER, "share": "0.5"}]
        answer(**DEATH, dependants=shares, choices={"survivor_share": "given"})
    with pytest.raises(CaseFileError, match="death_date: is empty"):
        answer(**{**DEATH, "death_date": None}, dependants=[CHILD])


def test_no_one_is_entitled(answer: Ask) -> None:
    found = answer(**DEATH, dependants=[WIFE]).as_json()
    assert (found["monthly_benefit"], found["survivors"]["periods"]) == ("0.00", [])
    assert found["payable_until"] == "2024-09-10"
