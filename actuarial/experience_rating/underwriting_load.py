"""Terms of the voluntary underwriting load from the accident statistics of a book.

The rules of the voluntary product ask for two years of statistics (clause 25(1)) and leave the load (19) to
the insurer's own instruction. Here its frequency and its credibility are estimated from all policyholders of
those years; the bounds stay an input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actuarial.credibility import buhlmann_straub
from actuarial.experience_rating.modification import RatingError
from actuarial.language import joined, text
from actuarial.plain_table import PlainTableError, plain_rows, shown_row
from actuarial.premium.voluntary import LoadTerms

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

MOST_SHOWN = 10
"""Bad lines that a message shows."""
COLUMNS = ("policyholder", "year", "risk_class", "workers", "accidents")
MOST_DIGITS = 9
DIGITS = 12
"""Decimals of an estimate handed to the exact computation of a premium."""


@dataclass(frozen=True)
class PolicyholderYear:
    """Workers, and accidents with a degree of 5-29 %, of one policyholder in one year and class."""

    policyholder: str
    year: int
    risk_class: int
    n_workers: int
    n_accidents: int


@dataclass(frozen=True)
class FittedLoad:
    """What the book says about the load.

    Attributes
    ----------
    frequency : dict of int to float
        Expected accidents a worker a year by class; together they expect what happened.
    credibility_accidents : float
        Expected accidents at which own statistics weigh one half; infinite where the book shows no
        difference between policyholders.
    n_policyholders, n_workers, n_accidents : int
        Worker-years and accidents behind the estimates.
    """

    frequency: dict[int, float]
    credibility_accidents: float
    n_policyholders: int
    n_workers: int
    n_accidents: int

    def terms(self, risk_class: int, smallest: Decimal, largest: Decimal) -> LoadTerms:
        """Terms for a contract of a class.

        Raises
        ------
        RatingError
            E4817 the book has no worker of the class.
        """
        if risk_class not in self.frequency:
            known = ", ".join(map(str, sorted(self.frequency)))
            raise RatingError(
                "E4817",
                "the statistics have no class {risk_class}; they have {known}: give its frequency",
                risk_class=risk_class,
                known=known,
            )
        constant = Decimal("Infinity")
        if np.isfinite(self.credibility_accidents):
            constant = Decimal(f"{self.credibility_accidents:.{DIGITS}f}")
        return LoadTerms(
            Decimal(f"{self.frequency[risk_class]:.{DIGITS}f}"),
            None,
            smallest,
            largest,
            credibility_accidents=constant,
        )


def read_statistics(path: Path) -> list[PolicyholderYear]:
    """Read statistics: a CSV file with the columns `COLUMNS`.

    Raises
    ------
    RatingError
        E4817: the file is not such a table; every bad line is named, at most ten shown.
    """
    try:
        rows = plain_rows(path)
    except PlainTableError as error:
        raise RatingError("E4817", "{path}: cannot be read: {error}", path=path, error=error) from None
    if not rows or tuple(rows[0][1]) != COLUMNS:
        found = shown_row(rows[0][1]) if rows else text("nothing")
        raise RatingError(
            "E4817",
            "{path}: the header must be {columns}, found {found}",
            path=path,
            columns=",".join(COLUMNS),
            found=found,
        )
    result: list[PolicyholderYear] = []
    bad: list[str] = []
    for number, cells in rows[1:]:
        if len(cells) == len(COLUMNS) and cells[0] and all(_is_count(cell) for cell in cells[1:]):
            result.append(PolicyholderYear(cells[0], *map(int, cells[1:])))
        else:
            bad.append(text("line {number}: {cells}", number=number, cells=shown_row(cells)))
    if bad:
        shown = joined(bad[:MOST_SHOWN], "; ")
        if len(bad) > MOST_SHOWN:
            shown = text("{lines} and {n} more", lines=shown, n=len(bad) - MOST_SHOWN)
        raise RatingError(
            "E4817",
            "{path}: a name and four whole numbers up to {most_digits} digits are expected in {shown}",
            path=path,
            most_digits=MOST_DIGITS,
            shown=shown,
        )
    return result


def _is_count(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and len(cell) <= MOST_DIGITS


def fitted_load(statistics: Sequence[PolicyholderYear], years: Sequence[int]) -> FittedLoad:
    """Estimate frequency by class and the credibility of a policyholder's own statistics.

    Parameters
    ----------
    statistics : sequence of PolicyholderYear
        Rows of one policyholder, year and class are added up; other years than ``years`` are not read.
    years : sequence of int
        The years before the contract.

    Raises
    ------
    RatingError
        E4817 no workers or no accidents in those years.
    CredibilityError
        Fewer than two policyholders with two years (E4701, E4702).

    Notes
    -----
    Frequency of a class: Bühlmann-Straub over classes of accidents a worker (its own where there is one
    class), scaled so that all classes together expect what happened. Own statistics: Bühlmann-Straub over
    policyholders of actual over expected accidents weighed by expected accidents; ``Z = E / (E + K)``,
    ``K = s² / a``.
    """
    rows = sorted(
        (row for row in statistics if row.year in years and row.n_workers > 0),
        key=lambda row: (row.policyholder, row.risk_class, row.year, row.n_workers, row.n_accidents),
    )
    classes = sorted({row.risk_class for row in rows})
    names = sorted({row.policyholder for row in rows})
    n_workers, n_accidents = (sum(getattr(row, n) for row in rows) for n in ("n_workers", "n_accidents"))
    if not n_workers or not n_accidents:
        raise RatingError(
            "E4817",
            "the statistics of {years} hold {n_workers} workers and {n_accidents} accidents: both are "
            "needed; give the frequency and the credibility yourself",
            years=", ".join(map(str, years)),
            n_workers=n_workers,
            n_accidents=n_accidents,
        )
    class_at = np.array([classes.index(row.risk_class) for row in rows])
    number = {name: k for k, name in enumerate(names)}
    holder_at = np.array([number[row.policyholder] for row in rows])
    year_at = np.array([list(years).index(row.year) for row in rows])
    workers = np.array([row.n_workers for row in rows], dtype=np.float64)
    accidents = np.array([row.n_accidents for row in rows], dtype=np.float64)
    by_class = _cells(len(classes), len(years), class_at, year_at, workers, accidents)
    frequency = np.array([n_accidents / n_workers])
    if len(classes) > 1:
        frequency = buhlmann_straub(_ratio(*by_class), by_class[0]).estimate
    expected = frequency[class_at] * workers
    balance = n_accidents / float(expected.sum())
    frequency, expected = frequency * balance, expected * balance
    volume, actual = _cells(len(names), len(years), holder_at, year_at, expected, accidents)
    own = buhlmann_straub(_ratio(volume, actual), volume)
    constant = float("inf") if own.are_alike else own.within_variance / own.between_variance
    return FittedLoad(
        dict(zip(classes, frequency.tolist(), strict=True)), constant, len(names), n_workers, n_accidents
    )


def _cells(
    n: int, n_years: int, row: Int64, column: Int64, volume: Float64, count: Float64
) -> tuple[Float64, Float64]:
    found = np.zeros((n, n_years)), np.zeros((n, n_years))
    np.add.at(found[0], (row, column), volume)
    np.add.at(found[1], (row, column), count)
    return found


def _ratio(volume: Float64, count: Float64) -> Float64:
    return np.divide(count, volume, out=np.zeros_like(count), where=volume > 0.0)
