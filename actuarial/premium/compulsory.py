"""The premium of one compulsory contract, exactly as the law computes it, with every step kept.

OSNS Law articles 12, 16, 17 and 17-1 for contracts from 2015-05-10 on; `actuarial.premium.category` has the
edition before. Everything is exact (`Fraction`); a figure is rounded once, half-up, to the tiyn. The same
computation over millions of contracts is `actuarial.premium.book`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import tariffs
from actuarial.language import Text, amount, joined, number, text
from actuarial.money import TIYN, exact_tiyn
from actuarial.premium.choice import CHOICES, PremiumError, resolved_choices
from tariffs.classification import activity_class, class_of_activities

MONTHS_IN_YEAR = 12
PERCENT = 100
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StaffGroup:
    """Workers of one position.

    Attributes
    ----------
    n_workers : int
    monthly_income : Decimal [KZT/month]
        Of one worker, before the cap.
    """

    n_workers: int
    monthly_income: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """The policyholder, or a branch with an activity of its own.

    Attributes
    ----------
    name : str
        Unique in the contract.
    risk_class : int, optional
        Given class; otherwise found from ``activities``.
    activities : tuple of (OKED code, weight or None)
        See `tariffs.classification.class_of_activities`.
    receiving_class : int, optional
        Staffing agencies: class of the receiving side, below which the class is not taken.
    annual_payroll : Decimal [KZT/year], optional
        With each worker's income already capped; otherwise taken from ``staff``.
    staff : tuple of StaffGroup
    insured_sum : Decimal [KZT], optional
        Default the annual payroll.
    n_workers : int, optional
    """

    name: str = "head"
    risk_class: int | None = None
    activities: tuple[tuple[str, Decimal | None], ...] = ()
    receiving_class: int | None = None
    annual_payroll: Decimal | None = None
    staff: tuple[StaffGroup, ...] = ()
    insured_sum: Decimal | None = None
    n_workers: int | None = None


@dataclass(frozen=True, slots=True)
class AccidentYear:
    """Accidents of one year with a degree of 30-100 % or death.

    Attributes
    ----------
    year : int
    n_injured, n_deaths : int
        Persons.
    is_at_fault : bool
        Whether these happened by the policyholder's fault.
    n_accidents : int, optional
        Accidents, for the choice ``victims: accidents``.
    """

    year: int
    n_injured: int
    n_deaths: int = 0
    is_at_fault: bool = False
    n_accidents: int | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A compulsory contract to be priced.

    Attributes
    ----------
    contract_date : date
        Conclusion: decides the tariff, the class, the years of history.
    parts : tuple of Part
    n_workers : int, optional
        All workers on the day of the contract; default the sum over the parts.
    start_date, end_date : date, optional
        First and last day of cover; default the day of the contract and 12 months.
    accidents : tuple of AccidentYear or None
        None: the history is unknown, so neither coefficient nor discount.
    discount : Decimal [1], optional
        Cut asked for; asking states that no insured event of any degree happened in the years of the law.
    employer_since : date, optional
        Start of the employer's activity, to refuse a discount without the years of the law.
    """

    contract_date: date
    parts: tuple[Part, ...]
    n_workers: int | None = None
    start_date: date | None = None
    end_date: date | None = None
    accidents: tuple[AccidentYear, ...] | None = None
    discount: Decimal | None = None
    employer_since: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the computation, for people.

    Attributes
    ----------
    name, formula, value, article : str
    """

    name: str
    formula: str
    value: str
    article: str


@dataclass(frozen=True, slots=True)
class PartPremium:
    """What a part contributes.

    Attributes
    ----------
    name : str
    risk_class : int
    tariff_rate : Decimal [1]
    annual_payroll, base_sum, insured_sum, base_premium, premium : int [tiyn]
        ``base_sum`` is what the tariff is applied to, ``insured_sum`` the same after the growth of 17(2-1),
        ``base_premium`` by 17(1)-(2). Insured sums and premiums of the parts add up to those of the contract:
        what rounding leaves goes to the largest remainders.
    """

    name: str
    risk_class: int
    tariff_rate: Decimal
    annual_payroll: int
    base_sum: int
    insured_sum: int
    base_premium: int
    premium: int


@dataclass(frozen=True)
class Premium:
    """The premium of a contract and how it came about.

    Attributes
    ----------
    annual_payroll, insured_sum, base_premium, article_17_premium, premium : int [tiyn]
        ``base_premium`` by 17(1)-(2); ``article_17_premium`` after 17(2-1), before 17-1.
    minimum_applied : bool
    mean_annual_injured : Fraction or None
        Before rounding; None where the history is unknown.
    correction_coefficient : Decimal or None [1]
        1 where there is none; None where the history is unknown.
    discount : Decimal [1]
        Cut granted; with the floor of 1 minimum wage the premium may fall by less.
    start_date, end_date : date
        First and last day of cover.
    n_workers : int or None
    parts : tuple of PartPremium
    steps : tuple of Step
    entries : tuple of tariffs.Entry
        Entries of the law used, tables cut down to the value used.
    choices : dict of str to str
    notes : tuple of str
        What the reader must know, warnings included.
    exact : Fraction [KZT]
        The premium before rounding.
    """

    annual_payroll: int
    insured_sum: int
    base_premium: int
    article_17_premium: int
    premium: int
    minimum_applied: bool
    mean_annual_injured: Fraction | None
    correction_coefficient: Decimal | None
    discount: Decimal
    start_date: date
    end_date: date
    n_workers: int | None
    parts: tuple[PartPremium, ...]
    steps: tuple[Step, ...]
    entries: tuple[tariffs.Entry, ...]
    choices: dict[str, str]
    notes: tuple[str, ...]
    exact: Fraction


@dataclass
class Record:
    """What a computation notes on its way: steps, entries of the law, notes."""

    steps: list[Step] = field(default_factory=list)
    entries: list[tariffs.Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def law(self, name: str, day: date, value: Any = None) -> Any:
        """Value of a parameter on a day, noted as used; ``value`` cuts a table down to what is used."""
        entry = tariffs.parameter(name).on(day)
        self.cite(entry if value is None else replace(entry, value=value))
        return entry.value

    def cite(self, entry: tariffs.Entry) -> None:
        """Note an entry as used, once."""
        if entry not in self.entries:
            self.entries.append(entry)

    def step(self, name: str, formula: str, value: Fraction | str, article: str) -> None:
        """Note a step; an amount is shown rounded."""
        self.steps.append(Step(name, formula, value if isinstance(value, str) else shown(value), article))


def shown(tenge: Fraction | Decimal | int) -> Text:
    """Amount of any exact kind with thousands apart, rounded half-up to the tiyn."""
    return amount(exact_tiyn(Fraction(tenge)))


def shown_percent(fraction: Decimal) -> Text:
    """Fraction as percent: ``0.12 %``."""
    return text("{percent} %", percent=shown_factor((fraction * PERCENT).normalize()))


def shown_factor(value: Decimal) -> Text:
    """Exact number with the decimals it has: ``1.75``."""
    exponent = value.as_tuple().exponent
    return number(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def months_later(day: date, months: int) -> date:
    """Return the same day some months later; a day that month lacks is its last day."""
    years, month = divmod(day.month - 1 + months, MONTHS_IN_YEAR)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def compulsory_premium(contract: Contract, choices: Mapping[str, str] | None = None) -> Premium:
    """Return the premium of a compulsory contract concluded on or after 2015-05-10.

    Parameters
    ----------
    contract : Contract
    choices : mapping of str to str, optional
        Values of `actuarial.premium.choice.CHOICES`; the rest take their defaults.

    Returns
    -------
    Premium
        Rounded half-up to the tiyn, once.

    Raises
    ------
    PremiumError
        E4202 the day of the contract, E4203 the term, E4204 a part, E4205 an insured sum below the payroll,
        E4206 no coefficient in the law's table, E4207 the discount.
    tariffs.LawError
        A value or a class that is not on record.

    Notes
    -----
    ``base = Σ tariff(class) · insured sum`` over the parts; ``p17 = max(base, 1 minimum wage)``, the insured
    sum growing by ``p17 / base``; ``premium = p17 · coefficient``, or ``p17 · (1 − discount)``.

    Examples
    --------
    >>> part = Part(risk_class=11, annual_payroll=Decimal(20000001))
    >>> compulsory_premium(Contract(date(2024, 3, 1), (part,))).premium
    15000001
    """
    resolved = resolved_choices(choices or {})
    day = contract.contract_date
    refuse_unknown_law(day)
    record = Record()
    start, end, term_share = _term(contract, resolved, record)
    wage_day = start if resolved["minimum_wage_date"] == "start_date" else day
    wage = Fraction(record.law("minimum_wage", wage_day))
    parts = _Parts(contract, resolved, wage, record)

    base = parts.base
    if term_share != 1:
        base = base * term_share
        record.step(
            text("premium of the shorter term"),
            text("{base} × {term_share}", base=shown(parts.base), term_share=term_share),
            base,
            "12, 17(2)",
        )
    smallest = wage * Fraction(record.law("minimum_premium_minimum_wages", day))
    mean, coefficient = _correction(contract, resolved, parts.n_workers, record)
    tested = base
    if resolved["minimum_test"] == "after_coefficient":
        tested = _with_coefficient(base, coefficient, record)
    is_minimum = tested < smallest
    growth = smallest / tested if is_minimum else Fraction(1)
    minimum = text(
        "{tested} {sign} {smallest}",
        tested=shown(tested),
        sign="<" if is_minimum else "≥",
        smallest=shown(smallest),
    )
    record.step(
        text("premium of article 17"),
        text("at least 1 minimum wage: {minimum}", minimum=minimum),
        max(tested, smallest),
        "17(2-1)",
    )
    insured_sum = parts.insured_sum * growth
    if is_minimum:
        grown = text(
            "{insured_sum} × {smallest} / {tested}",
            insured_sum=shown(parts.insured_sum),
            smallest=shown(smallest),
            tested=shown(tested),
        )
        record.step(text("insured sum grown with the minimum premium"), grown, insured_sum, "17(2-1)")

    exact = article_17 = max(tested, smallest)
    if resolved["minimum_test"] == "before_coefficient":
        exact = _with_coefficient(article_17, coefficient, record)
    discount = _discount(contract, record)
    if discount:
        exact, discount = _cut(article_17, discount, smallest, resolved, record)
    record.step(text("premium"), text("rounded half-up to the tiyn"), exact, "17, 17-1")

    premium_tiyn, insured_tiyn = exact_tiyn(exact), exact_tiyn(insured_sum)
    return Premium(
        annual_payroll=exact_tiyn(parts.annual_payroll),
        insured_sum=insured_tiyn,
        base_premium=exact_tiyn(base),
        article_17_premium=exact_tiyn(article_17),
        premium=premium_tiyn,
        minimum_applied=is_minimum,
        mean_annual_injured=mean,
        correction_coefficient=coefficient,
        discount=discount,
        start_date=start,
        end_date=end,
        n_workers=parts.n_workers,
        parts=parts.premiums(premium_tiyn, insured_tiyn, term_share),
        steps=tuple(record.steps),
        entries=tuple(record.entries),
        choices=resolved,
        notes=tuple(record.notes),
        exact=exact,
    )


def refuse_unknown_law(day: date) -> None:
    """Refuse a contract whose law is not the one of `compulsory_premium`.

    Raises
    ------
    PremiumError
        E4202.
    """
    first = tariffs.parameter("tariff_rate").entries[0].start
    first_bounds = tariffs.parameter("tariff_bounds").entries[0].start
    if day < first_bounds:
        raise PremiumError(
            "E4202",
            "the contract is of {day}: the law of premiums before {first_bounds} is not on record. No "
            "premium can be computed for it.",
            day=day,
            first_bounds=first_bounds,
        )
    if day < first:
        raise PremiumError(
            "E4202",
            "the contract is of {day}: until {last_day} the premium is the sum over categories of staff "
            "of an agreed rate inside the law's bounds × payroll. Give `categories` with payroll and "
            "rate.",
            day=day,
            last_day=first - DAY,
        )


def _term(contract: Contract, choices: Mapping[str, str], record: Record) -> tuple[date, date, Fraction]:
    """First and last day of cover, and the share of the tariff for a shorter term."""
    months = record.law("contract_term_months", contract.contract_date)
    start = contract.start_date or contract.contract_date
    anniversary = months_later(start, months)
    end = contract.end_date or anniversary - DAY
    if end < start:
        raise PremiumError(
            "E4203",
            "the cover ends on {end}, before it starts on {start}: correct a date",
            end=end,
            start=start,
        )
    if end > anniversary:
        raise PremiumError(
            "E4203",
            "the cover lasts from {start} to {end}: the contract is for {months} months (OSNS Law 12), "
            "that is to {last_day}. Correct a date, or make a contract for each period.",
            start=start,
            end=end,
            months=months,
            last_day=anniversary - DAY,
        )
    if start < contract.contract_date:
        record.notes.append(
            text("The cover starts on {start}, before the contract is concluded.", start=start)
        )
    if end >= anniversary - DAY:
        return start, end, Fraction(1)
    record.notes.append(
        text(
            "The cover lasts to {end}, less than {months} months: allowed only where the employer's own "
            "activity ends then (OSNS Law 12). Choice short_term: {short_term}.",
            end=end,
            months=months,
            short_term=choices["short_term"],
        )
    )
    if choices["short_term"] == "full_tariff":
        return start, end, Fraction(1)
    return start, end, Fraction((end - start).days + 1, (anniversary - start).days)


class _Parts:
    """The parts of a contract: class, tariff, payroll, insured sum of each."""

    def __init__(
        self, contract: Contract, choices: Mapping[str, str], wage: Fraction, record: Record
    ) -> None:
        names = [part.name for part in contract.parts]
        if not names:
            raise PremiumError("E4204", "the contract has no part: give a class and a payroll")
        for name in names:
            if names.count(name) > 1:
                raise PremiumError(
                    "E4204", "two parts of the contract are called {name!r}: name each once", name=name
                )
        self.parts = contract.parts
        self.n_workers = _headcount(contract)
        self.payrolls = [self._payroll(part, contract, wage, record) for part in self.parts]
        self.classes = [self._class(part, contract, choices, record) for part in self.parts]
        self.sums = [
            _insured_sum(part, payroll) for part, payroll in zip(self.parts, self.payrolls, strict=True)
        ]
        table = tariffs.parameter("tariff_rate").on(contract.contract_date).value
        self.rates: list[Decimal] = []
        for part, risk_class, payroll, insured in zip(
            self.parts, self.classes, self.payrolls, self.sums, strict=True
        ):
            rate = table[risk_class]
            record.law("tariff_rate", contract.contract_date, {"risk_class": risk_class, "rate": rate})
            self.rates.append(rate)
            several = len(self.parts) > 1
            name = text("insured sum of {part}", part=part.name) if several else text("insured sum")
            record.step(name, text("at least the payroll {payroll}", payroll=shown(payroll)), insured, "16")
            formula = text(
                "tariff of class {risk_class} {rate} × {insured}",
                risk_class=risk_class,
                rate=shown_percent(rate),
                insured=shown(insured),
            )
            if several:
                name = text("tariff × insured sum of {part}", part=part.name)
            else:
                name = text("tariff × insured sum")
            record.step(name, formula, Fraction(rate) * insured, "17(2)")
        self.annual_payroll = sum(self.payrolls, Fraction(0))
        self.insured_sum = sum(self.sums, Fraction(0))
        self.bases = [Fraction(rate) * insured for rate, insured in zip(self.rates, self.sums, strict=True)]
        self.base = sum(self.bases, Fraction(0))
        if len(self.parts) > 1:
            formula = joined((shown(base) for base in self.bases), " + ")
            record.step(text("premium of the parts together"), formula, self.base, "17(3)")
        self._warn_small_payroll(wage, record)

    def premiums(self, premium: int, insured_sum: int, term_share: Fraction) -> tuple[PartPremium, ...]:
        """Spread the contract's rounded premium and insured sum over the parts."""
        premiums = spread(premium, self.bases)
        sums = spread(insured_sum, self.sums)
        bases = spread(exact_tiyn(self.base * term_share), self.bases)
        return tuple(
            PartPremium(
                name=part.name,
                risk_class=self.classes[k],
                tariff_rate=self.rates[k],
                annual_payroll=exact_tiyn(self.payrolls[k]),
                base_sum=exact_tiyn(self.sums[k]),
                insured_sum=sums[k],
                base_premium=bases[k],
                premium=premiums[k],
            )
            for k, part in enumerate(self.parts)
        )

    def _payroll(self, part: Part, contract: Contract, wage: Fraction, record: Record) -> Fraction:
        if (part.annual_payroll is None) == (not part.staff):
            raise PremiumError(
                "E4204",
                "part {name!r}: give either its annual payroll or its staff, not both or none",
                name=part.name,
            )
        if part.annual_payroll is not None:
            payroll = Fraction(part.annual_payroll)
        else:
            cap = wage * Fraction(record.law("payroll_cap_minimum_wages", contract.contract_date))
            payroll = capped_payroll(part.staff, cap)
            formula = text(
                "Σ workers × min(income, {cap}) × {months_in_year}",
                cap=shown(cap),
                months_in_year=MONTHS_IN_YEAR,
            )
            record.step(text("annual payroll of {name}", name=part.name), formula, payroll, "17(1)")
        _refuse_finer_than_tiyn(part)
        if payroll <= 0:
            raise PremiumError(
                "E4204",
                "part {name!r}: the annual payroll is {payroll}, it must be above 0",
                name=part.name,
                payroll=payroll,
            )
        return payroll

    def _class(self, part: Part, contract: Contract, choices: Mapping[str, str], record: Record) -> int:
        day = contract.contract_date
        rates = tariffs.parameter("tariff_rate").on(day).value
        if (part.risk_class is None) == (not part.activities):
            raise PremiumError(
                "E4204",
                "part {name!r}: give either its risk class or its OKED code, not both or none",
                name=part.name,
            )
        if part.risk_class is not None:
            number = part.risk_class
        else:
            found = [(activity_class(code, day, self.n_workers), weight) for code, weight in part.activities]
            for activity, _ in found:
                record.cite(activity.entry)
                label = f"{activity.oked_code} {activity.name}".strip()
                record.step(
                    text("class of {activity}", activity=label),
                    text("mask {mask}", mask=activity.mask),
                    str(activity.risk_class),
                    "17(3)",
                )
            weighed = [(activity.risk_class, weight) for activity, weight in found]
            number = class_of_activities(weighed, rates, choices["evenly_spread"])
        for known in (number, part.receiving_class):
            if known is not None and known not in rates:
                raise PremiumError(
                    "E4204",
                    "part {name!r}: there is no class {known}; classes are {least}-{most}",
                    name=part.name,
                    known=known,
                    least=min(rates),
                    most=max(rates),
                )
        if part.receiving_class is not None:
            record.law("staffing_agency_class", day)
            formula = text(
                "own {number}, receiving side {receiving_class}",
                number=number,
                receiving_class=part.receiving_class,
            )
            number = max(number, part.receiving_class)
            record.step(text("class of a staffing agency"), formula, str(number), "17(3)")
        return number

    def _warn_small_payroll(self, wage: Fraction, record: Record) -> None:
        least = wage * MONTHS_IN_YEAR * (self.n_workers or 0)
        if self.annual_payroll < least:
            record.notes.append(
                text(
                    "The annual payroll {annual_payroll} is below {n_workers} workers × minimum wage × "
                    "{months_in_year} = {least}: check the payroll and the number of workers.",
                    annual_payroll=shown(self.annual_payroll),
                    n_workers=self.n_workers,
                    months_in_year=MONTHS_IN_YEAR,
                    least=shown(least),
                )
            )


def _refuse_finer_than_tiyn(part: Part) -> None:
    for given in (part.annual_payroll, part.insured_sum, *(group.monthly_income for group in part.staff)):
        if given is not None and given * TIYN != int(given * TIYN):
            raise PremiumError(
                "E4204",
                "part {name!r}: {amount} is finer than a tiyn: round it to 2 decimals",
                name=part.name,
                amount=given,
            )


def _headcount(contract: Contract) -> int | None:
    """All workers: as given, or the sum over the parts; a contradiction is refused."""
    counts = []
    for part in contract.parts:
        listed = sum(group.n_workers for group in part.staff) if part.staff else None
        if listed is not None and part.n_workers is not None and listed != part.n_workers:
            raise PremiumError(
                "E4204",
                "part {name!r} has {n_workers} workers, its staff list {listed}: correct one",
                name=part.name,
                n_workers=part.n_workers,
                listed=listed,
            )
        counts.append(part.n_workers if listed is None else listed)
    known = [count for count in counts if count is not None]
    if any(count < 1 for count in (*known, contract.n_workers or 1)) or contract.n_workers == 0:
        raise PremiumError("E4204", "the number of workers must be at least 1")
    total = sum(known) if len(known) == len(counts) else None
    if contract.n_workers is not None and total is not None and contract.n_workers != total:
        raise PremiumError(
            "E4204",
            "the contract has {n_workers} workers, its parts have {total}: correct one",
            n_workers=contract.n_workers,
            total=total,
        )
    return contract.n_workers if contract.n_workers is not None else total


def capped_payroll(staff: Sequence[StaffGroup], cap: Fraction) -> Fraction:
    """Annual payroll of a staff list, each worker's monthly income counted at most up to `cap` (17(1))."""
    for group in staff:
        if group.n_workers < 1 or group.monthly_income <= 0:
            raise PremiumError(
                "E4204",
                "staff: {n_workers} workers at {monthly_income}: both must be above 0",
                n_workers=group.n_workers,
                monthly_income=group.monthly_income,
            )
    monthly = sum(
        (group.n_workers * min(Fraction(group.monthly_income), cap) for group in staff), Fraction(0)
    )
    return monthly * MONTHS_IN_YEAR


def _insured_sum(part: Part, payroll: Fraction) -> Fraction:
    if part.insured_sum is None:
        return payroll
    insured = Fraction(part.insured_sum)
    if insured < payroll:
        raise PremiumError(
            "E4205",
            "part {name!r}: the insured sum {insured} is below the annual payroll {payroll}; it must be "
            "at least the payroll (OSNS Law 16).",
            name=part.name,
            insured=shown(insured),
            payroll=shown(payroll),
        )
    return insured


def history_years(contract_date: date) -> range:
    """Calendar years before the contract that the correction coefficient looks at (17-1)."""
    n_years = tariffs.parameter("correction_coefficient_history_years").on(contract_date).value
    return range(contract_date.year - n_years, contract_date.year)


def rounded_mean(mean: Fraction, rounding: str) -> int:
    """Mean annual injured as the whole number that the table is entered with."""
    return int((mean + Fraction(1, 2)).__floor__()) if rounding == "half_up" else int(mean.__floor__())


def _correction(
    contract: Contract, choices: Mapping[str, str], n_workers: int | None, record: Record
) -> tuple[Fraction | None, Decimal | None]:
    """Mean annual injured and correction coefficient (17-1(1)-(4)); None, None without a history."""
    if contract.accidents is None:
        record.notes.append(
            text(
                "The accident history is unknown: no correction coefficient and no discount. The premium "
                "is not final if there were accidents by the policyholder's fault."
            )
        )
        return None, None
    day = contract.contract_date
    years = history_years(day)
    record.law("correction_coefficient_history_years", day)
    in_years = [a for a in contract.accidents if a.year in years]
    _note_years(contract.accidents, years, record)
    by_fault = [a for a in in_years if a.is_at_fault]
    counted = in_years if choices["fault"] == "all" and any(_persons(a) for a in by_fault) else by_fault
    total = sum(_victims(a, choices["victims"]) for a in counted)
    mean = Fraction(total, len(years))
    entered = rounded_mean(mean, choices["mean_rounding"])
    formula = text(
        "{total} in {first}-{last} / {n_years} years, rounded {mean_rounding}",
        total=total,
        first=years[0],
        last=years[-1],
        n_years=len(years),
        mean_rounding=choices["mean_rounding"],
    )
    record.step(text("mean annual injured"), formula, str(entered), "17-1(2)")
    table = tariffs.parameter("correction_coefficient").on(day).value
    if entered < min(row["injured_from"] for row in table):
        what = (
            text("below the table: no coefficient")
            if total
            else text("no events by the policyholder's fault")
        )
        record.step(text("correction coefficient"), what, "1", "17-1(1)")
        return mean, Decimal(1)
    if n_workers is None:
        raise PremiumError("E4204", "the correction coefficient depends on the number of workers: give it")
    row = next(
        row for row in table if _in_row(row, "injured", entered) and _in_row(row, "workers", n_workers)
    )
    if row["coefficient"] is None:
        raise PremiumError(
            "E4206",
            "the law has no correction coefficient for {entered} injured a year among {n_workers} "
            "workers: its table (OSNS Law 17-1(2)) is empty there. Check both numbers, or ask the "
            "regulator; 1 is not taken.",
            entered=entered,
            n_workers=n_workers,
        )
    record.law("correction_coefficient", day, row)
    formula = text("{entered} injured a year, {n_workers} workers", entered=entered, n_workers=n_workers)
    record.step(text("correction coefficient"), formula, shown_factor(row["coefficient"]), "17-1(2)")
    return mean, row["coefficient"]


def _with_coefficient(premium: Fraction, coefficient: Decimal | None, record: Record) -> Fraction:
    if coefficient is None or coefficient == 1:
        return premium
    product = premium * Fraction(coefficient)
    record.step(
        text("with the correction coefficient"),
        text("{premium} × {coefficient}", premium=shown(premium), coefficient=shown_factor(coefficient)),
        product,
        "17-1(2)",
    )
    return product


def _in_row(row: Mapping[str, Any], name: str, count: int) -> bool:
    last = row[f"{name}_to"]
    return bool(row[f"{name}_from"] <= count and (last is None or count <= last))


def _persons(accidents: AccidentYear) -> int:
    return accidents.n_injured + accidents.n_deaths


def _victims(accidents: AccidentYear, choice: str) -> int:
    if choice == "persons":
        return _persons(accidents)
    if accidents.n_accidents is None and _persons(accidents):
        raise PremiumError(
            "E4204",
            "accidents of {year}: the choice victims = accidents needs their number",
            year=accidents.year,
        )
    return accidents.n_accidents or 0


def _note_years(accidents: Sequence[AccidentYear], years: range, record: Record) -> None:
    for row in accidents:
        if min(row.n_injured, row.n_deaths, row.n_accidents or 0) < 0:
            raise PremiumError("E4204", "accidents of {year}: a number of injured is negative", year=row.year)
    outside = sorted({a.year for a in accidents if a.year not in years})
    if outside:
        record.notes.append(
            text(
                "Accidents of {outside} are not counted: the law looks at {first}-{last}.",
                outside=", ".join(map(str, outside)),
                first=years[0],
                last=years[-1],
            )
        )
    missing = [year for year in years if all(a.year != year for a in accidents)]
    if missing:
        record.notes.append(
            text(
                "No accidents are named for {missing}: taken as 0. Name every year of {first}-{last} to be "
                "sure.",
                missing=", ".join(map(str, missing)),
                first=years[0],
                last=years[-1],
            )
        )


def _discount(contract: Contract, record: Record) -> Decimal:
    """The cut asked for, once its conditions hold (17-1(2-1)); 0 where the history is unknown."""
    asked = contract.discount
    if not asked:
        return Decimal(0)
    if contract.accidents is None:
        record.notes.append(text("The discount is not given: the accident history is unknown."))
        return Decimal(0)
    day = contract.contract_date
    rule = record.law("no_event_discount", day)
    if not rule["allowed"]:
        raise PremiumError(
            "E4207",
            "the discount is {asked}: the law of {day} knows none",
            asked=shown_percent(asked),
            day=day,
        )
    maximum = rule["maximum"] if rule["maximum"] is not None else Decimal(1)
    if not 0 <= asked <= maximum:
        raise PremiumError(
            "E4207",
            "the discount is {asked}: the law of {day} allows 0 to {maximum} (OSNS Law 17-1(2-1))",
            asked=shown_percent(asked),
            day=day,
            maximum=shown_percent(maximum),
        )
    years = range(day.year - rule["years_without_events"], day.year)
    events = sum(_persons(a) for a in contract.accidents if a.year in years)
    if events:
        raise PremiumError(
            "E4207",
            "the discount is {asked}, but {events} were injured in {first}-{last}: it is for "
            "policyholders without any insured event in {n_years} years. Leave the discount out.",
            asked=shown_percent(asked),
            events=events,
            first=years[0],
            last=years[-1],
            n_years=len(years),
        )
    since = contract.employer_since
    if since is not None and months_later(since, MONTHS_IN_YEAR * len(years)) > day:
        raise PremiumError(
            "E4207",
            "the employer is active since {since}, less than {n_years} years before {day}: whether a "
            "discount may be given is not known from the law. Leave the discount out.",
            since=since,
            n_years=len(years),
            day=day,
        )
    record.notes.append(
        text(
            "The discount rests on the statement that no insured event of any degree, disease or death "
            "happened in {n_years} years: the counts of the coefficient (30-100 %) do not prove it. Keep "
            "that statement.",
            n_years=len(years),
        )
    )
    return asked


def _cut(
    article_17: Fraction, discount: Decimal, smallest: Fraction, choices: Mapping[str, str], record: Record
) -> tuple[Fraction, Decimal]:
    """Premium after the discount, and the discount granted."""
    cut = article_17 * (1 - Fraction(discount))
    formula = text(
        "{article_17} × (1 − {discount})", article_17=shown(article_17), discount=shown_percent(discount)
    )
    if cut < smallest and choices["discount_floor"] == "drop":
        record.step(
            text("discount dropped"),
            text("{formula} would be below {smallest}", formula=formula, smallest=shown(smallest)),
            article_17,
            "17-1(2-1)",
        )
        return article_17, Decimal(0)
    if cut < smallest and choices["discount_floor"] == "minimum":
        record.step(
            text("discount"),
            text("{formula}, not below {smallest}", formula=formula, smallest=shown(smallest)),
            smallest,
            "17-1(2-1)",
        )
        return smallest, discount
    record.step(text("discount"), formula, cut, "17-1(2-1)")
    return cut, discount


def spread(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Spread whole tiyn in proportion to weights: floors first, the rest to the largest remainders.

    Of equal remainders the earlier part takes the tiyn.

    Examples
    --------
    >>> spread(100, [Fraction(1), Fraction(1), Fraction(1)])
    [34, 33, 33]
    """
    whole = sum(weights, Fraction(0))
    exact = [total * weight / whole for weight in weights]
    floors = [int(share.__floor__()) for share in exact]
    order = sorted(range(len(weights)), key=lambda i: (floors[i] - exact[i], i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return floors


def explained_choices(resolved: Mapping[str, str]) -> list[dict[str, str]]:
    """The choices with value, default, article and reason, for ``--explain``."""
    return [
        {"choice": name, "value": value, "default": CHOICES[name].default, "article": CHOICES[name].article}
        | {"reason": CHOICES[name].reason}
        for name, value in resolved.items()
    ]
