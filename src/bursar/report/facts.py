"""What is in force, kept in memory while the manifest's number stands still.

One private DuckDB database per process holds the allocated lines; the ledger's cubes are kept by
the record in the same way. Each question runs on a cursor of its own, so
that threads do not wait for one another. When anything is published, the next question reads anew;
when a document is entered, only answers that know documents are forgotten.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
from django.conf import settings

from bursar.core.tables.allocation import ALLOCATED_LINE, CLASSIFIED_DIMENSION
from bursar.lake.engines.duckdb import own_database, quoted
from bursar.lake.errors import damage_refusals, overflow_refusal
from bursar.lake.ledger import Ledger
from bursar.lake.live import LiveRows
from bursar.record.ledger import Moment, moment, open_ledger

Answer = TypeVar("Answer")
SCENARIO = "actual"
REMEMBERED = 512
"""Answers that are kept at most; pages of one day ask for far fewer."""
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

    moment: Moment
    lake: Path
    connection: duckdb.DuckDBPyConnection
    runs: tuple[RunInForce, ...] = ()
    remembered: dict[Hashable, Any] = field(default_factory=dict)
    """Answers that many pages ask for and that hold as long as these facts do."""
    lasting: dict[Hashable, Any] = field(default_factory=dict)
    """Answers that hold whatever documents are entered, until files come into force."""

    @property
    def version(self) -> int:
        """The manifest's number that these facts are of."""
        return self.moment.numbers[0]

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
            with overflow_refusal():
                return cursor.execute(sql, dict(parameters or {})).fetchall()
        finally:
            cursor.close()

    def ask_table(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """The same as a table."""
        cursor = self.connection.cursor()
        try:
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            with overflow_refusal():
                return cursor.sql(sql, params=dict(parameters or {})).to_arrow_table()
        finally:
            cursor.close()

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

    def ledger(self) -> Ledger:
        """The ledger's cubes and dimensions, which the record keeps in memory."""
        return open_ledger(self.moment)

    def live(self) -> LiveRows:
        """Lines of documents that count although no file holds them yet."""
        return self.moment.live

    def ledger_periods(self) -> tuple[str, ...]:
        return self.once("ledger periods", lambda: tuple(self.ledger().periods()))

    def dimension_names(self) -> tuple[str, ...]:
        return self.once("dimension names", lambda: tuple(self.ledger().dimension_names))

    def once(self, question: Hashable, work_out: Callable[[], Answer]) -> Answer:
        """Work something out on the first question and remember it.

        `question` holds all that the answer depends on besides these facts, above all the scope.
        """
        return _remembered(self.remembered, question, work_out)

    def once_for_all(self, question: Hashable, work_out: Callable[[], Answer]) -> Answer:
        """The same for an answer that no document entered by hand can change."""
        return _remembered(self.lasting, question, work_out)

    def files(self, table: str) -> list[str]:
        """Files of a table that are in force at these facts' moment, by path."""
        return [str(self.lake / path) for kind, path, _ in self.moment.rows if kind == table]

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


_RUN = pa.field("run_id", pa.string())
_kept: dict[str, Facts] = {}
_keeping = threading.Lock()


def facts() -> Facts:
    """The facts in force now."""
    now = moment()
    with _keeping:
        known = _kept.get(now.key)
        if known is None or known.version != now.numbers[0]:
            lake = Path(settings.LAKE_FOLDER)
            known = Facts(now, lake, own_database(memory_limit="2GB"))
            with damage_refusals("A file of the runs in force"):
                known.read_runs()
            _kept.clear()  # an older version is closed when its last question is answered
            _kept[now.key] = known
        elif known.moment is not now:
            known = _kept[now.key] = replace(known, moment=now, remembered={})
        return known


def _remembered(
    kept: dict[Hashable, Any], question: Hashable, work_out: Callable[[], Answer]
) -> Answer:
    known = kept.get(question)
    if known is None:
        if len(kept) >= REMEMBERED:
            kept.clear()
        known = kept[question] = work_out()
    answer: Answer = known
    return answer


def _empty(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> None:
    connection.register("nothing", schema.empty_table())
    connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM nothing")  # noqa: S608
    connection.unregister("nothing")
