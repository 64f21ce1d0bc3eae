"""Classes of activities: by code and edition, evenly spread activities, search by name.

Classes are those of order No 86 as written in its annexes (zan.gov.kz act 165186); the count of codes
is that of the market's list.
"""

from __future__ import annotations

import doctest
from datetime import date
from decimal import Decimal

import pytest

import tariffs
from tariffs import classification
from tariffs.classification import (
    ClassificationError,
    activity_class,
    activity_names,
    class_of_activities,
    find_activities,
    nearest_codes,
    nearest_names,
)

FIRST, SECOND, THIRD = date(2022, 3, 5), date(2022, 8, 15), date(2024, 7, 11)
RATES = {number: Decimal(number) for number in range(1, 23)} | {8: Decimal("9.5")}


@pytest.mark.parametrize(
    ("code", "day", "n_workers", "expected", "mask"),
    [
        ("62011", SECOND, None, 1, "62xxx"),
        ("05101", SECOND, None, 17, "05101"),
        ("05102", THIRD, None, 21, "05102"),
        ("05103", THIRD, None, 14, "05103"),
        ("05201", THIRD, None, 12, "05xxx"),
        # two annexes by headcount: 101 workers and more, 100 and fewer
        ("84300", FIRST, 100, 3, "84300"),
        ("84300", FIRST, 101, 2, "84300"),
        ("84300", date(2022, 8, 14), 101, 2, "84300"),
        ("84300", SECOND, None, 3, "84xxx"),
        ("84300", date(2024, 7, 10), None, 3, "84xxx"),
        ("84300", THIRD, None, 1, "84300"),
        ("62.01.1", THIRD, None, 1, "62xxx"),
    ],
)
def test_class_by_longest_mask_of_the_edition(
    code: str, day: date, n_workers: int | None, expected: int, mask: str
) -> None:
    found = activity_class(code, day, n_workers)
    assert (found.risk_class, found.mask) == (expected, mask)
    assert found.entry.value["oked_mask"] == mask


def test_the_market_list_agrees_with_the_masks() -> None:
    listed = tariffs.parameter("risk_classes").on(THIRD).value
    assert len(listed) == 1104
    assert {code: activity_class(code, THIRD).risk_class for code in listed} == {
        code: row["risk_class"] for code, row in listed.items()
    }


def test_before_the_order_the_class_must_be_given() -> None:
    with pytest.raises(
        ClassificationError, match="on record before 2022-03-05, the contract is of 2022-03-04"
    ) as e:
        activity_class("62011", date(2022, 3, 4))
    assert e.value.code == "E1102"


def test_two_annexes_ask_for_the_headcount() -> None:
    with pytest.raises(
        ClassificationError, match=r"depends on the number of workers .* until 2022-08-14"
    ) as e:
        activity_class("62011", FIRST)
    assert e.value.code == "E1105"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("62999", "62999 is not among the activities .* nearest codes are 62099 "),
        ("1111", "'1111' is not an OKED code of five digits. Perhaps a leading zero was lost: 01111 is"),
        ("6201", "leading zero was lost: 06201 .* The nearest codes are 62011 "),
        ("620111", "'620111' is not an OKED code of five digits"),
        ("IT", "'IT' is not an OKED code of five digits. Codes by words .* actuarial law oked --find 'IT'"),
        ("", "'' is not an OKED code of five digits"),
    ],
)
def test_unknown_codes_name_what_is_near(code: str, message: str) -> None:
    with pytest.raises(ClassificationError, match=message) as e:
        activity_class(code, THIRD)
    assert e.value.code == "E1104"


def test_a_code_without_mask_in_an_old_edition_is_refused() -> None:
    with pytest.raises(ClassificationError, match=r"37001 is not among .* in force on 2022-03-05"):
        activity_class("37001", FIRST, 5)


def test_nearest_codes_leave_out_the_code_itself() -> None:
    assert nearest_codes("62011", 2) == ["62012", "62021"]


@pytest.mark.parametrize(
    ("activities", "choice", "expected"),
    [
        ([(8, None), (9, None)], "higher_class", 9),
        ([(8, None), (9, None)], "higher_tariff", 8),
        ([(3, Decimal("0.6")), (20, Decimal("0.4"))], "higher_class", 3),
        ([(3, Decimal("0.5")), (20, Decimal("0.5"))], "higher_class", 20),
        ([(3, Decimal("0.4")), (20, Decimal("0.2")), (5, Decimal("0.4"))], "higher_class", 5),
        # the practice looks at every activity, whichever is the main one
        ([(3, Decimal("0.9")), (20, Decimal("0.1"))], "higher_tariff", 20),
        ([(7, None)], "higher_class", 7),
    ],
)
def test_several_activities(activities: list[tuple[int, Decimal | None]], choice: str, expected: int) -> None:
    assert class_of_activities(activities, RATES, choice) == expected


def test_weights_are_all_or_none() -> None:
    with pytest.raises(ClassificationError, match="1 of 2 activities have a weight") as e:
        class_of_activities([(8, None), (9, Decimal(1))], RATES)
    assert e.value.code == "E1106"


def test_search_by_word_finds_its_forms() -> None:
    names = [activity.name for activity in find_activities("угол", THIRD)]
    assert names[0] == "Добыча метана из угольных месторождений"
    assert "Добыча каменного угля открытым способом" in names
    assert len(names) == 16
    assert [a.oked_code for a in find_activities("ДОБЫЧА каменного угля", THIRD)] == ["05101", "05102"]
    assert {a.oked_code for a in find_activities("разработка программного", THIRD)} >= {"62011"}


def test_search_that_finds_nothing() -> None:
    assert find_activities("шахматы квантовые", THIRD) == []
    assert find_activities("", THIRD) == []
    assert "угля" in nearest_names("угаль")


def test_every_name_is_found_by_itself() -> None:
    for code, name in list(activity_names().items())[::50]:
        assert code in {a.oked_code for a in find_activities(name, THIRD)}


def test_examples() -> None:
    assert doctest.testmod(classification).failed == 0
