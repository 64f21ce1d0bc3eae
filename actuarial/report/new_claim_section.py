"""New claims on the page and in the workbook of a simulation: tables, figures, key figures."""

from __future__ import annotations

import numpy as np

from actuarial import risk_measure
from actuarial.language import Text, counted, digits, text
from actuarial.money import TIYN
from actuarial.new_claim import study
from actuarial.new_claim.model import KINDS
from actuarial.report import chart
from actuarial.report.estimate import bounds, interval, level_text, maybe_tiyn, shown
from actuarial.report.new_claim_run import NewClaimOutcome
from actuarial.report.page import Figure, KeyFigure, Section
from actuarial.report.table import Column, Table, cell_message
from actuarial.report.workbook import Sheet

KIND_NAMES = dict(
    zip(
        KINDS,
        (
            text("death"),
            text("injury 5-29 %"),
            text("injury 30-59 %"),
            text("injury 60-89 %"),
            text("injury 90-100 %"),
        ),
        strict=True,
    )
)
EXPOSURES = {"unexpired": text("unexpired"), "whole_term": text("whole term")}
PREMIUMS = {"law": text("law"), "charged": text("charged")}
BOOK = text("book")
LOSS_RATIO, PAYOUT = text("expected loss ratio"), text("mean payout")
TOP = level_text(study.TOP_LEVEL)
_MONEY = Column("", "money")
_PERCENT = Column("", "percent")


def new_claim_key_figures(outcome: NewClaimOutcome) -> tuple[KeyFigure, ...]:
    """The figures of new claims that stand at the top."""
    _, book = study.groups(outcome.result, paired=outcome.paired)
    tail = book.value_at_risk
    return (
        KeyFigure(
            "New claims: mean gross cost",
            shown(book.gross.value),
            text("standard error {amount}", amount=shown(book.gross.standard_error)),
        ),
        KeyFigure(
            "New claims: exact mean", cell_message(book.expected_gross, _MONEY), "by formula, without drivers"
        ),
        KeyFigure(
            "Expected loss ratio",
            "–" if book.loss_ratio is None else cell_message(book.loss_ratio, _PERCENT),
            text("gross cost over premium {amount}", amount=cell_message(book.premium, _MONEY)),
        ),
        KeyFigure("New claims: mean net cost", shown(book.net.value), "after reinsurance"),
        KeyFigure(
            text("New claims: net value at risk {level}", level=TOP),
            "–" if tail is None else shown(tail.value),
            text("too few scenarios") if tail is None else interval(tail),
        ),
    )


def new_claim_sections(outcome: NewClaimOutcome) -> tuple[Section, ...]:
    """Sections of the page: the book, the classes, the kinds and large events."""
    tables = new_claim_tables(outcome)
    result = outcome.result
    by_class, book = study.groups(result, paired=outcome.paired)
    net, gross = result.net.sum(axis=1) / TIYN, result.gross.sum(axis=1) / TIYN
    marks: dict[str, float] = {
        text("mean gross"): float(gross.mean()),
        text("mean net"): float(net.mean()),
    }
    if book.value_at_risk is not None:
        marks[text("value at risk {level}", level=TOP)] = book.value_at_risk.value
    cost = Figure(
        chart.histogram(net, title="Net cost of new claims", x_label="tenge", marks=marks),
        "One scenario is one count; gross is before reinsurance.",
        counted(
            "Histogram of {n} scenarios around a mean of {mean} tenge.",
            "Histogram of {n} scenarios around a mean of {mean} tenge.",
            n=net.size,
            mean=shown(book.net.value),
        ),
    )
    figures = [cost]
    rated = [group for group in by_class if group.loss_ratios]
    if rated:
        ratios = [group.loss_ratio or 0.0 for group in rated]
        ratio_figure = Figure(
            chart.bar_chart(
                [str(group.risk_class) for group in rated],
                {LOSS_RATIO: ratios},
                title="Loss ratio by class",
                y_label="gross cost over premium",
                errors={LOSS_RATIO: _around(rated, ratios)},
            ),
            "Bar: exact mean; line: from the 5 % to the 95 % quantile of the scenarios.",
            "Bars of the expected loss ratio by class with the range of the scenarios.",
        )
        figures.append(ratio_figure)
    about = counted(
        "{n} contracts with {years} worker-years of simulated cover; exposure: {exposure}, premium: "
        "{premium}.",
        "{n} contracts with {years} worker-years of simulated cover; exposure: {exposure}, premium: "
        "{premium}.",
        n=result.contracts,
        years=cell_message(book.worker_years, Column("", "number", 1)),
        exposure=EXPOSURES[outcome.model.assumptions.exposure],
        premium=PREMIUMS[outcome.model.assumptions.premium],
    )
    kind_figure = Figure(
        chart.bar_chart(
            [KIND_NAMES[kind.name] for kind in study.kinds(result, paired=outcome.paired)],
            {PAYOUT: [kind.payout.value for kind in study.kinds(result, paired=outcome.paired)]},
            title="Payout by kind",
            y_label="tenge",
            horizontal=True,
        ),
        "Mean over the scenarios.",
        "Bars of the mean payout by kind of claim.",
    )
    return (
        Section(
            "New claims of contracts in force",
            text=(about, _agreement(outcome, book)),
            figures=(figures[0],),
            tables=(tables["number"], tables["cost"], tables["tail"]),
        ),
        Section("New claims by class", figures=tuple(figures[1:]), tables=(tables["class"], tables["ratio"])),
        Section(
            "New claims by kind, and large events",
            figures=(kind_figure,),
            tables=(tables["kind"], tables["event"]),
        ),
    )


def _around(groups: list[study.Group], values: list[float]) -> tuple[list[float], list[float]]:
    """Quantiles of the loss ratio about its mean, which they hold: that of a rare loss may lie outside."""
    low, high = [], []
    for group, value in zip(groups, values, strict=True):
        found = [ratio for ratio in (group.loss_ratios[0.05], group.loss_ratios[0.95]) if ratio is not None]
        low.append(min([value, *found]))
        high.append(max([value, *found]))
    return low, high


def _agreement(outcome: NewClaimOutcome, book: study.Group) -> Text:
    if book.difference is None:
        return text("There is no spread between the scenarios to compare the mean with.")
    difference = digits(book.difference, "+.2f")
    if outcome.has_drivers:
        return text(
            "The exact mean knows no systematic drivers: the mean of the scenarios differs from it by "
            "{difference} standard errors, drivers included.",
            difference=difference,
        )
    return text(
        "The mean of the scenarios lies {difference} standard errors from the exact mean.",
        difference=difference,
    )


def new_claim_sheets(outcome: NewClaimOutcome) -> tuple[Sheet, ...]:
    """Sheets of the workbook."""
    tables = new_claim_tables(outcome)
    return (
        Sheet(
            "new claims", (tables["number"], tables["cost"], tables["tail"], tables["kind"], tables["event"])
        ),
        Sheet("new claims by class", (tables["class"],)),
        Sheet("loss ratios", (tables["ratio"],)),
    )


def new_claim_tables(outcome: NewClaimOutcome) -> dict[str, Table]:
    """Tables by name: ``number``, ``cost``, ``tail``, ``class``, ``ratio``, ``kind``, ``event``."""
    result, paired = outcome.result, outcome.paired
    by_class, book = study.groups(result, paired=paired)
    return {
        "number": _numbers(outcome),
        "cost": _cost(outcome),
        "tail": _tails(outcome),
        "class": Table(
            "Cost by class, tenge",
            (
                Column("class"),
                Column("worker-years", "number", 1),
                Column("persons, exact", "number", 3),
                Column("persons, mean", "number", 3),
                Column("gross, exact", "money"),
                Column("gross, mean", "money"),
                Column("standard error", "money"),
                Column("difference, s.e.", "number", 2),
                Column("ceded, mean", "money"),
                Column("net, mean", "money"),
            ),
            tuple(_class_row(group) for group in by_class),
            total=_class_row(book),
            note="Exact: by formula, without systematic drivers. Difference: mean less exact in standard "
            "errors. Exact figures add up; errors do not.",
        ),
        "ratio": Table(
            "Loss ratio by class: gross cost over the premium of the simulated cover",
            (
                Column("class"),
                Column("premium", "money"),
                Column("expected", "percent"),
                *(Column(_quantile(level), "percent") for level in study.LOSS_RATIO_LEVELS),
            ),
            tuple(_ratio_row(group) for group in by_class),
            total=_ratio_row(book),
        ),
        "kind": Table(
            "Payout by kind, tenge",
            (
                Column("kind"),
                Column("persons, mean", "number", 3),
                Column("payout, mean", "money"),
                Column("standard error", "money"),
                Column("payout of one claim", "money"),
            ),
            tuple(
                (
                    KIND_NAMES[kind.name],
                    kind.persons.value,
                    maybe_tiyn(kind.payout.value),
                    maybe_tiyn(kind.payout.standard_error),
                    maybe_tiyn(kind.each),
                )
                for kind in study.kinds(result, paired=paired)
            ),
            note="Without the insurer's expenses. An injury of 5-29 % costs only when it worsens.",
        ),
        "event": _events(outcome),
    }


def _quantile(level: float) -> Text:
    return text("{level} quantile", level=level_text(level))


def _numbers(outcome: NewClaimOutcome) -> Table:
    rows = []
    for name, counts in (
        (text("events"), outcome.result.events),
        (text("persons"), outcome.result.persons),
    ):
        values = counts.sum(axis=1).astype(np.float64)
        mean = risk_measure.mean(values, paired=outcome.paired)
        quantiles = risk_measure.quantiles(values, study.LOSS_RATIO_LEVELS)
        rows.append((name, mean.value, mean.standard_error, *quantiles.values()))
    return Table(
        "Number of new claims",
        (
            Column("number of"),
            Column("mean", "number", 3),
            Column("standard error", "number", 3),
            *(Column(_quantile(level), "integer") for level in study.LOSS_RATIO_LEVELS),
        ),
        tuple(rows),
        note="An event hurts one person or more.",
    )


def _cost(outcome: NewClaimOutcome) -> Table:
    result, paired = outcome.result, outcome.paired
    rows = []
    for name, amounts in (
        (text("payout"), result.payout.sum(axis=1)),
        (text("expenses"), result.expense.sum(axis=1)),
        (text("gross"), result.gross.sum(axis=1)),
        (text("ceded to reinsurers"), result.ceded.sum(axis=1)),
        (text("net"), result.net.sum(axis=1)),
        (text("recovery from policyholders"), result.recovery),
    ):
        values = amounts / TIYN
        mean = risk_measure.mean(values, paired=paired)
        quantiles = risk_measure.quantiles(values, study.LOSS_RATIO_LEVELS)
        rows.append(
            (
                name,
                maybe_tiyn(mean.value),
                maybe_tiyn(mean.standard_error),
                *(maybe_tiyn(q) for q in quantiles.values()),
            )
        )
    return Table(
        "Cost of new claims, tenge",
        (
            Column("amount"),
            Column("mean", "money"),
            Column("standard error", "money"),
            *(Column(_quantile(level), "money") for level in study.LOSS_RATIO_LEVELS),
        ),
        tuple(rows),
        note="Payout: present value of annuities, additional expenses, funerals. What exceeds the insured "
        "sum is owed by policyholders and not taken off.",
    )


def _tails(outcome: NewClaimOutcome) -> Table:
    net = outcome.result.net.sum(axis=1) / TIYN
    rows = []
    for level in risk_measure.LEVELS:
        found = [
            measure(net, level, paired=outcome.paired)
            for measure in (risk_measure.value_at_risk, risk_measure.tail_value_at_risk)
        ]
        rows.append((level, *(bound for estimate in found for bound in bounds(estimate))))
    bound = text("from"), text("to")
    names = text("value at risk"), *bound, text("tail value at risk"), *bound
    return Table(
        "Tails of the net cost with 95 % intervals, tenge",
        (Column("level", "percent", 1), *(Column(name, "money") for name in names)),
        tuple(rows),
        note="A measure with fewer than ten scenarios beyond it is not given.",
    )


def _events(outcome: NewClaimOutcome) -> Table:
    largest = risk_measure.quantiles(outcome.result.largest_event / TIYN)
    return Table(
        "Payout of the largest event of a scenario, tenge",
        (Column("quantile", "percent", 1), Column("payout", "money")),
        tuple((level, maybe_tiyn(amount)) for level, amount in largest.items()),
        note="Before reinsurance.",
    )


def _class_row(group: study.Group) -> tuple[object, ...]:
    return (
        BOOK if group.risk_class == 0 else str(group.risk_class),
        group.worker_years,
        group.expected_persons,
        group.persons.value,
        group.expected_gross,
        maybe_tiyn(group.gross.value),
        maybe_tiyn(group.gross.standard_error),
        group.difference,
        maybe_tiyn(group.ceded.value),
        maybe_tiyn(group.net.value),
    )


def _ratio_row(group: study.Group) -> tuple[object, ...]:
    return (
        BOOK if group.risk_class == 0 else str(group.risk_class),
        group.premium,
        group.loss_ratio,
        *(group.loss_ratios.get(level) for level in study.LOSS_RATIO_LEVELS),
    )
