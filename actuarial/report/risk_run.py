"""One assessment of occupational risk from files to a run folder: read, check, compute, write.

Nothing is written under the folder's name before everything is complete; an assessment with findings leaves
``checks.xlsx`` there and nothing else.
"""

from __future__ import annotations

import csv
import hashlib
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from actuarial import __version__
from actuarial.language import text
from actuarial.occupational_risk import (
    CHOICES,
    SCORE_UNIT,
    SCORES,
    Effect,
    Indicator,
    OccupationalRisk,
    RiskRecords,
    Scale,
    effects,
    occupational_risk,
    resolved_risk_choices,
)
from actuarial.portfolio.finding import Findings
from actuarial.portfolio.risk_read import read_assessment
from actuarial.report.repeat import recorded
from actuarial.report.run import Clock, FinishedRun, RefusedRun, finding_warnings, mapping_source, refused_run
from actuarial.report.run_folder import (
    SCHEMA_VERSION,
    refuse_inputs_inside,
    refuse_taken,
    run_folder,
    write_json,
)

DIGITS = 6
"""Decimals of a risk or index in files."""
LIMITATIONS = (
    text(
        "A method of a monograph, not law; its formulas are damaged in the text that was read, and this "
        "is the reading in which the weights add up to 1."
    ),
    text(
        "The text gives no scale of the scores, no formula of П2 and П3 and no bounds of low, medium or high "
        "risk: scale, П2 and П3 are inputs, and no risk is called high or low here."
    ),
    text("Scores are judgements of who assessed: the arithmetic adds nothing to their quality."),
)


@dataclass(frozen=True)
class RiskRun(FinishedRun):
    """A finished run.

    Attributes
    ----------
    records : RiskRecords
    risk : OccupationalRisk
    effect : tuple of Effect
    """

    ANSWER = ("schema_version", "command", "assessment_date", "scale", "enterprises", "effect", "warnings")

    records: RiskRecords
    risk: OccupationalRisk
    effect: tuple[Effect, ...]


@dataclass(frozen=True)
class RiskFigures:
    """What a report of the run shows."""

    record: Mapping[str, Any]
    records: RiskRecords
    risk: OccupationalRisk
    indicators: tuple[Indicator, ...]
    effect: tuple[Effect, ...]
    findings: Findings


def run_risk(
    assessment: Path,
    target: Path,
    assessment_date: date,
    scale: Scale,
    choices: Mapping[str, str] | None = None,
    *,
    mapping: Path | None = None,
    replace: bool = False,
    with_report: bool = True,
    company: str = "",
    announce: Callable[[str], None] = lambda step: None,
) -> RiskRun | RefusedRun:
    """Compute an assessment and write the run folder.

    Parameters
    ----------
    assessment : Path
        See `actuarial.portfolio.risk_read.read_assessment`, which also says what it raises.
    target : Path
        Run folder to create.
    assessment_date : date
        Chooses the weights on record.
    scale : Scale
    choices : mapping of str to str, optional
        Of `actuarial.occupational_risk.CHOICES`.
    mapping : Path, optional
    replace : bool
        Whether an earlier run in ``target`` may be replaced.
    with_report : bool
        Whether ``report.html`` and ``report.xlsx`` are written.
    company : str
        The insurer, at the head of the report.
    announce : callable
        Told each step as it begins.

    Returns
    -------
    RiskRun or RefusedRun
    """
    refuse_inputs_inside(target, (assessment, mapping))
    refuse_taken(target, replace=replace)
    resolved = resolved_risk_choices(choices or {})
    clock = Clock(announce)
    announce(text("reading {file}", file=assessment.name))
    reading = read_assessment(assessment, scale, mapping=mapping)
    clock.done("read and check", text("computing"))
    if reading.records is None:
        return refused_run("risk", reading.findings, target, text("Nothing was computed."), replace=replace)
    records = reading.records
    risk = occupational_risk(records, scale, assessment_date, resolved)
    found = effects(reading.indicators)
    clock.done("compute", text("writing"))
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "command": "risk",
        "engine_version": __version__,
        "assessment_date": assessment_date.isoformat(),
        "scale": {"lowest": str(scale.lowest), "highest": str(scale.highest)},
        "positions": len(records.position),
        "departments": len(records.department),
        "enterprises": [_enterprise_json(records, risk, e) for e in range(len(records.enterprise))],
        "effect": [effect_json(effect) for effect in found],
        "warnings": finding_warnings(reading.findings),
        "limitations": list(LIMITATIONS),
        "choices": explained_risk_choices(resolved),
        "request": recorded(
            {
                "assessment": assessment,
                "assessment_date": assessment_date,
                "scale": scale,
                "choices": choices,
                "mapping": mapping,
                "with_report": with_report,
                "company": company,
            }
        ),
        "inputs": [asdict(source) for source in reading.sources] + mapping_source(mapping),
        "law": [risk.entry.as_json()],
    }
    with run_folder(target, replace=replace) as folder:
        files = _write_tables(folder, records, risk, found)
        if with_report:
            from actuarial.report.risk_report import write_risk_report

            figures = RiskFigures(record, records, risk, reading.indicators, found, reading.findings)
            files += write_risk_report(folder, figures)
        clock.done("write", text("finishing"))
        record["outputs"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        record["seconds"] = clock.seconds
        record["python"] = platform.python_version()
        write_json(folder / "run.json", record)
        _write_log(folder / "run.log", record)
    return RiskRun(target, record, reading.findings, records, risk, found)


def decimal_text(value: Fraction | None, digits: int = DIGITS) -> str:
    """A fraction with some decimals, half-up; empty for None."""
    if value is None:
        return ""
    unit = 10**digits
    whole = (value * unit + Fraction(1, 2)).__floor__()
    return f"{whole // unit}.{whole % unit:0{digits}d}"


def explained_risk_choices(resolved: Mapping[str, str]) -> list[dict[str, str]]:
    """Each choice with its value, its default and the reason for it."""
    return [
        {
            "choice": name,
            "value": resolved[name],
            "default": choice.default,
            "article": choice.article,
            "reason": choice.reason,
        }
        for name, choice in CHOICES.items()
    ]


def effect_json(effect: Effect) -> dict[str, Any]:
    """Plain values of an effect, numbers as text."""
    found: dict[str, Any] = {"enterprise": effect.enterprise}
    for _, name, before, after, ratio in effect_rows(effect):
        found[name] = {"before": before, "after": after, "ratio": ratio or None}
    return found


def known_score(value: int) -> Fraction | None:
    """П2 or П3 as a number, None where it is not known."""
    return None if value < 0 else Fraction(value, SCORE_UNIT)


def _enterprise_json(records: RiskRecords, risk: OccupationalRisk, e: int) -> dict[str, Any]:
    return {
        "enterprise": records.enterprise[e],
        "n_workers": risk.n_workers[e],
        "p1": decimal_text(risk.enterprise[e]),
        "p2": decimal_text(known_score(int(records.injury_score[e]))) or None,
        "p3": decimal_text(known_score(int(records.compliance_score[e]))) or None,
        "total": decimal_text(risk.total[e]) or None,
        "contribution": {name: decimal_text(part) for name, part in risk.contribution[e].items()},
    }


def _write_tables(
    folder: Path, records: RiskRecords, risk: OccupationalRisk, found: Sequence[Effect]
) -> list[Path]:
    """Write the tables as CSV."""
    department_of = records.department_of_position.tolist()
    enterprise_of = records.enterprise_of_department.tolist()
    positions = (
        (
            records.enterprise[enterprise_of[department_of[p]]],
            records.department[department_of[p]],
            records.position[p],
            int(records.n_workers[p]),
            decimal_text(Fraction(int(risk.individual[p]), risk.unit)),
        )
        for p in range(len(records.position))
    )
    departments = (
        (
            records.enterprise[enterprise_of[d]],
            records.department[d],
            int(records.department_workers[d]),
            decimal_text(risk.department[d]),
        )
        for d in range(len(records.department))
    )
    enterprises = (
        (
            records.enterprise[e],
            risk.n_workers[e],
            *(decimal_text(part) for part in risk.contribution[e].values()),
            decimal_text(risk.enterprise[e]),
            decimal_text(known_score(int(records.injury_score[e]))),
            decimal_text(known_score(int(records.compliance_score[e]))),
            decimal_text(risk.total[e]),
        )
        for e in range(len(records.enterprise))
    )
    files = [
        _write_csv(
            folder / "positions.csv",
            ("enterprise", "department", "position", "n_workers", "individual_risk"),
            positions,
        ),
        _write_csv(
            folder / "departments.csv", ("enterprise", "department", "n_workers", "risk"), departments
        ),
        _write_csv(
            folder / "enterprises.csv",
            ("enterprise", "n_workers", *SCORES, "p1", "injury_score", "compliance_score", "total"),
            enterprises,
        ),
    ]
    if found:
        files.append(
            _write_csv(
                folder / "effect.csv",
                ("enterprise", "index", "before", "after", "ratio"),
                (row for effect in found for row in effect_rows(effect)),
            )
        )
    return files


def effect_rows(effect: Effect) -> list[tuple[str, str, str, str, str]]:
    """Rows of an effect: enterprise, index, before, after, ratio as text."""
    return [
        (effect.enterprise, name, decimal_text(before), decimal_text(after), decimal_text(ratio))
        for name, before, after, ratio in effect.rows()
    ]


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _write_log(path: Path, record: Mapping[str, Any]) -> None:
    """A log for people: what was read, what was found, how long it took."""
    lines = [f"actuarial {record['engine_version']} risk, assessment date {record['assessment_date']}"]
    lines += [f"input {source['path']}: {source['sha256']}" for source in record["inputs"]]
    lines.append(f"{record['positions']} jobs, {record['departments']} departments")
    lines += [f"choice {c['choice']}: {c['value']}" for c in record["choices"]]
    lines += [f"warning: {warning}" for warning in record["warnings"]]
    lines += [f"{step}: {seconds:.3f} s" for step, seconds in record["seconds"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
