"""The premium of a voluntary contract 5-29 %: insured sum × approved tariff × underwriting load.

Rules of voluntary insurance (State Annuity Company), clauses 12, 13, 17-21, 25(1). The tariff is approved by
the insurer's actuary and is an input by class; so are the terms of the load. The rules name no formula of the
load; the one below is ours, documented in docs/premium.md, and every constant of it is the user's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

import tariffs
from actuarial.language import Text, number, text
from actuarial.money import exact_tiyn
from actuarial.plain_table import LONGEST_SHOWN, PlainTableError, plain_rows, shown_row
from actuarial.premium.choice import PremiumError
from actuarial.premium.compulsory import DAY, PERCENT, Record, Step, months_later, shown, shown_percent
from actuarial.square_root import square_root

TARIFF_COLUMNS = ("risk_class", "rate_percent")


@dataclass(frozen=True, slots=True)
class LoadTerms:
    """Terms of the underwriting load: the insurer's, none has a default.

    Attributes
    ----------
    expected_frequency : Decimal [accidents of 5-29 % a worker a year]
        What the approved tariff expects of the class.
    full_credibility_accidents : Decimal or None
        Expected accidents at which the policyholder's own statistics count fully.
    smallest, largest : Decimal [1]
        Bounds of the load.
    credibility_accidents : Decimal or None
        In place of the former: expected accidents at which own statistics weigh one half; infinity gives
        them no weight.
    """

    expected_frequency: Decimal
    full_credibility_accidents: Decimal | None
    smallest: Decimal
    largest: Decimal
    credibility_accidents: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ExposureYear:
    """Statistics of one year before the contract: workers, and accidents with a degree of 5-29 %."""

    year: int
    n_workers: int
    n_accidents: int


@dataclass(frozen=True)
class VoluntaryPremium:
    """The premium of a voluntary contract.

    Attributes
    ----------
    insured_sum, premium : int [tiyn]
    tariff_rate : Decimal [1]
    underwriting_load : Fraction [1]
    credibility : Fraction [1]
        Weight of the policyholder's own statistics.
    start_date, end_date : date or None
        Cover: from the day after payment; None while the day of payment is not known.
    steps, entries, notes
        As in `actuarial.premium.compulsory.Premium`.
    """

    insured_sum: int
    premium: int
    tariff_rate: Decimal
    underwriting_load: Fraction
    credibility: Fraction
    start_date: date | None
    end_date: date | None
    steps: tuple[Step, ...]
    entries: tuple[tariffs.Entry, ...]
    notes: tuple[str, ...]


def load_tariff(path: Path) -> dict[int, Decimal]:
    """Read the approved tariff: a CSV file with the columns ``risk_class, rate_percent``.

    Returns
    -------
    dict of int to Decimal
        Class to tariff [1].

    Raises
    ------
    PremiumError
        E4213: the file is not such a table; the line is named.
    """
    try:
        rows = plain_rows(path)
    except PlainTableError as error:
        raise PremiumError("E4213", "{path}: cannot be read: {error}", path=path, error=error) from None
    if not rows or tuple(rows[0][1]) != TARIFF_COLUMNS:
        found = ", ".join(rows[0][1])[:LONGEST_SHOWN] if rows else text("nothing")
        raise PremiumError(
            "E4213",
            "{path}: the header must be {tariff_columns}, found {found}",
            path=path,
            tariff_columns=",".join(TARIFF_COLUMNS),
            found=found,
        )
    tariff: dict[int, Decimal] = {}
    for line, row in rows[1:]:
        try:
            risk_class, rate = int(row[0]), Decimal(row[1]) / PERCENT
        except (ValueError, IndexError, InvalidOperation):
            raise PremiumError(
                "E4213",
                "{path} line {line}: {row} is not a class and a percent",
                path=path,
                line=line,
                row=shown_row(row),
            ) from None
        if risk_class in tariff or not rate.is_finite() or not 0 < rate <= 1:
            raise PremiumError(
                "E4213",
                "{path} line {line}: class {risk_class} is there twice, or {rate} is not 0-100 percent",
                path=path,
                line=line,
                risk_class=risk_class,
                rate=row[1],
            )
        tariff[risk_class] = rate
    return tariff


def voluntary_premium(
    insured_sum: Decimal,
    risk_class: int,
    tariff: Mapping[int, Decimal],
    statistics: Sequence[ExposureYear],
    terms: LoadTerms,
    contract_date: date,
    *,
    paid_on: date | None = None,
    term_months: int | None = None,
) -> VoluntaryPremium:
    """Return the premium of a voluntary contract.

    Parameters
    ----------
    insured_sum : Decimal [KZT]
        As agreed.
    risk_class : int
    tariff : mapping of int to Decimal
        Approved tariff by class [1], for the whole term; see `load_tariff`.
    statistics : sequence of ExposureYear
        The two years before the contract (clause 25(1)).
    terms : LoadTerms
    contract_date : date
    paid_on : date, optional
        Day the premium reached the insurer's account: cover starts the day after (13, 21).
    term_months : int, optional
        Agreed term; default 12 months. The tariff is that of the agreed term: nothing is scaled.

    Raises
    ------
    PremiumError
        E4214: an input outside its range, a class without tariff, or not exactly the years of the rules.

    Notes
    -----
    ``load = min(largest, max(smallest, Z · actual / expected + 1 − Z))``; ``expected = expected_frequency ·
    Σ workers``; ``Z = min(1, √(expected / full_credibility_accidents))``, limited-fluctuation credibility
    with the root exact to 12 decimals, or ``Z = expected / (expected + credibility_accidents)``.
    ``premium = insured sum · tariff · load``, rounded half-up once.
    """
    record = Record()
    if insured_sum <= 0:
        raise PremiumError(
            "E4214", "the insured sum is {insured_sum}, it must be above 0", insured_sum=insured_sum
        )
    if term_months is not None and term_months < 1:
        raise PremiumError(
            "E4214", "the term is {term_months} months, it must be at least 1", term_months=term_months
        )
    if risk_class not in tariff:
        raise PremiumError(
            "E4214",
            "the approved tariff has no class {risk_class}; it has {tariff}",
            risk_class=risk_class,
            tariff=sorted(tariff),
        )
    n_years = record.law("voluntary_statistics_years", contract_date)
    load, credibility = _load(
        statistics, terms, range(contract_date.year - n_years, contract_date.year), record
    )
    rate = tariff[risk_class]
    exact = Fraction(insured_sum) * Fraction(rate) * load
    formula = text(
        "{insured_sum} × {rate} × {load}",
        insured_sum=shown(insured_sum),
        rate=shown_percent(rate),
        load=shown_share(load),
    )
    record.step(text("premium"), formula, exact, "19")
    months = term_months or record.law("voluntary_contract_term_months", contract_date)
    start = end = None
    notes = []
    if paid_on is None:
        notes.append(
            text("The cover starts the day after the premium reaches the insurer's account (rules 13, 21).")
        )
    else:
        start = paid_on + timedelta(days=1)
        end = months_later(start, months) - DAY
    return VoluntaryPremium(
        exact_tiyn(insured_sum),
        exact_tiyn(exact),
        rate,
        load,
        credibility,
        start,
        end,
        tuple(record.steps),
        tuple(record.entries),
        tuple(notes),
    )


def shown_share(value: Fraction) -> Text:
    """A share or ratio with six decimals."""
    return number(float(value), 6)


def _load(
    statistics: Sequence[ExposureYear], terms: LoadTerms, years: range, record: Record
) -> tuple[Fraction, Fraction]:
    """Underwriting load and credibility."""
    if sorted(row.year for row in statistics) != list(years):
        raise PremiumError(
            "E4214",
            "statistics are given for {given}: the rules ask for {years} (clause 25(1)), each once",
            given=sorted(row.year for row in statistics),
            years=list(years),
        )
    if any(row.n_workers < 0 or row.n_accidents < 0 for row in statistics):
        raise PremiumError("E4214", "statistics: workers and accidents are never negative")
    constants = [c for c in (terms.full_credibility_accidents, terms.credibility_accidents) if c is not None]
    if (
        not 0 < terms.smallest <= terms.largest
        or terms.expected_frequency <= 0
        or len(constants) != 1
        or constants[0] <= 0
    ):
        raise PremiumError(
            "E4214",
            "terms of the load: all above 0, smallest not above largest, one of "
            "full_credibility_accidents and credibility_accidents; found {terms}",
            terms=terms,
        )
    exposure, actual = sum(row.n_workers for row in statistics), sum(row.n_accidents for row in statistics)
    expected = Fraction(terms.expected_frequency) * exposure
    credibility, shown_credibility = _credibility(expected, terms)
    record.step(
        text("expected accidents"),
        text(
            "{expected_frequency} × {exposure} worker-years",
            expected_frequency=terms.expected_frequency,
            exposure=exposure,
        ),
        shown_share(expected),
        "25(1)",
    )
    record.step(
        text("credibility"),
        shown_credibility,
        shown_share(credibility),
        "19",
    )
    # without exposure the statistics say nothing: credibility 0, the ratio does not matter
    ratio = Fraction(actual) / expected if expected else Fraction(1)
    raw = credibility * ratio + 1 - credibility
    load = min(Fraction(terms.largest), max(Fraction(terms.smallest), raw))
    formula = text(
        "{actual} accidents: Z × {ratio} + 1 − Z, inside {smallest}-{largest}",
        actual=actual,
        ratio=shown_share(ratio),
        smallest=terms.smallest,
        largest=terms.largest,
    )
    record.step(text("underwriting load"), formula, f"{float(load):.6f}", "19")
    return load, credibility


def _credibility(expected: Fraction, terms: LoadTerms) -> tuple[Fraction, str]:
    """Weight of the policyholder's own statistics, and its formula."""
    if terms.full_credibility_accidents is not None:
        full = Fraction(terms.full_credibility_accidents)
        formula = text(
            "√(expected / {full_credibility_accidents}), at most 1",
            full_credibility_accidents=terms.full_credibility_accidents,
        )
        return (Fraction(1) if expected >= full else square_root(expected / full)), formula
    constant = terms.credibility_accidents
    formula = text("expected / (expected + {constant})", constant=constant)
    if constant is None or constant.is_infinite():
        return Fraction(0), formula
    return expected / (expected + Fraction(constant)), formula
