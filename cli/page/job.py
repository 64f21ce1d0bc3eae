"""What the page has computed: a check and a reserve, with answers that can be shown in every language.

Jobs and answers travel between the server and its worker process, so they hold plain values.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from actuarial.error import ActuarialError
from actuarial.language import LANGUAGES, Text, is_message, language, said, spoken, text
from cli.stream import StreamPath

if TYPE_CHECKING:
    from actuarial.portfolio.finding import Findings, Group

Announce = Callable[[object], None]

RUN_FOLDER, CHECK_FOLDER, CHECKS = "run", "check", "checks.xlsx"
SHOWN_EXAMPLES = 5
"""Cells shown of each kind of finding; checks.xlsx has all of them."""
MOST_GROUPS = 100
"""Kinds of findings shown."""
TABLE = "annuities"
NO_MEMORY: Final = text("the process that computes has ended; perhaps there was not enough memory")
WITHOUT_FILES = "mortality.male, mortality.female, interest.spot"


@dataclass(frozen=True)
class Wording:
    """A message in every language: what is shown may be asked for in another one later."""

    forms: Mapping[str, str]

    @classmethod
    def of(cls, message: object) -> Wording:
        """The wording of a message or an error."""
        forms = {}
        for code in LANGUAGES:
            with spoken(code):
                forms[code] = said(message)
        return cls(forms)

    def said(self) -> str:
        """The message in the language in force."""
        return self.forms[language()]


@dataclass(frozen=True)
class FindingGroup:
    """One kind of finding in one column, with the first cells.

    Attributes
    ----------
    code, severity, column : str
    n : int
    message, fix : Wording
    examples : tuple of (Wording, Wording)
        Where it is, and what stands there.
    headings : tuple of (str, str)
        Columns that it names by our names, each with the name in the file.
    """

    code: str
    severity: str
    column: str
    n: int
    message: Wording
    fix: Wording
    examples: tuple[tuple[Wording, Wording], ...]
    headings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Checked:
    """What the checks found.

    Attributes
    ----------
    n_rows : int or None
    n_errors, n_warnings : int
    n_groups : int
    groups : tuple of FindingGroup
        The first of them.
    workbook : str
        Path of ``checks.xlsx`` within the folder of the visit.
    """

    n_rows: int | None
    n_errors: int
    n_warnings: int
    n_groups: int
    groups: tuple[FindingGroup, ...]
    workbook: str


@dataclass(frozen=True)
class Reserved:
    """A finished reserve run.

    Attributes
    ----------
    valuation_date : date
    basis_name : str
    n_records : int
    totals : mapping of str to int [tiyn]
    groups : tuple of (product, beneficiary, band, records, totals)
    warnings : tuple of Wording
    files : tuple of str
        Names in the run folder.
    language : str
        Of the report.
    seconds : float
    """

    valuation_date: date
    basis_name: str
    n_records: int
    totals: Mapping[str, int]
    groups: tuple[tuple[str, str, str, int, Mapping[str, int]], ...]
    warnings: tuple[Wording, ...]
    files: tuple[str, ...]
    language: str
    seconds: float


@dataclass(frozen=True)
class Fault:
    """Why there is no answer."""

    code: str
    message: Wording


Answer = Checked | Reserved | Fault


class _NamedPath(StreamPath):
    """A file with a name of ours that is called by the user's name of it."""

    shown_name = ""

    def __str__(self) -> str:
        return self.shown_name or self.__fspath__()


@dataclass(frozen=True)
class Given:
    """A file in the folder of the visit.

    Attributes
    ----------
    file : str
        Its name there.
    shown_name : str
        What messages, report and record call it.
    """

    file: str
    shown_name: str

    @property
    def path(self) -> Path:
        """The file, to be read in the folder of the visit."""
        path = _NamedPath(self.file)
        path.shown_name = self.shown_name
        return path


@dataclass(frozen=True)
class CheckJob:
    """Check a portfolio."""

    portfolio: Given
    valuation_date: date
    mapping: Given | None

    def run(self, announce: Announce) -> Answer:
        """Check in the present folder."""
        from actuarial.report.check_run import CheckRequest, run_check

        shutil.rmtree(CHECK_FOLDER, ignore_errors=True)
        found = run_check(
            CheckRequest(
                self.portfolio.path,
                self.valuation_date,
                table=TABLE,
                mapping=self.mapping.path if self.mapping else None,
                target=Path(CHECK_FOLDER),
            ),
            announce,
        )
        return _checked(found.findings, found.rows.get(TABLE), f"{CHECK_FOLDER}/{CHECKS}")


@dataclass(frozen=True)
class ReserveJob:
    """Reserve a portfolio; the basis is a shipped name or a file in the folder of the visit."""

    portfolio: Given
    valuation_date: date
    basis: str
    mapping: Given | None
    language: str
    is_own_basis: bool
    company: str = ""

    def run(self, announce: Announce) -> Answer:
        """Reserve in the present folder."""
        from actuarial.report.reserve_run import ReserveRequest, ReserveRun, run_reserve

        shutil.rmtree(RUN_FOLDER, ignore_errors=True)
        if self.is_own_basis:
            refuse_files_of_basis(Path(self.basis))
        request = ReserveRequest(
            portfolio=self.portfolio.path,
            valuation_date=self.valuation_date,
            basis=self.basis,
            target=Path(RUN_FOLDER),
            mapping=self.mapping.path if self.mapping else None,
            seriatim_format="csv",
            company=self.company,
        )
        with spoken(self.language):
            outcome = run_reserve(request, announce)
        if not isinstance(outcome, ReserveRun):
            return _checked(outcome.findings, None, f"{RUN_FOLDER}/{CHECKS}")
        return Reserved(
            self.valuation_date,
            outcome.record["basis_name"],
            outcome.record["records"],
            outcome.totals,
            tuple(outcome.groups),
            tuple(Wording.of(warning) for warning in outcome.record["warnings"]),
            tuple(sorted(entry.name for entry in Path(RUN_FOLDER).iterdir())),
            self.language,
            sum(outcome.record["seconds"].values()),
        )


Job = CheckJob | ReserveJob


def done(job: Job, announce: Announce) -> Answer:
    """Run a job; every error is an answer."""
    try:
        return job.run(announce)
    except Exception as error:
        return fault_of(error)


def fault_of(error: Exception) -> Fault:
    """An error as an answer; one without a code is a fault of the program."""
    code = getattr(error, "code", None)
    if isinstance(code, str):
        return Fault(code, Wording.of(error))
    if isinstance(error, OSError):
        return Fault(
            "E8002",
            Wording.of(
                text(
                    "a file cannot be read or written: {problem}",
                    problem=error.strerror or type(error).__name__,
                )
            ),
        )
    return internal_fault(NO_MEMORY if isinstance(error, MemoryError) else type(error).__name__)


def internal_fault(what: Text | str) -> Fault:
    """A fault of the program, not of the data."""
    message = text(
        "This is a fault of the program, not of your data ({what}). Nothing was computed. Try again; if it "
        "comes back, run the command in a terminal with ACTUARIAL_DEBUG=1 and tell its makers.",
        what=what,
    )
    return Fault("E7000", Wording.of(message))


def refuse_files_of_basis(path: Path) -> None:
    """Refuse a basis given to the page that names files of its own: no path of a user reaches the disk.

    Raises
    ------
    PageError
        E8521.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    import mortality

    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig"))
    except (YAMLError, ValueError, RecursionError):
        return  # the reader of the basis says what is wrong
    tables = _value(content, "mortality")
    named = [_value(tables, sex) for sex in ("male", "female")]
    foreign = [name for name in named if isinstance(name, str) and name not in mortality.table_ids()]
    spot = _value(_value(content, "interest"), "spot")
    foreign += [spot] if isinstance(spot, str) else []
    if foreign:
        raise PageError(
            "E8521",
            "the basis names {files}: on the page a basis has tables of the program and no files of its own "
            "({keys}). Use a shipped table and a flat rate or a formula, or the command `actuarial reserve`",
            files=", ".join(foreign),
            keys=WITHOUT_FILES,
        )


class PageError(ActuarialError):
    """Something the page does not do (E852x)."""


def _value(content: Any, key: str) -> Any:
    return content.get(key) if isinstance(content, dict) else None


def _checked(findings: Findings, n_rows: int | None, workbook: str) -> Checked:
    found = list(findings.ordered())
    groups = tuple(_group(findings, group) for group in found[:MOST_GROUPS])
    return Checked(n_rows, findings.n_errors, findings.n_warnings, len(found), groups, workbook)


def _group(findings: Findings, group: Group) -> FindingGroup:
    examples = [
        (_wording(finding.cell or finding.sheet), _wording(finding.value))
        for finding in findings.of_group(group, SHOWN_EXAMPLES)
    ]
    return FindingGroup(
        group.code,
        group.rule.severity,
        group.column,
        len(group),
        Wording.of(group.message),
        Wording.of(group.fix),
        tuple(example for example in examples if any(part.forms["en"] for part in example)),
        findings.headings(group),
    )


def _wording(value: str) -> Wording:
    """A message, or data of the user, which are the same in every language."""
    return Wording.of(value) if is_message(value) else Wording(dict.fromkeys(LANGUAGES, value))
