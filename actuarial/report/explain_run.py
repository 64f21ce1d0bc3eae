"""From a run folder, or from a portfolio, to the explanation of one claim."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from actuarial.basis import Basis, load_basis
from actuarial.explanation import Explanation, explanation
from actuarial.language import Text, joined, text
from actuarial.money import tenge_text
from actuarial.portfolio.finding import Findings, format_findings, masked
from actuarial.portfolio.read import Reading, read_annuities
from actuarial.record import AnnuityRecords
from actuarial.report.finished_run import (
    FinishedRunError,
    basis_of,
    date_of,
    inputs_of,
    read_run,
    refuse_changed_inputs,
)
from actuarial.report.reserve_run import add_ages_outside_table
from actuarial.report.run_folder import SCHEMA_VERSION

MOST_COMPARED = 100_000
"""Names among which a near one is looked for."""


@dataclass(frozen=True)
class ExplainRequest:
    """Which claim to explain, and out of what: a run, or a portfolio with its valuation date and basis.

    Attributes
    ----------
    claim_id : str
    run : Path, optional
        Folder of a finished `reserve` run.
    inputs_from : Path, optional
        Folder in which the run's inputs lie now.
    portfolio : Path, optional
    valuation_date : date, optional
    basis : str, optional
    mapping : Path, optional
    """

    claim_id: str
    run: Path | None = None
    inputs_from: Path | None = None
    portfolio: Path | None = None
    valuation_date: date | None = None
    basis: str | None = None
    mapping: Path | None = None


@dataclass(frozen=True)
class ExplainedClaim:
    """A claim with its explanation.

    Attributes
    ----------
    claim_id : str
        Fit to be shown: personal numbers masked.
    place : str
        File, sheet and row of the record.
    source : str
        The run or the portfolio it comes from.
    explanation : Explanation
    is_of_run : bool
        Whether it comes from a run.
    is_compared : bool
        Whether the figures were compared with the run's results and are the same.
    """

    claim_id: str
    place: str
    source: str
    explanation: Explanation
    is_of_run: bool = False
    is_compared: bool = False

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``: the figures in tenge and both lists of payments."""
        e = self.explanation
        measures = {}
        for name, measure in (("certified", e.certified), ("expected", e.expected)):
            measures[name] = [
                {
                    "payment": k,
                    "date": e.dates[k].isoformat(),
                    "paid": float(measure.paid[k]),
                    "discount": float(e.discount[k]),
                    "present_value": float(measure.present_value[k]),
                }
                for k in range(len(measure))
            ]
        return {
            "schema_version": SCHEMA_VERSION,
            "command": "explain",
            "claim_id": self.claim_id,
            "valuation_date": e.valuation_date.isoformat(),
            "basis_name": e.basis.name,
            "totals": {name: tenge_text(amount) for name, amount in e.figures.items()},
            "compared_with_run": self.is_compared,
            "payments": measures,
        }


@dataclass(frozen=True)
class RefusedPortfolio:
    """A portfolio with findings: nothing was explained."""

    findings: Findings

    @property
    def text(self) -> Text:
        """The findings for the screen."""
        return text("{findings}\nNothing was explained.", findings=format_findings(self.findings))

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "command": "explain",
            "findings": self.findings.codes(),
        }


def run_explain(request: ExplainRequest) -> ExplainedClaim | RefusedPortfolio:
    """Explain one claim.

    Raises
    ------
    FinishedRunError
        E8301 no run; E8302 not a run of `reserve`; E8303 its inputs have changed; E8304 no such claim; E8305
        its basis has changed; E8306 its results have another figure.
    """
    if request.run is None:
        assert request.portfolio is not None
        assert request.valuation_date is not None
        assert request.basis is not None
        basis = load_basis(request.basis)
        return _explained(
            request, request.portfolio, request.valuation_date, basis, request.mapping, str(request.portfolio)
        )
    record = read_run(request.run)
    if record["command"] != "reserve":
        raise FinishedRunError(
            "E8302",
            "{run} is a run of `{command}`: only a run of `reserve` has monthly payments to explain",
            run=request.run,
            command=record["command"],
        )
    inputs = inputs_of(record, request.inputs_from)
    refuse_changed_inputs(inputs)
    basis = basis_of(record, request.inputs_from)
    portfolio = next((source.path for source in inputs if source.format != "yaml"), None)
    mapping = next((source.path for source in inputs if source.format == "yaml"), None)
    if portfolio is None:
        raise FinishedRunError(
            "E8301", "{run}: its record names no portfolio; make a new run", run=request.run
        )
    valuation_date = date_of(record, "valuation_date")
    claim = _explained(request, portfolio, valuation_date, basis, mapping, str(request.run))
    if isinstance(claim, RefusedPortfolio):
        return claim
    compared = _compare(request.run, request.claim_id, claim.explanation, record)
    return replace(claim, is_of_run=True, is_compared=compared)


def _explained(
    request: ExplainRequest,
    portfolio: Path,
    valuation_date: date,
    basis: Basis,
    mapping: Path | None,
    source: str,
) -> ExplainedClaim | RefusedPortfolio:
    reading = read_annuities(portfolio, valuation_date=valuation_date, mapping=mapping)
    if reading.records is not None:
        add_ages_outside_table(reading, reading.records, basis)
    if reading.records is None or reading.findings.has_errors:
        return RefusedPortfolio(reading.findings)
    position = _position(reading.records, request.claim_id, portfolio)
    found = explanation(reading.records, position, basis, valuation_date)
    return ExplainedClaim(masked(request.claim_id), _place(reading, position), source, found)


def _position(records: AnnuityRecords, claim_id: str, portfolio: Path) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    names = records.claim_id
    at = pc.index(names, pa.scalar(claim_id, type=names.type)).as_py()  # type: ignore[attr-defined]
    if at >= 0:
        return int(at)
    near: list[str] = []
    if len(records) <= MOST_COMPARED:
        near = get_close_matches(claim_id, names.to_pylist(), n=3)  # type: ignore[attr-defined]
    missing = text(
        "no claim {claim!r} among the {n} records of {portfolio}",
        claim=masked(claim_id),
        n=len(records),
        portfolio=portfolio,
    )
    if near:
        names = ", ".join(masked(name) for name in near)
        missing = text("{missing}; near ones: {names}", missing=missing, names=names)
    raise FinishedRunError("E8304", "{missing}. Give the claim_id as it stands in the file", missing=missing)


def _place(reading: Reading, position: int) -> Text:
    file, sheet, row = reading.location(position)
    if sheet:
        return text("{file}, sheet {sheet}, row {row}", file=masked(file), sheet=masked(sheet), row=row)
    return text("{file}, row {row}", file=masked(file), row=row)


def _compare(run: Path, claim_id: str, found: Explanation, record: dict[str, Any]) -> bool:
    """Compare the figures with the row of the run's results; False where the run wrote no rows."""
    row = _results_row(run, claim_id)
    if row is None:
        return False
    differing = [
        text("{name} {then} in the run, {now} now", name=name, then=row.get(name), now=tenge_text(amount))
        for name, amount in found.figures.items()
        if str(row.get(name)) != tenge_text(amount)
    ]
    if differing:
        raise FinishedRunError(
            "E8306",
            "{run}: the figures of {claim} are not those of the run: {differing}. The run was made by "
            "version {version} or its results were changed; `actuarial verify` says more",
            run=run,
            claim=masked(claim_id),
            differing=joined(differing, "; "),
            version=record.get("engine_version"),
        )
    return True


def _results_row(run: Path, claim_id: str) -> dict[str, Any] | None:
    """The claim's row of the run's results as text; None where the run wrote no rows."""
    import pyarrow as pa
    import pyarrow.compute
    import pyarrow.parquet as pq
    from pyarrow import csv

    try:
        if (run / "results.parquet").is_file():
            table = pq.read_table(run / "results.parquet", filters=[("claim_id", "=", claim_id)])
        elif (run / "results.csv").is_file():
            path = run / "results.csv"
            header = path.open(encoding="utf-8").readline().replace('"', "").strip().split(",")
            as_text = csv.ConvertOptions(column_types={name: pa.string() for name in header})
            rows = csv.read_csv(path, convert_options=as_text)
            table = rows.filter(pa.compute.equal(rows["claim_id"], claim_id))
        else:
            return None
    except (pa.ArrowException, KeyError, UnicodeDecodeError) as error:
        raise FinishedRunError(
            "E8306",
            "{run}: its results cannot be read ({error}); they were changed",
            run=run,
            error=str(error).splitlines()[0],
        ) from None
    found = table.to_pylist()
    return found[0] if found else {}
