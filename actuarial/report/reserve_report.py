"""The reports of a reserve run, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.language import Text, counted, joined, text
from actuarial.portfolio.finding import Findings
from actuarial.record import BANDS, SEXES, AnnuityRecords
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
from actuarial.report.chart import bar_chart, line_chart, pyramid, waterfall
from actuarial.report.name import (
    ALL,
    BENEFICIARIES,
    CLASSES,
    MEASURES,
    PRODUCTS,
    SEX_GROUPS,
    band_names,
)
from actuarial.report.page import Figure, Page, Section, write_page
from actuarial.report.run_folder import cash_flow_rows
from actuarial.report.table import Column, Kind, Table
from actuarial.report.workbook import Sheet, SheetChart, write_workbook
from actuarial.reserve import AMOUNTS, Valuation

Group = tuple[str, str, str, int, dict[str, int]]

MOST_SERIATIM = 20_000
"""Records up to which the workbook has a row each; results.parquet has them always."""
YEARS_EACH, YEARS_TOGETHER = 10, 10
AGE_STEP = 5
OLDEST_GROUP = 90
CERTIFIED_NOTE = text(
    "Leaves out extensions that the insurer must write: not a sufficient reserve by itself."
)
EXPECTED_NOTE = text("Extensions of certificates by the matrices of the basis included.")
EXPENSES_NOTE = text("Neither discounted nor indexed.")
TOTALS_NOTE = text(
    "Totals are annuities, additional expenses and insurer's expenses. The certified columns leave out "
    "extensions that the insurer must write: they are not a sufficient reserve by themselves."
)
OTHERS_NOTE = text(
    "Monthly payment: the first one of the certified measure. Recoveries are not deducted from reserves."
)
LONGEVITY = text(
    "Longevity weighs little: mortality 20 % lower adds only 1.4–1.6 % to the annuity of a man of 40 to "
    "pension age (table of 2020-2025; yield 6 % without indexation, and 12 % with 8 %), more where annuities "
    "run for life. The gap between yield and indexation, recovery, and the revision of degrees dominate."
)
_EPOCH = date(1970, 1, 1)
_TIYN = 100
_TOTALS = (
    ("certified_reserve", text("certified")),
    ("expected_reserve", text("expected")),
    ("additional_expenses_reserve", text("additional expenses")),
    ("total_certified", text("total certified")),
    ("total_expected", text("total expected")),
)
_OTHERS = (
    ("monthly_payment", text("monthly payment")),
    ("expense_reserve_certified", text("expenses, certified")),
    ("expense_reserve_expected", text("expenses, expected")),
    ("recovery_certified", text("recovery, certified")),
    ("recovery_expected", text("recovery, expected")),
)
_RESULTS = {
    "claim_id": text("claim_id"),
    "beneficiary": text("beneficiary"),
    "band": text("band"),
    "monthly_payment": text("monthly_payment"),
    "pension_date": text("pension_date"),
    "certified_reserve": text("certified_reserve"),
    "expected_reserve": text("expected_reserve"),
    "additional_expenses_reserve": text("additional_expenses_reserve"),
    "expense_reserve_certified": text("expense_reserve_certified"),
    "expense_reserve_expected": text("expense_reserve_expected"),
    "recovery_certified": text("recovery_certified"),
    "recovery_expected": text("recovery_expected"),
    "total_certified": text("total_certified"),
    "total_expected": text("total_expected"),
}
"""Headings of totals and records in the workbook: in English the columns of results.parquet."""


@dataclass(frozen=True)
class ReserveFigures:
    """What a reserve run has to report.

    Attributes
    ----------
    record : mapping
        ``run.json`` so far: dates, names, warnings, limitations, inputs, basis, law.
    records : AnnuityRecords
    valuation : Valuation
    groups : list of (product, beneficiary, band, count, amounts [tiyn])
    findings : Findings
        Of the input.
    with_rows : bool
        Whether the workbook may have a row a record.
    """

    record: Mapping[str, Any]
    records: AnnuityRecords
    valuation: Valuation
    groups: list[Group]
    findings: Findings
    with_rows: bool = True


def write_reserve_report(folder: Path, figures: ReserveFigures) -> list[Path]:
    """Write ``report.html`` and ``report.xlsx`` into a run folder.

    Returns
    -------
    list of Path
        What was written.
    """
    page, sheets = reserve_report(figures)
    return [write_page(folder / "report.html", page), write_workbook(folder / "report.xlsx", sheets)]


def reserve_report(figures: ReserveFigures) -> tuple[Page, list[Sheet]]:
    """Page and worksheets of a reserve run; both show the same tables."""
    record, totals = figures.record, figures.valuation.totals()
    amounts = _amounts(totals)
    by_group, others = (
        _group_table(figures, text("Reserves by group"), _TOTALS, TOTALS_NOTE),
        _group_table(figures, text("Payment, expenses and recoveries by group"), _OTHERS, OTHERS_NOTE),
    )
    years = _year_table(figures)
    assumptions = assumption_tables(record["basis"])
    law = law_table(record["law"])
    inputs = input_table(record["inputs"])
    checks = _checks(figures, totals, years)
    closing = closing_section(record["limitations"], checks, figures.findings, (LONGEVITY,))
    ages, pyramid_figure = _ages(figures)
    page = Page(
        title="Annuity reserve",
        subtitle=text("on {day}, tenge", day=day_fact(record["valuation_date"])),
        facts=(
            *company_fact(record),
            (text("Valuation date"), day_fact(record["valuation_date"])),
            (text("Basis"), record["basis_name"]),
            (text("Records"), count_fact(record["records"])),
            (text("Portfolio (SHA-256)"), input_facts(record["inputs"])),
            (text("Engine"), f"actuarial {record['engine_version']}"),
        ),
        key_figures=key_figures(amounts),
        warnings=(
            *explained_warnings(record["warnings"], figures.findings),
            *unread_law(record["law"]),
        ),
        sections=(
            _bridge(totals),
            Section(
                "Payouts by year",
                (
                    "Nominal payments on the way to pension age or the end of the right: with survival and "
                    "indexation, before discount and expenses.",
                ),
                (_payout_figure(years),),
                (_shown_years(years),),
            ),
            Section(
                "By product, beneficiary and band",
                (),
                (_band_figure(figures), pyramid_figure),
                (by_group, others),
            ),
            closing,
        ),
        appendix=(
            Section("Every assumption", (_basis_note(record),), (), assumptions),
            Section("The law", (), (), (law,)),
            Section("Input", (), (), (inputs,)),
        ),
    )  # fmt: skip
    sheets = [
        summary_sheet(page, amounts),
        Sheet(
            "totals", (_group_table(figures, text("Totals"), [(name, _RESULTS[name]) for name in AMOUNTS]),)
        ),
        Sheet("payouts by year", (years,), SheetChart("Payouts by year, tenge", 0, (1, 2), "line")),
        Sheet("payouts by segment", (_segment_table(figures),)),
        Sheet("ages", (ages,)),
        *_seriatim_sheets(figures),
        Sheet("assumptions", assumptions),
        Sheet("law", (law,)),
        Sheet("checks", (*closing.tables, inputs), text=closing.text),
    ]
    return page, sheets


def _amounts(totals: dict[str, int]) -> list[Amount]:
    amounts = [
        Amount("Expected, with all expenses", totals["total_expected"], EXPECTED_NOTE),
        Amount("Certified, with all expenses", totals["total_certified"], CERTIFIED_NOTE),
        Amount("Annuities, expected", totals["expected_reserve"], EXPECTED_NOTE),
        Amount("Annuities, certified", totals["certified_reserve"], CERTIFIED_NOTE),
        Amount("Additional expenses", totals["additional_expenses_reserve"], EXPENSES_NOTE),
    ]
    if totals["recovery_expected"] or totals["recovery_certified"]:
        amounts.append(
            Amount(
                "Recoveries from policyholders, expected",
                totals["recovery_expected"],
                "Not deducted from any reserve.",
            )
        )
    return amounts


def _bridge(totals: dict[str, int]) -> Section:
    steps = (
        (text("certified annuities"), totals["certified_reserve"]),
        (text("extensions"), totals["expected_reserve"] - totals["certified_reserve"]),
        (text("additional expenses"), totals["additional_expenses_reserve"]),
        (text("insurer's expenses"), totals["expense_reserve_expected"]),
    )
    end = (text("total expected"), totals["total_expected"])
    labels = [name for name, _ in (*steps, end)]
    certified, extensions = steps[0][1], steps[1][1]
    caption = text("Extensions that the insurer must write: {amount}.", amount=tenge(extensions))
    if certified:
        caption = text(
            "Extensions that the insurer must write: {amount}, {share} of the certified annuities.",
            amount=tenge(extensions),
            share=percent(extensions / certified),
        )
    svg = waterfall(
        labels,
        [amount / _TIYN for _, amount in steps],
        title="What the total expected reserve is made of",
        y_label="tenge",
    )
    alt = _in_words((*steps, end))
    table = Table(
        "The steps",
        (Column("step"), Column("tenge", "money")),
        steps,
        end,
        "The certified measure alone leaves out the second step.",
    )
    return Section("From certified to expected", (), (Figure(svg, caption, alt),), (table,))


def _in_words(amounts: Sequence[tuple[Text, int]]) -> Text:
    """Amounts in a row, for who cannot see a chart."""
    return joined((text("{name} {amount}", name=name, amount=tenge(tiyn)) for name, tiyn in amounts), "; ")


def _group_table(
    figures: ReserveFigures, title: Text, amounts_shown: Sequence[tuple[str, str]], note: str = ""
) -> Table:
    """Amounts by product, beneficiary and band, with the totals of the run below."""
    heads = (Column("product"), Column("beneficiary"), Column("band"), Column("records", "integer"))
    rows = tuple(
        (
            PRODUCTS[product],
            BENEFICIARIES[beneficiary],
            band,
            count,
            *(amounts[name] for name, _ in amounts_shown),
        )
        for product, beneficiary, band, count, amounts in figures.groups
    )
    totals = figures.valuation.totals()
    end = (ALL, "", "", len(figures.records), *(totals[name] for name, _ in amounts_shown))
    return Table(title, (*heads, *(Column(head, "money") for _, head in amounts_shown)), rows, end, note)


def _year_table(figures: ReserveFigures) -> Table:
    rows = tuple(
        (year, certified, expected)
        for period, year, _, product, _, certified, expected in cash_flow_rows(figures.valuation.flow)
        if period == "year" and product == "all"
    )
    sums = (sum(row[1] for row in rows), sum(row[2] for row in rows))
    columns = (Column("year"), *(Column(title, "money") for title in MEASURES.values()))
    return Table("Payouts by calendar year", columns, rows, (ALL, *sums))


def _shown_years(years: Table) -> Table:
    """The years of the page: the first ones each, later ones by tens."""
    rows = list(years.rows[:YEARS_EACH])
    for start in range(YEARS_EACH, len(years.rows), YEARS_TOGETHER):
        span = years.rows[start : start + YEARS_TOGETHER]
        name = f"{span[0][0]}–{span[-1][0]}" if len(span) > 1 else span[0][0]
        rows.append((name, sum(row[1] for row in span), sum(row[2] for row in span)))
    note = text("Each year: report.xlsx. Each month, product and class: cashflows.csv.")
    return replace(years, rows=tuple(rows), note=note)


def _segment_table(figures: ReserveFigures) -> Table:
    columns = (
        Column("year"), Column("product"), Column("class"),
        *(Column(title, "money") for title in MEASURES.values()),
    )  # fmt: skip
    rows = tuple(
        (year, PRODUCTS[product], CLASSES[name], certified, expected)
        for period, year, _, product, name, certified, expected in cash_flow_rows(figures.valuation.flow)
        if period == "year" and product != "all"
    )
    sums = (sum(row[3] for row in rows), sum(row[4] for row in rows))
    return Table("Payouts by year, product and class", columns, rows, (ALL, "", "", *sums))


def _payout_figure(years: Table) -> Figure:
    at = [row[0] for row in years.rows]
    svg = line_chart(
        at,
        {name: [row[k] / _TIYN for row in years.rows] for k, name in enumerate(MEASURES.values(), start=1)},
        title="Payouts by calendar year",
        x_label="year",
        y_label="tenge",
    )
    if not at:
        return Figure(svg, "No payments.", "No payments.")
    first = years.rows[0]
    half = _half_paid(years)
    caption = text(
        "Half of the expected payments are made by the end of {year}. "
        "The first year counts from the valuation date.",
        year=half,
    )
    alt = text(
        "Certified and expected payouts, {first} to {last}; {first}: {certified}, {expected}.",
        first=at[0],
        last=at[-1],
        certified=tenge(first[1]),
        expected=tenge(first[2]),
    )
    return Figure(svg, caption, alt)


def _half_paid(years: Table) -> int:
    assert years.total is not None
    paid = 0
    for year, _, expected in years.rows:
        paid += expected
        if 2 * paid >= years.total[2]:
            return int(year)
    return int(years.rows[-1][0])


def _band_figure(figures: ReserveFigures) -> Figure:
    names = band_names()
    sums = {letter: [0, 0] for letter in names}
    for _, _, band, _, amounts in figures.groups:
        sums[band][0] += amounts["certified_reserve"]
        sums[band][1] += amounts["expected_reserve"]
    shown = [letter for letter in names if any(sums[letter])]
    svg = bar_chart(
        [names[letter] for letter in shown],
        {name: [sums[letter][k] / _TIYN for letter in shown] for k, name in enumerate(MEASURES.values())},
        title="Annuity reserve by band of degree",
        y_label="tenge",
    )
    described = (
        text("{band}: {one} and {other}", band=names[s], one=tenge(sums[s][0]), other=tenge(sums[s][1]))
        for s in shown
    )
    alt = joined(described, "; ")
    return Figure(svg, "Extensions matter only for workers with a review date.", alt)


def completed_years(birth_date: NDArray[np.int32], day: date) -> NDArray[np.int64]:
    """Age in completed years; 29 February comes of age on the last day of February.

    Parameters
    ----------
    birth_date : int32 (n,)
        Days since 1970-01-01.
    day : date

    Returns
    -------
    int64 (n,)
    """
    days = birth_date.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    day_of_month = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    last_day = (day + timedelta(days=1)).month != day.month
    # on the last day of a month every later birthday of that month is kept too
    before = (month > day.month) | ((month == day.month) & (day_of_month > day.day) & (not last_day))
    year = months.astype("datetime64[Y]").astype(np.int64) + _EPOCH.year
    return np.asarray(day.year - year - before)


def _ages(figures: ReserveFigures) -> tuple[Table, Figure]:
    """Beneficiaries by age group, sex and band."""
    records, band = figures.records, figures.valuation.band
    born = records.birth_date
    # far fewer days than records: the calendar is asked once a day
    days = np.arange(born.min(), born.max() + 1, dtype=np.int32) if born.size else born
    age = completed_years(days, date.fromisoformat(figures.record["valuation_date"]))
    group = (np.clip(age, 0, OLDEST_GROUP) // AGE_STEP)[born - days[0] if born.size else born]
    n_groups, n_kinds = OLDEST_GROUP // AGE_STEP + 1, len(BANDS) + 1
    kind = np.where(band >= 0, band, len(BANDS))
    key = (group * len(SEXES) + records.sex) * n_kinds + kind
    counts = np.bincount(key, minlength=n_groups * len(SEXES) * n_kinds).reshape(
        n_groups, len(SEXES), n_kinds
    )
    used = np.flatnonzero(counts.any(axis=(1, 2)))
    span = range(int(used[0]), int(used[-1]) + 1) if used.size else range(0)
    names = [
        f"{AGE_STEP * g}–{AGE_STEP * g + AGE_STEP - 1}" if g < n_groups - 1 else f"{OLDEST_GROUP}+"
        for g in span
    ]
    kinds = tuple(band_names().values())
    sides = [{kinds[k]: counts[span, s, k].tolist() for k in range(n_kinds)} for s in range(len(SEXES))]
    svg = pyramid(
        names,
        *sides,
        title="Beneficiaries by age, sex and band",
        x_label="beneficiaries",
        sides=SEX_GROUPS,
    )
    in_sex = counts.sum(axis=(0, 2)).tolist()
    men = counted("{n} men", "{n} men", n=in_sex[0])
    women = counted("{n} women", "{n} women", n=in_sex[1])
    alt = text("Age pyramid of {men} and {women}.", men=men, women=women)
    columns = (
        Column("age"),
        *(
            Column(text("{sex}, {name}", sex=sex, name=name), "integer")
            for sex in SEX_GROUPS
            for name in kinds
        ),
    )
    rows = tuple((name, *counts[g].ravel().tolist()) for name, g in zip(names, span, strict=True))
    table = Table("Beneficiaries by age", columns, rows, (ALL, *counts.sum(axis=0).ravel().tolist()))
    return table, Figure(svg, "Completed years on the valuation date.", alt)  # fmt: skip


def _checks(figures: ReserveFigures, totals: dict[str, int], years: Table) -> list[Check]:
    assert years.total is not None
    flow = figures.valuation.flow
    checks = [
        Check(
            text("{name}: groups and total", name=name),
            sum(amounts[name] for *_, amounts in figures.groups),
            totals[name],
        )
        for name in AMOUNTS
    ]
    for measure in MEASURES:
        parts = (f"{measure}_reserve", "additional_expenses_reserve", f"expense_reserve_{measure}")
        total = f"total_{measure}"
        checks.append(
            Check(
                text("{name}: its parts and itself", name=total),
                sum(totals[part] for part in parts),
                totals[total],
            )
        )
    for k, (measure, name) in enumerate(MEASURES.items(), start=1):
        nominal = int(getattr(flow, measure).sum())
        check = text("payouts, {measure}: years and months", measure=name)
        checks.append(Check(check, years.total[k], nominal))
    return checks


def _basis_note(record: Mapping[str, Any]) -> Text:
    return text("{basis}: {note}", basis=record["basis_name"], note=text(record["basis"]["note"]))


def _seriatim_sheets(figures: ReserveFigures) -> list[Sheet]:
    if not figures.with_rows:
        return []
    n = len(figures.records)
    if n > MOST_SERIATIM:
        left_out = text(
            "{n} records are more than the {most} that this workbook shows: "
            "results.parquet (or results.csv) in the run folder has a row each.",
            n=n,
            most=MOST_SERIATIM,
        )
        return [Sheet("results", (), text=(left_out,))]
    return [Sheet("results", (_seriatim_table(figures),))]


def _seriatim_table(figures: ReserveFigures) -> Table:
    records, valuation = figures.records, figures.valuation
    n = len(records)
    rest = [name for name in AMOUNTS if name != "monthly_payment"]
    kinds: dict[str, Kind] = {"claim_id": "text", "beneficiary": "text", "band": "text",
        "monthly_payment": "money", "pension_date": "date", **dict.fromkeys(rest, "money"),
    }  # fmt: skip
    columns = tuple(Column(_RESULTS[name], kind) for name, kind in kinds.items())
    ids = records.claim_id[0:n]  # type: ignore[index]
    beneficiaries = tuple(BENEFICIARIES.values())
    names = ids.to_pylist() if hasattr(ids, "to_pylist") else list(ids)
    rows = zip(
        names,
        [beneficiaries[k] for k in records.beneficiary.tolist()],
        [BANDS[k] if k >= 0 else "" for k in valuation.band.tolist()],
        valuation.amounts["monthly_payment"].tolist(),
        [_EPOCH + timedelta(days=k) for k in valuation.pension_date.tolist()],
        *(valuation.amounts[name].tolist() for name in rest),
        strict=True,
    )
    totals = valuation.totals()
    end = (ALL, "", "", totals["monthly_payment"], None, *(totals[name] for name in rest))
    return Table("Results", columns, tuple(rows), end)
