"""The checked annuity records: the one form in which a portfolio reaches the computation.

A reader (a file, a DataFrame, a generator) produces `AnnuityRecords`; everything after it works on
these flat arrays. Enumerations are small integers whose meaning is the order of the tuples below.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

PRODUCTS = ("compulsory", "voluntary")
BENEFICIARIES = (
    "worker",
    "child",
    "student",
    "spouse",
    "parent",
    "disabled_dependant",
    "carer",
    "pre_retirement",
)
SEXES = ("male", "female")
BANDS = ("A", "B", "C", "D")

NO_DATE = np.iinfo(np.int32).min
"""An empty date cell (dates are days since 1970-01-01)."""
NO_AMOUNT = -1
"""An empty amount cell (amounts are whole tiyn, never negative)."""
NO_DEGREE = -1
"""An empty degree cell (degrees are whole percent)."""
NO_ANSWER = -1
"""An empty yes/no cell (0 = no, 1 = yes)."""


@dataclass(frozen=True)
class AnnuityRecords:
    """Annuity records as flat arrays, one element a beneficiary, all of one length ``n``.

    Attributes
    ----------
    claim_id : ndarray of object (str), shape (n,)
        Unique names of the records. May be any array-like with ``len`` and ``take``; the computation
        never reads it.
    product, beneficiary, sex : int8
        Positions in `PRODUCTS`, `BENEFICIARIES`, `SEXES`.
    birth_date, contract_date, accident_date, first_certificate_date, certificate_end,
    entitlement_end, annuity_start_date, next_payment_date, pension_date : int32
        Days since 1970-01-01, `NO_DATE` where empty. ``annuity_start_date`` is never empty (a reader
        fills the documented default, ``next_payment_date``).
    degree_of_loss, first_degree_of_loss : int16 [percent]
        Whole percent, `NO_DEGREE` where empty; ``first_degree_of_loss`` defaults to ``degree_of_loss``.
    average_monthly_earnings, social_payment, current_monthly_payment, remaining_insured_sum,
    expenses_paid : int64 [tiyn]
        `NO_AMOUNT` where empty; ``expenses_paid`` defaults to 0.
    share : float64 [1]
        Survivor's share of the capped earnings, NaN where empty.
    pension_stop, pension_contribution_exempt : int8
        0 no, 1 yes, `NO_ANSWER` where empty.
    """

    claim_id: object
    product: NDArray[np.int8]
    beneficiary: NDArray[np.int8]
    sex: NDArray[np.int8]
    birth_date: NDArray[np.int32]
    contract_date: NDArray[np.int32]
    accident_date: NDArray[np.int32]
    first_certificate_date: NDArray[np.int32]
    certificate_end: NDArray[np.int32]
    degree_of_loss: NDArray[np.int16]
    first_degree_of_loss: NDArray[np.int16]
    average_monthly_earnings: NDArray[np.int64]
    social_payment: NDArray[np.int64]
    current_monthly_payment: NDArray[np.int64]
    share: NDArray[np.float64]
    entitlement_end: NDArray[np.int32]
    annuity_start_date: NDArray[np.int32]
    next_payment_date: NDArray[np.int32]
    remaining_insured_sum: NDArray[np.int64]
    pension_contribution_exempt: NDArray[np.int8]
    pension_date: NDArray[np.int32]
    expenses_paid: NDArray[np.int64]
    pension_stop: NDArray[np.int8]

    def __len__(self) -> int:
        """Return the number of records."""
        return int(self.product.shape[0])

    def rows(self, start: int, stop: int) -> AnnuityRecords:
        """Records ``start … stop`` as views, without their names."""
        arrays = {
            field.name: getattr(self, field.name)[start:stop]
            for field in fields(self)
            if field.name != "claim_id"
        }
        return AnnuityRecords(claim_id=None, **arrays)

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths or kinds: a mix-up must not reach a kernel."""
        n = len(self)
        for field in fields(self):
            if field.name == "claim_id":
                continue
            array = getattr(self, field.name)
            if array.shape != (n,):
                raise ValueError(f"AnnuityRecords.{field.name} has shape {array.shape}, expected ({n},)")
