"""Certifications in a history: from which band to which, after how many years.

A row that ends by ``degree_changed`` or ``recovered`` is one certification on its exit date. What a
certification that changed nothing looks like is the choice ``stays``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import mortality
from actuarial.experience.choice import StudyError
from actuarial.experience.record import DEGREE_CHANGED, RECOVERED, HistoryRecords
from actuarial.kernels import timeline
from actuarial.record import BANDS

Int64 = NDArray[np.int64]

RECOVERED_STATE = len(BANDS)
_MONTHS = 12


@dataclass(frozen=True)
class CertificationCounts:
    """Certifications of a history.

    Attributes
    ----------
    counts : int64 (n, 4, 5)
        By matrix of the prior (completed years since the first certificate), from band, to A B C D R.
    n_rows : int
        Rows that end by a certification.
    n_passed : int
        Review dates of the prior basis that lie inside spells; counted as stays by ``review_dates`` only.
    by_band : int64 (4,)
        Rows that end by a certification, by band before it.
    median_months : float64 (4,)
        Median of their completed months; NaN without rows.
    """

    counts: Int64
    n_rows: int
    n_passed: int
    by_band: Int64
    median_months: NDArray[np.float64]


def certification_counts(
    records: HistoryRecords, matrices: mortality.CertificationMatrices, terms: NDArray[np.int32], stays: str
) -> CertificationCounts:
    """Count certifications.

    Parameters
    ----------
    records : HistoryRecords
    matrices : mortality.CertificationMatrices
        Their durations group the counts.
    terms : int32, shape (4,) [months]
        Term of a certificate by band, 0 = without review.
    stays : {'rows', 'review_dates'}

    Raises
    ------
    StudyError
        E6224 no row says that a certification left the band, though review dates passed inside spells: the
        matrices would say that nobody stays.
    """
    counts = np.zeros((len(matrices), len(BANDS), len(BANDS) + 1), dtype=np.int64)
    is_certified = (records.exit_reason == DEGREE_CHANGED) | (records.exit_reason == RECOVERED)
    ended = records.take(is_certified)
    to = np.where(ended.exit_reason == RECOVERED, RECOVERED_STATE, ended.band_to).astype(np.int64)
    _add(counts, matrices, ended.band, to, ended.first_certificate_date, ended.exit_date)
    n_stays = int((to == ended.band).sum())
    n_passed = 0
    number = 0
    while True:
        # the next review date of every spell that still has one inside
        number += 1
        at = terms[records.band].astype(np.int64) * number
        review = months_later(records.entry_date, at)
        inside = (at > 0) & (review < records.exit_date)
        if not inside.any():
            break
        n_passed += int(inside.sum())
        if stays == "review_dates":
            band = records.band[inside]
            _add(
                counts, matrices, band, band.astype(np.int64), records.first_certificate_date[inside],
                review[inside],
            )  # fmt: skip
    if stays == "rows" and n_stays == 0 and n_passed and len(ended):
        raise StudyError(
            "E6224",
            "{n_ended} rows end by a certification, none of them in the same band, while {n_passed} "
            "review dates of the prior basis passed inside spells: if rows end only at a change, say "
            "--choice stays=review_dates; otherwise add the certifications that changed nothing",
            n_ended=len(ended),
            n_passed=n_passed,
        )
    months = _months(ended.entry_date, ended.exit_date)
    own = [months[ended.band == code] for code in range(len(BANDS))]
    return CertificationCounts(
        counts=counts,
        n_rows=len(ended),
        n_passed=n_passed,
        by_band=np.array([len(m) for m in own]),
        median_months=np.array([np.median(m) if len(m) else np.nan for m in own]),
    )


def _add(
    counts: Int64,
    matrices: mortality.CertificationMatrices,
    band: NDArray[np.int8],
    to: Int64,
    first: NDArray[np.int32],
    when: NDArray[np.int32],
) -> None:
    """Add certifications on their days."""
    if not len(band):
        return
    np.add.at(counts, (matrices.position(_months(first, when) // _MONTHS), band, to), 1)


def _months(since: NDArray[np.int32], when: NDArray[np.int32]) -> NDArray[np.int32]:
    """Completed months from one day to another."""
    months = np.empty(len(since), dtype=np.int32)
    if len(since):
        timeline.ages(np.ascontiguousarray(since), np.ascontiguousarray(when, dtype=np.int32), months)
    return months


def months_later(days: NDArray[np.int32], months: Int64) -> NDArray[np.int32]:
    """Return the same day some months later; a day that the month lacks is that month's last day.

    Parameters
    ----------
    days : int32, shape (n,) [days since 1970-01-01]
    months : int64, shape (n,)
    """
    when = days.astype("datetime64[D]")
    own = when.astype("datetime64[M]")
    day_of_month = (when - own).astype(np.int64)
    month = own + months
    length = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    later = month.astype("datetime64[D]").astype(np.int64) + np.minimum(day_of_month, length - 1)
    return np.asarray(later, dtype=np.int32)
