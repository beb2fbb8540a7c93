"""Which journals were given to the general ledger."""

from __future__ import annotations

from typing import Any

from bursar.allocate.models import PostingExport
from bursar.office.people.scope import Scope
from bursar.report.balance import require_everything


def posting_exports(scope: Scope, *, period: str | None = None) -> list[dict[str, Any]]:
    """Exports by period and time. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The list of exported journals")
    rows = PostingExport.objects.select_related("run_period__run")
    if period is not None:
        rows = rows.filter(period=period)
    return [
        {
            "period": row.period,
            "basis": row.basis,
            "layout": row.layout,
            "run_id": row.run_period.run.run_id,
            "lines": len(row.postings),
            "sha256": row.content_sha256,
            "exported_at": row.exported_at.isoformat(),
            "exported_by": row.exported_by,
        }
        for row in rows
    ]
