"""The law's correction coefficient beside the experience modification, contract by contract, and their tests.

Each contract of a test year is rated on what was known before the year and tested on what happened later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actuarial.experience_rating.assumption import RatingBasis
from actuarial.experience_rating.experience import EPOCH, RatingBook, YearExperience, experience
from actuarial.experience_rating.lift import (
    DECILES,
    OrderedLorenz,
    QuantileTest,
    ordered_lorenz,
    quantile_test,
)
from actuarial.experience_rating.modification import RatingError
from actuarial.language import number, text
from actuarial.money import TIYN
from actuarial.premium.book import CLASSES, BookPremium
from actuarial.premium.record import NO_COUNT, calendar_years

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

LAW, EXPERIENCE = "law", "experience"
RATINGS = (LAW, EXPERIENCE)
SCORE = "score"
NO_EXPERIENCE = text("no experience")


@dataclass(frozen=True)
class RatedContracts:
    """The contracts of the test years, u of them in the order of year and contract_id.

    Attributes
    ----------
    year : int64 (u,)
    contract : int64 (u,)
        Position in the `RatingBook`.
    main_class : int64 (u,)
        Class of the part with the largest tariff premium.
    expected_losses : float64 (u,) [KZT]
        Of the policyholder over the experience period.
    base_premium, law_premium, experience_premium : int64 (u,) [tiyn]
        By article 17; with the law's coefficient and discount; with the modification, balanced so that all of
        a year's contracts together pay what they pay by the law.
    law_factor, modification : float64 (u,) [1]
    history_known : bool (u,)
        Whether the law's coefficient could be computed; it counts as 1 otherwise.
    has_experience : bool (u,)
    score : float64 (u,)
        NaN where none was given.
    earned_share : float64 (u,) [1]
        Part of the cover before the valuation date.
    loss : int64 (u,) [tiyn]
        Incurred on the contract by the valuation date, claims limited as in the experience.
    """

    year: Int64
    contract: Int64
    main_class: Int64
    expected_losses: Float64
    base_premium: Int64
    law_premium: Int64
    experience_premium: Int64
    law_factor: Float64
    modification: Float64
    history_known: Bool
    has_experience: Bool
    score: Float64
    earned_share: Float64
    loss: Int64

    def __len__(self) -> int:
        """Number of contracts."""
        return int(self.year.shape[0])

    def earned(self, premium: Int64) -> Float64:
        """Part of a premium earned by the valuation date [KZT]."""
        return premium / TIYN * self.earned_share

    def difference(self) -> Int64:
        """Premium of the law minus premium by experience [tiyn]: above 0 pays too much by the law."""
        return self.law_premium - self.experience_premium


@dataclass(frozen=True)
class Group:
    """Sums over some of the contracts.

    Attributes
    ----------
    name : str
    n_contracts : int
    base_premium, law_premium, experience_premium : int [tiyn]
        Whole premiums.
    earned : dict of str to float [KZT]
        Earned part of each, by ``base``, ``law``, ``experience``.
    loss : int [tiyn]
    """

    name: str
    n_contracts: int
    base_premium: int
    law_premium: int
    experience_premium: int
    earned: dict[str, float]
    loss: int

    def loss_ratio(self, premium: str) -> float | None:
        """Losses over earned premium; None without premium."""
        return self.loss / TIYN / self.earned[premium] if self.earned[premium] > 0.0 else None


@dataclass(frozen=True)
class RatingComparison:
    """Everything the comparison found.

    Attributes
    ----------
    experiences : tuple of YearExperience
        One a test year.
    contracts : RatedContracts
    groups : dict of str to tuple of Group
        By ``law_factor``, ``risk_class``, ``size``, ``modification`` and ``year``; each adds up to ``total``.
    total : Group
    quintile, decile : dict of str to QuantileTest
        By rating; also by ``score`` where one was given.
    lorenz : dict of (str, str) to OrderedLorenz
        By (base, score): losses ordered by the score's premium over the base's. Bases are ``base``, ``law``
        and ``experience``; (``base``, ``score``) where a score was given.
    """

    experiences: tuple[YearExperience, ...]
    contracts: RatedContracts
    groups: dict[str, tuple[Group, ...]]
    total: Group
    quintile: dict[str, QuantileTest]
    decile: dict[str, QuantileTest]
    lorenz: dict[tuple[str, str], OrderedLorenz]


def compare_ratings(
    book: RatingBook,
    premium: BookPremium,
    basis: RatingBasis,
    scores: Mapping[str, float] | None = None,
) -> RatingComparison:
    """Rate the contracts of the test years by the law and by experience, and test both on their losses.

    Parameters
    ----------
    book : RatingBook
    premium : BookPremium
        Of the records the book was made of, in their order.
    basis : RatingBasis
    scores : mapping of str to float, optional
        A score by contract_id, such as the total occupational risk: higher should mean worse.

    Raises
    ------
    RatingError
        E4816 no contract in a test year; E4818 scores, and none of a contract tested; E4811, E4814, E4815
        from the parts.
    CredibilityError
        Too little data for the credibility asked for.
    """
    experiences = tuple(experience(book, basis, year) for year in basis.assumptions.test_years)
    contracts = _rated(book, premium, basis, experiences, scores or {})
    earned = {
        "base": contracts.earned(contracts.base_premium),
        LAW: contracts.earned(contracts.law_premium),
        EXPERIENCE: contracts.earned(contracts.experience_premium),
    }
    loss = contracts.loss / TIYN
    factors = {LAW: contracts.law_factor, EXPERIENCE: contracts.modification}
    quintile = {name: quantile_test(factor, earned["base"], loss) for name, factor in factors.items()}
    decile = {name: quantile_test(factor, earned["base"], loss, DECILES) for name, factor in factors.items()}
    lorenz = {
        ("base", LAW): ordered_lorenz(factors[LAW], earned["base"], loss),
        ("base", EXPERIENCE): ordered_lorenz(factors[EXPERIENCE], earned["base"], loss),
        (LAW, EXPERIENCE): ordered_lorenz(factors[EXPERIENCE] / factors[LAW], earned[LAW], loss),
        (EXPERIENCE, LAW): ordered_lorenz(factors[LAW] / factors[EXPERIENCE], earned[EXPERIENCE], loss),
    }
    scored = ~np.isnan(contracts.score)
    if scores is not None and not scored.any():
        raise RatingError(
            "E4818",
            "none of the {n_contracts} contracts of the test years has a score: {n_scores} scores are "
            "given; their contract_id must be the book's",
            n_contracts=len(contracts),
            n_scores=len(scores),
        )
    if scored.any():
        own = contracts.score[scored], earned["base"][scored], loss[scored]
        flat = np.ones(int(scored.sum()))
        quintile[SCORE] = quantile_test(*own, multiplier=flat)
        decile[SCORE] = quantile_test(*own, DECILES, multiplier=flat)
        lorenz["base", SCORE] = ordered_lorenz(*own)
    groups = {
        name: tuple(_group(contracts, earned, label, rows) for label, rows in parts)
        for name, parts in _partitions(contracts).items()
    }
    everything = np.ones(len(contracts), dtype=np.bool_)
    total = _group(contracts, earned, text("all"), everything)
    return RatingComparison(experiences, contracts, groups, total, quintile, decile, lorenz)


def _rated(
    book: RatingBook,
    premium: BookPremium,
    basis: RatingBasis,
    experiences: tuple[YearExperience, ...],
    scores: Mapping[str, float],
) -> RatedContracts:
    """The contracts of the test years with all their factors."""
    signed = calendar_years(book.contract_date)
    valued_on = basis.assumptions.valuation_date.toordinal() - EPOCH
    limited = np.maximum(book.claims.incurred(valued_on), 0)
    if basis.claim_limit is not None:
        limited = np.minimum(limited, basis.claim_limit)
    losses = np.zeros(len(book.contract_id), dtype=np.int64)
    np.add.at(losses, book.claim_contract, limited)
    main = _main_class(book)
    found: dict[str, list[NDArray[np.generic]]] = {}
    for own in experiences:
        rows = np.flatnonzero((signed == own.year) & (book.start_date < valued_on))
        if not rows.size:
            raise RatingError(
                "E4816",
                "no contract of {year} had begun before {valuation_date}: take another of test_years, or a "
                "later valuation_date",
                year=own.year,
                valuation_date=basis.assumptions.valuation_date,
            )
        at = book.position[rows]
        base, by_law = premium.article_17_premium[at], premium.premium[at]
        factor = own.modification[book.policyholder[rows]]
        days = (np.minimum(book.cover_end[rows], valued_on) - book.start_date[rows]).astype(np.float64)
        columns = {
            "year": np.full(rows.size, own.year),
            "contract": rows,
            "main_class": main[rows],
            "expected_losses": own.losses.expected[book.policyholder[rows]],
            "base_premium": base,
            "law_premium": by_law,
            "experience_premium": shared_out(int(by_law.sum()), base * factor),
            "law_factor": by_law / base,
            "modification": factor,
            "history_known": premium.correction_coefficient[at] != NO_COUNT,
            "has_experience": own.has_experience[book.policyholder[rows]],
            "score": np.array([scores.get(book.contract_id[i], np.nan) for i in rows.tolist()]),
            "earned_share": days / (book.cover_end[rows] - book.start_date[rows]),
            "loss": losses[rows],
        }
        for name, column in columns.items():
            found.setdefault(name, []).append(column)
    return RatedContracts(**{name: np.concatenate(columns) for name, columns in found.items()})


def shared_out(total: int, weights: Float64) -> Int64:
    """Share out whole tiyn in proportion to weights; what rounding leaves goes to the largest remainders.

    Parameters
    ----------
    total : int [tiyn]
    weights : float64 (n,)
        Not negative, with a sum above 0.

    Returns
    -------
    int64 (n,) [tiyn]
        They add up to the total.
    """
    exact = weights * (total / float(weights.sum()))
    shares: Int64 = np.floor(exact).astype(np.int64)
    left = total - int(shares.sum())
    # floats may miss the total by more than one a share: the rest is spread evenly first
    each, rest = divmod(left, shares.size)
    shares += each
    shares[np.argsort(-(exact - np.floor(exact)), kind="stable")[:rest]] += 1
    return shares


def _main_class(book: RatingBook) -> Int64:
    """Class of the part with the largest tariff premium; of equal ones the highest."""
    order = np.lexsort((book.part_class, book.part_tariff, book.part_contract))
    owners = book.part_contract[order]
    last = np.append(np.flatnonzero(np.diff(owners)), owners.size - 1)
    result = np.zeros(len(book.contract_id), dtype=np.int64)
    result[owners[last]] = book.part_class[order][last]
    return result


def _partitions(contracts: RatedContracts) -> dict[str, list[tuple[str, Bool]]]:
    """Ways to part the contracts: named masks, none of them empty."""
    factor, m = contracts.law_factor, contracts.modification
    by_law: list[tuple[str, Bool]] = [
        (text("history unknown"), ~contracts.history_known),
        (text("discount"), contracts.history_known & (factor < 1.0)),
        (number(1, 2), contracts.history_known & (factor == 1.0)),
        (text("above 1.00"), contracts.history_known & (factor > 1.0)),
    ]
    by_modification: list[tuple[str, Bool]] = [
        (NO_EXPERIENCE, ~contracts.has_experience),
        (text("below 0.90"), contracts.has_experience & (m < 0.9)),
        (text("0.90 to 1.10"), contracts.has_experience & (m >= 0.9) & (m <= 1.1)),
        (text("above 1.10"), contracts.has_experience & (m > 1.1)),
    ]
    by_class = [(str(c), contracts.main_class == c) for c in range(1, CLASSES + 1)]
    by_year = [(str(year), contracts.year == year) for year in np.unique(contracts.year).tolist()]
    known = contracts.has_experience
    bounds = np.quantile(contracts.expected_losses[known], (1 / 3, 2 / 3)) if known.any() else (0.0, 0.0)
    size = np.searchsorted(np.asarray(bounds), contracts.expected_losses, side="left")
    by_size: list[tuple[str, Bool]] = [(NO_EXPERIENCE, ~known)]
    by_size += [
        (name, known & (size == k)) for k, name in enumerate((text("small"), text("medium"), text("large")))
    ]
    parts = {
        "law_factor": by_law,
        "modification": by_modification,
        "size": by_size,
        "risk_class": by_class,
        "year": by_year,
    }
    return {name: [(label, rows) for label, rows in masks if rows.any()] for name, masks in parts.items()}


def _group(contracts: RatedContracts, earned: Mapping[str, Float64], name: str, rows: Bool) -> Group:
    return Group(
        name,
        int(rows.sum()),
        int(contracts.base_premium[rows].sum()),
        int(contracts.law_premium[rows].sum()),
        int(contracts.experience_premium[rows].sum()),
        {key: float(column[rows].sum()) for key, column in earned.items()},
        int(contracts.loss[rows].sum()),
    )


def largest_differences(contracts: RatedContracts, most: int) -> tuple[Int64, Int64]:
    """Positions of the contracts that pay most too much, and most too little, by the law.

    Returns
    -------
    too_much, too_little : int64 [positions in ``contracts``]
        Largest first, at most ``most`` each.
    """
    difference = contracts.difference()
    order = np.argsort(-difference, kind="stable")
    too_much = order[: int((difference > 0).sum())][:most]
    reverse = np.argsort(difference, kind="stable")
    too_little = reverse[: int((difference < 0).sum())][:most]
    return too_much, too_little
