"""The square root of an exact number, rounded once."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

DIGITS = 12
"""Decimals of a root."""


def square_root(x: Fraction) -> Fraction:
    """Square root, rounded half-up to 12 decimals; exact whatever the size of numerator and denominator.

    Parameters
    ----------
    x : Fraction
        Not negative.

    Examples
    --------
    >>> float(square_root(Fraction(1, 2)))
    0.707106781187
    """
    unit = 10**DIGITS
    floor = isqrt(x.numerator * unit**2 // x.denominator)
    is_above_half = (2 * floor + 1) ** 2 * x.denominator <= 4 * x.numerator * unit**2
    return Fraction(floor + is_above_half, unit)
