"""Words that name something of the program: a basis, a scenario, a table, an activity. Shells complete them.

Completion must be quick: what there is, is read from the names of files, without what computes with them.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click
from click.shell_completion import CompletionItem

from actuarial.language import said

Names = Callable[[], Iterable[tuple[str, str]]]
"""Gives names, each with what it is in a few words, or nothing."""

_SCENARIO = re.compile(r"^ *- *\{? *name: *(\w+)(?:\s*\n| *,) *title: *(.+?) *(?:, risk:|\}|$)", re.MULTILINE)


class Named(click.ParamType[str]):
    """A name of something of the program.

    Parameters
    ----------
    name : str
        Of the type.
    names : callable
    has_files : bool
        Whether a file of one's own can stand for it.
    is_list : bool
        Whether several stand in one word, separated by commas.
    """

    def __init__(self, name: str, names: Names, *, has_files: bool = True, is_list: bool = False) -> None:
        self.name = name
        self._names = names
        self.has_files = has_files
        self.is_list = is_list

    def names(self) -> list[str]:
        """What comes with the program."""
        return [name for name, _ in self._names()]

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the word as it is; who reads it says what is wrong with it."""
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Names that begin with the word, or, where files can stand for them, files."""
        before, comma, begun = incomplete.rpartition(",") if self.is_list else ("", "", incomplete)
        found = [
            CompletionItem(f"{before}{comma}{name}", help=said(what) if what else None)
            for name, what in self._names()
            if name.startswith(begun)
        ]
        if found or not self.has_files:
            return found
        return [CompletionItem(incomplete, type="file")]


class NamedPath(click.ParamType[str]):
    """A path, perhaps with a name before it: ``[NAME=]PATH``."""

    name = "path"
    envvar_list_splitter = os.pathsep

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the word as it is."""
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Files."""
        return [CompletionItem(incomplete, type="file")]


def _folder(package: str, *inner: str) -> Path:
    """A folder of a package, which is not imported."""
    spec = find_spec(package)
    assert spec is not None and spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))).joinpath(*inner)


def _stems(package: str, *inner: str, suffix: str = ".yaml") -> Names:
    return lambda: ((path.stem, "") for path in sorted(_folder(package, *inner).glob(f"*{suffix}")))


def _scenarios() -> Iterable[tuple[str, str]]:
    yield "all", ""
    for path in sorted(_folder("actuarial", "scenarios").glob("*.yaml")):
        yield path.stem, ""
        yield from (m.groups() for m in _SCENARIO.finditer(path.read_text(encoding="utf-8")))  # type: ignore[misc]


def _codes() -> Iterable[tuple[str, str]]:
    from actuarial.error_code_text import EXPLANATIONS

    return ((code, meaning) for code, (meaning, _) in EXPLANATIONS.items())


def _activities() -> Iterable[tuple[str, str]]:
    """Codes of the market's list with the names of the activities."""
    path = _folder("tariffs", "tables") / "risk_classes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            yield row["oked_code"], row["activity_ru"]


BASIS: Final = Named("name|file", _stems("actuarial", "bases"))
NEW_CLAIM_MODEL: Final = Named("name|file", _stems("actuarial", "new_claim", "models"))
SCENARIOS: Final = Named("scenarios", _scenarios, is_list=True)
TABLE: Final = Named("id|file", _stems("mortality", "tables", suffix=".csv"))
PARAMETER: Final = Named("parameter", _stems("tariffs", "parameters"), has_files=False)
ACTIVITY: Final = Named("oked_code", _activities, has_files=False)
ERROR_CODE: Final = Named("code", _codes, has_files=False)
