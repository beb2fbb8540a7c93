"""Act: set one exchange rate by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from bursar.connect.rates import RateRow
from bursar.core.money.amount import exact_text
from bursar.core.money.currency import minor_digits
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.errors import BadRate, RateOverlap
from bursar.office.reference.rates import require_type
from bursar.record.actions.import_rates import overlap_words
from bursar.record.rates.keeping import Rates, Stated, stated

ACT = "record.set_rate"


def set_rate(
    *,
    acting_user: User | None,
    kind: str,
    source: str,
    target: str,
    rate: Decimal,
    day: date,
    until: date | None = None,
) -> Stated:
    """Set the rate of a day, a month or a plan's days; one of the same days is superseded.

    Without `until`, its last day, an average covers its month and a plan the rest of its fiscal
    year. Refusals: people.not_allowed, fx.unknown_type, fx.bad_rate, fx.overlap, currency.unknown.
    """
    require(acting_user, ACT)
    require_type(kind)
    for code in (source, target):
        minor_digits(code)
    _check(source, target, rate, day, until)
    wanted = stated(RateRow(0, None, kind, source, target, rate, day, until))
    with transaction.atomic():
        rates = Rates.of(f"set by {actor_name(acting_user)}", {kind})
        clash = rates.add(wanted, replaces=True)
        if clash is not None:
            raise RateOverlap(f"{overlap_words(wanted, *clash)}. Give other days.")
        if rates.fresh:
            rates.publish(timezone.now())
            record_act(
                act=ACT,
                subject=f"{kind} {source}-{target}",
                actor=acting_user,
                detail={
                    "rate": exact_text(rate),
                    "from": wanted.valid_from.isoformat(),
                    "until": (wanted.valid_to - timedelta(days=1)).isoformat()
                    if wanted.valid_to
                    else None,
                    "superseded": len(rates.superseded),
                },
            )
    return wanted


def _check(source: str, target: str, rate: Decimal, day: date, until: date | None) -> None:
    if source == target:
        raise BadRate(f"A rate joins two currencies, not {source} with itself. Name another one.")
    if not rate.is_finite() or rate <= 0:
        raise BadRate(
            f"A rate of {rate} would make money vanish or turn round. Give a positive rate: how "
            f"much {target} one {source} is."
        )
    if until is not None and until < day:
        raise BadRate(f"The rate would end on {until}, before it begins on {day}. Exchange them.")
