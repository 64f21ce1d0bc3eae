"""The checked history: spells of claimants under observation, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

EXITS = ("recovered", "dead", "degree_changed", "pension", "censored")
"""How a spell ends; a number in the records is the position here."""
RECOVERED, DEAD, DEGREE_CHANGED, PENSION, CENSORED = range(len(EXITS))


@dataclass(frozen=True)
class HistoryRecords:
    """Spells of observation, one element a spell, all arrays of one length ``n``.

    A spell is the time from ``entry_date`` to ``exit_date`` in one certificate or one band: observed from the
    start of its first day to the start of ``exit_date``, at which the exit happens.

    Attributes
    ----------
    claim : int64
        The same number in the spells of one claim; it names nothing else.
    sex : int8
        Position in `actuarial.record.SEXES`.
    birth_date, entry_date, exit_date, first_certificate_date : int32
        Days since 1970-01-01; birth < entry < exit, first certificate ≤ entry.
    exit_reason : int8
        Position in `EXITS`.
    band, band_to : int8
        Band of the degree before and after (0 A … 3 D); ``band_to`` -1 where the spell ends in none.
    """

    claim: Int64
    sex: Int8
    birth_date: Int32
    entry_date: Int32
    exit_date: Int32
    first_certificate_date: Int32
    exit_reason: Int8
    band: Int8
    band_to: Int8

    def __len__(self) -> int:
        """Return the number of spells."""
        return int(self.claim.shape[0])

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths: a mix-up must not reach a kernel."""
        for field in fields(self):
            if getattr(self, field.name).shape != (len(self),):
                raise ValueError(f"HistoryRecords.{field.name} has another length than claim")

    def take(self, rows: NDArray[np.bool_] | Int64) -> HistoryRecords:
        """Records of some rows (positions or a mask)."""
        return HistoryRecords(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def observed_until(self, day: int) -> HistoryRecords:
        """The history as it was known on a day: later spells are left out, open ones are censored there.

        Parameters
        ----------
        day : int [days since 1970-01-01]
            An exit on the day itself is known.
        """
        known = self.take(self.entry_date < day)
        is_open = known.exit_date > day
        return replace(
            known,
            exit_date=np.where(is_open, np.int32(day), known.exit_date).astype(np.int32),
            exit_reason=np.where(is_open, np.int8(CENSORED), known.exit_reason).astype(np.int8),
            band_to=np.where(is_open, np.int8(-1), known.band_to).astype(np.int8),
        )

    def durations(self) -> tuple[Int64, Int64]:
        """Days from the first certificate to entry and to exit, both shape (n,)."""
        start = self.first_certificate_date.astype(np.int64)
        return self.entry_date - start, self.exit_date - start
