"""``actuarial reserve``: value a portfolio of annuities and write the run folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cli.option import DateOption
from cli.outcome import show_refused, show_warnings
from cli.reporting import ReportingCommand


@click.command(cls=ReportingCommand)
@click.option(
    "--portfolio",
    required=True,
    type=click.Path(path_type=Path),
    help="File, workbook or folder with the table of annuities.",
)
@click.option(
    "--valuation-date",
    required=True,
    type=DateOption(),
    help="Date of the valuation: 2026-01-01 or 01.01.2026.",
)
@click.option(
    "--basis", required=True, metavar="NAME|FILE", help="Shipped basis or YAML file with the assumptions."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Run folder to create; default reserve-VALUATION-DATE here.",
)
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True),
    help="YAML file that maps your column names to ours.",
)
@click.option(
    "--seriatim/--no-seriatim", default=True, help="Write one row a record (default) or totals only."
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    help="Format of the rows a record.",
)
@click.option(
    "--report/--no-report", "with_report", default=True, help="Write report.html and report.xlsx (default)."
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    help="Threads; default one a processor. Results do not depend on it.",
)
@click.option("--force", is_flag=True, help="Replace an earlier run in the output folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(
    portfolio: Path,
    valuation_date: date,
    basis: str,
    output: Path | None,
    mapping: Path | None,
    seriatim: bool,
    file_format: str,
    with_report: bool,
    threads: int | None,
    force: bool,
    as_json: bool,
) -> int:
    """Reserve a portfolio of annuities, certified and expected.

    Writes a run folder (report.html, report.xlsx, run.json, results, cashflows.csv, run.log) and prints the
    totals. Bad rows are listed with their cells, all of them in checks.xlsx, and nothing is valued: exit
    code 1.
    """
    from actuarial.report.reserve_run import ReserveRequest, ReserveRun, run_reserve
    from cli.progress import Progress

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
        )
        outcome = run_reserve(request, progress.step)
    if not isinstance(outcome, ReserveRun):
        return show_refused(outcome, as_json=as_json)
    if show_warnings(outcome, as_json=as_json):
        from cli.reserve_table import print_reserve

        print_reserve(outcome)
    return 0
