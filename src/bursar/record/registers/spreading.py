"""`record.spread`: from records to each month's cost, as derived lines (rules RG4-RG6).

The whole of a register is worked out again when one of its records changed or another month came;
what stands in closed periods stays, and the difference is booked in an open one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
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
    states, span = _states(), horizon()
    for register in REGISTERS:
        if register.has_cost:
            _refresh(register, states, span, acting_user)


def refresh_register(register: Register, acting_user: User | None) -> None:
    """Derive one register's lines anew, where what they stand on changed.

    One that costs nothing by itself brings those up to date whose cost takes its records.
    """
    states, span = _states(), horizon()
    for other in REGISTERS:
        meant = other is register if register.has_cost else register.name in other.beside
        if meant and other.has_cost:
            _refresh(other, states, span, acting_user)


States = Mapping[str, tuple[str, int]]
"""Register → its newest change and the sum of its records' versions, which only grow: together
they say whether any record was written since."""


def _states() -> States:
    rows = RegisterRecord.objects.order_by().values_list("register")
    told = rows.annotate(newest=Max("changed_at"), written=Sum("version"))
    return {register: (str(newest), written) for register, newest, written in told}


def _refresh(register: Register, states: States, span: Horizon, acting_user: User | None) -> None:
    """A closed period that nothing open follows keeps its lines: the reason stands in
    `problem`."""
    names = [other.name for other in _stands_on(register)]
    spread = Spread.objects.filter(register=register.name).first()
    if spread is None:
        if not any(name in states for name in names):
            return  # it never held a record
        spread, _ = Spread.objects.get_or_create(register=register.name)
    own = Horizon(span.first, max(span.last, spread.asked_through))
    stands_on = _fingerprint([states.get(name) for name in names], names, own)
    if stands_on == spread.spread_from:
        return
    derivation = Derivation(register.source, ACT, acting_user)
    try:
        publish_derived(derivation, _lines(register, own))
        spread.problem = ""
    except PeriodClosed as refusal:
        spread.problem = refusal.message
    spread.spread_from = stands_on
    spread.save(update_fields=["spread_from", "problem"])


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


def _fingerprint(states: Sequence[object], names: Sequence[str], span: Horizon) -> str:
    told = [_FORMULAS, list(names), span.first, span.last, list(states)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
