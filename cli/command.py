"""What every command of `actuarial` is: settings from file and environment, help in the language in force."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, TypeVar

import click
from click.formatting import HelpFormatter
from click.shell_completion import CompletionItem

from actuarial.language import LANGUAGES, language, said, use_language
from cli.setting import bind_settings, say_used, settings_of, show_settings
from cli.stream import opened_streams
from cli.wording import click_spoken

C = TypeVar("C", bound=click.Command)

_HELP = "Show this message and exit."


def _common_options() -> list[click.Parameter]:
    """What every command takes, before or after its name."""
    return [
        click.Option(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            expose_value=False,
            is_eager=True,
            callback=_speak,
            help="Language of texts and reports; default that of the system.",
        ),
        click.Option(
            ["--config"],
            metavar="FILE.toml",
            type=click.Path(dir_okay=False),
            expose_value=False,
            help="Settings; default actuarial.toml here, or in your own folder of configurations.",
        ),
        click.Option(
            ["--show-config"],
            is_flag=True,
            expose_value=False,
            help="Show every option with its value and where it is from; nothing is done.",
        ),
    ]


def _speak(ctx: click.Context, _option: click.Parameter, value: str | None) -> None:
    """Speak the language asked for where a command is called without the program around it."""
    if value is not None and settings_of(ctx) is None:
        before = language()
        use_language(value)
        ctx.call_on_close(lambda: use_language(before))


class _Spoken(click.Command):
    """A command that takes the common options and says its help in the language in force."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings.setdefault("help_option_names", ["-h", "--help"])
        self.params += _common_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take values from the command line, then the environment, then the file; or only show them.

        Help needs no file, and a file that cannot be used does not stop it.
        """
        settings = settings_of(ctx)
        if ctx.resilient_parsing or (not args and self.no_args_is_help):
            return super().parse_args(ctx, args)
        asked = _asked(self, ctx, args)
        help_option = self.get_help_option(ctx)
        if help_option is not None and asked.get(help_option.name or ""):
            return super().parse_args(ctx, args)
        if settings is not None and settings.fault and (asked.get("show_config") or not _has_commands(self)):
            raise settings.fault
        places = bind_settings(self, ctx, settings) if settings is not None and not settings.fault else {}
        if asked.get("show_config"):
            super(_Spoken, _without_duties(self)).parse_args(ctx, args)
            show_settings(self, ctx, settings, places)
            ctx.exit()
        rest = super().parse_args(ctx, args)
        if settings is not None:
            say_used(ctx, settings)
        return rest

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option for help, with its help in English as all others have it before they are shown."""
        is_new = self._help_option is None
        option = super().get_help_option(ctx)
        if is_new and option is not None:
            option.help = _HELP
        return option

    def invoke(self, ctx: click.Context) -> Any:
        """Run, with files in the place of streams."""
        with opened_streams(ctx):
            return super().invoke(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Options with their help, and names of commands, in the language in force."""
        return super(_Spoken, _translated(self)).shell_complete(ctx, incomplete)

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence of the help."""
        return super(_Spoken, _translated(self)).get_short_help_str(limit)

    def format_help(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write the help in the language in force."""
        self.get_help_option(ctx)
        with click_spoken():
            super(_Spoken, _translated(self)).format_help(ctx, formatter)


def _asked(command: click.Command, ctx: click.Context, args: list[str]) -> Mapping[str, Any]:
    """Flags among the words of a command, not those of one below it."""
    flags, _, _ = command.make_parser(ctx).parse_args(list(args))
    return flags


def asks_to_show(command: click.Command, ctx: click.Context, args: list[str]) -> bool:
    """Whether the words of a command, not those of one below it, have ``--show-config``."""
    return bool(_asked(command, ctx, args).get("show_config"))


def _has_commands(command: click.Command) -> bool:
    return isinstance(command, click.Group)


class Command(_Spoken):
    """A command of `actuarial`."""


class Group(_Spoken, click.Group):
    """A command of `actuarial` that has commands."""

    command_class = Command


def _translated(command: C) -> C:
    """The command as its help shows it."""
    shown = copy.copy(command)
    shown.help = said(cleandoc(command.help)) if command.help else command.help
    shown.short_help = said(command.short_help) if command.short_help else command.short_help
    shown.epilog = said(command.epilog) if command.epilog else command.epilog
    shown.params = [_translated_option(option) for option in command.params]
    if shown._help_option is not None:
        shown._help_option = _translated_option(shown._help_option)
    return shown


P = TypeVar("P", bound=click.Parameter)


def _translated_option(option: P) -> P:
    shown = copy.copy(option)
    if isinstance(shown, click.Option) and shown.help:
        shown.help = said(shown.help)
    return shown


def _without_duties(command: C) -> C:
    """The command with nothing required, so that what is given can be shown."""
    shown = copy.copy(command)
    shown.params = [copy.copy(option) for option in command.params]
    for option in shown.params:
        option.required = False
    return shown
