"""One claim as a workbook whose formulas rebuild its figures from input cells.

Formulas are written on purpose and only here and in `explain_input_sheet`; every text of the user is written
as text. The values saved beside the formulas are the engine's, so that a program that does not calculate
shows them too.
"""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actuarial.explained_measure import STATES, Measure
from actuarial.explanation import Explanation
from actuarial.language import Text, said, text, texts
from actuarial.money import TIYN
from actuarial.record import BANDS
from actuarial.report.appendix import law_table
from actuarial.report.explain_input_sheet import NOTE, write_inputs
from actuarial.report.explain_run import ExplainedClaim
from actuarial.report.explain_text import measures, story
from actuarial.report.formula_sheet import FIRST, FormulaBook, FormulaPage, reference, sheet_name
from actuarial.report.name import MEASURES
from actuarial.report.table import Table, cell_text, printable
from actuarial.survival import MONTHS

Float = NDArray[np.float64]
Certificates: TypeAlias = tuple[FormulaPage, FormulaPage | None]

FIGURES, TIMELINE, MATRIX = text("figures"), text("timeline"), text("matrix")
REVIEWS, CHAIN = text("reviews"), text("reviews without mortality")
LAW = text("law")
BY_STATE = texts(
    {
        "P": "P {state}",
        "chain": "chain {state}",
        "due": "due {state}",
        "new": "new {state}",
        "until": "until {state}",
    }
)
"""Headings of what each state has."""
HEADINGS = (
    text("figure"), text("by formula"), text("rounded to the tiyn"), text("engine"), text("difference"),
)  # fmt: skip
# a workbook says when it was made; the same claim must give the same bytes
_CREATED = datetime(2000, 1, 1)


def write_explanation(path: Path, claim: ExplainedClaim) -> Path:
    """Write the workbook; the same claim gives the same bytes.

    Sheets: the figures with the story, the inputs, the timeline, the matrices and reviews, both measures
    payment by payment, the entries of the law.
    """
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    e = claim.explanation
    with xlsxwriter.Workbook(str(path), options) as made:
        made.set_properties({"created": _CREATED})
        book = FormulaBook(made)
        summary = made.add_worksheet(sheet_name(FIGURES))
        write_inputs(book, e)
        pages: dict[str, FormulaPage] = {}
        if e.dates[:-1]:
            line = _timeline(book, e)
            pages = {TIMELINE: line, "certified": _measure(book, e, line, "certified", None)}
            if e.is_reviewed:
                _matrices(book, e)
                states = _reviews(book, e, line, REVIEWS)
                chain = _reviews(book, e, line, CHAIN) if isfinite(e.limit) else None
                pages["expected"] = _measure(book, e, line, "expected", (states, chain))
        _figures(book, summary, claim, pages)
        _law(book, law_table(e.law.used()))
    return path


def _timeline(book: FormulaBook, e: Explanation) -> FormulaPage:
    """Dates, ages, mortality, index and discount of every payment: what both measures share."""
    titles: list[str] = [
        "k", text("date"), text("year"), text("age, months"), "q", text("hazard"), text("cumulative hazard"),
    ]  # fmt: skip
    settings = e.basis.assumptions
    titles += [text("years of improvement")] if settings.mortality.improvement else []
    titles += [text("anniversaries")] if e.steps is not None else []
    page = FormulaPage(book, TIMELINE, (*titles, text("index"), "t", text("yield"), "v"))
    hazard = np.where(np.isfinite(e.hazard), e.hazard, 0.0)
    total = np.concatenate(([0.0], np.cumsum(hazard)))
    for k in range(len(e.dates) - 1):
        row = FIRST + k
        page.number(row, "k", k)
        page.sheet.write_datetime(row, page.at["date"], e.dates[k], book.look("date"))
        page.formula(row, "year", f"YEAR({page.cell('date', row)})", e.dates[k].year)
        page.number(row, "age, months", int(e.age[k]))
        page.number(row, "q", float(e.death_probability[k]), "factor input")
        if settings.mortality.improvement:
            page.number(row, "years of improvement", float(e.improvement_years[k]))
        if np.isfinite(e.hazard[k]):
            page.formula(row, "hazard", _hazard(page, e, row, int(e.age[k])), float(hazard[k]), "factor")
        else:
            # the table's last age: who reaches it is paid once, so that the force is never used
            page.number(row, "hazard", 0.0, "factor")
        before = f"{page.cell('cumulative hazard', row - 1)}+{page.cell('hazard', row - 1)}" if k else "0"
        page.formula(row, "cumulative hazard", before, float(total[k]), "factor")
        if e.steps is not None:
            page.number(row, "anniversaries", int(e.steps[k]))
            formula = f"(1+index_rate)^{page.cell('anniversaries', row)}"
            page.formula(row, "index", formula, float(e.index[k]), "factor")
        else:
            page.number(row, "index", float(e.index[k]), "factor input")
        formula = f"delta/365+{page.cell('k', row)}/{MONTHS}"
        page.formula(row, "t", formula, float(e.years[k]), "factor")
        if settings.interest.flat is not None:
            page.formula(row, "yield", "interest", settings.interest.flat, "factor")
        else:
            page.number(row, "yield", float(e.spot_rate[k]), "factor input")
        formula = f"(1+{page.cell('yield', row)})^(-{page.cell('t', row)})"
        page.formula(row, "v", formula, float(e.discount[k]), "factor")
    return page


def _hazard(page: FormulaPage, e: Explanation, row: int, age: int) -> str:
    """Force of a month from the table's q, by the assumption on fractional ages."""
    q = page.cell("q", row)
    settings = e.basis.assumptions.mortality
    formula = f"-LN(1-{q})/{MONTHS}"
    if settings.fractional_age == "udd":
        s = age % MONTHS
        formula = f"-LN((1-{s + 1}*{q}/{MONTHS})/(1-{s}*{q}/{MONTHS}))"
    if settings.improvement:
        formula += f"*(1-improvement)^{page.cell('years of improvement', row)}"
    return formula


def _first_survival(line: FormulaPage, e: Explanation) -> str:
    if not np.isfinite(e.hazard[0]):
        return f"{e.first_survival:g}"
    return f"EXP(-multiplier_own*{MONTHS}*{line.cell('hazard', FIRST, elsewhere=True)}*delta/365)"


def _matrices(book: FormulaBook, e: Explanation) -> None:
    page = FormulaPage(book, MATRIX, (text("from year"), text("from"), *BANDS, text("recovered")))
    for m, years in enumerate(e.basis.matrices.duration_from):
        for b, band in enumerate(BANDS):
            row = FIRST + len(BANDS) * m + b
            page.number(row, "from year", years)
            page.sheet.write_string(row, page.at["from"], band)
            for c, title in enumerate((*BANDS, "recovered")):
                page.number(row, title, float(e.basis.matrices.probabilities[m, b, c]), "number input")


def _matrix_cell(matrix: int, band: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    row = FIRST + len(BANDS) * matrix + band
    return f"{reference(MATRIX)}!{xl_rowcol_to_cell(row, 2 + column, True, True)}"


def _of_state(kind: str, state: str) -> Text:
    """Heading of what a state has."""
    return text(BY_STATE[kind], state=text("own") if state == STATES[0] else state)


def _reviews(book: FormulaBook, e: Explanation, line: FormulaPage, name: str) -> FormulaPage:
    """Certificates: who comes up for review when, what the matrix makes of them, how long the next one lasts.

    The first row is the certificate in force. ``name`` says whether mortality acts.
    """
    alive = name == REVIEWS
    kinds = ("due", "new", "until")
    by_state = (_of_state(kind, state) for kind in kinds for state in STATES)
    heads = ("k", text("date"), text("years"), text("matrix from year"), "H")
    page = FormulaPage(book, name, (*heads, *by_state))
    n, terms = len(e.expected), e.basis.terms
    probabilities = e.basis.matrices.probabilities
    new: list[Float] = []
    until: list[list[int]] = []
    starts: list[int] = []
    hazard = np.concatenate(([0.0], np.cumsum(np.where(np.isfinite(e.hazard), e.hazard, 0.0))))
    factors = np.array([e.multiplier[e.band], *e.multiplier[: len(BANDS)]]) * alive
    for j, review in enumerate((None, *e.reviews)):
        row, k = FIRST + j, review.payment if review else 0
        page.number(row, "k", k)
        page.sheet.write_datetime(row, page.at["date"], e.dates[k], book.look("date"))
        page.formula(
            row, "H", line.cell("cumulative hazard", FIRST + k, elsewhere=True), float(hazard[k]), "factor"
        )
        due, made = np.zeros(len(STATES)), np.zeros(len(STATES))
        if review:
            page.number(row, "years", review.years)
            page.number(row, "matrix from year", e.basis.matrices.duration_from[review.matrix])
            for s, state in enumerate(STATES):
                due[s] = sum(
                    new[i][s] * np.exp(-factors[s] * (hazard[k] - hazard[starts[i]]))
                    for i in range(j)
                    if until[i][s] == k
                )
                page.formula(row, f"due {state}", _due(page, state, row, alive=alive), due[s], "factor")
            for s, state in enumerate(STATES):
                formula, made[s] = _new(page, row, e.band, review.matrix, due, s, probabilities)
                page.formula(row, f"new {state}", formula, made[s], "factor")
        else:
            made[0] = e.first_survival if alive else 1.0
            formula = _first_survival(line, e) if alive else "1"
            page.formula(row, f"new {STATES[0]}", formula, made[0], "factor")
            for state in STATES[1:]:
                page.number(row, f"new {state}", 0.0)
        bands = (e.band, *range(len(BANDS)))
        ends = [k + int(terms[b]) if terms[b] and k + terms[b] < n else n for b in bands]
        if not review:
            ends = [min(e.node, n), *([0] * len(BANDS))]
        for s, state in enumerate(STATES):
            page.number(row, f"until {state}", ends[s])
        new.append(made)
        until.append(ends)
        starts.append(k)
    return page


def _due(page: FormulaPage, state: str, row: int, *, alive: bool) -> str:
    """Who of the earlier certificates of a state comes up for review at this one."""
    earlier = {kind: page.span(f"{kind} {state}", FIRST, row - 1) for kind in ("new", "until")}
    decay = ""
    if alive:
        since = page.span("H", FIRST, row - 1)
        decay = f"*EXP(-multiplier_{state}*({page.cell('H', row)}-{since}))"
    return f"SUMPRODUCT(({earlier['until']}={page.cell('k', row)})*{earlier['new']}{decay})"


def _new(
    page: FormulaPage, row: int, own: int, matrix: int, due: Float, s: int, probabilities: Any
) -> tuple[str, float]:
    """Who holds a new certificate of a state after a review: formula and value."""
    if s == 0:
        cell = page.cell(f"due {STATES[0]}", row)
        return f"{cell}*{_matrix_cell(matrix, own, own)}", float(due[0] * probabilities[matrix, own, own])
    column = s - 1
    sources = [(f"due {band}", b, due[b + 1]) for b, band in enumerate(BANDS)]
    if column != own:
        sources.append((f"due {STATES[0]}", own, due[0]))
    formula = "+".join(
        f"{page.cell(title, row)}*{_matrix_cell(matrix, b, column)}" for title, b, _ in sources
    )
    return formula, float(sum(mass * probabilities[matrix, b, column] for _, b, mass in sources))


def _measure(
    book: FormulaBook,
    e: Explanation,
    line: FormulaPage,
    name: str,
    certificates: Certificates | None,
) -> FormulaPage:
    """The payments of a measure."""
    m = dict(measures(e))[name]
    states = STATES if certificates else STATES[:1]
    is_limited = isfinite(e.limit)
    titles = ["k", text("date"), text("part"), *(_of_state("P", state) for state in states)]
    if is_limited:
        titles += [_of_state("chain", state) for state in states] if certificates else []
        titles += [text("used"), text("used so far"), text("covered")]
    titles += [text("expected payment"), text("paid"), text("present value"), text("cumulative")]
    titles += [text("excess")] if is_limited and not e.ends_at_limit else []
    page = FormulaPage(book, MEASURES[name], (*titles, text("P payment made"), text("expense unit")))
    cumulative = np.cumsum(m.present_value)
    used = e.amount @ m.chain * e.index[: len(m)] * m.part
    for k in range(len(m)):
        row = FIRST + k
        shared = {title: line.cell(title, row, elsewhere=True) for title in line.at}
        page.number(row, "k", k)
        page.sheet.write_datetime(row, page.at["date"], e.dates[k], book.look("date"))
        paid_days, month_days = m.part_days if k == len(m) - 1 else (1, 1)
        page.formula(row, "part", f"{paid_days}/{month_days}", float(m.part[k]), "factor")
        _write_states(page, row, e, m, certificates, shared["cumulative hazard"], line)
        nominal = "*".join((shared["index"], page.cell("part", row)))
        weighted = _weighted(page, row, states, "P")
        page.formula(row, "expected payment", f"{nominal}*({weighted})", float(m.payment[k]), "money")
        payment, paid = page.cell("expected payment", row), page.cell("expected payment", row)
        if is_limited:
            alone = _weighted(page, row, states, "chain") if certificates else "amount_own"
            _write_limit(page, row, f"{nominal}*({alone})", used, m, k)
            if e.ends_at_limit:
                paid = f"{payment}*{page.cell('covered', row)}"
            else:
                formula = f"{payment}*(1-{page.cell('covered', row)})*{shared['v']}"
                page.formula(row, "excess", formula, float(m.recovery[k]), "money")
        page.formula(row, "paid", paid, float(m.paid[k]), "money")
        formula = f"{page.cell('paid', row)}*{shared['v']}"
        page.formula(row, "present value", formula, float(m.present_value[k]), "money")
        before = f"{page.cell('cumulative', row - 1)}+" if k else ""
        formula = f"{before}{page.cell('present value', row)}"
        page.formula(row, "cumulative", formula, float(cumulative[k]), "money")
        made = "+".join(f"({_amount_name(s)}>0)*{page.cell(f'P {s}', row)}" for s in states)
        if is_limited and e.ends_at_limit:
            made = f"({page.cell('covered', row)}>0)*({made})"
        page.formula(row, "P payment made", made, float(m.made[k]), "factor")
        formula = f"{page.cell('P payment made', row)}*{shared['v']}*(1+expense_inflation)^{shared['t']}"
        inflated = (1.0 + e.basis.assumptions.expenses.inflation) ** float(e.years[k])
        page.formula(row, "expense unit", formula, float(m.made[k] * e.discount[k] * inflated), "factor")
    return page


def _write_states(
    page: FormulaPage,
    row: int,
    e: Explanation,
    m: Measure,
    certificates: Certificates | None,
    hazard: str,
    line: FormulaPage,
) -> None:
    """Chances of each state at a payment: by survival alone, or by the certificates held."""
    k = row - FIRST
    if certificates is None:
        formula = f"{_first_survival(line, e)}*EXP(-multiplier_own*{hazard})"
        page.formula(row, f"P {STATES[0]}", formula, float(m.occupancy[0, k]), "factor")
        return
    for sheet, prefix, values in ((certificates[0], "P", m.occupancy), (certificates[1], "chain", m.chain)):
        if sheet is None:
            continue
        last = FIRST + len(e.reviews)
        here = page.cell("k", row)
        for s, state in enumerate(STATES):
            held = {
                kind: sheet.span(title, FIRST, last, elsewhere=True)
                for kind, title in (
                    ("k", "k"),
                    ("until", f"until {state}"),
                    ("new", f"new {state}"),
                    ("H", "H"),
                )
            }
            decay = f"*EXP(-multiplier_{state}*({hazard}-{held['H']}))" if prefix == "P" else ""
            formula = f"SUMPRODUCT(({held['k']}<={here})*({held['until']}>{here})*{held['new']}{decay})"
            page.formula(row, f"{prefix} {state}", formula, float(values[s, k]), "factor")


def _weighted(page: FormulaPage, row: int, states: tuple[str, ...], prefix: str) -> str:
    return "+".join(f"{page.cell(f'{prefix} {state}', row)}*{_amount_name(state)}" for state in states)


def _amount_name(state: str) -> str:
    return f"amount_{state}"


def _write_limit(page: FormulaPage, row: int, amount: str, used: Float, m: Measure, k: int) -> None:
    """What a payment uses of the insured sum given that the person is alive, and how much of it is inside."""
    page.formula(row, "used", amount, float(used[k]), "money")
    before = page.cell("used so far", row - 1) if k else "0"
    so_far = float(used[: k + 1].sum())
    page.formula(row, "used so far", f"{before}+{page.cell('used', row)}", so_far, "money")
    own = page.cell("used", row)
    formula = f"IF({own}<=0,1,MAX(0,MIN(1,(insured_sum_left-{before})/{own})))"
    value = float(m.covered[k]) if used[k] > 0.0 else 1.0
    page.formula(row, "covered", formula, value, "factor")


def _figures(book: FormulaBook, sheet: Any, claim: ExplainedClaim, pages: dict[str, FormulaPage]) -> None:
    """First sheet: the figures by formula and by the engine, and the story."""
    e = claim.explanation
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 4, 22)
    title = text(
        "{claim}: valuation date {day}, basis {basis}",
        claim=claim.claim_id,
        day=e.valuation_date,
        basis=e.basis.name,
    )
    sheet.write_string(0, 0, printable(said(title)), book.title)
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(2, column, said(heading), book.heading)
    row = 3
    money = book.look("money")
    exact = book.look("factor")
    for name, formula, value in _figure_formulas(e, pages, row):
        figure = e.figures[name] / TIYN
        sheet.write_string(row, 0, name)
        sheet.write_formula(row, 1, f"={formula}", exact, value)
        sheet.write_formula(row, 2, f"=ROUND(B{row + 1},2)", money, figure)
        sheet.write_number(row, 3, figure, money)
        sheet.write_formula(row, 4, f"=C{row + 1}-D{row + 1}", money, 0)
        row += 1
    row += 1
    for line in map(said, (NOTE, *story(claim))):
        sheet.merge_range(row, 0, row, 4, "", book.wrapped)
        sheet.write_string(row, 0, printable(line), book.wrapped)
        sheet.set_row(row, 15 * (1 + len(line) // 115))
        row += 1
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _figure_formulas(
    e: Explanation, pages: dict[str, FormulaPage], first: int
) -> list[tuple[str, str, float]]:
    """Name, formula and value of each figure; totals refer to the rounded cells above them."""
    order = list(e.figures)
    at = {name: first + position for position, name in enumerate(order)}
    found: dict[str, tuple[str, float]] = {"additional_expenses_reserve": (
        "additional_expenses", e.figures["additional_expenses_reserve"] / TIYN
    )}  # fmt: skip
    certified = pages.get("certified")
    found["monthly_payment"] = ("0", 0.0)
    for name, m in measures(e):
        page = pages.get(name) or certified
        if page is None or not len(m):
            for key in (f"{name}_reserve", f"expense_reserve_{name}", f"recovery_{name}"):
                found[key] = ("0", 0.0)
        else:
            last = FIRST + len(m) - 1
            value = float(m.present_value.sum())
            found[f"{name}_reserve"] = (_sum(page, "present value", last), value)
            expenses = e.basis.assumptions.expenses
            inflated = (1.0 + expenses.inflation) ** e.years[: len(m)]
            units = float((m.made * e.discount[: len(m)] * inflated).sum())
            formula = f"of_payment*B{at[f'{name}_reserve'] + 1}+per_month*{_sum(page, 'expense unit', last)}"
            found[f"expense_reserve_{name}"] = (
                formula,
                expenses.of_payment * value + expenses.per_month * units,
            )
            recovery = _sum(page, "excess", last) if "excess" in page.at else "0"
            found[f"recovery_{name}"] = (recovery, float(m.recovery.sum()))
        parts = (f"{name}_reserve", "additional_expenses_reserve", f"expense_reserve_{name}")
        total = "+".join(f"C{at[part] + 1}" for part in parts)
        found[f"total_{name}"] = (total, e.figures[f"total_{name}"] / TIYN)
    if certified is not None and len(e.certified):
        index = pages[TIMELINE].cell("index", FIRST, elsewhere=True)
        formula = f"amount_own*{index}*{certified.cell('part', FIRST, elsewhere=True)}"
        value = float(e.amount[0] * e.index[0] * e.certified.part[0])
        if e.ends_at_limit and isfinite(e.limit):
            formula, value = f"MIN({formula},insured_sum_left)", min(value, e.limit)
        found["monthly_payment"] = (formula, value)
    return [(name, *found[name]) for name in order]


def _sum(page: FormulaPage, title: str, last: int) -> str:
    return f"SUM({page.span(title, FIRST, last, elsewhere=True)})"


def _law(book: FormulaBook, table: Table) -> None:
    """The entries of the law, as text."""
    sheet = book.book.add_worksheet(sheet_name(LAW))
    sheet.set_column(0, len(table.columns) - 1, 24)
    for column, title in enumerate(table.columns):
        sheet.write_string(0, column, said(title.title), book.heading)
    for row, cells in enumerate(table.rows, start=1):
        for column, (value, kind) in enumerate(zip(cells, table.columns, strict=True)):
            sheet.write_string(row, column, cell_text(value, kind), book.wrapped)
    sheet.freeze_panes(1, 1)
