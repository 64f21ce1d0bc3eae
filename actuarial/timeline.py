"""Records on the monthly grid of their own payments: ages, numbers of payments, reviews, anniversaries.

The rules are the timeline of the portfolio's contract (docs/method-reserve.md); the arithmetic is
`kernels.timeline`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.entitlement import WORKER
from actuarial.kernels import timeline as kernel
from actuarial.payout_law import day
from actuarial.record import NO_DATE, AnnuityRecords

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Int8 = NDArray[np.int8]
Float = NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """One element a record.

    Attributes
    ----------
    age : int32 (n,) [months]
        Completed months of age at payment 0.
    month : int32 (n,)
        Calendar months from the valuation date's month to payment 0's.
    n_certified, n_expected : int32 (n,)
        Number of payments of each measure, at most to the table's end.
    part_certified, part_expected : float64 (n,) [1]
        Fraction of the last payment.
    part_days : int64 (n, 2) [days]
        The certified fraction exactly: numerator, denominator.
    node : int32 (n,)
        First payment on or after the end of a worker's certificate; -1 where none ends.
    duration : int32 (n,) [months]
        Months since the first certificate at the node (whole years are ``// 12``).
    duration_irregular, index_irregular : int8 (n,)
        1 where 29 February meets payments on the 28th (see the kernel).
    steps_before : int32 (n,)
        Anniversaries of the annuity's start after the valuation date, up to payment 0.
    first_step : int32 (n,)
        Payment of the next anniversary, 1 … 12.
    """

    age: Int32
    month: Int32
    n_certified: Int32
    part_certified: Float
    part_days: Int64
    n_expected: Int32
    part_expected: Float
    node: Int32
    duration: Int32
    duration_irregular: Int8
    steps_before: Int32
    first_step: Int32
    index_irregular: Int8

    @property
    def n_payments(self) -> Int32:
        """Number of payments of the longer measure, shape (n,)."""
        return np.maximum(self.n_certified, self.n_expected)


def payment_timeline(
    records: AnnuityRecords,
    valuation_date: date,
    certified_end: Int32,
    expected_end: Int32,
    last_age_month: Int32,
) -> Timeline:
    """Put checked records on their payment grid.

    ``certified_end``, ``expected_end`` (n,): first day not paid, `NO_DATE` for life
    (`entitlement.certified_end`, `entitlement.expected_end`); ``last_age_month`` (2,): first month of the
    table's last age by sex.
    """
    n = len(records)
    int32, int8 = np.dtype(np.int32), np.dtype(np.int8)
    result = Timeline(
        age=np.empty(n, int32),
        month=np.empty(n, int32),
        n_certified=np.empty(n, int32),
        part_certified=np.empty(n),
        part_days=np.empty((n, 2), np.int64),
        n_expected=np.empty(n, int32),
        part_expected=np.empty(n),
        node=np.empty(n, int32),
        duration=np.empty(n, int32),
        duration_irregular=np.empty(n, int8),
        steps_before=np.empty(n, int32),
        first_step=np.empty(n, int32),
        index_irregular=np.empty(n, int8),
    )
    is_worker = records.beneficiary == WORKER
    certificate_end = np.where(is_worker, records.certificate_end, np.int32(NO_DATE)).astype(np.int32)
    outputs = tuple(getattr(result, name) for name in Timeline.__dataclass_fields__)

    kernel.schedule(
        day(valuation_date), records.next_payment_date, records.birth_date, records.annuity_start_date,
        certified_end, expected_end, certificate_end, records.first_certificate_date, NO_DATE, records.sex,
        last_age_month, *outputs,
    )  # fmt: skip
    return result


def ages_at_next_payment(records: AnnuityRecords) -> Int32:
    """Completed months of age at the next payment, shape (n,)."""
    age = np.empty(len(records), dtype=np.int32)
    kernel.ages(records.birth_date, records.next_payment_date, age)
    return age
