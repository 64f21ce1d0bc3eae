"""The pages of the method: columns, codes, keys and worked numbers are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from actuarial.portfolio.claim_column import CLAIM_COLUMNS
from actuarial.portfolio.claim_rule import CLAIM_RULES
from actuarial.technical_premium.assumption import StudyAssumptions
from cli.adequacy import command

DOCS = Path(__file__).parents[2] / "docs"
ROOT = DOCS.parent
PAGES = ("adequacy.md", "adequacy.ru.md")


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_columns_aliases_and_codes(name: str) -> None:
    page = text_of(name)
    for column in CLAIM_COLUMNS:
        assert f"| `{column.name}` |" in page
        assert not [alias for alias in column.aliases if alias not in page]
    assert not [code for code, *_ in CLAIM_RULES if f"| {code} |" not in page]


@pytest.mark.parametrize("name", PAGES)
def test_keys_and_options(name: str) -> None:
    page = text_of(name)
    assert not [key for key in StudyAssumptions.model_fields if f"`{key}`" not in page]
    options = {option for param in command.params for option in param.opts}
    shown = {"--contracts", "--basis", "--valuation-date", "--assumptions", "--output"}
    assert not [option for option in options - shown if f"`{option}" not in page]


@pytest.mark.parametrize("name", PAGES)
def test_every_code_raised_is_on_the_page(name: str) -> None:
    folder = ROOT / "actuarial" / "technical_premium"
    sources = [*folder.glob("*.py"), ROOT / "actuarial" / "report" / "adequacy_run.py"]
    raised = {
        code for path in sources for code in re.findall(r'"(E47\d\d)"', path.read_text(encoding="utf-8"))
    }
    assert raised
    assert not [code for code in raised if f"`{code}`" not in text_of(name)]


@pytest.mark.parametrize("name", PAGES)
def test_the_printed_lines_are_the_program_s(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command of the page as it stands, but for the folder and the report."""
    import shlex

    monkeypatch.chdir(ROOT)
    page = text_of(name)
    line = re.search(r"^actuarial adequacy (.*)$", page, flags=re.MULTILINE)
    assert line is not None
    options = shlex.split(line[1].replace("runs/adequacy", str(tmp_path / "out")))
    result = CliRunner().invoke(command, [*options, "--no-report"], standalone_mode=False)
    assert result.return_value == 0
    last = [text.rstrip() for text in result.stdout.splitlines()[-3:]]
    assert not [text for text in last if text not in page]


@pytest.mark.parametrize(("name", "point"), [("adequacy.md", "."), ("adequacy.ru.md", ",")])
def test_the_worked_rate(name: str, point: str) -> None:
    """The same number is computed in test_rate.py."""
    page = text_of(name)
    for number in ("0.47775 %", "0.671432 %"):
        assert f"**{number.replace('.', point)}**" in page


@pytest.mark.parametrize(("name", "point"), [("credibility.md", "."), ("credibility.ru.md", ",")])
def test_the_worked_credibility(name: str, point: str) -> None:
    import numpy as np

    from actuarial.credibility import buhlmann_straub, limited_fluctuation

    page = text_of(name)
    found = buhlmann_straub([[1.0, 3.0], [6.0, 8.0]], np.ones((2, 2)))
    figures = (
        found.within_variance,
        found.between_variance,
        found.credibility[0],
        *found.estimate,
    )
    for figure in figures:
        assert f"**{figure:.6g}**".replace(".", point) in page
    full = limited_fluctuation(0, probability=0.90, tolerance=0.05).full_credibility_claims
    assert f"**{full:,.0f}**".replace(",", " ") in page
