"""The engine's own reader finds nothing to object to, neither errors nor warnings."""

from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from actuarial.portfolio.read import Reading, read_annuities
from actuarial.portfolio.sample import synthetic_annuities
from actuarial.portfolio.sample_file import write_sample

FOLDER = resources.files("actuarial") / "sample"


def assert_clean(reading: Reading, n_rows: int) -> None:
    assert reading.n_rows == n_rows
    assert reading.findings.codes() == {}
    assert reading.records is not None
    assert len(reading.records) == n_rows


@pytest.mark.parametrize("valuation_date", [date(2025, 1, 1), date(2026, 2, 28), date(2026, 12, 31)])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_generated_files_are_clean(tmp_path: Path, valuation_date: date, suffix: str) -> None:
    path = tmp_path / f"annuities{suffix}"
    write_sample(synthetic_annuities(20_000, seed=21, valuation_date=valuation_date), path)
    assert_clean(read_annuities(path, valuation_date=valuation_date), 20_000)


@pytest.mark.parametrize("name", ["annuities-synthetic.csv", "annuities-synthetic.xlsx"])
def test_shipped_files_are_clean(name: str) -> None:
    with resources.as_file(FOLDER / name) as path:
        assert_clean(read_annuities(path, valuation_date=date(2026, 1, 1)), 3_000)
