"""How a run on a file ends on the screen: findings, warnings, one JSON object or a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from actuarial.language import said
from cli.screen import warn

if TYPE_CHECKING:
    from actuarial.report.run import FinishedRun, RefusedRun

EXIT_FINDINGS = 1

Finished = TypeVar("Finished", bound="FinishedRun")


class Refused(Protocol):
    """A run that findings have stopped."""

    @property
    def text(self) -> str:
        """The findings for the screen."""

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""


def show_refused(refused: Refused, *, as_json: bool) -> int:
    """Show what stopped the run; its exit code."""
    click.echo(said(refused.text), err=True)
    if as_json:
        click.echo(json.dumps(refused.as_json(), ensure_ascii=False))
    return EXIT_FINDINGS


def show_run(
    outcome: Finished | RefusedRun, print_table: Callable[[Finished], None], *, as_json: bool
) -> int:
    """Show how a run has ended: its findings, or its warnings and then the JSON answer or the table."""
    from actuarial.report.run import RefusedRun

    if isinstance(outcome, RefusedRun):
        return show_refused(outcome, as_json=as_json)
    if outcome.warning_text:
        warn(outcome.warning_text)
    if as_json:
        click.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
    else:
        print_table(outcome)
    return 0
