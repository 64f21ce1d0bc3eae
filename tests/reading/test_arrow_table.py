"""Parquet files and data frames: types of columns, and the same portfolio in every format."""

from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from actuarial.portfolio.read import annuities_from_frame, read_annuities
from actuarial.record import NO_AMOUNT, NO_DATE


def read(build, path):
    return read_annuities(path, valuation_date=build.valuation_date)


def parquet(build, tmp_path, rows, **changed):
    columns = {name: pa.array([build.typed(row)[name] for row in rows]) for name in build.columns}
    columns |= changed
    path = tmp_path / "annuities.parquet"
    pq.write_table(pa.table(columns), path)
    return path


D = date(1980, 5, 14)
DAY = (D - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("column", "array", "expected"),
    [
        ("birth_date", pa.array([D], pa.date32()), DAY),
        ("birth_date", pa.array([D], pa.date64()), DAY),
        *(
            ("birth_date", pa.array([datetime(1980, 5, 14)], pa.timestamp(u)), DAY)
            for u in ("s", "ms", "us", "ns")
        ),
        ("birth_date", pa.array(["14.05.1980"]), DAY),
        ("birth_date", pa.array(["1980-05-14"], pa.large_string()), DAY),
        ("birth_date", pa.array(["1980-05-14"]).dictionary_encode(), DAY),
        (
            "birth_date",
            pa.array([datetime(1980, 5, 13, 18, tzinfo=UTC)], pa.timestamp("us", tz="Etc/GMT-6")),
            DAY,
        ),
        ("average_monthly_earnings", pa.array([350_000]), 35_000_000),
        ("average_monthly_earnings", pa.array([350_000], pa.int32()), 35_000_000),
        ("average_monthly_earnings", pa.array([350_000], pa.uint64()), 35_000_000),
        ("average_monthly_earnings", pa.array([350_000.55]), 35_000_055),
        ("average_monthly_earnings", pa.array([250_000.25], pa.float32()), 25_000_025),
        ("average_monthly_earnings", pa.array([Decimal("350000.55")], pa.decimal128(18, 2)), 35_000_055),
        ("average_monthly_earnings", pa.array([Decimal("350000.5")], pa.decimal128(12, 1)), 35_000_050),
        ("average_monthly_earnings", pa.array([Decimal("350000.5500")], pa.decimal128(30, 4)), 35_000_055),
        ("average_monthly_earnings", pa.array([Decimal("350000.55")], pa.decimal256(40, 2)), 35_000_055),
        ("average_monthly_earnings", pa.array(["350 000,55"]), 35_000_055),
        ("degree_of_loss", pa.array([45], pa.int8()), 45),
        ("degree_of_loss", pa.array([45.0]), 45),
        ("degree_of_loss", pa.array([Decimal("45.0")], pa.decimal128(5, 1)), 45),
        ("pension_contribution_exempt", pa.array([True]), 1),
        ("expenses_paid", pa.nulls(1), 0),
    ],
)
def test_types(build, tmp_path, column, array, expected):
    reading = read(build, parquet(build, tmp_path, [build.row()], **{column: array}))
    assert reading.findings.codes() == {}
    assert getattr(reading.records, column).tolist() == [expected]


@pytest.mark.parametrize(
    ("column", "array", "code", "shown"),
    [
        ("birth_date", pa.array([29355]), "E2106", "29355"),
        ("birth_date", pa.array([datetime(1980, 5, 14, 5)]), "E2105", "1980-05-14 05:00:00.000000"),
        ("average_monthly_earnings", pa.array([float("nan")]), "E2205", "nan"),
        ("average_monthly_earnings", pa.array([float("inf")]), "E2205", "inf"),
        ("average_monthly_earnings", pa.array([350_000.555]), "E2202", "350000.555"),
        (
            "average_monthly_earnings",
            pa.array([Decimal("350000.555")], pa.decimal128(18, 3)),
            "E2202",
            "350000.555",
        ),
        ("average_monthly_earnings", pa.array([-1]), "E2204", "-1"),
        ("average_monthly_earnings", pa.array([10**16]), "E2207", "10000000000000000"),
        ("average_monthly_earnings", pa.array([True]), "E2003", "true"),
        ("degree_of_loss", pa.array([0.45]), "E2302", "0.45"),
        ("degree_of_loss", pa.array([[45]]), "E2003", "[45]"),
        ("claim_id", pa.array([D]), "E2003", "1980-05-14"),
    ],
)
def test_value_that_cannot_be_taken(build, tmp_path, column, array, code, shown):
    reading = read(build, parquet(build, tmp_path, [build.row()], **{column: array}))
    (finding,) = reading.findings
    assert (finding.code, finding.column, finding.row, finding.value) == (code, column, 1, shown)
    assert finding.cell == "row 1"


def test_claim_ids_as_numbers(build, tmp_path):
    path = parquet(build, tmp_path, [build.row()], claim_id=pa.array([12]))
    assert read(build, path).records.claim_id.to_pylist() == ["12"]


def test_nulls_are_empty(build, tmp_path):
    path = parquet(
        build,
        tmp_path,
        [build.row(claim_id="1"), build.row("voluntary", claim_id="2")],
        social_payment=pa.array([Decimal("60000.00"), None], pa.decimal128(18, 2)),
    )
    records = read(build, path).records
    assert records.social_payment.tolist() == [6_000_000, NO_AMOUNT]
    assert records.contract_date[1] == NO_DATE


@pytest.mark.parametrize("content", [b"PAR1", b"hello", b"PAR1" + b"\0" * 50 + b"PAR1"])
def test_broken_parquet(build, tmp_path, content):
    path = tmp_path / "annuities.parquet"
    path.write_bytes(content)
    (finding,) = read(build, path).findings
    assert finding.code == "E1010"
    assert finding.rule.startswith("the Parquet file cannot be read: ")


def test_empty_parquet(build, tmp_path):
    path = tmp_path / "annuities.parquet"
    path.write_bytes(b"")
    assert read(build, path).findings.codes() == {"E1004": 1}


def frame(build, rows):
    return pd.DataFrame([build.typed(row) for row in rows])


def test_frame(build):
    df = frame(build, build.everyone())
    df["birth_date"] = pd.to_datetime(df["birth_date"])
    df["sex"] = df["sex"].astype("category")
    reading = annuities_from_frame(df, valuation_date=build.valuation_date)
    assert reading.findings.codes() == {}
    assert len(reading.records) == len(df)
    assert reading.location(2) == ("", "", 3)


def test_frame_of_mixed_objects(build):
    df = frame(build, build.everyone())
    df["birth_date"] = df["birth_date"].astype(object)
    df.loc[1, "birth_date"] = "14.05.1980"
    df.loc[2, "birth_date"] = pd.Timestamp("2015-03-01")
    df["social_payment"] = df["social_payment"].astype(object)
    df.loc[0, "social_payment"] = "60 000,00"
    df.loc[1, "social_payment"] = float("nan")
    reading = annuities_from_frame(df, valuation_date=build.valuation_date)
    assert reading.findings.codes() == {}
    assert reading.records.social_payment[:2].tolist() == [6_000_000, NO_AMOUNT]


def test_frame_with_findings(build):
    df = frame(build, [build.row(claim_id="1"), build.row(claim_id="2")])
    df.loc[1, "degree_of_loss"] = 20
    reading = annuities_from_frame(df, valuation_date=build.valuation_date)
    assert [(f.code, f.cell) for f in reading.findings] == [("E3102", "row 2")]


def equal(one, other):
    for field in fields(one):
        if field.name == "claim_id":
            assert one.claim_id.to_pylist() == other.claim_id.to_pylist()
        else:
            a, b = getattr(one, field.name), getattr(other, field.name)
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b, err_msg=field.name)


def test_same_portfolio_in_every_format(build, tmp_path):
    rows = [
        {**row, "claim_id": f"{n}-{row['claim_id']}", "contract_id": f"{n}-{row['contract_id']}"}
        for n in range(30)
        for row in build.everyone()
    ]
    plain = read(build, build.csv(tmp_path, rows)).records
    russian = [
        {
            k: f"{date.fromisoformat(v):%d.%m.%Y}"
            if v and k.endswith(("_date", "_end"))
            else v.replace(".", ",")
            if k in ("average_monthly_earnings", "share")
            else {"male": "М", "female": "Ж", "compulsory": "обязательное", "no": "нет"}.get(v, v)
            for k, v in row.items()
        }
        for row in rows
    ]
    equal(plain, read(build, build.csv(tmp_path, russian, "r.csv", encoding="cp1251", delimiter=";")).records)
    typed = [list(build.columns), *([build.typed(row)[c] for c in build.columns] for row in rows)]
    equal(plain, read(build, build.xlsx(tmp_path, typed)).records)
    equal(plain, read(build, parquet(build, tmp_path, rows)).records)
    equal(plain, annuities_from_frame(frame(build, rows), valuation_date=build.valuation_date).records)
