"""The shipped scenarios done by hand: on a plain basis and on rows, in fractions, the engine left out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from figures import LAW
from naive import exact, half_up, monthly_earnings, old_edition, own_benefit

Plain = dict[str, Any]
Row = dict[str, Any]
ByHand = Callable[[Plain, list[Row]], tuple[Plain, list[Row]]]


def times(number: Any, factor: str) -> float:
    return float(exact(number) * Fraction(factor))


def multiplier(factor: str) -> ByHand:
    def change(plain: Plain, rows: list[Row]) -> tuple[Plain, list[Row]]:
        plain = copy.deepcopy(plain)
        found = plain["mortality"]["multiplier"]
        found.update({band: times(found[band], factor) for band in found})
        return plain, rows

    return change


def recovery(factor: str) -> ByHand:
    """Column R × factor; who does not recover keeps the proportions of the other columns."""

    def change(plain: Plain, rows: list[Row]) -> tuple[Plain, list[Row]]:
        plain = copy.deepcopy(plain)
        for matrix in plain["certification"]["matrices"]:
            for place, band in enumerate("ABCD"):
                old = [exact(p) for p in matrix[band]]
                kept = 1 - old[4] * Fraction(factor)
                if old[4] == 1:
                    new = [kept if column == place else Fraction(0) for column in range(4)]
                else:
                    new = [p * kept / (1 - old[4]) for p in old[:4]]
                matrix[band] = [float(p) for p in (*new, 1 - kept)]
        return plain, rows

    return change


def present_payment(row: Row, plain: Plain) -> Fraction:
    """What the row is paid a month, past indexation included."""
    if row.get("current_monthly_payment") is not None and own_benefit(row, plain, LAW):
        return exact(row["current_monthly_payment"])
    return own_benefit(row, plain, LAW)


def revised(factor: Fraction) -> ByHand:
    def change(plain: Plain, rows: list[Row]) -> tuple[Plain, list[Row]]:
        result = []
        for row in rows:
            new = dict(row)
            if row["beneficiary"] != "pre_retirement" and own_benefit(row, plain, LAW) > 0:
                new["current_monthly_payment"] = half_up(present_payment(row, plain) * factor)
            result.append(new)
        return plain, result

    return change


def one_indexation(rate: str) -> ByHand:
    """Once by the rate instead of the basis' own; a year of 2027, as V lies in 2026."""

    def change(plain: Plain, rows: list[Row]) -> tuple[Plain, list[Row]]:
        rule = plain["indexation"]
        own = {
            "contract_rate": rule.get("rate"),
            "mci": plain["growth"]["mci"],
            "none": 0,
        }.get(rule["choice"])
        if rule["choice"] == "rate_by_year":
            own = rule["rate_by_year"].get(2027, rule["rate_by_year"].get("later"))
        factor = (1 + Fraction(rate)) / (1 + exact(own))
        return revised(Fraction(f"{float(factor):.12g}"))(plain, rows)

    return change


def expenses(plain: Plain, rows: list[Row]) -> tuple[Plain, list[Row]]:
    plain = copy.deepcopy(plain)
    found = plain["expenses"]
    found["of_payment"] = times(found["of_payment"], "1.1")
    found["per_month"] = times(found["per_month"], "1.1")
    found["inflation"] = float(exact(found["inflation"]) + Fraction("0.01"))
    return plain, rows


def offset_withdrawn(plain: Plain, rows: list[Row]) -> tuple[Plain, list[Row]]:
    result = []
    for row in rows:
        new = dict(row)
        if row.get("social_payment") is not None:
            new["social_payment"] = 0
        deducts = row["beneficiary"] == "worker" and row["product"] == "compulsory" and not old_edition(row)
        before = own_benefit(row, plain, LAW) if row["beneficiary"] != "pre_retirement" else Fraction(1)
        current = row.get("current_monthly_payment")
        if deducts and current is not None:
            after = exact(row["degree_of_loss"]) / 100 * monthly_earnings(row, LAW)
            if before > 0:
                new["current_monthly_payment"] = half_up(exact(current) * after / before)
            elif after > 0:
                new["current_monthly_payment"] = None
        result.append(new)
    return plain, result


def interest(shift: str) -> ByHand:
    def change(plain: Plain, rows: list[Row]) -> tuple[Plain, list[Row]]:
        plain = copy.deepcopy(plain)
        found, by = plain["interest"], Fraction(shift)
        if "flat" in found:
            found["flat"] = float(exact(found["flat"]) + by)
        elif "spot" in found:
            found["spot"] = [(years, float(exact(rate) + by)) for years, rate in found["spot"]]
        else:
            curve = found["nelson_siegel_svensson"]
            curve["beta0"] = float(exact(curve["beta0"]) + by)
        return plain, rows

    return change


def gap(plain: Plain, rows: list[Row]) -> tuple[Plain, list[Row]]:
    plain = copy.deepcopy(plain)
    rule, by = plain["indexation"], Fraction("0.02")
    if rule["choice"] == "contract_rate":
        rule["rate"] = float(exact(rule["rate"]) + by)
    elif rule["choice"] == "rate_by_year":
        rule["rate_by_year"] = {y: float(exact(r) + by) for y, r in rule["rate_by_year"].items()}
    elif rule["choice"] == "mci":
        plain["growth"]["mci"] = float(exact(plain["growth"]["mci"]) + by)
    return plain, rows


BY_HAND: dict[str, ByHand] = {
    "mortality_up": multiplier("1.15"),
    "longevity": multiplier("0.8"),
    "disability_inception": recovery("0.8"),
    "recovery_down": recovery("0.8"),
    "revision_4": revised(Fraction("1.04")),
    "revision_10": revised(Fraction("1.1")),
    "prices_2022": one_indexation("0.203"),
    "expense": expenses,
    "offset_withdrawn": offset_withdrawn,
    "yield_up_100": interest("0.01"),
    "yield_up_200": interest("0.02"),
    "yield_up_400": interest("0.04"),
    "yield_down_100": interest("-0.01"),
    "yield_down_200": interest("-0.02"),
    "yield_down_400": interest("-0.04"),
    "gap_down_200": gap,
    "minimum_wage_step_1": lambda plain, rows: (plain, rows),
    "minimum_wage_step_2": lambda plain, rows: (plain, rows),
}
"""Scenarios that a changed basis file or portfolio file can say."""
