"""A quote on the screen: steps as columns, payments, refunds, notes, and on request the law and the
choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from actuarial.language import amount, amount_text, day_text, digits, said, text
from actuarial.premium.compulsory import Step, explained_choices
from actuarial.premium.quote import Quote
from tariffs.dated import plain

WIDEST_VALUE = 70
SECTIONS: Mapping[str, str] = {
    name.template: name
    for name in (
        text("change"),
        text("termination"),
        text("prevention"),
        text("rehabilitation"),
        text("penalty"),
    )
}


def quote_text(quote: Quote, *, explain: bool) -> str:
    """Return the quote as text in the language in force, lines without trailing newline."""
    blocks = [_steps(section, steps) for section, steps in quote.steps()]
    if quote.payments:
        rows = [f"{day_text(one.due_date)}  {amount_text(one.amount):>20}" for one in quote.payments]
        blocks.append([said("instalments:"), *rows])
    for name, refund in quote.refunds.items():
        granted = text(
            "{refund}: {amount} of at most {ceiling}",
            refund=SECTIONS[name],
            amount=amount(refund.amount),
            ceiling=amount(refund.ceiling),
        )
        answers = [said("yes") if c.holds else said("NO") for c in refund.conditions]
        width = max(3, *map(len, answers))
        lines = [said(granted)]
        lines += [
            f"  {answer:<{width}}  {said(c.text)} ({_article(c.article)})"
            for answer, c in zip(answers, refund.conditions, strict=True)
        ]
        if refund.payable_by:
            lines.append(f"  {said(text('to be paid by {day}', day=refund.payable_by))}")
        blocks.append(lines)
    blocks.append([said(text("note: {note}", note=note)) for note in quote.notes()])
    if explain:
        blocks += [_law(quote), _choices(quote)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _article(article: str) -> str:
    return said(text("art. {article}", article=article))


def _steps(section: str, steps: Sequence[Step]) -> list[str]:
    rows = [(said(s.name), said(s.formula), said(s.value), _article(s.article)) for s in steps]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    lines = [
        f"{name:<{widths[0]}}  {formula:<{widths[1]}}  {value:>{widths[2]}}  {article}"
        for name, formula, value, article in rows
    ]
    return lines if section == "premium" else [f"{said(SECTIONS[section])}:", *lines]


def _law(quote: Quote) -> list[str]:
    lines = [said("law:")]
    for entry in quote.entries():
        value = entry.value
        shown = (
            ", ".join(f"{key} {_value(item)}" for key, item in value.items())
            if isinstance(value, Mapping)
            else _value(value)
        )
        shown = shown if len(shown) <= WIDEST_VALUE else f"{shown[: WIDEST_VALUE - 3]}..."
        lines.append(f"  {entry.parameter}: {shown}  [{entry.evidence}] {said(entry.source.message)}")
    return lines


def _value(value: Any) -> str:
    """A value of the law as the record has it."""
    return said(digits(value, "f")) if isinstance(value, Decimal) else str(plain(value))


def _choices(quote: Quote) -> list[str]:
    choices = explained_choices(getattr(quote.premium, "choices", {}))
    lines = [said("choices:")] if choices else []
    for item in choices:
        default = "" if item["value"] == item["default"] else text(" (default {name})", name=item["default"])
        lines.append(
            f"  {item['choice']} = {item['value']}{said(default)}: {said(item['reason'])} "
            f"({_article(item['article'])})"
        )
    return lines
