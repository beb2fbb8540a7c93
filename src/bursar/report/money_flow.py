"""How money flows from pools over towers and solutions to consumers: the figures of the Sankey."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.office.people.scope import Scope
from bursar.report.conversion import AS_BILLED, Converter, CurrencyView
from bursar.report.cost_queries import Question, ask_allocated
from bursar.report.dimensions import (
    NO_SOLUTION,
    NO_TOWER,
    RETAINED,
    UNALLOCATED,
    UNCLASSIFIED,
    require_basis,
)
from bursar.report.facts import facts

Stage = Literal["pool", "tower", "solution", "consumer"]
STAGES: tuple[Stage, ...] = ("pool", "tower", "solution", "consumer")
LEVELS = {
    "pool": "pool",
    "tower": "tower_group",
    "solution": "solution",
    "consumer": "business_unit",
}
BELOW = {"pool": "cost_pool", "tower": "tower", "consumer": "consumer"}
UNSET = frozenset({UNCLASSIFIED, NO_TOWER, NO_SOLUTION, UNALLOCATED, RETAINED})
OTHER = "Other"
Path = tuple[tuple[str, ...], Decimal]


@dataclass(frozen=True)
class FlowNode:
    """One box: `key` is unique ('pool:Cloud Services'); `filters` opens the Costs page on it."""

    key: str
    stage: Stage
    label: str
    amount: Decimal
    filters: tuple[tuple[str, str], ...]
    drill: str | None
    """Value of `focus` that opens this box into its parts; None where it has none."""


@dataclass(frozen=True)
class FlowLink:
    """Money from one box to another; `thread` is the key of the pool box it came from."""

    source: str
    target: str
    thread: str
    amount: Decimal

    @property
    def key(self) -> str:
        return f"{self.thread}>{self.source}>{self.target}"


@dataclass(frozen=True)
class MoneyFlow:
    """Nodes and links of one currency; `undrawn` is the sum of negative links, told beside it."""

    basis: str
    currency: str
    periods: tuple[str, ...]
    focus: str | None
    nodes: tuple[FlowNode, ...]
    links: tuple[FlowLink, ...]
    total: Decimal
    undrawn: Decimal

    def to_json(self) -> dict[str, Any]:
        return {
            "basis": self.basis,
            "currency": self.currency,
            "periods": list(self.periods),
            "focus": self.focus,
            "total": exact_text(self.total),
            "undrawn": exact_text(self.undrawn),
            "nodes": [
                {"key": n.key, "stage": n.stage, "label": n.label, "amount": exact_text(n.amount)}
                for n in self.nodes
            ],
            "links": [
                {
                    "source": x.source,
                    "target": x.target,
                    "pool": x.thread,
                    "amount": exact_text(x.amount),
                }
                for x in self.links
            ],
        }


def money_flow(
    scope: Scope,
    *,
    currency: str,
    periods: Sequence[str],
    legal_entity: str | None = None,
    basis: str = "effective",
    focus: str | None = None,
    most: int = 10,
    shown: CurrencyView = AS_BILLED,
) -> MoneyFlow:
    """Allocated money by pool, tower, solution and business unit, each at its parent level.

    `focus` ('pool:Cloud Services', 'consumer:Retail', ...) keeps only the money through that box
    and opens its stage one level down. Beyond the `most` largest, boxes join in 'Other'. With
    `shown`, money of every currency is converted into `currency`. Raises MissingRates.
    """
    stage, _, member = (focus or "").partition(":")
    levels = dict(LEVELS)
    filters = [] if shown.converts else [("currency", currency)]
    if legal_entity:
        filters.append(("legal_entity", legal_entity))
    if stage in LEVELS and member:
        filters.append((LEVELS[stage], member))
        levels[stage] = BELOW.get(stage, LEVELS[stage])
    else:
        focus = None
    by = tuple(levels[name] for name in STAGES)
    question = Question(scope, by, tuple(periods), require_basis(basis), tuple(filters))
    paths = _paths(question, currency, shown)
    boxes = [_boxes(number, paths, most) for number in range(len(STAGES))]
    merged: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for values, amount in paths:
        path = tuple(boxes[number][value] for number, value in enumerate(values))
        merged[path] = EXACT.add(merged[path], amount)
    return MoneyFlow(
        basis=basis,
        currency=currency,
        periods=tuple(periods),
        focus=focus,
        nodes=_nodes(merged, levels),
        links=_links(merged),
        total=exact_sum(merged.values()),
        undrawn=exact_sum(amount for amount in merged.values() if amount < 0),
    )


def _paths(question: Question, currency: str, shown: CurrencyView) -> list[Path]:
    """Money by its four boxes, in one currency."""
    if not shown.converts:
        return [(key[1:], amount) for key, amount in ask_allocated(facts(), question)]
    finer = replace(question, by=(*question.by, "period", "legal_entity"))
    converted = Converter(shown).convert(
        ((key[-2], key[0], key[-1]), key[1:-2], amount)
        for key, amount in ask_allocated(facts(), finer)
    )
    return [(key[1:], amount) for key, amount in converted.items() if key[0] == currency]


def _boxes(number: int, paths: Sequence[Path], most: int) -> dict[str, str]:
    """Which box each value belongs to: its own, or 'Other' beyond the largest."""
    size: dict[str, Decimal] = defaultdict(Decimal)
    for values, amount in paths:
        size[values[number]] = EXACT.add(size[values[number]], amount)
    named = sorted((v for v in size if v not in UNSET), key=lambda v: (-abs(size[v]), v))
    # One box more costs less room than an 'Other' that holds a single value.
    kept = set(named) if len(named) <= most + 1 else set(named[:most])
    return {value: value if value in kept or value in UNSET else OTHER for value in size}


def _nodes(merged: dict[tuple[str, ...], Decimal], levels: dict[str, str]) -> tuple[FlowNode, ...]:
    size: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for path, amount in merged.items():
        for number, value in enumerate(path):
            size[number, value] = EXACT.add(size[number, value], amount)
    return tuple(
        _node(STAGES[number], value, amount, levels)
        for (number, value), amount in sorted(size.items(), key=lambda x: (x[0][0], -x[1], x[0][1]))
    )


def _node(stage: Stage, value: str, amount: Decimal, levels: dict[str, str]) -> FlowNode:
    opened = levels[stage] != LEVELS[stage]
    plain = value not in UNSET and value != OTHER
    return FlowNode(
        key=f"{stage}:{value}",
        stage=stage,
        label=value.partition(" / ")[2] or value if opened else value,
        amount=amount,
        filters=() if value == OTHER else ((levels[stage], value),),
        drill=f"{stage}:{value}" if plain and not opened else None,
    )


def _links(merged: dict[tuple[str, ...], Decimal]) -> tuple[FlowLink, ...]:
    """Bands between neighbouring stages, one per pool they come from; money above zero only."""
    size: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for path, amount in merged.items():
        if amount > 0:
            keys = [f"{stage}:{value}" for stage, value in zip(STAGES, path, strict=True)]
            for source, target in pairwise(keys):
                link = (source, target, keys[0])
                size[link] = EXACT.add(size[link], amount)
    return tuple(FlowLink(*key, amount) for key, amount in sorted(size.items()))
