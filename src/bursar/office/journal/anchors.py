"""Anchors: the journal's head, kept where nobody who runs the installation can change it.

The chain of hashes shows a change of a past entry unless all later ones are computed again. Who
may write the database could do that. An anchor outside says which hash an entry had on a day, so
a chain that was computed again no longer fits it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

from bursar.office.journal.check import Check
from bursar.office.journal.checking import check_chain
from bursar.office.journal.models import Entry, Head

ACT = "journal.anchor"
"""The act that is recorded after an anchor was taken outside."""
NAME = "journal anchors"
_KEYS = {"seq", "hash", "at"}


@dataclass(frozen=True)
class Anchor:
    """Which hash the journal's last entry had at a moment."""

    seq: int
    hash: str
    at: str
    """UTC, ISO 8601, to the second."""

    @property
    def line(self) -> str:
        """One line of JSON, as it is kept outside."""
        return json.dumps({"seq": self.seq, "hash": self.hash, "at": self.at})

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def head_now() -> Anchor | None:
    """The journal's head at this moment; None while it is empty."""
    head = Head.objects.first()
    if head is None or not head.seq:
        return None
    return Anchor(head.seq, head.hash, datetime.now(UTC).isoformat(timespec="seconds"))


def last_anchored() -> Entry | None:
    """The entry of the latest anchoring."""
    return Entry.objects.filter(act=ACT).order_by("-seq").first()


def changed_since_anchored() -> int:
    """Entries after the latest anchor that are something else than anchoring."""
    last = last_anchored()
    after = last.detail["seq"] if last else 0
    return Entry.objects.filter(seq__gt=after).exclude(act=ACT).count()


def read_anchors(content: bytes) -> tuple[Anchor, ...]:
    """Every anchor in a file of lines, in a saved mail, or in any text around them."""
    return tuple(_anchors(_text(content).splitlines()))


def check_anchors(anchors: Iterable[Anchor]) -> Check:
    """Whether the journal of today is whole and is the one that the anchors were taken of."""
    chain = check_chain()
    if not chain.ok:
        return Check(NAME, False, chain.detail)
    wanted = sorted(anchors, key=lambda anchor: (anchor.seq, anchor.at))
    hashes = dict(
        Entry.objects.filter(seq__in={anchor.seq for anchor in wanted}).values_list("seq", "hash")
    )
    for anchor in wanted:
        if anchor.seq not in hashes:
            said = f"Entry {anchor.seq}, which was there at {anchor.at}, is missing: the journal "
            return Check(NAME, False, said + "was cut off or replaced since.")
        if hashes[anchor.seq] != anchor.hash:
            said = f"Entry {anchor.seq} is not the one that was there at {anchor.at}: it or one "
            return Check(NAME, False, said + "before it was rewritten since.")
    last = wanted[-1]
    later = Entry.objects.filter(seq__gt=last.seq).count()
    held = f"{len(wanted)} anchor{'s hold' if wanted[1:] else ' holds'}"
    said = f"{held}; the last is of entry {last.seq} at {last.at}, {later} came after it."
    return Check(NAME, True, said)


def _text(content: bytes) -> str:
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain",)) if "subject" in mail else None
    return body.get_content() if body is not None else content.decode("utf-8", "replace")


def _anchors(lines: Iterable[str]) -> Iterator[Anchor]:
    for line in lines:
        begin, end = line.find("{"), line.rfind("}")
        try:
            found = json.loads(line[begin : end + 1]) if begin >= 0 else None
        except ValueError:
            continue
        if not isinstance(found, dict):
            continue
        # A webhook keeps the message inside of its own JSON.
        if isinstance(found.get("message"), str) and found["message"] != line:
            yield from _anchors(found["message"].splitlines())
        elif found.keys() >= _KEYS and isinstance(found["seq"], int):
            yield Anchor(found["seq"], str(found["hash"]), str(found["at"]))
