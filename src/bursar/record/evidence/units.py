"""The evidences that lie in the ledger: lines summed into units that matching can compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bursar.core.calc.evidence.units import Unit
from bursar.lake.ledger import Ledger
from bursar.lake.questions import Condition
from bursar.record.evidence.selectors import as_text, day_text

_OWNER = ("source", "legal_entity", "billing_currency")
_DOCUMENT = (*_OWNER, "posting_period", "vendor", "document_ref")
_WITHOUT_DOCUMENT = ("gl_account", "cost_center", "charge_description")
_BILL = (*_OWNER, "billing_period_start", "invoice_issuer_name", "billing_account_id", "invoice_id")
_ACCOUNT = (*_OWNER, "posting_period", "gl_account", "cost_center")


@dataclass(frozen=True)
class Evidences:
    """Everything that may be matched: by document and bill, and by account for trial balances."""

    documents: tuple[Unit, ...]
    balances: tuple[Unit, ...]
    parts: tuple[Unit, ...]


def evidences(ledger: Ledger, levels: Mapping[str, str]) -> Evidences:
    """The units of every source that is evidence of something."""
    by_level: dict[str, list[str]] = {}
    for source, level in levels.items():
        by_level.setdefault(level, []).append(source)
    documents: list[Unit] = []
    for level in ("ledger", "invoice", "contract"):
        documents += _documents(ledger, level, by_level.get(level, []))
    documents += _bills(ledger, by_level.get("detail", []))
    balances = _of_accounts(ledger, levels, by_level.get("balance", []))
    parts: list[Unit] = []
    if balances:
        finer = [source for source, level in levels.items() if level != "balance"]
        whole = {(u.source, u.entity) for u in balances if u.text}
        parts = list(_parts(ledger, levels, finer, by_center=bool(whole)))
    return Evidences(tuple(documents), tuple(balances), tuple(parts))


def _documents(ledger: Ledger, level: str, sources: Sequence[str]) -> Iterator[Unit]:
    """One unit for each document; lines that name none stand for themselves."""
    if not sources:
        return
    of_level = Condition("source", "in", list(sources))
    columns = (*_DOCUMENT, "gl_account") if level == "ledger" else _DOCUMENT
    for named in (True, False):
        chosen = columns if named else tuple(dict.fromkeys((*columns, *_WITHOUT_DOCUMENT)))
        where = [of_level, Condition("document_ref", "missing", not named)]
        for row in ledger.lines.totals(columns=chosen, where=where).to_pylist():
            yield _unit(row, chosen, level, reference=row["document_ref"], vendor=row["vendor"])


def _bills(ledger: Ledger, sources: Sequence[str]) -> Iterator[Unit]:
    """One unit for each invoice that a bill's detail names, or for each of its accounts."""
    if not sources:
        return
    where = [Condition("source", "in", list(sources))]
    for row in ledger.lines.totals(columns=_BILL, where=where).to_pylist():
        vendor = row["invoice_issuer_name"] or row["source"]
        yield _unit(row, _BILL, "detail", reference=row["invoice_id"], vendor=vendor)


def _of_accounts(ledger: Ledger, levels: Mapping[str, str], sources: Sequence[str]) -> list[Unit]:
    if not sources:
        return []
    where = [Condition("source", "in", list(sources))]
    rows = ledger.lines.totals(columns=_ACCOUNT, where=where).to_pylist()
    return [_account_unit(row, levels, center=row["cost_center"]) for row in rows]


def _parts(
    ledger: Ledger, levels: Mapping[str, str], sources: Sequence[str], *, by_center: bool
) -> Iterator[Unit]:
    """What other sources say of accounts: as a whole, and by cost center where balances do."""
    where = [
        Condition("source", "in", list(sources)),
        Condition("gl_account", "missing", False),
    ]
    whole = tuple(name for name in _ACCOUNT if name != "cost_center")
    for row in ledger.lines.totals(columns=whole, where=where).to_pylist():
        yield _account_unit(row, levels, center=None)
    if by_center:
        where.append(Condition("cost_center", "missing", False))
        for row in ledger.lines.totals(columns=_ACCOUNT, where=where).to_pylist():
            yield _account_unit(row, levels, center=row["cost_center"])


def _account_unit(row: Mapping[str, Any], levels: Mapping[str, str], *, center: Any) -> Unit:
    level = levels[row["source"]]
    columns = [name for name in _ACCOUNT if name in row]
    return _unit(row, columns, level, account=row["gl_account"], text=center)


def _unit(row: Mapping[str, Any], columns: Iterable[str], level: str, **said: Any) -> Unit:
    selector = {name: day_text(row[name]) for name in columns}
    first, last = row["first"].date(), row["last"].date()
    return Unit(
        key=as_text(selector),
        source=row["source"],
        level=level,
        entity=row["legal_entity"],
        currency=row["billing_currency"],
        amount=compared(row),
        start=first,
        end=last,
        period=row.get("posting_period") or _month(row.get("billing_period_start") or first),
        vendor=said.get("vendor") or "",
        reference=said.get("reference") or "",
        text=(said["text"] if "text" in said else row["text"]) or "",
        account=said.get("account") or row.get("gl_account") or "",
    )


def compared(row: Mapping[str, Any]) -> Decimal:
    """The amount by which evidences are compared: billed, else booked, else effective."""
    for column in ("billed_cost", "booked_cost", "effective_cost"):
        if row[column] is not None:
            amount: Decimal = row[column]
            return amount
    return Decimal(0)


def _month(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"
