"""The assumptions of an experience rating, read from one YAML file and checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actuarial.experience_rating.modification import RatingError
from actuarial.language import Text, joined, text
from actuarial.model_file import key_problem, value_problem, yaml_fault
from actuarial.money import exact_tiyn
from actuarial.plain_table import PlainTableError, plain_rows, shown_row

Year = Annotated[int, Field(ge=2008, le=2200)]
TABLE_COLUMNS = ("risk_class", "expected_loss_percent")
SHARE_COLUMN = "primary_share_percent"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class ExpectedLosses(_Part):
    """Where expected losses come from: the law's tariff, the book's own classes, or a table of the user."""

    choice: Literal["tariff", "class", "table"]
    table: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> ExpectedLosses:
        if (self.choice == "table") != (self.table is not None):
            raise ValueError("table belongs to choice table, and only to it")
        return self


class CredibilityChoice(_Part):
    """How far own experience is believed: estimated from the book, or by constants, or by ballast."""

    choice: Literal["book", "constants", "ballast"]
    primary: float | None = Field(default=None, ge=0)
    excess: float | None = Field(default=None, ge=0)
    ballast: float | None = Field(default=None, ge=0)
    weight: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _complete(self) -> CredibilityChoice:
        keys = {"book": (), "constants": ("primary", "excess"), "ballast": ("ballast", "weight")}
        needed = keys[self.choice]
        given = tuple(n for n in ("primary", "excess", "ballast", "weight") if getattr(self, n) is not None)
        if given != needed:
            wanted = text("nothing else")
            if needed:
                wanted = text("{one} and {other}", one=needed[0], other=needed[1])
            raise ValueError(
                text(
                    "choice {choice} takes {wanted}; found {given}",
                    choice=self.choice,
                    wanted=wanted,
                    given=", ".join(given) or text("nothing"),
                )
            )
        return self


class Bounds(_Part):
    """Bounds of the modification; none where null."""

    smallest: float | None = Field(default=None, gt=0)
    largest: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Bounds:
        if self.smallest is not None and self.largest is not None and self.smallest > self.largest:
            raise ValueError("smallest must not be above largest")
        return self


class RatingAssumptions(_Part):
    """Keys of the file; see docs/rating.md."""

    name: str = Field(min_length=1)
    note: str = ""
    experience_years: int = Field(ge=1, le=10)
    test_years: list[Year] = Field(min_length=1)
    valuation_date: date
    split_point: int = Field(gt=0)
    claim_limit: int | None = Field(default=None, gt=0)
    expected_losses: ExpectedLosses
    credibility: CredibilityChoice
    modification: Bounds = Bounds()

    @field_validator("test_years")
    @classmethod
    def _rising(cls, years: list[int]) -> list[int]:
        if years != sorted(set(years)):
            raise ValueError("years must rise, each once")
        return years

    @model_validator(mode="after")
    def _consistent(self) -> RatingAssumptions:
        if self.claim_limit is not None and self.claim_limit < self.split_point:
            raise ValueError("claim_limit must not be below split_point")
        if self.valuation_date <= date(self.test_years[-1], 1, 1):
            raise ValueError("valuation_date must be inside or after the last of test_years")
        return self


@dataclass(frozen=True)
class RatingBasis:
    """Assumptions with the files they name.

    Attributes
    ----------
    assumptions : RatingAssumptions
    expected_rate, primary_share : dict of int to Decimal [1]
        By class, of the user's table; empty for other choices, shares empty where the table has none.
    sources : dict of str to str
        SHA-256 of each file read.
    """

    assumptions: RatingAssumptions
    expected_rate: dict[int, Decimal]
    primary_share: dict[int, Decimal]
    sources: dict[str, str]

    @property
    def split_point(self) -> int:
        """[tiyn]."""
        return exact_tiyn(Decimal(self.assumptions.split_point))

    @property
    def claim_limit(self) -> int | None:
        """[tiyn]."""
        limit = self.assumptions.claim_limit
        return None if limit is None else exact_tiyn(Decimal(limit))

    def resolved(self) -> dict[str, Any]:
        """Plain values for the record of a run."""
        table = {str(c): str(rate) for c, rate in self.expected_rate.items()}
        return self.assumptions.model_dump(mode="json") | {
            "expected_rate": table,
            "primary_share": {str(c): str(share) for c, share in self.primary_share.items()},
            "files": self.sources,
        }


def load_rating_assumptions(path: Path) -> RatingBasis:
    """Read the assumptions of an experience rating.

    Raises
    ------
    RatingError
        E4812 no such file or not YAML; E4813 keys or values; E4814 the table of expected losses.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
        raw = YAML(typ="safe", pure=True).load(data.decode("utf-8-sig"))
    except OSError as error:
        raise RatingError(
            "E4812", "assumptions {path}: cannot be read: {strerror}", path=path, strerror=error.strerror
        ) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise RatingError(
            "E4812", "assumptions {path}: not readable YAML: {fault}", path=path, fault=yaml_fault(error)
        ) from None
    if not isinstance(raw, dict):
        raise RatingError(
            "E4812", "assumptions {path}: expected keys such as split_point, found no pairs", path=path
        )
    try:
        assumptions = RatingAssumptions.model_validate(raw)
    except ValidationError as error:
        raise RatingError(
            "E4813", "assumptions {path}: {problems}", path=path, problems=joined(_problems(error), "; ")
        ) from None
    sources = {path.name: hashlib.sha256(data).hexdigest()}
    rates: dict[int, Decimal] = {}
    shares: dict[int, Decimal] = {}
    if assumptions.expected_losses.table is not None:
        table = path.parent / assumptions.expected_losses.table
        rates, shares = _expected_table(table)
        sources[assumptions.expected_losses.table] = hashlib.sha256(table.read_bytes()).hexdigest()
    return RatingBasis(assumptions, rates, shares, sources)


def _expected_table(path: Path) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """Expected losses by class, percent of payroll, and if given the primary share."""
    try:
        rows = plain_rows(path)
    except PlainTableError as error:
        raise RatingError(
            "E4814", "expected_losses.table {path}: cannot be read: {error}", path=path, error=error
        ) from None
    header = tuple(rows[0][1]) if rows else ()
    if header not in (TABLE_COLUMNS, (*TABLE_COLUMNS, SHARE_COLUMN)):
        raise RatingError(
            "E4814",
            "expected_losses.table {path}: the header must be {table_columns}[,{share_column}], found "
            "{found}",
            path=path,
            table_columns=",".join(TABLE_COLUMNS),
            share_column=SHARE_COLUMN,
            found=shown_row(list(header)) if header else text("nothing"),
        )
    found: tuple[dict[int, Decimal], dict[int, Decimal]] = ({}, {})
    for number, row in rows[1:]:
        try:
            risk_class, shares = int(row[0]), [Decimal(cell) / 100 for cell in row[1:]]
            good = len(row) == len(header) and all(0 <= share <= 1 for share in shares) and shares[0] > 0
        except (ValueError, IndexError, InvalidOperation):
            risk_class, shares, good = 0, [], False
        if not good or risk_class in found[0]:
            raise RatingError(
                "E4814",
                "expected_losses.table {path} line {number}: {row}; give each class once with percents of "
                "0-100, expected losses above 0",
                path=path,
                number=number,
                row=shown_row(row),
            )
        for column, value in zip(found, shares, strict=False):
            column[risk_class] = value
    return found


def _problems(error: ValidationError) -> list[Text]:
    """Each problem with its key; an unknown key with the nearest known one."""
    models: list[type[BaseModel]] = [RatingAssumptions, ExpectedLosses, CredibilityChoice, Bounds]
    known = sorted({key for model in models for key in model.model_fields})
    found = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if about_key := key_problem(problem, known):
            found.append(about_key)
            continue
        fault = value_problem(problem)
        if key:
            fault = text("{key}: {problem}", key=key, problem=fault)
        found.append(text("{problem}, found {value!r}", problem=fault, value=problem["input"]))
    return found
