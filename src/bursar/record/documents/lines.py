"""Lines of documents as cost lines: read from the database as Arrow, with exact amounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import import_module
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from bursar.core.tables.table import LEDGER, MOMENT
from bursar.lake.live import LINE_ID
from bursar.office.database import postgresql_address
from bursar.record.models import DocumentKind, DocumentLine, LineBasis

SOURCE = "documents"
_TEXTS = (
    "gl_account", "cost_center", "vendor", "initiative", "treatment", "intent", "solution",
)  # fmt: skip
_NAMES = (
    "id", "document_id", "place", "amount", "basis", "service_start", "service_end", *_TEXTS,
    "line_text", "tags", "number", "kind", "legal_entity", "posting_period", "month", "currency",
    "document_ref", "corrects", "description",
)  # fmt: skip
_QUERY = (
    "SELECT l.id, l.document_id, l.place, l.amount, l.basis, l.service_start, l.service_end, "
    + ", ".join(f"l.{name}" for name in _TEXTS)
    + ", l.description, l.tags, d.number, d.kind, d.legal_entity, d.posting_period, d.month, "
    "d.currency, d.document_ref, d.corrects, d.description "
    "FROM record_documentline l JOIN record_document d ON d.id = l.document_id "
    "WHERE {condition} ORDER BY l.id"
)
_WORTH_A_CONNECTION = 2_000


def live_lines(after: int = 0) -> pa.Table:
    """Lines that no batch holds yet, those with a higher id where one is given.

    Many rows come as Arrow by a connection of their own (13 ms for 50,000). It does not see what
    this transaction has changed, so inside one, and for few rows, Django's is asked.
    """
    condition = f"d.settlement_id IS NULL AND l.id > {int(after)}"
    if connection.in_atomic_block or _few(after):
        return _by_django(condition)
    return as_cost_lines(_by_arrow(_QUERY.format(condition=condition)))


def lines_where(condition: str, values: Sequence[Any] = ()) -> pa.Table:
    """Lines of documents (`d`, `l`) that meet a condition whose values are parameters."""
    return _by_django(condition, values)


def as_cost_lines(rows: pa.Table) -> pa.Table:
    """The same in cost-line columns (rule D2), with `line_id` and the id of the row."""
    count = rows.num_rows
    amount = rows["amount"].cast(LEDGER)
    basis, kind = rows["basis"], rows["kind"]
    billed = pc.equal(basis, LineBasis.BILLED.value)
    booked = pc.equal(basis, LineBasis.BOOKED.value)
    nothing = pa.scalar(None, LEDGER)
    own_text = pc.not_equal(rows["line_text"], "")
    plain = pc.equal(kind, DocumentKind.COST.value)
    corrects = pc.equal(kind, DocumentKind.CORRECTION.value)
    first, after = _months(rows["month"])
    columns: dict[str, Any] = {name: _said(rows[name]) for name in _TEXTS}
    columns |= {
        LINE_ID: _joined("d", rows["document_id"], rows["place"]),
        "source_row": rows["id"].cast(pa.int64()),
        "source_file": rows["number"],
        "record_ref": _joined("document ", rows["number"], rows["place"]),
        "source": pa.array([SOURCE]).take(pa.array([0] * count, pa.int64())),
        "legal_entity": rows["legal_entity"],
        "posting_period": rows["posting_period"],
        "billing_currency": rows["currency"],
        "billed_cost": pc.if_else(billed, amount, nothing),
        "effective_cost": pc.if_else(booked, nothing, amount),
        "booked_cost": pc.if_else(booked, amount, nothing),
        "billing_period_start": first,
        "billing_period_end": after,
        "charge_period_start": _moment(rows["service_start"]),
        "charge_period_end": _moment(rows["service_end"], later=1),
        "charge_category": pc.if_else(plain, "Purchase", "Adjustment"),
        "charge_class": pc.if_else(corrects, "Correction", pa.scalar(None, pa.string())),
        "charge_frequency": pa.array(["One-Time"]).take(pa.array([0] * count, pa.int64())),
        "charge_description": pc.if_else(own_text, rows["line_text"], rows["description"]),
        "document_ref": _said(pc.if_else(
            pc.equal(rows["document_ref"], ""), rows["corrects"], rows["document_ref"]
        )),
        "tags": _said(rows["tags"]),
    }  # fmt: skip
    return pa.table(columns)


def _few(after: int) -> bool:
    """Whether so few rows are there that a connection costs more than it saves."""
    live = DocumentLine.objects.filter(document__settlement__isnull=True, pk__gt=after)
    return len(live.values_list("pk")[:_WORTH_A_CONNECTION]) < _WORTH_A_CONNECTION


def _by_django(condition: str, values: Sequence[Any] = ()) -> pa.Table:
    with connection.cursor() as cursor:
        cursor.execute(_QUERY.format(condition=condition), list(values))
        rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_NAMES)
    numbers = ("id", "document_id", "place")
    found = {
        name: pa.array(
            [value.isoformat() if isinstance(value, date) else value for value in column],
            pa.int64() if name in numbers else pa.string(),
        )
        for name, column in zip(_NAMES, columns, strict=True)
    }
    return as_cost_lines(pa.table(found))


def _by_arrow(query: str) -> pa.Table:
    driver: Any  # only the one that is needed is loaded
    if connection.vendor == "sqlite":
        driver = import_module("adbc_driver_sqlite.dbapi")
        address = str(connection.settings_dict["NAME"])
    else:
        driver = import_module("adbc_driver_postgresql.dbapi")
        address = postgresql_address()
    with driver.connect(address) as made, made.cursor() as cursor:
        cursor.execute(query)
        found: pa.Table = cursor.fetch_arrow_table()
    found = found.rename_columns(list(_NAMES))
    texts = [n for n in _NAMES if n not in ("id", "document_id", "place")]
    for name in texts:
        if found[name].type != pa.string():
            place = found.column_names.index(name)
            found = found.set_column(place, name, found[name].cast(pa.string()))
    return found


def _said(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Empty texts say nothing."""
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _joined(before: str, left: pa.ChunkedArray, right: pa.ChunkedArray) -> pa.ChunkedArray:
    both = pc.binary_join_element_wise(left.cast(pa.string()), right.cast(pa.string()), "-")
    return pc.binary_join_element_wise(pa.scalar(before), both, "")


def _moment(days: pa.ChunkedArray, *, later: int = 0) -> pa.ChunkedArray:
    numbers = days.cast(pa.date32()).cast(pa.int32())
    moved = pc.add(numbers, pa.scalar(later, pa.int32())).cast(pa.date32())
    return moved.cast(pa.timestamp("us")).cast(MOMENT)


def _months(months: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """First instants of each row's month and of the next one."""
    coded = months.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = pa.concat_arrays(coded.chunks) if coded.num_chunks else coded.combine_chunks()
    firsts = [date(int(text[:4]), int(text[5:]), 1) for text in coded.dictionary.to_pylist()]
    nexts = [date(d.year + d.month // 12, d.month % 12 + 1, 1) for d in firsts]
    starts, ends = (pa.array(d, pa.date32()).cast(pa.timestamp("us")) for d in (firsts, nexts))
    return starts.cast(MOMENT).take(coded.indices), ends.cast(MOMENT).take(coded.indices)
