"""`actuarial table`: the mortality tables, and what each of them is."""

from __future__ import annotations

import click

from actuarial.language import said
from cli.command import Group
from cli.named import TABLE


@click.group("table", cls=Group)
def command() -> None:
    """Show the shipped mortality tables, or a table file of your own."""


@command.command("list")
def list_tables() -> None:
    """List the shipped tables: id, ages, period, title."""
    from mortality import load_table, table_ids

    tables = [load_table(name) for name in table_ids()]
    width = max(len(table.id) for table in tables)
    for table in tables:
        ages = f"{table.first_age}-{table.last_age}"
        click.echo(f"{table.id:<{width}}  {ages:>6}  {said(table.title)}")


@command.command("show")
@click.argument("table", type=TABLE, metavar="ID|FILE")
def show_table(table: str) -> None:
    """Print what a table is: source, licence, period, sample probabilities and life expectancy.

    Give the id of a shipped table or the path of a CSV or XTbML file. A file that is not a valid table is
    refused with the place of every problem.
    """
    from mortality import load_table

    click.echo(load_table(table).described(said))
