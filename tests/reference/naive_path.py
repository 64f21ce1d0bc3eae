"""One simulated life, month by month: the slow twin of `actuarial.kernels.path`.

The pieces (dates, amounts, index, force of mortality, certificates, discount) are those of `naive`, the
random words those of a Philox written here from the paper. Which word decides what is the agreement of
docs/simulate.md: word 0 the death, word 1 the use of expenses, then one word for each stay in a band: it is
compared with the chance to have kept the band, and renewed where that falls below 1/256.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from naive import (
    BANDS,
    CONTEXT,
    INFINITE,
    ONE,
    ZERO,
    Basis,
    Certification,
    Index,
    Law,
    Life,
    Row,
    Tables,
    decimal_of,
    exact,
    growth_to,
    law_pension_date,
    part_month,
    payment_dates,
    payment_ends,
    projected,
    spot_rate,
    state_benefits,
)

WORD = 2**32
LEAST_KEPT = Fraction(1, 256)


def philox(counter: tuple[int, int, int, int], key: int) -> tuple[int, ...]:
    """Philox 4x32-10: rounds of two products, each split into halves."""
    c = list(counter)
    k = [key % WORD, key // WORD]
    for _ in range(10):
        first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [second // WORD ^ c[1] ^ k[0], second % WORD, first // WORD ^ c[3] ^ k[1], first % WORD]
        k = [(k[0] + 0x9E3779B9) % WORD, (k[1] + 0xBB67AE85) % WORD]
    return tuple(c)


def id_key(text: str) -> int:
    """FNV-1a of the bytes, mixed by SplitMix64."""
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    h = (h ^ h >> 27) * 0x94D049BB133111EB % 2**64
    return h ^ h >> 31


def chances(key: int, scenario: int, seed: int, antithetic: bool, stream: int = 0) -> Iterator[Fraction]:
    """Numbers in (0, 1) of one claim in one scenario."""
    flipped = antithetic and scenario % 2 == 1
    block = 0
    while True:
        for word in philox((block, stream, scenario // 2 if antithetic else scenario, seed), key):
            yield (Fraction(WORD - 1 - word if flipped else word) + Fraction(1, 2)) / WORD
        block += 1


@dataclass(frozen=True)
class Drivers:
    """One scenario's drivers as plain numbers; growth factors by calendar year from the valuation year."""

    shift: float = 0.0
    mci: list[float] = field(default_factory=list)
    prices: list[float] = field(default_factory=list)
    subsistence_minimum: list[float] = field(default_factory=list)
    force: list[float] = field(default_factory=lambda: [1.0])
    recovery_odds: float = 1.0

    def growth(self, name: str, years: int) -> Decimal:
        path = getattr(self, name) or [1.0]
        return decimal_of(Fraction(path[min(years, len(path) - 1)]))


@dataclass
class Path:
    """What one life cost."""

    annuity: Decimal = ZERO
    recovery: Decimal = ZERO
    months: Decimal = ZERO
    payouts: dict[int, Decimal] = field(default_factory=dict)


def path(
    row: Row,
    basis: Basis,
    law: Law,
    tables: Tables,
    valuation_date: date,
    random: Iterator[Fraction],
    drivers: Drivers,
) -> Path:
    """Walk one life."""
    with localcontext(CONTEXT):
        return _path(row, basis, law, tables, valuation_date, random, drivers)


def _path(
    row: Row,
    basis: Basis,
    law: Law,
    tables: Tables,
    valuation_date: date,
    random: Iterator[Fraction],
    drivers: Drivers,
) -> Path:
    result = Path()
    first = row["next_payment_date"]
    pension_date = row.get("pension_date") or law_pension_date(
        row["sex"], row["birth_date"], law["pension_age"]
    )
    _, end = payment_ends(row, pension_date, valuation_date)
    table = tables[basis["mortality"][row["sex"]]]
    last_age = table["first_age"] + len(table["qx"]) - 1
    pays = payment_dates(first, end, row["birth_date"], last_age)
    life = Life(row, basis, tables, valuation_date, pays)
    certification = Certification(row, basis, pays)
    index = Index(row, basis, law, valuation_date)
    choice = basis["indexation"]["choice"]
    pre_retirement = row["beneficiary"] == "pre_retirement"
    benefits = {} if pre_retirement else state_benefits(row, basis, law)

    bearable = -CONTEXT.ln(decimal_of(next(random)))
    next(random)  # the use of expenses
    kept = u = Fraction(0)
    band, review, own = certification.start()
    force = life.force(0, band)
    if life.first_days:
        if force == INFINITE:
            return result
        bearable -= force * life.first_days / 365 * decimal_of(Fraction(drivers.force[0]))
    left = None if row.get("remaining_insured_sum") is None else exact(row["remaining_insured_sum"])
    left = None if left is None else decimal_of(left)
    inflation = decimal_of(basis["expenses"].get("inflation") or 0)
    for k in range(len(pays) - 1):
        if bearable < 0 or (end is not None and pays[k] >= end):
            break
        if review == 0:
            if kept < LEAST_KEPT:
                kept, u = Fraction(1), next(random)
            chance = certification.matrix_row(pays[k], band)
            moved, stay = _certified(chance, band, u / kept, drivers.recovery_odds)
            if moved is None:
                break
            kept = kept * stay if moved == band else Fraction(0)
            own = own and moved == band
            band, review = moved, basis["certification"]["next_term_months"][moved]
        later = pays[k].year - valuation_date.year
        if pre_retirement:
            growth = basis["growth"]["subsistence_minimum"]
            amount = decimal_of(projected(law["subsistence_minimum"], growth, pays[k]))
            amount *= drivers.growth("subsistence_minimum", later)
        else:
            amount = decimal_of(benefits[band, own] * index.on(pays[k]))
            if choice in ("mci", "rate_by_year"):
                amount *= drivers.growth({"mci": "mci", "rate_by_year": "prices"}[choice], later)
        amount *= decimal_of(part_month(pays[k], pays[k + 1], end))
        covered = amount if left is None else min(amount, max(ZERO, left))
        paid = covered if row["product"] == "voluntary" else amount
        years = Fraction((first - valuation_date).days, 365) + Fraction(k, 12)
        v = ONE / growth_to(spot_rate(basis["interest"], years) + decimal_of(Fraction(drivers.shift)), years)
        result.annuity += v * paid
        result.recovery += v * (paid - covered)
        result.payouts[pays[k].year] = result.payouts.get(pays[k].year, ZERO) + paid
        if paid > 0:
            result.months += v * growth_to(inflation, years)
        if left is not None:
            left -= amount
            if row["product"] == "voluntary" and left <= 0 and amount > 0:
                break
        force = life.force(k, band)
        if force == INFINITE:
            break
        factor = drivers.force[min(k // 12, len(drivers.force) - 1)]
        bearable -= force / 12 * decimal_of(Fraction(factor))
        review = None if review is None else review - 1
    return result


def _certified(row: list[Any], band: str, u: Fraction, odds: float) -> tuple[str | None, Fraction]:
    """The band found at a certification, and the chance to keep the band.

    The cell of u among keep, the other bands in order, recovery (None).
    """
    recovery = Fraction(row[4])
    more = recovery * Fraction(odds) / (1 - recovery + recovery * Fraction(odds))
    rest = (1 - more) / (1 - recovery) if recovery < 1 else Fraction(0)
    order = [band, *(other for other in BANDS if other != band)]
    reached = Fraction(0)
    stay = Fraction(row[BANDS.index(band)]) * rest
    for number, name in enumerate(order):
        reached += Fraction(row[BANDS.index(name)]) * rest
        nothing_more = more == 0 and not any(row[BANDS.index(other)] for other in order[number + 1 :])
        if u < reached or nothing_more:
            return name, stay
    return None, stay
