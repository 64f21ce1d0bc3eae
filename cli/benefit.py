"""``actuarial benefit``: what one person or family is owed, or a table of many."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from cli.option import DateOption


@click.command()
@click.argument("case", required=False, type=click.Path(path_type=Path), metavar="[CASE.yaml]")
@click.option(
    "--explain", is_flag=True, help="Show formulas, the choices the law leaves open, and the law used."
)
@click.option(
    "--moved-days",
    type=click.Path(path_type=Path, exists=True),
    help="CSV of working days moved by the authority.",
)
@click.option("--table", type=click.Path(path_type=Path), help="Instead of a case: a table of annuities.")
@click.option("--mapping", type=click.Path(path_type=Path, exists=True), help="Column mapping of the table.")
@click.option("--valuation-date", type=DateOption(), help="Day the table is checked against.")
@click.option("--output", type=click.Path(path_type=Path), help="With --table: the CSV file to write.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
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
        for name, amount in totals.items():
            click.echo(f"{name:<22}{amount:>24}")
        click.echo(f"{len(reading.records)} records: {output}", err=True)
    return 0
