"""Every period with its state, its history, what is stale of it and what was corrected."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from bursar.allocate.staleness import stale_marks
from bursar.flow.close import all_periods, checklist, periods_to_close
from bursar.office.calendar.models import Period, PeriodChange, PeriodState
from bursar.record.models import Batch


def periods_told() -> list[dict[str, Any]]:
    """Newest first, one row per period and legal entity."""
    stale: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for mark in stale_marks():
        stale[mark.period].append(mark.to_json())
    held = _held()
    corrections = _corrections()
    return [
        {
            "period": one.code,
            "legal_entity": one.legal_entity.code,
            "start": one.start.isoformat(),
            "end": one.end.isoformat(),
            "state": one.state,
            "stale": stale[one.code],
            "held_batches": held[one.legal_entity.code, one.code],
            "corrections": corrections[one.legal_entity.code, one.code],
        }
        for one in all_periods()
    ]


def period_told(code: str, entity_code: str) -> dict[str, Any]:
    """One period with its checklist and history. Refusals: period.none."""
    [found] = periods_to_close(code, entity_code)
    told = next(
        row for row in periods_told() if (row["period"], row["legal_entity"]) == (code, entity_code)
    )
    return {
        **told,
        "checks": _checks(found),
        "changes": [_change(change) for change in found.changes.order_by("-at", "-id")],
    }


def _checks(period: Period) -> list[dict[str, Any]]:
    """The checklist as it stands now; of a closed period, as it stood when it was closed."""
    if period.state == PeriodState.CLOSED:
        last = period.changes.filter(after=PeriodState.CLOSED).last()
        if last is not None:
            return list(last.checks)
    return [line.to_json() for line in checklist(period)]


def _change(change: PeriodChange) -> dict[str, Any]:
    return {
        "before": change.before,
        "after": change.after,
        "at": change.at.isoformat(),
        "by": change.by,
        "reason": change.reason,
        "waived": [c["name"] for c in change.checks if c["state"] == "waived"],
    }


def _held() -> dict[tuple[str, str], list[str]]:
    """Batches that came after a period was closed, by what they were held for."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for batch in Batch.objects.exclude(held_for=[]).order_by("published_at"):
        for entity, period in batch.held_for:
            found[entity, period].append(batch.batch_id)
    return found


def _corrections() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Corrections in force, by where they are booked."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    rows = Batch.objects.filter(superseded_at__isnull=True, source__corrects__isnull=False)
    for batch in rows.select_related("source", "source__corrects").order_by("period"):
        for posting in sorted(batch.posted):
            found[posting].append(
                {
                    "batch_id": batch.batch_id,
                    "source": batch.source.corrects.name if batch.source.corrects else "",
                    "billing_period": batch.period,
                    "totals": batch.totals,
                }
            )
    return found
