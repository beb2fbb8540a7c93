"""Statements and costs as CSV: plain amounts with every digit, one header, one line per row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from bursar.core.money.amount import exact_text
from bursar.report.costs import Costs
from bursar.report.documents.cells import safe
from bursar.report.statement import Statement, StatementLine, Statements

STATEMENT_COLUMNS = (
    "period", "consumer", "legal_entity", "currency", "basis", "solution", "tower", "cost_pool",
    "amount", "document_amount", "share", "previous_document_amount", "change", "rollup",
    "statement_id", "run_id", "model_version",
)  # fmt: skip


def statement_csv(found: Statements) -> str:
    """One row per statement line; `amount` is exact, `document_amount` what the document prints."""
    rows = (_statement_row(s, line) for s in found.statements for line in s.lines)
    return written(STATEMENT_COLUMNS, rows)


def costs_csv(costs: Costs) -> str:
    """The rows of `costs` as they are, with currency, amount, basis and how it was converted."""
    told = [costs.conversion["words"]] if costs.conversion else []
    header = (*costs.by, "currency", "amount", "basis", *(["converted"] if told else []))
    rows = (
        [*(safe(v) for v in row.dimensions.values()), row.currency, exact_text(row.amount),
         costs.basis, *told]
        for row in costs.rows
    )  # fmt: skip
    return written(header, rows)


def written(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """CSV as spreadsheets expect it: comma, quotes where needed, lines ended as RFC 4180 says."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _statement_row(statement: Statement, line: StatementLine) -> list[str]:
    return [
        statement.period,
        safe(statement.consumer),
        safe(statement.legal_entity),
        statement.currency,
        statement.basis,
        safe(line.solution),
        safe(line.tower),
        safe(line.cost_pool),
        exact_text(line.amount),
        exact_text(line.document_amount),
        exact_text(line.share),
        _optional(line.previous),
        _optional(line.change),
        "yes" if statement.rollup else "no",
        statement.statement_id,
        statement.run_id,
        str(statement.model_version or ""),
    ]


def _optional(amount: Decimal | None) -> str:
    return "" if amount is None else exact_text(amount)
