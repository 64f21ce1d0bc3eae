"""The program as a user calls it, in a folder and an environment of its own."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import main


@dataclass(frozen=True)
class Answer:
    """Exit code and both streams of one call."""

    code: int
    out: str
    err: str


class Input(io.TextIOWrapper):
    """Standard input that holds bytes."""

    def __init__(self, content: bytes, *, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder, and no settings from elsewhere."""
    for name in list(os.environ):
        if name.startswith(("ACTUARIAL_", "LC_", "LANG")) or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own-settings"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def shell(
    own_place: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Answer]:
    """Call the program in this process."""

    def call(*words: object, stdin: bytes = b"", on_terminal: bool = False) -> Answer:
        monkeypatch.setattr(sys, "argv", ["actuarial", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", Input(stdin, is_terminal=on_terminal))
        code = main._exit_code()
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Answer(code, out.decode("utf-8", "surrogateescape"), err.decode())

    return call
