"""Findings about an occupational risk assessment, a part of `actuarial.portfolio.finding.CATALOGUE`."""

from __future__ import annotations

from actuarial.language import texts

RISK_RULES: tuple[tuple[str, str, str], ...] = texts(
    (
        (
            "E1026",
            "no table `{table}`: found {detail}",
            "name the sheet or file `{table}`; its columns are in docs/risk.md",
        ),
        ("E2606", "{column} is not a number", "write the number as 3 or 2.75"),
        (
            "E2607",
            "{column} has more than two decimals, or thousands apart by commas or points",
            "write at most two decimals, as 2.75, and thousands together",
        ),
        (
            "E3801",
            "{column} must be on the scale {low}-{high}",
            "correct the score, or give the scale you use",
        ),
        ("E3802", "{column} must be 1-{high}", "write how many workers hold the job"),
        ("E3803", "{column} stands there twice", "name it once; write the workers of both rows together"),
        ("E3804", "the table `departments` has no such department", "add it there, or correct the name"),
        (
            "E3805",
            "the department has fewer workers than its jobs together ({detail})",
            "correct n_workers here or in `positions`",
        ),
        ("E3806", "the department has no job in `positions`", "add its jobs: without them it has no risk"),
        ("E3807", "no job of this enterprise in `positions`", "correct the name, or add its jobs"),
        (
            "E3811",
            "lowest must be below highest",
            "write the range of the indicator over the years looked at",
        ),
        ("E3812", "{column} is outside the range from lowest to highest", "correct the value or the range"),
        ("E3813", "{column} must be above 0", "correct it, or take the indicator out"),
        (
            "W3801",
            "injury_score (П2) or compliance_score (П3) is not known: no total risk",
            "nothing, or fill both; the monograph gives no formula for them",
        ),
    )
)
