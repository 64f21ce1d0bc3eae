"""Simulated figures as records and reports show them: half-up to the tiyn, with their interval."""

from __future__ import annotations

from decimal import Decimal

from actuarial.money import exact_tiyn, tenge_text
from actuarial.report.table import Column, cell_text
from actuarial.risk_measure import Estimate


def money(tenge: float) -> str:
    """A simulated amount [KZT] as text with two decimals."""
    return tenge_text(exact_tiyn(Decimal(tenge)))


def maybe_money(tenge: float | None) -> str | None:
    """The same, or None where there is no figure."""
    return None if tenge is None else money(tenge)


def maybe_tiyn(tenge: float | None) -> int | None:
    """A simulated amount [KZT] as whole tiyn for a table, or None."""
    return None if tenge is None else exact_tiyn(Decimal(tenge))


def shown(tenge: float | None) -> str:
    """A simulated amount [KZT] as a page shows it."""
    return cell_text(maybe_tiyn(tenge), Column("", "money"))


def interval(found: Estimate) -> str:
    """The confidence interval in words."""
    if found.lower is None:
        return "interval needs more scenarios"
    return f"95 % between {shown(found.lower)} and {shown(found.upper)}"


def bounds(found: Estimate | None) -> tuple[int | None, int | None, int | None]:
    """Figure and interval as whole tiyn for a table."""
    if found is None:
        return None, None, None
    return maybe_tiyn(found.value), maybe_tiyn(found.lower), maybe_tiyn(found.upper)
