"""Records as JSON tells them, to commands and over HTTP; what one may not see is left out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from bursar.office.people.models import User
from bursar.record.models import RecordMatch, RegisterImport, RegisterRecord
from bursar.record.registers.fields import Field
from bursar.record.registers.queries import DueRecord, files_of, history, schedule_of, shown
from bursar.record.registers.register import Register, Schedule
from bursar.record.registers.writing import Written


def row_json(user: User | None, register: Register, record: RegisterRecord) -> dict[str, Any]:
    """A record in a list."""
    told = shown(user, register, record)
    return {
        "number": told.number,
        "version": told.version,
        "title": told.title,
        "withdrawn": told.withdrawn,
        "changed_at": told.changed_at.isoformat(),
        "changed_by": told.changed_by,
        "content": dict(told.content),
    }


def record_json(
    user: User | None, register: Register, record: RegisterRecord, day: date
) -> dict[str, Any]:
    """One record with its months as seen on a day, its history and what is due within a year."""
    months = schedule_of(user, register, record, day)
    until = date(day.year + 1, day.month, min(day.day, 28))
    due = register.due(record.content, until) if not record.withdrawn else ()
    return row_json(user, register, record) | {
        "schedule": schedule_json(months) if months is not None else None,
        "due": [{"date": d.day.isoformat(), "what": d.what, "told": d.told} for d in due],
        "files": [
            {
                "name": file.name,
                "sha256": file.sha256,
                "bytes": file.bytes,
                "attached_at": file.attached_at.isoformat(),
                "attached_by": file.attached_by,
            }
            for file in files_of(user, register, record)
        ],
        "history": [
            {
                "version": version.version,
                "made_at": version.made_at.isoformat(),
                "made_by": version.made_by,
                "reason": version.reason,
                "withdrawn": version.withdrawn,
                "import": version.made_from.token if version.made_from else None,
                "content": content,
            }
            for version, content in history(user, record)
        ],
    }


def schedule_json(months: Schedule) -> dict[str, Any]:
    """The months with the titles of their columns; amounts are text."""
    return {
        "columns": dict(months.columns),
        "rows": [dict(row) for row in months.rows],
        "facts": dict(months.facts),
    }


def written_json(written: Written) -> dict[str, Any]:
    """What an act on records did."""
    return {
        "entered": written.entered,
        "changed": written.changed,
        "unchanged": written.unchanged,
    }


def import_json(made: RegisterImport) -> dict[str, Any]:
    """One table that was read; its refused rows are told apart."""
    return {
        "token": made.token,
        "register": made.register,
        "file": made.file,
        "rows_read": made.rows_read,
        "entered": made.entered,
        "changed": made.changed,
        "unchanged": made.unchanged,
        "rejected": len(made.rejected),
        "imported_at": made.imported_at.isoformat(),
        "imported_by": made.imported_by,
        "undone_at": made.undone_at.isoformat() if made.undone_at else None,
    }


def due_json(found: Iterable[DueRecord]) -> list[dict[str, Any]]:
    """What is due, in the order of days."""
    return [
        {
            "date": one.due.day.isoformat(),
            "what": one.due.what,
            "told": one.due.told,
            "register": one.register.name,
            "number": one.number,
            "title": one.title,
        }
        for one in found
    ]


def fields_json(fields: Iterable[Field]) -> list[dict[str, Any]]:
    """What records are made of."""
    return [
        {
            "name": field.name,
            "title": field.title,
            "holds": field.holds.value,
            "meaning": field.meaning,
            "required": field.required,
            "secret": field.secret,
            **({"choices": list(field.choices)} if field.choices else {}),
            **({"parts": fields_json(field.parts)} if field.parts else {}),
        }
        for field in fields
    ]


def match_json(match: RecordMatch) -> dict[str, Any]:
    """An invoice and the records that it pays for."""
    return {
        "match": match.pk,
        "state": match.state,
        "register": match.register,
        "numbers": match.numbers,
        "amount": match.amount,
        "invoiced": match.invoiced,
        "currency": match.currency,
        "period": match.period,
        "source": match.source,
        "vendor": match.vendor,
        "account": match.account,
        "score": match.score,
        "why": match.why,
        "remembered": match.remembered,
        "decided_by": match.decided_by,
    }
