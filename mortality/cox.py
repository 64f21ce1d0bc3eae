"""Cox regression from late entries, with a test of proportional hazards.

The fit is that of lifelines (Efron's ties). It has no residuals for late entries, orders tied exits by the
row of the file, and compares who was never at risk together in its concordance; the residuals, the test of
proportional hazards and the concordance here do none of these.
(Grambsch, Therneau, Biometrika 81, 1994; Harrell, Regression Modeling Strategies, 2001.)
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mortality.estimate import EstimateError
from mortality.message import Message, joined, message

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

FEWEST_EXITS_PER_COVARIATE = 10
LARGEST_COEFFICIENT = 10.0
"""A standardised coefficient, or its standard error, beyond this is a maximum that runs to infinity."""
_PAIR_ROWS = 256


@dataclass(frozen=True)
class Effect:
    """One covariate.

    Attributes
    ----------
    name : str
    coefficient, standard_error : float
    hazard_ratio, lower, upper : float
        ``exp(coefficient)`` and its 95 % limits.
    p : float
        Wald's test that the coefficient is 0.
    proportional_p : float
        Test that it does not change with the rank of the duration; small: it does.
    """

    name: str
    coefficient: float
    standard_error: float
    hazard_ratio: float
    lower: float
    upper: float
    p: float
    proportional_p: float


@dataclass(frozen=True)
class CoxModel:
    """A fitted regression.

    Attributes
    ----------
    effects : tuple of Effect
    n, n_exits : int
        Rows and exits that entered the fit.
    concordance : float or None
        Share of pairs at risk together that leave in the order of their hazards; 0.5 is chance.
    log_likelihood_ratio_p : float
        Test of all covariates together.
    left_out : tuple of Message
        Covariates that the data cannot speak of, with the reason.
    """

    effects: tuple[Effect, ...]
    n: int
    n_exits: int
    concordance: float | None
    log_likelihood_ratio_p: float
    left_out: tuple[Message, ...]


def fitted_cox(
    entry: Float,
    exit_time: Float,
    is_exit: Bool,
    covariates: Mapping[str, Float],
    classes: Mapping[str, Bool],
) -> CoxModel:
    """Fit a Cox regression.

    Parameters
    ----------
    entry, exit_time : float64, shape (n,) [years]
        0 ≤ entry < exit.
    is_exit : bool, shape (n,)
    covariates : mapping of str to float64, shape (n,)
        Measured covariates.
    classes : mapping of str to bool, shape (n,)
        Members of classes, the reference class left out. A class without exits has the hazard ratio 0 and no
        interval: its rows are left out, which is the limit of the fit, and the result says so. A class with
        all rows, or none, is left out too.

    Raises
    ------
    EstimateError
        E6202 too few exits; E6203 nothing left to compare; E6208 the maximum runs to infinity.
    """
    if not is_exit.any():
        raise EstimateError("E6202", "no exit: there is nothing to regress on")
    kept = np.ones(entry.shape[0], dtype=np.bool_)
    left_out: list[Message] = []
    members = dict(classes)
    for name, is_member in classes.items():
        if not is_member.any():
            del members[name]
        elif not (is_member & is_exit).any():
            left_out.append(
                message(
                    "{name}: {n} spells, no exit: hazard ratio 0, without interval",
                    name=name,
                    n=int(is_member.sum()),
                )
            )
            kept &= ~is_member
            del members[name]
    columns = {name: values[kept] for name, values in covariates.items()}
    columns |= {name: values[kept].astype(np.float64) for name, values in members.items()}
    for name in list(columns):
        if np.ptp(columns[name]) == 0.0:
            left_out.append(message("{name}: the same in every spell, nothing to compare", name=name))
            del columns[name]
    for name in members:
        if name in columns and not (is_exit[kept] & (columns[name] == 0.0)).any():
            raise EstimateError(
                "E6203",
                "all exits are in {name}: exits and classes are separated, hazard ratios are infinite",
                name=name,
            )
    if not columns:
        raise EstimateError(
            "E6203",
            "one class only: there is nothing to compare; {left_out}",
            left_out=joined(left_out, "; "),
        )
    n_exits, needed = int(is_exit[kept].sum()), FEWEST_EXITS_PER_COVARIATE * len(columns)
    if n_exits < needed:
        raise EstimateError(
            "E6202",
            "{n_exits} exits are too few for {n} covariate(s); at least {needed} are needed",
            n_exits=n_exits,
            n=len(columns),
            needed=needed,
        )
    return _fit(entry[kept], exit_time[kept], is_exit[kept], columns, tuple(left_out))


def _fit(
    entry: Float, exit_time: Float, is_exit: Bool, columns: dict[str, Float], left_out: tuple[Message, ...]
) -> CoxModel:
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    frame = pd.DataFrame(columns)
    frame["entry_"], frame["exit_"], frame["is_exit_"] = entry, exit_time, is_exit
    frame = frame.sort_values(["exit_", "is_exit_", "entry_", *columns], ignore_index=True)
    spread = np.array([values.std() for values in columns.values()])
    with warnings.catch_warnings():
        # what lifelines warns of, separation, is looked for in the coefficients below
        warnings.simplefilter("ignore")
        try:
            model = CoxPHFitter().fit(
                frame, "exit_", "is_exit_", entry_col="entry_", fit_options={"precision": 1e-10}
            )
            summary = model.summary
            ratio_test = float(model.log_likelihood_ratio_test().p_value)
        except (ConvergenceError, np.linalg.LinAlgError, ValueError) as error:
            raise _infinite() from error
        values = summary[["coef", "se(coef)", "coef lower 95%", "coef upper 95%", "p"]].to_numpy()
        if not np.isfinite(values).all() or (np.abs(values[:, :2].T * spread) > LARGEST_COEFFICIENT).any():
            raise _infinite()
    exits = frame["is_exit_"].to_numpy()
    times = frame["exit_"].to_numpy()
    residuals = schoenfeld_residuals(
        frame["entry_"].to_numpy(), times, exits, frame[list(columns)].to_numpy(), values[:, 0]
    )
    proportional = proportional_hazards_p(
        average_ranks(times[exits]), residuals, model.variance_matrix_.to_numpy()
    )
    effects = tuple(
        Effect(name, b, s, float(np.exp(b)), float(np.exp(low)), float(np.exp(high)), p, p_proportional)
        for name, (b, s, low, high, p), p_proportional in zip(
            columns, values.tolist(), proportional.tolist(), strict=True
        )
    )
    score = frame[list(columns)].to_numpy() @ values[:, 0]
    ordered = concordance(frame["entry_"].to_numpy(), times, exits, score)
    return CoxModel(effects, len(frame), int(exits.sum()), ordered, ratio_test, left_out)


def concordance(entry: Float, exit_time: Float, is_exit: Bool, score: Float) -> float | None:
    """Return how often who leaves has a higher score than who is at risk then and stays longer.

    Parameters
    ----------
    entry, exit_time : float64, shape (n,)
        At risk after the entry, up to and with the exit.
    is_exit : bool, shape (n,)
    score : float64, shape (n,)
        ``ln`` of the relative hazard.

    Returns
    -------
    float or None [1]
        Equal scores count half; None where nobody stays longer than an exit.
    """
    pairs = twice = 0
    for rows in np.array_split(np.flatnonzero(is_exit), -(-int(is_exit.sum()) // _PAIR_ROWS)):
        time, own = exit_time[rows, None], score[rows, None]
        stays = (entry < time) & ((exit_time > time) | ((exit_time == time) & ~is_exit))
        pairs += int(stays.sum())
        twice += 2 * int((stays & (score < own)).sum()) + int((stays & (score == own)).sum())
    return twice / (2 * pairs) if pairs else None


def schoenfeld_residuals(
    entry: Float, exit_time: Float, is_exit: Bool, covariates: Float, coefficients: Float
) -> Float:
    """Return the covariates of each exit less their mean among those at risk, Efron's way with ties.

    Parameters
    ----------
    entry, exit_time : float64, shape (n,)
        At risk after the entry, up to and with the exit.
    is_exit : bool, shape (n,)
    covariates : float64, shape (n, p)
    coefficients : float64, shape (p,)

    Returns
    -------
    float64, shape (exits, p)
        In the order of the rows with an exit.
    """
    weight = np.exp(covariates @ coefficients)
    terms = np.column_stack((weight, weight[:, None] * covariates))
    times, position = np.unique(exit_time[is_exit], return_inverse=True)

    def from_day_on(days: Float) -> Float:
        """Sums over rows whose day is not before each time."""
        order = np.argsort(days, kind="stable")
        sums = np.vstack((np.cumsum(terms[order][::-1], axis=0)[::-1], np.zeros(terms.shape[1])))
        return np.asarray(sums[np.searchsorted(days[order], times, side="left")])

    at_risk = from_day_on(exit_time) - from_day_on(entry)
    tied = np.zeros_like(at_risk)
    np.add.at(tied, position, terms[is_exit])
    n_tied = np.bincount(position, minlength=times.size)
    mean = np.zeros((times.size, covariates.shape[1]))
    for step in range(int(n_tied.max(initial=0))):
        several = n_tied > step
        left = at_risk[several] - (step / n_tied[several])[:, None] * tied[several]
        mean[several] += left[:, 1:] / left[:, :1] / n_tied[several][:, None]
    return np.asarray(covariates[is_exit] - mean[position])


def average_ranks(times: Float) -> Float:
    """Return ranks, those of tied times the average of their places."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(times))


def proportional_hazards_p(times: Float, residuals: Float, variance: Float) -> Float:
    """Return the p of proportional hazards of each covariate.

    ``T = (Σ (g - ḡ)·r*)² / (d·V_jj·Σ (g - ḡ)²)`` is χ² with one degree of freedom; ``r* = d·r·V``.

    Parameters
    ----------
    times : float64, shape (d,)
        g, the time of each exit or a function of it.
    residuals : float64, shape (d, p)
        `schoenfeld_residuals`.
    variance : float64, shape (p, p)
        V, of the coefficients.

    Returns
    -------
    float64, shape (p,)
        1 where all exits have one time.
    """
    from scipy.special import chdtrc

    d, centred = len(times), times - times.mean()
    if not centred.any():
        return np.ones(residuals.shape[1])
    slope = centred @ (d * residuals @ variance)
    return np.asarray(chdtrc(1, slope**2 / (d * np.diag(variance) * (centred**2).sum())))


def _infinite() -> EstimateError:
    return EstimateError(
        "E6208",
        "the regression has no finite maximum: a covariate separates exits from the rest; "
        "merge classes or take longer experience",
    )
