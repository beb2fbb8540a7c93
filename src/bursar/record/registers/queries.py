"""Reading registers: lists, one record with its history, what is due, what could not be taken.

Secret fields leave here only for those who may see salaries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from bursar.core.money.amount import parse_amount
from bursar.office.people.models import User
from bursar.office.people.permissions import may, require
from bursar.record.documents.attachments import path_of
from bursar.record.errors import RegisterImportUnknown, UnknownRecord
from bursar.record.models import (
    Attachment,
    RecordMatch,
    RecordVersion,
    RegisterImport,
    RegisterRecord,
)
from bursar.record.registers.fields import Content, Holds
from bursar.record.registers.known import REGISTERS, register_named
from bursar.record.registers.register import Due, Register, Schedule
from bursar.record.registers.writing import records_of, whole

READ = "read.registers"
SALARIES = "read.salaries"


@dataclass(frozen=True)
class Shown:
    """A record as one person may see it."""

    number: str
    version: int
    title: str
    content: Mapping[str, Any]
    withdrawn: bool
    changed_at: Any
    changed_by: str


@dataclass(frozen=True)
class Asked:
    """Which records of a register, in which order."""

    search: str = ""
    """A text that the number or any field holds, in any case."""
    where: Mapping[str, str] | None = None
    """Field -> value that it must have; "" is a field that says nothing."""
    order: str = "number"
    """A field or `number`, with `-` in front for descending."""
    withdrawn: bool = False


@dataclass(frozen=True)
class DueRecord:
    """Something due, with the record that asks for it."""

    register: Register
    number: str
    title: str
    due: Due


def records(user: User | None, register: Register, asked: Asked) -> QuerySet[RegisterRecord]:
    """The records asked for, to be counted and sliced. Refusals: people.not_allowed.

    Only fields that are no secret can be searched, filtered by and ordered by: otherwise their
    order would tell them.
    """
    require(user, READ)
    rows = records_of(register).filter(withdrawn=asked.withdrawn)
    open_fields = {f.name: f for f in register.fields if not f.secret}
    for name, value in (asked.where or {}).items():
        if name in open_fields:
            held = {f"content__{name}": value}
            rows = rows.filter(**held) if value else rows.exclude(content__has_key=name)
    if asked.search:
        texts = [n for n, f in open_fields.items() if f.holds is not Holds.LIST]
        found = Q(number__icontains=asked.search)
        for name in texts:
            found |= Q(**{f"content__{name}__icontains": asked.search})
        rows = rows.filter(found)
    return rows.order_by(*_order(open_fields, asked.order), "number")


def _order(open_fields: Mapping[str, Any], order: str) -> list[Any]:
    name = order.removeprefix("-")
    if name not in open_fields:
        return ["-number"] if order == "-number" else []
    key: Any = KeyTextTransform(name, "content")
    if open_fields[name].holds in (Holds.MONEY, Holds.NUMBER, Holds.WHOLE):
        # Only the order is taken from this; the figures shown stay exact text.
        key = Cast(key, models.DecimalField(max_digits=38, decimal_places=6))
    expression = key.desc(nulls_last=True) if order.startswith("-") else key.asc(nulls_last=True)
    return [expression]


def shown(user: User | None, register: Register, record: RegisterRecord) -> Shown:
    """A record without what this person may not see."""
    return Shown(
        record.number, record.version, register.titled(record.content),
        visible(user, record), record.withdrawn, record.changed_at, record.changed_by,
    )  # fmt: skip


def visible(user: User | None, row: RegisterRecord | RecordVersion) -> Content:
    """The content that this person may see."""
    return whole(row) if may(user, SALARIES) else dict(row.content)


def one_record(user: User | None, register: Register, number: str) -> RegisterRecord:
    """Refusals: people.not_allowed, record.unknown_record."""
    require(user, READ)
    found = records_of(register).filter(number=number).first()
    if found is None:
        raise UnknownRecord(
            f"{register.title} keeps no record '{number}'. Look the number up in the list."
        )
    return found


def history(user: User | None, record: RegisterRecord) -> list[tuple[RecordVersion, Content]]:
    """Every version with what this person may see of it, the newest first."""
    require(user, READ)
    rows = record.versions.select_related("made_from").order_by("-version")
    return [(version, visible(user, version)) for version in rows]


def schedule_of(
    user: User | None, register: Register, record: RegisterRecord, day: date
) -> Schedule | None:
    """The record's months as seen on a day; None where they would tell a secret,
    or where records of this register have none."""
    require(user, READ)
    if register.schedule is None or (register.secrets and not may(user, SALARIES)):
        return None
    return register.schedule(whole(record), day)


def due(
    user: User | None, first: date, last: date, registers: Sequence[Register] = ()
) -> list[DueRecord]:
    """What is due from one day to another, both included, in the order of days."""
    require(user, READ)
    found = [
        DueRecord(register, record.number, register.titled(record.content), one)
        for register in registers or REGISTERS
        for record in records_of(register).filter(withdrawn=False).iterator()
        for one in register.due(record.content, last)
        if first <= one.day <= last
    ]
    return sorted(found, key=lambda one: (one.due.day, one.register.name, one.number))


def register_imports(user: User | None, register: Register) -> QuerySet[RegisterImport]:
    """Tables that were read into a register, the newest first."""
    require(user, READ)
    return RegisterImport.objects.filter(register=register.name)


def one_import(user: User | None, token: str) -> RegisterImport:
    """The reading of one table. Refusals: people.not_allowed, record.unknown_register_import."""
    require(user, READ)
    made = RegisterImport.objects.filter(token=token).first()
    if made is None:
        raise RegisterImportUnknown(f"No table '{token}' was read into a register.")
    return made


def rejected_of(user: User | None, token: str) -> list[dict[str, Any]]:
    """Rows of one table that were refused; secret cells only for those who may see them.

    Refusals: people.not_allowed, record.unknown_register_import.
    """
    made = one_import(user, token)
    secrets = frozenset() if may(user, SALARIES) else register_named(made.register).secrets
    return [_open_part(row, secrets) for row in made.rejected] if secrets else made.rejected


def _open_part(row: dict[str, Any], secrets: frozenset[str]) -> dict[str, Any]:
    """A refused row without its cells, and without what a text says of a secret field."""
    problems = [
        {**p, "message": "A field that you may not see."} if _of_secret(p, secrets) else p
        for p in row["problems"]
    ]
    return {**row, "cells": {}, "problems": problems}


def _of_secret(problem: dict[str, str], secrets: frozenset[str]) -> bool:
    return problem["field"].split("[")[0].split(".")[0] in secrets


def record_matches(user: User | None, state: str = "") -> list[RecordMatch]:
    """Invoices of records, proposed ones first, the largest money first."""
    require(user, READ)
    rows = RecordMatch.objects.filter(state=state) if state else RecordMatch.objects.all()
    order = {s: place for place, s in enumerate(RecordMatch.State.values)}
    return sorted(rows, key=lambda m: (order[m.state], -parse_amount(m.invoiced), m.pk))


def files_of(user: User | None, register: Register, record: RegisterRecord) -> list[Attachment]:
    """Files of a record, in the order in which they came; where a register has secrets, a file
    may hold one, and only those who may see salaries see that it is there (rule RG9)."""
    require(user, READ)
    if register.secrets and not may(user, SALARIES):
        return []
    return list(Attachment.objects.filter(record=record).order_by("id"))


def one_file(
    user: User | None, register: Register, record: RegisterRecord, sha256: str
) -> tuple[Attachment, Path]:
    """A file of a record and where its bytes lie. Refusals: people.not_allowed,
    record.unknown_record where there is no such file, or none that this person may see."""
    for file in files_of(user, register, record):
        place = path_of(file.sha256)
        if file.sha256 == sha256 and place.is_file():
            return file, place
    raise UnknownRecord(f"{register.one} {record.number} has no such file.")
