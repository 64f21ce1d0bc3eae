"""Annuities in payment and new claims in one run: the same scenarios, and the sum of both."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from cli.simulate import command

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "actuarial" / "sample" / "annuities-synthetic.csv"
BOOK = ROOT / "actuarial" / "sample" / "book-synthetic"
COMMON = ("--valuation-date", "2026-01-01", "--basis", "illustrative-2026", "--seed", "3", "--no-report")


def run(target: Path, *words: str, code: int = 0) -> Any:
    result = CliRunner().invoke(command, [*words, *COMMON, "--output", str(target)], standalone_mode=False)
    outcome = result.exception or result.return_value
    if isinstance(result.exception, Exception):
        return result.exception
    assert outcome == code, result.output
    return result


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first hundred annuities of the sample."""
    path = tmp_path_factory.mktemp("few") / "annuities.csv"
    lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    header = next(i for i, line in enumerate(lines) if line.startswith("claim_id"))
    path.write_text("".join(lines[: header + 101]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def runs(few: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("runs")
    annuities = ("--portfolio", str(few), "--attribution", "0", "--scenarios", "200")
    claims = ("--contracts", str(BOOK), "--new-claims", "illustrative-2026")
    run(place / "annuities", *annuities)
    run(place / "claims", *claims, "--scenarios", "200")
    run(place / "both", *annuities, *claims)
    return {name: place / name for name in ("annuities", "claims", "both")}


def record(folder: Path) -> Any:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def test_each_part_is_what_it_is_alone(runs: dict[str, Path]) -> None:
    for part, names in (
        ("annuities", ("scenarios.parquet", "payouts.csv", "segments.csv", "convergence.csv")),
        ("claims", ("new-claims.csv", "new-claim-scenarios.parquet")),
    ):
        for name in names:
            assert (runs["both"] / name).read_bytes() == (runs[part] / name).read_bytes(), name
    both, claims, annuities = (record(runs[name]) for name in ("both", "claims", "annuities"))
    assert both["new_claims"]["book"] == claims["new_claims"]["book"]
    assert both["annuities"]["mean"] == annuities["mean"]


def test_the_whole_is_the_sum_scenario_by_scenario(runs: dict[str, Path]) -> None:
    both = record(runs["both"])
    annuities = pq.read_table(runs["both"] / "scenarios.parquet")["total"].to_pylist()
    claims = pq.read_table(runs["both"] / "new-claim-scenarios.parquet")
    for key, column in ((None, "gross"), ("net", "net")):
        sums = [a + b for a, b in zip(annuities, claims[column].to_pylist(), strict=True)]
        found = both[key] if key else both
        mean = sum(sums) / len(sums)
        assert abs(Decimal(found["mean"]) - mean) <= Decimal("0.005")
        ordered = sorted(sums)
        assert Decimal(found["value_at_risk"]["0.95"]) == ordered[189]
        assert Decimal(found["quantiles"]["0.05"]) == ordered[9]
    exact = Decimal(both["annuities"]["exact_expected"]) + Decimal(
        both["new_claims"]["book"]["exact_expected"]
    )
    assert Decimal(both["exact_expected"]) == exact
    assert Decimal(both["net"]["mean"]) <= Decimal(both["mean"])


def test_the_inputs_of_both_are_on_record(runs: dict[str, Path]) -> None:
    names = {Path(source["path"]).name for source in record(runs["both"])["inputs"]}
    assert {"annuities.csv", "contracts.csv", "contract_parts.csv"} <= names
    assert "contracts.csv" not in {Path(s["path"]).name for s in record(runs["annuities"])["inputs"]}


def test_findings_of_both_come_together(few: Path, tmp_path: Path) -> None:
    bad = tmp_path / "annuities.csv"
    lines = few.read_text(encoding="utf-8").splitlines(keepends=True)
    bad.write_text("".join([*lines, lines[-1]]), encoding="utf-8")
    book = tmp_path / "book"
    shutil.copytree(BOOK, book)
    contracts = (book / "contracts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (book / "contracts.csv").write_text("".join([*contracts, contracts[-1]]), encoding="utf-8")
    words = ("--portfolio", str(bad), "--contracts", str(book), "--new-claims", "illustrative-2026")
    run(tmp_path / "out", *words, "--scenarios", "20", code=1)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["checks.xlsx"]
    sheets = load_workbook(tmp_path / "out" / "checks.xlsx", read_only=True)
    text = " ".join(
        str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row
    )
    assert "annuities" in text and "contracts" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "nothing to simulate"),
        (("--contracts", "x"), "go together"),
        (("--portfolio", "x", "--new-claims", "illustrative-2026"), "go together"),
    ],
)
def test_what_belongs_together(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    error = run(tmp_path / "out", *words, "--scenarios", "20")
    assert message in str(error.format_message())


def test_an_unknown_model_names_the_shipped_ones(tmp_path: Path) -> None:
    error = run(tmp_path, "--contracts", str(BOOK), "--new-claims", "mine", "--scenarios", "20")
    assert "illustrative-2026" in str(error)
