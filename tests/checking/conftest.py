"""One way to call the command line for the tests of this folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from cli import main


class Outcome:
    """Exit code and both streams of one call."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def actuarial(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["actuarial", *map(str, arguments)])
        code = main._exit_code()
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call
