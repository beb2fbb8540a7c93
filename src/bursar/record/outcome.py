"""What an import did, in the words of the command line's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import exact_text
from bursar.core.tables.cube import BASES, COST_COLUMN
from bursar.record.models import Batch


@dataclass(frozen=True)
class ImportOutcome:
    """Batches in force after an import, the rows it rejected, and what a person should know."""

    file: str
    source: str
    format: str
    format_version: str
    batches: list[dict[str, Any]]
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    rejected_total: int = 0
    warnings: list[dict[str, str]] = field(default_factory=list)
    unchanged: bool = False
    import_token: str = ""
    corrections: list[dict[str, Any]] = field(default_factory=list)
    """Batches that book in open periods what the file changes in closed ones."""

    def to_json(self) -> dict[str, Any]:
        """The result as the command line prints it; `rejected_total` counts reasons not listed."""
        return {
            "file": self.file,
            "source": self.source,
            "format": self.format,
            "format_version": self.format_version,
            "import_token": self.import_token,
            "unchanged": self.unchanged,
            "rows_read": self.rows_read,
            "rows_accepted": self.rows_accepted,
            "rows_rejected": self.rows_rejected,
            "batches": self.batches,
            "corrections": self.corrections,
            "rejected": self.rejected,
            "rejected_total": self.rejected_total,
            "warnings": self.warnings,
        }


def totals_json(totals: Mapping[str, Mapping[str, Decimal | None]]) -> list[dict[str, str]]:
    """Exact sums per currency as text; a basis that no line states sums to 0."""
    return [
        {
            "currency": currency,
            **{COST_COLUMN[basis]: exact_text(sums[basis] or Decimal(0)) for basis in BASES},
        }
        for currency, sums in sorted(totals.items())
    ]


def batch_json(batch: Batch) -> dict[str, Any]:
    """One batch with its import, its totals and what it replaced."""
    replaced = next((b.batch_id for b in batch.supersedes.all()), None)
    return {
        "batch_id": batch.batch_id,
        "file": batch.made_by.file,
        "source": batch.source.name,
        "kind": batch.kind,
        "format": batch.made_by.format,
        "format_version": batch.made_by.format_version,
        "period": batch.period,
        "rows_read": batch.rows_read,
        "rows_accepted": batch.rows_accepted,
        "rows_rejected": batch.rows_rejected,
        "superseded_batch_id": replaced,
        "totals": batch.totals,
        "in_force": batch.superseded_at is None,
        "late": batch.late,
        "held_for": [
            {"legal_entity": entity, "period": period} for entity, period in batch.held_for
        ],
        "published_at": batch.published_at.isoformat(),
        "superseded_at": batch.superseded_at.isoformat() if batch.superseded_at else None,
        "import_token": batch.made_by.token,
        "imported_by": batch.made_by.imported_by,
        "undone": batch.made_by.undone_at is not None,
    }
