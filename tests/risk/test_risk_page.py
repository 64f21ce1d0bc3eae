"""The worked number of the page, in fractions without the engine, and what the page shows of the program."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.risk import command

ROOT = Path(__file__).parents[2]
PLANT = ROOT / "docs" / "example" / "plant"
PAGES = ("risk.md", "risk.ru.md")


def page_text(name: str) -> str:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def rows(name: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (PLANT / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def four(value: Fraction) -> str:
    return f"{float(value):.4f}"


def worked() -> tuple[dict[str, str], list[str]]:
    """Rows of the tables by name, and the other figures of the text."""
    conditions, others = ("harmfulness", "injury_hazard"), ("equipment", "protective_equipment", "morbidity")
    weights = dict.fromkeys(conditions, "0.35") | dict.fromkeys(others, "0.1")
    jobs = rows("positions")
    parts = [{name: Fraction(w) * Fraction(job[name]) for name, w in weights.items()} for job in jobs]
    headcount = {row["подразделение"]: int(row["численность"]) for row in rows("departments", ";")}
    table, added = {}, dict.fromkeys(weights, Fraction(0))
    for department, workers in headcount.items():
        own = [k for k, job in enumerate(jobs) if job["department"] == department]
        n = sum(int(jobs[k]["n_workers"]) for k in own)
        by_score = {s: sum(int(jobs[k]["n_workers"]) * parts[k][s] for k in own) / n for s in weights}
        table[department] = f"| {workers} | {four(sum(by_score.values()))} |"
        added = {s: added[s] + workers * by_score[s] for s in weights}
    everyone = sum(headcount.values())
    p1 = sum(added.values()) / everyone
    (other,) = rows("enterprises")
    total = p1 + Fraction(other["injury_score"]) + Fraction(other["compliance_score"])
    figures = [four(sum(parts[0].values())), four(p1), four(total)]
    figures += [four(part / everyone) for part in added.values()]
    index: dict[str, list[Fraction]] = {}
    for criterion in ("economic", "social"):
        own_rows = [row for row in rows("indicators") if row["criterion"] == criterion]
        found = []
        for moment in ("before", "after"):
            weighted = Fraction(0)
            for row in own_rows:
                low, high, x = (Fraction(row[name]) for name in ("lowest", "highest", moment))
                z = (x - low) / (high - low)
                weighted += Fraction(row["weight"]) * (z if row["better"] == "higher" else 1 - z)
            found.append(weighted / sum(Fraction(row["weight"]) for row in own_rows))
        index[criterion] = found
        table[criterion] = f"| {four(found[0])} | {four(found[1])} | {four(found[1] / found[0])} |"
    before, after = (float(index["economic"][k] * index["social"][k]) ** 0.5 for k in (0, 1))
    table["combined"] = f"| {before:.4f} | {after:.4f} | {after / before:.4f} |"
    return table, figures


@pytest.mark.parametrize("page", PAGES)
def test_worked_number(page: str) -> None:
    text = page_text(page)
    table, figures = worked()
    for name, line in table.items():
        assert f"| {name} {line}" in text
    assert not [figure for figure in figures if figure not in text]


def test_the_program_prints_the_same(tmp_path: Path) -> None:
    options = [
        str(PLANT),
        "--assessment-date",
        "2026-01-15",
        "--scale",
        "1-5",
        "--output",
        str(tmp_path / "run"),
    ]
    result = CliRunner().invoke(command, options, standalone_mode=False, catch_exceptions=False)
    table, figures = worked()
    printed = " ".join(result.stdout.split())
    for name, line in table.items():
        assert f"{name} {' '.join(line.replace('|', ' ').split())}" in printed
    assert f"125 {figures[1]} 1.2000 0.8000 {figures[2]}" in printed


@pytest.mark.parametrize("page", PAGES)
def test_options_are_named(page: str) -> None:
    text = page_text(page)
    for option in command.params:
        names = (*option.opts, *option.secondary_opts)
        assert any(name in text for name in names) or option.name == "assessment", option.name
