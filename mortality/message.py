"""Messages that remember how they were made, so that a shell can say them in another language.

``mortality`` imports nothing of ours: this is all it needs to know of languages (``actuarial.language``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Message(str):
    """An English message with its template and values."""

    template: str
    values: Mapping[str, Any]

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.template, dict(self.values))


def message(template: str, /, **values: Any) -> Message:
    """Make a message of an English template with ``{name}`` for each value.

    Examples
    --------
    >>> message("no table {name}", name="kz")
    'no table kz'
    """
    return _made(template, values)


def joined(items: Iterable[object], separator: str = ", ") -> Message:
    """Messages and strings in a row as one message.

    Examples
    --------
    >>> joined([message("no table"), "kz"], "; ")
    'no table; kz'
    """
    parts = {f"part{position}": item for position, item in enumerate(items)}
    return _made(separator.join(f"{{{name}}}" for name in parts), parts)


def _made(template: str, values: Mapping[str, Any]) -> Message:
    made = Message(template.format_map(values) if values else template)
    made.template, made.values = template, values
    return made
