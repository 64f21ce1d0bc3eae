"""The law a new claim meets, by the day of its accident: МРП, МЗП, ГФСС payment, caps.

Values after the record are projected with the basis' growth, and noted as such. Everything is a figure of
`tariffs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.basis import Basis
from actuarial.money import TIYN, exact_tiyn
from actuarial.payout_law import PayoutLaw, calendar_date
from actuarial.record import BANDS
from tariffs.social_payment import degree_coefficient, service_coefficient

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]
PERCENT = 100


@dataclass(frozen=True)
class SocialPaymentLaw:
    """Constants of the ГФСС formula on the valuation date (`tariffs.social_payment`).

    Attributes
    ----------
    subtrahend, income_floor, income_cap : float [minimum wages]
    degree_factor : float64 (101,) [1]
        ``replacement · k_degree · k_service`` by whole percent.
    unit : int [tiyn]
        Rounding half-up to it; 0 = none.
    """

    subtrahend: float
    income_floor: float
    income_cap: float
    degree_factor: Float
    unit: int


@dataclass(frozen=True)
class NewClaimLaw:
    """Figures on the day that stands for each month of accidents.

    Attributes
    ----------
    year : int64 (months,)
        Calendar year of the accident.
    minimum_wage : float64 (months,) [tiyn]
    additional : int64 (months, 4) [tiyn]
        Expected additional expenses by first band: utilisation × cap × МРП; 0 for A.
    funeral : int64 (months,) [tiyn]
    """

    year: Int64
    minimum_wage: Float
    additional: Int64
    funeral: Int64


def social_payment_law(law: PayoutLaw, valuation_date: date, service_months: int) -> SocialPaymentLaw:
    """Constants of the ГФСС payment in force on the valuation date, for a victim with so many months.

    Raises
    ------
    tariffs.LawError
        A parameter that is not on record for the date.
    """

    def value(name: str) -> Any:
        return law.series(f"social_payment_{name}").on(valuation_date)

    rule, service = value("degree_coefficient"), value("service_coefficient")
    replacement = value("income_replacement")
    k_service = service_coefficient(service_months, service)
    factors = [float(replacement * degree_coefficient(d, rule) * k_service) for d in range(PERCENT + 1)]
    unit = value("rounding_unit")
    return SocialPaymentLaw(
        subtrahend=float(value("subtrahend")),
        income_floor=float(value("base_floor_minimum_wages")),
        income_cap=float(value("base_cap_minimum_wages")),
        degree_factor=np.array(factors),
        unit=int(unit * TIYN) if unit else 0,
    )


def new_claim_law(law: PayoutLaw, basis: Basis, middle: NDArray[np.int32]) -> NewClaimLaw:
    """Figures of the months in which accidents are simulated.

    Parameters
    ----------
    law : PayoutLaw
    basis : Basis
        Growth after the record, and utilisation of the additional expenses.
    middle : int32 (months,) [days since 1970-01-01]

    Raises
    ------
    tariffs.LawError
        A parameter that is not on record.
    """
    growth = basis.assumptions.growth
    indices = law.projected_series("mci", growth.mci)
    wages = law.projected_series("minimum_wage", growth.minimum_wage)
    caps = law.latest("additional_expenses_cap")
    funeral = Fraction(law.latest("funeral_payment"))
    use = basis.assumptions.additional_expenses.utilisation
    shares = [Fraction(0), *(Fraction(repr(getattr(use, band))) * int(caps[band]) for band in BANDS[1:])]
    days = [calendar_date(int(number)) for number in middle]
    index = [Fraction(indices.on(when)) for when in days]
    return NewClaimLaw(
        np.array([when.year for when in days]),
        np.array([float(wages.on(when)) * TIYN for when in days]),
        np.array([[exact_tiyn(share * mci) for share in shares] for mci in index]),
        np.array([exact_tiyn(funeral * mci) for mci in index]),
    )
