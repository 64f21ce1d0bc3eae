"""How long a payment is due: pension date, birthdays, certificates, entitlement of survivors.

Law: Social Code art 207 (pension age), Civil Code arts 940 and 944, OSNS Law art 19(1), 19(2-2);
the exact rules are in the timeline of the portfolio's contract (docs/method-reserve.md).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from actuarial.kernels import timeline
from actuarial.payout_law import PayoutLaw
from actuarial.record import BENEFICIARIES, NO_DATE, AnnuityRecords

Int32 = NDArray[np.int32]

WORKER = BENEFICIARIES.index("worker")
CHILD = BENEFICIARIES.index("child")
STUDENT = BENEFICIARIES.index("student")
DISABLED_DEPENDANT = BENEFICIARIES.index("disabled_dependant")
PRE_RETIREMENT = BENEFICIARIES.index("pre_retirement")
PRODUCT_COMPULSORY = 0


def pension_dates(sex: NDArray[np.int8], birth_date: Int32, law: PayoutLaw | None = None) -> Int32:
    """First day on which a person's age reaches the pension age in force on that day.

    Parameters
    ----------
    sex : ndarray of int8, shape (n,)
        0 male, 1 female.
    birth_date : ndarray of int32, shape (n,) [days since 1970-01-01]
    law : PayoutLaw, optional

    Returns
    -------
    ndarray of int32, shape (n,) [days since 1970-01-01]
        Social Code art 207; half-years of the schedule are 6 months. Who reached the age before the
        record begins (2001-07-01) gets that first day of the record.
    """
    out = np.empty(birth_date.shape[0], dtype=np.int32)
    timeline.pension_dates(sex, birth_date, *(law or PayoutLaw()).pension_schedule, out)
    return out


def record_pension_dates(records: AnnuityRecords, law: PayoutLaw) -> Int32:
    """Pension dates of records: the law's, or the column ``pension_date`` where it is given."""
    by_law = pension_dates(records.sex, records.birth_date, law)
    return np.where(records.pension_date != NO_DATE, records.pension_date, by_law)


def stops_at_pension_age(records: AnnuityRecords, law: PayoutLaw) -> NDArray[np.bool_]:
    """Whether payments to a worker end at pension age.

    By the edition on the accident date, in both products (Civil Code 944(1), OSNS Law 19(1)); the
    column ``pension_stop`` rules where it is given.
    """
    by_law = law.edition_is("pension_age_stop", True, records.accident_date)
    return np.where(records.pension_stop >= 0, records.pension_stop == 1, by_law)


def expected_end(records: AnnuityRecords, pension: Int32, law: PayoutLaw) -> Int32:
    """First day without entitlement, certificates aside, shape (n,); `NO_DATE` for life.

    Worker and pre-retirement: pension date; child 18th, student 23rd birthday, or ``entitlement_end`` if
    it is earlier; disabled dependant: the certificate's end; spouse, parent, carer: ``entitlement_end``
    (empty = for life).
    """
    kind = records.beneficiary
    end = np.full(len(records), NO_DATE, dtype=np.int32)
    years = np.zeros(len(records), dtype=np.int32)
    years[kind == CHILD] = int(law.latest("entitlement_age_child"))
    years[kind == STUDENT] = int(law.latest("entitlement_age_student"))
    timeline.birthdays(records.birth_date, years, end)
    end = earlier(end, records.entitlement_end)
    end = np.where(kind == DISABLED_DEPENDANT, records.certificate_end, end)
    end = np.where(kind == PRE_RETIREMENT, pension, end)
    stopped = np.where(stops_at_pension_age(records, law), pension, np.int32(NO_DATE))
    return np.where(kind == WORKER, stopped, end)


def certified_end(records: AnnuityRecords, pension: Int32, law: PayoutLaw) -> Int32:
    """First day not paid in the certified measure: also the end of a worker's certificate in force."""
    return earlier(
        expected_end(records, pension, law),
        np.where(records.beneficiary == WORKER, records.certificate_end, np.int32(NO_DATE)),
    )


def earlier(a: Int32, b: Int32) -> Int32:
    """The earlier of two dates; `NO_DATE` is later than any."""
    late = np.iinfo(np.int32).max
    least = np.minimum(np.where(a == NO_DATE, late, a), np.where(b == NO_DATE, late, b))
    return np.where(least == late, np.int32(NO_DATE), least).astype(np.int32)
