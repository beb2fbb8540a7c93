"""What the record works out from lines in force, worked out again after these changed.

Downstream pulls: an import and a run call `refresh`, and each derivation looks for itself whether
what it stands on changed. None of them is called by what it reads.
"""

from __future__ import annotations

from collections.abc import Callable

from bursar.office.people.models import User
from bursar.record.ai.refreshing import refresh_ai_use
from bursar.record.clusters.refreshing import refresh_clusters
from bursar.record.commitments.refreshing import refresh_commitments
from bursar.record.evidence.refresher import refresh_matches
from bursar.record.registers.invoices import refresh_invoices
from bursar.record.registers.spreading import refresh_registers

Refresher = Callable[[User | None], None]
"""Brings one kind of derived lines up to date; publishes nothing where nothing changed."""

REFRESHERS: tuple[Refresher, ...] = (
    refresh_clusters,
    refresh_ai_use,
    refresh_commitments,
    refresh_registers,
    refresh_matches,
    refresh_invoices,
)
"""In the order in which they build on one another."""


def refresh(acting_user: User | None) -> None:
    """Bring every derivation up to date. Refusals: those of `publish_derived`."""
    for refresher in REFRESHERS:
        refresher(acting_user)
