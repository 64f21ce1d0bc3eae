"""Additional expenses of one injured worker: claims in order of time against the cap.

OSNS Law art 19(2): on documents, cumulative, at most so many monthly indices by the band of the *first*
certified degree; nothing that free guaranteed care or compulsory medical insurance covers. Art 19(2-1): one
sanatorium course outside that cap. Voluntary rules 33-37; Labour Code art 122(3) for the employer. Earlier
editions: a lump sum once (2010), actual expenses up to the insured sum (2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from actuarial.claim.case import Case, CaseError, LawNotes
from actuarial.language import text
from actuarial.money import exact_tiyn, tenge_text
from actuarial.record import BANDS

KINDS = (
    "treatment",
    "nutrition",
    "medicine",
    "prosthesis",
    "care",
    "sanatorium",
    "vehicle",
    "retraining",
    "other",
)
"""Kinds of additional expenses named by the ministry's letter of 25.05.2023, and the rest."""
SANATORIUM = "sanatorium"
COVERS = ("none", "guaranteed_care", "medical_insurance")
"""Who else pays for the care."""


@dataclass(frozen=True, slots=True)
class Bill:
    """One claim for additional expenses.

    Attributes
    ----------
    number : int
        Place in the list, 1 for the first.
    date : date
        Day of payment (of the claim's settlement).
    amount : Decimal [KZT]
    kind : str
    covered_by : str
    documents : bool
    note : str
    """

    number: int
    date: date
    amount: Decimal
    kind: str = "other"
    covered_by: str = "none"
    documents: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What became of one bill [tiyn].

    Attributes
    ----------
    bill : Bill
    cap : int
        On the day of the bill, nothing deducted.
    left_before, paid, refused, left_after : int
    reason : str
        Why something is refused, by name: no_documents, guaranteed_care, medical_insurance, over_cap,
        second_course, before_certificate, lump_sum_paid, no_cover; empty when all is paid.
    article : str
    """

    bill: Bill
    cap: int
    left_before: int
    paid: int
    refused: int
    left_after: int
    reason: str
    article: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one worker.

    Attributes
    ----------
    rule : str
        capped, lump_sum, actual_up_to_insured_sum.
    band : str
        Of the first degree.
    lump_sum : int [tiyn]
        Due once under the edition of 2010, otherwise 0.
    lump_sum_index : Decimal or None
    lines : tuple of LedgerLine
        In order of time.
    paid_before : int [tiyn]
        ``expenses_paid`` of the case.
    """

    rule: str
    band: str
    lump_sum: int
    lump_sum_index: Decimal | None
    lines: tuple[LedgerLine, ...]
    paid_before: int

    @property
    def paid(self) -> int:
        """Paid for the bills [tiyn]."""
        return sum(line.paid for line in self.lines)

    @property
    def refused(self) -> int:
        """Refused of the bills [tiyn]."""
        return sum(line.refused for line in self.lines)


def expense_ledger(case: Case, bills: Sequence[Bill], law: LawNotes) -> Ledger:
    """Settle bills in order of time.

    Parameters
    ----------
    case : Case
        ``first_degree_of_loss`` (default ``degree_of_loss``) sets the cap and no later degree changes it.
    bills : sequence of Bill
        In any order; on one day in the order given.
    law : LawNotes

    Returns
    -------
    Ledger

    Raises
    ------
    CaseError
        E5403 a date or the insured sum that the edition needs is empty.
    ChoiceError
        E5411: the edition of 2010 needs the choice ``lump_sum_index_date``.
    tariffs.NotOnRecord
        An index that is not on record.
    """
    edition = law.value("payout_edition", case.edition_day)
    degree = case.degree_of_loss if case.first_degree_of_loss is None else case.first_degree_of_loss
    if degree is None:
        raise CaseError("E5403", "first_degree_of_loss is empty: the first certified degree sets the cap")
    band = BANDS[int(law.payout.band_of(np.array([degree], dtype=np.int16))[0])]
    rule = str(edition["additional_expenses"]) if case.product == "compulsory" else "capped"
    paid_before = 0 if case.expenses_paid is None else exact_tiyn(case.expenses_paid)
    lump_sum, index = _lump_sum(case, band, law) if rule == "lump_sum" else (0, None)
    settling = _Settling(case, band, rule, bool(edition["sanatorium"]), law, paid_before)
    lines = tuple(settling.line(bill) for bill in sorted(bills, key=lambda bill: (bill.date, bill.number)))
    return Ledger(rule, band, lump_sum, index, lines, paid_before)


def _lump_sum(case: Case, band: str, law: LawNotes) -> tuple[int, Decimal]:
    """Lump sum of the edition of 2010 [tiyn] and the index it is counted in."""
    sums = law.value("additional_expenses_lump_sum", case.edition_day)
    index = law.value("mci", _index_day(case, "lump_sum_index_date", case.payment_day))
    return exact_tiyn(sums[band] * index), index


def _index_day(case: Case, choice: str, payment_date: date) -> date:
    option = case.choices[choice]
    if option == "payment_date":
        return payment_date
    chosen: date | None = getattr(case, option)
    if chosen is None:
        raise CaseError(
            "E5403",
            "{option} is empty: the choice {choice} takes its monthly index",
            option=option,
            choice=choice,
        )
    return chosen


class _Settling:
    """The state of the ledger between two bills."""

    def __init__(
        self, case: Case, band: str, rule: str, has_sanatorium: bool, law: LawNotes, paid_before: int
    ) -> None:
        self.case = case
        self.band = band
        self.rule = rule
        self.separate_sanatorium = has_sanatorium and case.product == "compulsory" and band != BANDS[0]
        self.law = law
        self.spent = paid_before
        self.courses = 0

    def line(self, bill: Bill) -> LedgerLine:
        """Settle one bill."""
        amount = exact_tiyn(bill.amount)
        if bill.kind == SANATORIUM and self.separate_sanatorium:
            return self._sanatorium(bill, amount)
        cap, article = self._cap(bill.date)
        left = max(cap - self.spent, 0)
        if self.rule == "lump_sum":
            return LedgerLine(bill, cap, left, 0, amount, left, "lump_sum_paid", article)
        reason = self._objection(bill) or ("over_cap" if amount > left else "")
        if self.case.product == "compulsory" and self.rule == "capped" and self.band == BANDS[0]:
            reason = "no_cover"
        paid = min(amount, left) if reason in ("", "over_cap") else 0
        self.spent += paid
        return LedgerLine(bill, cap, left, paid, amount - paid, left - paid, reason, article)

    def _sanatorium(self, bill: Bill, amount: int) -> LedgerLine:
        on = self._cap_day(bill.date)
        multiple = self.law.value("sanatorium_cap", on)
        cap = exact_tiyn(multiple * self.law.value("mci", on))
        left = 0 if self.courses else cap
        first = self.case.first_certificate_date
        reason = self._objection(bill)
        if self.courses:
            reason = reason or "second_course"
        elif first is not None and bill.date < first:
            reason = reason or "before_certificate"
        reason = reason or ("over_cap" if amount > left else "")
        paid = min(amount, left) if reason in ("", "over_cap") else 0
        self.courses += paid > 0
        return LedgerLine(
            bill,
            cap,
            left,
            paid,
            amount - paid,
            left if not paid else 0,
            reason,
            text("OSNS Law art 19(2-1)"),
        )

    def _objection(self, bill: Bill) -> str:
        """Why nothing of a bill is paid, whatever is left; empty if nothing stands against it."""
        if not bill.documents:
            return "no_documents"
        if bill.covered_by != "none" and self.case.product != "employer":
            excluded = self.law.value("additional_expenses_exclusion", bill.date)
            if bill.covered_by in excluded:
                return bill.covered_by
        return ""

    def _cap_day(self, payment_date: date) -> date:
        return _index_day(self.case, "expense_index_date", payment_date)

    def _cap(self, on: date) -> tuple[int, str]:
        """Cap on a day [tiyn] and its article."""
        case, law = self.case, self.law
        if case.product == "employer":
            multiple = law.value("employer_expenses_cap", on)
            return exact_tiyn(multiple * law.value("mci", on)), text("Labour Code art 122(3)")
        if case.product == "voluntary":
            first = case.first_certificate_date
            if first is None:
                raise CaseError(
                    "E5403", "first_certificate_date is empty: the voluntary cap takes its monthly index"
                )
            caps = law.value("additional_expenses_cap", first)
            return exact_tiyn(caps[BANDS[0]] * law.value("mci", first)), text("Voluntary rules 33-37")
        if self.rule == "actual_up_to_insured_sum":
            if case.remaining_insured_sum is None:
                raise CaseError(
                    "E5403",
                    "remaining_insured_sum is empty: the edition of 2007 pays expenses up to the insured sum",
                )
            return exact_tiyn(case.remaining_insured_sum), text("OSNS Law art 19 (edition of 2007-05-07)")
        if self.rule == "lump_sum":
            return 0, text("OSNS Law art 19 (edition of 2010-03-19)")
        multiple = law.value("additional_expenses_cap", case.edition_day)[self.band]
        if self.band == BANDS[0]:
            multiple = 0
        return exact_tiyn(multiple * law.value("mci", self._cap_day(on))), text("OSNS Law art 19(2)")


def as_json(ledger: Ledger) -> dict[str, Any]:
    """Return a ledger as plain values; amounts as text in tenge."""
    return {
        "rule": ledger.rule,
        "first_band": ledger.band,
        "lump_sum": tenge_text(ledger.lump_sum),
        "paid_before": tenge_text(ledger.paid_before),
        "paid": tenge_text(ledger.paid),
        "refused": tenge_text(ledger.refused),
        "lines": [
            {
                "number": line.bill.number,
                "date": line.bill.date.isoformat(),
                "kind": line.bill.kind,
                "amount": tenge_text(exact_tiyn(line.bill.amount)),
                "cap": tenge_text(line.cap),
                "left_before": tenge_text(line.left_before),
                "paid": tenge_text(line.paid),
                "refused": tenge_text(line.refused),
                "left_after": tenge_text(line.left_after),
                "reason": line.reason,
                "article": line.article,
            }
            for line in ledger.lines
        ],
    }
