"""What every run of a command on a file has: a clock, and a way to end when the data have findings."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actuarial.portfolio.checks_workbook import write_checks
from actuarial.portfolio.finding import Findings, format_findings
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
    text = f"{format_findings(findings)}\n{outcome} All findings: {target / 'checks.xlsx'}"
    return RefusedRun(command, target, findings, text)


def mapping_source(mapping: Path | None) -> list[dict[str, Any]]:
    """The column-mapping file as an input of the run's record."""
    if mapping is None:
        return []
    data = mapping.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return [{"path": str(mapping), "sha256": digest, "size": len(data), "format": "yaml"}]
