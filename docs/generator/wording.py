"""The words of generated pages: English in the code and the data, Russian in `russian.yaml`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from actuarial.language import DAY_FORMAT, DECIMAL_SIGN, said, spoken

LANGUAGES = ("en", "ru")
NAMES = {"en": "English", "ru": "Русский"}
_FILE = Path(__file__).with_name("russian.yaml")


@cache
def _russian() -> dict[str, str]:
    pairs = YAML(typ="safe").load(_FILE.read_text(encoding="utf-8"))
    return {pair["en"]: pair["ru"] for pair in pairs}


class Wording:
    """Words and figures of one language.

    Attributes
    ----------
    language : str
    missing : set of str
        English wording asked for that has no translation.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.missing: set[str] = set()

    def say(self, english: str, **values: Any) -> str:
        """Wording of the pages or of the data; without a translation it is missing."""
        template = english
        if self.language != "en" and any(map(str.isalpha, english)):
            found = _russian().get(english) or self.program(english)
            if found == english and english not in _russian():
                self.missing.add(english)
            template = found
        return template.format(**values) if values else template

    def program(self, message: object) -> str:
        """Wording of the program, as it says it in this language."""
        with spoken(self.language):
            return said(message)

    def day(self, day: date) -> str:
        """A date as the language writes it."""
        return day.strftime(DAY_FORMAT[self.language])

    def number(self, value: Decimal | int) -> str:
        """An exact number, thousands apart by a no-break space."""
        written = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
        return written.replace(",", "\u00a0").replace(".", DECIMAL_SIGN[self.language])

    def percent(self, fraction: Decimal) -> str:
        """A fraction in percent, all its digits."""
        return f"{self.number((fraction * 100).normalize())}\u00a0%"
