"""A law changed by a scenario: values, periods, and that it never passes for law."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import tariffs
from actuarial.payout_law import PayoutLaw, day
from actuarial.stress.error import StressError
from actuarial.stress.hypothetical import HYPOTHETICAL, HypotheticalLaw
from actuarial.stress.scenario import Change

V = date(2026, 1, 1)


def law(parameter: str, **change: Any) -> HypotheticalLaw:
    return HypotheticalLaw([Change.model_validate({"parameter": parameter, **change})], "test", V)


def test_from_a_day_on() -> None:
    changed = law("law.mci", multiply=1.1, **{"from": date(2025, 7, 1)}).series("mci")
    assert changed.on(date(2025, 6, 30)) == 3932
    assert changed.on(date(2025, 7, 1)) == Decimal("4325.20")
    assert changed.on(date(2026, 5, 5)) == Decimal("4757.50")


def test_on_every_day_without_from() -> None:
    changed = law("law.minimum_wage", multiply=2).series("minimum_wage")
    assert changed.on(date(2005, 3, 1)) == 14000
    gap = np.array([day(date(2008, 9, 1))], dtype=np.int32)
    assert changed.position(gap)[0] == -1


def test_a_value_behind_the_record() -> None:
    changed = law("law.minimum_wage", set=100_000, **{"from": date(2027, 1, 1)}).series("minimum_wage")
    assert changed.on(date(2026, 12, 31)) == 85_000
    assert changed.on(date(2030, 1, 1)) == 100_000
    with pytest.raises(StressError, match="no value on 2027-01-01 to change"):
        law("law.minimum_wage", multiply=1.1, **{"from": date(2027, 1, 1)})


def test_parts_of_a_value() -> None:
    caps = law("law.additional_expenses_cap.A", multiply=2).latest("additional_expenses_cap")
    assert caps == {"A": 500, "B": 500, "C": 750, "D": 1000}
    rates = law("law.tariff_rate", multiply=0.8).latest("tariff_rate")
    assert rates[1] == Decimal("0.00096")
    edition = law("law.payout_edition.insurer_pays_band_a", set=True).latest("payout_edition")
    assert edition["insurer_pays_band_a"] is True and edition["earnings_cap"] is True


def test_two_changes_of_one_parameter_follow_each_other() -> None:
    changes = [Change(parameter="law.mci", multiply=2), Change(parameter="law.mci", add=1)]
    assert HypotheticalLaw(changes, "test", V).series("mci").on(V) == 8651


def test_what_is_changed_is_called_hypothetical() -> None:
    changed = law("law.mci", multiply=1.1, **{"from": "valuation_date"})
    changed.series("mci").position(np.array([day(date(2025, 5, 1)), day(V)], dtype=np.int32))
    before, after = changed.used()
    assert before["status"] == "enacted" and before["act"] == "Budget law for 2025-2027"
    assert (after["status"], after["evidence"], after["act"]) == (
        HYPOTHETICAL,
        "",
        "none: stress scenario test",
    )
    assert "not law" in after["note"]
    assert after["value"] == "4757.50"
    # the record itself is untouched
    assert PayoutLaw().series("mci").on(V) == 4325
    assert {entry.status for entry in tariffs.parameter("mci").entries} == {"enacted"}


@pytest.mark.parametrize(
    ("parameter", "change", "message"),
    [
        ("law.minimum_wages", {"set": 1}, r"did you mean law.minimum_wage\?"),
        ("law.funeral_payment", {"multiply": 2}, "nothing in a stress test depends on it"),
        ("law.payout_edition.social_payment_deducted", {"set": False}, "annuity.social_payment, multiply: 0"),
        ("law.additional_expenses_cap.E", {"multiply": 2}, "no part 'E'; there are A, B, C, D"),
        (
            "law.additional_expenses_cap.A",
            {"multiply": 1.001},
            "250 would become 250.25, which must be whole",
        ),
        ("law.mci.A", {"multiply": 2}, "the value has no parts"),
        ("law.mci", {"set": 0}, "outside the record's domain"),
        ("law.mci", {"set": "much"}, "'much' is not a number"),
        ("law.payout_edition.insurer_pays_band_a", {"multiply": 2}, "only set can change it"),
        ("law.payout_edition.insurer_pays_band_a", {"set": 1}, "neither true nor false"),
        ("law.earnings_cap_minimum_wages", {"set": 9.5}, "is no whole number"),
        ("law.pension_age_men", {"add": 0.01}, "is no whole number of months"),
        ("law.entitlement_age_child", {"add": -30}, "outside the record's domain"),
        ("law.tariff_rate", {"multiply": 0.0}, "no tariff would be left"),
        ("law.tariff_rate.23", {"multiply": 2}, "no part '23'"),
    ],
)
def test_changes_the_law_cannot_take(parameter: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(StressError, match=message) as caught:
        law(parameter, **change)
    assert caught.value.code == "E4606"
