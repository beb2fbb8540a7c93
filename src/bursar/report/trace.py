"""Where an amount came from, and who pays a line: the run's trace, read in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.office.people.scope import Scope


@dataclass(frozen=True)
class TraceSource:
    """What one dimension of one batch contributed."""

    source: str
    batch_id: str
    dim_id: int
    dimension: dict[str, str]
    amount: Decimal


@dataclass(frozen=True)
class TraceStep:
    """One movement on the way, summed over the sources: which rule, which driver, how much."""

    step: int
    name: str
    rule: str
    driver: str | None
    source: str
    target: str
    amount: Decimal


@dataclass(frozen=True)
class StatementTrace:
    """What stands behind a statement, or one line of it; sources sum to the amount, exactly."""

    basis: str
    period: str
    consumer: str
    currency: str
    amount: Decimal
    sources: tuple[TraceSource, ...]
    path: tuple[TraceStep, ...]

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(frozen=True)
class LinePayer:
    consumer: str
    outcome: str
    solution: str
    tower: str
    cost_pool: str
    amount: Decimal
    share: Decimal
    reason: str


@dataclass(frozen=True)
class LineTrace:
    """Who pays a cost line; payers sum to the line's amount, exactly."""

    basis: str
    period: str
    line_id: str
    currency: str
    amount: Decimal
    line: dict[str, Any]
    payers: tuple[LinePayer, ...]
    path: tuple[TraceStep, ...]
    rules: str

    def to_json(self) -> dict[str, Any]:
        """`sources` holds the line itself, `payers` who bears it."""
        raise NotImplementedError


def trace_statement(
    scope: Scope,
    *,
    period: str,
    consumer: str,
    solution: str | None = None,
    tower: str | None = None,
    cost_pool: str | None = None,
    currency: str | None = None,
    legal_entity: str | None = None,
    basis: str = "effective",
) -> StatementTrace:
    """What stands behind a consumer's amount. Raises NotRun, UnknownConsumer, BeyondScope."""
    raise NotImplementedError


def trace_line(scope: Scope, *, line_id: str, basis: str = "effective") -> LineTrace:
    """Who pays one cost line. Raises UnknownLine, NotRun, BeyondScope for a restricted scope."""
    raise NotImplementedError
