"""The screen: tables, complaints, and when colours and moving lines are wanted on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from actuarial.language import Text, amount_text, said, text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PIPE_WIDTH = 160
"""Width when the output is not a terminal."""
WIDEST = 400
"""Width of tables: a row that a narrow terminal wraps can be read, one with its figures cut off cannot."""
NOTHING = "–"


def screen(pipe_width: int = PIPE_WIDTH, *, width: int | None = None) -> Console:
    """A console as wide as the terminal, or of this width; names are text, whatever brackets are in them."""
    from rich.console import Console

    if width is None and not sys.stdout.isatty():
        width = pipe_width
    is_plain = not has_colour(sys.stdout)
    # without colours rich would still write bold and underlined: no terminal, no escape codes
    return Console(width=width, markup=False, no_color=is_plain, force_terminal=not is_plain)


def new_table(titles: Iterable[object], *, left: int = 1, footer: Iterable[str] | None = None) -> Table:
    """A table with its headings in the language in force, the first columns to the left, no cell wrapped."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    heads = [said(title) for title in titles]
    ends = [""] * len(heads) if footer is None else list(footer)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_footer=footer is not None)
    for position, (head, end) in enumerate(zip(heads, ends, strict=True)):
        table.add_column(head, footer=end, justify="left" if position < left else "right", no_wrap=True)
    return table


def print_table(table: Table) -> None:
    """Print a table as wide as it is."""
    screen(width=WIDEST).print(table)


def print_line(line: object, *, to: Console | None = None) -> None:
    """Print a line in the language in force, wrapped at the width of the screen."""
    (to or screen()).print(said(line), highlight=False)


def print_ending(notes: Iterable[object], folder: Path) -> None:
    """Print what to know beside the figures and where the rest is, on stderr."""
    for note in notes:
        print_note(note)
    print_place(text("run folder: {folder}", folder=folder))


def print_note(note: object) -> None:
    """Print what to know beside the figures, on stderr."""
    click.echo(said(text("note: {note}", note=said(note))), err=True)


def print_place(place: Text) -> None:
    """Print where the rest is, on stderr."""
    click.echo(said(place), err=True)


def written_amount(amount: str | None) -> str:
    """An amount of a run's record in the language in force; a dash where there is none."""
    return NOTHING if amount is None else amount_text(int(amount.replace(".", "")))


def has_colour(stream: TextIO) -> bool:
    """Whether escape codes are wanted: a terminal, unless it or ``NO_COLOR`` says no; ``FORCE_COLOR``."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def complain(code: str, message: str, *, what: str = text("error")) -> None:
    """Print an error with its code on stderr."""
    click.secho(
        f"{said(what)} {code}: ", fg="red", bold=True, nl=False, err=True, color=has_colour(sys.stderr)
    )
    click.echo(message, err=True)


def warn(message: str) -> None:
    """Print a warning on stderr."""
    click.secho(message, fg="yellow", err=True, color=has_colour(sys.stderr))
