"""``actuarial premium``: price a book of compulsory contracts and compare it with what was charged."""

from __future__ import annotations

from pathlib import Path

import click

from cli.option import NamedChoice
from cli.outcome import show_refused, show_warnings
from cli.reporting import ReportingCommand


@click.command(cls=ReportingCommand)
@click.option(
    "--contracts",
    required=True,
    type=click.Path(path_type=Path),
    help="Workbook or folder with contracts, contract_parts, staff, accidents; or one flat file.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="Run folder to create; default premium-NAME here."
)
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True),
    help="YAML file that maps your column names to ours, by table.",
)
@click.option(
    "--choice",
    type=NamedChoice(),
    multiple=True,
    metavar="NAME=VALUE",
    help="An open point; see actuarial quote.",
)
@click.option(
    "--seriatim/--no-seriatim", default=True, help="Write one row a contract (default) or totals only."
)
@click.option("--parts", "with_parts", is_flag=True, help="Write one row a part too (parts.parquet).")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    help="Format of the rows a contract.",
)
@click.option(
    "--report/--no-report", "with_report", default=True, help="Write report.html and report.xlsx (default)."
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads; default one a processor. Results do not depend on it.",
)
@click.option("--force", is_flag=True, help="Replace an earlier run in the output folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
def command(
    contracts: Path,
    output: Path | None,
    mapping: Path | None,
    choice: tuple[tuple[str, str], ...],
    seriatim: bool,
    with_parts: bool,
    file_format: str,
    with_report: bool,
    threads: int | None,
    force: bool,
    as_json: bool,
) -> int:
    """Price a book of compulsory contracts by the law.

    Writes a run folder (report.html, report.xlsx, run.json, results, totals.csv, run.log) and prints the
    totals and what was charged too much or too little. Bad rows are listed with their cells, all of them in
    checks.xlsx, and nothing is priced: exit code 1.
    """
    from actuarial.report.premium_run import PremiumRun, run_premium
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
            announce=progress.step,
        )
    if not isinstance(outcome, PremiumRun):
        return show_refused(outcome, as_json=as_json)
    if show_warnings(outcome, as_json=as_json):
        from cli.premium_table import print_premium

        print_premium(outcome)
    return 0
