"""An experience rating on the screen: loss ratios by each rating, the quintile tests, Gini indices."""

from __future__ import annotations

from math import isfinite

from actuarial.experience_rating.comparison import EXPERIENCE, LAW, SCORE, Group
from actuarial.language import Text, amount_text, counted, digits, percent_text, said, said_if_message, text
from actuarial.report.rating_run import RatingRun
from cli.screen import NOTHING, new_table, print_ending, print_line, print_table

SHOWN_GROUPS = {"law_factor": text("law factor"), "modification": text("modification"), "size": text("size")}
RATING_NAMES = {LAW: text("law"), EXPERIENCE: text("experience"), SCORE: text("score"), "base": text("base")}


def print_rating(run: RatingRun) -> None:
    """Print the comparison, the tests, and where the rest is."""
    compared = run.comparison
    n = run.record["contracts"]
    print_line(
        counted("{n} contracts of the test years, tenge", "{n} contracts of the test years, tenge", n=n)
    )
    titles: tuple[Text, ...] = (
        text("by"),
        text("group"),
        text("contracts"),
        text("premium by law"),
        text("by experience"),
        text("losses"),
        text("ratio: tariff"),
        text("law"),
        text("experience"),
    )
    table = new_table(titles, left=2)
    for key, by in SHOWN_GROUPS.items():
        for group in compared.groups[key]:
            table.add_row(said(by), *_cells(group))
    table.add_section()
    table.add_row("", *_cells(compared.total))
    print_table(table)
    titles = (
        text("rating"),
        text("quintile"),
        text("contracts"),
        text("factors"),
        text("ratio before"),
        text("ratio after"),
    )
    table = new_table(titles, left=2)
    for name, test in compared.quintile.items():
        for k, part in enumerate(test.groups, start=1):
            cells = (
                text("{low}-{high}", low=_shown(part.lowest), high=_shown(part.highest)),
                _with_error(part.ratio, part.standard_error),
                NOTHING if name == SCORE else _with_error(part.modified_ratio, part.modified_standard_error),
            )
            table.add_row(said(RATING_NAMES[name]), str(k), str(part.n_risks), *map(said, cells))
    print_table(table)
    for name, test in compared.quintile.items():
        line = text("last over first group {lift}", lift=_shown(test.lift))
        if name != SCORE:
            line = text("variance after / before {ratio}, {line}", ratio=_shown(test.statistic), line=line)
        print_line(text("{rating}: {line}", rating=RATING_NAMES[name], line=line))
    for (base, score), curve in compared.lorenz.items():
        print_line(
            text(
                "Gini of {score} over {base}: {gini}",
                score=RATING_NAMES[score],
                base=RATING_NAMES[base],
                gini=_with_error(curve.gini, curve.standard_error),
            )
        )
    print_ending((), run.folder)


def _cells(group: Group) -> tuple[str, ...]:
    ratios = (group.loss_ratio(name) for name in group.earned)
    return (
        str(said_if_message(group.name)),
        str(group.n_contracts),
        amount_text(group.law_premium),
        amount_text(group.experience_premium),
        amount_text(group.loss),
        *(NOTHING if ratio is None else percent_text(ratio) for ratio in ratios),
    )


def _with_error(value: float, error: float) -> Text:
    return text("{value} ± {error}", value=digits(value, ".3f"), error=digits(error, ".3f"))


def _shown(value: float) -> Text:
    return digits(value, ".3f") if isfinite(value) else text("not defined")
