"""`record.spread`: from records to each month's cost, as derived lines (rules RG4-RG6).

The whole of a register is worked out again when one of its records changed or another month came;
what stands in closed periods stays, and the difference is booked in an open one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import pyarrow as pa
from django.db.models import Max, Min, Sum
from django.utils import timezone

from bursar.core.refusal import InvariantBroken
from bursar.core.tables.cost_line import COST_LINE
from bursar.office.people.models import User
from bursar.record.deriving import Derivation, publish_derived
from bursar.record.documents.lines import SOURCE as DOCUMENTS
from bursar.record.errors import PeriodClosed
from bursar.record.models import Batch, Document, RegisterRecord, Spread
from bursar.record.models.imports import DERIVED
from bursar.record.registers.known import REGISTERS
from bursar.record.registers.register import Kept, Register
from bursar.record.registers.writing import records_of, whole

ACT = "record.spread"
_FORMULAS = 1
"""Raised when the same records give other lines, so that they are worked out again."""


@dataclass(frozen=True)
class Horizon:
    """The months whose cost is derived, both included, YYYY-MM."""

    first: str
    last: str


def refresh_registers(acting_user: User | None) -> None:
    """Bring the lines of every register up to date; cheap where nothing changed."""
    for register in REGISTERS:
        refresh_register(register, acting_user)


def refresh_register(register: Register, acting_user: User | None) -> None:
    """Derive one register's lines anew, where what they stand on changed.

    A closed period that nothing open follows keeps its lines: the reason stands in `problem`.
    """
    if register.spread is None and register.spread_with is None:
        _refresh_beside(register, acting_user)
        return
    spread, _ = Spread.objects.get_or_create(register=register.name)
    span = horizon(spread)
    stands_on = _fingerprint(register, span)
    if stands_on == spread.spread_from:
        return
    derivation = Derivation(register.source, ACT, acting_user)
    try:
        publish_derived(derivation, _lines(register, span))
        spread.problem = ""
    except PeriodClosed as refusal:
        spread.problem = refusal.message
    spread.spread_from = stands_on
    spread.save(update_fields=["spread_from", "problem"])


def _refresh_beside(register: Register, acting_user: User | None) -> None:
    """Registers whose cost takes records of this one, which costs nothing by itself."""
    for other in REGISTERS:
        if register.name in other.beside:
            refresh_register(other, acting_user)


def _lines(register: Register, span: Horizon) -> pa.Table:
    if register.spread_with is None and register.spread is not None:
        return register.spread(kept_records(register), span.first, span.last)
    found = {other.name: kept_records(other) for other in _stands_on(register)}
    return (register.spread_with or _never)(found, span.first, span.last)


def _never(found: object, first: str, last: str) -> pa.Table:
    raise InvariantBroken("a register without cost was to be spread")


def _stands_on(register: Register) -> list[Register]:
    return [other for other in REGISTERS if other is register or other.name in register.beside]


def horizon(spread: Spread | None = None) -> Horizon:
    """From the first month in which anything else was recorded to the last, or what was asked.

    Where nothing else was recorded yet, the current month alone.
    """
    batches = Batch.objects.filter(kind=COST_LINE.name, superseded_at__isnull=True)
    files = batches.exclude(source__format=DERIVED).exclude(source__name=DOCUMENTS)
    ends = files.aggregate(first=Min("period"), last=Max("period"))
    # An accrual takes itself back next month; that month has not come for it.
    documents = Document.objects.filter(automatic=False)
    entered = documents.aggregate(first=Min("month"), last=Max("month"))
    firsts = [found["first"] for found in (ends, entered) if found["first"]]
    lasts = [found["last"] for found in (ends, entered) if found["last"]]
    today = f"{timezone.localdate():%Y-%m}"
    first, last = min(firsts, default=today), max(lasts, default=today)
    asked = spread.asked_through if spread is not None else ""
    return Horizon(first, max(last, asked))


def kept_records(register: Register) -> list[Kept]:
    """Every record that counts, by number."""
    rows = records_of(register).filter(withdrawn=False).order_by("number")
    return [Kept(row.number, row.version, whole(row)) for row in rows.iterator()]


def _fingerprint(register: Register, span: Horizon) -> str:
    """Versions only grow, so their count and sum say whether any record was written since."""
    names = [other.name for other in _stands_on(register)]
    state = RegisterRecord.objects.filter(register__in=names).aggregate(
        newest=Max("changed_at"), versions=Sum("version")
    )
    told = [
        _FORMULAS, names, span.first, span.last, str(state["newest"]), state["versions"],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
