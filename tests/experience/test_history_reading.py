"""Every rule of a history with its cell; aliases, mapping, formats; nothing repaired in silence."""

import csv
import io
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from actuarial.experience.record import EXITS
from actuarial.payout_law import day
from actuarial.portfolio.column import normalised, value_index
from actuarial.portfolio.history_check import HistoryReading, read_history
from actuarial.portfolio.history_column import HISTORY_COLUMNS, HISTORY_SCHEMA
from actuarial.portfolio.history_rule import HISTORY_RULES
from actuarial.portfolio.sample_history import sample_truth, synthetic_history

HEADER = [
    "claim_id", "sex", "birth_date", "first_certificate_date", "entry_date", "exit_date", "exit_reason",
    "degree_from", "degree_to",
]  # fmt: skip
FIRST = ["A", "male", "1980-05-14", "2015-03-01", "2015-03-01", "2016-03-01", "degree_changed", "40", "70"]
SECOND = ["A", "male", "1980-05-14", "2015-03-01", "2016-03-01", "2018-03-01", "dead", "70", ""]
OTHER = ["B", "female", "1975-01-31", "2015-03-01", "2015-03-01", "2020-01-01", "censored", "15", ""]


def written(folder: Path, rows: list[list[str]], header: list[str] | None = None) -> Path:
    path = folder / "history.csv"
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header or HEADER, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def changed(row: list[str], **cells: str) -> list[str]:
    values = dict(zip(HEADER, row, strict=True)) | cells
    return [values[name] for name in HEADER]


def found(reading: HistoryReading) -> list[tuple[str, str, str]]:
    return [(f.code, f.cell, f.value) for f in reading.findings]


def test_a_clean_history(tmp_path: Path) -> None:
    reading = read_history(written(tmp_path, [FIRST, SECOND, OTHER]))
    assert found(reading) == []
    records = reading.records
    assert records is not None
    assert records.claim.tolist() == [0, 0, 2]
    assert records.band.tolist() == [1, 2, 0]
    assert records.band_to.tolist() == [2, -1, -1]
    assert [EXITS[r] for r in records.exit_reason] == ["degree_changed", "dead", "censored"]
    assert records.exit_date.tolist() == [day(date(2016, 3, 1)), day(date(2018, 3, 1)), day(date(2020, 1, 1))]
    assert not reading.is_start_assumed
    assert len(reading.sources) == 1


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([changed(OTHER, exit_date="2015-03-01")], [("E3901", "line 2, column F")]),
        (
            [changed(OTHER, birth_date="2015-03-01", first_certificate_date="")],
            [("E3902", "line 2, column C")],
        ),
        ([changed(OTHER, first_certificate_date="2015-03-02")], [("E3903", "line 2, column D")]),
        (
            [changed(OTHER, first_certificate_date="1975-01-31")],
            [("E3904", "line 2, column D")],
        ),
        ([changed(FIRST, degree_to=""), SECOND], [("E3905", "line 2, column I")]),
        ([changed(OTHER, degree_from="4")], [("E3906", "line 2, column H")]),
        ([changed(FIRST, degree_to="3")], [("E3906", "line 2, column I")]),
        ([FIRST, changed(SECOND, sex="female")], [("E3907", "line 3, column B")]),
        ([FIRST, changed(SECOND, birth_date="1980-05-15")], [("E3907", "line 3, column C")]),
        ([FIRST, changed(SECOND, entry_date="2016-02-29")], [("E3908", "line 3, column E")]),
        ([FIRST, FIRST], [("E3908", "line 3, column E")]),
        (
            # both lie inside the first, though not inside each other
            [
                changed(OTHER),
                changed(OTHER, entry_date="2016-01-01", exit_date="2016-02-01"),
                changed(OTHER, entry_date="2017-01-01", exit_date="2017-02-01"),
            ],
            [("E3908", "line 3, column E"), ("E3908", "line 4, column E")],
        ),
        (
            [
                changed(FIRST, exit_reason="dead", degree_to=""),
                changed(SECOND, entry_date="2016-05-01", exit_date="2016-06-01", exit_reason="censored"),
                changed(SECOND, entry_date="2016-07-01"),
            ],
            [("E3909", "line 3, column E"), ("E3909", "line 4, column E")],
        ),
        (
            [changed(FIRST, exit_reason="dead", degree_to=""), SECOND],
            [("E3909", "line 3, column E")],
        ),
        (
            [changed(FIRST, exit_reason="pension", degree_to=""), changed(SECOND, entry_date="2017-01-01")],
            [("E3909", "line 3, column E")],
        ),
        ([FIRST, changed(SECOND, degree_from="71")], [("E3910", "line 3, column H")]),
        ([changed(OTHER, exit_date="2116-01-01")], [("E3911", "line 2, column F")]),
        ([changed(FIRST, exit_reason="recovered", degree_to="20")], [("E3912", "line 2, column I")]),
        ([changed(OTHER, degree_to="20")], [("W3901", "line 2, column I")]),
        ([changed(OTHER, first_certificate_date="")], [("W3902", "line 2, column D")]),
        (
            [changed(FIRST, exit_reason="recovered", degree_to=""), changed(SECOND, entry_date="2017-01-01")],
            [("W3903", "line 3, column E")],
        ),
        ([changed(OTHER, birth_date="1909-01-01")], [("E3913", "line 2, column C")]),
        (
            [changed(OTHER, birth_date="2001-03-02"), changed(OTHER, claim_id="C", birth_date="2001-02-27")],
            [("W3904", "line 2, column C")],
        ),
        ([changed(OTHER, claim_id="")], [("E2001", "line 2, column A")]),
        ([changed(OTHER, exit_reason="")], [("E2001", "line 2, column G")]),
        ([changed(OTHER, exit_reason="retired")], [("E2501", "line 2, column G")]),
        ([changed(OTHER, exit_date="31.02.2020")], [("E2102", "line 2, column F")]),
        ([changed(OTHER, degree_from="0.15")], [("E2302", "line 2, column H")]),
    ],
)
def test_each_rule_with_its_cell(
    tmp_path: Path, rows: list[list[str]], expected: list[tuple[str, str]]
) -> None:
    reading = read_history(written(tmp_path, rows))
    assert [(f.code, f.cell) for f in reading.findings] == expected
    is_error = any(code.startswith("E") for code, _ in expected)
    assert (reading.records is None) == is_error


def test_all_bad_rows_are_told(tmp_path: Path) -> None:
    rows = [changed(OTHER, claim_id=f"C{i}", exit_date="2015-01-01") for i in range(50)]
    reading = read_history(written(tmp_path, [*rows, changed(OTHER, degree_from="101")]))
    assert reading.findings.codes() == {"E3901": 50, "E3906": 1}


def test_every_rule_has_a_test_or_is_a_rule_of_another_table() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [code for code, *_ in HISTORY_RULES if f'"{code}"' not in source] == []


def test_the_first_entry_stands_for_a_first_certificate_that_is_not_given(tmp_path: Path) -> None:
    header = [name for name in HEADER if name != "first_certificate_date"]
    rows = [
        [cell for name, cell in zip(HEADER, row, strict=True) if name in header] for row in (FIRST, SECOND)
    ]
    reading = read_history(written(tmp_path, [rows[1], rows[0]], header))
    assert reading.is_start_assumed
    assert found(reading) == []
    assert reading.records is not None
    assert reading.records.first_certificate_date.tolist() == [day(date(2015, 3, 1))] * 2


def test_russian_and_kazakh_headers_and_values(tmp_path: Path) -> None:
    header = [
        "№ убытка", "Пол", "Дата рождения", "Алғашқы куәландыру күні", "Начало наблюдения", "Дата выхода",
        "Причина выхода", "УПТ", "Степень после",
    ]  # fmt: skip
    rows = [
        [
            "A",
            "м",
            "14.05.1980",
            "01.03.2015",
            "01.03.2015",
            "01.03.2016",
            "переосвидетельствование",
            "40%",
            "70",
        ],
        ["A", "ер", "14.05.1980", "01.03.2015", "01.03.2016", "01.03.2018", "қайтыс болды", "70", ""],
    ]
    ours = read_history(written(tmp_path, [FIRST, SECOND])).records
    theirs = read_history(written(tmp_path, rows, header)).records
    assert ours is not None
    assert theirs is not None
    for name in ("claim", "sex", "birth_date", "entry_date", "exit_date", "exit_reason", "band", "band_to"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


def test_a_mapping_of_headers_and_values(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "history:\n  columns: {exit_reason: status}\n  values: {exit_reason: {left us: dead}}\n",
        encoding="utf-8",
    )
    header = [name if name != "exit_reason" else "status" for name in HEADER]
    path = written(tmp_path, [changed(OTHER, exit_reason="left us")], header)
    reading = read_history(path, mapping=mapping)
    assert reading.records is not None
    assert EXITS[reading.records.exit_reason[0]] == "dead"


def test_a_workbook_a_folder_and_parquet_are_read_alike(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "История"
    for row in (HEADER, FIRST, SECOND, OTHER):
        sheet.append(row)
    book.create_sheet("README").append(["remarks"])
    book.save(tmp_path / "book.xlsx")
    folder = tmp_path / "tables"
    folder.mkdir()
    plain = read_history(written(folder, [FIRST, SECOND, OTHER])).records
    columns = list(zip(FIRST, SECOND, OTHER, strict=True))
    table = pa.table({name: list(values) for name, values in zip(HEADER, columns, strict=True)})
    pyarrow.parquet.write_table(table, tmp_path / "h.parquet")
    assert plain is not None
    for path in (tmp_path / "book.xlsx", folder, tmp_path / "h.parquet"):
        records = read_history(path).records
        assert records is not None, path
        for name in (
            "claim",
            "sex",
            "birth_date",
            "entry_date",
            "exit_date",
            "exit_reason",
            "band",
            "band_to",
        ):
            np.testing.assert_array_equal(getattr(records, name), getattr(plain, name))


def test_missing_columns_and_rows(tmp_path: Path) -> None:
    header = [name for name in HEADER if name != "exit_reason"]
    row = [cell for name, cell in zip(HEADER, OTHER, strict=True) if name in header]
    reading = read_history(written(tmp_path, [row], header))
    assert reading.findings.codes() == {"E1013": 1}
    assert read_history(written(tmp_path, [])).findings.codes() == {"E1019": 1}


def test_aliases_are_their_own() -> None:
    assert len(HISTORY_SCHEMA.header_index) >= sum(1 + len(c.aliases) for c in HISTORY_COLUMNS) - 3
    for column in HISTORY_COLUMNS:
        assert HISTORY_SCHEMA.header_index[normalised(column.name)] == column.name
        if column.choices:
            assert set(value_index(column).values()) == set(range(len(column.choices)))


def test_the_shipped_history_is_what_the_generator_draws(shipped_path: Path, prior) -> None:
    table = synthetic_history(1200, seed=2026, truth=sample_truth(prior))
    with shipped_path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert rows == [{n: "" if v is None else str(v) for n, v in row.items()} for row in table.to_pylist()]
    assert all(row["claim_id"].startswith("SYN-") for row in rows)
    assert shipped_path.stat().st_size < 500_000
