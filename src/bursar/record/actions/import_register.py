"""Act: read a table into a register; rows that are not sound are kept with their reasons."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from bursar.connect.sheets import SheetTable, read_sheets
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.entities import default_entity
from bursar.record.actions.keep_records import journal_detail, require_secrets
from bursar.record.models import RegisterImport
from bursar.record.registers.known import register_named
from bursar.record.registers.register import Register
from bursar.record.registers.spreading import refresh_register
from bursar.record.registers.tables import ReadTable, Told, read_table, rejected_rows
from bursar.record.registers.writing import Pen, records_of, write_entries
from bursar.record.turns import in_turn

ACT = "record.import_register"


@dataclass(frozen=True)
class TableChoices:
    """What the person chose beside the file."""

    update: bool = False
    """Known numbers get a next version; without it their rows are rejected."""
    constants: Mapping[str, str] = field(default_factory=dict)
    dates: str | None = None
    columns: Mapping[str, str] | None = None
    sheet: str | None = None
    reason: str = ""


def import_register(
    *, acting_user: User | None, register: str, paths: Sequence[Path], choices: TableChoices
) -> list[RegisterImport]:
    """One import per table. Refusals: people.not_allowed, record.unknown_register,
    record.not_a_register_table, record.date_order_unclear, and those of reading files."""
    require(acting_user, ACT)
    kind = register_named(register)
    made = []
    for table in read_sheets(paths, sheet=choices.sheet):
        read = read_table(kind, table, Told(choices.constants, choices.dates, choices.columns))
        _fill_currency(kind, read)
        require_secrets(kind, read.entries, acting_user)
        made.append(in_turn(lambda t=table, r=read: _write(kind, (t, r), choices, acting_user)))  # type: ignore[misc]
    refresh_register(kind, acting_user)
    return made


@dataclass(frozen=True)
class Preview:
    """What reading a table would do: its outcome, and what each column was understood as."""

    outcome: RegisterImport
    headers: tuple[str, ...]
    used: Mapping[str, str]
    examples: Mapping[str, str]


def preview_register(
    *, acting_user: User | None, register: str, paths: Sequence[Path], choices: TableChoices
) -> list[Preview]:
    """The same path as the import, taken back at its end. Refusals: as `import_register`."""
    require(acting_user, ACT)
    kind = register_named(register)
    found = []
    for table in read_sheets(paths, sheet=choices.sheet):
        read = read_table(kind, table, Told(choices.constants, choices.dates, choices.columns))
        _fill_currency(kind, read)
        require_secrets(kind, read.entries, acting_user)
        examples = {
            name: column.examples[0] for name, column in table.columns.items() if column.examples
        }
        outcome = in_turn(lambda t=table, r=read: _tried(kind, (t, r), choices, acting_user))  # type: ignore[misc]
        found.append(Preview(outcome, table.names, read.used, examples))
    return found


def _tried(
    kind: Register,
    found: tuple[SheetTable, ReadTable],
    choices: TableChoices,
    acting_user: User | None,
) -> RegisterImport:
    with transaction.atomic():
        made = _write(kind, found, choices, acting_user)
        transaction.set_rollback(True)
    return made


def _fill_currency(kind: Register, read: ReadTable) -> None:
    """Where nothing tells, the money of a new record is in the first entity's currency."""
    if kind.field("currency") is None:
        return
    currency = default_entity().currency
    numbers = [entry.number for entry in read.entries]
    known = set(records_of(kind).filter(number__in=numbers).values_list("number", flat=True))
    for entry in read.entries:
        told = entry.given.get("currency") or entry.number in known
        if not told and isinstance(entry.given, dict):
            entry.given["currency"] = currency


def _write(
    kind: Register,
    found: tuple[SheetTable, ReadTable],
    choices: TableChoices,
    acting_user: User | None,
) -> RegisterImport:
    table, read = found
    with transaction.atomic():
        pen = Pen(actor_name(acting_user), choices.reason.strip())
        made = RegisterImport.objects.create(
            token=secrets.token_hex(8), register=kind.name, file=table.file[:255],
            content_sha256=_sha256(table), rows_read=len(table.rows), entered=0, changed=0,
            unchanged=0, imported_at=pen.at, imported_by=pen.by,
        )  # fmt: skip
        pen = Pen(pen.by, pen.reason, pen.at, made)
        written = write_entries(kind, read.entries, pen, update=choices.update, partly=True)
        refused = sorted([*read.refused, *written.refused], key=lambda one: one[0].row)
        cells = {
            number: dict(zip(table.names, row, strict=True))
            for number, row in zip(table.numbers, table.rows, strict=True)
        }
        made.entered, made.changed = len(written.entered), len(written.changed)
        made.unchanged = len(written.unchanged)
        made.rejected = rejected_rows(cells, refused)
        made.save()
        detail = {"token": made.token, "file": made.file, "rejected": len(refused)}
        record_act(
            act=ACT, subject=kind.source, actor=acting_user,
            detail=detail | journal_detail(written, pen),
        )  # fmt: skip
    return made


def _sha256(table: SheetTable) -> str:
    text = "\n".join("\x1f".join(row) for row in (table.names, *table.rows))
    return hashlib.sha256(text.encode()).hexdigest()
