"""An assessment of occupational risk on the screen: enterprises, their departments, effects."""

from __future__ import annotations

from fractions import Fraction

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from actuarial.report.risk_run import RiskRun, decimal_text, known_score
from cli.screen import screen

MOST_ROWS = 30
DIGITS = 4


def print_risk(run: RiskRun) -> None:
    """Print the risks and where the rest is."""
    console = screen()
    records, risk = run.records, run.risk
    console.print(
        f"Occupational risk of {len(records.position)} jobs in {len(records.department)} departments, "
        f"{run.record['assessment_date']}",
        highlight=False,
    )
    table = _table(("enterprise", "workers", "П1", "П2", "П3", "total"))
    for e, name in enumerate(records.enterprise[:MOST_ROWS]):
        given = (known_score(int(scores[e])) for scores in (records.injury_score, records.compliance_score))
        figures = (risk.enterprise[e], *given, risk.total[e])
        table.add_row(name or "(one)", str(risk.n_workers[e]), *(_shown(figure) for figure in figures))
    console.print(table)
    table = _table(("department", "workers", "risk"))
    order = sorted(range(len(records.department)), key=lambda d: (-risk.department[d], d))
    for d in order[:MOST_ROWS]:
        workers = str(int(records.department_workers[d]))
        table.add_row(records.department[d], workers, _shown(risk.department[d]))
    console.print(table)
    if len(order) > MOST_ROWS:
        click.echo(f"and {len(order) - MOST_ROWS} more departments, see departments.csv", err=True)
    if run.effect:
        table = _table(("effect", "index", "before", "after", "ratio"))
        for effect in run.effect[:MOST_ROWS]:
            for name, *indices in effect.rows():
                table.add_row(effect.enterprise or "(one)", name, *(_shown(index) for index in indices))
        console.print(table)
    click.echo(f"run folder: {run.folder}", err=True)


def _table(titles: tuple[str, ...]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for k, title in enumerate(titles):
        table.add_column(title, justify="left" if k == 0 or title == "index" else "right", no_wrap=True)
    return table


def _shown(figure: Fraction | None) -> str:
    return decimal_text(figure, DIGITS) or "–"
