"""Simulated figures as records and reports show them: half-up to the tiyn, with their interval."""

from __future__ import annotations

from decimal import Decimal

from actuarial.language import Text, percent, text
from actuarial.money import exact_tiyn, tenge_text
from actuarial.report.table import Column, cell_message
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


def shown(tenge: float | None) -> Text:
    """A simulated amount [KZT] as a page shows it."""
    return cell_message(maybe_tiyn(tenge), Column("", "money"))


def level_text(level: float) -> Text:
    """A level or rate in percent with the digits it needs: ``0.995`` → ``99.5 %``."""
    exponent = (Decimal(repr(level)) * 100).normalize().as_tuple().exponent
    return percent(level, max(0, -int(exponent)))


def interval(found: Estimate) -> Text:
    """The confidence interval in words."""
    if found.lower is None:
        return text("interval needs more scenarios")
    return text("95 % between {lower} and {upper}", lower=shown(found.lower), upper=shown(found.upper))


def bounds(found: Estimate | None) -> tuple[int | None, int | None, int | None]:
    """Figure and interval as whole tiyn for a table."""
    if found is None:
        return None, None, None
    return maybe_tiyn(found.value), maybe_tiyn(found.lower), maybe_tiyn(found.upper)
