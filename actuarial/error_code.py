"""Every code the program can show: what it means, what to do, where to read more. One registry.

Findings about data have their texts in `actuarial.portfolio.finding.CATALOGUE`, all other codes in
`actuarial.error_code_text`; here they meet, in groups by their first digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from actuarial.error import ActuarialError
from actuarial.error_code_text import EXAMPLES, EXPLANATIONS
from actuarial.language import Text, text

N_NEAREST = 3


@dataclass(frozen=True)
class Group:
    """Codes that begin alike.

    Attributes
    ----------
    digits : str
        The first two of the four.
    title : Text
    page : str
        Page of the documentation, without its suffix.
    """

    digits: str
    title: Text
    page: str


def _groups(*groups: tuple[str, Text, str]) -> Mapping[str, Group]:
    return MappingProxyType({digits: Group(digits, title, page) for digits, title, page in groups})


GROUPS: Final = _groups(
    ("10", text("files with data"), "portfolio-file"),
    ("11", text("the law on record"), "law"),
    ("15", text("headers"), "portfolio-file"),
    ("16", text("mapping of columns"), "portfolio-file"),
    ("17", text("synthetic data"), "sample"),
    ("19", text("workbooks unsafe to open"), "portfolio-file"),
    ("20", text("empty cells, values, keys"), "portfolio-file"),
    ("21", text("dates"), "portfolio-file"),
    ("22", text("amounts"), "portfolio-file"),
    ("23", text("percents and shares"), "portfolio-file"),
    ("24", text("flags and choices"), "portfolio-file"),
    ("25", text("texts"), "portfolio-file"),
    ("26", text("numbers and codes"), "contract-file"),
    ("30", text("rows of annuities: repetition"), "portfolio-file"),
    ("31", text("rows of annuities: law of the day"), "portfolio-file"),
    ("32", text("rows of annuities: beneficiary"), "portfolio-file"),
    ("33", text("rows of annuities: dates"), "portfolio-file"),
    ("34", text("rows of annuities: amounts"), "portfolio-file"),
    ("35", text("rows of annuities: ages, warnings"), "portfolio-file"),
    ("36", text("rows of contracts"), "contract-file"),
    ("37", text("rows of claims"), "adequacy"),
    ("38", text("assessment of risk"), "risk"),
    ("39", text("history of claimants"), "fit"),
    ("40", text("basis"), "basis"),
    ("42", text("premium"), "premium"),
    ("43", text("case file of a quote"), "quote"),
    ("44", text("drivers of the simulation"), "simulate"),
    ("45", text("model of new claims"), "new-claims"),
    ("46", text("stress"), "stress"),
    ("47", text("technical premiums and credibility"), "adequacy"),
    ("48", text("risk and rating"), "rating"),
    ("54", text("case file of a benefit"), "benefit"),
    ("55", text("annuity contract"), "annuity"),
    ("60", text("mortality tables"), "mortality"),
    ("61", text("certification matrices"), "mortality"),
    ("62", text("experience study"), "fit"),
    ("70", text("the program"), "shell"),
    ("80", text("the call and its output"), "shell"),
    ("81", text("configuration and language"), "shell"),
    ("82", text("pipes and codes"), "shell"),
    ("83", text("finished runs"), "verify"),
    ("84", text("checks"), "template"),
    ("85", text("the local page"), "serve"),
    ("86", text("frames of pandas"), "api"),
    ("90", text("beyond what is exact"), "shell"),
)


class UnknownCodeError(ActuarialError):
    """A code that the program never shows (E8210)."""


@dataclass(frozen=True)
class ErrorCode:
    """One code.

    Attributes
    ----------
    code : str
    meaning : str
        In English; `actuarial.language.said` translates it. ``{placeholders}`` stand for values.
    fix : str
        What to do.
    example : str
        Words one could write; empty where none is on record.
    is_finding : bool
        Whether it is found in data, row by row, and not raised at once.
    """

    code: str
    meaning: str
    fix: str
    example: str
    is_finding: bool

    @property
    def group(self) -> Group:
        """The group the code belongs to."""
        return GROUPS[self.code[1:3]]

    @property
    def is_warning(self) -> bool:
        """Whether the computation goes on."""
        return self.code.startswith("W")

    @property
    def exit_code(self) -> int:
        """What the program ends with because of it."""
        if self.is_warning:
            return 0
        if self.is_finding:
            return 1
        if self.code == "E7000":
            return 70
        return 3 if self.code.startswith(("E19", "E9")) else 2


@cache
def error_codes() -> Mapping[str, ErrorCode]:
    """All codes of the program, in order."""
    from actuarial.portfolio.finding import CATALOGUE

    found = {
        code: ErrorCode(code, rule.rule, rule.fix, EXAMPLES.get(code, ""), is_finding=True)
        for code, rule in CATALOGUE.items()
    }
    for code, (meaning, fix) in EXPLANATIONS.items():
        found[code] = ErrorCode(code, meaning, fix, EXAMPLES.get(code, ""), is_finding=False)
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: (item[0][1:], item[0]))))


def error_code(asked: str) -> ErrorCode:
    """A code by its name, in any case of letters; the letter may be left out.

    Raises
    ------
    UnknownCodeError
        E8210, with the nearest codes.

    Examples
    --------
    >>> error_code("e4001").fix
    'Check the path, or take a shipped name from the message.'
    """
    codes = error_codes()
    # Cyrillic letters that look like ours
    name = asked.strip().upper().replace("Е", "E")
    for code in (name, f"E{name}", f"W{name}"):
        if code in codes:
            return codes[code]
    near = _nearest(name)
    if near:
        raise UnknownCodeError(
            "E8210", "there is no code {asked}; near it are {near}", asked=asked, near=", ".join(near)
        )
    raise UnknownCodeError(
        "E8210", "there is no code {asked}; `actuarial explain-code` lists all of them", asked=asked
    )


def _nearest(name: str) -> list[str]:
    """Codes that begin with the same digits, the nearest by number first; none for what is no number."""
    digits = re.sub(r"\D", "", name)[:4]
    if not digits:
        return []
    asked = digits.ljust(4, "0")

    def distance(code: str) -> tuple[int, int]:
        same = next(
            (i for i, (a, b) in enumerate(zip(digits, code[1:], strict=False)) if a != b), len(digits)
        )
        return -same, abs(int(code[1:]) - int(asked))

    return sorted(error_codes(), key=distance)[:N_NEAREST]
