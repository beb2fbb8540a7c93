"""The front page's figures: key figures with their past, months by pool, and consumers ranked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.office.people.scope import Scope
from bursar.report.choices import Choices, choices
from bursar.report.conversion import AS_BILLED, Converter, CurrencyView
from bursar.report.costs import known_periods
from bursar.report.dimensions import require_basis
from bursar.report.facts import facts
from bursar.report.key_figures import Kpi, Slice, Sums, key_figures
from bursar.report.money_flow import MoneyFlow, money_flow
from bursar.report.periods import Organization
from bursar.report.staleness import StaleMark, stale
from bursar.report.wording import ratio_of


@dataclass(frozen=True)
class MonthAmount:
    period: str
    pool: str
    amount: Decimal


@dataclass(frozen=True)
class ConsumerRow:
    """One business unit's cost: share of the total and change to the period before."""

    consumer: str
    amount: Decimal
    share: Decimal
    previous: Decimal | None
    change: Decimal | None
    past: tuple[tuple[str, Decimal], ...]
    has_children: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "consumer": self.consumer,
            "amount": exact_text(self.amount),
            "share": exact_text(self.share),
            "previous": None if self.previous is None else exact_text(self.previous),
            "change": None if self.change is None else exact_text(self.change),
            "past": [{"period": p, "amount": exact_text(a)} for p, a in self.past],
        }


@dataclass(frozen=True)
class Overview:
    basis: str
    currency: str
    currencies: tuple[str, ...]
    legal_entity: str | None
    period: str | None
    """The period the key figures are of; None where nothing was recorded yet."""
    periods: tuple[str, ...]
    """The periods of sparklines and months, oldest first, ending with `period`."""
    was_run: bool
    kpis: tuple[Kpi, ...]
    flow: MoneyFlow | None
    months: tuple[MonthAmount, ...]
    consumers: tuple[ConsumerRow, ...]
    notes: tuple[str, ...]
    conversion: dict[str, Any] | None = None
    """How amounts were converted, with every rate; None as billed."""
    stale: tuple[StaleMark, ...] = ()
    """What late or restated data made stale of the period."""

    def to_json(self) -> dict[str, Any]:
        return {
            "basis": self.basis,
            "currency": self.currency,
            "currencies": list(self.currencies),
            "legal_entity": self.legal_entity,
            "period": self.period,
            "periods": list(self.periods),
            "was_run": self.was_run,
            "kpis": [kpi.to_json() for kpi in self.kpis],
            "flow": self.flow.to_json() if self.flow else None,
            "months": [
                {"period": m.period, "pool": m.pool, "amount": exact_text(m.amount)}
                for m in self.months
            ],
            "consumers": [row.to_json() for row in self.consumers],
            "notes": list(self.notes),
            "conversion": self.conversion,
            "stale": [mark.to_json() for mark in self.stale],
        }


def overview(
    scope: Scope,
    *,
    period: str | None = None,
    currency: str | None = None,
    legal_entity: str | None = None,
    basis: str = "effective",
    focus: str | None = None,
    months: int = 24,
    shown: CurrencyView = AS_BILLED,
) -> Overview:
    """The overview of one currency (the one with most money where none is named) and period.

    With `shown`, every currency is converted first. A period or currency without cost gives an
    overview without figures. Raises UnknownBasis and MissingRates.
    """
    held = facts()
    known = known_periods(held, scope, require_basis(basis))
    currencies = _currencies(choices(scope), shown)
    chosen = currency if currency in currencies else (currencies[0] if currencies else "")
    if not shown.converts:
        chosen = currency or chosen
    newest = period or _newest(held.run_periods(basis), known)
    periods = tuple(p for p in known if newest and p <= newest)[-months:]
    entity = (("legal_entity", legal_entity),) if legal_entity else ()
    only = () if shown.converts else (("currency", chosen),)
    view = Slice(scope, chosen, periods, basis, (*only, *entity), shown)
    by_pool, by_unit = view.sums("pool", "business_unit")
    was_run = newest in held.run_periods(basis)
    return Overview(
        basis=basis,
        currency=chosen,
        currencies=currencies,
        legal_entity=legal_entity,
        period=newest,
        periods=periods,
        was_run=was_run,
        kpis=key_figures(view, by_pool, by_unit),
        flow=money_flow(
            scope,
            currency=chosen,
            periods=(newest,),
            legal_entity=legal_entity,
            basis=basis,
            focus=focus,
            shown=shown,
        )
        if was_run and newest
        else None,
        months=tuple(
            MonthAmount(p, pool, past[p])
            for p in periods
            for pool, past in sorted(by_pool.items())
            if p in past
        ),
        consumers=_consumers(scope, view, by_unit) if periods else (),
        notes=view.notes,
        conversion=view.conversion,
        stale=stale(scope, basis=basis, periods=[newest]) if newest else (),
    )


def _currencies(known: Choices, shown: CurrencyView) -> tuple[str, ...]:
    """What the figures can be in: the bills' currencies, the one chosen, or the entities'."""
    if shown.currency:
        return (shown.currency,)
    if not shown.converts:
        return known.currencies
    converter = Converter(shown)
    return tuple(dict.fromkeys(converter.target(entity) for entity in known.legal_entities))


def _newest(run: tuple[str, ...], known: tuple[str, ...]) -> str | None:
    """The newest period that was run, else the newest with cost."""
    seen = [p for p in run if p in known] or list(known)
    return max(seen, default=None)


def _consumers(scope: Scope, view: Slice, by_unit: Sums) -> tuple[ConsumerRow, ...]:
    now, past = view.periods[-1], view.previous
    total = exact_sum(amounts.get(now, Decimal(0)) for amounts in by_unit.values())
    organization = Organization(scope, [now])
    rows = []
    for unit, amounts in by_unit.items():
        amount = amounts.get(now, Decimal(0))
        before = amounts.get(past, Decimal(0)) if past else None
        if amount == 0 and not before:
            continue
        rows.append(
            ConsumerRow(
                consumer=unit,
                amount=amount,
                share=ratio_of(amount, total),
                previous=before,
                change=None if before is None else EXACT.subtract(amount, before),
                past=tuple((p, amounts.get(p, Decimal(0))) for p in view.periods),
                has_children=len(organization.below(now, unit)) > 1,
            )
        )
    return tuple(sorted(rows, key=lambda r: (-r.amount, r.consumer)))
