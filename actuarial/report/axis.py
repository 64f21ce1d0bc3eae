"""What the charts of reports have in common: labels, units, ticks, legend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actuarial.language import DECIMAL_SIGN, language, said, said_if_message
from actuarial.report import word
from actuarial.report.svg import MUTED, WIDTH
from actuarial.report.table import MINUS, NO_BREAK_SPACE, printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

LONGEST_LABEL = 34
"""Letters of a label that are shown; the table beside the chart has them all."""
ROW = 22
"""Height of a row of a horizontal chart, units of the view box."""
_LETTER = 6.2
"""Width of a letter on an axis."""


def floats(values: ArrayLike) -> Floats:
    """Values as an array."""
    return np.asarray(values, dtype=np.float64)


def shown_label(label: object) -> str:
    """A label on one line, cut where it is long."""
    text = " ".join(re.split(r"[ \t\r\n]+", printable(str(said_if_message(label))))).strip()
    text = text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"
    # matplotlib leaves names that begin with an underscore out of a legend
    return f"\u200b{text}" if text.startswith("_") else text


def decimals(value: float, significant: int) -> int:
    """Decimals that give a number so many significant digits, at most 12."""
    return 0 if value == 0 else min(12, max(0, significant - 1 - int(np.floor(np.log10(abs(value))))))


def digits(value: float, places: int) -> str:
    """A number on a chart: thousands apart, the language's sign, a true minus."""
    return printed(f"{value:,.{places}f}")


def printed(written: str) -> str:
    """A number that Python has written, as a chart shows it."""
    written = written.replace(",", NO_BREAK_SPACE).replace("-", MINUS)
    return written.replace(".", DECIMAL_SIGN[language()])


def _tick(value: float) -> str:
    text, sign = digits(value, decimals(value, 6)), DECIMAL_SIGN[language()]
    return text.rstrip("0").rstrip(sign) if sign in text else text


def scale(axis: Any, label: str, values: Sequence[ArrayLike], *, signed: bool = True) -> float:
    """Label an axis and its ticks in a unit in which the numbers are short; the unit."""
    finite = [floats(column)[np.isfinite(floats(column))] for column in values]
    most = max((float(np.abs(column).max()) for column in finite if column.size), default=0.0)
    if not any(column.size for column in finite):
        axes = axis.axes
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, said(word.NO_DATA), transform=axes.transAxes, ha="center", color=MUTED)
    unit, name = next(((size, name) for size, name in word.SCALES if most >= 2 * size), (1.0, ""))

    def tick(value: float, position: int | None = None) -> str:
        return _tick((value if signed else abs(value)) / unit)

    axis.set_major_formatter(tick)
    axis.set_label_text(", ".join(part for part in (printable(said(label)), said(name)) if part))
    return unit


def finish_lines(axes: Axes, at: Floats, x_label: str, y_label: str, values: Sequence[ArrayLike]) -> None:
    """Labels, ticks and units of a chart of lines; zero is shown where it is near."""
    axes.set_xlabel(printable(said(x_label)))
    axes.xaxis.set_major_formatter(lambda value, position: printed(f"{value:g}"))
    locator: Any = axes.xaxis.get_major_locator()
    locator.set_params(integer=bool(np.all(at == np.round(at))))
    axes.margins(x=0.01)
    low, high = axes.get_ylim()
    if low >= 0 and low < 0.6 * high:
        axes.set_ylim(bottom=0)
    scale(axes.yaxis, y_label, values)


def finish_bars(
    axes: Axes,
    labels: Sequence[object],
    label: str,
    values: Sequence[ArrayLike],
    *,
    horizontal: bool,
    from_zero: bool = True,
) -> float:
    """Ticks, labels and grid of bars along either axis; the unit of their length."""
    n = len(labels)
    names = [shown_label(name) for name in labels]
    across, along = (axes.yaxis, axes.xaxis) if horizontal else (axes.xaxis, axes.yaxis)
    if horizontal:
        axes.set_yticks(range(n), names)
        axes.set_ylim(max(n, 1) - 0.5, -0.5)
    else:
        place = (WIDTH - 70) / max(n, 1)
        longest = max((len(name) for name in names), default=1)
        every = 1
        if longest * _LETTER > place and all(name.replace("-", "").isdigit() for name in names):
            every = int(np.ceil((longest + 1) * _LETTER / place))
        axes.set_xticks(range(0, n, every), names[::every])
        axes.set_xlim(-0.6, max(n, 1) - 0.4)
        if every == 1:
            turn_if_long(axes, labels)
    across.grid(visible=False)
    along.grid(visible=True)
    if horizontal:
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", length=0)
    if from_zero:
        (axes.axvline if horizontal else axes.axhline)(0, color=MUTED, linewidth=0.8)
    return scale(along, label, values)


def turn_if_long(axes: Axes, labels: Sequence[object]) -> None:
    """Break labels over two lines where that is enough room for them, turn them where it is not."""
    place = (WIDTH - 70) / max(len(labels), 1)
    names = [shown_label(label) for label in labels]
    if not names or max(len(name) for name in names) * _LETTER <= place:
        return
    broken = [_broken(name) if len(name) * _LETTER > place else name for name in names]
    if max(len(line) for name in broken for line in name.split("\n")) * _LETTER <= place:
        axes.set_xticks(axes.get_xticks(), broken)
    else:
        at_top = axes.xaxis.get_ticks_position() == "top"
        axes.tick_params(axis="x", labelrotation=40)
        for text in axes.get_xticklabels():
            text.set_horizontalalignment("left" if at_top else "right")
            text.set_rotation_mode("anchor")


def _broken(name: str) -> str:
    spaces = [k for k, letter in enumerate(name) if letter == " "]
    if not spaces:
        return name
    middle = min(spaces, key=lambda k: abs(k - len(name) / 2))
    return f"{name[:middle]}\n{name[middle + 1 :]}"


def legend(axes: Axes, n: int, *, above: bool = False) -> None:
    """A legend above the chart where there is more than one thing to tell apart."""
    handles, labels = axes.get_legend_handles_labels()
    if n < 2 or not handles:
        return
    letters = max(len(label) for label in labels) + 5
    columns = max(1, min(len(labels), int((WIDTH - 60) / (_LETTER * letters))))
    axes.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(0.0, 1.06 if above else 1.0), ncols=columns,
        borderaxespad=0.2, handlelength=1.2, handleheight=0.8, columnspacing=1.2,
    )  # fmt: skip
