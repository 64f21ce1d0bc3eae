"""Progress of long work: a spinner with the present step, on a terminal only, on stderr."""

from __future__ import annotations

import sys
from types import TracebackType

from actuarial.language import said
from cli.screen import has_colour


class Progress:
    """Show the present step while the block runs; silent when stderr is not a terminal."""

    def __init__(self) -> None:
        self._status = None
        if sys.stderr.isatty() and has_colour(sys.stderr):
            from rich.console import Console

            self._status = Console(stderr=True).status(said("starting"))

    def __enter__(self) -> Progress:
        """Start the spinner."""
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear the spinner."""
        if self._status:
            self._status.stop()

    def step(self, text: str) -> None:
        """Name the present step."""
        if self._status:
            from rich.markup import escape

            self._status.update(escape(said(text)))
