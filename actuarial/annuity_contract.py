"""The price of an annuity contract, its factors, and its schedule of payments.

Single persons on the timeline of the portfolio (docs/method-reserve.md): payments monthly in advance from
the next payment date, index by the basis, mortality by the band of the degree. The net single premium of a
case is its certified reserve; the gross one is ``(net · (1 + β) + monthly expenses) / (1 - α)`` with the
basis' share of each payment β and share of the premium α.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from actuarial import entitlement
from actuarial.basis import Basis
from actuarial.claim.case import Case, CaseError, LawNotes
from actuarial.claim.monthly_benefit import (
    PERCENT,
    MonthlyBenefit,
    monthly_benefit,
    pension_contribution,
    valued_record,
)
from actuarial.curve import discount_factors, payment_times
from actuarial.error import ActuarialError
from actuarial.money import TIYN, exact_tiyn, tenge_text
from actuarial.payment_schedule import MONTHS, Payment, full_years, index_path, months_later, payments
from actuarial.payout_law import PayoutLaw, calendar_date, day
from actuarial.record import BANDS, NO_AMOUNT, SEXES
from actuarial.reserve import annuity_reserve
from actuarial.survival import CLASSES, SurvivalRows, survival_rows, table_span

SCHEDULE_COLUMNS = (
    "number", "date", "period_end", "part", "index", "amount", "pension_contribution", "net",
)  # fmt: skip


class AnnuityError(ActuarialError):
    """A person or contract that the basis cannot price (E5500)."""

    def __init__(self, message: str, /, **values: Any) -> None:
        super().__init__("E5500", message, **values)


@dataclass(frozen=True)
class Factors:
    """Values of 1 ₸ a month, and what a monthly amount costs.

    Attributes
    ----------
    factor_certain : float or None
        Without mortality; None for an annuity for life, which has no certain value.
    factor : float
        With mortality.
    expense_annuity : float
        Value of 1 ₸ of monthly expenses, with their inflation, while payments are made.
    net_single_premium, gross_single_premium : int [tiyn]
    n_payments : int
    schedule : tuple of Payment
    pension_date, birth_date : date
    """

    factor_certain: float | None
    factor: float
    expense_annuity: float
    net_single_premium: int
    gross_single_premium: int
    n_payments: int
    schedule: tuple[Payment, ...]
    pension_date: date
    birth_date: date


@dataclass(frozen=True)
class AnnuityContract:
    """The contract of a case.

    Attributes
    ----------
    benefit : MonthlyBenefit
    first_payment : int [tiyn]
        As the certified measure pays it: index and part month included.
    net_single_premium, gross_single_premium : int [tiyn]
    factor_certain, factor : float
        Net value over the first payment's whole month, without and with mortality; None without a payment
        (and the certain one for life).
    schedule : tuple of Payment
    """

    benefit: MonthlyBenefit
    first_payment: int
    net_single_premium: int
    gross_single_premium: int
    factor_certain: float | None
    factor: float | None
    schedule: tuple[Payment, ...]


def annuity_factors(
    basis: Basis,
    valuation_date: date,
    sex: str,
    age_months: int,
    *,
    degree_percent: int | None = None,
    term_months: int | None = None,
    to_pension: bool = False,
    monthly: Fraction = Fraction(1),
    law: PayoutLaw | None = None,
) -> Factors:
    """Factors and single premiums of a person of an exact age on the valuation date.

    ``factor = Σ_k v_k · index_k · part_k · P(alive at D_k)`` with D_0 the valuation date.

    Parameters
    ----------
    basis : Basis
    valuation_date : date
        Payment 0; its anniversaries are the steps of a contract index.
    sex : {'male', 'female'}
    age_months : int [months]
        The person was born so many months before the valuation date.
    degree_percent : int, optional [percent]
        Sets the mortality multiplier of its band; without it the multiplier is 1.
    term_months : int, optional
        Number of payments.
    to_pension : bool
        Payments end at the pension date, the last month in part. Without either, for life.
    monthly : Fraction [KZT/month]
    law : PayoutLaw, optional

    Returns
    -------
    Factors
        Factors are not rounded; premiums once, to the tiyn.

    Raises
    ------
    AnnuityError
        E5500 an age outside the basis' table, or both ends given.
    """
    law = law or PayoutLaw()
    if term_months is not None and to_pension:
        raise AnnuityError("term_months and to_pension are both given: choose one end of the payments")
    s = SEXES.index(sex)
    first_month, last_month = (int(edge[s]) for edge in table_span(basis))
    if not first_month <= age_months < last_month + MONTHS:
        raise AnnuityError(
            "an age of {years} years {months} months is outside the table {table}, which covers "
            "{first}-{last} years",
            years=age_months // MONTHS,
            months=age_months % MONTHS,
            table=basis.tables[sex].id,
            first=first_month // MONTHS,
            last=last_month // MONTHS,
        )
    birth = months_later(valuation_date, -age_months)
    sexes, births = np.array([s], dtype=np.int8), np.array([day(birth)], dtype=np.int32)
    pension = calendar_date(int(entitlement.pension_dates(sexes, births, law)[0]))
    settings = basis.assumptions
    index = index_path(settings.indexation, settings.growth, law, valuation_date, valuation_date)
    to_last_age = max(last_month - age_months + 1, 1)
    at_most = to_last_age if term_months is None else term_months
    end = pension if to_pension else None
    schedule = tuple(payments(valuation_date, end, lambda _: monthly, index, at_most=at_most))
    kind = "pre_retirement" if degree_percent is None else BANDS[int(_band(degree_percent, law))]
    alive = _survival(basis, s, age_months, kind, valuation_date, valuation_date, len(schedule))
    unit = np.array([float(p.index * p.part) for p in schedule])
    certain, factor, expense = _values(basis, 0, unit, alive)
    net = Fraction(factor) * monthly
    is_certain = term_months is not None or to_pension
    return Factors(
        certain if is_certain else None,
        factor,
        expense,
        exact_tiyn(net),
        exact_tiyn(_gross(basis, net, Fraction(expense))),
        len(schedule),
        schedule,
        pension,
        birth,
    )


def annuity_contract(case: Case, basis: Basis, valuation_date: date, law: LawNotes) -> AnnuityContract:
    """Price the annuity contract of a case and list its payments.

    Parameters
    ----------
    case : Case
        ``next_payment_date`` is the first payment, on or after the valuation date; the payments run to the
        end certified (`MonthlyBenefit.payable_until`).
    basis : Basis
        Its indexation is that of the contract.
    valuation_date : date
    law : LawNotes

    Returns
    -------
    AnnuityContract
        Net single premium and first payment are ``certified_reserve`` and ``monthly_payment`` of the same
        record in a portfolio.

    Raises
    ------
    CaseError
        E5403 the next payment date is empty; E5405 it lies before the valuation date.
    """
    if case.next_payment_date is None:
        raise CaseError("E5403", "empty and required: next_payment_date: the first payment of the contract")
    if case.next_payment_date < valuation_date:
        raise CaseError(
            "E5405",
            "next_payment_date is {next_payment_date}, before the valuation date "
            "{valuation_date}: give the first payment on or after it",
            next_payment_date=case.next_payment_date,
            valuation_date=valuation_date,
        )
    if case.annuity_start_date is None:
        case = replace(case, annuity_start_date=case.next_payment_date)
    benefit = monthly_benefit(case, law)
    record = valued_record(case, benefit, valuation_date, law)
    value = annuity_reserve(record, basis, valuation_date, threads=1, law=law.payout)
    amounts = {name: int(column[0]) for name, column in value.amounts.items()}
    net, expense = amounts["certified_reserve"], amounts["expense_reserve_certified"]
    schedule = _schedule(case, benefit, int(record.current_monthly_payment[0]), basis, valuation_date, law)
    certain = factor = None
    if schedule and schedule[0].exact:
        whole = schedule[0].exact / schedule[0].part
        unit = np.array([float(p.exact / whole) for p in schedule])
        kind = "dependant"
        if benefit.degree_of_loss is not None:
            kind = BANDS[int(_band(benefit.degree_of_loss, law.payout))]
        elif case.beneficiary == "pre_retirement":
            kind = case.beneficiary
        first = schedule[0].date
        s = SEXES.index(case.sex)
        alive = _survival(basis, s, _age(case.birth_date, first), kind, valuation_date, first, len(unit))
        certain, factor, _ = _values(basis, (first - valuation_date).days, unit, alive)
        certain = certain if benefit.payable_until is not None else None
    alpha = Fraction(repr(basis.assumptions.expenses.of_premium))
    gross = exact_tiyn(Fraction(net + expense, TIYN) / (1 - alpha))
    return AnnuityContract(benefit, amounts["monthly_payment"], net, gross, certain, factor, schedule)


def _schedule(
    case: Case, benefit: MonthlyBenefit, current: int, basis: Basis, valuation_date: date, law: LawNotes
) -> tuple[Payment, ...]:
    """Payments of the contract, certified measure."""
    assert case.next_payment_date is not None and case.annuity_start_date is not None
    settings = basis.assumptions
    first = case.next_payment_date
    index = index_path(
        settings.indexation, settings.growth, law.payout, valuation_date, case.annuity_start_date
    )
    monthly: Callable[[date], Fraction]
    if case.beneficiary == "pre_retirement":
        multiple = law.value("pre_retirement_annuity", first)
        minimum = law.payout.projected_series("subsistence_minimum", settings.growth.subsistence_minimum)

        def moving(on: date) -> Fraction:
            return Fraction(multiple * minimum.on(on))

        monthly, index = moving, lambda on: Fraction(1)
    else:
        amount = benefit.exact if current == NO_AMOUNT else Fraction(current, TIYN)
        monthly = lambda on: amount  # noqa: E731
    limit = None
    if case.product != "compulsory" and case.remaining_insured_sum is not None:
        limit = Fraction(case.remaining_insured_sum)
    withheld = benefit.pension_contribution > 0 or benefit.in_force_contribution > 0
    last_month = int(table_span(basis)[1][SEXES.index(case.sex)])
    at_most = max(last_month - _age(case.birth_date, first) + 1, 1)
    return tuple(
        payments(
            first,
            benefit.payable_until,
            monthly,
            index,
            contribution=lambda tiyn, on: (
                pension_contribution(tiyn, on, law, settings.growth) if withheld else 0
            ),
            limit=limit,
            at_most=at_most,
        )
    )


def _survival(
    basis: Basis, s: int, age_months: int, kind: str, valuation_date: date, first: date, n: int
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Chances to be alive at each of ``n`` payments from ``first``, seen from the valuation date."""
    month = first.year * MONTHS + first.month - 1
    cohort = np.array([month - age_months], dtype=np.int64)
    valuation_month = valuation_date.year * MONTHS + valuation_date.month - 1
    rows: SurvivalRows = survival_rows(basis, cohort, valuation_month)
    sexes = np.array([s], dtype=np.int8)
    position = CLASSES.index(kind)
    row = int(rows.base_row(sexes, cohort)[0]) + position
    to_first = rows.to_first_payment(
        sexes,
        np.array([position], dtype=np.int8),
        np.array([age_months], dtype=np.int32),
        np.array([month], dtype=np.int64),
        np.array([(first - valuation_date).days], dtype=np.int32),
    )[0]
    lives = rows.lives[row, age_months : age_months + n]
    alive: np.ndarray[Any, np.dtype[np.float64]] = np.zeros(n)
    if n:
        # inside the table's last age only payment 0 is made to who lives
        alive[: lives.size] = lives / lives[0] if lives[0] > 0.0 else 0.0
        alive[0] = 1.0
    return np.asarray(alive * to_first, dtype=np.float64)


def _values(
    basis: Basis,
    days: int,
    unit: np.ndarray[Any, np.dtype[np.float64]],
    alive: np.ndarray[Any, np.dtype[np.float64]],
) -> tuple[float, float, float]:
    """Certain value and value of payments ``unit``, and the value of 1 ₸ of monthly expenses."""
    n = unit.size
    at = np.array([days], dtype=np.int64)
    v = discount_factors(basis.curve, at, n)[0]
    inflation = np.exp(payment_times(at, n)[0] * math.log1p(basis.assumptions.expenses.inflation))
    return (
        math.fsum((v * unit).tolist()),
        math.fsum((v * unit * alive).tolist()),
        math.fsum((v * alive * inflation).tolist()),
    )


def _gross(basis: Basis, net: Fraction, expense_annuity: Fraction) -> Fraction:
    """``(net · (1 + β) + per_month · annuity) / (1 - α)`` [KZT]."""
    expenses = basis.assumptions.expenses
    beta, alpha = Fraction(repr(expenses.of_payment)), Fraction(repr(expenses.of_premium))
    return (net * (1 + beta) + Fraction(repr(expenses.per_month)) * expense_annuity) / (1 - alpha)


def _band(degree_percent: int, law: PayoutLaw) -> np.int8:
    if not 0 < degree_percent <= PERCENT:
        raise AnnuityError(
            "a degree of {degree} %: whole percent from 1 to {most}", degree=degree_percent, most=PERCENT
        )
    band: np.int8 = law.band_of(np.array([degree_percent], dtype=np.int16))[0]
    return band


def _age(birth_date: date, on: date) -> int:
    """Completed months of age."""
    years = full_years(birth_date, on)
    months = MONTHS * years
    while months_later(birth_date, months + 1) <= on:
        months += 1
    return months


def schedule_rows(schedule: tuple[Payment, ...]) -> list[tuple[Any, ...]]:
    """Schedule as rows of `SCHEDULE_COLUMNS`: dates in ISO form, amounts as text in tenge."""
    return [
        (
            p.number,
            p.date.isoformat(),
            p.period_end.isoformat(),
            float(p.part),
            float(p.index),
            tenge_text(p.amount),
            tenge_text(p.pension_contribution),
            tenge_text(p.net),
        )
        for p in schedule
    ]


def write_schedule(schedule: tuple[Payment, ...], path: Path) -> None:
    """Write a schedule as CSV or XLSX, by the suffix of the file.

    Raises
    ------
    AnnuityError
        E5500 another suffix.
    """
    rows = schedule_rows(schedule)
    if path.suffix.lower() == ".csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(SCHEDULE_COLUMNS)
        writer.writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8")
    elif path.suffix.lower() == ".xlsx":
        _write_workbook(rows, path)
    else:
        raise AnnuityError("a schedule {file}: give a file that ends in .csv or .xlsx", file=path.name)


def _write_workbook(rows: list[tuple[Any, ...]], path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("schedule")
        money = book.add_format({"num_format": "#,##0.00"})
        dates = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(1, 7, 16)
        for column, name in enumerate(SCHEDULE_COLUMNS):
            sheet.write_string(0, column, name)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if column in (1, 2):
                    sheet.write_datetime(number, column, date.fromisoformat(cell), dates)
                elif column > 4:
                    sheet.write_number(number, column, float(cell), money)
                else:
                    sheet.write_number(number, column, cell)
