"""The page: worked numbers in fractions, its assumptions, and what the program prints on the shipped book."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from actuarial.experience_rating.assumption import RatingAssumptions
from actuarial.experience_rating.lift import ordered_lorenz
from actuarial.experience_rating.modification import Losses, credibility_of_constants, modification
from cli.rating import command

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "actuarial" / "sample" / "book-synthetic"
EXAMPLE = ROOT / "docs" / "example" / "rating.yaml"
PAGES = ("rating.md", "rating.ru.md")


def page_text(name: str) -> str:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


@pytest.mark.parametrize("page", PAGES)
def test_worked_modification(page: str) -> None:
    text = page_text(page)
    e_p, e_e, a_p, a_e, k_p, k_e = 1_200_000, 4_800_000, 2_000_000, 3_000_000, 1_800_000, 43_200_000
    for name, value in (("E_p", e_p), ("E_e", e_e), ("A_p", a_p), ("A_e", a_e), ("K_p", k_p), ("K_e", k_e)):
        spaced = f"{value:,}".replace(",", " ")
        assert f"{name} {spaced}" in text
    z_p, z_e = Fraction(e_p, e_p + k_p), Fraction(e_e, e_e + k_e)
    assert (z_p, z_e) == (Fraction(4, 10), Fraction(1, 10))
    m = (a_p * z_p + e_p * (1 - z_p) + a_e * z_e + e_e * (1 - z_e)) / (e_p + e_e)
    assert f"**{float(m):.4f}**" in text
    own = Losses(*(np.array([float(x)]) for x in (a_p, a_e, e_p, e_e)))
    assert modification(own, credibility_of_constants(own, k_p, k_e))[0] == pytest.approx(float(m), rel=1e-14)


@pytest.mark.parametrize("page", PAGES)
def test_worked_gini(page: str) -> None:
    text = page_text(page)
    loss, premium = [6, 4, 5, 5, 5], [8, 5, 6, 2, 4]
    total, shown = 0, 0
    for y, p in zip(loss, premium, strict=True):
        total += p * (2 * shown + y)
        shown += y
    assert f"{total}/625" in text
    gini = 1 - Fraction(total, 625)
    assert f"**{float(gini):.4f}**" in text
    assert ordered_lorenz([1, 2, 3, 4, 5], premium, loss).gini == pytest.approx(float(gini), rel=1e-14)


@pytest.mark.parametrize("page", PAGES)
def test_worked_load(page: str) -> None:
    """f · 2 100 = 10.5 = K: Z = ½, twice what was expected."""
    expected = Fraction("0.005") * 2100
    z = expected / (expected + Fraction("10.5"))
    assert f"**{float(z * 21 / expected + 1 - z):.1f}**" in page_text(page)


@pytest.mark.parametrize("page", PAGES)
def test_assumptions_of_the_page_are_those_of_the_example(page: str) -> None:
    (block,) = re.findall(
        r"```yaml\n(name:.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL
    )
    yaml = YAML(typ="safe", pure=True)
    shown = yaml.load(block)
    assert shown == yaml.load(EXAMPLE.read_text(encoding="utf-8"))
    assert set(shown) == set(RatingAssumptions.model_fields)


def test_printed_figures_are_the_programs(tmp_path: Path) -> None:
    options = ["--contracts", str(SAMPLE), "--assumptions", str(EXAMPLE), "--output", str(tmp_path / "run")]
    result = CliRunner().invoke(
        command, [*options, "--no-report"], standalone_mode=False, catch_exceptions=False
    )
    lines = [line.rstrip() for line in result.stdout.splitlines() if re.match(r"\w+: |Gini ", line)]
    assert len(lines) == 6
    for page in PAGES:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert "\n".join(lines) in text


@pytest.mark.parametrize("page", PAGES)
def test_options_and_codes_are_named(page: str) -> None:
    text = page_text(page)
    for option in command.params:
        assert any(name in text for name in (*option.opts, *option.secondary_opts)), option.name
    source = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "actuarial" / "experience_rating").glob("*.py")
    )
    assert not [code for code in set(re.findall(r'"(E48\d\d)"', source)) if code not in text]
