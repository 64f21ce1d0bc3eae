"""The one rounding of money, and its way to text.

Amounts are tenge in float64 inside a projection; a record's figure is rounded once, half-up, to whole
tiyn (int64), and totals add those integers. `Decimal` and `Fraction` amounts are rounded by the same rule.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from actuarial.error import SafetyLimitError

TIYN = 100
"""Tiyn in a tenge."""
MOST_TIYN = 10.0**18
"""Results are decimals of 18 digits, two of them after the point."""

_PERHAPS_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_NOISE = 2.0**-46
"""Relative noise of a float64 sum of some hundred payments: a half that it hides still goes up."""


def may_be_thousands(written: str) -> bool:
    """Whether an amount may be read in two ways: ``250,000`` is a quarter of a million, or 250.

    Only who wrote it knows; the readers refuse it, as those of tables do (E2203).

    Examples
    --------
    >>> [may_be_thousands(amount) for amount in ("250,000", "250.000", "250,00", "0.125", "1250.000")]
    [True, True, False, False, False]
    """
    return _PERHAPS_THOUSANDS.fullmatch(written.strip()) is not None


def rounded_tiyn(tenge: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round amounts half-up to whole tiyn.

    A float64 cannot hold most halves of a tiyn (0.285 lies below it): an amount that is a half but for the
    noise of floating point goes up, as the half would.

    Parameters
    ----------
    tenge : ndarray of float64 [KZT], not negative

    Returns
    -------
    ndarray of int64 [tiyn]

    Raises
    ------
    SafetyLimitError
        E9002 an amount that is negative, not finite, or beyond a decimal with 18 digits.

    Examples
    --------
    >>> rounded_tiyn(np.array([0.285, 1.0])).tolist()
    [29, 100]
    """
    tiyn = np.floor(tenge * (TIYN * (1.0 + _NOISE)) + 0.5)
    if not bool(np.all((tiyn >= 0) & (tiyn < MOST_TIYN))):
        worst = int(np.argmin(np.where((tiyn >= 0) & (tiyn < MOST_TIYN), 1, 0)))
        raise SafetyLimitError(
            "E9002",
            "an amount of {amount:.6g} ₸ (record {record}) is not a figure one can "
            "report: check the amounts of the portfolio, and the interest, indexation and "
            "expenses of the basis",
            worst,
            amount=tenge[worst],
        )
    return tiyn.astype(np.int64)


def exact_total(tiyn: NDArray[np.int64]) -> int:
    """Sum whole tiyn as a Python integer, exact also where the sum passes 64 bits."""
    part = TIYN * 10**9
    high, low = np.divmod(tiyn, part)
    return int(high.sum()) * part + int(low.sum())


def total_tiyn(tiyn: NDArray[np.int64]) -> int:
    """Sum whole tiyn that will be added up further in 64 bits.

    Raises
    ------
    SafetyLimitError
        E9002 where the sum would leave them.
    """
    total = exact_total(tiyn)
    if total >= 2**62:
        raise SafetyLimitError("E9002", "the total is beyond whole tiyn of 64 bits; split the portfolio")
    return total


def exact_tiyn(tenge: Fraction | Decimal) -> int:
    """Round one exact amount [KZT] half-up to whole tiyn.

    Examples
    --------
    >>> exact_tiyn(Decimal("150000.0075"))
    15000001
    """
    if isinstance(tenge, Fraction):
        return int((tenge * TIYN + Fraction(1, 2)).__floor__())
    return int((tenge * TIYN).to_integral_value(rounding=ROUND_HALF_UP))


def tenge_text(tiyn: int) -> str:
    """Write whole tiyn as tenge with two decimals: ``15000001`` → ``"150000.01"``."""
    tiyn = int(tiyn)
    sign = "-" if tiyn < 0 else ""
    return f"{sign}{abs(tiyn) // TIYN}.{abs(tiyn) % TIYN:02d}"


def spaced(tiyn: int) -> str:
    """Write whole tiyn as tenge with thousands apart: ``123456789`` → ``"1 234 567.89"``."""
    whole, cents = tenge_text(abs(tiyn)).split(".")
    return f"{'-' if tiyn < 0 else ''}{int(whole):,}.{cents}".replace(",", " ")
