"""The input cells of an explained claim's workbook: what was given, and what follows from it without time."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from actuarial.entitlement import PRE_RETIREMENT, WORKER
from actuarial.explanation import Explanation
from actuarial.language import Text, said, text
from actuarial.money import TIYN
from actuarial.record import BANDS, NO_AMOUNT
from actuarial.report.formula_sheet import FIRST, FormulaBook, FormulaPage, reference
from actuarial.report.name import CLASS_CODES
from actuarial.survival import CLASSES

INPUTS = text("inputs")
NOTE = text(
    "Blue cells are inputs: change one and everything below it is recomputed. Dates, numbers of payments, "
    "review dates and matrices in force are those of the record and do not move with the inputs."
)


def write_inputs(book: FormulaBook, e: Explanation) -> None:
    """Named input cells, and what follows from them without time."""
    page = FormulaPage(book, INPUTS, (text("name"), text("value"), text("what")))
    page.sheet.set_column(0, 0, 24)
    page.sheet.set_column(1, 1, 18)
    page.sheet.set_column(2, 2, 90)
    row = FIRST

    def name(cell: str, what: Text) -> int:
        nonlocal row
        at = row
        page.sheet.write_string(at, 0, cell)
        page.sheet.write_string(at, 2, said(what))
        book.book.define_name(cell, f"={reference(INPUTS)}!$B${at + 1}")
        row += 1
        return at

    def given(cell: str, value: float, what: Text, look: str = "number") -> None:
        page.number(name(cell, what), "value", value, f"{look} input")

    def derived(cell: str, formula: str, value: float, what: Text, look: str = "money") -> None:
        page.formula(name(cell, what), "value", formula, value, look)

    settings = e.basis.assumptions
    for cell, when, what in (
        ("valuation_date", e.valuation_date, text("valuation date V")),
        ("next_payment_date", e.dates[0], text("D_0, the first payment on or after V")),
    ):
        page.sheet.write_datetime(name(cell, what), 1, when, book.look("date input"))
    derived("delta", "next_payment_date-valuation_date", e.delta, text("days from V to D_0"), "number")
    if settings.interest.flat is not None:
        given("interest", settings.interest.flat, text("annual effective yield"))
    if e.steps is not None:
        given("index_rate", settings.indexation.rate or 0.0, text("indexation on each anniversary"))
    _amounts(e, given, derived)
    if e.record.beneficiary[0] == WORKER:
        for position, band in enumerate(BANDS):
            given(
                f"multiplier_{band}",
                float(e.multiplier[position]),
                text("mortality multiplier, band {band}", band=band),
            )
        own = float(e.multiplier[e.band])
        derived("multiplier_own", f"multiplier_{BANDS[e.band]}", own, text("of the present band"), "number")
    else:
        position = CLASSES.index(e.mortality_class)
        given(
            "multiplier_own",
            float(e.multiplier[position]),
            text("mortality multiplier, {group}", group=CLASS_CODES[e.mortality_class]),
        )
    if settings.mortality.improvement:
        given("improvement", settings.mortality.improvement, text("of mortality, a year"))
    if isfinite(e.limit):
        given("insured_sum_left", e.limit, text("remaining insured sum L, tenge"), "money")
    given("of_payment", settings.expenses.of_payment, text("insurer's expenses, share of each payment"))
    given(
        "per_month", settings.expenses.per_month, text("insurer's expenses with each payment, tenge"), "money"
    )
    given("expense_inflation", settings.expenses.inflation, text("a year"))
    extra = e.figures["additional_expenses_reserve"] / TIYN
    if e.expense_cap is None:
        given("additional_expenses", extra, text("none are due"), "money")
    else:
        given(
            "utilisation",
            e.expense_cap.utilisation,
            text("of what is left of the cap on additional expenses"),
        )
        given("expense_cap", e.expense_cap.multiple, text("cap in МРП (see law)"), "number")
        given("mci", e.expense_cap.mci, text("МРП, tenge"), "money")
        given(
            "expenses_paid", int(e.record.expenses_paid[0]) / TIYN, text("additional expenses paid"), "money"
        )
        formula = "utilisation*MAX(0,expense_cap*mci-expenses_paid)"
        derived("additional_expenses", formula, extra, text("neither discounted nor indexed"))
    page.sheet.write_string(row + 1, 0, said(NOTE))


def _amounts(e: Explanation, given: Callable[..., None], derived: Callable[..., None]) -> None:
    """Inputs of the monthly amount, by state for a worker."""
    r = e.record
    if r.beneficiary[0] == PRE_RETIREMENT:
        given("amount_own", 1.0, text("of the index, which is ПМ itself"))
        return
    given(
        "earnings",
        int(r.average_monthly_earnings[0]) / TIYN,
        text("average monthly earnings, tenge"),
        "money",
    )
    capped = e.earnings / TIYN
    if e.cap is None:
        derived("capped_earnings", "earnings", capped, text("W: the law caps none here"))
    else:
        given("earnings_cap", e.cap / TIYN, text("10 × МЗП on the contract date (see law)"), "money")
        derived("capped_earnings", "MIN(earnings,earnings_cap)", capped, text("W"))
    if r.beneficiary[0] == WORKER:
        given("degree", int(r.degree_of_loss[0]) / 100, text("degree of loss d, a fraction"))
        given("social_payment", e.deduction / TIYN, text("ГФСС payment S deducted, tenge a month"), "money")
        derived("award", "MAX(0,degree*capped_earnings-social_payment)", e.award, text("B at the award"))
    else:
        given("share", float(r.share[0]), text("of the capped earnings"))
        derived("award", "share*capped_earnings", e.award, text("B at the award"))
    current = int(r.current_monthly_payment[0])
    if current != NO_AMOUNT and e.award > 0.0:
        given("current_payment", current / TIYN, text("payment in force on V, tenge a month"), "money")
        derived(
            "factor", "current_payment/award", e.adjustment, text("payment in force over the award"), "number"
        )
    else:
        given("factor", 1.0, text("payment in force over the award"))
    derived("amount_own", "award*factor", float(e.amount[0]), text("at the own degree, tenge a month"))
    if r.beneficiary[0] != WORKER:
        return
    certification = e.basis.assumptions.certification
    proportional = certification.social_payment_on_change == "proportional"
    for s, band in enumerate(BANDS, start=1):
        degree = getattr(certification.representative_degree, band) / 100
        given(f"degree_{band}", degree, text("representative degree of band {band}", band=band))
        given(
            f"pays_{band}", float(e.pays[s]), text("1 = the product pays in band {band}, 0 = not", band=band)
        )
        scale = f"*degree_{band}/degree" if proportional else ""
        formula = f"pays_{band}*MAX(0,degree_{band}*capped_earnings-social_payment{scale})*factor"
        derived(
            f"amount_{band}", formula, float(e.amount[s]), text("in band {band}, tenge a month", band=band)
        )
