"""Statements as the runs in force froze them, cut to a scope, and summed for consumers above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bursar.allocate import queries
from bursar.allocate.models import RunPeriod
from bursar.allocate.models import Statement as Frozen
from bursar.core.money.amount import EXACT, exact_sum
from bursar.office.people.scope import Scope
from bursar.report.dimensions import NO_SOLUTION, NO_TOWER, UNCLASSIFIED
from bursar.report.periods import Organization, last_day

LineKey = tuple[str, str, str]
"""Solution, tower and cost pool, with printed names where one is not set."""
Purse = tuple[str, str]
"""Legal entity and currency."""

FROZEN = ("inputs", "balance", "problems")
"""What a run keeps of its inputs is large, and a statement does not show it."""


@dataclass(frozen=True)
class Amounts:
    exact: Decimal
    printed: Decimal


@dataclass(frozen=True)
class Charge:
    """What one consumer was charged in one period, entity and currency."""

    consumer: str
    period: str
    legal_entity: str
    currency: str
    statement_id: str
    sha256: str
    total: Amounts
    lines: dict[LineKey, Amounts]
    run: RunPeriod
    below: tuple[str, ...] = ()

    @property
    def purse(self) -> Purse:
        return self.legal_entity, self.currency


@dataclass
class Book:
    """Every statement in force on one basis that a scope may see, read period by period."""

    scope: Scope
    basis: str
    periods: tuple[str, ...]
    """Periods with a run in force, oldest first."""
    organization: Organization
    _charges: dict[str, list[Charge]] = field(default_factory=dict)
    _totals: dict[tuple[str, str, Purse], Decimal] | None = None

    def charges(self, period: str) -> list[Charge]:
        if period not in self._charges:
            seen = self.scope.consumers(last_day(period))
            names = None if seen is None else sorted(seen)
            rows = queries.statements(basis=self.basis, periods=[period], consumers=names)
            rows = rows.defer(*(f"run_period__{column}" for column in FROZEN))
            self._charges[period] = [_charge(row) for row in rows]
        return self._charges[period]

    def own(self, period: str, consumer: str, purse: Purse | None = None) -> list[Charge]:
        """The consumer's own charges."""
        found = [c for c in self.charges(period) if c.consumer == consumer]
        return [c for c in found if purse in (None, c.purse)]

    def rolled_up(self, period: str, consumer: str, purse: Purse | None = None) -> list[Charge]:
        """The consumer's charges and those of all below her, per entity and currency."""
        below = self.organization.below(period, consumer)
        parts: dict[Purse, list[Charge]] = defaultdict(list)
        for charge in self.charges(period):
            if charge.consumer in below and purse in (None, charge.purse):
                parts[charge.purse].append(charge)
        return [_together(consumer, found) for _, found in sorted(parts.items())]

    def has_children(self, period: str, consumer: str) -> bool:
        return len(self.organization.below(period, consumer)) > 1

    def past(self, charge: Charge, most: int = 13) -> tuple[tuple[str, Decimal], ...]:
        """Printed totals of the periods up to this charge's; those that were charged and seen."""
        totals = self._all_totals()
        found = []
        for period in [p for p in self.periods if p <= charge.period][-most:]:
            names: Iterable[str] = (charge.consumer,)
            if charge.below:
                names = self.organization.below(period, charge.consumer)
            amounts = [totals[k] for n in names if (k := (period, n, charge.purse)) in totals]
            if amounts:
                found.append((period, exact_sum(amounts)))
        return tuple(found)

    def _all_totals(self) -> dict[tuple[str, str, Purse], Decimal]:
        if self._totals is None:
            rows = queries.statements(basis=self.basis).values_list(
                "period", "consumer", "legal_entity", "currency", "document_total"
            )
            seen = {p: self.scope.consumers(last_day(p)) for p in self.periods}
            self._totals = {
                (period, consumer, (entity, currency)): Decimal(total)
                for period, consumer, entity, currency, total in rows
                if (names := seen[period]) is None or consumer in names
            }
        return self._totals


def open_book(scope: Scope, basis: str) -> Book:
    """The statements in force on a basis."""
    periods = tuple(sorted({period for known, period in _runs() if known == basis}))
    return Book(scope, basis, periods, Organization(scope, periods))


def bases_run() -> list[str]:
    """Bases with a run in force, effective first."""
    found = {basis for basis, _ in _runs()}
    return sorted(found, key=lambda basis: (basis != "effective", basis))


def _runs() -> set[tuple[str, str]]:
    """(basis, period) of every run in force, without what each of them froze."""
    rows = RunPeriod.objects.filter(scenario=queries.ACTUAL, superseded_at__isnull=True)
    return set(rows.values_list("basis", "period"))


def frozen_statement(statement_id: str) -> Frozen | None:
    """The row of a statement in force, whoever may see it."""
    return queries.statements().filter(statement_id=statement_id).first()


def _charge(row: Frozen) -> Charge:
    lines = {
        (
            line["solution"] or NO_SOLUTION,
            line["tower"] or NO_TOWER,
            line["cost_pool"] or UNCLASSIFIED,
        ): Amounts(Decimal(line["amount"]), Decimal(line["document_amount"]))
        for line in row.lines
    }
    return Charge(
        consumer=row.consumer,
        period=row.period,
        legal_entity=row.legal_entity,
        currency=row.currency,
        statement_id=row.statement_id,
        sha256=row.sha256,
        total=Amounts(Decimal(row.total), Decimal(row.document_total)),
        lines=lines,
        run=row.run_period,
    )


def _together(consumer: str, parts: Sequence[Charge]) -> Charge:
    """One charge of several consumers: not stored, and never added to anything."""
    lines: dict[LineKey, Amounts] = {}
    for part in parts:
        for key, amounts in part.lines.items():
            known = lines.get(key, Amounts(Decimal(0), Decimal(0)))
            lines[key] = Amounts(
                EXACT.add(known.exact, amounts.exact), EXACT.add(known.printed, amounts.printed)
            )
    first = parts[0]
    return Charge(
        consumer=consumer,
        period=first.period,
        legal_entity=first.legal_entity,
        currency=first.currency,
        statement_id="",
        sha256="",
        total=Amounts(
            exact_sum(p.total.exact for p in parts), exact_sum(p.total.printed for p in parts)
        ),
        lines=lines,
        run=first.run,
        below=tuple(sorted({p.consumer for p in parts})),
    )
