"""``actuarial benefit``: what one person or family is owed, or a table of many."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import click

from actuarial.language import digits, said, text
from cli import option
from cli.command import Command

TOTALS: Mapping[str, str] = {
    name.template: name
    for name in (
        text("capped_earnings"), text("gross_benefit"), text("social_payment"), text("monthly_benefit"),
        text("pension_contribution"), text("net_payment"),
    )
}  # fmt: skip
"""Sums over a table by the columns of its file."""


@click.command(cls=Command)
@click.argument("case", required=False, type=option.FILE, metavar="[CASE.yaml]")
@click.option(
    "--explain", is_flag=True, help="Show formulas, the choices the law leaves open, and the law used."
)
@click.option(
    "--moved-days",
    type=option.EXISTING_FILE,
    help="CSV of working days moved by the authority.",
)
@click.option("--table", type=option.DATA, help="Instead of a case: a table of annuities.")
@option.mapping()
@option.valuation_date(help="Day the table is checked against.", required=False)
@click.option("--output", type=option.FILE, help="With --table: the CSV file to write.")
@option.json_answer(help="Print one JSON object instead of the text.")
def command(
    case: Path | None,
    explain: bool,
    moved_days: Path | None,
    table: Path | None,
    mapping: Path | None,
    valuation_date: date | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Compute what an injured worker or a family is owed, every step with its article.

    CASE.yaml holds what is known of the person (keys in docs/benefit.md). With --table, --valuation-date and
    --output the monthly benefits of a whole table of annuities are written instead.
    """
    if (case is None) == (table is None):
        raise click.UsageError("give either a CASE.yaml or --table")
    if table is not None:
        if valuation_date is None or output is None:
            raise click.UsageError("--table needs --valuation-date and --output")
        return _batch(table, mapping, valuation_date, output, as_json)
    from actuarial.claim.answer import answer_of
    from actuarial.claim.case_file import read_case_file
    from tariffs.calendar_kz import WorkingCalendar, read_moved_days

    assert case is not None
    calendar = WorkingCalendar(read_moved_days(moved_days) if moved_days else {})
    answer = answer_of(read_case_file(case), calendar)
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
        return 0
    from cli.benefit_text import letter

    click.echo(letter(answer, explain=explain))
    return 0


def _batch(table: Path, mapping: Path | None, valuation_date: date, output: Path, as_json: bool) -> int:
    """Write the benefits of a table; exit code 1 with the findings if rows are bad."""
    from actuarial.claim.batch import benefit_table, write_benefits
    from actuarial.portfolio.finding import format_findings
    from actuarial.portfolio.read import read_annuities

    reading = read_annuities(table, valuation_date=valuation_date, mapping=mapping)
    if reading.findings:
        click.echo(format_findings(reading.findings), err=True)
    if reading.records is None:
        return 1
    benefits = benefit_table(reading.records)
    write_benefits(reading.records, benefits, output)
    totals = benefits.totals()
    if as_json:
        from actuarial.claim.answer import SCHEMA_VERSION

        answer = {
            "schema_version": SCHEMA_VERSION,
            "records": len(reading.records),
            "totals": totals,
            "output": str(output),
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        labels = {name: said(TOTALS[name]) for name in totals}
        width = max(22, *(len(label) + 2 for label in labels.values()))
        for name, total in totals.items():
            click.echo(f"{labels[name]:<{width}}{said(digits(Decimal(total), 'f')):>24}")
        written = text("{n} records: {file}", n=len(reading.records), file=output)
        click.echo(said(written), err=True)
    return 0
