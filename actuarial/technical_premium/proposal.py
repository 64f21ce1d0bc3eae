"""What a proposed table of tariffs would do: the rated contracts priced with other rates, all else equal.

A proposed rate is hypothetical and called so everywhere; the smallest premium, coefficients and discounts
stay the law's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actuarial.claim_record import BookExperience
from actuarial.money import exact_total
from actuarial.premium.book import CLASSES, BookLaw, BookPremium, book_premiums
from actuarial.premium.record import HUNDREDTHS
from actuarial.technical_premium.loading import TechnicalRates
from actuarial.technical_premium.rated_book import RatedBook

Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]

MOST_NAMED = 10
HIGHEST_RATE = HUNDREDTHS // 4
"""A quarter of the payroll: beyond it exact products could leave 64 bits."""


class ProposedLaw(BookLaw):
    """The law of premiums with another table of tariffs, whatever the day of the contract."""

    def __init__(self, proposed: Mapping[int, int]) -> None:
        super().__init__()
        self.rate_unit = HUNDREDTHS
        self._proposed = np.zeros(CLASSES + 1, dtype=np.int64)
        for number, rate in proposed.items():
            self._proposed[number] = rate

    def rates(self, contract_date: NDArray[np.int32], risk_class: Int64) -> Int64:
        """Proposed tariff of each class [1 / rate_unit]."""
        found: Int64 = self._proposed[risk_class]
        return found


@dataclass(frozen=True)
class ProposalEffect:
    """The rated contracts under the law and under the proposal; class figures are of parts.

    Attributes
    ----------
    proposed : int64 (CLASSES,) [hundredths of a percent]
    premium_law, premium_proposed : int64 (CLASSES,) [tiyn]
        Premiums of the parts, which add up to the contracts'.
    expected_claims : float64 (CLASSES,) [KZT]
    total_law, total_proposed : int [tiyn]
    minimum_law, minimum_proposed : int
        Contracts at the smallest premium.
    n_lower, n_equal, n_higher : int
        Contracts that would pay less, the same, more.
    lower_by, higher_by : int [tiyn]
        Sums of what they would pay less or more, both not negative.
    winners, losers : tuple of (contract_id, premium by the law, proposed)
        With the largest changes [tiyn].
    """

    proposed: Int64
    premium_law: Int64
    premium_proposed: Int64
    expected_claims: Float64
    total_law: int
    total_proposed: int
    minimum_law: int
    minimum_proposed: int
    n_lower: int
    n_equal: int
    n_higher: int
    lower_by: int
    higher_by: int
    winners: tuple[tuple[str, int, int], ...]
    losers: tuple[tuple[str, int, int], ...]


def proposal_effect(
    experience: BookExperience,
    rated: RatedBook,
    rates: TechnicalRates,
    proposed: Mapping[int, int],
    *,
    threads: int | None = None,
) -> ProposalEffect:
    """Price the rated contracts with proposed rates.

    Parameters
    ----------
    experience : BookExperience
    rated : RatedBook
    rates : TechnicalRates
    proposed : mapping of class to rate [hundredths of a percent]
        Every class.
    threads : int, optional
    """
    records = experience.records
    premium = book_premiums(records, experience.choices, law=ProposedLaw(proposed), threads=threads)
    before, after = rated.premium.premium[rated.contracts], premium.premium[rated.contracts]
    change = after - before
    ids = records.contract_id
    names = [str(ids[int(i)]) for i in rated.contracts]  # type: ignore[index]

    def largest(sign: int) -> tuple[tuple[str, int, int], ...]:
        at = sorted(np.flatnonzero(sign * change > 0), key=lambda i: (-sign * int(change[i]), names[i]))
        return tuple((names[i], int(before[i]), int(after[i])) for i in at[:MOST_NAMED])

    return ProposalEffect(
        proposed=np.array([proposed[k + 1] for k in range(CLASSES)], dtype=np.int64),
        premium_law=_by_class(records.part_class, rated.premium, rated.part),
        premium_proposed=_by_class(records.part_class, premium, rated.part),
        expected_claims=rates.risk * rated.covered_payroll,
        total_law=exact_total(before),
        total_proposed=exact_total(after),
        minimum_law=int(rated.premium.minimum_applied[rated.contracts].sum()),
        minimum_proposed=int(premium.minimum_applied[rated.contracts].sum()),
        n_lower=int((change < 0).sum()),
        n_equal=int((change == 0).sum()),
        n_higher=int((change > 0).sum()),
        lower_by=-exact_total(change[change < 0]),
        higher_by=exact_total(change[change > 0]),
        winners=largest(-1),
        losers=largest(1),
    )


def _by_class(part_class: Int64, premium: BookPremium, part: Int64) -> Int64:
    total = np.zeros(CLASSES, dtype=np.int64)
    np.add.at(total, part_class[part] - 1, premium.part_premium[part])
    return total
