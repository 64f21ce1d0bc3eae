"""The assumptions of a tariff study, read from one YAML file and checked.

The keys are those of docs/adequacy.md. Nothing here is law: every figure is the user's, and a label such as
"Illustrative" in ``note`` travels to every output.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actuarial.claim_record import KINDS
from actuarial.error import ActuarialError
from actuarial.language import Text, joined, text
from actuarial.model_file import key_problem, value_problem, yaml_problem
from actuarial.premium.book import CLASSES

Share = Annotated[float, Field(ge=0, lt=1)]
Rate = Annotated[float, Field(gt=-0.5, lt=1)]
RiskClass = Annotated[int, Field(ge=1, le=CLASSES)]
Factor = Literal["risk_class", "section", "size", "region", "year"]
Kind = Literal["injury", "occupational_disease", "death"]


class TechnicalPremiumError(ActuarialError):
    """A tariff study that cannot be made (E4711 - E4719)."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Regression(_Part):
    """The generalised linear model of claim numbers."""

    family: Literal["poisson", "negative_binomial"] = "poisson"
    factors: list[Factor] = Field(default=["risk_class", "size", "region", "year"], min_length=1)

    @model_validator(mode="after")
    def _apart(self) -> Regression:
        if {"risk_class", "section"} <= set(self.factors):
            raise ValueError("a class belongs to one section: name risk_class or section, not both")
        return self


class Trend(_Part):
    """Yearly growth: fitted to the years of the study, given, or none."""

    choice: Literal["fitted", "given", "none"]
    rate: Rate | None = None

    @model_validator(mode="after")
    def _complete(self) -> Trend:
        if (self.choice == "given") != (self.rate is not None):
            raise ValueError("rate belongs to choice given, and only to it")
        return self


class Trends(_Part):
    """Growth of claims per worker, of what a claim costs, and of payroll per worker."""

    frequency: Trend = Trend(choice="none")
    severity: Trend = Trend(choice="none")
    payroll: Trend = Trend(choice="none")


Factors = Annotated[list[Annotated[float, Field(gt=0, le=100)]], Field(min_length=1)]


class Development(_Part):
    """What is still to be reported and revised: from the claims' own triangles, given, or nothing."""

    choice: Literal["chain_ladder", "given", "none"] = "chain_ladder"
    counts: dict[Kind, Factors] = Field(default_factory=dict)
    amounts: dict[Kind, Factors] = Field(default_factory=dict)
    tail_counts: float = Field(default=1.0, ge=0.5, le=5)
    tail_amounts: float = Field(default=1.0, ge=0.5, le=5)

    @model_validator(mode="after")
    def _complete(self) -> Development:
        if self.choice != "given" and (self.counts or self.amounts):
            raise ValueError("counts and amounts belong to choice given, and only to it")
        return self


class Survivor(_Part):
    """A person entitled after a death."""

    beneficiary: Literal["child", "student", "spouse", "parent", "disabled_dependant", "carer"]
    sex: Literal["male", "female"]
    age: int = Field(ge=0, le=100)
    share: float = Field(gt=0, le=1)
    entitlement_years: int | None = Field(default=None, ge=1, le=60)


class Case(_Part):
    """A standard victim of the annuity model, with the share of such cases among the claims of the kind."""

    weight: float = Field(gt=0, le=1)
    sex: Literal["male", "female"] | None = None
    age: int | None = Field(default=None, ge=16, le=62)
    degree_of_loss: int | None = Field(default=None, ge=1, le=100)
    certificate_months: int | None = Field(default=12, ge=1, le=120)
    social_payment_share: float = Field(default=0.0, ge=0, le=1)
    survivors: list[Survivor] = Field(default_factory=list)

    @model_validator(mode="after")
    def _complete(self) -> Case:
        worker = (self.sex, self.age, self.degree_of_loss)
        if self.survivors:
            if any(value is not None for value in worker):
                raise ValueError("a case has survivors, or the sex, age and degree of a worker, not both")
            if sum(survivor.share for survivor in self.survivors) > 1 + 1e-9:
                raise ValueError("the shares of the survivors of one death add up to at most 1")
        elif any(value is None for value in worker):
            raise ValueError("a worker's case needs sex, age and degree_of_loss")
        return self


class Severity(_Part):
    """What a claim of a kind costs: the claims' own amounts, or the annuity model on standard victims."""

    source: Literal["claims", "annuity_model"]
    cases: list[Case] = Field(default_factory=list)
    other_cost: float = Field(default=0.0, ge=0, le=1e9)
    variation: float | None = Field(default=None, ge=0, le=10)
    standard_error: float = Field(default=0.0, ge=0, le=1)

    @model_validator(mode="after")
    def _complete(self) -> Severity:
        if (self.source == "annuity_model") != bool(self.cases):
            raise ValueError("cases belong to source annuity_model, and only to it")
        if self.cases and abs(sum(case.weight for case in self.cases) - 1) > 1e-9:
            raise ValueError("the weights of the cases add up to 1")
        if self.source == "annuity_model" and self.variation is None:
            raise ValueError("source annuity_model needs the variation of a claim's cost")
        return self


class LargeLoss(_Part):
    """Claims are capped at the threshold; what lies above comes back as a load on the capped cost."""

    threshold: float = Field(gt=0, le=1e12)
    choice: Literal["pareto", "given"]
    load: float | None = Field(default=None, ge=0, le=10)
    fewest_claims: int = Field(default=10, ge=2, le=10_000)

    @model_validator(mode="after")
    def _complete(self) -> LargeLoss:
        if (self.choice == "given") != (self.load is not None):
            raise ValueError("load belongs to choice given, and only to it")
        return self


class Loading(_Part):
    """Expenses and margins as shares of the technical premium, claims handling as a share of claims."""

    claims_handling: float = Field(ge=0, le=1)
    expense: Share
    profit: Share
    cost_of_capital: Share
    capital_per_premium: float = Field(ge=0, le=10)

    @property
    def permissible(self) -> float:
        """Share of the premium that is left for claims and their handling."""
        return 1.0 - self.expense - self.profit - self.cost_of_capital * self.capital_per_premium

    @model_validator(mode="after")
    def _leaves_something(self) -> Loading:
        if self.permissible <= 0:
            raise ValueError("expense, profit and cost of capital leave nothing of the premium for claims")
        return self


class Indicator(_Part):
    """One of the eight indicators of the class-setting order, by the column that holds it."""

    column: str = Field(min_length=1)
    worse: Literal["high", "low"] = "high"


class ClassSetting(_Part):
    """A run of the class-setting order as far as its outline goes."""

    method: Literal["order_86_2022_03", "order_86_2022_08"]
    unit: Literal["oked_code", "risk_class"] = "oked_code"
    probability: float = Field(default=0.95, gt=0, lt=1)
    tolerance: float = Field(default=0.10, gt=0, lt=1)
    significance: float = Field(default=0.05, gt=0, lt=1)
    medical_cost: float | None = Field(default=None, ge=0)
    temporary_incapacity_cost: float | None = Field(default=None, ge=0)
    indicators: list[Indicator] = Field(default_factory=list)
    table: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> ClassSetting:
        is_ranking = self.method == "order_86_2022_08"
        if is_ranking != (len(self.indicators) == 8) or is_ranking != (self.table is not None):
            raise ValueError(
                "order_86_2022_08 needs a table and its eight indicators, which the outline read does not "
                "name; order_86_2022_03 takes neither"
            )
        costs = (self.medical_cost, self.temporary_incapacity_cost)
        if not is_ranking and any(cost is None for cost in costs):
            raise ValueError(
                "order_86_2022_03 values medical_cost and temporary_incapacity_cost of a claim: give them, "
                "or 0"
            )
        return self


class StudyAssumptions(_Part):
    """The file as written; see docs/adequacy.md for each key."""

    name: str = Field(min_length=1)
    note: str
    years: int = Field(ge=1, le=10)
    exposure: Literal["headcount", "payroll"] = "headcount"
    months_to_rated_event: int = Field(default=12, ge=0, le=60)
    credibility: Literal["one_level", "hierarchical"] = "one_level"
    sections: dict[str, list[RiskClass]] | None = None
    size_groups: list[Annotated[int, Field(ge=2, le=1_000_000)]] = [51, 251]
    regression: Regression = Regression()
    market_frequency: dict[Kind, dict[RiskClass, Annotated[float, Field(gt=0, lt=1)]]] = Field(
        default_factory=dict
    )
    development: Development = Development()
    trend: Trends = Trends()
    severity: dict[Kind, Severity]
    large_loss: LargeLoss | None = None
    concentration_load: float = Field(default=0.0, ge=0, le=5)
    loading: Loading
    level: float = Field(default=0.95, gt=0.5, lt=1)
    class_setting: ClassSetting | None = None

    @model_validator(mode="after")
    def _whole(self) -> StudyAssumptions:
        missing = [kind for kind in KINDS if kind not in self.severity]
        if missing:
            raise ValueError(text("severity lacks {missing}", missing=", ".join(missing)))
        if self.sections is not None:
            named = sorted(number for classes in self.sections.values() for number in classes)
            if named != list(range(1, CLASSES + 1)):
                raise ValueError("sections must name each of the classes once")
        elif self.credibility == "hierarchical" or "section" in self.regression.factors:
            raise ValueError("hierarchical credibility and the factor section need sections")
        if self.size_groups != sorted(set(self.size_groups)):
            raise ValueError("size_groups are headcounts that rise")
        for kind, rates in self.market_frequency.items():
            if sorted(rates) != list(range(1, CLASSES + 1)):
                raise ValueError(text("market_frequency.{kind} must give each of the classes", kind=kind))
        if self.market_frequency and self.exposure != "headcount":
            raise ValueError("market_frequency is claims a worker and year: exposure must be headcount")
        return self


@dataclass(frozen=True)
class Study:
    """Checked assumptions with the file they come from.

    Attributes
    ----------
    assumptions : StudyAssumptions
    sources : dict of str to str
        SHA-256 of the file by path.
    folder : Path
        Files that the assumptions name are relative to it.
    """

    assumptions: StudyAssumptions
    sources: dict[str, str]
    folder: Path

    @property
    def is_illustrative(self) -> bool:
        """Whether the note says that the assumptions are illustrative."""
        return "illustrative" in self.assumptions.note.lower()


def load_study(path: Path) -> Study:
    """Read the assumptions of a tariff study.

    Parameters
    ----------
    path : Path
        YAML file; unknown keys are refused with the nearest known one.

    Raises
    ------
    TechnicalPremiumError
        E4712 no such file or not readable YAML, E4713 wrong keys or values, all of them named.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
        raw = YAML(typ="safe", pure=True).load(data.decode("utf-8-sig"))
    except OSError as error:
        raise TechnicalPremiumError(
            "E4712", "assumptions {path}: cannot be read: {strerror}", path=path, strerror=error.strerror
        ) from None
    except (UnicodeDecodeError, YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        fault = yaml_problem(error)
        if mark:
            fault = text("{reason} at line {line}", reason=fault, line=mark.line + 1)
        raise TechnicalPremiumError(
            "E4712", "assumptions {path}: not readable YAML in UTF-8: {fault}", path=path, fault=fault
        ) from None
    if not isinstance(raw, dict):
        raise TechnicalPremiumError(
            "E4713", "assumptions {path}: expected keys such as severity and loading", path=path
        )
    try:
        assumptions = StudyAssumptions.model_validate(raw)
    except ValidationError as error:
        raise TechnicalPremiumError(
            "E4713", "assumptions {path}: {problems}", path=path, problems=joined(_problems(error), "; ")
        ) from None
    return Study(assumptions, {str(path): hashlib.sha256(data).hexdigest()}, path.parent)


def _problems(error: ValidationError) -> list[Text]:
    """Each problem with its key; an unknown key with the nearest known one."""
    known = _known_keys()
    found = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if about_key := key_problem(problem, known):
            found.append(about_key)
        elif key:
            found.append(text("{key}: {problem}", key=key, problem=value_problem(problem)))
        else:
            found.append(value_problem(problem))
    return found


def _known_keys() -> list[str]:
    models: list[type[Any]] = [
        StudyAssumptions, Regression, Trends, Trend, Development, Severity, Case, Survivor, LargeLoss,
        Loading, ClassSetting, Indicator,
    ]  # fmt: skip
    return sorted({name for model in models for name in model.model_fields})
