"""Numbers that look like chance and are the same on every machine and in every order.

A stream is named; its n-th number depends on the name and n alone (SplitMix64). So adding a
resource or a month to the company never disturbs the figures of the others.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def numbers(name: str, count: int) -> np.ndarray:
    """The first `count` numbers of a named stream, each of 64 bits."""
    seed = np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little"))
    with np.errstate(over="ignore"):
        state = seed + np.arange(1, count + 1, dtype=np.uint64) * _STEP
        state = (state ^ (state >> np.uint64(30))) * _FIRST
        state = (state ^ (state >> np.uint64(27))) * _SECOND
        return state ^ (state >> np.uint64(31))


def between(name: str, count: int, *, low: int, high: int) -> np.ndarray:
    """`count` whole numbers from `low` to `high`, both included."""
    span = np.uint64(high - low + 1)
    return low + ((numbers(name, count) >> np.uint64(11)) % span).astype(np.int64)


def one(name: str, *, low: int, high: int) -> int:
    """A single whole number from `low` to `high`, both included."""
    return int(between(name, 1, low=low, high=high)[0])


def token(name: str, *, digits: int = 12) -> str:
    """A hexadecimal name that means nothing, such as a resource's or a pseudonym."""
    return blake2b(name.encode(), digest_size=16).hexdigest()[:digits]
