"""An assessment of occupational risk on the screen: enterprises, their departments, effects."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from actuarial.language import DECIMAL_SIGN, counted, language, said, text
from actuarial.report.risk_run import RiskRun, decimal_text, known_score
from cli.screen import NOTHING, new_table, print_ending, print_line, print_place, print_table

INDICES = {"economic": text("economic"), "social": text("social"), "combined": text("combined")}
ONE = text("(one)")
MOST_ROWS = 30
DIGITS = 4


def print_risk(run: RiskRun) -> None:
    """Print the risks and where the rest is."""
    records, risk = run.records, run.risk
    print_line(
        text(
            "Occupational risk of {jobs} in {departments}, {day}",
            jobs=counted("{n} jobs", "{n} jobs", n=len(records.position)),
            departments=counted("{n} departments", "{n} departments", n=len(records.department)),
            day=date.fromisoformat(run.record["assessment_date"]),
        )
    )
    table = new_table((text("enterprise"), text("workers"), "П1", "П2", "П3", text("total")))
    for e, name in enumerate(records.enterprise[:MOST_ROWS]):
        given = (known_score(int(scores[e])) for scores in (records.injury_score, records.compliance_score))
        figures = (risk.enterprise[e], *given, risk.total[e])
        table.add_row(name or said(ONE), str(risk.n_workers[e]), *(_shown(figure) for figure in figures))
    print_table(table)
    table = new_table((text("department"), text("workers"), text("risk")))
    order = sorted(range(len(records.department)), key=lambda d: (-risk.department[d], d))
    for d in order[:MOST_ROWS]:
        workers = str(int(records.department_workers[d]))
        table.add_row(records.department[d], workers, _shown(risk.department[d]))
    print_table(table)
    if len(order) > MOST_ROWS:
        print_place(
            counted(
                "and {n} more departments, see departments.csv",
                "and {n} more departments, see departments.csv",
                n=len(order) - MOST_ROWS,
            )
        )
    if run.effect:
        titles = text("effect"), text("index"), text("before"), text("after"), text("ratio")
        table = new_table(titles, left=2)
        for effect in run.effect[:MOST_ROWS]:
            for name, *indices in effect.rows():
                shown = (_shown(index) for index in indices)
                table.add_row(effect.enterprise or said(ONE), said(INDICES[name]), *shown)
        print_table(table)
    print_ending((), run.folder)


def _shown(figure: Fraction | None) -> str:
    return decimal_text(figure, DIGITS).replace(".", DECIMAL_SIGN[language()]) or NOTHING
