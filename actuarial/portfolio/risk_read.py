"""Reading an occupational risk assessment: a file, a workbook or a folder to checked records, or findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.language import message_of, text
from actuarial.occupational_risk import (
    CRITERIA,
    MOST_WORKERS,
    NO_SCORE,
    SCORE_UNIT,
    SCORES,
    Indicator,
    RiskRecords,
    Scale,
)
from actuarial.portfolio.cell import IN_EVERY_ROW
from actuarial.portfolio.column import REMARK_SHEETS, Schema, normalised
from actuarial.portfolio.contract_read import BookTable
from actuarial.portfolio.finding import Findings, combined
from actuarial.portfolio.mapping import Mapping, read_mappings
from actuarial.portfolio.preflight import DamagedWorkbookError
from actuarial.portfolio.read import SUFFIXES, WORKBOOK_SUFFIXES
from actuarial.portfolio.risk_column import (
    DEPARTMENTS,
    ENTERPRISES,
    INDICATORS,
    POSITIONS,
    RISK_SCHEMAS,
    RISK_TABLES,
)
from actuarial.portfolio.source import PortfolioFileError, Source, TableSource, unreadable
from actuarial.portfolio.table_read import open_flat, parsed_table
from actuarial.portfolio.workbook import Workbook, open_workbook
from actuarial.record import NO_AMOUNT

Int64 = NDArray[np.int64]

_SCHEMA = {schema.table: schema for schema in RISK_SCHEMAS}
_TABLE_OF = {normalised(name): table for table, aliases in RISK_TABLES.items() for name in (table, *aliases)}


@dataclass(frozen=True)
class RiskReading:
    """What reading an assessment gave.

    Attributes
    ----------
    records : RiskRecords or None
        None where any finding is an error.
    indicators : tuple of Indicator
        Empty without the table.
    findings : Findings
    sources : list of Source
    """

    records: RiskRecords | None
    indicators: tuple[Indicator, ...]
    findings: Findings
    sources: list[Source]


def read_assessment(path: Path, scale: Scale, *, mapping: Path | None = None) -> RiskReading:
    """Read and check an assessment.

    Parameters
    ----------
    path : Path
        A workbook or a folder with the tables ``positions`` and, if wanted, ``departments``,
        ``enterprises``, ``indicators``; or one file with the positions.
    scale : Scale
        Of the five scores.
    mapping : Path, optional
        Column-mapping file, by table.

    Raises
    ------
    PortfolioFileError
        E1001 no such file, E1002 it cannot be read.
    MappingError
        E1601 - E1606.
    SafetyLimitError
        A workbook beyond what is safe to open (E1901 - E1906).
    """
    path = path if isinstance(path, Path) else Path(path)
    if not path.exists():
        raise PortfolioFileError(
            "E1001", "{path}: no such file or folder; check the path of the assessment", path=path
        )
    reader = _Reader(read_mappings(mapping, RISK_SCHEMAS) if mapping else {})
    try:
        tables = reader.read(path)
    except OSError as error:
        raise unreadable(error, path) from error
    records: RiskRecords | None = None
    indicators: tuple[Indicator, ...] = ()
    if POSITIONS in tables:
        checker = _Checker(tables, scale)
        checker.run()
        if not reader.all_findings(tables).has_errors:
            records, indicators = checker.records(), checker.indicators()
    return RiskReading(records, indicators, reader.all_findings(tables), reader.sources)


@dataclass
class _Reader:
    mappings: dict[str, Mapping]
    findings: Findings = field(default_factory=Findings)
    of_table: dict[str, Findings] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    def read(self, path: Path) -> dict[str, BookTable]:
        """Parsed tables by name."""
        found = self._folder(path) if path.is_dir() else self._file(path)
        self.sources += [source.describe() for source in found.values()]
        parsed = {table: self._parse(source, _SCHEMA[table]) for table, source in found.items()}
        return {table: content for table, content in parsed.items() if content is not None}

    def all_findings(self, tables: dict[str, BookTable]) -> Findings:
        """All findings, each with its place."""
        of_tables = [self.of_table[table] for table in _SCHEMA if table in self.of_table]
        return combined([self.findings, *of_tables])

    def _folder(self, folder: Path) -> dict[str, TableSource]:
        files = {
            p.name: p
            for p in sorted(folder.iterdir())
            if p.is_file() and p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~$"))
        }
        if len(files) == 1 and normalised(next(iter(files.values())).stem) not in _TABLE_OF:
            return self._file(next(iter(files.values())))
        named = self._named({name: p.stem for name, p in files.items()}, folder.name)
        opened = {table: self._open(files[name], table) for table, name in named.items()}
        return {table: source for table, source in opened.items() if source is not None}

    def _file(self, path: Path) -> dict[str, TableSource]:
        if path.suffix.lower() in WORKBOOK_SUFFIXES:
            book = open_workbook(path, path.name, self.findings)
            return {} if book is None else self._sheets(book)
        source = self._open(path, POSITIONS)
        return {} if source is None else {POSITIONS: source}

    def _named(self, names: dict[str, str], where: str) -> dict[str, str]:
        """File or sheet of each table."""
        by_table: dict[str, list[str]] = {}
        for name, stem in names.items():
            table = _TABLE_OF.get(normalised(stem))
            if table is not None:
                by_table.setdefault(table, []).append(name)
            elif normalised(stem) not in REMARK_SHEETS:
                self.findings.add("W1502", file=where, detail=name, choices=", ".join(RISK_TABLES))
        for table, found in by_table.items():
            if len(found) > 1:
                self.findings.add("E1023", file=where, table=table, detail=", ".join(found))
        if POSITIONS not in by_table:
            self.findings.add(
                "E1026", file=where, table=POSITIONS, detail=", ".join(names) or text("nothing")
            )
        return {table: found[0] for table, found in by_table.items() if len(found) == 1}

    def _sheets(self, book: Workbook) -> dict[str, TableSource]:
        names = book.sheet_names
        if len(names) == 1 and normalised(names[0]) not in _TABLE_OF:
            chosen = {POSITIONS: names[0]}
        else:
            chosen = self._named({name: name for name in names}, book.file)
        found: dict[str, TableSource] = {}
        for table, name in chosen.items():
            try:
                sheet = book.sheet(name)
            except DamagedWorkbookError as error:
                self.findings.add("E1009", file=book.file, detail=message_of(error))
                continue
            if sheet is not None:
                found[table] = sheet
            else:
                self.findings.add("E1019", file=book.file, sheet=name)
        return found

    def _open(self, path: Path, table: str) -> TableSource | None:
        findings = self.of_table.setdefault(table, Findings())
        if path.suffix.lower() not in WORKBOOK_SUFFIXES:
            return open_flat(path, _SCHEMA[table], findings, self._mapping(table), 1)
        book = open_workbook(path, path.name, findings)
        return None if book is None else self._sheets(book).get(table)

    def _mapping(self, table: str) -> Mapping:
        return self.mappings.get(table, Mapping())

    def _parse(self, source: TableSource, schema: Schema) -> BookTable | None:
        findings = self.of_table.setdefault(schema.table, Findings())
        content = parsed_table(source, schema, findings, self._mapping(schema.table))
        if content is None or content.n:
            return content
        if not findings.has_errors:
            findings.add("E1019", file=source.file, sheet=source.sheet)
        return None


Key = tuple[str, str]


class _Checker:
    """Checks every table; rows with an error are not asked further."""

    def __init__(self, tables: dict[str, BookTable], scale: Scale) -> None:
        self.tables = tables
        self.scale = scale
        self.positions = tables[POSITIONS]

    def run(self) -> None:
        """Add findings."""
        for table in self.tables.values():
            self._filled(table)
        positions = self.positions
        low, high = self.scale.units()
        for name in SCORES:
            values = positions.values(name)
            outside = (values != NO_AMOUNT) & ((values < low) | (values > high))
            positions.report("E3801", outside, name, low=str(self.scale.lowest), high=str(self.scale.highest))
        self._headcount(positions)
        self._unique(positions, "position", ("enterprise", "department", "position"))
        self._departments()
        self._enterprises()
        self._indicators()

    def _filled(self, table: BookTable) -> None:
        """Every required cell is filled; each missing one is named, whatever else is wrong with its row."""
        is_spoilt = np.zeros(table.n, dtype=np.bool_)
        is_spoilt[table.parsed.spoilt] = True
        for column in table.schema.columns:
            if column.always:
                if column.kind == "text":
                    empty = np.array([not text for text in _texts(table, column.name)], dtype=np.bool_)
                else:
                    empty = table.is_empty(column.name)
                table.report("E2001", empty & ~is_spoilt, column.name, need=IN_EVERY_ROW)

    def _headcount(self, table: BookTable) -> None:
        n = table.values("n_workers")
        wrong = (n != NO_AMOUNT) & ((n < 1) | (n > MOST_WORKERS))
        table.report("E3802", wrong, "n_workers", high=str(MOST_WORKERS))

    def _unique(self, table: BookTable, column: str, names: tuple[str, ...]) -> None:
        seen: dict[tuple[str, ...], int] = {}
        doubled: set[int] = set()
        for row, key in enumerate(zip(*(_texts(table, name) for name in names), strict=True)):
            first = seen.setdefault(tuple(_folded(text) for text in key), row)
            if first != row:
                doubled |= {first, row}
        rows = np.array(sorted(doubled - set(np.flatnonzero(table.is_bad).tolist())), dtype=np.int64)
        table.report("E3803", rows, column)

    def _departments(self) -> None:
        table = self.tables.get(DEPARTMENTS)
        if table is None:
            return
        self._headcount(table)
        self._unique(table, "department", ("enterprise", "department"))
        known = {key: row for row, key in enumerate(_keys(table))}
        own: dict[Key, int] = {}
        strange = []
        for row, (key, n) in enumerate(
            zip(_keys(self.positions), self.positions.values("n_workers").tolist(), strict=True)
        ):
            own[key] = own.get(key, 0) + (n if 1 <= n <= MOST_WORKERS else 0)
            if key not in known and not self.positions.is_bad[row]:
                strange.append(row)
        self.positions.report("E3804", np.array(strange, dtype=np.int64), "department")
        workers = table.values("n_workers")
        for key, row in known.items():
            at = np.array([row])
            if table.is_bad[row]:
                continue
            if key not in own:
                table.report("E3806", at, "department")
            elif workers[row] < own[key]:
                table.report("E3805", at, "n_workers", detail=str(own[key]))

    def _enterprises(self) -> None:
        table = self.tables.get(ENTERPRISES)
        if table is None:
            return
        self._unique(table, "enterprise", ("enterprise",))
        self._known_enterprise(table)
        unknown = table.is_empty("injury_score") | table.is_empty("compliance_score")
        table.report("W3801", unknown & ~table.is_bad, "enterprise")

    def _known_enterprise(self, table: BookTable) -> None:
        known = {_folded(text) for text in _texts(self.positions, "enterprise")}
        strange = [_folded(text) not in known for text in _texts(table, "enterprise")]
        table.report("E3807", np.array(strange, dtype=np.bool_) & ~table.is_bad, "enterprise")

    def _indicators(self) -> None:
        table = self.tables.get(INDICATORS)
        if table is None:
            return
        self._unique(table, "indicator", ("enterprise", "indicator"))
        self._known_enterprise(table)
        low, high = table.values("lowest"), table.values("highest")
        table.report("E3811", (low >= high) & ~table.is_bad, "lowest", also=("highest",))
        table.report("E3813", (table.values("weight") <= 0) & ~table.is_bad, "weight")
        good = ~table.is_bad
        for name in ("before", "after"):
            value = table.values(name)
            table.report("E3812", good & ((value < low) | (value > high)), name, also=("lowest", "highest"))

    def records(self) -> RiskRecords:
        """The checked records; departments and enterprises in the order of first appearance."""
        positions = self.positions
        enterprise: dict[str, int] = {}
        department: dict[Key, int] = {}
        names: list[str] = []
        of_department: list[int] = []
        of_position: list[int] = []
        shown = _texts(positions, "department")
        enterprises: list[str] = []
        for row, name in enumerate(_texts(positions, "enterprise")):
            key = (_folded(name), _folded(shown[row]))
            if key[0] not in enterprise:
                enterprise[key[0]] = len(enterprise)
                enterprises.append(name)
            if key not in department:
                department[key] = len(department)
                names.append(shown[row])
                of_department.append(enterprise[key[0]])
            of_position.append(department[key])
        n_workers = positions.values("n_workers")
        at = np.array(of_position, dtype=np.int64)
        workers = np.zeros(len(names), dtype=np.int64)
        np.add.at(workers, at, n_workers)
        if DEPARTMENTS in self.tables:
            table = self.tables[DEPARTMENTS]
            for key, n in zip(_keys(table), table.values("n_workers").tolist(), strict=True):
                workers[department[key]] = n
        injury = np.full(len(enterprises), NO_SCORE, dtype=np.int64)
        compliance = injury.copy()
        if ENTERPRISES in self.tables:
            table = self.tables[ENTERPRISES]
            for row, name in enumerate(_texts(table, "enterprise")):
                e = enterprise[_folded(name)]
                for scores, column in ((injury, "injury_score"), (compliance, "compliance_score")):
                    value = int(table.values(column)[row])
                    scores[e] = NO_SCORE if value == NO_AMOUNT else value
        return RiskRecords(
            tuple(enterprises),
            tuple(names),
            tuple(_texts(positions, "position")),
            np.array(of_department, dtype=np.int64),
            workers,
            at,
            n_workers.astype(np.int64),
            np.stack([positions.values(name) for name in SCORES], axis=1).astype(np.int64),
            injury,
            compliance,
        )

    def indicators(self) -> tuple[Indicator, ...]:
        """The checked indicators."""
        table = self.tables.get(INDICATORS)
        if table is None:
            return ()
        names = {_folded(name): name for name in reversed(_texts(self.positions, "enterprise"))}

        def number(column: str, row: int) -> Fraction:
            return Fraction(int(table.values(column)[row]), SCORE_UNIT)

        return tuple(
            Indicator(
                names[_folded(enterprise)],
                indicator,
                CRITERIA[int(table.values("criterion")[row])],
                int(table.values("better")[row]) == 0,
                number("weight", row),
                number("lowest", row),
                number("highest", row),
                number("before", row),
                number("after", row),
            )
            for row, (enterprise, indicator) in enumerate(
                zip(_texts(table, "enterprise"), _texts(table, "indicator"), strict=True)
            )
        )


def _texts(table: BookTable, name: str) -> list[str]:
    texts: list[Any] = table.texts(name).to_pylist()
    return [text or "" for text in texts]


def _folded(name: str) -> str:
    """A name as it is compared: neither case nor the number of blanks counts."""
    return " ".join(name.split()).casefold()


def _keys(table: BookTable) -> list[Key]:
    pairs = zip(_texts(table, "enterprise"), _texts(table, "department"), strict=True)
    return [(_folded(enterprise), _folded(department)) for enterprise, department in pairs]
