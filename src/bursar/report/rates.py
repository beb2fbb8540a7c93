"""What the rate tables hold: the newest rate of each pair, how far they reach, and their gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Min

from bursar.core.refusal import Refused
from bursar.office.people.scope import Scope
from bursar.office.reference.models import ExchangeRate, RateType
from bursar.office.reference.rates import in_force, reporting_currency, require_type, table_of
from bursar.report.balance import require_everything
from bursar.report.conversion import period_way
from bursar.report.facts import facts


@dataclass(frozen=True)
class RateRow:
    """One pair of a table with its newest rate."""

    kind: str
    source: str
    target: str
    rate: str
    valid_from: date
    valid_to: date | None
    origin: str
    known_at: str
    rates: int
    first: date
    gaps: int
    """Days from its first to its last on which others have a rate and it has none."""
    behind_days: int
    """How many days its last rate lies before the newest of its table."""

    @property
    def until(self) -> date | None:
        return self.valid_to - timedelta(days=1) if self.valid_to else None

    def to_json(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "from": self.source,
            "to": self.target,
            "rate": self.rate,
            "valid_from": self.valid_from.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "source": self.origin,
            "known_at": self.known_at,
            "rates": self.rates,
            "first": self.first.isoformat(),
            "gaps": self.gaps,
            "behind_days": self.behind_days,
        }


@dataclass(frozen=True)
class RateTableView:
    """A table of one type: what joins its pairs, how old a rate may be, and its newest day."""

    kind: str
    base: str
    max_age_days: int
    newest: date | None
    rows: tuple[RateRow, ...]

    @property
    def label(self) -> str:
        return RateType(self.kind).label

    @property
    def daily(self) -> bool:
        return self.kind == RateType.CLOSING

    def to_json(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "base": self.base,
            "max_age_days": self.max_age_days,
            "newest": self.newest.isoformat() if self.newest else None,
        }


@dataclass(frozen=True)
class Rates:
    reporting_currency: str
    tables: tuple[RateTableView, ...]

    def to_json(self) -> dict[str, Any]:
        """`{"reporting_currency", "tables", "rates"}`."""
        return {
            "reporting_currency": self.reporting_currency,
            "tables": [table.to_json() for table in self.tables],
            "rates": [row.to_json() for table in self.tables for row in table.rows],
        }


def rates(scope: Scope, *, kind: str | None = None, currency: str | None = None) -> Rates:
    """The tables in force. Refusals: report.beyond_scope, fx.unknown_type."""
    require_everything(scope, "The tables of exchange rates")
    kinds = [require_type(kind)] if kind else list(RateType)
    return Rates(reporting_currency(), tuple(_table(each, currency) for each in kinds))


@dataclass(frozen=True)
class Lacking:
    """A period whose cost in a currency cannot be shown in the reporting currency, and why."""

    period: str
    currency: str
    lines: int
    code: str
    message: str


def lacking(scope: Scope) -> tuple[Lacking, ...]:
    """What average rates are missing for figures in the reporting currency, newest first.

    Raises BeyondScope for a restricted scope.
    """
    require_everything(scope, "The list of missing rates")
    target = reporting_currency()
    found = []
    for row in facts().ledger().sums(by=("posting_period",)).to_pylist():
        try:
            period_way(RateType.AVERAGE, row["posting_period"], row["currency"], target)
        except Refused as refusal:
            found.append(
                Lacking(row["posting_period"], row["currency"], row["lines"], refusal.code,
                        refusal.message)
            )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (each.period, each.currency), reverse=True))


def _table(kind: RateType, currency: str | None) -> RateTableView:
    rows = in_force(kind).order_by()
    about = table_of(kind)
    newest = rows.aggregate(newest=Max("valid_from"))["newest"]
    pairs = list(
        rows.values_list("source", "target")
        .annotate(rates=Count("pk"), first=Min("valid_from"), last=Max("valid_from"))
        .order_by("source", "target")
    )
    wanted = [pair for pair in pairs if currency is None or currency in pair[:2]]
    days = sorted(set(rows.values_list("valid_from", flat=True).distinct())) if wanted else []
    return RateTableView(
        kind=str(kind),
        base=about.base,
        max_age_days=about.max_age_days,
        newest=newest,
        rows=tuple(_row(kind, pair, days) for pair in wanted),
    )


def _row(kind: RateType, pair: tuple[str, str, int, date, date], days: list[date]) -> RateRow:
    source, target, count, first, last = pair
    newest: ExchangeRate = in_force(kind).get(source=source, target=target, valid_from=last)
    between = sum(first <= day <= last for day in days)
    return RateRow(
        kind=str(kind),
        source=source,
        target=target,
        rate=newest.rate,
        valid_from=newest.valid_from,
        valid_to=newest.valid_to,
        origin=newest.origin,
        known_at=newest.known_at.isoformat(),
        rates=count,
        first=first,
        gaps=between - count if kind == RateType.CLOSING else 0,
        behind_days=(days[-1] - last).days,
    )
