"""A finished experience study on the screen: multipliers, matrices' credibility, where the rest is."""

from __future__ import annotations

from math import isfinite

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from actuarial.record import BANDS
from actuarial.report.fit_run import FitRun
from cli.screen import screen


def print_fit(run: FitRun) -> None:
    """Print what was fitted, what to know beside it, and where the rest is."""
    study = run.study
    console = screen()
    total = study.actual_expected[0]
    console.print(
        f"Experience {study.first_day} to {study.last_day}: {study.n_claims} claims, "
        f"{total.years:.1f} person-years, {total.by_basis.events} deaths; "
        f"actual / expected by {study.prior.name} {_shown(total.by_basis.value)} "
        f"({_shown(total.by_basis.lower)} to {_shown(total.by_basis.upper)})",
        highlight=False,
    )
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("band", no_wrap=True)
    for title in (
        "person-years", "deaths", "expected, table", "A/E", "lower", "upper", "Z", "prior", "new multiplier",
        "certifications",
    ):  # fmt: skip
        table.add_column(title, justify="right", no_wrap=True)
    certified = study.matrices.counts.sum(axis=(0, 2))
    for code, m in enumerate(study.multipliers):
        o = m.observed
        table.add_row(
            m.band, f"{m.years:.1f}", str(o.events), f"{o.base:.2f}", _shown(o.value), _shown(o.lower),
            _shown(o.upper), f"{m.credibility:.3f}", f"{m.prior:.3f}", f"{m.fitted:.3f}",
            str(int(certified[code])),
        )  # fmt: skip
    console.print(table)
    strength = study.matrices.strength
    if strength is not None:
        how = "estimated" if study.matrices.is_estimated else "given"
        z = study.matrices.credibility.max(axis=0)
        highest = ", ".join(f"{band} {value:.2f}" for band, value in zip(BANDS, z, strict=True))
        console.print(
            f"Matrices: prior worth {strength:.4g} certifications a row ({how}); highest Z: {highest}",
            highlight=False,
        )
    for text in (*run.record["warnings"], *study.notes):
        click.echo(f"note: {text}", err=True)
    click.echo(f"new basis: {run.basis}", err=True)
    click.echo(f"run folder: {run.folder}", err=True)


def _shown(value: float) -> str:
    return f"{value:.3f}" if isfinite(value) else "-"
