"""``actuarial fit``: an experience study of a history of claimants, and the basis it gives."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cli import option
from cli.named import BASIS
from cli.option import DateOption, NamedChoice
from cli.outcome import show_run
from cli.reporting import ReportingCommand


@click.command(cls=ReportingCommand)
@click.option(
    "--history",
    required=True,
    type=option.DATA,
    help="File, workbook or folder with the table history.",
)
@click.option(
    "--basis",
    required=True,
    type=BASIS,
    metavar="NAME|FILE",
    help="Prior basis: tables to compare with, multipliers and matrices to lean on.",
)
@option.run_folder("fit-NAME")
@option.mapping(help="YAML file that maps your column names to ours, under the key history.")
@click.option(
    "--as-of", type=DateOption(), help="Study the history as it was known on this day; default all."
)
@click.option(
    "--prior-strength",
    type=float,
    metavar="K",
    help="Certifications that a row of the prior matrices is worth; default estimated from the history.",
)
@click.option(
    "--smoothing",
    type=float,
    metavar="λ",
    help="Smoothing of the graduated mortality; default chosen (REML).",
)
@click.option(
    "--recovery-smoothing",
    type=float,
    nargs=2,
    metavar="λ_AGE λ_DURATION",
    help="Smoothing of the graduated recovery rates; default chosen (REML).",
)
@click.option(
    "--order", type=int, default=2, show_default=True, help="Order of the differences of all graduations."
)
@click.option(
    "--choice",
    type=NamedChoice(),
    multiple=True,
    metavar="NAME=VALUE",
    help="stays=rows|review_dates, multipliers=limited_fluctuation|observed|prior, table=prior|graduated.",
)
@option.company
@option.replacement
@option.json_answer()
def command(
    history: Path,
    basis: str,
    output: Path | None,
    mapping: Path | None,
    as_of: date | None,
    prior_strength: float | None,
    smoothing: float | None,
    recovery_smoothing: tuple[float, float] | None,
    order: int,
    choice: tuple[tuple[str, str], ...],
    company: str,
    force: bool,
    as_json: bool,
) -> int:
    """Fit a basis to a history of claimants.

    Writes a run folder: basis.yaml and the tables it names, which actuarial reserve reads; exposure.csv,
    estimates.csv, report.html, report.xlsx, run.json. Bad rows are listed with their cells, all of them in
    checks.xlsx, and nothing is estimated: exit code 1.
    """
    from actuarial.experience.study import StudyOptions
    from actuarial.report.fit_run import FitRequest, run_fit
    from cli.fit_table import print_fit
    from cli.progress import Progress

    options = StudyOptions(
        choices=dict(choice),
        prior_strength=prior_strength,
        smoothing=smoothing,
        recovery_smoothing=recovery_smoothing,
        order=order,
        as_of=as_of,
    )
    target = output or Path(f"fit-{history.stem}")
    with Progress() as progress:
        request = FitRequest(history, basis, target, options, mapping, replace=force, company=company)
        outcome = run_fit(request, progress.step)
    return show_run(outcome, print_fit, as_json=as_json)
