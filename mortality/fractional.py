"""Death inside a year of age, month by month; multipliers, improvement, survival.

The month j of age covers ages j/12 to (j + 1)/12. Its *cumulative hazard* ``h_j`` is minus the logarithm
of the probability to survive it; the survival over several months is ``exp(-Σ h_j)``.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mortality.message import message
from mortality.table import Table, TableError

FRACTIONAL_AGES = ("constant_force", "udd")
MONTHS = 12


def monthly_hazard(qx: ArrayLike, fractional_age: str) -> NDArray[np.float64]:
    """Return the cumulative hazard of each month of age.

    Constant force: ``-ln(1 - q)/12`` in each month of the year of age. Uniform distribution of deaths
    (UDD): ``-ln((1 - (s+1)/12·q)/(1 - s/12·q))`` in month s = 0 .. 11. Where q = 1 the table ends: all
    twelve months are infinite under both, so that nobody lives inside the last age.
    (Actuarial Mathematics for Life Contingent Risks, 2nd ed., 3.3.1-3.3.2.)

    Parameters
    ----------
    qx : array_like, shape (n,) [1]
        Yearly death probabilities of consecutive ages.
    fractional_age : {'constant_force', 'udd'}

    Returns
    -------
    float64, shape (12 * n,) [1]
        Element ``12 * i + s``: month s of the age of ``qx[i]``.

    Raises
    ------
    TableError
        E6023 an unknown assumption; E6008 a probability outside [0, 1].

    Examples
    --------
    >>> float(np.exp(-monthly_hazard([0.1, 1.0], "constant_force")[:12].sum()).round(12))
    0.9
    """
    q = np.asarray(qx, dtype=np.float64)
    if not bool(np.all((q >= 0.0) & (q <= 1.0))):
        raise TableError(
            "E6008",
            "monthly_hazard: a yearly probability is outside [0, 1] or not a number; "
            "give the qx of a checked table",
        )
    yearly = q[:, None]
    # log1p keeps the full precision of the small probabilities of young ages
    with np.errstate(divide="ignore", invalid="ignore"):
        if fractional_age == "constant_force":
            hazard = np.broadcast_to(-np.log1p(-yearly) / MONTHS, (len(q), MONTHS))
        elif fractional_age == "udd":
            steps = np.arange(MONTHS + 1) / MONTHS
            hazard = -np.diff(np.log1p(-steps * yearly), axis=1)
        else:
            raise TableError(
                "E6023",
                "fractional_age is {fractional_age!r}; choose one of {choices}",
                fractional_age=fractional_age,
                choices=", ".join(FRACTIONAL_AGES),
            )
    return np.where(yearly == 1.0, np.inf, hazard).reshape(-1)


def add_months(start: date, months: int) -> date:
    """Return the same day some months later; a day that the month lacks is that month's last day.

    Examples
    --------
    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(start.year * MONTHS + start.month - 1 + months, MONTHS)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def completed_months(start: date, end: date) -> int:
    """Return the completed months from `start` to `end`: the largest n with start + n months ≤ end.

    Negative before `start`.

    Examples
    --------
    >>> completed_months(date(2023, 1, 1), date(2026, 6, 30))
    41
    """
    months = (end.year - start.year) * MONTHS + end.month - start.month
    return months - 1 if add_months(start, months) > end else months


def improvement_factor(improvement: float, months: ArrayLike) -> NDArray[np.float64]:
    """Return what mortality improvement makes of the force of mortality.

    ``(1 - improvement) ** (months / 12)``.

    Parameters
    ----------
    improvement : float [1/year]
        Yearly fall of the force, below 1; negative if mortality worsens.
    months : array_like of int, shape (n,)
        Completed months from the middle of the table's period (`completed_months`).

    Returns
    -------
    float64, shape (n,) [1]

    Raises
    ------
    TableError
        E6024 an improvement of 1 or more.
    """
    if not improvement < 1.0:
        raise TableError(
            "E6024",
            "improvement is {improvement}; it is the yearly fall of mortality and must be "
            "below 1 (0.01 = one percent a year)",
            improvement=improvement,
        )
    return np.asarray((1.0 - improvement) ** (np.asarray(months, dtype=np.float64) / MONTHS))


def survival(
    table: Table,
    age_months: int,
    months: int,
    *,
    multiplier: float = 1.0,
    fractional_age: str = "constant_force",
    improvement: float = 0.0,
    start: date | None = None,
    select_age: int | None = None,
) -> NDArray[np.float64]:
    """Return the probability to be alive after 0, 1, ... months.

    ``S_k = exp(-Σ_{j<k} m · h_{x+j} · (1 - improvement)^(M_j/12))`` with ``M_j`` the completed months from
    the middle of the table's period to `start` + j months. In the last age of the table the hazard is
    infinite whatever the multiplier: who reaches it is alive on that day and not a month later.

    Parameters
    ----------
    table : Table
    age_months : int [months]
        Completed months of age at the start.
    months : int
        How many months ahead.
    multiplier : float [1]
        Factor on the force of mortality, 0 or more.
    fractional_age : {'constant_force', 'udd'}
    improvement : float [1/year]
        As `improvement_factor`; needs `start` and a table with a dated period.
    start : date, optional
        The date on which the age is `age_months`.
    select_age : int, optional [years]
        Age at selection, for a select table: the rates are then `Table.along` of it.

    Returns
    -------
    float64, shape (months + 1,) [1]
        Unrounded; the first element is 1.

    Raises
    ------
    TableError
        E6020 an age below the table or the selection; E6021 no such select rate; E6022 improvement
        without a date to count from; E6023, E6024 an argument outside its domain.

    Examples
    --------
    >>> coin = Table(id="coin", title="", sex="unisex", first_age=60, qx=[0.5, 0.5, 1.0])
    >>> survival(coin, 60 * 12, 25)[[0, 12, 24, 25]].round(12).tolist()
    [1.0, 0.5, 0.25, 0.0]
    """
    if months < 0 or not 0.0 <= multiplier < np.inf:
        raise TableError(
            "E6024",
            "survival: months = {months}, multiplier = {multiplier}; both must be 0 or more, and finite",
            months=months,
            multiplier=multiplier,
        )
    first_age = table.first_age if select_age is None else select_age
    if age_months < first_age * MONTHS:
        raise TableError(
            "E6020",
            "table {table_id!r}: asked for age {age_months} months, the rates start at age "
            "{first_age} ({first_month} months); use a table that covers the age",
            table_id=table.id,
            age_months=age_months,
            first_age=first_age,
            first_month=first_age * MONTHS,
        )
    by_age = monthly_hazard(table.qx if select_age is None else table.along(select_age), fractional_age)
    month_of_table = np.minimum(age_months - first_age * MONTHS + np.arange(months), len(by_age) - 1)
    hazard = by_age[month_of_table]
    factor = multiplier * np.ones(months)
    if improvement != 0.0:
        middle = table.period_middle
        if middle is None or start is None:
            missing = (
                message("the table gives no period_middle")
                if middle is None
                else message("no start date was given")
            )
            raise TableError(
                "E6022",
                "table {table_id!r}: improvement {improvement} cannot be applied, {missing}; "
                "it counts from the middle of the table's period to a date",
                table_id=table.id,
                improvement=improvement,
                missing=missing,
            )
        since = [completed_months(middle, add_months(start, j)) for j in range(months)]
        factor *= improvement_factor(improvement, since)
    ends = np.isinf(hazard)  # kept apart: 0 times infinity is not a number
    hazard = np.where(ends, np.inf, np.where(ends, 0.0, hazard) * factor)
    return np.exp(-np.concatenate(([0.0], np.cumsum(hazard))))
