"""The reserve on the screen: totals by product, beneficiary and band, in tenge."""

from __future__ import annotations

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from actuarial.money import spaced
from actuarial.report.reserve_run import ReserveRun
from cli.screen import PIPE_WIDTH, screen

COLUMNS = (
    ("certified_reserve", "certified"),
    ("expected_reserve", "expected"),
    ("additional_expenses_reserve", "additional expenses"),
    ("total_certified", "total certified"),
    ("total_expected", "total expected"),
)
NARROW_COLUMNS = ("total_certified", "total_expected")


def print_reserve(run: ReserveRun) -> None:
    """Print the totals, the warnings that belong beside them, and where the rest is."""
    table = Table(box=SIMPLE_HEAD, show_footer=True, pad_edge=False)
    console = screen()
    wide = console.width >= PIPE_WIDTH
    columns = [column for column in COLUMNS if wide or column[0] in NARROW_COLUMNS]
    records = sum(count for *_, count, _ in run.groups)
    for title, footer in (("product", "all"), ("beneficiary", ""), ("band", "")):
        table.add_column(title, footer=footer, no_wrap=True)
    table.add_column("records", footer=f"{records:,}".replace(",", " "), justify="right", no_wrap=True)
    for name, title in columns:
        table.add_column(title, footer=spaced(run.totals[name]), justify="right", no_wrap=True)
    for product, beneficiary, band, count, amounts in run.groups:
        cells = [spaced(amounts[name]) for name, _ in columns]
        table.add_row(product, beneficiary.replace("_", " "), band, f"{count:,}".replace(",", " "), *cells)
    record = run.record
    console.print(
        f"Annuity reserve on {record['valuation_date']}, basis {record['basis_name']}, tenge", highlight=False
    )
    console.print(table)
    recoveries = spaced(run.totals["recovery_certified"]), spaced(run.totals["recovery_expected"])
    if any(run.totals[f"recovery_{measure}"] for measure in ("certified", "expected")):
        console.print(
            "Recoveries from policyholders, not deducted above: "
            f"{recoveries[0]} certified, {recoveries[1]} expected",
            highlight=False,
        )
    for text in (*record["warnings"], *record["limitations"][:1]):
        click.echo(f"note: {text}", err=True)
    click.echo(f"run folder: {run.folder}", err=True)
