"""A server of the page inside the test process, and a client that can lie about where it comes from."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import uvicorn

from cli.page.application import LocalPage
from cli.page.guard import Guard
from cli.page.server import ADDRESS, bound
from cli.page.visit import Visit

LIMIT = 3_000_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Running:
    """A running server."""

    page: LocalPage
    root: Path
    port: int
    loop: asyncio.AbstractEventLoop

    def call(self, function: Callable[[], Any]) -> Any:
        """Call a function where the server runs."""

        async def called() -> Any:
            return function()

        return asyncio.run_coroutine_threadsafe(called(), self.loop).result(timeout=30)

    def end_visits(self) -> None:
        """End every visit, as closing every browser does."""
        for visit in self.page.visits:
            self.call(partial(self.page.visits.end, visit))

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """One request; Host and Origin are right unless said otherwise, None leaves a header out."""
        sent: dict[str, str | None] = {"Host": f"{ADDRESS}:{self.port}"}
        if method not in ("GET", "HEAD"):
            sent["Origin"] = f"http://{ADDRESS}:{self.port}"
        data = body.encode() if isinstance(body, str) else body
        if data is not None:
            sent["Content-Length"] = str(len(data))
        sent |= headers or {}
        connection = http.client.HTTPConnection(ADDRESS, self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(data)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers.items()), response.read())
        finally:
            connection.close()

    def visitor(self) -> Visitor:
        """A browser that opens the page."""
        first = self.ask("GET", f"/{self.page.secret}/")
        base = first.headers["location"]
        return Visitor(self, base).load()


@dataclass
class Visitor:
    """A page that is open."""

    server: Running
    base: str
    page: str = ""
    html: str = field(default="", repr=False)

    def load(self) -> Visitor:
        """Load the page, as a browser does on reload."""
        self.html = self.server.ask("GET", self.base).text
        found = re.search(r'data-page="([^"]+)"', self.html)
        assert found is not None
        self.page = found[1]
        return self

    @property
    def visit(self) -> Visit:
        found = self.server.page.visits.find(self.base.rstrip("/").rpartition("/")[2])
        assert found is not None
        return found

    def get(self, path: str) -> Answer:
        return self.server.ask("GET", self.base + path, headers={"X-Actuarial-Page": self.page})

    def post(self, path: str, fields: Any = ()) -> Answer:
        headers = {"X-Actuarial-Page": self.page, **FORM}
        return self.server.ask("POST", self.base + path, urlencode(fields), headers)

    def put(self, role: str, data: bytes, name: str) -> Answer:
        headers = {"X-Actuarial-Page": self.page, "X-File-Name": quote(name)}
        return self.server.ask("PUT", f"{self.base}file/{role}", data, headers)

    def settled(self) -> dict[str, str]:
        """The parts of the page once nothing is being done."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            state = self.get("state").json
            if not state["is_busy"]:
                return dict(state["parts"])
            time.sleep(0.05)
        raise AssertionError("the page is busy for a minute")


@contextmanager
def running(root: Path, *, limit: int = LIMIT, language: str = "en") -> Iterator[Running]:
    """A server on a free port."""
    with bound(None) as listening:
        port = listening.getsockname()[1]
        page = LocalPage(root, limit, language, today=lambda: date(2026, 2, 10))
        config = uvicorn.Config(
            Guard(page.application(), port), loop="asyncio", http="h11", ws="none", lifespan="on",
            log_config=None, access_log=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        loops: list[asyncio.AbstractEventLoop] = []

        async def serve() -> None:
            loops.append(asyncio.get_running_loop())
            await server.serve(sockets=[listening])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield Running(page, root, port, loops[0])
        finally:
            server.should_exit = True
            thread.join()
