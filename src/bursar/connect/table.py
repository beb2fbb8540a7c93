"""Any file as a plain table of texts: the same rows that a profile reads, before any meaning."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from bursar.connect.grids.opening import find_table_parts
from bursar.connect.looking import grid_for, heading_for
from bursar.connect.profile import Profile
from bursar.connect.profiled.rows import Rows


@dataclass(frozen=True)
class PlainTable:
    """The cells of one file under its header; torn lines stand aside with their row number."""

    table: pa.Table
    torn: list[tuple[int, str]]


def read_table(path: Path, profile: Profile | None = None) -> PlainTable:
    """All rows of a file. Refusals: those of `look`."""
    how = profile or Profile()
    part = find_table_parts([path])[0][0]
    grid = grid_for(part, how)
    heading = heading_for(grid, how, part.name)
    empty = pa.table({name: pa.nulls(0, pa.string()) for name in heading.names})
    tables, torn = [empty], []
    for block in Rows(part, grid, heading)(1, frozenset()):
        tables.append(block.table.cast(empty.schema))
        torn += block.torn
    return PlainTable(pa.concat_tables(tables), torn)
