"""The tables of a stress test's reports: scenarios, payouts by year, contracts, insurers, sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actuarial.report.stress_run import contract_rows, flow_rows, stress_rows
from actuarial.report.table import Column, Kind, Table
from actuarial.reserve import AMOUNTS
from actuarial.stress.study import MARKET, Study

SHOWN_YEARS = 10
SHOWN_SCENARIOS = 5


def columns(*heads: str | tuple[str, Kind] | tuple[str, Kind, int]) -> tuple[Column, ...]:
    """Columns from their titles, with the kind where it is not text."""
    return tuple(Column(head) if isinstance(head, str) else Column(*head) for head in heads)


def scenario_table(study: Study, whole: str) -> Table:
    """Base and scenarios of an insurer or the market."""
    base = study.totals(None, whole)
    own_funds = study.own_funds.get(whole)
    start = base["total_certified"], None, base["total_expected"], None, None, None, own_funds
    rows: list[tuple[Any, ...]] = [("Base", "", *start)]
    for line in study.lines:
        loss = study.loss(line, whole)
        after = None if own_funds is None or loss is None else own_funds - loss
        head = line.scenario.title, line.scenario.risk or ""
        if not line.is_computed:
            rows.append((*head, *(None,) * len(start)))
            continue
        totals = study.totals(line, whole)
        certified, expected = (totals[f"total_{m}"] - base[f"total_{m}"] for m in ("certified", "expected"))
        share = expected / base["total_expected"] if base["total_expected"] else None
        figures = totals["total_certified"], certified, totals["total_expected"], expected, share, loss, after
        rows.append((*head, *figures))
    heads = columns(
        "scenario",
        "risk",
        ("certified", "money"),
        ("change", "money"),
        ("expected", "money"),
        ("change", "money"),
        ("change", "percent", 2),
        ("loss", "money"),
        ("own funds after", "money"),
    )
    note = (
        "Totals with additional expenses and insurer's expenses. The certified columns leave out extensions "
        "that the insurer must write: they are not a sufficient reserve by themselves. Loss: change of "
        "expected, and of contracts in force. Empty: not computed, see below."
    )
    return Table("Base and scenarios", heads, tuple(rows), note=note)


def change_table(scenarios: Table) -> Table:
    """The table of scenarios without the amounts themselves: what a page has room for."""
    kept = [0, *range(3, len(scenarios.columns))]
    kept.remove(4)
    titles = {3: "certified, change", 5: "expected, change", 6: "change"}
    heads = tuple(
        replace(scenarios.columns[k], title=titles.get(k, scenarios.columns[k].title)) for k in kept
    )
    rows = tuple(tuple(row[k] for k in kept) for row in scenarios.rows[1:])
    return Table("Changes of the base", heads, rows, note=scenarios.note)


def missing_table(study: Study) -> Table:
    """What was not computed, and why."""
    rows = tuple((line.scenario.title, note) for line in study.lines for note in line.notes)
    return Table("Not computed", columns("scenario", "why"), rows)


def reserve_table(study: Study, whole: str) -> Table:
    """Change of each amount but the totals."""
    shown = [name for name in AMOUNTS if not name.startswith("total")]
    heads = tuple(Column(name.replace("_", " "), "money") for name in shown)
    base = study.totals(None, whole)
    rows: list[tuple[Any, ...]] = [("Base", *(base[name] for name in shown))]
    for line in study.lines:
        if line.outcomes:
            totals = study.totals(line, whole)
            rows.append((line.scenario.title, *(totals[name] - base[name] for name in shown)))
    note = "Base: amounts; scenarios: changes. Monthly payment: the first one; recoveries are not deducted."
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
    heads = (Column("year"), *(Column(name, "money") for name in by_scenario))
    note = "Products and classes: cashflows.csv, where certified payouts are too."
    return Table("Expected payouts by calendar year", heads, rows, ("all", *sums), note)


def shown_years(years: Table) -> Table:
    """First years of the base and of the scenarios that move payouts most."""
    sums = years.total or ()
    moves = sorted(range(2, len(sums)), key=lambda k: -abs(sums[k] - sums[1]))
    kept = [0, 1, *[k for k in moves if sums[k] != sums[1]][:SHOWN_SCENARIOS]]
    rows = tuple(tuple(row[k] for k in kept) for row in years.rows[:SHOWN_YEARS])
    note = "All years and scenarios: report.xlsx."
    return Table("Expected payouts, first years", tuple(years.columns[k] for k in kept), rows, note=note)


def group_table(study: Study) -> Table:
    """Rows of ``stress.csv``."""
    heads = columns("scenario", "insurer", "product", "beneficiary", "band", ("records", "integer"))
    amounts = tuple(Column(name.replace("_", " "), "money") for name in AMOUNTS)
    return Table("By insurer, product, beneficiary and band", (*heads, *amounts), tuple(stress_rows(study)))


def contract_tables(study: Study) -> tuple[Table, ...]:
    """Premiums and claims, the accident at the largest site, premiums by class."""
    rows: list[tuple[Any, ...]] = []
    sites: list[tuple[Any, ...]] = []
    for name, base in study.premiums.items():
        figures = base.premium, 0, base.annual_payroll, base.minimum_applied, None, None
        rows.append(("Base", name, *figures, ""))
    for line in study.lines:
        for name, found in line.contracts.items():
            now = found.premiums
            premium = study.premiums[name].premium + found.delta_premium
            amounts = premium, found.delta_premium, now.annual_payroll, now.minimum_applied
            missing = "needs " + ", ".join(found.missing) if found.missing else ""
            rows.append((line.scenario.title, name, *amounts, found.delta_claims, found.loss, missing))
            site = found.site
            if site is not None:
                of_site = name, site.contract_id, site.workers
                money = site.cost, site.insured_sum, site.above_insured_sum
                sites += [(*of_site, kind, float(number), *money) for kind, number in site.cases.items()]
    heads = columns(
        "scenario",
        "insurer",
        ("premium of the law", "money"),
        ("change", "money"),
        ("annual payroll", "money"),
        ("at the minimum", "integer"),
        ("change of claims", "money"),
        ("loss", "money"),
        "not computed",
    )
    tables = [Table("Premiums and claims", heads, tuple(rows), note="A year of the contracts in force.")]
    if sites:
        heads = columns(
            "insurer",
            "contract",
            ("workers", "integer"),
            "kind",
            ("expected cases", "number"),
            ("cost of all kinds", "money"),
            ("insured sum", "money"),
            ("above it", "money"),
        )
        note = "What exceeds the insured sum is paid, and owed by the policyholder (OSNS Law 19(4))."
        tables.append(Table("Accident at the largest site", heads, tuple(sites), note=note))
    heads = columns("scenario", "insurer", ("class", "integer"), ("premium", "money"), ("change", "money"))
    tables.append(Table("Premium by class of risk", heads, tuple(contract_rows(study))))
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
        rows.append((name, *figures))
    heads = columns(
        "insurer",
        ("certified", "money"),
        ("expected", "money"),
        ("share", "percent"),
        ("all risks together", "money"),
        ("own funds", "money"),
        ("own funds after", "money"),
    )
    note = "The market's risks together are those of its summed losses, not the sum of the insurers' figures."
    shares = Table("Base of each insurer", heads, tuple(rows[:-1]), rows[-1], note)
    names = list(study.base)
    changes = Table(
        "Change of the expected total by insurer",
        (Column("scenario"), *(Column(name, "money") for name in (*names, MARKET))),
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
            "yes" if found.is_monotone else "no",
            found.reason,
        )
        for found in study.reversals
    )
    heads = columns(
        "scenario",
        "insurer",
        ("own funds", "money"),
        ("multiple", "number", 4),
        ("not yet at", "number", 4),
        "loss only grows",
        "why none",
    )
    return Table("Smallest multiple of a scenario that exhausts own funds", heads, rows)


def correlation_tables(study: Study) -> tuple[Table, ...]:
    """The matrices of the aggregation."""
    correlation = study.correlation
    named = [(f"Correlation, {m.name}", m.risks, m.matrix) for m in correlation.modules]
    if len(correlation.modules) > 1:
        titles = tuple(module.name for module in correlation.modules)
        named.append(("Correlation between modules", titles, correlation.matrix))
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
        (s.name, s.title, "; ".join(map(str, s.changes)), s.source, s.risk or "", s.note)
        for s in (line.scenario for line in study.lines)
    )
    return Table("Scenarios in full", columns("scenario", "title", "changes", "source", "risk", "note"), rows)


def hypothetical_table(study: Study) -> Table:
    """Entries of no law, set by scenarios, that the annuities used."""
    rows = tuple(
        (
            line.scenario.name,
            str(entry["parameter"]).replace("_", " "),
            str(entry["value"]),
            str(entry["from"]),
            str(entry["to"] or "open"),
            str(entry["note"]),
        )
        for line in study.lines
        for entry in line.law
    )
    heads = columns("scenario", "parameter", "value", "from", "last day", "change")
    return Table("Hypothetical entries that annuities used", heads, rows)
