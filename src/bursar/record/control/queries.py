"""Whether a period's reconciliation is signed: what the closing checklist asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bursar.record.control.reading import control_periods
from bursar.record.models import Batch, Signature


@dataclass(frozen=True)
class Signed:
    """A signature that stands, and whether the figures changed since it was given."""

    signed_by: str
    signed_at: str
    basis: str
    comment: str
    changed_since: bool


def signed(period: str, entity: str) -> Signed | None:
    """The signature of a period and legal entity; None where nobody signed."""
    row = Signature.objects.filter(
        period=period, legal_entity=entity, withdrawn_at__isnull=True
    ).first()
    if row is None:
        return None
    return Signed(
        signed_by=row.signed_by,
        signed_at=row.signed_at.isoformat(),
        basis=row.basis,
        comment=row.comment,
        changed_since=row.stands_on != standing(period, entity),
    )


def has_control(period: str) -> bool:
    """Whether a balance of the general ledger was loaded for the period."""
    return period in control_periods()


def standing(period: str, entity: str) -> str:
    """A digest of the batches that the reconciliation of a period and entity is made of."""
    rows = Batch.objects.filter(superseded_at__isnull=True)
    seen = [
        batch_id
        for kind, batch_id, of, postings in rows.order_by("batch_id").values_list(
            "kind", "batch_id", "period", "postings"
        )
        if (kind == "control_balance" and of == period)
        or (kind == "cost_line" and [entity, period] in postings)
    ]
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()
