"""The screen that tables are printed on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 160
"""Width when the output is not a terminal."""


def screen(pipe_width: int = PIPE_WIDTH) -> Console:
    """A console as wide as the terminal; names are text, whatever brackets are in them."""
    from rich.console import Console

    return Console(markup=False) if sys.stdout.isatty() else Console(width=pipe_width, markup=False)
