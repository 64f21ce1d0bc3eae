"""Rows of a small table: one a line, whatever the quotation marks do."""

from __future__ import annotations

from pathlib import Path

import pytest

from actuarial.experience_rating.modification import RatingError
from actuarial.experience_rating.underwriting_load import read_statistics
from actuarial.plain_table import PlainTableError, plain_rows, shown_row
from actuarial.premium.choice import PremiumError
from actuarial.premium.voluntary import load_tariff


def test_rows_and_their_lines(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('# note\r\na, b\r\n\r\n"x, y",2\r\n"open,3\r\n', encoding="utf-8-sig")
    assert plain_rows(tmp_path / "t.csv") == [(2, ["a", "b"]), (4, ["x, y", "2"]), (5, ['"open,3'])]


def test_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlainTableError, match="not UTF-8 text"):
        plain_rows(tmp_path / "t.csv")
    with pytest.raises(PlainTableError, match="No such file"):
        plain_rows(tmp_path / "none.csv")


def test_a_long_row_is_shortened() -> None:
    assert shown_row(["x" * 200, "1"]) == repr("x" * 80 + "…")


@pytest.mark.parametrize("line", ['"1\n",2', "1," + "9" * 200_000, "1,NaN", '"1,2'])
def test_lines_that_once_broke_the_reader(tmp_path: Path, line: str) -> None:
    """A mark left open, a cell beyond the limit of the csv module, a number that is none."""
    (tmp_path / "t.csv").write_text(f"risk_class,rate_percent\n{line}\n", encoding="utf-8")
    with pytest.raises(PremiumError, match="line 2") as caught:
        load_tariff(tmp_path / "t.csv")
    assert caught.value.code == "E4213"
    (tmp_path / "s.csv").write_text(
        f"policyholder,year,risk_class,workers,accidents\n{line}\n", encoding="utf-8"
    )
    with pytest.raises(RatingError, match="line 2") as refused:
        read_statistics(tmp_path / "s.csv")
    assert refused.value.code == "E4817"
    assert len(str(refused.value)) < 500
