"""The regression against other fits of the same model, and the data that carry none."""

from __future__ import annotations

import numpy as np
import pytest

from actuarial.technical_premium.regression import RegressionFit, Term, fit_regression

CELLS = 240


def simulated(dispersion: float, seed: int = 3) -> tuple[np.ndarray, np.ndarray, dict[str, list[str]]]:
    rng = np.random.default_rng(seed)
    classes, regions = rng.integers(1, 6, CELLS), rng.integers(0, 3, CELLS)
    exposure = rng.uniform(200, 4000, CELLS)
    mean = exposure * 0.004 * 1.4**classes * np.array([1.0, 1.5, 0.7])[regions]
    if dispersion:
        mean = mean * rng.gamma(1 / dispersion, dispersion, CELLS)
    claims = rng.poisson(mean).astype(float)
    names = ["north", "south", "west"]
    return claims, exposure, {"risk_class": [str(c) for c in classes], "region": [names[r] for r in regions]}


def estimated(found: RegressionFit) -> dict[tuple[str, str], Term]:
    return {(t.factor, t.level): t for t in found.terms}


def fitted(claims: object, exposure: object, factors: object, family: str = "poisson") -> RegressionFit:
    found = fit_regression(claims, exposure, factors, family=family, level=0.95)  # type: ignore[arg-type]
    assert isinstance(found, RegressionFit)
    return found


def newton(claims: np.ndarray, exposure: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Poisson regression by plain Newton steps on the likelihood, and its standard errors."""
    b = np.zeros(design.shape[1])
    b[0] = np.log(claims.sum() / exposure.sum())
    for _ in range(100):
        mean = exposure * np.exp(design @ b)
        information = design.T @ (mean[:, None] * design)
        step = np.linalg.solve(information, design.T @ (claims - mean))
        b = b + step
        if np.abs(step).max() < 1e-14:
            break
    return b, np.sqrt(np.diag(np.linalg.inv(information)))


def design_of(
    found: RegressionFit, factors: dict[str, list[str]]
) -> tuple[np.ndarray, list[tuple[str, str]]]:
    names = [(t.factor, t.level) for t in found.terms if t.status == "estimated"]
    columns = [np.ones(CELLS)] + [
        (np.array(factors[factor]) == level).astype(float) for factor, level in names
    ]
    return np.column_stack(columns), names


def test_poisson_against_newton_steps() -> None:
    claims, exposure, factors = simulated(0.0)
    found = fitted(claims, exposure, factors)
    design, names = design_of(found, factors)
    b, errors = newton(claims, exposure, design)
    assert found.intercept == pytest.approx(b[0], abs=1e-9)
    terms = estimated(found)
    for k, name in enumerate(names, start=1):
        assert terms[name].coefficient == pytest.approx(b[k], abs=1e-9)
        assert terms[name].standard_error == pytest.approx(errors[k], rel=1e-7)
        assert terms[name].relativity == pytest.approx(np.exp(b[k]), rel=1e-9)
        assert terms[name].high == pytest.approx(np.exp(b[k] + 1.959963985 * errors[k]), rel=1e-6)
    mean = exposure * np.exp(design @ b)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviance = 2 * np.sum(np.where(claims > 0, claims * np.log(claims / mean), 0) - (claims - mean))
    assert found.deviance == pytest.approx(deviance, rel=1e-9)
    assert found.freedom == CELLS - design.shape[1]


def test_negative_binomial_against_the_joint_likelihood() -> None:
    """statsmodels' discrete model estimates α and the coefficients together; here α is profiled."""
    from statsmodels.discrete.discrete_model import NegativeBinomial

    claims, exposure, factors = simulated(0.4)
    found = fitted(claims, exposure, factors, "negative_binomial")
    assert found.family == "negative_binomial"
    design, names = design_of(found, factors)
    joint = NegativeBinomial(claims, design, offset=np.log(exposure)).fit(disp=0, maxiter=500, method="bfgs")
    assert found.dispersion == pytest.approx(joint.params[-1], rel=2e-3)
    assert found.log_likelihood == pytest.approx(joint.llf, abs=1e-4)
    terms = estimated(found)
    for k, name in enumerate(names, start=1):
        assert terms[name].coefficient == pytest.approx(joint.params[k], abs=2e-3)
        assert terms[name].standard_error == pytest.approx(joint.bse[k], rel=0.03)
    assert found.log_likelihood >= joint.llf - 1e-6
    assert found.overdispersion_p_value is not None and found.overdispersion_p_value < 0.001


def test_the_test_of_overdispersion_is_the_regression_of_cameron_and_trivedi() -> None:
    import statsmodels.api as sm

    claims, exposure, factors = simulated(0.05, seed=8)
    found = fitted(claims, exposure, factors)
    design, _ = design_of(found, factors)
    b, _ = newton(claims, exposure, design)
    mean = exposure * np.exp(design @ b)
    auxiliary = sm.OLS(((claims - mean) ** 2 - claims) / mean, mean).fit()
    assert found.overdispersion_statistic == pytest.approx(auxiliary.tvalues[0], rel=1e-6)


def test_without_overdispersion_the_negative_binomial_is_poisson() -> None:
    exposure = np.full(30, 1000.0)
    claims = np.tile([9.0, 10.0, 11.0], 10)
    factors = {"region": ["a", "b"] * 15}
    found = fitted(claims, exposure, factors, "negative_binomial")
    assert (found.family, found.dispersion) == ("poisson", 0.0)
    assert any("no over-dispersion" in note for note in found.notes)


def test_a_class_without_claims_is_named_and_left_out() -> None:
    claims, exposure, factors = simulated(0.0)
    empty = np.array(factors["risk_class"]) == "3"
    found = fitted(np.where(empty, 0.0, claims), exposure, factors)
    term = estimated(found)["risk_class", "3"]
    assert (term.status, term.relativity, term.coefficient) == ("no_claims", None, None)
    assert any("risk_class 3: no claim" in note for note in found.notes)
    kept = ~empty
    alone = fitted(claims[kept], exposure[kept], {k: np.array(v)[kept].tolist() for k, v in factors.items()})
    assert estimated(found)["region", "south"].coefficient == pytest.approx(
        estimated(alone)["region", "south"].coefficient, abs=1e-9
    )
    assert found.relativity("risk_class", "3") == 1.0


def test_a_factor_that_repeats_another_is_aliased() -> None:
    claims, exposure, factors = simulated(0.0)
    twin = {**factors, "section": [f"s{c}" for c in factors["risk_class"]]}
    found = fitted(claims, exposure, twin)
    status = {t.level: t.status for t in found.terms if t.factor == "section"}
    assert set(status.values()) == {"aliased", "base"}
    assert found.deviance == pytest.approx(fitted(claims, exposure, factors).deviance, rel=1e-9)


def test_separation_beyond_single_levels_is_named() -> None:
    """Every level has claims, yet b with y runs away: only their sum is seen, and it is 0 with x."""
    exposure = np.full(6, 1000.0)
    factors = {"one": ["a", "a", "b", "b", "a", "b"], "two": ["x", "x", "y", "x", "x", "x"]}
    claims = np.array([10.0, 12.0, 9.0, 0.0, 11.0, 0.0])
    found = fitted(claims, exposure, factors)
    assert all(t.coefficient is None or abs(t.coefficient) < 12 for t in found.terms)
    assert any("runs away" in note or "no claim" in note for note in found.notes)


def test_too_few_claims_are_a_reason_and_no_table() -> None:
    reason = fit_regression(
        np.array([3.0, 4.0]), np.array([10.0, 10.0]), {"region": ["a", "b"]}, family="poisson", level=0.95
    )
    assert isinstance(reason, str) and "7 claims" in reason and "fewer than 10" in reason


def test_one_level_is_nothing_to_compare() -> None:
    found = fitted(np.array([12.0, 9.0]), np.array([10.0, 10.0]), {"region": ["a", "a"]})
    assert [t.status for t in found.terms] == ["base"]
    assert found.notes == ("region: one level only, nothing to compare",)
