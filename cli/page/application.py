"""The page's answers: which address gives what.

Everything lies under a secret of the server and, for what was given by a user, under the name of a visit;
both are in the address and cannot be guessed. Files are found by what they are for, never by a name from
outside.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import parse_qsl

import anyio.to_thread
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from actuarial.basis import basis_names
from actuarial.error import ActuarialError
from actuarial.language import LANGUAGES, said, spoken
from actuarial.premium.quote_file import calendar_day
from cli.option import LONGEST_COMPANY
from cli.page import premium_view
from cli.page.guard import PAGE_HEADER, PROOF_HEADER, REPORT_POLICY
from cli.page.job import CHECKS, RUN_FOLDER, Checked, CheckJob, Fault, Given, Reserved, ReserveJob, fault_of
from cli.page.portfolio_view import DOWNLOADS, fragments, is_ready
from cli.page.upload import MOST_TEXT, Role, Upload, UploadError, shown_name, taken, too_large
from cli.page.view import asset, rendered
from cli.page.visit import Visit, Visits
from cli.page.word import WORDS
from cli.page.worker import Task, Workshop

ASSETS = {"page.css": "text/css", "page.js": "text/javascript"}
SAMPLE, SAMPLE_DATE = "annuities-synthetic.xlsx", date(2026, 1, 1)
MOST_FIELDS, LONGEST_FIELDS = 300, 100_000
SWEEP_SECONDS = 2.0
TICKET_SECONDS = 120.0
_MEDIA = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".zip": "application/zip",
}

Handler = Callable[[Request, Visit], Awaitable[Response]]


class LocalPage:
    """The application and what it holds.

    Parameters
    ----------
    root : Path
        Private folder.
    upload_limit : int [bytes]
    language : str
        Of a new page.
    today : callable
    """

    def __init__(
        self, root: Path, upload_limit: int, language: str, today: Callable[[], date] = date.today
    ) -> None:
        self.secret = secrets.token_urlsafe(32)
        self._ticket: tuple[str, float] | None = None
        self.visits = Visits(root, self._ended)
        self._limit = upload_limit
        self._language = language
        self._today = today
        self._workshop: Workshop

    def ticket(self) -> str:
        """A word that opens the page once and soon: other users see how a browser is started."""
        word = secrets.token_urlsafe(32)
        self._ticket = word, time.monotonic() + TICKET_SECONDS
        return word

    def application(self) -> Starlette:
        """The routes."""
        visited = [
            Route("/", self._of_visit(self._page)),
            Route("/state", self._of_visit(self._state)),
            Route("/file/{role}", self._changing(self._take), methods=["PUT"]),
            Route("/remove", self._changing(self._remove), methods=["POST"]),
            Route("/sample", self._changing(self._sample), methods=["POST"]),
            Route("/date", self._changing(self._date), methods=["POST"]),
            Route("/basis", self._changing(self._basis), methods=["POST"]),
            Route("/run", self._changing(self._run), methods=["POST"]),
            Route("/stop", self._changing(self._stop), methods=["POST"]),
            Route("/language", self._changing(self._switch), methods=["POST"]),
            Route("/quote", self._changing(self._quote), methods=["POST"]),
            Route("/years", self._changing(self._years), methods=["POST"]),
            Route("/activities", self._changing(self._activities), methods=["POST"]),
            Route("/leave", self._of_visit(self._leave), methods=["POST"]),
            Route("/report", self._of_visit(self._report)),
            Route("/template", self._of_visit(self._template)),
            Route("/download/{name}", self._of_visit(self._download)),
        ]
        routes = [
            Route("/open/{ticket}", self._open),
            Route("/{secret}/", self._begin),
            Route("/{secret}/asset/{name}", self._asset),
            Mount("/{secret}/{visit}", routes=visited),
        ]
        return Starlette(
            routes=routes,
            lifespan=self._living,
            exception_handlers={
                HTTPException: self._refused,
                ActuarialError: self._said_no,
                OSError: self._said_no,
                Exception: self._failed,
            },
        )

    @asynccontextmanager
    async def _living(self, app: Starlette) -> AsyncIterator[None]:
        self._workshop = Workshop()
        tasks = [asyncio.create_task(self._workshop.work()), asyncio.create_task(self._sweep())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for visit in self.visits:
                self.visits.end(visit)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.visits.sweep()

    def _ended(self, visit: Visit) -> None:
        for task in visit.tasks:
            self._workshop.stop(task)

    # ------------------------------------------------------------------------------------ who asks

    def _check_secret(self, request: Request) -> None:
        if not secrets.compare_digest(request.path_params["secret"].encode(), self.secret.encode()):
            raise HTTPException(403)

    def _of_visit(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """An answer for a visit, in its language."""

        async def answer(request: Request) -> Response:
            self._check_secret(request)
            visit = self.visits.find(request.path_params["visit"])
            if visit is None:
                if handler == self._page:
                    return RedirectResponse(f"/{self.secret}/", status_code=303)
                raise HTTPException(410)
            with spoken(visit.language):
                return self._signed(request, await handler(request, visit))

        return answer

    def _signed(self, request: Request, response: Response) -> Response:
        visit = self.visits.find(request.path_params.get("visit", ""))
        if visit is not None:
            response.headers[PROOF_HEADER] = visit.proof
        return response

    def _changing(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """An answer for a page of a visit that is open."""

        async def for_page(request: Request, visit: Visit) -> Response:
            if not self.visits.hear(visit, request.headers.get(PAGE_HEADER, "")):
                raise HTTPException(410)
            return await handler(request, visit)

        return self._of_visit(for_page)

    async def _open(self, request: Request) -> Response:
        ticket, until = self._ticket or ("", 0.0)
        is_it = secrets.compare_digest(request.path_params["ticket"].encode(), ticket.encode())
        if not ticket or not is_it or time.monotonic() > until:
            return self._notice("used_link", 403)
        self._ticket = None
        return RedirectResponse(f"/{self.secret}/", status_code=303)

    async def _begin(self, request: Request) -> Response:
        self._check_secret(request)
        visit = self.visits.begin(self._language)
        if visit is None:
            return self._notice("crowded", 503)
        return RedirectResponse(f"/{self.secret}/{visit.name}/", status_code=303)

    # ------------------------------------------------------------------------------------ refusals

    def _notice(self, name: str, status: int) -> Response:
        with spoken(self._language):
            return HTMLResponse(rendered("notice.html.j2", text=said(WORDS[name])), status_code=status)

    async def _refused(self, request: Request, error: Exception) -> Response:
        status = cast(HTTPException, error).status_code
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return self._notice("closed" if status == 410 else "not_here", status)
        return self._signed(request, JSONResponse({"status": status}, status_code=status))

    async def _said_no(self, request: Request, error: Exception) -> Response:
        """An error with a code, in the language of the page."""
        return self._problem(request, error, 422)

    async def _failed(self, request: Request, error: Exception) -> Response:
        return self._problem(request, error, 500)

    def _problem(self, request: Request, error: Exception, status: int) -> Response:
        visit = self.visits.find(request.path_params.get("visit", ""))
        fault = fault_of(error)
        with spoken(visit.language if visit else self._language):
            said_so = {"code": fault.code, "message": fault.message.said()}
        return self._signed(request, JSONResponse(said_so, status_code=status))

    # ------------------------------------------------------------------------------------ the page

    async def _asset(self, request: Request) -> Response:
        self._check_secret(request)
        name = request.path_params["name"]
        if name not in ASSETS:
            raise HTTPException(404)
        return Response(asset(name), media_type=ASSETS[name])

    async def _page(self, request: Request, visit: Visit) -> Response:
        html = rendered(
            "page.html.j2",
            base=f"/{self.secret}/{visit.name}/",
            assets=f"/{self.secret}/asset/",
            page=self.visits.enter(visit),
            proof=visit.proof,
            parts=self._fragments(visit),
            limit=self._limit,
            company=visit.company,
            longest_company=LONGEST_COMPANY,
            premium_form=premium_view.form_html(premium_view.Form.of(visit.draft)),
        )
        return HTMLResponse(html)

    def _fragments(self, visit: Visit) -> dict[str, str]:
        return fragments(visit, self._workshop, self._today())

    async def _state(self, request: Request, visit: Visit) -> Response:
        if not self.visits.hear(visit, request.headers.get(PAGE_HEADER, "")):
            raise HTTPException(410)
        return self._present(visit)

    def _present(self, visit: Visit) -> Response:
        return JSONResponse({"is_busy": bool(visit.tasks), "parts": self._fragments(visit)})

    async def _leave(self, request: Request, visit: Visit) -> Response:
        # a beacon has no header of its own
        page = (await _body(request, 200)).decode("ascii", errors="replace")
        self.visits.leave(visit, page)
        return Response(status_code=204)

    async def _switch(self, request: Request, visit: Visit) -> Response:
        fields = await _fields(request)
        given = dict(fields)
        if given.get("language") not in LANGUAGES:
            raise HTTPException(400)
        visit.language = given["language"]
        visit.company = _line(given.get("company", ""))
        visit.draft = [(name, value) for name, value in fields if name not in ("language", "company")]
        return Response(status_code=204)

    # ------------------------------------------------------------------------------------ portfolio

    async def _take(self, request: Request, visit: Visit) -> Response:
        role = request.path_params["role"]
        if role not in get_args(Role):
            raise HTTPException(404)
        if role in visit.receiving:
            raise HTTPException(409)
        limit = self._limit if role == "portfolio" else min(MOST_TEXT, self._limit)
        if int(request.headers.get("content-length") or 0) > limit:
            raise too_large(role, limit)
        visit.receiving.add(role)
        self._forget(visit, keep_check=role == "basis")
        try:
            name = shown_name(request.headers.get("x-file-name"))
            upload = await taken(request.stream(), visit.folder, role, name, limit)
        except (UploadError, ClientDisconnect, OSError) as error:
            if role != "basis":
                self._check(visit)  # what was there before
            if isinstance(error, ClientDisconnect):
                raise HTTPException(400) from None
            raise
        finally:
            visit.receiving.discard(role)
        self._given(visit, role, upload)
        return self._present(visit)

    def _given(self, visit: Visit, role: Role, upload: Upload) -> None:
        visit.files[role] = upload
        if role == "basis":
            visit.basis = upload.path.name
        else:
            self._check(visit)

    async def _remove(self, request: Request, visit: Visit) -> Response:
        role = dict(await _fields(request)).get("role", "")
        if role == "mapping" and (upload := visit.files.pop("mapping", None)) is not None:
            upload.path.unlink(missing_ok=True)
            self._check(visit)
        return self._present(visit)

    async def _sample(self, request: Request, visit: Visit) -> Response:
        data = resources.files("actuarial").joinpath("sample", SAMPLE).read_bytes()
        if "portfolio" in visit.receiving:
            raise HTTPException(409)

        async def pieces() -> AsyncIterator[bytes]:
            yield data

        self._forget(visit)
        upload = await taken(pieces(), visit.folder, "portfolio", SAMPLE, len(data))
        if (mapping := visit.files.pop("mapping", None)) is not None:
            mapping.path.unlink(missing_ok=True)
        visit.valuation_date = SAMPLE_DATE
        self._given(visit, "portfolio", upload)
        return self._present(visit)

    async def _date(self, request: Request, visit: Visit) -> Response:
        try:
            day: date | None = calendar_day(dict(await _fields(request)).get("date", ""))
        except ValueError:
            day = None
        if day != visit.valuation_date:
            visit.valuation_date = day
            self._check(visit)
        return self._present(visit)

    async def _basis(self, request: Request, visit: Visit) -> Response:
        name = dict(await _fields(request)).get("basis", "")
        own = visit.files.get("basis")
        known = [*basis_names(), *([own.path.name] if own else [])]
        self._forget(visit, keep_check=True)
        visit.basis = name if name in known else None
        return self._present(visit)

    def _forget(self, visit: Visit, *, keep_check: bool = False) -> None:
        """Drop what was computed from other inputs."""
        if visit.reserving is not None:
            self._workshop.stop(visit.reserving)
        visit.reserving = visit.reserved = None
        shutil.rmtree(visit.folder / RUN_FOLDER, ignore_errors=True)
        if keep_check:
            return
        if visit.checking is not None:
            self._workshop.stop(visit.checking)
        visit.checking = visit.checked = None

    def _check(self, visit: Visit) -> None:
        """Check anew if there are a file and a date."""
        self._forget(visit)
        portfolio = visit.files.get("portfolio")
        if portfolio is None or visit.valuation_date is None:
            return
        job = CheckJob(portfolio.given, visit.valuation_date, _mapping(visit))

        def finished(answer: Any) -> None:
            visit.checking, visit.checked = None, answer

        visit.checking = Task(job, visit.folder, finished)
        self._workshop.submit(visit.checking)

    async def _run(self, request: Request, visit: Visit) -> Response:
        visit.company = _line(dict(await _fields(request)).get("company", ""))
        portfolio = visit.files.get("portfolio")
        if visit.reserving is None and is_ready(visit) and portfolio is not None:
            assert visit.valuation_date is not None and visit.basis is not None
            self._forget(visit, keep_check=True)
            is_own = "basis" in visit.files and visit.basis == visit.files["basis"].path.name
            job = ReserveJob(
                portfolio.given,
                visit.valuation_date,
                visit.basis,
                _mapping(visit),
                visit.language,
                is_own,
                visit.company,
            )

            def finished(answer: Any) -> None:
                visit.reserving, visit.reserved = None, answer

            visit.reserving = Task(job, visit.folder, finished)
            self._workshop.submit(visit.reserving)
        return self._present(visit)

    async def _stop(self, request: Request, visit: Visit) -> Response:
        self._forget(visit, keep_check=True)
        return self._present(visit)

    # ------------------------------------------------------------------------------------ what is taken away

    async def _report(self, request: Request, visit: Visit) -> Response:
        if not isinstance(visit.reserved, Reserved):
            raise HTTPException(404)
        return FileResponse(
            visit.folder / RUN_FOLDER / "report.html",
            media_type=_MEDIA[".html"],
            headers={"content-security-policy": REPORT_POLICY},
        )

    async def _template(self, request: Request, visit: Visit) -> Response:
        from actuarial.report.template_workbook import write_template

        path = visit.folder / "template.xlsx"
        await anyio.to_thread.run_sync(
            partial(write_template, path, "annuities", visit.language, replace=True)
        )
        return _download(path, f"annuities-{visit.language}.xlsx")

    async def _download(self, request: Request, visit: Visit) -> Response:
        name = request.path_params["name"]
        found: Reserved | Checked | Fault | None = visit.reserved
        if name == CHECKS:
            if isinstance(found, Reserved) and CHECKS in found.files:
                return _download(visit.folder / RUN_FOLDER / CHECKS, CHECKS)
            checked = found if isinstance(found, Checked) else visit.checked
            if not isinstance(checked, Checked):
                raise HTTPException(404)
            return _download(visit.folder / checked.workbook, CHECKS)
        if name not in DOWNLOADS or not isinstance(found, Reserved):
            raise HTTPException(404)
        stem = f"reserve-{found.valuation_date.isoformat()}"
        folder = visit.folder / RUN_FOLDER
        if name == "run.zip":
            path = visit.folder / f"{secrets.token_hex(8)}.zip"
            await anyio.to_thread.run_sync(partial(_write_zip, path, folder, found, stem))
            return _download(path, f"{stem}.zip", BackgroundTask(path.unlink, missing_ok=True))
        return _download(folder / name, f"{stem}-{name}")

    # ------------------------------------------------------------------------------------ premium

    async def _quote(self, request: Request, visit: Visit) -> Response:
        visit.draft = await _fields(request)
        form = premium_view.Form.of(visit.draft)
        return JSONResponse(await anyio.to_thread.run_sync(premium_view.quote_answer, form))

    async def _years(self, request: Request, visit: Visit) -> Response:
        form = premium_view.Form.of(await _fields(request))
        rows = [premium_view.activity_row(code, form) for code in form.oked]
        chosen = rendered("chosen.html.j2", activities=rows)
        return JSONResponse({"years": premium_view.years_html(form), "chosen": chosen})

    async def _activities(self, request: Request, visit: Visit) -> Response:
        fields = await _fields(request)
        form = premium_view.Form.of(fields)
        words = dict(fields).get("words", "")
        html = await anyio.to_thread.run_sync(premium_view.activities_html, words, form)
        return JSONResponse({"html": html})


def _mapping(visit: Visit) -> Given | None:
    upload = visit.files.get("mapping")
    return upload.given if upload else None


def _line(name: str) -> str:
    """The name of a company as one line of print."""
    return "".join(c for c in " ".join(name.split()) if c.isprintable())[:LONGEST_COMPANY]


def _download(path: Path, name: str, after: BackgroundTask | None = None) -> Response:
    if not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, filename=name, media_type=_MEDIA[path.suffix], background=after)


def _write_zip(path: Path, folder: Path, found: Reserved, stem: str) -> None:
    """The run folder as one file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in found.files:
            archive.write(folder / name, f"{stem}/{name}")


async def _body(request: Request, limit: int) -> bytes:
    body = b""
    with suppress(ClientDisconnect):
        async for piece in request.stream():
            body += piece
            if len(body) > limit:
                raise HTTPException(413)
    return body


async def _fields(request: Request) -> list[tuple[str, str]]:
    """Fields of a form, as ``application/x-www-form-urlencoded``."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = (await _body(request, LONGEST_FIELDS)).decode("utf-8", errors="replace")
    try:
        return parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
