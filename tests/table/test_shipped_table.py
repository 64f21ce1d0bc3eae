"""The shipped tables agree with their own other columns, with the UN rates, and say what they are."""

import csv
import hashlib
import math
from datetime import date
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mortality import load_table, table_ids

DATA = Path(__file__).parent / "data"
PERIODS = ("2010-2015", "2015-2020", "2020-2025", "2025-2030")
WPP = [f"kz-wpp2024-{period}-{sex}" for period in PERIODS for sex in ("female", "male")]
# a of the youngest age, a = slope * m + intercept: Coale and Demeny (Preston, Heuveline, Guillot 2001, 3.2)
INFANT = {"male": (2.684, 0.045), "female": (2.8, 0.053)}


def columns(table_id):
    text = (files("mortality") / "tables" / f"{table_id}.csv").read_text("utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def test_the_shipped_set_is_complete():
    assert table_ids() == (*WPP, "pbgc-1981-disabled-female", "pbgc-1981-disabled-male")


@pytest.mark.parametrize("table_id", table_ids())
def test_a_shipped_table_is_named_dated_and_licensed(table_id):
    table = load_table(table_id)
    content = (files("mortality") / "tables" / f"{table_id}.csv").read_bytes()
    assert table.id == table_id
    assert table.sha256 == hashlib.sha256(content).hexdigest()
    assert table.sex == table_id.rsplit("-", 1)[1]
    assert "Not official" in table.note
    assert all((table.title, table.period, table.source, table.licence, table.attribution))
    assert load_table(table_id) is table
    assert not table.qx.flags.writeable


@pytest.mark.parametrize("table_id", WPP)
def test_un_tables_carry_the_attribution_and_the_middle_of_their_period(table_id):
    table = load_table(table_id)
    first_year = int(table_id.split("-")[2])
    assert table.period_middle == date(first_year + 3, 1, 1)
    assert "CC BY 3.0 IGO" in table.licence
    assert "United Nations" in table.attribution
    assert "World Population Prospects 2024" in table.attribution
    assert "Modified" in table.attribution
    assert (table.first_age, table.last_age) == (0, 109)


@pytest.mark.parametrize("table_id", WPP)
def test_survivors_and_deaths_follow_from_the_probabilities(table_id):
    """Columns lx (two decimals from age 1 on) and dx (three decimals) are rounded products of qx."""
    shipped, table = columns(table_id), load_table(table_id)
    lx = 100_000 * np.concatenate(([1.0], np.cumprod(1 - table.qx[:-1])))
    assert np.abs(lx - shipped["lx"]).max() < 0.011
    assert np.abs(lx * table.qx - shipped["dx"]).max() < 0.0011


@pytest.mark.parametrize("table_id", WPP)
def test_probabilities_follow_from_the_central_rates(table_id):
    shipped, (slope, intercept) = columns(table_id), INFANT[load_table(table_id).sex]
    from_rates = 1 - np.exp(-shipped["mx"])
    infant = shipped["mx"][0]
    from_rates[0] = infant / (1 + (1 - slope * infant - intercept) * infant)
    assert np.abs(from_rates[:-1] - shipped["qx"][:-1]).max() < 1e-8
    assert shipped["qx"][-1] == 1


@pytest.mark.parametrize("table_id", WPP)
def test_expectation_of_life_is_the_published_column(table_id):
    """Column ex closes with 1/m at age 109 and lives q/m in each year of age; it has three decimals."""
    shipped = columns(table_id)
    qx, mx, expected = shipped["qx"], shipped["mx"], shipped["ex"]
    expectation = 1 / mx[-1]
    for age in range(len(qx) - 2, -1, -1):
        expectation = qx[age] / mx[age] + (1 - qx[age]) * expectation
        assert expectation == pytest.approx(expected[age], abs=0.0006), age


@pytest.mark.parametrize("table_id", WPP)
def test_our_expectation_of_life_differs_only_in_how_the_table_closes(table_id):
    """Ours is 0 at the last age; what the column has there reaches age x with probability l_109/l_x."""
    shipped, table = columns(table_id), load_table(table_id)
    for age in range(1, 109):
        closing = math.prod((1 - table.qx[age:109]).tolist()) * shipped["ex"][109]
        assert table.life_expectancy(age) + closing == pytest.approx(shipped["ex"][age], abs=0.0006), age
    assert table.life_expectancy(109) == 0


@pytest.mark.parametrize("table_id", WPP)
def test_group_mean_hazards_are_the_un_abridged_rates(table_id):
    """Independent of the single ages: the UN rates nMx, which the derivation had to keep."""
    text = (DATA / "kz_mx_abridged_wpp2024.csv").read_text("utf-8").splitlines()
    _, _, first, last, sex = table_id.split("-")
    rows = csv.DictReader(line for line in text if not line.startswith("#"))
    rates = [(row["age"], float(row[f"mx_{sex}"])) for row in rows if row["period"] == f"{first}-{last}"]
    hazard = -np.log1p(-load_table(table_id).qx[:-1])
    assert len(rates) == 22
    for (age, rate), (next_age, _) in list(pairwise(rates))[1:]:
        group = hazard[int(age) : int(next_age.rstrip("+"))]
        assert group.mean() == pytest.approx(rate, rel=2e-5), age


def test_the_disabled_tables_are_the_regulation_and_its_closing_row_is_marked():
    male, female = load_table("pbgc-1981-disabled-male"), load_table("pbgc-1981-disabled-female")
    assert (male.first_age, male.last_age, female.first_age, female.last_age) == (20, 107, 20, 108)
    assert (male.at(20), female.at(20), male.at(106), female.at(107)) == (0.0483, 0.0263, 0.9247, 0.6687)
    assert (male.at(107), female.at(108)) == (1, 1)
    assert "the last row (age 108, q = 1) is ours" in female.note
    assert "ours" not in male.note
    # the women's column is the men's five years younger, which the last ages show
    assert female.qx[77:88].tolist() == male.qx[72:83].tolist()
