"""How a drawing becomes SVG for a page: the same bytes every time, small, and in the colours of the page.

Drawings are made in stand-in colours that become CSS variables, so that one file serves a light and a dark
page; a reader without the variables (an image viewer) sees the light colours.
"""

from __future__ import annotations

import hashlib
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

from actuarial.language import said
from actuarial.report.table import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, GRID = "#010101", "#010102", "#010103"
SERIES = ("#010105", "#010106", "#010107", "#010108", "#010109", "#01010a")
"""Stand-in colours: text, axes, grid, and one a series."""
_LIGHT = {
    INK: ("ink", "#1d2329"), MUTED: ("muted", "#5c6670"), GRID: ("grid", "#dfe3e6"),
    SERIES[0]: ("series-1", "#1f5f8b"), SERIES[1]: ("series-2", "#c4553b"),
    SERIES[2]: ("series-3", "#2f8062"), SERIES[3]: ("series-4", "#a87a12"),
    SERIES[4]: ("series-5", "#6b57a5"), SERIES[5]: ("series-6", "#66727d"),
}  # fmt: skip
"""CSS variable and light colour of each."""
WIDTH = 560
HEIGHT = 320
"""Units of the view box; text is 11 of them high."""
_POINTS = 72
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "actuarial",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 11,
    "axes.unicode_minus": True,
    "axes.edgecolor": GRID,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 10,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "ytick.major.size": 0,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 10,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "path.simplify": True,
}
_TITLE_PAGE = re.compile(r"^.*?<svg.*?(?=viewBox)", re.DOTALL)
_NOT_DRAWN = re.compile(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BETWEEN_TAGS = re.compile(r">\s+<")
_COLOUR = re.compile("|".join(sorted(_LIGHT)))
_FONT_FAMILY = re.compile(r"font-family: [^;\"]*;?\s*|(?<=px) '[^;\"]*")
_LONG_NUMBER = re.compile(r"(?<![\w#.])(-?\d+\.\d{2})\d+")
_NO_ROTATION = re.compile(r' transform="rotate\(-0 [^)]*\)"')
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(url\(#|href="#)([^)"]*)')


@contextmanager
def drawing(height: float = HEIGHT) -> Iterator[tuple[Figure, Axes]]:
    """Give an empty chart of the house look; `as_svg` inside the block turns it into text.

    The settings of the user's matplotlib do not reach it.
    """
    # the first use of a machine looks for fonts and says so on stderr
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    defaults: dict[Any, Any] = dict(matplotlib.rcParamsDefault)
    kept = {key: value for key, value in defaults.items() if not key.startswith("backend")}
    settings: dict[Any, Any] = {**kept, **_SETTINGS}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # text stays text: a letter that the measuring font lacks is the browser's to find
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=(WIDTH / _POINTS, height / _POINTS), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.add_subplot()


def as_svg(figure: Figure, title: str) -> str:
    """The figure as one ``<svg>`` element, its title the element's name."""
    stream = StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(stream, format="svg", metadata=nothing)
    text = _NOT_DRAWN.sub("", _TITLE_PAGE.sub("", stream.getvalue(), count=1))
    view_box = text.split('"', 2)[1]
    drawn = _BETWEEN_TAGS.sub("><", text.partition(">")[2]).strip()
    used = {found[2] for tag in _TAG.findall(drawn) for found in _REFERENCE.finditer(tag)}
    drawn = _TAG.sub(lambda tag: _slim(tag[0], used), drawn)
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{view_box}" role="img" font-family="sans-serif" stroke-linejoin="round">'
        f"<title>{escape(printable(said(title)))}</title>"
    )
    return with_own_ids(head + drawn, hashlib.sha256(drawn.encode()).hexdigest()[:8])


def _slim(tag: str, used: set[str]) -> str:
    """One tag with the page's colours and font, short numbers, and no id that nothing asks for."""
    tag = " ".join(tag.split())
    tag = _ID.sub(lambda found: found[0] if found[1] in used else "", tag)
    tag = _FONT_FAMILY.sub(lambda found: " sans-serif" if found[0].startswith(" ") else "", tag)
    tag = _NO_ROTATION.sub("", _LONG_NUMBER.sub(r"\1", tag))
    return _COLOUR.sub(lambda found: "var(--{}, {})".format(*_LIGHT[found[0]]), tag)


def with_own_ids(text: str, prefix: str) -> str:
    """The SVG with every id, and every reference to one, led by ``prefix``: several may share a page."""

    def prefixed(tag: re.Match[str]) -> str:
        own = _ID.sub(lambda found: f' id="{prefix}-{found[1]}"', tag[0])
        return _REFERENCE.sub(lambda found: f"{found[1]}{prefix}-{found[2]}", own)

    return _TAG.sub(prefixed, text)
