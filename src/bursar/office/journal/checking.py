"""Checking the journal: every entry's hash again from its content, from the first to the head."""

from __future__ import annotations

from bursar.office.journal.chain import START, link_hash
from bursar.office.journal.check import Check
from bursar.office.journal.models import Entry, Head

NAME = "journal chain"


def check_chain() -> Check:
    """Whether no entry was altered, removed, inserted or cut off at the end."""
    previous, expected = START, 1
    for entry in Entry.objects.order_by("seq").iterator():
        problem = _problem(entry, expected=expected, previous=previous)
        if problem:
            return Check(NAME, False, problem)
        previous, expected = entry.hash, expected + 1
    head = Head.objects.first()
    seq, link = (head.seq, head.hash) if head else (0, START)
    if (seq, link) != (expected - 1, previous):
        return Check(NAME, False, f"The head says {seq} entries, the journal holds {expected - 1}.")
    return Check(NAME, True, f"{expected - 1} entries, each chained to the one before.")


def _problem(entry: Entry, *, expected: int, previous: str) -> str | None:
    if entry.seq != expected:
        return f"Entry {expected} is missing; the next one is {entry.seq}."
    if entry.previous_hash != previous:
        return f"Entry {entry.seq} is not chained to entry {entry.seq - 1}."
    again = link_hash(
        seq=entry.seq,
        at=entry.at,
        who=(entry.actor, entry.act, entry.subject),
        detail=entry.detail,
        previous=entry.previous_hash,
    )
    if again != entry.hash:
        return f"Entry {entry.seq} ({entry.act}, {entry.at:%Y-%m-%d}) was altered after the act."
    return None
