"""Findings about histories: codes with texts, a part of the catalogue in `actuarial.portfolio.finding`."""

from __future__ import annotations

from actuarial.language import text, texts

_DATE_FIX = text("correct the wrong one of the two dates")

HISTORY_RULES: tuple[tuple[str, str, str], ...] = texts(
    (
        ("E3901", "the spell must end after it begins", _DATE_FIX),
        ("E3902", "a claimant must be born before the spell begins", _DATE_FIX),
        ("E3903", "the first certificate must be on or before the day the spell begins", _DATE_FIX),
        ("E3904", "the first certificate must be after the birth", _DATE_FIX),
        (
            "E3905",
            "degree_to is required where the degree changed",
            "fill the degree of the new certificate; the same degree where the certification left it",
        ),
        ("E3906", "{column} is outside the bands of the law, {low}-{high} percent", "correct {column}"),
        (
            "E3907",
            "the rows of one claim differ in {column}",
            "write the same value in every row of the claim, or give another person another claim_id",
        ),
        (
            "E3908",
            "the spells of one claim overlap",
            "let each spell begin on or after the day the one before it ends",
        ),
        (
            "E3909",
            "a spell begins after the exit that ends the claim",
            "correct exit_reason of the earlier row, or claim_id",
        ),
        (
            "E3910",
            "degree_from is not the degree_to of the spell that ended on the same day",
            "correct one of the two degrees, or the dates",
        ),
        ("E3911", "a spell must last at most {years} years", "correct the year of entry_date or exit_date"),
        (
            "E3912",
            "recovered, but degree_to is a degree of loss",
            "write degree_changed for a new degree; leave degree_to empty for a recovery",
        ),
        (
            "E3913",
            "the claimant is older than {years} years at the exit",
            "correct the year of birth_date or of exit_date",
        ),
        ("W3901", "degree_to is not used with this exit_reason", "nothing, or empty the cell"),
        (
            "W3902",
            "first_certificate_date is empty: the claim's first entry_date is taken",
            "fill it where the observation began later than that: durations are too short otherwise",
        ),
        (
            "W3903",
            "a spell begins after a recovery: it is studied as a new one of the same claim",
            "nothing, if the claimant was certified again",
        ),
        (
            "W3904",
            "the age when the spell begins is outside {low}-{high} years",
            "check birth_date and entry_date",
        ),
    )
)
