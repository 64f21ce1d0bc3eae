"""The loader refuses everything that is not exactly a dated, cited value of its domain."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tariffs import LawError, NotOnRecord
from tariffs.reader import read_parameter

GOOD = """\
name: sample
title: {en: Sample, ru: Образец, kk: Үлгі}
unit: KZT
domain: {type: number, minimum: 1, maximum: 100}
gaps:
  - {from: 2021-01-01, to: 2021-12-31, reason: not seen.}
entries:
  - from: 2020-01-01
    to: 2020-12-31
    value: 10
    status: enacted
    evidence: V
    source: {act: Some act, number: 1-I, adopted: 2019-12-01, article: 8(1)}
  - from: 2022-01-01
    open: true
    checked_on: 2026-01-01
    value: 12.50
    status: enacted
    evidence: S
    source: {act: Some act, number: 1-I, adopted: 2019-12-01, article: 8(1)}
"""
FIRST = "the entry from 2020-01-01"
SOURCE = "source: {act: Some act, number: 1-I, adopted: 2019-12-01, article: 8(1)}"


def written(folder: Path, text: str) -> Path:
    path = folder / "tariffs" / "parameters" / "sample.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_good_file(tmp_path: Path) -> None:
    parameter = read_parameter(written(tmp_path, GOOD))
    first, second = parameter.entries
    assert (first.value, first.last_day, first.end) == (Decimal(10), date(2020, 12, 31), date(2021, 1, 1))
    assert str(second.value) == "12.50"
    assert (second.end, second.checked_on, second.article) == (None, date(2026, 1, 1), "8(1)")
    assert str(first.source) == "Some act No 1-I of 2019-12-01, art. 8(1)"
    with pytest.raises(NotOnRecord, match="declares a gap from 2021-01-01 to 2021-12-31: not seen"):
        parameter.on(date(2021, 6, 1))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("unit: KZT", "unit: KZT\nunits: KZT", "unknown key 'units' in the file; known: name, title"),
        ("value: 10", "value: 10\n    valeu: 1", f"unknown key 'valeu' in {FIRST}"),
        (
            "article: 8(1)}\n  - from: 2022",
            "page: 1, article: 8(1)}\n  - from: 2022",
            f"unknown key 'page' in the source of {FIRST}",
        ),
        ("kk: Үлгі", "kz: Үлгі", "unknown key 'kz' in title"),
        ("reason: not seen.", "why: not seen.", "unknown key 'why' in the gap from 2021-01-01"),
        ("maximum: 100", "max: 100", "unknown key 'max' in a domain of type number"),
        ("unit: KZT\n", "", "the file lacks the key 'unit'"),
        ("    value: 10\n", "", f"{FIRST} lacks the key 'value'"),
        ("value: 10", "value:", f"'value' in {FIRST} is empty"),
        ("name: sample", "name: simple", "name is 'simple', the file name says 'sample'"),
        ("to: 2020-12-31", "to: 2021-01-01", "the periods from 2020-01-01 and from 2021-01-01 overlap"),
        (
            "from: 2022-01-01",
            "from: 2021-12-31",
            "the periods from 2021-01-01 and from 2021-12-31 overlap",
        ),
        (
            "gaps:\n  - {from: 2021-01-01, to: 2021-12-31, reason: not seen.}\n",
            "",
            "undeclared gap from 2021-01-01 to 2021-12-31: add an entry, or declare it under 'gaps'",
        ),
        (
            "to: 2020-12-31",
            "to: 2020-12-30",
            "undeclared gap from 2020-12-31 to 2020-12-31",
        ),
        (
            "from: 2020-01-01",
            "from: 2020-02-30",
            "impossible date '2020-02-30' in from of the entry from 2020-02-30: a day of the calendar as",
        ),
        ("to: 2020-12-31", "to: 31.12.2020", f"impossible date '31.12.2020' in to of {FIRST}"),
        (
            "adopted: 2019-12-01",
            "adopted: 2019-13-01",
            f"impossible date '2019-13-01' in the source of {FIRST}",
        ),
        ("to: 2020-12-31", "to: 2019-12-31", f"{FIRST} ends on 2019-12-31, before it starts"),
        ("value: 10", "value: 101", f"value of {FIRST}: 101 is above the maximum 100 of the domain"),
        ("value: 10", "value: 0.5", f"value of {FIRST}: 0.5 is below the minimum 1 of the domain"),
        ("value: 10", "value: 010", f"value of {FIRST}: '010' is not a number"),
        ("value: 10", "value: ten", f"value of {FIRST}: 'ten' is not a number"),
        ("value: 10", "value: 1e1", f"value of {FIRST}: '1e1' is not a number"),
        ("value: 10", "value: 10\n    value: 11", 'not valid YAML, line 11: found duplicate key "value"'),
        ("unit: KZT", "unit: KZT\nunit: USD", 'not valid YAML, line 4: found duplicate key "unit"'),
        ("title: {en: Sample", "title: {en: Sample: x", "not valid YAML, line"),
        ("evidence: V", "evidence: M", f"evidence M of {FIRST}: a value known from memory is not shipped"),
        ("evidence: V", "evidence: U", f"evidence U of {FIRST}: an unknown value is a required input"),
        ("evidence: V", "evidence: X", f"evidence 'X' of {FIRST} is not one of V, C, S, D"),
        (
            "status: enacted",
            "status: passed",
            f"status 'passed' of {FIRST} is not one of enacted, draft, projected",
        ),
        ("to: 2020-12-31", "to: 2020-12-31\n    open: true", f"{FIRST} needs either 'to' or 'open: true'"),
        ("    to: 2020-12-31\n", "", f"{FIRST} needs either 'to' or 'open: true'"),
        ("open: true", "open: yes", "open is 'yes' in the entry from 2022-01-01; it can only be true"),
        ("    checked_on: 2026-01-01\n", "", "the entry from 2022-01-01 is open and lacks 'checked_on'"),
        (
            "to: 2020-12-31",
            "to: 2020-12-31\n    checked_on: 2026-01-01",
            f"{FIRST} has 'checked_on' without 'open: true'",
        ),
        ("number: 1-I, ", "", f"the source of {FIRST} lacks 'number', and no note says why"),
        (
            "adopted: 2019-12-01",
            "adopted: 2020-02-01",
            f"the source of {FIRST} was adopted on 2020-02-01, after the entry starts, and no note says why",
        ),
        ("type: number", "type: numeric", "domain type 'numeric' is not one of number, integer"),
        (GOOD[GOOD.index("entries:") :], "entries: []\n", "it has no entries"),
        (GOOD[GOOD.index("entries:") :], "entries: 3\n", "entries is not a list"),
        (GOOD, "- a\n", "the file is not a mapping"),
    ],
)
def test_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    message = "tariffs/parameters/sample.yaml is refused: "
    with pytest.raises(LawError, match=re.escape(message) + ".*" + re.escape(reason)) as raised:
        read_parameter(path)
    assert raised.value.code == "E1103"


def test_a_note_explains_an_odd_citation(tmp_path: Path) -> None:
    odd = GOOD.replace(SOURCE, "source: {act: Rules, article: 5}\n    note: The rules are undated.", 1)
    entry = read_parameter(written(tmp_path, odd)).entries[0]
    assert (entry.number, entry.adopted, entry.note) == (None, None, "The rules are undated.")


def test_projections_answer_only_who_asks(tmp_path: Path) -> None:
    text = GOOD.replace("    value: 12.50\n    status: enacted", "    value: 12.50\n    status: projected")
    parameter = read_parameter(written(tmp_path, text))
    with pytest.raises(NotOnRecord, match=r"sample on 2023-01-01: .* is projected, not enacted"):
        parameter.on(date(2023, 1, 1))
    assert parameter.on(date(2023, 1, 1), {"enacted", "projected"}).value == Decimal("12.50")
    assert parameter.series() == [(date(2020, 1, 1), Decimal(10)), (date(2021, 1, 1), None)]


@pytest.mark.parametrize(
    ("domain", "value", "expected"),
    [
        ("{type: percent, minimum: 0, maximum: 100}", "1.5", Decimal("0.015")),
        ("{type: integer}", "7", 7),
        ("{type: flag}", "false", False),
        ("{type: choice, choices: [a, b]}", "b", "b"),
        ("{type: list, items: {type: integer}}", "[1, 2]", (1, 2)),
        ("{type: mapping, keys: [A, B], values: {type: integer}}", "{A: 1, B: 2}", {"A": 1, "B": 2}),
        (
            "{type: record, fields: {a: {type: flag}, b: {type: number, optional: true}}}",
            '{a: true, b: ""}',
            {"a": True, "b": None},
        ),
    ],
)
def test_domains(tmp_path: Path, domain: str, value: str, expected: object) -> None:
    text = GOOD[: GOOD.index("gaps:")] + GOOD[GOOD.index("entries:") : GOOD.index("  - from: 2022")]
    text = text.replace("{type: number, minimum: 1, maximum: 100}", domain).replace(
        "value: 10", f"value: {value}"
    )
    assert read_parameter(written(tmp_path, text)).entries[0].value == expected


@pytest.mark.parametrize(
    ("domain", "value", "reason"),
    [
        ("{type: percent, minimum: 0, maximum: 100}", "150", "150 is above the maximum 100"),
        ("{type: integer}", "7.5", "7.5 is not a whole number"),
        ("{type: flag}", "yes", "'yes' is neither true nor false"),
        ("{type: choice, choices: [a, b]}", "c", "'c' is not one of a, b"),
        ("{type: choice}", "c", "the domain lacks 'choices'"),
        ("{type: list, length: 2, items: {type: integer}}", "[1]", "1 items, the domain asks for 2"),
        ("{type: list, items: {type: integer}}", "1", "'1' is not a list"),
        ("{type: text}", "[1]", "['1'] is not text"),
        (
            "{type: mapping, keys: [A, B], values: {type: integer}}",
            "{A: 1}",
            "keys must be exactly A, B; found A",
        ),
        ("{type: record, fields: {a: {type: flag}}}", "3", "keys must be exactly a; found '3'"),
        ("{type: table, columns: {a: {type: text}}}", "x.csv", "a table is written {file: NAME.csv"),
        ("{type: table, columns: {a: {type: text}}}", "{file: x.csv}", "there is no table x.csv"),
        (
            "{type: table, columns: {b: {type: text}}}",
            "{file: t.csv}",
            "t.csv has no column 'b'; it has a, n",
        ),
        (
            "{type: table, columns: {n: {type: integer}}}",
            "{file: t.csv}",
            "t.csv line 4, n: 'x' is not a number",
        ),
        (
            "{type: table, columns: {a: {type: text}}}",
            "{file: t.csv, where: {a: r}}",
            "t.csv has no row where {'a': 'r'}",
        ),
        ("{type: table, key: a, columns: {a: {type: text}}}", "{file: t.csv}", "two rows with a p"),
        (
            "{type: table, columns: {a: {type: text}}}",
            "{file: short.csv}",
            "short.csv line 2 has 1 cells, not 2",
        ),
    ],
)
def test_values_outside_their_domain(tmp_path: Path, domain: str, value: str, reason: str) -> None:
    (tmp_path / "t.csv").write_text("# source\na,n\np,1\np,x\n", encoding="utf-8")
    (tmp_path / "short.csv").write_text("a,n\np\n", encoding="utf-8")
    text = GOOD[: GOOD.index("gaps:")] + GOOD[GOOD.index("entries:") : GOOD.index("  - from: 2022")]
    text = text.replace("{type: number, minimum: 1, maximum: 100}", domain).replace(
        "value: 10", f"value: {value}"
    )
    with pytest.raises(LawError, match=re.escape(reason)):
        read_parameter(written(tmp_path, text), tables=tmp_path)
