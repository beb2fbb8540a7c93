"""The key figures of the front page, each from the same sums as the Costs page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.office.calendar.periods import calendar_of
from bursar.office.people.scope import Scope
from bursar.report.conversion import AS_BILLED, CurrencyView
from bursar.report.costs import costs
from bursar.report.dimensions import UNALLOCATED, UNCLASSIFIED
from bursar.report.wording import percent, ratio_of

Sums = dict[str, dict[str, Decimal]]
"""Per value of a dimension, the amount of each period."""


@dataclass(frozen=True)
class Kpi:
    """One key figure: an amount or a ratio, what it was a period before, and its past."""

    key: str
    label: str
    amount: Decimal | None
    """Money in the overview's currency; None where the figure is a ratio or a count."""
    ratio: Decimal | None
    """Between 0 and 1, four digits; None where the figure is money."""
    previous: Decimal | None
    """The same figure one period earlier, in the same unit; None where there is none."""
    change: Decimal | None
    change_ratio: Decimal | None
    past: tuple[tuple[str, Decimal], ...]
    """(period, value), oldest first, the sparkline's points."""
    filters: tuple[tuple[str, str], ...]
    """Opens the Costs page on the rows behind the figure."""
    note: str

    def to_json(self) -> dict[str, Any]:
        def text(value: Decimal | None) -> str | None:
            return None if value is None else exact_text(value)

        return {
            "key": self.key,
            "label": self.label,
            "amount": text(self.amount),
            "ratio": text(self.ratio),
            "previous": text(self.previous),
            "change": text(self.change),
            "change_ratio": text(self.change_ratio),
            "past": [{"period": p, "value": exact_text(v)} for p, v in self.past],
            "note": self.note,
        }


@dataclass
class Slice:
    """One currency over some periods, as the front page asks it; notes gather on the way."""

    scope: Scope
    currency: str
    periods: tuple[str, ...]
    basis: str
    filters: tuple[tuple[str, str], ...]
    shown: CurrencyView = AS_BILLED
    notes: tuple[str, ...] = field(default=())
    conversion: dict[str, Any] | None = None

    @property
    def previous(self) -> str | None:
        return self.periods[-2] if len(self.periods) > 1 else None

    def sums(self, *dimensions: str) -> tuple[Sums, ...]:
        """The sums by period and each dimension, all from one question."""
        answer = costs(
            self.scope,
            by=("period", *dimensions),
            periods=self.periods,
            basis=self.basis,
            filters=self.filters,
            currency=self.shown,
        )
        self.conversion = answer.conversion
        self.notes = tuple(dict.fromkeys((*self.notes, *answer.notes)))
        found: list[dict[str, dict[str, Decimal]]] = [defaultdict(dict) for _ in dimensions]
        for row in answer.rows:
            if row.currency != self.currency:
                continue  # an entity that keeps other books
            period, *values = (str(value) for value in row.dimensions.values())
            for sums, value in zip(found, values, strict=True):
                sums[value][period] = EXACT.add(sums[value].get(period, Decimal(0)), row.amount)
        return tuple(found)

    def past(self, amounts: dict[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
        return tuple((p, amounts.get(p, Decimal(0))) for p in self.periods)


def key_figures(view: Slice, by_pool: Sums, by_unit: Sums) -> tuple[Kpi, ...]:
    """Total and year to date for everyone; what the model covers for who sees everything."""
    if not view.periods:
        return ()
    total = _added(by_pool.values())
    figures = [_amount("total", _title(view), view, total, ()), _year_to_date(view, total)]
    if view.scope.everything:
        figures.append(_allocated_ratio(view, by_unit, total))
        figures.append(
            _amount("unallocated", "Unallocated", view, by_unit.get(UNALLOCATED, {}),
                    (("business_unit", UNALLOCATED),))
        )  # fmt: skip
        figures.append(
            _amount("unclassified", "Unclassified", view, by_pool.get(UNCLASSIFIED, {}),
                    (("pool", UNCLASSIFIED),))
        )  # fmt: skip
        movers, dimension = by_unit, "business_unit"
    else:
        (movers,), dimension = view.sums("solution"), "solution"
    mover = _largest_rise(view, movers, dimension)
    return tuple([*figures, mover] if mover else figures)


def _title(view: Slice) -> str:
    return "Technology cost" if view.scope.everything else "Your cost"


def _added(parts: Any) -> dict[str, Decimal]:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for amounts in parts:
        for period, amount in amounts.items():
            total[period] = EXACT.add(total[period], amount)
    return total


def _amount(
    key: str,
    label: str,
    view: Slice,
    amounts: dict[str, Decimal],
    filters: tuple[tuple[str, str], ...],
) -> Kpi:
    now = amounts.get(view.periods[-1], Decimal(0))
    before = amounts.get(view.previous, Decimal(0)) if view.previous else None
    change = None if before is None else EXACT.subtract(now, before)
    note = f"in {view.periods[-1]}" + (f", against {view.previous}" if view.previous else "")
    return Kpi(
        key=key,
        label=label,
        amount=now,
        ratio=None,
        previous=before,
        change=change,
        change_ratio=ratio_of(change, abs(before)) if change is not None and before else None,
        past=view.past(amounts),
        filters=(*view.filters, *filters),
        note=note,
    )


def _year_to_date(view: Slice, total: dict[str, Decimal]) -> Kpi:
    """This fiscal year so far, against the same periods of the year before where all are there."""
    calendar = calendar_of()
    placed = {p: calendar.period(p) for p in view.periods}
    now = placed[view.periods[-1]]
    this = [p for p, f in placed.items() if f.fiscal_year == now.fiscal_year]
    numbers = {placed[p].number for p in this}
    last = [
        p for p, f in placed.items() if f.fiscal_year == now.fiscal_year - 1 and f.number in numbers
    ]
    amount = exact_sum(total.get(p, Decimal(0)) for p in this)
    complete = len(last) == len(this)
    before = exact_sum(total.get(p, Decimal(0)) for p in last) if complete else None
    change = None if before is None else EXACT.subtract(amount, before)
    running, past = Decimal(0), []
    for p in this:
        running = EXACT.add(running, total.get(p, Decimal(0)))
        past.append((p, running))
    return Kpi(
        key="year_to_date",
        label="Year to date",
        amount=amount,
        ratio=None,
        previous=before,
        change=change,
        change_ratio=ratio_of(change, abs(before)) if change is not None and before else None,
        past=tuple(past),
        filters=view.filters,
        note=f"{this[0]} to {this[-1]}" + (", against the year before" if complete else ""),
    )


def _allocated_ratio(view: Slice, by_unit: Sums, total: dict[str, Decimal]) -> Kpi:
    left = by_unit.get(UNALLOCATED, {})
    past = tuple(
        (
            p,
            Decimal(1) - ratio_of(left.get(p, Decimal(0)), total[p])
            if total.get(p)
            else Decimal(0),
        )
        for p in view.periods
    )
    before = past[-2][1] if len(past) > 1 else None
    return Kpi(
        key="allocated",
        label="Has an owner",
        amount=None,
        ratio=past[-1][1],
        previous=before,
        change=None if before is None else past[-1][1] - before,
        change_ratio=None,
        past=past,
        filters=view.filters,
        note="of the cost is allocated to a consumer or retained on purpose",
    )


def _largest_rise(view: Slice, movers: Sums, dimension: str) -> Kpi | None:
    """Who rose most since the period before; nobody where none rose."""
    now, before = view.periods[-1], view.previous
    if before is None:
        return None
    rises = {
        name: EXACT.subtract(amounts.get(now, Decimal(0)), amounts.get(before, Decimal(0)))
        for name, amounts in movers.items()
        if name != UNALLOCATED
    }
    risen = sorted((n for n in rises if rises[n] > 0), key=lambda n: (-rises[n], n))
    if not risen:
        return None
    name = risen[0]
    kpi = _amount("largest_rise", f"Largest rise: {name}", view, movers[name], ((dimension, name),))
    if kpi.change_ratio is None:
        return kpi
    return Kpi(**{**vars(kpi), "note": f"up {percent(kpi.change_ratio)} since {before}"})
