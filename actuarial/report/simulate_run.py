"""One simulation run from files to a run folder: read, check, simulate, write.

Nothing is written under the folder's name before everything is complete; a portfolio with findings leaves
``checks.xlsx`` there and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from actuarial import __version__, risk_measure
from actuarial.basis import DRIVERS, Basis, load_basis
from actuarial.driver import DriverModel, DriverPaths, drivers_named
from actuarial.language import text, texts
from actuarial.money import TIYN, exact_total, tenge_text
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.contract_check import Book
from actuarial.portfolio.contract_in_force import read_contracts_in_force
from actuarial.portfolio.finding import Findings, combined
from actuarial.portfolio.read import Reading, read_annuities
from actuarial.projection import FLOW_GRID
from actuarial.record import PRODUCTS
from actuarial.report.estimate import maybe_money, money
from actuarial.report.new_claim_run import LIMITATIONS as NEW_CLAIM_LIMITATIONS
from actuarial.report.new_claim_run import (
    NewClaimOutcome,
    NewClaimRequest,
    new_claim_record,
    new_claim_warnings,
    simulated_book,
    write_new_claims,
)
from actuarial.report.repeat import recorded
from actuarial.report.reserve_run import add_ages_outside_table
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
    decimal_array,
    refuse_inputs_inside,
    refuse_taken,
    run_folder,
    write_json,
)
from actuarial.risk_measure import Controlled, Estimate
from actuarial.simulation import COMPONENTS
from actuarial.simulation_study import (
    ATTRIBUTION_SCENARIOS,
    CAPITAL_LEVEL,
    COST_OF_CAPITAL,
    Study,
    simulate,
)
from actuarial.survival import CLASSES

Int64 = NDArray[np.int64]
Float = NDArray[np.float64]

NEW_CLAIM_YEARS = 120
"""Calendar years of the drivers of new claims, to the end of the longest annuity."""
LIMITATIONS = texts((
    "Drivers that the basis does not name do not act; their spread is the basis' assumption.",
    "A yield shift is parallel, drawn once a scenario and kept to the end; growth leaves the basis from the "
    "first year after the enacted values.",
    "Risk adjustments leave the financial drivers out: yields, growth and indexation as the basis has them.",
    "Capital for the cost of capital runs off in proportion to the expected value still to be paid.",
    "Additional expenses are neither discounted nor indexed.",
    "Formulas are general actuarial practice; no compliance with prudential or accounting acts is claimed.",
))  # fmt: skip
PAYOUT_LEVELS = (0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995)


@dataclass(frozen=True)
class SimulateRequest:
    """What to simulate and where to put it.

    Attributes
    ----------
    portfolio : Path or None
        File, workbook or folder with the table ``annuities``; None = no annuities in payment.
    valuation_date : date
    basis : str
        Shipped name or file.
    scenarios, seed : int
    target : Path
        Run folder to create.
    with_drivers, antithetic : bool
    attribution : int
        Scenarios for the contributions, 0 for none.
    cost_of_capital : float
    mapping : Path, optional
    threads : int, optional
    replace : bool
        Whether an earlier run in ``target`` may be replaced.
    with_report : bool
        Whether to write ``report.html`` and ``report.xlsx``.
    new_claims : NewClaimRequest, optional
        Contracts in force whose new claims are simulated in the same scenarios.
    company : str
        The insurer, at the head of the report.
    """

    portfolio: Path | None
    valuation_date: date
    basis: str
    scenarios: int
    seed: int
    target: Path
    with_drivers: bool = True
    antithetic: bool = True
    attribution: int = ATTRIBUTION_SCENARIOS
    cost_of_capital: float = COST_OF_CAPITAL
    mapping: Path | None = None
    threads: int | None = None
    replace: bool = False
    with_report: bool = True
    new_claims: NewClaimRequest | None = None
    company: str = ""


@dataclass(frozen=True)
class Simulated:
    """What a run has simulated: annuities in payment, new claims, or both in the same scenarios.

    Attributes
    ----------
    study : Study or None
    new_claims : NewClaimOutcome or None
    """

    study: Study | None
    new_claims: NewClaimOutcome | None

    @property
    def paired(self) -> bool:
        """Whether scenarios come in antithetic pairs."""
        if self.study is not None:
            return self.study.paired
        return self.new_claims is not None and self.new_claims.paired

    @property
    def gross(self) -> Int64:
        """Outgo of all by scenario before reinsurance, (s,) [tiyn]."""
        parts = [] if self.study is None else [self.study.outcome.tiyn()["total"]]
        if self.new_claims is not None:
            parts.append(self.new_claims.result.gross.sum(axis=1))
        return np.asarray(sum(parts))

    @property
    def net(self) -> Int64:
        """Outgo of all by scenario after reinsurance of the new claims, (s,) [tiyn]."""
        ceded = 0 if self.new_claims is None else self.new_claims.result.ceded.sum(axis=1)
        return np.asarray(self.gross - ceded)

    @property
    def exact_expected(self) -> int:
        """Exact mean of `gross` without drivers [tiyn]."""
        exact = 0 if self.study is None else self.study.exact_expected
        if self.new_claims is not None:
            exact += int(self.new_claims.result.expected_gross.sum())
        return exact


@dataclass(frozen=True)
class SimulateRun(FinishedRun):
    """A finished run.

    Attributes
    ----------
    simulated : Simulated
    """

    simulated: Simulated

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        left_out = {
            "request", "inputs", "basis", "law", "outputs", "seconds", "threads", "python", "limitations",
        }  # fmt: skip
        return {k: v for k, v in self.record.items() if k not in left_out} | {"run_folder": str(self.folder)}


def run_simulate(
    request: SimulateRequest, announce: Callable[[str], None] = lambda step: None
) -> SimulateRun | RefusedRun:
    """Simulate a portfolio file and write the run folder.

    Parameters
    ----------
    request : SimulateRequest
    announce : callable
        Told each step as it begins.

    Returns
    -------
    SimulateRun or RefusedRun
        RefusedRun when the data have findings of severity error.
    """
    target, claims = request.target, request.new_claims
    inputs = [request.portfolio, Path(request.basis), request.mapping]
    if claims is not None:
        inputs += [claims.contracts, Path(claims.model), claims.mapping]
    refuse_inputs_inside(target, inputs)
    refuse_taken(target, replace=request.replace)
    clock = Clock(announce)
    announce(text("reading the basis"))
    basis = load_basis(request.basis)
    clock.done("basis", text("reading"))
    reading = _read(request, basis)
    bad = reading is not None and (reading.records is None or reading.findings.has_errors)
    clock.done("read and check", text("checking contracts") if bad else text("simulating"))
    law = PayoutLaw()
    if bad:
        book = None if claims is None else read_contracts_in_force(
            claims.contracts, claims.choices, mapping=claims.mapping, threads=request.threads
        )[0]  # fmt: skip
        return _refused(request, _findings(reading, book))
    outcome: NewClaimOutcome | None = None
    if claims is not None:
        found = simulated_book(
            claims, basis, request.valuation_date, request.scenarios, request.seed,
            drivers=_drivers(request, basis, law), paired=request.antithetic,
            threads=request.threads, law=law,
        )  # fmt: skip
        if isinstance(found, Book):
            return _refused(request, _findings(reading, found))
        outcome = found
        clock.done("new claims", text("simulating annuities") if reading else text("writing"))
    study = None
    if reading is not None:
        assert reading.records is not None
        study = simulate(
            reading.records,
            basis,
            request.valuation_date,
            request.scenarios,
            request.seed,
            with_drivers=request.with_drivers,
            antithetic=request.antithetic,
            attribution=request.attribution,
            cost_of_capital=request.cost_of_capital,
            threads=request.threads,
            law=law,
        )
        clock.done("simulate", text("writing"))
    simulated = Simulated(study, outcome)
    findings = _findings(reading, None if outcome is None else outcome.book)
    with run_folder(target, replace=request.replace) as folder:
        record = _record(request, basis, law, reading, simulated)
        files = []
        if len(findings):
            write_checks(findings, folder / "checks.xlsx")
        if study is not None:
            files += [_write_scenarios(folder, study), *_write_tables(folder, request, study)]
        if outcome is not None:
            files += write_new_claims(folder, outcome)
        if request.with_report:
            from actuarial.report.simulate_report import write_reports

            files += write_reports(folder, request, record, simulated)
        record["outputs"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        clock.done("write", text("finishing"))
        record["seconds"] = clock.seconds
        record["threads"] = request.threads or os.cpu_count() or 1
        record["python"] = platform.python_version()
        write_json(folder / "run.json", record)
        _write_log(folder / "run.log", record)
    return SimulateRun(target, record, findings, simulated)


def _read(request: SimulateRequest, basis: Basis) -> Reading | None:
    """The annuities in payment, checked; None where none are asked for."""
    if request.portfolio is None:
        return None
    reading = read_annuities(
        request.portfolio,
        valuation_date=request.valuation_date,
        mapping=request.mapping,
        threads=request.threads,
    )
    if reading.records is not None:
        add_ages_outside_table(reading, reading.records, basis)
    return reading


def _findings(reading: Reading | None, book: Book | None) -> Findings:
    """Findings of every table read."""
    return combined([part.findings for part in (reading, book) if part is not None])


def _refused(request: SimulateRequest, findings: Findings) -> RefusedRun:
    return refused_run(
        "simulate", findings, request.target, text("Nothing was simulated."), replace=request.replace
    )


def _drivers(request: SimulateRequest, basis: Basis, law: PayoutLaw) -> DriverPaths | None:
    """Drivers of the new claims: those of the annuities in payment, scenario by scenario."""
    model = DriverModel(basis, request.valuation_date, NEW_CLAIM_YEARS, law)
    if not request.with_drivers or not model.acting:
        return None
    return model.paths(0, request.scenarios, request.seed, antithetic=request.antithetic)


def _record(
    request: SimulateRequest,
    basis: Basis,
    law: PayoutLaw,
    reading: Reading | None,
    simulated: Simulated,
) -> dict[str, Any]:
    """Content of ``run.json`` but for what only the writing knows."""
    study, claims = simulated.study, simulated.new_claims
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "command": "simulate",
        "engine_version": __version__,
        "valuation_date": request.valuation_date.isoformat(),
        "basis_name": basis.name,
        "records": 0 if study is None else int(study.exact.band.size),
        "scenarios": request.scenarios,
        "seed": request.seed,
        "antithetic": request.antithetic,
        "drivers_asked": request.with_drivers,
        "drivers": _acting(simulated, basis),
        **_distribution(simulated.gross, simulated.paired),
        "exact_expected": tenge_text(simulated.exact_expected),
        "difference": tenge_text(mean_tiyn(simulated.gross) - simulated.exact_expected),
    }
    if study is not None:
        record |= _study_record(request, study)
        if claims is not None:
            record["annuities"] = {
                "mean": tenge_text(mean_tiyn(study.outcome.tiyn()["total"])),
                "standard_error": maybe_money(study.mean.standard_error),
                "exact_expected": tenge_text(study.exact_expected),
            }
    if claims is not None:
        record["new_claims"] = new_claim_record(claims)
        record["net"] = _distribution(simulated.net, simulated.paired)
    sources = [asdict(source) for source in reading.sources] if reading else []
    if claims is not None:
        sources += [asdict(source) for source in claims.book.sources] + mapping_source(claims.request.mapping)
    return record | {
        "warnings": _warnings(basis, law, reading, simulated),
        "limitations": [
            *(LIMITATIONS if study else LIMITATIONS[:2]),
            *(NEW_CLAIM_LIMITATIONS if claims else ()),
        ],
        "request": recorded(request),
        "inputs": sources + mapping_source(request.mapping),
        "basis": {"asked": request.basis, **basis.resolved()},
        "law": law.used(),
    }


def _acting(simulated: Simulated, basis: Basis) -> list[str]:
    """Drivers that act on anything simulated, in the order of `basis.DRIVERS`."""
    acting = set() if simulated.study is None else set(simulated.study.acting)
    if simulated.new_claims is not None and simulated.new_claims.has_drivers:
        acting |= set(drivers_named(basis))
    return [name for name in DRIVERS if name in acting]


def mean_tiyn(tiyn: Int64) -> int:
    """Mean of whole tiyn, half-up to the tiyn, without a float between."""
    n = tiyn.size
    return (2 * exact_total(tiyn) + n) // (2 * n)


def _distribution(tiyn: Int64, paired: bool) -> dict[str, Any]:
    """Mean, quantiles and tails of outgo by scenario."""
    losses = tiyn / TIYN
    mean = risk_measure.mean(losses, paired=paired)
    return {
        "mean": tenge_text(mean_tiyn(tiyn)),
        "standard_error": maybe_money(mean.standard_error),
        "quantiles": {f"{level:g}": maybe_money(q) for level, q in risk_measure.quantiles(losses).items()},
        **_tails(losses, paired=paired),
    }


def _study_record(request: SimulateRequest, study: Study) -> dict[str, Any]:
    """What belongs to the annuities in payment alone."""
    exact, adjustment = study.exact.totals(), study.adjustment
    components = study.outcome.tiyn()
    return {
        "components": {name: tenge_text(mean_tiyn(amounts)) for name, amounts in components.items()},
        "exact_components": {
            "annuity": tenge_text(exact["expected_reserve"]),
            "recovery": tenge_text(exact["recovery_expected"]),
            "additional_expenses": tenge_text(exact["additional_expenses_reserve"]),
            "expenses": tenge_text(exact["expense_reserve_expected"]),
        },
        "risk_adjustment": {
            "risks": "non-financial",
            "mean": money(adjustment.mean.value),
            "standard_error": maybe_money(adjustment.mean.standard_error),
            "by_level": {f"{level:g}": maybe_money(a) for level, a in adjustment.by_level.items()},
            "cost_of_capital": maybe_money(adjustment.cost_of_capital),
            "cost_of_capital_rate": adjustment.rate,
            "capital": maybe_money(adjustment.capital),
            "capital_level": CAPITAL_LEVEL,
        },
        "contributions": {
            "asked": request.attribution,
            "scenarios": study.attribution_scenarios,
            "sources": [
                {"source": c.source, "share": round(c.share, 6), "standard_error": round(c.standard_error, 6)}
                for c in study.contributions
            ],
        },
        "variance_reduction": _variance_reduction(study),
    }


def _tails(losses: Float, *, paired: bool) -> dict[str, Any]:
    """Value at risk and tail value at risk by level, and beside each its error and interval."""
    result: dict[str, Any] = {}
    for name in ("value_at_risk", "tail_value_at_risk"):
        found = {
            f"{level:g}": getattr(risk_measure, name)(losses, level, paired=paired)
            for level in risk_measure.LEVELS
        }
        result[name] = {level: maybe_money(e and e.value) for level, e in found.items()}
        result[f"{name}_error"] = {level: _error(e) for level, e in found.items()}
    return result


def _variance_reduction(study: Study) -> dict[str, Any]:
    """Errors of the mean by each way of estimating it, measured on this run."""

    def entry(mean: Estimate, ratio: float | None = None) -> dict[str, Any]:
        return {
            "mean": money(mean.value),
            "standard_error": maybe_money(mean.standard_error),
            "variance_ratio": None if ratio is None else round(ratio, 3),
        }

    def controlled(found: Controlled | None) -> dict[str, Any] | None:
        return None if found is None else entry(found.mean, found.variance_ratio)

    plain, paired = study.plain_mean, study.mean
    ratio = None
    if plain.standard_error and paired.standard_error:
        ratio = (plain.standard_error / paired.standard_error) ** 2
    return {
        "none": entry(plain, 1.0),
        "antithetic": entry(paired, ratio) if study.paired else None,
        "drivers_as_controls": controlled(study.with_drivers),
        "exact_expected_as_control": controlled(study.with_twin),
        "exact_expected_pilot_ratio": None if study.twin_gain is None else round(study.twin_gain, 3),
    }


def _warnings(basis: Basis, law: PayoutLaw, reading: Reading | None, simulated: Simulated) -> list[str]:
    warnings: list[str] = [*basis_warnings(basis)]
    if not _acting(simulated, basis):
        warnings.append(
            text(
                "No systematic driver acts: the spread is that of single lives alone, far below the real one."
            )
        )
    drivers = basis.assumptions.simulation
    if simulated.study is not None and (drivers is None or drivers.expense_use is None):
        warnings.append(
            text("The basis names no spread of the additional expenses: they are used as expected.")
        )
    warnings += projection_warnings(law)
    if reading is not None:
        warnings += finding_warnings(reading.findings)
    if simulated.new_claims is not None:
        warnings += new_claim_warnings(simulated.new_claims)
    return warnings


def _write_scenarios(folder: Path, study: Study) -> Path:
    """``scenarios.parquet``: one row a scenario, amounts decimal(18, 2), drivers as drawn."""
    amounts = study.outcome.tiyn()
    n = len(study.outcome.drivers)
    columns: dict[str, Any] = {"scenario": pa.array(np.arange(n, dtype=np.int32))}
    columns |= {name: decimal_array(amounts[name]) for name in (*COMPONENTS, "total")}
    drivers = study.outcome.drivers
    for name in study.acting:
        columns[f"z_{name}"] = pa.array(drivers.normals[:, DRIVERS.index(name)].copy())
    for name, values in (
        ("yield_shift", drivers.yield_shift),
        ("mortality_factor", drivers.force[:, 0]),
        ("recovery_odds_factor", drivers.recovery_odds),
    ):
        columns[name] = pa.array(np.broadcast_to(values, (n,)).copy())
    path = folder / "scenarios.parquet"
    pyarrow.parquet.write_table(pa.table(columns), path, compression="zstd")
    return path


def payout_rows(valuation_date: date, study: Study) -> list[tuple[int, Estimate, dict[float, float | None]]]:
    """Annuity payments by calendar year [KZT, not discounted]: year, mean, quantiles."""
    payouts = study.outcome.payouts / FLOW_GRID
    paid = np.flatnonzero(payouts.any(axis=0))
    last = int(paid[-1]) + 1 if paid.size else 0
    return [
        (
            valuation_date.year + y,
            risk_measure.mean(payouts[:, y], paired=study.paired),
            risk_measure.quantiles(payouts[:, y], PAYOUT_LEVELS),
        )
        for y in range(last)
    ]


def segment_rows(study: Study) -> list[tuple[str, str, Estimate, Estimate | None, Estimate | None]]:
    """Present value by product and class [KZT]: mean, and both measures of the tail at the top level."""
    values = study.outcome.by_segment()
    rows = []
    for s in np.flatnonzero(values.any(axis=0)):
        losses, paired = values[:, s], study.paired
        rows.append(
            (
                PRODUCTS[s // len(CLASSES)],
                CLASSES[s % len(CLASSES)],
                risk_measure.mean(losses, paired=paired),
                risk_measure.value_at_risk(losses, CAPITAL_LEVEL, paired=paired),
                risk_measure.tail_value_at_risk(losses, CAPITAL_LEVEL, paired=paired),
            )
        )
    return rows


def _write_tables(folder: Path, request: SimulateRequest, study: Study) -> list[Path]:
    """``payouts.csv``, ``segments.csv`` and ``convergence.csv``."""
    payouts = [["year", "mean", "standard_error", *(f"quantile_{level:g}" for level in PAYOUT_LEVELS)]]
    for year, mean, levels in payout_rows(request.valuation_date, study):
        amounts = [mean.value, mean.standard_error, *levels.values()]
        payouts.append([str(year), *(_cell(a) for a in amounts)])
    top = f"{CAPITAL_LEVEL:g}"
    segments = [
        ["product", "class", "mean", "standard_error", f"value_at_risk_{top}", f"tail_value_at_risk_{top}"]
    ]
    for product, name, mean, var, tail in segment_rows(study):
        amounts = [mean.value, mean.standard_error, *(e.value if e else None for e in (var, tail))]
        segments.append([product, name, *(_cell(a) for a in amounts)])
    settled = study.convergence
    steps = [["scenarios", "mean", "mean_standard_error", f"value_at_risk_{top}", "lower", "upper"]]
    for n, mean, var in zip(settled.scenarios, settled.means, settled.tails, strict=True):
        bounds = (var.value, var.lower, var.upper) if var else (None, None, None)
        amounts = [mean.value, mean.standard_error, *bounds]
        steps.append([str(n), *(_cell(a) for a in amounts)])
    tables = {"payouts.csv": payouts, "segments.csv": segments, "convergence.csv": steps}
    for name, rows in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(",".join(row) + "\n" for row in rows)
    return [folder / name for name in tables]


def _write_log(path: Path, record: dict[str, Any]) -> None:
    """A log for people: what was read, what was found, how long it took. No personal data."""
    lines = [f"actuarial {record['engine_version']} simulate, valuation date {record['valuation_date']}"]
    lines += [f"input {source['path']}: {source['sha256']}" for source in record["inputs"]]
    lines.append(
        f"basis {record['basis']['asked']}, {record['records']} records, {record['scenarios']} scenarios, "
        f"seed {record['seed']}, {record['threads']} threads"
    )
    lines += [f"warning: {warning}" for warning in record["warnings"]]
    lines += [f"{name}: {record[name]}" for name in ("mean", "standard_error", "exact_expected")]
    lines += [f"{step}: {seconds:.3f} s" for step, seconds in record["seconds"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cell(tenge: float | None) -> str:
    return "" if tenge is None else money(tenge)


def _error(found: Estimate | None) -> dict[str, Any] | None:
    """Error and interval of a figure; None where the scenarios are too few for the figure."""
    if found is None:
        return None
    return {
        "standard_error": maybe_money(found.standard_error),
        "lower": maybe_money(found.lower),
        "upper": maybe_money(found.upper),
    }
