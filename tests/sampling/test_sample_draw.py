"""Same seed, same portfolio; a shorter one is the beginning of a longer one; wrong requests are refused."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from actuarial.portfolio.sample import Draws, SampleError, synthetic_annuities


def test_same_seed_same_table() -> None:
    first, second = synthetic_annuities(500, seed=11), synthetic_annuities(500, seed=11)
    assert first.equals(second, check_metadata=True)


def test_another_seed_another_table() -> None:
    assert not synthetic_annuities(500, seed=11).equals(synthetic_annuities(500, seed=12))


@pytest.mark.parametrize("n_rows", [1, 2, 3, 10, 999, 1000])
def test_shorter_is_the_beginning_of_longer(n_rows: int) -> None:
    longer = synthetic_annuities(4_000, seed=5)
    assert synthetic_annuities(n_rows, seed=5).equals(longer.slice(0, n_rows))


def test_streams_are_numpys_philox_and_differ_by_name_and_seed() -> None:
    draws = Draws(2**64 - 1)
    numbers = draws.uniform("age", 1_000)
    assert ((numbers >= 0) & (numbers < 1)).all()
    assert (draws.uniform("age", 10) == numbers[:10]).all()
    # crc32 of b"age", by another implementation than the generator's import
    import binascii

    key = np.array([2**64 - 1, binascii.crc32(b"age")], dtype=np.uint64)
    assert (np.random.Generator(np.random.Philox(key=key)).random(1_000) == numbers).all()
    assert not (draws.uniform("sex", 1_000) == numbers).any()
    assert not (Draws(0).uniform("age", 1_000) == numbers).any()


def test_table_has_the_columns_and_types_of_the_contract() -> None:
    table = synthetic_annuities(50, seed=1)
    assert table.num_rows == 50
    assert table.column_names == [
        "claim_id", "contract_id", "product", "beneficiary", "sex", "birth_date", "contract_date",
        "accident_date", "first_certificate_date",
        "certificate_end", "degree_of_loss", "first_degree_of_loss",
        "average_monthly_earnings", "social_payment", "current_monthly_payment", "share", "entitlement_end",
        "annuity_start_date", "next_payment_date", "remaining_insured_sum", "pension_contribution_exempt",
        "pension_date", "expenses_paid", "pension_stop",
    ]  # fmt: skip
    assert table.schema.field("birth_date").type == pa.date32()
    assert table.schema.field("average_monthly_earnings").type == pa.decimal128(18, 2)
    assert table.schema.metadata[b"synthetic"] == b"synthetic, no real person"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ({"n_rows": 0, "seed": 1}, "E1702", "a sample of 0 rows was asked for; give 1 to 9999999 rows"),
        ({"n_rows": 10_000_000, "seed": 1}, "E1702", "10000000 rows was asked for"),
        ({"n_rows": 5, "seed": -1}, "E1703", "seed -1 was given; give a whole number from 0"),
        ({"n_rows": 5, "seed": 2**64}, "E1703", "give a whole number from 0"),
        (
            {"n_rows": 5, "seed": 1, "valuation_date": date(2027, 1, 1)},
            "E1704",
            "valuation date 2027-01-01 was asked for; the sample is calibrated for 2025-01-01 to 2026-12-31",
        ),
        ({"n_rows": 5, "seed": 1, "valuation_date": date(2024, 12, 31)}, "E1704", "choose a date in it"),
    ],
)
def test_wrong_requests_are_refused(arguments: dict, code: str, message: str) -> None:
    with pytest.raises(SampleError, match=message) as error:
        synthetic_annuities(**arguments)
    assert error.value.code == code
