"""Random people and bases that visit every corner of the timeline, for comparing two valuations.

Every row is valid by the table `annuities` of `schema.md`: dates in order, the columns its kind needs, a
current payment only where the computed one is positive. Nothing here is a real person.

A seed fixes everything: `corner_bases(seed)` the bases, `valuation_date_of(seed)` the valuation date and
`corner_people(seed, n)` the rows (valued on that date unless another one is given).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from figures import LAW
from naive import (
    EDITION_2007,
    EDITION_2015,
    Row,
    add_months,
    half_up,
    in_force,
    law_pension_date,
    own_benefit,
)

COLUMNS = (
    "claim_id",
    "contract_id",
    "product",
    "beneficiary",
    "sex",
    "birth_date",
    "contract_date",
    "accident_date",
    "first_certificate_date",
    "certificate_end",
    "degree_of_loss",
    "first_degree_of_loss",
    "average_monthly_earnings",
    "social_payment",
    "current_monthly_payment",
    "share",
    "entitlement_end",
    "annuity_start_date",
    "next_payment_date",
    "remaining_insured_sum",
    "pension_contribution_exempt",
    "pension_date",
    "expenses_paid",
    "pension_stop",
)

VALUATION_DATES = (
    date(2026, 1, 1),
    date(2026, 6, 30),
    date(2024, 2, 29),
    date(2025, 12, 31),
    date(2022, 3, 31),  # the index takes the step of 2022-04-01 or does not, by column
    date(2026, 11, 30),
    date(2016, 2, 29),
    date(2020, 3, 31),
    date(2023, 1, 15),
    date(2025, 2, 28),
    date(2024, 1, 31),
    date(2026, 12, 31),
)
PRE_RETIREMENT_SINCE = date(2024, 1, 1)
# no minimum wage on record inside: a contract of these months is not valued
GAP = (date(2008, 7, 1), date(2008, 12, 31))


# ---------------------------------------------------------------- bases


def _basis() -> dict[str, Any]:
    """The basis of the schema's example, with matrices of our own."""
    return {
        "name": "reference",
        "note": "Illustrative. Not a regulatory basis.",
        "interest": {"flat": 0.10},
        "indexation": {"choice": "contract_rate", "rate": 0.08},
        "growth": {"mci": 0.07, "minimum_wage": 0.07, "subsistence_minimum": 0.08},
        "mortality": {
            "male": "kz-wpp2024-2020-2025-male",
            "female": "kz-wpp2024-2020-2025-female",
            "multiplier": {"A": 1.0, "B": 1.5, "C": 3.0, "D": 5.0, "dependant": 1.0},
            "improvement": 0.0,
            "fractional_age": "constant_force",
        },
        "certification": {
            "next_term_months": {"A": 12, "B": 12, "C": 24, "D": None},
            "representative_degree": {"A": 15, "B": 40, "C": 70, "D": 95},
            "social_payment_on_change": "keep",
            "matrices": [
                {
                    "duration_from": 0,
                    "A": [0.62, 0.10, 0.01, 0.0, 0.27],
                    "B": [0.17, 0.68, 0.06, 0.01, 0.08],
                    "C": [0.03, 0.16, 0.72, 0.06, 0.03],
                    "D": [0.01, 0.02, 0.12, 0.84, 0.01],
                },
                {
                    "duration_from": 3,
                    "A": [0.88, 0.06, 0.0, 0.0, 0.06],
                    "B": [0.05, 0.90, 0.03, 0.0, 0.02],
                    "C": [0.0, 0.05, 0.92, 0.03, 0.0],
                    "D": [0.0, 0.0, 0.03, 0.97, 0.0],
                },
            ],
        },
        "expenses": {"of_payment": 0.03, "per_month": 0, "inflation": 0.0, "of_premium": 0.015},
        "additional_expenses": {"utilisation": {"A": 0.5, "B": 0.5, "C": 0.6, "D": 0.7}},
    }


def _matrix(random: Random, duration_from: int) -> dict[str, Any]:
    """A random matrix in ten-thousandths, so that its rows sum to 1."""
    matrix: dict[str, Any] = {"duration_from": duration_from}
    for place, band in enumerate("ABCD"):
        weights = [random.choice((0.0, 0.2, 1.0)) * random.random() for _ in range(5)]
        weights[place] += random.choice((0.5, 2.0, 5.0))
        total = sum(weights)
        parts = [int(10_000 * weight / total) for weight in weights]
        parts[place] += 10_000 - sum(parts)
        matrix[band] = [part / 10_000 for part in parts]
    return matrix


def _identity(duration_from: int = 0) -> dict[str, Any]:
    return {
        "duration_from": duration_from,
        "A": [1.0, 0.0, 0.0, 0.0, 0.0],
        "B": [0.0, 1.0, 0.0, 0.0, 0.0],
        "C": [0.0, 0.0, 1.0, 0.0, 0.0],
        "D": [0.0, 0.0, 0.0, 1.0, 0.0],
    }


def corner_bases(seed: int) -> list[dict[str, Any]]:
    """Ten bases: each choice of interest, index, fractional age, terms, matrices and expenses at least once.

    `interest: {spot: ...}` holds the points themselves, pairs (term in years, annual effective rate).
    """
    random = Random(f"bases {seed}")
    bases = [_basis() for _ in range(10)]
    for number, basis in enumerate(bases):
        basis["name"] = f"reference-{seed}-{number}"

    # 1: no interest, no decrement before the table's end, nobody ever moves
    bases[1]["interest"] = {"flat": 0.0}
    bases[1]["indexation"] = {"choice": "none"}
    bases[1]["mortality"]["multiplier"] = dict.fromkeys(("A", "B", "C", "D", "dependant"), 0.0)
    bases[1]["certification"]["matrices"] = [_identity()]

    # 2: spot rates, a rate by year, improvement, uniform deaths
    bases[2]["interest"] = {
        "spot": [
            [0.25, 0.142],
            [1, round(random.uniform(0.11, 0.15), 4)],
            [3, 0.128],
            [10, 0.117],
            [25, 0.09],
        ]
    }
    rates = {year: round(random.uniform(0.0, 0.15), 3) for year in range(2016, 2030)}
    bases[2]["indexation"] = {"choice": "rate_by_year", "rate_by_year": {**rates, "later": 0.06}}
    bases[2]["mortality"]["improvement"] = round(random.uniform(0.005, 0.02), 4)
    bases[2]["mortality"]["fractional_age"] = "udd"
    bases[2]["expenses"].update(per_month=1250.5, inflation=0.065)

    # 3: a curve, the index of the mci, the social payment moving with the degree
    bases[3]["interest"] = {
        "nelson_siegel_svensson": {
            "beta0": round(random.uniform(0.08, 0.11), 4),
            "beta1": 0.045,
            "beta2": -0.02,
            "beta3": 0.03,
            "tau1": 1.7,
            "tau2": 6.5,
        }
    }
    bases[3]["indexation"] = {"choice": "mci"}
    bases[3]["certification"]["social_payment_on_change"] = "proportional"
    bases[3]["certification"]["next_term_months"] = {"A": 6, "B": 12, "C": 24, "D": None}

    # 4: an older table, no deaths in one band only, three durations, expenses of payment alone
    bases[4]["mortality"].update(male="kz-wpp2024-2015-2020-male", female="kz-wpp2024-2015-2020-female")
    bases[4]["mortality"]["multiplier"] = {"A": 0.0, "B": 2.5, "C": 0.7, "D": 12.0, "dependant": 1.3}
    bases[4]["mortality"]["improvement"] = 0.013
    bases[4]["certification"]["next_term_months"] = {"A": 12, "B": 6, "C": 6, "D": 24}
    bases[4]["certification"]["matrices"] = [_matrix(random, start) for start in (0, 2, 5)]
    bases[4]["certification"]["representative_degree"] = {"A": 29, "B": 30, "C": 89, "D": 100}

    # 5: one certificate more and no other; uniform deaths without improvement
    bases[5]["certification"]["next_term_months"] = dict.fromkeys("ABCD")
    bases[5]["certification"]["matrices"] = [_matrix(random, start) for start in (0, 1, 2, 10)]
    bases[5]["mortality"]["fractional_age"] = "udd"
    bases[5]["expenses"].update(of_payment=0.0, per_month=700, inflation=0.0)
    bases[5]["indexation"]["rate"] = round(random.uniform(0.0, 0.12), 4)

    # 6: everybody moves at every certificate; short and long terms
    bases[6]["certification"]["next_term_months"] = {"A": 6, "B": 60, "C": 12, "D": 6}
    bases[6]["certification"]["matrices"] = [
        {
            "duration_from": 0,
            "A": [0.0, 0.5, 0.2, 0.2, 0.1],
            "B": [0.4, 0.0, 0.3, 0.2, 0.1],
            "C": [0.3, 0.4, 0.0, 0.3, 0.0],
            "D": [0.2, 0.2, 0.5, 0.0, 0.1],
        }
    ]
    bases[6]["certification"]["social_payment_on_change"] = "proportional"
    bases[6]["interest"] = {"flat": round(random.uniform(0.02, 0.16), 4)}

    # 7: index above the yield, everybody recovers at the second duration
    bases[7]["interest"] = {"flat": 0.05}
    bases[7]["indexation"]["rate"] = 0.095
    bases[7]["certification"]["matrices"] = [
        _matrix(random, 0),
        {"duration_from": 4, **{band: [0.0, 0.0, 0.0, 0.0, 1.0] for band in "ABCD"}},
    ]
    bases[7]["expenses"].update(per_month=333.33, inflation=0.05)

    # 8: nobody moves but deaths differ by band; index of the mci with the growth of another year
    bases[8]["certification"]["matrices"] = [_identity(), _identity(3)]
    bases[8]["indexation"] = {"choice": "mci"}
    bases[8]["growth"]["mci"] = round(random.uniform(0.0, 0.12), 4)
    bases[8]["mortality"]["improvement"] = 0.02

    # 9: terms that are no multiple of each other
    bases[9]["certification"]["next_term_months"] = {"A": 7, "B": 12, "C": 36, "D": 5}
    bases[9]["certification"]["matrices"] = [_matrix(random, start) for start in (0, 3)]
    bases[9]["interest"] = {"spot": [[0, 0.09], [2.5, 0.13], [7, 0.1]]}
    bases[9]["indexation"] = {"choice": "none"}
    bases[9]["expenses"].update(of_payment=0.015, per_month=2000, inflation=0.1)
    return copy.deepcopy(bases)


# ---------------------------------------------------------------- days


def _between(random: Random, first: date, last: date) -> date:
    """A day of the range, month ends and the 29th of February more often than by chance."""
    if last < first:
        raise ValueError(f"empty range {first} - {last}")
    day = first + timedelta(days=random.randint(0, (last - first).days))
    corner = random.random()
    if corner < 0.12:
        day = date(day.year, day.month, 28)
        while random.random() < 0.6 and (day + timedelta(days=1)).month == day.month:
            day += timedelta(days=1)
    elif corner < 0.22:
        leap = day.year - day.year % 4
        if leap % 100 or leap % 400 == 0:
            day = date(leap, 2, 29)
    return min(max(day, first), last)


def _next_payment(random: Random, valuation_date: date) -> date:
    """Mostly within a month of the valuation date, on month ends more often than by chance."""
    corner = random.random()
    if corner < 0.15:
        return valuation_date
    if corner < 0.25:
        return valuation_date + timedelta(days=random.choice((1, 30, 31)))
    if corner < 0.6:
        wanted = random.choice((28, 29, 30, 31))
        day = valuation_date
        while day.day != wanted:
            day += timedelta(days=1)
        return day
    if corner < 0.9:
        return valuation_date + timedelta(days=random.randint(0, 31))
    if corner < 0.95:
        # the end of a February, when it is near
        day = valuation_date
        while (day.month, day.day) not in ((2, 28), (2, 29)) and (day - valuation_date).days < 130:
            day += timedelta(days=1)
        return day
    return valuation_date + timedelta(days=random.randint(32, 130))


def _contract_date(random: Random, accident: date) -> date:
    """Up to a year before the accident, on record."""
    day = accident - timedelta(days=random.randint(0, 364))
    if GAP[0] <= day <= GAP[1]:
        return GAP[1] + timedelta(days=1) if accident > GAP[1] else GAP[0] - timedelta(days=1)
    return day


def _birth_for_pension(random: Random, sex: str, target: date) -> date:
    """A birth date that brings the law's pension date near `target`."""
    birth = add_months(target, -12 * 62) + timedelta(days=random.randint(-40, 40))
    for _ in range(4):
        gap = target - law_pension_date(sex, birth, LAW["pension_age"])
        birth += gap
    return birth


# women at the edges of the schedule of 2028-2031 (and one day beside them)
STEP_BIRTHS = tuple(
    date.fromisoformat(day)
    for day in (
        "1966-12-31",
        "1967-01-01",
        "1967-06-30",
        "1967-07-01",
        "1967-08-31",
        "1968-01-01",
        "1967-12-31",
        "1968-02-29",
        "1966-08-30",
        "1967-02-28",
        "1968-08-31",
    )
)


def _birth(random: Random, valuation_date: date, youngest: int, oldest: int) -> date:
    """A birth date that gives a completed age of `youngest` to `oldest` on the valuation date."""
    first = add_months(valuation_date, -12 * (oldest + 1)) + timedelta(days=1)
    last = add_months(valuation_date, -12 * youngest)
    return _between(random, first, last)


def _end_near(random: Random, first: date, last: date, next_payment: date, pension_date: date) -> date:
    """An end in every relation to the next payment: before, at, after, on a later payment, far off."""
    choices: list[Callable[[], date]] = [
        lambda: next_payment,
        lambda: next_payment - timedelta(days=random.randint(1, 60)),
        lambda: next_payment + timedelta(days=random.randint(1, 31)),
        lambda: _between(random, next_payment, add_months(next_payment, 60)),
        lambda: next_payment + timedelta(days=random.randint(1, 31)),
        lambda: add_months(next_payment, random.randint(1, 40)),
        lambda: add_months(next_payment, random.randint(1, 40)) + timedelta(days=random.choice((-1, 1))),
        lambda: _between(random, next_payment, add_months(next_payment, 60)),
        lambda: _between(random, next_payment, add_months(next_payment, 24)),
        lambda: pension_date,
        lambda: add_months(pension_date, random.randint(-3, 14)),
    ]
    day = random.choice(choices)()
    return min(max(day, first), last)


# ---------------------------------------------------------------- amounts


def _money(random: Random, low: float, high: float) -> Decimal:
    amount = Decimal(repr(random.uniform(low, high)))
    places = random.choice(("1", "0.01", "0.01", "1E+2"))
    return (amount.quantize(Decimal(places), rounding=ROUND_HALF_UP) + 0).quantize(Decimal("0.01"))


def _earnings(random: Random) -> Decimal:
    corner = random.random()
    if corner < 0.65:
        return _money(random, 60_000, 600_000)
    if corner < 0.95:
        return _money(random, 600_000, 3_000_000)
    return Decimal(random.choice(("850000.00", "850000.01", "70000.00", "9999999.99")))


def _current(random: Random, row: Row) -> Decimal | None:
    """A payment in force: none, the computed one, above it (as after years of indexation) or below it."""
    own = own_benefit(row, _basis(), LAW)
    if own == 0 or random.random() < 0.45:
        return None
    scale = random.choice((1.0, random.uniform(1.0, 2.5), random.uniform(1.0, 2.5), random.uniform(0.3, 1.0)))
    current = half_up(Decimal(own.numerator) / Decimal(own.denominator) * Decimal(repr(scale)))
    return current if current > 0 else None


def _insured_sum(random: Random, row: Row) -> Decimal | None:
    """What is left of the sum: no limit, or one that binds at once, soon, on a payment, late, never."""
    if random.random() < 0.5:
        return None
    payment = row["current_monthly_payment"]
    if payment is None:
        own = own_benefit(row, _basis(), LAW)
        payment = half_up(own)
    corner = random.random()
    if corner < 0.05:
        return Decimal("0.00")
    if corner < 0.15:
        return half_up(payment * Decimal(repr(random.uniform(0.01, 1.0))))
    if corner < 0.25:
        return Decimal(payment * random.randint(1, 24))
    if corner < 0.55:
        return half_up(payment * Decimal(repr(random.uniform(1.0, 40.0))))
    if corner < 0.85:
        return half_up(payment * Decimal(repr(random.uniform(40.0, 400.0))))
    return half_up(payment * Decimal(5000)) + Decimal("0.01")


# ---------------------------------------------------------------- rows


def _accident(random: Random, row: Row, first: date, last: date) -> None:
    """Accident and contract dates: the contract up to a year before, the accident inside."""
    accident = _between(random, first, last)
    corner = random.random()
    if corner < 0.08 and first <= EDITION_2015 <= last:
        accident = EDITION_2015
    elif corner < 0.16 and first <= EDITION_2015 - timedelta(days=1) <= last:
        accident = EDITION_2015 - timedelta(days=1)
    row["accident_date"] = accident
    row["contract_date"] = _contract_date(random, accident)


def _worker(random: Random, row: Row, valuation_date: date, old: bool) -> None:
    sex, next_payment = row["sex"], row["next_payment_date"]
    voluntary = row["product"] == "voluntary"
    corner = random.random()
    if sex == "female" and corner < 0.35:
        birth = random.choice(STEP_BIRTHS)
    elif corner < 0.5:
        birth = _birth_for_pension(random, sex, add_months(next_payment, random.randint(-3, 30)))
        birth += timedelta(days=random.randint(-3, 3))
    elif corner < 0.54:
        birth = date(random.choice((1964, 1968, 1972, 1980, 1992)), 2, 29)
    elif corner < 0.6 and old:
        birth = _birth(random, valuation_date, 75, 99)
    else:
        # an old accident happened to a grown person
        youngest = valuation_date.year - EDITION_2015.year + 19 if old else 20
        birth = _birth(random, valuation_date, youngest, 80 if old or random.random() < 0.1 else 58)
    row["birth_date"] = birth

    grown = add_months(birth, 12 * 18)
    if old:
        _accident(random, row, max(EDITION_2007, grown), EDITION_2015 - timedelta(days=1))
    else:
        start = max(EDITION_2015, grown)
        if random.random() < 0.6:
            start = max(start, add_months(valuation_date, -30))
        _accident(random, row, start, valuation_date)
    latest = min(valuation_date, add_months(row["accident_date"], random.choice((1, 4, 16))))
    row["first_certificate_date"] = _between(random, row["accident_date"], latest)

    if voluntary:
        row["degree_of_loss"] = random.choice((5, 29, random.randint(5, 29)))
        if random.random() < 0.5:
            row["contract_date"] = None
    elif old:
        row["degree_of_loss"] = random.choice((5, 29, 30, 100, *(random.randint(5, 100) for _ in range(3))))
    else:
        usual = (random.randint(30, 100) for _ in range(8))
        row["degree_of_loss"] = random.choice((30, 59, 60, 89, 90, 100, *usual))
    if random.random() < 0.3:
        row["first_degree_of_loss"] = random.randint(5, 29) if voluntary else random.randint(5, 100)

    if random.random() < 0.06:
        row["pension_date"] = _between(random, add_months(birth, 12 * 45), add_months(birth, 12 * 63))
    pension_date = row["pension_date"] or law_pension_date(sex, birth, LAW["pension_age"])
    if random.random() < 0.85:
        first = row["first_certificate_date"] + timedelta(days=1)
        row["certificate_end"] = _end_near(random, first, date(2060, 1, 1), next_payment, pension_date)
    if old:
        row["pension_stop"] = random.choice((True, False, None))
    elif random.random() < 0.2:
        row["pension_stop"] = True

    row["average_monthly_earnings"] = _earnings(random)
    if voluntary:
        row["social_payment"] = random.choice((None, Decimal("0.00"), _money(random, 1000, 50_000)))
    else:
        row["social_payment"] = Decimal("0.00")
        # as if the deduction held, so that for old accidents it would show
        cap = 10 * in_force(LAW["minimum_wage"], row["contract_date"])
        gross = row["degree_of_loss"] * min(row["average_monthly_earnings"], Decimal(int(cap))) / 100
        corner = random.random()
        if corner < 0.5:
            row["social_payment"] = half_up(gross * Decimal(repr(random.uniform(0.05, 0.8))))
        elif corner < 0.58:
            row["social_payment"] = half_up(gross * Decimal(repr(random.uniform(1.0, 1.5))))
        elif corner < 0.62:
            row["social_payment"] = half_up(gross)
    row["current_monthly_payment"] = _current(random, row)
    row["remaining_insured_sum"] = _insured_sum(random, row)
    row["pension_contribution_exempt"] = random.choice((None, True, False))
    row["expenses_paid"] = random.choice(
        (None, Decimal("0.00"), _money(random, 1000, 900_000), Decimal("9999999.99"), Decimal(250 * 4325))
    )


THIRDS = ("0.3333333333333333", "0.1666666666666667", "0.1428571428571429")
SHARES = tuple(Decimal(share) for share in (*THIRDS, "0.5", "0.25", "1", "0.2", "0.0001"))


def _survivor(random: Random, row: Row, valuation_date: date) -> None:
    who, sex, next_payment = row["beneficiary"], row["sex"], row["next_payment_date"]
    _accident(random, row, EDITION_2007, valuation_date)
    earliest = row["accident_date"]
    row["average_monthly_earnings"] = _earnings(random)
    row["share"] = random.choice(SHARES)
    if who in ("child", "student"):
        years = 18 if who == "child" else 23
        if random.random() < 0.35:
            day = next_payment + timedelta(days=random.choice((-40, -1, 0, 1, 15, 29, 31, 45, 366)))
            row["birth_date"] = min(add_months(day, -12 * years), valuation_date)
        else:
            row["birth_date"] = _birth(random, valuation_date, 0 if who == "child" else 17, years - 1)
        # born at most nine months after the death
        _accident(random, row, max(EDITION_2007, row["birth_date"] - timedelta(days=250)), valuation_date)
    elif who == "disabled_dependant":
        row["birth_date"] = _birth(random, valuation_date, random.choice((0, 20, 60)), 95)
        _accident(random, row, max(EDITION_2007, row["birth_date"]), valuation_date)
        earliest = row["accident_date"] + timedelta(days=1)
        if random.random() < 0.6:
            pension_date = law_pension_date(sex, row["birth_date"], LAW["pension_age"])
            row["certificate_end"] = _end_near(random, earliest, date(2060, 1, 1), next_payment, pension_date)
    else:
        corner = random.random()
        if corner < 0.2 and who != "carer":
            row["birth_date"] = _birth(random, next_payment, 100, 109)
        elif corner < 0.35:
            # of pension age on the valuation date, or not yet, by days
            near = valuation_date + timedelta(days=random.randint(-2, 2))
            row["birth_date"] = _birth_for_pension(random, sex, near)
        else:
            row["birth_date"] = _birth(random, valuation_date, 25, 95)
        if random.random() < 0.04:
            row["pension_date"] = _between(
                random, add_months(row["birth_date"], 12 * 45), add_months(row["birth_date"], 12 * 63)
            )
        pension_date = row["pension_date"] or law_pension_date(sex, row["birth_date"], LAW["pension_age"])
        if who == "carer" or pension_date > valuation_date or random.random() < 0.25:
            first = row["accident_date"] + timedelta(days=1)
            row["entitlement_end"] = _end_near(random, first, date(2060, 1, 1), next_payment, pension_date)
    row["current_monthly_payment"] = _current(random, row)
    row["remaining_insured_sum"] = _insured_sum(random, row)


def _pre_retirement(random: Random, row: Row, valuation_date: date) -> None:
    sex = row["sex"]
    if random.random() < 0.5:
        target = add_months(row["next_payment_date"], random.randint(-1, 70))
        row["birth_date"] = _birth_for_pension(random, sex, target)
    else:
        row["birth_date"] = _birth(random, valuation_date, 55, 62)


KINDS = (
    ("worker", "compulsory", False, 40),
    ("worker", "compulsory", True, 14),
    ("worker", "voluntary", False, 16),
    ("worker", "voluntary", True, 2),
    ("child", "compulsory", False, 5),
    ("student", "compulsory", False, 4),
    ("spouse", "compulsory", False, 6),
    ("parent", "compulsory", False, 4),
    ("disabled_dependant", "compulsory", False, 4),
    ("carer", "compulsory", False, 3),
    ("pre_retirement", "compulsory", False, 4),
)


def _annuity_start(random: Random, row: Row, valuation_date: date) -> date | None:
    """Empty, long past, on the payment day of an earlier year, or on a 29th of February."""
    next_payment: date = row["next_payment_date"]
    earliest: date = row["first_certificate_date"] or row["accident_date"] or PRE_RETIREMENT_SINCE
    corner = random.random()
    if corner < 0.25 or earliest > next_payment:
        return None
    if corner < 0.5:
        day = add_months(next_payment, -12 * random.randint(0, 8))
    elif corner < 0.6:
        day = add_months(valuation_date, -12 * random.randint(0, 8))
    elif corner < 0.7:
        day = date(random.choice((2012, 2016, 2020, 2024)), 2, 29)
    else:
        day = _between(random, earliest, next_payment)
    return min(max(day, earliest), next_payment)


def valuation_date_of(seed: int) -> date:
    """The valuation date that goes with a seed; a dozen seeds in a row visit them all."""
    return VALUATION_DATES[seed % len(VALUATION_DATES)]


def corner_people(seed: int, n: int, valuation_date: date | None = None) -> list[Row]:
    """`n` valid rows of `annuities`, of every kind, valued on `valuation_date_of(seed)` by default."""
    day = valuation_date or valuation_date_of(seed)
    random = Random(f"people {seed} {day}")
    kinds = [kind for kind in KINDS if kind[0] != "pre_retirement" or day >= PRE_RETIREMENT_SINCE]
    people = []
    for number in range(n):
        # the first rows take each kind once, the others by weight
        kind = kinds[number] if number < len(kinds) else random.choices(kinds, [kind[3] for kind in kinds])[0]
        who, product, old, _ = kind
        row: Row = dict.fromkeys(COLUMNS)
        row.update(claim_id=f"R{seed}-{number:05d}", product=product, beneficiary=who)
        row["contract_id"] = random.choice((None, f"K{seed}-{number:05d}"))
        row["sex"] = random.choice(("male", "female"))
        row["next_payment_date"] = _next_payment(random, day)
        if who == "worker":
            _worker(random, row, day, old)
        elif who == "pre_retirement":
            _pre_retirement(random, row, day)
        else:
            _survivor(random, row, day)
        row["annuity_start_date"] = _annuity_start(random, row, day)
        people.append(row)
    return people


def to_csv_row(row: Row) -> dict[str, str]:
    """The row as the text of a CSV file: ISO dates, decimal points, yes and no, empty for nothing."""
    return {column: _text(row.get(column)) for column in COLUMNS}


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return str(cell)
