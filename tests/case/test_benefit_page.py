"""The pages on benefits and annuities: their case, figures, keys and choices are the program's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from actuarial.claim.case_file import KEYS
from actuarial.claim.choice import CHOICES
from actuarial.portfolio.column import COLUMN
from cli.annuity import command as annuity
from cli.benefit import command as benefit

DOCS = Path(annuity.callback.__code__.co_filename).parent.parent / "docs"


def page(name: str) -> str:
    text = (DOCS / name).read_text(encoding="utf-8")
    return re.sub(r"(?<=\d),(?=\d)", ".", re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text))


@pytest.mark.parametrize("name", ["benefit.md", "benefit.ru.md"])
def test_the_worked_case(name: str, tmp_path: Path) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    case = tmp_path / "case.yaml"
    case.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    answer = json.loads(CliRunner().invoke(benefit, [str(case), "--json"], catch_exceptions=False).stdout)
    shown = page(name)
    for key in (
        "capped_earnings", "gross_benefit", "social_payment", "monthly_benefit", "pension_contribution",
        "net_payment", "pension_date", "payable_until",
    ):  # fmt: skip
        assert answer[key] in shown, key


@pytest.mark.parametrize("name", ["benefit.md", "benefit.ru.md"])
def test_every_choice_and_key_is_explained(name: str) -> None:
    text = page(name)
    for choice in CHOICES.values():
        options = [choice.default, *(o for o in choice.options if o != choice.default)]
        listed = ", ".join(option for option in options if option)
        assert re.search(rf"\| `{choice.name}` \| .*{listed} \|", text), choice.name
    for key in set(KEYS) - set(COLUMN):
        assert f"`{key}" in text, key


@pytest.mark.parametrize("name", ["annuity.md", "annuity.ru.md"])
def test_the_factors(name: str) -> None:
    arguments = (
        "--sex male --age-years 40 --valuation-date 2026-01-01 --basis illustrative-2026 --to-pension --json"
    )
    answer = json.loads(CliRunner().invoke(annuity, arguments.split(), catch_exceptions=False).stdout)
    text = page(name)
    assert f"{answer['factor']:.6f}" in text
    assert f"{answer['factor_certain']:.6f}" in text
