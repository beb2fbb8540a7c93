"""What standard rates left open: the recovery ledger of rules with a true-up (rule S16).

Every run tells, per such rule, where cost less charges rests and whom the rule charged how much.
The last period of an interval books what the earlier ones of it left open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.language.model import CostModel
from bursar.allocate.nodes import KEY
from bursar.core.calc.allocation.dividing import Recovery, gap_reason
from bursar.core.calc.allocation.model import Rule
from bursar.core.calc.allocation.patterns import RECOVERY_GAP
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.money.units import cut_to_units, from_units

Place = tuple[str | None, ...]
"""A node by its six names."""


class Left(NamedTuple):
    """What one rule left open in one period: gaps by node and charges by consumer, main units."""

    gaps: Mapping[Place, Decimal]
    charges: Mapping[str, Decimal]


def left_open(
    model: CostModel, nodes: pa.Table, trace: pa.Table, lines: pa.Table, scale: int
) -> dict[str, Left]:
    """By rule with a true-up, from one period's tables."""
    found = {}
    for number, rule in rules_of(model):
        gap = pc.and_(
            pc.equal(lines["outcome"], RECOVERY_GAP), pc.equal(lines["reason"], gap_reason(rule))
        )
        open_lines = lines.filter(gap)
        places = zip(*(open_lines[name].to_pylist() for name in KEY), strict=True)
        gaps = summed(zip(places, open_lines["amount"].to_pylist(), strict=True))
        mine = trace.filter(
            pc.and_(pc.equal(trace["step"], number), pc.equal(trace["rule"], rule.name))
        )
        consumers = nodes["consumer"].cast(pa.string()).take(mine["to_node"]).to_pylist()
        moved = (from_units(int(units), scale) for units in mine["units"].to_pylist())
        found[rule.name] = Left(gaps, summed(zip(consumers, moved, strict=True)))
    return found


def as_json(due: Mapping[str, Left]) -> dict[str, Any]:
    """What a run freezes of it."""
    return {
        rule: {
            "gaps": [[*place, exact_text(v)] for place, v in sorted(left.gaps.items(), key=str)],
            "charges": [[name, exact_text(v)] for name, v in sorted(left.charges.items())],
        }
        for rule, left in sorted(due.items())
    }


def from_json(frozen: Mapping[str, Any]) -> dict[str, Left]:
    """What `as_json` froze, read back."""
    return {
        rule: Left(
            {tuple(place): Decimal(amount) for *place, amount in left["gaps"]},
            {name: Decimal(amount) for name, amount in left["charges"]},
        )
        for rule, left in frozen.items()
    }


def as_terms(due: Mapping[str, Left], scale: int) -> dict[str, Recovery]:
    """In units of the run; what is below a unit stays in the gap."""
    return {
        rule: Recovery(
            gaps=[
                (dict(zip(KEY, place, strict=True)), cut_to_units(amount, scale)[0])
                for place, amount in sorted(left.gaps.items(), key=str)
            ],
            charges={name: cut_to_units(v, scale)[0] for name, v in sorted(left.charges.items())},
        )
        for rule, left in due.items()
    }


def places_of(due: Mapping[str, Left]) -> list[Place]:
    """Nodes that a true-up touches, whether or not they have cost in the period."""
    return sorted({place for left in due.values() for place in left.gaps}, key=str)


def rules_of(model: CostModel) -> Sequence[tuple[int, Rule]]:
    """Rules with a true-up, each with the number of its step."""
    return [
        (number, rule)
        for number, step in enumerate(model.steps, start=1)
        for rule in step.rules
        if rule.true_up
    ]


def summed(pairs: Iterable[tuple[Any, Decimal]]) -> dict[Any, Decimal]:
    """Exact sums by key."""
    found: dict[Any, list[Decimal]] = {}
    for key, amount in pairs:
        found.setdefault(key, []).append(amount)
    return {key: exact_sum(amounts) for key, amounts in found.items()}
