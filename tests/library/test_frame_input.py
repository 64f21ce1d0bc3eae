"""Frames in: own headers, findings, round trips, refusals; exact money out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actuarial
from actuarial import Basis, Portfolio
from actuarial.frame.column import MOST_EXACT, day_of, exact, optional_tenge, tenge
from actuarial.record import AnnuityRecords


def one_row(**cells: object) -> pd.DataFrame:
    row = {
        "claim_id": "A-1", "product": "compulsory", "beneficiary": "worker", "sex": "male",
        "birth_date": "1985-06-15", "contract_date": "2025-01-10", "accident_date": "2025-03-01",
        "first_certificate_date": "2025-06-01", "certificate_end": "2026-06-01", "degree_of_loss": 60,
        "average_monthly_earnings": 300_000, "social_payment": 98_262, "next_payment_date": "2026-01-10",
    }  # fmt: skip
    return pd.DataFrame([row | cells])


@given(st.integers(-MOST_EXACT + 1, MOST_EXACT - 1))
def test_a_double_in_tenge_names_its_tiyn(tiyn: int) -> None:
    (amount,) = tenge([tiyn])
    assert Decimal(tiyn) / 100 == Decimal(repr(float(amount))).quantize(Decimal("0.01"))
    assert int(np.round(100 * amount)) == tiyn
    assert float(exact(tiyn)) == amount


def test_an_amount_beyond_doubles_is_refused() -> None:
    assert tenge([MOST_EXACT - 1])[0] == 22_517_998_136_852.47
    with pytest.raises(actuarial.ActuarialError, match="22517998136852 ₸ or more is not exact") as error:
        tenge([0, -MOST_EXACT])
    assert error.value.code == "E8604"


def test_nothing_is_an_empty_cell() -> None:
    found = optional_tenge([None, 150])
    assert np.isnan(found[0]) and found[1] == 1.5


@pytest.mark.parametrize(
    "given",
    [date(2026, 1, 31), datetime(2026, 1, 31), pd.Timestamp("2026-01-31"), "2026-01-31", " 31.01.2026"],
)
def test_dates(given: date | str) -> None:
    found = day_of(given, "valuation_date")
    assert found == date(2026, 1, 31) and type(found) is date


@pytest.mark.parametrize("given", ["2026-02-30", "31/01/2026", "", 20260131, None, datetime(2026, 1, 1, 12)])
def test_what_is_no_date(given: object) -> None:
    with pytest.raises(
        actuarial.ActuarialError, match=r"valuation_date is .*: give a datetime\.date"
    ) as error:
        actuarial.read_portfolio(one_row(), given)  # type: ignore[arg-type]
    assert error.value.code == "E8601"


def test_the_checked_frame_read_again_is_the_same_portfolio(portfolio: Portfolio) -> None:
    again = actuarial.read_portfolio(portfolio.frame, portfolio.valuation_date)
    assert not len(again.findings)
    ours, theirs = portfolio.records, again.records
    for name in AnnuityRecords.__dataclass_fields__:
        if name != "claim_id":
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)
    pd.testing.assert_frame_equal(again.frame, portfolio.frame)


def test_texts_that_only_the_checks_look_at_are_kept() -> None:
    """Without them the shares of two deaths under one contract would add up to more than 1."""
    cells = {"beneficiary": "spouse", "sex": "female", "birth_date": "1950-01-01", "share": 0.7}
    cells |= {"degree_of_loss": None, "contract_id": "C-1"}
    both = [one_row(**cells, claim_id=f"A-{n}", deceased_id=f"D-{n}") for n in (1, 2)]
    found = actuarial.read_portfolio(pd.concat(both), "2026-01-01")
    assert found.frame["deceased_id"].tolist() == ["D-1", "D-2"]
    assert found.frame["contract_id"].tolist() == ["C-1", "C-1"]
    assert not actuarial.read_portfolio(found.frame, "2026-01-01").has_errors
    without = found.frame.drop(columns="deceased_id")
    assert "E3406" in actuarial.read_portfolio(without, "2026-01-01").findings["code"].tolist()


def test_frames_are_copies(portfolio: Portfolio, basis: Basis) -> None:
    reserve = actuarial.portfolio_reserve(portfolio, basis)
    frame, records = portfolio.frame, reserve.records
    frame.loc[:, "average_monthly_earnings"] = -1.0
    frame.loc[:, "share"] = -1.0
    records.loc[:, "expected_reserve"] = -1.0
    assert portfolio.frame["average_monthly_earnings"].min() >= 0
    assert not (portfolio.records.share < 0).any()
    assert reserve.records["expected_reserve"].min() >= 0


@pytest.mark.parametrize(
    "cells",
    [
        {"birth_date": pd.Timestamp("1985-06-15"), "degree_of_loss": np.int64(60)},
        {"birth_date": date(1985, 6, 15), "average_monthly_earnings": Decimal("300000.00")},
        {"average_monthly_earnings": 300000.0, "social_payment": "98 262,00", "sex": "муж"},
    ],
)
def test_cells_of_any_reasonable_type(cells: dict[str, object], basis: Basis) -> None:
    found = actuarial.read_portfolio(one_row(**cells), "2026-01-01")
    assert actuarial.portfolio_reserve(found, basis).totals["certified_reserve"] == Decimal("377374.47")


def test_own_headers_by_pairs_and_by_file(tmp_path: Path) -> None:
    frame = one_row(product="ОСНС").rename(columns={"claim_id": "Дело"})
    pairs = {"columns": {"claim_id": "Дело"}, "values": {"product": {"ОСНС": "compulsory"}}}
    file = tmp_path / "mapping.yaml"
    file.write_text("columns: {claim_id: Дело}\nvalues: {product: {ОСНС: compulsory}}\n", encoding="utf-8")
    table = tmp_path / "annuities.csv"
    frame.to_csv(table, index=False)
    for data in (frame, table, str(table)):
        for mapping in (pairs, file, str(file)):
            found = actuarial.read_portfolio(data, "2026-01-01", mapping=mapping)
            assert found.records.claim_id.to_pylist() == ["A-1"]


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"column": {}}, "E1603"),
        ({"columns": {"claim": "Дело"}}, "E1604"),
        ({"values": {"product": {"x": "y"}}}, "E1605"),
        ({"columns": ["claim_id"]}, "E1602"),
    ],
)
def test_a_mapping_that_cannot_be_used(mapping: dict[str, object], code: str) -> None:
    with pytest.raises(actuarial.ActuarialError, match="mapping") as error:
        actuarial.read_portfolio(one_row(), "2026-01-01", mapping=mapping)
    assert error.value.code == code


def test_findings_say_what_where_and_what_to_do(basis: Basis) -> None:
    frame = pd.concat([one_row(), one_row(claim_id="050101300123", birth_date="1985-02-30")])
    found = actuarial.read_portfolio(frame, "2026-01-01")
    (finding,) = found.findings.to_dict("records")
    assert (finding["code"], finding["row"], finding["column"]) == ("E2102", 2, "birth_date")
    assert finding["value"] == "1985-02-30" and "correct the day" in finding["fix"]
    assert found.has_errors and len(found) == 2
    for use in (lambda: found.frame, lambda: actuarial.portfolio_reserve(found, basis)):
        with pytest.raises(actuarial.FindingsError, match=r"nothing was computed(.|\n)*E2102") as error:
            use()
        assert error.value.code == "E8602" and len(error.value.findings) == 1


def test_an_age_outside_the_tables_is_a_finding_once(basis: Basis) -> None:
    frame = one_row(beneficiary="spouse", birth_date="1900-01-01", share=0.5, degree_of_loss=None)
    found = actuarial.read_portfolio(frame, "2026-01-01")
    for _ in range(2):
        with pytest.raises(actuarial.FindingsError) as error:
            actuarial.portfolio_reserve(found, basis)
        assert error.value.findings["code"].tolist().count("E3501") == 1
    assert "E3501" not in found.findings["code"].tolist()


@pytest.mark.parametrize("data", [None, [1], {"annuities": 1}, 5])
def test_data_of_another_kind(data: object) -> None:
    with pytest.raises(actuarial.ActuarialError, match="data of type") as error:
        actuarial.read_portfolio(data, "2026-01-01")  # type: ignore[arg-type]
    assert error.value.code == "E8605"
    if not isinstance(data, dict):
        with pytest.raises(actuarial.ActuarialError, match="data of type"):
            actuarial.read_book(data)  # type: ignore[arg-type]


def test_an_unknown_claim(basis: Basis) -> None:
    found = actuarial.read_portfolio(one_row(), "2026-01-01")
    with pytest.raises(
        actuarial.ActuarialError, match="no claim 'A-2' among 1 records; near ones: A-1"
    ) as error:
        actuarial.claim_explanation(found, "A-2", basis)
    assert error.value.code == "E8603"


def test_explained_payments_add_up(portfolio: Portfolio, basis: Basis) -> None:
    records = actuarial.portfolio_reserve(portfolio, basis).records.set_index("claim_id")
    for claim_id in records.index[:40:8]:
        claim = actuarial.claim_explanation(portfolio, claim_id, basis)
        for measure in ("certified", "expected"):
            values = claim.payments.query("measure == @measure")["present_value"]
            assert abs(values.sum() - records.loc[claim_id, f"{measure}_reserve"]) <= 0.005 + 1e-6
        assert float(claim.figures["total_expected"]) == records.loc[claim_id, "total_expected"]


def test_a_changed_basis_is_a_new_one(basis: Basis) -> None:
    found = basis.replace({"interest": {"flat": 0.09}, "mortality.multiplier.C": 1.0})
    assert (found.assumptions.interest.flat, found.assumptions.mortality.multiplier.C) == (0.09, 1.0)
    assert (basis.assumptions.interest.flat, basis.assumptions.mortality.multiplier.C) == (0.10, 3.0)
    assert found.curve.spot_rate(np.array([1.0]))[0] == 0.09
    assert basis.replace({}).assumptions == basis.assumptions


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"interest.flatt": 0.09}, "flatt"),
        ({"intrest.flat": 0.09}, "intrest"),
        ({"interest.flat.x": 1}, "interest.flat.x: flat has no keys inside it"),
        ({"interest.flat": 9}, "interest.flat"),
        ({"interest.flat": "0.09"}, "interest.flat"),
        ({"interest.spot": "rates.csv"}, "exactly one"),
    ],
)
def test_a_change_that_no_basis_takes(basis: Basis, changes: dict[str, object], match: str) -> None:
    with pytest.raises(actuarial.ActuarialError, match=match) as error:
        basis.replace(changes)
    assert error.value.code == "E4003"


def test_scenarios_of_ones_own(basis: Basis) -> None:
    found = actuarial.read_portfolio(one_row(), "2026-01-01")
    own = {
        "name": "yield_9", "title": "Yield 9 %", "source": "own",
        "changes": [{"parameter": "basis.interest.flat", "set": 0.09}],
    }  # fmt: skip
    frame = actuarial.portfolio_stress(found, basis, ["longevity", own]).scenarios.set_index("scenario")
    again = actuarial.portfolio_reserve(found, basis.replace({"interest.flat": 0.09}))
    assert frame.loc["yield_9", "expected"] == float(again.totals["total_expected"])
    for wrong, match in (
        ({**own, "chnges": []}, "chnges"),
        ({**own, "changes": [{"parameter": "basis.interest.flat"}]}, "exactly one of multiply, add, set"),
    ):
        with pytest.raises(actuarial.ActuarialError, match=match) as error:
            actuarial.portfolio_stress(found, basis, [wrong])
        assert error.value.code == "E4603"
    with pytest.raises(actuarial.ActuarialError, match="given twice: yield_9"):
        actuarial.portfolio_stress(found, basis, [own, own])


def test_portfolios_of_two_dates(basis: Basis) -> None:
    early = actuarial.read_portfolio(one_row(), "2026-01-01")
    later = actuarial.read_portfolio(one_row(), "2026-01-02")
    with pytest.raises(actuarial.ActuarialError, match="all on one valuation date") as error:
        actuarial.portfolio_stress({"a": early, "b": later}, basis, "longevity")
    assert error.value.code == "E4608"


def test_a_quote_takes_values_of_python() -> None:
    plain = actuarial.premium_quote(
        {"oked": "62011", "payroll": "10000000.50", "workers": "5", "contract_date": "2024-03-01"}
    )
    typed = actuarial.premium_quote(
        oked="62011", payroll=Decimal("10000000.50"), workers=5, contract_date=date(2024, 3, 1)
    )
    by_float = actuarial.premium_quote(
        {"oked": "62011", "workers": 5}, payroll=10_000_000.5, contract_date=pd.Timestamp("2024-03-01")
    )
    assert plain.answer == typed.answer == by_float.answer
    with_years = actuarial.premium_quote(
        oked="62011", payroll=100_000_000, workers=60, contract_date=date(2024, 3, 1),
        injured={2021: 2, 2022: 2, 2023: 2}, at_fault=True, instalments=4,
    )  # fmt: skip
    assert with_years.instalments["amount"].sum() == float(with_years.premium)
    with pytest.raises(actuarial.ActuarialError, match="colour: unknown key") as error:
        actuarial.premium_quote(oked="62011", payroll=1, colour=1, contract_date="2024-03-01")
    assert error.value.code == "E4304"


def test_a_book_with_errors_is_not_priced() -> None:
    frame = pd.DataFrame({"contract_id": ["C-1"], "contract_date": ["2026-13-01"], "oked_code": ["62011"]})
    book = actuarial.read_book(frame)
    assert book.has_errors
    found = book.findings
    assert found.loc[found["column"] == "contract_date", "file"].tolist() == ["contracts"]
    with pytest.raises(actuarial.FindingsError):
        actuarial.priced_book(book)


def test_own_headers_of_a_book() -> None:
    frame = pd.DataFrame(
        {"№": ["C-1"], "Когда": [pd.Timestamp("2026-02-01")], "Код": ["62011"], "Фонд": [1e8], "Людей": [40]}
    )
    mapping = {
        "contracts": {
            "columns": {
                "contract_id": "№", "contract_date": "Когда", "oked_code": "Код", "annual_payroll": "Фонд",
                "n_workers": "Людей",
            }
        }
    }  # fmt: skip
    priced = actuarial.priced_book(actuarial.read_book(frame, mapping=mapping))
    assert priced.totals["premium"] == Decimal("120000.00")


def test_the_law_on_a_day_and_through_time() -> None:
    frame = actuarial.law_table("2026-01-01")
    assert frame["parameter"].is_unique and len(frame) > 50
    assert (frame["from"] <= "2026-01-01").all() and not (frame["to"] < "2026-01-01").any()
    through = actuarial.law_table(parameter="mci")
    assert through["value"].iloc[-1] == Decimal(4325) and through["from"].is_monotonic_increasing
    with pytest.raises(actuarial.ActuarialError, match="which law") as error:
        actuarial.law_table()
    assert error.value.code == "E8606"
    with pytest.raises(LookupError, match="mci"):
        actuarial.law_table("1990-01-01", parameter="mci")


def test_mortality_tables() -> None:
    listed = actuarial.mortality_table()
    for name in listed["table"]:
        table = actuarial.mortality_table(name)
        assert table["qx"].iloc[-1] == 1.0
        lx = [100_000.0]
        for q in table["qx"].tolist()[:-1]:
            lx.append(lx[-1] * (1 - q))
        np.testing.assert_allclose(table["lx"], lx, rtol=1e-12)


def test_an_annuity_that_is_not_one(basis: Basis) -> None:
    for wrong in ({"months": 12, "to_pension": True}, {"monthly": 0}):
        with pytest.raises(
            actuarial.ActuarialError, match="amount above 0, and months or to_pension"
        ) as error:
            actuarial.annuity_price(basis, "2026-01-01", age=40, **wrong)  # type: ignore[arg-type]
        assert error.value.code == "E8607"


def test_runs_that_are_none(tmp_path: Path) -> None:
    for command, request in (
        ("reserves", {}),
        ("reserve", {"portfolio": "x.csv"}),
        ("reserve", {"portfolio": "x.csv", "valuation_date": "2026-01-01", "basis": "b", "colour": 1}),
        ("premium", {}),
    ):
        with pytest.raises(actuarial.ActuarialError) as error:
            actuarial.write_run(command, tmp_path / "run", **request)
        assert error.value.code == "E8608"
    table = tmp_path / "annuities.csv"
    one_row(birth_date="x").to_csv(table, index=False)
    with pytest.raises(actuarial.FindingsError):
        actuarial.write_run(
            "reserve", tmp_path / "run", portfolio=str(table), valuation_date="01.01.2026",
            basis="illustrative-2026",
        )  # fmt: skip
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["checks.xlsx"]


def test_a_history_in_a_frame(book: Path) -> None:
    from actuarial.portfolio.history_check import history_of_frame, read_history

    path = book.parent / "history-synthetic.csv"
    by_file, by_frame = read_history(path), history_of_frame(pd.read_csv(path, dtype=str))
    assert by_file.records is not None and by_frame.records is not None
    np.testing.assert_array_equal(by_file.records.exit_date, by_frame.records.exit_date)
    broken = history_of_frame(pd.DataFrame({"claim_id": ["A-1"]}))
    assert broken.records is None and broken.findings.has_errors
