"""Invoices as their issuer lists them against what the cost lines bill, and why they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.core.tables.focus_side import INVOICE_DETAIL
from bursar.office.people.scope import Scope
from bursar.record.references.queries import (
    billed_by_category,
    billed_by_invoice,
    rows_in_force,
)
from bursar.report.balance import require_everything

BASIS = "billed"
STATES = {
    "agrees": "The lines and the invoice say the same.",
    "differs": "The lines and the invoice say different sums; the categories show where.",
    "not_listed": "No list of invoices in force names this invoice: import the issuer's list.",
    "no_lines": "The invoice is listed and no line names it: its bill is not in yet.",
    "voided": "The issuer took the invoice back and lines still name it.",
    "unnamed": "These lines name no invoice; the provider has not issued one yet.",
}
_ZERO = Decimal(0)


@dataclass(frozen=True)
class CategoryDifference:
    """What one charge category adds to a difference."""

    category: str
    billed: Decimal
    invoiced: Decimal

    @property
    def difference(self) -> Decimal:
        return EXACT.subtract(self.invoiced, self.billed)


@dataclass(frozen=True)
class InvoiceCheck:
    """One invoice in one currency, from both sides; `invoiced` is null where nothing lists it."""

    invoice_id: str | None
    currency: str
    lines: int
    billed: Decimal
    invoiced: Decimal | None
    state: str
    issuer: str | None = None
    status: str | None = None
    categories: tuple[CategoryDifference, ...] = field(default=())

    @property
    def difference(self) -> Decimal | None:
        return None if self.invoiced is None else EXACT.subtract(self.invoiced, self.billed)

    @property
    def why(self) -> str:
        return STATES[self.state]

    def to_json(self) -> dict[str, Any]:
        return {
            "invoice_id": self.invoice_id,
            "issuer": self.issuer,
            "status": self.status,
            "currency": self.currency,
            "lines": self.lines,
            "billed": exact_text(self.billed),
            "invoiced": None if self.invoiced is None else exact_text(self.invoiced),
            "difference": None if self.difference is None else exact_text(self.difference),
            "state": self.state,
            "why": self.why,
            "categories": [
                {
                    "charge_category": one.category,
                    "billed": exact_text(one.billed),
                    "invoiced": exact_text(one.invoiced),
                    "difference": exact_text(one.difference),
                }
                for one in self.categories
            ],
        }


@dataclass(frozen=True)
class InvoiceReconciliation:
    """Every invoice that a line or a list names."""

    period: str | None
    checks: tuple[InvoiceCheck, ...]

    @property
    def agrees(self) -> bool:
        """Whether every listed invoice is billed to the last digit."""
        return all(one.state in ("agrees", "not_listed", "unnamed") for one in self.checks)

    def to_json(self) -> dict[str, Any]:
        return {
            "basis": BASIS,
            "period": self.period,
            "agrees": self.agrees,
            "invoices": [one.to_json() for one in self.checks],
        }


Key = tuple[str | None, str]


def reconcile_invoices(scope: Scope, *, period: str | None = None) -> InvoiceReconciliation:
    """Sum of billed cost per invoice against the issuer's list, of one billing period or of all.

    Raises BeyondScope for a restricted scope. Refusals: lake.file_missing, lake.file_damaged.
    """
    require_everything(scope, "The reconciliation of invoices")
    details: dict[Key, list[dict[str, Any]]] = {}
    for row in rows_in_force(INVOICE_DETAIL, period):
        details.setdefault((row["invoice_id"], row["billing_currency"]), []).append(row)
    billed: dict[Key, list[dict[str, Any]]] = {}
    for row in billed_by_invoice(period):
        billed.setdefault((row["invoice_id"], row["currency"]), []).append(row)
    checks = [
        _check(key, billed.get(key, []), details.get(key, [])) for key in {**billed, **details}
    ]
    checks = _explained(checks, details)
    order = list(STATES)
    checks.sort(
        key=lambda one: (
            one.state in ("agrees", "not_listed", "unnamed"),
            -abs(one.difference or _ZERO),
            order.index(one.state),
            one.invoice_id or "",
            one.currency,
        )
    )
    return InvoiceReconciliation(period, tuple(checks))


def checks_of_batch(
    scope: Scope, batch: dict[str, Any], invoices: Sequence[str | None]
) -> tuple[InvoiceCheck, ...]:
    """The listed invoices that a batch of cost lines bills, or that a batch of details lists."""
    if not rows_in_force(INVOICE_DETAIL, batch["period"]):
        return ()
    found = reconcile_invoices(scope, period=batch["period"]).checks
    listed = batch["kind"] == INVOICE_DETAIL.name
    return tuple(
        one for one in found if one.invoiced is not None and (listed or one.invoice_id in invoices)
    )


def _check(key: Key, billed: list[dict[str, Any]], details: list[dict[str, Any]]) -> InvoiceCheck:
    valid = [row for row in details if (row["invoice_issue_status"] or "").lower() != "voided"]
    sum_of_lines = exact_sum(row["billed_cost"] for row in billed)
    invoiced = exact_sum(row["billed_cost"] for row in valid) if details else None
    if key[0] is None:
        state = "unnamed"
    elif invoiced is None:
        state = "not_listed"
    elif invoiced == sum_of_lines:
        state = "agrees"
    elif not valid:
        state = "voided"
    else:
        state = "differs" if billed else "no_lines"
    return InvoiceCheck(
        invoice_id=key[0],
        currency=key[1],
        lines=sum(row["lines"] for row in billed),
        billed=sum_of_lines,
        invoiced=invoiced,
        state=state,
        issuer=next((row["invoice_issuer_name"] for row in details), None),
        status=next((row["invoice_issue_status"] for row in details), None),
    )


def _explained(
    checks: list[InvoiceCheck], details: dict[Key, list[dict[str, Any]]]
) -> list[InvoiceCheck]:
    """The same, with the categories of those that differ."""
    wanted = sorted({one.invoice_id for one in checks if one.state == "differs" and one.invoice_id})
    found: dict[Key, dict[str, Decimal]] = {}
    for row in billed_by_category(wanted):
        found.setdefault((row["invoice_id"], row["currency"]), {})[row["charge_category"]] = row[
            "billed_cost"
        ]
    explained = []
    for one in checks:
        if one.state != "differs":
            explained.append(one)
            continue
        key = (one.invoice_id, one.currency)
        categories = _categories(found.get(key, {}), details[key])
        explained.append(
            InvoiceCheck(
                one.invoice_id, one.currency, one.lines, one.billed, one.invoiced,
                state=one.state, issuer=one.issuer, status=one.status, categories=categories,
            )
        )  # fmt: skip
    return explained


def _categories(
    lines: dict[str, Decimal], details: list[dict[str, Any]]
) -> tuple[CategoryDifference, ...]:
    invoiced: dict[str, Decimal] = {}
    for row in details:
        if (row["invoice_issue_status"] or "").lower() != "voided":
            name = row["charge_category"] or "(none)"
            invoiced[name] = EXACT.add(invoiced.get(name, _ZERO), row["billed_cost"])
    both = [
        CategoryDifference(name, lines.get(name) or _ZERO, invoiced.get(name, _ZERO))
        for name in sorted({*lines, *invoiced})
    ]
    return tuple(one for one in both if one.difference)
