"""Names that are markup, formulas or code: shown as they are, doing nothing, on page and sheet."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
from report_run import CORPUS, Tables

from actuarial.report import chart
from actuarial.report.page import Figure, KeyFigure, Page, Section, page_text
from actuarial.report.premium_run import PremiumRun
from actuarial.report.table import Column, Table
from actuarial.report.workbook import Sheet, SheetChart, legal_names, write_workbook

FORBIDDEN = {
    "script", "img", "iframe", "object", "embed", "form", "input", "video", "audio", "base", "image", "a:a",
    "foreignobject", "animate", "set",
}  # fmt: skip
LINKS = {"href", "src", "xlink:href", "action", "data", "poster", "srcset", "background"}


def hostile_page(names: tuple[str, ...], *, with_charts: bool = False) -> Page:
    first = names[0]
    table = Table(
        first, tuple(Column(name) for name in names), (names, names), total=names, note=" ".join(names)
    )
    figures = (
        hostile_figures(names) if with_charts else (Figure("<svg><title>t</title></svg>", first, first),)
    )
    section = Section(first, names, figures, (table,))
    key = tuple(KeyFigure(name, name, name) for name in names)
    facts = tuple((name, name) for name in names)
    return Page(first, names[1], facts, key, names, (section, section), (section,))


def hostile_figures(names: tuple[str, ...]) -> tuple[Figure, ...]:
    first = names[0]
    values = [float(k) for k in range(len(names))]
    charts = (
        chart.bar_chart(names, dict.fromkeys(names, values), title=first, y_label=first, horizontal=True),
        chart.bar_chart(names, {first: values}, title=first, y_label=first),
        chart.line_chart(values, dict.fromkeys(names, values), title=first, x_label=first, y_label=first),
        chart.heat_map(names, names, [values] * len(names), title=first),
        chart.tornado(names, values, values, title=first, x_label=first, sides=(first, names[1])),
        chart.histogram(values, title=first, x_label=first, marks=dict.fromkeys(names, 1.0)),
        chart.waterfall(names, values, title=first, y_label=first),
        chart.pyramid(names, {first: values}, {first: values}, title=first, x_label=first, sides=names[:2]),
    )
    return tuple(Figure(svg, first, first) for svg in charts)


def harmless(page: Tables) -> None:
    """No element that loads or runs anything, no handler, no link but inside the page."""
    for tag, attributes in page.tags:
        assert tag not in FORBIDDEN, tag
        assert not [name for name in attributes if name.startswith("on")]
        for name in LINKS & set(attributes):
            assert re.fullmatch(r"#[\w-]+|data:,", attributes[name] or ""), attributes[name]
        for value in attributes.values():
            assert not re.search(r"url\((?!#)|expression|@import", value or "") or tag in ("div", "svg")
    ids = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    assert set(ids.values()) == {1}


def test_every_place_of_a_page() -> None:
    """Each name in turn stands where there is one place only: titles, captions."""
    plain = Tables(page_text(hostile_page(tuple(f"name {k}" for k in range(len(CORPUS))))))
    for shift in range(len(CORPUS)):
        names = CORPUS[shift:] + CORPUS[:shift]
        page = Tables(page_text(hostile_page(names)))
        harmless(page)
        assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
        assert {name for _, a in page.tags for name in a} == {name for _, a in plain.tags for name in a}
        shown = "".join(page.texts)
        for name in names:
            assert shown.count(name) >= 10
        assert page.by_caption[names[0]][1][: len(names)] == list(names)


def test_every_place_of_a_chart() -> None:
    page = Tables(page_text(hostile_page(CORPUS[4:] + CORPUS[:4], with_charts=True)))
    harmless(page)
    plain = Tables(page_text(hostile_page(tuple("abcdefghijklm"), with_charts=True)))
    assert {tag for tag, _ in page.tags} == {tag for tag, _ in plain.tags}
    assert {name for _, a in page.tags for name in a} == {name for _, a in plain.tags for name in a}


def test_labels_of_charts_are_as_given() -> None:
    """A short label is shown whole: no number in it is shortened, no dollar starts a formula."""
    labels = ["3.14159265", "#010105", 'x id="y"', "$a_1$", "url(#z)", "_private", "a\nb"]
    svg = chart.bar_chart(labels, {"x": range(len(labels))}, title="t", y_label="y", horizontal=True)
    texts = [text.strip("\u200b") for text in Tables(svg).texts]
    for label in labels:
        assert " ".join(label.split()) in texts


def test_characters_that_no_page_can_hold() -> None:
    page = hostile_page(("a\x00b", "c\ud800d", "e\x08f", "g\x1bh"))
    text = page_text(page)
    assert text.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    assert "a\ufffdb" in text


def test_a_workbook_has_no_formula(tmp_path: Path) -> None:
    table = Table(
        CORPUS[0],
        tuple(Column(name) for name in CORPUS),
        (CORPUS, tuple(f"\x00{name}" for name in CORPUS)),
        total=CORPUS,
        note=CORPUS[0],
    )
    path = write_workbook(
        tmp_path / "book.xlsx",
        [
            Sheet(CORPUS[0], (table,), SheetChart(CORPUS[0], 0, (1,))),
            Sheet(CORPUS[0], (table, table), text=CORPUS),
        ],
    )
    no_formula(path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["=cmd|' C calc'!A0", "=cmd|' C calc'!A0 (2)"]
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == rows[1] == CORPUS


def no_formula(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name).decode("utf-8")
            if name.startswith("xl/worksheets/"):
                assert "<f>" not in content and "<f " not in content
                assert "<hyperlink" not in content
            if name.endswith(".rels"):
                assert 'TargetMode="External"' not in content
    book = openpyxl.load_workbook(path)
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_reports_of_a_hostile_book(premium_run: PremiumRun) -> None:
    page = Tables((premium_run.folder / "report.html").read_text(encoding="utf-8"))
    harmless(page)
    assert {row[0] for row in page.by_caption["Premium by region"][1:]} == {*CORPUS, "all"}
    no_formula(premium_run.folder / "report.xlsx")
    book = openpyxl.load_workbook(premium_run.folder / "report.xlsx")
    results = list(book["results"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in results] == [f"{name} {k}" for k, name in enumerate(CORPUS)]


def test_names_of_sheets() -> None:
    long = "x" * 40
    found = legal_names([long, long, "a:b", "A B", "'q'", "history", "", "[]"])
    assert len({name.casefold() for name in found}) == len(found)
    assert found[:2] == ["x" * 31, "x" * 27 + " (2)"]
    assert found[2:] == ["a b", "A B (2)", "q", "history (2)", "sheet", "sheet (2)"]
