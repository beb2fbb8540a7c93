"""What a statement is: the shape that pages, documents and the API share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.report.conversion import ReportingAmount, reporting_amount
from bursar.report.staleness import StaleMark


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
    gone: bool = False
    """Charged in the period before and not any more: shown with 0 so that changes add up."""

    def to_json(self) -> dict[str, Any]:
        return {
            "solution": self.solution,
            "tower": self.tower,
            "cost_pool": self.cost_pool,
            "amount": exact_text(self.amount),
            "document_amount": exact_text(self.document_amount),
            "share": exact_text(self.share),
            "previous_document_amount": _text(self.previous),
            "change": _text(self.change),
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class DisclosedPool:
    """What the model's disclosure lets everyone see of a pool: its total beside one's own part."""

    pool: str
    pool_total: Decimal
    own_amount: Decimal
    share: Decimal

    def to_json(self) -> dict[str, Any]:
        return {
            "pool": self.pool,
            "pool_total": exact_text(self.pool_total),
            "own_amount": exact_text(self.own_amount),
            "share": exact_text(self.share),
        }


@dataclass(frozen=True)
class Statement:
    """The Bill of IT of one consumer for one period, entity and currency."""

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

    @property
    def reporting(self) -> ReportingAmount | None:
        """The printed total in the reporting currency, where that is another one."""
        return reporting_amount(self.document_total, self.currency, self.period)

    def to_json(self) -> dict[str, Any]:
        """The keys of the statement's JSON; `total` and `amount` are exact."""
        reporting = self.reporting
        return {
            "statement_id": self.statement_id,
            "consumer": self.consumer,
            "period": self.period,
            "legal_entity": self.legal_entity,
            "currency": self.currency,
            "basis": self.basis,
            "rollup": self.rollup,
            "below": list(self.below),
            "total": exact_text(self.total),
            "document_total": exact_text(self.document_total),
            "reporting": reporting.to_json() if reporting else None,
            "previous_period": self.previous_period,
            "previous_document_total": _text(self.previous_total),
            "change": _text(self.change),
            "change_ratio": _text(self.change_ratio),
            "lines": [line.to_json() for line in self.lines if not line.gone],
            "disclosed": [pool.to_json() for pool in self.disclosed],
            "past": [{"period": p, "document_total": exact_text(a)} for p, a in self.past],
            "summary": self.summary,
            "run_id": self.run_id,
            "model_version": self.model_version,
            "published_at": self.published_at,
            "sha256": self.sha256,
        }


@dataclass(frozen=True)
class StatementsTotal:
    """Per period, entity and currency: documents + rounding = total, each printed."""

    period: str
    legal_entity: str
    currency: str
    total: Decimal
    """Exact; over every statement of a run it equals the balance's `allocated`."""
    document_total: Decimal
    rounding: Decimal
    """`total - document_total`: what rounding to the minor unit leaves for later documents."""
    statements: int

    def to_json(self) -> dict[str, Any]:
        return {
            "period": self.period,
            "legal_entity": self.legal_entity,
            "currency": self.currency,
            "total": exact_text(self.total),
            "document_total": exact_text(self.document_total),
            "rounding": exact_text(self.rounding),
            "statements": self.statements,
        }


@dataclass(frozen=True)
class Statements:
    """Some statements and their sums; roll-ups are shown and never counted."""

    basis: str
    periods: tuple[str, ...]
    statements: tuple[Statement, ...]
    totals: tuple[StatementsTotal, ...]
    stale: tuple[StaleMark, ...] = ()
    """What late or restated data made stale of these periods."""

    @classmethod
    def of(cls, *statements: Statement) -> Statements:
        """These statements alone, as documents want them."""
        basis = statements[0].basis if statements else "effective"
        periods = tuple(sorted({s.period for s in statements}))
        return cls(basis, periods, statements, sums_of(statements))

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "periods", "statements": [...], "totals": [...]}`."""
        return {
            "basis": self.basis,
            "periods": list(self.periods),
            "statements": [s.to_json() for s in self.statements],
            "totals": [t.to_json() for t in self.totals],
            "stale": [mark.to_json() for mark in self.stale],
        }


def sums_of(statements: Iterable[Statement]) -> tuple[StatementsTotal, ...]:
    """The sums of statements, roll-ups left out."""
    found: dict[tuple[str, str, str], list[Statement]] = defaultdict(list)
    for s in statements:
        if not s.rollup:
            found[s.period, s.legal_entity, s.currency].append(s)
    totals = []
    for key, part in sorted(found.items()):
        total = exact_sum(s.total for s in part)
        printed = exact_sum(s.document_total for s in part)
        rest = EXACT.subtract(total, printed)
        totals.append(StatementsTotal(*key, total, printed, rest, len(part)))
    return tuple(totals)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else exact_text(amount)
