"""The arrays that the kernels of new claims work on, in named groups; `actuarial.new_claim` fills them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int64 = NDArray[np.int64]
UInt64 = NDArray[np.uint64]


class Parts(NamedTuple):
    """Parts (m,) of contracts (n,): ``start`` (n + 1,); ``risk_class`` from 0; amounts in tiyn."""

    start: Int64
    key: UInt64
    risk_class: Int64
    workers: Int64
    first_day: Int64
    n_days: Int64
    worker_years: Float
    wage: Float
    cap: Int64
    wage_year: Int64
    insured_sum: Int64
    ceded_share: Float


class Chances(NamedTuple):
    """Distributions as cumulative chances; the last of each is 1 or more.

    ``persons`` (22,) a worker-year; ``kind`` (22, 5); ``size`` and ``size_chance`` (22, s); ``degree`` and
    ``degree_chance`` (4, d); ``earnings`` (q,) multiples at equal chances; ``cell`` (c,),
    ``cell_guide`` (g,) the first cell whose chance can be above k / g; ``family`` (f,),
    ``family_start`` (f + 1,) members; ``dispersion`` 0 = Poisson.
    """

    persons: Float
    kind: Float
    size: Int64
    size_chance: Float
    degree: Int64
    degree_chance: Float
    earnings: Float
    cell: Float
    cell_guide: Int64
    family: Float
    family_start: Int64
    dispersion: float
    with_deceased: bool


class Catastrophes(NamedTuple):
    """Events of their own (k,): the part they strike, events expected, persons, cumulative kinds (k, 5)."""

    part: Int64
    events: Float
    persons: Int64
    kind: Float


class Rules(NamedTuple):
    """The law by month of accident (j,), and what an injury pays: see `actuarial.new_claim.law`."""

    month_of_day: Int64
    month_start: Int64
    year: Int64
    wage_factor: Float
    minimum_wage: Float
    additional: Int64
    funeral: Int64
    representative_degree: Float
    degree_factor: Float
    subtrahend: float
    income_floor: float
    income_cap: float
    unit: int
    social_share: float
    proportional: bool
    of_payment: float
    per_month: float


class Values(NamedTuple):
    """Unit values and counts of `actuarial.new_claim.factor`: (j, 4, c, 5, 2) and (j, cells, 2)."""

    worker: Float
    member_start: Int64
    member: Float


class Systematic(NamedTuple):
    """What is common to a scenario: frequency by class (22, s), and the drivers' factors.

    ``wage``, ``minimum_wage``, ``mci`` (s, years) by calendar year from the first; ``annuity`` (s, 5) on
    annuity values by kind; each with one row where it is the same in every scenario.
    """

    frequency: Float
    wage: Float
    minimum_wage: Float
    mci: Float
    annuity: Float


class Treaty(NamedTuple):
    """Quota share of the book, and layers (l,) on what is left of an event [tiyn]."""

    quota_share: float
    retention: Int64
    limit: Int64


class Totals(NamedTuple):
    """Sums by scenario: (s, 22, 5), (s, 22, l), kinds (s, 5, 2: persons, payout), (s,), (s,)."""

    by_class: Int64
    layer: Int64
    by_kind: Int64
    recovery: Int64
    largest_event: Int64
