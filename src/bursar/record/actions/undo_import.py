"""Undoing an import as one act: what it put in force goes, what it replaced comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.models import LakeFile
from bursar.office.manifest.writing import raise_version, supersede
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.actions.reindex_batches import reindex_batches
from bursar.record.corrections.lateness import ACT as LATE
from bursar.record.errors import ConcurrentImport, ReasonNeeded
from bursar.record.models import Batch, Import
from bursar.record.promotion import promoted_columns
from bursar.record.refreshing import refresh
from bursar.record.turns import in_turn
from bursar.record.undoing import Undoing, plan_undoing, soft_closed

ACT = "record.undo_import"
_LONGEST_REASON = 400


@dataclass(frozen=True)
class Undone:
    """What an undoing did: batches taken out of force, and those that count again."""

    import_token: str
    file: str
    source: str
    withdrawn: tuple[dict[str, Any], ...]
    restored: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "import_token": self.import_token,
            "file": self.file,
            "source": self.source,
            "withdrawn": list(self.withdrawn),
            "restored": list(self.restored),
        }


def undo_import(*, import_token: str, reason: str, acting_user: User | None) -> Undone:
    """Take an import back; its files stay readable, and importing it again records it again.

    Refusals: people.not_allowed, record.reason_needed, import.unknown_import,
    import.not_undoable, import.replaced_since, import.period_closed, import.concurrent.
    """
    require(acting_user, ACT)
    why = reason.strip()
    if not 0 < len(why) <= _LONGEST_REASON:
        raise ReasonNeeded(
            f"Say in 1 to {_LONGEST_REASON} characters why the import is undone; the journal "
            "keeps it."
        )
    try:
        undone = in_turn(lambda: _undo(import_token, why, acting_user))
    except OperationalError as error:
        raise ConcurrentImport(
            f"The database is busy ({error}). Nothing was undone; try again."
        ) from error
    _index_again(acting_user)
    refresh(acting_user)
    return undone


def _undo(token: str, reason: str, user: User | None) -> Undone:
    with transaction.atomic():
        raise_version()
        plan, now = plan_undoing(token), timezone.now()
        if soft_closed(plan):
            require(user, LATE)
        for batch in plan.withdrawn:
            batch.superseded_at = now
            batch.save(update_fields=["superseded_at"])
        supersede([*(batch.batch_id for batch in plan.withdrawn), token], at=now)
        _restore(plan.restored)
        _mark(plan.made_by, reason, user, now)
        undone = _told(plan)
        detail = {**undone.to_json(), "reason": reason}
        record_act(act=ACT, subject=undone.source, actor=user, detail=detail)
        return undone


def _restore(batches: list[Batch]) -> None:
    """After those in their place went: only one batch of a source and period may be in force."""
    for batch in batches:
        batch.superseded_at = None
        batch.superseded_by = None
        batch.save(update_fields=["superseded_at", "superseded_by"])
    owners = [batch.batch_id for batch in batches]
    LakeFile.objects.filter(owner__in=owners).update(superseded_at=None)


def _mark(made_by: Import, reason: str, user: User | None, now: datetime) -> None:
    made_by.undone_at, made_by.undone_by, made_by.undone_reason = now, actor_name(user), reason
    made_by.save(update_fields=["undone_at", "undone_by", "undone_reason"])


def _told(plan: Undoing) -> Undone:
    def batches(found: list[Batch]) -> tuple[dict[str, Any], ...]:
        return tuple(
            {"batch_id": b.batch_id, "period": b.period, "rows": b.rows_accepted,
             "totals": b.totals}
            for b in found
        )  # fmt: skip

    return Undone(
        import_token=plan.made_by.token,
        file=plan.made_by.file,
        source=plan.made_by.source.name,
        withdrawn=batches(plan.withdrawn),
        restored=batches(plan.restored),
    )


def _index_again(user: User | None) -> None:
    """A batch that comes back may have been written before other columns were promoted."""
    now = promoted_columns()
    held = Batch.objects.filter(superseded_at__isnull=True, kind="cost_line")
    if any(tuple(promoted) != now for promoted in held.values_list("promoted", flat=True)):
        reindex_batches(promote=now, acting_user=user)
