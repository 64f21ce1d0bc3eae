"""The basis: every assumption of a valuation, read from one YAML file and checked.

The keys are those of docs/basis.md. Unknown keys are refused with the nearest known one; a label such as
"Illustrative" in ``note`` travels to every output.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from importlib import resources
from io import StringIO
from math import gcd
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import mortality
import tariffs
from actuarial.curve import Curve, FlatCurve, NelsonSiegelSvenssonCurve, SpotCurve
from actuarial.error import BasisError
from actuarial.language import Text, joined, text
from actuarial.model_file import key_problem, value_problem, yaml_fault
from actuarial.record import BANDS

Rate = float
Year = Annotated[int, Field(ge=1990, le=2300)]
YearRate = Annotated[float, Field(gt=-0.5, lt=1)]
_SHIPPED = "bases"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class NelsonSiegelSvensson(_Part):
    """Parameters of the curve; see `actuarial.curve.NelsonSiegelSvenssonCurve`."""

    beta0: float
    beta1: float
    beta2: float
    beta3: float
    tau1: float = Field(gt=0)
    tau2: float = Field(gt=0)


class Interest(_Part):
    """Exactly one of a flat annual effective rate, a file of spot rates, or a fitted curve."""

    flat: Rate | None = Field(default=None, gt=-0.2, lt=1)
    spot: str | None = None
    nelson_siegel_svensson: NelsonSiegelSvensson | None = None

    @model_validator(mode="after")
    def _one(self) -> Interest:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                text(
                    "give exactly one of flat, spot, nelson_siegel_svensson; found {found}",
                    found=given or text("none"),
                )
            )
        return self


class Indexation(_Part):
    """How payments rise: the contract's yearly rate, a rate by calendar year, the МРП, or not at all."""

    choice: Literal["contract_rate", "rate_by_year", "mci", "none"]
    rate: Rate | None = Field(default=None, gt=-0.5, lt=1)
    rate_by_year: dict[Year | Literal["later"], YearRate] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Indexation:
        if (self.choice == "contract_rate") != (self.rate is not None):
            raise ValueError(text("rate belongs to choice contract_rate, and only to it"))
        if (self.choice == "rate_by_year") != (self.rate_by_year is not None):
            raise ValueError(text("rate_by_year belongs to choice rate_by_year, and only to it"))
        return self

    def year_rate(self, year: int) -> Decimal:
        """Rate of a calendar year in the choice ``rate_by_year``, exact."""
        rates = self.rate_by_year or {}
        value = rates.get(year)
        if value is None:
            years = [key for key in rates if isinstance(key, int)]
            if "later" not in rates or (years and year < max(years)):
                raise BasisError(
                    "E4006",
                    "indexation.rate_by_year has no rate for {year}: add the year, or 'later' for "
                    "all after the last",
                    year=year,
                )
            value = rates["later"]
        return Decimal(repr(value))


class Growth(_Part):
    """Yearly growth after the last enacted year, from each 1 January."""

    mci: Rate = Field(gt=-0.5, lt=1)
    minimum_wage: Rate = Field(gt=-0.5, lt=1)
    subsistence_minimum: Rate = Field(gt=-0.5, lt=1)


class Multiplier(_Part):
    """Factor on the force of mortality by band of degree, and for dependants."""

    A: float = Field(ge=0, le=50)
    B: float = Field(ge=0, le=50)
    C: float = Field(ge=0, le=50)
    D: float = Field(ge=0, le=50)
    dependant: float = Field(ge=0, le=50)


class Mortality(_Part):
    """Tables and how they are used."""

    male: str
    female: str
    multiplier: Multiplier
    improvement: float = Field(default=0.0, gt=-0.2, lt=0.2)
    fractional_age: Literal["constant_force", "udd"] = "constant_force"


class Degrees(_Part):
    """Representative degree of each band, percent."""

    A: float = Field(gt=0, le=100)
    B: float = Field(gt=0, le=100)
    C: float = Field(gt=0, le=100)
    D: float = Field(gt=0, le=100)


class Terms(_Part):
    """Months of the next certificate by band; null = without review."""

    A: int | None = Field(gt=0, le=600)
    B: int | None = Field(gt=0, le=600)
    C: int | None = Field(gt=0, le=600)
    D: int | None = Field(gt=0, le=600)


class Certification(_Part):
    """What happens when a certificate ends."""

    next_term_months: Terms
    representative_degree: Degrees
    social_payment_on_change: Literal["keep", "proportional"] = "keep"
    matrices: list[dict[str, Any]] = Field(min_length=1)


class Expenses(_Part):
    """Insurer's expenses: share of each payment, amount a month and its inflation, share of a premium."""

    of_payment: float = Field(ge=0, lt=1)
    per_month: float = Field(ge=0, le=1e7)
    inflation: float = Field(gt=-0.5, lt=1)
    of_premium: float = Field(default=0.0, ge=0, lt=1)


class Utilisation(_Part):
    """Share of the remaining additional-expenses cap that is expected to be used, by first band."""

    A: float = Field(ge=0, le=1)
    B: float = Field(ge=0, le=1)
    C: float = Field(ge=0, le=1)
    D: float = Field(ge=0, le=1)

    @field_validator("*")
    @classmethod
    def _digits(cls, value: float) -> float:
        if len(repr(value).partition(".")[2]) > 9 or "e" in repr(value):
            raise ValueError(text("give at most nine decimals"))
        return value


class AdditionalExpenses(_Part):
    """The insurer's liability for additional expenses."""

    utilisation: Utilisation


class Deviation(_Part):
    """Spread of log growth around the basis: of its level, for all years at once, and of each year."""

    level: float = Field(ge=0, le=0.5)
    year: float = Field(ge=0, le=0.5)


class GrowthDrivers(_Part):
    """Series of amounts that may grow otherwise than the basis says."""

    mci: Deviation | None = None
    minimum_wage: Deviation | None = None
    subsistence_minimum: Deviation | None = None
    wages: Deviation | None = None
    prices: Deviation | None = None


class MortalityDrivers(_Part):
    """Spread of the log level of mortality, and of its trend a year."""

    level: float = Field(default=0.0, ge=0, le=1)
    trend: float = Field(default=0.0, ge=0, le=0.1)


class RecoveryDrivers(_Part):
    """Spread of the log odds of recovery at a certification."""

    level: float = Field(default=0.0, ge=0, le=2)


class ExpenseUse(_Part):
    """Beta distribution of the used share of the additional expenses: mean u, ``u·c`` and ``(1 - u)·c``."""

    concentration: float = Field(gt=0, le=1000)


DRIVERS = (
    "yield_shift", "mci", "minimum_wage", "subsistence_minimum", "wages", "prices", "mortality_level",
    "mortality_trend", "recovery_level",
)  # fmt: skip
"""Systematic drivers of a simulation, in the order of their correlation matrix."""


class Correlation(_Part):
    """Correlation of two drivers."""

    between: list[str] = Field(min_length=2, max_length=2)
    value: float = Field(ge=-1, le=1)

    @field_validator("between")
    @classmethod
    def _known(cls, between: list[str]) -> list[str]:
        if between[0] == between[1] or not set(between) <= set(DRIVERS):
            raise ValueError(text("name two different drivers of {drivers}", drivers=", ".join(DRIVERS)))
        return between


class SimulationDrivers(_Part):
    """What is uncertain beside the single life; see docs/simulate.md. What is not named does not act."""

    yield_shift: float = Field(default=0.0, ge=0, le=0.5)
    growth: GrowthDrivers = GrowthDrivers()
    mortality: MortalityDrivers = MortalityDrivers()
    recovery: RecoveryDrivers = RecoveryDrivers()
    correlation: list[Correlation] = Field(default_factory=list)
    expense_use: ExpenseUse | None = None


class Assumptions(_Part):
    """The file as written; see docs/basis.md for each key."""

    name: str = Field(min_length=1)
    note: str
    interest: Interest
    indexation: Indexation
    growth: Growth
    mortality: Mortality
    certification: Certification
    expenses: Expenses
    additional_expenses: AdditionalExpenses
    simulation: SimulationDrivers | None = None


@dataclass(frozen=True)
class Basis:
    """A checked basis with its tables, matrices and curve loaded.

    Attributes
    ----------
    assumptions : Assumptions
    tables : dict of str to mortality.Table
        By sex, ``male`` and ``female``.
    matrices : mortality.CertificationMatrices
    curve : Curve
    sources : dict of str to str
        SHA-256 of the basis file and of each file it names.
    """

    assumptions: Assumptions
    tables: dict[str, mortality.Table]
    matrices: mortality.CertificationMatrices
    curve: Curve
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the basis."""
        return self.assumptions.name

    @property
    def is_illustrative(self) -> bool:
        """Whether the note says that the basis is illustrative."""
        return "illustrative" in self.assumptions.note.lower()

    @property
    def terms(self) -> NDArray[np.int32]:
        """Months of the next certificate by band, shape (4,); 0 = without review."""
        terms = self.assumptions.certification.next_term_months
        return np.array([getattr(terms, band) or 0 for band in BANDS], dtype=np.int32)

    @property
    def review_step(self) -> int:
        """Greatest common divisor of the certificate terms [months]: reviews fall on its multiples."""
        return reduce(gcd, [int(t) for t in self.terms if t]) if self.terms.any() else 12

    def replace(self, changes: Mapping[str, Any]) -> Basis:
        """A basis with some assumptions changed, checked as a file is; this one stays as it is.

        Parameters
        ----------
        changes : mapping
            Value by key of docs/basis.md, keys inside a section after a point: ``interest.flat``,
            ``mortality.multiplier.C``. A value may be a whole section.

        Raises
        ------
        BasisError
            As `load_basis`; E4003 also for a key that is not in the basis.

        Examples
        --------
        >>> basis = load_basis("illustrative-2026")
        >>> basis.replace({"interest.flat": 0.09}).assumptions.interest.flat
        0.09
        """
        values = self.assumptions.model_dump(exclude_unset=True)
        for key, value in changes.items():
            *sections, name = key.split(".")
            place = values
            for section in sections:
                inner = place.setdefault(section, {})
                if not isinstance(inner, dict):
                    raise BasisError(
                        "E4003", "{key}: {section} has no keys inside it", key=key, section=section
                    )
                place = inner
            place[name] = value
        return changed_basis(self, values, text("basis {name}, changed", name=self.name))

    def resolved(self) -> dict[str, Any]:
        """Every assumption in force, for the run's record."""
        return {
            **self.assumptions.model_dump(mode="json"),
            "tables": {
                sex: {
                    "id": t.id,
                    "title": t.title,
                    "source": t.source,
                    "licence": t.licence,
                    "sha256": t.sha256,
                }
                for sex, t in self.tables.items()
            },
            "sources": self.sources,
        }


def basis_names() -> tuple[str, ...]:
    """Names of the bases that come with the package.

    Returns
    -------
    tuple of str
        What `load_basis` takes.

    Examples
    --------
    >>> basis_names()
    ('illustrative-2026',)
    """
    folder = resources.files("actuarial") / _SHIPPED
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_basis(name: str | Path) -> Basis:
    """Read a basis by the name of a shipped one or from a YAML file.

    Parameters
    ----------
    name : str or Path
        A shipped name (`basis_names`) or the path of a file; paths inside it are relative to it.

    Returns
    -------
    Basis

    Raises
    ------
    BasisError
        E4001 no such basis; E4002 not readable YAML; E4003 wrong keys or values, all of them named;
        E4004 spot rates; E4005 a table of the other sex; E4007 improvement without a period; E4008 a
        representative degree outside its band.
    mortality.TableError
        A table or a certification matrix that cannot be used.

    Examples
    --------
    >>> basis = load_basis("illustrative-2026")
    >>> basis.name, basis.is_illustrative
    ('illustrative-2026', True)
    """
    data, path = _content(name)
    assumptions = _assumptions(_decoded(data, text("basis {name}", name=name)), str(name))
    sources = {str(name): hashlib.sha256(data).hexdigest()}
    folder = path.parent if path else None
    _refuse_degrees_outside_bands(assumptions)
    tables = {sex: _table(getattr(assumptions.mortality, sex), sex, folder) for sex in ("male", "female")}
    matrices = mortality.CertificationMatrices.from_rows(assumptions.certification.matrices)
    curve = _curve(assumptions.interest, folder, sources)
    for table in tables.values():
        sources[table.id] = table.sha256
    if assumptions.mortality.improvement:
        _refuse_improvement_without_period(tables)
    return Basis(assumptions, tables, matrices, curve, sources)


def changed_basis(basis: Basis, values: Mapping[str, Any], where: str, curve: Curve | None = None) -> Basis:
    """A basis with other values of its keys, checked as a file is.

    Parameters
    ----------
    basis : Basis
        What it keeps of tables, matrices and curve is not read again.
    values : mapping
        All keys, as ``basis.assumptions.model_dump()`` gives them.
    where : str
        Names the change in messages.
    curve : Curve, optional
        Replaces the curve where it comes from a file.

    Raises
    ------
    BasisError
        As `load_basis`.
    """
    old = basis.assumptions
    try:
        new = Assumptions.model_validate(dict(values))
    except ValidationError as error:
        raise BasisError("E4003", "{where}: {problems}", where=where, problems=_problems(error)) from None
    _refuse_degrees_outside_bands(new)
    tables = {
        sex: basis.tables[sex]
        if getattr(new.mortality, sex) == getattr(old.mortality, sex)
        else _table(getattr(new.mortality, sex), sex, None)
        for sex in basis.tables
    }
    if new.mortality.improvement:
        _refuse_improvement_without_period(tables)
    matrices = basis.matrices
    if new.certification.matrices != old.certification.matrices:
        matrices = mortality.CertificationMatrices.from_rows(new.certification.matrices)
    if curve is None:
        curve = basis.curve if new.interest == old.interest else _curve(new.interest, None, {})
    return Basis(new, tables, matrices, curve, basis.sources)


def _refuse_improvement_without_period(tables: Mapping[str, mortality.Table]) -> None:
    for table in tables.values():
        if table.period_middle is None or table.period_middle.day != 1:
            raise BasisError(
                "E4007",
                "mortality.improvement counts months from the middle of a table's period: "
                "table {table_id} gives none that is the first day of a month",
                table_id=table.id,
            )


def _refuse_degrees_outside_bands(assumptions: Assumptions) -> None:
    bands = tariffs.parameter("degree_bands").entries[-1].value
    for band, (first, last) in bands.items():
        degree = getattr(assumptions.certification.representative_degree, band)
        if not first <= degree <= last:
            raise BasisError(
                "E4008",
                "certification.representative_degree.{band} is {degree:g}: band {band} is "
                "{first}-{last} percent",
                band=band,
                degree=degree,
                first=first,
                last=last,
            )


def _content(name: str | Path) -> tuple[bytes, Path | None]:
    if str(name) in basis_names():
        return (resources.files("actuarial") / _SHIPPED / f"{name}.yaml").read_bytes(), None
    path = Path(name)
    if not path.is_file():
        raise BasisError(
            "E4001",
            "no basis {name!r}: it is neither a file nor a shipped basis ({shipped})",
            name=str(name),
            shipped=", ".join(basis_names()),
        )
    return path.read_bytes(), path


def _decoded(data: bytes, where: str, code: str = "E4002") -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BasisError(
            code,
            "{where}: not UTF-8 text ({reason} at byte {start})",
            where=where,
            reason=error.reason,
            start=error.start,
        ) from None


def _assumptions(content: str, where: str) -> Assumptions:
    try:
        raw = YAML(typ="safe", pure=True).load(content)
    except (YAMLError, ValueError, RecursionError) as error:
        # ruamel lets an impossible date, a giant integer or a bottomless nesting through as these
        raise BasisError(
            "E4002", "basis {where}: not readable YAML: {error}", where=where, error=yaml_fault(error)
        ) from None
    if not isinstance(raw, dict):
        raise BasisError(
            "E4002",
            "basis {where}: expected keys such as interest and mortality, found {found}",
            where=where,
            found=type(raw).__name__,
        )
    try:
        return Assumptions.model_validate(raw)
    except ValidationError as error:
        raise BasisError(
            "E4003", "basis {where}: {problems}", where=where, problems=_problems(error)
        ) from None


def _problems(error: ValidationError) -> Text:
    """Each problem with its key; an unknown key with the nearest known one."""
    found: list[Text] = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if about_key := key_problem(problem, _known_keys()):
            found.append(about_key)
            continue
        about_value = value_problem(problem)
        if problem["type"] == "value_error":
            about_value = text("Value error, {problem}", problem=about_value)
        found.append(
            text("{key}: {problem}, found {value!r}", key=key, problem=about_value, value=problem["input"])
        )
    return joined(found, "; ")


def _known_keys() -> list[str]:
    models: list[type[BaseModel]] = [
        Assumptions, Interest, NelsonSiegelSvensson, Indexation, Growth, Mortality, Multiplier, Certification,
        Terms, Expenses, AdditionalExpenses, SimulationDrivers, GrowthDrivers, Deviation, MortalityDrivers,
        RecoveryDrivers, ExpenseUse, Correlation,
    ]  # fmt: skip
    return sorted({key for model in models for key in model.model_fields})


def _table(name: str, sex: str, folder: Path | None) -> mortality.Table:
    source: str | Path = name
    if name not in mortality.table_ids() and folder is not None:
        source = folder / name
    table = mortality.load_table(source)
    if table.select is not None:
        raise BasisError(
            "E4005",
            "mortality.{sex}: table {table_id} has select rates; annuities in payment are "
            "valued on ultimate ones: give a table without them",
            sex=sex,
            table_id=table.id,
        )
    if table.sex not in (sex, "unisex"):
        raise BasisError(
            "E4005",
            "mortality.{sex}: table {table_id} is for {found} lives",
            sex=sex,
            table_id=table.id,
            found=table.sex,
        )
    return table


def _curve(interest: Interest, folder: Path | None, sources: dict[str, str]) -> Curve:
    if interest.flat is not None:
        return FlatCurve(interest.flat)
    if interest.nelson_siegel_svensson is not None:
        return NelsonSiegelSvenssonCurve(**interest.nelson_siegel_svensson.model_dump())
    assert interest.spot is not None
    path = (folder or Path()) / interest.spot
    if not path.is_file():
        raise BasisError("E4004", "interest.spot: no file {path}", path=path)
    data = path.read_bytes()
    sources[interest.spot] = hashlib.sha256(data).hexdigest()
    return _spot_curve(data, path)


def _spot_curve(data: bytes, path: Path) -> SpotCurve:
    """Spot rates from a CSV with the columns ``years,rate`` (annual effective, fractions)."""
    content = _decoded(data, f"interest.spot: {path}", "E4004")
    lines = [line for line in content.splitlines() if line.strip() and not line.startswith("#")]
    rows = list(csv.reader(StringIO("\n".join(lines))))
    if not rows or [cell.strip() for cell in rows[0]] != ["years", "rate"] or len(rows) < 2:
        raise BasisError(
            "E4004", "interest.spot: {path} must have the columns years,rate and at least one row", path=path
        )
    years: list[float] = []
    rates: list[float] = []
    for row in rows[1:]:
        try:
            t, rate = (float(cell) for cell in row)
        except ValueError:
            raise BasisError(
                "E4004",
                "interest.spot: {path} has the row {row!r}; give years,rate as numbers",
                path=path,
                row=",".join(row),
            ) from None
        if not (t >= 0 and -0.5 < rate < 1) or (years and t <= years[-1]):
            raise BasisError(
                "E4004",
                "interest.spot: {path} has the row {row!r}; years must rise from 0 and rates "
                "be fractions below 1",
                path=path,
                row=",".join(row),
            )
        years.append(t)
        rates.append(rate)
    return SpotCurve(tuple(years), tuple(rates))
