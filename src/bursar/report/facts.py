"""What is in force, kept in memory while the manifest's number stands still.

One private DuckDB database per process holds the allocated lines and, once a report asks for
them, the month cubes and dimensions of the ledger. Each question runs on a cursor of its own, so
that threads do not wait for one another. When anything is published, the next question reads anew.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings

from bursar.core.tables.allocation import ALLOCATED_LINE, CLASSIFIED_DIMENSION
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import CUBE_DAY, CUBE_MONTH, DIMENSION
from bursar.lake.engines.duckdb import connect, quoted
from bursar.office.manifest import writing as manifest

SCENARIO = "actual"
_PATH = r"regexp_extract(filename, '/([^/]+)/([^/]+)/[^/]+$', {group})"


@dataclass(frozen=True)
class RunInForce:
    """A run that counts for a period on a basis, with its file of classified dimensions."""

    period: str
    basis: str
    run_id: str
    classified: str | None


@dataclass
class Facts:
    """The facts of one manifest version; ask `facts()` for them."""

    version: int
    lake: Path
    connection: duckdb.DuckDBPyConnection
    lock: threading.Lock = field(default_factory=threading.Lock)
    loaded: set[str] = field(default_factory=set)
    runs: tuple[RunInForce, ...] = ()
    ledger_periods: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    """Columns of the ledger's dimensions that at least one batch in force has."""

    def ask(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> list[tuple[Any, ...]]:
        """The rows of one question; `tables` are joined for it alone."""
        cursor = self.connection.cursor()
        try:
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            return cursor.execute(sql, dict(parameters or {})).fetchall()
        finally:
            cursor.close()

    def run_of(self, period: str, basis: str) -> RunInForce | None:
        """The run in force for exactly this basis."""
        return next((r for r in self.runs if (r.period, r.basis) == (period, basis)), None)

    def classifying_run(self, period: str, basis: str) -> RunInForce | None:
        """The run whose classification applies: of the basis itself, else of another one.

        Classification looks at dimensions, not at money, so another basis' run serves as well.
        """
        same = [r for r in self.runs if r.period == period]
        return next((r for r in same if r.basis == basis), None) or next(
            (r for r in same if r.basis == "effective"), same[0] if same else None
        )

    def run_periods(self, basis: str) -> tuple[str, ...]:
        return tuple(r.period for r in self.runs if r.basis == basis)

    def files(self, table: str) -> list[str]:
        return [str(self.lake / path) for path in _paths(table)]

    def load_ledger(self) -> None:
        """Month cubes and dimensions, read on the first question that needs them."""
        with self.lock:
            if "ledger" in self.loaded:
                return
            self._read_cubes()
            self._read_dimensions()
            periods = "SELECT DISTINCT posting_period FROM cube ORDER BY 1"
            self.ledger_periods = tuple(
                row[0] for row in self.connection.execute(periods).fetchall()
            )
            self.loaded.add("ledger")

    def _read_cubes(self) -> None:
        files = self.files(CUBE_MONTH.name)
        if not files:
            _empty(self.connection, "cube", CUBE_MONTH.schema.append(_BATCH))
            return
        self.connection.execute(
            f"CREATE TABLE cube AS SELECT *, {_PATH.format(group=2)} AS batch_id "  # noqa: S608
            "FROM read_parquet($files, filename = true)",
            {"files": files},
        )
        self.connection.execute("ALTER TABLE cube DROP COLUMN filename")

    def _read_dimensions(self) -> None:
        files = self.files(DIMENSION.name)
        if not files:
            _empty(self.connection, "dimension", DIMENSION.schema)
        else:
            # Equal ids have equal content in every file, so any one of them stands for all.
            self.connection.execute(
                "CREATE TABLE dimension AS SELECT DISTINCT ON (dim_id) * "
                "FROM read_parquet($files, union_by_name = true)",
                {"files": files},
            )
        names = [row[0] for row in self.connection.execute("DESCRIBE dimension").fetchall()]
        self.dimensions = tuple(name for name in names if name != "dim_id")

    def read_runs(self) -> None:
        """The allocated lines of every run in force, of actual cost."""
        files = self.files(ALLOCATED_LINE.name)
        if not files:
            _empty(self.connection, "allocated", ALLOCATED_LINE.schema.append(_RUN))
            return
        names = ", ".join(quoted(name) for name in ALLOCATED_LINE.names)
        self.connection.execute(
            f"CREATE TABLE allocated AS "  # noqa: S608
            f"SELECT {names}, {_PATH.format(group=1)} AS run_id "
            f"FROM read_parquet($files, filename = true) WHERE scenario = '{SCENARIO}'",
            {"files": files},
        )
        classified = {tuple(Path(f).parts[-3:-1]): f for f in self.files(CLASSIFIED_DIMENSION.name)}
        rows = self.connection.execute(
            "SELECT DISTINCT period, basis, run_id FROM allocated ORDER BY ALL"
        ).fetchall()
        self.runs = tuple(RunInForce(p, b, run, classified.get((run, p))) for p, b, run in rows)


_BATCH = pa.field("batch_id", pa.string())
_RUN = pa.field("run_id", pa.string())
_kept: dict[Path, Facts] = {}
_keeping = threading.Lock()


def facts() -> Facts:
    """The facts in force now."""
    lake, version = Path(settings.LAKE_FOLDER), manifest.version()
    with _keeping:
        known = _kept.get(lake)
        if known is None or known.version != version:
            known = Facts(version, lake, connect(memory_limit="2GB"))
            known.read_runs()
            _kept.clear()  # an older version is closed when its last question is answered
            _kept[lake] = known
        return known


def cost_line_files(batch_ids: Sequence[str] | None = None) -> list[str]:
    """Files of cost lines in force, of these batches only where given."""
    lake = Path(settings.LAKE_FOLDER)
    return [
        str(lake / path)
        for path in _paths(COST_LINE.name)
        if batch_ids is None or Path(path).parts[-2] in batch_ids
    ]


def day_cube_files() -> list[str]:
    lake = Path(settings.LAKE_FOLDER)
    return [str(lake / path) for path in _paths(CUBE_DAY.name)]


def _paths(table: str) -> list[str]:
    return list(manifest.in_force(table=table).order_by("path").values_list("path", flat=True))


def _empty(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> None:
    connection.register("nothing", schema.empty_table())
    connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM nothing")  # noqa: S608
    connection.unregister("nothing")
