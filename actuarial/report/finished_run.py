"""A finished run read back: its record, where its inputs lie now, and whether they are the same.

What a later command says about a run (an explanation, a verification) starts here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from actuarial.basis import Basis, basis_names, load_basis
from actuarial.error import ActuarialError, BasisError
from actuarial.language import Text, joined, text

RECORD = "run.json"
STREAM = "<stdin>"
"""How a run names what came through standard input."""
STREAMED = text("came through standard input, which no run keeps; make the run again on a file")
STATES = {
    "same": text("the same"),
    "changed": text("changed since the run"),
    "missing": text("not there"),
}
_READ_AT_ONCE = 1 << 20


class FinishedRunError(ActuarialError):
    """A run that cannot be read back, or whose inputs are not what they were (E83xx)."""


@dataclass(frozen=True)
class Input:
    """One file that a run read, now.

    Attributes
    ----------
    recorded : str
        Path as the run wrote it.
    path : Path
        Where it was looked for.
    sha256, format : str
        Of the run.
    state : {'same', 'changed', 'missing'}
    """

    recorded: str
    path: Path
    sha256: str
    format: str
    state: Literal["same", "changed", "missing"]

    @property
    def verdict(self) -> Text:
        """What is the matter with it."""
        return STREAMED if self.recorded == STREAM else STATES[self.state]

    @property
    def message(self) -> Text:
        """The file and what is the matter with it."""
        return text("{path}: {verdict}", path=self.path, verdict=self.verdict)


def read_run(folder: Path) -> dict[str, Any]:
    """The record of a run, the content of ``run.json``.

    Raises
    ------
    FinishedRunError
        E8301.
    """
    path = folder / RECORD
    if not path.is_file():
        what = text("it holds no {file}", file=RECORD) if folder.exists() else text("no such folder")
        raise FinishedRunError(
            "E8301", "{folder} is no finished run: {what}; name the folder of a run", folder=folder, what=what
        )
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("command"), str):
        raise FinishedRunError(
            "E8301", "{path}: not a record of a run (JSON with its command); the file was changed", path=path
        )
    return record


def part_of(record: Mapping[str, Any], key: str, kind: type) -> Any:
    """A part of the record of the kind it must have.

    Raises
    ------
    FinishedRunError
        E8301.
    """
    value = record.get(key)
    if not isinstance(value, kind):
        raise FinishedRunError(
            "E8301",
            "the record of the run has no {key!r}, or not of its kind: {file} was changed, or written by "
            "another version",
            key=key,
            file=RECORD,
        )
    return value


def date_of(record: Mapping[str, Any], key: str) -> date:
    """A date of the record.

    Raises
    ------
    FinishedRunError
        E8301.
    """
    found = part_of(record, key, str)
    try:
        return date.fromisoformat(found)
    except ValueError:
        raise FinishedRunError(
            "E8301",
            "the record of the run has {found!r} for {key}, no date; {file} was changed",
            found=found,
            key=key,
            file=RECORD,
        ) from None


def inputs_of(record: Mapping[str, Any], inputs_from: Path | None) -> list[Input]:
    """The files a run read, each once, compared with what lies there now.

    What comes with the program (``presets`` of the record) is no file of the user and is left out.

    Parameters
    ----------
    record : mapping
    inputs_from : Path, optional
        Folder in which the inputs lie now; default where the run read them.
    """
    found: dict[str, Input] = {}
    shipped = record.get("presets") or ()
    for source in part_of(record, "inputs", list):
        if not isinstance(source, dict) or not source.get("path") or source["path"] in shipped:
            continue
        recorded, sha256, kind = (str(source.get(key, "")) for key in ("path", "sha256", "format"))
        path = place_of(recorded, inputs_from)
        found[recorded] = Input(recorded, path, sha256, kind, _state(path, sha256))
    return list(found.values())


def place_of(recorded: str, inputs_from: Path | None) -> Path:
    """Where a file of a run lies now: in the given folder by its recorded path, or by its name alone."""
    path = Path(recorded)
    if inputs_from is None:
        return path
    below = inputs_from / path
    return below if below.exists() and not path.is_absolute() else inputs_from / path.name


def _state(path: Path, sha256: str) -> Literal["same", "changed", "missing"]:
    if not path.is_file():
        return "missing"
    return "same" if sha256_of(path) == sha256 else "changed"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_READ_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()


def refuse_changed_inputs(inputs: list[Input]) -> None:
    """Refuse to go on where an input is not the run's.

    Raises
    ------
    FinishedRunError
        E8303.
    """
    wrong = [source.message for source in inputs if source.state != "same"]
    if wrong:
        raise FinishedRunError(
            "E8303",
            "the run read other files: {files}. Put them back, say with --inputs-from in which folder they "
            "lie now, or make a new run",
            files=joined(wrong, "; "),
        )


def basis_of(record: Mapping[str, Any], inputs_from: Path | None) -> Basis:
    """The basis of a run, loaded again.

    Raises
    ------
    FinishedRunError
        E8305 where it is not there, or no longer says what the run used.
    """
    kept = dict(part_of(record, "basis", dict))
    asked = str(kept.pop("asked", ""))
    placed = place_of(asked, inputs_from)
    name = str(placed) if asked not in basis_names() and placed.is_file() else asked
    try:
        basis = load_basis(name)
    except BasisError as error:
        raise FinishedRunError(
            "E8305", "the basis of the run, {asked!r}: {error}", asked=asked, error=error
        ) from None
    now = json.loads(json.dumps(basis.resolved()))
    digests = [sorted((value.pop("sources", None) or {}).values()) for value in (kept, now)]
    differing = sorted(key for key in {*kept, *now} if kept.get(key) != now.get(key))
    if differing or digests[0] != digests[1]:
        where = ", ".join(differing) or text("its comments or layout, or a file it names")
        raise FinishedRunError(
            "E8305",
            "the basis {asked!r} is not the one of the run: it differs in {where}. Put the file of the run "
            "back, or make a new run",
            asked=asked,
            where=where,
        )
    return basis
