"""The law on a day: parameters by name, and which of them were used."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path

from tariffs.dated import ENACTED, Entry, LawError, Parameter
from tariffs.message import message

PARAMETERS = Path(__file__).parent / "parameters"


@cache
def parameter_names() -> tuple[str, ...]:
    """Return the names of all parameters on record, in alphabetical order."""
    return tuple(sorted(path.stem for path in PARAMETERS.glob("*.yaml")))


@cache
def parameter(name: str) -> Parameter:
    """Return one parameter; its file is read at the first call and kept.

    Raises
    ------
    LawError
        Code E1101 if there is no such parameter: the message names the nearest ones. Code E1103 if its
        file is refused.
    """
    if name not in parameter_names():
        near = difflib.get_close_matches(name, parameter_names(), n=3, cutoff=0.5)
        hint = (
            message("the nearest names are {near}", near=", ".join(near))
            if near
            else message("no name is near it")
        )
        raise LawError(
            "there is no parameter {name!r} in tariffs/parameters: {hint}. 'actuarial law "
            "show --on DATE' lists all of them.",
            "E1101",
            name=name,
            hint=hint,
        )
    from tariffs.reader import read_parameter

    return read_parameter(PARAMETERS / f"{name}.yaml")


class Law:
    """The law in force on one day.

    Parameters
    ----------
    day : date
    statuses : collection of str
        Accepted statuses of entries.

    Examples
    --------
    >>> law = law_on(date(2026, 1, 1))
    >>> law["funeral_payment"].value
    Decimal('100')
    >>> law.used
    ('funeral_payment',)
    """

    def __init__(self, day: date, statuses: Collection[str] = ENACTED) -> None:
        self.day = day
        self.statuses = frozenset(statuses)
        self._used: dict[str, Entry] = {}

    def __getitem__(self, name: str) -> Entry:
        entry = self._used.get(name)
        if entry is None:
            entry = parameter(name).on(self.day, self.statuses)
            self._used[name] = entry
        return entry

    @property
    def used(self) -> tuple[str, ...]:
        """Names looked up so far, in order of first use."""
        return tuple(self._used)

    @property
    def used_entries(self) -> tuple[Entry, ...]:
        """Entries looked up so far, in order of first use."""
        return tuple(self._used.values())


def law_on(day: date, statuses: Collection[str] = ENACTED) -> Law:
    """Return the law in force on `day`; nothing is read before a parameter is asked for."""
    return Law(day, statuses)
