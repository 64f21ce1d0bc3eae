"""Who may ask: the browser of this computer, from a page of ours; and what every answer forbids.

The address of the page holds a secret that only the terminal and the browser were told. There is no cookie:
it would go to every port of 127.0.0.1, so also to a server of another user. The names in ``Host`` and
``Origin`` are checked besides, so that a page from elsewhere whose name leads to 127.0.0.1 gets nothing.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_HEADER: Final = "x-actuarial-page"
"""On every request that changes something; a form of another site cannot set it."""
PROOF_HEADER: Final = "x-actuarial-proof"
"""On every answer to a visit: it comes from the server that gave the page."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
REPORT_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
"""Of a report: a document of its own without script, in no page but ours."""
_HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_READING: Final = ("GET", "HEAD")
_OWN_SITE: Final = ("same-origin", "none")


class Guard:
    """The application behind the checks of where a request comes from."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        # not localhost: that may be ::1, where another user can listen on the same port
        self._host = f"127.0.0.1:{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no web sockets here

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        why = self._fault(Headers(scope=scope), scope["method"])
        answer = self._app if why is None else PlainTextResponse(why, status_code=403)
        await answer(scope, receive, with_headers)

    def _fault(self, headers: Headers, method: str) -> str | None:
        """What is wrong with where a request comes from."""
        hosts = headers.getlist("host")
        if hosts != [self._host]:
            return "refused: this page is for 127.0.0.1 alone"
        origins = headers.getlist("origin")
        if origins and origins != [f"http://{self._host}"]:
            return "refused: asked from another site"
        if not origins and method not in _READING:
            return "refused: not asked from the page"
        if headers.get("sec-fetch-site", "none") not in _OWN_SITE:
            return "refused: asked from another site"
        return None
