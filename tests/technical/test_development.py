"""Triangles, chain-ladder factors and trends against published figures and other libraries."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from actuarial.claim_record import BookExperience, ClaimRecords
from actuarial.payout_law import calendar_date, day
from actuarial.technical_premium.adequacy import TariffStudy
from actuarial.technical_premium.assumption import Development, TechnicalPremiumError, Trend
from actuarial.technical_premium.development import chain_ladder, developments, trend, triangles

# Reinsurance Association of America, general liability; Mack (1994) and the package chainladder (dataset raa)
RAA = [
    [5012, 8269, 10907, 11805, 13539, 16181, 18009, 18608, 18662, 18834],
    [106, 4285, 5396, 10666, 13782, 15599, 15496, 16169, 16704],
    [3410, 8992, 13873, 16141, 18735, 22214, 22863, 23466],
    [5655, 11555, 15766, 21266, 23425, 26083, 27067],
    [1092, 9565, 15836, 22169, 25955, 26180],
    [1513, 6445, 11702, 12935, 15852],
    [557, 4020, 10946, 12314],
    [1351, 6947, 13112],
    [3133, 5395],
    [2063],
]


def test_the_published_triangle() -> None:
    """IBNR 52 135.23 of the RAA triangle, and the factors of Mack (1994)."""
    triangle = np.array([row + [np.nan] * (10 - len(row)) for row in RAA])
    found = chain_ladder(triangle)
    latest = np.array([row[-1] for row in RAA])
    ultimate = latest * found.to_ultimate[[len(row) - 1 for row in RAA]]
    assert round(float((ultimate - latest).sum()), 2) == 52135.23
    assert found.factors.round(3).tolist() == [2.999, 1.624, 1.271, 1.172, 1.113, 1.042, 1.033, 1.017, 1.009]


def test_an_empty_age_has_factor_one_and_says_so() -> None:
    found = chain_ladder([[0.0, 0.0, 3.0], [0.0, 0.0, np.nan], [1.0, np.nan, np.nan]], tail=1.2)
    assert found.is_empty.tolist() == [True, True]
    assert found.to_ultimate.tolist() == [1.2, 1.2, 1.2]


def naive_triangle(
    study: TariffStudy, claims: ClaimRecords, kind: int, is_count: bool
) -> dict[tuple[int, int], float]:
    """Cumulative figures claim by claim, movement by movement, years by dates."""
    n = study.years.n_years
    last = study.valuation_date
    first = [date(last.year - n + j, 1, 1) for j in range(n + 1)]
    found = {}
    for j in range(n):
        for age in range(1, n - j + 1):
            total = 0.0
            for i in range(len(claims)):
                event = calendar_date(int(claims.event_date[i]))
                if claims.kind[i] != kind or not first[j] <= event < first[j + 1]:
                    continue
                if is_count:
                    total += calendar_date(int(claims.report_date[i])) < first[j + age]
                    continue
                for m in np.flatnonzero(claims.movement_claim == i):
                    if calendar_date(int(claims.movement_date[m])) < first[j + age]:
                        total += (claims.paid[m] + claims.case_estimate_change[m]) / 100
            found[j, age] = total
    return found


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_triangles_of_the_sample(experience: BookExperience, study: TariffStudy, kind: int) -> None:
    counts, amounts = triangles(study.years, experience.claims, kind)
    for triangle, is_count in ((counts, True), (amounts, False)):
        naive = naive_triangle(study, experience.claims, kind, is_count)
        for (j, age), value in naive.items():
            assert triangle[j, age - 1] == pytest.approx(value, abs=1e-4)
        assert int(np.isnan(triangle).sum()) == 25 - len(naive)


def test_given_factors(experience: BookExperience, study: TariffStudy) -> None:
    given = Development(choice="given", counts={"injury": [1.5, 1.2, 1.1, 1.05, 1.0]})
    found = developments(study.years, experience.claims, given)
    assert found[0].count_factor.tolist() == [1.0, 1.05, 1.1, 1.2, 1.5]
    assert found[0].amount_factor.tolist() == found[2].count_factor.tolist() == [1.0] * 5
    short = Development(choice="given", amounts={"death": [1.5]})
    with pytest.raises(TechnicalPremiumError, match="factors for 1 of 5 ages") as caught:
        developments(study.years, experience.claims, short)
    assert caught.value.code == "E4715"


def test_a_fitted_trend_is_weighted_least_squares() -> None:
    import statsmodels.api as sm

    values, weights = np.array([1.0, 1.3, 1.2, 1.6, 1.9]), np.array([3.0, 1.0, 4.0, 2.0, 5.0])
    fit = sm.WLS(np.log(values), sm.add_constant(np.arange(5.0)), weights=weights).fit()
    found = trend(values, weights, Trend(choice="fitted"), "x")
    assert np.log1p(found.rate) == pytest.approx(fit.params[1], rel=1e-10)
    assert found.standard_error == pytest.approx(fit.bse[1], rel=1e-10)


def test_a_trend_needs_three_years() -> None:
    found = trend(np.array([1.0, 0.0, 2.0]), np.array([1.0, 0.0, 1.0]), Trend(choice="fitted"), "severity")
    assert (found.rate, found.choice) == (0.0, "none")
    assert "2 years with data, three are needed" in found.note
    given = trend(np.ones(2), np.ones(2), Trend(choice="given", rate=0.07), "x")
    assert (given.rate, given.choice) == (0.07, "given")


def test_years_are_whole_on_any_valuation_date(experience: BookExperience) -> None:
    """On 29 February the years begin on the last day of February."""
    from actuarial.premium.record import anniversaries

    today = np.array([day(date(2024, 2, 29))], dtype=np.int32)
    dates = [calendar_date(int(anniversaries(today, -12 * k)[0])) for k in range(3)]
    assert dates == [date(2024, 2, 29), date(2023, 2, 28), date(2022, 2, 28)]
    assert dates[0] - dates[1] == timedelta(days=366)
