"""A case as a mapping of keys to texts (a YAML file, or flags of a command), read strictly.

Every scalar is text, so that amounts stay exact; unknown keys are refused with the nearest known one.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from actuarial.error import ActuarialError
from actuarial.language import text
from actuarial.model_file import yaml_problem
from actuarial.money import may_be_thousands

T = TypeVar("T")
PERCENT = 100


class QuoteFileError(ActuarialError):
    """A case that cannot be read (E43xx)."""


def read_case(path: Path) -> dict[str, Any]:
    """Read a YAML file as a mapping whose scalars are texts.

    Raises
    ------
    QuoteFileError
        E4301: not readable, or not a mapping.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="base", pure=True, plug_ins=[]).load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise QuoteFileError(
            "E4301", "{path}: cannot be read: {error}", path=path, error=error.strerror
        ) from error
    except (YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = text("{path} line {line}", path=path, line=mark.line + 1) if mark is not None else path
        is_yaml_fault = getattr(error, "problem", None) is not None
        problem = yaml_problem(error) if is_yaml_fault else text("not a YAML file in UTF-8")
        raise QuoteFileError("E4301", "{place}: {problem}", place=place, problem=problem) from error
    if not isinstance(content, dict):
        raise QuoteFileError(
            "E4301", "{path}: keys with values are expected, such as 'contract_date: 2024-03-01'", path=path
        )
    return content


class Fields:
    """The keys of one mapping: each is taken once, what is left over is refused.

    Parameters
    ----------
    content : object
        Must be a mapping.
    where : str
        Place for messages, such as ``parts[2].``; empty at the top.
    """

    def __init__(self, content: object, where: str = "") -> None:
        if not isinstance(content, Mapping):
            place = where.rstrip(".") or text("the case")
            raise QuoteFileError("E4301", "{place}: keys with values are expected", place=place)
        self._content = {str(key): value for key, value in content.items()}
        self._where = where
        self._known: list[str] = []

    def __contains__(self, name: str) -> bool:
        return self._content.get(name) not in (None, "")

    def raw(self, name: str) -> Any:
        """Value as it stands, None where it is missing or empty."""
        self._known.append(name)
        value = self._content.get(name)
        return None if value == "" else value

    def get(self, name: str, convert: Callable[[str], T]) -> T | None:
        """Converted value, None where it is missing."""
        value = self.raw(name)
        if value is None:
            return None
        place = f"{self._where}{name}"
        if not isinstance(value, str):
            raise QuoteFileError(
                "E4302",
                "{place}: one value is expected, found {kind}",
                place=place,
                kind=type(value).__name__,
            )
        try:
            return convert(value.strip())
        except ValueError as error:
            raise QuoteFileError(
                "E4302", "{place} is {value!r}: {error}", place=place, value=value, error=error
            ) from None

    def need(self, name: str, convert: Callable[[str], T]) -> T:
        """Converted value; a missing one is refused."""
        value = self.get(name, convert)
        if value is None:
            raise QuoteFileError("E4303", "{place} is missing and required", place=self._where + name)
        return value

    def section(self, name: str) -> Fields | None:
        """A mapping under a key."""
        value = self.raw(name)
        return None if value is None else Fields(value, f"{self._where}{name}.")

    def sections(self, name: str) -> Iterator[Fields]:
        """Mappings of a list under a key."""
        value = self.raw(name)
        if value is not None and not isinstance(value, list):
            raise QuoteFileError("E4302", "{place}: a list is expected", place=self._where + name)
        for k, item in enumerate(value or [], start=1):
            yield Fields(item, f"{self._where}{name}[{k}].")

    def pairs(self, name: str) -> dict[str, str]:
        """Text by text under a key."""
        value = self.raw(name)
        if value is not None and not isinstance(value, Mapping):
            raise QuoteFileError("E4302", "{place}: keys with values are expected", place=self._where + name)
        return {str(key): str(item) for key, item in (value or {}).items()}

    def finish(self) -> None:
        """Refuse keys that nothing asked for.

        Raises
        ------
        QuoteFileError
            E4304.
        """
        for key in self._content:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, n=1)
                hint = (
                    text("did you mean {near}?", near=near[0])
                    if near
                    else text("known keys: {known}", known=", ".join(dict.fromkeys(self._known)))
                )
                raise QuoteFileError(
                    "E4304", "{place}: unknown key; {hint}", place=self._where + key, hint=hint
                )


def amount(written: str) -> Decimal:
    """Convert an amount in tenge: ``1 000 000.50``, blanks and a decimal comma allowed.

    Raises
    ------
    ValueError
        Not such an amount, negative, or one that may be thousands: ``250,000``.
    """
    if may_be_thousands(written):
        raise ValueError("thousands, or decimals? write thousands together or after blanks, as 1 000 000.50")
    return decimal_number(written)


def decimal_number(written: str) -> Decimal:
    """Convert a number that is no amount: a weight, a percentage, a count expected.

    Raises
    ------
    ValueError
        Not a number, or negative.
    """
    plain = "".join(written.split()).replace("\u00a0", "").replace("_", "")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValueError("not an amount; write it in tenge, as 1000000.50") from None
    if not value.is_finite() or value < 0 or "e" in plain.casefold():
        raise ValueError("an amount here is a number of tenge, never negative; write all its digits")
    return value


def count(written: str) -> int:
    """Convert a whole number, not negative.

    Raises
    ------
    ValueError
        Not such a number.
    """
    if not written.isascii() or not written.isdigit():
        raise ValueError("not a whole number")
    return int(written)


def percent(written: str) -> Decimal:
    """Convert percent to a fraction: ``10`` and ``10 %`` are 0.1.

    Raises
    ------
    ValueError
        Not a percent of 0-100.
    """
    value = decimal_number(written.rstrip("% "))
    if value > PERCENT:
        raise ValueError("percent is at most 100")
    return value / PERCENT


def calendar_day(written: str) -> date:
    """Convert a date: ``2026-01-31`` or ``31.01.2026``.

    Raises
    ------
    ValueError
        Not such a date.
    """
    parts = written.split(".")
    if [len(part) for part in parts] == [2, 2, 4]:
        written = "-".join(reversed(parts))
    if len(written) == len("2026-01-31"):
        try:
            return date.fromisoformat(written)
        except ValueError:
            pass
    raise ValueError("not a date; write 2026-01-31 or 31.01.2026")


def answer(written: str) -> bool:
    """Convert yes or no.

    Raises
    ------
    ValueError
        Neither.
    """
    known = {
        "yes": True,
        "true": True,
        "да": True,
        "иә": True,
        "no": False,
        "false": False,
        "нет": False,
        "жоқ": False,
    }
    if written.casefold() not in known:
        raise ValueError("neither yes nor no")
    return known[written.casefold()]
