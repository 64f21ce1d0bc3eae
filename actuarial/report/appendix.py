"""What every report ends with: assumptions, law, inputs, findings, checks, limitations of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from actuarial.language import Text, counted, joined, text
from actuarial.portfolio.finding import Findings
from actuarial.report import word
from actuarial.report.name import NO, SEXES, YES, as_message, parameter_name
from actuarial.report.page import KeyFigure, Page, Section
from actuarial.report.run import finding_warnings
from actuarial.report.table import Column, Table, cell_message
from actuarial.report.workbook import Sheet

MONEY = Column("", "money")
LONGEST_VALUE = 240
"""Letters of a value of the law that are shown; longer ones are tables of their own."""
OF_THE_ACT = "V"
EVIDENCE = text(
    "Evidence: V words of the act read in a dated edition; S secondary source; C seen in working software of "
    "Kazakh insurers; D derived from the words of an act. An entry without a last day was in force in the "
    "newest text read, seen on the day shown; that none is newer is not proved."
)
NESTED = {"between": text("between"), "value": text("value")}
"""Keys of a value that is itself a table, in words."""
SEVERITIES = {"error": text("error"), "warning": text("warning")}
_SHA_SHOWN = 12


@dataclass(frozen=True)
class Check:
    """Two ways to the same total [tiyn]; a report shows both and their difference."""

    name: str
    one: int
    other: int

    @property
    def difference(self) -> int:
        """What is left between the two [tiyn]."""
        return self.one - self.other


@dataclass(frozen=True)
class Amount:
    """A key figure that is money [tiyn], for the page and for the workbook."""

    label: str
    tiyn: int
    note: str = ""


def key_figures(amounts: Iterable[Amount]) -> tuple[KeyFigure, ...]:
    """Amounts as the page shows them."""
    return tuple(KeyFigure(amount.label, tenge(amount.tiyn), amount.note) for amount in amounts)


def percent(fraction: float, decimals: int = 1) -> Text:
    """A fraction in percent, for a sentence."""
    return cell_message(fraction, Column("", "percent", decimals))


def check_table(checks: Sequence[Check]) -> Table:
    """The checks of a run's own figures with both totals."""
    columns = (
        Column("check"),
        Column("one way", "money"),
        Column("other way", "money"),
        Column("difference", "money"),
    )
    rows = tuple((as_message(check.name), check.one, check.other, check.difference) for check in checks)
    return Table("Control totals of this run", columns, rows)


def finding_table(findings: Findings) -> Table:
    """What the checks of the input found, by rule."""
    columns = (
        Column("code"),
        Column("error or warning"),
        Column("column"),
        Column("rows", "integer"),
        Column("rule"),
        Column("what to do"),
    )
    rows = tuple(
        (
            group.code,
            SEVERITIES[group.rule.severity],
            group.column,
            len(group),
            group.message,
            group.fix,
        )
        for group in findings.ordered()
    )
    return Table("Findings in the input", columns, rows, note="Every row is in checks.xlsx." if rows else "")


def explained_warnings(warnings: Sequence[str], findings: Findings) -> list[str]:
    """The warnings of ``run.json``; codes of findings with the rule they stand for."""
    messages = {group.code: group.message for group in findings.ordered()}
    of_codes = zip(finding_warnings(findings), findings.codes(), strict=True)
    rules: dict[str, str] = {warning: messages[code] for warning, code in of_codes}
    return [
        text("{warning}: {rule} (see Limitations and checks)", warning=warning, rule=rules[warning])
        if warning in rules
        else warning
        for warning in warnings
    ]


def input_table(inputs: Sequence[Mapping[str, Any]]) -> Table:
    """The files that were read, with their SHA-256."""
    columns = (Column("file"), Column("bytes", "integer"), Column("SHA-256"))
    rows = tuple((source["path"], source["size"], source["sha256"]) for source in inputs)
    return Table("Files read", columns, rows)


def company_fact(record: Mapping[str, Any]) -> tuple[tuple[Text, str], ...]:
    """The insurer a run was made for, the first fact of its page; nothing where none was named."""
    name = record["request"].get("company")
    return ((text("Company"), str(name)),) if name else ()


def day_fact(iso: str) -> Text:
    """A date of ``run.json`` as a fact of a page."""
    return cell_message(date.fromisoformat(iso), Column("", "date"))


def count_fact(n: int) -> Text:
    """A number of records as a fact of a page."""
    return cell_message(n, Column("", "integer"))


def input_facts(inputs: Sequence[Mapping[str, Any]]) -> str:
    """The files read in a line, each with the first letters of its SHA-256."""
    names = (f"{str(s['path']).rpartition('/')[2]} ({s['sha256'][:_SHA_SHOWN]}…)" for s in inputs)
    return ", ".join(names)


def assumption_tables(resolved: Mapping[str, Any]) -> tuple[Table, ...]:
    """Every assumption of a basis: single values in one table, a matrix a table.

    Parameters
    ----------
    resolved : mapping
        `actuarial.basis.Basis.resolved`.
    """
    left_out = ("asked", "tables", "sources")
    rows: list[tuple[str, str]] = []
    matrices: list[Mapping[str, Any]] = []
    for key, value in resolved.items():
        if key not in left_out:
            rows += _flat(key, value, matrices)
    singles = Table("Assumptions", (Column("assumption"), Column("value")), tuple(rows))
    sources = Table(
        "Mortality tables",
        (Column("sex"), Column("table"), Column("title"), Column("source"), Column("SHA-256")),
        tuple(
            (
                SEXES[sex],
                table["id"],
                as_message(table["title"]),
                as_message(table["source"]),
                table["sha256"],
            )
            for sex, table in resolved.get("tables", {}).items()
        ),
    )
    return singles, *(_matrix_table(matrix) for matrix in matrices), sources


def _flat(key: str, value: Any, matrices: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    if key == "certification.matrices":
        matrices += value
        return []
    if isinstance(value, Mapping):
        return [row for name, inner in value.items() for row in _flat(f"{key}.{name}", inner, matrices)]
    if value is None:
        # a term without review is an assumption; an alternative that was not chosen is not
        return [(key, text("none: without review"))] if key.startswith("certification.next_term") else []
    return [(key, text(value) if key == "note" else _plain(value))]


def _matrix_table(matrix: Mapping[str, Any]) -> Table:
    states = ("A", "B", "C", "D")
    columns = (Column("from"), *(Column(name, "percent") for name in states), Column("recovered", "percent"))
    rows = tuple((state, *matrix[state]) for state in states)
    years = matrix["duration_from"]
    title = counted(
        "Certification matrix from {n} completed years after the first certificate",
        "Certification matrix from {n} completed years after the first certificate",
        n=years,
    )
    return Table(title, columns, rows)


def law_table(entries: Sequence[Mapping[str, Any]]) -> Table:
    """Every entry of the law that a run used: value, period, act with article, evidence.

    Parameters
    ----------
    entries : sequence of mapping
        As `tariffs.dated.Entry.as_json` gives them.
    """
    columns = (
        Column("parameter"),
        Column("value"),
        Column("from", "date"),
        Column("last day", "date"),
        Column("seen on", "date"),
        Column("source"),
        Column("evidence"),
        Column("note"),
    )
    rows = tuple(
        (
            _parameter(entry),
            _law_value(entry),
            *(_day(entry[key]) for key in ("from", "to", "checked_on")),
            joined((citation(entry), *entry["further_sources"]), "; "),
            entry["evidence"],
            as_message(entry["note"]),
        )
        for entry in entries
    )
    return Table("Entries of the law used", columns, rows, note=EVIDENCE)


def unread_law(entries: Sequence[Mapping[str, Any]]) -> list[Text]:
    """A warning where entries used do not rest on the words of an act."""
    names: dict[str, Text] = {}
    for entry in entries:
        if entry["evidence"] != OF_THE_ACT:
            name = text("{parameter} ({evidence})", parameter=_parameter(entry), evidence=entry["evidence"])
            names[name] = name
    if not names:
        return []
    return [text("Not read in the words of an act, see the appendix: {names}.", names=joined(names.values()))]


def _parameter(entry: Mapping[str, Any]) -> Text:
    return parameter_name(entry["parameter"], entry["parameter"].replace("_", " "))


def choice_table(choices: Sequence[Mapping[str, str]]) -> Table:
    """What the law leaves open and how it was taken, as `explained_choices` gives it."""
    columns = (Column("choice"), Column("taken"), Column("default"), Column("article"), Column("reason"))
    rows = tuple(
        (c["choice"], c["value"], c["default"], as_message(c["article"]), as_message(c["reason"]))
        for c in choices
    )
    return Table("Choices where the law is open", columns, rows)


def summary_sheet(page: Page, amounts: Sequence[Amount]) -> Sheet:
    """First sheet of a workbook: what the head of the page says, amounts as numbers."""
    tables = [
        Table("Key figures", (Column("figure"), Column("tenge", "money"), Column("note")), tuple(
            (as_message(amount.label), amount.tiyn, as_message(amount.note)) for amount in amounts
        )),
        Table("Run", (Column("what"), Column("value")), tuple(
            (as_message(name), value) for name, value in page.facts
        )),
    ]  # fmt: skip
    if page.warnings:
        rows = tuple((as_message(warning),) for warning in page.warnings)
        tables.append(Table(word.WARNINGS, (Column("warning"),), rows))
    return Sheet("summary", tuple(tables), text=(page.title, page.subtitle))


def closing_section(
    limitations: Sequence[str], checks: Sequence[Check], findings: Findings, extra: Sequence[str] = ()
) -> Section:
    """Limitations, control totals and findings: the last section before the appendix."""
    left = [as_message(check.name) for check in checks if check.difference]
    lines = (*limitations, *extra)
    if left:
        differing = text("CONTROL TOTALS DIFFER: {names}. Do not use the figures.", names=joined(left))
        lines = (differing, *lines)
    return Section("Limitations and checks", lines, (), (check_table(checks), finding_table(findings)))


def _law_value(entry: Mapping[str, Any]) -> str:
    value = _plain(entry["value"])
    if len(value) > LONGEST_VALUE:
        options = f"--on {entry['from']} --parameter {entry['parameter']}"
        return text("a table: actuarial law show {options}", options=options)
    return value


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return joined(
            text("{key}: {value}", key=NESTED.get(key, key), value=_plain(inner))
            for key, inner in value.items()
        )
    if isinstance(value, (list, tuple)):
        if any(isinstance(inner, Mapping) for inner in value):
            return joined(map(_plain, value), "; ")
        return joined(map(_plain, value), "–" if len(value) == 2 else ", ")
    if isinstance(value, bool):
        return YES if value else NO
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _day(iso: str | None) -> date | None:
    return None if iso is None else date.fromisoformat(iso)


def citation(entry: Mapping[str, Any]) -> Text:
    """Act, number, day and article of an entry of the law."""
    act = text(entry["act"])
    if entry["number"]:
        act = text("{act} No {number}", act=act, number=entry["number"])
    if entry["adopted"]:
        act = text("{act} of {day}", act=act, day=_day(entry["adopted"]))
    article = entry["article"]
    numbered = article[:1].isdigit()
    article = text("art. {article}", article=text(article)) if numbered else text(article)
    return text("{act}, {article}", act=act, article=article)


def tenge(tiyn: int) -> Text:
    """Whole tiyn for a sentence."""
    return text("{amount}\u00a0₸", amount=cell_message(tiyn, MONEY))
