"""A synthetic history of claimants, with a truth that is known: no real person, no experience of anyone.

The model is the one of the engine: death by a table times the band's multiplier, certification by the
matrices at the end of each certificate, pension by the law. What is drawn is a choice, not an observation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import mortality
from actuarial.basis import Basis
from actuarial.entitlement import pension_dates
from actuarial.experience.certification import months_later
from actuarial.experience.exposure import DAYS_IN_YEAR
from actuarial.experience.record import CENSORED, DEAD, DEGREE_CHANGED, EXITS, PENSION, RECOVERED
from actuarial.payout_law import EPOCH, PayoutLaw, day
from actuarial.record import BANDS, NO_DEGREE, SEXES
from mortality.estimate import force_of_mortality

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

WINDOW = (date(2016, 1, 1), date(2026, 1, 1))
"""Observation: who left before is unknown, who is left is censored."""
FIRST_CERTIFICATES = date(2008, 1, 1)
SHARE_OF_WOMEN = 0.25
SHARE_OF_BANDS = (0.15, 0.55, 0.22, 0.08)
AGES = (22.0, 58.0)
_COLUMNS = (
    "claim_id", "sex", "birth_date", "first_certificate_date", "entry_date", "exit_date", "exit_reason",
    "degree_from", "degree_to",
)  # fmt: skip


TRUE_MULTIPLIERS = {"A": 1.2, "B": 1.8, "C": 2.6, "D": 6.5}
TRUE_RECOVERY = 0.7
"""Share of the recoveries of the illustrative matrices that happen in the shipped sample."""


def sample_truth(basis: Basis) -> Basis:
    """Return what rules the shipped sample: other multipliers than a basis has, and fewer recoveries."""
    own = basis.assumptions
    multiplier = own.mortality.multiplier.model_copy(update=TRUE_MULTIPLIERS)
    changed = own.model_copy(
        update={"mortality": own.mortality.model_copy(update={"multiplier": multiplier})}
    )
    rows = np.array(basis.matrices.probabilities)
    stay = np.arange(len(BANDS))
    rows[:, stay, stay] += (1.0 - TRUE_RECOVERY) * rows[:, :, -1]
    rows[:, :, -1] *= TRUE_RECOVERY
    matrices = mortality.CertificationMatrices(basis.matrices.duration_from, rows)
    return replace(basis, assumptions=changed, matrices=matrices)


@dataclass
class _Rows:
    """Spells as they are drawn, a list of arrays a column."""

    parts: dict[str, list[NDArray[Any]]] = field(default_factory=lambda: {name: [] for name in _COLUMNS[1:]})
    claim: list[Int64] = field(default_factory=list)

    def add(self, claim: Int64, **columns: NDArray[Any]) -> None:
        """Add spells."""
        self.claim.append(claim)
        for name, values in columns.items():
            self.parts[name].append(values)


def synthetic_history(
    n_claims: int, *, seed: int, truth: Basis, window: tuple[date, date] = WINDOW
) -> pa.Table:
    """Draw a history.

    Parameters
    ----------
    n_claims : int
        Claims drawn; those that ended before the window are not in the table.
    seed : int
        Same seed, same table.
    truth : Basis
        Tables, multipliers, matrices and terms that rule the history.
    window : (date, date)
        First day of observation, and the day on which it ends.

    Returns
    -------
    pyarrow.Table
        Columns of the table ``history``, a row a certificate, by claim and date; ids begin with ``SYN-``.
    """
    random = np.random.default_rng(seed)
    begin, end = day(window[0]), day(window[1])
    first = random.integers(day(FIRST_CERTIFICATES), end, n_claims).astype(np.int32)
    age = random.uniform(*AGES, n_claims)
    birth = (first - np.floor(age * DAYS_IN_YEAR)).astype(np.int32)
    sex = (random.random(n_claims) < SHARE_OF_WOMEN).astype(np.int8)
    pension = pension_dates(sex, birth).astype(np.int64)
    band = random.choice(len(BANDS), size=n_claims, p=SHARE_OF_BANDS)
    degree = _degrees(random, band)
    hazard_left = random.exponential(size=n_claims)
    start = first.astype(np.int64)
    alive = np.arange(n_claims)
    rows = _Rows()
    law_end = np.int64(end)
    while alive.size:
        c = alive
        until = np.where(
            truth.terms[band[c]] > 0,
            months_later(start[c].astype(np.int32), truth.terms[band[c]].astype(np.int64)),
            law_end,
        )
        death = _death_day(truth, sex[c], birth[c], band[c], start[c], hazard_left[c])
        exit_day = np.minimum(np.minimum(until, law_end), np.minimum(death, pension[c]))
        is_reviewed = (exit_day == until) & (until < law_end) & (death > until) & (pension[c] > until)
        reason = np.full(c.size, CENSORED)
        reason[exit_day == pension[c]] = PENSION
        reason[(exit_day == death) & (death < law_end)] = DEAD
        to = _certified(random, truth, first[c], exit_day, band[c])
        reason[is_reviewed] = np.where(to[is_reviewed] == len(BANDS), RECOVERED, DEGREE_CHANGED)
        new_band = np.where(to < len(BANDS), to, 0)
        new_degree = np.where(new_band == band[c], degree[c], _degrees(random, new_band))
        seen = (exit_day > begin) & (exit_day > start[c])
        rows.add(
            c[seen],
            sex=sex[c][seen],
            birth_date=birth[c][seen],
            first_certificate_date=first[c][seen],
            entry_date=np.maximum(start[c], begin)[seen].astype(np.int32),
            exit_date=exit_day[seen].astype(np.int32),
            exit_reason=reason[seen],
            degree_from=degree[c][seen],
            degree_to=np.where(reason == DEGREE_CHANGED, new_degree, NO_DEGREE)[seen],
        )
        spent = _hazard(truth, sex[c], birth[c], exit_day) - _hazard(truth, sex[c], birth[c], start[c])
        hazard_left[c] -= spent * _multipliers(truth)[band[c]]
        goes_on = reason == DEGREE_CHANGED
        on = c[goes_on]
        band[on], degree[on], start[on] = new_band[goes_on], new_degree[goes_on], exit_day[goes_on]
        alive = on
    return _table(rows)


def _multipliers(truth: Basis) -> NDArray[np.float64]:
    own = truth.assumptions.mortality.multiplier
    return np.array([getattr(own, band) for band in BANDS])


def _hazard(truth: Basis, sex: NDArray[np.int8], birth: Int32, when: Int64) -> NDArray[np.float64]:
    """Cumulative hazard of the table from birth to a day, constant force in each year of age."""
    age = (when - birth) / DAYS_IN_YEAR
    total = np.empty(age.shape[0])
    for code, name in enumerate(SEXES):
        grid, values = _cumulative(truth, name)
        total[sex == code] = np.interp(age[sex == code], grid, values)
    return total


def _cumulative(truth: Basis, sex: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    force = force_of_mortality(truth.tables[sex].qx)[:-1]
    first = truth.tables[sex].first_age
    return np.arange(first, first + force.size + 1.0), np.concatenate(([0.0], np.cumsum(force)))


def _death_day(
    truth: Basis, sex: NDArray[np.int8], birth: Int32, band: Int64, start: Int64, left: NDArray[np.float64]
) -> Int64:
    """Day of death if the band were kept: where the cumulative hazard has used up what is left."""
    target = _hazard(truth, sex, birth, start) + left / np.maximum(_multipliers(truth)[band], 1e-12)
    age = np.empty(start.shape[0])
    for code, name in enumerate(SEXES):
        grid, values = _cumulative(truth, name)
        age[sex == code] = np.interp(target[sex == code], values, grid)
    return np.maximum(birth + np.ceil(age * DAYS_IN_YEAR).astype(np.int64), start + 1)


def _certified(
    random: np.random.Generator, truth: Basis, first: Int32, when: Int64, band: Int64
) -> NDArray[np.intp]:
    """State after a certification, 4 = recovered."""
    # completed years by the calendar: the anniversary of a day that the year lacks is 28 February
    years = (when.astype("datetime64[D]").astype("datetime64[Y]")).astype(np.int64) + 1970
    own = first.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    years -= own
    years -= months_later(first, years * 12) > when
    rows = truth.matrices.probabilities[truth.matrices.position(years), band]
    return np.asarray((random.random(first.size)[:, None] >= np.cumsum(rows, axis=1)[:, :-1]).sum(axis=1))


def _degrees(random: np.random.Generator, band: NDArray[Any]) -> NDArray[np.int64]:
    """A degree of each band, whole percent, evenly."""
    bounds = np.array(list(PayoutLaw().latest("degree_bands").values()))
    low, high = bounds[band, 0], bounds[band, 1]
    return np.asarray(low + np.floor(random.random(len(band)) * (high - low + 1)).astype(np.int64))


def _table(rows: _Rows) -> pa.Table:
    claim = np.concatenate(rows.claim)
    columns = {name: np.concatenate(parts) for name, parts in rows.parts.items()}
    order = np.lexsort((columns["entry_date"], claim))
    width = len(str(int(claim.max(initial=0)) + 1))
    texts: dict[str, list[Any]] = {
        "claim_id": [f"SYN-{number + 1:0{width}d}" for number in claim[order].tolist()]
    }
    for name in _COLUMNS[1:]:
        values = columns[name][order].tolist()
        if name == "sex":
            texts[name] = [SEXES[v] for v in values]
        elif name == "exit_reason":
            texts[name] = [EXITS[v] for v in values]
        elif name.startswith("degree"):
            texts[name] = [None if v == NO_DEGREE else v for v in values]
        else:
            texts[name] = [EPOCH + timedelta(days=v) for v in values]
    kinds = {"sex": pa.string(), "exit_reason": pa.string(), "claim_id": pa.string()}
    return pa.table(
        {
            name: pa.array(
                texts[name],
                kinds.get(name, pa.int16() if name.startswith("degree") else pa.date32()),
                from_pandas=False,
            )
            for name in _COLUMNS
        }
    )
