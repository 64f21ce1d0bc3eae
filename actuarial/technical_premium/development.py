"""What claims of recent years still have before them: triangles by kind, chain-ladder factors, trends.

Occupational diseases have a triangle of their own, by the date of the diagnosis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actuarial.claim_record import KINDS, ClaimRecords
from actuarial.language import text
from actuarial.technical_premium.assumption import Development, TechnicalPremiumError, Trend
from actuarial.technical_premium.experience import TIYN, ExperienceYears

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class ChainLadder:
    """Volume-weighted development of a triangle with n ages.

    Attributes
    ----------
    factors : float64 (n - 1,)
        From each age to the next; 1 where the earlier ages hold nothing.
    to_ultimate : float64 (n,)
        From each age to the end, the tail included.
    is_empty : bool (n - 1,)
        Factors that had nothing to be estimated from.
    """

    factors: Float64
    to_ultimate: Float64
    is_empty: NDArray[np.bool_]


@dataclass(frozen=True)
class KindDevelopment:
    """Development of one kind of claim.

    Attributes
    ----------
    counts, amounts : float64 (n, n)
        Cumulative triangles by experience year and age [claims], [KZT]; NaN where the future is.
    count_factor, amount_factor : float64 (n,)
        From what is known of each experience year to its ultimate.
    notes : tuple of str
    """

    counts: Float64
    amounts: Float64
    count_factor: Float64
    amount_factor: Float64
    notes: tuple[str, ...]


def chain_ladder(triangle: ArrayLike, *, tail: float = 1.0) -> ChainLadder:
    """Return the volume-weighted chain-ladder factors of a cumulative triangle.

    ``f_a = Σ_j C_{j,a+1} / Σ_j C_{j,a}`` over the years whose next age is known.

    Parameters
    ----------
    triangle : array_like, shape (n, n)
        Years by ages, NaN where not yet known.
    tail : float
        From the last age to the end.

    References
    ----------
    Mack: Distribution-free calculation of the standard error of chain ladder reserve estimates, ASTIN
    Bulletin 23 (1993).

    Examples
    --------
    >>> chain_ladder([[100.0, 150.0], [110.0, float("nan")]]).to_ultimate.tolist()
    [1.5, 1.0]
    """
    cumulative = np.asarray(triangle, dtype=np.float64)
    n = cumulative.shape[1]
    factors, is_empty = np.ones(n - 1), np.zeros(n - 1, dtype=np.bool_)
    for age in range(n - 1):
        known = ~np.isnan(cumulative[:, age + 1])
        before, after = cumulative[known, age].sum(), cumulative[known, age + 1].sum()
        if before > 0 and after > 0:
            factors[age] = after / before
        else:
            is_empty[age] = True
    to_ultimate = np.ones(n) * tail
    for age in range(n - 2, -1, -1):
        to_ultimate[age] = to_ultimate[age + 1] * factors[age]
    return ChainLadder(factors, to_ultimate, is_empty)


def developments(
    years: ExperienceYears, claims: ClaimRecords, development: Development
) -> tuple[KindDevelopment, ...]:
    """Return the development of each kind, in the order of `actuarial.claim_record.KINDS`.

    Raises
    ------
    TechnicalPremiumError
        E4715 given factors that are fewer than the years need.
    """
    return tuple(_of_kind(years, claims, development, kind) for kind in range(len(KINDS)))


def _of_kind(
    years: ExperienceYears, claims: ClaimRecords, development: Development, kind: int
) -> KindDevelopment:
    counts, amounts = triangles(years, claims, kind)
    n = years.n_years
    name = KINDS[kind]
    if development.choice == "none":
        return KindDevelopment(counts, amounts, np.ones(n), np.ones(n), ())
    if development.choice == "given":
        of_counts, of_amounts = (
            next((factors for kind_key, factors in given.items() if kind_key == name), [])
            for given in (development.counts, development.amounts)
        )
        return KindDevelopment(counts, amounts, _given(of_counts, n, name), _given(of_amounts, n, name), ())
    notes = []
    ladders = (
        chain_ladder(counts, tail=development.tail_counts),
        chain_ladder(amounts, tail=development.tail_amounts),
    )
    for what, ladder in zip((text("numbers"), text("amounts")), ladders, strict=True):
        if ladder.is_empty.any():
            ages = ", ".join(str(age + 1) for age in np.flatnonzero(ladder.is_empty))
            notes.append(
                text(
                    "{name}: no {what} to develop from age {ages}: a factor of 1 is taken; give factors "
                    "if more is to come",
                    name=name,
                    what=what,
                    ages=ages,
                )
            )
    # the age of experience year j is n - j: the oldest is fully aged
    count_factor, amount_factor = (ladder.to_ultimate[::-1] for ladder in ladders)
    return KindDevelopment(counts, amounts, count_factor.copy(), amount_factor.copy(), tuple(notes))


def _given(factors: list[float], n: int, name: str) -> Float64:
    """To-ultimate factors by experience year from given ones by age, the first age first."""
    if not factors:
        return np.ones(n)
    if len(factors) < n:
        raise TechnicalPremiumError(
            "E4715",
            "development of {name}: factors for {n_factors} of {n} ages; give the factor to the end from "
            "each age 1, 2, … years",
            name=name,
            n_factors=len(factors),
            n=n,
        )
    return np.array(factors[:n][::-1])


def triangles(years: ExperienceYears, claims: ClaimRecords, kind: int) -> tuple[Float64, Float64]:
    """Cumulative numbers reported, and paid plus case estimates [KZT], by experience year and age."""
    n = years.n_years
    counts, amounts = np.zeros((n, n)), np.zeros((n, n))
    of_kind = years.kind == kind
    position = np.full(len(claims), -1, dtype=np.int64)
    position[years.claim[of_kind]] = years.year[of_kind]
    report = np.searchsorted(years.bounds, claims.report_date, side="right") - 1
    mine = np.flatnonzero(position >= 0)
    np.add.at(counts, (position[mine], report[mine] - position[mine]), 1.0)
    moved = position[claims.movement_claim]
    rows = np.flatnonzero(moved >= 0)
    period = np.searchsorted(years.bounds, claims.movement_date[rows], side="right") - 1
    change = (claims.paid[rows] + claims.case_estimate_change[rows]) / TIYN
    np.add.at(amounts, (moved[rows], period - moved[rows]), change)
    future = np.add.outer(np.arange(n), np.arange(n)) >= n
    result = []
    for triangle in (counts, amounts):
        cumulative = np.cumsum(triangle, axis=1)
        cumulative[future] = np.nan
        result.append(cumulative)
    return result[0], result[1]


@dataclass(frozen=True)
class FittedTrend:
    """Growth a year of a figure over the experience years.

    Attributes
    ----------
    rate : float
    standard_error : float
        Of log(1 + rate); 0 where the rate is given or none.
    choice : str
    note : str
    """

    rate: float
    standard_error: float
    choice: str
    note: str = ""


def trend(values: Float64, weights: Float64, asked: Trend, what: str) -> FittedTrend:
    """Return the growth a year: given, none, or the weighted log-linear regression of values on years.

    Parameters
    ----------
    values : float64 (n,)
        Yearly figures, oldest first; years without weight are not looked at.
    weights : float64 (n,)
    asked : Trend
    what : str
        Name of the figure for notes.
    """
    if asked.choice != "fitted":
        return FittedTrend(asked.rate or 0.0, 0.0, asked.choice)
    known = (weights > 0) & (values > 0)
    if known.sum() < 3:
        note = text(
            "trend of {what}: {known} years with data, three are needed: no trend is taken",
            what=what,
            known=int(known.sum()),
        )
        return FittedTrend(0.0, 0.0, "none", note)
    t = np.arange(len(values), dtype=np.float64)[known]
    y, w = np.log(values[known]), weights[known] / weights[known].sum()
    middle = (w * t).sum()
    spread = (w * (t - middle) ** 2).sum()
    slope = float((w * (t - middle) * y).sum() / spread)
    residual = y - (w * y).sum() - slope * (t - middle)
    variance = float((w * residual**2).sum()) / (known.sum() - 2)
    return FittedTrend(float(np.expm1(slope)), float(np.sqrt(variance / spread)), "fitted")
