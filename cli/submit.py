"""``actuarial submit``: contract information for the labour authority (order No 14), checked and written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from actuarial.language import digits, said, text
from cli import option
from cli.command import Command


@click.command(cls=Command)
@click.option(
    "--contracts",
    required=True,
    type=option.DATA,
    help="Workbook or folder with contracts and contract_parts; or one flat file.",
)
@click.option(
    "--output",
    type=option.FILE,
    default=Path("contract-information"),
    show_default=True,
    help="Folder for the files.",
)
@click.option("--write", is_flag=True, help="Write the files. Without it nothing is written (a dry run).")
@option.mapping_by_table
@option.force(help="Replace earlier files in the folder.")
@option.json_answer(help="Print one JSON object instead of the text.")
def command(
    contracts: Path, output: Path, write: bool, mapping: Path | None, force: bool, as_json: bool
) -> int:
    """Check and write the eleven fields of order No 14: CSV, XLSX and JSON, nothing else in them.

    A dry run unless --write is given. Nothing is sent anywhere: the insurer enters the files in the insurance
    database. Bad rows are listed with their cells, and nothing is written but checks.xlsx: exit code 1.
    """
    from actuarial.report.submission import submit

    outcome = submit(contracts, output if write else None, mapping=mapping, replace=force)
    if outcome.text:
        click.echo(outcome.text, err=True)
    if as_json:
        click.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
    if outcome.contracts is None:
        click.echo(
            said(text("Nothing was written. All findings: {file}", file=output / "checks.xlsx"))
            if write
            else said("Nothing was written."),
            err=True,
        )
        return 1
    if not as_json:
        _print_totals(outcome.totals())
        for path in outcome.files:
            click.echo(said(text("written: {file}", file=path)), err=True)
        if not write:
            dry_run = text("dry run: --write puts CSV, XLSX and JSON into {folder}", folder=output)
            click.echo(said(dry_run), err=True)
    return 0


def _print_totals(totals: Mapping[str, Any]) -> None:
    contracts = text(
        "{n}, of them terminated {terminated}", n=totals["contracts"], terminated=totals["terminated"]
    )
    rows = [
        (said("contracts"), said(contracts)),
        (said("annual payroll"), said(digits(Decimal(totals["annual_payroll"]), "f"))),
        (said("premium"), said(digits(Decimal(totals["premium"]), "f"))),
        (said("workers"), str(totals["n_workers"])),
    ]
    width = max(len(label) for label, _ in rows)
    for label, figure in rows:
        click.echo(f"{label:<{width}}  {figure}")
