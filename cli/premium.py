"""``actuarial premium``: price a book of compulsory contracts and compare it with what was charged."""

from __future__ import annotations

from pathlib import Path

import click

from cli import option
from cli.outcome import show_run
from cli.reporting import ReportingCommand


@click.command(cls=ReportingCommand)
@click.option(
    "--contracts",
    required=True,
    type=option.DATA,
    help="Workbook or folder with contracts, contract_parts, staff, accidents; or one flat file.",
)
@option.run_folder("premium-NAME")
@option.mapping_by_table
@option.choice()
@option.seriatim(help="Write one row a contract (default) or totals only.")
@option.row_format(help="Format of the rows a contract.")
@click.option("--parts", "with_parts", is_flag=True, help="Write one row a part too (parts.parquet).")
@option.threads
@option.run_ending
def command(
    contracts: Path,
    output: Path | None,
    mapping: Path | None,
    choice: tuple[tuple[str, str], ...],
    seriatim: bool,
    with_parts: bool,
    file_format: str,
    with_report: bool,
    company: str,
    threads: int | None,
    force: bool,
    as_json: bool,
) -> int:
    """Price a book of compulsory contracts by the law.

    Writes a run folder (report.html, report.xlsx, run.json, results, totals.csv, run.log) and prints the
    totals and what was charged too much or too little. Bad rows are listed with their cells, all of them in
    checks.xlsx, and nothing is priced: exit code 1.
    """
    from actuarial.report.premium_run import run_premium
    from cli.premium_table import print_premium
    from cli.progress import Progress

    with Progress() as progress:
        outcome = run_premium(
            contracts,
            output or Path(f"premium-{contracts.stem}"),
            dict(choice),
            mapping=mapping,
            seriatim_format=file_format if seriatim else None,
            with_parts=with_parts,
            threads=threads,
            replace=force,
            with_report=with_report,
            company=company,
            announce=progress.step,
        )
    return show_run(outcome, print_premium, as_json=as_json)
