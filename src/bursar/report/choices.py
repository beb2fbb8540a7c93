"""What there is to choose: periods, currencies, entities, consumers and dimensions, in scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bursar.office.people.scope import Scope


@dataclass(frozen=True)
class Choices:
    periods: tuple[str, ...]
    """Newest first; for a restricted scope only periods that were run."""
    run_periods: tuple[str, ...]
    currencies: tuple[str, ...]
    """The one with most money first."""
    legal_entities: tuple[str, ...]
    bases: tuple[str, ...]
    consumers: tuple[str, ...]
    dimensions: tuple[str, ...]
    """What `costs` takes in this scope."""
    model_version: int | None
    data_as_of: str | None
    """UTC moment of the newest publication, ISO 8601."""

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError


def choices(scope: Scope) -> Choices:
    raise NotImplementedError
