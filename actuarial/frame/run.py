"""Runs of the commands from Python: files in, a run folder with its reports out."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from actuarial.error import ActuarialError
from actuarial.frame.column import day_of, of_type
from actuarial.frame.portfolio import FindingsError
from actuarial.language import text
from actuarial.report.run import RefusedRun

COMMANDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "reserve": ("actuarial.report.reserve_run", "ReserveRequest", "run_reserve"),
        "simulate": ("actuarial.report.simulate_run", "SimulateRequest", "run_simulate"),
        "stress": ("actuarial.report.stress_run", "StressRequest", "run_stress"),
        "fit": ("actuarial.report.fit_run", "FitRequest", "run_fit"),
        "adequacy": ("actuarial.report.adequacy_run", "AdequacyRequest", "run_adequacy"),
        "rating": ("actuarial.report.rating_run", "RatingRequest", "run_rating"),
    }
)
"""Home, request and function of each command."""
PREMIUM = "premium"
OPTIONAL: Mapping[str, Any] = MappingProxyType({"choices": {}, "claims": None})
"""What a command line leaves empty and a request asks for."""


def write_run(command: str, folder: str | Path, **request: Any) -> dict[str, Any]:
    """Run a command on files and write its folder: ``run.json``, tables, ``report.html``, ``report.xlsx``.

    A run is evidence: it names its inputs by SHA-256, and ``actuarial verify`` repeats it. So it is made from
    files; save a frame with ``DataFrame.to_parquet`` or ``to_csv`` first.

    Parameters
    ----------
    command : str
        ``reserve``, ``simulate``, ``stress``, ``premium``, ``fit``, ``adequacy``, ``rating``.
    folder : str or Path
        Run folder to create.
    **request
        What the command asks for, by the names of its request (docs/api.md): for ``reserve`` ``portfolio``,
        ``valuation_date``, ``basis`` (a name or file), ``mapping``, ``with_report``, ``replace``. Paths and
        dates may be text.

    Returns
    -------
    dict
        The content of ``run.json``: amounts [KZT] as text with two decimals.

    Raises
    ------
    FindingsError
        E8602 the data have errors: the folder holds ``checks.xlsx`` and nothing else.
    ActuarialError
        E8001 the folder is taken; E8608 no such command, or a request it does not know; E8609 a value of
        another type; others as the command.

    Examples
    --------
    >>> import actuarial, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as place:
    ...     run = actuarial.write_run(
    ...         "reserve", pathlib.Path(place, "run"), portfolio="docs/example/one-worker.csv",
    ...         valuation_date="2026-01-01", basis="illustrative-2026", with_report=False,
    ...     )
    >>> run["totals"]["certified_reserve"]
    '377374.47'
    """
    if command == PREMIUM:
        outcome = _premium(Path(folder), request)
    elif command in COMMANDS:
        home, request_name, function = COMMANDS[command]
        module = importlib.import_module(home)
        kind = getattr(module, request_name)
        outcome = getattr(module, function)(_request(kind, command, Path(folder), request))
    else:
        known = ", ".join((*COMMANDS, PREMIUM))
        raise ActuarialError(
            "E8608",
            "no command {command} that writes a run; there are {known}",
            command=repr(command),
            known=known,
        )
    if isinstance(outcome, RefusedRun):
        raise FindingsError(outcome.findings)
    record: dict[str, Any] = outcome.record
    return record


def _request(kind: Any, command: str, folder: Path, given: Mapping[str, Any]) -> Any:
    """The request of a command, texts turned into paths and dates where its fields say so."""
    known = {field.name: str(field.type) for field in fields(kind)}
    values = {name: _value(name, known[name], value) for name, value in given.items() if name in known}
    for name in OPTIONAL.keys() & known.keys():
        values.setdefault(name, OPTIONAL[name])
    try:
        if len(values) < len(given.keys() | (OPTIONAL.keys() & known.keys())):
            raise TypeError
        return kind(**values, target=folder)
    except TypeError:
        raise _unknown(command, given, [name for name in known if name != "target"]) from None


def _unknown(command: str, given: Mapping[str, Any], known: list[str]) -> ActuarialError:
    return ActuarialError(
        "E8608",
        "{command} was given {given}: it takes {known}, and some of them always",
        command=command,
        given=", ".join(given) or "–",
        known=", ".join(known),
    )


def _value(name: str, kind: str, value: Any) -> Any:
    if kind.startswith("date"):
        return None if value is None and "None" in kind else day_of(value, name)
    if kind.startswith("Mapping[str, Path"):
        pairs = of_type(value, Mapping, name, text("paths by name"))
        return {key: _path(name, item) for key, item in pairs.items()}
    if kind.startswith("Path"):
        return None if value is None and "None" in kind else _path(name, value)
    if kind == "str":
        return str(of_type(value, (str, Path), name, text("a name or a path, as a run is made from files")))
    return value


def _path(name: str, value: Any) -> Path:
    return Path(
        of_type(value, (str, Path), name, text("a path: save a frame with to_parquet or to_csv first"))
    )


def _premium(folder: Path, given: Mapping[str, Any]) -> Any:
    from actuarial.report.premium_run import run_premium

    known = (
        "contracts",
        "choices",
        "mapping",
        "seriatim_format",
        "with_parts",
        "threads",
        "replace",
        "with_report",
        "company",
    )
    if "contracts" not in given or not set(given) <= set(known):
        raise _unknown(PREMIUM, given, list(known))
    rest = {name: value for name, value in given.items() if name != "contracts"}
    if rest.get("mapping") is not None:
        rest["mapping"] = Path(rest["mapping"])
    return run_premium(_path("contracts", given["contracts"]), folder, **rest)
