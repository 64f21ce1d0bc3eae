"""Curves against published tables, lifelines, statsmodels, and plain double sums with late entries."""

import warnings

import numpy as np
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter, NelsonAalenFitter
from lifelines.datasets import load_multicenter_aids_cohort_study, load_waltons
from statsmodels.duration.survfunc import SurvfuncRight

from mortality.estimate import EstimateError
from mortality.survival_curve import aalen_johansen, kaplan_meier, nelson_aalen, risk_table

# weeks in remission of 21 patients on 6-mercaptopurine, negative: censored
# (Freireich et al., Blood 21, 1963; Kaplan-Meier values as in Kalbfleisch, Prentice, and Collett)
REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23, -6, -9, -10, -11, -17, -19, -20, -25, -32, -32, -34, -35]
PUBLISHED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def late_entries(n: int, seed: int, *, tied: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    exit_day = random.integers(2, 60, n) if tied else random.permutation(np.arange(2, 40 * n))[:n]
    entry = np.floor(exit_day * random.random(n) * (random.random(n) < 0.7)).astype(np.int64)
    return entry, exit_day.astype(np.int64), random.integers(-1, 3, n).astype(np.int8)


def test_published_remission() -> None:
    weeks = np.abs(np.array(REMISSION))
    cause = np.where(np.array(REMISSION) > 0, 0, -1).astype(np.int8)
    curve = kaplan_meier(risk_table(np.zeros(21, dtype=np.int64), weeks, cause, 1, 1))
    assert {int(d): round(float(v), 3) for d, v in zip(curve.days, curve.value, strict=True)} == PUBLISHED


@pytest.mark.parametrize("tied", [True, False])
def test_curves_are_the_plain_sums(tied: bool) -> None:
    entry, exit_day, cause = late_entries(120, 1, tied=tied)
    table = risk_table(entry, exit_day, cause, 3, 1)
    survival, hazard, left = 1.0, 0.0, np.zeros(3)
    days = [d for d in np.unique(exit_day[cause >= 0]) if table.origin < d <= table.end]
    assert table.days.tolist() == days
    km, na, aj = kaplan_meier(table), nelson_aalen(table), aalen_johansen(table)
    for k, d in enumerate(days):
        n = sum(1 for e, x in zip(entry, exit_day, strict=True) if e < d <= x)
        gone = [sum(1 for x, c in zip(exit_day, cause, strict=True) if x == d and c == j) for j in range(3)]
        assert table.at_risk[k] == n
        left += [survival * g / n for g in gone]
        survival *= 1 - sum(gone) / n
        hazard += sum(gone) / n
        assert km.value[k] == pytest.approx(survival, abs=1e-14)
        assert na.value[k] == pytest.approx(hazard, rel=1e-13)
        assert [curve.value[k] for curve in aj] == pytest.approx(left, abs=1e-14)
        assert sum(curve.value[k] for curve in aj) == pytest.approx(1 - survival, abs=1e-13)


def test_variance_of_aalen_johansen_by_its_double_sum() -> None:
    entry, exit_day, cause = late_entries(90, 2, tied=True)
    table = risk_table(entry, exit_day, cause, 3, 1)
    d, n = table.exits.sum(axis=1), table.at_risk
    survival = np.cumprod(1 - d / n)
    before = np.concatenate(([1.0], survival[:-1]))
    for c, curve in enumerate(aalen_johansen(table)):
        own, value = table.exits[:, c], curve.value
        for t in range(len(table.days)):
            total = 0.0
            for i in range(t + 1):
                rest = value[t] - value[i]
                if n[i] > d[i]:
                    total += rest**2 * d[i] / (n[i] * (n[i] - d[i]))
                total += before[i] ** 2 * own[i] * (n[i] - own[i]) / n[i] ** 3
                total -= 2 * rest * before[i] * own[i] / n[i] ** 2
            assert curve.variance[t] == pytest.approx(max(total, 0.0), abs=1e-14)


@pytest.mark.parametrize("seed", [3, 4])
def test_lifelines_without_ties_and_late_entries(seed: int) -> None:
    _, exit_day, cause = late_entries(200, seed, tied=False)
    zero = np.zeros(200, dtype=np.int64)
    table = risk_table(zero, exit_day, cause, 3, 1)
    for c, curve in enumerate(aalen_johansen(table)):
        fit = AalenJohansenFitter(calculate_variance=True).fit(exit_day, cause + 1, c + 1)
        np.testing.assert_allclose(
            curve.value, fit.cumulative_density_.loc[curve.days].to_numpy()[:, 0], atol=1e-13
        )
        variance = fit.variance_.loc[curve.days].to_numpy().ravel()
        told = np.isfinite(variance)  # lifelines has none where the last person leaves
        assert (~told).sum() <= 1
        np.testing.assert_allclose(curve.variance[told], variance[told], atol=1e-14)
        limits = fit.confidence_interval_.loc[curve.days].to_numpy()
        np.testing.assert_allclose(
            np.column_stack((curve.lower, curve.upper))[told], limits[told], atol=1e-12
        )


def test_lifelines_on_a_public_data_set_with_ties() -> None:
    """Waltons: longevity of fruit flies, as lifelines ships it."""
    flies = load_waltons()
    days, died = flies["T"].to_numpy(np.int64), flies["E"].to_numpy()
    table = risk_table(np.zeros(len(days), dtype=np.int64), days, np.where(died, 0, -1).astype(np.int8), 1, 1)
    fit = KaplanMeierFitter().fit(days, died)
    curve = kaplan_meier(table)
    np.testing.assert_allclose(
        curve.value, fit.survival_function_.loc[curve.days].to_numpy()[:, 0], atol=1e-13
    )
    limits = fit.confidence_interval_.loc[curve.days].to_numpy()
    np.testing.assert_allclose(np.column_stack((curve.lower, curve.upper))[:-1], limits[:-1], atol=1e-12)
    hazard = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(days, died)
    found = nelson_aalen(table)
    np.testing.assert_allclose(
        found.value, hazard.cumulative_hazard_.loc[curve.days].to_numpy()[:, 0], rtol=1e-12
    )


def test_late_entries_of_a_public_data_set() -> None:
    """Multicenter AIDS cohort study (Klein, Moeschberger), as lifelines ships it: entry W, exit T, death D.

    lifelines and statsmodels count who enters on a day as at risk on it: their entries are half a day later.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cohort = load_multicenter_aids_cohort_study()
    days = (cohort[["W", "T"]].to_numpy() * 1000).round().astype(np.int64)
    kept = days[:, 1] > days[:, 0]
    entry, exit_day = days[kept, 0], days[kept, 1]
    died = cohort["D"].to_numpy()[kept].astype(np.int64)
    table = risk_table(entry, exit_day, np.where(died == 1, 0, -1).astype(np.int8), 1, 1)
    curve = kaplan_meier(table)
    fit = SurvfuncRight(exit_day.astype(float), died, entry=entry + 0.5)
    at = np.searchsorted(fit.surv_times, curve.days)
    # the curve of ours begins where somebody is at risk
    np.testing.assert_allclose(curve.value, fit.surv_prob[at], atol=1e-12)
    other = KaplanMeierFitter().fit(exit_day, died, entry=entry + 0.5)
    np.testing.assert_allclose(
        curve.value, other.survival_function_.loc[curve.days].to_numpy()[:, 0], atol=1e-12
    )


def test_a_curve_begins_and_ends_where_enough_are_at_risk() -> None:
    entry = np.array([0, 50, 50, 50, 50])
    exit_day = np.array([100, 60, 70, 80, 200])
    cause = np.zeros(5, dtype=np.int8)
    table = risk_table(entry, exit_day, cause, 1, 4)
    assert (table.origin, table.end) == (50, 70)
    assert table.days.tolist() == [60, 70]
    assert table.at_risk.tolist() == [5, 4]


def test_of_several_stretches_the_one_with_most_exits() -> None:
    """Four seen from the start, three left at once; most come in late: their days are the curve."""
    late = np.arange(30, 50)
    entry = np.concatenate((np.zeros(4, dtype=np.int64), np.full(20, 25)))
    exit_day = np.concatenate(([3, 3, 60, 60], late))
    cause = np.zeros(24, dtype=np.int8)
    table = risk_table(entry, exit_day, cause, 1, 4)
    assert (table.origin, table.end) == (25, 48)
    assert table.days.tolist() == late[:-1].tolist()
    assert table.at_risk.tolist() == list(range(22, 3, -1))
    # who is only lost from sight does not make a stretch worth more
    cause[4:] = -1
    first = risk_table(entry, exit_day, cause, 1, 4)
    assert (first.origin, first.end, first.days.tolist()) == (0, 3, [3])


def test_too_few() -> None:
    with pytest.raises(EstimateError, match="never 10 persons were under observation") as error:
        risk_table(np.zeros(4, dtype=np.int64), np.arange(1, 5), np.zeros(4, dtype=np.int8), 1)
    assert error.value.code == "E6202"
