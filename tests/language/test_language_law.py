"""What the law, the tables, a basis and a case say in Russian and Kazakh: no English is left but names."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import mortality
import tariffs
from actuarial.annuity import annuity_certain_due
from actuarial.basis import Assumptions, changed_basis, load_basis
from actuarial.claim.answer import answer_of
from actuarial.claim.case_file import case_of, read_case_file
from actuarial.claim.choice import CHOICES, Choices
from actuarial.claim.earnings import MonthPay, average_earnings
from actuarial.language import is_message, said, spoken
from actuarial.model_file import VALUE_WORDS, value_problem, yaml_fault
from mortality.graduate import whittaker_henderson
from mortality.message import message as mortality_message
from tariffs.calendar_kz import WorkingCalendar, read_moved_days
from tariffs.classification import activity_class, class_of_activities
from tariffs.domain import DomainError, converted
from tariffs.message import joined as law_joined
from tariffs.message import message as law_message
from tariffs.reader import read_parameter
from tariffs.social_payment import social_payment, survivor_social_payment

LANGUAGES = ("ru", "kk")
ONE = Decimal(1)
ENGLISH = re.compile(r"\b[a-z]{3,} [a-z]{3,}\b")
"""Two words of English side by side; names of keys have underscores or stand alone."""
KNOWN_NAMES = ("actuarial table list", "actuarial law show", "unclosed token")
"""Commands, and what the reader of XML says."""


def english_left(shown: str, *data: str) -> list[str]:
    """Words left of a message when names and quoted values, which are data, are taken out."""
    shown = re.sub(r"'[^']*'|<[^>]*>", "", shown)
    for name in (*KNOWN_NAMES, *data):
        shown = shown.replace(name, "")
    return ENGLISH.findall(shown)


def assumptions() -> dict[str, Any]:
    return load_basis("illustrative-2026").assumptions.model_dump()


def with_value(*path: str | int, value: Any) -> dict[str, Any]:
    values: Any = assumptions()
    place = values
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return dict(values)


def problems_of(values: dict[str, Any]) -> list[Any]:
    with pytest.raises(ValidationError) as error:
        Assumptions.model_validate(values)
    return list(error.value.errors())


WRONG_VALUES = {
    "string_too_short": (("name",), ""),
    "string_type": (("name",), 3),
    "less_than": (("interest", "flat"), 5.0),
    "greater_than": (("interest", "flat"), -5.0),
    "finite_number": (("interest", "flat"), float("nan")),
    "float_type": (("interest", "flat"), "x"),
    "literal_error": (("indexation", "choice"), "zz"),
    "too_short": (("certification", "matrices"), []),
    "int_type": (("certification", "next_term_months", "A"), "x"),
    "greater_than_equal": (("expenses", "per_month"), -1.0),
    "less_than_equal": (("certification", "representative_degree", "A"), 200.0),
    "dict_type": (("certification", "matrices"), [3]),
    "list_type": (("certification", "matrices"), 3),
    "model_type": (("growth",), 3),
    "value_error": (("interest", "spot"), "x.csv"),
}


@pytest.mark.parametrize("kind", WRONG_VALUES)
def test_words_of_values_are_those_of_the_library_in_english(kind: str) -> None:
    path, value = WRONG_VALUES[kind]
    (problem,) = problems_of(with_value(*path, value=value))
    assert problem["type"] == kind
    assert value_problem(problem) == problem["msg"].removeprefix("Value error, ")


@pytest.mark.parametrize("kind", WRONG_VALUES)
@pytest.mark.parametrize("code", LANGUAGES)
def test_words_of_values_are_translated(kind: str, code: str) -> None:
    path, value = WRONG_VALUES[kind]
    problems = problems_of(with_value(*path, value=value))
    with spoken(code):
        for problem in problems:
            shown = said(value_problem(problem))
            assert shown != value_problem(problem)
            assert english_left(shown) == []


def test_the_table_of_words_has_no_wording_of_its_own() -> None:
    from pydantic_core import _pydantic_core

    templates = {
        str(entry["type"]): re.sub(r"\{\w+\}", "*", entry["message_template_python"])
        for entry in _pydantic_core.list_all_errors()
    }
    for kind, words in VALUE_WORDS.items():
        theirs = templates[kind].replace("item*", "item").replace("character*", "character")
        for word in words:
            ours = re.sub(r"\{\w+\}", "*", word).replace("* or *", "*")
            ours = ours.replace("items", "item").replace("characters", "character").replace("List", "*")
            assert ours == theirs


FAULTY_YAML = [
    "a: b: c", "a: [1, 2", "a: {b: 1\nc: 2}", "a: 1\na: 2", "a: *x", "x: !foo 1", "- a\nb: 1", 'a: "\\q"',
    "a: 'x", "  @",
]  # fmt: skip


@pytest.mark.parametrize("content", FAULTY_YAML)
@pytest.mark.parametrize("code", LANGUAGES)
def test_faults_of_yaml_are_translated(content: str, code: str) -> None:
    with pytest.raises(YAMLError) as error:
        YAML(typ="safe", pure=True).load(content)
    fault = yaml_fault(error.value)
    assert str(getattr(error.value, "problem", "")) in fault
    with spoken(code):
        assert english_left(said(fault)) == []


def faulty_case() -> object:
    return case_of(
        {
            "product": "compulsorry",
            "sex": "male",
            "birth_date": "1980-02-30",
            "degree_of_los": 60,
            "monthly_pay": [],
            "social_income": {"a": 1},
            "choices": {"edition_date": "never", "x": "y"},
            "indexation": {"choice": "contract_rate"},
            "growth": {"mci": "x", "abc": "1"},
            "projection": [],
            "late_payments": [{"due_date": "2026-01-01"}],
        }
    )


def contradicting_case(**more: Any) -> Callable[[], object]:
    values = {
        "product": "compulsory",
        "sex": "male",
        "birth_date": date(1980, 2, 1),
        "accident_date": date(2026, 1, 10),
        "contract_date": date(2026, 2, 10),
        "first_certificate_date": date(2025, 1, 1),
        "average_monthly_earnings": 100000,
        "monthly_pay": [100000, {"month": "2025-12"}],
        "degree_changes": [
            {"date": date(2027, 1, 1), "degree_of_loss": 40},
            {"date": date(2026, 1, 1), "degree_of_loss": 30},
        ],
        "pension_stop": "no",
        "dependants": [{"name": "A", "relation": "child", "birth_date": date(2020, 1, 1)}],
    } | more
    return lambda: case_of(values)


PERSON = {
    "product": "compulsory",
    "sex": "male",
    "birth_date": date(1980, 2, 1),
    "accident_date": date(2026, 1, 10),
    "first_certificate_date": date(2026, 2, 1),
    "next_payment_date": date(2026, 3, 1),
    "contract_date": date(2025, 12, 1),
    "degree_of_loss": 60,
    "average_monthly_earnings": 300000,
    "social_payment": 0,
}


def answered(**more: Any) -> Callable[[], object]:
    values = {key: value for key, value in (PERSON | more).items() if value is not None}
    return lambda: answer_of(case_of(values))


def bad_table(content: str, name: str = "t.csv") -> Callable[[], object]:
    return lambda: mortality.read_table(content.encode(), name)


SELECT = "age,q0,q1,ultimate\n60,0.1,2,0.5\n61,,,0.5\n62,,,1\n"
XTBML = (
    "<XTbML><Table><MetaData><AxisDef id='a'/></MetaData><Values><Axis><Y t='1'>x</Y><Y t='3'>1</Y></Axis>"
    "</Values></Table></XTbML>"
)
REFUSALS: dict[str, Callable[[], object]] = {
    "no basis": lambda: load_basis("no such"),
    "basis of wrong values": lambda: changed_basis(
        load_basis("illustrative-2026"),
        with_value("interest", value={"flat": 5.0, "x": 1}) | {"growth": {}},
        "t.yaml",
    ),
    "degree outside its band": lambda: changed_basis(
        load_basis("illustrative-2026"),
        with_value("certification", "representative_degree", "A", value=99.0),
        "t.yaml",
    ),
    "matrix": lambda: changed_basis(
        load_basis("illustrative-2026"), with_value("certification", "matrices", value=[{"A": 1}]), "t.yaml"
    ),
    "annuity": lambda: annuity_certain_due(12, rate=0.06, payments_per_year=5),
    "faulty case": faulty_case,
    "contradicting case": contradicting_case(),
    "survivor of an employer": contradicting_case(beneficiary="child", product="employer"),
    "no case file": lambda: read_case_file(Path("none.yaml")),
    "what a case needs": answered(average_monthly_earnings=None, social_payment=None, contract_date=None),
    "degree the payer does not owe for": answered(degree_of_loss=10),
    "degree changed": answered(
        social_payment=50000, degree_changes=[{"date": date(2027, 2, 1), "degree_of_loss": 30}]
    ),
    "projection without growth": answered(projection={"years": 3}),
    "lump sum": answered(
        accident_date=date(2012, 1, 1),
        first_certificate_date=date(2012, 3, 1),
        contract_date=date(2011, 5, 1),
        next_payment_date=date(2012, 4, 1),
        expenses=[{"date": date(2012, 6, 1), "amount": 1000}],
    ),
    "family": answered(
        death_date=date(2026, 1, 10),
        dependants=[
            {"name": "A", "relation": "spouse", "birth_date": date(1985, 1, 1), "share": "0.5"},
            {"name": "A", "relation": "carer", "birth_date": date(1985, 1, 1)},
            {"name": "C", "relation": "disabled_dependant", "birth_date": date(1985, 1, 1)},
        ],
    ),
    "months of pay": lambda: average_earnings(
        [MonthPay.plain(2025 * 12, ONE)] * 2 + [MonthPay(2027 * 12, (("gift", -ONE),))],
        date(2026, 1, 10),
    ),
    "no month of pay": lambda: average_earnings(
        [MonthPay(2025 * 12 + 5, (("pay", ONE),), is_complete=False), MonthPay.plain(2020 * 12, ONE)],
        date(2026, 1, 10),
        incomplete_months="drop",
    ),
    "choice": lambda: Choices({"edition_date": "x", "editiondate": "y"}),
    "required choice": lambda: Choices({})["lump_sum_index_date"],
    "parameter": lambda: tariffs.parameter("mcii"),
    "value before the record": lambda: tariffs.parameter("mci").on(date(1980, 1, 1)),
    "value after the record": lambda: tariffs.parameter("minimum_wage").on(date(2200, 1, 1)),
    "activity": lambda: activity_class("99999", date(2026, 1, 1)),
    "activity of four digits": lambda: activity_class("1111", date(2026, 1, 1)),
    "activity before the order": lambda: activity_class("62011", date(2001, 1, 1)),
    "headcount": lambda: activity_class("62011", date(2022, 6, 1)),
    "weights": lambda: class_of_activities([(1, None), (2, ONE)], {}),
    "social payment": lambda: social_payment(-ONE, 60, 96, date(2025, 3, 1)),
    "survivors": lambda: survivor_social_payment(date(2025, 1, 1)),
    "calendar": lambda: WorkingCalendar().after(date(2200, 1, 1), 1),
    "no table": lambda: mortality.load_table("kz-wpp"),
    "ages": bad_table("age,qx\n60,0.1\n62,7\n"),
    "end of a table": bad_table("age,qx\n60,1\n61,0.1\n"),
    "cells": bad_table("age,qx\n60,x,1\nx,1\n"),
    "columns": bad_table("alter,qx\n60,1\n"),
    "columns twice": bad_table("age,age,qx\n60,60,1\n"),
    "select": bad_table(SELECT),
    "period": bad_table("# period_middle: mid\nage,qx\n60,1\n"),
    "sex": bad_table("# sex: x\nage,qx\n60,1\n"),
    "empty": bad_table(""),
    "xml": bad_table("<a", "t.xml"),
    "no XTbML": bad_table("<a/>", "t.xml"),
    "XTbML": bad_table(XTBML, "t.xml"),
    "age outside": lambda: mortality.load_table("kz-wpp2024-2020-2025-male").at(200),
    "improvement": lambda: mortality.improvement_factor(2.0, [1]),
    "smoothing": lambda: whittaker_henderson(np.ones(3), np.ones(3), -1.0),
}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_are_translated(name: str, code: str) -> None:
    with pytest.raises((ValueError, LookupError)) as error:
        REFUSALS[name]()
    assert is_message(error.value.args[0])
    english = str(error.value)
    with spoken(code):
        shown = said(error.value)
    assert re.search("[а-яәіңғүұқөһ]", shown)
    assert english_left(shown, *words_of_the_record()) == []
    assert str(error.value) == english


def words_of_the_record() -> list[str]:
    """Reasons of gaps, notes and titles of acts are data of the record, translated elsewhere."""
    parameters = [tariffs.parameter(name) for name in ("minimum_wage", "holidays", "risk_class_masks")]
    words = [gap.reason for parameter in parameters for gap in parameter.gaps]
    words += [word for parameter in parameters for e in parameter.entries for word in (e.note, e.act)]
    return [word for word in words if word]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_refused_parameter_file_is_told_in_the_language(code: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        "name: x\ntitle: {en: a, ru: b, kk: c}\nunit: KZT\ndomain: {type: number}\nentries:\n"
        "- {from: 2026-01-01, to: 2025-01-01, value: '1', status: enacted, evidence: V, source: {}}\n",
        encoding="utf-8",
    )
    with pytest.raises(tariffs.LawError) as error:
        read_parameter(path)
    with spoken(code):
        assert english_left(said(error.value)) == []
        assert ("01.01.2025" in said(error.value)) or "2025-01-01" not in said(error.value)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("raw", "domain"),
    [
        ("x", {"type": "number"}),
        ("5", {"type": "number", "minimum": "6"}),
        ("5", {"type": "number", "maximum": "4"}),
        ("x", {"type": "flag"}),
        ("x", {"type": "choice", "choices": ["a", "b"]}),
        (["x"], {"type": "list", "items": {"type": "integer"}}),
        ({"a": "1"}, {"type": "record", "fields": {"b": {"type": "number"}}}),
        ("x", {"type": "table"}),
        ("x", {"type": "number", "y": "1"}),
    ],
)
def test_values_outside_their_domain_are_told_in_the_language(raw: Any, domain: Any, code: str) -> None:
    with pytest.raises(DomainError) as error:
        converted(raw, domain, law_message("value of {where}", where=law_message("an entry")))
    with spoken(code):
        assert english_left(said(error.value)) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_moved_days_are_told_in_the_language(code: str, tmp_path: Path) -> None:
    path = tmp_path / "moved.csv"
    path.write_text("day_off,working_day,act\nx,y,z\n2026-01-01,2026-01-06,\n", encoding="utf-8")
    with pytest.raises(ValueError, match="row 2: ") as error:
        read_moved_days(path)
    with spoken(code):
        assert english_left(said(error.value)) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_step_and_choice_of_an_answer_is_translated(code: str) -> None:
    values = copy.deepcopy(PERSON) | {
        "average_monthly_earnings": None,
        "monthly_pay": [{"month": f"2025-{k:02}", "pay": 300000, "incomplete": k == 3} for k in range(1, 13)],
        "fault_percent": 10,
        "social_payment": 40000,
        "documents_date": date(2026, 3, 1),
        "expenses": [{"date": date(2026, 6, 1), "amount": 1000, "kind": "sanatorium"}],
    }
    answer = answer_of(case_of({key: value for key, value in values.items() if value is not None}))
    months = answer.benefit.average.months if answer.benefit.average else ()
    assert answer.ledger is not None
    messages = [
        *(step.article for step in answer.benefit.steps),
        *(use.why for use in months if use.why),
        *(line.article for line in answer.ledger.lines),
        *(one[key] for one in answer.case.choices.asked() for key in ("question", "reason", "article")),
    ]
    assert len(messages) > 20
    with spoken(code):
        for one in messages:
            assert is_message(one)
            assert said(one) != one
            assert english_left(said(one)) == []
    assert json.loads(json.dumps(answer.as_json()))["steps"][0]["article"] == "OSNS Law art 19"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_choice_of_payouts_is_translated(code: str) -> None:
    with spoken(code):
        for choice in CHOICES.values():
            for wording in (choice.question, choice.reason, choice.article):
                assert said(wording) != wording
                assert english_left(said(wording)) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_mortality_table_is_described_in_the_language(code: str) -> None:
    table = mortality.read_table(b"age,qx\n60,0.5\n61,1\n", "t.csv")
    assert table.described(str) == str(table)
    with spoken(code):
        lines = table.described(said).splitlines()
    assert english_left("\n".join(lines)) == []
    assert len({len(line) - len(line[2:].lstrip()) for line in lines[1:3]}) == 1


def test_messages_of_the_lower_packages_stand_in_a_row() -> None:
    for message in (law_message, mortality_message):
        assert message("{a}{b}", a="{c}", b=1) == "{c}1"
    row = law_joined([law_message("a gap"), "{x}"], "; ")
    assert row == "a gap; {x}"
    assert law_joined([]) == ""
    with spoken("ru"):
        assert said(row) == "пробел; {x}"
