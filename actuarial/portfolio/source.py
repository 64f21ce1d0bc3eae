"""What every kind of file becomes: a table with a header, cells parsed into exact columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from actuarial.error import ActuarialError
from actuarial.language import Text, text
from actuarial.portfolio.cell import CellParser, Problems
from actuarial.portfolio.finding import Findings

Int64 = NDArray[np.int64]


class PortfolioFileError(ActuarialError):
    """A portfolio that cannot be opened at all (E1001, E1002)."""


def unreadable(error: OSError, path: Path) -> PortfolioFileError:
    """The error of a file that the system does not let us read (E1002)."""
    return PortfolioFileError(
        "E1002",
        "{path}: cannot be read: {reason}; check who may read it",
        path=error.filename or path,
        reason=error.strerror,
    )


def strange_suffix(suffix: str) -> Text:
    """What is wrong with a file whose name ends as none that is read."""
    return text("the name ends in {suffix}", suffix=suffix) if suffix else text("the name ends in nothing")


@dataclass(frozen=True)
class Source:
    """One file that was read.

    Attributes
    ----------
    path, sha256, format : str
        ``format`` is csv, xlsx, parquet or frame.
    size : int [bytes]
    table : str
        Sheet name in a workbook, otherwise empty.
    encoding, delimiter : str
        Of text files, otherwise empty.
    """

    path: str
    sha256: str
    size: int
    format: str
    table: str = ""
    encoding: str = ""
    delimiter: str = ""


@dataclass
class Parsed:
    """A parsed table.

    Attributes
    ----------
    n : int
        Rows.
    values : dict of str to ndarray, shape (n,)
        Numbers by column, in the representation of `actuarial.record.AnnuityRecords`.
    texts : dict of str to Arrow string array, shape (n,)
    rows : ndarray of int64, shape (n,)
        Row or line number in the file.
    problems : list of Problems
        Cells that could not be taken.
    spoilt : ndarray of int64
        Rows that could not be split into cells; their cells are not reported.
    """

    n: int
    values: dict[str, NDArray[Any]]
    texts: dict[str, Any]
    rows: Int64
    problems: list[Problems] = field(default_factory=list)
    spoilt: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class TableSource(Protocol):
    """A table found in a file: its header, and a way to parse its cells.

    ``parse(positions, parser, findings)`` parses the columns at the given positions of the header.
    """

    file: str
    sheet: str
    kind: str
    header: list[str]
    header_row: int

    def parse(self, positions: dict[str, int], parser: CellParser, findings: Findings) -> Parsed:
        """Parse the wanted columns; add findings about rows that cannot be split."""
        ...

    def unnamed(self) -> list[int]:
        """Positions of columns that hold values under an empty header."""
        ...

    def describe(self) -> Source:
        """What was read."""
        ...


def joined(parts: Sequence[Any]) -> Any:
    """Join Arrow string arrays into one."""
    import pyarrow as pa

    if not parts:
        return pa.array([], type=pa.string())
    if len(parts) == 1:
        return parts[0]
    if sum(p.nbytes for p in parts) >= 2**31 - 1:
        parts = [p.cast(pa.large_string()) for p in parts]
    return pa.concat_arrays(list(parts))


def merged(problems: Sequence[Problems]) -> list[Problems]:
    """Join problems of the same code and column that come from pieces of a table, in order of rows."""
    by_kind: dict[tuple[str, str], list[Problems]] = {}
    for problem in problems:
        by_kind.setdefault((problem.code, problem.column), []).append(problem)
    return [
        Problems(code, column, np.concatenate([p.rows for p in parts]), joined([p.values for p in parts]))
        for (code, column), parts in by_kind.items()
    ]
