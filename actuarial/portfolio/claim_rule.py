"""Findings about claims: codes with texts, a part of the catalogue in `actuarial.portfolio.finding`."""

from __future__ import annotations

from actuarial.language import text, texts

_DATE_FIX = text("correct the wrong one of the two dates")

CLAIM_RULES: tuple[tuple[str, str, str], ...] = texts(
    (
        (
            "E3701",
            "the rows of one claim differ in {column}",
            "write the same value in every row of the claim, or give another claim its own claim_id",
        ),
        (
            "E3702",
            "no compulsory contract of this contract_id: a claim without exposure",
            "add its contract to `contracts`, or correct contract_id",
        ),
        (
            "E3703",
            "the insured event is outside the cover of its contract",
            "correct contract_id or the date (accident_date; diagnosis_date of an occupational disease)",
        ),
        ("E3704", "the claim is reported before its event", _DATE_FIX),
        ("E3705", "the movement is before the claim was reported", _DATE_FIX),
        (
            "E3706",
            "diagnosis_date is required for an occupational disease: it decides which contract answers",
            "fill the date of the conclusion of occupational pathology",
        ),
        ("E3707", "the diagnosis is before the accident (the start of the harmful work)", _DATE_FIX),
        (
            "E3708",
            "payment_date is required where paid or case_estimate_change is filled",
            "fill the date of the movement",
        ),
        (
            "E3709",
            "the contract has parts of several classes: risk_class of the claim is required",
            "fill the class of the part in which the event happened",
        ),
        ("E3710", "the contract has no part of this class", "correct risk_class, or the class of the part"),
        (
            "W3701",
            "after the valuation date {date}: the row is left out",
            "nothing, or take another valuation date",
        ),
        (
            "W3702",
            "the movements of the claim add up to less than 0",
            "check the signs of paid and case_estimate_change",
        ),
        (
            "E3711",
            "no rate for the classes {detail}: a proposal names every class",
            "add a row for each, with the law's rate where it stays",
        ),
        ("E3712", "the class has two rates", "leave one"),
        ("E3713", "{column} must be above 0 and at most {high} percent", "correct it"),
        ("E3721", "{column} is not a number", "write the number as 3 or 2.75"),
        (
            "E3722",
            "the activity is not a code of five digits",
            "write the code with its leading zero, as 05102",
        ),
        ("E3723", "the activity has two rows of one year", "leave one"),
        ("E3724", "the activity has no value of {column} in any year", "fill one, or take the activity out"),
        ("E3725", "the contract has two scores", "leave one"),
    )
)
