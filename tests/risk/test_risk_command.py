"""The command on files: what it writes, what it finds wrong, with the cell."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from actuarial.occupational_risk import Scale
from actuarial.portfolio.finding import CATALOGUE
from actuarial.portfolio.risk_column import RISK_SCHEMAS
from actuarial.portfolio.risk_read import read_assessment
from actuarial.portfolio.risk_rule import RISK_RULES
from cli.risk import command

ROOT = Path(__file__).parents[2]
PLANT = ROOT / "docs" / "example" / "plant"
POSITIONS = "department,position,n_workers,harmfulness,injury_hazard,equipment,protective_equipment,morbidity"
INDICATORS = "indicator,criterion,better,weight,lowest,highest,before,after"


def scale(low: str = "1", high: str = "5") -> Scale:
    from decimal import Decimal

    return Scale(Decimal(low), Decimal(high))


def run(*options: object) -> Any:
    return CliRunner().invoke(
        command,
        ["--assessment-date", "2026-01-15", "--scale", "1-5", *map(str, options)],
        standalone_mode=False,
        catch_exceptions=False,
    )


def write(folder: Path, **tables: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def positions(*rows: str) -> str:
    return "\n".join((POSITIONS, *rows)) + "\n"


def found(path: Path, **options: Any) -> list[tuple[str, str, str]]:
    """Code, cell and value of each finding."""
    return [(f.code, f.cell, f.value) for f in read_assessment(path, scale(), **options).findings]


def test_example_plant(tmp_path: Path) -> None:
    result = run(PLANT, "--output", tmp_path / "run", "--json")
    assert result.return_value == 0
    answer = json.loads(result.stdout)
    (plant,) = answer["enterprises"]
    # tests/docs pages show the same figures; the fractions are in test_risk_page
    assert (plant["p1"], plant["p2"], plant["p3"], plant["total"]) == (
        "3.126733", "1.200000", "0.800000", "5.126733",
    )  # fmt: skip
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert names == [
        "departments.csv", "effect.csv", "enterprises.csv", "positions.csv", "report.html", "report.xlsx",
        "run.json", "run.log",
    ]  # fmt: skip
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert record["enterprises"] == answer["enterprises"]
    assert record["law"][0]["parameter"] == "occupational_risk_weights"


def test_page_and_workbook_show_the_same(tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    run(PLANT, "--output", tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    rows = CalamineWorkbook.from_path(str(tmp_path / "run" / "report.xlsx")).get_sheet_by_name("departments")
    with (tmp_path / "run" / "departments.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["department"]: float(row["risk"]) for row in csv.DictReader(file)}
    shown = {row[0]: row[2] for row in rows.to_python() if row[0] in expected}
    assert shown == pytest.approx(expected, abs=5e-7)
    for risk in expected.values():
        assert f"{risk:.4f}" in page


def test_texts_of_the_input_do_nothing(tmp_path: Path) -> None:
    evil = '"<script>alert(1)</script>","=cmd|\'/C calc\'!A0",5,1,2,3,4,5'
    result = run(write(tmp_path / "in", positions=positions(evil)), "--output", tmp_path / "run")
    assert result.return_value == 0
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    totals = set()
    for seed in range(3):
        folder = tmp_path / str(seed)
        for path in PLANT.glob("*.csv"):
            header, *rows = path.read_text(encoding="utf-8").splitlines()
            random.Random(seed).shuffle(rows)
            write(folder, **{path.stem: "\n".join((header, *rows)) + "\n"})
        result = run(folder, "--output", tmp_path / f"run{seed}", "--json", "--no-report")
        answer = json.loads(result.stdout)
        totals.add(json.dumps([answer["enterprises"], answer["effect"]]))
    assert len(totals) == 1


def test_one_file_of_positions_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "jobs of 2026.csv"
    file.write_text(positions("A,x,5,1,2,3,4,5"), encoding="utf-8")
    result = run(file, "--output", tmp_path / "run", "--json", "--no-report")
    (own,) = json.loads(result.stdout)["enterprises"]
    # 0.35 · 3 + 0.1 · 7 + 0.1 · 5
    assert (own["p1"], own["total"]) == ("2.250000", None)


def test_russian_workbook_with_several_enterprises(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "оценка.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        jobs = book.add_worksheet("Рабочие места")
        header = ("Номер договора", "Подразделение", "Должность", "Численность", "В", "Т", "Об", "СИЗ", "З")
        rows = (("K-1", "Цех", "Токарь", 10, 2.5, 3, 2, 1.5, 2), ("K-2", "Цех", "Сварщик", 4, 4, 4, 3, 3, 3))
        for r, row in enumerate((header, *rows)):
            jobs.write_row(r, 0, row)
        plants = book.add_worksheet("Предприятия")
        for r, row in enumerate((("Предприятие", "П2", "П3"), ("k-1", 1, 0.5), ("K-2", 2, None))):
            plants.write_row(r, 0, row)
        book.add_worksheet("Примечания").write(0, 0, "не таблица")
    reading = read_assessment(path, scale())
    assert reading.findings.codes() == {"W3801": 1}
    assert reading.records is not None
    assert reading.records.enterprise == ("K-1", "K-2")
    assert reading.records.injury_score.tolist() == [100, 200]
    assert reading.records.compliance_score.tolist() == [50, -1]
    assert reading.records.scores.tolist() == [[250, 300, 200, 150, 200], [400, 400, 300, 300, 300]]


def test_mapping_of_headers(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", positions=positions("A,x,5,1,2,3,4,5").replace("morbidity", "sick days"))
    assert [code for code, *_ in found(folder)] == ["E1013", "W1501"]
    mapping = tmp_path / "map.yaml"
    mapping.write_text("positions: {columns: {morbidity: sick days}}\n", encoding="utf-8")
    assert found(folder, mapping=mapping) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (",x,5,1,2,3,4,5", ("E2001", "line 2, column A", "")),
        ("A,x,,1,2,3,4,5", ("E2001", "line 2, column C", "")),
        ("A,x,5,1,2,3,4,", ("E2001", "line 2, column H", "")),
        ("A,x,5,1,two,3,4,5", ("E2606", "line 2, column E", "two")),
        ("A,x,5,1,2.505,3,4,5", ("E2607", "line 2, column E", "2.505")),
        ("A,x,5,1,-2,3,4,5", ("E2605", "line 2, column E", "-2")),
        ("A,x,5.5,1,2,3,4,5", ("E2602", "line 2, column C", "5.5")),
        ("A,x,5,0.99,2,3,4,5", ("E3801", "line 2, column D", "0.99")),
        ("A,x,5,1,2,3,4,5.01", ("E3801", "line 2, column H", "5.01")),
        ("A,x,0,1,2,3,4,5", ("E3802", "line 2, column C", "0")),
        ("A,x,10000001,1,2,3,4,5", ("E3802", "line 2, column C", "10000001")),
    ],
)
def test_bad_cells(tmp_path: Path, row: str, expected: tuple[str, str, str]) -> None:
    assert found(write(tmp_path, positions=positions(row))) == [expected]


def test_every_fault_of_a_row_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, positions=positions("A,x,0,9,,3,4,5"))
    assert [code for code, *_ in found(folder)] == ["E2001", "E3801", "E3802"]


def test_doubled_jobs(tmp_path: Path) -> None:
    rows = positions("A,x,5,1,2,3,4,5", "A,y,5,1,2,3,4,5", " a , X,6,1,2,3,4,5")
    assert found(write(tmp_path, positions=rows)) == [
        ("E3803", "line 2, column B", "x"),
        ("E3803", "line 4, column B", "X"),
    ]


def test_departments_that_do_not_fit(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        positions=positions("A,x,5,1,2,3,4,5", "B,x,5,1,2,3,4,5", "B,y,6,1,2,3,4,5"),
        departments="department,n_workers\nB,10\nC,4\n",
    )
    assert sorted(found(folder)) == [
        ("E3804", "line 2, column A", "A"),
        ("E3805", "line 2, column B", "10"),
        ("E3806", "line 3, column A", "C"),
    ]


def test_enterprises_that_do_not_fit(tmp_path: Path) -> None:
    rows = f"enterprise,{POSITIONS}\nK1,A,x,5,1,2,3,4,5\n"
    folder = write(
        tmp_path,
        positions=rows,
        enterprises="enterprise,injury_score,compliance_score\nK2,1,1\nK1,1,1\nk1,2,2\n",
    )
    assert found(folder) == [
        ("E3803", "line 3, column A", "K1"),
        ("E3803", "line 4, column A", "k1"),
        ("E3807", "line 2, column A", "K2"),
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("i,social,higher,1,5,5,5,5", ("E3811", "line 2, column E", "5.00; highest 5.00")),
        ("i,social,higher,0,1,5,2,3", ("E3813", "line 2, column D", "0.00")),
        ("i,social,higher,1,1,5,6,3", ("E3812", "line 2, column G", "6.00; lowest 1.00; highest 5.00")),
        ("i,social,higher,1,1,5,2,0.5", ("E3812", "line 2, column H", "0.50; lowest 1.00; highest 5.00")),
        ("i,green,higher,1,1,5,2,3", ("E2501", "line 2, column B", "green")),
    ],
)
def test_bad_indicators(tmp_path: Path, row: str, expected: tuple[str, str, str]) -> None:
    folder = write(tmp_path, positions=positions("A,x,5,1,2,3,4,5"), indicators=f"{INDICATORS}\n{row}\n")
    assert found(folder) == [expected]


def test_tables_that_are_missing_doubled_or_unknown(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", departments="department,n_workers\nA,5\n", staff="a,b\n1,2\n")
    assert [code for code, *_ in found(folder)] == ["E1026", "W1502"]
    folder = write(tmp_path / "b", positions=positions("A,x,5,1,2,3,4,5"), jobs=positions("A,x,5,1,2,3,4,5"))
    assert [code for code, *_ in found(folder)] == ["E1023"]
    folder = write(tmp_path / "c", positions=positions())
    assert [code for code, *_ in found(folder)] == ["E1019"]


def test_refusal_leaves_findings_and_nothing_else(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", positions=positions("A,x,0,1,2,3,4,5"))
    result = run(folder, "--output", tmp_path / "run", "--json")
    assert result.return_value == 1
    assert json.loads(result.stdout)["findings"] == {"E3802": 1}
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["checks.xlsx"]


def test_input_inside_the_output_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", positions=positions("A,x,5,1,2,3,4,5"))
    with pytest.raises(ValueError, match=r"the input .* lies in it"):
        run(folder, "--output", tmp_path)


@pytest.mark.parametrize("text", ["1", "a-b", "1-", "NaN-5"])
def test_scale_option(text: str) -> None:
    import click

    with pytest.raises(click.UsageError, match="is not a scale; write its bounds as 1-5"):
        run(PLANT, "--scale", text)


@pytest.mark.parametrize("page", ["risk.md", "risk.ru.md"])
def test_every_code_and_column_is_documented(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    missing = [code for code, *_ in RISK_RULES if code not in text]
    missing += [
        column.name for schema in RISK_SCHEMAS for column in schema.columns if column.name not in text
    ]
    assert not missing
    assert all(code in CATALOGUE for code, *_ in RISK_RULES)


def test_brackets_in_a_name_are_text(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "department,position,n_workers,harmfulness,injury_hazard,equipment,protective_equipment,morbidity\n"
        "Цех [/1],a,3,1,2,3,4,5\n[red]Отдел,b,3,1,2,3,4,5\n",
        encoding="utf-8",
    )
    result = run(tmp_path / "p.csv", "--output", tmp_path / "run", "--no-report")
    assert result.return_value == 0
    assert "Цех [/1]" in result.stdout
    assert "[red]Отдел" in result.stdout
