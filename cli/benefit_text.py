"""The texts of ``actuarial benefit``: the answer as a letter-like table. All wording stands here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from textwrap import wrap
from typing import Any

from actuarial.claim.answer import Answer
from actuarial.claim.earnings import month_text
from actuarial.claim.expense_ledger import Ledger
from actuarial.claim.insured_sum import Exhaustion
from actuarial.claim.monthly_benefit import STEP_AMOUNTS, Step
from actuarial.language import (
    amount,
    amount_text,
    day_text,
    digits,
    said,
    said_if_message,
    text,
    texts,
)
from actuarial.money import exact_tiyn

WIDTH = 110
LABEL_WIDTH = 62
"""At least; a longer label before an amount widens the column."""
STEPS: Mapping[str, tuple[str, str, str]] = texts({
    "edition": ("Edition of the payout rules in force on {day}", "", "the edition follows {basis}"),
    "general_degree_stands_in": (
        "No professional degree: the general degree of {degree} % stands for it", "", ""
    ),
    "degree": ("Degree of loss {degree} %, payer: {product}", "", ""),
    "average_given": ("Average monthly earnings, as given", "average", ""),
    "average": ("Average monthly earnings of {months} months", "average", "{total} / {months}"),
    "deceased_pension": (
        "With the pension of the deceased", "average", "average earnings + pension {pension}"
    ),
    "social_income": ("Average income with social contributions before {day}", "income", ""),
    "social_payment": (
        "Payment of the Social Insurance Fund, right of {day}", "amount",
        "({income} - {subtrahend} x {wage}) x {replacement} x {k_degree} x {k_service} ({months} months)",
    ),
    "social_payment_refused": (
        "Payment of the Social Insurance Fund: refused", "amount", "{refusal}"
    ),
    "social_payment_given": ("Payment of the Social Insurance Fund, as given", "amount", ""),
    "social_payment_net": ("The same after its own pension contribution", "amount", "rate {rate}"),
    "cap_bites": (
        "Earnings after the cap", "capped",
        "{multiple} x minimum wage {wage} of {day} = {cap}, below the average",
    ),
    "cap_holds": (
        "Earnings after the cap", "capped", "{multiple} x minimum wage {wage} of {day} = {cap}, not reached"
    ),
    "no_cap": ("No cap of the earnings ({product}, {day})", "", ""),
    "gross": ("Degree of the earnings", "amount", "{degree} % x {capped}"),
    "negligence": ("Less the share of gross negligence, {percent} %", "amount", ""),
    "deduction": ("Monthly benefit after the Fund's payment", "amount", "{gross} - {deduction}"),
    "deduction_exceeds": (
        "Nothing is left after the Fund's payment", "amount", "{deduction} is not less than {gross}"
    ),
    "share": ("Share of the earnings", "amount", "{share} x {capped}"),
    "index": ("Payment in force on {day}, with its index", "amount", "{choice} since {since}: x {index}"),
    "contribution": ("Pension contribution withheld", "amount", "rate {rate}"),
    "contribution_exempt": ("No pension contribution: exempt", "", ""),
    "pre_retirement": (
        "Pre-retirement annuity", "amount", "{multiple} x subsistence minimum {minimum}"
    ),
    "until": ("Payable until {day} ({reason}), that day not included", "", ""),
    "form_annuity": ("Certified for {months} months or more, or without review: annuity", "", ""),
    "form_monthly": ("Certified for less than {months} months: monthly payouts", "", ""),
    "for_life": ("Payable for life", "", ""),
})  # fmt: skip
"""By step: label, which figure stands in the column of amounts, formula."""

NOTES: Mapping[str, str] = texts(
    {
        "social_payment_not_deducted": (
            "social_payment is given, but product {product} deducts nothing: not used"
        ),
        "entitlement_date_assumed": "entitlement_date is empty: the first certificate, {day}, is taken",
        "general_degree_assumed": "general_degree is empty: the professional degree of {degree} % is taken",
        "negligence_without_effect": (
            "fault_percent has no effect for an event of {day} (Civil Code art 935)"
        ),
        "contribution_before_edition": "no pension contribution: the event is before {day}",
        "ended": "nothing is payable on {day}: the right ends on {until}",
        "lump_sum_open": (
            "a lump sum for additional expenses is due once under this edition; state "
            "choices.lump_sum_index_date to have it computed"
        ),
    }
)
REASONS: Mapping[str, str] = texts(
    {
        "": "",
        "no_documents": "no documents",
        "guaranteed_care": "covered by free guaranteed care",
        "medical_insurance": "covered by compulsory medical insurance",
        "over_cap": "above what is left of the cap",
        "second_course": "one sanatorium course only",
        "before_certificate": "before the first certificate",
        "lump_sum_paid": "this edition pays a lump sum instead",
        "no_cover": "first degree below 30 %: the employer pays",
    }
)
DEADLINES: Mapping[str, str] = texts(
    {
        "first_payout": "first payout",
        "annuity_contract": "annuity contract",
        "additional_expenses": "additional expenses",
        "decision": text("decision"),
        "first_annuity_payment": "first annuity payment",
    }
)
NAMES: Mapping[str, str] = {
    name.template: name
    for name in (
        text("compulsory"), text("voluntary"), text("employer"),
        text("worker"), text("child"), text("student"), text("spouse"), text("parent"),
        text("disabled_dependant"), text("carer"), text("pre_retirement"),
        text("pension"), text("certificate"), text("entitlement"),
        text("minor"), text("old_age"), text("disabled"), text("care"),
        text("treatment"), text("nutrition"), text("medicine"), text("prosthesis"), text("sanatorium"),
        text("vehicle"), text("retraining"), text("other"),
        text("capped"), text("lump sum"), text("actual up to insured sum"),
        text("payment order"), text("claim order"), text("pro rata"),
    )
}  # fmt: skip
"""What the answer names by identifiers: products, persons, grounds, kinds of bills, rules, orders."""


def letter(answer: Answer, *, explain: bool) -> str:
    """Return the answer as text in the language in force."""
    case, benefit = answer.case, answer.benefit
    who = text("death") if answer.survivors else _named(case.beneficiary)
    title = f"{case.claim_id or said('case')}: {said(_named(case.product))}, {said(who)}"
    steps = [_step(step, explain) for step in benefit.steps]
    sums = [(said(label), amount_text(tiyn)) for label, tiyn in _sums(answer)]
    labels = [label for label, figure, *_ in (*steps, *sums) if figure]
    width = max(LABEL_WIDTH, *(len(label) + 1 for label in labels))
    lines = [title, "=" * len(title), "", *_table(steps, width), ""]
    lines += [f"  {label:<{width}}{figure:>18}" for label, figure in sums]
    lines.append(f"  {_end(answer)}")
    if explain and benefit.average is not None:
        rows = [
            (
                month_text(use.month),
                amount_text(exact_tiyn(use.counted)),
                text("counted") if use.is_used else use.why,
            )
            for use in benefit.average.months
        ]
        lines += ["", said("Months"), *_columns(rows, "lrl")]
    lines += _history(answer)
    if answer.survivors is not None:
        lines += _survivors(answer)
    if answer.ledger is not None:
        lines += _ledger(answer.ledger)
    if answer.exhaustion is not None:
        lines += _exhaustion(answer.exhaustion)
    lines += _tiers(answer)
    lines += _deadlines(answer)
    for name, values in benefit.notes:
        lines += wrap(said(text("Note: {note}", note=text(NOTES[name], **_shown(values)))), WIDTH)
    if explain:
        lines += _choices(answer) + _law(answer)
    return "\n".join(lines)


def _named(identifier: str) -> str:
    return NAMES.get(identifier, identifier)


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of a step or note as messages."""
    shown: dict[str, Any] = {}
    for key, value in values.items():
        if key in STEP_AMOUNTS and isinstance(value, int):
            shown[key] = amount(value)
        elif isinstance(value, Fraction):
            shown[key] = digits(float(value), ".10g")
        elif isinstance(value, Decimal):
            shown[key] = digits(value.normalize(), "f")
        else:
            shown[key] = _named(value) if key in ("product", "reason") else value
    return shown


def _step(step: Step, explain: bool) -> tuple[str, str, str, str]:
    label, figure, formula = STEPS[step.name]
    shown = _shown(step.values)
    return (
        said(text(label, **shown)),
        said(shown[figure]) if figure else "",
        said(step.article),
        said(text(formula, **shown)) if explain and formula else "",
    )


def _table(rows: Iterable[tuple[str, str, str, str]], width: int) -> list[str]:
    lines = []
    for label, figure, article, formula in rows:
        lines.append(f"  {label:<{width}}{figure:>18}   {article}".rstrip())
        if formula:
            lines.append(f"      {formula}")
    return lines


def _sums(answer: Answer) -> list[tuple[str, int]]:
    """What is owed a month, and what it splits into [tiyn]."""
    benefit = answer.benefit
    contribution, person = text("  of it pension contribution"), text("  of it to the person")
    rows: list[tuple[str, int]] = [
        (text("Monthly benefit"), benefit.monthly_benefit),
        (contribution, benefit.pension_contribution),
        (person, benefit.net_payment),
    ]
    if benefit.payment_in_force != benefit.monthly_benefit:
        in_force, withheld = benefit.payment_in_force, benefit.in_force_contribution
        rows.append((text("Payment in force on {day}", day=benefit.payment_day), in_force))
        rows += [(contribution, withheld), (person, in_force - withheld)]
    return rows


def _end(answer: Answer) -> str:
    benefit = answer.benefit
    until = (
        text("for life")
        if benefit.payable_until is None
        else text("until {day}, not included", day=benefit.payable_until)
    )
    if answer.survivors is not None:
        message = text(
            "For the family on {day}; the last right runs {until}", day=benefit.payment_day, until=until
        )
    else:
        message = text("Payable {until}; pension date {day}", until=until, day=benefit.pension_date)
    return said(message)


def _history(answer: Answer) -> list[str]:
    if not answer.history:
        return []
    rows: list[tuple[str, ...]] = [
        (
            text("from"), text("until"), text("degree"), text("Fund's payment"), text("monthly benefit"),
            text("to the person"),
        )
    ]  # fmt: skip
    for period in answer.history:
        result = period.result
        amounts: tuple[str, ...] = (
            tuple(map(amount_text, (result.social_payment, result.monthly_benefit, result.net_payment)))
            if result
            else ("", text("another payer"), "")
        )
        rows.append((day_text(period.start), _day(period.end), f"{period.degree_of_loss} %", *amounts))
    return ["", said("Changes of the degree (Civil Code art 942)"), *_columns(rows, "llrrrr")]


def _day(day: date | None) -> str:
    return "" if day is None else day_text(day)


def _survivors(answer: Answer) -> list[str]:
    family = answer.survivors
    assert family is not None
    rights: list[tuple[str, ...]] = [(text("dependant"), text("ground"), text("from"), text("until"))]
    for name, own in family.rights.items():
        rights += [
            (name, _named(right.ground), day_text(right.start), _day(right.end) or text("for life"))
            for right in own
        ] or [(name, text("no right"), "", "")]
    amounts: list[tuple[str, ...]] = [
        (text("from"), text("until"), text("dependant"), text("share"), text("a month"))
    ]
    for period in family.periods:
        for position, one in enumerate(period.amounts):
            when = (day_text(period.start), _day(period.end)) if not position else ("", "")
            amounts.append((*when, one.name, str(one.share), amount_text(one.amount)))
    funeral = text(
        "Funeral payment {amount} to whoever buried the worker (OSNS Law art 19(3))",
        amount=amount(family.funeral),
    )
    return [
        "",
        said("Rights (Civil Code art 940)"),
        *_columns(rights, "llll"),
        "",
        said("Shares and amounts (Civil Code art 941; OSNS Law art 19(1))"),
        *_columns(amounts, "lllrr"),
        "",
        f"  {said(funeral)}",
    ]


def _ledger(ledger: Ledger) -> list[str]:
    title = text(
        "Additional expenses (rule: {rule}, first band {band})",
        rule=_named(ledger.rule.replace("_", " ")),
        band=ledger.band,
    )
    lines = ["", said(title)]
    if ledger.lump_sum:
        index = "" if ledger.lump_sum_index is None else digits(ledger.lump_sum_index, "f")
        lump_sum = text(
            "Lump sum, once: {amount} at the monthly index {index}",
            amount=amount(ledger.lump_sum),
            index=index,
        )
        lines.append(f"  {said(lump_sum)}")
    rows: list[tuple[str, ...]] = [
        (
            text("date"), text("kind"), text("claimed"), text("cap"), text("paid"), text("refused"),
            text("left"), text("why refused"), text("article"),
        )
    ]  # fmt: skip
    rows += [
        (
            day_text(line.bill.date), _named(line.bill.kind), amount_text(exact_tiyn(line.bill.amount)),
            amount_text(line.cap), amount_text(line.paid), amount_text(line.refused),
            amount_text(line.left_after), said(REASONS[line.reason]), line.article,
        )
        for line in ledger.lines
    ]  # fmt: skip
    if ledger.lines:
        settled = text(
            "Paid {paid}, refused {refused}", paid=amount(ledger.paid), refused=amount(ledger.refused)
        )
        lines += [*_columns(rows, "llrrrrrll"), f"  {said(settled)}"]
    return lines


def _exhaustion(used: Exhaustion) -> list[str]:
    rows: list[tuple[str, ...]] = [
        (
            text("date"), text("claim"), text("amount"), text("from the sum"), text("beyond it"),
            text("left"),
        )
    ]  # fmt: skip
    rows += [
        (
            day_text(u.payout.date), u.payout.claim_id, amount_text(u.from_sum + u.excess),
            amount_text(u.from_sum), amount_text(u.excess), amount_text(u.left_after),
        )
        for u in used.uses
    ]  # fmt: skip
    title = text(
        "Insured sum {sum} (OSNS Law art 16, 19(4); {order})",
        sum=amount(used.insured_sum),
        order=_named(used.order.replace("_", " ")),
    )
    figures = {"left": amount(used.left), "owed": amount(used.owed)}
    left = (
        text("Left {left}; the policyholder owes {owed} to the insurer", **figures)
        if used.who_pays_excess == "insurer_recovers"
        else text("Left {left}; the policyholder owes {owed} to the injured", **figures)
    )
    return ["", said(title), *_columns(rows, "llrrrr"), f"  {said(left)}"]


def _tiers(answer: Answer) -> list[str]:
    if not answer.tiers:
        return []
    rows: list[tuple[str, ...]] = [
        (
            text("date"), text("state benefit"), text("Fund"), text("insurer"), text("former earnings"),
            text("replaced"), "",
        )
    ]  # fmt: skip
    rows += [
        (
            day_text(t.day), amount_text(t.state), amount_text(t.fund), amount_text(t.insurer),
            amount_text(t.former_earnings), digits(float(t.replacement_rate), ".1%"),
            text("projected") if t.is_projected else "",
        )
        for t in answer.tiers
    ]  # fmt: skip
    return ["", said("Three tiers of protection"), *_columns(rows, "lrrrrrl")]


def _deadlines(answer: Answer) -> list[str]:
    lines: list[str] = []
    if answer.deadlines:
        lines += ["", said("Deadlines in working days")]
        for one in answer.deadlines:
            deadline = text(
                "{name}: {days} after {day}: {last} ({article})",
                name=text(DEADLINES[one.name]),
                days=one.working_days,
                day=one.event_date,
                last=one.last_day or one.why,
                article=one.article,
            )
            lines += wrap(said(deadline), WIDTH, initial_indent="  ")
    if answer.penalties:
        lines += ["", said("Late payouts (OSNS Law art 9(2)(9))")]
        for p in answer.penalties:
            penalty = text(
                "due {due}, paid {paid}: {days} days x {rate} % of {late} = {penalty}",
                due=p.late.due_date,
                paid=p.late.paid_date,
                days=p.days,
                rate=digits((p.rate * 100).normalize(), "f"),
                late=amount(exact_tiyn(p.late.amount)),
                penalty=amount(p.amount),
            )
            lines.append(f"  {said(penalty)}")
    return lines


def _choices(answer: Answer) -> list[str]:
    lines = ["", said("What the law leaves open, and what was chosen")]
    for one in answer.case.choices.asked():
        choice = text(
            "{choice}: {option} ({how}; options: {options})",
            choice=one["choice"],
            option=one["option"],
            how=text("default") if one["is_default"] else text("stated"),
            options=one["options"],
        )
        lines.append(f"  {said(choice)}")
        lines += wrap(
            f"{said(one['question'])} {said(one['reason'])} ({said(one['article'])})",
            WIDTH,
            initial_indent="      ",
            subsequent_indent="      ",
        )
    return lines


def _law(answer: Answer) -> list[str]:
    rows: list[tuple[str, ...]] = [(text("parameter"), text("from"), text("evidence"), text("act"))]
    rows += [
        (e["parameter"], day_text(date.fromisoformat(e["from"])), e["evidence"], _place(e))
        for e in answer.law.used()
    ]
    return ["", said("Entries of the law used"), *_columns(rows, "llll")]


def _place(entry: Mapping[str, Any]) -> str:
    """Act and article of an entry of the law."""
    act = text(entry["act"])
    if entry["number"]:
        act = text("{act} No {number}", act=act, number=entry["number"])
    if entry["article"][0].isdigit():
        return text("{act} art {article}", act=act, article=entry["article"])
    return text("{act} art {words}", act=act, words=text(entry["article"]))


def _columns(rows: Sequence[tuple[str, ...]], sides: str) -> list[str]:
    """Rows as aligned columns; messages are said, names and figures stand as they are."""
    shown = [[str(said_if_message(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(row, widths, sides, strict=True)
        ).rstrip()
        for row in shown
    ]
