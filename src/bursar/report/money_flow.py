"""How money flows from pools over towers and solutions to consumers: the figures of the Sankey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from bursar.office.people.scope import Scope

Stage = Literal["pool", "tower", "solution", "consumer"]
STAGES: tuple[Stage, ...] = ("pool", "tower", "solution", "consumer")


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
        return f"{self.source}>{self.target}"


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
        raise NotImplementedError


def money_flow(
    scope: Scope,
    *,
    currency: str,
    periods: Sequence[str],
    legal_entity: str | None = None,
    basis: str = "effective",
    focus: str | None = None,
    most: int = 10,
) -> MoneyFlow:
    """Allocated money by pool, tower, solution and business unit, each at its parent level.

    `focus` ('pool:Cloud Services', 'consumer:Retail', …) keeps only the money through that box and
    opens its stage one level down. Beyond the `most` largest, a stage's boxes join in 'Other'.
    """
    raise NotImplementedError
