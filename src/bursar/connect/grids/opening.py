"""Opens any file as a grid: the one place that knows which reader is for which kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bursar.connect.errors import NotATable, Unreadable
from bursar.connect.grids.delimited import SAMPLE, read_sample
from bursar.connect.grids.grid import Grid, Row
from bursar.connect.grids.kinds import table_of
from bursar.connect.grids.pages import read_page
from bursar.connect.grids.workbook import read_workbook
from bursar.connect.json_lines import read_json_lines, read_json_names
from bursar.connect.parts import Part, find_parts, parts_of

_ENOUGH = 20_000


def find_table_parts(paths: Sequence[Path]) -> tuple[list[Part], list[str]]:
    """The files to read, in order, and what was passed over in folders."""
    return find_parts(paths, inside=_inside)


def _inside(path: Path, name: str) -> list[Part]:
    try:
        found = table_of(path, name)
    except OSError as failure:
        raise Unreadable(f"{name}: the file cannot be read ({failure.strerror})") from failure
    return parts_of(path, name) if found is None else [found]


def open_grid(
    part: Part, *, sheet: str | None = None, encoding: str | None = None,
    delimiter: str | None = None, most: int = SAMPLE,
) -> Grid:  # fmt: skip
    """The whole of a workbook or page, the beginning of a text file: at most so many bytes."""
    if part.packing == "workbook":
        return read_workbook(part, sheet)
    if part.packing == "html":
        return read_page(part, sheet)
    if part.packing == "parquet":
        raise NotATable(
            f"{part.name}: a Parquet file names and types its columns itself and is read "
            "without a profile"
        )
    if part.packing in ("jsonl", "jsonl.gz"):
        return _json_grid(part)
    return read_sample(part, encoding=encoding, delimiter=delimiter, most=most)


def _json_grid(part: Part) -> Grid:
    """The first objects of a file of JSON lines; their names are the header."""
    names = tuple(read_json_names(part))
    rows: list[Row] = []
    for block in read_json_lines(part, names=names, first_row=1):
        rows += [tuple(cell or "" for cell in row.values()) for row in block.table.to_pylist()]
        if len(rows) >= _ENOUGH:
            break
    return Grid(
        kind="jsonl", rows=(names, *rows), numbers=tuple(range(len(rows) + 1)),
        whole=len(rows) < _ENOUGH,
    )  # fmt: skip
