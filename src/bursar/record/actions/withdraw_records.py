"""Act: take records back that were entered by mistake; they cost nothing, their history stays."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.errors import ReasonNeeded, UnknownRecord
from bursar.record.registers.known import register_named
from bursar.record.registers.register import Register
from bursar.record.registers.spreading import refresh_register
from bursar.record.registers.writing import Pen, records_of, whole, write_versions
from bursar.record.turns import in_turn

ACT = "record.withdraw_records"


def withdraw_records(
    *, acting_user: User | None, register: str, numbers: Sequence[str], reason: str
) -> None:
    """Withdraw all of them. To keep one again, enter it anew under its number with an update.

    Refusals: people.not_allowed, record.unknown_register, record.unknown_record,
    record.reason_needed.
    """
    require(acting_user, ACT)
    kind = register_named(register)
    if not reason.strip():
        raise ReasonNeeded("Say why the record is withdrawn; the journal and its history show it.")
    in_turn(lambda: _withdraw(kind, list(dict.fromkeys(numbers)), reason.strip(), acting_user))
    refresh_register(kind, acting_user)


def _withdraw(kind: Register, numbers: list[str], reason: str, acting_user: User | None) -> None:
    with transaction.atomic():
        rows = {r.number: r for r in records_of(kind).filter(number__in=numbers, withdrawn=False)}
        missing = [number for number in numbers if number not in rows]
        if missing:
            raise UnknownRecord(
                f"{kind.title} keeps no record {', '.join(missing[:5])}, or it was withdrawn "
                "before. Look the number up in the list."
            )
        pen = Pen(actor_name(acting_user), reason)
        changes = [(rows[number], whole(rows[number])) for number in numbers]
        write_versions(kind, changes, pen, withdrawn=True)
        record_act(
            act=ACT, subject=kind.source, actor=acting_user,
            detail={"numbers": numbers[:100], "count": len(numbers), "reason": reason},
        )  # fmt: skip
