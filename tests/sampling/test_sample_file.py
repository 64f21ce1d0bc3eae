"""The written files: labels, types of cells, no formula, same bytes, nothing half-written."""

import csv
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from actuarial.portfolio.sample import AMOUNT_COLUMNS, DATE_COLUMNS, SampleError, synthetic_annuities
from actuarial.portfolio.sample_file import write_sample


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return synthetic_annuities(400, seed=9)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_same_table_same_bytes(table: pa.Table, tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    write_sample(table, first)
    write_sample(table, second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a{suffix}", f"b{suffix}"]


def test_csv_holds_iso_dates_and_two_decimals(table: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "annuities-synthetic.csv"
    write_sample(table, path)
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row, expected in zip(rows, table.to_pylist(), strict=True):
        for name, value in expected.items():
            text = row[name]
            if value is None:
                assert text == ""
            elif name in DATE_COLUMNS:
                assert text == value.isoformat()
            elif name in AMOUNT_COLUMNS:
                assert text == f"{value:.2f}"
            elif name == "share":
                assert float(text) == value
            else:
                assert text == str(value)


def test_xlsx_has_numbers_dates_and_a_readme_in_three_languages(table: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "sample.xlsx"
    write_sample(table, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["annuities", "README"]
    readme = list(book["README"].iter_rows(values_only=True))
    assert {language for language, _ in readme} == {"en", "ru", "kk"}
    assert "no real person" in readme[0][1]
    assert "реальных людей нет" in readme[2][1]
    assert "нақты адам жоқ" in readme[4][1]
    header, *cells = book["annuities"].iter_rows()
    names = [cell.value for cell in header]
    assert names == table.column_names
    for row, expected in zip(cells, table.to_pylist(), strict=True):
        for name, cell in zip(names, row, strict=True):
            value = expected[name]
            if value is None:
                assert cell.value is None
            elif name in DATE_COLUMNS:
                assert cell.is_date
                assert cell.value == datetime(value.year, value.month, value.day)
            elif isinstance(value, str):
                assert (cell.data_type, cell.value) == ("s", value)
            else:
                assert cell.data_type == "n"
                assert cell.value == pytest.approx(float(value), abs=1e-9)


def test_xlsx_has_no_formula(table: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "sample.xlsx"
    write_sample(table, path)
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert len(sheets) == 2
        assert not any(b"<f>" in archive.read(name) or b"<f " in archive.read(name) for name in sheets)
        assert not any("external" in name.lower() for name in archive.namelist())


def test_parquet_keeps_types_and_label(table: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "sample.parquet"
    write_sample(table, path)
    read = pq.read_table(path)
    assert read.equals(table)
    assert read.schema.metadata[b"synthetic"] == b"synthetic, no real person"


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("sample.txt", "E1705", "the suffix '.txt' names no format; use one of .csv, .xlsx, .parquet"),
        ("sample", "E1705", r"the suffix '\(none\)' names no format"),
        ("nowhere/sample.csv", "E1708", "nowhere does not exist; create it first"),
        ("taken.csv", "E1706", "exists; choose another name or add --force"),
        ("folder.csv", "E1706", "exists; choose another name"),
    ],
)
def test_wrong_targets_are_refused(
    table: pa.Table, tmp_path: Path, name: str, code: str, message: str
) -> None:
    (tmp_path / "taken.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SampleError, match=message) as error:
        write_sample(table, tmp_path / name)
    assert error.value.code == code
    assert (tmp_path / "taken.csv").read_text(encoding="utf-8") == "mine"


def test_force_overwrites_a_file(table: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "taken.csv"
    path.write_text("mine", encoding="utf-8")
    write_sample(table, path, force=True)
    assert path.read_text(encoding="utf-8").startswith("claim_id,")


def test_a_sheet_holds_a_limited_number_of_rows(tmp_path: Path) -> None:
    too_long = pa.table({"claim_id": pa.nulls(1_048_576, pa.string())})
    with pytest.raises(SampleError, match=r"a sheet holds 1048575: write \.parquet or \.csv") as error:
        write_sample(too_long, tmp_path / "sample.xlsx")
    assert error.value.code == "E1707"


def test_a_failed_write_leaves_nothing(table: pa.Table, tmp_path: Path) -> None:
    needs_quotes = table.slice(0, 1).set_column(0, "claim_id", pa.array(['a,"b"']))
    with pytest.raises(pa.ArrowInvalid, match="quot"):
        write_sample(needs_quotes, tmp_path / "sample.csv")
    assert list(tmp_path.iterdir()) == []
