"""``actuarial template``: a workbook to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from actuarial.language import language, said, text
from cli import option
from cli.command import Command
from cli.stream import OutputFile


@click.command(cls=Command)
@click.argument(
    "subject", type=click.Choice(["annuities", "contracts", "claims", "history", "all"]), default="annuities"
)
@click.option("--output", required=True, type=OutputFile(".xlsx"), metavar="FILE.xlsx", help="File to write.")
@option.force()
def command(subject: str, output: Path, force: bool) -> None:
    """Write a workbook to fill in: headers, lists, a dictionary, two example rows a table.

    SUBJECT: annuities (default); contracts (with contract_parts, staff, accidents); claims (contracts and
    claims); history; all. What is filled in is read as it is by the other commands.
    """
    from actuarial.report.template_workbook import SUBJECTS, write_template

    write_template(output, subject, language(), replace=force)
    written = text(
        "{file}: {tables}; the example rows are synthetic", file=output, tables=", ".join(SUBJECTS[subject])
    )
    click.echo(said(written), err=True)
