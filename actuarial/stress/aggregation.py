"""Losses of several risks as one: square root of the sum with a correlation matrix, in one level or two.

``L = √(xᵀ R x)`` over the risks of a module, then over the modules, x the loss of each risk, never below 0.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from io import StringIO
from math import fsum, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from actuarial.language import Text, digits, joined, text
from actuarial.stress.error import StressError
from actuarial.stress.scenario import RISKS, problems, yaml_content

Float = NDArray[np.float64]
DEFAULT = "default"
ALL = text("all")
"""Name of the one module of a flat matrix."""
MODULE_NAMES: Mapping[str, Text] = {"life": text("life"), "market": text("market")}
"""Modules of the shipped structure."""
_SHIPPED = "correlation.yaml"
_SYMMETRY = 1e-12
_LEAST_EIGENVALUE = -1e-9


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class _Module(_Part):
    risks: list[str] = Field(min_length=1)
    matrix: list[list[float]] = Field(min_length=1)


class _File(_Part):
    source: str = Field(min_length=1)
    modules: dict[str, _Module] = Field(min_length=1)
    matrix: list[list[float]] | None = None


@dataclass(frozen=True)
class Module:
    """Risks that are aggregated with each other first.

    Attributes
    ----------
    name : str
    risks : tuple of str
        Of `scenario.RISKS`.
    matrix : float64 (r, r) [1]
    """

    name: str
    risks: tuple[str, ...]
    matrix: Float


@dataclass(frozen=True)
class Correlation:
    """A checked correlation structure.

    Attributes
    ----------
    source : str
        Where the figures come from, as the file says; a message where it is shipped.
    modules : tuple of Module
    matrix : float64 (m, m) [1]
        Between modules.
    name : str
        Shipped name or file.
    """

    source: str
    modules: tuple[Module, ...]
    matrix: Float
    name: str

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "source": self.source,
            "modules": {m.name: {"risks": list(m.risks), "matrix": m.matrix.tolist()} for m in self.modules},
            "matrix": self.matrix.tolist(),
        }


@dataclass(frozen=True)
class Aggregate:
    """One loss of many.

    Attributes
    ----------
    losses : dict of str to int [tiyn]
        By risk, not below 0; risks without a scenario are left out.
    modules : dict of str to float [tiyn]
    total : float [tiyn]
        Not rounded.
    """

    losses: dict[str, int]
    modules: dict[str, float]
    total: float

    @property
    def undiversified(self) -> int:
        """Sum of the losses [tiyn]."""
        return sum(self.losses.values())


def aggregated(losses: Mapping[str, int], correlation: Correlation) -> Aggregate:
    """Aggregate the losses of risks [tiyn]; a gain counts as no loss."""
    floored = {risk: max(int(loss), 0) for risk, loss in losses.items()}
    modules = {
        module.name: root([floored.get(risk, 0) for risk in module.risks], module.matrix)
        for module in correlation.modules
    }
    return Aggregate(floored, modules, root(list(modules.values()), correlation.matrix))


def root(amounts: list[int] | list[float], matrix: Float) -> float:
    """Square root of ``xᵀ R x``; 0 where rounding would leave less."""
    terms = [
        float(a) * float(b) * float(matrix[i, j])
        for i, a in enumerate(amounts)
        for j, b in enumerate(amounts)
    ]
    return sqrt(max(fsum(terms), 0.0))


def load_correlation(name: str) -> Correlation:
    """Read the shipped structure (``default``), a YAML file, or one flat matrix from a CSV file.

    Raises
    ------
    StressError
        E4602 not readable; E4607 wrong keys, an unknown risk, or a matrix that is not symmetric, has no unit
        diagonal, or is not positive semidefinite: nothing is repaired.
    """
    if name == DEFAULT:
        data = (resources.files("actuarial") / "stress" / _SHIPPED).read_bytes()
        return _structure(data, DEFAULT)
    path = Path(name)
    if not path.is_file():
        raise StressError(
            "E4607",
            "correlation {name}: no such file; give a YAML or CSV file, or {default}",
            name=name,
            default=DEFAULT,
        )
    data = path.read_bytes()
    return _flat(data, name) if path.suffix.lower() == ".csv" else _structure(data, name)


def _structure(data: bytes, name: str) -> Correlation:
    raw, node = yaml_content(data, text("correlation {name}", name=name))
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        keys = [key for model in (_File, _Module) for key in model.model_fields]
        found = joined(problems(error, node, keys), "; ")
        raise StressError("E4607", "correlation {name}: {problems}", name=name, problems=found) from None
    is_shipped = name == DEFAULT
    modules = tuple(
        Module(
            MODULE_NAMES[title] if is_shipped else title,
            tuple(part.risks),
            _checked(part.matrix, part.risks, text("{name}, module {title}", name=name, title=title)),
        )
        for title, part in file.modules.items()
    )
    titles = [module.name for module in modules]
    if file.matrix is None and len(titles) > 1:
        raise StressError(
            "E4607",
            "correlation {name}: give the matrix between {titles}",
            name=name,
            titles=", ".join(titles),
        )
    where = text("{name}, between modules", name=name)
    between = _checked(file.matrix or [[1.0]], titles, where)
    source = text(file.source) if is_shipped else file.source
    return _known(Correlation(source, modules, between, name))


def _flat(data: bytes, name: str) -> Correlation:
    """One module from a CSV file: a header with the risks, then a row of numbers for each."""
    try:
        rows = [row for row in csv.reader(StringIO(data.decode("utf-8-sig"))) if any(map(str.strip, row))]
    except UnicodeDecodeError as error:
        raise StressError(
            "E4602", "correlation {name}: not UTF-8 text ({reason})", name=name, reason=error.reason
        ) from None
    if not rows:
        raise StressError(
            "E4607", "correlation {name}: the file is empty; its first row names the risks", name=name
        )
    risks = [cell.strip() for cell in rows[0]]
    matrix: list[list[float]] = []
    for number, row in enumerate(rows[1:], start=2):
        try:
            matrix.append([float(cell) for cell in row])
        except ValueError:
            raise StressError(
                "E4607",
                "correlation {name}: row {number} has {cells!r}; give numbers only",
                name=name,
                number=number,
                cells=",".join(row),
            ) from None
    checked = _checked(matrix, risks, name)
    source = text("file {name}", name=name)
    return _known(Correlation(source, (Module(ALL, tuple(risks), checked),), np.ones((1, 1)), name))


def _known(correlation: Correlation) -> Correlation:
    found = [risk for module in correlation.modules for risk in module.risks]
    unknown = [risk for risk in found if risk not in RISKS]
    if unknown:
        raise StressError(
            "E4607",
            "correlation {name}: no risk {unknown}; the risks are {known}",
            name=correlation.name,
            unknown=", ".join(unknown),
            known=", ".join(RISKS),
        )
    double = sorted({risk for risk in found if found.count(risk) > 1})
    if double:
        raise StressError(
            "E4607",
            "correlation {name}: {double} stands twice",
            name=correlation.name,
            double=", ".join(double),
        )
    return correlation


def _checked(rows: list[list[float]], names: list[str], where: str) -> Float:
    """The matrix, or what is wrong with it."""
    n = len(names)
    if len(rows) != n or any(len(row) != n for row in rows):
        raise StressError(
            "E4607",
            "correlation {where}: {rows} rows of {widths} numbers; {n} names need {n} rows of {n}",
            where=where,
            rows=len(rows),
            widths=", ".join(str(len(row)) for row in rows) or text("no"),
            n=n,
        )
    matrix = np.array(rows, dtype=np.float64).reshape(n, n)
    if not np.isfinite(matrix).all() or (np.abs(matrix) > 1).any():
        i, j = np.argwhere(~(np.abs(matrix) <= 1))[0]
        raise StressError(
            "E4607",
            "correlation {where}: {one} and {other}: {found} is not between -1 and 1",
            where=where,
            one=names[i],
            other=names[j],
            found=digits(matrix[i, j], "g"),
        )
    if (np.diag(matrix) != 1).any():
        i = int(np.argmax(np.diag(matrix) != 1))
        raise StressError(
            "E4607",
            "correlation {where}: {name} with itself is {found}, not 1",
            where=where,
            name=names[i],
            found=digits(matrix[i, i], "g"),
        )
    gap = np.abs(matrix - matrix.T)
    if (gap > _SYMMETRY).any():
        i, j = np.unravel_index(int(np.argmax(gap)), gap.shape)
        raise StressError(
            "E4607",
            "correlation {where}: not symmetric: {one} with {other} is {found}, the other way round {back}",
            where=where,
            one=names[i],
            other=names[j],
            found=digits(matrix[i, j], "g"),
            back=digits(matrix[j, i], "g"),
        )
    least = float(np.linalg.eigvalsh(matrix).min())
    if least < _LEAST_EIGENVALUE:
        raise StressError(
            "E4607",
            "correlation {where}: not positive semidefinite, its least eigenvalue is {least}: no losses can "
            "be correlated so; change the figures (nothing is repaired here)",
            where=where,
            least=digits(least, ".6g"),
        )
    return matrix
