"""Writing records: the next version of each, and the row that shows it (rules RG1-RG3).

The acts of `actions/` call this inside their transaction; nothing else writes these rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from bursar.record.models import RecordVersion, RegisterImport, RegisterRecord
from bursar.record.registers.fields import Content, Problem, read_content
from bursar.record.registers.register import EXTRA, NOTES, Register

_BATCH = 1_000
_LONGEST_NUMBER = 100
_OF_ITS_OWN = ("name", NOTES.name, EXTRA.name)
"""Fields that a record never takes from another one."""


@dataclass(frozen=True)
class Entry:
    """One record as somebody gave it; without a number it gets the register's next one."""

    number: str
    given: Mapping[str, Any]
    row: int = 0
    """Row of the file, from 1; 0 where there is none."""


@dataclass
class Written:
    """What became of the entries, by number; and those that were refused, with their reasons."""

    entered: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[tuple[Entry, list[Problem]]] = field(default_factory=list)


@dataclass(frozen=True)
class Pen:
    """Who writes, why, when, and from which table."""

    by: str
    reason: str = ""
    at: datetime = field(default_factory=timezone.now)
    made_from: RegisterImport | None = None


@dataclass(frozen=True)
class _Sound:
    entry: Entry
    number: str
    content: Content


def records_of(register: Register) -> QuerySet[RegisterRecord]:
    return RegisterRecord.objects.filter(register=register.name)


def whole(record: RegisterRecord | RecordVersion) -> Content:
    """Content and secret fields together, for calculations; never for a page."""
    return {**record.content, **record.secret}


def write_entries(
    register: Register, entries: Sequence[Entry], pen: Pen, *, update: bool, partly: bool = False
) -> Written:
    """Enter what is new, and with `update` write the next version of what is there.

    An update says only the fields that change: a field that is not given stays, one given as ""
    is emptied. What is not sound is refused with its reasons and nothing of it is written.
    `partly` lets the sound ones be written all the same; without it one refusal stops all.
    """
    written = Written()
    held = {r.number: r for r in records_of(register).filter(number__in=_numbers(entries))}
    sound = _sound(register, entries, (held, update), written)
    sound = _fits_others(register, sound, written)
    if written.refused and not partly:
        return written
    fresh, changed = [], []
    for one in sound:
        record = held.get(one.number)
        if record is None:
            written.entered.append(one.number)
            fresh.append(one)
        elif whole(record) == one.content and not record.withdrawn:
            written.unchanged.append(one.number)
        else:
            written.changed.append(one.number)
            changed.append((record, one.content))
    _enter(register, fresh, pen)
    write_versions(register, changed, pen)
    return written


def write_versions(
    register: Register, changes: Iterable[tuple[RegisterRecord, Content]], pen: Pen,
    *, withdrawn: bool = False,
) -> None:  # fmt: skip
    """Give each record its next version."""
    records, versions = [], []
    for record, content in changes:
        record.version += 1
        record.content, record.secret = _apart(register, content)
        record.withdrawn = withdrawn
        record.changed_at, record.changed_by = pen.at, pen.by
        records.append(record)
        versions.append(_version(record, pen))
    shown = ["version", "content", "secret", "withdrawn", "changed_at", "changed_by"]
    RegisterRecord.objects.bulk_update(records, shown, batch_size=_BATCH)
    RecordVersion.objects.bulk_create(versions, batch_size=_BATCH)


def next_numbers(register: Register, count: int) -> list[str]:
    """Numbers nobody has, in order: the register's prefix and at least five digits."""
    pattern = re.compile(rf"{re.escape(register.prefix)}-(\d+)")
    taken = records_of(register).filter(number__startswith=f"{register.prefix}-")
    met = (pattern.fullmatch(number) for number in taken.values_list("number", flat=True))
    last = max((int(found.group(1)) for found in met if found), default=0)
    return [f"{register.prefix}-{last + n:05d}" for n in range(1, count + 1)]


def _numbers(entries: Sequence[Entry]) -> list[str]:
    return [entry.number for entry in entries if entry.number]


def _sound(
    register: Register,
    entries: Sequence[Entry],
    known: tuple[dict[str, RegisterRecord], bool],
    written: Written,
) -> list[_Sound]:
    held, update = known
    patterns = _patterns(register)
    given_numbers = iter(next_numbers(register, sum(not entry.number for entry in entries)))
    sound: list[_Sound] = []
    met: dict[str, Entry] = {}
    for entry in entries:
        number = entry.number or next(given_numbers)
        record = held.get(number)
        problems = _of_number(register, number, met.get(number))
        if record is not None and not update:
            problems.append(_known_already(register, number))
        met.setdefault(number, entry)
        given = _with_defaults(register, entry.given, patterns)
        if record is not None:
            given = {**whole(record), **entry.given}
        content, wrong = read_content(register.fields, given)
        problems += wrong or list(register.check(content))
        if problems:
            written.refused.append((entry, problems))
        else:
            sound.append(_Sound(entry, number, content))
    return sound


def _patterns(register: Register) -> dict[str, Content]:
    """The records that new ones take defaults from, by number in small letters."""
    if register.defaults is None:
        return {}
    rows = RegisterRecord.objects.filter(register=register.defaults[0], withdrawn=False)
    return {row.number.casefold(): row.content for row in rows}


def _with_defaults(
    register: Register, given: Mapping[str, Any], patterns: Mapping[str, Content]
) -> Mapping[str, Any]:
    if register.defaults is None:
        return given
    pattern = patterns.get(str(given.get(register.defaults[1], "")).strip().casefold(), {})
    shared = {n: v for n, v in pattern.items() if n not in _OF_ITS_OWN and register.field(n)}
    return {**shared, **{name: value for name, value in given.items() if value != ""}}


def _of_number(register: Register, number: str, before: Entry | None) -> list[Problem]:
    if before is not None:
        place = f"row {before.row}" if before.row else "an earlier entry"
        told = f"{register.one} {number} stands in {place} already; give it once."
        return [Problem("record.number_twice", "number", told)]
    if len(number) > _LONGEST_NUMBER or not number.isprintable() or "@" in number:
        told = f"'{number[:30]}' is no number: at most {_LONGEST_NUMBER} printed signs without @."
        return [Problem("record.bad_value", "number", told)]
    return []


def _known_already(register: Register, number: str) -> Problem:
    told = (
        f"{register.one} {number} is kept already. Say that known ones are to be updated, "
        "or give this one another number."
    )
    return Problem("record.known_already", "number", told)


def _fits_others(register: Register, sound: list[_Sound], written: Written) -> list[_Sound]:
    """Without those that contradict records that stand beside them."""
    coming = {one.number: one.content for one in sound}
    if register.across is None:
        return sound
    others = records_of(register).filter(withdrawn=False)
    standing = {r.number: whole(r) for r in others.iterator() if r.number not in coming}
    wrong: dict[str, list[Problem]] = {}
    for number, problem in register.across({**standing, **coming}):
        wrong.setdefault(number, []).append(problem)
    written.refused += [(o.entry, wrong[o.number]) for o in sound if o.number in wrong]
    return [one for one in sound if one.number not in wrong]


def _enter(register: Register, fresh: Sequence[_Sound], pen: Pen) -> None:
    records = []
    for one in fresh:
        content, secret = _apart(register, one.content)
        records.append(RegisterRecord(
            register=register.name, number=one.number, version=1, content=content, secret=secret,
            changed_at=pen.at, changed_by=pen.by,
        ))  # fmt: skip
    made = RegisterRecord.objects.bulk_create(records, batch_size=_BATCH)
    RecordVersion.objects.bulk_create([_version(r, pen) for r in made], batch_size=_BATCH)


def _version(record: RegisterRecord, pen: Pen) -> RecordVersion:
    return RecordVersion(
        record=record, version=record.version, content=record.content, secret=record.secret,
        withdrawn=record.withdrawn, made_at=pen.at, made_by=pen.by, reason=pen.reason,
        made_from=pen.made_from,
    )  # fmt: skip


def _apart(register: Register, content: Content) -> tuple[Content, Content]:
    secrets = register.secrets
    return (
        {name: value for name, value in content.items() if name not in secrets},
        {name: value for name, value in content.items() if name in secrets},
    )
