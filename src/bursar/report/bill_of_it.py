"""The Bill of IT: statements as frozen by the run, with comparison, share and a plain sentence.

`total` and each line's `amount` are exact; `document_total` and `document_amount` are what the
document prints. Statements of consumers with children also come as roll-ups (`rollup`), which
no sum ever counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.office.people.scope import Scope


@dataclass(frozen=True)
class StatementLine:
    """One line: what is used, on which technology, paid from which pool."""

    solution: str
    tower: str
    cost_pool: str
    amount: Decimal
    document_amount: Decimal
    share: Decimal
    """Of the statement's total, four digits; 0 where the total is 0."""
    previous: Decimal | None
    """The same line's document amount one period earlier; None where there was no statement."""
    change: Decimal | None
    sentence: str


@dataclass(frozen=True)
class DisclosedPool:
    """What the model's disclosure lets everyone see of a pool: its total beside one's own share."""

    pool: str
    pool_total: Decimal
    own_amount: Decimal
    share: Decimal


@dataclass(frozen=True)
class Statement:
    statement_id: str
    """Empty for a roll-up, which is not stored."""
    consumer: str
    period: str
    legal_entity: str
    legal_entity_name: str
    currency: str
    basis: str
    rollup: bool
    below: tuple[str, ...]
    """Consumers a roll-up sums; empty for a statement of its own."""
    total: Decimal
    document_total: Decimal
    previous_period: str | None
    previous_total: Decimal | None
    change: Decimal | None
    change_ratio: Decimal | None
    lines: tuple[StatementLine, ...]
    disclosed: tuple[DisclosedPool, ...]
    past: tuple[tuple[str, Decimal], ...]
    """(period, document total), oldest first, at most 13."""
    summary: str
    run_id: str
    model_version: int | None
    model_name: str
    published_at: str
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """cli.md's keys and more; amounts exact."""
        raise NotImplementedError


@dataclass(frozen=True)
class StatementsTotal:
    """Per period, entity and currency: documents + rounding = allocated, each printed."""

    period: str
    legal_entity: str
    currency: str
    total: Decimal
    document_total: Decimal
    rounding: Decimal
    """`total - document_total`: what rounding to the minor unit leaves for later documents."""
    statements: int


@dataclass(frozen=True)
class Statements:
    basis: str
    periods: tuple[str, ...]
    statements: tuple[Statement, ...]
    totals: tuple[StatementsTotal, ...]

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "statements": [...], "totals": [...]}`."""
        raise NotImplementedError


def statements(
    scope: Scope,
    *,
    periods: Sequence[str] | None = None,
    consumer: str | None = None,
    basis: str | None = None,
    currency: str | None = None,
    legal_entity: str | None = None,
) -> Statements:
    """Statements in force of the periods (the latest that was run where none are named).

    With a consumer: her own statements, and her roll-up where she has children.
    Without: every statement of its own that the scope may see, no roll-ups.
    Raises NotRun, UnknownConsumer, UnknownBasis.
    """
    raise NotImplementedError


def statement(scope: Scope, *, statement_id: str) -> Statement:
    """One statement by its id. Raises UnknownStatement (also where the scope may not see it)."""
    raise NotImplementedError
