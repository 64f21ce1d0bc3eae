"""The workbook: numbers as numbers with their formats, nothing lost without a word."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from actuarial.report import workbook
from actuarial.report.table import MINUS, NO_BREAK_SPACE, Column, Table, cell_text
from actuarial.report.workbook import Sheet, SheetChart, write_workbook

KINDS = Table(
    "Kinds",
    (
        Column("text"),
        Column("count", "integer"),
        Column("money", "money"),
        Column("number", "number", 4),
        Column("rate", "percent"),
        Column("day", "date"),
    ),
    (
        ("0012", 1234567, -123456789012, 0.12345, 0.0725, date(2026, 1, 31)),
        ("none", None, None, float("nan"), float("inf"), None),
    ),
    total=("all", 1234567, -123456789012, None, None, None),
    note="A note.",
)


def test_values_and_formats(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "book.xlsx", [Sheet("kinds", (KINDS,), SheetChart("Chart", 0, (2,)))])
    sheet = openpyxl.load_workbook(path)["kinds"]
    assert [cell.value for cell in sheet[1]] == [column.title for column in KINDS.columns]
    first = [cell.value for cell in sheet[2]]
    assert first[:5] == ["0012", 1234567, -1234567890.12, 0.12345, 0.0725]
    assert first[5].date() == date(2026, 1, 31)  # type: ignore[union-attr]
    formats = [cell.number_format for cell in sheet[2]]
    assert formats == ["General", "#,##0", "#,##0.00", "#,##0.0000", "0.0%", "yyyy-mm-dd"]
    assert [cell.value for cell in sheet[3]][1:] == [None] * 5
    assert sheet[4][2].value == -1234567890.12
    assert sheet[4][2].font.bold
    assert sheet[5][0].value == "A note."
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:F3"
    assert len(sheet._charts) == 1  # type: ignore[attr-defined]
    assert sheet.column_dimensions["C"].width > len("-1 234 567 890.12")


def test_several_tables_in_one_sheet(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "book.xlsx", [Sheet("both", (KINDS, KINDS), text=("Hello", "there"))])
    column = [row[0] for row in openpyxl.load_workbook(path)["both"].iter_rows(values_only=True)]
    table = ["Kinds", "text", "0012", "none", "all", "A note."]
    assert column == ["Hello", "there", None, *table, None, *table]


def test_an_amount_beyond_the_digits_of_excel_is_text(tmp_path: Path) -> None:
    rows = ((10**15 - 1,), (10**15,), (-(10**15) - 1,), (10**18 - 1,))
    path = write_workbook(tmp_path / "book.xlsx", [Sheet("x", (Table("x", (Column("m", "money"),), rows),))])
    values = [row[0] for row in openpyxl.load_workbook(path)["x"].iter_rows(min_row=2, values_only=True)]
    assert values == [9999999999999.99, "10000000000000.00", "-10000000000000.01", "9999999999999999.99"]


def test_rows_beyond_a_worksheet_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 10)

    def column(n: int, total: tuple[int] | None) -> list[object]:
        table = Table("x", (Column("n", "integer"),), tuple((k,) for k in range(n)), total)
        write_workbook(tmp_path / "book.xlsx", [Sheet("x", (table,))])
        sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["x"]
        return [row[0] for row in sheet.iter_rows(values_only=True)]

    assert column(9, None) == ["n", *range(9)]
    assert column(8, (28,)) == ["n", *range(8), 28]
    assert column(10, None) == ["n", *range(8), "… and 2 more rows than a worksheet can hold"]
    assert column(30, (435,)) == ["n", *range(7), "… and 23 more rows than a worksheet can hold", 435]


def test_a_text_beyond_a_cell_is_cut_in_sight(tmp_path: Path) -> None:
    table = Table("x", (Column("t"),), (("y" * 40_000,), ("z" * 32_767,)))
    path = write_workbook(tmp_path / "book.xlsx", [Sheet("x", (table,))])
    _, cut, whole = (row[0] for row in openpyxl.load_workbook(path)["x"].iter_rows(values_only=True))
    assert len(cut) == 32_767  # type: ignore[arg-type]
    assert cut.endswith(" … (cut at Excel's limit)")  # type: ignore[union-attr]
    assert whole == "z" * 32_767


def test_a_file_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_workbook(tmp_path / "none" / "book.xlsx", [Sheet("kinds", (KINDS,))])


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="table 'x': 2 cells under 1 columns"):
        Table("x", (Column("a"),), ((1, 2),))
    with pytest.raises(ValueError, match="table 'x': 0 cells under 1 columns"):
        Table("x", (Column("a"),), (), ())


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (123456789, Column("", "money"), "1 234 567.89"),
        (-5, Column("", "money"), "-0.05"),
        (10**20 + 1, Column("", "money"), "1 000 000 000 000 000 000.01"),
        (150, Column("", "money", 0), "2"),
        (149, Column("", "money", 0), "1"),
        (0.00125, Column("", "percent", 2), "0.13 %"),
        (0.285, Column("", "number"), "0.29"),
        (-0.001, Column("", "number"), "0.00"),
        (2.5e-7, Column("", "percent", 4), "0.0000 %"),
        (1e25, Column("", "number"), "1.00000e+25"),
        (1234567, Column("", "integer"), "1 234 567"),
        (float("nan"), Column("", "number"), "–"),
        (None, Column("", "money"), ""),
        (date(2026, 1, 5), Column("", "date"), "2026-01-05"),
    ],
)
def test_what_a_reader_sees(value: object, column: Column, text: str) -> None:
    assert cell_text(value, column) == text.replace(" ", NO_BREAK_SPACE).replace("-", MINUS) or (
        column.kind == "date" and cell_text(value, column) == text
    )


def test_a_text_right_of_a_number_stands_off_from_it(tmp_path: Path) -> None:
    columns = (Column("name"), Column("tenge", "money"), Column("note"), Column("more"))
    table = Table("Amounts", columns, (("a", 100, "b", "c"),), ("all", 100, "", ""))
    page = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", [Sheet("amounts", (table,))])).active
    assert page is not None
    for row in page.iter_rows(min_row=1, max_row=2):
        assert [cell.alignment.indent for cell in row] == [0, 0, 1, 0]
