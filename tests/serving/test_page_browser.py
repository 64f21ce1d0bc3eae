"""The page in a real browser without a window: the whole way of an actuary, on a desktop and on a phone.

Pictures go to the folder of the environment variable ACTUARIAL_SCREENSHOTS, otherwise to pytest's own.
Without Chromium or Playwright the tests are skipped.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from page_server import Running, running

from actuarial.money import spaced, tenge_text
from cli.main import root

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright", reason="Playwright is not installed: it drives the browser")

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on the path: apt-get install chromium to drive the page"
)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-default-apps", "--no-first-run", "--disable-domain-reliability",
]  # fmt: skip
SAMPLE = Path(__file__).parents[2] / "actuarial" / "sample" / "annuities-synthetic.xlsx"
ROWS = SAMPLE.with_suffix(".csv")
SECOND = 1000
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    asked = os.environ.get("ACTUARIAL_SCREENSHOTS")
    folder = Path(asked) if asked else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Watched:
    """A page in a browser of its own, with what it said on the console and asked for."""

    def __init__(self, browser: Browser, server: Running, path: str = "", **options: Any) -> None:
        self.context = browser.new_context(accept_downloads=True, locale="ru-RU", **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60 * SECOND)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.context.on("request", lambda request: self.asked.append(request.url))
        self._own = f"http://127.0.0.1:{server.port}/"
        self.page.goto(self._own + (path or f"{server.page.secret}/"))

    def is_quiet(self) -> None:
        """Nothing on the console, nothing asked for elsewhere."""
        assert self.said == []
        assert [url for url in self.asked if not url.startswith(self._own)] == []

    def fits(self) -> None:
        """Nothing is wider than the window."""
        wide = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1]

    def picture(self, path: Path) -> None:
        # what stays at the top would stand in the middle of a picture of the whole page
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=path, full_page=True)

    def taken(self, selector: str) -> bytes:
        """What a click on a link lets one take away."""
        with self.page.expect_download() as download:
            self.page.click(selector)
        return Path(download.value.path()).read_bytes()


@pytest.fixture
def open_page(browser: Browser, server: Running) -> Iterator[Any]:
    opened: list[Watched] = []

    def opener(path: str = "", **options: Any) -> Watched:
        opened.append(Watched(browser, server, path, **options))
        return opened[-1]

    yield opener
    for watched in opened:
        watched.context.close()


def bad_rows(folder: Path) -> Path:
    """The sample with cells no insurer should have."""
    lines = [line.split(",") for line in ROWS.read_text(encoding="utf-8").splitlines()[:60]]
    lines[3][5], lines[4][5], lines[5][10], lines[9][12] = "31.02.1980", "x", "150", "-5"
    lines[6][0] = "<img src=x onerror=alert(1)> 050101300123"
    path = folder / "июнь <b> 050101300123.csv"
    path.write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    return path


def beside(open_page: Any, watched: Watched, picture: Path, sizes: Sequence[str], wait: str) -> None:
    """The same page on other kinds of screen: it is quiet, fits, and is drawn."""
    path = watched.page.url.partition("#")[0].split("/", 3)[3]
    for size in sizes:
        other = open_page(path, **SIZES[size])
        other.page.wait_for_selector(wait)
        other.fits()
        other.picture(picture.with_name(f"{size}-{picture.name}"))
        other.is_quiet()
        other.page.close(run_before_unload=True)


def test_from_a_file_to_the_workbook(open_page: Any, tmp_path: Path, pictures: Path) -> None:
    watched = open_page(**SIZES["desktop"])
    page = watched.page
    assert page.input_value("#valuation-date") == ""
    assert page.is_disabled("#compute")
    watched.picture(pictures / "desktop-1-begin.png")

    page.set_input_files("#portfolio-file", bad_rows(tmp_path))
    page.wait_for_selector(".given")
    assert page.inner_text(".given .name") == "июнь <b> **********23.csv"
    page.fill("#valuation-date", "2026-01-01")
    page.wait_for_selector("#check-part .verdict.bad")
    cells = page.locator(".cells > div").all_inner_texts()
    assert [text.split("\n") for text in cells if "31.02.1980" in text] == [
        ["line 4, column F", "31.02.1980"]
    ]
    assert "050101300123" not in page.content() and page.locator("#check-part img").count() == 0
    assert page.is_disabled("#compute")
    watched.fits()
    watched.picture(pictures / "desktop-2-findings.png")
    beside(open_page, watched, pictures / "2-findings.png", ["phone"], "#check-part .verdict.bad")
    checks = load_workbook(io.BytesIO(watched.taken("#check-part a.button")))
    told = [row for sheet in checks for row in sheet.values if "31.02.1980" in row]
    assert told and "E2102" in told[0] and "line 4, column F" in told[0]

    page.set_input_files("#portfolio-file", SAMPLE)
    page.wait_for_selector("#check-part .verdict:not(.bad)")
    page.select_option("#basis", "illustrative-2026")
    page.fill("#company", "ТОО «Қорғау»")
    page.wait_for_selector("#compute:not([disabled])")
    # by the keyboard: the focus stays at the result
    page.focus("#compute")
    page.keyboard.press("Enter")
    page.wait_for_selector(".headline")
    assert page.evaluate("document.activeElement.id") == "run-part"
    report = page.frame_locator("iframe")
    assert report.locator("h1").inner_text() == "Annuity reserve"
    assert "ТОО «Қорғау»" in report.locator("header").inner_text()
    watched.fits()
    page.locator("iframe").scroll_into_view_if_needed()
    page.screenshot(path=pictures / "desktop-3-report.png")
    watched.picture(pictures / "desktop-4-result.png")
    beside(open_page, watched, pictures / "4-result.png", ["phone", "dark"], ".headline")

    with zipfile.ZipFile(io.BytesIO(watched.taken("#take-run-zip"))) as archive:
        record = json.loads(archive.read("reserve-2026-01-01/run.json"))
    workbook = load_workbook(io.BytesIO(watched.taken("#take-report-xlsx")), data_only=True)
    amounts = {
        cell if isinstance(cell, int) else round(cell * 100)
        for sheet in workbook
        for row in sheet.values
        for cell in row
        if isinstance(cell, (int, float))
    }
    shown = {
        cell.get_attribute("data-total"): cell.inner_text().replace("\u00a0", " ")
        for cell in page.locator("[data-total]").all()
    }
    assert len(shown) == 5
    for name, text in shown.items():
        tiyn = int(record["totals"][name].replace(".", ""))
        assert text == spaced(tiyn) and tenge_text(tiyn) == record["totals"][name]
        assert tiyn in amounts
    watched.is_quiet()


def test_the_premium(open_page: Any, pictures: Path) -> None:
    watched = open_page(**SIZES["desktop"])
    page = watched.page
    page.click("#to-premium")
    page.click("button[type=submit]")
    page.wait_for_selector("[aria-invalid=true]")
    assert page.evaluate("document.activeElement.id") == "contract_date"
    assert {"contract_date", "oked", "payroll"} == {
        field.get_attribute("id") for field in page.locator("[aria-invalid=true]").all()
    }
    watched.picture(pictures / "desktop-5-errors.png")

    page.fill("#contract_date", "2026-02-01")
    # by the keyboard alone
    page.focus("#oked")
    page.keyboard.type("добыча угля")
    page.wait_for_selector("#activities [role=option]")
    assert page.get_attribute("#oked", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#oked", "aria-activedescendant") == "option-0"
    watched.picture(pictures / "desktop-6-search.png")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chosen .class")
    code = page.input_value("#chosen [name=oked]")
    page.fill("#payroll", "100 000 000")
    page.fill("#workers", "60")
    page.check("[name=history][value=some]")
    page.fill("#injured-2025", "12")
    page.fill("#deaths-2024", "1")
    page.check("[name=at_fault]")
    page.press("#workers", "Enter")
    page.wait_for_selector("#premium-sum")
    assert page.input_value("#injured-2025") == "12"
    assert "13 in 2023-2025" in page.inner_text("#quote")
    watched.fits()
    watched.picture(pictures / "desktop-7-premium.png")
    path = page.url.partition("#")[0].split("/", 3)[3]
    for size in ("phone", "dark"):
        # the fields are those of the visit
        other = open_page(f"{path}#premium", **SIZES[size])
        other.page.click("button[type=submit]")
        other.page.wait_for_selector("#premium-sum")
        assert other.page.inner_text("#premium-sum") == page.inner_text("#premium-sum")
        other.fits()
        other.picture(pictures / f"{size}-7-premium.png")
        other.is_quiet()
        other.page.close(run_before_unload=True)
    flags = f"--oked {code} --contract-date 2026-02-01 --workers 60 --at-fault --json"
    counts = (
        "--injured 2025=12 --injured 2024=0 --injured 2023=0 --deaths 2025=0 --deaths 2024=1 --deaths 2023=0"
    )
    words = ["quote", "--payroll", "100000000", *flags.split(), *counts.split()]
    quoted = json.loads(CliRunner().invoke(root, words, standalone_mode=False).stdout)
    premium = int(quoted["premium"].replace(".", ""))
    assert page.inner_text("#premium-sum").replace("\u00a0", " ") == f"{spaced(premium)} ₸"
    # a fault in a part that is folded away is shown
    page.click("details:has(#instalments) > summary")
    page.select_option("#instalments", "12")
    page.click("details:has(#instalments) > summary")
    page.fill("#end", "2026-02-05")
    page.press("#workers", "Enter")
    page.wait_for_selector("#instalments[aria-invalid]", state="visible")
    assert page.evaluate("document.activeElement.id") == "instalments"
    watched.is_quiet()


def test_what_is_typed_while_the_server_answers_stays(open_page: Any) -> None:
    page = open_page().page
    page.click("#to-premium")
    page.fill("#contract_date", "2026-02-01")
    page.check("[name=history][value=some]")
    page.wait_for_selector("#injured-2024")
    held: list[Any] = []
    page.route("**/years", lambda route: held.append(route))
    for day, year in (("2025-02-01", "2024"), ("2025-03-01", "2022")):
        page.fill("#contract_date", day)
        page.press("#contract_date", "Tab")
        page.fill("#injured-2024", f"{year[-1]}")
        while not held:
            page.wait_for_timeout(20)
        page.wait_for_timeout(200)
        while held:
            held.pop(0).continue_()
        page.wait_for_selector(f"#injured-{year}")
        page.wait_for_timeout(200)
        assert page.input_value("#injured-2024") == year[-1]
    assert page.locator("#injured-2025").count() == 0


def test_the_language_switch_keeps_everything(open_page: Any, pictures: Path) -> None:
    watched = open_page(**SIZES["desktop"])
    page = watched.page
    page.click("[data-post=sample]")
    page.wait_for_selector("#check-part .verdict:not(.bad)")
    assert page.input_value("#valuation-date") == "2026-01-01"
    page.select_option("#basis", "illustrative-2026")
    page.wait_for_selector("#compute:not([disabled])")
    page.fill("#company", "Q&A")
    page.click("#to-premium")
    page.fill("#contract_date", "2026-02-01")
    page.check("[name=activity_by][value=class]")
    page.fill("#risk_class", "7")
    page.fill("#payroll", "5000000")
    page.click("button[type=submit]")
    page.wait_for_selector("#premium-sum")
    for code in ("ru", "kk"):
        page.click(f"[data-language={code}]")
        page.wait_for_selector(f"html[lang={code}]")
        page.wait_for_selector("#premium-sum")
        assert page.input_value("#risk_class") == "7" and page.is_visible("#risk_class")
        page.click("#to-portfolio")
        assert page.inner_text(".given .name") == SAMPLE.name
        assert page.input_value("#valuation-date") == "2026-01-01"
        assert page.input_value("#company") == "Q&A"
        if code == "ru":
            page.click("#compute:not([disabled])")
        page.wait_for_selector(".headline")
        # the report is in the language in which it was computed
        assert page.locator("#run-part .verdict.care").count() == (code == "kk")
        watched.picture(pictures / f"{code}-result.png")
        page.click("#to-premium")
        watched.picture(pictures / f"{code}-premium.png")
    page.pdf(path=pictures / "premium.pdf")
    assert (pictures / "premium.pdf").read_bytes().startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.is_visible("button[type=submit]") and page.is_visible("#premium-sum")
    watched.is_quiet()


def test_a_mapping_by_the_keyboard(open_page: Any, tmp_path: Path) -> None:
    page = open_page().page
    page.wait_for_load_state("networkidle")
    page.focus("#portfolio .links a")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("#portfolio details[open]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "mapping-file"
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("columns: {claim_id: case}\n")
    page.set_input_files("#mapping-file", mapping)
    page.wait_for_selector("[data-fields='role=mapping']")


def test_closing_the_page_deletes_what_it_was_given(open_page: Any, server: Running) -> None:
    watched = open_page()
    page = watched.page
    page.set_input_files("#portfolio-file", SAMPLE)
    page.wait_for_selector(".given")
    (visit,) = server.page.visits
    page.reload()
    page.wait_for_selector(".given")
    time.sleep(0.3)
    assert len(visit.pages) == 1
    page.close(run_before_unload=True)
    deadline = time.monotonic() + 20
    while visit.folder.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not visit.folder.exists()
    assert list(server.root.iterdir()) == []


def test_a_page_whose_server_is_gone_says_so(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as server:
        watched = Watched(browser, server)
        watched.page.wait_for_selector("#compute")
        port = server.port
    watched.page.click("[data-post=sample]")
    watched.page.wait_for_selector("#lost:not([hidden])")
    # another program takes the port: it is told nothing, and what it says is not shown
    asked: list[str] = []

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.command)
            answer = b'{"is_busy": false, "parts": {"file-part": "taken over"}}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_PUT = do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None: ...

    with HTTPServer(("127.0.0.1", port), Other) as other:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        watched.page.set_input_files("#portfolio-file", ROWS)
        watched.page.click("[data-post=sample]")
        deadline = time.monotonic() + 20
        while len(asked) < 2 and time.monotonic() < deadline:
            watched.page.wait_for_timeout(50)
        watched.page.wait_for_timeout(200)
        other.shutdown()
        thread.join()
    assert len(asked) >= 2 and set(asked) == {"GET"}
    assert "taken over" not in watched.page.content() and watched.page.is_visible("#lost")
    watched.context.close()
