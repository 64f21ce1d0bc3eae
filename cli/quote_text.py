"""A quote on the screen: steps as columns, payments, refunds, notes, and on request the law and the "
"choices."""

from __future__ import annotations

from typing import Any

from actuarial.money import spaced
from actuarial.premium.compulsory import explained_choices
from actuarial.premium.quote import Quote

WIDEST_VALUE = 70


def quote_text(quote: Quote, *, explain: bool) -> str:
    """Return the quote as text, lines without trailing newline."""
    blocks = [_steps(section, steps) for section, steps in quote.steps()]
    if quote.payments:
        rows = [f"{payment.due_date}  {spaced(payment.amount):>20}" for payment in quote.payments]
        blocks.append(["instalments:", *rows])
    for name, refund in quote.refunds.items():
        lines = [f"{name}: {spaced(refund.amount)} of at most {spaced(refund.ceiling)}"]
        lines += [
            f"  {'yes' if c.holds else 'NO':<3}  {c.text} (art. {c.article})" for c in refund.conditions
        ]
        if refund.payable_by:
            lines.append(f"  to be paid by {refund.payable_by}")
        blocks.append(lines)
    blocks.append([f"note: {note}" for note in quote.notes()])
    if explain:
        blocks += [_law(quote), _choices(quote)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _steps(section: str, steps: Any) -> list[str]:
    rows = [(step.name, step.formula, step.value, f"art. {step.article}") for step in steps]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    lines = [
        f"{name:<{widths[0]}}  {formula:<{widths[1]}}  {value:>{widths[2]}}  {article}"
        for name, formula, value, article in rows
    ]
    return lines if section == "premium" else [f"{section}:", *lines]


def _law(quote: Quote) -> list[str]:
    lines = ["law:"]
    for entry in quote.entries():
        value = entry.as_json()["value"]
        text = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        text = text if len(text) <= WIDEST_VALUE else f"{text[: WIDEST_VALUE - 3]}..."
        lines.append(f"  {entry.parameter}: {text}  [{entry.evidence}] {entry.source}")
    return lines


def _choices(quote: Quote) -> list[str]:
    choices = explained_choices(getattr(quote.premium, "choices", {}))
    lines = ["choices:"] if choices else []
    for item in choices:
        default = "" if item["value"] == item["default"] else f" (default {item['default']})"
        lines.append(
            f"  {item['choice']} = {item['value']}{default}: {item['reason']} (art. {item['article']})"
        )
    return lines
