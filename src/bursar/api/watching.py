"""Watched places over HTTP, and what arrived of every source."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from bursar.api.callers import caller, scope_for
from bursar.record.actions.add_watch import WatchOrder, add_watch
from bursar.record.actions.poll_watches import poll_watches
from bursar.record.actions.remove_watch import remove_watch
from bursar.record.arrivals.listing import watch_json, watches
from bursar.report.arrivals import arrivals

router = Router(tags=["watches"])


class NewWatch(Schema):
    """A place to watch; credentials are never part of it."""

    source: str
    url: str
    pattern: str = "*"
    format: str = "auto"
    profile: str = ""
    each_adds: bool = False
    rhythm: str = "monthly"
    due_day: int | None = None
    grace_days: int = 0


@router.get("/arrivals", summary="What arrived per source and month, and what is late")
def get_arrivals(request: HttpRequest) -> dict[str, Any]:
    return arrivals(scope_for(request, "read.data"), today=datetime.now(UTC).date()).to_json()


@router.get("/watches", summary="Watched folders and object stores")
def get_watches(request: HttpRequest) -> dict[str, Any]:
    scope_for(request, "read.data")
    return {"watches": watches()}


@router.post("/watches", summary="Watch a place for files of one source")
def post_watch(request: HttpRequest, *, watch: NewWatch) -> dict[str, Any]:
    order = WatchOrder(**watch.dict())
    return watch_json(add_watch(order=order, acting_user=caller(request)))


@router.delete("/watches/{source}", summary="Watch a place no longer")
def delete_watch(request: HttpRequest, *, source: str) -> dict[str, Any]:
    remove_watch(source=source, acting_user=caller(request))
    return {"removed": source}


@router.post("/watch-polls", summary="Look at watched places now")
def post_poll(
    request: HttpRequest, *, source: str | None = None, retry: bool = False
) -> dict[str, Any]:
    found = poll_watches(acting_user=caller(request), source=source, retry=retry)
    return {"watches": [one.to_json() for one in found]}
