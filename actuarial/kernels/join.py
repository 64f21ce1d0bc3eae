"""Joins of text keys: rows to the row of the same key in a table whose keys ascend.

Keys are bytes with bounds, as `actuarial.kernels.text` has them. Tables exported from one system mostly come
in one order: then every look-up is at the last row found or the next, and no hash table is needed.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Int64 = NDArray[np.int64]


@njit(cache=True, nogil=True)
def compared(a: Bytes, a0: int, a1: int, b: Bytes, b0: int, b1: int) -> int:
    """-1, 0 or 1 as the bytes ``a[a0:a1]`` come before, are, or come after ``b[b0:b1]``."""
    for k in range(min(a1 - a0, b1 - b0)):
        if a[a0 + k] != b[b0 + k]:
            return -1 if a[a0 + k] < b[b0 + k] else 1
    return int(a1 - a0 > b1 - b0) - int(a1 - a0 < b1 - b0)


@njit(cache=True, nogil=True)
def is_ascending(data: Bytes, starts: Int64, ends: Int64) -> bool:
    """Whether each key comes after the one before: then no two are equal."""
    for i in range(1, starts.shape[0]):
        if compared(data, starts[i - 1], ends[i - 1], data, starts[i], ends[i]) >= 0:
            return False
    return True


@njit(cache=True, nogil=True)
def locate(
    data: Bytes,
    starts: Int64,
    ends: Int64,
    other: Bytes,
    other_starts: Int64,
    other_ends: Int64,
    most_searches: int,
    out: Int64,
) -> bool:
    """Row in ascending keys (n,) of each other key (m,) into ``out`` (m,), -1 where there is none.

    False, and ``out`` of no use, once more than ``most_searches`` keys were neither at the last row found nor
    at the next: a hash table is quicker then.
    """
    n = starts.shape[0]
    at = 0
    searches = 0
    for j in range(other_starts.shape[0]):
        first, last = other_starts[j], other_ends[j]
        found = -1
        for near in range(at, min(at + 2, n)):
            if compared(data, starts[near], ends[near], other, first, last) == 0:
                found = near
                break
        if found < 0:
            searches += 1
            if searches > most_searches:
                return False
            low, high = 0, n
            while low < high:
                middle = (low + high) // 2
                if compared(data, starts[middle], ends[middle], other, first, last) < 0:
                    low = middle + 1
                else:
                    high = middle
            if low < n and compared(data, starts[low], ends[low], other, first, last) == 0:
                found = low
        out[j] = found
        if found >= 0:
            at = found
    return True
