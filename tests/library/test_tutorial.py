"""The tutorial: every block runs, prints what the page prints, and is the same in both languages."""

from __future__ import annotations

import pandas as pd
import pytest
from tutorial_page import NOTEBOOK, PAGES, cells, notebook, outputs


def page(language: str) -> str:
    return PAGES[language].read_text(encoding="utf-8")


def test_every_block_prints_what_the_page_prints() -> None:
    shown = cells(page(""))
    assert len(shown) > 20
    with pd.option_context("display.max_rows", 60):  # what the page sets ends with the block
        found = outputs(page(""))
    for (code, output), again in zip(shown, found, strict=True):
        assert again == output, code


@pytest.mark.parametrize("language", [language for language in PAGES if language])
def test_the_languages_share_code_and_outputs(language: str) -> None:
    assert cells(page(language)) == cells(page(""))


@pytest.mark.parametrize("language", PAGES)
def test_no_block_is_left_out(language: str) -> None:
    text = page(language)
    assert text.count("```python") == len(cells(text))
    assert text.count("```text") == sum(bool(output) for _, output in cells(text))


def test_the_notebook_is_the_page() -> None:
    assert NOTEBOOK.read_text(encoding="utf-8") == notebook(page(""))
