"""Putting rates in force: the same again changes nothing, two for one day never stand together.

One pair, type and day has one rate, whichever way round it is quoted (rule V9).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db import connection

from bursar.connect.rates import RateRow
from bursar.core.money.amount import exact_text
from bursar.office.calendar.periods import calendar_of
from bursar.office.reference.models import ExchangeRate, RateTable, RateType
from bursar.office.reference.rates import USUAL_BASE, in_force

_AT_ONCE = 500
_COLUMNS = (
    "rate_type", "source", "target", "rate", "valid_from", "valid_to", "origin", "known_at",
    "superseded_at",
)  # fmt: skip
Pair = tuple[str, str]


@dataclass(frozen=True)
class Stated:
    """A rate with the days it covers; `valid_to` is the first day that is not covered."""

    kind: str
    source: str
    target: str
    rate: Decimal
    valid_from: date
    valid_to: date | None

    @property
    def pair(self) -> tuple[str, frozenset[str]]:
        return self.kind, frozenset((self.source, self.target))

    def agrees(self, other: Stated) -> bool:
        """Whether both say the same of the same days, the one perhaps turned round."""
        if (self.valid_from, self.valid_to) != (other.valid_from, other.valid_to):
            return False
        if self.source == other.source:
            return self.rate == other.rate
        return Fraction(self.rate) * Fraction(other.rate) == 1

    def overlaps(self, other: Stated) -> bool:
        return self.valid_from < _end(other) and other.valid_from < _end(self)


def _end(rate: Stated) -> date:
    return rate.valid_to or rate.valid_from + timedelta(days=1)


def stated(row: RateRow) -> Stated:
    """The days a row of a file covers: its own, its month, or its fiscal year (rule V7)."""
    until = row.until + timedelta(days=1) if row.until else None
    if row.type == RateType.AVERAGE and until is None:
        until = (row.day.replace(day=1) + timedelta(days=32)).replace(day=1)
    elif row.type == RateType.PLAN and until is None:
        calendar = calendar_of()
        until = calendar.year(calendar.period_of(row.day).fiscal_year)[-1].end
    elif row.type == RateType.CLOSING:
        until = None
    first = row.day.replace(day=1) if row.type == RateType.AVERAGE and not row.until else row.day
    return Stated(row.type, row.source, row.target, row.rate, first, until)


@dataclass
class Rates:
    """The rates in force of some types, and what shall change about them."""

    origin: str
    fresh: list[Stated] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    same: int = 0
    _known: dict[tuple[str, frozenset[str]], dict[date, tuple[Stated, int, str]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    @classmethod
    def of(cls, origin: str, kinds: Iterable[str]) -> Rates:
        """The rates of these types in force, to compare what comes in with."""
        rates = cls(origin)
        columns = (
            "rate_type",
            "source",
            "target",
            "rate",
            "valid_from",
            "valid_to",
            "pk",
            "origin",
        )
        for kind in sorted(set(kinds)):
            for row in in_force(kind).order_by().values_list(*columns).iterator(5_000):
                known = Stated(row[0], row[1], row[2], Decimal(row[3]), row[4], row[5])
                rates._known[known.pair][known.valid_from] = (known, row[6], row[7])
        return rates

    def add(self, rate: Stated, *, replaces: bool = False) -> tuple[Stated, str] | None:
        """Take the rate, or say which other one it contradicts and where that came from.

        A rate of the same origin that covers the same days is replaced; with `replaces` any one.
        """
        known = self._known[rate.pair]
        clash = self._clash(rate, known)
        if clash is None:
            self.fresh.append(rate)
            known[rate.valid_from] = (rate, 0, self.origin)
            return None
        other, pk, origin = clash
        if rate.agrees(other):
            self.same += 1
            return None
        days = (rate.valid_from, rate.valid_to) == (other.valid_from, other.valid_to)
        if pk and days and (replaces or origin == self.origin):
            self.superseded.append(pk)
            self.fresh.append(rate)
            known[rate.valid_from] = (rate, 0, self.origin)
            return None
        return other, origin

    def _clash(
        self, rate: Stated, known: dict[date, tuple[Stated, int, str]]
    ) -> tuple[Stated, int, str] | None:
        if rate.valid_to is None or rate.valid_from in known:
            return known.get(rate.valid_from)
        return next((one for one in known.values() if rate.overlaps(one[0])), None)

    def publish(self, at: datetime) -> None:
        """Supersede and insert; inside the transaction of the act."""
        for start in range(0, len(self.superseded), _AT_ONCE):
            part = self.superseded[start : start + _AT_ONCE]
            ExchangeRate.objects.filter(pk__in=part).update(superseded_at=at)
        moment = connection.ops.adapt_datetimefield_value(at)
        day = connection.ops.adapt_datefield_value
        rows = [
            (rate.kind, rate.source, rate.target, exact_text(rate.rate), day(rate.valid_from),
             day(rate.valid_to) if rate.valid_to else None, self.origin, moment, None)
            for rate in self.fresh
        ]  # fmt: skip
        table = connection.ops.quote_name(ExchangeRate._meta.db_table)
        # Two hundred thousand rows at a time: without an object for each.
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({', '.join(_COLUMNS)}) "  # noqa: S608 - names of our own
                f"VALUES ({', '.join(['%s'] * len(_COLUMNS))})",
                rows,
            )
        self._set_bases()

    def _set_bases(self) -> None:
        """A table with its first rates is joined by the currency that stands in all of them."""
        pairs: dict[str, list[Pair]] = defaultdict(list)
        for rate in self.fresh:
            pairs[rate.kind].append((rate.source, rate.target))
        for kind, found in pairs.items():
            shared = set(found[0]).intersection(*map(set, found))
            base = USUAL_BASE if USUAL_BASE in shared or not shared else found[0][0]
            if base not in shared and shared:
                base = min(shared)
            RateTable.objects.get_or_create(rate_type=kind, defaults={"base": base})
