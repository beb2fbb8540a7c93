"""Cost lines made for tests: only what a test is about is written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bursar.core.calc.fiscal import FiscalCalendar
from bursar.core.tables.cost_line import COST_LINE
from bursar.lake.batch_files import WrittenBatch
from bursar.lake.cost_lines import CostLineWriter, LineDefaults

TYPES = {column.name: column.type for column in COST_LINE.columns}


def line(row: int, billed: str = "1", *, day: str = "2025-03-05", **columns: object) -> dict:
    """One usage line of a day in a monthly bill; further columns by name."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    month = start.replace(day=1)
    return {
        "source_row": row,
        "source_file": "bill.csv",
        "billing_currency": "EUR",
        "billing_period_start": month,
        "billing_period_end": (month + timedelta(days=32)).replace(day=1),
        "charge_period_start": start,
        "charge_period_end": start + timedelta(days=1),
        "charge_category": "Usage",
        "billed_cost": Decimal(billed),
        "effective_cost": Decimal(billed),
        **columns,
    }


def table(lines: Sequence[Mapping[str, object]]) -> pa.Table:
    names = list(dict.fromkeys(name for one in lines for name in one))
    return pa.table(
        {n: pa.array([one.get(n) for one in lines], TYPES.get(n, pa.string())) for n in names}
    )


def defaults(source: str = "cloud", calendar: FiscalCalendar | None = None) -> LineDefaults:
    return LineDefaults(source, "main", lambda _: calendar or FiscalCalendar())


def write(
    lake: Path,
    chunks: Sequence[Sequence[Mapping[str, object]]],
    *,
    promote: tuple[str, ...] = (),
    using: LineDefaults | None = None,
) -> list[WrittenBatch]:
    """Write chunks of lines as the import would."""
    lake.mkdir(parents=True, exist_ok=True)
    with CostLineWriter(lake, using or defaults(), promote=promote) as writer:
        for chunk in chunks:
            writer.add(table(chunk))
        return writer.finish()


def read(lake: Path, batch: WrittenBatch, name: str) -> pa.Table:
    parts = [pq.ParquetFile(lake / r.path).read() for r in batch.records if r.table == name]
    return pa.concat_tables(parts, promote_options="default")
