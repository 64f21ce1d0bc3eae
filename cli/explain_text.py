"""An explained claim on the screen: the story, a table by year or by payment, and how it adds up."""

from __future__ import annotations

import textwrap

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as ScreenTable

from actuarial.report.explain_run import ExplainedClaim
from actuarial.report.explain_text import payment_table, review_table, story, totals, year_table
from actuarial.report.table import NO_BREAK_SPACE, Table, cell_text

WIDEST = 400
TEXT_WIDTH = 110


def print_claim(claim: ExplainedClaim, *, months: bool) -> None:
    """Print one claim."""
    e = claim.explanation
    click.echo(f"Claim {claim.claim_id} on {e.valuation_date}, basis {e.basis.name}, {claim.source}\n")
    _paragraphs(story(claim))
    if not e.dates[:-1]:
        tables = []
    elif months:
        tables = [payment_table(e, "certified")]
        if e.is_reviewed:
            tables += [payment_table(e, "expected"), review_table(e)]
    else:
        tables = [year_table(e)]
    for table in tables:
        _print_table(table)
    _paragraphs(totals(claim))
    if e.basis.is_illustrative:
        note = f"note: The basis {e.basis.name} is illustrative: {e.basis.assumptions.note}"
        click.echo(note, err=True)


def _paragraphs(lines: list[str]) -> None:
    for line in lines:
        # a number must not be torn apart at its thousands
        wrapped = textwrap.wrap(line, TEXT_WIDTH, break_on_hyphens=False, subsequent_indent="  ")
        click.echo("\n".join(wrapped).replace(NO_BREAK_SPACE, " "))


def _print_table(table: Table) -> None:
    # a row that a narrow terminal wraps can still be read; one with its figures cut off cannot
    console = Console(width=WIDEST, markup=False)
    shown = ScreenTable(box=SIMPLE_HEAD, pad_edge=False, show_footer=table.total is not None)
    for position, column in enumerate(table.columns):
        footer = ""
        if table.total is not None:
            value = table.total[position]
            footer = value if isinstance(value, str) else cell_text(value, column)
        shown.add_column(
            column.title, footer=_plain(footer), justify="right" if column.is_number else "left", no_wrap=True
        )
    for row in table.rows:
        shown.add_row(*(_plain(cell_text(v, c)) for v, c in zip(row, table.columns, strict=True)))
    click.echo(f"\n{table.title}")
    console.print(shown)


def _plain(text: str) -> str:
    return text.replace(NO_BREAK_SPACE, " ")
