"""``report.html`` and ``report.xlsx`` of a simulation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from actuarial import risk_measure
from actuarial.money import TIYN
from actuarial.report import chart
from actuarial.report.estimate import bounds, interval, maybe_tiyn, shown
from actuarial.report.page import Figure, KeyFigure, Page, Section, write_page
from actuarial.report.simulate_run import Simulated, SimulateRequest, mean_tiyn, payout_rows, segment_rows
from actuarial.report.table import Column, Table, cell_text
from actuarial.report.workbook import Sheet, write_workbook
from actuarial.risk_measure import Estimate
from actuarial.simulation import COMPONENTS, IDIOSYNCRATIC
from actuarial.simulation_study import CAPITAL_LEVEL, Study, convergence

SOURCES = {
    IDIOSYNCRATIC: "single lives",
    "yield_shift": "yield",
    "mci": "growth of МРП",
    "minimum_wage": "growth of МЗП",
    "subsistence_minimum": "growth of ПМ",
    "wages": "growth of wages",
    "prices": "growth of prices",
    "mortality_level": "level of mortality",
    "mortality_trend": "trend of mortality",
    "recovery_level": "odds of recovery",
}
YEARS_ON_PAGE = 30
TOP = f"{100 * CAPITAL_LEVEL:g} %"


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
        subtitle=f"Present value of all outgo on {record['valuation_date']}, {record['scenarios']} scenarios",
        facts=(
            *((("Portfolio", request.portfolio.name),) if request.portfolio else ()),
            *((("Contracts", claims.request.contracts.name),) if claims else ()),
            ("Records", cell_text(record["records"], Column("", "integer"))),
            ("Basis", record["basis_name"]),
            ("Seed", str(record["seed"])),
            ("Antithetic pairs", "yes" if simulated.paired else "no"),
            ("Engine", f"actuarial {record['engine_version']}"),
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


def _title(simulated: Simulated) -> str:
    if simulated.study is None:
        return "Simulation of new claims"
    if simulated.new_claims is None:
        return "Simulation of annuities in payment"
    return "Simulation of annuities in payment and new claims"


def _whole_figures(simulated: Simulated) -> tuple[KeyFigure, ...]:
    """Annuities and new claims together, after reinsurance."""
    net = simulated.net / TIYN
    mean = risk_measure.mean(net, paired=simulated.paired)
    top = risk_measure.value_at_risk(net, CAPITAL_LEVEL, paired=simulated.paired)
    return (
        KeyFigure("Together, net: mean", shown(mean.value), f"standard error {shown(mean.standard_error)}"),
        KeyFigure(f"Together, net: value at risk {TOP}", "–", "too few scenarios")
        if top is None
        else KeyFigure(f"Together, net: value at risk {TOP}", shown(top.value), interval(top)),
    )


def _whole(simulated: Simulated) -> tuple[Table, ...]:
    """Distribution of the sum of both parts, before and after reinsurance of the new claims."""
    rows: list[tuple[Any, ...]] = []
    both = [simulated.gross / TIYN, simulated.net / TIYN]
    means = [risk_measure.mean(losses, paired=simulated.paired) for losses in both]
    rows.append(("mean", *(maybe_tiyn(mean.value) for mean in means)))
    rows.append(("standard error of the mean", *(maybe_tiyn(mean.standard_error) for mean in means)))
    quantiles = [risk_measure.quantiles(losses) for losses in both]
    rows += [
        (f"{100 * level:g} % quantile", *(maybe_tiyn(q[level]) for q in quantiles)) for level in quantiles[0]
    ]
    for level in risk_measure.LEVELS:
        found = [risk_measure.tail_value_at_risk(losses, level, paired=simulated.paired) for losses in both]
        rows.append((f"tail value at risk {100 * level:g} %", *_values(*found)))
    columns = (Column("figure"), Column("before reinsurance", "money"), Column("after", "money"))
    return (Table("Outgo of annuities in payment and new claims, tenge", columns, tuple(rows)),)


def _key_figures(study: Study) -> tuple[KeyFigure, ...]:
    losses = study.outcome.total
    figures = [
        KeyFigure(
            "Mean",
            cell_text(mean_tiyn(study.outcome.tiyn()["total"]), Column("", "money")),
            f"standard error {shown(study.mean.standard_error)}",
        ),
        KeyFigure(
            "Exact expected reserve",
            shown(study.exact_expected / TIYN),
            "no drivers, insured sums by expectation",
        ),
    ]
    for name, measure in (
        (f"Value at risk {TOP}", risk_measure.value_at_risk),
        (f"Tail value at risk {TOP}", risk_measure.tail_value_at_risk),
    ):
        found = measure(losses, CAPITAL_LEVEL, paired=study.paired)
        figures.append(
            KeyFigure(name, "–", "too few scenarios")
            if found is None
            else KeyFigure(name, shown(found.value), interval(found))
        )
    figures.append(
        KeyFigure("Risk adjustment, cost of capital", "–", "too few scenarios")
        if study.adjustment.cost_of_capital is None
        else KeyFigure(
            "Risk adjustment, cost of capital",
            shown(study.adjustment.cost_of_capital),
            f"{100 * study.adjustment.rate:g} % a year, non-financial risk",
        )
    )
    return tuple(figures)


def _sections(request: SimulateRequest, study: Study, tables: dict[str, Table]) -> tuple[Section, ...]:
    losses = study.outcome.total
    rows = payout_rows(request, study)
    marks = {"mean": float(losses.mean()), "exact": study.exact_expected / TIYN}
    top = risk_measure.value_at_risk(losses, CAPITAL_LEVEL, paired=study.paired)
    if top is not None:
        marks[f"value at risk {TOP}"] = top.value
    settled = convergence(study)
    means = [e.value for e in settled.means]
    bounds = (
        [e.lower if e.lower is not None else float("nan") for e in settled.means],
        [e.upper if e.upper is not None else float("nan") for e in settled.means],
    )
    distribution = Figure(
        chart.histogram(losses, title="Present value of all outgo", x_label="tenge", marks=marks),
        "One scenario is one count. Exact is the expected reserve of the reserve command.",
        f"Histogram of {losses.size} scenarios around a mean of {shown(study.mean.value)} tenge.",
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
            {"mean": means, "exact expected": [study.exact_expected / TIYN] * len(means)},
            title="How the mean settles",
            x_label="scenarios",
            y_label="tenge",
            bands={"mean": bounds},
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
                {"share of the variance": shares},
                title="Where the uncertainty comes from",
                y_label="share of the variance",
                horizontal=True,
                errors={
                    "share of the variance": (
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
                (f"mean: {name.replace('_', ' ')}", mean_tiyn(amounts[name]), maybe_tiyn(e.standard_error))
                for name in (*COMPONENTS, "total")
                for e in [risk_measure.mean(amounts[name] / TIYN, paired=paired)]
            ),
            ("exact expected", study.exact_expected, None),
            *((f"{100 * level:g} % quantile", maybe_tiyn(q), None) for level, q in quantiles.items()),
        ),
        note="Recoveries are inside the annuity payments and not deducted from the total.",
    )
    rows = payout_rows(request, study)
    levels = list(rows[0][2]) if rows else []
    return {
        "distribution": distribution,
        "payouts": Table(
            "Annuity payments by calendar year, tenge",
            (
                Column("year"),
                Column("mean", "money"),
                Column("standard error", "money"),
                *(Column(f"{100 * level:g} %", "money") for level in levels),
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
                Column(f"value at risk {TOP}", "money"),
                Column(f"tail value at risk {TOP}", "money"),
            ),
            tuple(
                (product, name, maybe_tiyn(mean.value), maybe_tiyn(mean.standard_error), *_values(var, tail))
                for product, name, mean, var, tail in segment_rows(study)
            ),
            note="Tails of parts do not add up to the tail of the whole.",
        ),
        "sources": Table(
            "Share of the variance by source",
            (Column("source"), Column("share", "percent", 2), Column("standard error", "percent", 2)),
            tuple((SOURCES[c.source], c.share, c.standard_error) for c in study.contributions),
            note=f"First-order indices from {study.attribution_scenarios} scenarios; they need not add up to "
            "1, and one below 0 is sampling error.",
        ),
        "errors": _errors(study),
        "convergence": _convergence(study),
    }


def _tails(study: Study) -> tuple[Table, ...]:
    """Both measures of the tail with their intervals, and the risk adjustments."""
    losses = study.outcome.total
    money = tuple(Column(name, "money") for name in ("amount", "standard error", "from", "to"))
    tables = []
    for title, measure in (
        ("Value at risk", risk_measure.value_at_risk),
        ("Tail value at risk", risk_measure.tail_value_at_risk),
    ):
        rows = []
        for level in risk_measure.LEVELS:
            found = measure(losses, level, paired=study.paired)
            error = None if found is None else maybe_tiyn(found.standard_error)
            value, lower, upper = bounds(found)
            rows.append((level, value, error, lower, upper))
        tables.append(
            Table(
                f"{title} with 95 % intervals, tenge",
                (Column("level", "percent", 1), *money),
                tuple(rows),
                note="A measure with fewer than ten scenarios beyond it is not given.",
            )
        )
    adjustment = study.adjustment
    amounts = [(f"{100 * level:g} % confidence", maybe_tiyn(a)) for level, a in adjustment.by_level.items()]
    amounts.append(
        (f"cost of capital, {100 * adjustment.rate:g} % a year", maybe_tiyn(adjustment.cost_of_capital))
    )
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
    note = f"The first {YEARS_ON_PAGE} years; all are in report.xlsx and payouts.csv."
    return replace(table, rows=table.rows[:YEARS_ON_PAGE], note=note)


def _values(*found: Estimate | None) -> tuple[int | None, ...]:
    return tuple(maybe_tiyn(e.value) if e is not None else None for e in found)


def _errors(study: Study) -> Table:
    """Standard error of the mean by each way to estimate it."""
    ways: list[tuple[str, Estimate]] = [("as if scenarios were independent", study.plain_mean)]
    if study.paired:
        ways.append(("antithetic pairs", study.mean))
    for name, found in (
        ("drivers as controls", study.with_drivers),
        ("exact expected value as control", study.with_twin),
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
    settled = convergence(study)
    return Table(
        "Estimates from the first scenarios, tenge",
        (
            Column("scenarios", "integer"),
            Column("mean", "money"),
            Column("standard error", "money"),
            Column(f"value at risk {TOP}", "money"),
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
