"""Small documents, for the tests of entering, settling and counting them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from bursar.record.actions.enter_document import enter_document
from bursar.record.documents.draft import Draft, DraftLine
from bursar.record.models import Document

DAY = date(2025, 3, 10)


def draft(*amounts: str, **given: Any) -> Draft:
    """A cost of EUR 100.00, or of these amounts, that differs where `given` says so."""
    lines = tuple(DraftLine(Decimal(amount)) for amount in amounts or ("100.00",))
    base = {"kind": "cost", "date": DAY, "currency": "EUR", "description": "Licences"}
    return Draft(**{**base, "lines": lines, **given})


def enter(*amounts: str, **given: Any) -> Document:
    return enter_document(acting_user=None, draft=draft(*amounts, **given))
