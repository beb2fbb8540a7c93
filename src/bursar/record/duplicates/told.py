"""What is told of duplicates: suspicions with their lines, and credit notes with their invoice."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_text

KINDS = {
    "another_batch": "The same vendor, document number and amount stand in another source "
    "or period.",
    "same_row": "The whole row stands more than once in the file.",
    "same_document": "Rows of one document have the same amount and differ elsewhere.",
    "near_date": "Another source has the same vendor and amount within three days, and one of the "
    "two names no document.",
}
"""Most certain first; a line is told under the first that fits."""

LINE_COLUMNS = (
    "batch_id", "source", "file", "row", "vendor", "document", "description", "currency",
    "basis", "amount", "day",
)  # fmt: skip


@dataclass(frozen=True)
class InvoiceLine:
    """One line of an invoice, as the ledger holds it."""

    batch_id: str
    source: str
    file: str
    row: int
    vendor: str | None
    document: str | None
    description: str | None
    currency: str
    basis: str
    amount: Decimal
    day: Any

    @property
    def line_id(self) -> str:
        return f"{self.batch_id}-{self.row}"

    def to_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in LINE_COLUMNS}
        return told | {
            "line_id": self.line_id,
            "amount": exact_text(self.amount),
            "day": self.day.isoformat(),
        }


@dataclass(frozen=True)
class Suspicion:
    """Lines that look like one: `amount` is what would be counted too much."""

    kind: str
    currency: str
    basis: str
    amount: Decimal
    extra: int
    """How many lines there are too many."""
    lines: tuple[InvoiceLine, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "currency": self.currency,
            "basis": self.basis,
            "amount": exact_text(self.amount),
            "extra_lines": self.extra,
            "lines": [line.to_json() for line in self.lines],
        }


@dataclass(frozen=True)
class Credit:
    """A document that was billed and credited: what was billed, credited, and is left of it."""

    vendor: str
    document: str
    currency: str
    basis: str
    billed: Decimal
    credited: Decimal

    @property
    def net(self) -> Decimal:
        return EXACT.add(self.billed, self.credited)

    def to_json(self) -> dict[str, Any]:
        return {
            "vendor": self.vendor,
            "document": self.document,
            "currency": self.currency,
            "basis": self.basis,
            "billed": exact_text(self.billed),
            "credited": exact_text(self.credited),
            "net": exact_text(self.net),
        }


@dataclass(frozen=True)
class Duplicates:
    """Suspicions by money, largest first; totals are over all of them, not only those listed."""

    suspicions: tuple[Suspicion, ...] = ()
    count: int = 0
    extra_lines: int = 0
    totals: tuple[tuple[str, str, Decimal], ...] = ()
    """Currency, basis and the money that would be counted too much."""
    credits: tuple[Credit, ...] = ()
    credit_count: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "suspicions": [one.to_json() for one in self.suspicions],
            "count": self.count,
            "extra_lines": self.extra_lines,
            "totals": [
                {"currency": currency, "basis": basis, "amount": exact_text(amount)}
                for currency, basis, amount in self.totals
            ],
            "credits": [one.to_json() for one in self.credits],
            "credit_count": self.credit_count,
        }
