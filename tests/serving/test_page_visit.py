"""A visit and its files live as long as its page is open, and no longer."""

from __future__ import annotations

import asyncio
import os
import stat
import tempfile
import time
from datetime import date
from pathlib import Path

import pytest
from page_server import Running, running

from cli.page import private_folder as private
from cli.page.application import LocalPage
from cli.page.job import CheckJob, Given
from cli.page.visit import GRACE, MOST_VISITS, SILENCE, Visits
from cli.page.worker import SCRATCH, Task, Workshop, _clear

ONE = Path(__file__).parents[2] / "docs" / "example" / "one-worker.csv"
LONG = Path(__file__).parents[2] / "actuarial" / "sample" / "annuities-synthetic.csv"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def visits(tmp_path: Path, clock: Clock) -> Visits:
    return Visits(tmp_path, clock=clock)


def test_a_closed_page_takes_its_files_along(visits: Visits, clock: Clock) -> None:
    visit = visits.begin("en")
    assert visit is not None
    page = visits.enter(visit)
    (visit.folder / "portfolio.csv").write_text("x")
    visits.leave(visit, page)
    clock.now += GRACE - 1
    visits.sweep()
    assert visit.folder.exists()
    clock.now += 2
    visits.sweep()
    assert not visit.folder.exists() and visits.find(visit.name) is None


def test_a_reloaded_page_keeps_its_files(visits: Visits, clock: Clock) -> None:
    visit = visits.begin("en")
    assert visit is not None
    first = visits.enter(visit)
    second = visits.enter(visit)  # what is loaded may come before what is left
    visits.leave(visit, first)
    visits.leave(visit, first)
    clock.now += 10 * GRACE
    visits.sweep()
    assert visit.folder.exists()
    assert not visits.hear(visit, first) and visits.hear(visit, second)


def test_a_silent_page_is_closed(visits: Visits, clock: Clock) -> None:
    visit = visits.begin("en")
    assert visit is not None
    page = visits.enter(visit)
    clock.now += SILENCE - 1
    visits.sweep()
    assert visits.hear(visit, page)
    clock.now += SILENCE + 1
    visits.sweep()
    clock.now += GRACE + 1
    visits.sweep()
    assert not visit.folder.exists()


def test_a_visit_is_not_ended_while_it_receives(visits: Visits, clock: Clock) -> None:
    visit = visits.begin("en")
    assert visit is not None
    visit.receiving.add("portfolio")
    clock.now += 10 * GRACE
    visits.sweep()
    assert visit.folder.exists()
    visit.receiving.clear()
    visits.sweep()
    assert not visit.folder.exists()


def test_folders_are_private_and_named_by_chance(visits: Visits) -> None:
    names = set()
    for _ in range(MOST_VISITS):
        visit = visits.begin("en")
        assert visit is not None and visit.name not in str(visit.folder)
        assert os.name == "nt" or stat.S_IMODE(visit.folder.stat().st_mode) == 0o700
        names |= {visit.name, visit.folder.name}
    assert len(names) == 2 * MOST_VISITS
    assert visits.begin("en") is None


def test_too_many_pages_are_told(server: Running) -> None:
    for _ in range(MOST_VISITS):
        server.visitor()
    answer = server.ask("GET", f"/{server.page.secret}/")
    assert answer.status == 503 and "Too many pages" in answer.text


def test_a_page_of_an_ended_visit_begins_anew(server: Running) -> None:
    visitor = server.visitor()
    server.end_visits()
    assert visitor.get("state").status == 410
    assert visitor.post("run").status == 410
    again = server.ask("GET", visitor.base)
    assert (again.status, again.headers["location"]) == (303, f"/{server.page.secret}/")


def test_leaving_is_told_without_a_header(server: Running) -> None:
    visitor = server.visitor()
    assert server.ask("POST", visitor.base + "leave", "someone else").status == 204
    assert visitor.visit.pages
    assert server.ask("POST", visitor.base + "leave", visitor.page).status == 204
    assert not visitor.visit.pages
    # a reload within the grace
    visitor.load()
    assert visitor.get("state").status == 200


def test_two_browsers_see_their_own(server: Running) -> None:
    one, other = server.visitor(), server.visitor()
    one.put("portfolio", ONE.read_bytes(), "one.csv")
    other.put("portfolio", LONG.read_bytes(), "other.csv")
    for visitor in (one, other):
        visitor.post("date", {"date": "2026-01-01"})
        visitor.post("basis", {"basis": "illustrative-2026"})
    assert "1 row," in one.settled()["check-part"] and "3000 rows" in other.settled()["check-part"]
    for visitor in (one, other):
        visitor.post("run")
    # the second waits for the first, and says so
    waiting = other.get("state").json["parts"]["run-part"]
    assert "Waiting" in waiting or "Working" in waiting
    assert "11\u00a0175\u00a0144.13" in one.settled()["run-part"]
    assert "43\u00a0636\u00a0852\u00a0014.81" in other.settled()["run-part"]
    assert "other.csv" not in one.load().html and "one.csv" not in other.load().html
    # the page of one does not open the visit of the other
    headers = {"X-Actuarial-Page": one.page}
    assert server.ask("GET", other.base + "state", headers=headers).status == 410


def test_what_waits_and_what_works_can_be_stopped(server: Running) -> None:
    one, other = server.visitor(), server.visitor()
    for visitor in (one, other):
        visitor.put("portfolio", LONG.read_bytes(), "x.csv")
        visitor.post("date", {"date": "2026-01-01"})
        visitor.post("basis", {"basis": "illustrative-2026"})
        visitor.settled()
    for visitor in (one, other):
        assert visitor.post("run").json["is_busy"]
    for visitor in (other, one):
        assert not visitor.post("stop").json["is_busy"]
    assert one.visit.reserved is None and other.visit.reserved is None
    one.post("run")
    assert "43\u00a0636\u00a0852\u00a0014.81" in one.settled()["run-part"]


def test_closing_stops_the_work_and_removes_the_folder(server: Running) -> None:
    visitor = server.visitor()
    visitor.put("portfolio", LONG.read_bytes(), "x.csv")
    visitor.post("date", {"date": "2026-01-01"})
    folder = visitor.visit.folder
    server.end_visits()
    deadline = time.monotonic() + 10
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not folder.exists()


def test_a_process_that_dies_is_told(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = server.visitor()
    workshop = server.page._workshop

    def dying() -> None:
        workshop._kill()
        visit = visitor.visit
        visit.checking = Task(CheckJob(Given("none", "none"), date(2026, 1, 1), None), visit.folder, done)
        workshop.submit(visit.checking)
        workshop._kill()

    def done(answer: object) -> None:
        visitor.visit.checking, visitor.visit.checked = None, answer  # type: ignore[assignment]

    server.call(dying)
    parts = visitor.settled()
    # either the process was already replaced, or the answer says what happened
    assert "E7000" in parts["check-part"] or "E1001" in parts["check-part"]
    # and the next job is done
    visitor.put("portfolio", ONE.read_bytes(), "x.csv")
    visitor.post("date", {"date": "2026-01-01"})
    assert "1 row," in visitor.settled()["check-part"]


def test_a_process_that_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_tried = 0

    async def failing() -> None:
        nonlocal n_tried
        n_tried += 1
        raise BlockingIOError("no more processes")

    monkeypatch.setattr("cli.page.worker._started", failing)
    monkeypatch.setattr("cli.page.worker._RETRY", 0.01)

    async def worked() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Workshop().work(), 0.2)

    asyncio.run(worked())
    assert n_tried > 1


def test_temporary_files_lie_in_the_folder_of_the_visit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "portfolio.csv").touch()
    (tmp_path / ".run-stopped").mkdir()
    (tmp_path / SCRATCH).mkdir()
    (tmp_path / SCRATCH / "left").touch()
    _clear(tmp_path)
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == tmp_path / SCRATCH
    assert {path.name for path in tmp_path.rglob("*")} == {SCRATCH, "portfolio.csv"}


def test_what_was_computed_is_dropped_with_what_it_was_computed_from(server: Running) -> None:
    visitor = server.visitor()
    visitor.put("portfolio", ONE.read_bytes(), "x.csv")
    visitor.post("date", {"date": "2026-01-01"})
    visitor.post("basis", {"basis": "illustrative-2026"})
    visitor.settled()
    for change in ("date", "basis", "file"):
        visitor.post("run")
        assert "headline" in visitor.settled()["run-part"], change
        if change == "date":
            visitor.post("date", {"date": "2025-12-31"})
            visitor.settled()
            visitor.post("date", {"date": "2026-01-01"})
        elif change == "basis":
            visitor.post("basis", {"basis": ""})
            visitor.post("basis", {"basis": "illustrative-2026"})
        else:
            visitor.put("portfolio", ONE.read_bytes(), "y.csv")
        assert "headline" not in visitor.settled()["run-part"]
        assert visitor.get("report").status == 404
        assert not (visitor.visit.folder / "run").exists()


def test_the_language_switch_keeps_the_state(server: Running) -> None:
    visitor = server.visitor()
    visitor.put("portfolio", ONE.read_bytes(), "x.csv")
    visitor.post("date", {"date": "2026-01-01"})
    visitor.settled()
    fields = {"contract_date": "2026-02-01", "oked": "62011", "payroll": "5<6", "history": "some"}
    for code in ("kk", "ru", "en"):
        assert visitor.post("language", {"language": code, "company": "Q&A", **fields}).status == 204
        html = visitor.load().html
        assert 'value="Q&amp;A"' in html
        assert f'<html lang="{code}">' in html
        assert "x.csv" in html and 'value="5&lt;6"' in html and "62011" in html
        assert 'id="injured-2025"' in html
    assert visitor.post("language", {"language": "de"}).status == 400


# ---------------------------------------------------------------- the folder of the server


def test_the_private_folder_comes_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with private.private_folder() as folder:
        assert folder.parent == tmp_path
        assert os.name == "nt" or stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "visit").mkdir()
        (folder / "visit" / "portfolio.csv").write_text("x")
        # another server that starts meanwhile leaves it alone
        assert private.remove_stale() == []
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_server_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / f"{private.PREFIX}left"
    (left / "visit").mkdir(parents=True)
    (left / private.LOCK).touch()
    foreign = tmp_path / f"{private.PREFIX}no-lock"
    foreign.mkdir()
    other = tmp_path / "other"
    other.mkdir()
    (other / private.LOCK).touch()
    (tmp_path / f"{private.PREFIX}link").symlink_to(other)
    assert private.remove_stale() == [left]
    assert {path.name for path in tmp_path.iterdir()} == {foreign.name, "other", f"{private.PREFIX}link"}


def test_the_end_of_the_server_removes_what_is_open(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        visitor = server.visitor()
        visitor.put("portfolio", LONG.read_bytes(), "x.csv")
        visitor.post("date", {"date": "2026-01-01"})
        folder = visitor.visit.folder
        assert folder.exists()
    assert not folder.exists()


def test_secrets_differ(tmp_path: Path) -> None:
    pages = [LocalPage(tmp_path, 1, "en") for _ in range(2)]
    assert pages[0].secret != pages[1].secret and len(pages[0].secret) >= 40
