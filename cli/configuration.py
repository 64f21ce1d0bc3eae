"""The file ``actuarial.toml``: where it is found, what may stand in it, and the line of each key.

The first file found counts, alone: named by ``--config``, named by ``ACTUARIAL_CONFIG``, in the current
folder, in the user's folder of configurations. A file that merely lies in the current folder came perhaps
with data of somebody else: it must belong to the user, and it cannot say where to write.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, Final

import click

from actuarial.error import ActuarialError
from actuarial.language import text
from cli.named import Named, NamedPath
from cli.option import SHARED, SharedOption

NAME: Final = "actuarial.toml"
INTEGER: Final = type(click.INT)
VARIABLE: Final = "ACTUARIAL_CONFIG"
ABOVE: Final = ("lang", *SHARED)
"""Keys that may stand above the sections, for all commands."""
WRITING: Final = frozenset({"output", "force", "write", "schedule"})
"""Options that say where to write, or that something may be replaced."""
LARGEST: Final = 1 << 16
_SEPARATOR = re.compile(r"[,=]")
_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_.\- ]+?)\s*\]")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")


class ConfigurationError(ActuarialError):
    """A configuration file that cannot be used (E8101-E8105)."""


@dataclass(frozen=True)
class Configuration:
    """A configuration file as read.

    Attributes
    ----------
    path : Path
    content : mapping
        Values by key; sections are mappings.
    is_named : bool
        Whether the user named the file, or it lies in the user's own folder of configurations.
    lines : dict of (section, key) to int
    """

    path: Path
    content: Mapping[str, Any]
    is_named: bool
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def place(self, section: Sequence[str], key: str) -> str:
        """File, line and key, as a reader looks for them."""
        # a key of its own, or a section
        line = self.lines.get((".".join(section), key)) or self.lines.get((".".join((*section, key)), ""))
        where = f"{self.path}:{line}" if line else str(self.path)
        return f"{where} [{'.'.join(section)}] {key}" if section else f"{where} {key}"

    def section(self, names: Sequence[str]) -> Mapping[str, Any]:
        """The section of a command, ``[reserve]`` or ``[law.show]``; empty where there is none."""
        found: Any = self.content
        for name in names:
            found = found.get(name, {}) if isinstance(found, Mapping) else {}
        return found if isinstance(found, Mapping) else {}


def find_configuration(named: str | None, environment: Mapping[str, str]) -> Configuration | None:
    """The configuration file in force; None when there is none.

    Parameters
    ----------
    named : str, optional
        Value of ``--config``.
    environment : mapping

    Raises
    ------
    ConfigurationError
        E8101 the file cannot be read; E8105 a file in the current folder that belongs to somebody else.
    """
    asked = environment.get(VARIABLE) or None if named is None else named
    if asked is not None:
        return read_configuration(Path(asked), is_named=True)
    here = Path(NAME)
    if here.is_file():
        return read_configuration(here, is_named=False)
    own = Path(click.get_app_dir("actuarial")) / NAME
    return read_configuration(own, is_named=True) if own.is_file() else None


def _refuse_of_others(path: Path, file: IO[bytes]) -> None:
    """Refuse a file, or a link to one, that another user has put there."""
    user = getattr(os, "geteuid", lambda: None)()
    owners = {os.fstat(file.fileno()).st_uid, path.lstat().st_uid}
    if user is not None and not owners <= {user, 0}:
        raise ConfigurationError(
            "E8105",
            "{path} belongs to another user, and could change what is computed: read it, then name it with "
            "--config {path}, or work in another folder",
            path=path,
        )


def read_configuration(path: Path, *, is_named: bool) -> Configuration:
    """Read a configuration file.

    Raises
    ------
    ConfigurationError
        E8101; E8105 a file nobody named that belongs to somebody else.
    """
    import tomllib

    try:
        with path.open("rb") as file:
            if not is_named:
                _refuse_of_others(path, file)
            read = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(
            "E8101",
            "the configuration {path} cannot be read: {reason}",
            path=path,
            reason=error.strerror or str(error),
        ) from None
    if len(read) > LARGEST:
        raise ConfigurationError(
            "E8101", "the configuration {path} is no file of settings: over 64 KiB", path=path
        )
    try:
        words = read.decode("utf-8-sig")
        content = tomllib.loads(words)
    except UnicodeDecodeError:
        raise ConfigurationError(
            "E8101", "the configuration {path} is not text in UTF-8: save it so", path=path
        ) from None
    except (ValueError, RecursionError) as error:
        # a TOMLDecodeError, or a number of more digits than Python reads
        raise ConfigurationError(
            "E8101",
            "the configuration {path} is no TOML: {reason}; write key = value, text in quotes",
            path=path,
            reason=error,
        ) from None
    return Configuration(path, content, is_named, _lines(words))


def _lines(words: str) -> dict[tuple[str, str], int]:
    """Line of each key as it is commonly written; a key written otherwise is named without its line."""
    found: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(words.split("\n"), 1):
        if header := _HEADER.match(line):
            section = header[1].replace(" ", "")
            found.setdefault((section, ""), number)
        elif key := _KEY.match(line):
            found.setdefault((section, key[1]), number)
    return found


def option_key(option: click.Parameter) -> str:
    """The name of an option in the file: its long flag without hyphens, ``valuation-date``."""
    return max(option.opts, key=len).lstrip("-")


def check_names(configuration: Configuration, commands: Iterable[str]) -> None:
    """Refuse keys above the sections that no command knows, and sections of no command.

    Raises
    ------
    ConfigurationError
        E8102.
    """
    known = [*ABOVE, *commands]
    for key, value in configuration.content.items():
        if key not in known or isinstance(value, Mapping) != (key not in ABOVE):
            _refuse_key(configuration, (), key, [*ABOVE, *(f"[{name}]" for name in commands)])


def _refuse_key(configuration: Configuration, section: Sequence[str], key: str, known: Sequence[str]) -> None:
    bare = {name.strip("[]"): name for name in known}
    near = get_close_matches(key.replace("_", "-"), bare, n=1, cutoff=0.6)
    place = configuration.place(section, key)
    if near:
        raise ConfigurationError(
            "E8102", "{place}: no such setting here; did you mean {near}?", place=place, near=bare[near[0]]
        )
    raise ConfigurationError(
        "E8102", "{place}: no such setting here; there are {known}", place=place, known=", ".join(known)
    )


def section_values(
    configuration: Configuration, names: Sequence[str], command: click.Command, ctx: click.Context
) -> dict[str, tuple[Any, str]]:
    """Values of the file for a command: by parameter name, with the place each stands in.

    Parameters
    ----------
    configuration : Configuration
    names : sequence of str
        The command's name, or its group's and its own.
    command : click.Command
    ctx : click.Context

    Raises
    ------
    ConfigurationError
        E8102 a key the command does not know; E8103 a value of another kind; E8104 a key that says where to
        write, in a file that merely lies in the current folder.
    """
    options = {
        option_key(option): option
        for option in command.params
        if isinstance(option, click.Option) and option.expose_value
    }
    found: dict[str, tuple[Any, str]] = {}
    for key, option in options.items():
        if isinstance(option, SharedOption) and key in ABOVE and key in configuration.content:
            found[_name(option)] = _checked(configuration, (), key, option, ctx)
    inner = command.commands if isinstance(command, click.Group) else {}
    for key, value in configuration.section(names).items():
        if key in inner and isinstance(value, Mapping):
            continue
        if key not in options:
            _refuse_key(configuration, names, key, [*options, *(f"[{name}]" for name in inner)])
        found[_name(options[key])] = _checked(configuration, names, key, options[key], ctx)
    return found


def _name(option: click.Option) -> str:
    assert option.name is not None
    return option.name


def _checked(
    configuration: Configuration, section: Sequence[str], key: str, option: click.Option, ctx: click.Context
) -> tuple[Any, str]:
    """The value of a key as its option takes it, and the place."""
    value = configuration.section(section)[key]
    place = configuration.place(section, key)
    if not configuration.is_named:
        _refuse_harm(place, key, value)
    several = option.multiple or option.nargs != 1
    if option.is_bool_flag != isinstance(value, bool):
        _refuse_kind(place, text("true or false") if option.is_bool_flag else text("a value"))
    if several != isinstance(value, list) or isinstance(value, Mapping):
        _refuse_kind(place, text('a list, ["…", "…"]') if several else text("one value"))
    for item in value if several else [value]:
        _refuse_item(place, option, item)
    plain: Any = [_placed(configuration, option, item) for item in value] if several else value
    plain = plain if several else _placed(configuration, option, value)
    try:
        option.type_cast_value(ctx, plain)
    except click.BadParameter as error:
        raise ConfigurationError("E8103", "{place}: {reason}", place=place, reason=error.message) from None
    return plain, place


def _refuse_kind(place: str, wanted: str) -> None:
    raise ConfigurationError("E8103", "{place}: it must be {wanted}", place=place, wanted=wanted)


def _refuse_item(place: str, option: click.Option, item: Any) -> None:
    """Refuse what TOML can say and a command line cannot, or what an option would take for something else."""
    if isinstance(item, str):
        if not item.isprintable():
            _refuse_kind(place, text("text in one line, without control characters"))
    elif isinstance(option.type, (click.Path, NamedPath)):
        _refuse_kind(place, text("a path, in quotes"))
    elif isinstance(item, datetime):
        _refuse_kind(place, text("a date without a time of day"))
    elif isinstance(item, float) and isinstance(option.type, INTEGER):
        _refuse_kind(place, text("a whole number"))
    elif not isinstance(item, (int, float, date)) or isinstance(item, bool) != option.is_bool_flag:
        _refuse_kind(place, text("text, numbers or dates"))


def _refuse_harm(place: str, key: str, value: Any) -> None:
    items = value if isinstance(value, list) else [value]
    # several paths in one word, and names before them: "longevity,//server/x.yaml", "A=//server/a.csv"
    words = [word.strip() for item in items if isinstance(item, str) for word in _SEPARATOR.split(item)]
    is_elsewhere = any(word.replace("\\", "/").startswith("//") for word in words)
    if key in WRITING or is_elsewhere:
        raise ConfigurationError(
            "E8104",
            "{place}: a file that merely lies in the current folder cannot say where to write, what to "
            "replace, or name a place in the network; give the option itself, or name the file with --config",
            place=place,
        )


def _placed(configuration: Configuration, option: click.Option, value: Any) -> Any:
    """A value; a path is meant from the folder of the file."""
    if not isinstance(value, str):
        return value
    below = configuration.path.parent / value
    if isinstance(option.type, click.Path) and value != "-":
        return str(below)
    kind = option.type
    if isinstance(kind, NamedPath):
        name, sign, path = value.rpartition("=")
        return f"{name}{sign}{configuration.path.parent / path}"
    if not (isinstance(kind, Named) and kind.has_files):
        return value
    # scenarios are several in one word
    words = value.split(",") if kind.is_list else [value]
    return ",".join(_name_or_path(configuration, kind, word.strip()) for word in words)


def _name_or_path(configuration: Configuration, kind: Named, word: str) -> str:
    below = configuration.path.parent / word
    return str(below) if word not in kind.names() and below.is_file() else word
