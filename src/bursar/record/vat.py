"""VAT that is not recovered is cost of the legal entity: what a line costs (rules V30, V31)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.shaping import Chunk
from bursar.core.money.amount import EXACT, LEDGER_PLACES, LEDGER_WHOLE_DIGITS, places_of
from bursar.core.tables.rejected_line import REJECTED_LINE
from bursar.core.tables.table import LEDGER
from bursar.office.reference.entities import vat_ratio

COSTS = ("billed_cost", "effective_cost", "booked_cost")
_READ = ("vat_amount", "net_amount", "gross_amount", "legal_entity", "billing_period_start",
         "source_file", "source_row", *COSTS)  # fmt: skip
Ratio = Callable[[str, Any], Decimal]


def with_vat_as_cost(chunk: Chunk, default_entity: str) -> Chunk:
    """The chunk with cost = net + (1 - ratio) x VAT where a line states its VAT."""
    if "x_vat_amount" in chunk.lines.column_names:
        chunk = _from_profile(chunk)
    lines = chunk.lines
    if "vat_amount" not in lines.column_names or lines["vat_amount"].null_count == len(lines):
        return chunk
    known = [name for name in _READ if name in lines.column_names]
    stated = pc.indices_nonzero(pc.is_valid(lines["vat_amount"].combine_chunks()))
    rows = lines.select(known).take(stated).to_pylist()
    ratio: Ratio = lru_cache(maxsize=None)(vat_ratio)
    costs = [_cost(row, ratio, default_entity) for row in rows]
    bad = [number for number, cost in enumerate(costs) if not _fits(cost)]
    for name in COSTS:
        if name in known:
            lines = _replaced(lines, name, stated.to_pylist(), rows, costs)
    if not bad:
        return Chunk(lines, chunk.rejected, chunk.rows_read)
    lost = {stated[number].as_py() for number in bad}
    kept = pa.array([row for row in range(len(lines)) if row not in lost], pa.int64())
    rejected = pa.concat_tables([chunk.rejected, _rejected([rows[number] for number in bad])])
    return Chunk(lines.take(kept), rejected, chunk.rows_read)


def _from_profile(chunk: Chunk) -> Chunk:
    """A profile keeps VAT as text beside a cost that is net; VAT has the sign of that cost."""
    lines = chunk.lines
    known = [name for name in COSTS if name in lines.column_names]
    net = pc.coalesce(*(lines[name] for name in known)).to_pylist()
    texts = lines["x_vat_amount"].to_pylist()
    vat = [
        None if text is None or cost is None else abs(Decimal(text)).copy_sign(cost)
        for text, cost in zip(texts, net, strict=True)
    ]
    filled = {"net_amount": net, "vat_amount": vat}
    names = [name for name in lines.column_names if name not in (*filled, "gross_amount")]
    table = lines.select(names)
    for name, values in filled.items():
        table = table.append_column(name, pa.array(values, LEDGER))
    return Chunk(table, chunk.rejected, chunk.rows_read)


def _cost(row: dict[str, Any], ratio: Ratio, default_entity: str) -> Decimal:
    vat: Decimal = row["vat_amount"]
    net, gross = row.get("net_amount"), row.get("gross_amount")
    if net is None and gross is not None:
        net = EXACT.subtract(gross, vat)
    if net is None:
        net = next((row[name] for name in COSTS if row.get(name) is not None), Decimal(0))
    first: datetime = row["billing_period_start"]
    recovered = ratio(row.get("legal_entity") or default_entity, first.date())
    return EXACT.add(net, EXACT.multiply(EXACT.subtract(Decimal(1), recovered), vat))


def _fits(cost: Decimal) -> bool:
    whole = not cost or cost.adjusted() < LEDGER_WHOLE_DIGITS
    return whole and places_of(cost) <= LEDGER_PLACES


def _replaced(
    lines: pa.Table,
    name: str,
    places: list[int],
    rows: list[dict[str, Any]],
    costs: list[Decimal],
) -> pa.Table:
    """The column with its cost where the file filled it; a basis that it left empty stays so."""
    values = lines[name].to_pylist()
    for place, row, cost in zip(places, rows, costs, strict=True):
        if row[name] is not None:
            values[place] = cost if _fits(cost) else None
    position = lines.schema.get_field_index(name)
    return lines.set_column(position, lines.schema.field(name), pa.array(values, LEDGER))


def _rejected(rows: list[dict[str, Any]]) -> pa.Table:
    said = (
        "the cost with what is not recovered of its VAT does not fit the ledger: it needs more "
        "digits than 14 before the point or 24 after; round the VAT at its source"
    )
    return pa.Table.from_pylist(
        [
            {
                "file": row["source_file"],
                "row": row["source_row"],
                "column": "vat_amount",
                "code": "import.amount_too_precise",
                "message": said,
                "raw": str(row["vat_amount"]),
            }
            for row in rows
        ],
        schema=REJECTED_LINE.schema,
    )
