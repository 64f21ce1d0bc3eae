"""Values printed in Actuarial Mathematics for Life Contingent Risks, 2nd ed., appendix D (Tables D.1, D.3).

The rates come from an XTbML file with the book's survival model (Makeham A = 0.00022, B = 2.7e-6,
c = 1.124; a select period of two years), read as any table of the Society of Actuaries.
"""

from pathlib import Path

import numpy as np
import pytest

from mortality import load_table, survival

MODEL = Path(__file__).parent / "data" / "standard_select_ultimate.xml"


@pytest.fixture(scope="module")
def table():
    return load_table(MODEL)


def test_the_file_is_read_with_its_classification(table):
    assert table.id == "example.org-900001"
    assert table.title == "Standard select and ultimate survival model"
    assert table.attribution == "Test data of this project"
    assert table.source.startswith("D. C. M. Dickson, M. R. Hardy, H. R. Waters")
    assert table.note == (
        "Computed from the formula to twelve digits. Closed with q = 1 at age 130. "
        "The file does not state a sex; read as unisex."
    )
    assert (table.sex, table.first_age, table.last_age) == ("unisex", 20, 130)
    assert (table.select_first_age, table.select_years, table.select.shape) == (18, 2, (63, 2))


@pytest.mark.parametrize(
    ("age", "lives"),
    [(21, 99975.04), (31, 99695.83), (50, 98576.37), (80, 75657.16), (82, 70507.19), (100, 6248.17)],
)
def test_ultimate_lives(table, age, lives):
    survivors = survival(table, 20 * 12, (age - 20) * 12)
    assert 100_000 * survivors[-1] == pytest.approx(lives, abs=0.005)


@pytest.mark.parametrize(
    ("select_age", "lives"),
    [
        (20, (99995.08, 99973.75, 99949.71)),
        (21, (99970.04, 99948.40, 99923.98)),
        (22, (99944.63, 99922.65, 99897.79)),
        (23, (99918.81, 99896.43, 99871.08)),
    ],
)
def test_select_lives(table, select_age, lives):
    after = survival(table, select_age * 12, 24, select_age=select_age)[[12, 24]]
    assert lives[0] * after == pytest.approx(lives[1:], abs=0.011)
    assert table.at(select_age + 1, 1) == pytest.approx(1 - lives[2] / lives[1], abs=2e-7)


@pytest.mark.parametrize(("age", "annuity", "insurance"), [(20, 19.9664, 0.04922), (60, 14.9041, 0.29028)])
def test_whole_life_annuity_due_and_insurance_at_five_percent(table, age, annuity, insurance):
    lives = np.concatenate(([1.0], np.cumprod(1 - table.qx[age - 20 : -1])))
    value = float((lives * 1.05 ** -np.arange(len(lives))).sum())
    assert value == pytest.approx(annuity, abs=5e-5)
    assert 1 - value * 0.05 / 1.05 == pytest.approx(insurance, abs=5e-6)


def test_the_select_rate_holds_for_two_years_and_then_the_ultimate(table):
    along = table.along(30)
    assert along[0] == table.at(30, 0) < table.at(30)
    assert along[1] == table.at(31, 1) < table.at(31)
    assert along[2:].tolist() == table.qx[12:].tolist()
    assert table.along(30, 1).tolist() == along[1:].tolist()
    assert along[-1] == 1


# model.md § 3: monthly annuity in advance of 1 a year, a man of 40 to 63, constant force inside the year
@pytest.mark.parametrize(
    ("interest", "growth", "multiplier", "value"),
    [
        (0.06, 0.0, 1.0, 11.81982),
        (0.06, 0.0, 0.0, 12.69968),
        (0.12, 0.08, 1.0, 13.89703),
        (0.12, 0.08, 0.0, 15.07395),
        (0.06, 0.0, 2.0, 11.04995),
    ],
)
def test_annuity_values_of_the_model_page(interest, growth, multiplier, value):
    months = 23 * 12
    table = load_table("kz-wpp2024-2020-2025-male")
    alive = survival(table, 40 * 12, months, multiplier=multiplier)[:-1]
    k = np.arange(months)
    payments = (1 + growth) ** (k // 12) * (1 + interest) ** (-k / 12) / 12
    assert float((alive * payments).sum()) == pytest.approx(value, abs=5e-6)
