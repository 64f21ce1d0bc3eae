"""What a simulation of new claims needs, as flat arrays: everything that does not depend on chance.

The model file, the book, the law and the engine's unit values meet here (docs/new-claims.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.kernels import new_claim_table as table
from actuarial.money import TIYN
from actuarial.new_claim.exposure import ContractsInForce, Exposure, exposure
from actuarial.new_claim.factor import Factors, VictimCells, annuity_factors, victim_cells
from actuarial.new_claim.law import NewClaimLaw, new_claim_law, social_payment_law
from actuarial.new_claim.model import KINDS, NewClaimModel
from actuarial.payout_law import PayoutLaw
from actuarial.premium.book import CLASSES, BookLaw
from actuarial.premium.record import calendar_years
from actuarial.record import BANDS

Float = NDArray[np.float64]

EARNINGS_STEPS = 64
"""Steps of equal chance that stand for the spread of earnings, each at its own mean."""
GUIDES = 4096
"""Entries of the table that shortens the search for the cell of a victim."""
UNLIMITED = np.iinfo(np.int64).max
_EARLIEST_YEAR = 1990
"""No contract in force is older: pay grows from its contract's year."""


@dataclass(frozen=True)
class Prepared:
    """Everything a simulation needs, as the kernel's arrays; see `prepared`."""

    contracts: ContractsInForce
    model: NewClaimModel
    cover: Exposure
    cells: VictimCells
    factors: Factors
    parts: table.Parts
    chances: table.Chances
    catastrophes: table.Catastrophes
    rules: table.Rules
    values: table.Values
    treaty: table.Treaty


def prepared(
    contracts: ContractsInForce,
    model: NewClaimModel,
    basis: Basis,
    valuation_date: date,
    *,
    law: PayoutLaw | None = None,
    book_law: BookLaw | None = None,
    choices: Mapping[str, str] | None = None,
    threads: int | None = None,
) -> Prepared:
    """Arrays of a simulation: what does not depend on chance. Parameters as in `simulated_new_claims`."""
    law = law or PayoutLaw()
    file = model.assumptions
    cover = exposure(contracts, model, valuation_date, law=book_law, choices=choices, threads=threads)
    cells = victim_cells(file.victim)
    members = [member for family in file.dependants.families for member in family.members]
    delay = file.victim.certification_delay_months
    factors = annuity_factors(cells, members, cover.middle, delay, basis, valuation_date, law)
    figures = new_claim_law(law, basis, cover.middle)
    chances = _chances(model, cells)
    return Prepared(
        contracts=contracts,
        model=model,
        cover=cover,
        cells=cells,
        factors=factors,
        parts=_parts(contracts, model, cover, law, valuation_date),
        chances=chances,
        catastrophes=_catastrophes(contracts, model, cover),
        rules=_rules(model, basis, cover, figures, law, valuation_date),
        values=table.Values(
            np.stack((factors.worker, factors.worker_count), axis=-1),
            factors.member_start,
            np.stack((factors.member, factors.member_count), axis=-1),
        ),
        treaty=_treaty(model),
    )


def _parts(
    contracts: ContractsInForce, model: NewClaimModel, cover: Exposure, law: PayoutLaw, valuation_date: date
) -> table.Parts:
    records = contracts.records
    wages = law.amounts_tiyn("minimum_wage", records.contract_date)
    multiples = law.series("earnings_cap_minimum_wages")
    multiple = int(multiples.on(valuation_date))
    counts = np.diff(records.part_start)
    base = calendar_years(records.contract_date)
    if model.assumptions.exposure == "whole_term":
        base = np.full(len(records), valuation_date.year)
    is_limited = model.assumptions.insured_sum == "present_value"
    return table.Parts(
        start=records.part_start,
        key=contracts.part_key,
        risk_class=records.part_class - 1,
        workers=contracts.part_workers,
        first_day=cover.first_day,
        n_days=cover.n_days,
        worker_years=cover.worker_years,
        wage=cover.wage,
        cap=np.repeat(wages * multiple, counts),
        wage_year=np.repeat(base, counts),
        insured_sum=cover.insured_sum if is_limited else np.full(len(records), UNLIMITED),
        ceded_share=contracts.ceded_share,
    )


def _chances(model: NewClaimModel, cells: VictimCells) -> table.Chances:
    file = model.assumptions
    frequency = np.nan_to_num(model.frequency)
    persons = frequency.sum(axis=1)
    kind = np.cumsum(frequency / np.where(persons > 0.0, persons, 1.0)[:, None], axis=1)
    sizes = [file.event_size.of_class(number) for number in range(1, CLASSES + 1)]
    width = max(len(size) for size in sizes)
    size = np.ones((CLASSES, width), dtype=np.int64)
    size_chance = np.ones((CLASSES, width))
    for c, distribution in enumerate(sizes):
        ordered = sorted(distribution.items())
        size[c, : len(ordered)] = [n for n, _ in ordered]
        size_chance[c, : len(ordered)] = np.cumsum([share for _, share in ordered])
    degrees = [sorted(getattr(file.degree, band).items()) for band in BANDS]
    most = max(len(shares) for shares in degrees)
    degree = np.ones((len(BANDS), most), dtype=np.int64)
    degree_chance = np.ones((len(BANDS), most))
    for b, shares in enumerate(degrees):
        degree[b, : len(shares)] = [percent for percent, _ in shares]
        degree_chance[b, : len(shares)] = np.cumsum([share for _, share in shares])
    families = file.dependants.families
    of_cells = _cumulative(cells.chance)
    for cumulative in (kind, size_chance, degree_chance):
        cumulative[:, -1] = 1.0
    return table.Chances(
        persons=persons,
        kind=kind,
        size=size,
        size_chance=size_chance,
        degree=degree,
        degree_chance=degree_chance,
        earnings=earnings_steps(file.earnings.cv),
        cell=of_cells,
        cell_guide=np.searchsorted(of_cells, np.arange(GUIDES) / GUIDES, side="right"),
        family=_cumulative(np.array([family.share for family in families])),
        family_start=np.concatenate(([0], np.cumsum([len(family.members) for family in families]))),
        dispersion=file.frequency.dispersion or 0.0,
        with_deceased=file.dependants.survivor_share == "equal_split",
    )


def _cumulative(chances: Float) -> Float:
    result = np.cumsum(chances)
    result[-1] = 1.0
    return result


def earnings_steps(cv: float) -> Float:
    """Multiples of mean earnings, float64 (q,), alike likely, mean 1: a lognormal cut into equal chances.

    Each step is the mean of its slice: ``E[X; a < X < b] · q`` with ``X`` lognormal of mean 1.
    """
    if cv == 0.0:
        return np.ones(1)
    normal = NormalDist()
    sigma = float(np.sqrt(np.log1p(cv * cv)))
    inner = [normal.inv_cdf(k / EARNINGS_STEPS) for k in range(1, EARNINGS_STEPS)]
    below = np.array([0.0, *(normal.cdf(z - sigma) for z in inner), 1.0])
    return np.asarray(np.diff(below) * EARNINGS_STEPS)


def _catastrophes(contracts: ContractsInForce, model: NewClaimModel, cover: Exposure) -> table.Catastrophes:
    """Catastrophes of the largest site: most workers, then the larger key, so that order does not matter."""
    exposed = np.flatnonzero(cover.n_days > 0)
    order = np.lexsort((contracts.part_key[exposed], contracts.part_workers[exposed]))
    site = int(exposed[order[-1]])
    events = model.assumptions.catastrophes
    kinds = [[getattr(event.kinds, kind) for kind in KINDS] for event in events]
    cumulative = np.cumsum(np.array(kinds).reshape(-1, len(KINDS)), axis=1)
    cumulative[:, -1:] = 1.0
    return table.Catastrophes(
        part=np.full(len(events), site, dtype=np.int64),
        events=np.array([event.events_per_year * cover.years[site] for event in events], dtype=np.float64),
        persons=np.array([event.n_workers for event in events], dtype=np.int64),
        kind=cumulative,
    )


def _rules(
    model: NewClaimModel,
    basis: Basis,
    cover: Exposure,
    figures: NewClaimLaw,
    law: PayoutLaw,
    valuation_date: date,
) -> table.Rules:
    file, assumptions = model.assumptions, basis.assumptions
    months = file.social_payment.service_months
    social = social_payment_law(law, valuation_date, 0 if months is None else months)
    share = -1.0 if file.social_payment.share is None else file.social_payment.share
    certification, expenses = assumptions.certification, assumptions.expenses
    first = np.searchsorted(cover.month_of_day, np.arange(cover.n_months))
    # contracts are concluded before their accidents: differences of years are never negative
    years = int(figures.year[-1]) - _EARLIEST_YEAR + 1
    return table.Rules(
        month_of_day=cover.month_of_day,
        month_start=np.append(first, cover.month_of_day.size).astype(np.int64),
        year=figures.year,
        wage_factor=np.asarray((1.0 + file.earnings.growth) ** np.arange(years), dtype=np.float64),
        minimum_wage=figures.minimum_wage,
        additional=figures.additional,
        funeral=figures.funeral,
        representative_degree=np.array(
            [float(getattr(certification.representative_degree, band)) for band in BANDS]
        ),
        degree_factor=social.degree_factor,
        subtrahend=social.subtrahend,
        income_floor=social.income_floor,
        income_cap=social.income_cap,
        unit=social.unit,
        social_share=share,
        proportional=certification.social_payment_on_change == "proportional",
        of_payment=expenses.of_payment,
        per_month=float(expenses.per_month),
    )


def _treaty(model: NewClaimModel) -> table.Treaty:
    cover = model.assumptions.reinsurance
    layers = cover.excess_of_loss
    return table.Treaty(
        quota_share=float(cover.quota_share),
        retention=np.array([round(layer.retention * TIYN) for layer in layers], dtype=np.int64),
        limit=np.array([round(layer.limit * TIYN) for layer in layers], dtype=np.int64),
    )
