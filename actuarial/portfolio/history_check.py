"""A history read and checked: from a file to `HistoryRecords`, or to findings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actuarial.experience.record import DEAD, DEGREE_CHANGED, PENSION, RECOVERED, HistoryRecords
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.arrow import first_equal, table_of_frame, text_of_arrow
from actuarial.portfolio.cell import IN_EVERY_ROW
from actuarial.portfolio.check import DAYS_IN_YEAR, OLDEST_WORKER, YOUNGEST_WORKER
from actuarial.portfolio.contract_read import BookTable
from actuarial.portfolio.finding import Findings
from actuarial.portfolio.history_column import HISTORY, HISTORY_SCHEMA
from actuarial.portfolio.mapping import Mapping, read_mappings
from actuarial.portfolio.source import Source
from actuarial.portfolio.table_read import parsed_table, read_table
from actuarial.record import NO_DATE, NO_DEGREE

if TYPE_CHECKING:
    import pandas as pd

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]
Values = NDArray[Any]

MOST_YEARS, MOST_AGE = 90, 110
_MOST_DAYS = MOST_YEARS * 366
_MOST_THREADS = 8


@dataclass(frozen=True)
class HistoryReading:
    """What reading a history gave.

    Attributes
    ----------
    records : HistoryRecords or None
        In the order of the file; None where any finding is an error.
    findings : Findings
    n_rows : int
    sources : list of Source
    is_start_assumed : bool
        Whether the first entry of a claim stands for its first certificate in any row.
    """

    records: HistoryRecords | None
    findings: Findings
    n_rows: int
    sources: list[Source]
    is_start_assumed: bool


def read_history(path: Path, *, mapping: Path | None = None, threads: int | None = None) -> HistoryReading:
    """Read and check a history of claimants.

    Parameters
    ----------
    path : Path
        A CSV, Parquet or XLSX file; or a workbook or folder with the table ``history``.
    mapping : Path, optional
        Column-mapping file with the section ``history``.
    threads : int, optional
        Default as many as the machine has, at most 8.

    Returns
    -------
    HistoryReading

    Raises
    ------
    PortfolioFileError
        E1001 no such file, E1002 it cannot be read.
    MappingError
        E1601 - E1606.
    SafetyLimitError
        A workbook beyond what is safe to open (E1901 - E1906).
    """
    findings = Findings()
    maps = read_mappings(mapping, (HISTORY_SCHEMA,)) if mapping else {}
    count = max(1, min(_MOST_THREADS, os.cpu_count() or 1)) if threads is None else threads
    table, sources = read_table(
        path if isinstance(path, Path) else Path(path),
        HISTORY_SCHEMA,
        findings,
        mapping=maps.get(HISTORY, Mapping()),
        threads=count,
    )
    return _reading(table, sources, findings)


def history_of_frame(frame: pd.DataFrame, *, mapping: Mapping | None = None) -> HistoryReading:
    """Check a history held in a pandas frame; headers and values as in a file, NaN and NaT empty."""
    findings = Findings()
    source = table_of_frame(frame, 1, HISTORY)
    table = parsed_table(source, HISTORY_SCHEMA, findings, mapping or Mapping())
    return _reading(table, [source.describe()], findings)


def _reading(table: BookTable | None, sources: list[Source], findings: Findings) -> HistoryReading:
    if table is None:
        return HistoryReading(None, findings, 0, sources, False)
    if not table.n:
        if not findings.has_errors:
            place = findings.place
            assert place is not None
            findings.add("E1019", file=place.file, sheet=place.sheet)
        return HistoryReading(None, findings, 0, sources, False)
    checker = _Checker(table)
    records = checker.run()
    return HistoryReading(
        None if findings.has_errors else records, findings, table.n, sources, checker.is_start_assumed
    )


class _Checker:
    """Checks rows, then the rows of one claim together; rows with an error are not asked further."""

    def __init__(self, table: BookTable) -> None:
        self.table = table
        self.law = PayoutLaw()
        self.is_start_assumed = False

    def run(self) -> HistoryRecords | None:
        """All checks; the records where no row is bad."""
        self._required()
        self._rows()
        claim = first_equal(self.table.texts("claim_id"))
        start = self._start(claim)
        self._claims(claim)
        if self.table.findings.has_errors:
            return None
        values = self.table.values
        reason, band_to = values("exit_reason"), self.law.band_of(values("degree_to"))
        return HistoryRecords(
            claim=claim,
            sex=values("sex"),
            birth_date=values("birth_date"),
            entry_date=values("entry_date"),
            exit_date=values("exit_date"),
            first_certificate_date=start,
            exit_reason=reason,
            band=self.law.band_of(values("degree_from")),
            band_to=np.where(reason == DEGREE_CHANGED, band_to, np.int8(-1)).astype(np.int8),
        )

    def _required(self) -> None:
        text = text_of_arrow(self.table.texts("claim_id"))
        blank = text.starts == text.ends
        self.table.report("E2001", blank & ~self.table.is_bad, "claim_id", need=IN_EVERY_ROW)
        for column in self.table.schema.columns:
            if column.always and column.kind != "text":
                empty = self.table.is_empty(column.name) & ~self.table.is_bad
                self.table.report("E2001", empty, column.name, need=IN_EVERY_ROW)

    def _rows(self) -> None:
        table, values = self.table, self.table.values
        birth, entry, exit_day = values("birth_date"), values("entry_date"), values("exit_date")
        self._report("E3902", birth >= entry, "birth_date", ("entry_date",))
        self._report("E3901", exit_day <= entry, "exit_date", ("entry_date",))
        too_long = exit_day.astype(np.int64) - entry > _MOST_DAYS
        self._report("E3911", too_long, "exit_date", ("entry_date",), years=str(MOST_YEARS))
        too_old = exit_day.astype(np.int64) - birth > (MOST_AGE + 1) * DAYS_IN_YEAR
        self._report("E3913", too_old, "birth_date", ("exit_date",), years=str(MOST_AGE))
        age = (entry.astype(np.int64) - birth) / DAYS_IN_YEAR
        self._report(
            "W3904", (age < YOUNGEST_WORKER) | (age >= OLDEST_WORKER + 1), "birth_date", ("entry_date",),
            low=str(YOUNGEST_WORKER), high=str(OLDEST_WORKER),
        )  # fmt: skip
        start = values("first_certificate_date")
        has_start = start != NO_DATE
        self._report("E3903", has_start & (start > entry), "first_certificate_date", ("entry_date",))
        self._report("E3904", has_start & (start <= birth), "first_certificate_date", ("birth_date",))
        bands = self.law.latest("degree_bands").values()
        low, high = min(first for first, _ in bands), max(last for _, last in bands)
        reason, before, after = values("exit_reason"), values("degree_from"), values("degree_to")
        changed, has_after = reason == DEGREE_CHANGED, after != NO_DEGREE
        outside = {"degree_from": (before < low) | (before > high)}
        self._report("E3905", changed & ~has_after, "degree_to")
        outside["degree_to"] = changed & has_after & ((after < low) | (after > high))
        for name, broken in outside.items():
            table.report("E3906", broken & ~table.is_bad, name, low=str(low), high=str(high))
        self._report("E3912", (reason == RECOVERED) & (after >= low), "degree_to")
        unused = has_after & ~changed & (reason != RECOVERED)
        table.report("W3901", unused & ~table.is_bad, "degree_to", also=("exit_reason",))

    def _report(self, code: str, broken: Bool, column: str, also: tuple[str, ...] = (), **texts: Any) -> None:
        self.table.report(code, broken & ~self.table.is_bad, column, also=also, **texts)

    def _start(self, claim: Int64) -> NDArray[np.int32]:
        """First certificates, the claim's first entry where none is given."""
        start = self.table.values("first_certificate_date")
        missing = (start == NO_DATE) & ~self.table.is_bad
        if not missing.any():
            return np.asarray(start)
        self.is_start_assumed = True
        if "first_certificate_date" in self.table.present:
            self.table.report("W3902", missing, "first_certificate_date")
        entry = self.table.values("entry_date")
        first = np.full(self.table.n, np.iinfo(np.int32).max, dtype=np.int32)
        np.minimum.at(first, claim, np.where(start == NO_DATE, entry, start))
        return np.where(start == NO_DATE, first[claim], start)

    def _claims(self, claim: Int64) -> None:
        """Rows of one claim agree and follow each other; only claims without a bad row are asked."""
        table, values = self.table, self.table.values
        is_bad = np.zeros(table.n, dtype=np.bool_)
        is_bad[claim[table.is_bad]] = True
        asked = ~is_bad[claim]
        for name in ("sex", "birth_date", "first_certificate_date"):
            column = values(name)
            differs = asked & (column != column[claim])
            table.report("E3907", differs, name)
        order = np.lexsort((values("exit_date"), values("entry_date"), claim))
        order = order[asked[order]]
        entry, exit_day, reason = values("entry_date"), values("exit_date"), values("exit_reason")
        before, after = order[:-1], order[1:]
        same = claim[before] == claim[after]
        is_final = (reason == DEAD) | (reason == PENSION)
        overlap = same & (entry[after] < _latest(claim[order], exit_day[order])[:-1])
        table.report("E3908", after[overlap], "entry_date", also=("exit_date",))
        ended = _latest(claim[order], is_final[order])[:-1] > 0
        table.report("E3909", after[same & ~overlap & ended], "entry_date")
        before, after = before[same & ~overlap & ~ended], after[same & ~overlap & ~ended]
        table.report("W3903", after[reason[before] == RECOVERED], "entry_date")
        joined = (reason[before] == DEGREE_CHANGED) & (entry[after] == exit_day[before])
        differs = joined & (values("degree_from")[after] != values("degree_to")[before])
        table.report("E3910", after[differs], "degree_from")


def _latest(claim: Int64, values: Values) -> Int64:
    """Largest value so far in the rows of each claim; rows of a claim stand together."""
    starts = np.concatenate(([True], claim[1:] != claim[:-1]))[: claim.size]
    lift = np.cumsum(starts) * (np.int64(1) << 40)
    return np.asarray(np.maximum.accumulate(values.astype(np.int64) + lift) - lift)
