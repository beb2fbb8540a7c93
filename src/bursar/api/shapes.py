"""What answers look like: the JSON of the reports, typed for the OpenAPI document.

Amounts are text with every digit. A test compares these shapes with what the reports answer.
"""

from __future__ import annotations

from typing import Any

from ninja import Schema


class Amount(Schema):
    currency: str
    amount: str


class Costs(Schema):
    basis: str
    view: str
    by: list[str]
    periods: list[str]
    filters: list[list[str]]
    rows: list[dict[str, str | None]]
    totals: list[Amount]
    notes: list[str]
    conversion: dict[str, Any] | None


class StatementLine(Schema):
    solution: str
    tower: str
    cost_pool: str
    amount: str
    document_amount: str
    share: str
    previous_document_amount: str | None
    change: str | None
    sentence: str


class DisclosedPool(Schema):
    pool: str
    pool_total: str
    own_amount: str
    share: str


class PastTotal(Schema):
    period: str
    document_total: str


class Statement(Schema):
    statement_id: str
    consumer: str
    period: str
    legal_entity: str
    currency: str
    basis: str
    rollup: bool
    below: list[str]
    total: str
    document_total: str
    reporting: dict[str, Any] | None
    previous_period: str | None
    previous_document_total: str | None
    change: str | None
    change_ratio: str | None
    lines: list[StatementLine]
    disclosed: list[DisclosedPool]
    past: list[PastTotal]
    summary: str
    run_id: str
    model_version: int | None
    published_at: str
    sha256: str


class StatementsTotal(Schema):
    period: str
    legal_entity: str
    currency: str
    total: str
    document_total: str
    rounding: str
    statements: int


class Statements(Schema):
    basis: str
    periods: list[str]
    statements: list[Statement]
    totals: list[StatementsTotal]
    stale: list[dict[str, Any]] = []


class Source(Schema):
    source: str
    batch_id: str
    dim_id: str | None = None
    dimension: dict[str, Any]
    amount: str


class Step(Schema):
    step: int
    name: str
    rule: str
    driver: str | None
    source: str
    target: str
    amount: str


class StatementTrace(Schema):
    basis: str
    period: str
    consumer: str
    amount: str
    currency: str
    sources: list[Source]
    path: list[Step]
    run_id: str


class Payer(Schema):
    consumer: str
    outcome: str
    solution: str
    tower: str
    cost_pool: str
    amount: str
    share: str
    reason: str


class LineTrace(Schema):
    basis: str
    period: str
    line_id: str
    amount: str
    currency: str
    sources: list[Source]
    payers: list[Payer]
    path: list[Step]
    rules: str
    run_id: str


class BalanceRow(Schema):
    period: str
    legal_entity: str
    currency: str
    basis: str
    cost_in: str
    markup: str
    allocated: str
    retained: str
    unallocated: str
    recovery_gap: str
    rounding: str
    holds: bool
    run_id: str


class Balance(Schema):
    basis: str
    balance: list[BalanceRow]


class Batches(Schema):
    batches: list[dict[str, Any]]


class ModelText(Schema):
    """A cost model as text."""

    text: str
    from_period: str | None = None
    comment: str = ""


class Reason(Schema):
    """Why something is taken back; the journal keeps it."""

    reason: str


class Problem(Schema):
    where: str
    code: str
    message: str


class ModelCheck(Schema):
    version: int | None
    problems: list[Problem]


class RunOrder(Schema):
    """Which periods to run; all with cost where none are named."""

    periods: list[str] | None = None
    basis: str | None = None
    dry_run: bool = False
