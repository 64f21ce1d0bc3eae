"""The page of fit: its worked number from its own inputs and from the engine; its codes and choices exist."""

import re
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest

from actuarial.basis import Basis
from actuarial.experience.certification import certification_counts
from actuarial.experience.choice import CHOICES
from actuarial.experience.exposure import exposure_cells
from actuarial.experience.mortality_study import estimated_multipliers, expected_deaths
from actuarial.experience.record import EXITS, HistoryRecords
from actuarial.portfolio.history_column import HISTORY_COLUMNS
from actuarial.portfolio.history_rule import HISTORY_RULES
from cli.fit import command
from mortality.matrix_estimate import estimated_matrices

ROOT = Path(__file__).parents[2]
PAGES = ("docs/fit.md", "docs/fit.ru.md")


def page_of(name: str) -> str:
    """With decimal points."""
    return re.sub(r"(?<=\d),(?=\d)", ".", (ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_worked_multiplier_from_its_own_inputs(name: str) -> None:
    page = page_of(name)
    d, e = 16, mpmath.mpf("10.2186")

    def quantile(p: str, k: int) -> mpmath.mpf:
        """Mean at which k deaths or fewer have the probability p."""
        return mpmath.findroot(lambda m: mpmath.gammainc(k + 1, m, regularized=True) - mpmath.mpf(p), k + 1)

    lower, upper = quantile("0.975", d - 1) / e, quantile("0.025", d) / e
    assert f"{mpmath.nstr(d / e, 5)}, {float(lower):.4f}" in page
    assert f"{float(upper):.4f}" in page
    z = mpmath.sqrt(d / mpmath.mpf("1082.217"))
    assert f"| {float(z):.4f} |" in page
    assert f"| {float(z * d / e + (1 - z) * 3):.4f} |" in page


@pytest.mark.parametrize("name", PAGES)
def test_worked_matrix_from_its_own_inputs(name: str) -> None:
    rows = re.findall(r"^\| [^|]+ \|((?: [\d.]+ \|){5})$", page_of(name), flags=re.MULTILINE)
    counts, prior, new = ([Fraction(cell) for cell in row.split("|")[:-1]] for row in rows)
    k, n = Fraction("286.841"), sum(counts)
    assert n == 676
    assert sum(prior) == 1
    for count, p, shown in zip(counts, prior, new, strict=True):
        assert abs((count + k * p) / (n + k) - shown) < Fraction(1, 10**6)
    assert f"Z = {float(n / (n + k)):.4f}" in page_of(name)


@pytest.mark.parametrize("name", PAGES)
def test_worked_number_by_the_engine(name: str, shipped: HistoryRecords, prior: Basis) -> None:
    page = page_of(name)
    cells = exposure_cells(shipped)
    c = estimated_multipliers(cells, expected_deaths(cells, prior), prior, "limited_fluctuation")[2]
    assert f"| {c.observed.events}, {c.observed.base:.4f} |" in page
    for figure in (c.observed.value, c.observed.lower, c.observed.upper, c.credibility, c.fitted):
        assert f"{figure:.4f}" in page
    counts = certification_counts(shipped, prior.matrices, prior.terms, "rows").counts
    found = estimated_matrices(counts, prior.matrices)
    assert f"k = {found.strength:.3f}" in page
    assert " | ".join(str(n) for n in counts[1, 1]) in page
    assert " | ".join(f"{p:.6f}" for p in found.fitted[1, 1]) in page


@pytest.mark.parametrize("name", PAGES)
def test_everything_that_can_be_said_is_on_the_page(name: str) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")
    assert [code for code, *_ in HISTORY_RULES if code not in page] == []
    for column in HISTORY_COLUMNS:
        assert f"`{column.name}`" in page
    own = [c for c in HISTORY_COLUMNS if c.name in ("entry_date", "exit_date", "exit_reason", "degree_to")]
    assert [alias for column in own for alias in column.aliases if alias not in page] == []
    assert [exit_reason for exit_reason in EXITS if exit_reason not in page] == []
    for choice in CHOICES.values():
        assert f"`{choice.name}`" in page or f"{choice.name}=" in page
        assert [value for value in choice.values if value not in page] == []
    sources = [*(ROOT / "mortality").glob("*.py"), *(ROOT / "actuarial" / "experience").glob("*.py")]
    codes = {c for path in sources for c in re.findall(r'"(E62\d\d)"', path.read_text(encoding="utf-8"))}
    assert len(codes) > 10
    assert [code for code in sorted(codes) if code not in page] == []


def test_options_are_in_the_guide() -> None:
    for language in ("", ".ru"):
        guide = (ROOT / f"docs/user-guide{language}.md").read_text(encoding="utf-8")
        page = (ROOT / f"docs/fit{language}.md").read_text(encoding="utf-8")
        for option in command.params:
            assert any(f"`{name}" in guide + page or f"{name} " in guide + page for name in option.opts)
