"""What legal entities charge each other, and the group's view in which that cancels out.

Rules IC1, IC6 and IC7 of docs/spec/intercompany.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow.compute as pc

from bursar.allocate import queries
from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.models import RunPeriod, Statement
from bursar.allocate.run_files import read_run
from bursar.core.calc.allocation.adjusting import agreed_markup
from bursar.core.calc.allocation.patterns import MARKUP
from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.core.tables.allocation import ALLOCATED_LINE
from bursar.core.tables.cube import COST_COLUMN
from bursar.lake.questions import Condition
from bursar.office.people.scope import Scope
from bursar.office.reference.entities import entities
from bursar.office.reference.parties import entities_of_consumers
from bursar.record.ledger import open_ledger
from bursar.report.balance import require_everything
from bursar.report.dimensions import require_basis
from bursar.report.errors import NotRun
from bursar.report.periods import last_day

_ZERO = Decimal(0)
Purse = tuple[str, str]
Pair = tuple[str, str, str]
"""Seller, buyer and currency."""


@dataclass(frozen=True)
class PairRow:
    """What one entity charges another in a period."""

    seller: str
    buyer: str
    currency: str
    charged: Decimal
    """Statements of consumers who are charged, markup included."""
    markup: Decimal
    """Of it, by the agreement of the two."""
    shown: Decimal
    """Statements of consumers who are only informed; no charge."""
    recorded: Decimal
    """What the buyer's ledger holds already as cost from the seller."""
    recorded_back: Decimal
    """What the seller's ledger holds as taken back from the buyer, below zero."""

    @property
    def difference(self) -> Decimal:
        """What is left when both ledgers' sides are eliminated."""
        return EXACT.add(self.recorded, self.recorded_back)

    def to_json(self) -> dict[str, str]:
        amounts = ("charged", "markup", "shown", "recorded", "recorded_back", "difference")
        return {
            "seller": self.seller,
            "buyer": self.buyer,
            "currency": self.currency,
            **{name: exact_text(getattr(self, name)) for name in amounts},
        }


@dataclass(frozen=True)
class EntityRow:
    """One entity's cost before and after charges; the group's where it has no name."""

    legal_entity: str
    currency: str
    own: Decimal
    """Cost that came from outside the group."""
    charged_out: Decimal
    charged_in: Decimal
    markup: Decimal
    """Of what it charged: profit that the group does not have."""

    @property
    def after(self) -> Decimal:
        return exact_sum((self.own, EXACT.minus(self.charged_out), self.charged_in))

    def to_json(self) -> dict[str, str]:
        amounts = ("own", "charged_out", "charged_in", "markup", "after")
        return {
            "legal_entity": self.legal_entity,
            "currency": self.currency,
            **{name: exact_text(getattr(self, name)) for name in amounts},
        }


@dataclass(frozen=True)
class IntercompanyView:
    """All pairs and entities of a period; `groups` has one row per currency."""

    period: str
    basis: str
    pairs: tuple[PairRow, ...]
    entities: tuple[EntityRow, ...]
    groups: tuple[EntityRow, ...]

    @property
    def holds(self) -> bool:
        """Whether charges cancel out and both sides of every pair's ledgers do."""
        cancel = all(g.charged_out == g.charged_in and g.after == g.own for g in self.groups)
        return cancel and not any(pair.difference for pair in self.pairs)

    def to_json(self) -> dict[str, Any]:
        return {
            "period": self.period,
            "basis": self.basis,
            "pairs": [pair.to_json() for pair in self.pairs],
            "entities": [row.to_json() for row in self.entities],
            "groups": [row.to_json() for row in self.groups],
            "holds": self.holds,
        }


def intercompany(scope: Scope, *, period: str, basis: str = "effective") -> IntercompanyView:
    """The run in force of a period. Raises BeyondScope, UnknownBasis, NotRun."""
    require_everything(scope, "What legal entities charge each other")
    runs = {run.period: run for run in queries.runs_in_force(basis=require_basis(basis))}
    if period not in runs:
        raise NotRun(
            f"{period}: no run on {basis} cost is in force. Run it: bursar run --period {period}."
        )
    run = runs[period]
    charged, shown = _statements(run)
    recorded = _recorded(period, basis)
    markups = _markups(run)
    # Cost in a ledger says who sold; what was taken back says who bought.
    held = {
        (other, entity, currency) if amount > 0 else (entity, other, currency)
        for (other, entity, currency), amount in recorded.items()
        if amount
    }
    pairs = [
        PairRow(
            seller=seller,
            buyer=buyer,
            currency=currency,
            charged=charged.get((seller, buyer, currency), _ZERO),
            markup=markups.get((agreed_markup(seller, buyer), currency), _ZERO),
            shown=shown.get((seller, buyer, currency), _ZERO),
            recorded=max(recorded.get((seller, buyer, currency), _ZERO), _ZERO),
            recorded_back=min(recorded.get((buyer, seller, currency), _ZERO), _ZERO),
        )
        for seller, buyer, currency in sorted({*charged, *shown, *held})
    ]
    rows = _entities(run, pairs, recorded)
    return IntercompanyView(period, basis, tuple(pairs), tuple(rows), tuple(_groups(rows)))


def _statements(run: RunPeriod) -> tuple[dict[Pair, Decimal], dict[Pair, Decimal]]:
    """Exact totals of statements that cross, of who is charged and of who is informed."""
    inputs = frozen_inputs(run)
    frozen = inputs.content.get("between")
    belongs = frozen["entities"] if frozen else entities_of_consumers(last_day(run.period))
    modes = {m.name: m.mode for m in inputs.model.members if m.layer == "consumer"}
    found: dict[str, dict[Pair, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for row in Statement.objects.filter(run_period=run):
        buyer = belongs.get(row.consumer)
        if buyer is not None and buyer != row.legal_entity:
            mode = modes.get(row.consumer, "showback")
            found[mode][row.legal_entity, buyer, row.currency].append(Decimal(row.total))
    return _sums(found["chargeback"]), _sums(found["showback"])


def _sums(parts: Mapping[Any, Iterable[Decimal]]) -> dict[Any, Decimal]:
    return {key: exact_sum(amounts) for key, amounts in parts.items()}


def _markups(run: RunPeriod) -> dict[tuple[str, str], Decimal]:
    """(reason, currency) → markup; it rests with its sign turned (S18)."""
    rests = read_run(run, ALLOCATED_LINE)
    rests = rests.filter(pc.equal(rests["outcome"], MARKUP))
    parts: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in rests.select(["reason", "currency", "amount"]).to_pylist():
        parts[row["reason"], row["currency"]].append(EXACT.minus(row["amount"]))
    return _sums(parts)


def _recorded(period: str, basis: str) -> dict[Pair, Decimal]:
    """(counterpart, entity, currency) → what the entity's ledger holds of one of the group."""
    lines = open_ledger().lines
    if "counterpart_entity" not in lines.columns:
        return {}
    known = {entity.code for entity in entities()}
    rows = lines.totals(
        columns=["legal_entity", "counterpart_entity", "billing_currency"],
        where=[
            Condition("posting_period", "=", period),
            Condition("counterpart_entity", "missing", False),
        ],
    ).to_pylist()
    return {
        (row["counterpart_entity"], row["legal_entity"], row["billing_currency"]): amount
        for row in rows
        if row["counterpart_entity"] in known - {row["legal_entity"]}
        and (amount := row[COST_COLUMN[basis]]) is not None
    }


def _entities(
    run: RunPeriod, pairs: Iterable[PairRow], recorded: Mapping[Pair, Decimal]
) -> list[EntityRow]:
    own: dict[Purse, list[Decimal]] = defaultdict(list)
    for terms in run.balance:
        own[terms["legal_entity"], terms["currency"]].append(Decimal(terms["cost_in"]))
    for (_, entity, currency), amount in recorded.items():
        own[entity, currency].append(EXACT.minus(amount))
    out, into, profit = (defaultdict(list) for _ in range(3))
    for pair in pairs:
        out[pair.seller, pair.currency].append(pair.charged)
        into[pair.buyer, pair.currency].append(pair.charged)
        profit[pair.seller, pair.currency].append(pair.markup)
    return [
        EntityRow(
            legal_entity=purse[0],
            currency=purse[1],
            own=exact_sum(own.get(purse, ())),
            charged_out=exact_sum(out.get(purse, ())),
            charged_in=exact_sum(into.get(purse, ())),
            markup=exact_sum(profit.get(purse, ())),
        )
        for purse in sorted({*own, *out, *into})
    ]


def _groups(rows: Iterable[EntityRow]) -> list[EntityRow]:
    by_currency: dict[str, list[EntityRow]] = defaultdict(list)
    for row in rows:
        by_currency[row.currency].append(row)
    names = ("own", "charged_out", "charged_in", "markup")
    return [
        EntityRow("", currency, *(exact_sum(getattr(r, name) for r in held) for name in names))
        for currency, held in sorted(by_currency.items())
    ]
