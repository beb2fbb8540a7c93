"""Watches and arrivals as surfaces show them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from bursar.record.models import Arrival, Watch

_PLAIN = (
    "source", "url", "pattern", "format", "profile", "each_adds", "rhythm", "due_day",
    "grace_days", "problem",
)  # fmt: skip


def watch_json(watch: Watch) -> dict[str, Any]:
    """One watch with all that was said of it."""
    return {name: getattr(watch, name) for name in _PLAIN} | {
        "owner": watch.owner.get_username() if watch.owner else None,
        "added_at": watch.added_at.isoformat(),
        "polled_at": watch.polled_at.isoformat(timespec="seconds") if watch.polled_at else None,
    }


def watches() -> list[dict[str, Any]]:
    """Every watch, with the number of its arrivals."""
    rows = Watch.objects.select_related("owner").annotate(count=Count("arrivals"))
    return [watch_json(row) | {"arrivals": row.count} for row in rows]


def recent_arrivals(most: int = 50) -> list[dict[str, Any]]:
    """What arrived last, in every state."""
    rows = Arrival.objects.select_related("watch", "made_by").order_by("-changed_at")[:most]
    return [
        {
            "source": row.watch.source,
            "name": row.name,
            "state": row.state,
            "words": row.get_state_display(),
            "size": row.size,
            "code": row.code,
            "message": row.message,
            "changed_at": row.changed_at.isoformat(),
            "import_token": row.made_by.token if row.made_by else None,
        }
        for row in rows
    ]
