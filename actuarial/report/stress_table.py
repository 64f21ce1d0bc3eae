"""The tables of a stress test's reports: scenarios, payouts by year, contracts, insurers, sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actuarial.language import Text, joined, text
from actuarial.report.appendix import day_fact
from actuarial.report.name import ALL, BENEFICIARIES, NO, PRODUCTS, YES, parameter_name
from actuarial.report.stress_run import contract_rows, flow_rows, stress_rows
from actuarial.report.table import Column, Table
from actuarial.stress.scenario import BASE, RISK_NAMES
from actuarial.stress.study import MARKET, Study

SHOWN_YEARS = 10
SHOWN_SCENARIOS = 5
AMOUNT_NAMES = {
    "monthly_payment": text("monthly payment"),
    "certified_reserve": text("certified reserve"),
    "expected_reserve": text("expected reserve"),
    "additional_expenses_reserve": text("additional expenses reserve"),
    "expense_reserve_certified": text("expense reserve certified"),
    "expense_reserve_expected": text("expense reserve expected"),
    "recovery_certified": text("recovery certified"),
    "recovery_expected": text("recovery expected"),
    "total_certified": text("total certified"),
    "total_expected": text("total expected"),
}
BENEFICIARY_CODES = {
    **BENEFICIARIES,
    "disabled_dependant": text("disabled_dependant"),
    "pre_retirement": text("pre_retirement"),
}
"""The same as files name them, in English."""
CASES = {"death": text("death"), "disability": text("disability"), "medical": text("medical")}
BASE_ROW = text("Base")
_OURS = {BASE: text("base"), MARKET: text("market")}


def shown_name(name: str) -> Text:
    """Name of a scenario or an insurer for a place where wording is translated: theirs stays as it is."""
    return _OURS.get(name) or text("{name}", name=name)


def scenario_table(study: Study, whole: str) -> Table:
    """Base and scenarios of an insurer or the market."""
    base = study.totals(None, whole)
    own_funds = study.own_funds.get(whole)
    start = base["total_certified"], None, base["total_expected"], None, None, None, own_funds
    rows: list[tuple[Any, ...]] = [(BASE_ROW, "", *start)]
    for line in study.lines:
        loss = study.loss(line, whole)
        after = None if own_funds is None or loss is None else own_funds - loss
        risk = line.scenario.risk
        head = line.scenario.title, RISK_NAMES[risk] if risk else ""
        if not line.is_computed:
            rows.append((*head, *(None,) * len(start)))
            continue
        totals = study.totals(line, whole)
        certified, expected = (totals[f"total_{m}"] - base[f"total_{m}"] for m in ("certified", "expected"))
        share = expected / base["total_expected"] if base["total_expected"] else None
        figures = totals["total_certified"], certified, totals["total_expected"], expected, share, loss, after
        rows.append((*head, *figures))
    heads = (
        Column("scenario"),
        Column("risk"),
        Column("certified", "money"),
        Column("change", "money"),
        Column("expected", "money"),
        Column("change", "money"),
        Column("change", "percent", 2),
        Column("loss", "money"),
        Column("own funds after", "money"),
    )
    note = text(
        "Totals with additional expenses and insurer's expenses. The certified columns leave out extensions "
        "that the insurer must write: they are not a sufficient reserve by themselves. Loss: change of "
        "expected, and of contracts in force. Empty: not computed, see below."
    )
    return Table("Base and scenarios", heads, tuple(rows), note=note)


def change_table(scenarios: Table) -> Table:
    """The table of scenarios without the amounts themselves: what a page has room for."""
    kept = [0, *range(3, len(scenarios.columns))]
    kept.remove(4)
    titles = {3: text("certified, change"), 5: text("expected, change"), 6: text("change")}
    heads = tuple(
        replace(scenarios.columns[k], title=titles.get(k, scenarios.columns[k].title)) for k in kept
    )
    rows = tuple(tuple(row[k] for k in kept) for row in scenarios.rows[1:])
    return Table("Changes of the base", heads, rows, note=scenarios.note)


def missing_table(study: Study) -> Table:
    """What was not computed, and why."""
    rows = tuple((line.scenario.title, note) for line in study.lines for note in line.notes)
    return Table("Not computed", (Column("scenario"), Column("why")), rows)


def reserve_table(study: Study, whole: str) -> Table:
    """Change of each amount but the totals."""
    shown = [name for name in AMOUNT_NAMES if not name.startswith("total")]
    heads = tuple(Column(AMOUNT_NAMES[name], "money") for name in shown)
    base = study.totals(None, whole)
    rows: list[tuple[Any, ...]] = [(BASE_ROW, *(base[name] for name in shown))]
    for line in study.lines:
        if line.outcomes:
            totals = study.totals(line, whole)
            rows.append((line.scenario.title, *(totals[name] - base[name] for name in shown)))
    note = text(
        "Base: amounts; scenarios: changes. Monthly payment: the first one; recoveries are not deducted."
    )
    return Table("Change of each reserve", (Column("scenario"), *heads), tuple(rows), note=note)


def yearly(study: Study) -> dict[str, dict[int, int]]:
    """Expected payouts of all insurers by scenario and year [tiyn]."""
    found: dict[str, dict[int, int]] = {}
    for scenario, _, year, product, _, _, expected in flow_rows(study):
        if product == "all":
            years = found.setdefault(scenario, {})
            years[year] = years.get(year, 0) + expected
    return found


def year_table(study: Study) -> Table:
    """Expected payouts by year, a column a scenario."""
    by_scenario = yearly(study)
    years = sorted({year for found in by_scenario.values() for year in found})
    rows = tuple((year, *(found.get(year, 0) for found in by_scenario.values())) for year in years)
    sums = tuple(sum(row[k] for row in rows) for k in range(1, len(by_scenario) + 1))
    heads = (Column("year"), *(Column(shown_name(name), "money") for name in by_scenario))
    note = text("Products and classes: cashflows.csv, where certified payouts are too.")
    return Table("Expected payouts by calendar year", heads, rows, (ALL, *sums), note)


def shown_years(years: Table) -> Table:
    """First years of the base and of the scenarios that move payouts most."""
    sums = years.total or ()
    moves = sorted(range(2, len(sums)), key=lambda k: -abs(sums[k] - sums[1]))
    kept = [0, 1, *[k for k in moves if sums[k] != sums[1]][:SHOWN_SCENARIOS]]
    rows = tuple(tuple(row[k] for k in kept) for row in years.rows[:SHOWN_YEARS])
    note = text("All years and scenarios: report.xlsx.")
    return Table("Expected payouts, first years", tuple(years.columns[k] for k in kept), rows, note=note)


def group_table(study: Study) -> Table:
    """Rows of ``stress.csv``."""
    heads = (
        Column("scenario"),
        Column("insurer"),
        Column("product"),
        Column("beneficiary"),
        Column("band"),
        Column("records", "integer"),
        *(Column(name, "money") for name in AMOUNT_NAMES.values()),
    )
    rows = tuple(
        (shown_name(scenario), insurer, PRODUCTS[product], BENEFICIARY_CODES[beneficiary], *rest)
        for scenario, insurer, product, beneficiary, *rest in stress_rows(study)
    )
    return Table("By insurer, product, beneficiary and band", heads, rows)


def contract_tables(study: Study) -> tuple[Table, ...]:
    """Premiums and claims, the accident at the largest site, premiums by class."""
    rows: list[tuple[Any, ...]] = []
    sites: list[tuple[Any, ...]] = []
    for name, base in study.premiums.items():
        figures = base.premium, 0, base.annual_payroll, base.minimum_applied, None, None
        rows.append((BASE_ROW, name, *figures, ""))
    for line in study.lines:
        for name, found in line.contracts.items():
            now = found.premiums
            premium = study.premiums[name].premium + found.delta_premium
            amounts = premium, found.delta_premium, now.annual_payroll, now.minimum_applied
            missing = text("needs {missing}", missing=joined(found.missing)) if found.missing else ""
            rows.append((line.scenario.title, name, *amounts, found.delta_claims, found.loss, missing))
            site = found.site
            if site is not None:
                of_site = name, site.contract_id, site.workers
                money = site.cost, site.insured_sum, site.above_insured_sum
                sites += [
                    (*of_site, CASES[kind], float(number), *money) for kind, number in site.cases.items()
                ]
    heads: tuple[Column, ...] = (
        Column("scenario"),
        Column("insurer"),
        Column("premium of the law", "money"),
        Column("change", "money"),
        Column("annual payroll", "money"),
        Column("at the minimum", "integer"),
        Column("change of claims", "money"),
        Column("loss", "money"),
        Column("not computed"),
    )
    tables = [Table("Premiums and claims", heads, tuple(rows), note="A year of the contracts in force.")]
    if sites:
        heads = (
            Column("insurer"),
            Column("contract"),
            Column("workers", "integer"),
            Column("kind"),
            Column("expected cases", "number"),
            Column("cost of all kinds", "money"),
            Column("insured sum", "money"),
            Column("above it", "money"),
        )
        note = text("What exceeds the insured sum is paid, and owed by the policyholder (OSNS Law 19(4)).")
        tables.append(Table("Accident at the largest site", heads, tuple(sites), note=note))
    heads = (
        Column("scenario"),
        Column("insurer"),
        Column("class", "integer"),
        Column("premium", "money"),
        Column("change", "money"),
    )
    by_class = tuple((shown_name(scenario), *rest) for scenario, *rest in contract_rows(study))
    tables.append(Table("Premium by class of risk", heads, by_class))
    return tuple(tables)


def insurer_tables(study: Study) -> tuple[Table, Table]:
    """Base and share of each insurer, and its changes under each scenario."""
    of_all = study.totals(None, MARKET)
    rows = []
    for name in (*study.base, MARKET):
        totals = study.totals(None, name)
        share = totals["total_expected"] / of_all["total_expected"] if of_all["total_expected"] else None
        together = round(study.aggregate(name).total)
        funds = study.own_funds.get(name)
        after = None if funds is None else funds - together
        figures = totals["total_certified"], totals["total_expected"], share, together, funds, after
        rows.append((shown_name(name), *figures))
    heads = (
        Column("insurer"),
        Column("certified", "money"),
        Column("expected", "money"),
        Column("share", "percent"),
        Column("all risks together", "money"),
        Column("own funds", "money"),
        Column("own funds after", "money"),
    )
    note = text(
        "The market's risks together are those of its summed losses, not the sum of the insurers' figures."
    )
    shares = Table("Base of each insurer", heads, tuple(rows[:-1]), rows[-1], note)
    names = list(study.base)
    changes = Table(
        "Change of the expected total by insurer",
        (Column("scenario"), *(Column(shown_name(name), "money") for name in (*names, MARKET))),
        tuple(
            (line.scenario.title, *(study.delta(line, name) for name in (*names, MARKET)))
            for line in study.lines
            if line.outcomes
        ),
    )
    return shares, changes


def reverse_table(study: Study) -> Table:
    """What each reverse stress found."""
    rows = tuple(
        (
            found.scenario,
            found.insurer,
            found.own_funds,
            found.multiple,
            found.below,
            YES if found.is_monotone else NO,
            found.reason,
        )
        for found in study.reversals
    )
    heads = (
        Column("scenario"),
        Column("insurer"),
        Column("own funds", "money"),
        Column("multiple", "number", 4),
        Column("not yet at", "number", 4),
        Column("loss only grows"),
        Column("why none"),
    )
    return Table("Smallest multiple of a scenario that exhausts own funds", heads, rows)


def correlation_tables(study: Study) -> tuple[Table, ...]:
    """The matrices of the aggregation."""
    correlation = study.correlation
    named = [
        (
            text("Correlation, {module}", module=m.name),
            tuple(RISK_NAMES[risk] for risk in m.risks),
            m.matrix,
        )
        for m in correlation.modules
    ]
    if len(correlation.modules) > 1:
        titles = tuple(text("{name}", name=module.name) for module in correlation.modules)
        named.append((text("Correlation between modules"), titles, correlation.matrix))
    return tuple(
        Table(
            title,
            (Column(""), *(Column(name, "number") for name in names)),
            tuple((name, *row) for name, row in zip(names, matrix.tolist(), strict=True)),
        )
        for title, names, matrix in named
    )


def source_table(study: Study) -> Table:
    """Every scenario with its changes and its source."""
    rows = tuple(
        (
            s.name,
            s.title,
            joined((change.message for change in s.changes), "; "),
            s.source,
            RISK_NAMES[s.risk] if s.risk else "",
            s.note,
        )
        for s in (line.scenario for line in study.lines)
    )
    heads = (
        Column("scenario"),
        Column("title"),
        Column("changes"),
        Column("source"),
        Column("risk"),
        Column("note"),
    )
    return Table("Scenarios in full", heads, rows)


def hypothetical_table(study: Study) -> Table:
    """Entries of no law, set by scenarios, that the annuities used."""
    rows = tuple(
        (
            line.scenario.name,
            parameter_name(entry["parameter"], entry["parameter"].replace("_", " ")),
            str(entry["value"]),
            day_fact(entry["from"]),
            day_fact(entry["to"]) if entry["to"] else text("open"),
            entry["note"],
        )
        for line in study.lines
        for entry in line.law
    )
    heads = (
        Column("scenario"),
        Column("parameter"),
        Column("value"),
        Column("from"),
        Column("last day"),
        Column("change"),
    )
    return Table("Hypothetical entries that annuities used", heads, rows)
