"""Joins of text keys: ascending keys with few searches, hash table otherwise, the same rows."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from actuarial.kernels import join
from actuarial.portfolio.arrow import text_of_arrow
from actuarial.portfolio.contract_check import _rows_of_ids


def bounds(keys: list[str]) -> tuple[Any, Any, Any]:
    text = text_of_arrow(pa.array(keys, type=pa.string()))
    return text.data, text.starts, text.ends


@pytest.mark.parametrize("compiled", [True, False])
def test_comparison_is_that_of_bytes(compiled: bool) -> None:
    compared = join.compared if compiled else join.compared.py_func
    words = ["", "A", "AB", "B", "a", "Ы", "Ыы"]
    data, starts, ends = bounds(words)
    for i, a in enumerate(words):
        for j, b in enumerate(words):
            x, y = a.encode(), b.encode()
            assert compared(data, starts[i], ends[i], data, starts[j], ends[j]) == (x > y) - (x < y)


def test_ascending_means_strictly() -> None:
    assert join.is_ascending(*bounds(["A1", "A2", "B"]))
    assert join.is_ascending(*bounds(["A"]))
    assert not join.is_ascending(*bounds(["A1", "A1"]))
    assert not join.is_ascending(*bounds(["B", "A"]))


def test_too_many_searches_give_up() -> None:
    keys = [f"{k:03d}" for k in range(100)]
    wanted = list(reversed(keys))
    rows = np.empty(100, dtype=np.int64)
    assert not join.locate(*bounds(keys), *bounds(wanted), 10, rows)
    assert join.locate(*bounds(keys), *bounds(wanted), 100, rows)
    assert rows.tolist() == list(range(99, -1, -1))


@pytest.mark.parametrize("order", ["ascending", "any"])
@pytest.mark.parametrize("of", ["in order", "mixed"])
def test_rows_are_found_whatever_the_order(order: str, of: str) -> None:
    rng = random.Random(4)
    keys = [f"C{k:04d}" for k in range(500)]
    if order == "any":
        rng.shuffle(keys)
    wanted = [key for key in keys for _ in range(rng.randrange(3))] + ["none", "C", "C00001"]
    if of == "mixed":
        rng.shuffle(wanted)
    own, found = _rows_of_ids([pa.array(keys), pa.array(wanted)])
    assert own.tolist() == list(range(500))
    place = {key: k for k, key in enumerate(keys)}
    assert found.tolist() == [place.get(key, -1) for key in wanted]
