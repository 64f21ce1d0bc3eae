"""``actuarial completion``: the script with which a shell completes commands, options and names."""

from __future__ import annotations

import click
from click.shell_completion import (
    BashComplete,
    FishComplete,
    PowerShellComplete,
    ShellComplete,
    ZshComplete,
)

from cli.command import Command

PROGRAM = "actuarial"
VARIABLE = "_ACTUARIAL_COMPLETE"
SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
    "powershell": PowerShellComplete,
}


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(list(SHELLS)))
def command(shell: str) -> None:
    """Print the script that completes commands, options, names and activities.

    Put it where the shell reads it at its start; docs/shell.md says where that is. For this session alone:
    eval "$(actuarial completion bash)".
    """
    click.echo(completion_script(shell), nl=False)


def completion_script(shell: str) -> str:
    """The script of a shell."""
    made = SHELLS[shell](click.Command(PROGRAM), {}, PROGRAM, VARIABLE)
    # not BashComplete.source, which starts bash to see its version: the script may be for another computer
    script = ShellComplete.source(made)
    return _in_utf8(script) if shell == "powershell" else script


def _in_utf8(script: str) -> str:
    """The script of PowerShell, which reads what a program prints in the code page of the console."""
    return script.replace(
        "    try {\n",
        "    $prev_encoding = [Console]::OutputEncoding\n"
        "    [Console]::OutputEncoding = [System.Text.Encoding]::UTF8\n\n"
        "    try {\n",
        1,
    ).replace("    } finally {\n", "    } finally {\n        [Console]::OutputEncoding = $prev_encoding\n", 1)
