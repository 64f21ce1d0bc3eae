from pathlib import Path

from click.testing import CliRunner

from actuarial.portfolio.sample import SampleError
from cli.sample import command


def run(*arguments: str):
    return CliRunner().invoke(command, list(arguments))


def test_writes_the_file_and_says_so_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "annuities-synthetic.csv"
    result = run("--rows", "20", "--seed", "3", "--output", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{path}: 20 synthetic annuities, no real person\n"
    assert len(path.read_text(encoding="utf-8").splitlines()) == 21


def test_valuation_date_moves_the_payments(tmp_path: Path) -> None:
    path = tmp_path / "later.csv"
    assert run("--rows", "5", "--valuation-date", "30.06.2026", "--output", str(path)).exit_code == 0
    header, *rows = (line.split(",") for line in path.read_text(encoding="utf-8").splitlines())
    at = header.index("next_payment_date")
    assert all("2026-06-30" <= row[at] <= "2026-07-31" for row in rows)


def test_does_not_overwrite_without_force(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    assert run("--rows", "5", "--output", str(path)).exit_code == 0
    before = path.read_bytes()
    refused = run("--rows", "6", "--output", str(path))
    assert isinstance(refused.exception, SampleError)
    assert refused.exception.code == "E1706"
    assert path.read_bytes() == before
    assert run("--rows", "6", "--output", str(path), "--force").exit_code == 0
    assert path.read_bytes() != before
