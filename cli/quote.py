"""``actuarial quote``: the premium of one contract, step by step."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from actuarial.language import text
from cli import option
from cli.command import Command
from cli.named import ACTIVITY
from cli.option import DateOption

FLAGS_OF_A_LIST = ("oked", "injured", "deaths", "choice")


class YearCount(click.ParamType[tuple[str, str]]):
    """A count of one year: ``2023=2``."""

    name = "year=n"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split at the sign or fail."""
        year, sign, number = str(value).partition("=")
        if not sign or not (len(year) == 4 and year.isdigit() and number.isdigit()):
            self.fail(
                text("{value} is not a year with a number; write 2023=2", value=repr(value)), param, ctx
            )
        return year, number


@click.command(cls=Command)
@click.argument("case", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--oked",
    type=ACTIVITY,
    multiple=True,
    metavar="CODE",
    help="Activity, five digits. Several: evenly spread.",
)
@click.option("--risk-class", metavar="N", help="Class of professional risk, instead of --oked.")
@click.option("--receiving-class", metavar="N", help="Staffing agencies: class of the receiving side.")
@click.option("--payroll", metavar="X", help="Annual payroll, incomes already capped, tenge.")
@click.option("--insured-sum", metavar="X", help="Insured sum; default the annual payroll.")
@click.option("--workers", metavar="N", help="All workers on the day of the contract.")
@click.option("--contract-date", type=DateOption(), metavar="DATE", help="Day of conclusion.")
@click.option(
    "--start", type=DateOption(), metavar="DATE", help="First day of cover; default the contract date."
)
@click.option("--end", type=DateOption(), metavar="DATE", help="Last day of cover; default 12 months.")
@click.option(
    "--injured", type=YearCount(), multiple=True, metavar="Y=N", help="Injured 30-100 % in a year. Repeat it."
)
@click.option("--deaths", type=YearCount(), multiple=True, metavar="Y=N", help="Deaths in a year. Repeat it.")
@click.option("--at-fault", is_flag=True, help="They happened by the policyholder's fault.")
@click.option(
    "--discount",
    metavar="P",
    help="Cut in percent; states that no event of any degree happened in the years.",
)
@click.option("--instalments", metavar="N", help="Equal instalments: 1, 2, 3, 4, 6 or 12.")
@option.choice(help="An open point; see --explain.")
@click.option(
    "--explain", is_flag=True, help="Show the entries of the law used and every choice with its reason."
)
@option.json_answer(help="Print one JSON object instead of the text.")
def command(case: Path | None, explain: bool, as_json: bool, **flags: Any) -> None:
    """Compute the premium of one contract and show each step.

    Give flags, or one YAML file CASE for what flags cannot say: several parts, staff lists, changes inside
    the term, early termination, refunds, contracts of 2007-2015, the voluntary product. Its keys are in
    docs/quote.md.
    """
    from actuarial.premium.quote import quote_of
    from actuarial.premium.quote_file import read_case

    given = _case_of(flags)
    if case is not None and given:
        raise click.UsageError(
            text("give a case file or flags, not both: {flags}", flags=", ".join(sorted(given)))
        )
    if case is None and "contract_date" not in given:
        raise click.UsageError("give --contract-date (and class and payroll), or a case file")
    quote = quote_of(given) if case is None else quote_of(read_case(case), case.parent)
    if as_json:
        click.echo(json.dumps(quote.as_json(explain=explain), ensure_ascii=False, indent=2))
    else:
        from cli.quote_text import quote_text

        click.echo(quote_text(quote, explain=explain))


def _case_of(flags: dict[str, Any]) -> dict[str, Any]:
    """Flags as the keys of a case."""
    case: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in flags.items()
        if name not in FLAGS_OF_A_LIST and value not in (None, False)
    }
    if flags["at_fault"]:
        case["at_fault"] = "yes"
    if flags["oked"]:
        case["activities"] = [{"oked": code} for code in flags["oked"]]
    for name in ("injured", "deaths"):
        years = [year for year, _ in flags[name]]
        if len(set(years)) < len(years):
            raise click.UsageError(text("--{name} names a year twice", name=name))
        if years:
            case[name] = dict(flags[name])
    if flags["choice"]:
        case["choices"] = dict(flags["choice"])
    return case
