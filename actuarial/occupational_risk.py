"""Occupational risk of jobs, departments and enterprises, and the effect of safety measures over time.

A method of a monograph, not law: docs/risk.md has its words, what of them is damaged in the text, and how
this reading fills the gaps. Everything is exact, so that no order of rows changes a digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

import tariffs
from actuarial.error import ActuarialError
from actuarial.language import text
from actuarial.premium.choice import Choice
from actuarial.square_root import square_root

Int64 = NDArray[np.int64]

SCORES = ("harmfulness", "injury_hazard", "equipment", "protective_equipment", "morbidity")
"""В, Т, Об, СИЗ, З of the formula."""
PROTECTION = ("equipment", "protective_equipment")
SCORE_UNIT = 100
"""Scores are whole hundredths."""
HIGHEST_SCORE = 1000
MOST_WORKERS = 10_000_000
"""Of one job: with them and the highest score a million jobs add up exactly in 64 bits."""
NO_SCORE = -1
CRITERIA = ("economic", "social")

CHOICES: Mapping[str, Choice] = MappingProxyType(
    {
        choice.name: choice
        for choice in (
            Choice(
                "department_mean",
                ("headcount", "plain"),
                text("ch. 3.2"),
                text(
                    "the text weighs departments by headcount and does not say how the jobs of a "
                    "department make its risk; the same weights inside it make П1 the mean over all "
                    "workers. 'plain' takes the mean over jobs"
                ),
            ),
            Choice(
                "protection_scores",
                ("risk", "safety"),
                text("ch. 3.2"),
                text(
                    "Об and СИЗ are named by safety, but add to the risk: a higher score must be the "
                    "worse one. 'safety' takes scores in which higher is better and turns them over on "
                    "the scale"
                ),
            ),
        )
    }
)


class OccupationalRiskError(ActuarialError):
    """An assessment that cannot be computed (E480x)."""


@dataclass(frozen=True)
class Scale:
    """The scale of the five scores; the text names none, so it is an input.

    Attributes
    ----------
    lowest, highest : Decimal
        At most two decimals.
    """

    lowest: Decimal
    highest: Decimal

    def __post_init__(self) -> None:
        """Refuse a scale that is none.

        Raises
        ------
        OccupationalRiskError
            E4802.
        """
        bounds = (self.lowest, self.highest)
        fine = any(bound * SCORE_UNIT % 1 for bound in bounds)
        if fine or not 0 <= self.lowest < self.highest <= HIGHEST_SCORE:
            raise OccupationalRiskError(
                "E4802",
                "the scale is {lowest}-{highest}: it must rise, inside 0-{highest_score}, with at most two "
                "decimals",
                lowest=self.lowest,
                highest=self.highest,
                highest_score=HIGHEST_SCORE,
            )

    def units(self) -> tuple[int, int]:
        """Both bounds [1 / SCORE_UNIT]."""
        return int(self.lowest * SCORE_UNIT), int(self.highest * SCORE_UNIT)


@dataclass(frozen=True)
class RiskRecords:
    """Checked scores: e enterprises with d departments and p jobs.

    Attributes
    ----------
    enterprise, department, position : tuple of str
        Names, (e,), (d,), (p,).
    enterprise_of_department : int64 (d,)
    department_workers : int64 (d,)
        Weight of the department, above 0.
    department_of_position : int64 (p,)
        Every department has a job.
    n_workers : int64 (p,)
        1 to `MOST_WORKERS`.
    scores : int64 (p, 5) [1 / SCORE_UNIT]
        `SCORES`, on the scale.
    injury_score, compliance_score : int64 (e,) [1 / SCORE_UNIT]
        П2 and П3 as the authority's system gave them; `NO_SCORE` where not known.
    """

    enterprise: tuple[str, ...]
    department: tuple[str, ...]
    position: tuple[str, ...]
    enterprise_of_department: Int64
    department_workers: Int64
    department_of_position: Int64
    n_workers: Int64
    scores: Int64
    injury_score: Int64
    compliance_score: Int64


@dataclass(frozen=True)
class OccupationalRisk:
    """Risks of a method on records, each exact.

    Attributes
    ----------
    individual : int64 (p,) [1 / unit]
        R_ind of each job.
    unit : int
    department : tuple of Fraction, (d,)
    enterprise : tuple of Fraction, (e,)
        П1.
    total : tuple of Fraction or None, (e,)
        П1 + П2 + П3; None where П2 or П3 is not known.
    contribution : tuple of dict of str to Fraction, (e,)
        What each score adds to П1; they add up to it.
    n_workers : tuple of int, (e,)
    choices : dict of str to str
    entry : tariffs.Entry
        The weights used, with their source.
    """

    individual: Int64
    unit: int
    department: tuple[Fraction, ...]
    enterprise: tuple[Fraction, ...]
    total: tuple[Fraction | None, ...]
    contribution: tuple[dict[str, Fraction], ...]
    n_workers: tuple[int, ...]
    choices: dict[str, str]
    entry: tariffs.Entry


def resolved_risk_choices(given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for every choice: the given one or the default.

    Raises
    ------
    OccupationalRiskError
        E4801: unknown choice or value.
    """
    for name, value in given.items():
        if name not in CHOICES:
            raise OccupationalRiskError(
                "E4801",
                "there is no choice {name!r}; the choices are {choices}",
                name=name,
                choices=", ".join(CHOICES),
            )
        if value not in CHOICES[name].values:
            values = ", ".join(CHOICES[name].values)
            raise OccupationalRiskError(
                "E4801",
                "the choice {name} is {value!r}; it can be {values}",
                name=name,
                value=value,
                values=values,
            )
    return {name: given.get(name, choice.default) for name, choice in CHOICES.items()}


def occupational_risk(
    records: RiskRecords,
    scale: Scale,
    assessment_date: date,
    choices: Mapping[str, str] | None = None,
) -> OccupationalRisk:
    """Return individual, department and enterprise risk.

    Parameters
    ----------
    records : RiskRecords
    scale : Scale
    assessment_date : date
        Chooses the weights on record.
    choices : mapping of str to str, optional
        Of `CHOICES`.

    Raises
    ------
    OccupationalRiskError
        E4801.
    tariffs.LawError
        No weights on record for the date.

    Notes
    -----
    ``R_ind = 0.7·(В + Т)/2 + 0.2·(Об + СИЗ)/2 + 0.1·З``; ``R_dep`` the mean of its jobs (choice
    ``department_mean``); ``П1 = Σ w·R_dep / Σ w``, w the headcount of the department; total = П1 + П2 + П3
    (monograph, ch. 3.2, formulas 3 and 4).
    """
    resolved = resolved_risk_choices(choices or {})
    entry = tariffs.parameter("occupational_risk_weights").on(assessment_date)
    factors, unit = _factors(entry.value)
    scores = records.scores
    if resolved["protection_scores"] == "safety":
        scores = scores.copy()
        turned = [SCORES.index(name) for name in PROTECTION]
        scores[:, turned] = sum(scale.units()) - scores[:, turned]
    parts = scores * np.array([factors[name] for name in SCORES], dtype=np.int64)
    weight = records.n_workers
    if resolved["department_mean"] == "plain":
        weight = np.ones_like(weight)
    n_departments, n_enterprises = len(records.department), len(records.enterprise)
    sums = np.zeros((n_departments, len(SCORES)), dtype=np.int64)
    np.add.at(sums, records.department_of_position, parts * weight[:, None])
    weights = np.bincount(records.department_of_position, weight, n_departments).astype(np.int64)
    by_department = [
        [Fraction(int(part), int(w) * unit) for part in row] for row, w in zip(sums, weights, strict=True)
    ]
    n_workers = [0] * n_enterprises
    added = [[Fraction(0)] * len(SCORES) for _ in range(n_enterprises)]
    for d, row in enumerate(by_department):
        e, w = int(records.enterprise_of_department[d]), int(records.department_workers[d])
        n_workers[e] += w
        added[e] = [total + w * part for total, part in zip(added[e], row, strict=True)]
    contribution = tuple(
        {name: part / n for name, part in zip(SCORES, row, strict=True)}
        for row, n in zip(added, n_workers, strict=True)
    )
    enterprise = tuple(sum(row.values(), Fraction(0)) for row in contribution)
    others = zip(records.injury_score.tolist(), records.compliance_score.tolist(), strict=True)
    total = tuple(
        None if NO_SCORE in pair else p1 + Fraction(sum(pair), SCORE_UNIT)
        for p1, pair in zip(enterprise, others, strict=True)
    )
    return OccupationalRisk(
        parts.sum(axis=1),
        unit,
        tuple(sum(row, Fraction(0)) for row in by_department),
        enterprise,
        total,
        contribution,
        tuple(n_workers),
        resolved,
        entry,
    )


def _factors(weights: Mapping[str, Decimal]) -> tuple[dict[str, int], int]:
    """What one hundredth of each score adds to a risk, in whole parts of the unit."""
    each = {
        "harmfulness": Fraction(weights["conditions"]) / 2,
        "injury_hazard": Fraction(weights["conditions"]) / 2,
        "equipment": Fraction(weights["protection"]) / 2,
        "protective_equipment": Fraction(weights["protection"]) / 2,
        "morbidity": Fraction(weights["morbidity"]),
    }
    common = int(np.lcm.reduce([factor.denominator for factor in each.values()]))
    return {name: int(factor * common) for name, factor in each.items()}, common * SCORE_UNIT


@dataclass(frozen=True)
class Indicator:
    """One indicator of the effect of safety measures.

    Attributes
    ----------
    enterprise, name : str
    criterion : {'economic', 'social'}
    is_better_higher : bool
        Whether a higher value is the better one.
    weight : Fraction
        Of experts, above 0.
    lowest, highest : Fraction
        Range of the indicator over the years of the programme.
    before, after : Fraction
        Inside the range.
    """

    enterprise: str
    name: str
    criterion: str
    is_better_higher: bool
    weight: Fraction
    lowest: Fraction
    highest: Fraction
    before: Fraction
    after: Fraction

    def standardised(self, value: Fraction) -> Fraction:
        """``(x − lowest) / (highest − lowest)``, turned over where a lower value is the better one."""
        z = (value - self.lowest) / (self.highest - self.lowest)
        return z if self.is_better_higher else 1 - z


@dataclass(frozen=True)
class Effect:
    """Indices of one enterprise before and after the measures.

    Attributes
    ----------
    enterprise : str
    before, after : dict of str to Fraction [1]
        Weighted mean of the standardised indicators by criterion; only criteria with indicators.
    ratio : dict of str to Fraction or None
        After / before: the effect coefficient; None where the index before is 0.
    combined_before, combined_after : Fraction or None
        ``√(K_economic · K_social)``, to 12 decimals; None without one of the criteria.
    combined_ratio : Fraction or None
    """

    enterprise: str
    before: dict[str, Fraction]
    after: dict[str, Fraction]
    ratio: dict[str, Fraction | None]
    combined_before: Fraction | None
    combined_after: Fraction | None
    combined_ratio: Fraction | None

    def rows(self) -> tuple[tuple[str, Fraction, Fraction, Fraction | None], ...]:
        """Name, before, after and ratio of each index, the combined one last."""
        found = [(name, self.before[name], self.after[name], self.ratio[name]) for name in self.before]
        if self.combined_before is not None and self.combined_after is not None:
            found.append(("combined", self.combined_before, self.combined_after, self.combined_ratio))
        return tuple(found)


def effects(indicators: Sequence[Indicator]) -> tuple[Effect, ...]:
    """Return the effect of each enterprise, in the order in which they first appear.

    Parameters
    ----------
    indicators : sequence of Indicator

    Notes
    -----
    ``z = (x − min)/(max − min)`` (monograph, ch. 2.2, formula 5); index of a criterion ``Σ w·z / Σ w``;
    effect coefficient index after / index before; ``K_int = √(K_economic · K_social)`` (formula 6).
    """
    by_enterprise: dict[str, list[Indicator]] = {}
    for indicator in indicators:
        by_enterprise.setdefault(indicator.enterprise, []).append(indicator)
    return tuple(_effect(name, rows) for name, rows in by_enterprise.items())


def _effect(enterprise: str, rows: Sequence[Indicator]) -> Effect:
    groups = {c: [row for row in rows if row.criterion == c] for c in CRITERIA}
    groups = {criterion: group for criterion, group in groups.items() if group}

    def index(group: Sequence[Indicator], moment: str) -> Fraction:
        weight = sum((row.weight for row in group), Fraction(0))
        weighted = (row.weight * row.standardised(getattr(row, moment)) for row in group)
        return sum(weighted, Fraction(0)) / weight

    before = {criterion: index(group, "before") for criterion, group in groups.items()}
    after = {criterion: index(group, "after") for criterion, group in groups.items()}
    combined: list[Fraction | None] = [None, None, None]
    if len(groups) == len(CRITERIA):
        squares = [index["economic"] * index["social"] for index in (before, after)]
        combined = [square_root(squares[0]), square_root(squares[1]), None]
        if squares[0]:
            combined[2] = square_root(squares[1] / squares[0])
    return Effect(
        enterprise,
        before,
        after,
        {name: after[name] / before[name] if before[name] else None for name in groups},
        *combined,
    )
