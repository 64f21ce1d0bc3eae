"""Options and their types that several commands share: the same words and the same type everywhere.

An option of `SharedOption` may also stand outside a command's section in ``actuarial.toml``, and in the
environment without the command's name (``ACTUARIAL_THREADS``): it means the same in every command.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from actuarial.language import Text, text, texts
from cli.named import BASIS
from cli.stream import DataFile

F = TypeVar("F", bound=Callable[..., Any])

MOST_THREADS = 64
LONGEST_COMPANY = 200
SHARED: Final = ("basis", "valuation-date", "report", "company", "threads", "json")
"""Names of the options of `SharedOption`."""


class SharedOption(click.Option):
    """An option that means the same in every command that has it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(kwargs.get("help"), Text):
            # click keeps the bare string; the words are translated when they are shown
            self.help = kwargs["help"]


class DateOption(click.ParamType[date]):
    """A date in ISO form or as dd.mm.yyyy."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse the date or fail with both accepted forms."""
        if isinstance(value, date):
            return value
        word = str(value)
        parts = word.split(".")
        if len(parts) == 3 and len(parts[0]) == 2 and len(parts[1]) == 2 and len(parts[2]) == 4:
            word = "-".join(reversed(parts))
        try:
            if len(word) == 10 and word[4] == word[7] == "-":
                return date.fromisoformat(word)
        except ValueError:
            pass
        return self.fail(
            text("{value} is not a date; write 2026-01-31 or 31.01.2026", value=repr(value)), param, ctx
        )


class NamedChoice(click.ParamType[tuple[str, str]]):
    """A name and its value, such as a choice of an open point: ``minimum_test=after_coefficient``."""

    name = "name=value"

    def __init__(self, example: str = "minimum_test=after_coefficient") -> None:
        self._example = example

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split at the sign or fail."""
        if isinstance(value, tuple):
            return value
        name, sign, chosen = str(value).partition("=")
        if not sign or not name or not chosen:
            self.fail(
                text(
                    "{value} is not a name with a value; write {example}",
                    value=repr(value),
                    example=self._example,
                ),
                param,
                ctx,
            )
        return name, chosen


class FiniteRange(click.FloatRange):
    """A number within a range; ``nan`` is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse the number or fail."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(text("{value} is not a number", value=repr(value)), param, ctx)
        return number


class CompanyOption(click.ParamType[str]):
    """The name of an insurer: one line of print."""

    name = "company"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the name without blanks around it, or fail."""
        name = str(value).strip()
        if len(name) > LONGEST_COMPANY or not name.isprintable():
            self.fail(
                text("a company has a name of one line, at most {n} characters", n=LONGEST_COMPANY),
                param,
                ctx,
            )
        return name


FILE: Final = click.Path(path_type=Path)
DATA: Final = DataFile()
EXISTING_FILE: Final = click.Path(path_type=Path, exists=True)
_HELPS: Final = texts(
    {
        "valuation_date": "Date of the valuation: 2026-01-01 or 01.01.2026.",
        "basis": "Shipped basis or YAML file with the assumptions.",
        "mapping": "YAML file that maps your column names to ours.",
        "choice": "An open point of the premium; see actuarial quote.",
        "force": "Replace the file if it exists.",
        "json": "Print one JSON object instead of the table.",
    }
)


def valuation_date(*, help: str = _HELPS["valuation_date"], required: bool = True) -> Callable[[F], F]:
    """``--valuation-date``."""
    return click.option("--valuation-date", required=required, type=DateOption(), cls=SharedOption, help=help)


def basis(*, help: str = _HELPS["basis"], required: bool = True) -> Callable[[F], F]:
    """``--basis``."""
    return click.option(
        "--basis", required=required, type=BASIS, metavar="NAME|FILE", cls=SharedOption, help=help
    )


def run_folder(name: str) -> Callable[[F], F]:
    """``--output`` of a command that writes a run folder; ``name`` is how it is called by default."""
    return click.option(
        "--output",
        type=FILE,
        cls=SharedOption,
        help=text("Run folder to create; default {name} here.", name=name),
    )


def mapping(*, help: str = _HELPS["mapping"], name: str = "--mapping") -> Callable[[F], F]:
    """``--mapping``."""
    return click.option(name, type=EXISTING_FILE, help=help)


def mapping_by_table(function: F) -> F:
    """``--mapping`` of a command that reads several tables."""
    return mapping(help="YAML file that maps your column names to ours, by table.")(function)


def choice(
    *, help: str = _HELPS["choice"], example: str = "minimum_test=after_coefficient"
) -> Callable[[F], F]:
    """``--choice``, as often as there are open points."""
    return click.option("--choice", type=NamedChoice(example), multiple=True, metavar="NAME=VALUE", help=help)


def seriatim(help: str) -> Callable[[F], F]:
    """``--seriatim/--no-seriatim``; the help says what the rows are."""
    return click.option("--seriatim/--no-seriatim", default=True, help=help)


def row_format(help: str) -> Callable[[F], F]:
    """``--format`` of those rows."""
    return click.option(
        "--format", "file_format", type=click.Choice(["parquet", "csv"]), default="parquet", help=help
    )


def threads(function: F) -> F:
    """``--threads``."""
    return click.option(
        "--threads",
        type=click.IntRange(1, MOST_THREADS),
        cls=SharedOption,
        help="Threads; default one a processor. Results do not depend on it.",
    )(function)


def force(*, help: str = _HELPS["force"]) -> Callable[[F], F]:
    """``--force``."""
    return click.option("--force", is_flag=True, help=help)


def replacement(function: F) -> F:
    """``--force`` of a command that writes a run folder."""
    return force(help="Replace an earlier run in the output folder.")(function)


def json_answer(*, help: str = _HELPS["json"]) -> Callable[[F], F]:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, cls=SharedOption, help=help)


def company(function: F) -> F:
    """``--company``: whose report it is."""
    return click.option(
        "--company",
        type=CompanyOption(),
        default="",
        metavar="NAME",
        cls=SharedOption,
        help="Name of the insurer, at the head of the report.",
    )(function)


def report(function: F) -> F:
    """``--report``: whether one is written."""
    return click.option(
        "--report/--no-report",
        "with_report",
        default=True,
        cls=SharedOption,
        help="Write report.html and report.xlsx (default).",
    )(function)


def run_ending(function: F) -> F:
    """What every command that writes a run folder ends with: report, company, force, json."""
    function = json_answer()(function)
    function = replacement(function)
    return report(company(function))
