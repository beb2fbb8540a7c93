"""What the model misses, largest money first, each with a rule's `when` that would catch it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from bursar.core.money.amount import exact_sum, exact_text
from bursar.office.people.scope import Scope
from bursar.report.balance import require_everything
from bursar.report.cost_queries import Question, ask_allocated, ask_ledger
from bursar.report.costs import known_periods
from bursar.report.dimensions import NO_SOLUTION, NO_TOWER, UNCLASSIFIED, require_basis
from bursar.report.facts import Facts, facts
from bursar.report.wording import ratio_of

TELLING = (
    "source", "service_provider_name", "vendor", "service_category", "service_name",
    "gl_account", "cost_center", "charge_category",
)  # fmt: skip
"""Columns by which a person recognizes a cost; rules seldom need others."""

_LAYERS = ("cost_pool", "tower", "solution")


@dataclass(frozen=True)
class UnclassifiedRow:
    """One group of cost without a pool, or money that no step took."""

    missing: str
    """The layer that is missing: cost_pool, tower, solution or consumer."""
    columns: dict[str, str]
    currency: str
    amount: Decimal
    reason: str
    suggested_when: str
    """A `when` as the model's text has it, which takes this group."""

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "amount": exact_text(self.amount)}


@dataclass(frozen=True)
class Unclassified:
    """The queue; `classified_ratio` is told over all currencies, as a share of absolute money."""

    basis: str
    periods: tuple[str, ...]
    rows: tuple[UnclassifiedRow, ...]
    count: int
    """Of all groups, also those beyond the ones listed."""
    classified_ratio: Decimal

    def to_json(self) -> dict[str, Any]:
        return {
            "basis": self.basis,
            "periods": list(self.periods),
            "classified_ratio": exact_text(self.classified_ratio),
            "count": self.count,
            "rows": [row.to_json() for row in self.rows],
        }


def unclassified(
    scope: Scope,
    *,
    periods: Sequence[str] | None = None,
    basis: str = "effective",
    currency: str | None = None,
    most: int = 200,
) -> Unclassified:
    """The queue, sorted by money. Raises BeyondScope for a restricted scope, UnknownBasis."""
    require_everything(scope, "The queue of unclassified cost")
    held = facts()
    known = known_periods(held, scope, require_basis(basis))
    wanted = known if periods is None else tuple(p for p in known if p in set(periods))
    filters = (("currency", currency),) if currency else ()
    question = Question(scope, (), wanted, basis, filters)
    without_pool, ratio = _without_pool(held, question)
    rows = [*without_pool, *_without_owner(held, question)]
    rows.sort(key=lambda row: (-abs(row.amount), row.currency, sorted(row.columns.items())))
    return Unclassified(basis, wanted, tuple(rows[:most]), len(rows), ratio)


def _without_pool(held: Facts, question: Question) -> tuple[list[UnclassifiedRow], Decimal]:
    """Groups that no classification rule gave a pool, and how much of the money has one."""
    asked = Question(
        question.scope,
        ("cost_pool", *TELLING),
        question.periods,
        question.basis,
        question.filters,
    )
    rows, placed, all_money = [], [], []
    for (currency, pool, *values), amount in ask_ledger(held, asked):
        all_money.append(abs(amount))
        if pool != UNCLASSIFIED:
            placed.append(abs(amount))
        elif amount:
            columns = {n: v for n, v in zip(TELLING, values, strict=True) if v is not None}
            rows.append(
                UnclassifiedRow(
                    missing="cost_pool",
                    columns=columns,
                    currency=currency,
                    amount=amount,
                    reason="no classification rule takes it",
                    suggested_when=_when(columns),
                )
            )
    return rows, ratio_of(exact_sum(placed), exact_sum(all_money))


def _without_owner(held: Facts, question: Question) -> list[UnclassifiedRow]:
    """Money with a pool that rests unallocated, by where it stopped and why."""
    run = [p for p in question.periods if p in held.run_periods(question.basis)]
    filters = (*question.filters, ("outcome", "unallocated"))
    asked = Question(question.scope, (*_LAYERS, "reason"), tuple(run), question.basis, filters)
    rows = []
    for (currency, pool, tower, solution, reason), amount in ask_allocated(held, asked):
        if pool == UNCLASSIFIED or not amount:
            continue
        named = {"cost_pool": pool, "tower": tower, "solution": solution}
        columns = {n: v for n, v in named.items() if v not in (NO_TOWER, NO_SOLUTION)}
        missing = next((n for n in ("tower", "solution") if n not in columns), "consumer")
        rows.append(UnclassifiedRow(missing, columns, currency, amount, reason, _when(columns)))
    return rows


def _when(columns: dict[str, str]) -> str:
    """One line of YAML; the source and the charge category are left out where others tell more."""
    telling = {n: v for n, v in columns.items() if n not in ("source", "charge_category")}
    text: str = yaml.safe_dump(
        telling or columns,
        default_flow_style=True,
        sort_keys=False,
        allow_unicode=True,
        width=10**6,
    )
    return text.strip()
