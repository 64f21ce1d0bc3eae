"""The reports of a stress test, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from actuarial.language import Text, joined, text
from actuarial.money import TIYN
from actuarial.portfolio.finding import Findings
from actuarial.report.appendix import (
    Amount,
    Check,
    assumption_tables,
    closing_section,
    company_fact,
    count_fact,
    day_fact,
    explained_warnings,
    input_facts,
    input_table,
    key_figures,
    law_table,
    percent,
    summary_sheet,
    tenge,
    unread_law,
)
from actuarial.report.chart import bar_chart, heat_map, line_chart, tornado, waterfall
from actuarial.report.page import Figure, Page, Section, write_page
from actuarial.report.stress_run import flow_rows
from actuarial.report.stress_table import (
    SHOWN_SCENARIOS,
    change_table,
    contract_tables,
    correlation_tables,
    group_table,
    hypothetical_table,
    insurer_tables,
    missing_table,
    reserve_table,
    reverse_table,
    scenario_table,
    shown_name,
    shown_years,
    source_table,
    year_table,
    yearly,
)
from actuarial.report.table import Column, Table
from actuarial.report.workbook import Sheet, SheetChart, write_workbook
from actuarial.stress.scenario import BASE, RISK_NAMES
from actuarial.stress.study import MARKET, Line, Study

CLASSES = {"pre-retirement": text("pre-retirement"), "survivors": text("survivors")}
"""Classes without a band."""
GAP = text(
    "The gap between yield and indexation weighs far more than mortality: read the yield lines first, and "
    "remember that assets, which move with the yield too, are not here."
)


def write_stress_report(folder: Path, record: dict[str, Any], study: Study, findings: Findings) -> list[Path]:
    """Write ``report.html`` and ``report.xlsx`` into a run folder; their paths."""
    page, sheets = stress_report(record, study, findings)
    return [write_page(folder / "report.html", page), write_workbook(folder / "report.xlsx", sheets)]


def stress_report(record: Mapping[str, Any], study: Study, findings: Findings) -> tuple[Page, list[Sheet]]:
    """Page and worksheets of a stress test; both show the same tables."""
    whole = study.names[-1]
    amounts = _amounts(study, whole)
    scenarios, reserves = scenario_table(study, whole), reserve_table(study, whole)
    data = [source for source in record["inputs"] if source["format"] != "yaml"]
    missing = missing_table(study)
    sources, hypothetical = source_table(study), hypothetical_table(study)
    assumptions, inputs = assumption_tables(record["basis"]), input_table(record["inputs"])
    law, years = law_table(record["law"]), year_table(study)
    closing = closing_section(record["limitations"], _checks(study), findings, (GAP,))
    together, contracts, insurers = _together(study, whole), _contracts(study), _insurers(study)
    reverse = _reverse(study)
    page = Page(
        title="Stress test",
        subtitle=text("on {day}, tenge", day=day_fact(record["valuation_date"])),
        facts=(
            *company_fact(record),
            (text("Valuation date"), day_fact(record["valuation_date"])),
            (text("Basis"), record["basis_name"]),
            (text("Insurers"), ", ".join(study.base)),
            (text("Records"), count_fact(record["records"])),
            (text("Scenarios"), str(len(study.lines))),
            (text("Data (SHA-256)"), input_facts(data)),
            (text("Engine"), f"actuarial {record['engine_version']}"),
        ),
        key_figures=key_figures(amounts),
        warnings=(*explained_warnings(record["warnings"], findings), *unread_law(record["law"])),
        sections=(
            Section("Scenarios", (), _tornado(study, whole), (change_table(scenarios), missing)),
            *together,
            *reverse,
            Section(
                "Payouts by year",
                ("Nominal payments of the expected measure: with survival and indexation, before discount.",),
                (_payouts(study, whole),),
                (shown_years(years),),
            ),
            Section("By product and class", (), _heat(study, whole)),
            *contracts,
            *insurers,
            closing,
        ),
        appendix=(
            Section("Scenarios in full", (), (), (sources,)),
            Section("Base and scenarios in full", (), (), (scenarios, reserves)),
            Section("Hypothetical entries", ("Not law: set by scenarios.",), (), (hypothetical,)),
            Section("Every assumption of the base", (), (), assumptions),
            Section("The law of the base", (), (), (law,)),
            Section("Input", (), (), (inputs,)),
        ),
    )
    sheets = [
        summary_sheet(page, amounts),
        Sheet("scenarios", (scenarios,), SheetChart("Change of expected, tenge", 0, (5,), "bar")),
        Sheet("reserves", (reserves,)),
        *(Sheet("risks together", section.tables) for section in together),
        *(Sheet("reverse stress", section.tables) for section in reverse),
        Sheet("payouts by year", (years,)),
        Sheet("groups", (group_table(study),)),
        *(Sheet("contracts", section.tables) for section in contracts),
        *(Sheet("insurers", section.tables) for section in insurers),
        Sheet("scenarios in full", (sources, missing, hypothetical)),
        Sheet("assumptions", assumptions),
        Sheet("law", (law,)),
        Sheet("checks", (*closing.tables, inputs), text=closing.text),
    ]
    return page, sheets


def _amounts(study: Study, whole: str) -> list[Amount]:
    totals = study.totals(None, whole)
    certified = text("Leaves out extensions that the insurer must write: not a sufficient reserve by itself.")
    amounts = [
        Amount("Expected, base", totals["total_expected"], "With extensions and all expenses."),
        Amount("Certified, base", totals["total_certified"], certified),
    ]
    losses = [(loss, line) for line in study.lines if (loss := study.loss(line, whole)) is not None]
    worst = max(losses, key=lambda pair: pair[0], default=None)
    if worst and worst[0] > 0:
        title = text("{title}", title=worst[1].scenario.title)
        amounts.append(Amount("Worst single scenario", worst[0], title))
    together = study.aggregate(whole)
    total = round(together.total)
    if together.losses:
        amounts.append(Amount("All risks together", total, "Square root with the correlation matrix."))
    if whole in study.own_funds:
        own_funds = study.own_funds[whole]
        amounts.append(Amount("Own funds", own_funds, "As given."))
        left = own_funds - total
        amounts.append(Amount("Own funds after all risks together", left, "Assets held as they are."))
    return amounts


def _moving(study: Study, whole: str) -> list[Line]:
    """Lines that change the expected total."""
    return [line for line in study.lines if line.outcomes and study.delta(line, whole)]


def _tornado(study: Study, whole: str) -> tuple[Figure, ...]:
    lines = _moving(study, whole)
    if not lines:
        return ()
    deltas = [study.delta(line, whole) / TIYN for line in lines]
    nothing = float("nan")
    svg = tornado(
        [line.scenario.title for line in lines],
        [delta if delta < 0 else nothing for delta in deltas],
        [delta if delta > 0 else nothing for delta in deltas],
        title="Change of the expected reserve",
        x_label="tenge",
        sides=(text("less reserve"), text("more reserve")),
    )
    alt = _in_words((line.scenario.title, study.delta(line, whole)) for line in lines)
    caption = text("Right: more reserve is needed; left: less. The expected measure with all expenses.")
    return (Figure(svg, caption, alt),)


def _in_words(amounts: Iterable[tuple[str, int]]) -> Text:
    """Amounts in a row, for who cannot see a chart."""
    return joined((text("{name} {amount}", name=name, amount=tenge(tiyn)) for name, tiyn in amounts), "; ")


def _together(study: Study, whole: str) -> tuple[Section, ...]:
    """The waterfall from single risks to all of them."""
    found = study.aggregate(whole)
    if not found.losses:
        return ()
    total = round(found.total)
    gain = total - found.undiversified
    losses = ((RISK_NAMES[risk], loss) for risk, loss in found.losses.items())
    steps = (*losses, (text("diversification"), gain))
    end = text("together"), total
    drawn = [(name, amount) for name, amount in steps if amount]
    svg = waterfall(
        [*(name for name, _ in drawn), end[0]],
        [amount / TIYN for _, amount in drawn],
        title="From single risks to all together",
        y_label="tenge",
    )
    caption = text("Diversification takes off {amount}.", amount=tenge(-gain))
    figure = Figure(svg, caption, _in_words((*steps, end)))
    columns = Column("worst scenario of each risk"), Column("tenge", "money")
    note = text("A gain counts as no loss. {source}", source=study.correlation.source)
    table = Table("Losses of the risks", columns, steps, end, note)
    return (Section("All risks together", (), (figure,), (table, *correlation_tables(study))),)


def _reverse(study: Study) -> tuple[Section, ...]:
    if not study.reversals:
        return ()
    how = text(
        "The loss is valued in full at each multiple: a scan first, then the interval of the first crossing."
    )
    return (Section("Reverse stress", (how,), (), (reverse_table(study),)),)


def _payouts(study: Study, whole: str) -> Figure:
    by_scenario = yearly(study)
    base = sum(by_scenario[BASE].values())
    titles = {line.scenario.name: line.scenario.title for line in study.lines}
    moves = {name: abs(sum(found.values()) - base) for name, found in by_scenario.items() if name != BASE}
    drawn = sorted((name for name in moves if moves[name]), key=lambda name: -moves[name])[:SHOWN_SCENARIOS]
    names: dict[str, str] = {BASE: shown_name(BASE), **{name: titles[name] for name in drawn}}
    years = sorted(by_scenario[BASE])
    svg = line_chart(
        years,
        {title: [by_scenario[n].get(year, 0) / TIYN for year in years] for n, title in names.items()},
        title="Expected payouts by calendar year",
        x_label="year",
        y_label="tenge",
    )
    caption = text("Base and the scenarios that move payouts most; a yield moves none of them.")
    return Figure(svg, caption, joined(names.values(), "; "))


def _by_class(study: Study, line: Line | None, whole: str) -> dict[tuple[str, str], int]:
    """Total expected by product and class of who is paid [tiyn]."""
    outcome = (line.outcome(whole) if line else None) or study.base_of(whole)
    found: dict[tuple[str, str], int] = {}
    for product, beneficiary, band, _, amounts in outcome.groups():
        kind = band or ("pre-retirement" if beneficiary == "pre_retirement" else "survivors")
        found[product, kind] = found.get((product, kind), 0) + amounts["total_expected"]
    return found


def _heat(study: Study, whole: str) -> tuple[Figure, ...]:
    base = _by_class(study, None, whole)
    keys = sorted(key for key, amount in base.items() if amount)
    lines = _moving(study, whole)
    if not lines or not keys:
        return ()
    changed = (_by_class(study, line, whole) for line in lines)
    svg = heat_map(
        [line.scenario.title for line in lines],
        [_segment(product, kind) for product, kind in keys],
        [[100 * (found.get(key, 0) / base[key] - 1) for key in keys] for found in changed],
        title="Change of the expected total, percent of the base",
        format="+.1f",
    )
    note = text("comp. compulsory, volu. voluntary; A 5-29 %, B 30-59 %, C 60-89 %, D 90-100 %.")
    alt = text("Change by scenario, product and class; the amounts are in stress.csv.")
    return (Figure(svg, note, alt),)


def _segment(product: str, kind: str) -> Text:
    """Product and class of who is paid, short enough for a heat map."""
    name = CLASSES.get(kind, kind)
    return text("comp. {name}", name=name) if product == "compulsory" else text("volu. {name}", name=name)


def _contracts(study: Study) -> tuple[Section, ...]:
    return (Section("Contracts in force", (), (), contract_tables(study)),) if study.premiums else ()


def _insurers(study: Study) -> tuple[Section, ...]:
    if MARKET not in study.names:
        return ()
    tables = insurer_tables(study)
    totals = {name: study.totals(None, name)["total_expected"] for name in study.base}
    svg = bar_chart(
        list(totals),
        {text("expected"): [amount / TIYN for amount in totals.values()]},
        title="Expected reserve by insurer",
        y_label="tenge",
    )
    alt = _in_words(totals.items())
    shares = (
        text("{insurer} {share}", insurer=row[0], share=percent(row[3]))
        for row in tables[0].rows
        if row[3] is not None
    )
    caption = joined(shares, "; ")
    return (Section("Insurers", (), (Figure(svg, caption, alt),), tables),)


def _checks(study: Study) -> list[Check]:
    """Two ways to the same totals, over all scenarios and insurers."""
    outcomes = [*study.base.values(), *(o for line in study.lines for o in line.outcomes.values())]
    groups = sum(amounts["total_expected"] for o in outcomes for *_, amounts in o.groups())
    totals = sum(o.totals()["total_expected"] for o in outcomes)
    years = sum(row[6] for row in flow_rows(study) if row[3] == "all")
    months = sum(int(o.flow.expected.sum()) for o in outcomes)
    checks = [
        Check("groups and totals of all scenarios, expected", groups, totals),
        Check("payouts by year and by month, expected", years, months),
    ]
    if MARKET in study.names:
        alone = sum(study.totals(None, name)["total_expected"] for name in study.base)
        checks.append(Check("insurers and market", alone, study.totals(None, MARKET)["total_expected"]))
    return checks
