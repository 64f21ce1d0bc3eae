"""The calculator: what `actuarial quote` says for the same case, and errors at the field they are about."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner
from page_server import Running

from actuarial.money import spaced
from cli.main import root
from cli.page.premium_view import Form, case_of, found_activities, law_years
from tariffs.classification import activity_class, activity_names

BASE = {"contract_date": "2026-02-01", "activity_by": "oked", "payroll": "100 000 000", "workers": "60"}


class Cells(HTMLParser):
    """Texts of a page by the class of their element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(dict(attrs).get("class") or "")
        self.texts.append((self._open[-1], ""))

    def handle_data(self, data: str) -> None:
        kind, text = self.texts[-1]
        self.texts[-1] = kind, text + data

    def of(self, kind: str) -> list[str]:
        return [text.strip() for found, text in self.texts if found == kind]


CASES = [
    ({"oked": "62011"}, ["--oked", "62011"]),
    (
        {"oked": "05101", "history": "some", "injured-2025": "6", "deaths-2024": "1", "at_fault": "yes"},
        ["--oked", "05101", *["--injured", "2025=6", "--injured", "2024=0", "--injured", "2023=0"],
         *["--deaths", "2025=0", "--deaths", "2024=1", "--deaths", "2023=0", "--at-fault"]],
    ),
    (
        {"oked": "62011", "history": "none", "discount": "10", "instalments": "4"},
        ["--oked", "62011", *["--injured", "2025=0", "--injured", "2024=0", "--injured", "2023=0"],
         "--discount", "10", "--instalments", "4"],
    ),
    ({"activity_by": "class", "risk_class": "22", "oked": "62011"}, ["--risk-class", "22"]),
    (
        # more injured than there are workers
        {"oked": "05101", "contract_date": "01.02.2026", "payroll": "100\u202f000\u00a0000,5",
         "workers": "1 000", "history": "some", "injured-2025": "1 200"},
        ["--oked", "05101", *["--injured", "2025=1200", "--injured", "2024=0", "--injured", "2023=0"],
         *["--deaths", "2025=0", "--deaths", "2024=0", "--deaths", "2023=0"]],
    ),
    (
        {"oked": "62011", "payroll": "1000000,50", "insured_sum": "2000000", "start": "2026-02-10",
         "end": "2026-08-09", "choice-short_term": "pro_rata", "choice-minimum_test": ""},
        ["--oked", "62011", "--insured-sum", "2000000", "--start", "2026-02-10", "--end", "2026-08-09",
         "--choice", "short_term=pro_rata"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "flags"), CASES, ids=range(len(CASES)))
def test_the_calculator_says_what_quote_says(
    server: Running, fields: dict[str, str], flags: list[str]
) -> None:
    given = BASE | fields
    workers = given["workers"].replace(" ", "")
    words = ["quote", "--contract-date", "2026-02-01", "--payroll", given["payroll"], "--workers", workers]
    said = CliRunner().invoke(root, [*words, *flags, "--json", "--explain"], standalone_mode=False)
    assert said.exception is None, said.output
    expected = json.loads(said.stdout)
    answer = server.visitor().post("quote", given).json
    assert answer["wrong"] == {}
    html = answer["html"].replace("\u00a0", " ")
    assert f'id="premium-sum">{spaced(int(expected["premium"].replace(".", "")))} ₸<' in html
    cells = Cells(html)
    steps = expected["steps"]
    names = cells.of("name")
    assert names == [step["step"] for step in steps]
    assert cells.of("formula") == [step["formula"] for step in steps]
    assert cells.of("value") == [step["value"] for step in steps]
    assert cells.of("article") == [f"article {step['article']}" for step in steps]
    for entry in expected["law"]:
        assert entry["parameter"] in html and entry["act"] in html
    for note in expected["notes"]:
        assert note in Cells(html).of("") or note in re.sub(r"&#39;", "'", html)
    for item in expected.get("instalments", ()):
        assert item["date"] in html and spaced(int(item["amount"].replace(".", ""))) in html
    for item in expected["choices"]:
        assert item["choice"] in html and item["value"] in html


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"contract_date": ""}, {"contract_date": "fill"}),
        ({"contract_date": "31.02.2026"}, {"contract_date": "not a date"}),
        ({"contract_date": "1990-01-01"}, {"contract_date": "E4202"}),
        ({"contract_date": "2015-05-09"}, {"contract_date": "E4202"}),
        ({"contract_date": "9999-12-31"}, {"contract_date": "not a date"}),
        ({"end": "9999-12-31"}, {"end": "not a date"}),
        ({"payroll": ""}, {"payroll": "fill"}),
        ({"payroll": "=1+1"}, {"payroll": "not an amount"}),
        ({"payroll": "-5"}, {"payroll": "never negative"}),
        ({"payroll": "1e99"}, {"payroll": "digits"}),
        ({"payroll": "0"}, {"": "E4204"}),
        ({"workers": "many"}, {"workers": "whole number"}),
        ({"oked": "99999"}, {"oked": "E1104"}),
        ({"oked": "<script>"}, {"oked": "E1104"}),
        ({"oked": None}, {"oked": "fill"}),
        ({"insured_sum": "1"}, {"insured_sum": "E4205"}),
        ({"end": "2020-01-01"}, {"end": "E4203"}),
        ({"history": "some", "injured-2025": "x"}, {"injured-2025": "whole number"}),
        ({"history": "none", "discount": "101"}, {"discount": "percent"}),
        ({"history": "none", "discount": "99"}, {"discount": "E4207"}),
        ({"instalments": "5"}, {"instalments": "E4209"}),
        ({"activity_by": "class"}, {"risk_class": "fill"}),
        ({"activity_by": "class", "risk_class": "99"}, {"": "E"}),
        ({"choice-minimum_test": "other"}, {"": "E4201"}),
        ({"contract_date": "2022-06-01", "workers": ""}, {"workers": "E1105"}),
        ({"contract_date": "2021-06-01"}, {"contract_date": "E1102"}),
    ],
    ids=str,
)
def test_errors_stand_at_the_field(
    server: Running, fields: dict[str, str | None], wrong: dict[str, str]
) -> None:
    given = {name: value for name, value in (BASE | {"oked": "62011"} | fields).items() if value is not None}
    answer = server.visitor().post("quote", given).json
    assert answer["html"] == ""
    assert answer["wrong"].keys() == wrong.keys()
    for name, words in wrong.items():
        assert words in answer["wrong"][name], answer


def test_several_activities(server: Running) -> None:
    codes = ["62011", "05101"]
    words = ["quote", "--contract-date", "2026-02-01", "--payroll", "100000000", "--workers", "60", "--json"]
    said = CliRunner().invoke(root, [*words, "--oked", codes[0], "--oked", codes[1]], standalone_mode=False)
    premium = int(json.loads(said.stdout)["premium"].replace(".", ""))
    fields = [*BASE.items(), *(("oked", code) for code in codes)]
    html = server.visitor().post("quote", fields).json["html"].replace("\u00a0", " ")
    assert f'id="premium-sum">{spaced(premium)} ₸<' in html


def test_fields_that_are_not_shown_are_not_used() -> None:
    form = Form.of(
        [*BASE.items(), ("oked", "62011"), ("risk_class", "x"), ("discount", "x"), ("at_fault", "yes")]
    )
    case, wrong = case_of(form)
    assert not wrong and "risk_class" not in case and "discount" not in case and "at_fault" not in case


def test_the_years_are_those_of_the_law() -> None:
    assert law_years(Form.of([("contract_date", "01.02.2026")]).contract_date) == [2025, 2024, 2023]
    assert law_years(None) == [] == law_years(Form.of([("contract_date", "1990-01-01")]).contract_date)


# ---------------------------------------------------------------- search


def test_search_by_code_and_by_words(server: Running) -> None:
    form = Form.of(BASE.items())  # type: ignore[arg-type]
    rows, problem = found_activities("620", form)
    assert not problem
    assert [row.code for row in rows] == [code for code in activity_names() if code.startswith("620")]
    assert form.contract_date is not None
    for row in rows:
        assert row.risk_class == activity_class(row.code, form.contract_date, 60).risk_class
        assert "86" in row.source and "mask 62xxx" in row.source
    assert "62011" in [row.code for row in found_activities("разработка программ", form)[0]]
    assert found_activities("62.01.1", form)[0][0].code == "62011"
    html = server.visitor().post("activities", {**BASE, "words": "разработка программ"}).json["html"]
    assert 'data-code="62011"' in html and "Разработка программного обеспечения" in html


@pytest.mark.parametrize("words", ["абракадабра", "99999", "<script>alert(1)</script>", "%", "'"])
def test_a_search_that_finds_nothing_says_so(server: Running, words: str) -> None:
    answer = server.visitor().post("activities", {**BASE, "words": words})
    assert answer.status == 200
    assert "No such activity." in answer.json["html"] and "<script" not in answer.json["html"]


def test_a_class_needs_the_date(server: Running) -> None:
    visitor = server.visitor()
    html = visitor.post("activities", {"words": "уголь"}).json["html"]
    assert "date of the contract first" in html and "data-code" not in html
    chosen = visitor.post("years", [("oked", "62011"), ("contract_date", "")]).json["chosen"]
    assert "date of the contract first" in chosen
    chosen = visitor.post("years", [("oked", "62011"), ("contract_date", "2026-02-01")]).json["chosen"]
    assert "No 86" in chosen and "<b>1</b>" in chosen


def test_every_activity_of_the_list_can_be_shown() -> None:
    form = Form.of(BASE.items())  # type: ignore[arg-type]
    rows = [row for digit in "0123456789" for row in found_activities(digit, form)[0]]
    assert len(rows) == len(activity_names())
    assert all(row.name for row in rows)
