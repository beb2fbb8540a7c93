"""Which lines look like the same invoice twice, and which credit notes net against an invoice."""

# ruff: noqa: S608 - identifiers are constants, every value is a parameter

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import duckdb

from bursar.record.duplicates.lines import invoice_lines
from bursar.record.duplicates.told import (
    LINE_COLUMNS,
    Credit,
    Duplicates,
    InvoiceLine,
    Suspicion,
)
from bursar.record.ledger import moment

NEAR_DAYS = 3
_SHOWN = 200
_LINES_SHOWN = 6
_ANSWERS_KEPT = 12
_FOUND: OrderedDict[tuple[Any, ...], Duplicates] = OrderedDict()
"""Answers about the files in force: as long as these stay, so does what looks alike."""
_KEEPING = threading.Lock()
_KEY = "who, paper, currency, basis, abs(amount)"
_NEAR = f"""
SELECT a.batch_id AS batch, a.row AS row, b.batch_id AS other_batch, b.row AS other_row,
    a.currency, a.basis, abs(a.amount) AS size
FROM invoice_line a JOIN invoice_line b
    ON a.who = b.who AND a.currency = b.currency AND a.basis = b.basis AND a.amount = b.amount
WHERE a.source < b.source AND a.who <> '' AND (a.paper IS NULL OR b.paper IS NULL)
    AND abs(date_diff('day', a.day, b.day)) <= {NEAR_DAYS} AND (a.is_new OR b.is_new)
"""
_LINE = ", ".join(LINE_COLUMNS)


def find_duplicates(batches: Iterable[str] | None = None, *, most: int = _SHOWN) -> Duplicates:
    """What looks paid twice among the lines in force; pairs with one of these batches if named.

    Refusals: lake.file_damaged.
    """
    chosen, now = None if batches is None else frozenset(batches), moment()
    asked = (now.key, now.rows, chosen, most)
    with _KEEPING:
        kept = _FOUND.get(asked)
    if kept is None:
        kept = _find(chosen, most)
        with _KEEPING:
            _FOUND[asked] = kept
            while len(_FOUND) > _ANSWERS_KEPT:
                _FOUND.popitem(last=False)
    return kept


def _find(batches: frozenset[str] | None, most: int) -> Duplicates:
    with invoice_lines(batches) as database:
        if database is None:
            return Duplicates()
        _collect(database)
        count, extra = _one(database, "SELECT count(*), coalesce(sum(extra), 0) FROM suspicion")
        totals = database.execute(
            "SELECT currency, basis, sum(size * extra) FROM suspicion GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        credits = _credits(database)
        return Duplicates(
            suspicions=tuple(_suspicions(database, most)),
            count=count,
            extra_lines=int(extra),
            totals=tuple((currency, basis, amount) for currency, basis, amount in totals),
            credits=tuple(credits[:most]),
            credit_count=len(credits),
        )


def _one(database: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    found = database.execute(query).fetchone()
    assert found is not None  # an aggregate always answers
    return found


def _collect(database: duckdb.DuckDBPyConnection) -> None:
    """Each suspicion with the lines it is about, under the kind that fits first."""
    database.execute(
        f"""
        CREATE TEMP TABLE suspicion (id INTEGER, kind TEXT, currency TEXT, basis TEXT,
            size DECIMAL(38, 24), extra INTEGER);
        CREATE TEMP TABLE suspected (id INTEGER, batch_id TEXT, row BIGINT);
        -- a line and its reversal leave nothing that could be paid twice
        CREATE TEMP TABLE paper AS
        SELECT row_number() OVER () AS id, who, paper, currency, basis, abs(amount) AS size,
            (abs(sum(sign(amount))) - 1)::INTEGER AS extra,
            CASE WHEN count(DISTINCT batch_id) > 1 THEN 'another_batch'
                WHEN count(DISTINCT content) < count(*) THEN 'same_row'
                ELSE 'same_document' END AS kind
        FROM invoice_line WHERE paper IS NOT NULL GROUP BY {_KEY}
        HAVING abs(sum(sign(amount))) > 1 AND bool_or(is_new);
        INSERT INTO suspicion SELECT id, kind, currency, basis, size, extra FROM paper;
        INSERT INTO suspected SELECT p.id, l.batch_id, l.row FROM paper p JOIN invoice_line l
            ON l.who = p.who AND l.paper = p.paper AND l.currency = p.currency
            AND l.basis = p.basis AND abs(l.amount) = p.size;
        CREATE TEMP TABLE equal AS
        SELECT (SELECT count(*) FROM paper) + row_number() OVER () AS id, content, batch_id,
            any_value(currency) AS currency, any_value(basis) AS basis,
            abs(any_value(amount)) AS size, (count(*) - 1)::INTEGER AS extra
        FROM invoice_line WHERE paper IS NULL GROUP BY content, batch_id
        HAVING count(*) > 1 AND bool_or(is_new);
        INSERT INTO suspicion SELECT id, 'same_row', currency, basis, size, extra FROM equal;
        INSERT INTO suspected SELECT e.id, l.batch_id, l.row FROM equal e JOIN invoice_line l
            USING (content, batch_id);
        CREATE TEMP TABLE near AS
        SELECT (SELECT count(*) FROM suspicion) + row_number() OVER () AS id, near.* FROM ({_NEAR})
            near;
        INSERT INTO suspicion SELECT id, 'near_date', currency, basis, size, 1 FROM near;
        INSERT INTO suspected SELECT id, batch, row FROM near
            UNION ALL SELECT id, other_batch, other_row FROM near;
        """
    )


def _suspicions(database: duckdb.DuckDBPyConnection, most: int) -> list[Suspicion]:
    chosen = database.execute(
        "SELECT id, kind, currency, basis, size * extra, extra FROM suspicion "
        "ORDER BY size * extra DESC, id LIMIT $most",
        {"most": most},
    ).fetchall()
    rows = database.execute(
        f"SELECT s.id, {_LINE} FROM suspected s JOIN invoice_line USING (batch_id, row) "
        "WHERE s.id IN (SELECT unnest($ids)) ORDER BY s.id, day, batch_id, row",
        {"ids": [one[0] for one in chosen]},
    ).fetchall()
    lines: dict[int, list[InvoiceLine]] = {}
    for number, *values in rows:
        lines.setdefault(number, []).append(InvoiceLine(*values))
    return [
        Suspicion(kind, currency, basis, amount, extra, tuple(lines[number][:_LINES_SHOWN]))
        for number, kind, currency, basis, amount, extra in chosen
    ]


def _credits(database: duckdb.DuckDBPyConnection) -> tuple[Credit, ...]:
    """Documents with amounts of both signs, or with lines that say they are credits."""
    rows = database.execute(
        """
        SELECT any_value(vendor), any_value(document), currency, basis,
            sum(CASE WHEN amount > 0 THEN amount ELSE 0 END) AS billed,
            sum(CASE WHEN amount < 0 THEN amount ELSE 0 END) AS credited
        FROM invoice_line WHERE paper IS NOT NULL
        GROUP BY who, paper, currency, basis
        HAVING bool_or(is_new) AND bool_or(amount < 0)
        ORDER BY credited, 1, 2
        """
    ).fetchall()
    return tuple(Credit(v or "", d or "", c, b, billed, credited)
                 for v, d, c, b, billed, credited in rows)  # fmt: skip
