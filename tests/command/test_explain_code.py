"""`actuarial explain-code`: every code of the program is explained, and none that is not."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from actuarial.error_code import GROUPS, UnknownCodeError, error_code, error_codes
from actuarial.error_code_text import EXAMPLES, EXPLANATIONS
from actuarial.portfolio.finding import CATALOGUE

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"\b[EW][0-9]{4}\b")
Shell = Callable[..., Any]


@cache
def codes_of_the_source() -> frozenset[str]:
    """Codes in strings of the source that are no docstrings, the texts about codes left out."""
    found: set[str] = set()
    for package in ("actuarial", "cli", "mortality", "tariffs"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name == "error_code_text.py" or path.name.endswith("_rule.py"):
                continue
            words = path.read_text(encoding="utf-8")
            if not CODE.search(words):
                continue
            tree = ast.parse(words)
            prose = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
            # the catalogue itself explains and does not use
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_catalogue":
                    prose |= {id(inner) for inner in ast.walk(node)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                    found |= set(CODE.findall(node.value))
    return frozenset(found)


def test_every_code_is_explained_once_and_none_is_orphaned() -> None:
    assert not set(CATALOGUE) & set(EXPLANATIONS)
    assert codes_of_the_source() == set(error_codes())


def test_every_code_has_its_group_and_its_page() -> None:
    used = {code[1:3] for code in error_codes()}
    assert used == set(GROUPS)
    for group in GROUPS.values():
        assert (ROOT / "docs" / f"{group.page}.md").exists(), group
        assert (ROOT / "docs" / f"{group.page}.ru.md").exists(), group


def test_examples_and_explanations_are_about_codes_there_are() -> None:
    assert set(EXAMPLES) <= set(error_codes())
    for code, (meaning, fix) in EXPLANATIONS.items():
        for wording in (meaning, fix):
            assert (wording.endswith(".") and wording[0].isupper()) or wording.startswith("`"), code
            assert "{" not in wording, code


def test_codes_of_the_pages_are_codes_of_the_program() -> None:
    for page in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]:
        # E1203 stands for a code that does not exist
        unknown = set(CODE.findall(page.read_text(encoding="utf-8"))) - set(error_codes())
        assert not unknown, page.name


@pytest.mark.parametrize("asked", ["E4001", "e4001", "4001", " E4001 ", "Е4001"])
def test_a_code_as_people_write_it(asked: str) -> None:
    assert error_code(asked).code == "E4001"


def test_what_is_said_of_a_code(shell: Shell) -> None:
    answer = shell("explain-code", "E4001")
    assert answer.code == 0
    assert answer.out == (
        "E4001  error · basis\n"
        "  meaning     There is neither a file nor a shipped basis of that name.\n"
        "  what to do  Check the path, or take a shipped name from the message.\n"
        "  exit code   2\n"
        "  page        docs/basis.md\n"
    )
    assert answer.out in (ROOT / "docs" / "shell.md").read_text(encoding="utf-8")
    finding = json.loads(shell("explain-code", "W1501", "--json").out)
    assert finding["severity"] == "warning" and finding["exit_code"] == 0
    assert finding["page"] == "docs/portfolio-file.md"


def test_values_in_a_rule_are_left_open(shell: Shell) -> None:
    out = shell("explain-code", "E1003").out
    assert "not a table this program reads: …" in out and "{" not in out


def test_all_codes_by_group(shell: Shell) -> None:
    out = shell("explain-code").out
    assert re.findall(r"^  ([EW]\d{4})  ", out, re.MULTILINE) == list(error_codes())
    for group in GROUPS.values():
        assert f"\n{group.title}\n" in f"\n{out}"
    assert [one["code"] for one in json.loads(shell("explain-code", "--json").out)["codes"]] == list(
        error_codes()
    )


def test_an_unknown_code_is_answered_with_the_nearest(shell: Shell) -> None:
    answer = shell("explain-code", "E4000")
    assert answer.code == 2
    assert re.search(r"error E8210: there is no code E4000; near it are E4001, E4002, E4003", answer.err)
    with pytest.raises(UnknownCodeError, match="lists all of them"):
        error_code("nothing at all")
