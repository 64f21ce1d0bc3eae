"""The charts of reports, each as the text of one ``<svg>`` element.

The same data give the same bytes. Text of any content is shown as it is: no markup, no formulas. Axes of
large amounts choose their unit and say it in their label. Numbers that are not finite leave a gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.language import said, text
from actuarial.report import word
from actuarial.report.axis import (
    ROW,
    Floats,
    decimals,
    digits,
    finish_bars,
    finish_lines,
    floats,
    legend,
    printed,
    scale,
    shown_label,
    turn_if_long,
)
from actuarial.report.drawing import drawn_apart
from actuarial.report.svg import HEIGHT, INK, MUTED, SERIES, as_svg, drawing
from actuarial.report.table import NO_BREAK_SPACE

Bounds = tuple[Sequence[float], Sequence[float]]

_MOST_BINS = 60
_THIN = 0.82
"""Share of its place that a bar takes."""


@drawn_apart
def line_chart(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    x_label: str,
    y_label: str,
    bands: Mapping[str, Bounds] | None = None,
    steps: bool = False,
) -> str:
    """Lines over a common axis.

    Parameters
    ----------
    x : sequence of float
    series : mapping of str to sequence of float
        Name of each line and its values, one an ``x``.
    title : str
        Name of the chart; the page prints it above.
    x_label, y_label : str
        What the axes measure, with the unit.
    bands : mapping of str to (lower, upper), optional
        Shaded in the colour of the line of the same name; a name without a line has a colour of its own.
    steps : bool
        Whether a value holds until the next ``x``.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    bands = bands or {}
    names = list(dict.fromkeys([*series, *bands]))
    with drawing() as (figure, axes):
        at = floats(x)
        for name, colour in zip(names, cycle(SERIES), strict=False):
            if name in bands:
                low, high = (floats(bound) for bound in bands[name])
                label = None if name in series else shown_label(name)
                step: Any = "post" if steps else None
                axes.fill_between(at, low, high, color=colour, alpha=0.18, lw=0, step=step, label=label)
            if name in series:
                axes.plot(
                    at, floats(series[name]), color=colour, label=shown_label(name),
                    drawstyle="steps-post" if steps else "default", marker="o" if at.size == 1 else None,
                )  # fmt: skip
        finish_lines(
            axes, at, x_label, y_label, [*series.values(), *(b for pair in bands.values() for b in pair)]
        )
        legend(axes, len(names))
        return as_svg(figure, title)


@drawn_apart
def fan_chart(
    x: Sequence[float],
    quantiles: Mapping[float, Sequence[float]],
    *,
    title: str,
    x_label: str,
    y_label: str,
    mean: Sequence[float] | None = None,
) -> str:
    """Quantiles over time: pairs around the middle as bands, the middle as a line, the mean dashed.

    Parameters
    ----------
    x : sequence of float
    quantiles : mapping of float to sequence of float
        Level in (0, 1) and the values; the lowest and the highest level make a pair, then the next ones. An
        odd one in the middle is the line.
    mean : sequence of float, optional

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    levels = sorted(quantiles)
    pairs = [(levels[k], levels[-1 - k]) for k in range(len(levels) // 2)]
    with drawing() as (figure, axes):
        at = floats(x)
        for k, (low, high) in enumerate(pairs):
            axes.fill_between(
                at, floats(quantiles[low]), floats(quantiles[high]), color=SERIES[0], lw=0,
                alpha=0.14 + 0.12 * k,
                label=said(text(word.QUANTILE_RANGE, low=_level(low), high=_level(high))),
            )  # fmt: skip
        if len(levels) % 2:
            middle = levels[len(levels) // 2]
            name = said(word.MEDIAN if middle == 0.5 else text(word.QUANTILE, level=_level(middle)))
            axes.plot(at, floats(quantiles[middle]), color=SERIES[0], label=name)
        if mean is not None:
            axes.plot(at, floats(mean), color=SERIES[1], linestyle=(0, (4, 2)), label=said(word.MEAN))
        drawn = [*quantiles.values(), *([mean] if mean is not None else [])]
        finish_lines(axes, at, x_label, y_label, drawn)
        legend(axes, 2)
        return as_svg(figure, title)


@drawn_apart
def bar_chart(
    labels: Sequence[object],
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    y_label: str,
    horizontal: bool = False,
    stacked: bool = False,
    errors: Mapping[str, Bounds] | None = None,
) -> str:
    """Bars by label, side by side or stacked where there are several series.

    Parameters
    ----------
    labels : sequence
        One a group of bars, in order.
    series : mapping of str to sequence of float
        Name of each series and its values, one a label.
    title, y_label : str
        ``y_label`` is what the length of a bar measures, with the unit.
    horizontal : bool
        For long labels; the chart grows with their number, the first is on top.
    stacked : bool
    errors : mapping of str to (lower, upper), optional
        Ends of an interval of each value, drawn over the bar of that series; not for stacked bars.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    n, names = len(labels), list(series)
    values = {name: np.nan_to_num(floats(series[name]), posinf=0.0, neginf=0.0) for name in names}
    width = _THIN / (1 if stacked else max(len(names), 1))
    height = max(140, ROW * max(1.0, 0.6 * (1 if stacked else len(names))) * n + 70) if horizontal else HEIGHT
    with drawing(height) as (figure, axes):
        up, down = np.zeros(n), np.zeros(n)
        for k, (name, colour) in enumerate(zip(names, cycle(SERIES), strict=False)):
            length = values[name]
            base = np.where(length >= 0, up, down) if stacked else np.zeros(n)
            at = np.arange(n) + (0 if stacked else (k - (len(names) - 1) / 2) * width)
            draw: Any = axes.barh if horizontal else axes.bar
            start = {"left": base} if horizontal else {"bottom": base}
            draw(at, length, 0.94 * width, color=colour, label=shown_label(name), **start)
            up, down = up + np.maximum(length, 0), down + np.minimum(length, 0)
            if errors and name in errors:
                low, high = (floats(bound) for bound in errors[name])
                lines: Any = axes.hlines if horizontal else axes.vlines
                lines(at, low, high, color=INK, linewidth=1.1)
        ends = [up, down] if stacked else list(values.values())
        ends += [floats(bound) for pair in (errors or {}).values() for bound in pair]
        finish_bars(axes, labels, y_label, ends, horizontal=horizontal)
        legend(axes, len(names))
        return as_svg(figure, title)


@drawn_apart
def pyramid(
    labels: Sequence[object],
    left: Mapping[str, Sequence[float]],
    right: Mapping[str, Sequence[float]],
    *,
    title: str,
    x_label: str,
    sides: tuple[str, str],
) -> str:
    """Stacked bars to both sides of a common axis, the first label at the bottom: an age pyramid.

    Parameters
    ----------
    labels : sequence
        Age groups, youngest first.
    left, right : mapping of str to sequence of float, not negative
        The same names on both sides, one colour a name.
    sides : (str, str)
        What stands to the left and to the right.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    n = len(labels)
    with drawing(max(180, ROW * 0.8 * n + 90)) as (figure, axes):
        at, most = np.arange(n), 0.0
        for sign, side in ((-1, left), (1, right)):
            base = np.zeros(n)
            for (name, values), colour in zip(side.items(), cycle(SERIES), strict=False):
                length = np.nan_to_num(floats(values))
                label = shown_label(name) if sign > 0 else None
                some = length > 0 if length.any() else at == 0
                axes.barh(
                    at[some], sign * length[some], 0.9, left=sign * base[some], color=colour, label=label
                )
                base = base + length
            most = max(most, float(base.max(initial=0.0)))
        axes.set_yticks(at, [shown_label(label) for label in labels])
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        most = most or 1.0
        axes.set_xlim(-1.08 * most, 1.08 * most)
        scale(axes.xaxis, x_label, [[most]], signed=False)
        for place, align, side_name in ((0.01, "left", sides[0]), (0.99, "right", sides[1])):
            name, look = shown_label(side_name), {"ha": align, "va": "bottom", "color": MUTED, "size": 10}
            axes.text(place, 1.0, name, look, transform=axes.transAxes)
        legend(axes, len(right), above=True)
        return as_svg(figure, title)


@drawn_apart
def histogram(
    values: Sequence[float] | Floats, *, title: str, x_label: str, marks: Mapping[str, float] | None = None
) -> str:
    """Distribution of values, with named places marked.

    Parameters
    ----------
    values : array_like of float
        Any number of them; those not finite are left out.
    marks : mapping of str to float, optional
        Such as a mean and a value at risk.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    finite = floats(values)
    finite = finite[np.isfinite(finite)]
    marks = {name: value for name, value in (marks or {}).items() if np.isfinite(value)}
    with drawing() as (figure, axes):
        counts: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        if finite.size:
            edges = np.histogram_bin_edges(finite, bins=_bins(finite))
            counts, _ = np.histogram(finite, bins=edges)
            axes.stairs(counts, edges, fill=True, color=SERIES[0], alpha=0.75, linewidth=0)
        for (name, value), colour in zip(marks.items(), cycle((SERIES[1], *SERIES[2:])), strict=False):
            axes.axvline(value, color=colour, linewidth=1.5, label=shown_label(name))
        scale(axes.yaxis, word.FREQUENCY, [counts])
        scale(axes.xaxis, x_label, [finite, list(marks.values())])
        legend(axes, 2 if marks else 0)
        return as_svg(figure, title)


@drawn_apart
def tornado(
    labels: Sequence[object],
    low: Sequence[float],
    high: Sequence[float],
    *,
    title: str,
    x_label: str,
    base: float = 0.0,
    sides: tuple[str, str] | None = None,
) -> str:
    """Results of two shocks a label, the widest on top.

    Parameters
    ----------
    low, high : sequence of float
        Result of either shock, on the scale of ``base``; NaN where there is no such shock.
    base : float
        Result without a shock.
    sides : (str, str), optional
        Names of the two shocks for the legend.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    ends = np.nan_to_num(np.array([floats(low), floats(high)]) - base)
    order = np.argsort(-np.abs(ends).max(axis=0, initial=0.0), kind="stable")
    n = len(order)
    with drawing(max(140, ROW * n + 70)) as (figure, axes):
        for side in (0, 1):
            length, other = ends[side][order], ends[1 - side][order]
            # two shocks to the same side share the row: the shorter bar lies on the longer one
            for is_longer, depth in ((True, 2), (False, 3)):
                at = np.flatnonzero((np.abs(length) >= np.abs(other)) == is_longer)
                name = shown_label(sides[side]) if sides and is_longer else None
                axes.barh(at, length[at], 0.8, left=base, color=SERIES[side], zorder=depth, label=name)
        axes.axvline(base, color=MUTED, linewidth=1, zorder=4)
        finish_bars(
            axes,
            [labels[k] for k in order],
            x_label,
            [ends[0] + base, ends[1] + base, [base]],
            horizontal=True,
            from_zero=False,
        )
        legend(axes, 2 if sides else 0)
        return as_svg(figure, title)


@drawn_apart
def heat_map(
    rows: Sequence[object],
    columns: Sequence[object],
    values: Sequence[Sequence[float]] | Floats,
    *,
    title: str,
    format: str = ".2f",
) -> str:
    """A matrix with each value in its cell, shaded by size; negative values in another colour.

    Parameters
    ----------
    rows, columns : sequence
    values : array_like of float, shape (rows, columns)
        A cell that is not finite stays empty.
    format : str
        Format of a value such as ``.1%`` or ``,.0f``.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    from matplotlib.patches import Rectangle

    matrix = np.asarray(values, dtype=np.float64).reshape(len(rows), len(columns))
    most = float(np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0)) or 1.0
    with drawing(max(120, 30 * len(rows) + 50)) as (figure, axes):
        for i, j in np.ndindex(*matrix.shape):
            value = float(matrix[i, j])
            if not np.isfinite(value):
                continue
            colour = SERIES[0] if value >= 0 else SERIES[1]
            shade = 0.04 + 0.56 * abs(value) / most
            axes.add_patch(
                Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=colour, alpha=shade, edgecolor="none", lw=0)
            )
            text = printed(f"{value:{format}}")
            axes.text(j, i, text, ha="center", va="center", size=10 if len(columns) <= 10 else 8)
        axes.set_xlim(-0.5, max(len(columns), 1) - 0.5)
        axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        axes.set_xticks(range(len(columns)), [shown_label(name) for name in columns])
        axes.set_yticks(range(len(rows)), [shown_label(name) for name in rows])
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        turn_if_long(axes, columns)
        return as_svg(figure, title)


@drawn_apart
def waterfall(labels: Sequence[object], amounts: Sequence[float], *, title: str, y_label: str) -> str:
    """Amounts that lead from one figure to another, each bar from where the last one ended.

    Parameters
    ----------
    labels : sequence
        One an amount, and one more where a last bar shows the sum of all.
    amounts : sequence of float
        The first from zero; negative ones go down.

    Returns
    -------
    str
        One ``<svg>`` element.
    """
    steps = np.nan_to_num(floats(amounts))
    ends = np.cumsum(steps)
    starts = ends - steps
    with_sum = len(labels) == len(steps) + 1
    with drawing() as (figure, axes):
        colours = [
            SERIES[0] if k == 0 else SERIES[2] if step >= 0 else SERIES[1] for k, step in enumerate(steps)
        ]
        axes.bar(np.arange(len(steps)), steps, 0.62, bottom=starts, color=colours)
        last = float(ends[-1]) if ends.size else 0.0
        if with_sum:
            axes.bar([len(steps)], [last], 0.62, color=SERIES[0])
        for k, end in enumerate(ends[:-1] if not with_sum else ends):
            axes.plot([k + 0.31, k + 0.69], [end, end], color=MUTED, linewidth=0.8)
        unit = finish_bars(axes, labels, y_label, [ends, starts], horizontal=False)
        tops = [*np.maximum(starts, ends), *([max(last, 0.0)] if with_sum else [])]
        values = [*steps, *([last] if with_sum else [])]
        places = decimals(float(np.abs([*ends, *starts]).max(initial=0.0)) / unit, 3)
        for k, (top, value) in enumerate(zip(tops, values, strict=True)):
            sign = "+" if 0 < k < len(steps) and value > 0 else ""
            axes.annotate(
                sign + digits(value / unit, places), (k, top), (0, 3), textcoords="offset points",
                ha="center", size=10,
            )  # fmt: skip
        axes.margins(y=0.12)
        return as_svg(figure, title)


def _bins(values: Floats) -> int:
    """Freedman and Diaconis' number of bins, at most what an eye can use."""
    low, high = float(values.min()), float(values.max())
    quartiles = np.quantile(values, (0.25, 0.75))
    spread = float(quartiles[1] - quartiles[0])
    if high <= low or spread <= 0:
        return 1 if high <= low else 20
    return int(np.clip((high - low) / (2 * spread / values.size ** (1 / 3)), 5, _MOST_BINS))


def _level(level: float) -> str:
    return f"{100 * level:g}{NO_BREAK_SPACE}%"
