"""Relativities of claim numbers: a generalised linear model over class, size, region and year.

Fitted with statsmodels on cells of equal factors. Levels without a claim, and levels that another factor
repeats, have no estimate: they are named, taken out, and never printed as a number.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from actuarial.language import Text, text, texts

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

FEWEST_CLAIMS = 10
LARGEST_COEFFICIENT = 12.0
LARGEST_STANDARD_ERROR = 30.0
SMALLEST_DISPERSION, LARGEST_DISPERSION = 1e-6, 50.0


@dataclass(frozen=True)
class Term:
    """One level of a factor.

    Attributes
    ----------
    factor, level : str
    claims : float
    exposure : float
    status : str
        estimated, base (relativity 1), no_claims, aliased (another factor says the same), separated.
    coefficient, standard_error, p_value : float or None
        Of the logarithm of the relativity.
    relativity, low, high : float or None
    """

    factor: str
    level: str
    claims: float
    exposure: float
    status: Literal["estimated", "base", "no_claims", "aliased", "separated"]
    coefficient: float | None = None
    standard_error: float | None = None
    p_value: float | None = None
    relativity: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class RegressionFit:
    """A fitted model.

    Attributes
    ----------
    family : str
        poisson or negative_binomial (Poisson where no over-dispersion was found).
    dispersion : float
        Variance ``μ + dispersion·μ²``; 0 for Poisson.
    intercept : float
        Logarithm of the frequency of the base levels.
    terms : tuple of Term
    n_cells, n_claims : int
        Fitted; claims of cells left out are not among them.
    log_likelihood, deviance, pearson : float
    freedom : int
        Cells less coefficients.
    overdispersion_statistic, overdispersion_p_value : float or None
        Cameron and Trivedi's regression test of Poisson against μ + α·μ²; None where the model has no degree
        of freedom.
    notes : tuple of str
    """

    family: str
    dispersion: float
    intercept: float
    terms: tuple[Term, ...]
    n_cells: int
    n_claims: int
    log_likelihood: float
    deviance: float
    pearson: float
    freedom: int
    overdispersion_statistic: float | None
    overdispersion_p_value: float | None
    notes: tuple[str, ...]

    def relativity(self, factor: str, level: str) -> float:
        """Relativity of a level; 1 where there is no estimate."""
        found = next((t for t in self.terms if t.factor == factor and t.level == level), None)
        return 1.0 if found is None or found.relativity is None else found.relativity


def fit_regression(
    claims: Float64,
    exposure: Float64,
    factors: Mapping[str, Sequence[str]],
    *,
    family: str,
    level: float,
) -> RegressionFit | str:
    """Fit claim numbers with offset log(exposure), or say why there is nothing to fit.

    Parameters
    ----------
    claims, exposure : float64 (c,)
        Of cells; cells without exposure are left out.
    factors : mapping of str to sequence of c str
        Level of each cell by factor.
    family : {'poisson', 'negative_binomial'}
        Negative binomial: ``α`` by maximum likelihood, profiled over Poisson-like fits.
    level : float
        Of the confidence limits.

    Returns
    -------
    RegressionFit or str
        The reason where the data carry no model: fewer than 10 claims.
    """
    keep = exposure > 0
    cells = _Cells(
        claims[keep], exposure[keep], {name: np.asarray(levels)[keep] for name, levels in factors.items()}
    )
    if cells.claims.sum() < FEWEST_CLAIMS:
        return text(
            "{claims} claims: a regression is not made with fewer than {fewest_claims}; the frequencies "
            "by credibility stand",
            claims=int(cells.claims.sum()),
            fewest_claims=FEWEST_CLAIMS,
        )
    while True:
        cells.take_out_empty_levels()
        design, names = cells.design()
        fit, alpha, used = _fitted(cells.claims, cells.exposure, design, family)
        strange = _separated(fit, names)
        if strange is None:
            break
        cells.take_out(*strange, "separated")
    return _result(cells, design, names, fit, alpha, used, family, level)


class _Cells:
    """Cells that are fitted, and what became of the levels that are not."""

    def __init__(self, claims: Float64, exposure: Float64, factors: dict[str, NDArray[Any]]) -> None:
        self.claims = claims
        self.exposure = exposure
        self.factors = factors
        self.status: dict[tuple[str, str], Literal["no_claims", "aliased", "separated"]] = {}
        self.totals = {
            (name, str(value)): (
                float(claims[levels == value].sum()),
                float(exposure[levels == value].sum()),
            )
            for name, levels in factors.items()
            for value in np.unique(levels)
        }
        self.base = {
            name: str(max(np.unique(levels), key=lambda v: (exposure[levels == v].sum(), str(v))))
            for name, levels in factors.items()
        }

    def take_out(self, name: str, value: str, status: Literal["no_claims", "separated"]) -> None:
        """Leave out the cells of a level."""
        self.status[name, value] = status
        keep = self.factors[name] != value
        self.claims, self.exposure = self.claims[keep], self.exposure[keep]
        self.factors = {other: levels[keep] for other, levels in self.factors.items()}

    def take_out_empty_levels(self) -> None:
        """Leave out levels without a claim until none is left: their logarithm has no estimate."""
        while True:
            empty = [
                (name, str(value))
                for name, levels in self.factors.items()
                for value in np.unique(levels)
                if self.claims[levels == value].sum() == 0
            ]
            if not empty:
                break
            self.take_out(*empty[0], "no_claims")
        for name, levels in self.factors.items():
            left = {str(value) for value in levels}
            if self.base[name] not in left:
                self.base[name] = max(left, key=lambda v: (self.totals[name, v][1], v))

    def design(self) -> tuple[Float64, list[tuple[str, str]]]:
        """Matrix of indicators, the base levels out, and the level of each column after the first."""
        columns = [np.ones(len(self.claims))]
        names: list[tuple[str, str]] = []
        rank = 1
        for name, levels in self.factors.items():
            for value in sorted({str(v) for v in levels}, key=_natural):
                if value == self.base[name] or self.status.get((name, value)) == "aliased":
                    continue
                column = (levels == value).astype(np.float64)
                if np.linalg.matrix_rank(np.column_stack([*columns, column])) == rank:
                    self.status[name, value] = "aliased"
                    continue
                columns.append(column)
                names.append((name, value))
                rank += 1
        return np.column_stack(columns), names


def _natural(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdigit() else (10**9, text)


def _fitted(claims: Float64, exposure: Float64, design: Float64, family: str) -> tuple[Any, float, str]:
    """Fit; the dispersion (0 for Poisson) and the family that was used."""
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, DomainWarning, PerfectSeparationWarning

    def fit(kind: Any, start: Any = None) -> Any:
        with warnings.catch_warnings():
            # what these warn of is looked for in the coefficients, and named
            for category in (ConvergenceWarning, DomainWarning, PerfectSeparationWarning, RuntimeWarning):
                warnings.simplefilter("ignore", category)
            model = GLM(claims, design, family=kind, offset=np.log(exposure))
            if start is None:
                return model.fit(maxiter=100, tol_criterion="params", tol=1e-10)
            # scoring steps swing to and fro where the dispersion is large; Newton's do not
            return model.fit(method="newton", maxiter=100, tol=1e-10, start_params=start, disp=0)

    poisson = fit(families.Poisson())
    mean = np.asarray(poisson.fittedvalues)
    # the likelihood falls from α = 0 on where the squares do not exceed what Poisson allows
    is_enough = family == "poisson" or float(((claims - mean) ** 2 - claims).sum()) <= 0.0
    if is_enough or len(claims) <= design.shape[1]:
        return poisson, 0.0, "poisson"
    from scipy.optimize import minimize_scalar

    def loss(log_alpha: float) -> float:
        kind = families.NegativeBinomial(alpha=float(np.exp(log_alpha)))
        return -float(fit(kind, poisson.params).llf)

    bounds = (float(np.log(SMALLEST_DISPERSION)), float(np.log(LARGEST_DISPERSION)))
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    alpha = float(np.exp(best.x))
    return fit(families.NegativeBinomial(alpha=alpha), poisson.params), alpha, "negative_binomial"


def _separated(fit: Any, names: list[tuple[str, str]]) -> tuple[str, str] | None:
    """A level whose estimate runs away, the worst first."""
    coefficients, errors = np.asarray(fit.params)[1:], np.asarray(fit.bse)[1:]
    runs = ~np.isfinite(coefficients) | ~np.isfinite(errors)
    runs |= (np.abs(coefficients) > LARGEST_COEFFICIENT) | (errors > LARGEST_STANDARD_ERROR)
    if not runs.any():
        return None
    worst = int(np.argmax(np.where(runs, np.nan_to_num(errors, nan=np.inf), -1.0)))
    return names[worst]


def _result(
    cells: _Cells,
    design: Float64,
    names: list[tuple[str, str]],
    fit: Any,
    alpha: float,
    used: str,
    family: str,
    level: float,
) -> RegressionFit:
    from scipy.stats import norm

    quantile = float(norm.ppf((1.0 + level) / 2.0))
    at = {key: position + 1 for position, key in enumerate(names)}
    terms = []
    for (name, value), (claims, exposure) in sorted(
        cells.totals.items(), key=lambda item: (list(cells.factors).index(item[0][0]), _natural(item[0][1]))
    ):
        status = cells.status.get((name, value))
        if status is not None:
            terms.append(Term(name, value, claims, exposure, status))
        elif value == cells.base[name]:
            terms.append(Term(name, value, claims, exposure, "base", 0.0, 0.0, None, 1.0, 1.0, 1.0))
        else:
            b, s = float(fit.params[at[name, value]]), float(fit.bse[at[name, value]])
            terms.append(
                Term(
                    name,
                    value,
                    claims,
                    exposure,
                    "estimated",
                    b,
                    s,
                    float(fit.pvalues[at[name, value]]),
                    float(np.exp(b)),
                    float(np.exp(b - quantile * s)),
                    float(np.exp(b + quantile * s)),
                )
            )
    mean = np.asarray(fit.fittedvalues)
    freedom = len(cells.claims) - design.shape[1]
    statistic, p_value = _overdispersion(cells, design) if freedom > 0 else (None, None)
    return RegressionFit(
        family=used,
        dispersion=alpha,
        intercept=float(fit.params[0]),
        terms=tuple(terms),
        n_cells=len(cells.claims),
        n_claims=int(cells.claims.sum()),
        log_likelihood=float(fit.llf),
        deviance=float(fit.deviance),
        pearson=float(((cells.claims - mean) ** 2 / (mean + alpha * mean**2)).sum()),
        freedom=freedom,
        overdispersion_statistic=statistic,
        overdispersion_p_value=p_value,
        notes=tuple(_notes(cells, family, used)),
    )


_NOT_ESTIMATED: Mapping[str, str] = texts(
    {
        "no_claims": "{levels}: no claim: its relativity cannot be estimated; its cells are left out, and "
        "the class frequency by credibility stands",
        "aliased": "{levels}: another factor has the same cells: it cannot be told apart",
        "separated": "{levels}: its estimate runs away (separation): its cells are left out",
    }
)


def _notes(cells: _Cells, family: str, used: str) -> list[Text]:
    notes = []
    for status, template in _NOT_ESTIMATED.items():
        levels = [f"{name} {value}" for (name, value), found in cells.status.items() if found == status]
        if levels:
            notes.append(text(template, levels=", ".join(levels)))
    for name, of_cells in cells.factors.items():
        if len({str(value) for value in of_cells}) == 1:
            notes.append(text("{name}: one level only, nothing to compare", name=name))
    if family == "negative_binomial" and used == "poisson":
        notes.append(text("no over-dispersion was found: the negative binomial model is the Poisson one"))
    return notes


def _overdispersion(cells: _Cells, design: Float64) -> tuple[float, float]:
    """Cameron and Trivedi's test: regress ((y - μ)² - y)/μ on μ without intercept, μ of the Poisson fit."""
    from scipy.stats import norm

    poisson, _, _ = _fitted(cells.claims, cells.exposure, design, "poisson")
    mean = np.asarray(poisson.fittedvalues)
    y = ((cells.claims - mean) ** 2 - cells.claims) / mean
    slope = float((y * mean).sum() / (mean**2).sum())
    residual = y - slope * mean
    error = float(np.sqrt((residual**2).sum() / (len(y) - 1) / (mean**2).sum()))
    statistic = slope / error if error > 0 else 0.0
    return statistic, float(norm.sf(statistic))
