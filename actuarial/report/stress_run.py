"""One stress test from files to a run folder: read, check, value the base and the scenarios, write."""

from __future__ import annotations

import csv
import hashlib
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from actuarial import __version__
from actuarial.basis import Basis, load_basis
from actuarial.language import Text, joined, text, texts
from actuarial.money import tenge_text
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.report.repeat import recorded
from actuarial.report.run import (
    Clock,
    FinishedRun,
    RefusedRun,
    basis_warnings,
    finding_warnings,
    mapping_source,
    projection_warnings,
    refused_run,
)
from actuarial.report.run_folder import (
    SCHEMA_VERSION,
    cash_flow_rows,
    refuse_inputs_inside,
    refuse_taken,
    run_folder,
    write_json,
)
from actuarial.report.stress_input import ReadInsurers, read_insurers
from actuarial.reserve import AMOUNTS
from actuarial.stress.aggregation import DEFAULT, load_correlation
from actuarial.stress.contract_stress import ContractInput, ContractOutcome
from actuarial.stress.error import StressError
from actuarial.stress.reverse import WIDTH, Reverse
from actuarial.stress.scenario import BASE, RISK_NAMES, ScenarioFile, load_scenarios
from actuarial.stress.study import MARKET, Line, Question, Study, stress_study

LIMITATIONS = texts((
    "A loss is more reserve in the expected measure, with all expenses, and what contracts in force lose. "
    "Assets are held as they are: what a yield does to them is not in it.",
    "Certified and expected are totals with additional expenses and insurer's expenses; the certified "
    "measure leaves out extensions that the insurer must write.",
    "What a scenario changes in the law is hypothetical; nothing of it is announced or proposed.",
    "Shocks to mortality multipliers do not reach pre-retirement annuities, whose multiplier is always 1.",
    "Contracts are priced as if concluded under the scenario; their claims are premium × the loss ratio "
    "given.",
    "Shocks of the standard formula are European calibrations, not Kazakh experience; no compliance with "
    "prudential acts is claimed.",
))  # fmt: skip


@dataclass(frozen=True)
class StressRequest:
    """What to stress and where to put it.

    Attributes
    ----------
    portfolios : mapping of str to Path
        By insurer.
    valuation_date : date
    basis : str
        Shipped name or file.
    scenarios : str
        See `actuarial.stress.scenario.load_scenarios`.
    target : Path
        Run folder to create.
    contracts : mapping of str to Path
        Books of contracts by insurer.
    own_funds : mapping of str to int [tiyn]
        By insurer.
    inputs : ContractInput
    correlation : str
        Shipped name or file.
    reverse : tuple of str
        Scenarios to reverse, or ``all`` of those that can be.
    mapping, contract_mapping : Path, optional
    threads : int, optional
    replace : bool
        Whether an earlier run in ``target`` may be replaced.
    with_report : bool
        Whether ``report.html`` and ``report.xlsx`` are written.
    company : str
        The insurer, at the head of the report.
    """

    portfolios: Mapping[str, Path]
    valuation_date: date
    basis: str
    scenarios: str
    target: Path
    contracts: Mapping[str, Path] = field(default_factory=dict)
    own_funds: Mapping[str, int] = field(default_factory=dict)
    inputs: ContractInput = field(default_factory=ContractInput)
    correlation: str = DEFAULT
    reverse: tuple[str, ...] = ()
    mapping: Path | None = None
    contract_mapping: Path | None = None
    threads: int | None = None
    replace: bool = False
    with_report: bool = True
    company: str = ""


@dataclass(frozen=True)
class StressRun(FinishedRun):
    """A finished run.

    Attributes
    ----------
    study : Study
    """

    ANSWER = (
        "schema_version", "command", "valuation_date", "basis_name", "records", "totals", "scenarios",
        "insurers", "aggregation", "reverse", "contracts", "warnings",
    )  # fmt: skip

    study: Study


def run_stress(
    request: StressRequest, announce: Callable[[str], None] = lambda step: None
) -> StressRun | RefusedRun:
    """Stress portfolio files and write the run folder.

    Parameters
    ----------
    request : StressRequest
    announce : callable
        Told each step as it begins.

    Returns
    -------
    StressRun or RefusedRun
        RefusedRun when the data of any insurer have findings of severity error.

    Raises
    ------
    StressError
        E46xx, before anything is read where that is possible.
    """
    target = request.target
    files = load_scenarios(request.scenarios)
    own_files = [Path(file.name) for file in files if not file.is_shipped]
    mappings = (request.mapping, request.contract_mapping)
    paths = (*request.portfolios.values(), *request.contracts.values(), *own_files, *mappings)
    refuse_inputs_inside(target, (*paths, Path(request.basis), Path(request.correlation)))
    refuse_taken(target, replace=request.replace)
    clock = Clock(announce)
    announce(text("reading the basis"))
    basis = load_basis(request.basis)
    scenarios = [scenario for file in files for scenario in file.scenarios]
    question = Question(
        basis,
        request.valuation_date,
        load_correlation(request.correlation),
        request.inputs,
        _reversed_names(request, [scenario.name for scenario in scenarios]),
    )
    clock.done("basis", text("reading portfolios"))
    read = read_insurers(
        request.portfolios,
        request.contracts,
        request.own_funds,
        basis,
        request.valuation_date,
        mapping=request.mapping,
        contract_mapping=request.contract_mapping,
        threads=request.threads,
    )
    clock.done("read and check", text("valuing"))
    if read.findings.has_errors:
        outcome = text("Nothing was stressed.")
        return refused_run("stress", read.findings, target, outcome, replace=request.replace)
    law = PayoutLaw()
    study = stress_study(
        read.insurers, scenarios, question, law=law, threads=request.threads, announce=announce
    )
    clock.done("value", text("writing"))
    with run_folder(target, replace=request.replace) as folder:
        record = _record(request, files, basis, law, read, study)
        written = [_write_stress(folder, study), _write_flows(folder, study)]
        if study.premiums:
            written.append(_write_contracts(folder, study))
        if len(read.findings):
            write_checks(read.findings, folder / "checks.xlsx")
        if request.with_report:
            from actuarial.report.stress_report import write_stress_report

            written += write_stress_report(folder, record, study, read.findings)
        record["outputs"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written}
        clock.done("write", text("finishing"))
        record["seconds"] = clock.seconds
        record["threads"] = request.threads or os.cpu_count() or 1
        record["python"] = platform.python_version()
        write_json(folder / "run.json", record)
        _write_log(folder / "run.log", record)
    return StressRun(target, record, read.findings, study)


def _reversed_names(request: StressRequest, names: list[str]) -> tuple[str, ...]:
    unknown = [name for name in request.reverse if name not in names]
    if unknown:
        raise StressError(
            "E4609",
            "--reverse {asked}: not among the scenarios of this run: {names}",
            asked=", ".join(unknown),
            names=", ".join(names),
        )
    if request.reverse and not request.own_funds:
        raise StressError("E4609", "--reverse asks what exhausts own funds: give them with --own-funds")
    return request.reverse


def _texts(amounts: dict[str, int]) -> dict[str, str]:
    return {name: tenge_text(amount) for name, amount in amounts.items()}


def _text(amount: int | None) -> str | None:
    return None if amount is None else tenge_text(amount)


def _record(
    request: StressRequest,
    files: list[ScenarioFile],
    basis: Basis,
    law: PayoutLaw,
    read: ReadInsurers,
    study: Study,
) -> dict[str, Any]:
    """Content of ``run.json`` but for what only the writing knows."""
    whole = study.names[-1]
    digests = {file.name: hashlib.sha256(file.data).hexdigest() for file in files}
    own_files = [
        {"path": file.name, "sha256": digests[file.name], "size": len(file.data), "format": "yaml"}
        for file in files
        if not file.is_shipped
    ]
    shown = {insurer.name: len(insurer.records) for insurer in read.insurers}
    return {
        "schema_version": SCHEMA_VERSION,
        "command": "stress",
        "engine_version": __version__,
        "valuation_date": request.valuation_date.isoformat(),
        "basis_name": basis.name,
        "records": sum(shown.values()),
        "totals": _texts(study.totals(None, whole)),
        "scenarios": [line_json(study, line, whole) for line in study.lines],
        "insurers": [_insurer(study, name, shown[name], whole) for name in study.base],
        "aggregation": {name: _aggregate(study, name) for name in study.names},
        "reverse": [_reverse(found) for found in study.reversals],
        "contracts": {name: asdict_money(premiums) for name, premiums in study.premiums.items()},
        "warnings": _warnings(basis, law, read, study),
        "limitations": list(LIMITATIONS),
        "correlation": study.correlation.as_json(),
        "request": recorded(request),
        "inputs": [asdict(source) for source in read.sources]
        + mapping_source(request.mapping)
        + mapping_source(request.contract_mapping)
        + own_files,
        "presets": {file.name: digests[file.name] for file in files if file.is_shipped},
        "basis": {"asked": request.basis, **basis.resolved()},
        "law": law.used(),
        "outputs": {},
    }


def line_json(study: Study, line: Line, insurer: str) -> dict[str, Any]:
    """A scenario of one insurer or the market as plain values, amounts as text; null where not computed."""
    is_known = line.is_computed and bool(line.outcomes or line.contracts)
    base, totals = study.totals(None, insurer), study.totals(line, insurer)
    loss = study.loss(line, insurer)
    own_funds = study.own_funds.get(insurer)
    after = None if loss is None or own_funds is None else own_funds - loss
    result = {
        **line.scenario.as_json(),
        "certified": _text(totals["total_certified"]) if is_known else None,
        "expected": _text(totals["total_expected"]) if is_known else None,
        "delta_certified": _text(totals["total_certified"] - base["total_certified"]) if is_known else None,
        "delta_expected": _text(totals["total_expected"] - base["total_expected"]) if is_known else None,
        "reserves": _texts(totals) if line.outcomes else None,
        "deltas": _texts({n: totals[n] - base[n] for n in AMOUNTS}) if line.outcomes else None,
        "loss": _text(loss),
        "own_funds_after": _text(after),
        "notes": list(line.notes),
        "law": list(line.law),
    }
    books = {n: found for n, found in line.contracts.items() if insurer in (MARKET, n)}
    if books:
        result["contracts"] = {name: _contract(found) for name, found in books.items()}
    return result


def _contract(found: ContractOutcome) -> dict[str, Any]:
    site = found.site
    return {
        **asdict_money(found.premiums),
        "delta_premium": tenge_text(found.delta_premium),
        "delta_claims": _text(found.delta_claims),
        "loss": _text(found.loss),
        "missing": list(found.missing),
        "site": None
        if site is None
        else {
            "contract_id": site.contract_id,
            "workers": site.workers,
            "cases": {kind: float(number) for kind, number in site.cases.items()},
            "cost": _text(site.cost),
            "insured_sum": tenge_text(site.insured_sum),
            "above_insured_sum": tenge_text(site.above_insured_sum),
        },
    }


def asdict_money(premiums: Any) -> dict[str, Any]:
    """Premiums of a book as plain values."""
    return {
        "premium": tenge_text(premiums.premium),
        "annual_payroll": tenge_text(premiums.annual_payroll),
        "insured_sum": tenge_text(premiums.insured_sum),
        "minimum_applied": premiums.minimum_applied,
    }


def _insurer(study: Study, name: str, records: int, whole: str) -> dict[str, Any]:
    totals = study.totals(None, name)
    of_all = study.totals(None, whole)["total_expected"]
    own_funds = study.own_funds.get(name)
    return {
        "name": name,
        "records": records,
        "totals": _texts(totals),
        "share": round(totals["total_expected"] / of_all, 6) if of_all else None,
        "own_funds": _text(own_funds),
        "scenarios": [
            {
                key: value
                for key, value in line_json(study, line, name).items()
                if key not in ("title", "source", "risk", "note", "changes", "law")
            }
            for line in study.lines
        ],
    }


def _aggregate(study: Study, name: str) -> dict[str, Any]:
    found = study.aggregate(name)
    own_funds = study.own_funds.get(name)
    total = round(found.total)
    return {
        "losses": _texts(found.losses),
        "modules": {module: tenge_text(round(loss)) for module, loss in found.modules.items()},
        "undiversified": tenge_text(found.undiversified),
        "total": tenge_text(total),
        "own_funds": _text(own_funds),
        "own_funds_after": None if own_funds is None else tenge_text(own_funds - total),
    }


def _reverse(found: Reverse) -> dict[str, Any]:
    return {
        "scenario": found.scenario,
        "insurer": found.insurer,
        "own_funds": tenge_text(found.own_funds),
        "multiple": found.multiple,
        "below": found.below,
        "width": WIDTH,
        "is_monotone": found.is_monotone,
        "reason": found.reason,
        "losses": [[multiple, tenge_text(loss)] for multiple, loss in found.losses],
    }


def _warnings(basis: Basis, law: PayoutLaw, read: ReadInsurers, study: Study) -> list[Text]:
    warnings = [*basis_warnings(basis), *projection_warnings(law)]
    lines_by_note: dict[Text, list[str]] = {}
    for line in study.lines:
        for note in line.notes:
            lines_by_note.setdefault(note, []).append(line.scenario.name)
    warnings += [
        text("{scenarios}: {note}", scenarios=", ".join(names), note=note)
        for note, names in lines_by_note.items()
    ]
    asked = {line.scenario.risk for line in study.lines if line.scenario.risk}
    if asked:
        warnings.append(text("Correlations: {source}", source=study.correlation.source))
    left_out = sorted(asked - {risk for module in study.correlation.modules for risk in module.risks})
    if left_out:
        warnings.append(
            text(
                "Not in the correlation structure, so in no aggregate: {risks}",
                risks=joined(RISK_NAMES[risk] for risk in left_out),
            )
        )
    warnings += [
        text(
            "Reverse stress of {scenario}, {insurer}: the loss does not only grow with the multiple; a "
            "smaller one between the multiples of the scan is possible",
            scenario=found.scenario,
            insurer=found.insurer,
        )
        for found in study.reversals
        if not found.is_monotone and any(loss > 0 for _, loss in found.losses)
    ]
    return warnings + finding_warnings(read.findings)


def stress_rows(study: Study) -> Iterator[tuple[Any, ...]]:
    """Rows of ``stress.csv``: scenario, insurer, product, beneficiary, band, records, amounts [tiyn].

    The base first, then each scenario that bears on annuities.
    """
    for name in study.base:
        for product, beneficiary, band, count, amounts in study.base[name].groups():
            yield BASE, name, product, beneficiary, band, count, *amounts.values()
    for line in study.lines:
        for name, outcome in line.outcomes.items():
            for product, beneficiary, band, count, amounts in outcome.groups():
                yield line.scenario.name, name, product, beneficiary, band, count, *amounts.values()


def flow_rows(study: Study) -> Iterator[tuple[str, str, int, str, str, int, int]]:
    """Rows of ``cashflows.csv``: scenario, insurer, year, product, class, certified, expected [tiyn]."""
    situations = [(BASE, study.base), *((line.scenario.name, line.outcomes) for line in study.lines)]
    for scenario, outcomes in situations:
        for name, outcome in outcomes.items():
            for period, year, _, product, kind, certified, expected in cash_flow_rows(outcome.flow):
                if period == "year":
                    yield scenario, name, year, product, kind, certified, expected


def contract_rows(study: Study) -> Iterator[tuple[str, str, int, int, int]]:
    """Rows of ``contracts.csv``: scenario, insurer, class of risk, premium, change of premium [tiyn]."""
    for name, premiums in study.premiums.items():
        for number, premium in premiums.by_class.items():
            yield BASE, name, number, premium, 0
    for line in study.lines:
        for name, found in line.contracts.items():
            base = study.premiums[name].by_class
            for number, premium in found.premiums.by_class.items():
                yield line.scenario.name, name, number, premium, premium - base[number]


def _write(path: Path, header: tuple[str, ...], rows: Iterator[tuple[Any, ...]], first_amount: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(
            (*row[:first_amount], *(tenge_text(amount) for amount in row[first_amount:])) for row in rows
        )
    return path


def _write_stress(folder: Path, study: Study) -> Path:
    header = ("scenario", "insurer", "product", "beneficiary", "band", "records", *AMOUNTS)
    return _write(folder / "stress.csv", header, stress_rows(study), 6)


def _write_flows(folder: Path, study: Study) -> Path:
    header = ("scenario", "insurer", "year", "product", "class", "certified", "expected")
    return _write(folder / "cashflows.csv", header, flow_rows(study), 5)


def _write_contracts(folder: Path, study: Study) -> Path:
    header = ("scenario", "insurer", "risk_class", "premium", "delta_premium")
    return _write(folder / "contracts.csv", header, contract_rows(study), 3)


def _write_log(path: Path, record: dict[str, Any]) -> None:
    """A log for people: what was read, what was found, how long it took. No personal data."""
    lines = [f"actuarial {record['engine_version']} stress, valuation date {record['valuation_date']}"]
    lines += [f"input {source['path']}: {source['sha256']}" for source in record["inputs"]]
    lines.append(
        f"basis {record['basis']['asked']}, {len(record['insurers'])} insurers, {record['records']} records, "
        f"{len(record['scenarios'])} scenarios, {record['threads']} threads"
    )
    lines += [f"warning: {warning}" for warning in record["warnings"]]
    lines.append(f"base: certified {record['totals']['total_certified']}, expected "
                 f"{record['totals']['total_expected']}")  # fmt: skip
    lines += [
        f"{line['name']}: certified {line['delta_certified'] or 'not computed'}, expected "
        f"{line['delta_expected'] or 'not computed'}"
        for line in record["scenarios"]
    ]
    lines += [f"{step}: {seconds:.3f} s" for step, seconds in record["seconds"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
