"""`actuarial sample`: a synthetic portfolio to try the engine on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cli.option import DateOption


@click.command("sample")
@click.option(
    "--rows", "n_rows", type=int, default=3000, show_default=True, metavar="N", help="Beneficiaries."
)
@click.option("--seed", type=int, default=1, show_default=True, metavar="S", help="Same seed, same file.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
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
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def command(n_rows: int, seed: int, output: Path, valuation_date: date, force: bool) -> None:
    """Write a synthetic portfolio of annuities: no real person, calibrated on published figures."""
    from actuarial.portfolio.sample import synthetic_annuities
    from actuarial.portfolio.sample_file import check_target, write_sample

    check_target(output, force=force)
    table = synthetic_annuities(n_rows, seed=seed, valuation_date=valuation_date)
    write_sample(table, output, force=force)
    click.echo(f"{output}: {table.num_rows} synthetic annuities, no real person", err=True)
