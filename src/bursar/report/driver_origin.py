"""Where a driver's quantities come from, how old they are, and whether anybody measured them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from bursar.allocate.language.driver_notes import DriverNote
from bursar.allocate.language.model import CostModel
from bursar.allocate.model_text import parse_model
from bursar.office.manifest.models import LakeFile
from bursar.record import queries
from bursar.record.models import Batch
from bursar.report.periods import last_day


@dataclass(frozen=True)
class DriverOrigin:
    """What can be said of one driver in one period beside its quantities."""

    quality: str
    """measured or estimated; empty where the model does not say."""
    description: str
    sources: tuple[str, ...]
    imported_on: date | None
    """The day of the latest import that holds a quantity of it."""
    days_after: int | None
    """Days from the period's last day to that import; below zero it came before the end."""

    @property
    def sentence(self) -> str:
        """'estimated; from helpdesk, imported on 2026-04-03, 3 days after the period's end'."""
        parts = [self.quality or "not said whether measured or estimated"]
        if self.imported_on is not None:
            parts.append(
                f"from {', '.join(self.sources)}, imported on {self.imported_on}, {self.age}"
            )
        return "; ".join(parts)

    @property
    def age(self) -> str:
        if self.days_after is None:
            return ""
        days = abs(self.days_after)
        counted = f"{days} day{'' if days == 1 else 's'}"
        if self.days_after < 0:
            return f"{counted} before the period's end"
        return f"{counted} after the period's end" if days else "on the period's last day"

    def to_json(self) -> dict[str, Any]:
        return {
            "quality": self.quality or None,
            "description": self.description,
            "sources": list(self.sources),
            "imported_on": self.imported_on.isoformat() if self.imported_on else None,
            "days_after": self.days_after,
        }


UNTOLD = DriverOrigin("", "", (), None, None)
"""Of a driver without a row of which the model says nothing."""


def driver_origins(
    files: Iterable[LakeFile], *, period: str, notes: Mapping[str, DriverNote]
) -> Mapping[str, DriverOrigin]:
    """Driver → its origin, of every driver with a row in these files of usage lines; one that has
    none says what the model says of it."""
    files = list(files)
    owners = Batch.objects.filter(batch_id__in={file.owner for file in files})
    batches = {batch.batch_id: batch for batch in owners.select_related("source")}
    held: dict[str, list[Batch]] = defaultdict(list)
    for file in files:
        for measure in queries.measures_of(file):
            held[measure].append(batches[file.owner])
    return {
        driver: _origin(held.get(driver, []), period, notes.get(driver, DriverNote()))
        for driver in sorted({*held, *notes})
    }


def model_said(text: str | None) -> CostModel:
    """The model of a version's text, with what it says for people and no run freezes."""
    return (_parsed(text) if text else None) or CostModel()


@lru_cache(maxsize=32)
def _parsed(text: str) -> CostModel | None:
    return parse_model(text).model


def _origin(batches: list[Batch], period: str, note: DriverNote) -> DriverOrigin:
    latest = max((batch.published_at.date() for batch in batches), default=None)
    return DriverOrigin(
        quality=note.quality,
        description=note.description,
        sources=tuple(sorted({batch.source.name for batch in batches})),
        imported_on=latest,
        days_after=None if latest is None else (latest - last_day(period)).days,
    )
