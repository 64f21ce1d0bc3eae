"""The model of new claims: every assumption, read from one YAML file and one table by class, and checked.

The keys are those of docs/new-claims.md. Nothing here is law and nothing has a default taken from
experience: a shipped model is an illustration and says so in its note.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from importlib import resources
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import tariffs
from actuarial.error import ActuarialError
from actuarial.language import Text, digits, joined, text
from actuarial.model_file import key_problem, value_problem, yaml_fault
from actuarial.premium.book import CLASSES
from actuarial.record import BANDS

KINDS = ("death", *BANDS)
"""Kinds of new claims: death, and an injury by the band of its first degree."""
SUM_TOLERANCE = 1e-9
_SHIPPED = "models"

Share = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[int, Field(ge=1, le=100)]
Headcount = Annotated[int, Field(ge=1, le=100_000)]
ClassNumber = Annotated[int, Field(ge=1, le=CLASSES)]
AgeYears = Annotated[int, Field(ge=0, le=110)]


class NewClaimError(ActuarialError):
    """A model of new claims, or a book for it, that cannot be used (E45xx)."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _refuse_sum(shares: list[float], what: Text) -> None:
    total = sum(shares)
    if abs(total - 1.0) > SUM_TOLERANCE:
        raise ValueError(text("{what} add up to {total}, expected 1", what=what, total=digits(total, ".10g")))


class Frequency(_Part):
    """Claims a worker-year by class and kind, and how they spread."""

    table: str
    count: Literal["poisson", "negative_binomial"] = "poisson"
    dispersion: float | None = Field(default=None, gt=0, le=1000)
    class_cv: float = Field(default=0.0, ge=0, le=5)
    market_cv: float = Field(default=0.0, ge=0, le=5)

    @model_validator(mode="after")
    def _complete(self) -> Frequency:
        if (self.count == "negative_binomial") != (self.dispersion is not None):
            raise ValueError(text("dispersion belongs to count negative_binomial, and only to it"))
        return self


Sizes = Annotated[dict[Headcount, Share], Field(min_length=1, max_length=50)]


class EventSize(_Part):
    """Workers hurt in one event: number and share of events; by class where it differs."""

    default: Sizes
    classes: dict[ClassNumber, Sizes] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sums(self) -> EventSize:
        _refuse_sum(list(self.default.values()), text("the shares of default"))
        for number, sizes in self.classes.items():
            _refuse_sum(list(sizes.values()), text("the shares of class {number}", number=number))
        return self

    def of_class(self, number: int) -> dict[int, float]:
        """Distribution of a class."""
        return self.classes.get(number, self.default)


class KindShares(_Part):
    """Shares of the kinds among those hurt."""

    death: Share
    A: Share
    B: Share
    C: Share
    D: Share

    @model_validator(mode="after")
    def _sum(self) -> KindShares:
        _refuse_sum([getattr(self, kind) for kind in KINDS], text("the shares"))
        return self


class Catastrophe(_Part):
    """One event that hurts many workers of the largest site; beside the frequency table."""

    name: str = Field(min_length=1)
    events_per_year: float = Field(ge=0, le=10)
    n_workers: Headcount
    kinds: KindShares


class AgeGroup(_Part):
    """Victims from one whole age to another, both included, evenly by month."""

    first: AgeYears
    last: AgeYears
    share: Share

    @model_validator(mode="after")
    def _order(self) -> AgeGroup:
        if self.last < self.first:
            raise ValueError(text("last is {last}, below first {first}", last=self.last, first=self.first))
        return self


class Victim(_Part):
    """Who is hurt."""

    male_share: Share
    ages: list[AgeGroup] = Field(min_length=1, max_length=60)
    certification_delay_months: int = Field(ge=0, le=24)

    @model_validator(mode="after")
    def _whole(self) -> Victim:
        _refuse_sum([group.share for group in self.ages], text("the shares of ages"))
        for one, following in zip(self.ages, self.ages[1:], strict=False):
            if following.first <= one.last:
                raise ValueError(
                    text(
                        "ages overlap: {one} and {other}",
                        one=f"{one.first}-{one.last}",
                        other=f"{following.first}-{following.last}",
                    )
                )
        return self


DegreeShares = Annotated[dict[Percent, Share], Field(min_length=1)]


class Degree(_Part):
    """Whole percent of the first degree and its share, by band."""

    A: DegreeShares
    B: DegreeShares
    C: DegreeShares
    D: DegreeShares

    @model_validator(mode="after")
    def _inside(self) -> Degree:
        bands = tariffs.parameter("degree_bands").entries[-1].value
        for band, (first, last) in bands.items():
            shares = getattr(self, band)
            _refuse_sum(list(shares.values()), text("the shares of {name}", name=band))
            outside = sorted(degree for degree in shares if not first <= degree <= last)
            if outside:
                raise ValueError(
                    text(
                        "{band} has the degree {degree}: the band is {first}-{last} percent",
                        band=band,
                        degree=outside[0],
                        first=first,
                        last=last,
                    )
                )
        return self


class Earnings(_Part):
    """Spread of a worker's pay around the mean of the part, and growth of pay each 1 January."""

    cv: float = Field(ge=0, le=5)
    growth: float = Field(gt=-0.5, lt=1)


class SocialPaymentModel(_Part):
    """ГФСС payment of a victim: by the law's formula, or a share of degree × capped earnings."""

    choice: Literal["by_law", "share"]
    service_months: int | None = Field(default=None, ge=0, le=1000)
    share: Share | None = None

    @model_validator(mode="after")
    def _complete(self) -> SocialPaymentModel:
        if (self.choice == "by_law") != (self.service_months is not None):
            raise ValueError(text("service_months belongs to choice by_law, and only to it"))
        if (self.choice == "share") != (self.share is not None):
            raise ValueError(text("share belongs to choice share, and only to it"))
        return self


AgeSpan = Annotated[list[AgeYears], Field(min_length=2, max_length=2)]


class Member(_Part):
    """One dependant of a family: what they are entitled as, and between which whole ages, evenly by month."""

    beneficiary: Literal["child", "student", "spouse", "parent", "disabled_dependant", "carer"]
    age: AgeSpan
    sex: Literal["male", "female", "either"] = "either"
    child_age: AgeSpan | None = None
    entitled_months: int | None = Field(default=None, gt=0, le=1200)

    @model_validator(mode="after")
    def _complete(self) -> Member:
        for span in (self.age, self.child_age or [0, 0]):
            if span[1] < span[0]:
                raise ValueError(text("an age from {first} to {last}", first=span[0], last=span[1]))
        if (self.beneficiary == "carer") != (self.child_age is not None):
            raise ValueError(
                text("child_age, the ages of the child cared for, belongs to a carer, and only to one")
            )
        if self.entitled_months is not None and self.beneficiary != "disabled_dependant":
            raise ValueError(text("entitled_months belongs to a disabled_dependant, and only to one"))
        return self


class Family(_Part):
    """Dependants left by a death, and how often."""

    share: Share
    members: list[Member] = Field(max_length=20)


class Dependants(_Part):
    """Families of the killed, and how the earnings are split."""

    survivor_share: Literal["equal_split", "equal_split_without_deceased"] = "equal_split"
    families: list[Family] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _sum(self) -> Dependants:
        _refuse_sum([family.share for family in self.families], text("the shares of families"))
        return self


class Layer(_Part):
    """Excess of loss on each event; reinstatements: how often the limit is there again (null = always)."""

    retention: float = Field(ge=0, le=1e13)
    limit: float = Field(gt=0, le=1e13)
    reinstatements: int | None = Field(default=None, ge=0, le=1000)


class Reinsurance(_Part):
    """Treaties on the book: a quota share, then layers on what is left of an event."""

    quota_share: Share = 0.0
    excess_of_loss: list[Layer] = Field(default_factory=list, max_length=20)


class ModelFile(_Part):
    """The file as written; see docs/new-claims.md for each key."""

    name: str = Field(min_length=1)
    note: str
    exposure: Literal["unexpired", "whole_term"] = "unexpired"
    premium: Literal["law", "charged"] = "law"
    insured_sum: Literal["present_value", "not_applied"] = "present_value"
    frequency: Frequency
    event_size: EventSize
    catastrophes: list[Catastrophe] = Field(default_factory=list, max_length=20)
    victim: Victim
    degree: Degree
    earnings: Earnings
    social_payment: SocialPaymentModel
    dependants: Dependants
    reinsurance: Reinsurance = Reinsurance()


@dataclass(frozen=True)
class NewClaimModel:
    """A checked model with its frequency table.

    Attributes
    ----------
    assumptions : ModelFile
    frequency : float64 (22, 5) [persons a worker-year]
        By class and kind (`KINDS`); NaN in the rows of classes that the table leaves out.
    sources : dict of str to str
        SHA-256 of the model and of its table.
    """

    assumptions: ModelFile
    frequency: NDArray[np.float64]
    sources: dict[str, str]

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.assumptions.name

    @property
    def is_illustrative(self) -> bool:
        """Whether the note says that the model is illustrative."""
        return "illustrative" in self.assumptions.note.lower()

    def resolved(self) -> dict[str, Any]:
        """Every assumption in force, for the run's record."""
        table = [
            {"risk_class": number, **dict(zip(KINDS, (float(rate) for rate in row), strict=True))}
            for number, row in enumerate(self.frequency, start=1)
            if not np.isnan(row[0])
        ]
        return {**self.assumptions.model_dump(mode="json"), "frequency_table": table, "sources": self.sources}


def new_claim_model_names() -> tuple[str, ...]:
    """Names of the models that come with the package."""
    folder = resources.files("actuarial.new_claim") / _SHIPPED
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_new_claim_model(name: str | Path) -> NewClaimModel:
    """Read a model by the name of a shipped one or from a YAML file.

    Parameters
    ----------
    name : str or Path
        A shipped name (`new_claim_model_names`) or the path of a file; the table it names lies beside it.

    Returns
    -------
    NewClaimModel

    Raises
    ------
    NewClaimError
        E4501 no such model or table; E4502 not readable YAML; E4503 wrong keys or values, all of them named;
        E4504 a frequency table that cannot be used, every bad cell named.
    """
    shipped = resources.files("actuarial.new_claim") / _SHIPPED
    if str(name) in new_claim_model_names():
        data = (shipped / f"{name}.yaml").read_bytes()
        assumptions = _assumptions(data, str(name))
        table = (shipped / assumptions.frequency.table).read_bytes()
    else:
        path = Path(name)
        missing = text(
            "no model {name!r}: it is neither a file nor a shipped model ({names})",
            name=str(name),
            names=", ".join(new_claim_model_names()),
        )
        data = _bytes(path, missing)
        assumptions = _assumptions(data, str(name))
        table_path = path.parent / assumptions.frequency.table
        missing = text("frequency.table of {name}: no file {path}", name=name, path=table_path)
        table = _bytes(table_path, missing)
    sources = {
        str(name): hashlib.sha256(data).hexdigest(),
        assumptions.frequency.table: hashlib.sha256(table).hexdigest(),
    }
    return NewClaimModel(assumptions, _frequencies(table, assumptions.frequency.table), sources)


def _bytes(path: Path, missing: Text) -> bytes:
    if not path.is_file():
        raise NewClaimError("E4501", missing)
    return path.read_bytes()


def _decoded(data: bytes, where: str, code: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NewClaimError(
            code,
            "{where}: not UTF-8 text ({reason} at byte {start}); save it as UTF-8",
            where=where,
            reason=error.reason,
            start=error.start,
        ) from None


def _assumptions(data: bytes, where: str) -> ModelFile:
    content = _decoded(data, text("model {name}", name=where), "E4502")
    try:
        raw = YAML(typ="safe", pure=True).load(content)
    except (YAMLError, ValueError, RecursionError) as error:
        # ruamel lets an impossible date, a giant integer or a bottomless nesting through as these
        raise NewClaimError(
            "E4502", "model {where}: not readable YAML: {error}", where=where, error=yaml_fault(error)
        ) from None
    if not isinstance(raw, dict):
        raise NewClaimError(
            "E4502",
            "model {where}: expected keys such as frequency and victim, found {found}",
            where=where,
            found=type(raw).__name__,
        )
    try:
        return ModelFile.model_validate(raw)
    except ValidationError as error:
        raise NewClaimError(
            "E4503", "model {where}: {problems}", where=where, problems=_problems(error)
        ) from None


def _problems(error: ValidationError) -> Text:
    """Each problem with its key; an unknown key with the nearest known one."""
    found: list[Text] = []
    for problem in error.errors():
        about = key_problem(problem, _known_keys())
        if about is None:
            key = ".".join(str(part) for part in problem["loc"]) or text("the file")
            about = text("{key}: {problem}", key=key, problem=value_problem(problem))
            if problem["type"] != "value_error":
                about = text("{problem}, found {value!r}", problem=about, value=problem["input"])
        found.append(about)
    return joined(found, "; ")


def _known_keys() -> list[str]:
    parts: list[type[BaseModel]] = [
        ModelFile, Frequency, EventSize, Catastrophe, KindShares, Victim, AgeGroup, Degree, Earnings,
        SocialPaymentModel, Dependants, Family, Member, Reinsurance, Layer,
    ]  # fmt: skip
    return sorted({key for part in parts for key in part.model_fields})


def _frequencies(data: bytes, where: str) -> NDArray[np.float64]:
    """Table ``risk_class,death,A,B,C,D`` as an array by class and kind."""
    lines = [line for line in _decoded(data, where, "E4504").splitlines() if line.strip() and line[0] != "#"]
    rows = list(csv.reader(StringIO("\n".join(lines))))
    header = [cell.strip() for cell in rows[0]] if rows else []
    if header != ["risk_class", *KINDS]:
        raise NewClaimError(
            "E4504",
            "{where}: expected the columns {columns}, found {found}",
            where=where,
            columns=",".join(("risk_class", *KINDS)),
            found=",".join(header) or text("nothing"),
        )
    result = np.full((CLASSES, len(KINDS)), np.nan)
    problems: list[Text] = []
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            problems.append(
                text(
                    "row {row} has {cells} cells, expected {expected}",
                    row=line,
                    cells=len(row),
                    expected=len(header),
                )
            )
            continue
        number = row[0].strip()
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= CLASSES):
            problems.append(
                text(
                    "row {row}: risk_class is {number!r}, expected 1-{last}",
                    row=line,
                    number=number,
                    last=CLASSES,
                )
            )
            continue
        if not np.isnan(result[int(number) - 1, 0]):
            problems.append(text("row {row}: class {number} stands twice", row=line, number=number))
            continue
        rates = [_rate(cell) for cell in row[1:]]
        problems += [
            text(
                "row {row}, {kind}: {cell!r} is not a number of persons a worker-year from 0 to 1",
                row=line,
                kind=kind,
                cell=cell.strip(),
            )
            for kind, cell, rate in zip(KINDS, row[1:], rates, strict=True)
            if rate is None
        ]
        if None not in rates:
            result[int(number) - 1] = rates
            if result[int(number) - 1].sum() > 1.0:
                problems.append(text("row {row}: more than one claim a worker-year", row=line))
    if np.isnan(result).all() and not problems:
        problems.append(text("it has no rows"))
    if problems:
        raise NewClaimError("E4504", "{where}: {problems}", where=where, problems=joined(problems, "; "))
    return result


def _rate(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if 0.0 <= value <= 1.0 else None
