"""Act: say which bill a log of AI use explains, and split it."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.ai.refreshing import refresh_ai_use, refresh_feed
from bursar.record.errors import BadAiSetting, UnknownAiFeed
from bursar.record.models import AiFeed, Cluster, Source


def set_ai_feed(
    *,
    acting_user: User | None,
    name: str,
    active: bool = True,
    bill: str | None = None,
    extent: str | None = None,
) -> AiFeed:
    """Say which bill a log of AI use explains, and split it; None leaves as it is.

    Refuses: people.not_allowed, record.unknown_ai_feed, record.bad_ai_setting, and what
    `publish_derived` refuses except a closed period.
    """
    require(acting_user, "record.set_ai_use")
    refresh_ai_use(acting_user)
    feed = AiFeed.objects.filter(name=name).select_related("bill").first()
    if feed is None:
        known = ", ".join(AiFeed.objects.values_list("name", flat=True)) or "none yet"
        raise UnknownAiFeed(
            f"There is no log of AI use '{name}' (known: {known}). Import it first; its source's "
            "name is its name."
        )
    with transaction.atomic():
        before = _told(feed)
        feed.state = AiFeed.State.ACTIVE if active else AiFeed.State.OFF
        if bill is not None:
            feed.bill = _bill(bill)
        if extent is not None and extent not in AiFeed.Extent.values:
            raise BadAiSetting(f"'{extent}' is no extent; write {', '.join(AiFeed.Extent.values)}.")
        feed.extent = extent or feed.extent
        if active:
            _refuse_overlap(feed)
        if _told(feed) != before:
            feed.version += 1
            feed.save()
            detail = {"before": before, "after": _told(feed), "version": feed.version}
            record_act(
                act="record.set_ai_use", subject=name, actor=acting_user, detail=detail
            )  # fmt: skip
    refresh_feed(feed, acting_user)
    return feed


def _bill(name: str) -> Source | None:
    found = Source.objects.filter(name=name).first() if name else None
    if name and found is None:
        raise BadAiSetting(f"There is no source '{name}'. `bursar batches` lists them.")
    return found


def _refuse_overlap(feed: AiFeed) -> None:
    """A line is split once: two logs of one bill are one log, under one source's name."""
    others = AiFeed.objects.filter(state=AiFeed.State.ACTIVE).exclude(pk=feed.pk)
    for other in others:
        if feed.bill_id is None or other.bill_id in (None, feed.bill_id):
            raise BadAiSetting(
                f"'{other.name}' explains the same bill, and a line is split once. Import both "
                "logs under one --source, or name another bill."
            )
    clusters = Cluster.objects.filter(
        state=Cluster.State.ACTIVE, extent=Cluster.Extent.EVERYTHING
    )  # fmt: skip
    for cluster in clusters:
        if feed.bill_id is None or cluster.bill_id in (None, feed.bill_id):
            raise BadAiSetting(
                f"Cluster '{cluster.name}' takes everything on this bill, and a line is split "
                "once. Set its extent to resources or tag first."
            )


def _told(feed: AiFeed) -> dict[str, str]:
    bill = feed.bill.name if feed.bill else ""
    return {"state": str(feed.state), "bill": bill, "extent": str(feed.extent)}
