"""Invoices that seem to count twice, with both lines, and documents that hold credits."""

from __future__ import annotations

from bursar.office.people.scope import Scope
from bursar.record.duplicates.finding import find_duplicates
from bursar.record.duplicates.told import KINDS, Duplicates
from bursar.record.queries import imported
from bursar.report.balance import require_everything

__all__ = ["KINDS", "Duplicates", "duplicates"]

MOST = 200
"""Listed at most, largest money first; counts and totals are of all."""


def duplicates(scope: Scope, *, import_token: str | None = None, most: int = MOST) -> Duplicates:
    """Of everything in force, or of what one import brought.

    Raises BeyondScope for a restricted scope. Refusals: import.unknown_import, lake.file_damaged.
    """
    require_everything(scope, "The list of suspected duplicates")
    if import_token is None:
        return find_duplicates(most=most)
    batches = imported(import_token)["batches"]
    return find_duplicates((b["batch_id"] for b in batches if b["in_force"]), most=most)
