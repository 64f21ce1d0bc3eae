"""What must hold whatever the figures: identities of the model, on whole portfolios."""

from __future__ import annotations

import copy
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))
from adaptor import basis_of, records_of
from people import corner_bases, corner_people

from actuarial.error import BasisError, SafetyLimitError
from actuarial.payout_law import PayoutLaw
from actuarial.projection import outside_table
from actuarial.record import NO_DATE, AnnuityRecords
from actuarial.reserve import annuity_reserve, totals_by_group

VALUATION_DATE = date(2026, 1, 1)


def workers(seed: int, n: int, basis: object) -> AnnuityRecords:
    rows = [row for row in corner_people(seed, 4 * n, VALUATION_DATE) if row["beneficiary"] == "worker"][:n]
    records = records_of(rows)
    keep = ~outside_table(records, basis)  # type: ignore[arg-type]
    return records_of([row for row, kept in zip(rows, keep, strict=True) if kept])


def plain_basis(**mortality: object) -> dict:
    basis = copy.deepcopy(corner_bases(3)[0])
    basis["mortality"].update(mortality)
    return basis


def test_no_moves_equal_an_endless_certificate(tmp_path: Path) -> None:
    """Matrices that keep everybody where they are: expected = certified of a certificate without end."""
    plain = plain_basis()
    stay = [[float(i == j) for j in range(5)] for i in range(4)]
    plain["certification"]["matrices"] = [{"duration_from": 0, **dict(zip("ABCD", stay, strict=True))}]
    basis = basis_of(plain, tmp_path)
    records = workers(11, 200, basis)
    endless = replace(records, certificate_end=np.full(len(records), NO_DATE, dtype=np.int32))
    expected = annuity_reserve(records, basis, VALUATION_DATE).amounts["expected_reserve"]
    certified = annuity_reserve(endless, basis, VALUATION_DATE).amounts["certified_reserve"]
    assert np.abs(expected - certified).max() <= 1
    assert expected.sum() > 0


def test_everybody_recovers_at_the_first_review(tmp_path: Path) -> None:
    """Then only the payments before it remain: whole ones, where the certified measure cuts the last."""
    plain = plain_basis()
    gone = {band: [0.0, 0.0, 0.0, 0.0, 1.0] for band in "ABCD"}
    plain["certification"]["matrices"] = [{"duration_from": 0, **gone}]
    basis = basis_of(plain, tmp_path)
    valuation = annuity_reserve(workers(12, 200, basis), basis, VALUATION_DATE)
    assert np.all(valuation.amounts["expected_reserve"] >= valuation.amounts["certified_reserve"])


def test_more_interest_is_worth_less_and_more_indexation_more(tmp_path: Path) -> None:
    values = {}
    for name, interest, rate in (("base", 0.08, 0.05), ("yield", 0.10, 0.05), ("index", 0.08, 0.07)):
        plain = plain_basis()
        plain["interest"] = {"flat": interest}
        plain["indexation"] = {"choice": "contract_rate", "rate": rate}
        (tmp_path / name).mkdir()
        basis = basis_of(plain, tmp_path / name)
        values[name] = annuity_reserve(workers(13, 150, basis), basis, VALUATION_DATE).amounts
    for measure in ("certified_reserve", "expected_reserve"):
        assert np.all(values["yield"][measure] <= values["base"][measure])
        assert np.all(values["index"][measure] >= values["base"][measure])


def test_rows_add_up_to_groups_and_totals(tmp_path: Path) -> None:
    basis = basis_of(plain_basis(), tmp_path)
    rows = corner_people(14, 300, VALUATION_DATE)
    records = records_of(rows)
    valuation = annuity_reserve(records, basis, VALUATION_DATE)
    groups = totals_by_group(valuation, records)
    assert sum(count for *_, count, _ in groups) == len(records)
    for name, total in valuation.totals().items():
        assert total == sum(amounts[name] for *_, amounts in groups)
        assert total == sum(int(amount) for amount in valuation.amounts[name])


def test_the_law_used_is_named(tmp_path: Path) -> None:
    law = PayoutLaw()
    basis = basis_of(plain_basis(), tmp_path)
    records = records_of(corner_people(15, 100, VALUATION_DATE))
    annuity_reserve(records, basis, VALUATION_DATE, law=law)
    names = {entry["parameter"] for entry in law.used()}
    assert {"minimum_wage", "mci", "payout_edition", "degree_bands", "pension_age_women"} <= names
    assert all(entry["act"] and entry["evidence"] in "VSCD" for entry in law.used())
    assert "subsistence_minimum" in law.projected()


def test_amounts_beyond_exact_cash_flows_are_refused(tmp_path: Path) -> None:
    basis = basis_of(plain_basis(), tmp_path)
    records = workers(16, 5, basis)
    huge = replace(records, current_monthly_payment=np.full(len(records), 10**17, dtype=np.int64))
    with pytest.raises(SafetyLimitError, match="beyond exact integer cash-flows") as caught:
        annuity_reserve(huge, basis, VALUATION_DATE)
    assert caught.value.code == "E9001"


def test_an_age_outside_the_tables_is_refused(tmp_path: Path) -> None:
    basis = basis_of(plain_basis(), tmp_path)
    records = workers(17, 5, basis)
    old = replace(records, birth_date=np.full(len(records), -40_000, dtype=np.int32))
    with pytest.raises(BasisError, match="outside the basis' mortality tables"):
        annuity_reserve(old, basis, VALUATION_DATE)


def test_arrays_of_different_lengths_are_refused(tmp_path: Path) -> None:
    records = workers(18, 5, basis_of(plain_basis(), tmp_path))
    with pytest.raises(ValueError, match=r"AnnuityRecords.share has shape \(1,\), expected"):
        replace(records, share=np.zeros(1))


def test_rows_valued_apart_are_the_rows_valued_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    basis = basis_of(plain_basis(), tmp_path)
    records = records_of(corner_people(19, 300, VALUATION_DATE))
    whole = annuity_reserve(records, basis, VALUATION_DATE, threads=1)
    monkeypatch.setattr("actuarial.reserve.ROWS_AT_ONCE", 7)
    apart = annuity_reserve(records, basis, VALUATION_DATE, threads=3)
    for name, amounts in whole.amounts.items():
        np.testing.assert_array_equal(amounts, apart.amounts[name])
    np.testing.assert_array_equal(whole.flow.expected, apart.flow.expected)
    np.testing.assert_array_equal(whole.flow.certified, apart.flow.certified)
    np.testing.assert_array_equal(whole.pension_date, apart.pension_date)
    # the record at fault is named by its place in the portfolio
    huge = records.current_monthly_payment.copy()
    huge[200] = 10**18
    with pytest.raises(SafetyLimitError, match="record 201 alone reaches"):
        annuity_reserve(replace(records, current_monthly_payment=huge), basis, VALUATION_DATE)
