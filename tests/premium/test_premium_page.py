"""The pages on premiums: every choice, flag, key and example on them is the program's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from actuarial.premium.choice import CHOICES
from actuarial.premium.quote import quote_of
from actuarial.report.premium_run import RESULT_COLUMNS
from cli.quote import command

LANGUAGES = ["", ".ru"]
DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_with_its_values_in_order(language: str) -> None:
    text = page(f"premium{language}.md")
    for choice in CHOICES.values():
        values = ", ".join(f"`{value}`" for value in choice.values)
        assert f"| `{choice.name}` | {values} |" in text
    for column in RESULT_COLUMNS:
        assert f"`{column}`" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_flag_is_named(language: str) -> None:
    text = page(f"quote{language}.md")
    for option in command.params:
        if option.name != "case":
            assert f"`{option.opts[0]}`" in text, option.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cases_of_the_page_are_computed(language: str, tmp_path: Path) -> None:
    (tmp_path / "tariff.csv").write_text("risk_class,rate_percent\n7,0.4\n", encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page(f"quote{language}.md"), flags=re.DOTALL)
    whole, old, voluntary = (
        quote_of(YAML(typ="base", pure=True).load(block), tmp_path).as_json(explain=True) for block in blocks
    )
    assert whole["premium"] == "5805000.00"
    assert {
        "parts",
        "instalments",
        "change",
        "termination",
        "prevention",
        "rehabilitation",
        "penalty",
    } <= set(whole)
    assert old["premium"] == "619000.00"
    assert voluntary["premium"] == "300000.00"
    for key in (*whole, *old):
        assert f"`{key}`" in page(f"quote{language}.md") or key == "schema_version"
