"""Random numbers that depend on what they are for and on nothing else: Philox 4x32-10.

A counter-based generator (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11):
128 bits of counter under a key of 64 bits give 128 random bits, without state. The key is the hash of an id
(a claim, a contract, a driver), the counter (block, stream, scenario, seed). So a claim meets the same
chances whatever the order of rows, the chunk, the thread or the worker.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

FNV_OFFSET = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)


@njit(cache=True, nogil=True)
def philox(
    block: int, stream: int, scenario: int, seed: int, key: np.uint64
) -> tuple[np.uint32, np.uint32, np.uint32, np.uint32]:
    """Four random words of 32 bits for a counter of four words of 32 bits and a key of 64 bits.

    Word order as in the published test vectors: counter (block, stream, scenario, seed), key (low, high).
    """
    mask = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    c0 = np.uint64(block) & mask
    c1 = np.uint64(stream) & mask
    c2 = np.uint64(scenario) & mask
    c3 = np.uint64(seed) & mask
    k0 = np.uint64(key) & mask
    k1 = np.uint64(key) >> half
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * c0
        p1 = np.uint64(0xCD9E8D57) * c2
        c0 = (p1 >> half) ^ c1 ^ k0
        c1 = p1 & mask
        c2 = (p0 >> half) ^ c3 ^ k1
        c3 = p0 & mask
        k0 = (k0 + np.uint64(0x9E3779B9)) & mask
        k1 = (k1 + np.uint64(0xBB67AE85)) & mask
    return np.uint32(c0), np.uint32(c1), np.uint32(c2), np.uint32(c3)


@njit(cache=True, nogil=True)
def uniform(word: np.uint32) -> float:
    """A number inside (0, 1) from 32 random bits: the middle of one of 2³² equal cells."""
    return (np.float64(word) + 0.5) * 2.3283064365386963e-10


@njit(cache=True, nogil=True)
def fill_uniform(first: int, stream: int, seed: int, key: np.uint64, out: NDArray[np.float64]) -> None:
    """Fill ``out`` (scenarios, n): row r has the numbers of scenario ``first + r``, four to a block."""
    for r in range(out.shape[0]):
        for b in range((out.shape[1] + 3) // 4):
            words = philox(b, stream, first + r, seed, key)
            for w in range(min(4, out.shape[1] - 4 * b)):
                out[r, 4 * b + w] = uniform(words[w])


@njit(cache=True, nogil=True)
def hash_texts(data: NDArray[np.uint8], bounds: NDArray[np.int64], out: NDArray[np.uint64]) -> None:
    """64-bit keys of texts: FNV-1a of the bytes ``data[bounds[i]:bounds[i + 1]]``, mixed (SplitMix64)."""
    for i in range(out.shape[0]):
        h = FNV_OFFSET
        for j in range(bounds[i], bounds[i + 1]):
            h = (h ^ np.uint64(data[j])) * FNV_PRIME
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        out[i] = h ^ (h >> np.uint64(31))
