"""The reports of a tariff study, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from actuarial.claim_record import KIND_NAMES
from actuarial.language import joined, number, text
from actuarial.money import TIYN, exact_total, rounded_tiyn
from actuarial.payout_law import calendar_date
from actuarial.premium.book import CLASSES
from actuarial.report import adequacy_table as table
from actuarial.report.adequacy_run import AdequacyFigures
from actuarial.report.appendix import (
    Amount,
    Check,
    assumption_tables,
    choice_table,
    closing_section,
    company_fact,
    day_fact,
    explained_warnings,
    input_facts,
    input_table,
    key_figures,
    law_table,
    percent,
    summary_sheet,
    unread_law,
)
from actuarial.report.chart import bar_chart
from actuarial.report.page import Figure, KeyFigure, Page, Section, write_page
from actuarial.report.table import Column, Table
from actuarial.report.workbook import Sheet, write_workbook
from actuarial.technical_premium.class_setting import NOT_READ, FrequencySetting

LAW_OVER_TECHNICAL = text("law / technical")
MOST_SHOWN = 25
"""Policyholders on the page, the largest by premium; the workbook and policyholders.csv have all."""
NAMED_FIRST = text("The policyholder asked for")


def write_adequacy_report(folder: Path, figures: AdequacyFigures) -> list[Path]:
    """Write ``report.html`` and ``report.xlsx`` into a run folder.

    Returns
    -------
    list of Path
        What was written.
    """
    page, sheets = adequacy_report(figures)
    return [write_page(folder / "report.html", page), write_workbook(folder / "report.xlsx", sheets)]


def adequacy_report(figures: AdequacyFigures) -> tuple[Page, list[Sheet]]:
    """Page and worksheets of a study; both show the same tables."""
    record, study = figures.record, figures.study
    amounts = _amounts(figures)
    rates, premiums = table.rate_table(study), table.premium_table(study)
    kinds = [table.frequency_table(study, kind) for kind in range(len(KIND_NAMES))]
    development = table.development_table(study)
    regression = () if isinstance(study.regression, str) else (table.regression_table(study.regression),)
    holders = table.policyholder_table(study, figures.experience)
    law, choices = law_table(record["law"]), choice_table(record["choices"])
    inputs = input_table(record["inputs"])
    assumed = _assumption_table(figures)
    closing = closing_section(record["limitations"], _checks(figures), figures.findings)
    setting, proposal = _setting_sections(figures), _proposal_sections(figures)
    page = Page(
        title="Adequacy of the tariffs",
        subtitle=text("technical premium beside the tariffs of the law, {day}", day=study.valuation_date),
        facts=(
            *company_fact(record),
            (
                text("Experience"),
                text(
                    "{first} to {last}, {n} claims",
                    first=study.years.labels[0],
                    last=study.years.labels[-1],
                    n=len(study.years.claim),
                ),
            ),
            (text("Rates are meant for"), day_fact(calendar_date(study.rated_day).isoformat())),
            (text("Rated contracts"), text("{n} that start in the last year", n=record["rated_contracts"])),
            (text("Assumptions"), record["assumptions_name"]),
            (text("Basis"), record["basis_name"]),
            (text("Input (SHA-256)"), input_facts(record["inputs"])),
            (text("Engine"), f"actuarial {record['engine_version']}"),
        ),
        key_figures=(*_ratio_figures(figures), *key_figures(amounts)),
        warnings=(*explained_warnings(record["warnings"], figures.findings), *unread_law(record["law"])),
        sections=(
            Section(
                "Tariffs and technical rates", (), (_rate_chart(figures), _adequacy_chart(figures)), (rates,)
            ),
            Section("The rated contracts", (), (_ratio_chart(figures),), (premiums,)),
            *_named_section(figures),
            *proposal,
            Section("Frequency and cost by kind", (), (_frequency_chart(figures),), tuple(kinds)),
            Section("Relativities", _regression_text(figures), (), regression),
            Section("Development and trend", (), (), (development,)),
            Section("Policyholders", (), (), (_largest(figures),)),
            *setting,
            closing,
        ),
        appendix=(
            Section("Assumptions", (), (), (assumed,)),
            Section("Basis of the annuity model", (), (), assumption_tables(record["basis"])),
            Section("Choices", (), (), (choices,)),
            Section("The law", (), (), (law,)),
            Section("Input", (), (), (inputs,)),
        ),
    )
    sheets = [
        summary_sheet(page, amounts),
        Sheet("rates", (rates,)),
        Sheet("premiums", (premiums,)),
        *(Sheet(name, (kind,)) for name, kind in zip(KIND_NAMES, kinds, strict=True)),
        *(Sheet("relativities", (found,)) for found in regression),
        Sheet("development", (development,)),
        Sheet("policyholders", (holders,)),
        *(Sheet("proposal", section.tables, text=section.text) for section in proposal),
        *(Sheet("class setting", section.tables, text=section.text) for section in setting),
        Sheet("assumptions", (assumed, *assumption_tables(record["basis"]))),
        Sheet("choices", (choices,)),
        Sheet("law", (law,)),
        Sheet("checks", (*closing.tables, inputs), text=closing.text),
    ]
    return page, sheets


def _amounts(figures: AdequacyFigures) -> list[Amount]:
    rated = figures.study.rated
    return [
        Amount(
            "Tariff alone",
            exact_total(rounded_tiyn(rated.tariff_premium)),
            "Rated contracts, insured sum × tariff.",
        ),
        Amount(
            "Premium of the law",
            exact_total(rounded_tiyn(rated.law_premium)),
            "Same contracts, with minimum premium, coefficients and discounts.",
        ),
        Amount("Technical premium", exact_total(table.technical_amounts(figures.study)), "Same contracts."),
        Amount("Annual payroll", exact_total(rounded_tiyn(rated.payroll))),
    ]


def _ratio_figures(figures: AdequacyFigures) -> tuple[KeyFigure, ...]:
    study = figures.study
    book, ratio = study.of_book, study.loss_ratio
    if not np.isfinite(book.ratio[0]):
        return (KeyFigure("Law / technical", "—", "No rated contract, or no cost."),)
    level = table.level_text(study)
    return (
        KeyFigure(
            "Law / technical",
            percent(float(book.ratio[0])),
            text(
                "{level} interval {low} to {high}.",
                level=level,
                low=percent(float(book.low[0])),
                high=percent(float(book.high[0])),
            ),
        ),
        KeyFigure(
            "Expected loss ratio",
            percent(float(ratio.mean[0])),
            text(
                "5 % to 95 %, chance and estimates together: {low} to {high}.",
                low=percent(float(ratio.quantiles[0][0])),
                high=percent(float(ratio.quantiles[2][0])),
            ),
        ),
    )


def _rate_chart(figures: AdequacyFigures) -> Figure:
    study = figures.study
    low, high = study.rates.interval(study.assumptions.level)
    svg = bar_chart(
        [str(k + 1) for k in range(CLASSES)],
        {
            text("statutory"): (100 * study.by_class.statutory).tolist(),
            text("technical"): (100 * study.rates.technical).tolist(),
        },
        title="Tariff of the law and technical rate by class",
        y_label="% of payroll",
        errors={text("technical"): ((100 * low).tolist(), (100 * high).tolist())},
    )
    below = [str(k + 1) for k in range(CLASSES) if study.by_class.high[k] < 1]
    above = [str(k + 1) for k in range(CLASSES) if study.by_class.low[k] > 1]
    caption = text(
        "Whiskers: {level} interval. The tariff lies below it in classes {below}, above in {above}.",
        level=table.level_text(study),
        below=", ".join(below) or text("none"),
        above=", ".join(above) or text("none"),
    )
    alt = joined(
        (
            text(
                "class {number}: law {law}, technical {technical}",
                number=number,
                law=percent(float(s), 2),
                technical=percent(float(t), 2),
            )
            for number, (s, t) in enumerate(
                zip(study.by_class.statutory, study.rates.technical, strict=True), start=1
            )
        ),
        "; ",
    )
    return Figure(svg, caption, alt)


def _adequacy_chart(figures: AdequacyFigures) -> Figure:
    study = figures.study
    found = study.by_class
    seen = np.flatnonzero(np.isfinite(found.ratio))
    has = study.frequencies[0].exposure.sum(axis=1) > 0
    labels = [f"{k + 1}" if has[k] else f"{k + 1}*" for k in seen]
    values = {name: (100 * getattr(found, name)[seen]).tolist() for name in ("ratio", "low", "high")}
    svg = bar_chart(
        labels,
        {LAW_OVER_TECHNICAL: values["ratio"]},
        title="Tariff of the law over technical rate, by class",
        y_label="% of the technical rate",
        errors={LAW_OVER_TECHNICAL: (values["low"], values["high"])},
    )
    caption = text(
        "Whiskers: {level} interval; at 100 % the tariff pays for claims, expenses and margins.",
        level=table.level_text(study),
    )
    if not has.all():
        caption = text("{caption} *: a class without exposure.", caption=caption)
    rows = zip(labels, values["ratio"], values["low"], values["high"], strict=True)
    alt = joined(
        (
            text("class {name}: {r:.0f} % ({low:.0f} to {high:.0f})", name=name, r=r, low=low, high=high)
            for name, r, low, high in rows
        ),
        "; ",
    )
    return Figure(svg, caption, alt or text("No class has a technical rate."))


def _ratio_chart(figures: AdequacyFigures) -> Figure:
    study = figures.study
    seen = [k for k in range(CLASSES) if np.isfinite(study.loss_ratio_by_class.mean[k])]
    found = study.loss_ratio_by_class
    svg = bar_chart(
        [str(k + 1) for k in seen] or ["—"],
        {text("loss ratio"): [100 * float(found.mean[k]) for k in seen] or [0.0]},
        title="Expected loss ratio by class",
        y_label="% of the premium of the law",
        errors={
            text("loss ratio"): (
                [100 * float(found.quantiles[0][k]) for k in seen] or [0.0],
                [100 * float(found.quantiles[2][k]) for k in seen] or [0.0],
            )
        },
    )
    alt = joined(
        (text("class {number}: {ratio}", number=k + 1, ratio=percent(float(found.mean[k]))) for k in seen),
        "; ",
    )
    return Figure(svg, "Whiskers: 5 % and 95 % of a year's loss ratio, chance and estimates together.", alt)


def _frequency_chart(figures: AdequacyFigures) -> Figure:
    f = figures.study.frequencies[0]
    scale, unit = table.frequency_unit(figures.study)
    own = np.nan_to_num(f.own)
    svg = bar_chart(
        [str(k + 1) for k in range(CLASSES)],
        {text("own"): (scale * own).tolist(), text("by credibility"): (scale * f.estimate).tolist()},
        title="Frequency of injuries",
        y_label="claims per 1000 worker-years" if scale == 1e3 else "claims per billion tenge of payroll",
        errors={
            text("own"): (
                (scale * np.nan_to_num(f.own_low)).tolist(),
                (scale * np.nan_to_num(f.own_high)).tolist(),
            )
        },
    )
    alt = joined(
        (
            text(
                "class {number}: own {own}, taken {taken}",
                number=k + 1,
                own=number(float(scale * own[k]), 2),
                taken=number(float(scale * f.estimate[k]), 2),
            )
            for k in range(CLASSES)
        ),
        "; ",
    )
    caption = text(
        "Whiskers: exact Poisson limits. Collective: {collective:.3g} per {unit}.",
        collective=scale * f.collective,
        unit=unit,
    )
    return Figure(svg, caption, alt)


def _regression_text(figures: AdequacyFigures) -> tuple[str, ...]:
    found = figures.study.regression
    if isinstance(found, str):
        return (text("No regression: {reason}.", reason=found),)
    return found.notes


def _largest(figures: AdequacyFigures) -> Table:
    study = figures.study
    order = np.argsort(-study.policyholders.comparison.statutory, kind="stable")[:MOST_SHOWN]
    found = table.policyholder_table(study, figures.experience, order.tolist())
    n = study.policyholders.number.size
    note = (
        text(
            "{note} The {most_shown} largest of {n}; all: report.xlsx.",
            note=found.note,
            most_shown=MOST_SHOWN,
            n=n,
        )
        if n > MOST_SHOWN
        else found.note
    )
    return Table(found.title, found.columns, found.rows, found.total, note)


def _named_section(figures: AdequacyFigures) -> tuple[Section, ...]:
    if figures.named is None:
        return ()
    at = np.flatnonzero(figures.study.policyholders.number == figures.named)
    name = figures.experience.policyholder_name[figures.named]
    if not at.size:
        nothing = text("{name}: no contract starts in the last year.", name=name)
        return (Section(NAMED_FIRST, (nothing,)),)
    return (
        Section(
            NAMED_FIRST, (), (), (table.policyholder_table(figures.study, figures.experience, [int(at[0])]),)
        ),
    )


def _setting_sections(figures: AdequacyFigures) -> tuple[Section, ...]:
    found, asked = figures.setting, figures.study.assumptions.class_setting
    if found is None or asked is None:
        return ()
    is_frequency = isinstance(found, FrequencySetting)
    content = (
        table.frequency_setting_table(figures.study, found)
        if isinstance(found, FrequencySetting)
        else table.rank_setting_table(found)
    )
    if is_frequency:
        title = text("Setting the classes: frequency and cost")
    else:
        title = text("Setting the classes: ranks")
    notes = (
        figures.record["class_setting"]["notes"]
        if figures.record.get("class_setting")
        else NOT_READ[asked.method]
    )
    return (Section(title, tuple(notes), (), (content,)),)


def _proposal_sections(figures: AdequacyFigures) -> tuple[Section, ...]:
    effect, study = figures.effect, figures.study
    if effect is None:
        return ()
    seen = np.flatnonzero(study.rated.payroll > 0)
    chart: tuple[Figure, ...] = ()
    if seen.size:
        svg = bar_chart(
            [str(k + 1) for k in seen],
            {
                text("law"): (effect.premium_law[seen] / TIYN).tolist(),
                text("proposed"): (effect.premium_proposed[seen] / TIYN).tolist(),
            },
            title="Premium by class, law and proposal",
            y_label="tenge",
        )
        sums = text(
            "Law {law} ₸, proposed {proposed} ₸ in all.",
            law=number(effect.total_law / TIYN),
            proposed=number(effect.total_proposed / TIYN),
        )
        chart = (Figure(svg, sums, sums),)
    tables = (table.proposal_table(study, effect), table.change_table(study, effect))
    note = text("Hypothetical tariffs: what the rated contracts would pay, nobody's behaviour changed.")
    return (Section("A proposed table of tariffs", (note,), chart, tables),)


def _assumption_table(figures: AdequacyFigures) -> Table:
    rows: list[tuple[str, str]] = []

    def walk(key: str, value: object) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(f"{key}.{name}" if key else str(name), inner)
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            for number, item in enumerate(value, start=1):
                walk(f"{key}.{number}", item)
        elif value is not None and value != [] and value != "":
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            rows.append((key, text(" ".join(shown.split())) if key == "note" else shown))

    walk("", {k: v for k, v in figures.record["assumptions"].items() if k not in ("asked", "sources")})
    return Table("Assumptions of the study", (Column("assumption"), Column("value")), tuple(rows))


def _checks(figures: AdequacyFigures) -> list[Check]:
    study = figures.study
    rated = study.rated
    own = exact_total(rated.premium.premium[rated.contracts])
    checks = [
        Check(
            "premium of the law: by class and by contract", exact_total(rounded_tiyn(rated.law_premium)), own
        )
    ]
    if figures.effect is not None:
        effect = figures.effect
        checks.append(
            Check(
                "proposed premium: by class and by contract",
                exact_total(effect.premium_proposed),
                effect.total_proposed,
            )
        )
    return checks
