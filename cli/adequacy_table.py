"""A tariff study on the screen: rates by class, the book, and what to know beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from actuarial.claim_record import KIND_NAMES, KINDS
from actuarial.language import Text, counted, digits, joined, number, percent, said, text
from actuarial.report.adequacy_run import AdequacyRun
from cli.screen import new_table, print_ending, print_line, print_table

NO_RATIO = text("—")


def print_adequacy(run: AdequacyRun) -> None:
    """Print the rates by class, the book's ratio, the policyholder, the proposal, and the notes."""
    record = run.record
    years = record["years"]
    names = dict(zip(KINDS, KIND_NAMES, strict=True))
    claims = (text("{kind} {n}", kind=names[kind], n=n) for kind, n in record["claims"].items())
    print_line(
        text(
            "Tariffs and technical rates, experience {first} to {last}, claims: {claims}",
            first=years[0],
            last=years[-1],
            claims=joined(claims),
        )
    )
    titles = (
        text("class"),
        text("statutory"),
        text("risk"),
        text("technical"),
        text("law / technical"),
        text("from"),
        text("to"),
    )
    table = new_table(titles, left=0)
    for row in record["classes"]:
        cells = (
            _percent(row["statutory_rate"], 2),
            _percent(row["risk_rate"], 3),
            _percent(row["technical_rate"], 3),
            _percent(row["ratio"]),
            _percent(row["ratio_from"]),
            _percent(row["ratio_to"]),
        )
        table.add_row(str(row["risk_class"]), *map(said, cells))
    print_table(table)
    for line in _lines(record):
        print_line(line)
    print_ending(record["warnings"], run.folder)


def _lines(record: dict[str, Any]) -> list[Text]:
    book, totals = record["adequacy"], record["totals"]
    lines: list[Text] = [
        counted(
            "{n} rated contracts: premium of the law {law} ₸ (tariff alone {tariff} ₸), technical "
            "{technical} ₸",
            "{n} rated contracts: premium of the law {law} ₸ (tariff alone {tariff} ₸), technical "
            "{technical} ₸",
            n=record["rated_contracts"],
            law=_amount(totals["law_premium"]),
            tariff=_amount(totals["tariff_premium"]),
            technical=_amount(totals["technical_premium"]),
        ),
        text(
            "law / technical {ratio} ({level} interval {low} to {high}); expected loss ratio {mean}",
            ratio=_percent(book["ratio"]),
            level=percent(book["level"], 0),
            low=_percent(book["from"]),
            high=_percent(book["to"]),
            mean=_percent(record["loss_ratio"]["mean"]),
        ),
    ]
    if record["policyholder"] is not None:
        lines.append(_policyholder(record["policyholder"]))
    proposal = record["proposal"]
    if proposal is not None:
        lines.append(
            text(
                "proposed tariffs (hypothetical): {premium} ₸; lower for {lower}, higher for {higher}; at "
                "the smallest premium {before} → {after}",
                premium=_amount(proposal["proposed_premium"]),
                lower=proposal["lower"]["contracts"],
                higher=proposal["higher"]["contracts"],
                before=proposal["minimum_law"],
                after=proposal["minimum_proposed"],
            )
        )
    return lines


def _policyholder(holder: dict[str, Any]) -> Text:
    if "note" in holder:
        return text("{name}: {note}", name=holder["name"], note=holder["note"])
    return counted(
        "{name}: {n} claims, {expected} expected, modification {modification}, law / technical {ratio}",
        "{name}: {n} claims, {expected} expected, modification {modification}, law / technical {ratio}",
        n=holder["claims"],
        name=holder["name"],
        expected=digits(holder["expected_claims"], ".2f"),
        modification=digits(holder["modification"], ".3f"),
        ratio=_percent(holder["ratio"]),
    )


def _percent(value: float | None, places: int = 1) -> Text:
    return NO_RATIO if value is None else percent(value, places)


def _amount(written: str) -> Text:
    return number(Decimal(written), 2)
