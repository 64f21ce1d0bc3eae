"""Option types shared by commands."""

from __future__ import annotations

from datetime import date

import click


class DateOption(click.ParamType[date]):
    """A date in ISO form or as dd.mm.yyyy."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse the date or fail with both accepted forms."""
        if isinstance(value, date):
            return value
        text = str(value)
        parts = text.split(".")
        if len(parts) == 3 and len(parts[0]) == 2 and len(parts[1]) == 2 and len(parts[2]) == 4:
            text = "-".join(reversed(parts))
        try:
            if len(text) == 10 and text[4] == text[7] == "-":
                return date.fromisoformat(text)
        except ValueError:
            pass
        return self.fail(f"{value!r} is not a date; write 2026-01-31 or 31.01.2026", param, ctx)


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
            self.fail(f"{value!r} is not a name with a value; write {self._example}", param, ctx)
        return name, chosen
