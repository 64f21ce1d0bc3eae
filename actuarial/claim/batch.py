"""Monthly benefits of a whole table of annuities: the columns of one case, for many.

The table is that of a portfolio, read and checked by `actuarial.portfolio.read`. Choices take their
defaults; what a table does not hold (monthly pay, negligence) belongs to case files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tariffs
from actuarial import benefit, entitlement
from actuarial.claim.monthly_benefit import PERCENT
from actuarial.money import TIYN, tenge_text
from actuarial.payout_law import PayoutLaw, calendar_date
from actuarial.record import NO_AMOUNT, NO_DATE, AnnuityRecords

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
AMOUNTS = (
    "capped_earnings",
    "gross_benefit",
    "social_payment",
    "monthly_benefit",
    "pension_contribution",
    "net_payment",
)


@dataclass(frozen=True)
class BenefitTable:
    """Benefits, one element a record.

    Attributes
    ----------
    amounts : dict of str to int64 (n,) [tiyn/month]
        `AMOUNTS`; before any index.
    pension_date, payable_until : int32 (n,)
        Days since 1970-01-01, `NO_DATE` for life.
    """

    amounts: dict[str, Int64]
    pension_date: Int32
    payable_until: Int32

    def totals(self) -> dict[str, str]:
        """Sums of the amount columns as text in tenge."""
        return {name: tenge_text(int(column.sum())) for name, column in self.amounts.items()}


def benefit_table(records: AnnuityRecords, law: PayoutLaw | None = None) -> BenefitTable:
    """Monthly benefits of checked records on their next payment dates.

    Parameters
    ----------
    records : AnnuityRecords
    law : PayoutLaw, optional
        Gathers the entries used.

    Returns
    -------
    BenefitTable
        The figures of `actuarial.claim.case.monthly_benefit` for the same records.

    Raises
    ------
    tariffs.LawError
        A value that is not on record on a day the records need.
    """
    law = law or PayoutLaw()
    plain = replace(records, current_monthly_payment=np.full(len(records), NO_AMOUNT, dtype=np.int64))
    value = benefit.benefit(plain, law)
    is_worker = records.beneficiary == entitlement.WORKER
    pension = entitlement.record_pension_dates(records, law)
    until = entitlement.certified_end(records, pension, law)
    is_paid = (until == NO_DATE) | (records.next_payment_date < until)
    index, position = _first_index(records, law)
    whole = np.ones((len(records), 2), dtype=np.int64)
    own = benefit.first_payment_tiyn(plain, value, index, position, whole, np.ones(len(records), dtype=bool))
    gross = (2 * records.degree_of_loss.astype(np.int64) * value.earnings + PERCENT) // (2 * PERCENT)
    monthly = np.where(is_paid, own, 0)
    contribution = _contribution(records, monthly, is_worker, pension, law)
    amounts = {
        "capped_earnings": value.earnings,
        "gross_benefit": np.where(is_worker, gross, own),
        "social_payment": value.deduction,
        "monthly_benefit": monthly,
        "pension_contribution": contribution,
        "net_payment": monthly - contribution,
    }
    return BenefitTable(amounts, pension, until)


def _first_index(records: AnnuityRecords, law: PayoutLaw) -> tuple[list[Fraction], Int64]:
    """1 for all, the subsistence minimum of its payment date for a pre-retirement annuity."""
    index = [Fraction(1)]
    position = np.zeros(len(records), dtype=np.int64)
    where = np.flatnonzero(records.beneficiary == entitlement.PRE_RETIREMENT)
    if where.size:
        days, at = np.unique(records.next_payment_date[where], return_inverse=True)
        multiple = law.series("pre_retirement_annuity")
        minimum = law.series("subsistence_minimum")
        index += [
            Fraction(multiple.on(calendar_date(int(d)))) * Fraction(minimum.on(calendar_date(int(d))))
            for d in days
        ]
        position[where] = at + 1
    return index, position


def _contribution(
    records: AnnuityRecords, monthly: Int64, is_worker: NDArray[np.bool_], pension: Int32, law: PayoutLaw
) -> Int64:
    """Pension contribution of workers, half-up [tiyn] (`claim.monthly_benefit.pension_contribution`)."""
    rates = law.series("pension_contribution_rate")
    first = int(rates.starts[0])
    due = is_worker & (records.pension_contribution_exempt != 1) & (monthly > 0)
    due &= (records.accident_date >= first) & (records.next_payment_date < pension)
    result = np.zeros(len(records), dtype=np.int64)
    if not due.any():
        return result
    at = rates.position(records.next_payment_date[due])
    if (at < 0).any():
        rates.on(calendar_date(int(records.next_payment_date[due][at < 0][0])))
    fractions = [Fraction(rate) for rate in rates.values]
    numerators = np.array([f.numerator for f in fractions], dtype=np.int64)[at]
    denominators = np.array([f.denominator for f in fractions], dtype=np.int64)[at]
    base = np.minimum(monthly[due], _base_bound(records.next_payment_date[due], monthly[due], law))
    result[due] = (2 * base * numerators + denominators) // (2 * denominators)
    return result


def _base_bound(when: Int32, monthly: Int64, law: PayoutLaw) -> Int64:
    """Most that bears the contribution [tiyn]; off the record, no payment may reach the nearest bound."""
    caps, wages = tariffs.parameter("pension_contribution_base_cap"), tariffs.parameter("minimum_wage")
    bound = np.empty(when.size, dtype=np.int64)
    for number in np.unique(when):
        on = calendar_date(int(number))
        here = when == number
        try:
            bound[here] = int(caps.on(on).value * wages.on(on).value * TIYN)
        except tariffs.NotOnRecord:
            nearest = [entry.value for entry in wages.entries if entry.start <= on][-1]
            bound[here] = int(caps.entries[0].value * nearest * TIYN)
            if (monthly[here] > bound[here]).any():
                raise
    if (monthly > bound).any():
        binding = when[monthly > bound]
        law.series("pension_contribution_base_cap").position(binding)
        law.series("minimum_wage").position(binding)
    return bound


def day_texts(days: Int32) -> list[str]:
    """Day numbers as ISO dates; empty for `NO_DATE`."""
    return ["" if d == NO_DATE else calendar_date(int(d)).isoformat() for d in days]


def write_benefits(records: AnnuityRecords, benefits: BenefitTable, path: Path) -> None:
    """Write the benefits as CSV: claim_id, the amounts in tenge, pension_date, payable_until."""
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("claim_id", *AMOUNTS, "pension_date", "payable_until"))
        claim_ids = np.asarray(records.claim_id, dtype=object)
        columns = [[tenge_text(int(tiyn)) for tiyn in benefits.amounts[name]] for name in AMOUNTS]
        dates = [day_texts(benefits.pension_date), day_texts(benefits.payable_until)]
        writer.writerows(zip(claim_ids, *columns, *dates, strict=True))
