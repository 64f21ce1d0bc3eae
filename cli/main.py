"""The command ``actuarial``: finds the command asked for, and turns errors into exit codes.

Commands are imported only when they run, so that ``actuarial --help`` stays quick.
"""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from typing import NoReturn

import click

COMMANDS = {
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
}
EXIT_USAGE, EXIT_LIMIT, EXIT_INTERNAL, EXIT_INTERRUPTED = 2, 3, 70, 130


class _Commands(click.Group):
    """A group whose commands live in the module of their name and are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import ``cli.NAME`` and return its ``command``."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from actuarial import __version__

        click.echo(f"actuarial {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
    for stream in (sys.stdout, sys.stderr):
        # Windows code pages lack Kazakh letters and ₸: escape what a console cannot show
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    _leave(_exit_code())


def _leave(code: int) -> NoReturn:
    """End the process at once: every file is closed by now.

    After a million rows the interpreter would spend 0.2 s on giving its memory back piece by piece.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _exit_code() -> int:
    try:
        result = root(standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.Abort:
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except SystemExit:
        return 0  # click's way to end when the reader of a pipe has left: not an error of ours
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"error E8002: {place}{error.strerror or error}", err=True)
        return EXIT_USAGE
    except (ValueError, LookupError) as error:
        code = getattr(error, "code", None)
        if code is None:
            return _internal(error)
        click.echo(f"error {code}: {error}", err=True)
        return EXIT_LIMIT if str(code).startswith(("E19", "E9")) else EXIT_USAGE
    except Exception as error:
        return _internal(error)


def _internal(error: Exception) -> int:
    """Say that this is a fault of the program; the trace only for who asks for it."""
    if os.environ.get("ACTUARIAL_DEBUG"):
        import traceback

        traceback.print_exc()
    click.echo(
        f"internal error E7000: {type(error).__name__}: {error}\n"
        "This is a fault of the program, not of your data. Set ACTUARIAL_DEBUG=1 to see where it happened.",
        err=True,
    )
    return EXIT_INTERNAL
