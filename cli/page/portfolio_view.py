"""The portfolio page: what its parts show at each moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from actuarial.basis import basis_names
from actuarial.language import counted, joined, language, said, text
from cli.page import word
from cli.page.job import Checked, Fault, Reserved
from cli.page.view import integer, rendered
from cli.page.visit import Visit
from cli.page.worker import Workshop

DOWNLOADS: Mapping[str, tuple[str, str]] = {
    "report.xlsx": ("workbook", "workbook_note"),
    "report.html": ("report", "report_note"),
    "results.csv": ("rows", "rows_note"),
    "run.zip": ("folder", "folder_note"),
}
"""What is offered of a run, the workbook first: name of the file → words."""
COLUMNS = (
    "certified_reserve",
    "expected_reserve",
    "additional_expenses_reserve",
    "total_certified",
    "total_expected",
)
"""Amounts of the table by group, parts before totals."""
_QUARTER = 3


def quarter_start(day: date) -> date:
    """First day of the quarter of a day."""
    return date(day.year, (day.month - 1) // _QUARTER * _QUARTER + 1, 1)


def fragments(visit: Visit, workshop: Workshop, today: date) -> dict[str, str]:
    """The parts of the page that change, by id."""
    return {
        "file-part": rendered(
            "file.html.j2",
            file=visit.files.get("portfolio"),
            mapping=visit.files.get("mapping"),
            size=size_text,
        ),
        "date-part": rendered("date.html.j2", chosen=visit.valuation_date, offers=_offers(today)),
        "check-part": rendered(
            "check.html.j2",
            checked=visit.checked if isinstance(visit.checked, Checked) else None,
            fault=visit.checked if isinstance(visit.checked, Fault) else None,
            summary=_summary(visit.checked) if isinstance(visit.checked, Checked) else "",
            progress=_progress(visit, workshop, "checking"),
            download="checks.xlsx",
        ),
        "basis-part": rendered(
            "basis.html.j2",
            shipped=basis_names(),
            chosen=visit.basis,
            own=visit.files.get("basis"),
            is_own="basis" in visit.files and visit.basis == visit.files["basis"].path.name,
        ),
        "run-part": _run_part(visit, workshop),
    }


def _offers(today: date) -> list[tuple[date, str]]:
    first = [(quarter_start(today), "this_quarter"), (date(today.year, 1, 1), "this_year")]
    # in the first quarter both are one day
    return first[1:] if first[0][0] == first[1][0] else first


def is_ready(visit: Visit) -> bool:
    """Whether a reserve can be computed."""
    checked = visit.checked
    return isinstance(checked, Checked) and not checked.n_errors and visit.basis is not None


def _run_part(visit: Visit, workshop: Workshop) -> str:
    found = visit.reserved
    refused = found if isinstance(found, Checked) else None
    done = found if isinstance(found, Reserved) else None
    return rendered(
        "run.html.j2",
        ready=is_ready(visit),
        progress=_progress(visit, workshop, "reserving"),
        fault=found if isinstance(found, Fault) else None,
        refused=refused,
        summary=_summary(refused) if refused else "",
        done=done,
        figures=_figures(done) if done else (),
        products=word.PRODUCTS,
        beneficiaries=word.BENEFICIARIES,
        columns=[(name, word.TOTALS[name]) for name in COLUMNS],
        downloads=DOWNLOADS,
        has_checks=bool(done and "checks.xlsx" in done.files),
        is_foreign=bool(done and done.language != language()),
        headline=_headline(done) if done else "",
    )


def _progress(visit: Visit, workshop: Workshop, which: str) -> dict[str, Any] | None:
    task = getattr(visit, which)
    if task is None:
        return None
    place = workshop.place(task)
    return {"is_waiting": place > 0, "step": task.step, "which": which}


def _summary(checked: Checked) -> str:
    parts: list[object] = []
    if checked.n_rows is not None:
        parts.append(counted("{n} row", "{n} rows", n=checked.n_rows))
    parts += [
        counted("{n} error", "{n} errors", n=checked.n_errors),
        counted("{n} warning", "{n} warnings", n=checked.n_warnings),
    ]
    return said(joined(parts))


def _headline(done: Reserved) -> str:
    return said(
        text(
            "On {day}, basis {basis}, {records} records, {seconds} s",
            day=done.valuation_date,
            basis=done.basis_name,
            records=integer(done.n_records),
            seconds=f"{done.seconds:.1f}",
        )
    )


def _figures(done: Reserved) -> list[tuple[str, str, int]]:
    return [(label, note, done.totals[name]) for name, (label, note) in word.TOTALS.items()]


def size_text(size: int) -> str:
    """A size in bytes for people."""
    if size < 1_000_000:
        return said(text("{kilobytes} kB", kilobytes=integer(max(1, round(size / 1000)))))
    return said(text("{megabytes} MB", megabytes=f"{size / 1_000_000:.1f}"))
