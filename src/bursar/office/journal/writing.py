"""Writing the journal: one entry per act, inside the transaction of the act itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import connection

from bursar.core.refusal import InvariantBroken
from bursar.office.journal.chain import link_hash, plain_detail
from bursar.office.journal.models import Entry, Head


class Actor(Protocol):
    """Whoever can be named in the journal; people's User is one."""

    def get_username(self) -> str: ...


def record_act(
    *, act: str, subject: str, actor: Actor | str | None, detail: dict[str, Any]
) -> Entry:
    """Append one entry; it stands or falls with the caller's transaction.

    The head of the chain is locked until that transaction ends, so concurrent acts queue up and
    entries never fork. None as actor means the operator at the command line, or Bursar itself.
    """
    if not connection.in_atomic_block:
        raise InvariantBroken(f"journal: '{act}' is recorded outside a transaction.")
    head, _ = Head.objects.select_for_update().get_or_create(singleton=True)
    # Microseconds are what both databases keep; the hash must be recomputable from the row.
    at = datetime.now(UTC)
    name = actor_name(actor)
    plain = plain_detail(detail)
    subject = subject[:200]
    seq = head.seq + 1
    link = link_hash(seq=seq, at=at, who=(name, act, subject), detail=plain, previous=head.hash)
    entry = Entry(
        seq=seq,
        at=at,
        actor=name,
        act=act,
        subject=subject,
        detail=plain,
        previous_hash=head.hash,
        hash=link,
    )
    entry.save(force_insert=True)
    head.seq, head.hash = seq, link
    head.save(update_fields=["seq", "hash"])
    return entry


def actor_name(actor: Actor | str | None) -> str:
    """How an actor is written in the journal."""
    if actor is None:
        return "system"
    return actor if isinstance(actor, str) else actor.get_username()
