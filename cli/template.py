"""``actuarial template``: a workbook to fill in."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument(
    "subject", type=click.Choice(["annuities", "contracts", "claims", "history", "all"]), default="annuities"
)
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), metavar="FILE.xlsx", help="File to write."
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(["en", "ru", "kk"]),
    default="en",
    show_default=True,
    help="Language of headers, lists and explanations.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def command(subject: str, output: Path, language: str, force: bool) -> None:
    """Write a workbook to fill in: headers, lists, a dictionary, two example rows a table.

    SUBJECT: annuities (default); contracts (with contract_parts, staff, accidents); claims (contracts and
    claims); history; all. What is filled in is read as it is by the other commands.
    """
    from actuarial.report.template_workbook import SUBJECTS, write_template

    write_template(output, subject, language, replace=force)
    click.echo(f"{output}: {', '.join(SUBJECTS[subject])}; the example rows are synthetic", err=True)
