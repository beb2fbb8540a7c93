"""Writing control balances: one batch per period, beside cost and never part of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.calc.fiscal import FiscalCalendar, posting_periods
from bursar.core.money.amount import exact_sum
from bursar.core.tables.control_balance import CONTROL_BALANCE
from bursar.core.tables.cube import BASES
from bursar.core.tables.table import LEDGER
from bursar.lake.batch_files import WrittenBatch
from bursar.lake.cubes import Totals
from bursar.lake.files import ManifestRecord, remove_files, write_file

KIND = CONTROL_BALANCE.name


class ControlWriter:
    """Takes lines as any reading gives them, and keeps what control needs of them."""

    def __init__(
        self, lake: Path, legal_entity: str, calendar_of: Callable[[str], FiscalCalendar]
    ) -> None:
        self._lake = lake
        self._legal_entity = legal_entity
        self._calendar_of = calendar_of
        self._parts: list[pa.Table] = []
        self._written: list[ManifestRecord] = []

    def add(self, lines: pa.Table) -> None:
        if lines.num_rows:
            self._parts.append(self._shaped(lines))

    def finish(self) -> list[WrittenBatch]:
        if not self._parts:
            return []
        every = pa.concat_tables(self._parts)
        periods = sorted(pc.unique(every["period"]).to_pylist())
        return [self._batch(p, every.filter(pc.equal(every["period"], p))) for p in periods]

    def abandon(self) -> None:
        remove_files(self._lake, self._written)

    def _batch(self, period: str, rows: pa.Table) -> WrittenBatch:
        batch_id = "b" + secrets.token_hex(6)
        path = f"{KIND}/{period}/{batch_id}/lines.parquet"
        record = write_file(self._lake, path, rows, table=KIND, period=period)
        self._written.append(record)
        return WrittenBatch(
            batch_id=batch_id,
            period=period,
            records=(record,),
            rows=rows.num_rows,
            totals=_totals(rows),
            postings=frozenset(),
        )

    def _shaped(self, lines: pa.Table) -> pa.Table:
        count = lines.num_rows

        def texts(name: str) -> pa.Array:
            if name not in lines.column_names:
                return pa.nulls(count, pa.string())
            return lines[name].cast(pa.string()).combine_chunks()

        entities = pc.fill_null(texts("legal_entity"), self._legal_entity)
        values = {
            "legal_entity": entities,
            "gl_account": pc.fill_null(texts("gl_account"), ""),
            "account_name": texts("charge_description"),
            "cost_center": texts("cost_center"),
            "period": self._periods(lines, entities),
            "currency": texts("billing_currency"),
            "balance": _balances(lines),
            "source_file": texts("source_file"),
            "source_row": lines["source_row"].combine_chunks(),
        }
        return pa.table([_whole(values[c.name]) for c in CONTROL_BALANCE.columns],
                        schema=CONTROL_BALANCE.schema)  # fmt: skip

    def _periods(self, lines: pa.Table, entities: Any) -> pa.Array:
        starts = lines["billing_period_start"].cast(pa.date32())
        ends = lines["billing_period_end"].cast(pa.date32())
        posted = None
        for code in pc.unique(entities).to_pylist():
            found = posting_periods(self._calendar_of(code), starts, starts, ends)
            posted = (
                found if posted is None else pc.if_else(pc.equal(entities, code), found, posted)
            )
        return posted


def _balances(lines: pa.Table) -> pa.Array:
    """Booked where it is stated, else billed, else effective: what the ledger holds."""
    nothing = pa.nulls(lines.num_rows, LEDGER)
    found = [
        _whole(lines[name]) if name in lines.column_names else nothing
        for name in ("booked_cost", "billed_cost", "effective_cost")
    ]
    return pc.fill_null(pc.coalesce(*found), pa.scalar(Decimal(0), LEDGER))


def _whole(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _totals(rows: pa.Table) -> Totals:
    sums: dict[str, list[Decimal]] = {}
    pairs = zip(rows["currency"].to_pylist(), rows["balance"].to_pylist(), strict=True)
    for currency, balance in pairs:
        sums.setdefault(currency, []).append(balance)
    return {c: {**dict.fromkeys(BASES), "booked": exact_sum(a)} for c, a in sums.items()}
