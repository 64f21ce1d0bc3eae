"""The reference valuation: one person, one payment and one state at a time, from the words of the contract.

Written from `schema.md` sections 1-4, `model.md` and `statute.md` alone, without a look at the engine it is
there to judge. It is slow on purpose: every payment date, birthday and anniversary is a real date found by
adding months, the expected measure is a dictionary of states moved month by month, amounts are Fractions
(exact) and probabilities and discounts are Decimals of 40 digits, so that no figure hangs on a rounding
of floating point.

Where the text leaves a choice, this module reads it so:

1.  Improvement counts completed months from the middle of the table's period to D_j; before that middle the
    count is negative and rounded down (2022-12-15 is -1 month before 2023-01-01).
2.  A person older than the table's last age has, as in the last age, an infinite force. So does any age
    with q = 1, whatever the multiplier and under UDD too. Infinite force over no days (V = D_0) kills nobody.
3.  The pension schedule is on record from 2001-07-01 only: who had reached the age before has that day as the
    pension date. "Of pension age on V" means pension date <= V, an overriding pension date included.
4.  `pension_stop` empty means "no" for every worker with an accident before 2015-05-10, in both products.
5.  Spouse, parent, carer: a given `entitlement_end` is the end; child and student: the earlier of it and
    the birthday. A disabled dependant ends with `certificate_end` alone, a pre-retirement annuity with the
    pension date alone.
6.  The pre-retirement annuity pays the subsistence minimum in force on D_k (within a year it may step), knows
    no index, no current payment, and a remaining insured sum only if the row has one.
7.  `rate_by_year`: a year after the last listed one takes `later`; an unlisted year before it is an error.
8.  `mci` and the subsistence minimum after the last enacted year (that of the last entry) are its last
    value times (1 + growth) to the number of years passed; this holds on the valuation date as well.
9.  `social_payment_on_change: proportional` scales S for representative degrees only, also when the person
    has come back to the band of V.
10. A current payment beside a computed payment of 0 is refused when positive and ignored when 0.
11. `max(0, d W - S)` is taken before the current payment's factor, for each degree apart.
12. Additional expenses: 0 also for pre-retirement, and for voluntary records with an accident before
    2015-05-10; a voluntary record with a first degree of 30 or more has the voluntary cap and the utilisation
    of its first band.
13. In the expected measure a payment of which the insured sum covers a part counts as one for `per_month`.
14. `band` is None for everybody but workers.
15. Survivors of the voluntary product do not exist (it covers degrees of 5-29 % only).
16. Nelson-Siegel-Svensson, annual effective, with f(u) = (1 - exp(-u)) / u and f(0) = 1:
    y(t) = b0 + b1 f(t/tau1) + b2 (f(t/tau1) - exp(-t/tau1)) + b3 (f(t/tau2) - exp(-t/tau2)).
17. The representative degree pays if its band is covered; it is not checked against the edition's bounds.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from itertools import count, pairwise
from typing import Any

Row = dict[str, Any]
Basis = Mapping[str, Any]
Law = Mapping[str, Any]
Tables = Mapping[str, Any]
State = tuple[str, int | None, bool]  # band, months until the certificate ends (None: never), own degree kept

EDITION_2007 = date(2007, 5, 7)
EDITION_2015 = date(2015, 5, 10)
BANDS = "ABCD"
INFINITE = Decimal("Infinity")
ZERO, ONE = Decimal(0), Decimal(1)
CONTEXT = Context(prec=40)


# ---------------------------------------------------------------- numbers and dates


def exact(number: Any) -> Fraction:
    """A number as it was written: 0.1 is one tenth, not its nearest binary fraction."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def decimal_of(number: Any) -> Decimal:
    fraction = exact(number)
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def half_up(number: Fraction | Decimal) -> Decimal:
    """Round to the tiyn, halves up. Nothing rounded here is negative."""
    if isinstance(number, Fraction):
        return Decimal((2 * 100 * number.numerator + number.denominator) // (2 * number.denominator)) / 100
    return number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@cache
def completed_months(start: date, day: date) -> int:
    months = 0
    while add_months(start, months + 1) <= day:
        months += 1
    while add_months(start, months) > day:
        months -= 1
    return months


def completed_years(start: date, day: date) -> int:
    years = 0
    while add_months(start, 12 * (years + 1)) <= day:
        years += 1
    return years


# ---------------------------------------------------------------- law


def in_force(series: list[tuple[date, Decimal]], day: date) -> Fraction:
    """The enacted value on a day; after the last entry its value goes on."""
    value = None
    for start, figure in series:
        if start <= day:
            value = figure
    if value is None:
        raise LookupError(f"nothing on record on {day}")
    return exact(value)


def projected(series: list[tuple[date, Decimal]], growth: Any, day: date) -> Fraction:
    """The enacted value to the end of the last enacted year, then grown each 1 January."""
    value = in_force(series, day)
    for year in range(series[-1][0].year + 1, day.year + 1):
        if date(year, 1, 1) <= day:
            value *= 1 + exact(growth)
    return value


def law_pension_date(sex: str, birth_date: date, schedule: list[tuple[date, Any, Any]]) -> date:
    """The first day on which the age is at least the pension age in force on that day."""
    for number, (start, men, women) in enumerate(schedule):
        months = exact(men if sex == "male" else women) * 12
        assert months.denominator == 1, "a pension age is whole half-years"
        reached = max(start, add_months(birth_date, int(months)))
        if number + 1 == len(schedule) or reached < schedule[number + 1][0]:
            return reached
    raise LookupError("an empty pension age schedule")


def degree_band(degree: int) -> str:
    if not 5 <= degree <= 100:
        raise ValueError(f"degree of loss {degree} is outside 5-100 %")
    return "A" if degree < 30 else "B" if degree < 60 else "C" if degree < 90 else "D"


# ---------------------------------------------------------------- amounts


def old_edition(row: Row) -> bool:
    """Whether the accident is before 2015-05-10: no cap, no deduction, no pension end."""
    accident = row.get("accident_date")
    if accident is None:
        return False
    if accident < EDITION_2007:
        raise ValueError(f"accident {accident} is before {EDITION_2007}")
    return bool(accident < EDITION_2015)


def monthly_earnings(row: Row, law: Law) -> Fraction:
    """Average monthly earnings, capped where the edition and the product cap them."""
    earnings = exact(row["average_monthly_earnings"])
    if row["product"] == "voluntary" or old_edition(row):
        return earnings
    return min(earnings, 10 * in_force(law["minimum_wage"], row["contract_date"]))


def worker_benefit(row: Row, basis: Basis, law: Law, degree: Any = None) -> Fraction:
    """B_d of a worker: for the own degree if `degree` is None, else for a representative one, percent."""
    own = exact(row["degree_of_loss"])
    social = exact(row.get("social_payment") or 0)
    if row["product"] == "voluntary" or old_edition(row):
        social = Fraction(0)
    rule = basis["certification"].get("social_payment_on_change", "keep")
    if degree is not None and rule == "proportional":
        social = social * exact(degree) / own
    percent = own if degree is None else exact(degree)
    return max(Fraction(0), percent / 100 * monthly_earnings(row, law) - social)


def own_benefit(row: Row, basis: Basis, law: Law) -> Fraction:
    """B_own before the current payment's factor: of a worker's own degree or of a survivor's share."""
    if row["beneficiary"] == "worker":
        return worker_benefit(row, basis, law)
    return exact(row["share"]) * monthly_earnings(row, law)


def current_factor(row: Row, basis: Basis, law: Law) -> Fraction:
    current = row.get("current_monthly_payment")
    if current is None:
        return Fraction(1)
    own = own_benefit(row, basis, law)
    if own == 0:
        if current > 0:
            raise ValueError("a current payment beside a computed payment of 0")
        return Fraction(1)
    return exact(current) / own


def state_benefits(row: Row, basis: Basis, law: Law) -> dict[tuple[str, bool], Fraction]:
    """What each (band, own degree kept) is paid a month before index; a band out of cover is paid 0."""
    factor = current_factor(row, basis, law)
    if row["beneficiary"] != "worker":
        return {("dependant", True): own_benefit(row, basis, law) * factor}
    covered = "A" if row["product"] == "voluntary" else "ABCD" if old_edition(row) else "BCD"
    amounts = {}
    for band in BANDS:
        degree = basis["certification"]["representative_degree"][band]
        amounts[band, False] = worker_benefit(row, basis, law, degree) * factor * (band in covered)
    band = degree_band(row["degree_of_loss"])
    amounts[band, True] = worker_benefit(row, basis, law) * factor * (band in covered)
    return amounts


class Index:
    """The growth of the payments from the valuation date to a payment date."""

    def __init__(self, row: Row, basis: Basis, law: Law, valuation_date: date):
        self.rule = basis["indexation"]
        self.mci, self.growth = law["mci"], basis["growth"]["mci"]
        self.valuation_date = valuation_date
        start = row.get("annuity_start_date") or row["next_payment_date"]
        self.anniversaries = [
            add_months(start, 12 * n) for n in range(1, valuation_date.year + 130 - start.year)
        ]

    def on(self, day: date) -> Fraction:
        choice, after = self.rule.get("choice", "rate_by_year"), self.valuation_date
        if choice == "none":
            return Fraction(1)
        if choice == "contract_rate":
            passed = sum(after < anniversary <= day for anniversary in self.anniversaries)
            return (1 + exact(self.rule["rate"])) ** passed
        if choice == "mci":
            return projected(self.mci, self.growth, day) / projected(self.mci, self.growth, after)
        if choice == "rate_by_year":
            value = Fraction(1)
            for year in range(after.year, day.year + 1):
                if after < date(year, 1, 1) <= day:
                    value *= 1 + exact(self.rate_of(year))
            return value
        raise ValueError(f"unknown indexation {choice!r}")

    def rate_of(self, year: int) -> Any:
        rates = self.rule["rate_by_year"]
        if year in rates:
            return rates[year]
        if year > max(key for key in rates if key != "later"):
            return rates["later"]
        raise LookupError(f"no indexation rate for {year}")


# ---------------------------------------------------------------- ends


def payment_ends(row: Row, pension_date: date, valuation_date: date) -> tuple[date | None, date | None]:
    """First day without payment in the certified and in the expected measure; None: for life."""
    who = row["beneficiary"]
    if who == "worker":
        stop = row.get("pension_stop")
        if stop is None:
            stop = not old_edition(row)
        expected = pension_date if stop else None
        ends = [day for day in (expected, row.get("certificate_end")) if day is not None]
        return (min(ends) if ends else None), expected
    end = row.get("entitlement_end")
    if who == "pre_retirement":
        end = pension_date
    elif who == "disabled_dependant":
        end = row.get("certificate_end")
    elif who in ("child", "student"):
        birthday = add_months(row["birth_date"], 12 * (18 if who == "child" else 23))
        end = birthday if end is None else min(birthday, end)
    elif end is None and (who == "carer" or pension_date > valuation_date):
        raise ValueError(f"{who} needs entitlement_end")
    return end, end


def part_month(day: date, next_day: date, end: date | None) -> Fraction:
    """The part of the month from `day` to `next_day` that lies before the end."""
    if end is None or end >= next_day:
        return Fraction(1)
    if end <= day:
        return Fraction(0)
    return Fraction((end - day).days, (next_day - day).days)


# ---------------------------------------------------------------- discount


@cache
def exp_minus(number: Decimal) -> Decimal:
    return CONTEXT.exp(-number)


@cache
def log_of(number: Decimal) -> Decimal:
    return CONTEXT.ln(number)


@cache
def growth_to(rate: Decimal, years: Fraction) -> Decimal:
    """(1 + rate) to the power `years`."""
    if rate == 0 or years == 0:
        return ONE
    if years.denominator == 1:
        return (ONE + rate) ** int(years)
    return CONTEXT.exp(log_of(ONE + rate) * decimal_of(years))


def spot_rate(interest: Mapping[str, Any], years: Fraction) -> Decimal:
    """y(t), annual effective."""
    if "flat" in interest:
        return decimal_of(interest["flat"])
    if "spot" in interest:
        points = [(exact(term), exact(rate)) for term, rate in interest["spot"]]
        if years <= points[0][0]:
            return decimal_of(points[0][1])
        for (left, low), (right, high) in pairwise(points):
            if years <= right:
                return decimal_of(low + (high - low) * (years - left) / (right - left))
        return decimal_of(points[-1][1])
    curve = {name: decimal_of(number) for name, number in interest["nelson_siegel_svensson"].items()}

    def slope(tau: Decimal) -> tuple[Decimal, Decimal]:
        if years == 0:
            return ONE, ONE
        u = decimal_of(years) / tau
        return (ONE - exp_minus(u)) / u, exp_minus(u)

    mean_1, end_1 = slope(curve["tau1"])
    mean_2, end_2 = slope(curve["tau2"])
    return (
        curve["beta0"]
        + curve["beta1"] * mean_1
        + curve["beta2"] * (mean_1 - end_1)
        + curve["beta3"] * (mean_2 - end_2)
    )


def discount(interest: Mapping[str, Any], years: Fraction) -> Decimal:
    return ONE / growth_to(spot_rate(interest, years), years)


# ---------------------------------------------------------------- survival


class Life:
    """Survival of one person: the force of each month after D_0, by band."""

    def __init__(self, row: Row, basis: Basis, tables: Tables, valuation_date: date, pays: list[date]):
        self.mortality = basis["mortality"]
        self.table = tables[self.mortality[row["sex"]]]
        self.pays = pays
        self.first_days = (pays[0] - valuation_date).days
        self.age_months = completed_months(row["birth_date"], pays[0])
        self.pre_retirement = row["beneficiary"] == "pre_retirement"
        self.improvement = exact(self.mortality.get("improvement") or 0)
        self.fractional_age = self.mortality.get("fractional_age", "constant_force")

    def multiplier(self, band: str) -> Decimal:
        return ONE if self.pre_retirement else decimal_of(self.mortality["multiplier"][band])

    def force(self, month: int, band: str) -> Decimal:
        """Annual force of month j in a band, or infinity."""
        age, month_of_year = divmod(self.age_months + month, 12)
        place = age - self.table["first_age"]
        if place < 0:
            raise LookupError(f"the table begins at age {self.table['first_age']}, asked for {age}")
        if place >= len(self.table["qx"]) or self.table["qx"][place] == 1:
            return INFINITE
        q = decimal_of(self.table["qx"][place])
        if self.fractional_age == "constant_force":
            force = -log_of(ONE - q)
        elif self.fractional_age == "udd":
            force = 12 * (log_of(1 - q * month_of_year / 12) - log_of(1 - q * (month_of_year + 1) / 12))
        else:
            raise ValueError(f"unknown fractional age {self.fractional_age!r}")
        force *= self.multiplier(band)
        if self.improvement:
            passed = completed_months(self.table["period_middle"], self.pays[month])
            force *= growth_to(-decimal_of(self.improvement), Fraction(passed, 12))
        return force

    def to_first(self, band: str) -> Decimal:
        """Probability of living from V to D_0."""
        if self.first_days == 0:
            return ONE
        return exp_minus(self.force(0, band) * self.first_days / 365)

    def month(self, month: int, band: str) -> Decimal:
        """Probability of living from D_j to D_{j+1} in a band."""
        return exp_minus(self.force(month, band) / 12)


# ---------------------------------------------------------------- certification


class Certification:
    """The certificates of a worker after the one in force, as states and their moves."""

    def __init__(self, row: Row, basis: Basis, pays: list[date]):
        self.rule = basis["certification"]
        self.first_certificate_date: Any = row.get("first_certificate_date")
        self.band = degree_band(row["degree_of_loss"]) if row["beneficiary"] == "worker" else "dependant"
        self.first_end: int | None = None
        end = row.get("certificate_end")
        if row["beneficiary"] == "worker" and end is not None:
            # an end beyond the last payment date never acts
            self.first_end = next((k for k, day in enumerate(pays) if day >= end), None)

    def start(self) -> State:
        return self.band, self.first_end, True

    def matrix_row(self, day: date, band: str) -> list[Any]:
        years = completed_years(self.first_certificate_date, day)
        chosen = None
        for matrix in sorted(self.rule["matrices"], key=lambda matrix: int(matrix["duration_from"])):
            if matrix["duration_from"] <= years:
                chosen = matrix
        assert chosen is not None, "the first matrix begins at duration 0"
        return list(chosen[band])

    def act(self, states: dict[State, Any], day: date, number: Any) -> dict[State, Any]:
        """Move everybody whose certificate ends on `day`; the recovered leave. `number` reads a chance."""
        moved: dict[State, Any] = {}
        for (band, months, own), probability in states.items():
            if months != 0:
                moved[band, months, own] = moved.get((band, months, own), 0) + probability
                continue
            row = self.matrix_row(day, band)
            for new_band, chance in zip(BANDS, row[:4], strict=True):
                if chance == 0:
                    continue
                # own is still true only in the band of V held without a break
                state = (new_band, self.rule["next_term_months"][new_band], own and new_band == band)
                moved[state] = moved.get(state, 0) + probability * number(chance)
        return moved


def one_month_later(states: dict[State, Any]) -> dict[State, Any]:
    return {
        (band, None if months is None else months - 1, own): probability
        for (band, months, own), probability in states.items()
    }


# ---------------------------------------------------------------- the two measures


class Measure:
    """The sums of one measure and its cash-flows."""

    def __init__(self, basis: Basis, years: list[Fraction], discounts: list[Decimal]):
        self.inflation = decimal_of(basis["expenses"].get("inflation") or 0)
        self.years, self.discounts = years, discounts
        self.reserve = self.recovery = self.months = ZERO
        self.cashflows: list[tuple[date, Decimal]] = []

    def add(self, k: int, day: date, amount: Decimal, excess: Decimal, made: Decimal) -> None:
        """Payment k: expected nominal amount, the part above the insured sum, probability it is made."""
        v = self.discounts[k]
        self.reserve += v * amount
        self.recovery += v * excess
        if made:
            self.months += v * made * growth_to(self.inflation, self.years[k])
        self.cashflows.append((day, amount))

    def expense(self, basis: Basis) -> Decimal:
        expenses = basis["expenses"]
        return (
            decimal_of(expenses.get("of_payment") or 0) * self.reserve
            + decimal_of(expenses.get("per_month") or 0) * self.months
        )


def additional_expenses(row: Row, basis: Basis, law: Law, valuation_date: date) -> Fraction:
    """Expected use of what is left of the cap on additional expenses."""
    if row["beneficiary"] != "worker" or old_edition(row):
        return Fraction(0)
    first = row.get("first_degree_of_loss")
    band = degree_band(row["degree_of_loss"] if first is None else first)
    if row["product"] == "voluntary":
        cap, day = 250, row["first_certificate_date"]
    elif band == "A":
        return Fraction(0)
    else:
        cap, day = {"B": 500, "C": 750, "D": 1000}[band], valuation_date
    left = cap * projected(law["mci"], basis["growth"]["mci"], day) - exact(row.get("expenses_paid") or 0)
    return exact(basis["additional_expenses"]["utilisation"][band]) * max(Fraction(0), left)


def payment_dates(first: date, end: date | None, birth_date: date, last_age: int) -> list[date]:
    """D_0, D_1, ... to the end, or for life to a year beyond the table."""
    stop = end if end is not None else add_months(birth_date, 12 * (last_age + 2))
    pays = [first]
    for k in count(1):
        pays.append(add_months(first, k))
        if pays[-1] >= stop:
            return pays
    raise AssertionError("unreachable")


def value(row: Row, basis: Basis, law: Law, tables: Tables, valuation_date: date) -> dict[str, Any]:
    """Every figure of `results` for one row of `annuities`.

    Amounts are Decimals in tenge, each rounded once, half-up, to the tiyn; totals add the rounded parts.
    `unrounded` holds the same figures before rounding (monthly payment and additional expenses as exact
    Fractions), `cashflows_certified` and `cashflows_expected` pairs (payment date, expected nominal amount).
    """
    with localcontext(CONTEXT):
        return _value(row, basis, law, tables, valuation_date)


def _value(row: Row, basis: Basis, law: Law, tables: Tables, valuation_date: date) -> dict[str, Any]:
    first = row["next_payment_date"]
    if first < valuation_date:
        raise ValueError("next_payment_date before the valuation date")
    if row["beneficiary"] not in ("worker", "pre_retirement") and row["product"] == "voluntary":
        raise ValueError("the voluntary product has no survivors")
    pension_date = row.get("pension_date") or law_pension_date(
        row["sex"], row["birth_date"], law["pension_age"]
    )
    certified_end, expected_end = payment_ends(row, pension_date, valuation_date)
    table = tables[basis["mortality"][row["sex"]]]
    last_age = table["first_age"] + len(table["qx"]) - 1
    # the expected measure lasts at least as long as the certified one
    pays = payment_dates(first, expected_end, row["birth_date"], last_age)

    life = Life(row, basis, tables, valuation_date, pays)
    certification = Certification(row, basis, pays)
    index = Index(row, basis, law, valuation_date)
    minimum = law["subsistence_minimum"]
    insured_sum = row.get("remaining_insured_sum")
    left = None if insured_sum is None else exact(insured_sum)
    voluntary = row["product"] == "voluntary"
    own_state = (certification.band, True)

    if row["beneficiary"] == "pre_retirement":
        growth = basis["growth"]["subsistence_minimum"]
        indexed = [{own_state: projected(minimum, growth, day)} for day in pays]
    else:
        benefits = state_benefits(row, basis, law)
        indexes = [index.on(day) for day in pays]
        indexed = [{state: amount * step for state, amount in benefits.items()} for step in indexes]

    years = [Fraction((first - valuation_date).days, 365) + Fraction(k, 12) for k in range(len(pays) - 1)]
    discounts = [discount(basis["interest"], term) for term in years]

    # certified: one state, the own degree, to the end of the certificate
    certified = Measure(basis, years, discounts)
    total = Fraction(0)
    alive = life.to_first(certification.band)
    monthly_payment = Fraction(0)
    for k in range(len(pays) - 1):
        if certified_end is not None and pays[k] >= certified_end:
            break
        amount = indexed[k][own_state] * part_month(pays[k], pays[k + 1], certified_end)
        covered = amount if left is None else min(amount, max(Fraction(0), left - total))
        total += amount
        paid = covered if voluntary else amount
        if k == 0:
            monthly_payment = paid
        excess = paid - covered
        made = alive if paid > 0 else ZERO
        certified.add(k, pays[k], alive * decimal_of(paid), alive * decimal_of(excess), made)
        alive *= life.month(k, certification.band)
        if alive == 0:
            break

    # expected: every state, with and without mortality
    expected = Measure(basis, years, discounts)
    states: dict[State, Decimal] = {certification.start(): life.to_first(certification.band)}
    living: dict[State, Fraction] = {certification.start(): Fraction(1)}
    total = Fraction(0)
    for k in range(len(pays) - 1):
        if expected_end is not None and pays[k] >= expected_end:
            break
        states = certification.act(states, pays[k], decimal_of)
        part = part_month(pays[k], pays[k + 1], expected_end)
        covered_part = Fraction(1)
        if left is not None:
            living = certification.act(living, pays[k], exact)
            mean = sum(
                (p * indexed[k][band, own] * part for (band, _, own), p in living.items()), Fraction(0)
            )
            if mean > 0 and total + mean > left:
                covered_part = max(Fraction(0), left - total) / mean
            total += mean
            living = one_month_later(living)
        paid_part = covered_part if voluntary else Fraction(1)
        amounts = {state: decimal_of(amount * part * paid_part) for state, amount in indexed[k].items()}
        flow = sum((p * amounts[band, own] for (band, _, own), p in states.items()), ZERO)
        made = sum((p for (band, _, own), p in states.items() if amounts[band, own] > 0), ZERO)
        excess_flow = ZERO if voluntary else flow * decimal_of(1 - covered_part)
        expected.add(k, pays[k], flow, excess_flow, made)
        survivals = {band: life.month(k, band) for band in {band for band, _, _ in states}}
        states = one_month_later({state: p * survivals[state[0]] for state, p in states.items()})
        if not any(states.values()):
            break

    extra = additional_expenses(row, basis, law, valuation_date)
    unrounded: dict[str, Fraction | Decimal] = {
        "monthly_payment": monthly_payment,
        "certified_reserve": certified.reserve,
        "expected_reserve": expected.reserve,
        "additional_expenses_reserve": extra,
        "expense_reserve_certified": certified.expense(basis),
        "expense_reserve_expected": expected.expense(basis),
        "recovery_certified": certified.recovery,
        "recovery_expected": expected.recovery,
    }
    answer: dict[str, Any] = {name: half_up(number) for name, number in unrounded.items()}
    for measure in ("certified", "expected"):
        answer[f"total_{measure}"] = (
            answer[f"{measure}_reserve"]
            + answer["additional_expenses_reserve"]
            + answer[f"expense_reserve_{measure}"]
        )
    answer["band"] = certification.band if row["beneficiary"] == "worker" else None
    answer["pension_date"] = pension_date
    answer["unrounded"] = unrounded
    answer["cashflows_certified"] = certified.cashflows
    answer["cashflows_expected"] = expected.cashflows
    return answer
