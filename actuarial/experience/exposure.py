"""Central exposure: exact days of observation and exits by sex, band, age, duration and calendar year.

A day belongs to the age last birthday, the completed years since the first certificate and the calendar
year of that day; an exit belongs to the last day observed before it. Days are integers, so that the result
does not depend on the order of the spells. (Central exposed to risk: Macdonald, Richards, Currie, Modelling
Mortality with Actuarial Applications, 2018.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actuarial.experience.record import EXITS, HistoryRecords
from actuarial.record import BANDS, SEXES

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]

DAYS_IN_YEAR = 365.25
DIMENSIONS = ("sex", "band", "age", "duration", "year")


@dataclass(frozen=True)
class ExposureCells:
    """Cells with any observation, in the order of their keys; all arrays of one length ``m``.

    Attributes
    ----------
    sex, band, age, duration, year : int64 (m,)
        Positions in `SEXES` and `BANDS`; age last birthday, completed years since the first certificate,
        calendar year.
    days : int64 (m,) [days]
    exits : int64 (m, 5)
        By `EXITS`; a change inside the band counts as degree_changed.
    """

    sex: Int64
    band: Int64
    age: Int64
    duration: Int64
    year: Int64
    days: Int64
    exits: Int64

    @property
    def years(self) -> Float:
        """Person-years, days / 365.25, shape (m,)."""
        return self.days / DAYS_IN_YEAR

    def key(self, dimension: str) -> Int64:
        """One of `DIMENSIONS`, shape (m,)."""
        values: Int64 = getattr(self, dimension)
        return values


def exposure_cells(records: HistoryRecords) -> ExposureCells:
    """Split a history into cells of exposure.

    Parameters
    ----------
    records : HistoryRecords
        At least one spell.

    Returns
    -------
    ExposureCells
        ``days.sum()`` is the sum of exit - entry; ``exits.sum()`` the number of spells.
    """
    from actuarial.kernels.exposure import split_spells

    last_day = (records.exit_date - 1).astype(np.int32)
    birth, start = _civil(records.birth_date), _civil(records.first_certificate_date)
    entry_year, last_year = _civil(records.entry_date)[:, 0], _civil(last_day)[:, 0]
    first_age = max(0, int((entry_year - birth[:, 0]).min()) - 1)
    n_ages = int((last_year - birth[:, 0]).max()) - first_age + 1
    n_durations = int((last_year - start[:, 0]).max()) + 1
    first_year = int(entry_year.min())
    n_years = int(last_year.max()) - first_year + 1
    shape = (n_ages, n_durations, n_years)
    group = (records.sex.astype(np.int32) * len(BANDS) + records.band).astype(np.int32)
    days = np.zeros(len(SEXES) * len(BANDS) * n_ages * n_durations * n_years, dtype=np.int64)
    last_cell = np.empty(len(records), dtype=np.int64)
    split_spells(
        group, birth, start, records.entry_date, records.exit_date, entry_year, shape, first_age, first_year,
        days, last_cell,
    )  # fmt: skip
    cells = np.flatnonzero(days)
    exits = np.zeros((cells.size, len(EXITS)), dtype=np.int64)
    np.add.at(exits, (np.searchsorted(cells, last_cell), records.exit_reason), 1)
    rest, year = np.divmod(cells, n_years)
    rest, duration = np.divmod(rest, n_durations)
    rest, age = np.divmod(rest, n_ages)
    sex, band = np.divmod(rest, len(BANDS))
    return ExposureCells(sex, band, age + first_age, duration, year + first_year, days[cells], exits)


def _civil(days: NDArray[np.int32]) -> NDArray[np.int32]:
    """Year, month, day of day numbers, shape (n, 3)."""
    when = days.astype("datetime64[D]")
    months = when.astype("datetime64[M]")
    month = months.astype(np.int64)
    return np.stack(
        [month // 12 + 1970, month % 12 + 1, (when - months).astype(np.int64) + 1], axis=1
    ).astype(np.int32)
