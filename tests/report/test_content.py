"""What a reader must find in the reports: warnings, measures apart, assumptions, law with article."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from report_run import SAMPLE, Tables, value_sample

import mortality
from actuarial.annuity import annuity_due
from actuarial.report.premium_run import PremiumRun
from actuarial.report.reserve_report import LONGEVITY, completed_years
from actuarial.report.reserve_run import ReserveRun


def test_the_certified_figure_is_never_without_its_note(
    reserve_run: ReserveRun, page_of: Callable[[Path], Tables]
) -> None:
    text = (reserve_run.folder / "report.html").read_text(encoding="utf-8")
    note = "Leaves out extensions that the insurer must write: not a sufficient reserve by itself."
    figures = re.findall(r"<dt>([^<]*ertified[^<]*)</dt><dd>[^<]*</dd>(.*?)</div>", text)
    assert len(figures) == 2
    assert all(note in rest for _, rest in figures)
    book = openpyxl.load_workbook(reserve_run.folder / "report.xlsx")
    rows = [row for row in book["summary"].iter_rows(values_only=True) if row[0]]
    assert [row[2] for row in rows if "ertified, with" in row[0] or row[0] == "Annuities, certified"] == [
        note
    ] * 2


def test_warnings_stand_above_everything_else(reserve_run: ReserveRun) -> None:
    text = (reserve_run.folder / "report.html").read_text(encoding="utf-8")
    warnings = text.partition('class="warnings"')[2].partition("</aside>")[0]
    assert "is illustrative" in warnings
    assert "subsistence_minimum: projected with the basis&#39; growth, not enacted: 2027-2033" in warnings
    assert text.index('class="warnings"') < text.index("<section")


def test_every_assumption_and_every_entry_of_the_law(
    reserve_run: ReserveRun, premium_run: PremiumRun, page_of: Callable[[Path], Tables]
) -> None:
    page = page_of(reserve_run.folder)
    shown = {row[0]: row[1] for row in page.by_caption["Assumptions"][1:]}
    basis = reserve_run.record["basis"]
    assert shown["interest.flat"] == "0.1"
    assert shown["mortality.multiplier.C"] == "3"
    assert shown["certification.next_term_months.D"] == "none: without review"
    for part in ("growth", "expenses"):
        for key, value in basis[part].items():
            assert float(shown[f"{part}.{key}"]) == value
    matrix = page.by_caption["Certification matrix from 3 completed years after the first certificate"]
    assert matrix[2][1:] == ["8.0\u00a0%", "85.0\u00a0%", "3.0\u00a0%", "1.0\u00a0%", "3.0\u00a0%"]
    for run in (reserve_run, premium_run):
        rows = page_of(run.folder).by_caption["Entries of the law used"][1:]
        assert len(rows) == len(run.record["law"]) > 5
        for row, entry in zip(rows, run.record["law"], strict=True):
            assert row[0] == entry["parameter"].replace("_", " ")
            assert row[2:5] == [entry["from"], entry["to"] or "", entry["checked_on"] or ""]
            assert entry["article"] in row[5]
            assert row[6] == entry["evidence"]


def test_choices_of_a_premium_report(premium_run: PremiumRun, page_of: Callable[[Path], Tables]) -> None:
    rows = page_of(premium_run.folder).by_caption["Choices where the law is open"][1:]
    assert [row[:4] for row in rows] == [
        [c["choice"], c["value"], c["default"], c["article"]] for c in premium_run.record["choices"]
    ]
    text = (premium_run.folder / "report.html").read_text(encoding="utf-8")
    assert "13 contracts have no accident history" in text


def test_control_totals_have_no_difference(
    reserve_run: ReserveRun, premium_run: PremiumRun, page_of: Callable[[Path], Tables]
) -> None:
    for run, n in ((reserve_run, 14), (premium_run, 12)):
        rows = page_of(run.folder).by_caption["Control totals of this run"][1:]
        assert len(rows) == n
        assert {row[3] for row in rows} == {"0.00"}
        assert all(row[1] == row[2] != "" for row in rows)


def test_a_control_total_that_differs_is_said_first(reserve_run: ReserveRun) -> None:
    from actuarial.portfolio.finding import Findings
    from actuarial.report.appendix import Check, closing_section

    section = closing_section(["limit"], [Check("a", 5, 5), Check("b", 5, 4)], Findings())
    assert section.text[0] == "CONTROL TOTALS DIFFER: b. Do not use the figures."
    assert section.tables[0].rows[1] == ("b", 5, 4, 1)


def test_the_longevity_remark_holds() -> None:
    man = mortality.load_table("kz-wpp2024-2020-2025-male")
    gains = []
    for rate, indexation in ((0.06, 0.0), (0.12, 0.08)):
        lighter, plain = (
            annuity_due(man, 480, rate=rate, months=276, indexation=indexation, multiplier=multiplier)
            for multiplier in (0.8, 1.0)
        )
        gains.append(f"{100 * (lighter / plain - 1):.1f}")
    assert gains == ["1.4", "1.6"]
    assert "{}–{} %".format(*gains) in LONGEVITY


@pytest.mark.parametrize("day", [date(2023, 2, 28), date(2024, 2, 29), date(2026, 1, 1), date(2025, 12, 31)])
def test_completed_years(day: date) -> None:
    births = [
        date(year, month, last)
        for year in (1959, 1960, 1999, 2000)
        for month, last in ((1, 1), (1, 2), (2, 27), (2, 28), (3, 1), (12, 30), (12, 31))
    ] + [date(1960, 2, 29), date(2000, 2, 29)]
    expected = []
    for birth in births:
        leap = day.year % 4 == 0
        kept = (2, 28) if (birth.month, birth.day) == (2, 29) and not leap else (birth.month, birth.day)
        expected.append(day.year - birth.year - ((day.month, day.day) < kept))
    days = np.array([(birth - date(1970, 1, 1)).days for birth in births], dtype=np.int32)
    assert completed_years(days, day).tolist() == expected


def test_findings_are_explained(tmp_path: Path, page_of: Callable[[Path], Tables]) -> None:
    """A warning in the data comes with its rule, not with a code alone."""
    lines = SAMPLE.read_text(encoding="utf-8-sig").splitlines()
    header = lines[0].split(",")
    at, kind = header.index("entitlement_end"), header.index("beneficiary")
    for k, line in enumerate(lines[1:], start=1):
        cells = line.split(",")
        if cells[kind] == "spouse":
            cells[at] = "2026-01-01"
            lines[k] = ",".join(cells)
            break
    path = tmp_path / "annuities.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = value_sample(tmp_path / "run", path)
    assert (run.folder / "checks.xlsx").exists()
    rows = page_of(run.folder).by_caption["Findings in the input"][1:]
    ((code, severity, column, count, rule, fix),) = rows
    assert (severity, column, count) == ("warning", "entitlement_end", "1")
    text = (run.folder / "report.html").read_text(encoding="utf-8")
    warnings = text.partition('class="warnings"')[2].partition("</aside>")[0]
    assert f"{code}: 1 rows: {rule} (see Limitations and checks)" in warnings.replace("&#39;", "'")
    assert fix
