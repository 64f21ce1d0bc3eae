"""``actuarial reserve``: value a portfolio of annuities and write the run folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cli import option
from cli.outcome import show_run
from cli.reporting import ReportingCommand


@click.command(cls=ReportingCommand)
@click.option(
    "--portfolio",
    required=True,
    type=option.DATA,
    help="File, workbook or folder with the table of annuities.",
)
@option.valuation_date()
@option.basis()
@option.run_folder("reserve-VALUATION-DATE")
@option.mapping()
@option.seriatim(help="Write one row a record (default) or totals only.")
@option.row_format(help="Format of the rows a record.")
@option.threads
@option.run_ending
def command(
    portfolio: Path,
    valuation_date: date,
    basis: str,
    output: Path | None,
    mapping: Path | None,
    seriatim: bool,
    file_format: str,
    with_report: bool,
    company: str,
    threads: int | None,
    force: bool,
    as_json: bool,
) -> int:
    """Reserve a portfolio of annuities, certified and expected.

    Writes a run folder (report.html, report.xlsx, run.json, results, cashflows.csv, run.log) and prints the
    totals. Bad rows are listed with their cells, all of them in checks.xlsx, and nothing is valued: exit
    code 1.
    """
    from actuarial.report.reserve_run import ReserveRequest, run_reserve
    from cli.progress import Progress
    from cli.reserve_table import print_reserve

    target = output or Path(f"reserve-{valuation_date.isoformat()}")
    with Progress() as progress:
        request = ReserveRequest(
            portfolio=portfolio,
            valuation_date=valuation_date,
            basis=basis,
            target=target,
            mapping=mapping,
            seriatim_format=file_format if seriatim else None,
            threads=threads,
            replace=force,
            with_report=with_report,
            company=company,
        )
        outcome = run_reserve(request, progress.step)
    return show_run(outcome, print_reserve, as_json=as_json)
