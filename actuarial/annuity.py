"""Values of annuities of one person: the textbook functions on the engine's tables and timeline.

For portfolios use `actuarial.reserve`; these functions serve single questions, checks against published
tables, and teaching. Amounts are per 1 ₸ a year; nothing is rounded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import mortality
from actuarial.error import ActuarialError

MONTHS = 12


def annuity_due(
    table: mortality.Table,
    age_months: int,
    *,
    rate: float,
    months: int | None = None,
    deferred_months: int = 0,
    payments_per_year: int = MONTHS,
    indexation: float = 0.0,
    multiplier: float = 1.0,
    fractional_age: str = "constant_force",
    select_age: int | None = None,
) -> float:
    """Value of 1 ₸ a year in advance while a person lives, ``ä`` with its usual decorations.

    ``Σ_k v^{t_k} · (1 + g)^{⌊t_k - u⌋} · S(t_k) / m`` over payments at ``t_k = u + k/m`` years, with the
    deferral ``u``; the index ``g`` rises once a year from the first payment. (Actuarial Mathematics for
    Life Contingent Risks, 2nd ed., ch. 5.)

    Parameters
    ----------
    table : mortality.Table
    age_months : int [months]
        Completed months of age on the valuation date.
    rate : float [1/year]
        Annual effective interest, above -1.
    months : int, optional [months]
        Length of the payment period after the deferral; default for life.
    deferred_months : int [months]
    payments_per_year : {1, 2, 3, 4, 6, 12}
    indexation : float [1/year]
    multiplier : float [1]
        Factor on the force of mortality.
    fractional_age : {'constant_force', 'udd'}
    select_age : int, optional [years]
        Age at selection for a select table.

    Returns
    -------
    float
        Present value, not rounded.

    Raises
    ------
    ActuarialError
        E4020 an argument outside its domain.
    mortality.TableError
        An age outside the table.

    Examples
    --------
    A man aged 40 to 63 on the shipped table of 2020-2025, monthly, 6 %:

    >>> man = mortality.load_table("kz-wpp2024-2020-2025-male")
    >>> round(annuity_due(man, 40 * 12, rate=0.06, months=23 * 12), 5)
    11.81982
    """
    to_end = max(table.last_age * MONTHS - age_months + 1, 1)
    if months is not None:
        to_end = min(to_end, deferred_months + months)
    times = _payment_months(to_end, deferred_months, payments_per_year, rate)
    if not times.size:
        return 0.0
    alive = mortality.survival(
        table,
        age_months,
        int(times[-1]),
        multiplier=multiplier,
        fractional_age=fractional_age,
        select_age=select_age,
    )
    weights = _weights(times, deferred_months, payments_per_year, rate, indexation)
    return float(np.sum(weights * alive[times]))


def annuity_certain_due(
    months: int,
    *,
    rate: float,
    deferred_months: int = 0,
    payments_per_year: int = MONTHS,
    indexation: float = 0.0,
) -> float:
    """Value of 1 ₸ a year in advance for a fixed period, whoever lives.

    Parameters are those of `annuity_due`.

    Examples
    --------
    >>> round(annuity_certain_due(23 * 12, rate=0.06), 5)
    12.69968
    """
    times = _payment_months(deferred_months + months, deferred_months, payments_per_year, rate)
    return float(np.sum(_weights(times, deferred_months, payments_per_year, rate, indexation)))


def _payment_months(end: int, first: int, payments_per_year: int, rate: float) -> NDArray[np.int64]:
    if payments_per_year not in (1, 2, 3, 4, 6, MONTHS):
        raise ActuarialError(
            "E4020",
            "payments_per_year is {payments_per_year}; choose 1, 2, 3, 4, 6 or 12",
            payments_per_year=payments_per_year,
        )
    if first < 0 or not rate > -1.0:
        raise ActuarialError(
            "E4020",
            "deferred_months = {first}, rate = {rate}: give a deferral of 0 or more and a rate above -1",
            first=first,
            rate=rate,
        )
    return np.arange(first, end, MONTHS // payments_per_year)


def _weights(
    times: NDArray[np.int64], first: int, payments_per_year: int, rate: float, indexation: float
) -> NDArray[np.float64]:
    discount = np.exp(-times / MONTHS * np.log1p(rate))
    index = (1.0 + indexation) ** ((times - first) // MONTHS)
    return np.asarray(discount * index / payments_per_year)
