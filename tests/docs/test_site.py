"""The built site: both languages, nothing from elsewhere, links that hold, the law as `tariffs` has it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

import mortality
import tariffs
from actuarial.portfolio.finding import CATALOGUE
from actuarial.stress.scenario import load_scenarios
from cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "docs" / "generator"
LANGUAGES = "en", "ru"
NEEDED = "sphinx", "myst_parser", "furo"
pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in NEEDED), reason="the group docs is not installed"
)
FIGURE = re.compile(r"-?\d[\d\u00a0]*(?:[.,]\d+)?")


def built(folder: Path) -> Path:
    """Build as a stranger does: every warning of Sphinx and every broken link ends it."""
    done = subprocess.run(
        [sys.executable, str(GENERATOR / "build.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("docs") / "site")


@pytest.fixture(scope="module")
def check() -> ModuleType:
    found = importlib.util.spec_from_file_location("site_check", GENERATOR / "check.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


class Cells(HTMLParser):
    """Tables of a page as lists of rows of texts, each with the heading it stands under."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.headings: list[str] = []
        self.heading_of: list[str] = []
        self._in_cell = self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
            self.heading_of.append(self.headings[-1] if self.headings else "")
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._in_cell = True
        elif tag in ("h1", "h2", "h3"):
            self.headings.append("")
            self._in_heading = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False
        elif tag in ("h1", "h2", "h3"):
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data
        elif self._in_heading:
            self.headings[-1] += data


def cells(path: Path) -> Cells:
    parsed = Cells()
    parsed.feed(path.read_text(encoding="utf-8"))
    return parsed


def figure(text: str) -> Decimal:
    """The number a cell shows; percent as a fraction."""
    found = FIGURE.fullmatch(text.strip().removesuffix("%").strip())
    assert found is not None, text
    number = Decimal(found[0].replace("\u00a0", "").replace(",", "."))
    return number / 100 if "%" in text else number


def law_page(site: Path, language: str, name: str) -> Cells:
    return cells(site / language / "reference" / "law" / f"{name}.html")


# ---------------------------------------------------------------- the whole site


def test_links_languages_and_requests(site: Path, check: ModuleType) -> None:
    assert check.problems(site) == []
    pages = {
        language: sorted(p.relative_to(site / language) for p in (site / language).rglob("*.html"))
        for language in LANGUAGES
    }
    assert pages["en"] == pages["ru"]
    assert len(pages["en"]) > 150


def test_every_written_page_is_on_the_site(site: Path) -> None:
    for path in (ROOT / "docs").glob("*.md"):
        for language in LANGUAGES:
            assert (site / language / f"{path.name.partition('.')[0]}.html").is_file()
    for language in LANGUAGES:
        folder = site / language / "reference"
        assert all((folder / "command" / f"{name}.html").is_file() for name in COMMANDS)
        assert all((folder / "mortality" / f"{name}.html").is_file() for name in mortality.table_ids())


def test_no_address_is_fetched(site: Path) -> None:
    """A plain search, without the parser of the build: no script, style, picture or font of another host."""
    fetched = re.compile(
        r"""<(?:script|img|iframe|source|embed|object)[^>]*(?:src|data)=["']?(?:https?:)?//"""
        r"""|<link[^>]*rel=["']?(?:stylesheet|preload|icon|preconnect|dns-prefetch)[^>]*href=["']?(?:https?:)?//"""
        r"""|@import|@font-face|url\(["']?(?:https?:)?//""",
        flags=re.IGNORECASE,
    )
    for path in (*site.rglob("*.html"), *site.rglob("*.css")):
        assert fetched.search(path.read_text(encoding="utf-8")) is None, path


def test_the_language_is_declared_and_the_words_are_of_it(site: Path) -> None:
    for language, words in (("en", ("On this page", "Search")), ("ru", ("На этой странице", "Поиск"))):
        text = (site / language / "law.html").read_text(encoding="utf-8")
        assert f'lang="{language}"' in text
        assert all(word in text for word in words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_search_index_is_a_script_and_knows_the_words(site: Path, language: str) -> None:
    """A script can be loaded from file:// too; stems of the language and codes are in it."""
    text = (site / language / "searchindex.js").read_text(encoding="utf-8")
    assert text.startswith("Search.setIndex(")
    index = json.loads(text.removeprefix("Search.setIndex(").rstrip().removesuffix(")"))
    terms = index["terms"]
    assert {"e1102", "minimum_wag" if language == "en" else "minimum_wage"} <= terms.keys()
    assert ("annuiti" in terms or "annuity" in terms) if language == "en" else "аннуитет" in terms
    names = index["docnames"]
    found = terms["e1102"]
    assert any(names[n].startswith("reference/law/") for n in ([found] if isinstance(found, int) else found))


STAGE_TWICE = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from build import stage
for name in ("first", "second"):
    stage(Path(sys.argv[3]) / name / "source", "ru")
"""


def test_pages_are_written_the_same_twice(tmp_path: Path) -> None:
    """Texts, charts and words of the theme. Sphinx' part: two whole builds gave the same bytes, once."""
    subprocess.run([sys.executable, "-c", STAGE_TWICE, str(GENERATOR), str(ROOT), str(tmp_path)], check=True)

    def digests(folder: Path) -> dict[Path, str]:
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    first = digests(tmp_path / "first")
    assert len(first) > 150
    assert first == digests(tmp_path / "second")


# ---------------------------------------------------------------- a fault is found


PAGE = """<!doctype html><html><head><link rel="stylesheet" href="../a.css"></head><body>
<h1 id="top">x</h1><a hreflang="{other}" href="../{other}/{name}.html">y</a>
<a href="b.html#top">b</a> <a href="https://example.org">outside, followed by hand only</a></body></html>"""


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", "utf-8")
    done = subprocess.run(
        [sys.executable, str(GENERATOR / "build.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "holds something else than a site" in done.stderr
    assert (tmp_path / "letter.txt").read_text("utf-8") == "mine"


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    for language, other in (("en", "ru"), ("ru", "en")):
        (tmp_path / language).mkdir()
        for name in ("a", "b"):
            (tmp_path / language / f"{name}.html").write_text(PAGE.format(name=name, other=other), "utf-8")
    (tmp_path / "a.css").write_text("p { background: url(data:image/png;base64,AAAA) }", "utf-8")
    (tmp_path / "a.js").write_text("document.title = 'https://example.org'; // named, not asked", "utf-8")
    return tmp_path


def test_a_right_site_has_no_problem(small_site: Path, check: ModuleType) -> None:
    assert check.problems(small_site) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("en/a.html", 'href="b.html#top"', 'href="c.html"', "en/a.html: c.html leads nowhere"),
        ("en/a.html", "b.html#top", "b.html#bottom", "en/a.html: b.html#bottom: no such place on the page"),
        ("en/a.html", "../a.css", "../b.css", "en/a.html: ../b.css leads nowhere"),
        ("en/a.html", "b.html#top", "../../etc/passwd", "en/a.html: ../../etc/passwd leaves the site"),
        ("en/a.html", "../a.css", "//h/a.css", "en/a.html: loads //h/a.css from elsewhere"),
        ("en/a.html", "</h1>", '<img src="//h/a.png"></h1>', "en/a.html: loads //h/a.png from elsewhere"),
        ("en/a.html", "</h1>", "</h1><script>fetch('https://h')</script>", "en/a.html: asks another host"),
        ("en/a.html", "</h1>", "</h1><style>@import '//h'</style>", "en/a.html: loads //h from elsewhere"),
        ("a.css", "data:image/png;base64,AAAA", "https://h/f.woff2", "a.css: loads https://h/f.woff2"),
        ("a.js", "document.title = ", "e.src = ", "a.js: asks another host"),
        ("en/a.html", "../ru/a.html", "../ru/b.html", "en/a.html: no switch to ru"),
    ],
)  # fmt: skip
def test_the_check_sees_faults(
    small_site: Path, check: ModuleType, file: str, old: str, new: str, problem: str
) -> None:
    page = small_site / file
    text = page.read_text("utf-8")
    assert old in text
    page.write_text(text.replace(old, new), "utf-8")
    assert check.problems(small_site) == [problem]


def test_a_page_in_one_language_only_is_found(small_site: Path, check: ModuleType) -> None:
    (small_site / "ru" / "b.html").write_text("", "utf-8")
    (small_site / "en" / "c.html").write_text(PAGE.format(name="c", other="ru"), "utf-8")
    assert "ru has no c.html, en has" in check.problems(small_site)


# ---------------------------------------------------------------- the law


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_of_the_law(site: Path, language: str) -> None:
    """Every entry of every number, whole number and percentage, in order, with its first day and its mark."""
    n_entries = 0
    for name in tariffs.parameter_names():
        parameter = tariffs.parameter(name)
        if parameter.domain["type"] not in ("number", "integer", "percent"):
            continue
        (rows,) = (table[1:] for table in law_page(site, language, name).tables if len(table[0]) == 5)
        assert len(rows) == len(parameter.entries)
        for row, entry in zip(rows, reversed(parameter.entries), strict=True):
            assert figure(row[1]) == entry.value, (name, entry.start)
            first = entry.start.isoformat() if language == "en" else entry.start.strftime("%d.%m.%Y")
            assert row[0].startswith(first)
            assert row[3].split()[0] == entry.evidence
            assert entry.number is None or entry.number in row[2]
            n_entries += 1
    assert n_entries > 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_of_the_law(site: Path, language: str) -> None:
    """Rates and classes row by row."""
    rates = tariffs.parameter("tariff_rate").entries[-1].value
    (table,) = (t for t in law_page(site, language, "tariff_rate").tables if len(t) == len(rates) + 1)
    assert {int(row[0]): figure(row[1]) for row in table[1:]} == rates
    classes = tariffs.parameter("risk_classes").entries[-1].value
    (table,) = (t for t in law_page(site, language, "risk_classes").tables if len(t) > 1000)
    assert {row[0]: (row[1], int(row[2])) for row in table[1:]} == {
        code: (one["activity_ru"], one["risk_class"]) for code, one in classes.items()
    }
    coefficients = tariffs.parameter("correction_coefficient").entries[-1].value
    tables = [
        t
        for t in law_page(site, language, "correction_coefficient").tables
        if len(t) == len(coefficients) + 1
    ]
    assert tables
    shown = [tuple(figure(cell) if cell else None for cell in row) for row in tables[0][1:]]
    assert shown == [tuple(row.values()) for row in coefficients]


@pytest.mark.parametrize("language", LANGUAGES)
def test_gaps_and_sources_of_the_law(site: Path, language: str) -> None:
    for name in tariffs.parameter_names():
        parameter = tariffs.parameter(name)
        text = (site / language / "reference" / "law" / f"{name}.html").read_text(encoding="utf-8")
        assert parameter.title["kk"] in text.replace("&#39;", "'").replace("&quot;", '"')
        for gap in parameter.gaps:
            day = gap.start.isoformat() if language == "en" else gap.start.strftime("%d.%m.%Y")
            assert day in text
        index = (site / language / "reference" / "law" / "index.html").read_text(encoding="utf-8")
        assert f'href="{name}.html"' in index


def test_the_russian_pages_of_the_law_are_russian(site: Path) -> None:
    """Cells of sources and notes have no run of English words."""
    for name in tariffs.parameter_names():
        for table in law_page(site, "ru", name).tables:
            if len(table[0]) == 5:
                for row in table[1:]:
                    assert re.search(r"[A-Za-z]{4,} [a-z]{3,} [a-z]{2,}", f"{row[2]} {row[4]}") is None, (
                        name,
                        row,
                    )


# ---------------------------------------------------------------- the other generated pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_scenarios_and_codes(site: Path, language: str) -> None:
    folder = site / language / "reference"
    for name in mortality.table_ids():
        table = mortality.load_table(name)
        (rows,) = (t[1:] for t in cells(folder / "mortality" / f"{name}.html").tables if len(t) > 50)
        assert [int(row[0]) for row in rows] == list(range(table.first_age, table.last_age + 1))
        assert [float(figure(row[1])) for row in rows] == pytest.approx(table.qx.tolist(), abs=5e-9)
        text = (folder / "mortality" / f"{name}.html").read_text(encoding="utf-8")
        file = Path(mortality.__file__).parent / "tables" / f"{name}.csv"
        assert hashlib.sha256(file.read_bytes()).hexdigest() in text
        assert "<svg" in text
    scenarios = (folder / "scenario.html").read_text(encoding="utf-8")
    for shipped in load_scenarios("all"):
        for scenario in shipped.scenarios:
            assert f">{scenario.name}<" in scenarios
            assert all(change.parameter in scenarios for change in scenario.changes)
    for code in CATALOGUE:
        assert any(
            f'id="{code.lower()}"' in page.read_text("utf-8")
            for page in (folder / "code").glob(f"{code[1:3]}*.html")
        )


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(("page", "back"), [("limits.md", "limits.md"), ("limits.ru.md", "limits.ru.md")])
def test_pages_and_limits_point_to_each_other(page: str, back: str) -> None:
    docs = ROOT / "docs"
    text = (docs / page).read_text(encoding="utf-8")
    for target in set(re.findall(r"\]\(([a-z-]+(?:\.ru)?\.md)#", text)):
        assert f"]({back})" in (docs / target).read_text(encoding="utf-8").partition("\n## ")[2], target
    suffix = ".ru.md" if ".ru." in page else ".md"
    heading = r"^## .*(?:Чего |Где не дотягивает)" if suffix == ".ru.md" else r"^## .*Where it falls short"
    for path in docs.glob(f"*{suffix}"):
        if (suffix == ".md") != (".ru." not in path.name) or path.name == page:
            continue
        if re.search(heading, path.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert f"]({path.name}" in text, path.name


# ---------------------------------------------------------------- in a browser


def test_search_tables_and_widths_in_a_browser(site: Path) -> None:
    """Opened as files: search answers, a long table filters and sorts, a phone is wide enough."""
    drive = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    asked: list[str] = []
    faults: list[str] = []
    with drive.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))

        page.goto(f"{(site / 'ru' / 'search.html').as_uri()}?q=аннуитетов")
        page.wait_for_selector("ul.search li a")
        found = page.locator("ul.search li a").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        assert any(link.startswith("method-reserve.html") for link in found)

        page.goto((site / "ru" / "reference" / "law" / "risk_classes.html").as_uri())
        long_table = page.locator("table:has(button)")
        page.fill(".table-search input", "угля")
        shown = [
            code.strip() for code in long_table.locator("tbody tr:visible td:first-child").all_inner_texts()
        ]
        classes = tariffs.parameter("risk_classes").entries[-1].value
        assert set(shown) == {code for code, one in classes.items() if "угля" in one["activity_ru"].lower()}
        long_table.locator("th:nth-child(3) button").click()
        order = [
            int(cell) for cell in long_table.locator("tbody tr:visible td:nth-child(3)").all_inner_texts()
        ]
        assert order == sorted(order)
        assert len(order) == len(shown) > 1
        page.click(".language a")
        assert page.url == (site / "en" / "reference" / "law" / "risk_classes.html").as_uri()

        page.set_viewport_size({"width": 390, "height": 800})
        for name in (
            "index",
            "method-reserve",
            "limits",
            "reference/law/minimum_wage",
            "reference/command/reserve",
        ):
            page.goto((site / "ru" / f"{name}.html").as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        browser.close()
    assert faults == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
