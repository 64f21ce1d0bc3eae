"""The payments of one record in either measure: states, chances, amounts, values.

Occupancies come from the kernels that value the portfolio; nothing is modelled a second time. What is new
here is that nothing is added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from actuarial.kernels import annuity
from actuarial.payment_schedule import full_years
from actuarial.payout_law import calendar_date
from actuarial.projection import NOTHING_LEFT, SMALLEST_SURVIVORS, Projection
from actuarial.record import BANDS

Float = NDArray[np.float64]

OWN = "own"
STATES = (OWN, *BANDS)
"""Own degree held without a break, then the representative degree of each band."""


@dataclass(frozen=True)
class Review:
    """A payment at which certificates end and a matrix acts before it.

    Attributes
    ----------
    payment : int
    years : int
        Completed years since the first certificate.
    matrix : int
        Position of the matrix that acts.
    due : float64 (5,) [1]
        Chance to come up for review there, by state (`STATES`).
    """

    payment: int
    years: int
    matrix: int
    due: Float


@dataclass(frozen=True)
class Measure:
    """The payments of one measure; n of them, not rounded.

    Attributes
    ----------
    part : float64 (n,) [1]
        Of a whole month.
    part_days : (int, int) [days]
        The last part exactly: days paid, days of the month.
    occupancy : float64 (5, n) [1]
        Chance to be alive in each state (`STATES`) on the day of the payment.
    chain : float64 (5, n) [1]
        The same without mortality: what uses up the insured sum.
    covered : float64 (n,) [1]
        Share of the payment inside the remaining insured sum.
    payment : float64 (n,) [KZT]
        Expected amount, nominal, before the insured sum ends it.
    paid, present_value, recovery : float64 (n,) [KZT]
        What is paid, its value on the valuation date, and the value of what exceeds the insured sum in it.
    made : float64 (n,) [1]
        Chance that a payment above 0 is made.
    """

    part: Float
    part_days: tuple[int, int]
    occupancy: Float
    chain: Float
    covered: Float
    payment: Float
    paid: Float
    present_value: Float
    recovery: Float
    made: Float

    def __len__(self) -> int:
        """Number of payments."""
        return int(self.part.size)


def _survivors(one: Projection, row: int, x: int, n: int) -> Float:
    """Chances of a life aged x months to be alive 0 … n - 1 months later, by a survival row."""
    rows = one.rows
    lives = rows.lives[row, x : x + n]
    if lives[0] >= SMALLEST_SURVIVORS:
        return np.asarray(lives)
    ratio = np.empty(n)
    classes = rows.multiplier.size
    annuity.survival_ratios(rows.cumulative[row // classes], rows.multiplier[row % classes], x, n, ratio)
    return ratio


def certified_measure(one: Projection, amount: Float) -> Measure:
    """Payments to the end of the certificate in force, or of the right."""
    line = one.line
    n, x = int(line.n_certified[0]), int(line.age[0])
    occupancy, chain = np.zeros((5, n)), np.zeros((5, n))
    if n:
        lives = _survivors(one, int(one.own_row[0]), x, n)
        occupancy[0], chain[0] = float(one.alive[0]) / lives[0] * lives, 1.0
    days = int(line.part_days[0, 0]), int(line.part_days[0, 1])
    return _measure(one, amount, occupancy, chain, float(line.part_certified[0]), days)


def expected_measure(
    one: Projection, amount: Float, dates: tuple[date, ...], end: date | None
) -> tuple[Measure, tuple[Review, ...]]:
    """Payments with the extensions of certificates up to ``end``, and the reviews on the way."""
    occupancy, chain, reviews = _states(one, dates)
    part = float(one.line.part_expected[0])
    return _measure(one, amount, occupancy, chain, part, _part_days(dates, end)), reviews


def _states(one: Projection, dates: tuple[date, ...]) -> tuple[Float, Float, tuple[Review, ...]]:
    """Occupancy of the expected measure with and without mortality (5, n), and the reviews."""
    line, rows, basis = one.line, one.rows, one.basis
    n, x = int(line.n_expected[0]), int(line.age[0])
    occupancy, chain = np.zeros((5, n)), np.zeros((5, n))
    if not n:
        return occupancy, chain, ()
    lives = _survivors(one, int(one.own_row[0]), x, n)
    c = float(one.alive[0]) / lives[0]
    before = min(int(line.node[0]), n) if one.reviewed[0] else n
    occupancy[0, :before], chain[0, :before] = c * lives[:before], 1.0
    length = n - before
    if not length:
        return occupancy, chain, ()
    review, step = one.review(), basis.review_step
    matrix_from = np.array(basis.matrices.duration_from, dtype=np.int32)
    mass = c * lives[before]
    due, no_mortality = np.empty((5, length // step + 2)), np.empty((5, length // step + 2))
    base = int(one.base_row[0])
    hazards = rows.cumulative[base // rows.multiplier.size]
    for alive, row, cumulative, age, target, waiting in (
        (rows.lives, base, hazards, x + before, occupancy, due),
        (np.ones((len(BANDS), length)), 0, np.zeros(length), 0, chain, no_mortality),
    ):
        occupied = np.empty((5, length))
        annuity.occupancy(
            alive, row, cumulative, rows.multiplier, SMALLEST_SURVIVORS, age, int(one.band[0]),
            int(review.duration[0]), int(review.irregular_month[0]), length, step, basis.terms,
            basis.matrices.probabilities, matrix_from, occupied, waiting, np.empty(length),
        )  # fmt: skip
        target[:, before:] = occupied * (mass if target is occupancy else 1.0)
    start = calendar_date(int(one.records.first_certificate_date[0]))
    reviews = []
    for j in range((length + step - 1) // step):
        if due[:, j].any():
            k = before + j * step
            years = max(full_years(start, dates[k]), 0)
            matrix = int(np.searchsorted(matrix_from, years, side="right")) - 1
            reviews.append(Review(k, years, matrix, mass * due[:, j]))
    return occupancy, chain, tuple(reviews)


def _part_days(dates: tuple[date, ...], end: date | None) -> tuple[int, int]:
    """Days paid and days of the month in which a measure ends."""
    for first, following in pairwise(dates):
        if end is not None and first < end < following:
            return (end - first).days, (following - first).days
    return 1, 1


def _measure(
    one: Projection, amount: Float, occupancy: Float, chain: Float, part: float, part_days: tuple[int, int]
) -> Measure:
    """Payments of a measure from its states."""
    n = occupancy.shape[1]
    index = float(one.index.scale[0]) * one.index.rows[int(one.index.row[0]), :n]
    parts = np.ones(n)
    parts[n - 1 :] = part
    payment = amount @ occupancy * index * parts
    used = amount @ chain * index * parts
    covered = np.ones(n)
    crossing, share = annuity.limit_crossing(used, n, float(one.limit[0]), NOTHING_LEFT)
    covered[crossing:] = 0.0
    if crossing < n:
        covered[crossing] = share
    ends = bool(one.ends_at_limit[0])
    paid = payment * covered if ends else payment
    discount = one.discount[int(one.discount_row[0]), :n]
    recovery = np.zeros(n) if ends else payment * (1.0 - covered) * discount
    made = (amount > 0.0).astype(np.float64) @ occupancy
    if ends:
        made = np.where(covered > 0.0, made, 0.0)
    return Measure(
        parts, part_days, occupancy, chain, covered, payment, paid, paid * discount, recovery, made
    )
