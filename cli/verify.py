"""``actuarial verify``: compute a finished run again and compare."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cli import option
from cli.command import Command

EXIT_MISMATCH = 4


@click.command(cls=Command)
@click.argument("run", type=option.FILE)
@click.option(
    "--inputs-from",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder in which the run's inputs lie now, if not where the run read them.",
)
@option.json_answer(help="Print one JSON object instead of the text.")
def command(run: Path, inputs_from: Path | None, as_json: bool) -> int:
    """Recompute a run and compare: inputs, totals, every file.

    RUN is a run folder. Its inputs and outputs are compared with the digests (SHA-256) of run.json; then
    everything is computed again, and totals and files are compared. Exit code 0: all the same; 4: the list
    says what differs.
    """
    from actuarial.report.verify_run import run_verify
    from cli.progress import Progress

    with Progress() as progress:
        found = run_verify(run, inputs_from=inputs_from, announce=progress.step)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        from cli.verify_text import print_verification

        print_verification(found)
    return 0 if found.is_verified else EXIT_MISMATCH
