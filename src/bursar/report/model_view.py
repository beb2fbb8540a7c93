"""The cost model as people read it: its steps as a graph, its rules and its drivers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.office.people.scope import Scope


@dataclass(frozen=True)
class RuleView:
    name: str
    when: str
    """Plain words: 'cost pool is Staffing / Internal Labor'."""
    does: str
    """Plain words: 'split by driver staff_hours'."""
    method: str
    driver: str | None
    taken: Decimal | None
    """What it moved in the period shown; None where the period was not run."""


@dataclass(frozen=True)
class StepView:
    number: int
    name: str
    fills: str
    """tower, solution or consumer; 'classify' for the first."""
    rules: tuple[RuleView, ...]
    amount_in: Decimal | None
    amount_left: Decimal | None


@dataclass(frozen=True)
class ModelView:
    number: int
    name: str
    basis: str
    in_force_from: str
    applied_at: str
    applied_by: str
    comment: str
    text: str
    period: str | None
    currency: str | None
    steps: tuple[StepView, ...]
    versions: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError


def model_view(
    scope: Scope,
    *,
    number: int | None = None,
    period: str | None = None,
    currency: str | None = None,
) -> ModelView | None:
    """The version (the newest where none is named), or None where no model was applied yet.

    Raises BeyondScope for a restricted scope: rules and drivers name other consumers.
    """
    raise NotImplementedError
