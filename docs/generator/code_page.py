"""Pages of the codes: what each code of a finding or an error means and what to do, by group."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from markdown import code, leaf, page, plain, table
from wording import Wording

from actuarial.error_code import GROUPS, ErrorCode, Group, error_codes

FOLDER = "reference/code"
LEAD = (
    "An E is an error: nothing is computed. A W is a warning. A code means the same in every language. "
    "The program says the same."
)


def code_pages() -> dict[str, str]:
    """Page of each code, without ending."""
    return {one.code: f"{FOLDER}/{one.group.digits}" for one in error_codes().values()}


def write_codes(folder: Path, words: Wording) -> None:
    """Write the index and one page a group of codes."""
    say = words.say
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    rows = []
    for digits, found in groupby(error_codes().values(), key=lambda one: one.group.digits):
        codes = list(found)
        (target / f"{digits}.md").write_text(_group(GROUPS[digits], codes, folder, words), encoding="utf-8")
        rows.append([f"[{_title(GROUPS[digits], words)}]({digits}.md)", _span(codes), str(len(codes))])
    index = page(
        f"# {say('Codes of findings and errors')}",
        plain(say(LEAD)),
        "```\nactuarial explain-code E1102\n```",
        table([say("group"), say("codes"), say("how many")], rows),
    )
    (target / "index.md").write_text(index, encoding="utf-8")


def _title(group: Group, words: Wording) -> str:
    title = words.program(group.title)
    return plain(f"{group.digits}xx: {title}")


def _span(codes: Sequence[ErrorCode]) -> str:
    if len(codes) == 1:
        return codes[0].code
    return f"{codes[0].code} … {codes[-1].code}"


def _group(group: Group, codes: Sequence[ErrorCode], folder: Path, words: Wording) -> str:
    say = words.say
    parts = []
    if (folder / f"{group.page}.md").exists():
        parts.append(f"[{say('The page about it')}](../../{group.page}.md)")
    for one in codes:
        severity = say("warning") if one.is_warning else say("error")
        parts += [
            f"## {one.code}",
            f"**{severity}**, {say('exit code')} {one.exit_code}. {_text(words.program(one.meaning))}",
            f"**{say('What to do')}:** {_text(words.program(one.fix))}",
        ]
        if one.example:
            parts.append(f"**{say('For example')}:** {code(one.example)}")
    return leaf(_title(group, words), say("Codes of findings and errors"), *parts)


def _text(message: str) -> str:
    """A message with an ellipsis for each value, and what is in backquotes as code."""
    pieces = re.sub(r"\{[^{}]*\}", "…", message).split("`")
    return "".join(code(piece) if n % 2 else plain(piece) for n, piece in enumerate(pieces))
