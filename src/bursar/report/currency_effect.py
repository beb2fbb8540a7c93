"""How much of a difference between two periods is exchange rates, and how much is the money itself.

Rules V20 and V21: for each currency and entity the FX effect is what the later period's local
amount gained by the change of its rate, the operating effect what the local amount changed, at the
earlier rate. Both add up to the difference exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_text
from bursar.office.people.scope import Scope
from bursar.office.reference.models import RateType
from bursar.report.conversion import REPORTING, Converter, CurrencyView
from bursar.report.costs import costs

PLAN = RateType.PLAN.value
"""In place of the earlier period: the same period at plan rates."""


@dataclass(frozen=True)
class Effect:
    """Before and after in the currency shown, and what the difference is made of."""

    before: Decimal = Decimal(0)
    after: Decimal = Decimal(0)
    fx: Decimal = Decimal(0)
    operating: Decimal = Decimal(0)

    @property
    def change(self) -> Decimal:
        return EXACT.subtract(self.after, self.before)

    def __add__(self, other: Effect) -> Effect:
        return Effect(
            EXACT.add(self.before, other.before),
            EXACT.add(self.after, other.after),
            EXACT.add(self.fx, other.fx),
            EXACT.add(self.operating, other.operating),
        )

    def to_json(self) -> dict[str, str]:
        names = ("before", "after", "change", "fx", "operating")
        return {name: exact_text(getattr(self, name)) for name in names}


@dataclass(frozen=True)
class LocalEffect:
    """One currency and entity: its local amounts and the two rates."""

    currency: str
    legal_entity: str
    local_before: Decimal
    local_after: Decimal
    rate_before: Decimal | None
    rate_after: Decimal | None
    effect: Effect

    def to_json(self) -> dict[str, str | None]:
        return {
            "local_currency": self.currency,
            "legal_entity": self.legal_entity,
            "local_before": exact_text(self.local_before),
            "local_after": exact_text(self.local_after),
            "rate_before": exact_text(self.rate_before) if self.rate_before else None,
            "rate_after": exact_text(self.rate_after) if self.rate_after else None,
            **self.effect.to_json(),
        }


@dataclass(frozen=True)
class EffectRow:
    """The effect of what has these values of the dimensions asked for."""

    dimensions: dict[str, str | None]
    currency: str
    effect: Effect

    def to_json(self) -> dict[str, str | None]:
        return {**self.dimensions, "currency": self.currency, **self.effect.to_json()}


@dataclass(frozen=True)
class CurrencyEffect:
    """Rows by dimensions, and the same difference by local currency; both sum to the totals."""

    basis: str
    before: str
    after: str
    by: tuple[str, ...]
    words: str
    rows: tuple[EffectRow, ...]
    locals: tuple[LocalEffect, ...]
    totals: tuple[tuple[str, Effect], ...]
    conversions: tuple[dict[str, Any], dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "from", "to", "by", "words", "rows", "local", "totals", "conversion"}`."""
        return {
            "basis": self.basis,
            "from": self.before,
            "to": self.after,
            "by": list(self.by),
            "words": self.words,
            "rows": [row.to_json() for row in self.rows],
            "local": [row.to_json() for row in self.locals],
            "totals": [{"currency": c, **effect.to_json()} for c, effect in self.totals],
            "conversion": list(self.conversions),
        }


def currency_effect(
    scope: Scope,
    *,
    before: str,
    after: str,
    by: Sequence[str] = (),
    basis: str = "effective",
    filters: Sequence[tuple[str, str]] = (),
    currency: CurrencyView | None = None,
) -> CurrencyEffect:
    """The effect of rates between two periods, or with `before='plan'` against plan rates.

    Raises what `costs` raises, and MissingRates where a rate that counts is missing.
    """
    shown = currency if currency is not None and currency.converts else CurrencyView(REPORTING)
    against_plan = before == PLAN
    earlier = after if against_plan else before
    found = costs(
        scope,
        by=tuple(dict.fromkeys((*by, "period", "legal_entity"))),
        periods=[earlier, after],
        basis=basis,
        filters=filters,
    )
    base_view = replace(shown, rate=PLAN) if against_plan else shown
    working = _Working(
        earlier, after, Converter(replace(base_view, at=None)), Converter(replace(shown, at=None))
    )
    for row in found.rows:
        values = tuple(row.dimensions[name] for name in by)
        working.add(values, row.currency, row.dimensions, row.amount)
    rows, local = working.effects(tuple(by))
    totals: dict[str, Effect] = defaultdict(Effect)
    for each in rows:
        totals[each.currency] += each.effect
    rates = f"{shown.rate} rates" + (" against plan rates" if against_plan else "")
    return CurrencyEffect(
        basis=basis,
        before=before,
        after=after,
        by=tuple(by),
        words=f"in {shown.currency or 'the currency of each entity'}, {rates}",
        rows=tuple(rows),
        locals=tuple(local),
        totals=tuple(sorted(totals.items())),
        conversions=(working.base.to_json(), working.actual.to_json()),
    )


Cell = tuple[tuple[str | None, ...], str, str]
"""(values of the dimensions, local currency, legal entity)"""


class _Working:
    """Local amounts of both periods, then their effects."""

    def __init__(self, before: str, after: str, base: Converter, actual: Converter) -> None:
        self.before, self.after, self.base, self.actual = before, after, base, actual
        self._local: dict[Cell, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])

    def add(
        self,
        values: tuple[str | None, ...],
        currency: str,
        dimensions: dict[str, str | None],
        amount: Decimal,
    ) -> None:
        cell = self._local[values, currency, dimensions["legal_entity"] or ""]
        for place, period in enumerate((self.before, self.after)):
            if dimensions["period"] == period:
                cell[place] = EXACT.add(cell[place], amount)

    def effects(self, by: tuple[str, ...]) -> tuple[list[EffectRow], list[LocalEffect]]:
        self._refuse_missing()
        rows: dict[tuple[Any, ...], Effect] = defaultdict(Effect)
        local: dict[tuple[str, str], list[Any]] = {}
        for (values, currency, entity), (first, last) in self._local.items():
            r0, r1 = self._rates(currency, entity, last)
            effect = _effect(first, last, r0, r1)
            rows[self.actual.target(entity), *values] += effect
            known = local.setdefault(
                (currency, entity), [Decimal(0), Decimal(0), None, None, Effect()]
            )
            known[0], known[1] = EXACT.add(known[0], first), EXACT.add(known[1], last)
            known[2], known[3], known[4] = r0, r1 or known[3], known[4] + effect
        told = [
            EffectRow(dict(zip(by, values, strict=True)), code, effect)
            for (code, *values), effect in rows.items()
        ]
        told.sort(key=_largest_first)
        return told, [LocalEffect(*key, *found) for key, found in sorted(local.items())]

    def _rates(self, currency: str, entity: str, last: Decimal) -> tuple[Decimal, Decimal | None]:
        """The earlier rate, and the later one where anything is left to count by it."""
        r0 = self.base.rate((self.before, currency, entity))
        r1 = self.actual.rate((self.after, currency, entity)) if last else None
        assert r0 is not None  # missing rates were refused before
        return r0, r1

    def _refuse_missing(self) -> None:
        """Every rate that counts, asked by the figures' own rule, so that all gaps are told."""
        for converter, period, place in ((self.base, self.before, 0), (self.actual, self.after, 1)):
            converter.convert(
                ((period, currency, entity), (), amounts[place] or amounts[1 - place])
                for (_, currency, entity), amounts in self._local.items()
                if place == 0 or amounts[1]
            )


def _largest_first(row: EffectRow) -> tuple[Any, ...]:
    return (row.currency, -abs(row.effect.change), *map(str, row.dimensions.values()))


def _effect(first: Decimal, last: Decimal, r0: Decimal, r1: Decimal | None) -> Effect:
    before = EXACT.multiply(first, r0)
    after = EXACT.multiply(last, r1) if r1 is not None else Decimal(0)
    at_base = EXACT.multiply(last, r0)
    return Effect(
        before=before,
        after=after,
        fx=EXACT.subtract(after, at_base),
        operating=EXACT.subtract(at_base, before),
    )
