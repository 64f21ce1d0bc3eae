"""What an experience study leaves open: named choices, each with its default and the reason for it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from actuarial.error import ActuarialError
from actuarial.language import text


class StudyError(ActuarialError):
    """A study that cannot be made from the history or the options given (E622x)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One open point.

    Attributes
    ----------
    name : str
    values : tuple of str
        The first is the default.
    reason : str
        What the values mean and why the default is the default.
    """

    name: str
    values: tuple[str, ...]
    reason: str

    @property
    def default(self) -> str:
        """Value taken when nothing is said."""
        return self.values[0]


CHOICES: Mapping[str, Choice] = MappingProxyType(
    {
        choice.name: choice
        for choice in (
            Choice(
                "stays",
                ("rows", "review_dates"),
                text(
                    "rows: a certification that changed nothing is a row of its own, ended by "
                    "degree_changed into the same band; review_dates: rows end only at a change, and each "
                    "review date of the prior basis (entry_date + k · next_term_months) passed inside a "
                    "spell counts as a certification without change. Only what was recorded is counted "
                    "unless you say otherwise"
                ),
            ),
            Choice(
                "multipliers",
                ("limited_fluctuation", "observed", "prior"),
                text(
                    "limited_fluctuation: Z · A/E + (1 - Z) · prior with Z = min(1, √(deaths/1082)), so "
                    "that a band with few deaths stays near the prior; observed: A/E as it is; prior: not "
                    "fitted"
                ),
            ),
            Choice(
                "table",
                ("prior", "graduated"),
                text(
                    "prior: the table of the prior basis with fitted multipliers; graduated: the tables "
                    "graduated from the history, with the same multipliers. A shape by age needs far more "
                    "deaths than a level"
                ),
            ),
        )
    }
)


def resolved_choices(given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for every choice: the given one or the default.

    Raises
    ------
    StudyError
        E6220 an unknown choice or value.
    """
    for name, value in given.items():
        if name not in CHOICES:
            near = difflib.get_close_matches(name, CHOICES, n=1)
            shown = ", ".join(CHOICES)
            if near:
                raise StudyError(
                    "E6220",
                    "unknown choice {name!r} (did you mean {near}?); the choices of fit are {choices}",
                    name=name,
                    near=near[0],
                    choices=shown,
                )
            raise StudyError(
                "E6220", "unknown choice {name!r}; the choices of fit are {choices}", name=name, choices=shown
            )
        if value not in CHOICES[name].values:
            raise StudyError(
                "E6220",
                "choice {name}: {value!r} is not a value; the values are {values}",
                name=name,
                value=value,
                values=", ".join(CHOICES[name].values),
            )
    return {name: given.get(name, choice.default) for name, choice in CHOICES.items()}
