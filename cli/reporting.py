"""Commands that write a report: their charts are drawn beside the run."""

from __future__ import annotations

from typing import Any

import click

from cli.command import Command


class ReportingCommand(Command):
    """A command whose charts a second process draws, unless it is asked for no report.

    Only as a part of the program ``actuarial``, which ends with the command; called by itself, as tests and
    other programs do, it draws where it runs.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command with that process beside it."""
        without = ctx.params.get("no_report", False) or not ctx.params.get("with_report", True)
        if without or ctx.parent is None:
            return super().invoke(ctx)
        from actuarial.report.drawing import drawing_process

        with drawing_process():
            return super().invoke(ctx)
