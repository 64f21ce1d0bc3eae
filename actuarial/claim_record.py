"""A checked book with its claims: what happened, and every payment and change of estimate since."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from actuarial.language import text
from actuarial.premium.book import BookLaw
from actuarial.premium.record import ContractRecords

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]

KINDS = ("injury", "occupational_disease", "death")
KIND_NAMES = (text("injury"), text("occupational disease"), text("death"))
"""`KINDS` in words."""
"""Kinds of insured events; a number in the records is the position here."""
OCCUPATIONAL_DISEASE = KINDS.index("occupational_disease")


@dataclass(frozen=True)
class ClaimRecords:
    """Claims as flat arrays, k claims with m movements.

    Attributes
    ----------
    claim_id : array of str, shape (k,)
        Any array-like with ``len``; the computation never reads it.
    contract : int64 (k,)
        Position of the contract in the book's `actuarial.premium.record.ContractRecords`.
    part : int64 (k,)
        Position of a part of that contract with the claim's class.
    risk_class : int64 (k,)
    kind : int8 (k,)
        Position in `KINDS`.
    event_date : int32 (k,)
        Accident; diagnosis of an occupational disease. Days since 1970-01-01.
    report_date : int32 (k,)
    movement_claim : int64 (m,)
        Position of the claim of each movement.
    movement_date : int32 (m,)
    paid, case_estimate_change : int64 (m,) [tiyn]
        May be negative.
    """

    claim_id: object
    contract: Int64
    part: Int64
    risk_class: Int64
    kind: NDArray[np.int8]
    event_date: Int32
    report_date: Int32
    movement_claim: Int64
    movement_date: Int32
    paid: Int64
    case_estimate_change: Int64

    def __len__(self) -> int:
        """Return the number of claims."""
        return int(self.contract.shape[0])

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths: a mix-up must not reach a kernel."""
        of_movement = ("movement_claim", "movement_date", "paid", "case_estimate_change")
        for field in fields(self):
            size = self.movement_claim.shape[0] if field.name in of_movement else len(self)
            if field.name != "claim_id" and getattr(self, field.name).shape != (size,):
                raise ValueError(f"ClaimRecords.{field.name} has another length than its fellows")

    def incurred(self, before: int | None = None) -> Int64:
        """Paid plus case estimate of each claim from the movements before a day, int64 (k,) [tiyn]."""
        amounts = self.paid + self.case_estimate_change
        total = np.zeros(len(self), dtype=np.int64)
        inside = slice(None) if before is None else self.movement_date < before
        np.add.at(total, self.movement_claim[inside], amounts[inside])
        return total


@dataclass(frozen=True)
class BookExperience:
    """A checked book of n contracts with m parts, and the claims on it.

    Attributes
    ----------
    records : ContractRecords
    claims : ClaimRecords
        Events and movements before the valuation date.
    cover_end : int32 (n,)
        First day no longer covered: after ``end_date``, or after an earlier termination.
    policyholder : int64 (n,)
        Number of the policyholder: contracts of one БИН (one name where there is none) belong together.
    policyholder_name, policyholder_bin : tuple of str
        By that number; an empty БИН where the file has none.
    part_workers : int64 (m,)
        Headcount of each part; shared out by payroll where only the contract's is known, `NO_COUNT` where
        nothing is.
    activity : tuple of str, (m,)
        Five-digit code of each part, empty where the file has none.
    region : tuple of str, (m,), or None
    law : BookLaw
        Notes the entries of the law used.
    choices : dict of str to str
        Of `actuarial.premium.choice.CHOICES`.
    """

    records: ContractRecords
    claims: ClaimRecords
    cover_end: Int32
    policyholder: Int64
    policyholder_name: tuple[str, ...]
    policyholder_bin: tuple[str, ...]
    part_workers: Int64
    activity: tuple[str, ...]
    region: tuple[str, ...] | None
    law: BookLaw
    choices: dict[str, str]
