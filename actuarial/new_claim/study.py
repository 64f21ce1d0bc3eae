"""What a simulation of new claims says by class and for the book: means, exact means, loss ratios, tails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actuarial import risk_measure
from actuarial.money import TIYN
from actuarial.new_claim.model import KINDS
from actuarial.new_claim.simulation import NewClaimSimulation
from actuarial.premium.book import CLASSES
from actuarial.risk_measure import Estimate

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]

TOP_LEVEL = 0.995
LOSS_RATIO_LEVELS = (0.05, 0.5, 0.95, 0.995)


@dataclass(frozen=True)
class Group:
    """Figures of one class or of the book; amounts in tenge unless said otherwise.

    Attributes
    ----------
    risk_class : int
        0 for the book.
    worker_years : float
    premium : int [tiyn]
        Of the simulated cover.
    expected_persons : float
        Exact.
    persons : Estimate
    expected_gross : int [tiyn]
        Exact, without systematic drivers.
    gross, ceded, net : Estimate
    difference : float or None
        Mean of the gross cost less the exact mean, in standard errors.
    loss_ratio : float or None
        Exact mean of the gross cost over the premium; None without a premium.
    loss_ratios : dict of float to float or None
        Quantiles of gross cost over premium; empty without a premium, None where the scenarios are too few.
    value_at_risk, tail_value_at_risk : Estimate or None
        Of the net cost at `TOP_LEVEL`; None where the scenarios are too few.
    """

    risk_class: int
    worker_years: float
    premium: int
    expected_persons: float
    persons: Estimate
    expected_gross: int
    gross: Estimate
    ceded: Estimate
    net: Estimate
    difference: float | None
    loss_ratio: float | None
    loss_ratios: dict[float, float | None]
    value_at_risk: Estimate | None
    tail_value_at_risk: Estimate | None


@dataclass(frozen=True)
class Kind:
    """Figures of one kind of claim [KZT].

    Attributes
    ----------
    name : str
        Of `KINDS`.
    persons, payout : Estimate
    each : float or None
        Mean payout of one claim; None where no scenario had one.
    """

    name: str
    persons: Estimate
    payout: Estimate
    each: float | None


def groups(result: NewClaimSimulation, *, paired: bool = False) -> tuple[tuple[Group, ...], Group]:
    """Figures by class, of the classes with exposure, and of the book.

    ``paired``: scenarios 2p and 2p + 1 are an antithetic pair.
    """
    present = [c for c in range(CLASSES) if result.worker_years[c] > 0.0]
    return tuple(_group(result, [c], c + 1, paired=paired) for c in present), _group(
        result, list(range(CLASSES)), 0, paired=paired
    )


def _group(result: NewClaimSimulation, classes: list[int], number: int, *, paired: bool) -> Group:
    def of(amounts: Int64) -> Float:
        return np.asarray(amounts[:, classes].sum(axis=1) / TIYN)

    gross, net = of(result.gross), of(result.net)
    expected = int(result.expected_gross[classes].sum())
    premium = int(result.premium[classes].sum())
    mean = risk_measure.mean(gross, paired=paired)
    difference = None
    if mean.standard_error:
        difference = (mean.value - expected / TIYN) / mean.standard_error
    ratios: dict[float, float | None] = {}
    if premium:
        ratios = risk_measure.quantiles(gross * TIYN / premium, LOSS_RATIO_LEVELS)
    return Group(
        risk_class=number,
        worker_years=float(result.worker_years[classes].sum()),
        premium=premium,
        expected_persons=float(result.expected_persons[classes].sum()),
        persons=risk_measure.mean(of(result.persons * TIYN), paired=paired),
        expected_gross=expected,
        gross=mean,
        ceded=risk_measure.mean(of(result.ceded), paired=paired),
        net=risk_measure.mean(net, paired=paired),
        difference=difference,
        loss_ratio=expected / premium if premium else None,
        loss_ratios=ratios,
        value_at_risk=risk_measure.value_at_risk(net, TOP_LEVEL, paired=paired),
        tail_value_at_risk=risk_measure.tail_value_at_risk(net, TOP_LEVEL, paired=paired),
    )


def kinds(result: NewClaimSimulation, *, paired: bool = False) -> tuple[Kind, ...]:
    """Figures by kind of claim."""
    found = []
    for k, name in enumerate(KINDS):
        persons = int(result.kind_persons[:, k].sum())
        payout = result.kind_payout[:, k] / TIYN
        found.append(
            Kind(
                name,
                risk_measure.mean(result.kind_persons[:, k].astype(np.float64), paired=paired),
                risk_measure.mean(payout, paired=paired),
                float(payout.sum()) / persons if persons else None,
            )
        )
    return tuple(found)
