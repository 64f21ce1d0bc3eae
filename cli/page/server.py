"""The server: a socket on 127.0.0.1, the browser, and an end that leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from typing import Any

import uvicorn

from actuarial.language import language, said, text
from cli.page.application import LocalPage
from cli.page.extra import ServeError
from cli.page.guard import Guard
from cli.page.private_folder import private_folder

ADDRESS, PORT = "127.0.0.1", 8765
_SECONDS_TO_END = 2


def serve(port: int | None, *, upload_limit: int, with_browser: bool, tell: Callable[[str], None]) -> None:
    """Serve the page until it is interrupted.

    Parameters
    ----------
    port : int, optional
        Default `PORT`, or a free one where that is taken.
    upload_limit : int [bytes]
    with_browser : bool
    tell : callable
        Told each line for the terminal.

    Raises
    ------
    ServeError
        E8502 the port asked for is taken.
    """
    with bound(port) as listening, private_folder() as folder:
        number = listening.getsockname()[1]
        page = LocalPage(folder, upload_limit, language())
        config = uvicorn.Config(
            Guard(page.application(), number),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="debug" if os.environ.get("ACTUARIAL_DEBUG") else "critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=_SECONDS_TO_END,
        )
        address = f"http://{ADDRESS}:{number}"
        tell(said(text("The page is open on this computer: {address}", address=f"{address}/{page.secret}/")))
        tell(said(text("Ctrl+C ends it; everything it was given is deleted then.")))
        if with_browser:
            _Opener(f"{address}/open/{page.ticket()}").start()
        server = uvicorn.Server(config)
        _end_with_terminal(server)
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            return  # the usual way to end it


class _Opener(threading.Thread):
    """Opens the browser, which may take its time."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._address = address

    def run(self) -> None:
        """Open it; where there is none, the address stands in the terminal."""
        webbrowser.open(self._address)


def bound(port: int | None) -> socket.socket:
    """A socket on 127.0.0.1 that no other program has.

    Raises
    ------
    ServeError
        E8502.
    """
    for number in (port,) if port is not None else (PORT, 0):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # a port just left may be taken again
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((ADDRESS, number))
            listening.listen()
        except OSError as error:
            listening.close()
            problem = error.strerror or str(error)
        else:
            return listening
    raise ServeError(
        "E8502",
        "port {port} cannot be used ({problem}): another program has it, or it is reserved; give another "
        "--port",
        port=port if port is not None else PORT,
        problem=problem,
    )


def _end_with_terminal(server: uvicorn.Server) -> None:
    """End well when the terminal is closed, or the process is asked to end."""

    def end(number: int, frame: Any) -> None:
        server.should_exit = True

    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)
