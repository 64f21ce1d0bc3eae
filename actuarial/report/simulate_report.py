"""``report.html`` and ``report.xlsx`` of a simulation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from actuarial import risk_measure
from actuarial.language import Text, counted, text
from actuarial.money import TIYN
from actuarial.report import chart
from actuarial.report.appendix import company_fact, count_fact, day_fact
from actuarial.report.estimate import bounds, interval, level_text, maybe_tiyn, shown
from actuarial.report.name import CLASS_CODES, NO, PRODUCTS, YES
from actuarial.report.page import Figure, KeyFigure, Page, Section, write_page
from actuarial.report.simulate_run import Simulated, SimulateRequest, mean_tiyn, payout_rows, segment_rows
from actuarial.report.table import Column, Table, cell_message
from actuarial.report.workbook import Sheet, write_workbook
from actuarial.risk_measure import Estimate
from actuarial.simulation import COMPONENTS, IDIOSYNCRATIC
from actuarial.simulation_study import CAPITAL_LEVEL, Study

SOURCES = {
    IDIOSYNCRATIC: text("single lives"),
    "yield_shift": text("yield"),
    "mci": text("growth of МРП"),
    "minimum_wage": text("growth of МЗП"),
    "subsistence_minimum": text("growth of ПМ"),
    "wages": text("growth of wages"),
    "prices": text("growth of prices"),
    "mortality_level": text("level of mortality"),
    "mortality_trend": text("trend of mortality"),
    "recovery_level": text("odds of recovery"),
}
PARTS = {
    "annuity": text("mean: annuity"),
    "recovery": text("mean: recovery"),
    "additional_expenses": text("mean: additional expenses"),
    "expenses": text("mean: expenses"),
    "total": text("mean: total"),
}
MEAN, EXACT, SHARE = text("mean"), text("exact expected"), text("share of the variance")
TOO_FEW = text("too few scenarios")
YEARS_ON_PAGE = 30
TOP = level_text(CAPITAL_LEVEL)
AT_TOP = text("value at risk {level}", level=TOP)
TAIL_AT_TOP = text("tail value at risk {level}", level=TOP)


def write_reports(
    folder: Path, request: SimulateRequest, record: dict[str, Any], simulated: Simulated
) -> list[Path]:
    """Write both reports; their paths."""
    study, claims = simulated.study, simulated.new_claims
    assumptions = _assumptions(record)
    key_figures: tuple[KeyFigure, ...] = ()
    sections: tuple[Section, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    if study is not None and claims is not None:
        whole = _whole(simulated)
        key_figures += _whole_figures(simulated)
        sections += (Section("Annuities and new claims together", tables=whole),)
        sheets += (Sheet("together", whole, text=tuple(record["warnings"])),)
    if study is not None:
        tables = _tables(request, study)
        key_figures += _key_figures(study)
        sections += _sections(request, study, tables)
        sheets += (
            Sheet("summary", (tables["distribution"], *_tails(study)), text=tuple(record["warnings"])),
            Sheet("payouts", (tables["payouts"],)),
            Sheet("by class", (tables["segments"],)),
            Sheet(
                "accuracy", (*([tables["sources"]] if study.attribution_scenarios else []), tables["errors"])
            ),
            Sheet("convergence", (tables["convergence"],)),
        )
    if claims is not None:
        from actuarial.report.new_claim_section import (
            new_claim_key_figures,
            new_claim_sections,
            new_claim_sheets,
        )

        key_figures += new_claim_key_figures(claims)
        sections += new_claim_sections(claims)
        sheets += new_claim_sheets(claims)
    page = Page(
        title=_title(simulated),
        subtitle=counted(
            "Present value of all outgo on {day}, {n} scenarios",
            "Present value of all outgo on {day}, {n} scenarios",
            n=record["scenarios"],
            day=day_fact(record["valuation_date"]),
        ),
        facts=(
            *company_fact(record),
            *(((text("Portfolio"), request.portfolio.name),) if request.portfolio else ()),
            *(((text("Contracts"), claims.request.contracts.name),) if claims else ()),
            (text("Records"), count_fact(record["records"])),
            (text("Basis"), record["basis_name"]),
            (text("Seed"), str(record["seed"])),
            (text("Antithetic pairs"), YES if simulated.paired else NO),
            (text("Engine"), f"actuarial {record['engine_version']}"),
        ),
        key_figures=key_figures,
        warnings=tuple(record["warnings"]),
        sections=sections,
        appendix=(
            Section("Limitations", text=tuple(record["limitations"])),
            Section("Assumptions of the simulation", tables=(assumptions,)),
        ),
    )
    return [
        write_page(folder / "report.html", page),
        write_workbook(folder / "report.xlsx", [*sheets, Sheet("assumptions", (assumptions,))]),
    ]


def _title(simulated: Simulated) -> Text:
    if simulated.study is None:
        return text("Simulation of new claims")
    if simulated.new_claims is None:
        return text("Simulation of annuities in payment")
    return text("Simulation of annuities in payment and new claims")


def _whole_figures(simulated: Simulated) -> tuple[KeyFigure, ...]:
    """Annuities and new claims together, after reinsurance."""
    net = simulated.net / TIYN
    mean = risk_measure.mean(net, paired=simulated.paired)
    top = risk_measure.value_at_risk(net, CAPITAL_LEVEL, paired=simulated.paired)
    return (
        KeyFigure("Together, net: mean", shown(mean.value), _standard_error(mean)),
        _key_figure(text("Together, net: value at risk {level}", level=TOP), top),
    )


def _standard_error(found: Estimate) -> Text:
    return text("standard error {amount}", amount=shown(found.standard_error))


def _key_figure(label: Text, found: Estimate | None) -> KeyFigure:
    """A measure of the tail with its interval."""
    if found is None:
        return KeyFigure(label, "–", TOO_FEW)
    return KeyFigure(label, shown(found.value), interval(found))


def _whole(simulated: Simulated) -> tuple[Table, ...]:
    """Distribution of the sum of both parts, before and after reinsurance of the new claims."""
    rows: list[tuple[Any, ...]] = []
    both = [simulated.gross / TIYN, simulated.net / TIYN]
    means = [risk_measure.mean(losses, paired=simulated.paired) for losses in both]
    rows.append((MEAN, *(maybe_tiyn(mean.value) for mean in means)))
    rows.append((text("standard error of the mean"), *(maybe_tiyn(mean.standard_error) for mean in means)))
    quantiles = [risk_measure.quantiles(losses) for losses in both]
    rows += [(_quantile(level), *(maybe_tiyn(q[level]) for q in quantiles)) for level in quantiles[0]]
    for level in risk_measure.LEVELS:
        found = [risk_measure.tail_value_at_risk(losses, level, paired=simulated.paired) for losses in both]
        rows.append((text("tail value at risk {level}", level=level_text(level)), *_values(*found)))
    columns = (Column("figure"), Column("before reinsurance", "money"), Column("after", "money"))
    return (Table("Outgo of annuities in payment and new claims, tenge", columns, tuple(rows)),)


def _quantile(level: float) -> Text:
    return text("{level} quantile", level=level_text(level))


def _key_figures(study: Study) -> tuple[KeyFigure, ...]:
    losses = study.outcome.total
    figures = [
        KeyFigure(
            "Mean",
            cell_message(mean_tiyn(study.outcome.tiyn()["total"]), Column("", "money")),
            _standard_error(study.mean),
        ),
        KeyFigure(
            "Exact expected reserve",
            shown(study.exact_expected / TIYN),
            "no drivers, insured sums by expectation",
        ),
    ]
    for label, measure in (
        (text("Value at risk {level}", level=TOP), risk_measure.value_at_risk),
        (text("Tail value at risk {level}", level=TOP), risk_measure.tail_value_at_risk),
    ):
        figures.append(_key_figure(label, measure(losses, CAPITAL_LEVEL, paired=study.paired)))
    adjustment = study.adjustment
    figures.append(
        KeyFigure("Risk adjustment, cost of capital", "–", TOO_FEW)
        if adjustment.cost_of_capital is None
        else KeyFigure(
            "Risk adjustment, cost of capital",
            shown(adjustment.cost_of_capital),
            text("{rate} a year, non-financial risk", rate=level_text(adjustment.rate)),
        )
    )
    return tuple(figures)


def _sections(request: SimulateRequest, study: Study, tables: dict[str, Table]) -> tuple[Section, ...]:
    losses = study.outcome.total
    rows = payout_rows(request.valuation_date, study)
    marks: dict[str, float] = {MEAN: float(losses.mean()), text("exact"): study.exact_expected / TIYN}
    top = risk_measure.value_at_risk(losses, CAPITAL_LEVEL, paired=study.paired)
    if top is not None:
        marks[AT_TOP] = top.value
    settled = study.convergence
    means = [e.value for e in settled.means]
    bounds = (
        [e.lower if e.lower is not None else float("nan") for e in settled.means],
        [e.upper if e.upper is not None else float("nan") for e in settled.means],
    )
    distribution = Figure(
        chart.histogram(losses, title="Present value of all outgo", x_label="tenge", marks=marks),
        "One scenario is one count. Exact is the expected reserve of the reserve command.",
        counted(
            "Histogram of {n} scenarios around a mean of {mean} tenge.",
            "Histogram of {n} scenarios around a mean of {mean} tenge.",
            n=losses.size,
            mean=shown(study.mean.value),
        ),
    )
    fan = Figure(
        chart.fan_chart(
            [year for year, *_ in rows],
            _fan(rows),
            title="Annuity payments by calendar year",
            x_label="year",
            y_label="tenge",
            mean=[mean.value for _, mean, _ in rows],
        ),
        "Nominal payments, not discounted; the first and last year may be incomplete.",
        "Fan of annual annuity payments.",
    )
    convergence_chart = Figure(
        chart.line_chart(
            [float(n) for n in settled.scenarios],
            {MEAN: means, EXACT: [study.exact_expected / TIYN] * len(means)},
            title="How the mean settles",
            x_label="scenarios",
            y_label="tenge",
            bands={MEAN: bounds},
        ),
        "Mean of the first scenarios with its 95 % interval.",
        "Mean by number of scenarios.",
    )
    sections = [
        Section("Distribution", figures=(distribution,), tables=(tables["distribution"], *_tails(study))),
        Section("Payouts by year", figures=(fan,), tables=(_first_years(tables["payouts"]),)),
        Section("By product and class", tables=(tables["segments"],)),
    ]
    if study.attribution_scenarios:
        shares = [c.share for c in study.contributions]
        errors = [1.96 * c.standard_error for c in study.contributions]
        sources = Figure(
            chart.bar_chart(
                [SOURCES[c.source] for c in study.contributions],
                {SHARE: shares},
                title="Where the uncertainty comes from",
                y_label="share of the variance",
                horizontal=True,
                errors={
                    SHARE: (
                        [s - e for s, e in zip(shares, errors, strict=True)],
                        [s + e for s, e in zip(shares, errors, strict=True)],
                    )
                },
            ),
            "What each source explains alone; what is missing to 1 is their interplay and sampling error.",
            "Bars of the share of variance by source.",
        )
        sections.append(Section("Sources", figures=(sources,), tables=(tables["sources"],)))
    sections.append(
        Section("Accuracy", figures=(convergence_chart,), tables=(tables["errors"], tables["convergence"]))
    )
    return tuple(sections)


def _tables(request: SimulateRequest, study: Study) -> dict[str, Table]:
    losses, paired = study.outcome.total, study.paired
    amounts = study.outcome.tiyn()
    quantiles = risk_measure.quantiles(losses)
    distribution = Table(
        "Present value of all outgo, tenge",
        (Column("figure"), Column("amount", "money"), Column("standard error", "money")),
        (
            *(
                (PARTS[name], mean_tiyn(amounts[name]), maybe_tiyn(e.standard_error))
                for name in (*COMPONENTS, "total")
                for e in [risk_measure.mean(amounts[name] / TIYN, paired=paired)]
            ),
            (EXACT, study.exact_expected, None),
            *((_quantile(level), maybe_tiyn(q), None) for level, q in quantiles.items()),
        ),
        note="Recoveries are inside the annuity payments and not deducted from the total.",
    )
    rows = payout_rows(request.valuation_date, study)
    levels = list(rows[0][2]) if rows else []
    return {
        "distribution": distribution,
        "payouts": Table(
            "Annuity payments by calendar year, tenge",
            (
                Column("year"),
                Column("mean", "money"),
                Column("standard error", "money"),
                *(Column(level_text(level), "money") for level in levels),
            ),
            tuple(
                (
                    str(year),
                    maybe_tiyn(mean.value),
                    maybe_tiyn(mean.standard_error),
                    *(maybe_tiyn(q[level]) for level in levels),
                )
                for year, mean, q in rows
            ),
        ),
        "segments": Table(
            "Present value by product and class, tenge",
            (
                Column("product"),
                Column("class"),
                Column("mean", "money"),
                Column("standard error", "money"),
                Column(AT_TOP, "money"),
                Column(TAIL_AT_TOP, "money"),
            ),
            tuple(
                (
                    PRODUCTS[product],
                    CLASS_CODES[name],
                    maybe_tiyn(mean.value),
                    maybe_tiyn(mean.standard_error),
                    *_values(var, tail),
                )
                for product, name, mean, var, tail in segment_rows(study)
            ),
            note="Tails of parts do not add up to the tail of the whole.",
        ),
        "sources": Table(
            "Share of the variance by source",
            (Column("source"), Column("share", "percent", 2), Column("standard error", "percent", 2)),
            tuple((SOURCES[c.source], c.share, c.standard_error) for c in study.contributions),
            note=text(
                "First-order indices from {n} scenarios; they need not add up to 1, and one below 0 is "
                "sampling error.",
                n=study.attribution_scenarios,
            ),
        ),
        "errors": _errors(study),
        "convergence": _convergence(study),
    }


def _tails(study: Study) -> tuple[Table, ...]:
    """Both measures of the tail with their intervals, and the risk adjustments."""
    losses = study.outcome.total
    money = (
        Column("amount", "money"),
        Column("standard error", "money"),
        Column("from", "money"),
        Column("to", "money"),
    )
    tables = []
    for title, measure in (
        (text("Value at risk with 95 % intervals, tenge"), risk_measure.value_at_risk),
        (text("Tail value at risk with 95 % intervals, tenge"), risk_measure.tail_value_at_risk),
    ):
        rows = []
        for level in risk_measure.LEVELS:
            found = measure(losses, level, paired=study.paired)
            error = None if found is None else maybe_tiyn(found.standard_error)
            value, lower, upper = bounds(found)
            rows.append((level, value, error, lower, upper))
        tables.append(
            Table(
                title,
                (Column("level", "percent", 1), *money),
                tuple(rows),
                note="A measure with fewer than ten scenarios beyond it is not given.",
            )
        )
    adjustment = study.adjustment
    amounts = [
        (text("{level} confidence", level=level_text(level)), maybe_tiyn(a))
        for level, a in adjustment.by_level.items()
    ]
    cost = text("cost of capital, {rate} a year", rate=level_text(adjustment.rate))
    amounts.append((cost, maybe_tiyn(adjustment.cost_of_capital)))
    tables.append(
        Table(
            "Risk adjustment for non-financial risk, tenge",
            (Column("choice"), Column("amount", "money")),
            tuple(amounts),
            note="From the same scenarios with yields, growth and indexation as the basis has them. By "
            "confidence: value at risk less the mean.",
        )
    )
    return tuple(tables)


def _fan(rows: list[tuple[int, Estimate, dict[float, float | None]]]) -> dict[float, list[float]]:
    """Quantiles by level over the years, those with scenarios enough."""
    fan: dict[float, list[float]] = {}
    for _, _, levels in rows:
        for level, amount in levels.items():
            if amount is not None:
                fan.setdefault(level, []).append(amount)
    return fan


def _first_years(table: Table) -> Table:
    """The years a page has room for; the workbook and ``payouts.csv`` have all."""
    if len(table.rows) <= YEARS_ON_PAGE:
        return table
    note = text("The first {n} years; all are in report.xlsx and payouts.csv.", n=YEARS_ON_PAGE)
    return replace(table, rows=table.rows[:YEARS_ON_PAGE], note=note)


def _values(*found: Estimate | None) -> tuple[int | None, ...]:
    return tuple(maybe_tiyn(e.value) if e is not None else None for e in found)


def _errors(study: Study) -> Table:
    """Standard error of the mean by each way to estimate it."""
    ways = [(text("as if scenarios were independent"), study.plain_mean)]
    if study.paired:
        ways.append((text("antithetic pairs"), study.mean))
    for name, found in (
        (text("drivers as controls"), study.with_drivers),
        (text("exact expected value as control"), study.with_twin),
    ):
        if found is not None:
            ways.append((name, found.mean))
    return Table(
        "The mean by each way of reducing its error, tenge",
        (Column("way"), Column("mean", "money"), Column("standard error", "money")),
        tuple((name, maybe_tiyn(e.value), maybe_tiyn(e.standard_error)) for name, e in ways),
        note="The control by the exact expected value doubles the work and is used only where a pilot halves "
        "the variance.",
    )


def _convergence(study: Study) -> Table:
    settled = study.convergence
    return Table(
        "Estimates from the first scenarios, tenge",
        (
            Column("scenarios", "integer"),
            Column("mean", "money"),
            Column("standard error", "money"),
            Column(AT_TOP, "money"),
            Column("from", "money"),
            Column("to", "money"),
        ),
        tuple(
            (n, maybe_tiyn(mean.value), maybe_tiyn(mean.standard_error), *bounds(var))
            for n, mean, var in zip(settled.scenarios, settled.means, settled.tails, strict=True)
        ),
    )


def _assumptions(record: dict[str, Any]) -> Table:
    """Every parameter of the drivers, one a row."""

    def rows(prefix: str, value: Any) -> list[tuple[str, str]]:
        if isinstance(value, dict):
            return [row for key, part in value.items() for row in rows(f"{prefix}.{key}", part)]
        if isinstance(value, list):
            return [row for number, part in enumerate(value, 1) for row in rows(f"{prefix}.{number}", part)]
        return [(prefix, "" if value is None else str(value))]

    return Table(
        "Drivers as the basis names them",
        (Column("parameter"), Column("value")),
        tuple(rows("simulation", record["basis"]["simulation"])),
    )
