"""What was recorded: batches in force and replaced, with their control totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bursar.office.people.scope import Scope
from bursar.record import queries
from bursar.report.balance import require_everything


@dataclass(frozen=True)
class Batches:
    """Rows with the fields of `bursar import`'s batches, `in_force`, `published_at` and `kind`."""

    rows: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """`{"batches": [...]}`."""
        return {"batches": list(self.rows)}


def batches(
    scope: Scope,
    *,
    period: str | None = None,
    source: str | None = None,
    in_force: bool | None = None,
) -> Batches:
    """Batches by source and period, replaced ones too unless told otherwise.

    Raises BeyondScope for a restricted scope.
    """
    require_everything(scope, "The list of batches")
    rows = queries.batches(superseded=in_force is not True, source=source)
    if in_force is False:
        rows = [row for row in rows if not row["in_force"]]
    if period is not None:
        rows = [row for row in rows if row["period"] == period]
    return Batches(tuple(rows))
