"""Every text has all three languages, and each translation says as much as the English."""

from __future__ import annotations

import ast
import pickle
import re
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal

sys.path.insert(0, str(Path(__file__).parent))

import message_catalogue as catalogue

from actuarial.error import ActuarialError, SafetyLimitError
from actuarial.language import (
    LanguageError,
    amount,
    amount_text,
    counted,
    day_text,
    joined,
    language,
    number_text,
    percent_text,
    said,
    spoken,
    text,
)
from mortality.message import message as mortality_message

FOUND = catalogue.source_messages()
CYRILLIC = re.compile("[а-яәіңғүұқөһ]", re.IGNORECASE)
WORDS = re.compile(r"[A-Za-z][a-z]{2,}")
SAME_EVERYWHERE = {
    "stays=rows|review_dates, multipliers=limited_fluctuation|observed|prior, table=prior|graduated.",
}
"""Messages that no language translates."""


@pytest.mark.parametrize("code", catalogue.TRANSLATIONS)
def test_the_catalogues_are_those_of_the_source(code: str) -> None:
    kept = catalogue.po_path(code).read_bytes()
    advice = "run python tests/language/message_catalogue.py and translate what is new"
    now = catalogue.updated(code, FOUND, {})
    assert catalogue.po_bytes(now) == kept, advice
    assert catalogue.mo_bytes(now) == catalogue.po_path(code).with_suffix(".mo").read_bytes(), advice


@pytest.mark.parametrize("code", catalogue.TRANSLATIONS)
def test_every_message_is_translated(code: str) -> None:
    assert catalogue.untranslated(catalogue.read_catalogue(code)) == []


def forms(code: str) -> list[tuple[str, str, str]]:
    """Message, another form of it in English, and each translation."""
    result = []
    for entry in catalogue.read_catalogue(code):
        if not entry.id:
            continue
        if isinstance(entry.id, tuple):
            result += [(entry.id[0], entry.id[1], string) for string in entry.string]
        else:
            result.append((entry.id, entry.id, str(entry.string)))
    return result


@pytest.mark.parametrize("code", catalogue.TRANSLATIONS)
def test_translations_keep_the_values_and_the_edges(code: str) -> None:
    wrong = []
    for one, many, string in forms(code):
        values = catalogue.placeholders(string)
        # a plural form may leave its number out: "one row"
        free = {"n", "len", "nargs"} if one != many else set()
        if not any(values - free == catalogue.placeholders(form) - free for form in (one, many)):
            wrong.append((one, string, "values"))
        if one[: len(one) - len(one.lstrip())] != string[: len(string) - len(string.lstrip())]:
            wrong.append((one, string, "beginning"))
        if one[len(one.rstrip()) :] != string[len(string.rstrip()) :]:
            wrong.append((one, string, "end"))
        if one.count("`") != string.count("`"):
            wrong.append((one, string, "quoted names"))
    assert wrong == []


@pytest.mark.parametrize("code", catalogue.TRANSLATIONS)
def test_translations_are_in_their_language(code: str) -> None:
    plain = re.compile(r"\{[^{}]*\}|`[^`]*`|<[^>]*>")
    untouched = [
        one
        for one, _, string in forms(code)
        if one not in SAME_EVERYWHERE
        and len(WORDS.findall(plain.sub("", one))) >= 1
        and not CYRILLIC.search(string)
        and string == one
        and " " in one
    ]
    assert untouched == []


def test_no_message_of_an_error_is_made_where_it_cannot_be_translated() -> None:
    """An f-string or a sum in a ``raise`` is a message that no catalogue knows."""
    found = []
    for package in catalogue.PACKAGES:
        for path in sorted((catalogue.ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
                    continue
                if not catalogue.called(node.exc).endswith("Error") or catalogue.called(node.exc) in INTERNAL:
                    continue
                if any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in node.exc.args):
                    found.append(f"{path.relative_to(catalogue.ROOT)}:{node.lineno}")
    assert found == []


INTERNAL = {"AssertionError", "AttributeError", "KeyError", "NotImplementedError", "TypeError", "ValueError"}
"""Faults of the program or of a caller in Python, which no user of the shell sees."""


class TestNumbers:
    """CLDR writes the same."""

    @pytest.mark.parametrize("code", ["ru", "kk"])
    @pytest.mark.parametrize("value", ["0", "1234.5", "1234567.89", "-1000000", "0.05"])
    def test_numbers_as_cldr(self, code: str, value: str) -> None:
        with spoken(code):
            shown = number_text(Decimal(value), 2)
        expected = format_decimal(Decimal(value), "#,##0.00", locale=code)
        assert shown == re.sub("\\s", " ", expected)

    @pytest.mark.parametrize("code", ["ru", "kk"])
    def test_days_as_cldr(self, code: str) -> None:
        day = date(2026, 1, 5)
        with spoken(code):
            assert day_text(day) == format_date(day, "dd.MM.yyyy", locale=code)
        assert format_date(day, "medium", locale="ru").startswith("5 янв")

    def test_english_is_the_default(self) -> None:
        assert language() == "en"
        assert amount_text(123456789) == "1 234 567.89"
        assert day_text(date(2026, 1, 5)) == "2026-01-05"
        assert percent_text(0.125) == "12.5 %"

    def test_halves_go_up(self) -> None:
        assert number_text(0.285, 2) == "0.29"
        assert number_text(-0.004, 2) == "0.00"


class TestMessages:
    def test_a_language_holds_in_its_block_only(self) -> None:
        with spoken("kk"):
            assert language() == "kk"
            with spoken("ru"):
                assert language() == "ru"
            assert language() == "kk"
        assert language() == "en"

    def test_an_unknown_language_is_refused(self) -> None:
        with pytest.raises(LanguageError, match="no language 'de'; there are en, ru, kk"), spoken("de"):
            pass

    def test_what_is_not_ours_is_left_alone(self) -> None:
        with spoken("ru"):
            assert said("ТОО «Contents of the box»") == "ТОО «Contents of the box»"

    def test_english_strings_are_strings(self) -> None:
        made = text("{a} and {b}", a=1, b=amount(250))
        assert made == "1 and 2.50"
        assert isinstance(made, str)

    def test_values_are_said_too(self) -> None:
        made = text("{inner} / {day} / {sum}", inner=text("Contents"), day=date(2026, 1, 31), sum=amount(150))
        with spoken("ru"):
            assert said(made) == "Содержание / 31.01.2026 / 1,50"

    def test_messages_in_a_row(self) -> None:
        made = joined([text("Contents"), "A"], "; ")
        assert made == "Contents; A"
        with spoken("ru"):
            assert said(made) == "Содержание; A"

    def test_messages_of_the_lower_packages(self) -> None:
        with spoken("ru"):
            assert said(text("{a}", a=mortality_message("Contents"))) == "Содержание"

    def test_braces_in_values_are_values(self) -> None:
        assert said(text("{a}", a="{b}")) == "{b}"
        with spoken("ru"):
            assert said(text("{a}", a="{b} {0}")) == "{b} {0}"

    def test_errors(self) -> None:
        error = ActuarialError("E4001", "Contents")
        assert str(error) == "Contents"
        with spoken("ru"):
            assert said(error) == "Содержание"
        limit = SafetyLimitError("E9002", "{what} in record {record}", 4, what="x")
        assert str(limit.counted_from(10)) == "x in record 15"

    @pytest.mark.parametrize(
        "made",
        [text("{a} b", a=1), counted("{n} row", "{n} rows", n=2), joined(["a", "b"]), amount(123456)],
    )
    def test_messages_travel_between_processes(self, made: str) -> None:
        again = pickle.loads(pickle.dumps(made))
        assert again == made
        assert type(again) is type(made)
        with spoken("ru"):
            assert said(again) == said(made)
