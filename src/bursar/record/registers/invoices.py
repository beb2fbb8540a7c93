"""Invoices in the ledger that pay for records: the same money, counted once (rules RI1-RI5).

A record's months and the invoice that paid for them are two sources of one cost. Once a match is
confirmed, the invoice's effective cost is taken back by as much as the record says is paid; what
the invoice differs stays to be seen. Billed cost stays where it is.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone

from bursar.core.calc.evidence.names import likeness
from bursar.core.calc.evidence.scoring import reference_key
from bursar.core.calc.evidence.units import Tolerance, Unit
from bursar.core.money.amount import EXACT, exact_text, parse_amount, places_of
from bursar.core.money.currency import minor_digits
from bursar.core.money.rounding import largest_remainder
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import COST_COLUMN
from bursar.core.tables.table import LEDGER, MOMENT
from bursar.lake.lines import LINE_ID
from bursar.office.people.models import User
from bursar.record.deriving import Derivation, publish_derived
from bursar.record.evidence.levels import source_levels
from bursar.record.evidence.selectors import as_text, moment
from bursar.record.evidence.units import evidences
from bursar.record.ledger import open_ledger
from bursar.record.models import (
    Batch,
    EvidenceMember,
    GroupState,
    RecordMatch,
    RegisterRecord,
    Spread,
)
from bursar.record.models.imports import DERIVED
from bursar.record.registers.known import REGISTERS
from bursar.record.registers.period_lines import PART
from bursar.record.registers.register import Claim, Register
from bursar.record.registers.spreading import horizon, kept_records

SOURCE = "paid for records"
ACT = "record.match_invoices"
_REFERENCE, _AMOUNT, _VENDOR, _DATE = 40, 35, 15, 10
ENOUGH = 50
_ALIKE = Decimal("0.5")
_MATCH = "x_match"
_TYPES = {column.name: column.type for column in COST_LINE.columns}
_NOT_CARRIED = frozenset(
    {"source", "dim_id", "source_file", "source_row", "batch_id", LINE_ID, _MATCH,
     *COST_COLUMN.values(), "consumed_quantity", "pricing_quantity",
     "commitment_discount_quantity"}
)  # fmt: skip


@dataclass(frozen=True)
class _Scored:
    register: Register
    claim: Claim
    unit: Unit
    score: int
    why: str


def refresh_invoices(acting_user: User | None) -> None:
    """Search for invoices of records, confirm what is remembered, and count each once; cheap
    where neither the ledger's files nor a record changed. Refusals: those of `publish_derived`."""
    spread, _ = Spread.objects.get_or_create(register=SOURCE)
    stands_on = _fingerprint()
    if spread.searched_from != stands_on:
        propose(acting_user)
        spread.searched_from = stands_on
        spread.save(update_fields=["searched_from"])
    net_invoices(acting_user)


def propose(acting_user: User | None) -> None:
    """Proposals anew; what somebody confirmed or rejected stands (rules RI1 and RI2)."""
    found = list(_best(_candidates()))
    decided = RecordMatch.objects.exclude(state=RecordMatch.State.PROPOSED)
    known = set(decided.values_list("register", "claim", "key"))
    claimed = set(
        decided.filter(state=RecordMatch.State.CONFIRMED).values_list("register", "claim")
    )
    remembered = {
        (m.register, m.vendor, m.account, m.source, _whose(m.register, m.numbers))
        for m in decided.filter(remembered=True)
    }
    with transaction.atomic():
        RecordMatch.objects.filter(state=RecordMatch.State.PROPOSED).delete()
        for one in found:
            name = one.register.name
            claim, key = _short(one.claim.key, 300), _short(one.unit.key, 900)
            if (name, claim, key) in known or (name, claim) in claimed:
                continue
            match = _match(one)
            rule = (name, match.vendor, match.account, match.source, _whose(name, match.numbers))
            if rule in remembered and match.amount == match.invoiced:
                match.state = RecordMatch.State.CONFIRMED
                match.remembered, match.decided_by = True, "as remembered"
                match.decided_at = timezone.now()
            match.save()


def net_invoices(acting_user: User | None) -> None:
    """Take back the effective cost of confirmed invoices. Refusals: those of `publish_derived`."""
    confirmed = list(RecordMatch.objects.filter(state=RecordMatch.State.CONFIRMED))
    if confirmed or Batch.objects.filter(source__name=SOURCE).exists():
        publish_derived(Derivation(SOURCE, ACT, acting_user), _netted(confirmed))


def _short(text: str, most: int) -> str:
    """The text, or where it is too long for a column, its beginning and what tells it apart."""
    if len(text) <= most:
        return text
    return f"{text[: most - 65]}~{hashlib.sha256(text.encode()).hexdigest()}"


def _whose(register: str, numbers: Sequence[str]) -> str:
    """A remembered match of a contract is that contract's; one of assets is its vendor's."""
    return numbers[0] if register == "contract" and numbers else ""


def _candidates() -> Iterator[_Scored]:
    last = horizon().last
    through = date(int(last[:4]), int(last[5:]), 28) + timedelta(days=4)
    claims = [
        (register, claim)
        for register in REGISTERS
        if register.claims is not None
        for claim in register.claims(kept_records(register), through)
    ]
    if not claims:
        return
    taken = {
        as_text(member.selector)
        for member in EvidenceMember.objects.filter(group__state=GroupState.CONFIRMED)
    }
    by_currency: dict[str, list[Unit]] = {}
    for unit in evidences(open_ledger(), source_levels()).documents:
        if unit.level in ("ledger", "invoice") and unit.key not in taken and unit.amount > 0:
            by_currency.setdefault(unit.currency, []).append(unit)
    for units in by_currency.values():
        units.sort(key=lambda unit: unit.amount)
    tolerance = Tolerance()
    for register, claim in claims:
        for unit in _near(by_currency.get(claim.currency, []), claim, tolerance):
            scored = _score(claim, unit, tolerance)
            if scored is not None:
                yield _Scored(register, claim, unit, *scored)


def _near(units: Sequence[Unit], claim: Claim, tolerance: Tolerance) -> Iterator[Unit]:
    room = tolerance.room(claim.amount)
    place = bisect_left(units, claim.amount - room, key=lambda unit: unit.amount)
    while place < len(units) and units[place].amount <= claim.amount + room:
        yield units[place]
        place += 1


def _score(claim: Claim, unit: Unit, tolerance: Tolerance) -> tuple[int, str] | None:
    """How well they fit, and why (rule RI1): number, amount, vendor and date."""
    difference = abs(unit.amount - claim.amount)
    score, why = _AMOUNT, [f"the amounts differ by {exact_text(difference)}"]
    if not difference:
        why = ["the amounts are equal"]
    else:
        room = tolerance.room(claim.amount)
        score -= int(10 * Fraction(difference) / Fraction(room))
    mine = {reference_key(text) for text in claim.references} - {""}
    if unit.reference and reference_key(unit.reference) in mine:
        score += _REFERENCE
        why.append(f"both name {unit.reference}")
    alike = likeness(claim.vendor, unit.vendor) if claim.vendor and unit.vendor else Decimal(0)
    if alike >= _ALIKE:
        score += _VENDOR
        why.append(f"the vendors are alike ({claim.vendor}, {unit.vendor})")
    days = (unit.start - claim.day).days
    if -tolerance.days_before - 31 <= days <= tolerance.days_after:
        score += _DATE
        why.append(f"the invoice is of {unit.start}, the payment of {claim.day}")
    elif score < _REFERENCE + _AMOUNT - 15:
        return None
    return (score, "; ".join(why) + ".") if score >= ENOUGH else None


def _best(found: Iterable[_Scored]) -> Iterator[_Scored]:
    """An invoice and a claim stand in one proposal at most; the best score takes them."""
    claims, units = set(), set()
    for one in sorted(found, key=lambda s: (-s.score, -s.unit.amount, s.claim.key, s.unit.key)):
        claim = (one.register.name, one.claim.key)
        if claim not in claims and one.unit.key not in units:
            claims.add(claim)
            units.add(one.unit.key)
            yield one


def _match(one: _Scored) -> RecordMatch:
    unit, claim = one.unit, one.claim
    return RecordMatch(
        register=one.register.name, numbers=list(claim.numbers), claim=_short(claim.key, 300),
        selector=json.loads(unit.key), key=_short(unit.key, 900), amount=exact_text(claim.amount),
        invoiced=exact_text(unit.amount), currency=claim.currency, period=unit.period,
        source=unit.source, vendor=unit.vendor, account=unit.account, score=one.score, why=one.why,
    )  # fmt: skip


def _netted(confirmed: Sequence[RecordMatch]) -> pa.Table:
    held: dict[int, list[dict[str, Any]]] = {}
    shapes: dict[tuple[str, ...], list[RecordMatch]] = {}
    for match in confirmed:
        shapes.setdefault(tuple(sorted(match.selector)), []).append(match)
    lines = open_ledger().lines
    for shape, matches in sorted(shapes.items()):
        keys = {_MATCH: pa.array([match.pk for match in matches], pa.int64())}
        keys |= {name: _values(name, [m.selector[name] for m in matches]) for name in shape}
        for row in lines.chosen(pa.table(keys), of=_MATCH).to_pylist():
            held.setdefault(row[_MATCH], []).append(row)
    rows = [row for match in confirmed for row in _taken_back(match, held.get(match.pk, []))]
    names = [c.name for c in COST_LINE.columns if c.name not in _NOT_CARRIED]
    names += [
        "effective_cost",
        *sorted({n for row in rows for n in row} - {*names, "effective_cost"}),
    ]
    types = _TYPES | {"effective_cost": LEDGER}
    return pa.table(
        {n: pa.array([row.get(n) for row in rows], types.get(n, pa.string())) for n in names}
    )


def _taken_back(match: RecordMatch, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The invoice's effective cost, back by what the records say is paid (rule RI3)."""
    rows = [row for row in rows if row["effective_cost"]]
    whole = sum((row["effective_cost"] for row in rows), Decimal(0))
    if not whole:
        return  # a purchase that is no effective cost: nothing counts twice
    claimed, invoiced = parse_amount(match.amount), parse_amount(match.invoiced)
    target = whole if claimed == invoiced else None
    if target is None:
        exact = Fraction(claimed) * Fraction(whole) / Fraction(invoiced)
        digits = max(minor_digits(match.currency), *(places_of(r["effective_cost"]) for r in rows))
        shares = [exact * Fraction(r["effective_cost"]) / Fraction(whole) for r in rows]
        parts = largest_remainder(shares, keys=[r[LINE_ID] for r in rows], digits=digits)
    else:
        parts = [row["effective_cost"] for row in rows]
    part = "prepaid" if match.register == "contract" else "capitalized"
    ref = f"{match.register}:{', '.join(match.numbers[:3])}"
    for row, amount in zip(rows, parts, strict=True):
        kept = {name: value for name, value in row.items() if name not in _NOT_CARRIED}
        said = row.get("charge_description") or ""
        yield kept | {
            "effective_cost": EXACT.minus(amount), "record_ref": ref, PART: part,
            "charge_description": f"{part.capitalize()} ({ref}). {said}".strip(),
        }  # fmt: skip


def _values(name: str, texts: Sequence[str | None]) -> pa.Array:
    if _TYPES.get(name) == MOMENT:
        return pa.array([None if t is None else moment(t) for t in texts], MOMENT)
    return pa.array(texts, pa.string())


def _fingerprint() -> str:
    batches = Batch.objects.filter(kind=COST_LINE.name, superseded_at__isnull=True)
    files = sorted(batches.exclude(made_by__format=DERIVED).values_list("batch_id", flat=True))
    state: Mapping[str, Any] = RegisterRecord.objects.aggregate(
        newest=Max("changed_at"), versions=Sum("version")
    )
    groups = EvidenceMember.objects.filter(group__state=GroupState.CONFIRMED).count()
    told = [files, str(state["newest"]), state["versions"], groups, horizon().last]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
