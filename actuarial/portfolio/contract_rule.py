"""Findings about contracts: codes with texts, a part of the catalogue in `actuarial.portfolio.finding`."""

from __future__ import annotations

from actuarial.language import text, texts

_DATE_FIX = text("correct the wrong one of the two dates")

CONTRACT_RULES: tuple[tuple[str, str, str], ...] = texts(
    (
        (
            "E1022",
            "no table `{table}`: found {detail}",
            "name the sheet or file `{table}`; its columns are in docs/contract-file.md",
        ),
        ("E1023", "more than one table `{table}`: {detail}", "leave one, or rename the others"),
        ("E2601", "{column} is not a whole number", "write the number with digits only, as 120"),
        ("E2602", "{column} has a fraction, a whole number is expected", "write the whole number"),
        ("E2603", "{column} is not a percent", "write the percent as 5 or 7.5"),
        ("E2604", "{column} has more than two decimals of a percent", "write at most two decimals, as 7.25"),
        ("E2605", "{column} is negative", "correct it, or leave the cell empty"),
        ("E3601", "{column} is not unique", "give each contract its own contract_id"),
        ("E3602", "the contract has no part", "add a row with its class and payroll to `contract_parts`"),
        (
            "E3603",
            "no contract of this contract_id",
            "correct contract_id, or add the contract to `contracts`",
        ),
        (
            "E3604",
            "two parts of one contract have the same name",
            "name each part once; an empty name counts as a name",
        ),
        (
            "E3605",
            "the rows of one contract differ in {column}",
            "write the same value in every row of the contract, or use a table `contract_parts`",
        ),
        ("E3606", "no part of this name in the contract", "correct contract_id or part"),
        (
            "E3611",
            "the law of premiums by class starts on {date}: a contract before it cannot be priced here",
            "take it out; `actuarial quote` prices contracts from 2007-05-07 on with agreed rates",
        ),
        ("E3612", "no minimum wage on record: {reason}", "correct the date, or put the value on record"),
        ("E3613", "the activity has no class: {reason}", "correct oked_code, or fill risk_class"),
        ("E3614", "there is no such class; classes are {low}-{high}", "correct {column}"),
        ("E3615", "neither risk_class nor oked_code is filled", "fill one of them"),
        ("E3616", "the cover must end on or after the day it starts", _DATE_FIX),
        (
            "E3617",
            "the cover must last at most {months} months (OSNS Law 12)",
            "correct a date, or write a contract for each period",
        ),
        ("E3618", "the rule on staffing agencies starts on {date}", "empty receiving_class"),
        ("E3621", "{column} must be above 0", "correct it"),
        (
            "E3622",
            "the part has neither annual_payroll nor staff",
            "fill annual_payroll, or add rows to `staff`",
        ),
        ("E3623", "the part has both annual_payroll and staff", "leave one of them"),
        (
            "E3624",
            "the insured sum is below the annual payroll (OSNS Law 16)",
            "correct insured_sum or annual_payroll; an empty insured_sum means the payroll",
        ),
        (
            "E3625",
            "the insured sum of the contract is ten trillion tenge or more",
            "check the amounts and their unit",
        ),
        ("E3626", "the number of workers differs from the sum over the parts", "correct one of them"),
        ("E3631", "at_fault is required where somebody was injured", "write yes or no"),
        (
            "E3632",
            "the number of workers is required for the correction coefficient",
            "fill n_workers of the contract, or of all its parts",
        ),
        (
            "E3633",
            "the law has no correction coefficient for so many injured among so few workers "
            "(OSNS Law 17-1(2))",
            "check the accidents and n_workers; 1 is not taken in its place",
        ),
        (
            "E3634",
            "n_accidents is required by the choice victims = accidents",
            "fill it, or take the other choice",
        ),
        ("E3641", "the law of that day knows no discount", "empty discount"),
        ("E3642", "the discount must be at most {maximum} (OSNS Law 17-1(2-1))", "correct discount"),
        ("E3643", "a discount, but persons were injured in the years of the law", "empty discount"),
        ("E3644", "the law of discounts is not on record for that day: {reason}", "empty discount"),
        (
            "W3601",
            "risk_class differs from the class of oked_code: risk_class is taken",
            "nothing, or correct one of them",
        ),
        (
            "W3602",
            "the payroll is below workers × minimum wage × {months}",
            "check annual_payroll and n_workers",
        ),
        (
            "W3603",
            "the discount is not given: the contract has no rows in `accidents`",
            "add them, or empty discount",
        ),
        (
            "W3604",
            "the accidents do not name every year of the law: the others are taken as 0",
            "add the years",
        ),
        ("W3605", "a voluntary contract is left out: its tariff is the insurer's own", text("nothing")),
        ("W3606", "the cover starts before the contract is concluded", "check the dates"),
        (
            "W3607",
            "the cover is shorter than {months} months: allowed only where the employer's activity ends",
            "check the dates",
        ),
        ("W3608", "the year is not among those the law looks at: the row is not counted", text("nothing")),
        ("E3651", "{column} is not a БИН: {reason}", "correct it: 12 digits, the last is a check digit"),
        ("E3652", "the termination must not be before the start nor after the end of the cover", _DATE_FIX),
        ("E3653", "termination_date and termination_reason go together", "fill both, or neither"),
        ("E3654", "the contract is concluded after its cover ends", _DATE_FIX),
        (
            "E3655",
            "the number of workers of the part is required: claims are simulated for each worker",
            "fill n_workers of the part; a contract with one part may have it in `contracts`",
        ),
        (
            "W3651",
            "the premium paid is above the premium of the contract",
            "check premium and premium_paid",
        ),
    )
)
