"""``actuarial annuity``: annuity factors, single premiums, and the schedule of a contract."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actuarial.language import day_text, digits, said, text
from cli import option
from cli.command import Command

if TYPE_CHECKING:
    from actuarial.annuity_contract import AnnuityContract
    from actuarial.basis import Basis

LABELS: Mapping[str, str] = {
    name.template: name
    for name in (
        text("monthly_payment"), text("n_payments"), text("payable_until"), text("factor_certain"),
        text("factor"), text("net_single_premium"), text("gross_single_premium"),
    )
}  # fmt: skip
"""Figures of a contract by the keys of ``--json``, in the order in which they are shown."""
COLUMNS = (
    (text("sex"), 8), (text("age"), 8), (text("payments"), 10), (text("factor certain"), 18),
    (text("factor"), 18), (text("net premium"), 22), (text("gross premium"), 22),
)  # fmt: skip
"""Of the table of factors, with the least width of each."""
_AGES = re.compile(r"(\d{1,3})(?:-(\d{1,3})(?:/(\d{1,2}))?)?")


class AgesOption(click.ParamType[range]):
    """Whole years of age: one, or a grid FROM-TO/STEP."""

    name = "years"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> range:
        """Parse ``40``, ``20-60`` or ``20-60/5``."""
        found = _AGES.fullmatch(str(value))
        if not found or int(found[3] or 1) < 1 or int(found[2] or found[1]) < int(found[1]):
            self.fail(
                text("{value} is not an age or a grid; write 40, 20-60 or 20-60/5", value=repr(value)),
                param,
                ctx,
            )
        return range(int(found[1]), int(found[2] or found[1]) + 1, int(found[3] or 1))


@click.command(cls=Command)
@click.option(
    "--sex", type=click.Choice(["male", "female", "both"]), help="Sex of the person; both for a grid."
)
@click.option(
    "--age-years",
    type=AgesOption(),
    metavar="N|FROM-TO[/STEP]",
    help="Age in years on the valuation date, or a grid.",
)
@click.option("--age-months", type=click.IntRange(0, 11), default=0, help="Months beyond the years.")
@click.option(
    "--case",
    type=option.FILE,
    help="Instead of sex and age: a case file; its contract is priced.",
)
@option.valuation_date(help="Date of the value: 2026-01-01 or 01.01.2026.")
@option.basis()
@click.option(
    "--degree", type=click.IntRange(1, 100), help="Degree of loss in percent: sets the mortality multiplier."
)
@click.option("--term-months", type=click.IntRange(min=1), help="Number of monthly payments.")
@click.option(
    "--to-pension", is_flag=True, help="Payments end at the pension date. Without an end: for life."
)
@click.option("--monthly", default="1", metavar="TENGE", help="Monthly amount; default 1.")
@click.option("--schedule", type=option.FILE, help="Write the payments to a .csv or .xlsx file.")
@option.json_answer()
def command(
    sex: str | None,
    age_years: range | None,
    age_months: int,
    case: Path | None,
    valuation_date: date,
    basis: str,
    degree: int | None,
    term_months: int | None,
    to_pension: bool,
    monthly: str,
    schedule: Path | None,
    as_json: bool,
) -> int:
    """Value an annuity: factors and single premiums of a person or a grid, or the contract of a case.

    Payments are monthly in advance; index, mortality, discount and expenses are those of the basis.
    """
    from actuarial.basis import load_basis

    loaded = load_basis(basis)
    if case is not None:
        if sex or age_years or degree or term_months or to_pension or monthly != "1":
            raise click.UsageError(
                "--case brings its own person, end and amount: leave the other options out"
            )
        return _contract(case, loaded, valuation_date, schedule, as_json)
    if sex is None or age_years is None:
        raise click.UsageError("give --sex and --age-years, or --case")
    if term_months is not None and to_pension:
        raise click.UsageError("give --term-months or --to-pension, not both")
    from actuarial.annuity_contract import annuity_factors, write_schedule
    from actuarial.payout_law import PayoutLaw

    law = PayoutLaw()
    amount = _amount(monthly)
    rows = []
    for one_sex in ("male", "female") if sex == "both" else (sex,):
        for years in age_years:
            found = annuity_factors(
                loaded, valuation_date, one_sex, years * 12 + age_months, degree_percent=degree,
                term_months=term_months, to_pension=to_pension, monthly=amount, law=law,
            )  # fmt: skip
            rows.append({"sex": one_sex, "age_years": years, "age_months": age_months, **_shown(found)})
    if schedule is not None:
        if len(rows) > 1:
            raise click.UsageError("--schedule is for one person, not for a grid")
        write_schedule(found.schedule, schedule)
    answer = rows[0] if len(rows) == 1 else {"grid": rows}
    answer = {
        "schema_version": 1,
        **answer,
        "basis": loaded.name,
        "note": loaded.assumptions.note,
        "law": law.used(),
        "projected": law.projected(),
    }
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print_rows(rows, loaded)
    return 0


def _amount(word: str) -> Any:
    from decimal import Decimal, InvalidOperation
    from fractions import Fraction

    from actuarial.money import may_be_thousands

    try:
        amount = Decimal(word.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        amount = Decimal(-1)
    if may_be_thousands(word) or not (amount.is_finite() and 0 < amount < Decimal(10) ** 13):
        raise click.UsageError(
            text("--monthly {amount}: write an amount in tenge above 0, as 250000.50", amount=word)
        )
    return Fraction(amount)


def _shown(found: Any) -> dict[str, Any]:
    """Answer for one person: factors as numbers, premiums as text in tenge."""
    from actuarial.money import tenge_text

    return {
        "factor_certain": found.factor_certain,
        "factor": found.factor,
        "net_single_premium": tenge_text(found.net_single_premium),
        "gross_single_premium": tenge_text(found.gross_single_premium),
        "n_payments": found.n_payments,
        "pension_date": found.pension_date.isoformat(),
    }


def _contract(case: Path, basis: Basis, valuation_date: date, schedule: Path | None, as_json: bool) -> int:
    from actuarial.annuity_contract import annuity_contract, schedule_rows, write_schedule
    from actuarial.claim.case import LawNotes
    from actuarial.claim.case_file import read_case_file
    from actuarial.money import tenge_text

    law = LawNotes()
    contract = annuity_contract(read_case_file(case).case, basis, valuation_date, law)
    if schedule is not None:
        write_schedule(contract.schedule, schedule)
    until = contract.benefit.payable_until
    answer = {
        "schema_version": 1,
        "factor_certain": contract.factor_certain,
        "factor": contract.factor,
        "net_single_premium": tenge_text(contract.net_single_premium),
        "gross_single_premium": tenge_text(contract.gross_single_premium),
        "monthly_payment": tenge_text(contract.first_payment),
        "n_payments": len(contract.schedule),
        "payable_until": None if until is None else until.isoformat(),
        "basis": basis.name,
        "note": basis.assumptions.note,
        "law": law.used(),
        "projected": law.payout.projected(),
    }
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return 0
    _print_contract(contract)
    if schedule is None:
        for row in schedule_rows(contract.schedule):
            part, index = (_figure(figure, ".6f") for figure in row[3:5])
            sums = (_figure(Decimal(amount)) for amount in row[5:])
            day = day_text(date.fromisoformat(row[1]))
            click.echo("  {:>4}  {}  {}  {}  {:>18}  {:>16}  {:>18}".format(row[0], day, part, index, *sums))
    _warn(basis)
    return 0


def _print_contract(contract: AnnuityContract) -> None:
    from actuarial.money import tenge_text

    until = contract.benefit.payable_until
    figures = {
        "monthly_payment": _figure(Decimal(tenge_text(contract.first_payment))),
        "n_payments": str(len(contract.schedule)),
        "payable_until": _figure(None) if until is None else day_text(until),
        "factor_certain": _figure(contract.factor_certain),
        "factor": _figure(contract.factor),
        "net_single_premium": _figure(Decimal(tenge_text(contract.net_single_premium))),
        "gross_single_premium": _figure(Decimal(tenge_text(contract.gross_single_premium))),
    }
    labels = {name: said(label) for name, label in LABELS.items()}
    width = max(22, *(len(label) + 2 for label in labels.values()))
    for name, label in labels.items():
        click.echo(f"{label:<{width}}{figures[name]:>24}")


def _figure(value: float | Decimal | None, form: str = "") -> str:
    return said("None") if value is None else said(digits(value, form))


def _print_rows(rows: list[dict[str, Any]], basis: Basis) -> None:
    from actuarial.report.name import SEXES

    titles = [said(title) for title, _ in COLUMNS]
    cells = [
        [
            said(SEXES[row["sex"]]),
            said(text("{years}y{months}m", years=row["age_years"], months=row["age_months"])),
            str(row["n_payments"]),
            "" if row["factor_certain"] is None else _figure(row["factor_certain"], ".6f"),
            _figure(row["factor"], ".6f"),
            _figure(Decimal(row["net_single_premium"])),
            _figure(Decimal(row["gross_single_premium"])),
        ]
        for row in rows
    ]
    columns = zip(COLUMNS, zip(titles, *cells, strict=True), strict=True)
    widths = [max(least, *(len(cell) + 2 for cell in column)) for (_, least), column in columns]
    for line in (titles, *cells):
        figures = (f"{cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
        click.echo(f"{line[0]:<{widths[0]}}{''.join(figures)}")
    _warn(basis)


def _warn(basis: Basis) -> None:
    click.echo(said(text("note: {note}", note=text(basis.assumptions.note))), err=True)
