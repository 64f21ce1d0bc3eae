"""Every generated row keeps the rules of the table: dates in order, ranges, ends, amounts.

The checks are written with pandas' calendar, apart from the generator's own date arithmetic.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from actuarial.portfolio.sample import synthetic_annuities

V = pd.Timestamp("2026-01-01")
EDITION_2015 = pd.Timestamp("2015-05-10")
SURVIVORS = ("child", "student", "spouse", "parent", "disabled_dependant", "carer")
# law/indicators: minimum wage of each 1 January
MINIMUM_WAGE = {
    2012: 17439, 2013: 18660, 2014: 19966, 2015: 21364, 2016: 22859, 2017: 24459, 2018: 28284, 2019: 42500,
    2020: 42500, 2021: 42500, 2022: 60000, 2023: 70000, 2024: 85000, 2025: 85000,
}  # fmt: skip
# law/indicators: smallest monthly calculation index that can apply, that of 1 January
MCI = {
    2015: 1982, 2016: 2121, 2017: 2269, 2018: 2405, 2019: 2525, 2020: 2651, 2021: 2917, 2022: 3063,
    2023: 3450, 2024: 3692, 2025: 3932, 2026: 4325,
}  # fmt: skip


def years_later(dates: pd.Series, years: int) -> pd.Series:
    return dates.map(lambda d: d + pd.DateOffset(years=years))


def kind(portfolio: pd.DataFrame, *names: str) -> pd.DataFrame:
    return portfolio[portfolio["beneficiary"].isin(names)]


def insured(portfolio: pd.DataFrame) -> pd.DataFrame:
    return portfolio[portfolio["beneficiary"] != "pre_retirement"]


def new_workers(portfolio: pd.DataFrame) -> pd.DataFrame:
    workers = kind(portfolio, "worker")
    return workers[workers["accident_date"] >= EDITION_2015]


def test_every_kind_of_beneficiary_is_there(portfolio: pd.DataFrame) -> None:
    assert set(portfolio["beneficiary"]) == {"worker", "pre_retirement", *SURVIVORS}
    assert set(portfolio["product"]) == {"compulsory", "voluntary"}


def test_claim_ids_are_unique_and_say_synthetic(portfolio: pd.DataFrame) -> None:
    assert portfolio["claim_id"].is_unique
    assert portfolio["claim_id"].str.fullmatch(r"SYN-\d{7}").all()


def test_dates_are_in_order(portfolio: pd.DataFrame) -> None:
    rows = insured(portfolio)
    assert (rows["birth_date"] < rows["accident_date"]).all()
    assert (rows["contract_date"] <= rows["accident_date"]).all()
    assert (rows["accident_date"] - rows["contract_date"] <= pd.Timedelta(days=365)).all()
    assert (rows["accident_date"] < V).all()
    workers = kind(portfolio, "worker")
    assert (workers["accident_date"] <= workers["first_certificate_date"]).all()
    assert (workers["first_certificate_date"] < workers["annuity_start_date"]).all()
    assert (workers["first_certificate_date"] < V).all()


def test_next_payment_is_a_monthly_anniversary_within_31_days(portfolio: pd.DataFrame) -> None:
    wait = (portfolio["next_payment_date"] - V).dt.days
    assert wait.between(0, 31).all()
    assert (wait == 0).any()
    start, due = portfolio["annuity_start_date"], portfolio["next_payment_date"]
    months = (due.dt.year - start.dt.year) * 12 + due.dt.month - start.dt.month
    assert (months >= 0).all()
    expected = [s + pd.DateOffset(months=m) for s, m in zip(start, months, strict=True)]
    assert (due == pd.Series(expected, index=due.index)).all()


@pytest.mark.parametrize("valuation_date", [date(2025, 3, 1), date(2026, 2, 28), date(2026, 12, 31)])
def test_next_payment_on_other_valuation_dates(valuation_date: date) -> None:
    due = synthetic_annuities(5_000, seed=3, valuation_date=valuation_date)["next_payment_date"].to_pylist()
    assert {(d - valuation_date).days for d in due} <= set(range(32))


def test_degree_fits_the_product(portfolio: pd.DataFrame) -> None:
    workers = kind(portfolio, "worker")
    is_old = workers["accident_date"] < EDITION_2015
    for name in ("degree_of_loss", "first_degree_of_loss"):
        assert workers.loc[workers["product"] == "voluntary", name].between(5, 29).all()
        assert workers.loc[(workers["product"] == "compulsory") & ~is_old, name].between(30, 100).all()
        assert workers.loc[is_old, name].between(5, 100).all()
    assert (workers.loc[is_old, "degree_of_loss"] < 30).any()
    assert portfolio.loc[portfolio["beneficiary"] != "worker", "degree_of_loss"].isna().all()


def test_voluntary_accidents_lie_in_the_years_of_the_employers_duty(portfolio: pd.DataFrame) -> None:
    voluntary = portfolio[portfolio["product"] == "voluntary"]
    assert (voluntary["beneficiary"] == "worker").all()
    assert (voluntary["accident_date"] >= pd.Timestamp("2016-01-01")).all()
    assert voluntary["social_payment"].isna().all()
    assert voluntary["remaining_insured_sum"].notna().all()


def test_workers_are_of_age_and_before_pension_age(portfolio: pd.DataFrame) -> None:
    workers = new_workers(portfolio)
    assert (years_later(workers["birth_date"], 18) <= workers["accident_date"]).all()
    # Social Code art 207: 63 for men, 61 for women from 2023 to 2027
    for sex, age in (("male", 63), ("female", 61)):
        rows = workers[workers["sex"] == sex]
        assert (years_later(rows["birth_date"], age) > rows["next_payment_date"]).all()


def test_accidents_before_the_edition_of_2015(portfolio: pd.DataFrame) -> None:
    old = insured(portfolio)
    old = old[old["accident_date"] < EDITION_2015]
    workers = old[old["beneficiary"] == "worker"]
    assert len(workers) > 100
    assert (workers["product"] == "compulsory").all()
    assert (workers["social_payment"] == 0).all()
    assert set(workers["pension_stop"].dropna()) == {"no"}
    later = portfolio.drop(old.index)
    assert later["pension_stop"].isna().all()


def test_certificate_in_force_follows_the_first_by_whole_terms(portfolio: pd.DataFrame) -> None:
    reviewed = kind(portfolio, "worker").dropna(subset="certificate_end")
    assert (reviewed["certificate_end"] > reviewed["next_payment_date"]).all()
    first, end = reviewed["first_certificate_date"], reviewed["certificate_end"]
    months = (end.dt.year - first.dt.year) * 12 + end.dt.month - first.dt.month
    # Social Code art 155: 6 months, 1, 2, 5 years
    assert (months % 6 == 0).all()
    expected = [s + pd.DateOffset(months=m) for s, m in zip(first, months, strict=True)]
    assert (end == pd.Series(expected, index=end.index)).all()
    assert (end <= years_later(reviewed["next_payment_date"], 5) + pd.Timedelta(days=31)).all()


def test_survivors_are_entitled_after_the_next_payment(portfolio: pd.DataFrame) -> None:
    due = portfolio["next_payment_date"]
    for name, age in (("child", 18), ("student", 23)):
        rows = kind(portfolio, name)
        assert (years_later(rows["birth_date"], age) > due[rows.index]).all()
        assert rows["entitlement_end"].isna().all()
    students = kind(portfolio, "student")
    assert (years_later(students["birth_date"], 18) <= V).all()
    for name in ("spouse", "parent"):
        rows = kind(portfolio, name)
        for sex, age in (("male", 63), ("female", 61)):
            for_life = rows[(rows["sex"] == sex) & rows["entitlement_end"].isna()]
            assert (years_later(for_life["birth_date"], age) <= V).all()
    termed = kind(portfolio, "spouse", "parent", "carer").dropna(subset="entitlement_end")
    assert (termed["entitlement_end"] > due[termed.index]).all()
    ill = kind(portfolio, "disabled_dependant").dropna(subset="certificate_end")
    assert (ill["certificate_end"] > due[ill.index]).all()


def test_carer_is_paid_to_the_14th_birthday_of_a_child_of_the_same_claim(portfolio: pd.DataFrame) -> None:
    children = kind(portfolio, "child")
    birthdays = set(zip(children["contract_id"], years_later(children["birth_date"], 14), strict=True))
    carers = kind(portfolio, "carer")
    is_last_row = carers["claim_id"] == portfolio["claim_id"].iloc[-1]
    pairs = zip(carers["contract_id"], carers["entitlement_end"], strict=True)
    assert all(pair in birthdays or cut for pair, cut in zip(pairs, is_last_row, strict=True))


def test_shares_of_a_claim_leave_the_part_of_the_deceased(portfolio: pd.DataFrame) -> None:
    survivors = kind(portfolio, *SURVIVORS)
    claims = survivors.groupby("contract_id")["share"]
    # equal split over the deceased and n dependants: n shares of 1 / (n + 1)
    assert (claims.sum() <= claims.count() / (claims.count() + 1) + 1e-9).all()
    assert (claims.nunique() == 1).all()
    assert portfolio.loc[~portfolio["beneficiary"].isin(SURVIVORS), "share"].isna().all()


def test_earnings_are_at_least_the_minimum_wage_of_the_contract(portfolio: pd.DataFrame) -> None:
    rows = insured(portfolio)
    assert (rows["average_monthly_earnings"] >= rows["contract_date"].dt.year.map(MINIMUM_WAGE)).all()


def capped(rows: pd.DataFrame) -> pd.Series:
    # OSNS Law 19(1): 10 minimum wages of the contract date; from 2015-05-10, compulsory product only
    cap = 10 * rows["contract_date"].dt.year.map(MINIMUM_WAGE)
    uncapped = (rows["product"] == "voluntary") | (rows["accident_date"] < EDITION_2015)
    return rows["average_monthly_earnings"].where(uncapped, np.minimum(rows["average_monthly_earnings"], cap))


def test_current_payment_is_the_award_indexed_on_each_anniversary(portfolio: pd.DataFrame) -> None:
    rows = insured(portfolio)
    degree = rows["degree_of_loss"] / 100
    base = (degree * capped(rows) - rows["social_payment"].fillna(0)).where(
        rows["share"].isna(), rows["share"] * capped(rows)
    )
    assert (base > 0).all()
    start = rows["annuity_start_date"]
    years = V.year - start.dt.year
    years -= [s + pd.DateOffset(years=y) > V for s, y in zip(start, years, strict=True)]
    years = years.clip(lower=0)
    rate = np.where(start >= pd.Timestamp("2023-06-01"), 0.07, 0.05)
    expected = (base * (1 + rate) ** years).where(years > 0)
    given = rows["current_monthly_payment"]
    assert (given.isna() == (years == 0)).all()
    # the award is rounded to the tiyn before it is indexed
    assert (given - expected).abs().max() <= 0.02


def test_expenses_stay_under_the_cap_of_the_first_degree(portfolio: pd.DataFrame) -> None:
    workers = kind(portfolio, "worker")
    is_old = workers["accident_date"] < EDITION_2015
    assert (workers.loc[is_old, "expenses_paid"] == 0).all()
    workers = workers[~is_old]
    # OSNS Law 19(2) and the voluntary rules 33-37, in monthly calculation indices
    cap = pd.cut(workers["first_degree_of_loss"], [0, 29, 59, 89, 100], labels=[250, 500, 750, 1000]).astype(
        int
    )
    index = workers["first_certificate_date"].dt.year.map(MCI)
    # the index rose once more inside 2020
    index = index.where(workers["first_certificate_date"].dt.year != 2020, 2778)
    assert (workers["expenses_paid"] <= cap * index).all()


def test_pre_retirement_rows_hold_what_that_annuity_needs_and_no_more(portfolio: pd.DataFrame) -> None:
    rows = kind(portfolio, "pre_retirement")
    needed = {
        "claim_id", "contract_id", "product", "beneficiary", "sex", "birth_date", "annuity_start_date",
        "next_payment_date",
    }  # fmt: skip
    assert set(rows.columns[rows.notna().all()]) == needed
    assert set(rows.columns[rows.notna().any()]) == needed
    # OSNS Law 23-1: since 2024-01-01, from the age of 55
    assert (rows["annuity_start_date"] >= pd.Timestamp("2024-01-01")).all()
    assert (years_later(rows["birth_date"], 55) <= rows["annuity_start_date"]).all()
    for sex, age in (("male", 63), ("female", 61)):
        of_sex = rows[rows["sex"] == sex]
        assert (years_later(of_sex["birth_date"], age) > of_sex["next_payment_date"]).all()


def test_preferential_pension_date_is_after_the_next_payment(portfolio: pd.DataFrame) -> None:
    rows = portfolio.dropna(subset="pension_date")
    assert len(rows) > 0
    assert ((rows["beneficiary"] == "worker") & (rows["sex"] == "female")).all()
    assert (rows["pension_date"] > rows["next_payment_date"]).all()
    assert (rows["pension_date"] == years_later(rows["birth_date"], 53)).all()


def test_remaining_sums_are_positive(portfolio: pd.DataFrame) -> None:
    assert (portfolio["remaining_insured_sum"].dropna() > 0).all()
