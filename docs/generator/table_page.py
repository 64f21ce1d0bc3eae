"""Pages of the mortality tables: what each is, where it comes from, and its rates."""

from __future__ import annotations

import hashlib
from pathlib import Path

from markdown import code, leaf, page, plain, raw, table
from wording import Wording

import mortality
from actuarial.language import spoken
from actuarial.report.chart import line_chart

FOLDER = "reference/mortality"
_TABLES = Path(mortality.__file__).parent / "tables"
_SEX = {"male": "men", "female": "women", "unisex": "both sexes"}


def write_tables(folder: Path, words: Wording) -> None:
    """Write the index and the page of every shipped table."""
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    tables = [mortality.load_table(name) for name in mortality.table_ids()]
    (target / "index.md").write_text(_index(tables, words), encoding="utf-8")
    for one in tables:
        (target / f"{one.id}.md").write_text(_table_page(one, words), encoding="utf-8")


def _index(tables: list[mortality.Table], words: Wording) -> str:
    say = words.say
    headings = [*(say(h) for h in ("table", "ages", "period")), "e₀", "e₆₀"]
    rows = [
        [
            f"[{plain(say(one.title))}]({one.id}.md)",
            f"{one.first_age}–{one.last_age}",
            plain(say(one.period)),
            *(_expectation(one, age, words) for age in (0, 60)),
        ]
        for one in tables
    ]
    return page(
        f"# {say('Mortality tables on record')}",
        f"[{say('How tables are read, and how to bring yours')}](../../mortality.md).",
        table(headings, rows),
        raw(f'<figure class="chart">{_rates(tables, words)}</figure>'),
    )


def _expectation(one: mortality.Table, age: int, words: Wording) -> str:
    if not one.first_age <= age <= one.last_age:
        return "–"
    return f"{one.life_expectancy(age):.2f}".replace(".", "," if words.language == "ru" else ".")


def _rates(tables: list[mortality.Table], words: Wording) -> str:
    """Logarithm of the force-like rate: log10 of qx by age."""
    import numpy as np

    first = min(one.first_age for one in tables)
    last = max(one.last_age for one in tables)
    series = {}
    for one in tables:
        values = np.full(last - first + 1, np.nan)
        values[one.first_age - first : one.last_age - first + 1] = np.log10(np.maximum(one.qx, 1e-6))
        series[one.id] = values.tolist()
    title = words.say("Probability of death by age")
    with spoken(words.language):
        return line_chart(
            list(range(first, last + 1)), series, title=title, x_label=words.say("age"), y_label="log₁₀ qₓ"
        )


def _table_page(one: mortality.Table, words: Wording) -> str:
    say = words.say
    path = _TABLES / f"{one.id}.csv"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    facts = [
        [say("name"), code(one.id)],
        [say("sex"), say(_SEX[one.sex])],
        [say("ages"), f"{one.first_age}–{one.last_age}"],
        [say("period"), plain(say(one.period))],
        [say("middle of the period"), words.day(one.period_middle) if one.period_middle else "–"],
        [say("source"), plain(say(one.source))],
        [say("licence"), plain(say(one.licence))],
        [say("attribution"), plain(say(one.attribution))],
        [say("what to know"), plain(say(one.note))],
        [say("file"), code(f"mortality/tables/{path.name}")],
        ["SHA-256", code(digest)],
    ]
    survivors, rows, alive = [], [], 100_000.0
    for age, q in enumerate(one.qx.tolist(), one.first_age):
        survivors.append(alive / 100_000)
        expectation = _expectation(one, age, words)
        rows.append([str(age), _digits(q, 8, words), _digits(alive, 1, words), expectation])
        alive *= 1 - q
    label = say("alive of those aged {age}, share", age=one.first_age)
    ages = list(range(one.first_age, one.last_age + 1))
    with spoken(words.language):
        lives = line_chart(ages, {label: survivors}, title=say("Survival"), x_label=say("age"), y_label=label)
    return leaf(
        plain(say(one.title)),
        say("Mortality tables on record"),
        table(["", ""], facts),
        raw(f'<figure class="chart">{lives}</figure>'),
        raw(f'<figure class="chart">{_rates([one], words)}</figure>'),
        f"## {say('Rates')}",
        say("qₓ as the table gives it; lₓ from 100 000 at the first age and eₓ, complete, are computed."),
        table([say("age"), "qₓ", "lₓ", "eₓ"], rows),
    )


def _digits(value: float, places: int, words: Wording) -> str:
    return f"{value:,.{places}f}".replace(",", "\u00a0").replace(".", "," if words.language == "ru" else ".")
