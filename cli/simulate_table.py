"""The simulation on the screen: distribution, errors and sources, in tenge."""

from __future__ import annotations

from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from actuarial.report.simulate_run import SimulateRun
from cli.screen import screen

MEDIAN = 0.5


def print_simulation(run: SimulateRun) -> None:
    """Print the figures, the warnings that belong beside them, and where the rest is."""
    record = run.record
    console = screen()
    console.print(
        f"Simulation on {record['valuation_date']}, basis {record['basis_name']}, "
        f"{record['records']} records, {record['scenarios']} scenarios, seed {record['seed']}, tenge",
        highlight=False,
    )
    title = "outgo before reinsurance" if "new_claims" in record else "present value of all outgo"
    table = _distribution(title, record)
    table.add_row("exact expected, without drivers", _spaced(record["exact_expected"]))
    for level, amount in record.get("risk_adjustment", {}).get("by_level", {}).items():
        table.add_row(f"risk adjustment {_percent(level)}, non-financial", _spaced(amount))
    if "risk_adjustment" in record:
        adjustment = record["risk_adjustment"]
        table.add_row(
            f"risk adjustment, cost of capital {_percent(adjustment['cost_of_capital_rate'])}, non-financial",
            _spaced(adjustment["cost_of_capital"]),
        )
    console.print(table)
    if "new_claims" in record:
        console.print(_distribution("outgo after reinsurance of new claims", record["net"]))
        _print_classes(console, record["new_claims"])
    if "contributions" in record:
        _print_sources(console, record)
    for text in (*record["warnings"], *record["limitations"][:1]):
        click.echo(f"note: {text}", err=True)
    click.echo(f"run folder: {run.folder}", err=True)


def _distribution(title: str, figures: dict[str, Any]) -> Table:
    """Mean, quantiles and tails with their errors."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(title, no_wrap=True)
    for name in ("amount", "standard error", "95 % from", "to"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row("mean", _spaced(figures["mean"]), _spaced(figures["standard_error"]))
    for level, amount in figures["quantiles"].items():
        if float(level) <= MEDIAN:  # the upper ones are the values at risk
            table.add_row(f"{_percent(level)} quantile", _spaced(amount))
    for name, words in (("value_at_risk", "value at risk"), ("tail_value_at_risk", "tail value at risk")):
        for level, amount in figures[name].items():
            error = figures[f"{name}_error"][level] or {}
            cells = [error.get(key) for key in ("standard_error", "lower", "upper")]
            table.add_row(f"{words} {_percent(level)}", *(_spaced(cell) for cell in (amount, *cells)))
    return table


def _print_classes(console: Console, claims: dict[str, Any]) -> None:
    """New claims by risk class, and the book."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in (
        "class",
        "worker-years",
        "claims",
        "premium",
        "mean cost",
        "exact mean",
        "loss ratio",
        "net",
    ):
        table.add_column(title, justify="right", no_wrap=True)
    for group in (*claims["classes"], {"risk_class": "book", **claims["book"]}):
        ratio = group["loss_ratio"]
        table.add_row(
            str(group["risk_class"]),
            f"{group['worker_years']:,.0f}".replace(",", " "),
            f"{group['mean_persons']:,.2f}".replace(",", " "),
            *(_spaced(group[key]) for key in ("premium", "mean", "exact_expected")),
            "–" if ratio is None else _percent(round(ratio, 4)),
            _spaced(group["mean_net"]),
        )
    console.print(table)


def _print_sources(console: Console, record: dict[str, Any]) -> None:
    sources = record["contributions"]["sources"]
    if len(sources) < 2:
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("source", no_wrap=True)
    for title in ("share of variance", "standard error"):
        table.add_column(title, justify="right", no_wrap=True)
    for source in sources:
        cells = [f"{100 * source[key]:.2f} %" for key in ("share", "standard_error")]
        table.add_row(source["source"].replace("_", " "), *cells)
    console.print(table)


def _percent(level: str | float) -> str:
    return f"{100 * float(level):g} %"


def _spaced(amount: str | None) -> str:
    """An amount of the record with thousands apart; a dash where there is none."""
    if amount is None:
        return "–"
    whole, cents = amount.split(".")
    return f"{int(whole):,}.{cents}".replace(",", " ")
