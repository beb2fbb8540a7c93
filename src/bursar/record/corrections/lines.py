"""Correction lines: what a closed period should have borne, said in the earliest open one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bursar.core.money.amount import exact_text
from bursar.core.tables.cube import BASES, COST_COLUMN
from bursar.core.tables.table import LEDGER, MOMENT
from bursar.lake.batch_files import WrittenBatch
from bursar.lake.contributions import CORRECTED
from bursar.lake.files import remove_files
from bursar.lake.tags import TAG_PREFIX
from bursar.office.reference.entities import default_entity
from bursar.record.corrections.splitting import Place

CLASS = "Correction"
_LONGEST = 120
_TOLD_FIRST = ("effective", "billed", "booked", "contracted", "list")
_MOMENTS = ("billing_period_start", "billing_period_end", "charge_period_start",
            "charge_period_end")  # fmt: skip


@dataclass(frozen=True)
class Correction:
    """The written correction lines of one source, legal entity and open period."""

    source: str
    legal_entity: str
    posted_to: str
    written: WrittenBatch


def correction_name(source: str, legal_entity: str, posted_to: str) -> str:
    """The source that correction lines belong to; a long name keeps a hash of what it loses."""
    others = "" if legal_entity == default_entity().code else f" for {legal_entity}"
    ending = f" corrected in {posted_to}{others}"
    if len(source) + len(ending) <= _LONGEST:
        return source + ending
    digest = hashlib.sha256((source + ending).encode()).hexdigest()[:8]
    room = max(1, _LONGEST - len(ending) - len(digest) - 1)
    return f"{source[:room]}~{digest}{ending}"[:_LONGEST]


def write_corrections(
    place: Place,
    rows: Sequence[Mapping[str, Any]],
    said: Mapping[int, Mapping[str, str]],
    cause: str,
) -> list[Correction]:
    """Write the differences as lines, one batch per legal entity and period they are posted to."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["legal_entity"], row["post_to"]), []).append(row)
    made: list[Correction] = []
    try:
        for (entity, period), members in sorted(groups.items()):
            name = correction_name(place.source, entity, period)
            lines = [_line(row, said[row["dim_id"]], cause) for row in members]
            written = _written(Place(place.lake, name, place.promote), name, lines)
            made.append(Correction(name, entity, period, written))
    except BaseException:
        remove_files(place.lake, [r for one in made for r in one.written.records])
        raise
    return made


def _line(row: Mapping[str, Any], said: Mapping[str, str], cause: str) -> dict[str, Any]:
    tags = {name.removeprefix(TAG_PREFIX): text for name, text in said.items()
            if name.startswith(TAG_PREFIX)}  # fmt: skip
    columns = {name: text for name, text in said.items() if not name.startswith(TAG_PREFIX)}
    starts, ends = row["starts"], row["ends"]
    return {
        **columns,
        **{COST_COLUMN[basis]: row[COST_COLUMN[basis]] for basis in BASES},
        "billing_currency": row["currency"],
        "billing_period_start": starts,
        "billing_period_end": ends,
        "charge_period_start": starts,
        "charge_period_end": ends or starts,
        "posting_period": row["post_to"],
        "charge_class": CLASS,
        "charge_description": _told(row),
        "record_ref": cause,
        CORRECTED: row["about"],
        **({"tags": json.dumps(tags, ensure_ascii=False, sort_keys=True)} if tags else {}),
    }


def _told(row: Mapping[str, Any]) -> str:
    """What changed, on the first basis that did."""
    for basis in _TOLD_FIRST:
        column = COST_COLUMN[basis]
        if row[column]:
            was, now = row[f"was_{column}"] or Decimal(0), row[f"now_{column}"] or Decimal(0)
            return (
                f"Correction of {row['about']}: {basis} cost {exact_text(was)} "
                f"is {exact_text(now)} {row['currency']}"
            )
    return f"Correction of {row['about']}"


def _written(place: Place, name: str, lines: Sequence[Mapping[str, Any]]) -> WrittenBatch:
    names = sorted({column for line in lines for column in line})
    money = {COST_COLUMN[basis] for basis in BASES}
    table = pa.table(
        {
            column: pa.array(
                [line.get(column) for line in lines],
                LEDGER if column in money else MOMENT if column in _MOMENTS else pa.string(),
            )
            for column in names
        }
    )
    table = table.append_column("source_row", pa.array(range(1, len(lines) + 1), pa.int64()))
    table = table.append_column("source_file", pa.array([name] * len(lines)))
    with place.writer() as writer:
        writer.add(table)
        return only(writer.finish())


def only(written: Iterable[WrittenBatch]) -> WrittenBatch:
    """The one batch that lines of one billing period make."""
    [batch] = written
    return batch
