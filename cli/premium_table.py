"""A priced book on the screen: totals by class and region, and what was charged too much or too little."""

from __future__ import annotations

from actuarial.language import amount, amount_text, counted, number, number_text, said, text
from actuarial.report.premium_run import PremiumRun
from cli.screen import new_table, print_ending, print_line, print_place, print_table

TITLES = {"risk_class": text("class"), "region": text("region"), "part": text("part")}
BY_GROUP = {"risk_class": text("by class"), "region": text("by region"), "part": text("by part")}
AMOUNTS = {
    "annual_payroll": text("annual payroll"),
    "insured_sum": text("insured sum"),
    "base_premium": text("base premium"),
    "premium": text("premium"),
}
NO_NAME = text("(no name)")
MOST_ROWS = 30


def print_premium(run: PremiumRun) -> None:
    """Print the totals, the comparison, and where the rest is."""
    record = run.record
    print_line(
        text(
            "Premiums of {contracts} contracts, {parts} parts, tenge",
            contracts=number(record["contracts"]),
            parts=number(record["parts"]),
        )
    )
    for key, rows in run.groups.items():
        if len(rows) > MOST_ROWS:
            print_place(
                counted(
                    "{by_group}: {n} rows, see totals.csv",
                    "{by_group}: {n} rows, see totals.csv",
                    n=len(rows),
                    by_group=BY_GROUP[key],
                )
            )
            continue
        totals = (amount_text(run.totals[name]) for name in AMOUNTS)
        table = new_table(
            (TITLES[key], text("parts"), *AMOUNTS.values()),
            footer=(said("all"), number_text(record["parts"]), *totals),
        )
        for name, count, amounts in rows:
            cells = (amount_text(amounts[total]) for total in AMOUNTS)
            table.add_row(name or said(NO_NAME), number_text(count), *cells)
        print_table(table)
    print_line(
        text(
            "minimum premium: {minimum} contracts; with coefficient {coefficient}; with discount {discount}; "
            "history unknown {unknown}",
            minimum=number(record["minimum_applied"]),
            coefficient=number(record["with_coefficient"]),
            discount=number(record["with_discount"]),
            unknown=number(record["history_unknown"]),
        )
    )
    compared = run.comparison
    if compared.n_charged:
        print_line(
            text(
                "charged: {n} contracts, too much {n_over} ({over}), too little {n_under} ({under})",
                n=number(compared.n_charged),
                n_over=number(compared.n_over),
                over=amount(compared.over),
                n_under=number(compared.n_under),
                under=amount(compared.under),
            )
        )
        for name, difference in compared.largest:
            print_line(text("  {name}: {difference}", name=name, difference=amount(difference)))
    print_ending((), run.folder)
