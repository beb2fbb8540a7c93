"""How one source stands in one period: seven measures, each a ratio with the money it concerns.

What cannot be measured is None: it is said so, left out of the score, and never counted as good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_text
from bursar.record.arrivals.expecting import due_date
from bursar.record.control.queries import signed
from bursar.record.duplicates.finding import find_duplicates
from bursar.record.models import Batch, Watch
from bursar.record.models.imports import DERIVED
from bursar.report import wording
from bursar.report.wording import ratio_of

NAMES = {
    "complete": "Complete",
    "timely": "Timely",
    "reconciled": "Reconciled",
    "classified": "Classified",
    "tagged": "Tagged",
    "duplicates": "Free of duplicates",
    "outliers": "In line with its past",
}
"""In the order shown."""
ONE, NOTHING = Decimal(1), Decimal(0)
ENOUGH_PAST = 4
"""Months before, without which nothing is said about outliers."""
_LARGEST_Z = Decimal("3.5")
_NORMAL = Decimal("0.6745")
"""The median absolute deviation of a normal distribution, in standard deviations."""
_STEADY = Decimal("0.1")
"""How far a month may be from a past that never moved."""
_MOST_SUSPECTED = 10_000

Key = tuple[str, str, str]
"""Source, posting period and currency."""


@dataclass(frozen=True)
class Measure:
    """`ratio` from 0 to 1, or None where it was not measured; `money` is what it concerns."""

    key: str
    ratio: Decimal | None
    money: Decimal
    detail: str
    link: str

    @property
    def name(self) -> str:
        return NAMES[self.key]

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "ratio": None if self.ratio is None else exact_text(self.ratio),
            "money": exact_text(self.money),
            "detail": self.detail,
            "link": self.link,
        }


@dataclass(frozen=True)
class Arrived:
    """What files brought of a source to a period, and when its first file came."""

    read: int
    accepted: int
    first: date
    months: frozenset[str]
    entities: frozenset[str]
    import_token: str


def arrived() -> dict[tuple[str, str], Arrived]:
    """By source and posting period, of the batches of files in force."""
    rows = Batch.objects.filter(kind="cost_line", superseded_at__isnull=True)
    rows = rows.exclude(source__format=DERIVED).select_related("source", "made_by")
    found: dict[tuple[str, str], list[Batch]] = defaultdict(list)
    for batch in rows:
        for period in {period for _, period in batch.posted}:
            found[batch.source.name, period].append(batch)
    return {key: _together(key[1], batches) for key, batches in found.items()}


def _together(period: str, batches: Sequence[Batch]) -> Arrived:
    return Arrived(
        read=sum(b.rows_read for b in batches),
        accepted=sum(b.rows_accepted for b in batches),
        first=min(b.made_by.imported_at.date() for b in batches),
        months=frozenset(b.period for b in batches),
        entities=frozenset(e for b in batches for e, p in b.posted if p == period),
        import_token=max(batches, key=lambda b: b.rows_rejected).made_by.token,
    )


def complete(here: Arrived, money: Decimal) -> Measure:
    """Accepted rows of those read."""
    ratio = ratio_of(Decimal(here.accepted), Decimal(here.read))
    detail = f"{here.accepted:,} of {here.read:,} rows accepted"
    link = f"/data/imports/{here.import_token}"
    return Measure("complete", ratio, money if ratio < 1 else NOTHING, detail, link)


def missing(source: str, period: str, usual: Decimal) -> Measure:
    """A month between others in which the source reported nothing at all."""
    detail = f"Nothing came of {source} in {period}, yet before and after"
    return Measure("complete", NOTHING, usual, detail, "/data/#arrivals")


def timely(here: Arrived, watch: Watch | None, money: Decimal) -> Measure:
    """The first file against the day on which it was due."""
    if watch is None:
        return _unmeasured("timely", "Nobody said when it is due", "/data/watches/")
    due = max(due_date(watch, month) for month in here.months)
    late = max(0, (here.first - due).days)
    detail = (
        f"{late} {'day' if late == 1 else 'days'} late" if late else f"in time for {due:%Y-%m-%d}"
    )
    return Measure(
        "timely", NOTHING if late else ONE, money if late else NOTHING, detail, "/data/watches/"
    )


def reconciled(here: Arrived, period: str, money: Decimal, *, has_control: bool) -> Measure:
    """Whether the comparison with the general ledger is signed as it stands."""
    link = f"/data/reconciliation/?period={period}"
    if not has_control:
        return _unmeasured("reconciled", "No balance of the general ledger was loaded", link)
    words = [signed(period, entity) for entity in sorted(here.entities)]
    stands = all(word is not None and not word.changed_since for word in words)
    detail = "signed as it stands" if stands else "not signed, or changed since"
    return Measure(
        "reconciled", ONE if stands else NOTHING, NOTHING if stands else money, detail, link
    )


def share(key: str, good: Decimal, whole: tuple[Decimal, str], what: str, link: str) -> Measure:
    """A share of absolute money, in a currency, that has something; the rest is concerned."""
    amount, currency = whole
    ratio = ratio_of(good, amount) if amount else ONE
    rest = EXACT.subtract(amount, good)
    told = f"{wording.money(rest, currency)} {currency} {what}" if rest else "all of it"
    return Measure(key, ratio, rest, told, link)


def not_measured(key: str, why: str, link: str) -> Measure:
    """Said so, and never counted as good."""
    return _unmeasured(key, why, link)


def _unmeasured(key: str, why: str, link: str) -> Measure:
    return Measure(key, None, NOTHING, f"Not measured: {why}.", link)


def suspected(basis: str) -> dict[Key, Decimal]:
    """Money that would count too much, by the line that came last of each suspicion."""
    found: dict[Key, Decimal] = defaultdict(Decimal)
    batches = {b.batch_id: b for b in Batch.objects.filter(superseded_at__isnull=True)}
    for one in find_duplicates(most=_MOST_SUSPECTED).suspicions:
        last = max(one.lines, key=lambda line: (line.day, line.line_id))
        batch = batches.get(last.batch_id)
        if one.basis != basis or batch is None:
            continue
        period = min((p for _, p in batch.posted), default=batch.period)
        key = (last.source, period, one.currency)
        found[key] = EXACT.add(found[key], abs(one.amount))
    return found


def outlying(history: Mapping[str, Mapping[str, Decimal]], period: str) -> tuple[int, Decimal, int]:
    """How many services were compared, the money beyond their usual, and how many stand out.

    `history` has the month sums of each service of one source and currency.
    """
    compared, beyond, count = 0, NOTHING, 0
    for _, months in sorted(history.items()):
        past = [amount for month, amount in months.items() if month < period]
        if period not in months or len(past) < ENOUGH_PAST:
            continue
        compared += 1
        now, middle = months[period], median(past)
        if _stands_out(now, middle, past):
            count += 1
            beyond = EXACT.add(beyond, abs(EXACT.subtract(now, middle)))
    return compared, beyond, count


def _stands_out(now: Decimal, middle: Decimal, past: Sequence[Decimal]) -> bool:
    """By the robust z score; a past that never moved allows a tenth of itself."""
    spread = median([abs(EXACT.subtract(amount, middle)) for amount in past])
    away = abs(EXACT.subtract(now, middle))
    if not spread:
        return away > abs(EXACT.multiply(middle, _STEADY))
    # z = 0.6745 * away / spread, compared without dividing.
    return EXACT.multiply(_NORMAL, away) > EXACT.multiply(_LARGEST_Z, spread)


def median(amounts: Iterable[Decimal]) -> Decimal:
    """The middle amount, or the middle between two."""
    ordered = sorted(amounts)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return EXACT.divide(EXACT.add(ordered[half - 1], ordered[half]), Decimal(2))
