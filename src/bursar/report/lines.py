"""The cost lines behind a figure, a page at a time or all of them for an export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.core.money.amount import EXACT, exact_text
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import COST_COLUMN, CUBE_MONTH
from bursar.lake.engines.duckdb import quoted
from bursar.lake.live import LINE_ID, LIVE
from bursar.office.people.scope import Scope
from bursar.record import queries
from bursar.record.errors import UnknownLine as NoSuchLine
from bursar.report.balance import require_everything
from bursar.report.cost_queries import Question, matching_cells
from bursar.report.costs import checked_question
from bursar.report.dimensions import DAY
from bursar.report.documents.cells import safe
from bursar.report.documents.csv import written
from bursar.report.errors import UnknownLine
from bursar.report.facts import Facts, facts

_SCAN = (
    "read_parquet($files, union_by_name = true, hive_partitioning = false, filename = true) l "
    "SEMI JOIN wanted w ON w.dim_id = l.dim_id AND w.posting_period = l.posting_period "
    "AND w.currency = l.billing_currency"
)
_TECHNICAL = ("filename", "dim_id")


@dataclass(frozen=True)
class CostLines:
    """`rows` are {line_id, batch_id, ...columns that say something}, amounts as exact text."""

    basis: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    count: int
    totals: tuple[tuple[str, Decimal], ...]
    """(currency, amount) over all lines that match, not only this page."""
    offset: int

    def to_json(self) -> dict[str, Any]:
        return {
            "basis": self.basis,
            "count": self.count,
            "offset": self.offset,
            "totals": [{"currency": c, "amount": exact_text(a)} for c, a in self.totals],
            "lines": list(self.rows),
        }


def cost_lines(
    scope: Scope,
    *,
    filters: Sequence[tuple[str, str]] = (),
    periods: Sequence[str] | None = None,
    basis: str = "effective",
    offset: int = 0,
    limit: int = 100,
) -> CostLines:
    """Lines in force that match and state the basis, largest absolute amount first.

    Filters take the dimensions of `costs` in its classified and recorded views.
    Raises BeyondScope for a restricted scope: a line's whole amount is more than her share.
    """
    held, question, cells = _matching(scope, filters, periods, basis)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for _, _, currency, _, amount in cells:
        totals[currency] = EXACT.add(totals[currency], amount)
    found = _page(held, question, cells, limit=limit, offset=offset) if cells else []
    columns = dict.fromkeys(name for row in found for name in row)
    return CostLines(
        basis=basis,
        columns=tuple(columns),
        rows=tuple(found),
        count=sum(cell[3] for cell in cells),
        totals=tuple(sorted(totals.items())),
        offset=offset,
    )


def export_lines(
    scope: Scope,
    *,
    filters: Sequence[tuple[str, str]] = (),
    periods: Sequence[str] | None = None,
    basis: str = "effective",
) -> Iterator[str]:
    """The same lines as CSV text, file by file, every column, safe to open in a spreadsheet.

    Raises BeyondScope for a restricted scope, before the first piece.
    """
    held, question, cells = _matching(scope, filters, periods, basis)
    return _pieces(held, question, cells)


def cost_line(scope: Scope, *, line_id: str) -> dict[str, Any]:
    """One line with every column that says something. Raises UnknownLine, BeyondScope."""
    require_everything(scope, "A cost line")
    try:
        return told_line(queries.line(line_id))
    except NoSuchLine as refusal:
        raise UnknownLine(refusal.message) from refusal


def _matching(
    scope: Scope,
    filters: Sequence[tuple[str, str]],
    periods: Sequence[str] | None,
    basis: str,
) -> tuple[Facts, Question, list[tuple[Any, ...]]]:
    require_everything(scope, "The list of cost lines")
    held = facts()
    question = checked_question(held, scope, by=(), periods=periods, basis=basis, filters=filters)
    return held, question, matching_cells(held, question) if question.periods else []


def _page(
    held: Facts, question: Question, cells: list[tuple[Any, ...]], *, limit: int, offset: int
) -> list[dict[str, Any]]:
    """First the rows' places, from few columns; then those rows in full."""
    cost = quoted(COST_COLUMN[question.basis])
    where, parameters = _days(question)
    wanted = _wanted(cells)
    files, live = _files(held, wanted), _live(held, question, wanted)
    filed = (
        f"SELECT l.filename, l.source_row, l.{cost} AS cost FROM {_SCAN} "  # noqa: S608
        f"WHERE l.{cost} IS NOT NULL {where} UNION ALL "
    )
    values = {**parameters, "files": files} if files else {}
    places = held.ask(
        f"SELECT filename, source_row FROM ({filed if files else ''}"  # noqa: S608
        f"SELECT '{LIVE}' AS filename, source_row, {cost} AS cost FROM {LIVE}) "
        "ORDER BY abs(cost) DESC, filename, source_row LIMIT $limit OFFSET $offset",
        {**values, "limit": limit, "offset": offset},
        tables={"wanted": wanted, LIVE: live},
    )
    chosen = {row for file, row in places if file == LIVE}
    found = {(LIVE, row["source_row"]): row for row in _rows_of(live, chosen)}
    found |= _filed_rows(held, [place for place in places if place[0] != LIVE])
    return [told_line(found[place]) for place in places]


def _filed_rows(
    held: Facts, places: list[tuple[Any, ...]]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows of files in full, by file and row."""
    if not places:
        return {}
    names, rows = zip(*places, strict=True)
    columns = {"filename": pa.array(names, pa.string()), "source_row": pa.array(rows, pa.int64())}
    table = held.ask_table(
        "SELECT l.* FROM read_parquet($files, union_by_name = true, "
        "hive_partitioning = false, filename = true) l "
        "JOIN places p ON p.filename = l.filename AND p.source_row = l.source_row",
        {"files": sorted(set(names))},
        tables={"places": pa.table(columns)},
    )
    return {(row["filename"], row["source_row"]): _with_id(row) for row in table.to_pylist()}


def _live(held: Facts, question: Question, wanted: pa.Table) -> pa.Table:
    """Live lines among what is wanted."""
    lines = held.live().lines
    days = {value for name, value in question.filters if name == DAY}
    lines = lines.filter(lines[COST_COLUMN[question.basis]].is_valid())
    if days:
        told = lines["charge_period_start"].cast(pa.date32()).cast(pa.string())
        lines = lines.filter(pc.is_in(told, value_set=pa.array(sorted(days), pa.string())))
    keys = ["dim_id", "posting_period", "billing_currency"]
    named = wanted.rename_columns(keys).group_by(keys).aggregate([])
    return lines.join(named, keys=keys, join_type="left semi").sort_by("source_row")


def _rows_of(live: pa.Table, chosen: set[int]) -> list[dict[str, Any]]:
    """Live lines in full, their ids first, as those of files are told."""
    mask = pc.is_in(live["source_row"], value_set=pa.array(sorted(chosen), pa.int64()))
    return [{LINE_ID: row[LINE_ID], **row} for row in live.filter(mask).to_pylist()]


def _pieces(held: Facts, question: Question, cells: list[tuple[Any, ...]]) -> Iterator[str]:
    where, parameters = _days(question)
    cost = quoted(COST_COLUMN[question.basis])
    wanted = _wanted(cells)
    files = _files(held, wanted)
    header = ["line_id", *_all_columns(held, files)]
    yield written([safe(name) for name in header], [])
    for file in files:
        table = held.ask_table(
            f"SELECT l.* FROM {_SCAN} "  # noqa: S608
            f"WHERE l.{cost} IS NOT NULL {where} ORDER BY l.source_row",
            {"files": [file], **parameters},
            tables={"wanted": wanted},
        )
        for batch in table.to_batches(max_chunksize=5000):
            rows = [_with_id(row) for row in batch.to_pylist()]
            body = [[_cell(row.get(name)) for name in header] for row in rows]
            yield written(header, body).partition("\r\n")[2]
    for batch in _live(held, question, wanted).to_batches(max_chunksize=5000):
        body = [[_cell(row.get(name)) for name in header] for row in batch.to_pylist()]
        yield written(header, body).partition("\r\n")[2]


def _files(held: Facts, wanted: pa.Table) -> list[str]:
    """Files of lines of those batches whose cubes hold something that is wanted."""
    cubes = held.files(CUBE_MONTH.name)
    if not cubes or not wanted.num_rows:
        return []
    rows = held.ask(
        "SELECT DISTINCT c.filename FROM read_parquet($files, filename = true) c "
        "SEMI JOIN wanted w ON w.dim_id = c.dim_id AND w.posting_period = c.posting_period "
        "AND w.currency = c.currency",
        {"files": cubes},
        tables={"wanted": wanted},
    )
    batches = {file.rpartition("/")[0] for (file,) in rows}
    return [f for f in held.files(COST_LINE.name) if f.rpartition("/")[0] in batches]


def _all_columns(held: Facts, files: list[str]) -> list[str]:
    if not files:
        return COST_LINE.names
    query = "SELECT * FROM read_parquet($files, union_by_name = true) LIMIT 0"
    names = held.ask_table(query, {"files": files}).column_names
    return [name for name in names if name not in _TECHNICAL]


def _wanted(cells: list[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*cells, strict=True)) if cells else [()] * 5
    return pa.table(
        {
            "dim_id": pa.array(columns[0], pa.int64()),
            "posting_period": pa.array(columns[1], pa.string()),
            "currency": pa.array(columns[2], pa.string()),
        }
    )


def _days(question: Question) -> tuple[str, dict[str, Any]]:
    """Days are no part of a dimension, so lines are asked for them once more."""
    days = [value for name, value in question.filters if name == DAY]
    if not days:
        return "", {}
    return "AND list_contains($days, strftime(l.charge_period_start, '%Y-%m-%d'))", {"days": days}


def _with_id(row: dict[str, Any]) -> dict[str, Any]:
    batch_id = str(row["filename"]).rpartition("/")[0].rpartition("/")[2]
    return {"line_id": f"{batch_id}-{row['source_row']}", "batch_id": batch_id, **row}


def told_line(row: dict[str, Any]) -> dict[str, Any]:
    """What of a line says something, each value as plain text or number."""
    return {
        name: _plain(value)
        for name, value in row.items()
        if value not in (None, "", []) and name not in _TECHNICAL
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return exact_text(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    plain = _plain(value)
    return safe(plain) if isinstance(value, str) else str(plain)
