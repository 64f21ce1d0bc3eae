"""The command as a user calls it; the slow reference and the reader of pages serve here too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))
sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from simulate_call import SAMPLE, Outcome

from cli import main


@pytest.fixture
def actuarial(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["actuarial", *arguments])
        code = main._exit_code()
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 150 rows of the sample: every kind of beneficiary is among them."""
    lines = SAMPLE.read_text(encoding="utf-8-sig").splitlines()
    path = tmp_path_factory.mktemp("input") / "portfolio.csv"
    path.write_text("\n".join(lines[:151]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def simulate(actuarial: Any, portfolio: Path, tmp_path: Path) -> Any:
    """Run the command; an option with the value None is left out, one with True has no value."""

    def call(output: str = "run", **options: Any) -> Outcome:
        given = {
            "portfolio": portfolio,
            "valuation-date": "2026-01-01",
            "basis": "illustrative-2026",
            "scenarios": 200,
            "seed": 1,
            "attribution": 0,
            "no-report": True,
            "output": tmp_path / output,
            **{name.replace("_", "-"): value for name, value in options.items()},
        }
        words = ["simulate"]
        for name, value in given.items():
            if value is not None:
                words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
        return actuarial(*words)

    return call
