"""``actuarial adequacy``: technical premiums from a book with claims, beside the tariffs of the law."""

from __future__ import annotations

from datetime import date
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
    help="Workbook or folder with contracts, contract_parts and, best of all, claims, of several years.",
)
@click.option(
    "--claims",
    type=option.DATA,
    help="File, workbook or folder with the table claims; default where the contracts are.",
)
@option.basis(help="Basis of the annuity model: a shipped name or a file.")
@option.valuation_date(help="First day that is no experience any more: 2026-01-01 or 01.01.2026.")
@click.option(
    "--assumptions",
    required=True,
    type=option.FILE,
    help="YAML file: years, severity, development, trend, loadings (docs/adequacy.md).",
)
@click.option(
    "--tariff",
    type=option.FILE,
    help="A proposed table of tariffs, risk_class and tariff_rate in percent: what it would do.",
)
@click.option("--policyholder", metavar="NAME|BIN", help="Show this policyholder apart.")
@option.run_folder("adequacy-DATE")
@option.mapping_by_table
@option.choice()
@option.threads
@option.run_ending
def command(
    contracts: Path,
    claims: Path | None,
    basis: str,
    valuation_date: date,
    assumptions: Path,
    tariff: Path | None,
    policyholder: str | None,
    output: Path | None,
    mapping: Path | None,
    choice: tuple[tuple[str, str], ...],
    with_report: bool,
    company: str,
    threads: int | None,
    force: bool,
    as_json: bool,
) -> int:
    """Compare the tariffs of the law with technical premiums, by class, policyholder and for the book.

    Writes a run folder (report.html, report.xlsx, run.json, classes.csv, policyholders.csv, regression.csv,
    development.csv, run.log). Bad rows are listed with their cells, all of them in checks.xlsx, and nothing
    is estimated: exit code 1.
    """
    from actuarial.report.adequacy_run import AdequacyRequest, run_adequacy
    from cli.adequacy_table import print_adequacy
    from cli.progress import Progress

    with Progress() as progress:
        request = AdequacyRequest(
            contracts=contracts,
            claims=claims,
            basis=basis,
            valuation_date=valuation_date,
            assumptions=assumptions,
            target=output or Path(f"adequacy-{valuation_date.isoformat()}"),
            choices=dict(choice),
            tariff=tariff,
            policyholder=policyholder,
            mapping=mapping,
            with_report=with_report,
            company=company,
            threads=threads,
            replace=force,
        )
        outcome = run_adequacy(request, progress.step)
    return show_run(outcome, print_adequacy, as_json=as_json)
