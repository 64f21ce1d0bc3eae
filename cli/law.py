"""``actuarial law``: what the law on record says on a day, and where it was read."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from actuarial.language import counted, digits, language, said, text
from cli import option
from cli.command import Group
from cli.named import ACTIVITY, PARAMETER
from cli.option import DateOption

if TYPE_CHECKING:
    from tariffs import Entry, NotOnRecord, Parameter

SCHEMA_VERSION = 1
COLUMNS = (
    text("parameter"), text("value"), text("unit"), text("period"), text("act"), text("article"),
    text("evidence"),
)  # fmt: skip
STATUSES: Mapping[str, str] = {
    name.template: name for name in (text("enacted"), text("draft"), text("projected"))
}
WIDEST_LISTED_VALUE = 60


@click.group(name="law", cls=Group)
def command() -> None:
    """Show the law as this program knows it: dated values, acts, evidence."""


@command.command()
@click.option(
    "--on", "day", type=DateOption(), metavar="DATE", required=True, help="Day: YYYY-MM-DD or DD.MM.YYYY."
)
@click.option(
    "--parameter",
    "names",
    type=PARAMETER,
    multiple=True,
    help="Only this parameter, in full. May be given several times.",
)
@option.json_answer()
def show(day: date, names: Sequence[str], as_json: bool) -> None:
    """Print the parameters in force on a day.

    Without --parameter all of them, those without a value on that day with the reason. Evidence: V words
    of the act read, S secondary source, C seen in working software of insurers, D derived.
    """
    import tariffs

    found: list[tuple[Parameter, Entry]] = []
    missing: list[tuple[str, NotOnRecord]] = []
    for name in names or tariffs.parameter_names():
        parameter = tariffs.parameter(name)
        try:
            found.append((parameter, parameter.on(day)))
        except tariffs.NotOnRecord as error:
            if names:
                raise
            missing.append((name, error))
    if as_json:
        click.echo(_json(day, found, missing))
    elif names:
        click.echo("\n\n".join(_in_full(parameter, entry) for parameter, entry in found))
    else:
        _print_table(day, found, missing)


@command.command()
@click.argument("codes", nargs=-1, type=ACTIVITY, metavar="[CODE]...")
@click.option("--find", "words", metavar="WORDS", help="Activities whose Russian name has all these words.")
@click.option(
    "--on", "day", type=DateOption(), metavar="DATE", help="Day of the contract; default the newest edition."
)
@click.option(
    "--workers", "n_workers", type=click.IntRange(min=1), metavar="N", help="All workers: 2022 needs it."
)
@option.json_answer()
def oked(
    codes: Sequence[str], words: str | None, day: date | None, n_workers: int | None, as_json: bool
) -> None:
    """Print the class of professional risk of activities, by code or by words of the name.

    Without --on the newest edition on record answers; a contract takes the edition of its own day.
    """
    import tariffs
    from tariffs import classification

    if bool(codes) == (words is not None):
        raise click.UsageError("give codes, or --find with words of the name")
    if day is None:
        day = tariffs.parameter(classification.MASKS).entries[-1].start
    if words is None:
        found = [classification.activity_class(code, day, n_workers) for code in codes]
    else:
        found = classification.find_activities(words, day, n_workers)
        if not found:
            near = ", ".join(classification.nearest_names(words))
            hint = text("words near it: {near}", near=near) if near else text("try the beginning of one word")
            raise classification.ClassificationError(
                "no activity has {words!r} in its name; {hint}", "E1107", words=words, hint=hint
            )
    rates = tariffs.parameter("tariff_rate").on(day)
    if as_json:
        answer = {
            "schema_version": SCHEMA_VERSION,
            "date": day.isoformat(),
            "activities": [
                {
                    "oked_code": activity.oked_code,
                    "risk_class": activity.risk_class,
                    "tariff_rate": f"{rates.value[activity.risk_class]:f}",
                    "mask": activity.mask,
                    "name": activity.name,
                }
                for activity in found
            ],
            "law": [{**found[0].entry.as_json(), "value": None}, {**rates.as_json(), "value": None}],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for activity in found:
        rate = _shown(rates.value[activity.risk_class], {"type": "percent"})
        risk_class = said(text("class {risk_class:>2}", risk_class=activity.risk_class))
        click.echo(f"{activity.oked_code}  {risk_class}  {rate:>6}  {activity.name}")
    entry = found[0].entry
    edition = text(
        "{source}, in force on {day} [{evidence}]",
        source=entry.source.message,
        day=day,
        evidence=entry.evidence,
    )
    click.echo(said(edition), err=True)


def _json(
    day: date,
    found: Sequence[tuple[Parameter, Entry]],
    missing: Sequence[tuple[str, NotOnRecord]],
) -> str:
    answer = {
        "schema_version": SCHEMA_VERSION,
        "date": day.isoformat(),
        "parameters": [
            {"title": parameter.title, "unit": parameter.unit, **entry.as_json()}
            for parameter, entry in found
        ],
        "not_on_record": [{"parameter": name, "reason": str(reason)} for name, reason in missing],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _shown(value: Any, domain: Mapping[str, Any]) -> str:
    """Return a value as on paper: fractions of the law in percent, bounds as a-b, cells by name."""
    kind = domain["type"]
    if value is None:
        return said("none")
    if kind == "percent":
        return said(digits((value * 100).normalize(), "f")) + " %"
    if kind == "flag":
        return said("yes") if value else said("no")
    if kind == "list":
        items = [_shown(item, domain["items"]) for item in value]
        return "-".join(items) if domain.get("length") == "2" else "; ".join(items)
    if kind in ("mapping", "record"):
        domains = domain["fields"] if kind == "record" else dict.fromkeys(domain["keys"], domain["values"])
        return ", ".join(f"{key} {_shown(item, domains[key])}" for key, item in value.items())
    if kind == "table":
        return said(counted("{n} row", "{n} rows", n=len(value)))
    return said(digits(value, "f")) if isinstance(value, Decimal) else str(value)


def _table_lines(value: Any, domain: Mapping[str, Any]) -> list[str]:
    """Return the rows of a table, one line each, cells separated by tabs, under their header."""
    columns = {
        name.removesuffix("_percent") if cell["type"] == "percent" else name: cell
        for name, cell in domain["columns"].items()
    }
    key = domain.get("key")
    if key is None:
        rows = list(value)
    else:
        others = [name for name in columns if name != key]
        rows = [
            {key: key_value, **(rest if isinstance(rest, dict) else {others[0]: rest})}
            for key_value, rest in value.items()
        ]
    lines = ["\t".join(columns)]
    lines += ["\t".join(_shown(row[name], cell) for name, cell in columns.items()) for row in rows]
    return lines


def _period(entry: Entry) -> str:
    if entry.end is None:
        return said(text("{start} - open (checked {day})", start=entry.start, day=entry.checked_on))
    return said(text("{start} - {end}", start=entry.start, end=entry.last_day))


def _act(entry: Entry) -> str:
    act = text(entry.act)
    return said(text("{act} No {number}", act=act, number=entry.number) if entry.number else act)


def _in_full(parameter: Parameter, entry: Entry) -> str:
    """Return one parameter, everything known about it."""
    facts = [
        (said("value"), _shown(entry.value, parameter.domain)),
        (said("unit"), said(parameter.unit)),
        (said("period"), _period(entry)),
        (said("status"), said(STATUSES[entry.status])),
        (said("evidence"), entry.evidence),
        *((said("source"), said(one.message)) for one in (entry.source, *entry.further_sources)),
    ]
    if entry.note:
        facts.append((said("note"), said(entry.note)))
    facts.append((said("file"), parameter.file))
    width = max(len(label) for label, _ in facts)
    lines = [f"{parameter.name}: {parameter.title[language()]}"]
    lines += [f"  {label:<{width}}  {fact}" for label, fact in facts]
    if parameter.domain["type"] == "table":
        lines += ["", *_table_lines(entry.value, parameter.domain)]
    return "\n".join(lines)


def _row(parameter: Parameter, entry: Entry) -> tuple[str, ...]:
    value = _shown(entry.value, parameter.domain)
    if len(value) > WIDEST_LISTED_VALUE:
        value = f"{value[: WIDEST_LISTED_VALUE - 3]}..."
    return (
        parameter.name,
        value,
        said(parameter.unit),
        _period(entry),
        _act(entry),
        said(entry.article),
        entry.evidence,
    )


def _print_table(
    day: date, found: Sequence[tuple[Parameter, Entry]], missing: Sequence[tuple[str, NotOnRecord]]
) -> None:
    """Print all parameters: a table on a terminal, aligned columns elsewhere."""
    titles = tuple(map(said, COLUMNS))
    rows = [_row(parameter, entry) for parameter, entry in found]
    if sys.stdout.isatty():
        from rich.table import Table

        from cli.screen import screen

        table = Table(*titles, title=said(text("The law on {day}", day=day)))
        for row in rows:
            table.add_row(*row)
        screen().print(table)
    else:
        widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
        for row in (titles, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            click.echo("  ".join(cells).rstrip())
    if missing:
        click.echo()
        click.echo(said(text("No value on {day}:", day=day)))
        for name, reason in missing:
            click.echo(f"  {name}: {said(reason)}")
