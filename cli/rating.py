"""``actuarial rating``: experience rating of employers beside the law's coefficient, with tests of both."""

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
    help="Workbook or folder with contracts, contract_parts, staff, accidents of several years.",
)
@click.option(
    "--claims",
    type=option.DATA,
    help="File, workbook or folder with the table claims; default where the contracts are.",
)
@click.option(
    "--assumptions",
    required=True,
    type=option.FILE,
    help="YAML file: years, split point, expected losses, credibility.",
)
@click.option(
    "--scores",
    type=option.FILE,
    help="CSV with contract_id,score to test as a factor, or enterprises.csv of a risk run.",
)
@option.run_folder("rating-NAME")
@option.mapping_by_table
@option.choice()
@option.seriatim(help="Write one row a contract (default) or totals only.")
@option.row_format(help="Format of the rows a contract.")
@option.threads
@option.run_ending
def command(
    contracts: Path,
    claims: Path | None,
    assumptions: Path,
    scores: Path | None,
    output: Path | None,
    mapping: Path | None,
    choice: tuple[tuple[str, str], ...],
    seriatim: bool,
    file_format: str,
    with_report: bool,
    company: str,
    threads: int | None,
    force: bool,
    as_json: bool,
) -> int:
    """Rate employers by their own losses and compare it with the law's correction coefficient.

    Contracts of the test years are rated on the years before and tested on what happened. Writes a run
    folder (report.html, report.xlsx, run.json, results, groups.csv, tests.csv, lorenz.csv, run.log). Bad
    rows are listed with their cells, all of them in checks.xlsx, and nothing is rated: exit code 1.
    """
    from actuarial.report.rating_run import RatingRequest, run_rating
    from cli.progress import Progress
    from cli.rating_table import print_rating

    with Progress() as progress:
        request = RatingRequest(
            contracts=contracts,
            claims=claims,
            assumptions=assumptions,
            target=output or Path(f"rating-{contracts.stem}"),
            choices=dict(choice),
            scores=scores,
            mapping=mapping,
            seriatim_format=file_format if seriatim else None,
            with_report=with_report,
            company=company,
            threads=threads,
            replace=force,
        )
        outcome = run_rating(request, progress.step)
    return show_run(outcome, print_rating, as_json=as_json)
