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
from actuarial.money import exact_tiyn, spaced

WIDTH = 110
STEPS: Mapping[str, tuple[str, str, str]] = {
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
}  # fmt: skip
"""By step: label, which figure stands in the column of amounts, formula."""

NOTES: Mapping[str, str] = {
    "social_payment_not_deducted": "social_payment is given, but product {product} deducts nothing: not used",
    "entitlement_date_assumed": "entitlement_date is empty: the first certificate, {day}, is taken",
    "general_degree_assumed": "general_degree is empty: the professional degree of {degree} % is taken",
    "negligence_without_effect": "fault_percent has no effect for an event of {day} (Civil Code art 935)",
    "contribution_before_edition": "no pension contribution: the event is before {day}",
    "ended": "nothing is payable on {day}: the right ends on {until}",
    "lump_sum_open": "a lump sum for additional expenses is due once under this edition; state "
    "choices.lump_sum_index_date to have it computed",
}
REASONS: Mapping[str, str] = {
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
DEADLINES: Mapping[str, str] = {
    "first_payout": "first payout",
    "annuity_contract": "annuity contract",
    "additional_expenses": "additional expenses",
    "decision": "decision",
    "first_annuity_payment": "first annuity payment",
}


def letter(answer: Answer, *, explain: bool) -> str:
    """Return the answer as text."""
    case, benefit = answer.case, answer.benefit
    title = f"{case.claim_id or 'case'}: {case.product}, {'death' if answer.survivors else case.beneficiary}"
    lines = [title, "=" * len(title), ""]
    lines += _table([_step(step, explain) for step in benefit.steps])
    lines += ["", *_result(answer)]
    if explain and benefit.average is not None:
        rows = [
            (month_text(u.month), spaced(exact_tiyn(u.counted)), "counted" if u.is_used else u.why)
            for u in benefit.average.months
        ]
        lines += ["", "Months", *_columns(rows, "lrl")]
    lines += _history(answer)
    if answer.survivors is not None:
        lines += _survivors(answer)
    if answer.ledger is not None:
        lines += _ledger(answer.ledger)
    if answer.exhaustion is not None:
        lines += _exhaustion(answer.exhaustion)
    lines += _tiers(answer)
    lines += _deadlines(answer)
    for note, values in benefit.notes:
        lines += wrap(f"Note: {NOTES[note].format(**values)}", WIDTH)
    if explain:
        lines += _choices(answer) + _law(answer)
    return "\n".join(lines)


def _figures(step: Step) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for key, value in step.values.items():
        if key in STEP_AMOUNTS and isinstance(value, int):
            shown[key] = spaced(value)
        elif isinstance(value, Fraction):
            shown[key] = f"{float(value):.10g}"
        elif isinstance(value, Decimal):
            shown[key] = f"{value.normalize():f}"
        else:
            shown[key] = value.isoformat() if isinstance(value, date) else value
    return shown


def _step(step: Step, explain: bool) -> tuple[str, str, str, str]:
    label, amount, formula = STEPS[step.name]
    shown = _figures(step)
    return (
        label.format(**shown),
        shown[amount] if amount else "",
        step.article,
        formula.format(**shown) if explain else "",
    )


def _table(rows: Iterable[tuple[str, str, str, str]]) -> list[str]:
    lines = []
    for label, amount, article, formula in rows:
        lines.append(f"  {label:<62}{amount:>18}   {article}".rstrip())
        if formula:
            lines.append(f"      {formula}")
    return lines


def _result(answer: Answer) -> list[str]:
    benefit = answer.benefit
    rows = [
        ("Monthly benefit", benefit.monthly_benefit),
        ("  of it pension contribution", benefit.pension_contribution),
        ("  of it to the person", benefit.net_payment),
    ]
    if benefit.payment_in_force != benefit.monthly_benefit:
        rows.append((f"Payment in force on {benefit.payment_day}", benefit.payment_in_force))
        rows.append(("  of it pension contribution", benefit.in_force_contribution))
        rows.append(("  of it to the person", benefit.payment_in_force - benefit.in_force_contribution))
    lines = [f"  {label:<62}{spaced(amount):>18}" for label, amount in rows]
    until = "for life" if benefit.payable_until is None else f"until {benefit.payable_until}, not included"
    if answer.survivors is not None:
        return [*lines, f"  For the family on {benefit.payment_day}; the last right runs {until}"]
    return [*lines, f"  Payable {until}; pension date {benefit.pension_date}"]


def _history(answer: Answer) -> list[str]:
    if not answer.history:
        return []
    rows: list[tuple[str, ...]] = [
        ("from", "until", "degree", "Fund's payment", "monthly benefit", "to the person")
    ]
    for period in answer.history:
        result = period.result
        amounts = (
            tuple(map(spaced, (result.social_payment, result.monthly_benefit, result.net_payment)))
            if result
            else ("", "another payer", "")
        )
        rows.append((str(period.start), str(period.end or ""), f"{period.degree_of_loss} %", *amounts))
    return ["", "Changes of the degree (Civil Code art 942)", *_columns(rows, "llrrrr")]


def _survivors(answer: Answer) -> list[str]:
    family = answer.survivors
    assert family is not None
    rights = [("dependant", "ground", "from", "until")]
    for name, own in family.rights.items():
        rights += [(name, r.ground, str(r.start), str(r.end or "for life")) for r in own] or [
            (name, "no right", "", "")
        ]
    amounts = [("from", "until", "dependant", "share", "a month")]
    for period in family.periods:
        for position, one in enumerate(period.amounts):
            when = (str(period.start), str(period.end or "")) if not position else ("", "")
            amounts.append((*when, one.name, str(one.share), spaced(one.amount)))
    return [
        "",
        "Rights (Civil Code art 940)",
        *_columns(rights, "llll"),
        "",
        "Shares and amounts (Civil Code art 941; OSNS Law art 19(1))",
        *_columns(amounts, "lllrr"),
        "",
        f"  Funeral payment {spaced(family.funeral)} to whoever buried the worker (OSNS Law art 19(3))",
    ]


def _ledger(ledger: Ledger) -> list[str]:
    lines = ["", f"Additional expenses (rule: {ledger.rule.replace('_', ' ')}, first band {ledger.band})"]
    if ledger.lump_sum:
        lines.append(
            f"  Lump sum, once: {spaced(ledger.lump_sum)} at the monthly index {ledger.lump_sum_index}"
        )
    rows = [("date", "kind", "claimed", "cap", "paid", "refused", "left", "why refused", "article")]
    rows += [
        (
            str(line.bill.date), line.bill.kind, spaced(exact_tiyn(line.bill.amount)), spaced(line.cap),
            spaced(line.paid), spaced(line.refused), spaced(line.left_after), REASONS[line.reason],
            line.article,
        )
        for line in ledger.lines
    ]  # fmt: skip
    if ledger.lines:
        lines += _columns(rows, "llrrrrrll")
        lines.append(f"  Paid {spaced(ledger.paid)}, refused {spaced(ledger.refused)}")
    return lines


def _exhaustion(used: Exhaustion) -> list[str]:
    rows = [("date", "claim", "amount", "from the sum", "beyond it", "left")]
    rows += [
        (
            str(u.payout.date), u.payout.claim_id, spaced(u.from_sum + u.excess), spaced(u.from_sum),
            spaced(u.excess), spaced(u.left_after),
        )
        for u in used.uses
    ]  # fmt: skip
    to_whom = "the insurer" if used.who_pays_excess == "insurer_recovers" else "the injured"
    return [
        "",
        f"Insured sum {spaced(used.insured_sum)} (OSNS Law art 16, 19(4); {used.order.replace('_', ' ')})",
        *_columns(rows, "llrrrr"),
        f"  Left {spaced(used.left)}; the policyholder owes {spaced(used.owed)} to {to_whom}",
    ]


def _tiers(answer: Answer) -> list[str]:
    if not answer.tiers:
        return []
    rows = [("date", "state benefit", "Fund", "insurer", "former earnings", "replaced", "")]
    rows += [
        (
            str(t.day), spaced(t.state), spaced(t.fund), spaced(t.insurer), spaced(t.former_earnings),
            f"{float(t.replacement_rate):.1%}", "projected" if t.is_projected else "",
        )
        for t in answer.tiers
    ]  # fmt: skip
    return ["", "Three tiers of protection", *_columns(rows, "lrrrrrl")]


def _deadlines(answer: Answer) -> list[str]:
    lines: list[str] = []
    if answer.deadlines:
        lines += ["", "Deadlines in working days"]
        for one in answer.deadlines:
            last = str(one.last_day) if one.last_day else one.why
            lines += wrap(
                f"  {DEADLINES[one.name]}: {one.working_days} after {one.event_date}: {last} ({one.article})",
                WIDTH,
            )
    if answer.penalties:
        lines += ["", "Late payouts (OSNS Law art 9(2)(9))"]
        lines += [
            f"  due {p.late.due_date}, paid {p.late.paid_date}: {p.days} days x "
            f"{(p.rate * 100).normalize():f} % of {spaced(exact_tiyn(p.late.amount))} = {spaced(p.amount)}"
            for p in answer.penalties
        ]
    return lines


def _choices(answer: Answer) -> list[str]:
    lines = ["", "What the law leaves open, and what was chosen"]
    for one in answer.case.choices.asked():
        how = "default" if one["is_default"] else "stated"
        lines.append(f"  {one['choice']}: {one['option']} ({how}; options: {one['options']})")
        lines += wrap(
            f"{one['question']} {one['reason']} ({one['article']})",
            WIDTH,
            initial_indent="      ",
            subsequent_indent="      ",
        )
    return lines


def _law(answer: Answer) -> list[str]:
    rows = [("parameter", "from", "evidence", "act")]
    rows += [
        (
            e["parameter"],
            e["from"],
            e["evidence"],
            f"{e['act']} No {e['number']} art {e['article']}"
            if e["number"]
            else f"{e['act']} art {e['article']}",
        )
        for e in answer.law.used()
    ]
    return ["", "Entries of the law used", *_columns(rows, "llll")]


def _columns(rows: Sequence[tuple[str, ...]], sides: str) -> list[str]:
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(sides))]
    return [
        "  "
        + "  ".join(
            str(cell).rjust(width) if side == "r" else str(cell).ljust(width)
            for cell, width, side in zip(row, widths, sides, strict=True)
        ).rstrip()
        for row in rows
    ]
