"""A priced book on the screen: totals by class and region, and what was charged too much or too little."""

from __future__ import annotations

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from actuarial.money import spaced
from actuarial.report.premium_run import TOTALS, PremiumRun
from cli.screen import screen

TITLES = {"risk_class": "class", "region": "region", "part": "part"}
MOST_ROWS = 30


def _count(n: int) -> str:
    return f"{n:,}".replace(",", " ")


def print_premium(run: PremiumRun) -> None:
    """Print the totals, the comparison, and where the rest is."""
    console = screen()
    record = run.record
    console.print(
        f"Premiums of {_count(record['contracts'])} contracts, {_count(record['parts'])} parts, tenge",
        highlight=False,
    )
    for key, rows in run.groups.items():
        if len(rows) > MOST_ROWS:
            click.echo(f"by {TITLES[key]}: {len(rows)} rows, see totals.csv", err=True)
            continue
        table = Table(box=SIMPLE_HEAD, show_footer=True, pad_edge=False)
        table.add_column(TITLES[key], footer="all", no_wrap=True)
        table.add_column("parts", footer=_count(record["parts"]), justify="right", no_wrap=True)
        for name in TOTALS:
            table.add_column(
                name.replace("_", " "), footer=spaced(run.totals[name]), justify="right", no_wrap=True
            )
        for name, count, amounts in rows:
            table.add_row(name or "(no name)", _count(count), *(spaced(amounts[total]) for total in TOTALS))
        console.print(table)
    lines = [
        f"minimum premium: {_count(record['minimum_applied'])} contracts; with coefficient "
        f"{_count(record['with_coefficient'])}; with discount {_count(record['with_discount'])}; history "
        f"unknown {_count(record['history_unknown'])}"
    ]
    compared = run.comparison
    if compared.n_charged:
        lines += [
            f"charged: {_count(compared.n_charged)} contracts, too much {_count(compared.n_over)} "
            f"({spaced(compared.over)}), too little {_count(compared.n_under)} "
            f"({spaced(compared.under)})",
            *(f"  {name}: {spaced(difference)}" for name, difference in compared.largest),
        ]
    for line in lines:
        console.print(line, highlight=False, markup=False)
    click.echo(f"run folder: {run.folder}", err=True)
