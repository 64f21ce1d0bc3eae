"""A finished experience study on the screen: multipliers, matrices' credibility, where the rest is."""

from __future__ import annotations

from math import isfinite

from actuarial.language import Text, counted, digits, joined, said, text
from actuarial.record import BANDS
from actuarial.report.fit_run import FitRun
from cli.screen import new_table, print_ending, print_line, print_note, print_place, print_table


def print_fit(run: FitRun) -> None:
    """Print what was fitted, what to know beside it, and where the rest is."""
    study = run.study
    total = study.actual_expected[0]
    print_line(
        text(
            "Experience {first_day} to {last_day}: {claims}, {years} person-years, {deaths}; actual / "
            "expected by {basis} {ratio} ({lower} to {upper})",
            first_day=study.first_day,
            last_day=study.last_day,
            claims=counted("{n} claims", "{n} claims", n=study.n_claims),
            years=digits(total.years, ".1f"),
            deaths=counted("{n} deaths", "{n} deaths", n=total.by_basis.events),
            basis=study.prior.name,
            ratio=_shown(total.by_basis.value),
            lower=_shown(total.by_basis.lower),
            upper=_shown(total.by_basis.upper),
        )
    )
    titles = (
        text("band"),
        text("person-years"),
        text("deaths"),
        text("expected, table"),
        text("A/E"),
        text("lower"),
        text("upper"),
        text("Z"),
        text("prior"),
        text("new multiplier"),
        text("certifications"),
    )
    table = new_table(titles)
    certified = study.matrices.counts.sum(axis=(0, 2))
    for code, m in enumerate(study.multipliers):
        o = m.observed
        cells = (
            digits(m.years, ".1f"), str(o.events), digits(o.base, ".2f"), _shown(o.value), _shown(o.lower),
            _shown(o.upper), digits(m.credibility, ".3f"), digits(m.prior, ".3f"), digits(m.fitted, ".3f"),
            str(int(certified[code])),
        )  # fmt: skip
        table.add_row(m.band, *map(said, cells))
    print_table(table)
    strength = study.matrices.strength
    if strength is not None:
        z = study.matrices.credibility.max(axis=0)
        print_line(
            text(
                "Matrices: prior worth {strength} certifications a row ({how}); highest Z: {highest}",
                strength=digits(strength, ".4g"),
                how=text("estimated") if study.matrices.is_estimated else text("given"),
                highest=joined(
                    text("{band} {value}", band=band, value=digits(value, ".2f"))
                    for band, value in zip(BANDS, z, strict=True)
                ),
            )
        )
    for note in (*run.record["warnings"], *study.notes):
        print_note(note)
    print_place(text("new basis: {path}", path=run.basis))
    print_ending((), run.folder)


def _shown(value: float) -> Text | str:
    return digits(value, ".3f") if isfinite(value) else "-"
