"""`-`: data through standard input, files to standard output, and nothing left behind."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "actuarial" / "sample" / "annuities-synthetic.csv"
ONE = ROOT / "docs" / "example" / "one-worker.csv"
ON_THE_DAY = ("--valuation-date", "2026-01-01", "--basis", "illustrative-2026")
Shell = Callable[..., Any]


@pytest.fixture(autouse=True)
def private_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of temporary files of its own, to see what is left in it."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def record(folder: Path) -> dict[str, Any]:
    content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def test_a_portfolio_through_standard_input_is_valued_as_the_file(
    shell: Shell, own_place: Path, private_place: Path
) -> None:
    words = (*ON_THE_DAY, "--no-report")
    piped = shell("reserve", "--portfolio", "-", *words, "--output", "piped", stdin=ONE.read_bytes())
    assert piped.code == 0, piped.err
    assert shell("reserve", "--portfolio", ONE, *words, "--output", "file").code == 0
    one, other = record(own_place / "piped"), record(own_place / "file")
    assert one["totals"] == other["totals"]
    assert one["outputs"]["results.parquet"] == other["outputs"]["results.parquet"]
    assert one["inputs"][0]["sha256"] == other["inputs"][0]["sha256"]
    assert one["inputs"][0]["path"] == one["request"]["portfolio"] == "<stdin>"
    assert str(private_place) not in "".join(
        path.read_text(encoding="utf-8") for path in (own_place / "piped").glob("run.*")
    )
    assert not list(private_place.iterdir())


def test_such_a_run_says_why_it_cannot_be_verified(shell: Shell, own_place: Path) -> None:
    shell(
        "reserve", "--portfolio", "-", *ON_THE_DAY, "--no-report", "--output", "run", stdin=ONE.read_bytes()
    )
    answer = shell("verify", "run")
    assert answer.code == 4
    said = "input <stdin>: came through standard input, which no run keeps; make the run again on a file"
    assert said in answer.out
    explained = shell("explain", "run", "--id", "EXAMPLE-1")
    assert explained.code == 2 and "error E8303" in explained.err and "no run keeps" in explained.err


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_the_format_is_known_by_its_first_bytes(shell: Shell, own_place: Path, suffix: str) -> None:
    path = own_place / f"sample{suffix}"
    assert shell("sample", "--rows", 20, "--output", path).code == 0
    answer = shell("check", "-", "--valuation-date", "2026-01-01", stdin=path.read_bytes())
    assert answer.code == 0
    assert answer.out.startswith("annuities: 20 rows")


def test_findings_name_the_stream_and_the_line(shell: Shell, private_place: Path) -> None:
    lines = ONE.read_text(encoding="utf-8").splitlines()
    bad = "\n".join([lines[0], lines[1].replace("worker", "nobody")])
    answer = shell("check", "-", "--valuation-date", "2026-01-01", stdin=bad.encode())
    assert answer.code == 1
    assert "    <stdin> line 2, column" in answer.out
    assert str(private_place) not in answer.out + answer.err
    old = shell(
        "check", "-", "--valuation-date", "2026-01-01", stdin=bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)
    )
    assert "E1007" in old.out
    empty = shell("check", "-", "--valuation-date", "2026-01-01")
    assert empty.code == 1 and "E1004" in empty.out and "<stdin>" in empty.out


def test_nothing_is_left_after_a_refusal(shell: Shell, own_place: Path, private_place: Path) -> None:
    wrong = ("--valuation-date", "2026-01-01", "--basis", "nothing", "--no-report")
    answer = shell("reserve", "--portfolio", "-", *wrong, stdin=ONE.read_bytes())
    assert answer.code == 2
    assert not list(private_place.iterdir()) and not list(own_place.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ("premium", "--contracts", "-", "--no-report"),
        ("submit", "--contracts", "-"),
        ("fit", "--history", "-", "--basis", "illustrative-2026"),
        ("risk", "-", "--assessment-date", "2026-01-01", "--scale", "1-5", "--no-report"),
        ("benefit", "--table", "-", "--valuation-date", "2026-01-01", "--output", "x.csv"),
        ("explain", "--portfolio", "-", "--id", "1", *ON_THE_DAY),
    ],
)
def test_every_reader_of_one_file_takes_the_stream(shell: Shell, words: tuple[str, ...]) -> None:
    answer = shell(*words, stdin=b"a;b\n1;2\n")
    assert answer.code == 1
    assert "<stdin>" in answer.err + answer.out


def test_one_stream_only(shell: Shell) -> None:
    words = ("--assumptions", "x.yaml", *ON_THE_DAY, "--no-report")
    answer = shell("adequacy", "--contracts", "-", "--claims", "-", *words)
    assert answer.code == 2 and "error E8201" in answer.err


def test_a_terminal_is_no_file(shell: Shell) -> None:
    answer = shell("check", "-", "--valuation-date", "2026-01-01", on_terminal=True)
    assert answer.code == 2 and "error E8202" in answer.err


def test_a_template_to_standard_output_is_the_file(shell: Shell) -> None:
    piped = shell("template", "annuities", "--output", "-")
    assert piped.code == 0
    content = piped.out.encode("utf-8", "surrogateescape")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert "annuities" in book.sheetnames
    done = shell("check", "-", "--valuation-date", "2026-01-01", stdin=content)
    assert done.code == 0 and done.out.startswith("annuities: 2 rows")


def test_a_sample_to_standard_output_is_the_file(shell: Shell, own_place: Path) -> None:
    assert shell("sample", "--rows", 5, "--output", "five.csv").code == 0
    piped = shell("sample", "--rows", 5, "--output", "-")
    assert piped.out.encode("utf-8", "surrogateescape") == (own_place / "five.csv").read_bytes()
    assert "<stdout>: 5 synthetic annuities" in piped.err


def test_a_reader_that_leaves_is_no_error(own_place: Path) -> None:
    reader = "import sys; sys.stdin.buffer.read(10)"
    for words in (["law", "oked", "--find", "производство"], ["sample", "--rows", "2000", "--output", "-"]):
        with subprocess.Popen(
            [sys.executable, "-m", "cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        ) as one:
            assert one.stdout and one.stderr
            subprocess.run([sys.executable, "-c", reader], stdin=one.stdout, check=True)
            one.stdout.close()
            errors = one.stderr.read().decode()
        assert one.returncode == 0, errors
        assert "Traceback" not in errors and "error" not in errors
    assert not list(own_place.iterdir())


def test_a_run_folder_is_no_stream(shell: Shell, own_place: Path) -> None:
    answer = shell("reserve", "--portfolio", ONE, *ON_THE_DAY, "--no-report", "--output", "-")
    assert answer.code == 2 and answer.err.startswith("error E8204: --output cannot be -, a stream: ")
    assert shell("verify", "-").err.startswith("error E8204: RUN cannot be -")
    assert not list(own_place.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_a_name_that_is_no_text(shell: Shell, own_place: Path) -> None:
    (own_place / "\udcff.csv").write_bytes(ONE.read_bytes())
    answer = shell("check", "\udcff.csv", "--valuation-date", "2026-01-01")
    assert answer.code == 2 and "error E8010: '\\udcff.csv' is no text in UTF-8" in answer.err


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("--help >&-", 0),
        ("nothing >&- 2>&-", 2),
        ("check - --valuation-date 2026-01-01 <&- >&-", 2),
        pytest.param(
            "nothing 2>/dev/full", 2, marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="none")
        ),
        pytest.param(
            "law show --on 2026-01-01 --parameter mci --json >/dev/full",
            2,
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="none"),
        ),
    ],
)
def test_streams_that_are_closed_or_full(own_place: Path, call: str, code: int) -> None:
    done = subprocess.run(
        f"{sys.executable} -m cli {call}", shell=True, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_what_came_in_is_deleted_when_the_system_ends_the_program(own_place: Path, tmp_path: Path) -> None:
    place = tmp_path / "private"
    place.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "check", "-", "--valuation-date", "2026-01-01"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place)},
    ) as process:  # fmt: skip
        assert process.stdin and process.stderr
        process.stdin.write(b"claim_id\n" * 100)
        process.stdin.flush()
        end = time.monotonic() + 20
        while not list(place.iterdir()) and time.monotonic() < end:
            time.sleep(0.01)
        assert list(place.iterdir())
        process.send_signal(signal.SIGTERM)
        assert process.stderr.read().decode().strip() == "interrupted"
    assert process.returncode == 130
    assert not list(place.iterdir())
