"""Charts of a second process: the same bytes, no process left behind, and never a chart less."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import click
import numpy as np
import pytest
from click.testing import CliRunner

from actuarial.report import chart, drawing
from cli.main import COMMANDS
from cli.reporting import ReportingCommand

EXAMPLE = Path(__file__).parents[2] / "docs" / "example" / "one-worker.csv"
NAMES = ["A <b>", "Қостанай", "=1+1"]
VALUES = [1.5, float("nan"), 2e9]
YEARS = np.arange(2026, 2029)
CHARTS: dict[str, Callable[[], str]] = {
    "line": lambda: chart.line_chart(
        YEARS, {"a": VALUES}, title="t", x_label="x", y_label="tenge", bands={"a": ([0, 0, 0], [3, 3, 3])}
    ),
    "fan": lambda: chart.fan_chart(
        YEARS, {0.05: VALUES, 0.95: VALUES}, title="t", x_label="x", y_label="y", mean=VALUES
    ),
    "bar": lambda: chart.bar_chart(NAMES, {"a": VALUES}, title="<t>", y_label="y", horizontal=True),
    "pyramid": lambda: chart.pyramid(
        NAMES, {"a": [1, 2, 3]}, {"a": [3, 2, 1]}, title="t", x_label="x", sides=("l", "r")
    ),
    "histogram": lambda: chart.histogram(
        np.random.default_rng(1).gamma(2.0, size=100_000), title="t", x_label="x", marks={"mean": 2.0}
    ),
    "tornado": lambda: chart.tornado(NAMES, [-1.0, -2.0, -3.0], [1.0, 2.0, 3.0], title="t", x_label="x"),
    "heat map": lambda: chart.heat_map(NAMES, "xy", np.arange(6.0).reshape(3, 2), title="t", format=".1%"),
    "waterfall": lambda: chart.waterfall([*NAMES, "all"], [3.0, -1.0, 2.0], title="t", y_label="y"),
}


@pytest.fixture(scope="module")
def apart() -> Iterator[drawing._DrawingProcess]:
    """One drawing process for the tests that leave it well."""
    with drawing.drawing_process():
        process = drawing._process
        assert process is not None
        drawing._process = None
        yield process


@pytest.fixture
def only_apart(apart: drawing._DrawingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts come from the second process, or the test fails."""
    monkeypatch.setattr(drawing, "_process", apart)
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda *_, **__: pytest.fail("drawn here"))


@pytest.fixture(scope="module")
def drawn_here() -> dict[str, str]:
    return {name: draw() for name, draw in CHARTS.items()}


def test_all_charts_are_tried() -> None:
    """Each chart function, and nothing else, goes through `drawn_apart`."""
    own = {name for name, value in vars(chart).items() if getattr(value, "__module__", "") == chart.__name__}
    functions = {name for name in own if hasattr(getattr(chart, name), "__wrapped__")}
    assert functions == {
        "line_chart", "fan_chart", "bar_chart", "pyramid", "histogram", "tornado", "heat_map", "waterfall",
    }  # fmt: skip
    assert len(CHARTS) == len(functions)


@pytest.mark.parametrize("name", CHARTS)
def test_the_bytes_are_the_same(name: str, drawn_here: dict[str, str], only_apart: None) -> None:
    assert CHARTS[name]() == drawn_here[name]


def test_what_cannot_be_sent_is_drawn_here(
    apart: drawing._DrawingProcess, drawn_here: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "_process", apart)
    unsendable: Mapping[str, list[float]] = MappingProxyType({"a": [1.0]})
    svg = chart.bar_chart(["x"], unsendable, title="t", y_label="y")
    assert svg == chart.bar_chart.__wrapped__(["x"], {"a": [1.0]}, title="t", y_label="y")  # type: ignore[attr-defined]
    assert CHARTS["bar"]() == drawn_here["bar"]


def test_the_error_of_a_chart_is_the_one_of_drawing_here(
    apart: drawing._DrawingProcess, monkeypatch: pytest.MonkeyPatch, drawn_here: dict[str, str]
) -> None:
    monkeypatch.setattr(drawing, "_process", apart)
    with pytest.raises(ValueError, match="cannot reshape array of size 3"):
        chart.heat_map(["a"], ["b"], [[1.0, 2.0, 3.0]], title="t")
    # and the next one is its own again
    assert CHARTS["waterfall"]() == drawn_here["waterfall"]


def test_a_process_that_ends_leaves_no_chart_out(drawn_here: dict[str, str]) -> None:
    with drawing.drawing_process():
        assert drawing._process is not None
        child = drawing._process._child
        child.kill()
        assert CHARTS["bar"]() == drawn_here["bar"]
        assert CHARTS["tornado"]() == drawn_here["tornado"]
    assert child.returncode is not None
    assert drawing._process is None


def test_an_answer_after_rubbish_is_not_taken_for_another_chart(
    drawn_here: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that prints as the interpreter starts puts its words before the first answer."""
    monkeypatch.setattr(drawing, "_START", f"print('hello'); {drawing._START}")
    with drawing.drawing_process():
        for name in ("bar", "tornado", "waterfall"):
            assert CHARTS[name]() == drawn_here[name]


@pytest.mark.parametrize("executable", ["", None, "/no/such/python"])
def test_without_an_interpreter_to_start_charts_are_drawn_here(
    executable: str | None, drawn_here: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with drawing.drawing_process():
        assert drawing._process is None
        assert CHARTS["bar"]() == drawn_here["bar"]


def test_the_process_ends_with_the_block_whatever_happens() -> None:
    with pytest.raises(KeyboardInterrupt), drawing.drawing_process():
        assert drawing._process is not None
        child = drawing._process._child
        raise KeyboardInterrupt
    assert child.returncode == 0
    assert drawing._process is None


@click.group()
def program() -> None:
    pass


@program.command(cls=ReportingCommand)
@click.option("--report/--no-report", "with_report", default=True)
@click.option("--threads", type=int)
def valued(with_report: bool, threads: int | None) -> None:
    click.echo("beside" if drawing._process is not None else "here")


@program.command(cls=ReportingCommand)
@click.option("--no-report", is_flag=True)
def scored(no_report: bool) -> None:
    click.echo("beside" if drawing._process is not None else "here")


@program.command(cls=ReportingCommand)
def fitted() -> None:
    click.echo("beside" if drawing._process is not None else "here")


class _Stub:
    """What `drawing_process` needs of a process."""

    n_started = 0

    def __init__(self) -> None:
        _Stub.n_started += 1

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("called", "words", "where"),
    [
        (program, ["valued"], "beside"),
        (program, ["valued", "--no-report"], "here"),
        (program, ["valued", "--threads", "x"], ""),
        (program, ["valued", "--help"], ""),
        (valued, [], "here"),
        (program, ["scored"], "beside"),
        (program, ["scored", "--no-report"], "here"),
        (program, ["fitted"], "beside"),
        (fitted, [], "here"),
    ],
)
def test_only_the_program_starts_one_and_only_for_a_report(
    called: click.Command, words: list[str], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "_DrawingProcess", _Stub)
    monkeypatch.setattr(_Stub, "n_started", 0)
    answer = CliRunner().invoke(called, words).stdout.split()
    assert (answer[0] if len(answer) == 1 else "") == where
    assert _Stub.n_started == (where == "beside")


def test_all_commands_with_reports_are_reporting() -> None:
    reporting = set()
    for name in COMMANDS:
        command = importlib.import_module(f"cli.{name.replace('-', '_')}").command
        if isinstance(command, ReportingCommand):
            reporting.add(name)
        else:
            assert not {param.name for param in command.params} & {"with_report", "no_report"}
    assert reporting == {"reserve", "simulate", "stress", "premium", "fit", "adequacy", "rating", "risk"}


# the program, with a note of each process that it starts
NOTED = (
    "import subprocess, sys\n"
    "class Noted(subprocess.Popen):\n"
    "    def __init__(self, *a, **k):\n"
    "        super().__init__(*a, **k); print('started', self.pid, file=sys.stderr)\n"
    "subprocess.Popen = Noted\n"
    "from cli.main import main\nmain()"
)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(os.name == "nt", reason="signal 0 ends a process there")
@pytest.mark.parametrize(("sex", "code"), [("male", 0), ("mal", 1)])
def test_a_run_done_or_refused_leaves_no_process(sex: str, code: int, tmp_path: Path) -> None:
    portfolio = tmp_path / "portfolio.csv"
    text = EXAMPLE.read_text(encoding="utf-8").replace(",male,", f",{sex},")
    portfolio.write_text(text, encoding="utf-8")
    words = ["reserve", "--portfolio", str(portfolio), "--valuation-date", "2026-01-01"]
    words += ["--basis", "illustrative-2026", "--output", "run"]
    command = [sys.executable, "-c", NOTED, *words]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == code
    lines = [line.split() for line in result.stderr.splitlines() if line.startswith("started")]
    (started,) = [int(process) for _, process in lines]
    assert not is_running(started)
    assert (tmp_path / "run" / "report.html").exists() == (code == 0)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
def test_it_ends_with_a_program_that_is_killed() -> None:
    script = (
        "import os, signal\nfrom actuarial.report import drawing\n"
        "with drawing.drawing_process():\n"
        "    print(drawing._process._child.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == -signal.SIGKILL
    child = int(result.stdout)
    for _ in range(200):
        if not is_running(child):
            break
        signal.sigtimedwait([], 0.1)
    assert not is_running(child)


def test_files_of_the_working_folder_are_not_taken_for_modules(tmp_path: Path) -> None:
    """The console script ignores the folder it runs in; so must the process that it starts."""
    (tmp_path / "matplotlib.py").write_text("raise SystemExit('the wrong matplotlib')\n")
    script = (
        "import sys; sys.path.remove('')\n"
        "from actuarial.report import chart, drawing\n"
        "with drawing.drawing_process():\n"
        "    chart.bar_chart(['a'], {'a': [1.0]}, title='t', y_label='y')\n"
        "    assert drawing._process._answers\n"
        "assert 'matplotlib' not in sys.modules\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
