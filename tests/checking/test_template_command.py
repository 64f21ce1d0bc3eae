"""`actuarial template`: what it writes is what the readers read, in every language."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from actuarial.language import LANGUAGES
from actuarial.portfolio.column import normalised, value_index
from actuarial.report.template_word import REQUIRED, VALUES, column_words, shown_value
from actuarial.report.template_workbook import SCHEMAS, SUBJECTS

DAY = ("--valuation-date", "2026-01-01", "--basis", "illustrative-2026")


@pytest.fixture(params=LANGUAGES)
def book(request: pytest.FixtureRequest, actuarial: Any, tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "template.xlsx"
    assert actuarial("template", "all", "--lang", request.param, "--output", path).code == 0
    return request.param, path


def test_the_words_name_every_column_once() -> None:
    named = [(words.table, words.column) for words in column_words()]
    columns = [(table, column.name) for table, schema in SCHEMAS.items() for column in schema.columns]
    assert sorted(named) == sorted(columns)
    for words in column_words():
        column = SCHEMAS[words.table].column[words.column]
        assert all(words.meaning.values()), words
        assert words.required in REQUIRED
        assert (words.required == "yes") == column.always, words.column
        for title in words.header.values():
            assert SCHEMAS[words.table].header_index[normalised(title)] == words.column


def test_every_value_is_one_that_the_readers_take() -> None:
    used = set()
    for schema in SCHEMAS.values():
        for column in schema.columns:
            index = value_index(column) if column.choices else {}
            for position, value in enumerate(column.choices):
                used.add(value)
                for language in LANGUAGES:
                    assert index[normalised(shown_value(value, language))] == position, (column.name, value)
    assert used == set(VALUES)


def test_the_examples_are_valid_as_they_are(book: tuple[str, Path], actuarial: Any) -> None:
    _, path = book
    answer = json.loads(actuarial("check", path, *DAY, "--json").out)
    assert answer["errors"] == 0
    assert set(answer["findings"]) <= {"W3604"}  # two example rows cannot name all the years of the law
    assert answer["tables"]["annuities"] == 2


def test_reserve_reads_it_as_it_is(book: tuple[str, Path], actuarial: Any, tmp_path: Path) -> None:
    _, path = book
    words = ("--portfolio", path, *DAY, "--output", tmp_path / "run", "--json", "--no-report")
    answer = json.loads(actuarial("reserve", *words).out)
    assert answer["records"] == 2
    groups = {group["beneficiary"]: group for group in answer["groups"]}
    # 0.6 × 300 000 − 98 262, and the payment in force of the child
    assert groups["worker"]["monthly_payment"] == "81738.00"
    assert groups["child"]["monthly_payment"] == "110250.00"


def test_premium_reads_it_as_it_is(book: tuple[str, Path], actuarial: Any, tmp_path: Path) -> None:
    _, path = book
    words = ("--contracts", path, "--output", tmp_path / "run", "--format", "csv", "--no-report", "--json")
    assert actuarial("premium", *words).code == 0
    with (tmp_path / "run" / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["contract_id"]: row for row in csv.DictReader(file)}
    # the examples are charged what the law says
    assert [row["difference"] for row in rows.values()] == ["0.00", "0.00"]
    # 12 × (20 × 450 000 + 5 × 850 000): the second income is cut at ten minimum wages
    assert rows["EXAMPLE-C-1"]["annual_payroll"] == "159000000.00"


def test_rows_filled_in_by_a_user_are_read(book: tuple[str, Path], actuarial: Any) -> None:
    language, path = book
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["annuities"]
    for cell in sheet[2]:
        sheet.cell(4, cell.column, cell.value)
    sheet.cell(4, 1, "MINE-1")
    workbook.save(path)
    outcome = actuarial("check", path, *DAY, "--table", "annuities")
    assert (outcome.code, outcome.out.startswith("annuities: 3 rows")) == (0, True)
    sheet.cell(4, 4, "что-то")
    workbook.save(path)
    outcome = actuarial("check", path, *DAY, "--table", "annuities")
    assert (outcome.code, "annuities!D4: что-то" in outcome.out) == (1, True)
    assert language in LANGUAGES


def test_lists_formats_and_dictionary(book: tuple[str, Path]) -> None:
    language, path = book
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == [*SCHEMAS, "dictionary", "readme"]
    sheet = workbook["annuities"]
    assert sheet.freeze_panes == "B2"
    lists = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    values = [shown_value(value, language) for value in SCHEMAS["annuities"].column["product"].choices]
    assert lists["C2"] == f'"{",".join(values)}"'
    assert sheet["F2"].number_format == "yyyy-mm-dd"
    assert sheet["A2"].comment is not None
    words = {w.column: w for w in column_words() if w.table == "annuities"}
    for cell in sheet[1]:
        own = next(w for w in words.values() if w.header[language] == cell.value)
        assert all(title in cell.comment.text for title in own.header.values())
        assert own.meaning[language] in cell.comment.text
    rows = list(workbook["dictionary"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(column_words())
    assert rows[0][:4] == ("annuities", "claim_id", "Номер убытка", "Талап нөмірі")


def test_lists_fit_into_a_rule_of_excel() -> None:
    for schema in SCHEMAS.values():
        for column in schema.columns:
            for language in LANGUAGES:
                texts = [shown_value(value, language) for value in column.choices]
                assert len(",".join(texts)) <= 255
                assert not any("," in text for text in texts)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_subject_has_its_sheets(subject: str, actuarial: Any, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    assert actuarial("template", subject, "--output", path).code == 0
    assert openpyxl.load_workbook(path).sheetnames[:-2] == list(SUBJECTS[subject])
    assert actuarial("check", path, *DAY).code == 0


def test_the_same_template_has_the_same_bytes_and_is_not_overwritten(actuarial: Any, tmp_path: Path) -> None:
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    for path in (one, two):
        assert actuarial("template", "--output", path).code == 0
    assert one.read_bytes() == two.read_bytes()
    outcome = actuarial("template", "--output", one)
    assert (outcome.code, "E8004" in outcome.err) == (2, True)
    assert actuarial("template", "--output", one, "--force").code == 0
    assert "E8003" in actuarial("template", "--output", tmp_path / "x.csv").err
