"""``actuarial annuity``: annuity factors, single premiums, and the schedule of a contract."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.option import DateOption

if TYPE_CHECKING:
    from actuarial.basis import Basis

_AGES = re.compile(r"(\d{1,3})(?:-(\d{1,3})(?:/(\d{1,2}))?)?")


class AgesOption(click.ParamType[range]):
    """Whole years of age: one, or a grid FROM-TO/STEP."""

    name = "years"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> range:
        """Parse ``40``, ``20-60`` or ``20-60/5``."""
        found = _AGES.fullmatch(str(value))
        if not found or int(found[3] or 1) < 1 or int(found[2] or found[1]) < int(found[1]):
            self.fail(f"{value!r} is not an age or a grid; write 40, 20-60 or 20-60/5", param, ctx)
        return range(int(found[1]), int(found[2] or found[1]) + 1, int(found[3] or 1))


@click.command()
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
    type=click.Path(path_type=Path),
    help="Instead of sex and age: a case file; its contract is priced.",
)
@click.option(
    "--valuation-date", required=True, type=DateOption(), help="Date of the value: 2026-01-01 or 01.01.2026."
)
@click.option(
    "--basis", required=True, metavar="NAME|FILE", help="Shipped basis or YAML file with the assumptions."
)
@click.option(
    "--degree", type=click.IntRange(1, 100), help="Degree of loss in percent: sets the mortality multiplier."
)
@click.option("--term-months", type=click.IntRange(min=1), help="Number of monthly payments.")
@click.option(
    "--to-pension", is_flag=True, help="Payments end at the pension date. Without an end: for life."
)
@click.option("--monthly", default="1", metavar="TENGE", help="Monthly amount; default 1.")
@click.option(
    "--schedule", type=click.Path(path_type=Path), help="Write the payments to a .csv or .xlsx file."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
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


def _amount(text: str) -> Any:
    from decimal import Decimal, InvalidOperation
    from fractions import Fraction

    try:
        amount = Decimal(text.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 < amount < Decimal(10) ** 13):
        raise click.UsageError(f"--monthly {text}: write an amount in tenge above 0, as 250000.50")
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
    for name in ("monthly_payment", "n_payments", "payable_until", "factor_certain", "factor"):
        click.echo(f"{name:<22}{answer[name]!s:>24}")
    for name in ("net_single_premium", "gross_single_premium"):
        click.echo(f"{name:<22}{answer[name]!s:>24}")
    if schedule is None:
        for row in schedule_rows(contract.schedule):
            click.echo(
                f"  {row[0]:>4}  {row[1]}  {row[3]:.6f}  {row[4]:.6f}  {row[5]:>18}  {row[6]:>16}"
                f"  {row[7]:>18}"
            )
    _warn(basis)
    return 0


def _print_rows(rows: list[dict[str, Any]], basis: Basis) -> None:
    header = ("sex", "age", "payments", "factor certain", "factor", "net premium", "gross premium")
    click.echo("{:<8}{:>8}{:>10}{:>18}{:>18}{:>22}{:>22}".format(*header))
    for row in rows:
        certain = "" if row["factor_certain"] is None else f"{row['factor_certain']:.6f}"
        age = f"{row['age_years']}y{row['age_months']}m"
        click.echo(
            f"{row['sex']:<8}{age:>8}{row['n_payments']:>10}{certain:>18}{row['factor']:>18.6f}"
            f"{row['net_single_premium']:>22}{row['gross_single_premium']:>22}"
        )
    _warn(basis)


def _warn(basis: Basis) -> None:
    click.echo(f"note: {basis.assumptions.note}", err=True)
