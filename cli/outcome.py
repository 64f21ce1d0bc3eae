"""How a run on a file ends on the screen: findings, warnings, one JSON object or a table."""

from __future__ import annotations

import json
from typing import Any, Protocol

import click

from actuarial.language import said
from cli.screen import warn

EXIT_FINDINGS = 1


class Run(Protocol):
    """A finished run."""

    @property
    def warning_text(self) -> str:
        """Warnings for the screen; empty when there are none."""

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""


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


def show_warnings(run: Run, *, as_json: bool) -> bool:
    """Show the warnings, and the JSON answer if asked for; whether a table is still to be shown."""
    if run.warning_text:
        warn(run.warning_text)
    if as_json:
        click.echo(json.dumps(run.as_json(), ensure_ascii=False))
    return not as_json
