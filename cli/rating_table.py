"""An experience rating on the screen: loss ratios by each rating, the quintile tests, Gini indices."""

from __future__ import annotations

from math import isfinite

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from actuarial.experience_rating.comparison import SCORE, Group
from actuarial.money import spaced
from actuarial.report.rating_run import RatingRun
from cli.screen import screen

SHOWN_GROUPS = ("law_factor", "modification", "size")


def print_rating(run: RatingRun) -> None:
    """Print the comparison, the tests, and where the rest is."""
    console = screen()
    compared = run.comparison
    console.print(f"{run.record['contracts']} contracts of the test years, tenge", highlight=False)
    table = _table(
        ("by", "group", "contracts", "premium by law", "by experience", "losses", "ratio: tariff", "law",
         "experience")
    )  # fmt: skip
    for key in SHOWN_GROUPS:
        for group in compared.groups[key]:
            table.add_row(key.replace("_", " "), *_cells(group))
    table.add_section()
    table.add_row("", *_cells(compared.total))
    console.print(table)
    table = _table(("rating", "quintile", "contracts", "factors", "ratio before", "ratio after"))
    for name, test in compared.quintile.items():
        for k, part in enumerate(test.groups, start=1):
            table.add_row(
                name,
                str(k),
                str(part.n_risks),
                f"{part.lowest:.3f}-{part.highest:.3f}",
                f"{part.ratio:.3f} ± {part.standard_error:.3f}",
                "–" if name == SCORE else f"{part.modified_ratio:.3f} ± {part.modified_standard_error:.3f}",
            )
    console.print(table)
    for name, test in compared.quintile.items():
        after = "" if name == SCORE else f"variance after / before {_shown(test.statistic)}, "
        console.print(f"{name}: {after}last over first group {_shown(test.lift)}", highlight=False)
    for (base, score), curve in compared.lorenz.items():
        text = f"Gini of {score} over {base}: {curve.gini:.3f} ± {curve.standard_error:.3f}"
        console.print(text, highlight=False)
    click.echo(f"run folder: {run.folder}", err=True)


def _cells(group: Group) -> tuple[str, ...]:
    ratios = (group.loss_ratio(name) for name in group.earned)
    return (
        group.name,
        str(group.n_contracts),
        spaced(group.law_premium),
        spaced(group.experience_premium),
        spaced(group.loss),
        *("–" if ratio is None else f"{100 * ratio:.1f} %" for ratio in ratios),
    )


def _shown(value: float) -> str:
    return f"{value:.3f}" if isfinite(value) else "not defined"


def _table(titles: tuple[str, ...]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for k, title in enumerate(titles):
        table.add_column(title, justify="left" if k < 2 else "right", no_wrap=True)
    return table
