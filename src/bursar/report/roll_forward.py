"""The fixed-asset roll-forward: from opening to closing cost and depreciation (rule AS5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q

from bursar.core.calc.depreciation.clock import last_day, month_of
from bursar.core.calc.depreciation.schedule import Month, schedule
from bursar.core.money.currency import minor_digits
from bursar.lake.questions import Condition
from bursar.office.people.scope import Scope
from bursar.record.assets.books import MAIN, in_service, terms_of
from bursar.record.assets.register import ASSETS
from bursar.record.ledger import open_ledger
from bursar.record.models import Source
from bursar.record.registers.fields import money_in
from bursar.record.registers.register import Kept
from bursar.record.registers.spreading import kept_records
from bursar.report.balance import require_everything

NOTHING = Decimal(0)
COLUMNS = {
    "currency": "Currency", "asset_class": "Class", "assets": "Assets",
    "opening_cost": "Opening cost", "additions": "Additions", "disposals": "Disposals",
    "closing_cost": "Closing cost", "opening_accumulated": "Opening accumulated",
    "depreciation": "Depreciation", "impairment": "Impairment",
    "disposed_accumulated": "Disposed accumulated", "closing_accumulated": "Closing accumulated",
    "book_value": "Book value", "gain_or_loss": "Gain or loss",
}  # fmt: skip
"""Names and titles of a row's figures, in the order of the sheet."""


@dataclass
class Moves:
    """One row; all amounts of one currency. Closing is opening plus what moved, in each column."""

    currency: str
    asset_class: str
    assets: int = 0
    opening_cost: Decimal = NOTHING
    additions: Decimal = NOTHING
    disposals: Decimal = NOTHING
    opening_accumulated: Decimal = NOTHING
    depreciation: Decimal = NOTHING
    impairment: Decimal = NOTHING
    disposed_accumulated: Decimal = NOTHING
    gain_or_loss: Decimal = NOTHING

    @property
    def closing_cost(self) -> Decimal:
        return self.opening_cost + self.additions - self.disposals

    @property
    def closing_accumulated(self) -> Decimal:
        charged = self.depreciation + self.impairment
        return self.opening_accumulated + charged - self.disposed_accumulated

    @property
    def book_value(self) -> Decimal:
        return self.closing_cost - self.closing_accumulated

    @property
    def cost_of_months(self) -> Decimal:
        """What the months cost in the ledger."""
        return self.depreciation + self.impairment - self.gain_or_loss


@dataclass(frozen=True)
class RollForward:
    """The rows by currency and class, and the ledger's own sum of the same months."""

    first: str
    last: str
    book: str
    rows: tuple[Moves, ...]
    in_ledger: dict[str, Decimal] = field(default_factory=dict)
    """Currency -> effective cost of asset lines posted to the months; of the main book alone."""

    def difference(self, currency: str) -> Decimal:
        """Ledger less roll-forward: what corrections of closed months moved elsewhere, and months
        that no line was derived for yet."""
        ours = (row.cost_of_months for row in self.rows if row.currency == currency)
        return self.in_ledger.get(currency, NOTHING) - sum(ours, NOTHING)


def roll_forward(scope: Scope, first: str, last: str, *, book: str = MAIN) -> RollForward:
    """Of the months from one to another, both included, YYYY-MM.

    An asset with a cost that does not depreciate keeps its cost. Raises BeyondScope for a
    restricted scope. Refusals: lake.file_damaged.
    """
    require_everything(scope, "The roll-forward of assets")
    found: dict[tuple[str, str], Moves] = {}
    for asset in kept_records(ASSETS):
        currency, kind = asset.content["currency"], asset.content.get("asset_class", "")
        months = list(_months(asset, last, book))
        if months and months[-1].month >= first:
            row = found.setdefault((currency, kind), Moves(currency, kind))
            _add(row, months, first)
    rows = tuple(found[key] for key in sorted(found))
    return RollForward(first, last, book, rows, _ledger(first, last) if book == MAIN else {})


def _months(asset: Kept, last: str, book: str) -> Iterator[Month]:
    end = last_day(_number(last))
    terms, start = terms_of(asset.content, book), in_service(asset.content)
    if terms is not None:
        yield from schedule(terms, through=end)
        return
    cost = money_in(asset.content, "purchase_cost")
    if start is None or not cost or book != MAIN:
        return
    for number in range(month_of(start), _number(last) + 1):
        yield Month(f"{number // 12:04d}-{number % 12 + 1:02d}", cost, *(NOTHING,) * 7)


def _add(row: Moves, months: Sequence[Month], first: str) -> None:
    begun = months[0].month
    if months[-1].opening_cost or months[-1].cost:
        row.assets += 1
    inside = [month for month in months if month.month >= first]
    opening = inside[0]
    if begun >= first:
        row.additions += opening.opening_cost
        row.opening_accumulated += opening.opening_accumulated
    else:
        row.opening_cost += opening.opening_cost
        row.opening_accumulated += opening.opening_accumulated
    for month in inside:
        row.additions += month.added
        row.disposals += month.disposed_cost
        row.depreciation += month.depreciation
        row.impairment += month.impairment
        row.disposed_accumulated += month.disposed_accumulated
        row.gain_or_loss += month.gain_or_loss


def _ledger(first: str, last: str) -> dict[str, Decimal]:
    named = Q(name=ASSETS.source) | Q(corrects__name=ASSETS.source)
    sources = list(Source.objects.filter(named).values_list("name", flat=True))
    months = [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(_number(first), _number(last) + 1)]
    found = open_ledger().sums(periods=months, where=[Condition("source", "in", sources)])
    return dict(zip(found["currency"].to_pylist(), found["amount"].to_pylist(), strict=True))


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def roll_forward_json(found: RollForward) -> dict[str, Any]:
    """As the commands and the API tell it; amounts are text."""
    rows = [{name: _text(row, name) for name in COLUMNS} for row in found.rows]
    currencies = sorted({row.currency for row in found.rows})
    told = {c: f"{found.difference(c):.{minor_digits(c)}f}" for c in currencies}
    return {
        "first": found.first, "last": found.last, "book": found.book, "columns": COLUMNS,
        "rows": rows, "difference": told if found.book == MAIN else {},
    }  # fmt: skip


def _text(row: Moves, name: str) -> str:
    value = getattr(row, name)
    return f"{value:.{minor_digits(row.currency)}f}" if isinstance(value, Decimal) else str(value)
