"""Integer totals by group: the same for any order, chunk or thread."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def add_by_group(group: NDArray[np.int16], amount: NDArray[np.int64], total: NDArray[np.int64]) -> None:
    """Add ``amount`` (n,) [tiyn] to ``total[group]``; the caller has checked the group numbers."""
    for i in range(group.shape[0]):
        total[group[i]] += amount[i]
