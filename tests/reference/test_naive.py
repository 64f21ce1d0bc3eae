"""The reference valuation against figures worked by hand, published values and brute force."""

import math
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import figures
import naive
import pytest
from naive import Row, add_months, completed_months, completed_years, half_up, law_pension_date, value

LAW = figures.LAW
TABLES = figures.load_tables()
# an age of this table halves the living each month, a multiplier m leaves (1/2)^m, the interest halves values
HALVING = {"first_age": 0, "qx": [4095 / 4096] * 118 + [1.0], "period_middle": date(2026, 1, 1)}
DEATHLESS = {"first_age": 0, "qx": [0.0] * 118 + [1.0], "period_middle": date(2026, 1, 1)}
MADE_UP = {"halving": HALVING, "deathless": DEATHLESS}


def basis_of(**changes: Any) -> dict[str, Any]:
    """No interest, no index, no deaths, no moves, no expenses, but for the changes."""
    basis: dict[str, Any] = {
        "interest": {"flat": 0.0},
        "indexation": {"choice": "none"},
        "growth": {"mci": 0.0, "minimum_wage": 0.0, "subsistence_minimum": 0.0},
        "mortality": {
            "male": "deathless",
            "female": "deathless",
            "multiplier": {"A": 1.0, "B": 1.0, "C": 1.0, "D": 1.0, "dependant": 1.0},
            "improvement": 0.0,
            "fractional_age": "constant_force",
        },
        "certification": {
            "next_term_months": {"A": 12, "B": 12, "C": 12, "D": 12},
            "representative_degree": {"A": 15, "B": 40, "C": 70, "D": 95},
            "social_payment_on_change": "keep",
            "matrices": [
                {"duration_from": 0, "A": [1, 0, 0, 0, 0], "B": [0, 1, 0, 0, 0], "C": [0, 0, 1, 0, 0],
                 "D": [0, 0, 0, 1, 0]}
            ],
        },
        "expenses": {"of_payment": 0, "per_month": 0, "inflation": 0, "of_premium": 0},
        "additional_expenses": {"utilisation": {"A": 0, "B": 0, "C": 0, "D": 0}},
    }  # fmt: skip
    for name, change in changes.items():
        for section in ("mortality", "certification", "expenses"):
            if name in basis[section]:
                basis[section][name] = change
                break
        else:
            basis[name] = change
    return basis


def worker(**changes: Any) -> Row:
    """A man of 40 with 40 % of 100 000, less 10 000."""
    row: Row = {
        "product": "compulsory",
        "beneficiary": "worker",
        "sex": "male",
        "birth_date": date(1986, 1, 15),
        "contract_date": date(2025, 3, 1),
        "accident_date": date(2025, 6, 1),
        "first_certificate_date": date(2025, 8, 1),
        "certificate_end": None,
        "degree_of_loss": 40,
        "average_monthly_earnings": Decimal(100_000),
        "social_payment": Decimal(10_000),
        "next_payment_date": date(2026, 1, 15),
    }
    row.update(changes)
    return row


def survivor(**changes: Any) -> Row:
    row: Row = {
        "product": "compulsory",
        "beneficiary": "child",
        "sex": "female",
        "birth_date": date(2010, 7, 20),
        "contract_date": date(2025, 3, 1),
        "accident_date": date(2025, 6, 1),
        "average_monthly_earnings": Decimal(300_000),
        "share": Decimal("0.25"),
        "next_payment_date": date(2026, 1, 15),
    }
    row.update(changes)
    return row


V = date(2026, 1, 15)


# ---------------------------------------------------------------- published annuity values


@pytest.mark.parametrize(
    ("interest", "growth", "multiplier", "published"),
    [
        (0.06, 0.0, 1.0, "11.81982"),
        (0.06, 0.0, 0.0, "12.69968"),
        (0.12, 0.08, 1.0, "13.89703"),
        (0.12, 0.08, 0.0, "15.07395"),
        (0.06, 0.0, 2.0, "11.04995"),
    ],
)
def test_model_page_values(interest: float, growth: float, multiplier: float, published: str) -> None:
    """model.md section 3: annual 1 paid monthly in advance, man aged 40 to 63, male table of 2020-2025."""
    basis = basis_of(
        interest={"flat": interest},
        indexation={"choice": "contract_rate", "rate": growth},
        male="kz-wpp2024-2020-2025-male",
        multiplier={"D": multiplier},
    )
    man = worker(
        birth_date=date(1986, 1, 15),
        annuity_start_date=V,
        accident_date=date(2015, 5, 9),
        degree_of_loss=100,
        average_monthly_earnings=Decimal(1_000_000),
        pension_stop=True,
    )
    answer = value(man, basis, LAW, TABLES, V)
    assert answer["pension_date"] == date(2049, 1, 15)
    assert len(answer["cashflows_certified"]) == 23 * 12
    factor = answer["unrounded"]["certified_reserve"] / 12_000_000
    assert factor.quantize(Decimal("0.00001")) == Decimal(published)
    assert answer["expected_reserve"] == answer["certified_reserve"]


def test_no_decrements_and_no_interest_give_the_sum_of_payments() -> None:
    answer = value(worker(certificate_end=date(2027, 3, 1)), basis_of(), LAW, MADE_UP, V)
    # 13 whole months and 2027-02-15 to 2027-03-01, 14 days of 28
    assert answer["certified_reserve"] == Decimal("405000.00")
    # to the pension date 2049-01-15
    assert answer["expected_reserve"] == Decimal(23 * 12 * 30_000)


def test_annuity_certain() -> None:
    basis = basis_of(interest={"flat": 0.09})
    row = worker(next_payment_date=date(2026, 2, 3), certificate_end=date(2036, 2, 3))
    answer = value(row, basis, LAW, MADE_UP, V)
    v = 1.09 ** (-1 / 12)
    certain = 30_000 * 1.09 ** (-19 / 365) * (1 - v**120) / (1 - v)
    assert float(answer["unrounded"]["certified_reserve"]) == pytest.approx(certain, rel=1e-13)


# ---------------------------------------------------------------- the expected measure by hand


def moving_basis(**changes: Any) -> dict[str, Any]:
    return basis_of(
        **{
            "interest": {"flat": 4095},
            "male": "halving",
            "multiplier": {"A": 0, "B": 1, "C": 2, "D": 3},
            "next_term_months": {"A": 1, "B": 1, "C": 2, "D": None},
            "representative_degree": {"A": 20, "B": 50, "C": 70, "D": 95},
            "matrices": [
                {
                    "duration_from": 0,
                    "A": [0.5, 0.5, 0, 0, 0],
                    "B": [0.25, 0.5, 0.25, 0, 0],
                    "C": [0, 0.5, 0.25, 0, 0.25],
                    "D": [0, 0, 0, 1, 0],
                }
            ],
            "of_payment": 0.1,
            "per_month": 1000,
            **changes,
        }
    )


MOVING = {"certificate_end": date(2026, 2, 15), "pension_date": date(2026, 5, 15)}


def test_four_payments_by_hand() -> None:
    """Living through a month in A, B, C: 1, 1/2, 1/4; discount of a month: 1/2.

    Amounts: A 0, own B 30 000, B 40 000, C 60 000.
    k = 0: own B 1. k = 1: A 1/8, own B 1/4, C 1/8 (two months). k = 2: A 3/32, B 1/16, own B 1/16,
    C 1/32 (new) and 1/32 (one month left). k = 3: B 3/64 + 1/64 + 1/256, own B 1/64,
    C 1/128 + 1/128 + 1/512 and 1/128 (one month left).
    """
    answer = value(worker(**MOVING), moving_basis(), LAW, MADE_UP, V)
    flows = [30_000, 15_000, 8_125, Fraction("4648.4375")]
    days = [date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15), date(2026, 4, 15)]
    assert [day for day, _ in answer["cashflows_expected"]] == days
    assert [round(amount, 20) for _, amount in answer["cashflows_expected"]] == flows
    reserve = 30_000 + Fraction(15_000, 2) + Fraction(8_125, 4) + Fraction("4648.4375") / 8
    paid = 1 + Fraction(3, 8) / 2 + Fraction(3, 16) / 4 + Fraction(55, 512) / 8
    assert answer["expected_reserve"] == half_up(reserve) == Decimal("40112.30")
    assert answer["expense_reserve_expected"] == half_up(reserve / 10 + 1000 * paid) == Decimal("5259.03")
    assert answer["total_expected"] == Decimal("45371.33")
    assert answer["certified_reserve"] == answer["monthly_payment"] == 30_000
    assert answer["expense_reserve_certified"] == 4000
    assert answer["recovery_expected"] == 0


def test_insured_sum_of_the_employer_by_hand() -> None:
    """Of the living the payments expect 30, 30 and 35 thousand: 75 thousand end at 15/35 of the third."""
    row = worker(**MOVING, remaining_insured_sum=Decimal(75_000))
    answer = value(row, moving_basis(), LAW, MADE_UP, V)
    assert answer["expected_reserve"] == Decimal("40112.30")
    recovery = Fraction(8_125, 4) * Fraction(4, 7) + Fraction("4648.4375") / 8
    assert answer["recovery_expected"] == half_up(recovery) == Decimal("1741.77")
    assert answer["recovery_certified"] == 0


def test_proportional_social_payment() -> None:
    """S follows the degree: B 50 % less 12 500, C 70 % less 17 500."""
    basis = moving_basis(social_payment_on_change="proportional")
    answer = value(worker(**MOVING), basis, LAW, MADE_UP, V)
    amounts = [round(amount, 20) for _, amount in answer["cashflows_expected"]]
    assert amounts[:3] == [
        30_000,
        7_500 + Fraction(52_500, 8),
        Fraction(37_500, 16) + Fraction(30_000, 16) + Fraction(52_500, 16),
    ]


def test_current_payment_scales_every_degree() -> None:
    row = worker(**MOVING, current_monthly_payment=Decimal(33_000))
    answer = value(row, moving_basis(), LAW, MADE_UP, V)
    assert answer["monthly_payment"] == 33_000
    flow = round(answer["cashflows_expected"][1][1], 20)
    assert flow == Fraction(33_000, 4) + Fraction(66_000, 8)
    assert answer["expected_reserve"] == half_up(Fraction("40112.3046875") * Fraction(11, 10))


def follow(
    row: Row,
    basis: dict[str, Any],
    pays: list[date],
    covered: str,
    amounts: dict[str, Fraction],
    own: Fraction,
) -> list[tuple[Fraction, list[tuple[str, Fraction]]]]:
    """Every path of certificates: its probability and (band, amount) of each payment, R after recovery."""
    rule = basis["certification"]
    v_band = naive.degree_band(row["degree_of_loss"])
    end = next((k for k, day in enumerate(pays) if day >= row["certificate_end"]), None)
    paths: list[tuple[Fraction, list[str], int | None]] = [(Fraction(1), [], end)]
    for k, day in enumerate(pays):
        longer: list[tuple[Fraction, list[str], int | None]] = []
        for probability, bands, act in paths:
            present = bands[-1] if bands else v_band
            if act != k or present == "R":
                longer.append((probability, [*bands, present], act))
                continue
            years = completed_years(row["first_certificate_date"], day)
            matrix = [m for m in rule["matrices"] if m["duration_from"] <= years][-1]
            for new, chance in zip("ABCDR", matrix[present], strict=True):
                if chance:
                    term = rule["next_term_months"].get(new)
                    following = None if term is None else k + term
                    longer.append((probability * Fraction(repr(chance)), [*bands, new], following))
        paths = longer
    answer = []
    for probability, bands, _ in paths:
        steps, unbroken = [], True
        for band in bands:
            unbroken = unbroken and band == v_band
            amount = (own if unbroken else amounts[band]) if band in covered else Fraction(0)
            steps.append((band, amount))
        answer.append((probability, steps))
    return answer


@pytest.mark.parametrize("product", ["compulsory", "voluntary"])
@pytest.mark.parametrize("left", [None, "0.01", "25000", "61234.56", "90000"])
@pytest.mark.parametrize("end", [date(2026, 1, 10), date(2026, 1, 20), date(2026, 4, 1)])
def test_every_path_apart(product: str, left: str | None, end: date) -> None:
    """The states against all paths summed one by one, in fractions."""
    basis = moving_basis(
        next_term_months={"A": 2, "B": 1, "C": 3, "D": None},
        matrices=[
            {
                "duration_from": 0,
                "A": [0.4, 0.3, 0.1, 0.1, 0.1],
                "B": [0.3, 0.4, 0.2, 0.05, 0.05],
                "C": [0.1, 0.2, 0.5, 0.2, 0.0],
                "D": [0.1, 0.1, 0.1, 0.7, 0.0],
            },
            {
                "duration_from": 1,
                "A": [0.1, 0.5, 0.1, 0.1, 0.2],
                "B": [0.5, 0.1, 0.2, 0.1, 0.1],
                "C": [0.3, 0.2, 0.2, 0.2, 0.1],
                "D": [0.0, 0.1, 0.4, 0.5, 0.0],
            },
        ],
    )
    own_degree, covered = (40, "BCD") if product == "compulsory" else (10, "A")
    # the sixth payment, 2026-06-15, is for 15 of 30 days; durations pass a year on 2026-03-15
    row = worker(
        product=product,
        degree_of_loss=own_degree,
        certificate_end=end,
        first_certificate_date=date(2025, 3, 15),
        pension_date=date(2026, 6, 30),
        remaining_insured_sum=None if left is None else Decimal(left),
    )
    social = 10_000 if product == "compulsory" else 0
    degrees = basis["certification"]["representative_degree"]
    amounts = {band: Fraction(degrees[band] * 1000 - social) for band in "ABCD"}
    pays = [add_months(V, k) for k in range(6)]
    paths = follow(row, basis, pays, covered, amounts, Fraction(own_degree * 1000 - social))
    assert sum(probability for probability, _ in paths) == 1
    deaths = {"A": 0, "B": 1, "C": 2, "D": 3, "R": 0}

    total = reserve = recovery = months = Fraction(0)
    limit = None if left is None else Fraction(left)
    for k in range(6):
        part = Fraction(1, 2) if k == 5 else Fraction(1)
        mean = sum(probability * steps[k][1] * part for probability, steps in paths)
        if limit is None or total + mean <= limit:
            inside = Fraction(1)
        else:
            inside = max(Fraction(0), limit - total) / mean
        total += mean
        for probability, steps in paths:
            dead = sum(deaths[band] for band, _ in steps[:k])
            present = probability * Fraction(1, 2) ** (dead + k) * (steps[k][0] != "R")
            paid = steps[k][1] * part * (inside if product == "voluntary" else 1)
            reserve += present * paid
            recovery += present * paid * (0 if product == "voluntary" else 1 - inside)
            months += present * (paid > 0)
    answer = value(row, basis, LAW, MADE_UP, V)
    assert answer["expected_reserve"] == half_up(reserve)
    assert answer["recovery_expected"] == half_up(recovery)
    assert answer["expense_reserve_expected"] == half_up(reserve / 10 + 1000 * months)
    assert abs(answer["unrounded"]["expected_reserve"] - naive.decimal_of(reserve)) < Decimal("1e-20")


@pytest.mark.parametrize("index", [{"choice": "none"}, {"choice": "contract_rate", "rate": 0.08}])
def test_no_moves_are_an_endless_certificate(index: dict[str, Any]) -> None:
    basis = basis_of(
        interest={"flat": 0.1}, indexation=index, male="kz-wpp2024-2020-2025-male", multiplier={"B": 1.5}
    )
    row = worker(birth_date=date(1970, 5, 3), next_payment_date=date(2026, 1, 31))
    endless = value(row, basis, LAW, TABLES, V)
    for end in (date(2026, 1, 20), date(2026, 11, 11), date(2031, 1, 31)):
        answer = value({**row, "certificate_end": end}, basis, LAW, TABLES, V)
        assert answer["expected_reserve"] == endless["certified_reserve"] == endless["expected_reserve"]


def test_shares_add_up() -> None:
    basis = basis_of(interest={"flat": 0.1}, female="kz-wpp2024-2020-2025-female")
    whole = value(survivor(share=Decimal("0.6")), basis, LAW, TABLES, V)["unrounded"]
    left, right = (
        value(survivor(share=Decimal(share)), basis, LAW, TABLES, V)["unrounded"]
        for share in ("0.15", "0.45")
    )
    for measure in ("certified_reserve", "expected_reserve"):
        assert abs(whole[measure] - left[measure] - right[measure]) < Decimal("1e-20")


def test_terms_add_up() -> None:
    """What a longer certificate adds is the discounted payments of the added months."""
    basis = basis_of(interest={"flat": 0.1}, male="kz-wpp2024-2020-2025-male")
    short = value(worker(certificate_end=date(2027, 1, 15)), basis, LAW, TABLES, V)
    long = value(worker(certificate_end=date(2029, 1, 15)), basis, LAW, TABLES, V)
    flows = [float(amount) for _, amount in long["cashflows_certified"]]
    added = sum(flow * 1.1 ** (-k / 12) for k, flow in enumerate(flows) if k >= 12)
    difference = long["unrounded"]["certified_reserve"] - short["unrounded"]["certified_reserve"]
    assert float(difference) == pytest.approx(added, rel=1e-12)


# ---------------------------------------------------------------- dates


def test_dates_keep_their_day_from_the_first() -> None:
    start = date(2024, 1, 31)
    assert [add_months(start, k) for k in range(4)] == [
        date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)
    ]  # fmt: skip
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2024, 2, 29), 48) == date(2028, 2, 29)
    assert add_months(date(2024, 1, 31), -2) == date(2023, 11, 30)


def test_completed_months_and_years() -> None:
    assert completed_months(date(2024, 1, 31), date(2024, 2, 28)) == 0
    assert completed_months(date(2024, 1, 31), date(2024, 2, 29)) == 1
    assert completed_months(date(2023, 1, 1), date(2022, 12, 15)) == -1
    assert completed_months(date(2023, 1, 1), date(2022, 12, 1)) == -1
    assert completed_years(date(2004, 2, 29), date(2027, 2, 27)) == 22
    assert completed_years(date(2004, 2, 29), date(2027, 2, 28)) == 23


@pytest.mark.parametrize(
    ("birth", "reached"),
    [
        ("1959-12-31", "2017-12-31"),
        ("1960-01-01", "2018-07-01"),
        ("1966-12-31", "2027-12-31"),
        ("1967-01-01", "2028-07-01"),
        ("1967-07-01", "2029-07-01"),
    ],
)
def test_pension_dates_of_the_statute_page(birth: str, reached: str) -> None:
    found = law_pension_date("female", date.fromisoformat(birth), LAW["pension_age"])
    assert found == date.fromisoformat(reached)


def test_pension_date_day_by_day() -> None:
    """Every day from the start of the record, asked whether the age is enough."""
    births = [date(1964, 2, 29), date(1966, 8, 30), date(1967, 6, 30), date(1967, 8, 31), date(1968, 2, 29)]
    births += [date(1966, 6, 1) + timedelta(days=53 * n) for n in range(12)]
    for birth in births:
        for sex, place in (("male", 1), ("female", 2)):
            day = date(2018, 1, 1)
            while True:
                age = [entry for entry in LAW["pension_age"] if entry[0] <= day][-1][place]
                if add_months(birth, int(age * 12)) <= day:
                    break
                day += timedelta(days=1)
            assert law_pension_date(sex, birth, LAW["pension_age"]) == day


def test_part_months() -> None:
    day, following = date(2024, 1, 31), date(2024, 2, 29)
    assert naive.part_month(day, following, date(2024, 2, 28)) == Fraction(28, 29)
    assert naive.part_month(day, following, day) == 0
    assert naive.part_month(day, following, following) == 1
    assert naive.part_month(day, following, None) == 1


def test_child_to_the_eighteenth_birthday() -> None:
    """Born on 29 February 2008: 18 on 28 February 2026."""
    row = survivor(birth_date=date(2008, 2, 29), next_payment_date=date(2026, 1, 31))
    answer = value(row, basis_of(), LAW, MADE_UP, V)
    # the month of the payment of 31 January ends on that day
    assert answer["certified_reserve"] == Decimal("75000.00")
    row["next_payment_date"] = date(2026, 2, 10)
    answer = value(row, basis_of(), LAW, MADE_UP, V)
    assert answer["certified_reserve"] == half_up(Fraction(75_000 * 18, 28)) == Decimal("48214.29")
    assert answer["band"] is None


def test_payments_past_their_end_are_zero() -> None:
    ended = worker(pension_date=date(2026, 1, 15))
    answer = value(ended, basis_of(per_month=10), LAW, MADE_UP, V)
    assert answer["monthly_payment"] == answer["total_certified"] == answer["total_expected"] == 0


def test_survivors_of_every_kind() -> None:
    """Sums without deaths: 75 000 a month to each end."""
    basis = basis_of()
    pays = {
        ("student", None, None, date(2004, 1, 15)): 12,
        ("spouse", date(2026, 7, 15), None, date(1950, 1, 1)): 6,
        ("parent", date(2026, 7, 15), None, date(1990, 1, 1)): 6,
        ("carer", date(2027, 1, 15), None, date(1990, 1, 1)): 12,
        ("disabled_dependant", None, date(2026, 3, 15), date(1990, 1, 1)): 2,
    }
    for (who, entitlement_end, certificate_end, birth), months in pays.items():
        row = survivor(beneficiary=who, birth_date=birth)
        row.update(entitlement_end=entitlement_end, certificate_end=certificate_end)
        answer = value(row, basis, LAW, MADE_UP, V)
        assert answer["certified_reserve"] == answer["expected_reserve"] == 75_000 * months
    # for life: to the table's last age, of which the first payment is made: 1908-01-15 has 118 on the day
    row = survivor(beneficiary="spouse", birth_date=date(1908, 1, 15))
    assert value(row, basis, LAW, MADE_UP, V)["certified_reserve"] == 75_000
    row = survivor(beneficiary="parent", birth_date=date(1908, 4, 1))
    assert value(row, basis, LAW, MADE_UP, V)["certified_reserve"] == 4 * 75_000
    row = survivor(beneficiary="spouse", birth_date=date(1990, 4, 1))
    with pytest.raises(ValueError, match="spouse needs entitlement_end"):
        value(row, basis, LAW, MADE_UP, V)


def test_last_age_leaves_nobody() -> None:
    """Infinite force: nothing is paid after days in the last age, whatever the multiplier."""
    for multiplier in (0, 1):
        basis = basis_of(multiplier={"dependant": multiplier})
        row = survivor(beneficiary="spouse", birth_date=date(1908, 1, 10))
        row["next_payment_date"] = date(2026, 1, 16)
        answer = value(row, basis, LAW, MADE_UP, V)
        assert (answer["monthly_payment"], answer["certified_reserve"]) == (75_000, 0)


# ---------------------------------------------------------------- amounts


def test_cap_on_the_contract_date() -> None:
    for contract, cap in ((date(2018, 12, 31), 282_840), (date(2019, 1, 1), 425_000)):
        row = worker(average_monthly_earnings=Decimal(900_000), contract_date=contract)
        assert value(row, basis_of(), LAW, MADE_UP, V)["monthly_payment"] == Decimal(cap) * 40 / 100 - 10_000


def test_products_and_editions() -> None:
    rich = {"average_monthly_earnings": Decimal(2_000_000)}
    capped = value(worker(**rich), basis_of(), LAW, MADE_UP, V)
    assert capped["monthly_payment"] == 340_000 - 10_000
    before = worker(**rich, accident_date=date(2015, 5, 9), contract_date=date(2014, 6, 1))
    answer = value(before, basis_of(), LAW, MADE_UP, V)
    assert answer["monthly_payment"] == 800_000
    # no pension end: for life, to the month in which the man is 118
    assert len(answer["cashflows_certified"]) == (118 - 40) * 12 + 1
    answer = value({**before, "pension_stop": True}, basis_of(), LAW, MADE_UP, V)
    assert len(answer["cashflows_certified"]) == 276
    voluntary = worker(**rich, product="voluntary", degree_of_loss=10, contract_date=None)
    assert value(voluntary, basis_of(), LAW, MADE_UP, V)["monthly_payment"] == 200_000
    none_left = value(worker(social_payment=Decimal(50_000)), basis_of(per_month=10), LAW, MADE_UP, V)
    assert none_left["total_certified"] == 0


def test_old_accident_pays_in_every_band() -> None:
    row = worker(
        accident_date=date(2014, 1, 1),
        contract_date=date(2013, 6, 1),
        first_certificate_date=date(2014, 5, 1),
        degree_of_loss=20,
        pension_stop=True,
        pension_date=date(2026, 3, 15),
        certificate_end=date(2026, 2, 15),
    )
    basis = basis_of(matrices=[{"duration_from": 0, **{band: [0.5, 0.5, 0, 0, 0] for band in "ABCD"}}])
    flows = [amount for _, amount in value(row, basis, LAW, MADE_UP, V)["cashflows_expected"]]
    assert flows == [20_000, Decimal("0.5") * 20_000 + Decimal("0.5") * 40_000]


@pytest.mark.parametrize(
    ("left", "certified", "monthly", "months"),
    [("0", 0, 0, 0), ("1000", 1000, 1000, 1), ("10000", 10_000, 10_000, 1), ("34000", 34_000, 10_000, 4)],
)
def test_voluntary_sum_runs_out(left: str, certified: int, monthly: int, months: int) -> None:
    row = worker(product="voluntary", degree_of_loss=10, remaining_insured_sum=Decimal(left))
    answer = value(row, basis_of(per_month=100), LAW, MADE_UP, V)
    for measure in ("certified", "expected"):
        assert answer[f"{measure}_reserve"] == certified
        assert answer[f"expense_reserve_{measure}"] == 100 * months
        assert answer[f"recovery_{measure}"] == 0
    assert answer["monthly_payment"] == monthly


def test_compulsory_sum_runs_out() -> None:
    row = worker(certificate_end=date(2026, 6, 15), remaining_insured_sum=Decimal(70_000))
    answer = value(row, basis_of(per_month=100), LAW, MADE_UP, V)
    assert answer["certified_reserve"] == 150_000
    assert answer["recovery_certified"] == 80_000
    assert answer["expense_reserve_certified"] == 500


def test_additional_expenses() -> None:
    basis = basis_of(additional_expenses={"utilisation": {"A": 0.5, "B": 0.6, "C": 0.7, "D": 0.8}})

    def extra(**changes: Any) -> Decimal:
        figure: Decimal = value(worker(**changes), basis, LAW, MADE_UP, V)["additional_expenses_reserve"]
        return figure

    assert extra() == Decimal("0.6") * 500 * 4325
    assert extra(first_degree_of_loss=89, expenses_paid=Decimal("1000.01")) == half_up(
        Fraction(7, 10) * (750 * 4325 - Fraction("1000.01"))
    )
    assert extra(first_degree_of_loss=90) == Decimal("0.8") * 1000 * 4325
    assert extra(first_degree_of_loss=29) == 0
    assert extra(expenses_paid=Decimal(500 * 4325)) == extra(expenses_paid=Decimal(9_999_999)) == 0
    assert extra(accident_date=date(2015, 5, 9), contract_date=date(2015, 1, 1)) == 0
    # the mci of the first certificate, 2025
    assert extra(product="voluntary", degree_of_loss=12) == Decimal("0.5") * 250 * 3932


def test_pre_retirement_follows_the_subsistence_minimum() -> None:
    basis = basis_of(growth={"mci": 0, "minimum_wage": 0, "subsistence_minimum": 0.1})
    row = {
        "product": "compulsory",
        "beneficiary": "pre_retirement",
        "sex": "male",
        "birth_date": date(1965, 3, 15),
        "next_payment_date": date(2025, 12, 15),
    }
    answer = value(row, basis, LAW, MADE_UP, date(2025, 12, 1))
    assert answer["pension_date"] == date(2028, 3, 15)
    grown = [46_228] + [50_851] * 12 + [Decimal("55936.1")] * 12 + [Decimal("61529.71")] * 2
    assert [amount for _, amount in answer["cashflows_certified"]] == grown
    assert answer["monthly_payment"] == 46_228


def test_refusals() -> None:
    with pytest.raises(ValueError, match="before 2007-05-07"):
        value(worker(accident_date=date(2007, 5, 6)), basis_of(), LAW, MADE_UP, V)
    with pytest.raises(ValueError, match="computed payment of 0"):
        row = worker(social_payment=Decimal(40_000), current_monthly_payment=Decimal(1))
        value(row, basis_of(), LAW, MADE_UP, V)
    with pytest.raises(ValueError, match="before the valuation date"):
        value(worker(), basis_of(), LAW, MADE_UP, date(2026, 1, 16))


def test_halves_go_up() -> None:
    assert half_up(Fraction("0.285")) == half_up(Decimal("0.285")) == Decimal("0.29")
    assert half_up(Fraction("1.005")) == Decimal("1.01")
    assert half_up(Fraction("1.00499999999999")) == Decimal("1.00")
    assert half_up(Fraction(0)) == 0
    # 37 % of 0.50 is 0.185
    row = worker(average_monthly_earnings=Decimal("0.50"), degree_of_loss=37, social_payment=Decimal(0))
    assert value(row, basis_of(), LAW, MADE_UP, V)["monthly_payment"] == Decimal("0.19")


# ---------------------------------------------------------------- index, interest, mortality


def payments(
    row: Row, basis: dict[str, Any], valuation_date: date, tables: Any = MADE_UP
) -> dict[date, Decimal]:
    return dict(value(row, basis, LAW, tables, valuation_date)["cashflows_certified"])


def test_anniversaries() -> None:
    basis = basis_of(indexation={"choice": "contract_rate", "rate": 0.1})
    # an anniversary on the valuation date is past, one on the payment date counts
    row = worker(annuity_start_date=date(2025, 1, 15))
    flows = payments(row, basis, V)
    assert [flows[V], flows[date(2026, 12, 15)], flows[date(2027, 1, 15)]] == [30_000, 30_000, 33_000]
    # the start itself never counts
    assert payments(worker(), basis, date(2026, 1, 1))[V] == 30_000
    # 29 February: on the 28th of other years
    row = worker(annuity_start_date=date(2024, 2, 29), next_payment_date=date(2026, 2, 28))
    flows = payments(row, basis, V)
    assert [flows[date(2026, 2, 28)], flows[date(2027, 2, 28)]] == [33_000, 36_300]
    flows = payments({**row, "next_payment_date": date(2026, 2, 27)}, basis, V)
    assert [flows[date(2026, 2, 27)], flows[date(2026, 3, 27)]] == [30_000, 33_000]


def test_rates_by_year() -> None:
    rule = {"choice": "rate_by_year", "rate_by_year": {2026: 0.5, 2027: 0.1, 2028: 0.2, "later": 0.25}}
    flows = payments(
        worker(next_payment_date=date(2026, 12, 1)), basis_of(indexation=rule), date(2026, 11, 30)
    )
    assert flows[date(2026, 12, 1)] == 30_000
    assert flows[date(2027, 1, 1)] == 33_000
    assert flows[date(2028, 1, 1)] == 39_600
    assert flows[date(2030, 3, 1)] == Decimal(39_600) * 5 / 4 * 5 / 4
    with pytest.raises(LookupError, match="2025"):
        payments(worker(next_payment_date=date(2025, 3, 1)), basis_of(indexation=rule), date(2024, 3, 1))


def test_mci_index() -> None:
    basis = basis_of(
        indexation={"choice": "mci"}, growth={"mci": 0.1, "minimum_wage": 0, "subsistence_minimum": 0}
    )
    flows = payments(worker(next_payment_date=date(2025, 12, 15)), basis, date(2025, 12, 15))
    assert [round(flows[date(year, 1, 15)], 20) for year in (2026, 2027, 2028)] == [
        round(Decimal(30_000) * 4325 / 3932 * growth, 20) for growth in (1, Decimal("1.1"), Decimal("1.21"))
    ]
    # 2022-04-01 raised the benefits' mci alone
    row = worker(
        contract_date=date(2021, 1, 1),
        accident_date=date(2021, 5, 1),
        first_certificate_date=date(2021, 6, 1),
        next_payment_date=date(2022, 4, 1),
    )
    assert payments(row, basis, date(2022, 3, 31))[date(2022, 4, 1)] == 30_000


def discounted(interest: dict[str, Any], years: Fraction) -> float:
    with localcontext(naive.CONTEXT):
        return float(naive.discount(interest, years))


def test_spot_rates() -> None:
    interest = {"spot": [[1, 0.10], [3, 0.14]]}
    assert discounted(interest, Fraction(1, 2)) == pytest.approx(1.1**-0.5, rel=1e-15)
    assert discounted(interest, Fraction(2)) == pytest.approx(1.12**-2, rel=1e-15)
    assert discounted(interest, Fraction(3, 2)) == pytest.approx(1.11**-1.5, rel=1e-15)
    assert discounted(interest, Fraction(7)) == pytest.approx(1.14**-7, rel=1e-15)


def test_curve() -> None:
    b0, b1, b2, b3, tau1, tau2 = 0.09, 0.04, -0.02, 0.03, 1.5, 6.0
    interest = {
        "nelson_siegel_svensson": {
            "beta0": b0,
            "beta1": b1,
            "beta2": b2,
            "beta3": b3,
            "tau1": tau1,
            "tau2": tau2,
        }
    }
    assert discounted(interest, Fraction(0)) == 1
    for term in (Fraction(1, 365), Fraction(1), Fraction(25, 3)):
        u, w = float(term) / tau1, float(term) / tau2
        f, g = -math.expm1(-u) / u, -math.expm1(-w) / w
        y = b0 + b1 * f + b2 * (f - math.exp(-u)) + b3 * (g - math.exp(-w))
        assert discounted(interest, term) == pytest.approx((1 + y) ** -float(term), rel=1e-14)


def survival(basis: dict[str, Any], birth: date, valuation_date: date, first: date) -> list[float]:
    row = survivor(
        beneficiary="carer",
        sex="male",
        birth_date=birth,
        next_payment_date=first,
        entitlement_end=date(2040, 1, 1),
        contract_date=date(2014, 1, 1),
        accident_date=date(2014, 1, 1),
    )
    flows = value(row, basis, LAW, TABLES, valuation_date)["cashflows_certified"]
    return [float(amount) / 75_000 for _, amount in flows]


QX = TABLES["kz-wpp2024-2020-2025-male"]["qx"]


def test_uniform_deaths() -> None:
    """l falls on a straight line inside the year of age; three months past the birthday at D_0."""
    basis = basis_of(male="kz-wpp2024-2020-2025-male", fractional_age="udd")
    alive = survival(basis, date(1950, 10, 15), V, V)
    for k in (1, 5, 9):
        assert alive[k] == pytest.approx((1 - (3 + k) / 12 * QX[75]) / (1 - 3 / 12 * QX[75]), rel=1e-13)
    assert alive[14] == pytest.approx((1 - QX[75]) / (1 - QX[75] / 4) * (1 - 5 / 12 * QX[76]), rel=1e-13)
    # ten days before D_0 at the force of its month
    late = survival(basis, date(1950, 10, 15), date(2026, 1, 5), V)
    hazard = math.log((1 - 3 / 12 * QX[75]) / (1 - 4 / 12 * QX[75]))
    assert late[0] == pytest.approx(math.exp(-12 * hazard * 10 / 365), rel=1e-14)


def test_constant_force_with_multiplier_and_improvement() -> None:
    basis = basis_of(male="kz-wpp2024-2020-2025-male", multiplier={"dependant": 2.0}, improvement=0.03)
    alive = survival(basis, date(1950, 10, 31), date(2025, 12, 20), date(2025, 12, 30))
    # 75 years and a month on 30 November; 35 completed months after 2023-01-01
    assert completed_months(date(1950, 10, 31), date(2025, 12, 30)) == 901
    total = -2 * math.log(1 - QX[75]) * 0.97 ** (35 / 12) * 10 / 365
    for k in range(14):
        assert alive[k] == pytest.approx(math.exp(-total), rel=1e-13)
        age = 75 if k < 11 else 76
        total += -2 * math.log(1 - QX[age]) * 0.97 ** ((35 + k) / 12) / 12


def test_expense_inflation() -> None:
    basis = basis_of(interest={"flat": 0.1}, per_month=50, inflation=0.1, of_payment=0.02)
    row = worker(certificate_end=date(2027, 2, 1), next_payment_date=date(2026, 2, 1))
    answer = value(row, basis, LAW, MADE_UP, V)
    # inflation undoes the discount: twelve payments of 50
    share = answer["unrounded"]["certified_reserve"] * Decimal("0.02")
    assert answer["expense_reserve_certified"] == half_up(share + 600)
