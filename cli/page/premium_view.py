"""The premium page: its fields as a case, the case as a quote, errors at the field they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import tariffs
from actuarial.language import Text, said, text
from actuarial.premium.choice import CHOICES
from actuarial.premium.compulsory import Premium, explained_choices, history_years, refuse_unknown_law
from actuarial.premium.quote import Quote, quote_of
from actuarial.premium.quote_file import amount, calendar_day, count, percent
from actuarial.report.appendix import EVIDENCE
from cli.page.job import fault_of
from cli.page.view import rendered
from cli.page.word import WORDS
from tariffs.classification import (
    Activity,
    ClassificationError,
    activity_class,
    activity_names,
    find_activities,
    nearest_names,
)

MOST_FOUND = 40
INSTALMENTS = ("1", "2", "3", "4", "6", "12")
HISTORIES = ("unknown", "none", "some")
YEARS = range(1990, 2200)
"""Years of the dates of the form."""


def form_day(written: str) -> date:
    """Convert a date, as `calendar_day`, of a year that the form knows.

    Raises
    ------
    ValueError
        Not such a date.
    """
    day = calendar_day(written)
    return day if day.year in YEARS else calendar_day("")


SINGLE: Mapping[str, Callable[[str], object]] = {
    "contract_date": form_day,
    "start": form_day,
    "end": form_day,
    "risk_class": count,
    "payroll": amount,
    "insured_sum": amount,
    "workers": count,
    "discount": percent,
}
"""Fields with one value, and how it is read."""
COUNTS = ("injured", "deaths")
FIELD_OF: Mapping[str, str] = {
    "E1102": "contract_date",
    "E1104": "oked",
    "E1105": "workers",
    "E1106": "oked",
    "E4202": "contract_date",
    "E4203": "end",
    "E4205": "insured_sum",
    "E4206": "workers",
    "E4207": "discount",
    "E4209": "instalments",
}
"""The field that an error of the computation is about."""
_WIDEST_VALUE = 110


@dataclass
class Form:
    """The fields of the page as a browser sends them.

    Attributes
    ----------
    values : dict of str to str
        Single fields; counts as ``injured-2023``.
    oked : list of str
    """

    values: dict[str, str] = field(default_factory=dict)
    oked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> Form:
        """The form of the pairs of a query."""
        single = {name: value.strip() for name, value in pairs if name != "oked"}
        return cls(single, list(dict.fromkeys(value for name, value in pairs if name == "oked")))

    def get(self, name: str) -> str:
        """Value of a field, empty where it is missing."""
        return self.values.get(name, "")

    @property
    def by_class(self) -> bool:
        """Whether the class is given instead of activities."""
        return self.get("activity_by") == "class"

    @property
    def history(self) -> str:
        """What is known of accidents, of `HISTORIES`."""
        given = self.get("history")
        return given if given in HISTORIES else HISTORIES[0]

    @property
    def contract_date(self) -> date | None:
        """Date of the contract, None where there is none that can be read."""
        try:
            return form_day(self.get("contract_date"))
        except ValueError:
            return None

    @property
    def years(self) -> list[int]:
        """Years of the accident history, newest first."""
        return law_years(self.contract_date)


def law_years(day: date | None) -> list[int]:
    """Years that the law looks at for a contract of a day, newest first; none where it is not known."""
    if day is None:
        return []
    try:
        refuse_unknown_law(day)
        return list(history_years(day))[::-1]
    except (ValueError, LookupError):
        return []


def case_of(form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    """The case, and what is wrong with each field."""
    case: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    left_out = {"discount"} if form.history != "none" else set()
    left_out |= set() if form.by_class else {"risk_class"}
    for name, read in SINGLE.items():
        value = _joined_digits(form.get(name)) if read is count else form.get(name)
        if name in left_out or not value:
            continue
        if problem := _problem(read, value):
            wrong[name] = problem
        else:
            case[name] = value
    needed = ["contract_date", "payroll", *(["risk_class"] if form.by_class else [])]
    wrong |= {name: said(WORDS["fill_in"]) for name in needed if not form.get(name)}
    if not form.by_class:
        if form.oked:
            case["activities"] = [{"oked": code} for code in form.oked]
        else:
            wrong["oked"] = said(WORDS["fill_in"])
    if form.get("instalments"):
        case["instalments"] = form.get("instalments")
    _add_history(form, case, wrong)
    chosen = {name: form.get(f"choice-{name}") for name in CHOICES}
    if choices := {name: value for name, value in chosen.items() if value}:
        case["choices"] = choices
    return case, wrong


def _add_history(form: Form, case: dict[str, Any], wrong: dict[str, str]) -> None:
    if form.history == "none":
        case["injured"] = {str(year): "0" for year in form.years}
    elif form.history == "some":
        for name in COUNTS:
            counts = {str(year): _joined_digits(form.get(f"{name}-{year}")) or "0" for year in form.years}
            for year, value in counts.items():
                if problem := _problem(count, value):
                    wrong[f"{name}-{year}"] = problem
            case[name] = counts
        if form.get("at_fault"):
            case["at_fault"] = "yes"


def _joined_digits(written: str) -> str:
    """A count without the blanks between its thousands."""
    return "".join(written.split())


def _problem(read: Callable[[str], object], value: str) -> str:
    try:
        read(value)
    except ValueError as error:
        return said(error)
    return ""


def quote_answer(form: Form) -> dict[str, Any]:
    """The quote as HTML, or what is wrong with which field; the field ``""`` is the form as a whole."""
    case, wrong = case_of(form)
    if wrong:
        return {"wrong": wrong, "html": ""}
    try:
        quote = quote_of(case)
    except Exception as error:
        fault = fault_of(error)
        name = FIELD_OF.get(fault.code, "")
        message = f"{fault.code}: {fault.message.said()}"
        return {"wrong": {name if _is_shown(form, name) else "": message}, "html": ""}
    return {"wrong": {}, "html": quote_html(quote)}


def _is_shown(form: Form, name: str) -> bool:
    if name == "oked":
        return not form.by_class
    return name != "discount" or form.history == "none"


def quote_html(quote: Quote) -> str:
    """The quote with its steps, payments, notes, law and choices."""
    premium = quote.premium
    return rendered(
        "quote.html.j2",
        premium=premium,
        sections=quote.steps(),
        payments=quote.payments,
        notes=quote.notes(),
        evidence=EVIDENCE,
        entries=[(entry, _value_text(entry)) for entry in quote.entries()],
        choices=explained_choices(premium.choices) if isinstance(premium, Premium) else [],
    )


def _value_text(entry: tariffs.Entry) -> str:
    value = entry.as_json()["value"]
    shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
    return shown if len(shown) <= _WIDEST_VALUE else f"{shown[: _WIDEST_VALUE - 1]}…"


def years_html(form: Form) -> str:
    """Rows of the accident history, with what is filled in."""
    return rendered("years.html.j2", years=form.years, form=form)


def form_html(form: Form) -> str:
    """The form with what is filled in."""
    return rendered(
        "premium.html.j2",
        form=form,
        years=years_html(form),
        activities=[activity_row(code, form) for code in form.oked],
        choices=list(CHOICES.values()),
        instalments=INSTALMENTS,
        histories=HISTORIES,
    )


@dataclass(frozen=True)
class ActivityRow:
    """An activity as the page shows it; without a class where that cannot be found, with the reason."""

    code: str
    name: str
    risk_class: int | None = None
    source: str = ""
    problem: str = ""


def activity_row(code: str, form: Form) -> ActivityRow:
    """An activity chosen."""
    name = activity_names().get(code, "")
    if form.contract_date is None:
        return ActivityRow(code, name, problem=said(WORDS["date_first"]))
    try:
        return _row(activity_class(code, form.contract_date, _workers(form)))
    except LookupError as error:
        return ActivityRow(code, name, problem=said(error))


def _row(activity: Activity) -> ActivityRow:
    entry = activity.entry
    return ActivityRow(
        activity.oked_code,
        activity.name,
        activity.risk_class,
        said(
            text(
                "{source}, mask {mask}, evidence {evidence}",
                source=entry.source.message,
                mask=activity.mask,
                evidence=entry.evidence,
            )
        ),
    )


def _workers(form: Form) -> int | None:
    try:
        return count(_joined_digits(form.get("workers"))) if form.get("workers") else None
    except ValueError:
        return None


def activities_html(words: str, form: Form) -> str:
    """Activities found by the beginning of a code or by words, as options of a list."""
    rows, problem = found_activities(words, form)
    return rendered(
        "activity.html.j2", rows=rows[:MOST_FOUND], n_more=max(0, len(rows) - MOST_FOUND), problem=problem
    )


def found_activities(words: str, form: Form) -> tuple[list[ActivityRow], Text | str]:
    """Activities found, and why there are none."""
    asked = words.strip()
    digits = asked.replace(".", "").replace(" ", "")
    if not asked:
        return [], ""
    if form.contract_date is None:
        return [], WORDS["date_first"]
    if digits.isdigit():
        codes = [code for code in activity_names() if code.startswith(digits)]
        return [activity_row(code, form) for code in codes], "" if codes else WORDS["none_found"]
    try:
        rows = [_row(found) for found in find_activities(asked, form.contract_date, _workers(form))]
    except ClassificationError as error:
        return [], said(error)
    if rows:
        return rows, ""
    near = ", ".join(nearest_names(asked))
    return [], f"{said(WORDS['none_found'])} {near}".strip()
