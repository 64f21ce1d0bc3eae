"""The command ``actuarial``: finds the command asked for, and turns errors into exit codes.

Commands are imported only when they run, so that ``actuarial --help`` stays quick.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NoReturn

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from actuarial.language import said, text, texts
from cli.command import Group, asks_to_show
from cli.configuration import Configuration, section_values
from cli.screen import complain
from cli.setting import first_language, read_settings, settings_of, variable_of
from cli.wording import speaking

COMMANDS = texts(
    {
        "reserve": "Reserve a portfolio of annuities.",
        "simulate": "Simulate annuities in payment.",
        "stress": "Stress portfolios under scenarios.",
        "quote": "Compute one premium, step by step.",
        "premium": "Price a book of contracts.",
        "submit": "Check and write contract information.",
        "fit": "Fit a basis to a history of claimants.",
        "law": "Show the law in force on a date.",
        "table": "Show mortality tables.",
        "benefit": "Compute what one injured worker or family is owed.",
        "annuity": "Value an annuity and price its contract.",
        "adequacy": "Compare tariffs with technical premiums.",
        "sample": "Write a synthetic portfolio.",
        "rating": "Rate employers by experience beside the law.",
        "risk": "Score occupational risk.",
        "explain": "Explain one claim to its monthly payments.",
        "verify": "Recompute a run and compare.",
        "check": "Check files without computing.",
        "template": "Write a workbook to fill in.",
        "completion": "Complete words in your shell.",
        "explain-code": "Explain the code of an error or finding.",
        "serve": "Open the local page in the browser.",
    }
)
PROGRAM = "actuarial"
EXIT_USAGE, EXIT_LIMIT, EXIT_INTERNAL, EXIT_INTERRUPTED = 2, 3, 70, 130
EXIT_CODES = texts(
    "Exit codes: 0 done; 1 findings in the data, nothing computed; 2 a wrong call, setting or file; 3 a "
    "limit of what is safe or exact; 4 verify found a difference; 70 a fault of the program; 130 interrupted."
)

SYSTEM_REASONS = texts(
    (
        "No such file or directory",
        "Permission denied",
        "Is a directory",
        "Not a directory",
        "File exists",
        "File name too long",
        "No space left on device",
        "Read-only file system",
    )
)
"""What the system says of files and folders; every other reason is shown as the system gives it."""


class _Commands(Group):
    """A group whose commands live in the module of their name and are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import ``cli.NAME`` and return its ``command``."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Names of commands, which are not imported for it, or options."""
        if incomplete[:1] == "-":
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(name, help=said(what))
            for name, what in COMMANDS.items()
            if name.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section(said("Commands")):
            formatter.write_dl([(name, said(what)) for name, what in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look at the whole configuration where it is to be shown."""
        settings = settings_of(ctx)
        file = None if settings is None or settings.fault else settings.configuration
        if file is not None and asks_to_show(self, ctx, args):
            self._check_sections(ctx, file)
        return super().parse_args(ctx, args)

    def _check_sections(self, ctx: click.Context, configuration: Configuration) -> None:
        """Look at the sections of all commands, not of one alone."""
        for name in COMMANDS:
            command = self.get_command(ctx, name) if configuration.section((name,)) else None
            if command is None:
                continue
            section_values(configuration, (name,), command, ctx)
            for inner, child in command.commands.items() if isinstance(command, click.Group) else ():
                section_values(configuration, (name, inner), child, ctx)


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from actuarial import __version__

        click.echo(f"actuarial {__version__}")
        ctx.exit()


@click.group(cls=_Commands, epilog=EXIT_CODES)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
def root() -> None:
    """Actuarial engine for accident insurance in Kazakhstan."""


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    _prepare()
    try:
        code = _exit_code()
    except OSError:
        code = EXIT_USAGE  # stderr is full or closed: nobody to tell
    _leave(code)


def _prepare() -> None:
    """Streams that take every letter, and an end that cleans up also when the system asks for it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: its number must not become that of a file
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        # code pages of Windows lack Kazakh letters and ₸, names of files need not be text
        getattr(sys, name).reconfigure(encoding="utf-8", errors="backslashreplace")
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _leave(code: int) -> NoReturn:
    """End the process at once: every file is closed by now.

    After a million rows the interpreter would spend 0.2 s on giving its memory back piece by piece.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _exit_code() -> int:
    arguments, environment = sys.argv[1:], dict(os.environ)
    with ExitStack() as stack:
        stack.enter_context(speaking(first_language(arguments, environment)))
        try:
            settings = read_settings(arguments, environment, COMMANDS)
            stack.enter_context(speaking(settings.language))
            _refuse_bytes(arguments)
            result = root(standalone_mode=False, obj=settings, prog_name=PROGRAM)
            return result if isinstance(result, int) else 0
        except SystemExit:
            return 0  # click's way to end when the reader of a pipe has left: not an error of ours
        except (click.Abort, KeyboardInterrupt):
            click.echo(said("interrupted"), err=True)
            return EXIT_INTERRUPTED
        except click.ClickException as error:
            return _wrong_call(error)
        except OSError as error:
            reason = said(error.strerror or str(error))
            complain("E8002", f"{error.filename}: {reason}" if error.filename else reason)
            return EXIT_USAGE
        except (ValueError, LookupError) as error:
            code = getattr(error, "code", None)
            if code is None:
                return _internal(error)
            complain(str(code), said(error))
            return EXIT_LIMIT if str(code).startswith(("E19", "E9")) else EXIT_USAGE
        except Exception as error:
            return _internal(error)


def _refuse_bytes(arguments: list[str]) -> None:
    """Refuse words that no report and no record could hold."""
    for word in arguments:
        if any("\ud800" <= letter <= "\udfff" for letter in word):
            raise click.UsageError(
                text("{word} is no text in UTF-8: rename the file, or set PYTHONUTF8=1", word=repr(word))
            )


def _wrong_call(error: click.ClickException) -> int:
    """Say what is wrong with the call, and where its help is."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return EXIT_USAGE
    if isinstance(error, click.BadParameter) and error.ctx and error.param and error.param.name:
        settings = settings_of(error.ctx)
        source = error.ctx.get_parameter_source(error.param.name)
        if settings is not None and source is ParameterSource.ENVIRONMENT:
            error.param_hint = variable_of(error.param, settings)
    # a message of ours is a constant or a template; one of click's is translated already
    vars(error)["message"] = said(error.message)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
        hint = text("Try '{command} {option}' for help.", command=error.ctx.command_path, option="--help")
        click.echo(said(hint), err=True)
    complain("E8010", error.format_message())
    return EXIT_USAGE


def _internal(error: Exception) -> int:
    """Say that this is a fault of the program; the trace only for who asks for it."""
    if os.environ.get("ACTUARIAL_DEBUG"):
        import traceback

        traceback.print_exc()
    complain("E7000", f"{type(error).__name__}: {error}", what=text("internal error"))
    click.echo(
        said(
            "This is a fault of the program, not of your data. "
            "Set ACTUARIAL_DEBUG=1 to see where it happened."
        ),
        err=True,
    )
    return EXIT_INTERNAL
