"""The word ``-``: data that come through standard input, a file that goes to standard output.

What comes in is kept in a private folder while the command works, as readers of tables go back and forth in
their files; it is called ``<stdin>`` wherever it is named.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import click

from actuarial.error import ActuarialError

STREAM: Final = Path("-")
_FORMATS: Final = ((b"PK\x03\x04", ".xlsx"), (b"PAR1", ".parquet"), (b"\xd0\xcf\x11\xe0", ".xls"))
"""How a format begins; what begins otherwise is text."""


class StreamError(ActuarialError):
    """A stream that cannot serve as a file (E8201-E8204)."""


class DataFile(click.Path):
    """A file or folder with data, or ``-`` for one file through standard input."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, allow_dash=True)


class OutputFile(click.Path):
    """A file to write, or ``-`` for standard output.

    Parameters
    ----------
    suffix : str
        Of the format that goes to standard output.
    """

    def __init__(self, suffix: str) -> None:
        super().__init__(path_type=Path, allow_dash=True)
        self.suffix = suffix


class StreamPath(type(Path())):  # type: ignore[misc]
    """A file that stands for a stream: opened where it is, named as the stream."""

    def __str__(self) -> str:
        return f"<{self.stem}>"

    def __fspath__(self) -> str:
        return str(super().__str__())

    @property
    def name(self) -> str:
        """The name of the stream."""
        return str(self)

    @property
    def stem(self) -> str:
        """The name of the stream without brackets."""
        return Path(self.__fspath__()).stem

    @property
    def suffix(self) -> str:
        """That of the file, which says its format."""
        return Path(self.__fspath__()).suffix


@contextmanager
def opened_streams(ctx: click.Context) -> Iterator[None]:
    """Put files where the values of a command are ``-``, while the block runs.

    Raises
    ------
    StreamError
        E8201 two inputs are standard input; E8202 nothing is piped in; E8203 a workbook for the screen; E8204
        an option that takes no stream.
    """
    asked = {
        option.name: option.type
        for option in ctx.command.params
        if option.name and ctx.params.get(option.name) == STREAM
    }
    for option in ctx.command.params:
        if option.name in asked and not isinstance(option.type, (DataFile, OutputFile)):
            raise StreamError(
                "E8204",
                "{option} cannot be -, a stream: give a path, ./- for a file or folder of that name",
                option=option.opts[0] if isinstance(option, click.Option) else option.human_readable_name,
            )
    inputs = [name for name, kind in asked.items() if isinstance(kind, DataFile)]
    if len(inputs) > 1:
        raise StreamError("E8201", "only one input can be -, standard input: give the others as files")
    with ExitStack() as stack:
        for name in inputs:
            ctx.params[name] = stack.enter_context(_standard_input())
        for name, kind in asked.items():
            if isinstance(kind, OutputFile):
                ctx.params[name] = stack.enter_context(_standard_output(kind.suffix))
        yield


@contextmanager
def _standard_input() -> Iterator[Path]:
    if sys.stdin is None or sys.stdin.isatty():
        raise StreamError(
            "E8202", "- stands for standard input, and nothing is piped into it: give a file, or pipe one"
        )
    import shutil
    import tempfile

    stream: Any = sys.stdin.buffer
    with tempfile.TemporaryDirectory(prefix="actuarial-") as folder:
        begun = stream.read(8)
        suffix = next((suffix for mark, suffix in _FORMATS if begun.startswith(mark)), ".csv")
        path = StreamPath(folder, f"stdin{suffix}")
        with path.open("xb") as file:
            file.write(begun)
            shutil.copyfileobj(stream, file, 1 << 20)
        yield path


@contextmanager
def _standard_output(suffix: str) -> Iterator[Path]:
    if suffix == ".xlsx" and sys.stdout.isatty():
        raise StreamError(
            "E8203",
            "- stands for standard output, and a workbook is nothing for a screen: give a file, or pipe it",
        )
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(prefix="actuarial-") as folder:
        path = StreamPath(folder, f"stdout{suffix}")
        yield path
        if path.exists():
            sys.stdout.flush()
            with path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, 1 << 20)
            sys.stdout.buffer.flush()
