"""The study of a history: from checked spells and a prior basis to everything that is estimated.

The method is docs/fit.md. What the data do not carry is a note that says so, never a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.experience.certification import CertificationCounts, certification_counts
from actuarial.experience.choice import StudyError, resolved_choices
from actuarial.experience.duration_study import DurationStudy, duration_study
from actuarial.experience.exposure import ExposureCells, exposure_cells
from actuarial.experience.mortality_study import (
    SEX_NAMES,
    ActualExpected,
    GraduatedTable,
    MultiplierEstimate,
    actual_expected,
    estimated_multipliers,
    expected_deaths,
    graduated_table,
)
from actuarial.experience.record import HistoryRecords
from actuarial.language import Text, joined, text
from actuarial.payout_law import calendar_date, day
from actuarial.record import BANDS, SEXES
from mortality.estimate import EstimateError
from mortality.graduate import DEFAULT_ORDER, checked_order, checked_smoothing
from mortality.matrix_estimate import MOST_STRENGTH, MatrixEstimate, estimated_matrices

FEWEST_TERMS = 20
"""Certifications of a band from which their terms are compared with those of the prior basis."""


@dataclass(frozen=True)
class StudyOptions:
    """How to estimate.

    Attributes
    ----------
    choices : mapping of str to str
        Of `actuarial.experience.choice.CHOICES`; what is not given has its default.
    prior_strength : float, optional
        Certifications that the prior matrices are worth; default estimated.
    smoothing : float, optional
        λ of the graduated mortality; default chosen.
    recovery_smoothing : (float, float), optional
        λ by age and by duration of the graduated recovery rates; default chosen.
    order : int
        Order of differences of all graduations.
    as_of : date, optional
        The history as it was known on that day; default all of it.
    """

    choices: Mapping[str, str] = field(default_factory=dict)
    prior_strength: float | None = None
    smoothing: float | None = None
    recovery_smoothing: tuple[float, float] | None = None
    order: int = DEFAULT_ORDER
    as_of: date | None = None


@dataclass(frozen=True)
class Study:
    """What a history says.

    Attributes
    ----------
    options : StudyOptions
    choices : dict of str to str
        Resolved.
    prior : Basis
    n_spells, n_claims : int
    first_day, last_day : date
        First entry and last exit.
    n_later : int
        Spells that begin on or after ``as_of`` and are left out.
    cells : ExposureCells
    expected : float64 (m,)
        Deaths expected in each cell by the table alone.
    actual_expected : tuple of ActualExpected
    multipliers : tuple of MultiplierEstimate
    certifications : CertificationCounts
    matrices : MatrixEstimate
    tables : dict of str to GraduatedTable
        By sex, where there are deaths enough.
    durations : DurationStudy
    notes : tuple of str
        What could not be estimated, and why.
    """

    options: StudyOptions
    choices: dict[str, str]
    prior: Basis
    n_spells: int
    n_claims: int
    first_day: date
    last_day: date
    n_later: int
    cells: ExposureCells
    expected: NDArray[np.float64]
    actual_expected: tuple[ActualExpected, ...]
    multipliers: tuple[MultiplierEstimate, ...]
    certifications: CertificationCounts
    matrices: MatrixEstimate
    tables: dict[str, GraduatedTable]
    durations: DurationStudy
    notes: tuple[str, ...]


def experience_study(
    records: HistoryRecords,
    prior: Basis,
    options: StudyOptions | None = None,
    announce: Callable[[str], None] = lambda step: None,
) -> Study:
    """Estimate everything that a history carries.

    Parameters
    ----------
    records : HistoryRecords
        As a reader has checked them.
    prior : Basis
        Tables, multipliers and matrices to compare with and to lean on.
    options : StudyOptions, optional
    announce : callable
        Told each step as it begins.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        E6220 an unknown choice; E6221 an age outside the tables; E6223 a multiplier that no basis takes;
        E6224 no certification without change is recorded; E6225 nothing is known on ``as_of``; E6226 a
        graduated table was asked for and cannot be made.
    mortality.estimate.EstimateError
        E6204, E6205 the prior strength; E6206 a smoothing or order that cannot be used.
    """
    options = options or StudyOptions()
    choices = resolved_choices(options.choices)
    checked_order(options.order)
    for smoothing, directions in ((options.smoothing, 1), (options.recovery_smoothing, 2)):
        if smoothing is not None:
            checked_smoothing(smoothing, directions)
    n_all = len(records)
    if options.as_of is not None:
        records = records.observed_until(day(options.as_of))
    if not len(records):
        raise StudyError(
            "E6225",
            "as-of {as_of}: no spell begins before that day; take a later day or leave it out",
            as_of=options.as_of,
        )
    announce(text("splitting the exposure"))
    cells = exposure_cells(records)
    expected = expected_deaths(cells, prior)
    multipliers = estimated_multipliers(cells, expected, prior, choices["multipliers"])
    certifications = certification_counts(records, prior.matrices, prior.terms, choices["stays"])
    matrices = estimated_matrices(certifications.counts, prior.matrices, options.prior_strength)
    announce(text("graduating"))
    notes: list[str] = []
    tables = {}
    for sex in SEXES:
        try:
            tables[sex] = graduated_table(
                cells, expected, multipliers, prior, sex, options.smoothing, options.order
            )
        except EstimateError as error:
            notes.append(
                text(
                    "graduated mortality, {sex}: {error} ({code})",
                    sex=SEX_NAMES[sex],
                    error=error,
                    code=error.code,
                )
            )
    if choices["table"] == "graduated" and len(tables) < len(SEXES):
        raise StudyError("E6226", "choice table=graduated: {notes}", notes=joined(notes, "; "))
    announce(text("fitting durations"))
    durations = duration_study(records, cells, options.recovery_smoothing, options.order)
    return Study(
        options=options,
        choices=choices,
        prior=prior,
        n_spells=len(records),
        n_claims=int(np.unique(records.claim).size),
        first_day=calendar_date(int(records.entry_date.min())),
        last_day=calendar_date(int(records.exit_date.max())),
        n_later=n_all - len(records),
        cells=cells,
        expected=expected,
        actual_expected=actual_expected(cells, expected, prior),
        multipliers=multipliers,
        certifications=certifications,
        matrices=matrices,
        tables=tables,
        durations=durations,
        notes=(
            *notes,
            *_matrix_notes(certifications, matrices, choices["stays"]),
            *_term_notes(certifications, prior, choices["stays"]),
            *durations.notes,
        ),
    )


def _term_notes(certifications: CertificationCounts, prior: Basis, stays: str) -> list[Text]:
    """Where certificates last longer or shorter than the basis will let them last."""
    notes = []
    found = zip(BANDS, prior.terms.tolist(), certifications.by_band.tolist(), strict=True)
    for (band, term, n), months in zip(found, certifications.median_months.tolist(), strict=True):
        if n < FEWEST_TERMS:
            continue
        if not term:
            notes.append(
                text(
                    "band {band}: {n} certifications, but the prior basis has no review in it: its matrix "
                    "rows are not used until next_term_months is set",
                    band=band,
                    n=n,
                )
            )
        elif stays == "rows" and abs(months - term) > 1:
            notes.append(
                text(
                    "band {band}: a certificate of the history lasts {months:g} months (median), one of "
                    "the prior basis {term}: a matrix is for one certification, set next_term_months to "
                    "what it was fitted from",
                    band=band,
                    months=months,
                    term=term,
                )
            )
    return notes


def _matrix_notes(certifications: CertificationCounts, matrices: MatrixEstimate, stays: str) -> list[Text]:
    notes = []
    if not certifications.counts.any():
        notes.append(text("no certification in the history: the matrices are those of the prior basis"))
    if stays == "rows" and certifications.n_passed:
        notes.append(
            text(
                "{n_passed} review dates of the prior basis passed inside spells without a row; they are not "
                "counted (choice stays=rows)",
                n_passed=certifications.n_passed,
            )
        )
    if matrices.is_estimated and matrices.strength == MOST_STRENGTH:
        notes.append(
            text(
                "certifications depart from the prior matrices no more than chance does: the prior "
                "strength is at its upper limit, and the matrices stay as they are"
            )
        )
    if matrices.impossible:
        notes.append(
            text(
                "{impossible} certifications went where the prior matrices give probability 0: they count in "
                "the fitted matrices, but not in the estimate of the prior strength",
                impossible=matrices.impossible,
            )
        )
    return notes
