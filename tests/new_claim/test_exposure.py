"""Who is exposed, for how many days, at what premium."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_book import VALUATION_DATE, contracts_in_force, model_of, plain_content

from actuarial.basis import load_basis
from actuarial.new_claim.exposure import Exposure, exposure
from actuarial.new_claim.model import NewClaimError, load_new_claim_model
from actuarial.new_claim.preparation import prepared
from actuarial.payout_law import day
from actuarial.premium.record import NO_COUNT
from actuarial.record import NO_DATE

PARTS = [[(20, 100, 250_000), (3, 7, 400_000), (8, 13, 90_000)], [(5, 1, 85_000)]]


def laid(folder: Path, contracts: Any, on: date = VALUATION_DATE, **choices: str) -> Exposure:
    return exposure(contracts, model_of(folder, plain_content() | choices), on)


def test_the_unexpired_days_and_their_premium(tmp_path: Path) -> None:
    contracts = contracts_in_force(PARTS)
    found = laid(tmp_path, contracts)
    days = (date(2026, 6, 30) - VALUATION_DATE).days + 1
    assert found.n_days.tolist() == [days] * 4
    assert found.first_day.tolist() == [0] * 4
    # the tariffs of classes 20, 3 and 8 are 2.05, 0.48 and 0.65 %; the second contract pays the minimum wage
    rates = [Fraction(205, 10_000), Fraction(48, 10_000), Fraction(65, 10_000)]
    whole = sum(n * pay * 12 * 100 * rate for (_, n, pay), rate in zip(PARTS[0], rates, strict=True))
    owed = [
        int(p * days / 365 + Fraction(1, 2))
        for p in (Fraction(int(whole + Fraction(1, 2))), Fraction(85_000_00))
    ]
    assert found.premium[:3].sum() == owed[0]
    assert found.premium[3] == owed[1]
    for p, rate in enumerate(rates):
        exact = PARTS[0][p][1] * PARTS[0][p][2] * 1200 * rate * days / 365
        assert abs(found.premium[p] - exact) <= 2
    assert found.worker_years[0] == pytest.approx(100 * days / 365)
    assert found.wage.tolist() == [25_000_000, 40_000_000, 9_000_000, 8_500_000]


def test_the_whole_term_starts_with_the_valuation(tmp_path: Path) -> None:
    contracts = contracts_in_force(PARTS)
    found = laid(tmp_path, contracts, date(2027, 3, 1), exposure="whole_term")
    assert found.n_days.tolist() == [365] * 4
    assert found.n_months == 12
    assert found.premium[3] == 85_000_00


def test_later_starts_terminations_and_contracts_to_come(tmp_path: Path) -> None:
    contracts = contracts_in_force([[(5, 10, 100_000)]] * 4)
    records = replace(
        contracts.records,
        contract_date=np.array([day(date(2025, 12, 20))] * 3 + [day(date(2026, 1, 2))], dtype=np.int32),
        start_date=np.array(
            [day(date(2026, 2, 1))] * 2 + [day(date(2025, 12, 25)), day(date(2026, 1, 5))], np.int32
        ),
        end_date=np.array(
            [day(date(2027, 1, 31))] * 2 + [day(date(2026, 12, 25)), day(date(2027, 1, 4))], np.int32
        ),
    )
    ended = np.array([NO_DATE, day(date(2026, 3, 1)), day(date(2026, 1, 1)), NO_DATE], dtype=np.int32)
    found = laid(tmp_path, replace(contracts, records=records, termination_date=ended))
    assert found.first_day[:2].tolist() == [31, 31]
    # a whole term, one month of it, ended on the valuation date, not yet concluded
    assert found.n_days.tolist() == [365, 28, 0, 0]


def test_the_day_a_year_later_is_no_day_more(tmp_path: Path) -> None:
    one, two = (
        laid(tmp_path, contracts_in_force(PARTS, end=end)) for end in (date(2026, 6, 30), date(2026, 7, 1))
    )
    assert (one.n_days == two.n_days).all()


def test_months_are_counted_from_the_valuation_date(tmp_path: Path) -> None:
    start = date(2025, 10, 31)
    contracts = contracts_in_force(PARTS, start=date(2025, 10, 31), end=date(2026, 10, 30))
    found = laid(tmp_path, contracts, start)
    edges = [date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)]
    for j, edge in enumerate(edges):
        offset = (edge - start).days
        assert found.month_of_day[offset] == j
        assert not j or found.month_of_day[offset - 1] == j - 1
    middle = start + timedelta(days=int(found.middle[0]) - day(start))
    assert middle == date(2025, 11, 15)
    assert found.n_months == 12


def test_the_premium_charged(tmp_path: Path) -> None:
    contracts = contracts_in_force(PARTS)
    charged = np.array([1_000_000_01, NO_COUNT])
    given = replace(contracts, records=replace(contracts.records, premium_charged=charged))
    with pytest.raises(NewClaimError, match="1 of 2 contracts have none, the first is number 2") as caught:
        laid(tmp_path, given, premium="charged")
    assert caught.value.code == "E4507"
    charged = np.array([1_000_000_01, 365_00])
    given = replace(contracts, records=replace(contracts.records, premium_charged=charged))
    found = laid(tmp_path, given, premium="charged")
    assert found.premium[3] == 181_00
    assert found.premium[:3].sum() == int(Fraction(1_000_000_01) * 181 / 365 + Fraction(1, 2))
    law = laid(tmp_path, contracts)
    assert found.premium[0] / found.premium[1] == pytest.approx(law.premium[0] / law.premium[1], rel=1e-5)


def test_nothing_to_simulate(tmp_path: Path) -> None:
    with pytest.raises(
        NewClaimError, match="none of the 2 contracts has a day of cover from 2026-07-01"
    ) as caught:
        laid(tmp_path, contracts_in_force(PARTS), date(2026, 7, 1))
    assert caught.value.code == "E4505"


def test_classes_without_a_frequency(tmp_path: Path) -> None:
    model_of(tmp_path, plain_content())
    (tmp_path / "frequency.csv").write_text("risk_class,death,A,B,C,D\n5,0,0,0,0,0\n8,0,0,0,0,0\n", "utf-8")
    with pytest.raises(NewClaimError, match="no row for class 3, 20") as caught:
        exposure(contracts_in_force(PARTS), load_new_claim_model(tmp_path / "model.yaml"), VALUATION_DATE)
    assert caught.value.code == "E4506"


def test_an_age_that_no_table_covers(tmp_path: Path) -> None:
    content = plain_content()
    content["dependants"]["families"] = [
        {"share": 1.0, "members": [{"beneficiary": "parent", "age": [70, 110]}]}
    ]
    model = model_of(tmp_path, content)
    with pytest.raises(NewClaimError, match=r"dependants.families: some ages are outside .* 0-\d+") as caught:
        prepared(contracts_in_force(PARTS), model, load_basis("illustrative-2026"), VALUATION_DATE)
    assert caught.value.code == "E4509"


def test_a_young_spouse_has_no_right_by_age(tmp_path: Path) -> None:
    content = plain_content()
    content["dependants"]["families"] = [
        {"share": 1.0, "members": [{"beneficiary": "spouse", "sex": "female", "age": [60, 70]}]}
    ]
    with pytest.raises(NewClaimError, match="a spouse of 60 may be below pension age") as caught:
        prepared(
            contracts_in_force(PARTS),
            model_of(tmp_path, content),
            load_basis("illustrative-2026"),
            VALUATION_DATE,
        )
    assert caught.value.code == "E4508"
