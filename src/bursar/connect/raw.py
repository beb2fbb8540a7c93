"""A block of rows as the file has them, before any cell is understood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class RawBlock:
    """Rows under the file's own column names; torn lines stand aside with their row number."""

    table: pa.Table
    rows: pa.Array
    torn: list[tuple[int, str]]

    @property
    def rows_seen(self) -> int:
        return int(self.table.num_rows) + len(self.torn)


def row_numbers(first: int, count: int) -> pa.Array:
    """Consecutive row numbers."""
    return pa.array(np.arange(first, first + count, dtype=np.int64))
