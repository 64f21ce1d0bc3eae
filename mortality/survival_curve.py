"""Survival without a model: Kaplan-Meier, Nelson-Aalen, Aalen-Johansen; late entries, competing exits.

All three are sums over one table of the days with exits: who is at risk (entered before the day, not yet
gone), who leaves by which cause. Several spells of one person are separate rows: the person is at risk in
each between its entry and its exit. lifelines is not used here: it moves tied exits apart at random in
Aalen-Johansen and counts who enters on a day as at risk on it.
(Aalen, Borgan, Gjessing, Survival and Event History Analysis, 2008, 3.1, 3.2, 3.4.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mortality.estimate import EstimateError, normal_quantile

Float = NDArray[np.float64]
Int64 = NDArray[np.int64]

LEAST_AT_RISK = 10
"""A curve covers days with so many at risk: with late entries few are at the beginning."""


@dataclass(frozen=True)
class RiskTable:
    """Days with exits.

    Attributes
    ----------
    origin, end : int [days]
        The curve holds for who is still there on ``origin``, later than 0 when few were seen from the start,
        and up to ``end``, the last day with enough at risk.
    days : int64 (m,)
        Ascending.
    at_risk : int64 (m,)
    exits : int64 (m, c)
        By cause.
    """

    origin: int
    end: int
    days: Int64
    at_risk: Int64
    exits: Int64


@dataclass(frozen=True)
class Curve:
    """A step function: ``value`` from each day on, up to the next; before the first day, the start value.

    Attributes
    ----------
    origin, end : int [days]
        As in `RiskTable`.
    days : int64 (m,)
    value, lower, upper, variance : float64 (m,)
        95 % limits; NaN where the variance says nothing (value 0 or 1).
    """

    origin: int
    end: int
    days: Int64
    value: Float
    lower: Float
    upper: Float
    variance: Float


def risk_table(
    entry: Int64, exit_day: Int64, cause: NDArray[np.int8], n_causes: int, least_at_risk: int = LEAST_AT_RISK
) -> RiskTable:
    """Return who was at risk and who left, by day.

    Parameters
    ----------
    entry, exit_day : int64, shape (n,) [days]
        Since the beginning of the duration, entry < exit.
    cause : int8, shape (n,)
        0 … n_causes - 1; -1 for who was only lost from sight.
    n_causes : int
    least_at_risk : int
        The table covers one stretch of days with so many at risk; of several, the one with most exits.

    Raises
    ------
    EstimateError
        E6202 never so many at risk together.
    """
    entries, exits = np.sort(entry), np.sort(exit_day)

    def at_risk(days: Int64) -> Int64:
        return np.searchsorted(entries, days, side="left") - np.searchsorted(exits, days, side="left")

    moments = np.unique(np.concatenate((entry + 1, exit_day, exit_day + 1)))
    is_enough = at_risk(moments) >= least_at_risk
    if not is_enough.any():
        raise EstimateError(
            "E6202",
            "never {least_at_risk} persons were under observation at the same duration: too few for a curve",
            least_at_risk=least_at_risk,
        )
    turns = np.flatnonzero(np.diff(is_enough, prepend=False))  # nobody is left on the last moment
    begins, ends = moments[turns[::2]], moments[turns[1::2]]
    caused = np.sort(exit_day[cause >= 0])
    best = int(np.argmax(np.searchsorted(caused, ends) - np.searchsorted(caused, begins)))
    origin, end = int(begins[best]) - 1, int(ends[best])
    seen = (cause >= 0) & (exit_day > origin) & (exit_day < end)
    days, position = np.unique(exit_day[seen], return_inverse=True)
    counts = np.zeros((days.size, n_causes), dtype=np.int64)
    np.add.at(counts, (position, cause[seen]), 1)
    return RiskTable(origin, end - 1, days, at_risk(days), counts)


def kaplan_meier(table: RiskTable) -> Curve:
    """Return the probability to be still there, all causes counted.

    ``S = Π (1 - d/n)``, Greenwood's variance ``S²·Σ d/(n(n - d))``, limits by log(-log S).
    """
    d, n = table.exits.sum(axis=1), table.at_risk
    value = np.cumprod((n - d) / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.cumsum(np.where(n > d, d / (n * (n - d).astype(np.float64)), np.nan))
        spread = normal_quantile() * np.sqrt(total) / np.log(value)
        lower, upper = value ** np.exp(-spread), value ** np.exp(spread)
    return Curve(table.origin, table.end, table.days, value, lower, upper, value**2 * total)


def nelson_aalen(table: RiskTable) -> Curve:
    """Return the cumulative hazard of all causes together.

    ``H = Σ d/n``, variance ``Σ d/n²`` (Aalen, Annals of Statistics 6, 1978), limits ``H·exp(± z·√var/H)``.
    """
    d, n = table.exits.sum(axis=1).astype(np.float64), table.at_risk.astype(np.float64)
    value, variance = np.cumsum(d / n), np.cumsum(d / n**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(normal_quantile() * np.sqrt(variance) / value)
    return Curve(table.origin, table.end, table.days, value, value / factor, value * factor, variance)


def aalen_johansen(table: RiskTable) -> tuple[Curve, ...]:
    """Return the probability to have left by each cause: the cumulative incidence.

    ``F_c(t) = Σ S(s-)·d_c/n``; Σ_c F_c = 1 - S. Variance by the delta method
    ``Σ (F(t) - F(s))²·d/(n(n - d)) + Σ S(s-)²·d_c(n - d_c)/n³ - 2·Σ (F(t) - F(s))·S(s-)·d_c/n²``
    (Collett, Modelling Survival Data in Medical Research, 3rd ed., p. 411), limits by log(-log F).
    """
    d, n = table.exits.sum(axis=1), table.at_risk.astype(np.float64)
    survival = np.cumprod((n - d) / n)
    before = np.concatenate(([1.0], survival[:-1]))
    # who is the last leaves F at its final value: the first sum then has no further term
    a = np.where(n > d, d / (n * np.maximum(n - d, 1.0)), 0.0)
    curves = []
    for c in range(table.exits.shape[1]):
        own = table.exits[:, c].astype(np.float64)
        value = np.cumsum(before * own / n)
        b = before * own / n**2
        variance = (
            value**2 * np.cumsum(a) - 2.0 * value * np.cumsum(a * value) + np.cumsum(a * value**2)
            + np.cumsum(before**2 * own * (n - own) / n**3)
            - 2.0 * (value * np.cumsum(b) - np.cumsum(b * value))
        )  # fmt: skip
        variance = np.maximum(variance, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = normal_quantile() * np.sqrt(variance) / (value * np.log(value))
            lower, upper = value ** np.exp(-spread), value ** np.exp(spread)
        curves.append(Curve(table.origin, table.end, table.days, value, lower, upper, variance))
    return tuple(curves)
