"""How entries are chained: each hash covers the entry's own content and the hash before it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from bursar.core.refusal import InvariantBroken

START = "0" * 64


def canonical_json(value: Any) -> str:
    """One text for equal values: keys sorted, no spaces, characters as they are."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def plain_detail(detail: dict[str, Any]) -> dict[str, Any]:
    """The detail as any database gives it back, so that its hash can be recomputed later.

    Raises InvariantBroken for binary floats: databases print them differently, and money is
    never one.
    """
    _forbid_floats(detail, "detail")
    plain: dict[str, Any] = json.loads(canonical_json(detail))
    return plain


def link_hash(
    *, seq: int, at: datetime, who: tuple[str, str, str], detail: dict[str, Any], previous: str
) -> str:
    """The hash of one entry; `who` is (actor, act, subject)."""
    actor, act, subject = who
    content = {
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "act": act,
        "subject": subject,
        "detail": detail,
        "previous": previous,
    }
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _forbid_floats(value: Any, where: str) -> None:
    if isinstance(value, float):
        raise InvariantBroken(f"journal {where}: {value!r} is a float; write it as text.")
    if isinstance(value, dict):
        for key, inner in value.items():
            _forbid_floats(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _forbid_floats(inner, f"{where}[{index}]")
