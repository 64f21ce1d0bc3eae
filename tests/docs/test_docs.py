"""The pages: links lead somewhere, printed figures are the engine's, the worked number is right."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from actuarial.basis import basis_names, load_basis
from actuarial.money import tenge_text
from actuarial.portfolio.finding import CATALOGUE
from actuarial.portfolio.read import read_annuities
from actuarial.record import AnnuityRecords
from actuarial.report.reserve_run import ReserveRequest, ReserveRun, run_reserve
from actuarial.report.run_folder import RESULT_COLUMNS
from actuarial.reserve import annuity_reserve
from cli.main import COMMANDS
from cli.reserve import command as reserve_command

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
LANGUAGES = ("", ".ru")
VALUATION_DATE = date(2026, 1, 1)
SAMPLE = ROOT / "actuarial" / "sample" / "annuities-synthetic.csv"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TENGE = Decimal("0.01")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def numbers_of(name: str) -> str:
    """The page with thousands together and decimal points, minus signs as hyphens."""
    text = re.sub(r"(?<=\d)[  ](?=\d{3}(?!\d))", "", text_of(name))
    return re.sub(r"(?<=\d),(?=\d)", ".", text).replace("−", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_resolves(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [link.partition("#")[0] for link in LINK.findall(text) if "://" not in link]
    broken = [target for target in targets if target and not (page.parent / target).exists()]
    assert not broken


def test_every_page_is_on_the_list_of_pages() -> None:
    for language in LANGUAGES:
        listed = set(LINK.findall(text_of(f"docs/index{language}.md")))
        assert {page.name for page in DOCS.glob("*.md")} - {"index.md", "index.ru.md"} <= listed


# ---------------------------------------------------------------- the worked number


def half_up(amount: Decimal) -> str:
    return str(amount.quantize(TENGE, rounding=ROUND_HALF_UP))


@cache
def worked_figures() -> tuple[dict[str, str], tuple[str, ...]]:
    """Figures of the worked number in decimals, the engine left out: results by column, and the steps.

    Its own inputs are the ones the page states: 14 and 31 days, q of age 62, the matrix row, the multipliers.
    """
    with localcontext(prec=40):
        q, rate, index = Decimal("0.02466014"), Decimal("0.10"), Decimal("1.08")
        month = -(1 - q).ln() / 12
        earnings, deduction = min(Decimal(1_000_000), 10 * Decimal(70_000)), Decimal(65_000)
        factor = 270_000 / (Decimal("0.45") * earnings - deduction)
        multiplier = {"own": Decimal("1.5"), "C": Decimal(3), "D": Decimal(5)}
        moved = {"own": Decimal("0.77"), "C": Decimal("0.04"), "D": Decimal("0.01")}
        amount = {
            "own": Decimal(270_000),
            "C": (Decimal("0.70") * earnings - deduction) * factor,
            "D": (Decimal("0.95") * earnings - deduction) * factor,
        }
        v = [(-(1 + rate).ln() * (Decimal(14) / 365 + Decimal(k) / 12)).exp() for k in range(6)]
        first = (-multiplier["own"] * 12 * month * 14 / 365).exp()
        alive = [first * (-multiplier["own"] * month * k).exp() for k in range(4)]

        certified = [alive[0] * amount["own"], alive[1] * amount["own"], alive[2] * amount["own"] * 10 / 31]
        states: list[list[Decimal]] = [[alive[k] * amount["own"]] for k in range(3)]
        used = [amount["own"]] * 3
        for k in (3, 4, 5):
            part = Decimal(5) / 30 if k == 5 else Decimal(1)
            row = []
            for s, probability in moved.items():
                reached = alive[3] * probability * (-multiplier[s] * month * (k - 3)).exp()
                row.append(reached * amount[s] * index * part)
            states.append(row)
            used.append(sum(moved[s] * amount[s] for s in moved) * index * part)
        expected = [sum(row, Decimal(0)) for row in states]

        reserve_certified = sum((c * v[k] for k, c in enumerate(certified)), Decimal(0))
        reserve_expected = sum((e * v[k] for k, e in enumerate(expected)), Decimal(0))
        covered = (1_000_000 - sum(used[:3])) / used[3]
        recovery = (1 - covered) * expected[3] * v[3] + expected[4] * v[4] + expected[5] * v[5]
        extra = Decimal("0.5") * (500 * 4325 - 162_500)
        results = {
            "monthly_payment": amount["own"],
            "certified_reserve": reserve_certified,
            "expected_reserve": reserve_expected,
            "additional_expenses_reserve": extra,
            "expense_reserve_certified": reserve_certified * Decimal("0.03"),
            "expense_reserve_expected": reserve_expected * Decimal("0.03"),
            "recovery_certified": Decimal(0),
            "recovery_expected": recovery,
        }
        figures = {name: half_up(value) for name, value in results.items()}
        for measure in ("certified", "expected"):
            parts = (f"{measure}_reserve", "additional_expenses_reserve", f"expense_reserve_{measure}")
            figures[f"total_{measure}"] = str(sum(Decimal(figures[part]) for part in parts))
        steps = [half_up(a * b) for a, b in zip((*certified, *expected), (*v[:3], *v), strict=True)]
        steps += [half_up(a) for a in (*certified, *expected, *(a for row in states for a in row))]
        steps += [half_up(amount[s]) for s in amount] + [
            half_up(sum(used[:2]) + used[2] * 10 / 31),
            half_up(used[3]),
        ]
        steps += [f"{a:.7f}" for a in (*v, *alive, covered)] + [f"{month:.10f}"]
        return figures, tuple(s.removesuffix(".00") for s in steps)


def worked_record(folder: Path, page: str) -> Path:
    header, row = re.findall(r"^(claim_id,.*)\n(EXAMPLE-1,.*)$", text_of(page), flags=re.MULTILINE)[0]
    path = folder / "worked.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worked_number_of_the_page_in_decimals(language: str) -> None:
    text = numbers_of(f"docs/method-reserve{language}.md")
    figures, steps = worked_figures()
    for name, figure in figures.items():
        assert f"| {name} | {figure} |" in text
    missing = [step for step in steps if step not in text]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worked_number_of_the_page_by_the_engine(language: str, tmp_path: Path) -> None:
    page = f"docs/method-reserve{language}.md"
    run = run_reserve(
        ReserveRequest(
            worked_record(tmp_path, page),
            VALUATION_DATE,
            "illustrative-2026",
            tmp_path / "run",
            seriatim_format="csv",
        )
    )
    assert isinstance(run, ReserveRun)
    with (run.folder / "results.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    figures, _ = worked_figures()
    assert {name: row[name] for name in figures} == figures
    text = numbers_of(page)
    for name in RESULT_COLUMNS[1:]:
        assert f"| {name} | {row[name]} |" in text


def test_the_worked_case_of_the_readme(tmp_path: Path) -> None:
    example = DOCS / "example" / "one-worker.csv"
    run = run_reserve(ReserveRequest(example, VALUATION_DATE, "illustrative-2026", tmp_path / "run"))
    assert isinstance(run, ReserveRun)
    text = numbers_of("README.md")
    for name in ("certified_reserve", "expected_reserve", "additional_expenses_reserve"):
        assert tenge_text(run.totals[name]) in text


# ---------------------------------------------------------------- the sample


@pytest.fixture(scope="module")
def sample() -> AnnuityRecords:
    records = read_annuities(SAMPLE, valuation_date=VALUATION_DATE).records
    assert records is not None
    return records


@pytest.fixture(scope="module")
def sample_totals(sample: AnnuityRecords) -> dict[str, int]:
    return annuity_reserve(sample, load_basis("illustrative-2026"), VALUATION_DATE).totals()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_prints_what_the_program_prints(language: str, tmp_path: Path) -> None:
    """Every line of the screen table, to the last digit."""
    options = [
        "--valuation-date",
        "2026-01-01",
        "--basis",
        "illustrative-2026",
        "--output",
        str(tmp_path / "run"),
    ]
    result = CliRunner().invoke(
        reserve_command, ["--portfolio", str(SAMPLE), *options], standalone_mode=False, env={"COLUMNS": "160"}
    )
    assert result.return_value == 0
    text = text_of(f"docs/user-guide{language}.md")
    lines = [line.rstrip() for line in result.stdout.splitlines() if line.strip()]
    assert len(lines) > 10
    assert not [line for line in lines if line not in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_totals_in_the_guide(language: str, sample_totals: dict[str, int]) -> None:
    text = text_of(f"docs/user-guide{language}.md")
    for name in ("monthly_payment", "certified_reserve"):
        assert f'"{name}": "{tenge_text(sample_totals[name])}"' in text
    assert f'["expected_reserve"]      # {tenge_text(sample_totals["expected_reserve"])}:' in text


def scale_mortality(factor: float) -> Callable[[dict[str, Any]], None]:
    def change(basis: dict[str, Any]) -> None:
        multiplier = basis["mortality"]["multiplier"]
        multiplier.update({name: value * factor for name, value in multiplier.items()})

    return change


def fewer_recoveries(basis: dict[str, Any]) -> None:
    for matrix in basis["certification"]["matrices"]:
        for own, band in enumerate("ABCD"):
            staying = 0.2 * matrix[band][4]
            matrix[band][4] -= staying
            matrix[band][own] += staying


SENSITIVITIES: list[Callable[[dict[str, Any]], None]] = [
    lambda basis: basis["interest"].update(flat=0.11),
    lambda basis: basis["interest"].update(flat=0.09),
    lambda basis: basis["indexation"].update(rate=0.07),
    scale_mortality(0.8),
    scale_mortality(1.15),
    fewer_recoveries,
]


def test_what_moves_the_reserve(
    sample: AnnuityRecords, sample_totals: dict[str, int], tmp_path: Path
) -> None:
    shipped = ROOT / "actuarial" / "bases" / "illustrative-2026.yaml"
    plain = YAML(typ="safe", pure=True).load(shipped.read_text(encoding="utf-8"))
    found = []
    for number, change in enumerate(SENSITIVITIES):
        basis = deepcopy(plain)
        change(basis)
        path = tmp_path / f"{number}.yaml"
        with path.open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(basis, file)
        totals = annuity_reserve(sample, load_basis(path), VALUATION_DATE).totals()
        moves = [totals[name] / sample_totals[name] - 1 for name in ("certified_reserve", "expected_reserve")]
        found.append(tuple("0" if move == 0 else f"{100 * move:+.2f} %" for move in moves))
    for language in LANGUAGES:
        section = (
            numbers_of(f"docs/method-reserve{language}.md").partition("## 11.")[2].partition("## 12.")[0]
        )
        assert re.findall(r"\| ([^|]+) \| ([^|]+) \|$", section, flags=re.MULTILINE)[1:] == found


# ---------------------------------------------------------------- what the pages name exists


def python_block(page: str) -> str:
    blocks: list[str] = re.findall(r"```python\n(.*?)```", text_of(page), flags=re.DOTALL)
    assert len(blocks) == 1
    return blocks[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_python_of_the_pages_runs(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks as printed, in the project folder; the values in their comments."""
    monkeypatch.chdir(ROOT)
    guide = python_block(f"docs/user-guide{language}.md")
    names: dict[str, Any] = {}
    exec(guide, names)
    assert f"# {names['reserve'].totals['expected_reserve']}:" in guide
    *imports, call = python_block(f"docs/method-reserve{language}.md").strip().splitlines()
    exec("\n".join(imports), names)
    assert f"# {eval(call, names):.5f}..." in call


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_options_and_columns_are_named(language: str) -> None:
    guide = text_of(f"docs/user-guide{language}.md")
    listed = ", ".join(f"`{name}`" for name in COMMANDS)
    assert listed in guide
    for option in reserve_command.params:
        assert any(f"`{name}" in guide for name in (*option.opts, *option.secondary_opts)), option.name
    for column in RESULT_COLUMNS:
        shorter = column.replace("expense_reserve_", "…_").replace("recovery_", "…_")
        assert f"`{column}`" in guide or f"`{shorter}`" in guide


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_the_shipped_basis_is_on_the_page(language: str) -> None:
    page = text_of(f"docs/basis{language}.md")
    for name in basis_names():
        assert name in page
        content = load_basis(name).assumptions.model_dump(mode="json")
        content.pop("name"), content.pop("note")
        for section, keys in content.items():
            for key in keys:
                assert re.search(rf"`{section}\.{key}[`.]|, `\.{key}`", page), f"{section}.{key}"


def test_finding_codes_on_the_pages_exist() -> None:
    for page in DOCS.glob("*.md"):
        for code in re.findall(r"\b[EW][23]\d{3}\b", page.read_text(encoding="utf-8")):
            assert code in CATALOGUE, (page.name, code)


def test_the_json_of_the_guide_has_the_keys_of_the_answer(tmp_path: Path) -> None:
    run = run_reserve(
        ReserveRequest(
            DOCS / "example" / "one-worker.csv", VALUATION_DATE, "illustrative-2026", tmp_path / "run"
        )
    )
    answer = json.loads(json.dumps(run.as_json()))
    for language in LANGUAGES:
        block = text_of(f"docs/user-guide{language}.md").partition("--json\n\n```")[2].partition("```")[0]
        assert [key for key in answer if f'"{key}"' in block] == list(answer)
