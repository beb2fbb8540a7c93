"""Cost by any dimensions: the figure behind the Costs page, `bursar costs` and the API.

Three views of the same money, and every answer says which one it shows:

allocated   where the money of the run in force came to rest. Shown when only layers of the model
            are asked for (cost_pool, pool, tower, tower_group, solution, consumer, business_unit,
            outcome, reason, legal_entity, period).
classified  the ledger's cost as the run's rules classified each dimension, before any step moved
            it. Shown when layers and ledger columns are asked for together, or the basis is not
            the one that was run.
recorded    the ledger's cost as it came. Shown when only ledger columns are asked for.

All three sum to the same total per period, currency and basis. A period that was not run is shown
as classified with every layer unset, so that nothing is missing from a total.

In another currency each period, currency and entity is converted by one rate (`conversion.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from bursar.allocate.queries import changed_since_run
from bursar.core.money.amount import EXACT, exact_text
from bursar.office.people.scope import Scope
from bursar.report.conversion import AS_BILLED, Converter, CurrencyView
from bursar.report.cost_queries import Question, View, ask_allocated, ask_ledger
from bursar.report.dimensions import (
    LAYERS,
    RESTING,
    canonical,
    is_ledger,
    require_basis,
    require_dimension,
)
from bursar.report.entered_since import notes_since
from bursar.report.errors import BeyondScope, UnknownDimension
from bursar.report.facts import Facts, facts


@dataclass(frozen=True)
class CostRow:
    """One combination of dimension values; unset layers carry their printed name."""

    dimensions: dict[str, str | None]
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class CurrencyTotal:
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Costs:
    """Rows sorted by amount, largest first; totals per currency are over all rows."""

    basis: str
    view: View
    by: tuple[str, ...]
    periods: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    rows: tuple[CostRow, ...]
    totals: tuple[CurrencyTotal, ...]
    notes: tuple[str, ...]
    conversion: dict[str, Any] | None = None
    """How amounts were converted, with every rate and its way; None as billed."""

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "view", "by", "periods", "rows", "totals", "notes", "conversion"}`."""
        return {
            "basis": self.basis,
            "view": self.view,
            "by": list(self.by),
            "periods": list(self.periods),
            "filters": [list(pair) for pair in self.filters],
            "rows": [
                {**row.dimensions, "currency": row.currency, "amount": exact_text(row.amount)}
                for row in self.rows
            ],
            "totals": [
                {"currency": t.currency, "amount": exact_text(t.amount)} for t in self.totals
            ],
            "notes": list(self.notes),
            "conversion": self.conversion,
        }


def costs(
    scope: Scope,
    *,
    by: Sequence[str],
    periods: Sequence[str] | None = None,
    basis: str = "effective",
    filters: Sequence[tuple[str, str]] = (),
    currency: CurrencyView = AS_BILLED,
) -> Costs:
    """Cost grouped by the dimensions named, of the periods named (all where none are).

    Filters are (dimension, value): values of one dimension are alternatives, dimensions all hold;
    the printed name of an unset layer ('Unclassified') selects what is unset, '' a null.
    Raises UnknownDimension, UnknownBasis, BeyondScope and, in another currency, MissingRates.
    """
    held = facts()
    question = checked_question(held, scope, by=by, periods=periods, basis=basis, filters=filters)
    if currency.converts:
        return _converted(held, question, currency)
    view, found, notes = _found(held, question)
    return _answer(question, view, found, notes)


def _converted(held: Facts, question: Question, currency: CurrencyView) -> Costs:
    """The same question asked by period and entity too, for those decide on the rate."""
    finer = replace(question, by=tuple(dict.fromkeys((*question.by, "period", "legal_entity"))))
    view, found, notes = _found(held, finer)
    places = {name: place for place, name in enumerate(finer.by, 1)}
    converter = Converter(currency)
    sums = converter.convert(
        ((key[places["period"]], key[0], key[places["legal_entity"]]),
         key[1 : 1 + len(question.by)], amount)
        for key, amount in found.items()
    )  # fmt: skip
    answer = _answer(question, view, sums, notes)
    return replace(answer, conversion=converter.to_json())


def _found(
    held: Facts, question: Question
) -> tuple[View, dict[tuple[Any, ...], Decimal], list[str]]:
    """The view that answers, the sums by currency and dimensions, and what is to be said."""
    scope, basis = question.scope, question.basis
    view, wanted = _view(held, question), question.periods
    run = set(held.run_periods(basis))
    found: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    notes: list[str] = []
    if view == "allocated":
        for key, amount in ask_allocated(held, question.over(p for p in wanted if p in run)):
            found[key] = EXACT.add(found[key], amount)
    beyond = [p for p in wanted if view != "allocated" or (p not in run and scope.everything)]
    if beyond:
        for key, amount in ask_ledger(held, question.over(beyond)):
            found[key] = EXACT.add(found[key], amount)
        if view == "allocated":
            notes.append(_not_run(beyond, basis))
    if view == "allocated" and scope.everything:
        changed = held.once_for_all(("changed", basis), lambda: changed_since_run(basis))
        notes += _changed_since([p for p in changed if p in wanted])
        notes += notes_since(held, basis, [p for p in wanted if p in run])
    if view == "classified":
        notes.append("Layers are shown as classified at entry, before the model's steps move cost.")
    return view, found, notes


def checked_question(
    held: Facts,
    scope: Scope,
    *,
    by: Sequence[str],
    periods: Sequence[str] | None,
    basis: str,
    filters: Sequence[tuple[str, str]],
) -> Question:
    """The question with every name known and within scope, over periods that hold cost."""
    asked, chosen = canonical(by), _filters(filters)
    require_basis(basis)
    ledger = [n for n in (*asked, *(n for n, _ in chosen)) if n != "currency" and is_ledger(n)]
    if ledger and not scope.everything:
        _refuse_beyond_scope(ledger)
    for name in ledger:
        require_dimension(name, held.dimension_names())
    known = known_periods(held, scope, basis)
    wanted = known if periods is None else tuple(p for p in known if p in set(periods))
    return Question(scope, asked, wanted, basis, chosen)


def known_periods(held: Facts, scope: Scope, basis: str) -> tuple[str, ...]:
    """Periods with cost, oldest first; a restricted scope knows only those that were run."""
    run = set(held.run_periods(basis))
    if scope.everything:
        run |= set(held.ledger_periods())
    return tuple(sorted(run))


def _filters(filters: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for name, value in filters:
        spelled = "currency" if name == "currency" else canonical([name])[0]
        if (spelled, value) not in pairs:
            pairs.append((spelled, value))
    return tuple(pairs)


def _view(held: Facts, question: Question) -> View:
    names = [name for name in question.names if name != "currency"]
    ledger = [name for name in names if is_ledger(name)]
    layered = any(name in LAYERS for name in names)
    if ledger and any(name in RESTING for name in names):
        raise UnknownDimension(
            "`outcome` and `reason` belong to allocated money, which no longer has the "
            f"ledger's columns. Ask for them without {', '.join(ledger)}."
        )
    if ledger:
        return "classified" if layered else "recorded"
    other_basis = held.runs and not held.run_periods(question.basis)
    return "classified" if other_basis and layered and question.scope.everything else "allocated"


def _refuse_beyond_scope(ledger: Sequence[str]) -> None:
    raise BeyondScope(
        f"{', '.join(ledger)} describe the ledger's own lines, whose cost may belong to "
        "others too. Your figures can be asked by cost_pool, tower, solution, consumer and "
        "period; the trace of a statement shows what lies behind your share."
    )


def _not_run(periods: Sequence[str], basis: str) -> str:
    named = ", ".join(periods) if len(periods) <= 3 else f"{periods[0]} to {periods[-1]}"
    return f"{named}: no run on {basis} cost yet, so its cost is shown as it was recorded."


def _changed_since(changed: Sequence[str]) -> list[str]:
    """Allocated figures are those of the runs; other views already hold what came later."""
    if not changed:
        return []
    named = ", ".join(changed) if len(changed) <= 3 else f"{changed[0]} to {changed[-1]}"
    return [f"{named}: other batches are in force than the run allocated; run again."]


def _answer(
    question: Question,
    view: View,
    found: dict[tuple[Any, ...], Decimal],
    notes: Sequence[str],
) -> Costs:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    rows = []
    for (currency, *values), amount in found.items():
        totals[currency] = EXACT.add(totals[currency], amount)
        rows.append(CostRow(dict(zip(question.by, values, strict=True)), currency, amount))
    rows.sort(key=lambda r: (r.currency, -r.amount, [str(v) for v in r.dimensions.values()]))
    return Costs(
        basis=question.basis,
        view=view,
        by=question.by,
        periods=question.periods,
        filters=question.filters,
        rows=tuple(rows),
        totals=tuple(CurrencyTotal(c, a) for c, a in sorted(totals.items())),
        notes=tuple(notes),
    )
