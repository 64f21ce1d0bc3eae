"""Costs of claims: the tail by hand, the annuity model against a reserve of the same people from a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from actuarial.basis import Basis
from actuarial.claim_record import BookExperience
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.read import read_annuities
from actuarial.premium.book import CLASSES
from actuarial.reserve import annuity_reserve
from actuarial.technical_premium.adequacy import TariffStudy
from actuarial.technical_premium.assumption import LargeLoss, Severity, TechnicalPremiumError
from actuarial.technical_premium.severity import annuity_severity, claims_severity, large_loss_load

ON = date(2026, 1, 1)
INJURY, DEATH = 0, 2
CLAIMS = Severity(source="claims")


def test_the_pareto_tail_by_hand() -> None:
    """Costs 2L, 4L and 8L: Σ ln = 6 ln 2, α = 3/(6 ln 2) = 0.7213; with one at 1.1L added 3 times above 1."""
    costs = np.array([50.0, 100.0 * 1.25, 100.0 * 1.5, 80.0])
    found, _ = large_loss_load(costs, LargeLoss(threshold=100.0, choice="pareto", fewest_claims=2))
    shape = 2 / (np.log(1.25) + np.log(1.5))
    assert found.shape == pytest.approx(shape)
    excess = 2 / 4 * 100 / (shape - 1)
    assert found.load == pytest.approx(excess / ((50 + 100 + 100 + 80) / 4))
    assert (found.method, found.n_large) == ("pareto", 2)


def test_the_excess_of_a_pareto_tail_is_its_mean() -> None:
    """The load of a large sample is the excess that was there, by numerical integration of the tail."""
    shape, limit, n = 2.5, 100.0, 200_000
    uniform = (np.arange(n) + 0.5) / n
    costs = np.concatenate([np.full(n, 40.0), limit * (1 - uniform) ** (-1 / shape)])
    found, _ = large_loss_load(costs, LargeLoss(threshold=limit, choice="pareto"))
    observed = np.maximum(costs - limit, 0).mean() / np.minimum(costs, limit).mean()
    assert found.shape == pytest.approx(shape, rel=1e-3)
    assert found.load == pytest.approx(observed, rel=5e-3)


def test_an_infinite_mean_is_refused() -> None:
    costs = np.array([200.0, 400.0, 800.0, 50.0])
    with pytest.raises(TechnicalPremiumError, match="mean is infinite") as caught:
        large_loss_load(costs, LargeLoss(threshold=100.0, choice="pareto", fewest_claims=3))
    assert caught.value.code == "E4716"


def test_too_few_large_claims_take_their_own_excess() -> None:
    costs = np.array([50.0, 150.0])
    found, note = large_loss_load(costs, LargeLoss(threshold=100.0, choice="pareto", fewest_claims=10))
    assert (found.method, found.load) == ("empirical", pytest.approx(50 / 150))
    assert "a tail needs 10" in note
    given, _ = large_loss_load(costs, LargeLoss(threshold=100.0, choice="given", load=0.3))
    assert (given.method, given.load, given.n_large) == ("given", 0.3, 1)


def test_costs_of_claims_one_by_one(experience: BookExperience, study: TariffStudy) -> None:
    """Developed, trended and capped claim by claim; with one cost for all it is their plain mean."""
    years = study.years
    factors = np.array([1.6, 1.5, 1.3, 1.2, 1.1])
    limit = LargeLoss(threshold=5e6, choice="given", load=0.2)
    found = claims_severity(INJURY, years, experience.claims, factors, CLAIMS, limit)
    costs = []
    incurred = experience.claims.incurred()
    for claim, year, kind in zip(years.claim, years.year, years.kind, strict=True):
        if kind == INJURY:
            costs.append(min(5e6, incurred[claim] / 100 * factors[year]))
    assert found.n_claims == len(costs) == 262
    assert found.credibility.max() == 0.0
    assert found.mean == pytest.approx([1.2 * sum(costs) / len(costs)] * CLASSES)


def test_costs_that_differ_by_class_are_blended(experience: BookExperience, study: TariffStudy) -> None:
    """With costs proportional to the class the between-variance is not 0 and each class leans to its own."""
    from dataclasses import replace

    claims, years = experience.claims, study.years
    inside = np.flatnonzero(years.kind == INJURY)
    paid = np.zeros(len(claims.paid), dtype=np.int64)
    first = {int(c): int(np.flatnonzero(claims.movement_claim == c)[0]) for c in years.claim[inside]
             if (claims.movement_claim == c).any()}  # fmt: skip
    for claim, movement in first.items():
        paid[movement] = int(claims.risk_class[claim]) * 10_000_000 + claim * 1000
    moved = replace(claims, paid=paid, case_estimate_change=np.zeros_like(paid))
    found = claims_severity(INJURY, years, moved, np.ones(5), CLAIMS, None)
    assert found.credibility[4] > 0.5
    assert found.mean[20] > found.mean[10] > found.mean[4]


def victims(share: str, degree: int = 0) -> str:
    header = (
        "claim_id,product,beneficiary,sex,birth_date,contract_date,accident_date,first_certificate_date,"
        "certificate_end,degree_of_loss,average_monthly_earnings,social_payment,share,entitlement_end,"
        "next_payment_date\n"
    )
    if degree:
        social = round(0.25 * degree / 100 * 400000, 2)
        return header + (
            f"W,compulsory,worker,male,1984-01-01,2026-01-01,2026-01-01,2026-01-01,2027-01-01,{degree},"
            f"400000,{social},,,2026-01-01\n"
        )
    return header + (
        f"S,compulsory,child,male,2018-01-01,2026-01-01,2026-01-01,,,,400000,,{share},,2026-01-01\n"
        f"C,compulsory,carer,female,1988-01-01,2026-01-01,2026-01-01,,,,400000,,{share},2032-01-01,2026-01-01\n"
    )


def total_of(path: Path, text: str, basis: Basis) -> float:
    path.write_text(text, encoding="utf-8")
    records = read_annuities(path, valuation_date=ON).records
    assert records is not None
    return annuity_reserve(records, basis, ON).totals()["total_expected"] / 100


def test_a_death_of_the_annuity_model_is_a_reserve_of_its_survivors(tmp_path: Path, basis: Basis) -> None:
    """Survivors at full weight, the funeral of 100 МРП (4 325 ₸ in 2026), another cost, and the trend."""
    asked = Severity.model_validate(
        {
            "source": "annuity_model",
            "variation": 0.5,
            "standard_error": 0.1,
            "other_cost": 12345.0,
            "cases": [
                {
                    "weight": 1.0,
                    "survivors": [
                        {"beneficiary": "child", "sex": "male", "age": 8, "share": 0.3},
                        {"beneficiary": "carer", "sex": "female", "age": 38, "share": 0.3,
                         "entitlement_years": 6},
                    ],
                }
            ],
        }
    )  # fmt: skip
    pay = np.full(CLASSES, 400_000.0)
    found = annuity_severity(DEATH, asked, pay, basis, ON, trend_factor=1.1, n_claims=3, law=PayoutLaw())
    expected = total_of(tmp_path / "survivors.csv", victims("0.3"), basis) + 100 * 4325 + 12345
    assert found.mean == pytest.approx([1.1 * expected] * CLASSES, rel=1e-12)
    assert found.covariance[3, 8] == pytest.approx((0.1 * 1.1 * expected) ** 2)


def test_an_injury_of_the_annuity_model_is_a_reserve_of_its_worker(tmp_path: Path, basis: Basis) -> None:
    cases = [
        {"weight": 0.7, "sex": "male", "age": 42, "degree_of_loss": 40, "social_payment_share": 0.25},
        {"weight": 0.3, "sex": "male", "age": 42, "degree_of_loss": 70, "social_payment_share": 0.25},
    ]
    asked = Severity.model_validate({"source": "annuity_model", "variation": 0.5, "cases": cases})
    found = annuity_severity(
        INJURY, asked, np.full(CLASSES, 400_000.0), basis, ON, trend_factor=1.0, n_claims=0, law=PayoutLaw()
    )
    one, two = (total_of(tmp_path / f"{d}.csv", victims("", d), basis) for d in (40, 70))
    assert found.mean[0] == pytest.approx(0.7 * one + 0.3 * two, rel=1e-12)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ({"weight": 1.0, "sex": "male", "age": 40, "degree_of_loss": 20}, "a degree of 20 percent"),
        (
            {
                "weight": 1.0,
                "survivors": [{"beneficiary": "spouse", "sex": "female", "age": 40, "share": 0.5}],
            },
            "a spouse without entitlement_years",
        ),
        (
            {
                "weight": 1.0,
                "survivors": [{"beneficiary": "carer", "sex": "female", "age": 70, "share": 0.5}],
            },
            "a carer without entitlement_years",
        ),
    ],
)
def test_victims_whom_the_law_does_not_know(case: dict[str, object], says: str, basis: Basis) -> None:
    asked = Severity.model_validate({"source": "annuity_model", "variation": 0.5, "cases": [case]})
    with pytest.raises(TechnicalPremiumError, match=says) as caught:
        annuity_severity(
            DEATH, asked, np.ones(CLASSES), basis, ON, trend_factor=1.0, n_claims=0, law=PayoutLaw()
        )
    assert caught.value.code == "E4714"


def test_no_claim_to_take_a_cost_from(experience: BookExperience, study: TariffStudy) -> None:
    from dataclasses import replace

    empty = replace(study.years, kind=np.full_like(study.years.kind, DEATH))
    found = claims_severity(INJURY, empty, experience.claims, np.ones(5), CLAIMS, None)
    assert (found.source, found.mean.max()) == ("none", 0.0)
    assert found.notes == ("injury: no claim to take a cost from",)


def test_the_error_of_the_load_is_what_samples_show() -> None:
    """Standard error of a Pareto load and of an own excess, against the spread over drawn samples."""
    rng = np.random.default_rng(5)
    limit, shape, n = 100.0, 3.0, 2_000
    asked = {
        "pareto": LargeLoss(threshold=limit, choice="pareto", fewest_claims=10),
        "empirical": LargeLoss(threshold=limit, choice="pareto", fewest_claims=n),
    }
    for method, how in asked.items():
        loads, errors = [], []
        for _ in range(400):
            tail = limit * (1 - rng.uniform(size=n)) ** (-1 / shape)
            costs = np.where(rng.uniform(size=n) < 0.1, tail, limit * 0.8)
            found, _ = large_loss_load(costs, how)
            assert found.method == method
            loads.append(found.load)
            errors.append(found.standard_error)
        assert np.median(errors) == pytest.approx(np.std(loads), rel=0.15)


def test_a_given_load_has_no_error() -> None:
    found, _ = large_loss_load(np.array([50.0, 150.0]), LargeLoss(threshold=100.0, choice="given", load=0.3))
    assert found.standard_error == 0.0


def test_costs_below_nothing_are_refused(experience: BookExperience, study: TariffStudy) -> None:
    claims = replace(experience.claims, paid=-experience.claims.paid - 10**9)
    with pytest.raises(
        TechnicalPremiumError, match="injury: a claim costs less than 0 in the classes"
    ) as caught:
        claims_severity(INJURY, study.years, claims, np.ones(study.years.n_years), CLAIMS, None)
    assert caught.value.code == "E4718"


def test_a_day_without_a_minimum_wage_is_named(study: TariffStudy, basis: Basis) -> None:
    asked = study.assumptions.severity["death"]
    with pytest.raises(LookupError, match="minimum_wage has no value on 2035-01-01"):
        annuity_severity(
            DEATH,
            asked,
            np.full(CLASSES, 300_000.0),
            basis,
            date(2035, 1, 1),
            trend_factor=1.0,
            n_claims=0,
            law=PayoutLaw(),
        )
