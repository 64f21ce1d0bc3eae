"""Pages of the law: one a parameter, and the index by theme, from `tariffs`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from markdown import code, leaf, page, plain, raw, table
from ruamel.yaml import YAML
from wording import Wording

import tariffs
from actuarial.language import spoken
from actuarial.report.chart import line_chart
from tariffs import Citation, Entry, Parameter

FOLDER = "reference/law"
EVIDENCE = {
    "V": "the words of the act were read in a dated edition",
    "S": "a secondary source",
    "C": "seen in working software of Kazakh insurers, or used on the market",
    "D": "derived or read out of a text of mark V",
}
_THEMES = Path(__file__).with_name("theme.yaml")
_LEAST_CHARTED = 5
_SHORT = frozenset({"number", "integer", "percent", "flag", "choice", "text"})


def themes() -> list[dict[str, Any]]:
    """Themes in order, each with its title and parameters; every parameter has one theme.

    Raises
    ------
    ValueError
        A parameter without a theme, or a name that is no parameter.
    """
    found: list[dict[str, Any]] = YAML(typ="safe").load(_THEMES.read_text(encoding="utf-8"))
    listed = [name for theme in found for name in theme["parameters"]]
    if sorted(listed) != list(tariffs.parameter_names()):
        odd = sorted(set(listed) ^ set(tariffs.parameter_names()))
        raise ValueError(f"{_THEMES.name}: each parameter needs one theme; look at {', '.join(odd)}")
    return found


def write_law(folder: Path, words: Wording) -> None:
    """Write the index and the page of every parameter."""
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    (target / "index.md").write_text(_index(words), encoding="utf-8")
    for name in tariffs.parameter_names():
        (target / f"{name}.md").write_text(parameter_page(tariffs.parameter(name), words), encoding="utf-8")


def _index(words: Wording) -> str:
    say = words.say
    parts = [
        f"# {say('The law on record')}",
        plain(
            say(
                "{n} parameters of the law, each with its periods, acts and evidence, written from the "
                "files the engine computes with.",
                n=len(tariffs.parameter_names()),
            )
        )
        + f" [{say('How the record is kept and extended')}](../../law.md).",
        _evidence(tuple(EVIDENCE), words),
    ]
    headings = [say(h) for h in ("parameter", "last value on record", "unit", "since", "evidence")]
    for theme in themes():
        rows = []
        for name in theme["parameters"]:
            parameter = tariffs.parameter(name)
            entry = parameter.entries[-1]
            rows.append(
                [
                    f"[{plain(parameter.title[words.language])}]({name}.md)",
                    inline(entry.value, parameter.domain, words),
                    plain(say(parameter.unit)),
                    words.day(entry.start),
                    entry.evidence,
                ]
            )
        parts += [f"## {theme[words.language]}", table(headings, rows)]
    return page(*parts)


def parameter_page(parameter: Parameter, words: Wording) -> str:
    """The page of one parameter."""
    say = words.say
    others = [
        f"{parameter.title[code_]} ({code_})" for code_ in ("en", "ru", "kk") if code_ != words.language
    ]
    facts = [
        [say("name"), code(parameter.name)],
        [say("in the other languages"), plain(" · ".join(others))],
        [say("unit"), plain(say(parameter.unit))],
        [say("on record"), plain(_on_record(parameter, words))],
        [say("file"), code(parameter.file)],
    ]
    used = tuple(mark for mark in EVIDENCE if any(entry.evidence == mark for entry in parameter.entries))
    return leaf(
        plain(parameter.title[words.language]),
        say("The law on record"),
        table(["", ""], facts),
        _chart(parameter, words),
        f"## {say('Entries')}",
        *_entries(parameter, words),
        f"## {say('What is not on record')}",
        *_missing(parameter, words),
        f"## {say('Evidence')}",
        _evidence(used, words),
        f"## {say('Asking for it')}",
        f"```\nactuarial law show --on {_asked(parameter)} --parameter {parameter.name}\n```",
    )


def _asked(parameter: Parameter) -> str:
    """A day that has a value."""
    return parameter.entries[-1].start.isoformat()


def _evidence(marks: Sequence[str], words: Wording) -> str:
    rows = [[f"**{mark}**", words.say(EVIDENCE[mark])] for mark in marks]
    return table([words.say("mark"), words.say("meaning")], rows)


def _on_record(parameter: Parameter, words: Wording) -> str:
    first, last = parameter.entries[0], parameter.entries[-1]
    if last.last_day is None:
        return words.say("from {first} until further notice", first=words.day(first.start))
    return words.say("from {first} to {last}", first=words.day(first.start), last=words.day(last.last_day))


def _period(entry: Entry, words: Wording) -> str:
    if entry.last_day is not None:
        return f"{words.day(entry.start)} – {words.day(entry.last_day)}"
    since = f"{words.day(entry.start)} – …"
    return since + words.say(" (seen in the text of {day})", day=words.day(entry.checked_on or entry.start))


def citation(source: Citation, words: Wording) -> str:
    """Act, number, date and article in the language of the page."""
    parts = [words.say(source.act)]
    if source.number:
        parts.append(f"№ {source.number}" if words.language == "ru" else f"No {source.number}")
    if source.adopted:
        parts.append(words.say("of {day}", day=words.day(source.adopted)))
    article = words.say("art. {article}", article=source.article)
    return f"{' '.join(parts)}, {article if source.article[0].isdigit() else words.say(source.article)}"


def _sources(entry: Entry, words: Wording) -> str:
    return "; ".join(plain(citation(source, words)) for source in (entry.source, *entry.further_sources))


def _entries(parameter: Parameter, words: Wording) -> list[str]:
    """One table of all entries if a value fits a cell, else a section an entry."""
    say = words.say
    if parameter.domain["type"] in _SHORT | {"list"}:
        headings = [say(h) for h in ("period", "value", "source", "evidence", "what to know")]
        rows = [
            [
                plain(_period(entry, words)),
                f"**{inline(entry.value, parameter.domain, words)}**",
                _sources(entry, words),
                _mark(entry, words),
                plain(say(entry.note)) if entry.note else "",
            ]
            for entry in reversed(parameter.entries)
        ]
        return [say("Newest first."), table(headings, rows)]
    parts = [say("Newest first.")]
    following: Entry | None = None
    for entry in reversed(parameter.entries):
        parts.append(f"### {plain(_period(entry, words))}")
        parts.append(f"{_sources(entry, words)} · {say('evidence')} **{_mark(entry, words)}**")
        if entry.note:
            parts.append(plain(say(entry.note)))
        if following is not None and following.value == entry.value:
            parts.append(say("The values are those of the period above."))
        else:
            parts.append(_value_table(entry.value, parameter.domain, words))
        following = entry
    return parts


def _mark(entry: Entry, words: Wording) -> str:
    if entry.status == "enacted":
        return entry.evidence
    return f"{entry.evidence} ({words.say(entry.status)})"


def _missing(parameter: Parameter, words: Wording) -> list[str]:
    say, day = words.say, words.day
    one = timedelta(days=1)
    lines = [say("Before {day}: nothing was read.", day=day(parameter.entries[0].start))]
    lines += [
        say(
            "From {first} to {last}, a declared gap: {reason}",
            first=day(gap.start),
            last=day(gap.end - one),
            reason=say(gap.reason),
        )
        for gap in parameter.gaps
    ]
    last = parameter.entries[-1]
    if last.last_day is not None:
        lines.append(say("After {day}: nothing is on record yet.", day=day(last.last_day)))
    else:
        seen = day(last.checked_on or last.start)
        lines.append(say("Changes in texts newer than {day} were not looked for.", day=seen))
    lines.append(
        say("A question about such a day is refused (E1102), never answered with the nearest value.")
    )
    text = "\n".join(f"- {plain(line)}" for line in lines)
    return [text.replace("E1102", "[E1102](../code/11.md#e1102)")]


# ---------------------------------------------------------------- values


def inline(value: Any, domain: Mapping[str, Any], words: Wording) -> str:
    """A value inside a line, as Markdown."""
    kind = domain["type"]
    if value is None:
        return words.say("none")
    if kind == "percent":
        return words.percent(value)
    if kind in ("number", "integer"):
        return words.number(value)
    if kind == "flag":
        return words.say("yes") if value else words.say("no")
    if kind == "choice":
        return code(value)
    if kind == "list":
        items = [inline(item, domain["items"], words) for item in value]
        return "–".join(items) if domain.get("length") == "2" else ", ".join(items)
    if kind in ("mapping", "record"):
        parts = _parts(domain)
        return ", ".join(f"{code(key)} {inline(item, parts[key], words)}" for key, item in value.items())
    if kind == "table":
        return words.say("table, {n} rows", n=len(value))
    return plain(value)


def _parts(domain: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    if domain["type"] == "record":
        fields: Mapping[str, Mapping[str, Any]] = domain["fields"]
        return fields
    return dict.fromkeys(domain["keys"], domain["values"])


def _value_table(value: Any, domain: Mapping[str, Any], words: Wording) -> str:
    if domain["type"] != "table":
        parts = _parts(domain)
        rows = [[code(key), inline(item, parts[key], words)] for key, item in value.items()]
        return table([words.say("part"), words.say("value")], rows)
    columns = {
        name.removesuffix("_percent") if cell["type"] == "percent" else name: cell
        for name, cell in domain["columns"].items()
    }
    headings = [code(name) for name in columns]
    rows = [
        [_cell(row[name], kind, words) for name, kind in columns.items()]
        for row in _rows(value, domain, columns)
    ]
    return table(headings, rows)


def _cell(value: Any, domain: Mapping[str, Any], words: Wording) -> str:
    # an empty bound is none; a year or a class is no number to be grouped
    if value is None or domain["type"] == "integer":
        return "" if value is None else str(value)
    return inline(value, domain, words)


def _rows(value: Any, domain: Mapping[str, Any], columns: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    key = domain.get("key")
    if key is None:
        return list(value)
    others = [name for name in columns if name != key]
    return [
        {key: key_value, **(rest if isinstance(rest, dict) else {others[0]: rest})}
        for key_value, rest in value.items()
    ]


def _chart(parameter: Parameter, words: Wording) -> str:
    """Steps of a number over the years, where there are enough of them."""
    if parameter.domain["type"] not in ("number", "percent") or len(parameter.entries) < _LEAST_CHARTED:
        return ""
    factor = 100 if parameter.domain["type"] == "percent" else 1
    days: list[float] = []
    values: list[float] = []
    for start, value in parameter.series():
        days.append(start.year + (start.timetuple().tm_yday - 1) / 365.25)
        values.append(float("nan") if value is None else float(Decimal(value) * factor))
    values[-1] = values[-2] if values[-1] != values[-1] else values[-1]
    title = parameter.title[words.language]
    unit = "%" if factor == 100 else words.say(parameter.unit)
    with spoken(words.language):
        svg = line_chart(
            days, {title: values}, title=title, x_label=words.say("year"), y_label=unit, steps=True
        )
    # a change inside a year makes the axis think in half years
    svg = re.sub(r">\d{4}[.,]5<", "><", svg)
    return raw(f'<figure class="chart">{svg}</figure>')
