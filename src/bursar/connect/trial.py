"""A trial reading: the first rows of a file, each beside what would become of it.

Nothing is recorded. What a person sees here is what the import does, for it is the same reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from bursar.connect.notices import ReadingWarning
from bursar.connect.profile import Profile
from bursar.connect.raw import RawBlock
from bursar.connect.reading import Chunk, open_reading
from bursar.core.money.amount import EXACT
from bursar.core.tables.cube import BASES, COST_COLUMN

ROWS = 50
_TOLD = (
    "charge_period_start", "vendor", "charge_description", "document_ref", "gl_account",
    "cost_center", "legal_entity", "charge_category", "treatment",
)  # fmt: skip


@dataclass(frozen=True)
class TrialRow:
    """One row of the file: its cells as they stand, and what becomes of them.

    `state` is read, rejected or skipped; `why` says why it is not read. A row of a matrix may
    give several lines.
    """

    number: int
    cells: tuple[str, ...]
    state: str
    lines: tuple[dict[str, Any], ...] = ()
    why: tuple[str, ...] = ()


@dataclass
class Trial:
    """The first rows, and counts and sums over all rows that were looked at."""

    headers: tuple[str, ...]
    rows: list[TrialRow] = field(default_factory=list)
    seen: int = 0
    lines: int = 0
    rejected: int = 0
    skipped: int = 0
    whole: bool = True
    """Whether the file ends with what was looked at."""
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    """Exact sums by currency and basis of the rows that would be accepted."""
    warnings: list[ReadingWarning] = field(default_factory=list)


def try_reading(paths: Sequence[Path], profile: Profile, *, rows: int = ROWS) -> Trial:
    """Read the first block with a profile. Refusals: those of `open_reading`."""
    reading = open_reading(paths, profile=profile)
    pairs = reading.pairs()
    trial: Trial | None = None
    try:
        for block, chunks in islice(pairs, 1):
            trial = Trial(headers=tuple(block.table.column_names))
            _count(trial, block, chunks)
            trial.rows = _rows(block, chunks, rows)
        trial = trial or Trial(headers=())
        trial.whole = next(pairs, None) is None
    finally:
        pairs.close()
    trial.warnings = reading.warnings
    return trial


def _count(trial: Trial, block: RawBlock, chunks: Iterable[Chunk]) -> None:
    trial.seen = block.rows_seen
    for chunk in chunks:
        trial.lines += chunk.lines.num_rows
        trial.rejected += len(set(chunk.rejected["row"].to_pylist()))
        trial.skipped += chunk.skipped.num_rows
        _sum(trial, chunk.lines)


def _sum(trial: Trial, lines: pa.Table) -> None:
    currencies = lines["billing_currency"].to_pylist()
    for basis in BASES:
        name = COST_COLUMN[basis]
        if name not in lines.column_names:
            continue
        for currency, amount in zip(currencies, lines[name].to_pylist(), strict=True):
            if amount is not None:
                key = (currency, basis)
                trial.sums[key] = EXACT.add(trial.sums.get(key, Decimal(0)), amount)


def _rows(block: RawBlock, chunks: Sequence[Chunk], most: int) -> list[TrialRow]:
    """The first rows in the file's order, torn ones among them."""
    torn = dict(block.torn)
    numbers = block.rows.to_pylist()
    places = {number: place for place, number in enumerate(numbers)}
    chosen = sorted([*numbers[:most], *torn])[:most]
    lines, why, aside = _by_row(chunks, frozenset(chosen))
    cells = block.table.slice(0, most).to_pylist()
    return [
        TrialRow(
            number=number,
            cells=(torn[number],)
            if number in torn
            else tuple(_text(value) for value in cells[places[number]].values()),
            state=_state(number, lines, aside),
            lines=tuple(lines.get(number, ())),
            why=tuple(why.get(number, ())),
        )
        for number in chosen
    ]


def _by_row(
    chunks: Sequence[Chunk], chosen: frozenset[int]
) -> tuple[dict[int, list[dict[str, Any]]], dict[int, list[str]], set[int]]:
    lines: dict[int, list[dict[str, Any]]] = {}
    why: dict[int, list[str]] = {}
    aside: set[int] = set()
    for chunk in chunks:
        known = [name for name in (*_TOLD, *COST_COLUMN.values(), "billing_currency")
                 if name in chunk.lines.column_names]  # fmt: skip
        first = chunk.lines.select(["source_row", *known]).slice(0, len(chosen))
        for line in first.to_pylist():
            if line["source_row"] in chosen:
                lines.setdefault(line["source_row"], []).append(line)
        for table, is_aside in ((chunk.rejected, False), (chunk.skipped, True)):
            for row in table.to_pylist():
                if row["row"] not in chosen:
                    continue
                place = f"{row['column']}: " if row["column"] else ""
                why.setdefault(row["row"], []).append(f"{place}{row['message']}")
                if is_aside:
                    aside.add(row["row"])
    return lines, why, aside


def _state(number: int, lines: dict[int, list[dict[str, Any]]], aside: set[int]) -> str:
    if number in lines:
        return "read"
    return "skipped" if number in aside else "rejected"


def _text(value: object) -> str:
    return "" if value is None else str(value)
