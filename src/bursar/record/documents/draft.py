"""A document as somebody wrote it down, before it is entered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import AmountError, exact_text, parse_amount
from bursar.record.errors import BadDocument
from bursar.record.models import LineBasis

TEXTS = (
    "gl_account", "cost_center", "vendor", "initiative", "treatment", "intent", "solution",
    "description",
)  # fmt: skip
"""Columns of a line that hold plain text."""
LINE_FIELDS = ("amount", "basis", *TEXTS, "service_start", "service_end", "tags")
HEAD_FIELDS = (
    "kind", "date", "period", "legal_entity", "currency", "description", "vendor",
    "document_ref", "corrects", "lines",
)  # fmt: skip


@dataclass(frozen=True)
class DraftLine:
    """One amount; texts that are empty say nothing."""

    amount: Decimal
    basis: str = ""
    """Empty: what the document's kind fills."""
    service_start: date | None = None
    service_end: date | None = None
    gl_account: str = ""
    cost_center: str = ""
    vendor: str = ""
    initiative: str = ""
    treatment: str = ""
    intent: str = ""
    solution: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A document's head and its lines."""

    kind: str
    date: date
    currency: str
    description: str
    lines: Sequence[DraftLine]
    period: str = ""
    """Posting period; empty is the one that holds the date."""
    legal_entity: str = ""
    vendor: str = ""
    document_ref: str = ""
    corrects: str = ""

    def digest(self) -> str:
        """SHA-256 of the content, by which a repeated request is known."""
        told = {f.name: getattr(self, f.name) for f in fields(self)}
        told["lines"] = [_line_json(line) for line in self.lines]
        text = json.dumps(told, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def read_draft(given: Mapping[str, Any]) -> Draft:
    """A draft from JSON as the command line and the API take it.

    Refusals: record.bad_document.
    """
    if not isinstance(given, Mapping):
        raise BadDocument("A document is a JSON object with kind, date, currency and lines.")
    _known(given, HEAD_FIELDS, "The document")
    rows = given.get("lines")
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        raise BadDocument("The document has no lines. Give at least one with an amount.")
    texts = ("description", "vendor", "document_ref", "corrects", "legal_entity", "period")
    return Draft(
        kind=_text(given, "kind", "The document"),
        date=_day(given.get("date"), "The document", "date"),
        currency=_text(given, "currency", "The document"),
        lines=tuple(read_line(row, n) for n, row in enumerate(rows, start=1)),
        **{name: _text(given, name, "The document") for name in texts},
    )


def read_line(given: Mapping[str, Any], number: int) -> DraftLine:
    """One line, refused with its number. Refusals: record.bad_document."""
    place = f"Line {number}"
    if not isinstance(given, Mapping):
        raise BadDocument(f"{place} is no JSON object. Write {{'amount': '10.00'}} or more.")
    _known(given, LINE_FIELDS, place)
    return DraftLine(
        amount=_amount(given.get("amount"), place),
        basis=_text(given, "basis", place),
        service_start=_maybe_day(given.get("service_start"), place, "service_start"),
        service_end=_maybe_day(given.get("service_end"), place, "service_end"),
        tags=_tags(given.get("tags"), place),
        **{name: _text(given, name, place) for name in TEXTS},
    )


def _known(given: Mapping[str, Any], names: Sequence[str], place: str) -> None:
    strange = [str(name) for name in given if name not in names]
    if strange:
        raise BadDocument(
            f"{place} has no field '{strange[0]}'. Its fields are {', '.join(names)}."
        )


def _text(given: Mapping[str, Any], name: str, place: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadDocument(f"{place}: {name} is {value!r}; write it as text in quotes.")
    return value.strip()


def _amount(value: Any, place: str) -> Decimal:
    if isinstance(value, Decimal):
        value = exact_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise BadDocument(f'{place}: write the amount as text, such as "12.50", not {value!r}.')
    try:
        return parse_amount(value)
    except AmountError as refusal:
        raise BadDocument(f"{place}: {refusal.message}.") from refusal


def _day(value: Any, place: str, name: str) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as problem:
        raise BadDocument(
            f"{place}: '{value or ''}' is no {name}; write it as 2026-01-31."
        ) from problem


def _maybe_day(value: Any, place: str, name: str) -> date | None:
    return None if value in (None, "") else _day(value, place, name)


def _tags(value: Any, place: str) -> dict[str, str]:
    if value in (None, "", {}):
        return {}
    if isinstance(value, str):
        value = _parsed_tags(value, place)
    if not isinstance(value, Mapping) or any(not isinstance(v, str) for v in value.values()):
        raise BadDocument(f'{place}: tags are an object of texts, such as {{"team": "data"}}.')
    return {str(key): text for key, text in value.items()}


def _parsed_tags(text: str, place: str) -> Any:
    """Tags as a person writes them in a cell: `team=data, env=prod`, or as JSON."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError as problem:
            raise BadDocument(f"{place}: the tags are no JSON object: {problem}.") from problem
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not equals or not key.strip() for key, equals, _ in pairs):
        raise BadDocument(f"{place}: write tags as team=data, env=prod.")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _line_json(line: DraftLine) -> dict[str, Any]:
    told = {f.name: getattr(line, f.name) for f in fields(line)}
    return {**told, "amount": exact_text(line.amount), "tags": dict(line.tags)}


BASES = tuple(LineBasis.values)
