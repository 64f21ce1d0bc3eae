"""``actuarial submit``: contract information for the labour authority (order No 14), checked and written."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.option(
    "--contracts",
    required=True,
    type=click.Path(path_type=Path),
    help="Workbook or folder with contracts and contract_parts; or one flat file.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("contract-information"),
    show_default=True,
    help="Folder for the files.",
)
@click.option("--write", is_flag=True, help="Write the files. Without it nothing is written (a dry run).")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True),
    help="YAML file that maps your column names to ours, by table.",
)
@click.option("--force", is_flag=True, help="Replace earlier files in the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
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
        where = f" All findings: {output / 'checks.xlsx'}" if write else ""
        click.echo(f"Nothing was written.{where}", err=True)
        return 1
    if not as_json:
        totals = outcome.totals()
        click.echo(f"contracts       {totals['contracts']}, of them terminated {totals['terminated']}")
        click.echo(f"annual payroll  {totals['annual_payroll']}")
        click.echo(f"premium         {totals['premium']}")
        click.echo(f"workers         {totals['n_workers']}")
        for path in outcome.files:
            click.echo(f"written: {path}", err=True)
        if not write:
            click.echo(f"dry run: --write puts CSV, XLSX and JSON into {output}", err=True)
    return 0
