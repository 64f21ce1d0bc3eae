"""The reports of a tariff study, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from actuarial.claim_record import KINDS
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

MOST_SHOWN = 25
"""Policyholders on the page, the largest by premium; the workbook and policyholders.csv have all."""
NAMED_FIRST = "The policyholder asked for"


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
    kinds = [table.frequency_table(study, kind) for kind in range(len(KINDS))]
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
        subtitle=f"technical premium beside the tariffs of the law, {study.valuation_date.isoformat()}",
        facts=(
            (
                "Experience",
                f"{study.years.labels[0]} to {study.years.labels[-1]}, {len(study.years.claim)} claims",
            ),
            ("Rates are meant for", calendar_date(study.rated_day).isoformat()),
            ("Rated contracts", f"{record['rated_contracts']} that start in the last year"),
            ("Assumptions", record["assumptions_name"]),
            ("Basis", record["basis_name"]),
            ("Input (SHA-256)", input_facts(record["inputs"])),
            ("Engine", f"actuarial {record['engine_version']}"),
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
        *(Sheet(name, (kind,)) for name, kind in zip(table.KIND_NAMES, kinds, strict=True)),
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
    level = f"{study.assumptions.level:.0%}"
    return (
        KeyFigure(
            "Law / technical",
            percent(float(book.ratio[0])),
            f"{level} interval {percent(float(book.low[0]))} to {percent(float(book.high[0]))}.",
        ),
        KeyFigure(
            "Expected loss ratio",
            percent(float(ratio.mean[0])),
            f"5 % to 95 %, chance and estimates together: {percent(float(ratio.quantiles[0][0]))} to "
            f"{percent(float(ratio.quantiles[2][0]))}.",
        ),
    )


def _rate_chart(figures: AdequacyFigures) -> Figure:
    study = figures.study
    low, high = study.rates.interval(study.assumptions.level)
    svg = bar_chart(
        [str(k + 1) for k in range(CLASSES)],
        {
            "statutory": (100 * study.by_class.statutory).tolist(),
            "technical": (100 * study.rates.technical).tolist(),
        },
        title="Tariff of the law and technical rate by class",
        y_label="% of payroll",
        errors={"technical": ((100 * low).tolist(), (100 * high).tolist())},
    )
    below = [str(k + 1) for k in range(CLASSES) if study.by_class.high[k] < 1]
    above = [str(k + 1) for k in range(CLASSES) if study.by_class.low[k] > 1]
    caption = (
        f"Whiskers: {study.assumptions.level:.0%} interval. The tariff lies below it in classes "
        f"{', '.join(below) or 'none'}, above in {', '.join(above) or 'none'}."
    )
    alt = "; ".join(
        f"class {k + 1}: law {percent(float(s), 2)}, technical {percent(float(t), 2)}"
        for k, (s, t) in enumerate(zip(study.by_class.statutory, study.rates.technical, strict=True))
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
        {"law / technical": values["ratio"]},
        title="Tariff of the law over technical rate, by class",
        y_label="% of the technical rate",
        errors={"law / technical": (values["low"], values["high"])},
    )
    caption = (
        f"Whiskers: {study.assumptions.level:.0%} interval; at 100 % the tariff pays for claims, expenses "
        "and margins."
    )
    if not has.all():
        caption += " *: a class without exposure."
    rows = zip(labels, values["ratio"], values["low"], values["high"], strict=True)
    alt = "; ".join(f"class {name}: {r:.0f} % ({low:.0f} to {high:.0f})" for name, r, low, high in rows)
    return Figure(svg, caption, alt or "No class has a technical rate.")


def _ratio_chart(figures: AdequacyFigures) -> Figure:
    study = figures.study
    seen = [k for k in range(CLASSES) if np.isfinite(study.loss_ratio_by_class.mean[k])]
    found = study.loss_ratio_by_class
    svg = bar_chart(
        [str(k + 1) for k in seen] or ["—"],
        {"loss ratio": [100 * float(found.mean[k]) for k in seen] or [0.0]},
        title="Expected loss ratio by class",
        y_label="% of the premium of the law",
        errors={
            "loss ratio": (
                [100 * float(found.quantiles[0][k]) for k in seen] or [0.0],
                [100 * float(found.quantiles[2][k]) for k in seen] or [0.0],
            )
        },
    )
    alt = "; ".join(f"class {k + 1}: {percent(float(found.mean[k]))}" for k in seen)
    return Figure(svg, "Whiskers: 5 % and 95 % of a year's loss ratio, chance and estimates together.", alt)


def _frequency_chart(figures: AdequacyFigures) -> Figure:
    f = figures.study.frequencies[0]
    scale, unit = table.frequency_unit(figures.study)
    own = np.nan_to_num(f.own)
    svg = bar_chart(
        [str(k + 1) for k in range(CLASSES)],
        {"own": (scale * own).tolist(), "by credibility": (scale * f.estimate).tolist()},
        title="Frequency of injuries",
        y_label="claims per 1000 worker-years" if scale == 1e3 else "claims per billion tenge of payroll",
        errors={
            "own": (
                (scale * np.nan_to_num(f.own_low)).tolist(),
                (scale * np.nan_to_num(f.own_high)).tolist(),
            )
        },
    )
    alt = "; ".join(
        f"class {k + 1}: own {scale * own[k]:.2f}, taken {scale * f.estimate[k]:.2f}" for k in range(CLASSES)
    )
    caption = f"Whiskers: exact Poisson limits. Collective: {scale * f.collective:.3g} per {unit}."
    return Figure(svg, caption, alt)


def _regression_text(figures: AdequacyFigures) -> tuple[str, ...]:
    found = figures.study.regression
    if isinstance(found, str):
        return (f"No regression: {found}.",)
    return found.notes


def _largest(figures: AdequacyFigures) -> Table:
    study = figures.study
    order = np.argsort(-study.policyholders.comparison.statutory, kind="stable")[:MOST_SHOWN]
    found = table.policyholder_table(study, figures.experience, order.tolist())
    n = study.policyholders.number.size
    note = (
        f"{found.note} The {MOST_SHOWN} largest of {n}; all: report.xlsx." if n > MOST_SHOWN else found.note
    )
    return Table(found.title, found.columns, found.rows, found.total, note)


def _named_section(figures: AdequacyFigures) -> tuple[Section, ...]:
    if figures.named is None:
        return ()
    at = np.flatnonzero(figures.study.policyholders.number == figures.named)
    name = figures.experience.policyholder_name[figures.named]
    if not at.size:
        text = f"{name}: no contract starts in the last year."
        return (Section(NAMED_FIRST, (text,)),)
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
    title = "Setting the classes: frequency and cost" if is_frequency else "Setting the classes: ranks"
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
                "law": (effect.premium_law[seen] / TIYN).tolist(),
                "proposed": (effect.premium_proposed[seen] / TIYN).tolist(),
            },
            title="Premium by class, law and proposal",
            y_label="tenge",
        )
        text = f"Law {effect.total_law / TIYN:,.0f} ₸, proposed {effect.total_proposed / TIYN:,.0f} ₸ in all."
        chart = (Figure(svg, text, text),)
    tables = (table.proposal_table(study, effect), table.change_table(study, effect))
    note = "Hypothetical tariffs: what the rated contracts would pay, nobody's behaviour changed."
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
            rows.append((key, shown))

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
