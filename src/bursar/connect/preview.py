"""A first look at a file for a person who decides whether to import it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from bursar.connect.layout import WORKING, Placed
from bursar.connect.notices import ReadingWarning
from bursar.connect.reading import FORMATS, Reading, open_reading
from bursar.connect.shaping import Chunk
from bursar.core.money.amount import exact_text
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.focus_side import SIDE_TABLES
from bursar.core.tables.usage_line import USAGE_LINE

_KNOWN = frozenset(COST_LINE.names).union(USAGE_LINE.names, *(table.names for table in SIDE_TABLES))
_WORKING_TARGETS = {
    "=amount": "billed_cost, effective_cost or booked_cost",
    "=basis": "billed_cost, effective_cost or booked_cost",
    "=posted": "billing_period_start, charge_period_start",
    "=period": "billing_period_start, charge_period_start",
    "=start": "charge_period_start",
    "=end": "charge_period_end",
}


@dataclass(frozen=True)
class Mapped:
    """One column of the file and the column of ours that it fills; `known` is false for extras."""

    header: str
    target: str
    known: bool


@dataclass(frozen=True)
class Preview:
    """What a file is, how it would be read, its first rows, and which of them would be rejected."""

    format: str
    format_version: str
    files: list[str]
    mapping: list[Mapped]
    columns: list[str]
    rows: list[dict[str, str | None]]
    rejected: list[dict[str, str | int | None]]
    warnings: list[ReadingWarning]


def preview(paths: Path | Sequence[Path], *, rows: int = 50, format: str = "auto") -> Preview:
    """Reads the first rows and stops; refuses what `open_reading` refuses."""
    reading = open_reading([paths] if isinstance(paths, Path) else paths, format=format)
    chunk = _first_chunk(reading)
    lines = chunk.lines.slice(0, rows)
    chosen = FORMATS.get(reading.format)
    mapping = _mapping(reading.placed, chosen.fills if chosen else None)
    columns = [name for name in lines.column_names if lines[name].null_count < len(lines)]
    return Preview(
        format=reading.format,
        format_version=reading.format_version,
        files=reading.files,
        mapping=mapping,
        columns=columns,
        rows=[
            {name: _as_text(value) for name, value in row.items()}
            for row in lines.select(columns).to_pylist()
        ],
        rejected=[row for row in chunk.rejected.to_pylist() if row["row"] <= rows],
        warnings=reading.warnings,
    )


def _first_chunk(reading: Reading) -> Chunk:
    chunks = reading.chunks()
    try:
        return next(chunks)
    finally:
        chunks.close()


def _mapping(
    placed: Sequence[Placed], fills: Callable[[str], str | None] | None = None
) -> list[Mapped]:
    """Each header once, in the file's order, with what it fills, however indirectly."""
    seen: dict[str, Mapped] = {}
    for item in placed:
        target, header = item.target, item.header.name.strip()
        if not target.startswith(WORKING):
            seen.setdefault(header, Mapped(header, target, target in _KNOWN))
            continue
        shown = fills(target) if fills else _WORKING_TARGETS.get(target)
        if shown and not (header in seen and seen[header].known):
            seen[header] = Mapped(header, shown, known=True)
    return list(seen.values())


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, Decimal):
        return exact_text(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else str(value)
