"""An explanation in words and tables: who, how much, until when, on what assumptions, and how it adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np

from actuarial.entitlement import PRE_RETIREMENT, PRODUCT_COMPULSORY, WORKER
from actuarial.explanation import STATES, Explanation, Measure
from actuarial.money import TIYN, exact_tiyn
from actuarial.payout_law import calendar_date
from actuarial.record import BANDS, BENEFICIARIES, NO_AMOUNT, NO_DATE, PRODUCTS, SEXES
from actuarial.report.appendix import citation, percent, tenge
from actuarial.report.explain_run import ExplainedClaim
from actuarial.report.table import Column, Table
from actuarial.survival import MONTHS

STATE_NAMES = ("own degree", *(f"band {band}" for band in BANDS))
MEASURES = ("certified", "expected")
ROUNDING = (
    "Rounding: nothing is rounded month by month. The sum of the present values is rounded once, half-up, to "
    "the tiyn, and so is each other figure; a total adds the rounded figures."
)


def measures(e: Explanation) -> tuple[tuple[str, Measure], ...]:
    """Both measures with their names."""
    return ("certified", e.certified), ("expected", e.expected)


def story(claim: ExplainedClaim) -> list[str]:
    """The record in sentences, in the order in which its figures come about."""
    e = claim.explanation
    return [
        _who(claim),
        *_amount(e),
        _index(e),
        *_payments(e),
        *_limit(e),
        *_reviews(e),
        _survival(e),
        _discount(e),
        *_expenses(e),
        ROUNDING,
    ]


def totals(claim: ExplainedClaim) -> list[str]:
    """How the payments add up to the figures of the results."""
    e = claim.explanation
    lines = []
    for name, m in measures(e):
        total = float(m.present_value.sum())
        figure = e.figures[f"{name}_reserve"]
        lines.append(f"{name}: Σ present values {total:.6f} → {name}_reserve {tenge(figure)}")
        if not e.ends_at_limit and isfinite(e.limit):
            lines.append(
                f"{name}: Σ value of what exceeds the insured sum {float(m.recovery.sum()):.6f} → "
                f"recovery_{name} {tenge(e.figures[f'recovery_{name}'])}"
            )
        parts = (f"{name}_reserve", "additional_expenses_reserve", f"expense_reserve_{name}")
        shown = " + ".join(tenge(e.figures[part]) for part in parts)
        lines.append(f"{name}: {shown} = total_{name} {tenge(e.figures[f'total_{name}'])}")
    if claim.is_compared:
        lines.append("These are the figures of the run's results, to the tiyn.")
    elif claim.is_of_run:
        lines.append("The run wrote no row a record: these figures were not compared with it.")
    return lines


def _who(claim: ExplainedClaim) -> str:
    e = claim.explanation
    r = e.record
    age = ""
    if e.age.size:
        years, months = divmod(int(e.age[0]), MONTHS)
        age = f", {years} years {months} months old at the next payment"
    kind = BENEFICIARIES[int(r.beneficiary[0])].replace("_", " ")
    product = PRODUCTS[int(r.product[0])]
    return f"{claim.claim_id} ({claim.place}): {kind}, {product} product, {SEXES[int(r.sex[0])]}{age}."


def _amount(e: Explanation) -> Iterator[str]:
    r = e.record
    kind = int(r.beneficiary[0])
    if kind == PRE_RETIREMENT:
        yield "Amount: one subsistence minimum (ПМ) a month, enacted and then grown by the basis."
        return
    earnings = int(r.average_monthly_earnings[0])
    if e.cap is not None:
        entry = _cap_entries(e)
        wage = e.cap // int(entry[0]["value"])
        compared = "above" if earnings > e.cap else "not above"
        yield (
            f"Earnings {tenge(earnings)} a month are {compared} the cap {tenge(e.cap)} = {entry[0]['value']} "
            f"× {tenge(wage)}, the minimum wage (МЗП) on the contract date "
            f"{_day(r.contract_date[0])} ({citation(entry[0])}; {citation(entry[1])}): W = "
            f"{tenge(e.earnings)}."
        )
    else:
        yield f"Earnings W = {tenge(e.earnings)} a month; the law caps none here."
    own = tenge(exact_tiyn(Decimal(repr(e.award))))
    if kind == WORKER:
        degree = int(r.degree_of_loss[0])
        deducted = (
            "S is the ГФСС payment"
            if e.deduction or int(r.product[0]) == PRODUCT_COMPULSORY
            else "nothing is deducted in the voluntary product"
        )
        yield (
            f"Amount: B = max(0, d·W − S) = max(0, {degree / 100:g} × {tenge(e.earnings)} − "
            f"{tenge(e.deduction)}) = {own} a month at the award; degree {degree} %, band {BANDS[e.band]}; "
            f"{deducted}."
        )
    else:
        share = f"{float(r.share[0]):g}"
        yield f"Amount: B = share × W = {share} × {tenge(e.earnings)} = {own} a month at the award."
    if r.current_monthly_payment[0] != NO_AMOUNT:
        yield (
            f"In force on the valuation date: {tenge(int(r.current_monthly_payment[0]))}, "
            f"{e.adjustment:.10g} times "
            "the award; the amount at any other degree is multiplied alike."
        )


def _cap_entries(e: Explanation) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The entries that cap the earnings: how many minimum wages, and the wage."""
    days = {
        "earnings_cap_minimum_wages": calendar_date(int(e.record.accident_date[0])),
        "minimum_wage": calendar_date(int(e.record.contract_date[0])),
    }
    found = []
    for name, on in days.items():
        of_name = [entry for entry in e.law.used() if entry["parameter"] == name]
        found.append(max((x for x in of_name if x["from"] <= on.isoformat()), key=lambda x: str(x["from"])))
    return found[0], found[1]


def _index(e: Explanation) -> str:
    indexation = e.basis.assumptions.indexation
    if int(e.record.beneficiary[0]) == PRE_RETIREMENT:
        growth = percent(e.basis.assumptions.growth.subsistence_minimum, 2)
        return f"Index: none; ПМ itself grows by {growth} a year after the last enacted year."
    if indexation.choice == "contract_rate":
        start = _day(e.record.annuity_start_date[0])
        return (
            f"Index: {percent(indexation.rate or 0.0, 2)} on each anniversary of the annuity's start {start} "
            f"after the valuation date (basis {e.basis.name})."
        )
    words = {
        "rate_by_year": "the basis' rate of the year on each 1 January after the valuation date",
        "mci": "МРП on the payment's date over МРП on the valuation date, enacted and then grown",
        "none": "none",
    }
    return f"Index: {words[indexation.choice]} (basis {e.basis.name})."


def _payments(e: Explanation) -> Iterator[str]:
    if not e.dates[:-1]:
        yield "Payments: none, the entitlement ended on or before the next payment date."
        return
    yield (
        f"Payment dates: {e.dates[0]} and the same day of each month; {e.delta} days from the valuation date "
        f"{e.valuation_date}. Pension date: {e.pension_date}."
    )
    ends = {"certified": e.certified_end, "expected": e.expected_end}
    for name, m in measures(e):
        end = ends[name]
        until = f"until {end} ({_end_reason(e, end)})" if end else "for life, to the end of the table"
        if not len(m):
            yield f"{name.capitalize()}: no payment, the right ended {end}."
            continue
        part = ""
        if m.part_days != (1, 1):
            part = f", the last for {m.part_days[0]} of {m.part_days[1]} days"
        yield f"{name.capitalize()}: {len(m)} payments {until}{part}."
    if not e.is_reviewed:
        yield "No certificate ends before the entitlement: both measures are the same."


def _end_reason(e: Explanation, end: date) -> str:
    kind = BENEFICIARIES[int(e.record.beneficiary[0])]
    if kind == "worker":
        return "pension date" if end == e.pension_date else "end of the certificate in force"
    if kind == "pre_retirement":
        return "pension date"
    if end == _maybe_day(e.record.entitlement_end[0]):
        return "entitlement_end"
    return {"disabled_dependant": "end of the certificate"}.get(kind, "birthday at which the right ends")


def _limit(e: Explanation) -> Iterator[str]:
    if not isfinite(e.limit):
        return
    after = (
        "the payments stop there"
        if e.ends_at_limit
        else "payments go on and the excess is owed by the policyholder"
    )
    yield (
        f"Remaining insured sum: {tenge(round(e.limit * TIYN))}, used up by the nominal payments given that "
        f"the person is alive; {after}."
    )
    for name, m in measures(e):
        below = np.flatnonzero(m.covered < 1.0)
        if below.size:
            k = int(below[0])
            yield (
                f"{name.capitalize()}: payment {k} ({e.dates[k]}) crosses it, "
                f"{percent(float(m.covered[k]), 2)} of "
                "it is inside."
            )


def _reviews(e: Explanation) -> Iterator[str]:
    if not e.is_reviewed:
        return
    certification = e.basis.assumptions.certification
    degrees = ", ".join(f"{b} {getattr(certification.representative_degree, b):g} %" for b in BANDS)
    yield (
        f"Expected measure: the certificate ends {e.certificate_end}; from the first payment on or after it "
        "a certification matrix moves the person, and again when the next certificate ends. Who stays "
        f"without a break keeps the own degree, who moves has the representative one: {degrees}."
    )
    if PRODUCTS[int(e.record.product[0])] == PRODUCTS[PRODUCT_COMPULSORY]:
        yield f"The product pays in: {', '.join(n for n, p in zip(STATE_NAMES, e.pays, strict=True) if p)}."
    else:
        yield "The product pays at the own degree and in band A."


def _survival(e: Explanation) -> str:
    table = e.basis.tables[SEXES[int(e.record.sex[0])]]
    settings = e.basis.assumptions.mortality
    position = (*BANDS, "dependant", "pre_retirement").index(e.mortality_class)
    improved = f", improvement {percent(settings.improvement, 2)} a year" if settings.improvement else ""
    name = f"band {e.mortality_class}" if e.mortality_class in BANDS else e.mortality_class.replace("_", " ")
    return (
        f"Survival: table {table.id}, multiplier {e.multiplier[position]:g} ({name}){improved}; fractional "
        f"ages by {settings.fractional_age.replace('_', ' ')}; from the valuation date to the first payment "
        f"{e.first_survival:.10f}."
    )


def _discount(e: Explanation) -> str:
    interest = e.basis.assumptions.interest
    if interest.flat is not None:
        return f"Discount: (1 + {percent(interest.flat, 2)})^−t, t = {e.delta}/365 + k/12 years."
    curve = "spot rates" if interest.spot else "the Nelson-Siegel-Svensson curve"
    return f"Discount: (1 + y(t))^−t by {curve} of the basis, t = {e.delta}/365 + k/12 years."


def _expenses(e: Explanation) -> Iterator[str]:
    expenses = e.basis.assumptions.expenses
    monthly = ""
    if expenses.per_month:
        monthly = (
            f" + {expenses.per_month:g} ₸ × Σ v·P(payment made)·(1 + {percent(expenses.inflation, 2)})^t"
        )
    yield f"Insurer's expenses: {percent(expenses.of_payment, 2)} of the reserve{monthly}."
    if e.expense_cap is not None:
        cap, paid = e.expense_cap, int(e.record.expenses_paid[0])
        yield (
            f"Additional expenses: utilisation {cap.utilisation:g} × max(0, {cap.multiple} × "
            f"{cap.mci:g} ₸ (МРП) − {tenge(paid)} paid) = {tenge(e.figures['additional_expenses_reserve'])}."
        )


def year_table(e: Explanation) -> Table:
    """Payments and their values by calendar year, both measures."""
    years = sorted({when.year for when in e.dates[:-1]})
    year_of = np.array([when.year for when in e.dates[:-1]])
    rows = []
    for year in years:
        at = np.flatnonzero(year_of == year)
        cells: list[Any] = [year]
        for _, m in measures(e):
            own = at[at < len(m)]
            cells += [float(m.paid[own].sum()), float(m.present_value[own].sum())]
        rows.append((*cells[:1], int(at.size), *cells[1:]))
    total = ("all", len(e.dates) - 1, *(sum(row[c] for row in rows) for c in range(2, 6)))
    columns = (
        Column("year"),
        Column("payments", "integer"),
        *(Column(f"{name} {what}", "number") for name in MEASURES for what in ("payments", "present value")),
    )
    return Table("By year, tenge, not rounded to the record's figures", columns, tuple(rows), total)


def payment_table(e: Explanation, name: str) -> Table:
    """Every payment of a measure."""
    m = dict(measures(e))[name]
    states = [s for s in range(len(STATES)) if m.occupancy[s].any()]
    paid_in = [s for s in states if e.amount[s] > 0.0]
    columns = (
        Column("k", "integer"),
        Column("date", "date"),
        Column("age"),
        Column("part", "number", 4),
        Column("index", "number", 6),
        Column("t", "number", 6),
        Column("v", "number", 7),
        *(Column(f"P {STATE_NAMES[s]}", "number", 7) for s in states),
        *(Column(f"amount {STATE_NAMES[s]}", "number") for s in paid_in),
        Column("paid", "number"),
        Column("present value", "number"),
        Column("cumulative", "number"),
    )
    cumulative = np.cumsum(m.present_value)
    rows = []
    for k in range(len(m)):
        years, months = divmod(int(e.age[k]), MONTHS)
        rows.append(
            (
                k,
                e.dates[k],
                f"{years}y {months}m",
                float(m.part[k]),
                float(e.index[k]),
                float(e.years[k]),
                float(e.discount[k]),
                *(float(m.occupancy[s, k]) for s in states),
                *(float(e.amount[s] * e.index[k] * m.part[k]) for s in paid_in),
                float(m.paid[k]),
                float(m.present_value[k]),
                float(cumulative[k]),
            )
        )
    return Table(f"{name.capitalize()} measure, payment by payment", columns, tuple(rows))


def review_table(e: Explanation) -> Table:
    """Where a matrix acts: who comes up for review, in which state."""
    columns = (
        Column("k", "integer"),
        Column("date", "date"),
        Column("years since the first certificate", "integer"),
        Column("matrix from year", "integer"),
        *(Column(f"due in {name}", "number", 7) for name in STATE_NAMES),
    )
    rows = tuple(
        (
            review.payment,
            e.dates[review.payment],
            review.years,
            e.basis.matrices.duration_from[review.matrix],
            *(float(due) for due in review.due),
        )
        for review in e.reviews
    )
    return Table("Reviews in the expected measure", columns, rows)


def _day(number: Any) -> str:
    return calendar_date(int(number)).isoformat()


def _maybe_day(number: Any) -> date | None:
    return None if int(number) == NO_DATE else calendar_date(int(number))
