"""Certification matrices: where a re-certification moves a person between bands of degree of loss.

Bands A 5-29 %, B 30-59 %, C 60-89 %, D 90-100 %; R recovered. The matrix that acts depends on the
completed years since the first certificate. Death is not in it: it acts every month by the table.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mortality.message import Message, message
from mortality.table import TableError

BANDS = ("A", "B", "C", "D")
STATES = (*BANDS, "R")
ROW_SUM_TOLERANCE = 1e-9
LONGEST_DURATION = 120

_DURATION = "duration_from"
_KEYS = (_DURATION, *BANDS)


@dataclass(frozen=True, eq=False)
class CertificationMatrices:
    """Row-stochastic matrices by completed years since the first certificate.

    Parameters
    ----------
    duration_from : tuple of int [years]
        First completed year of each matrix; the first is 0, strictly increasing.
    probabilities : array_like, shape (n, 4, 5) [1]
        From band (A B C D) to state (A B C D R). Each row sums to 1 within 1e-9.

    Raises
    ------
    TableError
        E6101 no matrices, or not of this shape; E6102 durations out of order; E6105 an entry outside
        [0, 1]; E6106 a row that does not sum to 1.
    """

    duration_from: tuple[int, ...]
    probabilities: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Check the matrices and make them read-only."""
        matrices = np.array(self.probabilities, dtype=np.float64)
        n = len(self.duration_from)
        if n == 0 or matrices.shape != (n, len(BANDS), len(STATES)):
            expected = f"({n}, {len(BANDS)}, {len(STATES)})"
            raise TableError(
                "E6101",
                "certification matrices: {n} durations and probabilities of shape {shape}; "
                "give at least one matrix and an array of shape {expected}",
                n=n,
                shape=matrices.shape,
                expected=expected,
            )
        _check_durations(self.duration_from)
        for i, matrix in enumerate(matrices):
            for band, row in zip(BANDS, matrix.tolist(), strict=True):
                _check_row(_place(i, self.duration_from[i], band), row)
        matrices.setflags(write=False)
        object.__setattr__(self, "probabilities", matrices)

    @classmethod
    def from_rows(cls, entries: Sequence[Mapping[str, object]]) -> CertificationMatrices:
        """Read the matrices as a basis file writes them.

        Parameters
        ----------
        entries : sequence of mappings
            Each ``{duration_from: 0, A: [..5..], B: [..], C: [..], D: [..]}``, columns A B C D R.

        Raises
        ------
        TableError
            E6101-E6106; the message names the matrix and the row.

        Examples
        --------
        >>> stay = {"duration_from": 0, "A": [1, 0, 0, 0, 0], "B": [0, 1, 0, 0, 0],
        ...         "C": [0, 0, 1, 0, 0], "D": [0, 0, 0, 1, 0]}
        >>> CertificationMatrices.from_rows([stay]).at(7)[1].tolist()
        [0.0, 1.0, 0.0, 0.0, 0.0]
        """
        if not entries:
            raise TableError(
                "E6101", "certification matrices: none given; give at least one, with duration_from 0"
            )
        durations: list[int] = []
        matrices: list[list[list[float]]] = []
        for i, entry in enumerate(entries):
            if not isinstance(entry, Mapping):
                raise TableError(
                    "E6103",
                    "matrix {number}: found {entry!r}; give the keys {keys}",
                    number=i + 1,
                    entry=entry,
                    keys=", ".join(_KEYS),
                )
            for key in entry:
                if key not in _KEYS:
                    near = difflib.get_close_matches(str(key), _KEYS, n=1)
                    hint = message(" (did you mean {near}?)", near=near[0]) if near else ""
                    raise TableError(
                        "E6103",
                        "matrix {number}: unknown key {key!r}{hint}; the keys are {keys}",
                        number=i + 1,
                        key=key,
                        hint=hint,
                        keys=", ".join(_KEYS),
                    )
            missing = [key for key in _KEYS if key not in entry]
            if missing:
                raise TableError(
                    "E6103",
                    "matrix {number}: missing {missing}; give a row for each of the bands A, B, C, D, "
                    "also where it is not used",
                    number=i + 1,
                    missing=", ".join(missing),
                )
            duration = entry[_DURATION]
            if isinstance(duration, bool) or not isinstance(duration, int):
                raise TableError(
                    "E6102",
                    "matrix {number}: duration_from is {duration!r}; give whole years",
                    number=i + 1,
                    duration=duration,
                )
            durations.append(duration)
            matrices.append([_row(_place(i, duration, band), entry[band]) for band in BANDS])
        return cls(tuple(durations), np.array(matrices))

    def __len__(self) -> int:
        """Return the number of matrices."""
        return len(self.duration_from)

    def position(self, completed_years: ArrayLike) -> NDArray[np.intp]:
        """Return which matrix acts: the last whose `duration_from` is not above the completed years.

        Parameters
        ----------
        completed_years : array_like of int [years]
            Since the first certificate, 0 or more.

        Returns
        -------
        intp, of the same shape

        Raises
        ------
        TableError
            E6107 a negative duration.
        """
        years = np.asarray(completed_years)
        if bool(np.any(years < 0)):
            raise TableError(
                "E6107",
                "certification matrices: asked for {years} completed years; the certification is "
                "before the first certificate, check the two dates",
                years=int(years.min()),
            )
        return np.asarray(np.searchsorted(np.asarray(self.duration_from), years, side="right") - 1)

    def at(self, completed_years: int) -> NDArray[np.float64]:
        """Return the matrix, shape (4, 5), that acts after so many completed years."""
        matrix: NDArray[np.float64] = self.probabilities[int(self.position(completed_years))]
        return matrix

    def state_probabilities(self, band: str, completed_years: Sequence[int]) -> NDArray[np.float64]:
        """Return the probabilities of the states after each of several certifications, death left out.

        Parameters
        ----------
        band : {'A', 'B', 'C', 'D'}
            Band before the first of them.
        completed_years : sequence of int, length n [years]
            Completed years since the first certificate at each certification.

        Returns
        -------
        float64, shape (n + 1, 5) [1]
            Row 0 is the start, row i the state after certification i. Recovered stays recovered.

        Raises
        ------
        TableError
            E6103 an unknown band; E6107 a negative duration.
        """
        if band not in BANDS:
            raise TableError(
                "E6103",
                "certification matrices: unknown band {band!r}; the bands are {bands}",
                band=band,
                bands=", ".join(BANDS),
            )
        rows = np.zeros((len(completed_years) + 1, len(STATES)))
        rows[0, BANDS.index(band)] = 1.0
        for i, years in enumerate(completed_years):
            rows[i + 1] = rows[i, : len(BANDS)] @ self.at(years)
            rows[i + 1, -1] += rows[i, -1]
        return rows


def _name(index: int, duration: int) -> Message:
    return message("matrix {number} (duration_from {duration})", number=index + 1, duration=duration)


def _place(index: int, duration: int, band: str) -> Message:
    return message("{matrix}, row {band}", matrix=_name(index, duration), band=band)


def _check_durations(durations: Sequence[int]) -> None:
    if durations[0] != 0:
        raise TableError(
            "E6102",
            "{matrix}: the first matrix must have duration_from 0, so that every duration has a matrix",
            matrix=_name(0, durations[0]),
        )
    if max(durations) > LONGEST_DURATION:
        raise TableError(
            "E6102",
            "duration_from {duration} is above {most} years; give completed years",
            duration=max(durations),
            most=LONGEST_DURATION,
        )
    for i in range(1, len(durations)):
        if durations[i] <= durations[i - 1]:
            raise TableError(
                "E6102",
                "{matrix}: not above {previous} of the matrix before it; order the matrices by "
                "duration_from, each once",
                matrix=_name(i, durations[i]),
                previous=durations[i - 1],
            )


def _row(where: str, values: object) -> list[float]:
    """Return the five numbers of one row."""
    if not isinstance(values, Sequence) or isinstance(values, str) or len(values) != len(STATES):
        raise TableError(
            "E6104",
            "{where}: found {values!r}; give {n} probabilities, to {states}",
            where=where,
            values=values,
            n=len(STATES),
            states=", ".join(STATES),
        )
    for state, value in zip(STATES, values, strict=True):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TableError(
                "E6105",
                "{where}, column {state}: {value!r} is not a number; give a fraction in [0, 1]",
                where=where,
                state=state,
                value=value,
            )
    return [float(value) for value in values]


def _check_row(where: str, row: Sequence[float]) -> None:
    for state, value in zip(STATES, row, strict=True):
        if not 0.0 <= value <= 1.0:  # NaN fails this too
            raise TableError(
                "E6105",
                "{where}, column {state}: {value:g} is outside [0, 1]; give a fraction, not percent",
                where=where,
                state=state,
                value=value,
            )
    total = math.fsum(row)
    if not abs(total - 1.0) <= ROW_SUM_TOLERANCE:
        raise TableError(
            "E6106",
            "{where}: the probabilities sum to {total:.10g}, not 1; the row must say where "
            "everyone goes, R included",
            where=where,
            total=total,
        )
