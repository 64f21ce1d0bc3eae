"""The reserve on the screen: totals by product, beneficiary and band, in tenge."""

from __future__ import annotations

from datetime import date

from actuarial.language import amount, amount_text, number_text, said, text
from actuarial.report.name import ALL, BENEFICIARIES, PRODUCTS
from actuarial.report.reserve_run import ReserveRun
from cli.screen import PIPE_WIDTH, new_table, print_ending, print_line, print_table, screen

COLUMNS = (
    ("certified_reserve", text("certified")),
    ("expected_reserve", text("expected")),
    ("additional_expenses_reserve", text("additional expenses")),
    ("total_certified", text("total certified")),
    ("total_expected", text("total expected")),
)
NARROW_COLUMNS = ("total_certified", "total_expected")


def print_reserve(run: ReserveRun) -> None:
    """Print the totals, the warnings that belong beside them, and where the rest is."""
    wide = screen().width >= PIPE_WIDTH
    columns = [column for column in COLUMNS if wide or column[0] in NARROW_COLUMNS]
    records = sum(count for *_, count, _ in run.groups)
    table = new_table(
        (
            text("product"),
            text("beneficiary"),
            text("band"),
            text("records"),
            *(title for _, title in columns),
        ),
        left=3,
        footer=(
            said(ALL),
            "",
            "",
            number_text(records),
            *(amount_text(run.totals[name]) for name, _ in columns),
        ),
    )
    for product, beneficiary, band, count, amounts in run.groups:
        names = said(PRODUCTS[product]), said(BENEFICIARIES[beneficiary]), band
        table.add_row(*names, number_text(count), *(amount_text(amounts[name]) for name, _ in columns))
    record = run.record
    print_line(
        text(
            "Annuity reserve on {day}, basis {basis}, tenge",
            day=date.fromisoformat(record["valuation_date"]),
            basis=record["basis_name"],
        )
    )
    print_table(table)
    if run.totals["recovery_certified"] or run.totals["recovery_expected"]:
        print_line(
            text(
                "Recoveries from policyholders, not deducted above: {certified} certified, {expected} "
                "expected",
                certified=amount(run.totals["recovery_certified"]),
                expected=amount(run.totals["recovery_expected"]),
            )
        )
    print_ending((*record["warnings"], *record["limitations"][:1]), run.folder)
