"""An explanation in words and tables: who, how much, until when, on what assumptions, and how it adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np

from actuarial.entitlement import PRE_RETIREMENT, PRODUCT_COMPULSORY, WORKER
from actuarial.explained_measure import STATES, Measure
from actuarial.explanation import Explanation
from actuarial.language import Text, counted, digits, joined, text
from actuarial.money import TIYN, exact_tiyn
from actuarial.payout_law import calendar_date
from actuarial.record import BANDS, BENEFICIARIES, NO_AMOUNT, NO_DATE, PRODUCTS, SEXES
from actuarial.report import name as named
from actuarial.report.appendix import citation, percent, tenge
from actuarial.report.explain_run import ExplainedClaim
from actuarial.report.table import Column, Table
from actuarial.survival import CLASSES, MONTHS

STATE_NAMES = (text("own degree"), *(text("band {band}", band=band) for band in BANDS))
MEASURES = {"certified": text("Certified"), "expected": text("Expected")}
FRACTIONAL_AGES = {"constant_force": text("constant force"), "udd": text("udd")}
INDEXATIONS = {
    "rate_by_year": text("the basis' rate of the year on each 1 January after the valuation date"),
    "mci": text("МРП on the payment's date over МРП on the valuation date, enacted and then grown"),
}
ROUNDING = text(
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
    lines: list[str] = []
    for name, m in measures(e):
        measure, figure = named.MEASURES[name], f"{name}_reserve"
        lines.append(
            text(
                "{measure}: Σ present values {total} → {figure} {amount}",
                measure=measure,
                total=digits(float(m.present_value.sum()), ".6f"),
                figure=figure,
                amount=tenge(e.figures[figure]),
            )
        )
        if not e.ends_at_limit and isfinite(e.limit):
            recovery = f"recovery_{name}"
            lines.append(
                text(
                    "{measure}: Σ value of what exceeds the insured sum {total} → {figure} {amount}",
                    measure=measure,
                    total=digits(float(m.recovery.sum()), ".6f"),
                    figure=recovery,
                    amount=tenge(e.figures[recovery]),
                )
            )
        parts = (figure, "additional_expenses_reserve", f"expense_reserve_{name}")
        total = f"total_{name}"
        lines.append(
            text(
                "{measure}: {parts} = {figure} {amount}",
                measure=measure,
                parts=joined((tenge(e.figures[part]) for part in parts), " + "),
                figure=total,
                amount=tenge(e.figures[total]),
            )
        )
    if claim.is_compared:
        lines.append(text("These are the figures of the run's results, to the tiyn."))
    elif claim.is_of_run:
        lines.append(text("The run wrote no row a record: these figures were not compared with it."))
    return lines


def _who(claim: ExplainedClaim) -> Text:
    e = claim.explanation
    r = e.record
    who = text(
        "{claim} ({place}): {kind}, {product} product, {sex}",
        claim=claim.claim_id,
        place=claim.place,
        kind=named.BENEFICIARIES[BENEFICIARIES[int(r.beneficiary[0])]],
        product=named.PRODUCTS[PRODUCTS[int(r.product[0])]],
        sex=named.SEXES[SEXES[int(r.sex[0])]],
    )
    if not e.age.size:
        return text("{sentence}.", sentence=who)
    years, months = divmod(int(e.age[0]), MONTHS)
    return text(
        "{who}, {years} {months} old at the next payment.",
        who=who,
        years=counted("{n} years", "{n} years", n=years),
        months=counted("{n} months", "{n} months", n=months),
    )


def _amount(e: Explanation) -> Iterator[Text]:
    r = e.record
    kind = int(r.beneficiary[0])
    if kind == PRE_RETIREMENT:
        yield text("Amount: one subsistence minimum (ПМ) a month, enacted and then grown by the basis.")
        return
    earnings = int(r.average_monthly_earnings[0])
    if e.cap is not None:
        multiple, wage = _cap_entries(e)
        yield text(
            "Earnings {earnings} a month are {compared} the cap {cap} = {multiple} × {wage}, the minimum "
            "wage (МЗП) on the contract date {day} ({of_multiple}; {of_wage}): W = {counted}.",
            earnings=tenge(earnings),
            compared=text("above") if earnings > e.cap else text("not above"),
            cap=tenge(e.cap),
            multiple=multiple["value"],
            wage=tenge(e.cap // int(multiple["value"])),
            day=_day(r.contract_date[0]),
            of_multiple=citation(multiple),
            of_wage=citation(wage),
            counted=tenge(e.earnings),
        )
    else:
        yield text("Earnings W = {earnings} a month; the law caps none here.", earnings=tenge(e.earnings))
    own = tenge(exact_tiyn(Decimal(repr(e.award))))
    if kind == WORKER:
        degree = int(r.degree_of_loss[0])
        is_deducted = e.deduction or int(r.product[0]) == PRODUCT_COMPULSORY
        yield text(
            "Amount: B = max(0, d·W − S) = max(0, {fraction} × {earnings} − {deduction}) = {own} a month "
            "at the award; degree {degree} %, band {band}; {deducted}.",
            fraction=digits(degree / 100, "g"),
            earnings=tenge(e.earnings),
            deduction=tenge(e.deduction),
            own=own,
            degree=degree,
            band=BANDS[e.band],
            deducted=text("S is the ГФСС payment")
            if is_deducted
            else text("nothing is deducted in the voluntary product"),
        )
    else:
        yield text(
            "Amount: B = share × W = {share} × {earnings} = {own} a month at the award.",
            share=digits(float(r.share[0]), "g"),
            earnings=tenge(e.earnings),
            own=own,
        )
    if r.current_monthly_payment[0] != NO_AMOUNT:
        yield text(
            "In force on the valuation date: {amount}, {times} times the award; the amount at any other "
            "degree is multiplied alike.",
            amount=tenge(int(r.current_monthly_payment[0])),
            times=digits(e.adjustment, ".10g"),
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


def _index(e: Explanation) -> Text:
    indexation = e.basis.assumptions.indexation
    if int(e.record.beneficiary[0]) == PRE_RETIREMENT:
        return text(
            "Index: none; ПМ itself grows by {growth} a year after the last enacted year.",
            growth=percent(e.basis.assumptions.growth.subsistence_minimum, 2),
        )
    if indexation.choice == "contract_rate":
        return text(
            "Index: {rate} on each anniversary of the annuity's start {start} after the valuation date "
            "(basis {basis}).",
            rate=percent(indexation.rate or 0.0, 2),
            start=_day(e.record.annuity_start_date[0]),
            basis=e.basis.name,
        )
    if indexation.choice == "none":
        return text("Index: none (basis {basis}).", basis=e.basis.name)
    return text("Index: {index} (basis {basis}).", index=INDEXATIONS[indexation.choice], basis=e.basis.name)


def _payments(e: Explanation) -> Iterator[Text]:
    if not e.dates[:-1]:
        yield text("Payments: none, the entitlement ended on or before the next payment date.")
        return
    yield text(
        "Payment dates: {first} and the same day of each month; {days} days from the valuation date "
        "{valuation_date}. Pension date: {pension_date}.",
        first=e.dates[0],
        days=e.delta,
        valuation_date=e.valuation_date,
        pension_date=e.pension_date,
    )
    ends = {"certified": e.certified_end, "expected": e.expected_end}
    for name, m in measures(e):
        end = ends[name]
        if not len(m):
            yield text("{measure}: no payment, the right ended {end}.", measure=MEASURES[name], end=end)
            continue
        until = text("for life, to the end of the table")
        if end:
            until = text("until {end} ({reason})", end=end, reason=_end_reason(e, end))
        if m.part_days != (1, 1):
            paid, days = m.part_days
            until = text("{until}, the last for {paid} of {days} days", until=until, paid=paid, days=days)
        yield counted(
            "{measure}: {n} payments {until}.",
            "{measure}: {n} payments {until}.",
            n=len(m),
            measure=MEASURES[name],
            until=until,
        )
    if not e.is_reviewed:
        yield text("No certificate ends before the entitlement: both measures are the same.")


def _end_reason(e: Explanation, end: date) -> str:
    kind = BENEFICIARIES[int(e.record.beneficiary[0])]
    if kind == "worker" and end != e.pension_date:
        return text("end of the certificate in force")
    if kind in ("worker", "pre_retirement"):
        return text("pension date")
    if end == _maybe_day(e.record.entitlement_end[0]):
        return "entitlement_end"
    if kind == "disabled_dependant":
        return text("end of the certificate")
    return text("birthday at which the right ends")


def _limit(e: Explanation) -> Iterator[Text]:
    if not isfinite(e.limit):
        return
    yield text(
        "Remaining insured sum: {left}, used up by the nominal payments given that the person is alive; "
        "{after}.",
        left=tenge(round(e.limit * TIYN)),
        after=text("the payments stop there")
        if e.ends_at_limit
        else text("payments go on and the excess is owed by the policyholder"),
    )
    for name, m in measures(e):
        below = np.flatnonzero(m.covered < 1.0)
        if below.size:
            k = int(below[0])
            yield text(
                "{measure}: payment {k} ({day}) crosses it, {share} of it is inside.",
                measure=MEASURES[name],
                k=k,
                day=e.dates[k],
                share=percent(float(m.covered[k]), 2),
            )


def _reviews(e: Explanation) -> Iterator[Text]:
    if not e.is_reviewed:
        return
    certification = e.basis.assumptions.certification
    degrees = joined(
        text(
            "{band} {degree} %",
            band=band,
            degree=digits(getattr(certification.representative_degree, band), "g"),
        )
        for band in BANDS
    )
    yield text(
        "Expected measure: the certificate ends {end}; from the first payment on or after it a certification "
        "matrix moves the person, and again when the next certificate ends. Who stays without a break keeps "
        "the own degree, who moves has the representative one: {degrees}.",
        end=e.certificate_end,
        degrees=degrees,
    )
    if PRODUCTS[int(e.record.product[0])] == PRODUCTS[PRODUCT_COMPULSORY]:
        paid = (name for name, pays in zip(STATE_NAMES, e.pays, strict=True) if pays)
        yield text("The product pays in: {states}.", states=joined(paid))
    else:
        yield text("The product pays at the own degree and in band A.")


def _survival(e: Explanation) -> Text:
    table = e.basis.tables[SEXES[int(e.record.sex[0])]]
    settings = e.basis.assumptions.mortality
    position = CLASSES.index(e.mortality_class)
    is_band = e.mortality_class in BANDS
    improved: str = ""
    if settings.improvement:
        improved = text(", improvement {rate} a year", rate=percent(settings.improvement, 2))
    return text(
        "Survival: table {table}, multiplier {multiplier} ({group}){improved}; fractional ages by "
        "{assumption}; from the valuation date to the first payment {survival}.",
        table=table.id,
        multiplier=digits(float(e.multiplier[position]), "g"),
        group=STATE_NAMES[1 + position] if is_band else named.CLASSES[e.mortality_class],
        improved=improved,
        assumption=FRACTIONAL_AGES[settings.fractional_age],
        survival=digits(e.first_survival, ".10f"),
    )


def _discount(e: Explanation) -> Text:
    interest = e.basis.assumptions.interest
    if interest.flat is not None:
        rate = percent(interest.flat, 2)
        return text("Discount: (1 + {rate})^−t, t = {days}/365 + k/12 years.", rate=rate, days=e.delta)
    return text(
        "Discount: (1 + y(t))^−t by {curve} of the basis, t = {days}/365 + k/12 years.",
        curve=text("spot rates") if interest.spot else text("the Nelson-Siegel-Svensson curve"),
        days=e.delta,
    )


def _expenses(e: Explanation) -> Iterator[Text]:
    expenses = e.basis.assumptions.expenses
    due = text("{share} of the reserve", share=percent(expenses.of_payment, 2))
    if expenses.per_month:
        due = text(
            "{share} + {amount} ₸ × Σ v·P(payment made)·(1 + {inflation})^t",
            share=due,
            amount=digits(expenses.per_month, "g"),
            inflation=percent(expenses.inflation, 2),
        )
    yield text("Insurer's expenses: {due}.", due=due)
    if e.expense_cap is not None:
        cap = e.expense_cap
        yield text(
            "Additional expenses: utilisation {utilisation} × max(0, {multiple} × {mci} ₸ (МРП) − {paid} "
            "paid) = {reserve}.",
            utilisation=digits(cap.utilisation, "g"),
            multiple=cap.multiple,
            mci=digits(cap.mci, "g"),
            paid=tenge(int(e.record.expenses_paid[0])),
            reserve=tenge(e.figures["additional_expenses_reserve"]),
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
    total = (named.ALL, len(e.dates) - 1, *(sum(row[c] for row in rows) for c in range(2, 6)))
    columns = (
        Column("year"),
        Column("payments", "integer"),
        Column("certified payments", "number"),
        Column("certified present value", "number"),
        Column("expected payments", "number"),
        Column("expected present value", "number"),
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
        *(Column(text("P {state}", state=STATE_NAMES[s]), "number", 7) for s in states),
        *(Column(text("amount {state}", state=STATE_NAMES[s]), "number") for s in paid_in),
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
                text("{years}y {months}m", years=years, months=months),
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
    title = text("{measure} measure, payment by payment", measure=MEASURES[name])
    return Table(title, columns, tuple(rows))


def review_table(e: Explanation) -> Table:
    """Where a matrix acts: who comes up for review, in which state."""
    columns = (
        Column("k", "integer"),
        Column("date", "date"),
        Column("years since the first certificate", "integer"),
        Column("matrix from year", "integer"),
        *(Column(text("due in {state}", state=state), "number", 7) for state in STATE_NAMES),
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


def _day(number: Any) -> date:
    return calendar_date(int(number))


def _maybe_day(number: Any) -> date | None:
    return None if int(number) == NO_DATE else calendar_date(int(number))
