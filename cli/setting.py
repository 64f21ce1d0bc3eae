"""Settings of a call: flag before environment before file, and where each value is from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click
from click.core import ParameterSource

from actuarial.language import LANGUAGES, SOURCE, LanguageError, Text, said, text
from cli.configuration import (
    ABOVE,
    Configuration,
    ConfigurationError,
    check_names,
    find_configuration,
    option_key,
    section_values,
)
from cli.option import SharedOption

PREFIX: Final = "ACTUARIAL"
LANGUAGE_VARIABLE: Final = "ACTUARIAL_LANG"
SYSTEM_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_EMPTY: Final = "–"


@dataclass(frozen=True)
class Settings:
    """What is settled before a command is read.

    Attributes
    ----------
    language : str
    language_from : Text
        Where the language is from.
    configuration : Configuration, optional
        The file in force.
    environment : mapping
        Of the call.
    fault : ConfigurationError or LanguageError, optional
        What is wrong with the file or the language asked for. Whoever only asks for help or completes words
        need not know.
    """

    language: str
    language_from: Text
    configuration: Configuration | None
    environment: Mapping[str, str]
    fault: ConfigurationError | LanguageError | None = None


def settings_of(ctx: click.Context) -> Settings | None:
    """Settings of the call a context belongs to; None where a command is called without the program."""
    return ctx.find_object(Settings)


def first_language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language to speak until the configuration is read."""
    asked = (flag_value(arguments, "--lang"), environment.get(LANGUAGE_VARIABLE))
    return next((code for code in asked if code in LANGUAGES), system_language(environment))


def read_settings(
    arguments: Sequence[str], environment: Mapping[str, str], commands: Iterable[str]
) -> Settings:
    """Settle file and language of a call of a program with these commands.

    The fault it may have is a ConfigurationError: E8101 the file cannot be read, E8102 it names what is not
    there, E8105 it belongs to somebody else; or a LanguageError: E8110 the environment or the file asks for
    a language there is not.
    """
    configuration, fault = None, None
    code, origin = first_language(arguments, environment), text("system")
    try:
        configuration = find_configuration(flag_value(arguments, "--config"), environment)
        code, origin = _language(arguments, environment, configuration)
        if configuration is not None:
            check_names(configuration, commands)
    except (ConfigurationError, LanguageError) as error:
        fault = error
    return Settings(code, origin, configuration, environment, fault)


def _language(
    arguments: Sequence[str], environment: Mapping[str, str], configuration: Configuration | None
) -> tuple[str, Text]:
    # a flag with another word is refused by the option itself
    flag = flag_value(arguments, "--lang")
    if flag in LANGUAGES:
        return flag, text("command line")
    if code := environment.get(LANGUAGE_VARIABLE):
        return _known(code, LANGUAGE_VARIABLE), text("environment {name}", name=LANGUAGE_VARIABLE)
    if configuration is not None and "lang" in configuration.content:
        place = configuration.place((), "lang")
        return _known(configuration.content["lang"], place), text("file {place}", place=place)
    return system_language(environment), text("system")


def _known(code: object, place: str) -> str:
    if code not in LANGUAGES:
        raise LanguageError(
            text(
                "{place}: no language {code}; there are {known}",
                place=place,
                code=repr(code),
                known=", ".join(LANGUAGES),
            )
        )
    return str(code)


def flag_value(arguments: Sequence[str], name: str) -> str | None:
    """The word after a flag, wherever the flag stands; what follows ``--`` is no flag."""
    found = None
    for position, word in enumerate(arguments):
        if word == "--":
            break
        if word == name and position + 1 < len(arguments):
            found = arguments[position + 1]
        elif word.startswith(f"{name}="):
            found = word.partition("=")[2]
    return found


def system_language(environment: Mapping[str, str]) -> str:
    """The language of the system, English where there are no texts in it."""
    named = next((environment[name] for name in SYSTEM_VARIABLES if environment.get(name)), "")
    if not named and sys.platform == "win32":
        import ctypes
        import locale

        named = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    code = named.replace("-", "_").partition(".")[0].partition("_")[0].lower()
    return code if code in LANGUAGES else SOURCE


def environment_names(option: click.Option, names: Sequence[str]) -> tuple[str, ...]:
    """Variables that set an option of a command: of the command first, then, if it is shared, of all."""
    key = option_key(option)
    words = [(*names, key)]
    if isinstance(option, SharedOption) and key in ABOVE:
        words.append((key,))
    return tuple("_".join((PREFIX, *word)).replace("-", "_").upper() for word in words)


def variable_of(option: click.Parameter, settings: Settings) -> str:
    """The variable an option has its value from."""
    names = option.envvar if isinstance(option.envvar, tuple) else ()
    return next((name for name in names if settings.environment.get(name)), "")


def command_names(ctx: click.Context) -> tuple[str, ...]:
    """Names of the commands of a context below the program: ``("law", "show")``."""
    names: list[str] = []
    at: click.Context | None = ctx
    while at is not None and at.parent is not None:
        names.insert(0, at.info_name or "")
        at = at.parent
    return tuple(names)


def bind_settings(command: click.Command, ctx: click.Context, settings: Settings) -> dict[str, str]:
    """Give a command the values of environment and file as what it takes where a flag is not given.

    Returns
    -------
    dict of str to str
        Parameter → place in the file.

    Raises
    ------
    ConfigurationError
        E8102, E8103, E8104.
    """
    names = command_names(ctx)
    for option in command.params:
        if isinstance(option, click.Option) and option.expose_value:
            option.envvar = environment_names(option, names)
    if settings.configuration is None or not names:
        return {}
    found = section_values(settings.configuration, names, command, ctx)
    ctx.default_map = {name: value for name, (value, _) in found.items()}
    return {name: place for name, (_, place) in found.items()}


def say_used(ctx: click.Context, settings: Settings) -> None:
    """Say what a file that merely lies in the current folder has set."""
    file = settings.configuration
    if file is None or file.is_named:
        return
    used = [
        option_key(option)
        for option in ctx.command.params
        if option.name and ctx.get_parameter_source(option.name) is ParameterSource.DEFAULT_MAP
    ]
    if used:
        note = text("note: settings from {path}: {names}", path=file.path, names=", ".join(used))
        click.echo(said(note), err=True)


def show_settings(
    command: click.Command, ctx: click.Context, settings: Settings | None, places: Mapping[str, str]
) -> None:
    """Print every option with its value and where it is from."""
    rows = [
        (_flag(option), _shown(ctx.params.get(option.name)), said(_origin(option, ctx, settings, places)))
        for option in command.params
        if option.name and option.expose_value
    ]
    if settings is not None:
        file = settings.configuration
        rows.append(("--lang", settings.language, said(settings.language_from)))
        rows.append(("--config", _shown(file and str(file.path)), said(_origin_of_file(file, settings))))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)] if rows else [0, 0]
    for name, value, origin in rows:
        click.echo(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {origin}")


def _flag(option: click.Parameter) -> str:
    is_option = isinstance(option, click.Option)
    return f"--{option_key(option)}" if is_option else option.make_metavar(click.Context(click.Command("")))


def _shown(value: Any) -> str:
    if value is None or value == () or value == "":
        return _EMPTY
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple) and all(isinstance(item, tuple) for item in value):
        return ", ".join("=".join(map(str, item)) for item in value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _origin(
    option: click.Parameter, ctx: click.Context, settings: Settings | None, places: Mapping[str, str]
) -> Text:
    assert option.name is not None
    source = ctx.get_parameter_source(option.name)
    if source is ParameterSource.COMMANDLINE:
        return text("command line")
    if source is ParameterSource.ENVIRONMENT and settings is not None:
        return text("environment {name}", name=variable_of(option, settings))
    if source is ParameterSource.DEFAULT_MAP:
        return text("file {place}", place=places.get(option.name, ""))
    return text("not given") if _shown(ctx.params.get(option.name)) == _EMPTY else text("default")


def _origin_of_file(file: Configuration | None, settings: Settings) -> Text:
    if file is None:
        return text("no file found")
    return text("named, or in your folder of configurations") if file.is_named else text("current folder")
