"""AI use in force, by day, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from bursar.core.calc.ai_use import ModelUse
from bursar.core.tables.ai_usage import AI_USAGE_LINE, TOKEN_CLASSES
from bursar.lake.ai_sums import ai_sums
from bursar.office.manifest.writing import in_force
from bursar.record.models import AiAssignment, Batch


@dataclass(frozen=True)
class DayUse:
    feed: str
    day: date
    use: ModelUse


def usage_batches(feed: str | None = None) -> list[str]:
    """Batches in force of one log, or of all."""
    rows = Batch.objects.filter(kind=AI_USAGE_LINE.name, superseded_at__isnull=True)
    if feed is not None:
        rows = rows.filter(source__name=feed)
    return sorted(rows.values_list("batch_id", flat=True))


def read_usage(feed: str | None = None) -> list[DayUse]:
    """All use in force. Refusals: lake.file_missing."""
    files = in_force(AI_USAGE_LINE.name).filter(owner__in=usage_batches(feed))
    paths = [Path(settings.LAKE_FOLDER) / path for path in files.values_list("path", flat=True)]
    return [
        DayUse(
            row["feed"],
            row["day"],
            ModelUse(
                principal=row["principal"] or "",
                team=row["team"] or "",
                provider=row["provider"] or "",
                model=row["model"],
                tokens=tuple(row[f"{name}_tokens"] for name in TOKEN_CLASSES),
                requests=row["requests"],
            ),
        )
        for row in ai_sums(paths).to_pylist()
    ]


def within(uses: list[DayUse], first: date, last: date) -> Iterator[ModelUse]:
    return (one.use for one in uses if first <= one.day <= last)


@dataclass(frozen=True)
class Assignments:
    """Consumers by principal, and by team where the principal has none."""

    principals: dict[str, str]
    teams: dict[str, str]

    def consumer_of(self, principal: str, team: str) -> str | None:
        return self.principals.get(principal) or self.teams.get(team)


def assignments() -> Assignments:
    rows = list(AiAssignment.objects.all())
    kinds = AiAssignment.Kind
    return Assignments(
        {row.value: row.consumer for row in rows if row.kind == kinds.PRINCIPAL},
        {row.value: row.consumer for row in rows if row.kind == kinds.TEAM},
    )
