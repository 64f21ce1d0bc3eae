"""What every run of a command on a file has: a clock, warnings, a way to end when the data have findings."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from actuarial.basis import Basis
from actuarial.language import Text, counted, text
from actuarial.payout_law import PayoutLaw
from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.finding import Findings, format_findings
from actuarial.report.name import parameter_name
from actuarial.report.run_folder import SCHEMA_VERSION, run_folder


@dataclass
class Clock:
    """Seconds of each step, and who is told that the next one begins."""

    announce: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def done(self, step: str, following: str) -> None:
        """End a step and announce the following one."""
        now = time.perf_counter()
        self.seconds[step] = round(now - self._since, 3)
        self._since = now
        self.announce(following)


@dataclass(frozen=True)
class FinishedRun:
    """A finished run; each command adds what its table shows.

    Attributes
    ----------
    folder : Path
    record : dict
        The content of ``run.json``.
    findings : Findings
        Warnings about the input.
    """

    ANSWER: ClassVar[tuple[str, ...]]
    """Keys of the record that ``--json`` answers with."""

    folder: Path
    record: dict[str, Any]
    findings: Findings

    @property
    def warning_text(self) -> str:
        """Warnings for the screen, grouped; empty when there are none."""
        return format_findings(self.findings) if len(self.findings) else ""

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        return {key: self.record[key] for key in self.ANSWER} | {"run_folder": str(self.folder)}


@dataclass(frozen=True)
class RefusedRun:
    """Data with findings: nothing was computed, ``checks.xlsx`` is all there is.

    Attributes
    ----------
    command : str
    folder : Path
    findings : Findings
    text : str
        The findings for the screen, grouped.
    """

    command: str
    folder: Path
    findings: Findings
    text: str

    def as_json(self) -> dict[str, Any]:
        """Answer of ``--json``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "command": self.command,
            "findings": self.findings.codes(),
            "checks": str(self.folder / "checks.xlsx"),
        }


def refused_run(command: str, findings: Findings, target: Path, outcome: str, *, replace: bool) -> RefusedRun:
    """Leave ``checks.xlsx`` in the run folder and nothing else; ``outcome`` says what was not done."""
    with run_folder(target, replace=replace) as folder:
        write_checks(findings, folder / "checks.xlsx")
    shown = text(
        "{findings}\n{outcome} All findings: {file}",
        findings=format_findings(findings),
        outcome=outcome,
        file=target / "checks.xlsx",
    )
    return RefusedRun(command, target, findings, shown)


def run_warnings(basis: Basis, law: PayoutLaw, findings: Findings) -> list[Text]:
    """What to know of the basis, of the law and of the input before using the figures."""
    return [*basis_warnings(basis), *projection_warnings(law), *finding_warnings(findings)]


def basis_warnings(basis: Basis) -> list[Text]:
    """A warning where the basis is an illustration."""
    if not basis.is_illustrative:
        return []
    note = text(basis.assumptions.note)
    return [text("The basis {basis} is illustrative: {note}", basis=basis.name, note=note)]


def projection_warnings(law: PayoutLaw) -> list[Text]:
    """A warning a value of the law that was projected beyond the record."""
    return [
        text(
            "{name}: projected with the basis' growth, not enacted: {years}",
            name=parameter_name(name),
            years=years,
        )
        for name, years in law.projected().items()
    ]


def finding_warnings(findings: Findings) -> list[Text]:
    """A warning a code of the findings in the input."""
    return [
        counted("{code}: {n} rows", "{code}: {n} rows", n=count, code=code)
        for code, count in findings.codes().items()
    ]


def mapping_source(mapping: Path | None) -> list[dict[str, Any]]:
    """The column-mapping file as an input of the run's record."""
    if mapping is None:
        return []
    data = mapping.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return [{"path": str(mapping), "sha256": digest, "size": len(data), "format": "yaml"}]
