"""Work in threads over slices of rows; kernels release the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def even_slices(n: int, pieces: int) -> list[tuple[int, int]]:
    """Contiguous slices ``(start, stop)`` of ``n`` rows; at least one, also of no rows."""
    return [(int(a), int(b)) for a, b in pairwise(np.linspace(0, n, max(pieces, 1) + 1).astype(int))]


def in_threads(work: Callable[[int, int], T], pieces: list[tuple[int, int]], threads: int) -> list[T]:
    """Run ``work(start, stop)`` over the pieces; results in the order of the pieces."""
    if threads == 1 or len(pieces) == 1:
        return [work(*piece) for piece in pieces]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda piece: work(*piece), pieces))
