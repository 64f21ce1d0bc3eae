"""`actuarial sample`: a synthetic portfolio to try the engine on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from actuarial.language import said, text
from cli import option
from cli.command import Command
from cli.option import DateOption
from cli.stream import OutputFile


@click.command("sample", cls=Command)
@click.option(
    "--rows", "n_rows", type=int, default=3000, show_default=True, metavar="N", help="Beneficiaries."
)
@click.option("--seed", type=int, default=1, show_default=True, metavar="S", help="Same seed, same file.")
@click.option(
    "--output",
    type=OutputFile(".csv"),
    required=True,
    metavar="PATH",
    help="File to write: .csv, .xlsx or .parquet.",
)
@click.option(
    "--valuation-date",
    type=DateOption(),
    default="2026-01-01",
    show_default=True,
    metavar="DATE",
    help="Day on which the portfolio is in payment.",
)
@option.force()
def command(n_rows: int, seed: int, output: Path, valuation_date: date, force: bool) -> None:
    """Write a synthetic portfolio of annuities: no real person, calibrated on published figures."""
    from actuarial.portfolio.sample import synthetic_annuities
    from actuarial.portfolio.sample_file import check_target, write_sample

    check_target(output, force=force)
    table = synthetic_annuities(n_rows, seed=seed, valuation_date=valuation_date)
    write_sample(table, output, force=force)
    written = text("{file}: {n} synthetic annuities, no real person", file=output, n=table.num_rows)
    click.echo(said(written), err=True)
