"""The page of stress tests: its figures in decimals and by the engine, its example, its lists."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

import pytest

from actuarial.basis import load_basis
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.read import read_annuities
from actuarial.stress.hypothetical import ANNUITY_LAW, CONTRACT_LAW
from actuarial.stress.scenario import (
    ANNUITY_PARAMETERS,
    CONTRACT_PARAMETERS,
    load_scenarios,
    preset_names,
)
from actuarial.stress.situation import situation
from actuarial.stress.valuation import StressedPortfolio
from cli.stress import command

ROOT = Path(__file__).parents[2]
V = date(2026, 1, 1)
LANGUAGES = ("", ".ru")
PRESETS = {scenario.name: scenario for file in load_scenarios("all") for scenario in file.scenarios}


def page(language: str) -> str:
    return (ROOT / "docs" / f"stress{language}.md").read_text(encoding="utf-8")


def figures(language: str) -> str:
    """Thousands together, decimal points, hyphens."""
    text = re.sub(r"(?<=\d)[ \u00a0](?=\d{3}(?!\d))", "", page(language))
    return re.sub(r"(?<=\d),(?=\d)", ".", text).replace("−", "-")


def certified(amount: str, rate: str = "0.10", multiplier: str = "3", dead: str = "0") -> str:
    """Five payments from 10 January, the last one 22 of 31 days, in decimals."""
    with localcontext(prec=50):
        force = -Decimal(multiplier) * (1 - Decimal("0.00500114")).ln()
        total = Decimal(0)
        for k in range(5):
            t = Decimal(9) / 365 + Decimal(k) / 12
            survival = (-force * t + (1 - Decimal(dead)).ln() * t).exp()
            part = Decimal(22) / 31 if k == 4 else 1
            total += (-(1 + Decimal(rate)).ln() * t).exp() * survival * Decimal(amount) * part
        return str(total.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


WORKED = {
    "revision_4": certified("85007.52"),
    "yield_down_100": certified("81738", rate="0.09"),
    "longevity": certified("81738", multiplier="2.4"),
    "life_catastrophe": certified("81738", dead="0.0015"),
    "offset_withdrawn": certified("180000"),
}


@pytest.fixture(scope="module")
def worker() -> StressedPortfolio:
    records = read_annuities(ROOT / "docs" / "example" / "one-worker.csv", valuation_date=V).records
    assert records is not None
    return StressedPortfolio(records, load_basis("illustrative-2026"), V)


def test_the_worked_number_in_decimals_and_by_the_engine(worker: StressedPortfolio) -> None:
    assert certified("81738") == "377374.47"
    for name, by_hand in WORKED.items():
        given = situation(PRESETS[name], worker.basis, PayoutLaw(), V)
        assert given is not None
        found = worker.outcomes([given])[0].totals()["certified_reserve"]
        assert f"{Decimal(found) / 100:.2f}" == by_hand, name
        for language in LANGUAGES:
            assert re.search(rf"\| `{name}` \| [^|]+ \| {re.escape(by_hand)} \|", figures(language)), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_changes_of_the_sample(language: str) -> None:
    rows = re.findall(
        r"^\| `(\w+)`[^|]* \| ([-+.\d]+) \| ([-+.\d]+) \|$", figures(language), flags=re.MULTILINE
    )
    assert len(rows) == 18
    records = read_annuities(
        ROOT / "actuarial" / "sample" / "annuities-synthetic.csv", valuation_date=V
    ).records
    assert records is not None
    portfolio = StressedPortfolio(records, load_basis("illustrative-2026"), V)
    base = portfolio.base().totals()
    given = [situation(PRESETS[name], portfolio.basis, PayoutLaw(), V) for name, *_ in rows]
    outcomes = portfolio.outcomes([one for one in given if one is not None])
    for (name, *shown), outcome in zip(rows, outcomes, strict=True):
        totals = outcome.totals()
        changes = [100 * (totals[f"total_{m}"] / base[f"total_{m}"] - 1) for m in ("certified", "expected")]
        assert shown == ["0" if change == 0 else f"{change:+.2f}" for change in changes], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_the_page_can_be_used(language: str, tmp_path: Path) -> None:
    text = page(language).partition("```yaml\n")[2].partition("```")[0]
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    ((scenario,),) = (file.scenarios for file in load_scenarios(str(path)))
    given = situation(scenario, load_basis("illustrative-2026"), PayoutLaw(), V)
    assert given is not None
    assert given.basis.assumptions.interest.flat == 0.085
    assert given.law.series("mci").on(V) == Decimal("4844.00")


@pytest.mark.parametrize("language", LANGUAGES)
def test_scenarios_parameters_options_and_codes_are_listed(language: str) -> None:
    text = page(language)
    for name in preset_names():
        assert f"| {name} |" in text
    for name in PRESETS:
        if not name.startswith("yield_"):
            assert f"`{name}`" in text, name
    for parameter in (*ANNUITY_PARAMETERS, *CONTRACT_PARAMETERS):
        assert f"`{parameter}`" in text, parameter
    for parameter in {*ANNUITY_LAW, *CONTRACT_LAW}:
        assert f"`{parameter}`" in text, parameter
    for option in command.params:
        assert any(f"`{word}" in text for word in (*option.opts, *option.secondary_opts)), option.name
    raised = set()
    for folder in ("actuarial/stress", "actuarial/report", "cli"):
        for source in (ROOT / folder).glob("*.py"):
            raised |= set(re.findall(r"E46\d\d", source.read_text(encoding="utf-8")))
    assert set(re.findall(r"^\| (E46\d\d) \|", text, flags=re.MULTILINE)) == raised
