"""Arguments of the public functions: their types and ranges, and that results travel and share nothing."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_frame_input import one_row

import actuarial
from actuarial import Basis, Portfolio
from actuarial.frame.column import MOST_EXACT, tenge


@pytest.mark.parametrize(
    "call",
    [
        lambda p, b: actuarial.portfolio_reserve(one_row(), b),  # type: ignore[arg-type]
        lambda p, b: actuarial.portfolio_reserve(p, "illustrative-2026"),  # type: ignore[arg-type]
        lambda p, b: actuarial.claim_explanation(one_row(), "A-1", b),  # type: ignore[arg-type]
        lambda p, b: actuarial.portfolio_simulation(b, p, n_scenarios=2, seed=1),  # type: ignore[arg-type]
        lambda p, b: actuarial.portfolio_stress(one_row(), b),  # type: ignore[arg-type]
        lambda p, b: actuarial.portfolio_stress({"a": one_row()}, b),  # type: ignore[dict-item]
        lambda p, b: actuarial.portfolio_stress(p, b, [5]),  # type: ignore[list-item]
        lambda p, b: actuarial.priced_book(one_row()),  # type: ignore[arg-type]
        lambda p, b: actuarial.premium_quote(["x"]),  # type: ignore[arg-type]
        lambda p, b: actuarial.annuity_price("illustrative-2026", "2026-01-01", age=40, monthly=1),  # type: ignore[arg-type]
        lambda p, b: actuarial.law_table(parameter=5),  # type: ignore[arg-type]
        lambda p, b: actuarial.mortality_table(5),  # type: ignore[arg-type]
        lambda p, b: actuarial.read_portfolio(one_row(), "2026-01-01", mapping=["x"]),  # type: ignore[arg-type]
        lambda p, b: actuarial.write_run("premium", "x", contracts=one_row()),
        lambda p, b: actuarial.write_run(
            "reserve", "x", portfolio=one_row(), valuation_date="2026-01-01", basis="illustrative-2026"
        ),
        lambda p, b: actuarial.write_run("reserve", "x", portfolio="x", valuation_date="2026-01-01", basis=b),
    ],
)
def test_an_argument_of_another_type(basis: Basis, call: Callable[[Portfolio, Basis], object]) -> None:
    with pytest.raises(actuarial.ActuarialError, match=r" is of type .*: give ") as error:
        call(actuarial.read_portfolio(one_row(), "2026-01-01"), basis)
    assert error.value.code == "E8609"


@pytest.mark.parametrize(
    "given",
    [
        {"age": "40"}, {"age": [40.7]}, {"age": True}, {"age": None}, {"age": -1}, {"sex": "man"},
        {"degree": 0.6}, {"degree": 200}, {"months": 0}, {"months": -5}, {"months": 10**9},
        {"monthly": float("nan")}, {"monthly": float("inf")}, {"monthly": True}, {"monthly": None},
        {"monthly": 1e18}, {"monthly": Decimal("0.001")}, {"monthly": -1}, {"monthly": "ten"},
    ],
)  # fmt: skip
def test_a_number_outside_what_an_annuity_takes(basis: Basis, given: dict[str, object]) -> None:
    words: dict[str, Any] = {"sex": "male", "age": 40, "monthly": 100, **given}
    with pytest.raises(actuarial.ActuarialError, match=repr(next(iter(given))).strip("'")) as error:
        actuarial.annuity_price(basis, "2026-01-01", **words)
    assert error.value.code == "E8610"


def test_numbers_of_numpy_are_numbers(basis: Basis) -> None:
    plain = actuarial.annuity_price(basis, "2026-01-01", age=40, degree=60, monthly=100.3, months=12)
    array = actuarial.annuity_price(
        basis, "2026-01-01", age=np.array([40]), degree=np.int16(60), monthly=np.float64(100.1 + 0.1 + 0.1),
        months=np.float64(12),
    )  # fmt: skip
    pd.testing.assert_frame_equal(plain, array)
    quote = actuarial.premium_quote(
        oked="62011", payroll=np.float64(1e8), workers=np.int64(40),
        contract_date=np.datetime64("2026-02-01"), at_fault=np.bool_(False),
    )  # fmt: skip
    assert quote.premium == Decimal("120000.00")
    case = {
        "sex": "male", "birth_date": "1985-06-15", "product": "compulsory", "contract_date": "2025-01-10",
        "accident_date": "2025-03-01", "first_certificate_date": "2025-06-01",
        "certificate_end": "2026-06-01", "degree_of_loss": 60, "average_monthly_earnings": 300_000.5,
        "social_payment": 98_262, "next_payment_date": "2026-01-10",
    }  # fmt: skip
    of_numpy = {"degree_of_loss": np.int64(60), "average_monthly_earnings": np.float64(300_000.5)}
    assert actuarial.claim_benefit({**case, **of_numpy}).answer == actuarial.claim_benefit(case).answer


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"n_scenarios": 0}, "E8610"), ({"n_scenarios": 3}, "E8610"), ({"n_scenarios": 100.5}, "E8610"),
        ({"seed": -1}, "E8610"), ({"attribution": -1}, "E8610"), ({"cost_of_capital": float("nan")}, "E8610"),
        ({"cost_of_capital": -1}, "E8610"), ({"cost_of_capital": "6"}, "E8609"),
    ],
)  # fmt: skip
def test_a_simulation_that_cannot_be(basis: Basis, given: dict[str, Any], code: str) -> None:
    found = actuarial.read_portfolio(one_row(), "2026-01-01")
    with pytest.raises(actuarial.ActuarialError) as error:
        actuarial.portfolio_simulation(
            found, basis, **{"n_scenarios": 2, "seed": 1, "attribution": 0, **given}
        )
    assert error.value.code == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"own_funds": {"x": 1}}, "E4608"), ({"own_funds": float("nan")}, "E8610"),
        ({"own_funds": 10**30}, "E8610"), ({"own_funds": "abc"}, "E8610"), ({"own_funds": -1}, "E8610"),
        ({"own_funds": 10**7, "reverse": "yield"}, "E4609"), ({"reverse": "longevity"}, "E4609"),
    ],
)  # fmt: skip
def test_own_funds_that_are_none(basis: Basis, given: dict[str, Any], code: str) -> None:
    found = actuarial.read_portfolio(one_row(), "2026-01-01")
    with pytest.raises(actuarial.ActuarialError) as error:
        actuarial.portfolio_stress(found, basis, "longevity", **given)
    assert error.value.code == code


def test_one_scenario_reversed_is_one_word(basis: Basis) -> None:
    found = actuarial.read_portfolio(one_row(), "2026-01-01")
    stress = actuarial.portfolio_stress(
        found, basis, "longevity", own_funds=np.float64(1e5), reverse="longevity"
    )
    assert stress.reversals["scenario"].tolist() == ["longevity"]
    assert stress.reversals["multiple"].notna().all()


@pytest.mark.parametrize(
    "changed",
    [
        lambda f: f.astype("category"),
        lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
        lambda f: f.astype({"average_monthly_earnings": "uint64", "claim_id": "string"}),
        lambda f: f.assign(birth_date=pd.to_datetime(f["birth_date"]).dt.tz_localize("Asia/Almaty")),
        lambda f: f.assign(birth_date=pd.to_datetime(f["birth_date"]).astype("datetime64[s]")),
        lambda f: f.assign(average_monthly_earnings=pd.array([300000.0], dtype="Sparse[float]")),
        lambda f: f.set_axis([7]),
    ],
)
def test_columns_of_any_storage(basis: Basis, changed: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    frame = changed(one_row())
    before = frame.copy(deep=True)
    found = actuarial.read_portfolio(frame, "2026-01-01")
    assert actuarial.portfolio_reserve(found, basis).totals["certified_reserve"] == Decimal("377374.47")
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pd.DataFrame(), "E1013"),
        (one_row().iloc[:0], "E1019"),
        (pd.concat([one_row(), one_row()[["sex"]]], axis=1), "E1014"),
        (one_row().set_index(["claim_id", "sex"]), "E1013"),
        (one_row(average_monthly_earnings=np.nan), "E2001"),
        (one_row(claim_id=None), "E2001"),
        (one_row(average_monthly_earnings=np.inf), "E2205"),
        (one_row(average_monthly_earnings=2**70), "E2207"),
        (one_row(average_monthly_earnings=300000.005), "E2202"),
        (one_row(average_monthly_earnings=True), "E2003"),
        (one_row(degree_of_loss=60.5), "E2303"),
        (one_row(birth_date=pd.Timestamp("1985-06-15 13:30")), "E2105"),
    ],
)
def test_frames_that_are_wrong_have_findings(frame: pd.DataFrame, code: str) -> None:
    found = actuarial.read_portfolio(frame, "2026-01-01")
    assert found.has_errors and code in found.findings["code"].tolist()


def test_results_and_errors_travel_between_processes(basis: Basis) -> None:
    found = actuarial.read_portfolio(one_row(), "2026-01-01")
    reserve = actuarial.portfolio_reserve(found, basis)
    again = pickle.loads(pickle.dumps(reserve))
    pd.testing.assert_frame_equal(again.records, reserve.records)
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(found)).frame, found.frame)
    raised: list[Any] = []
    for call in (
        lambda: actuarial.load_basis("nothing"),
        lambda: actuarial.read_portfolio(one_row(sex="x"), "2026-01-01").frame,
        lambda: actuarial.law_table(parameter="nothing"),
        lambda: actuarial.mortality_table("nothing"),
        lambda: actuarial.premium_quote(oked="99999", payroll=1, contract_date="2026-01-01"),
        lambda: actuarial.claim_benefit({}),
        lambda: actuarial.annuity_price(basis, "2026-01-01", age=120, monthly=1),
        lambda: tenge([MOST_EXACT]),
    ):
        with pytest.raises((ValueError, LookupError)) as error:
            call()
        raised.append(error.value)
    for error in raised:
        other = pickle.loads(pickle.dumps(error))
        assert (type(other), str(other), other.code) == (type(error), str(error), error.code)
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(raised[1])).findings, raised[1].findings)


def test_threads_of_a_user_do_not_meet(portfolio: Portfolio, basis: Basis) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda _: actuarial.portfolio_reserve(portfolio, basis).totals.tolist(), range(4))
        )
    assert found.count(found[0]) == 4
