"""Keys of random numbers: what an id is called decides its chances, not where it stands in a file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actuarial.kernels import random


def random_keys(ids: Any) -> NDArray[np.uint64]:
    """64-bit keys of ids for `actuarial.kernels.random.philox`.

    Parameters
    ----------
    ids : array-like of str (n,)
        A pyarrow array, a numpy array or a list; UTF-8 bytes are hashed.

    Returns
    -------
    ndarray of uint64 (n,)

    Examples
    --------
    >>> random_keys(["a", "b"]).tolist() == random_keys(["b", "a"])[::-1].tolist()
    True
    """
    import pyarrow as pa

    if not isinstance(ids, (pa.Array, pa.ChunkedArray)):
        ids = pa.array(ids, type=pa.large_string())
    texts = ids.cast(pa.large_string())
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    keys = np.empty(len(texts), dtype=np.uint64)
    if not len(texts):
        return keys
    _, bounds, data = texts.buffers()
    bounds = np.frombuffer(bounds, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    content = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8)
    random.hash_texts(content, bounds, keys)
    return keys


def key_of(name: str) -> np.uint64:
    """Key of one id."""
    return np.uint64(random_keys([name])[0])
