"""``actuarial serve``: the local page, in the browser of this computer."""

from __future__ import annotations

import click

from cli.command import Command


@click.command(cls=Command)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="Port of this computer; default 8765 or a free one.",
)
@click.option("--no-browser", is_flag=True, help="Print the address and do not open the browser.")
@click.option(
    "--upload-limit",
    "megabytes",
    type=click.IntRange(1, 4096),
    default=200,
    show_default=True,
    metavar="MB",
    help="Largest file the page takes.",
)
def command(port: int | None, no_browser: bool, megabytes: int) -> None:
    """Open the local page: check and reserve a portfolio, compute a premium.

    The page is on this computer alone (127.0.0.1): no other computer reaches it, it asks nothing of the
    network, and what it was given is deleted when it is closed. Ctrl+C ends it.
    """
    from cli.page.extra import refuse_missing_extra

    refuse_missing_extra()
    from cli.page.server import serve

    serve(
        port,
        upload_limit=megabytes * 1_000_000,
        with_browser=not no_browser,
        tell=lambda line: click.echo(line, err=True),
    )
