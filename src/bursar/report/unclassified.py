"""What the model misses, largest money first, each with a rule's `when` that would catch it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.office.people.scope import Scope


@dataclass(frozen=True)
class UnclassifiedRow:
    """One group of cost without a pool, or money that no step took."""

    missing: str
    """The layer that is missing: cost_pool, tower, solution or consumer."""
    columns: dict[str, str]
    currency: str
    amount: Decimal
    lines: int
    reason: str
    suggested_when: str
    """YAML of a `when` that takes exactly this group."""


@dataclass(frozen=True)
class Unclassified:
    basis: str
    periods: tuple[str, ...]
    rows: tuple[UnclassifiedRow, ...]
    classified_ratio: Decimal
    """Share of absolute money that has a pool, four digits."""

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError


def unclassified(
    scope: Scope,
    *,
    periods: Sequence[str] | None = None,
    basis: str = "effective",
    currency: str | None = None,
    most: int = 200,
) -> Unclassified:
    """The queue, sorted by money. Raises BeyondScope for a restricted scope."""
    raise NotImplementedError
