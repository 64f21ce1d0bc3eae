"""The stress test on the screen: base, scenarios, aggregation and reverse stress, in tenge."""

from __future__ import annotations

from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from actuarial.report.stress_run import StressRun
from cli.screen import screen

NOT_COMPUTED = "not computed"
WIDTH = 190
"""Width when the output is not a terminal, and from which a terminal shows both measures."""


def print_stress(run: StressRun) -> None:
    """Print the lines, the warnings that belong beside them, and where the rest is."""
    record = run.record
    console = screen(WIDTH)
    several = len(record["insurers"]) > 1
    console.print(
        f"Stress test on {record['valuation_date']}, basis {record['basis_name']}, "
        + (f"{len(record['insurers'])} insurers, " if several else "")
        + f"{record['records']} records, tenge",
        highlight=False,
    )
    console.print(_lines(record, with_certified=console.width >= WIDTH))
    if several:
        console.print(_insurers(record))
    whole = list(record["aggregation"].values())[-1]
    if whole["losses"]:
        after = whole["own_funds_after"]
        text = f"All risks together: {_spaced(whole['total'])} ({_spaced(whole['undiversified'])} added up)"
        text += f"; own funds after it {_spaced(after)}" if after else ""
        console.print(text, highlight=False)
    for found in record["reverse"]:
        console.print(_reverse(found), highlight=False)
    for text in (*record["warnings"], *record["limitations"][:1]):
        click.echo(f"note: {text}", err=True)
    click.echo(f"run folder: {run.folder}", err=True)


def _lines(record: dict[str, Any], *, with_certified: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("scenario", no_wrap=True)
    has_contracts = bool(record["contracts"])
    has_funds = any(line["own_funds_after"] for line in record["scenarios"])
    titles = ["certified", "change"] if with_certified else []
    titles += ["expected", "change", ""]
    titles += ["premium, change"] if has_contracts else []
    titles += ["own funds after"] if has_funds else []
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    totals = record["totals"]
    measures = ("certified", "expected") if with_certified else ("expected",)
    base = [cell for measure in measures for cell in (_spaced(totals[f"total_{measure}"]), "")]
    table.add_row("base", *base)
    for line in record["scenarios"]:
        if line["expected"] is None:
            table.add_row(line["name"], NOT_COMPUTED)
            continue
        cells = [
            *(_spaced(line[key]) for measure in measures for key in (measure, f"delta_{measure}")),
            _percent(line["delta_expected"], totals["total_expected"]),
        ]
        if has_contracts:
            books = line.get("contracts", {}).values()
            cells.append(
                _spaced(f"{sum(_tiyn(b['delta_premium']) for b in books) / 100:.2f}") if books else ""
            )
        if has_funds:
            cells.append(_spaced(line["own_funds_after"]))
        table.add_row(line["name"], *cells)
    return table


def _insurers(record: dict[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("insurer", no_wrap=True)
    for title in ("records", "certified", "expected", "share"):
        table.add_column(title, justify="right", no_wrap=True)
    for insurer in record["insurers"]:
        totals = insurer["totals"]
        share = "" if insurer["share"] is None else f"{100 * insurer['share']:.1f} %"
        cells = (_spaced(totals[f"total_{measure}"]) for measure in ("certified", "expected"))
        table.add_row(insurer["name"], f"{insurer['records']:,}".replace(",", " "), *cells, share)
    return table


def _reverse(found: dict[str, Any]) -> str:
    who = f"Reverse stress of {found['scenario']}, {found['insurer']}: "
    if found["multiple"] is None:
        return f"{who}{found['reason']}"
    funds = _spaced(found["own_funds"])
    return who + f"own funds of {funds} are exhausted at {found['multiple']:.4f} times the scenario"


def _percent(change: str, of: str) -> str:
    base = _tiyn(of)
    return f"{100 * _tiyn(change) / base:+.2f} %" if base else ""


def _tiyn(amount: str) -> int:
    return int(amount.replace(".", ""))


def _spaced(amount: str | None) -> str:
    """An amount of the record with thousands apart; a dash where there is none."""
    if amount is None:
        return "–"
    whole, cents = amount.split(".")
    return f"{'-' if whole == '-0' else ''}{int(whole):,}.{cents}".replace(",", " ")
