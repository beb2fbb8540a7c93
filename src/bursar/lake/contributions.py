"""What files of lines say, summed by everything that a correction keeps.

Two states of the same bill are compared by dimension, not line by line: a restated line has no
identity of its own. The dimension is worked out anew from the lines under the columns promoted
now, because files of different age were written with different ones; the source and the charge
class are left out of it, for a correction has its own.
"""

# ruff: noqa: S608 - identifiers are constants or quoted, every value is a parameter

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bursar.core.tables.cube import BASES, COST_COLUMN, DIMENSION_COLUMNS
from bursar.lake.dimensions import LineDimensions
from bursar.lake.engines.duckdb import connect
from bursar.lake.errors import damage_refusals, overflow_refusal

CORRECTED = "x_corrected_period"
"""Own column of correction lines: the posting period whose figures stand as they were."""
_OF_ITS_OWN = ("source", "charge_class")
_KEYS = ("posting_period", "billing_currency", "billing_period_start", "billing_period_end")
_COSTS = tuple(COST_COLUMN[basis] for basis in BASES)
_READ_ROWS = 100_000
_PLACE = ("role", "legal_entity", "posting_period", "corrected")
_MOVES = pa.schema(
    [*(pa.field(name, pa.string()) for name in (*_PLACE, "about", "post_to")),
     pa.field("sign", pa.int8())]
)  # fmt: skip


class Contributions:
    """Collects the files of several states; each line counts in the role it is added under."""

    def __init__(self, promote: Sequence[str]) -> None:
        self._dimensions = LineDimensions(promote)
        self._promoted = tuple(promote)
        self._engine = connect()
        costs = ", ".join(f"{name} DECIMAL(38, 24)" for name in _COSTS)
        self._engine.execute(
            "CREATE TEMP TABLE part (role VARCHAR, legal_entity VARCHAR, posting_period VARCHAR, "
            "corrected VARCHAR, dim_id BIGINT, currency VARCHAR, "
            f"starts TIMESTAMPTZ, ends TIMESTAMPTZ, {costs})"
        )

    def close(self) -> None:
        self._engine.close()

    def add(self, files: Iterable[Path], role: str) -> None:
        """Sum the lines of these files. Refusals: lake.damaged, import.sum_overflow."""
        for path in files:
            with (
                damage_refusals("A file of the lines that are compared"),
                pq.ParquetFile(path) as file,
            ):
                wanted = [n for n in file.schema_arrow.names if self._needed(n)]
                for part in file.iter_batches(batch_size=_READ_ROWS, columns=wanted):
                    self._sum(pa.Table.from_batches([part]), role)

    def places(self) -> list[tuple[str, str, str, str | None]]:
        """Role, legal entity, posting period and corrected period of everything added."""
        names = ", ".join(_PLACE)
        return self._engine.execute(f"SELECT DISTINCT {names} FROM part ORDER BY ALL").fetchall()

    def differences(self, moves: Sequence[Mapping[str, Any]]) -> pa.Table:
        """The signed sums that are not zero, with what they are about and where they are posted.

        Each move names a place of `places`, `about`, `post_to` and a `sign`; places without a move
        count nothing. `was_` columns hold what negative places say, `now_` the others.
        """
        self._engine.register("moves", pa.Table.from_pylist(list(moves), _MOVES))
        sums = ", ".join(
            f"sum(CASE WHEN m.sign < 0 THEN -p.{c} ELSE p.{c} END) AS {c}, "
            f"sum(p.{c}) FILTER (m.sign < 0) AS was_{c}, "
            f"sum(p.{c}) FILTER (m.sign > 0) AS now_{c}"
            for c in _COSTS
        )
        changed = " OR ".join(f"coalesce({c}, 0) <> 0" for c in _COSTS)
        with overflow_refusal():
            found = self._engine.sql(
                f"SELECT p.dim_id, p.legal_entity, p.currency, p.starts, p.ends, m.about, "
                f"m.post_to, {sums} FROM part p JOIN moves m ON p.role = m.role "
                "AND p.legal_entity = m.legal_entity AND p.posting_period = m.posting_period "
                "AND p.corrected IS NOT DISTINCT FROM m.corrected "
                f"GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING {changed} ORDER BY ALL"
            ).to_arrow_table()
        self._engine.unregister("moves")
        return found

    def dimensions(self, dim_ids: Sequence[int]) -> dict[int, dict[str, str]]:
        """What these dimensions say, promoted columns included; null columns are left out."""
        rows = self._dimensions.table(sorted(set(dim_ids))).to_pylist()
        return {
            row.pop("dim_id"): {name: text for name, text in row.items() if text is not None}
            for row in rows
        }

    def _needed(self, name: str) -> bool:
        known = (*_KEYS, *_COSTS, *DIMENSION_COLUMNS, *self._promoted, "tags", CORRECTED)
        return name in known and name not in _OF_ITS_OWN

    def _sum(self, lines: pa.Table, role: str) -> None:
        ids = pa.array(self._dimensions.ids(lines))
        lines = lines.append_column("dim_id", ids)
        if CORRECTED not in lines.column_names:
            lines = lines.append_column(CORRECTED, pa.nulls(lines.num_rows, pa.string()))
        self._engine.register("lines", lines)
        sums = ", ".join(f"sum({name})" for name in _COSTS)
        with overflow_refusal():
            self._engine.execute(
                f"INSERT INTO part SELECT $role, legal_entity, posting_period, {CORRECTED}, "
                "dim_id, billing_currency, billing_period_start, billing_period_end, "
                f"{sums} FROM lines GROUP BY ALL",
                {"role": role},
            )
        self._engine.unregister("lines")
