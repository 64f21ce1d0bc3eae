"""One experience study from a history file to a run folder with a new basis: read, check, estimate, write."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Any

from actuarial import __version__
from actuarial.basis import load_basis
from actuarial.experience.choice import StudyError
from actuarial.experience.fitted_basis import fitted_basis
from actuarial.experience.study import Study, StudyOptions, experience_study
from actuarial.language import Text, number, text
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.history_check import HistoryReading, read_history
from actuarial.report.fit_file import estimates_text, exposure_text
from actuarial.report.fit_report import LIMITATIONS, FitFigures, write_fit_report
from actuarial.report.fit_table import choice_rows
from actuarial.report.repeat import recorded
from actuarial.report.run import Clock, FinishedRun, RefusedRun, finding_warnings, mapping_source, refused_run
from actuarial.report.run_folder import (
    SCHEMA_VERSION,
    refuse_inputs_inside,
    refuse_taken,
    run_folder,
    write_json,
)
from mortality.estimate import Ratio

BASIS_FILE = "basis.yaml"
_SHA_SHOWN = 12


@dataclass(frozen=True)
class FitRequest:
    """What to study and where to put it.

    Attributes
    ----------
    history : Path
        File, workbook or folder with the table ``history``.
    basis : str
        The prior: shipped name or file.
    target : Path
        Run folder to create.
    options : StudyOptions
    mapping : Path, optional
    replace : bool
        Whether an earlier run in ``target`` may be replaced.
    company : str
        The insurer, at the head of the report.
    """

    history: Path
    basis: str
    target: Path
    options: StudyOptions = field(default_factory=StudyOptions)
    mapping: Path | None = None
    replace: bool = False
    company: str = ""


@dataclass(frozen=True)
class FitRun(FinishedRun):
    """A finished run.

    Attributes
    ----------
    study : Study
    """

    study: Study

    @property
    def basis(self) -> Path:
        """The new basis."""
        return self.folder / BASIS_FILE

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        keys = (
            "schema_version", "command", "basis_name", "prior_basis", "history", "multipliers", "matrices",
            "actual_expected", "warnings", "notes",
        )  # fmt: skip
        return {key: self.record[key] for key in keys} | {
            "basis": str(self.basis),
            "run_folder": str(self.folder),
        }


def run_fit(request: FitRequest, announce: Callable[[str], None] = lambda step: None) -> FitRun | RefusedRun:
    """Study a history and write the run folder.

    Parameters
    ----------
    request : FitRequest
    announce : callable
        Told each step as it begins.

    Returns
    -------
    FitRun or RefusedRun
        RefusedRun when the data have findings of severity error.

    Raises
    ------
    StudyError
        E6227 lifelines is not installed; others as `experience_study`.
    """
    target = request.target
    if find_spec("lifelines") is None:
        raise StudyError(
            "E6227",
            "actuarial fit needs lifelines: install it with {python} -m pip install 'actuarial[experience]'",
            python=sys.executable,
        )
    refuse_inputs_inside(target, (request.history, Path(request.basis), request.mapping))
    refuse_taken(target, replace=request.replace)
    clock = Clock(announce)
    announce(text("reading the prior basis"))
    prior = load_basis(request.basis)
    clock.done("basis", text("reading {file}", file=request.history.name))
    reading = read_history(request.history, mapping=request.mapping)
    clock.done("read and check", text("estimating"))
    if reading.records is None:
        return refused_run(
            "fit", reading.findings, target, text("Nothing was estimated."), replace=request.replace
        )
    study = experience_study(reading.records, prior, request.options, announce)
    clock.done("estimate", text("writing"))
    name = f"fitted-{request.history.stem}"
    prior_sha = prior.sources[request.basis][:_SHA_SHOWN]
    basis = fitted_basis(study, name, _source_text(reading), f"{prior.name} (SHA-256 {prior_sha}…)")
    record = _record(request, reading, study, name)
    with run_folder(target, replace=request.replace) as folder:
        texts = {
            "exposure.csv": exposure_text(study),
            "estimates.csv": estimates_text(study),
            BASIS_FILE: basis.text,
            **basis.files,
        }
        files = [_write(folder / file, text) for file, text in texts.items()]
        load_basis(folder / BASIS_FILE)  # what is written must be what reserve reads
        if len(reading.findings):
            write_checks(reading.findings, folder / "checks.xlsx")
        files += write_fit_report(folder, FitFigures(record, study, reading.findings))
        clock.done("write", text("finishing"))
        record["outputs"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        record["seconds"] = clock.seconds
        write_json(folder / "run.json", record)
        _write_log(folder / "run.log", record)
    return FitRun(target, record, reading.findings, study)


def _write(path: Path, text: str) -> Path:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path


def _source_text(reading: HistoryReading) -> str:
    return ", ".join(f"{Path(s.path).name} (SHA-256 {s.sha256[:_SHA_SHOWN]}…)" for s in reading.sources)


def _record(request: FitRequest, reading: HistoryReading, study: Study, name: str) -> dict[str, Any]:
    """Content of ``run.json``, figures as numbers; None where there is no figure."""
    options, m = study.options, study.matrices
    return {
        "schema_version": SCHEMA_VERSION,
        "command": "fit",
        "engine_version": __version__,
        "basis_name": name,
        "prior_basis": study.prior.name,
        "history": {
            "spells": study.n_spells,
            "claims": study.n_claims,
            "from": study.first_day.isoformat(),
            "to": study.last_day.isoformat(),
            "as_of": options.as_of.isoformat() if options.as_of else None,
            "spells_after_as_of": study.n_later,
            "person_years": _figure(float(study.cells.years.sum())),
        },
        "actual_expected": {
            "table": _ratio(study.actual_expected[0].by_table),
            "prior_basis": _ratio(study.actual_expected[0].by_basis),
        },
        "multipliers": {
            e.band: {
                "observed": _ratio(e.observed),
                "credibility": _figure(e.credibility),
                "prior": e.prior,
                "fitted": e.fitted,
            }
            for e in study.multipliers
        },
        "matrices": {
            "certifications": int(m.counts.sum()),
            "prior_strength": None if m.strength is None else _figure(m.strength),
            "prior_strength_estimated": m.is_estimated,
            "review_dates_inside_spells": study.certifications.n_passed,
        },
        "graduation": {
            sex: {
                "smoothing": [_figure(s) for s in table.graduation.smoothing],
                "smoothing_chosen": table.graduation.is_chosen,
                "order": table.graduation.order,
                "effective_dimension": _figure(table.graduation.effective_dimension),
                "tests": {key: _figure(value) for key, value in asdict(table.graduation.tests).items()},
            }
            for sex, table in study.tables.items()
        },
        "warnings": _warnings(reading, study),
        "notes": list(study.notes),
        "limitations": list(LIMITATIONS),
        "choices": choice_rows(study),
        "request": recorded(request),
        "inputs": [asdict(source) for source in reading.sources] + mapping_source(request.mapping),
        "basis": {"asked": request.basis, **study.prior.resolved()},
        "outputs": {},
        "seconds": {},
        "python": platform.python_version(),
    }


def _warnings(reading: HistoryReading, study: Study) -> list[Text]:
    warnings = []
    if study.prior.is_illustrative:
        warnings.append(
            text(
                "The prior basis {name} is illustrative, and so is what is not fitted: {note}",
                name=study.prior.name,
                note=text(study.prior.assumptions.note),
            )
        )
    if reading.is_start_assumed:
        warnings.append(
            text(
                "first_certificate_date is not given everywhere: the first entry of the claim stands for "
                "it, and durations are too short for who entered the observation later"
            )
        )
    warnings += [
        text(
            "band {band}: the new multiplier {fitted} is outside the 95 % limits of the history, {lower} "
            "to {upper}: the prior outweighs it (choice multipliers)",
            band=m.band,
            fitted=number(m.fitted, 3),
            lower=number(m.observed.lower, 3),
            upper=number(m.observed.upper, 3),
        )
        for m in study.multipliers
        if m.fitted < m.observed.lower or m.fitted > m.observed.upper
    ]
    if study.choices["table"] == "graduated":
        warnings.append(
            text(
                "table=graduated: dependants die by the graduated tables too, at ages nobody was observed "
                "by the ratio of the nearest; check the multiplier of dependants"
            )
        )
    if study.n_later:
        warnings.append(
            text(
                "{n_later} spells begin on or after {as_of} and are left out",
                n_later=study.n_later,
                as_of=study.options.as_of,
            )
        )
    if study.notes:
        warnings.append(
            text("{n_notes} notes on what could not be estimated, or only in part", n_notes=len(study.notes))
        )
    warnings += finding_warnings(reading.findings)
    return warnings


def _ratio(ratio: Ratio) -> dict[str, Any]:
    return {
        "events": ratio.events,
        **{name: _figure(getattr(ratio, name)) for name in ("base", "value", "lower", "upper")},
    }


def _figure(value: float) -> float | None:
    """A figure with nine digits, None where there is none."""
    return float(f"{value:.9g}") if isfinite(value) else None


def _write_log(path: Path, record: dict[str, Any]) -> None:
    """A log for people: what was read, what was found, how long it took. No personal data."""
    history = record["history"]
    lines = [f"actuarial {record['engine_version']} fit, prior basis {record['basis']['asked']}"]
    lines += [f"input {source['path']}: {source['sha256']}" for source in record["inputs"]]
    lines.append(
        f"{history['claims']} claims, {history['spells']} spells, {history['person_years']} person-years"
    )
    lines += [f"choice {c['choice']}: {c['value']}" for c in record["choices"]]
    lines += [f"warning: {warning}" for warning in record["warnings"]]
    lines += [f"note: {note}" for note in record["notes"]]
    lines += [f"{step}: {seconds:.3f} s" for step, seconds in record["seconds"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
