"""One record from its totals to each monthly payment, in both measures.

Every number is read from the projection that values the portfolio (`actuarial.projection`) and from its
kernels; nothing is modelled a second time. What is new here is that nothing is added up.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial import entitlement
from actuarial.additional_expense import additional_expenses_reserve
from actuarial.basis import Basis
from actuarial.benefit import PERCENT, Benefit, is_capped
from actuarial.curve import payment_times
from actuarial.entitlement import PRE_RETIREMENT, PRODUCT_COMPULSORY, WORKER
from actuarial.explained_measure import Measure, Review, certified_measure, expected_measure
from actuarial.money import TIYN
from actuarial.payment_schedule import full_years, months_later
from actuarial.payout_law import PayoutLaw, calendar_date
from actuarial.projection import Projection, project
from actuarial.record import BANDS, NO_DATE, SEXES, AnnuityRecords
from actuarial.reserve import ROWS_AT_ONCE, first_payments, reported_amounts
from actuarial.survival import CLASSES, MONTHS
from actuarial.thread import even_slices
from actuarial.timeline import Timeline

Float = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class ExpenseCap:
    """What limits the additional expenses of a worker, see `actuarial.additional_expense`.

    Attributes
    ----------
    utilisation : float [1]
    multiple : int
        Of МРП.
    mci : float [KZT]
        Of the valuation date, or of the first certificate in the voluntary product.
    """

    utilisation: float
    multiple: int
    mci: float


@dataclass(frozen=True)
class Explanation:
    """One record with everything that leads to its figures; n payments of the longer measure.

    Attributes
    ----------
    record : AnnuityRecords
        One row.
    basis : Basis
    valuation_date : date
    law : PayoutLaw
        Notes the entries of the law that this record uses.
    figures : dict of str to int [tiyn]
        The record's row of the results (`actuarial.reserve.AMOUNTS`).
    band : int
        Of a worker's degree, -1 for others.
    mortality_class : str
    earnings, deduction : int [tiyn/month]
        After the cap; ГФСС payment deducted.
    cap : int or None [tiyn/month]
        Where the law caps the earnings.
    expense_cap : ExpenseCap or None
        None where no additional expenses are due.
    award : float [KZT/month]
        At the own degree or share, as awarded; 1 for a pre-retirement annuity.
    adjustment : float [1]
        Payment in force over the award.
    amount : float64 (5,) [KZT/month]
        On the valuation date, by state; 0 where the product does not pay.
    pays : bool (5,)
        Whether the product pays in each state.
    pension_date : date
    certified_end, expected_end : date or None
        First day not paid; None = for life.
    certificate_end : date or None
        Of a worker.
    limit : float [KZT]
        Remaining insured sum, inf where there is none.
    ends_at_limit : bool
    delta : int [days]
        From the valuation date to payment 0.
    dates : tuple of date
        n + 1 of them: payment k is for the days from ``dates[k]`` to ``dates[k + 1]``.
    age : int64 (n,) [months]
    index, years, spot_rate, discount : float64 (n,)
        Index since the valuation date (ПМ itself for a pre-retirement annuity), time, yield, discount factor.
    steps : int64 (n,) or None
        Anniversaries behind the index of a contract rate.
    death_probability : float64 (n,) [1]
        ``q`` of the table for the year of age.
    improvement_years : float64 (n,)
        From the middle of the table's period.
    hazard : float64 (n,)
        Force of each month by the table, improvement in, multiplier out.
    multiplier : float64 (6,)
        By mortality class.
    first_survival : float [1]
        From the valuation date to payment 0.
    node : int
        First payment on or after the end of the certificate; -1 where none ends.
    reviews : tuple of Review
    is_reviewed : bool
        Whether a certificate ends before the entitlement: the expected measure differs.
    certified, expected : Measure
    """

    record: AnnuityRecords
    basis: Basis
    valuation_date: date
    law: PayoutLaw
    figures: dict[str, int]
    band: int
    mortality_class: str
    earnings: int
    deduction: int
    cap: int | None
    expense_cap: ExpenseCap | None
    award: float
    adjustment: float
    amount: Float
    pays: NDArray[np.bool_]
    pension_date: date
    certified_end: date | None
    expected_end: date | None
    certificate_end: date | None
    limit: float
    ends_at_limit: bool
    delta: int
    dates: tuple[date, ...]
    age: Int64
    index: Float
    years: Float
    spot_rate: Float
    discount: Float
    steps: Int64 | None
    death_probability: Float
    improvement_years: Float
    hazard: Float
    multiplier: Float
    first_survival: float
    node: int
    reviews: tuple[Review, ...]
    is_reviewed: bool
    certified: Measure
    expected: Measure


def explanation(records: AnnuityRecords, position: int, basis: Basis, valuation_date: date) -> Explanation:
    """Explain one record of a portfolio.

    The rows that a valuation takes together with it are put on their timeline too, so that every float is the
    valuation's own.

    Parameters
    ----------
    records : AnnuityRecords
        As a reader has checked them.
    position : int
    basis : Basis
    valuation_date : date

    Raises
    ------
    BasisError, SafetyLimitError, tariffs.LawError
        As `actuarial.reserve.annuity_reserve`.
    """
    n = len(records)
    slices = even_slices(n, -(-n // ROWS_AT_ONCE))
    start, stop = next(bounds for bounds in slices if bounds[0] <= position < bounds[1])
    whole = project(records.rows(start, stop), basis, valuation_date, PayoutLaw())
    one = _single(whole, position - start)
    law = PayoutLaw()
    project(one.records, basis, valuation_date, law)
    return _explained(replace(one, law=law), valuation_date)


def _single(whole: Projection, i: int) -> Projection:
    """The projection of one of its records."""
    index = copy.copy(whole.index)
    index.row, index.scale = whole.index.row[i : i + 1], whole.index.scale[i : i + 1]
    index.at_first_position = whole.index.at_first_position[i : i + 1]

    def cut(parts: Any) -> dict[str, Any]:
        return {f.name: getattr(parts, f.name)[i : i + 1] for f in fields(parts)}

    per_record = (
        "pension_date", "band", "segment", "base_row", "own_row", "alive", "discount_row", "own_amount",
        "limit", "ends_at_limit", "reviewed", "payment_month",
    )  # fmt: skip
    return replace(
        whole,
        records=whole.records.rows(i, i + 1),
        line=Timeline(**cut(whole.line)),
        monthly=Benefit(**cut(whole.monthly)),
        index=index,
        **{name: getattr(whole, name)[i : i + 1] for name in per_record},
    )


def _explained(one: Projection, valuation_date: date) -> Explanation:
    record, basis, law, line = one.records, one.basis, one.law, one.line
    certified, expected = one.measures()
    additional = additional_expenses_reserve(record, basis, valuation_date, law)
    amounts = reported_amounts(one, certified, expected, first_payments(one), additional)
    n = int(line.n_payments[0])
    sex, age = int(record.sex[0]), int(line.age[0]) + np.arange(n)
    first = calendar_date(int(record.next_payment_date[0]))
    dates = tuple(months_later(first, k) for k in range(n + 1))
    delta = (first - valuation_date).days
    years = payment_times(np.array([delta]), n)[0]
    rows, mortality_class = one.rows, int(one.own_row[0] - one.base_row[0])
    table = basis.tables[SEXES[sex]]
    improved = (one.payment_month[0] + np.arange(n) - rows.middle[sex]) / MONTHS
    if not rows.improvement:
        improved = np.zeros(n)
    with np.errstate(invalid="ignore"):
        hazard = rows.hazard[sex, age] * (1.0 - rows.improvement) ** improved
    pays, amount = _state_amounts(one)
    ends = _ends(one)
    expected_payments, reviews = expected_measure(one, amount, dates, ends[1])
    scale, row = float(one.index.scale[0]), int(one.index.row[0])
    return Explanation(
        record=record,
        basis=basis,
        valuation_date=valuation_date,
        law=law,
        figures={name: int(column[0]) for name, column in amounts.items()},
        band=int(one.band[0]),
        mortality_class=CLASSES[mortality_class],
        earnings=int(one.monthly.earnings[0]),
        deduction=int(one.monthly.deduction[0]),
        cap=_cap(record, law),
        expense_cap=_expense_cap(record, basis, valuation_date, law),
        award=_award(one),
        adjustment=float(one.monthly.adjustment[0]),
        amount=amount,
        pays=pays,
        pension_date=calendar_date(int(one.pension_date[0])),
        certified_end=ends[0],
        expected_end=ends[1],
        certificate_end=_date(record.certificate_end[0]) if record.beneficiary[0] == WORKER else None,
        limit=float(one.limit[0]),
        ends_at_limit=bool(one.ends_at_limit[0]),
        delta=delta,
        dates=dates,
        age=age.astype(np.int64),
        index=scale * one.index.rows[row, :n],
        years=years,
        spot_rate=basis.curve.spot_rate(years),
        discount=one.discount[int(one.discount_row[0]), :n],
        steps=_steps(one, valuation_date, dates),
        death_probability=np.array([table.qx[a // MONTHS - table.first_age] for a in age]),
        improvement_years=improved,
        hazard=hazard,
        multiplier=rows.multiplier,
        first_survival=float(one.alive[0]),
        node=int(line.node[0]),
        reviews=reviews,
        is_reviewed=bool(one.reviewed[0]),
        certified=certified_measure(one, amount),
        expected=expected_payments,
    )


def _date(number: int) -> date | None:
    return None if number == NO_DATE else calendar_date(int(number))


def _ends(one: Projection) -> tuple[date | None, date | None]:
    pension = np.asarray(one.pension_date)
    certified = entitlement.certified_end(one.records, pension, one.law)
    return _date(certified[0]), _date(entitlement.expected_end(one.records, pension, one.law)[0])


def _cap(record: AnnuityRecords, law: PayoutLaw) -> int | None:
    """Largest earnings [tiyn/month] that count, None where no cap applies."""
    if not is_capped(record, law)[0]:
        return None
    multiples = law.series("earnings_cap_minimum_wages")
    multiple = int(multiples.values[int(multiples.position(record.accident_date)[0])])
    return multiple * int(law.amounts_tiyn("minimum_wage", record.contract_date)[0])


def _expense_cap(
    record: AnnuityRecords, basis: Basis, valuation_date: date, law: PayoutLaw
) -> ExpenseCap | None:
    if record.beneficiary[0] != WORKER:
        return None
    capped = law.edition_is("additional_expenses", "capped", record.accident_date)[0]
    band = BANDS[int(law.band_of(record.first_degree_of_loss)[0])]
    is_compulsory = record.product[0] == PRODUCT_COMPULSORY
    if not capped or (is_compulsory and band == BANDS[0]):
        return None
    when = valuation_date if is_compulsory else calendar_date(int(record.first_certificate_date[0]))
    mci = law.projected_series("mci", basis.assumptions.growth.mci).on(when)
    multiple = int(law.latest("additional_expenses_cap")[band if is_compulsory else BANDS[0]])
    use = getattr(basis.assumptions.additional_expenses.utilisation, band)
    return ExpenseCap(float(use), multiple, float(mci))


def _award(one: Projection) -> float:
    """Monthly amount at the own degree or share before what indexation has made of it [KZT]."""
    kind = one.records.beneficiary[0]
    if kind == PRE_RETIREMENT:
        return 1.0
    if kind == WORKER:
        return float(one.monthly.own_hundredths[0]) / (TIYN * PERCENT)
    return float(one.records.share[0]) * int(one.monthly.earnings[0]) / TIYN


def _steps(one: Projection, valuation_date: date, dates: tuple[date, ...]) -> Int64 | None:
    """Anniversaries of the annuity's start after the valuation date, up to each payment."""
    indexation = one.basis.assumptions.indexation
    if indexation.choice != "contract_rate" or one.index.series[int(one.index.row[0])]:
        return None
    start = calendar_date(int(one.records.annuity_start_date[0]))
    before = max(full_years(start, valuation_date), 0)
    passed = [max(full_years(start, when), 0) - before for when in dates[:-1]]
    return np.array(passed, dtype=np.int64)


def _state_amounts(one: Projection) -> tuple[NDArray[np.bool_], Float]:
    """Whether the product pays in each state, and the amount there without the index."""
    own = float(one.monthly.own[0])
    if one.records.beneficiary[0] != WORKER:
        return np.array([True, False, False, False, False]), np.array([own, 0.0, 0.0, 0.0, 0.0])
    scale = float(one.index.scale[0])
    others = one.other_amounts(np.zeros(1, dtype=np.int64))[0] / scale
    compulsory = one.records.product[0] == PRODUCT_COMPULSORY
    pays_light = bool(
        not compulsory or one.law.edition_is("insurer_pays_band_a", True, one.records.accident_date)[0]
    )
    pays = np.array([True, pays_light, *([compulsory] * 3)])
    return pays, np.array([own, *others])
