"""Survival rows: chances to be alive by month of age, for each sex, multiplier and, if needed, cohort.

A row holds ``l(a) = exp(-Σ_{j<a} m · h_j · (1 - improvement)^(M_j/12))``: survival from month of age x
to y is ``l(y) / l(x)``. With improvement a row belongs to a cohort (calendar month less month of age),
because the same age then falls on different dates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import mortality
from actuarial.basis import Basis
from actuarial.record import BANDS

CLASSES = (*BANDS, "dependant", "pre_retirement")
"""Mortality classes in row order: bands of workers, survivors, pre-retirement annuitants."""
MONTHS = 12


@dataclass(frozen=True)
class SurvivalRows:
    """Rows of survival and what is needed to find a life's row.

    Attributes
    ----------
    lives : float64 (cohorts · 2 · 6, months of age)
        ``l(a)``, from age 0 or, with improvement, the cohort's age on valuation; 0 after the first month of
        the table's last age, and where survivors are too few for a float.
    cumulative : float64 (cohorts · 2, months of age)
        ``Σ_{j<a} h_j`` behind each six rows of ``lives``, inf after the first month of the last age.
    hazard : float64 (2, months of age)
        Cumulative hazard of each month by sex, multiplier 1, no improvement; inf in the last age.
    multiplier : float64 (6,)
        By class.
    first_month, last_age_month : int32 (2,)
        First month of age in the table and first month of its last age, by sex.
    cohorts : int64 (c,)
        Cohorts in row order; empty when there is no improvement.
    improvement : float
    middle : int
        Calendar month index (12·year + month - 1) from which improvement counts.
    """

    lives: NDArray[np.float64]
    cumulative: NDArray[np.float64]
    hazard: NDArray[np.float64]
    multiplier: NDArray[np.float64]
    first_month: NDArray[np.int32]
    last_age_month: NDArray[np.int32]
    cohorts: NDArray[np.int64]
    improvement: float
    middle: NDArray[np.int64]

    def base_row(self, sex: NDArray[np.int8], cohort: NDArray[np.int64]) -> NDArray[np.int32]:
        """Row of class A for each life, shape (n,); add the class for its own row."""
        block = np.searchsorted(self.cohorts, cohort) if self.cohorts.size else 0
        return (np.asarray((block * 2 + sex) * len(CLASSES))).astype(np.int32)

    def to_first_payment(
        self,
        sex: NDArray[np.int8],
        mortality_class: NDArray[np.int8],
        age: NDArray[np.int32],
        payment_month: NDArray[np.int64],
        days: NDArray[np.int32],
    ) -> NDArray[np.float64]:
        """Survival from the valuation date to payment 0, shape (n,).

        ``exp(-m · 12 · h_x · days / 365)`` with the age and improvement of payment 0.
        """
        hazard = self.hazard[sex, age]
        ends = np.isinf(hazard)
        force = self.multiplier[mortality_class] * MONTHS * np.where(ends, 0.0, hazard)
        if self.improvement:
            force = force * (1.0 - self.improvement) ** ((payment_month - self.middle[sex]) / MONTHS)
        return np.where(ends & (days > 0), 0.0, np.exp(-force * (days / 365.0)))


def table_span(basis: Basis) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """First month of age and first month of the last age of the basis' tables, by sex, each (2,)."""
    tables = [basis.tables[sex] for sex in ("male", "female")]
    return (
        np.array([t.first_age * MONTHS for t in tables], dtype=np.int32),
        np.array([t.last_age * MONTHS for t in tables], dtype=np.int32),
    )


def survival_rows(basis: Basis, cohorts: NDArray[np.int64], valuation_month: int) -> SurvivalRows:
    """Build the rows of a basis.

    Parameters
    ----------
    basis : Basis
    cohorts : ndarray of int64 (n,)
        Cohort of each life (calendar month of payment 0 less age in months there); only the distinct
        values matter, and only when the basis improves mortality.
    valuation_month : int
        Calendar month index (12·year + month - 1) before which nobody's survival is asked. With improvement
        the rows of a cohort begin at its age then: what improvement makes of hazards long past must not use
        up the range of a float. Nothing depends on who else is valued.
    """
    settings = basis.assumptions.mortality
    first, last = table_span(basis)
    width = int(last.max()) + MONTHS
    hazard = np.zeros((2, width))
    for s, sex in enumerate(("male", "female")):
        months = mortality.monthly_hazard(basis.tables[sex].qx, settings.fractional_age)
        hazard[s, first[s] : first[s] + months.size] = months
        hazard[s, last[s] :] = np.inf
    factors = [getattr(settings.multiplier, name) for name in CLASSES[:-1]] + [1.0]
    multiplier = np.array(factors)
    middle = np.zeros(2, dtype=np.int64)
    distinct = np.empty(0, dtype=np.int64)
    youngest = [0]
    if settings.improvement:
        distinct = np.unique(cohorts)
        youngest = [max(valuation_month - int(cohort), 0) for cohort in distinct]
        middle[:] = [_month_index(basis, sex) for sex in ("male", "female")]
    blocks = max(distinct.size, 1)
    lives = np.zeros((blocks, 2, len(CLASSES), width))
    cumulative = np.full((blocks, 2, width), np.inf)
    for s in range(2):
        months = np.arange(last[s])
        for b in range(blocks):
            scaled = np.where(months >= youngest[b], hazard[s, : last[s]], 0.0)
            if settings.improvement:
                scaled *= (1.0 - settings.improvement) ** ((distinct[b] + months - middle[s]) / MONTHS)
            total = np.concatenate(([0.0], np.cumsum(scaled)))
            cumulative[b, s, : last[s] + 1] = total
            lives[b, s, :, : last[s] + 1] = np.exp(-multiplier[:, None] * total[None, :])
    return SurvivalRows(
        lives=lives.reshape(-1, width),
        cumulative=cumulative.reshape(-1, width),
        hazard=hazard,
        multiplier=multiplier,
        first_month=first,
        last_age_month=last,
        cohorts=distinct,
        improvement=settings.improvement,
        middle=middle,
    )


def _month_index(basis: Basis, sex: str) -> int:
    middle = basis.tables[sex].period_middle
    assert middle is not None  # load_basis refuses improvement without a period
    return middle.year * MONTHS + middle.month - 1
