"""The pages on the simulation: the worked life in decimals, the printed sample, options, keys and columns."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from naive_path import WORD, id_key, philox
from simulate_call import NOT_IN_ANSWER, SAMPLE, changed_basis

from actuarial.basis import DRIVERS, load_basis
from actuarial.driver import FINANCIAL
from actuarial.portfolio.read import read_annuities
from actuarial.simulation import LARGEST_SEED, Simulator
from actuarial.simulation_study import MOST_SCENARIOS
from cli import simulate as command_line
from cli.simulate import command

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LANGUAGES = ["", ".ru"]
VALUATION_DATE = date(2026, 1, 1)
TENGE = Decimal("0.01")
COMPONENTS = ("annuity", "recovery", "additional_expenses", "expenses")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def numbers_of(name: str) -> str:
    """The page with thousands together and decimal points, minus signs as hyphens."""
    text = re.sub(r"(?<=\d)[  ](?=\d{3}(?!\d))", "", page(name))
    return re.sub(r"(?<=\d),(?=\d)", ".", text).replace("−", "-")


# ---------------------------------------------------------------- the worked life


@dataclass(frozen=True)
class Worked:
    """One scenario of the worked life: amounts as text, and the steps the page prints."""

    amounts: dict[str, str]
    steps: tuple[str, ...]


def half_up(amount: Decimal) -> str:
    return str(amount.quantize(TENGE, rounding=ROUND_HALF_UP))


@cache
def worked_lives() -> tuple[Worked, Worked]:
    """Scenarios 2 and 3 of EXAMPLE-1 with seed 1, the engine left out.

    Its inputs are those of the page on the reserve: payments 15 January … 15 June, the last for 5 of 30 days,
    index 1.08 from the certification at D_3 on, multiplier 1.5, q of age 62, row B of the matrix.
    """
    words = philox((0, 0, 1, 1), id_key("EXAMPLE-1"))
    return _worked(words), _worked(tuple(WORD - 1 - word for word in words))


def _worked(words: tuple[int, ...]) -> Worked:
    with localcontext(prec=40):
        u = [(Decimal(word) + Decimal("0.5")) / WORD for word in words]
        budget = -u[0].ln()
        month = -(1 - Decimal("0.02466014")).ln() / 12
        hazard = Decimal("1.5") * month * (Decimal(12 * 14) / 365 + 5)
        assert budget > hazard  # alive to the end, in band A (multiplier 1) even more so
        chances = [Decimal(c) for c in ("0.77", "0.89", "0.93", "0.94")]
        found = sum(u[2] >= chance for chance in chances)
        assert found in (0, 1)  # keeps band B, or moves to A, where nothing is paid
        v = [(-Decimal("1.10").ln() * (Decimal(14) / 365 + Decimal(k) / 12)).exp() for k in range(6)]
        later = Decimal(291_600) if found == 0 else Decimal(0)
        payments = [Decimal(270_000)] * 3 + [later, later, later * 5 / 30]
        left, uncovered = Decimal(1_000_000), []
        for payment in payments:
            covered = min(payment, left)
            left -= covered
            uncovered.append(payment - covered)
        cell = words[1] * 4096 // WORD
        use = (Decimal(cell) + Decimal("0.5")) / 4096
        annuity = sum((a * b for a, b in zip(v, payments, strict=True)), Decimal(0))
        amounts = {
            "annuity": annuity,
            "recovery": sum((a * b for a, b in zip(v, uncovered, strict=True)), Decimal(0)),
            "additional_expenses": 1_000_000 * use / Decimal("0.5"),
            "expenses": annuity * Decimal("0.03"),
        }
        texts = {name: half_up(amount) for name, amount in amounts.items()}
        paid = sum(Decimal(texts[name]) for name in COMPONENTS if name != "recovery")
        steps = [*(f"{x:.7f}" for x in (u[0], budget, u[1], u[2], hazard)), str(cell)]
        if found == 0:
            steps.append(str(int(uncovered[3])))
        else:
            steps += [f"{use:.7f}", f"{use / Decimal('0.5'):.7f}"]
        return Worked({**texts, "total": str(paid)}, tuple(steps))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worked_life_of_the_page_in_decimals(language: str) -> None:
    text = numbers_of(f"simulate{language}.md").partition("## 12.")[2].partition("## 13.")[0]
    words = philox((0, 0, 1, 1), id_key("EXAMPLE-1"))
    assert ", ".join(map(str, words)) in text
    assert hex(id_key("EXAMPLE-1")) in text
    for scenario, worked in zip((2, 3), worked_lives(), strict=True):
        assert f" {scenario} | " + " | ".join(worked.amounts.values()) + " |" in text
        assert not [step for step in worked.steps if step not in text]
    moved, kept = worked_lives()
    assert (moved.amounts["recovery"], kept.amounts["recovery"]) == ("0.00", "426833.75")


def test_the_worked_life_of_the_page_by_the_engine(tmp_path: Path) -> None:
    lines = re.findall(r"^(claim_id,.*)\n(EXAMPLE-1,.*)$", page("method-reserve.md"), flags=re.MULTILINE)[0]
    path = tmp_path / "worked.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    records = read_annuities(path, valuation_date=VALUATION_DATE).records
    assert records is not None
    simulator = Simulator(records, load_basis("illustrative-2026"), VALUATION_DATE, threads=1)
    found = simulator.outcome(simulator.model.none(2, 2), seed=1, antithetic=True).tiyn()
    for row, worked in enumerate(worked_lives()):
        assert {name: int(found[name][row]) for name in worked.amounts} == {
            name: int(Decimal(amount) * 100) for name, amount in worked.amounts.items()
        }


# ---------------------------------------------------------------- the printed sample


@dataclass(frozen=True)
class Printed:
    """What the command of the page prints and writes."""

    screen: str
    record: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    folder = tmp_path_factory.mktemp("simulate") / "run"
    call = re.findall(r"^actuarial simulate (.*sample.*)$", page("simulate.md"), flags=re.MULTILINE)[0]
    words = call.replace("actuarial/sample/annuities-synthetic.csv", str(SAMPLE)).split()
    result = CliRunner().invoke(
        command, [*words, "--no-report", "--output", str(folder)], standalone_mode=False
    )
    assert result.return_value == 0
    return Printed(result.stdout, json.loads((folder / "run.json").read_text(encoding="utf-8")), folder)


def near(printed_line: str, page_line: str) -> bool:
    """Whether two lines say the same; amounts may differ by what other processors round otherwise."""
    number = r"-?\d[\d ]*\.?\d*"
    if re.sub(number, "#", printed_line) != re.sub(number, "#", page_line):
        return False
    amounts = [re.findall(number, line) for line in (printed_line, page_line)]
    pairs = zip(*([float(a.replace(" ", "")) for a in some] for some in amounts), strict=True)
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=0.0101 if abs(a) < 100 else 0.0) for a, b in pairs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_prints_what_the_program_prints(language: str, printed: Printed) -> None:
    shown = page(f"simulate{language}.md").splitlines()
    lines = [line.rstrip() for line in printed.screen.splitlines() if line.strip()]
    assert len(lines) > 25
    assert not [line for line in lines if not any(near(line, other) for other in shown)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_beside_the_printed_table(language: str, printed: Printed) -> None:
    record, text = printed.record, numbers_of(f"simulate{language}.md")
    section = text.partition("## 3.")[2].partition("## 4.")[0]
    ways = re.findall(r"^\| [^|]+ \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", section, flags=re.MULTILINE)
    reduction = record["variance_reduction"]
    for row, name in zip(ways, ("none", "antithetic", "drivers_as_controls"), strict=True):
        expected = [float(reduction[name][key]) for key in ("mean", "standard_error", "variance_ratio")]
        assert [float(cell) for cell in row] == pytest.approx(expected, rel=1e-8)
    assert reduction["exact_expected_as_control"] is None
    shares = {source["source"]: source["share"] for source in record["contributions"]["sources"]}
    assert shares["idiosyncratic"] < 0.01 and shares["yield_shift"] > 0.9  # as the page says
    difference = float(record["difference"])
    assert any(math.isclose(float(a), difference, rel_tol=1e-9) for a in re.findall(r"\d+\.\d\d", section))
    assert f"{100 * difference / float(record['exact_expected']):.2f} %" in section
    # the risk adjustment of the table, and what it would be with the yield
    adjustment = float(record["risk_adjustment"]["by_level"]["0.95"])
    with_yield = float(record["value_at_risk"]["0.95"]) - float(record["mean"])
    assert 9 * adjustment < with_yield
    for amount in (adjustment, with_yield):
        assert any(math.isclose(float(a), amount, rel_tol=1e-9) for a in re.findall(r"\d+\.\d\d", section))


@pytest.mark.parametrize("language", LANGUAGES)
def test_columns_and_keys_are_on_the_page(language: str, printed: Printed) -> None:
    text = page(f"simulate{language}.md")
    for column in pq.read_schema(printed.folder / "scenarios.parquet").names:
        assert f"`{column}`" in text, column
    # normals of every driver that can act: all but those that nothing follows
    named = re.findall(r"`z_([a-z_]+)`", text)
    assert named == [name for name in DRIVERS if name not in ("minimum_wage", "wages")]
    for name in printed.record["outputs"]:
        assert f"`{name}`" in text
        if name.endswith(".csv"):
            header = (printed.folder / name).read_text(encoding="utf-8").partition("\n")[0]
            for column in header.split(","):
                assert f"`{column}`" in text or re.fullmatch(r"quantile_0\.\d+", column), column
    described = text.partition("**`--json`**")[2].partition("## 3.")[0]
    for key, value in printed.record.items():
        assert (f"`{key}`" in described) != (key in NOT_IN_ANSWER), key
        if isinstance(value, dict) and key in ("risk_adjustment", "contributions", "variance_reduction"):
            assert all(f"`{part}`" in described for part in value), key


@pytest.mark.parametrize("spread", ["0.15", "0.45"])
def test_refusals_are_on_the_page(simulate: Any, tmp_path: Path, spread: str) -> None:
    """As the page says: the sample, 40 scenarios, seed 1."""
    basis = changed_basis(tmp_path, ("yield_shift: 0.02", f"yield_shift: {spread}"))
    outcome = simulate(portfolio=SAMPLE, basis=basis, scenarios=40, seed=1)
    for language in LANGUAGES:
        shown = page(f"simulate{language}.md")
        assert f"`yield_shift: {spread}`" in shown
        assert outcome.err.strip() in shown.splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
def test_financial_drivers_are_on_the_page(language: str) -> None:
    section = page(f"simulate{language}.md").partition("## 10.")[2].partition("## 11.")[0]
    assert [name for name in DRIVERS if f"`{name}`" in section] == list(FINANCIAL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_options_and_limits_are_on_the_page(language: str) -> None:
    text = page(f"simulate{language}.md")
    for option in command.params:
        names = (*option.opts, *option.secondary_opts)
        assert any(f"| `{name}" in text for name in names), option.name
    assert f"{MOST_SCENARIOS:,}".replace(",", " ") in text
    assert f"{LARGEST_SEED:,}".replace(",", " ") in text
    assert (command_line.MOST_SCENARIOS, command_line.LARGEST_SEED) == (MOST_SCENARIOS, LARGEST_SEED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_drivers_are_on_the_page_of_the_basis(language: str) -> None:
    text = page(f"basis{language}.md")
    assert all(f"`{name}`" in text for name in DRIVERS)
