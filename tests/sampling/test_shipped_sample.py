"""The shipped sample is what the command makes: 3 000 rows, seed 2026, valuation date 2026-01-01."""

import csv
from datetime import date, datetime
from importlib import resources

import openpyxl
import pyarrow as pa
import pytest

from actuarial.portfolio.sample import synthetic_annuities

FOLDER = resources.files("actuarial") / "sample"


@pytest.fixture(scope="module")
def expected() -> list[dict]:
    return synthetic_annuities(3_000, seed=2026, valuation_date=date(2026, 1, 1)).to_pylist()


def test_csv(expected: list[dict]) -> None:
    with (FOLDER / "annuities-synthetic.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert rows == [{n: "" if v is None else str(v) for n, v in row.items()} for row in expected]


def test_xlsx(expected: list[dict]) -> None:
    with resources.as_file(FOLDER / "annuities-synthetic.xlsx") as path:
        book = openpyxl.load_workbook(path, read_only=True)
        header, *rows = book["annuities"].iter_rows(values_only=True)
        book.close()
    for row, want in zip(rows, expected, strict=True):
        for name, value in zip(header, row, strict=True):
            wanted = want[name]
            if isinstance(wanted, date):
                wanted = datetime(wanted.year, wanted.month, wanted.day)
            elif wanted is not None and not isinstance(wanted, str):
                wanted, value = float(wanted), float(value)
            assert value == wanted, (want["claim_id"], name)


def test_files_are_small() -> None:
    for name in ("annuities-synthetic.csv", "annuities-synthetic.xlsx"):
        assert len((FOLDER / name).read_bytes()) < 1_000_000


def test_every_kind_is_shown(expected: list[dict]) -> None:
    table = pa.Table.from_pylist(expected)
    assert len(set(table["beneficiary"].to_pylist())) == 8
    assert set(table["product"].to_pylist()) == {"compulsory", "voluntary"}
    assert any(d is not None and d < date(2015, 5, 10) for d in table["accident_date"].to_pylist())
