"""Asking the rate tables: the way from one currency to another on a day, in a month, by plan.

Rates are kept in memory as long as no other rate became known, pair by pair.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Q, QuerySet

from bursar.core.money.conversion import MAX_AGE_DAYS, MissingRate, Quote, RateBook, Way, means
from bursar.core.refusal import Refused
from bursar.office.reference.errors import UnknownRateType
from bursar.office.reference.models import (
    ExchangeRate,
    LegalEntity,
    RateTable,
    RateType,
    ReportingCurrency,
)

Answer = TypeVar("Answer")
USUAL_BASE = "EUR"


def require_type(kind: str) -> RateType:
    """The type itself. Refuses: fx.unknown_type."""
    if kind not in RateType.values:
        raise UnknownRateType(f"'{kind}' is no type of rate. Choose {', '.join(RateType.values)}.")
    return RateType(kind)


def reporting_currency() -> str:
    """The currency of consolidated figures: as set, else the default entity's."""
    newest = ReportingCurrency.objects.order_by("-pk").first()
    if newest is not None:
        return newest.currency
    # A page that is looked at makes nothing, so the default entity is only asked for.
    first = LegalEntity.objects.order_by("pk").first()
    return first.currency if first else USUAL_BASE


def table_of(kind: str) -> RateTable:
    """The parameters of a type's table; a table without rates has the usual ones."""
    usual = RateTable(rate_type=kind, base=USUAL_BASE, max_age_days=MAX_AGE_DAYS)
    return RateTable.objects.filter(rate_type=kind).first() or usual


def in_force(kind: str | None = None) -> QuerySet[ExchangeRate]:
    """Rates that nothing superseded."""
    rows = ExchangeRate.objects.filter(superseded_at__isnull=True)
    return rows.filter(rate_type=kind) if kind else rows


def way(kind: str, source: str, target: str, *, start: date, end: date) -> Way:
    """The way between two currencies for the days from `start` up to, not including, `end`.

    A closing rate is that of the last day, a plan rate that of the first; an average is given for
    the days, or is the mean of the daily rates published on them. Refusals: fx.missing_rate,
    fx.stale_rate, fx.unknown_type.
    """
    require_type(kind)
    if source == target:
        return Way(())
    return _once((kind, source, target, start, end), lambda: _way(kind, source, target, start, end))


def _way(kind: str, source: str, target: str, start: date, end: date) -> Way | Refused:
    table = table_of(kind)
    currencies = {source, target, table.base}
    if kind == RateType.CLOSING:
        day = end - timedelta(days=1)
        quotes = _newest(kind, currencies, day)
    elif kind == RateType.PLAN:
        day, quotes = start, _newest(kind, currencies, start)
    else:
        day, quotes = start, _averages(currencies, start, end)
    try:
        return RateBook(quotes, base=table.base, max_age_days=table.max_age_days).way(
            source, target, day
        )
    except Refused as refusal:
        if kind != RateType.AVERAGE:
            return refusal
        return MissingRate(
            f"There is no average rate from {source} to {target} for {start} to "
            f"{end - timedelta(days=1)}: none was given, and the daily table has none of both on "
            "those days. Import a table that reaches so far, or set the average."
        )


def _averages(currencies: set[str], start: date, end: date) -> list[Quote]:
    """Averages that were given and cover the days; the mean of the daily rates for other pairs."""
    covering = Q(valid_from__lte=start, valid_to__gte=end)
    given = [_quote(row) for row in _among(in_force(RateType.AVERAGE), currencies).filter(covering)]
    have = {frozenset((quote.source, quote.target)) for quote in given}
    daily = _among(in_force(RateType.CLOSING), currencies).filter(
        valid_from__gte=start, valid_from__lt=end
    )
    found = means([_quote(row) for row in daily], start, end)
    return given + [quote for quote in found if frozenset((quote.source, quote.target)) not in have]


def _newest(kind: str, currencies: set[str], day: date) -> list[Quote]:
    """The last rate of each pair that began by the day."""
    rows = _among(in_force(kind), currencies).filter(valid_from__lte=day)
    pairs = [(a, b) for a in sorted(currencies) for b in sorted(currencies) if a != b]
    found = (rows.filter(source=a, target=b).order_by("-valid_from").first() for a, b in pairs)
    return [_quote(row) for row in found if row is not None]


def _among(rows: QuerySet[ExchangeRate], currencies: set[str]) -> QuerySet[ExchangeRate]:
    return rows.filter(source__in=currencies, target__in=currencies)


def _quote(row: ExchangeRate) -> Quote:
    return Quote(row.source, row.target, Fraction(row.rate), row.valid_from, row.valid_to)


_kept: dict[Hashable, dict[Hashable, Any]] = {}
_keeping = threading.Lock()


def _once(question: Hashable, work_out: Callable[[], Answer | Refused]) -> Answer:
    """An answer holds until another rate becomes known; refusals are remembered like any other."""
    newest = ExchangeRate.objects.order_by("-pk").values_list("pk", "known_at").first()
    key = (str(connection.settings_dict["NAME"]), newest)
    with _keeping:
        if key not in _kept:
            _kept.clear()
        known = _kept.setdefault(key, {})
    if question not in known:
        known[question] = work_out()
    answer = known[question]
    if isinstance(answer, Refused):
        raise type(answer)(answer.message, code=answer.code)
    return cast(Answer, answer)
