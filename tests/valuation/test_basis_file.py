"""Basis files: what is read, and every refusal with its words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from actuarial.basis import basis_names, load_basis
from actuarial.error import BasisError
from mortality import TableError

SHIPPED = Path(__file__).parents[2] / "actuarial" / "bases" / "illustrative-2026.yaml"


def content() -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(SHIPPED.read_text(encoding="utf-8"))


def written(folder: Path, basis: Any) -> Path:
    path = folder / "basis.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(basis, file)
    return path


def test_the_shipped_basis_is_labelled() -> None:
    assert "illustrative-2026" in basis_names()
    basis = load_basis("illustrative-2026")
    assert basis.is_illustrative
    assert basis.name == "illustrative-2026"
    assert basis.terms.tolist() == [12, 12, 24, 0]
    assert basis.review_step == 12
    assert basis.resolved()["tables"]["male"]["id"] == "kz-wpp2024-2020-2025-male"


def test_terms_fall_on_their_common_step(tmp_path: Path) -> None:
    plain = content()
    plain["certification"]["next_term_months"] = {"A": 6, "B": 60, "C": 18, "D": None}
    assert load_basis(written(tmp_path, plain)).review_step == 6
    plain["certification"]["next_term_months"] = dict.fromkeys("ABCD")
    assert load_basis(written(tmp_path, plain)).terms.tolist() == [0, 0, 0, 0]


def test_tables_and_rates_beside_the_basis(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("# our curve\nyears,rate\n1,0.14\n5,0.12\n", encoding="utf-8")
    rows = "".join(f"{age},{0.001 * (age + 1)}\n" for age in range(109)) + "109,1\n"
    (tmp_path / "men.csv").write_text("age,qx\n" + rows, encoding="utf-8")
    plain = content()
    plain["interest"] = {"spot": "rates.csv"}
    plain["mortality"]["male"] = "men.csv"
    basis = load_basis(written(tmp_path, plain))
    assert basis.curve.spot_rate(np.array([3.0]))[0] == pytest.approx(0.13)
    assert basis.tables["male"].qx[10] == 0.011
    assert "rates.csv" in basis.sources


def change(*keys: str, to: Any) -> Callable[[dict[str, Any]], None]:
    def apply(basis: dict[str, Any]) -> None:
        for key in keys[:-1]:
            basis = basis[key]
        if to is ...:
            del basis[keys[-1]]
        else:
            basis[keys[-1]] = to

    return apply


BROKEN = [
    (change("intrest", to={}), "E4003", r"unknown key intrest \(did you mean interest\?\)"),
    (change("interest", to=...), "E4003", "missing key interest"),
    (change("interest", to={"flat": 10}), "E4003", r"interest.flat: Input should be less than 1, found 10"),
    (
        change("interest", to={"flat": "0.1"}),
        "E4003",
        r"interest.flat: Input should be a valid number, found '0.1'",
    ),
    (
        change("interest", to={"flat": 0.1, "spot": "a.csv"}),
        "E4003",
        r"interest: Value error, give exactly one of flat, spot, nelson_siegel_svensson; "
        r"found \['flat', 'spot'\]",
    ),
    (change("interest", to={"spot": "none.csv"}), "E4004", "interest.spot: no file"),
    (
        change("indexation", to={"choice": "contract_rate"}),
        "E4003",
        "rate belongs to choice contract_rate, and only to it",
    ),
    (
        change("indexation", to={"choice": "none", "rate_by_year": {2026: 0.1}}),
        "E4003",
        "rate_by_year belongs to choice rate_by_year, and only to it",
    ),
    (change("indexation", "choice", to="cpi"), "E4003", "indexation.choice: Input should be 'contract_rate'"),
    (change("interest", to={"flat": -0.3}), "E4003", "interest.flat: Input should be greater than -0.2"),
    (change("interest", to={"flat": float("nan")}), "E4003", "interest.flat: Input should be a finite"),
    (
        change("indexation", to={"choice": "rate_by_year", "rate_by_year": {"later": -2.0}}),
        "E4003",
        "indexation.rate_by_year.later: Input should be greater than -0.5, found -2.0",
    ),
    (
        change("indexation", to={"choice": "rate_by_year", "rate_by_year": {10**20: 0.1}}),
        "E4003",
        "indexation.rate_by_year",
    ),
    (change("expenses", "per_month", to=1e30), "E4003", "expenses.per_month: Input should be less than"),
    (change("growth", "mci", to=7), "E4003", "growth.mci: Input should be less than 1, found 7"),
    (
        change("mortality", "multiplier", "B", to=-1),
        "E4003",
        "mortality.multiplier.B: Input should be greater",
    ),
    (
        change("mortality", "improvement", to=1.0),
        "E4003",
        "mortality.improvement: Input should be less than 0.2",
    ),
    (change("mortality", "fractional_age", to="balducci"), "E4003", "mortality.fractional_age"),
    (
        change("mortality", "male", to="kz-wpp2024-2020-2025-female"),
        "E4005",
        "mortality.male: table kz-wpp2024-2020-2025-female is for female lives",
    ),
    (change("certification", "next_term_months", "A", to=0), "E4003", "certification.next_term_months.A"),
    (
        change("certification", "representative_degree", "B", to=0.4),
        "E4008",
        "certification.representative_degree.B is 0.4: band B is 30-59 percent",
    ),
    (
        change(
            "mortality",
            to={
                "male": "pbgc-1981-disabled-male",
                "female": "pbgc-1981-disabled-female",
                "multiplier": {"A": 1, "B": 1, "C": 1, "D": 1, "dependant": 1},
                "improvement": 0.01,
            },
        ),
        "E4007",
        "table pbgc-1981-disabled-male gives none that is the first day of a month",
    ),
    (
        change("certification", "matrices", to=[]),
        "E4003",
        "certification.matrices: List should have at least 1 item",
    ),
    (
        change("expenses", "of_payment", to=3),
        "E4003",
        "expenses.of_payment: Input should be less than 1, found 3",
    ),
    (
        change("additional_expenses", "utilisation", "A", to=1.5),
        "E4003",
        "additional_expenses.utilisation.A: Input should be less than or equal to 1",
    ),
    (
        change("additional_expenses", "utilisation", "A", to=0.12345678901),
        "E4003",
        "give at most nine decimals",
    ),
]


@pytest.mark.parametrize(("broken", "code", "message"), BROKEN, ids=[b[2] for b in BROKEN])
def test_refusals(broken: Callable[[dict[str, Any]], None], code: str, message: str, tmp_path: Path) -> None:
    plain = content()
    broken(plain)
    with pytest.raises(BasisError, match=message) as caught:
        load_basis(written(tmp_path, plain))
    assert caught.value.code == code


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    plain = content()
    plain["interest"] = {"flat": 10}
    plain["expenses"]["per_moth"] = 5
    del plain["growth"]["mci"]
    with pytest.raises(BasisError) as caught:
        load_basis(written(tmp_path, plain))
    text = str(caught.value)
    assert "interest.flat" in text
    assert "unknown key expenses.per_moth (did you mean per_month?)" in text
    assert "missing key growth.mci" in text


def test_a_matrix_row_that_does_not_sum_to_one(tmp_path: Path) -> None:
    plain = content()
    plain["certification"]["matrices"][1]["B"][0] += 0.01
    with pytest.raises(
        TableError, match=r"matrix 2 \(duration_from 1\), row B: the probabilities sum to 1.01"
    ):
        load_basis(written(tmp_path, plain))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: [", "not readable YAML"),
        ("name: a\nname: b\n", "not readable YAML: found duplicate key"),
        ("name: 2026-13-45\n", "not readable YAML: month must be in 1..12"),
        ("[" * 5000, "not readable YAML"),
        (f"name: {'9' * 6000}\n", "not readable YAML"),
        ("- 1\n", "expected keys such as interest and mortality, found list"),
    ],
)
def test_yaml_that_cannot_be_read(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "basis.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BasisError, match=message) as caught:
        load_basis(path)
    assert caught.value.code == "E4002"


def test_text_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "basis.yaml"
    path.write_bytes("name: базис".encode("cp1251"))
    with pytest.raises(BasisError, match="not UTF-8 text"):
        load_basis(path)


def test_a_select_table_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{age},0.001,0.002\n" for age in range(20, 100)) + "100,,1\n"
    (tmp_path / "men.csv").write_text("age,q0,ultimate\n" + rows, encoding="utf-8")
    plain = content()
    plain["mortality"]["male"] = "men.csv"
    with pytest.raises(BasisError, match=r"mortality.male: table .* has select rates") as caught:
        load_basis(written(tmp_path, plain))
    assert caught.value.code == "E4005"


def test_a_matrix_beyond_a_life(tmp_path: Path) -> None:
    plain = content()
    plain["certification"]["matrices"][-1]["duration_from"] = 10**20
    with pytest.raises(TableError, match="is above 120 years; give completed years"):
        load_basis(written(tmp_path, plain))


def test_no_such_basis() -> None:
    with pytest.raises(BasisError, match="neither a file nor a shipped basis") as caught:
        load_basis("illustrative-2062")
    assert caught.value.code == "E4001"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("term,rate\n1,0.1\n", "must have the columns years,rate"),
        ("years,rate\n", "at least one row"),
        ("years,rate\n1,ten\n", "has the row '1,ten'; give years,rate as numbers"),
        ("years,rate\n2,0.1\n1,0.1\n", "has the row '1,0.1'; years must rise from 0"),
        ("years,rate\n1,10\n", "has the row '1,10'; years must rise from 0 and rates be fractions below 1"),
    ],
)
def test_spot_rates_that_cannot_be_used(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(text, encoding="utf-8")
    plain = content()
    plain["interest"] = {"spot": "rates.csv"}
    with pytest.raises(BasisError, match=message) as caught:
        load_basis(written(tmp_path, plain))
    assert caught.value.code == "E4004"


def test_rate_by_year(tmp_path: Path) -> None:
    plain = content()
    plain["indexation"] = {"choice": "rate_by_year", "rate_by_year": {2026: 0.1, 2028: 0.09}}
    indexation = load_basis(written(tmp_path, plain)).assumptions.indexation
    assert str(indexation.year_rate(2026)) == "0.1"
    for year in (2027, 2029):
        with pytest.raises(BasisError, match=f"no rate for {year}: add the year, or 'later'") as caught:
            indexation.year_rate(year)
        assert caught.value.code == "E4006"
    plain["indexation"]["rate_by_year"]["later"] = 0.07
    indexation = load_basis(written(tmp_path, plain)).assumptions.indexation
    assert str(indexation.year_rate(2040)) == "0.07"
