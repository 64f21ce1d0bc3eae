"""Cox and distributions: published coefficients, statsmodels, plain likelihoods; what the data cannot say."""

import warnings

import mpmath
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter, GeneralizedGammaFitter, LogNormalFitter, WeibullFitter
from lifelines.datasets import load_rossi
from lifelines.statistics import proportional_hazard_test
from lifelines.utils import concordance_index
from scipy.optimize import brentq, minimize
from scipy.stats import lognorm, norm, weibull_min

from mortality.cox import concordance, fitted_cox, proportional_hazards_p, schoenfeld_residuals
from mortality.estimate import EstimateError
from mortality.lifetime_model import FAMILIES, _log_density, _log_survival, fitted_lifetime

# Fox, Weisberg, Cox proportional-hazards regression for survival data in R (appendix to An R Companion to
# Applied Regression), first arrest of released prisoners, Rossi et al. 1980: coefficients, standard errors
PUBLISHED = {
    "fin": (-0.37942, 0.19138),
    "age": (-0.05744, 0.02200),
    "race": (0.31390, 0.30799),
    "wexp": (-0.14980, 0.21222),
    "mar": (-0.43370, 0.38187),
    "paro": (-0.08487, 0.19576),
    "prio": (0.09150, 0.02865),
}


def seen(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Entry, exit, whether it is an exit, a measured covariate and a class; late entries, Weibull truth."""
    random = np.random.default_rng(seed)
    x, member = random.normal(size=n), random.random(n) < 0.4
    time = random.weibull(1.3, n) * 8 * np.exp(-(0.3 * x - 0.5 * member) / 1.3)
    entry = random.uniform(0, 5, n) * (random.random(n) < 0.6)
    lost = entry + random.uniform(0.5, 8, n)
    kept = time > entry
    return (
        entry[kept], np.minimum(time, lost)[kept], (time < lost)[kept], x[kept], member[kept],
    )  # fmt: skip


def test_published_regression() -> None:
    prisoners = load_rossi()
    model = fitted_cox(
        np.zeros(len(prisoners)),
        prisoners["week"].to_numpy(np.float64),
        prisoners["arrest"].to_numpy() == 1,
        {name: prisoners[name].to_numpy(np.float64) for name in PUBLISHED},
        {},
    )
    assert (model.n, model.n_exits) == (432, 114)
    for effect in model.effects:
        coefficient, error = PUBLISHED[effect.name]
        assert effect.coefficient == pytest.approx(coefficient, abs=6e-6)
        assert effect.standard_error == pytest.approx(error, abs=6e-6)
    # likelihood ratio 33.27 on 7 degrees of freedom, p = 2e-05
    assert model.log_likelihood_ratio_p == pytest.approx(2.36e-5, rel=0.01)


def test_proportional_hazards_without_late_entries_is_lifelines() -> None:
    """Of the time itself on the prisoners, whose exits are tied; of ranks where no two are."""
    prisoners = load_rossi()
    names = list(PUBLISHED)
    fit = CoxPHFitter().fit(prisoners[[*names, "week", "arrest"]], "week", "arrest")
    test = proportional_hazard_test(fit, prisoners, time_transform="identity")
    week, arrest = prisoners["week"].to_numpy(np.float64), prisoners["arrest"].to_numpy() == 1
    residuals = schoenfeld_residuals(
        np.zeros(432), week, arrest, prisoners[names].to_numpy(np.float64), fit.params_.to_numpy()
    )
    p = proportional_hazards_p(week[arrest], residuals, fit.variance_matrix_.to_numpy())
    assert p.tolist() == pytest.approx(list(test.p_value), rel=1e-8)

    _, exit_time, is_exit, x, member = seen(400, 8)
    frame = pd.DataFrame({"x": x, "member": member.astype(float), "t": exit_time, "d": is_exit})
    model = fitted_cox(np.zeros(len(x)), exit_time, is_exit, {"x": x}, {"member": member})
    fit = CoxPHFitter().fit(frame, "t", "d", fit_options={"precision": 1e-10})
    test = proportional_hazard_test(fit, frame, time_transform="rank")
    assert [e.proportional_p for e in model.effects] == pytest.approx(list(test.p_value), rel=1e-6)


def test_late_entries_are_statsmodels() -> None:
    entry, exit_time, is_exit, x, member = seen(800, 1)
    model = fitted_cox(entry, exit_time, is_exit, {"x": x}, {"member": member})
    fit = sm.PHReg(exit_time, np.column_stack((x, member)), is_exit.astype(int), entry, ties="efron").fit()
    assert [e.coefficient for e in model.effects] == pytest.approx(list(fit.params), rel=1e-5)
    assert [e.standard_error for e in model.effects] == pytest.approx(list(fit.bse), rel=1e-5)
    ours = schoenfeld_residuals(
        entry, exit_time, is_exit, np.column_stack((x, member)).astype(float), fit.params
    )
    np.testing.assert_allclose(ours, fit.schoenfeld_residuals[is_exit], atol=1e-10)


def test_ties_and_late_entries_by_the_score_equation() -> None:
    """Efron's score with everyone at risk after the entry day, one exit day at a time."""
    random = np.random.default_rng(2)
    x, exit_time = random.normal(size=300), random.integers(2, 25, 300).astype(float)
    entry, is_exit = np.floor(exit_time * random.random(300)), random.random(300) < 0.6

    def score(b: float) -> float:
        total = 0.0
        for t in np.unique(exit_time[is_exit]):
            risk, tied = (entry < t) & (t <= exit_time), (exit_time == t) & is_exit
            w, d = np.exp(b * x), int(tied.sum())
            total += x[tied].sum()
            for step in range(d):
                part = step / d
                total -= ((w * x)[risk].sum() - part * (w * x)[tied].sum()) / (
                    w[risk].sum() - part * w[tied].sum()
                )
        return total

    (effect,) = fitted_cox(entry, exit_time, is_exit, {"x": x}, {}).effects
    root = brentq(score, -2, 2, xtol=1e-14)
    assert effect.coefficient == pytest.approx(root, abs=1e-8)
    residuals = schoenfeld_residuals(entry, exit_time, is_exit, x[:, None], np.array([root]))
    assert residuals.sum() == pytest.approx(0.0, abs=1e-9)


def test_the_test_of_proportional_hazards_sees_late_entries() -> None:
    """Proportional truth with late entries: p is uniform, so few are small."""
    p = []
    for seed in range(30):
        random = np.random.default_rng(seed)
        x = random.normal(size=200)
        time = random.weibull(1.5, 200) * 5 * np.exp(-0.8 * x / 1.5)
        entry = random.uniform(0, 6, 200)
        kept = time > entry
        model = fitted_cox(entry[kept], time[kept], np.ones(kept.sum(), dtype=bool), {"x": x[kept]}, {})
        p.append(model.effects[0].proportional_p)
    assert sum(value < 0.05 for value in p) <= 4
    # hazards that cross are seen
    random = np.random.default_rng(99)
    member = np.arange(600) % 2 == 0
    time = np.where(member, random.weibull(3.0, 600), random.weibull(0.7, 600))
    model = fitted_cox(np.zeros(600), time, np.ones(600, dtype=bool), {}, {"member": member})
    assert model.effects[0].proportional_p < 1e-6


def test_concordance_pair_by_pair() -> None:
    random = np.random.default_rng(12)
    n = 150
    score, exit_time = random.integers(0, 6, n).astype(float), random.integers(2, 20, n).astype(float)
    entry, is_exit = np.floor(exit_time * random.random(n)), random.random(n) < 0.7
    pairs = right = 0.0
    for i in np.flatnonzero(is_exit):
        for j in range(n):
            later = exit_time[j] > exit_time[i] or (exit_time[j] == exit_time[i] and not is_exit[j])
            if later and entry[j] < exit_time[i]:
                pairs += 1
                right += (score[i] > score[j]) + 0.5 * (score[i] == score[j])
    assert concordance(entry, exit_time, is_exit, score) == pytest.approx(right / pairs, rel=1e-14)
    # all seen from the start: that of lifelines
    alone = concordance(np.zeros(n), exit_time, is_exit, score)
    assert alone == pytest.approx(concordance_index(exit_time, -score, is_exit), rel=1e-14)
    same = np.full(n, 3.0)
    assert concordance(np.zeros(n), same, np.ones(n, dtype=bool), score) is None


def test_a_class_without_exits_is_left_out_and_said() -> None:
    entry, exit_time, is_exit, x, member = seen(600, 3)
    silent = member & ~is_exit
    model = fitted_cox(entry, exit_time, is_exit, {"x": x}, {"silent": silent})
    assert model.left_out == (f"silent: {silent.sum()} spells, no exit: hazard ratio 0, without interval",)
    other = ~silent
    (alone,) = fitted_cox(entry[other], exit_time[other], is_exit[other], {"x": x[other]}, {}).effects
    assert model.effects == (alone,)


def test_what_cannot_be_compared() -> None:
    entry, exit_time, is_exit, x, _ = seen(300, 4)
    n = len(x)
    with pytest.raises(EstimateError, match="one class only: there is nothing to compare") as error:
        fitted_cox(entry, exit_time, is_exit, {"x": np.ones(n)}, {"none": np.zeros(n, dtype=bool)})
    assert error.value.code == "E6203"
    with pytest.raises(EstimateError, match="all exits are in exits: exits and classes are separated"):
        fitted_cox(entry, exit_time, is_exit, {"x": x}, {"exits": is_exit | (x > 1)})
    with pytest.raises(EstimateError, match="no exit: there is nothing to regress on"):
        fitted_cox(entry, exit_time, np.zeros(n, dtype=bool), {"x": x}, {})
    separated = np.where(is_exit, 1.0 + 0.001 * x, -1.0)
    with pytest.raises(EstimateError, match="no finite maximum") as error:
        fitted_cox(entry, exit_time, is_exit, {"x": separated}, {})
    assert error.value.code == "E6208"


# ---------------------------------------------------------------- distributions


def log_likelihood(density, survival, entry, exit_time, is_exit) -> float:
    return float(
        np.log(density(exit_time[is_exit])).sum()
        + np.log(survival(exit_time[~is_exit])).sum()
        - np.log(survival(entry)).sum()
    )


def test_weibull_and_log_normal_by_their_own_likelihood() -> None:
    entry, exit_time, is_exit, *_ = seen(700, 5)

    def weibull(p: np.ndarray) -> float:
        law = weibull_min(np.exp(p[1]), scale=np.exp(p[0]))
        return -log_likelihood(law.pdf, law.sf, entry, exit_time, is_exit)

    def log_normal(p: np.ndarray) -> float:
        law = lognorm(np.exp(p[1]), scale=np.exp(p[0]))
        return -log_likelihood(law.pdf, law.sf, entry, exit_time, is_exit)

    for family, minus, plain in (("weibull", weibull, np.exp), ("log_normal", log_normal, None)):
        best = minimize(minus, [2.0, 0.2], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9})
        model = fitted_lifetime(family, entry, exit_time, is_exit)
        first, second = (p.value for p in model.parameters)
        assert first == pytest.approx(plain(best.x[0]) if plain else best.x[0], rel=1e-4)
        assert second == pytest.approx(np.exp(best.x[1]), rel=1e-4)
        assert model.log_likelihood == pytest.approx(-best.fun, abs=1e-4)
        assert model.aic == pytest.approx(4 + 2 * best.fun, abs=1e-3)


FITTERS = {
    "weibull": WeibullFitter, "log_normal": LogNormalFitter, "generalised_gamma": GeneralizedGammaFitter,
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_distributions_are_those_of_lifelines(family: str) -> None:
    """With late entries; lifelines stops near the maximum, never above ours."""
    entry, exit_time, is_exit, *_ = seen(1500, 6)
    model = fitted_lifetime(family, entry, exit_time, is_exit)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = FITTERS[family]().fit(exit_time, is_exit, entry=entry)
        t = np.array([0.2, 1.0, 4.0, 9.0, 30.0])
        survival = other.survival_function_at_times(t).to_numpy()
    assert other.log_likelihood_ - 1e-6 <= model.log_likelihood <= other.log_likelihood_ + 1e-3
    assert model.aic == pytest.approx(other.AIC_, abs=2e-3)
    assert [p.value for p in model.parameters] == pytest.approx(list(other.params_), abs=2e-3)
    errors = other.summary["se(coef)"].to_numpy()
    assert [p.standard_error for p in model.parameters] == pytest.approx(list(errors), rel=5e-3)
    np.testing.assert_allclose(model.survival(t), survival, rtol=1e-2, atol=1e-5)
    if family == "generalised_gamma":
        interval = model.parameters[2]
        assert interval.lower < 1.0 < interval.upper  # the truth is Weibull


@pytest.mark.parametrize("shape", [-2.5, -0.4, -0.02, -1e-4, 1e-4, 0.02, 0.7, 1.0, 2.0])
def test_generalised_gamma_in_thirty_digits(shape: float) -> None:
    w = np.array([-3.0, -0.6, 0.0, 0.4, 1.1])
    with mpmath.workdps(50):
        a = 1 / mpmath.mpf(shape) ** 2
        for value, ln_s, ln_f in zip(w, _log_survival(w, shape), _log_density(w, shape), strict=True):
            u = a * mpmath.exp(mpmath.mpf(shape) * mpmath.mpf(value))
            exact = mpmath.log(abs(mpmath.mpf(shape))) + a * mpmath.log(u) - u - mpmath.loggamma(a)
            assert ln_f == pytest.approx(float(exact), rel=1e-9, abs=1e-9)
            if a < 1e4:
                lower, upper = (u, mpmath.inf) if shape > 0 else (0, u)
                tail = mpmath.gammainc(a, lower, upper, regularized=True)
                assert ln_s == pytest.approx(float(mpmath.log(tail)), rel=1e-9, abs=1e-9)
    # nothing jumps where the log-normal takes over
    np.testing.assert_allclose(_log_survival(w, 1.1e-6), _log_survival(w, 0.9e-6), atol=1e-5)
    np.testing.assert_allclose(_log_density(w, -1.1e-6), _log_density(w, -0.9e-6), atol=1e-5)


def test_a_shape_below_zero_is_found() -> None:
    """ln T = mu + sigma·ln(λ²·G)/λ with G of the gamma distribution with index λ⁻²."""
    random = np.random.default_rng(11)
    mu, sigma, shape, n = 1.5, 0.6, -0.8, 4000
    time = np.exp(mu + sigma * np.log(shape**2 * random.gamma(shape**-2, size=n)) / shape)
    entry = random.uniform(0, 4, n) * (random.random(n) < 0.5)
    lost = entry + random.uniform(2, 30, n)
    kept = time > entry
    model = fitted_lifetime(
        "generalised_gamma", entry[kept], np.minimum(time, lost)[kept], (time < lost)[kept]
    )
    for p, truth in zip(model.parameters, (mu, np.log(sigma), shape), strict=True):
        assert p.lower < truth < p.upper
        assert p.standard_error < 0.15


def test_intervals_are_walds() -> None:
    """Of the logarithm where a parameter is positive."""
    entry, exit_time, is_exit, *_ = seen(500, 7)
    z = norm.ppf(0.975)
    mu, sigma = fitted_lifetime("log_normal", entry, exit_time, is_exit).parameters
    assert mu.upper - mu.value == pytest.approx(z * mu.standard_error, rel=1e-9)
    assert mu.value - mu.lower == pytest.approx(z * mu.standard_error, rel=1e-9)
    for p in (sigma, *fitted_lifetime("weibull", entry, exit_time, is_exit).parameters):
        assert np.log(p.upper / p.value) == pytest.approx(z * p.standard_error / p.value, rel=1e-9)
        assert np.log(p.value / p.lower) == pytest.approx(z * p.standard_error / p.value, rel=1e-9)


def test_too_few_exits() -> None:
    with pytest.raises(EstimateError, match="3 exits are too few for a distribution") as error:
        fitted_lifetime("weibull", np.zeros(9), np.arange(1.0, 10.0), np.arange(9) < 3)
    assert error.value.code == "E6202"


def test_no_clear_maximum() -> None:
    """Everyone leaves on the same day: no distribution fits, and none is shown."""
    same = np.full(50, 2.0)
    for family in FAMILIES:
        with pytest.raises(EstimateError, match="no clear maximum") as error:
            fitted_lifetime(family, np.zeros(50), same, np.ones(50, dtype=bool))
        assert error.value.code == "E6208"
