"""Charges between legal entities: markup by agreement, pass-through and shareholder cost.

Rules IC1-IC5 of docs/spec/intercompany.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

KINDS = ORDINARY, PASS_THROUGH, SHAREHOLDER = (0, 1, 2)
"""Kinds of cost, by pool."""


@dataclass(frozen=True)
class Intercompany:
    """Which pools the model sets apart; a pool stands for all its parts."""

    pass_through: tuple[str, ...] = ()
    shareholder: tuple[str, ...] = ()

    def kind(self, pool: str | None) -> int:
        if _within(pool, self.shareholder):
            return SHAREHOLDER
        return PASS_THROUGH if _within(pool, self.pass_through) else ORDINARY


@dataclass(frozen=True)
class Between:
    """What a run knows of charges between entities in its period."""

    pools: Intercompany
    entity_of: Mapping[str, str] = field(default_factory=dict)
    """Consumer → the legal entity that it belongs to."""
    markups: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    """Seller and buyer → percent on top of cost."""

    def buyer(self, seller: str, consumer: str) -> str | None:
        """The other entity that a consumer's charge goes to; None where it is the same one."""
        entity = self.entity_of.get(consumer)
        return entity if entity != seller else None


@dataclass(frozen=True)
class Across:
    """One kind of cost of one seller: what `adjusted` does with a pattern that divides it."""

    between: Between
    seller: str
    kind: int


def _within(pool: str | None, listed: Sequence[str]) -> bool:
    return pool is not None and any(pool == one or pool.startswith(f"{one} / ") for one in listed)
