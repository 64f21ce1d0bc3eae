"""The reports of a reserve run, ``report.html`` and ``report.xlsx``, from the same tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tariffs
from actuarial.portfolio.finding import Findings
from actuarial.record import BANDS, BENEFICIARIES, SEXES, AnnuityRecords
from actuarial.report.appendix import (
    Amount,
    Check,
    assumption_tables,
    closing_section,
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
from actuarial.report.page import Figure, Page, Section, write_page
from actuarial.report.run_folder import cash_flow_rows
from actuarial.report.table import Column, Table
from actuarial.report.workbook import Sheet, SheetChart, write_workbook
from actuarial.reserve import AMOUNTS, Valuation

Group = tuple[str, str, str, int, dict[str, int]]

MOST_SERIATIM = 20_000
"""Records up to which the workbook has a row each; results.parquet has them always."""
YEARS_EACH, YEARS_TOGETHER = 10, 10
AGE_STEP = 5
OLDEST_GROUP = 90
PENSIONERS = "survivors and pre-retirement"
CERTIFIED_NOTE = "Leaves out extensions that the insurer must write: not a sufficient reserve by itself."
EXPECTED_NOTE = "Extensions of certificates by the matrices of the basis included."
EXPENSES_NOTE = "Neither discounted nor indexed."
TOTALS_NOTE = (
    "Totals are annuities, additional expenses and insurer's expenses. The certified columns leave out "
    "extensions that the insurer must write: they are not a sufficient reserve by themselves."
)
OTHERS_NOTE = (
    "Monthly payment: the first one of the certified measure. Recoveries are not deducted from reserves."
)
LONGEVITY = (
    "Longevity weighs little: mortality 20 % lower adds only 1.4–1.6 % to the annuity of a man of 40 to "
    "pension age (table of 2020-2025; yield 6 % without indexation, and 12 % with 8 %), more where annuities "
    "run for life. The gap between yield and indexation, recovery, and the revision of degrees dominate."
)
_EPOCH = date(1970, 1, 1)
_TIYN = 100
_MEASURES = (("certified", "certified"), ("expected", "expected"))
_TOTALS = (
    ("certified_reserve", "certified"),
    ("expected_reserve", "expected"),
    ("additional_expenses_reserve", "additional expenses"),
    ("total_certified", "total certified"),
    ("total_expected", "total expected"),
)
_OTHERS = (
    ("monthly_payment", "monthly payment"),
    ("expense_reserve_certified", "expenses, certified"),
    ("expense_reserve_expected", "expenses, expected"),
    ("recovery_certified", "recovery, certified"),
    ("recovery_expected", "recovery, expected"),
)


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
        _group_table(figures, "Reserves by group", _TOTALS, TOTALS_NOTE),
        _group_table(figures, "Payment, expenses and recoveries by group", _OTHERS, OTHERS_NOTE),
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
        subtitle=f"on {record['valuation_date']}, tenge",
        facts=(
            ("Valuation date", record["valuation_date"]),
            ("Basis", record["basis_name"]),
            ("Records", f"{record['records']:,}".replace(",", "\u00a0")),
            ("Portfolio (SHA-256)", input_facts(record["inputs"])),
            ("Engine", f"actuarial {record['engine_version']}"),
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
        Sheet("totals", (_group_table(figures, "Totals", [(name, name) for name in AMOUNTS]),)),
        Sheet("payouts by year", (years,), SheetChart("Payouts by year, tenge", 0, (1, 2), "line")),
        Sheet("payouts by segment", (_segment_table(figures),)),
        Sheet("ages", (ages,)),
        *_seriatim_sheets(figures),
        Sheet("assumptions", assumptions),
        Sheet("law", (law,)),
        Sheet("checks", (*closing.tables, inputs), text=closing.text),
    ]
    return page, sheets


def band_names() -> dict[str, str]:
    """Bands with their degrees in percent as the law has them, and the name of those without a band."""
    bands = tariffs.parameter("degree_bands").entries[-1].value
    names = {band: f"{band} {bands[band][0]}–{bands[band][1]}\u00a0%" for band in BANDS}
    return {**names, "": PENSIONERS}


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
        ("certified annuities", totals["certified_reserve"]),
        ("extensions", totals["expected_reserve"] - totals["certified_reserve"]),
        ("additional expenses", totals["additional_expenses_reserve"]),
        ("insurer's expenses", totals["expense_reserve_expected"]),
    )
    end = ("total expected", totals["total_expected"])
    labels = [name for name, _ in (*steps, end)]
    certified, extensions = steps[0][1], steps[1][1]
    share = f", {percent(extensions / certified)} of the certified annuities" if certified else ""
    caption = f"Extensions that the insurer must write: {tenge(extensions)}{share}."
    svg = waterfall(
        labels,
        [amount / _TIYN for _, amount in steps],
        title="What the total expected reserve is made of",
        y_label="tenge",
    )
    alt = "; ".join(f"{name} {tenge(amount)}" for name, amount in (*steps, end))
    table = Table(
        "The steps",
        (Column("step"), Column("tenge", "money")),
        steps,
        end,
        "The certified measure alone leaves out the second step.",
    )
    return Section("From certified to expected", (), (Figure(svg, caption, alt),), (table,))


def _group_table(
    figures: ReserveFigures, title: str, amounts_shown: Sequence[tuple[str, str]], note: str = ""
) -> Table:
    """Amounts by product, beneficiary and band, with the totals of the run below."""
    heads = (Column("product"), Column("beneficiary"), Column("band"), Column("records", "integer"))
    rows = tuple(
        (product, beneficiary.replace("_", " "), band, count, *(amounts[name] for name, _ in amounts_shown))
        for product, beneficiary, band, count, amounts in figures.groups
    )
    totals = figures.valuation.totals()
    end = ("all", "", "", len(figures.records), *(totals[name] for name, _ in amounts_shown))
    return Table(title, (*heads, *(Column(head, "money") for _, head in amounts_shown)), rows, end, note)


def _year_table(figures: ReserveFigures) -> Table:
    rows = tuple(
        (year, certified, expected)
        for period, year, _, product, _, certified, expected in cash_flow_rows(figures.valuation.flow)
        if period == "year" and product == "all"
    )
    sums = (sum(row[1] for row in rows), sum(row[2] for row in rows))
    columns = (Column("year"), *(Column(title, "money") for _, title in _MEASURES))
    return Table("Payouts by calendar year", columns, rows, ("all", *sums))


def _shown_years(years: Table) -> Table:
    """The years of the page: the first ones each, later ones by tens."""
    rows = list(years.rows[:YEARS_EACH])
    for start in range(YEARS_EACH, len(years.rows), YEARS_TOGETHER):
        span = years.rows[start : start + YEARS_TOGETHER]
        name = f"{span[0][0]}–{span[-1][0]}" if len(span) > 1 else span[0][0]
        rows.append((name, sum(row[1] for row in span), sum(row[2] for row in span)))
    note = "Each year: report.xlsx. Each month, product and class: cashflows.csv."
    return replace(years, rows=tuple(rows), note=note)


def _segment_table(figures: ReserveFigures) -> Table:
    columns = (
        Column("year"), Column("product"), Column("class"),
        *(Column(title, "money") for _, title in _MEASURES),
    )  # fmt: skip
    rows = tuple(
        (year, product, name.replace("_", " "), certified, expected)
        for period, year, _, product, name, certified, expected in cash_flow_rows(figures.valuation.flow)
        if period == "year" and product != "all"
    )
    sums = (sum(row[3] for row in rows), sum(row[4] for row in rows))
    return Table("Payouts by year, product and class", columns, rows, ("all", "", "", *sums))


def _payout_figure(years: Table) -> Figure:
    at = [row[0] for row in years.rows]
    svg = line_chart(
        at,
        {title: [row[k] / _TIYN for row in years.rows] for k, (_, title) in enumerate(_MEASURES, start=1)},
        title="Payouts by calendar year",
        x_label="year",
        y_label="tenge",
    )
    if not at:
        return Figure(svg, "No payments.", "No payments.")
    first = years.rows[0]
    half = _half_paid(years)
    caption = (
        f"Half of the expected payments are made by the end of {half}. "
        "The first year counts from the valuation date."
    )
    alt = (
        f"Certified and expected payouts, {at[0]} to {at[-1]}; {at[0]}: {tenge(first[1])}, {tenge(first[2])}."
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
        {title: [sums[letter][k] / _TIYN for letter in shown] for k, (_, title) in enumerate(_MEASURES)},
        title="Annuity reserve by band of degree",
        y_label="tenge",
    )
    alt = "; ".join(f"{names[s]}: {tenge(sums[s][0])} and {tenge(sums[s][1])}" for s in shown)
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
        sides=("men", "women"),
    )
    in_sex = counts.sum(axis=(0, 2)).tolist()
    alt = f"Age pyramid of {in_sex[0]} men and {in_sex[1]} women."
    columns = (
        Column("age"),
        *(Column(f"{sex}, {name}", "integer") for sex in ("men", "women") for name in kinds),
    )
    rows = tuple((name, *counts[g].ravel().tolist()) for name, g in zip(names, span, strict=True))
    table = Table("Beneficiaries by age", columns, rows, ("all", *counts.sum(axis=0).ravel().tolist()))
    return table, Figure(svg, "Completed years on the valuation date.", alt)  # fmt: skip


def _checks(figures: ReserveFigures, totals: dict[str, int], years: Table) -> list[Check]:
    assert years.total is not None
    flow = figures.valuation.flow
    checks = [
        Check(f"{name}: groups and total", sum(amounts[name] for *_, amounts in figures.groups), totals[name])
        for name in AMOUNTS
    ]
    for measure, _ in _MEASURES:
        parts = (f"{measure}_reserve", "additional_expenses_reserve", f"expense_reserve_{measure}")
        total = f"total_{measure}"
        checks.append(
            Check(f"{total}: its parts and itself", sum(totals[part] for part in parts), totals[total])
        )
    for k, measure in enumerate(("certified", "expected"), start=1):
        nominal = int(getattr(flow, measure).sum())
        checks.append(Check(f"payouts, {measure}: years and months", years.total[k], nominal))
    return checks


def _basis_note(record: Mapping[str, Any]) -> str:
    return f"{record['basis_name']}: {record['basis']['note']}"


def _seriatim_sheets(figures: ReserveFigures) -> list[Sheet]:
    if not figures.with_rows:
        return []
    n = len(figures.records)
    if n > MOST_SERIATIM:
        text = (
            f"{n} records are more than the {MOST_SERIATIM} that this workbook shows: "
            "results.parquet (or results.csv) in the run folder has a row each.",
        )
        return [Sheet("results", (), text=text)]
    return [Sheet("results", (_seriatim_table(figures),))]


def _seriatim_table(figures: ReserveFigures) -> Table:
    records, valuation = figures.records, figures.valuation
    n = len(records)
    rest = [name for name in AMOUNTS if name != "monthly_payment"]
    columns = (
        Column("claim_id"), Column("beneficiary"), Column("band"), Column("monthly_payment", "money"),
        Column("pension_date", "date"), *(Column(name, "money") for name in rest),
    )  # fmt: skip
    ids = records.claim_id[0:n]  # type: ignore[index]
    names = ids.to_pylist() if hasattr(ids, "to_pylist") else list(ids)
    rows = zip(
        names,
        [BENEFICIARIES[k].replace("_", " ") for k in records.beneficiary.tolist()],
        [BANDS[k] if k >= 0 else "" for k in valuation.band.tolist()],
        valuation.amounts["monthly_payment"].tolist(),
        [_EPOCH + timedelta(days=k) for k in valuation.pension_date.tolist()],
        *(valuation.amounts[name].tolist() for name in rest),
        strict=True,
    )
    totals = valuation.totals()
    end = ("all", "", "", totals["monthly_payment"], None, *(totals[name] for name in rest))
    return Table("Results", columns, tuple(rows), end)
