"""Pages of the commands: what ``--help`` says, in the language of the page."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click
from markdown import code, leaf, page, plain, table
from wording import Wording

from cli.main import COMMANDS, root
from cli.wording import speaking

FOLDER = "reference/command"
PAGES = {"table": "mortality", "reserve": "method-reserve", "submit": "premium"}
"""Page about a command, where it is not the page of its name."""


def write_commands(folder: Path, words: Wording) -> None:
    """Write the index and the page of every command."""
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    rows = [
        [f"[{code(f'actuarial {name}')}]({name}.md)", plain(words.program(COMMANDS[name]))]
        for name in COMMANDS
    ]
    index = page(
        f"# {words.say('Commands and options')}",
        plain(words.say("What each command prints with --help, one page a command.")),
        table([words.say("command"), words.say("what it does")], rows),
        *_options(root, click.Context(root, info_name="actuarial"), words),
    )
    (target / "index.md").write_text(index, encoding="utf-8")
    context = click.Context(root, info_name="actuarial")
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        parts = list(_command(command, context, name, words))
        about = PAGES.get(name, name)
        if (folder / f"{about}.md").exists():
            parts.append(f"[{words.say('The page about it')}](../../{about}.md)")
        (target / f"{name}.md").write_text(
            leaf(f"`actuarial {name}`", words.say("Commands and options"), *parts), encoding="utf-8"
        )


def _command(command: click.Command, parent: click.Context, name: str, words: Wording) -> Iterator[str]:
    with speaking(words.language):
        context = click.Context(command, parent=parent, info_name=name)
        yield f"```\n{context.command_path} {' '.join(command.collect_usage_pieces(context))}\n```"
        help_text = words.program(inspect.cleandoc(command.help or ""))
    # \b marks a paragraph that click leaves as it is, \f the end of what it shows
    for paragraph in help_text.partition("\f")[0].split("\n\n"):
        if paragraph.startswith("\b"):
            yield f"```\n{paragraph.removeprefix(chr(8)).strip()}\n```"
        else:
            yield plain(paragraph)
    yield from _options(command, context, words)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            one = command.get_command(context, child)
            assert one is not None
            yield f"## `{name} {child}`"
            yield from _command(one, context, child, words)


def _options(command: click.Command, context: click.Context, words: Wording) -> Iterator[str]:
    rows = []
    with speaking(words.language):
        for parameter in command.get_params(context):
            record = parameter.get_help_record(context)
            if record is None:
                continue
            written, meaning = record
            english = getattr(parameter, "help", None)
            if english:
                meaning = meaning.replace(english, words.program(english))
            rows.append([code(written), plain(meaning)])
    if rows:
        yield table([words.say("option"), words.say("meaning")], rows)
