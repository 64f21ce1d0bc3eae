"""Who gets an answer: the page itself, and nobody else on this computer or in the browser."""

from __future__ import annotations

import re
import socket

import pytest
from page_server import FORM, Running

from cli.page.guard import POLICY, REPORT_POLICY
from cli.page.server import bound


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost",
        "localhost:{port}",
        "[::1]:{port}",
        "rebound.example:{port}",
        "127.0.0.1:{port}.",
        "127.1:{port}",
        "",
        None,
    ],
)
def test_another_host_gets_nothing(server: Running, host: str | None) -> None:
    host = host.format(port=server.port) if host else host
    answer = server.ask("GET", f"/{server.page.secret}/", headers={"Host": host})
    assert answer.status in (400, 403)
    assert server.page.secret not in answer.text
    assert len(server.page.visits) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://example.org"},
        {"Origin": "null"},
        {"Origin": None},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost:{port}"},
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


def test_every_answer_to_a_visit_proves_whose_it_is(server: Running) -> None:
    visitor = server.visitor()
    proof = visitor.visit.proof
    assert f'data-proof="{proof}"' in visitor.html
    answers = [
        visitor.get("state"),
        visitor.get("report"),  # 404
        visitor.post("language", {"language": "de"}),  # 400
        visitor.put("portfolio", b"", "empty.csv"),  # 422
    ]
    assert [answer.status for answer in answers] == [200, 404, 400, 422]
    assert {answer.headers["x-actuarial-proof"] for answer in answers} == {proof}
    other = server.visitor()
    assert other.visit.proof != proof
    for path in ("/", f"/{server.page.secret}/asset/page.js"):
        assert "x-actuarial-proof" not in server.ask("GET", path).headers


def test_what_is_opened_after_the_end_is_a_page(server: Running) -> None:
    visitor = server.visitor()
    server.end_visits()
    answer = server.ask("GET", visitor.base + "report", headers={"Accept": "text/html,*/*"})
    assert answer.status == 410 and "<h1>" in answer.text and "deleted" in answer.text


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
