"""Each simulated claim costs what the reserve of the same person is worth: the engine is the oracle."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from small_book import VALUATION_DATE, contracts_in_force, model_of, plain_content

from actuarial.basis import Basis, load_basis
from actuarial.new_claim.factor import member_records, worker_records
from actuarial.new_claim.preparation import Prepared, prepared
from actuarial.new_claim.simulation import simulated
from actuarial.payout_law import PayoutLaw, calendar_date, day
from actuarial.record import BENEFICIARIES
from actuarial.reserve import annuity_reserve
from tariffs.social_payment import social_payment

SEED = 3
ILLUSTRATIVE = Path(__file__).parents[2] / "actuarial" / "bases" / "illustrative-2026.yaml"
PART, EVENT, VICTIM, DAY, KIND, MEMBER, CELL, DEGREE, EARNINGS, SOCIAL, ANNUITY, EXPENSE, OTHER = range(13)


@pytest.fixture(scope="module")
def basis(tmp_path_factory: pytest.TempPathFactory) -> Basis:
    """The shipped basis with a monthly expense, so that counts of payments matter too."""
    text = ILLUSTRATIVE.read_text("utf-8")
    assert "per_month: 0, inflation: 0.0" in text
    path = tmp_path_factory.mktemp("basis") / "basis.yaml"
    path.write_text(text.replace("per_month: 0, inflation: 0.0", "per_month: 500, inflation: 0.05"), "utf-8")
    return load_basis(path)


@pytest.fixture(scope="module")
def ready(basis: Basis, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    book = contracts_in_force(
        [[(20, 400, 250_000), (8, 300, 900_000)], [(3, 500, 120_000)]], end=date(2026, 6, 30)
    )
    model = model_of(tmp_path_factory.mktemp("model"), plain_content(), (0.1, 0.1, 0.1, 0.1, 0.1))
    return prepared(book, model, basis, VALUATION_DATE)


@pytest.fixture(scope="module")
def claims(ready: Prepared) -> np.ndarray:
    result = simulated(ready, 3, SEED, listed_scenario=1)
    listing = result.listing
    assert listing[:, ANNUITY].sum() + listing[:, OTHER].sum() == result.payout[1].sum()
    assert listing[:, EXPENSE].sum() == result.expense[1].sum()
    assert (listing[:, MEMBER] < 0).sum() == result.persons[1].sum() > 200
    return listing


def month_of(ready: Prepared, claims: np.ndarray) -> np.ndarray:
    return ready.cover.month_of_day[claims[:, DAY]]


def test_injuries_are_worth_their_reserve(ready: Prepared, claims: np.ndarray, basis: Basis) -> None:
    """The reserve on the day of the first payment, discounted by hand to the valuation date."""
    injuries = claims[(claims[:, KIND] > 1) & (claims[:, MEMBER] < 0)]
    law = PayoutLaw()
    n_cells = ready.cells.sex.size
    all_records = worker_records(ready.cells, ready.cover.middle, 4, basis, law)
    month = month_of(ready, injuries)
    at = (month * 4 + injuries[:, KIND] - 1) * n_cells + injuries[:, CELL]
    contract_date = np.repeat(
        ready.contracts.records.contract_date, np.diff(ready.contracts.records.part_start)
    )
    for j in np.unique(month):
        here = month == j
        some, where = injuries[here], at[here]
        taken = {
            name: getattr(all_records, name)[where]
            for name in all_records.__dataclass_fields__
            if name != "claim_id"
        }
        degree = some[:, DEGREE].astype(np.int16)
        taken |= {
            "degree_of_loss": degree,
            "first_degree_of_loss": degree,
            "average_monthly_earnings": some[:, EARNINGS].copy(),
            "social_payment": some[:, SOCIAL].copy(),
            "contract_date": contract_date[some[:, PART]],
        }
        records = type(all_records)(claim_id=None, **taken)
        first = calendar_date(int(records.next_payment_date[0]))
        amounts = annuity_reserve(records, basis, first).amounts
        # the expense with each payment is inflated from the valuation date on
        late = (first - VALUATION_DATE).days / 365
        discount, inflation = 1.1**-late, 1.05**late
        value = amounts["expected_reserve"] * discount
        assert np.abs(value - some[:, ANNUITY]).max() <= 1.5
        of_payment = 0.03 * amounts["expected_reserve"]
        monthly = (amounts["expense_reserve_expected"] - of_payment) * inflation
        assert np.abs((of_payment + monthly) * discount - some[:, EXPENSE]).max() <= 2


def test_survivors_are_worth_their_reserve(ready: Prepared, claims: np.ndarray, basis: Basis) -> None:
    members = [m for family in ready.model.assumptions.dependants.families for m in family.members]
    rows = claims[claims[:, MEMBER] >= 0]
    assert {members[m].beneficiary for m in rows[:, MEMBER]} == set(BENEFICIARIES[1:7])
    starts, all_records = member_records(members, ready.cover.middle, PayoutLaw())
    sizes = np.array([len(f.members) for f in ready.model.assumptions.dependants.families for _ in f.members])
    month = month_of(ready, rows)
    counts = np.diff(ready.contracts.records.part_start)
    contract_date = np.repeat(ready.contracts.records.contract_date, counts)
    for j in np.unique(month):
        some = rows[month == j]
        where = j * int(starts[-1]) + some[:, CELL]
        taken = {
            name: getattr(all_records, name)[where]
            for name in all_records.__dataclass_fields__
            if name != "claim_id"
        }
        taken |= {
            "average_monthly_earnings": some[:, EARNINGS].copy(),
            "share": 1.0 / (sizes[some[:, MEMBER]] + 1),
            "contract_date": contract_date[some[:, PART]],
        }
        records = type(all_records)(claim_id=None, **taken)
        first = calendar_date(int(records.next_payment_date[0]))
        value = annuity_reserve(records, basis, first).amounts["expected_reserve"]
        discount = 1.1 ** -((first - VALUATION_DATE).days / 365)
        assert np.abs(value * discount - some[:, ANNUITY]).max() <= 1.5


def test_an_injury_of_band_a_pays_only_when_it_worsens(
    ready: Prepared, claims: np.ndarray, basis: Basis
) -> None:
    """Its own degree pays nothing; the others are those of the same person who starts in band B."""
    light = claims[claims[:, KIND] == 1]
    assert (light[:, OTHER] == 0).all()
    values = ready.factors.worker[month_of(ready, light), 0, light[:, CELL]]
    capped = np.minimum(light[:, EARNINGS], ready.parts.cap[light[:, PART]])
    amounts = [np.maximum(d / 100 * capped - light[:, SOCIAL], 0) / 100 for d in (40, 70, 95)]
    value = sum(a * values[:, s] for a, s in zip(amounts, (2, 3, 4), strict=True))
    assert np.abs(100 * value - light[:, ANNUITY]).max() <= 1


def test_deductions_are_those_of_the_fund(ready: Prepared, claims: np.ndarray) -> None:
    injuries = claims[claims[:, KIND] > 1][:200]
    cap = 7 * 85_000
    for row in injuries:
        income = min(max(Decimal(int(row[EARNINGS])) / 100, Decimal(85_000)), Decimal(cap))
        awarded = social_payment(income, int(row[DEGREE]), 120, date(2026, 1, 1))
        assert row[SOCIAL] == int(awarded.amount * 100)


def test_other_payouts_are_the_laws(ready: Prepared, claims: np.ndarray) -> None:
    """Funeral 100 МРП, additional expenses utilisation × cap × МРП of 2026 (4 325)."""
    mci = 4325 * 100
    by_kind = {0: 100 * mci, 1: 0, 2: mci * 500 // 2, 3: mci * 750 * 6 // 10, 4: mci * 1000 * 7 // 10}
    for kind, amount in by_kind.items():
        here = claims[(claims[:, KIND] == kind) & (claims[:, MEMBER] < 0)]
        assert len(here)
        assert (here[:, OTHER] == amount).all()


def test_pay_stays_below_the_cap_of_the_contract(ready: Prepared, claims: np.ndarray) -> None:
    assert (ready.parts.cap == 10 * 85_000 * 100).all()
    assert (claims[claims[:, PART] == 1][:, EARNINGS] > 10 * 85_000 * 100).any()


def test_wages_grow_each_january(ready: Prepared) -> None:
    """Contracts of 2025, accidents of 2026: one step of 9 %."""
    listing = simulated(ready, 1, SEED, listed_scenario=0).listing
    steps = ready.chances.earnings
    of_part = listing[listing[:, PART] == 2]
    assert np.isin(of_part[:, EARNINGS], np.floor(120_000 * 100 * 1.09 * steps + 0.5)).all()


def test_spot_rates_discount_from_the_valuation_date(tmp_path: Path, basis: Basis) -> None:
    """A child's annuity by a curve: payment k of month j at t = days/365 + k/12, from the spot rate of t."""
    curve = tmp_path / "rates.csv"
    curve.write_text("years,rate\n0,0.05\n20,0.15\n", encoding="utf-8")
    text = ILLUSTRATIVE.read_text("utf-8")
    path = tmp_path / "basis.yaml"
    path.write_text(text.replace("{flat: 0.10}", "{spot: rates.csv}"), encoding="utf-8")
    spot = load_basis(path)
    content = plain_content()
    content["dependants"]["families"] = [
        {"share": 1.0, "members": [{"beneficiary": "child", "age": [17, 17], "sex": "male"}]}
    ]
    ready = prepared(
        contracts_in_force([[(1, 10, 100_000)]]), model_of(tmp_path, content), spot, VALUATION_DATE
    )
    table = spot.tables["male"]
    middle = int(ready.cover.middle[3])
    delta = (middle - day(VALUATION_DATE)) / 365
    for age in range(17 * 12, 18 * 12):
        months = 18 * 12 - age
        value = 0.0
        alive = 1.0
        for k in range(months):
            t = delta + k / 12
            value += alive * (1 + 0.05 + 0.005 * t) ** -t
            alive *= (1 - table.qx[(age + k) // 12 - table.first_age]) ** (1 / 12)
        assert ready.factors.member[3, age - 17 * 12] == pytest.approx(value, rel=1e-12)
