"""Page of the shipped scenarios, from `actuarial/scenarios`."""

from __future__ import annotations

from pathlib import Path

from markdown import code, page, plain, table
from wording import Wording

from actuarial.stress.scenario import Change, load_scenarios

PAGE = "reference/scenario.md"
_SIGN = {"multiply": "×", "add": "+", "set": "="}


def write_scenarios(folder: Path, words: Wording) -> None:
    """Write the page."""
    say = words.say
    parts = [
        f"# {say('Shipped scenarios')}",
        f"{plain(say('Every shipped scenario with its changes and the source of its size.'))} "
        f"[{say('How scenarios act')}](../stress.md).",
    ]
    headings = [say("parameter"), say("change")]
    for file in load_scenarios("all"):
        parts.append(f"## {code(file.name)}")
        for scenario in file.scenarios:
            parts.append(f"### {code(scenario.name)}")
            parts.append(f"**{plain(words.program(scenario.title))}**")
            facts = [f"- {say('source')}: {plain(say(scenario.source))}"]
            if scenario.risk:
                facts.append(f"- {say('risk')}: {code(scenario.risk)}")
            if scenario.note:
                facts.append(f"- {plain(words.program(scenario.note))}")
            parts.append("\n".join(facts))
            parts.append(table(headings, [[code(c.parameter), _change(c, words)] for c in scenario.changes]))
    (folder / PAGE).parent.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_text(page(*parts), encoding="utf-8")


def _change(change: Change, words: Wording) -> str:
    value = getattr(change, change.operation)
    parts = [f"{_SIGN[change.operation]} {plain(value)}"]
    if change.since is not None:
        parts.append(words.say("from {day}", day=plain(change.since)))
    if change.months is not None:
        parts.append(words.say("for {n} months", n=change.months))
    return ", ".join(parts)
