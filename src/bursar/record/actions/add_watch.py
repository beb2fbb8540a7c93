"""Watching a place for files of one source."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from bursar.connect.reading import FORMATS
from bursar.office.journal.writing import record_act
from bursar.office.people.models import Role, User
from bursar.office.people.permissions import require
from bursar.record.arrivals.places import Place, check_url, is_local
from bursar.record.errors import BadWatch
from bursar.record.models import Rhythm, Watch

ACT = "record.add_watch"
_LAST_DUE = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7, Rhythm.MONTHLY: 31}


@dataclass(frozen=True)
class WatchOrder:
    """What to watch, how its files are read, and when they are expected."""

    source: str
    url: str
    pattern: str = "*"
    format: str = "auto"
    profile: str = ""
    each_adds: bool = False
    rhythm: str = Rhythm.MONTHLY
    due_day: int | None = None
    grace_days: int = 0


def add_watch(*, order: WatchOrder, acting_user: User | None) -> Watch:
    """Watch a place from now on; an order for a source that is watched replaces it.

    Its address is looked at once, so that a wrong one is told now. Refusals: people.not_allowed,
    watch.bad_watch, watch.unreachable.
    """
    require(acting_user, ACT)
    url = check_url(order.url)
    _check(order)
    if acting_user is not None and acting_user.role != Role.ADMINISTRATOR and is_local(url):
        raise BadWatch(
            "A folder of the server is watched only by an administrator, or at its command line. "
            "Name an object store, or ask an administrator."
        )
    Place(url).everything()
    due = (
        order.due_day if order.due_day is not None else {Rhythm.MONTHLY: 10}.get(_rhythm(order), 1)
    )
    rows = asdict(order) | {"url": url, "due_day": due, "source": order.source.strip()}
    with transaction.atomic():
        watch, _ = Watch.objects.update_or_create(
            source=rows.pop("source"),
            defaults={**rows, "owner": acting_user, "problem": ""},
            create_defaults={**rows, "owner": acting_user, "added_at": timezone.now()},
        )
        record_act(act=ACT, subject=watch.source, actor=acting_user, detail=rows)
    return watch


def _rhythm(order: WatchOrder) -> Rhythm:
    if order.rhythm not in Rhythm.values:
        raise BadWatch(f"'{order.rhythm}' is no rhythm. Choose {', '.join(Rhythm.values)}.")
    return Rhythm(order.rhythm)


def _check(order: WatchOrder) -> None:
    if not 0 < len(order.source.strip()) <= 100:
        raise BadWatch("The name of the source has 1 to 100 characters.")
    if not 0 < len(order.pattern) <= 200:
        raise BadWatch("A pattern has 1 to 200 characters, such as payables-*.csv.")
    if order.format != "auto" and order.format not in FORMATS:
        raise BadWatch(f"There is no format '{order.format}'. Choose auto, {', '.join(FORMATS)}.")
    last = _LAST_DUE[_rhythm(order)]
    if order.due_day is not None and not 1 <= order.due_day <= last:
        raise BadWatch(f"The due day of a {order.rhythm} source lies between 1 and {last}.")
    if not 0 <= order.grace_days <= 366:
        raise BadWatch("The days of grace lie between 0 and 366.")
