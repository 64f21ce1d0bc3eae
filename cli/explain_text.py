"""An explained claim on the screen: the story, a table by year or by payment, and how it adds up."""

from __future__ import annotations

import textwrap

import click

from actuarial.language import said, said_if_message, text
from actuarial.report.explain_run import ExplainedClaim
from actuarial.report.explain_text import payment_table, review_table, story, totals, year_table
from actuarial.report.run import basis_warnings
from actuarial.report.table import NO_BREAK_SPACE, Table, cell_text
from cli.screen import new_table, print_note
from cli.screen import print_table as print_screen_table

TEXT_WIDTH = 110


def print_claim(claim: ExplainedClaim, *, months: bool) -> None:
    """Print one claim."""
    e = claim.explanation
    heading = text(
        "Claim {claim} on {day}, basis {basis}, {source}",
        claim=claim.claim_id,
        day=e.valuation_date,
        basis=e.basis.name,
        source=claim.source,
    )
    click.echo(f"{said(heading)}\n")
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
    for warning in basis_warnings(e.basis):
        print_note(warning)


def _paragraphs(lines: list[str]) -> None:
    for line in lines:
        # a number must not be torn apart at its thousands
        wrapped = textwrap.wrap(said(line), TEXT_WIDTH, break_on_hyphens=False, subsequent_indent="  ")
        click.echo("\n".join(wrapped).replace(NO_BREAK_SPACE, " "))


def _print_table(table: Table) -> None:
    footer = None
    if table.total is not None:
        ends = zip(table.total, table.columns, strict=True)
        footer = [_plain(str(said_if_message(v)) if isinstance(v, str) else cell_text(v, c)) for v, c in ends]
    shown = new_table([column.title for column in table.columns], footer=footer)
    for drawn, column in zip(shown.columns, table.columns, strict=True):
        drawn.justify = "right" if column.is_number else "left"
    for row in table.rows:
        shown.add_row(*(_plain(cell_text(v, c)) for v, c in zip(row, table.columns, strict=True)))
    click.echo(f"\n{said(table.title)}")
    print_screen_table(shown)


def _plain(written: str) -> str:
    return written.replace(NO_BREAK_SPACE, " ")
