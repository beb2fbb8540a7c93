"""Reading the journal."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from bursar.office.journal.models import Entry


def entries(*, act: str = "", subject: str = "", text: str = "") -> QuerySet[Entry]:
    """Entries, newest first; filtered by beginning of the act, exact subject, or any text."""
    found = Entry.objects.order_by("-seq")
    if act:
        found = found.filter(act__startswith=act)
    if subject:
        found = found.filter(subject=subject)
    if text:
        found = found.filter(
            Q(act__icontains=text) | Q(subject__icontains=text) | Q(actor__icontains=text)
        )
    return found


def entry_json(entry: Entry) -> dict[str, Any]:
    """One entry as the command line and the API print it."""
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "act": entry.act,
        "subject": entry.subject,
        "detail": entry.detail,
        "hash": entry.hash,
    }
