"""``actuarial explain``: one claim from its figures to each monthly payment."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from actuarial.language import said, text
from cli import option
from cli.command import Command
from cli.named import BASIS
from cli.option import DateOption
from cli.outcome import show_refused


@click.command(cls=Command)
@click.argument("run", required=False, type=option.FILE)
@click.option(
    "--id", "claim_id", required=True, metavar="CLAIM", help="The claim_id, as it stands in the file."
)
@click.option("--portfolio", type=option.DATA, help="Instead of RUN: the portfolio file.")
@click.option("--valuation-date", type=DateOption(), help="With --portfolio: date of the valuation.")
@click.option(
    "--basis", type=BASIS, metavar="NAME|FILE", help="With --portfolio: shipped basis or YAML file."
)
@option.mapping(help="With --portfolio: YAML file that maps your column names to ours.")
@click.option(
    "--inputs-from",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="With RUN: folder in which its inputs lie now, if not where the run read them.",
)
@click.option("--months", is_flag=True, help="Show every payment instead of the years.")
@click.option("--output", type=option.FILE, metavar="X.csv|X.xlsx", help="Write every payment to a file.")
@option.force()
@option.json_answer(help="Print one JSON object instead of the text.")
def command(
    run: Path | None,
    claim_id: str,
    portfolio: Path | None,
    valuation_date: date | None,
    basis: str | None,
    mapping: Path | None,
    inputs_from: Path | None,
    months: bool,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> int:
    """Explain one claim of a reserve run: amount, dates, survival, discount, month by month.

    RUN is the folder of a finished `actuarial reserve`; its inputs are read again and must be the same. The
    workbook (--output X.xlsx) rebuilds the figures by formulas over input cells.
    """
    direct = {"--portfolio": portfolio, "--valuation-date": valuation_date, "--basis": basis}
    given = [name for name, value in direct.items() if value is not None]
    if run is not None and (given or mapping):
        raise click.UsageError(
            text("RUN has its own inputs: leave out {options}", options=", ".join(given or ["--mapping"]))
        )
    if run is None and len(given) < len(direct):
        raise click.UsageError("name the folder RUN, or give --portfolio, --valuation-date and --basis")

    from actuarial.report.explain_file import SUFFIXES, refuse_target, write_explanation_file
    from actuarial.report.explain_run import ExplainedClaim, ExplainRequest, run_explain

    if output is not None:
        refuse_target(output, SUFFIXES, replace=force)
    claim = run_explain(ExplainRequest(claim_id, run, inputs_from, portfolio, valuation_date, basis, mapping))
    if not isinstance(claim, ExplainedClaim):
        return show_refused(claim, as_json=as_json)
    if output is not None:
        write_explanation_file(output, claim, replace=force)
    if as_json:
        answer = claim.as_json() | {"file": str(output) if output else None}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        from cli.explain_text import print_claim

        print_claim(claim, months=months)
    if output is not None:
        click.echo(said(text("written: {file}", file=output)), err=True)
    return 0
