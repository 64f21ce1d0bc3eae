"""The language of a call: which one, where it reaches, and what is never translated."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

import actuarial.language
import cli.wording
from actuarial.language import language, spoken
from cli import click_message
from cli.main import EXIT_CODES
from cli.reserve import command as reserve
from cli.setting import first_language, system_language

Shell = Callable[..., Any]

WORDS = {
    "Usage:": "Использование:",
    "Options": "Параметры",
    "Commands": "Команды",
    "Reserve a portfolio of annuities.": "РЕЗЕРВ",
    EXIT_CODES: "КОДЫ",
    "Shipped basis or YAML file with the assumptions.": "БАЗИС",
    "Run folder to create; default {name} here.": "ПАПКА {name}",
    "Show this message and exit.": "СПРАВКА",
    "Missing option": "Не указан параметр",
    "Invalid value for {param_hint}: {message}": "Неверно {param_hint}: {message}",
    "{value} is not a date; write 2026-01-31 or 31.01.2026": "{value} – не дата",
    "give codes, or --find with words of the name": "дайте коды",
    "error": "ошибка",
    "{place}: {reason}": "{place}: {reason}",
    "{value} is not in the range {range}.": "{value} вне {range}",
    "command line": "командная строка",
    "the basis {name} has no {key}": "нет",
}


@pytest.fixture
def russian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue of a few words, so that the test does not depend on what is translated by now."""
    for code in ("ru", "kk"):
        catalogue = Catalog(locale=code)
        for message, string in WORDS.items():
            catalogue.add(message, string if code == "ru" else f"kk:{string}")
        path = tmp_path / "locale" / code / "LC_MESSAGES" / "actuarial.mo"
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            write_mo(file, catalogue)
    for module in (actuarial.language, cli.wording):
        monkeypatch.setattr(module, "LOCALE", tmp_path / "locale")
    actuarial.language._catalogue.cache_clear()
    yield
    actuarial.language._catalogue.cache_clear()


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "kk_KZ.UTF-8@x"}, "kk"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "ru_RU", "LC_MESSAGES": "kk_KZ", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "RU"}, "ru"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "run"}, "en"),
    ],
)
def test_the_language_of_the_system(variables: dict[str, str], code: str) -> None:
    assert system_language(variables) == code
    assert first_language([], variables) == code


def test_flag_before_environment_before_file_before_system(
    shell: Shell, own_place: Path, monkeypatch: pytest.MonkeyPatch, russian: None
) -> None:
    def code(*words: str) -> str:
        lines = shell(*words, "--show-config").out.splitlines()
        return next(line.split()[1] for line in lines if line.startswith("--lang"))

    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert code("reserve") == "ru"
    (own_place / "actuarial.toml").write_text("lang = 'kk'\n")
    assert code("reserve") == "kk"
    monkeypatch.setenv("ACTUARIAL_LANG", "en")
    assert code("reserve") == "en"
    assert code("--lang", "ru", "reserve") == "ru"
    assert code("reserve", "--lang=kk") == "kk"
    assert code("--lang", "ru", "law", "--lang", "kk", "show") == "kk"
    assert language() == "en" and os.environ["ACTUARIAL_LANG"] == "en"


def test_help_is_in_the_language(shell: Shell, russian: None) -> None:
    answer = shell("--lang", "ru", "--help")
    for word in ("Использование: ", "Параметры:", "Команды:", "РЕЗЕРВ", "КОДЫ", "СПРАВКА"):
        assert word in answer.out
    for words in (("reserve", "--help", "--lang", "ru"), ("--lang", "ru", "reserve", "-h")):
        out = shell(*words).out
        assert "БАЗИС" in out and "ПАПКА reserve-VALUATION-DATE" in out and "СПРАВКА" in out
        assert "Usage" not in out and "Options" not in out
    assert "Usage:" in shell("reserve", "-h").out


def test_help_for_the_pages_is_said_in_the_language_of_the_block(russian: None) -> None:
    ctx = click.Context(reserve, info_name="reserve")
    with spoken("ru"):
        assert "БАЗИС" in reserve.get_help(ctx)
    assert "Shipped basis" in reserve.get_help(ctx)
    assert reserve.params[2].help == "Shipped basis or YAML file with the assumptions."


def test_faults_of_a_call_are_in_the_language(shell: Shell, russian: None) -> None:
    answer = shell("reserve", "--lang", "ru")
    assert answer.code == 2
    assert "ошибка E8010: Не указан параметр '--portfolio'." in answer.err
    wrong = shell("law", "show", "--on", "31.13.2026", "--lang", "ru")
    assert "ошибка E8010: Неверно '--on': '31.13.2026' – не дата" in wrong.err
    assert "ошибка E8010: дайте коды" in shell("law", "oked", "--lang", "ru").err


def test_faults_of_the_configuration_are_in_its_language(
    shell: Shell, own_place: Path, russian: None
) -> None:
    (own_place / "actuarial.toml").write_text("lang = 'ru'\nthreads = 99\n")
    answer = shell("reserve")
    assert answer.err == "ошибка E8103: actuarial.toml:2 threads: 99 вне 1<=x<=64\n"


def test_what_programs_read_is_not_translated(shell: Shell, russian: None) -> None:
    plain = shell("law", "show", "--on", "2026-01-01", "--json")
    assert json.loads(plain.out)
    assert shell("law", "show", "--on", "2026-01-01", "--json", "--lang", "ru").out == plain.out


def test_an_unknown_language_is_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = shell("--lang", "de", "reserve")
    assert answer.code == 2 and "error E8010: Invalid value for '--lang': 'de' is not one of" in answer.err
    monkeypatch.setenv("ACTUARIAL_LANG", "de")
    assert shell("reserve", "-h").code == 0
    answer = shell("reserve")
    assert answer.code == 2
    assert answer.err == "error E8110: ACTUARIAL_LANG: no language 'de'; there are en, ru, kk\n"


def test_processes_started_by_it_speak_the_language() -> None:
    with cli.wording.speaking("kk"):
        assert os.environ["ACTUARIAL_LANG"] == os.environ["LANGUAGE"] == "kk"
        assert language() == "kk"
    assert language() == "en"


def messages_of_click(*modules: str) -> set[tuple[str, ...]]:
    folder = Path(click.__file__).parent
    found = set()
    for module in modules:
        for node in ast.walk(ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext"):
                words = tuple(word.value for word in node.args[:2] if isinstance(word, ast.Constant))
                if words:
                    found.add(words)
    return found


def test_the_words_of_click_are_those_of_the_installed_one() -> None:
    everything = messages_of_click("core", "exceptions", "formatting", "parser", "types", "decorators")
    ours = {(word,) for word in click_message.ALONE}
    ours |= {(str(word),) for word in click_message.WORDS if str(word) != "required"}
    ours |= {(message.template, message.many) for message in click_message.COUNTED}  # type: ignore[attr-defined]
    assert not ours - everything
    shown = messages_of_click("exceptions", "formatting", "parser")
    # never shown here: no prompts, no files opened by click, options that begin with -
    never = {("Invalid start character for option ({option})",)}
    assert not shown - ours - never
