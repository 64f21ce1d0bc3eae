"""A report as one HTML file: no script, font, picture or link from outside, for screen, phone and paper.

Every text is escaped; the only markup from elsewhere is the SVG of `actuarial.report.chart`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actuarial.language import language, said, said_if_message
from actuarial.report import word
from actuarial.report.svg import with_own_ids
from actuarial.report.table import Column, Table, cell_text, printable

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = "page.html.j2"
STYLE = "page.css"
WIDE = 8
"""Columns from which a table is set smaller on paper."""
SHORT = 12
"""Rows up to which a table stays on one sheet of paper."""
_SHORT = 18
_LONG_WORD = 36
_SVG_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """A chart with what to see in it.

    Attributes
    ----------
    svg : str
        From `actuarial.report.chart`; its title is printed above.
    caption : str
        What to see in the chart, printed below.
    alt : str
        The chart in words, for who cannot see it.
    """

    svg: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Section:
    """A part of a page: paragraphs, then figures, then tables."""

    title: str
    text: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class KeyFigure:
    """One of the figures at the top; the note stands right beside it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Page:
    """A report.

    Attributes
    ----------
    title, subtitle : str
    facts : tuple of (str, str)
        What was computed from what: name and value, in the header.
    key_figures : tuple of KeyFigure
    warnings : tuple of str
        What to know before using the figures, above all else.
    sections, appendix : tuple of Section
    """

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    key_figures: tuple[KeyFigure, ...]
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    appendix: tuple[Section, ...] = ()


def page_text(page: Page) -> str:
    """The page as HTML; the same page gives the same bytes."""
    from markupsafe import Markup

    style = resources.files(__package__).joinpath(STYLE).read_text(encoding="utf-8")
    # the same chart may stand twice on a page: the number makes its ids unique
    number = count(1)
    return _template().render(
        page=page,
        word=word,
        language=language(),
        style=Markup(style),
        drawn=lambda figure: _drawn(figure, next(number)),
        cell=cell_text,
        look=_look,
        wide=WIDE,
        short=SHORT,
    )


def write_page(path: Path, page: Page) -> Path:
    """Write the page as one UTF-8 file; the path."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(page_text(page))
    return path


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, finalize=_shown,
    )  # fmt: skip
    environment.filters["said"] = said
    return environment.from_string(resources.files(__package__).joinpath(TEMPLATE).read_text("utf-8"))


def _shown(value: Any) -> Any:
    """A message in the language in force; text without what a browser cannot hold."""
    value = said_if_message(value)
    return printable(value) if type(value) is str else value


def _look(text: str, column: Column) -> Any:
    """Class of a cell: n a number, d a date, s too short to break, w a word too long not to."""
    from markupsafe import Markup

    if column.is_number:
        return Markup(" class=n")
    if column.kind == "date":
        return Markup(" class=d")
    if 0 < len(text) <= _SHORT:
        return Markup(" class=s")
    return Markup(" class=w") if max(map(len, text.split()), default=0) > _LONG_WORD else ""


def _drawn(figure: Figure, number: int) -> dict[str, Any]:
    """Title and SVG of a figure; the title leaves the SVG, where it would be a tooltip over everything."""
    from markupsafe import Markup

    title = _SVG_TITLE.search(figure.svg)
    svg = with_own_ids(_SVG_TITLE.sub("", figure.svg, count=1), f"f{number}")
    opened, _, rest = svg.partition(">")
    label = Markup(' aria-label="{}">').format(printable(said(figure.alt)))
    return {"title": Markup(title[1]) if title else "", "svg": Markup(opened) + label + Markup(rest)}
