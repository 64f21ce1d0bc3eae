"""``actuarial risk``: occupational risk of jobs, departments and enterprises, effect of safety measures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from actuarial.language import text
from cli import option
from cli.option import DateOption
from cli.outcome import show_run
from cli.reporting import ReportingCommand


class ScaleOption(click.ParamType[tuple[Decimal, Decimal]]):
    """Bounds of a scale: ``1-5``."""

    name = "low-high"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Decimal, Decimal]:
        """Split at the hyphen or fail."""
        low, sign, high = str(value).replace("–", "-").partition("-")
        try:
            bounds = Decimal(low), Decimal(high)
        except InvalidOperation:
            bounds = Decimal("NaN"), Decimal("NaN")
        if not sign or not all(bound.is_finite() for bound in bounds):
            self.fail(text("{value} is not a scale; write its bounds as 1-5", value=repr(value)), param, ctx)
        return bounds


@click.command(cls=ReportingCommand)
@click.argument("assessment", metavar="FILE", type=option.DATA)
@click.option(
    "--assessment-date",
    required=True,
    type=DateOption(),
    help="Date of the assessment: 2026-01-01 or 01.01.2026.",
)
@click.option(
    "--scale",
    required=True,
    type=ScaleOption(),
    metavar="LOW-HIGH",
    help="Scale of the five scores; the monograph names none.",
)
@option.run_folder("risk-NAME")
@option.mapping_by_table
@option.choice(help="An open point of the method.", example="department_mean=plain")
@option.run_ending
def command(
    assessment: Path,
    assessment_date: date,
    scale: tuple[Decimal, Decimal],
    output: Path | None,
    mapping: Path | None,
    choice: tuple[tuple[str, str], ...],
    with_report: bool,
    company: str,
    force: bool,
    as_json: bool,
) -> int:
    """Score occupational risk by the method of the monograph.

    FILE is a workbook or folder with the table positions and, if wanted, departments, enterprises and
    indicators; or one file of positions. Bad rows are listed with their cells, all of them in checks.xlsx,
    and nothing is computed: exit code 1.
    """
    from actuarial.occupational_risk import Scale
    from actuarial.report.risk_run import run_risk
    from cli.progress import Progress
    from cli.risk_table import print_risk

    with Progress() as progress:
        outcome = run_risk(
            assessment,
            output or Path(f"risk-{assessment.stem}"),
            assessment_date,
            Scale(*scale),
            dict(choice),
            mapping=mapping,
            replace=force,
            with_report=with_report,
            company=company,
            announce=progress.step,
        )
    return show_run(outcome, print_risk, as_json=as_json)
