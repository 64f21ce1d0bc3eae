"""The insurer's liability for additional expenses: what is left under the law's cap and will be used.

OSNS Law art 19(2) (compulsory, МРП of the year) and the rules of the voluntary product, cl. 33-37 (МРП of the
first certified degree). Neither discounted nor indexed.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.entitlement import PRODUCT_COMPULSORY, WORKER
from actuarial.money import TIYN
from actuarial.payout_law import PayoutLaw
from actuarial.record import BANDS, AnnuityRecords

Int64 = NDArray[np.int64]


def additional_expenses_reserve(
    records: AnnuityRecords, basis: Basis, valuation_date: date, law: PayoutLaw
) -> Int64:
    """Expected use of what is left under the additional-expenses cap [tiyn], exact, half-up.

    ``utilisation(band of the first degree) · max(0, cap · МРП - paid)``: МРП of the valuation date for the
    compulsory product, of the first certificate for the voluntary one (docs/method-reserve.md).
    """
    result = np.zeros(len(records), dtype=np.int64)
    use = basis.assumptions.additional_expenses.utilisation
    mci = law.projected_series("mci", basis.assumptions.growth.mci)
    due = (records.beneficiary == WORKER) & law.edition_is(
        "additional_expenses", "capped", records.accident_date
    )
    if not due.any():
        return result
    first_band = law.band_of(records.first_degree_of_loss)
    caps = law.latest("additional_expenses_cap")
    now = Fraction(mci.on(valuation_date))
    for b, letter in enumerate(BANDS):
        share = Fraction(repr(getattr(use, letter)))
        of_band = due & (first_band == b)
        if b > 0:
            mask = of_band & (records.product == PRODUCT_COMPULSORY)
            result[mask] = _share_of_rest(int(caps[letter]) * now, records.expenses_paid[mask], share)
        mask = of_band & (records.product != PRODUCT_COMPULSORY)
        if mask.any():
            where = np.flatnonzero(mask)
            then, at = mci.distinct(records.first_certificate_date[where])
            for v, value in enumerate(then):
                inside = where[at == v]
                result[inside] = _share_of_rest(
                    int(caps["A"]) * Fraction(value), records.expenses_paid[inside], share
                )
    return result


def _share_of_rest(cap: Fraction, paid: Int64, share: Fraction) -> Int64:
    """``share · max(0, cap - paid)`` [tiyn] rounded half-up; ``cap`` in tenge, exact."""
    whole = cap * TIYN
    denominator = 2 * share.denominator * whole.denominator
    factor = 2 * share.numerator
    offset = share.denominator * whole.denominator
    largest = factor * (abs(whole.numerator) + int(paid.max(initial=0)) * whole.denominator) + offset
    exact = paid.astype(np.int64 if largest < 2**62 else object)
    rest = whole.numerator - exact * whole.denominator
    return np.asarray((np.maximum(rest, 0) * factor + offset) // denominator, dtype=np.int64)
