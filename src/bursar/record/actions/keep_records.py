"""Act: keep records of a register: enter new ones, write the next version of known ones."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import User
from bursar.office.people.permissions import may, require
from bursar.record.errors import BadRecord, RecordChangedSince
from bursar.record.registers.known import register_named
from bursar.record.registers.register import Register
from bursar.record.registers.spreading import refresh_register
from bursar.record.registers.writing import Entry, Pen, Written, records_of, write_entries
from bursar.record.turns import in_turn

ACT = "record.keep_records"
SALARIES = "read.salaries"


def keep_records(
    *,
    acting_user: User | None,
    register: str,
    entries: Sequence[Entry],
    update: bool = False,
    reason: str = "",
    seen_version: int | None = None,
) -> Written:
    """Keep all of the entries, or none where one is not sound; their cost is derived at once.

    With `update`, known records get a next version with the fields that are given;
    `seen_version` is the one that the person had before their eyes. Refusals: people.not_allowed,
    record.unknown_register, record.bad_record, record.changed_since.
    """
    require(acting_user, ACT)
    kind = register_named(register)
    require_secrets(kind, entries, acting_user)
    written = in_turn(lambda: _keep(kind, entries, (acting_user, reason), (update, seen_version)))
    refresh_register(kind, acting_user)
    return written


def require_secrets(kind: Register, entries: Sequence[Entry], acting_user: User | None) -> None:
    """Who may not see a field may not set it. Refusals: people.not_allowed."""
    told = sorted({name for entry in entries for name in entry.given if name in kind.secrets})
    if told and not may(acting_user, SALARIES):
        raise NotAllowed(
            f"{', '.join(told)} may be set only by a role that may see salaries ({SALARIES}). "
            "An administrator can give such a role."
        )


def _keep(
    kind: Register,
    entries: Sequence[Entry],
    who: tuple[User | None, str],
    how: tuple[bool, int | None],
) -> Written:
    (acting_user, reason), (update, seen) = who, how
    with transaction.atomic():
        if seen is not None:
            _require_seen(kind, entries, seen)
        pen = Pen(actor_name(acting_user), reason.strip())
        written = write_entries(kind, entries, pen, update=update)
        if written.refused:
            raise BadRecord(told_problems(kind, written))
        if written.entered or written.changed:
            record_act(
                act=ACT, subject=kind.source, actor=acting_user, detail=journal_detail(written, pen)
            )
    return written


def told_problems(kind: Register, written: Written) -> str:
    """The reasons of the first refused entries, in one text."""
    told = []
    for entry, problems in written.refused[:5]:
        name = entry.number or (f"row {entry.row}" if entry.row else f"the new {kind.one.lower()}")
        told.append(f"{name}: " + " ".join(f"[{p.code}] {p.message}" for p in problems))
    more = len(written.refused) - 5
    return " ".join(told) + (f" And {more} more." if more > 0 else "")


def journal_detail(written: Written, pen: Pen) -> dict[str, object]:
    """Numbers and counts; contents stand in the versions, and may hold what few may see."""
    return {
        "entered": len(written.entered),
        "changed": len(written.changed),
        "numbers": (written.entered + written.changed)[:100],
        "reason": pen.reason,
    }


def _require_seen(kind: Register, entries: Sequence[Entry], seen: int) -> None:
    rows = records_of(kind).filter(number__in=[e.number for e in entries]).select_for_update()
    for record in rows:
        if record.version != seen:
            raise RecordChangedSince(
                f"{kind.one} {record.number} was changed by {record.changed_by} since you opened "
                f"it (version {record.version}, you saw {seen}). Look at it again."
            )
