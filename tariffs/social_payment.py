"""The payment of the State Social Insurance Fund (ГФСС) for loss of general work capacity.

``(average_income - s · minimum_wage) · replacement · k_degree · k_service``, by the law in force on the
day the right arose (Law 405-II art 21 to 2019; Law 286-VI art 20 to 2023-06; Social Code art 181 since).
The insurer deducts it from the compulsory payout (OSNS Law art 19(1)). Every figure is a dated parameter
``social_payment_*``; nothing here is a figure of the law.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

from tariffs.dated import DAY, Entry, LawError
from tariffs.law import Law, law_on, parameter
from tariffs.message import message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PERCENT = 100
ROUNDINGS = {"half_up": ROUND_HALF_UP, "down": ROUND_FLOOR, "up": ROUND_CEILING}
"""Directions of rounding to the order's unit, whose text does not say which; ``none`` keeps all digits."""
TRANSITION_COEFFICIENTS = ("degree_and_service", "degree")
"""Which coefficients the transition of 2020 replaces: its text says "the coefficients"."""


class SocialPaymentError(ValueError):
    """An input no edition of the law has a place for (code E1120)."""

    def __init__(self, template: str, /, **values: Any) -> None:
        super().__init__(message(template, **values))
        self.code = "E1120"


@dataclass(frozen=True, slots=True)
class SocialPayment:
    """A monthly payment and the factors it was made of.

    Attributes
    ----------
    amount : Decimal [KZT/month]
        As paid: rounded where the law of the day has a unit, exact otherwise; 0 for a refusal.
    unrounded : Decimal [KZT/month]
        0 for a refusal.
    refusal : str
        Why nothing is due, empty when something is.
    average_income, minimum_wage : Decimal [KZT/month]
    subtrahend : Decimal [minimum wages]
    replacement, degree_coefficient, service_coefficient : Decimal [1]
    entitlement_date : date
    law : tuple of Entry
        Entries used.
    """

    amount: Decimal
    unrounded: Decimal
    refusal: str
    average_income: Decimal
    minimum_wage: Decimal
    subtrahend: Decimal
    replacement: Decimal
    degree_coefficient: Decimal
    service_coefficient: Decimal
    entitlement_date: date
    law: tuple[Entry, ...]


def social_payment(
    average_income: Decimal,
    degree_percent: int,
    months: int,
    entitlement_date: date,
    *,
    rounding: str = "half_up",
) -> SocialPayment:
    """Payment for loss of general work capacity by the law of the day the right arose.

    Parameters
    ----------
    average_income : Decimal [KZT/month]
        See `average_social_income`. It is taken as it is: one income is bounded when the average is made,
        and the sum over several payers may lie above the bound of one.
    degree_percent : int [percent]
        Degree of loss of *general* capacity.
    months : int
        Full months of participation in the system.
    entitlement_date : date
        The day the right arose: its edition and its minimum wage hold.
    rounding : {'half_up', 'down', 'up', 'none'}
        Direction of the rounding to the unit of the order of 2023; the order does not say it.

    Returns
    -------
    SocialPayment
        A result of 0 or less is a refusal with amount 0 (that exactly 0 is one too is derived).

    Raises
    ------
    SocialPaymentError
        An input outside its range.
    NotOnRecord
        The day is outside the record.

    Examples
    --------
    >>> str(social_payment(Decimal(300000), 60, 96, date(2025, 3, 1)).unrounded.normalize())
    '98262'
    """
    if not average_income >= 0:
        raise SocialPaymentError("average_income is {income}: an income is 0 or more", income=average_income)
    if not 0 <= degree_percent <= PERCENT:
        raise SocialPaymentError(
            "degree_percent is {degree}: whole percent from 0 to 100", degree=degree_percent
        )
    if not months >= 0:
        raise SocialPaymentError("months is {months}: months of participation are 0 or more", months=months)
    if rounding not in (*ROUNDINGS, "none"):
        raise SocialPaymentError(
            "rounding is {rounding!r}; choose {roundings} or none",
            rounding=rounding,
            roundings=", ".join(ROUNDINGS),
        )
    law = law_on(entitlement_date)
    wage: Decimal = law["minimum_wage"].value
    subtrahend: Decimal = law["social_payment_subtrahend"].value
    replacement: Decimal = law["social_payment_income_replacement"].value
    degree_rule = law["social_payment_degree_coefficient"].value
    k_degree = degree_coefficient(degree_percent, degree_rule)
    k_service = service_coefficient(months, law["social_payment_service_coefficient"].value)
    net = average_income - subtrahend * wage
    unrounded = max(net, Decimal(0)) * replacement * k_degree * k_service
    refusal = ""
    if degree_percent < degree_rule["lowest_degree"]:
        refusal = message(
            "the degree of {degree_percent} % is below {lowest_degree} %",
            degree_percent=degree_percent,
            lowest_degree=degree_rule["lowest_degree"],
        )
    elif net <= 0:
        refusal = message(
            "the average income does not exceed {subtrahend} minimum wages ({bound:f})",
            subtrahend=subtrahend,
            bound=subtrahend * wage,
        )
    amount = _rounded(unrounded, law, rounding)
    return SocialPayment(
        amount, unrounded, refusal, average_income, wage, subtrahend, replacement, k_degree, k_service,
        entitlement_date, law.used_entries,
    )  # fmt: skip


def degree_coefficient(degree_percent: int, rule: Mapping[str, Any]) -> Decimal:
    """Coefficient of the degree by one edition's rule; 0 below its lowest degree."""
    if degree_percent < rule["lowest_degree"]:
        return Decimal(0)
    if rule["rule"] == "own_degree":
        return Decimal(degree_percent) / PERCENT
    steps = rule["steps"]
    return next(Decimal(s["coefficient"]) for s in steps if s["lowest"] <= degree_percent <= s["highest"])


def service_coefficient(months: int, rule: Mapping[str, Any]) -> Decimal:
    """Coefficient of the months of participation by one edition's rule."""
    value: Decimal = [s["coefficient"] for s in rule["steps"] if s["months"] <= months][-1]
    growth = rule["growth"]
    if growth is not None and months > growth["above_months"]:
        value += growth["increment"] * ((months - growth["above_months"]) // growth["per_months"])
    return value if rule["maximum"] is None else min(value, rule["maximum"])


def average_social_income(
    incomes: Iterable[tuple[date, Decimal]], entitlement_date: date
) -> tuple[Decimal, tuple[Entry, ...]]:
    """Average monthly income with social contributions, months without contributions counting as 0.

    The sum over the last calendar months before the month of the right (the law says 24), divided by
    their number. Each income of one payer in one month is raised to the least and cut at the greatest
    base of that month.

    Parameters
    ----------
    incomes : iterable of (date, Decimal)
        Any day of the month and the income of one payer in it [KZT]; months outside the window are left
        out, a month may occur once a payer.
    entitlement_date : date

    Returns
    -------
    Decimal [KZT/month], not rounded
    tuple of Entry
        Entries used.
    """
    window = law_on(entitlement_date)["social_payment_average_months"]
    last = entitlement_date.year * 12 + entitlement_date.month - 2
    total = Decimal(0)
    used: dict[tuple[str, date], Entry] = {(window.parameter, window.start): window}
    for day, income in incomes:
        month = day.year * 12 + day.month - 1
        if not last - window.value < month <= last:
            continue
        law = law_on(day.replace(day=1))
        wage: Decimal = law["minimum_wage"].value
        least = law["social_payment_base_floor_minimum_wages"].value * wage
        most = law["social_payment_base_cap_minimum_wages"].value * wage
        total += min(max(income, least), most)
        used |= {(entry.parameter, entry.start): entry for entry in law.used_entries}
    return total / window.value, tuple(used.values())


def indexed_social_payment(amount: Decimal, since: date, until: date) -> tuple[Decimal, tuple[Entry, ...]]:
    """A payment in force after the rises by decision of the Government in ``(since, until]``.

    Returns
    -------
    Decimal [KZT/month], not rounded
    tuple of Entry
        The rises.

    Raises
    ------
    NotOnRecord
        Some day of the span is outside the record or in a declared gap: a rise may be missing.

    Examples
    --------
    >>> indexed_social_payment(Decimal(1000), date(2023, 8, 1), date(2025, 1, 1))[0]
    Decimal('1139.55000')
    """
    rises = parameter("social_payment_indexation")
    used: list[Entry] = []
    day = since
    while day < until:
        # the entry of the next day: either it began then (a rise), or it goes on
        entry = rises.on(day + DAY)
        if entry.start > since:
            amount *= 1 + entry.value
            used.append(entry)
        day = until if entry.end is None else entry.end - DAY
    return amount, tuple(used)


def transferred_social_payment(
    payment: SocialPayment,
    degree_percent: int,
    months: int,
    *,
    coefficients: str = "degree_and_service",
) -> SocialPayment:
    """An award of the edition before 2020 carried over into the edition of 2020.

    Old payments were divided by the old coefficients and multiplied by the new (Law 286-VI art 39); the
    income, its subtrahend and the replacement stay.

    Parameters
    ----------
    payment : SocialPayment
        The award, from the edition with steps of the degree.
    degree_percent, months : int
        As at the award.
    coefficients : {'degree_and_service', 'degree'}
        Which coefficients are exchanged; the default reads "the coefficients" as both.

    Raises
    ------
    SocialPaymentError
        The award is not of that edition.
    """
    if coefficients not in TRANSITION_COEFFICIENTS:
        raise SocialPaymentError(
            "coefficients is {coefficients!r}; choose {choices}",
            coefficients=coefficients,
            choices=" or ".join(TRANSITION_COEFFICIENTS),
        )
    entries = parameter("social_payment_degree_coefficient").entries
    after = next(entry.start for entry in entries if entry.value["rule"] == "own_degree")
    if payment.entitlement_date >= after:
        raise SocialPaymentError(
            "the right arose on {entitlement_date}; the transition is for awards before {after}",
            entitlement_date=payment.entitlement_date,
            after=after,
        )
    if payment.refusal:
        return payment
    law = law_on(after)
    k_degree = degree_coefficient(degree_percent, law["social_payment_degree_coefficient"].value)
    k_service = payment.service_coefficient
    if coefficients == "degree_and_service":
        k_service = service_coefficient(months, law["social_payment_service_coefficient"].value)
    # a quotient of decimals need not end: the exchange is exact as a fraction
    exact = Fraction(payment.unrounded) / Fraction(payment.degree_coefficient * payment.service_coefficient)
    exact *= Fraction(k_degree * k_service)
    amount = Decimal(exact.numerator) / exact.denominator
    return dataclasses.replace(
        payment,
        amount=amount,
        unrounded=amount,
        degree_coefficient=k_degree,
        service_coefficient=k_service,
        law=(*payment.law, *law.used_entries),
    )


def survivor_social_payment(entitlement_date: date) -> NoReturn:
    """Refuse: the Fund's payment for loss of a breadwinner has coefficients that are not on record.

    It is not deducted from the insurer's payout; where a figure is wanted beside it, the amount awarded by
    the Fund is an input.

    Raises
    ------
    LawError
        Always, code E1121.
    """
    raise LawError(
        "the Fund's payment to survivors (right of {entitlement_date}) cannot be "
        "computed: the coefficients by number of dependants are not on record. Use the "
        "amount the Fund awarded, or add the parameter "
        "social_payment_dependants_coefficient to tariffs/parameters with act, article "
        "and evidence.",
        "E1121",
        entitlement_date=entitlement_date,
    )


def social_payments(
    average_income: NDArray[np.float64],
    degree_percent: NDArray[np.int64],
    months: NDArray[np.int64],
    entitlement_date: Sequence[date] | NDArray[np.datetime64],
    *,
    rounding: str = "half_up",
) -> NDArray[np.float64]:
    """Payments of many people, each by the law of their own day.

    Parameters
    ----------
    average_income : ndarray of float64 (n,) [KZT/month]
    degree_percent, months : ndarray of int (n,)
    entitlement_date : sequence of date or ndarray of datetime64[D] (n,)
    rounding : see `social_payment`

    Returns
    -------
    ndarray of float64 (n,) [KZT/month]
        0 for a refusal; rounded to the order's unit where the law of the day has one, otherwise not.

    Raises
    ------
    NotOnRecord
        For the first day outside the record.

    Notes
    -----
    Incomes are read to the tiyn; the arithmetic on them is that of `social_payment`, in float64.
    """
    import numpy as np

    if rounding not in (*ROUNDINGS, "none"):
        raise SocialPaymentError(
            "rounding is {rounding!r}; choose {roundings} or none",
            rounding=rounding,
            roundings=", ".join(ROUNDINGS),
        )
    days = np.asarray(entitlement_date, dtype="datetime64[D]")
    result = np.zeros(days.shape)
    periods = _periods(days, ("minimum_wage", *_PARAMETERS))
    for start, mask in periods:
        law = law_on(start)
        net = average_income[mask] - float(law["social_payment_subtrahend"].value * law["minimum_wage"].value)
        degree_rule = law["social_payment_degree_coefficient"].value
        service_rule = law["social_payment_service_coefficient"].value
        by_degree = np.array([float(degree_coefficient(d, degree_rule)) for d in range(PERCENT + 1)])
        served, at = np.unique(months[mask], return_inverse=True)
        by_service = np.array([float(service_coefficient(int(m), service_rule)) for m in served])
        amount = np.maximum(net, 0.0) * float(law["social_payment_income_replacement"].value)
        amount = amount * by_degree[degree_percent[mask]] * by_service[at]
        unit = float(_unit(law))
        if unit and rounding != "none":
            # half a unit and whole units hide under the noise of binary fractions: six digits settle them
            units = np.round(amount / unit, 6)
            whole = {"half_up": np.floor(units + 0.5), "down": np.floor(units), "up": np.ceil(units)}
            amount = whole[rounding] * unit
        result[mask] = amount
    return result


_PARAMETERS = (
    "social_payment_subtrahend",
    "social_payment_income_replacement",
    "social_payment_degree_coefficient",
    "social_payment_service_coefficient",
)


def _periods(days: NDArray[np.datetime64], names: Sequence[str]) -> list[tuple[date, NDArray[np.bool_]]]:
    """Split days by the entries in force: a first day of each period met, and which days are in it."""
    import numpy as np

    edges = sorted({entry.start for name in names for entry in parameter(name).entries})
    at = np.searchsorted(np.array(edges, dtype="datetime64[D]"), days, side="right") - 1
    # any day of a period answers for all of it; a day outside the record is refused by its own look-up
    found = []
    for position in np.unique(at):
        mask = at == position
        latest: date = days[mask].max().item()
        for name in names:
            parameter(name).on(latest)
        found.append((latest, mask))
    return found


def _unit(law: Law) -> Decimal:
    """Unit of rounding on the law's day, 0 before the order that has one."""
    record = parameter("social_payment_rounding_unit")
    if law.day < record.entries[0].start:
        return Decimal(0)
    unit: Decimal = law["social_payment_rounding_unit"].value
    return unit


def _rounded(amount: Decimal, law: Law, rounding: str) -> Decimal:
    unit = _unit(law)
    if not unit or rounding == "none":
        return amount
    return (amount / unit).to_integral_value(rounding=ROUNDINGS[rounding]) * unit
