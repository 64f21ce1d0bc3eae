"""``actuarial law``: what the law on record says on a day, and where it was read."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from cli.option import DateOption

if TYPE_CHECKING:
    from tariffs import Entry, Parameter

SCHEMA_VERSION = 1
COLUMNS = ("parameter", "value", "unit", "period", "act", "article", "evidence")
WIDEST_LISTED_VALUE = 60


@click.group(name="law")
def command() -> None:
    """Show the law as this program knows it: dated values, acts, evidence."""


@command.command()
@click.option(
    "--on", "day", type=DateOption(), metavar="DATE", required=True, help="Day: YYYY-MM-DD or DD.MM.YYYY."
)
@click.option(
    "--parameter", "names", multiple=True, help="Only this parameter, in full. May be given several times."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def show(day: date, names: Sequence[str], as_json: bool) -> None:
    """Print the parameters in force on a day.

    Without --parameter all of them, those without a value on that day with the reason. Evidence: V words
    of the act read, S secondary source, C seen in working software of insurers, D derived.
    """
    import tariffs

    found: list[tuple[Parameter, Entry]] = []
    missing: list[tuple[str, str]] = []
    for name in names or tariffs.parameter_names():
        parameter = tariffs.parameter(name)
        try:
            found.append((parameter, parameter.on(day)))
        except tariffs.NotOnRecord as error:
            if names:
                raise
            missing.append((name, str(error)))
    if as_json:
        click.echo(_json(day, found, missing))
    elif names:
        click.echo("\n\n".join(_in_full(parameter, entry) for parameter, entry in found))
    else:
        _print_table(day, found, missing)


@command.command()
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--find", "words", metavar="WORDS", help="Activities whose Russian name has all these words.")
@click.option(
    "--on", "day", type=DateOption(), metavar="DATE", help="Day of the contract; default the newest edition."
)
@click.option(
    "--workers", "n_workers", type=click.IntRange(min=1), metavar="N", help="All workers: 2022 needs it."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
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
            hint = f"words near it: {near}" if near else "try the beginning of one word"
            raise classification.ClassificationError(
                f"no activity has {words!r} in its name; {hint}", "E1107"
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
        click.echo(f"{activity.oked_code}  class {activity.risk_class:>2}  {rate:>6}  {activity.name}")
    entry = found[0].entry
    click.echo(f"{entry.source}, in force on {day} [{entry.evidence}]", err=True)


def _json(day: date, found: Sequence[tuple[Parameter, Entry]], missing: Sequence[tuple[str, str]]) -> str:
    answer = {
        "schema_version": SCHEMA_VERSION,
        "date": day.isoformat(),
        "parameters": [
            {"title": parameter.title, "unit": parameter.unit, **entry.as_json()}
            for parameter, entry in found
        ],
        "not_on_record": [{"parameter": name, "reason": reason} for name, reason in missing],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _shown(value: Any, domain: Mapping[str, Any]) -> str:
    """Return a value as on paper: fractions of the law in percent, bounds as a-b, cells by name."""
    kind = domain["type"]
    if value is None:
        return "none"
    if kind == "percent":
        return f"{(value * 100).normalize():f} %"
    if kind == "flag":
        return "yes" if value else "no"
    if kind == "list":
        items = [_shown(item, domain["items"]) for item in value]
        return "-".join(items) if domain.get("length") == "2" else "; ".join(items)
    if kind in ("mapping", "record"):
        domains = domain["fields"] if kind == "record" else dict.fromkeys(domain["keys"], domain["values"])
        return ", ".join(f"{key} {_shown(item, domains[key])}" for key, item in value.items())
    if kind == "table":
        return f"{len(value)} rows"
    return str(value)


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
        return f"{entry.start} - open (checked {entry.checked_on})"
    return f"{entry.start} - {entry.last_day}"


def _act(entry: Entry) -> str:
    return f"{entry.act} No {entry.number}" if entry.number else entry.act


def _in_full(parameter: Parameter, entry: Entry) -> str:
    """Return one parameter, everything known about it."""
    lines = [
        f"{parameter.name}: {parameter.title['en']}",
        f"  value     {_shown(entry.value, parameter.domain)}",
        f"  unit      {parameter.unit}",
        f"  period    {_period(entry)}",
        f"  status    {entry.status}",
        f"  evidence  {entry.evidence}",
        *(f"  source    {source}" for source in (entry.source, *entry.further_sources)),
    ]
    if entry.note:
        lines.append(f"  note      {entry.note}")
    lines.append(f"  file      {parameter.file}")
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
        parameter.unit,
        _period(entry),
        _act(entry),
        entry.article,
        entry.evidence,
    )


def _print_table(
    day: date, found: Sequence[tuple[Parameter, Entry]], missing: Sequence[tuple[str, str]]
) -> None:
    """Print all parameters: a table on a terminal, aligned columns elsewhere."""
    rows = [_row(parameter, entry) for parameter, entry in found]
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*COLUMNS, title=f"The law on {day}")
        for row in rows:
            table.add_row(*row)
        Console().print(table, markup=False)
    else:
        widths = [max(map(len, column)) for column in zip(COLUMNS, *rows, strict=True)]
        for row in (COLUMNS, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            click.echo("  ".join(cells).rstrip())
    if missing:
        click.echo(f"\nNo value on {day}:")
        for name, reason in missing:
            click.echo(f"  {name}: {reason}")
