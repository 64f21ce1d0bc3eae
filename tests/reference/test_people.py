"""The random people are valid rows and do visit the corners they are made for."""

import csv
import io
from collections import Counter
from datetime import date

import figures
import people
import pytest
from naive import EDITION_2007, EDITION_2015, Row, add_months, law_pension_date, own_benefit, value
from people import COLUMNS, corner_bases, corner_people, to_csv_row, valuation_date_of

SEEDS = range(24)
TABLES = figures.load_tables()


def portfolio() -> list[tuple[date, Row]]:
    return [(valuation_date_of(seed), row) for seed in SEEDS for row in corner_people(seed, 120)]


@pytest.fixture(scope="module")
def rows() -> list[tuple[date, Row]]:
    return portfolio()


def test_seeds_fix_everything() -> None:
    assert corner_people(5, 40) == corner_people(5, 40) != corner_people(6, 40)
    assert corner_bases(5) == corner_bases(5) != corner_bases(6)


def test_rows_are_valid(rows: list[tuple[date, Row]]) -> None:
    """The rules of the table `annuities`, read again."""
    basis = corner_bases(0)[0]
    for day, row in rows:
        who = row["beneficiary"]
        assert tuple(row) == COLUMNS
        assert row["birth_date"] <= day <= row["next_payment_date"]
        start = row["annuity_start_date"]
        assert start is None or start <= row["next_payment_date"]
        assert row["pension_date"] is None or row["pension_date"] > row["birth_date"]
        if who == "pre_retirement":
            assert day >= people.PRE_RETIREMENT_SINCE
            assert row["accident_date"] is row["share"] is row["current_monthly_payment"] is None
            continue
        accident, contract = row["accident_date"], row["contract_date"]
        assert EDITION_2007 <= accident <= day
        assert row["average_monthly_earnings"] > 0
        if row["product"] == "compulsory":
            assert contract is not None
        if contract is not None:
            assert contract <= accident < add_months(contract, 12)
            assert not people.GAP[0] <= contract <= people.GAP[1]
        if row["current_monthly_payment"] is not None:
            assert row["current_monthly_payment"] > 0 < own_benefit(row, basis, figures.LAW)
        if row["remaining_insured_sum"] is not None:
            assert row["remaining_insured_sum"] >= 0
        end = row["certificate_end"]
        if who == "worker":
            first = row["first_certificate_date"]
            assert accident <= first <= day
            assert end is None or end > first
            assert start is None or start >= first
            old = accident < EDITION_2015
            low, high = (5, 29) if row["product"] == "voluntary" else (5 if old else 30, 100)
            assert low <= row["degree_of_loss"] <= high
            assert row["product"] == "voluntary" or row["social_payment"] >= 0
            assert old or row["pension_stop"] is not False
            assert add_months(row["birth_date"], 12 * 18) <= accident
        else:
            assert row["product"] == "compulsory"
            assert 0 < row["share"] <= 1
            pension_date = row["pension_date"] or law_pension_date(
                row["sex"], row["birth_date"], figures.LAW["pension_age"]
            )
            needs_end = who == "carer" or (who in ("spouse", "parent") and pension_date > day)
            assert not needs_end or row["entitlement_end"] is not None
            assert row["degree_of_loss"] is row["first_certificate_date"] is None
            assert end is None or who == "disabled_dependant"


def test_corners_are_visited(rows: list[tuple[date, Row]]) -> None:
    seen: Counter[str] = Counter()
    for day, row in rows:
        first, who, end = row["next_payment_date"], row["beneficiary"], row["certificate_end"]
        birth, left = row["birth_date"], row["remaining_insured_sum"]
        pension_date = row["pension_date"] or law_pension_date(row["sex"], birth, figures.LAW["pension_age"])
        days = (first - day).days
        age = day.year - birth.year
        start = row["annuity_start_date"]
        old = row["accident_date"] is not None and row["accident_date"] < EDITION_2015
        seen.update(
            name
            for name, here in {
                f"{who} {row['product']} {'old' if old else 'new'}": True,
                f"payment on the {first.day}": first.day >= 28,
                f"payment in {days} days": days in (0, 1, 30, 31),
                "payment months away": days > 31,
                "payment at the end of February": (first.month, first.day) in ((2, 28), (2, 29)),
                "born on a 29th of February": (birth.month, birth.day) == (2, 29),
                "annuity from a 29th of February": start is not None and (start.month, start.day) == (2, 29),
                "annuity from long ago": start is not None and start.year < first.year - 4,
                "annuity from the payment's day": start is not None and start.day == first.day,
                "no annuity start": start is None,
                "first certificate on a 29th of February": row["first_certificate_date"] is not None
                and row["first_certificate_date"].strftime("%m%d") == "0229",
                "older than 105": age > 105,
                "certificate before V": end is not None and end < day,
                "certificate at D_0": end == first,
                "certificate inside the first month": end is not None and first < end < add_months(first, 1),
                "certificate on a payment": end is not None and end > first and end.day == first.day,
                "certificate after the pension date": end is not None and end > pension_date,
                "no certificate end": who == "worker" and end is None,
                "pension at D_0 or before": who == "worker" and pension_date <= first,
                "pension inside two years": who == "worker" and first < pension_date < add_months(first, 24),
                "woman at the steps": row["sex"] == "female" and date(1966, 6, 1) < birth < date(1968, 9, 30),
                f"pension stop {row['pension_stop']}": old and who == "worker",
                "accident on the last old day": row["accident_date"] == date(2015, 5, 9),
                "accident on the first new day": row["accident_date"] == EDITION_2015,
                "old, past the pension date": old and who == "worker" and pension_date < day,
                "current payment": row["current_monthly_payment"] is not None,
                "no insured sum left": left == 0,
                f"insured sum {row['product']}": left is not None,
                "benefit of 0": who == "worker" and own_benefit(row, corner_bases(0)[0], figures.LAW) == 0,
                "first degree differs": row["first_degree_of_loss"] not in (None, row["degree_of_loss"]),
                "own pension date": row["pension_date"] is not None,
            }.items()
            if here
        )
    expected = {f"payment on the {day}" for day in (28, 29, 30, 31)}
    expected |= {f"payment in {days} days" for days in (0, 1, 30, 31)}
    expected |= {f"pension stop {choice}" for choice in (True, False, None)}
    expected |= {
        f"{who} compulsory {age}"
        for who in ("child", "student", "spouse", "parent", "carer", "disabled_dependant", "worker")
        for age in ("old", "new")
    }
    expected |= {"worker voluntary new", "worker voluntary old", "pre_retirement compulsory new"}
    assert not expected - set(seen)
    assert len(seen) >= len(expected) + 27
    assert min(seen.values()) >= 3, seen


def test_bases_hold_together() -> None:
    for seed in range(5):
        for basis in corner_bases(seed):
            for matrix in basis["certification"]["matrices"]:
                for band in "ABCD":
                    assert abs(sum(matrix[band]) - 1) < 1e-9
                    assert min(matrix[band]) >= 0
            assert basis["certification"]["matrices"][0]["duration_from"] == 0
        choices = {basis["indexation"]["choice"] for basis in corner_bases(seed)}
        assert choices == {"none", "contract_rate", "rate_by_year", "mci"}
        assert {"flat", "spot", "nelson_siegel_svensson"} == {
            kind for basis in corner_bases(seed) for kind in basis["interest"]
        }


def test_everybody_can_be_valued() -> None:
    """Every basis with people of every date; with no moves and no certificate the two measures agree."""
    for seed in range(12):
        bases = corner_bases(seed)
        day = valuation_date_of(seed)
        for number, row in enumerate(corner_people(seed, 15)):
            answer = value(row, bases[(number + seed) % len(bases)], figures.LAW, TABLES, day)
            assert answer["recovery_certified"] <= answer["certified_reserve"]
            assert answer["recovery_expected"] <= answer["expected_reserve"]
            if row["beneficiary"] != "worker" or row["certificate_end"] is None:
                assert answer["certified_reserve"] == answer["expected_reserve"]
                assert answer["recovery_certified"] == answer["recovery_expected"]
                assert answer["total_certified"] == answer["total_expected"]


def test_rows_as_text(rows: list[tuple[date, Row]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(to_csv_row(row) for _, row in rows[:50])
    cells = list(csv.DictReader(io.StringIO(text.getvalue())))
    for cell, (_, row) in zip(cells, rows, strict=False):
        assert cell["birth_date"] == row["birth_date"].isoformat()
        assert cell["pension_stop"] == {None: "", True: "yes", False: "no"}[row["pension_stop"]]
        assert "E" not in cell["average_monthly_earnings"] + cell["share"]
