"""Portfolios of annuities from a file or a frame: read, checked, with their findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from actuarial.basis import Basis
from actuarial.error import ActuarialError
from actuarial.frame.column import chosen, day_of, days, names, of_type, tenge
from actuarial.language import text
from actuarial.portfolio.column import COLUMNS
from actuarial.portfolio.finding import Finding, Findings, format_findings
from actuarial.portfolio.mapping import Mapping as ColumnMapping
from actuarial.portfolio.mapping import mapping_of, read_mapping
from actuarial.portfolio.read import Reading, annuities_from_frame, read_annuities
from actuarial.record import NO_AMOUNT, NO_DEGREE, AnnuityRecords
from actuarial.report.reserve_run import add_ages_outside_table

FINDING_COLUMNS = ("code", "severity", "row", "column", "value", "message", "fix", "file", "sheet", "cell")
MappingInput = str | Path | Mapping[str, Any]


class FindingsError(ActuarialError):
    """Data with findings of severity error: nothing is computed on them (E8602).

    Attributes
    ----------
    code : str
    findings : pandas.DataFrame
        All of them, see `Portfolio.findings`.

    Examples
    --------
    >>> import pandas as pd, actuarial
    >>> portfolio = actuarial.read_portfolio(pd.DataFrame({"claim_id": ["A-1"]}), "2026-01-01")
    >>> try:
    ...     actuarial.portfolio_reserve(portfolio, actuarial.load_basis("illustrative-2026"))
    ... except actuarial.FindingsError as error:
    ...     print(error.code, error.findings["column"].tolist())
    E8602 ['beneficiary', 'birth_date', 'next_payment_date', 'product', 'sex']
    """

    findings: pd.DataFrame

    def __init__(self, findings: Findings) -> None:
        super().__init__(
            "E8602",
            "the data have errors, nothing was computed. {findings}",
            findings=format_findings(findings),
        )
        self.findings = findings_frame(findings)


@dataclass(frozen=True, repr=False)
class Portfolio:
    """A portfolio of annuities, read and checked; see `read_portfolio`.

    Attributes
    ----------
    valuation_date : date
    reading : actuarial.portfolio.read.Reading
        What lies behind the frames.

    Notes
    -----
    `findings`, `frame` and `records` are the ways to its content; every use of a frame makes a new one.

    Examples
    --------
    >>> import actuarial
    >>> actuarial.read_portfolio("docs/example/one-worker.csv", "2026-01-01")
    <Portfolio on 2026-01-01: 1 rows, 0 errors, 0 warnings>
    """

    valuation_date: date
    reading: Reading = field(repr=False)

    @property
    def findings(self) -> pd.DataFrame:
        """What is wrong or strange, one row a finding; errors first.

        Columns: ``code``, ``severity`` (error, warning), ``row`` (of the sheet or file, header counted; in a
        frame from 1), ``column``, ``value``, ``message``, ``fix``, ``file``, ``sheet``, ``cell``. Personal
        numbers are masked.
        """
        return findings_frame(self.reading.findings)

    @property
    def has_errors(self) -> bool:
        """Whether a finding is an error: then nothing can be computed."""
        return self.reading.records is None or self.reading.findings.has_errors

    @property
    def records(self) -> AnnuityRecords:
        """The flat arrays of the computation.

        Raises
        ------
        FindingsError
            E8602.
        """
        if self.reading.records is None or self.reading.findings.has_errors:
            raise FindingsError(self.reading.findings)
        return self.reading.records

    @property
    def frame(self) -> pd.DataFrame:
        """The checked records under the names of docs/portfolio-file.md, one row a record.

        Amounts [KZT] float64, dates datetime64, degrees whole percent (Int16), shares fractions. Read again
        it gives the same records.

        Raises
        ------
        FindingsError
            E8602.
        """
        return records_frame(self.records, self.reading.texts)

    def __len__(self) -> int:
        """Rows of the table."""
        return self.reading.n_rows

    def __repr__(self) -> str:
        found = self.reading.findings
        return (
            f"<Portfolio on {self.valuation_date}: {len(self)} rows, {found.n_errors} errors, "
            f"{found.n_warnings} warnings>"
        )

    def records_on(self, basis: Basis) -> AnnuityRecords:
        """The records, once the basis' tables are known to cover every age.

        Raises
        ------
        FindingsError
            E8602, with E3501 for ages outside the tables.
        """
        of_type(basis, Basis, "basis", text("a Basis, from load_basis"))
        records = self.records
        found = self.reading.findings
        own = replace(self.reading, findings=replace(found, groups=list(found.groups)))
        add_ages_outside_table(own, records, basis)
        if own.findings.has_errors:
            raise FindingsError(own.findings)
        return records


def read_portfolio(
    data: str | Path | pd.DataFrame,
    valuation_date: date | str,
    *,
    mapping: MappingInput | None = None,
    threads: int | None = None,
) -> Portfolio:
    """Read and check a portfolio of annuities.

    Parameters
    ----------
    data : str, Path or pandas.DataFrame
        A CSV, Parquet or XLSX file, a folder or workbook with the table ``annuities``, or a frame with the
        columns of docs/portfolio-file.md. English, Russian and Kazakh headers and values are known; NaN and
        NaT are empty cells. Amounts [KZT], degrees [percent].
    valuation_date : date or str
        Payments, certificates and births are checked against it.
    mapping : str, Path or mapping, optional
        Own headers and values: a YAML file, or the same as ``{"columns": {"claim_id": "Дело"}, "values":
        {"product": {"ОСНС": "compulsory"}}}``.
    threads : int, optional
        Default one a processor, at most 8.

    Returns
    -------
    Portfolio
        Also where rows are wrong: look at ``findings``.

    Raises
    ------
    ActuarialError
        E8601 not a date; E8605 data that are neither a path nor a frame; E1001, E1002 a file; E16xx the
        mapping; E19xx a workbook that is not safe to open.

    Examples
    --------
    >>> import actuarial
    >>> portfolio = actuarial.read_portfolio("docs/example/one-worker.csv", "2026-01-01")
    >>> portfolio.frame[["claim_id", "degree_of_loss", "average_monthly_earnings"]].values.tolist()
    [['A-1', 60, 300000.0]]
    """
    day = day_of(valuation_date, "valuation_date")
    own = _mapping(mapping)
    if isinstance(data, pd.DataFrame):
        reading = annuities_from_frame(data, valuation_date=day, mapping=own, threads=threads)
    elif isinstance(data, str | Path):
        reading = read_annuities(Path(data), valuation_date=day, mapping=own, threads=threads)
    else:
        raise neither(data)
    return Portfolio(day, reading)


def neither(data: object) -> ActuarialError:
    """The error of data that are neither a path nor a frame."""
    return ActuarialError(
        "E8605",
        "data of type {kind}: give the path of a file or a pandas.DataFrame",
        kind=type(data).__name__,
    )


def _mapping(mapping: MappingInput | None) -> ColumnMapping:
    if mapping is None:
        return ColumnMapping()
    if isinstance(mapping, str | Path):
        return read_mapping(Path(mapping))
    return mapping_of(of_type(mapping, Mapping, "mapping", text("a YAML file, or pairs as one holds")))


def portfolio_of(portfolio: Portfolio) -> Portfolio:
    """A portfolio, and not a table that has not been read yet.

    Raises
    ------
    ActuarialError
        E8609.
    """
    return of_type(portfolio, Portfolio, "portfolio", text("a Portfolio, from read_portfolio"))


def findings_frame(findings: Findings) -> pd.DataFrame:
    """Findings as a frame, columns `FINDING_COLUMNS`."""
    rows = [_cells(finding) for finding in findings]
    frame = pd.DataFrame(rows, columns=list(FINDING_COLUMNS))
    frame["row"] = frame["row"].astype("Int64")
    return frame


def _cells(finding: Finding) -> tuple[Any, ...]:
    f = finding
    where = f.file, f.sheet, f.cell
    return f.code, f.severity, f.row, f.column, f.value, str(f.rule), str(f.fix), *where


def records_frame(records: AnnuityRecords, texts: Mapping[str, Any]) -> pd.DataFrame:
    """Records under the names of the columns of a portfolio file; see `Portfolio.frame`.

    ``texts`` are the columns of text as read: some serve the checks only and are in no record.
    """
    columns: dict[str, Any] = {}
    for column in COLUMNS:
        if column.kind == "text":
            given = texts.get(column.name)
            if given is not None:
                columns[column.name] = pd.Series([cell or None for cell in names(given)], dtype=object)
            continue
        values = getattr(records, column.name)
        if column.kind == "date":
            columns[column.name] = days(values)
        elif column.kind == "amount":
            columns[column.name] = tenge(values, values == NO_AMOUNT)
        elif column.kind == "percent":
            columns[column.name] = pd.Series(values, dtype="Int16").mask(values == NO_DEGREE)
        elif column.kind == "choice":
            columns[column.name] = chosen(values, column.choices)
        else:
            columns[column.name] = values.copy()
    return pd.DataFrame(columns)
