"""A finished run verified: inputs and outputs by their digests, results by computing them again."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actuarial import __version__
from actuarial.language import Text, counted, text
from actuarial.portfolio.finding import masked
from actuarial.report.finished_run import inputs_of, part_of, read_run, sha256_of
from actuarial.report.repeat import COMMANDS, repeat
from actuarial.report.run import RefusedRun
from actuarial.report.run_folder import SCHEMA_VERSION

FREE = frozenset({"seconds", "threads", "python", "engine_version", "inputs", "outputs", "request"})
"""Parts of a record that may differ between two runs of the same, or are compared by themselves."""
REPORTS = frozenset({"report.html", "report.xlsx"})
PARTS = {
    "input": text("input"),
    "output": text("output"),
    "record": text("record"),
    "result": text("result"),
}
MOST_NAMED = 20
RECOMPUTATION = text("recomputation")


@dataclass(frozen=True)
class Difference:
    """Something that is not what the run says.

    Attributes
    ----------
    part : {'input', 'output', 'record', 'result'}
    what : str
        File, or place in the record.
    detail : Text
    """

    part: str
    what: str
    detail: Text

    @property
    def message(self) -> Text:
        """One line."""
        return text("{part} {what}: {detail}", part=PARTS[self.part], what=self.what, detail=self.detail)

    def __str__(self) -> str:
        """One line, in English."""
        return str(self.message)


@dataclass
class Verification:
    """What a verification found.

    Attributes
    ----------
    folder : Path
    record : dict
    n_inputs, n_outputs : int
        Files compared with their digests.
    is_recomputed : bool
    n_files : int
        Files of the new run that are the same, byte for byte.
    seconds : float
        Of the recomputation.
    differences : list of Difference
    notes : list of Text
        What differs without making the results others.
    """

    folder: Path
    record: dict[str, Any]
    n_inputs: int = 0
    n_outputs: int = 0
    is_recomputed: bool = False
    n_files: int = 0
    seconds: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    @property
    def is_verified(self) -> bool:
        """Whether everything is as the run says."""
        return self.is_recomputed and not self.differences

    def add(self, part: str, what: str, detail: Text) -> None:
        """Add a difference."""
        self.differences.append(Difference(part, what, detail))

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "command": "verify",
            "run": str(self.folder),
            "run_command": self.record["command"],
            "engine_version": {"run": self.record.get("engine_version"), "now": __version__},
            "verified": self.is_verified,
            "recomputed": self.is_recomputed,
            "inputs": self.n_inputs,
            "outputs": self.n_outputs,
            "same_files": self.n_files,
            "differences": [{"part": d.part, "what": d.what, "detail": d.detail} for d in self.differences],
            "notes": self.notes,
        }


def run_verify(
    folder: Path, *, inputs_from: Path | None = None, announce: Callable[[str], None] = lambda step: None
) -> Verification:
    """Verify a finished run.

    Parameters
    ----------
    folder : Path
        A run folder of any command of `actuarial.report.repeat.COMMANDS`.
    inputs_from : Path, optional
        Folder in which its inputs lie now.
    announce : callable
        Told each step as it begins.

    Raises
    ------
    FinishedRunError
        E8301 no finished run; E8307 of a command that cannot be recomputed.
    """
    record = read_run(folder)
    found = Verification(folder, record)
    announce(text("comparing digests"))
    _outputs(found)
    if record["command"] in COMMANDS:
        part_of(record, "request", dict)
    for source in inputs_of(record, inputs_from):
        found.n_inputs += 1
        if source.state != "same":
            found.add("input", str(source.path), source.verdict)
    _versions(found)
    if any(difference.part == "input" for difference in found.differences):
        found.notes.append(text("not recomputed: the inputs are not those of the run"))
        return found
    announce(text("recomputing"))
    with tempfile.TemporaryDirectory() as place:
        _recompute(found, Path(place) / "run", inputs_from)
    return found


def _outputs(found: Verification) -> None:
    """Compare the files of the folder with the digests of the record."""
    for name, digest in part_of(found.record, "outputs", dict).items():
        path = found.folder / name
        if Path(name).name != name:
            found.add("record", "outputs", text("{name!r} is no name of a file of the folder", name=name))
        elif not path.is_file():
            found.add("output", name, text("not there"))
        else:
            found.n_outputs += 1
            if sha256_of(path) != digest:
                found.add("output", name, text("changed since the run"))


def _versions(found: Verification) -> None:
    then = found.record.get("engine_version")
    if then != __version__:
        found.notes.append(
            text("the run was made by version {then}, this is {now}", then=then, now=__version__)
        )


def _recompute(found: Verification, target: Path, inputs_from: Path | None) -> None:
    """Run it again and compare the record and every file."""
    since = time.perf_counter()
    try:
        run = repeat(found.record, target, inputs_from)
    except (ValueError, LookupError) as error:
        code = getattr(error, "code", None)
        if code is None or str(code) in ("E8301", "E8307"):
            raise
        found.add("result", RECOMPUTATION, text("refused, {code}: {error}", code=code, error=error))
        return
    found.seconds = time.perf_counter() - since
    if isinstance(run, RefusedRun):
        codes = ", ".join(f"{code} ×{count}" for code, count in run.findings.codes().items())
        found.add("result", RECOMPUTATION, text("the data have findings now: {codes}", codes=codes))
        return
    found.is_recomputed = True
    now = json.loads((target / "run.json").read_text(encoding="utf-8"))
    differing = list(_differing("", _comparable(found.record), _comparable(now)))
    for where, then, new in differing[:MOST_NAMED]:
        found.add("record", where, text("{then} in the run, {now} now", then=_shown(then), now=_shown(new)))
    if len(differing) > MOST_NAMED:
        more = counted("{n} other values differ", "{n} other values differ", n=len(differing) - MOST_NAMED)
        found.add("record", text("more"), more)
    then, shipped = _shipped(found.record), _shipped(now)
    for name in sorted(then):
        if shipped.get(name) != then[name]:
            found.add("input", name, text("comes with the program and is not that of the run"))
    _files(found, target, now["outputs"], is_moved=inputs_from is not None)


def _comparable(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record without what may differ; files of the basis by their digests alone."""
    kept = {key: value for key, value in record.items() if key not in FREE}
    basis = kept.get("basis")
    if isinstance(basis, dict):
        sources = basis.get("sources")
        digests = sorted(sources.values()) if isinstance(sources, dict) else sources
        kept["basis"] = {k: v for k, v in basis.items() if k != "asked"} | {"sources": digests}
    return kept


def _shipped(record: Mapping[str, Any]) -> dict[str, str]:
    """Digests of the inputs that come with the program."""
    names = record.get("presets") or ()
    return {source["path"]: source["sha256"] for source in record["inputs"] if source["path"] in names}


_ABSENT = object()
_AMOUNT = re.compile(r"-?[0-9]+\.[0-9]{2}")


def _differing(where: str, then: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """Places at which two records differ, with both values."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*then, *now)):
            inner = f"{where}.{key}" if where else str(key)
            yield from _differing(inner, then.get(key, _ABSENT), now.get(key, _ABSENT))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for position, (a, b) in enumerate(zip(then, now, strict=True)):
            yield from _differing(f"{where}[{position}]", a, b)
    elif then != now:
        yield where, then, now


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return text("nothing")
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return written if _AMOUNT.fullmatch(written) else masked(written)


def _files(found: Verification, target: Path, now: Mapping[str, str], *, is_moved: bool) -> None:
    """Compare the new files with the digests of the run."""
    then = found.record["outputs"]
    broken = {d.what for d in found.differences if d.part == "output"}
    for name in dict.fromkeys((*then, *now)):
        if name not in now or name not in then:
            found.add(
                "result",
                name,
                text("written by the run only")
                if name in then
                else text("written by the recomputation only"),
            )
        elif now[name] == then[name]:
            found.n_files += 1
        elif name in REPORTS and is_moved:
            found.notes.append(
                text("{name} not compared: it names the folder in which the inputs lay", name=name)
            )
        elif name in REPORTS:
            found.add(
                "result", name, text("drawn otherwise: by other versions of libraries, or it was changed")
            )
        elif name in broken:
            found.add("result", name, text("other bytes; the file of the run is not there to compare with"))
        else:
            detail = _content(found.folder / name, target / name)
            if detail:
                found.add("result", name, detail)
            else:
                found.notes.append(
                    text(
                        "{name}: the same content in other bytes, of another version of a library", name=name
                    )
                )


def _content(then: Path, now: Path) -> Text | None:
    """How two tables or texts differ; None where only their bytes do."""
    if then.suffix == ".parquet":
        import pyarrow.parquet as pq

        one, other = pq.read_table(then), pq.read_table(now)
        if one.equals(other):
            return None
        if one.column_names != other.column_names or one.num_rows != other.num_rows:
            return text(
                "{rows} rows × {columns} columns, now {rows_now} × {columns_now}",
                rows=one.num_rows,
                columns=one.num_columns,
                rows_now=other.num_rows,
                columns_now=other.num_columns,
            )
        columns = [name for name in one.column_names if not one[name].equals(other[name])]
        rows = {
            i
            for name in columns
            for i, (a, b) in enumerate(zip(one[name].to_pylist(), other[name].to_pylist(), strict=True))
            if a != b
        }
        return text(
            "{n} of {all} rows differ, first row {first}; in {columns}",
            n=len(rows),
            all=one.num_rows,
            first=min(rows) + 1,
            columns=", ".join(columns),
        )
    lines = [path.read_text(encoding="utf-8").splitlines() for path in (then, now)]
    if lines[0] == lines[1]:
        return None
    pairs = list(zip(*lines, strict=False))
    first = next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
    count = sum(a != b for a, b in pairs) + abs(len(lines[0]) - len(lines[1]))
    return counted(
        "{n} lines differ, the first is line {first}",
        "{n} lines differ, the first is line {first}",
        n=count,
        first=first + 1,
    )
