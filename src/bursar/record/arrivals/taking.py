"""Taking one delivery in: fetch its parts, import them as one, and note what came of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import structlog
from django.conf import settings

from bursar.core.refusal import Refused
from bursar.lake.errors import disk_refusals
from bursar.record.actions.import_files import import_files
from bursar.record.arrivals.deliveries import Delivery
from bursar.record.arrivals.places import Place
from bursar.record.models import Arrival, ArrivalState, Import
from bursar.record.sources import slug

log = structlog.get_logger(__name__)
_LONGEST_SOURCE = 120


def take(place: Place, delivery: Delivery, row: Arrival) -> None:
    """Sets the row's state, and what the import said; the caller saves it."""
    watch, home = row.watch, Path(settings.BURSAR_HOME)
    try:
        with tempfile.TemporaryDirectory(prefix=".arrival-", dir=home) as folder:
            paths = _fetched(place, delivery, Path(folder))
            if paths is None:
                row.state, row.message = ArrivalState.SETTLING, "It changed while it was read."
                return
            outcome = import_files(
                paths=paths,
                acting_user=None,
                source=source_of(watch.source, delivery.name, each_adds=watch.each_adds),
                format=watch.format,
                profile=watch.profile or None,
            )
    except Refused as refusal:
        row.state, row.code = ArrivalState.REFUSED, refusal.code
        row.message = refusal.message[:1000]
    except Exception as defect:  # one bad file must not keep the others out
        log.exception("arrival failed", watch=watch.source, name=delivery.name)
        row.state, row.code = ArrivalState.REFUSED, "job.failed"
        row.message = f"{defect} This is a defect of Bursar; nothing was recorded."[:1000]
    else:
        row.state = ArrivalState.IMPORTED
        row.made_by = Import.objects.get(token=outcome.import_token)
        if outcome.unchanged:
            row.message = "The same content was in force already."


def source_of(source: str, name: str, *, each_adds: bool) -> str:
    """Where files add to one another each is a source of its own, so that none replaces another."""
    if not each_adds:
        return source
    return f"{source}: {slug(name.split('.', maxsplit=1)[0])}"[:_LONGEST_SOURCE]


def _fetched(place: Place, delivery: Delivery, folder: Path) -> list[Path] | None:
    """The parts as files, in the manifest's order; None where one changed meanwhile."""
    paths = []
    for number, part in enumerate(delivery.parts):
        own = folder / f"{number:05d}"  # parts from different folders may be called the same
        path = own / part.name.rpartition("/")[2]
        with disk_refusals(folder):
            own.mkdir()
            if not place.fetch(part, path):
                return None
        paths.append(path)
    return paths
