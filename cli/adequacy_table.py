"""A tariff study on the screen: rates by class, the book, and what to know beside them."""

from __future__ import annotations

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from actuarial.report.adequacy_run import AdequacyRun
from cli.screen import screen


def _percent(value: float | None, digits: int = 1) -> str:
    return "—" if value is None else f"{100 * value:.{digits}f} %"


def print_adequacy(run: AdequacyRun) -> None:
    """Print the rates by class, the book's ratio, the policyholder, the proposal, and the notes."""
    console = screen()
    record = run.record
    claims = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in record["claims"].items())
    years = record["years"]
    lines = [f"Tariffs and technical rates, experience {years[0]} to {years[-1]}, claims: {claims}"]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("class", "statutory", "risk", "technical", "law / technical", "from", "to"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in record["classes"]:
        table.add_row(
            str(row["risk_class"]),
            _percent(row["statutory_rate"], 2),
            _percent(row["risk_rate"], 3),
            _percent(row["technical_rate"], 3),
            _percent(row["ratio"]),
            _percent(row["ratio_from"]),
            _percent(row["ratio_to"]),
        )
    console.print(lines[0], highlight=False, markup=False)
    console.print(table)
    book, totals = record["adequacy"], record["totals"]
    lines = [
        f"{record['rated_contracts']} rated contracts: premium of the law {totals['law_premium']} ₸ "
        f"(tariff alone {totals['tariff_premium']} ₸), "
        f"technical {totals['technical_premium']} ₸",
        f"law / technical {_percent(book['ratio'])} ({book['level']:.0%} interval {_percent(book['from'])} "
        f"to {_percent(book['to'])}); expected loss ratio {_percent(record['loss_ratio']['mean'])}",
    ]
    holder = record["policyholder"]
    if holder is not None:
        lines.append(
            f"{holder['name']}: {holder['note']}"
            if "note" in holder
            else f"{holder['name']}: {holder['claims']} claims, {holder['expected_claims']:.2f} expected, "
            f"modification {holder['modification']:.3f}, law / technical {_percent(holder['ratio'])}"
        )
    proposal = record["proposal"]
    if proposal is not None:
        lines.append(
            f"proposed tariffs (hypothetical): {proposal['proposed_premium']} ₸; lower for "
            f"{proposal['lower']['contracts']}, higher for {proposal['higher']['contracts']}; at the "
            f"smallest premium {proposal['minimum_law']} → {proposal['minimum_proposed']}"
        )
    for line in lines:
        console.print(line, highlight=False, markup=False)
    for warning in record["warnings"]:
        click.echo(f"note: {warning}", err=True)
    click.echo(f"run folder: {run.folder}", err=True)
