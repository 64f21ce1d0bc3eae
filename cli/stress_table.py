"""The stress test on the screen: base, scenarios, aggregation and reverse stress, in tenge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from actuarial.language import (
    Text,
    amount,
    amount_text,
    counted,
    digits,
    joined,
    number,
    number_text,
    percent_text,
    said,
    text,
)
from actuarial.report.stress_run import StressRun
from cli.screen import new_table, print_ending, print_line, print_table, screen, written_amount

if TYPE_CHECKING:
    from rich.table import Table

NOT_COMPUTED = text("not computed")
MEASURES: Mapping[str, Text] = {"certified": text("certified"), "expected": text("expected")}
CHANGE = text("change")
WIDTH = 190
"""Width when the output is not a terminal, and from which a terminal shows both measures."""


def print_stress(run: StressRun) -> None:
    """Print the lines, the warnings that belong beside them, and where the rest is."""
    record = run.record
    console = screen(WIDTH)
    several = len(record["insurers"]) > 1
    sizes = [counted("{n} records", "{n} records", n=record["records"])]
    if several:
        sizes.insert(0, counted("{n} insurers", "{n} insurers", n=len(record["insurers"])))
    about = text(
        "Stress test on {day}, basis {basis}, {sizes}, tenge",
        day=date.fromisoformat(record["valuation_date"]),
        basis=record["basis_name"],
        sizes=joined(sizes),
    )
    print_line(about, to=console)
    print_table(_lines(record, with_certified=console.width >= WIDTH))
    if several:
        print_table(_insurers(record))
    whole = list(record["aggregation"].values())[-1]
    if whole["losses"]:
        print_line(_together(whole), to=console)
    for found in record["reverse"]:
        print_line(_reverse(found), to=console)
    print_ending((*record["warnings"], *record["limitations"][:1]), run.folder)


def _lines(record: dict[str, Any], *, with_certified: bool) -> Table:
    has_contracts = bool(record["contracts"])
    has_funds = any(line["own_funds_after"] for line in record["scenarios"])
    measures = ("certified", "expected") if with_certified else ("expected",)
    titles: list[str] = [text("scenario")]
    for measure in measures:
        titles += [MEASURES[measure], CHANGE]
    titles += ["", *([text("premium, change")] if has_contracts else [])]
    titles += [text("own funds after")] if has_funds else []
    table = new_table(titles)
    totals = record["totals"]
    base = [cell for measure in measures for cell in (written_amount(totals[f"total_{measure}"]), "")]
    table.add_row(said("base"), *base)
    for line in record["scenarios"]:
        if line["expected"] is None:
            table.add_row(line["name"], said(NOT_COMPUTED))
            continue
        cells = [
            *(written_amount(line[key]) for measure in measures for key in (measure, f"delta_{measure}")),
            _percent(line["delta_expected"], totals["total_expected"]),
        ]
        if has_contracts:
            books = line.get("contracts", {}).values()
            cells.append(amount_text(sum(_tiyn(book["delta_premium"]) for book in books)) if books else "")
        if has_funds:
            cells.append(written_amount(line["own_funds_after"]))
        table.add_row(line["name"], *cells)
    return table


def _insurers(record: dict[str, Any]) -> Table:
    table = new_table((text("insurer"), text("records"), *MEASURES.values(), text("share")))
    for insurer in record["insurers"]:
        amounts = (written_amount(insurer["totals"][f"total_{measure}"]) for measure in MEASURES)
        share = "" if insurer["share"] is None else percent_text(insurer["share"])
        table.add_row(insurer["name"], number_text(insurer["records"]), *amounts, share)
    return table


def _together(whole: dict[str, Any]) -> Text:
    line = text(
        "All risks together: {total} ({added} added up)",
        total=_amount(whole["total"]),
        added=_amount(whole["undiversified"]),
    )
    after = whole["own_funds_after"]
    return text("{line}; own funds after it {after}", line=line, after=_amount(after)) if after else line


def _reverse(found: dict[str, Any]) -> Text:
    what = found["reason"]
    if found["multiple"] is not None:
        what = text(
            "own funds of {funds} are exhausted at {multiple} times the scenario",
            funds=_amount(found["own_funds"]),
            multiple=number(found["multiple"], 4),
        )
    return text(
        "Reverse stress of {scenario}, {insurer}: {what}",
        scenario=found["scenario"],
        insurer=found["insurer"],
        what=what,
    )


def _percent(change: str, of: str) -> str:
    base = _tiyn(of)
    return f"{digits(100 * _tiyn(change) / base, '+.2f').said()} %" if base else ""


def _amount(written: str) -> Text:
    return amount(_tiyn(written))


def _tiyn(written: str) -> int:
    return int(written.replace(".", ""))
