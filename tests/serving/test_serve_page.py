"""The page of the documentation says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actuarial.money import spaced
from actuarial.premium.quote import quote_of
from cli.page.visit import MOST_VISITS
from cli.serve import command

DOCS = Path(__file__).parents[2] / "docs"
CASE = {
    "contract_date": "2026-02-01",
    "oked": "62011",
    "payroll": "100000000",
    "workers": "60",
    "injured": {"2025": "6", "2024": "0", "2023": "0"},
    "at_fault": "yes",
}
CODES = {"E8501", "E8502", "E8511", "E8512", "E8521"}


@pytest.mark.parametrize("language", ["", ".ru"])
def test_what_the_page_says(language: str) -> None:
    text = (DOCS / f"serve{language}.md").read_text(encoding="utf-8")
    quote = quote_of(CASE)
    premium = spaced(quote.premium.premium)
    assert premium == "360 000.00" and f"**{premium.replace('.', ',') if language else premium} ₸**" in text
    base = spaced(quote.premium.base_premium)  # type: ignore[union-attr]
    assert f"= {base.replace('.', ',') if language else base} ₸" in text
    for option in command.params:
        if option.name not in ("show_config", "config", "lang", "help"):
            assert any(f"`{name}" in text for name in option.opts), option.name
    assert set(re.findall(r"E85\d\d", text)) == CODES
    assert ("Twelve" if not language else "двенадцать") in text and MOST_VISITS == 12


def test_codes_of_the_page_are_those_of_the_source() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (DOCS.parent / "cli" / "page").rglob("*.py")
    )
    assert set(re.findall(r'"(E85\d\d)"', source)) == CODES


def test_every_word_is_used() -> None:
    from cli.page.word import WORDS

    folder = Path(__file__).parents[2] / "cli" / "page"
    paths = [path for path in folder.rglob("*") if path.suffix in (".py", ".j2") and path.name != "word.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in paths)
    unused = [name for name in WORDS if not re.search(rf'word\.{name}\b|"{name}"', source)]
    assert [name for name in unused if not name.startswith("history_")] == []
    assert set(re.findall(r"\bword\.([a-z_]+)", source)) - {"Words"} <= {*WORDS, "get"}
