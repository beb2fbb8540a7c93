"""How good the data of each source and period are, sorted by the money that it concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.allocate.models import ModelVersion
from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.lake.tags import TAG_PREFIX
from bursar.office.people.scope import Scope
from bursar.record.control.reading import control_periods
from bursar.record.models import Watch
from bursar.record.promotion import promoted_columns
from bursar.report.balance import require_everything
from bursar.report.cost_queries import Question, ask_ledger
from bursar.report.costs import known_periods
from bursar.report.dimensions import UNCLASSIFIED, require_basis
from bursar.report.facts import Facts, facts
from bursar.report.quality_measures import (
    ENOUGH_PAST,
    NAMES,
    NOTHING,
    Arrived,
    Key,
    Measure,
    arrived,
    complete,
    median,
    missing,
    not_measured,
    outlying,
    reconciled,
    share,
    suspected,
    timely,
)
from bursar.report.wording import ratio_of

Sums = Mapping[tuple[Any, ...], Decimal]
"""Currency, source, period and what was asked for, with the exact sum."""

FORMULA = (
    "The score of a source and period is the average of the measures that could be taken; the "
    "overall score of a currency weighs each by the money of its source and period. What was not "
    "measured is left out of the average and said beside it, so it never counts as good."
)


@dataclass(frozen=True)
class QualityRow:
    """One source in one period and currency."""

    source: str
    period: str
    currency: str
    money: Decimal
    measures: tuple[Measure, ...]

    @property
    def measured(self) -> list[Decimal]:
        return [m.ratio for m in self.measures if m.ratio is not None]

    @property
    def score(self) -> Decimal | None:
        """None where nothing could be measured."""
        taken = self.measured
        return ratio_of(exact_sum(taken), Decimal(len(taken))) if taken else None

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "period": self.period,
            "currency": self.currency,
            "money": exact_text(self.money),
            "score": _text(self.score),
            "measured": len(self.measured),
            "measures": [measure.to_json() for measure in self.measures],
        }


@dataclass(frozen=True)
class Quality:
    """Rows by period and source, the score of each currency, and findings, largest money first."""

    basis: str
    rows: tuple[QualityRow, ...]

    @property
    def overall(self) -> list[dict[str, Any]]:
        parts: dict[str, list[QualityRow]] = defaultdict(list)
        for row in self.rows:
            parts[row.currency].append(row)
        return [
            {"currency": currency, "score": _text(_weighted(rows)),
             "money": exact_text(exact_sum(row.money for row in rows))}
            for currency, rows in sorted(parts.items())
        ]  # fmt: skip

    @property
    def findings(self) -> list[tuple[QualityRow, Measure]]:
        """Every measure that is not whole."""
        found = [
            (row, measure)
            for row in self.rows
            for measure in row.measures
            if measure.ratio is not None and measure.ratio < 1
        ]
        return sorted(found, key=lambda f: (-f[1].money, f[0].period, f[0].source, f[1].key))

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "formula", "overall", "findings", "rows"}`."""
        return {
            "basis": self.basis,
            "formula": FORMULA,
            "overall": self.overall,
            "findings": [
                {"source": row.source, "period": row.period, "currency": row.currency}
                | measure.to_json()
                for row, measure in self.findings
            ],
            "rows": [row.to_json() for row in self.rows],
        }


def quality(
    scope: Scope,
    *,
    source: str | None = None,
    periods: Sequence[str] | None = None,
    basis: str = "effective",
) -> Quality:
    """Every source that files brought, on one basis. Raises BeyondScope, UnknownBasis."""
    require_everything(scope, "The quality of data")
    held = facts()
    known = known_periods(held, scope, require_basis(basis))
    taken = _Taken(held, Question(scope, (), known, basis, ()), arrived())
    rows = [
        row
        for row in taken.rows()
        if source in (None, row.source) and (periods is None or row.period in set(periods))
    ]
    return Quality(basis, tuple(sorted(rows, key=lambda r: (r.period, r.source, r.currency))))


class _Taken:
    """What the measures of all rows need, asked once."""

    def __init__(
        self, held: Facts, question: Question, here: dict[tuple[str, str], Arrived]
    ) -> None:
        self._held, self._question, self._here = held, question, here
        self._controlled = set(control_periods())
        self._watches = {watch.source: watch for watch in Watch.objects.all()}
        services = self._ask("source", "period", "service_name")
        self._money = _absolute(services)
        self._history = _by_service(services)
        self._duplicates = suspected(question.basis)
        pools = self._ask("source", "period", "cost_pool")
        self._placed = _absolute({k: a for k, a in pools.items() if k[3] != UNCLASSIFIED})
        self._has_model = ModelVersion.objects.exists()
        self._tags = tuple(n for n in promoted_columns() if n.startswith(TAG_PREFIX))
        tagged = self._ask("source", "period", *self._tags) if self._tags else {}
        self._with_tags = {key[1] for key in tagged if any(key[3:])}
        self._all_tags = _absolute({k: a for k, a in tagged.items() if all(k[3:])})
        self._any_tags = _absolute(tagged)

    def rows(self) -> list[QualityRow]:
        """One per source, period and currency with money, and one per month that is missing."""
        found = [
            self._row(currency, source, period, money)
            for (currency, source, period), money in sorted(self._money.items())
            if (source, period) in self._here
        ]
        return [*found, *self._gaps(found)]

    def _ask(self, *by: str) -> dict[tuple[Any, ...], Decimal]:
        asked = Question(self._question.scope, by, self._question.periods, self._question.basis, ())
        sums: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
        for key, amount in ask_ledger(self._held, asked):
            if amount is not None:
                sums[key] = EXACT.add(sums[key], amount)
        return sums

    def _row(self, currency: str, source: str, period: str, money: Decimal) -> QualityRow:
        here = self._here[source, period]
        key: Key = (source, period, currency)
        measures = (
            complete(here, money),
            timely(here, self._watches.get(source.partition(": ")[0]), money),
            reconciled(here, period, money, has_control=period in self._controlled),
            self._classified(currency, source, period, money),
            self._tagged_share(currency, source, period, money),
            self._free_of_duplicates(key, money),
            self._in_line(currency, source, period, money),
        )
        return QualityRow(source, period, currency, money, measures)

    def _classified(self, currency: str, source: str, period: str, money: Decimal) -> Measure:
        link = f"/data/unmapped?period={period}"
        if not self._has_model:
            return not_measured("classified", "no cost model was applied", "/model/")
        good = min(self._placed.get((currency, source, period), NOTHING), money)
        return share("classified", good, (money, currency), "without a cost pool", link)

    def _tagged_share(self, currency: str, source: str, period: str, money: Decimal) -> Measure:
        link = f"/costs/?by={self._tags[0]}&period={period}" if self._tags else "/model/"
        if source not in self._with_tags:
            why = "no tag is promoted" if not self._tags else "the source carries none of the tags"
            return not_measured("tagged", why, link)
        key = (currency, source, period)
        whole, good = self._any_tags.get(key, NOTHING), self._all_tags.get(key, NOTHING)
        what = f"without {', '.join(t.removeprefix(TAG_PREFIX) for t in self._tags)}"
        return share("tagged", good, (whole, currency), what, link)

    def _free_of_duplicates(self, key: Key, money: Decimal) -> Measure:
        twice = min(self._duplicates.get(key, NOTHING), money)
        good, what = EXACT.subtract(money, twice), "suspected to count twice"
        return share("duplicates", good, (money, key[2]), what, "/data/duplicates/")

    def _in_line(self, currency: str, source: str, period: str, money: Decimal) -> Measure:
        link = f"/costs/?by=service_name&period={period}"
        compared, beyond, count = outlying(self._history.get((currency, source), {}), period)
        if not compared:
            why = f"fewer than {ENOUGH_PAST} months came before"
            return not_measured("outliers", why, link)
        good = EXACT.subtract(money, min(beyond, money))
        names = "service" if count == 1 else "services"
        return share("outliers", good, (money, currency), f"beyond usual in {count} {names}", link)

    def _gaps(self, rows: Iterable[QualityRow]) -> list[QualityRow]:
        """Known periods between a source's first and last in which nothing of it came."""
        held: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
        for row in rows:
            held[row.source, row.currency][row.period] = row.money
        found = []
        for (source, currency), months in held.items():
            for period in self._question.periods:
                if min(months) < period < max(months) and period not in months:
                    if (source, period) in self._here:
                        continue
                    usual = median(months.values())
                    lost = missing(source, period, usual)
                    found.append(QualityRow(source, period, currency, usual, (lost,)))
        return found


def _absolute(sums: Sums) -> dict[tuple[str, str, str], Decimal]:
    """Absolute money by currency, source and period; nothing where all of it is zero."""
    found: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for (currency, source, period, *_), amount in sums.items():
        key = (currency, source, period)
        found[key] = EXACT.add(found[key], abs(amount))
    return {key: amount for key, amount in found.items() if amount}


def _by_service(sums: Sums) -> dict[tuple[str, str], dict[str, dict[str, Decimal]]]:
    """Month sums of each service, by currency and source."""
    found: dict[tuple[str, str], dict[str, dict[str, Decimal]]] = {}
    for (currency, source, period, service), amount in sums.items():
        services = found.setdefault((currency, source), {})
        services.setdefault(service or "", {})[period] = amount
    return found


def _weighted(rows: Sequence[QualityRow]) -> Decimal | None:
    scored = [(row.score, row.money) for row in rows if row.score is not None]
    whole = exact_sum(money for _, money in scored)
    if not scored or not whole:
        return None
    return ratio_of(exact_sum(EXACT.multiply(score, money) for score, money in scored), whole)


def _text(ratio: Decimal | None) -> str | None:
    return None if ratio is None else exact_text(ratio)


__all__ = ["FORMULA", "NAMES", "Quality", "QualityRow", "quality"]
