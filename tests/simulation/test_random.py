"""Random numbers: published vectors, and what they may depend on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from actuarial.kernels import random
from actuarial.random_key import key_of, random_keys

# Random123 1.14.0, examples/kat_vectors, philox4x32 with 10 rounds: counter, key, output
VECTORS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), VECTORS)
def test_published_vectors(counter: tuple[int, ...], key: tuple[int, int], words: tuple[int, ...]) -> None:
    low, high = key
    found = random.philox(*counter, np.uint64(high << 32 | low))
    assert tuple(int(word) for word in found) == words


def test_a_uniform_number_lies_inside_its_cell() -> None:
    assert random.uniform(np.uint32(0)) == 0.5 / 2**32
    assert random.uniform(np.uint32(2**32 - 1)) == 1 - 0.5 / 2**32
    assert random.uniform(np.uint32(2**31)) + random.uniform(np.uint32(2**31 - 1)) == 1.0


def test_rows_of_scenarios_do_not_depend_on_where_a_block_begins() -> None:
    whole = np.empty((10, 7))
    random.fill_uniform(0, 1, 3, key_of("x"), whole)
    part = np.empty((4, 7))
    random.fill_uniform(6, 1, 3, key_of("x"), part)
    np.testing.assert_array_equal(whole[6:], part)
    narrow = np.empty((10, 3))
    random.fill_uniform(0, 1, 3, key_of("x"), narrow)
    np.testing.assert_array_equal(whole[:, :3], narrow)


@pytest.mark.parametrize(
    "ids",
    [
        pa.array(["", "a", "аб", "0" * 100]),
        pa.chunked_array([["", "a"], ["аб", "0" * 100]]),
        pa.array(["before", "", "a", "аб", "0" * 100], type=pa.large_string()).slice(1),
        np.array(["", "a", "аб", "0" * 100], dtype=object),
    ],
)
def test_keys_depend_on_the_text_alone(ids: object) -> None:
    from naive_path import id_key

    assert random_keys(ids).tolist() == [id_key(text) for text in ("", "a", "аб", "0" * 100)]


def test_keys_of_a_million_numbered_claims_differ() -> None:
    keys = random_keys(pa.array(np.arange(1_000_000)).cast(pa.string()))
    assert np.unique(keys).size == 1_000_000


def test_neighbouring_claims_scenarios_and_words_are_uncorrelated() -> None:
    """Correlations of 40 000 numbers stay within 4.5 standard errors, their mean and variance too."""
    n = 40_000
    columns = []
    for claim in ("CL-1", "CL-2"):
        for stream in (0, 1):
            out = np.empty((n, 4))
            random.fill_uniform(0, stream, 1, key_of(claim), out)
            columns += list(out.T)
    columns.append(np.roll(columns[0], 1))
    numbers = np.array(columns)
    assert np.abs(numbers.mean(axis=1) - 0.5).max() < 4.5 / np.sqrt(12 * n)
    assert np.abs(12 * numbers.var(axis=1) - 1).max() < 4.5 * np.sqrt(0.8 / n)
    correlation = np.corrcoef(numbers) - np.eye(len(columns))
    assert np.abs(correlation).max() < 4.5 / np.sqrt(n)
