"""Charts measured in their own SVG: lengths and places are in proportion to the numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from actuarial.report import chart

PATH = re.compile(r'<path d="([^"]*)" clip-path="[^"]*" style="([^"]*)"')
"""What is drawn inside the axes: not the legend."""
POINT = re.compile(r"[ML] (-?[\d.]+) (-?[\d.]+)")
YEARS = list(range(2026, 2046))


def shapes(svg: str, series: int, kind: str = "fill") -> list[np.ndarray]:
    """Points of the closed shapes (or lines) in the colour of a series, as arrays of (x, y)."""
    colour = f"{kind}: var(--series-{series}"
    return [
        np.array([(float(x), float(y)) for x, y in POINT.findall(path)])
        for path, style in PATH.findall(svg)
        if colour in style
    ]


def extents(svg: str, series: int, axis: int) -> np.ndarray:
    return np.array([[s[:, axis].min(), s[:, axis].max()] for s in shapes(svg, series)])


def lengths(svg: str, series: int, axis: int) -> np.ndarray:
    return np.diff(extents(svg, series, axis))[:, 0]


def in_proportion(drawn: np.ndarray, numbers: list[float]) -> None:
    """Within the hundredth of a unit to which places are written."""
    scale = drawn.sum() / np.sum(numbers)
    assert drawn == pytest.approx(np.array(numbers) * scale, abs=0.03)


def test_bars() -> None:
    values = {"a": [1.0, 2.0, 4.0], "b": [3.0, 0.5, 2.5]}
    svg = chart.bar_chart("xyz", values, title="t", y_label="y")
    drawn = np.concatenate([lengths(svg, 1, 1), lengths(svg, 2, 1)])
    in_proportion(drawn, [*values["a"], *values["b"]])
    wide = chart.bar_chart("xyz", {"a": values["a"]}, title="t", y_label="y", horizontal=True)
    in_proportion(lengths(wide, 1, 0), values["a"])


def test_stacked_bars_stand_on_each_other() -> None:
    svg = chart.bar_chart("xy", {"a": [1.0, 3.0], "b": [2.0, 1.0]}, title="t", y_label="y", stacked=True)
    below, above = extents(svg, 1, 1), extents(svg, 2, 1)
    assert above[:, 1] == pytest.approx(below[:, 0], abs=0.02)
    in_proportion(np.concatenate([lengths(svg, 1, 1), lengths(svg, 2, 1)]), [1, 3, 2, 1])


def test_lines_and_gaps() -> None:
    values = [5.0 * 0.9**k for k in range(20)]
    broken = [*values[:8], float("nan"), *values[9:]]
    svg = chart.line_chart(YEARS, {"a": values, "b": broken}, title="t", x_label="x", y_label="y")
    (line,) = shapes(svg, 1, "stroke")[:1]
    slope, start = np.polyfit(YEARS, line[:, 0], 1)
    assert line[:, 0] == pytest.approx(start + slope * np.array(YEARS), abs=0.02)
    slope, start = np.polyfit(values, line[:, 1], 1)
    assert slope < 0
    assert line[:, 1] == pytest.approx(start + slope * np.array(values), abs=0.02)
    paths = [p for p, style in PATH.findall(svg) if "stroke: var(--series-2" in style and len(p) > 60]
    assert [path.count("M") for path in paths] == [2]


def test_a_fan_has_its_widest_pair_outside() -> None:
    quantiles = {level: [level * (k + 1) for k in range(20)] for level in (0.05, 0.25, 0.5, 0.75, 0.95)}
    svg = chart.fan_chart(
        YEARS, quantiles, title="t", x_label="x", y_label="y", mean=[0.6 * (k + 1) for k in range(20)]
    )
    defined = re.findall(r'<path id="[^"]*" d="([^"]*)"', svg)
    bands = [np.array([(float(x), float(y)) for x, y in POINT.findall(path)]) for path in defined]
    heights = [
        np.ptp(band[:, 1][np.isclose(band[:, 0], band[:, 0].max())]) for band in bands if len(band) > 30
    ]
    assert len(heights) == 2
    in_proportion(np.array(heights), [0.9, 0.5])
    for text in ("5\u00a0% to 95\u00a0%", "25\u00a0% to 75\u00a0%", "median", "mean"):
        assert f">{text}<" in svg


def test_a_waterfall_leads_to_its_sum() -> None:
    svg = chart.waterfall(["a", "b", "c", "all"], [10.0, 4.0, -3.0], title="t", y_label="y")
    first, last = extents(svg, 1, 1)
    (up,), (down,) = extents(svg, 3, 1), extents(svg, 2, 1)
    assert up[1] == pytest.approx(first[0], abs=0.02)
    assert down[0] == pytest.approx(up[0], abs=0.02)
    assert last[0] == pytest.approx(down[1], abs=0.02)
    in_proportion(np.array([first[1] - first[0], np.ptp(up), np.ptp(down), np.ptp(last)]), [10, 4, 3, 11])
    assert [f">{text}<" in svg for text in ("10.0", "+4.0", "\u22123.0", "11.0")] == [True] * 4


def test_a_tornado_has_the_widest_on_top_and_both_sides_of_its_base() -> None:
    svg = chart.tornado(
        ["small", "large", "one side"],
        [99.0, 90.0, 106.0],
        [101.0, 120.0, 103.0],
        title="t",
        x_label="x",
        base=100.0,
    )
    order = re.findall(r">(small|large|one side)<", svg)
    assert order == ["large", "one side", "small"]
    low, high = shapes(svg, 1), shapes(svg, 2)
    widths = {round(float(s[:, 1].mean())): np.ptp(s[:, 0]) for s in low}
    in_proportion(np.array([widths[y] for y in sorted(widths)]), [10, 6, 1])
    widths = {round(float(s[:, 1].mean())): np.ptp(s[:, 0]) for s in high}
    in_proportion(np.array([widths[y] for y in sorted(widths)]), [20, 3, 1])


def test_a_pyramid_has_both_sides() -> None:
    left, right = {"A": [1.0, 2.0], "B": [3.0, 1.0]}, {"A": [2.0, 0.5], "B": [1.0, 1.0]}
    svg = chart.pyramid(["0–4", "5–9"], left, right, title="t", x_label="x", sides=("men", "women"))
    in_proportion(
        np.concatenate([lengths(svg, 1, 0), lengths(svg, 2, 0)]),
        [*left["A"], *right["A"], *left["B"], *right["B"]],
    )


def test_a_histogram_counts() -> None:
    values = np.concatenate([np.zeros(30), np.ones(10), np.full(60, 2.0), [np.nan, np.inf]])
    svg = chart.histogram(values, title="t", x_label="x", marks={"mean": 1.3, "none": float("nan")})
    (outline,) = shapes(svg, 1)
    floor = outline[:, 1].max()
    tops = sorted({round(float(floor - y), 2) for y in outline[:, 1]} - {0.0})
    in_proportion(np.array(tops), [10.0, 30.0, 60.0])
    assert ">none<" not in svg


def test_a_heat_map_prints_each_value() -> None:
    svg = chart.heat_map(["a", "b"], ["c", "d"], [[0.5, -0.25], [np.nan, 1.0]], title="t", format=".1%")
    assert [text for text in ("50.0%", "\u221225.0%", "100.0%") if f">{text}<" in svg] == [
        "50.0%",
        "\u221225.0%",
        "100.0%",
    ]
    assert "nan" not in svg.lower()
    assert len(shapes(svg, 1)) == 2
    assert len(shapes(svg, 2)) == 1


CHARTS: dict[str, Callable[[], str]] = {
    "line": lambda: chart.line_chart([], {"a": []}, title="t", x_label="x", y_label="y"),
    "fan": lambda: chart.fan_chart([], {0.5: []}, title="t", x_label="x", y_label="y"),
    "bar": lambda: chart.bar_chart([], {"a": []}, title="t", y_label="y"),
    "horizontal": lambda: chart.bar_chart([], {}, title="t", y_label="y", horizontal=True),
    "pyramid": lambda: chart.pyramid([], {}, {}, title="t", x_label="x", sides=("l", "r")),
    "histogram": lambda: chart.histogram([], title="t", x_label="x"),
    "all missing": lambda: chart.line_chart([1], {"a": [np.nan]}, title="t", x_label="x", y_label="y"),
    "waterfall": lambda: chart.waterfall([], [], title="t", y_label="y"),
    "tornado": lambda: chart.tornado([], [], [], title="t", x_label="x"),
    "matrix": lambda: chart.heat_map([], [], [], title="t"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_to_show_is_no_error(name: str) -> None:
    svg = CHARTS[name]()
    assert svg.startswith("<svg") and svg.endswith("</svg>\n"[:-1])
    if name in ("line", "fan", "histogram", "all missing"):
        assert ">no data<" in svg


@pytest.mark.parametrize(
    ("most", "label", "tick"),
    [(1_500.0, "tenge", "1\u00a0000"), (3.1e6, "tenge, million", "2"), (40e9, "tenge, billion", "20")],
)
def test_axes_choose_their_unit(most: float, label: str, tick: str) -> None:
    svg = chart.bar_chart(["a", "b"], {"x": [most, most / 3]}, title="t", y_label="tenge")
    assert f">{label}<" in svg
    assert f">{tick}<" in svg


def test_the_same_bytes_whatever_the_user_has_set() -> None:
    import matplotlib

    def draw() -> str:
        return chart.line_chart(YEARS, {"a": YEARS}, title="t", x_label="x", y_label="y")

    plain = draw()
    with matplotlib.rc_context(
        {"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "path", "axes.grid": False}
    ):
        assert draw() == plain
    assert "#0101" not in plain
    assert not re.search(r"\d{4}-\d\d-\d\d|matplotlib|DejaVu", plain)
