"""The simulation on the screen: distribution, errors and sources, in tenge."""

from __future__ import annotations

from datetime import date
from typing import Any

from actuarial.language import Text, counted, joined, number_text, percent_text, said, text
from actuarial.report.estimate import level_text
from actuarial.report.simulate_run import SimulateRun
from cli.screen import NOTHING, new_table, print_ending, print_line, print_table, written_amount

MEDIAN = 0.5
SOURCES = {
    "idiosyncratic": text("idiosyncratic"),
    "yield_shift": text("yield shift"),
    "mci": text("mci"),
    "minimum_wage": text("minimum wage"),
    "subsistence_minimum": text("subsistence minimum"),
    "wages": text("wages"),
    "prices": text("prices"),
    "mortality_level": text("mortality level"),
    "mortality_trend": text("mortality trend"),
    "recovery_level": text("recovery level"),
}


def print_simulation(run: SimulateRun) -> None:
    """Print the figures, the warnings that belong beside them, and where the rest is."""
    record = run.record
    sizes = (
        counted("{n} records", "{n} records", n=record["records"]),
        counted("{n} scenarios", "{n} scenarios", n=record["scenarios"]),
    )
    print_line(
        text(
            "Simulation on {day}, basis {basis}, {sizes}, seed {seed}, tenge",
            day=date.fromisoformat(record["valuation_date"]),
            basis=record["basis_name"],
            sizes=joined(sizes),
            seed=record["seed"],
        )
    )
    title = text("outgo before reinsurance") if "new_claims" in record else text("present value of all outgo")
    _print_distribution(title, record, with_rest=True)
    if "new_claims" in record:
        _print_distribution(text("outgo after reinsurance of new claims"), record["net"])
        _print_classes(record["new_claims"])
    if "contributions" in record:
        _print_sources(record)
    print_ending((*record["warnings"], *record["limitations"][:1]), run.folder)


def _print_distribution(title: Text, figures: dict[str, Any], *, with_rest: bool = False) -> None:
    """Mean, quantiles and tails with their errors, and what belongs to the whole run."""
    table = new_table((title, text("amount"), text("standard error"), text("95 % from"), text("to")))
    table.add_row(said("mean"), written_amount(figures["mean"]), written_amount(figures["standard_error"]))
    rows = [
        (text("{level} quantile", level=level_text(float(level))), amount)
        for level, amount in figures["quantiles"].items()
        if float(level) <= MEDIAN  # the upper ones are the values at risk
    ]
    for name, amount in rows:
        table.add_row(said(name), written_amount(amount))
    for key in ("value_at_risk", "tail_value_at_risk"):
        for written, amount in figures[key].items():
            level = level_text(float(written))
            name = (
                text("value at risk {level}", level=level)
                if key == "value_at_risk"
                else text("tail value at risk {level}", level=level)
            )
            error = figures[f"{key}_error"][written] or {}
            cells = [error.get(part) for part in ("standard_error", "lower", "upper")]
            table.add_row(said(name), *(written_amount(cell) for cell in (amount, *cells)))
    for name, amount in _rest(figures) if with_rest else ():
        table.add_row(said(name), written_amount(amount))
    print_table(table)


def _rest(record: dict[str, Any]) -> list[tuple[Text, str | None]]:
    """The exact mean, and the risk adjustment of annuities."""
    rows = [(text("exact expected, without drivers"), record["exact_expected"])]
    if "risk_adjustment" in record:
        adjustment = record["risk_adjustment"]
        rows += [
            (text("risk adjustment {level}, non-financial", level=level_text(float(level))), amount)
            for level, amount in adjustment.get("by_level", {}).items()
        ]
        rate = level_text(adjustment["cost_of_capital_rate"])
        name = text("risk adjustment, cost of capital {rate}, non-financial", rate=rate)
        rows.append((name, adjustment["cost_of_capital"]))
    return rows


def _print_classes(claims: dict[str, Any]) -> None:
    """New claims by risk class, and the book."""
    titles = (
        text("class"),
        text("worker-years"),
        text("claims"),
        text("premium"),
        text("mean cost"),
        text("exact mean"),
        text("loss ratio"),
        text("net"),
    )
    table = new_table(titles, left=0)
    for group in (*claims["classes"], {"risk_class": said("book"), **claims["book"]}):
        ratio = group["loss_ratio"]
        table.add_row(
            str(group["risk_class"]),
            number_text(group["worker_years"]),
            number_text(group["mean_persons"], 2),
            *(written_amount(group[key]) for key in ("premium", "mean", "exact_expected")),
            NOTHING if ratio is None else level_text(round(ratio, 4)).said(),
            written_amount(group["mean_net"]),
        )
    print_table(table)


def _print_sources(record: dict[str, Any]) -> None:
    sources = record["contributions"]["sources"]
    if len(sources) < 2:
        return
    table = new_table((text("source"), text("share of variance"), text("standard error")))
    for source in sources:
        cells = (percent_text(source[key], 2) for key in ("share", "standard_error"))
        table.add_row(said(SOURCES[source["source"]]), *cells)
    print_table(table)
