"""The factors of the regression on a book: levels of each part, cells, relativities inside a class."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from actuarial.claim_record import KINDS, BookExperience
from actuarial.premium.book import CLASSES
from actuarial.technical_premium.assumption import StudyAssumptions
from actuarial.technical_premium.development import KindDevelopment
from actuarial.technical_premium.experience import ExperienceYears
from actuarial.technical_premium.regression import RegressionFit, fit_regression

Float64 = NDArray[np.float64]


def book_regression(
    experience: BookExperience,
    years: ExperienceYears,
    developed: tuple[KindDevelopment, ...],
    assumptions: StudyAssumptions,
) -> RegressionFit | str:
    """Claim numbers of all kinds over cells of class, size, region and year."""
    levels = factor_levels(experience, years, assumptions)
    names = [name for name in assumptions.regression.factors if name == "year" or name in levels]
    m, n = years.exposure.shape
    codes: dict[str, NDArray[np.str_]] = {}
    for name in names:
        values = (
            np.tile(np.array(years.labels), (m, 1))
            if name == "year"
            else np.tile(levels[name][:, None], (1, n))
        )
        codes[name] = values.ravel()
    keys = np.array(["\x1f".join(row) for row in zip(*codes.values(), strict=True)])
    distinct, first, of_cell = np.unique(keys, return_index=True, return_inverse=True)
    counts = np.array([years.counts(kind).sum(axis=0) for kind in range(len(KINDS))])
    ultimate = (counts * [d.count_factor for d in developed]).sum(axis=0)
    reported = np.divide(counts.sum(axis=0), ultimate, out=np.ones(n), where=ultimate > 0)
    exposure, claims = np.zeros(len(distinct)), np.zeros(len(distinct))
    np.add.at(exposure, of_cell, (years.exposure * reported).ravel())
    np.add.at(claims, of_cell.reshape(m, n)[years.part, years.year], 1.0)
    return fit_regression(
        claims,
        exposure,
        {name: values[first].tolist() for name, values in codes.items()},
        family=assumptions.regression.family,
        level=assumptions.level,
    )


def factor_levels(
    experience: BookExperience, years: ExperienceYears, assumptions: StudyAssumptions
) -> dict[str, NDArray[np.str_]]:
    """Level of each part by factor."""
    records = experience.records
    part_class = records.part_class
    levels = {"risk_class": part_class.astype(str)}
    if assumptions.sections is not None:
        of = {number: name for name, numbers in assumptions.sections.items() for number in numbers}
        levels["section"] = np.array([of[int(number)] for number in part_class])
    bounds = [1, *assumptions.size_groups]
    names = [f"{low}-{high - 1}" for low, high in pairwise(bounds)] + [f"{bounds[-1]}+"]
    owner = np.repeat(np.arange(len(records)), np.diff(records.part_start))
    known = np.maximum(np.nan_to_num(years.workers), 0.0)
    total = np.bincount(owner, weights=known, minlength=len(records))
    size = np.where(total > 0, np.array(names)[np.searchsorted(bounds[1:], total, side="right")], "unknown")
    levels["size"] = size[owner]
    if experience.region is not None:
        levels["region"] = np.array([text or "unknown" for text in experience.region])
    return levels


def part_relativities(
    experience: BookExperience,
    years: ExperienceYears,
    regression: RegressionFit | str,
    assumptions: StudyAssumptions,
) -> Float64:
    """Relativity of each part by size and region, 1 on average over the exposure of its class."""
    records = experience.records
    result = np.ones(records.n_parts)
    if isinstance(regression, str):
        return result
    levels = factor_levels(experience, years, assumptions)
    for name in ("size", "region"):
        if name in assumptions.regression.factors and name in levels:
            distinct, of = np.unique(levels[name], return_inverse=True)
            result *= np.array([regression.relativity(name, str(level)) for level in distinct])[of]
    exposure = years.exposure.sum(axis=1)
    whole, weighted = np.zeros(CLASSES), np.zeros(CLASSES)
    np.add.at(whole, records.part_class - 1, exposure)
    np.add.at(weighted, records.part_class - 1, exposure * result)
    mean = np.divide(weighted, whole, out=np.ones(CLASSES), where=whole > 0)
    scaled: Float64 = result / mean[records.part_class - 1]
    return scaled
