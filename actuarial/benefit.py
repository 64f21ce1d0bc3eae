"""What is owed a month: capped earnings, own benefit, benefit at another degree, exact first payment.

OSNS Law art 19(1): degree × average monthly earnings, at most the cap by the contract date's minimum
wage, less the ГФСС payment, never below 0. Voluntary product (rules cl. 31, 54; Labour Code 122(3)):
degree × earnings, no cap, no deduction. Survivors: share × capped earnings (Civil Code 941).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

import tariffs
from actuarial.entitlement import PRE_RETIREMENT, PRODUCT_COMPULSORY, WORKER
from actuarial.money import exact_tiyn
from actuarial.payout_law import PayoutLaw
from actuarial.record import NO_AMOUNT, AnnuityRecords

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

TIYN_SCALE = 100
PERCENT = 100


@dataclass(frozen=True)
class Benefit:
    """Monthly benefits of records before index and part months.

    Attributes
    ----------
    earnings : int64 (n,) [tiyn/month]
        Average monthly earnings after the cap; 0 for pre-retirement annuities.
    deduction : int64 (n,) [tiyn/month]
        ГФСС payment deducted; 0 where the product or edition knows none.
    own_hundredths : int64 (n,) [1/100 tiyn/month]
        Workers: exact benefit at their own degree; others 0.
    own : float64 (n,) [KZT/month]
        Benefit of every record (workers at their own degree); 1 for pre-retirement, whose index is ПМ.
    adjustment : float64 (n,) [1]
        current_monthly_payment / own, 1 where the column is empty.
    """

    earnings: Int64
    deduction: Int64
    own_hundredths: Int64
    own: Float
    adjustment: Float


def capped_earnings(records: AnnuityRecords, law: PayoutLaw) -> Int64:
    """Average monthly earnings after the cap [tiyn], shape (n,).

    The cap is a multiple of the minimum wage on the *contract* date and holds in the compulsory product
    for accidents under the editions that know it; an edition's other records are not capped.
    """
    earnings = np.maximum(records.average_monthly_earnings, 0)
    capped = is_capped(records, law)
    if not capped.any():
        return earnings
    wage = law.amounts_tiyn("minimum_wage", records.contract_date[capped])
    if (wage < 0).any():
        raise tariffs.LawError(
            "the minimum wage is not on record for a contract date: check the portfolio first", "E4012"
        )
    multiples = law.series("earnings_cap_minimum_wages")
    at = multiples.position(records.accident_date[capped])
    multiple = np.array([int(value) for value in multiples.values], dtype=np.int64)[at]
    earnings = earnings.copy()
    earnings[capped] = np.minimum(earnings[capped], wage * multiple)
    return earnings


def is_capped(records: AnnuityRecords, law: PayoutLaw) -> Bool:
    """Whether the earnings cap applies to each record."""
    of_product = (records.product == PRODUCT_COMPULSORY) & (records.beneficiary != PRE_RETIREMENT)
    return np.asarray(of_product & law.edition_is("earnings_cap", True, records.accident_date))


def social_deduction(records: AnnuityRecords, law: PayoutLaw) -> Int64:
    """ГФСС payment deducted [tiyn/month], shape (n,): compulsory workers under editions that deduct it."""
    deducts = (
        (records.product == PRODUCT_COMPULSORY)
        & (records.beneficiary == WORKER)
        & law.edition_is("social_payment_deducted", True, records.accident_date)
    )
    return np.where(deducts, np.maximum(records.social_payment, 0), 0)


def own_benefit(records: AnnuityRecords, law: PayoutLaw | None = None) -> Int64:
    """Workers' benefit at their own degree, exact, in hundredths of a tiyn, shape (n,); others 0."""
    law = law or PayoutLaw()
    return _own_hundredths(records, capped_earnings(records, law), social_deduction(records, law))


def _own_hundredths(records: AnnuityRecords, earnings: Int64, deduction: Int64) -> Int64:
    own = records.degree_of_loss.astype(np.int64) * earnings - PERCENT * deduction
    return np.where(records.beneficiary == WORKER, np.maximum(own, 0), 0)


def benefit(records: AnnuityRecords, law: PayoutLaw) -> Benefit:
    """Monthly benefits of checked records (see `Benefit`)."""
    earnings = capped_earnings(records, law)
    deduction = social_deduction(records, law)
    hundredths = _own_hundredths(records, earnings, deduction)
    is_worker = records.beneficiary == WORKER
    is_pre_retirement = records.beneficiary == PRE_RETIREMENT
    own = np.where(
        is_worker,
        hundredths / (TIYN_SCALE * PERCENT),
        np.where(is_pre_retirement, 1.0, np.nan_to_num(records.share) * earnings / TIYN_SCALE),
    )
    current = records.current_monthly_payment
    has_current = (current != NO_AMOUNT) & ~is_pre_retirement & (own > 0.0)
    adjustment = np.where(has_current, current / TIYN_SCALE / np.where(own > 0.0, own, 1.0), 1.0)
    # the adjusted own benefit is the payment in force itself, not a product that misses it by an ulp
    own = np.where(has_current, current / TIYN_SCALE, own)
    return Benefit(earnings, deduction, hundredths, own, adjustment)


def benefit_at_degree(
    value: Benefit, records: AnnuityRecords, degree_percent: float, *, proportional_deduction: bool
) -> Float:
    """Workers' benefit at another degree [KZT/month], adjusted like their own, shape (n,).

    ``proportional_deduction``: the ГФСС payment moves with the degree (the basis'
    ``social_payment_on_change``); otherwise it stays as awarded.
    """
    degree = degree_percent / PERCENT
    deduction = value.deduction / TIYN_SCALE
    if proportional_deduction:
        deduction = deduction * degree_percent / np.maximum(records.degree_of_loss, 1)
    gross = degree * (value.earnings / TIYN_SCALE)
    return np.maximum(gross - deduction, 0.0) * value.adjustment


def first_payment_tiyn(
    records: AnnuityRecords,
    value: Benefit,
    index_at_first: list[Fraction],
    index_position: NDArray[np.int64],
    part: NDArray[np.int64],
    is_paid: Bool,
) -> Int64:
    """Payment 0 rounded half-up to the tiyn from exact numbers, shape (n,).

    ``index_at_first`` holds the distinct exact indices (or ПМ amounts) and ``index_position`` which one a
    record has; ``part`` (n, 2) is the last payment's fraction, numerator and denominator, (1, 1) = whole.
    Most records are decided in float64; those within reach of a half tiyn are recomputed as fractions.
    """
    index = np.array([float(i) for i in index_at_first])[index_position]
    plain = (records.beneficiary == WORKER) & (records.current_monthly_payment == NO_AMOUNT)
    plain &= (index == 1.0) & (part[:, 0] == part[:, 1])
    scaled = value.own * index * (part[:, 0] / part[:, 1]) * TIYN_SCALE
    result = np.floor(scaled + 0.5).astype(np.int64)
    result[plain] = (value.own_hundredths[plain] + PERCENT // 2) // PERCENT
    near_half = np.abs(scaled - np.floor(scaled) - 0.5) < 1e-3
    for i in np.flatnonzero(near_half & is_paid & ~plain):
        exact = _exact_own(records, value, int(i)) * index_at_first[index_position[i]]
        result[i] = exact_tiyn(exact * Fraction(int(part[i, 0]), int(part[i, 1])))
    return np.where(is_paid, result, 0)


def _exact_own(records: AnnuityRecords, value: Benefit, i: int) -> Fraction:
    """Benefit of one record in force on the valuation date [KZT/month], exact."""
    kind = records.beneficiary[i]
    if kind == PRE_RETIREMENT:
        return Fraction(1)
    if records.current_monthly_payment[i] != NO_AMOUNT:
        return Fraction(int(records.current_monthly_payment[i]), TIYN_SCALE)
    if kind == WORKER:
        return Fraction(int(value.own_hundredths[i]), TIYN_SCALE * PERCENT)
    # the share as written: the shortest decimal that gives this float
    return Fraction(repr(float(records.share[i]))) * Fraction(int(value.earnings[i]), TIYN_SCALE)
