"""What a run was asked for, written into its record and read back to run it again.

A command that writes run folders puts ``"request": recorded(...)`` into its record and has a line in
`COMMANDS`.
"""

from __future__ import annotations

import importlib
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from actuarial.error import ActuarialError
from actuarial.report.finished_run import FinishedRunError, part_of, place_of

COMMANDS: Mapping[str, tuple[str, str, str | None]] = types.MappingProxyType(
    {
        "reserve": ("actuarial.report.reserve_run", "run_reserve", "ReserveRequest"),
        "simulate": ("actuarial.report.simulate_run", "run_simulate", "SimulateRequest"),
        "stress": ("actuarial.report.stress_run", "run_stress", "StressRequest"),
        "premium": ("actuarial.report.premium_run", "run_premium", None),
        "adequacy": ("actuarial.report.adequacy_run", "run_adequacy", "AdequacyRequest"),
        "rating": ("actuarial.report.rating_run", "run_rating", "RatingRequest"),
        "risk": ("actuarial.report.risk_run", "run_risk", None),
        "fit": ("actuarial.report.fit_run", "run_fit", "FitRequest"),
    }
)
"""Command → its module, its function, and the dataclass it takes; None = it takes the values by name."""
NOT_RECORDED = frozenset({"target", "threads", "replace", "announce"})
"""What does not decide the results."""


def recorded(request: Any) -> dict[str, Any]:
    """A request as plain values: a dataclass, or the arguments of a function by name."""
    given = vars_of(request) if is_dataclass(request) else dict(request)
    return {name: _plain(value) for name, value in given.items() if name not in NOT_RECORDED}


def vars_of(value: Any) -> dict[str, Any]:
    """Fields of a dataclass by name, not descending."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(inner) for name, inner in vars_of(value).items()}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, (Path, Decimal)) else value


def repeat(record: Mapping[str, Any], target: Path, inputs_from: Path | None = None) -> Any:
    """Run again what a record says, into another folder.

    Parameters
    ----------
    record : mapping
        The content of ``run.json``.
    target : Path
    inputs_from : Path, optional
        Folder in which the inputs lie now.

    Returns
    -------
    The command's finished run, or its refusal.

    Raises
    ------
    FinishedRunError
        E8307 a command that cannot be repeated; E8301 a record without its request.
    """
    command = record["command"]
    if command not in COMMANDS:
        raise FinishedRunError(
            "E8307",
            "a run of `{command}` cannot be recomputed; known: {commands}",
            command=command,
            commands=", ".join(COMMANDS),
        )
    place, function, request = COMMANDS[command]
    module = importlib.import_module(place)
    run = getattr(module, function)
    kind = getattr(module, request) if request else run
    try:
        values = _arguments(kind, part_of(record, "request", dict), inputs_from)
    except (TypeError, ArithmeticError, ValueError) as error:
        if isinstance(error, ActuarialError):
            raise
        raise FinishedRunError(
            "E8301",
            "the request in the record of the run is not one of `{command}`: {error}",
            command=command,
            error=error,
        ) from None
    values["target"] = target
    return run(kind(**values)) if request else run(**values)


def _arguments(kind: Any, values: Mapping[str, Any], inputs_from: Path | None) -> dict[str, Any]:
    """The values as what the parameters of a dataclass or function are."""
    hints = get_type_hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise FinishedRunError(
            "E8301",
            "the run was asked for {names}, which this version does not know; recompute it with the version "
            "that made it",
            names=", ".join(unknown),
        )
    return {name: _typed(hints[name], value, inputs_from) for name, value in values.items()}


def _typed(hint: Any, value: Any, inputs_from: Path | None) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if value is None:
        return None
    if origin in (Union, types.UnionType):
        return _typed(next(kind for kind in inner if kind is not type(None)), value, inputs_from)
    if origin is not None and isinstance(value, dict):
        return {key: _typed(inner[1], v, inputs_from) for key, v in value.items()}
    if origin is not None and isinstance(value, list):
        kinds: Sequence[Any] = [inner[0]] * len(value) if inner[-1] is Ellipsis or len(inner) == 1 else inner
        return origin(_typed(kind, v, inputs_from) for kind, v in zip(kinds, value, strict=True))
    if is_dataclass(hint) and isinstance(value, dict):
        return hint(**_arguments(hint, value, inputs_from))  # type: ignore[operator]
    if hint is Path:
        return _placed(value, inputs_from)
    if (
        hint is str
        and inputs_from is not None
        and isinstance(value, str)
        and place_of(value, inputs_from).is_file()
    ):
        return str(place_of(value, inputs_from))
    if hint is date:
        return date.fromisoformat(value)
    return Decimal(value) if hint is Decimal else value


def _placed(recorded: str, inputs_from: Path | None) -> Path:
    """Where a file or folder lies now; a folder that was moved may be the given one itself."""
    path = place_of(recorded, inputs_from)
    if inputs_from is not None and not path.suffix and not path.exists():
        return inputs_from
    return path
