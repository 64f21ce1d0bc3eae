"""How the payouts of a contract use up its insured sum, and what the policyholder owes.

OSNS Law art 16: every payout reduces the sum; art 19(4): what exceeds it is paid to the insurer at the
policyholder's expense (since 2010-08-09), while the payouts themselves go on. Voluntary rules 14, 17, 39,
47: the contract ends with the sum, and the excess is the policyholder's. How several claims share one sum
is the choice ``exhaustion_order``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from actuarial.claim.case import CaseError, LawNotes
from actuarial.claim.choice import Choices
from actuarial.money import exact_tiyn, tenge_text

Day = date


@dataclass(frozen=True, slots=True)
class Payout:
    """One payout of a contract.

    Attributes
    ----------
    number : int
        Place in the list, 1 for the first.
    date : date
        Day of payment.
    claim_id : str
    amount : Decimal [KZT]
    accident_date : date or None
        Needed by the order of claims.
    """

    number: int
    date: Day
    claim_id: str
    amount: Decimal
    accident_date: Day | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """What one payout took of the sum [tiyn]: from the sum, and beyond it."""

    payout: Payout
    from_sum: int
    excess: int
    left_after: int


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """How a sum was used.

    Attributes
    ----------
    insured_sum : int [tiyn]
    uses : tuple of Use
        In the order in which the sum was used.
    order : str
    who_pays_excess : str
        insurer_recovers (compulsory) or policyholder (voluntary).
    """

    insured_sum: int
    uses: tuple[Use, ...]
    order: str
    who_pays_excess: str

    @property
    def left(self) -> int:
        """What is left of the sum [tiyn]."""
        return self.insured_sum - sum(use.from_sum for use in self.uses)

    @property
    def owed(self) -> int:
        """What the policyholder owes [tiyn]: to the insurer (compulsory) or to the injured (voluntary)."""
        return sum(use.excess for use in self.uses)

    def by_claim(self) -> dict[str, tuple[int, int]]:
        """From the sum and beyond it [tiyn], by claim."""
        totals: dict[str, tuple[int, int]] = {}
        for use in self.uses:
            inside, beyond = totals.get(use.payout.claim_id, (0, 0))
            totals[use.payout.claim_id] = inside + use.from_sum, beyond + use.excess
        return totals


def exhaustion(
    insured_sum: Decimal, payouts: Sequence[Payout], product: str, choices: Choices, law: LawNotes
) -> Exhaustion:
    """Use a contract's sum for its payouts.

    Parameters
    ----------
    insured_sum : Decimal [KZT]
    payouts : sequence of Payout
    product : {'compulsory', 'voluntary'}
    choices : Choices
        ``exhaustion_order``: payment_order by day of payment, claim_order by day of accident, pro_rata every
        payout in proportion to its amount.
    law : LawNotes

    Returns
    -------
    Exhaustion
        Each payout splits into a part from the sum and an excess, in whole tiyn; the parts add up to the
        payouts, and the parts from the sum to at most the sum.

    Raises
    ------
    CaseError
        E5403 the order of claims without an accident date.
    tariffs.NotOnRecord
        An excess on a day for which no rule on the recovery is on record.
    """
    order = choices["exhaustion_order"]
    total = exact_tiyn(insured_sum)
    if order == "claim_order":
        missing = [str(p.number) for p in payouts if p.accident_date is None]
        if missing:
            raise CaseError(
                "E5403",
                "insured_sum.payouts {numbers}: accident_date is empty; the choice "
                "exhaustion_order: claim_order needs it",
                numbers=", ".join(missing),
            )
        ordered = sorted(payouts, key=lambda p: (p.accident_date or p.date, p.claim_id, p.date, p.number))
    else:
        ordered = sorted(payouts, key=lambda p: (p.date, p.number))
    amounts = [exact_tiyn(p.amount) for p in ordered]
    inside = _pro_rata(total, amounts) if order == "pro_rata" else _in_turn(total, amounts)
    uses = []
    left = total
    for payout, amount, taken in zip(ordered, amounts, inside, strict=True):
        left -= taken
        if amount > taken and product == "compulsory":
            law.value("excess_recovered_from_policyholder", payout.date)
        uses.append(Use(payout, taken, amount - taken, left))
    who = "insurer_recovers" if product == "compulsory" else "policyholder"
    return Exhaustion(total, tuple(uses), order, who)


def _in_turn(total: int, amounts: Sequence[int]) -> list[int]:
    taken = []
    for amount in amounts:
        taken.append(min(amount, total))
        total -= taken[-1]
    return taken


def _pro_rata(total: int, amounts: Sequence[int]) -> list[int]:
    """Shares of the sum in whole tiyn that add up to it: each ends where its cumulative share rounds down."""
    wanted = sum(amounts)
    if wanted <= total:
        return list(amounts)
    edges, running = [0], 0
    for amount in amounts:
        running += amount
        edges.append(int(Fraction(total * running, wanted)))
    return [b - a for a, b in pairwise(edges)]


def as_json(result: Exhaustion) -> dict[str, Any]:
    """Return the use of a sum as plain values; amounts as text in tenge."""
    return {
        "insured_sum": tenge_text(result.insured_sum),
        "order": result.order,
        "left": tenge_text(result.left),
        "policyholder_owes": tenge_text(result.owed),
        "who_pays_excess": result.who_pays_excess,
        "by_claim": {
            claim: {"from_sum": tenge_text(inside), "excess": tenge_text(beyond)}
            for claim, (inside, beyond) in result.by_claim().items()
        },
        "lines": [
            {
                "number": use.payout.number,
                "date": use.payout.date.isoformat(),
                "claim_id": use.payout.claim_id,
                "amount": tenge_text(exact_tiyn(use.payout.amount)),
                "from_sum": tenge_text(use.from_sum),
                "excess": tenge_text(use.excess),
                "left_after": tenge_text(use.left_after),
            }
            for use in result.uses
        ],
    }
