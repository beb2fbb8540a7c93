"""Act: something happened to records on a day: half a fleet is retired, a contract dearer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.actions.keep_records import journal_detail, require_secrets, told_problems
from bursar.record.errors import BadRecord, UnknownRecord
from bursar.record.registers.known import register_named
from bursar.record.registers.register import Register
from bursar.record.registers.spreading import refresh_register
from bursar.record.registers.writing import Entry, Pen, Written, records_of, whole, write_entries
from bursar.record.turns import in_turn

ACT = "record.add_change"


def add_change(
    *,
    acting_user: User | None,
    register: str,
    numbers: Sequence[str],
    field: str,
    change: Mapping[str, Any],
    also: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Written:
    """Add one entry to a list of each record, as `changes`; `also` sets further fields.

    All of them or none. Refusals: people.not_allowed, record.unknown_register,
    record.unknown_record, record.bad_record.
    """
    require(acting_user, ACT)
    kind = register_named(register)
    told = {field: [dict(change)], **(also or {})}
    require_secrets(kind, [Entry("", told)], acting_user)
    wanted = list(dict.fromkeys(numbers))
    written = in_turn(lambda: _add(kind, wanted, told, (acting_user, reason.strip())))
    refresh_register(kind, acting_user)
    return written


def _add(
    kind: Register, numbers: list[str], told: Mapping[str, Any], who: tuple[User | None, str]
) -> Written:
    acting_user, reason = who
    field = next(iter(told))
    with transaction.atomic():
        rows = records_of(kind).select_for_update().filter(number__in=numbers, withdrawn=False)
        held = {record.number: whole(record) for record in rows}
        missing = [number for number in numbers if number not in held]
        if missing:
            raise UnknownRecord(
                f"{kind.title} keeps no record {', '.join(missing[:5])}. Look the number up in "
                "the list."
            )
        entries = [
            Entry(number, {**told, field: [*held[number].get(field, ()), *told[field]]})
            for number in numbers
        ]
        pen = Pen(actor_name(acting_user), reason)
        written = write_entries(kind, entries, pen, update=True)
        if written.refused:
            raise BadRecord(told_problems(kind, written))
        record_act(
            act=ACT, subject=kind.source, actor=acting_user,
            detail=journal_detail(written, pen) | {"field": field},
        )  # fmt: skip
    return written
