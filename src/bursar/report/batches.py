"""What was recorded: batches in force and replaced, with their control totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bursar.office.people.scope import Scope


@dataclass(frozen=True)
class Batches:
    """Rows with the fields of `bursar import`'s batches, `in_force`, `published_at` and `kind`."""

    rows: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """`{"batches": [...]}`."""
        raise NotImplementedError


def batches(
    scope: Scope,
    *,
    period: str | None = None,
    source: str | None = None,
    in_force: bool | None = None,
) -> Batches:
    """Batches, newest first. Raises BeyondScope for a restricted scope."""
    raise NotImplementedError
