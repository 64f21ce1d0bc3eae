"""``actuarial check``: everything that is checked before a computation, and no computation."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from cli.option import DateOption
from cli.outcome import EXIT_FINDINGS


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--valuation-date", type=DateOption(), help="Date of the valuation; required for annuities.")
@click.option("--basis", metavar="NAME|FILE", help="Also check that its mortality tables cover the ages.")
@click.option(
    "--table",
    type=click.Choice(["annuities", "contracts", "claims", "history"]),
    help="Check this table alone; default all that are there.",
)
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True),
    help="YAML file that maps your column names to ours.",
)
@click.option("--output", type=click.Path(path_type=Path), help="Folder to create, with checks.xlsx in it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the text.")
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
            click.echo(f"{name}: {'checked' if rows is None else f'{rows:,} rows'.replace(',', ' ')}")
        click.echo(found.text)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    if found.workbook is not None:
        click.echo(f"all findings: {found.workbook}", err=True)
    return EXIT_FINDINGS if found.findings.has_errors else 0
