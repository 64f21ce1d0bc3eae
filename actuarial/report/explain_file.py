"""An explanation as a file: CSV with every payment unrounded, or the workbook with formulas."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from actuarial.explained_measure import STATES
from actuarial.language import text
from actuarial.report.explain_run import ExplainedClaim
from actuarial.report.explain_text import measures
from actuarial.report.run_folder import OutputError

SUFFIXES = (".csv", ".xlsx")
HEADINGS = (
    "measure", "payment", "date", "year", "age_months", "part", "index", "years", "yield", "discount",
    *(f"probability_{state}" for state in STATES), *(f"amount_{state}" for state in STATES),
    "expected_payment", "covered", "paid", "present_value", "cumulative", "recovery", "probability_paid",
)  # fmt: skip


def refuse_target(path: Path, suffixes: tuple[str, ...], *, replace: bool) -> None:
    """Refuse a file that cannot or must not be written.

    Raises
    ------
    OutputError
        E8003 another suffix or no such folder; E8004 the file exists.
    """
    if path.suffix.lower() not in suffixes:
        raise OutputError(
            "E8003",
            "output {path}: the name must end in {suffixes}; it chooses the format",
            path=path,
            suffixes=reduce(lambda one, other: text("{one} or {other}", one=one, other=other), suffixes),
        )
    if not path.parent.is_dir():
        raise OutputError(
            "E8003",
            "output {path}: there is no folder {folder}; create it first",
            path=path,
            folder=path.parent,
        )
    if path.is_dir() or (path.exists() and not replace):
        raise OutputError(
            "E8004",
            "output {path}: it exists; choose another name, or say --force to replace a file",
            path=path,
        )


def write_whole(path: Path, write: Callable[[Path], object], *, replace: bool) -> Path:
    """Write a file beside its place and move it there when it is whole.

    Raises
    ------
    OutputError
        E8004 it came to exist meanwhile.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        write(beside)
        # mkstemp makes private files; a report is read by colleagues, as any new file is
        mask = os.umask(0)
        os.umask(mask)
        beside.chmod(0o666 & ~mask)
        refuse_target(path, (path.suffix.lower(),), replace=replace)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def write_explanation_file(path: Path, claim: ExplainedClaim, *, replace: bool) -> Path:
    """Write the explanation in the format of the name's suffix.

    Raises
    ------
    OutputError
        E8003, E8004.
    """
    refuse_target(path, SUFFIXES, replace=replace)
    if path.suffix.lower() == ".csv":
        return write_whole(path, lambda beside: _write_csv(beside, claim), replace=replace)
    from actuarial.report.explain_workbook import write_explanation

    return write_whole(path, lambda beside: write_explanation(beside, claim), replace=replace)


def _write_csv(path: Path, claim: ExplainedClaim) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows(_rows(claim))


def _rows(claim: ExplainedClaim) -> Iterator[list[Any]]:
    """One row a payment and measure; every number with all its digits."""
    e = claim.explanation
    for name, m in measures(e):
        cumulative = np.cumsum(m.present_value)
        for k in range(len(m)):
            amounts = e.amount * e.index[k] * m.part[k]
            numbers = (
                m.part[k], e.index[k], e.years[k], e.spot_rate[k], e.discount[k], *m.occupancy[:, k],
                *amounts, m.payment[k], m.covered[k], m.paid[k], m.present_value[k], cumulative[k],
                m.recovery[k], m.made[k],
            )  # fmt: skip
            when = e.dates[k]
            yield [name, k, when.isoformat(), when.year, int(e.age[k]), *(repr(float(x)) for x in numbers)]
