"""Act: assets are sold, scrapped or lost, all of them or a part of their cost (rule AS6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from bursar.core.money.amount import exact_text
from bursar.core.money.currency import minor_digits
from bursar.core.money.rounding import largest_remainder
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.actions.keep_records import journal_detail, told_problems
from bursar.record.assets.register import ASSETS
from bursar.record.errors import BadRecord, UnknownRecord
from bursar.record.registers.fields import money_in
from bursar.record.registers.spreading import refresh_register
from bursar.record.registers.writing import Entry, Pen, Written, records_of, write_entries
from bursar.record.turns import in_turn

ACT = "record.retire_assets"


def retire_assets(
    *,
    acting_user: User | None,
    numbers: Sequence[str],
    day: date,
    proceeds: Decimal = Decimal(0),
    percent: Decimal | None = None,
    reason: str = "",
) -> Written:
    """Dispose of all of them on a day, or of the same percentage of each.

    Proceeds are shared by cost, to the cent. Refusals: people.not_allowed, record.unknown_record,
    record.bad_record (also where proceeds are told for assets of several currencies).
    """
    require(acting_user, ACT)
    wanted = list(dict.fromkeys(numbers))
    told = (day, proceeds, percent, reason.strip())
    written = in_turn(lambda: _retire(wanted, told, acting_user))
    refresh_register(ASSETS, acting_user)
    return written


def _retire(
    numbers: list[str],
    told: tuple[date, Decimal, Decimal | None, str],
    acting_user: User | None,
) -> Written:
    day, proceeds, percent, reason = told
    with transaction.atomic():
        rows = records_of(ASSETS).select_for_update().filter(number__in=numbers, withdrawn=False)
        held = {record.number: record.content for record in rows}
        missing = [number for number in numbers if number not in held]
        if missing:
            raise UnknownRecord(
                f"Assets keeps no record {', '.join(missing[:5])}. Look the number up in the list."
            )
        shares = _shares(numbers, held, proceeds)
        entries = [
            Entry(number, _retired(held[number], (day, percent, reason), shares[number]))
            for number in numbers
        ]
        pen = Pen(actor_name(acting_user), reason)
        written = write_entries(ASSETS, entries, pen, update=True)
        if written.refused:
            raise BadRecord(told_problems(ASSETS, written))
        detail = journal_detail(written, pen) | {
            "day": day.isoformat(), "proceeds": exact_text(proceeds),
        }  # fmt: skip
        record_act(act=ACT, subject=ASSETS.source, actor=acting_user, detail=detail)
    return written


def _retired(
    content: Mapping[str, Any], told: tuple[date, Decimal | None, str], proceeds: Decimal
) -> dict[str, Any]:
    day, percent, reason = told
    change: dict[str, Any] = {"date": day.isoformat(), "kind": "disposal"}
    if percent is not None:
        change["percent"] = exact_text(percent)
    if proceeds:
        change["proceeds"] = exact_text(proceeds)
    if reason:
        change["note"] = reason
    given: dict[str, Any] = {"changes": [*content.get("changes", ()), change]}
    return given if percent is not None else given | {"status": "retired"}


def _shares(
    numbers: Sequence[str], held: Mapping[str, Mapping[str, Any]], proceeds: Decimal
) -> dict[str, Decimal]:
    if not proceeds:
        return dict.fromkeys(numbers, Decimal(0))
    currencies = sorted({held[number]["currency"] for number in numbers})
    if len(currencies) > 1:
        raise BadRecord(
            f"Proceeds cannot be shared over assets in {', '.join(currencies)}; retire them "
            "currency by currency."
        )
    costs = [money_in(held[number], "purchase_cost") or Decimal(0) for number in numbers]
    whole = sum(costs, Decimal(0))
    if not whole:
        raise BadRecord("Proceeds are shared by cost, and these assets have none.")
    digits = minor_digits(currencies[0])
    targets = [Fraction(proceeds) * Fraction(cost) / Fraction(whole) for cost in costs]
    rounded = largest_remainder(targets, keys=list(numbers), digits=digits, total=proceeds)
    return dict(zip(numbers, rounded, strict=True))
