"""Pieces of Markdown that pages are generated from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_BLANKS = re.compile(r"[ \t\r\n]+")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~$#])")


def plain(text: object) -> str:
    """Text that Markdown takes as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", _BLANKS.sub(" ", str(text)))


def code(text: object) -> str:
    """Text in the type of code, also inside a table."""
    return f"`{text}`".replace("|", "\\|") if str(text) else ""


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown already."""
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)


def toctree(entries: Iterable[str], caption: str = "", *, hidden: bool = True) -> str:
    """A list of pages for the navigation."""
    options = [f":caption: {caption}"] if caption else []
    options += [":hidden:"] if hidden else []
    return "\n".join(["```{toctree}", *options, "", *entries, "```"])


def raw(html: str) -> str:
    """HTML as it is."""
    return f"```{{raw}} html\n{html}\n```"


def page(*parts: str) -> str:
    """The parts of a page, an empty line between them."""
    return "\n\n".join(part for part in parts if part) + "\n"


def leaf(title: str, index: str, *parts: str) -> str:
    """A page that its index lists and the navigation leaves out, which hundreds of them would make slow."""
    return "---\norphan: true\n---\n\n" + page(f"# {title}", f"[← {index}](index.md)", *parts)
