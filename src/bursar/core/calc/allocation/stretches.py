"""Row numbers of several stretches of an array, one after the other, without a loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def stretches(starts: npt.NDArray[Any], sizes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """start, start + 1, ... of the first stretch, then of the second, and so on."""
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    rows = np.arange(total, dtype=np.int64)
    rows += np.repeat(starts - (ends - sizes), sizes)
    return rows
