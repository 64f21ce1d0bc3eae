"""Who gets an answer: the page itself, and nobody else on this computer or in the browser."""

from __future__ import annotations

import re
import socket

import pytest
from page_server import FORM, Running

from cli.page.guard import POLICY, REPORT_POLICY
from cli.page.server import bound


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1", "127.0.0.1:1", "localhost", "rebound.example:{port}", "", None]
)
def test_another_host_gets_nothing(server: Running, host: str | None) -> None:
    host = host.format(port=server.port) if host else host
    answer = server.ask("GET", f"/{server.page.secret}/", headers={"Host": host})
    assert answer.status in (400, 403)
    assert server.page.secret not in answer.text
    assert len(server.page.visits) == 0


def test_both_names_of_this_computer(server: Running) -> None:
    for name in ("127.0.0.1", "localhost"):
        answer = server.ask("GET", "/", headers={"Host": f"{name}:{server.port}"})
        assert answer.status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://example.org"},
        {"Origin": "null"},
        {"Origin": None},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_origin_changes_nothing(server: Running, headers: dict[str, str | None]) -> None:
    visitor = server.visitor()
    sent = {name: value.format(port=server.port) if value else value for name, value in headers.items()}
    whole = {"X-Actuarial-Page": visitor.page, **FORM, **sent}
    answer = server.ask("POST", visitor.base + "date", "date=2026-01-01", whole)
    assert answer.status == 403
    assert visitor.visit.valuation_date is None


def test_a_form_of_another_site_lacks_the_page(server: Running) -> None:
    visitor = server.visitor()
    assert server.ask("POST", visitor.base + "date", "date=2026-01-01", FORM).status == 410
    assert server.ask("GET", visitor.base + "state").status == 410
    assert visitor.visit.valuation_date is None


def test_the_secret_is_needed_everywhere(server: Running) -> None:
    visitor = server.visitor()
    name = visitor.visit.name
    for path in (f"/wrong/{name}/", "/wrong/", "/wrong/asset/page.js", f"/wrong/{name}/report", "/ä/"):
        answer = server.ask("GET", path.replace("ä", "%C3%A4"))
        assert answer.status == 403
        assert name not in answer.text and server.page.secret not in answer.text


def test_a_ticket_opens_the_page_once(server: Running) -> None:
    ticket = server.page.ticket()
    assert server.ask("GET", "/open/wrong").status == 403
    first = server.ask("GET", f"/open/{ticket}")
    assert (first.status, first.headers["location"]) == (303, f"/{server.page.secret}/")
    again = server.ask("GET", f"/open/{ticket}")
    assert again.status == 403 and server.page.secret not in again.text


def test_a_ticket_goes_stale(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.page.application.TICKET_SECONDS", -1.0)
    assert server.ask("GET", f"/open/{server.page.ticket()}").status == 403


def test_headers_of_every_answer(server: Running) -> None:
    visitor = server.visitor()
    paths = ["/", "/nothing/", visitor.base, f"/{server.page.secret}/asset/page.js"]
    answers = [*(server.ask("GET", path) for path in paths), visitor.get("state"), visitor.get("template")]
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in answer.headers
    assert "unsafe" not in POLICY and "http" not in POLICY
    assert REPORT_POLICY.startswith("sandbox;")


def test_the_page_has_no_script_of_its_own_and_no_address_from_outside(server: Running) -> None:
    html = server.visitor().html
    assert html.count("<script") == html.count("<script src=") == 1
    assert "http:" not in html and "https:" not in html
    assert not re.search(r"<[^>]*\s(style|on\w+)=", html)


@pytest.mark.parametrize(
    "path",
    [
        "asset/../guard.py",
        "asset/%2e%2e/guard.py",
        "asset/..%2fguard.py",
        "asset/page.html",
        "asset//etc/passwd",
    ],
)
def test_no_other_file_is_an_asset(server: Running, path: str) -> None:
    assert server.ask("GET", f"/{server.page.secret}/{path}").status in (403, 404, 410)


def test_only_this_computer_is_listened_to() -> None:
    with bound(None) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        assert listening.family == socket.AF_INET
