"""Checks an issued document offline, from its own proof file alone (rule ST10).

Nothing here reads a database: whoever was given a document can check it on another machine, and
sees no figure of anybody else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_sum
from bursar.core.money.currency import minor_digits
from bursar.core.money.rounding import largest_remainder, round_half_up
from bursar.core.refusal import Refused
from bursar.office.journal.chain import canonical_json, link_hash

FORMAT = "bursar-statement-proof-1"
_PARTS = ("solution", "tower", "cost_pool")


class NotAProof(Refused):
    """The file is no proof of an issued document. Declared here and not beside the others, whose
    module needs a database's settings."""

    code = "statement.not_a_proof"


@dataclass(frozen=True)
class Finding:
    """One thing that was computed again."""

    name: str
    ok: bool
    detail: str

    def to_json(self) -> dict[str, object]:
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


def check_proof(proof: Any) -> list[Finding]:
    """Every check, in order; refuses `statement.not_a_proof` where the file is something else."""
    if not isinstance(proof, dict) or proof.get("format") != FORMAT:
        raise NotAProof(
            f"This is no proof of a statement (its `format` is not '{FORMAT}'). Write one with "
            "`bursar issued proof NUMBER --out FILE`."
        )
    checks: list[tuple[str, Callable[[Mapping[str, Any]], str]]] = [
        ("fingerprint", _fingerprint),
        ("sum of the lines", _lines),
        ("journal entry", _entry),
    ]
    if proof.get("statement") is not None:
        checks[2:2] = [("statement behind it", _statement), ("rounding", _rounding)]
    found = []
    for name, check in checks:
        try:
            wrong = check(proof)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            wrong = f"it cannot be computed: {error!r}"
        found.append(Finding(name, not wrong, wrong or "as it was issued"))
    return found


def _hash(content: Any) -> str:
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _fingerprint(proof: Mapping[str, Any]) -> str:
    if _hash(proof["document"]) != proof["sha256"]:
        return "what the document says is not what its SHA-256 was made of"
    return ""


def _lines(proof: Mapping[str, Any]) -> str:
    said = proof["document"]
    total = exact_sum(Decimal(line["amount"]) for line in said["lines"])
    return "" if total == Decimal(said["amount"]) else f"the lines add up to {total}"


def _statement(proof: Mapping[str, Any]) -> str:
    said, behind = proof["document"], proof["statement"]
    if _hash(behind) != said["statement_sha256"]:
        return "the statement is not the one that the document names"
    if behind["document_total"] != said["amount"]:
        return "the document charges another total than the statement"
    shown = [[line[part] for part in _PARTS] + [line["amount"]] for line in said["lines"]]
    meant = [
        [line[part] for part in _PARTS] + [line["document_amount"]] for line in behind["lines"]
    ]
    return "" if shown == meant else "the document's lines are not the statement's"


def _rounding(proof: Mapping[str, Any]) -> str:
    """The rounded year to date, less what was printed before; lines by largest remainder."""
    behind, before = proof["statement"], proof["issued_before"]
    exact = [Decimal(line["amount"]) for line in behind["lines"]]
    total, digits = exact_sum(exact), minor_digits(behind["currency"])
    if total != Decimal(behind["total"]):
        return f"the exact lines add up to {total}"
    to_date = round_half_up(EXACT.add(Decimal(before["exact"]), total), digits)
    printed = EXACT.subtract(to_date, Decimal(before["printed"]))
    if printed != Decimal(behind["document_total"]):
        return f"rounded year-to-date, the document would charge {printed}"
    keys = [tuple(line[part] or "" for part in _PARTS) for line in behind["lines"]]
    rounded = [printed, *(Decimal(0) for _ in exact[1:])]
    if any(exact):
        rounded = largest_remainder(exact, keys=keys, digits=digits, total=printed)
    meant = [Decimal(line["document_amount"]) for line in behind["lines"]]
    return "" if rounded == meant else "the lines are rounded otherwise"


def _entry(proof: Mapping[str, Any]) -> str:
    entry = proof["journal"]
    computed = link_hash(
        seq=entry["seq"],
        at=datetime.fromisoformat(entry["at"]),
        who=(entry["actor"], entry["act"], entry["subject"]),
        detail=entry["detail"],
        previous=entry["previous_hash"],
    )
    if computed != entry["hash"]:
        return "the journal entry's hash is not that of its content"
    said = proof["document"]
    if (entry["subject"], entry["detail"]["sha256"]) != (said["number"], proof["sha256"]):
        return "the journal entry is about another document"
    return ""
