"""The reports in a real browser: no console message, no request, nothing wider than a phone, A4 on paper.

Without Chromium the tests are skipped. The pictures are kept in the folder that the environment names in
``ACTUARIAL_SCREENSHOTS``, otherwise in pytest's temporary folder.
"""

from __future__ import annotations

import http.server
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from report_run import Tables

from actuarial.report.reserve_run import ReserveRun

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on the path: apt-get install chromium to look at the pages"
)
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--no-first-run",
    "--disable-domain-reliability", "--disable-features=Translate,OptimizationHints,MediaRouter",
)  # fmt: skip
A4 = 595, 842
OWN = {
    "update.googleapis.com",
    "clients2.google.com",
    "accounts.google.com",
    "optimizationguide-pa.googleapis.com",
}
"""What the browser asks for itself."""
MEASURE = "<script>parent.postMessage(document.documentElement.scrollWidth + '/' + innerWidth, '*')</script>"
FRAME = (
    "<title></title><script>onmessage = e => document.title = e.data</script>"
    '<iframe src="measured.html" width={width} height=900 style="border:0"></iframe>'
)


class Recorder(http.server.BaseHTTPRequestHandler):
    """A proxy that answers nothing and remembers who asked."""

    asked: list[str]

    def do_GET(self) -> None:
        host = self.path.removeprefix("http://").partition("/")[0].partition(":")[0]
        if host not in OWN:
            self.asked.append(self.path)
        self.send_error(404)

    do_CONNECT = do_POST = do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy() -> Iterator[tuple[int, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (Recorder,), {"asked": asked})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()


def browse(page: Path, profile: Path, *options: str, port: int = 9) -> tuple[str, list[str]]:
    """Standard output and the console messages of one visit."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, *QUIET, f"--user-data-dir={profile}", f"--proxy-server=http://127.0.0.1:{port}",
         "--proxy-bypass-list=<-loopback>", "--enable-logging=stderr", *options, page.as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout, re.findall(r"CONSOLE.*", done.stderr)


def test_no_console_message_and_no_request(
    folders: dict[str, Path], tmp_path: Path, proxy: tuple[int, list[str]]
) -> None:
    port, asked = proxy
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<img src=http://example.invalid/x.png><script>console.error('seen')</script>", encoding="utf-8"
    )
    _, console = browse(bad, tmp_path / "profile", "--dump-dom", port=port)
    # the net has no holes: what a page must not do is noticed
    assert [path for path in asked if "example.invalid" in path]
    assert any("seen" in message for message in console)
    asked.clear()
    for folder in folders.values():
        dom, console = browse(folder / "report.html", tmp_path / "profile", "--dump-dom", port=port)
        assert console == []
        assert asked == []
        written = Tables((folder / "report.html").read_text(encoding="utf-8"))
        # nothing was mended by the browser: it has the elements that were written
        elements = [tag for tag, _ in Tables(dom).tags if tag != "path"]
        assert elements == [tag for tag, _ in written.tags if tag != "path"]


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(folders: dict[str, Path], tmp_path: Path, width: int) -> None:
    for folder in folders.values():
        text = (folder / "report.html").read_text(encoding="utf-8")
        free = re.sub(r"<meta http-equiv=[^>]*>", "", text)
        # a window cannot be as narrow as a phone, a frame can
        (tmp_path / "measured.html").write_text(free.replace("</body>", MEASURE), encoding="utf-8")
        frame = tmp_path / "frame.html"
        frame.write_text(FRAME.format(width=width), encoding="utf-8")
        dom, _ = browse(frame, tmp_path / "profile", "--dump-dom", "--virtual-time-budget=3000")
        found = re.search(r"<title>(\d+)/(\d+)</title>", dom)
        assert found is not None
        assert int(found[1]) <= int(found[2]) == width


def test_pictures_and_paper(reserve_run: ReserveRun, tmp_path: Path) -> None:
    page = reserve_run.folder / "report.html"
    sizes, kept = {}, pictures(tmp_path)
    for name, options in {
        "desktop": ("--window-size=1280,2000",),
        "dark": ("--window-size=1280,2000", "--blink-settings=preferredColorScheme=0"),
        "phone": ("--window-size=390,2000",),
    }.items():
        picture = kept / f"reserve-{name}.png"
        browse(page, tmp_path / "profile", *options, f"--screenshot={picture}")
        sizes[name] = average(picture)
    assert sizes["desktop"] > 200 > 60 > sizes["dark"]
    assert sizes["phone"] > 200
    paper = tmp_path / "report.pdf"
    browse(page, tmp_path / "profile", f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    content = paper.read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {A4}
    assert 5 <= len(boxes) <= 20


def test_a_picture_of_every_report(folders: dict[str, Path], tmp_path: Path) -> None:
    for name, folder in folders.items():
        picture = pictures(tmp_path) / f"report-{name}.png"
        browse(
            folder / "report.html", tmp_path / "profile", "--window-size=1280,3000", f"--screenshot={picture}"
        )
        assert 200 < average(picture) < 254


def pictures(otherwise: Path) -> Path:
    """Where pictures are kept."""
    folder = Path(os.environ.get("ACTUARIAL_SCREENSHOTS", otherwise))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def average(picture: Path) -> float:
    """Mean brightness, 0 to 255."""
    from matplotlib.image import imread

    return float(imread(picture)[..., :3].mean() * 255)
