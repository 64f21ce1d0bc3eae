"""Work in threads over slices of rows; kernels release the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np

T = TypeVar("T")

PIECES_PER_THREAD = 8
"""More pieces than threads, so that a thread with light rows takes the next piece."""
MOST_PIECES = 128
"""Each piece holds a cash-flow of its own until they are added."""


def slices(n: int, threads: int) -> list[tuple[int, int]]:
    """Contiguous slices ``(start, stop)`` of ``n`` rows, several for each thread."""
    pieces = 1 if threads == 1 else min(threads * PIECES_PER_THREAD, MOST_PIECES, max(n, 1))
    return [(int(a), int(b)) for a, b in pairwise(np.linspace(0, n, pieces + 1).astype(int))]


def in_threads(work: Callable[[int, int], T], pieces: list[tuple[int, int]], threads: int) -> list[T]:
    """Run ``work(start, stop)`` over the pieces; results in the order of the pieces."""
    if threads == 1 or len(pieces) == 1:
        return [work(*piece) for piece in pieces]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda piece: work(*piece), pieces))
