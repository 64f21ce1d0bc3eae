"""The table of exit codes, each met once, and escape codes only where they are wanted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actuarial.error_code import error_codes
from cli.main import EXIT_CODES

ROOT = Path(__file__).parents[2]
ONE = ROOT / "docs" / "example" / "one-worker.csv"
ON_THE_DAY = ("--valuation-date", "2026-01-01", "--basis", "illustrative-2026")
NO_BASIS = ("reserve", "--portfolio", ONE, "--valuation-date", "2026-01-01", "--basis", "no-basis")
NO_DATE = ("law", "show", "--on", "x")
TABLE = (0, 1, 2, 3, 4, 70, 130)
Shell = Callable[..., Any]


def test_0_done_and_4_a_difference(shell: Shell, own_place: Path) -> None:
    words = ("reserve", "--portfolio", ONE, *ON_THE_DAY, "--no-report", "--output", "run")
    assert shell(*words).code == 0
    assert shell("verify", "run").code == 0
    (own_place / "run" / "cashflows.csv").write_text("changed", encoding="utf-8")
    assert shell("verify", "run").code == 4


def test_1_findings(shell: Shell, own_place: Path) -> None:
    (own_place / "bad.csv").write_text("claim_id\n1\n", encoding="utf-8")
    answer = shell("reserve", "--portfolio", "bad.csv", *ON_THE_DAY, "--no-report", "--json")
    assert answer.code == 1 and "E1013" in json.loads(answer.out)["findings"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nothing",), "E8010"),
        (("reserve",), "E8010"),
        (("reserve", "--threads", "0"), "E8010"),
        ((*NO_BASIS, "--no-report"), "E4001"),
        (("reserve", "--portfolio", "none.csv", *ON_THE_DAY, "--no-report"), "E1001"),
        (("--config", "none.toml", "reserve"), "E8101"),
        (("simulate", "--cost-of-capital", "nan"), "E8010"),
        (("explain-code", "E1203"), "E8210"),
        (("law", "show", "--on", "2026-01-01", "--parameter", "x"), "E1101"),
    ],
)
def test_2_a_wrong_call_setting_or_file(shell: Shell, words: tuple[str, ...], code: str) -> None:
    answer = shell(*words)
    assert answer.code == 2
    assert f"error {code}: " in answer.err
    assert error_codes()[code].exit_code == 2


def test_3_a_limit(shell: Shell, own_place: Path) -> None:
    with zipfile.ZipFile(own_place / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * (1 << 25))
    answer = shell("check", "bomb.xlsx", "--valuation-date", "2026-01-01")
    assert answer.code == 3
    assert "error E19" in answer.err


def test_70_a_fault_of_ours(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from cli import law

    monkeypatch.setattr(law, "_json", lambda *given: 1 / 0)
    answer = shell("law", "show", "--on", "2026-01-01", "--json")
    assert answer.code == 70
    assert "internal error E7000: ZeroDivisionError: division by zero" in answer.err


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_130_interrupted(own_place: Path) -> None:
    script = "from cli import law\nimport time\n"
    script += "law._json = lambda *given: (print('ready', flush=True), time.sleep(30))\n"
    script += "import sys\nsys.argv = ['actuarial', 'law', 'show', '--on', '2026-01-01', '--json']\n"
    script += "from cli.main import main\nmain()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read().decode()
    assert process.returncode == 130
    assert errors.strip() == "interrupted"


def test_the_table_is_the_same_everywhere(shell: Shell) -> None:
    told = " ".join(shell("--help").out.split())
    assert " ".join(EXIT_CODES.split()) in told
    for language in ("", ".ru"):
        page = (ROOT / "docs" / f"shell{language}.md").read_text(encoding="utf-8")
        for code in TABLE:
            assert f"\n| {code} |" in page
            assert f" {code} " in EXIT_CODES
    assert {one.exit_code for one in error_codes().values()} <= set(TABLE)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
@pytest.mark.parametrize(
    ("words", "environment", "escapes"),
    [
        (NO_DATE, {"TERM": "xterm"}, True),
        # with the line of progress that it would show
        ((*NO_BASIS, "--no-report"), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (NO_DATE, {"TERM": "dumb"}, False),
        (NO_DATE, {"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (NO_DATE, {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_escape_codes_on_a_terminal(
    own_place: Path, words: tuple[object, ...], environment: dict[str, str], escapes: bool
) -> None:
    import pty

    main_end, far_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", *map(str, words)],
        stdin=far_end,
        stdout=far_end,
        stderr=far_end,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    os.close(far_end)
    seen = b""
    while True:
        try:
            piece = os.read(main_end, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(main_end)
    assert process.wait() == 2
    assert b"E4001" in seen or b"E8010" in seen
    assert (b"\x1b[" in seen) is escapes


@pytest.mark.parametrize("forced", [False, True])
def test_escape_codes_in_a_pipe(shell: Shell, monkeypatch: pytest.MonkeyPatch, forced: bool) -> None:
    if forced:
        monkeypatch.setenv("FORCE_COLOR", "1")
    assert ("\x1b[31m" in shell(*NO_DATE).err) is forced
    table = shell("reserve", "--portfolio", ONE, *ON_THE_DAY, "--no-report")
    assert table.code == 0
    assert ("\x1b[" in table.out + table.err) is forced
