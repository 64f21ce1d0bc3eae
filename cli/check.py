"""``actuarial check``: everything that is checked before a computation, and no computation."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from actuarial.language import counted, number, said, text
from cli import option
from cli.command import Command
from cli.outcome import EXIT_FINDINGS


@click.command(cls=Command)
@click.argument("path", type=option.DATA)
@option.valuation_date(help="Date of the valuation; required for annuities.", required=False)
@option.basis(help="Also check that its mortality tables cover the ages.", required=False)
@click.option(
    "--table",
    type=click.Choice(["annuities", "contracts", "claims", "history"]),
    help="Check this table alone; default all that are there.",
)
@option.mapping()
@click.option("--output", type=option.FILE, help="Folder to create, with checks.xlsx in it.")
@option.json_answer(help="Print one JSON object instead of the text.")
def command(
    path: Path,
    valuation_date: date | None,
    basis: str | None,
    table: str | None,
    mapping: Path | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Check a file, workbook or folder without computing anything.

    Tables are known by the names of sheets and files, a single one by its header: annuities, contracts (with
    contract_parts, staff, accidents), claims, history. Exit code 0: nothing stops a computation; 1: errors.
    """
    from actuarial.report.check_run import CheckRequest, run_check
    from cli.progress import Progress

    with Progress() as progress:
        found = run_check(CheckRequest(path, valuation_date, basis, table, mapping, output), progress.step)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        for name, rows in found.rows.items():
            done = (
                text("checked")
                if rows is None
                else counted("{rows} rows", "{rows} rows", n=rows, rows=number(rows))
            )
            click.echo(f"{name}: {said(done)}")
        click.echo(found.text)
    for note in found.notes:
        click.echo(said(text("note: {note}", note=note)), err=True)
    if found.workbook is not None:
        click.echo(said(text("all findings: {file}", file=found.workbook)), err=True)
    return EXIT_FINDINGS if found.findings.has_errors else 0
